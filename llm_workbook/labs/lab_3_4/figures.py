"""Figures about money: amounts on a scale of powers of ten, a bill in parts, curves over time, and where a plan breaks even."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from pandas import DataFrame

from ...show.plots import HATCHES, styled

MARKERS, LINES = "osD^vPX*", ("-", "--", "-.", ":")
GREY = "#444444"


def _color(place: int) -> str:
    """A colour of the workbook's style; a plain "C0" would become the style's of the moment of drawing."""
    return to_hex(f"C{place}")


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
def dots(rows: Mapping[str, Mapping[str, float]], title: str = "", unit: str = "USD") -> Figure:
    """Amounts on a scale of powers of ten. rows: row -> series -> amount. Returns the Figure."""
    names = list(dict.fromkeys(name for series in rows.values() for name in series))
    figure, axes = plt.subplots(figsize=(8, 1.5 + 0.55 * len(rows)))
    for line, series in enumerate(rows.values()):
        axes.plot(list(series.values()), [line] * len(series), color="#bbbbbb", lw=2, zorder=1)
        for name, amount in series.items():
            place = names.index(name)
            axes.plot(amount, line, MARKERS[place], color=_color(place), ms=8)
            above = {"xytext": (0, 7), "va": "bottom"} if place % 2 == 0 else {"xytext": (0, -7), "va": "top"}
            axes.annotate(
                dollars(amount), (amount, line), textcoords="offset points", ha="center", fontsize=8.5, **above
            )
    for place, name in enumerate(names):
        axes.plot([], [], MARKERS[place], color=_color(place), label=name)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(xscale="log", ylim=(len(rows) - 0.5, -0.7))
    axes.set_title(title, parse_math=False)
    axes.set_xlabel(f"{unit}; each step to the right is ten times as much")
    axes.margins(x=0.08)
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def right_answers(rows: Mapping[str, Mapping[str, tuple[float, float, float]]], by_hand: float, title: str) -> Figure:
    """USD for one right answer, with its interval, beside the cost by hand. Returns the Figure.

    rows: system -> series -> (cost, low, high); infinite where nothing is right, an arrow where the high end is.
    """
    figure, axes = plt.subplots(figsize=(8.5, 1.6 + 0.5 * len(rows)))
    names = list(dict.fromkeys(name for series in rows.values() for name in series))
    edge = 40 * by_hand
    for line, series in enumerate(rows.values()):
        for name, (cost, low, high) in series.items():
            place = names.index(name)
            height, color = line + 0.24 * (place - (len(names) - 1) / 2), _color(place)
            if cost >= edge:
                words = "no right answer" if np.isinf(cost) else f"{dollars(cost)} →"
                axes.annotate(words, (edge, height), ha="right", va="center", fontsize=8.5, color=GREY)
                continue
            axes.plot([max(low, by_hand / 10), min(high, edge)], [height, height], color=color, lw=2)
            axes.plot(cost, height, MARKERS[place], color=color, ms=7)
            if high > edge:
                axes.plot(edge, height, ">", color=color, ms=5)
    for place, name in enumerate(names):
        axes.plot([], [], MARKERS[place], color=_color(place), label=name)
    axes.axvline(by_hand, color=GREY, ls="--", lw=1.5, label=f"a search by hand: {dollars(by_hand)}")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(xscale="log", xlim=(by_hand / 6, 1.1 * edge), ylim=(len(rows) - 0.5, -0.6))
    axes.set_title(title, parse_math=False)
    axes.set_xlabel("USD for one right answer; each step to the right is ten times as much")
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def needed(rows: Mapping[str, float], measured: tuple[float, float, float], title: str) -> Figure:
    """How often an answer must be right under each hosting, beside what was measured here. Returns the Figure.

    rows: hosting -> break-even accuracy, 0 to 1; above 1: never. measured: (share, low, high) of the model measured.
    """
    figure, axes = plt.subplots(figsize=(8, 1.6 + 0.4 * len(rows)))
    share, low, high = (100 * value for value in measured)
    axes.axvspan(low, high, color=_color(0), alpha=0.15, lw=0, label="its 95 % confidence interval")
    axes.axvline(share, color=_color(0), lw=2, label=f"our model, measured: {share:.0f} %")
    axes.axvline(100, color=GREY, lw=1, ls=":")
    for line, value in enumerate(rows.values()):
        place = min(100 * value, 108)
        axes.plot(place, line, "D" if value <= 1 else ">", color=_color(1), ms=8)
        words = f"{100 * value:.1f} %" if value <= 1 else "never"
        axes.annotate(words, (place, line), (-9, 0), textcoords="offset points", va="center", ha="right", fontsize=9)
    axes.plot([], [], "D", color=_color(1), label="break-even")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(xlim=(0, 118), ylim=(len(rows) - 0.5, -0.6), title=title)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("right answers where there is an answer (%)")
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def decision(
    shares: Sequence[float], npv: Sequence[float], measured: tuple[float, float, float], needed: float
) -> Figure:
    """NPV against the share of right answers, with the break-even and what was measured. Returns the Figure.

    shares: 0 to 1, npv: USD for each. measured: (share, low, high). needed: break-even accuracy.
    """
    figure, axes = plt.subplots(figsize=(8, 3.6))
    x, (share, low, high) = 100 * np.asarray(shares), (100 * value for value in measured)
    axes.plot(x, npv, color=GREY, lw=2)
    axes.axhline(0, color=GREY, lw=1, label="as today")
    axes.fill_between(x, npv, 0, where=np.asarray(npv) > 0, color=_color(2), alpha=0.25, lw=0, label="pays")
    axes.fill_between(x, npv, 0, where=np.asarray(npv) < 0, color=_color(5), alpha=0.15, lw=0, label="loses")
    here = float(np.interp(share, x, npv))
    axes.plot([low, high], [here, here], color=_color(0), lw=3)
    axes.plot(share, here, "o", color=_color(0), ms=9, label="measured, with its 95 % confidence interval")
    axes.plot(100 * needed, 0, "D", color=_color(1), ms=8, label="break-even")
    axes.set(xlim=(x[0], x[-1]), xlabel="right answers where there is an answer (%)", ylabel="net present value")
    axes.set_title(f"It pays from {100 * needed:.0f} % right answers; measured: {share:.0f} % [{low:.0f}, {high:.0f}]")
    axes.yaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def bill(table: DataFrame, title: str = "", unit: str = "USD per month") -> Figure:
    """One bar for each part of a bill. table: DataFrame, a row for each bill, a column for each part. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.4 * len(table.columns) * len(table)))
    for number, (name, parts) in enumerate(table.iterrows()):
        _draw_parts(axes, parts.to_dict(), number, str(name))
    axes.set(xlabel=unit)
    axes.set_title(title, parse_math=False)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@styled
