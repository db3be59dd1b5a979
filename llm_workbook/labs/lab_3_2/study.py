"""What is scored: recorded answers of real systems to the ladder's questions, what their reader was shown, and games."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from ...benchmark.guesses import REFUSAL
from ...benchmark.ladder import rung_answers
from ...benchmark.search import clause_entries, place_of
from ...corpus.load import EVIDENCE, load_contracts, load_questions
from ...corpus.records import Question, Span
from ...measure.answers import is_refusal
from ...measure.statistics import Verdict, compare, mean_interval
from ...measure.strict import states
from ...settings import DATA

READINGS = DATA / "recorded" / "1.5.jsonl.gz"
SHORT = {  # rung of the ladder -> its name here; ceilings are left out
    "guess: the most frequent answer": "guess: frequent answer",
    "guess: the answer of the nearest train question": "guess: nearest question",
    "naive RAG: chunks of 300 characters, untuned model": "naive RAG, untuned",
    "clauses with a header, untuned model": "header, untuned",
    "clauses with a header, domain reader": "header, domain reader",
    "clauses with a header, domain encoder, domain reader": "assistant",
    "and the domain reranker, 200 tokens": "assistant, reranked",
}
ASSISTANT, REFUSES, GUESS = "assistant", "always refuse", "guess: frequent answer"
PLACE = re.compile(r"Span\(document='([^']*)', start=(\d+), end=(\d+)\)")
Said = Mapping[str, Mapping[tuple[str, int], str]]  # system -> (question id, seed) -> answer
Measure = Callable[[str, str], float]  # (answer, reference) -> 0 to 1


@dataclass(frozen=True)
class Case:
    """A test question, and what the assistant's reader was shown. clauses: as shown, best first; places: where they
    stand. guess: the most frequent answer of the train families to such a question."""

    question: Question
    clauses: tuple[str, ...]
    places: tuple[Span, ...]
    guess: str = ""

    @property
    def asked(self) -> str:
        """The question in words."""
        return self.question.question

    @property
    def value(self) -> str:
        """The right value; "" where no contract states it."""
        return self.question.answers[0] if self.question.answerable else ""

    @property
    def sentence(self) -> str:
        """The sentences of the contract that state the value, as one text; "" where none does."""
        return " ".join(" ".join(texts()[one.document][one.start : one.end].split()) for one in self.marked)

    @property
    def marked(self) -> tuple[Span, ...]:
        """Where the value is stated; nowhere for a question without an answer."""
        return self.question.evidence if self.question.answerable else ()


@cache
def texts() -> dict[str, str]:
    """id -> text of each contract of the evidence corpora."""
    return {contract.id: contract.text for corpus in EVIDENCE for contract in load_contracts(corpus)}


@cache
def entries() -> dict[Span, str]:
    """Place -> clause, as a reader is shown it."""
    entries = (entry for corpus in EVIDENCE for entry in clause_entries(load_contracts(corpus)))
    return {place_of(entry): entry.page_content for entry in entries}


@cache
def asked(split: str) -> dict[str, Question]:
    """id -> question of the evidence corpora."""
    return {one.id: one for corpus in EVIDENCE for one in load_questions(corpus, split)}


@cache
def clauses_of(document: str) -> dict[Span, str]:
    """The clauses of a contract, as a reader is shown them."""
    return {place: text for place, text in entries().items() if place.document == document}


def places_in(record: str) -> tuple[Span, ...]:
    """The places in a cell of the record of lab 1.5.

    >>> places_in("Span(document='msa', start=3, end=9); Span(document='nda', start=0, end=4)")[1]
    Span(document='nda', start=0, end=4)
    """
    return tuple(Span(name, int(start), int(end)) for name, start, end in PLACE.findall(record))


@cache
def readings() -> dict[str, pd.DataFrame]:
    """way of showing clauses -> the recorded answers of one reader, in the same order, with question_id as index."""
    tables = {name: table.set_index("question_id") for name, table in rung_answers("authored", READINGS).items()}
    first = tables["encoder, 4 clauses"]
    return {name: table.loc[first.index] for name, table in tables.items() if len(table) == len(first)}


def load_cases(count: int | None = None) -> list[Case]:
    """The questions of the ladder that have an answer or none, families in turn. count: at most so many; None: all."""
    rung = rung_answers()["guess: the most frequent answer"]
    order = rung.assign(turn=rung.groupby("family").cumcount()).sort_values(["turn", "family"], kind="stable")
    shown, known = readings()["encoder, 4 clauses"]["places"], asked("test")
    cases = []
    some = order.head(count or len(order))
    for one, guess in zip(some["question_id"], some["answer"], strict=True):
        places = places_in(str(shown[one]))
        cases.append(Case(known[str(one)], tuple(entries()[place] for place in places), places, str(guess)))
    return cases


def recorded(cases: Sequence[Case]) -> Said:
    """The answers of the real systems, from the ladder, with a system that always refuses."""
    ids = {case.question.id for case in cases}
    said: dict[str, dict[tuple[str, int], str]] = {}
    for rung, answers in rung_answers().items():
        if rung in SHORT:
            table = answers if "seed" in answers else answers.assign(seed=1)
            rows = zip(table["question_id"], table["seed"], table["answer"], strict=True)
            said[SHORT[rung]] = {(one, int(seed)): answer for one, seed, answer in rows if one in ids}
    said[REFUSES] = {(one, 1): REFUSAL for one in sorted(ids)}
    return said


def played(games: Mapping[str, Callable[[Case], str]], cases: Sequence[Case]) -> Said:
    """What systems that are functions of a case say."""
    return {name: {(case.question.id, 1): game(case) for case in cases} for name, game in games.items()}


class Cosine:
    """The cosine of two texts' vectors, as the tutorial takes it. Texts that are known beforehand are embedded at once."""

    def __init__(self, embeddings: Any, texts: Sequence[str] = ()) -> None:
        self.embeddings, self.vectors = embeddings, {}
        self.learn(texts)

    def learn(self, texts: Sequence[str]) -> None:
        """Embed texts together, which is faster."""
        new = sorted({one for one in texts if one not in self.vectors}, key=lambda text: (len(text), text))
        if new:
            self.vectors.update(zip(new, map(np.asarray, self.embeddings.embed_documents(new)), strict=True))

    def __call__(self, answer: str, reference: str) -> float:
        """-1 to 1."""
        self.learn([answer, reference])
        return float(self.vectors[answer] @ self.vectors[reference])


