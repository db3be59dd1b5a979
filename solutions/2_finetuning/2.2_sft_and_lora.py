# %% [markdown]
# # 2.2 · SFT and LoRA from the inside: teach a small model to read contracts
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | fine-tune a language model, explain every knob you turned, and say what it gained, what it forgot and what refusals cost |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | some PyTorch; lab 1.1 explains the questions and how they are scored |
#
# You write the chat template, the mask and the LoRA layer yourself. Then you train a reader in about three minutes and talk to it.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
from llm_workbook import Lab, start
from llm_workbook.models.chat import require_local

run = start("2.2", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
require_local(MODEL)  # this lab trains: a hosted model keeps its weights to itself
lab = Lab(run)

# %% [markdown]
# ## A reader that misreads
#
# In lab 1.1 the model with 135 million parameters gave wrong answers even when the right clause lay in front of it. Here you repair that reader. No search takes part: each question comes with
# its right clause **among others**, that is, with two clauses that do not answer it, in random order. All questions are of the types that **one clause answers**, such as "How long is the notice period?".
#
# The exam is about contracts of **families** that training never sees. A family is all the papers of one deal. The square brackets give the 95 % confidence interval: the range in which the share probably lies for other families of this kind. The **guess** reads
# nothing: it gives the most frequent answer that the training contracts have for such a question. The prompt of the untuned model contains one solved example. It answers only some of the questions, to save time. Compare the two rows, then read wrong answers: did it copy from the wrong clause, or from the example?

# %%
from llm_workbook.benchmark.guesses import most_frequent
from llm_workbook.benchmark.reading import ReadingExam, of_one_clause
from llm_workbook.corpus.load import load_questions
from llm_workbook.labs.lab_2_2.live import amounts
from llm_workbook.labs.lab_2_2.tables import drawn, rates, wrong_answers
from llm_workbook.measure.answers import score_answers
from llm_workbook.show.text import show

MOST = 10 if PROFILE == "smoke" else 20  # new tokens of an answer
exam, train = ReadingExam(CORPUS, run.contracts, run.embeddings), load_questions(CORPUS, "train")
much = amounts(PROFILE)
asked = drawn(of_one_clause(run.questions()), much.questions)[:MAX_ITEMS]
first = asked[: much.untuned]  # the untuned model answers some of them: that takes half a minute
before = exam.take(run.chat(MOST), first, "among others", worked=True)
guess = score_answers(asked, most_frequent(train, asked), [[]] * len(asked))
show(rates({"guess": guess, "untuned": before}))
show(wrong_answers(before, first))
BINS = ["under 40 %", "40 to 60 %", "60 to 80 %", "80 % or more"]
lab.predict("gain", "You will train on other contracts for three minutes. What share will be right?", BINS)

# %% [markdown]
# ## A chat is one long text
#
# A language model knows no roles. It continues a text. A chat is a **template**, with marks that occur nowhere else: `<|im_start|>` and `<|im_end|>`. If one mark is wrong,
# no error is raised; the answers only become worse. Here are three broken templates and what the model writes after each.


# %%
from collections.abc import Sequence

import torch


def complete(*texts: str) -> list[str]:
    """What the untuned model writes after each text, marks included."""
    chat, written = run.chat(), []
    for text in texts:
        ids = chat.tokenizer(text, return_tensors="pt", add_special_tokens=False).to(chat.model.device)
        with torch.inference_mode():
            output = chat.model.generate(**ids, max_new_tokens=24, do_sample=False)
        written.append(chat.tokenizer.decode(output[0, ids["input_ids"].shape[1] :]))
    return written


TURNS = [("system", "You answer in one short sentence."), ("user", "The lease ends in May. When does the lease end?")]
whole = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in TURNS)
broken = {"A": whole.removesuffix("<|im_end|>\n"), "B": whole, "C": whole + "<|im_start|>user\n"}
for name, text in zip(broken, complete(*broken.values()), strict=True):
    print(f"{name}: {text!r}")

