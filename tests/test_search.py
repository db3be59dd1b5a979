"""One search, two kinds of index: both find the same, each time, and a reading exam needs no database."""

import subprocess
import sys

import numpy as np
import pytest
from langchain_core.documents import Document

from llm_workbook.benchmark.search import ExactIndex, chroma_index, chunks_of, nearest
from llm_workbook.corpus.load import load_contracts
from llm_workbook.settings import ROOT


class Directions:
    """A unit vector for each text, the same in every run."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = [np.random.default_rng(list(text.encode())).normal(size=16) for text in texts]
        return [(vector / np.linalg.norm(vector)).tolist() for vector in vectors]


def found(index, texts: list[str], k: int) -> list[list[str]]:
    return [[hit.page_content for hit in hits] for hits, _ in nearest(index, Directions().embed_documents(texts), k)]


def test_both_kinds_of_index_find_the_nearest_each_time_they_are_built():
    entries = [Document(f"clause {number}") for number in range(1500)]
    asked = [f"question {number}" for number in range(60)]
    texts = [entry.page_content for entry in entries]
    vectors, wanted = (np.array(Directions().embed_documents(some)) for some in (texts, asked))
    by_hand = [[texts[place] for place in row] for row in np.argsort(-(wanted @ vectors.T), axis=1)[:, :12]]
    assert found(ExactIndex(entries, Directions()), asked, 12) == by_hand
    for _ in range(3):
        assert found(chroma_index(entries, Directions(), "built-again"), asked, 12) == by_hand


@pytest.mark.parametrize("make", [ExactIndex, lambda entries, embeddings: chroma_index(entries, embeddings, "empty")])
def test_an_index_without_entries_is_a_sentence(make):
    with pytest.raises(ValueError, match="an index needs at least one entry, but there are none"):
        make([], Directions())


def test_fewer_entries_than_asked_for_are_all_that_is_found():
    assert len(found(ExactIndex([Document("a"), Document("b")], Directions()), ["c"], 5)[0]) == 2


def test_chunks_say_where_they_stand():
    contracts = load_contracts()[:3]
    source = {contract.id: contract for contract in contracts}
    chunks = chunks_of(contracts)
    assert len(chunks) > 30
    for chunk in chunks:
        place = chunk.metadata
        contract = source[place["document"]]
        assert contract.text[place["start_index"] : place["end_index"]] == chunk.page_content
        assert place["title"] == contract.title


def test_a_reading_exam_loads_no_database():
    """A database takes 0.2 GB, and lab 2.2 trains in 2."""
    code = (
        "import sys\n"
        "from types import SimpleNamespace\n"
        "from llm_workbook.benchmark.reading import ReadingExam\n"
        "from llm_workbook.corpus.load import load_contracts, load_questions\n"
        "lengths = SimpleNamespace(embed_documents=lambda texts: [[1.0, float(len(text))] for text in texts])\n"
        "exam = ReadingExam('authored', load_contracts()[:2], lengths)\n"
        "assert len(exam.contexts(load_questions()[:2], 'retrieved')[0]) == 3\n"
        "print('chromadb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("False\n", "")
