"""Exercises of lab 1.6."""

import math
import random
import re
from collections.abc import Callable

from ...exercises.checks import NotYet, compare, equal, list_of, mapping_of, number, text
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_6 as taught

# ------------------------------------------------------------------ 1 · the seed


def _seeded(seed: int) -> tuple[dict[int, float], list[str], float, float]:
    generator = random.Random(seed)
    scores = {at: generator.randint(40, 80) / 100 for at in generator.sample(range(40), generator.randint(0, 4))}
    named = generator.sample(["order", "lease", "letter"], generator.randint(0 if scores else 1, 3))
    return scores, named, generator.choice((0.0, 0.25, 0.5, 1.0)), generator.choice((0.02, 0.1, 1.0))


SEEDS = [
    ({4: 0.5, 7: 0.5}, ["lease"], 0.5, 0.02),
    ({4: 0.75, 7: 0.7}, [], 0.5, 0.02),
    ({}, ["lease", "order"], 0.5, 0.02),
    ({3: 0.5, 9: 0.6, 2: 0.4}, ["lease", "order"], 0.25, 0.1),
    ({3: 0.5, 9: 0.6}, ["lease"], 0.0, 0.1),
    ({3: 0.5, 9: 0.6}, ["lease"], 1.0, 0.1),
    ({}, ["lease"], 0.0, 0.1),
    *map(_seeded, range(40)),
]
DEFAULTS = [({4: 0.5, 7: 0.52}, ["lease"]), ({4: 0.5, 7: 0.52}, ["lease"], 0.25)]


def _read_seed(got: object) -> dict:
    """Nodes that a walker never starts at may be left out."""
    return {node: weight for node, weight in mapping_of(number, "node to probability")(got).items() if weight}


def check_seed(candidate: Callable) -> None:
    """Clauses and documents, one of them alone, shares of 0 and 1, and other temperatures."""
    for case in [*SEEDS, *DEFAULTS]:
        given = dict(zip(("scores", "named", "share", "temperature"), case, strict=False))
        got, expected = _read_seed(candidate(*case)), _read_seed(taught.ppr_seed(*case))
        if not math.isclose(sum(got.values()), 1.0, rel_tol=1e-6):
            raise NotYet("the probabilities do not add up to 1", given, got, expected)
        if not equal(got, expected):
            raise NotYet("these are other probabilities", given, got, expected)


def _seed(
    weigh: Callable[[float, float], float] = lambda score, temperature: math.exp(score / temperature),
    swapped: bool = False,
    always: bool = False,
    each: bool = False,
) -> Callable:
    """Another seed. swapped: the clauses get the share; always: it is split even where one side is empty; each: every
    document gets the share."""

    def seed(scores, named, share=0.5, temperature=0.02):
        part = 1 - share if swapped else share
        part = part if always else (part if scores else 1.0) if named else 0.0
        weights = {at: weigh(score, temperature) for at, score in scores.items()}
        total = sum(weights.values()) or 1.0
        found = {at: (1 - part) * weight / total for at, weight in weights.items()}
        return found | {name: part if each else part / len(named) for name in named}

    return seed


# ------------------------------------------------------------------ 2 · the clause in force


def _history(seed: int) -> tuple[str, list[tuple[str, str | None, str]]]:
    generator = random.Random(seed)
    words = ["ten", "twenty", "thirty", "forty"]
    clause = " and ".join(generator.choices(words, k=generator.randint(1, 4)))
    history: list[tuple[str, str | None, str]] = []
    for _ in range(generator.randint(0, 4)):
        old = None if generator.random() < 0.2 else generator.choice(words)
        date = f"20{generator.randint(18, 22)}-0{generator.randint(1, 3)}-01"
        history.append((date, old, generator.choice(words)))
    return clause, history


