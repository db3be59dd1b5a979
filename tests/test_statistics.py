"""Statistics: each against a source of its own (a published figure, a hand count, an exact enumeration, a seeded
simulation)."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import norm, t

from llm_workbook.measure.statistics import (
    Verdict,
    cluster_bootstrap,
    compare,
    corrected,
    equivalent,
    estimate,
    holm,
    interval,
    mcnemar,
    mean_interval,
    power,
    questions_needed,
    wilson_interval,
)


def test_wilson_against_published_values():
    # Newcombe (Statistics in Medicine 1998), table I: 81/263 -> .2553 to .3662; 15/148 -> .0624 to .1605; 0/20 -> 0 to
    # .1611
    for successes, n, low, high in (
        (8, 10, 0.490, 0.943),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
    ):
        assert wilson_interval(successes, n) == pytest.approx((low, high), abs=6e-4)
    assert wilson_interval(8, 10, confidence=0.99)[0] < wilson_interval(8, 10)[0]


@pytest.mark.parametrize("successes, n", [(-1, 10), (11, 10), (0, 0)])
def test_impossible_counts_are_a_sentence(successes, n):
    with pytest.raises(ValueError, match=f"{successes} successes of {n} is impossible"):
        wilson_interval(successes, n)


@pytest.mark.parametrize("only_a, only_b", [(9, 1), (1, 9), (12, 5), (0, 6), (3, 3), (0, 0)])
def test_mcnemar_against_the_binomial_by_hand(only_a, only_b):
    n, less = only_a + only_b, min(only_a, only_b)
    by_hand = min(1.0, 2 * sum(comb(n, k) for k in range(less + 1)) / 2**n)
    assert mcnemar(only_a, only_b) == pytest.approx(by_hand)


def test_holm_by_hand():
    # sorted .01 .02 .03 .2 -> times 4, 3, 2, 1, never falling: .04 .06 .06 .2
    assert holm({"c": 0.03, "a": 0.01, "d": 0.2, "b": 0.02}) == pytest.approx(
        {"c": 0.06, "a": 0.04, "d": 0.2, "b": 0.06}
    )
    assert holm({"one": 0.9, "two": 0.8}) == {"one": 1.0, "two": 1.0}
    assert holm({}) == {}


def test_cluster_bootstrap_against_exact_enumeration():
    values, clusters = np.array([1, 0, 1, 1, 0, 0, 1.0]), list("aaabbcc")
    groups = [values[:3], values[3:5], values[5:]]
    exact = [
        round(np.concatenate([groups[place] for place in drawn]).mean(), 9) for drawn in product(range(3), repeat=3)
    ]
    drawn = cluster_bootstrap(values, clusters, n_resamples=20_000).round(9)
    assert set(drawn) == set(exact)
    for mean in set(exact):
        assert np.mean(drawn == mean) == pytest.approx(exact.count(mean) / 27, abs=0.012)


def world(rng, families: int, alike: float, seeds: int = 1, between: float = 0.0):
    """Differences of two equally good systems: (questions, seeds), family of each question.

    alike: variance of the family effect as a share of the variance of a difference; families differ in size.
    """
    sizes = rng.poisson(20, families) + 2
    clusters, disagree = np.repeat(np.arange(families), sizes), 0.35
    lean = rng.normal(0, np.sqrt(alike * disagree), families)[clusters]
    shift = rng.normal(0, between, seeds)
    up = np.clip((disagree + lean[:, None] + shift) / 2, 0, 1)
    down = np.clip((disagree - lean[:, None] - shift) / 2, 0, 1)
    drawn = rng.random((len(clusters), seeds))
    return (drawn < up).astype(float) - ((drawn >= up) & (drawn < up + down)), clusters


@pytest.mark.parametrize("families", [5, 15, 20])
@pytest.mark.parametrize("alike", [0.03, 0.06])
def test_false_positives_and_coverage_at_five_per_cent(families, alike):
    """3,000 worlds without a difference: the test says "different" in 3.5 to 6.5 of 100, and the interval covers zero
    in as many as it says."""
    rng, wrong, covered = np.random.default_rng(families * 1000 + int(100 * alike)), 0, 0
    for _ in range(3000):
        values, clusters = world(rng, families, alike)
        found = estimate(values[:, 0], clusters)
        low, high = found.interval()
        wrong += found.p() < 0.05
        covered += low <= 0 <= high
    assert 0.035 <= wrong / 3000 <= 0.065
    assert covered == 3000 - wrong


@pytest.mark.parametrize("families", [5, 15, 20])
def test_false_positives_with_seeds_in_the_test(families):
    """Three seeds that differ by 3 points: as few false positives; with the seeds left out of the test, more."""
    rng, wrong, blind = np.random.default_rng(families), 0, 0
    for _ in range(1500):
        values, clusters = world(rng, families, 0.06, seeds=3, between=0.04)
        wrong += estimate(values, clusters).p() < 0.05
        blind += estimate(values.mean(axis=1), clusters).p() < 0.05
    assert 0.02 <= wrong / 1500 <= 0.065
    assert wrong < blind


def test_the_interval_is_the_t_interval_of_family_means_where_families_are_equal():
    means = norm.ppf((np.arange(14) + 0.5) / 14)
    low, high = estimate(np.repeat(means, 4), np.repeat(np.arange(14), 4)).interval()
    half = t.ppf(0.975, 13) * means.std(ddof=1) / np.sqrt(14)
    assert (low, high) == pytest.approx((-half, half))


def test_families_all_alike_do_not_make_an_interval_of_nothing():
    """Ten families with the same mean: the error over independent questions counts."""
    values, clusters = np.tile([1.0, 0.0], 10), np.repeat(np.arange(10), 2)
    found = estimate(values, clusters)
    assert found.error == pytest.approx(values.std(ddof=1) / np.sqrt(20)) and found.freedom == 19


def test_where_nothing_differs_the_rule_of_three_holds():
    scores = {str(number): 1.0 for number in range(60)}
    verdict = compare(scores, scores, {name: str(int(name) % 6) for name in scores})
    assert (verdict.difference, verdict.low, verdict.high) == (0.0, -5.0, 5.0)
    assert verdict.label == "cannot tell" and verdict.p == 1.0


def test_one_family_says_nothing_about_others():
    assert interval(np.array([0, 1, 1.0]), list("aaa")) == (0.0, 1.0)
    assert interval(np.array([0, 1, -1.0]), list("aaa")) == (-1.0, 1.0)
    for better in (1.0, 0.0):  # whatever was seen
        verdict = compare({"q": better}, {"q": 0.0}, {"q": "ports"})
        assert (verdict.low, verdict.high, verdict.label, verdict.families) == (-100, 100, "cannot tell", 1)


def test_mean_interval_gives_the_mean_and_its_interval():
    import pandas as pd

    scores, families = pd.Series([1, 0, 1, 1.0]), pd.Series(list("abcd"))
    assert mean_interval(scores, families) == (0.75, *interval(scores.to_numpy(), list(families)))


def systems(gain: float, families: int, each: int = 10) -> tuple[dict, dict, dict]:
    """(a, b, families): b is right on half of each family; a gains on the given share of the questions, in every family
    alike."""
    rng = np.random.default_rng(5)
    a, b, family = {}, {}, {}
    for place in range(families):
        for number in range(each):
            name = f"{place}.{number}"
            b[name], family[name] = float(number % 2), f"family {place}"
            noise = 0.3 * rng.standard_normal() if number < 4 else 0.0
            a[name] = b[name] + gain + noise
    return a, b, family


def test_the_sentence_of_a_better_and_of_a_worse_system():
    a, b, families = systems(0.3, 10)
    better = compare(a, b, families, "hybrid", "dense")
    assert str(better).startswith(
        f"hybrid against dense: +{better.difference:.1f} points [{better.low:.1f}, {better.high:.1f}], p < 0.001"
    )
    assert str(better).endswith(", n = 100 in 10 families: better")
    assert repr(better) == str(better)
    assert "**better**" in better._repr_markdown_()
    worse = compare(b, a, families, "dense", "hybrid")
    assert str(worse).startswith("dense against hybrid: -")
    assert str(worse).endswith(": worse")
    assert (worse.difference, worse.p) == pytest.approx((-better.difference, better.p))


def test_the_sentence_of_systems_that_cannot_be_told_apart():
    a, b, families = systems(0.0, 8)
    verdict = compare(a, b, families)
    assert verdict.low < 0 < verdict.high
    assert verdict.p > 0.05
    assert str(verdict).endswith(": cannot tell")


VERDICTS = [  # difference, low, high, p, margin, equal -> label
    (10, 4, 16, 0.001, 0, False, "better"),
    (-10, -16, -4, 0.001, 0, False, "worse"),
    (3, -1, 7, 0.12, 0, False, "cannot tell"),
    (3, -1, 7, 0.12, 5, False, "cannot tell"),
    (10, 6, 14, 0.001, 5, False, "better"),
    (-10, -14, -6, 0.001, 5, False, "worse"),
    (6.4, 4.4, 8.5, 0.001, 5, False, "different, size unclear"),
    (-6.4, -8.5, -4.4, 0.001, 5, False, "different, size unclear"),
    (1, -3, 5, 0.6, 5, True, "equal within 5 points"),
    (2, 1, 3, 0.01, 5, True, "equal within 5 points"),
    (10, 4, 16, 0.08, 0, False, "cannot tell"),  # after a correction
]


@pytest.mark.parametrize("difference, low, high, p, margin, equal, label", VERDICTS)
def test_the_verdicts(difference, low, high, p, margin, equal, label):
    assert Verdict("a", "b", difference, low, high, p, 100, 14, 1, margin, equal).label == label


def test_equal_is_shown_not_assumed():
    rng, clusters = np.random.default_rng(2), [f"f{n % 14}" for n in range(2800)]
    names = [str(number) for number in range(2800)]
    families = dict(zip(names, clusters, strict=True))
    base = dict(zip(names, rng.random(2800), strict=True))
    near = {name: value + rng.normal(0, 0.05) for name, value in base.items()}
    assert compare(near, base, families, margin=5).label == "equal within 5 points"
    few = names[:28]
    far = {name: base[name] + rng.normal(0, 0.5) for name in few}
    assert compare(far, {name: base[name] for name in few}, families, margin=5).label == "cannot tell"


def test_a_declared_set_is_corrected_together():
    a, b, families = systems(0.05, 12)
    alone = {"one": compare(a, b, families), "two": compare(b, a, families), "three": compare(a, a, families)}
    together = corrected(alone)
    assert {name: verdict.p for name, verdict in together.items()} == holm({n: v.p for n, v in alone.items()})
    assert "(corrected for 3 comparisons)" in str(together["one"])


def test_few_families_are_said():
    assert str(compare(*systems(0.3, 5))).endswith("in 5 families: better (few families: the interval is rough)")
    assert "rough" in str(compare(*systems(0.3, 7)))
    assert "rough" not in str(compare(*systems(0.3, 8)))


def test_seeds_are_paired_or_one_for_all():
    names = [str(number) for number in range(40)]
    families = {name: name[-1] for name in names}
    base = dict.fromkeys(names, 0.0)
    seeds = [{name: float(int(name) % 4 < seed) for name in names} for seed in (1, 2, 3)]
    verdict = compare(seeds, base, families)
    assert (verdict.seeds, verdict.n, verdict.difference) == (3, 40, pytest.approx(50))
    assert "40 in 10 families, 3 seeds" in str(verdict)
    assert verdict.high - 50 > 2 * (compare(seeds[1], base, families).high - 50)  # seeds of 25, 50 and 75 %
    with pytest.raises(ValueError, match="a has 3 seeds and b has 2"):
        compare(seeds, seeds[:2], families)


def test_difference_is_in_points_and_pairs_by_question():
    a, b = {"q1": 1.0, "q2": 0.0, "q3": 1.0}, {"q3": 0.0, "q2": 0.0, "q1": 0.5}
    verdict = compare(a, b, {"q1": "x", "q2": "y", "q3": "z"})
    assert (verdict.difference, verdict.n, verdict.families) == (50.0, 3, 3)


def test_compare_refuses_different_questions_and_missing_scores():
    families = {"q1": "x", "q2": "y"}
    with pytest.raises(ValueError, match=r"new and old did not answer the same questions \(2 and 1; e.g. \['q2'\]\)"):
        compare({"q1": 1, "q2": 0}, {"q1": 1}, families, "new", "old")
    with pytest.raises(ValueError, match="did not answer the same questions"):
        compare({}, {}, families)
    with pytest.raises(ValueError, match=r"1 scores of new or old are missing \(NaN\)"):
        compare({"q1": 1, "q2": float("nan")}, {"q1": 1, "q2": 0}, families, "new", "old")


def test_equivalence_both_ways():
    rng, clusters = np.random.default_rng(2), np.repeat(np.arange(14), 20)
    alike = rng.normal(0, 0.05, 280)
    assert equivalent(alike, clusters, margin=0.05)
    assert not equivalent(alike, clusters, margin=0.001)
    assert not equivalent(alike + 0.1, clusters, margin=0.05)
    assert not equivalent(alike - 0.1, clusters, margin=0.05)


def test_equivalence_is_two_one_sided_tests_at_five_per_cent():
    clusters = np.arange(14)
    values = norm.ppf((np.arange(14) + 0.5) / 14)
    wide, narrow = (estimate(values, clusters).interval(share)[1] for share in (0.95, 0.90))
    assert narrow < wide
    assert equivalent(values, clusters, margin=(narrow + wide) / 2)  # within by the 90 % interval, not by the 95 % one
    assert not equivalent(values, clusters, margin=narrow * 0.98)


@pytest.mark.parametrize("margin", [0, -0.1])
def test_a_margin_must_be_positive(margin):
    with pytest.raises(ValueError, match="must be positive"):
        equivalent(np.zeros(3), list("abc"), margin)


@pytest.mark.parametrize("n, effect, discordance", [(155, 0.10, 0.20), (60, 0.15, 0.30), (300, -0.05, 0.15)])
def test_power_against_simulated_mcnemar_tests(n, effect, discordance):
    rng = np.random.default_rng(n)
    shares = [(discordance + effect) / 2, (discordance - effect) / 2, 1 - discordance]
    only_a, only_b, _ = rng.multinomial(n, shares, 20_000).T
    found = np.abs(only_a - only_b) > norm.ppf(0.975) * np.sqrt(only_a + only_b)
    assert power(n, effect, discordance) == pytest.approx(found.mean(), abs=0.03)


@pytest.mark.parametrize(
    "effect, discordance, wanted", [(0.1, 0.2, 0.8), (0.05, 0.3, 0.9), (-0.2, 0.2, 0.8), (0.02, 0.1, 0.5)]
)
def test_questions_needed_is_the_smallest_number_with_that_power(effect, discordance, wanted):
    n = questions_needed(effect, discordance, wanted)
    assert power(n, effect, discordance) >= wanted > power(n - 1, effect, discordance)


def test_impossible_effects_are_sentences():
    with pytest.raises(ValueError, match="an effect of 0.3 needs a discordance between 0.3 and 1, but it is 0.2"):
        power(100, -0.3, 0.2)
    with pytest.raises(ValueError, match="needs a discordance"):
        questions_needed(0.3, 1.2)
    with pytest.raises(ValueError, match="effect of zero"):
        questions_needed(0, 0.2)
