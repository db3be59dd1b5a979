"""The ways to search of lab 1.4, over all regions: keywords, mixed scores, routes, spread rankings."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from ...regions import Region, ranked, scored


def by_keywords(
    regions: Sequence[Region], score: Callable[..., list[np.ndarray]], terms: Callable[[str], list[str]]
) -> dict[str, np.ndarray]:
    """question id -> score(texts, questions, terms) of its region's entries."""
    scores = {}
    for region in regions:
        rows = score(region.texts, [question.question for question in region.asked], terms)
        scores |= {question.id: row for question, row in zip(region.asked, rows, strict=True)}
    return scores


def first_right(regions: Sequence[Region], rankings: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """question id -> rank of the first clause that states its answer, from 1; one past the end where none is ranked."""
    ranks = {}
    for region in regions:
        for question in region.asked:
            row, right = rankings[question.id], region.stating(question)
            ranks[question.id] = min((list(row).index(at) + 1 for at in right if at in row), default=len(row) + 1)
    return ranks


def routed(
    regions: Sequence[Region], scores: Mapping[str, np.ndarray], route: Callable[..., np.ndarray]
) -> dict[str, list[int]]:
    """Rankings after route(question, texts, scores), for all questions."""
    changed = {}
    for region in regions:
        changed |= {one.id: route(one.question, region.texts, scores[one.id]) for one in region.asked}
    return ranked(changed)


def mixed(
    first: Mapping[str, np.ndarray],
    second: Mapping[str, np.ndarray],
    mix: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
    weights: Sequence[float],
) -> dict[float, dict[str, list[int]]]:
    """weight -> rankings by mix(scores, scores, weight)."""
    return {weight: ranked({name: mix(row, second[name], weight) for name, row in first.items()}) for weight in weights}


def recalls(
    regions: Sequence[Region], curve: Mapping[float, Mapping[str, Sequence[int]]]
) -> dict[float, dict[str, float]]:
    """weight -> question id -> recall at 3, of the dev and test questions. curve: weight -> rankings."""
    found: dict[float, dict[str, float]] = {}
    for weight, rankings in curve.items():
        table = pd.concat([scored(regions, rankings, split) for split in ("dev", "test")])
        found[weight] = dict(zip(table["question_id"], table["recall"], strict=True))
    return found


def spread(
    regions: Sequence[Region],
    scores: Mapping[str, np.ndarray],
    vectors: Mapping[str, np.ndarray],
    mmr: Callable[..., list[int]],
    share: float,
) -> dict[str, list[int]]:
    """Rankings of mmr(scores, vectors, share), for all questions."""
    rankings = {}
    for region in regions:
        entries = np.array([vectors[text] for text in region.texts])
        rankings |= {one.id: mmr(scores[one.id], entries, share) for one in region.asked}
    return rankings


def why_less(
    regions: Sequence[Region],
    strong: Mapping[str, Sequence[int]],
    fused: Mapping[str, Sequence[int]],
    weak: Mapping[str, Sequence[int]],
) -> str:
    """One sentence on the test questions where fusion changed something: how many, and where the weak search had the
    right clause."""
    before, after = (scored(regions, one, "test").set_index("question_id")["recall"] for one in (strong, fused))
    lost, won = list(before.index[after < before]), int((after > before).sum())
    if not lost:
        return f"RRF finds less on no test question, and more on {won}."
    ranks = (first_right(regions, one) for one in (strong, weak))
    places = [int(np.median([rank[name] for name in lost])) for rank in ranks]
    return (
        f"RRF finds less on {len(lost)} test questions and more on {won}. Where it finds less, the right clause has the"
        f" median rank {places[0]} by your encoder and {places[1]} by keywords."
    )
