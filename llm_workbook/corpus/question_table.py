"""questions.csv, as people and spreadsheets write it. No cell is cut or moved without a word."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from .formats import Skip
from .records import CorpusError

COLUMNS = ("question", "answer", "document", "quote")
AFTER = "after the quote"


def table_rows(text: str, table: Path) -> Iterator[tuple[int, dict[str, str] | Skip]]:
    """(number, cells by column) of each row that is not empty, counted as in a spreadsheet; or why it is left out.

    The columns may stand in any order, with others between them, in capitals, divided by comma, semicolon or tab.
    Raises: CorpusError when a column is missing or stands twice, or when no row can be read.
    """
    lines = io.StringIO(text.removeprefix("\ufeff"), newline=None).read().rstrip("\n").split("\n")
    start = next((at for at, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep=")), None)
    if start is None:
        raise CorpusError(f"{table} lacks the column question: it is empty, and must begin with {','.join(COLUMNS)}")
    columns, separator = _header(lines[start], table)
    number = readable = broken = 0
    for number, first, last, cells in _records(lines, start, separator):
        where = f"line {first} is" if first == last else f"lines {first} to {last} are"
        if isinstance(cells, csv.Error):
            broken += 1
            yield number, Skip(f"{where} no row of a table ({cells}): look at its quotation marks")
        elif any(cells):
            readable += 1
            yield number, _row(columns, cells, where.rpartition(" ")[0])
    if broken and not readable:
        reason = "no row has its quotation marks in pairs"
        raise CorpusError(f"{table} cannot be read as a table ({reason}). Save it as CSV in UTF-8")


def _header(line: str, table: Path) -> tuple[list[str], str]:
    """(the names of the columns in small letters, the separator). Raises: CorpusError."""

    def names(separator: str) -> list[str]:
        row = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        return [name.strip(' \t\u00a0\ufeff"').casefold() for name in row]

    separator = max(",;\t", key=lambda sign: (len({*COLUMNS} & {*names(sign)}), line.count(sign)))
    columns = names(separator)
    for name in COLUMNS:
        if name not in columns:
            shown = line.strip()[:120]
            raise CorpusError(
                f"{table} lacks the column {name}: its first line must be {','.join(COLUMNS)}, but it is {shown!r}"
            )
    if twice := [name for name in (*COLUMNS, "type") if columns.count(name) > 1]:
        raise CorpusError(f"{table} has the column {twice[0]} twice: give each column a name of its own")
    return columns, separator


def _records(lines: list[str], start: int, separator: str) -> Iterator[tuple[int, int, int, list[str] | csv.Error]]:
    """(number, first line, last line, cells or what is wrong with them) of what follows the header."""
    rows = (f"{line}\n" for line in lines[start + 1 :])
    reader = csv.reader(rows, delimiter=separator, skipinitialspace=True, strict=True)
    number, before = start + 1, 0
    while True:
        number += 1
        try:
            cells: list[str] | csv.Error = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            cells = error
        yield number, start + before + 2, start + reader.line_num + 1, cells
        before = reader.line_num


def _row(columns: list[str], cells: list[str], where: str) -> dict[str, str] | Skip:
    """Cells by column; AFTER: the cell behind the quote, where the rest of a quote would be that a comma has cut."""
    while len(cells) > len(columns) and not cells[-1]:
        cells = cells[:-1]
    row = {"type": "", **dict(zip(columns, cells, strict=False))}
    if len(cells) > len(columns) or not {*COLUMNS} <= {*row}:
        has = "has" if where.startswith("line ") else "have"
        counts = f"{len(cells)} cells under {len(columns)} columns"
        return Skip(f"{where} {has} {counts}; put a cell that contains a comma between quotes")
    return row | {AFTER: "".join(cells[columns.index("quote") + 1 :][:1])}
