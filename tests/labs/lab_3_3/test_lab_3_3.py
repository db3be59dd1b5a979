"""The five tasks of lab 3.3, its live cells, its recorded table, its pictures, and what its source promises."""

import hashlib
import json
import re
import sys
from dataclasses import replace
from functools import cache
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from langchain_core.messages import convert_to_messages

from llm_workbook.benchmark.harness import FunctionSystem, run_benchmark, score_stored
from llm_workbook.benchmark.ladder import rung_answers
from llm_workbook.benchmark.ledger import Ledger, read_runs
from llm_workbook.corpus.load import EVIDENCE, load_questions
from llm_workbook.labs.lab_3_3 import cells, claims, figures, five_tasks, table
from llm_workbook.labs.lab_3_3.five_tasks import CONTEXTS, TASKS, FiveTasks, asked, guessed, kinds, task_of
from llm_workbook.labs.lab_3_3.table import ALWAYS, CELLS, TRAININGS
from llm_workbook.measure.statistics import estimate
from llm_workbook.models.chat import chat_prompt, load_local_model
from llm_workbook.run import Run
from llm_workbook.settings import ROOT, Settings
from llm_workbook.taught.lab_3_3 import (
    INSTRUCTIONS,
    gain_by_seed,
    least_that_is_enough,
    objections,
    prompt,
    second_look,
)
from llm_workbook.training.domain import domain_encoder
from tools.domain import grid
from tools.domain import ladder as ladder_tool
from tools.domain import lessons as lessons_module
from tools.domain.ladder import RUNGS
from tools.domain.lessons import lessons, texts

SOURCE = ROOT / "solutions/3_benchmarking/3.3_rag_finetuning_or_both.py"
LAB = SOURCE.read_text(encoding="utf-8")


