"""Regions: contracts that are searched together, their questions, and what a search of them finds."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import pandas as pd
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from ..benchmark.search import clause_entries, place_of
from ..corpus.load import EVIDENCE, load_contracts, load_questions
from ..corpus.records import Contract, Question
from ..measure.retrieval import covers, score_rankings
from ..measure.statistics import Verdict, mean_interval
from ..run import Run

K, LOOKED_AT = 3, 100  # places that count, places that are kept


@dataclass(frozen=True)
class Region:
    """Clauses that are searched together, and the questions about them that have an answer."""

    name: str
    entries: Sequence[Document]
    dev: Sequence[Question]
    test: Sequence[Question]

    @property
    def texts(self) -> list[str]:
        """The text of each entry, with its header."""
        return [entry.page_content for entry in self.entries]

    @property
    def contracts(self) -> list[Contract]:
        """The contracts of the entries, each once, in their order."""
        known = {one.id: one for one in load_contracts(self.name)}
        return [known[name] for name in dict.fromkeys(entry.metadata["document"] for entry in self.entries)]

    @property
    def asked(self) -> list[Question]:
        """All its questions, each once: a corpus without dev questions has its test questions in both places."""
        return list({question.id: question for question in [*self.dev, *self.test]}.values())

    def stating(self, question: Question) -> list[int]:
        """Places of the entries that state the answer: the first that covers each span of the evidence."""
        found = []
        for span in question.evidence:
            found += [at for at, entry in enumerate(self.entries) if covers(place_of(entry), span)][:1]
        return list(dict.fromkeys(found))


def regions_of(run: Run) -> list[Region]:
    """The evidence corpora for the authored corpus, else the run's own corpus.

    In live the contracts of the dev and test families are searched; in full all of a region, with those of the train
    families; in smoke those that the few questions ask about.
    """
    settings = run.settings
    names = EVIDENCE if settings.corpus == "authored" else (settings.corpus,)
    return [_region(run, name) for name in (names[:1] if settings.profile == "smoke" else names)]


def _region(run: Run, name: str) -> Region:
    dev, test = (_sample(run, load_questions(name, split)) for split in ("dev", "test"))
    contracts = load_contracts(name) if name in EVIDENCE else list(run.contracts)
    if name in EVIDENCE and run.settings.profile != "full":
        contracts = [contract for contract in contracts if contract.split != "train"]
    if run.settings.profile == "smoke" or name == "cuad":
        asked = {document for question in [*dev, *test] for document in question.documents}
        contracts = [contract for contract in contracts if contract.id in asked]
    there = {contract.id for contract in contracts}
    dev = [question for question in dev if set(question.documents) <= there]
    return Region(name, clause_entries(contracts), dev or test, test)


def _sample(run: Run, questions: Sequence[Question]) -> list[Question]:
    """At most so many questions of each family, in the corpus's own mix of types."""
    by_family: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.answerable and question.evidence:
            by_family[question.family].append(question)
    most = run.settings.max_items or run.items(live=60, smoke=2)
    return [question for family in by_family.values() for question in sorted(family, key=by_hash)[:most]]


def by_hash(question: Question) -> str:
    """A key that puts questions into a random order, the same in every run; a larger sample contains a smaller one."""
    return hashlib.sha256(question.id.encode()).hexdigest()


def encode(regions: Sequence[Region], embeddings: Embeddings) -> dict[str, np.ndarray]:
    """text -> its vector, of every entry and question. Texts are encoded shortest first, so that little is padded."""
    texts = {text for region in regions for text in (*region.texts, *(one.question for one in region.asked))}
    ordered = sorted(texts, key=lambda text: (len(text), text))
    return {text: np.array(vector) for text, vector in zip(ordered, embeddings.embed_documents(ordered), strict=True)}


def similarities(regions: Sequence[Region], vectors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """question id -> the cosine of the question with each entry of its region. vectors: of length 1, by text."""
    scores = {}
    for region in regions:
        entries = np.array([vectors[text] for text in region.texts])
        scores |= {question.id: entries @ vectors[question.question] for question in region.asked}
    return scores


def ranked(scores: Mapping[str, np.ndarray]) -> dict[str, list[int]]:
    """question id -> the places of its entries with the highest scores, best first."""
    return {name: np.argsort(-row, kind="stable")[:LOOKED_AT].tolist() for name, row in scores.items()}


def scored(regions: Sequence[Region], rankings: Mapping[str, Sequence[int]], split: str, k: int = K) -> pd.DataFrame:
    """Recall at k of each question of a split, with its type and family. rankings: id -> places, best first."""
    tables = []
    for region in regions:
        asked: Sequence[Question] = getattr(region, split)
        spans = {one.id: [place_of(region.entries[at]) for at in rankings[one.id][:k]] for one in asked}
        tables.append(score_rankings(spans, asked, k))
    return pd.concat(tables, ignore_index=True)


def at_random(regions: Sequence[Region], seed: int) -> dict[str, list[int]]:
    """A ranking that reads nothing: entries in random order."""
    random = Random(seed)
    return {
        question.id: random.sample(range(len(region.entries)), min(K, len(region.entries)))
        for region in regions
        for question in region.asked
    }


def board(
    regions: Sequence[Region],
    systems: Mapping[str, Mapping[str, Sequence[int]]],
    split: str,
    types: Sequence[str] = ("identifier", "paraphrase"),
    k: int = K,
) -> pd.DataFrame:
    """% of the evidence in the first k, a row for each system: questions of some types, and all with their 95 %
    confidence interval over families."""
    rows = {}
    for name, rankings in systems.items():
        table = scored(regions, rankings, split, k)
        by_type = table.groupby("type")["recall"].mean()
        shares = [*(by_type.get(kind, np.nan) for kind in types), *mean_interval(table["recall"], table["family"])]
        rows[name] = [round(100 * value, 1) for value in shares]
    return pd.DataFrame(rows, index=[*types, "all", "95 % from", "to"]).T


def against(run: Run, found: Mapping[str, pd.DataFrame], base: str, names: Sequence[str]) -> dict[str, Verdict]:
    """Each of `names` against `base`: recall at 3, paired by question, over families."""
    return {name: run.compare(found[name], found[base], "recall", name_a=name, name_b=base) for name in names}