def texts_of(said: Said, cases: Sequence[Case]) -> list[str]:
    """All that is compared: answers, sentences and values."""
    both = chain.from_iterable((case.sentence, case.value) for case in cases if case.marked)
    return [*{*both, *chain.from_iterable(answers.values() for answers in said.values())}]


def scores(said: Said, cases: Sequence[Case], measures: Mapping[str, Measure], reference: str) -> pd.DataFrame:
    """One row for each system, seed and question that has an answer: the measures, strict (0 or 1) and words.

    reference: what the answers are compared with, "sentence" or "value".
    """
    known = {case.question.id: case for case in cases if case.marked}
    rows = []
    for system, answers in said.items():
        for (one, seed), answer in answers.items():
            if one in known:
                case = known[one]
                row = {"system": system, "question_id": one, "family": case.question.family, "seed": seed}
                row |= {name: measure(answer, getattr(case, reference)) for name, measure in measures.items()}
                rows.append(row | {"strict": is_right(case.question, answer), "words": len(answer.split())})
    return pd.DataFrame(rows)


@cache
def refused(answer: str) -> bool:
    """Does an answer refuse? (See `is_refusal`; it is asked for several times.)"""
    return is_refusal(answer)


@cache
def is_right(question: Question, answer: str) -> float:
    """1.0 for an answer that gives the right value and no other, or refuses where there is none; else 0.0."""
    if not question.answerable:
        return float(refused(answer))
    return float(not refused(answer) and states(answer, question.answers, question.question))


