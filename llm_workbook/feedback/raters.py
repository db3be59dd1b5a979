"""Simulated raters: programs that say which of two answers is better, so that a lab goes on when nobody clicks.

They know the right answer, which a real rater reads out of the clauses. What they like is written down in `worth`, and
each has one weakness. A table that rests on them must say so.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .records import BAD, FIRST, SECOND, TIE, Asked, Behaviour, Label, Pair, behaviour


@dataclass(frozen=True)
class Rater:
    """A simulated rater. slips: share of labels that are drawn by chance. long: how much a word is worth to it, in
    points of `worth`; 0 for one who does not look at the length. seconds: what a label takes it."""

    name: str
    slips: float
    long: float = 0.0
    seconds: float = 20.0


CAREFUL = Rater("careful", slips=0.03)
HASTY = Rater("hasty", slips=0.35, seconds=5.0)
LONG = Rater("likes length", slips=0.03, long=0.7, seconds=12.0)


def worth(asked: Asked, done: Behaviour) -> float:
    """What the guidelines say an answer is worth: right 2, right with its clause cited 3, a wrong citation -0.5, a
    right refusal 2, a needless refusal 0.3, a wrong answer 0.

    A needless refusal is worth a little more than a wrong answer: nobody acts on it.
    """
    if not asked.answers:
        return 2.0 if done.refused else 0.0
    if done.refused:
        return 0.3
    return (2.0 + done.cites if done.right else 0.0) - 0.5 * done.miscites


def preferred(asked: Asked, pair: Pair, words: float = 0.0) -> str:
    """What the guidelines say about a pair; words: what each word is worth beside them."""
    done = [behaviour(asked, answer) for answer in (pair.first, pair.second)]
    worths = [worth(asked, one) for one in done]
    first, second = (value + words * min(one.words, 12) for value, one in zip(worths, done, strict=True))
    if first == second:
        return BAD if max(worths) < 1 else TIE
    return FIRST if first > second else SECOND


def label_all(rater: Rater, pairs: Iterable[Pair], asked: Mapping[str, Asked], seed: int = 7) -> list[Label]:
    """The labels of a simulated rater, each a pure function of rater, seed and pair.

    asked: id -> question.
    """
    labels = []
    for pair in pairs:
        rng = random.Random(f"{rater.name} {seed} {pair.id}")
        slipped = rng.random() < rater.slips
        choice = rng.choice((FIRST, SECOND)) if slipped else preferred(asked[pair.asked], pair, rater.long)
        labels.append(Label(pair.id, choice, f"simulated: {rater.name}", seconds=rater.seconds))
    return labels
