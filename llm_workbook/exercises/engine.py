"""The exercise engine: predict, use, hint, solution, reveal. A check shows what it saw; it never raises in a
notebook."""

import copy
import ctypes
import inspect
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from ..show.text import Text, explain_missing_names, show
from ..show.widgets import interactive
from .progress import Progress

SIGNS = {"passed": "✔", "not yet": "✘", "not attempted": "○", "error": "⚠"}


class _Stopped(BaseException):
    """Thrown into a candidate that does not come to an end."""


class NotYet(Exception):
    """Raised by a check: what is wrong, and the first example on which it showed."""

    def __init__(self, message: str, given: Any = None, got: Any = None, expected: Any = None) -> None:
        super().__init__(message)
        self.example = {"given": given, "you returned": got, "expected": expected}


@dataclass(frozen=True)
class Misconception:
    """A known mistake: its name, a function (or value) that makes it, and the words that help."""

    name: str
    wrong: Any
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise. `check(candidate)` raises NotYet; `probes` are argument tuples that tell misconceptions apart.

    alike: decides whether two results on a probe are the same; needed where the result is random.
    equivalent_mutants: changes of the reference that change nothing, with the reason; see tests/mutants.py.
    """

    number: int
    title: str
    reference: Any
    check: Callable[[Any], None]
    hints: Sequence[str]
    misconceptions: Sequence[Misconception]
    probes: Sequence[tuple] = ()
    time_limit_s: float = 10
    alike: Callable[[Any, Any], bool] | None = None
    equivalent_mutants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a check found. kind: passed | not yet | not attempted | error."""

    kind: str
    title: str
    message: str = ""
    misconception: str = ""

    @property
    def view(self) -> Text:
        """One line with a sign, then the message."""
        name = f" **{self.misconception}.**" if self.misconception else ""
        return Text(f"{SIGNS[self.kind]} **{self.title}: {self.kind}.**{name} {self.message}".rstrip())


