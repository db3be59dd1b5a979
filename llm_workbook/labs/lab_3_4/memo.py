"""The memo: the facts that it is written from, and its six lines, chart and appendix as Markdown and as a web page."""

import base64
import html
import io
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from matplotlib.figure import Figure

from ...files import child, write_whole
from ...show.text import literal
from ...taught import lab_3_4 as taught
from . import figures
from .evidence import System, right_where_answerable, shares_of, with_share
from .plans import ALL, ONE, Option, best_of, cash_flows, needed_share, option, option_table, options
from .prices import Scenario, words_of

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}}
h3{{margin-bottom:.2em}}li{{margin-bottom:.4em}}img{{max-width:100%;background:white}}</style></head><body><h1>{title}</h1>
<ol>{lines}</ol><img alt="{alt}" src="data:image/png;base64,{chart}"><h2>Appendix</h2>{appendix}</body></html>
"""
DRIVERS = (
    "minutes_by_hand", "check_minutes", "believed_share", "error_usd", "queries_per_month", "hourly_usd", "test_label_usd",
)  # fmt: skip
FACTORS = np.geomspace(1.01, 10, 60)  # by which one driver is moved
GETS = {ALL: "all questions", ONE: "questions that one clause answers (the rest by hand, as today)"}
TESTED = {ALL: "that have an answer", ONE: "that have an answer in one clause"}
ON_THE_BILL = ("laptop", "laptop_life", "laptop_power", "electricity", "cpu_machine")


@dataclass(frozen=True)
class Memo:
    """A title, lines (heading -> text), a chart, and an appendix (heading -> lines). All texts are plain, never markup."""

    title: str
    lines: Mapping[str, str]
    chart: Figure
    appendix: Mapping[str, Sequence[str]]

    @property
    def markdown(self) -> str:
        """The memo as Markdown, with special characters escaped; without its chart."""
        numbered = [
            f"{n}. **{literal(head)}:** {literal(line)}" for n, (head, line) in enumerate(self.lines.items(), 1)
        ]
        parts = [f"# {literal(self.title)}", "\n".join(numbered), "## Appendix"]
        for head, lines in self.appendix.items():
            parts += [f"**{literal(head)}**", "\n".join(f"- {literal(line)}" for line in lines)]
        return "\n\n".join(parts) + "\n"

    @property
    def page(self) -> str:
        """The memo as a web page of its own, escaped, with its chart inside; dark where the reader's screen is."""
        file, put = io.BytesIO(), html.escape
        self.chart.savefig(file, format="png", dpi=110)
        lines = "".join(f"<li><b>{put(head)}:</b> {put(line)}</li>" for head, line in self.lines.items())
        lists = {head: "".join(f"<li>{put(line)}</li>" for line in them) for head, them in self.appendix.items()}
        appendix = "".join(f"<h3>{put(head)}</h3><ul>{items}</ul>" for head, items in lists.items())
        words = {"title": put(self.title), "alt": put(self.chart.axes[0].get_title(loc="left"))}
        return PAGE.format(**words, lines=lines, chart=base64.b64encode(file.getvalue()).decode(), appendix=appendix)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def save(self, folder: Path, name: str = "decision_memo") -> list[Path]:
        """Write name.md and name.html into the folder, each in one step; returns the two paths.

        Raises: ValueError for a name that is no plain file name; OSError, and the earlier memo is then untouched.
        """
        paths = [child(folder, f"{name}.md"), child(folder, f"{name}.html")]
        return [write_whole(path, text) for path, text in zip(paths, (self.markdown, self.page), strict=True)]


def decision_memo(systems: Sequence[System], s: Scenario, price: Mapping, source: str) -> Memo:
    """The memo about the most valuable option. source: whose measurements, in words."""
    found = options(systems, s, price)
    lines = taught.memo_lines(facts(found, s, price))
    title = "An assistant for questions about our contracts"
    return Memo(title, lines, chart_of(best_of(found), price), _appendix(found, s, price, source))


def facts(found: Sequence[Option], s: Scenario, price: Mapping) -> SimpleNamespace:
    """What the six lines say of the most valuable option: amounts in USD, shares in %, drivers and changes in words."""
    system, mine = (best := best_of(found)).system, best.scenario
    has, needed = right_where_answerable(system, mine.mix), needed_share(system, mine, price)
    flows, wrong = cash_flows(system, mine, price, best.value), mine.queries_per_month * shares_of(system, mine.mix)[1]
    point = mine.queries_per_month * (1 - mine.share_no_answer) * float(np.subtract(*taught.worth(s)[:2])) / 100
    money = {name: round(value, -2) for name, value in vars(best).items() if name.startswith("npv")}
    right, low, high = (100 * share for share in (has.mean, *np.clip(has.interval(), 0, 1)))
    first, labels = taught.upfront_bill(system, mine), int(s.test_labels)
    return SimpleNamespace(
        **money, s=mine, gets=GETS[best.scope], tested=TESTED[best.scope], decision=best.decision, needed=100 * needed,
        cash=round(-float(np.cumsum(flows).min()), -2), payback=taught.payback_month(flows), test=first["test labels"],
        parts=", ".join(f"{name} {usd:,.0f} USD" for name, usd in first.items()), point=point, labels=labels,
        has=f"{right:.0f} % (95 % confidence interval {low:.0f} to {high:.0f} %; {has.n} questions",
        families=has.families, wrong=round(wrong, -1), believed=round(wrong * s.believed_share, -1),
        stop=math.ceil(labels * needed), go=taught.enough(labels, needed),
        drivers=drivers(best, price), changes=changes(found, s, price),
    )  # fmt: skip


