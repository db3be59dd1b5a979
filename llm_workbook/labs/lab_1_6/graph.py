"""What the documents and clauses of a region say of each other, read from their text by rules, as a networkx graph."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import networkx as nx

from ...corpus.load import load_contracts
from ...regions import Region
from ...taught.lab_1_6 import CODE

KINDS = {  # what a paper does to the one that it names, by a word of its title
    "amends": r"\bamendment\b",
    "is an order under": r"\b(statement of work|order form)\b",
    "guarantees": r"\bguarantee\b",
    "ends": r"\btermination\b",
    "is a letter to": r"\bletter\b",
}
ABOUT_ANOTHER = ("amends", "is a letter to", "ends")  # a clause number in these is one of the paper that they name
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATES = (
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: day of)? (?P<month>{MONTHS}) (?P<year>\d{{4}})",
    rf"(?P<month>{MONTHS}) (?P<day>\d{{1,2}}), (?P<year>\d{{4}})",
)
NUMBER = re.compile(r"[\W_]*(?:article|section|clause)?\W*(\d+)\b", re.IGNORECASE)  # of a clause, at its start
CITED = re.compile(r"(?:\b(?:clause|article|section)s?|§)\s+(\d+)", re.IGNORECASE)
SCHEDULE = re.compile(r"\bschedule ([A-Z])\b", re.IGNORECASE)
DEFINED = (
    re.compile(r"[\"“]([A-Z][\w-]+(?: [A-Z][\w-]+)*)[\"”] (?:means|shall mean|is|are)\b"),
    re.compile(r"\| ([A-Z][\w -]+?) \(item \d+ of Schedule [A-Z]\)"),
)
RARE = 3  # a term that more clauses use links nothing
Links = set[tuple[str, str]]  # pairs of documents: the first names the second
Pairs = Mapping[str, Collection[tuple]]  # region -> pairs of documents, or of others
STRONG = 20.0  # weight of a link; belonging to a document weighs 1, as a document has about so many clauses


@dataclass(frozen=True)
class Paper:
    """A document of a region. kind: of KINDS, or empty. date: the first of its text, ISO. clauses: places, in order."""

    id: str
    title: str
    kind: str
    code: str
    date: str
    parties: frozenset[str]
    clauses: tuple[int, ...]


def body(text: str) -> str:
    """The text of an entry without its header.

    >>> body("Lease, Rent: It is due.")
    'It is due.'
    """
    return text.partition(": ")[2]


def papers(region: Region) -> dict[str, Paper]:
    """document -> its paper, from titles and texts alone."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(region.entries):
        places[entry.metadata["document"]].append(at)
    made = {}
    for name, clauses in places.items():
        title, text = region.entries[clauses[0]].metadata["title"], " ".join(body(region.texts[at]) for at in clauses)
        own, _, parties = title.partition(" (")
        named = own.partition(" to the ")[0]
        kind = next((kind for kind, word in KINDS.items() if re.search(word, named, re.IGNORECASE)), "")
        code = next(iter(CODE.findall(text)), "")
        both = frozenset(parties.rstrip(")").split(" / ")) if parties else frozenset()
        made[name] = Paper(name, title, kind, code, first_date(text), both, tuple(clauses))
    return made


def first_date(text: str) -> str:
    """The first date of a text in ISO, or an empty text.

    >>> first_date("made THIS THE 3RD DAY OF AUGUST 2016, and again on May 4, 2017")
    '2016-08-03'
    """
    found = [match for pattern in DATES if (match := re.search(pattern, text, re.IGNORECASE))]
    first = min(found, key=lambda match: match.start(), default=None)
    parts = "{day} {month} {year}".format(**first.groupdict()) if first else ""
    return datetime.strptime(parts, "%d %B %Y").date().isoformat() if parts else ""


def truth(region: Region) -> Links:
    """The links that the generator of the corpus planted: for measuring only."""
    there = {entry.metadata["document"] for entry in region.entries}
    pairs = ((one.id, str(one.metadata.get("amends", ""))) for one in load_contracts(region.name) if one.id in there)
    return {pair for pair in pairs if pair[1] in there}


def graph_of(region: Region, links: Links, known: Mapping[str, Paper]) -> nx.DiGraph:
    """Clauses (their places, int), documents (their ids) and parties (their names) with what connects them.

    Edges have a kind and a weight: a clause is `part of` its document and may state that this document amends,
    guarantees, ... another; a clause `changes` or `points to` a clause, or uses a term that is `defined in` it; a
    document is `of` its parties. links: pairs of documents, as a rule found them.
    """
    graph = nx.DiGraph(papers=dict(known), above={})
    for name, paper in known.items():
        graph.add_edges_from([(at, name) for at in paper.clauses], kind="part of", weight=1.0)
        graph.add_edges_from([(name, party) for party in paper.parties], kind="of", weight=1.0)
    for name, other in sorted(links):
        code = known[other].code
        stating = (at for at in known[name].clauses if code and code in CODE.findall(body(region.texts[at])))
        clause = next(stating, known[name].clauses[0])
        graph.graph["above"].setdefault(name, (other, clause))
        graph.add_edge(clause, other, kind=known[name].kind or "names", weight=STRONG)
    for source, target, kind in [*_cited(region.texts, graph), *_terms(region.texts, known)]:
        if source != target:
            graph.add_edge(source, target, kind=kind, weight=STRONG)
    return graph


