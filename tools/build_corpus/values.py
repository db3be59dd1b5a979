"""How a value is written in a contract, and what a reader may call it."""

import random
from dataclasses import dataclass

from .world import LAWS

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = "January February March April May June July August September October November December".split()
FORMS = frozenset(
    "A/S ApS AS ASA AB B.V. N.V. Ltd Limited plc GmbH AG KG S.p.A. S.r.l. S.A. S.L. SA SE Oy Oyj Inc. LLC Corp. DAC".split()
)
PERIODS = ("hours", "days", "months", "years")
CURRENCIES = {
    "EUR": "euros",
    "GBP": "pounds sterling",
    "USD": "United States dollars",
    "NOK": "Norwegian kroner",
    "DKK": "Danish kroner",
}


@dataclass(frozen=True)
class Value:
    """A typed value. kind: hours | days | months | years | percent | money | quantity | price | law | date | text; amount: a number or a string."""

    kind: str
    amount: int | float | str
    unit: str = ""

    @property
    def number(self) -> int | float:
        """The amount of a value that is a number. Raises: TypeError for one that is text."""
        if isinstance(self.amount, str):
            raise TypeError(f"the {self.kind} {self.amount!r} is text, not a number")
        return self.amount

    @property
    def canonical(self) -> str:
        """The short answer to a question about this value."""
        return forms(self)[0]


def forms(value: Value) -> tuple[str, ...]:
    """Every form that a contract may use; the canonical one first."""
    if value.kind in PERIODS:
        n, unit = int(value.amount), value.kind if value.amount != 1 else value.kind[:-1]
        return (f"{n} {unit}", f"{words(n)} ({n}) {unit}", f"{words(n)} {unit}")
    if value.kind == "percent":
        return (
            f"{value.amount:g} %",
            f"{percent_words(value.number)} ({value.number:g} %)",
            f"{percent_words(value.number)}",
            f"{value.amount:g} percent",
        )
    if value.kind == "money":
        n = int(value.amount)
        return (
            f"{value.unit} {n:,}",
            f"{words(n)} {CURRENCIES[value.unit]} ({value.unit} {n:,})",
            f"{n:,} {CURRENCIES[value.unit]}",
        )
    if value.kind == "quantity":
        n = int(value.amount)
        return (f"{n:,} {value.unit}", f"{words(n)} ({n:,}) {value.unit}", f"{words(n)} {value.unit}")
    if value.kind == "date":
        year, month, day = (int(part) for part in str(value.amount).split("-"))
        name = MONTHS[month - 1]
        return (
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"the {ordinal(day)} day of {name} {year}",
            f"{day:02d}.{month:02d}.{year}",
        )
    if value.kind == "law":
        return (*LAWS[str(value.amount)][:2], str(value.amount))
    if value.kind == "price":
        return (f"{value.unit} {value.amount:,.2f}",)
    return (str(value.amount),)


def answers(value: Value) -> tuple[str, ...]:
    """What a reader may answer, the canonical form first, then short aliases: each of them alone proves that the value was found.

    The last is the form with words and figures, as contracts write it.

    >>> answers(Value("months", 24))
    ('24 months', 'twenty-four months', 'two years', '2 years', 'twenty-four (24) months')
    """
    every = forms(value)
    if value.kind in PERIODS:
        return tuple(dict.fromkeys((every[0], every[2], *_same_period(value), every[1])))
    if value.kind == "percent":
        return (every[0], f"{value.amount:g}%", every[2], every[3], every[1])
    if value.kind == "money":
        return (every[0], f"{int(value.amount):,}", every[1].split(" (")[0], every[1])
    if value.kind == "quantity":
        return (every[0], every[2], every[1])
    if value.kind == "price":
        return (every[0], f"{value.amount:,.2f}")
    if value.kind == "text":
        short = str(value.amount).split(",")[0]
        short = short.rsplit(" ", 1)[0] if short.rsplit(" ", 1)[-1] in FORMS else short
        return tuple(dict.fromkeys((every[0], short)))
    return every


def _same_period(value: Value) -> tuple[str, ...]:
    n = int(value.amount)
    for kind, size, larger in (("months", 12, "year"), ("days", 7, "week"), ("hours", 24, "day")):
        if value.kind == kind and n % size == 0 and n // size <= (4 if larger != "day" else 3):
            count, plural = n // size, "" if n == size else "s"
            return (f"{words(count)} {larger}{plural}", f"{count} {larger}{plural}")
    return (f"{n * 12} months",) if value.kind == "years" else ()


def written(value: Value, rng: random.Random, style: str = "") -> str:
    """One form for a contract's text. style: "figures", "words", "both", "us" (dates), "plain" (law), or "" for a choice by rng."""
    every = forms(value)
    if len(every) == 1:
        return every[0]
    if value.kind == "law":
        return every[0] if style == "plain" else every[1]
    if value.kind == "date":
        return every[{"figures": 0, "us": 1, "words": 2, "dots": 3}.get(style, 0)] if style else rng.choice(every[:3])
    if value.kind == "money":
        return every[
            {"figures": 0, "both": 1, "words": 2}[style or rng.choice(["figures", "figures", "both", "words"])]
        ]
    return every[{"figures": 0, "both": 1, "words": 2}[style or rng.choice(["figures", "both", "both", "words"])]]


def disagreeing(value: Value, other: int | float) -> str:
    """Words that say one number and figures that say another, as careless drafting has them: "sixty (90) days".

    >>> disagreeing(Value("days", 60), 90)
    'sixty (90) days'
    """
    return f"{words(int(value.amount))} ({int(other)}) {value.kind}"


def words(n: int) -> str:
    """A whole number in words.

    >>> words(45), words(2_400_000)
    ('forty-five', 'two million four hundred thousand')
    """
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    for size, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if n >= size:
            rest = f" {words(n % size)}" if n % size else ""
            return f"{words(n // size)} {name}{rest}"
    raise AssertionError


def percent_words(amount: float) -> str:
    """A percentage in words.

    >>> percent_words(1.5), percent_words(0.75), percent_words(99.5)
    ('one and one-half per cent', 'three-quarters of one per cent', 'ninety-nine and one-half per cent')
    """
    whole, part = int(amount), round(amount - int(amount), 2)
    fraction = {0.5: "one-half", 0.25: "one-quarter", 0.75: "three-quarters", 0.0: ""}.get(part)
    if fraction is None:
        return f"{amount:g} per cent"
    if not whole:
        return f"{fraction} of one per cent"
    return f"{words(whole)}{' and ' + fraction if fraction else ''} per cent"


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, ... 11th.

    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    return f"{n}{'th' if 10 <= n % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"
