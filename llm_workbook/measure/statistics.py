"""How sure can we be? Confidence intervals, tests and verdicts for paired comparisons, with the contract family as the
unit.

One test everywhere. Questions of one contract family stand or fall together, so the family is the unit: a t interval
over G families, with G - 1 degrees of freedom; the interval that takes every question as independent is used where it
is wider. Where training is part of the claim, the difference between seeds is a second source of chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, sqrt

import numpy as np
from pandas import Series
from scipy.stats import norm, t

FEW = 8  # below this many families an interval is rough
Scores = Mapping[str, float] | Series  # question id -> score


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error. freedom: degrees of freedom of its t distribution; n: questions."""

    mean: float
    error: float
    freedom: float
    n: int
    families: int
    seeds: int = 1

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """(low, high), in the unit of the mean. Where nothing varied: the rule of three, 3 / n (Hanley 1983)."""
        half = self._half(confidence)
        return self.mean - half, self.mean + half

    def p(self, value: float = 0.0) -> float:
        """Two-sided p value of "the true mean is `value`"."""
        if self.families < 2 or self.error == 0:
            return 1.0 if abs(self.mean - value) <= self._half(0.95) else 0.0
        return float(2 * t.sf(abs(self.mean - value) / self.error, self.freedom))

    def _half(self, confidence: float) -> float:
        if self.families < 2:
            return inf
        if self.error == 0:
            return 3 / self.n
        return float(t.ppf((1 + confidence) / 2, self.freedom) * self.error)


def estimate(values: np.ndarray, families: Sequence[str]) -> Estimate:
    """The mean of one number for each question, with its error over families.

    values: shape (n,), or (n, seeds) where the same questions were answered by several training seeds. families: length
    n. Of the errors over families (G - 1 degrees of freedom) and over independent questions (n - 1) the one with the
    wider 95 % interval counts; seeds add theirs, degrees of freedom by Satterthwaite (1946).

    >>> some = estimate(np.array([1.0, 0.0, 1.0, 1.0]), ["a", "a", "b", "c"])
    >>> round(some.mean, 2), some.families, [round(x, 2) for x in some.interval()]
    (0.75, 3, [-0.06, 1.56])
    """
    values = np.asarray(values, float)
    table = values[:, None] if values.ndim == 1 else values
    rows = table.mean(axis=1)
    n, seeds, count = *table.shape, len(set(families))
    if count < 2 or n < 2:
        return Estimate(float(rows.mean()), 0.0, 1.0, n, count, seeds)
    error, freedom = max(
        ((_family_error(rows, families), count - 1), (float(rows.std(ddof=1)) / sqrt(n), n - 1)),
        key=lambda pair: pair[0] * t.ppf(0.975, pair[1]),
    )
    between = float(table.mean(axis=0).std(ddof=1)) / sqrt(seeds) if seeds > 1 else 0.0
    total = sqrt(error**2 + between**2)
    if between:
        freedom = total**4 / (error**4 / freedom + between**4 / (seeds - 1))
    return Estimate(float(rows.mean()), total, freedom, n, count, seeds)


def interval(values: np.ndarray, families: Sequence[str], confidence: float = 0.95) -> tuple[float, float]:
    """(low, high) of the mean, over families; values between 0 and 1 give ends between 0 and 1.

    One family says nothing about others: the interval is then the whole range that such values have.
    """
    values = np.asarray(values, float)
    least, most = (-1.0 if values.min() < 0 else 0.0), max(1.0, float(values.max()))
    low, high = estimate(values, families).interval(confidence)
    return max(low, least), min(high, most)


def mean_interval(scores: Series, families: Series) -> tuple[float, float, float]:
    """(mean, low, high) of one system's scores, with the 95 % confidence interval over families."""
    low, high = interval(scores.to_numpy(float), list(families))
    return float(scores.mean()), low, high


def cluster_bootstrap(
    differences: np.ndarray, clusters: Sequence[str], n_resamples: int = 10_000, seed: int = 7
) -> np.ndarray:
    """Means of resamples that draw whole clusters with replacement; shape (n_resamples,).

    differences: one number per question, shape (n,). clusters: the family of each question, length n.
    The paired bootstrap of Efron and Tibshirani (1993), with the cluster as the unit (Field and Welsh, 2007). With few
    clusters its percentiles are too narrow: use `interval` where an interval is wanted.

    >>> set(cluster_bootstrap(np.array([0.0, 1.0]), ["a", "b"], n_resamples=100).tolist()) == {0.0, 0.5, 1.0}
    True
    """
    names, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums, counts = np.bincount(index, weights=differences), np.bincount(index)
    drawn = np.random.default_rng(seed).integers(0, len(names), (n_resamples, len(names)))
    return sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)


