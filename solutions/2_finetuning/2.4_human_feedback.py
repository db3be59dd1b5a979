# %% [markdown]
# # 2.4 · Human feedback: which answer is better, and how far can you trust that?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | collect preference labels by keyboard, measure how far raters agree and what biases them, say how many labels you need and what they cost, and pick better answers with them |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 2.2 (how the reader was trained) and lab 1.5 (citations) |
#
# A reader (a model such as that of lab 2.2) that chooses its words at random gives another answer each time. Some of its answers are good. **Labels** say which. In this lab you label pairs of answers yourself, measure the labels as you would measure a model, and let them choose.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # the samples are recorded: another corpus changes nothing here

# %%
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from llm_workbook import Lab, start

run = start("2.4", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · Two answers to one question
#
# The workbook ships what a tuned reader said to questions about contracts: six **samples** for each, drawn at temperature 1, where each word is drawn with the probability that the model gives it. (They are recorded, whatever MODEL and CORPUS say, so this lab needs no model; the questions that the first line counts play no part.) Every second question is for labels; the others wait for the verdict in section 7.
#
# A **pair** is two different samples of one question. Which of these two is better?

# %%
from llm_workbook.feedback.raters import preferred
from llm_workbook.feedback.records import FIRST, SECOND, behaviour, load_asked, pairs_of
from llm_workbook.labs.lab_2_4 import selection

samples = load_asked()[:MAX_ITEMS]
asked = {one.id: one for one in samples}
to_label, for_verdict = selection.halves(samples)
pairs = pairs_of(to_label, most=3, seed=SEED)
example = next((pair for pair in pairs if preferred(asked[pair.asked], pair) in (FIRST, SECOND)), pairs[0])
one = asked[example.asked]
print(one.question, *one.clauses, f"A: {example.first}", f"B: {example.second}", sep="\n\n")
lab.predict("which", "Which answer is better?", ["A", "B", "neither"])

# %% [markdown]
# People care about more than one thing. Four of them can be checked by a program here, because the right answers of these contracts are known:
#
# - **right**: the answer gives the value that the clauses state.
# - **cites**: it names the heading of a clause that states it, such as `30 days [Payment]`. **miscites**: it names another heading.
# - **refused**: it says "not stated". That is right where no clause states the answer, and **needless** where one does.
# - **words**: its length, without the citation.

# %%
from dataclasses import asdict

better = {FIRST: "A", SECOND: "B"}.get(preferred(one, example), "neither")
lab.reveal("which", measured=f"by the guidelines of section 2, {better}", answer=better)
pd.DataFrame([asdict(behaviour(one, text)) for text in (example.first, example.second)], index=["A", "B"])

# %% [markdown]
# How much better could the answers get by choosing well? *First sample* takes what the reader said first. *Best possible* takes the best of the six; that takes somebody who knows the right answers, and where all six are wrong or refuse it cannot help. **Good** means right, or "not stated" where nothing is stated. In square brackets: the 95 % confidence interval, over families of contracts. *Cited* and *needless refusals* count the questions whose answer is stated, *right refusals* the others.

# %%
selection.board(
    {
        "first sample": selection.scores(to_label, selection.first_sample),
        "best possible": selection.scores(to_label, selection.best_possible),
    }
)

# %% [markdown]
# The difference between the rows is the most that labels can improve. Nobody knows the right answers of your own documents, so there somebody must look.
#
# ## 2 · The annotator
#
# Raters need **guidelines**: rules that say what is better, so that two people mean the same. Here are ours. Read the clauses each time: an answer that sounds right may be from another clause.
#
# 1. A right answer beats a wrong one.
# 2. Of two right ones, the one that names its clause wins, and one without a heading beats one with a wrong heading. Of two wrong ones, a wrong heading counts against an answer, too.
# 3. Where no clause states the answer, "not stated" is right.
# 4. Where one does, "not stated" is needless. It is still a little better than a wrong value: nobody will act on "not stated".
# 5. Length, capitals and full stops do not count. (Key 4 is there for those who prefer a length all the same.)
# 6. **Tie**: both are good, and equally so. **Both bad**: neither is good, and neither is better.
#
# There are 24 pairs and a few repeats, about nine minutes; ten labels are enough to go on. Click into the box and label with one key each: **A**, **B**, **T** (tie), **X** (both bad), **U** (undo). Before that, **1** to **4** may name the reason: wrong value, citation, needless refusal, length. The buttons do the same. (Press keys in the box only: elsewhere JupyterLab takes them for commands, and X cuts a cell.)
#
# Chance decides which answer is A, and you do not see which model wrote it (**blind**). The first of every six pairs comes again later with the sides swapped (a **hidden repeat**). The clock runs from the moment a pair is shown until its label; more than 120 seconds count as 120. Each label is on the disk before the next pair appears, so you can stop whenever you like: run the cell again and it goes on where you stopped.

# %%
from llm_workbook.labs.lab_2_4.annotator import annotate
from llm_workbook.labs.lab_2_4.session import Session

OWN_FILE = run.settings.results_dir / "labels_2.4.jsonl"
first_pairs = {pair.asked: pair for pair in reversed(pairs) if pair.asked != example.asked}  # one for each question
own = Session(OWN_FILE, [*reversed(first_pairs.values())][: run.items(live=24, smoke=8)], "you")
annotate(own, asked)

# %% [markdown]
# ### Raters who are programs
#
# Ten of your labels are enough to go on. The lab also needs other raters, and they are **simulated**: programs that know the right answers, each with one weakness. `slips` is the share of labels chosen at random; `long` are points for each extra word, where a right answer has 2 points; `seconds` is the time for a label. They go through the same pairs, repeats included, into a file of the same form. Everything that rests on them shows how labels work, and not how people are.
#
# The cell prints the three raters, whose labels the lab goes on with, one line of a file, and a table: the labels of each rater, and what one **costs** (its seconds times a wage).

# %%
from llm_workbook.feedback.raters import CAREFUL, HASTY, LONG
from llm_workbook.labs.lab_2_4 import agreement
from llm_workbook.labs.lab_2_4.session import simulate

SIMULATED_FILE = run.settings.results_dir / f"labels_2.4_simulated_{SEED}.jsonl"
raters = {rater.name: simulate(SIMULATED_FILE, pairs, asked, rater, SEED) for rater in (CAREFUL, HASTY, LONG)}
labels, whose = agreement.stand_in(own.labels(), raters["careful"])
raters |= {"you": labels} if labels == own.labels() else {}
WAGE_USD_PER_HOUR = 20.0  # an assumption: put in yours
print(CAREFUL, HASTY, LONG, whose, SIMULATED_FILE.read_text(encoding="utf-8").splitlines()[0], sep="\n")
agreement.work(raters, WAGE_USD_PER_HOUR)

# %% [markdown]
# ## 3 · Do two raters agree?
#
# If two raters say different things about the same pair, at least one of them is wrong or the guidelines are unclear. So count how often they **agree**. But some agreement comes by chance: two raters who both say "first" 80 % of the time, without looking, agree on 64 % there alone. **Cohen's kappa** removes that part:
#
# $$\kappa = \frac{\text{agreement} - \text{chance}}{1 - \text{chance}}$$
#
# It is 1 when they always agree, 0 when they agree as often as chance, and negative below that.
#
# ### Exercise 1 · Kappa
#
# *{{exercise_minutes}} · medium · unlocks the table of agreement*
#
# `first` and `second` are the labels of two raters for the same pairs, at least one, each "first", "second", "tie" or "both bad". *Agreement* is the share of pairs with the same label. *Chance* is, added up over the labels, the label's share with the one rater times its share with the other. Where chance is 1 (both say one and the same label every time) kappa is not defined; return 0.0.


# %% tags=["taught", "exercise"]
def cohens_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Agreement of two raters beyond chance, at most 1 (Cohen 1960, Educational and Psychological Measurement 20).

    first, second: labels of the same items, in the same order. Taught in: lab 2.4.

    >>> cohens_kappa(["first", "first", "tie", "tie"], ["first", "first", "tie", "first"])
    0.5
    """
    ### BEGIN SOLUTION
    one, other = np.asarray(first), np.asarray(second)
    agreed = np.mean(one == other)
    chance = sum(np.mean(one == label) * np.mean(other == label) for label in set(first))
    return float((agreed - chance) / (1 - chance)) if chance < 1 else 0.0
    ### END SOLUTION


# %%
cohens_kappa = lab.use(1, cohens_kappa)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# Now all raters, two by two. The interval comes from a **bootstrap**: the questions are drawn again with replacement 1,000 times, and the middle 95 % of the kappas are kept. Look at the column *agree* first, then at kappa.

# %%
LEVELS = ["under 0.4", "0.4 to 0.6", "0.6 to 0.8", "0.8 or more"]
lab.predict("kappa", "Kappa of the careful and the hasty rater?", LEVELS)
both, one_says, other_says = agreement.common(raters["careful"], raters["hasty"])
kappa = cohens_kappa(one_says, other_says)
lab.reveal(
    "kappa", measured=f"{kappa:.2f} on {len(both)} pairs", answer=LEVELS[sum(kappa >= e for e in (0.4, 0.6, 0.8))]
)
agreement.kappa_table(raters, pairs, cohens_kappa, SEED)

# %% [markdown]
# A common scale (Landis and Koch 1977, Biometrics 33) calls 0.61 to 0.80 *substantial*, but no limit is right everywhere. A low kappa has four causes: careless raters, unclear guidelines, pairs that are nearly equal, or a bias (section 4). Read pairs on which two raters disagree before you change anything; the next cell prints two.
#
# A kappa needs a second rater. The hidden repeats need none: does a rater say the same **again**? The other column is the share of labels for the answer that stood as A. A rater who looks only at the answers takes A about as often as B, since the places are drawn.

# %%
print(agreement.disagreements("careful", "likes length", raters, pairs, asked, most=2))
agreement.habits(raters)

# %% [markdown]
# ## 4 · The biased rater
#
# Noise is spread over all answers. A **bias** goes one way, so more labels of the same rater never remove it. The most common one is for **length**. Longer answers may be better for good reasons, so compare only pairs in which both answers are *equally right* (both good, or neither). There a rater who cares for nothing but length takes the longer one every time.
#
# ### Exercise 2 · The biased rater
#
# *{{exercise_minutes}} · medium · unlocks the three raters*
#
# `words` has the words of both answers of each pair, `right` whether each is good, `choices` the rater's label. Take the pairs with equally right answers (both good, or neither) of different length and with a choice of "first" or "second". Return the share of them in which the **longer** answer was chosen, and the two ends of its interval: `interval(successes, n)` returns (low, high). (It is Wilson's interval for a share.) Where no pair is left, return (0.5, 0.0, 1.0): nothing is known.


# %% tags=["taught", "exercise"]
def length_preference(
    words: Sequence[tuple[int, int]],
    right: Sequence[tuple[bool, bool]],
    choices: Sequence[str],
    interval: Callable[[int, int], tuple[float, float]],
) -> tuple[float, float, float]:
    """(share, low, high): how often a rater chooses the longer of two equally right answers. Taught in: lab 2.4.

    >>> right = [(True, True), (False, False), (True, False)]
    >>> length_preference([(5, 2), (1, 4), (9, 1)], right, ["first"] * 3, lambda k, n: (k, n))
    (0.5, 1, 2)
    """
    ### BEGIN SOLUTION
    longer = [
        (choice == "first") == (a > b)
        for (a, b), (a_right, b_right), choice in zip(words, right, choices, strict=True)
        if a_right == b_right and a != b and choice in ("first", "second")
    ]
    if not longer:
        return 0.5, 0.0, 1.0
    return sum(longer) / len(longer), *interval(sum(longer), len(longer))
    ### END SOLUTION


# %%
length_preference = lab.use(2, length_preference)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# Here are the three simulated raters without their names. One of them likes length. First look at what a manager would see: the labels they gave.

# %%
masks = agreement.masked({name: raters[name] for name in ("careful", "hasty", "likes length")}, SEED)
lab.predict("biased", "Which of them likes length?", [*masks])
agreement.work({mask: raters[name] for mask, name in masks.items()}, WAGE_USD_PER_HOUR)[
    [FIRST, SECOND, "tie", "both bad"]
]

# %% [markdown]
# Can you tell from these counts? Your function can: a rater is called biased when the whole interval lies above 0.5.

# %%
from llm_workbook.measure.statistics import wilson_interval

found = {
    mask: length_preference(*agreement.facts(raters[name], pairs, asked), wilson_interval)
    for mask, name in masks.items()
}
biased = [mask for mask, (_, low, _) in found.items() if low > 0.5]
named = ", ".join(f"{mask} is {name}" for mask, name in masks.items())
lab.reveal(
    "biased", measured=f"biased: {', '.join(biased) or 'none can be told'} ({named})", answer=max(found, key=found.get)
)
pd.DataFrame(found, index=["longer chosen", "low", "high"]).T.round(2)

# %% [markdown]
# Few pairs are left, so the intervals are wide. A share **below** 0.5 would be a preference, too: among answers that are equally wrong, the guidelines prefer "not stated" to a wrong value, and it is short. So a share near 0.5 is not always the target: compare with a rater you trust.
#
# ## 5 · How many labels do you need?
#
# Two readers are compared by labels. The **win rate** of the new one is its share of the labels that have a preference; 0.5 means no difference. How many labels show a true win rate of 0.6? A test asks for two things: a false alarm in at most 5 % of the cases without a difference, and a **power** of 0.8: it sees a real difference in 80 % of the cases.
#
# A rater who errs makes it harder. With **accuracy** a (the share of right labels among those with a preference) the *observed* win rate is
#
# $$q = 0.5 + (2a - 1)(p - 0.5)$$
#
# where p is the true one. The table shows q for a few raters and win rates.

# %%
from scipy.stats import norm

print(f"z: norm.ppf(0.975) = {norm.ppf(0.975):.2f}, norm.ppf(0.8) = {norm.ppf(0.8):.2f}")
rates = np.array([0.55, 0.6, 0.7])
rows = {f"accuracy {a}": 0.5 + (2 * a - 1) * (rates - 0.5) for a in (1.0, 0.9, 0.75, 0.5)}
pd.DataFrame(rows, index=[f"true win rate {p}" for p in rates]).T.round(3)

# %% [markdown]
# A rater who is right half of the time sees 0.5, whatever is true.
#
# ### Exercise 3 · Labels needed
#
# *{{exercise_minutes}} · medium · unlocks the price list*
#
# Return the number of labels. Of the labels with a preference you need $\left(\frac{0.5\,z_1 + z_2\sqrt{q(1-q)}}{q - 0.5}\right)^2$ of them, where $z_1$ = `norm.ppf(0.975)` and $z_2$ = `norm.ppf(power)`. Only the share 1 - `ties` of all labels has a preference; return the number of **all** labels. Round up at the end, once. Where q is 0.5 no number is enough: raise a ValueError.


# %% tags=["taught", "exercise"]
def labels_needed(win_rate: float, accuracy: float, ties: float = 0.0, power: float = 0.8) -> int:
    """Labels that show a true win rate other than 0.5, two-sided at 5 %. Taught in: lab 2.4.

    All from 0 to 1; power and ties below 1; ties: the share without a preference. The normal approximation of
    the test of one share. Raises: ValueError where the observed win rate is 0.5.

    >>> labels_needed(0.6, accuracy=1.0), labels_needed(0.6, accuracy=0.75)
    (194, 783)
    """
    ### BEGIN SOLUTION
    observed = 0.5 + (2 * accuracy - 1) * (win_rate - 0.5)
    if observed == 0.5:
        raise ValueError("no number of labels shows an observed win rate of 0.5")
    tails = 0.5 * norm.ppf(0.975) + norm.ppf(power) * np.sqrt(observed * (1 - observed))
    return int(np.ceil((tails / (observed - 0.5)) ** 2 / (1 - ties)))
    ### END SOLUTION


# %%
labels_needed = lab.use(3, labels_needed)
# lab.hint(3)
# lab.solution(3)

# %% [markdown]
# You need the accuracy of your raters, and nobody knows the right labels. The repeats give an estimate: among labels with a preference, two that are each right with the chance a agree with the chance a² + (1 - a)², so the share of equal repeats gives a. (With few repeats it is very rough: the brackets come from the 95 % interval of that share. And a bias repeats itself: a rater who always takes the longer answer agrees with itself and is not accurate.)

# %%
from llm_workbook.labs.lab_2_4.figures import needed

accuracy = {name: agreement.accuracy_of(some) for name, some in raters.items()}  # (estimate, low, high)
for name, (right, low, high) in accuracy.items():
    ties, cents = agreement.ties(raters[name]), agreement.cents(raters[name], WAGE_USD_PER_HOUR)
    counts = [labels_needed(0.6, a, ties) if a > 0.5 else None for a in (right, high, low)]
    print(agreement.bill(name, right, counts, cents))
needed(labels_needed, {name: right for name, (right, *_) in accuracy.items()}, agreement.ties(labels))

# %% [markdown]
# Compare the prices, not only the counts: cheap labels can cost more in total. The brackets are wide, because there are few repeats. And do not trust the low price of *likes length*: a bias repeats itself, so its accuracy comes out too high.
#
# ## 6 · To other tools and back
#
# With more people you will want a server. **Label Studio** imports tasks as JSON, **Argilla** records. The next cell writes your labels in both forms, reads them again, and compares.

# %%
from llm_workbook.labs.lab_2_4 import exchange

folder = run.settings.results_dir
tasks = exchange.write_json(folder / "label_studio.json", exchange.to_label_studio(labels, pairs, asked))
records = exchange.write_json(folder / "argilla.json", exchange.to_argilla(labels, pairs, asked))
print("Label Studio, all labels back:", set(exchange.from_label_studio(tasks)) == set(labels))
print("Argilla, all labels back:", set(exchange.from_argilla(records)) == set(labels))
tasks[0]["annotations"][0]["result"]

# %% [markdown]
# (`exchange.LABELLING` is the labelling interface for a Label Studio project. A hidden repeat becomes a task of its own, with the sides swapped.)
#
# ## 7 · Do labels pick better answers?
#
# Now the questions that nobody has labelled. For each of them the first sample meets the next one, a rater says which is better, the winner meets the next, and so on: at most five labels a question. What is left is the rater's answer. This is **best of n**. Two rows need no rater: the *first sample*, and the *most frequent* of the six. *Three hasty* takes the majority of three. All raters are simulated: the careful one knows the right answers, so its row shows what good labels can bring, and the others show what their weakness takes away.

# %%
lab.predict("jury", "Whose answers will be good most often?", [jury.name for jury in selection.JURIES])
picked, cost = selection.picked(for_verdict, SEED)
good = {jury.name: picked[jury.name]["good"].mean() for jury in selection.JURIES}
lab.reveal(
    "jury", measured=", ".join(f"{name} {share:.0%}" for name, share in good.items()), answer=max(good, key=good.get)
)
selection.board(picked, cost, WAGE_USD_PER_HOUR)

# %% [markdown]
# Look at three things: how far each row comes from *first sample* to *best possible*; what a row costs; and what *likes length* does beside *careful*. A bias harms where it goes against the guidelines. "Not stated" is short, so you might expect this rater to lose right refusals: compare that column with *careful*. Where a bias happens to agree with the guidelines, it can even look good.
#
# The verdicts: better than the first sample in % good? (The p values are corrected for all comparisons, the intervals are not: so an interval above 0 may still say "cannot tell".) And the labels of section 2, repeats left out: are the answers that they choose good more often than those that they reject? (For a simulated rater, who knows the right answers, that is no surprise.)

# %%
from llm_workbook.measure.statistics import corrected

verdicts = {
    name: run.compare(picked[name], picked["first sample"], "good", None, name, "first sample")
    for name in ("most frequent", *good)
}
verdicts["bias"] = run.compare(picked["likes length"], picked["careful"], "good", None, "likes length", "careful")
verdicts["cites"] = run.compare(
    picked["careful"], picked["first sample"], "cites", None, "careful (cites)", "first sample"
)
print(*corrected(verdicts).values(), whose, selection.chosen(labels, pairs, asked), sep="\n")
lab.progress()

# %% [markdown]
# A choice among six answers costs six answers and up to five labels for **every** question (equal samples need none; after a tie or "both bad" the earlier one goes on). So labels are mostly used once, to train a reader on them (preference training).
#
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | agreement | the raters of InstructGPT agree in 72.6 ± 1.5 % of the comparisons, held-out raters in 77.3 ± 1.3 % (arXiv:2203.02155) | section 3, column *agree* | theirs are people and rank long answers; ours are programs with short ones, where right is right |
# | place | judges that are models prefer a place, more so when the answers are close (arXiv:2406.07791) | section 3, *takes A* | our simulated raters do not see places; look at your own row |
# | pairs that are too alike | training on them can lower the probability of the preferred answer (arXiv:2410.08847) | pairs that differ in what they do come first | sampled answers are often equal: we drop those |
#
# ## What to take home
#
# **Rule.** Write guidelines, label twenty pairs yourself, then have two raters label the same fifty. Use labels when kappa and the repeats are good enough for your decision; when they are not, repair the guidelines first. Test each rater for length, compute the number of labels before you buy them, and judge labels by what they choose on questions that nobody labelled.
# **It prevents** training on noise, and on a taste that nobody asked for. **It costs** one label in seven for the repeats, and an hour of reading.
#
# The same in plain libraries (copy it into a file of its own):
#
# ```python
# import numpy as np
# import pandas as pd
# from sklearn.metrics import cohen_kappa_score
# from statsmodels.stats.power import NormalIndPower
# from statsmodels.stats.proportion import proportion_confint, proportion_effectsize
#
# ann = ["first", "second", "tie", "first", "second", "first", "both bad", "first", "second", "tie"]
# bob = ["first", "second", "first", "first", "second", "first", "both bad", "second", "second", "tie"]
# print(pd.crosstab(pd.Series(ann, name="Ann"), pd.Series(bob, name="Bob")))
#
# rng, kappas = np.random.default_rng(7), []
# for _ in range(1000):  # bootstrap over items
#     drawn = rng.integers(0, len(ann), len(ann))
#     kappas.append(cohen_kappa_score(np.array(ann)[drawn], np.array(bob)[drawn]))
# low, high = np.nanquantile(kappas, [0.025, 0.975])
# print(f"kappa {cohen_kappa_score(ann, bob):.2f} [{low:.2f}, {high:.2f}]")
#
# longer, decided = 19, 24  # how often Bob took the longer of two equally right answers
# print("prefers length:", proportion_confint(longer, decided, method="wilson")[0] > 0.5)
#
# accuracy, win_rate = 0.9, 0.6
# observed = 0.5 + (2 * accuracy - 1) * (win_rate - 0.5)
# effect = proportion_effectsize(observed, 0.5)
# labels = NormalIndPower().solve_power(effect, power=0.8, alpha=0.05, ratio=0)
# print(f"labels with a preference: {np.ceil(labels):.0f}")
# ```
#
# **Next:** lab 3.1 builds the benchmark that such decisions need.
