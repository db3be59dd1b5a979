# %% [markdown]
# # 2.2 · SFT and LoRA from the inside: teach a small model to read contracts
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | fine-tune a language model, explain every knob you turned, and say what it gained and what it forgot |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing; lab 1.1 explains the questions and how they are scored |
#
# You write the chat template, the mask and the LoRA layer yourself. Then the libraries do the same, and you watch a model learn.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from llm_workbook import Lab, start
from llm_workbook.benchmark.ledger import read_runs
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import CONDITIONS, ReadingExam
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.measure.answers import refusal_table
from llm_workbook.models.cache import cache_key
from llm_workbook.models.chat import require_local
from llm_workbook.models.offline import EMBEDDER, ModelError, ready_folder
from llm_workbook.settings import DATA
from llm_workbook.show import plots
from llm_workbook.show.text import show
from llm_workbook.show.training import TokenMask, TrainingView
from llm_workbook.show.widgets import explore
from llm_workbook.training.fit import Recipe, batch_at, fit, learning_rate_at, mean_loss, prepare, train

# %% [markdown]
# ## A reader that can be taught
#
# Lab 1.1 showed a reader with 135 million parameters that misreads clauses, even when the right one lies in front of it. Here you train it, on contracts of **other families** than
# those of the exam. It is asked under three conditions: with the right clauses alone (**oracle**), with the right clauses among two others (**among others**), and with
# the three chunks that a search found, with the contract's title in front of each (**retrieved**), among which the right one is often missing. The base model first, with lab 1.1's prompt and worked example:

# %%
run = start("2.2", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
require_local(MODEL)  # this lab trains: a hosted model keeps its weights to itself
lab = Lab(run)
exam, questions = (
    ReadingExam(CORPUS, run.contracts, run.embeddings),
    run.reading_questions()[: {"smoke": 4, "live": 36}.get(PROFILE)],
)
lessons = [question for question in load_questions(CORPUS, "train") if len(question.evidence) <= 3]

MOST = 10 if PROFILE == "smoke" else 20  # new tokens of an answer
chat = run.chat(MOST)
before = {condition: exam.take(chat, questions, condition, worked=True) for condition in CONDITIONS}
run.embeddings.release()  # what the search needs again is on disk
for condition, scores in before.items():
    print(f"{condition:>13}: {100 * scores['correct'].mean():5.1f} % right")
lab.predict(
    "gain",
    "You will train on other contracts, with the right clause among others, for about two minutes. Where will the model"
    " gain most?",
    [*CONDITIONS, "nowhere that you could measure"],
)

# %% [markdown]
# ## A chat is one long text
#
# A language model knows no roles. It continues a text. What makes it a chat is a **template** with marks that occur nowhere else: `<|im_start|>` and `<|im_end|>`. Get one mark wrong and
# nothing raises an error; the answers only become worse. Here are three broken templates, and what the base model
# writes to each.


# %%
def complete(text: str, tokens: int = 24) -> str:
    """What the model writes after a text, marks included."""
    ids = chat.tokenizer(text, return_tensors="pt", add_special_tokens=False).to(chat.model.device)
    with torch.inference_mode():
        written = chat.model.generate(**ids, max_new_tokens=tokens, do_sample=False)
    return chat.tokenizer.decode(written[0, ids["input_ids"].shape[1] :])


TURNS = [("system", "You answer in one short sentence."), ("user", "The lease ends in May. When does the lease end?")]
whole = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in TURNS)
for name, text in {"A": whole.removesuffix("<|im_end|>\n"), "B": whole, "C": whole + "<|im_start|>user\n"}.items():
    print(f"{name}: {complete(text)!r}")

# %% [markdown]
# ### Exercise 1 · Repair the template
#
# *{{exercise_minutes}} · easy · unlocks every prompt below*
#
# Three symptoms, three causes. **A** says nothing: the last turn was left open, so the model closes it for you and stops. **B** writes a heading first: nobody opened its turn.
# **C** repeats the question: the turn that was opened is the user's. Write the template without these faults. Each turn is `<|im_start|>`, role, line break, content, `<|im_end|>`, line break. With
# `open_answer` the text ends with an opened turn of the `assistant` (mark, role, line break); without it (a whole example for training) nothing follows.


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
chat_text = lab.use(1, chat_text)
# lab.hint(1)
# lab.solution(1)
example = conversation(exam.among_others(lessons[0]), lessons[0].question)
same = chat_text(example) == chat.tokenizer.apply_chat_template(example, tokenize=False, add_generation_prompt=True)
print(f"Same text as the tokenizer's own template: {same}")
print(
    "The repaired template says:"
    f" {complete(chat_text([{'role': role, 'content': content} for role, content in TURNS]))!r}"
)

