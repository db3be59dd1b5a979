# %% [markdown]
# # 1.4 · Retrieval: hybrid, and an encoder of your own
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | combine keywords and vectors without losing by it, and train an encoder on your own documents in minutes |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 1.2 (clauses with a header) |
#
# Lab 1.2 wrote title, number and heading in front of each clause. Its search still misses most of the evidence. In this lab you first combine it with a keyword search, and see when that helps and when it harms.
# Then you train the encoder itself on questions about contracts. That takes about three minutes. No language model is needed.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

import bm25s
import numpy as np
import pandas as pd
import torch
from bm25s.stopwords import STOPWORDS_EN

from llm_workbook import Lab, start
from llm_workbook import regions as room
from llm_workbook.labs.lab_1_4 import ways

run = start("1.4", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · Where lab 1.2 ended
#
# Five test families are too few for a verdict. (A **family** is a master agreement with everything that belongs to it.) So this lab searches three further **regions**: three worlds of contracts made like the one that you know,
# each searched within itself. Together they have 15 test families, which decide at the end, and 6 dev families, on which we choose. Their train families are used for training only.
#
# In `live` the clauses of the dev and test families are searched; in `full` those of the train families, too. Each clause has its header from lab 1.2. **Vectors** is the search that you know: the encoder turns question and clause into vectors, and the nearest three count.
# The measure is recall at 3: the share of the evidence in the first three clauses. Two types of question deserve a look of their own: an **identifier** question names a contract or an article by its code;
# a **paraphrase** shares no word with the clause that answers it, but for words such as *the* and *of*. The row **random** draws its clauses by chance. All columns are percentages, means over questions.

# %%
regions = room.regions_of(run)
for region in regions:
    print(f"{region.name}: {len(region.entries)} clauses, {len(region.dev)} dev and {len(region.test)} test questions")
plain = room.encode(regions, run.embeddings)
vector_scores = room.similarities(regions, plain)
systems = {"random": room.at_random(regions, SEED), "vectors": room.ranked(vector_scores)}
room.board(regions, systems, "dev")

# %% [markdown]
# ## 2 · Keywords
#
# **BM25** is the classic keyword search. A clause scores for each word that it shares with the question: more for a rare word, less when the clause is long. It does not know that *end* and *terminate* mean the same.
# But it can tell `SOW-2024-1330` from `SOW-2024-1331`, and a vector may not.
#
# BM25 needs a **tokeniser**, which cuts a text into words. The usual one cuts at every hyphen, so a code falls into three pieces. A common advice is to keep a code whole. `terms` does that, and can count the code several times, in question and clause:


# %% tags=["taught"]
CODE = re.compile(r"\b[A-Z]{2,}(?:-[A-Z0-9]+)*-\d[A-Z0-9]*(?:-[A-Z0-9]+)*\b")


def words(text: str) -> list[str]:
    """Words of two letters or more, in small letters, without English stop words. Taught in: lab 1.4."""
    return [word for word in re.findall(r"\b\w\w+\b", text.lower()) if word not in STOPWORDS_EN]


def terms(text: str, times: int = 1) -> list[str]:
    """Each code whole, and so many times; then the words of the rest. Taught in: lab 1.4.

    >>> terms("The notice of SOW-2024-1330?", times=2)
    ['SOW-2024-1330', 'SOW-2024-1330', 'notice']
    """
    return times * CODE.findall(text) + words(CODE.sub(" ", text))


def keyword_scores(
    texts: Sequence[str], questions: Sequence[str], terms: Callable[[str], list[str]]
) -> list[np.ndarray]:
    """BM25 scores of each question against each text; shape (texts,) each. terms: the tokeniser. Taught in: lab 1.4.

    >>> [scores.argmax() for scores in keyword_scores(["rent is due", "notice is short"], ["which notice?"], words)]
    [np.int64(1)]
    """
    index = bm25s.BM25()
    index.index([terms(text) for text in texts], show_progress=False)
    return [index.get_scores(row) if row else np.zeros(len(texts)) for row in map(terms, questions)]


# %% [markdown]
# Three tokenisers, on the dev questions, which decide which one the lab keeps. Which will find most where a code is named? Look at the column *identifier*.

# %%
WAYS = ["cut at hyphens: sow, 2024, 1330", "whole, counted once", "whole, counted three times"]
tokenisers = dict(zip(WAYS, [words, terms, lambda text: terms(text, times=3)], strict=True))
sparse = {way: ways.by_keywords(regions, keyword_scores, tokenise) for way, tokenise in tokenisers.items()}
tried = {way: room.ranked(scores) for way, scores in sparse.items()}
shares = room.board(regions, {**systems, **tried}, "dev")
best_way = str(shares.loc[WAYS].sort_values(["identifier", "all"]).index[-1])
keyword_rankings, keyword_score = tried[best_way], sparse[best_way]
named = [one.question for region in regions for one in region.dev if CODE.search(one.question)]
others = np.mean([len(words(CODE.sub(" ", question))) for question in named])
print(f"{len(named)} dev questions name a code. Beside it each has {others:.1f} other words that count.")
print("The lab keeps:", best_way)
shares

# %% [markdown]
# Is the popular advice enough? The header puts the contract's code into **every** clause of that contract, so a code that counts once is one matching word among many, and the other words of the question outvote it.
# Cut into pieces it counts more often, but a year such as 2024 matches other contracts, too. Whole **and** counted more often says what we mean.
#
# ## 3 · Fuse two rankings
#
# Scores of the two searches have different scales: 0.83 beside 17.2 means nothing. **Reciprocal rank fusion** (RRF) forgets the scores and keeps the ranks. A clause at rank $r$ of a list earns $1 / (k + r)$; the clause with the largest sum comes first.
#
# ### Exercise 1 · Reciprocal rank fusion
#
# *{{exercise_minutes}} · medium · unlocks the fused search*
#
# Ranks start at 1. A clause may be missing in a list; then it earns nothing there. Return **all** clauses that stand in any list, best first; equal sums keep the order in which they are first seen, list by list.


# %% tags=["taught", "exercise"]
def reciprocal_rank_fusion(rankings: Sequence[Sequence[Hashable]], k: int = 60) -> list:
    """Fuse ranked lists into one, best first (Cormack et al., SIGIR 2009). Taught in: lab 1.4.

    rankings: one list for each search, best first, without duplicates. k: the larger, the more low ranks count.

    >>> reciprocal_rank_fusion([["a", "b"], ["b", "c"]])
    ['b', 'a', 'c']
    """
    ### BEGIN SOLUTION
    earned = {clause: 0.0 for ranking in rankings for clause in ranking}
    for ranking in rankings:
        for rank, clause in enumerate(ranking, start=1):
            earned[clause] += 1 / (k + rank)
    return sorted(earned, key=lambda clause: -earned[clause])
    ### END SOLUTION


# %%
reciprocal_rank_fusion = lab.use(1, reciprocal_rank_fusion)
# lab.hint(1)
# lab.solution(1)
OUTCOMES = ["more than vectors alone", "less than vectors alone", "within 2 points of vectors alone"]
lab.predict("rrf", "Over all dev questions, what does RRF of vectors and keywords find?", OUTCOMES)

# %% [markdown]
# The picture shows the same three searches by type of question. Are there types where the fused search lies **below** the vectors?

# %%
from llm_workbook.labs.lab_1_4.figures import by_type

systems["keywords"] = keyword_rankings
systems["RRF"] = {
    name: reciprocal_rank_fusion([systems["vectors"][name], keyword_rankings[name]]) for name in vector_scores
}
means = room.board(regions, systems, "dev")["all"]
change = means["RRF"] - means["vectors"]
answer = OUTCOMES[2] if abs(change) <= 2 else OUTCOMES[0] if change > 0 else OUTCOMES[1]
lab.reveal("rrf", measured=f"{change:+.1f} points", answer=answer)
by_type({name: room.scored(regions, systems[name], "dev") for name in ("vectors", "keywords", "RRF")})

# %% [markdown]
# RRF treats both searches as equally good, on every question. Where question and clause share no word (paraphrases), the keyword list is noise, and the noise takes places in the first three. So a weak search can pull a strong one down.
#
# ### Weigh them
#
# The next simplest idea: bring both scores to 0 ... 1 and add them with a weight. **Alpha** is the weight of the keywords: 0 is vectors alone, 1 is keywords alone.
#
# ### Exercise 2 · Choose alpha
#
# *{{exercise_minutes}} · easy · unlocks the weighted search*
#
# `recall` maps each weight to the recall of **every** question, dev and test: `recall[0.2]["some question id"]`. Return the weight that you would ship. The best of several weights looks better than it is, so only dev questions may choose.
# Of weights that are equally good on dev, return the smallest: the less of a second search you need, the better.
#
# `weighted`, in the same cell, is given. The cell after it runs all weights and draws them. Look at the two types, identifier and paraphrase: do they ask for the same weight?


# %% tags=["taught", "exercise"]
def scaled(scores: np.ndarray) -> np.ndarray:
    """Scores from 0 (lowest) to 1 (highest); all 0 where they are equal. Taught in: lab 1.4."""
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))