# %% [markdown]
# ### Exercise 1 · Repair the template
#
# *{{exercise_minutes}} · easy · unlocks every prompt below*
#
# Three causes, three symptoms. **A**: the last turn was left open; a model then tends to close it and stop. **B**: no turn was opened for the answer; it then tends to write the line with the role first.
# **C**: the turn that was opened is the user's; it then tends to ask again. Write the template without these faults. Each turn is `<|im_start|>`, role, line break, content, `<|im_end|>`, line break. With
# `open_answer` the text ends with an opened turn of the `assistant` (mark, role, line break). Without it (a whole example for training) nothing follows.


# %% tags=["taught", "exercise"]
def chat_text(messages: Sequence[dict[str, str]], open_answer: bool = True) -> str:
    """The text that the model sees: the messages in ChatML, and the opened turn of the assistant.

    messages: each with "role" (system, user, assistant) and "content".
    Taught in: lab 2.2.

    >>> chat_text([{"role": "user", "content": "Hi"}])
    '<|im_start|>user\\nHi<|im_end|>\\n<|im_start|>assistant\\n'
    """
    ### BEGIN SOLUTION
    turns = [f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n" for message in messages]
    return "".join(turns) + ("<|im_start|>assistant\n" if open_answer else "")
    ### END SOLUTION


# %%
from llm_workbook.benchmark.prompt import conversation

chat_text = lab.use(1, chat_text)
# lab.hint(1)
# lab.solution(1)
lessons = of_one_clause(train)
example, tokenizer = conversation(exam.among_others(lessons[0]), lessons[0].question), run.chat().tokenizer
same = chat_text(example) == tokenizer.apply_chat_template(example, tokenize=False, add_generation_prompt=True)
print("Same text as the tokenizer's own template:", same)
print("Repaired:", *complete(chat_text([{"role": role, "content": content} for role, content in TURNS])))

# %% [markdown]
# One trap: for a conversation **without** a system turn the tokenizer silently adds one ("You are a helpful AI assistant named SmolLM ..."). Train and ask with the same template, or your model is asked in a way that it never learned.
#
# ## Which tokens should be learned?
#
# The model predicts **every** token from those before it. You do not want to teach it to write contracts, only answers. So the loss counts the answer only: all other tokens
# get the label **-100**, which PyTorch's cross-entropy leaves out.
#
# ### Exercise 2 · The mask
#
# *{{exercise_minutes}} · easy · unlocks training*
#
# Return two lists: the ids of prompt, answer and end mark in a row, and equally many labels: -100 for the prompt, the ids themselves for the answer **and the end mark**. (The end mark is `<|im_end|>`, the tokenizer's
# `eos_token_id`. `answer_loss` below shifts the labels by one; you need not.)


# %% tags=["taught", "exercise"]
def answer_labels(prompt: list[int], answer: list[int], end: int) -> tuple[list[int], list[int]]:
    """(ids, labels) of one training example; labels are -100 where the loss does not count.

    prompt, answer: token ids. end: the id of the mark that ends the answer.
    Taught in: lab 2.2.

    >>> answer_labels([5, 6, 7], [8], 2)
    ([5, 6, 7, 8, 2], [-100, -100, -100, 8, 2])
    """
    ### BEGIN SOLUTION
    taught = [*answer, end]
    return prompt + taught, [-100] * len(prompt) + taught
    ### END SOLUTION


# %%
import math
from typing import Any

answer_labels = lab.use(2, answer_labels)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# Only the answer's tokens count; most of the text is prompt. That saves work: the **head** of the model (576 numbers in, 49,152 out, its largest matrix) is computed for those few tokens only.

# %% tags=["taught"]
Example = tuple[list[int], list[int]]  # ids, labels


def encode(tokenizer: Any, messages: Sequence[dict[str, str]], answer: str) -> Example:
    """A conversation and the answer to it as (ids, labels). Taught in: lab 2.2."""
    prompt, words = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (chat_text(messages), answer))
    return answer_labels(prompt, words, tokenizer.eos_token_id)


def encode_turns(tokenizer: Any, clauses: Sequence[str], turns: Sequence[tuple[str, str]]) -> Example:
    """The same for clauses with a question, its answer, and further questions and answers. Taught in: lab 2.2."""
    (question, answer), *more = turns
    ids, labels = encode(tokenizer, conversation(clauses, question), answer)
    line_break = tokenizer("\n", add_special_tokens=False)["input_ids"]  # after the mark that ended the answer
    for question, answer in more:
        turn = encode(tokenizer, [{"role": "user", "content": f"Question: {question}"}], answer)
        ids, labels = ids + line_break + turn[0], labels + [-100] * len(line_break) + turn[1]
    return ids, labels


