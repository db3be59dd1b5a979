"""The recorded sweep of lab 2.2: learning rates, three paired seeds at each, three rulers."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from ...settings import DATA
from ...show.plots import styled
from .seeds import Interval

RULERS = {"loss": "held-out loss (nats per token)", "right": "right (%)", "needless_refusals": "needless refusals (%)"}


def recorded_sweep() -> pd.DataFrame:
    """One row for each training: learning_rate, seed, tokens, loss, right, needless_refusals, n (`python -m
    tools.domain sweep` makes it again)."""
    return pd.read_csv(DATA / "sweep.csv", keep_default_na=False)


def against(sweep: pd.DataFrame, rate: float, interval: Interval) -> pd.DataFrame:
    """Each other learning rate minus `rate`, paired by seed: mean difference and its interval, for each ruler.

    interval: (low, high) from two rows of numbers in the same order of seeds. A star marks one without 0 in it.
    """
    by_rate = {one: sweep[sweep["learning_rate"] == one].sort_values("seed") for one in sweep["learning_rate"].unique()}
    chosen = by_rate.pop(rate)
    return pd.DataFrame(
        {
            f"{one:g} minus {rate:g}": {
                title: _difference(part[ruler].tolist(), chosen[ruler].tolist(), interval)
                for ruler, title in RULERS.items()
            }
            for one, part in by_rate.items()
        }
    ).T


def _difference(a: Sequence[float], b: Sequence[float], interval: Interval) -> str:
    low, high = interval(a, b)
    mean = sum(a) / len(a) - sum(b) / len(b)
    return f"{mean:+.2f} [{low:.2f}, {high:.2f}]" + (" *" if low > 0 or high < 0 else "")


def told_apart(table: pd.DataFrame) -> str:
    """How many of the differences each ruler shows. table: as `against` gives it."""
    stars = [f"{name.partition(' (')[0]} {sum('*' in one for one in table[name])}" for name in RULERS.values()]
    return f"Differences that each ruler shows, of {len(table)}: " + ", ".join(stars)


@styled
def draw_sweep(sweep: pd.DataFrame, title: str) -> Figure:
    """Three rulers over the learning rate: a dot for each seed, a line through their means. Returns the Figure."""
    figure, panels = plt.subplots(1, len(RULERS), figsize=(9, 3))
    for axes, (ruler, name) in zip(panels, RULERS.items(), strict=True):
        means = sweep.groupby("learning_rate")[ruler].mean()
        axes.plot(means.index, means.to_numpy(), "-", color="C4", lw=1.5)
        axes.plot(sweep["learning_rate"], sweep[ruler], "o", color="C0", ms=5)
        axes.set(xscale="log", xlabel="learning rate", ylabel=name)
        axes.set_ylim(0, 1.15 * max(sweep[ruler].max(), 1e-9))
    figure.suptitle(title, fontweight="bold")
    return figure
