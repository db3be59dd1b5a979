"""The pictures of lab 3.2."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from ...show.plots import styled
from .study import ASSISTANT
from .sure import aurc, curve


def beaten(table: DataFrame, games: Sequence[str], measures: Sequence[str]) -> list[str]:
    """The games whose mean is above the assistant's by every one of the measures."""
    means = table.groupby("system")[[*measures]].mean()
    line = means.loc[ASSISTANT].to_numpy()
    return [name for name in games if np.all(means.loc[name].to_numpy() > line)]


@styled
def gamed(table: DataFrame, games: Sequence[str], measures: Sequence[str]) -> Figure:
    """A panel for each measure and one for strict answers: a dot for each system, a line at the assistant.

    table: scores, as `study.scores` gives them. Returns the Figure.
    """
    names = [*measures, "strict"]
    means = 100 * table.groupby("system", sort=False)[names].mean()
    others = [name for name in means.index if name not in games]
    rows = [*others, *games]
    figure, panels = plt.subplots(1, len(names), figsize=(10, 1.6 + 0.28 * len(rows)), sharey=True)
    for axes, name in zip(panels, names, strict=True):
        values = dict(zip(means.index, means[name].to_numpy(float), strict=True))
        line = values[ASSISTANT]
        axes.axvline(line, color="#444444", lw=1)
        for place, system in enumerate(rows):
            value = values[system]
            color = "C1" if system in games else "C0"
            face = color if value > line or system == ASSISTANT else "white"
            axes.plot(value, place, "s" if system in games else "o", color=color, markerfacecolor=face, ms=7)
        axes.set(xlim=(-4, 104), xlabel="%", yticks=range(len(rows)), yticklabels=rows, ylim=(len(rows) - 0.5, -0.5))
        axes.set_title(name, fontsize=11)
    count, strict = len(beaten(table, games, measures)), len(beaten(table, games, ["strict"]))
    n = table["question_id"].nunique()
    figure.suptitle(
        f"{count} of {len(games)} games beat the assistant by all {len(measures)} metrics, {strict} by strict answers",
        x=0.01, ha="left", fontweight="bold",
    )  # fmt: skip
    figure.supxlabel(
        f"squares: games; dots: real systems and a refuser; filled: above the assistant (line); n = {n} questions",
        fontsize="medium",
    )
    return figure


@styled
def intervals(draws: DataFrame, truth: float, raw: tuple[float, float], shown: int = 40) -> Figure:
    """The first draws of the labels: the corrected interval and that of the labels alone, with the truth and the judge's
    own interval. All shares 0 to 1. Returns the Figure."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 4), sharey=True, sharex=True)
    for axes, way in zip(panels, ("corrected", "labels alone"), strict=True):
        ends = draws.loc[draws["way"] == way, ["low", "high"]].head(shown).to_numpy(float)
        for place, (low, high) in enumerate(ends):
            axes.hlines(place, 100 * low, 100 * high, color="C0" if low <= truth <= high else "C5", lw=1.6)
        axes.axvspan(100 * raw[0], 100 * raw[1], color="C1", alpha=0.3, lw=0)
        axes.axvline(100 * truth, color="#222222", lw=1.2)
        axes.set(xlim=(0, 100), yticks=[], title=way, xlabel="% good")
    figure.supxlabel(
        f"first {shown} draws of 60 labels; line: the truth; orange: the judge's own interval; red: misses",
        fontsize="medium",
    )
    return figure


@styled
def sure(answers: DataFrame) -> Figure:
    """Left: how often answers of each confidence are right. Right: the risk-coverage curve. Returns the Figure."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    groups = answers.groupby("confidence")["right"].agg(["mean", "size"])
    left.plot([0, 100], [0, 100], color="#888888", ls="--", lw=1, label="calibrated")
    left.scatter(
        100 * groups.index.to_numpy(),
        100 * groups["mean"],
        s=8 * groups["size"] + 12,
        color="C0",
        label="size: answers",
    )
    left.set(xlim=(0, 104), ylim=(0, 104), xlabel="confidence: samples that agree, %", ylabel="right, %")
    left.legend(loc="upper left")
    over = float(answers["confidence"].mean() - answers["right"].mean())
    left.set_title(f"{'Over' if over > 0 else 'Under'}confident by {100 * abs(over):.0f} points", fontsize=11)
    steps = curve(answers)
    right.plot(
        100 * steps["coverage"], 100 * steps["risk"], "o-", color="C0", label=f"agreement: area {aurc(answers):.2f}"
    )
    flat = 1 - float(answers["right"].mean())
    right.axhline(100 * flat, color="#888888", ls="--", lw=1, label=f"no order: area {flat:.2f}")
    right.set(xlim=(0, 102), ylim=(0, 100 * flat + 15), xlabel="coverage: answers given, %", ylabel="risk: wrong, %")
    right.set_title(f"n = {len(answers)} answers", fontsize=11)
    right.legend(loc="lower right", fontsize=9)
    return figure