def answer_loss(model: Any, examples: Sequence[Example]) -> torch.Tensor:
    """Sum of the cross-entropy (nats) of the tokens whose label is not -100. Taught in: lab 2.2."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    longest = 32 * math.ceil(max(len(ids) for ids, _ in examples) / 32)  # padded on the right to few lengths
    padded = [(ids + [0] * (longest - len(ids)), labels + [-100] * (longest - len(ids))) for ids, labels in examples]
    ids, labels = torch.tensor(padded, device=model.device).unbind(1)
    hidden = inner.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    seen = labels[:, 1:] != -100
    return torch.nn.functional.cross_entropy(inner.lm_head(hidden[seen]).float(), labels[:, 1:][seen], reduction="sum")


# %% [markdown]
# **Invariant 1.** Before you trust a loss, compute it a second way. Take one example through the whole model, read off the log-probability of each answer token, add them up. The unit of the loss is the **nat** (natural logarithm): a model that gives the right token one chance in two
# loses 0.69 nats. Both numbers must agree.

# %%
ids, labels = encode(tokenizer, example, lessons[0].answers[0])
places = [place for place, label in enumerate(labels) if label != -100]  # of the answer's tokens


def by_hand_and_masked() -> tuple[float, float]:
    """The loss of the example in two ways, in fp32, so that rounding hides no mistake."""
    model = run.chat().model.float()
    with torch.inference_mode():
        logits = model(torch.tensor([ids], device=model.device)).logits[0, [place - 1 for place in places]]
        masked = float(answer_loss(model, [(ids, labels)]))
    chances = logits.log_softmax(-1)
    return -sum(float(row[ids[place]]) for place, row in zip(places, chances, strict=True)), masked


by_hand, masked = by_hand_and_masked()
print(f"by hand {by_hand:.3f}, masked loss {masked:.3f} nats, equal: {math.isclose(by_hand, masked, rel_tol=1e-3)}")

# %% [markdown]
# ## LoRA by hand
#
# Training all 135 million weights needs four numbers for each: the weight, its gradient and two running averages that the optimizer (AdamW) keeps. **LoRA** (arXiv:2106.09685) leaves a matrix $W$ frozen and learns a thin
# correction beside it: $Wx + \frac{\alpha}{r} B A x$, where $A$ has $r$ rows and $B$ has $r$ columns; $r$ is the **rank**, and $\alpha$ sets the strength. At first $B = 0$, so the model starts as it was.
#
# ### Exercise 3 · The LoRA layer
#
# *{{exercise_minutes}} · medium · unlocks invariant 2*
#
# Wrap a linear layer. Freeze it; give it `a` of shape (rank, inputs) with small random numbers (about 1 / √inputs in size) and `b` of shape (outputs, rank) with zeros; add the correction, scaled by
# `alpha / rank`. Return a `torch.nn.Module` with the names `base` (the layer), `a` and `b`. Keep `a` and `b` in fp32. A module has `__init__`, which calls `super().__init__()` first and where `self.a = torch.nn.Parameter(...)` makes a trainable
# matrix, and `forward(self, x)`. In code x is a row (its shape is (..., inputs)), so $BAx$ becomes `x @ a.T @ b.T`. `linear.requires_grad_(False)` freezes a layer; its sizes are `linear.in_features` and `linear.out_features`.


# %% tags=["taught", "exercise"]
def lora_layer(linear: torch.nn.Linear, rank: int, alpha: float) -> torch.nn.Module:
    """The linear layer, frozen, with a trainable correction of low rank (Hu et al. 2021, arXiv:2106.09685).

    The module has `base` (the layer), `a` (rank, inputs) and `b` (outputs, rank); it maps (..., inputs) to (...,
    outputs). Taught in: lab 2.2.
    """

    ### BEGIN SOLUTION
    class LoRA(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.base = linear.requires_grad_(False)
            self.a = torch.nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
            self.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.base(x) + (alpha / rank) * (x.to(self.a.dtype) @ self.a.T @ self.b.T).to(x.dtype)

    return LoRA()
    ### END SOLUTION


# %%
lora_layer = lab.use(3, lora_layer)
# lab.hint(3)
# lab.solution(3)


def loss_with_lora(rank: int, alpha: float) -> float:
    """The masked loss of the example with one of your layers in the model, in fp32."""
    model = run.chat().model.float()
    attention = model.model.layers[0].self_attn
    attention.q_proj = lora_layer(attention.q_proj, rank, alpha)
    with torch.inference_mode():
        return float(answer_loss(model, [(ids, labels)]))


outputs, inputs = run.chat().model.model.layers[0].self_attn.q_proj.weight.shape
print(f"Invariant 2: with B = 0 the loss changes by {abs(loss_with_lora(16, 32) - masked):.4f} nats.")
print(f"To learn: {16 * (inputs + outputs):,} numbers instead of {inputs * outputs:,}.")

# %% [markdown]
# ## One step of training
#
# The library **peft** puts such a layer around every linear layer; `prepare` uses it for the upper half of the model, so that the gradient has to go back half-way only. One step has four parts: the loss per answer token, its gradient, a small move
# against the gradient (AdamW), and the gradient set back to zero. Five steps on a single example; look at the loss:

# %%
import random
import re

from llm_workbook.corpus.records import Question
from llm_workbook.training.fit import Recipe, prepare


def learn_by_heart(steps: int) -> None:
    """Train on one example and print the loss before each step."""
    model = prepare(run.chat().model, Recipe(rank=16, alpha=32, layers="top half"))
    model.print_trainable_parameters()
    optimizer = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=1e-3)
    for step in range(steps):
        loss = answer_loss(model, [(ids, labels)]) / len(places)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        print(f"step {step}: {loss.item():.3f} nats per answer token")


learn_by_heart(steps=5)

# %% [markdown]
# A loss near zero means that it knows this answer by heart. To learn to **read**, it needs many examples, and it matters how these are made.
#
# ## The recipe: read once, answer several times
#
# - **Among others.** Trained on the right clause alone, a reader learns that everything it is shown is relevant. RAFT (arXiv:2403.10131) shows the right clause among distractors.
# - **As written.** The answer to learn is the form that stands in the clause ("SIXTY DAYS"), not its canonical form ("60 days"). Copying is easier than converting.
# - **Several questions about each reading.** The clauses of one reading have about 300 tokens and cost the time; an answer has about five tokens. So the model reads once and answers up to eight questions, which follow each other like turns of a chat
#   (`encode_turns` above); in every turn the answer is learned, and only the answer. So it also learns that the *question* decides which words to copy.
#
# **Look at your training data** before you train: the second cell decodes it. Read three examples. Are the marked tokens answers to the question before them? Do the answers stand in the clauses?


# %% tags=["taught"]
def as_written(question: Question, clauses: Sequence[str]) -> str:
    """The answer as the clauses write it, else its canonical form; "not stated" where there is none.

    Taught in: lab 2.2.
    """
    text = "\n".join(clauses)
    places = [re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text, re.IGNORECASE) for answer in question.answers]
    written = next((place[0] for place in places if place), question.answers[0])
    return written if question.answerable else "not stated"


def reading(
    question: Question, pool: Sequence[Question], exam: Any, rng: random.Random, turns: int = 8
) -> tuple[list[str], list[tuple[str, str]]]:
    """(clauses, [(question, answer), ...]): the clauses of one question among two others, and up to `turns` questions
    of the pool about any of them. Taught in: lab 2.2."""
    clauses = exam.oracle(question) + exam.strangers(question, 2, rng)
    shown = set(clauses)
    about = [other for other in pool if other.facts != question.facts and shown.issuperset(exam.oracle(other))]
    others = {other.facts or other.id: other for other in rng.sample(about, len(about))}  # one about each fact
    taught = [question, *others.values()][:turns]
    pairs = [(one.question, as_written(one, exam.oracle(one))) for one in rng.sample(taught, len(taught))]
    return rng.sample(clauses, len(clauses)), pairs


# %%
from llm_workbook.labs.lab_2_2.live import until
from llm_workbook.show.training import TokenMask
from llm_workbook.show.widgets import explore

order = random.Random(f"readings {SEED}").sample(lessons, len(lessons))
readings = (reading(question, lessons, exam, random.Random(f"{SEED} {question.id}")) for question in order)
examples = until(much.first_act, (encode_turns(tokenizer, *one) for one in readings))


def show_mask(number: int) -> TokenMask:
    """One training example, decoded token by token."""
    ids, labels = examples[number]
    return TokenMask([tokenizer.decode([token]) for token in ids], labels)


explore(show_mask, number=range(min(20, len(examples))))

# %% [markdown]
# ## Watch it learn
#
# `fit` repeats your step, one reading at a time, each reading once. The learning rate rises over five steps and falls to zero over the second half. A **checkpoint** is written every eight steps: after a killed kernel, run the cells again and the training goes on.
# The result goes into the **adapter registry** (`results/adapters/`) with its recipe and the hashes of its base and data. Run the cell again with the same recipe and data, and it comes from there at once; change one of them, and it is trained anew.
#
# Four questions about contracts that are not in training are asked now and then. The button stops and keeps what was learned. (`await view.run(fit, ...)` runs `fit` in a thread, so that the button works during training.)

# %%
from llm_workbook.labs.lab_2_2.live import watcher
from llm_workbook.show.training import TrainingView
from llm_workbook.training.fit import fit

READER = f"reader {SEED}"
recipe = Recipe(rank=16, alpha=32, layers="top half", learning_rate=1e-3, batch=1, steps=len(examples), seed=SEED)
view = TrainingView(recipe.steps, "Read once, answer several times")
look = watcher(view, exam, tokenizer, of_one_clause(load_questions(CORPUS, "dev")), run.items(live=4) or 4)
look(run.chat(MOST), [])
await view.run(fit, run.adapters, READER, recipe, examples, MODEL, look, MOST)
view

# %% [markdown]
# Look at the answers, not only at the curve. When does the form change (few words, no sentence), and when do the right words follow?
#
# ## Did it learn to read?
#
# The same questions, on families that training never saw. Each model gets the prompt that suits it: the untuned one a worked example, yours the form of its lessons. `merged` adds the correction to the weights ($W + \frac{\alpha}{r} B A$), as one does to serve a model: it answers faster.
# The **verdict** pairs the questions that both models answered; p is the chance of a difference at least as large if both were equally good.
#
# Under the rates you see **wins and losses**. Read both. A loss shows what to teach next: did the answer come from another clause, or was the right clause misread?

# %%
from llm_workbook.labs.lab_2_2.live import keep_results
from llm_workbook.labs.lab_2_2.tables import wins_and_losses
from llm_workbook.training.adapters import merged

after = exam.take(merged(run.chat(MOST, adapter=READER)), asked, "among others")
verdict = run.compare(after[after["question_id"].isin(before["question_id"])], before, name_a="tuned", name_b="untuned")
right = 100 * after["correct"].mean()
lab.reveal("gain", f"{right:.0f} % of {len(after)}. {verdict}", BINS[sum(right >= edge for edge in (40, 60, 80))])
keep_results(run.ledger, SEED, before, after)
show(rates({"guess": guess, "untuned": before, "tuned": after}))
wins_and_losses(before, after, asked)

# %% [markdown]
# ## May it be used? The gate
#
# A gain alone is not enough. Thirty plain sentences about bread, trains and bees (`data/general.txt`) measure what was **forgotten**: their loss per token, before and after training. And a reader that often says `not stated` where the answer
# is in front of it (a **needless refusal**) is useless. A gate is a fixed list of conditions; if all hold, the model may be used (promoted). The registry keeps exam and decision. It also keeps the hash of the base: on other weights an adapter means nothing, although nothing would crash.

# %%
from llm_workbook.labs.lab_2_2.live import general_loss

forgotten = general_loss(run.chat(adapter=READER)) - general_loss(run.chat())
gate = {
    "a real gain": verdict.label == "better",
    "needless refusals under 10 %": after["refused"].mean() < 0.1,
    "general loss up by less than 0.3 nats": forgotten < 0.3,
}
marks = {"right": after["correct"].mean(), "needless refusals": after["refused"].mean(), "forgotten": forgotten}
failed = [condition for condition, holds in gate.items() if not holds]
run.adapters.decide(READER, "hold" if failed else "promote", {name: round(x, 3) for name, x in marks.items()})
print(
    "Hold, because not: " + ", ".join(failed) if failed else "Promote.", f"General loss {forgotten:+.3f} nats per token"
)
run.adapters.table()[["name", "base_sha256", "data_sha256", "exam", "decision"]]

# %% [markdown]
# ## Talk to your model
#
# Write clauses of your own and ask. Change them: move a number, add a clause that tempts, ask for what is not there.

# %%
CLAUSES = [
    "Boat lease: The tenant pays EUR 310 each month, on the first working day.",
    "Boat lease: Either side may end this lease by giving forty-five (45) days' notice in writing.",
    "Boat lease: This lease is governed by the laws of Portugal.",
]
asking = ["How much notice must be given?", "Which law governs?", "What is the rent?", "Who insures it?"]
replies = run.chat(MOST, adapter=READER).batch([conversation(CLAUSES, question) for question in asking])
for question, reply in zip(asking, replies, strict=True):
    print(f"{question:<32} {reply.text}")

# %% [markdown]
# ## Second act: teach it to say "not stated"
#
# No example taught a refusal. What does your model do with a question that no clause answers? Two rates belong together: **right refusals** (the clauses do not answer, and it says so) and **needless refusals** (they do, and it refuses all the
# same). Whoever always refuses has 100 % of both.
#
# The training goes on from your adapter. Two kinds of reading take turns. The first: a question without an answer, the clauses that **tempt** a reader to answer it, and further questions about these clauses that have an answer. The second: readings as before. So the model must look, not only refuse. The dose
# matters: the more tempting readings and the higher the learning rate, the more the model refuses, also where it should not. Look at both rates in the table, and at how many right answers the second act costs.

# %%
from itertools import chain

import numpy as np  # for exercise 4
from scipy import stats  # for exercise 4

from llm_workbook.benchmark.guesses import always_refuse
from llm_workbook.labs.lab_2_2.live import progress

absent, rng = [question for question in train if not question.answerable], random.Random(f"refusals {SEED}")
tempting = (reading(question, lessons, exam, rng) for question in rng.sample(absent, len(absent)))
ordinary = (reading(question, lessons, exam, rng) for question in rng.sample(lessons, len(lessons)))
both = chain.from_iterable(zip(tempting, ordinary, strict=False))
dosed = until(much.second_act, (encode_turns(tokenizer, *one) for one in both))
second = Recipe(rank=16, alpha=32, layers="top half", learning_rate=2.5e-4, batch=1, steps=len(dosed), seed=SEED)
fit(run.adapters, f"{READER} refusing", second, dosed, MODEL, progress(len(dosed)), MOST, parent=READER)

mixed = first + drawn([q for q in run.questions() if not q.answerable], much.unanswerable)
acts = {"always refuse": score_answers(mixed, always_refuse(mixed), [[]] * len(mixed))}
for act, name in {"first act": READER, "second act": f"{READER} refusing"}.items():
    acts[act] = exam.take(merged(run.chat(MOST, adapter=name)), mixed, "among others")
rates(acts)

# %% [markdown]
# The second act teaches two things: to **see** that an answer is missing, and to **say** so more readily, often too readily. You can correct the second without training. When the model begins an answer, each token has a score. The **margin** is the score of the token that begins `not stated`, less the best
# other score (in nats). Above 0 the model refuses. Add a **bias** to the margin: a negative one makes it refuse less often. Choose the bias on dev families: there, 1 of 20 answerable questions may still be refused. A negative bias changes no answer but refusals, so only these are asked again. Compare the last two rows.

# %%
from llm_workbook.labs.lab_2_2.live import refusal_margins, refusals_again
from llm_workbook.models.chat import free_memory
from llm_workbook.training.domain import refusing

answerable = drawn(of_one_clause(load_questions(CORPUS, "dev")) or lessons, run.items(live=40, smoke=3))
careful = merged(run.chat(MOST, adapter=f"{READER} refusing"))
margins = refusal_margins(careful, [conversation(exam.among_others(q), q.question) for q in answerable])
bias = min(0.0, -float(np.quantile(margins, 0.95)))
careful = refusing(careful, bias)
acts["second act, with bias"] = refusals_again(acts["second act"], exam, careful, mixed)
print(f"Bias {bias:.1f} nats, chosen on {len(answerable)} dev questions that have an answer")
print(asking[-1], careful.invoke(conversation(CLAUSES, asking[-1])).text)
del careful
free_memory()  # room for the next model
rates(acts)

# %% [markdown]
# The domain reader that labs 0 to 1.2 use was made like this: two acts, then a bias. Which bias is right depends on what a wrong answer costs beside a refusal; lab 3.4 puts a price on both. Report the two rates in one table, always.
#
# ## Was it luck? Which ruler do you trust?
#
# You trained once. With another **seed** the model reads other examples in another order, and the figures may move. To say that recipe A is better than B, train both with the same three seeds and look at the three **paired** differences. Their mean has a confidence interval
# by Student's t: mean ± t · SD / √n, for three seeds mean ± 4.30 · SD / √3. (This lab trains once, so it cannot say how much its own result moves.)
#
# ### Exercise 4 · An interval over seeds
#
# *{{exercise_minutes}} · medium · unlocks the test of three rules*
#
# `a[i]` and `b[i]` are one ruler (a held-out loss, a share of right answers) of two recipes trained with the same seed i. Return the ends of the 95 % confidence interval of the mean of a - b, for any number of seeds from two.
# `stats.t.ppf(0.975, n - 1)` gives the factor t for n seeds (2.5 % are left out on each side); the SD is `std(ddof=1)`. The cell below then gives your rule and two others 2,000 pairs of simulated recipes that do not differ.
#
# After that it applies your function to **real trainings**: a recorded sweep of this lab's recipe with 22,500 tokens, three learning rates and three seeds each, judged on questions of dev families (`data/sweep.csv`; `python -m tools.domain sweep` makes it again). With one
# seed all rates saw the same readings in the same order, so the seeds are pairs. A star marks an interval that excludes 0. Which of the three rulers tells the rates apart?


# %% tags=["taught", "exercise"]
def seed_interval(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """(low, high): 95 % confidence interval of the mean of a - b over paired seeds (Student's t, n - 1 degrees of
    freedom).

    a, b: one number for each seed, in the same order; at least two. Taught in: lab 2.2.

    >>> [round(float(end), 2) for end in seed_interval([0.52, 0.55, 0.50], [0.56, 0.60, 0.57])]
    [-0.09, -0.02]
    """
    ### BEGIN SOLUTION
    differences = np.subtract(a, b)
    half = stats.t.ppf(0.975, len(differences) - 1) * differences.std(ddof=1) / math.sqrt(len(differences))
    return differences.mean() - half, differences.mean() + half
    ### END SOLUTION


# %%
from llm_workbook.labs.lab_2_2.seeds import false_alarms
from llm_workbook.labs.lab_2_2.sweep import against, draw_sweep, recorded_sweep, told_apart

seed_interval = lab.use(4, seed_interval)
# lab.hint(4)
# lab.solution(4)
for rule, share in false_alarms(seed_interval, SEED).items():
    print(f"{share:6.1%} false alarms: {rule}")
smallest = stats.t.ppf(0.975, 2) * (2 / 3) ** 0.5
print(f"Three seeds show differences from {smallest:.1f} times a ruler's SD between seeds.")
sweep = recorded_sweep()
show(differences := against(sweep, 1e-3, seed_interval))
draw_sweep(sweep, told_apart(differences))

# %% [markdown]
# A rule for 95 % should call 5 % of the pairs different. The third rule trains each of three values of a knob once and looks at their range. The last line says which **ruler** you can trust: one whose spread between seeds is small beside the effect. A loss uses every token of every answer, so it usually varies least between seeds, but nobody is
# paid for a loss. Right answers are what you want, but each is only a yes or a no, so three seeds show only large effects. Needless refusals are rare events: count them in hundreds of questions. Measure the spread of each on your own data before you trust it.
#
# What others found about the knobs, with seeds or without: the best learning rate for LoRA is about ten times that of full fine-tuning and hardly depends on the rank; adapters belong in all linear layers, the MLP more than the attention (LoRA Without Regret, Thinking Machines 2025). LoRA learns less and forgets less (arXiv:2405.09673), yet in peft's own
# benchmark (MetaMathQA, one seed) LoRA r32 forgot more than full fine-tuning (0.050 against 0.030 nats) at ten times its learning rate.
#
# ## Take it home: peft and TRL
#
# At work you use libraries. To take the script home, put the hub name `HuggingFaceTB/SmolLM2-135M-Instruct` into `BASE`, a folder into `OUT`, and your own prompts and completions into `texts`; the rest is peft, transformers and TRL. (Here: two questions without clauses, so that it takes seconds.) TRL's `SFTTrainer` masks the prompt and adds the end mark, as you did. On a GPU, delete `use_cpu` and `bf16=False`.
#
# **Invariant 3** is in the cell below it: the two examples go into one batch, so TRL's first loss must be the one that your own functions give.

# %%
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

from llm_workbook.models.offline import LLM, ready_folder

BASE, OUT = MODEL or str(ready_folder(LLM)), str(run.settings.results_dir / "take_home")
asks = [[{"role": "user", "content": question.question}] for question in lessons[:2]]
texts = [{"prompt": chat_text(ask), "completion": lessons[n].answers[0]} for n, ask in enumerate(asks)]

model = AutoModelForCausalLM.from_pretrained(BASE, dtype="float32")
model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"))
options = SFTConfig(
    OUT, max_steps=4, per_device_train_batch_size=2, learning_rate=1e-3, logging_steps=1,
    save_strategy="no", activation_checkpointing=True, use_cpu=True, bf16=False,
)  # fmt: skip
tokens = AutoTokenizer.from_pretrained(BASE)
trainer = SFTTrainer(model, options, train_dataset=Dataset.from_list(texts), processing_class=tokens)
trainer.train()
trl_loss = trainer.state.log_history[0]["loss"]
model.save_pretrained(OUT)  # the adapter alone: 20 MB
del model, trainer  # their memory

# %% [markdown]
# Later, elsewhere: the same base, the adapter on it, added to its weights.

# %%
from peft import PeftModel

from llm_workbook.training.fit import mean_loss

free_memory()  # the trainer is gone
model = AutoModelForCausalLM.from_pretrained(BASE, dtype="auto")
model = PeftModel.from_pretrained(model, OUT).merge_and_unload()

ours = mean_loss(run.chat().model, [encode(tokenizer, ask, lessons[n].answers[0]) for n, ask in enumerate(asks)])
print(f"First loss: yours {ours:.3f}, TRL {trl_loss:.3f} nats per answer token")
lab.progress()

# %% [markdown]
# Why then a loop of our own? To see inside, and for speed on two cores: frozen weights in bf16 where the processor has it, adapters in the upper half only, little padding (`python tools/bench.py training` compares the two on your machine). On a GPU, take TRL. There the frozen weights of a large model can be kept in four bits (**QLoRA**, arXiv:2305.14314;
# `llm_workbook.training.adapters.load_quantised(name)`). The GPU paths (fp16, QLoRA) were **not run** for this lab.
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RAFT-style training | up to +35 points on HotpotQA over the untuned model with retrieval (arXiv:2403.10131, 7B) | the table of the exam | our model is fifty times smaller and knew less to begin with; it copies and does not reason |
# | forgetting | LoRA learns less and forgets less than full fine-tuning (arXiv:2405.09673) | the gate's general loss | one domain, a few minutes; lab 2.3 shows what replay does |
#
# ## What to take home
#
# **Rule.** Check the invariants before you train (template equal to the tokenizer's, masked loss equal to the hand count, B = 0 changes nothing, first loss equal to the library's). Look at decoded examples. Ask several questions about each reading. Report gain, forgetting and both refusal rates together, and let a gate decide.
# **It prevents** the silent failures: another template in use than in training, a loss on the wrong tokens, a reader that refuses what it could answer. **It costs** minutes on two cores.
#
# **Next:** lab 3.3 puts fine-tuning and retrieval into one table.
