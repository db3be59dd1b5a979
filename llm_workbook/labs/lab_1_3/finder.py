"""Carries out the plans of lab 1.3: searches of one encoder, each with a query and perhaps a filter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from ...benchmark.search import place_of
from ...corpus.load import EVIDENCE, load_contracts
from ...corpus.records import Contract, Question, Span
from ...regions import K, Region, by_hash, encode
from ...regions import scored as of_all
from ...run import Run

Plans = Mapping[str, Sequence[Any]]  # question id -> its searches, each with the fields query and where
Rankings = dict[str, list[int]]
DEPTH = 20  # entries that one search returns


class Finder:
    """The entries of all regions as one encoder sees them. What it has encoded it keeps."""

    def __init__(self, regions: Sequence[Region], embeddings: Embeddings) -> None:
        self.regions, self.embeddings = regions, embeddings
        self.vectors: dict[str, np.ndarray] = encode(regions, embeddings)
        self._entries = {region.name: np.array([self.vectors[text] for text in region.texts]) for region in regions}
        self._documents = {
            region.name: np.array([entry.metadata["document"] for entry in region.entries]) for region in regions
        }

    def read(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The vectors of texts, of length 1, in order. New ones are encoded shortest first."""
        new = sorted({text for text in texts if text not in self.vectors}, key=lambda text: (len(text), text))
        self.vectors |= zip(new, map(np.array, self.embeddings.embed_documents(new) if new else []), strict=True)
        return [self.vectors[text] for text in texts]

    def follow(
        self, plans: Plans, fuse: Callable[..., Sequence[int]] = lambda rankings, budget: rankings[0], budget: int = K
    ) -> Rankings:
        """question id -> the first places of its region, `budget` in all. fuse(rankings, budget): one list from those
        of a plan's searches; a plan of one search needs none."""
        self.read([text for plan in plans.values() for one in plan for text in _texts(one.query)])
        rankings: Rankings = {}
        for region in self.regions:
            for question in region.asked:
                if question.id in plans:
                    rows = [self._search(region, one) for one in plans[question.id]]
                    rankings[question.id] = list(rows[0] if len(rows) == 1 else fuse(rows, budget))[:budget]
        return rankings

    def _search(self, region: Region, search: Any) -> list[int]:
        vector = np.mean(self.read(_texts(search.query)), axis=0)
        scores = self._entries[region.name] @ vector
        if search.where:
            scores[~np.isin(self._documents[region.name], search.where["document"]["$in"])] = -np.inf
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        return order[np.isfinite(scores[order])].tolist()


def _texts(query: str | Sequence[str]) -> list[str]:
    """A query is one text, or several whose vectors are averaged."""
    return [query] if isinstance(query, str) else list(query)


# ------------------------------------------------------------------ what is searched, and who asks


def documents_of(regions: Sequence[Region]) -> dict[str, list[Contract]]:
    """question id -> the documents among which it is asked, in order."""
    contracts = {}
    for region in regions:
        listed = region.contracts
        contracts |= {question.id: listed for question in region.asked}
    return contracts


def codes(contracts: Sequence[Contract]) -> dict[str, str]:
    """Code in small letters -> id of its document."""
    return {code.lower(): one.id for one in contracts if (code := one.metadata.get("code"))}


def codes_of(documents: Mapping[str, Sequence[Contract]]) -> dict[str, dict[str, str]]:
    """question id -> the codes among which it is asked (see `codes`)."""
    return {name: codes(listed) for name, listed in documents.items()}


def asked(regions: Sequence[Region], split: str | None = None) -> list[Question]:
    """The questions of one split ("dev", "test"), or all, region by region."""
    return [one for region in regions for one in (getattr(region, split) if split else region.asked)]


def some(regions: Sequence[Region], types: Sequence[str], most: int, split: str = "test") -> list[Question]:
    """At most so many questions, spread over regions and families; of these types, or of all where there are none."""
    listed = asked(regions, split)
    chosen = [one for one in listed if one.type in types] or listed
    return sorted(chosen, key=by_hash)[:most]


def to_learn_from(run: Run, most: int) -> tuple[list[Question], list[Contract]]:
    """(train questions, at most so many of each type; the contracts that they are about). Both are empty where a corpus
    has none."""
    from ...corpus.load import load_questions

    name = EVIDENCE[0] if run.settings.corpus == "authored" else run.settings.corpus
    by_type: dict[str, list[Question]] = {}
    for one in load_questions(name, "train"):
        if one.answerable and one.evidence:
            by_type.setdefault(one.type, []).append(one)
    return [one for row in by_type.values() for one in row[:most]], load_contracts(name, "train")


# ------------------------------------------------------------------ how good it is


def scored(regions: Sequence[Region], rankings: Rankings, split: str, budget: int = K) -> pd.DataFrame:
    """Recall at `budget` of each question of a split that has a ranking, with its type and family."""
    with_ranking = [
        replace(region, **{split: [one for one in getattr(region, split) if one.id in rankings]}) for region in regions
    ]
    return of_all([region for region in with_ranking if getattr(region, split)], rankings, split, budget)


def hits(regions: Sequence[Region], rankings: Rankings, question: Question) -> tuple[list[Document], list[Span]]:
    """(the clauses that a ranking shows for a question, without their headers; their places)."""
    region = next(region for region in regions if any(one.id == question.id for one in region.asked))
    entries = [region.entries[at] for at in rankings[question.id]]
    texts = {one.id: one.text for one in load_contracts(region.name)}
    places = [place_of(entry) for entry in entries]
    cut = [texts[place.document][place.start : place.end] for place in places]
    return [Document(text, metadata=one.metadata) for text, one in zip(cut, entries, strict=True)], places
