"""The figure of lab 3.1's planner: the chance that a study of n questions sees what is there."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ...show.plots import styled

TICKS = [10, 32, 100, 320, 1000, 2000]


@styled
def power_curve(sizes: Sequence[float], chances: Sequence[float], n: int, chance: float, title: str = "") -> Figure:
    """Power against the number of independent questions, with the study of n questions marked. Chances: 0 to 1. Returns the Figure.

    Taught in: lab 3.1.
    """
    figure, axes = plt.subplots()
    axes.plot(sizes, [100 * each for each in chances])
    axes.axhline(80, color="#444444", lw=1, ls="--", label="80 %: a usual aim")
    axes.plot(n, 100 * chance, "o", ms=10, color="C1", label=f"n = {n}: seen in {100 * chance:.0f} of 100 studies")
    axes.set(
        xscale="log",
        ylim=(0, 102),
        xlabel="number of independent questions",
        ylabel="chance that you see it (%)",
        title=title,
    )
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.legend(loc="upper left")
    return figure
