"""Lab 2.1: what its room computes. Its exercises are tested in tests/test_exercises.py, which finds them by itself."""

from collections import Counter

import pytest
from langchain_core.messages import AIMessage

from llm_workbook import start
from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import CorpusError
from llm_workbook.labs.lab_2_1 import exam, leaks, tables
from llm_workbook.labs.lab_2_1.card import data_card, reopened, save
from llm_workbook.labs.lab_2_1.labels import filter_table, load_labels, wrongly_kept, yields
from llm_workbook.labs.lab_2_1.own import example_folder
from llm_workbook.labs.lab_2_1.pairs import (
    Clause,
    answer_kind,
    asks_for_its_kind,
    clauses_of,
    fingerprint,
    from_facts,
    from_folder,
    from_values,
    to_teach,
    written,
    written_before,
)
from llm_workbook.labs.lab_2_1.readings import readings
from llm_workbook.taught.lab_2_1 import copied_share, first_of_its_kind, is_stated


@pytest.fixture(scope="module")
def ruled():
    return from_values(clauses_of(to_teach("authored")))


def test_a_rule_asks_only_for_what_stands_once_in_its_clause(ruled):
    assert len(ruled) > 50
    assert all(is_stated(pair.answer, pair.body) and pair.body.count(pair.answer) >= 1 for pair in ruled)
    two = Clause("Lease, Pay: Pay within 14 days. The deposit comes back in 30 days, EUR 5.", "Lease", "Pay", "a", "a")
    assert [pair.kind for pair in from_values([two])] == ["amount"]


def test_pairs_come_from_train_families_only(ruled):
    from llm_workbook.corpus.load import load_contracts

    tests = {contract.family for split in ("dev", "test") for contract in load_contracts("authored", split)}
    assert not tests & {pair.family for pair in [*ruled, *written_before()]}


@pytest.mark.parametrize(
    ("reply", "question", "answer"),
    [
        ("Question: How long?\nAnswer: 30 days", "How long?", "30 days"),
        ("How long?\n Answer:  30\ndays", "How long?", "30 days"),
        ("Question: How long?", "How long?", ""),
        ("", "", ""),
    ],
)
def test_a_reply_becomes_a_pair(reply, question, answer):
    pair = written(reply, Clause("Lease: Pay.", "Lease", "", "a", "a"))
    assert (pair.question, pair.answer) == (question, answer)


def test_a_question_asks_for_the_kind_of_its_answer():
    assert asks_for_its_kind("What amount is due?", "EUR 5,000")
    assert not asks_for_its_kind("What insurance is required?", "EUR 5,000")
    assert asks_for_its_kind("Who repairs it?", "Harbour Works Ltd")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("thirty (30) days", "period"),
        ("EUR 5,000,000", "amount"),
        ("two per cent", "percentage"),
        ("the 8th day of December 2022", "date"),
        ("Finnish law", "law"),
        ("the latest signed amendment", "other"),
    ],
)
def test_an_answer_has_a_kind(answer, kind):
    assert answer_kind(answer) == kind


def test_the_exam_asks_families_that_no_set_contains(ruled):
    run = start("2.1", profile="live")
    asked = exam.exam_questions(run)
    families = Counter(question.family for questions in asked.values() for question in questions)
    assert len(families) == 20 and set(families.values()) <= {2, 3, 5}  # 3 on a processor without bf16
    assert not set(families) & {pair.family for pair in [*ruled, *from_facts("authored"), *written_before()]}


def test_scores_say_what_was_asked_for():
    asked = {region: exam.of_each_family(load_questions(region, "dev"), 2) for region in ("authored", "authored:1")} | {
        "authored:2": []
    }
    scores = exam.answers_of(Silent(), asked)
    assert set(scores["type"]) == {exam.PERIODS, exam.OTHERS} and len(scores) == 8
    table = exam.rates({"silent": scores})
    assert table.loc["silent", "all"].startswith("0 % [0, ")
    right = scores.assign(correct=1.0)
    assert len(exam.beside({"a": scores, "b": right}, asked, most=3)) == 3


