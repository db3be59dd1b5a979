"""Sweep the learning rate of lab 2.2's recipe: three paired seeds at each point, three rulers, on dev families.

usage: python -m tools.domain sweep [--rates 1e-4 ...] [--seeds 7 8 9]

Readings, order and exam are lab 2.2's own; with one seed all learning rates see the same readings in the same order. A
run that was cut off goes on after the last training that was finished. Writes data/sweep.csv.
"""

import argparse
import random
import sys
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import pandas as pd

from llm_workbook.benchmark.reading import ReadingExam, of_one_clause
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_2_2.live import held_out_answers, until
from llm_workbook.labs.lab_2_2.tables import drawn
from llm_workbook.models.chat import load_local_model
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.settings import DATA
from llm_workbook.taught.lab_2_2 import Example, encode_turns, reading
from llm_workbook.training.adapters import merged, with_model
from llm_workbook.training.fit import Recipe, mean_loss, prepare, train

from .reader import BUILD

SWEEP = DATA / "sweep.csv"
RATES, SEEDS = (1e-4, 1e-3, 3e-3), (7, 8, 9)
TOKENS = 22_500  # a third of what lab 2.2 trains on with bf16
CORPUS, QUESTIONS, MOST_TOKENS = "authored", 60, 20


@dataclass(frozen=True)
class Point:
    """One training. loss: of the held-out answers (nats per token). right, needless_refusals: % of n questions."""

    learning_rate: float
    seed: int
    tokens: int
    loss: float
    right: float
    needless_refusals: float
    n: int
    ended: str


def main() -> int:
    """Train what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args(sys.argv[2:])
    work = BUILD / "sweep.csv"
    done: list[Any] = pd.read_csv(work, keep_default_na=False).to_dict("records") if work.exists() else []
    for seed, rate in product(options.seeds, options.rates):
        if not any((row["learning_rate"], row["seed"]) == (rate, seed) for row in done):
            done.append(asdict(point(rate, seed)))
            work.parent.mkdir(parents=True, exist_ok=True)
            write_whole(work, pd.DataFrame(done).to_csv(index=False))
            print(done[-1], flush=True)
    table = pd.DataFrame(done).sort_values(["learning_rate", "seed"])
    write_whole(SWEEP, table.to_csv(index=False))
    print(table.to_string(index=False))
    return 0


def point(rate: float, seed: int) -> Point:
    """Train with one learning rate and seed, then take the exam on dev."""
    exam = ReadingExam(CORPUS, load_contracts(CORPUS), CachedEmbeddings())
    asked = drawn(of_one_clause(load_questions(CORPUS, "dev")), QUESTIONS)
    chat = load_local_model(None, MOST_TOKENS)
    readings = taught(chat.tokenizer, exam, seed)
    recipe = Recipe(learning_rate=rate, batch=1, steps=len(readings), seed=seed)
    model = prepare(chat.model, recipe)
    run = train(model, readings, recipe)
    loss = mean_loss(model, held_out_answers(chat.tokenizer, exam, asked))
    scores = exam.take(merged(with_model(chat, model, f"sweep {rate:g} {seed}")), asked, "among others")
    right, refused = (round(100 * float(scores[column].mean()), 1) for column in ("correct", "refused"))
    return Point(rate, seed, TOKENS, round(loss, 4), right, refused, len(asked), run.ended)


def taught(tokenizer: Any, exam: ReadingExam, seed: int) -> list[Example]:
    """The readings of lab 2.2 for one seed."""
    lessons = of_one_clause(load_questions(CORPUS, "train"))
    order = random.Random(f"readings {seed}").sample(lessons, len(lessons))
    made = (reading(question, lessons, exam, random.Random(f"{seed} {question.id}")) for question in order)
    return until(TOKENS, (encode_turns(tokenizer, *one) for one in made))
