"""What a reader does, measured: questions of families that nothing was trained on, some of which the clauses answer."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd

from ..benchmark.guesses import REFUSAL, most_frequent
from ..benchmark.prompt import conversation
from ..benchmark.reading import of_one_clause
from ..benchmark.search import clause_entries, place_of
from ..corpus.load import EVIDENCE, load_contracts, load_questions
from ..corpus.records import Question
from ..measure.retrieval import covers
from ..measure.statistics import Verdict, compare, mean_interval
from ..regions import by_hash
from .raters import worth
from .records import Asked, Behaviour, behaviour, heading

STATED, ABSENT = 5, 3  # questions of each family that the clauses answer, and that they do not
BEHAVIOUR = {  # column -> the questions that it is about: True those with an answer, False the others, None all
    "right": True,
    "cites": True,
    "cites another": True,
    "needless refusals": True,
    "right refusals": False,
    "worth": None,
}


@cache
def exam_questions(split: str = "test", stated: int = STATED, absent: int = ABSENT) -> tuple[Asked, ...]:
    """Questions of each family of the evidence corpora in one split (15 in "test"), each with the clause that answers
    it, or tempts, among two others. In the random order of their ids' hashes, with and without an answer in turn."""
    chosen = [(by_hash(one), corpus, one) for corpus in EVIDENCE for one in _chosen(corpus, split, stated, absent)]
    return tuple(_shown(corpus, one) for _, corpus, one in sorted(chosen, key=lambda row: row[0]))


def _chosen(corpus: str, split: str, stated: int, absent: int) -> list[Question]:
    every = sorted(load_questions(corpus, split), key=by_hash)
    kinds = (
        (of_one_clause(every), stated),
        ([one for one in every if one.type == "unanswerable" and one.nearby], absent),
    )
    return [
        one
        for family in sorted({one.family for one in every})
        for kind, count in kinds
        for one in [some for some in kind if some.family == family][:count]
    ]


def _shown(corpus: str, question: Question) -> Asked:
    """The question with its clause among two others, one of the same contract, in an order that is drawn."""
    rng, entries = random.Random(question.id), _entries(corpus)
    places = question.evidence or question.nearby[:1]
    gold = [next(at for at, entry in enumerate(entries) if covers(place_of(entry), span)) for span in places]
    others = [at for at in range(len(entries)) if at not in gold]
    near = rng.choice([at for at in others if entries[at].metadata["document"] in question.documents] or others)
    chosen = [*dict.fromkeys(gold), near, rng.choice([at for at in others if at != near])]
    texts = [entries[at].page_content for at in rng.sample(chosen, len(chosen))]
    answers = tuple(question.answers) if question.answerable else ()
    heads = tuple(heading(entries[at].page_content) for at in gold) if answers else ()
    return Asked(question.id, question.family, question.type, question.question, tuple(texts), answers, heads)


@cache
def _entries(corpus: str) -> list[Any]:
    return clause_entries(load_contracts(corpus))


def take_exam(chat: Any, asked: Sequence[Asked]) -> pd.DataFrame:
    """What the reader answers greedily, a row for each question (see `scored`)."""
    replies = chat.batch([conversation(one.clauses, one.question) for one in asked])
    return scored(asked, [reply.text for reply in replies])


def scored(asked: Sequence[Asked], answers: Sequence[str]) -> pd.DataFrame:
    """A row for each question: question_id, family, stated (do its clauses answer it?), answer, words, and what is
    true of the answer: right, cites, cites another, needless refusals, right refusals (0 or 1), worth (points of the
    guidelines of lab 2.4, `raters.worth`)."""
    rows = []
    for one, answer in zip(asked, answers, strict=True):
        done, stated = behaviour(one, answer), bool(one.answers)
        rows.append(
            {"question_id": one.id, "family": one.family, "type": one.type, "stated": stated, "answer": answer}
            | {"words": done.words}
            | _behaviour(one, done, stated)
        )
    return pd.DataFrame(rows)


def _behaviour(one: Asked, done: Behaviour, stated: bool) -> dict[str, float]:
    return {
        "right": float(done.right),
        "cites": float(done.cites and stated),
        "cites another": float(done.miscites),
        "needless refusals": float(done.refused and stated),
        "right refusals": float(done.refused and not stated),
        "worth": worth(one, done),
    }


def guessed(asked: Sequence[Asked]) -> pd.DataFrame:
    """The row that reads nothing: for each question the most frequent answer to one of its kind in the train
    families."""
    known = {one.id: one for corpus in EVIDENCE for split in ("dev", "test") for one in load_questions(corpus, split)}
    train = [one for corpus in EVIDENCE for one in load_questions(corpus, "train")]
    return scored(asked, most_frequent(train, [known[one.id] for one in asked]))


def refusing_all(asked: Sequence[Asked]) -> pd.DataFrame:
    """The row of a reader that always says "not stated"."""
    return scored(asked, [REFUSAL] * len(asked))


def about(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows that a column of BEHAVIOUR is about."""
    kind = BEHAVIOUR[column]
    return table if kind is None else table[table["stated"] == kind]


def board(tables: "dict[str, pd.DataFrame]") -> pd.DataFrame:
    """A row for each reader: what it does, in %, with the 95 % confidence interval over families; worth in points, and
    the words of an answer. A table with a column `seed` counts as the mean over its seeds."""
    rows = {}
    for name, table in tables.items():
        rows[name] = {column: _share(about(table, column), column) for column in BEHAVIOUR}
        rows[name]["words"] = f"{table['words'].mean():.1f}"
    return pd.DataFrame.from_dict(rows, orient="index")


def _share(table: pd.DataFrame, column: str) -> str:
    if table.empty:
        return ""
    rows = table.groupby("question_id").agg(score=(column, "mean"), family=("family", "first"))
    if column == "worth":
        return f"{rows['score'].mean():.2f}"
    mean, low, high = (100 * value for value in mean_interval(rows["score"], rows["family"]))
    return f"{mean:.0f} [{low:.0f}, {high:.0f}]"


def moved(after: pd.DataFrame, before: pd.DataFrame, column: str, names: tuple[str, str]) -> Verdict:
    """Does a column of BEHAVIOUR (but "worth") differ between two readers, in points? The seeds of `after`, where it
    has several, count as a source of chance; `before` is one reader, or has as many seeds."""
    after, before = about(after, column), about(before, column)
    families = dict(zip(after["question_id"], after["family"], strict=True))
    both = [[part.set_index("question_id")[column] for part in _seeds(table)] for table in (after, before)]
    return compare(both[0], both[1], families, names[0], names[1])


def _seeds(table: pd.DataFrame) -> list[pd.DataFrame]:
    return [part for _, part in table.groupby("seed")] if "seed" in table else [table]
