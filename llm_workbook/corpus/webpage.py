"""A web page as the lines that a person sees in a browser: nothing hidden, and no two blocks glued together."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Block = tuple[str, bool]  # a line, and whether it is a heading
Declaration = tuple[str, str, int]  # name, value, 1 where it is "!important"
# What browsers do not draw (HTML Standard, 15.3.1), and what they draw something else for; ix:header is of XBRL filings
NOT_DRAWN = (
    "script", "style", "template", "noscript", "title", "noembed", "noframes", "datalist", "rp", "iframe", "object",
    "audio", "video", "canvas", "ix:header",
)  # fmt: skip
LINES = frozenset("li dt dd option optgroup summary figcaption legend caption".split())  # noqa: SIM905
PARAGRAPHS = frozenset(
    """address article aside blockquote body center details dialog dir div dl fieldset figure footer form h1 h2 h3 h4 h5
    h6 header hgroup hr listing main menu nav ol p plaintext pre search section ul xmp""".split()  # noqa: SIM905
)
HEADING, LINE, PARAGRAPH, ROW, CELL, TABLE = "\x01\x02\x03\x04\x05\x06"  # where they begin; taken out at the end
SPACED = ("button", "select", "textarea", "label", "del", "s", "strike")  # apart from what they stand beside
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")  # "30" and the mark of a note are not "301"
NO_WIDTH = "\xad\u200b\u2060\ufeff"  # where a browser may divide a word, or may not
UNSEEN = {"visibility": "hidden|collapse", "font-size": r"0*\.?0+[a-z%]*"}  # handed down, until a tag says otherwise
FAR_AWAY = re.compile(r"-(\d{4,}|\d{3,}(r?em|%|v[wh]))")
BOXES = ("submit", "button", "reset", "text", "number", "date", "email", "tel", "url", "search", "time", "")


def visible_lines(markup: str) -> list[Block]:
    """The lines of a page. Inline styles and simple style sheets are followed where they hide or separate text."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(re.sub(r"(?i)</br\s*>", "<br>", markup.replace("\0", "")), "lxml")
    styles = _styles(soup)
    for tag in soup(NOT_DRAWN):
        tag.decompose()
    _take_out_hidden(soup, styles)
    _squeeze(soup, styles)
    _raise_digits(soup)
    for tag in soup(True):
        _mark(tag, styles.get(id(tag), {}).get("display", ""))
    text = re.sub(rf"[ {LINE}-{TABLE}\n]*[{LINE}-{TABLE}\n][ {LINE}-{TABLE}\n]*", _break, soup.get_text())
    return [(line.strip(f" {HEADING}"), HEADING in line) for line in re.sub(r"[ |]+(?=\n|$)", "", text).split("\n")]


def _styles(soup: Any) -> dict[int, dict[str, str]]:
    """id of a tag -> its declarations, by the weight of the rule, then in order (W3C, CSS Cascading 4)."""
    from soupsieve import SelectorSyntaxError

    found: list[tuple[tuple[int, ...], int, str, str]] = []
    for selector, declared in _rules("\n".join(sheet.get_text() for sheet in soup("style"))):
        try:
            tags = soup.select(selector)
        except (SelectorSyntaxError, NotImplementedError, ValueError):
            continue  # such as ::before, which selects no element
        weight = _weight(selector)
        found += [((hard, 0, *weight), id(tag), name, value) for tag in tags for name, value, hard in declared]
    for tag in soup(style=True):
        found += [((hard, 1), id(tag), name, value) for name, value, hard in _declarations(tag["style"])]
    styles: dict[int, dict[str, str]] = {}
    for _, tag, name, value in sorted(found, key=lambda one: one[0]):
        styles.setdefault(tag, {})[name] = value
    return styles


def _weight(selector: str) -> tuple[int, int, int]:
    """How many ids, classes (with attributes and states) and names of tags a selector has."""
    plain = re.sub(r"\[[^\]]*\]", "[", selector)
    kinds = (r"#[\w-]", r"\.[\w-]|\[|(?<!:):(?!:|is|not|where)\w", r"(?:^|[\s>+~(])[a-zA-Z]")
    ids, classes, names = (len(re.findall(kind, plain)) for kind in kinds)
    return ids, classes, names