def weighted(vectors: np.ndarray, keywords: np.ndarray, alpha: float) -> np.ndarray:
    """One score from two, shape (texts,). alpha: weight of the keywords, 0 to 1. Taught in: lab 1.4.

    >>> weighted(np.array([0.2, 0.8]), np.array([9.0, 0.0]), alpha=0.25).tolist()
    [0.25, 0.75]
    """
    return (1 - alpha) * scaled(vectors) + alpha * scaled(keywords)


def best_alpha(recall: Mapping[float, Mapping[str, float]], dev: Collection[str]) -> float:
    """The weight with the highest mean recall over the dev questions; of equal ones the smallest. Taught in: lab 1.4.

    recall: weight -> question id -> recall, 0 to 1. dev: ids of the dev questions, at least one.

    >>> best_alpha({0.0: {"d": 0.0, "t": 1.0}, 0.5: {"d": 1.0, "t": 0.0}, 1.0: {"d": 1.0, "t": 1.0}}, ["d"])
    0.5
    """
    ### BEGIN SOLUTION
    means = {alpha: np.mean([found[question] for question in dev]) for alpha, found in recall.items()}
    return min(means, key=lambda alpha: (-means[alpha], alpha))
    ### END SOLUTION


# %%
from llm_workbook.labs.lab_1_4.figures import alphas

