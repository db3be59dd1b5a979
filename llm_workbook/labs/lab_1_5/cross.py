"""A small cross-encoder: it reads question and clause together, and is trained on the lists that the search finds."""

import random
from collections.abc import Callable, Iterator, Sequence
from logging import ERROR, getLogger
from typing import TYPE_CHECKING, Any

import numpy as np

from ...models.chat import free_memory
from .late import FROZEN, MINED, Lists, quick, recompute

if TYPE_CHECKING:
    import torch
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import CrossEncoder

PIECES = 192  # word pieces of question and clause together
COSINE = 20.0  # of a cosine, as a logit


def cross_encoder(folder: str) -> "CrossEncoder":
    """A cross-encoder that begins with the layers of an encoder. Its last layer begins at 0, so it knows nothing yet:
    all pairs have the score 0."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.set_verbosity_error()  # the last layer is new: we know
    getLogger("sentence_transformers").setLevel(ERROR)
    cross = CrossEncoder(folder, num_labels=1, max_length=PIECES, device="cpu")
    for part in [module for module in cross.modules() if isinstance(module, torch.nn.Linear)][-1:]:
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    return cross


def lists(regions: Sequence[Lists], wrong: int, seed: int) -> Iterator[tuple[str, list[str]]]:
    """(question, clauses) without end: the first clause is right, `wrong` others are what the search found, too."""
    rng = random.Random(seed)
    while True:
        region = rng.choice(regions)
        one = rng.choice(region.asked)
        found = [at for at in one.found[:MINED] if at not in one.right]
        places = [rng.choice(one.right), *rng.sample(found, min(wrong, len(found)))]
        if len(places) == wrong + 1:
            yield one.question, [region.texts[at] for at in places]


def logits(cross: "CrossEncoder", question: str, clauses: Sequence[str]) -> "torch.Tensor":
    """The score of each clause, shape (clauses,)."""
    read = cross.tokenizer(
        [question] * len(clauses), list(clauses), padding=True, truncation=True, max_length=PIECES, return_tensors="pt"
    )
    model: Any = cross.model
    with quick():
        return model(**read).logits.float().squeeze(-1)


def scorer(cross: "CrossEncoder") -> Callable[[str, Sequence[str]], list[float]]:
    """score(question, clauses): each pair is read when it is asked for; nothing can be kept."""
    import torch

    def score(question: str, clauses: Sequence[str]) -> list[float]:
        with torch.inference_mode():
            return logits(cross, question, clauses).tolist()

    return score


def train(
    cross: "CrossEncoder",
    taught: Iterator[tuple[str, list[str]]],
    embeddings: "Embeddings",
    steps: int,
    batch: int = 8,
    learning_rate: float = 1e-4,
) -> list[float]:
    """Train it, in place, to add to the first stage's score; returns the loss of each step (nats).

    The loss is listwise: minus the log of the right clause's share in a softmax over the list, of COSINE times the
    cosine of the embeddings + the new score. An interrupt ends the training.
    """
    import torch
    from tqdm import tqdm

    for name, weight in cross.named_parameters():
        weight.requires_grad_(not any(part in name for part in FROZEN))
    trained = [weight for weight in cross.parameters() if weight.requires_grad]
    optimizer, losses = torch.optim.AdamW(trained, lr=learning_rate), []
    cross.train()
    model: Any = cross.model
    recompute(model, "enable")
    try:
        for step in tqdm(range(steps), "cross-encoder", unit="step", mininterval=5):
            optimizer.param_groups[0]["lr"] = learning_rate * min(1, (step + 1) / 5) * (1 - step / steps)
            for question, clauses in (next(taught) for _ in range(batch)):  # one list at a time, to save memory
                scores = logits(cross, question, clauses) + COSINE * cosines(embeddings, question, clauses)
                loss = -scores.log_softmax(dim=0)[0] / batch
                loss.backward()
                losses.append(batch * float(loss.detach()))
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            optimizer.zero_grad()
    except KeyboardInterrupt:
        print("interrupted: what was learned is kept")
    recompute(model, "disable")
    cross.eval()
    free_memory()
    return [sum(losses[at : at + batch]) / batch for at in range(0, len(losses), batch)]


def cosines(embeddings: "Embeddings", question: str, clauses: Sequence[str]) -> "torch.Tensor":
    """The cosine of the question with each clause, shape (clauses,)."""
    import torch

    first, *others = np.array(embeddings.embed_documents([question, *clauses]))
    return torch.tensor(np.array(others) @ first, dtype=torch.float32)
