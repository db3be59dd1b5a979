# %% [markdown]
# # 1.5 · After retrieval
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | order what a search found, show the reader what fits into a budget, cite, and say nothing where a wrong answer costs more |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 1.4 (the domain encoder) |
#
# Lab 1.4 ended with a search that finds most of the evidence. Often it is not in the first place, though, and the reader answers from whatever it is shown.
# In this lab you put a second, more careful search behind the first and train it yourself. Then you spend the tokens that the reader may read, check its answers against the text, and choose when it should rather say nothing.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
import math
import re
from collections.abc import Callable, Sequence

import numpy as np
import torch

from llm_workbook import Lab, start
from llm_workbook import regions as room
from llm_workbook.labs.lab_1_5 import cross, late, reading, second

run = start("1.5", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · Found, but not on top
#
# As in lab 1.4 we search three **regions**, each within itself. Together they have 6 dev families, on which we choose, and 15 test families, which decide at the end. The search is the **domain encoder** that the workbook ships.
# The table shows how much of the evidence is in the first 1, 3 and 20 clauses (in %, dev questions; *95 % from, to* is the confidence interval of *first 3*). Compare *first* with *first 20*.

# %%
from llm_workbook.training.domain import domain_encoder

regions = room.regions_of(run)
encoder = domain_encoder()
similarity = room.similarities(regions, room.encode(regions, encoder))
lists = late.lists_of(run, encoder)  # of the train families, for section 3
encoder.release()  # its memory
systems = {"encoder": room.ranked(similarity)}
second.board(regions, systems, "dev")

# %% [markdown]
# The right clause is nearly always among the first 20. What is missing is order. (Some questions need two clauses, and the first place holds only one.)
#
# ## 2 · Two stages
#
# The encoder reads question and clause separately: it made the vectors of the clauses long before you asked. That is why it is fast. A **second stage** may look more closely, because it looks at 20 clauses only. To look at every clause in this way would take too long.
#
# ### Exercise 1 · Rerank
#
# *{{exercise_minutes}} · easy · unlocks the second stage*
#
# `score` takes a list of clauses and returns a number for each; higher is better. It is expensive: call it **once**, with the first `depth` clauses of the ranking (all of them, if there are fewer). Return all clauses: first those that were scored, highest score first, of equal ones in the old order; then the rest in the old order.


# %% tags=["taught", "exercise"]
def rerank(ranking: Sequence[int], score: Callable[[list[int]], Sequence[float]], depth: int = 20) -> list[int]:
    """The ranking with its first `depth` clauses in the order of a second score. Taught in: lab 1.5.

    ranking: places of clauses, best first. score: a list of places -> one number for each, in the same order.

    >>> rerank([4, 2, 9, 7], lambda places: [{4: 0.1, 2: 0.8, 9: 0.5}[at] for at in places], depth=3)
    [2, 9, 4, 7]
    """
    ### BEGIN SOLUTION
    first = list(ranking[:depth])
    scores = score(first)
    order = sorted(range(len(first)), key=lambda at: -scores[at])
    return [first[at] for at in order] + list(ranking[depth:])
    ### END SOLUTION


# %%
rerank = lab.use(1, rerank)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# ### Late interaction
#
# An encoder computes a vector for every **word piece** and keeps only their mean. **Late interaction** keeps them all. For each word piece of the question it looks for the most similar one of the clause; the score is the mean of these highest cosines. It is called **MaxSim** (ColBERT, arXiv:2004.12832). The vectors of the clauses are computed beforehand, so a question costs little.


# %% tags=["taught"]
def maxsim(question: torch.Tensor, clause: torch.Tensor) -> float:
    """Mean over the question's word pieces of the highest cosine with a word piece of the clause. Taught in: lab 1.5.

    question: shape (pieces, d). clause: shape (other pieces, d). All rows have length 1.

    >>> maxsim(torch.eye(3)[:2], torch.eye(3)[1:])  # one piece is there, the other is not
    0.5
    """
    return float((question @ clause.T).max(dim=1).values.mean())


# %% [markdown]
# Any encoder has such vectors. Does that make it a ColBERT? Rerank the domain encoder's 20 clauses by MaxSim: once with the encoder **as it comes**, and once with the **domain encoder** itself. Both were trained for their mean vector only, never for MaxSim. The last column cannot change, because reranking adds no clause. Which of the two MaxSim rows falls below the encoder's own order?

# %%
from dataclasses import replace

from sentence_transformers import SentenceTransformer

few = second.some(regions, run.items(live=2, smoke=1) or 20)
first_look = [
    replace(region, test=some.test) for region, some in zip(regions, few, strict=True)
]  # all of dev, few of test
clock = {"encoder": 0.0}  # milliseconds of the second stage, for one question


def second_stage(name: str, model: SentenceTransformer, asked: Sequence[room.Region]) -> None:
    """Rerank questions by MaxSim over the vectors of a model, and take the time of one question."""
    score = late.scorer(model, second.to_score(asked, systems["encoder"]), maxsim)
    systems[name] = second.ordered(asked, systems["encoder"], rerank, score)
    clock[name] = second.milliseconds(asked, systems["encoder"], score)


second_stage("MaxSim, as it comes", room.base_encoder(), first_look)
second_stage("MaxSim, domain encoder", SentenceTransformer(encoder.model), first_look)
second.board(regions, systems, "dev")

# %% [markdown]
# MaxSim is a way to compare, not a model. ColBERT's vectors were **trained** for MaxSim; that training makes a ColBERT. The domain encoder was trained for its mean vector only, but on contracts, and its word pieces have learned from that, too. The encoder as it comes has seen neither.
#
# ## 3 · Train the second stage
#
# So train for MaxSim. The best lessons are the mistakes of the first stage: take a question of a **train family**, its right clause, and two wrong clauses that the search **really found** near the top. Eight such questions make one step; the clauses of the other questions are wrong answers, too. The loss is lab 1.4's, with MaxSim in place of the cosine.
#
# Rerank the same candidates with your encoder, and with the **domain reranker** that the workbook ships: the same training with 120 steps of 16 questions and twelve regions. How much of the way from *first* to *first 20* is done? (A question that needs two clauses cannot reach 100 % in the first one, so part of the way cannot be won.)

# %%
from llm_workbook.regions.figures import losses_of
from llm_workbook.show.text import show
from llm_workbook.training.domain import domain_reranker

example = lists[0].asked[0]
print(f"{example.question}\nright:  {lists[0].texts[example.right[0]][:140]}")
print(*(f"found:  {lists[0].texts[at][:140]}" for at in example.found[:3] if at not in example.right), sep="\n")
print(f"{sum(len(one.asked) for one in lists)} questions with {late.MINED} found clauses each")

STEPS = run.items(live=24, smoke=2) or 240
own = SentenceTransformer(encoder.model)  # begin with the domain encoder
lessons = late.lessons(lists, batch=4 if PROFILE == "smoke" else 8, seed=SEED)
losses = late.train(own, lessons, STEPS, watch=late.bar(STEPS))
show(losses_of(losses))
second_stage("MaxSim, your own", own, regions)
second_stage("MaxSim, shipped", domain_reranker(), regions)
second.board(regions, systems, "dev")

# %% [markdown]
# ### The classic: a cross-encoder
#
# A **cross-encoder** reads question and clause as one text, so each word of one can look at each word of the other. That is the closest look of all, and the most expensive: nothing can be computed beforehand.
#
# Ours begins with the layers of the domain encoder; only its last layer, which makes one number of a pair, is new. It is trained on **lists** of eight: a question's right clause and seven wrong ones that the search found. The loss is minus the log of the right clause's share in a softmax over the eight scores; a guess has ln 8 = 2.08 nats.
#
# Scoring 20 pairs takes long, so the table has a part of the test questions only; all systems answer the same ones. **In its place** means that the new score alone decides, **added** that it is added to the cosine, with a weight that dev chooses (0 means: leave it out). Then the verdicts of the two that were trained for MaxSim, for which all test questions count.
#
# **Worth its milliseconds?** The picture has the recall in the first 3 of each system on the questions of the table, and the time that **one question** takes in the second stage on your machine. Up and to the left is good. (The models with MaxSim do the same work; if their times differ, your machine was busy.)

# %%
from llm_workbook.labs.lab_1_5.figures import frontier
from llm_workbook.measure.statistics import corrected

CROSS_STEPS = run.items(live=4, smoke=1) or 60
classic = cross.cross_encoder(encoder.model)
cross_losses = cross.train(classic, cross.lists(lists, wrong=7, seed=SEED), CROSS_STEPS)
print(f"loss of the first step {cross_losses[0]:.2f}, mean of the last four {np.mean(cross_losses[-4:]):.2f} nats")
by_pairs = cross.scorer(classic)
ways = systems | second.both_ways("cross-encoder", few, systems["encoder"], similarity, rerank, by_pairs)
show(second.board(few, ways, "test"))
clock["cross-encoder, added"] = second.milliseconds(few, systems["encoder"], by_pairs)
trained = ["MaxSim, your own", "MaxSim, shipped"]
found = {name: second.scored(regions, systems[name], "test") for name in ("encoder", *trained)}
print(*corrected(room.against(run, found, "encoder", trained)).values(), sep="\n")
frontier({name: second.scored(few, ways[name], "test") for name in clock}, clock)

# %% [markdown]
# Look at the loss of the cross-encoder: a guess among eight has 2.08 nats. A few dozen lists teach it next to nothing, and dev gives its score little weight or none. A cross-encoder learns one number from each pair that it reads. In late interaction each clause that was read is compared with each of the eight questions of a step, so a minute of training compares many more pairs. Published cross-encoders, trained on half a million questions, improve on a weak search a lot (see the end); you would still pay their milliseconds with every question.
#
# ## 4 · What the reader is shown
#
# The **domain reader** (a small model, trained to answer from clauses) reads slowly: each token costs time, and on a hosted model money. So the tokens are a **budget**. Clauses have different lengths, and half a clause may lack the half that matters.
#
# ### Exercise 2 · Pack a budget
#
# *{{exercise_minutes}} · easy · unlocks the reader*
#
# `tokens` has the length of each clause, best first. Go through them in this order and take each one that still fits into what is left of `budget`. A clause that does not fit is skipped; a shorter one further down may fit. Return the places that were taken, in order. What exactly fills the budget fits.


# %% tags=["taught", "exercise"]
def pack(tokens: Sequence[int], budget: int) -> list[int]:
    """Places of the clauses that are shown: the best, whole ones, within the budget. Taught in: lab 1.5.

    >>> pack([120, 200, 90, 60], budget=270)
    [0, 2, 3]
    """
    ### BEGIN SOLUTION
    taken, left = [], budget
    for place, length in enumerate(tokens):
        if length <= left:
            taken.append(place)
            left -= length
    return taken
    ### END SOLUTION


# %%
pack = lab.use(2, pack)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# A better order fits more of the evidence into the same budget. The table shows how much (in %, dev questions), for clauses that are packed in the encoder's order and in the new one. The third row has **segments**: each clause takes the one that follows it in its contract along, in case the answer goes on there. How many tokens does the new order save, and what do segments cost?

# %%
from functools import cache

import pandas as pd

score = late.scorer(domain_reranker(), [], maxsim)  # reads a text when it is asked for
reader = reading.Reader(run.reader(), few, score, reading.recorded_for(run))
length = cache(reader.tokens)


def fitting(budget: int) -> Callable[[list[str]], list[int]]:
    """Which of some clauses, best first, are shown."""
    return lambda clauses: pack([length(clause) for clause in clauses], budget)


orders = {"the encoder's order": systems["encoder"], "the new order": systems["MaxSim, shipped"]}
orders["the new order, segments"] = second.with_next(regions, systems["MaxSim, shipped"])
held = {
    f"{budget} tokens": [
        100 * second.shown(regions, rankings, "dev", fitting(budget))["recall"].mean() for rankings in orders.values()
    ]
    for budget in (100, 200, 300, 400, 600)
}
pd.DataFrame(held, index=[*orders]).round(1)

# %% [markdown]
# What does the reader make of it? Two popular ideas to try beside the size of the budget:
#
# - **Order.** Long prompts are said to be read badly in the middle (*lost in the middle*), so the best clause should be the first or the last.
# - **Compression.** Keep the header of a clause and the one sentence that is most like the question. (A sentence ends here at a full stop or a semicolon.)


# %% tags=["taught"]
def compress(clause: str, score: Callable[[list[str]], Sequence[float]], keep: int = 1) -> str:
    """The header of a clause and its `keep` best sentences, in their order. Taught in: lab 1.5.

    score: sentences -> how much each is like the question.

    >>> compress("Lease, Rent: It is due. The rent is EUR 5. It is paid.", lambda some: ["EUR" in one for one in some])
    'Lease, Rent: The rent is EUR 5.'
    """
    header, _, body = clause.partition(": ")
    sentences = re.split(r"(?<=[.;]) +", body)
    values = score(sentences)
    best = sorted(range(len(sentences)), key=lambda at: -values[at])[:keep]
    return f"{header}: {' '.join(sentences[at] for at in sorted(best))}"


# %% [markdown]
# `packed` makes a way to choose from these ideas: a function of a question and its clauses, best first, which returns those that the reader is shown.


# %% tags=["taught"]
def packed(
    budget: int, length: Callable[[str], int], last: bool = False, shorten: Callable[[str, str], str] | None = None
) -> Callable[[str, list[str]], list[str]]:
    """A way to choose what is shown, within a budget of tokens. Taught in: lab 1.5.

    length: tokens of a text. last: the best clause comes last. shorten: (question, clause) -> the clause, shorter.

    >>> packed(2, len, last=True)("?", ["a", "bbb", "c"])
    ['c', 'a']
    """

    def choose(question: str, clauses: list[str]) -> list[str]:
        if shorten:
            clauses = [shorten(question, clause) for clause in clauses[:8]]
        shown = [clauses[at] for at in pack([length(clause) for clause in clauses], budget)]
        return shown[::-1] if last else shown

    return choose


# %% [markdown]
# The reader answers one dev question, once for each way (*held*: what is shown contains the answer). How much does it have to read each time?

# %%
tried = {f"{size} tokens": packed(size, length) for size in (100, 200, 400)}
tried["400, best last"] = packed(400, length, last=True)
tried["200, compressed"] = packed(
    200, length, shorten=lambda question, clause: compress(clause, lambda some: score(question, some))
)
BETS = [*list(tried)[0:1], *list(tried)[3:]]
show(reading.beside(reader, systems["MaxSim, shipped"], tried))
lab.predict("ways", "Over many questions, which way has the fewest right answers?", BETS)

# %% [markdown]
# One question shows how, and not which way is better. So the next cells read from a record: the same ways for 90 dev questions, searched among more contracts than here, those of the train families, too. (`python -m tools.domain packing` makes it, in half an hour. With another model or corpus your reader answers a few questions now.)
#
# Of the questions that one clause answers: *% shown*, the answer is among what is shown; *% right*, answered right, with its interval. Then the right answers to questions that need several clauses; lab 1.6 is about those. Here the first kind chooses the budget; of two equally good ones the smaller is cheaper.

# %%
answers = {name: reader.answers(name, systems["MaxSim, shipped"], "dev", choose) for name, choose in tried.items()}
table = reading.ways(answers)
right = table[reading.ONE]
lab.reveal("ways", measured=", ".join(f"{way} {value} %" for way, value in right.items()), answer=right[BETS].idxmin())
budget = min((100, 200, 400), key=lambda size: (-right[f"{size} tokens"], size))
print(f"chosen on {len(answers['100 tokens'])} dev questions: {budget} tokens")
table

# %% [markdown]
# Where one clause answers, 200 tokens are as good as 400, at half the price; with 100 the clause often does not fit. Questions that need several clauses want the 400. Compression and the best clause at the end seem to lose answers, though with so few questions the intervals overlap: this reader was trained on whole clauses, best first.
#
# Now the test questions, which nothing has been chosen on: four clauses in the encoder's order, as in the README's ladder, then the budget that dev chose, in the new order. What does the second row save, in tokens, and what does it win?

# %%
before = reader.answers("encoder, 4 clauses", systems["encoder"], "test", lambda question, clauses: clauses[:4])
final = reader.answers(f"{budget} tokens", systems["MaxSim, shipped"], "test", tried[f"{budget} tokens"])
names = (f"reranked, {budget} tokens", "encoder, 4 clauses")
verdicts = corrected(
    {
        kind: run.compare(final[which], before[which], "correct", None, *names)
        for kind, which in reading.kinds(final).items()
    }
)
print(*(f"{kind}: {verdict}" for kind, verdict in verdicts.items()), sep="\n")
reading.ways({names[1]: before, names[0]: final})

# %% [markdown]
# Where one clause answers, less than half of the tokens is enough. Where several are needed, the answers are worse: 200 tokens cannot hold them. And although the new order finds more, it does not show here: this reader has learned from four clauses in the encoder's order. A better search is not yet a better answer; measure the end as well. But the second row is also a **second opinion**: the two readings are often wrong in different places. Section 6 makes use of that.
#
# ## 5 · Check the answer against the text
#
# Our reader was trained to copy its answers. So an answer can be looked up in what was shown: that is a **citation** which nobody has to trust. `cite` finds the answer as it stands, or with other capitals, spaces or punctuation.


# %% tags=["taught"]
def cite(answer: str, clauses: Sequence[str]) -> tuple[int, int, int] | None:
    """Where an answer is written: (clause, start, end) of its first place, or None. Taught in: lab 1.5.

    >>> cite("Thirty (30) days", ["Fee: EUR 5.", "Notice: thirty (30)  days."])
    (1, 8, 25)
    """
    words = re.findall(r"\w+", answer)
    pattern = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", re.IGNORECASE)
    for place, clause in enumerate(clauses):
        if words and (match := pattern.search(clause)):
            return place, match.start(), match.end()
    return None


# %% [markdown]
# Three answers with their citations. Then a question: is an answer that is found in the text also right?

# %%
given = final[~final["refused"].astype(bool)]
places = [cite(row.answer, row.clauses) for row in given.itertuples()]
for row, place in list(zip(given.itertuples(), places, strict=True))[:3]:
    show(reading.Citation(row.question, row.answer, row.clauses, place))
is_found = np.array([place is not None for place in places])
correct = given["correct"].to_numpy(bool)
for name, which in {"found in the text": is_found, "not found": ~is_found}.items():
    print(f"{name}: {which.sum()} answers" + (f", {correct[which].mean():.0%} of them right" if which.any() else ""))

# %% [markdown]
# A citation shows where an answer is from, and not whether it answers the question: most wrong answers are copied from the text, too, so the check catches few mistakes. For the person who asked it is worth a lot all the same: a look at the clause takes seconds.
#
# ## 6 · When to say nothing
#
# A wrong answer has a price. We compare with a search by hand: a right answer saves minutes of work and is worth USD 5; a wrong one costs the minute that checks it, and some are believed, USD -4; *not stated* costs the seconds to read it, USD -0.25. (Lab 3.4 shows how such prices are made.) An answer pays when the chance that it is right is above the **break-even**: the worth of silence less that of a wrong answer, divided by the worth of a right answer less that of a wrong one.
# So an assistant should **abstain**, that is say *not stated*, where it is too unsure. That needs a number for how sure it is. We try four, each for every dev and test answer:
#
# - **reader**: how probable the reader found the tokens that it wrote (geometric mean),
# - **search**: the MaxSim of the first clause,
# - **lead**: how far the first clause is ahead of the second,
# - **agreement**: 1 where both readings of section 4 gave the same words, else 0; plus *reader*, which orders within the two groups.
#
# The printed *mean risk* is the mean of a curve in the picture.
#
# **Risk and coverage.** Sort the answers from sure to unsure and give only the first part of them. **Coverage** is the share that is given, **risk** the share of the given ones that is wrong. A number that knows something has a low risk at low coverage.

# %%
from llm_workbook.labs.lab_1_5.figures import risk_coverage

dev_answers = answers[f"{budget} tokens"]
dev_before = reader.answers("encoder, 4 clauses", systems["encoder"], "dev", lambda question, clauses: clauses[:4])


def confidences(given: pd.DataFrame, other: pd.DataFrame) -> dict[str, np.ndarray]:
    """Four numbers for how sure each answer is. other: a second reading of the same questions."""
    words = [[re.findall(r"\w+", text.lower()) for text in table["answer"]] for table in (given, other)]
    same = np.array([one == two for one, two in zip(*words, strict=True)], dtype=float)
    known = reading.confidence(given)
    return known | {"agreement": same + known.get("reader", 0)}


sure = {"dev": confidences(dev_answers, dev_before), "test": confidences(final, before)}
areas = {name: reading.mean_risk(dev_answers, values) for name, values in sure["dev"].items()}
signal = min(areas, key=lambda name: areas[name])
print({name: f"mean risk {100 * area:.0f} %" for name, area in areas.items()}, "chosen on dev:", signal)
risk_coverage(dev_answers, sure["dev"])

# %% [markdown]
# ### Exercise 3 · The abstention threshold
#
# *{{exercise_minutes}} · medium · unlocks the bill*
#
# An answer is given if its confidence is **at least** the threshold. Candidates for the threshold are the confidences that occur, and infinity, which means never to answer. Return the one with the highest total worth; of equal ones the lowest, which answers most.


# %% tags=["taught", "exercise"]
def best_threshold(
    confidence: Sequence[float], right: Sequence[bool], right_usd: float, wrong_usd: float, none_usd: float
) -> float:
    """The threshold at which the answers are worth most; infinity where no answer is best. Taught in: lab 1.5.

    confidence, right: of each answer. right_usd, wrong_usd, none_usd: worth of a right, a wrong and no answer.

    >>> best_threshold([0.9, 0.6, 0.3], [True, True, False], right_usd=5, wrong_usd=-4, none_usd=-0.25)
    0.6
    """

    ### BEGIN SOLUTION
    def worth(threshold: float) -> float:
        values = [right_usd if is_right else wrong_usd for is_right in right]
        return sum(value if sure >= threshold else none_usd for value, sure in zip(values, confidence, strict=True))

    return max(sorted({*confidence, math.inf}), key=worth)
    ### END SOLUTION


# %%
best_threshold = lab.use(3, best_threshold)
# lab.hint(3)
# lab.solution(3)
ENDS = ["less than half", "half to 90 %", "nearly all"]
lab.predict("coverage", "Of the answers that the reader gives, which part stays above the threshold?", ENDS)

# %% [markdown]
# At these prices, and then for a desk where a wrong answer costs twice as much: the threshold is chosen on dev, the gains are on the test questions. The table is for the higher price; its last row never answers.

# %%
usd, families = reading.prices(), list(final["family"])
spoke, sure_of = reading.given(dev_answers), sure["test"][signal]
known = [values[spoke].tolist() for values in (sure["dev"][signal], dev_answers["correct"].to_numpy(bool))]
for times in (1, 2):
    prices = usd | {"wrong": times * usd["wrong"]}
    even = (prices["none"] - prices["wrong"]) / (prices["right"] - prices["wrong"])
    threshold = best_threshold(*known, *prices.values())
    first = reading.worth(before, before["search"], -math.inf, prices)
    every = reading.worth(final, sure_of, -math.inf, prices)
    above = reading.worth(final, sure_of, threshold, prices)
    print(f"A wrong answer costs USD {-prices['wrong']:.0f}, so an answer pays from a chance of {even:.0%} on.")
    print(f"- new order and budget, against four clauses: {reading.against(every, first, families)}")
    print(f"- the same with the threshold: {reading.against(above, first, families)}")
coverage = float(np.mean(sure_of[reading.given(final)] >= threshold))
answer = ENDS[int(coverage >= 0.5) + int(coverage > 0.9)]
lab.reveal("coverage", measured=f"{coverage:.0%} of the test answers", answer=answer)
steps = {"encoder, 4 clauses": first, f"reranked, {budget} tokens": every, "with the threshold": above}
show(reading.bill(before, final, steps, sure_of, threshold, prices["none"]))

# %% [markdown]
# A question that is answered alike from two different sets of clauses is much more often answered right. The price is a second reading, and silence where the readings differ. Where a wrong answer is expensive, that is the difference between a loss and a gain. Change `times` and look at the threshold.
#
# ## 7 · The whole way
#
# Back to the search and all its test questions: what did the new order bring within the budget that you chose, and what would segments add? (And on real contracts? The shipped reranker, which has seen none, brings the first three from 60 to 68 % of the evidence on 80 questions of CUAD; the table is in `data/README.md`.)

# %%
from llm_workbook.benchmark.systems import Traits

fits = {name: second.shown(regions, rankings, "test", fitting(budget)) for name, rankings in orders.items()}
names = ("the new order", "the encoder's order")
gained = {f"within {budget} tokens": run.compare(*(fits[name] for name in names), "recall", None, *names)}
names = ("the new order, segments", "the new order")
gained["and with segments"] = run.compare(*(fits[name] for name in names), "recall", None, *names)
for name, verdict in corrected(gained).items():
    print(f"{name}: {verdict}")
for name, table in found.items():
    _ = run.ledger.append(name, table, {}, Traits(context="retrieved", index=name))
lab.progress()

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | cross-encoder | BM25's first 100 reranked by a MiniLM cross-encoder: NQ .305 to .523, FEVER .638 to .801 (its model card); gains shrink where the first stage is strong, and too many candidates make it worse (arXiv:2411.11767) | section 3 | those learned from half a million questions; ours has minutes, and a first stage that already knows the domain |
# | late interaction | ColBERT (arXiv:2004.12832): near a cross-encoder's quality at a hundredth of its time | section 3 | the same reason holds here: clauses are read before anybody asks |
# | likelihood of the question | a language model reranks 1,000 passages without training: 6 to 18 points more questions with an answer in the first 20 after unsupervised searches, up to 12 after trained ones (arXiv:2204.07496, abstract) | recorded, 45 questions: recall at 3 54 % in place of the encoder's 82, 8 s a question; dev gives it weight 0 (`data/README.md`) | theirs had billions of parameters, ours 135 million |
# | lost in the middle | Llama-2-70b, 20 documents: right 56.8 % with the right one first, 53.3 % fifth, 69.5 % last (arXiv:2307.03172) | section 4: best last seems worse | each model reads as it was trained; among a few short clauses there is hardly a middle |
# | compression | LongLLMLingua: Natural Questions 35.1 to 32.2, HotpotQA 35.3 to 37.5 (FlashRAG, arXiv:2405.13576) | section 4: seems worse | as there on Natural Questions: our reader knows whole clauses |
# | abstention | answer where the expected worth is above that of silence (Chow, 1970, IEEE Trans. Information Theory 16) | section 6 | the same rule, with the threshold found on dev |
#
# ## What to take home
#
# **Rule.** Look at recall at 1 beside recall at 20: the gap is the most that a second stage can win. Train it on what your own search finds, and compare it with the first stage, in its place and added to it. Choose the budget, the order and the threshold on dev, and hold the threshold against never answering. Two readings that agree are worth more than one that is sure. **It prevents** a reranker that was trained for other texts, costs a second and finds less.
# **It costs** the vectors of all word pieces, where the first stage keeps one for each clause. (ColBERT makes them shorter and stores fewer bits of each number.)
#
# A two-stage retriever with a budget and a check of citations in plain LangChain and sentence-transformers (copy it into a file of its own):
#
# ```python
# import re
# from typing import Any
#
# from langchain_core.documents import Document
# from langchain_core.retrievers import BaseRetriever
# from langchain_core.vectorstores import InMemoryVectorStore
# from langchain_huggingface import HuggingFaceEmbeddings
# from sentence_transformers import CrossEncoder
#
#
# class TwoStage(BaseRetriever):
#     store: Any
#     second: Any
#     depth: int = 20
#     budget: int = 1600  # characters
#
#     def _get_relevant_documents(self, query, *, run_manager):
#         found = self.store.similarity_search(query, k=self.depth)
#         scores = self.second.predict([(query, one.page_content) for one in found])
#         shown, left = [], self.budget
#         for at in sorted(range(len(found)), key=lambda at: -scores[at]):
#             if len(found[at].page_content) <= left:
#                 shown.append(found[at])
#                 left -= len(found[at].page_content)
#         return shown
#
#
# def cited(answer, documents):
#     words = r"\W+".join(map(re.escape, re.findall(r"\w+", answer)))
#     return next((one for one in documents if re.search(words, one.page_content, re.IGNORECASE)), None)
#
#
# clauses = ["Lease, Notice: The notice period is 30 days.", "Lease, Rent: The rent is EUR 5.", "Lease, Term: Two years."]
# embeddings = HuggingFaceEmbeddings(model_name="sentence-transformers/all-MiniLM-L6-v2")
# store = InMemoryVectorStore.from_documents([Document(text) for text in clauses], embeddings)
# retriever = TwoStage(store=store, second=CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2"))
# documents = retriever.invoke("How long is the notice period of the lease?")
# print(documents, cited("30 days", documents), sep="\n")
# ```
#
# **Next:** lab 1.6 connects documents.
