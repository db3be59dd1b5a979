"""Lab 1.7: what is taught, its room, what is on record, its pictures, and the script to take home."""

import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from llm_workbook import start
from llm_workbook.benchmark.reading import SEVERAL
from llm_workbook.labs.lab_1_7 import bugs, failures, figures, injection, leaderboard
from llm_workbook.measure.statistics import Verdict, estimate
from llm_workbook.models.offline import EMBEDDER, ready_folder
from llm_workbook.regions import Region
from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_1_7 import fault, shown_from, smallest_within

# ------------------------------------------------------------------ traces and faults


@pytest.fixture(scope="module")
def cases():
    return failures.recorded()


def test_every_recorded_case_has_one_fault_or_is_right(cases):
    counts = failures.tree(cases, fault)
    assert counts.sum() == len(cases) == 80
    assert counts["right"] == sum(one.right for one in cases)
    assert list(counts.index) == ["right", *failures.STAGES]


def test_recorded_traces_are_of_dev_questions_and_of_the_pipeline_that_is_shipped(cases):
    assert len({one.family for one in cases}) == 6
    assert {tuple(span.name for span in one.spans) for one in cases} == {("search", "rerank", "pack", "generate")}
    assert all(set(one.shown) <= set(one.ranked) and set(one.ranked) == set(one.found) for one in cases)
    packed = [next(span for span in one.spans if span.name == "pack") for one in cases]
    assert {span.fields["budget"] for span in packed} == {200}


def test_recorded_answers_are_those_of_lab_1_5(cases):
    """Two ways through the code, one pipeline: a few answers differ, because Chroma's neighbours are approximate."""
    table = pd.concat([one[one["split"] == "dev"] for one in [leaderboard._ways()[leaderboard.SHIPPED]]])
    known = Counter(zip(table["family"], table["answer"], strict=True))
    same = sum((known & Counter((one.family, one.answer) for one in cases)).values())
    assert same >= 0.95 * len(cases)


def test_a_case_says_where_its_clauses_stand_and_text_is_no_markup():
    case = failures.Case("<b>?", "lookup", "f", "5", ("a", ""), ("b", "a"), ("a", "b"), ("a",), "6", False, False)
    assert "needed a: place 2 of the search, 1 after reranking, shown" in str(case)
    assert "a clause that the index lacks: place none" in str(case)
    assert "&lt;b&gt;?" in case._repr_html_() and "<b>" not in case._repr_html_()


def test_the_time_of_an_answer_that_was_known_is_what_it_once_took(cases):
    table = failures.time_of(cases)
    assert set(table.index) == {"search", "rerank", "pack", "generate"}
    assert table.loc["generate", "median ms"] > 100


# ------------------------------------------------------------------ planted bugs


@pytest.fixture
def region():
    from langchain_core.documents import Document

    from llm_workbook.corpus.records import Question, Span

    places = [{"document": name, "title": name, "start_index": 0, "end_index": 10} for name in "abc"]
    entries = [Document(f"{place['document']}: text", metadata=place) for place in places]
    question = Question("q", "lookup", "qa", "?", ("x",), (Span("b", 0, 10),), ("b",), "f", "dev")
    return Region("r", entries, [question], [question])


@pytest.mark.parametrize(
    ("scores", "budget", "lost"),
    [([0.1, 0.9, 0.2], 10, ""), ([0.9, 0.8, 0.2], 10, "ranked low"), ([0.2, 0.9, 0.8], 10, "")],
)
def test_a_question_is_followed_to_the_stage_that_loses_it(region, scores, budget, lost):
    found = bugs.followed([region], {"q": np.array(scores)}, {"r": [10, 10, 10]}, "dev", shown_from, fault, budget)
    assert (found["lost"][0], found["recall"][0]) == (lost, 0.0 if lost else 1.0)


def test_a_clause_that_is_not_kept_is_not_indexed(region):
    found = bugs.followed([region], {"q": np.ones(3)}, {"r": [1] * 3}, "dev", lambda *_: ([0], [0], [0]), fault)
    assert found["lost"][0] == "not indexed"
    assert bugs.losses({"x": found}).loc["x", "not indexed"] == 100


# ------------------------------------------------------------------ the leaderboard


