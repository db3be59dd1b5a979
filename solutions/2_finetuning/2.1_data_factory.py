# %% [markdown]
# # 2.1 · Data factory: a training set from contracts, and what it teaches
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | make question-answer pairs from your own contracts, filter them with a measured precision, find leaks, and say what the set teaches |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 1.1 (questions, evidence and how answers are scored) |
#
# Lab 2.2 trains a reader in minutes. Its result can be no better than its data. Here you make the data. At the end you train the same reader on two sets, and see what the data alone changes.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | folder:/path/to/your/documents

# %%
import re
from collections.abc import Sequence

from llm_workbook import Lab, start
from llm_workbook.labs.lab_2_1 import pairs as factory
from llm_workbook.labs.lab_2_1.tables import look_at

run = start("2.1", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · Let the model write
#
# A **reader** is a model that is shown clauses and answers a question from them. Its training set consists of **pairs**: a clause, a question, its answer. The fastest idea is to show the model a clause and let it write a question and the answer. Three solved examples stand in the prompt.
#
# Contracts belong to **families** (all the papers of one deal). Only the train families may teach; the test families judge at the end. A folder of your own has no families, so there everything may teach. Read what the model with 135 million parameters writes. Would you teach that?

# %%
contracts = factory.to_teach(CORPUS)
clauses = factory.clauses_of(contracts)
some = clauses[:: max(1, len(clauses) // 12)][: run.items(live=12, smoke=2) or 12]
wild = factory.by_model(run.chat(44), some)
BINS = ["under 20 %", "20 to 50 %", "50 to 80 %", "80 % or more"]
lab.predict("good", "Which share of such pairs is right (the clause answers the question so)?", BINS)
look_at(wild)

# %% [markdown]
# To count, somebody has to read. `data/labelled_pairs.csv` has 40 pairs, read and labelled one by one: 20 that the model wrote alone as above, and 20 that were made **answer first**. There, a rule finds a value in a clause (a period, a sum, a percentage, a date, a law) and asks for it; for ten of them the model saw clause and value, and wrote the question only.
# The square brackets give the 95 % confidence interval (Wilson) of a share of so few.

# %%
from llm_workbook.labs.lab_2_1.labels import load_labels, yields

labelled = load_labels()
shares = yields(labelled)
alone = shares.loc["model alone", "share"]
lab.reveal("good", shares.loc["model alone", "good"], BINS[sum(alone >= edge for edge in (0.2, 0.5, 0.8))])
shares[["good"]]

# %% [markdown]
# This small model rarely writes an answer that stands in the clause, and when it is given a value, its question asks for something else. So the next two sources use no model. The **rule** finds a value and asks for it. A **fact table** (here: what the contracts state, with the place in the text) gives questions in many wordings; whoever keeps contracts in a database has one. A folder of your own has the rule only.

# %%
ruled = factory.from_values(clauses)
facts = factory.from_facts(CORPUS)
print(f"{len(ruled)} pairs by the rule, {len(facts)} from facts, {len(clauses)} clauses, {len(contracts)} documents")
both = ruled + facts
look_at(both[:: max(1, len(both) // 8)])

# %% [markdown]
# ## 2 · One filter at a time
#
# A **filter** lets a pair pass or drops it. **Precision** is the share of good pairs among those that pass; **recall** is the share of the good pairs that pass. A filter pays when precision rises more than recall falls. To know which filter does what, look at each alone.
#
# ### Exercise 1 · Does the clause state the answer?
#
# *{{exercise_minutes}} · easy · unlocks the table of filters*
#
# Write the first filter. It is True when the answer stands in the clause **as whole words**: "5 days" does not stand in "15 days". Capitals and the amount of white space (line breaks too) do not matter. An empty answer, or one of white space only, is never stated. (A comma, a point or a hyphen counts as a border here, so "500 EUR" stands in "1,500 EUR". A filter for production would forbid that.)
# `re.escape` makes a text safe in a pattern; `(?<!\w)` and `(?!\w)` say that no letter or digit stands before or after.


# %% tags=["taught", "exercise"]
def is_stated(answer: str, clause: str) -> bool:
    """Does the answer stand in the clause as whole words, whatever its capitals and white space?

    Taught in: lab 2.1.

    >>> is_stated("Thirty  days", "within thirty days of"), is_stated("5 days", "within 15 days")
    (True, False)
    """
    ### BEGIN SOLUTION
    words = [re.escape(word) for word in answer.split()]
    pattern = r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)"
    return bool(words) and re.search(pattern, clause, re.IGNORECASE) is not None
    ### END SOLUTION


# %%
is_stated = lab.use(1, is_stated)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# Four more are given: **length** (an answer of at most eight words), **style** (a question of at most 25 words that ends with a question mark and does not ask for a "purpose", a "difference" or a whole schedule), **no echo** (the question does not contain its answer), and **same kind** (whoever answers with a period must have been asked for one). **Duplicates** are dropped by comparing a pair with those before it.


# %% tags=["taught"]
def is_short(answer: str) -> bool:
    """At most eight words. Taught in: lab 2.1."""
    return 1 <= len(answer.split()) <= 8


def has_style(question: str) -> bool:
    """3 to 25 words, ends with a question mark, asks for one thing. Taught in: lab 2.1."""
    vague = re.search(r"\b(purpose|difference|schedule)\b", question, re.IGNORECASE)
    return 3 <= len(question.split()) <= 25 and question.endswith("?") and not vague


def first_of_its_kind(rows: Sequence[tuple[str, ...]]) -> list[bool]:
    """For each row of texts: is there no equal one before it, whatever its capitals and marks? Taught in: lab 2.1."""
    keys = [tuple(" ".join(re.findall(r"\w+", text.lower())) for text in row) for row in rows]
    return [key not in keys[:at] for at, key in enumerate(keys)]


# %% [markdown]
# Which filter raises the precision most? Look at the first column. Then look at recall: what does each cost?
# Forty labels give wide intervals and cannot rank single filters; look at the last row. Compare it with the first table, too: there the rule alone has its own precision. The filters were written with these labels in view, so their precision on new pairs will be lower. The second table has what still passes and is wrong.

# %%
from llm_workbook.labs.lab_2_1.labels import filter_table, wrongly_kept
from llm_workbook.labs.lab_2_1.pairs import asks_for_its_kind
from llm_workbook.show.text import show

FILTERS = {
    "answer stated": lambda pair: is_stated(pair.answer, pair.body),
    "length": lambda pair: is_short(pair.answer),
    "style": lambda pair: has_style(pair.question),
    "no echo": lambda pair: not is_stated(pair.answer, pair.question),
    "same kind": lambda pair: asks_for_its_kind(pair.question, pair.answer),
}
TOGETHER = {"all together": lambda pair: all(keeps(pair) for keeps in FILTERS.values())}
show(filter_table(labelled, FILTERS | TOGETHER))
wrongly_kept(labelled, TOGETHER["all together"])

# %% [markdown]
# ## 3 · Leaks
#
# A **leak** is a training row that gives away a test. The result then looks better than it is. Below, five leaks are planted among clean rows: a test clause with its question, the same with the question in other words, a test clause under another contract's name, a test contract with other companies in it, and the same contract once more under another title and other names.
# Comparing questions finds those that kept theirs, and nothing else. **Compare the clauses**, in windows of n words (n-grams): a copied clause shares most of its windows with a test clause, whatever the question and the title say.
#
# ### Exercise 2 · The share that was copied
#
# *{{exercise_minutes}} · medium · unlocks the search for leaks*
#
# `words` are the words of one row's clause, `tests` those of each test clause. For n = 2 the words a b c have the windows "a b" and "b c". Compute for each test clause which share of the row's windows it contains, and return the largest of these shares. A window that occurs twice in the row counts once. A row with fewer than n words has no window: return 0.0. Without test clauses the share is 0.0, too.


# %% tags=["taught", "exercise"]
def copied_share(words: Sequence[str], tests: Sequence[Sequence[str]], n: int) -> float:
    """Largest share (0 to 1) of a row's different windows of n words that one test text contains, too.

    Taught in: lab 2.1.

    >>> copied_share("a b c d".split(), ["x a b c".split(), "c d".split()], n=2)
    0.6666666666666666
    """

    ### BEGIN SOLUTION
    def windows(text: Sequence[str]) -> set[tuple[str, ...]]:
        return {tuple(text[at : at + n]) for at in range(len(text) - n + 1)}

    own = windows(words)
    return max((len(own & windows(test)) / len(own) for test in tests), default=0.0) if own else 0.0
    ### END SOLUTION


# %%
copied_share = lab.use(2, copied_share)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# Companies can be renamed, so the words that begin with a capital letter are left out first. The clean rows come from the same clause library as the test rows, so they share windows, too. Each dot is a row. Where do you draw the line? What do windows of two words do? (A clause that is written in capitals loses all its words, and one of fewer than n words has no window: this search finds neither.)

# %%
from llm_workbook.labs.lab_2_1.leaks import draw_shares, found_leaks, planted, words_to_compare
from llm_workbook.show.widgets import explore

rows, is_leak, test_pairs = planted(ruled, SEED)
tests, questions = [words_to_compare(pair.body) for pair in test_pairs], {pair.question for pair in test_pairs}


def look_for_leaks(n: int = 8, line: float = 0.9) -> object:
    """The rows by the share that was copied, and what lies above the line."""
    return draw_shares([copied_share(words_to_compare(row.body), tests, n) for row in rows], is_leak, line)


print("Equal questions:", found_leaks([row.question in questions for row in rows], is_leak))
copied = [copied_share(words_to_compare(row.body), tests, 8) >= 0.9 for row in rows]
print("Copied windows:", found_leaks(copied, is_leak))
explore(look_for_leaks, n=[2, 5, 8, 13], line=[0.5, 0.7, 0.9])

# %% [markdown]
# The safest defence stands before all filters: split by family **first**, then make pairs from the train families only. The search then finds what the split could not know.
#
# ## 4 · Several questions for each reading
#
# The model must read three clauses (about 300 tokens) before it can learn one answer of five tokens. So most of the compute teaches nothing. Put several questions behind one reading, like turns of a chat. For the same number of tokens, count how many answers the reader learns from. (*Learned for 1,000 read* is in tokens. Where two rows are equal, these clauses have no more questions.) Whether the reader gets better by it is a second question: this lab counts, and does not judge it.

# %%
from llm_workbook.labs.lab_2_1.readings import examples_for, packing_table, show_example, tokens_to_train

TOKENS = tokens_to_train(PROFILE)
tokenizer = run.chat().tokenizer
packing_table(tokenizer, both, SEED, TOKENS)

# %% [markdown]
# **Look at your data as the model sees it**, decoded from the token ids. Marked tokens are learned; all others are only read.

# %%
few = examples_for(tokenizer, both, turns=8, seed=SEED, tokens=2_000)
explore(lambda number: show_example(tokenizer, few[number]), number=range(len(few)))

# %% [markdown]
# ## 5 · How many of each kind
#
# Now the factory runs as a whole: rule and facts, the filters, no duplicates. Which kinds of answers passed?

# %%
from collections import Counter

kept = [pair for pair in both if TOGETHER["all together"](pair)]
new = first_of_its_kind([(pair.question, pair.answer, pair.clause) for pair in kept])
kept = [pair for pair, is_new in zip(kept, new, strict=True) if is_new]
kinds = {kind: [pair for pair in kept if pair.kind == kind] for kind in sorted({pair.kind for pair in kept})}
print(f"{len(both)} pairs, {len(kept)} pass:", dict(Counter(pair.kind for pair in kept)))

# %% [markdown]
# ### Exercise 3 · A training mix
#
# *{{exercise_minutes}} · easy · unlocks training*
#
# Periods are frequent, laws are rare. Mix by **taking turns**: one pair of each kind, in the order of the dictionary, then again one of each; a kind that is used up is passed over. Stop at `most` pairs, or when all are used. The order within a kind stays. Leave the lists as they are: later cells use them.


# %% tags=["taught", "exercise"]
def take_turns(kinds: dict[str, list], most: int) -> list:
    """One of each kind in turn, at most `most` together; a kind that is used up is passed over.

    Taught in: lab 2.1.

    >>> take_turns({"period": [1, 2, 3], "law": [9]}, most=3)
    [1, 9, 2]
    """
    ### BEGIN SOLUTION
    longest = max(map(len, kinds.values()), default=0)
    return [ones[turn] for turn in range(longest) for ones in kinds.values() if turn < len(ones)][:most]
    ### END SOLUTION


# %%
take_turns = lab.use(3, take_turns)
# lab.hint(3)
# lab.solution(3)
one_kind = max(kinds.values(), key=len)
mix = take_turns(kinds, most=len(one_kind))
print(
    f"{len(one_kind)} of one kind ({one_kind[0].kind}); as many in the mix:", dict(Counter(pair.kind for pair in mix))
)

# %% [markdown]
# ## 6 · What the mix teaches
#
# Two readers learn from two sets of the same size, with the same number of tokens and up to eight questions for each reading. **One kind** has the most frequent kind only. A rule for periods is written in minutes, and many sets stop there. **Mix** is yours.
# The exam asks questions about contracts of 20 families that no set contains. Each question comes with its right clause among two others. Does a reader that learned to find periods find laws, sums and names, too? The training takes about three minutes.

# %%
from llm_workbook.labs.lab_2_1.exam import exam_questions, rates, take, taught_reader

GAINS = ["no gain", "up to 10 points", "10 to 20 points", "more than 20 points"]
lab.predict("gain", "Same size, same tokens: how many points more does the mix get, over all questions?", GAINS)
asked, scores = exam_questions(run), {}
for name, pairs in {"one kind": one_kind, "mix": mix}.items():
    taught_reader(run, name, examples_for(tokenizer, pairs, 8, SEED, TOKENS))
    scores[name] = take(run, name, asked)
rates(scores)

# %% [markdown]
# Two comparisons were chosen before the training: all questions, and those for a period alone, of which the mix has seen fewer. The p values are corrected for two (Holm).

# %%
from llm_workbook.measure.statistics import corrected

tests = {"all": None, "periods": "period"}
two = scores["mix"], scores["one kind"]
verdicts = corrected({name: run.compare(*two, where=of, name_a="mix", name_b="one kind") for name, of in tests.items()})
gain = verdicts["all"].difference
lab.reveal("gain", str(verdicts["all"]), GAINS[sum(gain > edge for edge in (0, 10, 20))])
print("Periods alone:", verdicts["periods"])

# %% [markdown]
# Look at the rows on which the two readers differ. What does the reader of one kind say when it is asked for a law, a sum or a name?

# %%
from llm_workbook.labs.lab_2_1.exam import beside

beside(scores, asked)

# %% [markdown]
# One training is one throw of the dice. So the exam was **recorded** with three seeds, a little longer trainings (45,000 tokens) and six questions of each family, beside a third set (`data/factory.csv.gz`; `python -m tools.domain factory` makes it again). **Wild** is what the model wrote alone, as in section 1: 192 pairs, unfiltered, one question for each reading. It differs from the mix in all of these at once, so its verdict is about the factory as a whole.
# We also asked 40 questions that the shown clauses do not answer. A **right refusal** says "not stated" there, a **needless** one where the answer is shown. No reader refuses rightly: its set has no pair without an answer. Lab 2.2 teaches that in a second act.

# %%
from llm_workbook.labs.lab_2_1.tables import record_table, recorded, recorded_verdict

record = recorded()
others = [name for name in record["set"].unique() if name != "mix"]
for verdict in corrected({other: recorded_verdict(record, "mix", other) for other in others}).values():
    print("Recorded:", verdict)
show(record_table(record))

# %% [markdown]
# ## 7 · The data card
#
# Whoever trains on a set later must know what is in it. A **data card** says sources, counts, filters with their measured precision, licence, and a hash: the fingerprint of the rows. The set goes out as a `datasets.Dataset`, and is opened again to see that it is the same.

# %%
from llm_workbook.labs.lab_2_1.card import data_card, reopened, save

folder = save(mix, run.settings.results_dir / "factory")
same = reopened(folder)
print(f"reopened: {same.num_rows} rows, same hash: {factory.fingerprint(same) == factory.fingerprint(mix)}")
data_card(mix, filter_table(labelled, TOGETHER), CORPUS, folder)

# %% [markdown]
# ## 8 · Your own documents
#
# Set `CORPUS = "folder:/path/to/your/documents"` in the parameters and run the lab again: clauses, rule, filters, mix and card are made from your files. Your contracts then teach, and the exam stays that of this workbook. Here are two short contracts of a folder, as an example.

# %%
from llm_workbook.labs.lab_2_1.own import example_folder

own = factory.from_folder(example_folder(run.settings.results_dir / "own"))
look_at(own)

# %% [markdown]
# ## Take it home
#
# The same in plain Python and `datasets`: values by a pattern, a question where there is one value, a split by family, and a folder that `datasets`, and with it the training library TRL, can load. (It begins with `import re`, which this notebook has above.)

# %%
from datasets import Dataset

texts = {
    "boat": "Either side may end this lease by giving 45 days notice in writing.",
    "shed": "The deposit is returned within 30 days.",
    "dock": "Dues are payable within 14 days, and arrears within 30 days.",
}
PERIOD = re.compile(r"\b\d+ (?:days|months|years)\b")
rows = []
for family, clause in texts.items():
    values = PERIOD.findall(clause)
    if len(values) == 1:  # two values: the question would have two answers
        ask = f"{clause}\n\nWhat period does the clause state?"
        rows.append({"family": family, "prompt": ask, "completion": values[0]})
train = [row for row in rows if row["family"] != "shed"]  # split by family first
Dataset.from_list(train).save_to_disk(str(run.settings.results_dir / "take_home_set"))
print(len(train), "row:", train[0]["completion"])
lab.progress()

# %% [markdown]
# ## What to take home
#
# **Rule.** Split by family first. Find the answer first, then word the question. Measure each filter on labels of your own. At an equal size, mix the kinds of answers. Look at decoded examples. Write the card.
# **It prevents** a reader that knows one kind of answer, and a score that a leak made. **It costs** the time to label some forty pairs by hand.
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | questions by a model | self-instruct keeps what a large model writes after filters (arXiv:2212.10560) | yield of the small model alone, above | their model is a thousand times larger; this one words questions that do not fit the value, even when it is given |
# | windows of 13 words against leaks | GPT-3 compares 13-grams (arXiv:2005.14165) | section 3 | contracts share clauses, so a line must be drawn by looking |
# | a mix of kinds | LIMA: more different prompts help, more of the same do not (arXiv:2305.11206) | the verdicts of section 6 | found here for kinds of answers, at an equal size |
#
# **Next:** lab 2.2 writes the mask and the LoRA layer of this training by hand, and trains it to the end.
