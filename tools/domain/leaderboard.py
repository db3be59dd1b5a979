"""Record the leaderboard of series 1: every search of labs 1.1 to 1.6 on the same questions.

usage: python -m tools.domain leaderboard [--corpus cuad]

The evidence corpora are searched as in `live`: each within itself, with the contracts of its dev and test families.
Writes data/leaderboard.csv (a row for each configuration: its parts, recall at 3 on dev and test, milliseconds of a
search, tokens of the first three clauses) and data/leaderboard_questions.csv.gz (recall of each question, a column for
each configuration). Milliseconds are those of this machine, the sum of the parts' medians over 40 questions.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from llm_workbook import regions as room
from llm_workbook import start
from llm_workbook.benchmark.search import chunks_of, place_of
from llm_workbook.benchmark.store import zipped
from llm_workbook.corpus.records import Question
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_1_3.finder import codes
from llm_workbook.labs.lab_1_6 import graph
from llm_workbook.labs.lab_1_7.leaderboard import BOARD, QUESTIONS
from llm_workbook.late import late_scores
from llm_workbook.measure.retrieval import score_rankings
from llm_workbook.measure.statistics import mean_interval
from llm_workbook.models.chat import load_local_model
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.regions import K, Region
from llm_workbook.taught.lab_1_3 import split_question
from llm_workbook.taught.lab_1_4 import CODE, keyword_scores, mmr, reciprocal_rank_fusion, terms
from llm_workbook.taught.lab_1_6 import NOW, beyond_the_header, by_number, scope
from llm_workbook.training.domain import domain_encoder, domain_reranker

DEPTH, HEADER_SHARE, TIMED = 20, 0.5, 40
SCOPE = 50  # clauses of a document and those linked to it, about

Places = list[int]


@dataclass(frozen=True)
class Configuration:
    """A search. unit: "chunks", "bare" (clauses without a header) or "clauses". first: "random", "BM25", "plain",
    "domain", or two of these joined by " + " (reciprocal rank fusion). query: "", "codes" or "plan" (labs 1.4, 1.3).
    second: "", "MaxSim of 20", "MaxSim of all", "MMR" or "quota". graph: is the walk of lab 1.6 in front?"""

    unit: str
    first: str
    query: str = ""
    second: str = ""
    graph: bool = False

    @property
    def name(self) -> str:
        """Its parts that are not empty."""
        return ", ".join(filter(None, (self.unit, self.first, self.query, self.second, "graph" if self.graph else "")))

    @property
    def parts(self) -> int:
        """How many parts it has beyond one search by one model."""
        return self.first.count("+") + sum(map(bool, (self.query, self.second, self.graph)))


LATE, ALL = "MaxSim of 20", "MaxSim of all"
CONFIGURATIONS = [
    Configuration("clauses", "random"),
    Configuration("chunks", "plain"),
    Configuration("chunks", "domain"),
    Configuration("bare", "plain"),
    Configuration("bare", "domain"),
    *(Configuration("clauses", first) for first in ("BM25", "plain", "plain + BM25", "domain", "domain + BM25")),
    *(Configuration("clauses", first, query) for first in ("plain", "domain") for query in ("codes", "plan")),
    *(Configuration("clauses", "domain", second=second) for second in ("MMR", "quota")),
    *(Configuration("clauses", first, second=LATE) for first in ("BM25", "plain", "plain + BM25", "domain")),
    Configuration("clauses", "plain", "plan", LATE),
    Configuration("clauses", "domain", "plan", LATE),
    Configuration("clauses", "domain", "codes", LATE),
    Configuration("clauses", "domain", second=ALL),
    *(Configuration("clauses", first, graph=True) for first in ("BM25", "plain", "domain")),
    *(Configuration("clauses", first, second=LATE, graph=True) for first in ("BM25", "plain", "domain")),
    Configuration("clauses", "domain", second=ALL, graph=True),
]


def main() -> int:
    """Search, score, time, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="authored")
    corpus = parser.parse_args(sys.argv[2:]).corpus
    searches = [Searches(region) for region in room.regions_of(start("1.7", profile="live", corpus=corpus))]
    if corpus != "authored":
        print(on_another(searches))
        return 0
    tokenizer = load_local_model().tokenizer
    rows, recalls, asked = [], {}, {}
    for one in CONFIGURATIONS:
        shown = [len(tokenizer(text)["input_ids"]) for some in searches for text in some.shown(one)]
        tables = {split: [row for some in searches for row in some.recall(one, split)] for split in ("dev", "test")}
        for split, table in tables.items():
            for (corpus, question), recall in table:
                told = {"corpus": corpus, "split": split, "type": question.type, "family": question.family}
                asked[question.id] = told
                recalls.setdefault(question.id, {})[one.name] = round(recall, 3)
        found = {split: round(100 * mean(recall for _, recall in table), 1) for split, table in tables.items()}
        costs = {"ms": round(searches[0].milliseconds(one), 1), "tokens": round(K * mean(shown))}
        rows.append({"name": one.name, **asdict(one), "parts": one.parts, **found, **costs})
        print(rows[-1], flush=True)
    write_whole(BOARD, _table(rows))
    questions = [{"question_id": name, **asked[name], **recalls[name]} for name in asked]
    write_whole(QUESTIONS, zipped(_table(questions).encode()))
    return 0