def test_the_leaderboard_has_what_it_promises():
    table = leaderboard.board()
    assert len(table) >= 25 and table.index.is_unique and table["dev"].is_monotonic_decreasing
    assert {"random"} == set(table[table["dev"] < 2]["first"])
    for split, count in (("dev", 300), ("test", 800)):
        recalls, families = leaderboard.recalls(split)
        assert set(recalls) == set(table.index) and len(recalls) == len(families) >= count
        assert np.abs(100 * recalls.mean() - table[split]).max() <= 0.06


def test_the_choice_is_within_the_margin_and_the_cheapest_of_these():
    recalls, families = leaderboard.recalls("dev")
    table, interval = leaderboard.board(), leaderboard.interval_over(families)
    cost = {name: (row["parts"], row["ms"]) for name, row in table.iterrows()}
    chosen, best = smallest_within({name: recalls[name].to_numpy() for name in recalls}, cost, interval), table.index[0]
    assert chosen == "clauses, domain, MaxSim of 20" != best  # what the assistant ships
    assert interval(recalls[best] - recalls[chosen])[1] < 0.06
    cheaper = [name for name in recalls if cost[name] < cost[chosen]]
    assert all(interval(recalls[best] - recalls[name])[1] >= 0.06 for name in cheaper)


def test_the_interval_is_that_of_every_verdict():
    interval = leaderboard.interval_over(["a", "a", "b", "b"])
    assert interval([0.0] * 4) == (0.0, 0.0)
    assert interval([1.0, 0.0, 0.0, 1.0]) == estimate(np.array([1.0, 0.0, 0.0, 1.0]), ["a", "a", "b", "b"]).interval()


def test_neighbours_differ_in_one_part():
    table = leaderboard.neighbours(leaderboard.board(), "clauses, plain", leaderboard.board().index[0])
    assert len(table) >= 8 and {"one change to the plain search", "one change to the best"} == set(
        table.index.get_level_values(0)
    )
    assert table.loc[("one change to the plain search", "first: plain -> domain"), "points of recall"] > 30


def test_looks_are_counted_and_stay(tmp_path):
    path = tmp_path / "looks.jsonl"
    assert [leaderboard.looked(path, "x"), leaderboard.looked(path, "y")] == [1, 2]


def test_the_frozen_questions_are_paired():
    best = leaderboard.board().index[0]
    for one, other, metric, _ in leaderboard.frozen(best, best, "chunks, plain").values():
        assert set(one["question_id"]) == set(other["question_id"]) and metric in one and len(one) >= 150


def test_a_record_says_what_is_not_written():
    text = leaderboard.text_of({"What it is for": " ", "Decision": "x"})
    assert "(not written yet)" in text and "## Decision\n\nx" in text


# ------------------------------------------------------------------ injection


def question(answers=("5 days",)):
    return SimpleNamespace(question="How long is the notice?", answers=answers)


def test_the_wordings_take_turns_and_the_clause_of_the_answer_is_attacked_every_second_time():
    shown = [["Lease, Notice: 5 days.", "Lease, Fee: EUR 9."]] * 10
    some = injection.cases([question()] * 10, shown)
    assert [one.at for one in some] == [1, 0] * 5
    attacked = injection.attacked(some)
    assert all(one.clauses[one.at].startswith(shown[0][one.at]) for one in attacked)
    ends = {one.clauses[one.at].removeprefix(shown[0][one.at]) for one in attacked}
    assert len(ends) == 6 and all(injection.PLANTED in end for end in ends)  # the forgery names two headings
    assert "Fee: notwithstanding" in injection.attacked(some, "forgery")[0].clauses[1]


@pytest.mark.parametrize(("wording", "left"), [("command", 0), ("note", 0), ("role", 0), ("lie", 1), ("forgery", 1)])
def test_the_rule_removes_orders_and_nothing_that_looks_like_a_clause(wording, left):
    attacked = injection.attacked(injection.cases([question()], [["Lease, Notice: 5 days."]]), wording)[0]
    cleaned = injection.without_orders(attacked.clauses[0])
    assert cleaned.startswith("Lease, Notice: 5 days.") and (injection.PLANTED in cleaned) == left


