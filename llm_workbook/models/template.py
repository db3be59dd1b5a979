"""Messages as the one text that a model sees, whatever its chat template can and cannot do."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from .offline import ModelError

ROLES = {"human": "user", "ai": "assistant", "system": "system"}
SPEAKERS = {"user": "User: ", "assistant": "Assistant: "}
NEXT_TURN = "\nUser:"  # where the answer of a model without a chat template ends
Turn = dict[str, str]


def chat_prompt(tokenizer: Any, messages: Sequence[BaseMessage]) -> str:
    """The messages in the tokenizer's chat template, with the opened turn of the assistant.

    A template that refuses or drops the system role gets its text at the top of the first user turn; one that wants
    turns to alternate gets neighbours of one role as one turn. Without a template (a base model): the system text, then
    "User: ..." and "Assistant: ..." in paragraphs. Raises: ModelError for a template that fails all the same.
    """
    from jinja2 import TemplateError

    turns = [{"role": ROLES.get(message.type, message.type), "content": str(message.text)} for message in messages]
    if not getattr(tokenizer, "chat_template", None):
        spoken = [SPEAKERS.get(turn["role"], "") + turn["content"] for turn in turns]
        return "\n\n".join([*spoken, "Assistant:"])
    reason: Exception | None = None
    for form in (turns, _system_in_user(turns), _alternating(_system_in_user(turns))):
        try:
            text = tokenizer.apply_chat_template(form, tokenize=False, add_generation_prompt=True)
        except (TemplateError, ValueError, TypeError, LookupError) as error:
            reason = error
            continue
        if all(turn["content"].strip() in text for turn in form if turn["role"] == "system"):
            return text
    raise ModelError(
        f"The chat template of this model does not take these messages ({reason}). Correct chat_template.jinja in the"
        " model's folder, or delete it for a plain prompt."
    ) from reason


def _system_in_user(turns: Sequence[Turn]) -> list[Turn]:
    system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    spoken = [turn for turn in turns if turn["role"] != "system"]
    first = next((place for place, turn in enumerate(spoken) if turn["role"] == "user"), None)
    if not system or first is None:
        return [*([{"role": "user", "content": system}] if system else []), *spoken]
    whole = {"role": "user", "content": f"{system}\n\n{spoken[first]['content']}"}
    return [*spoken[:first], whole, *spoken[first + 1 :]]


def _alternating(turns: Sequence[Turn]) -> list[Turn]:
    merged: list[Turn] = []
    for turn in turns:
        if merged and merged[-1]["role"] == turn["role"]:
            merged[-1] = {"role": turn["role"], "content": f"{merged[-1]['content']}\n\n{turn['content']}"}
        else:
            merged.append(turn)
    return merged
