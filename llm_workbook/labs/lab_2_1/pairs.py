"""Where question-answer pairs come from: values that a rule finds in clauses, and a language model that is shown a
clause."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...benchmark.reading import ReadingExam, of_one_clause
from ...benchmark.store import read_entries
from ...corpus.folder import read_folder
from ...corpus.load import load_contracts, load_questions
from ...corpus.records import Contract, CorpusError, Question
from ...models.embeddings import CachedEmbeddings
from ...settings import DATA
from ...taught.lab_2_2 import as_written

WRITTEN_BEFORE = DATA / "written_pairs.jsonl.gz"

SHORTEST, LONGEST = 60, 700  # characters of a clause


@dataclass(frozen=True)
class Pair:
    """A question and its answer about one clause. source: "rule", "facts" or "model". kind: what the answer is."""

    question: str
    answer: str
    clause: str
    document: str
    family: str
    source: str
    kind: str

    @property
    def body(self) -> str:
        """The clause without its contract's title and its heading."""
        return self.clause.partition(": ")[2]


@dataclass(frozen=True)
class Clause:
    """A clause with its contract's title and heading in front. heading: "" where the document marks none."""

    text: str
    title: str
    heading: str
    document: str
    family: str

    @property
    def body(self) -> str:
        """The text without what stands in front of it."""
        return self.text.partition(": ")[2]


def to_teach(corpus: str) -> list[Contract]:
    """The contracts of the train families; of a folder of your own, which has no families, all of them."""
    return load_contracts(corpus, "train") or load_contracts(corpus)


def clauses_of(contracts: Iterable[Contract]) -> list[Clause]:
    """The clauses of contracts: sections, or paragraphs where a document marks no sections; at most 700 characters of
    each. Raises: CorpusError when no contract has a clause of 60 characters."""
    found = [clause for contract in contracts for clause in _clauses(contract)]
    if not found:
        raise CorpusError(
            f"no document has a clause of {SHORTEST} characters or more: there is nothing to ask about. Put documents"
            " with whole sentences into the folder."
        )
    return found


def _clauses(contract: Contract) -> list[Clause]:
    is_own = "format" in contract.metadata  # of a folder: its first section is a clause, not the parties
    sections = contract.sections if is_own else contract.sections[1:]
    parts = [(part.title, contract.text[part.start : part.end]) for part in sections]
    parts = parts or [("", block) for block in re.split(r"\n\s*\n|(?<=[.;])\n", contract.text)]
    made = []
    for heading, text in parts:
        body = " ".join(text.split())
        at = body.find(heading)
        body = body[at + len(heading) :].strip(" .") if heading and 0 <= at < 40 else body
        front = ", ".join(filter(None, (contract.title, heading)))
        if len(body) >= SHORTEST:
            made.append(Clause(f"{front}: {body[:LONGEST]}", contract.title, heading, contract.id, contract.family))
    return made


# ------------------------------------------------------------------ values that a rule finds

WORD = (
    "(?:one-half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)"
)
NUMBER = rf"(?:\d[\d,.]*\d|\d|{WORD}(?:(?:-| and | ){WORD})*)"
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
KINDS = {
    "period": re.compile(rf"\b{NUMBER}(?: \(\d+\))? (?:business |working |calendar )?(?:days?|weeks?|months?|years?|hours?)\b", re.I),
    "amount": re.compile(r"(?:\b(?:EUR|USD|GBP|NOK|DKK|SEK|CHF) ?|[€£$])\d(?:[\d,. ]*\d)?(?: million)?"),
    "percentage": re.compile(rf"\b{NUMBER} ?(?:%|per ?cent\b)", re.I),
    "date": re.compile(rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? (?:day of )?{MONTH},? \d{{4}}|{MONTH} \d{{1,2}}, \d{{4}}|\d{{4}}-\d\d-\d\d)\b"),
    "law": re.compile(r"\b(?:laws of (?:the )?[A-Z]\w+(?: [A-Z]\w+)?|(?:[A-Z]\w+(?:ish|ian|ch|ese|an|gian|utch)) law)\b"),
}  # fmt: skip
ASK = {
    "period": ("What period does the clause on {about} state?", "How long is it: {about}?"),
    "amount": ("What amount does the clause on {about} state?", "How much money is it: {about}?"),
    "percentage": ("What percentage does the clause on {about} state?", "How many per cent: {about}?"),
    "date": ("What date does the clause on {about} state?", "On what day: {about}?"),
    "law": ("Which law applies?", "Whose law governs {title}?"),
}  # {about}: heading and contract


CUES = {
    "period": r"how long|how much notice|how many (?:days|weeks|months|years|hours)|period",
    "amount": r"how much|amount|sum|price",
    "percentage": r"per ?cent|percentage|rate",
    "date": r"when|day|date",
    "law": r"law",
}  # words of a question that asks for a kind


def answer_kind(answer: str) -> str:
    """The kind of value that an answer states: the first of KINDS, or "other".

    >>> answer_kind("thirty (30) days"), answer_kind("Harbour Works Ltd")
    ('period', 'other')
    """
    return next((kind for kind, pattern in KINDS.items() if pattern.search(answer)), "other")


