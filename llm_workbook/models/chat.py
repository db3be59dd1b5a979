"""The language model as a LangChain chat model whose `batch` really batches."""

import copy
import ctypes
import gc
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult, LLMResult
from langchain_core.runnables.config import get_callback_manager_for_config, get_config_list
from pydantic import PrivateAttr

from ..settings import cache_dir
from .cache import DiskCache, cache_key
from .folder import first_line, folder_sha256, hub_folder, refuse_no_language_model
from .offline import LLM, ModelError, needs_local, ready_folder
from .shape import can_pad, can_share, ends, filler, greedy, longest_prompt
from .template import NEXT_TURN, chat_prompt


def load_chat_model(model: str | None = None, max_new_tokens: int = 32) -> BaseChatModel:
    """The chat model that `model` names.

    None: the offline model. "provider:name": a hosted model, as `init_chat_model` writes it. A folder or "owner/name":
    a transformers model. Answers are kept under what the model consists of: the hash of its files, or the commit of a
    hub model; of a hosted model only its name and address are known. Raises: ModelError for a name that is none of
    these or does not load.
    """
    if model is None:
        return LocalChat.load(str(ready_folder(LLM)), f"offline {LLM.sha256[:12]}", max_new_tokens)
    kind = model_kind(model)
    if kind == "hosted":
        from .hosted import open_hosted

        return open_hosted(model, max_new_tokens)
    if kind == "hub":
        commit = hub_folder(model).name
        return LocalChat.load(model, f"{model} {commit}", max_new_tokens, revision=commit)
    folder = Path(model).expanduser()
    refuse_no_language_model(folder)
    return LocalChat.load(str(folder), f"folder {folder_sha256(folder)[:32]}", max_new_tokens)


def load_local_model(model: str | None = None, max_new_tokens: int = 32) -> "LocalChat":
    """As `load_chat_model`, for work that trains a model or looks inside it. Raises: ModelError for a hosted model."""
    chat = load_chat_model(model, max_new_tokens)
    if not isinstance(chat, LocalChat):
        raise ModelError(needs_local(str(model)))
    return chat


def model_kind(model: str | None) -> str:
    """offline | folder | hub | hosted, by the form of the name alone. Raises: ModelError when it has none of these
    forms.

    >>> model_kind(None), model_kind("ollama:llama3.2"), model_kind("HuggingFaceTB/SmolLM2-360M-Instruct")
    ('offline', 'hosted', 'hub')
    """
    if model is None:
        return "offline"
    if isinstance(model, str) and model:
        if Path(model).expanduser().is_dir():
            return "folder"
        if re.match(r"[A-Za-z][\w-]+:.", model):  # one letter is a disk of Windows
            return "hosted"
        if re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", model):
            return "hub"
    raise ModelError(
        f"unknown model {model!r}. Use None for the offline model, a folder that exists, a hub name such as "
        "'HuggingFaceTB/SmolLM2-360M-Instruct', or a hosted model such as 'ollama:llama3.2'."
    )


def require_local(model: str | None) -> None:
    """Raises: ModelError, with a sentence, for a hosted model: its weights cannot be read or trained here."""
    if model_kind(model) == "hosted":
        raise ModelError(needs_local(str(model)))


