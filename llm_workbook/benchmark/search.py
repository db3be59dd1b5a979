"""Search one index for many questions, and what an index costs."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..corpus.records import Question, Span

if TYPE_CHECKING:
    from langchain_core.documents import Document

BATCH = 5000  # Chroma takes about as many at a time


def search_index(
    entries: "Sequence[Document]",
    questions: Sequence[Question],
    embeddings: Any,
    lookup: "Callable[[list[Document], int], list[Span]]",
    k: int = 40,
) -> tuple[dict[str, list[Span]], list[float]]:
    """(question id -> the first k places, best first; milliseconds of each search), with a Chroma index that is dropped
    afterwards.

    entries: page_content is embedded, metadata names the place. lookup(hits, k): the places of the entries found.
    The questions are embedded before the clock starts. Raises: ValueError when there are no entries.
    """
    index = chroma_index(entries, embeddings, "one-index")
    found, milliseconds = {}, []
    for question, vector in zip(
        questions, embeddings.embed_documents([question.question for question in questions]), strict=True
    ):
        started = perf_counter()
        hits = index.similarity_search_by_vector(vector, k=min(3 * k // 2, len(entries)))
        milliseconds.append(1000 * (perf_counter() - started))
        found[question.id] = lookup(hits, k)
    index.delete_collection()
    return found, milliseconds


def chroma_index(entries: "Sequence[Document]", embeddings: Any, name: str) -> Any:
    """A fresh Chroma index in memory, by cosine similarity. Raises: ValueError when there are no entries."""
    from langchain_chroma import Chroma

    if not entries:
        raise ValueError(
            "an index needs at least one entry, but there are none: did the splitter return an empty list?"
        )
    index = Chroma(name, embeddings, collection_configuration={"hnsw": {"space": "cosine"}})
    index.reset_collection()
    for first in range(0, len(entries), BATCH):
        index.add_documents(list(entries[first : first + BATCH]))
    return index


def index_cost(
    entries: "Sequence[Document]", embeddings: Any, milliseconds: Sequence[float], sample: int = 32
) -> dict[str, float]:
    """entries, index_seconds (of the encoder, from `sample` entries), index_bytes (vectors and texts), query_ms_p50 and
    _p95.

    embeddings: without a cache, or the seconds mean nothing.
    """
    texts = [entry.page_content for entry in entries]
    some = texts[:: max(1, len(texts) // sample)][:sample]
    started = perf_counter()
    vectors = embeddings.embed_documents(some)
    seconds = (perf_counter() - started) * len(texts) / len(some)
    size = sum(len(text.encode()) + 4 * len(vectors[0]) for text in texts)
    p50, p95 = (float(np.quantile(milliseconds, share)) for share in (0.5, 0.95))
    return {
        "entries": len(texts),
        "index_seconds": seconds,
        "index_bytes": size,
        "query_ms_p50": p50,
        "query_ms_p95": p95,
    }