@dataclass(frozen=True)
class Verdict:
    """The outcome of a paired comparison, in points (hundredths). str() is one sentence that says it.

    margin: the largest difference that does not matter, in points; 0 when nothing was declared. equal: the 90 %
    interval lies within the margin (two one-sided tests at 5 %, Schuirmann 1987). p: corrected for `tests` comparisons.
    """

    name_a: str
    name_b: str
    difference: float
    low: float
    high: float
    p: float
    n: int
    families: int
    seeds: int = 1
    margin: float = 0.0
    equal: bool = False
    tests: int = 1

    @property
    def label(self) -> str:
        """better | worse | equal within the margin | different, size unclear | cannot tell.

        Without a margin: better or worse when p < 0.05. With one: better or worse when the whole interval lies beyond
        it; "different, size unclear" when zero is excluded and the margin is not.
        """
        if self.equal:
            return f"equal within {self.margin:g} points"
        if self.p >= 0.05 or self.low <= 0 <= self.high:
            return "cannot tell"
        if self.margin and min(abs(self.low), abs(self.high)) < self.margin:
            return "different, size unclear"
        return "better" if self.difference > 0 else "worse"

    def __str__(self) -> str:
        rough = " (few families: the interval is rough)" if self.families < FEW else ""
        p = f"p = {self.p:.3f}" if self.p >= 0.0005 else "p < 0.001"
        corrected = f" (corrected for {self.tests} comparisons)" if self.tests > 1 else ""
        seeds = f", {self.seeds} seeds" if self.seeds > 1 else ""
        return (
            f"{self.name_a} against {self.name_b}: {self.difference:+.1f} points [{self.low:.1f}, {self.high:.1f}], {p}"
            f"{corrected}, n = {self.n} in {self.families} families{seeds}: {self.label}{rough}"
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self).replace(self.label, f"**{self.label}**")


def compare(
    a: Scores | Sequence[Scores],
    b: Scores | Sequence[Scores],
    families: Mapping[str, str],
    name_a: str = "a",
    name_b: str = "b",
    margin: float = 0.0,
) -> Verdict:
    """Is a better than b? Paired by question.

    a, b: question id -> score from 0 to 1, or a list of such, one for each training seed (a list of one goes with any).
    families: question id -> family. margin: in points, the largest difference that does not matter.
    Raises: ValueError when the two did not answer the same questions, a score is missing, the seeds do not pair, or the
    margin is negative.
    """
    if margin < 0:
        raise ValueError(f"a margin must be positive, but is {margin}")
    differences, ids = _differences(a, b, name_a, name_b)
    found = estimate(differences, [families[question] for question in ids])
    low, high = (100 * min(max(end, -1.0), 1.0) for end in found.interval())
    inner = found.interval(0.90)
    equal = bool(margin) and -margin < 100 * inner[0] and 100 * inner[1] < margin
    return Verdict(
        name_a, name_b, 100 * found.mean, low, high, found.p(), found.n, found.families, found.seeds, margin, equal
    )


def corrected(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """The verdicts of one declared set of comparisons, their p values corrected together (Holm 1979)."""
    values = holm({name: verdict.p for name, verdict in verdicts.items()})
    return {name: replace(verdict, p=values[name], tests=len(values)) for name, verdict in verdicts.items()}


def equivalent(differences: np.ndarray, families: Sequence[str], margin: float) -> bool:
    """Does the 90 % interval lie within -margin and +margin? (Two one-sided tests at 5 %, Schuirmann 1987.)

    margin: in the unit of the differences. Raises: ValueError when it is not positive.
    """
    if margin <= 0:
        raise ValueError(f"an equivalence margin must be positive, but is {margin}")
    low, high = estimate(differences, families).interval(0.90)
    return -margin < low and high < margin


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


def _family_error(values: np.ndarray, families: Sequence[str]) -> float:
    """Standard error of the mean of whole families (the ratio estimator of Cochran 1977, section 9A)."""
    _, index = np.unique(np.asarray(families), return_inverse=True)
    sums = np.bincount(index, weights=values - values.mean())
    return sqrt(len(sums) / (len(sums) - 1) * float((sums**2).sum())) / len(values)


def _by_seed(scores: Scores | Sequence[Scores]) -> list[dict[str, float]]:
    """One mapping for each training seed."""
    return [dict(one) for one in ([scores] if isinstance(scores, Mapping | Series) else scores)]


def _differences(
    a: Scores | Sequence[Scores], b: Scores | Sequence[Scores], name_a: str, name_b: str
) -> tuple[np.ndarray, list[str]]:
    """(differences of shape (questions, seeds), question ids)."""
    first, second = _by_seed(a), _by_seed(b)
    if len(first) != len(second) and 1 not in (len(first), len(second)):
        raise ValueError(f"{name_a} has {len(first)} seeds and {name_b} has {len(second)}: give both as many, or one")
    ids = list(first[0])
    for one in [*first, *second]:
        if not ids or one.keys() != first[0].keys():
            only = sorted(one.keys() ^ first[0].keys())[:3]
            seen = f"{len(first[0])} and {len(one)}; e.g. {only}"
            raise ValueError(f"{name_a} and {name_b} did not answer the same questions ({seen}): a pair needs both")
    tables = [np.array([[one[question] for one in system] for question in ids], float) for system in (first, second)]
    differences = tables[0] - tables[1]
    if missing := int(np.isnan(differences).any(axis=1).sum()):
        raise ValueError(f"{missing} scores of {name_a} or {name_b} are missing (NaN): score every question first")
    return differences, ids