class Letters:
    """Embeddings that count letters: fast, and equal for equal texts."""

    def embed_documents(self, texts):
        counts = np.array(
            [[text.lower().count(letter) + 0.01 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        )
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).tolist()

    def release(self):
        """Nothing is held."""


@pytest.fixture(scope="module")
def five() -> FiveTasks:
    return FiveTasks("authored", Letters())


def of_task(task: str, count: int = 3, split: str = "test", corpus: str = "authored"):
    return [question for question in asked(corpus, split) if task_of(question) == task][:count]


# ------------------------------------------------------------------ what is asked and shown


def test_the_record_asks_five_tasks_in_15_families():
    every = all_asked()
    assert len({question.family for question in every}) == 15
    assert {task_of(question) for question in every} == set(TASKS)
    counts = pd.Series([task_of(question) for question in every]).value_counts()
    assert counts["one clause"] >= 60 and counts["refusal"] >= 20 and counts["summary"] >= 30
    assert len({question.id for question in every}) == len(every)


@pytest.mark.parametrize("corpus", EVIDENCE)
def test_the_questions_are_those_of_the_ladder(corpus):
    asked_here = {question.id for question in asked(corpus, "test") if question.task == "qa"}
    ladder = rung_answers()[RUNGS["encoder"].name]
    of_corpus = {question.id for question in load_questions(corpus, "test")}
    assert asked_here == set(ladder["question_id"]) & of_corpus


@pytest.mark.parametrize("task", TASKS)
def test_what_is_shown_for_each_task(five, task):
    questions = of_task(task)
    shown = {context: five.shown(questions, context) for context in CONTEXTS}
    left_out = {"classification": {"whole", "oracle"}, "one clause": set()}.get(task, {"whole"})
    assert {context for context, one in shown.items() if len(one) == len(questions)} == {*CONTEXTS} - left_out
    assert not any(shown[context] for context in left_out)
    assert all(one.clauses == one.examples == () for one in shown["none"].values())
    assert all(one.examples and not one.clauses for one in shown["prompt"].values())
    for context in ("retrieved", "whole", "oracle"):
        assert all(one.clauses or one.examples for one in shown[context].values()), context
    assert all(sum(map(len, one.clauses)) <= five_tasks.LONGEST for one in shown["whole"].values())


def test_the_oracle_shows_the_clause_and_the_answer_is_in_it(five):
    questions = of_task("one clause", 8)
    shown = five.shown(questions, "oracle")
    stated = [any(answer in " ".join(shown[one.id].clauses) for answer in one.answers) for one in questions]
    assert sum(stated) >= 6  # a few are written otherwise in the clause, e.g. in words


def test_an_unknown_context_is_named(five):
    with pytest.raises(ValueError, match="unknown context 'perfect': choose one of none, prompt, retrieved, whole"):
        five.shown([], "perfect")


def test_five_tasks_score_without_an_encoder():
    alone = FiveTasks("authored")
    assert alone.score(of_task("one clause", 1), ["the moon"])["correct"].tolist() == [0.0]
    assert alone.shown(of_task("one clause", 1), "oracle")


def test_labelled_clauses_are_of_other_families_and_the_nearest_stands_last(five):
    train = load_questions("authored", "train", task="classification")[:4]
    near = five.nearest_labelled(train)
    known = {prompt("classification", one.question)[-1]["content"]: one.family for one in five_tasks.labelled()}
    for one in train:
        assert len(near[one.id].examples) == five_tasks.K_LABELLED
        assert all(known[clause] != one.family for clause, _ in near[one.id].examples)


def test_demonstrations_are_of_the_train_families_only():
    train = {one.question for one in load_questions("authored", "train")}
    examples = five_tasks.demonstrations(of_task("one clause", 1)[0]).examples
    assert len(examples) == five_tasks.DEMONSTRATIONS
    assert all(text.removeprefix("Question: ") in train for text, _ in examples)
    labels = [label for _, label in five_tasks.demonstrations(of_task("classification", 1)[0]).examples]
    assert sorted(labels) == sorted(kinds())
    assert all(kind.lower() in INSTRUCTIONS["classification"].lower() for kind in kinds())


# sha256 of all prompts of the test: answers are kept by prompt
PROMPTS = "337f4735db7dcea0f097c0d71aaee8bb18f32c8e1d64ec7fbc58262971a8fa1a"


def test_not_a_character_of_a_prompt_changes():
    clauses = ((), ("a b",), ("x", "y\n"))
    examples = ((), (("q", "a"),), (("q", "a"), ("r", "b")))
    cases = product(("qa", "classification", "summary"), clauses, examples, (False, True))
    made = [prompt(task, "What?", shown, turns, worked) for task, shown, turns, worked in cases]
    assert hashlib.sha256(json.dumps(made).encode()).hexdigest() == PROMPTS


def test_an_untuned_model_gets_the_worked_example_unless_it_has_demonstrations(five):
    questions = of_task("one clause", 1)
    lengths = {
        (context, untuned): len(five.prompts(questions, five.shown(questions, context), untuned)[0])
        for context in ("none", "prompt", "retrieved")
        for untuned in (False, True)
    }
    assert lengths["retrieved", True] == lengths["retrieved", False] + 2
    assert lengths["prompt", True] == lengths["prompt", False] == 2 + 2 * five_tasks.DEMONSTRATIONS


# ------------------------------------------------------------------ what is learned from

FEW = {"qa": 40, "classification": 20, "summary": 6}


@pytest.mark.parametrize("training", ["closed-book", "raft"])
def test_no_question_of_a_test_family_is_trained_on(five, training):
    tested = {one.question for one in asked("authored", "test") if one.task != "classification"}
    clauses = {one.question for one in asked("authored", "test") if one.task == "classification"}
    taught = [message["content"] for messages, _ in lessons(training, [five], 7, FEW) for message in messages]
    assert not [question for question in tested if any(question in text for text in taught)]
    assert not clauses & {messages[-1]["content"] for messages, _ in lessons(training, [five], 7, FEW)}


def test_raft_shows_clauses_and_closed_book_shows_none(five):
    raft, closed = lessons("raft", [five], 7, FEW), lessons("closed-book", [five], 7, FEW)
    assert len(raft) == len(closed) == sum(FEW.values())
    assert all("Clauses:" in messages[-1]["content"] for messages, _ in raft[:40])
    assert not any("Clauses:" in message["content"] for messages, _ in closed for message in messages)
    assert all(answer for _, answer in raft + closed)


def test_a_summary_teaches_the_lines_whose_clauses_it_shows(five, monkeypatch):
    few = {"summary": 4}
    by_question = {one.question: one for one in load_questions("authored", "train", task="summary")}
    monkeypatch.setattr(lessons_module, "HELD_BACK", 0.0)
    for messages, answer in lessons("raft", [five], 7, few):
        content = messages[-1]["content"]
        question = by_question[content.rsplit("\n\n", 1)[-1]]
        assert answer == "\n".join(question.answers)
        assert all(five.entries[at].page_content in content for at in five.stating(question.evidence))
    monkeypatch.setattr(lessons_module, "HELD_BACK", 1.0)
    assert {answer for _, answer in lessons("raft", [five], 7, few)} == {"not stated"}


def test_the_texts_that_are_read_are_those_of_the_test_families(five):
    titles = {contract.title for contract in five.contracts.values() if contract.split == "test"}
    assert texts(five) and all(any(text.startswith(title) for title in titles) for text in texts(five))


def test_lessons_depend_on_the_seed_and_on_nothing_else(five):
    assert lessons("raft", [five], 7, FEW) == lessons("raft", [five], 7, FEW) != lessons("raft", [five], 8, FEW)


# ------------------------------------------------------------------ the scores


def scored(five, question, text):
    return five.score([question], [text]).iloc[0]


@pytest.mark.parametrize("task", ["one clause", "several clauses", "classification"])
def test_the_right_answer_scores_one_and_another_scores_nothing(five, task):
    for question in of_task(task):
        row = scored(five, question, question.answers[0])
        assert (row["correct"], row["task"]) == (1.0, task)
        assert scored(five, question, "the moon")["correct"] == 0.0


def test_a_refusal_is_right_only_where_there_is_no_answer(five):
    assert scored(five, of_task("refusal")[0], "not stated")["correct"] == 1.0
    assert scored(five, of_task("refusal")[0], "30 days")["correct"] == 0.0
    assert scored(five, of_task("one clause")[0], "not stated")["correct"] == 0.0


def test_naming_every_kind_is_no_classification(five):
    question = of_task("classification")[0]
    assert scored(five, question, "; ".join(kinds()))["correct"] == 0.0
    assert scored(five, question, question.answers[0].lower() + ".")["correct"] == 1.0


def test_a_summary_earns_the_share_of_its_facts(five):
    question = of_task("summary")[0]
    half = len(question.answers) // 2
    assert scored(five, question, "\n".join(question.answers))["correct"] == 1.0
    assert scored(five, question, "\n".join(question.answers[:half]))["correct"] == pytest.approx(
        half / len(question.answers)
    )
    assert scored(five, question, "")["correct"] == scored(five, question, "not stated")["correct"] == 0.0


def test_other_forms_of_a_fact_count():
    alone = FiveTasks("authored")
    question = replace(of_task("summary")[0], answers=("Notice: 30 days",), facts=("some.fact",))
    alone._forms["some.fact"] = ("thirty (30) days",)
    assert scored(alone, question, "thirty (30) days of notice")["correct"] == 1.0


# ------------------------------------------------------------------ guesses


def test_the_better_guess_is_chosen_on_dev_and_refusing_competes_only_where_refusals_count():
    on_dev = {one.question for corpus in EVIDENCE for one in asked(corpus, "dev")}
    test = {one.question for one in all_asked()}
    assert not on_dev & test
    right = {name: rows[rows["task"] == "one clause"]["correct"].mean() for name, rows in table.dev_guesses().items()}
    guesses = [name for name in right if name.startswith("guess")]
    assert table.better_guess(("one clause",)) == max(guesses, key=lambda name: right[name])
    assert right[ALWAYS] == 0.0 and table.better_guess(("refusal",)) == ALWAYS
    assert {table.better_guess((task,)) for task in TASKS[:4]} <= set(guesses)


def test_guesses_answer_every_task_without_a_model():
    questions = [of_task(task)[0] for task in TASKS]
    for guess in five_tasks.GUESSES:
        given = guessed(questions, guess)
        assert len(given) == len(questions) and all(given)
    assert guessed(questions, "most frequent")[2] in kinds()


# ------------------------------------------------------------------ the record (made up, for these tests only)

RATES = {
    "none x none": 0.03, "none x retrieved": 0.1, "none x oracle": 0.3, "closed-book x none": 0.15,
    "raft x retrieved": 0.55, "raft x oracle": 0.9, "guess: most frequent": 0.1, "guess: nearest question": 0.08,
}  # fmt: skip


@cache
def all_asked() -> tuple:
    return tuple(question for corpus in EVIDENCE for question in asked(corpus, "test"))


def made_up(system: str, rate: float, seeds=(1, 2, 3)) -> pd.DataFrame:
    """Answers of a system that is right in about so many of the questions; scrambled, so that order is no help."""
    generator = np.random.default_rng(sum(map(ord, system)))
    rows = [
        {
            "question_id": one.id, "type": one.type, "task": task_of(one), "family": one.family,
            "answerable": one.answerable, "answer": "x", "correct": float(generator.random() < rate),
            "refused": bool(generator.random() < 0.2), "input_tokens": 500, "output_tokens": 5,
            "seconds": 0.5, "seed": seed,
        }
        for seed in seeds
        for one in all_asked()
        if system.partition(" x ")[2] in ("", *five_tasks.contexts_of(task_of(one)))
    ]  # fmt: skip
    return pd.DataFrame(rows).sample(frac=1, random_state=3).reset_index(drop=True)


@pytest.fixture(scope="module")
def record() -> dict[str, pd.DataFrame]:
    found = {}
    for name, rate in RATES.items():
        is_trained = name.startswith(("closed", "raft"))
        found[name] = made_up(name, rate) if is_trained else made_up(name, rate, [0])
    always = made_up(ALWAYS, 0.0, [0])
    found[ALWAYS] = always.assign(refused=True, correct=(~always["answerable"]).astype(float)).drop(columns="seed")
    return found


def test_a_row_without_a_seed_counts_as_one_seed(record):
    rows = table.answers(record, ALWAYS, "refusal")
    assert rows["seed"].unique().tolist() == [0] and table.share(rows).mean == 100.0


def test_a_share_counts_each_question_once_and_keeps_the_seeds_apart(record):
    rows = table.answers(record, "raft x retrieved", "one clause")
    found = table.share(rows)
    assert (found.n, found.families, len(found.by_seed)) == (70, 15, 3)
    assert len(rows) == 210 and found.mean == pytest.approx(100 * rows["correct"].mean())
    assert found.by_seed == pytest.approx([100 * part["correct"].mean() for _, part in rows.groupby("seed")])
    assert found.low < found.mean < found.high


def test_of_two_systems_with_several_seeds_those_are_compared_that_both_have():
    def rows(*seeds):
        return pd.DataFrame(
            [
                {"question_id": f"q{at}", "family": "ab"[at % 2], "seed": seed, "correct": float(seed == 1)}
                for at in range(6)
                for seed in seeds
            ]
        )

    assert "+0.0 points" in str(table.gain(rows(1, 2), rows(1, 2, 3)))  # seed 3 would make it +16.7
    assert "+50.0 points" in str(table.gain(rows(1, 2), rows(3)))


def test_the_learners_gain_gives_the_verdict_of_the_package(record):
    new, old = (table.answers(record, name, "one clause") for name in ("raft x retrieved", "none x retrieved"))
    gains = gain_by_seed(new, old)
    mine = estimate(gains.to_numpy(), list(table.families_of(new)[gains.index]))
    verdict = table.gain(new, old)
    assert (100 * mine.mean, mine.p()) == (pytest.approx(verdict.difference), pytest.approx(verdict.p))
    assert (mine.n, mine.families, mine.seeds) == (70, 15, 3) == (verdict.n, verdict.families, verdict.seeds)


HYPOTHESES = {
    "H1": {"claim": "up", "task": "one clause", "new": "raft x retrieved", "old": "none x retrieved"},
    "H2": {"claim": "down", "task": "one clause", "new": "none x none", "old": "raft x oracle"},
    "H3": {"claim": "level", "task": "one clause", "new": "none x retrieved", "old": "guess: most frequent"},
    "H4": {"claim": "missing", "task": "one clause", "new": "raft x whole", "old": "none x retrieved"},
}


def estimates_of(record) -> dict:
    found = {}
    for name, one in HYPOTHESES.items():
        new, old = (table.answers(record, one[side], one["task"]) for side in ("new", "old"))
        if new is not None and old is not None:
            gains = (
                gain_by_seed(new, old) if new["seed"].nunique() >= old["seed"].nunique() else -gain_by_seed(old, new)
            )
            found[name] = estimate(gains.to_numpy(), list(table.families_of(new)[gains.index]))
    return found


def test_a_hypothesis_held_was_refuted_cannot_be_told_or_was_not_run(record):
    rows = table.verdicts(HYPOTHESES, estimates_of(record))
    assert rows["verdict"].tolist() == ["held", "refuted", "cannot tell", "not run"]
    assert rows.loc["H4", "points"] == rows.loc["H4", "p, corrected"] == "-"
    assert re.fullmatch(r"\+\d+\.\d \[\d+\.\d, \d+\.\d\]", rows.loc["H1", "points"])


def test_p_values_are_corrected_for_the_hypotheses_that_were_run(record):
    tests = estimates_of(record)
    alone = table.verdicts({"H3": HYPOTHESES["H3"]}, {"H3": tests["H3"]})
    assert float(alone.loc["H3", "p, corrected"]) == pytest.approx(tests["H3"].p(), abs=0.001)
    weakest = max(tests, key=lambda name: tests[name].p())
    together = table.verdicts(HYPOTHESES, tests)
    assert float(together.loc[weakest, "p, corrected"]) == pytest.approx(min(1, tests[weakest].p()), abs=0.001)


@pytest.mark.parametrize(("points", "word"), [(5, "held"), (95, "refuted"), (None, "not run")])
def test_is_a_gain_at_least_so_large(record, points, word):
    test = estimates_of(record)["H1"] if points else None
    assert f"points: {word}" in table.at_least(test, points or 25)
    middle = round(100 * estimates_of(record)["H1"].mean)
    assert "cannot tell" in table.at_least(estimates_of(record)["H1"], middle)


def test_cells_that_a_guess_beats_are_named(record):
    said = table.not_for_sale(record, "one clause")
    assert "none x none (" in said and "raft x retrieved" not in said and "oracle" not in said
    better = {**record, "none x none": record["raft x oracle"], "none x retrieved": record["raft x oracle"],
              "closed-book x none": record["raft x oracle"]}  # fmt: skip
    assert "Every cell that a product could have is above it" in table.not_for_sale(better, "one clause")


def test_the_prediction_is_answered_only_when_all_its_rows_are_there(record):
    choices = {"none x retrieved": "none x retrieved", "raft x retrieved": "raft x retrieved", "a guess": table.GUESS}
    said, best = table.best_of(record, "one clause", choices)
    assert best == "raft x retrieved" and said.count("%") == 3
    part = {name: rows for name, rows in record.items() if not name.startswith("none")}
    said, best = table.best_of(part, "one clause", choices)
    assert best is None and "none x retrieved not recorded yet" in said


def test_the_bill_counts_answers_tokens_and_seconds(record):
    rows = table.bill(record)
    assert rows.index.tolist() == list(TRAININGS)
    expected = sum(len(found) for name, found in record.items() if name.startswith("raft"))
    assert rows.loc["raft", "answers"] == expected
    assert rows.loc["raft", "hours of answering"] == pytest.approx(expected * 0.5 / 3600)
    assert rows.loc["raft", "tokens, retrieved"] == 500 and np.isnan(rows.loc["closed-book", "tokens, oracle"])


def test_what_a_second_look_changed_is_counted():
    before = made_up("raft x retrieved", 0.5, [0]).assign(refused=True, correct=0.0)
    part = before["question_id"].isin(before["question_id"][before["answerable"]][:5])
    after = before.assign(refused=~part, correct=0.0).sample(frac=1, random_state=1)
    assert "needless refusals that became wrong answers: 5 of" in table.changes(before, after)
    assert "missed answers found: 5 of" in table.changes(before, after.assign(correct=1.0))
    silent = before.assign(refused=before["answerable"])
    assert f"right refusals that became wrong answers: {(~before['answerable']).sum()} of" in table.changes(
        before, silent
    )
    assert table.changes(before, before).endswith(f"unchanged: {len(before)} of {len(before)}")


def test_knowing_and_reading_are_told_apart(record):
    knows, reads = table.knows_and_reads(record)
    assert "closed-book x none" in knows or "not recorded yet" in knows
    assert "raft x oracle" in reads or "not recorded yet" in reads
    assert all(line.endswith("not recorded yet") for line in table.knows_and_reads({}))


def test_won_and_lost_questions_can_be_read(record):
    said = str(table.duel(record, "raft x retrieved", "none x retrieved", "one clause", "won"))
    assert "3 seeds" in said and said.count("\n- ") == 5
    assert "does not apply" in str(table.duel(record, "raft x oracle", "none x none", "classification", "won"))


@pytest.mark.parametrize("rows", [(), ("none x none", "none x retrieved", "raft x retrieved")], ids=["empty", "part"])
def test_what_is_not_on_record_is_said_and_nothing_breaks(record, rows):
    part = {name: record[name] for name in (*rows, *((name for name in record if "guess" in name) if rows else ()))}
    assert "closed-book" in table.missing(part) and "python -m tools.domain grid" in table.missing(part)
    for task in TASKS:
        drawn = figures.one_task(part, task)
        assert any(text.get_text() == figures.PENDING for text in drawn.axes[0].texts)
    assert table.verdicts(HYPOTHESES, estimates_of(part))["verdict"].tolist().count("not run") >= 2
    assert "not recorded yet" in str(claims.decisions(part, least_that_is_enough).to_dict())
    assert str(claims.told(claims.claims(part), objections))
    assert isinstance(table.bill(part), pd.DataFrame)


# ------------------------------------------------------------------ pictures


def test_a_cell_is_coloured_by_its_gain_over_the_guess_and_has_a_dot_for_each_seed(record):
    drawn = figures.one_task(record, "one clause")
    texts = [text.get_text() for text in drawn.axes[0].texts]
    assert texts.count(figures.PENDING) == len(CELLS) - 6
    assert (
        drawn.get_suptitle()
        .replace("\n", " ")
        .replace("\xa0", " ")
        .startswith("One clause: best is RAFT x retrieved with")
    )
    faces = [patch.get_facecolor()[:3] for patch in drawn.axes[0].patches]
    blue = tuple(int(figures.FACES["above"][place : place + 2], 16) / 255 for place in (1, 3, 5))
    assert faces.count(blue) >= 2
    dots = [len(line.get_xdata()) for line in drawn.axes[0].lines if line.get_marker() == "o"]
    assert sorted(dots) == [1, 1, 1, 3, 3, 3]
    assert "n = 70 questions in 15 families" in drawn.axes[0].get_xlabel()


def test_a_refusal_cell_has_both_numbers(record):
    drawn = figures.one_task(record, "refusal")
    texts = " ".join(text.get_text() for text in drawn.axes[0].texts)
    assert texts.count("right ") == texts.count("needless ") == 6
    assert "Widest gap: " in drawn.get_suptitle()


def test_contexts_that_do_not_apply_are_not_drawn(record):
    labels = [label.get_text() for label in figures.one_task(record, "classification").axes[0].get_xticklabels()]
    assert labels == ["no context", "best prompt", "retrieved"]


# ------------------------------------------------------------------ sentences for the boss, and decisions


def test_every_sentence_has_its_numbers(record):
    made = claims.claims(record)
    assert len(made) == 6 and all("{" not in one.sentence for one in made)
    assert [one.families for one in made] == [15, 15, 15, 12, 15, 15]  # 12 have a question without an answer
    assert "families" in objections(made[3]) and "families" not in objections(made[0])
    assert all(f"{one.difference:+.0f} points" in one.sentence for one in made)
    told = claims.told(made, objections).markdown
    assert told.count("\n") == 7 and "needless" in told


def test_the_least_that_is_enough_is_bought(record):
    rows = claims.decisions(record, least_that_is_enough)
    assert rows.index.tolist() == [*TASKS[:4], "questions as they come, refusals too"]
    assert rows.loc["one clause", "buy"] == "both"
    assert re.fullmatch(r"\+\d+ \[\d+, \d+\]", rows.loc["one clause", "over the guess"])
    assert rows.loc["one clause", "not recorded yet"] == "prompt"
    level = dict.fromkeys(RATES, record["none x none"]) | {ALWAYS: record[ALWAYS]}
    assert claims.decisions(level, least_that_is_enough).loc["one clause", "buy"] == "a guess"


# ------------------------------------------------------------------ the live part


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "domain_encoder", Letters)
    return cells.Bench(Run(Settings("3.3", "smoke", results_dir=tmp_path)))


