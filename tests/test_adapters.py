"""The adapter registry: what is kept, what is refused, and that answers of different adapters never mix."""

import errno
import json
import shutil

import pytest
import torch
from test_training import RECIPE, tiny_model
from transformers import LlamaConfig, LlamaForCausalLM

from llm_workbook.models.cache import DiskCache
from llm_workbook.models.chat import load_chat_model
from llm_workbook.models.offline import LLM, ModelError, ready_folder
from llm_workbook.run import Run
from llm_workbook.settings import Settings
from llm_workbook.taught.lab_2_2 import encode
from llm_workbook.training import adapters as module
from llm_workbook.training.adapters import Adapter, Adapters, base_sha256, load_quantised
from llm_workbook.training.fit import Recipe, fit, prepare


def _base(folder, seed):
    """A tiny model with the tokenizer of the offline one."""
    torch.manual_seed(seed)
    sizes = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    }
    marks = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=49152, max_position_embeddings=128, **marks, **sizes))
    model.save_pretrained(folder)
    for path in ready_folder(LLM).glob("*token*"):
        shutil.copy(path, folder)
    shutil.copy(ready_folder(LLM) / "chat_template.jinja", folder)
    return str(folder)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    return [_base(tmp_path_factory.mktemp("base"), seed) for seed in (1, 2)]


def tuned(base, value=0.1):
    """The base with adapters that are not zero."""
    model = prepare(load_chat_model(base).model, RECIPE)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.fill_(value)
    return model


@pytest.fixture
def registry(tmp_path, bases):
    found = Adapters(tmp_path / "adapters")
    found.keep("first", tuned(bases[0]), vars(RECIPE), "d" * 64, base=bases[0])
    return found


def test_a_record_holds_where_an_adapter_comes_from(registry, bases):
    record = registry.read("first")
    assert (record.name, record.base, record.base_sha256) == ("first", bases[0], base_sha256(bases[0]))
    assert (record.data_sha256, record.recipe, record.parent, record.decision) == ("d" * 64, vars(RECIPE), "", "")
    assert len(record.weights_sha256) == 64
    assert record.created.startswith("20")
    decided = registry.decide("first", "hold", {"among others": 0.5})
    assert (decided.decision, decided.exam) == ("hold", {"among others": 0.5})
    assert registry.read("first") == decided
    table = registry.table()
    assert table.loc[0, "data_sha256"] == "d" * 8
    assert registry.names() == ["first"]


def test_the_loaded_model_is_the_kept_one_and_answers_under_its_own_name(registry, bases):
    ids = torch.tensor([[5, 6, 7, 8]])
    base, chat = load_chat_model(bases[0], 4), registry.chat("first", bases[0], 4)
    expected = tuned(bases[0])(ids).logits
    assert torch.allclose(chat.model(ids).logits, expected, atol=1e-3)
    assert not torch.allclose(base.model(ids).logits, expected, atol=1e-3)
    assert chat.identity.startswith(base.identity)
    assert registry.read("first").weights_sha256[:16] in chat.identity
    registry.keep("second", tuned(bases[0], 0.3), vars(RECIPE), "d" * 64, base=bases[0], parent="first")
    assert registry.chat("second", bases[0]).identity != chat.identity
    assert registry.read("second").parent == "first"


def test_the_answer_cache_never_mixes_adapters(registry, bases, tmp_path):
    cache = DiskCache(tmp_path / "answers.sqlite")
    base, chat = load_chat_model(bases[0], 4), registry.chat("first", bases[0], 4)
    base._cache = chat._cache = cache
    replies = [one.invoke("Say yes.") for one in (base, chat, base, chat)]
    assert [reply.response_metadata["cached"] for reply in replies] == [False, False, True, True]
    assert [reply.text for reply in replies[:2]] == [reply.text for reply in replies[2:]]


def test_an_adapter_on_the_wrong_base_is_refused(registry, bases):
    with pytest.raises(
        ModelError, match=r"'first' was trained on .* but this base is .* On another base its numbers mean nothing"
    ):
        registry.chat("first", bases[1])
    with pytest.raises(ModelError, match="but this base is offline"):
        registry.chat("first")


def test_damaged_weights_and_records_are_sentences(registry, bases):
    weights = registry.folder / "first" / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match="are damaged: their sha256 is not the one in the record. Train 'first' again"):
        registry.chat("first", bases[0])
    (registry.folder / "first" / "record.json").write_text("{")
    with pytest.raises(ModelError, match=r"record\.json is damaged"):
        registry.read("first")


