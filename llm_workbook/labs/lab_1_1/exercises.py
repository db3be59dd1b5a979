"""Exercises of lab 1.1."""

import random
from itertools import product

import numpy as np

from ...corpus.records import Span
from ...exercises.checks import compare, list_of, must_raise, number
from ...exercises.engine import Exercise, Misconception, NotYet
from ...taught import lab_1_1 as taught

MSA, NDA = Span("msa", 100, 200), Span("nda", 50, 90)
RANKED = (Span("msa", 300, 700), Span("msa", 0, 150), Span("nda", 0, 69), Span("msa", 120, 400), Span("nda", 40, 95))


def _random_case(seed: int) -> tuple[list[Span], list[Span]]:
    """A ranking and its evidence, with overlaps of every size."""
    generator = random.Random(seed)
    spans = [
        Span(generator.choice("abc"), start, start + generator.randint(20, 200))
        for start in generator.sample(range(600), 12)
    ]
    return spans[:9], spans[9 : 10 + seed % 3]


CASES = [
    ([*RANKED], [MSA]),
    ([*RANKED], [MSA, NDA]),
    ([RANKED[0]], [MSA]),
    ([], [MSA]),
    *(_random_case(seed) for seed in range(40)),
]
PROBES = [(*case, k) for case in CASES[:20] for k in (1, 2, 4, 30)]


# ------------------------------------------------------------------ 1 · recall at k


RECALL_NAMES = ("ranked", "evidence", "k")
NOTHING_TO_MEASURE = [([MSA], [MSA], 0), ([MSA], [], 1), ([MSA], [MSA], -1)]


def check_recall(candidate) -> None:
    """Hand-made and seeded rankings against the reference; bad k and missing evidence must raise."""
    cases = [(*case, k) for case in CASES for k in (1, 2, 3, 5, 20)]
    different = "the share of the evidence that is covered is different"
    compare(candidate, taught.recall_at_k, cases, RECALL_NAMES, different, number)
    why = "with k below 1 or without evidence there is nothing to measure: raise a ValueError"
    must_raise(candidate, NOTHING_TO_MEASURE, RECALL_NAMES, why)


def _recall_of_results(ranked, evidence, k):
    _require(evidence, k)
    return sum(any(taught.covers(result, span) for span in evidence) for result in ranked[:k]) / k


def _recall_counting_twice(ranked, evidence, k):
    _require(evidence, k)
    return sum(taught.covers(result, span) for result in ranked[:k] for span in evidence) / len(evidence)


def _recall_of_all(ranked, evidence, k):
    _require(evidence, k)
    return sum(any(taught.covers(result, span) for result in ranked) for span in evidence) / len(evidence)


def _hit_rate(ranked, evidence, k):
    _require(evidence, k)
    return float(any(taught.covers(result, span) for result in ranked[:k] for span in evidence))


def _recall_swapped(ranked, evidence, k):
    _require(evidence, k)
    return sum(any(taught.covers(span, result) for result in ranked[:k]) for span in evidence) / len(evidence)


def _require(evidence, k) -> None:
    if k < 1 or not evidence:
        raise ValueError("nothing to measure")


# ------------------------------------------------------------------ 2 · reciprocal rank


def check_reciprocal_rank(candidate) -> None:
    """Hand-made and seeded rankings against the reference."""
    names, different = ["ranked", "evidence"], "the reciprocal rank is different"
    compare(candidate, taught.reciprocal_rank, CASES, names, different, number)


def _ranks(ranked, evidence) -> list[int]:
    return [
        rank for rank, result in enumerate(ranked, start=1) if any(taught.covers(result, span) for span in evidence)
    ]


# ------------------------------------------------------------------ 3 · cluster bootstrap

SCORES = np.round(np.random.default_rng(3).normal(0.1, 0.4, 60), 3)
FAMILIES = [f"family {number}" for number in np.random.default_rng(4).choice(6, 60, p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05])]
SCORES = SCORES + np.array([{"family 0": 0.3, "family 1": -0.2}.get(family, 0.0) for family in FAMILIES])


