"""Train lab 2.1's three sets with several seeds, and ask each reader all one-clause questions of one split.

usage: python -m tools.domain factory [--tokens 22500] [--seeds 7 8 9] [--split dev] [--write]

Each reader gets the same number of tokens. A run that was cut off goes on after the last training that was finished.
Writes build/domain/factory.csv (one row for each answer) and prints the rates. --write makes
data/written_pairs.jsonl.gz again: what the offline model writes alone, unfiltered.
"""

import argparse
import gzip
import json
import sys
from dataclasses import asdict
from itertools import product

import pandas as pd

from llm_workbook.benchmark.reading import ReadingExam, of_one_clause
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_2_1 import pairs as factory
from llm_workbook.labs.lab_2_1.readings import examples_for
from llm_workbook.models.chat import load_chat_model, load_local_model
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.taught.lab_2_1 import has_style, is_short, is_stated, take_turns
from llm_workbook.training.adapters import merged, with_model
from llm_workbook.training.fit import Recipe, prepare, train

from .reader import BUILD

CORPUS, WRITTEN, MIX, MOST_TOKENS = "authored", 192, 400, 20
PLANS = {"wild": 1, "factory, one": 1, "factory": 8}  # name -> questions a reading, at most


def main() -> int:
    """Train what is missing, then print the rates; or write the pairs again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=22_500)
    parser.add_argument("--seeds", type=int, nargs="+", default=(7, 8, 9))
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(sys.argv[2:])
    if options.write:
        return write()
    work = BUILD / "factory.csv"
    done = pd.read_csv(work) if work.exists() else pd.DataFrame({"run": []})
    for seed, plan in product(options.seeds, PLANS):
        run = f"{plan} {seed} {options.tokens} {options.split}"
        if run not in set(done["run"]):
            answers = exam(plan, seed, options.tokens, options.split).assign(run=run, plan=plan, seed=seed)
            done = pd.concat([done, answers])
            work.parent.mkdir(parents=True, exist_ok=True)
            write_whole(work, done.to_csv(index=False))
            print(f"{run}: {100 * answers['correct'].mean():.1f} % right", flush=True)
    print(done.groupby("run")["correct"].agg(["mean", "size"]).round(3).to_string())
    return 0


def write() -> int:
    """What the offline model writes alone for the first clauses of the train families."""
    clauses = factory.clauses_of(factory.to_teach(CORPUS))[:WRITTEN]
    lines = (json.dumps(asdict(pair)) for pair in factory.by_model(load_chat_model(None, 44), clauses))
    write_whole(factory.WRITTEN_BEFORE, gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    return 0


def mix() -> list[factory.Pair]:
    """The set of lab 2.1: rule and facts through its filters, kinds in turn."""
    ruled = factory.from_values(factory.clauses_of(factory.to_teach(CORPUS)))
    kept = [pair for pair in [*ruled, *factory.from_facts(CORPUS)] if _passes(pair)]
    kinds = {kind: [pair for pair in kept if pair.kind == kind] for kind in sorted({pair.kind for pair in kept})}
    return take_turns(kinds, MIX)


def _passes(pair: factory.Pair) -> bool:
    fits = is_stated(pair.answer, pair.body) and is_short(pair.answer) and has_style(pair.question)
    echo = is_stated(pair.answer, pair.question)
    return fits and not echo and factory.asks_for_its_kind(pair.question, pair.answer)


def exam(plan: str, seed: int, tokens: int, split: str) -> pd.DataFrame:
    """Train one reader; its scored answers, each question with its right clause among two others."""
    chat = load_local_model(None, MOST_TOKENS)
    pairs = factory.written_before() if plan == "wild" else mix()
    examples = examples_for(chat.tokenizer, pairs, PLANS[plan], seed, tokens)
    recipe = Recipe(learning_rate=1e-3, batch=1, steps=len(examples), seed=seed)
    model = prepare(chat.model, recipe)
    train(model, examples, recipe)
    taken = ReadingExam(CORPUS, load_contracts(CORPUS), CachedEmbeddings())
    reader = merged(with_model(chat, model, f"factory {plan} {seed} {tokens}"))
    return taken.take(reader, of_one_clause(load_questions(CORPUS, split)), "among others")