def test_live_questions_ask_three_tasks_and_are_halved_on_a_slow_pc(tmp_path):
    run = Run(Settings("3.3", "live", results_dir=tmp_path))
    run._is_slow = False  # pyright: ignore[reportAttributeAccessIssue]
    fast = [task_of(one) for one in cells.live_questions(run)]
    assert {task: fast.count(task) for task in dict.fromkeys(fast)} == {
        "one clause": 18, "several clauses": 8, "refusal": 10,
    }  # fmt: skip
    run._is_slow = True  # pyright: ignore[reportAttributeAccessIssue]
    slow = [task_of(one) for one in cells.live_questions(run)]
    assert (slow.count("one clause"), slow.count("several clauses"), len(slow)) == (9, 4, 17)


def replies(texts):
    return [
        SimpleNamespace(text=text, usage_metadata={"input_tokens": 9, "output_tokens": 2}, response_metadata={})
        for text in texts
    ]


def test_a_cell_runs_through_the_harness_and_its_spec_holds_every_prompt(bench, monkeypatch):
    monkeypatch.setattr(bench, "ask", lambda reader, prompts: replies(["not stated"] * len(prompts)))
    system = bench.cell(cells.UNTUNED, "oracle")
    run_benchmark(bench.task, bench.items, system, bench.store)
    rows = score_stored(bench.store, bench.task, system, bench.questions, bench.five.score)
    assert rows["refused"].all() and (rows["input_tokens"] == 9).all()
    names = {bench.cell(reader, context).spec.id for reader in (cells.UNTUNED, cells.TUNED) for context in cells.LIVE}
    assert len(names) == 6
    bench.keep({system.spec.name: rows, "second look": rows})
    ledger = Ledger(bench.run.settings)
    assert ledger.load("untuned x oracle", "yours").attrs["is_ceiling"]
    assert ledger.load("second look", "yours").attrs["uses_index"]