best_alpha = lab.use(2, best_alpha)
# lab.hint(2)
# lab.solution(2)
ALPHAS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
dev = [one.id for region in regions for one in region.dev]
curve = ways.mixed(vector_scores, keyword_score, weighted, ALPHAS)
alpha = best_alpha(ways.recalls(regions, curve), dev)
systems["weighted"] = curve[alpha]
alphas({weight: room.scored(regions, rankings, "dev") for weight, rankings in curve.items()}, alpha)

# %% [markdown]
# ### Route instead of mixing
#
# One weight for all questions is a compromise. But you can **see** in a question whether it names a code. A **router** sends each question to the search that suits it: if a code is named, the clauses that contain it come first, in the order of their similarity. Any other question is left to the vectors. (Lab 1.3 goes further and makes a filter of the titles that a question names.)
#
# For the first three places this is nearly a filter. But it drops nothing: a question may name a statement of work while its master agreement answers, and further down the list, or for a larger k, that clause is still there.


# %% tags=["taught"]
def route(question: str, texts: Sequence[str], scores: np.ndarray) -> np.ndarray:
    """Similarities in which texts that contain a code of the question stand before all others. Taught in: lab 1.4.

    scores: cosines of the question with each text, shape (texts,).

    >>> route("Fee of RF-12-X?", ["RF-12-Y: 3", "RF-12-X: 5"], np.array([0.9, 0.1])).tolist()
    [0.9, 2.1]
    """
    codes = CODE.findall(question)
    return scores + 2 * np.array([any(code in text for code in codes) for text in texts])


# %% [markdown]
# Compare the last row with *vectors*: what did the identifiers gain, and did the rest lose?

