"""What lab 1.2 teaches: invariants of every way to cut, bad inputs, and the viewer that shows what was cut."""

import numpy as np
import pytest
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from llm_workbook.benchmark import search as indexes
from llm_workbook.corpus.load import load_contracts
from llm_workbook.corpus.records import Contract, Question, Section, Span
from llm_workbook.labs.lab_1_2.cost import index_cost
from llm_workbook.labs.lab_1_2.figures import Boundaries
from llm_workbook.taught import lab_1_2 as taught

CONTRACTS = load_contracts()[:6]
DOCUMENTS = [
    Document(
        c.text, metadata={"document": c.id, "start_index": 0, "end_index": len(c.text), "title": c.title, "code": ""}
    )
    for c in CONTRACTS
]
FAKE = DeterministicFakeEmbedding(size=8)
SECTIONS = [
    part for c, document in zip(CONTRACTS, DOCUMENTS, strict=True) for part in taught.by_section(document, c.sections)
]
WAYS = {
    "fixed": taught.fixed_size(DOCUMENTS, 300, 45),
    "recursive": taught.recursive(DOCUMENTS, 300, 45),
    "sections": SECTIONS,
    "long sections": taught.recursive(SECTIONS, 150),
    "sentences": [sentence for document in DOCUMENTS for sentence in taught.sentences(document)],
    "semantic": taught.semantic(DOCUMENTS, FAKE),
}


# ------------------------------------------------------------------ cutting


@pytest.mark.parametrize("pieces", [pytest.param(pieces, id=name) for name, pieces in WAYS.items()])
def test_every_piece_stands_where_it_says(pieces):
    text = {contract.id: contract for contract in CONTRACTS}
    assert all(
        piece.page_content == text[piece.metadata["document"]].text_of(taught.span_of(piece)) for piece in pieces
    )


@pytest.mark.parametrize("pieces", [pytest.param(pieces, id=name) for name, pieces in WAYS.items()])
def test_no_word_is_lost(pieces):
    for contract in CONTRACTS:
        held = np.zeros(len(contract.text), bool)
        for span in map(taught.span_of, pieces):
            if span.document == contract.id:
                held[span.start : span.end] = True
        assert (
            "".join(character for character, inside in zip(contract.text, held, strict=True) if not inside).strip()
            == ""
        )


def test_sizes_and_overlaps_are_kept():
    sizes = [len(piece.page_content) for piece in WAYS["fixed"]]
    assert max(sizes) == 300
    assert max(len(piece.page_content) for piece in WAYS["recursive"]) <= 300
    first, second = WAYS["fixed"][:2]
    assert taught.span_of(first).overlap(taught.span_of(second)) == 45


def test_a_document_that_is_shorter_than_the_chunk_is_one_chunk():
    short = Document("Net 30.", metadata={"document": "l", "start_index": 0, "end_index": 7})
    assert [
        len(way)
        for way in (taught.fixed_size([short], 300, 45), taught.recursive([short], 300), taught.sentences(short))
    ] == [1, 1, 1]


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-5, 0), (100, 100), (100, 150), (100, -1)])
def test_an_impossible_overlap_is_refused(size, overlap):
    with pytest.raises(ValueError, match=f"overlap = {overlap} and size = {size}"):
        taught.fixed_size(DOCUMENTS, size, overlap)


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
    both = [
        *DOCUMENTS[:1],
        Document("A single sentence and nothing more.", metadata={"document": "l", "start_index": 0, "end_index": 35}),
    ]
    assert [chunk.page_content for chunk in taught.semantic(both, FAKE)][-1] == "A single sentence and nothing more."


# ------------------------------------------------------------------ what is embedded, what is shown


def test_a_header_changes_what_is_embedded_and_not_what_is_shown():
    (headed,) = taught.with_header(WAYS["recursive"][:1], "title", "code")
    assert headed.page_content == f"{CONTRACTS[0].title}\n{WAYS['recursive'][0].page_content}"
    assert headed.metadata == WAYS["recursive"][0].metadata


def test_an_unknown_field_leaves_no_comma_behind():
    (headed,) = taught.with_header([Document("Net 30.", metadata={"title": "Lease"})], "nothing", "title", "parties")
    assert headed.page_content == "Lease\nNet 30."


def test_children_lie_in_the_parent_that_they_show():
    parents = taught.recursive(DOCUMENTS, 900)
    children = taught.small_to_big(parents, 150)
    assert {taught.span_of(child) for child in children} == {taught.span_of(parent) for parent in parents}
    shown = {span: parent.page_content for parent in parents if (span := taught.span_of(parent))}
    assert all(
        child.page_content in shown[taught.span_of(child)] and len(child.page_content) <= 150 for child in children
    )


