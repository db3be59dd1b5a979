"""The training path: the step that lab 2.2 teaches, in a loop that can be stopped, resumed and trusted."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ..models.cache import cache_key
from ..models.chat import LocalChat, load_local_model, trim_memory
from ..models.offline import ModelError
from ..models.shape import longest_prompt
from ..settings import DATA
from ..taught.lab_2_2 import Example, answer_loss
from .adapters import Adapters, base_sha256, load_lora, with_model
from .checkpoint import Checkpoint

if TYPE_CHECKING:
    import torch

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Recipe:
    """What decides a training run. rank: 0 trains every weight. layers: "all" or "top half". batch: examples in a
    step."""

    rank: int = 16
    alpha: float = 32
    layers: str = "top half"
    learning_rate: float = 1e-3
    steps: int = 48
    batch: int = 8
    seed: int = 7


@dataclass
class Training:
    """How a run went: the loss of each step (nats per token), and why it ended before its last step, if it did."""

    losses: list[float] = field(default_factory=list)
    ended: str = ""


def fit(
    adapters: Adapters,
    name: str,
    recipe: Recipe,
    examples: Sequence[Example],
    base: str | None = None,
    watch: Callable[[LocalChat, list[float]], bool] | None = None,
    max_new_tokens: int = 20,
    parent: str = "",
) -> LocalChat:
    """The tuned model of that name as a chat model: from the registry, or trained now (from its checkpoint, if it was
    cut off).

    base: a local model, or None for the offline one. watch: called with the model and the losses after each step; True
    stops. parent: the name of a LoRA adapter of the same rank and layers, whose weights the training goes on from.
    Raises: what `train` raises; ModelError when the registry refuses.
    """
    home = adapters.place(name)
    lineage = {"parent": adapters.identity(parent)} if parent else {}
    belongs = {"recipe": asdict(recipe) | lineage, "data": cache_key(examples=examples), "base": base_sha256(base)}
    if name in adapters.names():
        record = adapters.read(name)
        if [record.recipe, record.data_sha256, record.base_sha256] == [*belongs.values()]:
            return adapters.chat(name, base, max_new_tokens)
    fresh = load_local_model(base, max_new_tokens)
    model, checkpoint = prepare(fresh.model, recipe), Checkpoint(home.with_name(f"{name}.checkpoint"), belongs)
    if parent:
        load_lora(model, adapters.whole_weights(parent))

    def asked(losses: list[float]) -> bool:
        learning = with_model(fresh, model, name).model_copy(update={"use_cache": False})  # it still changes
        return watch is not None and watch(learning, losses)

    training = train(model, examples, recipe, checkpoint, asked if watch else None)
    done = asdict(recipe) | lineage | ({"ended": training.ended} if training.ended else {})
    adapters.keep(name, model, done, cache_key(examples=examples), base, parent=parent)
    if not training.ended.startswith("interrupted"):
        checkpoint.path.unlink(missing_ok=True)
    return with_model(fresh, model.to(model.compute_dtype) if recipe.rank == 0 else model, adapters.identity(name))


def prepare(model: Any, recipe: Recipe) -> Any:
    """The model with fresh adapters (fp32, B = 0) on its frozen weights; with rank 0 the whole model in fp32, nothing
    frozen.

    Its `compute_dtype` is the precision in which a step multiplies what is kept in fp32. Where the frozen weights are
    fp32 too (a processor without bf16), every second layer computes its activations again instead of keeping them.
    Raises: ModelError for a model whose layers have other names than Llama's.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers.modeling_layers import GradientCheckpointingLayer

    torch.manual_seed(recipe.seed)
    if recipe.rank == 0:
        model.compute_dtype = model.dtype
        return model.float().requires_grad_(True)
    if (model.dtype, model.device.type) == (torch.float32, "cpu") and model.supports_gradient_checkpointing:
        model.activation_checkpointing_enable()  # fp32 takes twice the room of bf16
        model.disable_input_require_grads()
        for layer in [part for part in model.modules() if isinstance(part, GradientCheckpointingLayer)][::2]:
            layer.gradient_checkpointing = False
    if not any(name.endswith(tuple(LINEAR)) for name, _ in model.named_modules()):
        raise ModelError(
            f"LoRA is put on the layers {', '.join(LINEAR)} here, and {type(model).__name__} has none of them. Set"
            " MODEL = None, or choose a model of the kind of Llama, Qwen or Mistral."
        )
    count = model.config.num_hidden_layers
    layers = list(range(count // 2 if recipe.layers == "top half" else 0, count))
    config = LoraConfig(
        r=recipe.rank, target_modules=LINEAR, layers_to_transform=layers,
        lora_alpha=recipe.alpha,  # pyright: ignore[reportArgumentType] # annotated as int; peft only divides it
    )  # fmt: skip
    tuned = get_peft_model(model, config)
    model.disable_input_require_grads()  # they would carry the backward pass below the lowest adapter
    tuned.compute_dtype = model.dtype
    return tuned


def train(
    model: Any,
    examples: Sequence[Example],
    recipe: Recipe,
    checkpoint: Checkpoint | None = None,
    watch: Callable[[list[float]], bool] | None = None,
) -> Training:
    """Train the weights that require a gradient, in place, and say how it ended.

    checkpoint: a Checkpoint, to go on from and to save to; None to keep none. watch: called with the losses after each
    step; True stops. Raises: ValueError for data that cannot be trained on; CheckpointError for a damaged checkpoint or
    one of another run.
    """
    import torch

    refuse_bad_data(examples, longest_prompt(model))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.0)
    run = Training(((checkpoint and checkpoint.load(model, optimizer)) or {}).get("losses", []))
    try:
        _steps(model, examples, recipe, run, optimizer, checkpoint, watch)
    except KeyboardInterrupt:
        run.ended = f"interrupted after step {len(run.losses)}; run the cell again to go on from the last checkpoint"
    model.eval()
    trim_memory()
    print(run.ended or f"{len(run.losses)} steps done", flush=True)
    return run


def _steps(
    model: Any,
    examples: Sequence[Example],
    recipe: Recipe,
    run: Training,
    optimizer: "torch.optim.Optimizer",
    checkpoint: Checkpoint | None,
    watch: Callable[[list[float]], bool] | None,
) -> None:
    """The steps from where `run` stands; the weights before the step with the lowest recent loss are remembered."""
    import torch
    from peft.helpers import disable_input_dtype_casting

    weights, lowest, best, best_step = optimizer.param_groups[0]["params"], math.inf, [], 0
    scaler = torch.amp.GradScaler(
        model.device.type, enabled=getattr(model, "compute_dtype", model.dtype) == torch.float16
    )
    for step in range(len(run.losses), recipe.steps):
        model.train()  # `watch` asks it questions, as one that is not in training
        earlier = [weight.detach().clone() for weight in weights]
        with disable_input_dtype_casting(
            model
        ):  # adapters multiply in the model's precision, not in fp32: a fifth faster
            run.losses.append(
                gradient_step(
                    model, optimizer, batch_at(examples, recipe, step), learning_rate_at(recipe, step), scaler
                )
            )
        if (recent := _mean(run.losses[-4:])) < lowest or not best:
            lowest, best, best_step = recent, earlier, step
        if problem := trouble(run.losses, model.config.vocab_size):
            with torch.no_grad():
                for weight, kept in zip(weights, best, strict=True):
                    weight.copy_(kept)
            run.ended = (
                f"{problem}. The best weights, of step {best_step}, are kept. Lower the learning rate"
                f" ({recipe.learning_rate:g})."
            )
            return
        if checkpoint and (step + 1) % checkpoint.every == 0:
            checkpoint.save(model, optimizer, {"losses": run.losses})
        if watch and watch(run.losses):
            run.ended = f"stopped after step {step + 1}"
            return


def learning_rate_at(recipe: Recipe, step: int) -> float:
    """Warm-up over 5 steps, then constant, then a straight line to zero over the second half. step: from 0."""
    return recipe.learning_rate * min(1.0, (step + 1) / 5, 2 * (recipe.steps - step) / recipe.steps)


def batch_at(examples: Sequence[Example], recipe: Recipe, step: int) -> list[Example]:
    """The examples of one step; a pure function of seed and step, so that a resumed run sees what it would have
    seen."""
    places = range(step * recipe.batch, (step + 1) * recipe.batch)
    orders = {at // len(examples): list(range(len(examples))) for at in places}
    for epoch, order in orders.items():
        random.Random(f"{recipe.seed} {epoch}").shuffle(order)
    return [examples[orders[at // len(examples)][at % len(examples)]] for at in places]


def micro_batches(examples: Sequence[Example], tokens: int = 400) -> Iterator[list[Example]]:
    """Examples of similar length together, shortest first, at most `tokens` padded tokens in each."""
    group: list[Example] = []
    for example in sorted(examples, key=lambda example: len(example[0])):
        if group and (len(group) + 1) * len(example[0]) > tokens:
            yield group
            group = []
        group.append(example)
    yield group


def gradient_step(
    model: Any, optimizer: "torch.optim.Optimizer", batch: Sequence[Example], learning_rate: float, scaler: Any
) -> float:
    """One step; returns the loss per answer token (nats) before it. A loss that is no number changes nothing.

    The examples go through in micro-batches, whose gradients add up. scaler: for fp16 on old GPUs.
    """
    import torch

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


def general_sentences(tokenizer: Any) -> list[Example]:
    """Thirty plain sentences about anything but contracts, every token of which counts: on them a loss that rises shows
    what was forgotten."""
    lines = (DATA / "general.txt").read_text(encoding="utf-8").splitlines()
    return [(ids, ids) for ids in (tokenizer(f"{tokenizer.eos_token}{line}")["input_ids"] for line in lines)]


def mean_loss(model: Any, examples: Sequence[Example]) -> float:
    """Loss per token that counts (nats), without training."""
    import torch

    with torch.no_grad():
        total = sum(float(answer_loss(model, part)) for part in micro_batches(examples))
    return total / sum(label != -100 for _, labels in examples for label in labels[1:])


def refuse_bad_data(examples: Sequence[Example], limit: float) -> None:
    """Raises: ValueError, with a sentence, for no examples, one without an answer, or one longer than the model
    reads."""
    if not examples:
        raise ValueError(
            "there is nothing to train on: 0 examples are left. Look at the split, and at what your filter lets"
            " through."
        )
    for number, (ids, labels) in enumerate(examples):
        if all(label == -100 for label in labels[1:]):
            raise ValueError(
                f"example {number} has no token that the loss sees: is its answer empty, or its mask wrong?"
            )
        if len(ids) > limit:
            raise ValueError(
                f"example {number} has {len(ids):,} tokens, but the model reads {limit:,}: show it fewer or shorter"
                " clauses."
            )


def trouble(losses: Sequence[float], vocabulary: int) -> str:
    """What is wrong with a run, in words; empty while it is well. losses: of the steps so far."""
    last, guess, first, recent = losses[-1], math.log(vocabulary), _mean(losses[:4]), _mean(losses[-4:])
    if not math.isfinite(last):
        return f"the loss of step {len(losses)} is not a number"
    if last > max(guess, 1.5 * losses[0]):
        return (
            f"diverged: the loss of step {len(losses)} is {last:.1f}, and a blind guess among {vocabulary:,} tokens"
            f" costs {guess:.1f}"
        )
    # one hard reading in a step of one is no divergence: all four must be high, and above one nat together
    if len(losses) >= 8 and recent > 1.0 and min(losses[-4:]) > 1.5 * first:
        return f"diverged: the loss rose from {first:.1f} to {recent:.1f} by step {len(losses)}"
    return ""


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
