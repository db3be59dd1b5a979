"""What the domain reader answers from the clauses that it is shown: a table of answers, and one row for each document."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from ...benchmark.prompt import conversation
from ...benchmark.reading import ask_all
from ...corpus.records import Question
from ...measure.answers import score_answers
from ...measure.statistics import mean_interval
from ...models.chat import LocalChat
from ...regions import Region, by_hash
from .amendments import values
from .graph import Paper, best, neighbours

TOPIC = re.compile(
    r"^\w+ [^?]*?\bthe (?:(?:short|long|low|high)est |minimum |maximum )?"
    r"(.+?)(?: come to| across | get\b| at its | among them|\?)",
    re.IGNORECASE,
)
TOGETHER = 1800  # tokens of the prompts that are answered at once, for little memory
DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}

Asked = Sequence[tuple[Region, Question]]


def some(regions: Sequence[Region], split: str, kind: str, most: int | None) -> list[tuple[Region, Question]]:
    """Questions of one type, at most so many of each family, with their region."""
    by_family: dict[str, list[tuple[Region, Question]]] = defaultdict(list)
    for region in regions:
        for question in getattr(region, split):
            if question.type == kind:
                by_family[question.family].append((region, question))
    return [row for rows in by_family.values() for row in sorted(rows, key=lambda row: by_hash(row[1]))[:most]]


def answered(chat: Any, asked: Asked, shown: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The reader's answers, scored (see `score_answers`)."""
    questions = [question for _, question in asked]
    return score_answers(questions, replies(chat, [question.question for question in questions], shown), shown)


def replies(chat: Any, questions: Sequence[str], shown: Sequence[Sequence[str]]) -> list[str]:
    """The reader's answer to each question from what is shown."""
    if isinstance(chat, LocalChat):
        chat = chat.model_copy(update={"batch_tokens": TOGETHER})
    prompts = [conversation(clauses, question) for clauses, question in zip(shown, questions, strict=True)]
    return [str(reply.content) for reply in ask_all(chat, prompts)[0]]


def right(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row for each way and type of question: how many, % right with its 95 % confidence interval over families."""
    rows = []
    for name, whole in tables.items():
        for kind, table in whole.groupby("type", sort=False):
            shares = mean_interval(table["correct"], table["family"])
            rows.append([kind, name, len(table), *(round(100 * min(max(share, 0), 1)) for share in shares)])
    columns = ["type", "shown", "questions", "% right", "95 % from", "to"]
    return pd.DataFrame(rows, columns=columns).set_index(["type", "shown"])


# ------------------------------------------------------------------ one row for each document


def by_document(
    chat: Any, asked: Asked, graphs: Mapping[str, nx.DiGraph], scores: Mapping[str, np.ndarray]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(scored answers; a row for each document: question, document, what the reader said) of comparisons.

    The reader is asked for the topic of the question under each document alone, from the document's best clause and
    what it points to. The largest or smallest value is the answer.
    """
    rows = [(region, question, name) for region, question in asked
            for name in mentioned(question.question, graphs[region.name].graph["papers"])]  # fmt: skip
    shown, questions, titles = [], [], []
    for region, question, name in rows:
        places = own_clauses(graphs[region.name], name, scores[question.id])
        title, _, parties = graphs[region.name].graph["papers"][name].title.partition(" (")
        shown.append([region.texts[at] for at in places])
        titles.append(f"{title} between {' and '.join(parties.rstrip(')').split(' / '))}")
        questions.append(f"What is the {topic(question.question)} under the {titles[-1]}?")
    said = replies(chat, questions, shown)
    named = [one for _, one, _ in rows]
    columns = {"id": [one.id for one in named], "question": [one.question for one in named]}
    table = pd.DataFrame({**columns, "document": titles, "said": said})
    told = {name: list(group["said"]) for name, group in table.groupby("id")}
    answers = [extreme(told.get(one.id, []), wants_most(one.question)) for _, one in asked]
    return score_answers([one for _, one in asked], answers, [[]] * len(asked)), table


def own_clauses(graph: nx.DiGraph, document: str, score: np.ndarray) -> list[int]:
    """The best clause of a document, and the best one that it points to."""
    clauses = graph.graph["papers"][document].clauses
    first = best(clauses, score.__getitem__)[0]
    linked = [at for at in neighbours(graph, first, ["points to", "defined in"]) if at in clauses]
    return [first, *best(linked, score.__getitem__)[:1]]


def mentioned(question: str, known: Mapping[str, Paper]) -> list[str]:
    """The agreements whose title and one of whose parties a question names."""
    return [
        name
        for name, paper in known.items()
        if not paper.kind
        and paper.title.partition(" (")[0] in question
        and any(party in question for party in paper.parties)
    ]


def topic(question: str) -> str:
    """What a comparison compares.

    >>> topic("Between the Lease and the Loan, how long is the shortest notice period?")
    'notice period'
    """
    start = max(question.lower().rfind(word) for word in ("how ", "what "))
    match = TOPIC.search(question[max(start, 0) :])
    return match[1] if match else question


def wants_most(question: str) -> bool:
    """Does a comparison ask for the largest value? Else it asks for the smallest."""
    return bool(re.search(r"\b(longest|highest|maximum|most|largest|high)\b", question))


def extreme(said: Sequence[str], most: bool) -> str:
    """The answer with the largest, or smallest, amount; "not stated" without any.

    >>> extreme(["thirty (30) days", "2 months", "not stated"], most=True)
    '2 months'
    """
    sizes = [(max(number * DAYS.get(unit, 1.0) for number, unit in found), text)
             for text in said if (found := values(text))]  # fmt: skip
    return (max if most else min)(sizes)[1] if sizes else "not stated"
