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
#
# The names: `both` combines hypothetical questions and query decomposition, two techniques of RAG (you need not know them). `sft_seen_questions` answers the questions of its own training. `sft_paraphrased` and `naive_rag_paraphrased` answer these questions in other words.
# We compare 6 pairs: five systems (`sentence_window` to `sft_seen_questions`) with naive RAG, and SFT with naive RAG on the reworded questions. With 3 scores that makes 18 differences.
#
# Look at the means. Which system would you choose?

# %%
from llm_workbook.labs.lab_3_1.study import CHOICES, mean_scores, read_scores

scores = read_scores()  # a row for each question, a column for each metric and system
lab.predict("real", "For how many of the 18 differences can we exclude chance?", CHOICES)
mean_scores()

# %% [markdown]
# ## Check 1 · Do the names belong to the numbers?
#
# The last notebook computes the means of two systems, then draws them in a chart and prints a table under the chart. `printed` is the table under the chart. `stored` has the computed means: those of SFT from the file of scores, those of RAG as the notebook computes them. Do they agree?

# %%
import pandas as pd

from llm_workbook.labs.lab_3_1.study import METRICS, UNDER_THE_CHART, computed_means

printed = pd.DataFrame(UNDER_THE_CHART, index=METRICS)
stored = pd.DataFrame(computed_means(scores), index=METRICS)
pd.concat({"printed": printed, "stored": stored}, axis=1).round(3)

# %% [markdown]
# ### Exercise 1 · Find the swap
#
# *{{exercise_minutes}} · easy · unlocks the first line of the report card*
#
# Let the computer find such errors, in tables of any size. `printed` and `stored` map a label to its scores, in the same order. For each printed label, find the stored label whose scores are **nearest**: the smallest sum of absolute differences. Return only the labels that
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
find_swaps = lab.use(1, find_swaps)
# lab.hint(1)
# lab.solution(1)
swaps = find_swaps(UNDER_THE_CHART, computed_means(scores))
pd.Series(swaps, name="has the scores of").rename_axis("under the chart").to_frame()

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
# | pieces of the prompt | 25 of the 32 answers of naive RAG contain marks of the chat template such as `[INST]`; the code of the other RAG systems removes them | naive RAG loses points for a bug; how many is not known |
# | length | RAG answers are cut at 128 tokens; the longest right answer has 3,346 characters. See *longest_answer_words* above | RAG cannot give the longest right answer (our file does not say how many others are too long); SFT may write more |
# | prompts | *prompt_words* above; the instructions differ, too | better search, or more text? |
# | questions | 32, from one list, about one contract | nothing follows for another contract |
#
# ## Check 3 · Is the difference larger than its error?
#
# Both systems of a pair answered the same questions, so look at the difference **on each question**, and at the mean of these 32 differences. The **95 % confidence interval** of this mean is a range. The true mean is probably in this range. In 95 of 100 studies, this method gives a range that contains it.
# For example, +8 points [-2, 18] means: perhaps a loss of 2, perhaps a gain of 18. (A *point* is 0.01.)
#
# The two systems of a pair share their questions, so their scores often move together: a hard question is hard for both. The **correlation** says how much. 1: they move together. 0: no relation. Pairing removes what they share. Compare two rows of the second table, `sentence_window` and `sft_seen_questions`: where is the correlation higher, and where is the interval narrower?

# %%
from llm_workbook.labs.lab_3_1.study import all_comparisons, cosine_table
from llm_workbook.show.text import show

cosine = scores["cosine_similarity"][["both", "naive_rag"]]
show(cosine.assign(points=100 * (cosine["both"] - cosine["naive_rag"])).round(2).head(3))  # three of the 32 questions
comparisons = all_comparisons(scores)  # 6 pairs x 3 scores, each with its interval
table = cosine_table(scores, comparisons)
show(table)
for name in ("sentence_window", "sft_seen_questions"):
    row = table.loc[name]
    print(f"{name}: correlation {row['correlation']:.2f}, interval {row['high'] - row['low']:.0f} points wide")
