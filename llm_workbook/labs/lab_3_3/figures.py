"""The one picture of lab 3.3: a table of trainings and contexts, its cells coloured by how they stand to a guess."""

from collections.abc import Mapping, Sequence
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
from .five_tasks import CONTEXTS
from .table import ALWAYS, GUESS, HOW, TRAININGS, Rows, Share, answers, gain, needless, share

BLUE, ORANGE = "#0b5394", "#b45f06"
FACES = {"above": "#cfe2f3", "cannot tell": "#eeeeee", "below": "#f9dcc4", "": "#ffffff"}
WORDS = {"above": "above the guess", "cannot tell": "cannot tell it from the guess", "below": "below the guess"}
ROWS = {"none": "model as it comes", "closed-book": "closed-book", "raft": "RAFT"}
COLUMNS = {
    "none": "no context", "prompt": "best prompt", "retrieved": "retrieved", "whole": "whole contract",
    "oracle": "oracle\n(not for sale)",
}  # fmt: skip
PENDING = "not recorded\nyet"


@dataclass(frozen=True)
class Cell:
    """One cell: its share of right answers, how it stands to the guess, and its needless refusals where they count."""

    right: Share
    stands: str = ""
    needless: Share | None = None


Cells = Mapping[tuple[str, str], Cell | str]  # (row, column) -> a Cell, or words that stand in its place


def one_task(record: Rows, task: str) -> Figure:
    """The 3 x 5 table of one task, from the record: % right with its interval, a dot for each seed, the guess.

    Of refusals: right and needless ones. Returns the Figure; cells that are not on record say so.
    """
    guess = answers(record, GUESS, task)
    meant = [context for context in CONTEXTS if task != "classification" or context not in ("whole", "oracle")]
    cells = _cells(record, TRAININGS, meant, task)
    level = None if guess is None or task == "refusal" else share(guess).mean
    title, caption = _finding(record, cells, task), _caption(cells)
    return drawn(cells, ROWS, {context: COLUMNS[context] for context in meant}, title, caption, level)


def live_table(mine: Mapping[str, Any], guesses: Rows, readers: Sequence[str], contexts: Sequence[str]) -> Figure:
    """The learner's own cells on one-clause questions: one training, one dot. Returns the Figure."""
    task, tables = "one clause", {**mine, **guesses}
    cells = _cells(tables, readers, contexts, task)
    first, last = (_right(cells[reader, "retrieved"]) for reader in (readers[0], readers[-1]))
    rows = {reader: reader.replace(" ", "\n") for reader in readers}
    title = f"Your run: with the same search, {first:.0f} % right untuned, {last:.0f} % with the domain reader"
    columns = {context: COLUMNS[context] for context in contexts}
    guess = answers(tables, GUESS, task)
    assert guess is not None  # `guesses` holds it
    return drawn(cells, rows, columns, title, _caption(cells), share(guess).mean)


def _right(cell: Cell | str) -> float:
    return cell.right.mean if isinstance(cell, Cell) else 0.0


def _cells(record: Rows, rows: Sequence[str], columns: Sequence[str], task: str) -> Cells:
    return {
        (row, column): _cell(record, f"{row} x {column}", task) or PENDING for row, column in product(rows, columns)
    }


def _cell(record: Rows, name: str, task: str) -> Cell | None:
    rows = answers(record, name, task)
    if rows is None:
        return None
    if task == "refusal":
        return Cell(share(rows), needless=share(needless(record[name]), "refused"))
    guess = answers(record, GUESS, task)
    if guess is None:
        return Cell(share(rows))
    verdict = gain(rows, guess)
    stands = "above" if verdict.low > 0 else "below" if verdict.high < 0 else "cannot tell"
    return Cell(share(rows), stands)


def _finding(record: Rows, cells: Cells, task: str) -> str:
    """The title: the best cell that a product could have, beside the guess."""
    known = {key: cell for key, cell in cells.items() if isinstance(cell, Cell) and key[1] != "oracle"}
    if not known:
        return f"{task.capitalize()}: {HOW}"
    if task == "refusal":
        return _refusals(known)
    best = max(known, key=lambda key: known[key].right.mean)
    guess = answers(record, GUESS, task)
    beside = f"; a guess has {share(guess).mean:.0f} %" if guess is not None else ""
    found = "" if any(cell.stands == "above" for cell in known.values()) or not beside else " (none is above it)"
    return f"{task.capitalize()}: best is {_named(best)} with {known[best].right.mean:.0f} %{beside}{found}"


def _refusals(known: Mapping[tuple[str, str], Cell]) -> str:
    """The title of the refusals: the cell with the widest gap between right and needless ones."""
    gaps = {key: cell.right.mean - cell.needless.mean for key, cell in known.items() if cell.needless}
    best = max(gaps, key=lambda key: gaps[key])
    needless_ = known[best].needless
    assert needless_ is not None
    return (
        f"Widest gap: {_named(best)} refuses {known[best].right.mean:.0f} % rightly, {needless_.mean:.0f} % needlessly"
    )


def _named(key: tuple[str, str]) -> str:
    return " x ".join(key).replace("raft", "RAFT")


