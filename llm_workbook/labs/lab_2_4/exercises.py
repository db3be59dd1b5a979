"""Exercises of lab 2.4."""

import random
from collections.abc import Callable

import numpy as np
from scipy.stats import norm

from ...exercises.checks import NotYet, compare, must_raise, number, whole_number
from ...exercises.engine import Exercise, Misconception
from ...measure.statistics import wilson_interval
from ...taught import lab_2_4 as taught

CHOICES = ["first", "second", "tie", "both bad"]

# ------------------------------------------------------------------ 1 · kappa

Two = tuple[list[str], list[str]]


def _two(seed: int) -> Two:
    generator = random.Random(seed)
    count, agree = generator.randint(1, 40), generator.random()
    weights = [generator.random() for _ in CHOICES]
    first = generator.choices(CHOICES, weights, k=count)
    return first, [one if generator.random() < agree else generator.choice(CHOICES) for one in first]


TWOS: list[Two] = [
    (["first", "second"], ["first", "second"]),
    (["first", "second", "first", "second"], ["first", "second", "second", "first"]),
    (["first", "second"], ["second", "first"]),
    (["first", "first", "first", "tie"], ["first", "first", "tie", "first"]),
    (["first"] * 3, ["first"] * 3),
    (["tie"], ["tie"]),
    (["first"] * 3, ["tie"] * 3),
    (["first", "first", "second"], ["first", "first", "first"]),
    (["first", "tie", "both bad"], ["second", "tie", "both bad"]),
    *map(_two, range(60)),
]


def check_kappa(candidate: Callable) -> None:
    """All agree, none do, as by chance, below chance, one label only, and raters at random."""
    compare(candidate, taught.cohens_kappa, TWOS, ("first", "second"), "this is another kappa", number)


def _kappa(expected: Callable[[list[str], list[str]], float]) -> Callable:
    """Kappa with another agreement by chance."""

    def kappa(first, second):
        agreed = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
        chance = expected(list(first), list(second))
        return (agreed - chance) / (1 - chance) if chance < 1 else 0.0

    return kappa


def _by_chance(first: list[str], second: list[str]) -> float:
    return sum(first.count(one) * second.count(one) for one in CHOICES) / len(first) ** 2


def _pooled(first: list[str], second: list[str]) -> float:
    return sum(((first + second).count(one) / (2 * len(first))) ** 2 for one in CHOICES)


def _undivided(first, second):
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    return agreed - _by_chance(list(first), list(second))


def _of_the_two_answers(first, second):
    both = [(a, b) for a, b in zip(first, second, strict=True) if a in CHOICES[:2] and b in CHOICES[:2]]
    return _kappa(_by_chance)(*map(list, zip(*both, strict=True))) if both else 0.0


# ------------------------------------------------------------------ 2 · the biased rater

Row = tuple[list[tuple[int, int]], list[tuple[bool, bool]], list[str], Callable]


def _rows(seed: int) -> Row:
    generator = random.Random(seed)
    count = generator.randint(1, 40)
    words = [(generator.randint(1, 5), generator.randint(1, 5)) for _ in range(count)]
    right = [(generator.random() < 0.6, generator.random() < 0.6) for _ in range(count)]
    return words, right, generator.choices(CHOICES, (4, 2, 1, 1), k=count), wilson_interval


RIGHT = (True, True)
ROWS: list[Row] = [
    ([(5, 2), (2, 6), (3, 1), (1, 4)], [RIGHT] * 4, ["first", "second", "first", "first"], wilson_interval),
    ([(5, 2), (2, 5)], [(False, False)] * 2, ["first", "first"], wilson_interval),
    ([(5, 2), (2, 5)], [RIGHT, (True, False)], ["first", "first"], wilson_interval),
    ([(5, 2), (2, 5)], [RIGHT, (False, True)], ["second", "first"], wilson_interval),
    ([(5, 2), (3, 3)], [RIGHT] * 2, ["first", "second"], wilson_interval),
    ([(5, 2), (2, 3), (1, 3)], [RIGHT] * 3, ["first", "tie", "both bad"], wilson_interval),
    ([(3, 3)], [RIGHT], ["first"], wilson_interval),
    ([(3, 1)], [RIGHT], ["tie"], wilson_interval),
    ([], [], [], wilson_interval),
    *map(_rows, range(60)),
]


def _three(got: object) -> list[float]:
    if not isinstance(got, tuple | list | np.ndarray) or len(got) != 3:
        raise NotYet("return three numbers: the share, and the two ends of its interval")
    return [number(part) for part in got]