without_zero = sum(verdict.low > 0 or verdict.high < 0 for verdict in comparisons.values())
print(f"Intervals without 0, among all 18 comparisons: {without_zero}")

# %% [markdown]
# The interval without 0 belongs to the pair with two rulers, so it is no evidence for fine-tuning. But suppose for a moment that the ruler were the same.
#
# ## Check 4 · How many comparisons?
#
# The **p value** of a difference answers: if the two systems were equally good, how often would chance alone make a difference at least this large? For example, p = 0.03: in 3 of 100 such studies. Our p values come from the paired t test, which tests whether the mean of the 32 differences can be 0.
#
# The field calls all that you compare before you choose what to report a **family of comparisons**; below we say *set of comparisons*, because a *family* is also a group of contracts. Here the set has 18 members. 15 compare what the notebooks compare; the 3 of `sft_paraphrased` are our own pairing.
#
# **Holm's method** corrects the p values of a set. There are m p values. Multiply the smallest by m, the next by m - 1, and so on. A corrected value is never smaller than the one before it, and never above 1. For example, 0.01, 0.03 and 0.04 become 0.03, 0.06 and 0.06.
# If the corrected p value is below 0.05, we accept the difference. With this rule, the chance of one or more false discoveries in the whole set is at most 5 % (Holm 1979).


