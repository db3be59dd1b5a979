"""Pictures of several searches (labs 1.3, 1.4 and 1.6) and of a training (1.4 and 1.5)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from ..show.plots import styled

EVIDENCE = "% of the evidence in the first 3"
MARKS = ("o", "s", "D", "^")


@styled
def by_type(
    found: Mapping[str, DataFrame],
    title: str,
    colors: Mapping[str, str],
    label: str = EVIDENCE,
) -> Figure:
    """Recall (or what `label` says) of each system by type of question; on top what gains most by the last system.

    found: system -> scores, with the columns type and recall (0 to 1), of the same questions. colors: by system.
    Returns the Figure.
    """
    means = {name: 100 * table.groupby("type")["recall"].mean() for name, table in found.items()}
    names, table = list(means), next(iter(found.values()))
    types = list((means[names[-1]] - means[names[0]]).sort_values().index)
    counts = table.groupby("type").size()
    figure, axes = plt.subplots(figsize=(8, 1.9 + 0.32 * len(types)))
    axes.hlines(range(len(types)), means[names[0]][types], means[names[-1]][types], color="#999999", lw=2, zorder=1)
    for name, mark in zip(names, MARKS, strict=False):
        axes.scatter(means[name][types], range(len(types)), s=50, marker=mark, color=colors[name], label=name, zorder=2)
    label += f", n = {len(table)} in {table['family'].nunique()} families"
    axes.set(xlim=(-3, 103), xlabel=label, title=title)
    axes.set_yticks(range(len(types)), [f"{kind}  (n = {counts[kind]})" for kind in types])
    figure.legend(loc="outside lower center", ncols=len(names))
    return figure


@styled
def losses_of(losses: Sequence[float], lines: Mapping[str, float] = MappingProxyType({})) -> Figure:
    """The loss of each step and its mean over 8, with horizontal lines (label -> height) to compare with. Returns the
    Figure."""
    figure, axes = plt.subplots(figsize=(8, 3))
    steps = range(1, len(losses) + 1)
    axes.plot(steps, losses, ".", color="C4", label="one step")
    axes.plot(steps, [np.mean(losses[max(0, end - 8) : end]) for end in steps], color="C0", label="mean of 8")
    for label, height in lines.items():
        axes.axhline(height, color="#444444", lw=1, ls="--", label=label)
    axes.set(xlabel="step", ylabel="loss (nats)", ylim=(0, 1.1 * max([*losses, *lines.values(), 0.1])))
    if losses:
        ends = (float(np.mean(part)) for part in (losses[:4], losses[-8:]))
        axes.set_title("The loss goes from {:.2f} to {:.2f} nats".format(*ends))
    figure.legend(loc="outside lower center", ncols=3)
    return figure
