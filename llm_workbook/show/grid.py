"""Figures of a grid of systems, training x context: heat-maps, what is lost where, quality against time, beside published ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from .plots import STYLE


def heat_maps(panels: Mapping[str, Mapping[tuple[str, str], tuple]], rows: Sequence[str], columns: Sequence[str]) -> Any:
    """One map for each task. panels: task -> {(row, column): (mean, low, high) in per cent}; a missing cell is left white. Returns the Figure."""
    with plt.style.context(STYLE):
        figure, axes = plt.subplots(1, len(panels), figsize=(2.1 * len(panels) + 1.2, 2.9), sharey=True, squeeze=False)
        for panel, (task, cells) in zip(axes[0], panels.items(), strict=True):
            means = np.array([[cells.get((row, column), (np.nan,))[0] for column in columns] for row in rows])
            panel.imshow(means, vmin=0, vmax=100, cmap="Blues", aspect="auto")
            for y, x in np.ndindex(means.shape):
                mean, *ends = cells.get((rows[y], columns[x]), (np.nan,))
                words = "not run" if np.isnan(mean) else f"{mean:.0f}\n[{ends[0]:.0f}, {ends[1]:.0f}]"
                panel.text(x, y, words, ha="center", va="center", fontsize=8, color="white" if mean > 55 else "#222222")
            panel.set_xticks(range(len(columns)), columns, rotation=30)
            panel.set_yticks(range(len(rows)), rows)
            panel.set_title(task, fontsize=10)
            panel.grid(visible=False)
        axes[0][0].set_ylabel("training")
        figure.supxlabel("context: per cent right, with its 95 % band", fontsize=9)
    plt.close(figure)
    return figure


def waterfall(arms: Mapping[str, tuple[float, float]], title: str = "") -> Any:
    """Where 100 % go: lost in reading, lost in retrieval, left. arms: name -> (right with oracle, right with retrieved). Returns the Figure."""
    with plt.style.context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 1.4 + 0.75 * len(arms)))
        for y, (oracle, retrieved) in enumerate(arms.values()):
            parts = (("right", 0, retrieved, "C0", ""), ("lost in retrieval", retrieved, oracle, "C1", "//"), ("lost in reading", oracle, 100, "C4", ".."))
            for name, low, high, color, hatch in parts:
                axes.barh(y, high - low, left=low, color=color, hatch=hatch, edgecolor="white", label=name if y == 0 else None)
                axes.text((low + high) / 2, y + 0.47, f"{high - low:+.0f}" if name == "right" else f"{low - high:+.0f}", ha="center", va="top", fontsize=9)
        axes.set(yticks=range(len(arms)), yticklabels=list(arms), ylim=(len(arms) - 0.35, -0.5), xlabel="% of questions", title=title)
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside lower center", ncols=3)
    plt.close(figure)
    return figure


def frontier(points: Mapping[str, tuple[float, float, float, float]], title: str = "") -> Any:
    """Quality against time; what nothing beats in both is joined. points: name -> (seconds, mean, low, high). Returns the Figure."""
    best = [name for name, (s, m, *_) in points.items() if not any(t <= s and q >= m and (t, q) != (s, m) for t, q, *_ in points.values())]
    best.sort(key=lambda name: points[name][0])
    with plt.style.context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 4.2))
        axes.plot([points[name][0] for name in best], [points[name][1] for name in best], "--", lw=1.2, color="C0", label="nothing is both faster and better")
        for name, (seconds, mean, low, high) in points.items():
            axes.errorbar(seconds, mean, [[max(0, mean - low)], [max(0, high - mean)]], fmt="o", color="C0" if name in best else "C4", lw=1, capsize=2)
            axes.annotate(name, (seconds, mean), xytext=(6, 4), textcoords="offset points", fontsize=8)
        axes.set(xlabel="seconds per answer", ylabel="% right", ylim=(0, 100), title=title)
        axes.margins(x=0.15)
        axes.legend(loc="upper left")
    plt.close(figure)
    return figure


def beside(published: Mapping[str, Mapping[str, float]], ours: Mapping[str, float], columns: Sequence[str], title: str = "") -> Any:
    """Published rows thin, ours thick, over the same cells. All: cell -> per cent; a missing cell breaks the line. Returns the Figure."""
    with plt.style.context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 4))
        marks = ("s", "^", "D", "v", "P", "X")
        for number, (name, cells) in enumerate(published.items()):
            there = [(x, cells[cell]) for x, cell in enumerate(columns) if cell in cells]
            axes.plot(*zip(*there, strict=True), marks[number % len(marks)] + "--", lw=1, ms=6, label=name)
        there = [(x, ours[cell]) for x, cell in enumerate(columns) if cell in ours]
        axes.plot(*zip(*there, strict=True) if there else ([], []), "o-", lw=3, ms=9, color="#888888", label="this lab")
        axes.set_xticks(range(len(columns)), [cell.replace(" x ", "\nx ") for cell in columns])
        axes.set(ylim=(0, 100), ylabel="% right", title=title)
        figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    plt.close(figure)
    return figure
