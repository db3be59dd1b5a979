"""A learner's own documents as a corpus: a folder of PDF, DOCX, HTML, Markdown and text files, and questions about
them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path, PurePosixPath

from tqdm.auto import tqdm

from .formats import READERS, Block, Skip, check_length, decoded, read_blocks
from .listing import listed, printable
from .question_table import AFTER, COLUMNS, table_rows
from .quotes import MARKS_AROUND, places
from .records import Contract, CorpusError, Question, Reading, Section, Span, subset_at

# "ARTICLE IV", "Schedule A - Prices", "12. Governing Law", "1.1 Definitions"; not a sentence, not a date
HEADING = re.compile(
    r"(?:(?i:article|section|schedule|exhibit|annex|appendix)\s+[\dA-Z.]{1,6}(?:\s*[-–—:.]\s*|\s+|$)(?=[A-Z]|$)"
    r"|(?:\d{1,2}\.|\d{1,2}(?:\.\d{1,2})+\.?)\s+(?=[A-Z])).{0,60}(?<![.;,:])$"
)


def read_folder(folder: str | Path) -> Reading:
    """Every document of a folder and its sub-folders, and the questions of its optional `questions.csv`.

    A contract's id is its path in the folder; its family is the first sub-folder, or the document itself. What is
    skipped stands in the result with the reason: files of more than 50 MB or 5 million characters, damaged, empty,
    encrypted, scanned, hidden or of an unknown type, and links. questions.csv: columns question, answer (aliases after
    "|"), document, quote, [type]. Raises: CorpusError when there is no such folder, nothing in it could be read, or
    questions.csv lacks a column.
    """
    try:
        root = Path(folder).expanduser().resolve()
        is_there = bool(str(folder).strip()) and root.is_dir()
    except (OSError, ValueError, RuntimeError):  # a character or a user that does not exist
        is_there = False
    if not is_there:
        raise CorpusError(
            f"there is no folder {str(folder)!r}: give the path of a folder of documents, as in"
            " folder:/path/to/documents"
        )
    files, skipped = listed(root)
    stamps = [(path, path.stat()) for path in files]
    return _read(root, tuple((path, stamp.st_size, stamp.st_mtime_ns) for path, stamp in stamps), tuple(skipped))


@lru_cache(maxsize=2)
def _read(root: Path, files: tuple[tuple[Path, int, int], ...], left_out: tuple[tuple[str, str], ...]) -> Reading:
    """The contents of the folder; read again when the name, size or time of change of a file differs."""
    paths = [path for path, *_ in files]
    table = next((path for path in paths if path.parent == root and path.name.lower() == "questions.csv"), None)
    contracts, skipped, notes = [], [*left_out], []
    for path in tqdm([path for path in paths if path != table], desc="Reading documents", delay=5):
        name = printable(path.relative_to(root))
        try:
            blocks, note = read_blocks(path)
            contracts.append(_contract(name, blocks))
            notes += [(name, note)] if note else []
        except Skip as reason:
            skipped.append((name, str(reason)))
        except OSError as error:
            skipped.append((name, f"unreadable: {error.strerror or type(error).__name__}"))
        except Exception as error:  # a parser may raise anything at all on a damaged file
            said = printable(" ".join(str(error).split())[:100])
            skipped.append((name, f"damaged or unreadable ({type(error).__name__}: {said})"))
    if not contracts:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped[:10]) or "it holds no files"
        raise CorpusError(
            f"no document in {printable(root)} could be read ({reasons}). Put files with text there:"
            f" {', '.join(READERS)}"
        )
    questions, missed = _questions(table, contracts)
    return Reading(
        f"folder:{printable(root)}", tuple(contracts), tuple(questions), tuple(sorted(skipped)), (*notes, *missed)
    )


def _contract(name: str, blocks: Iterable[Block]) -> Contract:
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
    path = PurePosixPath(name)
    title = " ".join(path.stem.replace("_", " ").split())
    return Contract(name, title, path.parts[0], "test", text, sections, {"format": path.suffix.lower()[1:]})


def _section(text: str, start: int, end: int) -> Section:
    body = text[start:end].rstrip()
    title = body.split("\n", 1)[0].strip(" #\t")
    number, _, rest = title.partition(" ")
    numbered = rest and re.fullmatch(r"\d+(\.\d+)*\.?", number)
    return Section(
        number.rstrip(".") if numbered else "", rest.strip() if numbered else title, start, start + len(body)
    )


def _questions(table: Path | None, contracts: Sequence[Contract]) -> tuple[list[Question], list[tuple[str, str]]]:
    """The rows of questions.csv whose quote stands in their document, and the reasons for the others."""
    if table is None:
        return [], []
    try:
        text, note = decoded(table)
    except (Skip, OSError) as error:
        raise CorpusError(f"{table} cannot be read as a table ({error}). Save it as CSV in UTF-8") from error
    found: list[Question] = []
    missed = [(table.name, note)] if note else []
    for number, row in table_rows(text, table):
        try:
            if isinstance(row, Skip):
                raise row
            found.append(_question(f"question-{number}", row, contracts, len(found)))
        except Skip as reason:
            missed.append((f"{table.name} row {number}", f"left out, {reason}"))
    return found, missed


def _question(name: str, row: Mapping[str, str], contracts: Sequence[Contract], before: int) -> Question:
    answers = tuple(answer.strip() for answer in row["answer"].split("|") if answer.strip())
    if empty := [column for column in COLUMNS if not row[column] or (column == "answer" and not answers)]:
        raise Skip(f"its {empty[0]} is empty")
    wanted = _same(row["document"])
    matches = [c for c in contracts if wanted in map(_same, (c.id, Path(c.id).name, Path(c.id).stem))]
    if len(matches) != 1:
        raise Skip(
            f"{len(matches)} documents that were read are called {row['document']!r}; give one path, such as"
            f" {contracts[0].id}"
        )
    contract = matches[0]
    if row[AFTER] and places(contract.text, f"{row['quote']}, {row[AFTER]}"):
        raise Skip(f"its quote goes on behind the comma, with {row[AFTER][:60]!r}: put it between quotation marks")
    hits = places(contract.text, row["quote"]) or places(contract.text, row["quote"].strip(MARKS_AROUND))
    if len(hits) != 1:
        raise Skip(f"its quote stands {len(hits)} times in {contract.id}, expected once: {row['quote'][:60]!r}")
    return Question(name, row["type"] or "own", "qa", row["question"], answers, (Span(contract.id, *hits[0]),),
                    (contract.id,), contract.family, "test", subset=subset_at(before))  # fmt: skip


def _same(name: str) -> str:
    """A name for comparison: whatever its capitals, and however a system writes its accents."""
    return unicodedata.normalize("NFC", name).replace("\\", "/").removeprefix("./").casefold()
