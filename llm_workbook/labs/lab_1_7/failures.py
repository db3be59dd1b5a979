"""Recorded traces, and what became of the evidence of each question on its way to the reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...assistant import trace
from ...assistant.trace import Span
from ...settings import DATA
from ...show.text import in_html

RECORDED = DATA / "traces.jsonl.gz"
STAGES = ("not indexed", "not retrieved", "ranked low", "cut", "not read", "wrong")


@dataclass(frozen=True)
class Case:
    """A question that has an answer, and its way through the assistant. Clauses are named by their places.

    needed: those that state the answer ("" for one that the index lacks). found: the candidates of the search, best
    first. ranked: their new order. shown: those that the reader saw.
    """

    question: str
    type: str
    family: str
    expected: str
    needed: tuple[str, ...]
    found: tuple[str, ...]
    ranked: tuple[str, ...]
    shown: tuple[str, ...]
    answer: str
    right: bool
    refused: bool
    spans: tuple[Span, ...] = ()

    def __str__(self) -> str:
        ranks = {one: f"{self._rank(one, self.found)} of the search, {self._rank(one, self.ranked)} after reranking,"
                      f" {'shown' if one in self.shown else 'not shown'}" for one in self.needed}  # fmt: skip
        lines = [f"  needed {one or 'a clause that the index lacks'}: place {told}" for one, told in ranks.items()]
        head = f"{self.type}: {self.question}\n  right: {self.expected}\n  said:  {self.answer} ({len(self.shown)} clauses)"
        return "\n".join([head, *lines, ""])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{in_html(str(self))}</pre>"

    @staticmethod
    def _rank(one: str, places: Sequence[str]) -> str:
        return str(places.index(one) + 1) if one in places else "none"


def recorded(path: Path = RECORDED) -> list[Case]:
    """The recorded traces of questions that have an answer, made by `python -m tools.domain traces`."""
    return [case_of(entry) for entry in trace.read(path) if entry["needed"]]


def case_of(entry: dict[str, Any]) -> Case:
    """A recorded trace (see `assistant.trace.read`) as a case."""
    spans: tuple[Span, ...] = entry["spans"]
    at = {one.name: tuple(one.fields.get("places", ())) for one in spans}
    found = at["search"]
    return Case(
        entry["question"], entry["type"], entry["family"], " / ".join(entry["expected"]), tuple(entry["needed"]), found,
        at.get("rerank", found), at["pack"], entry["answer"], entry["right"], entry["refused"], spans,
    )  # fmt: skip


def tree(cases: Sequence[Case], fault: Callable[..., str]) -> pd.Series:
    """Wrong answers by the stage that lost them, in the order of the stages, and right ones."""
    return pd.Series(_named(cases, fault), dtype=str).value_counts().reindex(["right", *STAGES], fill_value=0)


def by_type(cases: Sequence[Case], fault: Callable[..., str]) -> pd.DataFrame:
    """The same counts, a row for each type of question."""
    table = pd.DataFrame({"type": [one.type for one in cases], "fault": _named(cases, fault)})
    return pd.crosstab(table["type"], table["fault"])


def _named(cases: Sequence[Case], fault: Callable[..., str]) -> list[str]:
    return ["right" if one.right else fault(one.needed, one.found, one.ranked, one.shown, one.refused) for one in cases]


def time_of(cases: Sequence[Case]) -> pd.DataFrame:
    """Median ms of each step and its share of the whole, over cases. An answer that was known counts what it once took."""
    rows = [{one.name: one.fields.get("compute_ms", one.ms) for one in case.spans} for case in cases]
    table = pd.DataFrame(rows).median()
    return pd.DataFrame({"median ms": table.round(0), "% of the whole": (100 * table / table.sum()).round(0)}).astype(
        int
    )
