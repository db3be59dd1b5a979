"""What a reader said to a question, what such an answer does, and pairs of answers with the labels they got."""

import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any
from zlib import crc32

from ..benchmark.store import append, read_entries
from ..measure.strict import states
from ..settings import DATA

SAMPLES = DATA / "preference_samples.jsonl.gz"
FIRST, SECOND, TIE, BAD = "first", "second", "tie", "both bad"
CHOICES = (FIRST, SECOND, TIE, BAD)
WITHDRAWN = "withdrawn"  # takes back the rater's last label of that pair
CITED = re.compile(r"\s*\[([^\[\]]*)\]?\s*$")


@dataclass(frozen=True)
class Asked:
    """A question as a reader was asked it, and what it said.

    clauses: as they were shown. answers: the right ones; none where the clauses do not state it. headings: of the
    clauses that state it. samples: answers of one reader, drawn at temperature 1.
    """

    id: str
    family: str
    type: str
    question: str
    clauses: tuple[str, ...]
    answers: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """What one answer does. right: its value is right (for a question without an answer: never). refused: it says "not
    stated". cites: it names the heading of a clause that states the answer. miscites: it names another one."""

    right: bool
    refused: bool
    cites: bool
    miscites: bool
    words: int

    @property
    def form(self) -> str:
        """The answer in one word: "refuses", "cites" or "plain"."""
        return "refuses" if self.refused else "cites" if self.cites or self.miscites else "plain"


@dataclass(frozen=True)
class Pair:
    """Two different answers of one reader to one question. asked: the id of the question."""

    id: str
    asked: str
    first: str
    second: str


@dataclass(frozen=True)
class Label:
    """What one rater said about one pair. choice: one of CHOICES, or WITHDRAWN. reasons: tags. seconds: what it took.
    at: when, in ISO 8601. again: is it a hidden repeat?"""

    pair: str
    choice: str
    rater: str
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    at: str = ""
    again: bool = False


def split_citation(answer: str) -> tuple[str, str | None]:
    """(the answer without its citation, the heading it names or None).

    >>> split_citation("30 days [Payment]"), split_citation("not stated")
    (('30 days', 'Payment'), ('not stated', None))
    """
    found = CITED.search(answer)
    return (answer[: found.start()].strip(), found[1].strip()) if found else (answer.strip(), None)


def heading(clause: str) -> str:
    """The heading of a clause as a reader is shown it: "Title (A / B), Heading: text".

    >>> heading("Supply Agreement (Moor / Halden), Payment: Invoices are due.")
    'Payment'
    """
    return clause.partition(": ")[0].rpartition(", ")[2]


def behaviour(asked: Asked, answer: str) -> Behaviour:
    """What an answer to that question does."""
    text, named = split_citation(answer)
    refused = text.lower().startswith("not stated")
    right = bool(asked.answers) and not refused and states(text, asked.answers, asked.question)
    cites = named in asked.headings
    return Behaviour(right, refused, cites, named is not None and not cites, len(text.split()))


def load_asked(path: Path = SAMPLES) -> list[Asked]:
    """The questions with their samples, in the order of the file. Raises: ValueError for a damaged line; OSError."""
    return [Asked(**_as(Asked, entry, path, number)) for number, entry in read_entries(path)]


def alike(text: str) -> str:
    """The text without what makes no difference between two answers: capitals, and how much white space there is."""
    return " ".join(text.lower().split())


def different(samples: Sequence[str]) -> list[str]:
    """The samples in their order, each once; of equal ones (see `alike`) the first.

    >>> different(["30 days", "not stated", "30  Days"])
    ['30 days', 'not stated']
    """
    found: dict[str, str] = {}
    for text in samples:
        found.setdefault(alike(text), text)
    return list(found.values())


def pairs_of(asked: Sequence[Asked], most: int = 2, seed: int = 7) -> list[Pair]:
    """Up to `most` pairs of different samples for each question; pairs that differ in what they do come first.

    Which of the two stands first is drawn, so that the place says nothing. Samples that differ in capitals or spaces
    only are the same. An id names both answers, so that a label never counts for others.
    """
    pairs = []
    for one in asked:
        rng = random.Random(f"{seed} {one.id}")
        both = [rng.sample(two, 2) for two in combinations(different(one.samples), 2)]
        rng.shuffle(both)
        both.sort(key=lambda two: behaviour(one, two[0]) == behaviour(one, two[1]))
        pairs += [pair_of(one.id, *two) for two in both[:most]]
    return pairs


def pair_of(asked: str, first: str, second: str) -> Pair:
    """Two answers to a question as a pair. Its id is made of all three.

    >>> pair_of("q7", "30 days", "not stated").id
    'q7 3b280217'
    """
    return Pair(f"{asked} {crc32(f'{first}|{second}'.encode()):08x}", asked, first, second)


def add_label(path: Path, label: Label) -> None:
    """Write one label down at once: whoever stops then loses none. Raises: ValueError for an unknown choice."""
    if label.choice not in (*CHOICES, WITHDRAWN):
        raise ValueError(f"the choice is {label.choice!r}, and should be one of {', '.join(CHOICES)}")
    append(path, [asdict(label)])


def load_labels(path: Path) -> list[Label]:
    """The labels of a file, in order; of a pair that a rater labelled twice both, of one that was withdrawn none. No
    file: none.

    Raises: ValueError, with the line, for a damaged one.
    """
    labels: list[Label] = []
    for number, entry in read_entries(path):
        label = Label(**_as(Label, entry, path, number))
        if label.choice != WITHDRAWN:
            labels.append(label)
        elif same := [at for at, one in enumerate(labels) if _about(one) == _about(label)]:
            del labels[same[-1]]
    return labels


def _about(label: Label) -> tuple[str, str, bool]:
    return label.rater, label.pair, label.again


def _as(kind: type, entry: dict[str, Any] | None, path: Path, number: int) -> dict[str, Any]:
    """The fields of a record; lists as tuples."""
    names = {field.name for field in fields(kind)}
    if entry is None or not {"id" if kind is Asked else "pair"} <= set(entry) <= names:
        raise ValueError(
            f"{path}, line {number}: this is no {kind.__name__.lower()}; restore the file, or delete the line"
        )
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
