"""The text of a PDF page in the order in which a person reads it, also where its columns were drawn line by line."""

import re
from collections import Counter
from collections.abc import Sequence

LEAST_LINES = 3  # beside each other, before a page counts as one with columns
LEAST_WORDS = 3  # on average in a line of a column; a table has fewer in its cells


def in_reading_order(text: str, layout: str) -> tuple[str, bool]:
    """(text, False), or (one column after the other, True) where the lines of `text` run through several columns.

    text: in the order in which the page was drawn. layout: the same page with its words where they stand, in spaces.
    """
    lines = layout.splitlines()
    pairs = [parts for line in lines if (parts := _split(line, _gutter(lines))) and all(parts)]
    drawn = _squeezed(text)
    mixed = sum(_squeezed("".join(parts)) in drawn for parts in pairs)
    return ("\n".join(_ordered(lines)), True) if mixed > len(pairs) / 2 else (text, False)


def _ordered(lines: Sequence[str]) -> list[str]:
    """One column after the other; a line that crosses the gutter ends the columns above it."""
    gutter, done = _gutter(lines), []
    if not gutter:
        return [line.strip() for line in lines]
    left: list[str] = []
    right: list[str] = []
    for line in lines:
        if parts := _split(line, gutter):
            left.append(parts[0])
            right.append(parts[1])
        else:
            done += [*_ordered(left), *_ordered(right), line.strip()]
            left, right = [], []
    return [line for line in (*done, *_ordered(left), *_ordered(right)) if line]


def _gutter(lines: Sequence[str]) -> int:
    """The place where the text right of a gap begins in most lines; 0 where these are no columns of text."""
    starts = Counter(gap.end() for line in lines for gap in re.finditer(r"(?<=\S) {2,}(?=\S)", line))
    near = {start: sum(starts[start + step] for step in (-1, 0, 1)) for start in starts}
    for start in sorted(near, key=lambda start: -near[start]):
        pairs = [parts for line in lines if (parts := _split(line, start)) and all(parts)]
        if len(pairs) < LEAST_LINES:
            return 0
        words = (sum(len(part.split()) for part in side) / len(pairs) for side in zip(*pairs, strict=True))
        if 2 * len(pairs) >= sum(map(bool, map(str.strip, lines))) and min(words) >= LEAST_WORDS:
            return start
    return 0


def _split(line: str, gutter: int) -> tuple[str, str] | None:
    """What stands left and right of the gutter; None when something stands in it."""
    if not gutter or len(line) < gutter - 1:
        return (line.rstrip(), "") if gutter else None
    gap = next((gap for gap in re.finditer(r"(?:^ *| {2,})(?=\S)", line) if abs(gap.end() - gutter) <= 1), None)
    return (line[: gap.start()].rstrip(), line[gap.end() :]) if gap else None


def _squeezed(text: str) -> str:
    return "".join(text.split())
