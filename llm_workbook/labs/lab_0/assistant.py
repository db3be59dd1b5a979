"""The finished assistant: an encoder finds the clauses, a reader answers from them, and the answer names its clause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...benchmark.prompt import conversation
from ...benchmark.reading import ask_all
from ...benchmark.search import K as NAIVE_K
from ...benchmark.search import chunks_of, clause_entries, nearest_texts, place_of
from ...corpus.load import load_contracts
from ...corpus.records import Contract, Question, Span
from ...measure.answers import is_refusal
from ...models.chat import free_memory
from ...show.passages import marked
from ...show.text import in_html
from ...training.domain import domain_encoder

if TYPE_CHECKING:
    from ...run import Run

K = 4  # clauses that the reader sees
RUNG = "clauses with a header, domain encoder, domain reader"  # what the ladder calls the assistant
MOST_TOKENS = 32


@dataclass(frozen=True)
class Clause:
    """A clause that the assistant has read: its contract and its place in it."""

    contract: Contract
    span: Span

    @property
    def text(self) -> str:
        """Its words, as the contract has them."""
        return self.contract.text_of(self.span)

    def __str__(self) -> str:
        inside = (part for part in self.contract.sections if part.start <= self.span.start < part.end)
        heading = next((f"{part.number} {part.title}" if part.number.isdigit() else part.title for part in inside), "")
        return " · ".join(filter(None, (self.contract.title, self.contract.metadata.get("code", ""), heading)))


@dataclass(frozen=True)
class Reply:
    """An answer with its citation. read: the clauses that the reader saw, best first. cited: where the answer stands in
    one of them; None when the assistant declined, or when its words stand in none of them."""

    question: str
    answer: str
    read: tuple[Clause, ...]
    cited: Span | None

    @property
    def clause(self) -> Clause | None:
        """The clause that is cited."""
        return next((one for one in self.read if self.cited and one.span.overlap(self.cited)), None)

    def __str__(self) -> str:
        lines = [f"Q: {self.question}", f"A: {self.answer}"]
        if (clause := self.clause) and self.cited:
            before, after = (clause.contract.text[clause.span.start : self.cited.start], self._after(clause))
            passage = f"{before}>>{clause.contract.text_of(self.cited)}<<{after}"
            return "\n".join([*lines, f"Source: {clause}", " ".join(passage.split())])
        return "\n".join([*lines, self._without_source(), *(f"  {one}" for one in self.read)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What contracts, readers and people wrote is escaped."""
        head = f"{in_html(self.question)}<br><b style='font-size:1.3em'>{in_html(self.answer)}</b>"
        if (clause := self.clause) and self.cited:
            text = marked(clause.text, clause.span, [self.cited])
            body = f"Source: <i>{in_html(str(clause))}</i><div style='white-space:pre-line;opacity:.9'>{text}</div>"
        else:
            rows = "".join(f"<li>{in_html(str(one))}</li>" for one in self.read)
            body = f"{self._without_source()}<ol style='margin:0'>{rows}</ol>"
        box = "border-left:4px solid #4477aa;padding:2px 0 2px 12px;margin:14px 0;overflow-wrap:anywhere"
        return f"<div style='{box}'>{head}<div style='margin-top:6px'>{body}</div></div>"

    def _without_source(self) -> str:
        count = len(self.read)
        if is_refusal(self.answer):
            return f"It found no answer in the {count} clauses that it read:"
        return f"No source: these words stand in none of the {count} clauses that it read, so do not rely on them:"

    def _after(self, clause: Clause) -> str:
        assert self.cited is not None
        return clause.contract.text[self.cited.end : clause.span.end]


class Assistant:
    """Answers questions about all contracts of a corpus: `ask` one, or `ask_all`.

    The contracts are embedded when something is first asked; the vectors stay on disk. The encoder is let go before the
    reader is loaded, so that both need the memory of one.
    """

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.contracts = searched(run)
        self.encoder = domain_encoder()
        self._find = nearest_texts(lambda: clause_entries(self.contracts), self.encoder)

    def ask(self, question: str) -> Reply:
        """The answer to one question. Raises: ValueError for an empty one."""
        return self.ask_all([question])[0]

    def ask_all(self, questions: Sequence[str]) -> list[Reply]:
        """One reply for each question, in order: search, read, cite."""
        if empty := [question for question in questions if not question.strip()]:
            raise ValueError(f"a question needs words, but one is {empty[0]!r}")
        found = self._find(list(questions), K)
        self.encoder.release()
        prompts = [conversation(_texts(hits), question) for hits, question in zip(found, questions, strict=True)]
        source = {contract.id: contract for contract in self.contracts}
        replies = []
        for question, hits, said in zip(questions, found, self._reader.batch(prompts), strict=True):
            read = tuple(Clause(source[place.document], place) for place in map(place_of, hits))
            replies.append(Reply(question, said.text, read, cite(said.text, read)))
        return replies

    def release(self) -> None:
        """Let go of the reader's memory; it is loaded again when something is asked."""
        vars(self).pop("_reader", None)
        free_memory()

    @cached_property
    def _reader(self) -> Any:
        return self.run.reader(max_new_tokens=MOST_TOKENS)


def cite(answer: str, read: Sequence[Clause]) -> Span | None:
    """Where the words of an answer stand: in the first clause that contains them; None for a refusal, or when none
    does."""
    if is_refusal(answer):
        return None
    words = r"\s+".join(map(re.escape, answer.strip().rstrip(".,;").split()))
    pattern = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
    for clause in read:
        if found := pattern.search(clause.text):
            return Span(clause.contract.id, clause.span.start + found.start(), clause.span.start + found.end())
    return None


def naive_rag(run: "Run", questions: Sequence[Question]) -> tuple[list[str], list[list[str]]]:
    """(answers, the chunks that were shown) of what lab 1.1 begins with: 3 chunks of 300 characters, found by the plain
    encoder, read by the untuned model."""
    contracts = searched(run)
    asked = [question.question for question in questions]
    found = nearest_texts(lambda: chunks_of(contracts), run.embeddings)(asked, NAIVE_K)
    run.embeddings.release()
    shown = [_texts(hits) for hits in found]
    prompts = [conversation(chunks, question, worked=True) for chunks, question in zip(shown, asked, strict=True)]
    replies, _ = ask_all(run.chat(max_new_tokens=MOST_TOKENS), prompts)
    return [reply.text for reply in replies], shown


def searched(run: "Run") -> Sequence[Contract]:
    """All contracts of the authored corpus, in smoke too; of another corpus what the profile opens."""
    return load_contracts() if run.settings.corpus == "authored" else run.contracts


def _texts(entries: Sequence[Any]) -> list[str]:
    return [entry.page_content for entry in entries]
