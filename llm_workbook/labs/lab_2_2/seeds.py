"""How often a rule calls two recipes different that do not differ at all."""

from collections.abc import Callable, Sequence

import numpy as np

Interval = Callable[[Sequence[float], Sequence[float]], tuple[float, float]]


def false_alarms(interval: Interval, seed: int, trials: int = 2000) -> dict[str, float]:
    """rule -> share of false alarms, over pairs of recipes that differ in nothing, with three seeds each.

    interval: (low, high) of the difference of two recipes, from one number for each seed; an alarm where it leaves 0
    out.
    """
    pairs = np.random.default_rng(seed).normal(size=(trials, 2, 3))
    ends = [interval(a, b) for a, b in pairs]
    differences = pairs[:, 0] - pairs[:, 1]
    half = 1.96 * differences.std(axis=1, ddof=1) / 3**0.5
    wide = np.ptp(pairs[:, 0], axis=1) > 2 * 2**0.5 * pairs[:, 1].std(axis=1, ddof=1)
    return {
        "your interval, Student's t": float(np.mean([low > 0 or high < 0 for low, high in ends])),
        "the same with 1.96 instead of 4.30": float(np.mean(abs(differences.mean(axis=1)) > half)),
        "three values of a knob, once each: their range above 2√2 SD of three seeds": float(np.mean(wide)),
    }
