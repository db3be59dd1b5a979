"""What labels are worth: the answer that wins the labelled comparisons against the reader's first sample."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ...feedback.raters import CAREFUL, HASTY, LONG, Rater, label_all, worth
from ...feedback.records import FIRST, SECOND, Asked, Label, Pair, alike, behaviour, different, pair_of
from ...measure.statistics import mean_interval

Pick = Callable[[Asked], str]


@dataclass(frozen=True)
class Jury:
    """One to three simulated raters who label the same pairs; the majority counts."""

    name: str
    rater: Rater
    votes: int = 1

    def winner(self, one: Asked, seed: int) -> tuple[str, int]:
        """(the sample that is left, labels given): the first sample meets each of the others, the winner stays."""
        best, *others = different(one.samples)
        for other in others:
            pair = pair_of(one.id, best, other)
            labels = [label_all(self.rater, [pair], {one.id: one}, seed + vote)[0] for vote in range(self.votes)]
            if Counter(label.choice for label in labels).most_common(1)[0][0] == SECOND:
                best = other
        return best, self.votes * len(others)


JURIES = [Jury("careful", CAREFUL), Jury("hasty", HASTY), Jury("three hasty", HASTY, 3), Jury("likes length", LONG)]


def halves(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """(questions for labels, questions for the verdict): every second one. Raises: ValueError for fewer than two."""
    if len(asked) < 2:
        raise ValueError(
            f"{len(asked)} questions with samples: this lab needs two or more. Take a larger MAX_ITEMS, or restore"
            " data/preference_samples.jsonl.gz (git checkout data)"
        )
    return list(asked[::2]), list(asked[1::2])


def scores(asked: Sequence[Asked], pick: Pick) -> pd.DataFrame:
    """What the picked answers do, a row for each question: good (right, or a right "not stated"), cites (right, with
    the clause that states it), needless (refused, though it is stated), words."""
    rows = []
    for one in asked:
        done = behaviour(one, pick(one))
        rows.append(
            {
                "question_id": one.id, "type": one.type, "family": one.family, "stated": bool(one.answers),
                "good": float(done.right if one.answers else done.refused), "cites": float(done.right and done.cites),
                "needless": float(bool(one.answers) and done.refused), "words": done.words,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def first_sample(one: Asked) -> str:
    """What the reader said first: a sample at random."""
    return one.samples[0]


def most_frequent(one: Asked) -> str:
    """The answer that most samples give, of equal ones the first: needs no label (self-consistency)."""
    texts = list(map(alike, one.samples))
    return one.samples[texts.index(Counter(texts).most_common(1)[0][0])]


def best_possible(one: Asked) -> str:
    """The sample that is worth most by the guidelines: needs the right answers, so no rater can do better."""
    return max(one.samples, key=lambda text: worth(one, behaviour(one, text)))


def picked(asked: Sequence[Asked], seed: int) -> tuple[dict[str, pd.DataFrame], dict[str, tuple[int, float]]]:
    """(way to pick -> scores, jury -> (labels, seconds)): every way to choose one of the samples."""
    found = {"first sample": scores(asked, first_sample), "most frequent": scores(asked, most_frequent)}
    cost = {}
    for jury in JURIES:
        won = {one.id: jury.winner(one, seed) for one in asked}
        found[jury.name] = scores(asked, lambda one, won=won: won[one.id][0])
        labels = sum(count for _, count in won.values())
        cost[jury.name] = (labels, labels * jury.rater.seconds)
    found["best possible"] = scores(asked, best_possible)
    return found, cost


def board(
    found: Mapping[str, pd.DataFrame], cost: Mapping[str, tuple[int, float]] | None = None, wage_usd: float = 0.0
) -> pd.DataFrame:  # fmt: skip
    """A row for each way to pick: % of the questions, the good ones with their 95 % interval; labels and their price.

    wage_usd: USD per hour.
    """
    rows = {}
    for name, table in found.items():
        mean, low, high = (100 * value for value in mean_interval(table["good"], table["family"]))
        stated, absent = table[table["stated"]], table[~table["stated"]]
        rows[name] = {
            "% good": f"{mean:.0f} [{low:.0f}, {high:.0f}]",
            "% cited": _percent(stated["cites"]),
            "% needless refusals": _percent(stated["needless"]),
            "% right refusals": _percent(absent["good"]),
            "words": f"{table['words'].mean():.1f}",
        }
        if cost is not None:
            labels, seconds = cost.get(name, (0, 0.0))
            rows[name] |= {"labels": str(labels), "USD": f"{seconds * wage_usd / 3600:.2f}"}
    return pd.DataFrame.from_dict(rows, orient="index")


def chosen(labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> str:
    """How good the answers are that the labels choose, and the others of the same pairs, in a sentence."""
    known = {pair.id: pair for pair in pairs}
    counts = [0, 0, 0]  # chosen and good, rejected and good, pairs
    for label in labels:
        if label.again or label.choice not in (FIRST, SECOND) or label.pair not in known:
            continue
        pair = known[label.pair]
        sides = (pair.first, pair.second) if label.choice == FIRST else (pair.second, pair.first)
        for place, text in enumerate(sides):
            counts[place] += int(scores([asked[pair.asked]], lambda _, text=text: text)["good"][0])
        counts[2] += 1
    if not counts[2]:
        return "No label prefers an answer, so nothing is chosen."
    return f"Of {counts[2]} pairs with a preference, the chosen answer is good in {counts[0]}, the rejected in {counts[1]}."


def _percent(shares: pd.Series) -> str:
    return f"{100 * shares.mean():.0f}" if len(shares) else "none"
