"""The committed results: scored by today's rule, and every run says what its system is."""

import gzip
import json
import re
import shutil
from dataclasses import replace
from itertools import chain

import pytest

from llm_workbook.benchmark.ledger import TRAITS, Ledger, header_of, read_runs
from llm_workbook.benchmark.store import zipped
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import load_questions
from llm_workbook.settings import DATA, Settings
from tools import record_results
from tools.rescore import rescore

FILES = sorted((DATA / "recorded").glob("*.jsonl.gz"))
ROWS, DIGEST = 38_406, "015ff6119b1e885193c04de895cfc4e43b83ae37823abfc43c8af0b4f19d82b0"  # printed by --rescore


def test_the_scores_are_those_of_the_last_scoring():
    runs = list(chain(*(read_runs(path, "recorded") for path in FILES)))
    assert sum(len(run["items"]) for run in runs) == ROWS
    assert record_results.scores_digest(runs) == DIGEST
    runs[0]["items"][0] = {**runs[0]["items"][0], "correct": 0.123}
    assert record_results.scores_digest(runs) != DIGEST


def test_every_recorded_run_says_what_it_is_and_all_runs_are_whole(capsys):
    labs = ("0", "1.1", "1.2", "1.5", "2.2", "3.1", "3.3", "ladder")
    assert [path.name for path in FILES] == [f"{lab}.jsonl.gz" for lab in labs]
    headers = [run["header"] for path in FILES for run in read_runs(path, "recorded")]
    assert len(headers) == 193 and {header["schema"] for header in headers} == {2}
    assert all(header[name] is not None for header in headers for name in TRAITS)
    assert all(header["n"] <= 1202 for header in headers)
    seeds = {header["system"]: header["seeds"] for header in headers if header["lab"] == "3.3"}
    assert seeds["raft x retrieved"] == [1, 2, 3] and seeds["none x retrieved"] == [0]
    assert capsys.readouterr().out == ""


def test_a_recorded_file_is_zipped_without_a_time():
    for path in FILES:
        assert path.read_bytes()[4:8] == b"\0\0\0\0"
        assert gzip.decompress(path.read_bytes()).endswith(b"}\n")


# ------------------------------------------------------------------ scored again


@pytest.mark.parametrize(
    "lab", ["1.1", "1.2", "1.5", "3.1", *(pytest.param(lab, marks=pytest.mark.slow) for lab in ("2.2", "3.3"))]
)
def test_the_recorded_scores_are_those_of_todays_rule(tmp_path, capsys, lab):
    shutil.copy(DATA / "recorded" / f"{lab}.jsonl.gz", tmp_path)
    assert rescore(tmp_path) == 0
    assert re.search(r"[1-9]\d* answers scored again, 0 rows changed, 0 dropped", capsys.readouterr().out)
    assert (tmp_path / f"{lab}.jsonl.gz").read_bytes() == (DATA / "recorded" / f"{lab}.jsonl.gz").read_bytes()


def one_run(folder, rows, system: str = "a reader"):
    """A recorded file with one run of these rows; returns its path."""
    header = header_of("1" * 12, {"lab": "1.1", "system": system, **ABOUT}, rows, Traits())
    lines = [header, *({"kind": "item", "run_id": "1" * 12, **row} for row in rows)]
    lines += [{"kind": "end", "run_id": "1" * 12, "n": len(rows)}]
    path = folder / "1.1.jsonl.gz"
    path.write_bytes(zipped("".join(json.dumps(line) + "\n" for line in lines).encode()))
    return path


ABOUT = {
    "profile": "full",
    "model": "offline",
    "corpus": "authored",
    "seed": 7,
    "created": "",
    "cost": {},
    "machine": "",
}
MONEY = next(one for one in load_questions() if one.answerable and one.answers[0].startswith("EUR "))
SILENT = next(one for one in load_questions() if not one.answerable and one.type == "conflict")