# %% [markdown]
# ## Which tokens should be learned?
#
# The model predicts **every** token from those before it. But you do not want to teach it to write contracts; you want it to write answers. So the loss looks at the answer only: all other tokens
# get the label **-100**, which PyTorch's cross-entropy leaves out.
#
# ### Exercise 2 · The mask
#
# *{{exercise_minutes}} · easy · unlocks training*
#
# Return the ids of prompt, answer and end mark in a row, and equally many labels: -100 for the prompt, the ids themselves for the answer **and the end mark**. (The model shifts
# the labels by one itself; you need not.)


# %% tags=["taught", "exercise"]
def answer_labels(prompt: list[int], answer: list[int], end: int) -> tuple[list[int], list[int]]:
    """(ids, labels) of one training example; labels are -100 where the loss looks away.

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
answer_labels = lab.use(2, answer_labels)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# A handful of tokens out of hundreds count. That saves work: the **head** of the model (576 numbers in, 49,152 out, its largest matrix) is computed for those few tokens only.


# %% tags=["taught"]
Example = tuple[list[int], list[int]]  # ids, labels


def encode(tokenizer: Any, messages: Sequence[dict[str, str]], answer: str) -> Example:
    """A conversation and the answer to it as (ids, labels). Taught in: lab 2.2."""
    prompt, words = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (chat_text(messages), answer))
    return answer_labels(prompt, words, tokenizer.eos_token_id)


def answer_loss(model: Any, examples: Sequence[Example]) -> torch.Tensor:
    """Summed cross-entropy (nats) of the tokens whose label is not -100; padding stands on the right.
    Taught in: lab 2.2."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    longest = 32 * math.ceil(max(len(ids) for ids, _ in examples) / 32)  # a few lengths only: memory is used again
    padded = [(ids + [0] * (longest - len(ids)), labels + [-100] * (longest - len(ids))) for ids, labels in examples]
    ids, labels = torch.tensor(padded, device=model.device).unbind(1)
    hidden = inner.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    seen = labels[:, 1:] != -100
    return torch.nn.functional.cross_entropy(inner.lm_head(hidden[seen]).float(), labels[:, 1:][seen], reduction="sum")


# %% [markdown]
# Test an invariant before you trust it: take one example through the whole model, read off the log-probability of each answer token, add them up. The shortcut must give the same number, but for the rounding of bf16 (we allow 2 %). Then
# look at which tokens count; choose a question.


# %%
def show_mask(question: Question) -> TokenMask:
    """One training example, token by token."""
    ids, labels = encode(
        chat.tokenizer, conversation(exam.among_others(question), question.question), question.answers[0]
    )
    return TokenMask([chat.tokenizer.decode([token]) for token in ids], labels)


ids, labels = encode(chat.tokenizer, example, lessons[0].answers[0])
with torch.inference_mode():
    chances = chat.model(torch.tensor([ids], device=chat.model.device)).logits[0].float().log_softmax(-1)
    by_hand = -sum(float(chances[place - 1, token]) for place, token in enumerate(ids) if labels[place] != -100)
    shortcut = float(answer_loss(chat.model, [(ids, labels)]))
del chances  # 50 MB
print(
    f"by hand {by_hand:.3f}, shortcut {shortcut:.3f}:"
    f" {'equal' if math.isclose(by_hand, shortcut, rel_tol=0.02) else 'NOT equal'}, within the precision of the weights"
)
explore(show_mask, question=[(f"{question.type}: {question.question[:90]}", question) for question in lessons[:60:5]])

# %% [markdown]
# ## LoRA in 15 lines
#
# Training all 135 million weights needs four numbers for each: the weight, its gradient and two moments of the optimizer. **LoRA** (arXiv:2106.09685) leaves a matrix $W$ frozen and learns a thin
# correction beside it: $Wx + \frac{\alpha}{r} B A x$, where $A$ has $r$ rows and $B$ has $r$ columns. At first $B = 0$, so the model starts as it was.
#
# ### Exercise 3 · The LoRA layer
#
# *{{exercise_minutes}} · medium · unlocks what follows*
#
# Wrap a linear layer. Freeze it; give it `a` of shape (rank, inputs) with small random numbers (about 1 / √inputs in size) and `b` of shape (outputs, rank) with zeros; add the correction, scaled by
# `alpha / rank`. Return a `torch.nn.Module` with the names `base` (the layer), `a` and `b`. The model may compute in bf16; `torch.autocast` below casts where types meet, as it does in training.


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
attention = chat.model.model.layers[0].self_attn
kept, layer = attention.q_proj, lora_layer(attention.q_proj, rank=16, alpha=32)
casting = torch.autocast(chat.model.device.type, chat.model.dtype, enabled=chat.model.dtype != torch.float32)
layer.forward, attention.q_proj = casting(layer.forward), layer  # bf16 and fp32 meet in it, as in training
with torch.inference_mode():
    changed = abs(float(answer_loss(chat.model, [(ids, labels)])) - shortcut)
