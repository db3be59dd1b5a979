"""Judges: programs that say which of two answers is better, or whether one is good, without knowing the right answer."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...feedback.exam import exam_questions
from ...feedback.records import (
    FIRST,
    SECOND,
    TIE,
    Asked,
    Label,
    Pair,
    alike,
    behaviour,
    different,
    heading,
    split_citation,
)
from ...measure.statistics import wilson_interval
from ...measure.strict import states
from ...training.domain import NOT_STATED

ORDERS = ("in order", "turned round")
VERDICT = (
    "Clauses:\n{clauses}\n\nQuestion: {question}\n\nAnswer A: {a}\nAnswer B: {b}\n\nWhich answer is better, A or B?"
)

Judge = Callable[[Asked, Pair], str]  # FIRST, SECOND or TIE


def by_score(score: Callable[[Asked, str], float]) -> Judge:
    """The judge that prefers the answer with the higher score."""

    def judge(asked: Asked, pair: Pair) -> str:
        first, second = (score(asked, text) for text in (pair.first, pair.second))
        return TIE if first == second else FIRST if first > second else SECOND

    return judge


def by_rules(asked: Asked, answer: str) -> float:
    """What a program sees without the right answer: do the words stand in a clause (2 points), and in the clause whose
    heading is named (1 more; another heading: 0.5 less)? A refusal is worth 1."""
    text, named = split_citation(answer)
    if alike(text).startswith(NOT_STATED):
        return 1.0
    within = [heading(clause) for clause in asked.clauses if text and alike(text) in alike(clause)]
    if not within:
        return 0.0
    return 2.0 if named is None else 3.0 if named in within else 1.5


def by_reader(known: Mapping[str, str]) -> Callable[[Asked, str], float]:
    """2 points for the answer that another reader gave (the domain reader, recorded); 1 more for a citation that the
    rules confirm. known: question id -> its answer."""

    def score(asked: Asked, answer: str) -> float:
        text, named = split_citation(answer)
        same = agrees(asked, text, known[asked.id])
        return (2.0 + (by_rules(asked, answer) == 3.0) if same else 0.0) - 0.5 * (named is not None and not same)

    return score


def agrees(asked: Asked, answer: str, other: str) -> bool:
    """Do two answers say the same: both "not stated", or the same value?"""
    answer, other = split_citation(answer)[0], split_citation(other)[0]
    refused = [alike(text).startswith(NOT_STATED) for text in (answer, other)]
    if any(refused):
        return all(refused)
    return alike(answer) == alike(other) or (bool(other) and states(answer, [other], asked.question))


def by_column(table: pd.DataFrame, first: str, second: str) -> Judge:
    """The judge whose scores of the first and second answer are recorded. table: index pair id."""

    def judge(_: Asked, pair: Pair) -> str:
        a, b = (float(table.loc[pair.id, column]) for column in (first, second))  # pyright: ignore[reportArgumentType]
        return TIE if a == b else FIRST if a > b else SECOND

    return judge


def in_both_orders(table: pd.DataFrame) -> Judge:
    """The language model's verdict where it is the same in both orders, else a tie."""

    def judge(asked: Asked, pair: Pair) -> str:
        said = {by_column(table, f"a {order}", f"b {order}")(asked, pair) for order in ORDERS}
        return said.pop() if len(said) == 1 else TIE

    return judge


# ------------------------------------------------------------------ how good is a judge?


def validated(
    judges: Mapping[str, Judge], labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]
) -> pd.DataFrame:  # fmt: skip
    """A row for each judge: how often it prefers the answer that the labels prefer, of the pairs where both prefer one,
    with Wilson's 95 % interval; and in how many it prefers none."""
    rows = {}
    for name, judge in judges.items():
        right, n = agreement(judge, labels, pairs, asked)
        decided = len(_preferring(labels, pairs))
        low, high = wilson_interval(right, n) if n else (0.0, 1.0)
        rows[name] = {
            "pairs": decided, "says neither": decided - n, "right": f"{right} of {n}",
            "accuracy, %": f"{100 * right / max(1, n):.0f} [{100 * low:.0f}, {100 * high:.0f}]",
            "may be used": "yes" if low > 0.5 else "no",
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def agreement(
    judge: Judge, labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]
) -> tuple[int, int]:
    """(pairs in which judge and label prefer the same answer, pairs in which both prefer one)."""
    same = []
    for pair, choice in _preferring(labels, pairs):
        said = judge(asked[pair.asked], pair)
        same += [said == choice] if said != TIE else []
    return sum(same), len(same)


def _preferring(labels: Sequence[Label], pairs: Sequence[Pair]) -> list[tuple[Pair, str]]:
    """The pairs in which a label prefers an answer, hidden repeats left out, each with that choice."""
    known = {pair.id: pair for pair in pairs}
    some = [label for label in labels if label.choice in (FIRST, SECOND) and not label.again and label.pair in known]
    return [(known[label.pair], label.choice) for label in some]


