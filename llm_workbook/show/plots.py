"""The figures of the labs. Each draws one picture and returns the Figure, to be the last line of a cell."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from textwrap import fill
from threading import RLock
from typing import ParamSpec

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame

STYLE = Path(__file__).with_name("workbook.mplstyle")
DRAWING = (
    RLock()
)  # JupyterLab runs widgets in a thread of their own, and pyplot's state is global (jupyterlab issue 19719)
HATCHES = ("", "//", "..", "xx", "\\\\", "++")


Arguments = ParamSpec("Arguments")


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Run `draw` in the workbook's style, without changing the learner's own; close the figure so that it shows
    once."""

    @wraps(draw)
    def inside(*args: Arguments.args, **options: Arguments.kwargs) -> Figure:
        with DRAWING, plt.style.context(STYLE):
            figure = draw(*args, **options)
            plt.close(figure)
        return figure

    return inside


@styled
def bars(table: DataFrame, title: str = "", unit: str = "% of questions") -> Figure:
    """Grouped horizontal bars with their intervals.

    table: DataFrame with columns group, system, mean, low, high (0 to 1) and n; groups are drawn from top to bottom.
    Returns the Figure.
    """
    groups, systems = list(dict.fromkeys(table["group"])), list(dict.fromkeys(table["system"]))
    height = 0.8 / len(systems)
    figure, axes = plt.subplots(figsize=(8, 1.6 + (0.12 + 0.15 * len(systems)) * len(groups)))
    for number, system in enumerate(systems):
        rows = table[table["system"] == system].set_index("group").reindex(groups)
        mean, low, high = (100 * rows[column].to_numpy(float) for column in ("mean", "low", "high"))
        errors = np.clip([mean - low, high - mean], 0, None)
        axes.barh(
            np.arange(len(groups)) + (number - (len(systems) - 1) / 2) * height,
            mean, height * 0.92, xerr=errors, label=system, hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white", error_kw={"ecolor": "#444444", "capsize": 2, "lw": 1},
        )  # fmt: skip
    counts = table.groupby("group")["n"].max()
    axes.set_yticks(range(len(groups)), [f"{group}  (n = {counts[group]})" for group in groups])
    axes.set(xlim=(0, 100), ylim=(len(groups) - 0.5, -0.5), xlabel=unit, title=title)
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def ladder(table: DataFrame) -> Figure:
    """The workbook's ladder: right answers of each rung, one clause (dots) and all types (rings), with their intervals.

    table: as `benchmark.ladder.ladder` gives it. Returns the Figure. Raises: ValueError for a table without rungs.
    """
    if table.empty:
        raise ValueError("there is no rung to draw: the ladder was not recorded yet (python -m tools.domain ladder)")
    figure, axes = plt.subplots(figsize=(8, 1.5 + 0.45 * len(table)))
    places = np.arange(len(table))
    for columns, shift, face, label in (
        (("one_clause", "one_low", "one_high"), -0.12, "C0", "questions that one clause answers"),
        (("all", "low", "high"), 0.12, "white", "all questions that have an answer"),
    ):
        mean, low, high = (table[column].to_numpy(float) for column in columns)
        errors = np.clip([mean - low, high - mean], 0, None)
        axes.errorbar(
            mean, places + shift, xerr=errors, fmt="o", color="C0", markerfacecolor=face, capsize=2, label=label
        )
    axes.set_yticks(places, [fill(rung, 44) for rung in table["rung"]])
    count, families = int(table["n"].max()), int(table["families"].max())
    axes.set(
        xlim=(0, 100), ylim=(len(table) - 0.5, -0.5), title=_finding(table),
        xlabel=f"% right, n = {count} of {families} families never trained on",
    )  # fmt: skip
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _finding(table: DataFrame) -> str:
    """The title of the ladder: from the first system that reads to the best that is no ceiling."""
    rungs = table[~table["rung"].str.startswith(("guess", "right clause"))]["one_clause"]
    return f"From {rungs.iloc[0]:.0f} % to {rungs.max():.0f} % of one-clause questions" if len(rungs) else "The ladder"


