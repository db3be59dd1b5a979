"""How a check shows an example: short, each argument in its line, and cut around the first difference."""

import reprlib
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from ..show.text import code

MOST, BEFORE = 290, 120  # characters of a value that are shown, and how many of them stand before the first difference


class Words(str):
    """Words about a result, such as "a ValueError", shown without quotation marks."""

    __repr__ = str.__str__


def example(seen: Mapping[str, Any]) -> str:
    """A Markdown list of what was given, returned and expected; what is None is left out.

    seen: name -> value. Arguments by name ("given") get a line each. Of two long values under "you returned" and
    "expected" that part is shown where they begin to differ.
    """
    rows = {name: value for name, value in seen.items() if value is not None}
    given = rows.pop("given", None)
    arguments = given if isinstance(given, Mapping) and given else {"": given} if given is not None else {}
    lines = [f"given{f', {code(name)}' if name else ''}: {code(brief(value))}" for name, value in arguments.items()]
    texts = [_text(value) for value in rows.values()]
    if len(texts) > len(set(texts)):  # numbers that differ in their later digits
        texts = [_text(value, _Brief(digits=17).repr) for value in rows.values()]
    agree = next((at for at, signs in enumerate(zip(*texts, strict=False)) if len(set(signs)) > 1), 0)
    start = max(0, agree - BEFORE) if max(map(len, texts), default=0) > MOST else 0
    shown = [_part(text, start) for text in texts]
    lines += [f"{name}: {code(text)}" for name, text in zip(rows, shown, strict=True)]
    return "".join(["\n", *(f"\n- {line}" for line in lines)]) if lines else ""


def brief(value: Any, to_text: Callable[[Any], str] | None = None) -> str:
    """A value in at most 300 characters, whatever its repr does. to_text: in place of repr."""
    return _part(_text(value, to_text), 0)


class _Brief(reprlib.Repr):
    """Values as repr shows them, without what would not be shown anyway: a large one costs no minutes."""

    def __init__(self, digits: int = 6) -> None:
        super().__init__()
        self.digits, self.maxstring, self.maxother, self.maxlong = digits, 4000, 400, 400
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 100

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


def _part(text: str, start: int) -> str:
    end = start + MOST if len(text) - start >= MOST + 10 else len(text)
    return f"{'... ' if start else ''}{text[start:end]}{' ...' if end < len(text) else ''}"
