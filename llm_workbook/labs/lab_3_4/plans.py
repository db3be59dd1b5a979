"""A plan over time: what is paid once, the flows month by month, how often it must be right, and every option side by side."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from ...taught import lab_3_4 as taught
from . import figures
from .evidence import System, mix_estimate, right_where_answerable, shares_of
from .prices import KINDS, Scenario

CONTROLS = {  # number of the scenario -> what the calculator may replace it with
    "believed_share": (0.05, 0.1, 0.2, 0.3, 0.6, 1.0), "error_usd": (0, 5, 15, 30, 100, 500), "minutes_by_hand": (2, 4, 6, 10, 20),
    "queries_per_month": (500, 5000, 50_000, 500_000),
}  # fmt: skip
ALL, ONE = "all questions", "one-clause questions only"


@dataclass(frozen=True, eq=False)
class Option:
    """A system for some of the questions. scenario: the business as that system meets it.

    value: USD that one question earns before the bill. npv, npv_low, npv_high: USD over the plan, with the 95 % confidence
    interval of the value carried through.
    """

    system: System
    scope: str
    scenario: Scenario
    value: float
    npv: float
    npv_low: float
    npv_high: float

    @property
    def decision(self) -> str:
        """introduce | pilot | go on as today."""
        return taught.recommend(self.npv_low, self.npv)


def scopes(s: Scenario) -> dict[str, Scenario]:
    """Which questions the system gets -> the scenario in which it gets them."""
    return {ALL: s} | ({ONE: s.one_clause_only} if s.share_several_clauses > 0 and s.share_one_clause > 0 else {})


def monthly(system: System, s: Scenario, price: Mapping) -> dict[str, float]:
    """USD per month by part, on the cheaper of the machines on which this very model was, or could be, measured."""
    shares = shares_of(system, s.mix)
    bills = [taught.monthly_bill(system, hosting, shares, s, price) for hosting in taught.HOSTING]
    return min(bills, key=lambda bill: bill["machines"])


def running_usd(system: System, s: Scenario, price: Mapping) -> float:
    """USD per month for machines and for whoever looks after them."""
    return sum(list(monthly(system, s, price).values())[:2])


def cash_flows(system: System, s: Scenario, price: Mapping, value_usd: float) -> np.ndarray:
    """USD gained in month 0 to the last; shape (months + 1,). value_usd: what one question earns before the bill."""
    due = taught.events(system, s)
    due[1:] += running_usd(system, s, price)
    due[1:] -= s.queries_per_month * value_usd
    return -due


def cost_per_question(system: System, s: Scenario, price: Mapping, running: float | None = None) -> float:
    """USD that a question must earn for the plan to break even: all that is paid, spread over its questions, discounted.

    running: USD per month of machines and of who looks after them; left out, this system's own.
    """
    once = -taught.npv(-taught.events(system, s), s.yearly_discount) / taught.annuity(int(s.months), s.yearly_discount)
    return (once + (running_usd(system, s, price) if running is None else running)) / s.queries_per_month


def needed_share(system: System, s: Scenario, price: Mapping, running: float | None = None) -> float:
    """Share of right answers, where there is an answer, at which the NPV is zero; by formula, not by simulation.

    The rest stays as measured: how often it says "not stated", and what it does where there is no answer. Above
    1 - refused: never. running: as in cost_per_question.
    """
    absent, prices = s.mix[KINDS[2]], taught.worth(s)
    right, wrong, refused = map(float, prices)
    known = {kind: share / (1 - absent) for kind, share in s.mix.items()} | {KINDS[2]: 0.0}
    lost = absent * float(shares_of(system, dict.fromkeys(KINDS, 0.0) | {KINDS[2]: 1.0}) @ prices)
    each = (cost_per_question(system, s, price, running) - lost) / (1 - absent)
    return taught.break_even_accuracy(each, right, wrong, refused, shares_of(system, known)[2])


def options(systems: Sequence[System], s: Scenario, price: Mapping) -> list[Option]:
    """Every system that is for sale, for all questions and for one-clause questions, the most valuable first."""
    sold = [system for system in systems if system.is_for_sale]
    found = [option(system, scope, mine, price) for scope, mine in scopes(s).items() for system in sold]
    return sorted(found, key=lambda one: one.npv, reverse=True)


def best_of(found: Sequence[Option]) -> Option:
    """The most valuable option that runs a model: to guess or to refuse always is a yardstick, not an offer."""
    return next(one for one in found if one.system.seconds > 0)


def option(system: System, scope: str, s: Scenario, price: Mapping) -> Option:
    """One system in one scenario, with its interval."""
    values = system.outcomes @ taught.worth(s)
    earned = mix_estimate(system, values, s.mix)
    low, high = earned.interval() if np.ptp(values) > 0 else (earned.mean, earned.mean)  # to refuse always is no chance
    months = taught.annuity(int(s.months), s.yearly_discount) * s.queries_per_month
    npv = taught.npv(cash_flows(system, s, price, earned.mean), s.yearly_discount)
    ends = [npv + months * (end - earned.mean) for end in (low, high)]
    return Option(system, scope, s, earned.mean, npv, *ends)


def option_table(found: Sequence[Option]) -> DataFrame:
    """The options as a table: right answers where there is one (%), NPV in USD with its interval, the decision."""
    rows = []
    for one in found:
        money = [int(round(usd, -2)) for usd in (one.npv, one.npv_low, one.npv_high)]
        right = round(100 * right_where_answerable(one.system, one.scenario.mix).mean)
        rows.append([one.system.name, one.scope, right, *money, one.decision])
    return DataFrame(
        rows, columns=["system", "gets", "right if answerable (%)", "NPV (USD)", "low", "high", "decision"]
    )


def usd_per_right_answer(system: System, s: Scenario, price: Mapping) -> tuple[float, float, float]:
    """(cost of pass with the reader's minutes, low, high) in USD; the interval of a ratio (Cochran 1977, section 6.3).

    Infinite where nothing is right, and the high end where it is not certain that anything is.
    """
    machines, minute = running_usd(system, s, price) / s.queries_per_month, s.hourly_usd / 60
    check, refusal, (right, wrong, _) = s.check_minutes * minute, s.refusal_minutes * minute, shares_of(system, s.mix)
    cost = taught.cost_of_pass(right, wrong, s.believed_share, machines, check, refusal, s.error_usd)
    if math.isinf(cost):
        return cost, cost, cost
    known = mix_estimate(system, system.outcomes[:, :, 0], s.mix)
    spent = machines - taught.worth(s) + np.array([s.minutes_by_hand * minute - cost, 0, 0])
    low, high = (cost + end / right for end in mix_estimate(system, system.outcomes @ spent, s.mix).interval())
    return cost, max(0.0, low), high if known.interval()[0] > 0 else math.inf


def cost_table(systems: Sequence[System], s: Scenario, price: Mapping) -> dict[str, dict[str, tuple]]:
    """system -> which questions it gets -> USD for a right answer, with its interval."""
    gets = scopes(s)
    return {one.label: {name: usd_per_right_answer(one, gets[name], price) for name in gets} for one in systems}


def hosting_table(best: Option, price: Mapping) -> DataFrame:
    """What a system costs a month under each hosting, for the tokens that its prompts really have, and its break-even.

    A model that is paid by token or by the hour needs nobody to look after its machine.
    """
    system, s = best.system, best.scenario
    usd = {name: taught.machines_usd(system, name, s, price) for name in taught.HOSTING}
    usd = {name: amount + s.operations_hours * s.hourly_usd for name, amount in usd.items()}
    for name, item in {"small hosted model, by token": "nova_micro", "Llama 3 8B, by token": "llama_3_8b"}.items():
        tokens = {"input": system.input_tokens, "output": system.output_tokens}
        usd[name] = sum(taught.usd(s.queries_per_month * n, price[f"{item}_{way}"]) for way, n in tokens.items())
    usd["provisioned unit, by the hour"] = taught.usd(taught.HOURS_PER_MONTH, price["model_unit"])
    shares = {name: needed_share(system, s, price, amount) for name, amount in usd.items()}
    most = 1 - system.outcomes[system.kinds != KINDS[2], :, 2].mean()  # the rest is refused
    words = {name: f"{share:.1%}" if share <= most else "never" for name, share in shares.items()}
    return DataFrame({"USD a month": usd, "pays from right answers": words}).round(2)


def whole_bill(system: System, s: Scenario, price: Mapping) -> dict[str, float]:
    """USD over the whole plan by part, undiscounted: machines, people, labels and errors apart."""
    labels = taught.upfront_bill(system, s)["test labels"]
    once = {"labels of the test": labels, "set-up, training, new base model": sum(taught.events(system, s)) - labels}
    return {name: usd * s.months for name, usd in monthly(system, s, price).items()} | once


def calculator(system: System, s: Scenario, price: Mapping) -> Figure:
    """The bill of the whole plan, and what it has earned by the end of each month. Returns the Figure."""
    now, needed = option(system, "", s, price), needed_share(system, s, price)
    flows = cash_flows(system, s, price, now.value)
    earned = np.cumsum(flows / (1 + s.yearly_discount) ** (np.arange(len(flows)) / 12))
    month = taught.payback_month(flows)
    when = "never pays back" if math.isinf(month) else f"pays back in month {month:.0f}"
    money = f"{system.name}: {figures.dollars(now.npv)} in {s.months:.0f} months, {when}\n"
    right = f"{right_where_answerable(system, s.mix).mean:.0%} right where there is an answer; break-even {needed:.0%}"
    return figures.calculator(whole_bill(system, s, price), earned, money + right)


def calculator_of(presets: Mapping[str, tuple[System, Scenario]], price: Mapping) -> Callable[..., Figure]:
    """The calculator as a function of its controls: the name of a preset, and what replaces its numbers ("" for nothing)."""

    def view(preset: str, **chosen: Any) -> Figure:
        system, s = presets[preset]
        return calculator(system, replace(s, **{name: value for name, value in chosen.items() if value != ""}), price)

    return view
