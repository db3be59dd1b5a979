"""Tables and verdicts of lab 1.6, by type of question."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from ...corpus.records import Question
from ...late import alike, token_vectors
from ...measure.statistics import Verdict
from ...regions import Region, ranked
from ...regions import scored as recall
from ...run import Run
from .graph import named

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

Seed = Callable[[Question, list[str]], Mapping[int | str, float]]
Rankings = Mapping[str, Sequence[int]]  # question id -> places, best first
TYPES = ("bridge", "superseded", "pointer", "conflict", "comparison", "aggregate", "lookup")


def scored(regions: Sequence[Region], rankings: Rankings, split: str, k: int = 3) -> pd.DataFrame:
    """Recall at k of each question of a split, and whole: is all of its evidence there?"""
    table = recall(regions, rankings, split, k)
    return table.assign(whole=(table["recall"] > 0.999).astype(float))


def pagerank(
    regions: Sequence[Region], graphs: Mapping[str, nx.DiGraph], split: str, seed: Seed
) -> dict[str, np.ndarray]:
    """question id -> the personalised PageRank of each clause of its region. seed: (question, documents that it names)
    -> where the walker starts and, with a probability of 30 %, goes back to."""
    visits = {}
    for region in regions:
        loose, known = graphs[region.name].to_undirected(), graphs[region.name].graph["papers"]
        for one in getattr(region, split):
            pages = nx.pagerank(loose, alpha=0.7, personalization=seed(one, named(one.question, known)))
            visits[one.id] = np.array([pages[at] for at in range(len(region.entries))])
    return visits


def two_rounds(
    region: Region,
    split: str,
    rankings: Rankings,
    vectors: "Mapping[str, torch.Tensor]",
    encoder: "SentenceTransformer",
) -> dict[str, list[int]]:
    """Search again with a question and the first clause found for it; the places of both rounds take turns."""
    found = {one.id: rankings[one.id] for one in getattr(region, split)}
    longer = {one.id: f"{one.question} {region.texts[found[one.id][0]]}" for one in getattr(region, split)}
    against = alike({**vectors, **token_vectors(encoder, list(longer.values()))}, region.texts)
    second = ranked({name: against(text) for name, text in longer.items()})
    pairs = {name: zip(found[name], second[name], strict=False) for name in longer}
    return {name: list(dict.fromkeys(at for pair in some for at in pair)) for name, some in pairs.items()}


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
