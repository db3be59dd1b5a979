"""A plan over time: its cash flows month by month, the share of right answers that it needs, and the calculator's view of it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pandas import DataFrame

from ...taught import lab_3_4 as taught
from . import figures


def cash_flows(system: Any, hosting: str, s: Any, price: Mapping, value_usd: float) -> np.ndarray:
    """USD gained in month 0 (paid first) to the last; shape (months + 1,). s: a scenario; value_usd: worth of an answer.

    Taught in: lab 3.4.
    """
    months, every = max(1, int(s.months)), max(1, int(s.retrain_every_months))
    bill = taught.monthly_bill(system, hosting, s, price)
    flows = np.full(months + 1, s.queries_per_month * value_usd - sum(bill.values()) + bill["retraining"])
    flows[0] = -sum(taught.upfront_bill(system, s, price).values())
    flows[every:months:every] -= taught.renewal_usd(system, s, price)
    return flows


def needed_share(system: Any, hosting: str, s: Any, price: Mapping) -> float:
    """Share of right answers, without refusals, at which the NPV is zero; above 1: never. By formula, not by simulation.

    Taught in: lab 3.4.
    """
    bill, every = taught.monthly_bill(system, hosting, s, price), int(s.retrain_every_months)
    due = sum((1 + s.yearly_discount) ** (-month / 12) for month in range(every, int(s.months), every))
    once = sum(taught.upfront_bill(system, s, price).values()) + due * taught.renewal_usd(system, s, price)
    monthly = sum(bill.values()) - bill["retraining"] + once / taught.annuity(int(s.months), s.yearly_discount)
    right, wrong, _ = taught.worth(s)
    return (monthly / s.queries_per_month - wrong) / (right - wrong)


def with_share(system: Any, share: float) -> Any:
    """The same system with this share of right answers; all others are wrong, and none is refused."""
    return replace(system, correct=share, wrong=1 - share, refused=0.0)


def calculator(system: Any, hosting: str, s: Any, price: Mapping) -> Any:
    """The bill under each hosting, and what the plan has earned, also with ten more right answers in a hundred. Returns the Figure.

    Taught in: lab 3.4.
    """
    bills = DataFrame({name: taught.monthly_bill(system, name, s, price) for name in taught.HOSTING}).T
    each, more = taught.answer_value_usd(system, s), min(0.1, system.wrong) * float(taught.worth(s) @ [1, -1, 0])
    flows = [cash_flows(system, hosting, s, price, value) for value in (each, each + more)]
    earned = np.cumsum(flows / (1 + s.yearly_discount) ** (np.arange(len(flows[0])) / 12), axis=1)
    month, cost = taught.payback_month(flows[0]), bills.loc[hosting].sum() / s.queries_per_month
    per_right = figures.dollars(cost / system.correct if system.correct else math.inf)
    when = "never" if month == math.inf else f"in month {month:.0f}"
    headline = f"{system.name}, {hosting}: present value {figures.dollars(earned[0, -1])}, payback {when}\n"
    headline += (
        f"{system.correct:.0%} right. An answer is worth {figures.dollars(each)}; a right one costs {per_right} to make"
    )
    return figures.calculator(bills, {"this plan": earned[0], "with 10 more right in 100": earned[1]}, headline)
