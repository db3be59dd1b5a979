"""What the lab and its record share: the labels to learn from, what a label costs, and one training of each kind."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ...feedback.exam import take_exam
from ...feedback.learning import Judgement, judgements_of
from ...feedback.policy import MOST as MOST_TOKENS
from ...feedback.policy import START, answers_to, decoded, sample, start_policy, to_start
from ...feedback.raters import CAREFUL, Rater, label_all, worth
from ...feedback.records import Asked, Label, Pair, behaviour, different, load_labels, pairs_of
from ...models.chat import is_plain, load_local_model
from ...run import Run
from ...training.adapters import Adapters, with_model
from ...training.domain import ADAPTERS

MOST = 3  # pairs of a question
FEWEST_OWN = 10  # labels of lab 2.4 that are used in place of simulated ones
BUDGET_USD, WAGE_USD_PER_HOUR = 5.0, 20.0  # for labels; for who labels, as in lab 2.4


@dataclass(frozen=True)
class Amounts:
    """How much a run of the lab does: questions of the exam (None: all), and steps of DPO with their judgements."""

    questions: int | None
    steps: int = 24
    batch: int = 6


FULL, SLOW, SMOKE = Amounts(None), Amounts(45, 10), Amounts(4, 2, 1)


def amounts(run: Run) -> Amounts:
    """How much suits this machine and profile. Says in one line what is less."""
    most, profile = run.settings.max_items, run.settings.profile
    if profile == "smoke":
        return replace(SMOKE, questions=min(most or 4, 4))
    if profile == "live" and is_plain():
        print(
            f"Here {SLOW.questions} questions and {SLOW.steps} steps, not all and {FULL.steps}, because this processor"
            " has no bf16 and no AVX-512"
        )
        return replace(SLOW, questions=min(most or 45, 45))
    return replace(FULL, questions=most)


class Learner:
    """The reader that learns, held once; `fresh` puts it back to where it started."""

    def __init__(self, seed: int) -> None:
        self.seed, self.weights = seed, Adapters(ADAPTERS).whole_weights(START)
        self.chat = load_local_model(None, MOST_TOKENS)
        self.tokenizer = self.chat.tokenizer
        self.model = start_policy(self.chat, self.weights, seed)

    def fresh(self) -> Any:
        """The model as it was before any training."""
        return to_start(self.model, self.weights)

    def answers(self, asked: Sequence[Asked]) -> pd.DataFrame:
        """What the reader, as it is now, says in the exam (see `exam.scored`)."""
        speaks = with_model(self.chat, self.model, "preference training").model_copy(update={"use_cache": False})
        return take_exam(speaks, asked)


def bar(steps: int) -> Callable[[list[float]], bool]:
    """What `train_on` calls after each step: a bar in plain text, with the loss."""
    from tqdm import tqdm

    drawn = tqdm(total=steps, desc="training", unit="step", mininterval=5)

    def move(losses: list[float]) -> bool:
        drawn.set_postfix_str(f"loss {losses[-1]:.3f}", refresh=False)
        drawn.update(len(losses) - drawn.n)
        return False

    return move


def own_labels(folder: Path, pairs: Sequence[Pair], labels: Sequence[Label]) -> tuple[list[Label], str]:
    """(the labels with those that you gave in lab 2.4 in place of the simulated ones, a sentence that says so)."""
    path, known = folder / "labels_2.4.jsonl", {pair.id for pair in pairs}
    own = {one.pair: one for one in load_labels(path) if not one.again and one.pair in known}
    if len(own) < FEWEST_OWN:
        return list(labels), f"{len(labels)} labels, all of the careful rater, who is SIMULATED (see lab 2.4)."
    others = [one for one in labels if one.pair not in own]
    return [
        *own.values(),
        *others,
    ], f"{len(own)} labels are yours, from lab 2.4; {len(others)} are SIMULATED (careful)."


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


def group(
    reader: Learner, samples: Sequence[Asked], grade: Grade, advantages: Callable[[Sequence[float]], Sequence[float]],
    seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Six answers of the reader as it is now to the question on whose samples the grades differed most: what each earns,
    its advantage, and the same for the reward that can be gamed."""
    import torch

    one = max(samples, key=lambda asked: len({grade(asked, text) for text in asked.samples}))
    drawn = sample(reader.model, reader.tokenizer, one, torch.Generator().manual_seed(seed))
    texts = decoded(reader.tokenizer, drawn)
    print(one.question, f"Right: {one.answers[0] if one.answers else 'not stated'}", sep="\n")
    columns = {
        "reward": [grade(one, text) for text in texts],
        "any heading": [cites_anything(one, text) for text in texts],
    }
    columns |= {f"advantage, {name}": [round(x, 2) for x in advantages(earned)] for name, earned in columns.items()}
    return pd.DataFrame({"answer": texts, **columns})


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
    return [answers_to(tokenizer, asked, [text]) for asked, text in rows]
