"""Lab 3.4: the published bill row by row, closed forms against simulation, and what flips the recommendation."""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage

from llm_workbook.benchmark import reading
from llm_workbook.benchmark.ledger import Ledger
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import ReadingExam
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.labs.lab_2_2.live import keep_results
from llm_workbook.labs.lab_3_4 import figures
from llm_workbook.labs.lab_3_4.costs import (
    System,
    decision_memo,
    flips,
    measured_system,
    options,
    outcomes,
    resampled_shares,
    scored_answers,
    varied,
)  # fmt: skip
from llm_workbook.labs.lab_3_4.memo import Memo
from llm_workbook.labs.lab_3_4.plans import calculator, cash_flows, needed_share, with_share
from llm_workbook.labs.lab_3_4.prices import read_prices, read_scenario, stale
from llm_workbook.measure.answers import score_answers
from llm_workbook.measure.statistics import interval
from llm_workbook.settings import ROOT, Settings
from llm_workbook.show.text import literal
from llm_workbook.taught import lab_3_4 as lab

PRICE, SCENARIO = read_prices(), read_scenario()
GOOD = System("good", 473, 12, 2.5, 0.8, 0.15, 0.05, True, False)
TUNED = System("tuned LoRA", 175, 12, 1.0, 0.8, 0.2, 0.0, False, True)


def rows_of(correct: int, wrong: int, refused: int, families: int = 14) -> pd.DataFrame:
    """Scored answers with these numbers of outcomes, spread over families."""
    kinds = np.repeat([0, 1, 2], [correct, wrong, refused])
    np.random.default_rng(1).shuffle(kinds)
    table = pd.DataFrame(
        {"correct": (kinds == 0) * 1.0, "refused": kinds == 2, "seconds": 2.0, "answer": "30 days", "type": "lookup"}
    )
    table["question_id"], table["family"] = (
        [f"q{n}" for n in range(len(table))],
        [f"f{n % families}" for n in range(len(table))],
    )
    table.attrs = {
        "lab": "9.9",
        "source": "yours",
        "profile": "live",
        "model": "offline",
        "n": len(table),
        "created": "2026-11-23T00:00",
    }
    return table


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
    call = lab.call_usd(2000, 150, PRICE["llama_3_8b_input"].value, PRICE["llama_3_8b_output"].value, 0, 0, 0)
    assert round(lab.break_even_volume(0, call, lab.usd(744, PRICE["model_unit"]), 0) / 1e6, 1) == 22.8


# ------------------------------------------------------------------ closed forms against simulation

dollars, cents = st.integers(0, 10**6), st.integers(0, 1000)