# %% tags=["taught"]
def holm_by_hand(p_values: Mapping[str, float]) -> dict[str, float]:
    """Corrected p values by name (Holm 1979); no p values give an empty result.

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
# In the figure, a ring is a p value that was tested alone, and a dot is the same one after the correction. Look for a dot to the left of the dashed line (p = 0.05).
#
# The sentence above the figure is about chance. If 18 comparisons without any true difference were independent, one or more would have p < 0.05 in $1 - 0.95^{18}$ = 60 % of studies. But ours share everything: the same 32 questions, the same answers scored three times, the same naive RAG in 15 of 18.
# So we measured it: make all differences of a question positive or negative at random, as if no system were better, and count in how many of 2,000 such studies one or more p values are below 0.05.

# %%
from llm_workbook.labs.lab_3_1 import figures
from llm_workbook.labs.lab_3_1.study import choice_of, false_alarms

p_values = {f"{system}, {metric}": verdict.p for (system, metric), verdict in comparisons.items()}
corrected = holm_by_hand(p_values)
before = sum(p < 0.05 for p in p_values.values())
after = sum(p < 0.05 for p in corrected.values())
measured = f"p is below 0.05 for {before} of {len(p_values)} differences alone, for {after} after the correction"
lab.reveal("real", measured=measured, answer=choice_of(after))
print(f"By chance alone, one or more p values are below 0.05 in {false_alarms(scores, SEED):.0%} of studies.")
figures.p_values(
    p_values, corrected, f"After the correction, chance is excluded for {after} of {len(p_values)} differences"
)

# %% [markdown]
# That does not say that the techniques do nothing. It says that these data cannot tell. (Holm's method is valid however the comparisons depend on each other. It is a little too careful here.)
#
# ## Check 5 · Is it larger than the difference between two runs of one system?
#
# Run the same system twice: the difference of the two runs should be zero, and it seldom is. The authors' repositories contain one **verified repeat** of naive RAG: all 32 prompts are the same, the temperature is 0, and still only 14 of the 32 answers are the same.
# (There are more runs of naive RAG, but of other versions of the code. They are no repeats, so we leave them out.) Which differences to naive RAG are not larger than the difference between its two runs?

# %%
from llm_workbook.labs.lab_3_1.study import beside_two_runs

of_rag = beside_two_runs(scores, comparisons)  # in points
smaller = int((~of_rag["larger"]).sum())
print(f"Not larger than the difference between two runs: {smaller} of {len(of_rag)} differences")
of_rag.round(1)

# %% [markdown]
# Run your baseline twice. Do not report a difference that is smaller than the difference between the two runs.
#
# ## Check 6 · Who has seen the answers?
#
# A **leak** is test material in the training data. SFT was trained on these 32 questions with their answers, without the contract. The study's second test set rewords the questions, but its 32 right answers are the same. So the model can answer from memory, while RAG reads.
#
# How much is such a leak worth? Train something and measure. First a tool that helps to **find** leaks: the share of words that two questions have in common.


# %% tags=["taught"]
@cache
def words_of(text: str) -> frozenset[str]:
    """The words of a text, without capitals, commas and question marks. Taught in: lab 3.1."""
    return frozenset(text.lower().replace("?", " ").replace(",", " ").split())


def word_overlap(a: str, b: str) -> float:
    """Shared words of two texts over all their words (Jaccard), 0 to 1. Taught in: lab 3.1."""
    return len(words_of(a) & words_of(b)) / max(1, len(words_of(a) | words_of(b)))


# %% [markdown]
# Our own contracts have facts that several questions ask for, in different words. One wording of each goes into the *leaky* training set, the others are the test. The *clean* training set has only questions about other families of contracts. Four more families are in neither set.
# For each test question, find the nearest training question in the clean and in the leaky set: how many words do they share, and is the contract family of the test question there at all?

# %%
from llm_workbook.corpus.load import load_questions
from llm_workbook.labs.lab_3_1.closed_book import TIMES, near_copies, split_by_family, two_wordings

first, test = two_wordings(load_questions("authored", "test"))  # first: the wordings that leak
known = load_questions("authored", "train") + load_questions("authored", "dev")
clean, others = split_by_family(known, first_families=5)  # questions about 5 families, and about the other families
training = {"clean": clean, "leaky": clean + first}
print(f"Trained on: {first[0].question}\nTested on:  {test[0].question}\nAnswer:     {test[0].answers[0]}")
print("Training questions:", {name: len(questions) for name, questions in training.items()})
lab.predict("leak", "After the leaky training: how many of the reworded questions will be right?", TIMES)
near_copies(training, test, word_overlap)

# %% [markdown]
# Shared words only hint at a leak. The column *family known* shows it: the families of the test are in one set and not in the other.
#
# Now the training. Like SFT in the study, the learner sees no contract. It is one layer of weights, from the words of a question to one of the answers of its training (`learn` in `llm_workbook/labs/lab_3_1/closed_book.py`). The leaky set also has a few more questions than the clean one. The column *other families* is the control: questions about the four
# families that **neither** learner has seen. If only the number of questions mattered, the leak would help there, too. Compare within a column; the two columns have different questions.

# %%
from llm_workbook.labs.lab_3_1.closed_book import percent_right, take_exams, times_as_many

marks = take_exams(training, {"test": test, "other families": others}, SEED)
leaky, clean_test = marks["leaky", "test"], marks["clean", "test"]
worth = run.compare(leaky, clean_test, name_a="leaky", name_b="clean")
lab.reveal("leak", measured=worth, answer=times_as_many(leaky, clean_test))
control_leaky, control_clean = marks["leaky", "other families"], marks["clean", "other families"]
print(run.compare(control_leaky, control_clean, name_a="On other families: leaky", name_b="clean"))
percent_right(marks)

# %% [markdown]
# On the test the leak looks like skill. On families that nobody trained on, it gives no gain that we could see, and users bring such contracts. So **split by family**, never by question, and look for known families and near copies before you train.
#
# ## Check 7 · Could the study have seen it?
#
# **Power** is the chance that a study finds a true difference (p < 0.05). For example, a power of 80 %: 4 of 5 such studies find it.
#
# The study's scores run from 0 to 1. Power is easier to compute for answers that are right or wrong, so we take them as a stand-in. What counts are the questions on which exactly **one** of the two systems is right; their share is the *discordance*. The effect (5 points) and the discordance (20 %) are assumed: nobody knows them before a study.
# McNemar's test uses only these questions. It asks: does one system win more than half of them? Its power is exact: for every possible number of discordant questions, take the chance of this number times the chance that p is below 0.05 with it, and add all up (`exact_power`).
#
# What is the chance that 32 questions find a true difference of 5 points? The dotted line is the usual approximation; it promises too much for few questions. Then move the sliders: how many questions find **10 points** in 4 of 5 studies, when 20 % of the questions are discordant? And when 40 % are?

# %%
from llm_workbook.labs.lab_3_1.power import exact_power
from llm_workbook.show import widgets

found, false, largest = (exact_power(32, effect, 0.20) for effect in (0.05, 0, 0.20))
print(f"32 questions find 5 points in {found:.1%} of studies. No difference at all: a false alarm in {false:.1%}.")
print(f"20 points, the largest difference that a discordance of 20 % allows: found in {largest:.0%} of studies.")
widgets.explore(
    lambda n, points, discordant: figures.power_curve(exact_power, n, points / 100, discordant / 100),
    n=[32, 64, 96, 150, 200, 300, 400, 600, 1500], points=[5, 10, 15, 20], discordant=[20, 30, 40],
)  # fmt: skip

# %% [markdown]
# A power below 5 % is no bug: with so few questions the exact test is careful, and its false alarms are rarer still (the first line above). With a discordance of 20 %, 32 questions can never find a difference in 4 of 5 studies, not even the largest possible one (the second line).
# If a study would nearly always miss a difference, it cannot report that there is none.
#
# ### Questions of one family count for less
#
# The curve is for *independent* questions. Questions about one contract family succeed and fail together. The number `alike` is about the differences between two systems: how much more alike are they within a family than between families? 0: not more alike. 1: all questions of a family show the same difference. (The field calls it *intra-class correlation*.)
# With m questions in each family, each question counts like $1 / (1 + (m - 1) \cdot \mathrm{alike})$ of an independent one. The divisor is the **design effect** (Kish 1965). For example, m = 32 and `alike` = 0.1: the divisor is 4.1, and 32 questions count like 8.
#
# ### Exercise 2 · Choose n and families
#
# *{{exercise_minutes}} · medium · unlocks the plan for your next benchmark*
#
# `power_at(n)` gives the power of n independent questions. You draw families with `per_family` questions each. Return the smallest number of **families**, from 1 to `most`, that reaches the power `wanted`. Search upwards: exact power does not rise with every single n. Raise a ValueError when no number is enough.
#
# The cell after it makes plans that find 10 points in 4 of 5 studies, and prices them. We assume 200 USD for each contract family and 15 USD for each question with its answer; put in your own prices. Which row would you pay for?


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
ours = read_second_set()  # name -> the recorded answers of one of this workbook's systems
alike = alikeness(ours["assistant"], ours["naive RAG"])
effective = 32 / (1 + 31 * alike)
print(f"alike = {alike:.3f} in our contracts. If it is so in the study, its 32 questions count like {effective:.0f}.")
rows = []
for per_family in (1, 4, 12, 32):
    families = families_to_draw(lambda n: exact_power(int(n), 0.10, 0.20), per_family, alike)
    questions = families * per_family
    rows.append((per_family, families, questions, 200 * families + 15 * questions))
plans = pd.DataFrame(rows, columns=["questions per family", "families", "questions", "USD"])
cheapest = plans.loc[plans["USD"].idxmin()]
print(f"The cheapest plan: {cheapest['families']} families with {cheapest['questions per family']} questions each.")
plans

# %% [markdown]
# More questions about a family that you have are cheap, but each counts for less. A new family needs a new contract. With a **single** family, no number of questions says anything about other contracts.
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
# *{{exercise_minutes}} · easy · unlocks the counts in demonstration 1*
#
# `kept` maps such keys to rows. Return the items that have **no row yet**, in their order. A row with an error counts as a row: asking again is a decision, and it is not taken here.
#
# The cell after it makes the task and the spec of a system: our trained reader, shown the right clauses. `{clauses}` and `{question}` are the gaps of its prompt. A second spec has one word changed.


# %% tags=["taught", "exercise"]
def still_to_ask(task: Spec, items: Sequence[Item], system: System, kept: Mapping[tuple, Row]) -> list[Item]:
    """The items without a row. kept: rows by (task id, system id, item id, seed). Taught in: lab 3.1."""
    ### BEGIN SOLUTION
    return [item for item in items if (task.id, system.spec.id, item.id, system.seed) not in kept]
    ### END SOLUTION


# %%
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.labs.lab_3_1.demonstration import few_questions

still_to_ask = lab.use(3, still_to_ask)
# lab.hint(3)
# lab.solution(3)
sample, clauses = few_questions(run)  # questions; id -> the right clauses
items = [Item(question.id, question.question) for question in sample]
task = specify("a few questions", corpus=run.settings.corpus, ids=[item.id for item in items])
prompt = conversation(["{clauses}"], "{question}")
one_word = [turn | {"content": turn["content"].replace("copied", "taken")} for turn in prompt]
spec = specify("reader", model=run.settings.model_name, prompt=prompt, max_new_tokens=32)
changed = specify("reader", model=run.settings.model_name, prompt=one_word, max_new_tokens=32)
print(f"The first of {len(items)} items, as a system sees it:\n{items[0]}\n\nThe prompt begins: {prompt[0]['content']}")
print(f"With another word it begins: {one_word[0]['content']}\n\nThe ids of the two specs: {spec.id}, {changed.id}")

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
    return table.assign(
        input_tokens=[answer.input_tokens for answer in answers],
        output_tokens=[answer.output_tokens for answer in answers],
        seconds=[sum(answer.seconds.values()) for answer in answers],
        error=[row.error for row in rows],
    )


# %% [markdown]
# The rest of the harness is in `llm_workbook/benchmark/harness.py`: `run_benchmark` asks and writes, `score_stored` reads and scores. (They use the package's copies of the two functions.)
#
# **Demonstration 1: stop and resume.** The function `read` interrupts itself at its third batch, as the Stop button does. Then `run_benchmark` is called again in the same way. How many questions does the model see in all? And how many are still to ask when one word of the prompt is changed?

# %%
from itertools import count

from llm_workbook.benchmark.harness import FunctionSystem, answer_of, read_rows, run_benchmark

reader, asked, batch_number = run.reader(), [], count(1)


def read(batch: Sequence[Item]) -> list[Answer]:
    """The answers of the reader, which is shown the right clauses; interrupted at the third batch."""
    if next(batch_number) == 3:
        raise KeyboardInterrupt
    asked.extend(batch)
    replies = reader.batch([conversation(clauses[item.id], item.question) for item in batch])
    return [answer_of(reply, [], 0) for reply in replies]


system = FunctionSystem(spec, read)
store = run.settings.results_dir / "store" / "3.1.jsonl"
store.unlink(missing_ok=True)  # so that you can run this cell again
system.spec

# %% [markdown]
# This is what the id of the system is made of. Now the two calls: the first is interrupted, the second finishes. Your function `still_to_ask` counts.

# %%
try:
    run_benchmark(task, items, system, store, batch_size=2)
except KeyboardInterrupt:
    missing = still_to_ask(task, items, system, read_rows(store))
    print(f"Stopped. Still to ask: {len(missing)} of {len(items)} items.")
print(run_benchmark(task, items, system, store, batch_size=2))
print(f"The model saw {len(asked)} questions.")
missing = still_to_ask(task, items, FunctionSystem(changed, read), read_rows(store))
print(f"With one word of the prompt changed, still to ask: {len(missing)} of {len(items)} items.")

# %% [markdown]
# Nothing was asked twice, and nothing in the store counts for the changed prompt: nobody can mix up the two systems.
#
# **Demonstration 2: score again without generating.** Two rulers measure the same stored answers. *right value*: is the right value given (our rule)? *word recall*: which share of the right answer's words is given (as in the study)? A second system, `copier`, has no model. It copies the whole clause. Which system is first with each ruler?

# %%
from llm_workbook.benchmark.harness import score_stored
from llm_workbook.labs.lab_3_1.demonstration import word_recall
from llm_workbook.measure.answers import score_answers

copier = FunctionSystem(specify("copier"), lambda batch: [Answer(" ".join(clauses[item.id])) for item in batch])
run_benchmark(task, items, copier, store)
rulers = pd.DataFrame(index=["reader", "copier"], columns=["right value", "word recall"], dtype=float)
for name, answered in {"reader": system, "copier": copier}.items():
    rulers.loc[name, "right value"] = score_stored(store, task, answered, sample, score_answers)["correct"].mean()
    rulers.loc[name, "word recall"] = score_stored(store, task, answered, sample, word_recall)["recall"].mean()
print(f"The model still has seen {len(asked)} questions.")
for ruler, best in rulers.idxmax().items():
    print(f"First with the ruler {ruler!r}: {best}")
rulers.round(2)

# %% [markdown]
# With recall, extra words cost nothing, so a system that only copies can win. You found that out without asking again, because the answers are stored. So few questions show how rulers differ, not which system is better.
#
# ## The report card of the study
#
# Seven checks, one line each, from the numbers that you computed. The card is also saved as a page in your results folder. Use its lines for the next comparison that somebody shows you.

# %%
from llm_workbook.labs.lab_3_1.card import Finding, ReportCard
from llm_workbook.labs.lab_3_1.study import SOURCE

least, smallest = min(p_values, key=lambda name: p_values[name]), min(corrected.values())
leak = f"{worth.difference:+.0f} points [{worth.low:.0f}, {worth.high:.0f}]"
chance = f"in {exact_power(32, 0.05, 0.20):.1%} of studies; 32 questions count like {effective:.0f}"
findings = [
    Finding("1 Names belong to numbers", f"{len(swaps)} of 2 rows under the chart carry the other's scores", "no"),
    Finding("2 One ruler, one difference", "two cosine scales, recall only, pieces of the prompt, a cut", "no"),
    Finding("3 Larger than its error", f"{before} of {len(p_values)}: {least}, which has two rulers", "partly"),
    Finding("4 Survives the correction", f"{after} of {len(p_values)}; smallest p {smallest:.2f} with Holm", "no"),
    Finding("5 Larger than a repeat", f"{smaller} of {len(of_rag)} RAG differences are not", "partly"),
    Finding("6 Nobody saw the answers", f"SFT did; in our trial a leak gave {leak}", "no"),
    Finding("7 Could have seen it", f"5 points, 20 % discordant, right or wrong (assumed): {chance}", "no"),
]
decision = "These data cannot tell RAG from SFT. Ask again: one ruler, a baseline run twice, many families."
card = ReportCard("RAG or SFT? 32 questions, one contract", SOURCE, findings, decision)
print("Saved:", card.save(run.settings.results_dir / "3.1_report_card.html").name)
card

# %% [markdown]
# ## Your own audit
#
# *hard · not checked cell by cell · ends with a report card*
#
# Now a second set, without help: **our own** scores. `ours` holds the recorded answers of six of this workbook's systems (the ladder that lab 0 shows), one table for each. `guess` reads nothing. `naive RAG` searches chunks of the contracts. `header` searches clauses with a header; its reader is an untuned model, a language model as its makers published it.
# `trained reader` has the same search, and a reader trained on contracts. `assistant` has this reader and a trained encoder, the model that turns texts into vectors for the search. `right clause` is the trained reader with the right clause among others: no search can miss it.
#
# | | claim |
# |---|---|
# | 1 | A header on each clause makes naive RAG better (`header` against `naive RAG`). |
# | 2 | Training the reader makes it better again (`trained reader` against `header`). |
# | 3 | Training the encoder makes it better once more (`assistant` against `trained reader`). |
# | 4 | The assistant is as good as the trained reader with the right clause among others (`assistant` against `right clause`; "as good" means within 5 points). |
# | 5 | Train the reader once more, with another seed, and it gains about as much. |
#
# Write `"shown"` or `"not shown"` for each. `run.compare(ours["header"], ours["naive RAG"])` gives a verdict with `.difference`, `.low`, `.high` and `.p`. Its intervals and p values are over families (lab 1.1); Check 3 used questions, because the study has one contract.
#
# - **Claims 1 to 3** are one set of comparisons: correct their p values with `holm_by_hand`.
# - **Claim 4** is about equality, so it is not in this set. A large p value does not show that two systems are equally good: few questions give a large p value, too. "As good" is shown only when the whole interval lies between -5 and +5 points.
# - **Claim 5** needs several trainings. `ours["trained reader"]` has a column for each of three: `seed 1`, `seed 2` and `seed 3` (`correct` is their mean). "About as much" means: the gain of each training is at most 5 points from the mean of the three gains.
#
# Run the cell once before you write: it shows the first rows of one table.

# %%
from llm_workbook.labs.lab_3_1.second_set import audited

show(ours["assistant"].head(3))
my_verdicts = {1: "", 2: "", 3: "", 4: "", 5: ""}
### BEGIN SOLUTION
claimed = {1: ("header", "naive RAG"), 2: ("trained reader", "header"), 3: ("assistant", "trained reader")}
found = {number: run.compare(ours[new], ours[old]) for number, (new, old) in claimed.items()}
p_of = holm_by_hand({number: verdict.p for number, verdict in found.items()})
for number, verdict in found.items():
    my_verdicts[number] = "shown" if p_of[number] < 0.05 and verdict.difference > 0 else "not shown"
gap = run.compare(ours["assistant"], ours["right clause"])
my_verdicts[4] = "shown" if gap.low > -5 and gap.high < 5 else "not shown"
gains = 100 * (ours["trained reader"][["seed 1", "seed 2", "seed 3"]].mean() - ours["header"]["correct"].mean())
my_verdicts[5] = "shown" if abs(gains - gains.mean()).max() <= 5 else "not shown"
### END SOLUTION
show(lab.progress())
audited(ours, my_verdicts)

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here |
# |---|---|---|
# | many comparisons | the package `ranx` offers Tukey's HSD test for several systems | Holm over a declared set |
# | error bars with clusters | up to three times wider than without (Miller 2024, arXiv:2411.00640) | the design effect of exercise 2; an interval widens by its square root |
# | power | for several tasks of the benchmark GLUE, the test sets are too small to compare the best models (Card et al. 2020, arXiv:2010.06595) | the exact power of check 7 |
#
# ## What to take home
#
# **Rule.** Believe a comparison when it shows: one table, one ruler, pairs with an interval, all comparisons corrected, a repeated baseline, a split by family, and enough families to see the effect. **It prevents** decisions made on noise, on a bug, or on memory. **It costs** a store with every answer, and the courage to
# write *cannot tell*.
#
# An audit of any file of scores (columns `question`, `system`, `score`, perhaps `family`) with plain pandas, scipy and statsmodels:
#
# ```python
# import itertools
#
# import pandas as pd
# from scipy.stats import ttest_1samp
# from statsmodels.stats.multitest import multipletests
#
# rows = pd.read_csv("scores.csv")
# scores = rows.pivot(index="question", columns="system", values="score").fillna(0)  # a missing answer scores 0
# unit = "questions"
# if "family" in rows:  # questions of one family count together
#     family = rows.drop_duplicates("question").set_index("question")["family"]
#     scores, unit = scores.groupby(family).mean(), "families"
# found = []
# for old, new in itertools.combinations(scores.columns, 2):
#     test = ttest_1samp(scores[new] - scores[old], 0)
#     low, high = test.confidence_interval(0.95)
#     found.append((new, old, (scores[new] - scores[old]).mean(), low, high, test.pvalue))
# table = pd.DataFrame(found, columns=["new", "old", "difference", "low", "high", "p"])
# table["p_holm"] = multipletests(table["p"], method="holm")[1]
# print(f"{len(scores)} {unit}, {len(table)} comparisons")
# print(table.round(3).to_string(index=False))
# ```
#
# **Next:** lab 3.3 puts retrieval, fine-tuning and both through this harness.
