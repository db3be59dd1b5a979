"""Exercises of lab 3.1."""

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass

import numpy as np

from ...exercises.checks import compare, equal, kind_of, list_of, mapping_of, must_raise, number, text, whole_number
from ...exercises.engine import Exercise, Misconception, NotYet
from ...taught import lab_3_1 as taught
from ...taught.lab_3_1 import Answer, Item

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


# ------------------------------------------------------------------ 2 · Holm by hand


def _p_values(seed: int, count: int) -> dict[str, float]:
    generator = random.Random(seed)
    return {f"test {number}": round(generator.random() ** 3, 4) for number in range(count)}


HOLM_CASES = [
    {"one": 0.02},
    {"a": 0.04, "b": 0.01, "c": 0.03},
    {"c": 0.03, "a": 0.04, "b": 0.01, "d": 0.9, "e": 0.5},
    {"b": 0.02, "a": 0.011, "c": 0.02},  # a tie, and an order that is not that of the alphabet
    {"z": 0.0, "y": 1.0},
    *(_p_values(seed, count) for seed, count in enumerate((2, 3, 5, 8, 18, 18))),
]


def check_holm(candidate: Callable) -> None:
    """Families of 0 to 18 p values, with ties, zeros and ones."""
    cases, read = [(case,) for case in HOLM_CASES], mapping_of(number, "name to corrected p")
    compare(candidate, taught.holm_by_hand, cases, ("p_values",), "these p values are different", read)


def _bonferroni(p_values):
    return {name: min(1.0, len(p_values) * p) for name, p in p_values.items()}


def _holm_steps(p_values, monotone=True, capped=True, factor=None):
    corrected, largest = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=p_values.get)):
        value = (factor or (lambda m, place: m - place))(len(p_values), place) * p_values[name]
        largest = max(largest, value) if monotone else value
        corrected[name] = min(1.0, largest) if capped else largest
    return corrected


# ------------------------------------------------------------------ 3 · add a system

MEMORY = [
    ("How long is the term of the Yarn Supply Agreement?", "5 years"),
    ("How long is the notice period of the Yarn Supply Agreement?", "90 days"),
    ("Which law governs the Haulage Agreement?", "the laws of Norway"),
    ("Who signs?", "Ms Berg"),
    ("Which law governs the Haulage Agreement, then?", "German law"),
]
ASKED = [
    Item("q1", "What is the notice period of the Yarn Supply Agreement?"),
    Item("q2", "Which law governs the Haulage Agreement?"),
    Item("q3", "who signs"),
    Item("q4", "Zebra"),
    Item("q5", "Which law governs the Haulage Agreement, then?"),
]
LOOK_UP_CASES = [
    (ASKED, MEMORY),
    (ASKED[::-1], MEMORY[::-1]),
    (ASKED[1:2], MEMORY[:1]),
    (ASKED[:3], MEMORY[2:]),
]


def check_look_up(candidate: Callable) -> None:
    """One Answer for each item, in order; the most similar question; its overlap as confidence."""
    for part, wrong in {
        "text": "these are not the answers of the most similar questions, one for each item, in order",
        "confidence": "the confidence is the word_overlap with the question that was found",
        "rest": "only text and confidence are set; the rest keeps its default",
    }.items():
        read = lambda got, part=part: [answer[part] for answer in _answers(got)]  # noqa: E731
        given = lambda batch, memory: {"questions": [item.question for item in batch], "memory": memory}  # noqa: E731
        compare(candidate, taught.look_up, LOOK_UP_CASES, (), wrong, read, given=given)


def _answers(got) -> list[dict]:
    """The fields of each Answer; the learner's Answer is the class of the notebook."""
    answers = list_of(object)(got)
    if strangers := [one for one in answers if type(one).__name__ != "Answer" or not is_dataclass(one)]:
        one = kind_of(strangers[0])
        raise NotYet(f"return a list of Answer records, `Answer(text, confidence=...)`; yours contains {one}")
    fields = [asdict(answer) for answer in answers]
    return [{"text": one.pop("text"), "confidence": one.pop("confidence"), "rest": one} for one in fields]


