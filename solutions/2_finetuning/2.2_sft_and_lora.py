# %% [markdown]
# # 2.2 · SFT and LoRA from the inside: teach a small model to read contracts
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | fine-tune a language model, explain every knob you turned, and say what it gained and what it forgot |
# | **Time / memory** | 25 min, of which about 6 min of compute on two cores · 1.9 GB |
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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from langchain_text_splitters import RecursiveCharacterTextSplitter

from llm_workbook import Lab, start
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.corpus.records import Question, Span
from llm_workbook.ledger import read_runs
from llm_workbook.measure.answers import refusal_table, score_answers
from llm_workbook.models.adapters import base_sha256, load_quantised, with_model
from llm_workbook.models.cache import cache_key
from llm_workbook.models.checkpoint import Checkpoint
from llm_workbook.models.offline import ModelError
from llm_workbook.settings import DATA
from llm_workbook.show import plots
from llm_workbook.show.training import TokenMask, TrainingView
from llm_workbook.show.widgets import explore

# %%
run = start("2.2", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## A reader that can be taught
#
# Lab 1.1 showed a reader with 135 million parameters that misreads clauses, even when the right one lies in front of it. Here you train it, on contracts of **other families** than
# those of the exam. It is asked under three conditions: with the right clauses alone (**oracle**), with the right clauses among two others (**among others**), and with
# what a search found (**retrieved**).

# %%
SYSTEM = "Answer in a few words, copied from the clauses. If they do not state it, answer: not stated"
REFUSAL = "not stated"
contracts = {contract.id: contract for contract in load_contracts(CORPUS)}
lessons = [question for question in load_questions(CORPUS, "train") if len(question.evidence) <= 3]
pools = {split: list(dict.fromkeys(s for q in load_questions(CORPUS, split) for s in q.evidence)) for split in ("train", "dev", "test")}


def clause(span: Span) -> str:
    """A clause as the reader sees it: the contract's title and the text."""
    return f"{contracts[span.document].title}: {' '.join(contracts[span.document].text_of(span).split())[:900]}"


def oracle(question: Question) -> list[str]:
    """The right clauses; for a question without an answer, the clause that tempts."""
    return [clause(span) for span in question.evidence or question.nearby[:1]]


# %% [markdown]
# The two others are clauses of the same split: one from the question's own contract, one from anywhere. Their order means nothing.


# %%
def strangers(question: Question, count: int, rng: random.Random) -> list[str]:
    """Clauses that do not answer the question, from contracts of its split; every second one from its own contract."""
    pool = [span for span in pools[question.split] if span not in question.evidence]
    near = [span for span in pool if span.document in question.documents] or pool
    return [clause(rng.choice((near, pool)[number % 2])) for number in range(count)]


def among_others(question: Question) -> list[str]:
    """The right clauses and two strangers, shuffled, the same way in every run."""
    rng = random.Random(question.id)
    clauses = oracle(question) + strangers(question, 2, rng)
    return rng.sample(clauses, len(clauses))


# %% [markdown]
# And what a search finds: the chunks of lab 1.1 (300 characters, the three nearest), each with its contract's title. Often the right clause is not among them.


# %%
def retrieve(questions: Sequence[Question], k: int = 3) -> dict[str, list[str]]:
    """The k nearest chunks of each question."""
    cut = RecursiveCharacterTextSplitter(chunk_size=300, chunk_overlap=45).split_text
    chunks = [f"{contract.title}: {' '.join(piece.split())}" for contract in run.contracts for piece in cut(contract.text)]
    stored, asked = (np.array(run.embeddings.embed_documents(texts)) for texts in (chunks, [q.question for q in questions]))
    nearest = np.argsort(-(asked @ stored.T), axis=1)[:, :k]
    return {question.id: [chunks[place] for place in row] for question, row in zip(questions, nearest, strict=True)}


exam = run.reading_questions()
found = retrieve(exam)
CONDITIONS = {"oracle": oracle, "among others": among_others, "retrieved": lambda question: found[question.id]}

# %% [markdown]
# One function puts a question to a model, another gives a whole exam. The base model gets the prompt of lab 1.1 with its worked example. The tuned one will need no example; it
# is asked before **and** after the clauses.

# %%
ASK = "Clauses:\n{clauses}\n\nQuestion: {question}"
TWICE = "Question: {question}\n\n" + ASK  # a reader that knows what it looks for reads better: later tokens see earlier ones only
WORKED = (
    "Mooring licence: Dues are payable in advance on the first of the month.\n\n"
    "Boat shed lease: The lessee shall give the lessor seventeen (17) days' notice of any alteration.\n\n"
    "Slipway rules: No vessel may be left on the slipway overnight."
)
EXAMPLE = [("user", ASK.format(clauses=WORKED, question="How much notice of an alteration is due?")), ("assistant", "seventeen (17) days")]


def conversation(clauses: Sequence[str], question: str, worked: bool = False) -> list[dict[str, str]]:
    """The messages of one prompt: with lab 1.1's worked example, or with the question before and after the clauses."""
    ask = (ASK if worked else TWICE).format(clauses="\n\n".join(clauses) or "(none)", question=question)
    turns = [("system", SYSTEM), *(EXAMPLE if worked else []), ("user", ask)]
    return [{"role": role, "content": content} for role, content in turns]


# %% [markdown]
# Each answer is scored as in lab 1.1: right when it contains the value, or when it refuses what has no answer.


# %%
def take_exam(chat: Any, condition: str, worked: bool = False, questions: Sequence[Question] = exam) -> pd.DataFrame:
    """The answers of one model under one condition, scored."""
    contexts = [CONDITIONS[condition](question) for question in questions]
    prompts = [conversation(texts, q.question, worked) for texts, q in zip(contexts, questions, strict=True)]
    return score_answers(questions, [reply.text for reply in chat.batch(prompts)], contexts)


chat = run.chat(max_new_tokens=20)
before = {condition: take_exam(chat, condition, worked=True) for condition in CONDITIONS}
pd.Series({condition: 100 * scores["correct"].mean() for condition, scores in before.items()}, name="base model, % right").round(1)

# %%
lab.predict(
    "gain",
    "You will train on other contracts, with the right clause among others, for about two minutes. Where will the model gain most on this exam?",
    [*CONDITIONS, "nowhere that you could measure"],
)

# %% [markdown]
# ## A chat is one long text
#
# A language model knows no roles. It continues a text. What makes it a chat is a **template** with marks that occur nowhere else: `<|im_start|>` and `<|im_end|>`. Get one mark wrong and
# nothing raises an error; the answers only become worse. Here are three broken templates and what the base model says to each.


# %%
def complete(text: str, tokens: int = 24) -> str:
    """What the model writes after a text, marks included."""
    ids = chat.tokenizer(text, return_tensors="pt", add_special_tokens=False).to(chat.model.device)
    with torch.inference_mode():
        written = chat.model.generate(**ids, max_new_tokens=tokens, do_sample=False)
    return chat.tokenizer.decode(written[0, ids["input_ids"].shape[1] :])


TURNS = [("system", "You answer in one short sentence."), ("user", "Which sea does the Rhine flow into?")]
broken = {
    "A": "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in TURNS),
    "B": "".join(f"<|im_start|>{role}\n{content}\n" for role, content in TURNS) + "<|im_start|>assistant\n",
    "C": "".join(f"{role}: {content}\n" for role, content in TURNS) + "assistant:",
}
for name, text in broken.items():
    print(f"{name}: {complete(text)!r}")

# %% [markdown]
# ### Exercise 1 · Repair the template
#
# *5 minutes · easy · unlocks every prompt below*
#
# Three symptoms, three causes. **A** writes a heading before it answers, or goes on with the question: nobody opened its turn. **B** was never told where a turn ends, so it does not learn to end its own.
# **C** has lost the marks. Write the template that has none of these faults: each turn is `<|im_start|>`, role, line break, content, `<|im_end|>`, line break. With
# `open_answer` the text ends with an opened turn of the `assistant`; without it (a whole example for training) nothing follows.


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
# lab.hint(1)    lab.solution(1)

# %% [markdown]
# The tokenizer carries the same template in its own language. Both must give the same text, character by character; training with one and asking with another is a classic silent fault.

# %%
example = conversation(among_others(lessons[0]), lessons[0].question)
same = chat_text(example) == chat.tokenizer.apply_chat_template(example, tokenize=False, add_generation_prompt=True)
print(f"Same text as the tokenizer's template: {same}. The repaired template says: {complete(chat_text([dict(role=r, content=c) for r, c in TURNS]))!r}")

# %% [markdown]
# ## Which tokens should be learned?
#
# The model predicts **every** token from those before it. But you do not want to teach it to write contracts; you want it to write answers. So the loss looks at the answer only: all other tokens
# get the label **-100**, which PyTorch's cross-entropy leaves out.
#
# ### Exercise 2 · The mask
#
# *5 minutes · easy · unlocks training*
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
# lab.hint(2)    lab.solution(2)

# %% [markdown]
# With the two, a conversation and its answer become one training example.


# %% tags=["taught"]
Example = tuple[list[int], list[int]]  # ids, labels


def encode(tokenizer: Any, messages: Sequence[dict[str, str]], answer: str) -> Example:
    """A conversation and the answer to it as (ids, labels).

    Taught in: lab 2.2.
    """
    prompt, words = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (chat_text(messages), answer))
    return answer_labels(prompt, words, tokenizer.eos_token_id)