def _rules(sheet: str) -> Iterable[tuple[str, list[Declaration]]]:
    """(one selector, declarations) of the rules that hold on every screen and can hide or separate text."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)
    media = r"@(?!media\s+(?:screen|all)\s*\{)[\w-]+[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})"
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(media, "", sheet)):
        if re.search(r"display|visibility|opacity|white-space|font-size|position|left|top", body):
            bare = re.sub(r"^\s*@media\s+\w+\s*", "", selector)
            yield from ((one.strip(), _declarations(body)) for one in re.split(r",(?![^(\[]*[)\]])", bare))


def _declarations(text: str) -> list[Declaration]:
    """(name, value, is it "!important") in their order."""
    pairs = (part.partition(":") for part in re.sub(r"/\*.*?\*/", "", text, flags=re.S).lower().split(";"))
    marked = [(name.strip(), re.subn(r"\s*!\s*important", "", value)) for name, _, value in pairs if value]
    return [(name, value.strip(), count) for name, (value, count) in marked]


def _take_out_hidden(soup: Any, styles: Mapping[int, Mapping[str, str]]) -> None:
    for tag in soup(True):
        if not tag.decomposed and _is_hidden(tag, styles.get(id(tag), {})):
            tag.decompose()
    for name in UNSEEN:
        _take_out_unseen(soup, {tag: declared[name] for tag, declared in styles.items() if name in declared}, name)


def _take_out_unseen(soup: Any, values: Mapping[int, str], name: str) -> None:
    """Take out the texts whose nearest tag with a value of that property has one that hides them."""
    for node in soup(string=True) if values else ():
        near = node.find_parent(lambda tag: id(tag) in values)
        if near and re.fullmatch(UNSEEN[name], values[id(near)]):
            node.extract()


def _is_hidden(tag: Any, style: Mapping[str, str]) -> bool:
    closed = tag.has_attr("hidden") or tag.has_attr("popover") or (tag.name == "dialog" and not tag.has_attr("open"))
    shown = style.get("display", "none" if closed else "")
    away = style.get("position") in ("absolute", "fixed") and any(
        FAR_AWAY.match(style.get(side, "")) for side in ("left", "top")
    )
    clear = re.fullmatch(r"0*\.?0+%?", style.get("opacity", "1")) is not None
    return shown == "none" or style.get("content-visibility") == "hidden" or away or clear


def _squeeze(soup: Any, styles: Mapping[int, Mapping[str, str]]) -> None:
    """White space counts as one space but where the page keeps it; signs that serve as marks are taken out."""

    def keeps(tag: Any) -> bool:
        return tag.name in ("pre", "textarea", "listing") or styles.get(id(tag), {}).get("white-space", "")[:3] == "pre"

    for node in soup(string=True):
        text = re.sub(rf"[\x01-\x08{NO_WIDTH}]", "", node)
        node.replace_with(type(node)(text if node.find_parent(keeps) else re.sub(r"\s+", " ", text)))


def _raise_digits(soup: Any) -> None:
    for tag in soup("sup"):
        for node in tag(string=True) if tag.get_text().strip().isdecimal() else ():
            node.replace_with(node.translate(RAISED))


def _mark(tag: Any, display: str) -> None:
    """Put the marks of a tag around it, by its style or its name; and what a form shows as text."""
    name = tag.name
    if "flex" in display or "grid" in display:
        for item in tag(True, recursive=False):
            item.insert_before(" ")
            item.insert_after(" ")
    if name == "br":
        tag.replace_with("\n")
    elif name == "input":
        tag.replace_with(_input(tag))
    elif name == "q":
        tag.insert(0, "“")
        tag.append("”")
    elif name in ("td", "th") or display == "table-cell":
        tag.insert_before(CELL)
    elif name == "tr" or display == "table-row":
        tag.insert_before(ROW)
        tag.insert_after(ROW)
    elif name in SPACED and not display:
        tag.insert_before(" ")
        tag.insert_after(" ")
    elif around := _around(name, display):
        tag.insert(0, HEADING if re.fullmatch("h[1-6]", name) else "")
        tag.insert_before(around)
        tag.insert_after(around)


def _around(name: str, display: str) -> str:
    if display.startswith("inline") or display == "contents":
        return ""
    if name == "table" or display == "table":
        return TABLE
    if name in LINES:
        return LINE
    return PARAGRAPH if name in PARAGRAPHS else LINE if display else ""


def _input(tag: Any) -> str:
    kind = tag.get("type", "").lower()
    if kind in ("checkbox", "radio"):
        return " ☒ " if tag.has_attr("checked") else " ☐ "
    return f" {tag.get('value', '')} " if kind in BOXES else ""


def _break(run: re.Match) -> str:
    """What stands for a run of marks and line ends between two pieces of text."""
    marks = run.group()
    if TABLE in marks or (PARAGRAPH in marks and CELL not in marks and ROW not in marks):
        return "\n\n"
    if ROW in marks:
        return "\n" + "| " * (marks.rpartition(ROW)[2].count(CELL) - 1)
    if CELL in marks:
        return " |" * marks.count(CELL) + " "
    return "\n" * max(1, marks.count("\n"))