class Lab:
    """The exercises and predictions of one lab. Make it with `Lab(run)`."""

    def __init__(self, run: Any) -> None:
        settings = getattr(run, "settings", run)
        module = import_module(f"llm_workbook.labs.lab_{settings.lab.replace('.', '_')}.exercises")
        self.exercises: dict[int, Exercise] = {exercise.number: exercise for exercise in module.EXERCISES}
        self.lab = settings.lab
        self._progress = Progress(settings.results_dir / "progress.json", settings.lab)
        explain_missing_names()
        show(Text(self._resume()))

    def use(self, number: int, candidate: Any, strict: bool = False) -> Any:
        """Check the learner's work, say what was seen, and return it, or the reference when it is not right yet.

        strict: raise AssertionError instead of going on with the reference (for tests).
        """
        exercise = self._exercise(number)
        outcome = judge(exercise, candidate)
        self._progress.change(lambda entry: _record(entry, number, outcome.kind))
        show(outcome.view)
        if outcome.kind == "passed":
            return candidate
        if strict:
            raise AssertionError(str(outcome.view))
        show(Text(f"The lab goes on with the reference. Try again whenever you like: `lab.hint({number})` helps."))
        return exercise.reference

    def hint(self, number: int) -> None:
        """Show the next hint of an exercise; each call tells a little more."""
        exercise = self._exercise(number)
        seen = self._progress.read()["exercises"].get(str(number), {}).get("hints", 0)
        self._progress.change(lambda entry: entry["exercises"].setdefault(str(number), {}).update(hints=seen + 1))
        if seen < len(exercise.hints):
            show(Text(f"Hint {seen + 1} of {len(exercise.hints)}: {exercise.hints[seen]}"))
        else:
            show(Text(f"There are no more hints. `lab.solution({number})` shows the reference."))

    def solution(self, number: int) -> None:
        """Show the source of the reference."""
        reference = self._exercise(number).reference
        source = inspect.getsource(reference).rstrip() if callable(reference) else repr(reference)
        show(Text(f"```python\n{source}\n```"))

    def predict(self, key: str, question: str, options: Sequence[str]) -> None:
        """Ask for a prediction. The choice is kept; nobody has to choose."""
        chosen = self._progress.read()["predictions"].get(key)
        show(Text(f"**Predict.** {question}"))
        if not interactive():
            show(Text("\n".join(f"- {option}{' (your choice)' if option == chosen else ''}" for option in options)))
            return
        import ipywidgets as widgets

        box = widgets.RadioButtons(
            options=list(options), value=chosen if chosen in options else None, layout={"width": "max-content"}
        )
        box.observe(lambda change: self.choose(key, change["new"]), names="value")
        show(box)

    def choose(self, key: str, option: str | None) -> None:
        """Store a prediction; what the buttons do."""
        self._progress.change(lambda entry: entry["predictions"].__setitem__(key, option))

    def reveal(self, key: str, measured: Any, answer: str | None = None) -> None:
        """Put the prediction beside the measurement. answer: the option that the measurement supports, if one does."""
        said = self._progress.read()["predictions"].get(key)
        verdict = ""
        if said and answer:
            verdict = (
                " Your prediction **held**."
                if said == answer
                else f" Your prediction **did not hold**: it was {answer}."
            )
        elif answer:
            verdict = f" That speaks for: {answer}."
        before = (
            f"You said: **{said}**."
            if said
            else "You made no prediction; make one next time, it is how you learn most."
        )
        show(Text(f"{before} Measured: {measured}.{verdict}".replace("..", ".")))

    def progress(self) -> Text:
        """A table of the exercises and how far you are."""
        done = self._progress.read()["exercises"]
        rows = []
        for number, exercise in self.exercises.items():
            state = done.get(str(number), {})
            kind = state.get("outcome", "not attempted")
            rows.append(
                f"| {number} | {exercise.title} | {SIGNS[kind]} {kind} | {state.get('attempts', 0)} |"
                f" {state.get('hints', 0)} |"
            )
        return Text("\n".join(["| | exercise | state | attempts | hints |", "|---|---|---|---|---|", *rows]))

    def _exercise(self, number: int) -> Exercise:
        if number not in self.exercises:
            raise ValueError(f"lab {self.lab} has no exercise {number!r}; it has {', '.join(map(str, self.exercises))}")
        return self.exercises[number]

    def _resume(self) -> str:
        states = self._progress.read()["exercises"]
        open_ones = [number for number in self.exercises if states.get(str(number), {}).get("outcome") != "passed"]
        total, done = len(self.exercises), len(self.exercises) - len(open_ones)
        where = (
            f"continue at exercise {open_ones[0]}"
            if done and open_ones
            else "all done"
            if not open_ones
            else "none done yet"
        )
        return f"Lab {self.lab}: {done} of {total} exercises done, {where}."


def judge(exercise: Exercise, candidate: Any) -> Outcome:
    """Check a candidate within the exercise's time limit. Whatever it does, the result is an Outcome."""
    title = f"Exercise {exercise.number}"
    if not _attempted(candidate):
        return Outcome("not attempted", title, "Write your code in place of the three dots.")
    if callable(exercise.reference) and not callable(candidate):
        return Outcome("not yet", title, f"A function is expected, but this is a {type(candidate).__name__}.")
    return _limited(lambda: _judge(exercise, candidate, title), exercise.time_limit_s) or Outcome(
        "error",
        title,
        f"Your code did not finish within {exercise.time_limit_s:g} s, so it was stopped. Is there a loop without an"
        " end?",
    )


def _judge(exercise: Exercise, candidate: Any, title: str) -> Outcome:
    try:
        exercise.check(_guarded(candidate) if callable(candidate) else copy.deepcopy(candidate))
    except NotYet as problem:
        known = _recognise(exercise, candidate)
        if known:
            return Outcome("not yet", title, known.message, known.name[:1].upper() + known.name[1:])
        return Outcome("not yet", title, f"{problem}.".replace("..", ".") + _example(problem))
    except _Stopped:
        raise
    except BaseException as error:  # the learner's own code (an exit() too), or a result that no check can read
        return _error(error, candidate, title)
    return Outcome("passed", title)


