"""What lab 1.4 searches: regions, each with its clauses and its questions, and each searched within itself."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import pandas as pd
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from ...benchmark.search import clause_entries, place_of
from ...corpus.load import EVIDENCE, load_contracts, load_questions
from ...corpus.records import Contract, Question
from ...measure.retrieval import covers, score_rankings
from ...measure.statistics import Verdict, mean_interval
from ...run import Run

K, LOOKED_AT = 3, 100  # places that count, places that are kept


@dataclass(frozen=True)
class Pair:
    """A question, the clause that states its answer, and all clauses that do."""

    question: str
    clause: str
    right: tuple[str, ...]


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
    return [question for family in by_family.values() for question in sorted(family, key=_by_hash)[:most]]


def _by_hash(question: Question) -> str:
    return hashlib.sha256(question.id.encode()).hexdigest()


# ------------------------------------------------------------------ scores and rankings


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


def by_keywords(
    regions: Sequence[Region], score: Callable[..., list[np.ndarray]], terms: Callable[[str], list[str]]
) -> dict[str, np.ndarray]:
    """question id -> score(texts, questions, terms) of its region's entries."""
    scores = {}
    for region in regions:
        rows = score(region.texts, [question.question for question in region.asked], terms)
        scores |= {question.id: row for question, row in zip(region.asked, rows, strict=True)}
    return scores


def ranked(scores: Mapping[str, np.ndarray]) -> dict[str, list[int]]:
    """question id -> the places of its entries with the highest scores, best first."""
    return {name: np.argsort(-row, kind="stable")[:LOOKED_AT].tolist() for name, row in scores.items()}


def scored(regions: Sequence[Region], rankings: Mapping[str, Sequence[int]], split: str) -> pd.DataFrame:
    """Recall at 3 of each question of a split, with its type and family. rankings: question id -> places, best first."""
    tables = []
    for region in regions:
        asked: Sequence[Question] = getattr(region, split)
        spans = {one.id: [place_of(region.entries[at]) for at in rankings[one.id][:K]] for one in asked}
        tables.append(score_rankings(spans, asked, K))
    return pd.concat(tables, ignore_index=True)


def at_random(regions: Sequence[Region], seed: int) -> dict[str, list[int]]:
    """A ranking that reads nothing: entries in random order."""
    random = Random(seed)
    return {
        question.id: random.sample(range(len(region.entries)), min(K, len(region.entries)))
        for region in regions
        for question in region.asked
    }


def board(regions: Sequence[Region], systems: Mapping[str, Mapping[str, Sequence[int]]], split: str) -> pd.DataFrame:
    """% of the evidence in the first 3, a row for each system: by identifier questions, paraphrases and all, with the
    95 % confidence interval of all over families."""
    rows = {}
    for name, rankings in systems.items():
        table = scored(regions, rankings, split)
        by_type = table.groupby("type")["recall"].mean()
        shares = [by_type.get("identifier", np.nan), by_type.get("paraphrase", np.nan)]
        shares += mean_interval(table["recall"], table["family"])
        rows[name] = [round(100 * value, 1) for value in shares]
    return pd.DataFrame(rows, index=["identifier", "paraphrase", "all", "95 % from", "to"]).T


# ------------------------------------------------------------------ pairs to train on


def pairs_of(run: Run) -> dict[str, list[Pair]]:
    """corpus -> pairs of the train families, shuffled; drafts where a corpus has no
    train questions.

    Batches are drawn from one corpus at a time, so that the other clauses of a batch are those among which a question
    must really be searched.
    """
    own = run.settings.corpus
    names = (own, *EVIDENCE) if own == "authored" else (own,)
    return {name: _pairs(run, name) for name in (names[:1] if run.settings.profile == "smoke" else names)}


def _pairs(run: Run, name: str) -> list[Pair]:
    questions = [one for one in load_questions(name, "train") if one.answerable and one.evidence]
    documents = {one.evidence[0].document for one in questions}
    contracts = [one for one in load_contracts(name) if one.id in documents]
    if not contracts:
        return drafts(run.contracts)
    if run.settings.profile == "smoke":
        contracts = contracts[:2]
    by_document: dict[str, list[Document]] = defaultdict(list)
    for entry in clause_entries(contracts):
        by_document[entry.metadata["document"]].append(entry)
    found = ((one.question, _clauses(one, by_document)) for one in questions)
    pairs = [Pair(question, clauses[0], tuple(clauses)) for question, clauses in found if clauses]
    Random(run.settings.seed).shuffle(pairs)
    return pairs


def _clauses(question: Question, by_document: Mapping[str, Sequence[Document]]) -> list[str]:
    """The clauses that state the evidence of a question, in order."""
    return [
        entry.page_content
        for span in question.evidence
        for entry in by_document[span.document]
        if covers(place_of(entry), span)
    ]


