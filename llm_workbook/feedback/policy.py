"""A reader that learns from what is said about its answers: how probable each answer is to it, and steps on a loss.

All answers to a question go through the model in one pass: the prompt is read once, and a mask keeps the answers apart.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..benchmark.prompt import conversation
from ..models.chat import trim_memory
from ..taught.lab_2_2 import chat_text
from ..training.adapters import load_lora
from ..training.fit import Recipe, learning_rate_at, prepare
from .records import Asked

if TYPE_CHECKING:
    from pathlib import Path

    import torch

Item = TypeVar("Item")
START = "citing"  # the shipped reader that preference training begins with
RECIPE = Recipe(rank=16, alpha=32, layers="all", learning_rate=2e-4, steps=24, batch=6)
SAMPLES, MOST = 6, 32  # answers to a question, and their tokens
ROUND = 32  # lengths are filled up to few, for whose shapes the memory is kept


@dataclass(frozen=True)
class Answers:
    """Token ids of a prompt and of some answers to it, each with the mark that ends it."""

    prompt: tuple[int, ...]
    answers: tuple[tuple[int, ...], ...]

    @property
    def lengths(self) -> list[int]:
        """Tokens of each answer, its end mark counted."""
        return [len(answer) for answer in self.answers]


def answers_to(tokenizer: Any, asked: Asked, texts: Sequence[str]) -> Answers:
    """The question as the reader is asked it, with these answers. Raises: ValueError without an answer."""
    if not texts:
        raise ValueError(f"question {asked.id!r} has no answers to weigh: give at least one")
    prompt = chat_text(conversation(asked.clauses, asked.question))
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (prompt, *texts)]
    return Answers(tuple(ids[0]), tuple((*answer, tokenizer.eos_token_id) for answer in ids[1:]))


def lower_half(model: Any, one: Answers) -> "torch.Tensor":
    """What the frozen lower half of the layers makes of prompt and answers; it never changes, so it can be kept. Shape
    (1, tokens, width)."""
    import torch

    inner = _inner(model)
    with torch.no_grad():
        hidden = inner.model.embed_tokens(_packed(one)[0][None].to(inner.device))
        return _through(inner, inner.model.layers[: half_of(inner)], hidden, one)


def token_logits(model: Any, one: Answers, lower: "torch.Tensor | None" = None) -> "torch.Tensor":
    """The scores of all tokens of the vocabulary at each place of each answer, one answer after the other; shape
    (tokens of all answers, vocabulary), fp32. lower: from `lower_half`; computed where it is None."""
    inner = _inner(model)
    hidden = (lower_half(model, one) if lower is None else lower).to(inner.device)
    hidden = inner.model.norm(_through(inner, inner.model.layers[half_of(inner) :], hidden, one))
    return inner.lm_head(hidden[0, _packed(one)[3]]).float()


def _through(inner: Any, layers: Any, hidden: "torch.Tensor", one: Answers) -> "torch.Tensor":
    import torch

    _, positions, mask, _ = _packed(one)
    allowed = torch.where(mask, 0.0, torch.finfo(inner.dtype).min).to(inner.device, inner.dtype)
    turned = inner.model.rotary_emb(hidden, position_ids=positions[None].to(inner.device))
    for layer in layers:
        hidden = layer(hidden, attention_mask=allowed[None, None], position_embeddings=turned)
    return hidden


def _inner(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def half_of(model: Any) -> int:
    """How many layers the frozen lower half has."""
    return model.config.num_hidden_layers // 2


def log_probabilities(model: Any, one: Answers, lower: "torch.Tensor | None" = None) -> "torch.Tensor":
    """How probable each answer is, as the sum over its tokens of log p (nats); shape (answers,). lower: see
    `token_logits`."""
    import torch

    taught = torch.tensor([token for answer in one.answers for token in answer])
    each = -torch.nn.functional.cross_entropy(
        logits := token_logits(model, one, lower), taught.to(logits.device), reduction="none"
    )
    return torch.stack([part.sum() for part in each.split(one.lengths)])


def _packed(one: Answers) -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor", list[int]]:
    """(ids, positions, mask, places): prompt and answers in a row, filled up; each answer sees the prompt and itself.

    places: for each token of each answer, where it is predicted. The last token of an answer predicts nothing, so it is
    left out.
    """
    import torch

    ids, positions, owner, places = [*one.prompt], [*range(len(one.prompt))], [0] * len(one.prompt), []
    for number, answer in enumerate(one.answers, 1):
        places += [len(one.prompt) - 1, *range(len(ids), len(ids) + len(answer) - 1)]
        positions += range(len(one.prompt), len(one.prompt) + len(answer) - 1)
        ids += answer[:-1]
        owner += [number] * (len(answer) - 1)
    spare = -len(ids) % ROUND
    ids, positions, owner = ids + [0] * spare, positions + [0] * spare, owner + [-1] * spare
    owners, at = torch.tensor(owner), torch.arange(len(ids))
    sees = (owners[None, :] == 0) | (owners[:, None] == owners[None, :])
    return torch.tensor(ids), torch.tensor(positions), sees & (at[None, :] <= at[:, None]), places


def start_policy(chat: Any, weights: "Path", seed: int) -> Any:
    """The model of `chat` with the adapter in that file, whose upper half goes on learning; the lower half is frozen,
    so that a gradient goes back half-way only. Raises: ModelError when the adapter does not fit."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    model = prepare(chat.model, replace(RECIPE, seed=seed))
    layers = [part for part in chat.model.modules() if isinstance(part, GradientCheckpointingLayer)]
    if any(layer.gradient_checkpointing for layer in layers):  # fp32: here all layers compute their activations again
        for layer in layers:
            layer.gradient_checkpointing = True
    return to_start(model, weights)