def _alike_answers(a, b) -> bool:
    """Equal field by field."""
    return all(isinstance(one, list) and all(map(is_dataclass, one)) for one in (a, b)) and equal(
        _answers(a), _answers(b)
    )


def _nearest(item, memory):
    return max(memory, key=lambda pair: taught.word_overlap(item.question, pair[0]))


def _nearest_answer_text(batch, memory):
    best = [max(memory, key=lambda pair: taught.word_overlap(item.question, pair[1])) for item in batch]
    return [
        Answer(pair[1], confidence=taught.word_overlap(item.question, pair[1]))
        for item, pair in zip(batch, best, strict=True)
    ]


def _the_question_back(batch, memory):
    return [
        Answer(_nearest(item, memory)[0], confidence=taught.word_overlap(item.question, _nearest(item, memory)[0]))
        for item in batch
    ]


def _first_item_only(batch, memory):
    return taught.look_up(batch[:1], memory)


def _least_similar(batch, memory):
    pairs = [min(memory, key=lambda pair: taught.word_overlap(item.question, pair[0])) for item in batch]
    return [
        Answer(pair[1], confidence=taught.word_overlap(item.question, pair[0]))
        for item, pair in zip(batch, pairs, strict=True)
    ]


# ------------------------------------------------------------------ 4 · choose n


# The curves take arrays, too: whoever tries all n at once is right as well.
def _line(n):
    return np.minimum(1.0, np.asarray(n) / 100)


def _root(n):
    return 1 - np.exp(-np.asarray(n) / 60)


def _steps(n):
    return np.where(np.asarray(n) >= 37, 0.8, 0.1)


def _always(n):
    return np.ones_like(n, dtype=float)


CURVES = [_line, _root, _steps, _always]
N_CASES = [(curve, effect, wanted) for curve in CURVES for effect in (1.0, 1.5, 2.0, 3.7) for wanted in (0.5, 0.8)]
N_CASES += [(_line, 0.5, 0.8), (_line, 1.0, 0.9), (_line, 1.0, 0.01), (_root, 1.0, 0.95), (_line, 7.0, 1.0)]


N_NAMES = ("power_at", "design_effect", "wanted", "most")


def check_n(candidate: Callable) -> None:
    """Power curves of four shapes, several design effects and aims; and an aim that is out of reach."""
    for cases, wrong in (
        ([(_line,)], "by default the design effect is 1 and the power wanted 0.8"),
        (N_CASES, "this is not the smallest number that reaches the power"),
        ([(_line, 1.0, 0.8, 80)], "`most` itself may be asked, too"),
    ):
        compare(candidate, taught.questions_to_ask, cases, (), wrong, whole_number, given=_named_curve)
    why = "no number up to `most` is enough here: raise a ValueError"
    must_raise(candidate, [(_line, 1.0, 0.8, 79)], N_NAMES, why)


def _named_curve(power_at, *others) -> dict:
    return dict(zip(N_NAMES, (power_at.__name__.strip("_"), *others), strict=False))


def _smallest(power_at, wanted, most, divisor):
    for n in range(1, most + 1):
        if power_at(n / divisor) >= wanted:
            return n
    raise ValueError("out of reach")


