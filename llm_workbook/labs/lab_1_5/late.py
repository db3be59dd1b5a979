"""Late interaction: an encoder that keeps the vector of every token, trained on the lists that a search finds."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...late import pieces_of, token_vectors
from ...models.chat import free_memory
from ...regions import pairs_of
from ...run import Run

if TYPE_CHECKING:
    import torch
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

    from ...training.checkpoint import Checkpoint

FROZEN = ("embeddings.", "layer.0.", "layer.1.")
PIECES = {"question": 48, "clause": 128}  # word pieces of a text in training
SCALE = 30.0  # of a mean cosine, as a logit
GROUP = 16  # clauses that are encoded together in training
MINED = 20  # a wrong clause comes from the first so many of the search


@dataclass(frozen=True)
class Asked:
    """A question, the places of the clauses that state its answer, and those that a search found, best first."""

    question: str
    right: Sequence[int]
    found: Sequence[int]


@dataclass(frozen=True)
class Lists:
    """The clauses of one region, and its questions."""

    texts: Sequence[str]
    asked: Sequence[Asked]


@dataclass(frozen=True)
class Lesson:
    """One step: questions, clauses (place i answers question i, the others are wrong), and which pairs do not count."""

    questions: list[str]
    clauses: list[str]
    unclear: list[list[bool]]  # a further clause that answers the question, shape (questions, clauses)


def lessons(regions: Sequence[Lists], batch: int, seed: int, mined: int = 2) -> Iterator[Lesson]:
    """Lessons without end: questions of one region that have no clause in common; for each its clause and `mined` wrong
    ones that the search found, more often from the top (one may come twice). The clauses of the other questions are
    wrong, too."""
    rng = random.Random(seed)
    while True:
        region = rng.choice(regions)
        chosen: list[Asked] = []
        for one in rng.sample(region.asked, min(len(region.asked), 4 * batch)):
            if len(chosen) < batch and not {at for other in chosen for at in other.right} & set(one.right):
                chosen.append(one)
        places = [rng.choice(one.right) for one in chosen]
        for one in chosen:
            wrong = [at for at in one.found[:MINED] if at not in one.right]
            weights = [0.9**rank for rank in range(len(wrong))]
            places += [at for at in rng.choices(wrong, weights, k=mined) if at not in places] if wrong else []
        unclear = [
            [at in one.right and column != row for column, at in enumerate(places)] for row, one in enumerate(chosen)
        ]
        yield Lesson([one.question for one in chosen], [region.texts[at] for at in places], unclear)


def loss_of(encoder: "SentenceTransformer", lesson: Lesson) -> "torch.Tensor":
    """Mean loss (nats) of finding each question's own clause among the clauses of a lesson, by late interaction."""
    import torch

    asks, asked = pieces_of(encoder, lesson.questions, PIECES["question"])
    order = sorted(range(len(lesson.clauses)), key=lambda at: len(lesson.clauses[at]))
    parts = []
    for first in range(0, len(order), GROUP):  # clauses of like length together, so that little is padded
        clauses, there = pieces_of(
            encoder, [lesson.clauses[at] for at in order[first : first + GROUP]], PIECES["clause"]
        )
        cosines = torch.einsum("qid,cjd->qcij", asks, clauses).masked_fill(~there[None, :, None, :], -1.0)
        best = cosines.max(dim=-1).values * asked[:, None, :]
        parts.append(best.sum(dim=-1) / asked.sum(dim=-1)[:, None])
    scores = SCALE * torch.cat(parts, dim=1)[:, torch.tensor(order).argsort()]
    scores = scores.masked_fill(torch.tensor(lesson.unclear), -1e4)
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(lesson.questions)))


