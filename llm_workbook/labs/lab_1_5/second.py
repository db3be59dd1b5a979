"""Second stages of a search: what orders the candidates of the first anew, how much it finds, and how long it takes."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd

from ...benchmark.search import place_of
from ...corpus.records import Question
from ...measure.retrieval import score_rankings
from ...measure.statistics import mean_interval
from ...regions import Region
from ...regions import scored as recall

DEPTH = 20  # candidates of the first stage
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2)  # of a second score beside a cosine

Score = Callable[[str, Sequence[str]], Sequence[float]]  # (question, clauses) -> a score for each clause
Rankings = Mapping[str, Sequence[int]]  # question id -> places, best first


def to_score(regions: Sequence[Region], rankings: Rankings) -> list[str]:
    """What a second score reads: the questions, and every clause that is among the first DEPTH of one; each once."""
    texts = {}
    for region in regions:
        places = {at for question in region.asked for at in rankings[question.id][:DEPTH]}
        texts |= dict.fromkeys(region.entries[at].page_content for at in sorted(places))
        texts |= dict.fromkeys(question.question for question in region.asked)
    return list(texts)


def ordered(
    regions: Sequence[Region], rankings: Rankings, rerank: Callable[..., list[int]], score: Score
) -> dict[str, list[int]]:
    """Rankings after rerank(ranking, score of places), for all questions."""
    after = {}
    for region in regions:
        texts = region.texts
        for one in region.asked:

            def of_places(places: Sequence[int], question: str = one.question, texts: list[str] = texts) -> list[float]:
                return [float(value) for value in score(question, [texts[at] for at in places])]

            after[one.id] = rerank(rankings[one.id], of_places)
    return after


def scored(regions: Sequence[Region], rankings: Rankings, split: str) -> pd.DataFrame:
    """Recall at 3 of each question of a split, with its type and family; at_1 and at_20 beside it."""
    wide = {f"at_{at}": recall(regions, rankings, split, at)["recall"] for at in (1, DEPTH)}
    return recall(regions, rankings, split).assign(**wide)


def board(regions: Sequence[Region], systems: Mapping[str, Rankings], split: str) -> pd.DataFrame:
    """% of the evidence in the first 1, 3 and 20, a row for each system; of the first 3 with the 95 % confidence
    interval over families."""
    rows = {}
    for name, rankings in systems.items():
        table = scored(regions, rankings, split)
        shares = [table["at_1"].mean(), *mean_interval(table["recall"], table["family"]), table[f"at_{DEPTH}"].mean()]
        rows[name] = [round(100 * float(value), 1) for value in shares]
    return pd.DataFrame(rows, index=["first", "first 3", "95 % from", "to", "first 20"]).T


def shown(
    regions: Sequence[Region], rankings: Rankings, split: str, choose: Callable[[list[str]], list[int]]
) -> pd.DataFrame:
    """Recall of each question of a split in what is shown of its first DEPTH clauses. choose: texts -> their places."""
    tables = []
    for region in regions:
        spans, asked = {}, getattr(region, split)
        for one in asked:
            entries = [region.entries[at] for at in rankings[one.id][:DEPTH]]
            spans[one.id] = [place_of(entries[at]) for at in choose([entry.page_content for entry in entries])]
        tables.append(score_rankings(spans, asked, DEPTH))
    return pd.concat(tables, ignore_index=True)


def with_next(regions: Sequence[Region], rankings: Rankings) -> dict[str, list[int]]:
    """Segments: each of the first DEPTH clauses is followed by the one that comes after it in its document."""
    longer = {}
    for region in regions:
        documents = [entry.metadata["document"] for entry in region.entries]
        last = {document: at for at, document in enumerate(documents)}  # entries stand document by document
        for one in region.asked:
            pairs = ((at, min(at + 1, last[documents[at]])) for at in rankings[one.id][:DEPTH])
            longer[one.id] = list(dict.fromkeys(at for pair in pairs for at in pair))
    return longer


def milliseconds(regions: Sequence[Region], rankings: Rankings, score: Score, count: int = 8) -> float:
    """Median time of scoring the candidates of one question. The question gets a space at its end, so that a score
    which keeps what it has read must read it again."""
    spent = []
    for question in [*regions[0].test[:1], *regions[0].test[:count]]:  # the first warms up
        texts = [regions[0].entries[at].page_content for at in rankings[question.id][:DEPTH]]
        started = perf_counter()
        score(f"{question.question} ", texts)
        spent.append(1000 * (perf_counter() - started))
    return median(spent[1:] or spent)


def some(regions: Sequence[Region], most: int) -> list[Region]:
    """The same regions with the first `most` questions of each family."""
    return [replace(region, dev=_first(region.dev, most), test=_first(region.test, most)) for region in regions]


def _first(questions: Sequence[Question], most: int) -> list[Question]:
    by_family: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_family[question.family].append(question)
    return [one for asked in by_family.values() for one in asked[:most]]


def remembered(score: Score) -> Score:
    """The same score, which computes each pair once."""
    known: dict[tuple[str, str], float] = {}

    def again(question: str, texts: Sequence[str]) -> list[float]:
        if missing := [text for text in texts if (question, text) not in known]:
            new = score(question, missing)
            known.update({(question, text): value for text, value in zip(missing, new, strict=True)})
        return [known[question, text] for text in texts]

    return again


def blended(first: Mapping[str, Mapping[str, float]], score: Score, weight: float) -> Score:
    """A second score that is added to the first. first: question -> clause -> similarity. weight: of the second."""

    def both(question: str, texts: Sequence[str]) -> list[float]:
        known = first[question]
        return [known[text] + weight * value for text, value in zip(texts, score(question, texts), strict=True)]

    return both


def both_ways(
    name: str,
    regions: Sequence[Region],
    rankings: Rankings,
    scores: Mapping[str, np.ndarray],
    rerank: Callable[..., list[int]],
    score: Score,
) -> dict[str, Rankings]:
    """Rankings after a second score: "NAME, in its place" of the first score, and "NAME, added" to it with the weight
    that finds most on dev (0 among them), which is printed."""
    known, pairs = similarity_of(regions, rankings, scores), remembered(score)
    added = {weight: ordered(regions, rankings, rerank, blended(known, pairs, weight)) for weight in WEIGHTS}
    weight = max(added, key=lambda one: scored(regions, added[one], "dev")["recall"].mean())
    print(f"weight of the {name} that dev chooses: {weight}")
    return {f"{name}, in its place": ordered(regions, rankings, rerank, pairs), f"{name}, added": added[weight]}


def similarity_of(
    regions: Sequence[Region], rankings: Rankings, scores: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """question -> clause -> similarity, of the candidates, from the scores by question id."""
    found: dict[str, dict[str, float]] = {}
    for region in regions:
        for one in region.asked:
            known = {region.entries[at].page_content: float(scores[one.id][at]) for at in rankings[one.id][:DEPTH]}
            found[one.question] = found.get(one.question, {}) | known
    return found
