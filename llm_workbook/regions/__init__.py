"""Regions of contracts, each searched within itself: what labs 1.3 to 1.7 measure on and train on."""

from .pairs import (
    Pair,
    base_encoder,
    datasets_of,
    different,
    drafts,
    pairs_of,
    right_places,
    run_training,
)
from .searched import (
    K,
    Region,
    against,
    at_random,
    board,
    by_hash,
    encode,
    ranked,
    regions_of,
    scored,
    similarities,
)

__all__ = [
    "K",
    "Pair",
    "Region",
    "against",
    "at_random",
    "base_encoder",
    "board",
    "by_hash",
    "datasets_of",
    "different",
    "drafts",
    "encode",
    "pairs_of",
    "ranked",
    "regions_of",
    "right_places",
    "run_training",
    "scored",
    "similarities",
]
