"""Exercises of lab 1.5."""

import math
import random
from collections.abc import Callable, Sequence

from ...exercises.checks import NotYet, compare, list_of, number, whole_number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_5 as taught

# ------------------------------------------------------------------ 1 · rerank


def _score(values: dict[int, float], calls: list[list[int]] | None = None) -> Callable[[Sequence[int]], list[float]]:
    """The value of each place. calls: remembers which places were asked for."""

    def score(places: Sequence[int]) -> list[float]:
        if calls is not None:
            calls.append([int(place) for place in places])
        return [values[int(place)] for place in places]

    return score


def _ranking(seed: int) -> tuple[list[int], dict[int, float], int]:
    generator = random.Random(seed)
    ranking = generator.sample(range(30), generator.randint(1, 9))
    return ranking, {place: generator.randint(-4, 4) / 4 for place in ranking}, generator.randint(1, 11)


RANKINGS = [
    ([4, 2, 9, 7], {4: 0.1, 2: 0.8, 9: 0.5, 7: 0.9}, 3),
    ([5, 3], {5: 0.2, 3: 0.2}, 2),
    ([8, 1, 6], {8: -0.5, 1: 0.25, 6: -0.25}, 20),
    ([1, 0], {1: 0.0, 0: 1.0}, 1),
    ([7, 5, 3, 1], {7: 0.5, 5: 0.5, 3: 0.75, 1: 0.5}, 4),
    *map(_ranking, range(40)),
]
LONG = [(list(range(25)), {place: (place * 7 % 25) / 25 for place in range(25)})]


def check_rerank(candidate: Callable) -> None:
    """Rankings shorter and longer than depth, equal scores, and how often and with what the score was called."""
    for ranking, values, *depth in [*RANKINGS, *LONG]:
        calls: list[list[int]] = []
        got = list_of(int, whole_number)(candidate(list(ranking), _score(values, calls), *depth))
        shown = {"ranking": ranking, "score": values} | ({"depth": depth[0]} if depth else {})
        expected, first = taught.rerank(ranking, _score(values), *depth), ranking[: (depth or [20])[0]]
        if sorted(got) != sorted(ranking):
            raise NotYet("every clause of the ranking is returned, each once", shown, got, expected)
        if got != expected:
            wrong = "the order is different (of equal scores the old order stays)"
            if not depth:
                wrong = "when no depth is given, it is 20: leave the signature as it is"
            raise NotYet(wrong, shown, got, expected)
        if len(calls) != 1:
            raise NotYet("`score` is expensive: call it once, with all clauses together", shown, f"{len(calls)} calls")
        if sorted(calls[0]) != sorted(first):
            raise NotYet("score the first `depth` clauses and no others", shown, calls[0], first)


def _sorting(key: Callable[[float], float], keep_rest: bool = True, whole: bool = False) -> Callable:
    """Reranking with another key. whole: all clauses are scored."""

    def order(ranking, score, depth=20):
        first = list(ranking if whole else ranking[:depth])
        values = dict(zip(first, score(first), strict=True))
        rest = list(ranking[len(first) :]) if keep_rest else []
        return sorted(first, key=lambda place: key(values[place])) + rest

    return order


def _best_to_the_top(ranking, score, depth=20):
    first = list(ranking[:depth])
    values = score(first)
    best = first[max(range(len(first)), key=lambda at: values[at])]
    return [best] + [place for place in ranking if place != best]


# ------------------------------------------------------------------ 2 · pack a budget


def _lengths(seed: int) -> tuple[list[int], int]:
    generator = random.Random(seed)
    return [generator.randint(1, 12) for _ in range(generator.randint(1, 8))], generator.randint(1, 30)


PACKS = [
    ([120, 200, 90, 60], 270),
    ([100, 100], 200),
    ([300, 50], 200),
    ([10, 20, 30], 5),
    ([], 100),
    ([50, 40, 30, 20], 90),
    ([5, 5, 5], 0),
    ([60, 50, 40], 100),
    *map(_lengths, range(40)),
]


def check_pack(candidate: Callable) -> None:
    """Clauses that fit exactly, that are too long at the top, in the middle and everywhere, and none at all."""
    different = "these are other clauses"
    compare(candidate, taught.pack, PACKS, ("tokens", "budget"), different, list_of(int, whole_number))


