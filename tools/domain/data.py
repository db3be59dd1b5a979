"""Regions of the world as the domain models see them: entries of an index, and which entries state an answer."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from sys import maxsize
from typing import TYPE_CHECKING

from llm_workbook.benchmark.search import clause_entries, nearest_texts, place_of
from llm_workbook.corpus.records import Contract, Question, Span
from llm_workbook.taught.lab_1_1 import covers

from ..build_corpus.build import regions

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

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
            found += [at for at, place in self.places[span.document] if covers(place, span)][:1]
        return list(dict.fromkeys(found))


def search(region: Region, questions: Sequence[Question], embeddings: "Embeddings", k: int) -> dict[str, list[int]]:
    """question id -> its k nearest entries, best first."""
    at = {id(entry): place for place, entry in enumerate(region.entries)}
    found = nearest_texts(lambda: region.entries, embeddings)([question.question for question in questions], k)
    return {one.id: [at[id(entry)] for entry in hits] for one, hits in zip(questions, found, strict=True)}


@cache
def first_regions(count: int) -> tuple[Region, ...]:
    """The first `count` regions, made in one pass."""
    return tuple(islice(_all(), count))


def _all() -> Iterator[Region]:
    for number, (contracts, _, questions) in enumerate(regions(maxsize)):
        yield Region(number, contracts, questions)
