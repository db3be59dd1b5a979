"""Pairs to look at, and the recorded trainings."""

from collections.abc import Sequence

import pandas as pd

from ...measure.statistics import Verdict, compare, mean_interval
from ...settings import DATA
from .exam import NONE, OTHERS, PERIODS
from .pairs import Pair

RECORDED = DATA / "factory.csv.gz"
SHOWN = 160  # characters


def look_at(pairs: Sequence[Pair], most: int = 12) -> pd.DataFrame:
    """Question, answer and the beginning of the clause, or where the answer stands in it."""
    return pd.DataFrame(
        [{"question": one.question, "answer": one.answer, "clause": _around(one)} for one in pairs[:most]],
        columns=["question", "answer", "clause"],
    )


def _around(pair: Pair) -> str:
    """The part of the clause round the answer; the beginning where the answer does not stand in it."""
    at = max(0, pair.body.find(pair.answer) - SHOWN // 2) if pair.answer else 0
    part = pair.body[at : at + SHOWN]
    return ("… " if at else "") + part + (" …" if at + SHOWN < len(pair.body) else "")


def recorded() -> pd.DataFrame:
    """The recorded answers of readers that learned from different sets: set, seed, tokens, question_id, family, type,
    answerable, correct, refused (`python -m tools.domain factory` makes them again)."""
    return pd.read_csv(RECORDED)


def record_table(answers: pd.DataFrame) -> pd.DataFrame:
    """One row for each set: % right by what is asked for, needless and right refusals, the mean over the seeds with the
    95 % confidence interval over families."""
    return pd.DataFrame({name: _rates_of(part) for name, part in answers.groupby("set", sort=False)}).T


def _rates_of(answers: pd.DataFrame) -> dict[str, object]:
    some, none = answers[answers["type"] != NONE], answers[answers["type"] == NONE]
    by_kind = {kind: _interval(some[some["type"] == kind], "correct") for kind in (PERIODS, OTHERS)}
    refusals = {"needless refusals": _interval(some, "refused"), "right refusals": _interval(none, "refused")}
    return {"all": _interval(some, "correct"), **by_kind, **refusals, "seeds": answers["seed"].nunique()}


def _interval(answers: pd.DataFrame, column: str) -> str:
    rows = answers.assign(score=answers[column].astype(float)).groupby("question_id")
    mean, low, high = (100 * value for value in mean_interval(rows["score"].mean(), rows["family"].first()))
    return f"{mean:.0f} % [{low:.0f}, {high:.0f}]"


def recorded_verdict(answers: pd.DataFrame, name_a: str, name_b: str, kind: str = "") -> Verdict:
    """Set a against set b over the seeds that both were recorded with, of the questions that have an answer, or of one
    kind."""
    chosen = answers[answers["type"] == kind] if kind else answers[answers["type"] != NONE]
    families = dict(zip(chosen["question_id"], chosen["family"], strict=True))
    of = {name: dict(iter(chosen[chosen["set"] == name].groupby("seed"))) for name in (name_a, name_b)}
    seeds = [seed for seed in of[name_a] if seed in of[name_b]]
    a, b = ([of[name][seed].set_index("question_id")["correct"] for seed in seeds] for name in (name_a, name_b))
    return compare(a, b, families, name_a, name_b)