attention.q_proj = kept
learnable = 16 * (kept.in_features + kept.out_features)
print(
    f"In the model: with B = 0 the loss changes by {changed:.4f}. To learn: {learnable:,} numbers instead of"
    f" {kept.weight.numel():,} ({learnable / kept.weight.numel():.1%})."
)
del layer.forward, layer, attention, kept  # one layer that is held holds the whole file of weights in memory

# %% [markdown]
# You have written what the library **peft** does for all linear layers at once; from here on it does. The frozen weights stay in bf16 where the processor computes in it; what is trained is always fp32, since a
# small step would vanish in the rounding of bf16.
#
# ## What to train on
#
# Training on the right clause alone would teach a reader that everything it is shown is relevant. **RAFT** (arXiv:2403.10131) shows the right clause among distractors, and in some examples holds it back. Here the answer
# is then `not stated`, which teaches to refuse. One detail decides much: the answer to learn is the form that **stands in the clause** ("SIXTY DAYS"), not its canonical form ("60 days"). Else
# you would be training to convert, and that is harder than to copy.


# %% tags=["taught"]
def raft_example(
    question: Question, gold: Sequence[str], distractors: Sequence[str], rng: random.Random
) -> tuple[list[str], str]:
    """(clauses in random order, answer); without the right clauses, or without an answer in any, the answer is "not
    stated".

    gold: the clauses that state the answer, or none to hold them back. Taught in: lab 2.2.
    """
    clauses = rng.sample([*gold, *distractors], len(gold) + len(distractors))
    return clauses, as_written(question, gold) if gold and question.answerable else "not stated"


def as_written(question: Question, clauses: Sequence[str]) -> str:
    """The form of the answer that stands in the clauses, as it is written there; else the canonical form.

    Taught in: lab 2.2.
    """
    text = "\n".join(clauses)
    places = [re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text, re.IGNORECASE) for answer in question.answers]
    return next((place[0] for place in places if place), question.answers[0])


# %% [markdown]
# One example from each question of the training families, in one tenth of them with the right clause held back:


# %%
def raft_set(refusals: bool = True, held_back: float = 0.1) -> list[Example]:
    """Training examples from the train split; refusals=False: only questions with an answer, always with the right
    clause."""
    rng, examples = random.Random(f"raft {SEED}"), []
    for question in (q for q in lessons if refusals or q.answerable):
        gold = [] if refusals and rng.random() < held_back else exam.oracle(question)
        clauses, answer = raft_example(question, gold, exam.strangers(question, 2 if gold else 3, rng), rng)
        examples.append(encode(chat.tokenizer, conversation(clauses, question.question), answer))
    return examples


examples = raft_set()
print(f"{len(examples):,} examples of {np.mean([len(ids) for ids, _ in examples]):.0f} tokens")

# %% [markdown]
# Two rulers for the training itself: **held-out loss**, on questions that one clause answers, from contracts of the dev families, among two distractors; and **general
# loss**, on thirty sentences about bread, trains and bees (`data/general.txt`), every token counted. When that one rises, the model forgets what it knew.

# %%
dev = [question for question in load_questions(CORPUS, "dev") if len(question.evidence) <= 3][
    : 2 if PROFILE == "smoke" else 48
]
answers = [as_written(question, exam.oracle(question)) if question.answerable else "not stated" for question in dev]
held_out = [
    encode(chat.tokenizer, conversation(exam.among_others(q), q.question), answer)
    for q, answer in zip(dev, answers, strict=True)
]
texts = (
    chat.tokenizer(f"{chat.tokenizer.eos_token}{line}")["input_ids"]
    for line in (DATA / "general.txt").read_text(encoding="utf-8").splitlines()
)
sentences = [(ids, ids) for ids in texts][: 8 if PROFILE == "smoke" else None]


def general_losses(model: Any) -> pd.DataFrame:
    """One row for each plain sentence: its summed loss (nats) and its tokens."""
    with torch.no_grad():
        rows = [
            {"loss": float(answer_loss(model, [sentence])), "tokens": len(sentence[0]) - 1} for sentence in sentences
        ]
    return pd.DataFrame(
        [{"question_id": str(n), "type": "general", "family": str(n), **row} for n, row in enumerate(rows)]
    )


def per_token(table: pd.DataFrame) -> float:
    """Mean loss in nats per token."""
    return table["loss"].sum() / table["tokens"].sum()


general_before = general_losses(chat.model)
print(f"General loss before training: {per_token(general_before):.2f} nats per token")

# %% [markdown]
# ## One step of training
#
# The loss of a few examples, divided by their answer tokens; the gradient, clipped; a small move against it. All examples at once would need gigabytes, so they go through in
# **micro-batches** of similar length, and their gradients add up:


