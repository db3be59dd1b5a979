"""A corpus as one web page for a human read: contracts with their gold spans marked, each question beside its
evidence."""

import hashlib
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template

from ..corpus.records import Contract, Question, Span
from .text import cut

PAGE = Template(Path(__file__).with_name("browser.html").read_text(encoding="utf-8"))
FILTERS = {
    "type": lambda q: [q.type],
    "label": lambda q: q.labels,
    "task": lambda q: [q.task],
    "split": lambda q: [q.split],
}


def corpus_page(name: str, contracts: Sequence[Contract], questions: Sequence[Question]) -> str:
    """The page as HTML, without network; texts are escaped. A question stands in each contract that holds evidence for
    it."""
    ids = {contract.id: f"c{number}" for number, contract in enumerate(contracts)}
    asked: dict[str, list[tuple[str, Question]]] = defaultdict(list)
    for number, q in enumerate(questions):
        for document in dict.fromkeys([span.document for span in q.evidence] or q.documents or [""]):
            asked[document if document in ids else ""].append((str(number), q))
    articles = "".join(_article(contract, asked[contract.id], ids) for contract in contracts)
    families: dict[str, str] = defaultdict(str)
    for contract in contracts:
        families[contract.family] += (
            f'<a href="#{ids[contract.id]}"><span>{escape(contract.title)}</span><span></span></a>'
        )
    if asked[""]:
        articles += (
            '<article id="none"><h2>Asked of no contract that is'
            f" here</h2><ol>{_cards(asked[''], '', ids)}</ol></article>"
        )
        families["elsewhere"] += '<a href="#none"><span>No contract</span><span></span></a>'
    links = "".join(f"<section><b>{escape(family)}</b>{links}</section>" for family, links in families.items())
    filters = "".join(
        _select(name, (value for q in questions for value in values(q))) for name, values in FILTERS.items()
    )
    script = PAGE.template.partition("<script>")[2].partition("</script>")[0]
    return PAGE.substitute(
        name=escape(name), contracts=len(contracts), questions=len(questions), filters=filters, links=links,
        articles=articles,
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip


def _select(name: str, values: Iterable[str]) -> str:
    options = "".join(
        f'<option value="{escape(value)}">{escape(value)} ({n})</option>'
        for value, n in sorted(Counter(values).items())
    )
    return f'<label>{name} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _article(contract: Contract, asked: Sequence[tuple[str, Question]], ids: dict[str, str]) -> str:
    """One contract in rows, cut at its sections and, in long ones, before evidence: text left, the questions of its
    evidence right."""
    spans = [(number, span) for number, q in asked for span in q.evidence if span.document == contract.id]
    first = {number: span.start for number, span in sorted(spans, key=lambda item: -item[1].start)}
    heads, cuts = {section.start for section in contract.sections}, [0]
    for at in sorted(heads | {contract.text.rfind("\n", 0, start) + 1 for start in first.values()}):
        cuts += [at] if at > cuts[-1] and (at in heads or at > cuts[-1] + 600) else []
    rows = ""
    for start, end in pairwise([*cuts, len(contract.text)]):
        cards = _cards([item for item in asked if start <= first.get(item[0], -1) < end], contract.id, ids)
        rows += (
            '<div class="row"><div'
            f' class="text">{_marked(contract.text[start:end], start, spans)}</div><ol>{cards}</ol></div>'
        )
    if absent := [item for item in asked if item[0] not in first]:
        cards = _cards(absent, contract.id, ids)
        rows = (
            "<details><summary>Asked of it, without evidence in it"
            f" ({len(absent)})</summary><ol>{cards}</ol></details>{rows}"
        )
    known = [
        ", ".join(value) if isinstance(value, list | tuple) else str(value)
        for value in contract.metadata.values()
        if value
    ]
    facts = escape(" · ".join([contract.id, contract.split, *known]))
    return (
        f'<article id="{ids[contract.id]}"><h2>{escape(contract.title)}</h2><p class="soft">{facts}</p>{rows}</article>'
    )


def _cards(asked: Iterable[tuple[str, Question]], document: str, ids: dict[str, str]) -> str:
    cards = ""
    for number, q in asked:
        data = " ".join(f'data-{name}="{escape("|".join(values(q)))}"' for name, values in FILTERS.items())
        tags = "".join(
            f"<i>{escape(tag)}</i>" for tag in dict.fromkeys((q.type, *q.labels, q.task, q.split, q.subset)) if tag
        )
        others = [
            name for name in dict.fromkeys((*(span.document for span in q.evidence), *q.documents)) if name != document
        ]
        links = ", ".join(
            f'<a href="#{ids[name]}">{escape(name)}</a>' if name in ids else escape(name) for name in others
        )
        answers = (
            f'{escape(q.answers[0])} <span class="soft">{escape(" / ".join(q.answers[1:]))}</span>' if q.answers else ""
        )
        cards += f'<li tabindex="0" data-q="{number}" {data}><q>{escape(q.question)}</q><div>{answers}</div>'
        cards += f"{f'<div class=soft>also in {links}</div>' if links else ''}{tags}</li>"
    return cards


def _marked(text: str, start: int, spans: Sequence[tuple[str, Span]]) -> str:
    """The text that stands at `start` of its contract as escaped HTML; each mark names the questions whose evidence it
    is."""
    pieces = ((escape(piece), " ".join(dict.fromkeys(numbers))) for piece, numbers in cut(text, start, spans))
    return "".join(f'<mark data-q="{numbers}">{piece}</mark>' if numbers else piece for piece, numbers in pieces).strip(
        "\n"
    )
