"""The report card of a comparison: one page that says what was looked at, what was seen, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...files import write_whole
from ...show.text import in_html

SIGNS = {"yes": "✔", "no": "✘", "partly": "◐", "unknown": "?", "agree": "✔", "differ": "✘", "open": "?"}
CELL = "text-align:left;vertical-align:top;white-space:normal;overflow-wrap:anywhere;padding:0.3em 0.6em"
LINE = "border-bottom:1px solid rgba(128,128,128,0.5)"  # reads on a light and on a dark page
PAGE = '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{}</title>{}\n'


@dataclass(frozen=True)
class Finding:
    """One line of a card. verdict: yes | no | partly | unknown, or agree | differ | open. Raises: ValueError for another word."""

    check: str
    seen: str
    verdict: str

    def __post_init__(self) -> None:
        if self.verdict not in SIGNS:
            raise ValueError(f"{self.check}: {self.verdict!r} is no verdict: write {', '.join(SIGNS)}")


@dataclass(frozen=True)
class ReportCard:
    """A card as a page in a notebook, as text in a log, and as a file. All texts are shown letter by letter."""

    title: str
    source: str
    findings: Sequence[Finding]
    decision: str

    def save(self, path: Path) -> Path:
        """Write the card as an HTML page of its own; returns the path."""
        page = PAGE.format(in_html(self.title), self._repr_html_())
        return write_whole(path, page)

    def __str__(self) -> str:
        lines = [f"{SIGNS[one.verdict]} {one.check}: {one.seen}" for one in self.findings]
        return "\n".join([self.title, self.source, *lines, self.decision])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(self._row(one) for one in self.findings)
        table = f'<table style="width:100%;border-collapse:collapse">{rows}</table>'
        head = f"<h3>{in_html(self.title)}</h3><p>{in_html(self.source)}</p>"
        return f"<div>{head}{table}<p><b>{in_html(self.decision)}</b></p></div>"

    def _row(self, one: Finding) -> str:
        texts = (f"{SIGNS[one.verdict]} {one.verdict}", one.check, one.seen)
        widths = ("6em", "16em", "auto")
        cells = [f'<td style="{CELL};{LINE};width:{w}">{in_html(t)}</td>' for w, t in zip(widths, texts, strict=True)]
        return f"<tr>{''.join(cells)}</tr>"