def test_a_window_holds_its_sentence_and_its_neighbours():
    alone, wide = (taught.sentence_window(DOCUMENTS[:1], around) for around in (0, 1))
    assert [taught.span_of(entry) for entry in alone] == [
        taught.span_of(sentence) for sentence in taught.sentences(DOCUMENTS[0])
    ]
    assert (taught.span_of(wide[1]).start, taught.span_of(wide[1]).end) == (
        taught.span_of(alone[0]).start,
        taught.span_of(alone[2]).end,
    )
    with pytest.raises(ValueError, match="around = -1"):
        taught.sentence_window(DOCUMENTS, -1)


def test_clusters_hold_every_piece_once():
    pieces = SECTIONS[:23]
    groups = taught.clusters(pieces, FAKE, 5)
    assert sorted(id(part) for group in groups for part in group) == sorted(map(id, pieces))
    assert 1 < len(groups) <= 4
    assert taught.clusters(pieces[:1], FAKE) == [pieces[:1]]
    for bad, size in (([], 5), (pieces, 0)):
        with pytest.raises(ValueError, match="pieces and a size of at least 1"):
            taught.clusters(bad, FAKE, size)


def test_bad_budgets_and_bad_k_are_refused():
    with pytest.raises(ValueError, match="at least one character, but is 0"):
        taught.spend([Span("msa", 0, 9)], 0)
    with pytest.raises(ValueError, match="k must be at least 1, but is 0"):
        taught.different_places([], 0)


# ------------------------------------------------------------------ searching and what it costs


def test_an_index_finds_what_it_holds_and_is_gone_afterwards():
    entries = WAYS["sections"][:12]
    asked = [Question("q", "lookup", "qa", entries[7].page_content, ("x",), (), (), "f", "test")]
    for _ in range(2):
        found, milliseconds = indexes.search_index(entries, asked, FAKE, taught.different_places, k=4)
        assert found["q"][0] == taught.span_of(entries[7])
        assert (len(found["q"]), len(milliseconds)) == (4, 1)
    assert Chroma("one-index", FAKE).get()["ids"] == []


def test_an_empty_index_says_so():
    with pytest.raises(ValueError, match="at least one entry"):
        indexes.search_index([], [], FAKE, taught.different_places)


def test_costs_count_vectors_and_texts():
    cost = index_cost([Document("four"), Document("nine char")], FAKE, [1.0, 2.0, 3.0])
    assert (cost["entries"], cost["index_bytes"], cost["query_ms_p50"]) == (2, 13 + 2 * 8 * 4, 2.0)
    assert cost["index_seconds"] >= 0


# ------------------------------------------------------------------ the boundary viewer

LEASE = Contract(
    "lease",
    "Lease <of 2 May>",
    "f",
    "test",
    "Rent is due on the first of the month & no later.",
    (Section("1", "Rent", 0, 49),),
)
EVIDENCE = [Span("lease", 0, 11), Span("lease", 15, 24), Span("other", 0, 5)]


def test_evidence_is_whole_only_when_one_chunk_holds_all_of_it():
    view = Boundaries(LEASE, [Span("lease", 0, 20), Span("lease", 18, 49), Span("other", 0, 99)], EVIDENCE)
    assert view.fate == {Span("lease", 0, 11): "whole", Span("lease", 15, 24): "cut"}
    assert str(view) == "Lease <of 2 May>: 2 chunks, 1 of 2 pieces of evidence whole, 1 cut"


def test_the_page_marks_what_is_cut_and_escapes_what_it_shows():
    view = Boundaries(LEASE, [Span("lease", 0, 20), Span("lease", 18, 49)], EVIDENCE)._repr_html_()
    assert "line-through" in view
    assert "Lease &lt;of 2 May&gt;" in view
    assert "&amp; no later." in view
    assert view.count("<u>") == 1
    assert [f">{number}</b>" in view for number in (1, 2, 3)] == [True, True, False]


def test_text_far_from_the_evidence_becomes_three_dots():
    long = Contract(
        "lease", "Lease", "f", "test", "a" * 900 + "Rent is due" + "b" * 900, (Section("1", "Rent", 0, 1811),)
    )
    chunks = [Span("lease", start, start + 100) for start in range(0, 1811, 100)]
    near = Boundaries(long, chunks, [Span("lease", 900, 911)])._repr_html_()
    assert [near.count(sign) for sign in ("…", "Rent is due")] == [2, 1]
    assert near.count("a" * 40) < 10
    whole = Boundaries(long, chunks, [])._repr_html_()
    assert [whole.count(sign) for sign in ("…", "Rent is due")] == [0, 1]


def test_larger_overlap_saves_evidence_from_the_knife():
    contract, evidence = CONTRACTS[0], [Span(CONTRACTS[0].id, start, start + 60) for start in range(100, 9000, 250)]
    cut = [
        list(
            Boundaries(
                contract, list(map(taught.span_of, taught.fixed_size(DOCUMENTS[:1], 300, overlap))), evidence
            ).fate.values()
        ).count("cut")
        for overlap in (0, 60)
    ]
    assert cut[0] > 0
    assert cut[1] == 0
