"""Exercises of lab 3.4."""

import math
import random

from ...exercises.checks import compare, must_raise, number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_3_4 as taught

# ------------------------------------------------------------------ 1 · mend the unit

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


# ------------------------------------------------------------------ 2 · prompt caching

CALL_NAMES = (
    "input_tokens",
    "output_tokens",
    "price_input",
    "price_output",
    "price_cached",
    "prefix_tokens",
    "hit_rate",
)


def _calls(seed: int) -> tuple:
    draw = random.Random(seed)
    price = draw.uniform(0.0001, 2)
    return (
        draw.randint(50, 3000),
        draw.randint(1, 300),
        price,
        price * draw.uniform(1, 5),
        price * draw.uniform(0.1, 0.9),
        draw.randint(0, 1500),
        draw.random(),
    )


CALLS = [
    (1000, 100, 1.0, 4.0, 0.25, 800, 0.5),
    (1000, 100, 1.0, 4.0, 0.25, 800, 0.0),
    (1000, 100, 1.0, 4.0, 0.25, 800, 1.0),
    (500, 10, 1.0, 4.0, 0.25, 900, 0.7),
]
CALLS += [_calls(seed) for seed in range(12)]


def check_call(candidate) -> None:
    """Hit rates of 0 and 1, a prefix longer than the input, and seeded cases."""
    compare(candidate, taught.call_usd, CALLS, CALL_NAMES, "the expected price of the call is different", number)


def _call(cached, free=False):
    def price(input_tokens, output_tokens, price_input, price_output, price_cached, prefix_tokens, hit_rate):
        part = cached(input_tokens, prefix_tokens, hit_rate)
        return (
            (input_tokens - part) * price_input + part * price_cached * (not free) + output_tokens * price_output
        ) / 1000

    return price


def _discount_on_everything(
    input_tokens, output_tokens, price_input, price_output, price_cached, prefix_tokens, hit_rate
):
    whole = input_tokens * price_input + output_tokens * price_output
    return whole * (1 - hit_rate * (1 - price_cached / price_input)) / 1000


# ------------------------------------------------------------------ 3 · utilisation

USE_NAMES = ("unit_usd_per_hour", "capacity_per_hour", "call_usd_on_demand")
UNITS = [
    (10.0, 4000, 0.005),
    (21.18, 3600, 0.00069),
    (1.21, 7200, 0.0001),
    (21.18, 60_000, 0.001),
    (2.0, 500, 0.004),
    (3.0, 100, 0.5),
]
NO_UNITS = [
    (0.0, 4000, 0.005),
    (10.0, 0, 0.005),
    (10.0, 4000, 0.0),
    (-1.0, 4000, 0.005),
    (10.0, -5, 0.005),
    (10.0, 4000, -0.1),
    (-1.0, -1, 0.5),
]


def check_utilisation(candidate) -> None:
    """Units that pay, units that never do, and arguments that are none."""
    compare(candidate, taught.utilisation_that_pays, UNITS, USE_NAMES, "the utilisation is different", number)
    must_raise(
        candidate, NO_UNITS, USE_NAMES, "a price or a capacity of zero or less makes no sense: raise a ValueError"
    )


def _positive(*values) -> None:
    if min(values) <= 0:
        raise ValueError("must be above 0")


def _upside_down(unit, capacity, call):
    _positive(unit, capacity, call)
    return capacity * call / unit


def _cut_off(unit, capacity, call):
    _positive(unit, capacity, call)
    return min(1.0, unit / (capacity * call))


def _calls_per_hour(unit, capacity, call):
    _positive(unit, capacity, call)
    return unit / call


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
        title="Mend the unit",
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
        title="Add prompt caching",
        reference=taught.call_usd,
        check=check_call,
        probes=CALLS,
        hints=(
            (
                "In the mean, how many tokens of a call come from the cache? Only the prefix can, and only in a share"
                " of the calls."
            ),
            "The cached part is `min(prefix_tokens, input_tokens) * hit_rate`; the rest of the input is fresh.",
            (
                "Add three products, fresh input, cached input and output, each with its own price; all prices are per"
                " 1000 tokens."
            ),
        ),
        misconceptions=(
            Misconception(
                "the whole prompt cached",
                _call(lambda tokens, prefix, rate: tokens * rate),
                "You took the whole input from the cache. Question and clauses are new in each call; only the"
                " **prefix** repeats.",
            ),
            Misconception(
                "cached tokens for nothing",
                _call(lambda tokens, prefix, rate: min(prefix, tokens) * rate, free=True),
                "Cached tokens are cheaper, not free: they cost `price_cached`.",
            ),
            Misconception(
                "a discount on the whole bill",
                _discount_on_everything,
                "You took the discount off the output, too. The cache holds the beginning of the **input**; each answer"
                " is written anew.",
            ),
            Misconception(
                "every call hits",
                _call(lambda tokens, prefix, rate: min(prefix, tokens)),
                "Your result does not change with `hit_rate`. A call that misses the cache pays the full price for its"
                " prefix.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="When does a unit pay?",
        reference=taught.utilisation_that_pays,
        check=check_utilisation,
        probes=UNITS + NO_UNITS,
        hints=(
            "What would a **full** hour of the unit cost if every one of its calls were paid on demand?",
            "That is `capacity_per_hour * call_usd_on_demand`. Which share of it is the unit's own price?",
            (
                "Divide the unit's price by the full hour on demand, after raising a ValueError if the smallest"
                " argument is not above 0."
            ),
        ),
        misconceptions=(
            Misconception(
                "upside down",
                _upside_down,
                "You divided the wrong way round: with a dearer unit your utilisation falls, but a dearer unit must be"
                " used **more** to pay.",
            ),
            Misconception(
                "cut off at one",
                _cut_off,
                "You cut the result off at 1. A result of 2.5 says something: even a full unit costs two and a half"
                " times as much, so it never pays.",
            ),
            Misconception(
                "cut off at one, and nothing refused",
                lambda unit, capacity, call: min(1.0, unit / (capacity * call)),
                "You cut the result off at 1, but 2.5 says something: even a full unit costs two and a half times as"
                " much. And what is zero or below must raise a ValueError.",
            ),
            Misconception(
                "calls instead of a share",
                _calls_per_hour,
                "You return how many **calls** an hour pay for the unit. Divide by what it can answer: utilisation is a"
                " share of its capacity.",
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
                "You return where the lines cross, even where that is below zero or where b becomes the **dearer** one."
                " Think about the corners: always (0.0) and never (infinite).",
            ),
            Misconception(
                "the crossing alone, even where there is none",
                lambda fixed_a, per_query_a, fixed_b, per_query_b: (fixed_b - fixed_a) / (per_query_a - per_query_b),
                "You return where the lines cross. Where b becomes the **dearer** one that is no answer, and lines with"
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