class LocalChat(BaseChatModel):
    """A transformers model that answers greedily, in batches sorted by length, and remembers its answers on disk.

    batch_tokens: most prompt tokens in one call of `generate`, padding included; it bounds the memory (in fp32 half as
    many go). What all prompts of a batch begin with (instruction, worked example) is read once and its keys and values
    are shared, where the model's shape allows it. An answer never depends on what else is in the batch. `stop` cuts an
    answer, callbacks are called; other arguments of `invoke` and `batch` are refused. Each answer carries
    `usage_metadata` (tokens, with the one that ends the answer) and `response_metadata` (seconds of compute, cached or
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
    def load(cls, name: str, identity: str, max_new_tokens: int = 32, **where: Any) -> "LocalChat":
        """Load weights and tokenizer in the precision that suits this processor; no code from the model's folder is
        run.

        where: a hub revision. Raises: ModelError, with a sentence, for whatever does not load or is no language model.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        free_memory()
        dtype, device = best_dtype()
        try:
            # output_loading_info makes it a pair, which the annotation of transformers leaves out
            model, told = AutoModelForCausalLM.from_pretrained(  # pyright: ignore[reportGeneralTypeIssues]
                name, dtype=dtype, output_loading_info=True, **where
            )
            tokenizer = AutoTokenizer.from_pretrained(name, padding_side="left", **where)
        except Exception as error:  # a damaged folder raises anything: KeyError, RuntimeError, SafetensorError
            raise ModelError(f"The model {name!r} could not be loaded: {first_line(error)}") from error
        if problem := _unfit(model, tokenizer, told["missing_keys"]):
            raise ModelError(f"The model {name!r} {problem}")
        model.generation_config = greedy(model.generation_config)
        if head := model.get_output_embeddings():
            head.register_forward_pre_hook(_contiguous)
        identity = f"{identity} {dtype}"
        return cls(model=model.to(device).eval(), tokenizer=tokenizer, identity=identity, max_new_tokens=max_new_tokens)

    @property
    def _llm_type(self) -> str:
        return "local-transformers"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        _refuse_arguments(kwargs)
        return ChatResult(generations=[ChatGeneration(message=self.answer([messages], stop)[0])])

    def batch(
        self,
        inputs: Sequence[LanguageModelInput],
        config: Any = None,
        *,
        return_exceptions: bool = False,
        stop: Sequence[str] | str | None = None,
        **kwargs: Any,
    ) -> list[AIMessage]:
        """Answer many prompts together: about five times as fast as one by one on two cores (tools/bench.py).

        config: one, or one for each input; its callbacks see the start and the end of each answer. What one prompt
        raises, all raise: return_exceptions changes nothing. Raises: ValueError as `answer`, or for other arguments.
        """
        _refuse_arguments(kwargs)
        conversations = [self._convert_input(one).to_messages() for one in inputs]
        watchers = [
            get_callback_manager_for_config(one).on_chat_model_start(
                {"name": self.get_name()}, [messages], name=one.get("run_name"), run_id=one.get("run_id")
            )[0]
            for one, messages in zip(get_config_list(config, len(inputs)), conversations, strict=True)
        ]
        try:
            replies = self.answer(conversations, stop)
        except BaseException as error:
            for watcher in watchers:
                watcher.on_llm_error(error)
            raise
        for watcher, reply in zip(watchers, replies, strict=True):
            watcher.on_llm_end(LLMResult(generations=[[ChatGeneration(message=reply)]]))
        return replies

    def answer(
        self, conversations: Sequence[Sequence[BaseMessage]], stop: Sequence[str] | str | None = None
    ) -> list[AIMessage]:
        """One answer for each conversation, in order, cut at the first text of `stop`.

        Raises: ValueError when a prompt is longer than the model reads.
        """
        prompts = [self.prompt(messages) for messages in conversations]
        keys = [cache_key(model=self.identity, prompt=prompt, max_new_tokens=self.max_new_tokens) for prompt in prompts]
        stops = [*([stop] if isinstance(stop, str) else stop or ()), *(() if self._has_template else [NEXT_TURN])]
        answers: dict[str, AIMessage] = {}
        for key, value in self._cache.get_many(keys).items() if self.use_cache else ():
            with suppress(ValueError, LookupError, TypeError):  # a damaged entry is asked again
                answers[key] = _message(json.loads(value), stops, cached=True)
        missing = {key: prompt for key, prompt in zip(keys, prompts, strict=True) if key not in answers}
        for entries in self._complete(missing):
            if self.use_cache:
                self._cache.put_many({key: json.dumps(entry).encode() for key, entry in entries.items()})
            answers.update({key: _message(entry, stops, cached=False) for key, entry in entries.items()})
        return [answers[key] for key in keys]

    def prompt(self, messages: Sequence[BaseMessage]) -> str:
        """The text the model really sees: the messages in its chat template, as `chat_prompt` describes."""
        return chat_prompt(self.tokenizer, messages)

    @property
    def _has_template(self) -> bool:
        return bool(getattr(self.tokenizer, "chat_template", None))

    def _complete(self, prompts: dict[str, str]) -> Iterator[dict[str, dict]]:
        """Generate group by group, so that an interruption loses one group at most."""
        from tqdm import tqdm

        marks = not self._has_template  # a template writes them itself
        tokens = {key: self.tokenizer(text, add_special_tokens=marks)["input_ids"] for key, text in prompts.items()}
        longest, limit = max(map(len, tokens.values()), default=0), longest_prompt(self.model)
        if longest + self.max_new_tokens > limit:
            raise ValueError(f"a prompt of {longest} tokens is too long: this model reads {limit}. Give it less.")
        budget = self.batch_tokens * 2 // self.model.dtype.itemsize
        with tqdm(total=len(tokens), desc="answers", unit="answer", disable=len(tokens) < 8, mininterval=5) as bar:
            shared = self._read_shared(list(tokens.values()))
            for group in _groups(tokens, budget, can_pad(self.model)):
                yield self._generate_group(group, shared)
                bar.update(len(group))
                trim_memory()

    def _read_shared(self, prompts: list[list[int]]) -> tuple[list[int], Any]:
        """(tokens that all prompts begin with, their keys and values): read once for the whole batch."""
        import torch

        prefix = [tokens[0] for tokens in takewhile(lambda tokens: len(set(tokens)) == 1, zip(*prompts, strict=False))]
        if len(prompts) < 2 or not prefix or not can_share(self.model):
            return [], None
        prefix = prefix[: min(map(len, prompts)) - 1]  # at least one token is left to read
        with torch.inference_mode():
            read = self.model(torch.tensor([prefix], device=self.model.device), logits_to_keep=1)
            return prefix, read.past_key_values

    def _generate_group(self, group: dict[str, list[int]], shared: tuple[list[int], Any]) -> dict[str, dict]:
        """One call of `generate`. Padding stands between the shared beginning and the rest; positions do not count
        it."""
        import torch

        started, (prefix, keys_values) = time.perf_counter(), shared
        width, pad = max(map(len, group.values())), filler(self.model, self.tokenizer)
        rows = [(ids, width - len(ids)) for ids in group.values()]
        ids = [[*prefix, *[pad] * gap, *ids[len(prefix) :]] for ids, gap in rows]
        mask = [[1] * len(prefix) + [0] * gap + [1] * (len(ids) - len(prefix)) for ids, gap in rows]
        device, most = self.model.device, self.max_new_tokens
        inputs: dict[str, Any] = {"input_ids": torch.tensor(ids, device=device)}
        inputs["attention_mask"] = torch.tensor(mask, device=device)
        if prefix:
            inputs["past_key_values"] = copy.deepcopy(keys_values)
            inputs["past_key_values"].batch_repeat_interleave(len(group))
        marks = {"pad_token_id": pad, "eos_token_id": ends(self.model, self.tokenizer) or None}
        with torch.inference_mode():
            output = self.model.generate(**inputs, **marks, max_new_tokens=most, do_sample=False)
        new, seconds = output[:, width:].tolist(), (time.perf_counter() - started) / len(group)
        return {key: self._entry(len(ids), row, seconds) for (key, ids), row in zip(group.items(), new, strict=True)}

    def _entry(self, prompt_tokens: int, row: list[int], seconds: float) -> dict[str, Any]:
        """What is kept of one answer. The token that ends it is counted: it was computed; what pads it was not."""
        last = set(ends(self.model, self.tokenizer))
        count = next((place + 1 for place, token in enumerate(row) if token in last), len(row))
        text = self.tokenizer.decode(row[:count], skip_special_tokens=True).strip()
        return {"text": text, "input_tokens": prompt_tokens, "output_tokens": count, "seconds": seconds}


