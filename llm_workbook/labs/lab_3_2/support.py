"""What an answer stands on: the place in the contract that it points at, and what that says about a system."""

import re
from collections.abc import Sequence

import pandas as pd

from ...corpus.records import Span
from ...measure.answers import groundedness
from ...taught.lab_1_5 import cite
from .study import Case, Said, is_right, refused, texts

ENDS = re.compile(r"[.;]\s|\n")


def pointed_at(case: Case, answer: str) -> tuple[Span, ...]:
    """The sentence of the first shown clause that contains the answer; whole clauses where the answer contains them;
    nothing where neither is found, or the answer refuses."""
    if refused(answer):
        return ()
    copied = [place for clause, place in zip(case.clauses, case.places, strict=True) if clause in answer]
    if copied:
        return tuple(copied)
    for place in case.places:
        text = texts()[place.document][place.start : place.end]
        if found := cite(answer, [text]):
            return (_sentence(text, place, *found[1:]),)
    return ()


def _sentence(text: str, place: Span, start: int, end: int) -> Span:
    """The sentence around some characters of a clause."""
    low = max((match.end() for match in ENDS.finditer(text, 0, start)), default=0)
    after = ENDS.search(text, end)
    high = after.start() + 1 if after else len(text)
    return Span(place.document, place.start + low, place.start + high)


def span_iou(found: Sequence[Span], marked: Sequence[Span]) -> float:
    """Characters that both have over characters that either has, 0 to 1; 0.0 where there are none (CUAD calls two spans
    a match from 0.5 on; arXiv:2103.06268).

    >>> span_iou([Span("msa", 0, 10)], [Span("msa", 5, 10)])
    0.5
    """
    one, other = (_characters(some) for some in (found, marked))
    return len(one & other) / len(one | other) if one | other else 0.0


def _characters(spans: Sequence[Span]) -> set[tuple[str, int]]:
    return {(span.document, at) for span in spans for at in range(span.start, span.end)}


def support(case: Case, answer: str) -> dict[str, float]:
    """What an answer does. right, refused: 0 or 1. iou: of its place with the evidence. grounded: share of its words in
    the clauses. cited: places it points at; cited_right: those that overlap the evidence."""
    found, refuses = pointed_at(case, answer), refused(answer)
    hits = [bool(_characters([one]) & _characters(case.marked)) for one in found]
    return {
        "right": is_right(case.question, answer), "refused": float(refuses), "iou": span_iou(found, case.marked),
        "grounded": 0.0 if refuses else groundedness(answer, case.clauses), "cited": len(hits), "cited_right": sum(hits),
    }  # fmt: skip


def supported(said: Said, cases: Sequence[Case], systems: Sequence[str]) -> pd.DataFrame:
    """A row for each system, seed and question: what the answer does, and whether the contract states the value."""
    known, rows = {case.question.id: case for case in cases}, []
    for system in systems:
        for (one, seed), answer in said[system].items():
            row = {"system": system, "question_id": one, "seed": seed, "stated": bool(known[one].marked)}
            rows.append(row | support(known[one], answer))
    return pd.DataFrame(rows)


def support_board(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each system: span IoU and strict of the questions that have an answer; words grounded and citations
    right of the answers that were given. All in %."""
    rows = {}
    for system, part in table.groupby("system", sort=False):
        stated, given = part[part["stated"]], part[part["refused"] == 0]
        rows[system] = {
            "strict": _percent(stated["right"]),
            "span IoU": _percent(stated["iou"]),
            "words grounded": _percent(given["grounded"]),
            "citations right": f"{100 * given['cited_right'].sum() / total:.0f}"
            if (total := given["cited"].sum())
            else "none",
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def refusal_table(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each system, four cells: stated or not, answered or refused; % of the questions of its half."""
    rows = {}
    for system, part in table.groupby("system", sort=False):
        stated, absent = part[part["stated"]], part[~part["stated"]]
        rows[system] = {
            ("stated", "right"): _percent(stated["right"]),
            ("stated", "wrong"): _percent(1 - stated["right"] - stated["refused"]),
            ("stated", "refused: needless"): _percent(stated["refused"]),
            ("not stated", "answered: invented"): _percent(1 - absent["refused"]),
            ("not stated", "refused: right"): _percent(absent["refused"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _percent(shares: pd.Series) -> str:
    return f"{100 * shares.mean():.0f}" if len(shares) else "none"