def test_one_reader_is_in_memory_at_a_time(bench, monkeypatch):
    loaded = []
    speaker = SimpleNamespace(batch=lambda prompts: replies(["x"] * len(prompts)))
    monkeypatch.setattr(bench.run, "chat", lambda tokens: loaded.append("untuned") or speaker, raising=False)
    monkeypatch.setattr(bench.run, "reader", lambda tokens: loaded.append("tuned") or speaker, raising=False)
    for reader in (cells.UNTUNED, cells.UNTUNED, cells.TUNED, cells.TUNED):
        bench.ask(reader, [[{"role": "user", "content": "Hello"}]])
    assert loaded == ["untuned", "tuned"]


def test_a_function_that_is_changed_is_another_system(bench):
    def other(question, found, read, refuses, k=4):
        return read(question, found[:k])

    ids = {bench.spec("second look", one, found=bench.found).id for one in (second_look, other)}
    assert len(ids) == 2
    assert bench.spec("second look", other, found={}).id not in ids


def test_a_second_look_is_taken_after_a_refusal_only(bench):
    asked_for = []

    def read(question, clauses):
        asked_for.append(tuple(clauses))
        return "not stated" if len(asked_for) == 1 else "9 days"

    found = bench.found[bench.questions[0].id]
    assert second_look("How long?", found, read, "not stated".__eq__) == "9 days"
    assert asked_for == [tuple(found[:4]), tuple(found[4:8])]


