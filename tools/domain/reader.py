"""The domain reader: a LoRA adapter that answers from clauses as the domain encoder's search finds them.

One reading is a question, the clauses that the search found for it, and further questions about these clauses: they are
read once and answered several times. Where the search missed the clause that answers, it is put in the place of the
lowest; in some readings it is not, and then "not stated" is the answer.
"""

import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_workbook.corpus.records import Question
from llm_workbook.models.chat import LocalChat, load_local_model
from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_2_2 import Example, as_written
from llm_workbook.training.adapters import Adapters
from llm_workbook.training.checkpoint import Checkpoint
from llm_workbook.training.domain import BIAS, NOT_STATED, domain_encoder, refusing
from llm_workbook.training.fit import Recipe, prepare, train

from ..difficulty import encode_turns
from .data import TRAIN_REGIONS, Region, first_regions, search

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

BUILD = ROOT / "build" / "domain"
FOUND = 20  # entries that a search gives for a question


@dataclass(frozen=True)
class Lessons:
    """What decides the readings. tokens: of all of them together, about. shown: how many clauses, one of these."""

    tokens: int = 250_000
    shown: tuple[int, ...] = (3, 4, 5)
    turns: int = 8  # questions about one reading
    withheld: float = 0.06  # share of answerable questions whose clause is taken out
    strange: float = 0.25  # share of readings with one more question whose answer is not shown
    mixed: float = 0.35  # share of readings whose other clauses are any of the contract and the region


LESSONS = Lessons()
REFUSAL_BIAS = -0.3  # chosen on 90 dev questions: needless refusals end to end come below 10 %
RECIPE = Recipe(rank=16, alpha=32, layers="all", learning_rate=1e-3, batch=2)


class Readings:
    """The readings of one region's train families."""

    def __init__(self, region: Region, embeddings: "Embeddings", lessons: Lessons = LESSONS) -> None:
        self.region, self.lessons = region, lessons
        self.questions = region.asked("train")
        self.found = search(region, self.questions, embeddings, FOUND)
        self.gold = {question.id: region.stating(question.evidence) for question in self.questions}

    def reading(self, question: Question, seed: int) -> tuple[list[str], list[tuple[str, str]]] | None:
        """(clauses, [(question, answer), ...]) of one question; None when its evidence is more than is shown."""
        rng = random.Random(f"reading {seed} {question.id}")
        gold, count = self.gold[question.id], rng.choice(self.lessons.shown)
        if len(gold) > count:
            return None
        held_back = bool(gold) and rng.random() < self.lessons.withheld
        found = self.at_random(question, rng) if rng.random() < self.lessons.mixed else self.found[question.id]
        shown = self.shown(found, [] if held_back else gold, count, rng)
        if held_back:
            shown = [at for at in shown if at not in gold] or shown
        turns = [question, *self.others(question, shown, rng)]
        taught = [(turn.question, self.answer(turn, shown)) for turn in rng.sample(turns, len(turns))]
        return [self.region.entries[at].page_content for at in shown], taught

    def at_random(self, question: Question, rng: random.Random) -> list[int]:
        """Entries in no order: every second one of the question's own contracts."""
        near = [at for document in question.documents for at, _ in self.region.places[document]]
        every = range(len(self.region.entries))
        mixed = [rng.choice((near or every, every)[place % 2]) for place in range(FOUND)]
        return list(dict.fromkeys(mixed))

    @staticmethod
    def shown(found: Sequence[int], gold: Sequence[int], count: int, rng: random.Random) -> list[int]:
        """The first `count` entries, best first; gold that is missing replaces the last that are not gold."""
        first = list(found[:count])
        missing = [at for at in gold if at not in first]
        keep = [at for at in first if at in gold]
        others = [at for at in first if at not in gold][: count - len(keep) - len(missing)]
        shown = [at for at in first if at in keep or at in others]
        for at in missing:
            shown.insert(rng.randrange(len(shown) + 1), at)
        return shown

    def others(self, question: Question, shown: Sequence[int], rng: random.Random) -> list[Question]:
        """Further questions about these clauses: answered by them, and now and then one that they do not answer."""
        seen = set(shown)
        answered = [
            other
            for other in self.questions
            if other.facts != question.facts and self.gold[other.id] and set(self.gold[other.id]) <= seen
        ]
        by_fact = {other.facts or other.id: other for other in rng.sample(answered, len(answered))}
        chosen = list(by_fact.values())[: self.lessons.turns - 1]
        if rng.random() < self.lessons.strange:
            documents = {self.region.entries[at].metadata["document"] for at in shown}
            unanswered = [
                other
                for other in self.questions
                if not (set(self.gold[other.id]) & seen)
                and documents & set(other.documents)
                and other.id != question.id
            ]
            chosen += rng.sample(unanswered, min(1, len(unanswered)))
        return chosen

    def answer(self, question: Question, shown: Sequence[int]) -> str:
        """As the clauses write it; "not stated" where they do not hold all of the evidence."""
        gold = self.gold[question.id]
        if not question.answerable or not gold or not set(gold) <= set(shown):
            return NOT_STATED
        return as_written(question, [self.region.entries[at].page_content for at in gold])


