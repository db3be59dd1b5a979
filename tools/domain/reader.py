"""The domain reader: a LoRA adapter that answers from clauses as the domain encoder's search finds them.

One reading is a question, the clauses that the search found for it, and further questions about these clauses: they are
read once and answered several times. Where the search missed the clause that answers, it is put in the place of the
lowest; in some readings it is not, and then "not stated" is the answer.
"""

import hashlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.corpus.load import EVIDENCE
from llm_workbook.corpus.records import Question
from llm_workbook.labs.lab_2_2.live import refusal_margins
from llm_workbook.models.chat import LocalChat, load_local_model
from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_2_2 import Example, as_written
from llm_workbook.training.adapters import Adapters, load_lora
from llm_workbook.training.checkpoint import Checkpoint
from llm_workbook.training.domain import BIAS, NOT_STATED, domain_encoder, refusing
from llm_workbook.training.fit import Recipe, prepare, train

from ..difficulty import encode_turns
from .data import TRAIN_REGIONS, Region, first_regions, search
from .exams import among_others, sample

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

BUILD = ROOT / "build" / "domain"
FOUND = 20  # entries that a search gives for a question


@dataclass(frozen=True)
class Lessons:
    """What decides the readings. tokens: of all of them together, about. shown: how many clauses, one of these."""

    tokens: int = 600_000
    shown: tuple[int, ...] = (3, 4, 5)
    turns: int = 8  # questions about one reading that its clauses answer
    withheld: float = 0.08  # share of answerable questions whose clause is taken out
    strange: float = 0.2  # share of these questions followed by a like one that the clauses do not answer
    mixed: float = 0.4  # share of readings whose other clauses are any that answer something
    absent: float | None = None  # share of readings about a question that has no answer; None: as many as there are
    own_first: bool = False  # is a reading's own question asked first, as in the exam?


FIRST = Lessons()
SECOND = Lessons(tokens=180_000, withheld=0.15, strange=0.3, absent=0.5, own_first=True)  # when to say "not stated"
RECIPE = Recipe(rank=16, alpha=32, layers="all", learning_rate=1e-3, batch=2)
GENTLE = replace(RECIPE, learning_rate=3e-4)  # of the second act
DEV_QUESTIONS = 15  # of each dev family, for what is chosen
NEEDLESS = 0.10  # the bias keeps needless refusals below this share of the dev questions whose clause is shown


class Readings:
    """The readings of one region's train families."""

    def __init__(self, region: Region, embeddings: "Embeddings", lessons: Lessons = FIRST) -> None:
        self.region, self.lessons = region, lessons
        self.questions = region.asked("train")
        self.found = search(region, self.questions, embeddings, FOUND)
        self.gold = {question.id: region.stating(question.evidence) for question in self.questions}
        self.telling = sorted({at for entries in self.gold.values() for at in entries})
        self.alike: dict[str, list[Question]] = defaultdict(list)  # the kind of fact -> the questions that ask for it
        for question in self.questions:
            if question.answerable and len(question.facts) == 1:
                self.alike[_kind(question)].append(question)

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
        asked = turns if self.lessons.own_first else rng.sample(turns, len(turns))
        taught = [(turn.question, self.answer(turn, shown)) for turn in asked]
        return [self.region.entries[at].page_content for at in shown], taught

    def at_random(self, question: Question, rng: random.Random) -> list[int]:
        """Entries that answer something, in no order: every second one of the question's own contracts."""
        near = [at for at in self.telling if self.region.entries[at].metadata["document"] in question.documents]
        mixed = [rng.choice((near or self.telling, self.telling)[place % 2]) for place in range(FOUND)]
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
        """Further questions about these clauses: answered by them, and now and then a like one that they do not
        answer: of another contract, or of another fact of a contract that is shown."""
        seen = set(shown)
        answered = [
            other
            for other in self.questions
            if other.facts != question.facts and self.gold[other.id] and set(self.gold[other.id]) <= seen
        ]
        by_fact = {other.facts or other.id: other for other in rng.sample(answered, len(answered))}
        chosen = list(by_fact.values())[: self.lessons.turns - 1]
        documents = {self.region.entries[at].metadata["document"] for at in shown}
        for asked in [question, *chosen]:
            if rng.random() < self.lessons.strange:
                like = rng.random() < 0.5 and asked.answerable and len(asked.facts) == 1
                pool = self.alike[_kind(asked)] if like else self.questions
                strangers = [
                    other
                    for other in pool
                    if self.gold[other.id]
                    and not seen & set(self.gold[other.id])
                    and (like or documents & set(other.documents))
                ]
                chosen += rng.sample(strangers, min(1, len(strangers)))
        return chosen

    def answer(self, question: Question, shown: Sequence[int]) -> str:
        """As the clauses write it; "not stated" where they do not hold all of the evidence."""
        gold = self.gold[question.id]
        if not question.answerable or not gold or not set(gold) <= set(shown):
            return NOT_STATED
        return as_written(question, [self.region.entries[at].page_content for at in gold])


def _kind(question: Question) -> str:
    """What is asked for, whatever the contract: "audit_notice"."""
    return question.facts[0].rpartition(".")[2]