# %% [markdown]
# See for yourself which tokens count. Choose a question:


# %%
def show_mask(question: Question) -> TokenMask:
    """One training example, token by token."""
    ids, labels = encode(chat.tokenizer, conversation(among_others(question), question.question), question.answers[0])
    return TokenMask([chat.tokenizer.decode([token]) for token in ids], labels)


explore(show_mask, question=[(f"{question.type}: {question.question[:90]}", question) for question in lessons[:60:5]])

# %% [markdown]
# A handful of tokens out of hundreds. That gives the training loop its two savings: the **head** of the model (576 numbers in, 49,152 out, the largest matrix there is) is computed for those few tokens
# only, and several examples of similar length go through together.


# %% tags=["taught"]
def answer_loss(model: Any, examples: Sequence[Example]) -> torch.Tensor:
    """Summed cross-entropy (nats) of the tokens whose label is not -100; the head is computed on those alone.

    Padding stands on the right, where no earlier token sees it. Taught in: lab 2.2.
    """
    longest, inner = max(len(ids) for ids, _ in examples), model.get_base_model() if hasattr(model, "get_base_model") else model
    padded = [(ids + [0] * (longest - len(ids)), labels + [-100] * (longest - len(ids))) for ids, labels in examples]
    ids, labels = torch.tensor(padded, device=model.device).unbind(1)
    hidden = inner.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    seen = labels[:, 1:] != -100
    return torch.nn.functional.cross_entropy(inner.lm_head(hidden[seen]).float(), labels[:, 1:][seen], reduction="sum")


