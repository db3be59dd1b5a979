"""The memo: six lines that a manager can act on, one chart, and an appendix; written from the numbers alone."""

import base64
import html
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ...files import child, write_whole
from ...show.text import literal
from ...taught import lab_3_4 as taught
from . import figures
from .evidence import System, right_where_answerable, with_share
from .plans import ALL, Option, cash_flows, needed_share, option, options, option_table, upfront_bill
from .prices import SCENARIO, Scenario, stale, words_of

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}}
h1{{font-size:1.5em}}h2{{font-size:1.1em;margin-bottom:.2em}}li{{margin-bottom:.5em}}img{{max-width:100%;background:white}}
</style></head><body><h1>{title}</h1><ol>{lines}</ol><img alt="{alt}" src="data:image/png;base64,{chart}">
<h2>Appendix</h2>{appendix}</body></html>
"""
DRIVERS = (
    "minutes_by_hand", "check_minutes", "believed_share", "error_usd", "queries_per_month", "hourly_usd", "months",
    "test_label_usd", "operations_hours",
)  # fmt: skip
GETS = {ALL: "all questions about the contracts"}  # any other scope: questions that look one thing up


@dataclass(frozen=True)
class Memo:
    """A title, six lines (heading -> text), a chart, and an appendix (heading -> lines). All texts are plain, never markup."""

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
        for heading, lines in self.appendix.items():
            parts += [f"**{literal(heading)}**", "\n".join(f"- {literal(line)}" for line in lines)]
        return "\n\n".join(parts) + "\n"

    @property
    def page(self) -> str:
        """The memo as a web page of its own, escaped, with its chart inside; dark where the reader's screen is."""
        lines = "".join(
            f"<li><b>{html.escape(head)}:</b> {html.escape(line)}</li>" for head, line in self.lines.items()
        )
        appendix = ""
        for heading, entries in self.appendix.items():
            items = "".join(f"<li>{html.escape(entry)}</li>" for entry in entries)
            appendix += f"<h3>{html.escape(heading)}</h3><ul>{items}</ul>"
        title, alt = html.escape(self.title), html.escape(self.chart.axes[0].get_title(loc="left"))
        return PAGE.format(title=title, lines=lines, alt=alt, chart=self._png(), appendix=appendix)

    def _png(self) -> str:
        file = io.BytesIO()
        self.chart.savefig(file, format="png", dpi=110)
        return base64.b64encode(file.getvalue()).decode()

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
    best = found[0]
    lines = {
        "Decision": _decision(best),
        "Cash needed": _cash(best, price),
        "Break-even accuracy": _accuracy(best, price),
        "What drives it": "; ".join(_drivers(best, price)[:3]) + ".",
        "Next step": _next_step(best, price),
        "What would change the decision": _changes(found, s, price),
    }
    return Memo(
        "An assistant for questions about our contracts",
        lines,
        chart_of(best, price),
        _appendix(found, s, price, source),
    )


def chart_of(best: Option, price: Mapping) -> Figure:
    """The NPV against the share of right answers. Returns the Figure."""
    has = right_where_answerable(best.system, best.scenario.mix)
    shares = np.linspace(0, 1, 41)
    npv = [option(with_share(best.system, best.scenario.mix, share), "", best.scenario, price).npv for share in shares]
    measured = (has.mean, *np.clip(has.interval(), 0, 1))
    return figures.decision(shares, npv, measured, needed_share(best.system, best.scenario, price))


def nearest_changes(found: Sequence[Option], s: Scenario, price: Mapping) -> list[tuple[float, str, float, str]]:
    """(factor, driver, its value, new decision), nearest first: where one number alone, to a tenth and ten times, changes it.

    found: the options, of which the best systems are tried again.
    """
    tried = list({one.system.name: one.system for one in found}.values())[:3]

    def said(name: str, factor: float) -> str:
        return options(tried, _scaled(s, name, factor), price)[0].decision

    changes = []
    for name, sign in product(DRIVERS, (-1, 1)):
        factor = _first_change(lambda f, name=name: said(name, f) != found[0].decision, sign)
        if factor is not None:
            changes.append((factor, name, getattr(_scaled(s, name, factor), name), said(name, factor)))
    return sorted(changes, key=lambda change: abs(math.log(change[0])))


def _first_change(changes: Callable[[float], bool], sign: int) -> float | None:
    """The factor nearest to 1, on one side of it, for which `changes` holds; None within a tenth and ten times."""
    steps = np.linspace(0.1, 1, 10)
    first = next((step for step in steps if changes(10 ** (sign * step))), None)
    if first is None:
        return None
    low, high = first - 0.1, first
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (low, middle) if changes(10 ** (sign * middle)) else (middle, high)
    return 10 ** (sign * high)


def _scaled(s: Scenario, name: str, factor: float) -> Scenario:
    value = getattr(s, name) * factor
    return replace(s, **{name: min(value, 1.0) if name == "believed_share" else value})


def _decision(best: Option) -> str:
    gets = GETS.get(best.scope, "questions that look one thing up (the rest is searched by hand as today)")
    months = f"{best.scenario.months:.0f} months"
    sure = f"95 % confidence interval {_usd(best.npv_low)} to {_usd(best.npv_high)}"
    if best.decision == "introduce":
        return (
            f"introduce the assistant for {gets}. Expected gain against today: {_usd(best.npv)} in {months} ({sure})."
        )
    if best.decision == "pilot":
        return (
            f"pilot the assistant for {gets}; do not roll it out yet. Expected gain against today: {_usd(best.npv)} in"
            f" {months}, but our test is too small to exclude a loss ({sure})."
        )
    return f"go on as today. The assistant would get {gets}, and {_usd(-best.npv)} would be lost in {months} ({sure})."


