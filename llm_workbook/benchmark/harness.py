"""The plumbing of lab 3.1's harness: nothing is lost, nothing is asked twice, and a bad system is recorded, not fatal.

What a system is shown, what it gives back and how it is named: `systems.py`, explained in lab 3.1.
"""

import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus.records import Span
from ..limits import TimeLimit, within
from ..taught.lab_3_1 import score_rows, still_to_ask
from . import store
from .systems import Answer, Item, Row, Spec, System

if TYPE_CHECKING:
    from pandas import DataFrame

Key = tuple[str, str, str, int]

HUNG = "it gave no answer within"
PATIENCE_S = 0.5  # for a system that was told to stop
_READY: dict[tuple[str, int], tuple[str, System]] = {}  # the run that prepared it, and the system
_LOCKS: dict[tuple[str, int], threading.Lock] = {}


def run_benchmark(
    task: Spec, items: Sequence[Item], system: System, path: Path,
    executor: Executor | None = None, batch_size: int = 16, time_limit_s: float = 600,
) -> "Report":  # fmt: skip
    """Ask what the store at `path` does not know yet; each batch is on the disk before the next result is looked at.

    executor: where the batches are worked on; None: here, one after the other. time_limit_s: for one batch; a system
    that exceeds it is asked no more. Raises: ValueError for two items with one id.
    Taught in: lab 3.1.
    """
    if len({item.id for item in items}) < len(items):
        raise ValueError(
            "two items have the same id: give each its own, or one would be scored with the answer of the other"
        )
    run_id, todo = uuid.uuid4().hex[:12], still_to_ask(task, items, system, read_rows(path))
    store.append(path, [_manifest(task, system, run_id, len(todo))] if todo else [])
    rows, lost = [], ""
    ask = partial(_ask, system, task.id, run_id, time_limit_s)
    for outcome in _outcomes(executor, _in_batches(todo, batch_size), ask):
        if isinstance(outcome, str):
            lost = outcome
            continue
        store.append(path, [{"kind": "row", **asdict(row)} for row in outcome])
        rows += outcome
        if any(row.error.startswith(HUNG) for row in outcome):
            lost = "The system hung, so the rest was not asked"
            break
    errors = Counter(row.error for row in rows if row.error)
    return Report(system.spec.name, len(items) - len(todo), len(rows), errors, len(todo) - len(rows), lost)


def score_stored(
    path: Path, task: Spec, system: System, questions: Sequence[Any], score: "Callable[..., DataFrame]"
) -> "DataFrame":
    """Scores of the answers in the store, one row for each question, in order (see lab 3.1's `score_rows`).

    score: (questions, texts, contexts) -> a table with one row each. Raises: ValueError when an answer is missing.
    Taught in: lab 3.1.
    """
    kept = read_rows(path)
    if missing := still_to_ask(task, questions, system, kept):
        count = f"{len(missing)} of {len(questions)} answers are missing"
        raise ValueError(f"{system.spec.name}: {count} from {path.name}; call run_benchmark first")
    rows = [kept[task.id, system.spec.id, question.id, system.seed] for question in questions]
    return score_rows([_shown(row) for row in rows], questions, score)


@dataclass(frozen=True)
class FunctionSystem:
    """A system made of one function from items to answers. Taught in: lab 3.1.

    >>> from llm_workbook.benchmark.systems import specify
    >>> always_yes = FunctionSystem(specify("always yes"), lambda batch: [Answer("yes") for item in batch])
    >>> always_yes.answer([Item("q1", "Why?")])[0].text
    'yes'
    """

    spec: Spec
    function: Callable[[Sequence[Item]], list[Answer]]
    seed: int = 0

    def prepare(self) -> None:
        """Nothing to do."""

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        """What the function returns."""
        return self.function(batch)


@dataclass(frozen=True)
class Report:
    """What one run of one system did. lost: why batches are missing, if any are. Taught in: lab 3.1."""

    system: str
    known: int
    asked: int
    errors: Mapping[str, int]
    missing: int
    lost: str = ""

    def __str__(self) -> str:
        lines = [
            f"{self.system}: {self.known} known, {self.asked} asked, {sum(self.errors.values())} errors, {self.missing}"
            " missing"
        ]
        lines += [f"  {count} x {error}" for error, count in self.errors.items()]
        return "\n".join(
            [*lines, f"  {self.lost}. Run it again: only what is missing is asked."] if self.lost else lines
        )

    __repr__ = __str__


def answer_of(reply: Any, found: Sequence[tuple[Span, str]], search_s: float) -> Answer:
    """A chat model's reply as an Answer. found: the clauses it was shown, each with its place; search_s: seconds.
    Taught in: lab 3.1."""
    used, generate_s = reply.usage_metadata or {}, reply.response_metadata.get("seconds", 0.0)
    tokens = {name: used.get(name, 0) for name in ("input_tokens", "output_tokens")}
    spans, contexts = tuple(span for span, _ in found), tuple(text for _, text in found)
    return Answer(reply.text, contexts, spans, **tokens, seconds={"search": search_s, "generate": generate_s})


