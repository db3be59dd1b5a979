"""A hosted model behind the same promise as a local one: what was answered is kept, and a second run asks the rest."""

import json
import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from time import perf_counter, sleep, time
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables.config import get_config_list
from pydantic import PrivateAttr

from ..settings import cache_dir
from .cache import DiskCache, cache_key
from .folder import first_line
from .offline import ModelError, needs_local

TOGETHER = 4  # calls at a time
WAITS_S = (2.0, 4.0, 8.0)  # between two tries
LONGEST_WAIT_S = 60.0  # a vendor that asks for more is asked again by hand
BUSY = re.compile(r"\b(429|503|529)\b|rate.?limit|overloaded|too many requests|service.?unavailable", re.IGNORECASE)
ADDRESSES = ("base_url", "openai_api_base", "anthropic_api_url", "azure_endpoint", "endpoint_url")
BYTES_PER_TOKEN = 4  # of text in UTF-8: an estimate for vendors that count nothing


def open_hosted(model: str, max_new_tokens: int) -> "HostedChat":
    """The model that "provider:name" names, through LangChain's `init_chat_model`. Raises: ModelError."""
    from langchain.chat_models import init_chat_model

    try:
        inner = init_chat_model(model, temperature=0, max_tokens=max_new_tokens)
    except Exception as error:  # each vendor's package has errors of its own
        raise ModelError(f"The hosted model {model!r} could not be opened: {first_line(error)}") from error
    return HostedChat(inner=inner, model=model, max_new_tokens=max_new_tokens)


class HostedChat(BaseChatModel):
    """A hosted chat model whose replies are kept on disk, each as soon as it is there.

    A rate limit or an overload (429, 503) is waited for three times, as long as `Retry-After` says; then one ModelError
    says how many answers are kept. Every reply has `usage_metadata`: the vendor's, or an estimate of one token for four
    bytes (`response_metadata["usage"]` is "counted" or "estimated"), and `response_metadata` has seconds and cached.
    The vendor may change a model behind its name; delete `answers.sqlite` in the cache folder to ask anew. A call with
    further arguments than stop is passed on and not kept.
    """

    inner: Any
    model: str
    max_new_tokens: int = 32
    use_cache: bool = True
    _cache: DiskCache = PrivateAttr(default_factory=lambda: DiskCache(cache_dir() / "answers.sqlite"))

    @property
    def _llm_type(self) -> str:
        return "hosted"

    @property
    def tokenizer(self) -> Any:
        """There is none here. Raises: ModelError, for code that needs a local model."""
        raise ModelError(needs_local(self.model))

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        """The hosted model with tools; its replies are not kept."""
        return self.inner.bind_tools(tools, **kwargs)

    def batch(
        self,
        inputs: Sequence[LanguageModelInput],
        config: Any = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """One reply for each input, in order; a few are asked at a time, and each is kept.

        Raises: ModelError, with how many are kept, when one cannot be had; return_exceptions puts it in its place.
        """
        from tqdm import tqdm

        configs, replies = get_config_list(config, len(inputs)), []
        with tqdm(total=len(inputs), desc="answers", unit="answer", disable=len(inputs) < 8, mininterval=5) as bar:
            for at in range(0, len(inputs), TOGETHER):
                part = slice(at, at + TOGETHER)
                some = super().batch(list(inputs[part]), configs[part], return_exceptions=True, **kwargs)
                replies += some
                bar.update(len(some))
                error = next((one for one in some if isinstance(one, Exception)), None)
                if error and not return_exceptions:
                    kept = sum(isinstance(reply, BaseMessage) for reply in replies)
                    done = f"{kept} of {len(inputs)} answers are kept"
                    raise ModelError(f"{error} {done}. Run it again: only what is missing is asked.") from error
        return replies

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        key = self._key(messages, stop)
        keeps = self.use_cache and not kwargs
        known = self._cache.get_many([key]).get(key) if keeps else None
        if not (message := known and _known(known)):
            started, reply = perf_counter(), self._ask(messages, stop, kwargs)
            entry = {"content": reply.content, **_usage(reply, messages), "seconds": perf_counter() - started}
            if entry["estimated"]:
                _say_estimated(self.model)
            if keeps and not reply.tool_calls:
                self._cache.put_many({key: json.dumps(entry).encode()})
            message = reply if reply.tool_calls else _message(entry, cached=False)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _key(self, messages: Sequence[BaseMessage], stop: Any) -> str:
        """Who is asked what: names and addresses without user, password or query; the reply's own ids play no part."""
        said = [[message.type, message.content, getattr(message, "tool_calls", None)] for message in messages]
        found = (getattr(self.inner, name, None) for name in ADDRESSES)
        addresses = [urlsplit(url) for url in found if isinstance(url, str)]
        where = [url.netloc.rpartition("@")[2] + url.path for url in addresses]
        return cache_key(hosted=self.model, where=where, messages=said, stop=stop, max_new_tokens=self.max_new_tokens)

    def _ask(self, messages: list[BaseMessage], stop: Any, others: Mapping[str, Any]) -> AIMessage:
        """The reply. Raises: ModelError when the vendor still refuses after the waits, or waiting does not help."""
        for wait in (*WAITS_S, None):
            try:
                return self.inner.invoke(messages, stop=stop, **others)
            except Exception as error:  # each vendor's package has errors of its own
                asked = _asked_wait_s(error)
                if wait is None or asked is None or asked > LONGEST_WAIT_S:
                    said = f"{type(error).__name__}: {first_line(error)}"
                    raise ModelError(f"The hosted model {self.model!r} did not answer ({said}).") from error
                sleep(max(wait, asked))
        raise AssertionError("unreachable")


def _asked_wait_s(error: Exception) -> float | None:
    """How long a vendor asks to wait (s), 0 when it names no time; None for an error that waiting does not fix."""
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    text = f"{type(error).__name__} {error}"
    if status not in (429, 503, 529) and (isinstance(status, int) or not BUSY.search(text)):
        return None
    headers = getattr(response, "headers", None) or {}
    after = str(headers.get("retry-after") or headers.get("Retry-After") or 0)
    try:
        return float(after)
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time())
    except ValueError:
        return 0.0


