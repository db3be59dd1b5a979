"""Lab 0: the answers that it shows are right with the right clause cited, and what others wrote is shown as text."""

import pytest
from bs4 import BeautifulSoup

from llm_workbook.benchmark.reading import of_one_clause
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.corpus.records import Contract, Question, Section, Span
from llm_workbook.labs.lab_0 import box, chosen
from llm_workbook.labs.lab_0.assistant import NAIVE_K, RUNG, Assistant, Clause, K, Reply, cite, naive_rag, searched
from llm_workbook.measure.answers import score_answers
from llm_workbook.run import Run
from llm_workbook.settings import Settings
from tools.domain.ladder import RUNGS

TEXT = "1. Notice\nThe Buyer shall give thirty (30)\ndays' notice.\n2. Law\nThe law of Ireland applies for 30 days."
MSA = Contract(
    "msa", "Supply Agreement", "family", "test", TEXT,
    (Section("1", "Notice", 0, 56), Section("2", "Law", 56, len(TEXT))), {"code": "MSA-1"},
)  # fmt: skip
NOTICE, LAW = Clause(MSA, Span("msa", 0, 56)), Clause(MSA, Span("msa", 56, len(TEXT)))


@pytest.fixture
def run(tmp_path):
    return Run(Settings("0", "smoke", results_dir=tmp_path))


# ------------------------------------------------------------------ the citation


@pytest.mark.parametrize(
    "answer, passage",
    [
        ("thirty (30) days", "thirty (30)\ndays"),
        ("Thirty (30) days.", "thirty (30)\ndays"),
        ("30 days", "30 days"),
        ("the law of Ireland", "The law of Ireland"),
    ],
)
def test_an_answer_is_found_in_its_clause_whatever_its_line_ends_and_capitals(answer, passage):
    assert MSA.text_of(cite(answer, [NOTICE, LAW])) == passage


@pytest.mark.parametrize("answer", ["0 days", "law of Ire", "60 days", "not stated", "", "..."])
def test_a_part_of_a_word_another_value_or_a_refusal_is_no_citation(answer):
    assert cite(answer, [NOTICE, LAW]) is None


def test_of_two_clauses_with_the_words_the_one_found_first_is_cited():
    other = Clause(MSA, Span("msa", 60, len(TEXT)))
    reply = Reply("How long?", "30 days", (other, LAW), cite("30 days", [other, LAW]))
    assert reply.clause is other


def test_a_source_names_contract_code_and_clause():
    assert str(NOTICE) == "Supply Agreement · MSA-1 · 1 Notice"
    schedule = Contract("a", "Lease", "f", "test", "Price 5", (Section("B", "Schedule B - Prices", 0, 7),))
    assert str(Clause(schedule, Span("a", 0, 7))) == "Lease · Schedule B - Prices"


# ------------------------------------------------------------------ what is shown


def test_the_words_of_the_answer_are_marked_in_the_clause():
    reply = Reply("How long?", "thirty (30) days", (LAW, NOTICE), cite("thirty (30) days", [LAW, NOTICE]))
    assert [one.get_text() for one in BeautifulSoup(reply._repr_html_(), "lxml")("mark")] == ["thirty (30)\ndays"]
    assert "Source: Supply Agreement · MSA-1 · 1 Notice\n" in str(reply) and ">>thirty (30) days<<" in str(reply)


@pytest.mark.parametrize("answer, said", [("not stated", "It found no answer"), ("90 days", "do not rely on them")])
def test_without_a_source_the_clauses_that_were_read_are_named(answer, said):
    reply = Reply("How long?", answer, (LAW, NOTICE), cite(answer, [LAW, NOTICE]))
    assert reply.clause is None
    for shown in (str(reply), BeautifulSoup(reply._repr_html_(), "lxml").get_text()):
        assert said in shown and "2 Law" in shown and "1 Notice" in shown


@pytest.mark.parametrize("cited", [True, False])
def test_contract_question_and_answer_are_text_and_never_markup(cited):
    evil = "<img src=http://evil.test/a.png onerror=alert(1)> $x$ <b>fee</b>"
    contract = Contract("a", evil, "f", "test", evil, (Section("9", evil, 0, len(evil)),), {"code": evil})
    clause = Clause(contract, Span("a", 0, len(evil)))
    reply = Reply(evil, evil, (clause,), Span("a", 5, 9) if cited else None)
    page = BeautifulSoup(reply._repr_html_(), "lxml")
    known = {"html", "body", "div", "br", "b", "i", "mark", "ol", "li", "span"}
    assert {tag.name for tag in page(True)} <= known and page.get_text().count("<b>fee</b>") >= 3
    assert "$x$" not in reply._repr_html_()


