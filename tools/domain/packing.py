"""Record lab 1.5's answers: the shipped domain reader, shown clauses in several ways, on dev and test questions.

usage: python -m tools.domain packing [--again]

Each evidence corpus is searched as a whole. The questions are those of the ladder: 12 of each test family, and 15 of
each dev family. A corpus is recorded as soon as it is answered, and one that is on record is skipped, so a run that was
cut off goes on. --again records anew: needed after a change of the reader, the reranker, prompts or scoring.
"""

import argparse
import sys
from collections.abc import Callable
from functools import cache
from itertools import product

import pandas as pd

from llm_workbook.benchmark.ledger import read_runs
from llm_workbook.benchmark.search import clause_entries
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import EVIDENCE, load_contracts
from llm_workbook.labs.lab_1_5.late import scorer
from llm_workbook.labs.lab_1_5.reading import RECORDED, Reader, place_in_words, ways
from llm_workbook.labs.lab_1_5.second import ordered, to_score
from llm_workbook.regions import Region, encode, ranked, similarities
from llm_workbook.taught.lab_1_5 import compress, maxsim, packed, rerank
from llm_workbook.training.domain import domain_encoder, domain_reader, domain_reranker

from .exams import sample
from .ladder import MOST_TOKENS, record
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
DEV_ONLY = ("400, best last", "200, compressed")


def main() -> int:
    """Answer and record what is not on record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="record anew what is on record")
    again = parser.parse_args(sys.argv[2:]).again
    known = {run["header"]["corpus"] for run in read_runs(RECORDED, "recorded")} if RECORDED.exists() else set()
    for corpus in EVIDENCE:
        if again or corpus not in known:
            tables = {(name, corpus): table for name, table in answers(corpus).items()}
            record(RECORDED, LAB, tables, {name: traits(name) for name in WAYS}, corpora=EVIDENCE)
    return 0


def traits(name: str) -> Traits:
    """What the ledger says of one way."""
    second = "" if name == FIRST_STAGE else ", domain reranker"
    return Traits("domain reader", "retrieved", index=f"clauses, domain encoder{second}; {name}")


def answers(corpus: str) -> dict[str, pd.DataFrame]:
    """way -> answers to the dev and test questions of one corpus."""
    questions = {"dev": sample(corpus, "dev", DEV_QUESTIONS), "test": sample(corpus, "test")}
    region = Region(corpus, clause_entries(load_contracts(corpus)), **questions)
    first = ranked(similarities([region], encode([region], domain_encoder())))
    score = scorer(domain_reranker(), to_score([region], first), maxsim)
    reader = Reader(domain_reader(MOST_TOKENS), [region], score)
    orders = {True: first, False: ordered([region], first, rerank, score)}
    places = {entry.page_content: place_in_words(entry) for entry in region.entries}
    tables: dict[str, pd.DataFrame] = {}
    for name, split in product(WAYS, questions):
        if split == "test" and name in DEV_ONLY:
            continue
        table = reader.read(orders[name == FIRST_STAGE], split, _choose(name, reader))
        where = ["; ".join(places.get(text, "") for text in texts) for texts in table["clauses"]]
        part = table.drop(columns=["question", "clauses"]).assign(split=split, places=where)
        tables[name] = pd.concat([tables[name], part], ignore_index=True) if name in tables else part
        print(f"{corpus}, {name}, {split}:\n{ways({name: table}).to_string(header=False)}", flush=True)
    return tables


def _choose(name: str, reader: Reader) -> Callable[[str, list[str]], list[str]]:
    """What one way shows."""
    if name == FIRST_STAGE:
        return lambda question, clauses: clauses[:4]
    options = dict(WAYS[name])
    if options.pop("short", False):
        options["shorten"] = lambda question, text: compress(text, lambda some: reader.score(question, some))
    return packed(length=cache(reader.tokens), **options)
