"""Record lab 3.3's table: three trainings x five contexts x five tasks, three seeds, on the 15 test families.

usage: python -m tools.domain grid [--seeds 1 2 3] [--contexts NAME ...] [--trainings NAME ...] [--again]
       python -m tools.domain grid --only-train     train the adapters, answer nothing
       python -m tools.domain grid --prompts        print on dev what the best prompt was chosen from

Rows: the model as it comes; "closed-book", trained on questions and answers without clauses and on the text of the test
contracts, several times over; "raft", the domain reader for questions and, for the other two tasks, an adapter trained
on examples as a search finds them; and rows that read nothing. A row is recorded when all its seeds have answered on
all corpora. A cell that is on record with these seeds is skipped, so the table can be made in several sittings;
adapters and answers are kept, too, so a sitting that was cut off goes on where it stood. --again records anew: needed
after a change of questions, prompts or scoring, which the record does not notice.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from statistics import mean
from types import MappingProxyType
from typing import Any

import pandas as pd

from llm_workbook.benchmark.ledger import read_runs
from llm_workbook.benchmark.reading import ask_all, with_usage
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import EVIDENCE
from llm_workbook.labs.lab_3_3 import five_tasks
from llm_workbook.labs.lab_3_3.five_tasks import CONTEXTS, GUESSES, TRAINED, FiveTasks, asked
from llm_workbook.models.chat import LocalChat, free_memory, load_local_model
from llm_workbook.settings import DATA
from llm_workbook.taught.lab_2_2 import Example, encode
from llm_workbook.training.adapters import Adapters
from llm_workbook.training.domain import NOT_STATED, domain_encoder
from llm_workbook.training.fit import Recipe, fit, general_sentences, mean_loss

from .ladder import MOST_TOKENS as MOST_OF_A_QUESTION
from .ladder import record
from .lessons import lessons, texts
from .reader import BUILD, FIRST, SECOND, tuned

Tables = dict[tuple[str, str], pd.DataFrame]  # (system, corpus) -> scored answers

LAB = "3.3"
RECORDED = DATA / "recorded" / f"{LAB}.jsonl.gz"
TRAININGS = ("none", "closed-book", "raft")
PASSES = 4  # over the text of the test contracts
LESSONS = {"qa": 1000, "classification": 400, "summary": 60}
RAFT_LESSONS = {"classification": 300, "summary": 40}
MOST_TOKENS = {"classification": 16, "summary": 112}  # of an answer; else as on the ladder
INDEX = "clauses, domain encoder, k = 4"
ALWAYS = "always refuse"


def main() -> int:
    """Train what is missing, answer, record."""
    options = _options()
    if options.prompts:
        return compare_prompts()
    if not options.only_train and (options.again or not is_recorded(ALWAYS)):
        keep(guess_rows())
    for training in options.trainings:
        seeds = _own(training, options.seeds)
        todo = [one for one in options.contexts if options.again or not is_recorded(f"{training} x {one}", seeds)]
        print(f"{training}: {', '.join(todo) or 'nothing'} to record", flush=True)
        if options.only_train:
            for seed in seeds:
                speaker(training, "classification", seed)
        elif todo:
            keep(cells(training, todo, seeds), costs_of(training, seeds))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--trainings", nargs="+", choices=TRAININGS, default=TRAININGS)
    parser.add_argument("--contexts", nargs="+", choices=CONTEXTS, default=CONTEXTS)
    parser.add_argument("--prompts", action="store_true", help="compare prompts on dev, record nothing")
    parser.add_argument("--only-train", action="store_true")
    parser.add_argument("--again", action="store_true", help="record anew what is on record")
    return parser.parse_args(sys.argv[2:])


def is_recorded(system: str, seeds: Sequence[int] = ()) -> bool:
    """Is the system on record for every evidence corpus, with all of these seeds?"""
    runs = [run["header"] for run in read_runs(RECORDED, "recorded") if run["header"]["system"] == system]
    known = {header["corpus"]: set(header["seeds"]) for header in runs}
    return all(corpus in known and set(seeds) <= known[corpus] for corpus in EVIDENCE)


def cells(training: str, contexts: Sequence[str], seeds: Sequence[int]) -> Tables:
    """The answers of one row's cells: (system, corpus) -> all seeds together."""
    tables: dict[tuple[str, str], list[pd.DataFrame]] = defaultdict(list)
    for seed, context, corpus in product(seeds, contexts, EVIDENCE):
        table = answers(training, context, corpus, seed)
        print(f"{training} x {context}, {corpus}, seed {seed}: {_sentence(table)}", flush=True)
        tables[f"{training} x {context}", corpus].append(table)
    return {key: pd.concat(parts, ignore_index=True) for key, parts in tables.items()}


def guess_rows() -> Tables:
    """The rows that read nothing."""
    tables: Tables = {}
    for corpus in EVIDENCE:
        five, questions = tasks_of(corpus), asked(corpus, "test")
        given = {f"guess: {guess}": five_tasks.guessed(questions, guess) for guess in GUESSES}
        given[ALWAYS] = [NOT_STATED] * len(questions)
        tables |= {(name, corpus): five.score(questions, texts) for name, texts in given.items()}
    return tables


@cache
def tasks_of(corpus: str) -> FiveTasks:
    """The five tasks of one corpus, searched with the domain encoder."""
    return FiveTasks(corpus, domain_encoder())