def train(
    encoder: "SentenceTransformer",
    taught: Iterator[Lesson],
    steps: int,
    learning_rate: float = 5e-5,
    checkpoint: "Checkpoint | None" = None,
    watch: Callable[[list[float]], None] = lambda losses: None,
) -> list[float]:
    """Train an encoder for late interaction, in place; returns the loss of each step (nats).

    Word embeddings and the two lowest layers stay as they are. The learning rate rises for 10 steps, then falls in a
    straight line. watch: called with the losses after each step. An interrupt ends the training; what was learned is
    kept.
    """
    import torch

    for name, weight in encoder.named_parameters():
        weight.requires_grad_(not any(part in name for part in FROZEN))
    trained = [weight for weight in encoder.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.01)
    losses = list(((checkpoint and checkpoint.load(encoder, optimizer)) or {"losses": []})["losses"])
    for _ in losses:
        next(taught)
    encoder.train()
    model: Any = encoder[0].auto_model
    recompute(model, "enable")
    try:
        for lesson in taught:
            if len(losses) >= steps:
                break
            share = min(1.0, (len(losses) + 1) / 10) * max(0.02, 1 - len(losses) / steps)
            optimizer.param_groups[0]["lr"] = learning_rate * share
            loss = loss_of(encoder, lesson)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
            watch(losses)
            if checkpoint and len(losses) % checkpoint.every == 0:
                checkpoint.save(encoder, optimizer, {"losses": losses})
    except KeyboardInterrupt:
        print(f"interrupted after step {len(losses)}: what was learned is kept")
    recompute(model, "disable")
    encoder.eval()
    free_memory()
    return losses


def recompute(model: Any, what: str) -> None:
    """Compute the layers anew for the gradient instead of remembering them: a third of the memory for a quarter more
    time. what: enable or disable. (Transformers calls it activation checkpointing, and before its version 5 gradient
    checkpointing.)"""
    kind = "activation" if hasattr(model, "activation_checkpointing_enable") else "gradient"
    getattr(model, f"{kind}_checkpointing_{what}")()


def scorer(
    encoder: "SentenceTransformer",
    texts: Sequence[str],
    maxsim: "Callable[[torch.Tensor, torch.Tensor], float]",
) -> Callable[[str, Sequence[str]], list[float]]:
    """score(question, clauses) by late interaction. texts: clauses and questions that are read now, once and for all;
    another question is read when it is asked."""
    known = token_vectors(encoder, texts)

    def score(question: str, clauses: Sequence[str]) -> list[float]:
        new = token_vectors(encoder, [text for text in (question, *clauses) if text not in known])
        asked = (new if question in new else known)[question].float()
        return [float(maxsim(asked, (new if one in new else known)[one].float())) for one in clauses]

    return score


def lists_of(run: Run, embeddings: "Embeddings") -> list[Lists]:
    """What is trained on: train families, each corpus with the clauses that state an answer, its questions, and what
    the search finds for them. In live one corpus and at most 300 questions."""
    made = []
    for pairs in list(pairs_of(run).values())[: run.items(live=1, smoke=1)]:
        some = pairs[: run.items(live=300, smoke=24)]
        texts = list(dict.fromkeys(text for pair in pairs for text in pair.right))
        place = {text: at for at, text in enumerate(texts)}
        vectors = np.array(embeddings.embed_documents(texts))
        asked = np.array(embeddings.embed_documents([pair.question for pair in some]))
        found = np.argsort(-(asked @ vectors.T), axis=1)[:, :MINED].tolist()
        rows = [
            Asked(pair.question, [place[text] for text in pair.right], row)
            for pair, row in zip(some, found, strict=True)
        ]
        made.append(Lists(texts, rows))
    return made


def bar(steps: int) -> Callable[[list[float]], None]:
    """A function for `watch` that moves a bar in plain text."""
    from tqdm import tqdm

    moving = tqdm(total=steps, desc="training", unit="step", mininterval=5)

    def move(losses: list[float]) -> None:
        moving.set_postfix_str(f"loss {losses[-1]:.2f}", refresh=False)
        moving.update()

    return move
