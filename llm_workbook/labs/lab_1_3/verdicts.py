"""What lab 1.3 counts: right filters, lost names, and differences with their intervals."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from langchain_core.language_models import BaseChatModel

from ...corpus.records import Contract, Question
from ...measure.statistics import Verdict
from ...run import Run
from .finder import Finder
from .prompts import WHICH, choose, invents, keeps_names

Titles = Mapping[str, Mapping[str, str]]  # question id -> id of a document -> its title
Where = dict[str, Any]  # {}: no filter


def of_types(
    run: Run, label: str, a: pd.DataFrame, b: pd.DataFrame, types: Sequence[str], names: tuple[str, str]
) -> dict[str, Verdict]:
    """{label: `a` against `b` on the questions of these types}; empty where there are none."""
    first, second = (table[table["type"].isin(types)] for table in (a, b))
    return {label: run.compare(first, second, "recall", None, *names)} if len(first) else {}


def why(
    questions: Sequence[Question], written: Mapping[str, Sequence[str]], documents: Mapping[str, Sequence[Contract]]
) -> pd.DataFrame:
    """% of the texts of each technique that keep all names of their question, and that say a number that nobody gave."""
    rows = {}
    for way, texts in written.items():
        pairs = list(zip(questions, texts, strict=True))
        kept = [keeps_names(one.question, text) for one, text in pairs]
        made_up = [invents(text, one, documents[one.id]) for one, text in pairs]
        rows[way] = [100 * float(np.mean(kept)), 100 * float(np.mean(made_up))]
    return pd.DataFrame(rows, index=["% keep all names", "% with a made-up number"]).T.round(1)


# ------------------------------------------------------------------ ways to a filter


def by_choice(
    chat: BaseChatModel, questions: Sequence[Question], titles: Titles, following: Callable[..., Any]
) -> list[Where]:
    """The document whose title the model writes when it may write titles only."""
    chosen: dict[str, Where] = {}
    for listed in {tuple(titles[one.id]): titles[one.id] for one in questions}.values():
        here = [one for one in questions if tuple(titles[one.id]) == tuple(listed)]
        ids = {title: name for name, title in listed.items()}
        picked = choose(chat, WHICH, [one.question for one in here], list(ids), following)
        chosen |= {one.id: _only(ids[title]) if title else {} for one, title in zip(here, picked, strict=True)}
    return [chosen[one.id] for one in questions]


def by_vector(finder: Finder, questions: Sequence[Question], titles: Titles) -> list[Where]:
    """The document whose title has the nearest vector."""
    chosen = []
    for one in questions:
        rows = np.array(finder.read(list(titles[one.id].values())))
        at = int(np.argmax(rows @ finder.read([one.question])[0]))
        chosen.append(_only(list(titles[one.id])[at]))
    return chosen


def _only(name: str) -> dict[str, Any]:
    return {"document": {"$in": [name]}}


def filters(questions: Sequence[Question], ways: Mapping[str, Sequence[Where]], titles: Titles) -> pd.DataFrame:
    """% of the questions with a right filter, a wrong one, and none, beside a guess. Right: only documents of the
    question."""
    guess = 100 * float(np.mean([len(one.documents) / len(titles[one.id]) for one in questions]))
    rows = {"any title, a guess": [guess, 100 - guess, 0.0]}
    for way, chosen in ways.items():
        pairs = list(zip(questions, chosen, strict=True))
        right = [bool(where) and set(where["document"]["$in"]) <= set(one.documents) for one, where in pairs]
        none = [not where for where in chosen]
        wrong = [not (one or other) for one, other in zip(right, none, strict=True)]
        rows[way] = [100 * float(np.mean(share)) for share in (right, wrong, none)]
    return pd.DataFrame(rows, index=["% right", "% wrong", "% no filter"]).T.round(1)
