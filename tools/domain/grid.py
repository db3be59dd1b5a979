"""Record lab 3.3's table: three trainings x five contexts x five tasks, three seeds, on the 15 test families.

usage: python -m tools.domain grid [--seeds 1 2 3] [--contexts NAME ...] [--trainings NAME ...] [--again]
       python -m tools.domain grid --trainings raft --asked-seeds 1 2 3 --again   more of "raft": an hour for each seed
       python -m tools.domain grid --only-train          train the adapters, answer nothing
       python -m tools.domain grid --prompts             print on dev what the best prompt was chosen from

Rows: the model as it comes; "closed-book", trained on questions and answers without clauses and on the text of the test
contracts, several times over; "raft", the domain reader for questions and, for the other two tasks, an adapter trained
on examples as a search finds them; and rows that read nothing. What "raft" answers to questions in the context
"retrieved" is taken from the ladder, which has asked the same prompts of its three readers; all else of "raft" is asked
of the shipped reader's seed alone, unless --asked-seeds names more.

A cell is recorded seed by seed, and what is on record is skipped, so the table can be made in several sittings;
adapters and answers are kept, too, so a sitting that was cut off goes on where it stood. --again records anew: needed
after a change of questions, prompts or scoring, which the record does not notice.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any

import pandas as pd

from llm_workbook.benchmark.ladder import rung_answers
from llm_workbook.benchmark.reading import ask_all, with_usage
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import EVIDENCE
from llm_workbook.corpus.records import Question
from llm_workbook.labs.lab_3_3 import five_tasks
from llm_workbook.labs.lab_3_3.cells import INDEX
from llm_workbook.labs.lab_3_3.five_tasks import CONTEXTS, GUESSES, TRAINED, FiveTasks, asked
from llm_workbook.labs.lab_3_3.table import ALWAYS, RECORDED, TRAININGS
from llm_workbook.models.chat import LocalChat, free_memory, load_local_model
from llm_workbook.taught.lab_2_2 import Example, encode
from llm_workbook.training.adapters import Adapters
from llm_workbook.training.domain import NOT_STATED, domain_encoder
from llm_workbook.training.fit import Recipe, fit, general_sentences, mean_loss

from .ladder import MOST_TOKENS as MOST_OF_A_QUESTION
from .ladder import RUNGS, SHIPPED, reader, record, tables_of
from .lessons import lessons, texts
from .reader import BUILD, FIRST, SECOND

Tables = dict[tuple[str, str], pd.DataFrame]  # (system, corpus) -> scored answers

LAB = "3.3"
PASSES = 4  # over the text of the test contracts
LESSONS = {"qa": 1000, "classification": 400, "summary": 60}
RAFT_LESSONS = {"classification": 80, "summary": 60}
MOST_TOKENS = {"classification": 16, "summary": 112}  # of an answer; else as on the ladder


def main() -> int:
    """Train what is missing, answer, record."""
    options = _options()
    if options.prompts:
        return compare_prompts()
    if not options.only_train and (options.again or ALWAYS not in recorded_seeds()):
        keep(guess_rows())
    for training in options.trainings:
        for seed in options.seeds if training != "none" else [0]:
            known = {} if options.again else recorded_seeds()
            asks = training != "raft" or seed in options.asked_seeds
            contexts = [one for one in options.contexts if asks or one == "retrieved"]
            todo = [one for one in contexts if seed not in known.get(f"{training} x {one}", ())]
            print(f"{training}, seed {seed}: {', '.join(todo) or 'nothing'} to record", flush=True)
            if options.only_train and asks:
                speaker(training, "classification", seed)
            elif todo and not options.only_train:
                keep(cells(training, todo, seed, asks), costs_of(training, seed if asks else SHIPPED))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--asked-seeds", type=int, nargs="+", default=[SHIPPED])
    parser.add_argument("--trainings", nargs="+", choices=TRAININGS, default=TRAININGS)
    parser.add_argument("--contexts", nargs="+", choices=CONTEXTS, default=CONTEXTS)
    parser.add_argument("--prompts", action="store_true", help="compare prompts on dev, record nothing")
    parser.add_argument("--only-train", action="store_true")
    parser.add_argument("--again", action="store_true", help="record anew what is on record")
    return parser.parse_args(sys.argv[2:])


def recorded_seeds() -> dict[str, set[int]]:
    """system -> the seeds that have answered on every evidence corpus."""
    return {
        name: set(table["seed"]) if "seed" in table else {0}
        for name, table in rung_answers("authored", RECORDED).items()
    }


def cells(training: str, contexts: Sequence[str], seed: int, asks: bool = True) -> Tables:
    """The answers of one row's cells by one seed: (system, corpus) -> table. asks: see `answers`."""
    tables: Tables = {}
    for context, corpus in product(contexts, EVIDENCE):
        table = answers(training, context, corpus, seed, asks=asks)
        print(f"{training} x {context}, {corpus}, seed {seed}: {_sentence(table)}", flush=True)
        tables[f"{training} x {context}", corpus] = table
    return tables


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


