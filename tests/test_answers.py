"""Measures of answers: what counts as right, as supported and as a refusal, on cases worked by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from llm_workbook.corpus.records import Question, Span
from llm_workbook.measure.answers import (
    contains_answer,
    exact_match,
    groundedness,
    is_refusal,
    normalise,
    rouge_l,
    score_answers,
    token_f1,
)

DAYS = ("60 days", "sixty (60) days", "sixty days")
CAP = ("EUR 2,400,000", "two million four hundred thousand euros (EUR 2,400,000)", "2,400,000 euros")
INTEREST = ("1.5 %", "one and one-half per cent (1.5 %)", "one and one-half per cent", "1.5 percent")


@pytest.mark.parametrize(
    ("text", "same"),
    [("30¹ days", "30 days"), ("EUR 5²³", "EUR 5"), ("not\xadwith\u200bstanding", "notwithstanding")],
)
def test_marks_of_notes_and_signs_without_width_change_no_word(text, same):
    assert exact_match(text, [same]) == rouge_l(text, [same]) == groundedness(same, [text]) == 1.0
    assert contains_answer(text, [same])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The  Fee.", "fee"),
        ("EUR 2,400,000.50!", "eur 2400000.50"),
        ("Section 4.2, (a)", "section 4.2"),
        ("don't", "don t"),
        ("forty-five days", "forty five days"),
        ("an anthem of the theatre", "anthem of theatre"),
    ],
)
def test_normalise(text, expected):
    assert normalise(text) == expected


@pytest.mark.parametrize("answer", ["1.5%", "1.5 %", "1.5 per cent", "1.5 percent", "One and one-half percent"])
def test_a_percentage_is_right_however_it_is_written(answer):
    assert exact_match(answer, INTEREST) == 1.0
    assert contains_answer(f"It is {answer} a month.", INTEREST)


@pytest.mark.parametrize(
    "answer, references, expected",
    [
        ("60 days", DAYS, 1),
        ("Sixty (60) Days.", DAYS, 1),
        ("60", DAYS, 0),
        ("60 days of notice", DAYS, 0),
        ("", DAYS, 0),
        ("60", (), 0),
    ],
)
def test_exact_match(answer, references, expected):
    assert exact_match(answer, references) == expected


@pytest.mark.parametrize(
    "answer, references, expected",
    [
        ("The notice period is 60 days.", DAYS, True),
        ("160 days", DAYS, False),
        ("60 days", ["160 days"], False),
        ("60 daystime", DAYS, False),
        ("It is sixty days after receipt", DAYS, True),
        ("Sixty (60)\ndays", DAYS, True),
        ("sixty-five days", DAYS, False),
        ("up to EUR 2,400,000 a year", CAP, True),
        ("up to EUR 2400000 a year", CAP, True),
        ("EUR 12,400,000", CAP, False),
        ("EUR 2,400,000.50", CAP, False),
        ("11.5%", INTEREST, False),
        ("anything", [""], False),
        ("anything", ["the."], False),
    ],
)
def test_contains_answer_sees_whole_words(answer, references, expected):
    assert contains_answer(answer, references) is expected


@pytest.mark.parametrize(
    "answer, references, expected",
    [
        ("60 days", DAYS, 1.0),
        ("within 60 days", ["60 days"], 2 * 2 / (3 + 2)),
        ("60 60 60", ["60 days"], 2 * 1 / (3 + 2)),  # a repeated token is paid once
        ("sixty days", ["one year", "sixty days"], 1.0),  # the best alias counts
        ("Oslo", DAYS, 0.0),
        ("", DAYS, 0.0),
        ("60 days", [], 0.0),
    ],
)
def test_token_f1(answer, references, expected):
    assert token_f1(answer, references) == pytest.approx(expected)


def test_rouge_l_is_the_longest_common_subsequence():
    # Lin (2004), section 3.1: LCS 3 of 4 and 4 words; the swapped sentence has an LCS of 2
    reference = ["police killed the gunman"]
    assert rouge_l("police kill the gunman", reference) == pytest.approx(0.75)
    assert rouge_l("the gunman kill police", reference) == pytest.approx(0.5)
    assert rouge_l("the gunman kill police", [*reference, "the gunman kill police"]) == 1.0
    assert rouge_l("anything", []) == 0.0


SCRIPTS = [
    ("本合同的期限为五年。", "付款应在三十天内完成"), ("Договор аренды на пять лет", "Оплата в течение месяца"),
    ("สัญญามีผลห้าปี", "ฉบับ"), ("契約期間は五年とする", "支払いを求め"), ("मुआवजा तीस दिन", "पाँच वर्ष"),
    ("العقد ساري خمس سنوات", "يدفع خلال شهر"), ("계약 기간은 5년", "서면 통지"), ("Η σύμβαση", "πέντε έτη"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "other"), SCRIPTS)
@pytest.mark.parametrize("measure", [rouge_l, token_f1, exact_match, contains_answer])
def test_measures_hold_for_every_script(measure, text, other):
    assert measure(text, [text]) == 1.0
    assert measure(text, [other]) == 0.0


def test_part_of_a_text_in_a_script_without_spaces_is_part_of_the_score():
    assert 0 < rouge_l("期限为五年", ["本合同的期限为五年。"]) < 1
    assert contains_answer("本合同的期限为五年。", ["五年"]) and not contains_answer("期限为130天", ["30天"])


def test_accents_are_words_however_they_are_written():
    composed, apart = "Café Müller", "Cafe\u0301 Mu\u0308ller"
    for measure in (rouge_l, token_f1, exact_match, contains_answer):
        assert measure(composed, [apart]) == 1.0 and measure("Cafe Muller", [apart]) == 0.0


@pytest.mark.parametrize("text", ["２，４００，０００", "٢٬٤٠٠٬٠٠٠", "२,४००,०००"])
def test_digits_of_other_scripts(text):
    assert normalise(text) == "2400000" and contains_answer(f"EUR {text}", ["EUR 2,400,000"])


def test_percent_signs_of_other_scripts():
    assert normalise("１．５％") == normalise("١٫٥٪") == "1.5 %"


@given(answer=st.text(st.characters(codec="ascii")), reference=st.text(st.characters(codec="ascii")))
def test_rouge_of_ascii_is_that_of_the_library(answer, reference):
    theirs = RougeScorer(["rougeL"]).score(reference, answer)["rougeL"].fmeasure
    assert rouge_l(answer, [reference]) == theirs


@pytest.mark.parametrize(
    "answer, contexts, expected",
    [
        ("60 days", ["notice of 60 days"], 1.0),
        ("60 days in Oslo", ["notice of 60 days"], 2 / 3),
        ("60 days", [], 0.0),
        ("60 days", ["60", "days"], 1.0),
        ("60 days", ["160 days"], 0.5),
        ("It is the", [], 1.0),
        ("", [], 1.0),
        ("EUR 2,400,000", ["a cap of EUR 2400000"], 1.0),
    ],
)
def test_groundedness(answer, contexts, expected):
    assert groundedness(answer, contexts) == pytest.approx(expected)


@pytest.mark.parametrize(
    "answer",
    [
        "Not stated.",
        "This is NOT SPECIFIED in the clauses.",
        "I don't know.",
        "I don’t know",
        "I do not know",
        "The clauses do not mention it.",
        "There is no such agreement.",
        "It cannot be determined from the context.",
        "",
        "  ...",
    ],
)
def test_refusals(answer):
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer", ["60 days", "No.", "It shall not exceed EUR 2,400,000.", "Notice must state the reason.", "nothing"]
)
def test_answers_that_are_no_refusals(answer):
    assert not is_refusal(answer)


def questions() -> list[Question]:
    rows = [("a", True), ("b", True), ("c", True), ("d", False), ("e", False)]
    span = (Span("msa", 0, 9),)
    fields = {True: ("lookup", "qa", "?", DAYS, span), False: ("unanswerable", "qa", "?", ("not stated",), ())}
    return [Question(name, *fields[yes], ("msa",), "f", "test", answerable=yes) for name, yes in rows]


ANSWERS = ["60 days", "90 days", "It is not stated, perhaps 60 days.", "Not stated.", "30 days"]


def test_score_answers_on_a_case_worked_by_hand():
    scores = score_answers(questions(), ANSWERS, [["60 days"], ["60 days"], [], [], ["30 days"]])
    assert scores["question_id"].tolist() == list("abcde")
    assert scores["correct"].tolist() == [1, 0, 0, 1, 0]  # a refusal that adds the value all the same is a refusal
    assert scores["refused"].tolist() == [False, False, True, True, False]
    assert scores["em"].tolist() == [1, 0, 0, 1, 0]
    assert scores["grounded"].tolist()[:2] == [1.0, 0.5]


@pytest.mark.parametrize(
    "answer, references, question, correct",
    [
        ("thirty-one", ("1", "one"), "How many?", 0),
        ("30 days or 60 days", ("60 days",), "How long?", 0),
        ("60 days, not 30", ("60 days",), "Is it 30 days or more?", 1),  # a number of the question is no second value
        ("EUR 455.03", ("USD 455.03", "455.03"), "How much?", 0),
        ("within sixty (60) days", DAYS, "How long?", 1),
        ("(none)", DAYS, "How long?", 0),
    ],
)
def test_correct_is_the_strict_rule(answer, references, question, correct):
    asked = replace(questions()[0], answers=references, question=question)
    (row,) = score_answers([asked], [answer], [[]]).to_dict("records")
    assert (row["correct"], row["refused"]) == (correct, False)


SILENT = replace(
    questions()[3],
    type="conflict",
    question="The agreement says 30 days and the side letter 60 days. Which statement wins?",
    labels=("payment_days", "precedence silent", "applies"),
)


@pytest.mark.parametrize(
    "answer, correct",
    [
        ("not stated", 1),
        ("It is not stated which of them prevails.", 1),
        ("The documents do not say whether the 30 days or the 60 days apply.", 1),
        ("", 1),
        ("the side letter", 0),
        ("60 days", 0),
        ("30 days or 60 days", 0),
        ("(none)", 0),  # what a prompt of the past wrote where it had no clauses: an echo, and no refusal
    ],
)
def test_where_precedence_is_silent_a_refusal_is_right(answer, correct):
    (row,) = score_answers([SILENT], [answer], [[]]).to_dict("records")
    assert (row["correct"], row["refused"]) == (correct, bool(correct))


@pytest.mark.parametrize("answers, contexts", [(4, 5), (5, 4), (0, 0), (6, 6)])
def test_unequal_lengths_are_a_sentence(answers, contexts):
    with pytest.raises(ValueError, match=f"5 questions, {answers} answers and {contexts} contexts"):
        score_answers(questions(), ["60 days"] * answers, [[]] * contexts)


def test_a_line_break_within_per_cent_changes_nothing():
    assert normalise("more than five per\ncent lower") == normalise("more than five % lower")
