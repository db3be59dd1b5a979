"""What lab 2.2 teaches and shows: readings with their questions, the template, the same loss by TRL, the mask, tables
and the live view."""

import random
import re
from importlib import metadata

import numpy as np
import pandas as pd
import pytest
from langchain_core.messages import AIMessage
from tiny import tiny_model, tiny_offline, tiny_tokenizer

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import CONDITIONS, SEVERAL, ReadingExam, of_one_clause, raft_example
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.labs.lab_2_2 import live, sweep
from llm_workbook.labs.lab_2_2.seeds import false_alarms
from llm_workbook.labs.lab_2_2.tables import drawn, rates, wins_and_losses, wrong_answers
from llm_workbook.measure.answers import score_answers
from llm_workbook.models.chat import LocalChat
from llm_workbook.settings import DATA, ROOT
from llm_workbook.show import plots
from llm_workbook.show import training as show_training
from llm_workbook.show.training import TokenMask, TrainingView
from llm_workbook.taught.lab_2_2 import as_written, chat_text, encode, encode_turns, reading, seed_interval
from llm_workbook.training.domain import refusing
from llm_workbook.training.fit import Recipe, mean_loss, prepare


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


def test_of_several_questions_each_answer_alone_is_learned(exam, tokenizer):
    lessons = of_one_clause(load_questions("authored", "train"))
    for question in lessons[::120]:
        clauses, turns = reading(question, lessons, exam, random.Random(1))
        ids, labels = encode_turns(tokenizer, clauses, turns)
        assert all(label in (-100, token) for token, label in zip(ids, labels, strict=True))
        seen = tokenizer.decode([label for label in labels if label != -100])
        assert seen == "".join(f"{answer}<|im_end|>" for _, answer in turns)


def test_a_reading_asks_only_what_its_clauses_answer_and_each_fact_once(exam):
    lessons = of_one_clause(load_questions("authored", "train"))
    by_text, counts = {q.question: q for q in lessons}, []
    for number, question in enumerate(lessons[::40]):
        clauses, turns = reading(question, lessons, exam, random.Random(number))
        assert len(clauses) == len(exam.oracle(question)) + 2
        asked = [by_text[text] for text, _ in turns]
        assert question in asked and all(set(exam.oracle(one)) <= set(clauses) for one in asked)
        assert len({one.facts or one.id for one in asked}) == len(asked)
        assert all(answer == as_written(one, exam.oracle(one)) for one, (_, answer) in zip(asked, turns, strict=True))
        counts.append(len(turns))
    assert max(counts) > 2 and min(counts) >= 1
    assert all(len(reading(one, lessons, exam, random.Random(1), turns=2)[1]) <= 2 for one in lessons[:60])


def test_a_reading_round_a_question_without_an_answer_has_one_refusal_among_answers(exam):
    train = load_questions("authored", "train")
    absent = [q for q in train if not q.answerable and q.nearby][:20]
    readings = [reading(one, of_one_clause(train), exam, random.Random(1), turns=3) for one in absent]
    said = [[answer for _, answer in turns] for _, turns in readings]
    assert all(answers.count("not stated") == 1 for answers in said)
    assert sum(len(answers) > 1 for answers in said) > 10  # refusing always is no way through


def test_questions_of_one_clause_have_an_answer_and_no_second_clause():
    kept = of_one_clause(load_questions())
    assert len(kept) > 150 and {len(q.evidence) for q in kept} == {1}
    assert all(q.answerable and q.type not in SEVERAL for q in kept)


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


def test_the_amount_of_work_follows_the_processor_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(live, "is_plain", lambda: True)
    assert (live.amounts("live"), live.amounts("full"), live.amounts("smoke")) == (live.SLOW, live.FULL, live.SMOKE)
    monkeypatch.setattr(live, "is_plain", lambda: False)
    assert live.amounts("live") == live.FAST
    assert live.FAST.questions >= 100, "the share of right answers rests on at least a hundred questions"
    assert capsys.readouterr().out.splitlines() == [
        "Here 40 questions and 15,000 tokens to train on, not 105 and 75,000, because this processor has no bf16 and no"
        " AVX-512"
    ]


