"""Exercises of lab 2.2."""

import math
import re

import numpy as np
import torch
from scipy import stats

from ...exercises.checks import compare, kind_of, list_of, number, text, whole_number
from ...exercises.engine import Exercise, Misconception, NotYet
from ...exercises.examples import Words
from ...taught import lab_2_2 as taught

# ------------------------------------------------------------------ 1 · the chat template

TALK = [
    {"role": "system", "content": "Answer in a few words."},
    {"role": "user", "content": "How long is the notice?\nIn days."},
    {"role": "assistant", "content": "30 days"},
]
TALKS = [(TALK[:2],), (TALK[:2], False), (TALK, False), (TALK[1:2], True), (TALK, True), (TALK[1:], False)]


def check_chat_text(candidate) -> None:
    """Conversations of one to three turns, with and without the opened answer."""
    names, different = ("messages", "open_answer"), "the text is different"
    compare(candidate, taught.chat_text, TALKS, names, different, text, _alike_texts)


def _alike_texts(got: str, expected: str) -> bool:
    """The tokenizer's own template begins with a system turn of its own where a conversation has none; that is right."""
    has_system = expected.startswith("<|im_start|>system\n")
    own_system = re.match(r"<\|im_start\|>system\n[^<]*<\|im_end\|>\n", got)
    return got == expected or (not has_system and own_system is not None and got[own_system.end() :] == expected)


def _turns(messages, mark="<|im_start|>{role}\n{content}<|im_end|>\n") -> str:
    return "".join(mark.format(**message) for message in messages)


def _open(text, open_answer) -> str:
    return text + ("<|im_start|>assistant\n" if open_answer else "")


# ------------------------------------------------------------------ 2 · the mask

MASKS = [([7, 5], [7], 2), ([5, 6, 7], [8], 2), ([1], [3, 4, 5], 0), ([], [9, 9], 2), ([4, 4], [], 7),
         (list(range(40)), [7, 2, 7], 2)]  # fmt: skip


def check_answer_labels(candidate) -> None:
    """Prompts and answers of several lengths, the empty ones too; ids and labels must be lists of equal length."""
    for part, wrong in enumerate(("the ids are prompt, answer and end mark in a row", "the labels are different")):
        read = lambda got, part=part: _two_lists(got)[part]  # noqa: E731
        compare(candidate, taught.answer_labels, MASKS, ("prompt", "answer", "end"), wrong, read)


def _two_lists(got) -> list[list[int]]:
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise NotYet("return two lists: the ids and the labels")
    if strangers := [part for part in got if not isinstance(part, list)]:
        raise NotYet(
            f"ids and labels must be lists, because later cells add padding to them, not {kind_of(strangers[0])}"
        )
    return [list_of(int, whole_number)(part) for part in got]


# ------------------------------------------------------------------ 3 · the LoRA layer

SIZES = [(6, 4, 2, 8.0), (5, 9, 3, 3.0), (4, 4, 1, 2.0)]


def _linear(inputs: int, outputs: int, dtype=torch.float32) -> torch.nn.Linear:
    layer = torch.nn.Linear(inputs, outputs, bias=inputs > 4)
    with torch.no_grad():
        for number, weight in enumerate(layer.parameters()):
            weight.copy_(torch.linspace(-1, 1, weight.numel()).reshape(weight.shape) + number)
    return layer.to(dtype)


def _fill(layer) -> None:
    with torch.no_grad():
        for number, weight in enumerate((layer.a, layer.b)):
            weight.copy_(torch.linspace(0.1, 1, weight.numel()).reshape(weight.shape) * (1 + number))