def test_the_standing_has_guesses_and_needless_refusals_and_the_picture_names_both_readers(bench):
    guesses = bench.guesses()
    rows = table.standing(guesses)
    assert rows.index.tolist() == ["guess: most frequent", "guess: nearest question", ALWAYS]
    assert rows.loc[ALWAYS, "needless refusals"] == 100 and rows.loc[ALWAYS].iloc[0] == 0
    assert "(n = " in rows.columns[0]
    readers = (cells.UNTUNED, cells.TUNED)
    tables = {f"{reader} x {context}": guesses[ALWAYS] for reader in readers for context in cells.LIVE}
    drawn = figures.live_table(tables, guesses)
    assert "0 % right (untuned), 0 % right (domain reader)" in drawn.get_suptitle().replace("\n", " ").replace(
        "\xa0", " "
    )


# ------------------------------------------------------------------ the command that records


@pytest.fixture
def recorder(tmp_path, monkeypatch):
    """Runs `grid` with made-up answers on two questions of each corpus; returns what was asked."""
    calls: list[tuple] = []
    tasks, questions = cache(FiveTasks), cache(lambda corpus, split: asked(corpus, split)[:2])

    def answers(training, context, corpus, seed, split="test", asks=True):
        calls.append((training, context, corpus, seed))
        few = questions(corpus, split)
        return (
            tasks(corpus)
            .score(few, ["x", "not stated"])
            .assign(input_tokens=1, output_tokens=1, seconds=0.1, seed=seed)
        )

    monkeypatch.setattr(grid, "RECORDED", tmp_path / "3.3.jsonl.gz")
    monkeypatch.setattr(ladder_tool, "BUILD", tmp_path / "build")
    monkeypatch.setattr(grid, "answers", answers)
    monkeypatch.setattr(grid, "tasks_of", tasks)
    monkeypatch.setattr(grid, "asked", questions)
    monkeypatch.setattr(five_tasks, "guessed", lambda asked_for, guess: ["x"] * len(asked_for))
    monkeypatch.setattr(grid, "costs_of", lambda training, seed: {"general_loss": 3.0, "training_tokens": 10.0})

    def run(*options: str) -> list[tuple]:
        calls.clear()
        monkeypatch.setattr(sys, "argv", ["tools.domain", "grid", *options])
        assert grid.main() == 0
        return list(calls)

    return run


