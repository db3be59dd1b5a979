"""Judge a learner's work: within a time limit, without harm to the kernel, and always with an Outcome in words."""

import ast
import copy
import inspect
import sys
import textwrap
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FrameType
from typing import Any

from ..limits import Stopped, TimeLimit, within
from ..show.text import Text, code, literal, sentence
from .checks import NotYet, same
from .examples import brief, example
from .sandbox import kernel_as_it_was

SIGNS = {"passed": "✔", "not yet": "✘", "not attempted": "○", "error": "⚠"}
PATIENCE = 6  # a check that keeps getting results may take so many times its limit
BORROWED = (
    "This is the reference that the lab went on with; write your own in the cell above, run it, then run the check."
)


@dataclass(frozen=True)
class Misconception:
    """A known mistake: its name, a function (or value) that makes it, and the words that help."""

    name: str
    wrong: Any
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise. `check(candidate)` raises NotYet; `probes` are argument tuples that tell misconceptions apart.

    time_limit_s: for one call of the candidate; a check that keeps getting results may take six times as long.
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
    """What a check found. kind: passed | not yet | not attempted | error; message: Markdown."""

    kind: str
    title: str
    message: str = ""
    misconception: str = ""

    @property
    def view(self) -> Text:
        """One line with a sign, then the message."""
        name = f" **{self.misconception}.**" if self.misconception else ""
        return Text(f"{SIGNS[self.kind]} **{self.title}: {self.kind}.**{name} {self.message}".rstrip())


def judge(exercise: Exercise, candidate: Any) -> Outcome:
    """Check a candidate within the exercise's time limit. Whatever it does, the result is an Outcome."""
    title = f"Exercise {exercise.number}"
    if not _attempted(candidate):
        return Outcome("not attempted", title, "Write your code in place of the three dots.")
    if is_reference(exercise.reference, candidate):
        return Outcome("not attempted", title, BORROWED)
    if callable(exercise.reference) and not callable(candidate):
        return Outcome("not yet", title, f"A function is expected, but this is a {code(type(candidate).__name__)}.")
    trial, limit_s = _Trial(exercise, candidate, title), exercise.time_limit_s
    try:
        with kernel_as_it_was():
            outcome = within(limit_s, trial.judge, last_step=lambda: trial.last_step, in_all_s=PATIENCE * limit_s)
            return trial.slow() if outcome.kind == "passed" and trial.seconds > limit_s else outcome
    except TimeLimit as limit:
        return trial.stopped(limit)


def is_reference(reference: Any, candidate: Any) -> bool:
    """True when a candidate is the reference itself, a wrapping or a copy of it, or a value that `lent` handed out."""
    if not callable(reference):
        typed = isinstance(candidate, int | float | str)  # Python keeps one object for each small number
        return candidate == reference if isinstance(candidate, Lent) else candidate is reference and not typed
    inner, own = _innermost(candidate), _innermost(reference)
    codes = [_get(function, "__code__") for function in (inner, own)]
    return inner is own or (all(isinstance(one, CodeType) for one in codes) and len(set(map(_origin, codes))) == 1)


class Lent:
    """Marks a number or text that came from the reference, so that it can be told from the same one typed by hand."""


def lent(reference: Any) -> Any:
    """The reference for the lab to go on with: a function as it is; a value as a copy, so that it stays unharmed."""
    if callable(reference):
        return reference
    kind = type(reference)
    if kind not in (int, float, str):
        return copy.deepcopy(reference)
    return type(kind.__name__, (kind, Lent), {"__module__": kind.__module__})(reference)


def source_of(reference: Any) -> str:
    """The source of a reference of any kind: function, lambda, class, callable object, partial, or value."""
    if not callable(reference):
        return repr(reference)
    inner = _innermost(reference)
    bound = f"# {reference!r}\n" if isinstance(reference, partial) else ""
    if not (inspect.isroutine(inner) or inspect.isclass(inner)):
        inner = type(inner)
    try:
        source = textwrap.dedent(inspect.getsource(inner)).rstrip()
    except (OSError, TypeError):
        return f"{bound}# no source is stored for {getattr(inner, '__qualname__', repr(inner))}"
    return bound + (_lambda_in(source) if getattr(inner, "__name__", "") == "<lambda>" else source)