def chart_of(best: Option, price: Mapping) -> Figure:
    """The NPV against the share of right answers. Returns the Figure."""
    has, s = right_where_answerable(best.system, best.scenario.mix), best.scenario
    shares = np.linspace(0, 1, 41)
    npv = [option(with_share(best.system, s.mix, share), "", s, price).npv for share in shares]
    needed = needed_share(best.system, s, price)
    return figures.decision(shares, npv, (has.mean, *np.clip(has.interval(), 0, 1)), needed)


def drivers(best: Option, price: Mapping) -> list[str]:
    """What each driver does to the NPV when it is a tenth larger, the strongest first."""
    moved = {name: option(best.system, "", _scaled(best.scenario, name, 1.1), price).npv - best.npv for name in DRIVERS}
    told = []
    for name, by in sorted(moved.items(), key=lambda pair: -abs(pair[1])):
        does = f"{'adds' if by > 0 else 'takes'} {abs(round(by, -2)):,.0f} USD"
        told.append(f"{words_of(name)[0]} (now {_amount(name, getattr(best.scenario, name))}): a tenth more {does}")
    return told


def changes(found: Sequence[Option], s: Scenario, price: Mapping) -> list[str]:
    """One number alone that changes the decision, divided or multiplied by up to ten.

    The nearest number for each new decision first, then the others, nearest first.
    found: the options, of which the three best systems are tried again. A driver that is moved further never changes it back.
    """
    tried = list({one.system.name: one.system for one in found if one.system.seconds > 0}.values())[:3]
    told, now = [], best_of(found).decision
    for name in DRIVERS:
        for factors in (FACTORS, 1 / FACTORS):
            said = partial(_decision, tried, s, price, name)
            place = bisect_left(factors, True, key=lambda f, said=said: said(f) != now)
            if place < len(factors):
                value = _amount(name, getattr(_scaled(s, name, factors[place]), name))
                words = f"{words_of(name)[0]} at about {value} (now {_amount(name, getattr(s, name))})"
                told.append((place, f"{words}: {said(factors[place])}"))
    nearest = [words for _, words in sorted(told)]
    of_each = {words.split(": ")[1]: words for words in reversed(nearest)}  # new decision -> the nearest number
    return list(dict.fromkeys([*of_each.values(), *nearest]))


def _decision(tried: Sequence[System], s: Scenario, price: Mapping, name: str, factor: float) -> str:
    return best_of(options(tried, _scaled(s, name, factor), price)).decision


def _scaled(s: Scenario, name: str, factor: float) -> Scenario:
    value = getattr(s, name) * factor
    return replace(s, **{name: min(value, 1.0) if name == "believed_share" else value})


def _appendix(found: Sequence[Option], s: Scenario, price: Mapping, source: str) -> dict[str, list[str]]:
    better = {one.system.name: one for one in reversed(found)}  # of the two scopes the better one
    rows = option_table(sorted(better.values(), key=lambda one: -one.npv)).itertuples(index=False)
    model = f"The assistant: {best_of(found).system.name}; a model of 135 million parameters on a small machine"
    parts = {"Measured": [source[0].upper() + source[1:], model]}
    parts["All systems, each for the questions where it is better (NPV in USD, 95 % confidence interval)"] = [
        f"{row[0]}, {row[1]}: {row[3]:,} ({row[4]:,} to {row[5]:,}), {row[2]} % right" for row in rows
    ]
    asked = f"of the questions, the assistant gets {best_of(found).scenario.queries_per_month:,.0f} a month"
    parts["Assumed"] = [asked, *(f"{words_of(name)[0]}: {_amount(name, value)}" for name, value in vars(s).items())]
    used = [price[name] for name in ON_THE_BILL if name in price]
    named = ((one.item.replace("_", " "), f"{one.value:g} {one.unit} ({one.source}, {one.date})") for one in used)
    return parts | {"Prices": [": ".join(pair) for pair in named]}


def _amount(name: str, value: float) -> str:
    """A number of the scenario with its unit, as a person would say it."""
    unit = words_of(name)[1]
    if unit.startswith("share"):
        return f"{_plain(100 * value)} %{unit.removeprefix('share').replace(' per', ' a')}"
    return f"{_plain(value)} {unit.removesuffix('s') if value == 1 else unit}"


def _plain(value: float) -> str:
    """Three digits that matter, no exponent; thousands apart."""
    return f"{float(f'{value:.3g}'):,.10f}".rstrip("0").rstrip(".")
