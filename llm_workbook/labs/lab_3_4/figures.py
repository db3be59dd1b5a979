"""Figures about money: amounts on a scale of powers of ten, a bill in parts, curves over time, and where a plan breaks even."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ...show.plots import styled

MARKERS, GREY = "os", "#444444"


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
def dots(rows: Mapping[str, Mapping[str, Sequence[float]]], title: str, unit: str, by_hand: float = 0) -> Figure:
    """Amounts on a scale of powers of ten. rows: row -> series -> (amount,) or (amount, low, high), above 0. Returns the Figure.

    An infinite amount is written as "never". by_hand: USD to compare with, as a dashed line.
    """
    names = list(dict.fromkeys(name for series in rows.values() for name in series))
    amounts = [ends[0] for series in rows.values() for ends in series.values() if np.isfinite(ends[0])]
    least, most = min(amounts) / 2.5, max(amounts) * 2.5
    figure, axes = plt.subplots(figsize=(8.5, 1.6 + 0.6 * len(rows)))
    for line, series in enumerate(rows.values()):
        for name, (amount, *ends) in series.items():
            k, place = names.index(name), min(amount, most)
            color, height = _color(k), line + 0.3 * (k - (len(names) - 1) / 2)
            axes.plot(np.clip(ends, least, most), [height] * len(ends), color=color, lw=2)
            axes.plot(place, height, MARKERS[k] if np.isfinite(amount) else "", color=color, ms=7)
            axes.text(place, height - 0.2 + 0.4 * k, dollars(amount), size=8, ha="center", va="center")
    for place, name in enumerate(names):
        axes.plot([], [], MARKERS[place], color=_color(place), label=name)
    if by_hand:
        axes.axvline(by_hand, color=GREY, ls="--", lw=1.5, label=f"a search by hand: {dollars(by_hand)}")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(xscale="log", ylim=(len(rows) - 0.4, -0.7), xlabel=f"{unit}; each step to the right is ten times as much")
    axes.set_title(title, parse_math=False)
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def decision(shares: np.ndarray, npv: Sequence[float], measured: Sequence[float], needed: float) -> Figure:
    """NPV against the share of right answers, with the break-even and what was measured. Returns the Figure.

    shares: 0 to 1; npv: USD for each. measured: (share, low, high). needed: break-even accuracy.
    """
    figure, axes = plt.subplots(figsize=(8, 3.6))
    x, (share, low, high) = 100 * np.asarray(shares), (100 * value for value in measured)
    axes.plot(x, npv, color=GREY, lw=2)
    axes.axhline(0, color=GREY, lw=1, label="as today")
    axes.fill_between(x, npv, 0, where=np.asarray(npv) > 0, color=_color(2), alpha=0.2, lw=0, label="pays")
    here = float(np.interp(share, x, npv))
    axes.plot([low, high], [here, here], color=_color(0), lw=3)
    axes.plot(share, here, "o", color=_color(0), ms=9, label="measured, with its 95 % confidence interval")
    axes.plot(100 * needed, 0, "D", color=_color(1), ms=8, label="break-even")
    axes.set(xlim=(0, 100), xlabel="right answers where there is an answer (%)", ylabel="net present value")
    axes.set_title(f"It pays from {100 * needed:.0f} % right answers; measured: {share:.0f} % [{low:.0f}, {high:.0f}]")
    axes.yaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def bill(parts: Mapping[str, float], title: str) -> Figure:
    """A bar for each part of a bill. parts: name -> USD in the whole plan. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.35 * len(parts)))
    _draw_parts(axes, parts, title)
    return figure


@styled
def calculator(parts: Mapping[str, float], earned: np.ndarray, headline: str) -> Figure:
    """A bill, and what a plan has earned by the end of each month (USD), under one sentence. Returns the Figure."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), width_ratios=(1, 1.1))
    _draw_parts(left, parts, "Bill")
    right.plot(earned, color=_color(1), lw=2)
    right.axhline(0, color=GREY, lw=1)
    right.set(title="Gained so far against today (discounted)", xlabel="month")
    right.yaxis.set_major_formatter(lambda value, _: dollars(value))
    figure.suptitle(headline, ha="left", x=0.01, fontsize=11, parse_math=False)
    return figure


def _color(place: int) -> str:
    """A colour of the workbook's style; a plain "C0" would be looked up later, in another style."""
    return to_hex(f"C{place}")


def _draw_parts(axes: Axes, parts: Mapping[str, float], title: str) -> None:
    axes.barh(range(len(parts)), list(parts.values()), color=_color(0))
    for line, amount in enumerate(parts.values()):
        axes.annotate(dollars(amount), (amount, line), (5, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(parts)), list(parts))
    axes.set(ylim=(len(parts) - 0.5, -0.5), xlim=(0, 1.2 * max(*parts.values(), 1e-9)), xlabel="USD in the whole plan")
    axes.xaxis.set_major_formatter(lambda value, _: dollars(value))
    axes.locator_params(axis="x", nbins=4)
    axes.grid(axis="y", visible=False)
    axes.set_title(title, parse_math=False)