def _greedy(fits: Callable[[int, int], bool], stop: bool = False, order: Callable | None = None) -> Callable:
    """Packing with another rule. fits(length, left); stop: at the first that does not fit."""

    def fill(tokens, budget):
        taken, left = [], budget
        for place in order(tokens) if order else range(len(tokens)):
            if fits(tokens[place], left):
                taken.append(place)
                left -= tokens[place]
            elif stop:
                break
        return sorted(taken)

    return fill


def _each_alone(tokens, budget):
    return [place for place, length in enumerate(tokens) if length <= budget]


def _one_too_many(tokens, budget):
    taken, used = [], 0
    for place, length in enumerate(tokens):
        if used >= budget:
            break
        taken.append(place)
        used += length
    return taken


def _as_lengths(tokens, budget):
    return [tokens[place] for place in taught.pack(tokens, budget)]


# ------------------------------------------------------------------ 3 · the abstention threshold


def _answers(seed: int) -> tuple[list[float], list[bool], float, float, float]:
    generator = random.Random(seed)
    count = generator.randint(1, 9)
    confidence = [generator.randint(0, 8) / 8 for _ in range(count)]
    right = [generator.random() < sure for sure in confidence]
    return (
        confidence,
        right,
        generator.choice((1.0, 5.0)),
        generator.choice((-1.0, -4.0, -9.0)),
        generator.choice((0.0, -0.25, -1.0)),
    )


ANSWERED = [
    ([0.9, 0.6, 0.3], [True, True, False], 5.0, -4.0, -0.25),
    ([0.9, 0.8], [False, False], 5.0, -4.0, -0.25),
    ([0.5, 0.5, 0.2], [True, False, True], 5.0, -4.0, -0.25),
    ([0.2, 0.9], [True, True], 5.0, -4.0, -0.25),
    ([0.75, 0.5, 0.25], [True, False, True], 4.0, -4.0, 0.0),
    ([0.9, 0.5], [True, False], 1.0, -1.0, -1.0),
    ([0.4], [False], 1.0, -1.0, 0.0),
    ([1.5, -0.5, -1.0], [False, True, True], 5.0, -4.0, -0.25),
    *map(_answers, range(60)),
]


def check_threshold(candidate: Callable) -> None:
    """Answers in any order, equal confidences, prices at which all, some or none of the answers are given."""
    names = ("confidence", "right", "right_usd", "wrong_usd", "none_usd")
    compare(candidate, taught.best_threshold, ANSWERED, names, "this is not the threshold", number)


def _choosing(
    given: Callable[[float, float], bool] = lambda sure, limit: sure >= limit,
    none: bool = True,
    never: bool = True,
    last: bool = False,
    mean: bool = False,
) -> Callable:
    """The choice by another rule. given(sure, threshold); none: silence has its price; never: infinity is a candidate;
    last: of equal ones the highest; mean: worth of an answer that is given."""

    def choose(confidence, right, right_usd, wrong_usd, none_usd):
        def worth(limit):
            spoken = [
                right_usd if ok else wrong_usd for ok, sure in zip(right, confidence, strict=True) if given(sure, limit)
            ]
            silent = (none_usd if none else 0) * (len(right) - len(spoken))
            return sum(spoken) / max(1, len(spoken)) if mean else sum(spoken) + silent

        limits = sorted({*confidence, *([math.inf] if never else [])}, reverse=last)
        return max(limits, key=worth)

    return choose


def _most_right(confidence, right, right_usd, wrong_usd, none_usd):
    return _choosing()(confidence, right, 1, -1, 0)


def _the_worth(confidence, right, right_usd, wrong_usd, none_usd):
    limit = taught.best_threshold(confidence, right, right_usd, wrong_usd, none_usd)
    return sum(
        (right_usd if ok else wrong_usd) if sure >= limit else none_usd
        for sure, ok in zip(confidence, right, strict=True)
    )


def _break_even(confidence, right, right_usd, wrong_usd, none_usd):
    return (none_usd - wrong_usd) / (right_usd - wrong_usd)


