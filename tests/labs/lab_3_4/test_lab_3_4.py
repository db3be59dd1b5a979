"""Lab 3.4: the published bill row by row, closed forms against simulation, one source of evidence, and the memo."""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage
from matplotlib.figure import Figure

from llm_workbook.benchmark import reading
from llm_workbook.benchmark.ladder import rung_answers
from llm_workbook.benchmark.ledger import Ledger
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import ReadingExam
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.labs.lab_2_2.live import keep_results
from llm_workbook.labs.lab_3_3.cells import Bench
from llm_workbook.labs.lab_3_4 import evidence, figures, plans
from llm_workbook.labs.lab_3_4.evidence import REFUSES, System, measured_system, own_runs, read_evidence, with_share
from llm_workbook.labs.lab_3_4.memo import GETS, Memo, changes, decision_memo, drivers
from llm_workbook.labs.lab_3_4.plans import best_of, cash_flows, needed_share, option, options
from llm_workbook.labs.lab_3_4.prices import KINDS, read_prices, read_scenario
from llm_workbook.measure.answers import score_answers
from llm_workbook.measure.statistics import interval, wilson_interval
from llm_workbook.settings import ROOT, Settings
from llm_workbook.show.text import literal
from llm_workbook.taught import lab_3_4 as lab
from llm_workbook.taught import lab_3_4 as taught

PRICE, SCENARIO = read_prices(), read_scenario()
SOURCE = (ROOT / "solutions" / "3_benchmarking" / "3.4_from_score_to_money.py").read_text(encoding="utf-8")
MIX = SCENARIO.mix


def rows_of(right: int = 60, wrong: int = 30, refused: int = 10, families: int = 14, **traits: Any) -> pd.DataFrame:
    """Scored answers, these numbers for each of the three kinds; where there is no answer, a refusal is right."""
    outcomes = np.repeat(["right", "wrong", "not stated"], [right, wrong, refused])
    np.random.default_rng(1).shuffle(outcomes)
    tables = []
    for kind, name in zip(KINDS, ("lookup", "aggregate", "unanswerable"), strict=True):
        refusal = outcomes == "not stated"
        known = name != "unanswerable"
        correct = (outcomes == "right") if known else refusal
        one = pd.DataFrame({"correct": correct * 1.0, "refused": refusal, "type": name, "answerable": known})
        tables.append(one.assign(question_id=[f"{kind} {n}" for n in range(len(one))]))
    rows = pd.concat(tables, ignore_index=True).assign(
        seconds=2.0, input_tokens=470, output_tokens=12, answer="30 days"
    )
    rows["family"] = [f"f{n % families}" for n in range(len(rows))]
    rows.attrs = {**vars(Traits(**traits)), "source": "yours"}
    return rows


GOOD = measured_system("good", rows_of(context="retrieved"))
TUNED = measured_system("tuned", rows_of(training="sft", context="retrieved"))
SILENT = System(REFUSES, GOOD.kinds, GOOD.families, np.zeros((len(GOOD.kinds), 1, 3)) + np.array([0.0, 0.0, 1.0]))


# ------------------------------------------------------------------ the published bill


def test_the_published_bill_row_by_row():
    rows = lab.published_readings(PRICE)
    rag, ft, once = (np.round([row[column] for row in rows.values()], 2) for column in range(3))
    assert rag.tolist() == [16801.47, 16801.47, 1191.33, 1191.33, 161.11, 161.11]
    assert ft.tolist() == [15761.82, 15761.82, 15761.82, 1127.16, 1127.16, 23.43]
    assert once.tolist() == [8013.13, *[31.12] * 5]
    assert round(once[0] / (rag[0] - ft[0]), 1) == 7.7
    assert (rag < ft).tolist() == [False, False, True, False, True, False]


def test_a_unit_pays_above_23_million_questions_a_month():
    call = lab.usd(2000, PRICE["llama_3_8b_input"]) + lab.usd(150, PRICE["llama_3_8b_output"])
    assert round(lab.break_even_volume(0, call, lab.usd(744, PRICE["model_unit"]), 0) / 1e6, 1) == 22.8


# ------------------------------------------------------------------ closed forms against simulation

dollars, cents = st.integers(0, 10**6), st.integers(0, 1000)


@given(dollars, cents, dollars, cents)
def test_break_even_volume_agrees_with_trying_volumes(fixed_a, each_a, fixed_b, each_b):
    meet = lab.break_even_volume(fixed_a, each_a, fixed_b, each_b)
    never_more = {
        volume: fixed_b + each_b * volume <= fixed_a + each_a * volume
        for n in range(13)
        for volume in (10**n - 1, 10**n, 3 * 10**n)
    }
    if math.isinf(meet):
        assert not never_more[10**12]
    else:
        around = {math.floor(meet) - 1: meet == 0, math.ceil(meet): True, math.ceil(meet) + 1: True}
        tried = {
            **never_more,
            **{volume: fixed_b + each_b * volume <= fixed_a + each_a * volume for volume in around if volume >= 0},
        }
        assert all(cheap for volume, cheap in tried.items() if volume >= meet)
        assert not any(cheap for volume, cheap in tried.items() if volume < meet)


