"""Ways to learn from feedback: what each takes from labelled pairs or graded samples, and the loss it makes of that.

DPO (arXiv:2305.18290), the same for labels that err (arXiv:2403.00409), KTO (arXiv:2402.01306), supervised training on
chosen answers, and GRPO (arXiv:2402.03300). What a learner writes in lab 2.5 (the loss of DPO, the advantages of GRPO)
is passed in.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from .policy import RECIPE, Answers, answers_to, decoded, gradient_step_on, log_probabilities, lower_half, sample
from .records import FIRST, SECOND, Asked, Label, Pair, behaviour

if TYPE_CHECKING:
    import torch

Item = TypeVar("Item")
Loss = Callable[..., "torch.Tensor"]
RATIO = 0.5  # judgements in which a refusal wins, for each one in which a refusal loses; chosen on dev


@dataclass(frozen=True)
class Judgement:
    """Of two answers to a question, the one that a rater preferred, and the other."""

    asked: Asked
    chosen: str
    rejected: str

    @property
    def refusals(self) -> str:
        """ "wins" or "loses" where one of the two is a refusal, else ""."""
        chosen, rejected = (behaviour(self.asked, text).refused for text in (self.chosen, self.rejected))
        return "" if chosen == rejected else "wins" if chosen else "loses"


@dataclass(frozen=True)
class Weighed:
    """Answers to a question with their log probabilities under the start, and what each is worth: 1 for the chosen, 0
    for the rejected; a thumb; a reward. lower: what the frozen half of the model makes of them (see `lower_half`)."""

    answers: Answers
    start: "torch.Tensor"
    worth: tuple[float, ...]
    lower: "torch.Tensor | None" = None


def judgements_of(
    labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]
) -> list[Judgement]:  # fmt: skip
    """The labels that prefer an answer, as judgements; hidden repeats and labels of unknown pairs left out.

    asked: id -> question.
    """
    known, made = {pair.id: pair for pair in pairs}, []
    for label in labels:
        if label.again or label.choice not in (FIRST, SECOND) or label.pair not in known:
            continue
        pair = known[label.pair]
        sides = (pair.first, pair.second) if label.choice == FIRST else (pair.second, pair.first)
        made.append(Judgement(asked[pair.asked], *sides))
    return made


def balanced(judgements: Sequence[Judgement], ratio: float = RATIO, seed: int = 7) -> list[Judgement]:
    """The judgements in a random order, with at most `ratio` of them in which a refusal wins for each in which one
    loses: a set in which "not stated" mostly wins teaches to refuse always."""
    mixed = random.Random(f"{seed} balance").sample(list(judgements), len(judgements))
    most = round(ratio * sum(one.refusals == "loses" for one in mixed))
    wins = [one for one in mixed if one.refusals == "wins"][:most]
    return [one for one in mixed if one.refusals != "wins" or any(one is kept for kept in wins)]


def batches_of(items: Sequence[Item], steps: int = RECIPE.steps, size: int = RECIPE.batch) -> list[list[Item]]:
    """So many batches, through the items in turn as often as that takes. Raises: ValueError without an item."""
    if not items:
        raise ValueError(
            "there is nothing to learn from: no label prefers an answer. Label some pairs in which the answers differ"
        )
    places = [at % len(items) for at in range(steps * size)]
    return [[items[at] for at in places[step * size : (step + 1) * size]] for step in range(steps)]


def weighed(
    model: Any, tokenizer: Any, rows: Sequence[tuple[Asked, Sequence[str], Sequence[float]]]
) -> Iterator[Weighed]:  # fmt: skip
    """Each question with answers and worths, weighed by the model as it is now (in preference training: the start)."""
    import torch

    for asked, texts, worths in rows:
        answers = answers_to(tokenizer, asked, texts)
        with torch.no_grad():
            lower = lower_half(model, answers)
            yield Weighed(answers, log_probabilities(model, answers, lower).cpu(), tuple(worths), lower.cpu())


def preferred_rows(judgements: Sequence[Judgement]) -> list[tuple[Asked, list[str], list[float]]]:
    """What `weighed` takes, the chosen answer first."""
    return [(one.asked, [one.chosen, one.rejected], [1.0, 0.0]) for one in judgements]


# ------------------------------------------------------------------ losses of one item


def preference_loss(model: Any, dpo_loss: Loss, beta: float, wrong: float = 0.0) -> Callable[[Weighed], "torch.Tensor"]:
    """DPO on one judgement. wrong: the share of labels that are believed to be wrong, below 0.5; above 0 the loss is
    the one that is right on average all the same (robust DPO, arXiv:2403.00409). Raises: ValueError from 0.5 on."""
    if not 0 <= wrong < 0.5:
        raise ValueError(f"the share of wrong labels is {wrong}, and must be below 0.5: such a judge knows nothing")

    def loss(one: Weighed) -> "torch.Tensor":
        now, start = log_probabilities(model, one.answers, one.lower), one.start.to(model.device)
        as_said = dpo_loss(now[:1], now[1:2], start[:1], start[1:2], beta)
        if not wrong:
            return as_said
        turned = dpo_loss(now[1:2], now[:1], start[1:2], start[:1], beta)
        return ((1 - wrong) * as_said - wrong * turned) / (1 - 2 * wrong)

    return loss


def thumbs_loss(model: Any, beta: float) -> Callable[[Weighed], "torch.Tensor"]:
    """KTO on the thumbs of one question; worth above 0.5 is up. The last answer belongs to another question: how far
    its log probability has risen stands for the distance from the start (as in TRL's estimate)."""
    import torch

    def loss(one: Weighed) -> "torch.Tensor":
        ratios = beta * (log_probabilities(model, one.answers, one.lower) - one.start.to(model.device))
        far = ratios[-1].detach().clamp(min=0)
        signs = torch.tensor([1.0 if worth > 0.5 else -1.0 for worth in one.worth[:-1]], device=ratios.device)
        return (1 - torch.sigmoid(signs * (ratios[:-1] - far))).mean()

    return loss


def supervised_loss(model: Any) -> Callable[[Answers], "torch.Tensor"]:
    """The mean loss per token of the answers (nats)."""

    def loss(one: Answers) -> "torch.Tensor":
        return -log_probabilities(model, one).sum() / sum(one.lengths)

    return loss


def group_loss(model: Any, advantages: Callable[[Sequence[float]], Sequence[float]]) -> Callable[..., "torch.Tensor"]:
    """GRPO on one group of samples of the present model, which is left after one step: then the ratio of new to old
    probability is 1, and its gradient is that of the log probability. No KL term, as in TRL's default."""
    import torch

    def loss(one: Weighed) -> "torch.Tensor":
        now = log_probabilities(model, one.answers, one.lower)
        gains = torch.tensor([float(gain) for gain in advantages(one.worth)], device=now.device)
        lengths = torch.tensor(one.answers.lengths, device=now.device)
        return -(gains * torch.exp((now - now.detach()) / lengths)).mean()

    return loss


def train_grpo(
    model: Any,
    tokenizer: Any,
    asked: Sequence[Asked],
    reward: Callable[[Asked, str], float],
    advantages: Callable[[Sequence[float]], Sequence[float]],
    seconds: float,
    rate: float = RECIPE.learning_rate,
    seed: int = 7,
    groups: int = 2,
    most_steps: int = 200,
) -> list[float]:
    """GRPO for so many CPU seconds: in each step the present model answers `groups` questions six times each, and one
    step is taken on what the answers earn. Returns the mean reward of each step. Groups whose answers all earn the same
    teach nothing and are left out of the step.

    The learning rate is warmed up over 5 steps and let down with the time that is left.
    """
    import torch

    generator, rewards, started = torch.Generator().manual_seed(seed), [], time.process_time()
    order = random.Random(f"{seed} groups")
    loss, weights = group_loss(model, advantages), [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
    while (spent := (time.process_time() - started) / seconds) < 1 and len(rewards) < most_steps:
        earned, graded = [], []
        for one in order.sample(list(asked), min(groups, len(asked))):
            answers = sample(model, tokenizer, one, generator)
            worths = tuple(reward(one, text) for text in decoded(tokenizer, answers))
            earned += worths
            if len(set(worths)) > 1:
                graded.append(Weighed(answers, torch.zeros(len(worths)), worths))
        rewards.append(sum(earned) / len(earned))
        pace = rate * min(1.0, len(rewards) / 5, 2 * (1 - spent))
        gradient_step_on(model, optimizer, graded, loss, pace)
    return rewards
