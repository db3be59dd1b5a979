"""PDF, DOCX, HTML, Markdown and text files as lines of text. Files are data: nothing in them is run, expanded or
fetched."""

import logging
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import encodings
from .columns import in_reading_order
from .webpage import Block, visible_lines
from .word import shown_lines

MAX_BYTES, MAX_CHARACTERS = 50_000_000, 5_000_000  # of a file, packed and unpacked; of its text
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})
INVISIBLE = 2 | 32  # flags of a PDF annotation: hidden, not on a screen


class Skip(Exception):
    """The reason why a file is left out."""


def read_blocks(path: Path) -> tuple[list[Block], str]:
    """The lines of a file, each with whether it is a heading, and a note on what is missing from them.

    Raises: Skip with the reason, or whatever the parser raises on a damaged file.
    """
    suffix, size = path.suffix.lower(), path.stat().st_size
    if suffix not in READERS:
        raise Skip(f"unknown type {suffix or '(no suffix)'}; expected one of {', '.join(READERS)}")
    if not size:
        raise Skip("empty: the file has no bytes")
    if size > MAX_BYTES:
        raise Skip(f"huge: {size / 1e6:,.0f} MB, the limit is {MAX_BYTES / 1e6:,.0f} MB; split it")
    return READERS[suffix](path)


def check_length(characters: int) -> None:
    """Raises: Skip when a text is too long."""
    if characters > MAX_CHARACTERS:
        raise Skip(f"huge: more than {MAX_CHARACTERS:,} characters; split it")


def _pdf(path: Path) -> tuple[list[Block], str]:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it repairs is no news; what it cannot, it raises
    with PdfReader(path) as reader:
        if reader.is_encrypted and not reader.decrypt(""):
            raise Skip("encrypted: open it with its password and save it without one")
        pages: list[str] = []
        columns: list[int] = []
        for number, page in enumerate(reader.pages, start=1):
            text, mixed = in_reading_order(page.extract_text(), _layout(page))
            columns += [number] if mixed else []
            pages.append("\n".join([text.translate(LIGATURES), *_form_values(page)]))
            check_length(sum(map(len, pages)))
        form = reader.root_object.get("/AcroForm", DictionaryObject()).get_object()
        notes = ["an XFA form: what it shows beyond this text is not read"] if "/XFA" in form else []
    bare = [number for number, text in enumerate(pages, start=1) if len("".join(text.split())) < 20]
    if pages and len(bare) == len(pages):
        raise Skip(f"scanned: {len(pages)} pages with hardly any text; run a text recognition (OCR) over it first")
    notes += [f"hardly any text on pages {_some(bare)} of {len(pages)} (scanned?)"] if bare else []
    one = "page" if len(columns) == 1 else "pages"
    notes += [f"columns on {one} {_some(columns)}: read one after the other, check their order"] if columns else []
    return [block for text in pages for block in _plain(text)], "; ".join(notes)


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + " and more" * (len(numbers) > 10)


def _layout(page: Any) -> str:
    """The page with its words where they stand; "" when that cannot be found out."""
    try:
        return page.extract_text(extraction_mode="layout")
    except Exception:  # of a font that this mode does not know; the plain text is there all the same
        return ""


def _form_values(page: Any) -> Iterator[str]:
    """A line for each field of the page's form that is filled in and shown, and the text boxes typed onto the page."""
    for annotation in (one.get_object() for one in page.get("/Annots") or ()):
        field = {**annotation.get("/Parent", {}), **annotation}
        value = field.get("/V", "")
        if annotation.get("/F", 0) & INVISIBLE or field.get("/FT") == "/Sig":
            continue
        if annotation.get("/Subtype") == "/FreeText":
            yield str(annotation.get("/Contents", ""))
        elif annotation.get("/Subtype") == "/Widget" and value not in ("", "/Off"):
            name = str(field.get("/TU") or field.get("/T", ""))
            values = value if isinstance(value, list) else [value]
            yield f"{name}: {', '.join(str(one).removeprefix('/') for one in values)}"


def _docx(path: Path) -> tuple[list[Block], str]:
    from docx import Document

    _check_archive(path)
    return shown_lines(Document(str(path)))


def _check_archive(path: Path) -> None:
    """Raises: Skip when an archive would unpack to too much or declares XML entities; a Word file never does."""
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise Skip(
                "encrypted, or an old .doc with a new name: open it in a word processor and save it as DOCX without a"
                " password"
            )
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > MAX_BYTES:
            raise Skip(f"huge: unpacks to {unpacked / 1e6:,.0f} MB, the limit is {MAX_BYTES / 1e6:,.0f} MB")
        if any(b"<!DOCTYPE" in archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))):
            raise Skip("unsafe: it declares XML entities, which a Word file never does")


def _html(path: Path) -> tuple[list[Block], str]:
    text, note = decoded(path, page=True)
    return visible_lines(text), note


def _markdown(path: Path) -> tuple[list[Block], str]:
    blocks, fenced = [], False
    text, note = decoded(path)
    for line, _ in _plain(text):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        blocks.append((line, not fenced and re.match(r"#{1,6}\s+\S", line) is not None))
    return blocks, note


def _text(path: Path) -> tuple[list[Block], str]:
    text, note = decoded(path)
    return _plain(text), note


def _plain(text: str) -> list[Block]:
    return [(line, False) for line in text.splitlines()]


def decoded(path: Path, page: bool = False) -> tuple[str, str]:
    """(text, note) of a file; page: it may declare its encoding. Raises: Skip when its bytes are no text."""
    content = path.read_bytes()
    check_length(len(content) // 4)
    try:
        text, note = encodings.decode(content, encodings.label(content) if page else "")
    except ValueError as error:
        raise Skip(f"damaged: {error}") from error
    check_length(len(text))
    return text, note


READERS = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _text,
}
