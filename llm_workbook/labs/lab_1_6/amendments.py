"""What amendments change, read by rules, and where two papers state different values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from ...late import alike
from ...measure.strict import UNITS, words
from ...regions import Region
from .graph import Paper, body, hangs_on, papers
from .graph import measured as measured_links

if TYPE_CHECKING:
    import torch

WORDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\"“]([^\"”]+)[\"”] (?:is|are|be) replaced by [\"“]([^\"”]+)[\"”]",
        r"striking [\"“]([^\"”]+)[\"”] and inserting [\"“]([^\"”]+)[\"”]",
        r"Instead of (.+?), the figure in \S+ [\d.]+ is now (.+?)\.(?= |$)",
        r"original figure of (.+?)\. From now on \S+ [\d.]+ is to be read as if it said (.+?)\.(?= |$)",
    )
)
WHOLE = re.compile(r"(?:read|substitute|following|agree): ?[\"“](.*?)[\"”]?$", re.DOTALL)

Change = tuple[str, str | None, str]  # (date in ISO, words that go or None for the whole clause, words that come)


def change_of(text: str) -> tuple[str | None, str] | None:
    """(words that go, words that come) of a clause that changes another; (None, new clause) where all of it goes.

    >>> change_of('In clause 13 the words "30 days" are replaced by "60 days".')
    ('30 days', '60 days')
    """
    for pattern in WORDS:
        if match := pattern.search(text):
            return match[1], match[2]
    match = WHOLE.search(text)
    return (None, match[1]) if match else None


def changes_of(graph: nx.DiGraph, texts: Sequence[str]) -> dict[int, list[Change]]:
    """clause -> what was changed in it, in the order of the documents' names; only what the rules can read."""
    known: Mapping[str, Paper] = graph.graph["papers"]
    date = {at: paper.date for paper in known.values() for at in paper.clauses}
    found: dict[int, list[Change]] = {}
    for source, target, kind in graph.edges(data="kind"):
        read = change_of(body(texts[int(source)])) if kind == "changes" else None
        if read:
            found.setdefault(target, []).append((date[source], *read))
    return found


def todays(
    graph: nx.DiGraph, texts: Sequence[str], in_force: Callable[[str, Sequence[Change]], str]
) -> tuple[list[str], dict[int, int]]:
    """(the texts with every changed clause as it reads today; amending clause -> the clause that now holds it)."""
    current, inside = list(texts), {}
    for target, changes in changes_of(graph, texts).items():
        header = texts[target].partition(": ")[0]
        current[target] = f"{header}: {in_force(body(texts[target]), changes)}"
        amending = [at for at in graph.predecessors(target) if graph[at][target]["kind"] == "changes"]
        inside |= {int(at): target for at in amending if change_of(body(texts[int(at)]))}
    return current, inside


# ------------------------------------------------------------------ values, and letters that state others


def values(text: str) -> frozenset[tuple[float, str]]:
    """The amounts of a text: (number, unit), money by its currency.

    >>> sorted(values("within thirty (30) days, at most EUR 5,000"))
    [(30.0, 'day'), (5000.0, 'eur')]
    """
    read = words(text)
    found = set()
    for first, second in zip(read, [*read, ""][1:], strict=True):
        for number, unit in ((first, second), (second, first)):
            if re.fullmatch(r"\d+(?:\.\d+)?", number) and unit in UNITS and (unit == second or len(unit) == 3):
                found.add((float(number), "eur" if unit.startswith("euro") else unit.removesuffix("s")))
    return frozenset(found)


@dataclass(frozen=True)
class Said:
    """A sentence of a letter, and the clause of the agreement that is most like it. Both as places of entries."""

    region: str
    letter: int
    sentence: str
    clause: int
    units: tuple[str, ...] = ()  # in dispute


def sentences_of_letters(region: Region) -> list[str]:
    """Every sentence of a letter that states an amount."""
    letters = [paper for paper in papers(region).values() if paper.kind == "is a letter to"]
    return [one for paper in letters for at in paper.clauses for one in _sentences(region.texts[at])]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.;])\s+", body(text)) if values(sentence)]


def matched(
    graph: nx.DiGraph, region: Region, vectors: "Mapping[str, torch.Tensor]", linked: bool = True
) -> list[Said]:
    """Each sentence of a letter with the clause that is most like it by MaxSim, among those of the letter's agreement;
    not linked: among those of all papers but the letters."""
    known: Mapping[str, Paper] = graph.graph["papers"]
    texts, found = region.texts, []
    whole = [at for paper in known.values() if paper.kind != "is a letter to" for at in paper.clauses]
    for name, other in hangs_on(graph).items():
        if known[name].kind == "is a letter to":
            places = known[other].clauses if linked else whole
            like = alike(vectors, [texts[at] for at in places])
            for at in known[name].clauses:
                said = _sentences(texts[at])
                found += [Said(region.name, at, one, places[int(like(one).argmax())]) for one in said]
    return found


def reported(
    said: Sequence[Said],
    regions: Mapping[str, Region],
    disputed: Callable[[frozenset[tuple[float, str]], frozenset[tuple[float, str]]], Sequence[str]],
) -> list[Said]:
    """The sentences whose amounts the clause contradicts, with the disputed units."""
    judged = (
        replace(one, units=tuple(disputed(values(one.sentence), values(body(regions[one.region].texts[one.clause])))))
        for one in said
    )
    return [one for one in judged if one.units]


def measured(reports: Mapping[str, Sequence[Said]], regions: Sequence[Region]) -> pd.DataFrame:
    """A row for each report: precision and recall in % of pairs of a letter and a clause that a question calls a
    conflict."""
    asked = [(r, one) for r in regions for one in r.asked if one.type == "conflict" and len(one.documents) > 1]
    true = {(region.name, *sorted(region.stating(one))) for region, one in asked}
    rows = {}
    for name, report in reports.items():
        found = {(one.region, *sorted((one.letter, one.clause))) for one in report}
        rows[name] = measured_links({"": found}, {"": true})
    return pd.DataFrame(rows, index=["conflicts", "reported", "precision %", "recall %"]).T.astype("Int64")


def cited(one: Said, regions: Mapping[str, Region]) -> str:
    """A line of the report, with both places."""
    letter, clause = (regions[one.region].texts[at] for at in (one.letter, one.clause))
    found = [sorted(values(text)) for text in (one.sentence, body(clause))]
    sides = (", ".join(f"{n:,.10g} {unit}" for n, unit in side if unit in one.units) for side in found)
    return f"{' against '.join(sides)}\n  {letter.partition(': ')[0]}: {one.sentence}\n  {clause[:240]}"
