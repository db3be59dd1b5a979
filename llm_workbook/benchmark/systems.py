"""The records of a benchmark: what a system is shown, what it gives back, how it is named, and what it is."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..corpus.records import Span

LONGEST_TRAIT = 120  # characters


@dataclass(frozen=True)
class Item:
    """What a system is shown of a question: no answer, no evidence. Explained in: lab 3.1."""

    id: str
    question: str
    task: str = "qa"


@dataclass(frozen=True)
class Answer:
    """What a system gives back. seconds: by stage, e.g. {"search": 0.01, "generate": 0.4}. Explained in: lab 3.1."""

    text: str
    contexts: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    confidence: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Spec:
    """A name and the settings that decide the results, as canonical JSON. Explained in: lab 3.1."""

    name: str
    settings: str = "{}"

    @property
    def id(self) -> str:
        """Twelve characters that change with any of it."""
        return hashlib.sha256(f"{self.name}\n{self.settings}".encode()).hexdigest()[:12]


def specify(name: str, **settings: Any) -> Spec:
    """A spec from plain data. Raises: TypeError for anything else. Explained in: lab 3.1.

    >>> specify("naive RAG", k=3).settings
    '{"k": 3}'
    """
    try:
        return Spec(name, json.dumps(settings, sort_keys=True, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"a setting of {name!r} is not plain data ({error}): give its name, number or hash instead"
        ) from error


class System(Protocol):
    """A system under test. seed: tells equal systems apart that were trained or sampled anew. Explained in: lab 3.1."""

    spec: Spec
    seed: int

    def prepare(self) -> None:
        """What is done once in each process, before the first answer."""

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        """One answer for each item, in order."""
        ...


@dataclass(frozen=True)
class Row:
    """What became of one item: an answer, or an error in words. Explained in: lab 3.1."""

    task: str  # id of its spec
    system: str  # id of its spec
    item: str
    seed: int
    answer: Answer | None = None
    error: str = ""


@dataclass(frozen=True)
class Traits:
    """What a system is. Bills and comparisons read these fields; its name is a label that nothing reads.

    training: "none", or how its weights were tuned: "sft", "raft", "closed-book", or other words. context: what its
    reader is shown: "none", "retrieved", "oracle" (the evidence), "prompt" (the same text each time), "whole" (whole
    documents), or other words. index: the name of its search index, or "".
    uses_index: a search index is on its bill; left out, True with an index and for "retrieved" and "oracle" (a ceiling
    is billed as what it is the ceiling of). is_tuned: training is on its bill; left out, True for any training.
    is_ceiling: it knows what nobody knows who asks, so it is not for sale; left out, True for "oracle".
    seed: of its training or sampling; left out, the one of the run. Raises: ValueError for a value of another type.

    >>> Traits("raft", "retrieved", index="header")
    Traits(training='raft', context='retrieved', index='header', uses_index=True, is_tuned=True, is_ceiling=False, seed=None)
    """  # noqa: E501

    training: str = "none"
    context: str = "none"
    index: str = ""
    uses_index: bool | None = None
    is_tuned: bool | None = None
    is_ceiling: bool | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        for name in ("training", "context", "index"):
            object.__setattr__(self, name, _words(name, getattr(self, name)))
        searched = bool(self.index) or self.context in ("retrieved", "oracle")
        left_out = {
            "uses_index": searched,
            "is_tuned": self.training != "none",
            "is_ceiling": self.context == "oracle",
        }
        for name, value in left_out.items():
            object.__setattr__(self, name, _yes_or_no(name, getattr(self, name), value))
        object.__setattr__(self, "seed", _whole(self.seed))


def _words(name: str, value: object) -> str:
    """Raises: ValueError unless it is one short line; only the index may be empty."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TRAIT:
        raise ValueError(f"the trait {name!r} is {value!r:.200}: write a few words on one line, such as 'retrieved'")
    if not value.strip() and name != "index":
        raise ValueError(f"the trait {name!r} is empty: write 'none' where there is none")
    return value.strip()


def _yes_or_no(name: str, value: object, otherwise: bool) -> bool:
    if value is not None and type(value).__name__ not in ("bool", "bool_"):  # numpy has one of its own
        raise ValueError(f"the trait {name!r} is {value!r}: write True or False, or leave it out")
    return otherwise if value is None else bool(value)


def _whole(seed: Any) -> int | None:
    if seed is None:
        return None
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise ValueError(f"the trait 'seed' is {seed!r}: write a whole number, or leave it out")
    return int(seed)