def test_the_table_shows_answers_as_text_and_marks_the_right_ones():
    question = Question("q", "lookup", "qa", "Fee | a?", ("30 days",), (), (), "f", "test")
    table = chosen.beside([question], [Reply("Fee?", "30 days", (), None)], ["[x](javascript:alert(1))"])
    cells = table.markdown.splitlines()[2].split(" | ")
    assert len(cells) == 4 and cells[2].startswith("✘ &#91;x") and cells[3] == "✔ 30 days |"
    assert chosen.count_right([question] * 2, ["30 days", "60 days"]) == 1


def test_the_box_asks_once_for_enter_and_button_and_says_what_is_wrong(monkeypatch):
    import ipywidgets
    from IPython import display as ipython_display

    shown, asked = [], []

    class Handle:
        update = staticmethod(shown.append)

    def display(*objects, display_id=False):
        shown.extend(objects)
        return Handle()

    def ask(question):
        asked.append(question)
        if question == " ":
            raise ValueError("a question needs <words>")
        return f"answer to {question}"

    monkeypatch.setattr(ipython_display, "display", display)
    monkeypatch.setattr(box, "interactive", lambda: True)
    box.ask_box(ask, "How long?")
    row = shown[0]
    assert isinstance(row, ipywidgets.HBox) and shown[1] == "answer to How long?"
    field, button = row.children
    field.value = "Which law?"
    button.click()
    assert asked == ["How long?", "Which law?"] and shown[-1] == "answer to Which law?"
    field.value = " "
    assert "&#60;words&#62;" in shown[-1].markdown


def test_without_a_live_notebook_the_box_shows_its_first_question(monkeypatch, capsys):
    monkeypatch.setattr(box, "interactive", lambda: False)
    box.ask_box(str.upper, "how long?")
    assert capsys.readouterr().out == "HOW LONG?\n"


# ------------------------------------------------------------------ which questions


def take(run, rows, monkeypatch):
    """Put an exam into the ledger and hide the recorded one. rows: (question, right, cited, right by naive RAG)."""
    monkeypatch.setattr(run.ledger, "recorded", run.settings.results_dir / "none")
    keys = [{"question_id": one.id, "type": one.type, "family": one.family} for one, *_ in rows]
    ours = [key | {"correct": right, "cited": cited} for key, (_, right, cited, _) in zip(keys, rows, strict=True)]
    naive = [key | {"correct": right} for key, (_, _, _, right) in zip(keys, rows, strict=True)]
    for (name, traits), table in zip(chosen.SYSTEMS.items(), (ours, naive), strict=True):
        run.ledger.append(name, table, traits=traits)


def test_the_three_are_right_cited_and_of_different_families_and_naive_rag_knows_the_last_only(run, monkeypatch):
    asked = of_one_clause(load_questions())
    kinds = [(1.0, True, 0.0), (1.0, False, 0.0), (0.0, True, 0.0), (1.0, True, 1.0)]
    rows = [(question, *kinds[place % 4]) for place, question in enumerate(asked)]
    take(run, rows, monkeypatch)
    kind = {question.id: rest for question, *rest in rows}
    questions = chosen.three_questions(run, None)
    assert [kind[question.id] for question in questions] == [[*kinds[0]], [*kinds[0]], [*kinds[3]]]
    assert len({question.family for question in questions}) == 3
    good = sum(place % 4 in (0, 3) for place in range(len(asked)))
    assert f"three of the {good} that" in str(chosen.how_chosen(run)) and f"of {len(asked)} questions" in str(
        chosen.how_chosen(run)
    )
    assert "it answers 25 % right, and the assistant 75 %" in chosen.over_the_exam(run)


def test_where_naive_rag_knows_none_three_others_are_shown(run, monkeypatch):
    take(run, [(question, 1.0, True, 0.0) for question in of_one_clause(load_questions())], monkeypatch)
    assert len({question.family for question in chosen.three_questions(run, None)}) == 3


def test_without_an_exam_nobody_says_that_the_three_were_chosen(run, monkeypatch):
    monkeypatch.setattr(run.ledger, "recorded", run.settings.results_dir / "none")
    questions = chosen.three_questions(run, None)
    assert len({question.family for question in questions}) == 3
    assert all(of_one_clause([one]) and one.split == "test" for one in questions)
    assert "Nobody chose" in str(chosen.how_chosen(run)) and chosen.over_the_exam(run) == ""


