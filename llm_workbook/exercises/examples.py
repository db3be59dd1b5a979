"""How a check shows an example: short, each argument in its line, and cut around the first difference."""

import reprlib
from collections.abc import Callable, Mapping
from itertools import islice, takewhile
from typing import Any

from ..show.text import code

MOST, BEFORE = 290, 120  # characters of a value that are shown, and how many of them stand before the first difference


class Words(str):
    """Words about a result, such as "a ValueError", shown without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def sentence(text: str) -> str:
    """A message as a sentence: with a capital, unless it begins with code, and with a stop.

    >>> sentence("the share is different"), sentence("is one missing?"), sentence("`k` counts from 1")
    ('The share is different.', 'Is one missing?', '`k` counts from 1.')
    """
    text = text.rstrip(". ")
    return text[:1].upper() + text[1:] + ("" if text.endswith(("?", "!")) else ".")


def example(seen: Mapping[str, Any]) -> str:
    """A Markdown list of what was given, returned and expected; what is None is left out.

    seen: name -> value. Arguments by name ("given") get a line each. Of two long values under "you returned" and
    "expected" that part is shown where they begin to differ.
    """
    given = seen.get("given")
    rows: dict[str, Any] = {}
    if isinstance(given, Mapping) and given and all(isinstance(name, str) for name in given):
        rows |= {f"given, {code(name)}": value for name, value in given.items()}
    elif given is not None:
        rows["given"] = given
    lines = {name: brief(value) for name, value in rows.items()}
    known = {name: value for name, value in seen.items() if name != "given" and value is not None}
    values = {name: _text(value) for name, value in known.items()}
    if len(values) > len(set(values.values())):  # numbers that differ in their later digits
        values = {name: _text(value, _Brief(digits=17).repr) for name, value in known.items()}
    start = max(0, _agree(*values.values()) - BEFORE) if max(map(len, values.values()), default=0) >= MOST + 10 else 0
    lines |= {name: _part(text, start) for name, text in values.items()}
    return "\n\n" + "\n".join(f"- {name}: {code(text)}" for name, text in lines.items()) if lines else ""


def brief(value: Any, to_text: Callable[[Any], str] | None = None) -> str:
    """A value in at most 300 characters, whatever its repr does. to_text: in place of repr."""
    return _part(_text(value, to_text), 0)


class _Brief(reprlib.Repr):
    """Values as repr shows them, without what would not be shown anyway: a large one costs no minutes."""

    def __init__(self, digits: int = 6) -> None:
        super().__init__()
        self.digits = digits
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 100
        self.maxother = self.maxlong = 400
        self.maxstring = 4000

    def repr_dict(self, value: dict, level: int) -> str:
        """In the order of the dict."""
        pairs = islice(value.items(), self.maxdict)
        return f"{{{', '.join(f'{self.repr1(key, level - 1)}: {self.repr1(one, level - 1)}' for key, one in pairs)}}}"

    def repr_float(self, value: float, _: int) -> str:
        """Six digits are mostly enough to see a difference."""
        return repr(float(f"{value:.{self.digits}g}"))


def _text(value: Any, to_text: Callable[[Any], str] | None = None) -> str:
    try:
        return (to_text or _Brief().repr)(value)
    except Exception as error:
        return f"a {type(value).__name__} that cannot be shown ({type(error).__name__})"


def _agree(*texts: str) -> int:
    """How many characters the texts have in common at their beginnings; 0 for a single one."""
    return sum(1 for _ in takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))) if texts[1:] else 0


def _part(text: str, start: int) -> str:
    end = len(text) if len(text) - start < MOST + 10 else start + MOST
    return f"{'... ' if start else ''}{text[start:end]}{' ...' if end < len(text) else ''}"