@given(st.integers(1, 240), st.floats(0, 1), st.floats(-1e5, 1e5), st.floats(0, 1e6))
def test_annuity_agrees_with_a_month_by_month_simulation(months, yearly, monthly, upfront):
    balance = -upfront
    for month in range(1, months + 1):
        balance += monthly / (1 + yearly) ** (month / 12)
    assert lab.npv([-upfront, *[monthly] * months], yearly) == pytest.approx(balance, rel=1e-9, abs=1e-6)
    assert -upfront + monthly * lab.annuity(months, yearly) == pytest.approx(balance, rel=1e-7, abs=1e-5)


@given(st.integers(1, 120), st.floats(0.01, 1e5), st.floats(0, 1e6))
def test_payback_agrees_with_the_formula(months, monthly, upfront):
    assume(abs(upfront / monthly - round(upfront / monthly)) > 1e-6 or upfront == 0)
    expected = math.ceil(upfront / monthly)
    assert lab.payback_month([-upfront, *[monthly] * months]) == (expected if expected <= months else math.inf)


def test_payback_is_the_last_time_below_zero():
    assert lab.payback_month([-10, 20, -15, 20]) == 3
    assert lab.payback_month([0, 1]) == 0
    assert lab.payback_month([-1, 0.5]) == math.inf


business = st.builds(
    lambda volume, months, error, believed, discount, every, ends: replace(
        SCENARIO, queries_per_month=volume, months=months, error_usd=error, believed_share=believed,
        yearly_discount=discount, retrain_every_months=every, retirement_month=ends,
    ),
    st.floats(1, 1e7), st.integers(1, 60), st.floats(0, 50), st.floats(0, 1), st.floats(0, 0.3), st.integers(1, 24),
    st.integers(1, 70),
)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(["good", "tuned"]), business, st.booleans())
def test_with_the_needed_share_the_simulated_present_value_is_zero(name, s, narrow):
    tried = {"good": GOOD, "tuned": TUNED}[name]
    s = s.one_clause_only if narrow else s
    system = with_share(tried, s.mix, needed_share(tried, s, PRICE))
    found = option(system, "", s, PRICE)
    flows = cash_flows(system, s, PRICE, found.value)
    assert lab.npv(flows, s.yearly_discount) == found.npv == pytest.approx(0, abs=1e-6 * (1 + np.abs(flows).sum()))


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(["good", "tuned"]), business)
def test_a_right_answer_is_cheaper_than_by_hand_just_where_a_question_earns_more_than_its_machine(name, s):
    system = {"good": GOOD, "tuned": TUNED}[name]
    cost, low, high = plans.usd_per_right_answer(system, s, PRICE)
    surplus = option(system, "", s, PRICE).value - plans.running_usd(system, s, PRICE) / s.queries_per_month
    by_hand = s.minutes_by_hand * s.hourly_usd / 60
    assert by_hand - cost == pytest.approx(surplus / evidence.shares_of(system, s.mix)[0], abs=1e-6)
    assert 0 <= low <= cost <= high


@settings(deadline=None, max_examples=25)
@given(business)
def test_what_is_paid_once_falls_due_in_its_month_and_not_at_the_end(s):
    months, every, ends = int(s.months), int(s.retrain_every_months), int(s.retirement_month)
    due, run = lab.events(TUNED, s), s.retrain_hours * s.hourly_usd
    changed = (1 - 0.98**every) * 2000 * 0.05
    expected = [
        (run + changed) * (month % every == 0 and month < months) + (24 * 60 + run) * (month == ends and month < months)
        for month in range(1, months + 1)
    ]
    assert due[1:] == pytest.approx(expected)
    assert due[0] == pytest.approx(40 * 60 + 100 * 154 + run + 2000 * 0.05) == sum(lab.upfront_bill(TUNED, s).values())
    assert lab.events(SILENT, s).sum() == 0
    assert lab.events(GOOD, s)[1:].sum() == pytest.approx(24 * 60 * (ends < months))


# ------------------------------------------------------------------ the scenario's own mix


def test_more_hard_questions_in_the_test_change_nothing():
    rows = rows_of()
    hard = rows[rows["type"] == "aggregate"]
    again = hard.assign(question_id=hard["question_id"] + " again")
    more = pd.concat([rows, again], ignore_index=True)
    more.attrs = rows.attrs
    for mix in (MIX, SCENARIO.one_clause_only.mix):
        assert evidence.shares_of(measured_system("x", more), mix) == pytest.approx(evidence.shares_of(GOOD, mix))


