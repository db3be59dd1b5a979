"""The exact power of McNemar's test: what a study of n questions can find."""

import numpy as np
from scipy.stats import binom


def exact_power(n: int, effect: float, discordance: float) -> float:
    """Chance that McNemar's exact test finds a true `effect` (p < 0.05) with n independent questions.

    effect: difference of the two shares of right answers. discordance: share of the questions on which exactly one
    system is right. With an effect of 0 this is the share of false alarms. Raises: ValueError for an impossible
    discordance.

    >>> round(exact_power(32, 0.05, 0.20), 3), round(exact_power(200, 0.10, 0.20), 3)
    (0.034, 0.875)
    """
    if not 0 < discordance <= 1 or abs(effect) > discordance:
        raise ValueError(f"the discordance must be from |effect| = {abs(effect)} to 1, above 0, but is {discordance}")
    discordant = np.arange(n + 1)  # every possible number of discordant questions
    chance_of_number = binom.pmf(discordant, n, discordance)
    few = binom.ppf(0.025, discordant, 0.5) - 1  # so few wins, or so few losses, give p < 0.05
    wins = (1 + effect / discordance) / 2  # the better system's share of the discordant questions
    chance_of_finding = binom.cdf(few, discordant, wins) + binom.cdf(few, discordant, 1 - wins)
    return float((chance_of_number * chance_of_finding).sum())