def test_seeds_are_added_to_a_cell_and_what_is_on_record_is_not_asked_again(recorder, capsys):
    part = ("--trainings", "closed-book", "raft", "--contexts", "none", "retrieved")
    of_one_seed = [(name, seed) for name, context, _, seed in recorder(*part, "--seeds", "2") if context == "none"]
    assert of_one_seed == [("closed-book", 2)] * 3  # of raft's second seed only what the ladder has
    assert recorder(*part, "--seeds", "2") == []
    assert "raft, seed 2: nothing to record" in capsys.readouterr().out
    assert {seed for *_, seed in recorder(*part, "--seeds", "1", "2")} == {1}
    assert len(recorder(*part, "--seeds", "1", "2", "--asked-seeds", "1", "2")) == 3
    assert {name for name, *_ in recorder("--trainings", "none", "raft", "--contexts", "none")} == {"none"}
    found = table.rung_answers("authored", grid.RECORDED)
    trained = [f"{training} x {context}" for training in ("closed-book", "raft") for context in ("none", "retrieved")]
    assert list(found) == ["guess: most frequent", "guess: nearest question", ALWAYS, "none x none", *trained]
    assert found["raft x none"].attrs["seeds"] == found["raft x retrieved"].attrs["seeds"] == [1, 2]
    assert found["raft x none"].attrs["cost"] == {"general_loss": 3.0, "training_tokens": 10.0}
    assert len(found["raft x none"]) == 2 * 3 * 2 and found["none x none"].attrs["seeds"] == [0]
    assert found["raft x retrieved"].attrs["index"] == grid.INDEX
    assert len(recorder(*part, "--seeds", "1", "--again")) == 4 * 3
    assert len(table.rung_answers("authored", grid.RECORDED)["raft x none"]) == 2 * 3 * 2


