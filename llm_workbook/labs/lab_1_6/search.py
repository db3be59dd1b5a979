"""Searches of lab 1.6: MaxSim of all clauses, what the first clauses find in a second round, and tables by type."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...corpus.records import Question
from ...measure.statistics import mean_interval
from ...regions import LOOKED_AT, Region, scored
from ...regions.tokens import token_vectors

if TYPE_CHECKING:
    import torch
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

Rankings = Mapping[str, Sequence[int]]  # question id -> places, best first
TYPES = ("bridge", "superseded", "pointer", "conflict", "comparison", "aggregate", "lookup")


def late_scores(regions: Sequence[Region], encoder: "SentenceTransformer") -> dict[str, np.ndarray]:
    """question id -> its MaxSim with each entry of its region (lab 1.5), computed for all entries at once."""
    import torch

    texts = {text for region in regions for text in (*region.texts, *(one.question for one in region.asked))}
    vectors, scores = token_vectors(encoder, list(texts)), {}
    for region in regions:
        clauses = [vectors[text] for text in region.texts]
        lengths = torch.tensor([len(one) for one in clauses])
        owner = torch.repeat_interleave(torch.arange(len(clauses)), lengths)
        stacked = torch.cat(clauses).float()
        for one in region.asked:
            scores[one.id] = _maxsim(vectors[one.question].float(), stacked, owner, len(clauses))
    return scores


def _maxsim(asked: "torch.Tensor", stacked: "torch.Tensor", owner: "torch.Tensor", count: int) -> np.ndarray:
    """MaxSim of one question with `count` clauses whose pieces are stacked; owner: the clause of each piece."""
    import torch

    empty = torch.full((len(asked), count), -1.0)
    best = empty.scatter_reduce(1, owner.expand(len(asked), -1), asked @ stacked.T, "amax")
    return best.mean(dim=0).numpy()
