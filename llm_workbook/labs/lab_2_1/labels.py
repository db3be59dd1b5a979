"""Forty pairs labelled by hand, and what each filter does to them."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ...measure.statistics import wilson_interval
from ...settings import DATA
from .pairs import Pair

LABELS = DATA / "labelled_pairs.csv"
WAYS = {"alone": "model alone", "first": "rule finds, model asks", "rule": "rule finds and asks"}

Keeps = Callable[[Pair], bool]


@dataclass(frozen=True)
class Labelled:
    """A pair, whether its clause answers the question so, and in words why not. way: how it was made."""

    pair: Pair
    way: str
    good: bool
    reason: str


def load_labels() -> list[Labelled]:
    """The labelled pairs, in the order of the file."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                Pair(row["question"], row["answer"], row["clause"], row["document"], "", row["source"], row["kind"]),
                row["way"],
                row["good"] == "yes",
                row["reason"],
            )
            for row in csv.DictReader(file)
        ]


def yields(labelled: Sequence[Labelled]) -> pd.DataFrame:
    """Good pairs by the way they were made: the share (0 to 1), and in words with its interval."""
    rows = {}
    for way, title in WAYS.items():
        good = [one.good for one in labelled if one.way == way]
        rows[title] = {"share": sum(good) / max(1, len(good)), "good": _share(sum(good), len(good))}
    return pd.DataFrame(rows).T


def filter_table(labelled: Sequence[Labelled], filters: Mapping[str, Keeps]) -> pd.DataFrame:
    """Precision and recall of each filter with their 95 % intervals (Wilson); the first row keeps everything."""
    return pd.DataFrame({name: _row(labelled, keeps) for name, keeps in {"no filter": _all, **filters}.items()}).T


def _all(_pair: Pair) -> bool:
    return True


def _row(labelled: Sequence[Labelled], keeps: Keeps) -> dict[str, object]:
    kept = [one for one in labelled if keeps(one.pair)]
    good, right = sum(one.good for one in labelled), sum(one.good for one in kept)
    return {"precision": _share(right, len(kept)), "recall": _share(right, good), "kept": len(kept)}


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none passes"
    low, high = wilson_interval(part, whole)
    return f"{part / whole:.0%} [{low:.0%}, {high:.0%}], {part} of {whole}"


def wrongly_kept(labelled: Sequence[Labelled], keeps: Keeps) -> pd.DataFrame:
    """The labelled pairs that pass and are not good, with the reason that was noted."""
    wrong = [one for one in labelled if keeps(one.pair) and not one.good]
    return pd.DataFrame(
        [{"question": one.pair.question, "answer": one.pair.answer, "why it is wrong": one.reason} for one in wrong],
        columns=["question", "answer", "why it is wrong"],
    )
