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


def halves(answers: pd.DataFrame, seed: int | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(dev, test): the families in two halves, so that no family is in both. seed: at random; None: every second one."""
    names = sorted(set(answers["family"]))
    dev = names[::2] if seed is None else np.random.default_rng(seed).permutation(names)[: len(names) // 2]
    inside = answers["family"].isin([*dev])
    return answers[inside], answers[~inside]


def curve(answers: pd.DataFrame) -> pd.DataFrame:
    """A row for each confidence that occurs, highest first, if answers from there on are given: coverage and risk, 0 to
    1; n."""
    levels = sorted(set(answers["confidence"]), reverse=True)
    kept = [answers[answers["confidence"] >= level] for level in levels]
    return pd.DataFrame(
        {
            "threshold": levels, "n": [len(some) for some in kept],
            "coverage": [len(some) / len(answers) for some in kept],
            "risk": [1 - float(some["right"].mean()) for some in kept],
        }
    )  # fmt: skip


def aurc(answers: pd.DataFrame) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages (Geifman and El-Yaniv, arXiv:1805.08206).

    Answers of equal confidence are given in random order, so between two thresholds the expected number of wrong ones
    rises evenly. 0 to 1; small is good.
    """
    steps, wrong, given = curve(answers), 0.0, 0
    risks: list[float] = []
    for row in steps.itertuples():
        extra, bad = int(row.n) - given, float(row.risk) * int(row.n) - wrong
        risks += [(wrong + bad * k / extra) / (given + k) for k in range(1, extra + 1)]
        given, wrong = int(row.n), wrong + bad
    return float(np.mean(risks))


def best_aurc(answers: pd.DataFrame) -> float:
    """The area of a confidence that gives every right answer before every wrong one."""
    perfect = answers.assign(confidence=answers["right"].astype(float))
    return aurc(perfect)


def kept(answers: pd.DataFrame, threshold: float) -> tuple[float, float, float, float, int]:
    """(coverage, risk, low, high, n) of the answers at or above a threshold; the 95 % interval of the risk over families."""
    some = answers[answers["confidence"] >= threshold]
    if some.empty:
        return 0.0, 0.0, 0.0, 1.0, 0
    wrong = 1 - some["right"].to_numpy(float)
    low, high = interval(wrong, list(some["family"]))
    return len(some) / len(answers), float(wrong.mean()), max(low, 0.0), high, len(some)


def margins(
    answers: pd.DataFrame, choose: Threshold, limit: float, aims: Sequence[float], times: int = 200
) -> pd.DataFrame:  # fmt: skip
    """The families are halved at random so many times: a threshold is chosen on one half, and used on the other.

    aims: the risk that is asked for on dev, each a row. Columns: in how many % of the splits the risk on the other half
    is within the limit, in how many no answer is given there, the mean coverage there, and the mean risk where some are.
    """
    rows = {}
    for aim in aims:
        found = []
        for seed in range(times):
            dev, test = halves(answers, seed)
            coverage, risk, *_ = kept(test, choose(dev["confidence"].tolist(), dev["right"].tolist(), aim))
            found.append((coverage, risk))
        covered, risks = np.array(found).T
        given = covered > 0
        rows[f"{aim:.0%} on dev"] = {
            f"within {limit:.0%}": f"{np.mean(given & (risks <= limit)):.0%}", "broken": f"{np.mean(risks > limit):.0%}",
            "nothing given": f"{np.mean(~given):.0%}", "mean coverage": f"{covered.mean():.0%}",
            "mean risk": f"{risks[given].mean():.0%}" if given.any() else "none",
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")