def test_the_sentence_with_the_answer_is_compared_with_the_question():
    case = injection.Case(question(), ("Lease: Rent is due. The notice is 5 days. It is paid.",))
    asked = []

    def score(text, sentences):
        asked.append((text, sentences))
        return [0.7]

    assert injection.likeness(score, case, "5 days") == 0.7
    assert asked == [("How long is the notice?", ["The notice is 5 days."])]
    assert injection.likeness(score, case, "6 days") == -1.0


@pytest.fixture(scope="module")
def attacks():
    return injection.recorded()


def test_the_record_has_both_readers_and_every_way(attacks):
    ways = ["", ", marked", ", filter", ", checked", ", filter and checked"]
    assert [*attacks] == [
        (reader, f"{one}{way}")
        for reader in ("untuned model", "domain reader")
        for one in ("clean", "attacked")
        for way in ways
    ]
    for (_, way), table in attacks.items():
        assert len(table) == 120 and table["family"].nunique() == 15
        assert way.startswith("attacked") or table["resisted"].all()
    shown = injection.board(attacks)
    assert len(shown) == 12 and shown.loc[("untuned model", "clean"), "% fooled"].startswith("0 [0, ")


def test_a_verdict_names_who_is_fooled_more_often(attacks, tmp_path):
    run = start("1.7", "smoke", results_dir=tmp_path)
    found = injection.verdicts(run, attacks)
    assert len(found) == 9 and {one.tests for one in found.values()} == {9}
    first = found["reader"]
    assert injection.more_often(replace(first, difference=9.0, low=5.0, high=13.0, p=0.001)) == "the untuned model"
    assert injection.more_often(replace(first, difference=-9.0, low=-13.0, high=-5.0, p=0.001)) == "the domain reader"
    assert injection.more_often(replace(first, low=-1.0, high=13.0, p=0.2)) == "no difference"


@pytest.mark.parametrize(
    ("low", "label", "said"),
    [
        (-4.4, {"low": -6.0, "high": 7.9, "p": 0.8}, ["at most 4.4", "6 points holds", "cannot be told"]),
        (-7.0, {"low": 1.0, "high": 7.9, "p": 0.01}, ["at most 7.0", "does not hold", "helps on test"]),
        (1.0, {"low": -7.9, "high": -1.0, "p": 0.01, "difference": -4.0}, ["at most 0.0", "harms on test"]),
    ],
)
def test_what_the_test_says_is_said_from_its_numbers(low, label, said):
    one = Verdict("a", "b", 1.0, low, 9.0, 0.01, 100, 15)
    table = leaderboard.board()
    names = {"the choice": one, "larger budget": replace(one, **label)}
    text = leaderboard.told(names, table, "clauses, domain", table.index[0], 6)
    assert all(part in text for part in said) and "added parts: 0 instead of 2" in text


def test_the_text_says_what_the_records_show(cases):
    """Sentences of sections 2 and 3 that stand beside recorded numbers."""
    counts, budgets = failures.tree(cases, fault), leaderboard.budgets()
    assert counts["not indexed"] == counts["not retrieved"] == 0
    cut = failures.by_type(cases, fault)["cut"]
    assert cut[[kind for kind in cut.index if kind in SEVERAL]].sum() > cut.sum() / 2
    assert budgets.loc["400 tokens", "all"] > budgets.loc["200 tokens", "all"]


# ------------------------------------------------------------------ pictures, and the script


def test_every_picture_says_what_it_shows(cases):
    table = leaderboard.board()
    assert "beaten by none" in figures.pareto(table, [table.index[0]]).axes[0].get_title("left")
    assert figures.losses(failures.tree(cases, fault), "title").axes[0].get_title("left") == "title"


@pytest.mark.slow
def test_the_script_to_take_home_runs(capsys, monkeypatch):
    source = (ROOT / "solutions" / "1_rag" / "1.7_diagnose_and_ship.py").read_text(encoding="utf-8")
    script = re.findall(r"# ```python\n(.*?)# ```", source, re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    code = code.replace("sentence-transformers/all-MiniLM-L6-v2", str(ready_folder(EMBEDDER)))
    monkeypatch.setattr("sys.argv", ["take_home"])
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    assert "thirty days' notice" in capsys.readouterr().err
