"""Statistics: each against a source of its own (a published figure, a hand count, an exact enumeration, a seeded
simulation)."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import norm, t

from llm_workbook.measure.statistics import (
    Verdict,
    band,
    compare,
    equivalent,
    holm,
    mcnemar,
    mean_band,
    power,
    questions_needed,
    sign_flip_test,
    wilson_interval,
)
from llm_workbook.taught.lab_1_1 import cluster_bootstrap


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


def test_sign_flip_by_hand():
    # sums of clusters 3, 1, -2: total 2; of the 8 sums 6 4 2 0 0 -2 -4 -6 six are at least 2 away from zero
    differences, clusters = np.array([1, 1, 1, 1, -1, -1.0]), list("aaabcc")
    assert sign_flip_test(differences, clusters) == 6 / 8
    assert sign_flip_test(-differences, clusters) == 6 / 8


def test_sign_flip_by_monte_carlo_is_near_the_exact_value():
    sums = np.array([3, 1, -2, 4, 2, 2, -1, 3, 1, 0, 2, -1, 2.0])  # 13 clusters: above the exact limit
    exact = np.mean([abs(np.dot(signs, sums)) >= sums.sum() for signs in product([-1, 1], repeat=13)])
    assert sign_flip_test(sums, range(13)) == pytest.approx(exact, abs=0.008)
    assert sign_flip_test(np.ones(20), range(20), n_resamples=999) == 1 / 1000  # never zero


@pytest.mark.parametrize("families", [8, 14])
def test_sign_flip_keeps_its_promise_under_the_null(families):
    rng, clusters = np.random.default_rng(families), np.repeat(np.arange(families), 10)
    p = [
        sign_flip_test(rng.normal(np.repeat(rng.normal(0, 1, families), 10)), clusters, n_resamples=999)
        for _ in range(500)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.07
    assert np.mean(p) == pytest.approx(0.5, abs=0.05)


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
    assert band(values, clusters) == pytest.approx(
        (min(exact), max(exact))
    )  # t with 2 degrees of freedom reaches the very ends


def test_band_is_near_the_t_interval_of_cluster_means():
    means = norm.ppf((np.arange(14) + 0.5) / 14)
    low, high = band(np.repeat(means, 4), np.repeat(np.arange(14), 4), n_resamples=40_000)
    half = t.ppf(0.975, 13) * means.std(ddof=1) / np.sqrt(14)
    assert (low, high) == pytest.approx((-half, half), rel=0.04)


@pytest.mark.parametrize("families, least, most", [(5, 0.89, 0.98), (14, 0.92, 0.98)])
def test_the_band_covers_the_truth_as_often_as_it_says(families, least, most):
    """Families of unequal size and difficulty, 800 worlds; the truth is 0.5. A plain percentile band covers 0.82 and
    0.90."""
    rng, covered = np.random.default_rng(11), []
    for _ in range(800):
        clusters = np.repeat(np.arange(families), rng.integers(10, 30, families))
        chance = rng.uniform(0.2, 0.8, families)[clusters]
        low, high = band((rng.random(len(chance)) < chance).astype(float), clusters, n_resamples=1000)
        covered.append(low <= 0.5 <= high)
    assert least <= np.mean(covered) <= most


def test_one_family_says_nothing_about_others():
    assert band(np.array([0, 1, 1.0]), list("aaa")) == (0.0, 1.0)
    assert band(np.array([0, 1, -1.0]), list("aaa")) == (-1.0, 1.0)
    for better in (1.0, 0.0):  # whatever was seen
        verdict = compare({"q": better}, {"q": 0.0}, {"q": "ports"})
        assert (verdict.low, verdict.high, verdict.label, verdict.clusters) == (-100, 100, "not distinguishable", 1)


def test_mean_band_gives_the_mean_and_its_band():
    import pandas as pd

    scores, families = pd.Series([1, 0, 1, 1.0]), pd.Series(list("abcd"))
    assert mean_band(scores, families) == (0.75, *band(scores.to_numpy(), list(families)))


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
        f"hybrid against dense: +{better.difference:.1f} points [{better.low:.1f}, {better.high:.1f}], p = 0.00"
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
    assert str(verdict).endswith(": not distinguishable")


def test_a_band_that_touches_zero_is_not_distinguishable():
    for low, high in ((0.0, 10.0), (-10.0, 0.0)):
        assert Verdict("a", "b", (low + high) / 2, low, high, 0.05, 100, 14).label == "not distinguishable"


def test_few_families_are_said_and_have_no_p():
    verdict = compare(*systems(0.3, 5))
    assert "p =" not in str(verdict)
    assert verdict.p == 2 / 2**5  # the smallest there is with five
    assert str(verdict).endswith("in 5 families: better (few families: the band is rough)")
    assert "p =" in str(compare(*systems(0.3, 6)))
    assert "rough" in str(compare(*systems(0.3, 7)))
    assert "rough" not in str(compare(*systems(0.3, 8)))


def test_difference_is_in_points_and_pairs_by_question():
    a, b = {"q1": 1.0, "q2": 0.0, "q3": 1.0}, {"q3": 0.0, "q2": 0.0, "q1": 0.5}
    verdict = compare(a, b, {"q1": "x", "q2": "y", "q3": "z"})
    assert (verdict.difference, verdict.n, verdict.clusters) == (50.0, 3, 3)


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
    wide, narrow = band(values, clusters)[1], band(values, clusters, confidence=0.90)[1]
    assert narrow < wide
    assert equivalent(
        values, clusters, margin=(narrow + wide) / 2
    )  # within by the 90 % band though not by the 95 % one
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