def test_all_contracts_are_searched_in_smoke_too(run):
    assert len(searched(run)) == len(load_contracts()) > len(run.contracts)


def test_of_a_folder_the_first_questions_are_shown_and_nobody_says_that_they_were_chosen(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The notice period is 30 days. The fee is EUR 5.")
    row = "How long?,30 days,a.txt,notice period is 30 days"
    (tmp_path / "docs" / "questions.csv").write_text(f"question,answer,document,quote\n{row}\n")
    own = Run(Settings("0", "live", results_dir=tmp_path / "results", corpus=f"folder:{tmp_path / 'docs'}"))
    assert [question.question for question in chosen.three_questions(own, None)] == ["How long?"]
    assert "Nobody chose" in str(chosen.how_chosen(own))
    assert chosen.question_without_answer(own)


def test_the_assistant_is_a_rung_of_the_ladder():
    assert (RUNGS["encoder"].name, RUNGS["encoder"].k) == (RUNG, K)
    assert (RUNGS["encoder"].unit, RUNGS["encoder"].encoder, RUNGS["encoder"].reader) == ("clauses", "domain", "domain")
    naive = RUNGS["naive"]
    assert (naive.unit, naive.encoder, naive.reader, naive.k) == ("chunks", "plain", "untuned", NAIVE_K)


def test_shares_come_from_the_ladder_or_are_not_given(monkeypatch):
    import pandas as pd

    monkeypatch.setattr(chosen, "ladder", pd.DataFrame)
    assert chosen.share(RUNG, "it") == "How it does over many questions is not recorded yet."
    row = {"rung": RUNG, "n": 450, "families": 15, "all": 41.4, "one_clause": 55.6, "one_low": 50.2, "one_high": 61.9}
    monkeypatch.setattr(chosen, "ladder", lambda: pd.DataFrame([row | {"right_refusals": 30.0}]))
    said = chosen.share(RUNG, "it")
    assert "450 questions of 15 other families it answers 41 %" in said and "56 % (95 % confidence interval 50" in said
    assert "which is wrong: no contract states it. Over many such questions it declines 30 %." in str(
        chosen.declined(Reply("?", "5 days", (), None))
    )
    assert str(chosen.declined(Reply("?", "not stated", (), None))).startswith("It declined, which is right.")


def test_the_exam_is_recorded_and_gives_three_questions_of_which_naive_rag_knows_one(run):
    exam = chosen._exam(run)
    assert exam is not None, "take the exam: python tools/record_results.py 0"
    known = {question.id for question in of_one_clause(load_questions())}
    assert set(exam["question_id"]) == known, "the corpus has changed: take the exam again"
    shown = exam.set_index("question_id").loc[[one.id for one in chosen.three_questions(run, None)]]
    assert list(shown["good"]) == [True] * 3 and list(shown["naive"]) == [False, False, True]


# ------------------------------------------------------------------ the real models


@pytest.mark.slow
def test_the_three_answers_are_right_with_the_right_clause_cited_and_naive_rag_is_wrong_twice(run):
    assert chosen._exam(run) is not None, "take the exam: python tools/record_results.py 0"
    questions = chosen.three_questions(run, None)
    replies = Assistant(run).ask_all([question.question for question in questions])
    scores = score_answers(questions, [reply.answer for reply in replies], [[] for _ in replies])
    assert scores["correct"].all() and not scores["refused"].any(), list(scores["answer"])
    for question, reply in zip(questions, replies, strict=True):
        assert len(reply.read) == K and chosen.cites_right(question, reply), str(reply)
        assert reply.clause.contract.id == question.evidence[0].document
    naive, chunks = naive_rag(run, questions)
    assert chosen.count_right(questions, naive) == 1, naive
    assert [len(shown) for shown in chunks] == [NAIVE_K] * 3


@pytest.mark.slow
def test_one_question_gets_the_answer_that_it_gets_among_others_and_an_empty_one_a_sentence(run):
    assistant, questions = Assistant(run), chosen.three_questions(run, None)
    asked = [question.question for question in questions]
    alone = assistant.ask(asked[0])
    assistant.release()
    assert "_reader" not in vars(assistant)
    assert assistant.ask_all(asked)[0] == alone
    with pytest.raises(ValueError, match="a question needs words, but one is ' '"):
        assistant.ask(" ")