# %%
systems["router"] = ways.routed(regions, vector_scores, route)
room.board(regions, systems, "dev")

# %% [markdown]
# ## 4 · Train the encoder
#
# All of this works around an encoder that was never trained to tell contracts apart. Now teach it. All it needs is **pairs**: a question, and the clause that answers it. The pairs below are about train families only; all dev and test questions are about other contracts.

# %%
pairs = room.pairs_of(run)
for pair in next(iter(pairs.values()))[:2]:
    print(f"question: {pair.question}\nclause:   {pair.clause[:150]} ...\n")
print(f"{sum(map(len, pairs.values())):,} pairs from {len(pairs)} corpora")

# %% [markdown]
# **In-batch negatives.** Take a batch of 32 pairs. For each question one of the 32 clauses is right; the other 31 are **negatives**, for free. The **contrastive loss** asks for the right one, as a quiz with 32 answers: multiply each cosine by a scale (20),
# make probabilities of them with a softmax, and take minus the logarithm of the right one's probability. The unit of the loss is the **nat**; an encoder that guesses has a loss of ln 32 = 3.5 nats, a very good one nearly 0.
#
# ### Exercise 3 · The contrastive loss
#
# *{{exercise_minutes}} · medium · unlocks the training*
#
# Row `i` of `clauses` answers row `i` of `questions`. There may be more clauses than questions: further rows are wrong for every question. The vectors may have any length; the loss depends on cosines. `torch.nn.functional` has `normalize` and `cross_entropy`.
#
# The cell after it first shows an invariant: on the same batch your loss equals that of the library, `MultipleNegativesRankingLoss`. Then it shows the effect of the **batch size**, with the encoder as it comes. Look at how often it already picks the right clause: a question that is already answered teaches little.


# %% tags=["taught", "exercise"]
def contrastive_loss(questions: torch.Tensor, clauses: torch.Tensor, scale: float = 20.0) -> torch.Tensor:
    """Mean loss (nats) of finding each question's own clause among all clauses of a batch. Taught in: lab 1.4.

    questions: shape (B, d). clauses: shape (C, d), C >= B; row i answers question i. (van den Oord et al., 2018,
    arXiv:1807.03748; with in-batch negatives Henderson et al., 2017, arXiv:1705.00652.)

    >>> round(float(contrastive_loss(torch.ones(4, 2), torch.ones(4, 2))), 4)  # knows nothing: ln 4
    1.3863
    """
    ### BEGIN SOLUTION
    functions = torch.nn.functional
    cosines = functions.normalize(questions) @ functions.normalize(clauses).T
    return functions.cross_entropy(scale * cosines, torch.arange(len(questions)))
    ### END SOLUTION


# %%
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

contrastive_loss = lab.use(3, contrastive_loss)
# lab.hint(3)
# lab.solution(3)
quiz = room.different(next(iter(pairs.values())), 128)  # pairs without a common clause
asks = torch.tensor(run.embeddings.embed_documents([pair.question for pair in quiz]))
clauses = torch.tensor(run.embeddings.embed_documents([pair.clause for pair in quiz]))
library = MultipleNegativesRankingLoss(run.embeddings.plain._client).compute_loss_from_embeddings([asks, clauses], None)
print(f"yours {contrastive_loss(asks, clauses):.6f}, the library's {library:.6f}")
rows = {}
for size in [size for size in (4, 16, 32, 64, 128) if size <= len(quiz)]:
    batches = [slice(at, at + size) for at in range(0, len(quiz) - size + 1, size)]
    right = np.mean([(asks[b] @ clauses[b].T).argmax(1).eq(torch.arange(size)).float().mean() for b in batches])
    loss = np.mean([float(contrastive_loss(asks[b], clauses[b])) for b in batches])
    rows[size] = {"loss": round(loss, 2), "loss of a guess": round(np.log(size), 2), "% picked": round(100 * right)}
pd.DataFrame(rows).T.rename_axis("batch size")

