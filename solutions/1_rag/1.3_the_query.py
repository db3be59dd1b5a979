# %% [markdown]
# # 1.3 · The query: does a search find the right contract?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | say in one sentence what this lab teaches |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing; lab 0 explains how exercises work |
#
# This is a skeleton: it runs, and every sentence in it wants to be replaced.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
from collections.abc import Sequence

from llm_workbook import Lab, start

run = start("1.3", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## One question first
#
# Each question has **evidence**: the characters of a contract that state the answer. Here is one.

# %%
questions = [question for question in run.questions() if question.evidence]
for question in questions[:1]:
    print(f"{question.question}\nevidence in: {question.evidence[0].document}")

# %% [markdown]
# A keyword search (BM25) ranks all contracts for each question. How often does the right contract come first? Say what you expect before you look.

# %%
lab.predict("first", "How often is the right contract the first one?", ["rarely", "about half of the time", "mostly"])

# %% [markdown]
# ### Exercise 1 · The share that was found
#
# *{{exercise_minutes}} · easy · unlocks the answer to your prediction*
#
# Write the function that turns a list such as `[True, False, True, True]` into the share of `True`, here 0.75. The share of an empty list is 0.0.


# %% tags=["taught", "exercise"]
def share_found(found: Sequence[bool]) -> float:
    """Share of the searches that found what they looked for, 0 to 1; 0.0 when there was no search.

    Taught in: lab 1.3.

    >>> share_found([True, False, True, True])
    0.75
    """
    ### BEGIN SOLUTION
    if not found:
        return 0.0
    return sum(found) / len(found)
    ### END SOLUTION


# %%
share_found = lab.use(1, share_found)

# %% [markdown]
# Stuck? Remove the `#` from one of these and run it.

# %%
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# Now the search. Look at the share, and at how many questions it rests on.

# %%
import bm25s

index = bm25s.BM25()
index.index(bm25s.tokenize([contract.text for contract in run.contracts], show_progress=False), show_progress=False)


def first_document(question: str) -> str:
    """The contract that the search puts first."""
    places, _ = index.retrieve(bm25s.tokenize(question, show_progress=False), k=1, show_progress=False)
    return run.contracts[places[0, 0]].id


found = [first_document(one.question) == one.evidence[0].document for one in questions]
share = share_found(found)
lab.reveal(
    "first",
    measured=f"{share:.0%} of {len(found)} questions",
    answer="rarely" if share < 1 / 3 else "about half of the time" if share < 2 / 3 else "mostly",
)

# %% [markdown]
# ## What to take home
#
# **Rule.** State the rule in one sentence. **It prevents** the mistake that you saw above. Your progress:

# %%
lab.progress()

# %% [markdown]
# The same in plain libraries, for your own texts:

# %%
import bm25s

texts = ["Either party may end this agreement with 30 days notice.", "The customer pays within 14 days."]
search = bm25s.BM25()
search.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
query = bm25s.tokenize("When does the customer pay?", stopwords="en", show_progress=False)
places, scores = search.retrieve(query, k=1, show_progress=False)
print(f"{texts[places[0, 0]]}  (score {scores[0, 0]:.2f})")
