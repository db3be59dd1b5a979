"""Figures of a grid of systems, training x context: heat-maps, what is lost where, quality against time, beside published ones."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ...show.plots import styled


@styled
def heat_maps(
    panels: Mapping[str, Mapping[tuple[str, str], tuple]], rows: Sequence[str], columns: Sequence[str]
) -> Figure:
    """One map for each task. panels: task -> {(row, column): (mean, low, high) in per cent}; a missing cell stays white.

    Returns the Figure.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(2.1 * len(panels) + 1.2, 2.9), sharey=True, squeeze=False)
    for panel, (task, cells) in zip(axes[0], panels.items(), strict=True):
        means = np.array([[cells.get((row, column), (np.nan,))[0] for column in columns] for row in rows])
        panel.imshow(means, vmin=0, vmax=100, cmap="Blues", aspect="auto")
        for y, x in np.ndindex(means.shape):
            mean, *ends = cells.get((str(rows[y]), str(columns[x])), (np.nan,))
            words = "not run" if np.isnan(mean) else f"{mean:.0f}\n[{ends[0]:.0f}, {ends[1]:.0f}]"
            panel.text(x, y, words, ha="center", va="center", fontsize=8, color="white" if mean > 55 else "#222222")
        panel.set_xticks(range(len(columns)), columns, rotation=30)
        panel.set_yticks(range(len(rows)), rows)
        panel.set_title(task, fontsize=10)
        panel.grid(visible=False)
    axes[0][0].set_ylabel("training")
    figure.supxlabel("context: per cent right, with its 95 % band", fontsize=9)
    return figure


@styled
def waterfall(arms: Mapping[str, tuple[float, float]], title: str = "") -> Figure:
    """What is right, lost in retrieval, and lost in reading. arms: name -> per cent right with (oracle, retrieved). Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 1.4 + 0.75 * len(arms)))
    for y, (oracle, retrieved) in enumerate(arms.values()):
        ends = {"right": (0, retrieved), "lost in retrieval": (retrieved, oracle), "lost in reading": (oracle, 100)}
        for (name, (low, high)), color, hatch in zip(ends.items(), ("C0", "C1", "C4"), ("", "//", ".."), strict=True):
            axes.barh(
                y,
                high - low,
                0.6,
                left=low,
                color=color,
                hatch=hatch,
                edgecolor="white",
                label=name if y == 0 else None,
            )
            axes.text((low + high) / 2, y + 0.33, f"{high - low:.0f}", ha="center", va="top", fontsize=9)
    axes.set(
        yticks=range(len(arms)),
        yticklabels=list(arms),
        ylim=(len(arms) - 0.35, -0.5),
        xlabel="% of questions",
        title=title,
    )
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def frontier(points: Mapping[str, tuple[float, float, float, float]], title: str = "") -> Figure:
    """Quality against time; what nothing beats in both is joined. points: name -> (seconds, mean, low, high). Returns the Figure."""
    best = [
        name
        for name, (s, m, *_) in points.items()
        if not any(t <= s and q >= m and (t, q) != (s, m) for t, q, *_ in points.values())
    ]
    best.sort(key=lambda name: points[name][0])
    figure, axes = plt.subplots(figsize=(8, 4.2))
    seconds, means = zip(*(points[name][:2] for name in best), strict=True)
    axes.plot(seconds, means, "--", lw=1.2, color="C0", label="nothing is both faster and better")
    for name, (second, mean, low, high) in points.items():
        color, ends = "C0" if name in best else "C4", [[max(0, mean - low)], [max(0, high - mean)]]
        axes.errorbar(second, mean, ends, fmt="o", color=color, lw=1, capsize=2)
        axes.annotate(
            name, (second, max(mean, high)), xytext=(0, 4), textcoords="offset points", fontsize=8, ha="center"
        )
    top = min(112, 3 + 1.25 * max(high for *_, high in points.values()))
    axes.set(xlabel="seconds per answer", ylabel="% right", ylim=(0, top), title=title)
    axes.margins(x=0.15)
    axes.legend(loc="upper left")
    return figure


@styled
def beside(
    published: Mapping[str, Mapping[str, float]], ours: Mapping[str, float], columns: Sequence[str], title: str = ""
) -> Figure:
    """Published rows thin, ours thick, over the same cells. All: cell -> per cent; a missing cell breaks the line. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 4))
    marks = ("s", "^", "D", "v", "P", "X")
    for number, (name, cells) in enumerate(published.items()):
        axes.plot(
            [cells.get(cell, np.nan) for cell in columns], marks[number % len(marks)] + "--", lw=1, ms=6, label=name
        )
    axes.plot([ours.get(cell, np.nan) for cell in columns], "o-", lw=3, ms=9, color="#888888", label="this lab")
    axes.set_xticks(range(len(columns)), [cell.replace(" x ", "\nx ") for cell in columns])
    axes.set(ylim=(0, 100), ylabel="% right", title=title)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    return figure
