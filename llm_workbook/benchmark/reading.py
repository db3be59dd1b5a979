"""A reading exam: what a reader is shown (the right clauses alone, among others, or what a search found), and how it
answers."""

import random
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from ..corpus.load import load_contracts, load_questions
from ..corpus.records import Contract, Question, Span

if TYPE_CHECKING:
    from pandas import DataFrame

SYSTEM = "Answer in a few words, copied from the clauses. If they do not state it, answer: not stated"
ASK = "Clauses:\n{clauses}\n\nQuestion: {question}"
TWICE = "Question: {question}\n\n" + ASK  # a reader that knows what it looks for: later tokens see earlier ones only
WORKED = (
    "Mooring licence: Dues are payable in advance on the first of the month.\n\n"
    "Boat shed lease: The lessee shall give the lessor seventeen (17) days' notice of any alteration.\n\n"
    "Slipway rules: No vessel may be left on the slipway overnight."
)
EXAMPLE = [
    ("user", ASK.format(clauses=WORKED, question="How much notice of an alteration is due?")),
    ("assistant", "seventeen (17) days"),
]
CONDITIONS = ("oracle", "among others", "retrieved")
CHUNK, OVERLAP, K = 300, 45, 3  # as in lab 1.1


def conversation(clauses: Sequence[str], question: str, worked: bool = False) -> list[dict[str, str]]:
    """The messages of one prompt: with lab 1.1's worked example, or with the question before and after the clauses."""
    ask = (ASK if worked else TWICE).format(clauses="\n\n".join(clauses) or "(none)", question=question)
    turns = [("system", SYSTEM), *(EXAMPLE if worked else []), ("user", ask)]
    return [{"role": role, "content": content} for role, content in turns]


def chunk_search(contracts: Sequence[Contract], embeddings: Any) -> Callable[[str], list[tuple[Span, str]]]:
    """Lab 1.1's search: from a question to its 3 nearest chunks, best first, each with its place; indexed when it is
    first asked."""

    @cache
    def index() -> Any:
        from langchain_core.documents import Document

        from ..taught.lab_1_2 import recursive
        from .search import chroma_index

        places = [
            {"document": one.id, "title": one.title, "start_index": 0, "end_index": len(one.text)} for one in contracts
        ]
        documents = [Document(one.text, metadata=place) for one, place in zip(contracts, places, strict=True)]
        return chroma_index(recursive(documents, CHUNK, OVERLAP), embeddings, "naive")

    def nearest(question: str) -> list[tuple[Span, str]]:
        from ..taught.lab_1_2 import span_of

        hits = index().similarity_search(question, k=20)[:K]
        return [(span_of(hit), f"{hit.metadata['title']}: {hit.page_content}") for hit in hits]

    return nearest


def evidence_of(question: Question, contracts: Sequence[Contract]) -> list[tuple[Span, str]]:
    """The evidence of a question with its places, each after its contract's title; nothing for a question without an
    answer."""
    source = {contract.id: contract for contract in contracts}
    spans = question.evidence if question.answerable else ()
    return [(span, f"{source[span.document].title}: {source[span.document].text_of(span)}") for span in spans]


class ReadingExam:
    """The clauses of one corpus as a reader sees them, each with its contract's title.

    searched: the contracts that a search goes through. embeddings: for the search, used only when it is asked for.
    """

    def __init__(self, corpus: str, searched: Sequence[Contract], embeddings: Any) -> None:
        self.corpus, self.searched, self.embeddings = corpus, searched, embeddings
        self.contracts = {contract.id: contract for contract in load_contracts(corpus)}

    def clause(self, span: Span) -> str:
        """A clause with its contract's title and its heading; 600 characters round it where a contract has no
        sections."""
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
        """The 3 nearest chunks of each question, best first."""
        import numpy as np

        asked = np.array(self.embeddings.embed_documents([question.question for question in questions]))
        chunks, vectors = self._index
        return [[chunks[place] for place in row] for row in np.argsort(-(asked @ vectors.T), axis=1)[:, :K]]

    def contexts(self, questions: Sequence[Question], condition: str) -> list[list[str]]:
        """What is shown under one of CONDITIONS. Raises: ValueError for another."""
        if condition not in CONDITIONS:
            raise ValueError(f"unknown condition {condition!r}: choose one of {', '.join(CONDITIONS)}")
        if condition == "retrieved":
            return self.retrieved(questions)
        return [(self.oracle if condition == "oracle" else self.among_others)(question) for question in questions]

    def take(self, chat: Any, questions: Sequence[Question], condition: str, worked: bool = False) -> "DataFrame":
        """The answers of one model under one condition, scored (see `score_answers`)."""
        from ..measure.answers import score_answers

        contexts = self.contexts(questions, condition)
        prompts = [
            conversation(clauses, question.question, worked)
            for clauses, question in zip(contexts, questions, strict=True)
        ]
        return score_answers(questions, [reply.text for reply in chat.batch(prompts)], contexts)

    @cached_property
    def pools(self) -> dict[str, list[Span]]:
        """The evidence of every question, by split."""
        splits = {split: load_questions(self.corpus, split) for split in ("train", "dev", "test")}
        return {
            split: list(dict.fromkeys(span for q in questions for span in q.evidence))
            for split, questions in splits.items()
        }

    @cached_property
    def _index(self) -> tuple[list[str], Any]:
        import numpy as np
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        cut = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP).split_text
        chunks = [
            f"{contract.title}: {' '.join(piece.split())}" for contract in self.searched for piece in cut(contract.text)
        ]
        return chunks, np.array(self.embeddings.embed_documents(chunks))
