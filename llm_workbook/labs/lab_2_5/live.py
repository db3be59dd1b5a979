"""What the lab and its record share: the labels to learn from, what a label costs, and one training of each kind."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...feedback.learning import Judgement, judgements_of
from ...feedback.raters import CAREFUL, Rater, label_all, worth
from ...feedback.records import Asked, Label, Pair, behaviour, different, pairs_of
from ...run import Run

MOST = 3  # pairs of a question
BUDGET_USD, WAGE_USD_PER_HOUR = 15.0, 30.0  # for labels; for who labels
EXAM = {"smoke": 4, "live": 90, "full": None}  # questions of the exam


@dataclass(frozen=True)
class Amounts:
    """How much a run of the lab does: questions of the exam (None: all), and steps of DPO and their judgements."""

    questions: int | None
    steps: int
    batch: int


def amounts(run: Run) -> Amounts:
    """How much suits this machine and profile."""
    from ...models.chat import is_plain

    most = run.settings.max_items
    if run.settings.profile == "smoke":
        return Amounts(min(most or 4, 4), 2, 1)
    if run.settings.profile == "full":
        return Amounts(most, 24, 6)
    if is_plain():
        print("Here 45 questions and 14 steps, not 90 and 24, because this processor has no bf16 and no AVX-512")
        return Amounts(min(most or 45, 45), 14, 6)
    return Amounts(min(most or 90, 90), 24, 6)


def asked_and_pairs(samples: Sequence[Asked], seed: int) -> tuple[dict[str, Asked], list[Pair]]:
    """(id -> question, pairs of its samples): all pairs that the raters of this lab label."""
    return {one.id: one for one in samples}, pairs_of(samples, MOST, seed)


def labels_for(budget_usd: float, rater: Rater, pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> list[Label]:
    """As many labels of a simulated rater, of pairs in a random order, as that money pays for."""
    each = rater.seconds / 3600 * WAGE_USD_PER_HOUR
    mixed = random.Random("budget").sample(list(pairs), len(pairs))
    return label_all(rater, mixed[: int(budget_usd / each)], asked)


def best_of(one: Asked) -> str:
    """The sample that a careful rater would choose: worth most by the guidelines, of equal ones the first."""
    return max(different(one.samples), key=lambda text: worth(one, behaviour(one, text)))


def careful_judgements(pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> list[Judgement]:
    """What the simulated careful rater says of all pairs."""
    return judgements_of(label_all(CAREFUL, pairs, asked), pairs, asked)


Grade = Callable[[Asked, str], float]


def cites_anything(asked: Asked, answer: str) -> float:
    """A reward that can be gamed: 1 for any heading in brackets."""
    done = behaviour(asked, answer)
    return float(done.cites or done.miscites)


def graded(reward: Callable[[bool, bool, bool, bool, bool], float]) -> Grade:
    """A reward of what an answer does (right, refused, cites, miscites, and is an answer stated?) as one of answers."""

    def grade(asked: Asked, answer: str) -> float:
        done = behaviour(asked, answer)
        return reward(done.right, done.refused, done.cites, done.miscites, bool(asked.answers))

    return grade


def thumbs_rows(samples: Sequence[Asked]) -> list[tuple[Asked, list[str], list[float]]]:
    """What KTO learns from: the different samples of a question with a thumb each (1 up, 0 down), and last an answer
    to the question before, which belongs to nothing here."""
    rows = []
    for before, one in zip([samples[-1], *samples[:-1]], samples, strict=True):
        texts = different(one.samples)
        thumbs = [float(worth(one, behaviour(one, text)) >= 2.0) for text in texts]
        rows.append((one, [*texts, before.samples[0]], [*thumbs, 0.0]))
    return rows


def as_tokens(rows: Sequence[tuple[Asked, str]], tokenizer: Any) -> list[Any]:
    """Questions with the one answer that is taught, for supervised training."""
    from ...feedback.policy import answers_to

    return [answers_to(tokenizer, asked, [text]) for asked, text in rows]