# %% [markdown]
# A larger batch is a harder quiz, without more pairs. It costs memory, not labels.
#
# ### Exercise 4 · Mine a hard negative
#
# *{{exercise_minutes}} · medium · unlocks a harder quiz*
#
# The other way to a harder quiz: choose the wrong answer. A **hard negative** is a clause that looks right and is not. Take the clause most similar to the question that is not right. But labels have gaps: a clause that is **nearly as similar as the right one** may answer the question as well, and then you teach a mistake.
# So skip every clause whose similarity is above `ceiling` times that of the right clause (with several right clauses, take the highest of their similarities; a clause exactly at the limit stays). Return the places of the `count` most similar clauses that are left, best first, of equal ones the first; fewer, if fewer are left.
#
# The cell after it shows one mined negative to read, then the loss of one batch in four versions: as it is; with as many clauses again, drawn by chance; and twice with a hard negative for each question, mined from clauses outside the batch. The last three have about the same number of answers. Which quiz is the hardest?


# %% tags=["taught", "exercise"]
def hard_negatives(
    similarity: Sequence[float], right: Collection[int], count: int = 1, ceiling: float = 0.95
) -> list[int]:
    """Places of the most similar clauses that are not right and not suspiciously similar. Taught in: lab 1.4.

    similarity: of the question with each clause. right: places of the clauses that answer it, at least one. ceiling: a
    share of the right clause's similarity (NV-Retriever, arXiv:2407.15831).

    >>> hard_negatives([0.80, 0.79, 0.10, 0.60], right=[0], count=2)
    [3, 2]
    """
    ### BEGIN SOLUTION
    limit = ceiling * max(similarity[place] for place in right)
    left = [place for place, value in enumerate(similarity) if place not in right and value <= limit]
    return sorted(left, key=lambda place: -similarity[place])[:count]
    ### END SOLUTION


