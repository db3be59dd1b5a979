"""Five tasks on the same contracts: what is asked, what is shown, what is learned from, and how an answer is scored."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...benchmark.prompt import conversation
from ...benchmark.reading import ReadingExam, raft_example
from ...benchmark.search import CHUNK, OVERLAP, nearest_texts, place_of, search_index
from ...corpus.load import load_contracts, load_questions
from ...corpus.records import Contract, Question, Section, Span
from ...measure.answers import contains_answer, is_refusal, normalise, score_answers
from ...taught.lab_1_2 import recursive, with_header

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from pandas import DataFrame

TASKS = ("qa", "multi-document", "classification", "summary", "refusal")
SEVERAL = ("bridge", "comparison", "aggregate", "superseded", "conflict")
CONTEXTS = ("none", "retrieved", "oracle")
K, K_SUMMARY = 3, 8
KNOWN = "Answer in a few words. If you do not know the answer, say: not stated"
SUM_UP = "List the terms that are asked for, one per line, each as name: value. Add nothing else."
NAME_IT = "Say what kind of clause it is. Answer with one of these names and nothing else: {kinds}"
CLAUSE, KIND = "Clause: {clause}\n\nWhat kind of clause is it?", "\nKind: "
WORKED = {
    "qa": ("Question: How much notice of an alteration does the boat shed lease ask for?", "seventeen (17) days"),
    "classification": (CLAUSE.format(clause="The lessee shall keep the boat shed insured against fire."), "Insurance"),
    "summary": (
        (
            "Clauses:\nBoat shed lease: The lessee gives seventeen (17) days' notice of any alteration. Dues are USD 40"
            " a month.\n\nQuestion: What are the main terms of the boat shed lease? One line each."
        ),
        "Notice of an alteration: 17 days\nDues: USD 40 a month",
    ),
}


def task_of(question: Question) -> str:
    """One of TASKS: a question without an answer asks for a refusal, whatever else it asks."""
    if question.task != "qa":
        return question.task
    return "refusal" if not question.answerable else "multi-document" if question.type in SEVERAL else "qa"


class FiveTasks:
    """The five tasks on one corpus. searched: the contracts a search goes through; embeddings: for that search.

    Taught in: lab 3.3.
    """

    def __init__(self, corpus: str, searched: Sequence[Contract], embeddings: "Embeddings") -> None:
        self.corpus, self.searched, self.embeddings = corpus, searched, embeddings
        self.exam = ReadingExam(corpus, searched, embeddings)
        self.labelled = load_questions(corpus, "train", task="classification")
        self.kinds = sorted({question.answers[0] for question in self.labelled})

    def test_questions(self, task: str) -> list[Question]:
        """The test questions of a kind (qa, classification, summary) without those whose text stands in a train contract."""
        known = " ".join(" ".join(contract.text.split()) for contract in load_contracts(self.corpus, "train"))
        return [
            question
            for question in load_questions(self.corpus, "test", task=task)
            if " ".join(question.question.split()) not in known
        ]

    def contexts(self, questions: Sequence[Question], context: str) -> tuple[dict[str, list[str]], float]:
        """(question id -> the clauses shown, mean seconds of a search). Raises: ValueError for a context not in CONTEXTS."""
        if context not in CONTEXTS:
            raise ValueError(f"unknown context {context!r}: choose one of {', '.join(CONTEXTS)}")
        if context == "none":
            return {question.id: [] for question in questions}, 0.0
        if context == "oracle":
            return {question.id: self._oracle(question) for question in questions}, 0.0
        clauses = [question for question in questions if question.task == "classification"]
        asked = [question for question in questions if question.task != "classification"]
        shown, seconds = self._searched(asked)
        return shown | self._nearest_labelled(clauses), seconds

    def messages(self, question: str, task: str, clauses: Sequence[str], worked: bool = False) -> list[dict[str, str]]:
        """The messages of one prompt. worked: with an example, for a model that was not trained on the form."""
        if task in ("qa", "multi-document", "refusal") and clauses:
            return conversation(clauses, question, worked)
        if (
            task == "classification"
        ):  # labelled clauses are shown as turns of the chat: a small model follows a form better than words
            pairs = [clause.rsplit(KIND, 1) for clause in reversed(clauses)]
            form, system, ask = task, NAME_IT.format(kinds="; ".join(self.kinds)), CLAUSE.format(clause=question)
            examples = [(CLAUSE.format(clause=text), kind) for text, kind in pairs]
        else:
            form, system = ("summary", SUM_UP) if task == "summary" else ("qa", KNOWN)
            shown, examples = "\n\n".join(clauses), []
            ask = f"Clauses:\n{shown}\n\nQuestion: {question}" if clauses else f"Question: {question}"
        pairs = [*([WORKED[form]] if worked else []), *examples]
        turns = [turn for asked, answer in pairs for turn in (("user", asked), ("assistant", answer))]
        return [{"role": role, "content": content} for role, content in [("system", system), *turns, ("user", ask)]]

    def lessons(self, training: str, seed: int) -> list[tuple[list[dict[str, str]], str]]:
        """(messages, answer) of every training example, from the train families; and, without messages, text to read.

        training: "RAFT" shows clauses among distractors; "closed-book" shows none, but gives the contracts of the test families to
        read: what a search may find, training may see, too. Raises: ValueError for another.
        """
        if training not in ("closed-book", "RAFT"):
            raise ValueError(f"unknown training {training!r}: choose closed-book or RAFT")
        rng = random.Random(f"{training} {seed}")
        asked = [question for question in load_questions(self.corpus, "train") if len(question.evidence) <= 3]
        asked += 3 * self.labelled + 2 * load_questions(self.corpus, "train", task="summary")
        made = [self._lesson(question, training, rng) for question in asked]
        return made if training == "RAFT" else made + [([], text) for text in self.passages()]

    def passages(self) -> list[str]:
        """The contracts of the test families section by section, each with its title; at most 900 characters each."""
        mine, texts = [contract for contract in self.searched if contract.split == "test"], []
        for contract in mine:
            pieces = [Section("", "", at, at + 900) for at in range(0, len(contract.text), 900)]
            for part in contract.sections or pieces:
                heading = ", ".join(filter(None, (contract.title, part.title)))
                texts.append(f"{heading}: {' '.join(contract.text[part.start : part.end].split())[:900]}")
        return texts

    def score(
        self, questions: Sequence[Question], texts: Sequence[str], contexts: Sequence[Sequence[str]]
    ) -> "DataFrame":
        """One row for each question: question_id, type, task, family, answerable, answer, correct, refused, invented.

        correct: of a summary the share of its facts that are covered; else 0 or 1. invented: lines of a summary with a number that
        no evidence states.
        """
        table = score_answers(questions, texts, contexts)[
            ["question_id", "type", "family", "answerable", "answer", "correct", "refused"]
        ]
        pairs = list(zip(questions, texts, table["correct"], strict=True))
        table["correct"] = [self._correct(*pair) for pair in pairs]
        table["invented"] = [float(self._invented(question, text)) for question, text, _ in pairs]
        return table.assign(task=[task_of(question) for question in questions])

    # ------------------------------------------------------------------ what is shown

    def _searched(self, questions: Sequence[Question]) -> tuple[dict[str, list[str]], float]:
        """The first chunks of lab 1.2's index with headers (title, contract number and parties before each chunk)."""
        if not questions:
            return {}, 0.0
        places, milliseconds = search_index(self._index, questions, self.embeddings, _places, K_SUMMARY)
        contracts = {contract.id: contract for contract in self.searched}
        shown = {
            question.id: [
                f"{contracts[place.document].title}: {' '.join(contracts[place.document].text_of(place).split())}"
                for place in places[question.id][: K_SUMMARY if question.task == "summary" else K]
            ]
            for question in questions
        }
        return shown, float(np.mean(milliseconds)) / 1000

    def _nearest_labelled(self, questions: Sequence[Question]) -> dict[str, list[str]]:
        """The labelled clauses of the train families that are nearest, best first."""
        if not questions:
            return {}
        found = self._nearest([question.question for question in questions], K)
        return {
            question.id: [_labelled(self.labelled[hit.metadata["number"]]) for hit in hits]
            for question, hits in zip(questions, found, strict=True)
        }

    @cached_property
    def _nearest(self) -> "Callable[[Sequence[str], int], list[list[Document]]]":
        """The search over the labelled clauses."""
        from langchain_core.documents import Document

        entries = [Document(other.question, metadata={"number": at}) for at, other in enumerate(self.labelled)]
        return nearest_texts(lambda: entries, self.embeddings)

    def _oracle(self, question: Question) -> list[str]:
        if question.task == "classification":
            alike = [other for other in self.labelled if other.answers[0] == question.answers[0]]
            return [_labelled(random.Random(question.id).choice(alike))]
        return (
            [clause[:400] for clause in self.exam.oracle(question)]
            if question.task == "summary"
            else self.exam.oracle(question)
        )

    @cached_property
    def _index(self) -> "list[Document]":
        from langchain_core.documents import Document

        documents = []
        for contract in self.searched:
            place = {"document": contract.id, "start_index": 0, "end_index": len(contract.text)}
            known = {
                "code": contract.metadata.get("code", ""),
                "parties": "; ".join(contract.metadata.get("parties", [])),
            }
            documents.append(Document(contract.text, metadata={**place, **known, "title": contract.title}))
        return with_header(recursive(documents, CHUNK, OVERLAP), _header)

    # ------------------------------------------------------------------ what is learned from

    def _lesson(self, question: Question, training: str, rng: random.Random) -> tuple[list[dict[str, str]], str]:
        task = task_of(question)
        if training == "closed-book" or task in ("classification", "summary"):
            clauses = [] if training == "closed-book" else self._among(question, rng)
            answer = "\n".join(question.answers) if task == "summary" else question.answers[0]
        else:
            gold = [] if rng.random() < 0.1 else self.exam.oracle(question)
            clauses, answer = raft_example(question, gold, self.exam.strangers(question, 2 if gold else 3, rng), rng)
        return self.messages(question.question, task, clauses), answer

    def _among(self, question: Question, rng: random.Random) -> list[str]:
        """The evidence of a summary, shuffled; for a clause one of its kind and two of other kinds, in any order."""
        if question.task == "summary":
            clauses = self._oracle(question)
            return rng.sample(clauses, len(clauses))
        alike = [
            other
            for other in self.labelled
            if other.answers[0] == question.answers[0] and other.documents != question.documents
        ]
        others = [other for other in self.labelled if other.answers[0] != question.answers[0]]
        chosen = rng.sample(alike, min(1, len(alike))) + rng.sample(others, min(2, len(others)))
        return [_labelled(other) for other in rng.sample(chosen, len(chosen))]

    # ------------------------------------------------------------------ how it is scored

    def _correct(self, question: Question, text: str, right: float) -> float:
        if question.task == "classification":
            return float([kind for kind in self.kinds if contains_answer(text, [kind])] == [question.answers[0]])
        if question.task == "summary":
            return (
                float(np.mean([contains_answer(text, forms) for forms in self._facts(question)]))
                if not is_refusal(text)
                else 0.0
            )
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
        return {
            question.facts[0]: question.answers
            for question in every
            if len(question.facts) == 1 and question.answerable
        }

    def _invented(self, question: Question, text: str) -> int:
        if question.task != "summary":
            return 0
        stated = [
            *question.answers,
            *(form for forms in self._facts(question) for form in forms),
            *self.exam.oracle(question),
        ]
        known = set(normalise(" ".join(stated)).split())
        numbers = (
            [token for token in normalise(line).split() if any(map(str.isdigit, token))] for line in text.splitlines()
        )
        return sum(any(number not in known for number in line) for line in numbers)


def _labelled(question: Question) -> str:
    return f"{question.question}{KIND}{question.answers[0]}"


def _header(metadata: Mapping[str, str]) -> str:
    """What stands in front of each chunk that is embedded."""
    return ", ".join(metadata[name] for name in ("title", "code", "parties") if metadata.get(name))


def _places(hits: "list[Document]", k: int) -> list[Span]:
    return [place_of(hit) for hit in hits][:k]