def test_the_record_has_every_set_with_the_same_questions():
    answers = tables.recorded()
    sizes = answers.groupby(["set", "seed"])["question_id"].agg(["size", "nunique"])
    assert (sizes == 160).all().all() and {"one kind", "mix", "wild"} <= set(answers["set"])
    assert set(answers.loc[answers["set"] == "mix", "seed"]) == {7, 8, 9}
    assert tables.recorded_verdict(answers, "mix", "one kind").label == "better"
    one_seed = answers[(answers["set"] != "wild") | (answers["seed"] == 7)]
    assert "seeds" not in str(tables.recorded_verdict(one_seed, "mix", "wild"))
    columns = ["all", "period", "other kinds", "needless refusals", "right refusals", "seeds"]
    assert list(tables.record_table(answers)) == columns


class Silent:
    """A reader that says nothing."""

    def batch(self, prompts):
        return [AIMessage("", response_metadata={"seconds": 0.1}) for _ in prompts]


def test_the_labels_are_forty_and_say_why():
    labelled = load_labels()
    assert len(labelled) == 40 and all(one.good != bool(one.reason) for one in labelled)
    assert yields(labelled)["share"].tolist() == [0.15, 0.0, 0.7]
    table = filter_table(labelled, {"nothing": lambda pair: False})
    assert table.loc["no filter", "kept"] == 40 and table.loc["nothing", "precision"] == "none passes"
    assert len(wrongly_kept(labelled, lambda pair: True)) == 30


@pytest.mark.parametrize("seed", [1, 7, 8])
def test_the_search_finds_the_five_leaks_and_nearly_no_clean_row(ruled, seed):
    rows, is_leak, tests = leaks.planted(ruled, seed)
    texts = [leaks.words_to_compare(pair.body) for pair in tests]
    found = [copied_share(leaks.words_to_compare(row.body), texts, 8) >= 0.9 for row in rows]
    assert sum(is_leak) == 5 and all(one for one, leak in zip(found, is_leak, strict=True) if leak)
    assert sum(found) <= 6
    questions = {pair.question for pair in tests}
    assert sum(row.question in questions for row, leak in zip(rows, is_leak, strict=True) if leak) == 3


def test_a_reading_shows_the_clause_of_each_question_and_asks_each_answer_once(ruled):
    made = readings(ruled, turns=8, seed=7)
    for clauses, asked in [next(made) for _ in range(30)]:
        assert len(clauses) == 3 and 1 <= len(asked) <= 8
        assert all(any(is_stated(answer, clause) for clause in clauses) for _, answer in asked)
    assert all(len(asked) == 1 for _, asked in [next(readings(ruled, turns=1, seed=7))])
    assert list(readings([], turns=1, seed=7)) == []


def test_the_same_row_counts_once():
    assert first_of_its_kind([("How long?", "a"), ("how long", "A"), ("How long?", "b")]) == [True, False, True]


def test_the_set_is_the_same_when_it_is_opened_again(ruled, tmp_path):
    folder = save(ruled, tmp_path / "set")
    assert fingerprint(reopened(folder)) == fingerprint(ruled) == fingerprint(ruled[::-1]) != fingerprint(ruled[1:])
    card = data_card(ruled, filter_table(load_labels(), {}), "authored", folder)
    assert fingerprint(ruled) in str(card) and (folder / "README.md").read_text().startswith("# Data card")
    save(ruled[:3], folder)  # again, in place of the first
    assert reopened(folder).num_rows == 3
    with pytest.raises(ValueError, match="no pair to save"):
        save([], folder)


def test_a_folder_of_ones_own_goes_through_the_factory(tmp_path):
    pairs = from_folder(example_folder(tmp_path / "own"))
    assert {pair.answer for pair in pairs} >= {"EUR 310", "4 May 2021"}
    assert all(is_stated(pair.answer, pair.body) for pair in pairs)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("Hello.", "has a clause"), ("All is well between the parties to this lease. " * 3, "exactly one")],
)
def test_a_folder_without_a_question_says_so(tmp_path, text, sentence):
    (tmp_path / "lease.txt").write_text(text)
    with pytest.raises(CorpusError, match=sentence):
        from_folder(tmp_path)


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(CorpusError, match="no document"):
        from_folder(tmp_path)
