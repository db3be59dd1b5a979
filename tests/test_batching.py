"""Answers do not depend on what else is in the batch, whatever the shape of the model."""

import pytest
import torch
from tiny import SHAPES, tiny_model, tiny_tokenizer

from llm_workbook.models.chat import LocalChat
from llm_workbook.models.shape import SHARING, can_pad, can_share

torch.set_num_threads(1)  # tiny tensors: more threads only wait for each other
PROMPTS = [
    "Rule: answer shortly.\nQuestion: " + rest
    for rest in ("Who pays the rent?", "When?", "In which month does the lease end? Who may extend it? " * 2, "Why so?")
]  # fmt: skip


def chat_of(shape, **marks):
    chat = LocalChat(model=tiny_model(shape), tokenizer=tiny_tokenizer(**marks), identity=shape, max_new_tokens=6)
    chat.use_cache = False
    chat.model.generation_config.suppress_tokens = [256, 257, 258, 259]  # every answer has its six tokens
    return chat


@pytest.mark.parametrize("shape", SHAPES)
def test_a_batch_answers_like_one_by_one(shape):
    chat = chat_of(shape)
    alone = [chat.invoke(prompt).text for prompt in PROMPTS]
    assert [reply.text for reply in chat.batch(PROMPTS)] == alone
    assert len(set(alone)) > 1, "this model answers everything alike, so the test could not fail"


def test_a_shared_beginning_is_only_read_where_it_was_shown_to_be_the_same():
    """Each kind that may share is one of the shapes above; windows, states and growing rotations never share."""
    sharing = {shape for shape in SHAPES if can_share(tiny_model(shape))}
    assert {SHAPES[shape][0] for shape in sharing} == SHARING
    assert not [shape for shape in sharing if "window" in shape or "long rope" in shape]
    assert {"Gemma2", "Gemma3", "Cohere2", "GPT-2", "GPT-Neo", "OPT", "Bloom", "MPT", "Mamba"}.isdisjoint(sharing)
    padded = {shape for shape in SHAPES if can_pad(tiny_model(shape))}
    assert padded.isdisjoint({"Mamba", "Mamba2", "RecurrentGemma", "Qwen3-Next", "Phi-3, long rope", "Bloom", "MPT"})
    assert sharing < padded


def test_a_tuned_model_batches_like_its_base():
    from peft import LoraConfig, get_peft_model

    for shape in ("Llama", "Mistral, window of 40"):
        tuned = get_peft_model(tiny_model(shape), LoraConfig(r=2, target_modules=["q_proj"]))
        assert (can_share(tuned), can_pad(tuned)) == (can_share(tiny_model(shape)), True)


@pytest.mark.parametrize("pad", [{}, {"pad_token": "</s>"}, {"pad_token": "<pad>"}], ids=str)
@pytest.mark.parametrize("ends", [257, [256, 257]], ids=str)
def test_the_token_that_ends_an_answer_is_counted_whatever_pads_it(pad, ends):
    """Without a pad token an answer is padded with eos; the count and the text are those of the answer alone."""
    chat = chat_of("Llama", **pad)
    chat.model.generation_config.eos_token_id = ends
    chat.model.generation_config.suppress_tokens = None
    written = {"a": [65, 66, 257, 257, 257], "b": [65, 257, 257, 257, 257], "c": [65, 66, 67, 68, 69]}
    for row, count in zip(written.values(), (3, 2, 5), strict=True):
        assert chat._entry(9, row, 1.0)["output_tokens"] == count
    assert chat._entry(9, [65, 257, 258, 258], 1.0)["text"] == chat.tokenizer.decode([65])
    assert {reply.usage_metadata["output_tokens"] for reply in chat.batch(PROMPTS)} <= set(range(1, 7))
