# %% [markdown]
# # 3.4 · From score to money: does our assistant pay?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | turn measured scores into a bill, a break-even accuracy, and a memo that a manager can act on |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing; the scores are recorded |
#
# You correct a published bill line by line. Then you price our own assistant, and find out for which questions it pays, and what would have to change.

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

from llm_workbook import Lab, start
from llm_workbook.show.text import show

run = start("3.4", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## Every price needs a unit
#
# The tutorial of 2024 that lab 3.1 audits also has a bill: RAG or fine-tuning, for a year, at 7,000 questions a day. Its authors say that the prices are simulated. Its mistakes are common, so it is a good place to learn.
#
# First a tool against such mistakes: a price table. Every row has a value, a **unit**, a date and a source. The loader refuses a price without a unit. `trust` says how we know it: P is read at the page named, S is second hand, C is computed; the rest says *assumed*. Where two sources disagree, the table has both, and one is `chosen`. Prices of 2024 marked as historical belong to the tutorial's bill, so they may be old.
#
# RAG means: search, then let a model answer from what was found. Fine-tuning (FT) means: train the model. Look at the units of the rows. Then make a prediction: which mistake changes the bill most?

# %%
import pandas as pd

from llm_workbook.labs.lab_3_4.prices import read_prices, stale

price = read_prices()
old = stale(price)
names = ", ".join(f"{one.item} ({one.date})" for one in old)
print(f"In use today, and older than 18 months: {names}. Look them up before you sign.")
shown = ["llama_3_8b_input", "llama_3_8b_input_at_launch", "training_llama_2_70b", "model_unit", "expert_label"]
columns = ["item", "value", "unit", "date", "trust", "chosen", "source"]
show(pd.DataFrame([price[item] for item in shown])[columns])
levers = ["the unit of the training price", "how often the model is retrained", "how the models are hosted"]
lab.predict("lever", "Over a year, what changes the difference between RAG and fine-tuning most?", levers)

# %% [markdown]
# ### Exercise 1 · Fix the unit
#
# *{{exercise_minutes}} · easy · unlocks every amount of this lab*
#
# The tutorial trains on a million tokens and pays 0.00799 x 1,000,000. But the price list says USD 0.00799 **per 1000 tokens**. Write a function that cannot make this mistake.
# It gets a quantity in single things (tokens, hours, months, labels), and a price with its unit. A unit is `USD per hour` or, with a size, `USD per 1000 tokens`.
#
# If the unit does not begin with `USD per `, or the price is below zero, raise a ValueError. A size is written in digits only. (`value` is always a number: the loader has refused empty ones.)


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
# From now on this function computes every amount. The second mistake of the tutorial is harder to see. It bills both systems for a **provisioned unit** (`model_unit`), a rented machine that runs day and night. But the plain model behind RAG can also be paid by token. *Kendra* is the search service that the tutorial rents; a *vector store* is a plainer one.
#
# So we change one line at a time and keep the rest: 744 hours a month and 7,000 questions a day. Where RAG is paid by token, a question has 2,000 tokens in and 150 out. The last line assumes that a *fine-tuned* model is sold by token, too, at the price of its base, with prompts of 30 tokens. (Such a service exists since July 2025, for some models.)


# %% tags=["taught"]
def usd(quantity: float, row) -> float:
    """USD for a quantity at a row of the price table (anything with `value` and `unit`). Taught in: lab 3.4."""
    return cost_usd(quantity, row.value, row.unit)


def published_readings(price: Mapping, once_published: float = 7990.0) -> dict[str, tuple[float, float, float]]:
    """The tutorial's bill, line by line: USD a month for RAG, for FT, and USD for a training. Taught in: lab 3.4."""
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
# No model and no score changes from line to line. Look at which marker is on the left, and how far apart the two are. The first correction moves no marker, because it changes only what a training costs: see the table.
#
# How much does each mistake change the difference between the two methods in a year, with one training? For the unit we compare the first line with the second. For retraining we train each month instead of once, at the published price, which is far too high. For hosting we take the lines with the smallest and the largest difference.
#
# The table answers the tutorial's own question: how often may one retrain? It shows how much more fine-tuning costs than RAG in the year. Below zero, fine-tuning is cheaper.

# %%
import numpy as np

from llm_workbook.labs.lab_3_4 import figures

readings = pd.DataFrame(published_readings(price), index=["RAG", "fine-tuning", "once"]).T
rag, tuned, training = readings.to_numpy().T
year = 12 * (rag - tuned) - training
moved = dict(zip(levers, [year[1] - year[0], 11 * training[0], np.ptp(year[1:])], strict=True))
measured = ", ".join(f"{name} {amount:,.0f} USD" for name, amount in moved.items())
lab.reveal("lever", measured, answer=max(moved, key=moved.get))
often = pd.Series({"once a year": 1, "twice a year": 2, "each quarter": 4, "each month": 12})
extra = {f"{once:,.2f} USD a training": (12 * (tuned[0] - rag[0]) + often * once).round() for once in training[:2]}
show(pd.DataFrame(extra).astype(int))
ahead = training[:2] / (rag[0] - tuned[0])
print(
    f"Trained once, FT becomes cheaper after {ahead[0]:.1f} months; with the right unit, after {30 * ahead[1]:.0f} day."
)
title = f"Over five changes, the cheaper method changes {np.count_nonzero(np.diff(rag < tuned))} times"
monthly = {line: {"RAG": [a], "fine-tuning": [b]} for line, a, b in zip(readings.index, rag, tuned, strict=True)}
figures.dots(monthly, title, "USD per month")

# %% [markdown]
# With the right unit, the tutorial's question hardly matters. One line later the winner changes. So **the hosting, not the method, decides this bill**. Compare two methods under the hosting that each would really have.
#
# ## What was measured here
#
# Now our own systems. The answers are the recorded ones of the **ladder** that lab 0 shows, a list of systems from a guess to the whole assistant: the same questions for each system, about contract **families** (a main contract and its amendments) that no system was trained on.
#
# Three kinds of question matter for money: **one clause** answers it (*What is the notice period?*), **several clauses** are needed (*Which of the two has the longer term?*), or there is **no answer** in the contracts. Three things can happen: the answer is right, it is wrong, or the system says **not stated**.
#
# Some rows need no model: two guesses, and a system that always says "not stated" (true wherever there is no answer). A **ceiling** is shown the right clause, so nobody can buy it. If you have own runs of other labs, they count only where they have more questions: sources are never mixed.
#
# Look at the column *right* for one clause, and at *wrong* where there is no answer.

# %%
from llm_workbook.labs.lab_3_4.evidence import outcome_table, read_evidence

systems, used, others = read_evidence(run.settings)
print(f"Used: {used}. Other sources, with fewer questions or not each kind: {others}.")
table = outcome_table(systems)  # in % of the questions of each kind
first = table.loc[[system.name for system in systems if system.is_for_sale]].iloc[:, 0]
print(f"Of the systems for sale, {first.idxmax()!r} is right most often where one clause answers: {first.max()} %.")
table

# %% [markdown]
# ## What is assumed
#
# Scores, tokens and seconds are measured. The rest of a business is **assumed**, so it is in one table, each number with its reason. The table is saved as `my_scenario.csv` in your results folder: change a value in any spreadsheet, and run this cell and those below again.
#
# Two assumptions need a word. The assistant shows the clauses that it has read, so the person who asked checks each answer: that takes a minute. Most wrong answers fail this check, and the person searches by hand as today. Only the *wrong answers that are believed* pass, and only those cost *a believed error*. (We do not count the search that they save: the error's price is what it costs on top.)
#
# Read the table, then predict.

# %%
from llm_workbook.labs.lab_3_4.prices import read_scenario, write_scenario

path = run.settings.results_dir / "my_scenario.csv"
if not path.exists():
    write_scenario(read_scenario(), path)
scenario = read_scenario(path)
shares = ["about 30 %", "about 50 %", "about 70 %", "about 90 %"]
lab.predict("needed", "How many answers must be right before such an assistant pays for itself?", shares)
with pd.option_context("display.max_colwidth", None):
    show(pd.read_csv(path).set_index("name"))

# %% [markdown]
# ## What an answer is worth
#
# We compare with today, a search by hand, so zero means: as today. A right answer saves the minutes of the search, less those of the check. A wrong one costs the check and, if it is believed, the error. "Not stated" costs the seconds to read it. That holds even where it is true, because the person cannot know that and searches.
#
# The second function is about the **mix**. Our test has many hard questions, because its authors wanted them. Your people ask another mix. So the mean is weighted by your mix: each kind counts with its share in the scenario (a *stratified* mean; Cochran 1977, chapter 5). The differences between questions of one kind stay as measured and get the same weight, so the interval fits. *Seeds* are repeated trainings. You may skip its code.


# %% tags=["taught"]
def worth(s) -> np.ndarray:
    """USD that a right, a wrong and a "not stated" answer are worth against a search by hand; shape (3,).
    s: a scenario. Taught in: lab 3.4."""
    minute = s.hourly_usd / 60
    right = (s.minutes_by_hand - s.check_minutes) * minute
    wrong = -s.check_minutes * minute - s.believed_share * s.error_usd
    return np.array([right, wrong, -s.refusal_minutes * minute])


def by_mix(values: np.ndarray, kinds: np.ndarray, mix: Mapping[str, float]) -> np.ndarray:
    """Numbers whose mean is that of the mix. values: (questions, seeds); kinds: (questions,); mix: kind -> share.
    Taught in: lab 3.4."""
    total, apart = 0.0, np.zeros(np.shape(values))
    for kind in np.unique(kinds):
        these = kinds == kind
        mean = values[these].mean()
        total += mix[kind] * mean
        apart[these] = (values[these] - mean) * mix[kind] * len(values) / these.sum()
    return total + apart


# %% [markdown]
# ### Exercise 2 · The cost of a right answer
#
# *{{exercise_minutes}} · medium · unlocks the next figure*
#
# **Cost of pass** is what one right answer costs (Erol et al. 2025, arXiv:2504.13359): the expected cost of one attempt, divided by the share of right ones. For example, attempts at 1 USD that are right half of the time cost 2 USD for each right answer. That paper counts the machine. You also count the minutes of the person who asks.
#
# One attempt costs: the machine, always; the check, for each answer that is right or wrong; the reading of "not stated", for the rest (1 - `right` - `wrong`); and the error, for the share of the wrong answers that is believed. Where nothing is right, return `math.inf`.


# %% tags=["taught", "exercise"]
def cost_of_pass(
    right: float, wrong: float, believed: float,
    machine_usd: float, check_usd: float, refusal_usd: float, error_usd: float,
) -> float:  # fmt: skip
    """USD for one right answer, with a person's minutes; infinite where nothing is right.

    right, wrong: shares of all questions, 0 to 1; the rest is "not stated". believed: share of the wrong answers.
    Taught in: lab 3.4.

    >>> cost_of_pass(0.5, 0.25, 0.2, machine_usd=0.5, check_usd=1, refusal_usd=0.2, error_usd=10)
    3.6
    """
    ### BEGIN SOLUTION
    if right <= 0:
        return math.inf
    reading = (right + wrong) * check_usd + (1 - right - wrong) * refusal_usd
    return (machine_usd + reading + wrong * believed * error_usd) / right
    ### END SOLUTION


# %%
cost_of_pass = lab.use(2, cost_of_pass)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# A right answer is worth having where it costs less than the search that it saves: the dashed line. There are two dots for each system: for all questions, and for **one-clause questions only**. In the second case, people look one thing up with the system and do everything else by hand as today. (Nobody knows before asking whether there is an answer, so questions without one come along.)
#
# Which systems are left of the line? The bars are 95 % confidence intervals over families.

# %%
from llm_workbook.labs.lab_3_4.plans import best_of, cost_table, options

by_hand = scenario.minutes_by_hand * scenario.hourly_usd / 60
costs = cost_table(systems, scenario, price)  # USD for a right answer, with its interval
best = best_of(options(systems, scenario, price))  # the most valuable that is for sale
each = costs[best.system.label][best.scope][0]
print(f"Most valuable: {best.system.name}, {best.scope}: a question is worth {best.value:+.2f} USD")
print("against a search by hand, on average over right and wrong answers; the machine is not yet paid.")
title = f"A right answer of the best system costs ${each:.2f}, a search by hand ${by_hand:.2f}"
figures.dots(costs, title, "USD for one right answer", by_hand)

# %% [markdown]
# ## The bill: tokens, labels, machines and errors apart
#
# What was measured is a model of 135 million parameters. It needs no GPU, so we use the price of your own laptop, or of a small rented machine. Machines are counted for the busiest hour, in whole numbers. The index of the contracts fits into the same machine.
#
# The parts of a month:


# %% tags=["taught"]
HOSTING, HOURS_PER_MONTH = ("own laptop", "rented CPU machine"), 730


def machines_usd(system, hosting: str, s, price: Mapping) -> float:
    """USD per month for the machines that answer; 0 for a system that runs no model. Taught in: lab 3.4."""
    busiest = s.queries_per_month / HOURS_PER_MONTH * s.peak_factor
    machines = math.ceil(busiest * system.seconds / 3600)
    if hosting == "rented CPU machine":
        return machines * usd(HOURS_PER_MONTH, price["cpu_machine"])
    kwh = s.queries_per_month * system.seconds / 3600 * price["laptop_power"].value / 1000
    return machines * price["laptop"].value / price["laptop_life"].value + usd(kwh, price["electricity"])


def monthly_bill(system, hosting: str, shares, s, price: Mapping) -> dict[str, float]:
    """USD per month by part. shares: right, wrong, "not stated". Taught in: lab 3.4."""
    reading = (shares[0] + shares[1]) * s.check_minutes + shares[2] * s.refusal_minutes
    return {
        "machines": machines_usd(system, hosting, s, price),
        "looking after them": (system.seconds > 0) * s.operations_hours * s.hourly_usd,
        "people's minutes": s.queries_per_month * reading * s.hourly_usd / 60,
        "believed errors": s.queries_per_month * shares[1] * s.believed_share * s.error_usd,
    }


# %% [markdown]
# The rest is paid once, or from time to time: set-up; an expert's labels for the test; training with labels made by a program; and the day on which the **base model is replaced**, because its maker ends it or a better one comes.


# %% tags=["taught"]
def upfront_bill(system, s) -> dict[str, float]:
    """USD to be paid before the first question; nothing for a system that runs no model. Taught in: lab 3.4."""
    runs, trained = system.seconds > 0, system.is_tuned
    return {
        "set-up": runs * s.setup_hours * s.hourly_usd,
        "test labels": runs * s.test_labels * s.test_label_usd,
        "training": trained * (s.retrain_hours * s.hourly_usd + s.training_labels * s.training_label_usd),
    }


def events(system, s) -> np.ndarray:
    """USD that fall due in month 0 to the last. Labels of what has changed are made again. Taught in: lab 3.4."""
    months, every, ends = max(1, int(s.months)), max(1, int(s.retrain_every_months)), int(s.retirement_month)
    changed = s.training_labels * (1 - (1 - s.churn_per_month) ** every)
    retraining = system.is_tuned * (s.retrain_hours * s.hourly_usd + changed * s.training_label_usd)
    due = np.zeros(months + 1)
    due[0] = sum(upfront_bill(system, s).values())
    due[every:months:every] += retraining
    if 0 < ends < months and system.seconds > 0:
        due[ends] += s.retirement_hours * s.hourly_usd + system.is_tuned * s.retrain_hours * s.hourly_usd
    return due


# %% [markdown]
# The figure adds it all. Which part is largest? Which is so small that you cannot see it?

# %%
from llm_workbook.labs.lab_3_4.plans import whole_bill

bill = whole_bill(best.system, best.scenario, price)
share = {part: amount / sum(bill.values()) for part, amount in bill.items()}
largest = max(share, key=share.get)
volume = best.scenario.queries_per_month
read, written = volume * best.system.input_tokens, volume * best.system.output_tokens
asked = usd(read, price["nova_micro_input"]) + usd(written, price["nova_micro_output"])
print(f"Tokens: {(read + written) / 1e6:.1f} million a month. A small hosted model would ask {asked:.2f} USD for them.")
title = f"Of all costs, {share[largest]:.0%} are {largest}, {share['machines']:.1%} machines"
figures.bill(bill, title)

# %% [markdown]
# ### Exercise 3 · Break-even accuracy
#
# *{{exercise_minutes}} · medium · unlocks the number to know before a project starts*
#
# How often must a system be right so that it earns its cost? `cost_usd` is what one question costs (machine, labels and set-up, spread over the questions). A share `refused` gets "not stated", which is worth `refused_usd`. Of the rest, the right ones are worth `right_usd` and the wrong ones `wrong_usd` (the worths of wrong and refused are negative or zero).
#
# Return the share of right answers at which worth and cost are equal. Do not cut the result off: above 1 - `refused` it says *never*, below 0 *always*. If a right answer is worth no more than a wrong one, raise a ValueError.


# %% tags=["taught", "exercise"]
def break_even_accuracy(
    cost_usd: float, right_usd: float, wrong_usd: float, refused_usd: float = 0.0, refused: float = 0.0
) -> float:
    """Share of right answers among all questions at which a question earns its cost; not cut off.

    cost_usd: of one question. right_usd, wrong_usd, refused_usd: what each outcome is worth. refused: share, 0 to 1.
    Raises: ValueError when right_usd is not above wrong_usd. Taught in: lab 3.4.

    >>> break_even_accuracy(1.0, right_usd=5.0, wrong_usd=-3.0)
    0.5
    >>> break_even_accuracy(1.0, right_usd=5.0, wrong_usd=-3.0, refused_usd=-1.0, refused=0.5)
    0.375
    """
    ### BEGIN SOLUTION
    if right_usd <= wrong_usd:
        raise ValueError(f"a right answer ({right_usd} USD) must be worth more than a wrong one ({wrong_usd} USD)")
    return (cost_usd - refused * refused_usd - (1 - refused) * wrong_usd) / (right_usd - wrong_usd)
    ### END SOLUTION


# %%
from llm_workbook.labs.lab_3_4.evidence import right_where_answerable
from llm_workbook.labs.lab_3_4.plans import hosting_table, needed_share
from llm_workbook.labs.lab_3_4.prices import dated

break_even_accuracy = lab.use(3, break_even_accuracy)
# lab.hint(3)
# lab.solution(3)
needed, has = needed_share(best.system, best.scenario, price), right_where_answerable(best.system, best.scenario.mix)
low, high = has.interval()
measured = f"{needed:.0%} where there is an answer; we have {has.mean:.0%} [{low:.0%}, {high:.0%}], n = {has.n}"
lab.reveal("needed", measured, answer=min(shares, key=lambda share: abs(int(share.split()[1]) - 100 * needed)))
print("Prices below without a newer source:", dated(price))
hosting_table(best, price)

# %% [markdown]
# The sentence with *where there is an answer* is about the best system. `needed_share` uses your formula and leaves as measured how often that system says "not stated", and what it does where there is no answer.
#
# The table asks: **what would a larger, hosted model have to achieve?** We did not measure one, so its price must not be put beside our scores. But the formula says how often it would have to be right, with the tokens that our prompts really have (assumed: it says "not stated" as often as ours). The first two rows contain the hours of whoever looks after the machine; who pays by token or by the hour needs nobody. The price of tokens hardly moves the break-even; only the large provisioned unit makes it impossible. So compare accuracy first, prices per token last.
#
# ### Exercise 4 · Break-even volume
#
# *{{exercise_minutes}} · medium · unlocks the next two sentences*
#
# There are two ways to do the work. Each has a fixed part per month and a part per question. **From which number of questions a month on does b never cost more than a?** Write both costs as lines and set them equal. Then think about the special cases: b may be cheaper from the first question (0.0), or it may be or become the more expensive one for good (`math.inf`).


# %% tags=["taught", "exercise"]
def break_even_volume(fixed_a: float, per_query_a: float, fixed_b: float, per_query_b: float) -> float:
    """Questions per month from which on b never costs more than a; 0.0 where that is so from the first question (also
    for equal lines), math.inf where b costs more for all large numbers.

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
from statsmodels.stats.proportion import proportion_confint  # for the next section

from llm_workbook.labs.lab_3_4.plans import cost_per_question

break_even_volume = lab.use(4, break_even_volume)
# lab.hint(4)
# lab.solution(4)
fixed = volume * cost_per_question(best.system, best.scenario, price)  # USD a month, what is paid once included
meet = break_even_volume(0, by_hand, fixed, by_hand - best.value)
words = f"from {meet:,.0f} questions a month on" if meet < math.inf else "at no volume"
print(f"Against a search by hand, {best.system.name} pays {words}; the scenario has {volume:,.0f}.")
print(f"(Fixed: {fixed:,.0f} USD a month, with all that is paid once spread over the plan.)")
call = usd(2000, price["llama_3_8b_input"]) + usd(150, price["llama_3_8b_output"])
unit = break_even_volume(0, call, usd(744, price["model_unit"]), 0)
print(f"The tutorial's unit pays from {unit / 1e6:.1f} million questions a month on; the tutorial has 0.2 million.")
lab.progress()

# %% [markdown]
# ## Over time
#
# A project pays first and earns later. **Net present value** (NPV) is the sum of all months, each discounted to today. For example, 108 USD in a year are worth 100 USD now, at 8 % a year. **Payback** is the month from which on the sum never falls below zero again.
#
# The interval of the scores becomes an interval of the NPV. The rule for the decision is fixed **before** anybody looks at it: introduce what pays even at the low end of its interval; pilot what pays in the mean only; else go on as today. A test on your own questions moves it: `enough` says from how many right answers on the interval lies above the break-even.


# %% tags=["taught"]
def npv(flows: Sequence[float] | np.ndarray, yearly_discount: float) -> float:
    """Net present value of monthly flows, the first of them today. Taught in: lab 3.4."""
    return float(np.sum(np.asarray(flows) / (1 + yearly_discount) ** (np.arange(len(flows)) / 12)))


def annuity(months: int, yearly_discount: float) -> float:
    """What 1 USD at the end of each month is worth today. Taught in: lab 3.4."""
    rate = (1 + yearly_discount) ** (1 / 12) - 1
    return float(months) if rate == 0 else (1 - (1 + rate) ** -months) / rate


def payback_month(flows: Sequence[float] | np.ndarray) -> float:
    """The month from which on the sum is never below zero; infinite if there is none. Taught in: lab 3.4."""
    below = np.flatnonzero(np.cumsum(flows) < -1e-9)
    month = below[-1] + 1 if len(below) else 0
    return float(month) if month < len(flows) else math.inf


def enough(labels: int, needed: float) -> int:
    """Right answers in a test of so many questions from which on their 95 % confidence interval (Wilson 1927) lies
    above the break-even; labels + 1 where no result is enough. Taught in: lab 3.4."""
    low, _ = np.asarray(proportion_confint(np.arange(labels + 1), labels, method="wilson"))  # of each possible result
    return int(np.sum(low <= needed))


def recommend(npv_low: float, npv_mean: float) -> str:
    """introduce | pilot | go on as today, from an NPV and the low end of its interval. Taught in: lab 3.4."""
    return "introduce" if npv_low > 0 else "pilot" if npv_mean > 0 else "go on as today"


# %% [markdown]
# ## The calculator
#
# Start from a preset, then move one number at a time:
#
# - **your scenario**: as it is in the table above.
# - **loses**: no clause is shown beside the answer, all questions are asked, and 60 % of the wrong answers are believed (the minute of the check stays).
# - **breaks even**: your scenario, with just the share of right answers that exercise 3 asks for (not measured). Its simulated NPV must be zero: the formula and the months agree.
# - **pays**: the sentence that answers is marked in the clause, so only 10 % of the wrong answers are believed.
#
# A number that you choose replaces that of the preset. On the left is the bill of the whole plan, on the right what the plan has earned so far. Between which two believed shares does your scenario stop paying?

# %%
from dataclasses import replace

from llm_workbook.labs.lab_3_4.evidence import with_share
from llm_workbook.labs.lab_3_4.plans import CONTROLS, calculator_of
from llm_workbook.show.widgets import explore

presets = {
    "your scenario": (best.system, best.scenario),
    "pays": (best.system, replace(best.scenario, believed_share=0.1)),
    "breaks even": (with_share(best.system, best.scenario.mix, needed), best.scenario),
    "loses": (best.system, replace(scenario, believed_share=0.6)),
}
controls = {name: [("as in the preset", ""), *((f"{v:,}", v) for v in values)] for name, values in CONTROLS.items()}
explore(calculator_of(presets, price), preset=list(presets), **controls)

# %% [markdown]
# ## The memo
#
# Somebody who has read nothing else must find six things in it: the decision, the cash, the break-even accuracy and where we are, the three strongest drivers, the next step with its price and its stop rule, and what would change the decision. `f` has the facts, all computed.


# %% tags=["taught"]
def memo_lines(f) -> dict[str, str]:
    """The six lines of the memo. f: its facts, amounts in USD and shares in %. Taught in: lab 3.4."""
    begins = {"introduce": "introduce the assistant for", "pilot": "pilot the assistant, do not roll it out yet, for"}
    what = f"{begins.get(f.decision, 'go on as today. The best plan does not pay: the assistant for')} {f.gets}"
    risk = f"a loss is {'possible' if f.npv_low < 0 else 'unlikely'} (95 % confidence interval, of the scores alone,"
    back = f"earned back in month {f.payback:.0f}" if f.payback < math.inf else "not earned back in the plan"
    errors = f"Of {f.s.queries_per_month:,.0f} answers a month {f.wrong:,.0f} are wrong, {f.believed:,.0f} believed"
    step = f"time ten searches by hand; test the assistant on {f.labels} of your own questions {f.tested}, for"
    rule = f"{f.test:,.0f} USD. Fewer than {f.stop} right: stop; at most {f.cash:,.0f} USD lost. From {f.go}: introduce"
    return {
        "Decision": f"{what}. Expected gain against today in {f.s.months:.0f} months: {f.npv:,.0f} USD; {risk}"
        f" {f.npv_low:,.0f} to {f.npv_high:,.0f} USD).",
        "Cash needed": f"{f.cash:,.0f} USD before it earns anything ({f.parts}); {back}.",
        "Break-even accuracy": f"{f.needed:.0f} % right where there is an answer. Measured: {f.has} about {f.families}"
        f" families of test contracts, none yours). {errors}.",
        "What drives it": f"one more point of right answers ({f.point:,.0f} USD a month); {'; '.join(f.drivers[:3])}.",
        "Next step": f"{step} {rule}." if f.decision in begins else "spend nothing now; look again when line 6 holds.",
        "What would change the decision": "; ".join(f.changes[:3] or ["no single number alone"]) + ".",
    }


# %% [markdown]
# First all options, the most valuable on top. The memo is written from the numbers alone, and saved in your results folder as Markdown and as a web page with its chart and appendix.

# %%
from llm_workbook.labs.lab_3_4.memo import decision_memo
from llm_workbook.labs.lab_3_4.plans import option_table

show(option_table(options(systems, scenario, price)).head(6))
memo = decision_memo(systems, scenario, price, used)
print("Saved:", ", ".join(file.name for file in memo.save(run.settings.results_dir)))
show(memo.chart)
memo

# %% [markdown]
# Check three things in each memo that you get: who measured, on how many questions, and which number would change the decision.
#
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RAG or fine-tuning, which is cheaper? | fine-tuning after 7.7 months (the tutorial's own numbers) | the winner changes with the hosting | there both were hosted alike, and a unit was wrong |
# | what dominates the cost of an answer? | errors usually far outweigh inference (Zellinger and Thomson 2025, arXiv:2507.03834) | people's minutes and believed errors; the machine is the smallest part | the same; we also count the minutes of the check |
# | what does a right answer cost? | cost of pass, compared with a human expert (Erol et al. 2025, arXiv:2504.13359) | exercise 2, compared with a search by hand | we add the minutes of the person who checks |
# | when does a provisioned unit pay? | aim above 80 % utilisation (OptimNow's notes on Bedrock) | exercise 4: from a number of questions a month on | it follows from two prices and is no constant |
#
# ## What to take home
#
# **Rule.** Compute the break-even accuracy before the project starts. Use a system for the questions where it pays. Make checking easy: a shown clause lowers the believed share. Fix the rule for the decision before you see the NPV. **It prevents** a contract signed on a price per token. **You need** one table of assumptions and ten timed searches by hand.
#
# The break-even of your own system, with plain pandas. `answers.csv` has one row for each question, with the columns `family` and `outcome` (right, wrong or not stated). It takes the mix of your file as it is, and its break-even is a share of **all** questions:
#
# ```python
# import pandas as pd
# from scipy.stats import t
#
# minute = 60 / 60  # USD for a minute of the person who asks
# by_hand, check, read = 6 * minute, 1 * minute, 0.25 * minute
# believed, error = 0.2, 15.0  # share of the wrong answers; USD for each
# fixed, volume = 1200.0, 3500  # USD a month, all that is paid once included; questions a month
# worth = {"right": by_hand - check, "wrong": -check - believed * error, "not stated": -read}
#
# rows = pd.read_csv("answers.csv")
# value = rows["outcome"].map(worth)
# apart = (value - value.mean()).groupby(rows["family"]).sum()  # families are the unit
# n, families = len(rows), len(apart)
# spread = (families / (families - 1) * (apart**2).sum()) ** 0.5 / n
# half = t.ppf(0.975, families - 1) * spread
# profit = [volume * (value.mean() + end) - fixed for end in (-half, 0, half)]
# print("USD a month: {1:,.0f} [{0:,.0f}, {2:,.0f}]".format(*profit))
#
# share = rows["outcome"].value_counts(normalize=True)
# refused = share.get("not stated", 0.0)
# needed = fixed / volume - refused * worth["not stated"] - (1 - refused) * worth["wrong"]
# needed /= worth["right"] - worth["wrong"]
# print(f"right now {share.get('right', 0.0):.0%}, break-even at {needed:.0%}")
# ```
#
# **Next:** time ten searches by hand in your own documents, write the mean into `my_scenario.csv`, and run the lab again.