def check_lora_layer(candidate) -> None:
    """Start, shapes, what is trained, the correction and its scale, batches, and a base in bf16."""
    for inputs, outputs, rank, alpha in SIZES:
        given = Words(f"a layer with {inputs} inputs and {outputs} outputs, rank {rank}, alpha {alpha:g}")
        linear = _linear(inputs, outputs)
        layer = candidate(linear, rank, alpha)
        _check_start(layer, linear, rank, given)
        _fill(layer)
        x = torch.linspace(-2, 2, 3 * inputs).reshape(1, 3, inputs)
        expected = linear(x) + alpha / rank * (x @ layer.a.T @ layer.b.T)
        got = layer(x)
        if got.shape != expected.shape or not torch.allclose(got.float(), expected, atol=1e-4):
            raise NotYet(
                "with numbers in A and B the result is not W x + alpha / rank * B A x",
                given=given,
                got=got.flatten()[:3].tolist(),
                expected=expected.flatten()[:3].tolist(),
            )
    _check_precision(candidate)
    _check_draw(candidate)


def _check_start(layer, linear, rank: int, given: str) -> None:
    missing = [name for name in ("base", "a", "b") if not hasattr(layer, name)]
    if not isinstance(layer, torch.nn.Module) or missing:
        got = Words(f"{type(layer).__name__}, without {missing}")
        raise NotYet("return a torch.nn.Module with the names `base`, `a` and `b`", given=given, got=got)
    shapes = {"a": (rank, linear.in_features), "b": (linear.out_features, rank)}
    start = {}
    for name, shape in shapes.items():
        weight = getattr(layer, name)
        if not isinstance(weight, torch.nn.Parameter) or not weight.requires_grad:
            raise NotYet(f"`{name}` must be a trainable torch.nn.Parameter", given=given, got=type(weight).__name__)
        if tuple(weight.shape) != shape:
            raise NotYet(f"the shape of `{name}` is different", given=given, got=tuple(weight.shape), expected=shape)
        start[name] = float(weight.detach().abs().max())
    if start["b"] != 0:
        raise NotYet("B must start at 0, so that the layer starts as it was", given=given)
    if start["a"] == 0:
        raise NotYet("A must not start at 0 too: draw it at random", given=given)
    trained = sorted(name for name, weight in layer.named_parameters() if weight.requires_grad)
    if trained != ["a", "b"]:
        raise NotYet("only `a` and `b` may be trained: freeze the layer", given=given, got=trained, expected=["a", "b"])


def _check_precision(candidate) -> None:
    """A base in bf16, as on processors that compute in it: under autocast, as in training, no cast is needed."""
    layer = candidate(_linear(6, 4, torch.bfloat16), 2, 8.0)
    _fill(layer)
    x = torch.linspace(-1, 1, 12, dtype=torch.bfloat16).reshape(2, 6)
    with torch.autocast("cpu", torch.bfloat16):
        got = layer(x)
        expected = _linear(6, 4, torch.bfloat16)(x) + 4.0 * (x.float() @ layer.a.T.float() @ layer.b.T.float())
    if not torch.allclose(got.float(), expected.float(), rtol=0.05, atol=0.3):
        raise NotYet(
            "with a frozen layer in bf16 the result is another one",
            got=got.flatten()[:3].tolist(),
            expected=expected.flatten()[:3].tolist(),
        )
    if any(not weight.dtype.is_floating_point for weight in (got, layer.a, layer.b)):
        raise NotYet("results and weights must be floating-point numbers", got=got.dtype)


def _check_draw(candidate) -> None:
    """A is drawn: two layers differ, around 0, with a spread in which training starts well (any usual one will do)."""
    inputs = 400
    draws = [candidate(_linear(inputs, 40), 20, 8.0).a.detach().float() for _ in range(2)]
    if torch.equal(*draws):
        raise NotYet("A must be drawn at random: two layers got the same numbers")
    spread, centre = float(draws[0].std()), float(draws[0].mean())
    if not 0.0005 < spread < 4 / math.sqrt(inputs) or abs(centre) > spread / 2:
        raise NotYet(
            "A must start with small random numbers around 0, about 1 / sqrt(inputs) in size",
            given=Words(f"a layer with {inputs} inputs, rank 20"),
            got=Words(f"mean {centre:.3f}, standard deviation {spread:.4f}"),
            expected=Words(f"a mean near 0, a standard deviation near {1 / math.sqrt(inputs):.2f}"),
        )


