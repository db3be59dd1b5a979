"""The language model as a LangChain chat model whose `batch` really batches."""

import copy
import ctypes
import gc
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from ..settings import cache_dir
from .cache import DiskCache, cache_key
from .offline import LLM, ModelError, ready_folder

ROLES = {"human": "user", "ai": "assistant", "system": "system"}


def load_chat_model(model: str | None = None, max_new_tokens: int = 32) -> BaseChatModel:
    """The chat model that `model` names.

    None: the offline model. "provider:name": a hosted model, as `init_chat_model` writes it. A folder or "owner/name":
    a transformers model. Raises: ModelError for a name that is none of these or does not load.
    """
    kind = model_kind(model)
    if kind == "offline":
        return LocalChat.load(str(ready_folder(LLM)), f"offline {LLM.sha256[:12]}", max_new_tokens)
    return _hosted(model, max_new_tokens) if kind == "hosted" else LocalChat.load(model, model, max_new_tokens)


def model_kind(model: str | None) -> str:
    """offline | folder | hub | hosted, by the form of the name alone. Raises: ModelError when it has none of these
    forms.

    >>> model_kind(None), model_kind("ollama:llama3.2"), model_kind("HuggingFaceTB/SmolLM2-360M-Instruct")
    ('offline', 'hosted', 'hub')
    """
    if model is None:
        return "offline"
    if model and Path(model).is_dir():
        return "folder"
    if ":" in model:
        return "hosted"
    if model.count("/") == 1 and not model.startswith((".", "/", "~")):
        return "hub"
    raise ModelError(
        f"unknown model {model!r}. Use None for the offline model, a folder that exists, a hub name such as "
        "'HuggingFaceTB/SmolLM2-360M-Instruct', or a hosted model such as 'ollama:llama3.2'."
    )


