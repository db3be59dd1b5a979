"""Tables and verdicts of lab 1.6, by type of question."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ...benchmark.search import place_of
from ...corpus.records import Question
from ...measure.retrieval import score_rankings
from ...measure.statistics import Verdict
from ...regions import Region
from ...run import Run

Rankings = Mapping[str, Sequence[int]]  # question id -> places, best first
TYPES = ("bridge", "superseded", "pointer", "conflict", "comparison", "aggregate", "lookup")


def scored(regions: Sequence[Region], rankings: Rankings, split: str, k: int = 3) -> pd.DataFrame:
    """Recall at k of each question of a split, and whole: is all of its evidence there?"""
    tables = []
    for region in regions:
        asked: Sequence[Question] = getattr(region, split)
        spans = {one.id: [place_of(region.entries[at]) for at in rankings[one.id][:k]] for one in asked}
        tables.append(score_rankings(spans, asked, k))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(whole=(table["recall"] > 0.999).astype(float))


def board(
    regions: Sequence[Region], systems: Mapping[str, Rankings], split: str, metric: str = "whole", k: int = 3
) -> pd.DataFrame:
    """% of a metric by type of question (the rest together), a row for each system; the last row is the number of
    questions."""
    rows, counts = {}, pd.Series(dtype=int)
    for name, rankings in systems.items():
        table = scored(regions, rankings, split, k)
        group = table["type"].where(table["type"].isin(TYPES), "others")
        means, counts = table.groupby(group)[metric].mean(), group.value_counts()
        rows[name] = {kind: 100 * means[kind] for kind in (*TYPES, "others") if kind in means}
        rows[name]["all"] = 100 * table[metric].mean()
    made = pd.DataFrame(rows).T.round(0).astype(int)
    made.loc["questions"] = [int(counts.get(kind, counts.sum())) for kind in made.columns]
    return made


def verdicts(
    run: Run, found: Mapping[str, pd.DataFrame], kinds: Sequence[str], metric: str = "whole"
) -> dict[str, Verdict]:
    """The last system against the first, by type of question as far as there are some, and over all; then the others
    against the first over all."""
    first, *others, last = found
    there = [kind for kind in kinds if (found[first]["type"] == kind).any()]
    made = {kind: run.compare(found[last], found[first], metric, kind, last, first) for kind in there}
    named = {f"{name}, all": name for name in (last, *others)}
    return made | {
        key: run.compare(found[name], found[first], metric, None, name, first) for key, name in named.items()
    }
