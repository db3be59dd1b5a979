"""Temporary: regenerated from the lab."""

from collections.abc import Sequence

import numpy as np

from llm_workbook.corpus.records import Span


def covers(result: Span, evidence: Span) -> bool:
    return 2 * result.overlap(evidence) >= len(evidence)


def recall_at_k(ranked: Sequence[Span], evidence: Sequence[Span], k: int) -> float:
    if k < 1 or not evidence:
        raise ValueError
    return sum(any(covers(result, span) for result in ranked[:k]) for span in evidence) / len(evidence)


def reciprocal_rank(ranked: Sequence[Span], evidence: Sequence[Span]) -> float:
    for rank, result in enumerate(ranked, start=1):
        if any(covers(result, span) for span in evidence):
            return 1 / rank
    return 0.0


def cluster_bootstrap(differences: np.ndarray, clusters: Sequence[str], n_resamples: int = 10_000, seed: int = 7) -> np.ndarray:
    names, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums, counts = np.bincount(index, weights=differences), np.bincount(index)
    drawn = np.random.default_rng(seed).integers(0, len(names), (n_resamples, len(names)))
    return sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)


def real_improvements(differences, families):
    return [name for name, values in differences.items() if np.quantile(cluster_bootstrap(values, families), 0.025) > 0]