def one_question(cases: Sequence[Case], said: Said, table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """What the systems said to the first question that the assistant answers right and an untuned model does not: answer
    and scores. Prints the question, its value and its sentence. Raises: ValueError where no question has an answer."""
    if table.empty:
        raise ValueError("none of these questions has an answer: take a larger MAX_ITEMS")
    first = table[table["seed"] == 1]
    strict = first.pivot(index="question_id", columns="system", values="strict").loc[first["question_id"].unique()]
    best = str((strict[ASSISTANT] - strict["header, untuned"]).idxmax())
    case = next(one for one in cases if one.question.id == best)
    print(f"{case.asked}\nvalue: {case.value}\nsentence: {case.sentence}")
    some = first[first["question_id"] == best].set_index("system")[[*measures, "strict"]].round(2)
    some.insert(0, "answer", [said[str(system)][best, 1] for system in some.index])
    return some


def board(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """A row for each system: % by each measure; % strict with its 95 % interval over families; words of an answer."""
    rows = {}
    for system, part in table.groupby("system", sort=False):
        each = part.groupby("question_id")[[*measures, "strict", "words"]].mean()
        families = part.drop_duplicates("question_id").set_index("question_id")["family"][each.index]
        mean, low, high = (100 * value for value in mean_interval(each["strict"], families))
        rows[system] = {name: f"{100 * each[name].mean():.0f}" for name in measures}
        rows[system] |= {"strict": f"{mean:.0f} [{low:.0f}, {high:.0f}]", "words": f"{each['words'].mean():.0f}"}
    return pd.DataFrame.from_dict(rows, orient="index")


def versus(table: pd.DataFrame, new: str, old: str, metric: str) -> Verdict:
    """Is `new` better than `old` by a metric? Paired by question, and by seed where both have several."""
    families = dict(zip(table["question_id"], table["family"], strict=True))
    wide = table.pivot(index="question_id", columns=["system", "seed"], values=metric)
    first, second = ([wide[name, seed] for seed in wide[name]] for name in (new, old))
    return compare(first, second, families, f"{new} ({metric})", old)


def agreement(
    tables: Mapping[str, pd.DataFrame], measures: Sequence[str], seed: int, times: int = 500
) -> pd.DataFrame:  # fmt: skip
    """Kendall's tau of each measure's ranking of the systems with the strict one, and its 95 % interval.

    tables: reference -> scores. The interval: the families are drawn again with replacement (bootstrap), `times` times.
    """
    rows = {}
    for reference, table in tables.items():
        by_family = table.groupby(["family", "system"], sort=False)[[*measures, "strict"]].mean()
        families, rng = list(dict.fromkeys(table["family"])), np.random.default_rng(seed)
        cube = np.stack([by_family.loc[family].to_numpy() for family in families])  # family, system, measure
        draws = [cube[rng.integers(0, len(families), len(families))].mean(axis=0) for _ in range(times)]
        for at, name in enumerate(measures):
            tau = _tau(cube.mean(axis=0), at)
            low, high = np.nanquantile([_tau(one, at) for one in draws], [0.025, 0.975])
            rows.setdefault(name, {})[f"against the {reference}"] = f"{tau:+.2f} [{low:+.2f}, {high:+.2f}]"
    return pd.DataFrame.from_dict(rows, orient="index")


def published() -> tuple[pd.DataFrame, pd.Series]:
    """(means of the published tutorial's own scores and of its answers' words, a row for each system; score -> Spearman
    correlation with the words of an answer, among the answers to one question).

    Source: data/README.md, "Scores of a published study".
    """
    rows = pd.read_csv(DATA / "kdd2024_scores.csv")
    names = ["cosine_similarity", "token_overlap_recall", "rouge_l_recall"]
    inside = rows[[*names, "answer_words"]] - rows.groupby("question_index")[[*names, "answer_words"]].transform("mean")
    with_words = inside.corr("spearman")["answer_words"]
    means = rows.groupby("system")[[*names, "answer_words"]].mean().sort_values(names[0], ascending=False)
    return means.round(2), with_words[names].round(2)


def _tau(means: np.ndarray, at: int) -> float:
    return float(np.asarray(kendalltau(means[:, at], means[:, -1])[0]))