def examples(tokenizer: Any, seed: int, lessons: Lessons = FIRST) -> list[Example]:
    """Readings from all train regions in turn, until there are so many tokens."""
    embeddings = domain_encoder()
    made, tokens = [], 0
    for clauses, turns in readings_of(first_regions(TRAIN_REGIONS), embeddings, seed, lessons):
        made.append(encode_turns(tokenizer, clauses, turns))
        tokens += len(made[-1][0])
        if tokens >= lessons.tokens:
            break
    return made


def readings_of(
    regions: Sequence[Region], embeddings: "Embeddings", seed: int, lessons: Lessons
) -> Iterator[tuple[list[str], list[tuple[str, str]]]]:
    """Readings from all regions in turn, in the random order of one seed."""
    sources = [Readings(region, embeddings, lessons) for region in regions]
    asked = [(source, question) for source in sources for question in source.questions]
    rng = random.Random(f"order {seed}")
    rng.shuffle(asked)
    if lessons.absent is not None:
        absent, others = ([one for one in asked if one[1].answerable == kind] for kind in (False, True))
        asked = [(absent if rng.random() < lessons.absent else others).pop() for _ in range(len(absent))]
    for source, question in asked:
        if reading := source.reading(question, seed):
            yield reading


def tuned(seed: int, folder: Path = BUILD) -> LocalChat:
    """The reader of one seed after both acts: from `folder`, or trained now (from a checkpoint, if it was cut off).

    First act: to read. Second act: from there on, at a lower learning rate, when to say "not stated". Last, its refusal
    bias is chosen on the dev families.
    """
    registry = Adapters(folder / "adapters")
    if name_of(seed) not in registry.names():
        _act(registry, first := first_act_of(seed), FIRST, replace(RECIPE, seed=seed))
        _act(registry, name_of(seed), SECOND, replace(GENTLE, seed=seed), first)
    chat = registry.chat(name_of(seed), None, 32)
    if BIAS not in registry.read(name_of(seed)).exam:
        registry.decide(name_of(seed), "the refusal bias is chosen", {BIAS: bias_for(chat)})
    return refusing(chat, registry.read(name_of(seed)).exam[BIAS])


def bias_for(chat: LocalChat) -> float:
    """The refusal bias nearest to 0, in steps of a half, at which fewer than NEEDLESS of the dev questions are refused
    with their clause among others. Raises: ValueError when -20 is not enough."""
    margins = []
    for corpus in EVIDENCE:
        questions = [question for question in sample(corpus, "dev", DEV_QUESTIONS) if question.answerable]
        shown = ([entry.page_content for entry in entries] for entries in among_others(corpus, questions))
        prompts = [conversation(clauses, one.question) for clauses, one in zip(shown, questions, strict=True)]
        margins += refusal_margins(chat, prompts)
    for bias in np.arange(0, -20, -0.5):
        if np.mean(np.array(margins) + bias > 0) < NEEDLESS:
            return float(bias)
    raise ValueError(
        f"a reader that refuses {np.mean(np.array(margins) > 20):.0%} even at -20 has learned nothing else"
    )


def _act(registry: Adapters, name: str, lessons: Lessons, recipe: Recipe, parent: str = "") -> None:
    """Train one act and keep it, unless it is kept. parent: the act whose weights it goes on from."""
    if name in registry.names():
        return
    chat = load_local_model(None)
    taught = examples(chat.tokenizer, recipe.seed, lessons)
    recipe = replace(recipe, steps=len(taught) // recipe.batch)
    digest = hashlib.sha256(json.dumps(taught).encode()).hexdigest()
    print(f"{name}: {len(taught)} readings, {sum(len(ids) for ids, _ in taught):,} tokens, {recipe.steps} steps")
    model = prepare(chat.model, recipe)
    if hasattr(base := model.get_base_model(), "activation_checkpointing_disable"):
        base.activation_checkpointing_disable()  # room enough here, and faster
    if parent:
        load_lora(model, registry.whole_weights(parent))
    lineage = {"parent": registry.identity(parent)} if parent else {}
    belongs = {"recipe": asdict(recipe) | lineage, "lessons": asdict(lessons), "data": digest}
    checkpoint = Checkpoint(registry.folder.parent / f"{name}.checkpoint", json.loads(json.dumps(belongs)), every=20)
    started = time.perf_counter()

    def say(losses: list[float]) -> bool:
        if len(losses) % 10 == 0:
            spent = time.perf_counter() - started
            print(f"step {len(losses)} loss {np.mean(losses[-10:]):.3f}, {spent:.0f} s", flush=True)
        return False

    train(model, taught, recipe, checkpoint, say)
    done = asdict(recipe) | {"lessons": asdict(lessons)}
    registry.keep(name, model.bfloat16(), done, digest, parent=parent)


def name_of(seed: int) -> str:
    """Of the reader of one seed, after both acts."""
    return f"reader seed {seed}"


def first_act_of(seed: int) -> str:
    """Of the reader of one seed after its first act."""
    return f"{name_of(seed)} first act"