def row(question, answer: str | None, **changes) -> dict:
    scores = (
        {"answer": answer, "correct": 0.5, "grounded": 0.5, "refused": False} if answer is not None else {"recall": 0.5}
    )
    fields = {"question_id": question.id, "type": question.type, "family": question.family}
    return fields | ({"answerable": question.answerable} if answer is not None else {}) | scores | changes


def test_answers_are_scored_by_todays_rule_and_nothing_else_changes(tmp_path, capsys):
    kept = [
        row(MONEY, MONEY.answers[0]), row(MONEY, MONEY.answers[0].replace("EUR", "USD"), seed=8),
        row(SILENT, "It is not stated which prevails."), row(SILENT, "(none)", seed=8), row(MONEY, None),
        row(MONEY, "", error="it raised MemoryError"),
        {"question_id": "17", "type": "general", "family": "17", "loss": 0.5},
    ]  # fmt: skip
    path = one_run(tmp_path, kept)
    assert rescore(tmp_path) == 0
    (run,) = read_runs(path, "recorded")
    rows = [{name: value for name, value in item.items() if name not in ("kind", "run_id")} for item in run["items"]]
    new = [(1.0, False), (0.0, False), (1.0, True), (0.0, False)]
    assert rows[:4] == [old | {"correct": right, "refused": no} for old, (right, no) in zip(kept, new, strict=False)]
    assert rows[4:] == kept[4:]
    assert "1.1.jsonl.gz: 4 answers scored again, 4 rows changed, 0 dropped" in capsys.readouterr().out


def test_rows_of_questions_that_are_gone_or_others_now_are_dropped_and_counted(tmp_path, capsys):
    gone = replace(MONEY, id=f"{MONEY.type}.a-contract-that-was-renamed.fee.1")
    lost = [row(gone, "EUR 5"), row(gone, None), row(MONEY, "EUR 5", answerable=False), row(MONEY, None, family="f")]
    path = one_run(tmp_path, [row(SILENT, "not stated"), *lost])
    assert rescore(tmp_path) == 0
    (run,) = read_runs(path, "recorded")
    assert [item["question_id"] for item in run["items"]] == [SILENT.id]
    assert (run["header"]["n"], run["header"]["system"]) == (1, "a reader")
    assert "1 answers scored again, 1 rows changed, 4 dropped" in capsys.readouterr().out
    before = path.read_bytes()
    assert rescore(tmp_path) == 0 and path.read_bytes() == before
    one_run(tmp_path, lost)
    assert rescore(tmp_path) == 0 and read_runs(path, "recorded") == []


def test_a_file_that_is_not_whole_is_left_as_it_is(tmp_path, capsys):
    path = one_run(tmp_path, [row(MONEY, "EUR 5"), row(SILENT, "not stated")])
    path.write_bytes(zipped(b"".join(gzip.decompress(path.read_bytes()).splitlines(keepends=True)[:-1])))
    before = path.read_bytes()
    assert rescore(tmp_path) == 1 and path.read_bytes() == before
    assert "1.1.jsonl.gz: not scored again: a run in it is damaged or cut off" in capsys.readouterr().err


def test_rescore_is_an_option_of_its_own_and_prints_the_digest(tmp_path, capsys):
    folder = tmp_path / "data" / "recorded"
    folder.mkdir(parents=True)
    one_run(folder, [row(SILENT, "not stated")])
    assert record_results.main(["--rescore"], tmp_path) == 0
    digest = record_results.scores_digest(read_runs(folder / "1.1.jsonl.gz", "recorded"))
    assert f"1 rows, sha256 of all scores: {digest}" in capsys.readouterr().out


def test_reading_all_systems_of_2_2_parses_the_file_once(tmp_path, monkeypatch):
    from llm_workbook.benchmark import ledger as module

    seen, real = [], module._parse
    monkeypatch.setattr(module, "_parsed", {})
    monkeypatch.setattr(module, "_parse", lambda path: seen.append(path.name) or real(path))
    book = Ledger(Settings("2.2", "live", results_dir=tmp_path))
    assert len([book.load(name) for name in book.systems()]) == 46
    assert seen == ["2.2.jsonl.gz"]