# %% [markdown]
# Test an invariant before you trust it: take one example through the model by hand, read off the log-probability of each answer token, add them up. The shortcut must give the same number.

# %%
ids, labels = encode(chat.tokenizer, example, lessons[0].answers[0])
with torch.inference_mode():
    chances = chat.model(torch.tensor([ids], device=chat.model.device)).logits[0].float().log_softmax(-1)
    by_hand = -sum(float(chances[place - 1, ids[place]]) for place in range(len(ids)) if labels[place] != -100)
    shortcut = float(answer_loss(chat.model, [(ids, labels)]))
print(f"by hand {by_hand:.3f}, shortcut {shortcut:.3f}: {'equal' if math.isclose(by_hand, shortcut, rel_tol=0.02) else 'NOT equal'} within the precision of the weights")

# %% [markdown]
# ## LoRA in 15 lines
#
# Training all 135 million weights needs four numbers for each: the weight, its gradient and two moments of the optimizer. **LoRA** (arXiv:2106.09685) leaves a matrix $W$ frozen and learns a thin
# correction beside it: $Wx + \frac{\alpha}{r} B A x$, where $A$ has $r$ rows and $B$ has $r$ columns. At first $B = 0$, so the model starts as it was.
#
# ### Exercise 3 · The LoRA layer
#
# *10 minutes · medium · unlocks what follows*
#
# Wrap a linear layer. Freeze it; give it `a` of shape (rank, inputs) with small random numbers and `b` of shape (outputs, rank) with zeros; add the correction, scaled by `alpha / rank`.


# %% tags=["taught", "exercise"]
def lora_layer(linear: torch.nn.Linear, rank: int, alpha: float) -> torch.nn.Module:
    """The linear layer, frozen, with a trainable correction of low rank (Hu et al. 2021, arXiv:2106.09685).

    The module has `base` (the layer), `a` (rank, inputs) and `b` (outputs, rank); it maps (..., inputs) to (..., outputs).
    Taught in: lab 2.2.
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
# lab.hint(3)    lab.solution(3)

# %% [markdown]
# Put yours into the model's first layer: as long as B = 0, nothing may change. Then count what there is to learn.

# %%
attention = chat.model.model.layers[0].self_attn
kept, attention.q_proj = attention.q_proj, lora_layer(attention.q_proj, rank=16, alpha=32)
with torch.inference_mode():
    changed = abs(float(answer_loss(chat.model, [(ids, labels)])) - shortcut)
attention.q_proj = kept
learnable = 16 * (kept.in_features + kept.out_features)
print(f"Change of the loss with B = 0: {changed:.4f}. To learn: {learnable:,} numbers instead of {kept.weight.numel():,} ({learnable / kept.weight.numel():.1%}).")

# %% [markdown]
# You have written what the library **peft** does; from here on it does it for all linear layers at once. A **recipe** holds every knob of a run. Two of them save work: with
# `layers="top half"` the correction sits in the upper half of the layers only, and the backward pass can stop at the lowest of them. With `rank=0` nothing is frozen: full fine-tuning.


# %% tags=["taught"]
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Recipe:
    """What decides a training run. rank: 0 trains every weight. layers: "all" or "top half". batch: examples in a step.

    Taught in: lab 2.2.
    """

    rank: int = 16
    alpha: float = 32
    layers: str = "top half"
    learning_rate: float = 1e-3
    steps: int = 48
    batch: int = 8
    seed: int = 7


# %% [markdown]
# The frozen weights stay in the precision that suits the processor (bf16 where it computes in it, else fp32). What is trained is always fp32: a learning rate of one in a
# thousand would vanish in the rounding of bf16.


# %% tags=["taught"]
def prepare(model: Any, recipe: Recipe) -> Any:
    """The model with fresh adapters (fp32, B = 0) on frozen weights; with rank 0 the whole model in fp32, nothing frozen.

    Taught in: lab 2.2.
    """
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(recipe.seed)
    if recipe.rank == 0:
        model.compute_dtype = model.dtype
        return model.float().requires_grad_(True)
    count = model.config.num_hidden_layers
    layers = list(range(count // 2 if recipe.layers == "top half" else 0, count))
    config = LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules=LINEAR, layers_to_transform=layers)
    return get_peft_model(model, config)


# %% [markdown]
# ## What to train on
#
# Training on the right clause alone would teach a reader that everything it is shown is relevant. **RAFT** (arXiv:2403.10131) shows the right clause among distractors, and in some examples holds it back. Here the answer
# is then `not stated`, which teaches to refuse. One detail decides much: the answer to learn is the form that **stands in the clause** ("SIXTY DAYS"), not its canonical form ("60 days"). Else
# you would be training to convert, and that is harder than to copy.


# %% tags=["taught"]
def raft_example(question: Question, gold: Sequence[str], distractors: Sequence[str], rng: random.Random) -> tuple[list[str], str]:
    """(clauses in random order, answer); without the right clauses, or without an answer in any, the answer is "not stated".

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
# One example from each question of the training families, in one fifth of them with the right clause held back:


# %%
def raft_set(refusals: bool = True, held_back: float = 0.2) -> list[Example]:
    """Training examples from the train split; refusals=False: only questions with an answer, always with the right clause."""
    rng, examples = random.Random(f"raft {SEED}"), []
    for question in (q for q in lessons if refusals or q.answerable):
        gold = [] if refusals and rng.random() < held_back else oracle(question)
        clauses, answer = raft_example(question, gold, strangers(question, 2 if gold else 3, rng), rng)
        examples.append(encode(chat.tokenizer, conversation(clauses, question.question), answer))
    return examples


