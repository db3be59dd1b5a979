"""The ledger: what is written comes back, what is damaged is left out and named, and what is not alike is not
compared."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from llm_workbook.benchmark import ledger as module
from llm_workbook.benchmark.ledger import Ledger, LedgerError, read_runs
from llm_workbook.settings import Settings


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """A data folder of its own, so that no recorded result of the workbook answers."""
    monkeypatch.setattr(module, "DATA", tmp_path / "data")
    return tmp_path / "data"


def ledger(folder, **changes) -> Ledger:
    return Ledger(Settings(**{"lab": "1.1", "profile": "live", "results_dir": folder / "results", **changes}))


def rows(*scores: float) -> list[dict]:
    return [
        {"question_id": f"q{n}", "type": "lookup", "family": f"f{n}", "correct": score}
        for n, score in enumerate(scores)
    ]


def record(folder, recorded: Ledger, system: str, items: list[dict], **changes) -> None:
    """Put one run where the recorded results of the workbook are."""
    writer = ledger(folder / "author", **changes)
    writer.path = recorded.recorded
    writer.append(system, items)


def lines(book: Ledger) -> list[str]:
    return book.path.read_text(encoding="utf-8").splitlines()


def test_round_trip_with_numpy_values_and_nan(tmp_path):
    book = ledger(tmp_path, seed=11)
    table = pd.DataFrame(rows(1.0, 0.0)).assign(
        f1=np.array([0.5, np.nan], dtype=np.float32),
        hits=np.array([3, 4]),
        refused=[True, False],
        answer=["Sø\n60 days", ""],
    )
    run_id = book.append("naive", table, cost={"seconds": np.float32(1.5), "answers": np.int64(2)})
    back = book.load("naive")
    pd.testing.assert_frame_equal(back, table, check_dtype=False)
    assert back["refused"].dtype == bool
    expected = {
        "run_id": run_id,
        "system": "naive",
        "lab": "1.1",
        "profile": "live",
        "model": "offline",
        "corpus": "authored",
        "seed": 11,
    }
    assert expected.items() <= back.attrs.items()
    assert back.attrs["n"] == 2
    assert back.attrs["cost"] == {"seconds": 1.5, "answers": 2}
    assert back.attrs["source"] == "yours"
    assert back.attrs["versions"]["torch"]
    assert "NaN" not in book.path.read_text(encoding="utf-8")  # no JSON


def test_the_latest_run_answers_and_nothing_is_rewritten(tmp_path):
    book = ledger(tmp_path)
    book.append("naive", rows(0, 0))
    before = book.path.read_bytes()
    book.append("oracle", rows(1, 1))
    book.append("naive", rows(1, 0, 1))
    assert book.path.read_bytes().startswith(before)
    assert book.load("naive")["correct"].tolist() == [1, 0, 1]
    assert book.systems() == ["naive", "oracle"]


def test_a_killed_writer_loses_its_own_run_and_no_other(tmp_path, capsys):
    book = ledger(tmp_path)
    book.append("naive", rows(0, 1))
    book.append("killed", rows(1, 1, 1))
    whole = book.path.read_bytes()
    book.path.write_bytes(whole[: whole.rindex(b'{"kind": "end"') - 20])  # cut off within the last question
    assert book.systems() == ["naive"]
    said = capsys.readouterr().out
    assert "line 8 is damaged. The other runs are." in said
    assert "a run of 'killed' was cut off: it is not used" in said
    book.append("next", rows(1, 0))  # starts a line of its own
    assert book.systems() == ["naive", "next"]
    assert book.load("naive")["correct"].tolist() == [0, 1]
    assert book.load("next")["correct"].tolist() == [1, 0]


def test_a_run_without_its_end_line_is_left_out(tmp_path, capsys):
    book = ledger(tmp_path)
    book.append("naive", rows(0, 1))
    book.append("naive", rows(1, 1))
    book.path.write_text("\n".join(lines(book)[:-1]) + "\n", encoding="utf-8")
    assert book.load("naive")["correct"].tolist() == [0, 1]
    assert "a run of 'naive' was cut off" in capsys.readouterr().out


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"{}", b"[1, 2]", b"7", b"", b'{"kind": "item"'])
def test_a_damaged_line_spoils_its_own_run_only(tmp_path, capsys, damage):
    book = ledger(tmp_path)
    for system in ("first", "second", "third"):
        book.append(system, rows(0, 1))
    broken = book.path.read_bytes().split(b"\n")
    broken[5] = damage  # a question of the second run
    book.path.write_bytes(b"\n".join(broken))
    assert book.systems() == ["first", "third"]
    said = capsys.readouterr().out
    assert "line 6 is damaged" in said
    assert "the run that ends at line 8 has lost questions: it is not used" in said


@pytest.mark.parametrize("line", [4, 7], ids=["header", "end line"])
def test_a_damaged_header_or_end_line_spoils_its_own_run_only(tmp_path, capsys, line):
    book = ledger(tmp_path)
    for system in ("first", "second", "third"):
        book.append(system, rows(0, 1))
    broken = lines(book)
    broken[line] = broken[line].replace("kind", "kin")
    book.path.write_text("\n".join(broken) + "\n", encoding="utf-8")
    assert book.systems() == ["first", "third"]
    assert f"line {line + 1} is damaged" in capsys.readouterr().out


@pytest.mark.parametrize("schema", [0, 2])
def test_an_older_and_a_newer_schema_are_named_and_left_out(tmp_path, monkeypatch, capsys, schema):
    book = ledger(tmp_path)
    monkeypatch.setattr(module, "SCHEMA", schema)
    book.append("other", rows(1, 1))
    monkeypatch.setattr(module, "SCHEMA", 1)
    book.append("ours", rows(0, 1))
    assert book.systems() == ["ours"]
    assert f"line 1 is of schema {schema}, this workbook writes 1: that run is not used" in capsys.readouterr().out


def test_two_processes_append_at_once(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from llm_workbook.benchmark.ledger import Ledger\nfrom llm_workbook.settings import Settings\n"
        "book = Ledger(Settings('1.1', results_dir=Path(sys.argv[1]) / 'results'))\n"
        "items = [{'question_id': str(n), 'type': 't', 'family': 'f', 'answer': 'long ' * 2000} for n in range(5)]\n"
        "for number in range(15): book.append(f'{sys.argv[2]} {number}', items)"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("left", "right")]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    runs = read_runs(ledger(tmp_path).path, "yours")
    assert sorted(run["header"]["system"] for run in runs) == sorted(
        f"{name} {n}" for name in ("left", "right") for n in range(15)
    )
    assert all(len(run["items"]) == 5 for run in runs)


def test_a_full_disk_is_a_sentence_and_earlier_results_are_whole(tmp_path, monkeypatch):
    book = ledger(tmp_path)
    book.append("naive", rows(0, 1))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(
            LedgerError, match=r"not be written to .*1\.1\.jsonl .*No space left.*earlier results are safe"
        ):
            book.append("hybrid", rows(1, 1))
    assert book.load("naive")["correct"].tolist() == [0, 1]
    book.append("later", rows(1, 1))
    assert {"naive", "later"} <= set(book.systems())


def test_recorded_results_answer_until_there_are_yours(tmp_path):
    book = ledger(tmp_path)
    record(tmp_path, book, "naive", rows(0, 0), profile="full", seed=3)
    record(tmp_path, book, "oracle", rows(1, 1), profile="full", seed=3)
    assert book.load("naive").attrs["source"] == "recorded"
    assert (
        book.describe()
        .splitlines()[0]
        .startswith("naive: recorded (profile full, model offline, corpus authored, seed 3, n = 2, 20")
    )
    book.append("naive", rows(1, 0))
    assert book.load("naive")["correct"].tolist() == [1, 0]
    assert [line[:20] for line in book.describe().splitlines()] == ["naive: yours (profil", "oracle: recorded (pr"]


@pytest.mark.parametrize("change", [{"profile": "smoke"}, {"model": "ollama:llama3.2"}, {"corpus": "cuad"}])
def test_your_run_with_other_settings_does_not_answer_for_these(tmp_path, change):
    ledger(tmp_path, **change).append("naive", rows(1, 1))
    with pytest.raises(LedgerError, match="no results of 'naive' for lab 1.1"):
        ledger(tmp_path).load("naive")


def test_recorded_results_of_another_corpus_do_not_answer(tmp_path):
    book = ledger(tmp_path)
    record(tmp_path, book, "naive", rows(1, 1), corpus="cuad")
    assert book.systems() == []
    assert book.describe() == "no results for lab 1.1 yet"


@pytest.mark.parametrize("name, change", [("profile", {"profile": "full"}), ("model", {"model": "ollama:llama3.2"})])
def test_results_that_are_not_alike_are_not_compared(tmp_path, name, change):
    book = ledger(tmp_path)
    record(tmp_path, book, "naive", rows(0, 0), **change)
    book.append("hybrid", rows(1, 1))
    with pytest.raises(
        LedgerError, match=f"hybrid was run with {name} .* and naive with .*: these cannot be compared. Run both alike"
    ):
        book.compare("hybrid", "naive")


def test_results_of_two_corpora_are_not_compared(tmp_path, monkeypatch):
    book = ledger(tmp_path)
    tables = {"a": pd.DataFrame(rows(1, 1)), "b": pd.DataFrame(rows(0, 0))}
    for name, corpus in (("a", "authored"), ("b", "cuad")):
        tables[name].attrs = {"profile": "live", "model": "offline", "corpus": corpus}
    monkeypatch.setattr(book, "load", tables.get)
    with pytest.raises(LedgerError, match="a was run with corpus 'authored' and b with 'cuad': these cannot"):
        book.compare("a", "b")


def test_compare_is_paired_by_question(tmp_path):
    book = ledger(tmp_path)
    book.append("hybrid", rows(1, 1, 0, 1))
    book.append("naive", rows(0, 1, 0, 0)[::-1])
    verdict = book.compare("hybrid", "naive")
    assert (verdict.difference, verdict.n, verdict.clusters) == (50.0, 4, 4)
    assert str(verdict).startswith("hybrid against naive: +50.0 points")


def test_missing_scores_are_not_compared(tmp_path):
    book = ledger(tmp_path)
    book.append("hybrid", rows(float("nan"), float("nan")))
    book.append("naive", rows(0, 1))
    with pytest.raises(ValueError, match=r"2 scores of hybrid or naive are missing \(NaN\)"):
        book.compare("hybrid", "naive")


def test_an_unknown_system_says_how_to_get_it(tmp_path):
    with pytest.raises(
        LedgerError, match="no results of 'hybrid' for lab 1.1: run that lab, or python tools/record_results.py 1.1"
    ):
        ledger(tmp_path).load("hybrid")


@pytest.mark.parametrize("column", ["question_id", "type", "family"])
def test_a_missing_column_is_named_and_nothing_is_written(tmp_path, column):
    book = ledger(tmp_path)
    with pytest.raises(LedgerError, match=f"naive: the column '{column}' is missing"):
        book.append("naive", pd.DataFrame(rows(1, 0)).drop(columns=column))
    with pytest.raises(LedgerError, match="naive: nothing to keep"):
        book.append("naive", [])
    assert not book.path.exists()


def test_every_line_names_its_run(tmp_path):
    book = ledger(tmp_path)
    run_id = book.append("naive", iter(rows(1, 0)))
    entries = [json.loads(line) for line in lines(book)]
    assert [entry["kind"] for entry in entries] == ["run", "item", "item", "end"]
    assert {entry["run_id"] for entry in entries} == {run_id}
