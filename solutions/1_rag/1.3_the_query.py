# %% [markdown]
# # 1.3 · The query: where to look, and what to look for
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | turn a question into a filter and a query, share a budget between several searches, and tell when rewriting a question harms |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 1.2 (clauses with a header) |
#
# Lab 1.2 changed the index. This lab leaves the index and the encoder as they are and changes the **question** before it is searched. A small language model tries first; read what becomes of the names.
# Then you split each question into two parts, where to look and what to look for, and see which part brings the gain.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from llm_workbook import Lab, start
from llm_workbook.corpus.records import Question
from llm_workbook.labs.lab_1_3 import finder as room
from llm_workbook.regions import against, board, regions_of

run = start("1.3", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · One question, one search
#
# The search of lab 1.2: each clause has a header with the title of its contract, its code and its heading. An encoder turns question and clauses into vectors, and the nearest three clauses count. The measure is **recall at 3**: the share of the evidence in these three.
#
# Five test families are too few for a verdict. (A **family** is a master agreement with everything that belongs to it.) So this lab searches three further **regions**, worlds of contracts made like the one that you know, each searched within itself. Their 6 dev families choose; their 15 test families decide at the end. In `live` the contracts of these families are searched; in `full` those of the train families, too.
#
# Some types of question in the tables below:
#
# | type | what it asks | example |
# |---|---|---|
# | lookup | one value of one contract | *How long is the cure period in the Lease between A and B?* |
# | paraphrase | the same, without the clause's words | *How long may they drag their feet before we can walk away?* |
# | superseded | the value as it is today; an amendment may have changed it | *What applies now? State the time for payment in ...* |
# | conflict | the value in a side letter, or in the agreement that it contradicts | *What cure period does the side letter to the Lease between A and B give?* |
# | comparison | the largest or smallest value of two or three contracts | *Between the Lease with A and the Licence with B, which is the longest notice?* |
#
# A **plan** is what we do with a question: one or several searches. Each has a query and, if we want, a filter. The simplest plan asks the question as it is.


# %% tags=["taught"]
class Search(NamedTuple):
    """One search. query: a text, or several texts whose vectors are averaged. where: a filter as Chroma writes it, such
    as {"document": {"$in": ["lease-7"]}}; None or {} searches everything. Taught in: lab 1.3."""

    query: str | tuple[str, ...]
    where: dict | None = None


# %% [markdown]
# Run it and look at the five types: which are found, and which are missed?

# %%
regions = regions_of(run)
finder = room.Finder(regions, run.embeddings)
documents = room.documents_of(regions)  # question id -> the contracts of its region
questions = room.asked(regions)
TYPES = ("lookup", "paraphrase", "superseded", "conflict", "comparison")
plans = {one.id: [Search(one.question)] for one in questions}
systems = {"as it is": finder.follow(plans)}
print(f"{len(questions)} questions; the first: {questions[0].question}")
board(regions, systems, "dev", TYPES)

# %% [markdown]
# ## 2 · Let a language model rewrite the question
#
# Four techniques write a text with a language model and search with that:
#
# - **rewriting**: a short query in place of the question;
# - **step-back**: a more general question, asked beside the first (arXiv:2310.06117);
# - **multi-query**: several wordings (here the question, the rewritten and the general one), each searched;
# - **HyDE**: a made-up clause that might answer the question; its vector is averaged with that of the question (arXiv:2212.10496). A made-up clause may lie nearer to a real one than a question does.
#
# Several searches find more clauses than one, so a comparison needs an **equal budget**: three clauses in all, however many searches. Who shares them out?
#
# ### Exercise 1 · Share a budget
#
# *{{exercise_minutes}} · easy · unlocks multi-query, and the comparison of contracts in section 4*
#
# Each search of a plan returns a ranking, best first. Let them **take turns**: the first place of each, then the second place of each, and so on. A clause counts once; a search whose clause is already there has had its turn. Stop at `budget` clauses. When one ranking ends, the others go on.


# %% tags=["taught", "exercise"]
def take_turns(rankings: Sequence[Sequence[Hashable]], budget: int) -> list:
    """At most `budget` different clauses: the first of each ranking, then the second of each, ... Taught in: lab 1.3.

    rankings: one list for each search, best first.

    >>> take_turns([["a", "b", "c"], ["b", "d"]], budget=3)
    ['a', 'b', 'd']
    """
    ### BEGIN SOLUTION
    turns = sorted((place, turn) for turn, ranking in enumerate(rankings) for place in range(len(ranking)))
    return list(dict.fromkeys(rankings[turn][place] for place, turn in turns))[:budget]
    ### END SOLUTION


# %%
take_turns = lab.use(1, take_turns)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# The model is the offline one, with 135 million parameters. Each prompt has one worked example. Read what it writes: what happens to the names?

# %%
from llm_workbook.labs.lab_1_3.prompts import PROMPTS, write

chat = run.chat(max_new_tokens=48)
few = room.some(regions, TYPES, run.items(live=40, smoke=3) or 96)
written = {way: write(chat, prompt, [one.question for one in few], most=28) for way, prompt in PROMPTS.items()}
GUESSES = ["at least one helps", "none helps and none harms", "none helps, at least one harms"]
lab.predict("write", "What will these texts do to recall at 3, at an equal budget?", GUESSES)
for at, one in enumerate(few[:2]):
    print("question: ", one.question, *(f"\n{way}:  {texts[at]}" for way, texts in written.items()), end="\n\n")

# %% [markdown]
# Now the four plans against the question as it is: the same questions, three clauses each. Which verdicts are not *cannot tell*? (Four comparisons are four chances for luck; Holm's method makes the p values larger, and the verdict goes by them. The intervals are of each comparison alone.) The table counts what the texts lost and what they made up: a name is a word with a capital letter; a number is made up when neither the question nor its evidence has it.

# %%
from llm_workbook.labs.lab_1_3.verdicts import of_types, why
from llm_workbook.measure.statistics import corrected
from llm_workbook.show.plots import forest
from llm_workbook.show.text import show

ids, asks, (rewritten, general, passages) = [one.id for one in few], [one.question for one in few], written.values()
by_model = {
    "rewriting": [[Search(text)] for text in rewritten],
    "step-back": [[Search(ask), Search(text)] for ask, text in zip(asks, general, strict=True)],
    "multi-query": [[*map(Search, texts)] for texts in zip(asks, rewritten, general, strict=True)],
    "HyDE": [[Search((ask, text))] for ask, text in zip(asks, passages, strict=True)],
}
tried = {way: finder.follow(dict(zip(ids, rows, strict=True)), take_turns) for way, rows in by_model.items()}
tried["as it is"] = {name: systems["as it is"][name] for name in ids}
found = {way: room.scored(regions, rankings, "test") for way, rankings in tried.items()}
verdicts = corrected(against(run, found, "as it is", list(by_model)))
print(*verdicts.values(), sep="\n")
helped, harmed = (sum(one.label == label for one in verdicts.values()) for label in ("better", "worse"))
lab.reveal("write", measured=f"{helped} help, {harmed} harm", answer=GUESSES[0 if helped else 2 if harmed else 1])
show(why(few, written, documents))
forest({way: (one.difference, one.low, one.high) for way, one in verdicts.items()},
       f"Texts by the model: change of recall at 3, n = {len(few)}")  # fmt: skip

# %% [markdown]
# A text that loses a name no longer says in which contract to look. A made-up number can pull towards clauses with that number. Rewriting has nothing else to search with; the other three keep the question beside their text, so they lose less. A larger model may lose less: set `MODEL` to a hosted one, such as `"ollama:llama3.2"`, and run the lab again. We did not, so there is no figure of it here.
#
# ## 3 · Where to look, and what to look for
#
# The names in a question do not describe a clause. They say **where** to look. The other words say **what** to look for. So split the question: a **filter** from the names, a **query** from the rest. LangChain calls this *self-query*, and lets a language model write both.
#
# ### The model writes the filter
#
# Ask for the contract in JSON. Then count two things: how often can the JSON be read (the **parse rate**), and how often does it name a contract of the question?
#
# The usual remedy is **constrained decoding**. At each step the model may only choose a token that continues one of the allowed answers, here the titles in the list. The allowed continuations form a tree, a **trie**. Then every answer is a title. Is it the right one?


# %% tags=["taught"]
def following(answers: Sequence[Sequence[int]]) -> dict[tuple[int, ...], list[int]]:
    """beginning -> tokens that may come next, so that only whole answers can be written. Taught in: lab 1.3.

    answers: tokens of each allowed answer. `generate(prefix_allowed_tokens_fn=...)` of transformers asks for it.

    >>> following([[5, 6], [5, 7, 8]])
    {(): [5], (5,): [6, 7], (5, 7): [8]}
    """
    allowed: dict[tuple[int, ...], list[int]] = {}
    for answer in answers:
        for at, token in enumerate(answer):
            nexts = allowed.setdefault(tuple(answer[:at]), [])
            nexts.extend([token] if token not in nexts else [])
    return allowed


# %% [markdown]
# ### Exercise 2 · A filter from a question
#
# *{{exercise_minutes}} · medium · unlocks the split of each question*
#
# No model is needed when the titles are known. For each document take the **share** of its title's different words that the question contains. The best share decides: below `least` we are unsure, and the filter is empty: `{}`. A wrong filter hides the right clause, so no filter is better than a guess. Otherwise keep all documents whose share is at least `best - slack`. `words` is given.


# %% tags=["taught", "exercise"]
def words(text: str) -> list[str]:
    """Words in small letters; a code such as RF-12-X is one word. Taught in: lab 1.3.

    >>> words("Halden Foods' lease, SOW-2024-1330?")
    ['halden', 'foods', 'lease', 'sow-2024-1330']
    """
    return re.findall(r"[\w&]+(?:-[\w&]+)*", text.lower())


def where_of(question: str, titles: Mapping[str, str], least: float = 0.7, slack: float = 0.1) -> dict:
    """A Chroma filter of the documents that a question names; {} when it names none. Taught in: lab 1.3.

    titles: id of a document -> its title, at least one; each title has at least one word.

    >>> where_of("When does the Lease of Quayside with Halden end?", {"a": "Lease (Quayside / Halden)", "b": "NDA"})
    {'document': {'$in': ['a']}}
    """
    ### BEGIN SOLUTION
    asked = set(words(question))
    shares = {name: len(asked & set(words(title))) / len(set(words(title))) for name, title in titles.items()}
    best = max(shares.values())
    chosen = [name for name, share in shares.items() if share >= best - slack]
    return {"document": {"$in": chosen}} if best >= least else {}
    ### END SOLUTION


# %%
where_of = lab.use(2, where_of)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# Four ways to find the document, for the same questions: the JSON of the model (its title is compared with the list word by word), the model that may only write a title, the title with the nearest vector, and `where_of`. The first row draws any title, as a guess. A filter is **right** when it keeps only contracts that the question is about, and **wrong** otherwise. A title that is in no list, such as that of the worked example, gives no filter.

# %%
from llm_workbook.labs.lab_1_3.prompts import PLAN, parsed
from llm_workbook.labs.lab_1_3.verdicts import by_choice, by_vector, filters

some = [one for one in few if len(one.documents) == 1 or one.type == "superseded"]
replies = write(chat, PLAN, [one.question for one in some])
asked_for = [(parsed(reply) or {}).get("contract", "") for reply in replies]
print(f"question: {some[0].question}\nmodel:    {replies[0]}")
copied = np.mean(["Mooring" in reply for reply in replies])
print(f"parse rate: {np.mean([parsed(reply) is not None for reply in replies]):.0%} of {len(replies)};"
      f" with the contract of the worked example: {copied:.0%}")  # fmt: skip

titles = {name: {one.id: one.title for one in listed} for name, listed in documents.items()}  # question -> id -> title
ways = {
    "model, JSON": [where_of(text, titles[one.id]) for text, one in zip(asked_for, some, strict=True)],
    "model, only titles allowed": by_choice(chat, some, titles, following),
    "nearest title vector": by_vector(finder, some, titles),
    "words of the title": [where_of(one.question, titles[one.id]) for one in some],
}
filters(some, ways, titles)

# %% [markdown]
# A plan in the right form can be wrong: constrained decoding guarantees a valid title, not the right one. Here the list of titles, compared by words or by vectors, does better and takes no time. Where values cannot be listed, such as a date or an amount, you need a model, and a larger one than this.
#
# ### What to look for
#
# The filter has used the names. Do they still help the query? `remainder` deletes them: the parts of the title, and the small words before them (*of*, *between*).


# %% tags=["taught"]
LEADING = (
    r"(?:\b(?:the|of|with|between|among|across|and|under|in|to|by|from|for)\s+)*"  # small words that lead to a name
)


def remainder(question: str, names: Collection[str]) -> str:
    """The question without names, and without the small words that lead to them. Taught in: lab 1.3.

    >>> remainder("How long does the Lease between Quayside and Halden run?", ["Lease", "Quayside", "Halden"])
    'How long does run?'
    """
    for name in sorted(names, key=len, reverse=True):
        question = re.sub(rf"{LEADING}(?<!\w){re.escape(name)}(?!\w)(?:'s|')?", "", question, flags=re.IGNORECASE)
    question = re.sub(r"(?<=[.?!])\s*[,;:]|\s+(?=[,;:?.])", "", re.sub(r"\s+", " ", question))
    return question.strip(" ,;:.")


def parts(title: str) -> list[str]:
    """Names in a title: that of the contract, and its parties. Taught in: lab 1.3.

    >>> parts("Lease (Quayside / Halden)")
    ['Lease', 'Quayside', 'Halden']
    """
    return [part for part in re.split(r"\s*[(/)]\s*", title) if part]


# %% [markdown]
# `split_question` puts both parts together.


# %% tags=["taught"]
def split_question(question: str, titles: Mapping[str, str], codes: Mapping[str, str]) -> Search:
    """What to look for, and where: the whole question everywhere when it names no document. Taught in: lab 1.3.

    codes: code of a document -> its id. A code is sure, so it goes before the words of the titles.
    """
    coded = [codes[word] for word in words(question) if word in codes]
    where = {"document": {"$in": coded}} if coded else where_of(question, titles)
    if not where:
        return Search(question)
    names = [*codes, *(part for name in where["document"]["$in"] for part in parts(titles[name]))]
    return Search(remainder(question, names) or question, where)


# %% [markdown]
# Now a 2 x 2: the filter alone, the shorter query alone, and both. Look at some questions first, then predict.

# %%
codes = room.codes_of(documents)  # question id -> code -> document
split = {one.id: split_question(one.question, titles[one.id], codes[one.id]) for one in questions}
for one in questions[:40:10]:
    print(f"{one.question}\n   query:  {split[one.id].query}\n   filter: {split[one.id].where}")
CELLS = ["mostly the filter", "mostly the shorter query", "both together, neither alone"]
lab.predict("split", "Where does the gain come from?", CELLS)

# %% [markdown]
# Read the four rows, then single questions below them: choose a question and a plan, and look where the marked evidence stands. (Without a live notebook you see the first question and the last plan.)

# %%
from llm_workbook.show.widgets import explore

halves = {
    "filter alone": {one.id: [Search(one.question, split[one.id].where)] for one in questions},
    "shorter query alone": {one.id: [Search(split[one.id].query)] for one in questions},
    "filter and shorter query": {one.id: [split[one.id]] for one in questions},
}
systems |= {name: finder.follow(plans) for name, plans in halves.items()}
shares = board(regions, systems, "dev", TYPES)
gains = (shares["all"] - shares.loc["as it is", "all"]).drop("as it is")
alone = gains[:2].max()
answer = CELLS[2] if gains.iloc[2] > 2 * max(alone, 0) else CELLS[int(gains[:2].argmax())]
lab.reveal("split", measured=", ".join(f"{name} {gain:+.1f}" for name, gain in gains.items()), answer=answer)
show(shares)
dev = room.asked(regions, "dev")
explore(lambda question, plan: run.passages(question, *room.hits(regions, systems[plan], question)),
        question=[(f"{one.type}: {one.question[:90]}", one) for one in dev[:60:6]],
        plan=list(systems)[::-1])  # fmt: skip

# %% [markdown]
# The filter alone changes little: the header of lab 1.2 already leads to the right contract. But there the names dominate the vector, so all clauses of that contract look alike. The shorter query alone searches the notice periods of all contracts. Only together they say: **in this contract, the notice period**.
#
# Here is the same search on Chroma, with its `filter`, as a LangChain `Runnable`. The filter is applied while Chroma searches, so three clauses come back, however rare the document.

# %%
from langchain_chroma import Chroma
from langchain_core.runnables import RunnableLambda

region = regions[0]
index = Chroma("clauses", run.embeddings, collection_configuration={"hnsw": {"space": "cosine", "ef_search": 5000}})
index.reset_collection()
index.add_documents(list(region.entries))
some_id = region.asked[0].id
plan = RunnableLambda(lambda question: split_question(question, titles[some_id], codes[some_id]))
retriever = plan | (lambda search: index.similarity_search(search.query, k=3, filter=search.where or None))
for hit in retriever.invoke(region.asked[0].question):
    print(hit.page_content[:160], "...")

# %% [markdown]
# ## 4 · Several contracts, one budget
#
# A comparison names two or three contracts, and its evidence lies in all of them. One search in all of them can spend its three places on a single contract. **Decomposition** makes a sub-question for each contract. A model would have to write them; the filter has already found the contracts. So the plan has one search for each, and `take_turns` shares the three places. (`whole_file` is for section 5.)


# %% tags=["taught"]
def one_for_each(search: Search) -> list[Search]:
    """A plan with one search for each document of the filter. Taught in: lab 1.3.

    >>> [one.where for one in one_for_each(Search("notice", {"document": {"$in": ["a", "b"]}}))]
    [{'document': {'$in': ['a']}}, {'document': {'$in': ['b']}}]
    """
    if not search.where:
        return [search]
    return [Search(search.query, {"document": {"$in": [name]}}) for name in search.where["document"]["$in"]]


def whole_file(search: Search, titles: Mapping[str, str]) -> Search:
    """The same query in all documents between the same parties. Taught in: lab 1.3.

    >>> names = {"a": "Lease (Quayside / Halden)", "b": "NDA (Quayside / Halden)", "c": "NDA (Quayside / Lindholm)"}
    >>> whole_file(Search("rent", {"document": {"$in": ["a"]}}), names).where
    {'document': {'$in': ['a', 'b']}}
    """
    if not search.where:
        return search
    parties = {tuple(parts(titles[name])[1:]) for name in search.where["document"]["$in"]}
    return search._replace(
        where={"document": {"$in": [name for name, title in titles.items() if tuple(parts(title)[1:]) in parties]}}
    )


# %% [markdown]
# One search or one for each, with the whole question and with the shorter query, at a budget of three clauses and of six: where does the decomposition gain most?

# %%
forms = {"whole question": halves["filter alone"], "shorter query": halves["filter and shorter query"]}
each = {form: {name: one_for_each(rows[0]) for name, rows in plans.items()} for form, plans in forms.items()}
systems["one search for each document"] = finder.follow(each["shorter query"], take_turns)
shared = {}
for budget in (3, 6):
    for form, rows in forms.items():
        shared[f"{form}, one search", budget] = finder.follow(rows, budget=budget)
        shared[f"{form}, one for each", budget] = finder.follow(each[form], take_turns, budget)
    named = {name: rankings for (name, k), rankings in shared.items() if k == budget}
    print(f"{budget} clauses:\n{board(regions, named, 'dev', TYPES[3:], budget)[[*TYPES[3:], 'all']]}\n")

# %% [markdown]
# The whole question names both contracts, but its vector lies nearer to one of them, and that one takes the places. The shorter query names none, so no contract is preferred. (A comparison of three contracts has a single place for each at a budget of three: the right clause must come first in every one.) On dev these are few questions; section 6 has the test.
#
# ## 5 · Route: how far must the filter reach?
#
# A filter on one document has a price: compare *superseded* in the rows *as it is* and *filter and shorter query* of section 3's table with what follows. The question names the master agreement, but the value of today stands in its amendment, which the filter hides. So some questions need all documents of the same parties. Which? You can see it in the wording (*What applies now? ...*), and a **router** can learn it.
#
# ### Exercise 3 · A router
#
# *{{exercise_minutes}} · medium · unlocks the whole plan*
#
# An **embedding router** has some labelled examples for each route. The **prototype** of a route is the mean of its examples' vectors. A question takes the route whose prototype has the largest cosine with it. All vectors that you get have length 1; a mean of them has not.
#
# The labels cost nothing here: a train question is labelled *file* when its evidence lies outside of the documents that it names, else *document*. Questions are encoded without their names. The cell after yours prints how often the router is right on dev, beside always choosing the more frequent label.


# %% tags=["taught", "exercise"]
def route(question: np.ndarray, examples: Mapping[str, np.ndarray]) -> str:
    """The label whose prototype has the largest cosine with the question. Taught in: lab 1.3.

    question: shape (d,). examples: label -> vectors of labelled questions, shape (n, d), n >= 1. (Nearest class mean:
    Mensink et al., 2013; with few examples, Snell et al., arXiv:1703.05175.)

    >>> route(np.array([1.0, 0.0]), {"one": np.array([[0.6, 0.8]]), "all": np.array([[0.8, 0.6], [0.8, -0.6]])})
    'all'
    """
    ### BEGIN SOLUTION
    prototypes = {label: rows.mean(axis=0) for label, rows in examples.items()}
    return max(prototypes, key=lambda label: question @ prototypes[label] / np.linalg.norm(prototypes[label]))
    ### END SOLUTION


# %%
route = lab.use(3, route)
# lab.hint(3)
# lab.solution(3)


def needs(one: Question, search: Search) -> str:
    """The label of a question whose evidence is known."""
    outside = {span.document for span in one.evidence} - set(search.where["document"]["$in"]) if search.where else ()
    return "file" if outside else "document"


train, known = room.to_learn_from(run, 40)
examples: dict[str, list[str]] = {}
for one in train:
    search = split_question(one.question, {doc.id: doc.title for doc in known}, room.codes(known))
    examples.setdefault(needs(one, search), []).append(search.query)
labelled = {label: np.array(finder.read(texts)) for label, texts in examples.items()}
finder.read([search.query for search in split.values()])
routes = {one.id: route(finder.vectors[split[one.id].query], labelled) if labelled else "document" for one in questions}
right = [(routes[one.id], needs(one, split[one.id])) for one in room.asked(regions, "dev")]
usual = max(np.mean([label == name for _, label in right]) for name in ("document", "file"))
share = np.mean([taken == label for taken, label in right])
print(f"right for {share:.0%} of {len(right)} dev questions; always the same route: {usual:.0%}")

# %% [markdown]
# The share of right routes is a poor judge: the two errors do not cost the same. A wrong *file* lets other documents push the clause out; a wrong *document* hides it. So judge a router by what is found.
#
# | the question | the whole plan searches |
# |---|---|
# | names contracts of several parties | each contract by itself |
# | takes the route *file* | all documents between the parties |
# | takes the route *document* | the documents that it names |
#
# Compare *superseded* and *paraphrase* in the last three rows. The row *always the file* needs no router. Which of the two does dev choose, and by how much?


# %%
def planned(one: Question, route: str) -> list[Search]:
    """The plan of a question that takes this route."""
    search, named = split[one.id], titles[one.id]
    if not search.where or len({tuple(parts(named[name])[1:]) for name in search.where["document"]["$in"]}) > 1:
        return one_for_each(search)
    return [whole_file(search, named)] if route == "file" else one_for_each(search)


final = {one.id: planned(one, routes[one.id]) for one in questions}
everywhere = {one.id: planned(one, "file") for one in questions}
systems["always the file"] = finder.follow(everywhere, take_turns)
systems["whole plan, routed"] = finder.follow(final, take_turns)
shares = board(regions, systems, "dev", TYPES)
print("Dev chooses:", shares["all"].idxmax())
shares

# %% [markdown]
# ## 6 · The verdict, on families that chose nothing
#
# Each plan against the search that lab 1.2 ended with, on the test questions, and the routed plan against its rival without a router. Which are worth their work? Below them section 4's question again, on the conflicts and comparisons alone: one search for each document against one in all of them.

# %%
from llm_workbook.benchmark.systems import Traits
from llm_workbook.labs.lab_1_3.figures import by_type

found = {name: room.scored(regions, rankings, "test") for name, rankings in systems.items()}
steps = corrected(against(run, found, "as it is", [name for name in found if name != "as it is"]))
print(*steps.values(), sep="\n")
rivals = ("whole plan, routed", "always the file")
print(run.compare(*(found[name] for name in rivals), "recall", None, *rivals))
judged = {}
for form, budget in ((form, budget) for form in forms for budget in (3, 6)):
    rankings = [shared[f"{form}, {how}", budget] for how in ("one for each", "one search")]
    tables = [room.scored(regions, one, "test", budget) for one in rankings]
    judged |= of_types(run, f"{form}, {budget} clauses", *tables, TYPES[3:], ("one for each", "one search"))
print("", *(f"{name}: {verdict}" for name, verdict in corrected(judged).items()), sep="\n")
for name, table in found.items():
    _ = run.ledger.append(name, table, {}, Traits(context="retrieved", index=name))
by_type({name: found[name] for name in ("as it is", "filter and shorter query", "whole plan, routed")})

# %% [markdown]
# Now the same plans with the **domain encoder**, which lab 1.4 teaches you to train (it learned from train families of these and of further regions); dev chooses between the two plans again. What is left of the gain when the encoder itself tells the clauses of a contract apart? Look at *paraphrase*, too.

# %%
from llm_workbook.training.domain import domain_encoder

domain = room.Finder(regions, domain_encoder())
plans = {
    "as it is": {one.id: [Search(one.question)] for one in questions},
    "always the file": everywhere,
    "routed": final,
}
better = {f"domain, {name}": domain.follow(rows, take_turns) for name, rows in plans.items()}
first, *others = better
chosen = str(board(regions, better, "dev").loc[others, "all"].idxmax())
found |= {name: room.scored(regions, rankings, "test") for name, rankings in better.items()}
left = against(run, found, first, [chosen])
left |= of_types(run, "paraphrase", found[chosen], found[first], ["paraphrase"], (chosen, first))
print(*(f"{name}: {verdict}" for name, verdict in corrected(left).items()), sep="\n")
both = {name: systems[name] for name in ("as it is", "whole plan, routed")}
show(board(regions, {**both, **better}, "test", TYPES))
lab.progress()

# %% [markdown]
# The trained encoder alone finds more than all plans with the plain one. It needs some thousand pairs of question and clause; a plan needs a list of titles.
#
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | HyDE | nDCG@10 from 44.5 to 59.7 with Contriever, an encoder trained without labels (arXiv:2212.10496); expansion by models helps weak searches and generally harms strong ones (arXiv:2309.08541) | section 2 | there a large model writes, about the web, which it knows; ours has 135 million parameters and makes contracts up |
# | multi-query | -5.4 points of precision with rank fusion (ARAGOG, 107 questions, graded by a model) | section 2, at an equal budget | each further wording takes places from the question itself |
# | decomposition | MRR@10 +36.7 % together with a reranker (arXiv:2507.00355) | section 4 | there each part has its own budget; here three clauses are shared |
# | self-query | part of LangChain since 2023; we found no controlled figure | section 3 | |
#
# ## What to take home
#
# **Rule.** First ask what your users name: documents, parties, codes, dates. Turn that into a filter without a model when the values are known, and take it out of the query. When unsure, do not filter. Share one budget between the searches of a plan. Let a language model rewrite a question only after you have measured it, at an equal budget, by type of question.
# A better encoder needs all this less. Measure again after you have trained one.
# **It prevents** a query in which the names outvote the question, and a filter that hides the right clause.
# **It costs** a list of titles, and a look at the questions that no filter reached.
#
# A shorter form in plain LangChain and Chroma, without codes and router (copy it into a file of its own), for a folder of contracts whose first line is the title:
#
# ```python
# import re
# from pathlib import Path
#
# from langchain_chroma import Chroma
# from langchain_core.documents import Document
# from langchain_core.runnables import RunnableLambda
# from langchain_huggingface import HuggingFaceEmbeddings
#
# titles, clauses = {}, []
# for path in sorted(Path("contracts").glob("*.txt")):
#     title, _, text = path.read_text(encoding="utf-8").partition("\n")
#     titles[path.stem] = title
#     clauses += [Document(f"{title}: {part}", metadata={"document": path.stem}) for part in text.split("\n\n") if part.strip()]
#
# encoder = HuggingFaceEmbeddings(model_name="sentence-transformers/all-MiniLM-L6-v2")
# index = Chroma("clauses", encoder, collection_configuration={"hnsw": {"space": "cosine"}})
# index.reset_collection()
# index.add_documents(clauses)
#
# def words(text):
#     return set(re.findall(r"[\w&]+(?:-[\w&]+)*", text.lower()))
#
# def plan(question):
#     shares = {name: len(words(question) & words(title)) / len(words(title)) for name, title in titles.items()}
#     best = max(shares.values())
#     named = [name for name, share in shares.items() if best >= 0.7 and share >= best - 0.1]
#     for part in sorted((part for name in named for part in re.split(r"\s*[(/)]\s*", titles[name]) if part), key=len, reverse=True):
#         question = re.sub(re.escape(part), "", question, flags=re.IGNORECASE)
#     return [(question, {"document": name}) for name in named] or [(question, None)]
#
# def search(plan, budget=3):
#     found = [index.similarity_search(query, k=budget, filter=where) for query, where in plan]
#     turns = [hits[place].page_content for place in range(budget) for hits in found if place < len(hits)]
#     return list(dict.fromkeys(turns))[:budget]
#
# retriever = RunnableLambda(plan) | RunnableLambda(search)
# for clause in retriever.invoke("How long is the notice period of the Lease between Quayside and Halden?"):
#     print(clause, end="\n\n")
# ```
#
# **Next:** lab 1.4 combines vectors with keywords, and trains the encoder itself.
