"""Prices with their units, dates and sources, and a business's scenario: two CSV tables that are checked before they are used."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from ...files import write_whole
from ...settings import DATA

Day = date  # the class below has a field of that name
PRICES, SCENARIO = DATA / "prices.csv", DATA / "scenario.csv"
STALE_DAYS = {"current": 548, "as_of": 1096}  # 18 months; 36 where no newer source is known; a historical price stays
COLUMNS: Sequence[str] = ("name", "value", "unit", "meaning", "why")  # of a scenario
LARGEST = {  # the largest sensible value of each unit
    "USD per token": 0.001, "USD per 1000 tokens": 1, "USD per 1000000 tokens": 1000, "USD per hour": 1000, "USD per month": 1e5,
    "USD per GB-month": 100, "USD per label": 1e4, "USD per kWh": 5, "USD": 1e6, "W": 1e4, "months": 240, "minutes": 1e4, "hours": 1e5,
    "hours per month": 1e4, "tokens per hour": 1e12, "labels": 1e7, "tokens": 1e13, "times": 1000, "questions per month": 1e11,
    "share": 1, "share per month": 1, "share per year": 1,
}  # fmt: skip
KINDS = ("one clause", "several clauses", "no answer")
POSITIVE = ("months", "times", "tokens per hour", "questions per month")


class PriceError(ValueError):
    """A price or a scenario cannot be used. The message says where, what is wrong and what to write."""


@dataclass(frozen=True)
class Price:
    """One row of the price table: `value` in `unit`, as `source` had it on `date`.

    trust: P read at the source, S second hand, C computed from those, assumed. chosen: False for the other side of a conflict.
    status: current; as_of (no newer source is known: shown with its date); historical (the price of a study of that date).
    retires_on: the day on which what is priced ends, where one is known.
    """

    item: str
    value: float
    unit: str
    date: date
    source: str
    trust: str
    conflict_group: str
    chosen: bool
    note: str
    status: str
    retires_on: Day | None


@dataclass(frozen=True)
class Scenario:
    """What a business assumes; units and reasons of each number stand in data/scenario.csv."""

    queries_per_month: float
    share_one_clause: float
    share_several_clauses: float
    share_no_answer: float
    months: float
    yearly_discount: float
    hourly_usd: float
    minutes_by_hand: float
    check_minutes: float
    refusal_minutes: float
    believed_share: float
    error_usd: float
    setup_hours: float
    test_labels: float
    test_label_usd: float
    training_labels: float
    training_label_usd: float
    retrain_every_months: float
    retrain_hours: float
    churn_per_month: float
    retirement_month: float
    retirement_hours: float
    peak_factor: float
    operations_hours: float

    @property
    def mix(self) -> dict[str, float]:
        """Kind of question -> its share of the questions; adds up to 1."""
        return dict(zip(KINDS, (self.share_one_clause, self.share_several_clauses, self.share_no_answer), strict=True))

    @property
    def one_clause_only(self) -> "Scenario":
        """The same business where only questions that one clause answers are put to the system.

        Nobody can tell before asking whether there is an answer, so those without one come along.
        """
        asked = self.share_one_clause + self.share_no_answer
        s = replace(self, queries_per_month=self.queries_per_month * asked, share_several_clauses=0.0)
        return replace(s, share_one_clause=self.share_one_clause / asked, share_no_answer=self.share_no_answer / asked)


def read_prices(path: Path = PRICES) -> dict[str, Price]:
    """item -> Price. Raises: PriceError for a damaged table, a bad value, a missing unit or an open conflict.

    >>> price = read_prices()["electricity"]
    >>> price.value, price.unit
    (0.1716, 'USD per kWh')
    """
    prices: dict[str, Price] = {}
    for where, row in _rows(path, [field.name for field in fields(Price)], "item"):
        value = checked(row["value"], row["unit"], where)
        chosen = {"yes": True, "no": False}.get(row["chosen"])
        if chosen is None or not row["source"]:
            seen = f"the source is {row['source']!r} and chosen is {row['chosen']!r}"
            raise PriceError(f"{where}: {seen}. Write where the price is from, and yes or no.")
        if row["status"] not in (*STALE_DAYS, "historical"):
            raise PriceError(f"{where}: the status is {row['status']!r}. Write current, as_of or historical.")
        days = {"date": _day(row["date"], where), "retires_on": _day(row["retires_on"], where, may_be_empty=True)}
        prices[row["item"]] = Price(**{**row, **days, "value": value, "chosen": chosen})
    for group in sorted({price.conflict_group for price in prices.values()}):
        rivals = [price for price in prices.values() if price.conflict_group == group]
        if sum(price.chosen for price in rivals) != (1 if group else len(rivals)):
            seen = ", ".join(f"{one.item} = {one.value} {one.unit}" for one in rivals if group or not one.chosen)
            problem = f"{path.name}: the conflict {group!r} is not settled ({seen})"
            raise PriceError(f"{problem}. Choose one of a group: yes, the others no.")
    return prices


def stale(prices: Mapping[str, Price], today: date | None = None) -> list[Price]:
    """The chosen prices in use that are older than 18 months, oldest first; those of a study of their date stay."""
    limit = (today or date.today()) - timedelta(days=STALE_DAYS["current"])
    old = (price for price in prices.values() if price.chosen and price.status != "historical" and price.date < limit)
    return sorted(old, key=lambda price: price.date)


def dated(prices: Mapping[str, Price]) -> str:
    """The prices in use without a newer source, each with its date; to be shown beside a bill.

    >>> dated(read_prices())
    'model unit (2024-08-21), electricity (2025-05-14)'
    """
    shown = sorted((price for price in prices.values() if price.status == "as_of"), key=lambda price: price.date)
    return ", ".join(f"{price.item.replace('_', ' ')} ({price.date})" for price in shown)


def read_scenario(path: Path = SCENARIO) -> Scenario:
    """A scenario from CSV: the COLUMNS; names and units as in data/scenario.csv. Raises: PriceError."""
    values, units = {}, _column("unit") if path != SCENARIO else {}
    for where, row in _rows(path, COLUMNS, "name"):
        if (expected := units.get(row["name"], row["unit"])) != row["unit"]:
            seen = f"{where}: the unit is {row['unit']!r}, but must be {expected!r}"
            raise PriceError(f"{seen}. Convert the value and write that unit.")
        values[row["name"]] = checked(row["value"], row["unit"], where)
    known = {field.name for field in fields(Scenario)}
    if wrong := sorted(known ^ values.keys()):
        seen = f"{path.name}: {wrong[0]!r} {'is missing' if wrong[0] in known else 'is no part of a scenario'}"
        raise PriceError(f"{seen}. Export a fresh scenario with write_scenario and change only its values.")
    scenario = Scenario(**values)
    if abs(sum(scenario.mix.values()) - 1) > 1e-9:
        raise PriceError(f"{path.name}: the shares of the three kinds of question must add up to 1. Change one.")
    return scenario


def write_scenario(scenario: Scenario, path: Path) -> Path:
    """Write a scenario with its units and reasons as CSV, to be edited and read again; returns the path."""
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS)
    writer.writeheader()
    writer.writerows({**row, "value": getattr(scenario, row["name"])} for _, row in _rows(SCENARIO, COLUMNS, "name"))
    return write_whole(path, table.getvalue())


def checked(text: str | float, unit: str, where: str) -> float:
    """The number, if it makes sense in this unit. Raises: PriceError with a sentence.

    >>> checked("0.02", "USD per 1000000 tokens", "my.csv, line 2")
    0.02
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if unit not in LARGEST:
        problem = f"the unit is {unit!r}, so nobody can tell what {text} means. Write one from data/README.md"
    elif not math.isfinite(value):
        problem = f"the value is {text!r}, which is no number. Write it with digits and a dot, such as 0.25"
    elif value < 0 or (value == 0 and unit in POSITIVE):
        problem = f"{value:g} {unit} is {'negative' if value < 0 else 'nothing'}. Write a number above 0"
    elif value > LARGEST[unit]:
        problem = f"{value:g} {unit} is absurd (more than {LARGEST[unit]:g}). Look at the unit and the decimal point"
    else:
        return value
    raise PriceError(f"{where}: {problem}.")


