"""Questions about a whole region: groups of papers, a row of facts for each group, and what a search of clauses reads."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

import networkx as nx
import pandas as pd

from ...assistant.pipeline import length
from ...benchmark.search import place_of
from ...corpus.load import ENDS, load_facts
from ...corpus.records import Fact
from ...measure.retrieval import covers
from ...regions import Region
from .amendments import values
from .graph import Links, Paper, hangs_on
from .graph import measured as measured_links
from .reading import called, own_clauses, replies

LANDS = {
    "Danish": "Denmark", "Delaware": "Delaware", "Dutch": "Netherlands", "English": "England", "Finnish": "Finland",
    "German": "Germany", "Irish": "Ireland", "Italian": "Ital", "Norwegian": "Norway", "Scots": "Scotland",
    "Swedish": "Sweden", "Swiss": "Switzerland",
}  # fmt: skip
Asked = Sequence[tuple[Region, Paper, str, str]]  # (region, agreement, fact, question)
Of = Mapping[str, Any]  # region ->


def measured(groups: Mapping[str, Mapping[str, Sequence[Collection[str]]]], regions: Sequence[Region]) -> pd.DataFrame:
    """A row for each way to group: pairs of papers of one family, pairs in one group, precision and recall in % of
    these pairs, and groups. groups: way -> region -> its groups. The families are those that the generator of the corpus
    made: for measuring only."""
    families = [(region.name, pd.Series({one.id: one.family for one in region.contracts})) for region in regions]
    true = {where: together([*family.groupby(family).groups.values()]) for where, family in families}
    columns = ["pairs of a family", "pairs in a group", "precision %", "recall %"]
    pairs = {way: {where: together(some) for where, some in found.items()} for way, found in groups.items()}
    made = pd.DataFrame({way: measured_links(found, true) for way, found in pairs.items()}, index=columns).T
    return made.astype("Int64").assign(groups=[sum(map(len, found.values())) for found in groups.values()])


def together(groups: Collection[Collection[str]]) -> Links:
    """All pairs of papers that are in one group."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def head(graph: nx.DiGraph, group: Collection[str]) -> Paper:
    """The agreement of a group: the paper that most others name; of equals one that does nothing to another."""
    named, known = Counter(hangs_on(graph).values()), graph.graph["papers"]
    papers = (known[name] for name in sorted(group))
    return max(papers, key=lambda paper: (named[paper.id], not paper.kind, len(paper.clauses)))


def normal(said: str) -> str:
    """One form for each value, so that code can count: an amount, or a law by its country.

    >>> normal("forty-five (45) days"), normal("the laws of the Italian Republic"), normal("no")
    ('45 days', 'Italian law', 'not stated')
    """
    amounts = [f"{number:g} {unit}s" for number, unit in sorted(values(said))]
    laws = [f"{name} law" for name, land in LANDS.items() if re.search(f"{name}|{land}", said, re.IGNORECASE)]
    return next(iter(amounts + laws), "not stated")


def rows(chat: Any, asked: Asked, graphs: Of, like: Of, today: Of) -> pd.DataFrame:
    """A row for each question about one agreement: what the reader says from its best clause, as it reads today.

    graphs, like, today: of each region its graph; question -> its MaxSim with each clause, shape (clauses,); and what
    `amendments.todays` gave.

    Columns: question_id, type (the fact), family, region, stated (the fact
    that holds today), is_test, since, agreement, said, value (see `normal`), true, correct, tokens (that were read).
    """
    places = [own_clauses(graphs[r.name], paper.id, like[r.name][question]) for r, paper, _, question in asked]
    shown = [[today[row[0].name][0][at] for at in some] for row, some in zip(asked, places, strict=True)]
    said = replies(chat, [question for *_, question in asked], shown)
    facts = {region.name: true_facts(region) for region, *_ in asked}
    family, made = {one.id: one.family for region, *_ in asked for one in region.contracts}, []
    for (region, paper, fact, question), texts, text in zip(asked, shown, said, strict=True):
        stated = facts[region.name].get((paper.id, fact))
        true = normal(stated.value if stated else "")
        made.append({
            "question_id": question, "type": fact, "family": family[paper.id], "region": region.name, "stated": stated,
            "is_test": family[paper.id] in {one.family for one in region.test}, "since": paper.date,
            "agreement": called(paper), "said": text, "value": normal(text), "true": true,
            "correct": float(normal(text) == true), "tokens": sum(length(chat, one) for one in texts),
        })  # fmt: skip
    return pd.DataFrame(made)


def true_facts(region: Region) -> dict[tuple[str, str], Fact]:
    """(document, type) -> the fact that holds today, wherever it is stated: for measuring only."""
    known = {one.id: one for one in (load_facts(region.name) if region.name in ENDS else ())}
    found: dict[tuple[str, str], Fact] = {}
    for one in known.values():
        last = one
        while last.superseded_by:
            last = known[last.superseded_by]
        found.setdefault((one.document, one.type), last)
    return found


def is_read(region: Region, fact: Fact | None, places: Sequence[int]) -> float:
    """1.0 where one of the clauses states a fact."""
    spans = [fact.span] if fact and fact.span else []
    return float(any(covers(place_of(region.entries[at]), span) for span in spans for at in places))
