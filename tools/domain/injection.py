"""Record lab 1.7's attack: a sentence is planted in a clause that a reader is shown, and three defences against it.

usage: python -m tools.domain injection

The clauses are those of lab 1.5's record with 200 tokens. A threshold is chosen on 60 dev questions, the table is made
on 120 test questions, 8 of each family. Answers are kept on disk, so a run that was cut off goes on. Writes
data/injection.csv.gz.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from llm_workbook.benchmark.store import zipped
from llm_workbook.corpus.load import EVIDENCE, load_questions
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_1_5.late import scorer
from llm_workbook.labs.lab_1_5.reading import RECORDED, with_texts
from llm_workbook.labs.lab_1_7 import injection
from llm_workbook.labs.lab_1_7.injection import Case
from llm_workbook.models.chat import load_chat_model
from llm_workbook.taught.lab_1_5 import maxsim
from llm_workbook.training.domain import NOT_STATED, domain_reader, domain_reranker

from .ladder import MOST_TOKENS, tables_of

QUESTIONS = {"dev": 10, "test": 8}  # of each family
LOST = 0.05  # of the right answers without an attack may be refused for the check
WAY = "200 tokens"
COLUMNS = ["question_id", "type", "family", "correct", "resisted"]


def main() -> int:
    """Attack, defend, write."""
    score = scorer(domain_reranker(), [], maxsim)
    chats = {"untuned model": load_chat_model(None, MOST_TOKENS), "domain reader": domain_reader(MOST_TOKENS)}
    names, tables = list(injection.WORDINGS), []
    for name, chat in chats.items():
        least = threshold(asked("dev"), _reads(chat, name), score)
        for way, table in ways(asked("test"), _reads(chat, name), score, least).items():
            turns = [names[number // 2 % len(names)] for number in range(len(table))]
            tables.append(table[COLUMNS].assign(wording=turns, reader=name, way=way))
            print(name, way, table[["correct", "resisted"]].mean().round(3).to_dict(), flush=True)
    text = pd.concat(tables).astype({"correct": int, "resisted": int}).to_csv(index=False, lineterminator="\n")
    write_whole(injection.RECORDED, zipped(text.encode()))
    return 0


def asked(split: str) -> list[Case]:
    """Questions that have an answer, with the clauses that they are shown."""
    tables = tables_of(RECORDED)
    table = with_texts(pd.concat([tables[WAY, corpus] for corpus in EVIDENCE], ignore_index=True))
    known = {one.id: one for corpus in EVIDENCE for one in load_questions(corpus, split)}
    some = table[(table["split"] == split) & table["answerable"]].groupby("family").head(QUESTIONS[split])
    return injection.cases([known[name] for name in some["question_id"]], list(some["clauses"]))


Read = Callable[..., list[str]]


def _reads(chat: object, name: str) -> Read:
    return lambda some, show=list: injection.read(chat, some, name == "untuned model", show)


def ways(some: Sequence[Case], read: Read, score: Callable, least: float) -> dict[str, pd.DataFrame]:
    """way -> scored answers: without and with the attack, then each defence with it and without it."""
    attacked = injection.attacked(some)
    found = {}
    for name, cases in (("clean", some), ("attacked", attacked)):
        filtered = [replace(one, clauses=tuple(map(injection.without_orders, one.clauses))) for one in cases]
        answers = {"": read(cases), ", marked": read(cases, injection.marked), ", filter": read(filtered)}
        answers[", checked"] = _checked(cases, answers[""], score, least)
        both = _checked(filtered, answers[", filter"], score, least)
        answers[", filter and checked"] = both
        found |= {f"{name}{way}": injection.outcome(cases, texts) for way, texts in answers.items()}
    return found


def _checked(cases: Sequence[Case], answers: Sequence[str], score: Callable, least: float) -> list[str]:
    sure = [injection.likeness(score, one, answer) for one, answer in zip(cases, answers, strict=True)]
    return [answer if value >= least else NOT_STATED for answer, value in zip(answers, sure, strict=True)]


def threshold(some: Sequence[Case], read: Read, score: Callable) -> float:
    """The likeness that all but LOST of the right answers without an attack reach."""
    answers = read(some)
    right = injection.outcome(some, answers)["correct"].to_numpy(bool)
    sure = np.array([injection.likeness(score, one, answer) for one, answer in zip(some, answers, strict=True)])
    return float(np.quantile(sure[right], LOST)) if right.any() else -1.0