def _unfit(model: Any, tokenizer: Any, missing: Sequence[str]) -> str:
    """Why what was loaded cannot answer, with what to do; "" when it can. missing: weights that no file gave."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as LANGUAGE_MODELS

    named = model.config.architectures or [type(model).__name__]
    if model.config.is_encoder_decoder or not set(named) & set(LANGUAGE_MODELS.values()):
        return f"is no model that writes text ({', '.join(named)}). Choose one of the kind ...ForCausalLM."
    if missing:
        some = ", ".join(sorted(missing)[:3])
        return f"is not whole: its files do not give {len(missing)} of its weights ({some}). Download it again, whole."
    if not tokenizer("a").get("input_ids"):
        return "has an empty tokenizer. Save it there: AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)"
    return ""


def _refuse_arguments(others: Mapping[str, Any]) -> None:
    if others:
        raise ValueError(
            f"this local model takes no argument {', '.join(sorted(others))}: it answers greedily, with at most"
            " max_new_tokens. Leave it out; of the arguments of invoke and batch it knows config and stop."
        )


def _contiguous(head: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Before the head: the last token of each prompt as a tensor of its own.

    From a slice and frozen weights (LoRA), `torch.matmul` would make a copy of the head for each prompt of the batch,
    0.9 GB for 16.
    """
    return tuple(one.contiguous() for one in inputs)