@given(dollars, cents, dollars, cents)
def test_break_even_volume_agrees_with_trying_volumes(fixed_a, each_a, fixed_b, each_b):
    meet = lab.break_even_volume(fixed_a, each_a, fixed_b, each_b)
    never_dearer = {
        volume: fixed_b + each_b * volume <= fixed_a + each_a * volume
        for n in range(13)
        for volume in (10**n - 1, 10**n, 3 * 10**n)
    }
    if math.isinf(meet):
        assert not never_dearer[10**12]
    else:
        around = {math.floor(meet) - 1: meet == 0, math.ceil(meet): True, math.ceil(meet) + 1: True}
        tried = {
            **never_dearer,
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


@given(
    st.sampled_from([GOOD, TUNED]),
    st.sampled_from(lab.HOSTING),
    st.floats(1, 1e7),
    st.integers(1, 60),
    st.floats(0, 50),
    st.floats(0, 0.3),
)
def test_with_the_needed_share_the_simulated_present_value_is_zero(tried, hosting, volume, months, error, discount):
    s = replace(SCENARIO, queries_per_month=volume, months=months, error_usd=error, yearly_discount=discount)
    share = needed_share(tried, hosting, s, PRICE)
    system = with_share(tried, share)
    flows = cash_flows(system, hosting, s, PRICE, lab.answer_value_usd(system, s))
    assert lab.npv(flows, discount) == pytest.approx(0, abs=1e-6 * np.abs(flows).sum())


@given(st.integers(1, 48), st.integers(1, 24))
def test_retraining_falls_due_every_few_months_and_not_at_the_end(months, every):
    s = replace(SCENARIO, months=months, retrain_every_months=every)
    flows = cash_flows(TUNED, "on demand", s, PRICE, 1.0)
    bill = lab.monthly_bill(TUNED, "on demand", s, PRICE)
    level = s.queries_per_month - sum(bill.values()) + bill["retraining"]
    due = [month for month in range(1, months + 1) if month % every == 0 and month < months]
    expected = [level - lab.renewal_usd(TUNED, s, PRICE) * (month in due) for month in range(1, months + 1)]
    assert flows[1:] == pytest.approx(expected)


@pytest.mark.parametrize(("share", "said"), [(0.8, "80% right"), (0.0, "a right one costs never")])
def test_the_calculator_says_what_the_flows_say(share, said):
    system = with_share(GOOD, share)
    assert (system.correct, system.wrong, system.refused) == (share, 1 - share, 0.0)
    flows = cash_flows(system, "own laptop", SCENARIO, PRICE, lab.answer_value_usd(system, SCENARIO))
    present, month = lab.npv(flows, SCENARIO.yearly_discount), lab.payback_month(flows)
    headline = calculator(system, "own laptop", SCENARIO, PRICE).get_suptitle()
    when = "never" if math.isinf(month) else f"in month {month:.0f}"
    assert headline.startswith(f"good, own laptop: present value {figures.dollars(present)}, payback {when}\n")
    assert said in headline


# ------------------------------------------------------------------ the bill


def test_the_four_bills_by_hand():
    bills = {hosting: lab.monthly_bill(GOOD, hosting, SCENARIO, PRICE) for hosting in lab.HOSTING}
    assert bills["on demand"]["answers"] == pytest.approx(5000 * (473 * 0.000035 + 12 * 0.00014) / 1000)
    assert bills["provisioned unit"]["answers"] == pytest.approx(730 * 21.18)
    assert bills["rented GPU"]["answers"] == pytest.approx(730 * 1.21)
    assert bills["own laptop"]["answers"] == pytest.approx(1200 / 36 + 5000 * 2.5 / 3600 * 0.045 * 0.1716)
    assert bills["rented GPU"]["looking after machines"] == 240
    assert bills["on demand"]["search index"] == pytest.approx(11.38 + (0.02 * 64000 + 150000) * 0.02e-6)
    assert bills["on demand"]["retraining"] == 0


def test_machines_come_in_whole_steps():
    at = {
        volume: lab.machines_needed(1000, replace(SCENARIO, queries_per_month=volume))
        for volume in (1, 182_500, 182_501, 365_000)
    }
    assert at == {1: 1, 182_500: 1, 182_501: 2, 365_000: 2}


def test_a_tuned_model_pays_for_labels_and_for_those_that_went_stale():
    first = lab.upfront_bill(TUNED, SCENARIO, PRICE)["training"]
    assert first == pytest.approx(0.48 + 300 * 154)
    assert lab.renewal_usd(TUNED, SCENARIO, PRICE) == pytest.approx(0.48 + (1 - 0.98**6) * 300 * 154)
    assert lab.upfront_bill(GOOD, SCENARIO, PRICE)["training"] == lab.renewal_usd(GOOD, SCENARIO, PRICE) == 0


def test_more_context_takes_more_seconds():
    longer = GOOD.with_context(485)
    assert (longer.input_tokens, longer.seconds) == (958, 5.0)
    assert lab.answers_usd(longer, "own laptop", SCENARIO, PRICE) > lab.answers_usd(GOOD, "own laptop", SCENARIO, PRICE)


# ------------------------------------------------------------------ what was measured


def test_a_rightful_refusal_is_correct_and_shares_add_up():
    table = pd.DataFrame({"correct": [1.0, 1.0, 0.0, 0.0], "refused": [False, True, True, False]})
    assert outcomes(table).tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    draws = resampled_shares(rows_of(50, 40, 10), 200)
    assert draws.sum(axis=1) == pytest.approx(np.ones(200))
    assert draws.mean(axis=0) == pytest.approx([0.5, 0.4, 0.1], abs=0.03)


def test_few_answers_or_a_single_family_leave_everything_possible():
    for rows in (rows_of(29, 0, 0), rows_of(90, 0, 0, families=1)):
        draws = resampled_shares(rows, 300)
        assert draws.min(axis=0).tolist() == [0, 0, 0] and draws.max(axis=0).tolist() == [1, 1, 1]
        table = options([GOOD], SCENARIO, PRICE, {"good": draws})
        assert lab.recommend(table) == "measure more before deciding"
    assert resampled_shares(rows_of(30, 0, 0), 300).min(axis=0).tolist() == [1, 0, 0]


def test_the_intervals_agree_with_those_of_the_other_labs():
    rows = rows_of(120, 60, 20, families=10)
    low, high = interval(rows["correct"].to_numpy(), list(rows["family"]))
    assert np.quantile(resampled_shares(rows, 10_000)[:, 0], [0.025, 0.975]) == pytest.approx([low, high], abs=0.02)


def ledgers(tmp_path, **systems):
    """Ledgers 3.3 and 1.1 in an empty place, with these systems: _33=["none x none"], _11=[...]."""
    found = [Ledger(Settings("3.4", "live", results_dir=tmp_path), name) for name in ("3.3", "1.1")]
    for ledger, names in zip(found, (systems.get("_33", ()), systems.get("_11", ())), strict=True):
        ledger.recorded = tmp_path / "none"
        for name in names:
            ledger.append(name, rows_of(3, 4, 1), traits=Traits(context="retrieved"))
    return found


def test_lab_3_3_alone_is_used_where_it_exists_else_all_the_others(tmp_path):
    assert list(scored_answers(ledgers(tmp_path / "a", _33=["none x none"], _11=["naive RAG"]))) == ["none x none"]
    assert list(scored_answers(ledgers(tmp_path / "b", _11=["naive RAG", "oracle"]))) == ["naive RAG", "oracle"]
    with pytest.raises(ValueError, match=r"no lab has scored answers for this corpus yet: run lab 1\.1"):
        scored_answers(ledgers(tmp_path / "c"))


def test_systems_without_scores_are_left_out_and_a_name_used_twice_says_its_lab(tmp_path):
    two = ledgers(tmp_path, _11=["naive RAG"])
    two[1].append("naive retrieval", [{"question_id": "q", "type": "t", "family": "f", "recall": 1.0}], traits=Traits())
    assert list(scored_answers([two[0], two[1], two[1]])) == ["naive RAG", "naive RAG (lab 1.1)"]
    assert scored_answers(two)["naive RAG"].attrs["source"] == "yours"


def test_yours_and_recorded_rows_are_never_in_one_table(tmp_path):
    """A learner's run of some cells of 3.3, or of lab 1.1 alone, is not ranked against recorded runs."""
    book = Ledger(Settings("3.4", "live", results_dir=tmp_path), "3.3")
    others = [Ledger(Settings("3.4", "live", results_dir=tmp_path), name) for name in ("2.2", "1.2", "1.1")]
    found = scored_answers([book, *others])
    assert len(found) == 10 and {rows.attrs["source"] for rows in found.values()} == {"recorded"}
    others[2].append("naive RAG", rows_of(3, 4, 1), traits=Traits(context="retrieved"))
    assert {name: rows.attrs["source"] for name, rows in scored_answers([book, *others]).items()} == {
        "naive RAG": "yours"
    }
    book.append("none x none", rows_of(3, 4, 1), traits=Traits())
    assert list(scored_answers([book, *others])) == ["none x none"]


def test_what_nobody_wrote_down_is_left_out_with_a_sentence(tmp_path, capsys):
    book = ledgers(tmp_path, _11=["known"])[1]
    book.append("oracle RAFT LoRA", rows_of(3, 4, 1))
    book.append("untimed", rows_of(3, 4, 1).drop(columns="seconds"), traits=Traits())
    book.append("timed never", rows_of(3, 4, 1).assign(seconds=math.nan), traits=Traits())
    assert list(scored_answers([ledgers(tmp_path)[0], book])) == ["known"]
    assert capsys.readouterr().out.splitlines() == [
        "Left out, because nobody wrote down what they are (run lab 1.1 again): oracle RAFT LoRA.",
        "Left out, because they have no seconds (run lab 1.1 again): timed never, untimed.",
    ]


NAMES = (
    "draft answers", "untuned RAG", "DPO x retrieved", "top half · retrieved", "closed book", "oracle",
    "perfect search", "RAFT LoRA", "none x none", "closed-book x none", "", "ceiling",
)  # fmt: skip
KINDS = {
    "a plain model": (Traits(), (False, False, True)),
    "RAG": (Traits(context="retrieved", index="header"), (True, False, True)),
    "tuned": (Traits("dpo"), (False, True, True)),
    "both": (Traits("raft", "retrieved"), (True, True, True)),
    "a ceiling": (Traits("raft", "oracle"), (True, True, False)),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_system_is_billed_by_its_traits_whatever_it_is_called(tmp_path, name, kind):
    traits, (uses_index, is_tuned, is_for_sale) = KINDS[kind]
    book = ledgers(tmp_path)[1]
    book.append(name, rows_of(3, 4, 1).assign(input_tokens=100, output_tokens=[4] * 8), traits=traits)
    system = measured_system(name, scored_answers([ledgers(tmp_path)[0], book])[name], None)
    assert (system.uses_index, system.is_tuned, system.is_for_sale) == (uses_index, is_tuned, is_for_sale)
    assert (system.input_tokens, system.output_tokens, system.correct, system.refused) == (100, 4, 3 / 8, 1 / 8)
    bill, first = lab.monthly_bill(system, "on demand", SCENARIO, PRICE), lab.upfront_bill(system, SCENARIO, PRICE)
    assert (bill["search index"] > 0, bill["retraining"] > 0) == (uses_index, is_tuned)
    assert (first["index"] > 0, first["training"] > 0) == (uses_index, is_tuned)


@pytest.mark.parametrize("context, chunks", [("none", 0), ("oracle", 1), ("retrieved", 3)])
def test_unknown_tokens_are_estimated_from_the_context_and_not_from_the_name(context, chunks):
    run = SimpleNamespace(contracts=load_contracts()[:10], questions=load_questions)
    rows = rows_of(3, 4, 1)
    found = {}
    for name in ("closed book", "oracle", "naive RAG"):
        rows.attrs |= vars(Traits(context=context))
        found[name] = measured_system(name, rows.assign(input_tokens=math.nan, output_tokens=3), run).input_tokens
    assert len(set(found.values())) == 1
    plain = rows.copy()
    plain.attrs = {**rows.attrs, "context": "none"}
    none = measured_system("x", plain, run).input_tokens
    assert (found["oracle"] - none) / 100 == pytest.approx(chunks, abs=0.35 * chunks)


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
    table = rows_of(6, 6, 0).assign(input_tokens=90, output_tokens=4, seed=7)  # as `score_rows` makes them
    names = {
        "run": SimpleNamespace(ledger=book), "product": product, "CONTEXTS": ("none", "retrieved", "oracle"), "np": np,
        "Traits": Traits, "losses": {"none": [1.0], "RAFT": [1.1]},
        "mine": {"none x none": table, "RAFT x retrieved": table, "RAFT x oracle": table},
    }  # fmt: skip
    source = cell("3.3_*.py", "run.ledger.append(name, table, cost |")
    (grid,) = (line for line in source.splitlines() if line.startswith("GRID = "))
    exec(f"{grid}\n" + source[source.index("for name, table in mine.items()") :], names)


CHAIN = {
    "1.1": (
        run_1_1,
        {
            "closed book": "FFT", "naive RAG": "TFT", "oracle": "TFF", "naive search, domain reader": "TTT",
            "oracle, domain reader": "TTF", "clause finder": "TTT",
        },
    ),
    "1.2": (
        run_1_2,
        {"answers: first index": "TTT", "answers: chosen index": "TTT"},
    ),
    "2.2": (run_2_2, {"untuned · among others": "TFF", "tuned · among others · seed 7": "TTF"}),
    "3.3": (run_3_3, {"none x none": "FFT", "RAFT x retrieved": "TTT", "RAFT x oracle": "TTF"}),
}  # fmt: skip


@pytest.mark.parametrize("hosted", [False, True], ids=["offline", "hosted"])
@pytest.mark.parametrize("name", CHAIN)
def test_what_a_labs_own_cells_keep_is_priced_here(tmp_path, name, hosted):
    """index, training, for sale: what each system is billed for, as the lab's cells wrote it."""
    fill, expected = CHAIN[name]
    settings = Settings(name, "live", results_dir=tmp_path)
    fill(Ledger(settings), Speaker(hosted))
    answers = scored_answers(Ledger(settings, one) for one in ("3.3", "2.2", "1.2", "1.1"))
    assert {rows.attrs["source"] for rows in answers.values()} == {"yours"}
    run = SimpleNamespace(contracts=load_contracts()[:10], questions=load_questions)
    systems = [measured_system(system, rows, run) for system, rows in answers.items()]
    seen = {
        one.name: "".join("FT"[flag] for flag in (one.uses_index, one.is_tuned, one.is_for_sale)) for one in systems
    }
    assert seen == expected
    assert all(one.input_tokens > 0 and one.seconds > 0 for one in systems)


def test_three_labs_together_are_one_table(tmp_path):
    settings = Settings("3.4", "live", results_dir=tmp_path)
    for name in ("2.2", "1.2", "1.1"):
        CHAIN[name][0](Ledger(settings, name), Speaker())
    answers = scored_answers(Ledger(settings, one) for one in ("3.3", "2.2", "1.2", "1.1"))
    assert {rows.attrs["lab"] for rows in answers.values()} == {"2.2", "1.2", "1.1"}
    assert {rows.attrs["source"] for rows in answers.values()} == {"yours"}


class Letters(Embeddings):
    """Counts of letters: fast, and equal for equal texts."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[1.0 + text.lower().count(letter) for letter in "aeinorst"] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


# ------------------------------------------------------------------ the decision

DRAWS = {"good": resampled_shares(rows_of(320, 60, 20)), "tuned LoRA": resampled_shares(rows_of(320, 80, 0))}
LASTING = replace(SCENARIO, queries_per_month=200_000)


def said(s=SCENARIO, price=PRICE, systems=(GOOD,)):
    return lab.recommend(options(systems, s, price, DRAWS))


def test_the_recommendation_follows_the_band():
    bands = [(5, 1, 9), (5, -1, 9), (-5, -9, -1), (-5, -9, 1)]
    tables = [
        pd.DataFrame([["A, on demand", *band], ["B, rented GPU", -9, -9, -9]], columns=["option", "npv", "low", "high"])
        for band in bands
    ]
    assert [lab.recommend(table) for table in tables] == [
        "A, on demand",
        *["measure more before deciding", "go on as today", "measure more before deciding"],
    ]


def test_a_ceiling_is_never_recommended():
    table = options(
        [GOOD, replace(GOOD, name="oracle", correct=1, wrong=0, refused=0, is_for_sale=False)], SCENARIO, PRICE, DRAWS
    )
    assert set(table["option"]) == {f"good, {hosting}" for hosting in lab.HOSTING}


@pytest.mark.parametrize(
    ("name", "factor", "expected"),
    [
        ("error_usd", 10, "go on as today"),
        ("minutes_saved", 0.1, "go on as today"),
        ("label_usd", 50, "go on as today"),
        ("nova_micro_input", 1e5, "good, own laptop"),
        ("nova_micro_output", 1e6, "good, own laptop"),
    ],
)
def test_one_changed_number_changes_the_recommendation_where_it_should(name, factor, expected):
    assert said() == "good, on demand"
    s, price = varied(SCENARIO, PRICE, name, factor)
    assert said(s, price) == expected


UNUSED = [
    "search_kendra",
    "llama_3_8b_input",
    "training_llama_2_70b",
    "gpu_g5_2xlarge",
    "vectors_opensearch",
    "custom_model_storage",
    "training_lora_16b",
]


@pytest.mark.parametrize(
    "name", [*UNUSED, "training_labels", "retrain_every_months", "model_unit", "gpu_g5_xlarge", "laptop"]
)
def test_and_only_there(name):
    table = options([GOOD], SCENARIO, PRICE, DRAWS)
    other = options([GOOD], *varied(SCENARIO, PRICE, name, 1000), DRAWS)
    assert lab.recommend(other) == lab.recommend(table) == "good, on demand"
    if name in UNUSED or name.startswith(("training", "retrain")):
        pd.testing.assert_frame_equal(table, other)


def test_the_price_of_a_label_decides_between_looking_up_and_tuning():
    both = [replace(GOOD, wrong=0.2, refused=0.0), TUNED]
    draws = {"good": DRAWS["tuned LoRA"], "tuned LoRA": DRAWS["tuned LoRA"]}
    tops = [
        options(both, replace(LASTING, label_usd=label), PRICE, draws).iloc[0]["system"].name for label in (0.0, 154)
    ]
    assert tops == ["tuned LoRA", "good"]


def test_flips_finds_the_point_where_the_recommendation_turns():
    thin = {"good": DRAWS["good"][:300]}
    ((factor, now),) = flips("error_usd", [GOOD], SCENARIO, PRICE, thin)
    assert factor > 1 and now == "measure more before deciding"
    assert (
        lab.recommend(options([GOOD], *varied(SCENARIO, PRICE, "error_usd", factor * 0.98), thin)) == "good, on demand"
    )
    assert lab.recommend(options([GOOD], *varied(SCENARIO, PRICE, "error_usd", factor * 1.01), thin)) == now
    assert flips("search_kendra", [GOOD], SCENARIO, PRICE, thin) == []


# ------------------------------------------------------------------ the memo

EVIL = "<script>alert('x')</script> **bold** [link](http://evil.example) $1$"


def test_the_memo_says_what_why_what_flips_it_and_whose_numbers(tmp_path):
    memo = decision_memo([GOOD], SCENARIO, PRICE, {"good": rows_of(320, 60, 20)}, stale(PRICE))
    assert memo.lead.startswith("Recommendation: good, on demand. Best option: good, on demand: ")
    assert list(memo.sections) == [
        "By how much (net present value, 95 % band)",
        "What would flip it",
        "What was measured",
        "What was assumed",
    ]
    text = memo.markdown
    for words in (
        "lab 9.9, yours, profile live",
        "error usd, now 10: at",
        "as today: 0 USD",
        "prices older than 18 months: model unit (2024-08-21)",
        "queries per month 5000",
        "not flipped by",
    ):
        assert words in text
    assert len(text.split()) < 450  # one page
    paths = memo.save(tmp_path / "new")
    assert [path.name for path in paths] == ["decision_memo.md", "decision_memo.html"]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["decision_memo.html", "decision_memo.md"]


def test_whatever_a_system_is_called_is_text():
    memo = Memo(EVIL, EVIL, {EVIL: [EVIL]})
    assert "<script" not in memo.page and memo.page.count(html.escape(EVIL)) == 5
    text = memo.markdown.replace(f"**{literal(EVIL)}**", literal(EVIL))  # the one mark-up of the memo's own
    assert not any(sign in text for sign in ("<", "**", "](", "$", "`")) and text.count(literal(EVIL)) == 4


@pytest.mark.parametrize("name", ["../memo", "", "a/b", "C:x", "..", "nul"])
def test_a_memo_is_saved_under_a_plain_name_only(tmp_path, name):
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        Memo("t", "l", {}).save(tmp_path / "memos", name)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_memo_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    old = Memo("old", "old", {}).save(tmp_path)[0].read_text()
    monkeypatch.setattr("llm_workbook.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        Memo("new", "new", {}).save(tmp_path)
    assert (tmp_path / "decision_memo.md").read_text() == old


# ------------------------------------------------------------------ the figures


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.dots({"a": {"x": (1.0, 0.5, math.inf), "y": 1.1}, "b": {"x": 100.0}}),
        lambda: figures.bill(pd.DataFrame({"answers": [1.0, 0.0], "index": [0.0, 3.0]}, index=["a", "b"])),
        lambda: figures.curves(
            {"one": {"a": [1, 2], "b": [[1, 2], [0, 1], [2, 3]]}, "two": {"a": [2, 1]}}, [0, 1], "month", "USD"
        ),
        lambda: figures.winner_map([[0, 1], [0, 0]], ["a", "b"], [1, 10], [0, 1], [5, math.inf], xlabel="x"),
        lambda: figures.calculator(
            pd.DataFrame({"answers": [1.0]}, index=["a"]), {"plan": [-1, 2]}, "It costs $5, and then $6."
        ),
    ],
)
def test_each_figure_is_drawn(draw):
    figure = draw()
    figure.canvas.draw()
    assert figure.axes


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "$0"), (0.5, "$0.50"), (9.999, "$10.00"), (99.5, "$99.50"), (1234.5, "$1,234"), (-0.0001, "-$0.00010")],
)
def test_dollars(value, words):
    assert figures.dollars(value) == words