def check_length(candidate: Callable) -> None:
    """Longer ones that stand first and second, unequal pairs, equal lengths, ties, and nothing that is left."""
    names = ("words", "right", "choices")
    compare(candidate, taught.length_preference, ROWS, names, "this is another share or interval", _three)


def _preference(
    kept: Callable[[tuple[bool, bool]], bool] = lambda right: right[0] == right[1],
    decided: Callable[[str], bool] = lambda choice: choice in CHOICES[:2],
    differs: Callable[[tuple[int, int]], bool] = lambda words: words[0] != words[1],
    longer: Callable[[tuple[int, int], str], bool] = lambda words, choice: (choice == "first") == (words[0] > words[1]),
) -> Callable:
    """The preference with another choice of pairs, or another meaning of longer."""

    def preference(words, right, choices, interval):
        used = [
            longer(two, choice)
            for two, both, choice in zip(words, right, choices, strict=True)
            if kept(both) and decided(choice) and differs(two)
        ]
        return (sum(used) / len(used), *interval(sum(used), len(used))) if used else (0.5, 0.0, 1.0)

    return preference


def _counted_as_not_longer(words, choice):
    return choice in CHOICES[:2] and (choice == "first") == (words[0] > words[1])


LONGER = """longer = [(choice == 'first') == (a > b) for (a, b), (a_right, b_right), choice in zip(words, right, choices, \
strict=True) if a_right == b_right and a != b and (choice in ('first', 'second'))]"""
SAME_SHARE = {
    f"{LONGER} -> {LONGER.replace('(a > b)', '(a >= b)')}": "equal lengths are left out",
    f"{LONGER} -> {LONGER.replace(', strict=True', '')}": "the three lists are equally long",
    f"{LONGER} -> {LONGER.replace('strict=True', 'strict=False')}": "the three lists are equally long",
}

# ------------------------------------------------------------------ 3 · labels needed

NEEDED: list[tuple[float, ...]] = [
    (0.6, 1.0),
    (0.6, 1.0, 0.0, 0.8),
    (0.6, 0.8, 0.0, 0.8),
    (0.6, 0.8, 0.2),
    (0.6, 1.0, 0.5),
    (0.55, 0.9, 0.1, 0.9),
    (0.7, 0.75, 0.3, 0.8),
    (0.4, 0.9, 0.1, 0.8),
    (0.9, 0.95, 0.0, 0.95),
    (0.65, 0.6, 0.25, 0.5),
    (0.58, 0.97, 0.45, 0.7),
    (0.99, 1.0, 0.0, 0.8),
]
NO_NUMBER: list[tuple[float, ...]] = [(0.5, 0.9), (0.6, 0.5), (0.5, 0.5, 0.2)]


def check_needed(candidate: Callable) -> None:
    """Raters with and without noise, ties, other powers, a win rate below a half, and what no number shows."""
    names = ("win_rate", "accuracy", "ties", "power")
    compare(candidate, taught.labels_needed, NEEDED, names, "this is another number of labels", whole_number)
    why = "no number of labels shows this: raise a ValueError where the observed win rate is 0.5"
    must_raise(candidate, NO_NUMBER, names, why)


def _needed(
    observed: Callable[[float, float], float] = lambda rate, accuracy: 0.5 + (2 * accuracy - 1) * (rate - 0.5),
    shared: Callable[[float, float], float] = lambda count, ties: count / (1 - ties),
    side: float = 0.975,
    powered: bool = True,
) -> Callable:
    """The number with one mistake."""

    def needed(win_rate, accuracy, ties=0.0, power=0.8):
        seen = observed(win_rate, accuracy)
        if seen == 0.5:
            raise ValueError("no number")
        tails = norm.ppf(side) / 2 + (norm.ppf(power) * np.sqrt(seen * (1 - seen)) if powered else 0.0)
        return int(np.ceil(shared(float((tails / (seen - 0.5)) ** 2), ties)))

    return needed


OBSERVED = "observed = 0.5 + (2 * accuracy - 1) * (win_rate - 0.5)"
NUMBER = "return int(np.ceil((tails / (observed - 0.5)) ** 2 / (1 - ties)))"
MIRRORED = "the observed rate is mirrored at 0.5, which needs as many labels"
SAME_NUMBER = {
    f"{OBSERVED} -> {OBSERVED.replace('0.5 + ', '0.5 - ')}": MIRRORED,
    f"{OBSERVED} -> {OBSERVED.replace('2 * accuracy - 1', '1 - 2 * accuracy')}": MIRRORED,
    f"{OBSERVED} -> {OBSERVED.replace('win_rate - 0.5', '0.5 - win_rate')}": MIRRORED,
    f"{NUMBER} -> {NUMBER.replace('observed - 0.5', '0.5 - observed')}": "it is squared",
}

