"""What lab 2.2 teaches and shows: RAFT examples, the template, the same training by TRL, the mask and the live view."""

import random
import re
from importlib import metadata

import pytest
import torch

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import CONDITIONS, ReadingExam
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.settings import DATA, ROOT
from llm_workbook.show import plots
from llm_workbook.show import training as show_training
from llm_workbook.show.training import TokenMask, TrainingView
from llm_workbook.taught.lab_2_2 import as_written, chat_text, encode, raft_example
from llm_workbook.training.fit import Recipe, batch_at, learning_rate_at, prepare, train
from tools.difficulty import encode_turns


@pytest.fixture(scope="module")
def exam(contracts):
    return ReadingExam("authored", contracts, embeddings=None)


# ------------------------------------------------------------------ what is shown and what is learned


def test_the_template_is_the_tokenizers_own(exam, tokenizer):
    for question in load_questions()[:12]:
        messages = conversation(exam.among_others(question), question.question, worked=question.answerable)
        assert chat_text(messages) == tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        whole = [*messages, {"role": "assistant", "content": question.answers[0]}]
        assert chat_text(whole, open_answer=False) == tokenizer.apply_chat_template(whole, tokenize=False)


def test_an_encoded_example_is_the_text_and_its_labels_are_the_answer(tokenizer):
    ids, labels = encode(tokenizer, [{"role": "user", "content": "How long?"}], "30 days")
    assert tokenizer.decode(ids).endswith("<|im_start|>assistant\n30 days<|im_end|>")
    assert tokenizer.decode([label for label in labels if label != -100]) == "30 days<|im_end|>"


def test_several_questions_about_one_reading_are_the_template_of_the_whole_conversation(tokenizer):
    clauses, turns = (
        ["Lease: Rent is EUR 9.", "Lease: It ends in May."],
        [("How much?", "EUR 9"), ("When does it end?", "in May")],
    )
    ids, labels = encode_turns(tokenizer, clauses, turns)
    messages = [*conversation(clauses, "How much?"), {"role": "assistant", "content": "EUR 9"}]
    messages += [{"role": "user", "content": "Question: When does it end?"}, {"role": "assistant", "content": "in May"}]
    assert tokenizer.decode(ids) == tokenizer.apply_chat_template(messages, tokenize=False).rstrip("\n")
    seen = tokenizer.decode([token for token, label in zip(ids, labels, strict=True) if label != -100])
    assert seen == "EUR 9<|im_end|>in May<|im_end|>"


def test_raft_answers_only_what_is_shown():
    question = next(q for q in load_questions("authored", "train") if q.answerable)
    clauses, answer = raft_example(question, ["gold 1", "gold 2"], ["x", "y"], random.Random(1))
    assert sorted(clauses) == ["gold 1", "gold 2", "x", "y"]
    assert answer == question.answers[0]
    assert raft_example(question, [], ["x", "y", "z"], random.Random(1))[1] == "not stated"
    absent = next(q for q in load_questions("authored", "train") if not q.answerable)
    assert raft_example(absent, ["tempting"], ["x"], random.Random(1))[1] == "not stated"
    places = {raft_example(question, ["gold"], ["x", "y"], random.Random(seed))[0].index("gold") for seed in range(20)}
    assert places == {0, 1, 2}


def test_the_answer_is_learned_as_it_is_written(exam):
    question = next(q for q in load_questions("authored", "train") if q.answers[0] == "60 days")
    assert as_written(question, ["... within SIXTY DAYS of ..."]) == "SIXTY DAYS"
    assert as_written(question, ["160 days"]) == "60 days"  # not a part of another number
    found = [
        as_written(q, exam.oracle(q)) in "\n".join(exam.oracle(q))
        for q in load_questions("authored", "train")
        if q.answerable
    ]
    assert sum(found) / len(found) > 0.7


def test_strangers_are_of_the_same_split_and_never_the_evidence(exam):
    split_of = {contract.id: contract.split for contract in load_contracts()}
    for question in load_questions("authored", "train")[::40]:
        strangers = exam.strangers(question, 6, random.Random(1))
        assert not set(strangers) & {exam.clause(span) for span in question.evidence}
    assert all(split_of[span.document] == split for split, spans in exam.pools.items() for span in spans)


def test_among_others_is_the_same_every_time_and_holds_the_evidence(exam):
    for question in load_questions()[:20]:
        shown = exam.among_others(question)
        assert shown == exam.among_others(question)
        assert set(exam.oracle(question)) <= set(shown)
        assert len(shown) == len(exam.oracle(question)) + 2


def test_an_unknown_condition_is_a_sentence(exam):
    with pytest.raises(ValueError, match="unknown condition 'best': choose one of oracle, among others, retrieved"):
        exam.contexts([], "best")
    assert exam.contexts(load_questions()[:2], CONDITIONS[0])