def test_the_ladder_asked_the_prompts_of_its_cell():
    ladder, tokenizer = rung_answers()[RUNGS["encoder"].name], load_local_model(None).tokenizer
    five, questions = FiveTasks(EVIDENCE[0], domain_encoder()), asked(EVIDENCE[0], "test")
    part = [question for question in questions if question.task == "qa"][:12]
    prompts = five.prompts(part, five.shown(part, "retrieved"), untuned=False)
    counted = [len(tokenizer(chat_prompt(tokenizer, convert_to_messages(one)))["input_ids"]) for one in prompts]
    known = ladder[ladder["seed"] == 1].set_index("question_id")
    assert counted == [known["input_tokens"][question.id] for question in part]
    rows = grid.of_the_ladder(five, part, 3)
    assert (
        rows["answer"].tolist()
        == ladder[ladder["seed"] == 3].set_index("question_id").loc[rows["question_id"]]["answer"].tolist()
    )
    with pytest.raises(ValueError, match="no answer of seed 9"):
        grid.of_the_ladder(five, part, 9)


def test_a_record_of_the_old_table_is_replaced(recorder):
    old = Ledger(Settings("0", "full", results_dir=grid.RECORDED.parent), "old")
    old.append("none x none", [{"question_id": "q", "type": "lookup", "family": "f", "correct": 1.0}])
    grid.RECORDED.write_bytes(ladder_tool.zipped(old.path.read_bytes()))
    recorder("--trainings", "none", "--contexts", "none")
    corpora = {run["header"]["corpus"] for run in read_runs(grid.RECORDED, "recorded")}
    assert corpora == set(EVIDENCE)