def _guarded(candidate: Callable) -> Callable:
    """The candidate on copies of its arguments; returning nothing is said in words."""

    def call(*args: Any, **options: Any) -> Any:
        result = candidate(*copy.deepcopy(args), **copy.deepcopy(options))
        if result is None or result is ...:
            raise NotYet("your function returned None: is a `return` missing?")
        return result

    return call


def _attempted(candidate: Any) -> bool:
    """False for `...`, None, and functions whose body does nothing (whatever its text)."""

    def bare(): ...

    def documented():
        """Nothing but words."""

    if candidate is None or candidate is ...:
        return False
    code = getattr(candidate, "__code__", None)
    return code is None or code.co_code not in (bare.__code__.co_code, documented.__code__.co_code)


def _recognise(exercise: Exercise, candidate: Any) -> Misconception | None:
    """The misconception that gives the candidate's results on every probe."""
    alike, seen = exercise.alike or same, list(_results(exercise, candidate))
    known = (
        known for known in exercise.misconceptions if seen and all(map(alike, seen, _results(exercise, known.wrong)))
    )
    return next(known, None)


def _results(exercise: Exercise, work: Any) -> Iterable[Any]:
    """What a function gives on every probe; a value gives itself."""
    return (_result(work, probe) for probe in exercise.probes) if callable(exercise.reference) else [work]


def _result(function: Callable, probe: tuple) -> Any:
    try:
        return function(*copy.deepcopy(probe))
    except _Stopped:
        raise
    except BaseException as error:
        return type(error).__name__


def same(a: Any, b: Any) -> bool:
    """Equality that understands arrays, and numbers to nine digits; a list is not a tuple, True is not 1."""
    import numpy as np

    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            type(a) is type(b)
            and a.shape == b.shape
            and a.dtype.kind == b.dtype.kind
            and bool(np.allclose(a, b, equal_nan=True))
        )
    if (
        isinstance(a, float | int | np.number)
        and isinstance(b, float | int | np.number)
        and not isinstance(a, bool) | isinstance(b, bool)
    ):
        return bool(np.isclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True))
    if isinstance(a, list | tuple) and type(a) is type(b):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def _example(problem: NotYet) -> str:
    shown = [f"{name}: `{_short(value)}`" for name, value in problem.example.items() if value is not None]
    return "\n\n" + "\n".join(f"- {line}" for line in shown) if shown else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:290]} ..."


def _error(error: BaseException, candidate: Any, title: str) -> Outcome:
    """Name the learner's own line, not the engine's."""
    file = getattr(getattr(candidate, "__code__", None), "co_filename", None)
    frames = [frame for frame in inspect.getinnerframes(error.__traceback__) if frame.filename == file]
    if not frames:
        return Outcome(
            "not yet",
            title,
            f"The result could not be read ({type(error).__name__}: {error}). Look at its type and shape.",
        )
    last = frames[-1]
    line = f": `{last.code_context[0].strip()}`" if last.code_context else ""
    return Outcome(
        "error", title, f"{type(error).__name__}: {error}. It happened in line {last.lineno} of your cell{line}"
    )


def _limited(work: Callable[[], Outcome], seconds: float) -> Outcome | None:
    """Run `work` in a thread and stop it after `seconds`; works in a notebook and on every system. None when it was
    stopped."""
    results: list[Outcome] = []

    def run() -> None:
        with suppress(_Stopped):
            results.append(work())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stopped))
        thread.join(2)
    return results[0] if results else None


def _record(entry: dict, number: int, kind: str) -> None:
    """Once passed, an exercise stays passed."""
    state = entry["exercises"].setdefault(str(number), {})
    state["attempts"] = state.get("attempts", 0) + (kind != "not attempted")
    state["outcome"] = "passed" if "passed" in (kind, state.get("outcome")) else kind
