"""The readers of a grid: the model as it comes, and the same weights tuned; one of them in memory at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...benchmark.systems import Answer, Item
from ...models.offline import ModelError
from ...taught.lab_2_2 import Example, encode
from ...training.adapters import merged
from ...training.fit import Recipe, fit, general_sentences, mean_loss
from .five_tasks import FiveTasks

FORMS = {"qa": 20, "classification": 20, "summary": 72}  # most new tokens
LARGE = {"batch_tokens": 7200}  # faster (once measured: 13 s against 19 s for 72 prompts), for more memory


class Readers:
    """The readers of lab 3.3. run: for the model and the registry of adapters. steps, batch: of the RAFT row; others get as many tokens."""

    def __init__(self, five: FiveTasks, run: Any, steps: int, batch: int) -> None:
        self.five, self.run, self.steps, self.batch = five, run, steps, batch
        self._held: dict[tuple[str, int], Any] = {}
        self._examples: dict[tuple[str, int], list[Example]] = {}
        self.tokenizer = self.speaker("none", 0).tokenizer
        self._general = general_sentences(self.tokenizer)

    def speaker(self, training: str, seed: int) -> Any:
        """The chat model of one row: as it comes, or tuned; then from the registry, or trained now. The one before it is dropped."""
        key = (training, 0 if training == "none" else seed)
        if key not in self._held:
            self._held.clear()
            self._held[key] = self.run.chat(FORMS["qa"]) if training == "none" else self._tuned(training, seed)
        return self._held[key]

    def weights(self, training: str, seed: int) -> str:
        """The sha256 of the tuned weights; empty for the model as it comes."""
        return "" if training == "none" else self.run.adapters.read(f"3.3 {training} {seed}").weights_sha256

    def examples(self, training: str, seed: int) -> list[Example]:
        """The encoded lessons; of a text to read, every token is learned."""
        if (training, seed) in self._examples:
            return self._examples[training, seed]
        lessons = self.five.lessons(training, seed)
        read = [self.tokenizer(text)["input_ids"] for messages, text in lessons if not messages]
        made = [encode(self.tokenizer, messages, answer) for messages, answer in lessons if messages] + [
            (ids, ids) for ids in read
        ]
        self._examples[training, seed] = made
        return made

    def recipe(self, training: str, seed: int) -> Recipe:
        """Lab 2.2's recipe, with as many steps as give the training tokens of the RAFT row."""
        tokens = {name: np.mean([len(ids) for ids, _ in self.examples(name, seed)]) for name in {"RAFT", training}}
        return Recipe(steps=max(1, round(self.steps * tokens["RAFT"] / tokens[training])), batch=self.batch, seed=seed)

    def general_loss(self, training: str, seed: int) -> float:
        """Loss on plain sentences (nats per token): what it rises by, the reader has forgotten."""
        return mean_loss(self.speaker(training, seed).model, self._general)

    def answer(
        self, training: str, seed: int, batch: Sequence[Item], clauses: Mapping[str, Sequence[str]], search_s: float
    ) -> list[Answer]:
        """One Answer for each item, in order; prompts of one form go together, so that their common beginning is read once."""
        answers: dict[str, Answer] = {}
        for form, most in FORMS.items():
            part = [item for item in batch if form == (item.task if item.task in FORMS else "qa")]
            profile = self.run.settings.profile
            settings = {"max_new_tokens": 10 if profile == "smoke" else most, **(LARGE if profile == "full" else {})}
            chat = self.speaker(training, seed).model_copy(update=settings)
            prompts = [
                self.five.messages(item.question, item.task, clauses[item.id], worked=training == "none")
                for item in part
            ]
            replies = chat.batch(prompts) if part else []
            answers |= {
                item.id: _answer(reply, clauses[item.id], search_s) for item, reply in zip(part, replies, strict=True)
            }
        return [answers[item.id] for item in batch]

    def _tuned(self, training: str, seed: int) -> Any:
        """The tuned model with its adapters merged into the weights, as one would serve it: a third faster."""
        recipe, examples = self.recipe(training, seed), self.examples(training, seed)
        name, adapters = f"3.3 {training} {seed}", self.run.adapters
        chat = fit(adapters, name, recipe, examples, self.run.settings.model)
        if ended := adapters.read(name).recipe.get("ended", ""):
            raise ModelError(f"The training of {name!r} was not finished, so nothing is asked of it: {ended}.")
        return merged(chat)


def _answer(reply: Any, clauses: Sequence[str], search_s: float) -> Answer:
    tokens = {name: reply.usage_metadata[name] for name in ("input_tokens", "output_tokens")}
    return Answer(
        reply.text,
        tuple(clauses),
        **tokens,
        seconds={"search": search_s, "generate": reply.response_metadata["seconds"]},
    )
