"""What surrounds the training in lab 2.2: how much data suits this machine, the questions that are watched, the general
loss, and how near a model is to a refusal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pandas import DataFrame, concat

from ...benchmark.ledger import Ledger
from ...benchmark.prompt import conversation
from ...benchmark.systems import Traits
from ...corpus.records import Question
from ...models.chat import is_plain
from ...show.training import TrainingView
from ...taught.lab_2_2 import Example, as_written, encode
from ...training.domain import refusal_token
from ...training.fit import general_sentences, mean_loss


@dataclass(frozen=True)
class Amounts:
    """How much a run of the lab does: tokens of the first and of the second act; questions that the tuned model
    answers, how many of them the untuned one does, and questions without an answer. None: all."""

    first_act: int
    second_act: int
    questions: int | None
    untuned: int | None
    unanswerable: int | None


FAST, SLOW = Amounts(75_000, 7_500, 105, 35, 30), Amounts(15_000, 3_000, 40, 18, 12)
SMOKE, FULL = Amounts(1_500, 500, 3, 3, 2), Amounts(75_000, 7_500, None, None, None)


def amounts(profile: str) -> Amounts:
    """How much suits this machine: in live the lab trains for two to three minutes. Says in one line what is less."""
    if profile != "live":
        return SMOKE if profile == "smoke" else FULL
    if not is_plain():
        return FAST
    fewer = f"{SLOW.questions} questions and {SLOW.first_act:,} tokens to train on"
    usual = f"{FAST.questions} and {FAST.first_act:,}"
    print(f"Here {fewer}, not {usual}, because this processor has no bf16 and no AVX-512")
    return SLOW


def until(tokens: int, examples: Iterable[Example]) -> list[Example]:
    """The first examples that have that many tokens together; all of them when they have fewer."""
    taken: list[Example] = []
    for example in examples:
        taken.append(example)
        if sum(len(ids) for ids, _ in taken) >= tokens:
            break
    return taken


def watcher(
    view: TrainingView, exam: Any, tokenizer: Any, questions: Sequence[Question], updates: int = 4
) -> Callable[[Any, list[float]], bool]:
    """What `fit` calls after each step: now and then it asks one question of each type, and draws answers and losses.

    questions: none that is trained on. Returns True when the button was pressed.
    """
    chosen = list({question.type: question for question in questions}.values())[:4]
    prompts = [conversation(exam.among_others(question), question.question) for question in chosen]
    held_out = held_out_answers(tokenizer, exam, chosen)
    every = max(8, view.steps // updates)

    def look(speaker: Any, losses: list[float]) -> bool:
        if len(losses) % every and len(losses) != view.steps:
            return view.stopped
        said = [reply.text for reply in speaker.batch(prompts)]
        asked = [f"{question.question} → {question.answers[0]}" for question in chosen]
        return view.update(losses, mean_loss(speaker.model, held_out), dict(zip(asked, said, strict=True)))

    return look


def held_out_answers(tokenizer: Any, exam: Any, questions: Sequence[Question]) -> list[Example]:
    """The right answers to questions, each with its clause among others, as the loss sees them."""
    prompts = [conversation(exam.among_others(question), question.question) for question in questions]
    answers = [as_written(question, exam.oracle(question)) for question in questions]
    return [encode(tokenizer, *one) for one in zip(prompts, answers, strict=True)]


def progress(steps: int) -> Callable[[Any, list[float]], bool]:
    """What `fit` calls after each step where nothing is asked: a bar in plain text."""
    from tqdm import tqdm

    bars: list[tqdm] = []  # none is drawn for a model that comes from the registry

    def move(_speaker: Any, losses: list[float]) -> bool:
        bars.extend([] if bars else [tqdm(total=steps, desc="training", unit="step", mininterval=5)])
        bars[0].update(len(losses) - bars[0].n)
        return False

    return move


def refusals_again(before: DataFrame, exam: Any, chat: Any, questions: Sequence[Question]) -> DataFrame:
    """Scored answers among others, with a new answer of `chat` wherever the one before was a refusal.

    For a model that differs from the one before in a negative refusal bias alone: no other answer changes.
    """
    refused = set(before.loc[before["refused"], "question_id"])
    again = [question for question in questions if question.id in refused]
    kept = before[~before["question_id"].isin(refused)]
    return concat([kept, exam.take(chat, again, "among others")], ignore_index=True) if again else before


def keep_results(ledger: Ledger, seed: int, untuned: DataFrame, tuned: DataFrame) -> None:
    """Both exams into the ledger, for lab 3.4. Among others the right clause is always shown, so neither is for sale."""
    shown: dict[str, Any] = {"context": "among others", "uses_index": True, "is_ceiling": True}
    ledger.append("untuned · among others", untuned, traits=Traits(**shown))
    ledger.append(f"tuned · among others · seed {seed}", tuned, traits=Traits("sft", seed=seed, **shown))


def general_loss(chat: Any) -> float:
    """Loss of plain sentences about anything but contracts, in nats per token."""
    return mean_loss(chat.model, general_sentences(chat.tokenizer))


def refusal_margins(chat: Any, prompts: Sequence[Sequence[dict[str, str]]]) -> list[float]:
    """For each prompt: the score (logit) of the token that begins "not stated", less the best other one, where the
    answer begins. Above 0 the model refuses."""
    import torch

    first, margins = refusal_token(chat.tokenizer), []
    for prompt in prompts:
        text = chat.tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
        ids = chat.tokenizer(text, return_tensors="pt", add_special_tokens=False).to(chat.model.device)
        with torch.inference_mode():
            scores = chat.model(**ids, logits_to_keep=1).logits[0, -1].float()
        others = torch.cat([scores[:first], scores[first + 1 :]])
        margins.append(float(scores[first] - others.max()))
    return margins
