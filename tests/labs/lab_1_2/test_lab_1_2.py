"""What lab 1.2 teaches: invariants of every way to cut, bad inputs, what is embedded and what is shown, its pictures,
and the script to take home."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from llm_workbook.corpus.load import load_contracts
from llm_workbook.corpus.records import Question, Section, Span
from llm_workbook.labs.lab_1_2 import figures
from llm_workbook.labs.lab_1_2.budget import spend
from llm_workbook.taught import lab_1_2 as taught

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = load_contracts()[:6]
DOCUMENTS = [
    Document(
        c.text,
        metadata={
            "document": c.id, "start_index": 0, "end_index": len(c.text), "title": c.title, "code": c.metadata["code"],
            "parties": "; ".join(c.metadata["parties"]),
        },
    )
    for c in CONTRACTS
]  # fmt: skip
FAKE = DeterministicFakeEmbedding(size=8)
SECTIONS = [
    part for c, document in zip(CONTRACTS, DOCUMENTS, strict=True) for part in taught.by_section(document, c.sections)
]
CHILDREN, PARENTS = taught.small_to_big(SECTIONS, 150)
SENTENCES, WINDOWS = taught.sentence_window(SECTIONS)
WAYS = {
    "recursive": taught.recursive(DOCUMENTS, 300, 45),
    "sections": SECTIONS,
    "long sections": taught.recursive(SECTIONS, 800),
    "sentences": [sentence for document in DOCUMENTS for sentence in taught.sentences(document)],
    "semantic": taught.semantic(DOCUMENTS, FAKE),
    "children": CHILDREN,
    "parents": list(PARENTS.values()),
    "sentences of sections": SENTENCES,
    "windows": list(WINDOWS.values()),
}
each_way = pytest.mark.parametrize("pieces", [pytest.param(pieces, id=name) for name, pieces in WAYS.items()])


# ------------------------------------------------------------------ cutting


@each_way
def test_every_piece_stands_where_it_says(pieces):
    text = {contract.id: contract for contract in CONTRACTS}
    assert all(
        piece.page_content == text[piece.metadata["document"]].text_of(taught.span_of(piece)) for piece in pieces
    )


@each_way
def test_no_word_is_lost(pieces):
    for contract in CONTRACTS:
        held = np.zeros(len(contract.text), bool)
        for span in map(taught.span_of, pieces):
            if span.document == contract.id:
                held[span.start : span.end] = True
        left = "".join(sign for sign, inside in zip(contract.text, held, strict=True) if not inside)
        assert left.strip() == ""


@each_way
def test_every_piece_knows_its_contract(pieces):
    titles = {contract.id: contract.title for contract in CONTRACTS}
    assert all(piece.metadata["title"] == titles[piece.metadata["document"]] for piece in pieces)


def test_sizes_and_overlaps_are_kept():
    assert max(len(piece.page_content) for piece in WAYS["recursive"]) <= 300
    first, second = WAYS["recursive"][:2]
    assert taught.span_of(first).overlap(taught.span_of(second)) <= 45


def test_a_document_that_is_shorter_than_the_chunk_is_one_chunk():
    short = Document("Net 30.", metadata={"document": "l", "start_index": 0, "end_index": 7})
    assert [len(way) for way in (taught.recursive([short], 300), taught.sentences(short))] == [1, 1]


def test_sections_have_their_headings_and_the_text_between_has_none():
    text = "LEASE of 2 May\n\n12. Rent\nDue. Page 2 of 5 Schedule A\nPrices\n\nSigned: Ada"
    places = {body: text.index(body) for body in ("12. Rent\nDue.", "Schedule A\nPrices")}
    names = (("12", "Rent"), ("A", "Prices"))
    sections = [Section(*name, at, at + len(body)) for name, (body, at) in zip(names, places.items(), strict=True)]
    document = Document(text, metadata={"document": "l", "start_index": 0, "end_index": len(text)})
    parts = taught.by_section(document, sections)
    assert [part.metadata["heading"] for part in parts] == ["", "Rent", "", "Prices", ""]
    assert [part.page_content.strip() for part in parts][2::2] == ["Page 2 of 5", "Signed: Ada"]


@pytest.mark.parametrize("share", [0, 1, -0.2, 35])
def test_an_impossible_share_of_gaps_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        taught.semantic(DOCUMENTS, FAKE, share)


def test_semantic_chunks_end_where_the_meaning_changes():
    class ByFirstLetter(Embeddings):
        def embed_documents(self, texts):
            return [[1.0, 0.0] if text[0] == "A" else [0.0, 1.0] for text in texts]

        embed_query = None

    text = (
        "A first sentence about rent. A second sentence about rent. Before the ninth the goods are to be shipped. By"
        " sea they go out."
    )
    document = Document(text, metadata={"document": "l", "start_index": 0, "end_index": len(text)})
    chunks = taught.semantic([document], ByFirstLetter(), 0.4)
    assert [chunk.page_content[:8] for chunk in chunks] == ["A first ", "Before t"]


def test_more_gaps_make_more_chunks_and_one_sentence_is_one_chunk():
    counts = [len(taught.semantic(DOCUMENTS, FAKE, share)) for share in (0.1, 0.5, 0.9)]
    assert counts == sorted(set(counts))
    place = {"document": "l", "start_index": 0, "end_index": 35}
    alone = Document("A single sentence and nothing more.", metadata=place)
    assert taught.semantic([*DOCUMENTS[:1], alone], FAKE)[-1].page_content == alone.page_content


# ------------------------------------------------------------------ what is embedded, what is shown


def test_a_header_changes_what_is_embedded_and_not_what_is_shown():
    (headed,) = taught.with_header(SECTIONS[1:2], taught.header)
    contract, section = CONTRACTS[0], CONTRACTS[0].sections[0]
    name = ", ".join((contract.title, contract.metadata["code"], section.title))
    assert headed.page_content == f"{name}: {SECTIONS[1].page_content}"
    assert headed.metadata == SECTIONS[1].metadata


def test_without_a_header_the_text_stands_alone():
    (entry,) = taught.with_header([Document("Net 30.", metadata={"document": "l"})], taught.header)
    assert entry.page_content == "Net 30."


def test_the_sections_with_the_reference_header_are_the_workbooks_clause_entries():
    """What lab 1.2 ends with is the index that the domain reader and encoder were trained on."""
    from llm_workbook.benchmark.search import clause_entries, place_of

    headed = {taught.span_of(entry): entry for entry in taught.with_header(SECTIONS, taught.header)}
    same = [entry for entry in clause_entries(CONTRACTS) if place_of(entry) in headed]
    assert len(same) > 100
    assert all(" ".join(headed[place_of(one)].page_content.split()) == one.page_content for one in same)


def test_children_lie_in_the_parent_that_they_lead_to():
    assert all(len(child.page_content) <= 150 for child in CHILDREN)
    assert all(child.page_content in PARENTS[child.metadata["parent"]].page_content for child in CHILDREN)
    assert {child.metadata["parent"] for child in CHILDREN} == set(PARENTS)
    assert [taught.span_of(parent) for parent in PARENTS.values()] == [taught.span_of(part) for part in SECTIONS]


def test_a_window_holds_its_sentence_and_its_neighbours():
    entries, alone = taught.sentence_window(DOCUMENTS[:1], 0)
    assert [taught.span_of(window) for window in alone.values()] == [taught.span_of(entry) for entry in entries]
    entries, wide = taught.sentence_window(DOCUMENTS[:1], 1)
    window = taught.span_of(wide[entries[1].metadata["parent"]])
    assert (window.start, window.end) == (taught.span_of(entries[0]).start, taught.span_of(entries[2]).end)
    first = taught.span_of(wide[entries[0].metadata["parent"]])
    assert (first.start, first.end) == (taught.span_of(entries[0]).start, taught.span_of(entries[1]).end)
    with pytest.raises(ValueError, match="around = -1"):
        taught.sentence_window(DOCUMENTS, -1)


RANKED = [Span("msa", 0, 60), Span("nda", 100, 160), Span("msa", 0, 60)]


@pytest.mark.parametrize("budget", [1, 59, 60, 61, 120, 150, 180])
def test_exactly_the_budget_is_shown(budget):
    shown = spend(RANKED, budget)
    assert sum(map(len, shown)) == budget
    assert [span.start for span in shown] == [span.start for span in RANKED][: len(shown)]


def test_less_is_shown_when_there_is_no_more_and_a_budget_of_nothing_is_refused():
    assert spend(RANKED, 500) == RANKED
    assert spend([], 9) == []
    with pytest.raises(ValueError, match="at least one character, but is 0"):
        spend(RANKED, 0)


# ------------------------------------------------------------------ table and pictures


def _scores(**within) -> pd.DataFrame:
    rows = [
        {"question_id": name, "type": name[:-1], "family": "f", "recall": 1.0, "within_budget": value}
        for name, value in within.items()
    ]
    return pd.DataFrame(rows)


def _asked(*names: str) -> list[Question]:
    return [Question(name, name[:-1], "qa", "?", ("x",), (), (), "f", "dev") for name in names]


BEFORE, AFTER = _scores(code1=0.0, code2=0.0, orphan1=0.5), _scores(code1=1.0, code2=0.0, orphan1=0.5)


def test_the_board_counts_the_questions_that_it_is_given():
    board = figures.board({"a": BEFORE, "b": AFTER}, _asked("code1", "code2"))
    assert board.loc["b"].to_dict() == {figures.PLACES: 100.0, figures.BUDGET: 50.0}
    assert board.loc["a", figures.BUDGET] == 0.0


def test_the_picture_of_a_header_has_the_largest_gain_on_top_and_says_the_means():
    figure = figures.leap(BEFORE, AFTER, _asked("code1", "code2", "orphan1"))
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["orphan  (n = 1)", "code  (n = 2)"]
    assert axes.get_title(loc="left") == "A header: 25 to 50 % of the evidence, mean over the types of question"


def test_the_picture_of_the_price_names_every_index_and_points_out_the_chosen_one():
    bill = pd.DataFrame(
        {figures.PLACES: [8.0, 41.0], figures.BUDGET: [11.0, 38.0], "word_pieces": [57_000, 80_000]},
        index=["recursive", "sections + header"],
    )
    figure = figures.price(bill, "sections + header")
    (axes,) = figure.axes
    weights = {text.get_text(): text.get_weight() for text in axes.texts}
    assert weights == {"recursive": "normal", "sections + header": "bold"}
    assert axes.get_title(loc="left") == "Chosen on dev: sections + header, 38 % for 80 thousand word pieces"


# ------------------------------------------------------------------ the script to take home


@pytest.mark.slow
def test_the_script_to_take_home_runs_as_printed(tmp_path, monkeypatch, capsys):
    """With the offline encoder under the name that the script gives."""
    import langchain_huggingface

    from llm_workbook.models.offline import EMBEDDER, ready_folder

    source = next((ROOT / "solutions").rglob("1.2_*.py")).read_text(encoding="utf-8")
    (script,) = re.findall(r"# ```python\n(.*?)# ```", source, re.DOTALL)
    lines = [line.removeprefix("# ").removeprefix("#") for line in script.splitlines()]
    assert 15 <= len([line for line in lines if line.strip()]) <= 30
    (tmp_path / "contracts").mkdir()
    lease = "Lease of Berth 4\nMade in Cork.\n1. Rent\nDue on the first.\n2. Notice period\nThirty days' notice."
    (tmp_path / "contracts" / "lease.txt").write_text(lease, encoding="utf-8")
    (tmp_path / "contracts" / "nda.txt").write_text("Secrecy Agreement\n1. Term\nFive years.", encoding="utf-8")
    real = langchain_huggingface.HuggingFaceEmbeddings
    offline = str(ready_folder(EMBEDDER))
    monkeypatch.setattr(langchain_huggingface, "HuggingFaceEmbeddings", lambda model_name: real(model_name=offline))
    monkeypatch.chdir(tmp_path)
    exec("\n".join(lines), {})
    shown = capsys.readouterr().out.split("\n\n")
    assert shown[0] == "Lease of Berth 4, 2. Notice period: 2. Notice period\nThirty days' notice."
    assert (tmp_path / "index").is_dir()
