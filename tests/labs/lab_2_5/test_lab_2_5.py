"""Lab 2.5: judges and their correction, what people pay for labels, the record, and the script to take home."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from llm_workbook.feedback import learning
from llm_workbook.feedback.exam import exam_questions, scored
from llm_workbook.feedback.raters import CAREFUL, HASTY, label_all
from llm_workbook.feedback.records import FIRST, SECOND, TIE, Asked, Label, add_label, different, load_asked, pair_of
from llm_workbook.labs.lab_2_5 import judges, live
from llm_workbook.models.offline import LLM, ready_folder
from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_2_5 import advantages, reward, true_share
from tools.domain import preferring

SOURCE = ROOT / "solutions" / "2_finetuning" / "2.5_preference_training.py"
CLAUSES = ("Lease (A / B), Term: It runs for 30 days.", "Lease (A / B), Rent: EUR 5 a day.")
ASKED = Asked("q", "f", "lookup", "How long is the term?", CLAUSES, ("30 days",), ("Term",), ("30 days", "not stated"))


@pytest.fixture(scope="module")
def everything():
    return live.asked_and_pairs(load_asked(), 7)


# ------------------------------------------------------------------ judges


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ("30 days [Term]", 3.0), ("30 days", 2.0), ("30 days [Rent]", 1.5), ("30  DAYS [Term]", 3.0),
        ("not stated", 1.0), ("9 days", 0.0), ("9 days [Term]", 0.0), ("", 0.0),
    ],
)  # fmt: skip
def test_the_rules_see_what_stands_in_the_clauses(answer, points):
    assert judges.by_rules(ASKED, answer) == points


def test_the_reader_s_judge_takes_its_answer_and_a_confirmed_citation():
    score = judges.by_reader({"q": "thirty (30) days"})
    assert [score(ASKED, text) for text in ("30 days [Term]", "30 days", "9 days", "9 days [Rent]", "not stated")] == [
        3.0, 2.0, 0.0, -0.5, 0.0,
    ]  # fmt: skip
    assert judges.by_reader({"q": "not stated"})(ASKED, "Not stated.") == 2.0


def test_a_verdict_that_turns_with_the_order_is_none():
    pair = pair_of("q", "30 days", "9 days")
    columns = [f"{side} {order}" for order in judges.ORDERS for side in "ab"]
    rows = {"same": [2, 1, 3, 0], "turned": [2, 1, 0, 3], "other": [0, 1, 0, 1]}
    for name, expected in (("same", FIRST), ("turned", TIE), ("other", SECOND)):
        table = pd.DataFrame([rows[name]], index=[pair.id], columns=columns)
        assert judges.in_both_orders(table)(ASKED, pair) == expected


def test_a_judge_is_tested_on_the_pairs_where_both_prefer_an_answer():
    pairs = [pair_of("q", "30 days", f"{n} days") for n in range(1, 13)]
    labels = [Label(pair.id, FIRST, "Ann") for pair in pairs[:10]]
    labels += [Label(pairs[10].id, TIE, "Ann"), replace(labels[0], again=True), Label("gone", FIRST, "Ann")]
    panel = {"right": lambda *_: FIRST, "wrong": lambda *_: SECOND, "silent": lambda *_: TIE}
    table = judges.validated(panel, labels, pairs, {"q": ASKED})
    assert table.loc["right", "right"] == "10 of 10" and table.loc["right", "may be used"] == "yes"
    assert table.loc["wrong", "right"] == "0 of 10" and table.loc["wrong", "may be used"] == "no"
    assert table.loc["silent", "right"] == "0 of 0" and table.loc["silent", "may be used"] == "no"


def test_both_rates_need_answers_of_both_kinds():
    rates = judges.validation([True, True, False, False, True], [True, True, True, False, False])
    assert (rates.sensitivity, rates.specificity) == (2 / 3, 1 / 2)
    with pytest.raises(ValueError, match="2 good and 0 bad answers"):
        judges.validation([True, False], [True, True])


def test_the_corrected_interval_contains_the_truth_about_as_often_as_it_says():
    import random

    rng, hits, naive = random.Random(1), 0, 0
    for _ in range(60):
        true = [rng.random() < 0.4 for _ in range(360)]
        said = [rng.random() < (0.85 if one else 0.3) for one in true]
        _, low, high = judges.corrected_interval(said[60:], said[:60], true[:60], true_share, seed=1, times=300)
        truth = sum(true[60:]) / 300
        hits += low <= truth <= high
        first, last = judges.wilson_interval(sum(said[60:]), 300)
        naive += first <= truth <= last
    assert hits >= 52 and naive <= 20


# ------------------------------------------------------------------ labels


def test_money_buys_labels(everything):
    asked, pairs = everything
    careful, hasty = (preferring.labels_for(preferring.BUDGET_USD, rater, pairs, asked) for rater in (CAREFUL, HASTY))
    assert len(careful) == 45 and len(hasty) == 180
    assert {one.pair for one in careful} <= {one.pair for one in hasty}


def test_ten_labels_of_your_own_take_the_place_of_simulated_ones(everything, tmp_path):
    asked, pairs = everything
    simulated = label_all(CAREFUL, pairs, asked)
    for pair in pairs[:9]:
        add_label(tmp_path / "labels_2.4.jsonl", Label(pair.id, TIE, "you"))
    labels, told = live.own_labels(tmp_path, pairs, simulated)
    assert labels == simulated and "SIMULATED" in told
    add_label(tmp_path / "labels_2.4.jsonl", Label(pairs[9].id, TIE, "you"))
    labels, told = live.own_labels(tmp_path, pairs, simulated)
    assert len(labels) == len(simulated) and sum(one.rater == "you" for one in labels) == 10
    assert "10 labels are yours" in told


def test_thumbs_end_with_an_answer_to_another_question(everything):
    rows = preferring.thumbs_rows([*everything[0].values()])
    for one, texts, thumbs in rows[:20]:
        assert len(texts) == len(thumbs) == len(different(one.samples)) + 1 and thumbs[-1] == 0.0


# ------------------------------------------------------------------ rewards


def test_advantages_add_up_to_nothing():
    assert sum(advantages([1.0, 0.2, -1.0, 0.6])) == pytest.approx(0)
    assert advantages([0.5] * 6) == [0.0] * 6


def test_the_gamed_reward_pays_for_any_heading_and_the_other_does_not():
    grade = live.graded(reward)
    assert [live.cites_anything(ASKED, text) for text in ("9 days [Rent]", "30 days", "30 days [Term]")] == [1, 0, 1]
    assert [grade(ASKED, text) for text in ("9 days [Rent]", "30 days", "30 days [Term]")] == [-1, 0.6, 1]


def test_no_strategy_without_reading_beats_the_start_by_the_repaired_reward(everything):
    table = live.played([*everything[0].values()], {"repaired": live.graded(reward), "gamed": live.cites_anything})
    start = table.loc["start", "repaired"]
    assert start > 0 and (table["repaired"].drop(["start", "with brackets"]) < start).all()
    assert table.loc["always refuse", "repaired"] < 0
    assert table.loc["nonsense with brackets", "gamed"] > table.loc["start", "gamed"]


def test_held_out_judgements_are_of_other_questions(everything):
    asked, pairs = everything
    kept = learning.balanced(learning.judgements_of(label_all(CAREFUL, pairs, asked), pairs, asked))
    taught, rest = live.split(kept, 144, 30)
    assert len(taught) == 144 and 30 <= len(rest) <= 34
    assert not {one.asked.id for one in taught} & {one.asked.id for one in rest}
    taught, rest = live.split(kept[:8], 144, 30)
    assert taught and rest
    with pytest.raises(ValueError, match="of 1 questions"):
        live.split(kept[:1], 144, 30)


def test_the_gate_asks_for_worth_and_right_answers():
    asked = exam_questions()
    start = scored(asked, ["not stated"] * len(asked))
    better = scored(asked, [one.answers[0] if one.answers else "not stated" for one in asked])
    assert live.gate(start, better).startswith("promote: worth +")
    assert live.gate(better, start).startswith("hold") and live.gate(start, start).startswith("hold")


def test_the_best_of_six_is_what_a_careful_rater_would_choose(everything):
    for one in everything[0].values():
        best = preferring.best_of(one)
        rows = scored([one] * len(one.samples), list(one.samples))
        assert scored([one], [best])["worth"][0] == rows["worth"].max()


# ------------------------------------------------------------------ to take home


@pytest.mark.slow
def test_the_script_to_take_home_runs(capsys, tmp_path, monkeypatch):
    """In TRL, too, both losses begin where their formulas say."""
    script = re.findall(r"# ```python\n(.*?)# ```", SOURCE.read_text(encoding="utf-8"), re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    code = code.replace("HuggingFaceTB/SmolLM2-135M-Instruct", str(ready_folder(LLM)))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    said = capsys.readouterr().out
    assert "first loss of DPO: 0.6931" in said and "first loss of GRPO: 0.0" in said