EXERCISES = [
    Exercise(
        number=1,
        title="Rerank",
        reference=taught.rerank,
        check=check_rerank,
        probes=[(ranking, _score(values), depth) for ranking, values, depth in RANKINGS],
        hints=(
            "Cut the ranking in two: `ranking[:depth]` and `ranking[depth:]`. A slice of a short list is no error.",
            "One call gives all scores, in the order of the clauses that you gave.",
            "`sorted` keeps the order of equal elements; sort by the negative score, not with `[::-1]` afterwards.",
        ),
        misconceptions=(
            Misconception(
                "the rest is dropped",
                _sorting(lambda value: -value, keep_rest=False),
                "The clauses after `depth` are gone. They stay, behind the others: a later step may still want them.",
            ),
            Misconception(
                "the worst first",
                _sorting(lambda value: value),
                "The clause with the **lowest** score comes first in yours. Higher is better.",
            ),
            Misconception(
                "every clause is scored",
                _sorting(lambda value: -value, whole=True),
                "You score the whole ranking. That is what the first stage is there to avoid: only the first `depth`.",
            ),
            Misconception(
                "only the best moves",
                _best_to_the_top,
                "You move the best clause to the top and leave the others as they were. Sort all that were scored.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Pack a budget",
        reference=taught.pack,
        check=check_pack,
        probes=PACKS,
        hints=(
            "Keep what is left of the budget in a variable, and subtract the length of each clause that you take.",
            "`enumerate(tokens)` gives the place and the length.",
        ),
        misconceptions=(
            Misconception(
                "stops at the first that does not fit",
                _greedy(lambda length, left: length <= left, stop=True),
                "You stop at the first clause that does not fit. Skip it: a shorter one further down may fit.",
            ),
            Misconception(
                "the last one goes over the budget",
                _one_too_many,
                "Your last clause goes beyond the budget. Look whether it fits **before** you take it.",
            ),
            Misconception(
                "each clause against the whole budget",
                _each_alone,
                "You compare each clause with the whole budget. What was taken before has used a part of it.",
            ),
            Misconception(
                "what fills the budget is refused",
                _greedy(lambda length, left: length < left),
                "A clause that exactly fills the budget fits: compare with `<=`.",
            ),
            Misconception(
                "the shortest first",
                _greedy(
                    lambda length, left: length <= left,
                    order=lambda tokens: sorted(range(len(tokens)), key=lambda at: tokens[at]),
                ),
                "You take the shortest clauses first. The order says what is likely to answer: go from the best down.",
            ),
            Misconception(
                "lengths instead of places",
                _as_lengths,
                "You return the lengths. Asked for are the places, 0 for the first clause.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The abstention threshold",
        reference=taught.best_threshold,
        check=check_threshold,
        probes=ANSWERED,
        hints=(
            "First a function from a threshold to the total worth: `right_usd` or `wrong_usd` where the confidence is at least the threshold, else `none_usd`.",
            "The candidates: `{*confidence, math.inf}`.",
            "`max(..., key=...)` returns the first of equal ones, so sort the candidates upwards before.",
        ),
        misconceptions=(
            Misconception(
                "silence is free",
                _choosing(none=False),
                "You count nothing for an answer that is not given. It costs `none_usd` each.",
            ),
            Misconception(
                "the answer at the threshold is not given",
                _choosing(given=lambda sure, limit: sure > limit),
                "An answer whose confidence **equals** the threshold is given: `>=`.",
            ),
            Misconception(
                "prices are ignored",
                _most_right,
                "You count right and wrong answers as equally heavy. Use the prices: a wrong one may cost more than a right"
                " one earns.",
            ),
            Misconception(
                "never to answer is no choice",
                _choosing(never=False),
                "Where every answer costs more than silence, return infinity.",
            ),
            Misconception(
                "of equal ones the highest",
                _choosing(last=True),
                "Of equally good thresholds you return the highest. Return the lowest, which gives the most answers.",
            ),
            Misconception(
                "worth of one answer",
                _choosing(mean=True),
                "You maximise the mean over the answers that are given: one sure answer would win. Add up the worth of all"
                " questions.",
            ),
            Misconception(
                "the break-even",
                _break_even,
                "You return the break-even. It would be right for a chance, and a confidence is none: try those that occur,"
                " and take the one with the highest total worth.",
            ),
            Misconception(
                "the worth instead of the threshold",
                _the_worth,
                "You return what it is worth. Asked for is the threshold.",
            ),
        ),
    ),
]
