"""The pictures of lab 1.7."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from ...show.plots import styled


@styled
def pareto(table: pd.DataFrame, named: list[str]) -> Figure:
    """Recall at 3 on dev against milliseconds of a search: every configuration, and the line of those that no other
    beats in both. named: the ones that get their name. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 4.4))
    table = table[table["ms"] > 0]
    for has_graph, mark in ((False, "o"), (True, "^")):
        some = table[table["graph"].astype(bool) == has_graph]
        axes.scatter(
            some["ms"], some["dev"], marker=mark, s=38, color="C0", label="with the graph" if has_graph else "without"
        )
    front, best = [], -1.0
    for name, row in table.sort_values("ms").iterrows():
        if row["dev"] > best:
            front.append(name)
            best = row["dev"]
    axes.step(table.loc[front, "ms"], table.loc[front, "dev"], where="post", color="C1", lw=1.5, label="beaten by none")
    for name in named:
        row = table.loc[name]
        axes.annotate(
            name, (row["ms"], row["dev"]), xytext=(9, -5), textcoords="offset points", fontsize=8, ha="left",
        )  # fmt: skip
    axes.set(
        xlim=(-2, None), ylim=(0, 100), xlabel="ms of a search", ylabel="% of the evidence in the first 3, dev",
        title=f"{len(front)} of {len(table)} searches are beaten by none",
    )  # fmt: skip
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@styled
def losses(counts: pd.Series, title: str) -> Figure:
    """One bar: how many questions are right, and which stage loses the others. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 2.2))
    left = 0
    for number, (name, count) in enumerate(counts[counts > 0].items()):
        axes.barh([0], [count], left=left, color=f"C{number}", edgecolor="white", label=f"{name}: {count}")
        left += count
    axes.set(yticks=[], xlim=(0, left), xlabel="dev questions that have an answer", title=title)
    figure.legend(loc="outside lower center", ncols=4)
    return figure