# %%
hard_negatives = lab.use(4, hard_negatives)
# lab.hint(4)
# lab.solution(4)
size = min(32, len(quiz) // 2)  # the batch; hard negatives come from the clauses outside of it
likeness = [[row[at], *row[size:]] for at, row in enumerate((asks @ clauses.T)[:size].tolist())]
outside = {name: [hard_negatives(row, {0}, 1, ceiling) for row in likeness]
           for name, ceiling in {"hard ones, ceiling 0.95": 0.95, "hard ones, no ceiling": np.inf}.items()}  # fmt: skip
example = next((at for at, places in enumerate(outside["hard ones, ceiling 0.95"]) if places), 0)
hard = [quiz[size - 1 + place].clause for place in outside["hard ones, ceiling 0.95"][example]]
print(quiz[example].question, f"right: {quiz[example].clause[:150]}", *(f"hard:  {text[:150]}" for text in hard),
      sep="\n")  # fmt: skip
more = {f"{size - 1} other clauses": [], f"and {size} more, by chance": list(range(size, 2 * size))}
more |= {f"and {name}": [size - 1 + at for row in rows for at in row] for name, rows in outside.items()}
batch_loss = {
    name: float(contrastive_loss(asks[:size], torch.cat([clauses[:size], clauses[places]])))
    for name, places in more.items()
}
pd.Series(batch_loss, name="loss (nats)").round(2)

# %% [markdown]
# Without a ceiling the negatives are the clauses most like the right ones, such as the same term in another contract. In your documents some of them would be right answers without a label. The training below uses in-batch negatives alone:
# its batches come from one region at a time, so the other 31 clauses already include neighbours.
#
# ### Three minutes of training
#
# The library's trainer takes a loss equal to yours and does what every training does: encode a batch, compute the loss, move the weights a little. The word embeddings and the two lowest layers stay as they are, which saves time and forgets less. A batch never contains one clause twice (`no_duplicates`): the second copy would be a right answer that counts as wrong. The **cached** loss is the same number, with the same gradient: it encodes a batch in portions of 8 and so needs a third of the memory, for a third more time (GradCache, arXiv:2101.06983).

# %%
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import CachedMultipleNegativesRankingLoss

STEPS, BATCH = run.items(live=36, smoke=2) or 48, 8 if PROFILE == "smoke" else 32
run.embeddings.release()  # its memory
encoder = room.base_encoder()  # SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
encoder.max_seq_length = 96  # word pieces of a text in training; most clauses end before
for name, weight in encoder.named_parameters():
    weight.requires_grad_(not any(part in name for part in ("embeddings.", "layer.0.", "layer.1.")))
data = room.datasets_of(pairs)  # corpus -> a Dataset with the columns anchor (the question) and positive (its clause)
folder = str(run.settings.results_dir / "encoder-1.4")
options = SentenceTransformerTrainingArguments(
    output_dir=folder, max_steps=STEPS, per_device_train_batch_size=BATCH, learning_rate=1e-4, warmup_steps=5,
    batch_sampler="no_duplicates", multi_dataset_batch_sampler="proportional", seed=SEED, logging_steps=1,
    save_strategy="no", report_to="none", disable_tqdm=True, dataloader_pin_memory=False)  # fmt: skip
loss = CachedMultipleNegativesRankingLoss(encoder, mini_batch_size=8)
trainer = SentenceTransformerTrainer(encoder, options, train_dataset=data, loss=loss)
GAINS = ["less than 5 points", "5 to 15 points", "more than 15 points"]
lab.predict("train", "How much recall at 3 will the training add on unseen families?", GAINS)

# %% [markdown]
# Now run it. You can interrupt the cell: what was learned until then is kept. (To start afresh, run the cell above again first.) The dashed line is a guess. Where does the loss begin, and how early is most of the fall over?

# %%
from llm_workbook.labs.lab_1_4.figures import loss_of_steps

losses = room.run_training(trainer)
encoder.max_seq_length = 256  # read whole clauses again
encoder.save(folder, create_model_card=False)
loss_of_steps(losses, BATCH)

# %% [markdown]
# Your encoder is now a folder that any library reads. Encode the clauses again, with yours and with the **domain encoder** that the workbook ships: the same training with 300 steps, batches of 64 and twelve regions.

# %%
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.training.domain import domain_encoder

own = room.encode(regions, CachedEmbeddings(folder))
shipped = room.encode(regions, domain_encoder())
own_scores, shipped_scores = (room.similarities(regions, vectors) for vectors in (own, shipped))
systems |= {"own encoder": room.ranked(own_scores), "shipped encoder": room.ranked(shipped_scores)}
found = {name: room.scored(regions, rankings, "test") for name, rankings in systems.items()}
gain = 100 * (found["own encoder"]["recall"].mean() - found["vectors"]["recall"].mean())
lab.reveal("train", measured=f"{gain:+.1f} points on {len(found['vectors'])} test questions",
           answer=GAINS[int(gain >= 5) + int(gain > 15)])  # fmt: skip
room.board(regions, systems, "test")

# %% [markdown]
# ## 5 · What still helps with a better encoder?
#
# The order of the steps matters. Each technique of section 3 again, now with **your** encoder. The weighted sum keeps the alpha that suited the encoder as it came, and below the verdicts you see which alpha dev chooses now. One more is common: **maximal marginal relevance** (MMR) takes, one by one, the clause that is most like the question and least like those already taken, so that three clauses do not say the same. Its weight is chosen on dev.


# %% tags=["taught"]
def mmr(similarity: np.ndarray, vectors: np.ndarray, share: float, k: int = 3) -> list[int]:
    """Places of k texts: each like the question, and unlike those before it. Taught in: lab 1.4.

    similarity: of the question with each text, shape (n,). vectors: of the texts, of length 1, shape (n, d). share:
    weight of the similarity, 0 to 1; 1 is the plain order. (Carbonell and Goldstein, SIGIR 1998.)

    >>> mmr(np.array([0.9, 0.89, 0.5]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), share=0.5, k=2)
    [0, 2]
    """
    left, taken = np.argsort(-similarity, kind="stable")[:20].tolist(), []
    while left and len(taken) < k:
        doubled = [max((float(vectors[at] @ vectors[one]) for one in taken), default=0.0) for at in left]
        values = [share * similarity[at] - (1 - share) * double for at, double in zip(left, doubled, strict=True)]
        taken.append(left.pop(int(np.argmax(values))))
    return taken


# %% [markdown]
# Which of them still helps? Say it first, then look at which intervals exclude zero. Each line below gives the difference with its 95 % confidence interval over families, as in lab 1.1, and p: the chance of a difference at least as large if nothing had changed. (Several comparisons are several chances for luck, so Holm's method makes their p values larger.) The verdict is *better* or *worse* where p is below 0.05, else *cannot tell*.

# %%
from llm_workbook.measure.statistics import corrected
from llm_workbook.show.plots import forest
from llm_workbook.show.text import show

own_curve = ways.mixed(own_scores, keyword_score, weighted, ALPHAS)
own_alpha = best_alpha(ways.recalls(regions, own_curve), dev)
taken = {share: ways.spread(regions, own_scores, own, mmr, share) for share in (0.5, 0.8, 0.9, 1.0)}
best_share = max(taken, key=lambda share: room.scored(regions, taken[share], "dev")["recall"].mean())
fused = {name: reciprocal_rank_fusion([systems["own encoder"][name], keyword_rankings[name]]) for name in own_scores}
additions = {"RRF": fused, f"keywords, alpha {alpha} as before": own_curve[alpha]}
if own_alpha not in (0, alpha):
    additions[f"keywords, alpha {own_alpha} chosen anew"] = own_curve[own_alpha]
additions |= {"router": ways.routed(regions, own_scores, route), f"MMR, share {best_share}": taken[best_share]}
found |= {f"own + {name}": room.scored(regions, rankings, "test") for name, rankings in additions.items()}
verdicts = corrected(room.against(run, found, "own encoder", [f"own + {name}" for name in additions]))
why = ways.why_less(regions, systems["own encoder"], fused, keyword_rankings)
print(*verdicts.values(), f"Alpha that dev chooses now: {own_alpha}.", why, sep="\n")
forest({name: (one.difference, one.low, one.high) for name, one in verdicts.items()},
       f"Added to your encoder: change of recall at 3, n = {len(found['vectors'])}")  # fmt: skip

# %% [markdown]
# ## 6 · The whole way
#
# From the search that lab 1.2 ended with to yours, and to the shipped one, on families that no training and no choice has used. (They come from the same three regions as train families, and their questions from the same source: on your own documents, expect less.)
#
# And **what does the encoder forget?** Training moves it towards contracts. Does it still understand other English? Thirty plain sentences about bread, bees and trains, and a question about each: how often is its sentence the nearest of the thirty, and by how much (**margin**: cosine of the right one minus the best wrong one)?

# %%
from llm_workbook.benchmark.systems import Traits
from llm_workbook.labs.lab_1_4.figures import way
from llm_workbook.labs.lab_1_4.general import general

steps = room.against(run, found, "vectors", ["own encoder"]) | room.against(
    run, found, "own encoder", ["shipped encoder"]
)
print(*corrected(steps).values(), sep="\n")
for name, base in (("router", "vectors"), ("own + router", "own encoder")):
    print("Identifier questions:", run.compare(found[name], found[base], "recall", "identifier", name, base))
encoders = {"as it comes": run.embeddings, "your own": CachedEmbeddings(folder), "shipped": domain_encoder()}
show(pd.DataFrame({name: general(embeddings) for name, embeddings in encoders.items()}).T)
for name, table in found.items():
    _ = run.ledger.append(name, table, {}, Traits(context="retrieved", index=name))
ROWS = ("random", "keywords", "vectors", "router", "own encoder", "own + router", "shipped encoder")
way({name: found[name] for name in ROWS})

# %% [markdown]
# Did the share of nearest sentences fall? The margin is only a hint, because training also changes how far apart all cosines are. Look again before you use such an encoder for other texts, such as e-mail. (Thirty sentences show a large loss and no small one.)
#
# ## 7 · Your own documents
#
# You need pairs, and nobody has labelled your documents. Make them: the workbook drafts one question for each clause with a heading, from title and heading. A draft shares its words with the header, so it teaches little as it is. **Rewrite** each as somebody who does not know the document would ask: other words, no heading, the party's name. A few hundred take an afternoon; ask the people who really search.
# Keep the questions about some documents for the exam, as here.

# %%
import csv

path = run.settings.results_dir / "pairs-1.4.csv"
path.parent.mkdir(parents=True, exist_ok=True)
drafted = room.drafts(run.contracts)
with path.open("w", newline="", encoding="utf-8") as file:
    csv.writer(file).writerows([("question", "clause"), *((pair.question, pair.clause) for pair in drafted)])
print(f"{len(drafted)} drafts in {path}; rewrite the column question. The first ones:")
print(*(pair.question for pair in drafted[:3]), sep="\n")
show(lab.progress())

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RRF | +1 to +6 % over the better search on TREC-COVID and WANDS (arXiv:2604.13728); equal weights can lose to the better one | section 3 and 5 | it needs two searches of similar strength; headers in every clause make keywords weak, and training makes the vectors strong |
# | whole codes | common advice for keyword search | section 2 | the code stands in the header of every clause, so it is one word of many |
# | training on the domain | several points on BEIR's domains after training on generated questions (GPL, arXiv:2112.07577) | section 6 | our contracts look alike, so an encoder as it comes cannot tell them apart, and our train questions are like the test questions |
# | MMR | +1.6 points of precision, not significant (ARAGOG, 107 questions) | section 5 | |
#
# **Does it carry over to real contracts?** Recorded with this lab's recipe (36 steps, one seed) on 60 contracts of CUAD, of which 21 are test contracts; `python -m tools.domain transfer` makes it again. Recall at 3 in %, with 95 % intervals:
#
# | | authored, 887 questions | CUAD, 80 questions |
# |---|---|---|
# | the encoder as it comes | 43.7 [38, 50] | 48.5 [33, 64] |
# | tuned on authored contracts | 67.6 [65, 71] | 63.8 [53, 75] |
# | the same, with RRF | 54.7 [52, 58] | 56.9 [43, 71] |
# | tuned on CUAD | 52.6 [49, 56] | 71.0 [60, 82] |
# | shipped: authored, trained for longer | 84.6 [81, 88] | 59.7 [48, 71] |
#
# Training on the other kind of contract brings a part of the gain, in both directions; your own kind brings more. More training on authored contracts did not help on real ones. RRF takes from a trained encoder on both.
#
# ## What to take home
#
# **Rule.** Measure by type of question before you fuse. Fuse only searches of similar strength; where a question shows what it needs (a code), route it. Before you add a second search, train the one that you have: about a thousand pairs and a few minutes. **It prevents** a hybrid search that is worse than its better half, and goes unnoticed.
# **It costs** one pass over all documents with the new encoder; old vectors do not fit it. With `CORPUS = "folder:..."` and without train questions this lab trains on the drafts, which teaches little.
#
# The same in plain sentence-transformers (copy it into a file of its own), for `pairs.csv` with the columns question and clause:
#
# ```python
# import csv
#
# from datasets import Dataset
# from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
# from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
#
# with open("pairs.csv", newline="", encoding="utf-8") as file:
#     rows = list(csv.DictReader(file))
# data = Dataset.from_dict({"anchor": [row["question"] for row in rows], "positive": [row["clause"] for row in rows]})
#
# encoder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
# encoder.max_seq_length = 128
# options = SentenceTransformerTrainingArguments(
#     output_dir="steps", num_train_epochs=1, per_device_train_batch_size=32, learning_rate=1e-4, warmup_steps=5,
#     batch_sampler="no_duplicates", save_strategy="no", report_to="none",
# )
# SentenceTransformerTrainer(encoder, options, train_dataset=data, loss=MultipleNegativesRankingLoss(encoder)).train()
# encoder.max_seq_length = 256
# encoder.save("my-encoder")
#
# clauses = list(dict.fromkeys(row["clause"] for row in rows))
# vectors = encoder.encode(clauses, normalize_embeddings=True)
# question = encoder.encode("How long is the notice period of the lease?", normalize_embeddings=True)
# for place in (vectors @ question).argsort()[::-1][:3]:
#     print(clauses[place], end="\n\n")
# ```
#
# **Next:** lab 1.5 orders, shortens and checks what was found.