# %% tags=["taught"]
def micro_batches(examples: Sequence[Example], tokens: int = 400) -> Iterator[list[Example]]:
    """Examples of similar length together, shortest first, at most `tokens` padded tokens in each.
    Taught in: lab 2.2."""
    group: list[Example] = []
    for example in sorted(examples, key=lambda example: len(example[0])):
        if group and (len(group) + 1) * len(example[0]) > tokens:
            yield group
            group = []
        group.append(example)
    yield group


# %% [markdown]
# The step itself. `scaler` matters in fp16 only, on old GPUs; `compute_dtype` is the precision in which the step multiplies what is kept in fp32.


# %% tags=["taught"]
def gradient_step(
    model: Any, optimizer: torch.optim.Optimizer, batch: Sequence[Example], learning_rate: float, scaler: Any
) -> float:
    """One step; returns the loss per answer token (nats) before it. A loss that is no number changes nothing.
    Taught in: lab 2.2."""
    count, total = sum(label != -100 for _, labels in batch for label in labels[1:]), 0.0
    compute = getattr(model, "compute_dtype", torch.float32)
    optimizer.zero_grad()
    for part in micro_batches(batch):
        with torch.autocast(model.device.type, compute, enabled=compute != torch.float32):
            loss = answer_loss(model, part) / count
        scaler.scale(loss).backward()
        total += float(loss.detach())
    if math.isfinite(total):
        optimizer.param_groups[0]["lr"] = learning_rate
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
        scaler.step(optimizer)
        scaler.update()
    return total


# %% [markdown]
# ## Watch it learn
#
# `fit` repeats that step: the learning rate warms up and falls to zero over the second half; a **checkpoint** every eight steps, so that after a killed kernel, restarted and run down to this cell, it goes on where it was; the best weights kept when the loss
# runs away. What is trained goes into the **adapter registry** (`results/adapters/`), with the hash of its base, the hash of its data and its recipe. Three questions about contracts that it does not train on are asked again and again. The
# button stops and keeps what was learned; so does *Kernel > Interrupt*. Run the cell a second time and the finished model comes from the registry at once, so the curve shows its beginning only. (`await view.run(fit, ...)` is `fit(...)` in a thread of its own, so that the kernel has an ear for the button.)


