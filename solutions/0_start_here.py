# %% [markdown]
# # 0 · Start here: an assistant that reads contracts
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | question a contract assistant, check its citations, say what it can and cannot do, and work through a lab |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing: the models and the contracts are on this machine |
#
# Press **Shift-Enter** in every cell, from top to bottom. Run every cell. You may leave a task unsolved: the next cell then uses our solution.
# Every lab starts with the two cells below: its parameters (explained at the end), then `run`, which holds the contracts, the questions and the models, and `lab`, which holds your tasks and remembers your progress.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
from llm_workbook import Lab, start

run = start("0", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## Three questions, three answers, three citations
#
# The contracts belong to a made-up group of companies, so no language model saw them in its training. A right answer was read here, or guessed.
# The assistant is one that **you will build** in this workbook. It runs on two processor cores, without the internet. It takes three steps:
#
# 1. **Search.** An *encoder* turns every clause of every contract into a vector, and finds the four clauses whose vectors are nearest to your question's.
# 2. **Read.** A small *language model* (135 million parameters; large models have hundreds of billions) reads these four clauses and answers.
# 3. **Cite.** The lab looks for the words of the answer in the four clauses, and shows you the clause with the words marked.
#
# The first run has to read all contracts, which takes up to half a minute; the bar shows the time left. The vectors stay on disk.

# %%
from llm_workbook.labs.lab_0.assistant import Assistant
from llm_workbook.labs.lab_0.chosen import how_chosen, three_questions
from llm_workbook.show.text import show

assistant = Assistant(run)
questions = three_questions(run, assistant)
replies = assistant.ask_all([question.question for question in questions])
for reply in replies:
    show(reply)

# %% [markdown]
# Read a marked passage: does it really answer the question? A citation lets you check in seconds what you would otherwise have to believe.
# And ask of any demonstration how its examples were chosen. Here is how these were, and what the assistant does over many questions:

# %%
how_chosen(run)

# %% [markdown]
# ## The same questions with naive RAG
#
# **Retrieval-augmented generation** (RAG) is the name for "search, then read". The usual first version of it is called *naive*: cut the text into **chunks** of about the same length,
# take an encoder and a model as they are, and hope. It searches the same contracts. Its models have the same size, but nobody trained them on contracts.

# %%
options = ["none", "one", "two", "three"]
lab.predict("naive", "How many of the three questions will naive RAG answer right?", options)

# %% [markdown]
# The next table marks each answer with ✔ or ✘. A program sets the marks. An answer is right when it gives the value that the contract states, and no second value.

# %%
from llm_workbook.labs.lab_0.assistant import naive_rag
from llm_workbook.labs.lab_0.chosen import beside, count_right, over_the_exam

assistant.release()  # room for the other model
naive, _ = naive_rag(run, questions)
beside(questions, replies, naive)

# %% [markdown]
# Three questions prove nothing about either system. So the result below also says how both did over many.

# %%
right = options[count_right(questions, naive)]
lab.reveal("naive", measured=f"{right} of {len(questions)}.{over_the_exam(run)}", answer=right)

# %% [markdown]
# Two things can go wrong. Not **found**: the answer is not in the chunks. Not **read**: it is in the chunks, but the model says something else. Labs 1.1 to 1.5 measure and mend them one by one.
#
# ## Ask it yourself
#
# Type a question and press Enter. Name the contract or its parties: many contracts have the same kinds of terms.
# To see what there is to ask about, run `print("\n".join(contract.title for contract in run.contracts))` in a cell of your own.

# %%
from llm_workbook.labs.lab_0.box import ask_box

ask_box(assistant.ask, "Which law governs the Reefer Haulage Framework Agreement between Elbtor and Halden Foods?")

# %% [markdown]
# Nobody has checked that answer for you: look at its source. Without the box it is a plain function call. Here is a question **that no contract answers**
# (simply the first of its kind in our set). A good assistant says so.

# %%
from llm_workbook.labs.lab_0.chosen import declined, question_without_answer

reply = assistant.ask(question_without_answer(run))
show(declined(reply))
reply

# %% [markdown]
# ## How a task works: number the clauses
#
# *{{exercise_minutes}} · easy · nothing depends on it*
#
# A reader who wants to check an answer needs a list of what was read. Write the function that turns `["We pay.", "They deliver."]` into
#
# ```
# [1] We pay.
# [2] They deliver.
# ```
#
# Write your code in place of the three dots, run the cell, then run the check below it. To skip it, just go on: the lab continues with our own version, the *reference*.


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
# lab.hint(1)
# lab.solution(1)
print(number_clauses([str(clause) for clause in reply.read]))

# %% [markdown]
# The check says one of four things: **passed**; **not yet**, with the first example on which your function went wrong and the name of the mistake, if it is a known one;
# **not attempted**; or **error**, with the line of *your* code. `lab.use` returned your function if it passed, else the reference, so the list above is right in any case.
# Stuck? Remove the `#` before `lab.hint(1)` and run the cell again: each call tells a little more. `lab.solution(1)` shows the reference.
# ## What you will have built at the end
#
# Each row is one system; you build them in labs 1.1 to 2.2. All answer the same questions. The dot is the share of right answers. The bar through it is the 95 % **confidence interval**:
# the range in which the true share probably lies. A *family* is all the papers of one deal; with few families the bars are wide (lab 1.1 explains why). Two rows are guesses that read no clause: a system that does not beat them has not learned to read.

# %%
from llm_workbook.benchmark.ladder import ladder
from llm_workbook.show import plots

rungs = ladder()
plots.ladder(rungs) if len(rungs) else print("The ladder is not recorded yet: python -m tools.domain ladder")

# %% [markdown]
# ## Your machine, your progress, and the size of a lab
#
# | `PROFILE` | what for | how long |
# |---|---|---|
# | `smoke` | does everything run? | about a minute a lab |
# | `live` | **you**, now, on two cores | about 6 minutes of computing for each lab at most; on an older processor it takes fewer questions and says so |
# | `full` | all questions, for the recorded results; better with a GPU | hours |
#
# Change it in the parameters cell near the top, then run all cells again. `MODEL` takes a bigger model when you have one, `CORPUS` other contracts (`"cuad"`: real ones). What you measure is kept in `results/`, and later labs read it.
# The **doctor** looks at Python, the packages, memory, disk, the models and the contracts; each problem comes with the line that fixes it.

# %%
from llm_workbook.doctor import doctor

show(lab.progress())
doctor()

# %% [markdown]
# ## What to take home
#
# **Rule.** Ask an assistant for its source, and ask its maker how the examples were chosen. **It prevents** trusting a fluent answer that no contract states.
# **Next:** [1.1 Baseline and ruler](1_rag/1.1_baseline_and_ruler.ipynb) builds naive RAG, asks it hundreds of questions, and finds out where it loses its points.
