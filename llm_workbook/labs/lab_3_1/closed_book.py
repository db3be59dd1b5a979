"""A learner that reads no contract: it is trained on questions with their answers, and answers from memory."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from langchain_core.embeddings import Embeddings

from ...corpus.records import Question
from ...measure.answers import score_answers

STEPS = 200


def learn(seen: Sequence[Question], embeddings: Embeddings, seed: int) -> Callable[[Sequence[Question]], list[str]]:
    """Train one layer from the vector of a question to its answer; returns what answers questions.

    seen: questions with an answer, at least one. embeddings: of the questions, not trained. The layer chooses among
    the answers it has seen (softmax regression, 200 full steps of AdamW). Raises: ValueError without questions.
    """
    if not seen:
        raise ValueError("there is nothing to learn from: give at least one question with its answer")
    answers = sorted({question.answers[0] for question in seen})
    right = torch.tensor([answers.index(question.answers[0]) for question in seen])
    vectors = _vectors(seen, embeddings)
    torch.manual_seed(seed)
    layer = torch.nn.Linear(vectors.shape[1], len(answers))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(layer(vectors), right).backward()
        optimizer.step()

    def answer(questions: Sequence[Question]) -> list[str]:
        with torch.no_grad():
            return [answers[place] for place in layer(_vectors(questions, embeddings)).argmax(1).tolist()]

    return answer


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
    """What the test questions find in each training set: the median overlap with their nearest question, and the share
    of them whose contract family occurs there."""
    rows = {}
    for name, seen in training.items():
        families = {other.family for other in seen}
        nearest = [max(overlap(one.question, other.question) for other in seen) for one in test]
        rows[name] = (round(float(np.median(nearest)), 2), f"{np.mean([one.family in families for one in test]):.0%}")
    return pd.DataFrame.from_dict(rows, orient="index", columns=["nearest question", "family known"])


def take_exams(
    training: Mapping[str, Sequence[Question]],
    exams: Mapping[str, Sequence[Question]],
    embeddings: Embeddings,
    seed: int,
) -> dict[tuple[str, str], pd.DataFrame]:
    """(training set, exam) -> the scored answers of the learner that was trained on the one and sits the other."""
    marks = {}
    for name, seen in training.items():
        answer = learn(seen, embeddings, seed)
        for exam, asked in exams.items():
            marks[name, exam] = score_answers(asked, answer(asked), [[]] * len(asked))
    return marks


def _vectors(questions: Sequence[Question], embeddings: Embeddings) -> torch.Tensor:
    texts = [question.question for question in questions]
    return torch.from_numpy(np.array(embeddings.embed_documents(texts), dtype=np.float32))
