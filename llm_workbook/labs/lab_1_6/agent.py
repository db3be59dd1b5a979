"""An agentic loop: a language model chooses, step by step, what to do next; its tokens are counted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bm25s
import numpy as np
import pandas as pd

from ...benchmark.prompt import conversation
from ...corpus.records import Question
from ...measure.strict import states
from ...models.chat import LocalChat
from ...regions import Region
from ...taught.lab_1_5 import pack

ACTIONS = ("grep", "keywords", "vectors", "read", "stop")
TOOLS = (
    "grep: the next clause with the names of the question. keywords: the next clause by BM25. "
    "vectors: the next clause by the encoder. read: answer from the clauses seen. stop: the answer stands."
)

Choose = Callable[["Trace", Sequence[str], Sequence[str]], tuple[str, int]]  # -> (action, tokens that it read)
Tool = Callable[[str, Sequence[int]], int | None]  # (question, places seen) -> the next place, or nothing new


@dataclass
class Trace:
    """What the loop did for one question. steps: (action, what came of it). tokens: read by the model, all together."""

    question: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    answer: str = ""
    tokens: int = 0

    def look(self, action: str, place: int | None, texts: Sequence[str]) -> None:
        """Write down what a search gave."""
        self.seen += [] if place is None else [place]
        self.steps.append((action, "nothing new" if place is None else texts[place]))

    def __str__(self) -> str:
        lines = (f"  {number}. {action:<9} {text[:96]}" for number, (action, text) in enumerate(self.steps, 1))
        return "\n".join([self.question, *lines, f"  answer: {self.answer} ({self.tokens} tokens)"])

    __repr__ = __str__


def likeliest(chat: LocalChat) -> Choose:
    """Chooses the action whose name became likelier most by what is known, against a prompt that says nothing."""
    neutral: dict[str, float] = {}

    def choose(trace: Trace, allowed: Sequence[str], texts: Sequence[str]) -> tuple[str, int]:
        neutral.update(neutral or likelihoods(chat, f"{TOOLS}\nNext action:", ACTIONS)[0])
        headers = "; ".join(texts[at].partition(": ")[0] for at in trace.seen)
        known = f"{trace.question}\nSeen: {headers or 'nothing'}\nAnswer: {trace.answer or 'none'}"
        said, tokens = likelihoods(chat, f"{TOOLS}\nQuestion: {known}\nNext action:", ACTIONS)
        return max(allowed, key=lambda one: said[one] - neutral[one]), tokens

    return choose


def likelihoods(chat: LocalChat, prompt: str, words: Sequence[str]) -> tuple[dict[str, float], int]:
    """(word -> log probability (nats) of its first token after the prompt; tokens of the prompt)."""
    import torch

    ids = chat.tokenizer(chat.prompt(chat._convert_input(prompt).to_messages()), return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        row = chat.model(ids.to(chat.model.device), logits_to_keep=1).logits[0, -1].float().log_softmax(-1)
    first = {word: chat.tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in words}
    return {word: float(row[token]) for word, token in first.items()}, ids.shape[1]


def read(chat: Any, trace: Trace, texts: Sequence[str]) -> Trace:
    """Answer from what was seen, and write it down; the same trace."""
    trace.answer, tokens = ask(chat, trace.question, [texts[at] for at in trace.seen])
    trace.tokens += tokens
    trace.steps.append(("read", trace.answer))
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


def grep(texts: Sequence[str]) -> Tool:
    """The next clause that contains most of the question's names (words with a capital or a digit)."""

    def find(question: str, seen: Sequence[int]) -> int | None:
        names = set(re.findall(r"\b(?:[A-Z]|\d)[\w-]*", question[1:]))
        counts = [sum(name in text for name in names) if at not in seen else 0 for at, text in enumerate(texts)]
        return max(range(len(texts)), key=lambda at: counts[at]) if any(counts) else None

    return find


def bill(asked: Sequence[tuple[Region, Question]], told: Mapping[str, Sequence[tuple[str, int]]]) -> pd.DataFrame:
    """A row for each way: % right and tokens a question. told: way -> (answer, tokens) of each question."""
    rows = {}
    for name, pairs in ((name, pairs) for name, pairs in told.items() if pairs):
        right = [states(text, one.answers, one.question) for (_, one), (text, _) in zip(asked, pairs, strict=True)]
        rows[name] = [len(pairs), 100 * np.mean(right), np.mean([tokens for _, tokens in pairs])]
    return pd.DataFrame(rows, index=["questions", "% right", "tokens each"]).T.round(0).astype(int)


def tools_of(region: Region, rankings: Mapping[str, Sequence[int]]) -> dict[str, Tool]:
    """The searches that the loop may use. rankings: question -> places by MaxSim."""
    index = bm25s.BM25()
    index.index(bm25s.tokenize(region.texts, show_progress=False), show_progress=False)

    def keywords(question: str) -> list[int]:
        words = bm25s.tokenize([question], show_progress=False)
        return index.retrieve(words, k=min(20, len(region.texts)), show_progress=False)[0][0].tolist()

    def next_of(ranking: Callable[[str], Sequence[int]]) -> Tool:
        return lambda question, seen: next((at for at in ranking(question) if at not in seen), None)

    return {"grep": grep(region.texts), "keywords": next_of(keywords), "vectors": next_of(rankings.__getitem__)}
