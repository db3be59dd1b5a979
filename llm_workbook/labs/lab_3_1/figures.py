"""The figures of lab 3.1: p values before and after the correction, and the chance that a study finds what is there."""

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ...measure.statistics import power
from ...show.plots import styled

TICKS = [10, 32, 100, 320, 1000]


@styled
def p_values(raw: Mapping[str, float], corrected: Mapping[str, float], title: str = "") -> Figure:
    """One line for each comparison, the smallest p on top: its p value alone (ring) and corrected (dot). Returns the
    Figure.

    raw, corrected: name -> p value, 0 to 1, with the same names. Explained in: lab 3.1.
    """
    names = sorted(raw, key=lambda name: raw[name])
    figure, axes = plt.subplots(figsize=(8, 1.4 + 0.24 * len(names)))
    for place, name in enumerate(names):
        axes.hlines(place, raw[name], corrected[name], color="#888888", lw=0.8)
    places = range(len(names))
    axes.plot([raw[name] for name in names], places, "o", markerfacecolor="none", color="C0", label="tested alone")
    axes.plot(
        [corrected[name] for name in names], places, "o", color="C0", label=f"corrected for {len(names)} comparisons"
    )
    axes.axvline(0.05, color="C1", lw=1.5, ls="--", label="p = 0.05")
    axes.set(yticks=places, yticklabels=names, ylim=(len(names) - 0.5, -0.5), xscale="log", xlabel="p value")
    axes.set_xticks([0.01, 0.05, 0.2, 1], ["0.01", "0.05", "0.2", "1"])
    axes.set(xlim=(0.01, 1.2), title=title)
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def power_curve(exact: Callable[[int, float, float], float], n: int, effect: float, discordance: float) -> Figure:
    """Power against the number of independent questions, with a study of n questions marked. Returns the Figure.

    exact: (n, effect, discordance) -> power, 0 to 1, drawn beside the normal approximation. effect: the true difference
    of the two shares of right answers; discordance: the share of questions on which only one system is right.
    Explained in: lab 3.1.
    """
    sizes = np.unique(np.geomspace(8, 1500, 90).astype(int))
    chance, rough = exact(n, effect, discordance), power(n, effect, discordance)
    figure, axes = plt.subplots(figsize=(8, 3.2))
    axes.plot(sizes, [100 * exact(int(size), effect, discordance) for size in sizes], label="exact")
    label = f"approximation; at n = {n}: {rough:.1%}"
    axes.plot(sizes, [100 * power(int(size), effect, discordance) for size in sizes], ":", lw=1.5, label=label)
    axes.axhline(80, color="#888888", lw=1, ls="--", label="80 %: a usual aim")
    axes.plot(n, 100 * chance, "o", ms=10, color="C1", label=f"n = {n}: {chance:.1%}")
    axes.set(xscale="log", ylim=(0, 102), ylabel="power (%)")
    axes.set_xlabel(f"number of independent questions (discordance {100 * discordance:.0f} %)")
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.set_title(f"{n} questions find a true difference of {100 * effect:.0f} points in {chance:.1%} of studies")
    axes.legend(loc="center left")
    return figure
