"""Exercises of lab 3.4."""

import math
import random

from ...exercises.checks import compare, must_raise, number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_3_4 as taught

# ------------------------------------------------------------------ 1 · fix the unit

UNIT_NAMES = ("quantity", "value", "unit")
UNIT_CASES = [
    (1_000_000, 0.00799, "USD per 1000 tokens"), (1_000_000, 0.02, "USD per 1000000 tokens"), (744, 21.18, "USD per hour"), (0, 3.0, "USD per label"),
    (300, 154.0, "USD per label"), (2.5, 1.95, "USD per month"), (7, 0.0, "USD per 1000 tokens"), (12, 0.06, "USD per GB-month"), (50, 0.5, "USD per 25 labels"),
]  # fmt: skip
NO_PRICES = [
    (10, 0.00799, ""),
    (10, 2.0, "hour"),
    (10, 2.0, "EUR per hour"),
    (10, -0.5, "USD per hour"),
    (10, -0.5, "USD per 1000 tokens"),
    (10, 2.0, "per hour"),
    (10, 2.0, "USDT per hour"),
    (10, 2.0, "USDC per 1000 tokens"),
    (10, 2.0, "USD"),
    (10, 2.0, "USD 1000 tokens"),
    (10, 2.0, "USD/hour"),
]


def check_cost(candidate) -> None:
    """Units with and without a size; no unit and negative prices must raise."""
    compare(candidate, taught.cost_usd, UNIT_CASES, UNIT_NAMES, "the amount is different", number)
    must_raise(candidate, NO_PRICES, UNIT_NAMES, "this is no price in dollars: raise a ValueError")


def _refuse(value, unit) -> None:
    if not unit.startswith("USD per ") or value < 0:
        raise ValueError("no price")


def _unit_ignored(quantity, value, unit):
    _refuse(value, unit)
    return quantity * value


def _always_thousand(quantity, value, unit):
    _refuse(value, unit)
    return quantity * value / (1000 if "tokens" in unit else 1)


def _size_multiplied(quantity, value, unit):
    _refuse(value, unit)
    size = unit.split()[2]
    return quantity * value * (int(size) if size.isdigit() else 1)


def _missing_is_free(quantity, value, unit):
    return taught.cost_usd(quantity, value, unit) if unit.startswith("USD per ") and value >= 0 else 0.0


# ------------------------------------------------------------------ 2 · the cost of a right answer

PASS_NAMES = ("right", "wrong", "believed", "machine_usd", "check_usd", "refusal_usd", "error_usd")


def _attempt(seed: int) -> tuple:
    draw = random.Random(seed)
    right = draw.uniform(0.05, 0.9)
    prices = (draw.uniform(0, 2), draw.uniform(0, 3), draw.uniform(0, 3), draw.uniform(0, 100))
    return (right, draw.uniform(0, 1 - right), draw.random(), *prices)


PASSES = [
    (0.5, 0.5, 1.0, 0.0, 0.0, 0.0, 10.0),
    (1.0, 0.0, 0.2, 0.5, 1.0, 0.25, 15.0),
    (0.5, 0.25, 0.2, 0.5, 1.0, 1.0, 10.0),
    (0.5, 0.0, 0.2, 0.0, 0.0, 1.0, 15.0),
    (0.0, 0.6, 0.2, 0.1, 1.0, 0.25, 15.0),
    (0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0),
]
PASSES += [_attempt(seed) for seed in range(10)]


def check_pass(candidate) -> None:
    """Nothing right, everything right, nothing wrong, and seeded cases."""
    compare(candidate, taught.cost_of_pass, PASSES, PASS_NAMES, "the cost of a right answer is different", number)


