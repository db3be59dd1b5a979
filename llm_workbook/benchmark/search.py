"""The one search over an index: the nearest entries, for one question or many, with its time."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING

from ..corpus.records import Contract, Question, Span

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

BATCH = 5000  # Chroma takes about as many at a time
MOST_EXACT = 5000  # entries that an exact search looks at
CHUNK, OVERLAP, K = 300, 45, 3  # as in lab 1.1


def nearest(
    index: "Chroma | ExactIndex", vectors: Sequence[Sequence[float]], k: int
) -> "Iterator[tuple[list[Document], float]]":
    """For each vector (the k nearest entries, best first; milliseconds of this search).

    index: Chroma or any LangChain vector store, or an `ExactIndex`.
    """
    for vector in vectors:
        started = perf_counter()
        hits = index.similarity_search_by_vector(list(vector), k=k)
        yield hits, 1000 * (perf_counter() - started)


class ExactIndex:
    """Entries and their vectors (of length 1) in memory; a search compares all of them, so it is the same each time.

    Without a database, which takes 0.2 GB of memory beside a model that trains. Raises: ValueError without entries.
    """

    def __init__(self, entries: "Sequence[Document]", embeddings: "Embeddings") -> None:
        import numpy as np

        self.entries = _some(entries)
        self.vectors = np.array(embeddings.embed_documents([entry.page_content for entry in entries]))

    def similarity_search_by_vector(self, vector: Sequence[float], k: int) -> "list[Document]":
        """The k entries with the largest dot product, best first."""
        import numpy as np

        return [self.entries[place] for place in np.argsort(-(self.vectors @ np.array(vector)))[:k]]


def chroma_index(entries: "Sequence[Document]", embeddings: "Embeddings", name: str) -> "Chroma":
    """A fresh Chroma index in memory, by cosine similarity. Raises: ValueError when there are no entries.

    Up to MOST_EXACT entries a search looks at all of them, so that two builds of one index find the same: Chroma builds
    its graph in threads, and with its own width 1 ranking of 20 in 100 differs from build to build.
    """
    from langchain_chroma import Chroma

    _some(entries)
    graph: CreateHNSWConfiguration = {"space": "cosine"}
    if len(entries) <= MOST_EXACT:
        graph["ef_search"] = max(100, len(entries))
    index = Chroma(name, embeddings, collection_configuration={"hnsw": graph})
    index.reset_collection()
    for first in range(0, len(entries), BATCH):
        index.add_documents(list(entries[first : first + BATCH]))
    return index


def search_index(
    entries: "Sequence[Document]",
    questions: Sequence[Question],
    embeddings: "Embeddings",
    lookup: "Callable[[list[Document], int], list[Span]]",
    k: int = 40,
) -> tuple[dict[str, list[Span]], list[float]]:
    """(question id -> the first k places, best first; milliseconds of each search). The index is dropped then.

    entries: page_content is embedded, metadata names the place. lookup(hits, k): the places of the entries found.
    The questions are embedded before the clock starts. Raises: ValueError when there are no entries.
    """
    index = chroma_index(entries, embeddings, "one-index")
    vectors = embeddings.embed_documents([question.question for question in questions])
    found, milliseconds = {}, []
    for question, (hits, spent_ms) in zip(
        questions, nearest(index, vectors, min(3 * k // 2, len(entries))), strict=True
    ):
        found[question.id] = lookup(hits, k)
        milliseconds.append(spent_ms)
    index.delete_collection()
    return found, milliseconds


def nearest_texts(
    entries: "Callable[[], Sequence[Document]]", embeddings: "Embeddings"
) -> "Callable[[Sequence[str], int], list[list[Document]]]":
    """A function from (texts, k) to the k nearest entries of each text, best first.

    `entries` is called, and its result indexed, when something is first asked; the index then stays.
    """

    @cache
    def index() -> ExactIndex:
        return ExactIndex(entries(), embeddings)

    def find(texts: Sequence[str], k: int) -> "list[list[Document]]":
        return [hits for hits, _ in nearest(index(), embeddings.embed_documents(list(texts)), k)] if texts else []

    return find


def chunks_of(
    contracts: Sequence[Contract], shown: Callable[[Contract, str], str] = lambda _, piece: piece
) -> "list[Document]":
    """Lab 1.1's chunks, with their places and titles. shown(contract, piece): the text that is embedded."""
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP, add_start_index=True)
    chunks = []
    for contract in contracts:
        for part in splitter.create_documents([contract.text]):
            start, text = part.metadata["start_index"], part.page_content
            place = {
                "document": contract.id,
                "title": contract.title,
                "start_index": start,
                "end_index": start + len(text),
            }
            chunks.append(Document(shown(contract, text), metadata=place))
    return chunks


LONGEST_CLAUSE = 800  # characters; a longer section becomes several entries


def clause_entries(contracts: Sequence[Contract]) -> "list[Document]":
    """One index entry for each section of a contract and for each stretch of text outside of them, headed by its
    contract's title and code and its heading; the same text is embedded and shown to the reader.

    A section longer than LONGEST_CLAUSE characters is cut at line ends, or else at spaces. Metadata: document, title,
    start_index, end_index (characters of the contract). The best index of lab 1.2.
    """
    from langchain_core.documents import Document

    entries = []
    for contract in contracts:
        for start, end, heading in _clauses(contract):
            header = ", ".join(filter(None, (contract.title, contract.metadata.get("code", ""), heading)))
            place = {"document": contract.id, "title": contract.title, "start_index": start, "end_index": end}
            entries.append(Document(f"{header}: {' '.join(contract.text[start:end].split())}", metadata=place))
    return entries


def _clauses(contract: Contract) -> Iterator[tuple[int, int, str]]:
    """(start, end, heading) of each section and each stretch between sections, in order, without empty ones."""
    at = 0
    for section in contract.sections:
        yield from _cut(contract.text, at, section.start, "")
        yield from _cut(contract.text, section.start, section.end, section.title)
        at = section.end
    yield from _cut(contract.text, at, len(contract.text), "")


def _cut(text: str, start: int, end: int, heading: str) -> Iterator[tuple[int, int, str]]:
    """The stretch in pieces of at most LONGEST_CLAUSE characters."""
    while end - start > LONGEST_CLAUSE:
        least, most = start + LONGEST_CLAUSE // 2, start + LONGEST_CLAUSE
        found = (text.rfind(mark, least, most) for mark in ("\n", " "))
        cut = next((place for place in found if place > 0), most)
        yield start, cut, heading
        start = cut
    if text[start:end].strip():
        yield start, end, heading


def place_of(hit: "Document") -> Span:
    """Where an entry stands in its document."""
    return Span(hit.metadata["document"], hit.metadata["start_index"], hit.metadata["end_index"])


def _some(entries: "Sequence[Document]") -> "Sequence[Document]":
    """The entries. Raises: ValueError when there are none."""
    if not entries:
        raise ValueError(
            "an index needs at least one entry, but there are none: did the splitter return an empty list?"
        )
    return entries
