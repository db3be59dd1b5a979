"""A hosted model: each reply is kept as soon as it is there, limits are waited for, and what stays missing is said."""

import json
import sqlite3
from email.utils import formatdate
from time import time
from typing import Any

import pandas as pd
import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate
from pydantic import Field, SecretStr

from llm_workbook.models import hosted as module
from llm_workbook.models.chat import load_chat_model, require_local
from llm_workbook.models.hosted import HostedChat, open_hosted
from llm_workbook.models.offline import ModelError
from llm_workbook.run import Run
from llm_workbook.settings import Settings
from llm_workbook.training.adapters import Adapters, base_sha256
from llm_workbook.training.fit import Recipe, fit

USED = {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12}


class Fake(BaseChatModel):
    """A hosted model. refuse: call number -> what it raises."""

    reply: Any = "30 days"
    used: Any = USED
    refuse: dict[int, Any] = Field(default_factory=dict)
    always: Any = None
    asked: list[str] = Field(default_factory=list)
    base_url: str = "https://user:sk-secret@example.org/v1?key=sk-secret"
    api_key: SecretStr = SecretStr("sk-secret")

    @property
    def _llm_type(self):
        return "fake"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        self.asked.append(messages[-1].content)
        if problem := self.refuse.get(len(self.asked)) or self.always:
            raise problem
        message = AIMessage(self.reply, usage_metadata=self.used)
        return ChatResult(generations=[ChatGeneration(message=message)])


class RateLimitError(Exception):
    """As vendors raise it: with a response that has headers."""

    def __init__(self, text="429: try again in 20 s", status=429, after=None):
        super().__init__(text)
        self.status_code = status
        self.response = type("Response", (), {"headers": {"retry-after": after} if after else {}})()


@pytest.fixture(autouse=True)
def waits(monkeypatch, tmp_path):
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "TOGETHER", 1)  # in order, so that calls can be counted
    module._say_estimated.cache_clear()
    waited = []
    monkeypatch.setattr(module, "sleep", waited.append)
    return waited


def chat_of(**fake):
    inner = Fake(asked=[], **fake)
    return HostedChat(inner=inner, model="fake:one", max_new_tokens=20), inner


QUESTIONS = [f"Question {number}?" for number in range(6)]


def test_after_an_interruption_only_what_is_missing_is_asked():
    chat, inner = chat_of(refuse={4: KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        chat.batch(QUESTIONS)
    again, later = chat_of()
    replies = again.batch(QUESTIONS)
    assert later.asked == QUESTIONS[3:] and inner.asked == QUESTIONS[:4]
    assert [reply.response_metadata["cached"] for reply in replies] == [True] * 3 + [False] * 3
    assert again.batch(QUESTIONS)[0].usage_metadata == USED and len(later.asked) == 3


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RateLimitError(), [2]),
        (RateLimitError(after="7"), [7]),
        (RateLimitError(after="0.5"), [2]),
        (RateLimitError(after="no date"), [2]),
        (RateLimitError("overloaded", 503), [2]),
        (RateLimitError("overloaded", 529), [2]),
        (type("RateLimitError", (Exception,), {})("slow down"), [2]),
        (Exception("Error code: 429 - too many requests"), [2]),
    ],
)
def test_a_limit_is_waited_for_and_asked_again(waits, error, expected):
    chat, inner = chat_of(refuse={2: error})
    assert [reply.text for reply in chat.batch(QUESTIONS)] == ["30 days"] * 6
    assert waits == expected and len(inner.asked) == 7


def test_a_date_to_retry_after_is_honoured(waits):
    chat, _ = chat_of(refuse={1: RateLimitError(after=formatdate(time() + 30, usegmt=True))})
    chat.invoke("Why?")
    assert 25 < waits[0] <= 30


def test_a_limit_that_stays_is_one_sentence_with_what_is_kept(waits):
    chat, inner = chat_of(refuse={number: RateLimitError() for number in range(4, 40)})
    with pytest.raises(ModelError) as raised:
        chat.batch(QUESTIONS)
    assert str(raised.value).count("\n") == 0
    assert "fake:one" in str(raised.value) and "429: try again in 20 s" in str(raised.value)
    assert "3 of 6 answers are kept" in str(raised.value) and "only what is missing is asked" in str(raised.value)
    assert waits == [2, 4, 8] and len(inner.asked) == 3 + 4
    again, later = chat_of()
    again.batch(QUESTIONS)
    assert later.asked == QUESTIONS[3:]


@pytest.mark.parametrize("error", [RateLimitError(after="3600"), ValueError("bad request"), RateLimitError("no", 401)])
def test_what_waiting_cannot_fix_is_said_at_once(waits, error):
    chat, inner = chat_of(always=error)
    with pytest.raises(ModelError, match="0 of 6 answers are kept"):
        chat.batch(QUESTIONS)
    assert waits == [] and len(inner.asked) == 1


def test_one_question_that_fails_is_a_sentence_too():
    with pytest.raises(ModelError, match="'fake:one' did not answer.*bad request"):
        chat_of(always=ValueError("bad request"))[0].invoke("Why?")


def test_exceptions_can_be_returned_and_a_chain_batches():
    chat, _ = chat_of(refuse={2: ValueError("bad request")})
    replies = (ChatPromptTemplate.from_messages([("human", "{q}")]) | chat).batch(
        [{"q": question} for question in QUESTIONS], return_exceptions=True
    )
    assert [type(reply).__name__ for reply in replies] == ["AIMessage", "ModelError", *["AIMessage"] * 4]