def on_another(searches: Sequence["Searches"]) -> str:
    """Recall at 3 of each configuration on the test questions, with its interval over families: a Markdown table."""
    lines = ["| configuration | recall at 3, % |", "|---|---|"]
    for one in CONFIGURATIONS:
        found = pd.DataFrame(
            [(recall, question.family) for some in searches for (_, question), recall in some.recall(one, "test")]
        )
        share, low, high = (100 * value for value in mean_interval(found[0], found[1]))
        lines.append(f"| {one.name} | {share:.1f} [{low:.1f}, {high:.1f}] |")
    return "\n".join([*lines, f"{len(found)} questions of {found[1].nunique()} families"])


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    return pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")


class Searches:
    """All searches of one region; what several configurations need is computed once."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.contracts = region.contracts
        self.documents = [entry.metadata["document"] for entry in region.entries]
        self.encoders = {"plain": CachedEmbeddings(), "domain": domain_encoder()}
        self.units = {
            "clauses": list(region.entries),
            "chunks": chunks_of(self.contracts),
            "bare": [one.model_copy(update={"page_content": graph.body(one.page_content)}) for one in region.entries],
        }
        self.vectors: dict[tuple[str, str], np.ndarray] = {}
        self.scores: dict[tuple[str, str], dict[str, np.ndarray]] = {}
        self.clock: dict[tuple[Any, ...], float] = {}
        self.late = late_scores([region], domain_reranker())[0]
        self.papers = graph.papers(region)
        texts = {name: [graph.body(region.texts[at]) for at in one.clauses] for name, one in self.papers.items()}
        links = by_number({one.code: name for name, one in self.papers.items()}, texts)
        self.graph = graph.graph_of(region, links, self.papers)
        self.plans = {one.id: self._plan(one) for one in region.asked}

    def _plan(self, one: Question) -> Any:
        titles = {contract.id: contract.title for contract in self.contracts}
        return split_question(one.question, titles, codes(self.contracts))

    # -------------------------------------------------------------- scores of a first stage

    def of_unit(self, unit: str, model: str) -> np.ndarray:
        """The vectors of a unit's entries by one encoder."""
        if (unit, model) not in self.vectors:
            texts = [entry.page_content for entry in self.units[unit]]
            self.vectors[unit, model] = np.array(self.encoders[model].embed_documents(texts))
        return self.vectors[unit, model]

    def first(self, unit: str, model: str, one: Question, query: str = "") -> np.ndarray:
        """Scores of a question with all entries of a unit."""
        key = (unit, f"{model} {query}")
        if key not in self.scores:
            self.scores[key] = dict(zip((q.id for q in self.region.asked), self._all(unit, model, query), strict=True))
        return self.scores[key][one.id]

    def _all(self, unit: str, model: str, query: str) -> Sequence[np.ndarray]:
        asked = [self.plans[q.id].query if query == "plan" else q.question for q in self.region.asked]
        if model == "random":
            rng = np.random.default_rng(7)
            return [rng.random(len(self.units[unit])) for _ in asked]
        if model == "BM25":
            return keyword_scores([entry.page_content for entry in self.units[unit]], asked, terms)
        found = np.array(self.encoders[model].embed_documents(asked)) @ self.of_unit(unit, model).T
        return [self._directed(row, one, query) for row, one in zip(found, self.region.asked, strict=True)]

    def _directed(self, row: np.ndarray, one: Question, query: str) -> np.ndarray:
        """The scores after a filter by the plan of lab 1.3, or with clauses that contain a code in front (lab 1.4)."""
        if query == "plan" and (where := self.plans[one.id].where):
            return np.where(np.isin(self.documents, where["document"]["$in"]), row, -1.0 + row * 1e-3)
        if query == "codes" and (found := CODE.findall(one.question)):
            return row + 2 * np.array([any(code in text for code in found) for text in self.region.texts])
        return row

    # -------------------------------------------------------------- rankings

    def ranking(self, configuration: Configuration, one: Question) -> Places:
        """Places of entries, best first, at least three where there are so many."""
        models = configuration.first.split(" + ")
        scores = [self.first(configuration.unit, model, one, configuration.query) for model in models]
        lists = [np.argsort(-row, kind="stable")[:100].tolist() for row in scores]
        ranking = lists[0] if len(lists) == 1 else reciprocal_rank_fusion(lists)
        ranking, values = self.second(configuration.second, ranking, scores[0], one)
        return self.walk(one, values, ranking) if configuration.graph else ranking

    def second(self, name: str, ranking: Places, scores: np.ndarray, one: Question) -> tuple[Places, np.ndarray]:
        """(the ranking after a second stage, the scores by which it ranks)."""
        late = self.late[one.id]
        if name == LATE:
            return sorted(ranking[:DEPTH], key=lambda at: -late[at]) + ranking[DEPTH:], late
        if name == ALL:
            return np.argsort(-late, kind="stable")[:100].tolist(), late
        if name == "MMR":
            return mmr(scores, self.of_unit("clauses", "domain"), 0.7), scores
        if name == "quota":
            kept: Places = []
            for at in ranking:
                kept += [at] * (sum(self.documents[other] == self.documents[at] for other in kept) < 2)
            return kept, scores
        return ranking, scores

    def walk(self, one: Question, score: np.ndarray, ranking: Places) -> Places:
        """The path of lab 1.6 in front: the best clause of the named document and those linked to it, and the clauses
        that connect it. (The same steps as that lab's `walk`, which reads the names of its notebook.)"""
        document = graph.named(one.question, self.papers)
        if len(document) != 1:
            return ranking
        values: dict[int, float] = {}
        for name in scope(graph.hangs_on(self.graph), graph.changing(self.graph), document[0]):
            values |= beyond_the_header(score, self.papers[name].clauses, HEADER_SHARE)
        if NOW.search(one.question):
            values = {at: v + 0.1 * bool(graph.neighbours(self.graph, at, ["changes"])) for at, v in values.items()}
        order = graph.best(list(values), values.__getitem__)
        path = [order[0], *graph.up(self.graph, document[0], order[0])]
        for kinds in (["points to", "defined in"], ["changes"]):
            path += graph.best(graph.neighbours(self.graph, order[0], kinds), score.__getitem__)
        return list(dict.fromkeys([*path, *order, *ranking]))

    # -------------------------------------------------------------- measures

    def recall(self, configuration: Configuration, split: str) -> list[tuple[tuple[str, Question], float]]:
        """((corpus, question), recall at 3) of each question of a split."""
        asked: Sequence[Question] = getattr(self.region, split)
        entries = self.units[configuration.unit]
        spans = {one.id: [place_of(entries[at]) for at in self.ranking(configuration, one)[:K]] for one in asked}
        table = score_rankings(spans, asked, K)
        by_id = dict(zip(table["question_id"], table["recall"], strict=True))
        return [((self.region.name, one), float(by_id[one.id])) for one in asked if one.id in by_id]

    def shown(self, configuration: Configuration) -> list[str]:
        """The texts of the first three entries for the first questions."""
        entries = self.units[configuration.unit]
        some = self.region.dev[:TIMED]
        return [entries[at].page_content for one in some for at in self.ranking(configuration, one)[:K]]

    def milliseconds(self, configuration: Configuration) -> float:
        """The sum of the medians of what the parts of a configuration take for one question."""
        one = configuration
        spent = sum(self._clock(self._first_stage, one.unit, model) for model in one.first.split(" + "))
        if one.second in (LATE, ALL):
            scope = SCOPE if one.graph else 0  # the walk scores the clauses of the linked documents, too
            depth = DEPTH + scope if one.second == LATE else len(self.region.entries)
            spent += self._clock(self._late_stage, depth)
        return spent + (_median(self._rest(one)) if one.parts > (one.second in (LATE, ALL)) else 0.0)

    def _clock(self, stage: Callable[..., list[Callable[[], Any]]], *of: Any) -> float:
        """The median of a part's calls, measured once: equal parts cost the same in all configurations."""
        if of not in self.clock:
            self.clock[of] = _median(stage(*of))
        return self.clock[of]

    def _first_stage(self, unit: str, model: str) -> list[Callable[[], Any]]:
        """One search by one model, for some questions: its question is read anew."""
        some = [one.question for one in self.region.dev[:TIMED]]
        if model == "BM25":
            import bm25s

            index = bm25s.BM25()
            index.index([terms(entry.page_content) for entry in self.units[unit]], show_progress=False)
            return [lambda text=text: index.get_scores(terms(text)) for text in some]
        if model == "random":
            return [lambda: np.random.default_rng(7).random(len(self.units[unit])) for _ in some]
        vectors, encoder = self.of_unit(unit, model), self.encoders[model]
        return [lambda text=text: np.argsort(-(vectors @ np.array(encoder.plain.embed_query(text)))) for text in some]

    def _late_stage(self, depth: int) -> list[Callable[[], Any]]:
        """MaxSim of a question with so many clauses, whose vectors are at hand; the question is read anew."""
        from llm_workbook.late import alike, token_vectors

        encoder, some = domain_reranker(), self.region.dev[:TIMED]
        texts = self.region.texts[:depth]
        known = token_vectors(encoder, texts)
        return [lambda q=one.question: alike({**known, **token_vectors(encoder, [q])}, texts)(q) for one in some]

    def _rest(self, configuration: Configuration) -> list[Callable[[], Any]]:
        """Everything else: fusion, filter, MMR, quota, walk, from scores that are at hand."""
        return [lambda one=one: self.ranking(configuration, one) for one in self.region.dev[:TIMED]]


def _median(calls: Sequence[Callable[[], Any]]) -> float:
    """Median milliseconds of a call; the first one warms up."""
    spent = []
    for call in [*calls[:1], *calls]:
        started = perf_counter()
        call()
        spent.append(1000 * (perf_counter() - started))
    return median(spent[1:])