class Saying:
    """Answers "4 days" and counts what it is asked."""

    def __init__(self):
        self.asked = 0

    def batch(self, prompts):
        self.asked += len(prompts)
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        return [AIMessage("4 days", usage_metadata=usage) for _ in prompts]


def test_with_a_negative_bias_only_refusals_are_asked_again(exam):
    questions, chat = load_questions()[:4], Saying()
    texts = ["not stated", "5 days", "not stated", "6 days"]
    before = score_answers(questions, texts, [[]] * 4)
    after = live.refusals_again(before, exam, chat, questions).set_index("question_id")["answer"]
    assert [after[question.id] for question in questions] == ["4 days", "5 days", "4 days", "6 days"]
    assert chat.asked == 2
    none = before[~before["refused"]]
    assert live.refusals_again(none, exam, chat, questions) is none


def test_examples_are_taken_until_there_are_enough_tokens():
    examples = [([1] * 40, [1] * 40)] * 5
    assert [len(live.until(tokens, examples)) for tokens in (1, 40, 41, 1000)] == [1, 1, 2, 5]


def test_what_is_drawn_is_the_same_every_time_and_nothing_twice():
    questions = load_questions()
    assert drawn(questions, 20) == drawn(questions, 20) != questions[:20]
    assert drawn(questions, 20) == drawn(questions, None)[:20]  # fewer are a part of more
    assert sorted(q.id for q in drawn(questions, None)) == sorted(q.id for q in questions)
    assert len(drawn(questions[:3], 105)) == 3


def test_rates_keep_needless_and_right_refusals_apart():
    some, none = of_one_clause(load_questions())[:4], [q for q in load_questions() if not q.answerable][:2]
    answers = [some[0].answers[0], "not stated", "nonsense", some[3].answers[0], "not stated", "60 days"]
    table = rates({"mine": score_answers(some + none, answers, [[]] * 6)})
    shown = table.loc["mine"].str.replace(r" \[.*\]", "", regex=True)
    assert dict(shown) == {"right": "50 %, n = 4", "needless refusals": "25 %, n = 4", "right refusals": "50 %, n = 2"}
    assert "right refusals" not in rates({"mine": score_answers(some, answers[:4], [[]] * 4)})


def test_wins_and_losses_are_of_the_questions_that_both_answered():
    asked = of_one_clause(load_questions())[:5]
    right = [q.answers[0] for q in asked]
    before = score_answers(asked[:4], ["no", right[1], "no", "no"], [[]] * 4)
    after = score_answers(asked, [right[0], "never", "no", right[3], right[4]], [[]] * 5)
    table = wins_and_losses(before, after, asked)
    assert list(table.index) == ["won", "won", "wrong", "wrong"]
    assert list(table["question"]) == [asked[n].question for n in (0, 3, 1, 2)]
    assert list(table["before"]) == ["no", "no", right[1], "no"]
    assert list(wrong_answers(before, asked[:4], 2)["it says"]) == ["no", "no"]


def test_the_watcher_asks_at_the_beginning_now_and_then_and_at_the_end(exam, tokenizer, monkeypatch, capsys):
    class Speaker:
        model = None

        def batch(self, prompts):
            return [type("Reply", (), {"text": f"answer {n}"}) for n, _ in enumerate(prompts)]

    monkeypatch.setattr(show_training, "interactive", lambda: False)
    monkeypatch.setattr(live, "mean_loss", lambda model, examples: float(len(examples)))
    view = TrainingView(23)
    look = live.watcher(view, exam, tokenizer, of_one_clause(load_questions("authored", "dev")))
    assert not any(look(Speaker(), [1.0] * step) for step in range(24))
    assert [*view.answers] == [0, 8, 16, 23]
    assert view.held_out[23] == 4.0
    asked = list(view.answers[0])
    assert len(asked) == 4 and all("→" in text for text in asked)
    view.stopped = True
    assert look(Speaker(), [1.0] * 5) is True


def test_progress_is_drawn_only_when_something_is_trained_and_never_stops_it(capsys):
    move = live.progress(3)
    assert capsys.readouterr().err == ""
    assert not any(move(None, [1.0] * step) for step in (1, 2, 3))
    assert "training" in capsys.readouterr().err