@styled
def stack(parts: Mapping[str, float], title: str = "", unit: str = "points") -> Figure:
    """One bar made of parts, each with its number; a part below zero is drawn as nothing. parts: name -> points.
    Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 2.4))
    left = 0.0
    for number, (name, points) in enumerate(parts.items()):
        width = max(points, 0)
        axes.barh(
            0, width, left=left, label=f"{name}: {points:.1f}", hatch=HATCHES[number % len(HATCHES)], edgecolor="white"
        )
        left += width
    axes.set(xlim=(0, max(left, 1)), yticks=[], xlabel=unit, title=title)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@styled
def band_against_n(
    sizes: Sequence[int], low: Sequence[float], high: Sequence[float], chosen: int | None = None
) -> Figure:
    """How the 95 % interval of a difference narrows with more questions. low, high: points. Returns the Figure."""
    figure, axes = plt.subplots()
    axes.fill_between(sizes, low, high, alpha=0.3, label="95 % confidence interval")
    axes.plot(sizes, low, lw=1.5, color="C0")
    axes.plot(sizes, high, lw=1.5, color="C0")
    axes.axhline(0, color="#444444", lw=1)
    if chosen is not None:
        nearest = min(range(len(sizes)), key=lambda index: abs(sizes[index] - chosen))
        axes.vlines(sizes[nearest], low[nearest], high[nearest], color="C1", lw=3, label=f"n = {sizes[nearest]}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(
        xlabel="number of questions", ylabel="difference (points)", title="The same difference, measured on n questions"
    )
    axes.legend(loc="upper right")
    return figure


@styled
def forest(
    rows: Mapping[str, tuple], title: str = "", unit: str = "points", wide: Mapping[str, tuple] | None = None
) -> Figure:
    """One line for each comparison: the difference and its interval. rows: name -> (difference, low, high). Returns the
    Figure.

    wide: name -> (low, high) of an interval that holds for all comparisons together; drawn thin, it decides what is
    real.
    """
    figure, axes = plt.subplots(figsize=(8, 1.1 + (0.45 if len(rows) < 10 else 0.28) * len(rows)))
    for number, (name, (difference, low, high)) in enumerate(rows.items()):
        outer = (wide or {}).get(name, (low, high))
        color, marker = ("C0", "o") if outer[0] > 0 or outer[1] < 0 else ("C4", "D")
        axes.hlines([number, number], [outer[0], low], [outer[1], high], lw=[0.8, 2.5], color=color)
        axes.plot(difference, number, marker, ms=8 if len(rows) < 10 else 6, color=color)
    axes.axvline(0, color="#444444", lw=1)
    names = [fill(name, 44) for name in rows]
    axes.set(yticks=range(len(rows)), yticklabels=names, ylim=(len(rows) - 0.5, -0.5), title=title)
    figure.supxlabel(
        f"difference ({unit}); an interval that contains 0 proves nothing", fontsize="medium"
    )  # under long names, too
    return figure


@styled
def loss_curve(losses: Sequence[float], held_out: Mapping[int, float], steps: int, title: str = "") -> Figure:
    """Training loss of each step with its mean over 8, and the held-out loss at some steps. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 3))
    numbers = range(1, len(losses) + 1)
    smooth = [np.mean(losses[max(0, end - 8) : end]) for end in numbers]
    axes.plot(numbers, losses, ".", color="C4", ms=5, label="training, one batch")
    axes.plot(numbers, smooth, lw=1.5, color="C0", label="training, mean of 8")
    axes.plot(list(held_out), list(held_out.values()), "s--", color="C1", ms=6, label="held out: other contracts")
    axes.set(xlim=(-1, steps + 1), xlabel="step", ylabel="loss (nats per token)", title=title)
    axes.set_ylim(0, 1.35 * max(axes.dataLim.y1, 0.1))  # the legend stands above what is drawn
    axes.legend(loc="upper center", ncols=3)
    return figure