def test_the_mean_is_that_of_the_kinds_and_its_error_that_of_whole_families():
    values = np.random.default_rng(3).normal(size=(len(GOOD.kinds), 1)) + (GOOD.kinds == KINDS[1])[:, None]
    found = evidence.mix_estimate(GOOD, values, MIX)
    means = {kind: values[GOOD.kinds == kind].mean() for kind in KINDS}
    assert found.mean == pytest.approx(sum(share * means[kind] for kind, share in MIX.items()))
    table = pd.DataFrame({"kind": GOOD.kinds, "family": GOOD.families, "v": values[:, 0]}).groupby(["family", "kind"])[
        "v"
    ]
    sums, counts = (table.agg(how).unstack(fill_value=0)[list(MIX)].to_numpy() for how in ("sum", "count"))
    drawn = np.random.default_rng(4).integers(0, 14, (2000, 14))
    draws = (sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)) @ list(MIX.values())
    assert found.error >= 0.9 * np.std(draws) * math.sqrt(14 / 13)  # never narrower than a bootstrap of families


def test_of_one_kind_the_interval_is_that_of_the_other_labs():
    found = evidence.right_where_answerable(GOOD, SCENARIO.one_clause_only.mix)
    one = GOOD.kinds == KINDS[0]
    expected = interval(GOOD.outcomes[one, :, 0], list(GOOD.families[one]))
    assert found.interval() == pytest.approx(expected) and found.n == one.sum() == 100


def test_n_is_questions_and_seeds_widen_the_interval():
    rows = rows_of(training="sft")
    worse = rows.assign(seed=2, correct=rows["correct"] * (rows.index % 3 > 0))
    both = pd.concat([rows.assign(seed=1), worse], ignore_index=True)
    both.attrs = rows.attrs
    two, one = measured_system("two", both), measured_system("one", rows)
    known = [evidence.right_where_answerable(system, MIX) for system in (one, two)]
    assert [found.n for found in known] == [200, 200] and [found.seeds for found in known] == [1, 2]
    second = evidence.right_where_answerable(measured_system("b", worse.assign(seed=1).pipe(_like, rows)), MIX)
    assert known[1].mean == pytest.approx((known[0].mean + second.mean) / 2)
    assert known[1].error > known[0].error