def test_only_the_interval_of_student_keeps_its_promise():
    mine, normal, by_range = false_alarms(seed_interval, 7).values()
    assert 0.035 < mine < 0.065
    assert 0.16 < normal < 0.22
    assert 0.28 < by_range < 0.35
    assert next(iter(false_alarms(lambda a, b: (-9.0, 9.0), 7, trials=50).values())) == 0.0


def test_an_unknown_condition_is_a_sentence(exam):
    with pytest.raises(ValueError, match="unknown condition 'best': choose one of oracle, among others, retrieved"):
        exam.contexts([], "best")
    assert exam.contexts(load_questions()[:2], CONDITIONS[0])


def test_the_general_sentences_are_thirty_and_about_something_else():
    sentences = (DATA / "general.txt").read_text(encoding="utf-8").splitlines()
    assert len(sentences) == len(set(sentences)) == 30
    assert not any(word in " ".join(sentences).lower() for word in ("contract", "agreement", "clause", "halden"))


# ------------------------------------------------------------------ the same by TRL


def test_trl_shows_the_same_first_loss(tmp_path, tokenizer):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    model = prepare(tiny_offline(), Recipe(rank=2, layers="all"))
    asks = [[{"role": "user", "content": "word " * (n + 1)}] for n in range(4)]
    ours = mean_loss(model, [encode(tokenizer, ask, f"answer {n}") for n, ask in enumerate(asks)])
    texts = [{"prompt": chat_text(ask), "completion": f"answer {n}"} for n, ask in enumerate(asks)]
    options = SFTConfig(
        str(tmp_path), max_steps=1, per_device_train_batch_size=4, logging_steps=1,
        save_strategy="no", activation_checkpointing=False, use_cpu=True, bf16=False, disable_tqdm=True,
    )  # fmt: skip
    trainer = SFTTrainer(model, options, train_dataset=Dataset.from_list(texts), processing_class=tokenizer)
    trainer.train()
    assert trainer.state.log_history[0]["loss"] == pytest.approx(ours, rel=2e-3)


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


# ------------------------------------------------------------------ the recorded sweep


def test_the_recorded_sweep_has_three_paired_seeds_at_every_rate():
    table = sweep.recorded_sweep()
    assert {tuple(part["seed"]) for _, part in table.groupby("learning_rate")} == {(7, 8, 9)}
    assert 1e-3 in set(table["learning_rate"]) and table["learning_rate"].nunique() >= 3
    assert table["n"].min() >= 50 and table["tokens"].nunique() == 1
    assert table[["right", "needless_refusals"]].stack().between(0, 100).all()


def test_differences_are_paired_by_seed_and_a_star_marks_an_interval_without_zero():
    rows = [
        (1e-3, 2, 0.20, 60.0, 0.0),
        (1e-3, 1, 0.10, 50.0, 0.0),
        (1e-4, 1, 0.40, 40.0, 0.0),
        (1e-4, 2, 0.51, 70.0, 5.0),
    ]
    table = pd.DataFrame(rows, columns=["learning_rate", "seed", "loss", "right", "needless_refusals"])
    shown = sweep.against(table, 1e-3, lambda a, b: (min(np.subtract(a, b)), max(np.subtract(a, b))))
    assert shown.index.tolist() == ["0.0001 minus 0.001"]
    assert shown.iloc[0].tolist() == ["+0.30 [0.30, 0.31] *", "+0.00 [-10.00, 10.00]", "+2.50 [0.00, 5.00]"]
    said = "Differences that each ruler shows, of 1: held-out loss 1, right 0, needless refusals 0"
    assert sweep.told_apart(shown) == said
    figure = sweep.draw_sweep(table, "found")
    assert [len(axes.lines[1].get_xdata()) for axes in figure.axes] == [4, 4, 4]


# ------------------------------------------------------------------ the bias of a refusal


def test_the_margin_says_from_which_bias_on_a_model_refuses(monkeypatch, tmp_path):
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path))
    prompts = [conversation([f"Clause {number}."], "How long?") for number in range(3)]
    for prompt in prompts:
        chat = LocalChat(model=tiny_model(), tokenizer=tiny_tokenizer(), identity="tiny", max_new_tokens=2)
        (margin,) = live.refusal_margins(chat, [prompt])
        assert refusing(chat, 0.05 - margin).invoke(prompt).text.startswith("n")
        assert not refusing(chat, -0.05 - margin).invoke(prompt).text.startswith("n")
