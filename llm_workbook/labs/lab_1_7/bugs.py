"""A pipeline as one function, with three mistakes in it, and where it loses the evidence of each question."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from ...regions import Region

Kept = tuple[list[int], list[int], list[int]]  # places: in the index; candidates, best first; shown
Pipeline = Callable[[Sequence[str], Sequence[float], Sequence[int], int], Kept]


def lengths(regions: Sequence[Region], count: Callable[[str], int]) -> dict[str, list[int]]:
    """region -> tokens of each of its clauses."""
    return {region.name: [count(text) for text in region.texts] for region in regions}


def followed(
    regions: Sequence[Region],
    scores: Mapping[str, np.ndarray],
    tokens: Mapping[str, Sequence[int]],
    split: str,
    pipeline: Pipeline,
    fault: Callable[..., str],
    budget: int = 200,
) -> pd.DataFrame:
    """A row for each question of a split: type, family, recall (share of its evidence that is shown) and lost (the stage
    that lost it, "" where all is shown)."""
    rows = []
    for region in regions:
        for one in getattr(region, split):
            kept, order, shown = pipeline(region.texts, scores[one.id].tolist(), tokens[region.name], budget)
            needed = region.stating(one)
            recall = len(set(needed) & set(shown)) / max(1, len(needed))
            known = [str(at) if at in set(kept) else "" for at in needed]
            places = [[str(at) for at in some] for some in (order, shown)]
            lost = "" if recall == 1 else fault(known, places[0], places[0], places[1], False)
            rows.append([one.id, one.type, one.family, recall, lost])
    return pd.DataFrame(rows, columns=["question_id", "type", "family", "recall", "lost"])


def losses(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """% of the questions that each stage loses, a row for each pipeline."""
    rows = {
        name: 100 * table["lost"].replace("", "all shown").value_counts(normalize=True) for name, table in found.items()
    }
    columns = ["all shown", "not indexed", "not retrieved", "ranked low", "cut"]
    return pd.DataFrame(rows).T.reindex(columns=columns).fillna(0).round(0).astype(int)
