"""The pictures of lab 1.6."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import networkx as nx
from matplotlib.figure import Figure
from pandas import DataFrame

from ...regions import figures
from ...show.plots import styled
from .graph import KINDS, Paper
from .search import TYPES

HUES = ("#d97706", "#059669", "#7c3aed", "#dc2626", "#0891b2", "#222222")
COLORS = dict(zip((*KINDS, "an agreement"), HUES, strict=True))
COLUMNS = 3
SYSTEMS = {"search": "#888888", "PageRank": "#d97706", "walk": "#2563eb"}


@styled
def papers_of(graph: nx.DiGraph, title: str) -> Figure:
    """The papers of a region that name another, and those that are named; colours say what a paper does to the one that
    it names. Returns the Figure."""
    known: Mapping[str, Paper] = graph.graph["papers"]
    links, places = nx.Graph([(name, other) for name, (other, _) in graph.graph["above"].items()]), {}
    groups = sorted(nx.connected_components(links), key=len, reverse=True)
    for number, group in enumerate(groups):
        centre = (number % COLUMNS, -0.9 * (number // COLUMNS))
        places |= nx.spring_layout(links.subgraph(sorted(group)), center=centre, scale=0.3, seed=7)
    figure, axes = plt.subplots(figsize=(8.6, 1 + 1.8 * -(-len(groups) // COLUMNS)))
    colors = [COLORS[known[name].kind or "an agreement"] for name in links]
    nx.draw_networkx(links, places, ax=axes, with_labels=False, node_size=60, node_color=colors, edge_color="#bbbbbb")
    for name, place in places.items():
        label = known[name].date[:4] if known[name].kind else known[name].code
        axes.annotate(label, place, (0, 6), textcoords="offset points", fontsize=7, ha="center")
    axes.set_axis_off()
    axes.set_title(title)
    for kind, color in COLORS.items():
        axes.scatter([], [], color=color, label=kind)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


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
