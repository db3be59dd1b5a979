"""How sure a reader is, by how many of its samples agree; what that is worth."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ...feedback.records import alike, behaviour, load_asked, split_citation
from ...measure.statistics import interval

Threshold = Callable[[Sequence[float], Sequence[bool], float], float]


def samples() -> pd.DataFrame:
    """The first sample for each question of lab 2.4 that is no refusal: family, confidence (share of all six samples that
    give the same words, itself included), right."""
    rows = []
    for one in load_asked():
        texts = [alike(split_citation(text)[0]) for text in one.samples]
        done = behaviour(one, one.samples[0])
        if not done.refused:
            sure = texts.count(texts[0]) / len(texts)
            rows.append({"question_id": one.id, "family": one.family, "confidence": sure, "right": done.right})
    return pd.DataFrame(rows)


def halves(answers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(dev, test): every second family, and the others, so that no family is in both."""
    inside = answers["family"].isin(sorted(set(answers["family"]))[::2])
    return answers[inside], answers[~inside]


def curve(answers: pd.DataFrame) -> pd.DataFrame:
    """A row for each confidence that occurs, highest first, if answers from there on are given: coverage and risk, 0 to
    1; n."""
    steps = answers.groupby("confidence")["right"].agg(["sum", "size"]).sort_index(ascending=False).cumsum()
    n, risk = steps["size"].astype(int), 1 - steps["sum"].astype(float) / steps["size"]
    return pd.DataFrame({"n": n, "coverage": n / len(answers), "risk": risk}).reset_index(names="threshold")


def aurc(answers: pd.DataFrame) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages (Geifman and El-Yaniv, arXiv:1805.08206).

    Answers of equal confidence are given in random order, so between two thresholds the expected number of wrong ones
    rises evenly. 0 to 1; small is good.
    """
    steps, wrong, given = curve(answers), 0.0, 0
    risks: list[float] = []
    for n, risk in zip(steps["n"].tolist(), steps["risk"].tolist(), strict=True):
        extra, bad = n - given, risk * n - wrong
        risks += [(wrong + bad * k / extra) / (given + k) for k in range(1, extra + 1)]
        given, wrong = n, wrong + bad
    return float(np.mean(risks))


def kept(answers: pd.DataFrame, threshold: float) -> tuple[float, float, float, float, int]:
    """(coverage, risk, low, high, n) of the answers at or above a threshold; the 95 % interval of the risk over families."""
    some = answers[answers["confidence"] >= threshold]
    if some.empty:
        return 0.0, 0.0, 0.0, 1.0, 0
    wrong = 1 - some["right"].to_numpy(float)
    low, high = interval(wrong, list(some["family"]))
    return len(some) / len(answers), float(wrong.mean()), max(low, 0.0), high, len(some)


def crossed(
    answers: pd.DataFrame, choose: Threshold, limit: float, parts: Sequence[int] = (2, 3, 5, 10), times: int = 50
) -> pd.DataFrame:  # fmt: skip
    """The families are cut into parts at random; each part is answered with the threshold that the others choose
    (cross-validation). A row for each number of parts, over so many cuts; the last has a part for each family.

    coverage, risk: of all parts together, mean over the cuts. within: in how many % of the cuts the risk is at most the
    limit.
    """
    names, rows = sorted(set(answers["family"])), {}
    for count in [*(one for one in parts if one < len(names)), len(names)]:
        cuts = [_one_cut(answers, choose, limit, np.array_split(np.random.default_rng(seed).permutation(names), count))
                for seed in range(times if count < len(names) else 1)]  # fmt: skip
        covered, risks = np.array(cuts).T
        rows[f"{count} parts"] = {
            "families that choose": f"{len(names) - len(names) / count:.0f} of {len(names)}",
            "coverage": f"{covered.mean():.0%}", "risk": f"{np.nanmean(risks):.0%}" if covered.any() else "none",
            f"within {limit:.0%}": f"{np.mean(~(risks > limit)):.0%} of {len(cuts)} cuts",
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def _one_cut(
    answers: pd.DataFrame, choose: Threshold, limit: float, parts: Sequence[np.ndarray]
) -> tuple[float, float]:  # fmt: skip
    """(coverage, risk) of all parts together; the risk is nan where nothing is given."""
    given = wrong = 0
    for part in parts:
        inside = answers["family"].isin([*part])
        dev, test = answers[~inside], answers[inside]
        threshold = choose(dev["confidence"].tolist(), dev["right"].tolist(), limit)
        kept_right = test["right"][test["confidence"] >= threshold]
        given, wrong = given + len(kept_right), wrong + int((~kept_right.astype(bool)).sum())
    return given / len(answers), wrong / given if given else float("nan")