examples = raft_set()
lengths = [len(ids) for ids, _ in examples]
print(f"{len(examples):,} examples of {np.mean(lengths):.0f} tokens on average, the longest {max(lengths)}.")

# %% [markdown]
# Two rulers for the training itself. **Held-out loss**: the same kind of example from contracts of the dev families. **General loss**: thirty sentences about bread, trains and bees
# (`data/general.txt`), every token counted; when it rises, the model forgets what it knew.


# %% tags=["taught"]
def mean_loss(model: Any, examples: Sequence[Example]) -> float:
    """Loss per token (nats) of examples, without training. Taught in: lab 2.2."""
    with torch.no_grad():
        total = sum(float(answer_loss(model, part)) for part in micro_batches(examples))
    return total / sum(label != -100 for _, labels in examples for label in labels[1:])


def micro_batches(examples: Sequence[Example], tokens: int = 1000) -> Iterator[list[Example]]:
    """Examples of similar length together, shortest first, at most `tokens` padded tokens in each: this bounds the memory.

    Taught in: lab 2.2.
    """
    group: list[Example] = []
    for example in sorted(examples, key=lambda example: len(example[0])):
        if group and (len(group) + 1) * len(example[0]) > tokens:
            yield group
            group = []
        group.append(example)
    yield group


# %% [markdown]
# Measured before training:

# %%
small = {"smoke": 4, "live": 16, "full": 48}[PROFILE]
dev = [question for question in load_questions(CORPUS, "dev") if len(question.evidence) <= 3][:48]
held_out = [encode(chat.tokenizer, conversation(among_others(q), q.question), as_written(q, oracle(q)) if q.answerable else REFUSAL) for q in dev]
sentences = (DATA / "general.txt").read_text(encoding="utf-8").splitlines()
general = [(ids, ids) for ids in (chat.tokenizer(chat.tokenizer.eos_token + sentence)["input_ids"] for sentence in sentences)]
general_before = mean_loss(chat.model, general)
print(f"held-out loss {mean_loss(chat.model, held_out[:small]):.2f}, general loss {general_before:.2f} nats per token")

# %% [markdown]
# ## The training loop
#
# One **step**: the summed loss of eight examples, divided by their answer tokens, in micro-batches so that memory stays small; then clip the gradient, move. The learning rate warms up over five steps
# and falls to zero over the second half.


# %% tags=["taught"]
def learning_rate_at(recipe: Recipe, step: int) -> float:
    """Warm-up over 5 steps, then constant, then a straight line to zero over the second half. step: from 0.

    Taught in: lab 2.2.
    """
    return recipe.learning_rate * min(1.0, (step + 1) / 5, 2 * (recipe.steps - step) / recipe.steps)


