"""Lab 2.4: the annotator and its file, agreement, bias, other tools, what labels pick, and the script to take home."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from llm_workbook import start
from llm_workbook.feedback.raters import CAREFUL, HASTY, LONG
from llm_workbook.feedback.records import (
    BAD,
    FIRST,
    SECOND,
    TIE,
    WITHDRAWN,
    Asked,
    Label,
    Pair,
    add_label,
    different,
    load_asked,
    load_labels,
    pair_of,
    pairs_of,
)
from llm_workbook.labs.lab_2_4 import agreement, annotator, exchange, figures, selection
from llm_workbook.labs.lab_2_4.session import LONGEST_S, Session, Shown, queue, simulate
from llm_workbook.measure.statistics import wilson_interval
from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_2_4 import cohens_kappa, labels_needed, length_preference

SOURCE = ROOT / "solutions" / "2_finetuning" / "2.4_human_feedback.py"
ASKED = Asked("q", "f", "lookup", "How <b>long</b>?", ("Lease, Term: $5 & 30 days.",), ("30 days",), ("Term",))
PAIRS = [pair_of("q", f"{at} days", "not stated") for at in range(14)]


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path / "labels.jsonl", PAIRS, "you")


@pytest.fixture
def page(session):
    return annotator.Annotator(session, {"q": ASKED})


def press(page, *keys):
    """As a browser does: the box gets what is typed."""
    for key in keys:
        page.keys.value = key
        assert page.keys.value == ""


# ------------------------------------------------------------------ the annotator


def test_ten_labels_by_key_are_found_when_it_is_opened_again(session, page):
    press(page, *"abtxABTXab")
    labels = session.labels()
    assert [one.choice for one in labels[:6]] == [FIRST, SECOND, TIE, BAD, FIRST, SECOND]
    again = annotator.Annotator(Session(session.path, PAIRS, "you"), {"q": ASKED})
    assert again.shown == session.queue[10]
    assert "pair 11 of 16" in again.view.value and "10 labels so far" in again.note.value
    press(again, "a")
    assert len(session.labels()) == 11


def test_a_repeat_swaps_the_sides_and_means_the_same_answer(session, page):
    press(page, *"aaaaaa")
    assert page.shown == Shown(PAIRS[0], again=True)
    assert page.shown.sides == (PAIRS[0].second, PAIRS[0].first)
    assert page.view.value.index("not stated") < page.view.value.index("0 days", page.view.value.index("<b>A</b>"))
    press(page, "b")
    first, last = session.labels()[0], session.labels()[-1]
    assert (first.choice, last.choice, first.again, last.again) == (FIRST, FIRST, False, True)
    assert agreement.with_itself(session.labels()) == (1, 1)
    assert agreement.left(session.labels()) == (6, 7)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("said", ["A", "B", TIE, BAD])
def test_what_is_said_and_what_is_kept_are_each_other_s_inverse(said, again):
    shown = Shown(PAIRS[0], again)
    assert shown.said(shown.choice(said)) == said


def test_undo_adds_a_line_and_shows_the_pair_again(session, page):
    press(page, "a", "b", "u")
    assert [json.loads(line)["choice"] for line in session.path.read_text().splitlines()] == [FIRST, SECOND, WITHDRAWN]
    assert page.shown.pair == PAIRS[1] and len(session.labels()) == 1
    press(page, "t", "u", "u", "u")
    assert session.labels() == [] and page.shown.pair == PAIRS[0]
    assert "no label to take back" in page.note.value


def test_a_withdrawal_takes_back_the_last_label_of_the_same_rater_and_pair(tmp_path):
    path, one = tmp_path / "x.jsonl", Label("p", FIRST, "Ann")
    for label in (one, replace(one, rater="Bob"), replace(one, again=True), replace(one, choice=TIE)):
        add_label(path, label)
    add_label(path, replace(one, choice=WITHDRAWN))
    assert load_labels(path) == [one, replace(one, rater="Bob"), replace(one, again=True)]
    add_label(path, replace(one, choice=WITHDRAWN, pair="other"))
    assert len(load_labels(path)) == 3


def test_reasons_are_tags_of_one_label(session, page):
    press(page, "1", "3", "3", "4", "a", "b")
    assert [one.reasons for one in session.labels()] == [("wrong value", "length"), ()]


def test_the_buttons_do_what_the_keys_do(session, page):
    for button in page.buttons[:4]:
        button.click()
    assert [one.choice for one in session.labels()] == [FIRST, SECOND, TIE, BAD]
    page.buttons[4].click()
    assert len(session.labels()) == 3


def test_an_unknown_key_is_told_what_would_mean_something(session, page):
    press(page, "q")
    assert "The key &#x27;q&#x27; means nothing here" in page.note.value
    assert session.labels() == []


def test_the_last_of_several_characters_counts(session, page):
    press(page, "qb")
    assert [one.choice for one in session.labels()] == [SECOND]


def test_seconds_run_from_display_to_label_and_are_capped(session, page, monkeypatch):
    monkeypatch.setattr(annotator, "monotonic", lambda: page.since + 3.21)
    press(page, "a")
    monkeypatch.setattr(annotator, "monotonic", lambda: page.since + 5000)
    press(page, "a")
    assert [one.seconds for one in session.labels()] == [3.2, LONGEST_S]
    assert "1 took longer than 120 s and count as 120" in page.note.value


def test_what_documents_and_models_say_is_no_markup(page):
    text = annotator.page(Shown(Pair("p", "q", "<script>1</script>", "")), ASKED, 0, 1)
    assert "<script>" not in text and "&lt;script&gt;" in text and "(empty)" in text
    assert "How &lt;b&gt;long&lt;/b&gt;?" in text and "<span>$</span>5 &amp; 30 days" in text
    assert "<details open>" in text


def test_after_the_last_pair_keys_do_no_harm(session, page):
    press(page, *"a" * 16)
    assert page.shown is None and "All 16 pairs are labelled" in page.view.value
    press(page, "a", "1")
    assert len(session.labels()) == 16
    press(page, "u")
    assert page.shown == session.queue[-1]


def test_a_full_disk_is_a_sentence_and_the_pair_stays(session, page, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    press(page, "a")
    monkeypatch.setattr("llm_workbook.labs.lab_2_4.session.add_label", full)
    press(page, "a")
    assert "could not be written (No space left on device)" in page.note.value
    assert page.shown.pair == PAIRS[1]
    press(page, "u")
    assert "could not be taken back (No space left on device)" in page.note.value and len(session.labels()) == 1


def test_the_labels_of_another_rater_and_of_other_pairs_are_not_mine(session):
    add_label(session.path, Label(PAIRS[0].id, FIRST, "somebody"))
    add_label(session.path, Label("another pair", FIRST, "you"))
    assert session.labels() == [] and session.current() == Shown(PAIRS[0])


KILLED = """
import os, signal, sys
from pathlib import Path
from llm_workbook.feedback.records import pair_of
from llm_workbook.labs.lab_2_4.annotator import Annotator
from llm_workbook.labs.lab_2_4.session import Session
from llm_workbook.feedback.records import Asked
pairs = [pair_of("q", f"{at} days", "not stated") for at in range(14)]
page = Annotator(Session(Path(sys.argv[1]), pairs, "you"), {"q": Asked("q", "f", "lookup", "?", ("x",))})
page.keys.value = sys.argv[2]
os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
"""


@pytest.mark.slow
def test_a_process_killed_after_each_label_loses_none(session):
    for key in "abtx":
        done = subprocess.run([sys.executable, "-c", KILLED, str(session.path), key], cwd=ROOT, check=False)
        assert done.returncode != 0
    assert [one.choice for one in session.labels()] == [FIRST, SECOND, TIE, BAD]
    assert session.current() == session.queue[4]


def test_a_line_that_a_crash_cut_off_is_named(session):
    session.say(Shown(PAIRS[0]), "A")
    with session.path.open("a") as file:
        file.write('{"pair": "q')
    with pytest.raises(
        ValueError, match=r"labels.jsonl, line 2: this is no label; restore the file, or delete the line"
    ):
        session.labels()


# ------------------------------------------------------------------ files of labels


def test_each_odd_file_gets_its_sentence(session, tmp_path, capsys):
    labels = [Label(str(at), TIE, "Ann") for at in range(3)]
    assert load_labels(tmp_path / "none.jsonl") == []
    assert agreement.told([]).startswith("No labels yet")
    assert "No label prefers an answer" in agreement.told(labels)
    assert "One rater alone" in agreement.told(labels) and "No hidden repeat" in agreement.told(labels)
    two = [*labels, Label("0", FIRST, "Bob"), Label("0", FIRST, "Bob", again=True)]
    assert agreement.told(two) == "5 labels of 2 raters."
    annotator.annotate(Session(session.path, [Pair("p", "q", "5", "5")], "you"), {"q": ASKED})
    assert "all its pairs have two equal answers" in capsys.readouterr().out
    annotator.annotate(session, {"q": ASKED})
    assert "Nobody can press a key here. 0 labels" in capsys.readouterr().out


def test_own_labels_count_from_ten_on():
    some, mine = [Label("p", FIRST, "simulated: careful")], [Label(str(at), FIRST, "you") for at in range(10)]
    assert agreement.stand_in(mine[:9], some)[0] == some and "SIMULATED" in agreement.stand_in([], some)[1]
    assert (
        agreement.stand_in(mine, some)[0] == mine and "Your own labels: 10 labels" in agreement.stand_in(mine, some)[1]
    )


def test_queue_repeats_the_first_of_six_and_leaves_equal_answers_out():
    assert [shown.again for shown in queue(PAIRS)].count(True) == 2
    assert queue([Pair("p", "q", "5", "5")]) == [] == queue([])


@pytest.fixture(scope="module")
def samples():
    return load_asked()


@pytest.fixture(scope="module")
def labelled(samples, tmp_path_factory):
    """(pairs, questions by id, raters): what section 2 of the lab makes."""
    pairs, asked = pairs_of(selection.halves(samples)[0], most=3), {one.id: one for one in samples}
    path = tmp_path_factory.mktemp("labels") / "simulated.jsonl"
    return pairs, asked, {one.name: simulate(path, pairs, asked, one, 7) for one in (CAREFUL, HASTY, LONG)}


def test_a_simulated_rater_says_so_and_labels_each_pair_once(labelled, tmp_path):
    pairs, asked, raters = labelled
    path = tmp_path / "x.jsonl"
    assert simulate(path, pairs[:9], asked, HASTY, 7) == simulate(path, pairs[:9], asked, HASTY, 7)
    assert len(load_labels(path)) == 10 and {one.rater for one in load_labels(path)} == {"simulated: hasty"}
    assert all(len(some) == len(queue(pairs)) for some in raters.values())


def test_an_id_names_both_answers_and_their_order():
    assert len({pair_of("q", "a", "b").id, pair_of("q", "b", "a").id, pair_of("q", "a", "c").id}) == 3


# ------------------------------------------------------------------ agreement, bias, numbers


@pytest.mark.parametrize("seed", range(8))
def test_kappa_is_that_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    first = random.choice([FIRST, SECOND, TIE, BAD], 40, p=[0.6, 0.2, 0.1, 0.1])
    second = np.where(random.random(40) < 0.7, first, random.choice([FIRST, SECOND, TIE, BAD], 40))
    assert cohens_kappa(list(first), list(second)) == pytest.approx(cohen_kappa_score(first, second))


def test_where_chance_agrees_always_kappa_says_nothing():
    assert cohens_kappa([TIE] * 5, [TIE] * 5) == 0.0


def test_the_interval_of_kappa_contains_it_and_draws_whole_questions():
    first, second = [FIRST, SECOND] * 30, ([FIRST, SECOND] * 4 + [SECOND, SECOND]) * 6
    low, high = agreement.kappa_interval(cohens_kappa, first, second, [str(at) for at in range(60)], 7)
    assert low < cohens_kappa(first, second) < high
    wide = agreement.kappa_interval(cohens_kappa, first, second, [str(at // 10) for at in range(60)], 7)
    assert wide != (low, high)


def test_the_table_of_agreement_has_each_two_raters(labelled):
    pairs, _, raters = labelled
    table = agreement.kappa_table(raters, pairs, cohens_kappa, 7)
    assert list(table.index) == ["careful / hasty", "careful / likes length", "hasty / likes length"]
    assert (table["pairs"] == len(pairs)).all() and table["kappa"].between(0, 1).all()
    assert agreement.kappa_table({"Ann": [], "Bob": []}, pairs, cohens_kappa, 7).empty


def test_pairs_on_which_two_disagree_are_printed(labelled):
    pairs, asked, raters = labelled
    said = agreement.disagreements("careful", "likes length", raters, pairs, asked, most=2)
    assert len(re.findall("careful: .*, likes length: ", said)) == 2 and said.count("first: ") >= 2
    assert "agree on all pairs" in agreement.disagreements("careful", "careful", raters, pairs, asked, most=2)


def test_the_biased_rater_is_told_from_the_others(labelled):
    pairs, asked, raters = labelled
    found = {
        name: length_preference(*agreement.facts(some, pairs, asked), wilson_interval) for name, some in raters.items()
    }
    assert [name for name, (_, low, _) in found.items() if low > 0.5] == ["likes length"]


def test_masks_hide_the_names(labelled):
    masks = agreement.masked(labelled[2], 7)
    assert list(masks) == ["X", "Y", "Z"] and sorted(masks.values()) == sorted(labelled[2])


def test_a_rater_s_accuracy_follows_from_its_repeats():
    for right in (0.6, 0.8, 0.95):
        assert agreement.accuracy(right**2 + (1 - right) ** 2) == pytest.approx(right, abs=0.01)
    assert agreement.accuracy(0.5) == agreement.accuracy(0.1) == 0.5 and agreement.accuracy_of([]) == (0.5, 0.5, 1.0)


def test_a_label_costs_its_seconds():
    labels = [Label("p", FIRST, "Ann", seconds=9.0), Label("q", TIE, "Ann", seconds=27.0)]
    assert agreement.cents(labels, wage_usd=20.0) == pytest.approx(10.0)
    table = agreement.work({"Ann": labels}, 20.0)
    assert [table[name]["Ann"] for name in ("first", "tie", "hidden repeats", "US cents a label")] == [1, 1, 0, 10.0]


@pytest.mark.parametrize(("rate", "accuracy"), [(0.6, 1.0), (0.6, 0.8), (0.55, 0.9), (0.7, 0.75)])
def test_the_number_of_labels_is_near_that_of_statsmodels_and_is_enough(rate, accuracy):
    seen = 0.5 + (2 * accuracy - 1) * (rate - 0.5)
    near = NormalIndPower().solve_power(proportion_effectsize(seen, 0.5), power=0.8, alpha=0.05, ratio=0)
    count = labels_needed(rate, accuracy)
    assert count == pytest.approx(near, rel=0.03)
    shares = np.random.default_rng(7).binomial(count, seen, 20_000) / count
    assert np.mean(np.abs(shares - 0.5) > 1.96 * 0.5 / count**0.5) == pytest.approx(0.8, abs=0.03)


def test_habits_have_intervals_and_a_rater_without_repeats_none():
    table = agreement.habits({"Ann": [Label("p", FIRST, "Ann")]})
    assert [*table.loc["Ann"]] == ["none", "100 % [21, 100] of 1"]


# ------------------------------------------------------------------ other tools


@pytest.mark.parametrize("tool", ["label_studio", "argilla"])
def test_labels_go_out_and_come_back(tool, session, page, tmp_path):
    press(page, "1", *"abtxaba", "2", "4", *"bx")
    labels = [*session.labels(), Label(PAIRS[0].id, BAD, "Bob, of <Lund>", ("length",), 3.5, "2026-01-01")]
    out, back = (getattr(exchange, f"{way}_{tool}") for way in ("to", "from"))
    items = exchange.write_json(tmp_path / "x.json", out(labels, PAIRS, {"q": ASKED}))
    assert sorted(back(items), key=repr) == sorted(labels, key=repr)


def test_a_task_has_what_label_studio_reads(session, page):
    press(page, *"aaaaaab")
    tasks = exchange.to_label_studio(session.labels(), PAIRS, {"q": ASKED})
    assert set(tasks[0]) == {"data", "annotations"} and len(tasks) == 7
    assert (tasks[0]["data"]["A"], tasks[6]["data"]["B"]) == (PAIRS[0].first, PAIRS[0].first)
    names = set(re.findall(r'name="(\w+)"', exchange.LABELLING))
    parts = [part for task in tasks for part in task["annotations"][0]["result"]]
    assert {part["from_name"] for part in parts} <= names and {part["to_name"] for part in parts} <= names
    assert set(re.findall(r'value="\$(\w+)"', exchange.LABELLING)) <= set(tasks[0]["data"])
    assert tasks[6]["annotations"][0]["result"][0]["value"] == {"choices": ["B"]}


def test_a_record_has_what_argilla_reads(session, page):
    press(page, "a")
    (record,) = exchange.to_argilla(session.labels(), PAIRS, {"q": ASKED})
    assert set(record) == {"id", "fields", "metadata", "responses"}
    (response,) = record["responses"]["choice"]
    assert response["value"] == "A" and re.fullmatch(r"[0-9a-f-]{36}", response["user_id"])


def test_what_others_made_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="task 1 has no pair or no choice"):
        exchange.from_label_studio([{"data": {"pair": "p", "again": False}, "annotations": [{"result": []}]}])
    with pytest.raises(ValueError, match="record 1 has no pair or no choice"):
        exchange.from_argilla([{"metadata": {}, "responses": {}}])


# ------------------------------------------------------------------ what labels pick


@pytest.fixture(scope="module")
def picked(samples):
    return selection.picked(selection.halves(samples)[1], 7)


def test_the_halves_share_no_question(samples):
    to_label, for_verdict = selection.halves(samples)
    assert not {one.id for one in to_label} & {one.id for one in for_verdict}
    with pytest.raises(ValueError, match="1 questions with samples: this lab needs two or more"):
        selection.halves(samples[:1])


def test_labels_pick_better_answers_than_the_first_sample(picked, tmp_path):
    found, cost = picked
    run = start("2.4", "smoke", results_dir=tmp_path)
    verdict = run.compare(found["careful"], found["first sample"], "good")
    assert verdict.label == "better"
    assert found["best possible"]["good"].mean() >= max(table["good"].mean() for table in found.values())
    assert cost["three hasty"][0] == 3 * cost["hasty"][0] and cost["careful"][0] == cost["hasty"][0]


def test_what_the_text_says_of_the_rater_who_likes_length_holds(picked):
    long, careful = picked[0]["likes length"], picked[0]["careful"]
    assert long["words"].mean() > careful["words"].mean()
    assert long["needless"].mean() <= careful["needless"].mean()
    assert long[~long["stated"]]["good"].mean() <= careful[~careful["stated"]]["good"].mean()


def test_the_winner_stays_and_each_meeting_is_a_label():
    one = replace(
        ASKED, samples=("not stated", "Not  stated", "31 days", "30 days", "30 days [Term]", "30 days [Rent]")
    )
    assert different(one.samples) == ["not stated", "31 days", "30 days", "30 days [Term]", "30 days [Rent]"]
    sure = selection.Jury("sure", replace(CAREFUL, slips=0.0))
    assert sure.winner(one, 7) == ("30 days [Term]", 4) == (selection.best_possible(one), 4)
    assert selection.Jury("three", sure.rater, 3).winner(one, 7) == ("30 days [Term]", 12)
    assert sure.winner(replace(one, samples=("5", "5")), 7) == ("5", 0)
    assert selection.most_frequent(replace(one, samples=("5", "6", "7", "6"))) == "6"


def test_the_table_has_prices_and_no_empty_share_is_a_number(picked):
    table = selection.board(*picked, wage_usd=20.0)
    labels, seconds = picked[1]["hasty"]
    assert [table[name]["hasty"] for name in ("labels", "USD")] == [str(labels), f"{seconds * 20 / 3600:.2f}"]
    assert (
        selection.board({"x": selection.scores([replace(ASKED, samples=("5",))], selection.first_sample)}).loc[
            "x", "% right refusals"
        ]
        == "none"
    )


def test_what_your_labels_choose_is_counted(labelled):
    pairs, asked, raters = labelled
    said = selection.chosen(raters["careful"], pairs, asked)
    _, good, bad = map(int, re.findall(r"\d+", said))
    assert good > bad
    assert selection.chosen([Label(pairs[0].id, TIE, "you")], pairs, asked).startswith("No label prefers")


def test_the_picture_names_its_raters():
    figure = figures.needed(labels_needed, {"careful": 1.0, "hasty": 0.8, "asleep": 0.5}, 0.1)
    assert "4 times the labels" in figure.axes[0].get_title("left")
    assert {text.get_text() for text in figure.axes[0].texts} == {"careful", "hasty"}


# ------------------------------------------------------------------ the lab, and the script


def test_the_lab_is_of_the_size_that_was_promised():
    source = SOURCE.read_text(encoding="utf-8")
    assert source.count("\n# %%") + 1 <= 42


@pytest.mark.slow
def test_the_script_to_take_home_runs(capsys):
    script = re.findall(r"# ```python\n(.*?)# ```", SOURCE.read_text(encoding="utf-8"), re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    said = capsys.readouterr().out
    (count,) = re.findall(r"with a preference: (\d+)", said)
    assert "prefers length: True" in said and int(count) == pytest.approx(labels_needed(0.6, 0.9), rel=0.03)


def test_a_bill_says_where_no_number_of_labels_is_enough():
    assert agreement.bill("a", 0.9, [200, 150, None], 10.0) == (
        "a: accuracy about 0.90, 200 labels [150 to no limit], 20 USD [15 to no limit]"
    )
    assert "no number of labels [500 to no limit]" in agreement.bill("b", 0.5, [None, 500, None], 10.0)
