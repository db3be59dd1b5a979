"""The pictures of lab 1.6."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas import DataFrame

from ...regions import figures
from ...show.plots import styled
from .graph import KINDS, Paper
from .search import TYPES

COLORS = dict(zip(KINDS, ("#d97706", "#059669", "#7c3aed", "#dc2626", "#0891b2"), strict=True))
SYSTEMS = {"search": "#888888", "PageRank": "#d97706", "walk": "#2563eb"}
COLUMNS, MOST, RADIUS = 3, 12, 0.36  # agreements in a row and in all, and the distance of what belongs to them


@styled
def papers_of(graph: nx.DiGraph, title: str) -> Figure:
    """The agreements of a region (squares, with their parties), and the papers that name them; colours say what a paper
    does. Returns the Figure."""
    known: Mapping[str, Paper] = graph.graph["papers"]
    above: Mapping[str, tuple[str, int]] = graph.graph["above"]
    around = {name: [other for other, (master, _) in above.items() if master == name] for name in known}
    masters = sorted((name for name in known if name not in above), key=lambda name: -len(around[name]))[:MOST]
    rows = -(-len(masters) // COLUMNS)
    figure, axes = plt.subplots(figsize=(8.6, 0.8 + 1.9 * rows))
    for number, name in enumerate(masters):
        x, y = number % COLUMNS * 1.25, -float(number // COLUMNS)
        for place, other in enumerate(around[name]):
            angle = np.pi * (place + 0.5) / len(around[name])
            _paper(axes, known[other], (x, y), (x + 1.45 * RADIUS * np.cos(angle), y + RADIUS * np.sin(angle)))
        axes.scatter(x, y, s=90, color="#222222", marker="s", zorder=3)
        text = "\n".join([known[name].code, *sorted(known[name].parties)])
        axes.annotate(text, (x, y), (0, -8), textcoords="offset points", fontsize=7, ha="center", va="top")
    axes.set(xlim=(-0.65, COLUMNS * 1.25 - 0.6), ylim=(0.4 - rows, 0.52))
    axes.set_axis_off()
    axes.set_title(title)
    handles = [Line2D([], [], color="#222222", marker="s", ls="", label="agreement")]
    handles += [Line2D([], [], color=color, marker="o", label=kind) for kind, color in COLORS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _paper(axes: Axes, paper: Paper, centre: tuple[float, float], place: tuple[float, float]) -> None:
    """One paper and the line to its agreement."""
    color = COLORS.get(paper.kind, "#444444")
    arrow = {"arrowstyle": "->", "color": color, "shrinkB": 6}
    axes.annotate("", centre, place, arrowprops=arrow, zorder=2)
    axes.scatter(*place, s=30, color=color, zorder=3)
    axes.annotate(paper.date[:4], place, (0, 4), textcoords="offset points", fontsize=6, ha="center", color=color)


def by_type(found: Mapping[str, DataFrame]) -> Figure:
    """% of the questions with all their evidence in the first 3, by type (see `regions.figures.by_type`).

    found: system -> scores with the columns type, family and whole. Returns the Figure.
    """
    tables = {name: table[table["type"].isin(TYPES)] for name, table in found.items()}
    first, *_, last = (table.groupby("type")["whole"].mean() for table in tables.values())
    gains = 100 * (last - first)
    title = f"{list(found)[-1]}: {gains.idxmax()} {gains.max():+.0f}, {gains.idxmin()} {gains.min():+.0f}"
    shares = {name: table.assign(recall=table["whole"]) for name, table in tables.items()}
    return figures.by_type(shares, title, SYSTEMS, "% of the questions with all evidence in the first 3")
