"""Ranked passages with the evidence marked, as HTML in a notebook and as text in a log."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..corpus.records import Span
from .text import cut, in_html

MARK = '<mark style="background:#ffd54d;color:#000;padding:0 2px">'


@dataclass(frozen=True)
class Passage:
    """One retrieved piece of text: where it comes from and what it says. `covers`: it holds the evidence."""

    span: Span
    title: str
    text: str
    covers: bool


@dataclass(frozen=True)
class Passages:
    """A question, its answer and the passages a system ranked for it, best first."""

    question: str
    answer: str
    passages: Sequence[Passage]
    evidence: Sequence[Span]

    def __str__(self) -> str:
        lines = [f"Q: {self.question}", f"A: {self.answer}"]
        for rank, passage in enumerate(self.passages, start=1):
            sign = "[evidence]" if passage.covers else "[ ]"
            lines.append(f"{rank}. {sign} {passage.title}: {' '.join(passage.text.split())[:160]}...")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<p><b>{in_html(self.question)}</b><br>Answer: <b>{in_html(self.answer)}</b></p>"
        rows = "".join(self._row(rank, passage) for rank, passage in enumerate(self.passages, start=1))
        columns = '<colgroup><col style="width:3.5em"><col></colgroup>'
        return f'{head}<table style="width:100%;table-layout:fixed">{columns}{rows}</table>'

    def _row(self, rank: int, passage: Passage) -> str:
        sign = "✔ evidence" if passage.covers else "✘"
        cell = '<td style="text-align:left;vertical-align:top;overflow-wrap:anywhere;white-space:normal">'
        text = (
            f"<b>{in_html(passage.title)}</b> {sign}<div"
            f' style="white-space:pre-line">{marked(passage.text, passage.span, self.evidence)}</div>'
        )
        return f"<tr>{cell}{rank}</td>{cell}{text}</td></tr>"


def marked(text: str, place: Span, evidence: Sequence[Span]) -> str:
    """The text that stands at `place` as escaped HTML (it is data, never markup), with the evidence highlighted."""
    spans = [("evidence", span) for span in evidence if span.document == place.document]
    pieces = ((in_html(piece), held) for piece, held in cut(text, place.start, spans))
    return "".join(f"{MARK}{piece}</mark>" if held else piece for piece, held in pieces)
