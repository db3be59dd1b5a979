"""A plan over time: what is paid once, the flows month by month, how often it must be right, and every option side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from ...taught import lab_3_4 as taught
from . import figures
from .evidence import System, mix_estimate, right_where_answerable, shares_of
from .prices import KINDS, Scenario

ALL, ONE = "all questions", "one-clause questions only"


@dataclass(frozen=True, eq=False)
class Option:
    """A system for some of the questions. scenario: the business as that system meets it.

    value, low, high: USD that one question earns before the bill, with its 95 % confidence interval. npv, npv_low,
    npv_high: USD over the plan, the same interval carried through.
    """

    system: System
    scope: str
    scenario: Scenario
    value: float
    low: float
    high: float
    npv: float
    npv_low: float
    npv_high: float

    @property
    def decision(self) -> str:
        """introduce | pilot | go on as today."""
        return taught.recommend(self.npv_low, self.npv)


def scopes(s: Scenario) -> dict[str, Scenario]:
    """Which questions the system gets -> the scenario in which it gets them."""
    return {ALL: s} | ({ONE: s.one_clause_only} if 0 < s.share_several_clauses and 0 < s.share_one_clause else {})


def hosting_of(system: System, s: Scenario, price: Mapping) -> str:
    """The cheaper of the machines on which this very model was, or could be, measured."""
    return min(taught.HOSTING, key=lambda name: taught.machines_usd(system, name, s, price))


def running_usd(system: System, s: Scenario, price: Mapping) -> float:
    """USD per month for machines and for whoever looks after them."""
    bill = taught.monthly_bill(system, hosting_of(system, s, price), shares_of(system, s.mix), s, price)
    return bill["machines"] + bill["looking after them"]


def renewal_usd(system: System, s: Scenario, price: Mapping) -> float:
    """USD of one retraining: the run, a person, and labels for what changed since the last; 0 if not trained."""
    changed = s.training_labels * (1 - (1 - s.churn_per_month) ** s.retrain_every_months)
    return system.is_tuned * (_training_run_usd(s, price) + changed * s.training_label_usd)


def upfront_bill(system: System, s: Scenario, price: Mapping) -> dict[str, float]:
    """USD to be paid before the first question; nothing for a system that runs no model."""
    runs = system.seconds > 0
    return {
        "set-up": runs * s.setup_hours * s.hourly_usd,
        "test labels": runs * s.test_labels * s.test_label_usd,
        "training": system.is_tuned * (_training_run_usd(s, price) + s.training_labels * s.training_label_usd),
    }


def events(system: System, s: Scenario, price: Mapping) -> np.ndarray:
    """USD that fall due in month 0 to the last: set-up first, then retrainings, and the base model's retirement.

    A retraining falls due every few months, but not at the end; the retirement where it lies within the plan.
    """
    months, every, ends = max(1, int(s.months)), max(1, int(s.retrain_every_months)), int(s.retirement_month)
    due = np.zeros(months + 1)
    due[0] = sum(upfront_bill(system, s, price).values())
    due[every:months:every] += renewal_usd(system, s, price)
    if 0 < ends < months and system.seconds > 0:
        due[ends] += s.retirement_hours * s.hourly_usd + system.is_tuned * _training_run_usd(s, price)
    return due


def cash_flows(system: System, s: Scenario, price: Mapping, value_usd: float) -> np.ndarray:
    """USD gained in month 0 to the last; shape (months + 1,). value_usd: what one question earns before the bill."""
    due = events(system, s, price)
    due[1:] += running_usd(system, s, price)
    due[1:] -= s.queries_per_month * value_usd
    return -due


def annuity(months: int, yearly_discount: float) -> float:
    """What 1 USD at the end of each month is worth today."""
    rate = (1 + yearly_discount) ** (1 / 12) - 1
    return float(months) if rate == 0 else (1 - (1 + rate) ** -months) / rate


def cost_per_question(system: System, s: Scenario, price: Mapping, running: float | None = None) -> float:
    """USD that a question must earn for the plan to break even: all that is paid, spread over its questions, discounted.

    running: USD per month of machines and of who looks after them; left out, this system's own.
    """
    once = -taught.npv(-events(system, s, price), s.yearly_discount) / annuity(int(s.months), s.yearly_discount)
    return (once + (running_usd(system, s, price) if running is None else running)) / s.queries_per_month


def needed_share(system: System, s: Scenario, price: Mapping, running: float | None = None) -> float:
    """Share of right answers, where there is an answer, at which the NPV is zero; by formula, not by simulation.

    The rest stays as measured: how often it says "not stated", and what it does where there is no answer. Above
    1 - refused: never. running: as in cost_per_question.
    """
    absent, prices = s.mix[KINDS[2]], taught.worth(s)
    known = {kind: share / (1 - absent) for kind, share in s.mix.items()} | {KINDS[2]: 0.0}
    lost = absent * float(shares_of(system, dict.fromkeys(KINDS, 0.0) | {KINDS[2]: 1.0}) @ prices)
    each = (cost_per_question(system, s, price, running) - lost) / (1 - absent)
    return taught.break_even_accuracy(each, *prices, shares_of(system, known)[2])


def options(systems: Sequence[System], s: Scenario, price: Mapping) -> list[Option]:
    """Every system that is for sale, for all questions and for one-clause questions, the most valuable first."""
    found = []
    for scope, of_scope in scopes(s).items():
        for system in (system for system in systems if system.is_for_sale):
            found.append(option(system, scope, of_scope, price))
    return sorted(found, key=lambda one: one.npv, reverse=True)


def option(system: System, scope: str, s: Scenario, price: Mapping) -> Option:
    """One system in one scenario, with its interval."""
    values = system.outcomes @ taught.worth(s)
    earned = mix_estimate(system, values, s.mix)
    low, high = earned.interval() if np.ptp(values) > 0 else (earned.mean, earned.mean)  # to refuse always is no chance
    months = annuity(int(s.months), s.yearly_discount) * s.queries_per_month
    npv = taught.npv(cash_flows(system, s, price, earned.mean), s.yearly_discount)
    ends = [npv + months * (end - earned.mean) for end in (low, high)]
    return Option(system, scope, s, earned.mean, low, high, npv, *ends)


def option_table(found: Sequence[Option]) -> DataFrame:
    """The options as a table: right answers where there is one (%), USD per question, NPV with its interval, the decision."""
    rows = [
        [
            one.system.name, one.scope, 100 * right_where_answerable(one.system, one.scenario.mix).mean, one.value,
            one.npv, one.npv_low, one.npv_high, one.decision,
        ]
        for one in found
    ]  # fmt: skip
    names = ["system", "gets", "right (%)", "USD per question", "NPV (USD)", "low", "high", "decision"]
    rounded = {"right (%)": 0, "USD per question": 2, "NPV (USD)": -2, "low": -2, "high": -2}
    return DataFrame(rows, columns=names).round(rounded).astype(dict.fromkeys(["NPV (USD)", "low", "high"], int))


def usd_per_right_answer(system: System, s: Scenario, price: Mapping) -> tuple[float, float, float]:
    """(cost of pass with the reader's minutes, low, high) in USD; the interval of a ratio (Cochran 1977, section 6.3).

    Infinite where nothing is right, and the high end where it is not certain that anything is.
    """
    machines = running_usd(system, s, price) / s.queries_per_month
    right = mix_estimate(system, system.outcomes[:, :, 0], s.mix)
    shares = shares_of(system, s.mix)
    cost = taught.cost_of_pass(shares[0], shares[1], s.believed_share, machines, *_prices_of_reading(s))
    if right.mean <= 0:
        return math.inf, math.inf, math.inf
    spent = np.array([s.minutes_by_hand * s.hourly_usd / 60, 0, 0]) - taught.worth(s) + machines
    low, high = mix_estimate(system, system.outcomes @ (spent - np.array([cost, 0, 0])), s.mix).interval()
    return cost, max(0.0, cost + low / right.mean), cost + high / right.mean if right.interval()[0] > 0 else math.inf


def whole_bill(system: System, s: Scenario, price: Mapping) -> dict[str, float]:
    """USD over the whole plan by part, undiscounted: machines, people, labels and errors apart."""
    monthly = taught.monthly_bill(system, hosting_of(system, s, price), shares_of(system, s.mix), s, price)
    first, due = upfront_bill(system, s, price), events(system, s, price)
    return {name: usd * s.months for name, usd in monthly.items()} | {
        "labels of the test": first["test labels"],
        "set-up, training, new base model": float(due.sum()) - first["test labels"],
    }


def calculator(system: System, s: Scenario, price: Mapping) -> Any:
    """The bill of the whole plan, and what it has earned month by month, also with ten more right answers in a hundred.

    Returns the Figure.
    """
    now = option(system, "", s, price)
    right, wrong, _ = taught.worth(s)
    more = now.value + 0.1 * (1 - s.share_no_answer) * (right - wrong)
    flows = np.array([cash_flows(system, s, price, value) for value in (now.value, more)])
    earned = np.cumsum(flows / (1 + s.yearly_discount) ** (np.arange(len(flows[0])) / 12), axis=1)
    month = taught.payback_month(flows[0])
    when = "never pays back" if math.isinf(month) else f"pays back in month {month:.0f}"
    share, needed = right_where_answerable(system, s.mix).mean, needed_share(system, s, price)
    headline = f"{system.name}: {figures.dollars(earned[0, -1])} in {s.months:.0f} months, {when}\n"
    headline += f"{share:.0%} right where there is an answer; break-even at {needed:.0%}. "
    headline += f"{s.queries_per_month:,.0f} questions a month"
    return figures.calculator(
        whole_bill(system, s, price), {"this plan": earned[0], "10 points more": earned[1]}, headline
    )


def _training_run_usd(s: Scenario, price: Mapping) -> float:
    return taught.usd(s.training_hours, price["cpu_machine"]) + s.retrain_hours * s.hourly_usd


def _prices_of_reading(s: Scenario) -> tuple[float, float, float]:
    """USD for checking an answer, for reading "not stated", and for an error that is believed."""
    minute = s.hourly_usd / 60
    return s.check_minutes * minute, s.refusal_minutes * minute, s.error_usd