def _caption(cells: Cells) -> str:
    known = [cell for cell in cells.values() if isinstance(cell, Cell)]
    if not known:
        return ""
    right, other = known[0].right, known[0].needless
    if other:
        families = f"{right.families} families of contracts"
        return (
            f"right: % of n = {right.n} questions without an answer; needless: % of n = {other.n} with one; {families}"
        )
    size = f"n = {right.n} questions in {right.families} families of contracts"
    return f"% right, {size}; [95 % interval over families and seeds]"


@styled
def drawn(
    cells: Cells, rows: Mapping[str, str], columns: Mapping[str, str],
    title: str, caption: str, guess: float | None = None,
) -> Figure:  # fmt: skip
    """A table of cells. rows, columns: names with their labels. caption: below the table.

    guess: % right of the guess; a line in each cell. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(1.4 + 1.5 * len(columns), 1.5 + 1.05 * len(rows)))
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            cell = cells[row, column]
            _draw_words(axes, x, y, cell) if isinstance(cell, str) else _draw(axes, x, y, cell, guess)
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0), xlabel=caption)
    figure.suptitle(fill(title, 20 + 15 * len(columns)), x=0.01, ha="left", weight="bold", fontsize=12)
    axes.set_xticks([x + 0.5 for x in range(len(columns))], [*columns.values()])
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [*rows.values()])
    axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.legend(handles=_legend(cells, guess), loc="outside lower center", ncols=3, fontsize=9)
    return figure


def _draw_words(axes: Axes, x: int, y: int, words: str) -> None:
    axes.add_patch(Rectangle((x + 0.02, y + 0.03), 0.96, 0.94, facecolor="white", edgecolor="#cccccc", hatch=""))
    axes.text(x + 0.5, y + 0.5, words, ha="center", va="center", fontsize=9, color="#777777")


def _draw(axes: Axes, x: int, y: int, cell: Cell, guess: float | None) -> None:
    """One cell: numbers above, a scale from 0 to 100 % with its dots below."""
    axes.add_patch(Rectangle((x + 0.02, y + 0.03), 0.96, 0.94, facecolor=FACES[cell.stands], edgecolor="white"))
    axes.plot([x + 0.1, x + 0.9], [y + 0.8, y + 0.8], color="#aaaaaa", lw=1)
    if guess is not None:
        axes.plot([_at(x, guess)] * 2, [y + 0.68, y + 0.92], color=ORANGE, lw=2.5)
    if cell.needless:
        _numbers(axes, x, y, f"right {cell.right.mean:.0f} %", f"needless {cell.needless.mean:.0f} %", 11)
        axes.plot([_at(x, one) for one in cell.needless.by_seed], [y + 0.8] * len(cell.needless.by_seed), "o", ms=6,
                  markerfacecolor="white", color=ORANGE)  # fmt: skip
    else:
        _numbers(axes, x, y, f"{cell.right.mean:.0f} %", f"[{cell.right.low:.0f}, {cell.right.high:.0f}]", 15)
    axes.plot([_at(x, one) for one in cell.right.by_seed], [y + 0.8] * len(cell.right.by_seed), "o", ms=6, color=BLUE,
              alpha=0.75)  # fmt: skip


def _numbers(axes: Axes, x: int, y: int, first: str, second: str, size: int) -> None:
    axes.text(x + 0.5, y + 0.27, first, ha="center", va="center", fontsize=size, weight="bold")
    axes.text(x + 0.5, y + 0.54, second, ha="center", va="center", fontsize=size if size < 12 else 9)


def _at(x: int, percent: float) -> float:
    """Where a share stands on the scale of the cell in column x."""
    return x + 0.1 + 0.8 * percent / 100


def _legend(cells: Cells, guess: float | None) -> list[Any]:
    known = [cell for cell in cells.values() if isinstance(cell, Cell)]
    if not known:
        return []
    dot: dict[str, Any] = {"marker": "o", "lw": 0, "color": BLUE}
    if known[0].needless:
        ring: dict[str, Any] = {"marker": "o", "lw": 0, "color": ORANGE, "markerfacecolor": "white"}
        words = "right refusals, one dot a seed (scale: 0 to 100 %)", "needless refusals"
        return [Line2D([], [], label=words[0], **dot), Line2D([], [], label=words[1], **ring)]
    shown = dict.fromkeys(cell.stands for cell in known if cell.stands)
    handles: list[Any] = [Line2D([], [], label="one training seed (scale: 0 to 100 %)", **dot)]
    if guess is not None:
        handles.append(Line2D([], [], color=ORANGE, lw=2.5, label=f"the better guess: {guess:.0f} %"))
    return handles + [Patch(facecolor=FACES[name], label=WORDS[name]) for name in WORDS if name in shown]


def always_refusing(record: Rows) -> str:
    """One sentence about the row that refuses everything."""
    rows = answers(record, ALWAYS, "refusal")
    if rows is None:
        return f"Refusals: {HOW}."
    right, wrong = share(rows), share(needless(record[ALWAYS]), "refused")
    return f"Always refusing: {right.mean:.0f} % right refusals, and {wrong.mean:.0f} % needless ones."