def best_dtype() -> tuple[Any, str]:
    """(dtype, device) for this machine: bf16 where the processor computes in it, else fp32; on a GPU bf16 or fp16.

    bf16 on a processor without avx512_bf16 or AMX is 40 to 500 times slower (pytorch issue 146508). Who limits PyTorch
    by ATEN_CPU_CAPABILITY=avx2 gets fp32, as on such a processor.
    """
    import torch

    if torch.cuda.is_available():
        return (torch.bfloat16 if torch.cuda.get_device_capability()[0] >= 8 else torch.float16), "cuda"
    fast = any(getattr(torch.cpu, name, bool)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    fast = fast and torch.backends.cpu.get_cpu_capability() != "AVX2"
    return (torch.bfloat16 if fast else torch.float32), "cpu"


def is_plain() -> bool:
    """Is this a PC without bf16 and without AVX-512, which does about half as much as others in the same time?"""
    import torch

    return best_dtype()[1] == "cpu" and torch.backends.cpu.get_cpu_capability() == "AVX2"


def free_memory() -> None:
    """Let go of a model that was dropped (a peft model refers to itself; the search for it takes half a second), then
    `trim_memory`."""
    gc.collect()
    trim_memory()


def trim_memory() -> None:
    """On Linux, give the memory that is not in use back to the system."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _groups(tokens: dict[str, list[int]], budget: int, pads: bool = True) -> Iterator[dict[str, list[int]]]:
    """Prompts of similar length together, longest first, each group within the budget of padded tokens. Without
    padding: only prompts of equal length."""
    group: dict[str, list[int]] = {}
    for key, ids in sorted(tokens.items(), key=lambda item: -len(item[1])):
        longest = len(next(iter(group.values()))) if group else 0
        if group and ((len(group) + 1) * longest > budget or (len(ids) < longest and not pads)):
            yield group
            group = {}
        group[key] = ids
    if group:
        yield group


def _message(entry: dict[str, Any], stops: Sequence[str], cached: bool) -> AIMessage:
    used = {"input_tokens": entry["input_tokens"], "output_tokens": entry["output_tokens"]}
    usage = {**used, "total_tokens": sum(used.values())}
    text = entry["text"]
    for stop in filter(None, stops):
        text = text.split(stop)[0].strip() if stop in text else text
    return AIMessage(text, usage_metadata=usage, response_metadata={"seconds": entry["seconds"], "cached": cached})
