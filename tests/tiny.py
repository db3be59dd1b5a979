"""Tiny models with random weights, in the shapes that people bring: for tests that need no download."""

from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CHATML = (
    "{% for m in messages %}<s>{{ m['role'] }}\n{{ m['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
SIZES = {
    "vocab_size": 260, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 512, "initializer_range": 0.4,
    "bos_token_id": 256, "eos_token_id": 257, "pad_token_id": 257,
}  # fmt: skip
GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512, "vocab_size": 260, "initializer_range": 0.4}
LONG = {
    "original_max_position_embeddings": 90,
    "rope_parameters": {
        "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0] * 4, "long_factor": [4.0] * 4,
        "original_max_position_embeddings": 90,
    },
}  # fmt: skip
ADDS = tuple(f"{end}.weight" for end in ("o_proj", "attention.dense", "c_proj", "out_proj", "self_attention.dense"))
SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama": ("llama", SIZES),
    "Llama, yarn": ("llama", SIZES | {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0}}),
    "Mistral": ("mistral", SIZES | {"sliding_window": None}),
    "Mistral, window of 40": ("mistral", SIZES | {"sliding_window": 40}),
    "Phi-3": ("phi3", SIZES | {"sliding_window": None}),
    "Phi-3, window of 40": ("phi3", SIZES | {"sliding_window": 40}),
    "Phi-3, long rope": ("phi3", SIZES | LONG),
    "Qwen2": ("qwen2", SIZES),
    "Qwen2, window of 40": (
        "qwen2", SIZES | {"use_sliding_window": True, "sliding_window": 40, "max_window_layers": 1},
    ),
    "Qwen3": ("qwen3", SIZES),
    "Gemma": ("gemma", SIZES),
    "Gemma2": ("gemma2", SIZES | {"tie_word_embeddings": False, "sliding_window": 40, "query_pre_attn_scalar": 8}),
    "Gemma3": ("gemma3_text", SIZES | {"tie_word_embeddings": False, "sliding_window": 40, "query_pre_attn_scalar": 8}),
    "Cohere2": ("cohere2", SIZES | {"sliding_window": 40}),
    "SmolLM3": ("smollm3", SIZES),
    "Olmo2": ("olmo2", SIZES),
    "Granite": ("granite", SIZES),
    "StableLM": ("stablelm", SIZES),
    "GPT-NeoX": ("gpt_neox", SIZES),
    "GPT-2": ("gpt2", GPT2 | {"bos_token_id": 256, "eos_token_id": 257}),
    "GPT-Neo": ("gpt_neo", {
        "hidden_size": 32, "num_layers": 2, "num_heads": 4, "attention_types": [[["global", "local"], 1]],
        "window_size": 40, "vocab_size": 260, "max_position_embeddings": 512, "initializer_range": 0.4,
        "bos_token_id": 256, "eos_token_id": 257,
    }),
    "OPT": ("opt", SIZES | {"ffn_dim": 48, "word_embed_proj_dim": 32, "init_std": 0.4}),
    "Bloom": ("bloom", {
        "hidden_size": 32, "n_layer": 2, "n_head": 4, "vocab_size": 260, "initializer_range": 0.4,
        "bos_token_id": 256, "eos_token_id": 257, "pad_token_id": 257,
    }),
    "MPT": ("mpt", {
        "d_model": 32, "n_layers": 2, "n_heads": 4, "vocab_size": 260, "max_seq_len": 512, "initializer_range": 0.4,
        "bos_token_id": 256, "eos_token_id": 257,
    }),
    "Mamba": ("mamba", {
        "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8, "vocab_size": 260, "initializer_range": 0.4,
        "bos_token_id": 256, "eos_token_id": 257, "pad_token_id": 257,
    }),
    "Mamba2": ("mamba2", {
        "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8, "vocab_size": 260, "num_heads": 8, "head_dim": 8,
        "n_groups": 1, "initializer_range": 0.4, "bos_token_id": 256, "eos_token_id": 257, "pad_token_id": 257,
    }),
    "RecurrentGemma": ("recurrent_gemma", SIZES | {
        "lru_width": 32, "attention_window_size": 40, "block_types": ["recurrent", "attention"],
    }),
    "Qwen3-Next": ("qwen3_next", SIZES | {
        "linear_num_key_heads": 2, "linear_num_value_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
        "layer_types": ["linear_attention", "full_attention"], "num_experts": 2, "num_experts_per_tok": 1,
        "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16,
    }),
    "Llama4": ("llama4_text", SIZES | {
        "attention_chunk_size": 40, "num_local_experts": 2, "num_experts_per_tok": 1, "intermediate_size_mlp": 48,
        "interleave_moe_layer_step": 2,
    }),
    "Mixtral": ("mixtral", SIZES | {"num_local_experts": 2, "num_experts_per_tok": 1, "sliding_window": None}),
}  # fmt: skip


def tiny_model(shape: str = "Llama", seed: int = 1) -> Any:
    """A model of that shape in fp32. What its layers add outweighs the token itself, so that a wrong position or mask
    changes the answer."""
    kind, sizes = SHAPES[shape]
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **sizes)).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(ADDS):
                weight.mul_(8)
    return model


def tiny_offline(seed: int = 1) -> LlamaForCausalLM:
    """A tiny model that reads the tokens of the offline one."""
    torch.manual_seed(seed)
    sizes = {
        "vocab_size": 49152, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 128,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2,
    }  # fmt: skip
    return LlamaForCausalLM(LlamaConfig(**sizes))


@cache
def _bytes() -> dict[str, int]:
    return {sign: number for number, sign in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}


def tiny_tokenizer(template: str | None = CHATML, **marks: Any) -> Any:
    """One token for each byte, then <s>, </s> and <pad>; no pad token unless one is named."""
    tokenizer = Tokenizer(BPE(vocab=_bytes(), merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>", "</s>", "<pad>"])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", **marks)
    fast.chat_template = template
    return fast


def tiny_folder(folder: Path, shape: str = "Llama", seed: int = 1, template: str | None = CHATML, **saving: Any) -> str:
    """A model folder as people have it. saving: for save_pretrained, e.g. max_shard_size."""
    tiny_model(shape, seed).save_pretrained(folder, **saving)
    tiny_tokenizer(template).save_pretrained(folder)
    return str(folder)
