"""The annotator: a page in the notebook on which a rater says which of two answers is better, by key or by button.

It uses what ipywidgets 7.7 and 8 have in common, and no JavaScript of its own.
"""

from collections.abc import Mapping
from statistics import median
from time import monotonic
from typing import Any

from ...feedback.records import Asked, Label
from ...show.text import Text, in_html, show
from ...show.widgets import interactive
from .session import KEYS, LONGEST_S, REASONS, Session, Shown

BUTTONS = {"a": "A is better", "b": "B is better", "t": "Tie", "x": "Both bad", "u": "Undo"}
BOX = "border:1px solid #8a8a8a;border-radius:4px;padding:6px 10px;flex:1 1 260px;overflow-wrap:anywhere"
SMALL = "font-size:90%;opacity:.8"


def annotate(session: Session, asked: Mapping[str, Asked]) -> None:
    """Show the annotator; where nobody can press a key, say so.

    asked: id -> question.
    """
    if not session.queue:
        show(
            Text("There are no pairs to label: the file of samples is empty, or all its pairs have two equal answers.")
        )
    elif interactive():
        show(Annotator(session, asked).page)
    else:
        show(
            Text(f"Nobody can press a key here. {len(session.labels())} labels of yours are in `{session.path.name}`.")
        )


class Annotator:
    """The page, and what its keys do. The state is the session's; here is only what is on the screen."""

    def __init__(self, session: Session, asked: Mapping[str, Asked]) -> None:
        import ipywidgets as widgets

        self.session, self.asked = session, asked
        self.view, self.note = widgets.HTML(), widgets.HTML()
        self.keys = widgets.Text(placeholder="click here, then press A B T X U or 1 to 4", layout={"width": "330px"})
        self.keys.observe(self._typed, names="value")
        self.buttons = [self._button(key, words) for key, words in BUTTONS.items()]
        self.tags = [
            widgets.ToggleButton(description=f"{key} {words}", layout={"width": "auto"})
            for key, words in enumerate(REASONS, start=1)
        ]
        for tag in self.tags:
            tag.observe(lambda _: self._focus(), names="value")
        rows = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in (self.buttons, self.tags)]
        self.page = widgets.VBox([self.view, self.keys, *rows, self.note])
        self._next("")

    def press(self, key: str) -> None:
        """Do what a key says; one that means nothing is told what would."""
        if key in "1234":
            tag = self.tags[int(key) - 1]
            tag.value = not tag.value
        elif key == "u":
            self._undo()
        elif key not in KEYS:
            self._tell(f"The key {key!r} means nothing here: A, B, T (tie), X (both bad), U (undo), 1 to 4.")
        elif self.shown is not None:
            self._label(self.shown, KEYS[key])

    def _label(self, shown: Shown, said: str) -> None:
        reasons = [words for words, tag in zip(REASONS, self.tags, strict=True) if tag.value]
        try:
            label = self.session.say(shown, said, reasons, monotonic() - self.since)
        except OSError as error:
            self._tell(f"This label could not be written ({error.strerror}): make room on the disk, and press again.")
        else:
            self._next(f"Kept: {said}, {label.seconds:.0f} s{', ' if reasons else ''}{', '.join(reasons)}.")

    def _undo(self) -> None:
        try:
            self._next("Taken back." if self.session.undo() else "There is no label to take back.")
        except OSError as error:
            self._tell(f"This could not be taken back ({error.strerror}): make room on the disk, and press again.")

    def _next(self, done: str) -> None:
        """Show the next pair, and start the clock."""
        self.shown, labels = self.session.current(), self.session.labels()
        for tag in self.tags:
            tag.value = False
        if self.shown is None:
            self.view.value = f"<p><b>All {len(labels)} pairs are labelled.</b> Run the cells below again.</p>"
        else:
            self.view.value = page(self.shown, self.asked[self.shown.pair.asked], len(labels), len(self.session.queue))
        self._tell(" ".join([done, spent(labels)]))
        self.since = monotonic()

    def _tell(self, words: str) -> None:
        self.note.value = f'<p style="{SMALL}">{in_html(words)}</p>'

    def _typed(self, change: Any) -> None:
        """The last character counts; then the box is empty again."""
        if typed := change["new"].strip():
            self.keys.value = ""
            self.press(typed[-1].lower())

    def _button(self, key: str, words: str) -> Any:
        import ipywidgets as widgets

        button = widgets.Button(description=f"{words} ({key.upper()})", layout={"width": "auto"})
        button.on_click(lambda _: (self.press(key), self._focus()))
        return button

    def _focus(self) -> None:
        """Back to the box after a click, so that the next key does not go to the notebook (ipywidgets 8)."""
        if hasattr(self.keys, "focus"):
            self.keys.focus()


def page(shown: Shown, asked: Asked, done: int, count: int) -> str:
    """A pair as HTML: question, clauses, answers. What documents and models say is shown letter by letter."""
    clauses = "".join(f"<li>{in_html(clause)}</li>" for clause in asked.clauses)
    boxes = "".join(
        f'<div style="{BOX}"><b>{name}</b><br>{in_html(answer) or "(empty)"}</div>'
        for name, answer in zip("AB", shown.sides, strict=True)
    )
    return (
        f'<div style="line-height:1.4"><span style="{SMALL}">pair {done + 1} of {count}</span>'
        f"<p><b>{in_html(asked.question)}</b></p>"
        f'<details open><summary>The clauses</summary><ol style="overflow-wrap:anywhere;max-height:24em;overflow-y:auto">{clauses}</ol></details>'
        f'<div style="display:flex;flex-wrap:wrap;gap:8px;margin:6px 0">{boxes}</div></div>'
    )


def spent(labels: list[Label]) -> str:
    """What the labels took so far, in a sentence."""
    if not labels:
        return "The clock runs."
    seconds = [one.seconds for one in labels]
    capped = sum(one == LONGEST_S for one in seconds)
    rest = f" {capped} took longer than {LONGEST_S:.0f} s and count as {LONGEST_S:.0f}." if capped else ""
    return f"{len(labels)} labels so far, median {median(seconds):.0f} s.{rest}"
