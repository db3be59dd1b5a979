# %% [markdown]
# # 3.4 · From score to money: which system would you sign a contract for?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | turn measured scores, tokens and seconds into a bill, a price for each right answer, and a recommendation that an auditor accepts |
# | **Time / memory** | 25 min, of which less than 1 min of compute · 0.6 GB |
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
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from llm_workbook import Lab, start
from llm_workbook.ledger import Ledger
from llm_workbook.prices import SCENARIO, PriceError, checked, read_prices, read_scenario, stale, write_scenario
from llm_workbook.show import money
from llm_workbook.show.memo import Memo
from llm_workbook.show.widgets import explore

# %%
run = start("3.4", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## A price without a unit is a rumour
#
# A published tutorial, which this workbook continues, ends with a bill: RAG or fine-tuning, for a year, 7,000 questions a day. It says that its prices are simulated. We take
# them seriously, because its slips are those that each of us makes. First the tool against them: a price table. Every row has a value, a **unit**, a date and a source.
# `trust` says how we know: P read at the source, S second hand, C computed, assumed. Where two sources disagree, both stand here, and one is `chosen`.

# %%
price = read_prices()
shown = ["model_unit", "search_kendra", "training_llama_2_70b", "llama_3_8b_input", "llama_3_8b_input_at_launch", "expert_label", "electricity", "laptop"]
pd.DataFrame([price[item] for item in shown])[["item", "value", "unit", "date", "trust", "chosen", "source"]]

# %%
old = stale(price)
print(f"{len(old)} of {len(price)} prices are older than 18 months: {', '.join(f'{one.item} ({one.date})' for one in old)}. Look them up before you sign.")

# %% [markdown]
# Some of them are old on purpose: they belong to the tutorial of 2024. Before we repair its bill, commit yourself.

# %%
levers = ["the unit of the training price", "how often the model is retrained", "how the models are hosted"]
lab.predict("lever", "Over a year, which of these moves the difference between RAG and fine-tuning most?", levers)

# %% [markdown]
# ### Exercise 1 · Mend the unit
#
# *6 minutes · easy · unlocks every amount of this lab*
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
        raise ValueError(f"{value} {unit!r} is no price: it needs a unit such as 'USD per 1000 tokens' and a value of 0 or more")
    size = unit.split()[2]
    return quantity * value / (int(size) if size.isdigit() else 1)
    ### END SOLUTION


# %%
cost_usd = lab.use(1, cost_usd)
# lab.hint(1)    lab.solution(1)

# %% [markdown]
# From now on no amount is computed in any other way. One training run, as published and with its unit; storage and one hour of a model unit come on top in both.


# %% tags=["taught"]
def usd(quantity: float, price) -> float:
    """USD for a quantity at a row of the price table (anything with `value` and `unit`). Taught in: lab 3.4."""
    return cost_usd(quantity, price.value, price.unit)


# %%
extras = usd(1, price["custom_model_storage"]) + usd(1, price["model_unit"])
published = 0.00799 * 1_000_000 + extras
mended = usd(1_000_000, price["training_llama_2_70b"]) + extras
print(f"one training run: as published {published:,.2f} USD, with its unit {mended:,.2f} USD")

# %% [markdown]
# ## The bill, mended line by line
#
# The second slip is harder to see. Both systems were billed a **provisioned unit**, a rented machine that runs day and night, although a plain model behind RAG can be paid
# by the question. So we change one thing at a time, and keep the rest of the tutorial: 744 hours a month, 7,000 questions a day, and 2,000 tokens in and 150 out where RAG is paid by token.
# The last line needs an assumption: that a *tuned* model, too, can be called by the token, at the price of its base, with prompts of 30 tokens. (Such a service exists since July 2025, for some models.)


# %% tags=["taught"]
def published_readings(price: Mapping) -> pd.DataFrame:
    """The tutorial's bill as its assumptions are mended one by one: USD per month for RAG and FT, and once for a training.

    price: item -> row of the price table. Taught in: lab 3.4.
    """

    def by_token(tokens_in: float, tokens_out: float) -> float:
        return 7000 * 31 * (usd(tokens_in, price["llama_3_8b_input"]) + usd(tokens_out, price["llama_3_8b_output"]))

    storage, search = usd(1, price["custom_model_storage"]), usd(744, price["search_kendra"])
    unit, gpu = usd(744, price["model_unit"]), usd(744, price["gpu_g5_2xlarge"])
    extras = storage + usd(1, price["model_unit"])
    once = usd(1_000_000, price["training_llama_2_70b"]) + extras
    rows = {
        "as published": (unit + storage + search, unit + 2 * storage, 0.00799 * 1_000_000 + extras),
        "training price with its unit": (unit + storage + search, unit + 2 * storage, once),
        "RAG's model paid by token": (by_token(2000, 150) + search, unit + 2 * storage, once),
        "tuned model on a rented GPU": (by_token(2000, 150) + search, gpu, once),
        "vector store instead of Kendra": (by_token(2000, 150) + usd(1, price["vectors_s3"]), gpu, once),
        "tuned model by token, too (assumed)": (by_token(2000, 150) + usd(1, price["vectors_s3"]), by_token(30, 150) + storage, once),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["RAG per month", "FT per month", "FT once"])


# %%
readings = published_readings(price)
readings.round(2)

# %% [markdown]
# Look at the gap between the two markers, and at which side each of them stands. Nobody changed a model or a score.

# %%
monthly = {row: {"RAG": values["RAG per month"], "fine-tuning": values["FT per month"]} for row, values in readings.iterrows()}
money.dots(monthly, title="Who is cheaper? The same study, mended line by line", unit="USD per month")

# %% [markdown]
# A year makes it comparable: RAG minus fine-tuning over twelve months, retrained once. How far does each lever move that difference?

# %%
year = 12 * (readings["RAG per month"] - readings["FT per month"]) - readings["FT once"]
retraining = {"as published": 11 * readings["FT once"].iloc[0], "with its unit": 11 * readings["FT once"].iloc[1]}
moved = pd.Series(
    {
        levers[0]: year.iloc[1] - year.iloc[0],
        levers[1]: retraining["as published"],
        levers[2]: year.iloc[1:].max() - year.iloc[1:].min(),
    }
)
lab.reveal("lever", measured=", ".join(f"{name} {money.dollars(value)}" for name, value in moved.items()), answer=moved.idxmax())

# %% [markdown]
# And the retraining? Here are the tutorial's own curves: RAG against a model that is trained every 1, 3, 6 or 12 months; on the left with the published price, on the right with its unit.


# %%
def cumulative(monthly: float, once: float = 0, every: int = 12) -> np.ndarray:
    """USD spent by the end of months 0 to 12; a training in month 0 and then every few months."""
    months = np.arange(13)
    return monthly * months + once * (1 + np.maximum(months - 1, 0) // every)


rag, tuned = readings.iloc[0, :2]
panels = {
    f"a training costs {money.dollars(once)}": {"RAG": cumulative(rag), **{f"FT, trained every {n} months": cumulative(tuned, once, n) for n in (12, 3, 1)}}
    for once in (published, mended)
}
money.curves(panels, range(13), "month", "spent since the start (USD)")

# %%
print(f"Yearly retraining, as published: RAG and FT meet after {published / (rag - tuned):.1f} months. With the unit: after {30 * mended / (rag - tuned):.0f} day(s).")
print(f"Monthly retraining adds {money.dollars(retraining['as published'])} a year as published, and {money.dollars(retraining['with its unit'])} with the unit.")

# %% [markdown]
# So **the hosting mode, not the method, decides this bill**. Whoever compares RAG and fine-tuning under one hosting mode has compared hosting modes.
#
# ## What was measured here
#
# Now our own systems. The ledger has each answer with its score and its seconds: from lab 3.3 if it has been run or recorded, else from 2.2, 1.2 and 1.1. Answers whose tokens
# were not kept get an estimate: the model's own tokenizer on three chunks of the length that lab 1.1 cuts. A **ceiling** (perfect search, oracle) is not for sale: it knows the answer's place.


# %%
def scored_answers(lab_name: str) -> dict[str, pd.DataFrame]:
    """system -> its scored answers in one lab, yours or recorded."""
    ledger = Ledger(run.settings, lab_name)
    tables = {system: ledger.load(system) for system in ledger.systems()}
    return {system: rows for system, rows in tables.items() if {"correct", "refused", "seconds"} <= set(rows)}


answers = scored_answers("3.3") or scored_answers("2.2") | scored_answers("1.2") | scored_answers("1.1")
for system, rows in answers.items():
    print("{system}: lab {lab}, {source}, profile {profile}, n = {n}, {created:.10}".format(**rows.attrs))

# %% [markdown]
# What a business needs of a system fits in one record.


# %% tags=["taught"]
@dataclass(frozen=True)
class System:
    """What a benchmark says of one system: means per question. Taught in: lab 3.4.

    correct, wrong, refused: shares that add up to 1; "refused" is a needless refusal, a rightful one is correct.
    is_for_sale: False for a ceiling, which nobody can build.
    """

    name: str
    input_tokens: float
    output_tokens: float
    seconds: float
    correct: float
    wrong: float
    refused: float
    uses_index: bool
    is_tuned: bool
    is_for_sale: bool = True


def outcomes(rows: pd.DataFrame) -> np.ndarray:
    """1.0 where an answer was correct, wrong, or a needless refusal; shape (n, 3). rows: columns correct, refused. Taught in: lab 3.4."""
    correct = rows["correct"].to_numpy(float)
    refused = rows["refused"].to_numpy(float) * (1 - correct)
    return np.column_stack([correct, 1 - correct - refused, refused])


# %%
def tokens_of(system: str, rows: pd.DataFrame) -> tuple[float, float]:
    """Tokens in and out per question: what the lab kept, else an estimate with the model's tokenizer."""
    if {"input_tokens", "output_tokens"} <= set(rows):
        return rows["input_tokens"].mean(), rows["output_tokens"].mean()
    chunks = 0 if "closed" in system else 1 if system == "oracle" else 3
    return INPUT_TOKENS + chunks * CHUNK_TOKENS, rows["answer"].map(count_tokens).mean()


def system_of(name: str, rows: pd.DataFrame) -> System:
    """The record of one system. What it needs is read from its name."""
    words = name.lower()
    means = (*tokens_of(name, rows), rows["seconds"].mean(), *outcomes(rows).mean(axis=0))
    closed = "closed book" in words or words.endswith("x none")
    tuned = any(word in words for word in ("lora", "raft", "tuned", "closed-book x"))
    return System(name, *means, not closed, tuned, not any(word in words for word in ("oracle", "perfect")))


# %% [markdown]
# The tokenizer is loaded without the model, so this takes a few seconds at most.

# %%
from transformers import AutoTokenizer

from llm_workbook.models.offline import LLM, ready_folder

tokenizer = AutoTokenizer.from_pretrained(ready_folder(LLM))


def count_tokens(text: str) -> int:
    """How many tokens the offline model sees in a text."""
    return len(tokenizer(text)["input_ids"])


sample = "\n".join(contract.text for contract in run.contracts[:10])
CHUNK_TOKENS = 300 * count_tokens(sample) / len(sample) + np.mean([count_tokens(contract.title) for contract in run.contracts])  # full chunks and their titles
INPUT_TOKENS = 142 + np.mean([count_tokens(question.question) for question in run.questions()])  # 142: instruction and worked example of lab 1.1
print(f"A chunk has about {CHUNK_TOKENS:.0f} tokens, a question with the instruction {INPUT_TOKENS:.0f}.")

# %%
systems = {name: system_of(name, rows) for name, rows in answers.items()}
pd.DataFrame(systems.values()).set_index("name").round(3)

# %% [markdown]
# Tokens and seconds are facts of the benchmark. Everything else about a business is an assumption, so it stands in one table that you can edit; later you will load your own.

# %%
scenario = read_scenario()
pd.read_csv(SCENARIO).set_index("name")

# %% [markdown]
# ## Four ways to host the same model
#
# | | you pay for | dear when | a number it needs |
# |---|---|---|---|
# | **on demand** | tokens | prompts are long, questions many | tokens per question: measured |
# | **provisioned unit** | hours, used or not | questions are few | its capacity: assumed |
# | **rented GPU** | hours, used or not; and you look after it | the same | its capacity: assumed |
# | **own laptop** | depreciation and power; and you look after it | it is too slow | seconds: measured; watts: assumed |
#
# Caution: the scores are those of the small offline model. The prices by token are those of a larger one (Nova Micro), and a larger model will score otherwise. With
# `MODEL = "provider:name"` the labs measure the model you would really pay for.
#
# ### Exercise 2 · Add prompt caching
#
# *6 minutes · medium · unlocks the bill by token*
#
# Every prompt begins alike: instruction and worked example. Providers sell such a **prefix** at a lower price when they have seen it in the last minutes. What is the expected price
# of one call? A share `hit_rate` of the calls finds the first `prefix_tokens` of its input in the cache and pays `price_cached` for those, and `price_input` for the rest of the
# input. All other calls pay `price_input` for all of it. Output is never cached. Prices are USD per 1000 tokens. A prefix cannot be longer than the input.


# %% tags=["taught", "exercise"]
def call_usd(
    input_tokens: float, output_tokens: float, price_input: float, price_output: float, price_cached: float, prefix_tokens: float, hit_rate: float
) -> float:
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
# lab.hint(2)    lab.solution(2)

# %% [markdown]
# With it, the four bills for the answers alone. A rented machine must carry the busiest hour, so its number goes up in whole steps.

# %% tags=["taught"]
HOSTING = ("on demand", "provisioned unit", "rented GPU", "own laptop")
HOURS_PER_MONTH = 730


def machines_needed(per_hour: float, s) -> int:
    """Machines that carry the busiest hour, at least one. per_hour: questions that one machine answers. Taught in: lab 3.4."""
    return max(1, math.ceil(s.queries_per_month / HOURS_PER_MONTH * s.peak_factor / per_hour))


def answers_usd(system: System, hosting: str, s, price: Mapping) -> float:
    """USD per month for the answers of a system under one hosting mode. s: a scenario. Taught in: lab 3.4."""
    if hosting == "on demand":
        rates = [price[f"nova_micro_{kind}"].value for kind in ("input", "output", "cached_input")]
        return s.queries_per_month * call_usd(system.input_tokens, system.output_tokens, *rates, s.prefix_tokens, s.cache_hit_rate)
    if hosting == "own laptop":
        kwh = s.queries_per_month * system.seconds / 3600 * price["laptop_power"].value / 1000
        return machines_needed(3600 / system.seconds, s) * price["laptop"].value / price["laptop_life"].value + usd(kwh, price["electricity"])
    per_hour, item = {"provisioned unit": (s.unit_queries_per_hour, "model_unit"), "rented GPU": (s.gpu_queries_per_hour, "gpu_g5_xlarge")}[hosting]
    return machines_needed(per_hour, s) * usd(HOURS_PER_MONTH, price[item])


# %% [markdown]
# Answers are not all. RAG keeps an index, and embeds what changed. A tuned model is trained again, and the examples that went stale are labelled again. Machines of your own want looking after.


# %% tags=["taught"]
def renewal_usd(system: System, s, price: Mapping) -> float:
    """USD of one retraining: the run, and new labels for what changed since the last one; 0 for a model that is not tuned. Taught in: lab 3.4."""
    stale_share = 1 - (1 - s.churn_per_month) ** s.retrain_every_months
    run_usd = usd(s.training_tokens, price["training_lora_16b"])
    return system.is_tuned * (run_usd + stale_share * s.training_labels * s.label_usd)


def monthly_bill(system: System, hosting: str, s, price: Mapping) -> dict[str, float]:
    """USD per month by part; a retraining is spread over the months it serves. Taught in: lab 3.4."""
    embedded = s.churn_per_month * s.corpus_tokens + s.queries_per_month * 30  # a question has about 30 tokens
    return {
        "answers": answers_usd(system, hosting, s, price),
        "search index": system.uses_index * (usd(1, price["vectors_s3"]) + usd(embedded, price["embedding"])),
        "retraining": renewal_usd(system, s, price) / s.retrain_every_months,
        "looking after machines": (hosting in ("rented GPU", "own laptop")) * s.operations_hours * s.hourly_usd,
    }


# %%
for_sale = [system for system in systems.values() if system.is_for_sale]
best = max(for_sale, key=lambda system: system.correct)
bills = pd.DataFrame({f"{best.name}, {hosting}": monthly_bill(best, hosting, scenario, price) for hosting in HOSTING}).T
money.bill(bills, title=f"{best.name}: {scenario.queries_per_month:,.0f} questions a month")

# %%
totals = bills.sum(axis=1)
print(f"The same answers cost {money.dollars(totals.min())} or {money.dollars(totals.max())} a month: a factor of {totals.max() / totals.min():,.0f} by hosting alone.")

# %% [markdown]
# ### Exercise 3 · When does a provisioned unit pay?
#
# *5 minutes · easy · unlocks the next line*
#
# A unit costs the same whether it works or sleeps. **Utilisation** is the share of its capacity that is really used. Return the utilisation at which an hour of the unit
# costs just as much as the same answers on demand. A result above 1 is no mistake: it means that the unit never pays, so do not cut it off. Any argument of zero or below raises a ValueError.


# %% tags=["taught", "exercise"]
def utilisation_that_pays(unit_usd_per_hour: float, capacity_per_hour: float, call_usd_on_demand: float) -> float:
    """Share of a unit's capacity at which it costs as much as calls on demand; above 1.0: it never pays.

    capacity_per_hour: calls that a full unit answers in an hour. Raises: ValueError for an argument that is not above 0.
    Taught in: lab 3.4.

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
# lab.hint(3)    lab.solution(3)

# %%
per_call = answers_usd(best, "on demand", scenario, price) / scenario.queries_per_month
share = utilisation_that_pays(price["model_unit"].value, scenario.unit_queries_per_hour, per_call)
used = scenario.queries_per_month / HOURS_PER_MONTH / scenario.unit_queries_per_hour
print(f"A unit pays at a utilisation of {share:,.0%}{' (never)' if share > 1 else ''}; this scenario uses {used:.2%} of it.")

# %% [markdown]
# ## The price of a right answer
#
# A bill says nothing about what you get for it. Divide it by the number of **right** answers. The number of right answers is measured, so it has a band; the price inherits it. We draw whole
# families again (lab 1.1) and keep the three shares of each draw: right, wrong, needless refusal.

# %%
from llm_workbook.taught.lab_1_1 import cluster_bootstrap

draws = {
    name: np.column_stack([cluster_bootstrap(column, rows["family"], 4000, SEED) for column in outcomes(rows).T]) for name, rows in answers.items()
}


def usd_per_correct(system: System, hosting: str) -> tuple[float, float, float]:
    """Mean and 95 % band of the price of a right answer; infinite where no right answer is certain."""
    bill = sum(monthly_bill(system, hosting, scenario, price).values())
    low, high = np.quantile(draws[system.name][:, 0], [0.025, 0.975])
    return tuple(bill / (scenario.queries_per_month * share) if share > 0 else math.inf for share in (system.correct, high, low))


# %%
per_correct = {f"{name}{'' if system.is_for_sale else ' (ceiling)'}": {h: usd_per_correct(system, h) for h in HOSTING} for name, system in systems.items()}
money.dots(per_correct, title="One right answer, bill included", unit="USD per right answer")

# %% [markdown]
# Read each row from left to right: the same answers under four kinds of hosting. Then compare rows: what better answers are worth. An arrow marks a band without an upper end: perhaps the system is
# never right. Yet the chart has a hole. It prices right answers as if wrong ones were **free**.
#
# ## An error costs more than an answer
#
# Zellinger and Thomson (arXiv:2507.03834) put it into one line: a system earns for a right answer, and pays for each error and each refusal, besides the bill. What people do
# today, searching by hand, is the zero line: it earns nothing extra.


# %% tags=["taught"]
def worth(s) -> np.ndarray:
    """USD that a right answer, a wrong answer and a needless refusal are worth; shape (3,). s: a scenario. Taught in: lab 3.4."""
    return np.array([s.minutes_saved / 60 * s.hourly_usd, -s.error_usd, -s.refusal_usd])


def answer_value_usd(system: System, s) -> float:
    """Expected worth of one answer, before the bill (the frame of arXiv:2507.03834, with a price for right answers). Taught in: lab 3.4."""
    return float(np.dot([system.correct, system.wrong, system.refused], worth(s)))


# %%
sides = ["what the machines cost", "what its errors cost"]
lab.predict("price", "Per question, which is larger for the best system that is for sale?", sides)

# %%
error_prices = np.linspace(0, 20, 41)
worths = np.array([worth(replace(scenario, error_usd=price_)) for price_ in error_prices])
lines = {
    f"{name}{'' if system.is_for_sale else ' (ceiling)'}": np.vstack([[system.correct, system.wrong, system.refused] @ worths.T, *np.quantile(draws[name] @ worths.T, [0.025, 0.975], axis=0)])
    for name, system in systems.items()
}
money.curves({"What one answer is worth": {**lines, "as today": 0 * error_prices}}, error_prices, "price of a believed error (USD)", "USD per question")

# %%
right, wrong, refusal = worth(scenario)
errors, machines = -wrong * best.wrong, totals.min() / scenario.queries_per_month
lab.reveal("price", f"{money.dollars(errors)} of errors and {money.dollars(machines)} of bill per question", sides[int(errors > machines)])
print(f"Without refusals, an answer pays from {(-wrong + machines) / (right - wrong):.0%} right answers on. {best.name} has {best.correct:.1%}.")

# %% [markdown]
# That share is the number to write on the wall before any project of this kind. It needs no model, only two prices. Check it against your own: what does a believed error cost you?
#
# ## Volume decides between two bills
#
# ### Exercise 4 · Derive the break-even volume
#
# *8 minutes · medium · unlocks the map below*
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
# lab.hint(4)    lab.solution(4)

# %% [markdown]
# Your formula knows straight lines. Machines come in whole steps, and long contexts cost more on demand. So we also compute the cheapest mode for every number of questions and every length of context.

# %%
volumes, contexts = np.geomspace(1e3, 1e9, 121), np.linspace(0, 8000, 41)


def cheapest(volume: float, context: float) -> int:
    """Number of the cheapest hosting mode for so many questions a month and so many tokens of context."""
    s, system = replace(scenario, queries_per_month=volume), replace(best, input_tokens=INPUT_TOKENS + context)
    return int(np.argmin([sum(monthly_bill(system, hosting, s, price).values()) for hosting in HOSTING]))


winners = [[cheapest(volume, context) for volume in volumes] for context in contexts]
money.winner_map(winners, HOSTING, volumes, contexts, xlabel="questions per month", ylabel="context (tokens per question)", title="The cheapest hosting")

# %%
gpu = monthly_bill(best, "rented GPU", scenario, price)
meet = break_even_volume(0, per_call, gpu["answers"] + gpu["looking after machines"], 0)
capacity = scenario.gpu_queries_per_hour * HOURS_PER_MONTH / scenario.peak_factor
print(f"By the lines, one GPU is never dearer from {meet:,.0f} questions a month on; but one carries only {capacity:,.0f}: {'the formula holds' if meet <= capacity else 'so it does not pay there'}.")

# %% [markdown]
# ## Over time: present value and payback
#
# A project pays first (set-up, test labels, training labels) and earns later. **Net present value** (NPV) adds up the months, each discounted to today. **Payback** is the month from which on
# you never stand below zero again.


# %% tags=["taught"]
def upfront_bill(system: System, s, price: Mapping) -> dict[str, float]:
    """USD to be paid before the first question. Taught in: lab 3.4."""
    return {
        "set-up": s.setup_hours * s.hourly_usd,
        "test labels": s.test_labels * s.label_usd,
        "index": system.uses_index * usd(s.corpus_tokens, price["embedding"]),
        "training": system.is_tuned * (usd(s.training_tokens, price["training_lora_16b"]) + s.training_labels * s.label_usd),
    }


def cash_flows(system: System, hosting: str, s, price: Mapping, value_usd: float) -> np.ndarray:
    """USD gained in month 0 (paid up front) to the last month; shape (months + 1,). value_usd: worth of one answer. Taught in: lab 3.4."""
    months, every = int(s.months), int(s.retrain_every_months)
    bill = monthly_bill(system, hosting, s, price)
    flows = np.full(months + 1, s.queries_per_month * value_usd - sum(bill.values()) + bill["retraining"])
    flows[0] = -sum(upfront_bill(system, s, price).values())
    flows[every:months:every] -= renewal_usd(system, s, price)
    return flows


def npv(flows: Sequence[float], yearly_discount: float) -> float:
    """Net present value of monthly flows that begin today. Taught in: lab 3.4."""
    return float(np.sum(np.asarray(flows) / (1 + yearly_discount) ** (np.arange(len(flows)) / 12)))


def payback_month(flows: Sequence[float]) -> float:
    """The month from which on the sum never is below zero again; infinite when there is none. Taught in: lab 3.4."""
    below = np.flatnonzero(np.cumsum(flows) < -1e-9)
    return 0.0 if not len(below) else float(below[-1] + 1) if below[-1] + 1 < len(flows) else math.inf


# %% [markdown]
# A formula and a simulation must agree; where they do not, one of them is wrong. For equal months there is a closed form, the annuity:


# %% tags=["taught"]
def level_npv(upfront: float, monthly: float, months: int, yearly_discount: float) -> float:
    """NPV of paying `upfront` today and gaining `monthly` in each of the months: the annuity. Taught in: lab 3.4."""
    rate = (1 + yearly_discount) ** (1 / 12) - 1
    return -upfront + monthly * (months if rate == 0 else (1 - (1 + rate) ** -months) / rate)


# %%
simulated = npv(cash_flows(replace(best, is_tuned=False), "on demand", scenario, price, 3.0), scenario.yearly_discount)
untuned = replace(best, is_tuned=False)
gain = scenario.queries_per_month * 3.0 - sum(monthly_bill(untuned, "on demand", scenario, price).values())
formula = level_npv(sum(upfront_bill(untuned, scenario, price).values()), gain, int(scenario.months), scenario.yearly_discount)
print(f"If an answer were worth 3 USD: simulated {simulated:,.2f}, by formula {formula:,.2f}.")

# %% [markdown]
# ## The calculator
#
# Move anything. The bars are the bill under each hosting; the curves are what the chosen plan has earned. Two entries are **assumptions, not measurements**, and say so: a tuned model that looks
# nothing up, and a share of right answers that you set by hand. Find the smallest share at which the plan pays within its 24 months.


# %%
def calculate(**chosen):
    """Bill, curve and headline for one position of the controls."""
    names = {"questions a month": "queries_per_month", "an error costs": "error_usd", "a label costs": "label_usd", "retrain every (months)": "retrain_every_months"}
    s, system, share, hosting = replace(scenario, **{name: chosen[label] for label, name in names.items()}), chosen["system"], chosen["right answers"], chosen["hosting"]
    system = replace(system, input_tokens=system.input_tokens + chosen["more context (tokens)"])
    system = replace(system, correct=share, wrong=1 - share, refused=0.0) if share is not None else system
    bills = pd.DataFrame({f"> {mode}" if mode == hosting else mode: monthly_bill(system, mode, s, price) for mode in HOSTING}).T
    flows = cash_flows(system, hosting, s, price, answer_value_usd(system, s))
    better = cash_flows(system, hosting, s, price, answer_value_usd(system, s) + 0.1 * (worth(s)[0] - worth(s)[1]))
    discount = (1 + s.yearly_discount) ** (np.arange(len(flows)) / 12)
    month, bill = payback_month(flows), bills.loc[f"> {hosting}"].sum()
    headline = f"{system.name}, {hosting}: NPV {money.dollars(npv(flows, s.yearly_discount))}, payback {'never' if month == math.inf else f'month {month:.0f}'}, "
    headline += f"a right answer costs {money.dollars(bill / s.queries_per_month / system.correct if system.correct else math.inf)}, {system.correct:.0%} right"
    curves = {"this plan": np.cumsum(flows / discount), "with 10 more right in 100": np.cumsum(better / discount)}
    return money.calculator(bills, curves, headline)


# %%
assumed = replace(best, name="a tuned model (ASSUMED: not measured)", input_tokens=INPUT_TOKENS, uses_index=False, is_tuned=True)
controls = {
    "system": [(system.name, system) for system in [best, *(s for s in for_sale if s is not best), assumed]],
    "right answers": [("as measured", None)] + [(f"{share} % (ASSUMED)", share / 100) for share in range(20, 101, 10)],
    "hosting": list(HOSTING),
    "questions a month": [5000, 500, 50_000, 500_000, 5_000_000],
    "more context (tokens)": [0, 500, 1000, 2000, 4000, 8000],
    "retrain every (months)": [6, 1, 3, 12],
    "a label costs": [154, 0.05, 1, 10, 50],
    "an error costs": [10, 0, 1, 2, 5, 20, 50, 100, 500],
}
explore(calculate, **controls)

# %% [markdown]
# ## Your own business
#
# Save the scenario, change values in any spreadsheet, and read it again. What cannot be right is refused with a sentence; here are five slips that really happen, the first one being the tutorial's.

# %%
path = write_scenario(scenario, run.settings.results_dir / "my_scenario.csv")
scenario = read_scenario(path)
for value, unit in [("0.00799", "USD per token"), ("-3", "USD per hour"), ("", "USD per month"), ("21.18", ""), ("150", "share per month")]:
    try:
        checked(value, unit, "my_scenario.csv")
    except PriceError as problem:
        print(problem)

# %% [markdown]
# ## The memo
#
# A decision compares all systems that are for sale, under all four ways to host, with going on **as today**, which costs and earns nothing extra. The band of the scores becomes a band of the present value.
# The rule is fixed before we look: recommend the best option only if its whole band lies above zero; go on as today if it lies below; else measure more.

# %% tags=["taught"]
AS_TODAY, MEASURE = "go on as today", "measure more before deciding"


def options(systems: Sequence[System], s, price: Mapping, draws: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Every system for sale under every hosting, best first: option, npv, low, high (95 % band, USD), payback_month.

    draws: name -> resampled shares of right, wrong and refused answers, shape (n, 3). Taught in: lab 3.4.
    """
    rows = []
    for system in (system for system in systems if system.is_for_sale):
        band = np.quantile(draws[system.name] @ worth(s), [0.025, 0.975])
        for hosting in HOSTING:
            flows = [cash_flows(system, hosting, s, price, value) for value in (answer_value_usd(system, s), *band)]
            values = [npv(one, s.yearly_discount) for one in flows]
            rows.append([f"{system.name}, {hosting}", *values, payback_month(flows[0])])
    return pd.DataFrame(rows, columns=["option", "npv", "low", "high", "payback_month"]).sort_values("npv", ascending=False, ignore_index=True)


def recommend(table: pd.DataFrame) -> str:
    """The best option if its band lies above zero, "go on as today" if below, else "measure more". Taught in: lab 3.4."""
    top = table.iloc[0]
    return top["option"] if top["low"] > 0 else AS_TODAY if top["high"] < 0 else MEASURE


# %%
table = options(systems.values(), scenario, price, draws)
table.head(4).round(0)

# %% [markdown]
# A recommendation is only as good as its answer to *"and if you are wrong about that number?"* So each number is moved, up and down by up to a factor of a thousand, until the recommendation changes.


# %% tags=["taught"]
def varied(s, price: Mapping, name: str, factor: float) -> tuple:
    """Scenario and prices with one number of either multiplied; a share stays at most 1. Taught in: lab 3.4."""
    if name in price:
        return s, {**price, name: replace(price[name], value=price[name].value * factor)}
    value = getattr(s, name) * factor
    return replace(s, **{name: min(value, 1.0) if name in ("churn_per_month", "cache_hit_rate") else value}), price


def flips(name: str, systems: Sequence[System], s, price: Mapping, draws: Mapping) -> list[tuple[float, str]]:
    """The nearest factors, below and above 1, that change the recommendation, each with the new one. Taught in: lab 3.4."""

    def said(exponent: float) -> str:
        return recommend(options(systems, *varied(s, price, name, 10**exponent), draws))

    found, now = [], said(0)
    for sign in (-1, 1):
        first = next((step for step in np.linspace(0.1, 3, 30) if said(sign * step) != now), None)
        if first is not None:
            low, high = first - 0.1, first
            for _ in range(8):
                middle = (low + high) / 2
                low, high = (middle, high) if said(sign * middle) == now else (low, middle)
            found.append((10 ** (sign * high), said(sign * high)))
    return found


# %%
moving = ["error_usd", "minutes_saved", "queries_per_month", "label_usd", "setup_hours", "nova_micro_input", "vectors_s3"]
thinned = {name: shares[:400] for name, shares in draws.items()}
changes = {name: flips(name, list(systems.values()), scenario, price, thinned) for name in moving}
changes

# %% [markdown]
# Now the memo writes itself: recommendation, by how much, what would flip it, what was measured, what was assumed. It is saved as Markdown and as a web page beside your results.


# %% tags=["taught"]
def needed_share(system: System, hosting: str, s, price: Mapping) -> float:
    """Share of right answers, no refusals, at which the NPV is zero; above 1.0: never. For equal months. Taught in: lab 3.4."""
    annuity = level_npv(0, 1, int(s.months), s.yearly_discount)
    monthly = sum(monthly_bill(system, hosting, s, price).values()) + sum(upfront_bill(system, s, price).values()) / annuity
    right, wrong, _ = worth(s)
    return (monthly / s.queries_per_month - wrong) / (right - wrong)


def plain(value: float) -> str:
    """A number with three digits that matter and no exponent. Taught in: lab 3.4."""
    return np.format_float_positional(float(f"{value:.3g}"), trim="-")


def flip_lines(changes: Mapping[str, list], s, price: Mapping) -> list[str]:
    """One sentence for each number that flips the recommendation, and one that names the others. Taught in: lab 3.4."""
    lines = []
    for name, found in ((name, found) for name, found in changes.items() if found):
        now = price[name].value if name in price else getattr(s, name)
        to = [f"at {plain(now * factor)} the recommendation would be: {said}" for factor, said in found]
        lines.append(f"{name.replace('_', ' ')}, now {plain(now)}: {'; '.join(to)}")
    idle = [name.replace("_", " ") for name, found in changes.items() if not found]
    return lines + ([f"no value from a thousandth to a thousand times of these flips it: {', '.join(idle)}"] if idle else [])


# %%
said, top = recommend(table), table.iloc[0]
where, dollars = "lab {lab}, {source}, profile {profile}, n = {n}, {created:.10}", money.dollars
worth_10 = scenario.queries_per_month * 0.1 * (worth(scenario) @ [1, -1, 0])
gaps = [f"{row.option}: {dollars(row.npv)} [{dollars(row.low)}, {dollars(row.high)}]" for row in table.head(3).itertuples()] + ["as today: $0"]
needed = f"right answers, now {best.correct:.1%}: from {needed_share(best, 'on demand', scenario, price):.0%} on, {best.name} on demand earns its cost"
budget = f"ten more right answers in a hundred, in place of wrong ones, are worth {dollars(worth_10)} a month: the budget for the next improvement"
measured = [f"{s.name}: {s.correct:.1%} right, {s.wrong:.1%} wrong, {s.refused:.1%} needlessly refused; {where.format(**answers[s.name].attrs)}" for s in systems.values()]
assumptions = "; ".join(f"{row.name.replace('_', ' ')}: {plain(getattr(scenario, row.name))} {row.unit}" for row in pd.read_csv(SCENARIO).itertuples(index=False))
doubts = ["a hosted model answers as well as the measured one", f"still valid though older than 18 months: {', '.join(one.item for one in old)}"]

# %% [markdown]
# Plain sentences in, one small template around them; whatever a source or a system is called, it is shown as text and never run as a web page's code.

# %%
memo = Memo(
    "Which system should answer questions about our contracts?",
    f"Recommendation: {said}. Best option: {top['option']}, present value {dollars(top['npv'])} [{dollars(top['low'])}, {dollars(top['high'])}] in {scenario.months:.0f} months.",
    {"By how much": gaps, "What would flip it": [needed, *flip_lines(changes, scenario, price), budget], "What was measured": measured, "What was assumed": [assumptions, *doubts]},
)
memo

# %%
for file in memo.save(run.settings.results_dir):
    print(file.name)

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RAG or fine-tuning, which is cheaper? | fine-tuning after 7.7 months (the tutorial's own numbers) | the six lines above: it changes sides with the hosting | one hosting mode for both was assumed there, and a unit was lost |
# | what dominates the cost of an answer? | the price of errors usually dwarfs that of inference (Zellinger and Thomson, arXiv:2507.03834) | `errors` against `bill` above | the same, and more so: our model is small and often wrong |
# | when does a provisioned unit pay? | aim above 80 % utilisation (OptimNow, notes on Bedrock) | the line under exercise 3 | the share follows from two prices and a capacity; it is no constant |
# | public calculators | cost only, one number each | a band, an error price, a flip point | they have no benchmark to draw from |
#
# ## What to take home
#
# **Rule.** Give every price a unit, a date and a source; compare methods under the hosting each would really have; price errors before machines; and recommend only what survives the band of the scores.
# **It prevents** a signature under a bill that is wrong by a thousand, and a cheap system that is expensive to believe. **It costs** one table and one honest guess of what an error costs you.
#
# **Next:** lab 3.5 lets every assumption vary at once. Your progress:

# %%
lab.progress()
