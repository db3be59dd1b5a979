"""The figures of a lab from one source: a learner's minutes, seconds and memory, in its card and in the README.

Minutes = words of text at 200 a minute + 90 seconds for each line that an exercise asks for + measured compute.
Seconds and memory come from `python tools/run_labs.py --profile live --solutions --save-figures`, which writes
data/recorded/lab_figures.json (lab -> seconds, peak_gb, machine, date). tools/build_labs.py prints them in place of
the marks {{minutes}}, {{compute}}, {{memory}} and {{exercise_minutes}}, and between the marks in README.md.
"""

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from nbformat import NotebookNode

from llm_workbook.files import write_whole

FILE = Path("data/recorded/lab_figures.json")
WORDS_PER_MINUTE, MINUTES_PER_LINE = 200, 1.5
UNKNOWN = "not measured yet"
SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION[ \t]*\n(.*?)^[ \t]*### END SOLUTION", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"\{\{(minutes|compute|memory|exercise_minutes)\}\}")
WORKSHOPS = {  # name -> (its minutes, its labs); a lab comes after those that it needs
    "Workshop, one hour": (60, ("0", "1.1")),
    'Workshop, three hours ("RAG or fine-tuning?")': (180, ("0", "1.1", "3.1", "3.3")),
    "Workshop, one day": (360, ("0", "1.1", "1.2", "1.4", "2.2", "3.1", "3.3", "3.4")),
}


class FigureError(Exception):
    """A figure cannot be read, written or printed. The message says where and what to do."""


