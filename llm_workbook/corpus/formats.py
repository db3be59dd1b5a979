"""PDF, DOCX, HTML, Markdown and text files as lines of text. Files are data: nothing in them is run, expanded or
fetched."""

import logging
import re
import zipfile
from pathlib import Path

MAX_BYTES, MAX_CHARACTERS = 50_000_000, 5_000_000  # of a file, packed and unpacked; of its text
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})
NOT_SHOWN = "ancestor::*[local-name()='Fallback' or local-name()='moveFrom']"
LINES = ("li", "tr", "br")
PARAGRAPHS = ("p", "div", "pre", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6")
Block = tuple[str, bool]


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

    logging.getLogger("pypdf").setLevel(
        logging.CRITICAL
    )  # what it mends by itself is no news; what it cannot mend, it raises
    with PdfReader(path) as reader:
        if reader.is_encrypted and not reader.decrypt(""):
            raise Skip("encrypted: open it with its password and save it without one")
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text().translate(LIGATURES))
            check_length(sum(map(len, pages)))
    bare = [str(number) for number, text in enumerate(pages, start=1) if len("".join(text.split())) < 20]
    if pages and len(bare) == len(pages):
        raise Skip(f"scanned: {len(pages)} pages with hardly any text; run a text recognition (OCR) over it first")
    note = (
        f"hardly any text on pages {', '.join(bare[:10])}{' and more' if len(bare) > 10 else ''} of {len(pages)}"
        " (scanned?)"
    )
    return [block for text in pages for block in _plain(text)], note if bare else ""


def _docx(path: Path) -> tuple[list[Block], str]:
    from docx import Document
    from docx.oxml.ns import qn

    _check_archive(path)
    document = Document(str(path))
    names = {style.style_id: style.name or "" for style in document.styles}
    blocks: list[Block] = []
    for element in document.element.body.iter(qn("w:p"), qn("w:tr")):
        if next(element.iterancestors(qn("w:p"), qn("w:tr")), None) is not None:
            continue  # read with the row or text box that holds it
        if element.tag == qn("w:tr"):
            blocks.append(
                (
                    " | ".join(" ".join(_docx_text(cell).split()) for cell in element.xpath("./w:tc | ./w:sdt//w:tc")),
                    False,
                )
            )
        else:
            heading = re.match("(?i)heading|title", names.get(element.style or "", "")) is not None
            blocks += [("", False), *((line, heading) for line in _docx_text(element).splitlines())]
    return blocks, ""


def _docx_text(element) -> str:
    """The text of an element as a reader sees it with all changes accepted."""
    return "".join(
        " " if run.tag.endswith("}p") else run.text for run in element.xpath(f".//w:r[not({NOT_SHOWN})] | .//w:p")
    )


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
    from bs4 import BeautifulSoup, NavigableString

    soup = BeautifulSoup(decoded(path).replace("\x01", ""), "html.parser")
    for tag in soup(["title", "noscript"]):
        tag.decompose()
    for node in soup.find_all(string=True):
        if type(node) is NavigableString and not node.find_parent("pre"):
            node.replace_with(re.sub(r"\s+", " ", node))
    for tag in soup([*LINES, *PARAGRAPHS]):
        if tag.name[0] == "h":
            tag.insert(0, "\x01")
        tag.insert_before("\n" if tag.name in LINES else "\n\n")
        tag.insert_after("" if tag.name in LINES else "\n")
    for cell in soup(["td", "th"]):
        cell.insert_after(" | ")
    return [(re.sub(r"[ |]+$", "", line).strip(" \x01"), "\x01" in line) for line in soup.get_text().split("\n")], ""


def _markdown(path: Path) -> tuple[list[Block], str]:
    blocks, fenced = [], False
    for line, _ in _plain(decoded(path)):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        blocks.append((line, not fenced and re.match(r"#{1,6}\s+\S", line) is not None))
    return blocks, ""


def _text(path: Path) -> tuple[list[Block], str]:
    return _plain(decoded(path)), ""


def _plain(text: str) -> list[Block]:
    return [(line, False) for line in text.splitlines()]


def decoded(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16, the encoding an HTML file declares, or Windows-1252."""
    from bs4.dammit import EncodingDetector

    content = path.read_bytes()
    check_length(len(content) // 4)
    declared = EncodingDetector.find_declared_encoding(content, is_html=path.suffix.lower().startswith(".htm"))
    for encoding in (
        ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", declared or "cp1252", "cp1252")
    ):
        try:
            text = content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" not in text:
            check_length(len(text))
            return text
    raise Skip("damaged: its bytes are not text in UTF-8, UTF-16 or Windows-1252")


READERS = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _text,
}