def asks_for_its_kind(question: str, answer: str) -> bool:
    """Does the question ask for the kind of value that the answer is? True for an answer of no known kind.

    >>> asks_for_its_kind("How long is the notice?", "30 days"), asks_for_its_kind("Who gives notice?", "30 days")
    (True, False)
    """
    kinds = [kind for kind, pattern in KINDS.items() if pattern.search(answer)]
    return not kinds or any(re.search(rf"\b(?:{CUES[kind]})\b", question, re.IGNORECASE) for kind in kinds)


def from_values(clauses: Sequence[Clause]) -> list[Pair]:
    """One pair for each kind of value (period, amount, percentage, date, law) that stands exactly once in a clause.

    The wordings of a kind take turns.
    """
    made = []
    for number, clause in enumerate(clauses):
        for kind, pattern in KINDS.items():
            values = [found[0].strip() for found in pattern.finditer(clause.body)]
            if len(values) == 1:
                about = f"{clause.heading.lower()} in the {clause.title}" if clause.heading else clause.title
                question = ASK[kind][number % 2].format(about=about, title=clause.title)
                made.append(Pair(question, values[0], clause.text, clause.document, clause.family, "rule", kind))
    return made


def from_facts(corpus: str) -> list[Pair]:
    """The train questions that were written from the fact table of a corpus, with the answer as the clause writes it;
    none for a folder, which has no fact table."""
    exam = ReadingExam(corpus, [], CachedEmbeddings())
    return [_from_fact(exam, question) for question in of_one_clause(load_questions(corpus, "train"))]


def _from_fact(exam: ReadingExam, asked: Question) -> Pair:
    clauses = exam.oracle(asked)
    answer = as_written(asked, clauses)
    return Pair(asked.question, answer, clauses[0], asked.documents[0], asked.family, "facts", answer_kind(answer))


def from_folder(folder: str | Path) -> list[Pair]:
    """The pairs of a folder of documents, one kind of value after the other, as `from_values` finds them.

    Raises: CorpusError for a folder without documents, without whole sentences, or without a value to ask for.
    """
    reading = read_folder(folder)
    pairs = from_values(clauses_of(reading.contracts))
    if not pairs:
        raise CorpusError(
            f"no clause of {reading.folder} has exactly one {', '.join(KINDS)}: no question can be asked. Add documents"
            " that state periods, sums, dates or a law, or add a kind to KINDS."
        )
    return pairs


def fingerprint(rows: Iterable[Any]) -> str:
    """sha256 of pairs, or of the same rows of a `datasets.Dataset`, whatever their order."""
    texts = sorted(json.dumps(asdict(row) if isinstance(row, Pair) else dict(row), sort_keys=True) for row in rows)
    return sha256("\n".join(texts).encode()).hexdigest()


# ------------------------------------------------------------------ the language model writes


SYSTEM = (
    "You write questions about contracts. Write one question that the clause answers, then its answer, copied from the"
    " clause."
)
EXAMPLES = (
    (
        "Boat shed lease, Alterations: The lessee shall give the lessor seventeen (17) days' notice of any alteration."
        " Work starts in spring.",
        "How much notice of an alteration must the lessee give?",
        "seventeen (17) days",
    ),
    (
        "Mooring licence, Dues: Dues of EUR 310 are payable in advance on the first of the month, by bank transfer.",
        "What dues are payable each month under the mooring licence?",
        "EUR 310",
    ),
    (
        "Slipway rules, Repairs: Harbour Works Ltd repairs the slipway. It does so at its own expense.",
        "Who repairs the slipway?",
        "Harbour Works Ltd",
    ),
)
WRITTEN = re.compile(r"\s*(?:Question:)?\s*(?P<question>.*?)\s*Answer:\s*(?P<answer>.*)", re.S)


def writing_prompt(clause: str) -> list[dict[str, str]]:
    """The messages that ask a model for one question about a clause and its answer, with three worked examples."""
    turns = [("system", SYSTEM)]
    for text, question, answer in EXAMPLES:
        turns += [("user", f"Clause:\n{text}"), ("assistant", f"Question: {question}\nAnswer: {answer}")]
    turns.append(("user", f"Clause:\n{clause}"))
    return [{"role": role, "content": content} for role, content in turns]


def by_model(chat: Any, clauses: Sequence[Clause]) -> list[Pair]:
    """One pair from each clause, as the model writes it: not filtered. A reply without "Answer:" has an empty answer."""
    replies = chat.batch([writing_prompt(clause.text) for clause in clauses])
    return [written(reply.text, clause) for reply, clause in zip(replies, clauses, strict=True)]


def written(reply: str, clause: Clause) -> Pair:
    """A model's reply as a pair."""
    found = WRITTEN.match(reply)
    question, answer = (found["question"], found["answer"]) if found else (reply.removeprefix("Question:"), "")
    question, answer = (" ".join(text.split()) for text in (question, answer))
    return Pair(question, answer, clause.text, clause.document, clause.family, "model", "free")


def written_before() -> list[Pair]:
    """The pairs that the offline model wrote alone for the train families of the authored corpus, not filtered."""
    return [Pair(**entry) for _, entry in read_entries(WRITTEN_BEFORE) if entry]
