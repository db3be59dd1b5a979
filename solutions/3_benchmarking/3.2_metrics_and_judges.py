# %% [markdown]
# # 3.2 · Metrics and judges you can defend: who wins when nobody reads?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | attack a metric before you trust it, choose metrics that a cheat cannot win, correct the share that a judge reports, and choose a threshold below which a system says nothing |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 3.1 (the published tutorial, intervals) and lab 2.4 (raters) |
#
# A **metric** turns an answer into a number. If a system that reads nothing gets a high number, the metric measures something else than you think. In this lab you attack three common metrics, see what resists, and then test a **judge**: a program that says which answers are good.
#
# No language model runs here: all answers of real systems are recorded. Only a small encoder runs, for one of the metrics.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # the answers are recorded: another corpus changes nothing here

# %%
import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd
from rouge_score.rouge_scorer import RougeScorer

from llm_workbook import Lab, start

run = start("3.2", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · Three metrics, eight systems
#
# Six systems are those of the ladder (lab 0), which answered questions about contracts of 15 families (agreements that belong together) that no model was trained on. (The message above counts other questions; ignore it.) *Header* means that the text of the index has the contract's title and section in front; the *domain reader* is the model trained in lab 2.2, *untuned* the one that is not; the *assistant* has the trained encoder, too, and *reranked* lab 1.5's reranker. *Always refuse* says "not stated". Two guesses read no contract: they give the most frequent answer to this kind of question in the training families, or the answer of the nearest training question.
#
# The published tutorial of lab 3.1 scores answers with three metrics. Each compares the answer with a **reference**, the text that is taken as right:
#
# - **cosine**: both texts become vectors (lab 1.1), and the cosine of the angle between them is the score.
# - **token recall**: which share of the reference's words is in the answer?
# - **ROUGE-L recall**: the same, but the words must come in the same order (the longest common subsequence, Lin 2004).
#
# Its references were sentences and clauses, copied from the contract. So first we do the same: the reference is the **sentence** that states the value. Here are the two counts.

# %% tags=["taught"]
ROUGE = RougeScorer(["rougeL"])


def token_recall(answer: str, reference: str) -> float:
    """Share of the reference's words that the answer contains, 0 to 1; a word counts as often as both have it.

    Taught in: lab 3.2.

    >>> token_recall("within 30 days or 60 days", "30 days")
    1.0
    """
    said, right = (Counter(re.findall(r"\w+", text.lower())) for text in (answer, reference))
    return sum((said & right).values()) / max(1, sum(right.values()))


def rouge_l_recall(answer: str, reference: str) -> float:
    """Words of the reference that the answer has in the same order, as a share of them, 0 to 1. Taught in: lab 3.2."""
    return ROUGE.score(reference, answer)["rougeL"].recall


# %% [markdown]
# Our own rule for a right answer is **strict** (lab 1.1): it gives the right value with its unit, and no other value beside it. One question, and what the systems said. Which of the answers is right?

# %%
from llm_workbook.labs.lab_3_2 import study

cases = study.load_cases(12 if PROFILE == "smoke" else None)[:MAX_ITEMS]
real = study.recorded(cases)
cosine = study.Cosine(run.embeddings, study.texts_of(real, cases))
MEASURES = {"cosine": cosine, "token recall": token_recall, "ROUGE-L recall": rouge_l_recall}
tables = {reference: study.scores(real, cases, MEASURES, reference) for reference in ("sentence", "value")}
study.one_question(cases, real, tables["sentence"], [*MEASURES])

# %% [markdown]
# One question proves nothing. A right answer is short, so on the whole it has few of the words of a sentence. Now all questions that have an answer. Two systems see the same clauses: one reads them with the untuned model, the other with the model that was trained for it (the *domain reader*).

# %%
UNTUNED, TRAINED = "header, untuned", "header, domain reader"
lab.predict("order", "Which of the two has the higher ROUGE-L recall?", [UNTUNED, TRAINED, "about the same"])
by_recall = study.versus(tables["sentence"], UNTUNED, TRAINED, "ROUGE-L recall")
winner = {"better": UNTUNED, "worse": TRAINED}.get(by_recall.label, "about the same")
lab.reveal("order", measured=by_recall, answer=winner)
print(study.versus(tables["sentence"], UNTUNED, TRAINED, "strict"))
study.board(tables["sentence"], [*MEASURES])

# %% [markdown]
# All numbers are %; in square brackets the 95 % confidence interval, over families. Compare the columns for these two systems. The untuned model writes more words, and more words have more in common with a sentence.
#
# Do we only have to take a short reference? In the next table the reference is the **value** alone. Look at the cosines of the assistant and of the *frequent answer*, which has read nothing. "30 days" and "60 days" are nearly the same to an encoder, and they share half of their words. So a guess of the right kind looks good.
#
# The second table compares rankings. **Kendall's tau**: take every pair of systems; tau is the share of pairs that a metric puts in the same order as the strict rule, minus the share in the opposite order. It is 1 for equal rankings, and 0 where half of the pairs are turned round.

# %%
from llm_workbook.show.text import show

mean = tables["value"].groupby("system")[["cosine", "strict"]].mean().round(2)
print(mean.loc[[study.GUESS, study.ASSISTANT]])
show(study.board(tables["value"], [*MEASURES]))
study.agreement(tables, [*MEASURES], SEED)

# %% [markdown]
# The intervals come from a bootstrap over families. With seven systems and a refuser they are wide. Note what changes between the columns: the systems and their answers are the same, only the reference is another. So say which reference a score was computed with.
#
# ## 2 · Five games
#
# Honest systems do not try to win. But whoever tunes a prompt or trains a model against a metric finds its weakness sooner or later. (A measure that becomes a target is no longer a good measure: Goodhart's law.) So attack your metric before others do. Five systems that answer nothing:

# %% tags=["taught"]
GAMES = {
    "echo": lambda case: case.asked,
    "polite refusal": lambda case: f"The clauses do not state this: {case.asked}",
    "padded guess": lambda case: f"{case.asked} {case.guess}",
    "first clause": lambda case: case.clauses[0],
    "all clauses": lambda case: " ".join(case.clauses),
}

# %% [markdown]
# *Echo* repeats the question. *Padded guess* adds the most frequent answer. The last two copy what the search found. They are compared with the **assistant**, the best system of the ladder without a reranker; the reference is the sentence again.

# %%
from llm_workbook.labs.lab_3_2 import figures

HOW_MANY = {0: "none", 1: "1 or 2", 2: "1 or 2", 3: "3 or 4", 4: "3 or 4", 5: "all"}
lab.predict("games", "How many of the five games beat the assistant by all three?", [*dict.fromkeys(HOW_MANY.values())])
games = {**real, **study.played(GAMES, cases)}
cosine.learn(study.texts_of(games, cases))
gamed = study.scores(games, cases, MEASURES, "sentence")
winners = figures.beaten(gamed, [*GAMES], [*MEASURES])
measured = f"{len(winners)} of {len(GAMES)} ({', '.join(winners) or 'none'})"
lab.reveal("games", measured=measured, answer=HOW_MANY[len(winners)])
figures.gamed(gamed, [*GAMES], [*MEASURES])

# %% [markdown]
# Look for filled squares: games that are above the line of the assistant. Where does *polite refusal* stand? It answers nothing, and still shares the words of the question with the sentence. Then look at the last panel.
#
# ### Exercise 1 · Break ROUGE recall
#
# *{{exercise_minutes}} · easy · unlocks your own row*
#
# Write a system that gets a ROUGE-L recall of at least 0.9 on average, and is right by the strict rule in at most one answer of ten. It is given the question and the clauses that a search found, and returns a text. The check makes clauses at random (every value in them is a number), one to four for each question; the sentence that states the value is in one of them, and each clause contains another number, too. Where there are no clauses, return any text. Every system that does this passes.


# %% tags=["taught", "exercise"]
def break_rouge(question: str, clauses: Sequence[str]) -> str:
    """A text with a high ROUGE-L recall that answers nothing. Taught in: lab 3.2."""
    ### BEGIN SOLUTION
    return " ".join(clauses)
    ### END SOLUTION


# %%
break_rouge = lab.use(1, break_rouge)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# Your system joins the others (*yours*), here against the **value**. Token recall and ROUGE-L recall still like long texts. The cosine does not, but it likes guesses. Is there a game that beats the assistant by the strict rule? The verdicts are one set, corrected with Holm's method (lab 3.1).

# %%
from llm_workbook.measure.statistics import corrected

attacks = {**GAMES, "yours": lambda case: break_rouge(case.asked, list(case.clauses))}
answers = {**real, **study.played(attacks, cases)}
cosine.learn(study.texts_of(answers, cases))
attacked = study.scores(answers, cases, MEASURES, "value")
verdicts = {name: study.versus(attacked, name, study.ASSISTANT, "strict") for name in attacks}
print(*corrected(verdicts).values(), sep="\n")
study.board(attacked[attacked["system"].isin([*attacks, study.ASSISTANT, study.GUESS])], [*MEASURES])

# %% [markdown]
# The strict rule has a weakness, too. Where the value is a name or a place, a text that contains it counts as right, whatever else it says; so copying whole clauses brings about as much as guessing. No metric is safe from everything. Know its weakness, and look at the column *words*.
#
# ## 3 · Edit an answer, watch every metric
#
# The table shows one answer and five changes of it; the reference is the value. In a live notebook there is an editor below: choose a question and type. Try to find an edit that makes the answer useless and leaves most metrics high, and one that lowers most of them although the answer stays right. (*Exact*: the same text as the value. The rows *span IoU*, *words grounded* and *cited clause right* are explained in section 4.)

# %%
from llm_workbook.labs.lab_3_2.editor import edit

first_reading = {name: text for (name, seed), text in real[study.ASSISTANT].items() if seed == 1}
edit(cases, first_reading, cosine)

# %% [markdown]
# *Token precision* is the share of the **answer's** words that are in the reference, *F1* the harmonic mean of precision and recall. They punish padding, and so does ROUGE-L as F measure. If you must report a similarity, report F, never recall alone.
#
# ## 4 · What to measure instead
#
# Four numbers that say more about an answer from documents, none of which is enough alone:
#
# - **strict**: is the value right?
# - **span IoU**: an answer is looked up in the clauses (`cite`, lab 1.5), and the sentence around it is what it *points at*. The characters that this place and the marked evidence have in common, divided by the characters in at least one of the two (intersection over union). A copied clause points at the whole clause.
# - **words grounded**: the share of the answer's words that are in the clauses.
# - **citations right**: of the places that answers point at, the share that overlaps the evidence. (Precision: who points at everything is punished.)
#
# The second table is the **refusal table**: is the answer stated or not, and does the system answer or refuse? In % of the questions whose answer is stated, and of those whose answer is not. Never report one of these columns without the others.
#
# A real system, the two guesses, the games. By which column would you buy *first clause*?

# %%
from llm_workbook.labs.lab_3_2.support import refusal_table, support_board, supported

shown = [study.ASSISTANT, "guess: frequent answer", "guess: nearest question", study.REFUSES, *attacks]
facts = supported(answers, cases, shown)
show(support_board(facts))
refusal_table(facts)

# %% [markdown]
# *Words grounded* is 100 % for every copy. *Citations right* is high for copies, too, and for guesses of a common value, which stands in many clauses. And look at the assistant: most of its words are in the clauses, far more than its answers are right. Groundedness finds invented text, and no wrong choice of a value.
#
# In the second table *always refuse* has 100 % right refusals. That is why the column *needless* stands beside it.
#
# ## 5 · A judge, and sixty labels
#
# Strict answers need the right values. For your own documents nobody has written them down. Then a **judge** says which answers are good: often a language model, here three programs that do not know the right values.
#
# - *stands in a shown clause*: good if the answer is written in a clause that was shown (or the system refuses).
# - *a second reading agrees*: good if the same reader, shown other clauses, says the same.
# - *stands in a marked clause*: people have marked the clauses that state the answer, but not the value. Good if the answer is written in one of them, or if none is marked and the system refuses.
#
# They judge 360 answers of the domain reader, each with the clauses that lab 1.5 showed it; other questions than in section 1, and right refusals count as good. A judge has two weaknesses. **Sensitivity** is the share of the good answers that it calls good, **specificity** the share of the bad ones that it calls bad. To know them, a person labels 60 of the answers. Here it is lab 2.4's careful rater, which is **simulated**: it knows the right answers and errs in 3 of 100 labels at random.

# %%
from llm_workbook.feedback.raters import CAREFUL
from llm_workbook.labs.lab_3_2 import judges

judged = judges.judged()
labelled = judges.drawn(judged, CAREFUL, SEED)
truth = float(judged["truth"].mean())
print(f"{len(judged)} answers, {len(labelled)} labels. Bad answers that the third judge praises:")
print(*judges.examples(judged, judges.MARKED, truth=False, most=3), sep="\n")
lab.predict(
    "judge", "The third judge's share of good answers, beside the truth?", ["too high", "about right", "too low"]
)

# %% [markdown]
# These answers stand in a marked clause, and they are another value of it (another number or name), or one clause is not enough (a count, the longest of three).
#
# If a share p of the answers is good, a judge calls q of them good: $q = p \cdot \text{sensitivity} + (1 - p)(1 - \text{specificity})$. Solve this for p, and you have the corrected share (Rogan and Gladen 1978, American Journal of Epidemiology 107):
#
# $$p = \frac{q + \text{specificity} - 1}{\text{skill}}, \qquad \text{skill} = \text{sensitivity} + \text{specificity} - 1$$
#
# A skill of 0 is a coin. Sensitivity and specificity come from few labels, so they are uncertain, and the interval must say so. Its half width (delta method) is
#
# $$\frac{1.96}{\text{skill}} \sqrt{\frac{q(1-q)}{n} + p^2\,\frac{\text{sens}(1-\text{sens})}{\text{good}+2} + (1-p)^2\,\frac{\text{spec}(1-\text{spec})}{\text{bad}+2}}$$
#
# ### Exercise 2 · The corrected judge
#
# *{{exercise_minutes}} · medium · unlocks the verdict on three judges*
#
# All arguments are counts. The judge calls `yes` of `n` answers good. Among the labelled ones are `good` good answers, of which it calls `good_yes` good, and `bad` bad ones, of which it calls `bad_no` bad.
#
# 1. sensitivity = (good_yes + 1) / (good + 2), specificity = (bad_no + 1) / (bad + 2). (With the + 1 and + 2 a judge without a mistake in 20 labels is not taken as perfect; Lang and Reiczigel 2014, Preventive Veterinary Medicine 113.)
# 2. Where the skill is 0 or less, raise a ValueError.
# 3. Put p between 0 and 1, compute the half width with this p, and put both ends between 0 and 1, too. Return (p, low, high).


# %% tags=["taught", "exercise"]
def corrected_share(yes: int, n: int, good_yes: int, good: int, bad_no: int, bad: int) -> tuple[float, float, float]:
    """(share of good answers, low, high) from what a judge says and from labels; 0 to 1. Taught in: lab 3.2.

    Raises: ValueError where the judge is no better than chance.

    >>> [round(value, 2) for value in corrected_share(200, 360, good_yes=26, good=27, bad_no=26, bad=33)]
    [0.47, 0.32, 0.61]
    """
    ### BEGIN SOLUTION
    sensitivity, specificity = (good_yes + 1) / (good + 2), (bad_no + 1) / (bad + 2)
    skill = sensitivity + specificity - 1
    if skill <= 0:
        raise ValueError(f"sensitivity + specificity is {1 + skill:.2f}: this judge is no better than a coin")
    q = yes / n
    p = min(1.0, max(0.0, (q + specificity - 1) / skill))
    of_labels = p**2 * sensitivity * (1 - sensitivity) / (good + 2)
    of_labels += (1 - p) ** 2 * specificity * (1 - specificity) / (bad + 2)
    half = 1.96 * (q * (1 - q) / n + of_labels) ** 0.5 / skill
    return p, max(0.0, p - half), min(1.0, p + half)
    ### END SOLUTION


# %%
corrected_share = lab.use(2, corrected_share)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# Now the three judges, before and after. *The truth* is the share of right answers by the strict rule; it is known here, because these contracts have right answers. The last row needs no judge: the share among the 60 labels.

# %%
known = judges.counts(judged, labelled, judges.MARKED)
gap = known.yes / known.n - truth
answer = "about right" if abs(gap) < 0.03 else "too high" if gap > 0 else "too low"
lab.reveal("judge", measured=f"{known.yes / known.n:.0%}, and the truth is {truth:.0%}", answer=answer)
judges.verdicts(judged, labelled, corrected_share)

# %% [markdown]
# First column of intervals: each judge is sure of itself, because it has judged 360 answers. Many answers make a biased number precise, not true. Then the corrected ones: the less skill, the wider. An interval from 0 to 100 contains every truth and says nothing: that judge hardly tells good from bad. And a corrected point can be further from the truth than the judge's own; only its interval is honest. And look at the second one: a share near the truth does not make a good judge. Its two kinds of error can cancel here, and not for the next system.
#
# One draw of 60 labels may be lucky. So draw them 500 times for the third judge: how often does each interval contain the truth? (It should be in about 95 % of the draws. The judge's own interval does not depend on the labels: it is the same every time.)

# %%
from llm_workbook.measure.statistics import wilson_interval

DRAWS = 500 if PROFILE != "smoke" else 50
draws = judges.repeated(judged, CAREFUL, judges.MARKED, corrected_share, DRAWS)
raw = wilson_interval(known.yes, known.n)
held = "contains" if raw[0] <= truth <= raw[1] else "misses"
print(f"The judge's own interval [{raw[0]:.0%}, {raw[1]:.0%}] {held} the truth ({truth:.0%}), whatever the labels are.")
show(judges.coverage(draws, truth))
figures.intervals(draws, truth, raw)

# %% [markdown]
# The corrected interval contains the truth at least as often as it should; where it is more often, it is wider than it needs to be. Now compare the widths: is the judge, with its correction, worth more than the 60 labels that it was tested with?
#
# **The rule:** use a judge where its corrected interval is **narrower than that of the labels alone**. Otherwise report the labels. Below are 60 labels for each kind of question, drawn as often; the half widths are medians over the draws. *Worth labels*: so many labels alone would have an interval of that width.

# %%
judges.by_kind(judged, CAREFUL, judges.MARKED, corrected_share, times=DRAWS)

# %% [markdown]
# Compare the rows. Where one clause answers (or none), this judge hardly errs; where several clauses are needed, it praises what is merely in the right place. So test a judge by kind of question, and use it where the rule allows it. This is also a warning: sensitivity and specificity belong to a **mix** of questions and to a system. Labels of another mix, or of another system, correct nothing.
#
# ## 6 · How sure, and when to say nothing
#
# A **confidence** is a number for how sure a system is of an answer. Many hosted models give none. But you can ask six times: the confidence is the share of the six samples that say the same as the first one (self-consistency, arXiv:2203.11171). The samples are those of lab 2.4, and the answers are the first samples that are no refusals.
#
# It is **calibrated** when, of the answers with a confidence of 80 %, 80 % are right. The **expected calibration error** (ECE, arXiv:1706.04599) is the difference between confidence and share of right answers, averaged over groups of answers and weighted by their size. Here each value of the confidence is a group.


# Right picture: order the answers from sure to unsure, and give only the first part. **Coverage** is the share that is given, **risk** the share of the given ones that is wrong. The area under this curve (AURC, arXiv:1805.08206) is the mean risk over all coverages: small is good. Beside it: the area without any order.


# %%
from llm_workbook.labs.lab_3_2 import figures, sure


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error, 0 to 1; answers of one confidence are a group."""
    groups = pd.Series(list(right), dtype=float).groupby(list(confidence)).agg(["mean", "size"])
    return float(((groups["mean"] - groups.index).abs() * groups["size"]).sum() / groups["size"].sum())


sampled = sure.samples()
error, share = calibration_error(sampled["confidence"], sampled["right"]), sampled["right"].mean()
print(f"{len(sampled)} answers in {sampled['family'].nunique()} families: {share:.0%} right, ECE {error:.2f}")
figures.sure(sampled)

# %% [markdown]
# Two different qualities: a confidence can be too high on average (left) and still put the answers in a useful order (right). For a threshold the order is what counts.
#
# ### Exercise 3 · The threshold
#
# *{{exercise_minutes}} · medium · unlocks the test on other families*
#
# An answer is given if its confidence is **at least** the threshold. `right` says which answers are right, `most_wrong` is the highest risk that you accept (at most so many of the given answers may be wrong, as a share). Candidates for the threshold are the confidences that occur. Of those with a risk of at most `most_wrong`, return the one with the largest coverage. Where none has, return infinity (`float("inf")`): give no answer. There is at least one answer. Mind that the risk does not always fall when the threshold rises: one sure answer may be wrong.


# %% tags=["taught", "exercise"]
def threshold_for(confidence: Sequence[float], right: Sequence[bool], most_wrong: float) -> float:
    """The threshold that gives most answers with at most this share of wrong ones; infinity where none does.

    Taught in: lab 3.2.

    >>> threshold_for([0.9, 0.6, 0.3], [True, True, False], most_wrong=0.1)
    0.6
    """
    ### BEGIN SOLUTION
    for threshold in sorted(set(confidence)):  # the lowest gives most answers
        given = [is_right for one, is_right in zip(confidence, right, strict=True) if one >= threshold]
        if given.count(False) / len(given) <= most_wrong:
            return threshold
    return float("inf")
    ### END SOLUTION


# %%
threshold_for = lab.use(3, threshold_for)
# lab.hint(3)
# lab.solution(3)

# %% [markdown]
# At most 30 % of the given answers may be wrong. Every second family chooses the threshold (*dev*), the others test it. One split is one draw, so the table cuts the families into parts: each part is answered with the threshold that **all others** choose (cross-validation), and all parts together have one risk. Look at the last column: what do more families bring?

# %%
LIMIT = 0.3
lab.predict("limit", "Will the risk on the other half be within the limit?", ["yes", "no"])
dev, test = sure.halves(sampled)
threshold = threshold_for(dev["confidence"].tolist(), dev["right"].tolist(), LIMIT)
for name, half in {"dev": dev, "test": test}.items():
    coverage, risk, low, high, n = sure.kept(half, threshold)
    before = 1 - half["right"].mean()
    print(f"{name}: of all {before:.0%} wrong; from {threshold:.2f} on, {coverage:.0%} given,", end=" ")
    print(f"{risk:.0%} [{low:.0%}, {high:.0%}] wrong")
lab.reveal("limit", measured=f"{risk:.0%} wrong, limit {LIMIT:.0%}", answer="yes" if risk <= LIMIT else "no")
sure.crossed(sampled, threshold_for, LIMIT, times=50 if PROFILE != "smoke" else 5)

# %% [markdown]
# A threshold that keeps the limit on a few families was partly chosen because it looked good there, and it may break elsewhere: compare dev and test. (Their intervals overlap widely: with so few families nobody can say more.) In the last rows of the table more families choose, and each part is smaller. So choose on as many families as you have, with cross-validation, and report the risk of the parts, not that of dev. Five more samples for each question are the price; compare the risk with that of all answers, and the coverage with 100 %.
#
# ## 7 · The published tutorial, seen through this lab
#
# Its own scores (lab 3.1; 10 systems, 32 questions each). All three metrics are of the kind of section 1. Did its systems win by length? Look at the means, and at the correlation (Spearman) of an answer's score with its number of words, among the answers to one question.

# %%
published, with_words = study.published()
show(lab.progress())
print("correlation with words:", with_words.to_dict())
highest = gamed.groupby("system")[[*MEASURES]].mean().loc["all clauses"]
print("game 'all clauses' on our contracts:", highest.round(2).to_dict())
published

# %% [markdown]
# The correlations are near 0: length does not explain its scores. (Every answer of its RAG systems was cut at 128 tokens, so they could not differ much.) A metric that can be gamed has not been gamed by everyone. (Its token recall is often below its ROUGE-L recall, which is impossible by our definitions: it counts tokens in another way.) What remains:
#
# | in the tutorial | rests on | this lab says |
# |---|---|---|
# | an advanced RAG is better than naive RAG (its README: "significant improvements") | cosine, two recalls | a rank by recall agrees with the rank by right answers only in part (section 1); lab 3.1: no difference is significant |
# | fine-tuning against RAG (its lab 3) | cosine, two recalls | the reference is a whole clause, so an answer in the clause's words has the advantage, right or wrong |
# | better by preference training: "feedback" is a cosine above 0.6 (its lab 2) | cosine | a polite refusal beats the assistant in cosine (section 2) |
# | no question without an answer | nothing | no refusal table can be made; inventing costs nothing |
#
# Sources: data/README.md, "Scores of a published study"; the notebooks `lab2-ft/llama3_DPO_cuad.ipynb` and `lab3-eval/kdd2024-model-comparison.ipynb` of `aws-samples/kdd-2024-domain-driven-llm-development`. The file has scores and no texts, so precision, F1 and strict answers cannot be computed for it. That is a reason to publish answers, not only scores.
#
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | metrics disagree | Lakatos et al. (arXiv:2403.09727): RAG beats fine-tuning by ROUGE, BLEU and cosine, and fine-tuning is better by METEOR | section 1 | the same: a ranking belongs to its metric |
# | judge with few labels | prediction-powered inference (arXiv:2301.09633) also combines many machine labels with few human ones; it can be tuned so that it is hardly ever wider than the labels alone (arXiv:2311.01453) | section 5: the correction can be wider | it uses each label beside the judge's word on the same answer; the correction here needs only counts |
# | judges prefer a place or a length | arXiv:2406.07791, arXiv:2306.05685 | our judges are programs | test a model as judge for both, as lab 2.4 tests raters |
#
# ## What to take home
#
# **Rule.** Before you report a metric, play against it: echo, refuse, guess, copy. If a game beats your system, report another metric beside it or instead. Before you report a judge, label 60 answers by kind of question, correct its share, and use it only where the corrected interval is narrower than that of the labels alone.
# **It prevents** a ranking that rewards long answers, and a precise number that is wrong. **It costs** five one-line systems, and 60 labels for each kind of question.
#
# The same in plain libraries (copy it into a file of its own):
#
# ```python
# import numpy as np
# import pandas as pd
# from rouge_score.rouge_scorer import RougeScorer
# from statsmodels.stats.proportion import proportion_confint
#
# scorer = RougeScorer(["rougeL"])
# rows = [("How long is the term?", "The term of this lease is 5 years.", "5 years")]  # question, sentence, your system's answer
# games = {"yours": lambda q, s, a: a, "echo": lambda q, s, a: q, "refusal": lambda q, s, a: f"It is not stated: {q}"}
# for name, game in games.items():
#     found = [scorer.score(sentence, game(question, sentence, answer))["rougeL"] for question, sentence, answer in rows]
#     print(name, "recall", np.mean([one.recall for one in found]), "F", np.mean([one.fmeasure for one in found]))
#
# labels = pd.DataFrame({"person": [True] * 27 + [False] * 33, "judge": [True] * 26 + [False] * 27 + [True] * 7})
# print(pd.crosstab(labels["person"], labels["judge"]))
# judge_says, n = 200, 360
# good, bad = labels[labels["person"]], labels[~labels["person"]]
# sens = (good["judge"].sum() + 1) / (len(good) + 2)
# spec = ((~bad["judge"]).sum() + 1) / (len(bad) + 2)
# skill, q = sens + spec - 1, judge_says / n
# if skill <= 0:
#     raise SystemExit("this judge is no better than a coin")
# p = np.clip((q + spec - 1) / skill, 0, 1)
# variance = q * (1 - q) / n + p**2 * sens * (1 - sens) / (len(good) + 2) + (1 - p) ** 2 * spec * (1 - spec) / (len(bad) + 2)
# half = 1.96 * variance**0.5 / skill
# low, high = proportion_confint(len(good), len(labels), method="wilson")
# print(f"corrected {p:.2f} ± {half:.2f}; labels alone [{low:.2f}, {high:.2f}]")
# print("use the judge" if 2 * half < high - low else "report the labels")
# ```
#
# **Next:** lab 3.3 fills a table of trainings and contexts, and reads it with the strict rule.
