"""The exercise engine: predict, use, hint, solution, reveal. A check shows what it saw; it never raises in a
notebook."""

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..show.text import Text, explain_missing_names, literal, show
from ..show.widgets import interactive
from .checks import NotYet, same
from .judging import BORROWED, SIGNS, Exercise, Misconception, Outcome, judge, lent, source_of
from .progress import Progress

__all__ = ["Exercise", "Lab", "Misconception", "NotYet", "Outcome", "judge", "same"]


class Lab:
    """The exercises and predictions of one lab. Make it with `Lab(run)`."""

    def __init__(self, run: Any) -> None:
        settings = getattr(run, "settings", run)
        module = import_module(f"llm_workbook.labs.lab_{settings.lab.replace('.', '_')}.exercises")
        self.exercises: dict[int, Exercise] = {exercise.number: exercise for exercise in module.EXERCISES}
        self.lab = settings.lab
        self._lent: dict[int, list[Any]] = {number: [] for number in self.exercises}  # what `use` has handed out
        self._progress = Progress(settings.results_dir / "progress.json", settings.lab)
        explain_missing_names()
        show(Text(self._resume()))

    def use(self, number: int, candidate: Any, strict: bool = False) -> Any:
        """Check the learner's work, say what was seen, and return it, or the reference when it is not right yet.

        strict: raise AssertionError instead of going on with the reference (for tests).
        """
        exercise = self._exercise(number)
        is_lent = any(candidate is one for one in self._lent[exercise.number])
        outcome = Outcome("not attempted", f"Exercise {number}", BORROWED) if is_lent else judge(exercise, candidate)
        self._progress.change(lambda entry: _record(entry, exercise.number, outcome.kind))
        show(outcome.view)
        if outcome.kind == "passed":
            return candidate
        if strict:
            raise AssertionError(str(outcome.view))
        show(Text(f"The lab goes on with the reference. Try again whenever you like: `lab.hint({number})` helps."))
        self._lent[exercise.number].append(lent(exercise.reference))
        return self._lent[exercise.number][-1]

    def hint(self, number: int) -> None:
        """Show the next hint of an exercise; each call tells a little more."""
        exercise = self._exercise(number)
        key = str(exercise.number)
        seen = self._progress.read()["exercises"].get(key, {}).get("hints", 0)
        self._progress.change(lambda entry: entry["exercises"].setdefault(key, {}).update(hints=seen + 1))
        left = [f"Hint {place} of {len(exercise.hints)}: {hint}" for place, hint in enumerate(exercise.hints, 1)][seen:]
        show(Text(left[0] if left else f"There are no more hints. `lab.solution({number})` shows the reference."))

    def solution(self, number: int) -> None:
        """Show the source of the reference."""
        source = source_of(self._exercise(number).reference)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
        show(Text(f"{fence}python\n{source}\n{fence}"))

    def predict(self, key: str, question: str, options: Sequence[str]) -> None:
        """Ask for a prediction. The choice is kept, as long as it is an option; nobody has to choose.

        question: Markdown. options: shown letter by letter.
        """
        offered = [str(option) for option in options]
        chosen = self._progress.read()["predictions"].get(key)
        if chosen is not None and chosen not in offered:
            self.choose(key, chosen := None)
        show(Text(f"**Predict.** {question}"))
        if not interactive():
            lines = (f"- {literal(option)}{' (your choice)' if option == chosen else ''}" for option in offered)
            show(Text("\n".join(lines)))
            return
        import ipywidgets as widgets

        box = widgets.RadioButtons(options=offered, value=chosen, layout={"width": "max-content"})
        box.observe(lambda change: self.choose(key, change["new"]), names="value")
        show(box)

    def choose(self, key: str, option: str | None) -> None:
        """Store a prediction; what the buttons do. None takes it back."""
        said = None if option is None else str(option)
        self._progress.change(lambda entry: entry["predictions"].__setitem__(key, said))

    def reveal(self, key: str, measured: Any, answer: str | None = None) -> None:
        """Put the prediction beside the measurement. answer: the option that the measurement supports, if one does.

        Both are shown letter by letter: they may hold what a model or a document says.
        """
        said = self._progress.read()["predictions"].get(key)
        verdict = ""
        if answer is not None:
            shown = literal(answer)
            held = "**held**." if said == str(answer) else f"**did not hold**: it was {shown}."
            verdict = f" Your prediction {held}" if said else f" That speaks for: {shown}."
        before = f"You said: **{literal(said)}**." if said else "You made no prediction."
        stop = "" if (text := str(measured).rstrip()).endswith((".", "?", "!")) else "."
        show(Text(f"{before} Measured: {literal(text)}{stop}{verdict}"))

    def progress(self) -> Text:
        """A table of the exercises and how far you are."""
        done = self._progress.read()["exercises"]
        rows = []
        for number, exercise in self.exercises.items():
            state = done.get(str(number), {})
            kind = state.get("outcome", "not attempted")
            counts = f"{state.get('attempts', 0)} | {state.get('hints', 0)}"
            rows.append(f"| {number} | {exercise.title} | {SIGNS[kind]} {kind} | {counts} |")
        return Text("\n".join(["| | exercise | state | attempts | hints |", "|---|---|---|---|---|", *rows]))

    def _exercise(self, number: int) -> Exercise:
        if found := [exercise for exercise in self.exercises.values() if exercise.number == number]:
            return found[0]
        raise ValueError(f"lab {self.lab} has no exercise {number!r}; it has {', '.join(map(str, self.exercises))}")

    def _resume(self) -> str:
        states = self._progress.read()["exercises"]
        open_ones = [number for number in self.exercises if states.get(str(number), {}).get("outcome") != "passed"]
        total, done = len(self.exercises), len(self.exercises) - len(open_ones)
        where = "all done" if not open_ones else f"continue at exercise {open_ones[0]}" if done else "none done yet"
        return f"Lab {self.lab}: {done} of {total} exercises done, {where}."


def _record(entry: dict, number: int, kind: str) -> None:
    """Once passed, an exercise stays passed."""
    state = entry["exercises"].setdefault(str(number), {})
    state["attempts"] = state.get("attempts", 0) + (kind != "not attempted")
    state["outcome"] = "passed" if "passed" in (kind, state.get("outcome")) else kind