def _cash(best: Option, price: Mapping) -> str:
    flows = cash_flows(best.system, best.scenario, price, best.value)
    parts = ", ".join(
        f"{name} {_usd(amount)}" for name, amount in upfront_bill(best.system, best.scenario, price).items()
    )
    month, lowest = taught.payback_month(flows), -float(np.cumsum(flows).min())
    when = "it is not earned back within the plan" if math.isinf(month) else f"it is earned back in month {month:.0f}"
    later = f"; at most {_usd(lowest)} at any time" if lowest > 1.001 * -flows[0] else ""
    return f"{_usd(-flows[0])} before the first question ({parts}){later}; {when}."


def _accuracy(best: Option, price: Mapping) -> str:
    needed, has = (
        needed_share(best.system, best.scenario, price),
        right_where_answerable(best.system, best.scenario.mix),
    )
    low, high = (100 * end for end in np.clip(has.interval(), 0, 1))
    pays = f"{100 * needed:.0f} %" if needed <= 1 else "no share of"
    where = f"{has.n} test questions from {has.families} contract families"
    return (
        f"it pays from {pays} right answers, of the questions that have an answer. Measured: {100 * has.mean:.0f} % (95 %"
        f" confidence interval {low:.0f} to {high:.0f} %; {where}). One point more is worth {_usd(_point(best.scenario))} a month."
    )


def _point(s: Scenario) -> float:
    """USD a month for one more right answer in a hundred, in place of a wrong one, where there is an answer."""
    right, wrong, _ = taught.worth(s)
    return 0.01 * s.queries_per_month * (1 - s.share_no_answer) * float(right - wrong)


def _drivers(best: Option, price: Mapping) -> list[str]:
    """What each driver does to the NPV when it is 10 % larger, the strongest first."""
    found = []
    for name in DRIVERS:
        s = _scaled(best.scenario, name, 1.1)
        found.append((option(best.system, best.scope, s, price).npv - best.npv, name))
    found.sort(key=lambda pair: -abs(pair[0]))
    told = ((f"adds {_usd(by)}" if by > 0 else f"takes {_usd(-by)}", name) for by, name in found)
    return [
        f"{words_of(name)[0]} (now {_amount(name, getattr(best.scenario, name))}): a tenth more {does}"
        for does, name in told
    ]


def _next_step(best: Option, price: Mapping) -> str:
    s, needed = best.scenario, needed_share(best.system, best.scenario, price)
    count, cost = int(s.test_labels), s.test_labels * s.test_label_usd
    if best.decision == "go on as today":
        return f"spend nothing now (0 USD). Look again when a system is right in more than {100 * min(needed, 1):.0f} %, or when line 6 holds."
    step = f"an expert answers {count} of your own such questions, and the assistant is tested on them: {_usd(cost)}"
    stop = f"stop if fewer than {math.ceil(count * needed)} of the {count} are right"
    return f"{step}. Stop rule: {stop}; then this sum is all that is lost."


def _changes(found: Sequence[Option], s: Scenario, price: Mapping) -> str:
    told = [
        f"{words_of(name)[0]} at {_amount(name, value)} (now {_amount(name, getattr(s, name))}): {said}"
        for _, name, value, said in nearest_changes(found, s, price)[:3]
    ]
    return "; ".join(told) + "." if told else "no single number between a tenth and ten times of what is assumed."


def _appendix(found: Sequence[Option], s: Scenario, price: Mapping, source: str) -> dict[str, list[str]]:
    better = {one.system.name: one for one in reversed(found)}  # of the two scopes the better one
    rows = option_table(sorted(better.values(), key=lambda one: -one.npv)).itertuples(index=False)
    machines = {name: price[name] for name in ("laptop", "laptop_life", "laptop_power", "electricity", "cpu_machine")}
    prices = [
        f"{item.replace('_', ' ')}: {_plain(one.value)} {one.unit} ({one.source}, {one.date})"
        for item, one in machines.items()
    ]
    old = ", ".join(one.item.replace("_", " ") for one in stale(machines))
    return {
        "Measured": [
            source[0].upper() + source[1:],
            f"The assistant is {found[0].system.name}: a model of 135 million parameters, priced on a machine on which it runs",
        ],
        "All systems, each for the questions where it is better (net present value in USD, 95 % confidence interval)": [
            f"{row[0]}, {row[1]}: {row[4]:,} ({row[5]:,} to {row[6]:,}), {row[2]:.0f} % right" for row in rows
        ],
        "Assumed": [f"{words_of(name)[0]}: {_amount(name, value)}" for name, value in vars(s).items()],
        "Prices": [*prices, *([f"older than 18 months: {old}"] if old else [])],
    }


def _amount(name: str, value: float) -> str:
    """A number of the scenario with its unit, as a person would say it."""
    unit = words_of(name)[1]
    if unit.startswith("share"):
        return f"{_plain(100 * value)} %{unit.removeprefix('share').replace(' per', ' a')}"
    return f"{_plain(value)} {unit.removesuffix('s') if value == 1 else unit}"


def _usd(value: float) -> str:
    """Whole dollars, hundreds where it is thousands."""
    return f"{round(value, -2 if abs(value) >= 2_000 else 0):,.0f} USD"


def _plain(value: float) -> str:
    """Three digits that matter, no exponent; thousands apart."""
    return f"{float(f'{value:.3g}'):,.10f}".rstrip("0").rstrip(".")