def _cited(texts: Sequence[str], graph: nx.DiGraph) -> list[tuple[int, int, str]]:
    """Clauses that name the number of another, its schedule, or that change its parties."""
    known: Mapping[str, Paper] = graph.graph["papers"]
    numbers = {name: _numbered(texts, paper, NUMBER) for name, paper in known.items()}
    schedules = {
        name: _numbered(texts, paper, re.compile(rf"\W*{SCHEDULE.pattern}", re.I)) for name, paper in known.items()
    }
    found = []
    for name, paper in known.items():
        above = graph.graph["above"].get(name, ("", 0))[0]
        for at in paper.clauses:
            text = body(texts[at])
            other = above if above and (paper.kind in ABOUT_ANOTHER or "framework" in text.lower()) else name
            kind = "changes" if paper.kind == "amends" and "Change" in texts[at] else "points to"
            cited = [numbers[other].get(match[1]) for match in CITED.finditer(text, 3)]
            found += [(at, place, kind) for place in cited if place is not None]
            named = [schedules[name].get(match[1].upper()) for match in SCHEDULE.finditer(text)]
            found += [(at, place, "points to") for place in named if place is not None]
            if above and "Change of Name" in texts[at]:
                found.append((at, known[above].clauses[0], "changes"))
    return found


def _numbered(texts: Sequence[str], paper: Paper, pattern: re.Pattern[str]) -> dict[str, int]:
    """number (or letter of a schedule) -> the first clause of a paper that begins with it."""
    found: dict[str, int] = {}
    for at in paper.clauses:
        if match := pattern.match(body(texts[at])):
            found.setdefault(match[1].upper(), at)
    return found


def _terms(texts: Sequence[str], known: Mapping[str, Paper]) -> list[tuple[int, int, str]]:
    """Clauses that use a term which another clause of the same document defines, where few do."""
    found = []
    for paper in known.values():
        defining: dict[str, set[int]] = defaultdict(set)
        for at in paper.clauses:
            for pattern in DEFINED:
                for term in pattern.findall(body(texts[at])):
                    defining[term.lower()].add(at)
        for term, where in defining.items():
            using = [at for at in paper.clauses if term in body(texts[at]).lower() and at not in where]
            found += [(at, place, "defined in") for at in using for place in sorted(where) if len(using) <= RARE]
    return found


def named(question: str, known: Mapping[str, Paper]) -> list[str]:
    """The documents that a question names: by their number, or by their title and both parties."""
    by_code = [name for name, paper in known.items() if paper.code in CODE.findall(question)]
    return by_code or [
        name
        for name, paper in known.items()
        if paper.parties
        and paper.title.partition(" (")[0].lower() in question.lower()
        and all(party in question for party in paper.parties)
    ]


def hangs_on(graph: nx.DiGraph) -> dict[str, str]:
    """document -> the document that it names."""
    return {name: other for name, (other, _) in graph.graph["above"].items()}


def changing(graph: nx.DiGraph) -> set[str]:
    """The documents that change or contradict the one that they name."""
    return {name for name, paper in graph.graph["papers"].items() if paper.kind in ("amends", "is a letter to")}


def neighbours(graph: nx.DiGraph, clause: int, kinds: Sequence[str]) -> list[int]:
    """Clauses that an edge of some kind leads to from a clause, or that lead to it by "changes"."""
    out = [at for at in graph.successors(clause) if graph[clause][at]["kind"] in kinds and isinstance(at, int)]
    back = [at for at in graph.predecessors(clause) if graph[at][clause]["kind"] == "changes" and "changes" in kinds]
    return list(dict.fromkeys(out + back))


def up(graph: nx.DiGraph, document: str, clause: int) -> list[int]:
    """The clause of a document that leads to a clause of the document that it hangs on: the one that cites it, or else
    the one that names its document; none where the clause stands elsewhere."""
    known, above = graph.graph["papers"], graph.graph["above"]
    if document not in above or clause not in known[above[document][0]].clauses:
        return []
    return [at for at in graph.predecessors(clause) if at in known[document].clauses][:1] or [above[document][1]]


def best(places: Sequence[int], score: Callable[[int], float]) -> list[int]:
    """Places, the highest score first."""
    return sorted(places, key=lambda at: -score(at))


def measured(found: Pairs, true: Pairs, only: Collection[str] = ()) -> list[int | None]:
    """[true links, links found, precision, recall in %] of all regions together. found, true: region -> pairs of
    documents. only: of these documents alone. None: a share of nothing."""
    both = [[(where, one) for where, pairs in links.items() for one in pairs] for links in (found, true)]
    some = [{(where, one) for where, one in pairs if not only or one[0] in only} for pairs in both]
    right = len(some[0] & some[1])
    shares = [round(100 * right / len(pairs)) if pairs else None for pairs in some]
    return [len(some[1]), len(some[0]), *shares]
