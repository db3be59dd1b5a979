"""What the lab and its record share: the labels to learn from, what a label costs, and one training of each kind."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ...benchmark.prompt import conversation
from ...feedback.exam import moved, take_exam
from ...feedback.learning import Judgement, Weighed
from ...feedback.policy import MOST as MOST_TOKENS
from ...feedback.policy import (
    RECIPE,
    START,
    answers_to,
    decoded,
    log_probabilities,
    sample,
    start_policy,
    to_start,
)
from ...feedback.records import Asked, Label, Pair, behaviour, heading, load_labels, pairs_of, split_citation
from ...measure.statistics import compare
from ...models.cache import cache_key
from ...models.chat import LocalChat, is_plain, load_local_model
from ...run import Run
from ...taught.lab_2_2 import chat_text
from ...training.adapters import Adapters, with_model
from ...training.domain import ADAPTERS, NOT_STATED, READER
from .judges import ORDERS, asks_the_model

MOST = 3  # pairs of a question
BEST = 3.0  # points of the best answer by the guidelines
FEWEST_OWN = 10  # labels of lab 2.4 that are used in place of simulated ones


@dataclass(frozen=True)
class Amounts:
    """How much a run of the lab does: questions of the exam (None: all), steps of DPO and their judgements, held-out
    judgements, pairs that are judged, and samples that are labelled."""

    questions: int | None
    steps: int = 24
    batch: int = 6
    held_out: int = 30
    judged: int = 40
    labelled: int = 60


FULL, LIVE, SLOW, SMOKE = Amounts(None), Amounts(96), Amounts(30, 10, 5, 8, 8, 12), Amounts(3, 2, 1, 1, 1, 4)


def amounts(run: Run) -> Amounts:
    """How much suits this machine and profile. Says in one line what is less."""
    most, profile = run.settings.max_items, run.settings.profile
    if profile == "smoke":
        return replace(SMOKE, questions=min(most or 3, 3))
    if profile == "full":
        return replace(FULL, questions=most)
    if is_plain():
        print(
            f"Here {SLOW.questions} questions and {SLOW.steps} steps, not {LIVE.questions} and {LIVE.steps}, because"
            " this processor has no bf16 and no AVX-512"
        )
    much = SLOW if is_plain() else LIVE
    return replace(much, questions=min(most or 10_000, much.questions or 0))


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

    def remember(self) -> None:
        """Keep what has been learned, to come back to."""
        self.learned = {name: weight.detach().clone() for name, weight in self._adapter()}

    def back(self) -> Any:
        """The model as it was when it was last told to remember."""
        with torch.no_grad():
            for name, weight in self._adapter():
                weight.copy_(self.learned[name])
        return self.model

    def _adapter(self) -> list[tuple[str, Any]]:
        return [(name, weight) for name, weight in self.model.named_parameters() if ".lora_" in name]

    def answers(self, asked: Sequence[Asked]) -> pd.DataFrame:
        """What the reader, as it is now, says in the exam (see `exam.scored`)."""
        return take_exam(self._speaker(), asked)

    def second_reading(self, asked: Sequence[Asked]) -> dict[str, str]:
        """question id -> what the domain reader answers. Afterwards the model is as it was."""
        before = {name: weight.detach().clone() for name, weight in self._adapter()}
        to_start(self.model, Adapters(ADAPTERS).whole_weights(READER))
        some = list({one.id: one for one in asked}.values())
        replies = self._speaker().batch([conversation(one.clauses, one.question) for one in some])
        to_start(self.model, self.weights)
        with torch.no_grad():
            for name, weight in self._adapter():
                weight.copy_(before[name])
        return {one.id: reply.text for one, reply in zip(some, replies, strict=True)}

    def scores(self, pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> pd.DataFrame:
        """What the model as it comes, without an adapter, says of each pair; index pair id. The log probability per
        token of each answer ("likelihood first", "likelihood second"), and its score of "A" and of "B" for the first
        and the second answer in both orders ("a in order", ...)."""
        with self.model.disable_adapter(), torch.inference_mode():
            rows = {pair.id: self._scores(asked[pair.asked], pair) for pair in pairs}
        return pd.DataFrame.from_dict(rows, orient="index")

    def _scores(self, asked: Asked, pair: Pair) -> dict[str, float]:
        letters = [self.tokenizer(letter, add_special_tokens=False)["input_ids"][0] for letter in "AB"]
        texts = [split_citation(text)[0] or " " for text in (pair.first, pair.second)]
        answers = answers_to(self.tokenizer, asked, texts)
        likely = log_probabilities(self.model, answers).cpu() / torch.tensor(answers.lengths)
        row = {f"likelihood {name}": float(x) for name, x in zip(("first", "second"), likely, strict=True)}
        for order, sides in zip(ORDERS, ((pair.first, pair.second), (pair.second, pair.first)), strict=True):
            prompt = chat_text(asks_the_model(asked, *sides))
            ids = self.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
            said = self.model(input_ids=ids.to(self.model.device), logits_to_keep=1).logits[0, -1].float()
            first, second = (said[letters] if order == ORDERS[0] else said[letters].flip(0)).tolist()
            row |= {f"a {order}": first, f"b {order}": second}
        return row

    def _speaker(self) -> LocalChat:
        return with_model(self.chat, self.model, "preference training").model_copy(update={"use_cache": False})


def split(judgements: Sequence[Judgement], count: int, held_out: int) -> tuple[list[Judgement], list[Judgement]]:
    """(at most `count` to learn from, about `held_out` of other questions). Raises: ValueError where no two questions
    have a judgement."""
    by_question: dict[str, list[Judgement]] = {}
    for one in judgements:
        by_question.setdefault(one.asked.id, []).append(one)
    if len(by_question) < 2:
        raise ValueError(f"{len(judgements)} judgements of {len(by_question)} questions: label pairs of more questions")
    rest: list[Judgement] = []
    while len(rest) < min(held_out, len(judgements) // 4) or not rest:
        rest += by_question.popitem()[1]
    return [one for some in by_question.values() for one in some][:count], rest


def preference_accuracy(model: Any, items: Sequence[Weighed]) -> tuple[int, float, float]:
    """(in how many judgements the chosen answer, the first, has risen more since the start than the rejected one; how
    far the chosen and the rejected ones have moved on average, in nats)."""
    with torch.no_grad():
        risen = [log_probabilities(model, one.answers, one.lower).cpu() - one.start for one in items]
    chosen, rejected = (sum(float(one[side]) for one in risen) / len(risen) for side in (0, 1))
    return sum(bool(one[0] > one[1]) for one in risen), chosen, rejected


def to_judge(pairs: Sequence[Pair], judgements: Sequence[Judgement], count: int) -> list[Pair]:
    """So many pairs with a preference, by chance."""
    preferred = {(one.asked.id, frozenset((one.chosen, one.rejected))) for one in judgements}
    some = [pair for pair in pairs if (pair.asked, frozenset((pair.first, pair.second))) in preferred]
    return random.Random("judged").sample(some, min(count, len(some)))


def print_changed(asked: Sequence[Asked], before: pd.DataFrame, after: pd.DataFrame, most: int) -> None:
    """The first questions that are answered in other words now, with both answers."""
    said = zip(asked, before["answer"], after["answer"], strict=True)
    for one, first, now in [row for row in said if row[1] != row[2]][:most]:
        print(f"{one.question}\n   start {first!r}\n   now   {now!r}")


def gate(before: pd.DataFrame, after: pd.DataFrame, most_lost: float = 3.0) -> str:
    """ "promote" or "hold", with the reason: worth more, and right answers at most so many points lower."""
    scores = [table.set_index("question_id")["worth"] / BEST for table in (after, before)]
    families = dict(zip(before["question_id"], before["family"], strict=True))
    worth_more = compare(scores[0], scores[1], families, "after", "before")
    right = moved(after, before, "right", ("after", "before"))
    low, high = (BEST * end / 100 for end in (worth_more.low, worth_more.high))
    told = f"worth {BEST * worth_more.difference / 100:+.2f} points [{low:.2f}, {high:.2f}] a question"
    passed = worth_more.label == "better" and right.difference >= -most_lost
    return f"{'promote' if passed else 'hold'}: {told}, right {right.difference:+.0f} points"


def keep(run: Run, reader: Learner, taught: Sequence[Judgement], decision: str) -> None:
    """Keep what was learned in the registry, with the decision."""
    name, digest = f"preferred {run.settings.seed}", cache_key(taught=[(one.chosen, one.rejected) for one in taught])
    recipe = asdict(RECIPE) | {"judgements": len(taught), "loss": "DPO"}
    registry = Adapters(run.settings.results_dir / "adapters")  # whatever MODEL says: the start is of the offline model
    registry.keep(name, reader.back(), recipe, digest, parent=START)
    registry.decide(name, decision, {})


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


def played(samples: Sequence[Asked], grades: Mapping[str, Grade]) -> pd.DataFrame:
    """The mean reward of the start's first sample, and of strategies that need no reading, by each grade."""
    ways: dict[str, Callable[[Asked], str]] = {
        "start": lambda one: one.samples[0],
        "always refuse": lambda _: NOT_STATED,
        "with brackets": lambda one: f"{split_citation(one.samples[0])[0]} [{heading(one.clauses[0])}]",
        "nonsense with brackets": lambda one: f"yes [{heading(one.clauses[0])}]",
    }
    means = {
        name: [sum(grade(one, way(one)) for one in samples) / len(samples) for grade in grades.values()]
        for name, way in ways.items()
    }
    return pd.DataFrame.from_dict(means, orient="index", columns=[*grades]).round(2)


def group(
    reader: Learner, samples: Sequence[Asked], grades: Mapping[str, Grade],
    advantages: Callable[[Sequence[float]], Sequence[float]], seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Six answers of the reader as it is now to the question on whose samples the first grade differed most: what each
    earns by each grade, and its advantage."""
    first = next(iter(grades.values()))
    one = max(samples, key=lambda asked: len({first(asked, text) for text in asked.samples}))
    drawn = sample(reader.model, reader.tokenizer, one, torch.Generator().manual_seed(seed))
    texts = decoded(reader.tokenizer, drawn)
    print(one.question, f"Right: {one.answers[0] if one.answers else NOT_STATED}", sep="\n")
    columns = {name: [grade(one, text) for text in texts] for name, grade in grades.items()}
    columns |= {f"advantage, {name}": [round(x, 2) for x in advantages(earned)] for name, earned in columns.items()}
    return pd.DataFrame({"answer": texts, **columns})
