"""Pairs to look at."""

from collections.abc import Sequence

import pandas as pd

from .pairs import Pair

SHOWN = 160  # characters


def look_at(pairs: Sequence[Pair], most: int = 12) -> pd.DataFrame:
    """Question, answer and the beginning of the clause, or where the answer stands in it."""
    return pd.DataFrame(
        [{"question": one.question, "answer": one.answer, "clause": _around(one)} for one in pairs[:most]],
        columns=["question", "answer", "clause"],
    )


def _around(pair: Pair) -> str:
    """The part of the clause round the answer; the beginning where the answer does not stand in it."""
    at = max(0, pair.body.find(pair.answer) - SHOWN // 2) if pair.answer else 0
    part = pair.body[at : at + SHOWN]
    return ("… " if at else "") + part + (" …" if at + SHOWN < len(pair.body) else "")
