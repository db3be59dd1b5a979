"""Sentence embeddings behind LangChain's interface, with a disk cache so that a second run is fast."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from ..settings import cache_dir
from .cache import DiskCache, cache_key
from .chat import free_memory, model_kind
from .folder import first_line, folder_sha256, hub_folder, refuse_damaged
from .offline import EMBEDDER, ModelError, ready_folder

if TYPE_CHECKING:
    from langchain_huggingface import HuggingFaceEmbeddings

GROUP = 64  # texts


class CachedEmbeddings(Embeddings):
    """Embeds texts with a sentence-transformers model and remembers the vectors on disk.

    model: None for the offline model, else a folder or a hub name. Vectors are float32 and of length 1, and kept under
    the hash of the model's files or its commit. `plain` is the LangChain object that does the work; use it to time the
    model itself. Raises: ModelError for a model that does not load.
    """

    def __init__(self, model: str | None = None) -> None:
        self.model = model
        self.cache = DiskCache(cache_dir() / "embeddings.sqlite")
        self._where: dict[str, Any] = {}
        self.identity = EMBEDDER.sha256 if model is None else self._identity(model)

    @cached_property
    def plain(self) -> "HuggingFaceEmbeddings":
        """The `HuggingFaceEmbeddings` behind the cache, loaded when it is first needed."""
        from langchain_huggingface import HuggingFaceEmbeddings
        from transformers.utils import logging

        logging.disable_progress_bar()
        name = str(ready_folder(EMBEDDER)) if self.model is None else self.model
        try:
            encode = {"normalize_embeddings": True, "batch_size": 16}
            return HuggingFaceEmbeddings(model_name=name, model_kwargs=self._where, encode_kwargs=encode)
        except Exception as error:  # a damaged folder raises anything: KeyError, RuntimeError, SafetensorError
            raise ModelError(f"The embedding model {name!r} could not be loaded: {first_line(error)}") from error

    def _identity(self, model: str) -> str:
        """A folder is known by all its files, a hub model by its commit."""
        if model_kind(model) == "folder":
            self.model = str(folder := Path(model).expanduser())
            refuse_damaged(folder)
            return folder_sha256(folder)
        commit = hub_folder(model).name
        self._where["revision"] = commit
        return f"{model} {commit}"

    def release(self) -> None:
        """Let go of the model's memory. Known vectors stay on disk; for a text that is not known it is loaded again."""
        vars(self).pop("plain", None)
        free_memory()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text, in order."""
        import numpy as np
        from tqdm import tqdm

        keys = [cache_key(model=self.identity, text=text) for text in texts]
        known = {key: value for key, value in self.cache.get_many(keys).items() if _is_vector(value)}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        todo = list(missing)  # so many at a time that an interruption loses little
        for first in tqdm(range(0, len(todo), GROUP), "vectors", unit=f" x {GROUP}", disable=len(todo) < 4 * GROUP):
            group = todo[first : first + GROUP]
            vectors = np.asarray(self.plain.embed_documents([missing[key] for key in group]), dtype="<f4")
            new = {key: vector.tobytes() for key, vector in zip(group, vectors, strict=True)}
            self.cache.put_many(new)
            known.update(new)
        return [np.frombuffer(known[key], dtype="<f4").tolist() for key in keys]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question."""
        return self.embed_documents([text])[0]


def _is_vector(value: bytes) -> bool:
    """Is it a vector of length 1? A damaged entry is not, and is computed again."""
    import numpy as np

    if not isinstance(value, bytes) or len(value) % 4:
        return False
    return bool(abs(np.linalg.norm(np.frombuffer(value, dtype="<f4")) - 1) < 0.01)
