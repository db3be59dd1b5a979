"""An agentic loop: a language model chooses, step by step, what to do next; its tokens are counted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...benchmark.prompt import conversation
from ...models.chat import LocalChat
from ...regions import Region
from ...taught.lab_1_4 import keyword_scores, words
from ...taught.lab_1_5 import pack

ACTIONS = ("grep", "keywords", "vectors", "read", "stop")
TOOLS = """grep: the next clause with the names of the question. keywords: the next clause by BM25. vectors: the next clause \
by the encoder. read: answer from the clauses seen. stop: the answer stands."""

Tool = Callable[[str, Sequence[int]], int | None]  # (question, places seen) -> the next place, or nothing new


@dataclass
class Trace:
    """What the loop did for one question. steps: (action, what came of it). tokens: read by the model, all together."""

    question: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    answer: str = ""
    tokens: int = 0

    def __str__(self) -> str:
        lines = (f"  {number}. {action:<9} {text[:96]}" for number, (action, text) in enumerate(self.steps, 1))
        return "\n".join([self.question, *lines, f"  answer: {self.answer} ({self.tokens} tokens)"])

    __repr__ = __str__


def likeliest(chat: LocalChat) -> Callable[[Trace, Sequence[str]], str]:
    """Chooses the action whose name became likelier most by what is known, against a prompt that says nothing.

    There is no stop without an answer, and nothing to read before there is a new clause.
    """
    neutral = likelihoods(chat, f"{TOOLS}\nNext action:")[0]

    def choose(trace: Trace, texts: Sequence[str]) -> str:
        headers = "; ".join(texts[at].partition(": ")[0] for at in trace.seen)
        known = f"{trace.question}\nSeen: {headers or 'nothing'}\nAnswer: {trace.answer or 'none'}"
        said, tokens = likelihoods(chat, f"{TOOLS}\nQuestion: {known}\nNext action:")
        trace.tokens += tokens
        possible = {"stop": bool(trace.answer), "read": bool(trace.seen and trace.steps[-1][0] != "read")}
        return max((one for one in ACTIONS if possible.get(one, True)), key=lambda one: said[one] - neutral[one])

    return choose


def likelihoods(chat: LocalChat, prompt: str) -> tuple[dict[str, float], int]:
    """(action -> log probability (nats) of its first token after the prompt; tokens of the prompt)."""
    import torch

    ids = chat.tokenizer(chat.prompt(chat._convert_input(prompt).to_messages()), return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        row = chat.model(ids.to(chat.model.device), logits_to_keep=1).logits[0, -1].float().log_softmax(-1)
    first = {one: chat.tokenizer(one, add_special_tokens=False)["input_ids"][0] for one in ACTIONS}
    return {one: float(row[token]) for one, token in first.items()}, ids.shape[1]


def act(chat: Any, trace: Trace, action: str, tools: Mapping[str, Tool], texts: Sequence[str]) -> Trace:
    """Do what was chosen, and write it down; the same trace."""
    if action == "read":
        result, tokens = ask(chat, trace.question, [texts[at] for at in trace.seen])
        trace.answer, trace.tokens = result, trace.tokens + tokens
    else:
        place = tools[action](trace.question, trace.seen)
        trace.seen += [] if place is None else [place]
        result = "nothing new" if place is None else texts[place]
    trace.steps.append((action, result))
    return trace


def ask(chat: Any, question: str, clauses: Sequence[str]) -> tuple[str, int]:
    """(answer from clauses, tokens of the prompt)."""
    reply = chat.invoke(conversation(clauses, question))
    return str(reply.content), int((reply.usage_metadata or {}).get("input_tokens", 0))


def one_shot(chat: LocalChat, question: str, clauses: Sequence[str], tokens: int) -> tuple[str, int]:
    """(answer, tokens) from the best clauses, whole ones, that fit into as many tokens, read once."""
    around = chat.prompt(chat._convert_input(conversation([""], question)).to_messages())
    empty = len(chat.tokenizer(around)["input_ids"])
    lengths = [len(chat.tokenizer(clause)["input_ids"]) + 1 for clause in clauses]
    return ask(chat, question, [clauses[at] for at in pack(lengths, max(tokens - empty, max(lengths)))])


def grep(texts: Sequence[str], question: str) -> list[int]:
    """Places of the clauses that contain most of the question's names (words with a capital or a digit), best first."""
    names = set(re.findall(r"\b(?:[A-Z]|\d)[\w-]*", question[1:]))
    return sorted(range(len(texts)), key=lambda at: -sum(name in texts[at] for name in names))


def tools_of(region: Region, rankings: Mapping[str, Sequence[int]]) -> dict[str, Tool]:
    """The searches that the loop may use. rankings: question -> places by MaxSim."""
    texts = region.texts
    ways: dict[str, Callable[[str], Sequence[int]]] = {
        "grep": lambda question: grep(texts, question),
        "keywords": lambda question: np.argsort(-keyword_scores(texts, [question], words)[0], kind="stable").tolist(),
        "vectors": rankings.__getitem__,
    }
    return {name: _next_of(ranking) for name, ranking in ways.items()}


def _next_of(ranking: Callable[[str], Sequence[int]]) -> Tool:
    return lambda question, seen: next((at for at in ranking(question) if at not in seen), None)
