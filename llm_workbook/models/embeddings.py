"""Sentence embeddings behind LangChain's interface, with a disk cache so that a second run is fast."""

from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from ..files import sha256
from ..settings import cache_dir
from .cache import DiskCache, cache_key
from .chat import free_memory
from .offline import EMBEDDER, ModelError, ready_folder


class CachedEmbeddings(Embeddings):
    """Embeds texts with a sentence-transformers model and remembers the vectors on disk.

    model: None for the offline model, else a folder or a hub name. Vectors are float32 and of length 1.
    `plain` is the LangChain object that does the work; use it to time the model itself.
    """

    def __init__(self, model: str | None = None) -> None:
        self.model = model
        self.cache = DiskCache(cache_dir() / "embeddings.sqlite")
        self.identity = EMBEDDER.sha256 if model is None else _identity(model)

    @cached_property
    def plain(self) -> Any:
        """The `HuggingFaceEmbeddings` behind the cache, loaded when it is first needed."""
        from langchain_huggingface import HuggingFaceEmbeddings
        from transformers.utils import logging

        logging.disable_progress_bar()
        name = str(ready_folder(EMBEDDER)) if self.model is None else self.model
        try:
            return HuggingFaceEmbeddings(
                model_name=name, encode_kwargs={"normalize_embeddings": True, "batch_size": 16}
            )
        except OSError as error:
            raise ModelError(f"The embedding model {name!r} could not be loaded: {error}") from error

    def release(self) -> None:
        """Let go of the model's memory. Known vectors stay on disk; for a text that is not known it is loaded again."""
        self.__dict__.pop("plain", None)
        free_memory()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text, in order."""
        import numpy as np

        keys = [cache_key(model=self.identity, text=text) for text in texts]
        known = self.cache.get_many(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            vectors = np.asarray(self.plain.embed_documents(list(missing.values())), dtype="<f4")
            new = {key: vector.tobytes() for key, vector in zip(missing, vectors, strict=True)}
            self.cache.put_many(new)
            known.update(new)
        return [np.frombuffer(known[key], dtype="<f4").tolist() for key in keys]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question."""
        return self.embed_documents([text])[0]


def _identity(model: str) -> str:
    """A folder is known by its weights, a hub model by its name."""
    weights = Path(model) / "model.safetensors"
    return sha256(weights) if weights.is_file() else model