EXERCISES = [
    Exercise(
        number=1,
        title="Kappa",
        reference=taught.cohens_kappa,
        check=check_kappa,
        probes=TWOS,
        hints=(
            "Agreement is the share of places at which both say the same: `np.mean(one == other)` for two arrays.",
            "By chance they meet at a label as often as (share of it in one list) times (share of it in the other).",
            "Add this up over all labels. Where it is 1, there is nothing to divide by: return 0.0.",
        ),
        misconceptions=(
            Misconception(
                "every label equally often",
                _kappa(lambda first, second: 0.25),
                "You take 1/4 as the agreement by chance, as if all four labels were equally frequent. A rater who says one"
                " label most of the time meets others there by chance.",
            ),
            Misconception(
                "pooled shares",
                _kappa(_pooled),
                "You take one share for both raters (that is Scott's pi). Multiply the share of the one with the share of"
                " the other.",
            ),
            Misconception(
                "not divided",
                _undivided,
                "You subtract the agreement by chance and do not divide. Kappa is 1 when all agree: divide by (1 - chance).",
            ),
            Misconception(
                "without ties and both bad",
                _of_the_two_answers,
                'You leave out "tie" and "both bad". They are judgements too: all four labels count.',
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The biased rater",
        reference=taught.length_preference,
        check=check_length,
        probes=ROWS,
        equivalent_mutants=SAME_SHARE,
        hints=(
            "Go through the three lists with `zip`. Skip a pair unless both or none are right, the lengths differ, and the"
            " choice is `first` or `second`.",
            "The longer one is chosen when (the choice is `first`) equals (the first has more words).",
            "Count these, and the pairs that are left. With none left return (0.5, 0.0, 1.0).",
        ),
        misconceptions=(
            Misconception(
                "all pairs",
                _preference(kept=lambda right: True),
                "You use pairs in which only one answer is right, too. There a rater may prefer the longer one because it is"
                " right: compare equally right answers only.",
            ),
            Misconception(
                "only pairs in which both are right",
                _preference(kept=all),
                "You leave out pairs in which both answers are wrong. They are equally right too.",
            ),
            Misconception(
                "ties in the denominator",
                _preference(decided=lambda choice: True, longer=_counted_as_not_longer),
                "You divide by pairs without a preference, too. A tie says nothing about length: leave it out.",
            ),
            Misconception(
                "equal lengths in the denominator",
                _preference(
                    differs=lambda words: True, longer=lambda w, c: w[0] != w[1] and (c == "first") == (w[0] > w[1])
                ),
                "You count pairs of equally long answers. They have no longer one: leave them out.",
            ),
            Misconception(
                "the longer one stands first",
                _preference(longer=lambda words, choice: words[0] > words[1]),
                "You count how often the longer answer stands first. Count how often it is **chosen**.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Labels needed",
        reference=taught.labels_needed,
        check=check_needed,
        probes=NEEDED,
        equivalent_mutants=SAME_NUMBER,
        hints=(
            "First the observed win rate: `0.5 + (2 * accuracy - 1) * (win_rate - 0.5)`. If it is 0.5, raise.",
            "z is `norm.ppf`: `norm.ppf(0.975)` is about 1.96, and `norm.ppf(power)` about 0.84 for a power of 0.8.",
            "The formula counts labels with a preference. Of n labels n * (1 - ties) have one: divide, then round up.",
        ),
        misconceptions=(
            Misconception(
                "a rater without noise",
                _needed(observed=lambda rate, accuracy: rate),
                "You use the true win rate. A rater who errs moves it towards 0.5: compute the observed one first.",
            ),
            Misconception(
                "ties left out",
                _needed(shared=lambda count, ties: count),
                "You count labels with a preference only. Ties must be labelled, and paid, as well.",
            ),
            Misconception(
                "ties multiplied",
                _needed(shared=lambda count, ties: count * (1 + ties)),
                "You multiply by (1 + ties). If half of the labels are ties you need twice as many: divide by (1 - ties).",
            ),
            Misconception(
                "one-sided",
                _needed(side=0.95),
                "You use the z of a one-sided test. You do not know beforehand which side wins: take `norm.ppf(0.975)`.",
            ),
            Misconception(
                "without the power",
                _needed(powered=False),
                "You leave out the power. With so few labels you would miss the difference every second time.",
            ),
        ),
    ),
]
