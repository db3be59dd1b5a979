"""The plumbing of lab 3.1's harness: nothing is lost, nothing is asked twice, and a bad system is recorded, not fatal.

What a system is shown, what it gives back and how it is named are lessons: they stand in lab 3.1.
"""

import ctypes
import json
import os
import platform
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed, wait
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from ..corpus.records import Span
from ..taught.lab_3_1 import Answer, Item, Row, Spec, System, score_rows, still_to_ask

if TYPE_CHECKING:
    from pandas import DataFrame

Key = tuple[str, str, str, int]

HUNG = "it gave no answer within"
PACKAGES = ("torch", "transformers", "langchain-core", "chromadb", "sentence-transformers")
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
    append_lines(path, [_manifest(task, system, run_id, len(todo))] if todo else [])
    rows, lost = [], ""
    for outcome in _outcomes(executor, _in_batches(todo, batch_size), system, task.id, run_id, time_limit_s):
        if isinstance(outcome, str):
            lost = outcome
            continue
        append_lines(path, [{"kind": "row", **asdict(row)} for row in outcome])
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
    return score_rows(
        [kept[task.id, system.spec.id, question.id, system.seed] for question in questions], questions, score
    )


@dataclass(frozen=True)
class FunctionSystem:
    """A system made of one function from items to answers. Taught in: lab 3.1.

    >>> from llm_workbook.taught.lab_3_1 import specify
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


# ------------------------------------------------------------------ the store: a file to which lines are only ever
# added


def append_lines(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add one JSON line for each entry, under a lock, and wait until the disk has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    with FileLock(f"{path}.lock"), open(path, "a+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        whole = file.read(1) in (b"", b"\n")  # else a crash has cut off the last line
        file.write(text.encode() if whole else b"\n" + text.encode())
        file.flush()
        os.fsync(file.fileno())


def read_rows(path: Path) -> dict[Key, Row]:
    """Every row by (task id, system id, item id, seed), the newest where there are two. Damaged lines are named and
    left out."""
    rows: dict[Key, Row] = {}
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else [], start=1):
        try:
            entry = json.loads(line)
            if entry.pop("kind") == "row":
                answer = entry.pop("answer")
                row = Row(**entry, answer=_answer_from(answer) if answer else None)
                rows[row.task, row.system, row.item, row.seed] = row
        except (ValueError, KeyError, TypeError, AttributeError):
            print(f"{path.name}: line {number} is damaged and left out; what it held will be asked again.")
    return rows


def _answer_from(entry: dict[str, Any]) -> Answer:
    spans = tuple(Span(**span) for span in entry.pop("spans"))
    return Answer(**{**entry, "contexts": tuple(entry["contexts"]), "spans": spans})


def _manifest(task: Spec, system: System, run_id: str, asked: int) -> dict[str, Any]:
    """The line that says what was run, with what and when."""
    found = {package: next(distributions(name=package), None) for package in PACKAGES}
    versions = {"python": platform.python_version(), **{package: one.version for package, one in found.items() if one}}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"kind": "manifest", "task": asdict(task), "system": asdict(system.spec), "task_id": task.id,
            "system_id": system.spec.id,
            "seed": system.seed, "run_id": run_id, "asked": asked, "created": now, "versions": versions}  # fmt: skip


# ------------------------------------------------------------------ batches, and the executor that works on them


def _in_batches(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[first : first + size] for first in range(0, len(items), size)]


def _outcomes(executor: Executor | None, batches: Sequence[Sequence[Item]], *how: Any) -> Iterator[list[Row] | str]:
    """The rows of each batch as soon as they are there; a sentence for a batch whose worker was lost. how: what `_ask`
    takes before it."""
    if executor is None:
        yield from (_ask(*how, batch) for batch in batches)
        return
    try:
        futures = [executor.submit(_ask, *how, batch) for batch in batches]
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
        results = _checked(_within(time_limit_s, lambda: _ready(system, run_id).answer(batch)), len(batch))
    except _Hung as hung:
        results = [(None, str(hung))] * len(batch)
    except (Exception, SystemExit) as error:
        if len(batch) > 1:
            return [row for item in batch for row in _ask(system, task, run_id, time_limit_s, [item])]
        results = [(None, f"it raised {type(error).__name__}: {error}")]
    return [
        Row(task, system.spec.id, item.id, system.seed, *result) for item, result in zip(batch, results, strict=True)
    ]


class _Hung(Exception):
    """A system did not come back in time."""


def _ready(system: System, run_id: str) -> System:
    """The system after `prepare`, which is called once in each process and run."""
    key = (system.spec.id, system.seed)
    with _LOCKS.setdefault(key, threading.Lock()):
        if _READY.get(key, ("",))[0] != run_id:
            system.prepare()
            _READY[key] = (run_id, system)
    return _READY[key][1]


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """What `work` returns. Raises: _Hung after `seconds`; Python code is then stopped, a call into C runs out."""
    future: Future = Future()

    def run_it() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run_it, daemon=True)
    thread.start()
    try:
        if not wait([future], seconds).done:
            raise _Hung(f"{HUNG} {seconds:g} s")
        return future.result()
    finally:
        if not future.done():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def _checked(answers: Any, expected: int) -> list[tuple[Answer | None, str]]:
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
        _answer_from(json.loads(json.dumps(asdict(answer), allow_nan=False)))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return f"its answer holds something that cannot be stored ({error})"
    return ""
