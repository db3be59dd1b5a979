"""The one picture of lab 3.3: a table of trainings and contexts, its cells coloured by how they stand to a guess."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from ...show.plots import styled
from .cells import LIVE, TUNED, UNTUNED
from .five_tasks import contexts_of
from .table import GUESS, HOW, Rows, Share, answers, gain, needless, share

BLUE, ORANGE = "#0b5394", "#b45f06"
FACES = {"above": "#cfe2f3", "cannot tell": "#eeeeee", "below": "#f9dcc4", "": "#ffffff"}
WORDS = {"above": "+ above the guess", "cannot tell": "? cannot tell it from the guess", "below": "- below the guess"}
MARKS = {name: words[0] for name, words in WORDS.items()}
ROWS = {"none": "model as it comes", "closed-book": "closed-book", "raft": "RAFT"}
COLUMNS: dict[str, str] = dict(zip(
    ("none", "prompt", "retrieved", "whole", "oracle"),
    ("no context", "best prompt", "retrieved", "whole contract", "oracle\n(not for sale)"), strict=True,
))  # fmt: skip
PENDING = "not recorded\nyet"
SCALE = "one training seed (scale: 0 to 100 %)"


@dataclass(frozen=True)
class Cell:
    """One cell: right answers, how they stand to the guess, the guess (%); of refusals the needless ones, too."""

    right: Share
    stands: str = ""
    guess: float = 0.0
    needless: Share | None = None

    @property
    def worth(self) -> float:
        """What makes a cell the best."""
        return self.right.mean - (self.needless.mean if self.needless else 0.0)


Cells = Mapping[tuple[str, str], Cell]  # (row, column) -> what is known of it


def one_task(record: Rows, task: str) -> Figure:
    """The 3 x 5 table of one task, from the record: % right with its interval, a dot for each seed, the guess.

    Of refusals: right and needless ones. Returns the Figure; cells that are not on record say so.
    """
    columns = {context: COLUMNS[context] for context in contexts_of(task)}
    cells = cells_of(record, ROWS, columns, task)
    return drawn(cells, ROWS, columns, _finding(cells, task), _caption(cells))


def live_table(mine: Rows, guesses: Rows) -> Figure:
    """The learner's own cells on one-clause questions: one training, one dot. Returns the Figure."""
    rows, columns = {one: one.replace(" ", "\n") for one in (UNTUNED, TUNED)}, {one: COLUMNS[one] for one in LIVE}
    cells = cells_of({**mine, **guesses}, rows, columns, "one clause")
    right = [f"{cells[row, 'retrieved'].right.mean:.0f} % right ({row})" for row in rows if (row, "retrieved") in cells]
    return drawn(cells, rows, columns, f"Your run, with the same search: {', '.join(right)}", _caption(cells))


def cells_of(tables: Rows, rows: Iterable[str], columns: Iterable[str], task: str) -> Cells:
    """The cells that have answers to this task."""
    guess, found = answers(tables, GUESS, task), {}
    for row, column in product(rows, columns):
        part = answers(tables, name := f"{row} x {column}", task)
        if part is None or guess is None:
            continue
        if task == "refusal":
            found[row, column] = Cell(share(part), needless=share(needless(tables[name]), "refused"))
        else:
            verdict = gain(part, guess)
            stands = "above" if verdict.low > 0 else "below" if verdict.high < 0 else "cannot tell"
            found[row, column] = Cell(share(part), stands, share(guess).mean)
    return found


def _finding(cells: Cells, task: str) -> str:
    """The title: the best cell that a product could have, beside the guess."""
    for_sale = {key: cell for key, cell in cells.items() if key[1] != "oracle"}
    if not for_sale:
        return f"{task.capitalize()}: {HOW}"
    best = max(for_sale, key=lambda key: for_sale[key].worth)
    cell, name = cells[best], " x ".join(best).replace("raft", "RAFT")
    if cell.needless:
        return f"Widest gap: {name} refuses {cell.right.mean:.0f} % rightly, {cell.needless.mean:.0f} % needlessly"
    return f"{task.capitalize()}: best is {name} with {cell.right.mean:.0f} %; a guess has {cell.guess:.0f} %"


