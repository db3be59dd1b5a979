"""Exercises of lab 3.1."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...benchmark.systems import Answer, Item, Row, Spec, specify
from ...exercises.checks import compare, list_of, mapping_of, must_raise, text, whole_number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_3_1 as taught

# ------------------------------------------------------------------ 1 · find the swap

STORED = {
    "RAG": [0.514, 0.281, 0.305],
    "SFT": [0.521, 0.269, 0.333],
    "DPO": [0.787, 0.520, 0.658],
    "base": [0.301, 0.120, 0.500],
}


def _printed(owners: Mapping[str, str], digits: int) -> dict[str, list[float]]:
    """A table in which each label carries the rounded scores of its owner."""
    return {label: [round(score, digits) for score in STORED[owner]] for label, owner in owners.items()}


def _shuffled(seed: int) -> dict[str, str]:
    owners = random.Random(seed).sample(list(STORED), len(STORED))
    return dict(zip(STORED, owners, strict=True))


SWAP_CASES = [
    (_printed({"RAG": "SFT", "SFT": "RAG"}, 6), {"RAG": STORED["RAG"], "SFT": STORED["SFT"]}),
    (_printed({"RAG": "RAG", "SFT": "SFT"}, 2), {"RAG": STORED["RAG"], "SFT": STORED["SFT"]}),
    (_printed({"RAG": "SFT", "SFT": "SFT", "DPO": "DPO"}, 2), STORED),
    ({}, STORED),
    (
        {"RAG": [0.50, 0.29, 0.31], "DPO": [0.40, 0.30, 0.49]},
        STORED,
    ),  # a repeated run: near its own scores, equal to none
    ({"a": [0.5, 0.4]}, {"b": [0.1, 0.0], "a": [0.9, 0.5]}),  # the first metric alone cannot decide
    ({"a": [0.5, 0.5]}, {"a": [0.9, 0.1], "b": [0.6, 0.7]}),  # the differences cancel out when their signs are kept
    *((_printed(_shuffled(seed), digits), STORED) for seed, digits in enumerate((6, 3, 2, 2, 3, 2))),
]

NEAREST = "owner = min(stored, key=lambda other: sum((abs(a - b) for a, b in zip(shown, stored[other], strict=True))))"


def check_swaps(candidate: Callable) -> None:
    """Swapped, copied, rounded and clean tables."""
    names, different = ("printed", "stored"), "these are not the labels that carry another label's scores"
    compare(candidate, taught.find_swaps, SWAP_CASES, names, different, mapping_of(text, "label to label"))


def _owners(printed, stored, distance):
    return {label: min(stored, key=lambda other: distance(shown, stored[other])) for label, shown in printed.items()}


def _distance(a, b):
    return sum(abs(x - y) for x, y in zip(a, b, strict=True))


def _swaps_turned_round(printed, stored):
    return {owner: label for label, owner in _owners(printed, stored, _distance).items() if owner != label}


def _swaps_by_equality(printed, stored):
    found = {
        label: [other for other in stored if list(stored[other]) == list(shown)] for label, shown in printed.items()
    }
    return {label: owners[0] for label, owners in found.items() if owners and owners[0] != label}


def _swaps_by_first_metric(printed, stored):
    return {
        label: owner
        for label, owner in _owners(printed, stored, lambda a, b: abs(a[0] - b[0])).items()
        if owner != label
    }


# ------------------------------------------------------------------ 2 · choose n and families


# Curves without a number of questions at which the power wanted is met exactly: rounding then decides nothing. They
# take arrays, too: whoever tries all numbers at once is right as well.
def _slow(n):
    return 1 - np.exp(-np.asarray(n) / 61.7)


def _quick(n):
    return 1 - np.exp(-np.asarray(n) / 7.3)


def _steps(n):
    return np.where(np.asarray(n) >= 37.013, 0.85, 0.1)


def _certain(n):
    return np.full_like(np.asarray(n, dtype=float), 0.99)


CURVES = [_slow, _quick, _steps, _certain]
DRAW_CASES = [
    (curve, per_family, alike, wanted)
    for curve in CURVES
    for per_family, alike in ((1, 0.5), (8, 0.0), (8, 0.053), (32, 0.053), (5, 1.0), (12, 0.31))
    for wanted in (0.5, 0.8)
]
DRAW_CASES += [(_slow, 10, 0.017, 0.95), (_slow, 3, 0.23, 0.01)]
DRAW_NAMES = ("power_at", "per_family", "alike", "wanted", "most")


def check_families(candidate: Callable) -> None:
    """Power curves of four shapes, small and large families, several aims; and an aim that is out of reach."""
    for cases, wrong in (
        ([(_slow, 4, 0.1)], "by default the power wanted is 0.8"),
        (DRAW_CASES, "this is not the smallest number of families that reaches the power"),
        ([(_slow, 1, 0.0, 0.8, 100)], "`most` families may be drawn, too"),
    ):
        compare(candidate, taught.families_to_draw, cases, (), wrong, whole_number, given=_named_curve)
    why = "no number of families up to `most` is enough here: raise a ValueError"
    must_raise(candidate, [(_slow, 1, 0.0, 0.8, 99), (_slow, 1000, 1.0, 0.8, 99)], DRAW_NAMES, why)


def _named_curve(power_at, *others) -> dict:
    return dict(zip(DRAW_NAMES, (power_at.__name__.strip("_"), *others), strict=False))


def _smallest(power_at, worth, wanted, most):
    """The first number of families whose worth in independent questions is enough."""
    for families in range(1, most + 1):
        if power_at(worth(families)) >= wanted:
            return families
    raise ValueError("out of reach")


def _all_independent(power_at, per_family, alike, wanted=0.8, most=1000):
    return _smallest(power_at, lambda families: families * per_family, wanted, most)


def _turned_round(power_at, per_family, alike, wanted=0.8, most=1000):
    return _smallest(power_at, lambda families: families * per_family * (1 + (per_family - 1) * alike), wanted, most)


def _one_too_many(power_at, per_family, alike, wanted=0.8, most=1000):
    return _smallest(power_at, lambda families: families * per_family / (1 + per_family * alike), wanted, most)


def _families_ignored(power_at, per_family, alike, wanted=0.8, most=1000):
    return _smallest(power_at, lambda families: families / (1 + (per_family - 1) * alike), wanted, most)


def _aim_ignored(power_at, per_family, alike, wanted=0.8, most=1000):
    return taught.families_to_draw(power_at, per_family, alike, 0.8, most)


def _questions(power_at, per_family, alike, wanted=0.8, most=1000):
    return per_family * taught.families_to_draw(power_at, per_family, alike, wanted, most)


# ------------------------------------------------------------------ 3 · still to ask

ASKED = [Item(f"q{number}", f"What is {number}?") for number in (3, 1, 4, 2)]
TASK, OTHER_TASK = specify("questions", version=1), specify("questions", version=2)
READER, REWORDED = (specify("reader", prompt=words) for words in ("Answer in a few words.", "Answer in two words."))


@dataclass(frozen=True)
class _System:
    """What the function may look at of a system."""

    spec: Spec
    seed: int = 7


def _kept(*rows: tuple) -> dict[tuple, Row]:
    """A store: (task, spec, item id, seed, error) in each row."""
    answers = {False: Answer("ten days"), True: None}
    made = [Row(task.id, spec.id, item, seed, answers[bool(error)], error) for task, spec, item, seed, error in rows]
    return {(row.task, row.system, row.item, row.seed): row for row in made}


KNOWN = [(TASK, READER, item.id, 7, "") for item in ASKED]
ASK_CASES = [
    (TASK, ASKED, _System(READER), _kept()),
    (TASK, ASKED, _System(READER), _kept(KNOWN[0], KNOWN[1])),
    (TASK, ASKED, _System(READER), _kept(KNOWN[2])),
    (TASK, ASKED, _System(READER), _kept(*KNOWN)),
    (TASK, ASKED, _System(READER), _kept((*KNOWN[1][:4], "it raised MemoryError"), KNOWN[3])),
    (TASK, ASKED, _System(READER), _kept(*((TASK, REWORDED, item.id, 7, "") for item in ASKED))),
    (TASK, ASKED, _System(READER, 8), _kept(*KNOWN)),
    (OTHER_TASK, ASKED, _System(READER), _kept(*KNOWN)),
    (TASK, [], _System(READER), _kept(*KNOWN)),
]


def check_still_to_ask(candidate: Callable) -> None:
    """Empty, half full and full stores; rows of another task, system and seed; rows with an error."""
    wrong = "these are not the items without a row, in their order"
    compare(candidate, taught.still_to_ask, ASK_CASES, (), wrong, _ids, given=_store_in_words)


def _ids(got: object) -> list[str]:
    return [item.id for item in list_of(Item)(got)]


def _store_in_words(task: Spec, items: Sequence[Item], system: _System, kept: Mapping[tuple, Row]) -> dict:
    rows = [f"{row.item}{' (error)' if row.error else ''}" for row in kept.values()]
    differs = [
        name
        for name, own, place in (("task", task.id, 0), ("system", system.spec.id, 1), ("seed", system.seed, 3))
        if any(key[place] != own for key in kept)
    ]
    other = f", all of another {differs[0]}" if differs else ""
    return {"items": [item.id for item in items], "rows in the store": f"{', '.join(rows) or 'none'}{other}"}


def _alike_items(a: object, b: object) -> bool:
    """The same items in the same order; a tuple will do."""
    return _ids(a) == _ids(b)


def _without(place: int) -> Callable:
    """Looks at the key without one of its four fields."""

    def ask(task, items, system, kept):
        short = {key[:place] + key[place + 1 :] for key in kept}
        own = [(task.id, system.spec.id, item.id, system.seed) for item in items]
        return [item for item, key in zip(items, own, strict=True) if key[:place] + key[place + 1 :] not in short]

    return ask


def _counted(task, items, system, kept):
    return items[len(kept) :]


def _failed_again(task, items, system, kept):
    rows = [kept.get((task.id, system.spec.id, item.id, system.seed)) for item in items]
    return [item for item, row in zip(items, rows, strict=True) if row is None or row.error]


def _the_known(task, items, system, kept):
    return [item for item in items if (task.id, system.spec.id, item.id, system.seed) in kept]


EXERCISES = [
    Exercise(
        number=1,
        title="Find the swap",
        reference=taught.find_swaps,
        check=check_swaps,
        probes=SWAP_CASES,
        equivalent_mutants={
            f"{NEAREST} -> {NEAREST.replace(before, after)}": reason
            for before, after, reason in (
                ("abs(a - b)", "abs(b - a)", "a distance has no sign"),
                ("zip(shown, stored[other], ", "zip(stored[other], shown, ", "a distance has no direction"),
                (", strict=True", "", "both lists have the same metrics"),
                ("strict=True", "strict=False", "both lists have the same metrics"),
            )
        },
        hints=(
            (
                "For one printed label, compute its distance to **every** stored label: `sum(abs(a - b) for a, b in"
                " zip(shown, stored[other]))`."
            ),
            "`min(stored, key=lambda other: ...)` gives the label with the smallest distance: the owner.",
            "Keep a label only where the owner is another one: `swaps[label] = owner`.",
        ),
        misconceptions=(
            Misconception(
                "every label kept",
                lambda printed, stored: _owners(printed, stored, _distance),
                "You return every label, also those that carry their own scores. Keep a label only when its owner is"
                " another one.",
            ),
            Misconception(
                "equality instead of nearness",
                _swaps_by_equality,
                "You ask for equal scores. Printed scores are rounded, and a repeated run is never equal: look for the"
                " **nearest** scores.",
            ),
            Misconception(
                "owner and label turned round",
                _swaps_turned_round,
                "Your keys and values are the wrong way round: the key is the label that was printed, the value is"
                " whose scores it carries.",
            ),
            Misconception(
                "one metric decides",
                _swaps_by_first_metric,
                "You compare the first metric only. Two systems may agree there: add up the differences over all"
                " metrics.",
            ),
            Misconception(
                "differences with their signs",
                lambda printed, stored: {
                    label: owner
                    for label, owner in _owners(printed, stored, lambda a, b: abs(sum(a) - sum(b))).items()
                    if owner != label
                },
                "Positive and negative differences cancel out in your sum. Take the absolute value of **each**"
                " difference.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Choose n and families",
        reference=taught.families_to_draw,
        check=check_families,
        probes=DRAW_CASES,
        hints=(
            "Try 1, 2, 3 ... families and stop at the first number whose power is enough.",
            "G families of m questions tell as much as `G * m / (1 + (m - 1) * alike)` independent questions.",
            "After the loop over `range(1, most + 1)` nothing was enough: raise a ValueError.",
        ),
        misconceptions=(
            Misconception(
                "questions counted as independent",
                _all_independent,
                "Your number does not change with `alike`. Questions of one family succeed and fail together: divide by"
                " the design effect.",
            ),
            Misconception(
                "the design effect turned round",
                _turned_round,
                "Families that are more alike need **fewer** questions in your function. Divide by the design effect,"
                " do not multiply.",
            ),
            Misconception(
                "m in place of m - 1",
                _one_too_many,
                "Your design effect is 1 + m * alike. A family of one question has the design effect 1: it is 1 +"
                " (m - 1) * alike.",
            ),
            Misconception(
                "one question for each family",
                _families_ignored,
                "You count the families and forget that each brings `per_family` questions.",
            ),
            Misconception(
                "the aim forgotten",
                _aim_ignored,
                "Your number does not change with `wanted`. Compare the power with `wanted`, not with a fixed 0.8.",
            ),
            Misconception(
                "questions in place of families",
                _questions,
                "You return the number of questions. The task asks for the number of **families**.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Still to ask",
        reference=taught.still_to_ask,
        check=check_still_to_ask,
        probes=ASK_CASES,
        alike=_alike_items,
        hints=(
            "For one item the key is `(task.id, system.spec.id, item.id, system.seed)`.",
            "A key that is `in kept` has a row already.",
            "Go through the items in their order and collect those whose key is not in `kept`.",
        ),
        misconceptions=(
            Misconception(
                "the system forgotten",
                _without(1),
                "You take the answer of another system for this one's. One changed word in the prompt makes another"
                " system: `system.spec.id` belongs in the key.",
            ),
            Misconception(
                "the seed forgotten",
                _without(3),
                "A system that was trained or sampled with another seed gives other answers: `system.seed` belongs in"
                " the key.",
            ),
            Misconception(
                "the task forgotten",
                _without(0),
                "The rows belong to another task: `task.id` belongs in the key.",
            ),
            Misconception(
                "counted in place of looked up",
                _counted,
                "You skip as many items as there are rows. The rows can be those of any items, and of any system: look"
                " each item up by its key.",
            ),
            Misconception(
                "failed items asked again",
                _failed_again,
                "You ask items again whose row holds an error. A failure is a result and stays in the record; asking"
                " again is a decision, which the function does not take.",
            ),
            Misconception(
                "the known ones",
                _the_known,
                "You return the items that **have** a row.",
            ),
        ),
    ),
]