def _like(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    table.attrs = other.attrs
    return table


def test_a_refusal_is_neither_right_nor_wrong_and_shares_add_up():
    table = evidence.outcome_table([GOOD, SILENT])
    assert list(table.columns.get_level_values(0).unique()) == [f"{kind}, n = 100" for kind in KINDS]
    assert table.loc["good"].tolist() == [60, 30, 10, 60, 30, 10, 0, 90, 10]
    assert table.loc[REFUSES].tolist() == [0, 0, 100] * 3
    assert GOOD.outcomes.sum(axis=2) == pytest.approx(1)


# ------------------------------------------------------------------ the bill


def test_the_bill_by_hand():
    shares = np.array([0.5, 0.3, 0.2])
    laptop, rented = (lab.monthly_bill(GOOD, hosting, shares, SCENARIO, PRICE) for hosting in lab.HOSTING)
    assert laptop["machines"] == pytest.approx(1200 / 36 + 5000 * 2 / 3600 * 0.045 * 0.1716)
    assert rented["machines"] == pytest.approx(73)
    assert laptop["looking after them"] == 240
    assert laptop["people's minutes"] == pytest.approx(5000 * (0.8 * 1 + 0.2 * 0.25))
    assert laptop["believed errors"] == pytest.approx(5000 * 0.3 * 0.2 * 15)
    assert plans.monthly(GOOD, SCENARIO, PRICE)["machines"] == laptop["machines"]  # the cheaper one
    nothing = lab.monthly_bill(SILENT, "own laptop", np.array([0, 0, 1.0]), SCENARIO, PRICE)
    assert {part: usd for part, usd in nothing.items() if usd} == {"people's minutes": 1250}


def test_machines_come_in_whole_steps():
    slow = replace(GOOD, seconds=3600 / 1000)  # a thousand questions an hour
    usd = {
        volume: lab.machines_usd(slow, "rented CPU machine", replace(SCENARIO, queries_per_month=volume), PRICE) / 73
        for volume in (1, 182_500, 182_501, 365_000)
    }
    assert usd == {1: 1, 182_500: 1, 182_501: 2, 365_000: 2}


def test_a_hosted_model_is_priced_by_our_tokens_and_only_asked_how_often_it_must_be_right():
    table = plans.hosting_table(option(GOOD, "", SCENARIO, PRICE), PRICE)
    assert table.loc["Llama 3 8B, by token", "USD a month"] == round(5000 * (470 * 0.0003 + 12 * 0.0006) / 1000, 2)
    needed = needed_share(GOOD, SCENARIO, PRICE, 730 * 21.18)
    assert table["pays from right answers"].iloc[-1] == f"{needed:.1%}" and needed < 0.9


def test_more_than_what_is_not_refused_is_never(monkeypatch):
    """One in ten is refused, so 95 % right answers cannot be."""
    monkeypatch.setattr(plans, "needed_share", lambda system, s, price, running: {73.0 + 240: 0.95}.get(running, 0.89))
    table = plans.hosting_table(option(GOOD, "", SCENARIO, PRICE), PRICE)["pays from right answers"]
    assert table["rented CPU machine"] == "never" and table["own laptop"] == "89.0%"


def test_the_whole_bill_adds_up_to_what_the_plan_pays():
    bill, months = plans.whole_bill(TUNED, SCENARIO, PRICE), SCENARIO.months
    right = evidence.shares_of(TUNED, MIX)[0]
    flows = cash_flows(TUNED, SCENARIO, PRICE, option(TUNED, "", SCENARIO, PRICE).value)
    saved = SCENARIO.queries_per_month * months * right * SCENARIO.minutes_by_hand
    assert saved - sum(bill.values()) == pytest.approx(flows.sum())


# ------------------------------------------------------------------ one source of evidence


def quiet(tmp_path: Path, **options: Any) -> Settings:
    return Settings("3.4", "live", results_dir=tmp_path, **options)


def test_the_recorded_ladder_is_used_and_its_questions_are_counted(tmp_path):
    systems, used, others = read_evidence(quiet(tmp_path))
    assert used == "the recorded ladder of lab 0, 180 questions of 15 contract families" and others == "nothing else"
    assert [system.name for system in systems if not system.is_for_sale] == [
        "right clause shown, untrained reader", "right clause shown, trained reader",
    ]  # fmt: skip
    assert [system.name for system in systems if not system.seconds] == [
        "guess: the most frequent answer", "guess: the answer of the nearest train question", REFUSES,
    ]  # fmt: skip
    assert all(len(system.kinds) == 180 for system in systems)
    assert [system.is_tuned for system in systems] == [False] * 4 + [True, True, True, False, True, False]
    assert all(name in evidence.PLAIN for name in rung_answers() if not name.startswith("guess: "))


@pytest.mark.slow
def test_a_smaller_run_of_your_own_changes_no_letter_of_the_memo(tmp_path):
    before = decision_memo(*read_and_price(tmp_path / "a"))
    Ledger(quiet(tmp_path / "b"), "1.1").append("mine", rows_of(8, 0, 0), traits=Traits(context="retrieved"))
    systems, used, others = read_evidence(quiet(tmp_path / "b"))
    assert others == "your run of lab 1.1 (24 questions)" and "mine" not in {system.name for system in systems}
    after = decision_memo(systems, SCENARIO, PRICE, used)
    assert after.markdown == before.markdown and after.page == before.page


def read_and_price(folder: Path) -> tuple:
    systems, used, _ = read_evidence(quiet(folder))
    return systems, SCENARIO, PRICE, used


def test_a_larger_run_of_your_own_decides_alone_and_one_of_another_model_does_not_count(tmp_path):
    book = Ledger(quiet(tmp_path), "3.3")
    book.append("mine", rows_of(60, 30, 10), traits=Traits(context="retrieved"))
    book.append("fewer", rows_of(50, 30, 10), traits=Traits())
    systems, used, others = read_evidence(quiet(tmp_path))
    assert [system.name for system in systems] == ["mine", REFUSES]
    assert used == "your run of lab 3.3, 300 questions of 14 contract families"
    assert others == "the recorded ladder of lab 0 (180 questions)"
    hosted = quiet(tmp_path, model="openai:some-model")
    Ledger(hosted, "3.3").append("hosted", rows_of(90, 5, 5), traits=Traits(context="retrieved"))
    assert "ladder" in read_evidence(hosted)[1]


def test_a_run_without_a_kind_of_question_does_not_count_however_large(tmp_path):
    lookups = rows_of(200, 50, 50)
    lookups = lookups[lookups["type"] == "lookup"]
    Ledger(quiet(tmp_path), "1.2").append("lookups", lookups, traits=Traits())
    assert "ladder" in read_evidence(quiet(tmp_path))[1]
    with pytest.raises(ValueError, match="cuad: no scored answers with all kinds of question"):
        read_evidence(quiet(tmp_path / "c", corpus="cuad"))


def test_what_nobody_wrote_down_is_left_out_with_a_sentence(tmp_path, capsys):
    book = Ledger(quiet(tmp_path), "1.1")
    book.append("known", rows_of(3, 4, 1), traits=Traits())
    book.append("no traits", rows_of(3, 4, 1))
    book.append("no tokens", rows_of(3, 4, 1).drop(columns="input_tokens"), traits=Traits())
    book.append("not timed", rows_of(3, 4, 1).assign(seconds=math.nan), traits=Traits())
    book.append("retrieval", [{"question_id": "q", "type": "t", "family": "f", "recall": 1.0}], traits=Traits())
    assert list(own_runs(book)) == ["known"]
    said = "Left out, because traits, tokens or seconds are missing (run lab 1.1 again): "
    assert capsys.readouterr().out == f"{said}no tokens, no traits, not timed.\n"


NAMES = ("draft answers", "untuned RAG", "DPO x retrieved", "oracle", "perfect search", "RAFT LoRA", "", "ceiling")
TRAITS = {
    "a plain model": (Traits(), (False, True)),
    "RAG": (Traits(context="retrieved", index="header"), (False, True)),
    "tuned": (Traits("dpo"), (True, True)),
    "a ceiling": (Traits("raft", "oracle"), (True, False)),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", TRAITS)
def test_a_system_is_billed_by_its_traits_whatever_it_is_called(tmp_path, name, kind):
    traits, (is_tuned, is_for_sale) = TRAITS[kind]
    book = Ledger(quiet(tmp_path), "1.1")
    book.append(name, rows_of(3, 4, 1), traits=traits)
    system = measured_system(name, own_runs(book)[name])
    assert (system.is_tuned, system.is_for_sale, system.input_tokens) == (is_tuned, is_for_sale, 470)
    assert (lab.upfront_bill(system, SCENARIO)["training"] > 0) == is_tuned
    assert bool(options([system], SCENARIO, PRICE)) == is_for_sale


# ------------------------------------------------------------------ from the labs' own cells to the bill


class Speaker:
    """A chat model that always says the same. hosted: one that counts no tokens and no seconds."""

    def __init__(self, hosted: bool = False) -> None:
        self.hosted = hosted

    def batch(self, prompts: list) -> list:
        used = None if self.hosted else {"input_tokens": 90, "output_tokens": 4, "total_tokens": 94}
        told = {} if self.hosted else {"seconds": 0.5}
        return [AIMessage("30 days", usage_metadata=used, response_metadata=told) for _ in prompts]


def cell(lab_file: str, mark: str, begin: str = "") -> str:
    """The cell of a solution that contains `mark`, from `begin` on."""
    text = next(Path(ROOT / "solutions").rglob(lab_file)).read_text(encoding="utf-8")
    (found,) = (one for one in text.split("\n# %%") if mark in one)
    code = found[found.index("\n") :]
    return code[code.index(begin) :]


def run_1_1(book: Ledger, chat: Speaker) -> None:
    asked = load_questions()[:12]
    run = SimpleNamespace(ledger=book, chat=lambda max_new_tokens: chat, reader=lambda: chat)
    names = {
        "run": run, "prompt": SimpleNamespace(invoke=str), "asked": lambda question, texts: question, "pd": pd,
        "Question": Question, "Sequence": Sequence, "Callable": Callable, "Chroma": object, "reading": asked,
        "naive_search": rows_of(6, 6, 0).drop(columns=["correct", "refused"]).assign(kind="one clause"),
    }  # fmt: skip
    exec(cell("1.1_*.py", "def answer_all("), names)
    ask: Any = names["answer_all"]
    untuned, tuned = (ask(asked, lambda question: ["a clause"], trained) for trained in (False, True))
    pairs = {"untuned reader": untuned, "domain reader": tuned}
    names["answers"] = {(where, who): rows for where in ("naive search", "right clause") for who, rows in pairs.items()}
    names |= {"closed_book": untuned, "finder": tuned, "lab": SimpleNamespace(progress=lambda: None)}
    exec(cell("1.1_*.py", "run.ledger.append(system, scores"), names)


def run_1_2(book: Ledger, chat: Speaker) -> None:
    asked = load_questions()[:12]
    chats = {"chat": lambda max_new_tokens: chat, "reader": lambda: chat}
    run = SimpleNamespace(ledger=book, embeddings=SimpleNamespace(release=lambda: None), **chats)
    names = {
        "run": run, "reading": asked, "chosen": "sections + header", "clauses_for": lambda name, question: ["a clause"],
        "Traits": Traits, "score_answers": score_answers, "conversation": conversation, "ask_all": reading.ask_all,
        "with_usage": reading.with_usage,
    }  # fmt: skip
    exec(cell("1.2_*.py", 'run.ledger.append(f"answers: {system}"'), names)


def run_2_2(book: Ledger, chat: Speaker) -> None:
    exam, asked = ReadingExam("authored", load_contracts()[:2], Letters()), load_questions()[:12]
    table = exam.take(chat, asked, "among others")
    keep_results(book, 7, table, table)


def run_3_3(book: Ledger, chat: Speaker) -> None:
    table = rows_of(6, 6, 0).assign(input_tokens=90, output_tokens=4, seed=7)
    names = ("untuned x none", "domain reader x retrieved", "domain reader x oracle", "second look")
    bench = SimpleNamespace(run=SimpleNamespace(ledger=book))
    Bench.keep(bench, dict.fromkeys(names, table))  # pyright: ignore[reportArgumentType]


CHAIN = {
    "1.1": (
        run_1_1,
        {
            "closed book": "FT", "naive RAG": "FT", "oracle": "FF", "naive search, domain reader": "TT",
            "oracle, domain reader": "TF", "clause finder": "TT",
        },
    ),
    "1.2": (run_1_2, {"answers: first index": "TT", "answers: chosen index": "TT"}),
    "2.2": (run_2_2, {"untuned · among others": "FF", "tuned · among others · seed 7": "TF"}),
    "3.3": (
        run_3_3,
        {
            "untuned x none": "FT", "domain reader x retrieved": "TT", "domain reader x oracle": "TF",
            "second look": "TT",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAIN)
def test_what_a_labs_own_cells_keep_can_be_priced_here(tmp_path, name):
    """training, for sale: what each system is billed for, as the lab's cells wrote it."""
    fill, expected = CHAIN[name]
    book = Ledger(Settings(name, "live", results_dir=tmp_path))
    fill(book, Speaker())
    systems = [measured_system(system, rows) for system, rows in own_runs(book).items()]
    assert {one.name: "".join("FT"[flag] for flag in (one.is_tuned, one.is_for_sale)) for one in systems} == expected
    assert all(one.input_tokens > 0 and one.seconds > 0 for one in systems)


class Letters(Embeddings):
    """Counts of letters: fast, and equal for equal texts."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[1.0 + text.lower().count(letter) for letter in "aeinorst"] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


# ------------------------------------------------------------------ the decision


def test_the_rule_for_the_decision():
    assert [lab.recommend(*npvs) for npvs in [(1, 5), (0, 5), (-1, 5), (-1, 0), (-9, -5)]] == [
        "introduce", "pilot", "pilot", "go on as today", "go on as today",
    ]  # fmt: skip


def test_a_ceiling_is_never_an_option_and_refusing_always_is_a_row_but_no_offer():
    found = options([SILENT, GOOD, replace(GOOD, name="oracle", is_for_sale=False)], SCENARIO, PRICE)
    assert {one.system.name for one in found} == {"good", REFUSES} and len(found) == 4
    silent = [one for one in found if one.system.name == REFUSES]
    assert all(one.npv == one.npv_low == one.npv_high < 0 for one in silent)
    costly = options([SILENT, GOOD], replace(SCENARIO, error_usd=500), PRICE)
    assert costly[0].system.name == REFUSES and best_of(costly).system.name == "good"


def test_the_best_system_is_the_most_valuable_and_not_the_one_with_most_right_answers():
    brave = measured_system("brave", rows_of(65, 35, 0, context="retrieved"))
    careful = measured_system("careful", rows_of(60, 5, 35, context="retrieved"))
    assert best_of(options([brave, careful], SCENARIO, PRICE)).system.name == "careful"


def decided(s=SCENARIO, price=PRICE) -> str:
    return best_of(options([GOOD, SILENT], s, price)).decision


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("error_usd", 500.0, "go on as today"), ("minutes_by_hand", 2.0, "go on as today"),
        ("believed_share", 1.0, "go on as today"), ("test_label_usd", 5000.0, "go on as today"),
        ("error_usd", 25.0, "pilot"),
    ],
)  # fmt: skip
def test_one_changed_number_changes_the_decision_where_it_should(name, value, expected):
    assert decided() == "introduce"
    assert decided(replace(SCENARIO, **{name: value})) == expected


def test_one_changed_price_changes_the_decision_where_it_should_and_only_there():
    now = plans.option_table(options([GOOD], SCENARIO, PRICE))
    for item in PRICE:
        price = {**PRICE, item: replace(PRICE[item], value=1000 * PRICE[item].value)}
        table = plans.option_table(options([GOOD], SCENARIO, price))
        if item not in ("laptop", "laptop_life", "laptop_power", "electricity"):
            pd.testing.assert_frame_equal(table, now)
        assert decided(price=price) == "introduce"  # there is a second machine to turn to
    both = PRICE | {item: replace(PRICE[item], value=1000 * PRICE[item].value) for item in ("laptop", "cpu_machine")}
    assert decided(price=both) == "go on as today"


def test_the_three_presets_lose_break_even_and_pay_on_the_recorded_ladder(tmp_path):
    systems, *_ = read_evidence(quiet(tmp_path))
    best = best_of(options(systems, SCENARIO, PRICE))
    names = {"best": best, "replace": replace, "scenario": SCENARIO, "with_share": with_share}
    names["needed"] = needed_share(best.system, best.scenario, PRICE)
    exec(cell("3.4_*.py", "explore(calculator_of(", "presets = {").split("controls =")[0], names)
    npv = {name: option(system, "", s, PRICE).npv for name, (system, s) in names["presets"].items()}
    assert npv["loses"] < -10_000 < 10_000 < npv["pays"]
    assert npv["breaks even"] == pytest.approx(0, abs=1)
    assert npv["your scenario"] == best.npv
    view = plans.calculator_of(names["presets"], PRICE)
    assert "pays back in month" in view("pays", believed_share="").get_suptitle()
    assert "never pays back" in view("pays", believed_share=1.0, error_usd=100).get_suptitle()


# ------------------------------------------------------------------ the memo

HEADS = [
    "Decision",
    "Cash needed",
    "Break-even accuracy",
    "What drives it",
    "Next step",
    "What would change the decision",
]
DECISIONS = {
    "introduce": SCENARIO,
    "pilot": replace(SCENARIO, error_usd=25),
    "go on as today": replace(SCENARIO, error_usd=80),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_who_has_the_memo_alone_finds_decision_cash_risk_and_next_step(decision):
    s = DECISIONS[decision]
    best = best_of(options([GOOD, SILENT], s, PRICE))
    memo = decision_memo([GOOD, SILENT], s, PRICE, "a source")
    assert best.decision == decision and list(memo.lines) == HEADS
    lines = memo.lines
    assert lines["Decision"].startswith(decision) and GETS[best.scope] in lines["Decision"]
    for usd in (best.npv, best.npv_low, best.npv_high):
        assert f"{round(usd, -2):,.0f}" in lines["Decision"]
    assert ("a loss is possible" in lines["Decision"]) == (best.npv_low < 0)
    cash = -cash_flows(GOOD, best.scenario, PRICE, best.value).cumsum().min()
    assert lines["Cash needed"].startswith(f"{round(cash, -2):,.0f} USD before it earns anything (set-up 2,400 USD, ")
    needed = needed_share(GOOD, best.scenario, PRICE)
    assert (
        f"{100 * needed:.0f} % right" in lines["Break-even accuracy"] and "60 % (95 %" in lines["Break-even accuracy"]
    )
    assert lines["What drives it"].count("(now ") == 3
    if decision == "go on as today":
        assert lines["Next step"].startswith("spend nothing now")
    else:
        most = f"at most {round(cash, -2):,.0f} USD lost"
        assert f"for 15,400 USD. Fewer than {math.ceil(100 * needed)} right: stop; {most}" in lines["Next step"]
        assert f"From {taught.enough(100, needed)}: introduce" in lines["Next step"]
    text = memo.markdown + memo.page
    assert not [name for name in (*vars(SCENARIO), *PRICE) if "_" in name and name in text]
    assert sum(len(line.split()) for line in lines.values()) < 230


def test_a_test_is_passed_when_its_interval_lies_above_the_break_even():
    assert wilson_interval(58, 100)[0] > 0.477 > wilson_interval(57, 100)[0]
    assert (taught.enough(100, 0.477), taught.enough(10, 0.9)) == (58, 11)


def test_the_memo_counts_wrong_answers_and_says_whose_contracts_were_tested():
    lines = decision_memo([GOOD, SILENT], SCENARIO, PRICE, "a source").lines
    best = best_of(options([GOOD, SILENT], SCENARIO, PRICE))
    asked = best.scenario.queries_per_month
    wrong = round(asked * evidence.shares_of(GOOD, best.scenario.mix)[1], -1)
    assert f"Of {asked:,.0f} answers a month {wrong:,.0f} are wrong" in lines["Break-even accuracy"]
    assert "families of test contracts, none yours" in lines["Break-even accuracy"]


def test_the_drivers_are_ranked_and_signed_by_what_a_tenth_more_does():
    best = option(GOOD, "", SCENARIO, PRICE)
    first, *_, last = drivers(best, PRICE)
    longer = option(GOOD, "", replace(SCENARIO, minutes_by_hand=6.6), PRICE)
    assert first == f"a search by hand (now 6 minutes): a tenth more adds {round(longer.npv - best.npv, -2):,.0f} USD"
    assert last.startswith("an expert's test label (now 154 USD per label): a tenth more takes 1,500 USD")


def test_what_changes_the_decision_changes_it_there_and_not_a_step_before():
    found = options([GOOD, SILENT], SCENARIO, PRICE)
    told = changes(found, SCENARIO, PRICE)
    line = next(line for line in told if line.startswith("a believed error at about"))
    value, said = float(line.split()[5]), line.split(": ")[1]
    assert value > 15 and line.endswith("(now 15 USD): pilot") and said == "pilot"
    assert decided(replace(SCENARIO, error_usd=value * 1.01)) == "pilot"
    assert decided(replace(SCENARIO, error_usd=value / 1.06)) == "introduce"
    between = replace(SCENARIO, error_usd=25)  # a pilot
    both = changes(options([GOOD, SILENT], between, PRICE), between, PRICE)[:2]
    assert {line.split(": ")[1] for line in both} == {"introduce", "go on as today"}
    assert not [line for line in told if line.startswith("an expert's test label at 1.")]


EVIL = "<script>alert('x')</script> **bold** [link](http://evil.example) $1$"


def memo_of(text: str) -> Memo:
    return Memo(text, {text: text}, figures.bill({"a": 1.0}, "a bill"), {text: [text]})


def test_whatever_a_system_is_called_is_text():
    memo = memo_of(EVIL)
    assert "<script" not in memo.page and memo.page.count(html.escape(EVIL)) == 6
    text = memo.markdown.replace(f"**{literal(EVIL)}", literal(EVIL)).replace(":**", ":").replace("**\n", "\n")
    assert not any(sign in text for sign in ("<", "**", "](", "$", "`")) and text.count(literal(EVIL)) == 5


def test_the_page_carries_its_chart_and_the_files_are_two(tmp_path):
    memo = memo_of("plain")
    assert '<img alt="a bill" src="data:image/png;base64,iVBOR' in memo.page
    paths = memo.save(tmp_path / "new")
    assert [path.name for path in paths] == ["decision_memo.md", "decision_memo.html"]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["decision_memo.html", "decision_memo.md"]


@pytest.mark.parametrize("name", ["../memo", "", "a/b", "C:x", "..", "nul"])
def test_a_memo_is_saved_under_a_plain_name_only(tmp_path, name):
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        memo_of("t").save(tmp_path / "memos", name)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_memo_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    old = memo_of("old").save(tmp_path)[0].read_text()
    monkeypatch.setattr("llm_workbook.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        memo_of("new").save(tmp_path)
    assert (tmp_path / "decision_memo.md").read_text() == old


# ------------------------------------------------------------------ what a learner takes home


def test_the_script_to_take_home_agrees_with_the_lab(tmp_path, monkeypatch, capsys):
    one = GOOD.kinds == KINDS[0]
    names = np.array(evidence.OUTCOMES)[GOOD.outcomes[one, 0].argmax(axis=1)]
    pd.DataFrame({"family": GOOD.families[one], "outcome": names}).to_csv(tmp_path / "answers.csv")
    script = SOURCE.split("# ```python\n")[1].split("# ```")[0]
    monkeypatch.chdir(tmp_path)
    exec("\n".join(line[2:] for line in script.splitlines()), {})
    s = replace(SCENARIO, queries_per_month=3500, share_one_clause=1.0, share_several_clauses=0.0, share_no_answer=0.0)
    value = option(GOOD, "", s, PRICE).value
    share = lab.break_even_accuracy(1200 / 3500, *lab.worth(s), refused=0.1)
    said = capsys.readouterr().out
    assert f"USD a month: {3500 * value - 1200:,.0f} [" in said
    assert f"right now 60%, break-even at {share:.0%}" in said


# ------------------------------------------------------------------ the figures


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.dots(
            {"a": {"x": (1.0, 0.5, math.inf), "y": [1.1]}, "b": {"x": (math.inf,) * 3}}, "t", "USD", 6.0
        ),
        lambda: figures.bill({"answers": 1.0, "index": 0.0}, "It costs $5, and then $6."),
        lambda: figures.calculator({"answers": 1.0}, [-1, 2], "It costs $5, and then $6."),
        lambda: figures.decision([0, 0.5, 1], [-5, 0, 5], (0.6, 0.5, 0.7), 0.5),
    ],
)
def test_each_figure_is_drawn(draw):
    figure = draw()
    figure.canvas.draw()
    assert isinstance(figure, Figure) and figure.axes


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "$0"), (0.5, "$0.50"), (9.999, "$10.00"), (99.5, "$99.50"), (1234.5, "$1,234"), (-0.0001, "-$0.00010")],
)
def test_dollars(value, words):
    assert figures.dollars(value) == words
