"""A learner that reads no contract: it is trained on questions with their answers, and answers from memory."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from ...corpus.records import Question
from ...measure.answers import score_answers

STEPS = 100
TIMES = ("about as many as before", "up to three times as many", "more than three times as many")


def learn(seen: Sequence[Question], seed: int) -> Callable[[Sequence[Question]], list[str]]:
    """Train one layer of weights from the words of a question to its answer; returns what answers questions.

    seen: questions with an answer, at least one. The words are weighted by TF-IDF; the layer chooses among the answers
    it has seen (softmax regression, 100 full steps of AdamW). Raises: ValueError without questions.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not seen:
        raise ValueError("there is nothing to learn from: give at least one question with its answer")
    words = TfidfVectorizer().fit(question.question for question in seen)
    answers = sorted({question.answers[0] for question in seen})
    right = torch.tensor([answers.index(question.answers[0]) for question in seen])
    torch.manual_seed(seed)
    layer = torch.nn.Linear(len(words.vocabulary_), len(answers))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)

    def scores(questions: Sequence[Question]) -> torch.Tensor:
        table = csr_matrix(words.transform([question.question for question in questions])).toarray()
        return layer(torch.from_numpy(table.astype(np.float32)))

    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores(seen), right).backward()
        optimizer.step()
    return lambda questions: [answers[place] for place in scores(questions).argmax(1).tolist()]


def split_by_family(questions: Sequence[Question], first_families: int) -> tuple[list[Question], list[Question]]:
    """(the questions with an answer about the first families by name, those about all others).

    first_families: how many families are the first.

    Raises: ValueError when no family is left for the others.
    """
    known = [question for question in questions if question.answerable]
    families = sorted({question.family for question in known})
    if not 0 < first_families < len(families):
        limits = f"from 1 to {len(families) - 1}, one less than the families"
        raise ValueError(f"first_families must be {limits}, but is {first_families}")
    chosen = set(families[:first_families])
    return [one for one in known if one.family in chosen], [one for one in known if one.family not in chosen]


def two_wordings(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """(one wording of each fact that is asked for twice or more, all other wordings of these facts).

    Only questions with an answer that rest on one fact; a question with several facts has no other wording.
    """
    by_fact: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.answerable and len(question.facts) == 1:
            by_fact[question.facts[0]].append(question)
    asked = [wordings for wordings in by_fact.values() if len(wordings) > 1]
    return [wordings[0] for wordings in asked], [other for wordings in asked for other in wordings[1:]]


def near_copies(
    training: Mapping[str, Sequence[Question]], test: Sequence[Question], overlap: Callable[[str, str], float]
) -> pd.DataFrame:
    """For each training set: the median overlap of a test question with its nearest question there, and the share of
    test questions whose contract family occurs there."""
    rows = {}
    for name, seen in training.items():
        families = {other.family for other in seen}
        nearest = [max(overlap(one.question, other.question) for other in seen) for one in test]
        rows[name] = (round(float(np.median(nearest)), 2), f"{np.mean([one.family in families for one in test]):.0%}")
    return pd.DataFrame.from_dict(rows, orient="index", columns=["overlap with nearest", "family known"])


def take_exams(
    training: Mapping[str, Sequence[Question]], exams: Mapping[str, Sequence[Question]], seed: int
) -> dict[tuple[str, str], pd.DataFrame]:
    """(training set, exam) -> the scored answers of the learner that was trained on the one and sits the other."""
    marks = {}
    for name, seen in training.items():
        answer = learn(seen, seed)
        for exam, asked in exams.items():
            marks[name, exam] = score_answers(asked, answer(asked), [[]] * len(asked))
    return marks


def percent_right(marks: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Right answers in %, one row for each training set and one column for each exam."""
    right = pd.Series({key: 100 * table["correct"].mean() for key, table in marks.items()})
    return right.unstack().round(1).rename_axis("% right, trained on")


def times_as_many(after: pd.DataFrame, before: pd.DataFrame) -> str:
    """The one of TIMES that fits the right answers before and after; none before counts as one."""
    ratio = after["correct"].sum() / max(before["correct"].sum(), 1)
    return TIMES[0] if ratio < 1.5 else TIMES[1] if ratio <= 3 else TIMES[2]
