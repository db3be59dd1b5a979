"""A learner's own documents as a corpus: a folder of PDF, DOCX, HTML, Markdown and text files, and questions about
them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from tqdm.auto import tqdm

from .formats import READERS, Block, Skip, check_length, decoded, read_blocks
from .records import Contract, CorpusError, Question, Reading, Section, Span, subset_at

COLUMNS = ("question", "answer", "document", "quote")
# "ARTICLE IV", "Schedule A - Prices", "12. Governing Law", "1.1 Definitions"; not a sentence, not a date
HEADING = re.compile(
    r"(?:(?i:article|section|schedule|exhibit|annex|appendix)\s+[\dA-Z.]{1,6}(?:\s*[-–—:.]\s*|\s+|$)(?=[A-Z]|$)"
    r"|(?:\d{1,2}\.|\d{1,2}(?:\.\d{1,2})+\.?)\s+(?=[A-Z])).{0,60}(?<![.;,:])$"
)


def read_folder(folder: str | Path) -> Reading:
    """Every document of a folder and its sub-folders (hidden files apart), and the questions of its optional
    `questions.csv`.

    A contract's id is its path in the folder; its family is the first sub-folder, or the document itself. A file of
    more than 50 MB or 5 million characters, damaged, empty, encrypted, scanned or of an unknown type is skipped with
    the reason. DOCX: the body, without automatic numbers, footnotes and page headers. questions.csv: columns question,
    answer (aliases after "|"), document, quote, [type]. Raises: CorpusError when there is no such folder, nothing in it
    could be read, or questions.csv lacks a column.
    """
    root = Path(folder).expanduser().resolve()
    if not str(folder).strip() or not root.is_dir():
        raise CorpusError(
            f"there is no folder {str(folder)!r}: give the path of a folder of documents, as in"
            " folder:/path/to/documents"
        )
    names = [path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file()]
    shown = [root / name for name in names if not any(part.startswith((".", "~$")) for part in name.parts)]
    return _read(root, tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in shown))


@lru_cache(maxsize=2)
def _read(root: Path, files: tuple[tuple[Path, int, int], ...]) -> Reading:
    """The contents of the folder; read again when the name, size or time of change of a file differs."""
    table = root / "questions.csv"
    contracts, skipped, notes = [], [], []
    for path in tqdm([path for path, *_ in files if path != table], desc="Reading documents", delay=5):
        name = path.relative_to(root)
        try:
            blocks, note = read_blocks(path)
            contracts.append(_contract(name, blocks))
            notes += [(name.as_posix(), note)] if note else []
        except Skip as reason:
            skipped.append((name.as_posix(), str(reason)))
        except Exception as error:  # a parser may raise anything at all on a damaged file
            skipped.append(
                (
                    name.as_posix(),
                    f"damaged or unreadable ({type(error).__name__}: {' '.join(str(error).split())[:100]})",
                )
            )
    if not contracts:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped[:10]) or "it holds no files"
        raise CorpusError(
            f"no document in {root} could be read ({reasons}). Put files with text there: {', '.join(READERS)}"
        )
    questions, missed = _questions(table, contracts)
    return Reading(f"folder:{root}", tuple(contracts), tuple(questions), tuple(skipped), (*notes, *missed))


def _contract(name: Path, blocks: Iterable[Block]) -> Contract:
    """One text with at most one empty line in a row, and its sections: headings by their look where the format marks
    none."""
    lines = [(line.replace("\0", "").encode("utf-8", "replace").decode().rstrip(), heading) for line, heading in blocks]
    lines = [line for line, before in zip(lines, [("", False), *lines], strict=False) if line[0] or before[0]]
    if not any(heading for _, heading in lines):
        lines = [(line, HEADING.match(line.strip()) is not None) for line, _ in lines]
    text = "\n".join(line for line, _ in lines).rstrip("\n")
    check_length(len(text))
    if not text.strip():
        raise Skip("empty: there is no text in it")
    at = accumulate((len(line) + 1 for line, _ in lines), initial=0)
    starts = [start for start, (line, heading) in zip(at, lines, strict=False) if heading and line.strip(" #\t")]
    sections = tuple(_section(text, start, end) for start, end in pairwise([*starts, len(text)]))
    title = " ".join(name.stem.replace("_", " ").split())
    return Contract(name.as_posix(), title, name.parts[0], "test", text, sections, {"format": name.suffix.lower()[1:]})


def _section(text: str, start: int, end: int) -> Section:
    body = text[start:end].rstrip()
    title = body.split("\n", 1)[0].strip(" #\t")
    number, _, rest = title.partition(" ")
    numbered = rest and re.fullmatch(r"\d+(\.\d+)*\.?", number)
    return Section(
        number.rstrip(".") if numbered else "", rest.strip() if numbered else title, start, start + len(body)
    )


def _questions(table: Path, contracts: Sequence[Contract]) -> tuple[list[Question], list[tuple[str, str]]]:
    """The rows of questions.csv whose quote stands in their document, and the reasons for the others."""
    if not table.is_file():
        return [], []
    found, missed = [], []
    try:
        text = decoded(table)
        header = text.partition("\n")[0]
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), strict=True))
    except (Skip, csv.Error) as error:
        raise CorpusError(f"{table} cannot be read as a table ({error}). Save it as CSV in UTF-8") from error
    if absent := [name for name in COLUMNS if name not in (rows[0] if rows else header)]:
        raise CorpusError(f"{table} lacks the column {absent[0]}: its first line must be {','.join(COLUMNS)}")
    for number, row in enumerate(rows, start=2):
        try:
            cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, "type")}
            found.append(_question(f"question-{number}", cells, contracts, len(found)))
        except Skip as reason:
            missed.append((f"questions.csv row {number}", f"left out, {reason}"))
    return found, missed


def _question(name: str, row: dict[str, str], contracts: Sequence[Contract], before: int) -> Question:
    if empty := [column for column in COLUMNS if not row[column]]:
        raise Skip(f"its {empty[0]} is empty")
    wanted = row["document"].casefold()
    matches = [
        c for c in contracts if wanted in (c.id.casefold(), Path(c.id).name.casefold(), Path(c.id).stem.casefold())
    ]
    if len(matches) != 1:
        raise Skip(
            f"{len(matches)} documents that were read are called {row['document']!r}; give one path, such as"
            f" {contracts[0].id}"
        )
    contract = matches[0]
    hits = list(re.finditer(r"\s*".join(map(re.escape, "".join(row["quote"].split()))), contract.text))
    if len(hits) != 1:
        raise Skip(f"its quote stands {len(hits)} times in {contract.id}, expected once: {row['quote'][:60]!r}")
    answers = tuple(answer.strip() for answer in row["answer"].split("|") if answer.strip())
    return Question(name, row["type"] or "own", "qa", row["question"], answers, (Span(contract.id,
    *hits[0].span()),), (contract.id,),
                    contract.family, "test", subset=subset_at(before))  # fmt: skip