def words_of(name: str) -> tuple[str, str]:
    """(a number of the scenario in plain words, its unit).

    >>> words_of("believed_share")
    ('wrong answers that are believed', 'share')
    """
    return _column("meaning")[name], _column("unit")[name]


@cache
def _column(column: str) -> dict[str, str]:
    return {row["name"]: row[column] for _, row in _rows(SCENARIO, COLUMNS, "name")}


def _rows(path: Path, columns: Sequence[str], key: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(where it stands, row) for each row. Raises: PriceError for a file that is missing, damaged or names something twice."""
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PriceError(f"{path.name} cannot be read ({error}). Save it as CSV, UTF-8, with commas.") from error
    if not lines[1:] or [name.strip() for name in lines[0]] != list(columns):
        found = lines[:1] or "an empty file"
        raise PriceError(f"{path.name}: expected rows under the columns {', '.join(columns)}, but found {found}.")
    seen: set[str] = set()
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        where = f"{path.name}, line {number} ({row[key]})"
        if len(cells) != len(columns) or not row[key] or row[key] in seen:
            problem = f"{len(cells)} of {len(columns)} cells, or a name that is empty or stands twice"
            raise PriceError(f"{where}: {problem}. Fix that line.")
        seen.add(row[key])
        yield where, row


def _day(text: str, where: str, may_be_empty: bool = False) -> date | None:
    try:
        return None if may_be_empty and not text else date.fromisoformat(text)
    except ValueError:
        wanted = "the day on which the price was seen, such as 2026-03-01"
        raise PriceError(f"{where}: the date is {text!r}. Write {wanted}.") from None
