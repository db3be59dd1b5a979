"""What lab 1.1 says about questions and answers, its picture, and the script that a learner takes home."""

import re

import langchain.chat_models
import langchain_huggingface
import pandas as pd
import pytest
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import FakeListChatModel

from llm_workbook.benchmark.reading import of_one_clause
from llm_workbook.benchmark.search import place_of
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.labs.lab_1_1 import figures, reading
from llm_workbook.labs.lab_1_1.indexes import AT_ONCE, fill
from llm_workbook.labs.lab_1_1.reading import (
    KINDS,
    cause,
    from_nowhere,
    kind,
    right_clauses,
    share_from_nowhere,
    which_repair,
)
from llm_workbook.settings import ROOT

SOURCE = (ROOT / "solutions/1_rag/1.1_baseline_and_ruler.py").read_text(encoding="utf-8")
ASKED = next(question for question in load_questions() if question.answers[0] == "30 days")
CLAUSE = ["Supply contract, Payment: Invoices are due within thirty (30) days."]


def test_one_clause_means_the_same_as_on_the_ladder():
    kinds = {question.id: kind(question) for question in load_questions()}
    assert set(kinds.values()) == set(KINDS)
    for question in load_questions():
        assert (kinds[question.id] == "one clause") == bool(of_one_clause([question]))
        assert (kinds[question.id] == "no answer") == (not question.answerable)


def test_every_type_is_defined_in_the_lab():
    defined = set(re.findall(r"^# \| [\w ]*\| (\w+) \|", SOURCE, re.MULTILINE))
    assert {question.type for question in load_questions()} <= defined


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("not stated", reading.REFUSED),
        ("thirty-teen (30) days", reading.FROM_NOWHERE),
        ("seventeen days", reading.FROM_NOWHERE),
        ("30 days, the invoices", reading.SECOND_VALUE),
        ("within invoices", reading.OTHER_WORDS),
    ],
)
def test_why_an_answer_is_wrong(answer, why):
    assert cause(answer, CLAUSE, ASKED) == why


def test_a_word_from_nowhere_is_in_no_clause_and_not_in_the_question():
    assert from_nowhere("due in 30 days", CLAUSE, "When?") == []  # thirty is 30
    assert from_nowhere("due in 31 days", CLAUSE, "When?") == ["31"]
    assert from_nowhere("due in 31 days", CLAUSE, "In 31 weeks?") == []
    assert from_nowhere("not stated", CLAUSE, "When?") == []
    assert share_from_nowhere(["30 days", "31 days"], [CLAUSE] * 2, [ASKED] * 2) == 0.5
    with pytest.raises(ValueError):
        share_from_nowhere(["30 days"], [], [ASKED])


def test_the_right_clauses_contain_the_answer_and_their_contracts_title():
    find = right_clauses(load_contracts())
    contracts = {contract.id: contract for contract in load_contracts()}
    asked = [question for question in load_questions() if kind(question) == "one clause"][:20]
    for question in asked:
        (clause,) = find(question)
        assert clause.startswith(contracts[question.evidence[0].document].title)
    assert find(next(question for question in load_questions() if not question.evidence)) == []


def test_an_index_is_emptied_before_it_is_filled_and_knows_places(tmp_path):
    chunks = [Document(f"text {n}", metadata={"document": "d", "start_index": n}) for n in range(AT_ONCE + 5)]
    for _ in range(2):
        index = Chroma("some", DeterministicFakeEmbedding(size=8), persist_directory=str(tmp_path))
        fill(index, chunks)
    again = Chroma("some", DeterministicFakeEmbedding(size=8), persist_directory=str(tmp_path))
    assert len(again.get()["ids"]) == len(chunks)
    assert place_of(again.similarity_search("text 7", k=1)[0]).end == 7 + len("text 7")


def test_the_square_has_a_bar_for_each_pair_and_says_where_it_begins_and_ends():
    def rows(right):
        return pd.DataFrame({"correct": [1.0] * right + [0.0] * (10 - right), "family": list("aabbccddee")})

    answers = {(search, reader): rows(n) for n, (search, reader) in enumerate([("a", "x"), ("b", "x"), ("a", "y")])}
    figure = figures.square({**answers, ("b", "y"): rows(8)})
    title = figure.axes[0].get_title(loc="left")
    assert title == "Naive search and untuned reader 0 %; right clause and domain reader 80 %"
    assert len(figure.axes[0].patches) == 4


def test_the_script_to_take_home_runs(tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"^# ```python\n(.*?)^# ```$", SOURCE, re.DOTALL | re.MULTILINE)
    code = re.sub(r"^# ?", "", code, flags=re.MULTILINE)
    assert 15 <= len([line for line in code.splitlines() if line.strip()]) <= 30 and "llm_workbook" not in code
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "Supply contract.txt").write_text("The warranty lasts two years. {x}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda *_, **__: FakeListChatModel(responses=["two"]))
    monkeypatch.setattr(langchain_huggingface, "HuggingFaceEmbeddings", lambda **_: DeterministicFakeEmbedding(size=8))
    exec(code, {})
    assert capsys.readouterr().out == "two\n"


def test_a_repair_helps_alone_when_it_brings_more_than_half_of_what_both_bring():
    keys = [(search, reader) for reader in ("untuned", "domain") for search in ("naive", "right")]

    def answer(*shares: float) -> str:
        rows = {key: pd.DataFrame({"correct": [share]}) for key, share in zip(keys, shares, strict=True)}
        return which_repair(rows, ["search", "reader", "both"])[1]

    assert answer(0.0, 0.5, 0.1, 0.8) == "search"
    assert answer(0.0, 0.1, 0.5, 0.8) == "reader"
    assert answer(0.0, 0.3, 0.2, 0.8) == "both"