class LocalChat(BaseChatModel):
    """A transformers model that answers greedily, in batches sorted by length, and remembers its answers on disk.

    batch_tokens: most prompt tokens in one call of `generate`, padding included; it bounds the memory (in fp32 half as
    many go). What all prompts of a batch begin with (instruction, worked example) is read once and its keys and values
    are shared. Each answer carries `usage_metadata` (tokens) and `response_metadata` (seconds of compute, cached or
    not).
    """

    model: Any
    tokenizer: Any
    identity: str
    max_new_tokens: int = 32
    batch_tokens: int = 3600
    use_cache: bool = True
    _cache: DiskCache = PrivateAttr(default_factory=lambda: DiskCache(cache_dir() / "answers.sqlite"))

    @classmethod
    def load(cls, name: str, identity: str, max_new_tokens: int = 32) -> "LocalChat":
        """Load weights and tokenizer in the precision that suits this processor; no code from the model's folder is
        run."""
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        free_memory()
        dtype, device = best_dtype()
        try:
            model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype).to(device).eval()
            tokenizer = AutoTokenizer.from_pretrained(name, padding_side="left")
        except (OSError, ValueError) as error:
            raise ModelError(f"The model {name!r} could not be loaded: {str(error).splitlines()[0]}") from error
        model.get_output_embeddings().register_forward_pre_hook(_contiguous)
        return cls(model=model, tokenizer=tokenizer, identity=f"{identity} {dtype}", max_new_tokens=max_new_tokens)

    @property
    def _llm_type(self) -> str:
        return "local-transformers"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.answer([messages])[0])])

    def batch(self, inputs: Sequence[LanguageModelInput], config: Any = None, **kwargs: Any) -> list[AIMessage]:
        """Answer many prompts together: about five times as fast as one by one on two cores (tools/bench.py)."""
        return self.answer([self._convert_input(one).to_messages() for one in inputs])

    def answer(self, conversations: Sequence[Sequence[BaseMessage]]) -> list[AIMessage]:
        """One answer for each conversation, in order. Raises: ValueError when a prompt is longer than the model
        reads."""
        prompts = [self.prompt(messages) for messages in conversations]
        keys = [cache_key(model=self.identity, prompt=prompt, max_new_tokens=self.max_new_tokens) for prompt in prompts]
        known = {key: json.loads(value) for key, value in self._cache.get_many(keys).items()} if self.use_cache else {}
        answers = {key: _message(entry, cached=True) for key, entry in known.items()}
        for entries in self._complete(
            {key: prompt for key, prompt in zip(keys, prompts, strict=True) if key not in answers}
        ):
            self._cache.put_many({key: json.dumps(entry).encode() for key, entry in entries.items()})
            answers.update({key: _message(entry, cached=False) for key, entry in entries.items()})
        return [answers[key] for key in keys]

    def prompt(self, messages: Sequence[BaseMessage]) -> str:
        """The text the model really sees: the messages in its chat template."""
        turns = [{"role": ROLES.get(message.type, message.type), "content": message.text} for message in messages]
        return self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)

    def _complete(self, prompts: dict[str, str]) -> Iterator[dict[str, dict]]:
        """Generate group by group, so that an interruption loses one group at most."""
        from tqdm import tqdm

        tokens = {key: self.tokenizer(prompt, add_special_tokens=False)["input_ids"] for key, prompt in prompts.items()}
        longest, limit = max(map(len, tokens.values()), default=0), self.model.config.max_position_embeddings
        if longest + self.max_new_tokens > limit:
            raise ValueError(f"a prompt of {longest} tokens is too long: this model reads {limit}. Give it less.")
        with tqdm(total=len(tokens), desc="answers", unit="answer", disable=len(tokens) < 8, mininterval=5) as bar:
            shared = self._read_shared(list(tokens.values()))
            for group in _groups(tokens, self.batch_tokens * 2 // self.model.dtype.itemsize):
                yield self._generate_group(group, shared)
                bar.update(len(group))
                trim_memory()

    def _read_shared(self, prompts: list[list[int]]) -> tuple[list[int], Any]:
        """(tokens that all prompts begin with, their keys and values): read once for the whole batch."""
        import torch

        prefix = [tokens[0] for tokens in takewhile(lambda tokens: len(set(tokens)) == 1, zip(*prompts, strict=False))]
        if len(prompts) < 2 or not prefix:
            return [], None
        prefix = prefix[: min(map(len, prompts)) - 1]  # at least one token is left to read
        with torch.inference_mode():
            return (
                prefix,
                self.model(torch.tensor([prefix], device=self.model.device), logits_to_keep=1).past_key_values,
            )

    def _generate_group(self, group: dict[str, list[int]], shared: tuple[list[int], Any]) -> dict[str, dict]:
        """One call of `generate`. Padding stands between the shared beginning and the rest; positions do not count
        it."""
        import torch

        started, (prefix, keys_values) = time.perf_counter(), shared
        rests = self.tokenizer.pad({"input_ids": [ids[len(prefix) :] for ids in group.values()]}, return_tensors="pt")
        front = torch.tensor([prefix] * len(group), dtype=torch.long)
        fronts = {"input_ids": front, "attention_mask": torch.ones_like(front)}
        inputs = {name: torch.cat([fronts[name], rests[name]], 1).to(self.model.device) for name in fronts}
        if prefix:
            inputs["past_key_values"] = copy.deepcopy(keys_values)
            inputs["past_key_values"].batch_repeat_interleave(len(group))
        with torch.inference_mode():
            output = self.model.generate(**inputs, max_new_tokens=self.max_new_tokens, do_sample=False)
        new = output[:, inputs["input_ids"].shape[1] :]
        seconds = (time.perf_counter() - started) / len(group)
        return {key: self._entry(len(ids), row, seconds) for (key, ids), row in zip(group.items(), new, strict=True)}

    def _entry(self, prompt_tokens: int, row: Any, seconds: float) -> dict[str, Any]:
        count = int((row != self.tokenizer.pad_token_id).sum())
        text = self.tokenizer.decode(row, skip_special_tokens=True).strip()
        return {"text": text, "input_tokens": prompt_tokens, "output_tokens": count, "seconds": seconds}


def _contiguous(head: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Before the head: the last token of each prompt as a tensor of its own.

    From a slice and frozen weights (LoRA), `torch.matmul` would make a copy of the head for each prompt of the batch,
    0.9 GB for 16.
    """
    return tuple(one.contiguous() for one in inputs)


def best_dtype() -> tuple[Any, str]:
    """(dtype, device) for this machine: bf16 where the processor computes in it, else fp32; on a GPU bf16 or fp16.

    bf16 on a processor without avx512_bf16 or AMX is 40 to 500 times slower (pytorch issue 146508).
    """
    import torch

    if torch.cuda.is_available():
        return (torch.bfloat16 if torch.cuda.get_device_capability()[0] >= 8 else torch.float16), "cuda"
    fast = any(
        getattr(torch.cpu, name, lambda: False)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return (torch.bfloat16 if fast else torch.float32), "cpu"


def free_memory() -> None:
    """Let go of a model that was dropped (a peft model refers to itself; the search for it takes half a second), then
    `trim_memory`."""
    gc.collect()
    trim_memory()


def trim_memory() -> None:
    """On Linux, give the memory that is not in use back to the system."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _groups(tokens: dict[str, list[int]], budget: int) -> Iterator[dict[str, list[int]]]:
    """Prompts of similar length together, longest first, each group within the budget of padded tokens."""
    group: dict[str, list[int]] = {}
    for key, ids in sorted(tokens.items(), key=lambda item: -len(item[1])):
        if group and (len(group) + 1) * len(next(iter(group.values()))) > budget:
            yield group
            group = {}
        group[key] = ids
    if group:
        yield group


def _message(entry: dict[str, Any], cached: bool) -> AIMessage:
    used = {"input_tokens": entry["input_tokens"], "output_tokens": entry["output_tokens"]}
    usage = {**used, "total_tokens": sum(used.values())}
    return AIMessage(
        entry["text"], usage_metadata=usage, response_metadata={"seconds": entry["seconds"], "cached": cached}
    )


def _hosted(model: str, max_new_tokens: int) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(model, temperature=0, max_tokens=max_new_tokens)
    except (ImportError, ValueError) as error:
        raise ModelError(f"The hosted model {model!r} could not be opened: {error}") from error