# Three families for which every outcome is known: 27 equally likely draws, 10 different means.
THREE = {"a": [0.0], "b": [1.0, 1.0], "c": [2.0, 2.0, 4.0]}
THREE_FAMILIES = ["c", "b", "c", "a", "b", "c"]
THREE_DIFFERENCES = np.array([2.0, 1.0, 2.0, 0.0, 1.0, 4.0])
THREE_IN_WORDS = "family a with the difference 0, b with 1 and 1, c with 2, 2 and 4"


def _known_means() -> dict[float, float]:
    """Each mean that a resample of the three families can have, with its probability."""
    means = [np.mean([value for name in drawn for value in THREE[name]]) for drawn in product(THREE, repeat=3)]
    values, counts = np.unique(np.round(means, 6), return_counts=True)
    return dict(zip(values.tolist(), (counts / counts.sum()).tolist(), strict=True))


def check_cluster_bootstrap(candidate) -> None:
    """Three families of which every outcome is known, seeds, and the spread of the means where families matter."""
    _check_known_means(_means(candidate, THREE_DIFFERENCES, THREE_FAMILIES, 1000, 1))
    again = [_means(candidate, SCORES, FAMILIES, 50, seed) for seed in (1, 1, 2)]
    if not np.array_equal(again[0], again[1]):
        raise NotYet("the same seed must give the same means: use np.random.default_rng(seed)")
    if np.array_equal(again[0], again[2]):
        raise NotYet("another seed must give other means: do not fix the seed inside")
    got, expected = _means(candidate, SCORES, FAMILIES, 1000, 7), taught.cluster_bootstrap(SCORES, FAMILIES, 20_000)
    for what, measure, tolerance in (("centre", np.mean, 0.02), ("spread", np.std, 0.016)):
        if not abs(measure(got) - measure(expected)) < tolerance:
            values = {"got": f"{measure(got):.3f}", "expected": f"about {measure(expected):.3f}"}
            raise NotYet(f"the {what} of your resampled means is off", given="60 differences in 6 families", **values)


def _means(candidate, differences, families, n_resamples: int, seed: int) -> np.ndarray:
    """What the candidate returns, as an array. Raises: NotYet unless it is one number for each resample."""
    got = np.asarray(candidate(differences.copy(), list(families), n_resamples, seed), float)
    if got.shape != (n_resamples,):
        shapes = {"got": f"shape {got.shape}", "expected": f"shape ({n_resamples},)"}
        raise NotYet(f"{n_resamples:,} resamples must give an array of {n_resamples:,} means", **shapes)
    return got


def _check_known_means(means: np.ndarray) -> None:
    known = _known_means()
    possible = np.array(list(known))
    distance = np.abs(means[:, None] - possible)
    if (strange := means[distance.min(axis=1) > 1e-4]).size:
        raise NotYet(
            "a resample holds as many families as there are, one that was drawn twice counts twice, and the mean is over"
            " all its questions; so this mean is impossible",
            given=THREE_IN_WORDS,
            got=round(float(strange[0]), 3),
            expected=f"one of {[round(mean, 3) for mean in known]}",
        )
    shares = np.bincount(distance.argmin(axis=1), minlength=len(known)) / len(means)
    for share, (mean, chance) in zip(shares.tolist(), known.items(), strict=True):
        if abs(share - chance) > 5 * np.sqrt(chance * (1 - chance) / len(means)):
            raise NotYet(
                f"every family must be as likely as any other in every draw: the mean {mean:.3f} is too rare or too"
                " frequent",
                given=THREE_IN_WORDS,
                got=f"in {share:.1%} of the resamples",
                expected=f"in about {chance:.1%}",
            )


def _bootstrap_of_questions(differences, clusters, n_resamples=10_000, seed=7):
    rows = np.random.default_rng(seed).integers(0, len(differences), (n_resamples, len(differences)))
    return np.asarray(differences)[rows].mean(axis=1)


def _bootstrap_of_family_means(differences, clusters, n_resamples=10_000, seed=7):
    names, index = np.unique(clusters, return_inverse=True)
    means = np.bincount(index, weights=differences) / np.bincount(index)
    rows = np.random.default_rng(seed).integers(0, len(names), (n_resamples, len(names)))
    return means[rows].mean(axis=1)


def _like_spread(a, b) -> bool:
    """Two sets of resampled means are alike when centre and spread agree; the order of random draws does not matter."""
    a, b = np.asarray(a), np.asarray(b)
    if not a.shape == b.shape == (4000,):
        return False
    return abs(a.std() - b.std()) < 0.006 and abs(a.mean() - b.mean()) < 0.012