HISTORIES = [
    ("Due in 30 days.", [("2021-05-01", "45 days", "60 days"), ("2020-01-31", "30 days", "45 days")]),
    ("Due in 30 days.", []),
    ("Due in 30 days.", [("2020-01-31", "10 days", "45 days")]),
    ("10 days for us, 10 days for you.", [("2020-01-31", "10 days", "7 days")]),
    ("Due in 30 days.", [("2020-01-31", None, "Due at once."), ("2021-01-31", "at once", "in a week")]),
    ("Due in 30 days.", [("2021-01-31", None, "Due at once."), ("2020-01-31", "30 days", "a week")]),
    ("Due in ten days.", [("2020-01-31", "ten", "six"), ("2020-01-31", "six", "two")]),
    ("Due in six days.", [("2020-01-31", "ten", "two"), ("2020-01-31", "six", "ten")]),
    ("Due in six days.", [("2020-01-31", "six", "ten"), ("2020-01-31", None, "Due now.")]),
    ("TEN DAYS for us, ten days for you.", [("2020-01-31", "ten days", "six days")]),
    *map(_history, range(60)),
]


def check_in_force(candidate: Callable) -> None:
    """Changes in any order, on one day, of the whole clause, and of words that do not stand there."""
    different = "this is not how the clause reads today"
    compare(candidate, taught.in_force, HISTORIES, ("clause", "history"), different, text)


def _applying(
    order: Callable[[list], list] = lambda history: sorted(history, key=lambda change: change[0]),
    count: int = -1,
    whole: bool = True,
) -> Callable:
    """Applying with another rule. order: of the changes; count: how often words are replaced; whole: clauses, too."""

    def apply(clause, history):
        for _, old, new in order(list(history)):
            clause = (new if whole else clause) if old is None else clause.replace(old, new, count)
        return clause

    return apply


def _whatever_the_capitals(clause, history):
    for _, old, new in sorted(history, key=lambda change: change[0]):
        clause = new if old is None else re.sub(re.escape(old), lambda _, new=new: new, clause, flags=re.IGNORECASE)
    return clause


def _newest_alone(clause, history):
    return _applying(lambda changes: sorted(changes, key=lambda change: change[0])[-1:])(clause, history)


# ------------------------------------------------------------------ 3 · the conflict detector

Amounts = frozenset[tuple[float, str]]
UNITS = ("day", "%", "eur", "year")


def _amounts(seed: int) -> tuple[Amounts, Amounts]:
    generator = random.Random(seed)
    sides = [
        frozenset((float(generator.randint(1, 3)), generator.choice(UNITS)) for _ in range(generator.randint(0, 4)))
        for _ in range(2)
    ]
    return sides[0], sides[1]


PAIRS: list[tuple[Amounts, Amounts]] = [
    (frozenset({(7.0, "day")}), frozenset({(10.0, "day"), (45.0, "day"), (5.0, "%")})),
    (frozenset({(7.0, "day")}), frozenset({(7.0, "day"), (45.0, "day")})),
    (frozenset({(7.0, "day")}), frozenset({(5.0, "%")})),
    (frozenset(), frozenset({(5.0, "%")})),
    (frozenset({(2.0, "year"), (3.0, "%")}), frozenset({(1.0, "year"), (5.0, "%")})),
    (frozenset({(2.0, "year"), (7.0, "day")}), frozenset({(2.0, "year"), (9.0, "day")})),
    (frozenset({(2.0, "year")}), frozenset({(2.0, "%"), (4.0, "year")})),
    *map(_amounts, range(60)),
]


def check_disputed(candidate: Callable) -> None:
    """One and several units, units of one side alone, and sides that share an amount."""
    compare(candidate, taught.disputed, PAIRS, ("letter", "clause"), "these are other units", list_of(str))


def _any_difference(letter, clause):
    return sorted({unit for _, unit in set(letter) ^ set(clause)})


def _not_every_amount(letter, clause):
    return sorted({unit for _, unit in set(letter) - set(clause)} & {unit for _, unit in clause})


