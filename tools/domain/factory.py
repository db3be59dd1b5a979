"""Train readers on the sets of lab 2.1 with several seeds, and ask each the lab's exam: data/factory.csv.gz.

usage: python -m tools.domain factory [--sets mix ...] [--tokens 45000] [--seeds 7 8 9] [--split dev] [--write]

Each reader gets the same number of tokens. The exam is that of the lab (six one-clause questions of each of the 20 test
families of four regions), and two questions of each family that have no answer, shown with the clause that tempts. A
run that was cut off goes on after the last training that was finished. A set is chosen with --split dev, which is
printed only. --write makes data/written_pairs.jsonl.gz again: what the offline model writes alone, unfiltered.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import product

import pandas as pd

from llm_workbook.benchmark.store import zipped
from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_2_1 import pairs as factory
from llm_workbook.labs.lab_2_1.exam import MOST, RECORDED_EACH, REGIONS, Asked, answers_of, of_each_family, recipe_for
from llm_workbook.labs.lab_2_1.readings import examples_for
from llm_workbook.labs.lab_2_1.tables import RECORDED, record_table
from llm_workbook.models.chat import load_chat_model, load_local_model
from llm_workbook.taught.lab_2_1 import first_of_its_kind, has_style, is_short, is_stated, take_turns
from llm_workbook.training.adapters import merged, with_model
from llm_workbook.training.fit import prepare, train

from .reader import BUILD

CORPUS, WRITTEN, TOKENS = "authored", 192, 45_000
UNANSWERABLE = 2  # questions of each family
KEPT = ["run", "set", "seed", "tokens", "question_id", "family", "type", "answerable", "correct", "refused"]


def main() -> int:
    """Train what is missing, then keep and print the rates; or write the pairs again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", choices=SETS, nargs="+", default=[*SETS])
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--seeds", type=int, nargs="+", default=(7, 8, 9))
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(sys.argv[2:])
    if options.write:
        return write()
    work = BUILD / f"factory {options.split}.csv"
    done = pd.read_csv(work) if work.exists() else pd.DataFrame(columns=KEPT)
    for seed, name in product(options.seeds, options.sets):
        if (run := f"{name} {seed} {options.tokens}") not in set(done["run"]):
            scores = exam(name, seed, options.tokens, options.split)
            done = pd.concat([done, scores.assign(run=run, set=name, seed=seed, tokens=options.tokens)[KEPT]])
            work.parent.mkdir(parents=True, exist_ok=True)
            write_whole(work, done.to_csv(index=False))
            print(run, scores.groupby("type")["correct"].mean().round(3).to_dict(), flush=True)
    if options.split == "test":
        keep(done[done["tokens"] == TOKENS])
    print(record_table(done[done["tokens"] == options.tokens]).to_string())
    return 0


def keep(done: pd.DataFrame) -> None:
    """Write the record, set by set."""
    text = done.drop(columns="run").sort_values(["set", "seed"], kind="stable").to_csv(index=False)
    write_whole(RECORDED, zipped(text.encode()))


def write() -> int:
    """What the offline model writes alone for the first clauses of the train families."""
    clauses = factory.clauses_of(factory.to_teach(CORPUS))[:WRITTEN]
    lines = (json.dumps(asdict(pair)) for pair in factory.by_model(load_chat_model(None, 44), clauses))
    write_whole(factory.WRITTEN_BEFORE, zipped(("\n".join(lines) + "\n").encode()))
    return 0


# ------------------------------------------------------------------ the sets


def one_kind() -> list[factory.Pair]:
    """The pairs of rule and facts that pass the filters and whose answer is a period."""
    return [pair for pair in passing() if pair.kind == "period"]


def mix() -> list[factory.Pair]:
    """As many pairs of all kinds in turn, as lab 2.1 makes them."""
    kept = passing()
    kinds = {kind: [pair for pair in kept if pair.kind == kind] for kind in sorted({pair.kind for pair in kept})}
    return take_turns(kinds, len(kinds["period"]))


def wild() -> list[factory.Pair]:
    """What the model wrote alone, unfiltered."""
    return factory.written_before()


SETS: dict[str, Callable[[], list[factory.Pair]]] = {
    "one kind": one_kind,
    "mix": mix,
    "wild": wild,
}
TURNS = {"wild": 1}  # questions a reading, at most; of all other sets 8


def passing() -> list[factory.Pair]:
    """The pairs of rule and facts that pass lab 2.1's filters, each once."""
    ruled = factory.from_values(factory.clauses_of(factory.to_teach(CORPUS)))
    kept = [pair for pair in [*ruled, *factory.from_facts(CORPUS)] if _passes(pair)]
    new = first_of_its_kind([(pair.question, pair.answer, pair.clause) for pair in kept])
    return [pair for pair, is_new in zip(kept, new, strict=True) if is_new]


def _passes(pair: factory.Pair) -> bool:
    fits = is_stated(pair.answer, pair.body) and is_short(pair.answer) and has_style(pair.question)
    echo = is_stated(pair.answer, pair.question)
    return fits and not echo and factory.asks_for_its_kind(pair.question, pair.answer)


# ------------------------------------------------------------------ one reader


def exam(name: str, seed: int, tokens: int, split: str) -> pd.DataFrame:
    """Train one reader on one of SETS; its scored answers, each question with its right clause among two others."""
    chat = load_local_model(None, MOST)
    examples = examples_for(chat.tokenizer, SETS[name](), TURNS.get(name, 8), seed, tokens)
    recipe = recipe_for(examples, seed)
    model = prepare(chat.model, recipe)
    train(model, examples, recipe)
    return answers_of(merged(with_model(chat, model, f"factory {name} {seed} {tokens}")), asked_of(split))


def asked_of(split: str) -> Asked:
    """The questions of the exam by region: those that have an answer, then those that have none."""
    return {region: _questions(load_questions(region, split)) for region in REGIONS}


def _questions(every: Sequence[Question]) -> list[Question]:
    tempting = [one for one in every if one.type == "unanswerable" and one.nearby]
    return of_each_family(every, RECORDED_EACH) + of_each_family(tempting, UNANSWERABLE, one_clause=False)
