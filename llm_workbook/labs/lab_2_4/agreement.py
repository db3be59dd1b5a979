"""What a file of labels says about its raters: how far they agree, with each other and with themselves, and what they
lean to."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from statistics import median

import numpy as np
import pandas as pd

from ...feedback.records import BAD, CHOICES, FIRST, SECOND, TIE, Asked, Label, Pair, behaviour
from ...measure.statistics import wilson_interval

Kappa = Callable[[Sequence[str], Sequence[str]], float]
FEWEST = 10  # labels of your own, below which the simulated careful rater stands in


def by_rater(labels: Sequence[Label]) -> dict[str, list[Label]]:
    """rater -> their labels, without "simulated: "."""
    found: dict[str, list[Label]] = {}
    for one in labels:
        found.setdefault(one.rater.removeprefix("simulated: "), []).append(one)
    return found


def stand_in(own: Sequence[Label], simulated: Sequence[Label]) -> tuple[list[Label], str]:
    """(labels to go on with, a sentence that says whose they are)."""
    if len(own) >= FEWEST:
        return list(own), f"Your own labels: {told(own)}"
    return list(simulated), (
        f"You have {len(own)} labels, fewer than {FEWEST}. So the labels of the careful rater stand in; it is SIMULATED:"
        f" a program that knows the right answers ({len(simulated)} labels). Label more, and run this cell again."
    )


def told(labels: Sequence[Label]) -> str:
    """What is odd about a file of labels, a sentence each: none, one rater, all ties, no repeats; else what is in it."""
    raters = by_rater(labels)
    if not labels:
        return "No labels yet: label some pairs in the annotator, or take a simulated rater."
    found = [f"{len(labels)} labels of {len(raters)} rater{'s' * (len(raters) > 1)}."]
    if len(raters) == 1:
        found.append(
            "One rater alone: kappa needs two. The hidden repeats still say how far the rater agrees with itself."
        )
    if all(one.choice in (TIE, BAD) for one in labels):
        found.append("No label prefers an answer: they order nothing. Label pairs that differ in what they do.")
    if not any(one.again for one in labels):
        found.append("No hidden repeat has been labelled: nobody's agreement with itself is known.")
    return " ".join(found)


def work(raters: Mapping[str, Sequence[Label]], wage_usd: float) -> pd.DataFrame:
    """A row for each rater: how many labels of each kind, median seconds, and the price of a label in US cents.

    wage_usd: USD per hour.
    """
    rows = {}
    for name, labels in raters.items():
        counts = Counter(one.choice for one in labels)
        rows[name] = {choice: counts[choice] for choice in CHOICES} | {
            "hidden repeats": sum(one.again for one in labels),
            "median seconds": median(one.seconds for one in labels),
            "US cents a label": round(cents(labels, wage_usd), 1),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def cents(labels: Sequence[Label], wage_usd: float) -> float:
    """What a label costs on average, in US cents. wage_usd: USD per hour."""
    return 100 * wage_usd / 3600 * float(np.mean([one.seconds for one in labels]))


def common(one: Sequence[Label], other: Sequence[Label]) -> tuple[list[str], list[str], list[str]]:
    """(pairs, choices of one, choices of the other) of the pairs that both labelled, hidden repeats left out."""
    first, second = ({label.pair: label.choice for label in some if not label.again} for some in (one, other))
    both = [pair for pair in first if pair in second]
    return both, [first[pair] for pair in both], [second[pair] for pair in both]


def kappa_table(
    raters: Mapping[str, Sequence[Label]], pairs: Sequence[Pair], kappa: Kappa, seed: int
) -> pd.DataFrame:  # fmt: skip
    """Agreement and kappa of each two raters, with the 95 % interval of kappa."""
    question, rows = {pair.id: pair.asked for pair in pairs}, {}
    for one, other in combinations(raters, 2):
        both, first, second = common(raters[one], raters[other])
        if both:
            low, high = kappa_interval(kappa, first, second, [question[pair] for pair in both], seed)
            agreed = np.mean([a == b for a, b in zip(first, second, strict=True)])
            rows[f"{one} / {other}"] = {
                "pairs": len(both), "agree, %": round(100 * agreed), "kappa": round(kappa(first, second), 2),
                "95 % interval": f"[{low:.2f}, {high:.2f}]",
            }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def kappa_interval(
    kappa: Kappa, one: Sequence[str], other: Sequence[str], questions: Sequence[str], seed: int, times: int = 1000
) -> tuple[float, float]:
    """(low, high): the middle 95 % of kappa when the questions are drawn again with replacement (bootstrap).

    questions: of each pair; pairs of one question are drawn together.
    """
    places: dict[str, list[int]] = {}
    for at, question in enumerate(questions):
        places.setdefault(question, []).append(at)
    blocks, rng, found = list(places.values()), np.random.default_rng(seed), []
    for _ in range(times):
        groups: list[int] = rng.integers(0, len(blocks), len(blocks)).tolist()
        drawn = [at for group in groups for at in blocks[group]]
        found.append(kappa([one[at] for at in drawn], [other[at] for at in drawn]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def disagreements(
    one: str, other: str, raters: Mapping[str, Sequence[Label]], pairs: Sequence[Pair], asked: Mapping[str, Asked],
    most: int,
) -> str:  # fmt: skip
    """The first questions on which two raters disagree, each with both answers and what each said; `most` of them."""
    known, found = {pair.id: pair for pair in pairs}, {}
    for pair, said, other_said in zip(*common(raters[one], raters[other]), strict=True):
        if said != other_said:
            answers = f"  first: {known[pair].first}\n  second: {known[pair].second}\n"
            told = f"{asked[known[pair].asked].question}\n{answers}  {one}: {said}, {other}: {other_said}"
            found.setdefault(known[pair].asked, told)
    return "\n".join([*found.values()][:most]) or f"{one} and {other} agree on all pairs that both labelled."


def with_itself(labels: Sequence[Label], preferring: bool = False) -> tuple[int, int]:
    """(hidden repeats with the same choice as the first time, hidden repeats). preferring: only those in which an answer
    was preferred both times."""
    some = [one for one in labels if one.choice in (FIRST, SECOND) or not preferring]
    first = {one.pair: one.choice for one in some if not one.again}
    same = [one.choice == first[one.pair] for one in some if one.again and one.pair in first]
    return sum(same), len(same)


def left(labels: Sequence[Label]) -> tuple[int, int]:
    """(labels for the answer that stood left, labels for one of the two). The sides are swapped in hidden repeats."""
    chosen = [(one.choice == FIRST) != one.again for one in labels if one.choice in (FIRST, SECOND)]
    return sum(chosen), len(chosen)


def habits(raters: Mapping[str, Sequence[Label]]) -> pd.DataFrame:
    """How often each rater says the same again, and how often it takes the left answer, with 95 % intervals."""
    return pd.DataFrame(
        {
            name: {"same again": _share(*with_itself(some)), "takes A": _share(*left(some))}
            for name, some in raters.items()
        }
    ).T


def accuracy(agreed: float) -> float:
    """How often a preference of a rater is right, from the share of repeats on which it prefers the same: two that are
    each right with the chance a agree with the chance a² + (1 - a)². At least 0.5.

    >>> round(accuracy(0.82), 2)
    0.9
    """
    return (1 + max(0.0, 2 * agreed - 1) ** 0.5) / 2


def accuracy_of(labels: Sequence[Label]) -> tuple[float, float, float]:
    """(accuracy, low, high) of a rater by its hidden repeats; the ends by those of the share's 95 % interval (Wilson).
    Without a repeat: 0.5 to 1."""
    same, repeats = with_itself(labels, preferring=True)
    if not repeats:
        return 0.5, 0.5, 1.0
    low, high = wilson_interval(same, repeats)
    return accuracy(same / repeats), accuracy(low), accuracy(high)


def ties(labels: Sequence[Label]) -> float:
    """The share of labels that prefer neither answer."""
    return float(np.mean([one.choice not in (FIRST, SECOND) for one in labels]))


def bill(name: str, right: float, counts: Sequence[int | None], cents_each: float) -> str:
    """What a rater's labels cost, in a sentence. counts: labels for its accuracy, and for the upper and lower end of the
    accuracy; None where no number is enough."""
    labels, usd = (
        ["no limit" if count is None else f"{count * each:.0f}" for count in counts] for each in (1, cents_each / 100)
    )
    enough = "no number of" if counts[0] is None else labels[0]
    return (
        f"{name}: accuracy about {right:.2f}, {enough} labels [{labels[1]} to {labels[2]}],"
        f" {usd[0]} USD [{usd[1]} to {usd[2]}]"
    )


def facts(
    labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]
) -> tuple[list[tuple[int, int]], list[tuple[bool, bool]], list[str]]:
    """(words of both answers, is each right, the choice) for each label of a known pair, hidden repeats left out.

    For a question without an answer "not stated" is right.
    """
    known, words, right, choices = {pair.id: pair for pair in pairs}, [], [], []
    for label in labels:
        if label.pair in known and not label.again:
            pair = known[label.pair]
            question = asked[pair.asked]
            done = [behaviour(question, answer) for answer in (pair.first, pair.second)]
            words.append((done[0].words, done[1].words))
            right.append(tuple(one.right if question.answers else one.refused for one in done))
            choices.append(label.choice)
    return words, right, choices


def masked(raters: Mapping[str, Sequence[Label]], seed: int) -> dict[str, str]:
    """X, Y, Z -> the names of the raters, in an order that is drawn."""
    names = random.Random(f"{seed} masks").sample(list(raters), len(raters))
    return dict(zip("XYZUVW", names, strict=False))


def _share(count: int, of: int) -> str:
    if not of:
        return "none"
    low, high = wilson_interval(count, of)
    return f"{100 * count / of:.0f} % [{100 * low:.0f}, {100 * high:.0f}] of {of}"