def _shuffle_of_families(differences, clusters, n_resamples=10_000, seed=7):
    return np.full(n_resamples, np.mean(differences))


# ------------------------------------------------------------------ 4 · which improvements are real


def _improvement_cases():
    """Differences with a known truth: two real effects, one harm, one noise, one single lucky family."""
    generator = np.random.default_rng(11)
    families = [f"f{number % 14}" for number in range(140)]
    noise = generator.normal(0, 0.45, (5, 140))
    lucky = np.where(np.array(families) == "f3", 1.0, 0.0)
    real, small = noise[0] - noise[0].mean() + 0.25, noise[1] - noise[1].mean() + 0.12
    nothing, harm = noise[2] - noise[2].mean() + 0.02, noise[3] - noise[3].mean() - 0.2
    return {
        "longer chunks": nothing,
        "titles": real,
        "one lucky family": lucky,
        "fewer chunks": harm,
        "overlap": small,
    }, families


IMPROVEMENTS, IMPROVEMENT_FAMILIES = _improvement_cases()
ALMOST = np.round(np.random.default_rng(5).normal(0, 0.45, 140), 2)
ALMOST = ALMOST - ALMOST.mean() + 0.06  # 3.6 % of the resampled means lie below zero
ANSWER = ["titles", "overlap"]


REVERSE = {name: -values for name, values in reversed(IMPROVEMENTS.items())}
FOURTEEN = [f"f{number % 14}" for number in range(28)]


def check_real_improvements(candidate) -> None:
    """Changes whose interval lies above zero, across zero, below zero, and just below."""
    for differences, families, wrong in (
        (IMPROVEMENTS, IMPROVEMENT_FAMILIES, "these are not the improvements whose whole interval lies above zero"),
        (REVERSE, IMPROVEMENT_FAMILIES, "with every sign turned round only 'fewer chunks' is an improvement"),
        ({"nothing": np.zeros(28)}, FOURTEEN, "an interval of [0, 0] does not lie above zero"),
        (
            {"almost": ALMOST},
            IMPROVEMENT_FAMILIES,
            "this interval starts just below zero; 2.5 % are left out on each side",
        ),
    ):
        means = {name: round(float(np.mean(values)), 3) for name, values in differences.items()}
        compare(
            candidate,
            taught.real_improvements,
            [(differences, families)],
            (),
            wrong,
            list_of(str),
            given=lambda *_, means=means: {"mean differences": means},
        )


def _band_of(values, families, resample=taught.cluster_bootstrap):
    return np.quantile(resample(values, families), [0.025, 0.975])


