"""A reading exam: what a reader is shown (the right clauses alone, among others, or what a search found), and how it
answers."""

import math
import random
from collections.abc import Callable, Sequence
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ..corpus.load import load_contracts, load_questions
from ..corpus.records import Contract, Question, Span
from .guesses import REFUSAL
from .prompt import conversation
from .search import K, chunks_of, nearest_texts

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from pandas import DataFrame

CONDITIONS = ("oracle", "among others", "retrieved")
SEVERAL = ("pointer", "bridge", "comparison", "aggregate", "superseded", "conflict")  # types that need several clauses


def of_one_clause(questions: Sequence[Question]) -> list[Question]:
    """The questions that have an answer, of the types that one clause answers."""
    return [question for question in questions if question.answerable and question.type not in SEVERAL]


def raft_example(
    question: Question, gold: Sequence[str], distractors: Sequence[str], rng: random.Random
) -> tuple[list[str], str]:
    """(clauses in random order, answer) as in RAFT (arXiv:2403.10131); without the right clauses, or for a question
    without an answer, the answer is "not stated".

    gold: the clauses that state the answer, or none to hold them back.
    """
    from ..taught.lab_2_2 import as_written

    clauses = rng.sample([*gold, *distractors], len(gold) + len(distractors))
    return clauses, as_written(question, gold) if gold and question.answerable else REFUSAL


def evidence_of(question: Question, contracts: Sequence[Contract]) -> list[tuple[Span, str]]:
    """The evidence of a question with its places, each after its contract's title; nothing for a question without an
    answer."""
    source = {contract.id: contract for contract in contracts}
    spans = question.evidence if question.answerable else ()
    return [(span, f"{source[span.document].title}: {source[span.document].text_of(span)}") for span in spans]


def ask_all(chat: Any, prompts: Sequence[Any]) -> tuple[list[Any], float]:
    """(the replies of a chat model, in order; seconds that all of them took)."""
    started = perf_counter()
    replies = chat.batch(list(prompts))
    return replies, perf_counter() - started


def with_usage(scores: "DataFrame", replies: Sequence[Any], seconds: float) -> "DataFrame":
    """Scored answers with what a bill needs: the columns input_tokens, output_tokens and seconds.

    seconds: of all replies together; used in equal shares where a model does not say how long each took (a hosted one).
    Tokens are left empty where a model does not count them.
    """
    each = seconds / max(1, len(replies))
    used = [reply.usage_metadata or {} for reply in replies]
    tokens = {name: [one.get(name, math.nan) for one in used] for name in ("input_tokens", "output_tokens")}
    return scores.assign(**tokens, seconds=[reply.response_metadata.get("seconds", each) for reply in replies])


class ReadingExam:
    """The clauses of one corpus as a reader sees them, each with its contract's title.

    searched: the contracts that a search goes through. embeddings: for the search, used only when it is asked for.
    """

    def __init__(self, corpus: str, searched: Sequence[Contract], embeddings: "Embeddings") -> None:
        self.corpus, self.searched, self.embeddings = corpus, searched, embeddings
        self.contracts = {contract.id: contract for contract in load_contracts(corpus)}
        self._clauses: dict[Span, str] = {}

    def clause(self, span: Span) -> str:
        """A clause with its contract's title and its heading; 600 characters round it where a contract has no
        sections."""
        if span not in self._clauses:
            self._clauses[span] = self._clause(span)
        return self._clauses[span]

    def _clause(self, span: Span) -> str:
        contract = self.contracts[span.document]
        spare = 0 if contract.sections else max(0, 600 - len(span)) // 2
        heading = next((f", {part.title}" for part in contract.sections[1:] if part.start <= span.start < part.end), "")
        text = contract.text[max(0, span.start - spare) : span.end + spare]
        return f"{contract.title}{heading}: {' '.join(text.split())[:900]}"

    def oracle(self, question: Question) -> list[str]:
        """The right clauses; for a question without an answer, the clause that tempts."""
        return [self.clause(span) for span in question.evidence or question.nearby[:1]]

    def strangers(self, question: Question, count: int, rng: random.Random) -> list[str]:
        """Clauses that do not answer the question, from contracts of its split; every second one from its own
        contract."""
        pool = [span for span in self.pools[question.split] if span not in question.evidence]
        near = [span for span in pool if span.document in question.documents] or pool
        return [self.clause(rng.choice((near, pool)[number % 2])) for number in range(count)]

    def among_others(self, question: Question) -> list[str]:
        """The right clauses and two strangers, shuffled, the same way in every run."""
        rng = random.Random(question.id)
        clauses = self.oracle(question) + self.strangers(question, 2, rng)
        return rng.sample(clauses, len(clauses))

    def retrieved(self, questions: Sequence[Question]) -> list[list[str]]:
        """The 3 nearest chunks of each question, best first; titles are searched, too."""
        found = self._nearest([question.question for question in questions], K)
        return [[hit.page_content for hit in hits] for hits in found]

    def contexts(self, questions: Sequence[Question], condition: str) -> list[list[str]]:
        """What is shown under one of CONDITIONS. Raises: ValueError for another."""
        if condition not in CONDITIONS:
            raise ValueError(f"unknown condition {condition!r}: choose one of {', '.join(CONDITIONS)}")
        if condition == "retrieved":
            return self.retrieved(questions)
        return [(self.oracle if condition == "oracle" else self.among_others)(question) for question in questions]

    def take(self, chat: Any, questions: Sequence[Question], condition: str, worked: bool = False) -> "DataFrame":
        """The answers of one model under one condition, scored (see `score_answers`), with tokens and seconds."""
        from ..measure.answers import score_answers

        contexts = self.contexts(questions, condition)
        prompts = [
            conversation(clauses, question.question, worked)
            for clauses, question in zip(contexts, questions, strict=True)
        ]
        replies, seconds = ask_all(chat, prompts)
        return with_usage(score_answers(questions, [reply.text for reply in replies], contexts), replies, seconds)

    @cached_property
    def pools(self) -> dict[str, list[Span]]:
        """The evidence of every question, by split."""
        splits = {split: load_questions(self.corpus, split) for split in ("train", "dev", "test")}
        return {
            split: list(dict.fromkeys(span for q in questions for span in q.evidence))
            for split, questions in splits.items()
        }

    @cached_property
    def _nearest(self) -> "Callable[[Sequence[str], int], list[list[Document]]]":
        """The search: chunks with their contract's title in front, indexed when something is first asked."""
        return nearest_texts(
            lambda: chunks_of(self.searched, lambda contract, piece: f"{contract.title}: {' '.join(piece.split())}"),
            self.embeddings,
        )