class Ran(Protocol):
    """What a finished run of a lab has to say; `tools.run_labs.Result` does."""

    @property
    def lab(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def peak_gb(self) -> float: ...


@dataclass(frozen=True)
class Measured:
    """One lab's complete notebook in `live`, run after the labs before it: seconds; peak_gb in 10^9 bytes."""

    seconds: float
    peak_gb: float
    machine: str
    date: str


@dataclass(frozen=True)
class Figures:
    """What a lab asks of a learner. words: of its text; lines: asked for in exercises; measured: None before a run."""

    words: int
    lines: int
    measured: Measured | None = None

    @property
    def minutes(self) -> int:
        """A learner's minutes, all together."""
        seconds = self.measured.seconds if self.measured else 0.0
        return max(1, round(self.words / WORDS_PER_MINUTE + self.lines * MINUTES_PER_LINE + seconds / 60))


def figures_of(cells: Iterable[NotebookNode], measured: Measured | None = None) -> Figures:
    """Count what a learner reads and writes: cells tagged `solution` are not in the learner notebook.

    >>> from nbformat.v4 import new_code_cell, new_markdown_cell
    >>> cells = [new_markdown_cell("Halve *it*, [here](x.md)."), new_code_cell(SOLUTION_EXAMPLE)]
    >>> figures_of(cells)
    Figures(words=3, lines=2, measured=None)
    """
    seen = [cell for cell in cells if "solution" not in cell.metadata.get("tags", ())]
    words = sum(count_words(cell.source) for cell in seen if cell.cell_type == "markdown")
    return Figures(words, sum(lines_asked(cell) for cell in seen), measured)


SOLUTION_EXAMPLE = (
    "def half(x):\n    ### BEGIN SOLUTION\n    y = x / 2\n\n    # why\n    return y\n    ### END SOLUTION\n"
)


def count_words(text: str) -> int:
    """Words of a Markdown text; marks, pictures and the addresses of links are not read.

    >>> count_words("Labs **3.1** and 3.3 don't | [need it](../x.md) | ![chart](a.png) {{minutes}}")
    7
    """
    text = re.sub(r"\{\{\w+\}\}|!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return len(re.findall(r"[^\W_]+(?:['’.,:/-][^\W_]+)*", text))


def lines_asked(cell: NotebookNode) -> int:
    """Lines of code between BEGIN and END SOLUTION, without blanks and comments; 0 for text."""
    bodies = SOLUTION.findall(cell.source) if cell.cell_type == "code" else []
    return sum(bool(line.strip()) and not line.strip().startswith("#") for text in bodies for line in text.split("\n"))


def fill(cells: Sequence[NotebookNode], figures: Figures) -> None:
    """Put the figures in place of their marks in the text cells. Raises: FigureError for an exercise without lines."""
    values = {"minutes": minutes(figures), "compute": compute(figures.measured), "memory": memory(figures.measured)}
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown" and MARK.search(cell.source):
            lines = next(filter(None, map(lines_asked, cells[number:])), 0)
            if not lines and "{{exercise_minutes}}" in cell.source:
                raise FigureError("{{exercise_minutes}} has no cell with a solution after it: remove the mark")
            values["exercise_minutes"] = f"{max(2, round(lines * MINUTES_PER_LINE))} minutes"
            cell.source = MARK.sub(lambda mark: values[mark[1]], cell.source)


def minutes(figures: Figures) -> str:
    """A learner's minutes and their parts, which add up.

    >>> minutes(Figures(words=1800, lines=15, measured=Measured(180, 1.6, "a laptop", "2026-11-29")))
    '34 minutes: 9 for reading, 22 for exercises, 3 for computing'
    """
    asked, seconds = int(figures.lines * MINUTES_PER_LINE), figures.measured.seconds if figures.measured else 0
    read = max(0, figures.minutes - asked - round(seconds / 60))
    computing = f"{round(seconds / 60) or 'under 1'} for computing" if figures.measured else f"computing {UNKNOWN}"
    return f"{figures.minutes} minutes: {read} for reading, {asked} for exercises, {computing}"


def compute(measured: Measured | None) -> str:
    """The measured compute in words: seconds below one minute, else minutes."""
    if measured is None:
        return UNKNOWN
    return f"{measured.seconds:.0f} s" if measured.seconds < 59.5 else f"{measured.seconds / 60:.0f} min"


def memory(measured: Measured | None) -> str:
    """The measured peak in words."""
    return f"{measured.peak_gb:.1f} GB" if measured else UNKNOWN


# ------------------------------------------------------------------ the README


@dataclass(frozen=True)
class Card:
    """What the card of a lab says. path: of the learner notebook; needs: labs that must have been run before."""

    lab: str
    title: str
    goal: str
    needs: tuple[str, ...]
    path: str
    figures: Figures


def card_of(lab: str, first_cell: str, path: str, figures: Figures) -> Card:
    """Read a lab's card, its first cell. Raises: FigureError when a line of it is missing.

    Needs: the labs that the line **Needs** names before its first semicolon.
    """
    title = re.search(rf"^# {re.escape(lab)} · ([^:\n]+)", first_cell, re.MULTILINE)
    goal, needs = (re.search(rf"^\| \*\*{name}\*\* \| (.+) \|$", first_cell, re.MULTILINE) for name in CARD_LINES)
    if not (title and goal and needs):
        lines = f"'# {lab} · Title: question' and the rows {', '.join(CARD_LINES)}"
        raise FigureError(f"lab {lab}: its first cell must be a card with {lines}")
    needed = re.findall(r"\b\d+(?:\.\d+)?\b", needs[1].split(";")[0])
    return Card(lab, title[1].strip(), goal[1], tuple(needed), path, figures)


CARD_LINES = ("You will be able to", "Needs")


def readme(text: str, cards: Sequence[Card]) -> str:
    """The README with fresh figures between its marks. Raises: FigureError when a mark is missing."""
    for name, content in {"labs": table(cards), "tracks": tracks(cards)}.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if begin not in text or end not in text.partition(begin)[2]:
            raise FigureError(f"README.md has no lines '{begin.strip()}' and '{end}': write both on lines of their own")
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}{content}\n{end}{rest.partition(end)[2]}"
    return text


def table(cards: Sequence[Card]) -> str:
    """The README's table of labs, and a sentence on how it was measured."""
    head = "| lab | you will be able to | your minutes | compute | memory |\n|---|---|---|---|---|"
    rows = [
        f"| [{one.lab} {one.title}]({one.path}) | {one.goal} | {one.figures.minutes} |"
        f" {compute(one.figures.measured)} | {memory(one.figures.measured)} |"
        for one in cards
    ]
    return "\n".join([head, *rows, "", _measurement([one.figures.measured for one in cards])])


def _measurement(found: Sequence[Measured | None]) -> str:
    known = [one for one in found if one]
    how = (
        "Your minutes: words of text at 200 a minute, 90 seconds for each line that an exercise asks for, and compute."
        " Who also reads every line of code and every row of a table takes about half as long again (labs 1.7 and 3.3"
        " took readers 75 to 80 minutes)."
        " Compute and memory: `python3 workbook.py run --profile live --solutions --save-figures`, the labs in order,"
        " caches empty"
    )
    if not known:
        return f"{how}; {UNKNOWN}."
    places = "; ".join(dict.fromkeys(f"{one.machine}, {one.date}" for one in known))
    total, peak = sum(one.seconds for one in known) / 60, max(one.peak_gb for one in known)
    return f"{how} ({places}). All together: {total:.0f} minutes of compute, at most {peak:.1f} GB."


def tracks(cards: Sequence[Card]) -> str:
    """The tracks with their summed minutes, one on a line. Raises: FigureError for a track that cannot be run so."""
    known = {one.lab: one for one in cards}
    lines = []
    for name, (limit, labs) in WORKSHOPS.items():
        if labs := [lab for lab in labs if lab in known]:
            lines.append(f"- {name}: {', '.join(labs)} ({track_minutes(name, labs, known, limit)} minutes).")
    total = track_minutes("Self-paced", list(known), known)
    return "\n".join([*lines, f"- Self-paced: all labs in order ({total} minutes)."])


def track_minutes(name: str, labs: Sequence[str], known: Mapping[str, Card], limit: float = float("inf")) -> int:
    """Minutes of a track. Raises: FigureError when a lab stands before one that it needs, or the track is too long."""
    for place, lab in enumerate(labs):
        if missing := [needed for needed in known[lab].needs if needed not in labs[:place]]:
            raise FigureError(f"track {name!r}: lab {lab} needs lab {missing[0]}, which must stand before it")
    total = sum(known[lab].figures.minutes for lab in labs)
    if total > limit:
        raise FigureError(f"track {name!r} has {limit:g} minutes, but its labs take {total}: leave one out")
    return total


# ------------------------------------------------------------------ the file of measurements


def read_measured(root: Path) -> dict[str, Measured]:
    """lab -> what was measured; empty without the file. Raises: FigureError for a damaged one."""
    path = root / FILE
    if not path.exists():
        return {}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {lab: Measured(**row) for lab, row in rows.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise FigureError(f"{FILE} is damaged ({error}): git checkout {FILE}") from error


def save(results: Iterable[Ran], root: Path) -> Path:
    """Write what was measured today on this machine; labs that were not run keep their figures. Returns the path."""
    today, here = date.today().isoformat(), machine()
    fresh = {one.lab: Measured(round(one.seconds, 1), round(one.peak_gb, 2), here, today) for one in results}
    rows = {lab: asdict(one) for lab, one in (read_measured(root) | fresh).items()}
    ordered = dict(sorted(rows.items(), key=lambda item: [int(part) for part in item[0].split(".")]))
    return write_whole(root / FILE, json.dumps(ordered, indent=1) + "\n")


def machine() -> str:
    """Cores, processor and system of this machine."""
    named = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (found := re.search(r"model name\s*: (.+)", cpuinfo.read_text(errors="replace"))):
        named = found[1].strip()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{usable} cores, {named}, {platform.system()}"
