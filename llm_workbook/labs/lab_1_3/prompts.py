"""What lab 1.3 asks a language model to write, and what became of the names."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import convert_to_messages

from ...corpus.records import Contract, Question
from ...models.chat import LocalChat

TOGETHER = 8  # prompts that are read together

ASKED = "Until when can we use the berth under the Mooring Licence of Quayside with Lindholm?"  # the worked example
Prompt = tuple[str, str]  # the instruction, and the right answer to ASKED
PROMPTS: dict[str, Prompt] = {
    "rewriting": (
        "Rewrite the question as a short search query. Keep all names.",
        "end date of the Mooring Licence of Quayside with Lindholm",
    ),
    "step-back": (
        "Write a more general question about the same subject.",
        "What does a Mooring Licence say about its term?",
    ),
    "HyDE": (
        "Write one sentence of a contract that answers the question.",
        "This Mooring Licence between Quayside and Lindholm shall end on 30 September 2019.",
    ),
}
PLAN: Prompt = (
    'Which contract is the question about, and what does it ask? Answer in JSON: {"contract": "...", "topic": "..."}',
    '{"contract": "Mooring Licence (Quayside / Lindholm)", "topic": "end of the licence"}',
)
WHICH: Prompt = (
    "Which contract is the question about? Answer with its title.",
    "Mooring Licence (Quayside / Lindholm)",
)


def messages(prompt: Prompt, question: str) -> list[tuple[str, str]]:
    """The conversation that asks for one text, with a worked example."""
    told, example = prompt
    return [("system", told), ("user", ASKED), ("assistant", example), ("user", question)]


def write(chat: BaseChatModel, prompt: Prompt, questions: Sequence[str], most: int | None = None) -> list[str]:
    """What the model writes for each question: its first paragraph, or the question where it writes nothing.

    most: tokens of a text, for a local model; None: as many as `chat` allows. (A second chat model with another limit
    would hold the weights twice.)
    """
    if most and isinstance(chat, LocalChat):
        chat = chat.model_copy(update={"max_new_tokens": most})
    replies = chat.batch([messages(prompt, question) for question in questions])
    texts = [str(reply.text).strip().partition("\n\n")[0] for reply in replies]
    return [text or question for text, question in zip(texts, questions, strict=True)]


def keeps_names(question: str, text: str) -> bool:
    """Does the text still contain every word of the question that begins with a capital letter, but for the first?

    >>> keeps_names("How long does the Lease of Halden run?", "term of the lease, Halden")
    True
    """
    names = {word.lower() for word in re.findall(r"(?<!^)(?<![.:?] )\b[A-Z][\w&-]+", question)}
    return names <= set(re.findall(r"[\w&-]+", text.lower()))


def invents(text: str, question: Question, contracts: Sequence[Contract]) -> bool:
    """Does the text say a number that stands neither in the question nor in its evidence?"""
    known = {contract.id: contract for contract in contracts}
    told = " ".join([question.question, *(known[span.document].text_of(span) for span in question.evidence)])
    return bool(set(re.findall(r"\d+", text)) - set(re.findall(r"\d+", told)))


# ------------------------------------------------------------------ plans that a model writes


def parsed(text: str) -> dict[str, Any] | None:
    """The JSON object that a text contains, with a contract as text; None when there is none.

    >>> parsed('Sure: {"contract": "Lease", "topic": "end"}'), parsed('{"contract": "Lease"')
    ({'contract': 'Lease', 'topic': 'end'}, None)
    """
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        plan = json.loads(found.group()) if found else None
    except ValueError:
        return None
    return plan if isinstance(plan, dict) and isinstance(plan.get("contract"), str) else None


def choose(
    chat: BaseChatModel,
    prompt: Prompt,
    questions: Sequence[str],
    answers: Sequence[str],
    following: Callable[[Sequence[Sequence[int]]], Mapping[tuple[int, ...], list[int]]],
) -> list[str]:
    """One of `answers` for each question: a local model may write nothing else.

    following(sequences of tokens): for each beginning the tokens that may come next. A hosted model is given the list as
    the schema of its answer; what it answers beside the list becomes "".
    """
    if not isinstance(chat, LocalChat):
        return _by_schema(chat, prompt, questions, answers)
    ends = [chat.tokenizer.eos_token_id]
    written = [chat.tokenizer(answer, add_special_tokens=False)["input_ids"] + ends for answer in answers]
    allowed, chosen = following(written), []
    for first in range(0, len(questions), TOGETHER):
        chosen += _constrained(chat, prompt, questions[first : first + TOGETHER], allowed, max(map(len, written)))
    by_tokens = dict(zip(map(tuple, written), answers, strict=True))
    return [by_tokens[tuple(row[: row.index(ends[0]) + 1])] for row in chosen]


def _constrained(
    chat: LocalChat,
    prompt: Prompt,
    questions: Sequence[str],
    allowed: Mapping[tuple[int, ...], list[int]],
    longest: int,
) -> list[list[int]]:
    """The tokens that the model writes after each question, only allowed ones; greedy."""
    import torch

    texts = [chat.prompt(convert_to_messages(messages(prompt, question))) for question in questions]
    read = chat.tokenizer(texts, add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt")
    width, end = read["input_ids"].shape[1], chat.tokenizer.eos_token_id
    with torch.inference_mode():
        output = chat.model.generate(
            **read.to(chat.model.device), max_new_tokens=longest, do_sample=False, pad_token_id=end, eos_token_id=end,
            prefix_allowed_tokens_fn=lambda _, tokens: allowed.get(tuple(tokens[width:].tolist()), [end]),
        )  # fmt: skip
    return [[*row, end] for row in output[:, width:].tolist()]


def _by_schema(chat: BaseChatModel, prompt: Prompt, questions: Sequence[str], answers: Sequence[str]) -> list[str]:
    schema = {
        "title": "Which", "description": "The contract that the question is about.", "type": "object",
        "properties": {"contract": {"type": "string", "enum": list(answers)}}, "required": ["contract"],
    }  # fmt: skip
    replies = chat.with_structured_output(schema).batch([messages(prompt, question) for question in questions])
    named = [reply.get("contract", "") if isinstance(reply, dict) else "" for reply in replies]
    return [name if name in answers else "" for name in named]
