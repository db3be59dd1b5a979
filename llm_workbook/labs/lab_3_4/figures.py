"""Figures about money: bills in parts, prices on a scale of powers of ten, curves over time, and maps of who is cheapest."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from ...show.plots import HATCHES, styled

MARKERS, LINES = "osD^vPX*", ("-", "--", "-.", ":")
GREY = "#444444"


def dollars(value: float) -> str:
    """An amount as a person would write it: two digits that matter below ten dollars, none after the point above.

    >>> dollars(16801.47), dollars(0.0000512), dollars(-3.5), dollars(float("inf"))
    ('$16,801', '$0.000051', '-$3.50', 'never')
    """
    if not np.isfinite(value):
        return "never"
    size = abs(value)
    digits = 0 if size >= 100 or size == 0 else 2 if size >= 1 else int(1 - np.floor(np.log10(size)))
    return f"{'-' if value < 0 else ''}${size:,.{digits}f}"


@styled
def dots(rows: Mapping[str, Mapping[str, Any]], title: str = "", unit: str = "USD") -> Figure:
    """Amounts on a scale of powers of ten. rows: row -> series -> amount, or (amount, low, high). Returns the Figure."""
    names = list(dict.fromkeys(name for series in rows.values() for name in series))
    figure, axes = plt.subplots(figsize=(8, 1.5 + 0.55 * len(rows)))
    for line, series in enumerate(rows.values()):
        points = {
            name: tuple(np.atleast_1d(value)) for name, value in series.items() if np.isfinite(np.atleast_1d(value)[0])
        }
        middles = [point[0] for point in points.values()]
        axes.plot(middles, [line] * len(middles), color="#bbbbbb", lw=2, zorder=1)
        for name, (middle, *ends) in points.items():
            place = names.index(name)
            if ends and not np.isfinite(ends[1]):  # no upper end: an arrow
                axes.annotate(
                    "",
                    (middle * 4, line),
                    (middle, line),
                    arrowprops={"arrowstyle": "->", "color": f"C{place}", "lw": 2},
                )
                ends = [ends[0], middle]
            axes.plot(ends, [line] * len(ends), color=f"C{place}", lw=3)
            axes.plot(middle, line, MARKERS[place], color=f"C{place}", ms=8)
            above = {"xytext": (0, 7), "va": "bottom"} if place % 2 == 0 else {"xytext": (0, -7), "va": "top"}
            axes.annotate(
                dollars(middle), (middle, line), textcoords="offset points", ha="center", fontsize=8.5, **above
            )
    for place, name in enumerate(names):
        axes.plot([], [], MARKERS[place], color=f"C{place}", label=name)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(
        xscale="log",
        ylim=(len(rows) - 0.5, -0.7),
        xlabel=f"{unit}; each step to the right is ten times as much",
        title=title,
    )
    axes.margins(x=0.08)
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def bill(table: DataFrame, title: str = "", unit: str = "USD per month") -> Figure:
    """Bars made of parts, the sum at the end. table: DataFrame, a row for each bar, a column for each part. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 1.5 + 0.42 * len(table)))
    _draw_bill(axes, table)
    axes.set(xlabel=unit, title=title)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def curves(
    panels: Mapping[str, Mapping[str, Any]], x: Sequence[float], xlabel: str, ylabel: str, log_x: bool = False
) -> Figure:
    """Lines side by side on one scale. panels: title -> name -> values, or (values, low, high), one for each x. Returns the Figure."""
    figure, all_axes = plt.subplots(
        1, len(panels), figsize=(8 if len(panels) < 2 else 9.5, 4), sharey=True, squeeze=False
    )
    for axes, (title, series) in zip(all_axes[0], panels.items(), strict=True):
        _draw_curves(axes, series, x)
        axes.set(title=title, xlabel=xlabel, **({"xscale": "log"} if log_x else {}))
    all_axes[0][0].set_ylabel(ylabel)
    all_axes[0][0].yaxis.set_major_formatter(lambda value, _: dollars(value))
    handles, labels = all_axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


@styled
def winner_map(
    winners: Any, names: Sequence[str], x: Sequence[float], y: Sequence[float], edge: Sequence[float] = (), **words: str
) -> Figure:
    """Which option is cheapest where. winners: number of the option in names, shape (len(y), len(x)); edge: a formula's x for each y.

    words: xlabel, ylabel, title. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(8, 4.2))
    for place, name in enumerate(names):
        inside = np.where(np.asarray(winners) == place, 1.0, np.nan)
        if np.isfinite(inside).any():
            axes.contourf(
                x,
                y,
                np.nan_to_num(inside),
                levels=[0.5, 1.5],
                colors=[f"C{place}"],
                hatches=[HATCHES[place]],
                alpha=0.55,
            )
            axes.fill_between([], [], [], color=f"C{place}", hatch=HATCHES[place], alpha=0.55, label=name)
    if len(edge):
        axes.plot(edge, y, "--", color="black", lw=2, label="your formula")
    axes.set(xscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), **words)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1e6:,.0f} million" if value >= 1e6 else f"{value:,.0f}")
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def calculator(table: DataFrame, series: Mapping[str, Sequence[float]], headline: str) -> Figure:
    """A bill and the cumulative curves that follow from it, under one sentence. series: name -> USD by month. Returns the Figure."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), width_ratios=(1, 1.1))
    _draw_bill(left, table)
    left.set(title="Bill, USD per month")
    _draw_curves(right, series, range(len(next(iter(series.values())))))
    right.axhline(0, color=GREY, lw=1)
    right.set(title="Gained since the start (discounted)", xlabel="month")
    right.yaxis.set_major_formatter(lambda value, _: dollars(value))
    right.legend(fontsize=8.5)
    figure.suptitle(headline, ha="left", x=0.01, fontsize=11, parse_math=False)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _draw_bill(axes: Axes, table: DataFrame) -> None:
    left = np.zeros(len(table))
    for number, part in enumerate(table.columns):
        width = table[part].to_numpy(float)
        axes.barh(
            range(len(table)),
            width,
            left=left,
            label=part,
            hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white",
            height=0.62,
        )
        left += width
    for line, total in enumerate(left):
        axes.annotate(dollars(total), (total, line), (5, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(table)), list(table.index))
    axes.set(ylim=(len(table) - 0.5, -0.5), xlim=(0, max(left.max(), 1e-9) * 1.18))
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="y", visible=False)


def _draw_curves(axes: Axes, series: Mapping[str, Any], x: Sequence[float]) -> None:
    for number, (name, values) in enumerate(series.items()):
        values = np.atleast_2d(np.asarray(values, float))
        axes.plot(x, values[0], LINES[number % len(LINES)], color=f"C{number}", lw=2, label=name)
        if len(values) == 3:
            axes.fill_between(x, values[1], values[2], color=f"C{number}", alpha=0.2, lw=0)