def _wrong_layer(scale=lambda alpha, rank: alpha / rank, start=torch.zeros, frozen=True, zero_a=False, with_base=True):
    """A LoRA layer with one mistake."""

    def make(linear, rank, alpha):
        layer = taught.lora_layer(linear, rank, alpha)
        layer.b = torch.nn.Parameter(start(linear.out_features, rank))
        if zero_a:
            layer.a = torch.nn.Parameter(torch.zeros(rank, linear.in_features))
        linear.requires_grad_(not frozen)  # the layer's `base`
        layer.forward = lambda x: (
            linear(x) * with_base + scale(alpha, rank) * (x.to(layer.a.dtype) @ layer.a.T @ layer.b.T).to(x.dtype)
        )
        return layer

    return make


def _alike_layers(one, other) -> bool:
    """Two layers are alike when they start alike, train the same weights and give the same with the same numbers in A and B."""
    try:
        first, second = _portrait(one), _portrait(other)
    except Exception:
        return False
    return first[0] == second[0] and torch.allclose(first[1], second[1], atol=1e-4)


def _portrait(layer):
    starts = [bool((getattr(layer, name).detach() == 0).all()) for name in ("a", "b")]
    trained = sorted(name for name, weight in layer.named_parameters() if weight.requires_grad)
    shapes = [tuple(getattr(layer, name).shape) for name in ("a", "b")]
    before = [weight.detach().clone() for weight in (layer.a, layer.b)]
    _fill(layer)
    result = layer(torch.linspace(-2, 2, 2 * layer.a.shape[1]).reshape(2, -1)).detach()
    with torch.no_grad():
        for weight, value in zip((layer.a, layer.b), before, strict=True):
            weight.copy_(value)  # the same layer is compared with several others
    return (starts, trained, shapes), result


# ------------------------------------------------------------------ 4 · an interval over seeds

SEEDS = [
    ([0.52, 0.55, 0.50], [0.56, 0.60, 0.57]),
    ([71.4, 76.2, 68.6], [70.5, 75.2, 69.5]),
    ([10.0, 20.0, 30.0], [9.0, 19.0, 29.5]),  # far apart between seeds, close together within each
    ([1.0, 3.0], [0.0, 1.0]),
    ([0.1, 0.4, 0.2, 0.9, 0.3], [0.0, 0.1, 0.2, 0.3, 0.4]),
    ([-1.0, 2.0, 0.5, 4.0], [0.0, 0.0, 0.0, 0.0]),
]


def check_seed_interval(candidate) -> None:
    """Two to five seeds, small and large units, seeds that differ much and pairs that do not."""
    names, different = ("a", "b"), "these are not the ends of the interval"
    compare(candidate, taught.seed_interval, SEEDS, names, different, _two_numbers, _close)


def _two_numbers(got) -> list[float]:
    ends = list_of(float, number)(list(got) if isinstance(got, tuple | np.ndarray) else got)
    if len(ends) != 2:
        raise NotYet(f"return two numbers, low and high, not {len(ends)}")
    return ends


def _close(got, expected) -> bool:
    return bool(np.allclose(got, expected, rtol=2e-3, atol=1e-6))  # 4.30 for 4.3027 will do


def _interval(factor=lambda n: stats.t.ppf(0.975, n - 1), ddof=1, root=math.sqrt):
    """The interval with one mistake."""

    def make(a, b):
        differences = np.subtract(a, b)
        half = factor(len(differences)) * differences.std(ddof=ddof) / root(len(differences))
        return differences.mean() - half, differences.mean() + half

    return make


def _unpaired(a, b):
    n = len(a)
    half = stats.t.ppf(0.975, 2 * n - 2) * math.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / n)
    return np.mean(a) - np.mean(b) - half, np.mean(a) - np.mean(b) + half