def _caption(cells: Cells) -> str:
    for cell in cells.values():
        questions, families = f"n = {cell.right.n} questions", f"{cell.right.families} families of contracts"
        if cell.needless:
            return (
                f"right: % of {questions} without an answer; needless: % of n = {cell.needless.n} with one; {families}"
            )
        return f"% right, {questions} in {families}; [95 % interval over families and seeds]"
    return ""


@styled
def drawn(cells: Cells, rows: Mapping[str, str], columns: Mapping[str, str], title: str, caption: str) -> Figure:
    """A table of cells, with a line for the guess in each. rows, columns: names with their labels; a cell that is not
    known says so. caption: below the table. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(max(7.4, 1.4 + 1.5 * len(columns)), 1.5 + 1.05 * len(rows)))
    for (y, row), (x, column) in product(enumerate(rows), enumerate(columns)):
        _draw(axes, x, y, cells.get((row, column)))
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0), xlabel=fill(caption, 16 + 14 * len(columns)))
    axes.set_xticks([x + 0.5 for x in range(len(columns))], [*columns.values()])
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [*rows.values()])
    axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    wrapped = fill(title.replace(" %", "\xa0%"), 36 + 8 * len(columns))
    figure.suptitle(wrapped, x=0.01, ha="left", weight="bold", fontsize=12)
    below = {"loc": "outside lower center", "ncols": min(3, len(columns) - 1), "fontsize": 9}
    figure.legend(handles=_legend([*cells.values()]), **below)
    return figure


def _draw(axes: Axes, x: int, y: int, cell: Cell | None) -> None:
    """One cell: numbers above; a scale from 0 to 100 % with its dots below."""
    edge = "#cccccc" if cell is None or not cell.stands else "white"
    axes.add_patch(Rectangle((x + 0.02, y + 0.03), 0.96, 0.94, fc=FACES[cell.stands if cell else ""], ec=edge))
    if cell is None:
        axes.text(x + 0.5, y + 0.5, PENDING, ha="center", va="center", fontsize=9, color="#777777")
        return
    right, other = cell.right, cell.needless
    middle: dict[str, Any] = {"ha": "center", "va": "center"}
    first = f"right {right.mean:.0f} %" if other else f"{right.mean:.0f} %"
    second = f"needless {other.mean:.0f} %" if other else f"[{right.low:.0f}, {right.high:.0f}]"
    axes.text(x + 0.5, y + 0.27, first, fontsize=11 if other else 15, weight="bold", **middle)
    axes.text(x + 0.5, y + 0.54, second, fontsize=11 if other else 9, **middle)
    axes.text(x + 0.9, y + 0.16, MARKS.get(cell.stands, ""), fontsize=11, color="#333333", **middle)
    axes.plot([x + 0.1, x + 0.9], [y + 0.8, y + 0.8], color="#aaaaaa", lw=1)
    if other:
        _dots(axes, x, y, other, color=ORANGE, markerfacecolor="white")
    else:
        axes.plot([x + 0.1 + 0.008 * cell.guess] * 2, [y + 0.68, y + 0.92], color=ORANGE, lw=2.5)
    _dots(axes, x, y, right, color=BLUE, alpha=0.75)


def _dots(axes: Axes, x: int, y: int, found: Share, **look: Any) -> None:
    places = [x + 0.1 + 0.008 * percent for percent in found.by_seed]
    axes.plot(places, [y + 0.8] * len(places), "o", ms=6, **look)


def _legend(cells: list[Cell]) -> list[Any]:
    dot: dict[str, Any] = {"marker": "o", "lw": 0}
    if any(cell.needless for cell in cells):
        ring = Line2D([], [], color=ORANGE, markerfacecolor="white", label="needless refusals", **dot)
        return [Line2D([], [], color=BLUE, label=f"right refusals: {SCALE}", **dot), ring]
    handles: list[Any] = [Line2D([], [], color=BLUE, label=SCALE, **dot)] if cells else []
    handles += [
        Line2D([], [], color=ORANGE, lw=2.5, label=f"the better guess: {cell.guess:.0f} %") for cell in cells[:1]
    ]
    shown = {cell.stands for cell in cells}
    return handles + [Patch(facecolor=FACES[name], label=words) for name, words in WORDS.items() if name in shown]
