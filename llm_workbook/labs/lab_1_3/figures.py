"""The picture of lab 1.3."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from pandas import DataFrame

from ...show.plots import styled

MARKS, COLORS = ("o", "s", "D"), ("C4", "C2", "C0")


@styled
def by_type(found: Mapping[str, DataFrame]) -> Figure:
    """Recall at 3 of up to three systems by type of question; on top the type that gains most by the last system.

    found: system -> scores, with the columns type and recall (0 to 1), of the same questions. Returns the Figure.
    """
    means = {name: 100 * table.groupby("type")["recall"].mean() for name, table in found.items()}
    names = list(means)
    gain = means[names[-1]] - means[names[0]]
    types = list(gain.sort_values().index)
    table = found[names[0]]
    counts = table.groupby("type").size()
    figure, axes = plt.subplots(figsize=(8, 1.9 + 0.32 * len(types)))
    axes.hlines(range(len(types)), means[names[0]][types], means[names[-1]][types], color="#999999", lw=2, zorder=1)
    for name, mark, color in zip(names, MARKS, COLORS, strict=False):
        axes.scatter(means[name][types], range(len(types)), s=50, marker=mark, color=color, label=name, zorder=2)
    first, last = (100 * found[name]["recall"].mean() for name in (names[0], names[-1]))
    label = f"% of the evidence in the first 3, n = {len(table)} in {table['family'].nunique()} families"
    axes.set(xlim=(-3, 103), xlabel=label, title=f"All types together: from {first:.0f} to {last:.0f} %")
    axes.set_yticks(range(len(types)), [f"{kind}  (n = {counts[kind]})" for kind in types])
    figure.legend(loc="outside lower center", ncols=len(names))
    return figure
