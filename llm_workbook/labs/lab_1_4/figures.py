"""The pictures of lab 1.4."""

from collections.abc import Mapping, Sequence
from math import log

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from ...measure.statistics import mean_interval
from ...regions import figures
from ...regions.figures import MARKS
from ...show.plots import styled

COLORS = {"vectors": "C4", "keywords": "C2", "RRF": "C1"}


def by_type(found: Mapping[str, DataFrame]) -> Figure:
    """Recall at 3 of vectors, keywords and RRF by type of question (see `regions.figures.by_type`)."""
    means = {name: table.groupby("type")["recall"].mean() for name, table in found.items()}
    first, *_, last = means
    lost = int((means[last] < means[first]).sum())
    title = f"{last} finds less than {first} in {lost} of {len(means[first])} types of question"
    return figures.by_type(found, title, COLORS)


@styled
def alphas(found: Mapping[float, DataFrame], chosen: float) -> Figure:
    """Recall at 3 against the weight of the keywords, for identifiers, paraphrases and all. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(8, 3.6))
    weights, best = list(found), []
    groups = {"identifier": "C2", "paraphrase": "C3", "all": "C0"}
    for (group, color), mark in zip(groups.items(), MARKS, strict=False):
        parts = [table if group == "all" else table[table["type"] == group] for table in found.values()]
        if len(parts[0]):
            means = [100 * part["recall"].mean() for part in parts]
            axes.plot(weights, means, marker=mark, color=color, label=f"{group} (n = {len(parts[0])})")
            best.append(f"{group} {weights[int(np.argmax(means))]:g}")
    axes.axvline(chosen, color="#444444", lw=1, ls="--")
    axes.set(xlabel="alpha, the weight of the keywords", ylabel="% of the evidence in the first 3", ylim=(0, 103))
    axes.set_title(f"Chosen on dev: alpha {chosen:g} (best for {', '.join(best)})")
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def loss_of_steps(losses: Sequence[float], batch: int) -> Figure:
    """The loss of each step and its mean over 8, beside that of a guess. Returns the Figure."""
    return figures.losses_of(losses, {f"a guess: ln {batch} = {log(batch):.1f}": log(batch)})


@styled
def way(found: Mapping[str, DataFrame]) -> Figure:
    """Recall at 3 of each system, from the first to the last, with 95 % confidence intervals over families.

    found: system -> scores, with the columns recall (0 to 1) and family. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.42 * len(found)))
    values = [[100 * value for value in mean_interval(table["recall"], table["family"])] for table in found.values()]
    for row, (mean, low, high) in enumerate(values):
        axes.errorbar(mean, row, xerr=[[mean - low], [high - mean]], fmt="o", ms=8, color="C0", capsize=3)
    table = next(iter(found.values()))
    start, end = (values[list(found).index(name)][0] for name in ("vectors", "own encoder"))
    axes.set_yticks(range(len(found)), list(found))
    label = f"% of the evidence in the first 3, n = {len(table)} in {table['family'].nunique()} families"
    axes.set(xlim=(0, 100), ylim=(len(found) - 0.5, -0.5), xlabel=label)
    axes.set_title(f"From {start:.0f} to {end:.0f} % with an encoder of your own")
    return figure
