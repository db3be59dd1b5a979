"""Rows of a table that read no contract: what guessing scores. A system that does not beat them has shown nothing."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from ..corpus.records import Question

REFUSAL = "not stated"


def most_frequent(train: Sequence[Question], questions: Sequence[Question]) -> list[str]:
    """For each question the most frequent train answer to questions about the same kind of fact.

    A kind that no train question asks about gets the most frequent answer of all; of equally frequent answers the
    first counts. train: those without an answer are left out, so that no guess is a refusal.
    Raises: ValueError when no train question has an answer.

    >>> from llm_workbook.corpus.records import Question
    >>> term = ("lookup", "qa", "How long?")
    >>> known = [Question(name, *term, (name,), (), (), "f", "train") for name in ("5 years", "2 years", "5 years")]
    >>> most_frequent(known, [Question("x", *term, ("9 years",), (), (), "g", "test")])
    ['5 years']
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for question in (known := _answered(train)):
        counts[kind_of_fact(question)][question.answers[0]] += 1
    of_all = Counter(question.answers[0] for question in known)
    return [(counts.get(kind_of_fact(question)) or of_all).most_common(1)[0][0] for question in questions]


def nearest_question(train: Sequence[Question], questions: Sequence[Question]) -> list[str]:
    """For each question the answer of the most similar train question: cosine of TF-IDF over words and pairs of words.

    Of equally similar ones the first counts, also where none shares a word. train: those without an answer are left
    out, so that no guess is a refusal. Raises: ValueError when no train question has an answer.

    >>> from llm_workbook.corpus.records import Question
    >>> rows = {"How long is the term?": "5 years", "Which law governs?": "Irish law"}
    >>> known = [Question(ask, "lookup", "qa", ask, (say,), (), (), "f", "train") for ask, say in rows.items()]
    >>> nearest_question(known, [Question("x", "lookup", "qa", "What law is it?", ("",), (), (), "g", "test")])
    ['Irish law']
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import pairwise_distances_argmin

    known, words = _answered(train), TfidfVectorizer(ngram_range=(1, 2))
    vectors = words.fit_transform([question.question for question in known])
    if not questions:
        return []
    asked = words.transform([question.question for question in questions])
    return [known[place].answers[0] for place in pairwise_distances_argmin(asked, vectors, metric="cosine")]


def always_refuse(questions: Sequence[Question]) -> list[str]:
    """A refusal for each question: right for all that have no answer, needless for the others."""
    return [REFUSAL] * len(questions)


def kind_of_fact(question: Question) -> str:
    """What a question asks about, such as "governing_law": its first label. Of a clause to classify the label is the
    answer, so there, and where a question has no label, it is the type."""
    return question.labels[0] if question.task == "qa" and question.labels else question.type


def _answered(train: Sequence[Question]) -> list[Question]:
    known = [question for question in train if question.answerable]
    if not known:
        raise ValueError(
            f"there is nothing to guess from: none of the {len(train)} train questions has an answer. Pass questions"
            ' such as load_questions(corpus, "train")'
        )
    return known
