"""Lab 3.2: what it computes. Its exercises are tested in tests/test_exercises.py, which finds them by itself."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rouge_score.rouge_scorer import RougeScorer

from llm_workbook.corpus.records import Question, Span
from llm_workbook.feedback.raters import CAREFUL
from llm_workbook.labs.lab_3_2 import editor, figures, judges, study, sure
from llm_workbook.labs.lab_3_2.support import pointed_at, refusal_table, span_iou, support, support_board, supported
from llm_workbook.measure.answers import token_f1
from llm_workbook.measure.strict import states
from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_3_2 import GAMES, corrected_share, rouge_l_recall, threshold_for, token_recall

SOURCE = ROOT / "solutions" / "3_benchmarking" / "3.2_metrics_and_judges.py"
MEASURES = {"token recall": token_recall, "ROUGE-L recall": rouge_l_recall}


@pytest.fixture(scope="module")
def cases():
    return study.load_cases()


@pytest.fixture(scope="module")
def answers(cases):
    return {**study.recorded(cases), **study.played(GAMES, cases)}


@pytest.fixture(scope="module")
def table(answers, cases):
    return study.scores(answers, cases, MEASURES, "sentence")


@pytest.fixture(scope="module")
def judged():
    return judges.judged()


@pytest.fixture(scope="module")
def sampled():
    return sure.samples()


def flat(answer: str, reference: str) -> float:
    """In place of the encoder, where a test needs none."""
    return float(answer == reference)


# ------------------------------------------------------------------ the trio, and games


def test_the_questions_are_the_ladder_s_and_the_first_ones_are_of_different_families(cases):
    assert len(cases) == 180 and sum(bool(case.marked) for case in cases) == 157
    assert len({case.question.family for case in study.load_cases(12)}) == 12
    assert all(case.sentence and len(case.clauses) == len(case.places) > 0 for case in cases if case.marked)


def test_recall_counts_words_of_the_reference_and_swapped_it_is_precision():
    assert token_recall("30 days or 60 days", "30 days") == 1.0 and token_recall("", "30 days") == 0.0
    answer, right = "thirty days of grace", "thirty days"
    recall, precision = token_recall(answer, right), token_recall(right, answer)
    assert token_f1(answer, [right]) == pytest.approx(2 * recall * precision / (recall + precision))


def test_rouge_l_recall_is_the_library_s(cases):
    case, scorer = cases[0], RougeScorer(["rougeL"])
    for game in GAMES.values():
        expected = scorer.score(case.sentence, game(case))["rougeL"].recall
        assert rouge_l_recall(game(case), case.sentence) == pytest.approx(expected)


def test_what_the_lab_says_of_its_record_holds(table):
    """The untuned model is above the domain reader by recall and below it by strict answers; all games beat the
    assistant by recall, none by strict answers."""
    untuned, trained = "header, untuned", "header, domain reader"
    assert study.versus(table, untuned, trained, "ROUGE-L recall").label == "better"
    assert study.versus(table, untuned, trained, "strict").label == "worse"
    assert figures.beaten(table, [*GAMES], [*MEASURES]) == [*GAMES]
    assert figures.beaten(table, [*GAMES], ["strict"]) == []
    assert all(study.versus(table, game, study.ASSISTANT, "strict").label == "worse" for game in GAMES)


def test_strict_scores_are_those_of_the_record(cases, answers, table):
    from llm_workbook.benchmark.ladder import rung_answers

    on_record = rung_answers()["clauses with a header, domain encoder, domain reader"]
    on_record = on_record[on_record["answerable"]].set_index(["question_id", "seed"])["correct"].astype(float)
    ours = table[table["system"] == study.ASSISTANT].set_index(["question_id", "seed"])["strict"]
    assert (ours == on_record.loc[ours.index]).all() and len(ours) == len(on_record)


def test_a_board_has_a_row_for_each_system_and_an_interval(table):
    board = study.board(table, [*MEASURES])
    assert {*GAMES, *study.SHORT.values(), study.REFUSES} == set(board.index)
    assert re.fullmatch(r"\d+ \[\d+, \d+\]", board.loc[study.ASSISTANT, "strict"])


def test_tau_is_one_for_the_strict_ranking_itself_and_minus_one_turned_round(table):
    real = table[table["system"].isin(study.SHORT.values())]
    mirrored = real.assign(same=real["strict"], other=-real["strict"])
    found = study.agreement({"sentence": mirrored}, ["same", "other"], 7, times=50)["against the sentence"]
    assert found["same"].startswith("+1.00") and found["other"].startswith("-1.00")


def test_cosine_embeds_each_text_once():
    class Fake:
        def __init__(self):
            self.asked = []

        def embed_documents(self, texts):
            self.asked += texts
            return [[1.0, 0.0] if "a" in text else [0.0, 1.0] for text in texts]

    encoder = Fake()
    cosine = study.Cosine(encoder, ["a", "b", "a"])
    assert (cosine("a", "b"), cosine("a", "ca")) == (0.0, 1.0) and encoder.asked == ["a", "b", "ca"]


def test_one_question_is_one_on_which_the_systems_differ(cases, answers, table, capsys):
    real = table[~table["system"].isin(GAMES)]
    shown = study.one_question(cases, answers, real, [*MEASURES])
    assert shown.loc[study.ASSISTANT, "strict"] == 1 and shown.loc["header, untuned", "strict"] == 0
    assert "sentence: " in capsys.readouterr().out
    with pytest.raises(ValueError, match="larger MAX_ITEMS"):
        study.one_question([], {}, table.iloc[:0], [*MEASURES])


def test_the_published_scores_are_read(table):
    means, with_words = study.published()
    assert len(means) == 10 and means.loc["both", "cosine_similarity"] == 0.59
    assert all(abs(value) < 0.15 for value in with_words), "the text says that length explains little"


# ------------------------------------------------------------------ what an answer stands on


def test_span_iou_is_shared_over_all_characters():
    assert span_iou([Span("a", 0, 10)], [Span("a", 0, 10)]) == 1.0 and span_iou([], []) == 0.0
    assert span_iou([Span("a", 0, 10)], [Span("b", 0, 10)]) == 0.0
    assert span_iou([Span("a", 0, 10), Span("a", 5, 20)], [Span("a", 10, 20)]) == 0.5


def test_an_answer_points_at_its_sentence_a_copy_at_its_clause_and_a_refusal_at_nothing(cases):
    first = next(case for case in cases if "Salvage" in case.value and case.value in case.sentence)
    (place,) = pointed_at(first, first.value)
    text = study.texts()[place.document][place.start : place.end]
    assert first.value in text and "\n" not in text and span_iou([place], first.marked) > 0.5
    assert pointed_at(first, first.clauses[0]) == first.places[:1]
    assert pointed_at(first, " ".join(first.clauses)) == first.places
    assert pointed_at(first, "not stated") == () == pointed_at(first, "nobody knows this word: zyx")


def test_the_tables_of_support_tell_games_from_a_system(cases, answers):
    facts = supported(answers, cases, [study.ASSISTANT, study.REFUSES, *GAMES])
    board, refusals = support_board(facts), refusal_table(facts)
    iou, cited = ({name: int(board.loc[name, column]) for name in (study.ASSISTANT, "first clause", "all clauses")}
                  for column in ("span IoU", "citations right"))  # fmt: skip
    assert iou[study.ASSISTANT] > iou["first clause"] > iou["all clauses"] and cited["all clauses"] < 50
    assert board.loc[study.REFUSES, "citations right"] == "none" and board.loc["all clauses", "words grounded"] == "100"
    assert [*refusals.loc[study.REFUSES]] == ["0", "0", "100", "0", "100"]
    assert all(abs(sum(map(int, row[:3])) - 100) <= 1 for row in refusals.to_numpy())


# ------------------------------------------------------------------ the editor


CASE = study.Case(
    Question("q", "lookup", "qa", "How <b>long</b>, at $5?", ("30 days",), (Span("msa", 0, 9),), (), "f", "test"),
    (),
    (),
)


@pytest.fixture
def hostile(monkeypatch):
    monkeypatch.setattr(study.Case, "sentence", "<script>alert(1)</script> is 30 days")
    return CASE


def test_what_documents_and_learners_write_is_no_markup(hostile):
    sheet = editor.Page(hostile, editor.sheet(hostile, {"<i>mine</i>": "<img src=x onerror=alert(1)> $30 days$"}, flat))
    page = sheet._repr_html_()
    assert "<img" not in page and "<script" not in page and "<b>long" not in page and "<i>mine" not in page
    assert "&lt;img" in page and "How &lt;b&gt;long" in page and "<span>$</span>5" in page
    assert "30 days" in str(sheet)


def test_every_metric_is_there_and_moves(hostile):
    right = editor.metrics_of(hostile, "30 days", flat)
    assert len(right) == 12 and {right[name] for name in ("exact", "strict")} == {"yes"} and right["F1"] == "100 %"
    padded = editor.metrics_of(hostile, "30 days or 90 days", flat)
    assert (padded["token recall"], padded["strict"]) == ("100 %", "no") and padded["token precision"] == "40 %"
    assert editor.metrics_of(hostile, "not stated", flat)["refused"] == "yes"
    assert editor.metrics_of(hostile, "", flat)["strict"] == "no"


def test_typing_changes_the_second_column(hostile):
    page = editor.Editor([hostile], {"q": "30 days"}, flat)
    assert page.box.value == "30 days" and "yours" in page.view.value
    before = page.view.value
    page.box.value = "30 days <b>or</b> 60 days"
    assert page.view.value != before and "&lt;b&gt;or" in page.view.value


def test_without_a_kernel_there_is_a_table_of_changes(cases, answers, capsys):
    said = {name: text for (name, seed), text in answers[study.ASSISTANT].items() if seed == 1}
    editor.edit(cases[:5], said, flat)
    shown = capsys.readouterr().out
    assert "or 90 days" in shown and "words grounded" in shown
    editor.edit([], said, flat)
    assert "larger MAX_ITEMS" in capsys.readouterr().out


# ------------------------------------------------------------------ judges


def test_judges_know_no_value_and_one_is_too_kind(judged):
    truth = judged["truth"].mean()
    assert len(judged) == 360 and 0.4 < truth < 0.5
    assert judged[judges.MARKED].mean() > truth + 0.05, "the text says: praised because it stands in the right clause"
    assert judged[judges.SHOWN].mean() > 0.9
    kinds = judged.groupby("kind").apply(
        lambda part: (part[judges.MARKED] == part["truth"]).mean(), include_groups=False
    )
    assert kinds["one clause or none"] > 0.95 > 0.85 > kinds["several clauses"]


def test_a_careful_rater_errs_rarely_and_always_in_the_same_places(judged):
    said = judges.label(CAREFUL, judged, 7)
    assert 0.96 < (said == judged["truth"]).mean() < 1 and said.equals(judges.label(CAREFUL, judged, 7))
    sure_of_all = replace(CAREFUL, slips=0.0)
    assert (judges.label(sure_of_all, judged, 7) == judged["truth"]).all()
    assert len(judges.drawn(judged, CAREFUL, 7)) == 60 and len(judges.drawn(judged.head(5), CAREFUL, 7)) == 5


def test_counts_add_up(judged):
    labelled = judges.drawn(judged, CAREFUL, 7)
    known = judges.counts(judged, labelled, judges.MARKED)
    assert (
        known.good + known.bad == 60 and known.n == 360 and known.good_yes <= known.good and known.bad_no <= known.bad
    )


def test_the_corrected_interval_contains_the_truth_and_the_judge_s_own_does_not(judged):
    truth = float(judged["truth"].mean())
    draws = judges.repeated(judged, CAREFUL, judges.MARKED, corrected_share, times=200)
    assert judges.coverage(draws, truth).loc["corrected", "contains the truth, %"] >= 93
    table = judges.verdicts(judged, judges.drawn(judged, CAREFUL, 7), corrected_share)
    assert table.loc[judges.MARKED, "judge says"].endswith("misses the truth")
    assert table.loc[judges.MARKED, "corrected"].endswith("contains the truth")
    assert list(table["corrected"])[-1].endswith("the truth") and len(table) == 4


def test_the_rule_uses_the_judge_where_one_clause_answers_and_refuses_it_elsewhere(judged):
    rules = judges.by_kind(judged, CAREFUL, judges.MARKED, corrected_share, times=60)["rule"]
    assert rules["one clause or none"] == "use the judge" and rules["several clauses"] == "use the labels"


def test_a_judge_that_cannot_be_corrected_is_refused_in_words(judged):
    coin = judges.Counts(50, 100, 15, 30, 15, 30)
    assert judges.corrected_words(corrected_share, coin, 0.5) == "refused: no better than chance"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_corrected_share_covers_in_a_simulation(share):
    rng, held = np.random.default_rng(7), 0
    for _ in range(400):
        good = int(rng.binomial(60, share))
        yes = int(rng.binomial(300, share * 0.9 + (1 - share) * 0.2))
        _, low, high = corrected_share(
            yes, 300, int(rng.binomial(good, 0.9)), good, int(rng.binomial(60 - good, 0.8)), 60 - good
        )
        held += low <= share <= high
    assert held >= 0.92 * 400


# ------------------------------------------------------------------ how sure


def test_confidence_is_the_share_of_samples_that_agree(sampled):
    assert set((6 * sampled["confidence"]).round().astype(int)) <= {1, 2, 3, 4, 5, 6} and len(sampled) == 116
    dev, test = sure.halves(sampled)
    assert not set(dev["family"]) & set(test["family"]) and len(dev) + len(test) == len(sampled)


def test_the_area_under_the_curve_is_the_mean_risk():
    table = pd.DataFrame({"confidence": [0.9, 0.8, 0.7, 0.6], "right": [True, False, True, True]})
    assert sure.aurc(table) == pytest.approx(np.mean([0, 1 / 2, 1 / 3, 1 / 4]))
    assert sure.aurc(table.assign(confidence=0.5)) == pytest.approx(1 / 4), "no order: the risk of all"


def test_more_families_choose_a_safer_threshold(sampled):
    table = sure.crossed(sampled, threshold_for, 0.3, parts=(2,), times=20)
    half, all_but_one = (int(re.match(r"\d+", table["within 30%"].iloc[at])[0]) for at in (0, 1))
    assert half < all_but_one == 100


def test_where_nothing_is_given_there_is_no_risk(sampled):
    assert sure.kept(sampled, float("inf")) == (0.0, 0.0, 0.0, 1.0, 0)
    assert sure.crossed(sampled, lambda *_: float("inf"), 0.3, parts=(), times=1)["risk"].iloc[0] == "none"


def test_the_pictures_say_what_they_found(table, judged, sampled):
    picture = figures.gamed(table, [*GAMES], [*MEASURES])
    assert picture.get_suptitle() == "5 of 5 games beat the assistant by all 2 metrics, 0 by strict answers"
    draws = judges.repeated(judged, CAREFUL, judges.MARKED, corrected_share, times=5)
    assert len(figures.intervals(draws, 0.44, (0.5, 0.6)).axes) == 2
    assert "confident by" in figures.sure(sampled).axes[0].get_title("left")


# ------------------------------------------------------------------ the lab, and the script


def test_the_lab_is_of_the_size_that_was_promised():
    assert SOURCE.read_text(encoding="utf-8").count("\n# %%") + 1 <= 45


@pytest.mark.slow
def test_the_script_to_take_home_runs(capsys):
    script = re.findall(r"# ```python\n(.*?)# ```", SOURCE.read_text(encoding="utf-8"), re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    assert 15 <= sum(bool(line.strip()) for line in code.splitlines()) <= 30
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    said = capsys.readouterr().out
    share, low, high = corrected_share(200, 360, 26, 27, 26, 33)
    assert f"corrected {share:.2f} ± {(high - low) / 2:.2f}" in said and "report the labels" in said


def test_support_of_an_answer_without_a_case_s_evidence(cases):
    absent = next(case for case in cases if not case.marked)
    assert support(absent, "not stated")["right"] == 1.0 and support(absent, "30 days")["right"] == 0.0
    assert absent.value == absent.sentence == "" and not states("30 days", ["31 days"])