EXERCISES = [
    Exercise(
        number=1,
        title="Repair the template",
        reference=taught.chat_text,
        check=check_chat_text,
        probes=TALKS,
        hints=(
            (
                "Write one turn first: `<|im_start|>`, the role, a line break, the content, `<|im_end|>`, a line break."
                " The line breaks are part of it."
            ),
            (
                "Join the turns of all messages. Whether the answer is opened depends on `open_answer` alone, not on"
                " the last message."
            ),
            'At the end add `"<|im_start|>assistant\\n"` when `open_answer` is true, else nothing.',
        ),
        misconceptions=(
            Misconception(
                "the answer is never opened",
                lambda messages, open_answer=True: _turns(messages),
                "That is symptom B: nobody opened the assistant's turn, so the model must write `<|im_start|>assistant`"
                " itself. Open it when `open_answer` is true.",
            ),
            Misconception(
                "turns that do not end",
                lambda messages, open_answer=True: _open(
                    _turns(messages, "<|im_start|>{role}\n{content}\n"), open_answer
                ),
                "That is symptom A: without `<|im_end|>` after the content no turn ends. The model closes the turn for"
                " you, or does not learn to end its own.",
            ),
            Misconception(
                "the user's turn opened",
                lambda messages, open_answer=True: _turns(messages) + ("<|im_start|>user\n" if open_answer else ""),
                "That is symptom C: you open a turn of the user, so the model goes on asking. Open one of the"
                " `assistant`.",
            ),
            Misconception(
                "the answer is always opened",
                lambda messages, open_answer=True: _open(_turns(messages), True),
                "You open an answer even when `open_answer` is False. A whole example for training would end with an"
                " empty turn, and the model would learn to start another.",
            ),
            Misconception(
                "the last line break is lost",
                lambda messages, open_answer=True: _open(_turns(messages), open_answer).rstrip("\n"),
                "The last line break is missing. The template ends each line with one, the last line, too.",
            ),
            Misconception(
                "the line break after the role is lost",
                lambda messages, open_answer=True: _open(
                    _turns(messages, "<|im_start|>{role} {content}<|im_end|>\n"), open_answer
                ),
                "Role and content are separated by a line break, not by a space: to the model these are other tokens"
                " than those it was trained on.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The mask",
        reference=taught.answer_labels,
        check=check_answer_labels,
        probes=MASKS,
        hints=(
            "Both lists are as long as prompt + answer + 1. The ids hide nothing; only the labels do.",
            "What is taught is the answer followed by the end mark. Everything before it gets -100.",
            "`[-100] * len(prompt)` makes the first part of the labels.",
        ),
        misconceptions=(
            Misconception(
                "the end mark is not taught",
                lambda prompt, answer, end: (prompt + answer + [end], [-100] * len(prompt) + answer + [-100]),
                "The label of the end mark is -100, so the model never learns when to stop: it will go on writing after"
                " the answer.",
            ),
            Misconception(
                "masked by value",
                lambda prompt, answer, end: (
                    prompt + answer + [end],
                    [-100 if token in prompt else token for token in prompt + answer + [end]],
                ),
                "You mask by value: a token of the answer that also stands in the prompt is lost. Mask by place: the"
                " first `len(prompt)` labels are -100.",
            ),
            Misconception(
                "everything is taught",
                lambda prompt, answer, end: (prompt + answer + [end], prompt + answer + [end]),
                "The loss sees the whole prompt too: nearly all of the training would go into writing contracts. Give"
                " the prompt the label -100.",
            ),
            Misconception(
                "labels shifted by hand",
                lambda prompt, answer, end: (
                    prompt + answer + [end],
                    [*([-100] * len(prompt) + answer + [end])[1:], -100],
                ),
                "You shifted the labels by one. The model compares the prediction at each place with the **next** label"
                " itself; shifted twice, it learns to skip a token.",
            ),
            Misconception(
                "0 instead of -100",
                lambda prompt, answer, end: (prompt + answer + [end], [0] * len(prompt) + answer + [end]),
                "0 is the id of a real token: the model would learn to write it after every word of the prompt. The"
                " label that is left out is -100.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The LoRA layer",
        reference=taught.lora_layer,
        check=check_lora_layer,
        probes=[(_linear(6, 4), 2, 8.0), (_linear(5, 9), 3, 3.0)],
        alike=_alike_layers,
        hints=(
            (
                "Inside the function define a class that inherits from `torch.nn.Module`: `__init__` calls"
                " `super().__init__()` and keeps `base`, `a` and `b`; `forward(x)` adds the correction to"
                " `self.base(x)`."
            ),
            (
                "`linear.requires_grad_(False)` freezes the layer and returns it. `torch.nn.Parameter(...)` makes a"
                " trainable tensor."
            ),
            (
                "For x of shape (..., inputs) the correction is `x @ a.T @ b.T`; take x to the type of `a` first, and"
                " the result back to the type of x."
            ),
        ),
        misconceptions=(
            Misconception(
                "B starts at random",
                _wrong_layer(start=lambda *shape: torch.full(shape, 0.5)),
                "B does not start at 0, so the layer is another layer before the first step. With B = 0 training starts"
                " from what the model knew.",
            ),
            Misconception(
                "both start at 0",
                _wrong_layer(zero_a=True),
                "A and B both start at 0: then the gradient of each is 0 too, and nothing is ever learned. Draw A at"
                " random.",
            ),
            Misconception(
                "not scaled by the rank",
                _wrong_layer(scale=lambda alpha, rank: alpha),
                "The correction is scaled by alpha, not by alpha / rank: a higher rank would then need another learning"
                " rate.",
            ),
            Misconception(
                "not scaled at all",
                _wrong_layer(scale=lambda alpha, rank: 1.0),
                "The correction is not scaled: alpha has no effect. Multiply it by alpha / rank.",
            ),
            Misconception(
                "alpha and rank turned round",
                _wrong_layer(scale=lambda alpha, rank: rank / alpha),
                "The correction is scaled by rank / alpha. It is alpha / rank: a larger alpha makes it stronger.",
            ),
            Misconception(
                "the layer itself is left out",
                _wrong_layer(with_base=False),
                "Your result is the correction alone. LoRA adds it to what the frozen layer gives: `self.base(x) + ...`.",
            ),
            Misconception(
                "the base is not frozen",
                _wrong_layer(frozen=False),
                "The weights of the layer still want a gradient: that is full fine-tuning with something on top. Freeze"
                " them.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="An interval over seeds",
        reference=taught.seed_interval,
        check=check_seed_interval,
        probes=SEEDS,
        hints=(
            "Pair first: `np.subtract(a, b)` gives one difference for each seed. Everything else is about these.",
            "The half width is the factor times `differences.std(ddof=1)`, divided by the root of their number.",
            "`stats.t.ppf(0.975, len(differences) - 1)` is the factor; return mean minus half and mean plus half.",
        ),
        misconceptions=(
            Misconception(
                "1.96 instead of Student's t",
                _interval(factor=lambda n: 1.96),
                "Your factor is 1.96, that of very many seeds. With three seeds the SD itself is uncertain, and 1.96"
                " gives a false alarm in 19 of 100 cases. Use `stats.t.ppf(0.975, n - 1)`.",
            ),
            Misconception(
                "the signs turned round",
                lambda a, b: _interval()(b, a),
                "The signs are turned round: you take b - a. It is a minus b, so that above 0 means that a is higher.",
            ),
            Misconception(
                "not paired",
                _unpaired,
                "You compared two groups. The same seed stands behind a[i] and b[i]: subtract first, then what both"
                " share cancels out.",
            ),
            Misconception(
                "the SD of the differences, not of their mean",
                _interval(root=lambda n: 1.0),
                "That is where the next difference may lie. The mean of n differences moves less: divide by √n.",
            ),
            Misconception(
                "one degree of freedom too many",
                _interval(factor=lambda n: stats.t.ppf(0.975, n)),
                "n differences from their own mean have n - 1 degrees of freedom.",
            ),
            Misconception(
                "the SD divided by n",
                _interval(ddof=0),
                "`std` divides by n unless you say `ddof=1`. The mean was computed from the same numbers, so divide by"
                " n - 1.",
            ),
            Misconception(
                "one-sided",
                _interval(factor=lambda n: stats.t.ppf(0.95, n - 1)),
                "The 0.95 quantile leaves 5 % on each side, so your interval is one of 90 %. Take 0.975.",
            ),
        ),
    ),
]
