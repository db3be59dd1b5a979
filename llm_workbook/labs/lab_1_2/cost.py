"""What an index costs."""

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings


def index_cost(
    entries: "Sequence[Document]", embeddings: "Embeddings", milliseconds: Sequence[float], sample: int = 32
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
