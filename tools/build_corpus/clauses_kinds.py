"""What a clause type and a wording are, and short ways to write lists of values."""

from dataclasses import dataclass, field

from .values import Value


@dataclass(frozen=True)
class Wording:
    """One way to write a clause. register: us | uk | civil | plain | old. pointer: the item of Schedule B where its value sits, if it does."""

    register: str
    text: str
    pointer: str = ""


@dataclass(frozen=True)
class ClauseType:
    """A kind of clause: its name in questions and labels, CUAD's category where there is one, headings, wordings, values, distractors."""

    type: str
    category: str
    headings: tuple[str, ...]
    wordings: tuple[Wording, ...]
    values: list[Value] = field(default_factory=list)
    others: list[Value] = field(default_factory=list)


def hours(*amounts: int) -> list[Value]:
    return [Value("hours", amount) for amount in amounts]


def days(*amounts: int) -> list[Value]:
    return [Value("days", amount) for amount in amounts]


def months(*amounts: int) -> list[Value]:
    return [Value("months", amount) for amount in amounts]


def years(*amounts: int) -> list[Value]:
    return [Value("years", amount) for amount in amounts]


def percent(*amounts: float) -> list[Value]:
    return [Value("percent", amount) for amount in amounts]


def money(*amounts: int) -> list[Value]:
    """Amounts without a currency: the contract's own is put in when one is drawn."""
    return [Value("money", amount) for amount in amounts]


def quantity(*amounts: int) -> list[Value]:
    """Amounts of "units": the family's own measure is put in when one is drawn."""
    return [Value("quantity", amount, "units") for amount in amounts]


def dates(*amounts: str) -> list[Value]:
    return [Value("date", amount) for amount in amounts]


def texts(*amounts: str) -> list[Value]:
    return [Value("text", amount) for amount in amounts]