# %%
kinds = {
    question.type: question for question in load_questions(CORPUS, "dev") if len(question.evidence) <= 3
}  # one of each type
watched = list(kinds.values())[:: max(1, len(kinds) // 3)][:3]
prompts = [conversation(exam.among_others(question), question.question) for question in watched]
small = held_out[:8]


def look(speaker: Any, losses: list[float], every: int = 8) -> bool:
    """Redraw after every eighth step; True when the stop button was pressed."""
    if len(losses) % every and len(losses) != view.steps:
        return view.stopped
    speaker.use_cache = False
    said = [reply.text for reply in speaker.batch(prompts)]
    asked = [f"{question.question} **→ {question.answers[0]}**" for question in watched]
    return view.update(losses, mean_loss(speaker.model, small), dict(zip(asked, said, strict=True)))


# %% [markdown]
# About two minutes:

# %%
STEPS = {"smoke": 3, "live": 40, "full": 48}
recipe = Recipe(steps=STEPS[PROFILE], batch=2 if PROFILE == "smoke" else 4, seed=SEED)
view = TrainingView(recipe.steps, f"RAFT, rank {recipe.rank}, {recipe.layers}, learning rate {recipe.learning_rate:g}")
chat = run.chat(MOST)
look(chat, [])
chat.model = None  # `fit` loads weights of its own, and two copies are too much for 2 GB
tuned = await view.run(fit, run.adapters, f"top half {SEED}", recipe, examples, MODEL, look, MOST)
view

# %% [markdown]
# Look at the answers, not only at the curves. The form usually changes first (a few words, no sentence), within a handful of steps. Do the right words follow, and do they stay? A falling loss does not say.
#
# ## Did it learn to read?
#
# The same questions, the same conditions. No contract family of the exam occurs in training, and no wording of its questions. Each model gets the prompt that suits it: the base model a worked example, the tuned one the form of its lessons (the question stands
# before and after the clauses, so that it reads them knowing what it looks for). What you compare are two **systems**, prompt included.

# %%
after = {condition: exam.take(tuned, questions, condition) for condition in CONDITIONS}
verdicts = {name: run.compare(after[name], before[name], name_a=f"tuned, {name}", name_b="base") for name in CONDITIONS}
real = {name: verdict.difference for name, verdict in verdicts.items() if verdict.label == "better"}
lab.reveal(
    "gain",
    measured="; ".join(map(str, verdicts.values())),
    answer=max(real, key=real.get) if real else "nowhere that you could measure",
)
plots.bars(
    run.by_type({"base": before["among others"], "tuned": after["among others"]}),
    title="Correct answers, the right clauses among others",
)

# %% [markdown]
# ### What refusals cost
#
# Some training examples taught `not stated`. That should turn wrong answers into refusals. It may also make the model refuse what it could have answered (**over-refusal**). Both
# tables are about what a search found:

# %%
refusals = pd.concat(
    {model: refusal_table(scores["retrieved"]) for model, scores in (("base", before), ("tuned", after))}
)
wrong = {model: int(refusals.loc[model, "answered wrong"].sum()) for model in ("base", "tuned")}
over = {model: int(refusals.loc[(model, "has an answer"), "refused"]) for model in ("base", "tuned")}
print(
    f"Wrong answers: {wrong['base']} before, {wrong['tuned']} after. Refused although there is an answer:"
    f" {over['base']} before, {over['tuned']} after."
)
refusals

# %% [markdown]
# Read it with care: where the search missed the clause, `not stated` is the honest reply although it counts as wrong here. Lab 3.3 puts a price on both kinds of error.
#
# ### What was forgotten
#
# Thirty plain sentences, before and after. And a gate in two clauses: promote when the gain is real **and** the general loss rose by less than a tenth of a nat. The registry keeps exam and decision, and the hash of the base, for a reason: an adapter is a correction **to** certain weights; on others its numbers mean nothing, and yet
# nothing would crash. Published results were lost that way. So the cell also tries the adapter on another model (the sentence encoder, which is at hand).

# %%
general_after = general_losses(tuned.model)
forgotten = per_token(general_after) - per_token(general_before)
scores = {condition: round(float(table["correct"].mean()), 3) for condition, table in after.items()} | {
    "general loss": round(per_token(general_after), 3)
}
gate = {"a real gain among others": verdicts["among others"].label == "better", "little forgotten": forgotten < 0.1}
promote, failed = all(gate.values()), [clause for clause, ok in gate.items() if not ok]
run.adapters.decide(f"top half {SEED}", "promote" if promote else "hold", scores)
print(
    f"General loss {per_token(general_before):.3f} before, {per_token(general_after):.3f} after: {forgotten:+.3f} nats"
    f" per token. Decision: {'promote' if promote else 'hold: not ' + ', not '.join(failed)}."
)
try:
    run.adapters.chat(f"top half {SEED}", base=str(ready_folder(EMBEDDER)))
except ModelError as refused:
    print(f"\nOn another base: {refused}")
run.adapters.table()[["name", "base_sha256", "data_sha256", "exam", "decision"]]

# %% [markdown]
# ## Was it luck? Three seeds, and four recipes
#
# You trained once. Another seed draws other examples first and starts from other small numbers, and the result moves. So the same was done, with the profile `full`, on the whole test
# split: the recipe above with 48 steps, the same in **all layers**, **full fine-tuning** of every weight, which takes several times as long, and the recipe **without refusals** in the training set. (In `full` this cell does it for three seeds, an hour or so on two cores; otherwise you see what was recorded.)

# %%
ARMS = {
    "top half": recipe,
    "all layers": replace(recipe, layers="all"),
    "full fine-tuning": replace(recipe, rank=0, learning_rate=1e-4),
    "no refusals": recipe,
}


TRAINING = {arm: f"raft, {arm}" for arm in ARMS} | {"base": "none"}  # as the ledger has it
SHOWN = {
    "retrieved": {"index": "title"},
    "among others": {"uses_index": True, "is_ceiling": True},
}  # else as the ledger supposes


def keep_run(arm: str, seed: int | None, tables: dict[str, pd.DataFrame]) -> None:
    """Write one run into the ledger: a row for each question, and for each general sentence its loss."""
    for condition, table in tables.items():
        traits = Traits(TRAINING[arm], condition, seed=seed, **SHOWN.get(condition, {}))
        run.ledger.append(f"{arm} · {condition}" + (f" · seed {seed}" if seed else ""), table, traits=traits)


keep_run("base", None, before | {"general": general_before})
keep_run("top half", SEED, after | {"general": general_after})
more = [
    (arm, SEED + n) for n in range(3) for arm in ARMS if f"{arm} · general · seed {SEED + n}" not in run.ledger.own()
]
for arm, seed in more if PROFILE == "full" else ():
    model = fit(
        run.adapters,
        f"{arm} {seed}",
        replace(ARMS[arm], seed=seed),
        raft_set(refusals=False) if arm == "no refusals" else examples,
        MODEL,
    )
    asked = CONDITIONS[1:] if arm == "no refusals" else CONDITIONS[1:2]
    tables = {condition: exam.take(model, questions, condition) for condition in asked}
    keep_run(arm, seed, tables | {"general": general_losses(model.model)})

# %% [markdown]
# What is shown next comes from one profile only, never a mixture of yours and recorded ones. Two uncertainties stand side by side: the **interval** says how much the gain would move with other contracts, the **SD between seeds** how much it moves with another training run.


# %%
def seeds_of(arm: str, part: str) -> list[pd.DataFrame]:
    """The tables of one recipe, one for each seed."""
    wanted = {"training": TRAINING[arm], "context": part}
    return [table for table in evidence.values() if wanted.items() <= table.attrs.items()]


def over_seeds(arm: str, part: str = "among others") -> pd.DataFrame:
    """One row for each question, its score averaged over the seeds: three seeds are not three times as many
    questions."""
    tables = seeds_of(arm, part)
    return tables[0].assign(correct=np.mean([table["correct"] for table in tables], axis=0))


def arm_row(arm: str) -> dict[str, Any]:
    """Right answers, gain over the base with its band over families, spread between seeds, and forgetting."""
    verdict = run.compare(over_seeds(arm), over_seeds("base"))
    right = [100 * table["correct"].mean() for table in seeds_of(arm, "among others")]
    loss = np.mean([per_token(table) for table in seeds_of(arm, "general")])
    gain = f"{verdict.difference:+.1f} [{verdict.low:.1f}, {verdict.high:.1f}]" if arm != "base" else ""
    spread = f"{np.std(right, ddof=1):.1f}" if len(right) > 1 else ""
    return {
        "seeds": len(right),
        "% right": round(np.mean(right), 1),
        "gain over base": gain,
        "SD between seeds": spread,
        "general loss": round(loss, 3),
    }


runs = [
    one
    for one in read_runs(run.ledger.path if PROFILE == "full" else run.ledger.recorded, "")
    if one["header"]["corpus"] == CORPUS and one["header"]["training"]  # a run of an older workbook does not say
]
evidence = {one["header"]["system"]: pd.DataFrame(one["items"]) for one in runs}
for one in runs:
    evidence[one["header"]["system"]].attrs = one["header"]
print(
    *{"{lab} recorded with profile {profile}, model {model}, {created:.10}".format(**one["header"]) for one in runs}
    or ["nothing recorded yet"]
)
pd.DataFrame({arm: arm_row(arm) for arm in ("base", *ARMS)}).T if evidence else None

# %% [markdown]
# A difference between two recipes that is smaller than the spread between seeds is nothing to write home about. So put the others beside the first, question by question. Where
# questions without an answer are in the training set, the model learns to refuse; what does that cost on the whole test split, in which seven of eight questions have an answer?

# %%
for arm, condition in (
    [*((arm, "among others") for arm in list(ARMS)[1:]), ("no refusals", "retrieved")] if evidence else ()
):
    print(
        f"{condition}:",
        run.compare(over_seeds(arm, condition), over_seeds("top half", condition), name_a=arm, name_b="top half"),
    )

# %% [markdown]
# ## Which knob matters?
#
# Turn one knob at a time around the recipe, with 24 steps of four examples. The ruler is the held-out loss. Is there an axis that is **flat**, where turning the knob changes no more than another seed would?

# %%
short = replace(recipe, steps=2 if PROFILE == "smoke" else 24)
AXES = {
    "learning rate": {
        "0.0002": replace(short, learning_rate=2e-4),
        "0.001": short,
        "0.003": replace(short, learning_rate=3e-3),
    },
    "rank": {"1": replace(short, rank=1), "8": replace(short, rank=8), "16": short, "64": replace(short, rank=64)},
    "layers": {
        "top half": short,
        "all": replace(short, layers="all"),
        "all, not frozen": replace(short, rank=0, learning_rate=1e-4),
    },
}
lab.predict("flat", "Which knob can you turn without any effect beyond that of a seed?", [*AXES, "none of them"])

# %% [markdown]
# These runs are recorded (crosses); you add one point of your own (circle). Change `mine` to try another; every point takes about a minute (*all, not frozen* several, and over 2 GB of memory). The grey stripe is what three seeds of the same recipe gave, two standard deviations to each side.

# %%
mine = ("learning rate", "0.003")
tuned = None  # the registry keeps it; here its memory is needed


def sweep_point(its: Recipe) -> pd.DataFrame:
    """Train one recipe; the held-out loss and the answer of each dev question."""
    model = fit(run.adapters, f"sweep {cache_key(recipe=asdict(its))[:8]}", its, examples, MODEL, max_new_tokens=MOST)
    with torch.no_grad():
        losses = [float(answer_loss(model.model, [example])) for example in held_out]
    return exam.take(model, dev, "among others").assign(
        loss=losses, tokens=[sum(label != -100 for label in labels) for _, labels in held_out]
    )


grid = {
    f"sweep · {axis} · {value}": (f"raft, {axis} {value}", its)
    for axis, values in AXES.items()
    for value, its in values.items()
}
grid |= {
    f"sweep · seed · {seed}": ("raft, sweep seed", replace(short, seed=seed)) for seed in (SEED, SEED + 1, SEED + 2)
}
for system, (training, its) in grid.items() if PROFILE == "full" else ():
    if system in evidence:  # a recording that goes on
        continue
    evidence[system] = sweep_point(its)
    traits = Traits(training, "among others", seed=its.seed, **SHOWN["among others"])
    run.ledger.append(system, evidence[system], traits=traits)
    evidence[system].attrs = asdict(traits)
yours = sweep_point(AXES[mine[0]][mine[1]])

# %% [markdown]
# Is yours near the cross above the same value? It should be, up to the seed's noise: same data, same seed, another processor perhaps. Under the picture the same runs once more, by what they answer: a low loss and right answers are not the same thing.

# %%
held_out_loss = {system: per_token(table) for system, table in [*evidence.items(), ("yours", yours)] if "loss" in table}
seeds = [held_out_loss[name] for name, one in evidence.items() if one.attrs["training"] == "raft, sweep seed"]
seed_sd = float(np.std(seeds, ddof=1)) if len(seeds) > 1 else 0.0
cuts = {
    axis: {value: held_out_loss[key] for value in values if (key := f"sweep · {axis} · {value}") in held_out_loss}
    for axis, values in AXES.items()
}
show(
    plots.cuts(
        cuts, (float(np.mean(seeds)) if seeds else held_out_loss["yours"], seed_sd), {mine: held_out_loss["yours"]}
    )
)
points = {name: table for name, table in [*evidence.items(), ("yours", yours)] if {"loss", "correct"} <= set(table)}
pd.DataFrame(
    {
        name: {
            "held-out loss": round(held_out_loss[name], 3),
            "% right": 100 * table["correct"].mean(),
            "% refused": 100 * table["refused"].mean(),
        }
        for name, table in points.items()
    }
).T.round(3)

# %% [markdown]
# ### Exercise 4 · The flat axis
#
# *{{exercise_minutes}} · medium · unlocks the verdict*
#
# "Flat" needs a measure. Two runs that differ in nothing but the seed differ by about $\sqrt 2$ standard deviations, and hardly ever by more than $2\sqrt 2$. So call an axis flat when its highest and its lowest loss differ by **no more than** $2\sqrt 2$
# times the standard deviation between seeds. Return the flat axes, in order.


# %% tags=["taught", "exercise"]
def flat_axes(cuts: dict[str, dict[str, float]], seed_sd: float) -> list[str]:
    """The axes along which the loss varies by at most 2 * sqrt(2) * seed_sd, in the order given.

    cuts: axis -> value -> held-out loss (nats). seed_sd: standard deviation of the loss between seeds.
    Taught in: lab 2.2.

    >>> flat_axes({"rank": {"1": 0.50, "8": 0.51}, "rate": {"low": 0.9, "high": 0.5}}, seed_sd=0.02)
    ['rank']
    """
    ### BEGIN SOLUTION
    return [
        axis
        for axis, losses in cuts.items()
        if max(losses.values()) - min(losses.values()) <= 2 * math.sqrt(2) * seed_sd
    ]
    ### END SOLUTION


# %%
flat_axes = lab.use(4, flat_axes)
# lab.hint(4)
# lab.solution(4)
whole = {axis: losses for axis, losses in cuts.items() if len(losses) > 1}
flat = flat_axes(whole, seed_sd)
ranges = ", ".join(f"{axis} {max(losses.values()) - min(losses.values()):.2f}" for axis, losses in whole.items())
answer = None if not whole or len(flat) > 1 else flat[0] if flat else "none of them"
lab.reveal(
    "flat",
    measured=(
        f"range of the held-out loss: {ranges or 'nothing recorded yet'}; SD between seeds {seed_sd:.3f}; flat:"
        f" {', '.join(flat) or 'none'}"
    ),
    answer=answer,
)

# %% [markdown]
# ## The same in TRL
#
# Most people train with a library. TRL's `SFTTrainer` takes prompt and completion, masks the prompt and adds the end mark, as you did. Given the same adapters, order and learning rates, it must show the same losses; if it does not, one of the
# two does something you have not understood.


# %%
def trl_losses(model: Any, texts: Sequence[tuple[str, str]], recipe: Recipe) -> list[float]:
    """The loss of each step, by TRL, on (prompt, completion) texts in their order."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    optimizer = torch.optim.AdamW(
        [w for w in model.parameters() if w.requires_grad], lr=recipe.learning_rate, weight_decay=0.0
    )
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_at(recipe, step) / recipe.learning_rate
    )
    options = SFTConfig(
        output_dir=str(run.settings.results_dir / "trl"), max_steps=recipe.steps, per_device_train_batch_size=1,
        gradient_accumulation_steps=recipe.batch, train_sampling_strategy="sequential", logging_steps=1, bf16=False,
        use_cpu=not torch.cuda.is_available(), disable_tqdm=True, dataloader_pin_memory=False, save_strategy="no",
        activation_checkpointing=False, max_length=None,
    )  # fmt: skip
    data = Dataset.from_list([{"prompt": prompt, "completion": answer} for prompt, answer in texts])
    trainer = SFTTrainer(
        model, options, train_dataset=data, processing_class=chat.tokenizer, optimizers=(optimizer, rates)
    )
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


# %% [markdown]
# Three steps of two short examples (questions without clauses) are enough to see it. TRL gets them as texts, in the order in which ours sees them:

# %%
tiny = Recipe(steps=3, batch=2, seed=SEED, learning_rate=2e-4)
chat = run.chat()
few = [
    encode(chat.tokenizer, [{"role": "user", "content": question.question}], question.answers[0])
    for question in lessons[:6]
]
model = prepare(chat.model, tiny)
ours = train(model, few, tiny).losses
model.unload()  # takes the adapters out again, so that TRL starts from the same weights
ordered = [example for step in range(tiny.steps) for example in batch_at(few, tiny, step)]
texts = [
    (chat.tokenizer.decode(ids[: labels.count(-100)]), chat.tokenizer.decode(ids[labels.count(-100) : -1]))
    for ids, labels in ordered
]
model = prepare(chat.model, tiny)
theirs = trl_losses(model, texts, tiny)
model.unload()
apart = max(abs(a - b) / a for a, b in zip(ours, theirs, strict=True))
print(
    "\n".join(
        f"step {step}: ours {a:.3f}, TRL {b:.3f}" for step, (a, b) in enumerate(zip(ours, theirs, strict=True), start=1)
    )
)
print(
    f"Largest difference {apart:.1%}: {'the same training' if apart < 0.05 else 'NOT the same training'}, within the"
    " precision of the weights."
)

# %% [markdown]
# Why then a loop of our own? To see inside; and on two cores it is faster and needs less memory, because its frozen weights are in bf16 and short examples of one length go together, while TRL's defaults keep fp32 weights and pad a batch of eight. Measured on two days (recorded, two cores with AMX, 12 steps of 8):
# 2.2 and 1.8 times TRL's tokens per second in 0.3 of its memory with adapters in all layers, at the same held-out loss (0.531 and 0.524 against 0.526); in the top half 3.1 to 3.7 times in 0.2 to 0.3, at a higher loss after as many steps (0.66). `python tools/bench.py training` measures it on your machine. On a GPU, take TRL. One trap on the way: given *messages* instead of text, TRL's template also trains the line break after the end mark.
#
# ## A bigger machine
#
# The same notebook runs on a GPU: weights in bf16 where the hardware has it, in fp16 on older cards (with the gradient scaling that you saw). For a model that does not fit, **QLoRA** (arXiv:2305.14314) keeps the frozen weights in four bits; adapters and
# mathematics stay as they are: `llm_workbook.training.adapters.load_quantised(name)` gives such a model, or says what is missing. (Code path only: the figures of this lab were made without a GPU.)
#
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RAFT-style training | up to +35 points on HotpotQA over the untuned model with retrieval (arXiv:2403.10131, 7B) | the table of four recipes | our model is fifty times smaller and knew less to begin with; answers are copied, not reasoned |
# | rank | the best learning rate hardly depends on the rank (LoRA Without Regret, Thinking Machines 2025); that a small rank is enough for few data is our conclusion from it | exercise 4 | a few hundred examples hold less information than even a rank of 1 can take up in 15 layers |
# | LoRA against full fine-tuning | learns less and forgets less (arXiv:2405.09673); yet peft's own benchmark has LoRA r32 forget more (0.050 against 0.030 nats) | the table of four recipes, last column | the learning rates differ tenfold, and that of full fine-tuning was not swept: here this is a hint, not a finding |
# | seeds | about one point of seed noise was read as an effect in one widely used library (trl issue 5138) | SD between seeds | fewer steps, smaller model: more noise |
#
# ## What to take home
#
# **Rule.** Check three invariants before you train (template equal to the tokenizer's, masked loss equal to the hand count, B = 0 changes nothing); spend your sweep on the axis that is not flat, and do not carry an order found at 24 steps over to 48; show gain, interval, seeds
# and forgetting together. **It prevents** the silent failures: a template that differs between training and use, a loss on the wrong tokens, an adapter on the wrong base. **It costs** two minutes of two cores here.
#
# **Next:** lab 3.3 puts this reader and the index of series 1 into one table: retrieval, fine-tuning, or both? Your progress:

# %%
lab.progress()
