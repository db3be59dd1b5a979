"""The vectors of word pieces that late interaction compares, for labs 1.5 and 1.6 and the assistant."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from transformers.utils import logging

from ..models.chat import best_dtype, free_memory

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

    from ..regions import Region

logging.disable_progress_bar()  # of loading a model, which takes a second

LENGTHS = 16  # texts are padded to its multiples: each new length costs the time and memory of a compiled kernel


def pieces_of(encoder: "SentenceTransformer", texts: Sequence[str], pieces: int) -> "tuple[torch.Tensor, torch.Tensor]":
    """(vectors of length 1, shape (texts, pieces, d); which of them are no padding, shape (texts, pieces))."""
    import torch

    shape = {"padding": True, "pad_to_multiple_of": LENGTHS, "truncation": True, "max_length": pieces}
    read = encoder.tokenizer(list(texts), **shape, return_tensors="pt")
    model: Any = encoder[0].auto_model
    with quick():
        hidden = model(**read).last_hidden_state
    return torch.nn.functional.normalize(hidden.float(), dim=-1), read["attention_mask"].bool()


def quick() -> Any:
    """Within it, matrices are multiplied in bf16 where the processor computes in it."""
    import torch

    dtype, device = best_dtype()
    return torch.autocast(device, torch.bfloat16, enabled=dtype == torch.bfloat16)


def token_vectors(encoder: "SentenceTransformer", texts: Sequence[str]) -> "dict[str, torch.Tensor]":
    """text -> the vectors of its word pieces, of length 1; shape (pieces, d). In half precision, to save memory."""
    import torch
    from tqdm import tqdm

    ordered, found = sorted(set(texts), key=lambda text: (len(text), text)), {}
    with torch.inference_mode():
        for first in tqdm(range(0, len(ordered), 16), "token vectors", unit=" x 16", disable=len(ordered) < 256):
            group = ordered[first : first + 16]
            vectors, there = pieces_of(encoder, group, 256)
            found |= {text: row[mask].half() for text, row, mask in zip(group, vectors, there, strict=True)}
    if len(ordered) > 32:
        free_memory()
    return found


def late_scores(
    regions: "Sequence[Region]", encoder: "SentenceTransformer", more: Sequence[str] = ()
) -> "tuple[dict[str, np.ndarray], dict[str, torch.Tensor]]":
    """(question id -> its MaxSim with each entry of its region (lab 1.5); text -> the vectors of its word pieces).

    more: further texts whose vectors are wanted.
    """
    texts = {text for region in regions for text in (*region.texts, *(one.question for one in region.asked))}
    vectors, scores = token_vectors(encoder, [*texts, *more]), {}
    for region in regions:
        against = alike(vectors, region.texts)
        scores |= {one.id: against(one.question) for one in region.asked}
    return scores, vectors


def alike(vectors: "Mapping[str, torch.Tensor]", clauses: Sequence[str]) -> Callable[[str], np.ndarray]:
    """A function from a text to its MaxSim with each of some clauses, shape (clauses,). vectors: of all these texts."""
    import torch

    owner = torch.repeat_interleave(
        torch.arange(len(clauses)), torch.tensor([len(vectors[clause]) for clause in clauses])
    )
    stacked = torch.cat([vectors[clause] for clause in clauses]).float()

    def score(text: str) -> np.ndarray:
        asked = vectors[text].float()
        empty = torch.full((len(asked), len(clauses)), -1.0)
        best = empty.scatter_reduce(1, owner.expand(len(asked), -1), asked @ stacked.T, "amax")
        return best.mean(dim=0).numpy()

    return score
