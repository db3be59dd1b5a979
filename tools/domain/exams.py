"""What readers are asked on the evidence corpora, and what each rung of the ladder shows them."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from llm_workbook.benchmark.search import K, chunks_of, nearest_texts, place_of
from llm_workbook.corpus.load import EVIDENCE, load_contracts, load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.labs.lab_1_5.late import scorer
from llm_workbook.labs.lab_1_5.second import DEPTH
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.regions import by_hash
from llm_workbook.taught.lab_1_1 import covers
from llm_workbook.taught.lab_1_5 import maxsim, pack, rerank
from llm_workbook.training.domain import domain_encoder, domain_reranker

from .data import Region

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

PER_FAMILY = 12  # questions of each family, at most

Find = Callable[[Sequence[str], int], "list[list[Document]]"]


def sample(corpus: str, split: str, per_family: int = PER_FAMILY) -> list[Question]:
    """So many questions of each family, in the corpus's own mix of types: those whose ids have the smallest hashes."""
    by_family: dict[str, list[Question]] = defaultdict(list)
    for question in load_questions(corpus, split):
        by_family[question.family].append(question)
    return [question for family in by_family.values() for question in sorted(family, key=by_hash)[:per_family]]


@cache
def evidence_region(corpus: str) -> Region:
    """The contracts and test and dev questions of one evidence corpus; of CUAD, whose contracts are long, those that
    the test questions ask about."""
    asked = [question for split in ("dev", "test") for question in load_questions(corpus, split)]
    contracts, number = load_contracts(corpus), corpus.rpartition(":")[2]
    if not number.isdigit():
        wanted = {document for question in asked if question.split == "test" for document in question.documents}
        contracts = [contract for contract in contracts if contract.id in wanted]
    return Region(int(number) if number.isdigit() else 0, contracts, asked)


@cache
def index(corpus: str, unit: str, encoder: str) -> Find:
    """A search over one corpus. unit: "chunks" (of 300 characters, without a header) or "clauses". encoder: "plain" or
    "domain"."""
    region = evidence_region(corpus)
    embeddings: Embeddings = domain_encoder() if encoder == "domain" else CachedEmbeddings()
    entries = region.entries if unit == "clauses" else chunks_of(region.contracts)
    return nearest_texts(lambda: entries, embeddings)


def found(corpus: str, questions: Sequence[Question], unit: str, encoder: str, k: int) -> "list[list[Document]]":
    """The k nearest entries of each question, best first."""
    return index(corpus, unit, encoder)([question.question for question in questions], k)


def reranked(
    corpus: str, questions: Sequence[Question], budget: int, length: Callable[[str], int]
) -> "list[list[Document]]":
    """The clauses of each question that fit into a budget of tokens, after the domain reranker has ordered the first
    DEPTH of the domain encoder. length: tokens of a text."""
    hits = found(corpus, questions, "clauses", "domain", DEPTH)
    texts = dict.fromkeys(entry.page_content for row in hits for entry in row)
    score = scorer(domain_reranker(), [*texts, *(one.question for one in questions)], maxsim)
    shown = []
    for one, row in zip(questions, hits, strict=True):
        scores = score(one.question, [entry.page_content for entry in row])
        order = rerank(range(len(row)), lambda places, scores=scores: [scores[at] for at in places], DEPTH)
        texts = [row[at].page_content for at in order]
        shown.append([row[order[at]] for at in pack([length(text) for text in texts], budget)])
    return shown


def among_others(corpus: str, questions: Sequence[Question]) -> "list[list[Document]]":
    """The clauses that state the answer (of an unanswerable question, the one that tempts) among two others, one of
    the same contract and one of any, shuffled; the same in every run."""
    region = evidence_region(corpus)
    shown = []
    for question in questions:
        rng = random.Random(question.id)
        gold = region.stating(question.evidence or question.nearby[:1])
        near = [at for document in question.documents for at, _ in region.places[document] if at not in gold]
        every = [at for at in range(len(region.entries)) if at not in gold]
        strangers = [rng.choice(near or every), rng.choice(every)]
        chosen = [*gold, *strangers]
        shown.append([region.entries[at] for at in rng.sample(chosen, len(chosen))])
    return shown


def shows(question: Question, entries: "Sequence[Document]") -> bool:
    """Do these entries contain the whole evidence of a question (of each span at least half)?"""
    places = [place_of(entry) for entry in entries]
    return all(any(covers(place, span) for place in places) for span in question.evidence)


__all__ = ["EVIDENCE", "K", "among_others", "found", "reranked", "sample", "shows"]
