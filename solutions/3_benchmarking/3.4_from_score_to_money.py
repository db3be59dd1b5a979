# %% [markdown]
# # 3.4 · From score to money: which system would you sign a contract for?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | turn measured scores, tokens and seconds into a bill, a price for each right answer, and a recommendation that an auditor accepts |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing; your own runs of the other labs are used where they exist |
#
# The scores come from your earlier labs, or from the recorded ones; the prices from a table with units, dates and sources.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from IPython.display import display

from llm_workbook import Lab, start
from llm_workbook.benchmark.ledger import Ledger
from llm_workbook.labs.lab_3_4 import figures
from llm_workbook.labs.lab_3_4.costs import decision_memo, measured_system, options, resampled_shares, scored_answers
from llm_workbook.labs.lab_3_4.plans import calculator, cash_flows, needed_share, with_share
from llm_workbook.labs.lab_3_4.prices import (
    SCENARIO,
    PriceError,
    checked,
    dated,
    read_prices,
    read_scenario,
    stale,
    write_scenario,
)
from llm_workbook.show.widgets import explore

run = start("3.4", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## A price without a unit is a rumour
#
# A published tutorial, which this workbook continues, ends with a bill: RAG or fine-tuning, for a year, at 7,000 questions a day. It says that its prices are simulated. We take it
# seriously, because its slips are those that each of us makes. First the tool against them, a price table. Every row has a value, a **unit**, a date and a source.
# `trust` says how we know: P read at the source, S second hand, C computed, assumed. Where two sources disagree, both stand there and one is `chosen`.
#
# `status` is historical where a price belongs to the tutorial of 2024, and as_of where no newer source is known. Before we repair its bill, commit yourself.

# %%
price = read_prices()
old = stale(price)
print(
    f"Older than 18 months, {len(old)} of {len(price)}: {', '.join(f'{one.item} ({one.date})' for one in old)}."
    " Look them up before you sign."
)
shown = [
    "model_unit",
    "search_kendra",
    "training_llama_2_70b",
    "llama_3_8b_input",
    "llama_3_8b_input_at_launch",
    "expert_label",
]
columns = ["item", "value", "unit", "date", "status", "trust", "chosen", "source"]
display(pd.DataFrame([price[item] for item in shown])[columns])

levers = ["the unit of the training price", "how often the model is retrained", "how the models are hosted"]
lab.predict("lever", "Over a year, which moves the difference between RAG and fine-tuning most?", levers)

# %% [markdown]
# ### Exercise 1 · Mend the unit
#
# *{{exercise_minutes}} · easy · unlocks every amount of this lab*
#
# The tutorial pays for training on a million tokens: 0.00799 x 1,000,000. Yet the price list says USD 0.00799 **per 1000 tokens**. Write the function that cannot make this slip:
# it gets a quantity in single things (tokens, hours, months, labels), and a price with its unit. A unit is `USD per hour` or, with a size, `USD per 1000 tokens`.
#
# A unit that does not begin with `USD per `, or a price below zero, raises a ValueError: *missing* must never become *free*.


# %% tags=["taught", "exercise"]
def cost_usd(quantity: float, value: float, unit: str) -> float:
    """USD for a quantity of single things at a price of `value` in `unit`.

    quantity: tokens, hours, months, labels ... unit: "USD per hour" or, with a size, "USD per 1000 tokens".
    Raises: ValueError for a unit that does not begin with "USD per " and for a negative value.
    Taught in: lab 3.4.

    >>> cost_usd(1_000_000, 0.25, "USD per 1000 tokens"), cost_usd(2, 1.5, "USD per hour")
    (250.0, 3.0)
    """
    ### BEGIN SOLUTION
    if not unit.startswith("USD per ") or value < 0:
        raise ValueError(
            f"{value} {unit!r} is no price: it needs a unit such as 'USD per 1000 tokens' and a value of 0 or more"
        )
    size = unit.split()[2]
    return quantity * value / (int(size) if size.isdigit() else 1)
    ### END SOLUTION


# %%
cost_usd = lab.use(1, cost_usd)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# From now on every amount is computed with it. The second slip of the tutorial is harder to see: both systems are billed a **provisioned unit**, a rented machine that runs day and
# night, although the plain model behind RAG can be paid by token. So we change one thing at a time and keep the rest: 744 hours a month, 7,000 questions a day, and where RAG
# is paid by token 2,000 tokens in and 150 out. The last line needs an assumption: that a *tuned* model, too, is sold by token, at the price of its base and with prompts of 30 tokens.
# (Such a service exists since July 2025, for some models.)


# %% tags=["taught"]
def usd(quantity: float, row) -> float:
    """USD for a quantity at a row of the price table (anything with `value` and `unit`). Taught in: lab 3.4."""
    return cost_usd(quantity, row.value, row.unit)


def published_readings(
    price: Mapping, once_published: float = 0.00799 * 1_000_000
) -> dict[str, tuple[float, float, float]]:
    """The tutorial's bill, mended line by line: USD a month for RAG and for FT, and USD for a training.
    Taught in: lab 3.4."""
    storage, vectors = usd(1, price["custom_model_storage"]), usd(1, price["vectors_s3"])
    search, unit = usd(744, price["search_kendra"]), usd(744, price["model_unit"]) + storage
    gpu, output = usd(744, price["gpu_g5_2xlarge"]), usd(150, price["llama_3_8b_output"])
    rag, ft = (7000 * 31 * (usd(tokens, price["llama_3_8b_input"]) + output) for tokens in (2000, 30))
    once = usd(1_000_000, price["training_llama_2_70b"]) + (extras := storage + usd(1, price["model_unit"]))
    return {
        "as published": (unit + search, unit + storage, once_published + extras),
        "training price with its unit": (unit + search, unit + storage, once),
        "RAG's model paid by token": (rag + search, unit + storage, once),
        "tuned model on a rented GPU": (rag + search, gpu, once),
        "vector store instead of Kendra": (rag + vectors, gpu, once),
        "tuned model by token, too (assumed)": (rag + vectors, ft + storage, once),
    }


# %% [markdown]
# Nobody changes a model or a score from line to line. Look at which marker stands on the left, and how far apart the two are.
#
# A year makes the two comparable: RAG minus fine-tuning, trained once. How far does each lever move that difference? The unit: before and after. Retraining: each month instead of each
# year, at the published price. Hosting: between its best and its worst line.

# %%
columns = ["RAG, USD per month", "FT, USD per month", "FT, USD per training"]
readings = pd.DataFrame.from_dict(published_readings(price), orient="index", columns=columns)
monthly = {row: {"RAG": values.iloc[0], "fine-tuning": values.iloc[1]} for row, values in readings.iterrows()}
rag, tuned, training = readings.to_numpy().T
year = 12 * (rag - tuned) - training
moved = dict(zip(levers, [year[1] - year[0], 11 * training[0], np.ptp(year[1:])], strict=True))
measured = ", ".join(f"{name} {usd_:,.0f} USD" for name, usd_ in moved.items())
lab.reveal("lever", measured, answer=max(moved, key=moved.get))
figures.dots(monthly, title="Who is cheaper? One study, mended line by line", unit="USD per month")

# %% [markdown]
# And the retraining? Below zero fine-tuning has been the cheaper one so far. On the left the published price of a training, on the right the same with its unit.


# %%
def extra_of_tuning(once: float, every: int) -> np.ndarray:
    """USD that fine-tuning has cost more than RAG by the end of months 0 to 12."""
    months = np.arange(13)
    return (tuned[0] - rag[0]) * months + once * (1 + np.maximum(months - 1, 0) // every)


cadences = {"every 12 months": 12, "every 6 months": 6, "every 3 months": 3, "every month": 1}
panels = {
    f"A training at {once:,.2f} USD": {name: extra_of_tuning(once, n) for name, n in cadences.items()}
    for once in training[:2]
}
meeting = training[:2] / (rag[0] - tuned[0])
print(
    f"Trained once a year, fine-tuning is ahead after {meeting[0]:.1f} months; with the unit mended, after"
    f" {30 * meeting[1]:.0f} day."
)
figures.curves(panels, range(13), "month", "fine-tuning minus RAG, so far")

# %% [markdown]
# With the unit repaired, the question that the tutorial asks (how often may we retrain?) hardly matters. And in the line after that, the winner changes sides. So **the hosting
# mode, not the method, decides this bill**. Whoever bills RAG and fine-tuning under one hosting mode has compared hosting modes.
#
# ## What was measured here
#
# Now our own systems. The ledger has every answer with its score and its seconds: your own runs where there are any (of lab 3.3, else of 2.2, 1.2 and 1.1), else the recorded ones, never
# a mixture of the two. What a system is billed for (an index, a training) stands in its traits, which each lab wrote down; its name says nothing. Where a lab kept no tokens, they are estimated with the model's own tokenizer. A **ceiling** (perfect search, oracle) is not for sale: it knows where the answer stands.
#
# Tokens, seconds and shares are measured; `source` says whose. Everything else about a business is an **assumption**, so it stands in one table. Later you load your own.

# %%
answers = scored_answers(Ledger(run.settings, name) for name in ("3.3", "2.2", "1.2", "1.1"))
systems = [measured_system(name, rows, run) for name, rows in answers.items()]
systems = sorted(systems, key=lambda system: (system.is_for_sale, system.correct), reverse=True)
source = pd.DataFrame([rows.attrs for rows in answers.values()], index=answers)[["lab", "source", "profile", "n"]]
display(pd.DataFrame(systems).set_index("name").round(3).join(source))

pd.set_option("display.max_colwidth", 90)
scenario = read_scenario()
pd.read_csv(SCENARIO).set_index("name")

# %% [markdown]
# ## Four ways to host the same model
#
# | | you pay for | dear when | a number it needs |
# |---|---|---|---|
# | **on demand** | tokens | prompts are long, questions many | tokens per question: measured |
# | **provisioned unit** | hours, used or not | questions are few | its capacity: assumed |
# | **rented GPU** | hours, used or not, and your time | the same | its capacity: assumed |
# | **own laptop** | depreciation, power, and your time | it is too slow | seconds: measured; watts: assumed |
#
# Caution: the scores are those of the small offline model. The prices by token are those of a larger one (Nova Micro), which will score otherwise. With
# `MODEL = "provider:name"` the labs measure the model that you would really pay for.
#
# ### Exercise 2 · Add prompt caching
#
# *{{exercise_minutes}} · medium · unlocks the bill by token*
#
# Every prompt begins alike: instruction and worked example. Providers sell such a **prefix** at a lower price when they have seen it in the last minutes. What is the expected price
# of one call? A share `hit_rate` of the calls finds the first `prefix_tokens` of its input in the cache and pays `price_cached` for those, and `price_input` for the rest of the
# input. All other calls pay `price_input` for all of it. Output is never cached. Prices are USD per 1000 tokens. A prefix cannot be longer than the input.


# %% tags=["taught", "exercise"]
def call_usd(
    input_tokens: float, output_tokens: float,
    price_input: float, price_output: float, price_cached: float,
    prefix_tokens: float, hit_rate: float,
) -> float:  # fmt: skip
    """Expected USD of one call with prompt caching. Prices: USD per 1000 tokens; hit_rate: 0 to 1.

    Taught in: lab 3.4.

    >>> round(call_usd(1000, 100, 1.0, 4.0, 0.25, prefix_tokens=800, hit_rate=0.5), 6)
    1.1
    """
    ### BEGIN SOLUTION
    cached = min(prefix_tokens, input_tokens) * hit_rate
    fresh = input_tokens - cached
    return (fresh * price_input + cached * price_cached + output_tokens * price_output) / 1000
    ### END SOLUTION


# %%
call_usd = lab.use(2, call_usd)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# With it, the bill for the answers under each hosting. A rented machine must carry the busiest hour, so machines come in whole steps.

# %% tags=["taught"]
HOSTING, HOURS_PER_MONTH = ("on demand", "provisioned unit", "rented GPU", "own laptop"), 730


def machines_needed(per_hour: float, s) -> int:
    """Machines that carry the busiest hour, at least one. per_hour: questions one machine answers.
    Taught in: lab 3.4."""
    return max(1, math.ceil(s.queries_per_month / HOURS_PER_MONTH * s.peak_factor / per_hour))


def answers_usd(system, hosting: str, s, price: Mapping) -> float:
    """USD per month for the answers of a system under a hosting mode. s: a scenario. Taught in: lab 3.4."""
    if hosting == "on demand":
        fresh, out, cached = (price[f"nova_micro_{kind}"].value for kind in ("input", "output", "cached_input"))
        return s.queries_per_month * call_usd(
            system.input_tokens, system.output_tokens, fresh, out, cached, s.prefix_tokens, s.cache_hit_rate
        )
    if hosting == "own laptop":
        kwh = s.queries_per_month * system.seconds / 3600 * price["laptop_power"].value / 1000
        laptop_usd = price["laptop"].value / price["laptop_life"].value
        return machines_needed(3600 / system.seconds, s) * laptop_usd + usd(kwh, price["electricity"])
    gpu = hosting == "rented GPU"
    per_hour = (s.gpu_tokens_per_hour if gpu else s.unit_tokens_per_hour) / (system.input_tokens + system.output_tokens)
    return machines_needed(per_hour, s) * usd(HOURS_PER_MONTH, price["gpu_g5_xlarge" if gpu else "model_unit"])


# %% [markdown]
# Answers are not all. RAG keeps an index and embeds what changed, and each question (30 tokens). A tuned model is trained again, and the share of its examples that went stale is labelled again. Machines want looking after.


# %% tags=["taught"]
def renewal_usd(system, s, price: Mapping) -> float:
    """USD of one retraining: the run, and labels for what changed since the last; 0 if not tuned.
    Taught in: lab 3.4."""
    changed = s.training_labels * (1 - (1 - s.churn_per_month) ** s.retrain_every_months)
    return system.is_tuned * (usd(s.training_tokens, price["training_lora_16b"]) + changed * s.label_usd)


def monthly_bill(system, hosting: str, s, price: Mapping) -> dict[str, float]:
    """USD per month by part; a retraining is spread over the months that it serves. Taught in: lab 3.4."""
    embedded = s.churn_per_month * s.corpus_tokens + s.queries_per_month * 30
    return {
        "answers": answers_usd(system, hosting, s, price),
        "search index": system.uses_index * (usd(1, price["vectors_s3"]) + usd(embedded, price["embedding"])),
        "retraining": renewal_usd(system, s, price) / s.retrain_every_months,
        "looking after machines": (hosting in ("rented GPU", "own laptop")) * s.operations_hours * s.hourly_usd,
    }


# %% [markdown]
# The best system that is for sale, hosted in four ways. The answers are the same, word for word.

# %%
best = systems[0]
bills = pd.DataFrame({hosting: monthly_bill(best, hosting, scenario, price) for hosting in HOSTING}).T
totals = bills.sum(axis=1)
print(
    f"The same answers cost from {totals.min():,.0f} to {totals.max():,.0f} USD: a factor of"
    f" {totals.max() / totals.min():,.0f}. Prices without a newer source: {dated(price)}."
)
figures.bill(bills, title=f"{best.name}, {scenario.queries_per_month:,.0f} questions a month")

# %% [markdown]
# ### Exercise 3 · When does a provisioned unit pay?
#
# *{{exercise_minutes}} · easy · unlocks the next line*
#
# A unit costs the same whether it works or sleeps. **Utilisation** is the share of its capacity that is really used. Return the utilisation at which an hour of the unit
# costs just as much as the same answers on demand. A result above 1 is no mistake: it means that the unit never pays, so do not cut it off. Any argument of zero or below raises a ValueError.
#
# The cell after yours uses the prices of the table and the capacity that the scenario assumes.


# %% tags=["taught", "exercise"]
def utilisation_that_pays(unit_usd_per_hour: float, capacity_per_hour: float, call_usd_on_demand: float) -> float:
    """Share of a unit's capacity at which it costs as much as calls on demand; above 1.0: it never pays.

    capacity_per_hour: calls that a full unit answers in an hour. Raises: ValueError for an argument that is not above
    0. Taught in: lab 3.4.

    >>> utilisation_that_pays(10.0, 4000, 0.005)
    0.5
    """
    ### BEGIN SOLUTION
    if min(unit_usd_per_hour, capacity_per_hour, call_usd_on_demand) <= 0:
        raise ValueError("price, capacity and price per call must be above 0")
    return unit_usd_per_hour / (capacity_per_hour * call_usd_on_demand)
    ### END SOLUTION


# %%
utilisation_that_pays = lab.use(3, utilisation_that_pays)
# lab.hint(3)
# lab.solution(3)
per_call = answers_usd(best, "on demand", scenario, price) / scenario.queries_per_month
capacity = scenario.unit_tokens_per_hour / (best.input_tokens + best.output_tokens)
share = utilisation_that_pays(price["model_unit"].value, capacity, per_call)
used = scenario.queries_per_month / HOURS_PER_MONTH / capacity
print(
    f"The unit pays at a utilisation of {share:,.0%}{', so never' if share > 1 else ''}. This scenario uses {used:.3%}"
    " of it."
)

# %% [markdown]
# ## The price of a right answer
#
# A bill says nothing about what you get for it. Divide it by the number of **right** answers. That number is measured, so it has an interval, and the price inherits it: we draw whole
# families again and again (a *bootstrap*), and keep the shares of right, wrong and needlessly refused answers of each draw. (From fewer than 30 answers nothing follows: every share stays possible.)
#
# Before you look at the errors in it, guess: per question, what will cost more, the machines or the errors?

# %%
draws = {system.name: resampled_shares(answers[system.name]) for system in systems}


def usd_per_right_answer(system, hosting: str) -> list[float]:
    """The price of a right answer and its 95 % band; infinite where it is not certain that there is one."""
    shares = [system.correct, *np.quantile(draws[system.name][:, 0], [0.975, 0.025])]
    each = sum(monthly_bill(system, hosting, scenario, price).values()) / scenario.queries_per_month
    return [each / share if share > 0 else math.inf for share in shares]


charted = systems[:3] + [system for system in systems[3:] if not system.is_for_sale][:2]
rows = {system.label: {hosting: usd_per_right_answer(system, hosting) for hosting in HOSTING} for system in charted}
bargain = min(
    (system for system in systems if system.is_for_sale),
    key=lambda system: usd_per_right_answer(system, "on demand")[0],
)
print(
    f"The cheapest right answer for sale comes from {bargain.name}, which is wrong in {bargain.wrong:.1%} of its"
    " answers."
)
display(figures.dots(rows, title="What one right answer costs", unit="USD per right answer"))

sides = ["what the machines cost", "what its errors cost"]
lab.predict("price", f"Per question, which is larger for {best.name}?", sides)

# %% [markdown]
# Along a row stand the same answers under four kinds of hosting; from row to row you see what better answers are worth. (An arrow: the interval has no upper end.) Yet look at which system the
# line above the chart praises. The chart has a hole: it prices right answers as if wrong ones were **free**.
#
# ## An error costs more than an answer
#
# Zellinger and Thomson (arXiv:2507.03834) put it into one line: besides the bill, a system pays for each error and each refusal; we add what a right answer earns. The zero line is what
# people do today: they search by hand, and that neither earns nor costs anything extra.
#
# So the account needs two more lines: what is paid **before** the first question, and what an answer is **worth**.


# %% tags=["taught"]
def upfront_bill(system, s, price: Mapping) -> dict[str, float]:
    """USD to be paid before the first question. Taught in: lab 3.4."""
    return {
        "set-up": s.setup_hours * s.hourly_usd,
        "test labels": s.test_labels * s.label_usd,
        "index": system.uses_index * usd(s.corpus_tokens, price["embedding"]),
        "training": (
            system.is_tuned * (usd(s.training_tokens, price["training_lora_16b"]) + s.training_labels * s.label_usd)
        ),
    }


def worth(s) -> np.ndarray:
    """USD that a right, a wrong and a needlessly refused answer are worth; shape (3,). s: a scenario.
    Taught in: lab 3.4."""
    return np.array([s.minutes_saved / 60 * s.hourly_usd, -s.error_usd, -s.refusal_usd])


def answer_value_usd(system, s) -> float:
    """Expected worth of one answer before the bill, in the frame of arXiv:2507.03834. Taught in: lab 3.4."""
    return float(np.array([system.correct, system.wrong, system.refused]) @ worth(s))


# %% [markdown]
# **Machines or errors?** First the scenario's own price of an error, beside the cheapest bill; then a figure in which a line above zero earns money. Where it crosses zero stands the dearest
# error that the system can afford.

# %%
right, wrong, _ = worth(scenario)
errors, machines = -wrong * best.wrong, totals.min() / scenario.queries_per_month
lab.reveal(
    "price", f"{errors:.2f} USD of errors and {machines:.4f} USD of bill per question", sides[int(errors > machines)]
)
needed = (machines - wrong) / (right - wrong)
print(f"Without refusals, answering pays from {needed:.0%} right answers on. {best.name} has {best.correct:.1%}.")

error_prices = np.linspace(0, 20, 41)
worths = np.array([worth(replace(scenario, error_usd=usd_)) for usd_ in error_prices]).T
lines = {}
for system in charted:
    values = draws[system.name] @ worths
    lines[system.label] = [values.mean(axis=0), *np.quantile(values, [0.025, 0.975], axis=0)]
lines["as today"] = np.zeros(len(error_prices))
figures.curves(
    {"What one answer is worth": lines}, error_prices, "price of an error that is believed (USD)", "USD per question"
)

# %% [markdown]
# That share is the number to write on the wall before any project of this kind starts. It needs no model, only two prices: what a right answer saves, and what a believed error costs.
#
# ## Volume decides between two bills
#
# ### Exercise 4 · Derive the break-even volume
#
# *{{exercise_minutes}} · medium · unlocks the map below*
#
# Two ways to host: each has a fixed part per month and a part per question. **From which number of questions a month on is b never dearer than a?** Write both bills as lines, set them
# equal, and look at the corners: b may be cheaper from the first question (0.0), or stay or become the dearer one for good (`math.inf`).


# %% tags=["taught", "exercise"]
def break_even_volume(fixed_a: float, per_query_a: float, fixed_b: float, per_query_b: float) -> float:
    """Questions per month from which on b is never dearer than a; 0.0 for always, math.inf for never.

    fixed: USD per month; per_query: USD per question. Taught in: lab 3.4.

    >>> break_even_volume(0, 0.01, 500, 0.005)
    100000.0
    """
    ### BEGIN SOLUTION
    extra, saving = fixed_b - fixed_a, per_query_a - per_query_b
    if saving < 0 or (saving == 0 and extra > 0):
        return math.inf
    return extra / saving if extra > 0 else 0.0
    ### END SOLUTION


# %%
break_even_volume = lab.use(4, break_even_volume)
# lab.hint(4)
# lab.solution(4)


def total_usd(system, volume: float, s) -> float:
    """USD per month on demand; what must be paid first is spread over the plan."""
    s = replace(s, queries_per_month=volume)
    return (
        sum(monthly_bill(system, "on demand", s, price).values())
        + sum(upfront_bill(system, s, price).values()) / s.months
    )


def line_of(system, s) -> tuple[float, float]:
    """(fixed USD per month, USD per question): the bill as a straight line."""
    return total_usd(system, 0, s), (total_usd(system, 1e6, s) - total_usd(system, 0, s)) / 1e6


# %% [markdown]
# Now use it on the question of this series. RAG pays for an index and for **context tokens** in every question. A tuned model that looks nothing up pays for **labels**, once and again as
# clauses change. Both are called on demand. The colours come from the whole cost model (`total_usd`), the dashed line from your formula (fed by `line_of`, the same bill as a straight line); they must agree. Caution: this map compares bills. Whether the two
# answer equally well is lab 3.3's question.
#
# Move the price of a label from that of a lawyer to that of a machine.


# %%
rag_ = replace(best, uses_index=True, is_tuned=False).with_context(2000)
no_lookup = replace(best, input_tokens=175, uses_index=False, is_tuned=True)  # instruction and question, no clauses
volumes, churns = np.geomspace(1e3, 1e9, 61), np.linspace(0, 0.2, 21)


def rag_or_tuned(label_usd: float):
    """The map for one price of a label."""
    cases = [replace(scenario, churn_per_month=churn, label_usd=label_usd) for churn in churns]
    winners = [[total_usd(no_lookup, volume, s) <= total_usd(rag_, volume, s) for volume in volumes] for s in cases]
    edge = [break_even_volume(*line_of(rag_, s), *line_of(no_lookup, s)) for s in cases]
    words = {"xlabel": "questions per month", "ylabel": "clauses that change in a month (%)"}
    title = f"The cheaper bill, a label at {label_usd:g} USD"
    return figures.winner_map(winners, ["RAG", "tuned, no lookup"], volumes, 100 * churns, edge, title=title, **words)


labels = [154, 50, 10, 1, 0.05]
for s in (replace(scenario, label_usd=usd_) for usd_ in labels):
    meet = break_even_volume(*line_of(rag_, s), *line_of(no_lookup, s))
    when = f"from {meet:,.0f} questions a month on" if meet else "from the first question on"
    print(f"a label at {s.label_usd:g} USD: tuning has the cheaper bill {when} (you have {s.queries_per_month:,.0f})")
explore(rag_or_tuned, label_usd=labels)

# %% [markdown]
# ## Over time: present value and payback
#
# A project pays first (set-up, labels for the test, labels for training) and earns later. **Net present value** (NPV) adds up all months, each discounted to today. **Payback** is the month
# from which on you never stand below zero again.
#
# A formula and a simulation must agree; where they do not, one of them is wrong. For equal months the formula is the **annuity**, and turned round it says how often a system must be right to
# earn its cost. Three short functions; what strings them together stands in `llm_workbook/labs/lab_3_4/plans.py`, for whoever audits: the flows month by month (`cash_flows`), and that share (`needed_share`).


# %% tags=["taught"]
def npv(flows: Sequence[float] | np.ndarray, yearly_discount: float) -> float:
    """Net present value of monthly flows, the first of them today. Taught in: lab 3.4."""
    return float(np.sum(np.asarray(flows) / (1 + yearly_discount) ** (np.arange(len(flows)) / 12)))


def payback_month(flows: Sequence[float] | np.ndarray) -> float:
    """The month from which on the sum is never below zero; infinite if there is none. Taught in: lab 3.4."""
    below = np.flatnonzero(np.cumsum(flows) < -1e-9)
    month = below[-1] + 1 if len(below) else 0
    return float(month) if month < len(flows) else math.inf


def annuity(months: int, yearly_discount: float) -> float:
    """What 1 USD at the end of each month is worth today. Taught in: lab 3.4."""
    rate = (1 + yearly_discount) ** (1 / 12) - 1
    return float(months) if rate == 0 else (1 - (1 + rate) ** -months) / rate


# %% [markdown]
# Try the formula on the simulation: with just that share of right answers, the present value must be zero.

# %%
share = needed_share(best, "on demand", scenario, price)
just_enough = with_share(best, share)
flows = cash_flows(just_enough, "on demand", scenario, price, answer_value_usd(just_enough, scenario))
present = npv(flows, scenario.yearly_discount)
print(
    f"By formula {best.name} pays from {share:.1%} right answers on. Simulated with that share, its NPV is"
    f" {abs(present):.2f} USD."
)

# %% [markdown]
# ## The calculator
#
# Move anything. The bars are the bill under each hosting, the curves what the chosen plan has earned. Two entries are **assumptions, not measurements**, and say so: a tuned model that
# looks nothing up, and a share of right answers that you set by hand. Find the smallest share at which the plan pays within its two years; then make errors dearer.
#
# The first position is the best measured system in your scenario. (Folded: the list of the controls.)

# %% tags=["folded"]
numbers = {"questions a month": "queries_per_month", "an error costs (USD)": "error_usd"}
numbers |= {"a label costs (USD)": "label_usd", "retrain every (months)": "retrain_every_months"}
assumed = replace(no_lookup, name="a tuned model (ASSUMED, not measured)")
controls = {
    "system": [(system.label, system) for system in [*charted, assumed]],
    "right answers": (
        [("as measured", "measured")] + [(f"{share} % (ASSUMED)", share / 100) for share in range(20, 101, 10)]
    ),
    "hosting": list(HOSTING),
    "questions a month": [5000, 500, 50_000, 500_000, 5_000_000],
    "more context (tokens)": [0, 500, 1000, 2000, 4000, 8000],
    "retrain every (months)": [6, 1, 3, 12],
    "a label costs (USD)": [154, 0.05, 1, 10, 50],
    "an error costs (USD)": [10, 0, 1, 2, 5, 20, 50, 100, 500],
}


def calculate(**chosen):
    """The figure for one position of the controls."""
    s = replace(scenario, **{field: chosen[label] for label, field in numbers.items()})
    system, share = chosen["system"].with_context(chosen["more context (tokens)"]), chosen["right answers"]
    return calculator(system if share == "measured" else with_share(system, share), chosen["hosting"], s, price)


explore(calculate, **controls)

# %% [markdown]
# ## Your own business
#
# The scenario is saved as CSV beside your results. Change its values in any spreadsheet and run the cell again: it reads yours. What cannot be right is refused with a sentence.
# Here are five slips that really happen; the first is the tutorial's own.

# %%
path = run.settings.results_dir / "my_scenario.csv"
if not path.exists():
    write_scenario(scenario, path)
scenario = read_scenario(path)
slips = [
    ("0.00799", "USD per token"),
    ("-3", "USD per hour"),
    ("", "USD per month"),
    ("21.18", ""),
    ("150", "share per month"),
]
for value, unit in slips:
    try:
        checked(value, unit, path.name)
    except PriceError as problem:
        print(problem)

# %% [markdown]
# ## The memo
#
# A decision compares every system that is for sale, under each hosting, with going on **as today**. The interval of the scores becomes an interval of the present value, and the rule is fixed before
# anybody looks.


# %% tags=["taught"]
def recommend(table: pd.DataFrame) -> str:
    """What to do, from options sorted by npv, best first, with their bands low and high. Taught in: lab 3.4."""
    top = table.iloc[0]
    if top["low"] > 0:
        return top["option"]
    return "go on as today" if top["high"] < 0 else "measure more before deciding"


# %% [markdown]
# All options come first, best on top: `npv` is the present value in USD, `low` and `high` its interval.
#
# A recommendation is only as good as its answer to *"and if you are wrong about that number?"* So the memo moves each number, down to a thousandth and up to a thousand times, until the
# recommendation changes. It is written from the numbers alone, and saved beside your results as Markdown and as a web page.

# %%
table = options(systems, scenario, price, draws)
display(table[["option", "npv", "low", "high", "payback_month"]].head(5).round(0).replace(math.inf, "never"))

memo = decision_memo(systems, scenario, price, answers, old)
files = memo.save(run.settings.results_dir)
print(f"saved: {', '.join(file.name for file in files)}")
memo

# %% [markdown]
# Ask of every memo you are handed: whose measurements are these, and which number would turn it round?
#
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RAG or fine-tuning, which is cheaper? | fine-tuning after 7.7 months (the tutorial's own numbers) | the six lines: the winner changes with the hosting | there both were hosted alike, and a unit was lost |
# | what dominates the cost of an answer? | errors usually far outweigh inference (Zellinger and Thomson, arXiv:2507.03834) | the two amounts above the lines of worth | the same, and more so: our model is small and often wrong |
# | when does a provisioned unit pay? | aim above 80 % utilisation (OptimNow's notes on Bedrock) | the line under exercise 3 | the share follows from two prices and a capacity; it is no constant |
# | public calculators of RAG against fine-tuning | costs only, one number each | an interval, an error price, a point that flips the choice | they have no benchmark to draw from |
#
# ## What to take home
#
# **Rule.** Give every price a unit, a date and a source. Compare methods under the hosting that each would really have. Price errors before machines. Recommend only what survives the interval of the scores.
# **It prevents** a signature under a bill that is wrong by a thousand, and a cheap system that is dear to believe. **It costs** one table, and one honest guess of what an error costs you.
#
# **Next:** lab 3.5 lets every assumption vary at once. Your progress:

# %%
lab.progress()