def _scaled(power_at, design_effect=1.0, wanted=0.8, most=100_000):
    return int(_smallest(power_at, wanted, most, 1) * design_effect)


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
        title="Holm's correction by hand",
        reference=taught.holm_by_hand,
        check=check_holm,
        probes=[(case,) for case in HOLM_CASES],
        alike=equal,
        equivalent_mutants={
            "corrected, largest = ({}, 0.0) -> corrected, largest = ({}, -1.0)": "no p value is below 0"
        },
        hints=(
            "Walk through the names from the smallest p value up: `sorted(p_values, key=lambda name: p_values[name])`.",
            "At place 0, 1, 2 ... the factor is m, m - 1, m - 2 ...: `len(p_values) - place`.",
            (
                "Keep the largest product so far in a variable, and store `min(1.0, largest)`: a corrected p never"
                " falls, and never exceeds 1."
            ),
        ),
        misconceptions=(
            Misconception(
                "Bonferroni",
                _bonferroni,
                "You multiply every p value by m. That is Bonferroni's correction, which is safe but throws discoveries"
                " away: Holm's factor goes down from m to 1.",
            ),
            Misconception(
                "corrected values that fall",
                lambda p_values: _holm_steps(p_values, monotone=False),
                "A larger p value came out with a smaller corrected one. Keep the largest product so far, so that the"
                " order never changes.",
            ),
            Misconception(
                "probabilities above 1",
                lambda p_values: _holm_steps(p_values, capped=False),
                "Some of your values exceed 1. They are probabilities: cap them with `min(1.0, ...)`.",
            ),
            Misconception(
                "factors that rise",
                lambda p_values: _holm_steps(p_values, factor=lambda m, place: place + 1),
                "Your factors rise from 1 to m. The **smallest** p value gets the largest factor, m.",
            ),
            Misconception(
                "false discovery rate",
                lambda p_values: _holm_steps(p_values, factor=lambda m, place: m / (place + 1)),
                "You divide m by the rank, as Benjamini and Hochberg do for the false discovery **rate**. Holm's factor"
                " is m minus the place.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Add a system",
        reference=taught.look_up,
        check=check_look_up,
        probes=LOOK_UP_CASES,
        alike=_alike_answers,
        equivalent_mutants={
            f"{line} -> {line.replace(*turned)}": "the overlap of a with b is that of b with a"
            for line, turned in (
                (
                    "question, answer = max(memory, key=lambda pair: word_overlap(item.question, pair[0]))",
                    ("item.question, pair[0]", "pair[0], item.question"),
                ),
                (
                    "answers.append(Answer(answer, confidence=word_overlap(item.question, question)))",
                    ("item.question, question", "question, item.question"),
                ),
            )
        },
        hints=(
            (
                "For one item: `max(memory, key=lambda pair: word_overlap(item.question, pair[0]))` is the most similar"
                " (question, answer) pair."
            ),
            "An answer is a record: `Answer(answer, confidence=word_overlap(item.question, question))`.",
            (
                "Collect one Answer for each item in a list, in the order of the batch, and return the list after the"
                " loop."
            ),
        ),
        misconceptions=(
            Misconception(
                "the question comes back",
                _the_question_back,
                "You return the remembered **question**. A pair is (question, answer): the text of the Answer is the"
                " second of the two.",
            ),
            Misconception(
                "compared with the answers",
                _nearest_answer_text,
                "You compare the item with the remembered answers. Compare question with question: `pair[0]`.",
            ),
            Misconception(
                "only the first item",
                _first_item_only,
                "You answer the first item of the batch only. Is the `return` inside the loop?",
            ),
            Misconception(
                "the least similar",
                _least_similar,
                "You return the answer of the **least** similar question: `max`, not `min`.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="Choose n for 5 points",
        reference=taught.questions_to_ask,
        check=check_n,
        probes=N_CASES,
        hints=(
            "Try n = 1, 2, 3 ... and stop at the first whose power is enough.",
            "n questions with design effect d tell as much as n / d independent ones: `power_at(n / design_effect)`.",
            "After the loop over `range(1, most + 1)` nothing was enough: raise a ValueError.",
        ),
        misconceptions=(
            Misconception(
                "the design effect forgotten",
                lambda power_at, design_effect=1.0, wanted=0.8, most=100_000: _smallest(power_at, wanted, most, 1),
                "Your n does not change with the design effect. Questions of one family share their luck: n of them"
                " tell as much as n / d.",
            ),
            Misconception(
                "the design effect turned round",
                lambda power_at, design_effect=1.0, wanted=0.8, most=100_000: _smallest(
                    power_at, wanted, most, 1 / design_effect
                ),
                "A larger design effect gives you **fewer** questions. Divide n by it, do not multiply.",
            ),
            Misconception(
                "the aim forgotten",
                lambda power_at, design_effect=1.0, wanted=0.8, most=100_000: _smallest(
                    power_at, 0.8, most, design_effect
                ),
                "Your n does not change with `wanted`. Compare the power with `wanted`, not with a fixed 0.8.",
            ),
            Misconception(
                "rounded down",
                _scaled,
                "You multiply the number of independent questions by the design effect and cut the fraction off. That"
                " is a question too few, or too many: find the smallest whole n whose n / d is enough.",
            ),
        ),
    ),
]
