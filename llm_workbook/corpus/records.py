"""The records every part of the workbook shares: contracts, their facts, and questions about them."""

from dataclasses import dataclass, field
from typing import Any


class CorpusError(RuntimeError):
    """A corpus is missing, damaged or unknown, or lacks what is needed. The message says how to fix it."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook: the sentence alone, since the lines of code above it would not help."""
        return [str(self)]


@dataclass(frozen=True, order=True)
class Span:
    """Characters `start` (included) to `end` (excluded) of one document's text.

    >>> Span("msa", 10, 30).overlap(Span("msa", 25, 90))
    5
    """

    document: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, but got {self.start} and {self.end} in {self.document!r}")

    def __len__(self) -> int:
        return self.end - self.start

    def overlap(self, other: "Span") -> int:
        """Number of characters that both spans hold; 0 for different documents."""
        if self.document != other.document:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True)
class Section:
    """One numbered section of a contract; `start` and `end` index the contract's text."""

    number: str
    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Contract:
    """One document: its text, its sections, and the family of agreements it belongs to.

    metadata: strings, numbers and lists of strings: kind, parties, date, code, and how it was written (register,
    values, reference, numbering, furniture, noise, planted).
    """

    id: str
    title: str
    family: str
    split: str
    text: str
    sections: tuple[Section, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)

    def text_of(self, span: Span) -> str:
        """The characters of `span`. Raises: ValueError when the span is of another document or past the end."""
        if span.document != self.id or span.end > len(self.text):
            raise ValueError(f"{span} does not lie in contract {self.id!r} of {len(self.text)} characters")
        return self.text[span.start : span.end]


@dataclass(frozen=True)
class Fact:
    """A typed value that a document states, with the time from which it holds (ISO dates).

    wording: which of the clause library's wordings of this type states it, e.g. "uk 3"; empty where none does.
    """

    id: str
    document: str
    type: str
    value: str
    unit: str = ""
    valid_from: str = ""
    superseded_by: str = ""
    span: Span | None = None
    wording: str = ""


@dataclass(frozen=True)
class Question:
    """A question with its answers and the evidence for them.

    type: what it asks of a system (lookup, identifier, orphan, ...). task: qa | classification | summary.
    answers: the canonical one first, then aliases; of a summary, the labelled facts. evidence: the spans that hold the
    answer. nearby: spans that hold no answer but belong to the question: the header of an orphan clause, the text that
    tempts one to answer what has no answer.
    subset: "smoke", "live" or ""; smoke is part of live, live is part of the whole split.
    """

    id: str
    type: str
    task: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[Span, ...]
    documents: tuple[str, ...]
    family: str
    split: str
    facts: tuple[str, ...] = ()
    wording_group: str = ""
    labels: tuple[str, ...] = ()
    answerable: bool = True
    subset: str = ""
    nearby: tuple[Span, ...] = ()


def subset_at(place: int) -> str:
    """The subset of the question that stands at `place` (from 0) in a test split: 8 are in smoke, 96 in live."""
    return "smoke" if place < 8 else "live" if place < 96 else ""


@dataclass(frozen=True)
class Reading:
    """What a folder gave. `skipped`: (file, reason); `notes`: (file, page or row that is missing from what was read,
    reason)."""

    folder: str
    contracts: tuple[Contract, ...]
    questions: tuple[Question, ...]
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        size = sum(len(contract.text) for contract in self.contracts)
        counts = (
            f"{len(self.contracts)} read ({size:,} characters), {len(self.skipped)} skipped, {len(self.questions)}"
            " questions"
        )
        lines = [f"  skipped {name}: {reason}" for name, reason in self.skipped] + [
            f"  {name}: {reason}" for name, reason in self.notes
        ]
        return "\n".join([f"{self.folder}: {counts}", *lines])

    __repr__ = __str__