def answers(
    training: str, context: str, corpus: str, seed: int, split: str = "test", asks: bool = True
) -> pd.DataFrame:
    """The scored answers of one cell on one corpus by one seed; from the cache, where they are known. asks: False takes
    what the ladder has."""
    five, questions = tasks_of(corpus), asked(corpus, split)
    shown = five.shown(questions, context)
    tables = []
    for task in ("qa", "classification", "summary"):
        part = [question for question in questions if question.task == task and question.id in shown]
        if (training, task, context) == ("raft", "qa", "retrieved"):
            tables.append(of_the_ladder(five, part, seed))
        elif part and asks:
            most = MOST_TOKENS.get(task, MOST_OF_A_QUESTION)
            chat = speaker(training, task, seed).model_copy(update={"max_new_tokens": most})
            replies, seconds = ask_all(chat, five.prompts(part, shown, training == "none"))
            tables.append(with_usage(five.score(part, [reply.text for reply in replies]), replies, seconds))
    return pd.concat(tables, ignore_index=True).assign(seed=seed)


def of_the_ladder(five: FiveTasks, questions: Sequence[Question], seed: int) -> pd.DataFrame:
    """The answers of one seed's domain reader from what the search found, as the ladder has recorded them: its prompts
    are the same. Raises: ValueError when it has not asked all of these questions."""
    table = rung_answers()[RUNGS["encoder"].name]
    known = table[table["seed"] == seed].set_index("question_id")
    if absent := [question.id for question in questions if question.id not in known.index]:
        raise ValueError(f"the ladder has no answer of seed {seed} to {absent[0]}: record its rung 'encoder' first")
    rows = known.loc[[question.id for question in questions]]
    usage = rows[["input_tokens", "output_tokens", "seconds"]].reset_index(drop=True)
    return pd.concat([five.score(questions, list(rows["answer"])), usage], axis=1)


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
            _held[key] = reader(seed) if key[0] != training else adapter(training, seed)
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


def costs_of(training: str, seed: int) -> dict[str, float]:
    """What is measured of one row's model: the loss on plain sentences (nats per token; its increase is what the model
    has forgotten), and the tokens that it was trained on (the domain reader: about)."""
    is_raft = training == "raft"
    chat = speaker(training, "qa", SHIPPED if is_raft else seed)
    loss = mean_loss(chat.model, general_sentences(chat.tokenizer))
    taught = encoded(chat.tokenizer, training, seed) if training != "none" else []
    read = sum(len(ids) for ids, _ in taught) + (FIRST.tokens + SECOND.tokens) * is_raft
    return {"general_loss": loss, "training_tokens": float(read)}


def keep(tables: Tables, costs: Mapping[str, float] = MappingProxyType({})) -> None:
    """Write one seed's answers into the record, in place of what this seed has answered before; other seeds and other
    cells stay. costs: of this seed's training."""
    known = tables_of(RECORDED)
    for key, table in tables.items():
        if "seed" in table and key in known:
            others = known[key][~known[key]["seed"].isin(set(table["seed"]))]
            tables[key] = pd.concat([others, table], ignore_index=True).sort_values("seed", kind="stable")
    names = [*(f"guess: {guess}" for guess in GUESSES), ALWAYS]
    traits = {name: Traits(context="none") for name in names}
    for training, context in product(TRAININGS, CONTEXTS):
        traits[f"{training} x {context}"] = Traits(training, context, index=INDEX if context == "retrieved" else "")
    record(RECORDED, LAB, tables, traits, {name: costs for name, _ in tables}, EVIDENCE)


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
