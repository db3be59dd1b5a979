"""Where a quotation stands in a text, although a typesetter, a PDF or a word processor has set it in another way."""

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

QUOTES = dict.fromkeys("‘’‚‛‹›′ʼ`´", "'") | dict.fromkeys("“”„‟«»″", '"')
MARKS_AROUND = "".join(QUOTES) + "\"'"
ALIKE = QUOTES | {"⁄": "/"}
DASHES = frozenset("-‐‑‒–—―−﹘﹣－")
TWICE = {"-": "-", "'": '"'}  # a sign that is typed twice for another one
DIVIDED = "\0"  # a dash at the end of a line, after a letter: part of the word, or not


def places(text: str, quote: str) -> list[tuple[int, int]]:
    """(start, end) of each place in `text` where the quote stands, white space aside.

    Where it does not stand to the letter, other quotation marks, dashes, ligatures, accents written as one sign or two,
    and words divided at line ends count as the same; then also capitals.

    >>> places("The “Supplier’s” manip-\\nulation", "Supplier's\\" manipulation")
    [(5, 31)]
    """
    if not quote.strip():
        return []
    exact = [match.span() for match in re.finditer(r"\s*".join(map(re.escape, "".join(quote.split()))), text)]
    return exact or _alike(text, quote, False) or _alike(text, quote, True)


def _alike(text: str, quote: str, any_case: bool) -> list[tuple[int, int]]:
    (signs, starts, ends), (wanted, *_) = _plain(text, any_case), _plain(quote, any_case)
    pattern = f"{DIVIDED}?".join(_pattern(sign) for sign in wanted)
    found = [match.span() for match in re.finditer(pattern, signs)] if wanted.strip(DIVIDED) else []
    whole = [(start, end) for start, end in found if end == len(signs) or not unicodedata.combining(signs[end])]
    return [(starts[start], _end(text, ends[end - 1])) for start, end in whole]


def _pattern(sign: str) -> str:
    if sign == "-":
        return f"[-{DIVIDED}]"
    return f"[-{DIVIDED}]?" if sign == DIVIDED else re.escape(sign)


def _end(text: str, end: int) -> int:
    """The end, with what is written on top of the last sign."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


@lru_cache(maxsize=8)
def _plain(text: str, any_case: bool) -> tuple[str, Sequence[int], Sequence[int]]:
    """The text in plain signs without white space, and where each of them starts and ends."""
    signs: list[str] = []
    starts, ends = array("L"), array("L")  # of a long document, lists of numbers would take hundreds of megabytes
    for at, sign in enumerate(text):
        for plain in _signs(text, at, sign):
            plain = ALIKE.get(plain, plain)
            if plain in TWICE and signs[-1:] == [plain]:
                signs[-1], ends[-1] = TWICE[plain], at + 1
                continue
            small = plain.casefold() if any_case else plain
            signs += small
            starts.extend([at] * len(small))
            ends.extend([at + 1] * len(small))
    return "".join(signs), starts, ends


def _signs(text: str, at: int, sign: str) -> Iterator[str]:
    if sign in DASHES:
        divides = at and text[at - 1].isalpha() and re.compile(r"[^\S\n]*\r?\n\s*[^\W\d_]").match(text, at + 1)
        yield DIVIDED if divides else "-"
    elif sign in ALIKE:
        yield ALIKE[sign]
    elif not sign.isspace() and unicodedata.category(sign) != "Cf":
        yield from (plain for plain in unicodedata.normalize("NFKD", sign) if not plain.isspace())
