"""An assistant over documents: its settings are plain data, its index lies on disk, and it opens again elsewhere."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..benchmark.prompt import conversation
from ..benchmark.search import BATCH, clause_entries, place_of
from ..corpus.records import Contract
from ..files import child, write_whole
from ..measure.answers import is_refusal, normalise
from ..models.chat import free_memory
from ..models.embeddings import CachedEmbeddings
from ..taught.lab_1_5 import cite, maxsim, pack, rerank
from ..training.domain import NOT_STATED, domain_encoder, domain_reader, domain_reranker
from .trace import Span, Trace

if TYPE_CHECKING:
    import torch
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.runnables import Runnable
    from sentence_transformers import SentenceTransformer

SETTINGS = "assistant.json"
LONGEST_QUESTION = 2000  # characters
ENCODERS = ("plain", "domain")


class AssistantError(ValueError):
    """A sentence for whoever opens or asks an assistant: what is wrong, and what to do."""


@dataclass(frozen=True)
class Pipeline:
    """The settings of an assistant. Raises: AssistantError for values that are none.

    encoder: one of ENCODERS. candidates: how many clauses its search gives. reranker: does late interaction order them?
    budget: tokens of the clauses that the reader is shown. agree: a second reading, of the encoder's first four
    clauses, must give the same answer, or the assistant says "not stated".

    >>> Pipeline(encoder="best")
    Traceback (most recent call last):
    llm_workbook.assistant.pipeline.AssistantError: encoder is 'best': choose plain or domain
    """

    encoder: str = "domain"
    reranker: bool = True
    candidates: int = 20
    budget: int = 200
    agree: bool = False

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            raise AssistantError(f"encoder is {self.encoder!r}: choose {' or '.join(ENCODERS)}")
        for name in ("candidates", "budget"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise AssistantError(f"{name} is {value!r}: write a whole number from 1 on")
        for name in ("reranker", "agree"):
            if not isinstance(getattr(self, name), bool):
                raise AssistantError(f"{name} is {getattr(self, name)!r}: write True or False")


@dataclass(frozen=True)
class Source:
    """A clause that was shown: its place, its text, and where in the text the answer stands (None: not in this one)."""

    document: str
    title: str
    start: int
    end: int
    text: str
    quote: tuple[int, int] | None = None


@dataclass(frozen=True)
class Reply:
    """An answer with its sources, and the trace that led to it. refused: the answer is "not stated"."""

    question: str
    answer: str
    refused: bool
    sources: tuple[Source, ...]
    spans: tuple[Span, ...]

    @property
    def cited(self) -> "Source | None":
        """The source that contains the answer."""
        return next((one for one in self.sources if one.quote), None)


def build(folder: Path, contracts: Sequence[Contract], pipeline: Pipeline = Pipeline()) -> "Assistant":
    """Index contracts into a folder and open the assistant over them.

    Other contracts, or another encoder, get an index of their own beside the earlier one; an index that is there is
    taken as it is. The settings are written last, so an interrupted build leaves the earlier assistant as it was.
    Raises: AssistantError without any text.
    """
    entries = clause_entries(contracts)
    if not entries:
        raise AssistantError(f"there is nothing to index: {len(contracts)} documents with no text")
    encoder = _encoder(pipeline.encoder)
    told = {"documents_sha256": _sha256(entries), "encoder_sha256": encoder.identity}
    name = f"index-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]}"
    index = _chroma(child(folder, name), encoder)
    if _sha256(_entries(index)) != told["documents_sha256"]:  # new, or cut off earlier
        index.reset_collection()
        for first in range(0, len(entries), BATCH):
            part = entries[first : first + BATCH]
            index.add_documents(part, ids=[str(first + at) for at in range(len(part))])
    write_whole(folder / SETTINGS, json.dumps({"pipeline": asdict(pipeline), "index": name, **told}, indent=2) + "\n")
    return Assistant(pipeline, index, entries)


def open_assistant(folder: Path) -> "Assistant":
    """The assistant in a folder. Raises: AssistantError for a folder without one, with settings that cannot be read, or
    whose index is not the one that was built."""
    path = Path(folder) / SETTINGS
    if not path.is_file():
        raise AssistantError(f"{folder} contains no assistant: {SETTINGS} is missing. Build one there first.")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        pipeline = Pipeline(**settings["pipeline"])
        place = child(Path(folder), str(settings["index"]))
        known = [settings["encoder_sha256"], settings["documents_sha256"]]
    except AssistantError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        allowed = ", ".join(one.name for one in fields(Pipeline))
        raise AssistantError(f"{path} cannot be read ({error}). Its pipeline has the fields {allowed}.") from error
    if not (place / "chroma.sqlite3").is_file():
        raise AssistantError(f"the index {place.name!r} is not in {folder}: build the assistant again")
    encoder = _encoder(pipeline.encoder)
    index = _chroma(place, encoder)
    entries = _entries(index)
    if known != [encoder.identity, _sha256(entries)]:
        raise AssistantError(f"the index in {folder} was changed, or made by another encoder: build it again")
    return Assistant(pipeline, index, entries)


def _encoder(name: str) -> CachedEmbeddings:
    return domain_encoder() if name == "domain" else CachedEmbeddings()


def _chroma(place: Path, encoder: CachedEmbeddings) -> "Chroma":
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    quiet = Settings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(place))
    return Chroma(
        "clauses", encoder, persist_directory=str(place), client_settings=quiet,
        collection_configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
    )  # fmt: skip


def _entries(index: "Chroma") -> "list[Document]":
    """The entries of an index, in the order in which they were added."""
    from langchain_core.documents import Document

    rows = index.get(include=["documents", "metadatas"])
    found = zip(rows["ids"], rows["documents"], rows["metadatas"], strict=True)
    return [Document(text, metadata=place) for _, text, place in sorted(found, key=lambda row: int(row[0]))]


def _sha256(entries: "Sequence[Document]") -> str:
    rows = [[entry.page_content, str(place_of(entry)), entry.metadata["title"]] for entry in entries]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def name_of(hit: "Document") -> str:
    """The place of a clause as traces write it, such as "lease:120-480"."""
    place = place_of(hit)
    return f"{place.document}:{place.start}-{place.end}"


class Assistant:
    """Searches, ranks, reads and cites. Models are loaded when they are first needed.

    load_reader: gives a chat model that takes the messages of `benchmark.prompt.conversation`; at first the domain
    reader.
    """

    def __init__(self, pipeline: Pipeline, index: "Chroma", entries: "Sequence[Document]") -> None:
        self.pipeline, self.index, self.entries = pipeline, index, entries
        self.load_reader: Callable[[], Any] = domain_reader
        self._pieces: dict[str, torch.Tensor] = {}

    @cached_property
    def reader(self) -> Any:
        """The chat model that reads: what `load_reader` gives."""
        return self.load_reader()

    @cached_property
    def _second(self) -> "SentenceTransformer":
        return domain_reranker()

    @property
    def runnable(self) -> "Runnable[str, Reply]":
        """The assistant as a LangChain `Runnable`: a question in, a `Reply` out; `batch`, `stream` and `|` work."""
        from langchain_core.runnables import RunnableLambda

        return RunnableLambda(self.answer, name="contract assistant")

    def release(self) -> None:
        """Let go of the memory of the models and of what the reranker has computed; it comes back when it is needed."""
        for name in ("reader", "_second"):
            self.__dict__.pop(name, None)
        self._pieces.clear()
        if isinstance(encoder := self.index.embeddings, CachedEmbeddings):
            encoder.release()
        free_memory()

    def search(self, question: str, k: int = 3, trace: Trace | None = None) -> "list[Document]":
        """The k best clauses, best first. Raises: AssistantError for an empty or endless question, or k below 1."""
        _refuse(question)
        if not 1 <= k <= self.pipeline.candidates:
            raise AssistantError(f"k is {k}: ask for 1 to {self.pipeline.candidates} clauses")
        trace = trace or Trace()
        return self._ranked(question, self._found(question, trace), trace)[:k]

    def _found(self, question: str, trace: Trace) -> "list[Document]":
        """The candidates of the encoder, best first."""
        with trace.step("search", query=question, model=f"{self.pipeline.encoder} encoder") as told:
            hits = self.index.similarity_search(question, k=min(self.pipeline.candidates, len(self.entries)))
            told["places"] = [name_of(hit) for hit in hits]
        return hits

    def _ranked(self, question: str, hits: "list[Document]", trace: Trace) -> "list[Document]":
        """The same in the order of the reranker, if there is one."""
        if not self.pipeline.reranker:
            return hits
        with trace.step("rerank", model="domain reranker") as told:
            order = rerank(
                range(len(hits)), lambda at: self._late(question, [hits[i].page_content for i in at]), len(hits)
            )
            told["places"] = [name_of(hits[at]) for at in order]
        return [hits[at] for at in order]

    def _late(self, question: str, texts: Sequence[str]) -> list[float]:
        """MaxSim of a question with clauses; the vectors of a clause are computed once."""
        from ..late import token_vectors

        self._pieces |= token_vectors(self._second, [text for text in texts if text not in self._pieces])
        asked = token_vectors(self._second, [question])[question].float()
        return [maxsim(asked, self._pieces[text].float()) for text in texts]

    def answer(self, question: str) -> Reply:
        """The answer with its sources. Raises: AssistantError as `search`."""
        _refuse(question)
        trace = Trace()
        found = self._found(question, trace)
        hits = self._ranked(question, found, trace)
        with trace.step("pack", budget=self.pipeline.budget) as told:
            lengths = [self.tokens(hit.page_content) for hit in hits]
            taken = pack(lengths, self.pipeline.budget) or [0]
            shown = [hits[at] for at in taken]
            told |= {"places": [name_of(hit) for hit in shown], "tokens": sum(lengths[at] for at in taken)}
        said = self._read(question, shown, trace)
        if self.pipeline.agree and normalise(said) != normalise(self._read(question, found[:4], trace)):
            said = NOT_STATED
        place = cite(said, [hit.page_content for hit in shown])
        sources = tuple(_source(hit, place[1:] if place and place[0] == at else None) for at, hit in enumerate(shown))
        return Reply(question, said, is_refusal(said), sources, tuple(trace.spans))

    def _read(self, question: str, shown: "Sequence[Document]", trace: Trace) -> str:
        with trace.step("generate", model=getattr(self.reader, "identity", "")) as told:
            reply = self.reader.invoke(conversation([hit.page_content for hit in shown], question))
            used = reply.usage_metadata or {}
            told |= {name: used[name] for name in ("input_tokens", "output_tokens") if name in used}
            told["compute_ms"] = round(1000 * reply.response_metadata.get("seconds", 0.0), 1)
            told["answer"] = str(reply.text)
        return str(reply.text).strip()

    def tokens(self, text: str) -> int:
        """Length of a text in tokens of the reader (see `length`)."""
        return length(self.reader, text)


def length(chat: Any, text: str) -> int:
    """Length of a text in tokens of a chat model; of a hosted one in words and a third.

    >>> length(None, "one two three")
    4
    """
    tokenizer = getattr(chat, "tokenizer", None)
    return len(tokenizer(text)["input_ids"]) if tokenizer else math.ceil(4 * len(text.split()) / 3)


def _refuse(question: str) -> None:
    """Raises: AssistantError for what is no question."""
    if not isinstance(question, str) or not question.strip() or len(question) > LONGEST_QUESTION:
        raise AssistantError(f"a question has 1 to {LONGEST_QUESTION} characters")


def _source(hit: "Document", quote: tuple[int, int] | None) -> Source:
    place = place_of(hit)
    return Source(place.document, hit.metadata["title"], place.start, place.end, hit.page_content, quote)