def to_start(model: Any, weights: "Path") -> Any:
    """Put the adapter of the start back, whatever has been learned since; its upper half is trainable."""
    adapter = {name: weight for name, weight in model.named_parameters() if ".lora_" in name}
    for weight in adapter.values():
        weight.requires_grad_(True)
    load_lora(model, weights)
    for name, weight in adapter.items():
        weight.requires_grad_(int(name.partition(".layers.")[2].partition(".")[0]) >= half_of(_inner(model)))
    return model.eval()


def train_on(
    model: Any,
    batches: Sequence[Sequence[Item]],
    loss: Callable[[Item], "torch.Tensor"],
    rate: float = RECIPE.learning_rate,
    watch: Callable[[list[float]], bool] | None = None,
) -> list[float]:
    """One step of AdamW for each batch, on the mean of `loss` over its items; returns these means, each before its
    step.

    rate: the learning rate, warmed up and let down as in `training.fit`. watch: called with the losses after each step;
    True stops. A loss that is no number ends the run before its step. An interruption ends it, too, and says so.
    """
    import torch

    optimizer = torch.optim.AdamW(_trained(model), lr=rate, weight_decay=0.0)
    recipe, losses = replace(RECIPE, learning_rate=rate, steps=len(batches)), []
    try:
        for step, batch in enumerate(batches):
            losses.append(gradient_step_on(model, optimizer, batch, loss, learning_rate_at(recipe, step)))
            if not math.isfinite(losses[-1]):
                print(f"stopped: the loss of step {step + 1} is not a number. Lower the learning rate ({rate:g}).")
                break
            if watch and watch(losses):
                print(f"stopped after step {step + 1}")
                break
    except KeyboardInterrupt:
        print(f"interrupted after step {len(losses)}: the reader is what these steps have made of it")
    trim_memory()
    return losses


def gradient_step_on(
    model: Any,
    optimizer: "torch.optim.Optimizer",
    batch: Sequence[Item],
    loss: Callable[[Item], "torch.Tensor"],
    learning_rate: float,
) -> float:
    """One step on the mean of `loss` over a batch; returns that mean. One that is no number, and an empty batch (0.0),
    change nothing."""
    import torch
    from peft.helpers import disable_input_dtype_casting

    compute, total = model.compute_dtype, 0.0
    optimizer.zero_grad()
    model.train()  # only then layers compute their activations again instead of keeping them, where that is asked for
    for item in batch:
        with (
            disable_input_dtype_casting(model),
            torch.autocast(model.device.type, compute, enabled=compute != torch.float32),
        ):
            part = loss(item) / len(batch)
        part.backward()
        total += float(part.detach())
    model.eval()
    if batch and math.isfinite(total):
        optimizer.param_groups[0]["lr"] = learning_rate
        torch.nn.utils.clip_grad_norm_(_trained(model), 1.0)
        optimizer.step()
    return total


def _trained(model: Any) -> list[Any]:
    return [weight for weight in model.parameters() if weight.requires_grad]


def sample(
    model: Any, tokenizer: Any, asked: Asked, generator: "torch.Generator", count: int = SAMPLES, most: int = MOST
) -> Answers:
    """So many answers of the model at temperature 1, of at most `most` tokens; the prompt is read once for all."""
    import torch

    prompt = answers_to(tokenizer, asked, [""]).prompt
    end = tokenizer.eos_token_id
    tokens: list[torch.Tensor] = []
    with torch.inference_mode():
        read = model(input_ids=torch.tensor([prompt], device=model.device), use_cache=True, logits_to_keep=1)
        read.past_key_values.batch_repeat_interleave(count)
        logits = read.logits[:, -1].repeat(count, 1)
        while len(tokens) < most:
            chances = torch.softmax(logits.float().cpu(), -1)
            tokens.append(torch.multinomial(chances, 1, generator=generator))
            if bool((torch.cat(tokens, 1) == end).any(1).all()):
                break
            last = tokens[-1].to(model.device)
            logits = model(input_ids=last, past_key_values=read.past_key_values, use_cache=True).logits[:, -1]
    rows = torch.cat(tokens, 1).tolist()
    return Answers(prompt, tuple(tuple(row[: row.index(end) + 1] if end in row else row) for row in rows))


def decoded(tokenizer: Any, answers: Answers) -> list[str]:
    """The answers as texts, without marks."""
    return [text.strip() for text in tokenizer.batch_decode([*map(list, answers.answers)], skip_special_tokens=True)]


def kl_to_start(model: Any, answers: Sequence[Answers], start: Sequence["torch.Tensor"]) -> float:
    """KL(now || start) per token (nats), along the first of each answers: how far the reader has moved from what it
    was. start: `token_logits` of the start for the same answers."""
    import torch

    total, count = 0.0, 0
    with torch.no_grad():
        for one, before in zip(answers, start, strict=True):
            now, then = token_logits(model, one).log_softmax(-1), before.to(model.device).log_softmax(-1)
            total += float((now.exp() * (now - then)).sum())
            count += len(now)
    return total / count
