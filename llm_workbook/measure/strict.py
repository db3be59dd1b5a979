"""Is an answer right? It gives the value of a reference, in the right unit and currency, and no other beside it."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .signs import plain

CURRENCIES = {"€": "eur", "£": "gbp", "$": "usd"}
MONEY = {
    *("eur", "gbp", "usd", "nok", "dkk", "sek", "chf", "pln", "jpy", "euro", "euros", "dollar", "dollars", "pound"),
    *("pounds", "sterling", "krone", "kroner", "kronor", "franc", "francs"),
}
UNITS = MONEY | {"%", *(f"{unit}{plural}" for unit in ("day", "week", "month", "year", "hour") for plural in ("", "s"))}
SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
PARTS = {"one-half": 0.5, "half": 0.5, "one-quarter": 0.25, "three-quarters": 0.75}
VALUES = {**{word: n for n, word in enumerate(SMALL)}, **{word: 10 * n for n, word in enumerate(TENS, 2)}, **PARTS}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
TITLE = re.compile(r"\([^()]*\s/\s[^()]*(?:\)|$)")  # "(Kestrel Grid / Halden Energy)": how a title names its parties
CUT_OFF = re.compile(r"(?<=[\w)])\s*\([^()]*$")  # "two per cent (2.": the answer's last token was not its last
LIST_MARK = re.compile(r"^\s*(?:1\.|\d{1,2}\))\s+(?=\S)")


def states(answer: str, references: Sequence[str], question: str = "") -> bool:
    """True when the answer gives the value of one reference and no other value.

    - Hyphenated numbers are whole: "thirty-one" does not contain "one".
    - Where the first reference is a sum of money, the answer names its currency and no other.
    - Where it is a bare number, that number has no unit: "5 %" does not answer "how many?".
    - Where it has a number, the answer has no number beside it that is neither a reference's nor the question's.
    - A title that is repeated, "(Weserkai / Halden Foods)", is no answer.

    >>> states("within thirty (30) days", ["30 days"]), states("30 days or 60 days", ["30 days"])
    (True, False)
    >>> states("EUR 5.10", ["USD 5.10", "5.10"]), states("$5.10", ["USD 5.10", "5.10"])
    (False, True)
    """
    text = TITLE.sub(" ", answer)
    readings = {text, LIST_MARK.sub("", text), CUT_OFF.sub("", text), CUT_OFF.sub("", LIST_MARK.sub("", text))}
    return any(_states(words(reading), references, words(question)) for reading in readings)


def words(text: str) -> list[str]:
    """The words of a text in lower case; numbers in figures, once where they stand twice; currencies as codes.

    >>> words("Twenty-one (21) per cent of €5,000.50!")
    ['21', '%', 'of', 'eur', '5000.5']
    """
    text = re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", plain(text).lower())
    text = re.sub(r"[€£$]", lambda sign: f" {CURRENCIES[sign[0]]} ", text)
    text = re.sub(r"%|\bper\s?cent\b", " % ", text)
    text = re.sub(r"\b(eur|gbp|usd|nok|dkk|sek|chf)(?=\d)", r"\1 ", text)
    found = re.findall(r"%|\d+(?:\.\d+)?(?![\w-])|\w+(?:[-'’]\w+)*", text)
    return _once(_in_figures([word for word in found if word not in ("a", "an", "the")]))


def _in_figures(found: list[str]) -> list[str]:
    """Numbers in words become figures: "one hundred eighty" 180, "two and one-half" 2.5, "6 million" 6000000."""
    out: list[str] = []
    run: list[str] = []
    for word, after in pairwise([*found, ""]):
        if _counts(word, after, run):
            run.append(word)
            continue
        out += _figure(run)
        run = []
        out.append(word)
    return out + _figure(run)


def _counts(word: str, after: str, run: list[str]) -> bool:
    """Is this word a part of a number? "one" only where it counts something, "and" only between two parts."""
    if word == "and":
        return bool(run) and (after in PARTS or (run[-1] in SCALES and _parts(after) != []))
    if word in SCALES:
        return bool(run)
    if re.fullmatch(r"\d+(?:\.\d+)?", word):
        return after in SCALES or after == "and"
    return bool(_parts(word)) and (word != "one" or bool(run) or after in SCALES or after in UNITS or after == "and")


def _parts(word: str) -> list[str]:
    """The number words in a word: "twenty-one" has two; none where it is no number."""
    parts = [word] if word in VALUES else word.split("-")
    return parts if all(part in VALUES for part in parts) else []


def _figure(run: list[str]) -> list[str]:
    """The words of one number as figures; [] for none. A lone "and" at the end is given back."""
    if not run:
        return []
    total, current = 0.0, 0.0
    for word in run:
        if word in SCALES:
            current = (current or 1) * SCALES[word]
            if word != "hundred":
                total, current = total + current, 0.0
        elif word != "and":
            current += sum(VALUES.get(part, 0) for part in _parts(word)) or float(word if word[0].isdigit() else 0)
    return [f"{total + current:.10g}", *(["and"] if run[-1] == "and" else [])]


def _once(found: list[str]) -> list[str]:
    """A number that is written twice, "thirty (30)", counts once; figures without needless zeros."""
    plain_figures = [f"{float(word):.12g}" if _is_number(word) else word for word in found]
    return [
        word
        for place, word in enumerate(plain_figures)
        if not (place and _is_number(word) and word == plain_figures[place - 1])
    ]


def _states(said: list[str], references: Sequence[str], asked: list[str]) -> bool:
    forms = [form for form in map(words, references) if form]
    places = [place for form in forms for place in _places(said, form)]
    if not places:
        return False
    if not any(_is_number(word) for word in forms[0]):
        return True
    money = {word for form in forms for word in form if word in MONEY}
    named = {word for word in said if word in MONEY}
    if money and (not named or not named <= money | _same(money)):
        return False
    if len(forms[0]) == 1 and forms[0][0].isdigit() and not any(_bare(said, place) for place in places):
        return False
    known = {word for form in forms for word in form} | set(asked)
    return not ({word for word in said if _is_number(word)} - known)


def _places(said: list[str], form: list[str]) -> list[int]:
    """Where the words of a form begin in what was said."""
    return [at for at in range(len(said) - len(form) + 1) if said[at : at + len(form)] == form]


def _bare(said: list[str], place: int) -> bool:
    """Is the number at this place a count, without a unit on either side?"""
    after = said[place + 1 : place + 2]
    return not (set(after) & UNITS) and not (set(said[max(0, place - 1) : place]) & MONEY)


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:\.\d+)?", word))


def _same(money: set[str]) -> set[str]:
    """Words and codes of the same currencies."""
    groups = ({"eur", "euro", "euros"}, {"usd", "dollar", "dollars"}, {"gbp", "pound", "pounds", "sterling"})
    return {word for group in groups if group & money for word in group}