def _pass(believed_of=lambda believed: believed, checked=lambda right, wrong: right + wrong, refusal=1, machine=1):
    def cost(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
        if right <= 0:
            return math.inf
        reading = checked(right, wrong) * check_usd + refusal * (1 - right - wrong) * refusal_usd
        return (machine * machine_usd + reading + wrong * believed_of(believed) * error_usd) / right

    return cost


def _each_question(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    return right and right * taught.cost_of_pass(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd)


def _nothing_is_free(*arguments):
    return taught.cost_of_pass(*arguments) if arguments[0] > 0 else 0.0


# ------------------------------------------------------------------ 3 · break-even accuracy

SHARE_NAMES = ("cost_usd", "right_usd", "wrong_usd", "refused_usd", "refused")
SHARES = [
    (1.0, 5.0, -3.0, 0.0, 0.0),
    (0.0, 5.0, -5.0, 0.0, 0.0),
    (0.5, 5.0, -4.0, -0.25, 0.1),
    (0.3, 5.0, -4.0, -0.25, 1.0),
    (9.0, 5.0, -4.0, -0.5, 0.2),
    (-9.0, 5.0, -4.0, -0.5, 0.2),
    (0.01, 2.0, -30.0, -1.0, 0.4),
    (0.2, 8.0, 0.0, 0.0, 0.3),
    (0.0, -0.5, -4.0, -0.25, 0.1),
]
NO_SHARES = [(1.0, 5.0, 5.0, 0.0, 0.0), (1.0, 2.0, 3.0, 0.0, 0.0), (0.0, -5.0, -4.0, -0.25, 0.1)]


def check_accuracy(candidate) -> None:
    """Shares inside and outside 0 to 1, with and without refusals; worths that cannot be."""
    different = "the break-even accuracy is different"
    compare(candidate, taught.break_even_accuracy, SHARES, SHARE_NAMES, different, number)
    must_raise(
        candidate, NO_SHARES, SHARE_NAMES, "a right answer is worth no more than a wrong one: raise a ValueError"
    )


def _worth_more(right_usd, wrong_usd) -> None:
    if right_usd <= wrong_usd:
        raise ValueError("right must be worth more")


def _cut_off(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    return min(1.0, max(0.0, taught.break_even_accuracy(cost_usd, right_usd, wrong_usd, refused_usd, refused)))


def _no_wrong(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    _worth_more(right_usd, wrong_usd)
    return (cost_usd - refused * refused_usd) / right_usd


def _no_refused(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    _worth_more(right_usd, wrong_usd)
    return (cost_usd - wrong_usd) / (right_usd - wrong_usd)


def _of_the_rest(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    share = taught.break_even_accuracy(cost_usd, right_usd, wrong_usd, refused_usd, refused)
    return share / (1 - refused) if refused < 1 else share


# ------------------------------------------------------------------ 4 · break-even volume

LINE_NAMES = ("fixed_a", "per_query_a", "fixed_b", "per_query_b")
LINES = [
    (0, 0.01, 500, 0.005), (100, 0.02, 900, 0.001), (11.4, 0.0005, 883, 0.0), (500, 0.01, 100, 0.005), (0, 0.005, 500, 0.01), (300, 0.002, 300, 0.002),
    (300, 0.002, 400, 0.002), (300, 0.002, 200, 0.002), (500, 0.005, 100, 0.01), (300, 0.004, 300, 0.002), (300, 0.002, 300, 0.004), (0, 2, 1, 1), (300, 0.002, 300.5, 0.002),
]  # fmt: skip


def check_break_even(candidate) -> None:
    """Lines that cross, run side by side, or never meet."""
    different = "this is not the volume from which on b never costs more than a"
    compare(candidate, taught.break_even_volume, LINES, LINE_NAMES, different, number)


def _crossing(fixed_a, per_query_a, fixed_b, per_query_b):
    return math.inf if per_query_a == per_query_b else (fixed_b - fixed_a) / (per_query_a - per_query_b)


def _ratio_of_b(fixed_a, per_query_a, fixed_b, per_query_b):
    known = taught.break_even_volume(fixed_a, per_query_a, fixed_b, per_query_b)
    return known if known in (0.0, math.inf) else (fixed_b - fixed_a) / per_query_a


def _sum_of_prices(fixed_a, per_query_a, fixed_b, per_query_b):
    known = taught.break_even_volume(fixed_a, per_query_a, fixed_b, per_query_b)
    return known if known in (0.0, math.inf) else fixed_b / (per_query_a - per_query_b)


def _never_is_zero(fixed_a, per_query_a, fixed_b, per_query_b):
    known = taught.break_even_volume(fixed_a, per_query_a, fixed_b, per_query_b)
    return 0.0 if known == math.inf else known


EXERCISES = [
    Exercise(
        number=1,
        title="Fix the unit",
        reference=taught.cost_usd,
        check=check_cost,
        probes=UNIT_CASES + NO_PRICES,
        hints=(
            "How many thousands are in a million tokens? That is the number to multiply the price with.",
            (
                "`unit.split()[2]` is the word after `per`: `1000` in one unit, `hour` in another. `isdigit()` tells"
                " them apart."
            ),
            (
                "Divide the quantity by that size (or by 1) and multiply by the value; before that, raise a ValueError"
                " for what is no price."
            ),
        ),
        misconceptions=(
            Misconception(
                "the factor of a thousand",
                _unit_ignored,
                "You multiplied quantity and value and never read the size in the unit: a training of 7.99 dollars"
                " becomes 7,990. It is the tutorial's own slip.",
            ),
            Misconception(
                "the tutorial's own slip",
                lambda quantity, value, unit: quantity * value,
                "You multiplied quantity and value and never looked at the unit: a training of 7.99 dollars becomes"
                " 7,990, and a price without a unit passes, too.",
            ),
            Misconception(
                "every token price is per thousand",
                _always_thousand,
                "You divide all token prices by 1,000, but some lists price a **million**. Read the size from the"
                " unit.",
            ),
            Misconception(
                "multiplied by the size",
                _size_multiplied,
                "You multiplied by the size of the unit. A price per 1000 tokens is small for one token: **divide** by"
                " the size.",
            ),
            Misconception(
                "missing is free",
                _missing_is_free,
                "Where the unit is missing you return 0. A cost that nobody knows then looks like a gift. Raise a"
                " ValueError.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The cost of a right answer",
        reference=taught.cost_of_pass,
        check=check_pass,
        probes=PASSES,
        hints=(
            "What does one attempt cost in the mean, whatever comes out of it? Divide that by the share of right ones.",
            "An attempt costs four things: machine, check, reading 'not stated', believed error. How often is each paid?",
            (
                "The check is paid for `right + wrong`, the reading for `1 - right - wrong`, the error for"
                " `wrong * believed`, the machine always."
            ),
        ),
        misconceptions=(
            Misconception(
                "every wrong answer believed",
                _pass(believed_of=lambda believed: 1),
                "You pay the error for **every** wrong answer. Most fail the reader's check; only the share `believed` of"
                " them does harm.",
            ),
            Misconception(
                "only right answers checked",
                _pass(checked=lambda right, wrong: right),
                "You pay the check for right answers only. The reader does not know which ones are right, so wrong answers"
                " are checked, too.",
            ),
            Misconception(
                "refusals for nothing",
                _pass(refusal=0),
                "You read 'not stated' for nothing. It costs `refusal_usd` for the rest: 1 - right - wrong.",
            ),
            Misconception(
                "the cost of a question",
                _each_question,
                "You return what one **question** costs. Divide by the share of right answers: the right ones carry the cost"
                " of all.",
            ),
            Misconception(
                "nothing right costs nothing",
                _nothing_is_free,
                "Where nothing is right you return 0, which is the best price of all. Return `math.inf`: no money buys a"
                " right answer there.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Break-even accuracy",
        reference=taught.break_even_accuracy,
        check=check_accuracy,
        probes=SHARES + NO_SHARES,
        hints=(
            "Call the share that you look for x. What is one question worth, if x are right and `refused` are refused?",
            "`x * right_usd + (1 - refused - x) * wrong_usd + refused * refused_usd` is the worth. Set it equal to `cost_usd`.",
            "Solve for x: what is left of the cost without x, divided by `right_usd - wrong_usd`.",
        ),
        misconceptions=(
            Misconception(
                "cut off",
                _cut_off,
                "You cut the result off. A result above 1 says something: the system **never** earns its cost; below 0, it"
                " always does.",
            ),
            Misconception(
                "wrong answers worth nothing",
                _no_wrong,
                "You divide the cost by the worth of a right answer. Each answer that is not right is a wrong one and has a"
                " worth, too: `wrong_usd`.",
            ),
            Misconception(
                "refusals forgotten",
                _no_refused,
                "Your result does not change with `refused`. A refused question is neither right nor wrong; it is worth"
                " `refused_usd`.",
            ),
            Misconception(
                "a share of the answers",
                _of_the_rest,
                "You return the share among the questions that are **answered**. Return it among all of them, the refused"
                " ones included.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="Derive the break-even volume",
        reference=taught.break_even_volume,
        check=check_break_even,
        probes=LINES,
        hints=(
            (
                "Two lines: `fixed_a + per_query_a * volume` and the same for b. b pays `fixed_b - fixed_a` more and"
                " saves `per_query_a - per_query_b` each time."
            ),
            (
                "They cross where extra equals saving times volume. What if b saves nothing per question? What if it"
                " has no extra to earn back?"
            ),
            (
                "If the saving is negative, or zero with an extra to earn: `math.inf`. Else extra / saving, or 0.0"
                " where there is no extra."
            ),
        ),
        misconceptions=(
            Misconception(
                "the crossing alone",
                _crossing,
                "You return where the lines cross, even where that is below zero or where b becomes the **more expensive** one."
                " Think about the corners: always (0.0) and never (infinite).",
            ),
            Misconception(
                "the crossing alone, even where there is none",
                lambda fixed_a, per_query_a, fixed_b, per_query_b: (fixed_b - fixed_a) / (per_query_a - per_query_b),
                "You return where the lines cross. Where b becomes the **more expensive** one that is no answer, and lines with"
                " equal prices per question never cross: think about always (0.0) and never (infinite).",
            ),
            Misconception(
                "b's price per question forgotten",
                _ratio_of_b,
                "You divide by a's price per question alone. Each question saves only the **difference** of the two.",
            ),
            Misconception(
                "a's fixed part forgotten",
                _sum_of_prices,
                "You let b earn back its whole fixed part. a has a fixed part, too: only the **difference** must be"
                " earned back.",
            ),
            Misconception(
                "never taken for always",
                _never_is_zero,
                "Where b never becomes the cheaper one you return 0, which says that it always is. Return `math.inf`.",
            ),
        ),
    ),
]