def _usage(reply: AIMessage, messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """The tokens that a reply cost: as the vendor counts them, else estimated from the text."""
    used = reply.usage_metadata or {}
    names = ("input_tokens", "output_tokens")
    if all(isinstance(used.get(name), int) for name in names):
        return {"usage": {name: used[name] for name in names}, "estimated": False}
    texts = ("".join(str(message.text) for message in messages), str(reply.text))
    sizes = (len(text.encode("utf-8", "backslashreplace")) for text in texts)
    counts = {name: -(-size // BYTES_PER_TOKEN) for name, size in zip(names, sizes, strict=True)}
    return {"usage": counts, "estimated": True}


def _message(entry: Mapping[str, Any], cached: bool) -> AIMessage:
    usage = entry["usage"] | {"total_tokens": sum(entry["usage"].values())}
    how = {"usage": "estimated" if entry["estimated"] else "counted", "seconds": entry["seconds"], "cached": cached}
    return AIMessage(_whole(entry["content"]), usage_metadata=usage, response_metadata=how)


def _whole(content: Any) -> Any:
    """What a reply says, without half surrogate pairs, which no table or file of text can hold."""
    if isinstance(content, str):
        return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(content, dict):
        return {name: _whole(value) for name, value in content.items()}
    return [_whole(part) for part in content] if isinstance(content, list) else content


def _known(value: bytes) -> AIMessage | None:
    """The reply that was kept; None when its entry is damaged: it is asked again."""
    try:
        return _message(json.loads(value), cached=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


@cache
def _say_estimated(model: str) -> None:
    print(f"{model} counts no tokens. Its counts here are estimated, one token for {BYTES_PER_TOKEN} bytes of text.")