def batch_at(examples: Sequence[Example], recipe: Recipe, step: int) -> list[Example]:
    """The examples of one step; a pure function of seed and step, so that a resumed run sees what it would have seen.

    Taught in: lab 2.2.
    """
    places = range(step * recipe.batch, (step + 1) * recipe.batch)
    orders = {at // len(examples): list(range(len(examples))) for at in places}
    for epoch, order in orders.items():
        random.Random(f"{recipe.seed} {epoch}").shuffle(order)
    return [examples[orders[at // len(examples)][at % len(examples)]] for at in places]


# %% [markdown]
# `scaler` matters on old GPUs only: in fp16 small gradients would become zero, so they are scaled up and back.


# %% tags=["taught"]
def gradient_step(model: Any, optimizer: torch.optim.Optimizer, batch: Sequence[Example], learning_rate: float, scaler: Any) -> float:
    """One step of training; returns the loss per answer token (nats) before it. A loss that is no number changes nothing.

    Taught in: lab 2.2.
    """
    count, total = sum(label != -100 for _, labels in batch for label in labels[1:]), 0.0
    optimizer.zero_grad()
    compute = getattr(model, "compute_dtype", torch.float32)  # full fine-tuning: fp32 weights, computed in bf16 where that is fast
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
# Two guards. One refuses data that cannot be trained on. The other notices when training has come off the rails, and says so.


# %% tags=["taught"]
def refuse_bad_data(examples: Sequence[Example], limit: int) -> None:
    """Raises: ValueError, with a sentence, for no examples, one without an answer, or one longer than the model reads.

    Taught in: lab 2.2.
    """
    if not examples:
        raise ValueError("there is nothing to train on: 0 examples are left. Look at the split, and at what your filter lets through.")
    for number, (ids, labels) in enumerate(examples):
        if all(label == -100 for label in labels[1:]):
            raise ValueError(f"example {number} has no token that the loss sees: is its answer empty, or its mask wrong?")
        if len(ids) > limit:
            raise ValueError(f"example {number} has {len(ids):,} tokens, but the model reads {limit:,}: show it fewer or shorter clauses.")


def trouble(losses: Sequence[float], vocabulary: int) -> str:
    """What is wrong with a run, in words; empty while it is well. losses: of the steps so far. Taught in: lab 2.2."""
    last, guess = losses[-1], math.log(vocabulary)
    if not math.isfinite(last):
        return f"the loss of step {len(losses)} is not a number"
    if last > guess:
        return f"diverged: the loss of step {len(losses)} is {last:.1f}, and a blind guess among {vocabulary:,} tokens costs {guess:.1f}"
    if len(losses) >= 8 and np.mean(losses[-4:]) > 1.5 * np.mean(losses[:4]):
        return f"diverged: the loss rose from {np.mean(losses[:4]):.1f} to {np.mean(losses[-4:]):.1f} by step {len(losses)}"
    return ""


# %% [markdown]
# And the loop. It saves a checkpoint every few steps, so that a killed kernel loses seconds; it keeps the best weights, so that a bad learning rate loses nothing; and it can be stopped.


# %% tags=["taught"]
@dataclass
class Training:
    """How a run went: the loss of each step, and why it ended before its last step, if it did. Taught in: lab 2.2."""

    losses: list[float] = field(default_factory=list)
    ended: str = ""


def train(
    model: Any, examples: Sequence[Example], recipe: Recipe, checkpoint: Any = None, watch: Callable[[list[float]], bool] | None = None
) -> Training:
    """Train the weights that require a gradient, in place. Taught in: lab 2.2.

    checkpoint: has load(model, optimizer), save(model, optimizer, history) and `every`; None to keep none.
    watch: called with the losses after each step; True stops. Raises: ValueError for data that cannot be trained on.
    """
    refuse_bad_data(examples, model.config.max_position_embeddings)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.0)
    run = Training(**(checkpoint and checkpoint.load(model, optimizer) or {}))
    model.train()
    try:
        _train(model, examples, recipe, run, optimizer, checkpoint, watch)
    except KeyboardInterrupt:
        run.ended = f"interrupted after step {len(run.losses)}; run the cell again to go on from the last checkpoint"
    model.eval()
    print(run.ended or f"{len(run.losses)} steps done", flush=True)
    return run


# %% [markdown]
# Inside, the weights before each step are remembered while the loss is at its lowest.


# %% tags=["taught"]
def _train(model: Any, examples: Sequence[Example], recipe: Recipe, run: Training, optimizer: Any, checkpoint: Any, watch: Any) -> None:
    """The steps of `train`, from where `run` stands. Taught in: lab 2.2."""
    weights, lowest, best = optimizer.param_groups[0]["params"], math.inf, None
    scaler = torch.amp.GradScaler(model.device.type, enabled=model.dtype == torch.float16)
    for step in range(len(run.losses), recipe.steps):
        earlier = [weight.detach().clone() for weight in weights]
        run.losses.append(gradient_step(model, optimizer, batch_at(examples, recipe, step), learning_rate_at(recipe, step), scaler))
        if (level := float(np.mean(run.losses[-4:]))) < lowest or best is None:
            lowest, best, best_step = level, earlier, step
        if problem := trouble(run.losses, model.config.vocab_size):
            with torch.no_grad():
                for weight, kept in zip(weights, best, strict=True):
                    weight.copy_(kept)
            run.ended = f"{problem}. The best weights, after step {best_step}, are kept. Lower the learning rate ({recipe.learning_rate:g})."
            return
        if checkpoint and (step + 1) % checkpoint.every == 0:
            checkpoint.save(model, optimizer, {"losses": run.losses})
        if watch and watch(run.losses):
            run.ended = f"stopped after step {step + 1}"
            return


# %% [markdown]
# ## Watch it learn
#
# One function ties it together: what is already in the **adapter registry** (`results/adapters/`) is loaded, what was interrupted goes on from its checkpoint, and the rest is trained and registered, with the hash of its base,
# the hash of its data and its recipe. An adapter on the wrong base is the commonest silent fault of fine-tuning; the registry refuses it.


# %%
def fit(name: str, recipe: Recipe, examples: Sequence[Example] = examples, view: TrainingView | None = None) -> Any:
    """The tuned model of that name, as a chat model."""
    belongs = {"recipe": asdict(recipe), "data": cache_key(examples=examples), "base": base_sha256(MODEL)}
    if name in run.adapters.names():
        record = run.adapters.read(name)
        if (record.recipe, record.data_sha256, record.base_sha256) == tuple(belongs.values()):
            return run.chat(20, adapter=name)
    fresh = run.chat(20)
    model, checkpoint = prepare(fresh.model, recipe), Checkpoint(run.adapters.folder / f"{name}.checkpoint", belongs)
    training = train(model, examples, recipe, checkpoint, view and (lambda losses: look(view, with_model(fresh, model, name), losses)))
    done = asdict(recipe) | ({"ended": training.ended} if training.ended else {})
    run.adapters.keep(name, model, done, belongs["data"], MODEL)
    if not training.ended.startswith("interrupted"):
        checkpoint.path.unlink(missing_ok=True)
    return run.chat(20, adapter=name)


# %% [markdown]
# While it trains you see the losses, and three questions about contracts that it does not train on, asked again and again. The **stop** button keeps what was learned; so does *Kernel > Interrupt*.

# %%
watched = [next(q for q in dev if q.type == kind) for kind in dict.fromkeys(q.type for q in dev)][:: max(1, len({q.type for q in dev}) // 3)][:3]
prompts = [conversation(among_others(question), question.question) for question in watched]
asked = [f"{question.question} **→ {question.answers[0]}**" for question in watched]


def look(view: TrainingView, speaker: Any, losses: list[float], every: int = 8) -> bool:
    """Redraw after every eighth step; True when the stop button was pressed."""
    if len(losses) % every and len(losses) != view.steps:
        return view.stopped
    speaker.use_cache = False
    answers = [reply.text for reply in speaker.batch(prompts)]
    return view.update(losses, mean_loss(speaker.model, held_out[:small]), dict(zip(asked, answers, strict=True)))


# %%
recipe = Recipe(steps={"smoke": 4, "live": 48, "full": 48}[PROFILE], seed=SEED)
view = TrainingView(recipe.steps, f"RAFT, rank {recipe.rank}, {recipe.layers}, learning rate {recipe.learning_rate:g}")
look(view, chat, [])
tuned = fit(f"raft-{SEED}", recipe, view=view)
view.figure()

# %%
view.table()

# %% [markdown]
# Look at the answers, not only at the curves. First the form changes (a few words, no sentence), within a handful of steps; only then, slowly, the right words.
#
# ## Did it learn to read?
#
# The same exam, the same conditions. No contract family of the exam occurs in training, and no wording of its questions.

# %%
after = {condition: take_exam(tuned, condition) for condition in CONDITIONS}
verdicts = {name: run.compare(after[name], before[name], name_a=f"tuned, {name}", name_b="base") for name in CONDITIONS}
plots.forest({name: (v.difference, v.low, v.high) for name, v in verdicts.items()}, title="Correct answers: tuned minus base")

# %%
largest = max(verdicts, key=lambda name: verdicts[name].difference)
real = [name for name, verdict in verdicts.items() if verdict.label == "better"]
lab.reveal("gain", measured=verdicts[largest], answer=largest if real else "nowhere that you could measure")
for verdict in verdicts.values():
    print(verdict)

# %% [markdown]
# And by type of question, with the right clauses among others:

# %%
plots.bars(run.by_type({"base": before["among others"], "tuned": after["among others"]}), title="Right clauses among others")

# %% [markdown]
# ### What refusals cost
#
# A fifth of the training examples, and those without an answer, taught `not stated`. That should turn wrong answers into refusals. It may also make the model refuse what it could have answered (**over-refusal**). Both
# tables are about what a search found:

# %%
refusals = pd.concat({"base": refusal_table(before["retrieved"]), "tuned": refusal_table(after["retrieved"])})
refusals

# %%
wrong_before, wrong_after = (refusals.loc[model, "answered wrong"].sum() for model in ("base", "tuned"))
kept, over = (refusals.loc[("tuned", "has an answer"), column] for column in ("answered right", "refused"))
print(f"Wrong answers fell from {wrong_before} to {wrong_after}. Of the questions with an answer, {kept} were answered right and {over} refused.")

# %% [markdown]
# Read it with care: where the search missed the clause, `not stated` is the honest reply although it counts as wrong here. 
#
# ### What was forgotten
#
# Thirty plain sentences, before and after:

# %%
general_after = mean_loss(tuned.model, general)
print(f"General loss {general_before:.3f} before, {general_after:.3f} after: {general_after - general_before:+.3f} nats per token.")

# %% [markdown]
# Write the exam into the registry, with a decision. A gate in words: promote when the gain is real and the general loss rose by less than a tenth of a nat.

# %%
scores = {condition: round(float(table["correct"].mean()), 3) for condition, table in after.items()} | {"general loss": round(general_after, 3)}
promoted = verdicts["among others"].label == "better" and general_after - general_before < 0.1
run.adapters.decide(f"raft-{SEED}", "promote" if promoted else "hold", scores)
run.adapters.table().T

# %% [markdown]
# ## Was it luck? Three seeds, four recipes
#
# You trained once. Another seed draws other examples first and starts from other small numbers, and the result moves. So the same was done, with the profile `full`, for three seeds each on the whole test
# split: the recipe above, the same in **all layers**, **full fine-tuning** of every weight, and the recipe **without refusals** in the training set. (In `full` this cell does it, for about an hour and a half; otherwise you see what was recorded.)

# %%
ARMS = {
    "top half": recipe,
    "all layers": replace(recipe, layers="all"),
    "full fine-tuning": replace(recipe, rank=0, learning_rate=1e-4),
    "no refusals": recipe,
}


def general_table(model: Any) -> pd.DataFrame:
    """The loss of each general sentence."""
    with torch.no_grad():
        losses = [float(answer_loss(model, [sentence])) for sentence in general]
    rows = [{"question_id": f"sentence {n}", "type": "general", "family": f"sentence {n}"} for n in range(len(general))]
    return pd.DataFrame(rows).assign(loss=losses, tokens=[len(ids) - 1 for ids, _ in general])


# %% [markdown]
# Each run is one entry of the ledger: a row for each question.


# %%
def run_arm(arm: str, seed: int) -> None:
    """Train one recipe with one seed and write what it scores into the ledger."""
    model = fit(f"{arm} {seed}", replace(ARMS[arm], seed=seed), raft_set(refusals=False) if arm == "no refusals" else examples)
    for condition in {"top half": CONDITIONS, "no refusals": ["among others", "retrieved"]}.get(arm, ["among others"]):
        run.ledger.append(f"{arm} · {condition} · seed {seed}", take_exam(model, condition))
    run.ledger.append(f"{arm} · general · seed {seed}", general_table(model.model))


for condition, table in before.items():
    run.ledger.append(f"base · {condition}", table)
if PROFILE == "full":
    run.ledger.append("base · general", general_table(run.chat().model))
    for arm, seed in [(arm, seed) for seed in (SEED, SEED + 1, SEED + 2) for arm in ARMS]:
        run_arm(arm, seed)
else:
    for condition, table in after.items():
        run.ledger.append(f"top half · {condition} · seed {SEED}", table)

# %% [markdown]
# What is shown next comes from one profile only, never a mixture.

# %%
path = run.ledger.path if PROFILE == "full" else run.ledger.recorded
runs = [one for one in read_runs(path, "recorded") if one["header"]["corpus"] == CORPUS]
evidence = {one["header"]["system"]: pd.DataFrame(one["items"]) for one in runs}
for header in [one["header"] for one in runs[:1]]:
    print("Recorded" if PROFILE != "full" else "Yours", "with profile {profile}, model {model}, n = {n}, {created:.10}".format(**header))


def averaged(arm: str, condition: str) -> pd.DataFrame:
    """One row for each question: its score, averaged over the seeds."""
    tables = [table for system, table in evidence.items() if system.startswith(f"{arm} · {condition}")]
    return tables[0].assign(correct=np.mean([table["correct"] for table in tables], axis=0))


# %%
def arm_row(arm: str) -> dict[str, Any]:
    """Right answers, gain over the base with its band, spread between seeds, and forgetting."""
    tables = {part: [t for system, t in evidence.items() if system.startswith(f"{arm} · {part}")] for part in ("among others", "general")}
    right = [100 * table["correct"].mean() for table in tables["among others"]]
    loss = [table["loss"].sum() / table["tokens"].sum() for table in tables["general"]]
    verdict = run.compare(averaged(arm, "among others"), averaged("base", "among others"))
    gain = f"{verdict.difference:+.1f} [{verdict.low:.1f}, {verdict.high:.1f}]"
    spread = round(np.std(right, ddof=1), 1) if len(right) > 1 else ""
    return {"% right": round(np.mean(right), 1), "gain over base": gain, "SD between seeds": spread, "general loss": round(np.mean(loss), 3)}


arms = pd.DataFrame({arm: arm_row(arm) for arm in ("base", *ARMS)}).T if evidence else pd.DataFrame()
arms

# %% [markdown]
# Two different uncertainties stand side by side. The **band** says how much the gain would move with other contracts; the **SD between seeds** how much it moves with another training run. A difference between two
# recipes that is smaller than the second is nothing to write home about.

# %%
if evidence:
    for arm in ("all layers", "full fine-tuning", "no refusals"):
        print(run.compare(averaged(arm, "among others"), averaged("top half", "among others"), name_a=arm, name_b="top half"))

# %% [markdown]
# ## Which knob matters?
#
# Now turn one knob at a time around the recipe, with half as many steps: the learning rate (0.0002, 0.001, 0.003), the rank (1, 8, 16, 64) and the layers. The ruler is the held-out loss. One of these axes is **flat**: turning the knob changes no
# more than another seed would.

# %%
lab.predict("flat", "Which knob can you turn without any effect beyond that of a seed?", ["learning rate", "rank", "layers", "none of them"])

# %%
short = replace(recipe, steps=max(recipe.steps // 2, 4))
AXES = {
    "learning rate": {"0.0002": replace(short, learning_rate=2e-4), "0.001": short, "0.003": replace(short, learning_rate=3e-3)},
    "rank": {"1": replace(short, rank=1), "8": replace(short, rank=8), "16": short, "64": replace(short, rank=64)},
    "layers": {"top half": short, "all": replace(short, layers="all"), "all, nothing frozen": replace(short, rank=0, learning_rate=1e-4)},
}


def sweep_point(its: Recipe) -> pd.DataFrame:
    """Train one recipe; the held-out loss and the answer of each dev question."""
    model = fit(f"sweep {cache_key(recipe=asdict(its))[:8]}", its)
    with torch.no_grad():
        losses = [float(answer_loss(model.model, [example])) for example in held_out]
    table = take_exam(model, "among others", questions=dev).assign(loss=losses)
    return table.assign(tokens=[sum(label != -100 for label in labels) for _, labels in held_out])


# %% [markdown]
# The grid is recorded; you add one point of your own. Change `mine` to try another.

# %%
mine = ("learning rate", "0.003")
grid = {f"sweep · {axis} · {value}": its for axis, values in AXES.items() for value, its in values.items()}
grid |= {f"sweep · seed · {seed}": replace(short, seed=seed) for seed in (SEED, SEED + 1, SEED + 2)}
if PROFILE == "full":
    for system, its in grid.items():
        run.ledger.append(system, table := sweep_point(its))
        evidence[system] = table
yours = sweep_point(AXES[mine[0]][mine[1]])
loss_of = {system: table["loss"].sum() / table["tokens"].sum() for system, table in [*evidence.items(), ("yours", yours)] if "sweep" in system or system == "yours"}
print(f"Yours, {mine[0]} {mine[1]}: held-out loss {loss_of['yours']:.3f}; recorded: {loss_of.get(' · '.join(['sweep', *mine]), math.nan):.3f}")

# %% [markdown]
# Crosses are recorded, the circle is yours. The grey stripe is what three seeds of the same recipe gave, two standard deviations to each side.

# %%
seeds = [loss for system, loss in loss_of.items() if system.startswith("sweep · seed")]
seed_sd = float(np.std(seeds, ddof=1)) if len(seeds) > 1 else 0.0
cuts = {axis: {value: loss_of[f"sweep · {axis} · {value}"] for value in values if f"sweep · {axis} · {value}" in loss_of} for axis, values in AXES.items()}
plots.cuts(cuts, (np.mean(seeds) if seeds else loss_of["yours"], seed_sd), {mine: loss_of["yours"]})

# %% [markdown]
# ### Exercise 4 · The flat axis
#
# *6 minutes · medium · unlocks the verdict*
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
    return [axis for axis, losses in cuts.items() if max(losses.values()) - min(losses.values()) <= 2 * math.sqrt(2) * seed_sd]
    ### END SOLUTION


# %%
flat_axes = lab.use(4, flat_axes)
# lab.hint(4)    lab.solution(4)

# %%
whole = {axis: losses for axis, losses in cuts.items() if len(losses) > 1}
flat = flat_axes(whole, seed_sd)
span = ", ".join(f"{axis} {max(losses.values()) - min(losses.values()):.2f}" for axis, losses in whole.items())
lab.reveal("flat", measured=f"range of the loss: {span}; between seeds {seed_sd:.3f}", answer=(flat[0] if len(flat) == 1 else None if flat else "none of them") if whole else None)

# %% [markdown]
# ## The same in TRL
#
# Most people train with a library. TRL's `SFTTrainer` takes prompt and completion, masks the prompt and adds the end mark, as you did. Given the same adapters, order and learning rates, it must show the same losses; if it does not, one of the
# two does something you have not understood.


# %%
def trl_losses(recipe: Recipe) -> list[float]:
    """The losses of the first steps, by TRL, on the same examples in the same order."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    model = prepare(run.chat().model, recipe)
    ordered = [example for step in range(recipe.steps) for example in batch_at(few, recipe, step)]
    texts = [(chat.tokenizer.decode(ids[: labels.count(-100)]), chat.tokenizer.decode(ids[labels.count(-100) : -1])) for ids, labels in ordered]
    optimizer = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=recipe.learning_rate, weight_decay=0.0)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate_at(recipe, step) / recipe.learning_rate)
    options = SFTConfig(
        output_dir=str(run.settings.results_dir / "trl"), max_steps=recipe.steps, per_device_train_batch_size=1, bf16=False,
        gradient_accumulation_steps=recipe.batch, train_sampling_strategy="sequential", logging_steps=1, save_strategy="no",
        use_cpu=not torch.cuda.is_available(), disable_tqdm=True, dataloader_pin_memory=False, gradient_checkpointing=False, max_length=None,
    )  # fmt: skip
    data = Dataset.from_dict({"prompt": [prompt for prompt, _ in texts], "completion": [answer for _, answer in texts]})
    trainer = SFTTrainer(model, options, train_dataset=data, processing_class=chat.tokenizer, optimizers=(optimizer, rates))
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


# %% [markdown]
# Three steps of four short examples are enough to see it:

# %%
tiny = Recipe(steps=3, batch=4, seed=SEED)
few = sorted(examples, key=lambda example: len(example[0]))[:12]
ours = train(prepare(run.chat().model, tiny), few, tiny).losses
theirs = trl_losses(tiny)
print("\n".join(f"step {step}: ours {a:.3f}, TRL {b:.3f}" for step, (a, b) in enumerate(zip(ours, theirs, strict=True), start=1)))

# %%
apart = max(abs(a - b) / a for a, b in zip(ours, theirs, strict=True))
print(f"Largest difference {apart:.1%}: {'the same training' if apart < 0.03 else 'NOT the same training'}, within the precision of the weights.")

# %% [markdown]
# Why then a loop of our own? On two cores it is faster and needs less memory, because it computes the head for the answer only, stops the backward pass at the lowest adapter and groups by length: `python tools/bench.py training` measures both on your machine. On
# a GPU, take TRL. One trap on the way: given *messages* instead of text, TRL's template also trains the line break after the end mark.
#
# ## A bigger machine
#
# The same notebook runs on a GPU: weights in bf16 where the hardware has it, in fp16 on older cards (with the gradient scaling that you saw). For a model that does not fit, **QLoRA** (arXiv:2305.14314) keeps the frozen weights in four bits; adapters and
# mathematics stay as they are. Set `MODEL` to a larger one, and:

# %%
try:
    print(load_quantised(MODEL or "HuggingFaceTB/SmolLM2-1.7B-Instruct").identity)
except ModelError as error:
    print(error)

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | RAFT-style training | up to +35 points on HotpotQA over the untuned model with retrieval (arXiv:2403.10131, 7B) | the forest plot above | our model is fifty times smaller and knew less to begin with; answers are copied, not reasoned |
# | rank | flat, when the learning rate is right and the data are few (LoRA Without Regret, Thinking Machines 2025) | exercise 4 | 384 examples hold less information than even a rank of 1 can take up in 15 layers |
# | LoRA against full fine-tuning | learns less and forgets less (arXiv:2405.09673); yet peft's own benchmark has LoRA r32 forget more (0.050 against 0.030 nats) | the table of four recipes | the learning rate decides: LoRA's is ten times larger |
# | seeds | about one point of seed noise was read as an effect in one widely used library (trl issue 5138) | SD between seeds | fewer steps, smaller model: more noise |
#
# ## What to take home
#
# **Rule.** Check three invariants before you train (template equal to the tokenizer's, masked loss equal to the hand count, B = 0 changes nothing); spend your sweep on the learning rate, not on the rank; show gain, band, seeds
# and forgetting together. **It prevents** the silent failures: a template that differs between training and use, a loss on the wrong tokens, an adapter on the wrong base. **It costs** two minutes of two cores here.
#
# **Next:** lab 3.3 puts this reader and the index of series 1 into one table: retrieval, fine-tuning, or both? Your progress:

# %%
lab.progress()