def curves(
    panels: Mapping[str, Mapping[str, Any]], x: Sequence[float], xlabel: str, ylabel: str, title: str = ""
) -> Figure:
    """Lines side by side on one scale. panels: heading -> name -> values, one for each x. Returns the Figure."""
    size = (8 if len(panels) < 2 else 9.5, 4)
    figure, all_axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axes, (heading, series) in zip(all_axes[0], panels.items(), strict=True):
        _draw_curves(axes, series, x)
        axes.set_title(heading, parse_math=False, fontweight="normal")
        axes.set(xlabel=xlabel)
    all_axes[0][0].set_ylabel(ylabel)
    all_axes[0][0].yaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.suptitle(title, ha="left", x=0.01, fontsize=12, fontweight="bold", parse_math=False)
    handles, labels = all_axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


@styled
def calculator(parts: Mapping[str, float], series: Mapping[str, Sequence[float]], headline: str) -> Figure:
    """A bill and the cumulative curves that follow from it, under one sentence. Returns the Figure.

    parts: name -> USD in the whole plan. series: name -> USD gained by the end of each month.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), width_ratios=(1, 1.1))
    _draw_parts(left, parts, 0, "")
    left.set(title="Bill, USD in the whole plan")
    _draw_curves(right, series, range(len(next(iter(series.values())))))
    right.axhline(0, color=GREY, lw=1)
    right.set(title="Gained so far against today (discounted)", xlabel="month")
    right.yaxis.set_major_formatter(lambda value, _: dollars(value))
    right.legend(fontsize=8.5)
    figure.suptitle(headline, ha="left", x=0.01, fontsize=11, parse_math=False)
    return figure


def _draw_parts(axes: Axes, parts: Mapping[str, float], number: int, label: str) -> None:
    """A bar for each part, its amount at the end."""
    amounts = np.array(list(parts.values()), float)
    axes.barh(range(len(amounts)), amounts, color=_color(number), hatch=HATCHES[number], edgecolor="white", label=label)
    for line, amount in enumerate(amounts):
        axes.annotate(dollars(amount), (amount, line), (5, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(amounts)), list(parts))
    axes.set(ylim=(len(amounts) - 0.5, -0.5), xlim=(0, max(amounts.max(), 1e-9) * 1.2))
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    axes.locator_params(axis="x", nbins=4)
    axes.grid(axis="y", visible=False)


def _draw_curves(axes: Axes, series: Mapping[str, Any], x: Sequence[float]) -> None:
    for number, (name, values) in enumerate(series.items()):
        axes.plot(x, values, LINES[number % len(LINES)], color=_color(number), lw=2, label=name)
