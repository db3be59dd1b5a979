"""Make what lab 2.4 rests on: what a reader says that sometimes cites, six times to each question.

usage: python -m tools.domain preferences start      # data/adapters/citing
       python -m tools.domain preferences samples    # data/preference_samples.jsonl.gz

start: the domain reader learns for a few minutes from readings in which three answers of ten cite their clause, so that
both forms are alive. samples: what it says to questions of train families that it has not seen, six times each, drawn
at temperature 1. Regions 12 to 16 of the world, which neither the domain reader nor an exam has seen.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

from llm_workbook.benchmark.reading import SEVERAL
from llm_workbook.benchmark.store import zipped
from llm_workbook.corpus.records import Question
from llm_workbook.feedback.policy import MOST, START, decoded, sample
from llm_workbook.feedback.records import SAMPLES, Asked, heading
from llm_workbook.files import write_whole
from llm_workbook.models.chat import load_local_model
from llm_workbook.training.adapters import Adapters, load_lora, merged
from llm_workbook.training.domain import ADAPTERS, NOT_STATED, READER, domain_encoder
from llm_workbook.training.fit import Recipe, prepare, train

from ..difficulty import encode_turns
from .data import Region, first_regions
from .reader import FIRST, Readings

RECIPE = Recipe(rank=16, alpha=32, layers="all", learning_rate=5e-4, batch=4)
TAUGHT, ASKED = (12, 14), (13, 15, 16)  # numbers of regions
READINGS, CITES = 640, 0.3  # of the start; share of its answers that cite
LESSONS = replace(FIRST, shown=(2, 3), turns=4, withheld=0.1, strange=0.3, mixed=0.6, own_first=True)
COUNTS = {True: 32, False: 28}  # questions of each region with and without an answer


def main() -> int:
    """The part that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("start", "samples"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(sys.argv[2:])
    return {"start": start, "samples": samples}[options.part](options.seed)


def start(seed: int) -> int:
    """Train the reader whose samples are shipped, and keep it."""
    chat, rng = load_local_model(None), random.Random(seed)
    sources = [Readings(first_regions(max(TAUGHT) + 1)[number], domain_encoder(), LESSONS) for number in TAUGHT]
    both = [reading for source in sources for reading in _readings(source, rng)]
    readings = rng.sample(both, min(READINGS, len(both)))
    taught = [encode_turns(chat.tokenizer, clauses, _cited(turns[:4], clauses, rng)) for _, clauses, turns in readings]
    recipe = replace(RECIPE, steps=len(taught) // RECIPE.batch, seed=seed)
    print(f"{len(taught)} readings, {sum(len(ids) for ids, _ in taught):,} tokens, {recipe.steps} steps", flush=True)
    model = prepare(chat.model, recipe)
    load_lora(model, Adapters(ADAPTERS).whole_weights(READER))
    train(model, taught, recipe)
    digest = hashlib.sha256(json.dumps(taught).encode()).hexdigest()
    done = asdict(recipe) | {"lessons": asdict(LESSONS), "cites": CITES}
    Adapters(ADAPTERS).keep(START, model.bfloat16(), done, digest)
    (ADAPTERS / START / "README.md").unlink(missing_ok=True)  # peft's own, of a model hub
    return 0


Reading = tuple[Question, list[str], list[tuple[str, str]]]


def _readings(source: Readings, rng: random.Random) -> list[Reading]:
    """(question, clauses, turns) of all questions of a region's train families that at most one clause answers."""
    asked = [one for one in source.questions if one.type not in SEVERAL]
    found = [(one, reading) for one in rng.sample(asked, len(asked)) if (reading := source.reading(one, 1))]
    return [(one, clauses, turns) for one, (clauses, turns) in found]


def _cited(turns: Sequence[tuple[str, str]], clauses: Sequence[str], rng: random.Random) -> list[tuple[str, str]]:
    """The turns, in which so many of the answers name the heading of their clause."""
    taught = []
    for question, answer in turns:
        holds = [clause for clause in clauses if answer in clause]
        if answer != NOT_STATED and holds and rng.random() < CITES:
            answer = f"{answer} [{heading(holds[0])}]"
        taught.append((question, answer))
    return taught


def samples(seed: int) -> int:
    """Ask the start, and write down what it says."""
    import torch
    from tqdm import tqdm

    chosen = [one for number in ASKED for one in _asked_of(first_regions(max(ASKED) + 1)[number], seed)]
    chat = merged(Adapters(ADAPTERS).chat(START, None, MOST))
    generator, lines = torch.Generator().manual_seed(seed), []
    for one in tqdm(random.Random(seed).sample(chosen, len(chosen))):
        said = decoded(chat.tokenizer, sample(chat.model, chat.tokenizer, one, generator))
        lines.append(json.dumps(asdict(replace(one, samples=tuple(said)))))
    write_whole(SAMPLES, zipped(("\n".join(lines) + "\n").encode()))
    return 0


def _asked_of(region: Region, seed: int) -> list[Asked]:
    """Questions of a region's train families, so many with and without an answer, by chance."""
    source = Readings(region, domain_encoder(), replace(LESSONS, withheld=0.0))
    every = [_asked(region, source, *reading) for reading in _readings(source, random.Random(seed))]
    kinds = {kind: [one for one in every if bool(one.answers) == kind] for kind in COUNTS}
    return [one for kind, count in COUNTS.items() for one in kinds[kind][:count]]


def _asked(region: Region, source: Readings, one: Question, clauses: list[str], _: object) -> Asked:
    """The question as the start is asked it; without answers where its clause is not shown."""
    gold = [region.entries[at].page_content for at in source.gold[one.id]]
    known = one.answerable and all(clause in clauses for clause in gold)
    heads = tuple(map(heading, gold)) if known else ()
    return Asked(one.id, one.family, one.type, one.question, tuple(clauses), tuple(one.answers) if known else (), heads)