def test_a_missing_adapter_names_those_that_are_there(registry):
    with pytest.raises(ModelError, match="no adapter 'other' in .*; there are: first"):
        registry.read("other")
    with pytest.raises(ModelError, match="there are: none yet"):
        Adapters(registry.folder / "empty").read("other")


def test_nothing_of_this_machine_and_no_code_is_kept(registry):
    config = json.loads((registry.folder / "first" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == registry.read("first").base
    kinds = {path.suffix for path in (registry.folder / "first").iterdir()}
    assert kinds <= {".json", ".safetensors", ".md"}


def test_a_full_disk_leaves_the_earlier_adapter(registry, bases, monkeypatch):
    before = registry.read("first")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_write_record", full)
    with pytest.raises(ModelError, match="could not be kept .*No space left on device.*Free some space"):
        registry.keep("first", tuned(bases[0], 0.5), vars(RECIPE), "e" * 64, base=bases[0])
    assert registry.read("first") == before
    assert [path.name for path in registry.folder.iterdir()] == ["first"]


def test_a_whole_model_is_kept_and_loaded_too(tmp_path, bases):
    registry = Adapters(tmp_path)
    model = load_chat_model(bases[0]).model
    with torch.no_grad():
        model.model.norm.weight.fill_(0.5)
    registry.keep("whole", model, {"rank": 0}, "d" * 64, base=bases[0])
    loaded = registry.chat("whole", bases[0]).model
    assert float(loaded.model.norm.weight[0]) == 0.5
    ids = torch.tensor([[5, 6, 7]])
    assert torch.allclose(loaded(ids).logits.float(), model(ids).logits.float(), atol=0.05)  # kept in bf16


def test_fit_trains_once_registers_and_loads(tmp_path, bases, capsys):
    registry, recipe = Adapters(tmp_path), Recipe(rank=2, steps=3, batch=2)
    tokenizer = load_chat_model(bases[0]).tokenizer
    examples = [encode(tokenizer, [{"role": "user", "content": f"Number {n}?"}], str(n)) for n in range(6)]
    first = fit(registry, "mine", recipe, examples, bases[0])
    assert "3 steps done" in capsys.readouterr().out
    assert fit(registry, "mine", recipe, examples, bases[0]).identity == first.identity
    assert capsys.readouterr().out == ""
    assert fit(registry, "mine", recipe, examples[1:], bases[0]).identity != first.identity  # other data: trained anew
    assert not list(tmp_path.glob("*.checkpoint"))


def test_fit_keeps_the_checkpoint_of_an_interrupted_run_and_goes_on(tmp_path, bases, capsys):
    registry, recipe = Adapters(tmp_path), Recipe(rank=2, steps=12, batch=2)
    tokenizer = load_chat_model(bases[0]).tokenizer
    examples = [encode(tokenizer, [{"role": "user", "content": f"Number {n}?"}], str(n)) for n in range(6)]

    def interrupt(chat, losses):
        if len(losses) == 9:
            raise KeyboardInterrupt

    fit(registry, "mine", recipe, examples, bases[0], interrupt)
    assert "interrupted after step 9" in registry.read("mine").recipe["ended"]
    steps = []
    fit(registry, "mine", recipe, examples, bases[0], lambda chat, losses: bool(steps.append(len(losses))))
    assert steps == [9, 10, 11, 12]
    assert registry.read("mine").recipe == vars(recipe)
    assert not list(tmp_path.glob("*.checkpoint"))


def test_a_run_opens_its_adapters_by_name(registry, bases):
    run = Run(Settings("2.2", "smoke", model=bases[0], results_dir=registry.folder.parent))
    assert run.chat(4, adapter="first").identity == registry.chat("first", bases[0]).identity


def test_qlora_without_a_gpu_or_without_bitsandbytes_is_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="QLoRA needs a CUDA GPU, and there is none here"):
        load_quantised("some/model")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setitem(__import__("sys").modules, "bitsandbytes", None)
    with pytest.raises(ModelError, match="pip install bitsandbytes"):
        load_quantised("some/model")


def test_a_hosted_model_cannot_be_tuned():
    with pytest.raises(ModelError, match=r"has no model\.safetensors here"):
        base_sha256("ollama:llama3.2")


def test_the_record_is_plain():
    assert Adapter("a", "offline", "b", "c", "d", {}).exam == {}
    assert tiny_model().config.vocab_size == 99
