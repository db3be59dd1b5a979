# %% [markdown]
# # 3.1 · An honest benchmark: what must a comparison show before you believe it?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | audit a comparison of language-model systems, choose how many questions it needs, and run your own so that others can audit it |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing; lab 1.1 explains intervals over families |
#
# You audit a real study with its authors' own numbers, and end with a report card of one page. Then you audit a second set of scores alone: our own.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from llm_workbook import Lab, start
from llm_workbook.benchmark.systems import Answer, Item, Row, Spec, System, specify

run = start("3.1", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## The study
#
# In August 2024 four authors gave a tutorial at the conference KDD: *Domain-Driven LLM Development: Insights into RAG and Fine-Tuning Practices* (José Cassio dos Santos Junior, Rachel Hu, Richard Song,
# Yunfei Bai; [doi:10.1145/3637528.3671445](https://doi.org/10.1145/3637528.3671445)). Its notebooks are in the repository `aws-samples/kdd-2024-domain-driven-llm-development`. They compare five kinds of RAG with a fine-tuned model (**SFT**: supervised
# fine-tuning of Llama 3 8B) on 32 questions about one real contract.
#
# These are **tutorial notebooks**, written to teach techniques. We audit them because the authors did what few do: they published the score of **every single question**
# (`goldmermaid/kdd-2024-rag-vs-finetuning`, commit d407b22). Their mistakes are common ones.
#
# One row of the file is one answer of one system. It has three scores from 0 to 1: how near the answer is in meaning to the right one (*cosine*), and which share of the right answer's words it contains, counted in two ways (*token overlap recall*, *ROUGE-L recall*).
# `both` is the most elaborate RAG. `sft_seen_questions` answers the questions of its own training, `sft_paraphrased` reworded ones. (The two `4bit` rows, SFT with weights of 4 bits, are in none of our pairs.) We compare 6 pairs of systems by 3 scores: 18 differences.
#
# Look at the means. Which system would you choose?

# %%
from llm_workbook.labs.lab_3_1.study import mean_scores, read_scores

scores = read_scores()  # a row for each question, a column for each metric and system
counts = ["none", "1 to 3", "4 to 9", "10 or more"]
lab.predict("real", "How many of the 18 differences are more than chance?", counts)
mean_scores()

# %% [markdown]
# ## Check 1 · Do the names belong to the numbers?
#
# The last notebook computes the means of two systems, then draws them in a chart and prints a table under it. You have the numbers of both places. Do they agree?
#
# ### Exercise 1 · Find the swap
#
# *{{exercise_minutes}} · easy · unlocks the first line of the report card*
#
# `printed` and `stored` map a label to its scores, in the same order. For each printed label, find the stored label whose scores are **nearest**: the smallest sum of absolute differences. Return only the labels that
# carry somebody else's scores: printed label -> whose scores they are. Printed scores are rounded, so do not ask for equality.


# %% tags=["taught", "exercise"]
def find_swaps(printed: Mapping[str, Sequence[float]], stored: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Printed labels that carry another label's scores -> whose scores they are.

    printed, stored: label -> its scores, the metrics in the same order.
    Taught in: lab 3.1.

    >>> find_swaps({"a": [0.2], "b": [0.7], "c": [0.5]}, {"a": [0.701], "b": [0.199], "c": [0.5]})
    {'a': 'b', 'b': 'a'}
    """
    ### BEGIN SOLUTION
    swaps = {}
    for label, shown in printed.items():
        owner = min(stored, key=lambda other: sum(abs(a - b) for a, b in zip(shown, stored[other], strict=True)))
        if owner != label:
            swaps[label] = owner
    return swaps
    ### END SOLUTION


# %%
from llm_workbook.labs.lab_3_1.study import UNDER_THE_CHART, computed_means

find_swaps = lab.use(1, find_swaps)
# lab.hint(1)
# lab.solution(1)
swaps = find_swaps(UNDER_THE_CHART, computed_means(scores))
for label, owner in swaps.items():
    print(f"Under the chart, {label} has the scores of {owner}.")

# %% [markdown]
# In the notebook, the list of labels begins with SFT and the list of scores with RAG. No cell failed. Keep names and numbers in **one table** with a column `system`.
#
# ## Check 2 · Is the ruler the same, and is only one thing different?
#
# A *ruler* is the way a score is made. A *confound* is a second difference between two systems, so that nobody can say which of the two made the score. These are in the notebooks and the result files:
#
# | what | in the study | what it does |
# |---|---|---|
# | cosine | embeddings of 512 numbers for RAG; of 1,024 (the default) for SFT | RAG and SFT are on two scales, so 2 of the 18 differences cannot be read |
# | token overlap and ROUGE-L | recall only: which share of the right words is in the answer | extra words cost nothing |
# | pieces of the prompt | 25 of the 32 answers of naive RAG contain marks of the chat template such as `[INST]`; the code of the other RAG systems removes them | naive RAG loses points for a bug |
# | length | RAG answers are cut at 128 tokens; right answers have up to 3,346 characters. See *longest_answer_words* above | no RAG answer can contain a long right answer; SFT may write more |
# | prompts | *prompt_words* above; the instructions differ, too | better search, or more text? |
# | questions | 32, from one list, about one contract | nothing follows for another contract |
#
# ## Check 3 · Is the difference larger than its error?
#
# Both systems of a pair answered the same questions, so look at the difference **on each question**, and at the mean of these 32 differences. Its **95 % confidence interval** is the range in which the true mean probably lies: the method that makes it is right in 95 of 100 studies.
# For example, +8 points [-2, 18] means: perhaps a loss of 2, perhaps a gain of 18. (A *point* is 0.01.)
#
# The two systems of a pair share their questions, so their scores often move together: a hard question is hard for both. The **correlation** says how much: 1 is fully, 0 is not at all. Pairing removes what they share. Compare the interval and the correlation of the first row with those of the fifth.

# %%
from llm_workbook.labs.lab_3_1.study import all_looks, cosine_table

cosine = scores["cosine_similarity"]
difference = 100 * (cosine["both"] - cosine["naive_rag"])  # in points, one for each question
print("both - naive_rag, first questions:", *difference.round(1).head(6), f"... mean {difference.mean():.1f}")
looks = all_looks(scores)  # 6 pairs x 3 scores, each with its interval
cosine_table(scores, looks)

# %% [markdown]
# One interval does not contain 0. It belongs to the pair with two rulers, so it is no evidence for fine-tuning. But suppose for a moment that the ruler were the same.
#
# ## Check 4 · How many looks?
#
# You need three terms. The **p value** of a difference answers: if the two systems were equally good, how often would chance alone make a difference at least this large? For example, p = 0.03: in 3 of 100 such studies.
# A **family of comparisons** is all that you look at before you choose what to report. (It has nothing to do with families of contracts.) Here it has 18 members. 15 compare what the notebooks compare; the 3 of `sft_paraphrased` are our own pairing, both systems on reworded questions.
# **Holm's method** corrects the p values of a family: the smallest of m is multiplied by m, the next by m - 1, and so on. A corrected value is never smaller than the one before it, and never above 1. For example, 0.01, 0.03 and 0.04 become 0.03, 0.06 and 0.06.
# What stays below 0.05 counts. With this rule, the chance of one or more false discoveries in the whole family is at most 5 % (Holm 1979).


# %% tags=["taught"]
def holm_by_hand(p_values: Mapping[str, float]) -> dict[str, float]:
    """Corrected p values by name (Holm 1979); an empty family gives an empty result.

    Taught in: lab 3.1.

    >>> corrected = holm_by_hand({"a": 0.04, "b": 0.01, "c": 0.03})
    >>> sorted((name, round(p, 3)) for name, p in corrected.items())
    [('a', 0.06), ('b', 0.03), ('c', 0.06)]
    """
    corrected, largest = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = max(largest, (len(p_values) - place) * p_values[name])
        corrected[name] = min(1.0, largest)
    return corrected


# %% [markdown]
# In the figure, a ring is a p value that was tested alone, and a dot is the same one after the correction. Look for a dot to the left of the dashed line.

# %%
import numpy as np

from llm_workbook.labs.lab_3_1 import figures

p_values = {" · ".join(look): verdict.p for look, verdict in looks.items()}
corrected = holm_by_hand(p_values)
before, after = (sum(p < 0.05 for p in values.values()) for values in (p_values, corrected))
measured = f"{before} of {len(p_values)} are below 0.05 alone, {after} after the correction"
lab.reveal("real", measured=measured, answer=counts[int(np.searchsorted([0, 3, 9], after))])
figures.p_values(p_values, corrected, f"{after} of {len(p_values)} differences are more than chance")

# %% [markdown]
# That does not say that the techniques do nothing. It says that these data cannot tell.
#
# ### The looks are not independent
#
# If the 18 looks were independent, chance alone would make one or more of them "significant" in $1 - 0.95^{18}$ = 60 % of studies without any true difference. But they share everything: the same 32 questions, the same answers scored three times, the same naive RAG in 15 of 18.
# So measure it. If no system were better, each difference could as well have the opposite sign. Flip the signs at random, the same way for all 18 looks at a question, and count how often something is "found". Do this 2,000 times.

# %%
from scipy.stats import ttest_1samp

from llm_workbook.labs.lab_3_1.study import differences

flips = np.random.default_rng(SEED).choice([-1, 1], size=(2000, 32, 1))
p_by_chance = ttest_1samp(flips * differences(scores), 0, axis=1).pvalue  # 2,000 studies x 18 looks
false_alarm = float((p_by_chance.min(axis=1) < 0.05).mean())
as_many_as = np.log(1 - false_alarm) / np.log(0.95)
print(f"A false alarm in {false_alarm:.0%} of studies: 18 looks count like {as_many_as:.0f} independent ones.")
as_small = float((p_by_chance.min(axis=1) <= min(p_values.values())).mean())
print(
    f"The smallest p: {min(p_values.values()):.3f}, with Holm {min(corrected.values()):.2f}, by flips {as_small:.2f}."
)

# %% [markdown]
# Holm's method is valid for any dependence. It is a little too careful here; the conclusion is the same both ways.
#
# ## Check 5 · Is it larger than the distance of a system from itself?
#
# Run the same system twice: the difference of the two runs should be zero, and it seldom is. The authors' repositories contain one **verified repeat** of naive RAG: all 32 prompts are the same, the temperature is 0, and still only 14 of the 32 answers are the same.
# (There are more runs of naive RAG, but of other versions of the code. They are no repeats, so we leave them out.) Which gains are smaller than the distance between the two runs?

# %%
from llm_workbook.labs.lab_3_1.study import ADVANCED, two_runs_apart

apart = two_runs_apart(scores)
print("Two runs of naive RAG:", *(f"{points:.1f} points of {metric}" for metric, points in apart.items()), sep="\n  ")
of_rag = {look: verdict.difference for look, verdict in looks.items() if look[0] in ADVANCED}
smaller = [look for look, gain in of_rag.items() if abs(gain) <= apart[look[1]]]
print(f"Not larger: {len(smaller)} of {len(of_rag)} differences", *map(" · ".join, smaller), sep="\n  ")

# %% [markdown]
# Run your baseline twice. Do not report a gain that is smaller than the distance between the two runs.
#
# ## Check 6 · Who has seen the answers?
#
# A **leak** is test material in the training data. SFT was trained on these 32 questions with their answers, without the contract. The study's second test set rewords the questions, but its 32 right answers are the same. So the model can answer from memory, while RAG reads.
#
# How much is such a leak worth? Train something and measure. First a tool that **finds** leaks: the share of words that two questions have in common.


# %% tags=["taught"]
@cache
def words_of(text: str) -> frozenset[str]:
    """The words of a text, without capitals, commas and question marks. Taught in: lab 3.1."""
    return frozenset(text.lower().replace("?", " ").replace(",", " ").split())


def word_overlap(a: str, b: str) -> float:
    """Shared words of two texts over all their words (Jaccard), 0 to 1. Taught in: lab 3.1."""
    return len(words_of(a) & words_of(b)) / max(1, len(words_of(a) | words_of(b)))


# %% [markdown]
# Our own contracts have facts that several questions ask for, in different words. One wording of each goes into the *leaky* training set, the others are the test. The *clean* training set has only questions about other families of contracts. Four more families are in neither.
# Look at what each test question finds in the two training sets: how near is its nearest question, and is its contract family there at all?

# %%
from llm_workbook.corpus.load import load_questions
from llm_workbook.labs.lab_3_1.closed_book import near_copies, split_by_family, take_exams, two_wordings

first, test = two_wordings(load_questions("authored", "test"))
known = load_questions("authored", "train") + load_questions("authored", "dev")
clean, others = split_by_family(known, count=5)
training = {"clean": clean, "leaky": clean + first}
print(f"Trained on: {first[0].question}\nTested on:  {test[0].question}\nAnswer:     {test[0].answers[0]}")
times = ["about as many as before", "up to three times as many", "more than three times as many"]
lab.predict("leak", "After the leaky training: how many of the reworded questions will be right?", times)
near_copies(training, test, word_overlap)

# %% [markdown]
# The family finds this leak for certain; the overlap of words only hints at it.
#
# Now the training. Like SFT in the study, the learner sees no contract. It is one layer of weights, from the words of a question to one of the answers of its training (`learn` in `llm_workbook/labs/lab_3_1/closed_book.py`). Both versions answer the test questions, and questions about the four families that
# **neither** has seen. Look at both columns.

# %%
import pandas as pd

marks = take_exams(training, {"test": test, "other families": others}, SEED)
right = pd.Series({key: 100 * table["correct"].mean() for key, table in marks.items()})
worth = run.compare(marks["leaky", "test"], marks["clean", "test"], name_a="leaky", name_b="clean")
ratio = right["leaky", "test"] / max(right["clean", "test"], 1)
lab.reveal("leak", measured=worth, answer=times[int(np.searchsorted([1.5, 3], ratio))])
elsewhere = (marks[name, "other families"] for name in ("leaky", "clean"))
print(run.compare(*elsewhere, name_a="On other families: leaky", name_b="clean"))
right.unstack().round(1).rename_axis("% right, trained on")

# %% [markdown]
# On the test the leak looks like skill. On families that nobody trained on, it gives no gain that we could see, and users bring such contracts. So **split by family**, never by question, and look for known families and near copies before you train.
#
# ## Check 7 · Could the study have seen it?
#
# **Power** is the chance that a study finds a true difference (p < 0.05). For example, a power of 80 %: 4 of 5 such studies find it. Take answers that are right or wrong. What counts are the questions on which exactly **one** of the two systems is right; their share is the *discordance*.
# McNemar's exact test asks whether these questions favour one system more than coin tosses would. So the power can be computed exactly: go through every possible number of discordant questions, and add up the chance that the test says yes.
#
# What is the chance that 32 questions show a true difference of 5 points, when 20 % are discordant? The dotted line is the usual approximation; it promises too much for few questions.

# %%
from scipy.stats import binom

from llm_workbook.show import widgets


def exact_power(n: int, effect: float, discordance: float) -> float:
    """Chance that McNemar's exact test finds a true `effect` with n independent questions; all three as shares."""
    if not 0 < discordance <= 1 or abs(effect) > discordance:
        raise ValueError(f"the discordance must be from |effect| = {abs(effect)} to 1, above 0, but is {discordance}")
    discordant = np.arange(n + 1)
    few = binom.ppf(0.025, discordant, 0.5) - 1  # so few wins, or so few losses, give p < 0.05
    wins = (1 + effect / discordance) / 2
    found = binom.cdf(few, discordant, wins) + binom.cdf(few, discordant, 1 - wins)
    return float(binom.pmf(discordant, n, discordance) @ found)


widgets.explore(
    lambda n, points: figures.power_curve(exact_power, n, points / 100, 0.20),
    n=[32, 96, 200, 600, 1500], points=[5, 10, 15, 20],
)  # fmt: skip

# %% [markdown]
# If a study would nearly always miss a difference, it cannot report that there is none. Move the sliders: which difference would 32 questions find in 4 of 5 studies?
#
# ### Questions of one family count for less
#
# The curve is for *independent* questions. Questions about one contract family succeed and fail together. The number `alike` says how much: 0 is independent, 1 is all right or all wrong together (the field calls it *intra-class correlation*).
# With m questions in each family, each question counts like $1 / (1 + (m - 1) \cdot \mathrm{alike})$ of an independent one. The divisor is the **design effect** (Kish 1965). For example, m = 32 and `alike` = 0.1: the divisor is 4.1, and 32 questions count like 8.
#
# ### Exercise 2 · Choose n and families
#
# *{{exercise_minutes}} · medium · unlocks the plan for your next benchmark*
#
# `power_at(n)` gives the power of n independent questions (n need not be whole). You draw families with `per_family` questions each. Return the smallest number of **families**, from 1 to `most`, that reaches the power `wanted`. Raise a ValueError when none does.


# %% tags=["taught", "exercise"]
def families_to_draw(
    power_at: Callable[[float], float], per_family: int, alike: float, wanted: float = 0.8, most: int = 1000
) -> int:
    """Smallest number of families, with `per_family` questions each, that has at least the power `wanted`.

    power_at: number of independent questions -> power, 0 to 1. alike: 0 to 1. Raises: ValueError when even `most`
    families are too few. Taught in: lab 3.1.

    >>> families_to_draw(lambda n: n / 100, per_family=1, alike=0.1), families_to_draw(lambda n: n / 100, 10, 0.1)
    (80, 16)
    """
    ### BEGIN SOLUTION
    design_effect = 1 + (per_family - 1) * alike
    for families in range(1, most + 1):
        if power_at(families * per_family / design_effect) >= wanted:
            return families
    raise ValueError(f"even {most} families do not reach a power of {wanted}: look for a larger effect")
    ### END SOLUTION


# %%
from llm_workbook.labs.lab_3_1.second_set import alikeness, read_second_set

families_to_draw = lab.use(2, families_to_draw)
# lab.hint(2)
# lab.solution(2)
ours = read_second_set()  # recorded answers of this workbook's own systems, the ladder of lab 0
alike = alikeness(ours["assistant"], ours["naive RAG"])
effective = 32 / (1 + 31 * alike)
print(f"alike = {alike:.3f} in our contracts. If it is so in the study, its 32 questions count like {effective:.0f}.\n")
for m in (1, 4, 12, 32):
    drawn = families_to_draw(lambda n: exact_power(int(n), 0.10, 0.20), m, alike)
    print(f"10 points: {m:>2} questions in each of {drawn:>3} families, {drawn * m:>3} questions")

# %% [markdown]
# Which row would you pay for? More questions about a family that you have are cheap, but each counts for less. A new family needs a new contract. With a **single** family, no number of questions says anything about other contracts.
#
# ## A harness that keeps its promises
#
# An audit needs every answer, not only means. A *harness* is the program that asks the systems and keeps what they say:
#
# ```
# questions ─► items ─► still_to_ask ─► system ─► store ─► score_rows ─► scores
#          (no answers)       ▲                     │
#                             └─────────────────────┘
#                     what has a row is not asked again
# ```
#
# It keeps three promises: nothing is asked twice, scores can be made again at any time, and two systems are never mixed up. For the last one, a **task** and a **system** are named by a hash of all their settings (`.id`, 12 characters). The store has one row for each answer, with the key `(task.id, system.spec.id, item.id, system.seed)`. An item that failed has a row, too, with the error in words.
#
# ### Exercise 3 · Still to ask
#
# *{{exercise_minutes}} · easy · unlocks the three live moments*
#
# `kept` maps such keys to rows. Return the items that have **no row yet**, in their order. A row with an error counts as a row: asking again is a decision, and it is not taken here.


# %% tags=["taught", "exercise"]
def still_to_ask(task: Spec, items: Sequence[Item], system: System, kept: Mapping[tuple, Row]) -> list[Item]:
    """The items without a row. kept: rows by (task id, system id, item id, seed). Taught in: lab 3.1."""
    ### BEGIN SOLUTION
    return [item for item in items if (task.id, system.spec.id, item.id, system.seed) not in kept]
    ### END SOLUTION


# %%
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import evidence_of

still_to_ask = lab.use(3, still_to_ask)
# lab.hint(3)
# lab.solution(3)
sample = [question for question in run.questions() if question.answerable][: min(8, MAX_ITEMS or 8)]
items = [Item(question.id, question.question) for question in sample]
task = specify("a few questions", corpus=run.settings.corpus, ids=[item.id for item in items])
prompt = conversation(["{clauses}"], "{question}")
spec = specify("reader", model=run.settings.model_name, prompt=prompt, max_new_tokens=32)
clauses = {question.id: [text for _, text in evidence_of(question, run.contracts)] for question in sample}
print(f"{len(items)} items. The first, as a system sees it:\n{items[0]}\nThe spec of the reader has the id {spec.id}.")

# %% [markdown]
# The second cell of the harness makes scores from rows. It reads the stored answers, so it needs no model. An answer that failed scores 0.


# %% tags=["taught"]
def score_rows(rows: Sequence[Row], questions: Sequence[Any], score: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Scores of stored answers, one row for each question, with input_tokens, output_tokens, seconds and error.

    score: (questions, texts, contexts) -> a table with one row each. Taught in: lab 3.1.
    """
    answers = [row.answer or Answer("") for row in rows]
    table = score(questions, [answer.text for answer in answers], [answer.contexts for answer in answers])
    failed = pd.Series([bool(row.error) for row in rows], index=table.index)
    measured = table.select_dtypes("float").columns
    table[measured] = table[measured].mask(failed, 0.0)
    tokens = {name: [getattr(answer, name) for answer in answers] for name in ("input_tokens", "output_tokens")}
    return table.assign(
        **tokens, seconds=[sum(answer.seconds.values()) for answer in answers], error=[row.error for row in rows]
    )


# %% [markdown]
# The rest is plumbing (`llm_workbook/benchmark/harness.py`): `run_benchmark` asks and writes, `score_stored` reads and scores. (They use the package's copies of the two functions.) The system is our trained reader, shown the right clauses.
#
# **Live moment 1: stop and resume.** The function below interrupts itself before the third batch, as the Stop button does. Then the same line runs again. How many questions does the model see in all?

# %%
from llm_workbook.benchmark.harness import FunctionSystem, answer_of, read_rows, run_benchmark, score_stored

reader, asked, stop = run.reader(), [], iter([False, False, True])


def read(batch: Sequence[Item]) -> list[Answer]:
    """The answers of the reader, which is shown the right clauses."""
    if next(stop, False):
        raise KeyboardInterrupt
    asked.extend(item.id for item in batch)
    return [answer_of(reply, [], 0) for reply in reader.batch([conversation(clauses[i.id], i.question) for i in batch])]


system, store = FunctionSystem(spec, read), run.settings.results_dir / "store" / "3.1.jsonl"
store.unlink(missing_ok=True)  # so that you can run this cell again
try:
    run_benchmark(task, items, system, store, batch_size=2)
except KeyboardInterrupt:
    print(f"Stopped. The store has {len(read_rows(store))} of {len(items)} rows.")
print(run_benchmark(task, items, system, store, batch_size=2), f"\nThe model saw {len(asked)} questions.")

# %% [markdown]
# **Live moment 2: score again without generating.** Two rulers measure the same stored answers: is the right *value* given (our rule)? Which share of the right answer's *words* is given (recall, as in the study)? Beside the reader stands a system without a model: it copies the whole clause. Who wins?


# %%
from llm_workbook.measure.answers import score_answers


def word_recall(questions: Sequence[Any], texts: Sequence[str], contexts: Sequence[Any]) -> pd.DataFrame:
    """Share of the words of the right answer that the text contains."""
    pairs = [(words_of(q.answers[0]), words_of(text.strip("."))) for q, text in zip(questions, texts, strict=True)]
    return pd.DataFrame({"recall": [len(right & said) / len(right) for right, said in pairs]})


copier = FunctionSystem(specify("copier"), lambda batch: [Answer(" ".join(clauses[item.id])) for item in batch])
run_benchmark(task, items, copier, store)
both = {"reader": system, "copier": copier}
value = {name: score_stored(store, task, one, sample, score_answers)["correct"].mean() for name, one in both.items()}
recall = {name: score_stored(store, task, one, sample, word_recall)["recall"].mean() for name, one in both.items()}
rulers = pd.DataFrame({"right value": value, "word recall": recall}).round(2)
print(f"The model still has seen {len(asked)} questions. First in each column:", rulers.idxmax().to_dict())
rulers

# %% [markdown]
# With recall, extra words cost nothing, so a system that only copies can win. You found that out without asking again, because the answers are stored.
#
# **Live moment 3: one changed word changes the id.** Change one word of the prompt, and nothing in the store counts for the new system. Nobody can mix up the two.

# %%
one_word = [turn | {"content": turn["content"].replace("few", "two")} for turn in prompt]
changed = specify("reader", model=run.settings.model_name, prompt=one_word, max_new_tokens=32)
for name, one in {"as it was": spec, "few -> two": changed}.items():
    missing = still_to_ask(task, items, FunctionSystem(one, read), read_rows(store))
    print(f"{name}: id {one.id}, {len(missing)} of {len(items)} items still to ask")

# %% [markdown]
# ## The report card of the study
#
# Seven checks, one line each, from the numbers that you computed. The card is also saved as a page in your results folder. Use its lines for the next comparison that somebody shows you.

# %%
from llm_workbook.labs.lab_3_1.card import Finding, ReportCard
from llm_workbook.labs.lab_3_1.study import SOURCE

least, smallest = min(p_values, key=lambda name: p_values[name]), min(corrected.values())
seen = f"5 points: in {exact_power(32, 0.05, 0.20):.1%} of studies; 32 questions count like {effective:.0f}"
findings = [
    Finding("1 Names belong to numbers", f"{len(swaps)} of 2 series in the chart carry the other's scores", "no"),
    Finding("2 One ruler, one difference", "two cosine scales, recall only, prompt debris, a cut at 128 tokens", "no"),
    Finding("3 Larger than its error", f"{before} of {len(looks)}: {least}, which has two rulers", "partly"),
    Finding("4 Survives all looks", f"{after} of {len(looks)}; smallest p {smallest:.2f} with Holm", "no"),
    Finding("5 Larger than a repeat", f"{len(smaller)} of {len(of_rag)} RAG differences are not", "partly"),
    Finding("6 Nobody saw the answers", f"SFT did; in our trial a leak gave {worth.difference:+.0f} points", "no"),
    Finding("7 Could have seen it", seen, "no"),
]
decision = "These data cannot tell RAG from SFT. Ask again: one ruler, a baseline run twice, many families."
card = ReportCard("RAG or SFT? 32 questions, one contract", SOURCE, findings, decision)
print("Saved:", card.save(run.settings.results_dir / "3.1_report_card.html").name)
card

# %% [markdown]
# ## Your own audit
#
# Now a second set, without help: **our own** scores. `ours` holds the recorded answers behind the ladder of lab 0, one table for each system (`question_id`, `family`, `correct` ...): `guess` (reads nothing), `naive RAG`, `header` (clauses with a header, untuned model), `trained reader`,
# `assistant` (trained reader and trained encoder), `right clause` (the trained reader with the right clause among others).
#
# | | claim |
# |---|---|
# | 1 | A header on each clause makes naive RAG better (`header` against `naive RAG`). |
# | 2 | Training the reader makes it better again (`trained reader` against `header`). |
# | 3 | Training the encoder makes it better once more (`assistant` against `trained reader`). |
# | 4 | The assistant is as good as with the right clause in front of it (`assistant` against `right clause`; "as good" means within 5 points). |
# | 5 | Train the reader once more, with another seed, and it gains about as much. |
#
# Write `"shown"` or `"not shown"` for each. The four comparisons of claims 1 to 4 are one family. `run.compare(ours["header"], ours["naive RAG"])` gives a verdict with `.difference`, `.low`, `.high` and `.p`; `holm_by_hand` corrects. For claim 5, look for a column `seed`.

# %%
from llm_workbook.labs.lab_3_1.second_set import audited
from llm_workbook.show.text import show

my_verdicts = {1: "", 2: "", 3: "", 4: "", 5: ""}
### BEGIN SOLUTION
claimed = {1: ("header", "naive RAG"), 2: ("trained reader", "header"), 3: ("assistant", "trained reader")}
claimed[4] = ("assistant", "right clause")
found = {number: run.compare(ours[new], ours[old], name_a=new, name_b=old) for number, (new, old) in claimed.items()}
p_of = holm_by_hand({number: verdict.p for number, verdict in found.items()})
for number in (1, 2, 3):
    my_verdicts[number] = "shown" if p_of[number] < 0.05 and found[number].difference > 0 else "not shown"
my_verdicts[4] = "shown" if found[4].low > -5 and found[4].high < 5 else "not shown"
my_verdicts[5] = "shown" if ours["trained reader"]["seed"].nunique() > 1 else "not shown"
### END SOLUTION
show(lab.progress())
audited(ours, my_verdicts)

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here |
# |---|---|---|
# | many comparisons | the package `ranx` offers Tukey's HSD test for several systems | Holm over a declared family |
# | error bars with clusters | up to three times wider than without (Miller 2024, arXiv:2411.00640) | the design effect of exercise 2; an interval widens by its square root |
# | power | for several tasks of the benchmark GLUE, the test sets are too small to compare the best models (Card et al. 2020, arXiv:2010.06595) | the exact power of check 7 |
#
# ## What to take home
#
# **Rule.** Believe a comparison when it shows: one table, one ruler, pairs with an interval, all looks corrected, a repeated baseline, a split by family, and enough families to see the effect. **It prevents** decisions made on noise, on a bug, or on memory. **It costs** a store with every answer, and the courage to
# write *cannot tell*.
#
# An audit of any file of scores (columns `question`, `system`, `score`) with plain pandas, scipy and statsmodels:
#
# ```python
# import itertools
#
# import pandas as pd
# from scipy.stats import ttest_1samp
# from statsmodels.stats.multitest import multipletests
#
# scores = pd.read_csv("scores.csv").pivot(index="question", columns="system", values="score").dropna()
# rows = []
# for old, new in itertools.combinations(scores.columns, 2):
#     test = ttest_1samp(scores[new] - scores[old], 0)
#     low, high = test.confidence_interval(0.95)
#     rows.append((new, old, (scores[new] - scores[old]).mean(), low, high, test.pvalue))
# table = pd.DataFrame(rows, columns=["new", "old", "difference", "low", "high", "p"])
# table["p_holm"] = multipletests(table["p"], method="holm")[1]
# print(f"{len(scores)} questions, {len(table)} comparisons")
# print(table.round(3).to_string(index=False))
# ```
#
# **Next:** lab 3.3 puts retrieval, fine-tuning and both through this harness.
