"""Regions of the world as the domain models see them: entries of an index, and which entries state an answer."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from sys import maxsize
from typing import TYPE_CHECKING

from llm_workbook.benchmark.search import clause_entries, place_of
from llm_workbook.corpus.records import Contract, Question, Span

from ..build_corpus.build import regions

if TYPE_CHECKING:
    from langchain_core.documents import Document

TRAIN_REGIONS = 12  # whose train families teach


class Region:
    """The contracts and questions of one region, with its index entries."""

    def __init__(self, number: int, contracts: Sequence[Contract], questions: Sequence[Question]) -> None:
        self.number, self.contracts, self.questions = number, list(contracts), list(questions)
        self.entries: list[Document] = clause_entries(self.contracts)
        self.places: dict[str, list[tuple[int, Span]]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            self.places[entry.metadata["document"]].append((at, place_of(entry)))

    def asked(self, split: str) -> list[Question]:
        """The questions and answers of one split."""
        return [question for question in self.questions if (question.split, question.task) == (split, "qa")]

    def stating(self, spans: Sequence[Span]) -> list[int]:
        """The first entry that contains each span (half of it at least), in the order of the spans, each once."""
        found = []
        for span in spans:
            found += [at for at, place in self.places[span.document] if overlap(place, span) * 2 >= len(span)][:1]
        return list(dict.fromkeys(found))


def overlap(a: Span, b: Span) -> int:
    """Characters that two spans of one document share."""
    return max(0, min(a.end, b.end) - max(a.start, b.start))


@cache
def region(number: int) -> Region:
    """Region `number` of the generator; region 0 is the committed corpus."""
    return next(islice(_all(), number, None)) if number else next(_all())


@cache
def first_regions(count: int) -> tuple[Region, ...]:
    """The first `count` regions, made in one pass."""
    return tuple(islice(_all(), count))


def _all() -> Iterator[Region]:
    for number, (contracts, _, questions) in enumerate(regions(maxsize)):
        yield Region(number, contracts, questions)
