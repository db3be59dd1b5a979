"""The five tasks of lab 3.3, its tests over families, its figures, and what its source promises."""

import re
from dataclasses import replace

import numpy as np
import pytest

from llm_workbook.benchmark.systems import Item
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.labs.lab_3_3 import figures, readers
from llm_workbook.labs.lab_3_3.five_tasks import CONTEXTS, KIND, TASKS, FiveTasks, task_of
from llm_workbook.measure.statistics import holm
from llm_workbook.models.offline import ModelError
from llm_workbook.run import Run
from llm_workbook.settings import ROOT, Settings
from llm_workbook.taught.lab_3_1 import word_overlap
from llm_workbook.taught.lab_3_3 import (
    best_sentence_first,
    by_type,
    compare_pairs,
    family_mean,
    p_of_difference,
    tost_p,
)
from llm_workbook.training.adapters import Adapter, _write_record

LAB = (ROOT / "solutions/3_benchmarking/3.3_rag_finetuning_or_both.py").read_text(encoding="utf-8")


class Letters:
    """Embeddings that count letters: fast, and equal for equal texts."""

    def embed_documents(self, texts):
        counts = np.array(
            [[text.lower().count(letter) + 0.01 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        )
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).tolist()


@pytest.fixture(scope="module")
def five() -> FiveTasks:
    return FiveTasks("authored", [contract for contract in load_contracts() if contract.split == "test"][:6], Letters())


def asked(task: str, count: int = 3, split: str = "test"):
    kind = task if task in ("classification", "summary") else "qa"
    return [question for question in load_questions("authored", split, task=kind) if task_of(question) == task][:count]


# ------------------------------------------------------------------ the tasks


def test_the_full_profile_has_at_least_600_questions_on_five_tasks(five):
    every = [question for kind in ("qa", "classification", "summary") for question in five.test_questions(kind)]
    assert len(every) >= 600
    assert {task_of(question) for question in every} == set(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_what_is_shown_for_each_task(five, task):
    questions = asked(task)
    contexts = {context: five.contexts(questions, context)[0] for context in CONTEXTS}
    assert all(clauses == [] for clauses in contexts["none"].values())
    assert all(clauses for context in ("retrieved", "oracle") for clauses in contexts[context].values())
    assert contexts["oracle"].keys() == contexts["retrieved"].keys() == {question.id for question in questions}


def test_an_unknown_context_is_named(five):
    with pytest.raises(ValueError, match="unknown context 'perfect': choose one of none, retrieved, oracle"):
        five.contexts([], "perfect")


def test_no_context_is_no_search(five):
    assert five.contexts([], "retrieved") == ({}, 0.0)


def test_labelled_clauses_come_from_the_training_families_only(five):
    for question in asked("classification", 6):
        shown = (
            five.contexts([question], "retrieved")[0][question.id] + five.contexts([question], "oracle")[0][question.id]
        )
        texts = {other.question for other in five.labelled}
        assert all(clause.rsplit(KIND, 1)[0] in texts for clause in shown)
        assert question.question not in texts
        assert shown[-1].endswith(KIND + question.answers[0])  # the oracle shows the right kind


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("worked", [True, False])
@pytest.mark.parametrize("clauses", [[], ["Lease: rent is due." + KIND + "Payment Terms"]])
def test_a_prompt_ends_with_the_question_and_starts_with_one_instruction(five, task, worked, clauses):
    messages = five.messages("What is due?", task, clauses, worked)
    roles = [message["role"] for message in messages]
    assert roles[0] == "system"
    assert roles[1:] == ["user", "assistant"] * ((len(roles) - 2) // 2) + ["user"]
    assert "What is due?" in messages[-1]["content"]
    assert len(roles) == 2 + 2 * worked + 2 * (task == "classification" and bool(clauses))


# ------------------------------------------------------------------ the lessons


def test_no_question_of_a_test_family_is_trained_on(five):
    tested = {
        question.question for kind in ("qa", "classification", "summary") for question in five.test_questions(kind)
    }
    for training in ("closed-book", "RAFT"):
        shown = " ".join(message["content"] for messages, _ in five.lessons(training, 7) for message in messages)
        assert not [question for question in tested if question in shown]


def test_raft_shows_clauses_and_closed_book_shows_none(five):
    raft, closed = five.lessons("RAFT", 7), five.lessons("closed-book", 7)
    assert all(messages for messages, _ in raft)
    assert sum("Clauses:" in messages[-1]["content"] for messages, _ in raft) > 1000
    assert not any("Clauses:" in message["content"] for messages, _ in closed for message in messages)
    assert [text for messages, text in closed if not messages] == five.passages() != []
    assert all(answer for _, answer in raft + closed)


def test_a_contract_without_sections_is_read_in_pieces(five):
    whole = next(contract for contract in five.searched if len(contract.text) > 1800)
    bare = FiveTasks("authored", [replace(whole, sections=())], Letters())
    assert len(bare.passages()) == -(-len(whole.text) // 900)
    assert all(text.startswith(f"{whole.title}: ") for text in bare.passages())


@pytest.mark.parametrize(
    "ended", ["interrupted after step 3; run the cell again", "diverged: the loss of step 4 is 99"]
)
def test_a_training_that_was_not_finished_answers_nothing(five, tmp_path, monkeypatch, ended):
    run = Run(Settings("3.3", "smoke", results_dir=tmp_path))
    kept = Adapter("3.3 RAFT 7", "offline", "b" * 64, "d" * 64, "w" * 64, {"steps": 2, "ended": ended})
    monkeypatch.setattr(readers, "fit", lambda adapters, *_: _write_record(adapters.folder / kept.name, kept))
    (run.adapters.folder / kept.name).mkdir(parents=True)
    grid_of = readers.Readers(five, run, steps=2, batch=2)
    with pytest.raises(ModelError, match=f"'3.3 RAFT 7' was not finished, so nothing is asked of it: {ended}"):
        grid_of.speaker("RAFT", 7)


@pytest.mark.slow
def test_the_closed_book_row_is_trained_and_asked_with_the_real_model(five, tmp_path):
    run = Run(Settings("3.3", "smoke", results_dir=tmp_path))
    grid_of = readers.Readers(five, run, steps=1, batch=1)
    items = [Item(asked(task)[0].id, asked(task)[0].question, task) for task in TASKS]
    before = grid_of.general_loss("none", 7)
    answers = grid_of.answer("closed-book", 7, items, {item.id: [] for item in items}, search_s=0.5)
    assert [(answer.contexts, answer.seconds["search"]) for answer in answers] == [((), 0.5)] * len(TASKS)
    assert all(answer.input_tokens > 20 and 0 < answer.output_tokens <= 10 for answer in answers)
    record = run.adapters.read("3.3 closed-book 7")
    assert record.recipe["steps"] == grid_of.recipe("closed-book", 7).steps > grid_of.recipe("RAFT", 7).steps == 1
    assert grid_of.weights("closed-book", 7) == record.weights_sha256 != grid_of.weights("none", 7) == ""
    assert 0 < abs(grid_of.general_loss("closed-book", 7) - before) < 3


def test_lessons_depend_on_the_seed_and_on_nothing_else(five):
    assert five.lessons("RAFT", 7) == five.lessons("RAFT", 7) != five.lessons("RAFT", 8)


def test_an_unknown_training_is_named(five):
    with pytest.raises(ValueError, match="unknown training 'DPO': choose closed-book or RAFT"):
        five.lessons("DPO", 7)


# ------------------------------------------------------------------ the scores


def scored(five, question, text):
    return five.score([question], [text], [[]]).iloc[0]


@pytest.mark.parametrize("task", ["qa", "multi-document", "classification"])
def test_the_right_answer_scores_one_and_another_scores_nothing(five, task):
    for question in asked(task):
        row = scored(five, question, question.answers[0])
        assert (row["correct"], row["task"]) == (1.0, task)
        assert scored(five, question, "the moon")["correct"] == 0.0


def test_a_refusal_is_right_only_where_there_is_no_answer(five):
    assert scored(five, asked("refusal")[0], "not stated")["correct"] == 1.0
    assert scored(five, asked("refusal")[0], "30 days")["correct"] == 0.0
    assert scored(five, asked("qa")[0], "not stated")["correct"] == 0.0


def test_naming_every_kind_is_no_classification(five):
    question = asked("classification")[0]
    assert scored(five, question, "; ".join(five.kinds))["correct"] == 0.0
    assert scored(five, question, question.answers[0].lower() + ".")["correct"] == 1.0


def test_a_summary_earns_the_share_of_its_facts(five):
    question = asked("summary")[0]
    half = len(question.answers) // 2
    assert scored(five, question, "\n".join(question.answers))["correct"] == 1.0
    assert scored(five, question, "\n".join(question.answers[:half]))["correct"] == pytest.approx(
        half / len(question.answers)
    )
    assert scored(five, question, "")["correct"] == scored(five, question, "not stated")["correct"] == 0.0


def test_an_invented_number_is_counted_by_line(five):
    question = asked("summary")[0]
    assert scored(five, question, "\n".join(question.answers))["invented"] == 0
    assert (
        scored(five, question, "\n".join([*question.answers, "Fee: EUR 987,654", "Term: 777 years", "Law: fair"]))[
            "invented"
        ]
        == 2
    )
    assert scored(five, asked("qa")[0], "Fee: EUR 987,654")["invented"] == 0


def test_other_forms_of_a_fact_count(five):
    question = replace(asked("summary")[0], answers=("Notice: 30 days",), facts=("some.fact",))
    five._forms["some.fact"] = ("thirty (30) days",)
    assert scored(five, question, "thirty (30) days of notice")["correct"] == 1.0


# ------------------------------------------------------------------ the tests over families

FAMILIES = ["a", "a", "b", "b", "b", "c", "d", "d"]


def test_with_one_question_in_a_family_it_is_the_t_test():
    from scipy.stats import ttest_1samp

    values = np.array([0.3, -0.1, 0.4, 0.2, 0.0])
    assert p_of_difference(values, list("abcde")) == pytest.approx(ttest_1samp(values, 0).pvalue)


def test_two_equal_families_prove_nothing():
    assert p_of_difference([1.0, 1.0], ["a", "b"]) == 0.5
    assert p_of_difference([1.0] * 5, list("abcde")) == pytest.approx(2 / 2**5)


def test_equality_needs_a_narrow_band():
    mean, error, freedom = family_mean([0.01, -0.01, 0.02, 0.0, 0.0, 0.01, -0.02, 0.0], FAMILIES)
    from scipy.stats import t

    low, high = mean - t.ppf(0.95, freedom) * error, mean + t.ppf(0.95, freedom) * error
    for margin in (abs(low) * 1.01, abs(low) * 0.99, high * 1.01, high * 0.99):
        assert (tost_p([0.01, -0.01, 0.02, 0.0, 0.0, 0.01, -0.02, 0.0], FAMILIES, margin) < 0.05) == (
            -margin < low and high < margin
        )


def test_a_family_alone_is_refused():
    with pytest.raises(ValueError, match="at least two of them, but there are 1"):
        family_mean([1.0, 0.0], ["a", "a"])
    with pytest.raises(ValueError, match="above 0, but is -1"):
        tost_p([1.0, 0.0], ["a", "b"], -1)


def test_the_corrections_are_those_of_the_package():
    generator = np.random.default_rng(3)
    questions = [f"q{number}" for number in range(30)]
    families = {question: f"f{number % 5}" for number, question in enumerate(questions)}
    scores = {name: dict(zip(questions, generator.random(30), strict=True)) for name in "abcd"}
    pairs = [("a", "b"), ("c", "b"), ("d", "b")]
    single = {
        new: compare_pairs(scores, families, [(new, old)], p_of_difference, holm)[new, old][1] for new, old in pairs
    }
    together = compare_pairs(scores, families, pairs, p_of_difference, holm)
    assert [p for _, p in together.values()] == pytest.approx(list(holm(single).values()))
    assert by_type([], [], [], p_of_difference, holm) == {}


def test_the_sentence_in_front_of_what_was_found():
    found = best_sentence_first(
        "Which law governs?", ["Rent is due. The law of Oslo governs it.", "No more."], word_overlap
    )
    assert found[0] == "The law of Oslo governs it."


# ------------------------------------------------------------------ figures


def test_figures_are_drawn_with_cells_that_are_missing():
    cells = {("none", "none"): (3.0, 0.0, 9.0), ("RAFT", "oracle"): (60.0, 50.0, 70.0)}
    drawn = [
        figures.heat_maps({"qa": cells, "refusal": {}}, ("none", "closed-book", "RAFT"), CONTEXTS),
        figures.waterfall({"none": (40.0, 20.0), "RAFT": (50.0, 55.0)}),
        figures.frontier({"none x none": (0.2, 3.0, 0.0, 8.0), "none x retrieved": (0.5, 20.0, 10.0, 30.0)}),
        figures.beside(
            {"study": {"none x none": 48.0, "none x retrieved": 87.0}},
            {"none x none": 3.0},
            ["none x none", "none x retrieved"],
        ),
        figures.beside({}, {}, ["none x none"]),
    ]
    words = [text.get_text() for text in drawn[0].axes[0].texts]
    assert words.count("not run") == 7 and "3\n[0, 9]" in words
    assert all(figure.axes for figure in drawn)


def test_only_cells_that_nothing_beats_are_joined():
    figure = figures.frontier(
        {"slow": (2.0, 10.0, 5.0, 15.0), "fast": (1.0, 20.0, 15.0, 25.0), "best": (3.0, 40.0, 30.0, 50.0)}
    )
    assert list(figure.axes[0].lines[0].get_xdata()) == [1.0, 3.0]


# ------------------------------------------------------------------ the source


def test_the_hypotheses_stand_before_every_result():
    assert LAB.index("HYPOTHESES = {") < LAB.index("run_benchmark(")
    assert sorted(set(re.findall(r'"(H\d)": Hypothesis', LAB))) == [f"H{number}" for number in range(1, 7)]


def test_a_lab_stays_within_its_cells():
    assert LAB.count("\n# %%") + 1 <= 55


def test_the_published_rows_are_those_of_the_papers():
    rows = ("[48.1, 87.5, 50.4, 81.0]", "[35.3, 58.5, 21.9, 32.6]")
    rows += ("[17.0, 76.1, 21.8, 82.1]", "[0.5, 0.0, 6.4, 4.4, 35.3]", "[56.5, 58.8, 59.7, 71.6, 73.3]")
    assert all(row in LAB for row in rows)
