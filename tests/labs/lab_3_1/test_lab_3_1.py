"""What lab 3.1 prints about the audited study, its trained leak, its cards, and what it shares with lab 1.1."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import evidence_of
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.files import sha256
from llm_workbook.labs.lab_3_1 import figures, study
from llm_workbook.labs.lab_3_1.card import Finding, ReportCard
from llm_workbook.labs.lab_3_1.closed_book import learn, near_copies, split_by_family, take_exams, two_wordings
from llm_workbook.labs.lab_3_1.power import exact_power
from llm_workbook.labs.lab_3_1.second_set import CLAIMS, SHORT, alikeness, audited, read_second_set
from llm_workbook.measure.statistics import (
    cluster_bootstrap,
    compare,
    estimate,
    holm,
    kish_design_effect,
    mcnemar,
    power,
    questions_needed,
)
from llm_workbook.settings import DATA, ROOT
from llm_workbook.taught.lab_3_1 import find_swaps, holm_by_hand, word_overlap

METRICS = ("cosine_similarity", "token_overlap_recall", "rouge_l_recall")
ADVANCED = ("sentence_window", "hypothetical_questions", "query_decomposition", "both", "sft_seen_questions")
PAIRS = [*(("naive_rag", name) for name in ADVANCED), ("naive_rag_paraphrased", "sft_paraphrased")]
ALONE = [str(number) for number in range(32)]
LAB = (ROOT / "solutions/3_benchmarking/3.1_honest_benchmark.py").read_text(encoding="utf-8")


@cache
def published() -> pd.DataFrame:
    return pd.read_csv(DATA / "kdd2024_scores.csv")


def scores(system: str, metric: str) -> np.ndarray:
    rows = published()[published()["system"] == system].sort_values("question_index")
    return rows[metric].to_numpy()


def differences(old: str, new: str, metric: str) -> np.ndarray:
    return scores(new, metric) - scores(old, metric)


@cache
def p_values() -> dict[tuple[str, str], float]:
    return {
        (new, metric): estimate(differences(old, new, metric), ALONE).p() for old, new in PAIRS for metric in METRICS
    }


# ------------------------------------------------------------------ the published figures

MEANS = {
    "naive_rag": (0.509, 0.284, 0.302, 931), "sentence_window": (0.517, 0.281, 0.306, 794),
    "hypothetical_questions": (0.542, 0.345, 0.350, 1915), "query_decomposition": (0.519, 0.285, 0.284, 526),
    "both": (0.590, 0.334, 0.316, 2277), "sft_seen_questions": (0.654, 0.358, 0.442, 22),
    "sft_4bit_seen_questions": (0.212, 0.041, 0.111, 22), "naive_rag_paraphrased": (0.399, 0.200, 0.249, 931),
    "sft_paraphrased": (0.521, 0.269, 0.333, 26), "sft_4bit_paraphrased": (0.161, 0.031, 0.080, 26),
}  # fmt: skip


def test_the_file_is_the_one_that_was_audited():
    assert sha256(DATA / "kdd2024_scores.csv") in (DATA / "README.md").read_text(encoding="utf-8")
    assert published().groupby("system").size().to_dict() == dict.fromkeys(MEANS, 32)
    assert not published().isna().any().any()


@pytest.mark.parametrize("system", MEANS)
def test_the_published_means(system):
    *means, words = MEANS[system]
    assert [round(scores(system, metric).mean(), 3) for metric in METRICS] == means
    assert scores(system, "prompt_words").mean() == pytest.approx(words, abs=0.6)


def test_one_of_18_comparisons_is_below_5_per_cent_and_none_survives():
    assert len(p_values()) == 18
    assert [name for name, p in p_values().items() if p < 0.05] == [("sft_seen_questions", "cosine_similarity")]
    corrected = holm({" ".join(name): p for name, p in p_values().items()})
    assert not [name for name, p in corrected.items() if p < 0.05]
    assert min(corrected.values()) == pytest.approx(0.52, abs=0.05)


def test_the_one_difference():
    gain = differences("naive_rag", "sft_seen_questions", "cosine_similarity")
    low, high = np.quantile(cluster_bootstrap(gain, ALONE), [0.025, 0.975])
    assert (round(gain.mean(), 3), p_values()["sft_seen_questions", "cosine_similarity"]) == (
        0.145,
        pytest.approx(0.029, abs=0.004),
    )
    assert (low, high) == (pytest.approx(0.027, abs=0.004), pytest.approx(0.266, abs=0.004))


def test_the_difference_that_is_not():
    gain = differences("naive_rag", "both", "cosine_similarity")
    low, high = np.quantile(cluster_bootstrap(gain, ALONE), [0.025, 0.975])
    assert (round(gain.mean(), 3), p_values()["both", "cosine_similarity"]) == (0.081, pytest.approx(0.11, abs=0.01))
    assert (low, high) == (pytest.approx(-0.010, abs=0.004), pytest.approx(0.178, abs=0.004))


def test_the_collapse_that_32_questions_do_show():
    by_question = [
        dict(enumerate(scores(system, "cosine_similarity"))) for system in ("sft_4bit_seen_questions", "naive_rag")
    ]
    verdict = compare(*by_question, {number: str(number) for number in range(32)})
    assert (round(verdict.difference, 1), verdict.label) == (-29.7, "worse")
    assert verdict.p * 24 < 0.01  # also if all 24 comparisons of the file are counted


def test_holm_by_hand_agrees_with_statsmodels():
    named = {" ".join(name): p for name, p in p_values().items()}
    assert holm_by_hand(named) == pytest.approx(holm(named))


def test_the_series_under_the_chart_are_swapped():
    sft = study.computed_means(study.read_scores())["SFT"]
    assert sft == pytest.approx([scores("sft_paraphrased", metric).mean() for metric in METRICS])
    assert sft == pytest.approx([0.521381, 0.269091, 0.332956], abs=1e-6)  # what the chart shows as RAG
    swaps = find_swaps(study.UNDER_THE_CHART, study.computed_means(study.read_scores()))
    assert swaps == {"SFT": "RAG", "RAG": "SFT"}


def test_the_room_makes_the_comparisons_that_are_audited_here():
    assert tuple(PAIRS) == study.PAIRS
    comparisons = study.all_comparisons(study.read_scores())
    assert {look: verdict.p for look, verdict in comparisons.items()} == pytest.approx(p_values())
    table = study.differences(study.read_scores())
    assert table.shape == (32, 18)
    assert [100 * column.mean() for column in table.T] == pytest.approx(
        [one.difference for one in comparisons.values()]
    )
    means = study.mean_scores()
    assert means.loc["both", "cosine_similarity"] == 0.590 and len(means) == 8
    assert list(study.cosine_table(study.read_scores(), comparisons)["correlation"])[:5:4] == [0.65, 0.03]


def test_only_the_verified_pair_is_called_a_repeat():
    """One other run had the same code and all the same prompts; its means stand in data/README.md."""
    apart = study.two_runs_apart(study.read_scores())
    assert [round(apart[metric], 1) for metric in METRICS] == [3.1, 2.0, 0.8]
    page = (DATA / "README.md").read_text(encoding="utf-8")
    assert all(str(mean) in page for mean in study.AGAIN.values())
    assert not re.findall(r"0\.488|0\.511|0\.514\b", LAB)  # runs of other versions of the code


def test_the_comparisons_depend_on_each_other():
    """Signs flipped for whole questions: more false alarms than one comparison has, fewer than 18 independent ones."""
    assert 0.35 < study.false_alarms(study.read_scores(), seed=7) < 0.50
    flips = np.random.default_rng(7).choice([-1, 1], (2000, 32, 1)) * study.differences(study.read_scores())
    t_values = flips.mean(axis=1) / (flips.std(axis=1, ddof=1) / np.sqrt(32))
    assert 0.35 < (np.abs(t_values).max(axis=1) > 2.0395).mean() < 0.50  # t, 31 degrees of freedom
    assert 0.04 < (np.abs(t_values) > 2.0395).mean() < 0.06


def test_60_per_cent_of_studies_with_18_empty_comparisons_find_something():
    assert round(1 - 0.95**18, 2) == 0.60
    assert "= 60 % of studies" in LAB


def test_questions_needed_for_five_points():
    """McNemar by simulation agrees with the formula behind the power curve, within what it approximates."""
    n, generator = questions_needed(0.05, 0.2), np.random.default_rng(0)
    only_a = generator.binomial(n, 0.125, 300)
    only_b = [generator.binomial(n - a, 0.075 / (1 - 0.125)) for a in only_a]
    seen = np.mean([mcnemar(int(a), int(b)) < 0.05 for a, b in zip(only_a, only_b, strict=True)])
    assert n == 626
    assert 0.70 < seen < 0.88


# ------------------------------------------------------------------ what it shares with lab 1.1


def test_the_prompt_is_that_of_lab_1_1_to_the_byte():
    """Else answers that are on disk would be computed again, and the two labs could not be compared."""
    from langchain_core.messages.utils import convert_to_messages

    first = (ROOT / "solutions/1_rag/1.1_baseline_and_ruler.py").read_text(encoding="utf-8")
    cell = next(cell for cell in first.split("# %%") if "ChatPromptTemplate.from_messages" in cell)
    code = cell[cell.index("\n") :]
    names: dict = {}
    exec(code, names)
    for clauses in (["a {b}", "c"], []):
        made = names["prompt"].invoke({"asked": names["asked"]("d?", clauses)}).to_messages()
        ours = convert_to_messages(conversation(clauses, "d?", worked=True))
        assert len(made) == 4
        assert [(one.type, one.content) for one in ours] == [(one.type, one.content) for one in made]


def test_the_evidence_stands_after_its_title_and_there_is_none_without_an_answer():
    contracts = load_contracts()
    source = {contract.id: contract for contract in contracts}
    questions = load_questions("authored", "test", task="qa")
    answerable = next(question for question in questions if question.answerable)
    for span, text in evidence_of(answerable, contracts):
        assert text == f"{source[span.document].title}: {source[span.document].text_of(span)}"
    assert [span for span, _ in evidence_of(answerable, contracts)] == list(answerable.evidence)
    assert evidence_of(next(question for question in questions if not question.answerable), contracts) == []


# ------------------------------------------------------------------ how many questions


@pytest.mark.parametrize(("n", "effect", "discordance"), [(5, 0.2, 0.5), (32, 0.05, 0.2), (32, 0.3, 0.4), (40, 0, 0.3)])
def test_the_exact_power_is_the_sum_over_all_outcomes(n, effect, discordance):
    wins, total = (1 + effect / discordance) / 2, 0.0
    for count in range(n + 1):
        significant = [won for won in range(count + 1) if mcnemar(won, count - won) < 0.05]
        total += binom.pmf(count, n, discordance) * sum(binom.pmf(won, count, wins) for won in significant)
    assert exact_power(n, effect, discordance) == pytest.approx(total, abs=1e-12)


def test_32_questions_see_five_points_in_3_of_100_studies_and_the_approximation_says_9():
    assert round(exact_power(32, 0.05, 0.2), 3) == 0.034
    assert round(power(32, 0.05, 0.2), 2) == 0.09


@pytest.mark.parametrize(("effect", "discordance"), [(0.3, 0.2), (0, 0), (0.1, 1.2)])
def test_an_impossible_discordance_is_named(effect, discordance):
    with pytest.raises(ValueError, match=f"the discordance must be from .* but is {discordance}"):
        exact_power(32, effect, discordance)


def test_the_design_effect():
    families = list("aabbccdd")
    assert kish_design_effect(np.ones(8), families) == 1.0  # nothing varies
    assert kish_design_effect(np.arange(8), ["a"] * 8) == 1.0  # one family says nothing about others
    assert kish_design_effect(np.array([1, 0, 0, 1, 1, 0, 0, 1]), families) == 0.0  # each family is like the others
    generator = np.random.default_rng(0)
    alone = [kish_design_effect(generator.normal(size=200), [str(n) for n in range(200)]) for _ in range(20)]
    assert np.mean(alone) == pytest.approx(1.0, abs=0.02)
    shared = [kish_design_effect(np.repeat(generator.normal(size=200), 4), np.repeat(range(200), 4)) for _ in range(20)]
    assert np.mean(shared) == pytest.approx(4.0, abs=0.1)  # four questions that agree tell as much as one


# ------------------------------------------------------------------ a leak that is trained


def test_two_wordings_share_a_fact_and_an_answer_and_no_question_is_in_both():
    first, others = two_wordings(load_questions("authored", "test"))
    of_fact = {question.facts[0]: question for question in first}
    assert len(of_fact) == len(first) > 50 and len(others) >= len(first)
    assert not {one.id for one in first} & {one.id for one in others}
    for other in others:
        assert other.facts[0] in of_fact and other.question != of_fact[other.facts[0]].question
    assert two_wordings([]) == ([], [])


def test_the_learner_knows_what_it_was_trained_on_and_answers_only_from_there():
    seen = [question for question in load_questions("authored", "train") if question.answerable][:12]
    answer = learn(seen, seed=7)
    assert answer(seen) == [question.answers[0] for question in seen]
    strangers = load_questions("authored", "test")[:5]
    assert set(answer(strangers)) <= {question.answers[0] for question in seen}
    assert answer(strangers) == learn(seen, seed=7)(strangers)
    with pytest.raises(ValueError, match="nothing to learn from"):
        learn([], seed=7)


def test_no_family_is_on_both_sides_of_a_split():
    questions = load_questions("authored", "train") + load_questions("authored", "dev")
    clean, others = split_by_family(questions, 5)
    assert len({one.family for one in clean}) == 5 and len({one.family for one in others}) == 4
    assert not {one.family for one in clean} & {one.family for one in others}
    assert len(clean) + len(others) == sum(question.answerable for question in questions)
    for count in (0, 9):
        with pytest.raises(ValueError, match=f"from 1 to 8, one less than the families, but is {count}"):
            split_by_family(questions, count)


def test_a_leak_raises_the_score_of_what_leaked_and_of_nothing_else():
    first, test = two_wordings(load_questions("authored", "test"))
    known = load_questions("authored", "train") + load_questions("authored", "dev")
    clean, others = split_by_family(known, 5)
    training = {"clean": clean, "leaky": clean + first}
    found = near_copies(training, test, word_overlap)
    assert list(found["family known"]) == ["0%", "100%"]
    assert found["overlap with nearest"].is_monotonic_increasing
    marks = take_exams(training, {"test": test, "others": others}, seed=7)
    right = {key: table["correct"].mean() for key, table in marks.items()}
    assert right["leaky", "test"] > 3 * right["clean", "test"]
    assert abs(right["leaky", "others"] - right["clean", "others"]) < 0.03


# ------------------------------------------------------------------ the cards


class _Texts(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags[tag] += 1

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_card_shows_texts_letter_by_letter_and_is_saved_as_a_page(tmp_path):
    evil = "<script>alert(1)</script> & $x$"
    card = ReportCard(evil, evil, [Finding(evil, evil, "no")], evil)
    page = _Texts()
    page.feed(card.save(tmp_path / "card.html").read_text(encoding="utf-8"))
    assert page.tags["script"] == 0 and page.tags["tr"] == 1
    assert page.text.count(evil) >= 5
    assert "color:" not in card._repr_html_().replace("rgba(128,128,128,0.5)", "")  # it takes the page's own
    assert str(card).splitlines()[2] == f"✘ {evil}: {evil}"


def test_a_finding_has_one_of_the_known_verdicts():
    with pytest.raises(ValueError, match="pairing: 'good' is no verdict: write yes, no, partly, unknown"):
        Finding("pairing", "seen", "good")


def test_the_second_set_is_answered_question_by_question_by_all_its_systems():
    tables = read_second_set()
    assert list(tables) == list(SHORT.values())
    ids = [list(table["question_id"]) for table in tables.values()]
    assert all(one == ids[0] for one in ids) and len(set(ids[0])) == 180
    assert tables["guess"]["family"].nunique() == 15
    assert 0 <= alikeness(tables["assistant"], tables["naive RAG"]) < 0.2


def key_of_the_audit() -> dict[int, str]:
    """The verdicts, worked out once more from the recorded answers."""
    tables = read_second_set()
    families = dict(zip(tables["guess"]["question_id"], tables["guess"]["family"], strict=True))
    right = {name: table.set_index("question_id")["correct"] for name, table in tables.items()}
    found = {number: compare(right[claim.new], right[claim.old], families) for number, claim in CLAIMS.items()}
    p_of = holm({str(number): found[number].p for number in (1, 2, 3)})
    shown = {number: p_of[str(number)] < 0.05 and found[number].difference > 0 for number in (1, 2, 3)}
    each = tables["trained reader"][["seed 1", "seed 2", "seed 3"]].mean()
    spread = 100 * abs(each - each.mean()).max()
    shown |= {4: found[4].low > -5 and found[4].high < 5, 5: spread <= 5}
    return {number: "shown" if yes else "not shown" for number, yes in shown.items()}


def test_the_audit_of_the_second_set_and_a_learner_s_verdicts():
    tables, right = read_second_set(), key_of_the_audit()
    assert right[2] == right[3] == "shown"
    assert "Gains of 3 trainings" in audited(tables, right).findings[4].seen
    assert audited(tables, right).decision == "You and the audit agree on 5 of 5 claims."
    other = {"shown": "not shown", "not shown": "shown"}[right[1]]
    card = audited(tables, right | {1: other, 4: ""})
    assert [one.verdict for one in card.findings] == ["differ", "agree", "agree", "open", "agree"]
    assert card.findings[3].seen == "You have no verdict yet."
    assert "with Holm's correction for 3" in card.findings[0].seen
    assert "below a guess that reads nothing" in card.findings[0].seen
    for nothing in (..., {}, dict.fromkeys(CLAIMS, "")):
        assert {one.verdict for one in audited(tables, nothing).findings} == {"open"}


def test_as_good_needs_the_whole_interval_within_the_margin():
    """A table is as good as itself; a few questions show no equality."""
    tables = read_second_set()
    same = tables | {"assistant": tables["right clause"]}
    assert "The audit: shown. +0.0 points" in audited(same, {4: "shown"}).findings[3].seen
    few = {name: table.head(12) for name, table in tables.items()}
    assert audited(few, {4: "not shown"}).findings[3].verdict == "agree"


@pytest.mark.parametrize(
    ("mine", "said"),
    [
        ({1: "show"}, "claim 1: 'show' is no verdict: write 'shown' or 'not shown'"),
        ({6: "shown"}, "there is no claim 6"),
    ],
)
def test_a_slip_in_the_learner_s_verdicts_is_named(mine, said):
    with pytest.raises(ValueError, match=said):
        audited(read_second_set(), mine)


def test_a_ladder_that_lacks_a_system_is_named(monkeypatch):
    monkeypatch.setattr("llm_workbook.labs.lab_3_1.second_set.rung_answers", dict)
    with pytest.raises(ValueError, match="holds no run of 'guess: the most frequent answer'"):
        read_second_set()


def test_the_figures_say_what_they_show():
    drawn = figures.p_values({"a": 0.02, "b": 0.4}, {"a": 0.04, "b": 0.4}, "1 of 2").axes[0]
    assert [label.get_text() for label in drawn.get_yticklabels()] == ["a", "b"]
    assert "1 of 2" in (drawn.get_title(), drawn.get_title(loc="left"))
    curve = figures.power_curve(exact_power, 32, 0.05, 0.2).axes[0]
    title = "32 questions find a true difference of 5 points in 3.4% of studies"
    assert title in (curve.get_title(), curve.get_title(loc="left"))
    said = [text.get_text() for text in curve.get_legend().get_texts()]
    assert {"approximation; at n = 32: 9.1%", "n = 32: 3.4%"} <= set(said)


def take_home() -> str:
    block = LAB[LAB.index("# ```python\n") :].split("# ```")[1].removeprefix("python\n")
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in block.splitlines())


def file_of_scores(folder) -> pd.DataFrame:
    table = published()[["question_index", "system", "cosine_similarity"]]
    table.columns = ["question", "system", "score"]
    table = table[table["system"].isin(("both", "naive_rag", "sft_seen_questions"))]
    table.to_csv(folder / "scores.csv")
    return table


def test_the_script_to_take_home_runs_on_a_file_of_scores(tmp_path, monkeypatch, capsys):
    file_of_scores(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert len(take_home().splitlines()) <= 30
    exec(compile(take_home(), "take home", "exec"), {})
    said = capsys.readouterr().out
    assert "32 questions, 3 comparisons" in said
    assert re.search(r"sft_seen_questions +naive_rag +0\.145 +0\.018 +0\.271 +0\.027 +0\.080", said)


def test_the_script_to_take_home_scores_a_missing_answer_as_0_and_groups_by_family(tmp_path, monkeypatch, capsys):
    table = file_of_scores(tmp_path).assign(family=lambda rows: "f" + (rows["question"] // 4).astype(str))
    monkeypatch.chdir(tmp_path)
    table[table["question"] + (table["system"] == "both") != 32].to_csv("scores.csv")  # `both` lacks question 31
    names: dict = {}
    exec(compile(take_home(), "take home", "exec"), names)
    assert "8 families, 3 comparisons" in capsys.readouterr().out
    rest = table[(table["system"] == "both") & table["question"].between(28, 30)]["score"].sum()
    assert names["scores"].loc["f7", "both"] == pytest.approx(rest / 4)