def test_the_general_sentences_are_thirty_and_about_something_else():
    sentences = (DATA / "general.txt").read_text(encoding="utf-8").splitlines()
    assert len(sentences) == len(set(sentences)) == 30
    assert not any(word in " ".join(sentences).lower() for word in ("contract", "agreement", "clause", "halden"))


# ------------------------------------------------------------------ the same by TRL


def test_trl_shows_the_same_losses(tmp_path, tokenizer):
    from datasets import Dataset
    from transformers import LlamaConfig, LlamaForCausalLM
    from trl import SFTConfig, SFTTrainer

    def model():
        torch.manual_seed(1)
        sizes = {
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
        }
        return LlamaForCausalLM(LlamaConfig(vocab_size=49152, bos_token_id=1, eos_token_id=2, pad_token_id=2, **sizes))

    recipe = Recipe(rank=2, steps=4, batch=3, learning_rate=1e-2, layers="all")
    pairs = [(chat_text([{"role": "user", "content": "word " * (n + 1)}]), f"answer {n}") for n in range(12)]
    examples = [encode(tokenizer, [{"role": "user", "content": "word " * (n + 1)}], f"answer {n}") for n in range(12)]
    ours = train(prepare(model(), recipe), examples, recipe).losses
    theirs = prepare(model(), recipe)
    optimizer = torch.optim.AdamW(
        [w for w in theirs.parameters() if w.requires_grad], lr=recipe.learning_rate, weight_decay=0.0
    )
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_at(recipe, step) / recipe.learning_rate
    )
    options = SFTConfig(
        output_dir=str(tmp_path), max_steps=recipe.steps, per_device_train_batch_size=1,
        gradient_accumulation_steps=recipe.batch,
        train_sampling_strategy="sequential", logging_steps=1, save_strategy="no", use_cpu=True, bf16=False,
        disable_tqdm=True,
        max_length=None, activation_checkpointing=False, dataloader_pin_memory=False,
    )  # fmt: skip
    order = [pairs[examples.index(one)] for step in range(recipe.steps) for one in batch_at(examples, recipe, step)]
    data = Dataset.from_dict({"prompt": [prompt for prompt, _ in order], "completion": [answer for _, answer in order]})
    trainer = SFTTrainer(theirs, options, train_dataset=data, processing_class=tokenizer, optimizers=(optimizer, rates))
    trainer.train()
    assert [entry["loss"] for entry in trainer.state.log_history if "loss" in entry] == pytest.approx(ours, rel=2e-3)


# ------------------------------------------------------------------ what is seen


def test_the_mask_marks_what_the_loss_sees_without_needing_colour():
    view = TokenMask(["<b>", "yes", "\n"], [-100, 7, 2])
    assert str(view) == "<b>[yes][\n]"
    legend, shown = view._repr_html_().split("</p>")
    assert "2 of 3 tokens" in legend
    pieces = re.findall(r"<(b|span) style=\"([^\"]*)\">([^<]*)</", shown)
    assert [(tag, text) for tag, _, text in pieces] == [("span", "&lt;b&gt;"), ("b", "yes"), ("b", "⏎\n")]
    lines = [re.search(r"border-bottom:(\d)px (\w+)", style).groups() for _, style, _ in pieces]
    assert lines == [("1", "dotted"), ("2", "solid"), ("2", "solid")]  # bold and underlined: no colour is needed


@pytest.fixture
def view(monkeypatch):
    monkeypatch.setattr(show_training, "interactive", lambda: False)
    return TrainingView(24, "A run")


def test_without_a_live_notebook_progress_is_plain_text(view, capsys):
    assert view.update([], 2.5, {"How long?": "A long time | perhaps"}) is False
    view.update([2.0] * 8, 1.5, {"How long?": "30 days"})
    assert capsys.readouterr().out.splitlines() == [
        "step 0 of 24: held-out loss 2.50 | A long time | perhaps",
        "step 8 of 24: loss 2.00, held-out loss 1.50 | 30 days",
    ]
    assert str(view.table()).splitlines()[0] == "| the model is asked | before | step 8 |"
    assert "A long time | perhaps" in str(view.table())


def test_the_table_keeps_the_first_and_the_last_three(view):
    for step in range(0, 40, 8):
        view.update([1.0] * step, 1.0, {"q": str(step)})
    assert "before | step 8 | step 16 | step 32" in str(view.table())