def test_a_reply_without_counts_gets_estimated_ones_and_says_so(capsys):
    chat, _ = chat_of(used=None, reply="дней")
    first, again = chat.invoke("x" * 400), chat.invoke("x" * 400)
    assert (
        first.usage_metadata == again.usage_metadata == {"input_tokens": 100, "output_tokens": 2, "total_tokens": 102}
    )
    assert first.response_metadata["usage"] == again.response_metadata["usage"] == "estimated"
    assert capsys.readouterr().out.count("estimated") == 1
    known, _ = chat_of()
    assert known.invoke("What?").response_metadata["usage"] == "counted"


@pytest.mark.parametrize(
    "reply",
    [
        [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "30 days"}],
        ["30 ", {"type": "text", "text": "days"}],
        "30 days",
        "",
    ],
)
def test_a_reply_of_parts_is_kept_as_it_is(reply):
    chat, inner = chat_of(reply=reply)
    first, again = chat.invoke("Why?"), chat.invoke("Why?")
    assert first.content == again.content == reply and first.text == again.text
    assert len(inner.asked) == 1 and isinstance(again.response_metadata["seconds"], float)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("30 days \ud83d", "30 days \ufffd"),
        ("30 \ude00 days \ud83d\ude00", "30 \ufffd days \U0001f600"),
        ([{"type": "text", "text": "30 days \ud83d"}], "30 days \ufffd"),
        (["30 \udc80", {"type": "text", "text": "days"}], "30 \ufffddays"),
    ],
)
def test_half_an_emoji_in_a_reply_becomes_a_sign_that_every_table_can_hold(reply, text):
    chat, _ = chat_of(reply=reply)
    table = pd.DataFrame({"answer": [chat.invoke("Why?").text, chat.invoke("Why?").text]}, dtype="str")
    assert table["answer"].tolist() == [text, text]


def test_no_secret_reaches_the_cache(tmp_path, monkeypatch):
    seen, real = [], module.cache_key
    monkeypatch.setattr(module, "cache_key", lambda **parts: seen.append(repr(parts)) or real(**parts))
    chat_of()[0].invoke("Why?")
    (path,) = (tmp_path / "cache").glob("*.sqlite")
    assert "example.org/v1" in seen[0] and "sk-secret" not in "".join(seen)
    assert b"sk-secret" not in path.read_bytes()
    ((value,),) = sqlite3.connect(path).execute("SELECT value FROM entries").fetchall()
    assert set(json.loads(value)) == {"content", "usage", "estimated", "seconds"}


def test_other_prompts_models_addresses_stops_and_lengths_are_other_answers():
    base = {"model": "fake:one", "max_new_tokens": 20}
    inner = Fake(asked=[])
    HostedChat(inner=inner, **base).invoke("Why?")
    HostedChat(inner=inner, **base).invoke("Why?", stop=["x"])
    HostedChat(inner=inner, **base).invoke([("system", "Be short."), ("human", "Why?")])
    HostedChat(inner=inner, **base | {"model": "fake:two"}).invoke("Why?")
    HostedChat(inner=inner, **base | {"max_new_tokens": 5}).invoke("Why?")
    assert len(inner.asked) == 5
    HostedChat(inner=inner, **base).invoke([HumanMessage("Why?", id="another id")])
    assert len(inner.asked) == 5
    elsewhere = Fake(asked=[], base_url="http://localhost:1")
    HostedChat(inner=elsewhere, **base).invoke("Why?")
    assert len(elsewhere.asked) == 1


def test_a_call_with_further_arguments_is_passed_on_and_not_kept():
    chat, inner = chat_of()
    for _ in range(2):
        chat.invoke("Why?", temperature=1)
    assert len(inner.asked) == 2


def test_callbacks_are_called():
    seen = []

    class Watcher(BaseCallbackHandler):
        def on_llm_end(self, response, **kwargs):
            seen.append(response.generations[0][0].text)

    chat_of()[0].batch(QUESTIONS, config={"callbacks": [Watcher()]})
    assert seen == ["30 days"] * 6


def test_where_a_local_model_is_needed_a_hosted_one_is_one_sentence(tmp_path):
    run = Run(Settings("2.2", "smoke", model="ollama:fake", results_dir=tmp_path))
    chat, _ = chat_of()
    for use in (
        lambda: require_local("ollama:fake"),
        lambda: run.adapters,
        lambda: run.chat(adapter="mine"),
        lambda: base_sha256("ollama:fake"),
        lambda: fit(Adapters(tmp_path), "mine", Recipe(), [([1, 2], [1, 2])], "ollama:fake"),
        lambda: chat.tokenizer,
    ):
        with pytest.raises(ModelError, match="is a hosted model.*Set MODEL = None"):
            use()
    assert require_local(None) is None


def test_opening_wraps_the_model_and_failing_is_a_sentence(monkeypatch):
    import langchain.chat_models

    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda *_, **__: Fake(asked=[]))
    assert isinstance(load_chat_model("fake:one", 7), HostedChat)

    def refuse(*_, **__):
        raise RuntimeError("no key\nlong story")

    monkeypatch.setattr(langchain.chat_models, "init_chat_model", refuse)
    with pytest.raises(ModelError, match="could not be opened: no key long story"):
        open_hosted("fake:one", 7)
