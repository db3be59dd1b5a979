"""Readers that learn from a set of pairs, and the exam that they take."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ...benchmark.reading import ReadingExam, of_one_clause
from ...corpus.load import EVIDENCE, load_questions
from ...corpus.records import Question
from ...measure.statistics import mean_interval
from ...models.embeddings import CachedEmbeddings
from ...regions import by_hash
from ...run import Run
from ...taught.lab_2_2 import Example
from ...training.adapters import merged
from ...training.fit import Recipe, fit
from .pairs import answer_kind

REGIONS = ("authored", *EVIDENCE)  # of the world of contracts; no two have a family in common
EACH, RECORDED_EACH, MOST = 5, 6, 32  # questions of each family in live and for the record; new tokens of an answer
PERIODS, OTHERS, NONE = "period", "other kinds", "no answer"  # what a question of the exam asks for

Asked = Mapping[str, Sequence[Question]]  # region -> its questions


def exam_questions(run: Run) -> dict[str, list[Question]]:
    """Questions of the 20 test families of four regions that one clause answers: five of each family in live."""
    each = 1 if run.settings.profile == "smoke" else run.items(live=EACH)
    most = run.settings.max_items or (3 if run.settings.profile == "smoke" else None)
    chosen = [(region, one) for region in REGIONS for one in of_each_family(load_questions(region, "test"), each)]
    return {region: [one for its, one in chosen[:most] if its == region] for region in REGIONS}


def of_each_family(questions: Sequence[Question], count: int | None, one_clause: bool = True) -> list[Question]:
    """So many questions of each family, in the random order of their ids' hashes; None: all. one_clause: only those
    that one clause answers."""
    by_family: dict[str, list[Question]] = {}
    for one in sorted(of_one_clause(questions) if one_clause else questions, key=by_hash):
        by_family.setdefault(one.family, []).append(one)
    return [one for family in by_family.values() for one in family[:count]]


def taught_reader(run: Run, name: str, examples: Sequence[Example]) -> None:
    """Train a reader on the examples, each once, and keep it in the registry under that name and the run's seed."""
    print(f"{name}: ", end="")
    recipe = recipe_for(examples, run.settings.seed)
    fit(run.adapters, reader_name(run, name), recipe, examples, run.settings.model, None, MOST)


def recipe_for(examples: Sequence[Example], seed: int) -> Recipe:
    """One reading in each step, each once."""
    return Recipe(learning_rate=1e-3, batch=1, steps=len(examples), seed=seed)


def reader_name(run: Run, name: str) -> str:
    """The name in the registry."""
    return f"factory {name.replace(',', '')} {run.settings.seed}"


def take(run: Run, name: str, asked: Asked) -> pd.DataFrame:
    """The scored answers of a reader of the registry (see `answers_of`)."""
    return answers_of(merged(run.adapters.chat(reader_name(run, name), run.settings.model, MOST)), asked)


def answers_of(chat: Any, asked: Asked) -> pd.DataFrame:
    """The scored answers to the questions, each with its right clause among two others. type: PERIODS where a
    period is asked for, OTHERS, or NONE where the clauses do not state it."""
    exams = {region: ReadingExam(region, [], CachedEmbeddings()) for region, questions in asked.items() if questions}
    scores = pd.concat([exam.take(chat, asked[region], "among others") for region, exam in exams.items()])
    types = [_type(one) for questions in asked.values() for one in questions]
    return scores.assign(type=types).reset_index(drop=True)


def _type(asked: Question) -> str:
    if not asked.answerable:
        return NONE
    return PERIODS if answer_kind(asked.answers[0]) == "period" else OTHERS


def rates(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """% right of all questions, of those for a period and of the others, with the 95 % confidence interval over
    families."""
    parts = {
        name: {"all": table, **{kind: table[table["type"] == kind] for kind in (PERIODS, OTHERS)}}
        for name, table in scores.items()
    }
    return pd.DataFrame({name: {kind: _share(part) for kind, part in of.items()} for name, of in parts.items()}).T


def _share(table: pd.DataFrame) -> str:
    if table.empty:
        return ""
    mean, low, high = (100 * value for value in mean_interval(table["correct"].astype(float), table["family"]))
    return f"{mean:.0f} % [{low:.0f}, {high:.0f}], n = {len(table)}"


def beside(scores: Mapping[str, pd.DataFrame], asked: Asked, most: int = 8) -> pd.DataFrame:
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
        for questions in asked.values()
        for one in questions
        if one.id in differ
    ]
    return pd.DataFrame(rows[:most])
