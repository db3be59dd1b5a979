"""What the shape of a model allows: how much it reads, how it ends, and which prompts can be read together."""

import inspect
import math
from typing import Any

# Position comes from a rotation alone, and every layer sees everything: shown equal by tests/test_batching.py.
SHARING = frozenset(
    "gemma gpt_neox granite llama mistral mixtral olmo2 phi3 qwen2 qwen3 smollm3 stablelm".split()  # noqa: SIM905
)
STATIC_ROPE = {"default", "linear", "llama3", "yarn"}  # others turn with the longest prompt of the batch
LENGTHS = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length", "n_ctx")
WINDOWS = ("sliding_window", "attention_chunk_size", "attention_window_size", "window_size", "local_attention")


def longest_prompt(model: Any) -> float:
    """How many tokens a model reads, by the name that its configuration uses; infinity where nothing bounds it."""
    text = model.config.get_text_config()
    sizes = (getattr(text, name, None) for name in LENGTHS)
    return next((size for size in sizes if isinstance(size, int) and size > 0), math.inf)


def ends(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: one or several, of the generation config, else of the tokenizer."""
    found = model.generation_config.eos_token_id
    found = tokenizer.eos_token_id if found is None else found
    return [] if found is None else [found] if isinstance(found, int) else list(found)


def greedy(config: Any) -> Any:
    """A generation config with the marks of this one and none of its habits (beams, penalties, stop texts): a penalty
    for repetition counts the padding too, and so the other prompts of a batch."""
    names = ("bos_token_id", "eos_token_id", "pad_token_id")
    return type(config)(**{name: getattr(config, name) for name in names})


def filler(model: Any, tokenizer: Any) -> int:
    """A token to pad with that the model knows: its own, else one that ends an answer. It is masked, so any will do."""
    known = model.get_input_embeddings().weight.shape[0]
    wanted = (tokenizer.pad_token_id, model.generation_config.pad_token_id, *ends(model, tokenizer), 0)
    return next(token for token in wanted if isinstance(token, int) and 0 <= token < known)


def can_share(model: Any) -> bool:
    """May padding stand between a beginning that prompts share and their rests? Only where every layer sees all."""
    text = model.config.get_text_config()
    windows = any(getattr(text, name, None) for name in WINDOWS)
    whole = set(getattr(text, "layer_types", None) or ()) <= {"full_attention"}
    return text.model_type in SHARING and whole and not windows and _rope_types(text) <= STATIC_ROPE


def can_pad(model: Any) -> bool:
    """May prompts of different length be padded on the left? Not where a state runs through the padding, where position
    is counted from the first place, or where the rotation follows the longest prompt."""
    inner = model.get_base_model() if hasattr(model, "peft_config") else model
    text = model.config.get_text_config()
    attends = set(getattr(text, "layer_types", None) or ()) <= {"full_attention", "sliding_attention"}
    counted = "position_ids" in inspect.signature(inner.forward).parameters
    return counted and attends and not inner._is_stateful and _rope_types(text) <= STATIC_ROPE


def _rope_types(text: Any) -> set[str]:
    """The kinds of rotation that a configuration names, in any of its layers."""
    found, left = set(), [getattr(text, "rope_parameters", None), getattr(text, "rope_scaling", None)]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            found |= {part[key] for key in ("rope_type", "type") if isinstance(part.get(key), str)}
            left += part.values()
    return found
