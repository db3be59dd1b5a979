"""Record lab 1.5's answers: the shipped domain reader, shown clauses in several ways, on dev and test questions.

usage: python -m tools.domain packing [--again]

Each evidence corpus is searched as a whole. 15 questions of each dev family answer for the choice of a budget; 24 of
each test family, which contain those of the ladder, then judge the budget that dev chose, the encoder's first four
clauses, and 400 tokens (for lab 1.7). What is on record for these questions is skipped, so a run that was cut off goes
on. --again records anew: needed after a change of the reader, the reranker, prompts or scoring.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pandas as pd

from llm_workbook.benchmark.search import clause_entries, place_of
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import EVIDENCE, load_contracts
from llm_workbook.labs.lab_1_5.late import scorer
from llm_workbook.labs.lab_1_5.reading import ONE, RECORDED, Reader, ways
from llm_workbook.labs.lab_1_5.second import ordered, to_score
from llm_workbook.regions import Region, encode, ranked, similarities
from llm_workbook.taught.lab_1_5 import compress, maxsim, packed, rerank
from llm_workbook.training.domain import domain_encoder, domain_reader, domain_reranker

from .exams import sample
from .ladder import MOST_TOKENS, record, tables_of
from .reader import DEV_QUESTIONS

LAB = "1.5"
FIRST_STAGE = "encoder, 4 clauses"
WAYS = {
    FIRST_STAGE: {},
    "100 tokens": {"budget": 100},
    "200 tokens": {"budget": 200},
    "400 tokens": {"budget": 400},
    "400, best last": {"budget": 400, "last": True},
    "200, compressed": {"budget": 200, "short": True},
}  # name -> how `packed` is called; the first one is the encoder's order without a budget
BUDGETS = ("100 tokens", "200 tokens", "400 tokens")  # from which dev chooses
LARGER = "400 tokens"  # lab 1.7 asks whether it would have been better
TEST_QUESTIONS = 24  # of each family

Known = dict[tuple[str, str], pd.DataFrame]  # (way, corpus) -> answers


def main() -> int:
    """Answer and record what is not on record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="record anew what is on record")
    known = {} if parser.parse_args(sys.argv[2:]).again else tables_of(RECORDED)
    for corpus in EVIDENCE:
        answer(corpus, WAYS, "dev", known)
    chosen = budget({name: pd.concat([known[name, corpus] for corpus in EVIDENCE]) for name in BUDGETS})
    print(f"chosen on dev: {chosen}", flush=True)
    for corpus in EVIDENCE:
        answer(corpus, dict.fromkeys([FIRST_STAGE, chosen, LARGER]), "test", known)
    return 0


def budget(tables: Mapping[str, pd.DataFrame]) -> str:
    """The way with the most right answers of one clause on dev, in whole %; of equal ones the smallest (the first)."""
    right = ways({name: table[table["split"] == "dev"] for name, table in tables.items()})[ONE]
    return max(tables, key=lambda name: right[name])


def answer(corpus: str, names: Iterable[str], split: str, known: Known) -> None:
    """Answer the questions of one split in these ways, and record each way as soon as it is done."""
    for name in names:
        asked = sample(corpus, split, {"dev": DEV_QUESTIONS, "test": TEST_QUESTIONS}[split])
        old = known.get((name, corpus), pd.DataFrame({"split": [], "question_id": []}))
        if list(old[old["split"] == split]["question_id"]) == [one.id for one in asked]:
            continue
        new = answers(corpus, name, split)
        print(f"{corpus}, {split}:\n{ways({name: new}).to_string()}", flush=True)
        known[name, corpus] = pd.concat([old[old["split"] != split], new], ignore_index=True)
        order = {way: traits(way) for way in WAYS}
        record(RECORDED, LAB, {(name, corpus): known[name, corpus]}, order, corpora=EVIDENCE)


def traits(name: str) -> Traits:
    """What the ledger says of one way."""
    second = "" if name == FIRST_STAGE else ", domain reranker"
    return Traits("domain reader", "retrieved", index=f"clauses, domain encoder{second}; {name}")


@cache
def searched(corpus: str) -> tuple[Reader, dict[str, list[int]], dict[str, list[int]]]:
    """(the reader with one corpus, the encoder's order, that of the second stage)."""
    dev, test = sample(corpus, "dev", DEV_QUESTIONS), sample(corpus, "test", TEST_QUESTIONS)
    region = Region(corpus, clause_entries(load_contracts(corpus)), dev, test)
    first = ranked(similarities([region], encode([region], domain_encoder())))
    score = scorer(domain_reranker(), to_score([region], first), maxsim)
    return Reader(domain_reader(MOST_TOKENS), [region], score), first, ordered([region], first, rerank, score)


def answers(corpus: str, name: str, split: str) -> pd.DataFrame:
    """The answers to one split's questions of one corpus in one way, with the places of what was shown."""
    reader, first, new = searched(corpus)
    table = reader.read(first if name == FIRST_STAGE else new, split, _choose(name, reader))
    places = {entry.page_content: str(place_of(entry)) for entry in reader.regions[0].entries}
    where = ["; ".join(places.get(text, "") for text in texts) for texts in table["clauses"]]
    return table.drop(columns=["question", "clauses"]).assign(split=split, places=where)


def _choose(name: str, reader: Reader) -> Callable[[str, list[str]], list[str]]:
    """What one way shows."""
    if name == FIRST_STAGE:
        return lambda question, clauses: clauses[:4]
    options = dict(WAYS[name])
    if options.pop("short", False):
        options["shorten"] = lambda question, text: compress(text, lambda some: reader.score(question, some))
    return packed(length=cache(reader.tokens), **options)
