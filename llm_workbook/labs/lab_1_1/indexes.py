"""Filling an index, with a progress bar."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from langchain_chroma import Chroma
    from langchain_core.documents import Document

AT_ONCE = 200


def fill(index: "Chroma", chunks: "Sequence[Document]") -> None:
    """Empty an index and add the chunks, with a progress bar; each chunk's metadata gets its `end_index`."""
    for chunk in chunks:
        chunk.metadata.setdefault("end_index", chunk.metadata["start_index"] + len(chunk.page_content))
    index.reset_collection()
    for first in tqdm(range(0, len(chunks), AT_ONCE), desc="embedding", mininterval=5):
        index.add_documents(list(chunks[first : first + AT_ONCE]))