def drafts(contracts: Sequence[Contract], ask: Callable[[str, str], str] | None = None) -> list[Pair]:
    """A first draft of training questions for documents that have none: one for each clause with a heading, made of the
    title and the heading, to be rewritten by somebody who would really ask. ask(title, heading): another draft."""
    made = []
    for contract in contracts:
        for entry in clause_entries([contract]):
            place = place_of(entry)
            inside = (one.title for one in contract.sections if one.start <= place.start < one.end)
            if heading := next(inside, ""):
                question = (ask or _draft)(contract.title, heading)
                made.append(Pair(question, entry.page_content, (entry.page_content,)))
    return made


def _draft(title: str, heading: str) -> str:
    return f"What does the {title} say about {heading.lower()}?"


def different(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """The first pairs of which no two have a clause in common, so that every other clause is a wrong answer."""
    chosen: list[Pair] = []
    seen: set[str] = set()
    for pair in pairs:
        if len(chosen) < most and not seen & set(pair.right):
            chosen.append(pair)
            seen |= set(pair.right)
    return chosen


def right_places(pair: Pair, pairs: Sequence[Pair]) -> set[int]:
    """Places of the pairs whose clause answers the question of `pair`."""
    return {place for place, other in enumerate(pairs) if other.clause in pair.right}


def first_right(regions: Sequence[Region], rankings: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """question id -> rank of the first clause that states its answer, from 1; one past the end where none is ranked."""
    ranks = {}
    for region in regions:
        for question in region.asked:
            row, right = rankings[question.id], region.stating(question)
            ranks[question.id] = min((list(row).index(at) + 1 for at in right if at in row), default=len(row) + 1)
    return ranks


# ------------------------------------------------------------------ whole systems


def routed(
    regions: Sequence[Region], scores: Mapping[str, np.ndarray], route: Callable[..., np.ndarray]
) -> dict[str, list[int]]:
    """Rankings after route(question, texts, scores), for all questions."""
    changed = {}
    for region in regions:
        changed |= {one.id: route(one.question, region.texts, scores[one.id]) for one in region.asked}
    return ranked(changed)


def mixed(
    first: Mapping[str, np.ndarray],
    second: Mapping[str, np.ndarray],
    mix: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
    weights: Sequence[float],
) -> dict[float, dict[str, list[int]]]:
    """weight -> rankings by mix(scores, scores, weight)."""
    return {weight: ranked({name: mix(row, second[name], weight) for name, row in first.items()}) for weight in weights}


def recalls(
    regions: Sequence[Region], curve: Mapping[float, Mapping[str, Sequence[int]]]
) -> dict[float, dict[str, float]]:
    """weight -> question id -> recall at 3, of the dev and test questions. curve: weight -> rankings."""
    found: dict[float, dict[str, float]] = {}
    for weight, rankings in curve.items():
        table = pd.concat([scored(regions, rankings, split) for split in ("dev", "test")])
        found[weight] = dict(zip(table["question_id"], table["recall"], strict=True))
    return found


def against(run: Run, found: Mapping[str, pd.DataFrame], base: str, names: Sequence[str]) -> dict[str, Verdict]:
    """Each of `names` against `base`: recall at 3, paired by question, over families."""
    return {name: run.compare(found[name], found[base], "recall", name_a=name, name_b=base) for name in names}


def spread(
    regions: Sequence[Region],
    scores: Mapping[str, np.ndarray],
    vectors: Mapping[str, np.ndarray],
    mmr: Callable[..., list[int]],
    share: float,
) -> dict[str, list[int]]:
    """Rankings of mmr(scores, vectors, share), for all questions."""
    rankings = {}
    for region in regions:
        entries = np.array([vectors[text] for text in region.texts])
        rankings |= {one.id: mmr(scores[one.id], entries, share) for one in region.asked}
    return rankings


def why_less(
    regions: Sequence[Region],
    strong: Mapping[str, Sequence[int]],
    fused: Mapping[str, Sequence[int]],
    weak: Mapping[str, Sequence[int]],
) -> str:
    """One sentence on the test questions where fusion changed something: how many, and where the weak search had the
    right clause."""
    before, after = (scored(regions, one, "test").set_index("question_id")["recall"] for one in (strong, fused))
    lost, won = list(before.index[after < before]), int((after > before).sum())
    if not lost:
        return f"RRF finds less on no test question, and more on {won}."
    ranks = (first_right(regions, one) for one in (strong, weak))
    places = [int(np.median([rank[name] for name in lost])) for rank in ranks]
    return (
        f"RRF finds less on {len(lost)} test questions and more on {won}. Where it finds less, the right clause has the"
        f" median rank {places[0]} by your encoder and {places[1]} by keywords."
    )
