"""Where chunks begin and end in a contract, and which evidence they cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...corpus.records import Contract, Span
from ...show.text import cut, in_html

BOX = (
    "max-height:26em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid"
    " #888;padding:8px;line-height:1.7"
)
AROUND = 120  # characters shown on each side of a piece of evidence
EDGE = '<b style="background:#0b5394;color:#fff;padding:0 4px;border-radius:3px;font-size:80%">{}</b>'
GAP = "\n…\n"
STYLES = {
    "whole": "background:#ffd54d;color:#000;padding:0 2px",
    "cut": "background:#fff;color:#000;border:2px dashed #b00020;text-decoration:line-through;padding:0 2px",
}


@dataclass(frozen=True)
class Boundaries:
    """A contract, its chunks in order, and the evidence in it. Spans of other documents are left out.

    Evidence is whole when one chunk holds all of it, else cut. In HTML chunks begin at a number, what two chunks share is underlined,
    whole evidence is filled, cut evidence is struck through in a dashed box. Text far from any evidence becomes three dots.
    """

    contract: Contract
    chunks: Sequence[Span]
    evidence: Sequence[Span]

    @property
    def fate(self) -> dict[Span, str]:
        """Each piece of evidence in this contract, by place: "whole" or "cut"."""
        here = sorted({span for span in self.evidence if span.document == self.contract.id})
        return {
            span: "whole" if any(chunk.overlap(span) == len(span) for chunk in self.chunks) else "cut" for span in here
        }

    def __str__(self) -> str:
        fates = list(self.fate.values())
        counts = f"{fates.count('whole')} of {len(fates)} pieces of evidence whole, {fates.count('cut')} cut"
        return (
            f"{self.contract.title}: {sum(chunk.document == self.contract.id for chunk in self.chunks)} chunks,"
            f" {counts}"
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        edges: dict[int, str] = {}
        for number, chunk in enumerate((chunk for chunk in self.chunks if chunk.document == self.contract.id), start=1):
            edges[chunk.start] = edges.get(chunk.start, "") + EDGE.format(number)
        named = [("chunk", chunk) for chunk in self.chunks] + [(fate, span) for span, fate in self.fate.items()]
        named += [("near", Span(span.document, max(0, span.start - AROUND), span.end + AROUND)) for span in self.fate]
        spans = [(name, span) for name, span in named if span.document == self.contract.id]
        html, at = "", 0
        for piece, names in cut(self.contract.text, 0, spans):
            if "near" in names or not self.fate:
                html += edges.get(at, "") + _styled(in_html(piece), names)
            elif not html.endswith(GAP):
                html += GAP
            at += len(piece)
        return f'<p><b>{in_html(str(self))}</b></p><div style="{BOX}">{html}</div>'


def _styled(piece: str, names: Sequence[str]) -> str:
    """A piece of escaped text in the style of what holds it; a cut wins over a whole one."""
    if names.count("chunk") > 1:
        piece = f"<u>{piece}</u>"
    fate = next((fate for fate in ("cut", "whole") if fate in names), None)
    return f'<mark style="{STYLES[fate]}">{piece}</mark>' if fate else piece
