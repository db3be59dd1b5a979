"""Messages that read well everywhere: Markdown in a notebook, plain text in a terminal or a log; no colours."""

import html
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..corpus.records import Span

MARKUP = r"[\\`*_\[\]#|<>&~$@]|(?<=[a-z]):(?=//)|(?<=www)\.|^[-=+]|^\d{1,9}[.)]"  # the last sign of each is escaped


@dataclass(frozen=True)
class Text:
    """A message in Markdown; its plain form is the same without the stars and backticks.

    What a document, a model or a learner has written is put in with `literal` or `code`.
    """

    markdown: str

    def __str__(self) -> str:
        return html.unescape(self.markdown.replace("**", "").replace("`", ""))

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self.markdown


def literal(text: object) -> str:
    """Text from outside as Markdown that shows it letter by letter: no markup, link, image, formula or HTML; one line.

    >>> literal("![x](http://evil) *5* <b> $5 and $6")
    '!&#91;x&#93;(http&#58;//evil) &#42;5&#42; &#60;b&#62; &#36;5 and &#36;6'
    """

    def escaped(found: re.Match) -> str:
        *before, sign = found.group()
        return f"{''.join(before)}&#{ord(sign)};"

    return re.sub(MARKUP, escaped, " ".join(str(text).split()), flags=re.IGNORECASE)


def code(text: object) -> str:
    """Text from outside as a Markdown code span, whatever backticks it contains; one line.

    >>> code("a `b` c")
    '`` a `b` c ``'
    """
    line = " ".join(str(text).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def sentence(text: str) -> str:
    """A message as a sentence: with a capital, unless it begins with code, and with a stop.

    >>> sentence("the share is different"), sentence("is one missing?"), sentence("`k` counts from 1")
    ('The share is different.', 'Is one missing?', '`k` counts from 1.')
    """
    text = text.rstrip(". ")
    return text[:1].upper() + text[1:] + ("" if text.endswith(("?", "!")) else ".")


def in_html(text: str) -> str:
    """Text from outside as HTML that shows it letter by letter, white space kept; no formula begins in it either.

    >>> in_html("<b> $5")
    '&lt;b&gt; <span>$</span>5'
    """
    return re.sub(r"[$\\]", r"<span>\g<0></span>", html.escape(text))  # formulas are sought in one piece of text


def cut(text: str, start: int, spans: Iterable[tuple[str, Span]]) -> Iterator[tuple[str, list[str]]]:
    """A text that stands at `start` of its document, cut where spans of that document begin and end.

    spans: (name, span). Yields each piece with the names of the spans that hold it.

    >>> list(cut("to be or not", 10, [("verb", Span("msa", 13, 15))]))
    [('to ', []), ('be', ['verb']), (' or not', [])]
    """
    end = start + len(text)
    near = [(name, span) for name, span in spans if span.start < end and span.end > start]
    for low, high in pairwise(
        sorted({start, end, *(min(max(at, start), end) for _, span in near for at in (span.start, span.end))})
    ):
        yield text[low - start : high - start], [name for name, span in near if span.start <= low and span.end >= high]


def show(view: object) -> None:
    """Display `view` in a notebook, print it elsewhere."""
    if _shell() is None:
        print(view)
        return
    from IPython.display import display

    display(view)


def explain_missing_names() -> None:
    """From now on a NameError in a notebook also says what to do when a cell above has not been run."""
    if shell := _shell():
        shell.set_custom_exc((NameError,), _missing_name)


def _shell() -> Any:
    """The notebook's or IPython's shell; None in plain Python."""
    ipython = sys.modules.get("IPython")  # whoever runs in it has imported it
    return ipython.get_ipython() if ipython else None


def _missing_name(shell: Any, kind: type, error: NameError, traceback: Any, tb_offset: int | None = None) -> None:
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
    print(
        f"Is `{error.name}` made in a cell above that has not run yet? Then choose Run > Run All Above Selected Cell."
        " Nothing is lost."
    )
