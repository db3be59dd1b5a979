"""start() and Run: what a notebook is told when its parameters are wrong, and what it gets when they are right."""

import pandas as pd
import pytest

from llm_workbook import Run, start
from llm_workbook.models.offline import ModelError
from llm_workbook.run import known_labs
from llm_workbook.settings import Settings


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"lab": "9.9"}, r"unknown lab '9\.9': this workbook has 0, 1\.1"),
        ({"lab": "../0"}, r"unknown lab '\.\./0'"),
        ({"profile": "fast"}, "unknown profile 'fast': choose one of smoke, live, full"),
        ({"corpus": "contracts"}, "unknown corpus 'contracts': choose one of authored, cuad"),
        ({"corpus": None}, "CORPUS must be .*, but is None"),
        ({"corpus": 7}, "CORPUS must be .*, but is 7"),
        ({"max_items": 0}, "MAX_ITEMS must be at least 1 or None, but is 0"),
        ({"max_items": -3}, "MAX_ITEMS must be at least 1 or None, but is -3"),
    ],
)
def test_a_wrong_parameter_is_a_sentence(tmp_path, capsys, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        start(**{"lab": "1.1", "results_dir": tmp_path / "results", **change})
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "results").exists()


def test_an_unknown_model_lists_what_is_possible(tmp_path):
    with pytest.raises(
        ModelError, match="unknown model 'smollm'. Use None for the offline model, a folder that exists, a hub name"
    ):
        start("1.1", model="smollm", results_dir=tmp_path)


def test_start_prints_one_line(tmp_path, capsys):
    run = start("1.1", "smoke", 7, None, None, tmp_path / "results")
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith(
        f"Lab 1.1 · profile smoke · model offline · corpus authored: {len(run.contracts)} contracts, 8 questions"
    )
    assert "the model answers 8 " in said
    assert said.rstrip().endswith(f"results in {tmp_path / 'results'}")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("results")
    return {profile: Run(Settings("1.1", profile, results_dir=folder)) for profile in ("smoke", "live", "full")}


@pytest.mark.parametrize(
    ("plain", "model", "expected"), [(False, None, 96), (True, None, 48), (True, "openai:gpt-5-nano", 96)]
)
def test_a_plain_processor_answers_half_in_live_and_says_so(monkeypatch, tmp_path, plain, model, expected):
    monkeypatch.setattr("llm_workbook.models.chat.is_plain", lambda: plain)
    live, smoke, full = (
        Run(Settings("1.1", one, model=model, results_dir=tmp_path)) for one in ("live", "smoke", "full")
    )
    assert [len(live.reading_questions()), live.items(live=105)] == [expected, 105 if expected == 96 else 53]
    assert [smoke.items(live=105, smoke=3), full.items(live=105)] == [3, None]
    assert ("no AVX-512" in str(live)) == (expected == 48) and "AVX-512" not in str(smoke)
    searched = {contract.id for contract in live.contracts}
    assert len(searched) == (len(full.contracts) if expected == 96 else 32)
    assert all(searched.issuperset(one.documents) for split in ("dev", "test") for one in live.questions(split=split))


def test_every_profile_has_its_number_of_questions(runs, monkeypatch):
    monkeypatch.setattr("llm_workbook.models.chat.is_plain", lambda: False)
    everything = len(runs["full"].questions())
    assert everything > 96
    assert {profile: len(run.questions()) for profile, run in runs.items()} == {
        "smoke": 8,
        "live": everything,
        "full": everything,
    }
    read = {profile: len(run.reading_questions()) for profile, run in runs.items()}
    assert read == {"smoke": 8, "live": 96, "full": everything}


def test_max_items_limits_what_the_model_reads_and_nothing_else(tmp_path):
    run = Run(Settings("1.1", "live", max_items=5, results_dir=tmp_path))
    whole = Run(Settings("1.1", "live", results_dir=tmp_path))
    assert run.reading_questions() == whole.reading_questions()[:5]
    assert run.questions() == whole.questions()
    assert len({question.type for question in run.reading_questions()}) == 5  # types take turns


def test_questions_by_type_split_and_task(runs):
    assert {question.type for question in runs["live"].questions(types=["orphan", "bridge"])} == {"orphan", "bridge"}
    assert {question.split for question in runs["live"].questions(split="dev")} == {"dev"}
    assert {question.task for question in runs["live"].questions(task="classification")} == {"classification"}


def test_a_search_sees_the_contracts_of_all_splits_but_in_smoke(runs):
    assert {contract.split for contract in runs["live"].contracts} == {"train", "dev", "test"}
    few = {contract.id for contract in runs["smoke"].contracts}
    assert few == {document for question in runs["smoke"].questions() for document in question.documents}
    assert len(few) < len(runs["live"].contracts) / 2


def scores(*correct: float) -> pd.DataFrame:
    """Question n is of family n // 2 and, turn by turn, of type lookup and orphan."""
    rows = [
        {"question_id": n, "type": ("lookup", "orphan")[n % 2], "family": n // 2, "correct": score}
        for n, score in enumerate(correct)
    ]
    return pd.DataFrame(rows)


def test_compare_all_questions_or_one_type(runs):
    better, worse = scores(*[1, 0] * 8), scores(*[0, 0] * 8)
    run = runs["live"]
    assert (run.compare(better, worse).difference, run.compare(better, worse).n) == (50.0, 16)
    lookup = run.compare(better, worse, where="lookup", name_a="hybrid", name_b="dense")
    assert (lookup.difference, lookup.n, lookup.families, lookup.label) == (100.0, 8, 8, "better")
    assert str(lookup).startswith("hybrid against dense: +100.0 points")
    assert run.compare(better, worse, where="orphan").label == "cannot tell"
    with pytest.raises(ValueError, match="did not answer the same questions"):
        run.compare(better, worse[:-1])


def test_compare_takes_any_metric(runs):
    a, b = scores(1, 1, 1, 1).assign(f1=[0.5, 0.5, 0.0, 0.0]), scores(1, 1, 1, 1).assign(f1=0.0)
    assert runs["live"].compare(a, b, metric="f1").difference == 25.0


def test_by_type_has_a_row_for_each_type_and_system_and_one_for_all(runs):
    table = runs["live"].by_type({"naive": scores(*[1, 0] * 8), "oracle": scores(*[1] * 16)})
    assert table[["group", "system", "n"]].to_numpy().tolist() == [
        [group, system, n] for system in ("naive", "oracle") for group, n in (("lookup", 8), ("orphan", 8), ("all", 16))
    ]
    assert table["mean"].tolist() == [1.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    assert (table["low"] <= table["mean"]).all()
    assert (table["mean"] <= table["high"]).all()


def test_the_ledger_is_that_of_the_lab(runs):
    ledger = runs["smoke"].ledger
    assert ledger.path == runs["smoke"].settings.results_dir / "ledger" / "1.1.jsonl"
    assert "1.1" in known_labs()
