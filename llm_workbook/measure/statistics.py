"""How sure can we be? Bands, tests and verdicts for paired comparisons, with the contract family as the unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, sqrt

import numpy as np
from pandas import Series
from scipy.stats import norm, t

from ..taught.lab_1_1 import cluster_bootstrap

FEW = 8  # below this many families a band is rough


@dataclass(frozen=True)
class Verdict:
    """The outcome of a paired comparison, in points (hundredths). str() is one sentence that says it.

    With G families no p of a sign-flip test is below 2 / 2**G; below 6 families that is never under 0.05, so p is not
    said.
    """

    name_a: str
    name_b: str
    difference: float
    low: float
    high: float
    p: float
    n: int
    clusters: int

    @property
    def label(self) -> str:
        """better | worse | not distinguishable, by whether the band leaves zero out."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "not distinguishable"

    def __str__(self) -> str:
        rough = " (few families: the band is rough)" if self.clusters < FEW else ""
        said = f"p = {self.p:.3f}" if self.p >= 0.0005 else "p < 0.001"
        chance = f", {said}" if 2 / 2**self.clusters < 0.05 else ""
        return (
            f"{self.name_a} against {self.name_b}: {self.difference:+.1f} points [{self.low:.1f},"
            f" {self.high:.1f}]{chance}, n = {self.n} in {self.clusters} families: {self.label}{rough}"
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self).replace(self.label, f"**{self.label}**")


def compare(
    a: Series | Mapping[str, float],
    b: Series | Mapping[str, float],
    families: Mapping[str, str],
    name_a: str = "a",
    name_b: str = "b",
) -> Verdict:
    """Is a better than b? Both: question id -> score from 0 to 1; families: question id -> family.

    The band is a cluster bootstrap over families, widened where there are few; p is a sign-flip test over families.
    Raises: ValueError when the two did not answer the same questions, or a score is missing.
    """
    a, b = dict(a), dict(b)
    if not a or a.keys() != b.keys():
        only = sorted(a.keys() ^ b.keys())[:3]
        raise ValueError(
            f"{name_a} and {name_b} did not answer the same questions ({len(a)} and {len(b)}; e.g. {only}): a pair"
            " needs both"
        )
    differences = np.array([a[question] - b[question] for question in a], float)
    if np.isnan(differences).any():
        raise ValueError(
            f"{int(np.isnan(differences).sum())} scores of {name_a} or {name_b} are missing (NaN): score every question"
            " first"
        )
    clusters = [families[question] for question in a]
    p, count = sign_flip_test(differences, clusters), len(set(clusters))
    low, high = band(differences, clusters) if count > 1 else (-1.0, 1.0)
    return Verdict(name_a, name_b, 100 * differences.mean(), 100 * low, 100 * high, p, len(differences), count)


def band(
    values: np.ndarray, clusters: Sequence[str], confidence: float = 0.95, n_resamples: int = 10_000
) -> tuple[float, float]:
    """(low, high) of the mean by cluster bootstrap, with Hesterberg's expanded percentiles.

    A plain percentile band is too narrow for G clusters: by sqrt((G - 1) / G), and because it uses normal in place of t
    quantiles. The expanded one takes the percentiles at Phi(-sqrt(G / (G - 1)) t) (Hesterberg 2015, arXiv:1411.5279,
    section 5.3). One cluster says nothing about others: the band is then the whole range of a mean of such values, or
    of a difference where one of them is negative.
    """
    values, count = np.asarray(values, float), len(set(clusters))
    if count < 2:
        return (-1.0 if values.min() < 0 else 0.0), 1.0
    tail = norm.cdf(-sqrt(count / (count - 1)) * t.ppf((1 + confidence) / 2, count - 1))
    low, high = np.quantile(cluster_bootstrap(values, clusters, n_resamples), [tail, 1 - tail])
    return float(low), float(high)


def mean_band(scores: Series, families: Series) -> tuple[float, float, float]:
    """(mean, low, high) of one system's scores, with the 95 % band over families."""
    low, high = band(scores.to_numpy(float), list(families))
    return float(scores.mean()), low, high