def answers(training: str, context: str, corpus: str, seed: int, split: str = "test") -> pd.DataFrame:
    """The scored answers of one cell on one corpus by the reader of one seed; from the cache, where they are known."""
    five, questions = tasks_of(corpus), asked(corpus, split)
    shown = five.shown(questions, context)
    tables = []
    for task in ("qa", "classification", "summary"):
        part = [question for question in questions if question.task == task and question.id in shown]
        if not part:
            continue
        most = MOST_TOKENS.get(task, MOST_OF_A_QUESTION)
        chat = speaker(training, task, seed).model_copy(update={"max_new_tokens": most})
        replies, seconds = ask_all(chat, five.prompts(part, shown, training == "none"))
        tables.append(with_usage(five.score(part, [reply.text for reply in replies]), replies, seconds))
    return pd.concat(tables, ignore_index=True).assign(seed=seed)


_held: dict[tuple[str, int], LocalChat] = {}


def speaker(training: str, task: str, seed: int) -> LocalChat:
    """The reader of a row for one task; one is in memory at a time."""
    key = (f"{training} questions" if training == "raft" and task == "qa" else training, seed)
    if key not in _held:
        _held.clear()
        free_memory()
        if training == "none":
            _held[key] = load_local_model(None, MOST_OF_A_QUESTION)
        else:
            _held[key] = tuned(seed) if key[0] != training else adapter(training, seed)
    return _held[key]


def adapter(training: str, seed: int) -> LocalChat:
    """The adapter of one row and seed: from the registry, or trained now."""
    chat = load_local_model(None)
    taught = encoded(chat.tokenizer, training, seed)
    size = 8 if training == "closed-book" else 4
    recipe = Recipe(layers="all", batch=size, steps=len(taught) // size, seed=seed)
    read = sum(len(ids) for ids, _ in taught)
    print(f"{training} seed {seed}: {len(taught)} examples, {read:,} tokens, {recipe.steps} steps", flush=True)
    started = time.perf_counter()

    def say(_chat: Any, losses: list[float]) -> bool:
        if len(losses) % 20 == 0:
            mean = sum(losses[-20:]) / 20
            print(f"step {len(losses)} loss {mean:.3f}, {time.perf_counter() - started:.0f} s", flush=True)
        return False

    return fit(Adapters(BUILD / "adapters"), f"grid {training} seed {seed}", recipe, taught, None, say)


def encoded(tokenizer: Any, training: str, seed: int) -> list[Example]:
    """The lessons of one row and seed; of a text to read every token is learned."""
    counts = LESSONS if training == "closed-book" else RAFT_LESSONS
    made = [
        encode(tokenizer, *one) for one in lessons(training, [tasks_of(corpus) for corpus in TRAINED], seed, counts)
    ]
    if training == "closed-book":
        read = [tokenizer(text)["input_ids"] for corpus in EVIDENCE for text in texts(tasks_of(corpus))]
        made += PASSES * [(ids, ids) for ids in read]
    return made


def costs_of(training: str, seeds: Sequence[int]) -> dict[str, float]:
    """What is measured of a row as a whole, a mean over its seeds: the loss on plain sentences (nats per token; its
    increase is what the reader has forgotten), and the tokens of its lessons (the domain reader's: about)."""
    losses, tokens = [], []
    for seed in seeds:
        chat = speaker(training, "qa", seed)
        losses.append(mean_loss(chat.model, general_sentences(chat.tokenizer)))
        taught = encoded(chat.tokenizer, training, seed) if training != "none" else []
        tokens.append(sum(len(ids) for ids, _ in taught) + (FIRST.tokens + SECOND.tokens) * (training == "raft"))
    return {"general_loss": mean(losses), "training_tokens": mean(tokens)}


def keep(tables: Tables, costs: Mapping[str, float] = MappingProxyType({})) -> None:
    """Write cells in place of what was recorded of them; the other cells stay. costs: of these cells' training."""
    names = [*(f"guess: {guess}" for guess in GUESSES), ALWAYS]
    traits = {name: Traits(context="none") for name in names}
    for training, context in product(TRAININGS, CONTEXTS):
        traits[f"{training} x {context}"] = Traits(training, context, index=INDEX if context == "retrieved" else "")
    record(RECORDED, LAB, tables, traits, {name: costs for name, _ in tables}, EVIDENCE)


def _own(training: str, seeds: Sequence[int]) -> Sequence[int]:
    """The seeds of a row: the model as it comes has one."""
    return seeds if training != "none" else [0]


def compare_prompts() -> int:
    """Print how the untuned model does on dev with each number of demonstrations."""
    for count in (4, 8, 16):
        five_tasks.DEMONSTRATIONS = count
        five_tasks._examples.cache_clear()
        table = pd.concat([answers("none", "prompt", corpus, 0, "dev") for corpus in EVIDENCE])
        print(f"{count} demonstrations: {_sentence(table)}", flush=True)
    return 0


def _sentence(table: pd.DataFrame) -> str:
    """Right answers by task, in %, and needless refusals."""
    right = table.groupby("task", sort=False)["correct"].mean() * 100
    needless = 100 * table[table["answerable"] & table["task"].isin(five_tasks.TASKS[:2])]["refused"].mean()
    return ", ".join(f"{task} {value:.1f}" for task, value in right.items()) + f", needless refusals {needless:.1f}"