# ------------------------------------------------------------------ the source


def test_the_hypotheses_stand_before_every_result():
    assert LAB.index("HYPOTHESES = {") < LAB.index("run_benchmark(") < LAB.index("recorded()")
    assert sorted(re.findall(r'\("(H\d)", ', LAB)) == [f"H{number}" for number in range(1, 4)]


def test_a_lab_stays_within_its_cells_and_lines():
    assert LAB.count("\n# %%") + 1 + 1 <= 45  # with the set-up for Colab
    bodies = [part.split("\n", 1)[1] for part in re.split(r"(?m)^# %%", LAB)[1:] if not part.startswith(" [markdown]")]
    lines = sorted(len([line for line in body.splitlines() if line.strip()]) for body in bodies)
    assert lines[-1] <= 20 and lines[len(lines) // 2] <= 10
    assert max(len(line) for body in bodies for line in body.splitlines()) <= 120


def test_the_published_rows_are_those_of_the_papers():
    rows = ("| 48.1 | 87.5 | 50.4 | 81.0 |", "| 35.3 | 58.5 | 21.9 | 32.6 |", "| 17.0 | 76.1 | 21.8 | 82.1 |")
    rows += ("| 21.5 | 80.3 | 30.7 | 78.4 |", "| 0.5 | 0.0 | 6.4 | 4.4 | 35.3 |")
    rows += ("| 56.5 | 58.8 | 59.7 | 71.6 | 73.3 |",)
    assert all(row in LAB for row in rows)


def test_the_script_to_take_home_runs(record, tmp_path, monkeypatch, capsys):
    script = re.search(r"# ```python\n(.*?)# ```", LAB, re.DOTALL)[1]
    names = {"both": "raft x retrieved", "retrieval": "none x retrieved", "guess": "guess: most frequent"}
    rows = [table.answers(record, name, "one clause").assign(system=short) for short, name in names.items()]
    columns = {"question_id": "question", "correct": "score"}
    pd.concat(rows).rename(columns=columns).to_csv(tmp_path / "answers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    exec(compile(re.sub(r"(?m)^# ?", "", script), "script", "exec"), {})
    said = capsys.readouterr().out
    assert "p_holm" in said and "15" in said and "Range over seeds" in said


def test_nothing_recorded_names_a_system_of_the_old_table():
    assert not {name for name in table.recorded() if name not in (*CELLS, ALWAYS) and not name.startswith("guess: ")}


def test_a_function_system_may_be_added_to_a_bench(bench):
    system = FunctionSystem(bench.spec("constant"), lambda batch: [cells.Answer("9 days") for _ in batch])
    assert "0 errors" in str(run_benchmark(bench.task, bench.items, system, bench.store))
