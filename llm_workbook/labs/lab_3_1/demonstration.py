"""What the demonstrations of the harness use: a few questions with their clauses, and a second ruler."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ...benchmark.reading import evidence_of
from ...corpus.records import Question
from ...run import Run
from ...taught.lab_3_1 import words_of


def few_questions(run: Run, count: int = 8) -> tuple[list[Question], dict[str, list[str]]]:
    """(the first questions that have an answer, question id -> the text of its right clauses)."""
    asked = [question for question in run.questions() if question.answerable]
    asked = asked[: min(count, run.settings.max_items or count)]
    return asked, {question.id: [text for _, text in evidence_of(question, run.contracts)] for question in asked}


def word_recall(questions: Sequence[Question], texts: Sequence[str], _contexts: Sequence[Any]) -> pd.DataFrame:
    """One row for each question: recall, the share of the words of its right answer that the text contains."""
    rows = []
    for question, text in zip(questions, texts, strict=True):
        right, said = words_of(question.answers[0]), words_of(text.strip("."))
        rows.append(len(right & said) / len(right))
    return pd.DataFrame({"recall": rows})
