"""The page on which people read a corpus: complete, escaped, without network, with filters."""

from collections import defaultdict

import pytest
from bs4 import BeautifulSoup

from llm_workbook.__main__ import main
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.corpus.records import Contract, Question, Section, Span
from llm_workbook.show.browser import corpus_page

EVIL = "<script>alert('x')</script> & \"quoted\""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of the authored corpus as the command writes it."""
    out = tmp_path_factory.mktemp("page") / "new" / "corpus.html"
    assert main(["corpus", "show", "--html", "--out", str(out)]) == 0
    assert [path.name for path in out.parent.iterdir()] == ["corpus.html"]
    return BeautifulSoup(out.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def questions():
    tasks = ("qa", "classification", "summary")
    return [
        q for split in ("train", "dev", "test") for task in tasks for q in load_questions("authored", split, task=task)
    ]


def small(text="0123456789 " + EVIL + " tail", **changes):
    contract = Contract("d", "Title " + EVIL, "family", "test", text, (Section("", "x", 0, len(text)),), {"kind": EVIL})
    values = {"id": "q", "type": "lookup", "task": "qa", "question": "Which " + EVIL, "answers": (EVIL,),
    "evidence": (Span("d", 2, 5),),
              "documents": ("d",), "family": "family", "split": "test", "labels": ("hard", EVIL)} | changes  # fmt: skip
    return contract, Question(**values)


def test_every_question_stands_on_the_page_with_its_filter_attributes(page, questions):
    shown = {int(li["data-q"]): li for li in page.select("article li")}
    assert len(shown) == len(questions)
    for number, question in enumerate(questions):
        li = shown[number]
        assert li.q.get_text() == question.question
        assert (li["data-type"], li["data-task"], li["data-split"]) == (question.type, question.task, question.split)
        assert li["data-label"] == "|".join(question.labels)


def test_every_contract_is_listed_and_whole(page):
    contracts = load_contracts()
    assert [link.span.get_text() for link in page.select("nav a[href^='#c']")] == [
        contract.title for contract in contracts
    ]
    for contract, article in zip(contracts, page.select("article[id^=c]"), strict=True):
        text = "".join(part.get_text() for part in article.select(".text"))
        assert "".join(text.split()) == "".join(contract.text.split())


def test_marks_are_the_evidence_and_stand_in_the_row_of_their_question(page, questions):
    texts = {contract.id: contract.text for contract in load_contracts()}
    marks = defaultdict(str)
    for mark in page.find_all("mark"):
        for number in mark["data-q"].split():
            marks[number] += mark.get_text()
    for number, question in enumerate(questions):
        spans = sorted(question.evidence, key=lambda span: (list(texts).index(span.document), span.start))
        assert (
            marks[str(number)].split() == "".join(texts[span.document][span.start : span.end] for span in spans).split()
        )
    for row in page.find_all("div", class_="row"):
        inside = {number for mark in row.find_all("mark") for number in mark["data-q"].split()}
        assert {li["data-q"] for li in row.find_all("li")} <= inside


def test_filters_offer_every_type_and_label_with_its_count(page, questions):
    for name, values in {
        "type": {q.type for q in questions},
        "label": {label for q in questions for label in q.labels},
    }.items():
        options = page.select(f'select[name="{name}"] option')
        assert [option["value"] for option in options] == ["", *sorted(values)]
    n = sum(q.type == "lookup" for q in questions)
    assert page.select_one('option[value="lookup"]').get_text() == f"lookup ({n})"


def test_text_of_the_corpus_is_never_markup():
    contract, question = small()
    page = corpus_page("name " + EVIL, [contract], [question])
    assert page.count("<script>") == 1 and EVIL not in page
    soup = BeautifulSoup(page, "html.parser")
    assert soup.select_one(".text").get_text() == contract.text and soup.li["data-label"] == f"hard|{EVIL}"


def test_page_fetches_nothing_and_runs_only_its_own_script(page):
    policy = page.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy.startswith("default-src 'none'") and "script-src 'sha256-" in policy
    assert not page.select("[src], link") and all(link["href"].startswith("#") for link in page.select("[href]"))


def test_overlapping_spans_are_cut_and_questions_without_evidence_are_kept():
    contract, first = small()
    _, second = small(evidence=(Span("d", 4, 8),), documents=("d", "gone"))
    _, absent = small(evidence=(), question="Absent?")
    _, nowhere = small(evidence=(), documents=(), question="Nowhere?")
    soup = BeautifulSoup(corpus_page("x", [contract], [first, second, absent, nowhere]), "html.parser")
    assert [(mark["data-q"], mark.get_text()) for mark in soup.select("mark")] == [
        ("0", "23"),
        ("0 1", "4"),
        ("1", "567"),
    ]
    assert [li["data-q"] for li in soup.select("article details li")] == ["2"]
    assert [li["data-q"] for li in soup.select("#none li")] == ["3"]


def test_long_text_without_sections_is_cut_before_evidence():
    text = "\n".join(["filler " * 100, "evidence here", "filler " * 100])
    contract, question = small(text, evidence=(Span("d", text.index("evidence"), text.index(" here")),))
    rows = BeautifulSoup(corpus_page("x", [contract], [question]), "html.parser").select(".row")
    assert [len(row.select("li")) for row in rows] == [0, 1] and rows[1].get_text().startswith("evidence here")


def test_command_says_what_is_wrong(tmp_path, capsys):
    assert (
        main(["corpus", "show", "--html", "--corpus", f"folder:{tmp_path}/none", "--out", str(tmp_path / "x.html")])
        == 1
    )
    assert "there is no folder" in capsys.readouterr().err and not (tmp_path / "x.html").exists()


def test_command_lists_contracts_in_the_terminal(capsys):
    assert main(["corpus", "show"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(load_contracts())