def sign_flip_test(differences: np.ndarray, clusters: Sequence[str], n_resamples: int = 10_000, seed: int = 7) -> float:
    """Two-sided p of "no difference", flipping the sign of whole clusters; exact up to 12 clusters, else by Monte
    Carlo.

    >>> import numpy as np
    >>> sign_flip_test(np.ones(5), list("abcde"))   # 2 of the 32 sign patterns are as extreme
    0.0625
    """
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.bincount(index, weights=np.asarray(differences, float))
    exact, shape = len(sums) <= 12, (n_resamples, len(sums))
    signs = (
        np.array(list(product([-1, 1], repeat=len(sums))))
        if exact
        else np.random.default_rng(seed).choice([-1, 1], shape)
    )
    extreme = np.abs(signs @ sums) >= abs(sums.sum()) - 1e-12
    return float(extreme.mean() if exact else (extreme.sum() + 1) / (n_resamples + 1))


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """(low, high) of a proportion (Wilson 1927), for independent items. Raises: ValueError for impossible counts.

    >>> [round(x, 3) for x in wilson_interval(8, 10)]
    [0.49, 0.943]
    """
    from statsmodels.stats.proportion import proportion_confint

    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes} successes of {n} is impossible")
    low, high = np.asarray(proportion_confint(successes, n, 1 - confidence, method="wilson"), dtype=float)
    return float(low), float(high)


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact p of McNemar's test: only_a questions that only a got right, only_b that only b got right (McNemar
    1947)."""
    from statsmodels.stats.contingency_tables import mcnemar as exact

    return float(vars(exact([[0, only_a], [only_b, 0]], exact=True))["pvalue"])


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p values corrected for having looked at all of them (Holm 1979), by name."""
    from statsmodels.stats.multitest import multipletests

    if not p_values:
        return {}
    corrected = np.asarray(multipletests(list(p_values.values()), method="holm")[1], dtype=float)
    return dict(zip(p_values, corrected.tolist(), strict=True))


def equivalent(differences: np.ndarray, clusters: Sequence[str], margin: float) -> bool:
    """TOST at 5 %: does the 90 % band lie within -margin and +margin? (Schuirmann 1987.) margin: same unit as the
    differences.

    Raises: ValueError when the margin is not positive.
    """
    if margin <= 0:
        raise ValueError(f"an equivalence margin must be positive, but is {margin}")
    low, high = band(differences, clusters, confidence=0.90)
    return -margin < low and high < margin


def power(n: int, effect: float, discordance: float, alpha: float = 0.05) -> float:
    """Chance that n paired questions show a true difference, two-sided, as a share of 1.

    effect: difference of the two shares of right answers; discordance: share of questions on which only one is right.
    The normal approximation for McNemar's test (Connor, Biometrics 1987). Raises: ValueError when effect > discordance.
    """
    effect = abs(effect)
    if not effect <= discordance <= 1:
        raise ValueError(f"an effect of {effect} needs a discordance between {effect} and 1, but it is {discordance}")
    spread = sqrt(max(discordance - effect**2, 1e-12))
    return float(norm.cdf((effect * sqrt(n) - norm.ppf(1 - alpha / 2) * sqrt(discordance)) / spread))


def questions_needed(effect: float, discordance: float, wanted: float = 0.8, alpha: float = 0.05) -> int:
    """Smallest number of paired questions that shows `effect` with the power `wanted`. For independent questions.

    >>> questions_needed(0.10, 0.20)
    155
    """
    if effect == 0:
        raise ValueError("no number of questions shows an effect of zero")
    power(1, effect, discordance)  # same bounds
    tails = norm.ppf(1 - alpha / 2) * sqrt(discordance) + norm.ppf(wanted) * sqrt(max(discordance - effect**2, 0))
    return ceil((tails / abs(effect)) ** 2)


def kish_design_effect(differences: np.ndarray, clusters: Sequence[str]) -> float:
    """Variance of the mean over whole clusters, over its variance as if all questions were independent (Kish 1965).

    differences: one number for each question, shape (n,). 1.0 where nothing varies, or there is one cluster only.

    >>> round(kish_design_effect(np.array([0.0, 0.0, 1.0, 1.0]), ["a", "a", "b", "b"]), 2)
    3.0
    """
    differences = np.asarray(differences, float)
    if np.ptp(differences) == 0 or len(set(clusters)) < 2:
        return 1.0
    sums = Series(differences - differences.mean()).groupby(list(clusters)).sum()
    by_cluster = (sums**2).sum() * len(sums) / (len(sums) - 1)
    return float(by_cluster / (len(differences) * differences.var(ddof=1)))