def _numbers_only(letter, clause):
    both = {unit for _, unit in letter} & {unit for _, unit in clause}
    agreed = {number for number, _ in letter} & {number for number, _ in clause}
    return sorted(unit for unit in both if not any(number in agreed for number, own in letter if own == unit))


def _all_or_nothing(letter, clause):
    both = {unit for _, unit in letter} & {unit for _, unit in clause}
    return [] if set(letter) & set(clause) else sorted(both)


EXERCISES = [
    Exercise(
        number=1,
        title="The seed",
        reference=taught.ppr_seed,
        check=check_seed,
        probes=SEEDS,
        hints=(
            "First decide what share the documents really get: `share`, all (no clauses), or nothing (no document).",
            "The weight of a clause is `exp(score / temperature)`, divided by the sum of all these weights.",
            "Multiply the clauses by what the documents leave, and give each document its part: `share / len(named)`.",
        ),
        misconceptions=(
            Misconception(
                "the clauses get the share",
                _seed(swapped=True),
                "You give `share` to the clauses. It is the share of the documents; the clauses get the rest.",
            ),
            Misconception(
                "plain scores",
                _seed(weigh=lambda score, temperature: score),
                "You weigh the clauses by their scores. These are all alike; `exp(score / temperature)` sets the best apart.",
            ),
            Misconception(
                "times the temperature",
                _seed(weigh=lambda score, temperature: math.exp(score * temperature)),
                "You multiply by the temperature. Divide: a low temperature makes the best clause stand out.",
            ),
            Misconception(
                "each document gets the whole share",
                _seed(each=True),
                "Each document gets the whole `share`. They get it together, in equal parts.",
            ),
            Misconception(
                "a share for nobody",
                _seed(always=True),
                "Where no document is named, or no clause was found, the other side gets everything.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The clause in force",
        reference=taught.in_force,
        check=check_in_force,
        probes=HISTORIES,
        hints=(
            "Dates in ISO sort as texts: `sorted(history, key=...)` with the date alone as the key.",
            "`str.replace` changes every place, and nothing where the words do not stand.",
        ),
        misconceptions=(
            Misconception(
                "in the order of the list",
                _applying(lambda history: history),
                "You apply the changes as they stand in the list. Sort them by date: an amendment may change what an"
                " earlier one has put there.",
            ),
            Misconception(
                "the newest first",
                _applying(lambda history: sorted(history, key=lambda change: change[0], reverse=True)),
                "You begin with the newest change. Begin with the oldest: each later one changes what is there by then.",
            ),
            Misconception(
                "only the newest",
                _newest_alone,
                "You apply the newest change alone. It may replace words that only an earlier one has put there.",
            ),
            Misconception(
                "only the first place",
                _applying(count=1),
                "You replace the words at their first place only. They go wherever they stand.",
            ),
            Misconception(
                "capitals are ignored",
                _whatever_the_capitals,
                "You replace words that are written with other capitals, too. Only words that stand exactly so are changed.",
            ),
            Misconception(
                "whole clauses stay",
                _applying(whole=False),
                "Where the words that go are `None`, the whole clause is replaced.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The conflict detector",
        reference=taught.disputed,
        check=check_disputed,
        probes=PAIRS,
        hints=(
            "First the units that both use: a set of each side's units, and `&`.",
            "A unit is agreed where one and the same (number, unit) is in both.",
        ),
        misconceptions=(
            Misconception(
                "every difference",
                _any_difference,
                "You report every amount that only one side states. A unit that only one of them uses disputes nothing.",
            ),
            Misconception(
                "one amount that is missing",
                _not_every_amount,
                "You report a unit as soon as one amount of the letter is missing in the clause. Where they have one amount in"
                " common, they may speak of the same thing: no dispute.",
            ),
            Misconception(
                "numbers without units",
                _numbers_only,
                "You compare numbers whatever their unit: 2 years and 2 % are not in agreement.",
            ),
            Misconception(
                "one agreement settles all",
                _all_or_nothing,
                "One amount in common clears all units in yours. Decide for each unit alone.",
            ),
        ),
    ),
]
