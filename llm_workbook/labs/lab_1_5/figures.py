"""The pictures of lab 1.5; that of the losses is shared with lab 1.4."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from ...measure.statistics import mean_interval
from ...show.plots import styled
from .reading import curve

NEVER_MS = 1.0  # where a system without a second stage is drawn


@styled
def frontier(found: Mapping[str, DataFrame], clock: Mapping[str, float]) -> Figure:
    """Recall at 3 of each system against the milliseconds of its second stage, with 95 % intervals over families.

    found: system -> scores with the columns recall (0 to 1) and family, of the same questions. clock: system -> ms of a
    question; 0 for a system without a second stage. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(8, 4.2))
    for number, (name, table) in enumerate(found.items()):
        mean, low, high = (100 * value for value in mean_interval(table["recall"], table["family"]))
        spent = max(clock[name], NEVER_MS) * 1.06 ** (number - 2)  # so that points of one time lie side by side
        label = f"{name}: {mean:.0f} %, {clock[name]:.0f} ms" if clock[name] else f"{name}: {mean:.0f} %"
        axes.errorbar(
            spent, mean, yerr=[[mean - low], [high - mean]], fmt="osD^vP*"[number % 7], ms=8, color=f"C{number % 10}",
            capsize=3, label=label,
        )  # fmt: skip
    best = max(found, key=lambda name: found[name]["recall"].mean())
    table = next(iter(found.values()))
    axes.set_xscale("log")
    axes.set(
        xlabel="ms of the second stage for one question (log scale; about 1: none)",
        title=f"Found most: {best} (n = {len(table)} questions in {table['family'].nunique()} families)",
        ylabel="% of the evidence in the first 3",
    )  # fmt: skip
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@styled
def risk_coverage(answers: DataFrame, sure: Mapping[str, Sequence[float]]) -> Figure:
    """Share of wrong answers among those that are given, as more and more are given; a line for each confidence.

    answers: with the columns correct and refused. sure: confidence -> a number for each answer. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(8, 3.6))
    means, count, last = {}, 0, 0.0
    for number, (name, values) in enumerate(sure.items()):
        coverage, risk = curve(answers, values)
        if len(risk):
            axes.plot(coverage, risk, color=f"C{number}", label=name)
            means[name], count, last = float(np.mean(risk)), len(risk), float(risk[-1])
    axes.axhline(last, color="#888888", ls="--", lw=1, label="no order: all answers")
    best = min(means, key=lambda name: means[name]) if means else ""
    axes.set(xlim=(0, 101), ylim=(0, 100), xlabel="coverage: % of the answers that are given", ylabel="risk: % wrong")
    axes.set_title(f"Lowest risk over all coverages: {best} (n = {count} dev answers)")
    figure.legend(loc="outside lower center", ncols=4)
    return figure