class _Trial:
    """One candidate before one check: what it was called with, and how far it came."""

    def __init__(self, exercise: Exercise, candidate: Any, title: str) -> None:
        self.exercise, self.candidate, self.title = exercise, candidate, title
        self.began = self.last_step = time.monotonic()
        self.calls, self.given, self.is_inside = 0, (), False
        self.raised: BaseException | None = None
        self.problem: Outcome | None = None
        self.is_borrowed, self.seconds = False, 0.0

    def judge(self) -> Outcome:
        """Run the check; whatever the candidate does, the result is an Outcome."""
        try:
            self.exercise.check(self.call if callable(self.candidate) else copy.deepcopy(self.candidate))
        except Stopped:
            raise
        except NotYet as problem:
            text = sentence(str(problem)) + example(problem.example)
            self.problem = Outcome("not yet", self.title, text)
            return self.recognised() or self.problem
        except BaseException as error:  # the learner's own code (an exit() too), or a result that no check can read
            return self.error(error)
        self.seconds = time.monotonic() - self.began
        return Outcome("not attempted", self.title, BORROWED) if self.is_borrowed else Outcome("passed", self.title)

    def call(self, *args: Any, **options: Any) -> Any:
        """The candidate on copies of its arguments; what is no result is said in words."""
        given = (*args, *options.values())
        self.given, self.is_inside, self.raised = given[0] if len(given) == 1 else given, True, None
        try:
            work = self.candidate if self.calls else self.watched
            result = work(*copy.deepcopy(args), **copy.deepcopy(options))
        except Stopped:
            raise
        except BaseException as error:
            self.raised = error
            self.returned()
            raise
        self.returned()
        return _result(result)

    def returned(self) -> None:
        """Count a call that came to its end; one that was stopped is not counted."""
        self.calls, self.last_step, self.is_inside = self.calls + 1, time.monotonic(), False

    def watched(self, *args: Any, **options: Any) -> Any:
        """The candidate, and whether it calls the reference; for the first call only, since watching costs time."""
        reference, before = getattr(_innermost(self.exercise.reference), "__code__", None), sys.getprofile()
        sys.setprofile(self._lookout(reference) if isinstance(reference, CodeType) else before)
        try:
            return self.candidate(*args, **options)
        finally:
            sys.setprofile(before)

    def _lookout(self, reference: CodeType) -> Callable[[FrameType, str, Any], None]:
        """A profile function that notes a call of the reference."""

        def look(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and frame.f_code.co_name == reference.co_name:
                self.is_borrowed = self.is_borrowed or _origin(frame.f_code) == _origin(reference)

        return look

    def recognised(self) -> Outcome | None:
        """The misconception that gives the candidate's results on every probe."""
        alike = self.exercise.alike or same
        with suppress(Exception):  # results that cannot be compared are no known mistake
            seen = list(_results(self.exercise, self.candidate))
            for known in self.exercise.misconceptions:
                if seen and all(map(alike, seen, _results(self.exercise, known.wrong))):
                    return Outcome("not yet", self.title, known.message, known.name[:1].upper() + known.name[1:])
        return None

    def error(self, error: BaseException) -> Outcome:
        """Name the learner's own line, not the engine's."""
        text = literal(f"{type(error).__name__}: {brief(error, str)}").rstrip(":. ")
        stack = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
        if own := [frame for frame in stack if frame.filename in _files(self.candidate)]:
            line = f": {code(own[-1].line)}" if own[-1].line else ""
            text += f". It happened in line {own[-1].lineno} of your cell{line}"
        elif error is self.raised:
            text += f". It happened when your function was called.{example({'given': self.given})}"
        else:
            return Outcome("not yet", self.title, f"The result could not be read ({text}). Look at its type and shape.")
        return Outcome("error", self.title, text)

    def stopped(self, limit: TimeLimit) -> Outcome:
        """What is known of a candidate whose time was over: its mistake, or how far it came."""
        if self.problem:
            return self.problem
        seconds, after = f"{limit.seconds:g} s", ", so it was stopped."
        if limit.running:
            after = " and could not be stopped: it still runs. If the notebook stays slow, restart the kernel."
        if not self.is_inside:
            text = f"Your result could not be compared within {seconds}{after}"
        elif not self.calls:
            text = f"Your code did not finish within {seconds}{after} Is there a loop without an end?"
        elif self.last_step - self.began > (PATIENCE - 1) * limit.seconds:
            text = f"In {self.calls} calls no mistake was seen, but your code is too slow for the whole check{after}"
            return Outcome("not yet", self.title, text)
        else:
            text = f"{self.calls} calls gave a result, but the next did not within {seconds}{after} Is it slow, or"
            text += f" is there a loop without an end?{example({'given': self.given})}"
        return Outcome("error", self.title, text)

    def slow(self) -> Outcome:
        """A right answer that took longer than it should."""
        began = time.monotonic()
        self.exercise.check(self.exercise.reference)
        both = f"the check took {self.seconds:.1f} s, with the reference {time.monotonic() - began:.1f} s"
        faster = f"`lab.solution({self.exercise.number})` shows a faster way."
        return Outcome("passed", self.title, f"Right, but slow: {both}. Later cells will be slow, too; {faster}")


def _attempted(candidate: Any) -> bool:
    """False for `...`, None, and functions that do nothing (whatever their text) or end in the starter's dots."""

    def bare(): ...

    def documented():
        """Nothing but words."""

    if candidate is None or candidate is ...:
        return False
    own, empty = _get(candidate, "__code__"), (bare.__code__.co_code, documented.__code__.co_code)
    if not isinstance(own, CodeType):
        return True
    return not _ends_in_dots(candidate) and (own.co_code not in empty or own.co_consts[-1] not in (None, ...))


def _ends_in_dots(function: Any) -> bool:
    """Is it a starter with lines of its own, such as a guard, whose three dots are still the last line?"""
    try:
        written = ast.parse(source_of(function))
    except SyntaxError:  # part of a line, as a lambda is
        return False
    last = [ast.unparse(one.body[-1]) for one in written.body if isinstance(one, ast.FunctionDef)]
    return last == ["..."] and not any(isinstance(step, ast.Return) and step.value for step in ast.walk(written))


def _innermost(work: Any) -> Any:
    """What partial, functools.wraps, a cache or a bound method wraps."""
    for _ in range(100):
        inside = [inner for name in ("__wrapped__", "__func__", "func") if callable(inner := _get(work, name))]
        if not inside:
            break
        work = inside[0]
    return work


def _get(thing: Any, name: str) -> Any:
    """An attribute, or None where asking for it raises."""
    try:
        return getattr(thing, name, None)
    except Exception:
        return None


def _origin(own: CodeType) -> tuple:
    """Where a function was written: equal for copies, and after its module was loaded again."""
    return own.co_filename, own.co_qualname, own.co_firstlineno


def _files(candidate: Any) -> set[str]:
    """Where a candidate was written: the function, or the methods of its class."""
    inner = _innermost(candidate)
    parts = [inner, *vars(inner if inspect.isclass(inner) else type(inner)).values()]
    codes = (_get(_innermost(part), "__code__") for part in parts)
    return {own.co_filename for own in codes if isinstance(own, CodeType)}


def _result(result: Any) -> Any:
    """The result of a call. Raises: NotYet where it is none."""
    if result is None or result is ...:
        raise NotYet("your function returned None: is a `return` missing?")
    if inspect.iscoroutine(result) or inspect.isasyncgen(result):
        if inspect.iscoroutine(result):
            result.close()  # else Python warns that it was never awaited
        raise NotYet("your function is `async`, so a call gives no result: write `def`, not `async def`")
    if inspect.isgenerator(result):
        raise NotYet("your function contains `yield`, so a call gives a generator: `return` the values together")
    return result


def _results(exercise: Exercise, work: Any) -> Iterator[Any]:
    """What a function gives on every probe; a value gives itself."""
    return (_outcome(work, probe) for probe in exercise.probes) if callable(exercise.reference) else iter([work])


def _outcome(function: Callable, probe: tuple) -> Any:
    """What a function returns on a probe, or the name of the error that it raises."""
    try:
        return _result(function(*copy.deepcopy(probe)))
    except Stopped:
        raise
    except BaseException as error:
        return type(error).__name__


def _lambda_in(source: str) -> str:
    """The first lambda of the lines that hold it."""
    start = source.index("lambda")
    for end in range(len(source), start, -1):
        with suppress(SyntaxError):
            if isinstance(ast.parse(source[start:end].strip(), mode="eval").body, ast.Lambda):
                return source[start:end].strip()
    return source
