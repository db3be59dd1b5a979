"""The tables of lab 2.2: rates with their intervals, and answers to read."""

import random
from collections.abc import Mapping, Sequence

import pandas as pd

from ...corpus.records import Question
from ...measure.statistics import mean_interval


def drawn(questions: Sequence[Question], count: int | None) -> list[Question]:
    """So many questions in random order, the same in every run; fewer are the first of more. None: all of them."""
    return random.Random("exam").sample(list(questions), len(questions))[:count]


def rates(systems: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row for each system: % right and % refused of the questions with an answer, % refused of those without.

    In brackets the 95 % confidence interval over contract families; n is the number of questions behind each figure.
    """
    return pd.DataFrame({name: _rates(scores) for name, scores in systems.items()}).T


def _rates(scores: pd.DataFrame) -> dict[str, str]:
    some, none = scores[scores["answerable"]], scores[~scores["answerable"]]
    shown = {"right": _rate(some, "correct"), "needless refusals": _rate(some, "refused")}
    return shown | ({"right refusals": _rate(none, "refused")} if len(none) else {})


def _rate(part: pd.DataFrame, column: str) -> str:
    if part.empty:
        return ""
    mean, low, high = (100 * value for value in mean_interval(part[column].astype(float), part["family"]))
    return f"{mean:.0f} % [{low:.0f}, {high:.0f}], n = {len(part)}"


def wrong_answers(scores: pd.DataFrame, questions: Sequence[Question], count: int = 6) -> pd.DataFrame:
    """The first wrong answers: question, right answer, what was said."""
    table = answers_beside({"it says": scores}, questions)
    return table[(scores["correct"] == 0).to_numpy()].head(count)


def wins_and_losses(
    before: pd.DataFrame, after: pd.DataFrame, questions: Sequence[Question], count: int = 4
) -> pd.DataFrame:
    """Answers of two systems side by side: some that became right, and some that are wrong afterwards."""
    both = after[after["question_id"].isin(before["question_id"])]
    right, now = (scores.set_index("question_id")["correct"] for scores in (before, both))
    shown = [question for question in questions if question.id in now.index]
    won = [q.id for q in shown if now[q.id] > right[q.id]][:count]
    lost = [q.id for q in shown if now[q.id] == 0][:count]
    table = answers_beside({"before": before, "after": both}, shown)
    return pd.concat({"won": table.loc[won], "wrong": table.loc[lost]}).droplevel(1)


def answers_beside(systems: Mapping[str, pd.DataFrame], questions: Sequence[Question]) -> pd.DataFrame:
    """One row for each question (by id): the question, the right answer, and what each system says."""
    by_id = {question.id: question for question in questions}
    rows = pd.DataFrame(
        {"question": [q.question for q in questions], "right answer": [q.answers[0] for q in questions]}, index=[*by_id]
    )
    said = {name: scores.set_index("question_id")["answer"].reindex([*by_id]) for name, scores in systems.items()}
    return rows.assign(**said)
