"""The pictures of lab 2.4."""

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ...show.plots import styled


@styled
def needed(
    labels_needed: Callable[..., int], raters: Mapping[str, float], ties: float, rates: tuple[float, ...] = (0.55, 0.6, 0.7)
) -> Figure:  # fmt: skip
    """Labels against the accuracy of a rater, a line for each true win rate, dots for the raters.

    raters: name -> accuracy, 0.5 to 1. ties: share of labels without a preference. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(8, 4))
    accuracies = np.linspace(0.6, 1, 81)
    for number, rate in enumerate(rates):
        counts = [labels_needed(rate, float(one), ties) for one in accuracies]
        axes.plot(accuracies, counts, color=f"C{number}", label=f"win rate {100 * rate:.0f} %")
    middle = {name: (a, labels_needed(rates[1], a, ties)) for name, a in raters.items() if a >= 0.6}
    for name, (at, count) in middle.items():
        axes.plot([at], [count], "o", color="C1")
        side = "right" if at > 0.9 else "left"
        axes.annotate(name, (at, count), xytext=(0, 8), textcoords="offset points", fontsize=9, ha=side)
    ratio = labels_needed(rates[1], 0.75, ties) / labels_needed(rates[1], 1.0, ties)
    axes.set(
        yscale="log", xlabel="how often a label is right", ylabel="labels (log scale)",
        title=f"A rater who is right three times in four needs {ratio:.0f} times the labels",
    )  # fmt: skip
    figure.legend(loc="outside lower center", ncols=3)
    return figure
