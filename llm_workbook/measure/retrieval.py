"""Measures of retrieval. They compare character spans, so that any way of cutting documents can be compared with any
other."""

from collections.abc import Iterable, Mapping, Sequence
from math import log2

import pandas as pd

from ..corpus.records import Question, Span
from ..taught.lab_1_1 import covers, recall_at_k

__all__ = ["covers", "ndcg_at_k", "precision_at_k", "recall_at_k", "reciprocal_rank", "score_rankings"]


def reciprocal_rank(ranked: Sequence[Span], evidence: Sequence[Span]) -> float:
    """1 / rank of the first result that covers any evidence span; 0.0 when none does. Ranks start at 1.

    ranked: results, best first.
    Explained in: lab 1.1.

    >>> reciprocal_rank([Span("nda", 0, 50), Span("msa", 0, 50)], [Span("msa", 10, 30)])
    0.5
    """
    ranks = (rank for rank, result in enumerate(ranked, start=1) if any(covers(result, span) for span in evidence))
    return 1 / next(ranks, float("inf"))


def precision_at_k(ranked: Sequence[Span], evidence: Sequence[Span], k: int) -> float:
    """Share of the first k places that hold a result which covers some evidence. An empty place counts as wrong.

    Raises: ValueError when k < 1.

    >>> precision_at_k([Span("msa", 0, 50), Span("nda", 0, 50)], [Span("msa", 10, 30)], k=2)
    0.5
    """
    if k < 1:
        raise ValueError(f"precision needs k >= 1, but k is {k}")
    return sum(any(covers(result, span) for span in evidence) for result in ranked[:k]) / k


def ndcg_at_k(ranked: Sequence[Span], evidence: Sequence[Span], k: int) -> float:
    """Normalised discounted cumulative gain, 0 to 1 (Järvelin and Kekäläinen, TOIS 2002).

    Each evidence span gives a gain of 1 to the first result that covers it; a result earns the gains of all the spans
    that it covers first. The ideal puts each span at a place of its own.
    Raises: ValueError when k < 1 or there is no evidence.

    >>> ndcg_at_k([Span("nda", 0, 50), Span("msa", 0, 50)], [Span("msa", 10, 30)], k=2) == 1 / log2(3)
    True
    """
    if k < 1 or not evidence:
        raise ValueError(
            f"nDCG needs k >= 1 and some evidence, but k = {k} and there are {len(evidence)} evidence spans"
        )
    missing, gain = list(evidence), 0.0
    for rank, result in enumerate(ranked[:k], start=1):
        covered = [span for span in missing if covers(result, span)]
        missing = [span for span in missing if span not in covered]
        gain += len(covered) / log2(rank + 1)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(k, len(evidence)) + 1))
    return min(1.0, gain / ideal)


def score_rankings(rankings: Mapping[str, Sequence[Span]], questions: Iterable[Question], k: int) -> pd.DataFrame:
    """One row for each answerable question: question_id, type, family, recall, precision, reciprocal_rank, ndcg (0 to
    1).

    rankings: question id -> results, best first. Raises: ValueError when a question has no ranking.
    """
    rows = []
    for question in (question for question in questions if question.answerable):
        if question.id not in rankings:
            raise ValueError(
                f"question {question.id!r} has no ranking: rank every question, with an empty list where nothing was"
                " found"
            )
        ranked, evidence = rankings[question.id], question.evidence
        scores = {
            "recall": recall_at_k(ranked, evidence, k), "precision": precision_at_k(ranked, evidence, k),
            "reciprocal_rank": reciprocal_rank(ranked, evidence), "ndcg": ndcg_at_k(ranked, evidence, k),
        }  # fmt: skip
        rows.append({"question_id": question.id, "type": question.type, "family": question.family, **scores})
    return pd.DataFrame(rows)
