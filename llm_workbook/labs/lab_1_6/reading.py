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
from ...models.chat import LocalChat
from ...regions import Region, by_hash
from .amendments import values
from .graph import Paper, best, neighbours

TOPIC = re.compile(
    r"^\w+ [^?]*?\bthe (?:(?:short|long|low|high)est |minimum |maximum )?"
    r"(.+?)(?: come to| across | get\b| at its | among them|\?)",
    re.IGNORECASE,
)
SHARES = ("% right", "% of citations right", "% of evidence cited", "% right, all cited")
TOGETHER = 1800  # tokens of the prompts that are answered at once, for little memory
DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}

Asked = Sequence[tuple[Region, Question]]
Places = Sequence[Sequence[int]]


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


# ------------------------------------------------------------------ one row for each document


def by_document(
    chat: Any, asked: Asked, graphs: Mapping[str, nx.DiGraph], scores: Mapping[str, np.ndarray]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(scored answers; a row for each document: id and question, document, what the reader said, from which places) of
    comparisons.

    The reader is asked for the topic of the question under each document alone, from the document's best clause and
    what it points to. The largest or smallest value is the answer.
    """
    rows = [(region, one, name, own_clauses(graphs[region.name], name, scores[one.id])) for region, one in asked
            for name in mentioned(one.question, graphs[region.name].graph["papers"])]  # fmt: skip
    titles = [called(graphs[region.name].graph["papers"][name]) for region, _, name, _ in rows]
    topics = [topic(one.question) for _, one, *_ in rows]
    questions = [f"What is the {what} under the {title}?" for what, title in zip(topics, titles, strict=True)]
    said = replies(chat, questions, [[region.texts[at] for at in places] for region, _, _, places in rows])
    columns = {"id": [row[1].id for row in rows], "question": [row[1].question for row in rows]}
    table = pd.DataFrame({**columns, "document": titles, "said": said, "places": [row[3] for row in rows]})
    told = {name: list(group["said"]) for name, group in table.groupby("id")}
    answers = [extreme(told.get(one.id, []), wants_most(one.question)) for _, one in asked]
    return score_answers([one for _, one in asked], answers, [[]] * len(asked)), table


def called(paper: Paper) -> str:
    """The title of a paper and its parties, as a question names them."""
    title, _, parties = paper.title.partition(" (")
    return f"{title} between {' and '.join(parties.rstrip(')').split(' / '))}" if parties else title


def own_clauses(graph: nx.DiGraph, document: str, score: np.ndarray) -> list[int]:
    """The best clause of a document, and the best one that it points to."""
    clauses = graph.graph["papers"][document].clauses
    first = best(clauses, score.__getitem__)[0]
    linked = [at for at in neighbours(graph, first, ["points to", "defined in"]) if at in clauses]
    return [first, *best(linked, score.__getitem__)[:1]]


def mentioned(question: str, known: Mapping[str, Paper]) -> list[str]:
    """The agreements whose title and one of whose parties a question names."""
    return [name for name, paper in known.items() if not paper.kind and paper.title.partition(" (")[0] in question
            and any(party in question for party in paper.parties)]  # fmt: skip


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


# ------------------------------------------------------------------ citations


def citing(ways: Mapping[str, tuple[Asked, pd.DataFrame, Places]]) -> pd.DataFrame:
    """A row for each type and way of answering: questions; % right; clauses cited for an answer; % of these that are
    evidence (empty where nothing is cited); % of the evidence that is cited; % right with all of its evidence cited.

    ways: way -> (questions, scored answers, the places that each answer cites).
    """
    rows = []
    for way, (asked, table, cited) in ways.items():
        for (region, one), places, right in zip(asked, cited, table["correct"], strict=True):
            evidence = set(region.stating(one))
            hits = len(evidence & set(places))
            rows.append([one.type, way, right, len(places), hits, len(evidence), right * (hits == len(evidence))])
    columns = ["type", "way", "right", "cited", "hits", "evidence", "whole"]
    by_type = pd.DataFrame(rows, columns=columns).groupby(["type", "way"], sort=False)
    total, means = by_type.sum(), by_type.mean()
    precision = total["hits"] / total["cited"].where(total["cited"] > 0)
    shares = [means["right"], precision, total["hits"] / total["evidence"], means["whole"]]
    made = (100 * pd.concat(shares, axis=1, keys=SHARES)).round().astype("Int64")
    return made.assign(**{"clauses cited": means["cited"].round(1), "questions": by_type.size()})