# ------------------------------------------------------------------ what the store holds


def read_rows(path: Path) -> dict[Key, Row]:
    """Every row by (task id, system id, item id, seed), the newest where there are two. Damaged lines are named and
    left out."""
    rows: dict[Key, Row] = {}
    for number, found in store.read_entries(path):
        entry = found or {}
        try:
            if entry.pop("kind") == "row":
                answer = entry.pop("answer")
                row = Row(**entry, answer=_answer_from(answer) if answer else None)
                rows[row.task, row.system, row.item, row.seed] = row
        except (ValueError, KeyError, TypeError, AttributeError):
            print(f"{path.name}: line {number} is damaged and left out; what it held will be asked again.")
    return rows


def _shown(row: Row) -> Row:
    """The row with a text that a table can hold: pandas refuses half a surrogate pair."""
    return replace(row, answer=replace(row.answer, text=store.printable(row.answer.text))) if row.answer else row


def _answer_from(entry: dict[str, Any]) -> Answer:
    spans = tuple(Span(**span) for span in entry.pop("spans"))
    return Answer(**{**entry, "contexts": tuple(entry["contexts"]), "spans": spans})


def _manifest(task: Spec, system: System, run_id: str, asked: int) -> dict[str, Any]:
    """The line that says what was run, with what and when."""
    return {"kind": "manifest", "task": asdict(task), "system": asdict(system.spec), "task_id": task.id,
            "system_id": system.spec.id,
            "seed": system.seed, "run_id": run_id, "asked": asked, **store.surroundings()}  # fmt: skip


# ------------------------------------------------------------------ batches, and the executor that works on them


def _in_batches(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[first : first + size] for first in range(0, len(items), size)]


def _outcomes(
    executor: Executor | None, batches: Sequence[Sequence[Item]], ask: Callable[[Sequence[Item]], list[Row]]
) -> Iterator[list[Row] | str]:
    """The rows of each batch as soon as they are there; a sentence for a batch whose worker was lost. ask: what is done
    with a batch."""
    if executor is None:
        yield from map(ask, batches)
        return
    try:
        futures = [executor.submit(ask, batch) for batch in batches]
    except RuntimeError as error:
        yield f"The executor takes no more work ({error!s:.120}): make a new one"
        return
    try:
        for future in as_completed(futures):
            try:
                yield future.result()
            except Exception as error:  # not the system's: it could not be sent, or its worker died
                yield f"A worker gave nothing back ({type(error).__name__}: {error!s:.120})"
    finally:
        for future in futures:
            future.cancel()


# ------------------------------------------------------------------ one batch, whatever the system does


def _ask(system: System, task: str, run_id: str, time_limit_s: float, batch: Sequence[Item]) -> list[Row]:
    """One row for each item. A batch that raises is asked item by item, so that one costs its neighbours nothing."""
    try:
        answers = within(time_limit_s, lambda: _ready(system, run_id).answer(batch), PATIENCE_S)
        results = _checked(answers, len(batch))
    except TimeLimit as limit:
        results = [(None, f"{HUNG} {limit.seconds:g} s")] * len(batch)
    except (Exception, SystemExit) as error:
        if len(batch) > 1:
            return [row for item in batch for row in _ask(system, task, run_id, time_limit_s, [item])]
        results = [(None, f"it raised {type(error).__name__}: {error}")]
    return [
        Row(task, system.spec.id, item.id, system.seed, *result) for item, result in zip(batch, results, strict=True)
    ]


def _ready(system: System, run_id: str) -> System:
    """The system after `prepare`, which is called once in each process and run."""
    key = (system.spec.id, system.seed)
    with _LOCKS.setdefault(key, threading.Lock()):
        if _READY.get(key, ("",))[0] != run_id:
            system.prepare()
            _READY[key] = (run_id, system)
    return _READY[key][1]


def _checked(answers: object, expected: int) -> list[tuple[Answer | None, str]]:
    """For each of the expected answers (answer, "") or (None, what is wrong with it)."""
    if not isinstance(answers, list | tuple):
        return [(None, f"it returned {type(answers).__name__} in place of a list of answers")] * expected
    if len(answers) != expected:
        return [(None, f"it returned {len(answers)} answers to {expected} questions")] * expected
    problems = [_problem(answer) for answer in answers]
    return [(None if problem else answer, problem) for answer, problem in zip(answers, problems, strict=True)]


def _problem(answer: Any) -> str:
    if not isinstance(getattr(answer, "text", None), str):
        return f"it returned {answer!r:.60} in place of an Answer with a text"
    try:
        _answer_from(json.loads(json.dumps(asdict(answer), allow_nan=False, default=_plain_number)))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return f"its answer holds something that cannot be stored ({error})"
    return ""


def _plain_number(value: Any) -> Any:
    """Python's number for one of numpy's or torch's. Raises: TypeError for anything else."""
    number = value.tolist() if hasattr(value, "tolist") else None
    if not isinstance(number, bool | int | float):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return number
