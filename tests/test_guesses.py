"""Rows that read nothing: what they answer, on cases made by hand, and what they score."""

import pytest

from llm_workbook.benchmark.guesses import always_refuse, kind_of_fact, most_frequent, nearest_question
from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.measure.answers import score_answers


def asked(text: str, answer: str = "", label: str = "", **changes) -> Question:
    """A question; without an answer it has none."""
    fields = {"type": "lookup", "task": "qa", "evidence": (), "documents": (), "family": "f", "split": "train"}
    labels = (label, "a variety") if label else ()
    known = {"answers": (answer or "not stated", "an alias"), "answerable": bool(answer), "labels": labels}
    return Question(**{"id": text, "question": text, **fields, **known, **changes})


TRAIN = [
    asked("Which law governs the lease?", "Irish law", "governing_law"),
    asked("How long is the notice of the lease?", "30 days", "notice"),
    asked("What notice is due?", "60 days", "notice"),
    asked("How much notice must be given?", "60 days", "notice"),
    asked("Which law governs the sale?", "", "governing_law"),
    asked("Under which law does the sale stand?", "", "governing_law"),
]


def test_the_most_frequent_answer_of_the_same_kind_of_fact():
    questions = [asked("?", label="notice"), asked("?", label="governing_law"), asked("?", label="seat"), asked("?")]
    assert most_frequent(TRAIN, questions) == ["60 days", "Irish law", "60 days", "60 days"]


def test_of_equally_frequent_answers_the_first_counts():
    assert most_frequent(TRAIN[1:3], [asked("?", label="notice")]) == ["30 days"]
    assert most_frequent(TRAIN[2:0:-1], [asked("?", label="notice")]) == ["60 days"]


def test_the_answer_of_the_nearest_question():
    questions = [asked("Which law governs the sale?"), asked("Is a notice due?"), asked("How long is it?")]
    assert nearest_question(TRAIN, questions) == ["Irish law", "60 days", "30 days"]  # in this order
    assert nearest_question(TRAIN, [asked("Wer?")]) == ["Irish law"]  # no word shared: the first


def test_rare_words_count_more_than_frequent_ones():
    train = [asked(f"the term of the {name}", f"{name}!") for name in ("lease", "sale", "loan")]
    assert nearest_question(train, [asked("the the the of of loan")]) == ["loan!"]


def test_a_refusal_for_each_question():
    questions = [TRAIN[0], TRAIN[4]]
    scores = score_answers(questions, always_refuse(questions), [[], []])
    assert (scores["correct"].tolist(), scores["refused"].tolist()) == ([0, 1], [True, True])


@pytest.mark.parametrize("guess", [most_frequent, nearest_question])
def test_nothing_to_guess_from_is_a_sentence(guess):
    assert guess(TRAIN, []) == []
    for train in ([], TRAIN[4:]):
        with pytest.raises(ValueError, match=f"nothing to guess from: none of the {len(train)} train questions"):
            guess(train, TRAIN)


def test_the_kind_of_fact_is_never_the_answer():
    assert kind_of_fact(TRAIN[1]) == "notice" and kind_of_fact(asked("?", type="date")) == "date"
    clause = asked("The law of Oslo governs.", "Governing Law", "governing_law", task="classification", type="clause")
    assert kind_of_fact(clause) == "clause"


def test_guesses_see_neither_the_answers_nor_the_evidence_of_what_is_asked():
    train, questions = load_questions(split="train")[:200], load_questions()[:40]
    blank = [
        Question(one.id, one.type, one.task, one.question, (), (), (), "", "test", labels=one.labels)
        for one in questions
    ]
    for guess in (most_frequent, nearest_question):
        assert guess(train, blank) == guess(train, questions)


@pytest.mark.parametrize(("guess", "low", "high"), [(most_frequent, 0.10, 0.20), (nearest_question, 0.07, 0.16)])
def test_guessing_scores_about_one_in_eight(guess, low, high):
    train = load_questions(split="train")
    questions = [question for question in load_questions() if question.answerable]
    scores = score_answers(questions, guess(train, questions), [[]] * len(questions))
    assert low < scores["correct"].mean() < high and not scores["refused"].any()