EXERCISES = [
    Exercise(
        number=1,
        title="Recall at k",
        reference=taught.recall_at_k,
        check=check_recall,
        probes=PROBES,
        hints=(
            "Ask one question for each **evidence span**: does any of the first k results cover it?",
            (
                "`ranked[:k]` are the first k results; `any(covers(result, span) for result in ranked[:k])` answers for"
                " one span."
            ),
            (
                "Divide the number of covered spans by `len(evidence)`, after raising a ValueError for k < 1 or no"
                " evidence."
            ),
        ),
        misconceptions=(
            Misconception(
                "precision instead of recall",
                _recall_of_results,
                "You divide by k: that is the share of **results** that are right (precision). Recall is the share of"
                " the **evidence** found.",
            ),
            Misconception(
                "one evidence span counted twice",
                _recall_counting_twice,
                "Two overlapping chunks cover the same evidence, and you counted it twice. Ask for each evidence span"
                " once: covered or not?",
            ),
            Misconception(
                "k forgotten",
                _recall_of_all,
                "Your result does not change with k: look at `ranked[:k]`, not at the whole ranking.",
            ),
            Misconception(
                "hit rate instead of recall",
                _hit_rate,
                "With two evidence spans of which one is found, recall is 0.5; you return 1.0. That is the **hit"
                " rate**: any evidence at all.",
            ),
            Misconception(
                "covers the wrong way round",
                _recall_swapped,
                "You ask whether the evidence holds half of the chunk. It is `covers(result, evidence)`: the chunk must"
                " hold half of the evidence.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Reciprocal rank",
        reference=taught.reciprocal_rank,
        check=check_reciprocal_rank,
        probes=[case for case in CASES if case[1]],
        hints=(
            "Walk down the ranking and stop at the first result that covers any evidence span.",
            "`enumerate(ranked, start=1)` gives ranks that start at 1; return `1 / rank`.",
            "After the loop, return 0.0: nothing was found.",
        ),
        misconceptions=(
            Misconception(
                "ranks from 0",
                lambda ranked, evidence: (
                    1 / max(1, _ranks(ranked, evidence)[0] - 1) if _ranks(ranked, evidence) else 0.0
                ),
                "The second place earned 1/1. Ranks start at 1: use `enumerate(ranked, start=1)`.",
            ),
            Misconception(
                "the last hit instead of the first",
                lambda ranked, evidence: 1 / _ranks(ranked, evidence)[-1] if _ranks(ranked, evidence) else 0.0,
                "You return the rank of the **last** result that covers evidence. Return as soon as you meet the"
                " first.",
            ),
            Misconception(
                "the sum over all hits",
                lambda ranked, evidence: float(sum(1 / rank for rank in _ranks(ranked, evidence))),
                "You add 1/rank for every hit. Only the first hit counts, so the result never exceeds 1.",
            ),
            Misconception(
                "the rank itself",
                lambda ranked, evidence: float(_ranks(ranked, evidence)[0]) if _ranks(ranked, evidence) else 0.0,
                "You return the rank. The **reciprocal** rank is 1 divided by it: a hit at rank 4 earns 0.25.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The paired cluster bootstrap",
        reference=taught.cluster_bootstrap,
        check=check_cluster_bootstrap,
        probes=[(SCORES, FAMILIES, 4000, 5)],
        alike=_like_spread,
        time_limit_s=30,
        hints=(
            (
                "Draw **families**, not questions. For each family you need two numbers: the sum of its differences and"
                " their count."
            ),
            (
                "`names, index = np.unique(clusters, return_inverse=True)`, then `np.bincount(index,"
                " weights=differences)` sums by family."
            ),
            (
                "Draw `rng.integers(0, families, (n_resamples, families))`. The mean of a resample is the sum of the"
                " drawn sums divided by the sum of the drawn counts."
            ),
        ),
        misconceptions=(
            Misconception(
                "questions drawn instead of families",
                _bootstrap_of_questions,
                "You drew single questions. Questions of one family fail together, so your band is too narrow: draw"
                " whole families.",
            ),
            Misconception(
                "every family with the same weight",
                _bootstrap_of_family_means,
                "You averaged the family means, so a family with two questions weighs as much as one with twenty."
                " Divide the drawn sums by the drawn counts.",
            ),
            Misconception(
                "drawn without replacement",
                _shuffle_of_families,
                "All your resamples have the same mean: you shuffled the families. Draw **with replacement**, so that a"
                " family may come twice or not at all.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="Which improvements are real?",
        reference=taught.real_improvements,
        check=check_real_improvements,
        probes=[(IMPROVEMENTS, IMPROVEMENT_FAMILIES)],
        time_limit_s=30,
        hints=(
            (
                "For each name, resample its differences with `cluster_bootstrap` and take the 2.5 % quantile of the"
                " means."
            ),
            "An improvement is real when even the lower end of its band lies above zero.",
            (
                "`[name for name, values in differences.items() if np.quantile(cluster_bootstrap(values, families),"
                " 0.025) > 0]`"
            ),
        ),
        misconceptions=(
            Misconception(
                "the average decides",
                lambda differences, families: [name for name, values in differences.items() if np.mean(values) > 0],
                "You kept everything with a positive average. Half of all changes that do nothing have a positive"
                " average; look at the lower end of the band.",
            ),
            Misconception(
                "any band without zero",
                lambda differences, families: [
                    name for name, values in differences.items() if np.prod(_band_of(values, families)) > 0
                ],
                "'fewer chunks' has a band without zero, but below it: that is real harm. An improvement needs the"
                " **lower** end above zero.",
            ),
            Misconception(
                "questions drawn instead of families",
                lambda differences, families: [
                    name
                    for name, values in differences.items()
                    if _band_of(values, families, _bootstrap_of_questions)[0] > 0
                ],
                "You kept 'one lucky family': all its gain comes from a single family, and a resample without that"
                " family shows nothing. Draw families.",
            ),
        ),
    ),
]