@dataclass(frozen=True)
class Validation:
    """What a judge of single answers said of answers whose truth is known. Counts."""

    good_good: int  # good, and called good
    good: int
    bad_bad: int  # bad, and called bad
    bad: int

    @property
    def sensitivity(self) -> float:
        """Share of the good answers that it calls good."""
        return self.good_good / self.good

    @property
    def specificity(self) -> float:
        """Share of the bad answers that it calls bad."""
        return self.bad_bad / self.bad


def validation(said: Sequence[bool], true: Sequence[bool]) -> Validation:
    """Raises: ValueError where no answer is good, or none is bad."""
    good = [a for a, b in zip(said, true, strict=True) if b]
    bad = [not a for a, b in zip(said, true, strict=True) if not b]
    if not good or not bad:
        raise ValueError(f"{len(good)} good and {len(bad)} bad answers: label some of both kinds")
    return Validation(sum(good), len(good), sum(bad), len(bad))


def corrected_interval(
    said: Sequence[bool], validated_said: Sequence[bool], validated_true: Sequence[bool],
    true_share: Callable[[float, float, float], float], seed: int, times: int = 2000,
) -> tuple[float, float, float]:  # fmt: skip
    """(share, low, high): the corrected share of good answers and its 95 % bootstrap interval, for which judged answers
    and labelled ones are both drawn again. A drawing that cannot be corrected is drawn anew."""
    rng, known = np.random.default_rng(seed), validation(validated_said, validated_true)
    corrected = true_share(float(np.mean(said)), known.sensitivity, known.specificity)
    said_array, pairs = np.asarray(said, float), np.array([*zip(validated_said, validated_true, strict=True)])
    found: list[float] = []
    for _ in range(20 * times):
        drawn = pairs[rng.integers(0, len(pairs), len(pairs))]
        share = float(said_array[rng.integers(0, len(said_array), len(said_array))].mean())
        try:
            some = validation(list(drawn[:, 0]), list(drawn[:, 1]))
            found.append(true_share(share, some.sensitivity, some.specificity))
        except ValueError:
            continue
        if len(found) == times:
            break
    low, high = np.quantile(found, [0.025, 0.975])
    return corrected, float(low), float(high)


def drawn(samples: Sequence[Asked], count: int, seed: int) -> list[tuple[Asked, str]]:
    """So many samples, each with its question, by chance: what somebody labels as good or bad."""
    every = [(one, text) for one in samples for text in different(one.samples)]
    return random.Random(f"{seed} labelled").sample(every, count)


def told(
    exam: pd.DataFrame, labelled: Sequence[tuple[Asked, str]], known: Mapping[str, str],
    true_share: Callable[[float, float, float], float], seed: int,
) -> str:  # fmt: skip
    """What the judge "reader" says of the answers of an exam, as it is and corrected by labelled samples, beside the
    truth; in three lines. known: question id -> the reader's answer."""
    asked = {one.id: one for one in exam_questions()}
    answers = [*zip(exam["question_id"], exam["answer"], strict=True)]
    said = [agrees(asked[name], text, known[name]) for name, text in answers]
    good = [_is_good(asked[name], text) for name, text in answers]
    labels = [agrees(one, text, known[one.id]) for one, text in labelled], [_is_good(*one) for one in labelled]
    low, high = wilson_interval(sum(said), len(said))
    lines = [f"The judge calls {sum(said) / len(said):.0%} of {len(said)} answers good [{low:.0%}, {high:.0%}]"]
    try:
        rates = validation(*labels)
        share, least, most = corrected_interval(said, *labels, true_share, seed)
        lines += [
            f"{len(labelled)} labels: sensitivity {rates.good_good} of {rates.good}, specificity {rates.bad_bad} of"
            f" {rates.bad}; corrected {share:.0%} [{least:.0%}, {most:.0%}]"
        ]
    except ValueError as problem:
        lines += [f"It cannot be corrected ({problem})"]
    return "\n".join([*lines, f"Truly good: {sum(good) / len(good):.0%}"])


def _is_good(asked: Asked, answer: str) -> bool:
    """Right, or "not stated" where nothing is stated."""
    done = behaviour(asked, answer)
    return done.right if asked.answers else done.refused


def share_right(
    judge: Judge, labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]
) -> float:  # fmt: skip
    """How often the judge prefers what the labels prefer, of the pairs where both prefer an answer."""
    right, n = agreement(judge, labels, pairs, asked)
    return right / max(1, n)


def print_prompt(pair: Pair, asked: Mapping[str, Asked]) -> None:
    """Print what the language model is shown as a judge."""
    print(asks_the_model(asked[pair.asked], pair.first, pair.second)[1]["content"])


def asks_the_model(asked: Asked, a: str, b: str) -> list[dict[str, Any]]:
    """The prompt in which a language model compares two answers."""
    text = VERDICT.format(clauses="\n\n".join(asked.clauses), question=asked.question, a=a, b=b)
    return [{"role": "system", "content": "You compare two answers."}, {"role": "user", "content": text}]