def test_the_stop_button_stops_and_says_so(monkeypatch):
    shown = []
    monkeypatch.setattr(show_training, "interactive", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda *views, **options: shown.extend(views) or _Handle(shown))
    view = TrainingView(24)
    (button,) = shown
    assert view.update([1.0], 1.0, {"q": "a"}) is False
    button.click()
    assert (button.disabled, button.description) == (True, "Stopping...")
    assert view.update([1.0, 2.0], 1.0, {"q": "b"}) is True
    assert len(shown) == 5  # button, figure, table; then both again


@pytest.mark.parametrize("version", ["5.5.6", "6.17.1", "6.31.0", None])
def test_a_kernel_that_hears_no_button_gets_a_sentence_instead(monkeypatch, capsys, version):
    def found(name):
        if version is None:
            raise metadata.PackageNotFoundError(name)
        return version

    shown = []
    monkeypatch.setattr(show_training, "interactive", lambda: True)
    monkeypatch.setattr(metadata, "version", found)
    monkeypatch.setattr("IPython.display.display", lambda *views, **options: shown.extend(views))
    assert TrainingView(24).stopped is False
    assert shown == []
    said = capsys.readouterr().out
    assert said.startswith("To end the training early, interrupt this cell") and said.count("\n") == 1


WORKING = """
import time
from llm_workbook.show import training
training.interactive = lambda: True
view = training.TrainingView(24)
def work():
    print("at work", flush=True)
    for step in range(200):
        time.sleep(0.1)
        if view.stopped:
            return f"stopped after step {step}"
    return "never stopped"
print(await view.run(work))
"""


@pytest.mark.parametrize("how", ["button", "interrupt"])
def test_a_busy_kernel_hears_the_stop_button_and_the_interrupt(how):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT))
    try:
        client.execute(WORKING)
        said, button, pressed = "", "", False
        while "step" not in said and "never" not in said:
            message = client.get_iopub_msg(timeout=60)
            content = message["content"]
            assert message["msg_type"] != "error", content
            said += content.get("text", "")
            if message["msg_type"] == "comm_open" and content["data"]["state"].get("_model_name") == "ButtonModel":
                button = content["comm_id"]
            if "at work" in said and button and not pressed:
                pressed = True
                if how == "interrupt":
                    manager.interrupt_kernel()
                else:
                    click = {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}}
                    client.shell_channel.send(client.session.msg("comm_msg", click))
        assert "stopped after step" in said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_as_the_last_line_of_a_cell_the_view_is_not_shown_twice(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *views, **options: shown.extend(views) or _Handle(shown))
    monkeypatch.setattr(show_training, "interactive", lambda: False)
    view = TrainingView(24)
    view.update([], 2.0, {"q": "a"})
    view._ipython_display_()
    assert len(shown) == 2  # figure and table
    view._ipython_display_()
    assert len(shown) == 2


class _Handle:
    def __init__(self, shown):
        self.update = shown.append


def test_a_loss_curve_has_its_losses_and_reaches_to_the_last_step():
    figure = plots.loss_curve([3.0, 2.0, 1.0], {0: 2.5, 2: 1.5}, 24)
    (axes,) = figure.axes
    assert list(axes.lines[0].get_ydata()) == [3.0, 2.0, 1.0]
    assert list(axes.lines[1].get_ydata()) == [3.0, 2.5, 2.0]
    assert axes.get_xlim()[1] == 25
    assert plots.loss_curve([], {0: 2.5}, 24).axes  # before the first step


def test_cuts_draw_a_panel_for_each_knob_with_the_readers_point():
    figure = plots.cuts({"rank": {"1": 0.5, "8": 0.6}, "rate": {}}, (0.5, 0.02), {("rate", "0.1"): 0.7})
    assert [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes] == ["rank", "rate"]
    assert list(figure.axes[1].lines[-1].get_ydata()) == [0.7]
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["0.1"]


def test_of_a_lesson_the_answer_alone_is_learned(exam, tokenizer):
    """Every token of the answer and the mark that ends it; no token of the clauses, which contain the answer, too."""
    lessons = [q for q in load_questions("authored", "train") if q.answerable and len(q.evidence) <= 3][:12]
    for number, question in enumerate(lessons):
        gold, strangers = exam.oracle(question), exam.strangers(question, 2, random.Random(1))
        clauses, answer = raft_example(question, gold, strangers, random.Random(number))
        ids, labels = encode(tokenizer, conversation(clauses, question.question), answer)
        seen = [place for place, label in enumerate(labels) if label != -100]
        assert [labels[place] for place in seen] == [ids[place] for place in seen]
        assert seen == list(range(len(ids) - len(seen), len(ids)))  # the end of the text and nothing before
        assert tokenizer.decode(ids[seen[0] :]) == f"{answer}<|im_end|>"
        assert answer in tokenizer.decode(ids[: seen[0]]) or answer == question.answers[0]
