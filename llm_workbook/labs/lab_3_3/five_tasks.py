"""Five tasks on the same contracts: what is asked, what is shown, what is learned from, and how an answer is scored."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...benchmark.guesses import kind_of_fact, most_frequent, nearest_question
from ...benchmark.reading import SEVERAL
from ...benchmark.search import clause_entries, nearest_texts, place_of
from ...corpus.load import EVIDENCE, load_contracts, load_questions
from ...corpus.records import Contract, Question, Span
from ...measure.answers import contains_answer, is_refusal, score_answers
from ...taught.lab_1_1 import covers
from ...taught.lab_3_3 import prompt

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from pandas import DataFrame

TASKS = ("one clause", "several clauses", "classification", "summary", "refusal")
GUESSES = ("most frequent", "nearest question")
CONTEXTS = ("none", "prompt", "retrieved", "whole", "oracle")
TRAINED = ("authored", *EVIDENCE)  # the corpora whose train families teach
K, K_SUMMARY, K_LABELLED = 4, 8, 4  # entries shown
LONGEST = 8_000  # characters of whole contracts, some 2,000 tokens: the work of attention grows with their square
Find = Callable[[Sequence[str], int], "list[list[Document]]"]
PER_FAMILY = {"qa": 12, "classification": 4, "summary": 2}


def task_of(question: Question) -> str:
    """One of TASKS: a question without an answer asks for a refusal, whatever else it asks."""
    if question.task != "qa":
        return question.task
    return "refusal" if not question.answerable else "several clauses" if question.type in SEVERAL else "one clause"


def contexts_of(task: str) -> tuple[str, ...]:
    """Those of CONTEXTS that apply to one of TASKS: a whole contract is shown where one clause answers, and a clause to
    classify is itself all that there is to read."""
    left_out = () if task == "one clause" else ("whole", "oracle") if task == "classification" else ("whole",)
    return tuple(context for context in CONTEXTS if context not in left_out)


def asked(corpus: str, split: str, counts: Mapping[str, int] = PER_FAMILY) -> list[Question]:
    """So many questions of each family and task, those whose ids have the smallest hashes.

    Questions are in the corpus's own mix of types, and they are those of the ladder.
    """
    chosen: list[Question] = []
    for task in ("qa", "classification", "summary"):
        by_family: dict[str, list[Question]] = defaultdict(list)
        for question in sorted(load_questions(corpus, split, task=task), key=by_hash):
            by_family[question.family].append(question)
        for family in sorted(by_family):
            chosen += by_family[family][: counts[task]]
    return chosen


def by_hash(question: Question) -> str:
    """A fixed order that has nothing to do with what is asked."""
    return hashlib.sha256(question.id.encode()).hexdigest()


@dataclass(frozen=True)
class Shown:
    """What a prompt shows besides the question: clauses, and examples (question, answer)."""

    clauses: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()


class FiveTasks:
    """The five tasks on one corpus, which is searched within itself.

    embeddings: LangChain's, of that search; None where nothing is searched. contracts: those that are searched; None for all.
    """

    def __init__(self, corpus: str, embeddings: Any = None, contracts: Sequence[Contract] | None = None) -> None:
        self.corpus, self.embeddings = corpus, embeddings
        self.contracts = {one.id: one for one in (load_contracts(corpus) if contracts is None else contracts)}

    @cached_property
    def entries(self) -> "list[Document]":
        """One entry for each clause, with its contract's title and its heading: what is searched, and what is shown."""
        return clause_entries([*self.contracts.values()])

    def shown(self, questions: Sequence[Question], context: str) -> dict[str, Shown]:
        """question id -> what is shown under one of CONTEXTS; without those to which a context does not apply (see
        `contexts_of`). Raises: ValueError for another context."""
        if context not in CONTEXTS:
            raise ValueError(f"unknown context {context!r}: choose one of {', '.join(CONTEXTS)}")
        if context == "retrieved":
            return self._retrieved(questions)
        fit = [one for one in questions if context in contexts_of(task_of(one))]
        give = {"none": lambda _: Shown(), "prompt": demonstrations, "whole": self._whole, "oracle": self._oracle}
        return {question.id: give[context](question) for question in fit}

    def prompts(
        self, questions: Sequence[Question], shown: Mapping[str, Shown], untuned: bool
    ) -> list[list[dict[str, str]]]:
        """One prompt for each question; an untuned model that is shown clauses gets lab 1.1's worked example, too."""
        return [
            prompt(question.task, question.question, one.clauses, one.examples, untuned and not one.examples)
            for question in questions
            for one in [shown[question.id]]
        ]

    def found(self, questions: Sequence[Question], k: int) -> dict[str, list[str]]:
        """question id -> the k nearest clauses, best first."""
        hits = self._find([question.question for question in questions], k)
        return {one.id: [hit.page_content for hit in found] for one, found in zip(questions, hits, strict=True)}

    # ------------------------------------------------------------------ what is shown

    def _retrieved(self, questions: Sequence[Question]) -> dict[str, Shown]:
        """The nearest clauses; of a clause to classify the nearest labelled clauses of the train families."""
        clauses = [question for question in questions if question.task == "classification"]
        others = [question for question in questions if question.task != "classification"]
        found = self.found(others, K_SUMMARY)
        shown = {one.id: Shown(tuple(found[one.id][: K_SUMMARY if one.task == "summary" else K])) for one in others}
        return shown | self.nearest_labelled(clauses)

    def nearest_labelled(self, clauses: Sequence[Question]) -> dict[str, Shown]:
        """clause id -> the nearest labelled train clauses of other families as examples, the nearest last."""
        found = self._alike([one.question for one in clauses], 4 * K_LABELLED)
        shown = {}
        for one, hits in zip(clauses, found, strict=True):
            near = (labelled()[hit.metadata["number"]] for hit in hits)
            others = [other for other in near if other.family != one.family]
            shown[one.id] = Shown(examples=_pairs(others[:K_LABELLED][::-1]))
        return shown

    @cached_property
    def _find(self) -> Find:
        return nearest_texts(lambda: self.entries, self.embeddings)

    @cached_property
    def _alike(self) -> Find:
        from langchain_core.documents import Document

        entries = [Document(one.question, metadata={"number": at}) for at, one in enumerate(labelled())]
        return nearest_texts(lambda: entries, self.embeddings)

    def _whole(self, question: Question) -> Shown:
        """The contracts that the question is about, from their beginnings, as much of each as fits."""
        about, each = map(self.contracts.__getitem__, question.documents), LONGEST // max(1, len(question.documents))
        return Shown(tuple(f"{contract.title}\n{contract.text}"[:each] for contract in about))

    def _oracle(self, question: Question) -> Shown:
        """The clauses that state the answer; of a question without one, the clause that tempts."""
        stating = self.stating(question.evidence or question.nearby[:1])
        return Shown(tuple(self.entries[at].page_content for at in stating))

    def stating(self, spans: Sequence[Span]) -> list[int]:
        """Places in `entries` of the first entry that contains each span, each once."""
        first = [next((at for at, place in self._places[span.document] if covers(place, span)), None) for span in spans]
        return [at for at in dict.fromkeys(first) if at is not None]

    @cached_property
    def _places(self) -> "dict[str, list[tuple[int, Span]]]":
        places: dict[str, list[tuple[int, Span]]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            places[entry.metadata["document"]].append((at, place_of(entry)))
        return places

    # ------------------------------------------------------------------ how it is scored

    def score(self, questions: Sequence[Question], texts: Sequence[str], _shown: object = ()) -> "DataFrame":
        """One row for each question: question_id, type, task, family, answerable, answer, correct, refused.

        correct: of a summary the share of its facts that are covered; else 0 or 1. _shown: not looked at; the harness
        of lab 3.1 passes it.
        """
        table = score_answers(questions, texts, [[] for _ in questions])
        table = table[["question_id", "type", "family", "answerable", "answer", "correct", "refused"]]
        scored = zip(questions, texts, table["correct"], strict=True)
        return table.assign(correct=[self._correct(*one) for one in scored], task=[task_of(one) for one in questions])

    def _correct(self, question: Question, text: str, right: float) -> float:
        if question.task == "classification":
            return float([kind for kind in kinds() if contains_answer(text, [kind])] == [question.answers[0]])
        if question.task == "summary":
            covered = [contains_answer(text, forms) for forms in self._facts(question)]
            return 0.0 if is_refusal(text) else float(np.mean(covered))
        return right

    def _facts(self, question: Question) -> list[list[str]]:
        """The forms in which each fact of a summary may be written."""
        values = [answer.split(": ", 1)[-1] for answer in question.answers]
        facts = question.facts or ("",) * len(values)
        return [[value, *self._forms.get(fact, ())] for fact, value in zip(facts, values, strict=True)]

    @cached_property
    def _forms(self) -> dict[str, tuple[str, ...]]:
        """fact id -> the forms of its value, from the questions that ask for that fact alone."""
        every = (question for split in ("train", "dev", "test") for question in load_questions(self.corpus, split))
        return {one.facts[0]: one.answers for one in every if len(one.facts) == 1 and one.answerable}


@cache
def labelled() -> tuple[Question, ...]:
    """The labelled clauses of all train families."""
    return tuple(one for corpus in TRAINED for one in load_questions(corpus, "train", task="classification"))


@cache
def kinds() -> tuple[str, ...]:
    """The kinds of clauses."""
    return tuple(sorted({one.answers[0] for one in labelled()}))


@cache
def _examples(task: str) -> tuple[tuple[str, str], ...]:
    """The demonstrations of a task, the same for all its prompts: train questions about different kinds of facts, or a
    clause of each kind, or one summary."""
    every = sorted((one for one in load_questions("authored", "train", task=task) if one.answerable), key=by_hash)
    by_kind = {kind_of_fact(one) if task == "qa" else one.answers[0]: one for one in reversed(every)}
    chosen = sorted(by_kind.values(), key=by_hash)
    return _pairs(chosen[: {"qa": DEMONSTRATIONS, "classification": len(kinds()), "summary": 1}[task]])


DEMONSTRATIONS = 8  # of a question; chosen on dev among 4, 8 and 16


def demonstrations(question: Question) -> Shown:
    """The prompt that was best on dev: the instruction, and demonstrations without clauses."""
    return Shown(examples=_examples(question.task))


def _pairs(questions: Sequence[Question]) -> tuple[tuple[str, str], ...]:
    return tuple((_form(one), "\n".join(one.answers[: None if one.task == "summary" else 1])) for one in questions)


def _form(question: Question) -> str:
    """A question as its prompt writes it."""
    return prompt(question.task, question.question)[-1]["content"]


def guessed(questions: Sequence[Question], guess: str, corpora: Sequence[str] = TRAINED) -> list[str]:
    """Answers that read nothing. guess: "most frequent" or "nearest question", among the train families of `corpora`."""
    answers: dict[str, str] = {}
    for task in ("qa", "classification", "summary"):
        part = [question for question in questions if question.task == task]
        train = [one for corpus in corpora for one in load_questions(corpus, "train", task=task)]
        if task == "summary":
            train = [replace(one, answers=("\n".join(one.answers),)) for one in train]
        give = {"most frequent": most_frequent, "nearest question": nearest_question}[guess]
        answers |= {one.id: text for one, text in zip(part, give(train, part) if part else [], strict=True)}
    return [answers[question.id] for question in questions]
