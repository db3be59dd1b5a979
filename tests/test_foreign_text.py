"""What documents, models and learners have written is shown letter by letter: no markup, formula, link or script."""

import re

import pytest
from bs4 import BeautifulSoup
from langchain_core.documents import Document
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from llm_workbook.corpus.records import Contract, Question, Section, Span
from llm_workbook.run import Run
from llm_workbook.settings import Settings
from llm_workbook.show.browser import corpus_page
from llm_workbook.show.passages import Passage, Passages
from llm_workbook.show.text import in_html, literal
from llm_workbook.show.training import TokenMask, TrainingView

EVIL = [
    "![x](http://evil.test/a.png)", "<img src=http://evil.test/a.png onerror=alert(1)>",
    "fee $5,000 or $250 _net_ of __tax__",
    "*a* **b** ~~c~~ `d`", "a | b | c", "[click](javascript:alert(1))", "http://evil.test/a", "www.evil.test",
    "HTTPS://EVIL.test/a", "WWW.evil.test", "a.b@evil.test", "mailto:a@evil.test", "100. item", "7) item", "123) item",
    "+ item", "ftp://evil.test",
    "</div></table><script>x()</script>",
    "# heading", "- item", "1. item", "> quote", "\\(x^2\\) and \\[y\\] and $$z$$", "&lt;b&gt; &amp;",
    "a\n\n# b\n\n- c", "---", "```python",
    "\\begin{align}x\\end{align}", "{{x}} <!-- y -->", "[^1]: note", "<b>bold", "'\" onmouseover=x '",
]  # fmt: skip
MARKDOWN = (
    MarkdownIt("gfm-like", {"html": True, "linkify": False}).enable(["table", "strikethrough"]).use(dollarmath_plugin)
)


def cells(markdown: str) -> list[str]:
    """The texts of a rendered table's cells, in which there is nothing but text."""
    page = BeautifulSoup(MARKDOWN.render(markdown), "lxml")
    assert {tag.name for tag in page(True)} <= {"html", "body", "table", "thead", "tbody", "tr", "th", "td"}
    return [cell.get_text() for cell in page(["td", "th"])]


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("evil", EVIL)
def test_a_table_of_answers_shows_them_letter_by_letter(evil):
    view = TrainingView(8)
    view.answers = {0: {evil: evil}, 4: {evil: evil}}
    assert cells(view.table().markdown) == ["the model is asked", "before", "step 4", *[one_line(evil)] * 3]


def test_a_long_answer_is_cut_before_it_is_escaped():
    view = TrainingView(8)
    view.answers = {0: {"q": "$_" * 100}}
    assert cells(view.table().markdown)[-1] == "$_" * 44 + "$…"


@pytest.mark.parametrize("evil", EVIL)
def test_literal_stands_in_a_sentence_and_in_a_list(evil):
    page = BeautifulSoup(MARKDOWN.render(f"- {literal(evil)} stands here"), "lxml")
    assert {tag.name for tag in page(True)} <= {"html", "body", "ul", "li"}
    assert page.get_text().strip() == f"{one_line(evil)} stands here"


@pytest.mark.parametrize(
    "link",
    ["http://e.test/a", "HTTPS://E.test", "ftp://e.test", "www.e.test", "WWW.e.test", "a.b@e.test", "mailto:a@e.test"],
)
def test_an_address_has_none_of_the_marks_that_a_notebook_makes_links_of(link):
    """JupyterLab's marked follows GFM's autolinks, in capitals too, and makes links of mail addresses."""
    assert not re.search(r"(?i)://|www\.|@", literal(link))


def shown(html: str) -> str:
    """The text of a piece of HTML that contains no markup but its own, and that no formula can begin in."""
    page = BeautifulSoup(html, "lxml")
    assert not page(["img", "script", "a", "h1", "ul"]) and not page(onerror=True) and not page(onmouseover=True)
    nodes = [str(node) for node in page(string=True)]
    assert not [node for node in nodes if re.search(r"\$.*\$|\\[(\[]|\\begin", node, re.S)]
    return page.get_text()


def evil_corpus(evil: str) -> tuple[Contract, Question]:
    contract = Contract(evil, evil, evil, "test", evil, (Section(evil, evil, 0, 1),), {"kind": evil})
    question = Question("1", evil, "qa", evil, (evil, evil), (Span(evil, 0, 1),), (evil,), evil, "test", labels=(evil,))
    return contract, question


@pytest.mark.parametrize("evil", EVIL)
def test_views_in_html_show_foreign_text_letter_by_letter(evil):
    question, span = evil_corpus(evil)[1], Span(evil, 0, len(evil))
    passages = Passages(evil, evil, [Passage(span, evil, evil, True)], question.evidence)
    views = [TokenMask([evil, evil], [-100, 1]), passages]
    for view in views:
        assert "".join(evil.split()) in "".join(shown(view._repr_html_()).replace("⏎", "").split())


@pytest.mark.parametrize("evil", EVIL)
def test_the_page_of_a_corpus_has_no_markup_of_its_documents(evil):
    contract, question = evil_corpus(evil)
    page = BeautifulSoup(corpus_page(evil, [contract], [question]), "lxml")
    assert not page("img") and len(page("script")) == 1 and not page(onerror=True) and not page(onmouseover=True)
    assert {link["href"][0] for link in page("a")} == {"#"}
    assert "".join(evil.split()) in "".join(page.get_text().split())


def test_html_keeps_line_breaks_and_the_letters():
    assert BeautifulSoup(in_html("a\n  $5 & <b>"), "lxml").get_text() == "a\n  $5 & <b>"


def test_a_table_of_pandas_sets_no_formulas(tmp_path):
    import pandas as pd

    from llm_workbook import start

    start("1.1", "smoke", results_dir=tmp_path)
    assert "tex2jax_ignore" in pd.DataFrame({"answer": ["$5,000 or $250"]})._repr_html_()


def test_the_passages_of_a_run_are_escaped(tmp_path):
    contract, question = evil_corpus(EVIL[1])
    chunk, span = Document(contract.text, metadata={"title": contract.title}), Span(contract.id, 0, len(contract.text))
    run = Run(Settings("1.1", "smoke", results_dir=tmp_path))
    assert EVIL[1] in shown(run.passages(question, [chunk], [span])._repr_html_())
