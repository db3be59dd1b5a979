"""Strict scoring of answers against judgements by hand (data/judged_answers.csv)."""

import csv

import pytest

from llm_workbook.measure.answers import contains_answer
from llm_workbook.measure.strict import states, words
from llm_workbook.settings import DATA

with open(DATA / "judged_answers.csv", encoding="utf-8", newline="") as file:
    JUDGED = [
        (row["answer"], row["references"].split("|"), row["question"], row["right"] == "yes")
        for row in csv.DictReader(file)
    ]


def wrong_shares(rule) -> tuple[float, float]:
    """(false positives, false negatives) of a rule, as shares of the wrong and of the right answers."""
    said = [(rule(*case), right) for *case, right in JUDGED]
    wrong, right = ([seen for seen, judged in said if judged is side] for side in (False, True))
    return sum(wrong) / len(wrong), 1 - sum(right) / len(right)


def test_the_rule_agrees_with_judgements_by_hand():
    right = sum(right for *_, right in JUDGED)
    assert len(JUDGED) >= 200 and right >= 80 and len(JUDGED) - right >= 80
    false_positives, false_negatives = wrong_shares(states)
    assert false_positives <= 0.02 and false_negatives <= 0.02


def test_the_lenient_rule_does_not():
    false_positives, _ = wrong_shares(lambda answer, references, question: contains_answer(answer, references))
    assert false_positives > 0.2


CASES = [  # answer, references, question, right
    ("thirty-one", ["1", "one"], "", False),
    ("1. 1. 1. 2. 3. 4. 5.", ["3", "three"], "", False),
    ("EUR 455.03", ["USD 455.03", "455.03"], "", False),
    ("$455.03", ["USD 455.03", "455.03"], "", True),
    ("455.03", ["USD 455.03", "455.03"], "", False),
    ("455.03 USD", ["USD 455.03", "455.03"], "", True),
    ("five million dollars", ["USD 5,000,000", "five million United States dollars", "five million dollars"], "", True),
    ("the Framework Agreement (Weserkai / Halden Foods)", ["Weserkai GmbH", "Weserkai"], "", False),
    ("Weserkai GmbH", ["Weserkai GmbH", "Weserkai"], "", True),
    ("5 %", ["5", "five"], "", False),
    ("5 items", ["5", "five"], "", True),
    ("(1) item is priced over EUR 20", ["1", "one"], "How many items are priced over EUR 20?", True),
    ("30 days or 60 days", ["30 days"], "", False),
    ("30 days, not 60", ["30 days"], "Is it 60 days or less?", True),
    ("130 days", ["30 days"], "", False),
    ("two and one-half per cent", ["2.5 %", "two and one-half per cent"], "", True),
    ("one and one-half per cent (2.5 %)", ["2.5 %", "two and one-half per cent"], "", False),
    ("one of the parties: Irish law", ["Irish law", "Ireland"], "", True),
    ("SOW-2017-21", ["SOW-2017-212"], "", False),
    ("Zürich", ["Zu\u0308rich"], "", True),
    ("三十天", ["三十天"], "", True),
    ("", ["30 days"], "", False),
    ("30 days", [""], "", False),
]


@pytest.mark.parametrize("answer, references, question, right", CASES)
def test_cases(answer, references, question, right):
    assert states(answer, references, question) is right


def test_words():
    assert words("5 000 000 USD, CHF5.50 and 12%") == ["5000000", "usd", "chf", "5.5", "and", "12", "%"]
    assert words("one hundred and eighty (180) days") == ["180", "days"]
    assert words("two and one-half per cent; either one of 6 million") == ["2.5", "%", "either", "one", "of", "6000000"]
