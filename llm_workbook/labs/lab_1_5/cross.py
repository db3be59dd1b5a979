"""A small cross-encoder: it reads question and clause together, and is trained on the lists that the search finds."""

import random
from collections.abc import Callable, Iterator, Sequence
from logging import ERROR, getLogger
from typing import TYPE_CHECKING, Any

from ...late import LENGTHS, quick
from ...models.chat import free_memory
from .late import FROZEN, MINED, Lists, recompute

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

NEW = 5  # times faster learns the new layer
PIECES = 192  # word pieces of question and clause together


def cross_encoder(folder: str) -> "CrossEncoder":
    """A cross-encoder that begins with the layers of an encoder; its last layer is new, so it knows nothing yet."""
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.set_verbosity_error()  # the last layer is new: we know
    getLogger("sentence_transformers").setLevel(ERROR)
    return CrossEncoder(folder, num_labels=1, max_length=PIECES, device="cpu")


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
    shape = {"padding": True, "pad_to_multiple_of": LENGTHS, "truncation": True, "max_length": PIECES}
    read = cross.tokenizer([question] * len(clauses), list(clauses), **shape, return_tensors="pt")
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
    steps: int,
    batch: int = 8,
    learning_rate: float = 4e-4,
) -> list[float]:
    """Train it, in place; returns the loss of each step (nats): minus the log of the right clause's share in a softmax
    over the scores of its list. An interrupt ends the training."""
    import torch
    from tqdm import tqdm

    for name, weight in cross.named_parameters():
        weight.requires_grad_(not any(part in name for part in FROZEN))
    trained = [weight for weight in cross.parameters() if weight.requires_grad]
    new = [weight for name, weight in cross.named_parameters() if "classifier" in name]
    old = [weight for weight in trained if not any(weight is one for one in new)]
    groups = [{"params": old, "share": 1}, {"params": new, "share": NEW}]
    optimizer, losses = torch.optim.AdamW(groups), []
    cross.train()
    model: Any = cross.model
    recompute(model, "enable")
    try:
        for step in tqdm(range(steps), "cross-encoder", unit="step", mininterval=5):
            for group in optimizer.param_groups:
                group["lr"] = group["share"] * learning_rate * min(1, (step + 1) / 3) * (1 - step / steps)
            for question, clauses in (next(taught) for _ in range(batch)):  # one list at a time, to save memory
                loss = -logits(cross, question, clauses).log_softmax(dim=0)[0] / batch
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
