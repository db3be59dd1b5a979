"""The live part of lab 3.3: the learner's questions, two readers, and the cells that they make with a context."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...benchmark.harness import FunctionSystem, answer_of
from ...benchmark.systems import Answer, Item, Spec, Traits, specify
from ...corpus.records import Question
from ...exercises.judging import source_of
from ...models.chat import free_memory
from ...training.adapters import Adapters
from ...training.domain import ADAPTERS, READER, domain_encoder
from .five_tasks import GUESSES, TRAINED, FiveTasks, K, guessed, task_of

if TYPE_CHECKING:
    from pandas import DataFrame

    from ...run import Run

UNTUNED, TUNED = "untuned", "domain reader"
LIVE = ("none", "retrieved", "oracle")  # the contexts that the learner runs
SHARES = {"one clause": 0.5, "several clauses": 0.22, "refusal": 0.28}
MOST_TOKENS = 32
INDEX = "clauses, domain encoder, k = 4"


def live_questions(run: "Run") -> list[Question]:
    """The learner's questions: about 36 in live (half on a slow PC), 7 in smoke, all in full."""
    every, most = run.reading_questions(), run.items(live=36, smoke=7)
    chosen: list[Question] = []
    for task, share in SHARES.items():
        part = [question for question in every if task_of(question) == task]
        chosen += part[: max(1, round(share * most))] if most else part
    return chosen


class Bench:
    """What the live cells share: questions, what is shown of them, one reader in memory at a time, and the store."""

    def __init__(self, run: "Run") -> None:
        self.run, self.questions = run, live_questions(run)
        self.encoder = domain_encoder()
        self.five = FiveTasks(run.settings.corpus, self.encoder, run.contracts)
        self.items = [Item(one.id, one.question, task_of(one)) for one in self.questions]
        self.task = specify("live questions of 3.3", items=[asdict(item) for item in self.items])
        self.store = run.settings.results_dir / "store" / "3.3.jsonl"
        self._reader: tuple[str, Any] = ("", None)

    @cached_property
    def found(self) -> dict[str, list[str]]:
        """question id -> the 8 nearest clauses, best first."""
        return self.five.found(self.questions, 8)

    def lesson(self, train: Sequence[Question]) -> Question:
        """A train question for a lesson: the first of five whose clauses the search finds, else the first."""
        known = [question for question in train if question.answerable][:5]
        found = self.five.found(known, K)
        right = self.five.shown(known, "oracle")
        return next((one for one in known if set(right[one.id].clauses) <= set(found[one.id])), known[0])

    def ask(self, reader: str, prompts: Sequence[list[dict[str, str]]]) -> list[Any]:
        """The replies of UNTUNED or TUNED. The other reader leaves the memory."""
        if self._reader[0] != reader:
            self._reader = ("", None)
            self.encoder.release()  # the reader needs its memory
            free_memory()
            load = self.run.chat if reader == UNTUNED else self.run.reader
            self._reader = (reader, load(MOST_TOKENS))
        return self._reader[1].batch(list(prompts))

    def cell(self, reader: str, context: str) -> FunctionSystem:
        """A reader and a context as a system of the harness; its spec holds the weights and every prompt."""
        shown = self.five.shown(self.questions, context)
        prompts = self.five.prompts(self.questions, shown, reader == UNTUNED)
        by_id = {question.id: prompt for question, prompt in zip(self.questions, prompts, strict=True)}

        def answer(batch: Sequence[Item]) -> list[Answer]:
            replies = self.ask(reader, [by_id[item.id] for item in batch])
            return [answer_of(reply, [], 0.0) for reply in replies]

        return FunctionSystem(self.spec(f"{reader} x {context}", prompts=by_id, weights=self.weights(reader)), answer)

    def spec(self, name: str, function: Callable | None = None, **settings: Any) -> Spec:
        """The spec of a system on these questions. function: its source code counts, so a changed one is a new
        system."""
        code = source_of(function) if function else ""
        digest = specify("settings", code=code, **settings).id
        return specify(name, model=self.run.settings.model_name, settings=digest)

    def weights(self, reader: str) -> str:
        """What tells the weights of a reader apart; "" for the model as it comes."""
        is_ours = reader == TUNED and self.run.settings.model is None
        return Adapters(ADAPTERS).identity(READER) if is_ours else ""

    def guesses(self) -> "dict[str, DataFrame]":
        """The rows that read nothing, on the same questions."""
        corpora = TRAINED if self.run.settings.corpus == "authored" else (self.run.settings.corpus,)
        texts = {f"guess: {name}": guessed(self.questions, name, corpora) for name in GUESSES}
        texts["always refuse"] = ["not stated"] * len(self.questions)
        return {name: self.five.score(self.questions, given) for name, given in texts.items()}

    def keep(self, tables: "Mapping[str, DataFrame]") -> None:
        """Write tables of scored answers into the ledger, where lab 3.4 finds them."""
        for name, table in tables.items():
            reader, _, context = name.partition(" x ")
            context = context or "retrieved"  # a system of the learner's own searches, too
            index = INDEX if context == "retrieved" else ""
            traits = Traits("none" if reader == UNTUNED else TUNED, context, index)
            rows = table.drop(columns="error", errors="ignore")
            self.run.ledger.append(name, rows, {"seconds": float(table["seconds"].sum())}, traits)