def examples(tokenizer: Any, seed: int, lessons: Lessons = LESSONS) -> list[Example]:
    """Readings from all train regions in turn, until there are so many tokens."""
    embeddings = domain_encoder()
    made, tokens = [], 0
    for clauses, turns in _readings(first_regions(TRAIN_REGIONS), embeddings, seed, lessons):
        made.append(encode_turns(tokenizer, clauses, turns))
        tokens += len(made[-1][0])
        if tokens >= lessons.tokens:
            break
    return made


def _readings(
    regions: Sequence[Region], embeddings: "Embeddings", seed: int, lessons: Lessons
) -> Iterator[tuple[list[str], list[tuple[str, str]]]]:
    sources = [Readings(region, embeddings, lessons) for region in regions]
    asked = [(source, question) for source in sources for question in source.questions]
    random.Random(f"order {seed}").shuffle(asked)
    for source, question in asked:
        if reading := source.reading(question, seed):
            yield reading


def tuned(seed: int, lessons: Lessons = LESSONS, recipe: Recipe = RECIPE, folder: Path = BUILD) -> LocalChat:
    """The reader of one seed: from `folder`, or trained now (from its checkpoint, if it was cut off)."""
    name = name_of(seed)
    registry = Adapters(folder / "adapters")
    if name in registry.names():
        return refusing(registry.chat(name, None, 32), REFUSAL_BIAS)
    chat = load_local_model(None)
    taught = examples(chat.tokenizer, seed, lessons)
    recipe = Recipe(**{**asdict(recipe), "steps": len(taught) // recipe.batch, "seed": seed})
    digest = hashlib.sha256(json.dumps(taught).encode()).hexdigest()
    print(f"{len(taught)} readings, {sum(len(ids) for ids, _ in taught):,} tokens, {recipe.steps} steps", flush=True)
    model = prepare(chat.model.float(), recipe)
    if hasattr(base := model.get_base_model(), "activation_checkpointing_disable"):
        base.activation_checkpointing_disable()  # room enough here, and faster
    belongs = {"recipe": asdict(recipe), "lessons": asdict(lessons), "data": digest}
    checkpoint = Checkpoint(folder / f"{name}.checkpoint", json.loads(json.dumps(belongs)), every=20)
    started = time.perf_counter()

    def say(losses: list[float]) -> bool:
        if len(losses) % 10 == 0:
            spent = time.perf_counter() - started
            print(f"step {len(losses)} loss {np.mean(losses[-10:]):.3f}, {spent:.0f} s", flush=True)
        return False

    train(model, taught, recipe, checkpoint, say)
    registry.keep(name, model.bfloat16(), asdict(recipe) | {"lessons": asdict(lessons), BIAS: REFUSAL_BIAS}, digest)
    return refusing(registry.chat(name, None, 32), REFUSAL_BIAS)


def name_of(seed: int) -> str:
    return f"reader seed {seed}"
