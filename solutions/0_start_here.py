# %% [markdown]
# # 0 · Start here: a question, a contract, an answer
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | run a lab, do an exercise, read its feedback, and say what each part of a retrieval pipeline does |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing: the models and the contracts are on this machine |
#
# Press **Shift-Enter** in every cell, from top to bottom. A cell that you skip, or an exercise that you leave open, never blocks the next one.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %% [markdown]
# ## Is this machine ready?
#
# The **doctor** looks at Python, the packages, memory, disk, the two models and the contracts. Each problem comes with the line that fixes it.

# %%
from llm_workbook.doctor import doctor

doctor()

# %% [markdown]
# Every lab then starts with the same two lines. `run` holds the data and the models; `lab` holds your exercises and remembers your progress.

# %%
from llm_workbook import Lab, start

run = start("0", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## The domain: contracts that no model has read
#
# The workbook's domain is **contracts**. Ours belong to a made-up group of companies, so no language model can know their content from its training:
# what it answers, it has read here. Look at how one begins.

# %%
contract = run.contracts[0]
print(f"{contract.title} ({contract.id}), {len(contract.text.split()):,} words\n\n{contract.text[:700]} ...")

# %% [markdown]
# ## First, the model alone
#
# The model on this machine is *SmolLM2-135M-Instruct*: 135 million parameters, about a thousandth of a large hosted model. It runs on two processor cores.
# Here is an easy question about one of the contracts: it names the contract by its number. Commit yourself before you run the next cell.

# %%
question = (run.questions(["identifier"]) or run.questions(["lookup"]) or run.questions())[0]
print(question.question)

# %%
options = ["say that it does not know", "invent an answer", "answer correctly"]
lab.predict("alone", "The model sees only the question, no contract. What will it do?", options)

# %%
chat = run.chat(max_new_tokens=32)
alone = chat.invoke(question.question).text
print(alone)

# %%
lab.reveal("alone", measured=f"it said {alone!r}; the contract says {question.answers[0]!r}.")

# %% [markdown]
# A fluent sentence, and nothing behind it. The answer stands in a contract that the model has never seen. So let us show it the contract.
#
# ## Then, the model with the right page open: ten lines of retrieval
#
# **Retrieval-augmented generation** (RAG) has four steps: cut the documents into **chunks**, turn each chunk into a vector (an **embedding**) and store it in a
# **vector database**, find the chunks nearest to the question, and give them to the model with the question. These are the ten lines:

# %%
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_text_splitters import RecursiveCharacterTextSplitter

documents = [
    Document(one.text, metadata={"title": one.title}) for one in run.contracts if one.family == question.family
]
chunks = RecursiveCharacterTextSplitter(chunk_size=600, chunk_overlap=0).split_documents(documents)
index = Chroma.from_documents(
    chunks, run.embeddings, collection_name="lab_0", ids=[str(number) for number in range(len(chunks))]
)
retrieved = index.similarity_search(question.question, k=2)
clauses = "\n\n".join(chunk.page_content for chunk in retrieved)
answer = chat.invoke(
    f"Clauses:\n{clauses}\n\nQuestion: {question.question}\nAnswer in a few words, taken from the clauses."
).text
print(
    f"Retrieved {len(retrieved)} of {len(chunks)} chunks.\n\nThe model says: {answer}\nThe contract says:"
    f" {question.answers[0]}"
)

# %% [markdown]
# Two different things can have gone right or wrong here. Was the answer **found**, that is, does it stand in the chunks? And was it **read**, that is, does the model say it?

# %%
from llm_workbook.measure.answers import contains_answer
from llm_workbook.measure.strict import states

print(
    f"In the chunks: {contains_answer(clauses, question.answers)}. In the model's answer:"
    f" {states(answer, question.answers, question.question)}."
)

# %% [markdown]
# One question proves nothing, in either direction: lab 1.1 asks hundreds and counts both kinds of loss. What matters here is the shape. Note that these are the
# ordinary classes of LangChain and Chroma; you can take any cell home.
#
# Where did the answer come from? Look at what was retrieved, best first.

# %%
for rank, chunk in enumerate(retrieved, start=1):
    print(f"{rank}. {chunk.metadata['title']}\n   {' '.join(chunk.page_content.split())[:230]} ...\n")

# %% [markdown]
# ## Exercise 1 · Number the clauses
#
# *{{exercise_minutes}} · easy · unlocks nothing: it shows how exercises work*
#
# A reader who must say **where** an answer stands needs numbered clauses. Write the function that turns `["We pay.", "They deliver."]` into
#
# ```
# [1] We pay.
# [2] They deliver.
# ```
#
# Write your code in place of the three dots, then run the cell and the check below it. If you would rather go on, just go on: the lab continues with the reference.


# %% tags=["taught", "exercise"]
def number_clauses(clauses: list[str]) -> str:
    """Number clauses from 1, one on a line: "[1] We pay.", "[2] They deliver.".

    clauses: the texts, in the order in which they shall be numbered. Returns one string without a line break at the
    end. Taught in: lab 0.

    >>> number_clauses(["We pay."])
    '[1] We pay.'
    """
    ### BEGIN SOLUTION
    return "\n".join(f"[{number}] {clause}" for number, clause in enumerate(clauses, start=1))
    ### END SOLUTION


# %%
number_clauses = lab.use(1, number_clauses)

# %% [markdown]
# The check tells you one of four things: **passed**; **not yet**, with the first example on which your function went wrong and, if it knows the mistake, its name;
# **not attempted**; or **error**, with the line of *your* code. Stuck? Remove the `#` from one of these and run it. Each call of `hint` tells a little more.

# %%
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# Whatever happened, `number_clauses` now works, because `lab.use` returned your function or the reference:

# %%
print(number_clauses([" ".join(chunk.page_content.split())[:80] + " ..." for chunk in retrieved]))

# %% [markdown]
# ## Profiles: the same lab, three sizes
#
# | `PROFILE` | what for | how long |
# |---|---|---|
# | `smoke` | does everything run? real models, eight questions | about a minute a lab |
# | `live` | **you**, now, on two cores | under 6 minutes of compute a lab and 2 GB on a processor with bf16; without, two to three times as long |
# | `full` | recorded evidence: every question, or a GPU | as long as it needs |
#
# Change the parameters cell near the top, or from a terminal: `python3 workbook.py run --labs 1.1 --profile smoke`. `MODEL` takes a bigger model when you have one: a folder,
# a hub name, or a hosted model such as `"ollama:llama3.2"`. `CORPUS="cuad"` swaps in real contracts. What you measure is kept in `results/`, with its settings, and later labs read it.
#
# Your progress so far:

# %%
lab.progress()

# %% [markdown]
# ## What to take home
#
# **Rule.** A language model answers from what it has read; if the answer is in your documents, put the page in front of it. **It prevents** the fluent invention you saw above.
# **Next:** [1.1 Baseline and ruler](1_rag/1.1_baseline_and_ruler.ipynb) asks this pipeline hundreds of questions instead of one, and finds out where it loses its points.
