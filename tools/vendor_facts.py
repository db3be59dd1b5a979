"""Vendor facts that run out: prices and models with dates, and what must be looked up or replaced today.

usage: python tools/vendor_facts.py        one sentence for each problem; exit code 1 when there is one
"""

import csv
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.labs.lab_3_4.prices import STALE_DAYS, Price, read_prices  # noqa: E402

NOTICE_DAYS, YEAR_DAYS = 60, 365
PROVIDERS = (
    "anthropic|azure_ai|azure_openai|bedrock|bedrock_converse|cohere|deepseek|fireworks|google_genai|google_vertexai"
    "|groq|huggingface|ibm|mistralai|nvidia|ollama|openai|openrouter|perplexity|together|xai"
)
HOSTED = re.compile(rf"\b((?:{PROVIDERS}):[a-z][\w.:-]*\w)")
BARE = re.compile(r"(?<![\w:/.-])((?:gpt|claude|gemini|mistral|o\d)-[a-z0-9][\w.-]*)")
HUB = re.compile(r"\b(HuggingFaceTB/[\w.-]+\w)")


class FactError(Exception):
    """A fact cannot be read. The message says which line and what to write."""


@dataclass(frozen=True)
class Fact:
    """One row of data/vendor_facts.csv. retires_on: None where no end is known."""

    fact: str
    value: str
    source: str
    seen_on: date
    retires_on: date | None


def problems(root: Path = ROOT, today: date | None = None) -> list[str]:
    """A sentence for each price, fact or model that must be looked up or replaced; today: for tests."""
    now, facts = today or date.today(), read_facts(root / "data" / "vendor_facts.csv")
    found = expired(read_prices(root / "data" / "prices.csv"), now)
    for place, model, notice_days in named_models(root):
        fact = facts.get(model)
        if fact is None:
            found.append(f"{place} names {model}, of which data/vendor_facts.csv says nothing: add a row")
        elif fact.retires_on and (fact.retires_on - now).days <= notice_days:
            found.append(f"{place} names {model}, which ends on {fact.retires_on}: name another")
    for fact in facts.values():
        if not fact.retires_on and (now - fact.seen_on).days > STALE_DAYS["current"]:
            found.append(f"{fact.fact!r} was seen on {fact.seen_on}: look again, then change seen_on")
    return found


def expired(prices: Mapping[str, Price], today: date | None = None) -> list[str]:
    """A sentence for each price that must be looked up or replaced today; empty when all hold.

    That is: a current price after 18 months, one marked as_of after 36, and 60 days before what is priced ends.
    """
    now, found = today or date.today(), []
    for price in (price for price in prices.values() if price.status != "historical"):
        if price.chosen and (now - price.date).days > STALE_DAYS[price.status]:
            found.append(f"{price.item} was seen on {price.date}: look it up, or mark it as_of or historical")
        if price.retires_on and (price.retires_on - now).days <= NOTICE_DAYS:
            found.append(f"{price.item} ends on {price.retires_on}: replace it, or mark it historical")
    return found


def named_models(root: Path) -> list[tuple[str, str, int]]:
    """(file, model, days before its end at which it must go) of each model that a text names: a year in the README."""
    texts = [root / "README.md", *sorted((root / "solutions").rglob("*.py"))]
    texts += sorted((root / "llm_workbook").rglob("*.py"))
    found = []
    for path in texts:
        text, is_readme = path.read_text(encoding="utf-8"), path.name == "README.md"
        models = [*HOSTED.findall(text), *HUB.findall(text), *(BARE.findall(text) if is_readme else ())]
        place = path.relative_to(root).as_posix()
        found += [(place, model, YEAR_DAYS if is_readme else NOTICE_DAYS) for model in dict.fromkeys(models)]
    return found


def read_facts(path: Path) -> dict[str, Fact]:
    """fact -> row. Raises: FactError for a missing source or value, a bad date, or a fact that stands twice."""
    facts: dict[str, Fact] = {}
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                ends = date.fromisoformat(row["retires_on"]) if row["retires_on"] else None
                fact = Fact(row["fact"], row["value"], row["source"], date.fromisoformat(row["seen_on"]), ends)
            except (KeyError, TypeError, ValueError) as error:
                raise FactError(f"{path.name}, line {number}: {error}. Write dates such as 2026-11-29") from error
            if not (fact.fact and fact.value and fact.source) or fact.fact in facts:
                raise FactError(f"{path.name}, line {number}: needs a new fact, a value and a source, but is {row}")
            facts[fact.fact] = fact
    return facts


def main() -> int:
    """Command line."""
    found = problems()
    print("\n".join(found) or "no price, model or vendor fact runs out in the next 60 days")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
