"""Readers that learn from a set of pairs, and the exam that they take."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ...benchmark.reading import ReadingExam, of_one_clause
from ...corpus.load import load_contracts, load_questions
from ...corpus.records import Question
from ...measure.statistics import mean_interval
from ...run import Run
from ...taught.lab_2_2 import Example
from ...training.adapters import merged
from ...training.fit import Recipe, fit

EXAM, MOST = "authored", 20  # the corpus that is asked about; new tokens of an answer


def exam_questions(run: Run) -> list[Question]:
    """Questions of the test families that one clause answers, in random order, the same in every run."""
    from random import Random

    every = of_one_clause(load_questions(EXAM, "test"))
    return Random("exam").sample(every, len(every))[: run.items(live=60, smoke=3)][: run.settings.max_items]


def taught_reader(run: Run, name: str, examples: Sequence[Example]) -> None:
    """Train a reader on the examples, each once, and keep it in the registry under that name and the run's seed."""
    recipe = Recipe(learning_rate=1e-3, batch=1, steps=len(examples), seed=run.settings.seed)
    print(f"{name}: ", end="")
    fit(run.adapters, reader_name(run, name), recipe, examples, run.settings.model, None, MOST)


def reader_name(run: Run, name: str) -> str:
    """The name in the registry."""
    return f"factory {name.replace(',', '')} {run.settings.seed}"


def take(run: Run, name: str, asked: Sequence[Question]) -> pd.DataFrame:
    """The scored answers of a reader: each question with its right clause among two others."""
    exam = ReadingExam(EXAM, load_contracts(EXAM), run.embeddings)
    reader = run.adapters.chat(reader_name(run, name), run.settings.model, MOST)
    return exam.take(merged(reader), asked, "among others")


def rates(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """% right and % refused, with the 95 % confidence interval over families."""
    rows = {}
    for name, table in scores.items():
        mean, low, high = (100 * value for value in mean_interval(table["correct"].astype(float), table["family"]))
        refused = f"{100 * table['refused'].mean():.0f} %"
        rows[name] = {"right": f"{mean:.0f} % [{low:.0f}, {high:.0f}], n = {len(table)}", "refused": refused}
    return pd.DataFrame(rows).T


def beside(scores: Mapping[str, pd.DataFrame], asked: Sequence[Question], most: int = 8) -> pd.DataFrame:
    """The first questions whose answers differ in being right: the right answer, and what each reader says."""
    right = pd.DataFrame({name: table.set_index("question_id")["correct"] for name, table in scores.items()})
    differ = set(right.index[right.nunique(axis=1) > 1])
    said = {name: table.set_index("question_id")["answer"] for name, table in scores.items()}
    rows = [
        {
            "question": one.question,
            "right answer": one.answers[0],
            **{name: texts[one.id] for name, texts in said.items()},
        }
        for one in asked
        if one.id in differ
    ]
    return pd.DataFrame(rows[:most])
