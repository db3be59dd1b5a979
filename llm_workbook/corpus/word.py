"""A Word document as the lines that a person sees, with all changes accepted."""

from collections.abc import Iterator
from typing import Any

from .webpage import RAISED, Block

NOT_SHOWN = "ancestor::*[local-name()='Fallback' or local-name()='moveFrom' or local-name()='del']"
HEADINGS = ("heading", "title")  # how the names of such styles begin
MISSING = {  # what is not read -> where it would stand
    "automatic numbers": "//w:numPr",
    "check boxes and lists of an old form": "//w:ffData[w:checkBox or w:ddList]",
    "signs of a symbol font": "//w:sym",  # such as a ticked box
    "equations": "//m:oMath",
    "embedded files": "//w:object | //w:altChunk",
}


def shown_lines(document: Any) -> tuple[list[Block], str]:
    """Lines of the body, its text boxes, footnotes and endnotes, and a note that names what else there is.

    document: of python-docx.
    """
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml

    headings = {style.style_id for style in document.styles if (style.name or "").lower().startswith(HEADINGS)}
    hidden = _hidden_styles(document.styles.element)
    blocks = list(_blocks(document.element.body, headings, hidden))
    related = list(document.part.rels.values())
    for relation in related:
        if relation.reltype in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES):
            blocks += _blocks(parse_xml(relation.target_part.blob), headings, hidden)
    missing = [name for name, path in MISSING.items() if document.element.body.xpath(path)]
    frames = (rel for rel in related if rel.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER))
    if any(map(str.isalpha, "".join(text.text or "" for rel in frames for text in _all(rel.target_part.element, "t")))):
        missing.append("page headers and footers")
    return blocks, f"not read: {', '.join(missing)}" if missing else ""


def _all(element: Any, *names: str) -> Iterator[Any]:
    from docx.oxml.ns import qn

    return element.iter(*(qn(f"w:{name}") for name in names))


def _blocks(root: Any, headings: set[str], hidden: set[str]) -> Iterator[Block]:
    """A line for each table row, an empty line and the lines of each paragraph; a text box follows what holds it."""
    from docx.oxml.ns import qn

    holders = [qn(f"w:{name}") for name in ("p", "tr", "txbxContent")]
    for element in _all(root, "p", "tr"):
        holder = next(element.iterancestors(*holders), None)
        if (holder is not None and holder.tag != holders[2]) or element.xpath(NOT_SHOWN):
            continue  # read with the paragraph or row that holds it, or not at all
        if element.tag == holders[0]:
            yield "", False
            yield from ((line, element.style in headings) for line in _text(element, hidden).splitlines())
        elif not element.xpath("./w:trPr/w:del") and not any(map(_is_on, element.xpath("./w:trPr/w:hidden"))):
            cells = element.xpath("./w:tc | ./w:sdt//w:tc")
            yield " | ".join(" ".join(_text(cell, hidden).split()) for cell in cells), False


def _text(element: Any, hidden: set[str]) -> str:
    """The text of a paragraph or cell, without that of text boxes within it."""
    inside = f"count(ancestor::w:txbxContent) = {len(element.xpath('ancestor::w:txbxContent'))} and not({NOT_SHOWN})"
    parts = element.xpath(f".//w:r[{inside}] | .//w:p[{inside}]")
    return "".join(" " if part.tag.endswith("}p") else _run(part) for part in parts if not _is_hidden(part, hidden))


def _run(run: Any) -> str:
    """The text of a run; the mark of a note and what is struck out are not glued to the value beside them."""
    if run.xpath("./w:rPr/w:vertAlign[@w:val='superscript']") and run.text.strip().isdecimal():
        return run.text.translate(RAISED)
    return f" {run.text} " if any(map(_is_on, run.xpath("./w:rPr/w:strike | ./w:rPr/w:dstrike"))) else run.text


def _is_hidden(run: Any, hidden: set[str]) -> bool:
    """Is a run hidden, by itself or by a style of it or of its paragraph?"""
    if own := run.xpath("./w:rPr/w:vanish"):
        return _is_on(own[0])
    names = run.xpath("./w:rPr/w:rStyle/@w:val | ancestor::w:p[1]/w:pPr/w:pStyle/@w:val")
    return not hidden.isdisjoint(names)


def _hidden_styles(styles: Any) -> set[str]:
    """The ids of the styles that hide text, by themselves or by what they are based on."""
    from docx.oxml.ns import qn

    known = {style.get(qn("w:styleId")): style for style in _all(styles, "style")}

    def hides(name: str, before: tuple[str, ...] = ()) -> bool:
        if name not in known or name in before:
            return False
        if (own := known[name].find(f"{qn('w:rPr')}/{qn('w:vanish')}")) is not None:
            return _is_on(own)
        base = known[name].find(qn("w:basedOn"))
        return base is not None and hides(base.get(qn("w:val")), (*before, name))

    return {name for name in known if hides(name)}


def _is_on(switch: Any) -> bool:
    from docx.oxml.ns import qn

    return switch.get(qn("w:val"), "1") not in ("0", "false", "off")
