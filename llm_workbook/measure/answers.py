"""Measures of answers: is the value right, how much of it is right, is it supported, and does it refuse when it
should?"""

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from ..corpus.records import Question
from .refusals import refuses
from .signs import MARKS, plain
from .strict import states

SMALL = frozenset("a an the of in to for and or is are be by with on at as it this that shall will under from".split())  # noqa: SIM905


def normalise(text: str) -> str:
    """Lower case, no articles, no punctuation but the marks inside numbers, "per cent" as %, single spaces (after
    SQuAD, arXiv:1606.05250). Outside ASCII, accents and digits count however they are written, and each sign of a
    script without spaces is a word.

    >>> normalise("The  fee is EUR 2,400,000.50!")
    'fee is eur 2400000.50'
    """
    text = re.sub(r"(?<=\d),(?=\d{3})", "", plain(text).lower())
    text = re.sub(rf"(?<!\d)\.|\.(?!\d)|[^\w\s.%{MARKS}]", " ", text)
    text = re.sub(r"%|\bper\s?cent\b", " % ", text)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


class _Words:
    """A tokenizer for rouge-score: its own words where the text is ASCII, and words of any script."""

    def tokenize(self, text: str) -> list[str]:
        return re.sub(rf"[^\w{MARKS}]|_", " ", plain(text).lower()).split()


def exact_match(answer: str, references: Sequence[str]) -> float:
    """1.0 when the normalised answer equals one of the references, else 0.0.

    >>> exact_match("The 30 days.", ["30 days"])
    1.0
    """
    return float(normalise(answer) in {normalise(reference) for reference in references})


def contains_answer(answer: str, references: Sequence[str]) -> bool:
    """True when one reference stands in the text as whole words: a search for words in clauses. It does not judge
    answers ("30 days or 60 days" contains both): `states` does.

    >>> contains_answer("Within 130 days", ["30 days"]), contains_answer("Within 30 days of receipt", ["30 days"])
    (False, True)
    """
    padded = f" {normalise(answer)} "
    return any(f" {normalise(reference)} " in padded for reference in references if normalise(reference))


def token_f1(answer: str, references: Sequence[str]) -> float:
    """Harmonic mean of token precision and recall, the best over the references, 0 to 1.

    >>> token_f1("thirty days of grace", ["thirty days"])
    0.6666666666666666
    """
    return max((_f1(normalise(answer).split(), normalise(reference).split()) for reference in references), default=0.0)


def rouge_l(answer: str, references: Sequence[str]) -> float:
    """ROUGE-L F-measure (Lin 2004; the rouge-score library), the best over the references, 0 to 1.

    The library's own words are those of ASCII; here they are letters and digits of any script.
    """
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"], tokenizer=_Words())
    return max((scorer.score(reference, answer)["rougeL"].fmeasure for reference in references), default=0.0)


def groundedness(answer: str, contexts: Sequence[str]) -> float:
    """Share of the answer's content words (numbers and names included, small words left out) that stand in the
    contexts.

    It sees words, not meaning: a number copied from the wrong clause is grounded and still wrong. An answer without any
    content word is grounded; an answer without contexts is not.

    >>> groundedness("60 days in Oslo", ["notice of 60 days"])
    0.6666666666666666
    """
    content = [token for token in normalise(answer).split() if token not in SMALL]
    known = set(normalise(" ".join(contexts)).split())
    return sum(token in known for token in content) / len(content) if content else 1.0


def is_refusal(answer: str) -> bool:
    """True when the answer says that it cannot tell (see `refuses`), or says nothing.

    >>> is_refusal("This is not stated in the clauses."), is_refusal("30 days")
    (True, False)
    """
    return not normalise(answer) or refuses(answer)


def score_answers(
    questions: Sequence[Question], answers: Sequence[str], contexts: Sequence[Sequence[str]]
) -> pd.DataFrame:
    """One row for each question: question_id, type, family, answerable, answer, correct, em, f1, rouge_l, grounded,
    refused.

    correct: an answerable question whose value the answer states (see `states`) without a refusal, or an unanswerable
    one that was refused. Which of two papers goes first where none says so is unanswerable, too.
    Raises: ValueError when the three do not have the same length.
    """
    if not len(questions) == len(answers) == len(contexts):
        raise ValueError(
            f"{len(questions)} questions, {len(answers)} answers and {len(contexts)} contexts: these must be equally"
            " many"
        )
    return pd.DataFrame([_score(*one) for one in zip(questions, answers, contexts, strict=True)])


def _score(question: Question, answer: str, contexts: Sequence[str]) -> dict:
    refused, references = is_refusal(answer), question.answers
    right = not refused and states(answer, references, question.question) if question.answerable else refused
    return {
        "question_id": question.id, "type": question.type, "family": question.family, "answerable": question.answerable,
        "answer": answer, "correct": float(right), "em": exact_match(answer, references), "f1": token_f1(answer,
        references),
        "rouge_l": rouge_l(answer, references), "grounded": groundedness(answer, contexts), "refused": refused,
    }  # fmt: skip


def _f1(answer: list[str], reference: list[str]) -> float:
    shared = sum((Counter(answer) & Counter(reference)).values())
    return 2 * shared / (len(answer) + len(reference)) if shared else 0.0
