"""The committed results: converted without a change of any score, and every run says what its system is."""

import gzip
import json
from itertools import chain

import pytest

from llm_workbook.benchmark.ledger import TRAITS, Ledger, read_runs
from llm_workbook.settings import DATA, Settings
from tools import record_results

FILES = sorted((DATA / "recorded").glob("*.jsonl.gz"))
ROWS, DIGEST = 39542, "8efeff277fde974d32e702fae9dcdc53ac983010c2ab42dbf85a585f5e6bd588"  # of the files of schema 1
OLD = {"1.1": ["closed book", "naive RAG", "oracle"], "3.3": ["none x none", "RAFT x oracle"]}


def as_schema_1(folder, lab: str, systems) -> None:
    """A recorded file as it was before the ledger had traits."""
    kept = ("kind", "run_id", "lab", "system", "profile", "model", "corpus", "created", "versions", "cost")
    lines = []
    for run in read_runs(DATA / "recorded" / f"{lab}.jsonl.gz", "recorded"):
        if (header := run["header"])["system"] in systems:
            rows = len(run["items"])
            lines += [{**{name: header[name] for name in kept}, "schema": 1, "seed": 7, "n": rows}, *run["items"]]
            lines += [{"kind": "end", "run_id": header["run_id"], "n": rows}]
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / f"{lab}.jsonl").write_text(text, encoding="utf-8")


def test_the_scores_are_those_that_were_recorded():
    runs = list(chain(*(read_runs(path, "recorded") for path in FILES)))
    assert sum(len(run["items"]) for run in runs) == ROWS
    assert record_results.scores_digest(runs) == DIGEST
    runs[0]["items"][0] = {**runs[0]["items"][0], "correct": 0.123}
    assert record_results.scores_digest(runs) != DIGEST


def test_every_recorded_run_says_what_it_is_and_all_runs_are_whole(capsys):
    assert [path.name for path in FILES] == [f"{lab}.jsonl.gz" for lab in ("1.1", "1.2", "2.2", "3.1", "3.3")]
    headers = [run["header"] for path in FILES for run in read_runs(path, "recorded")]
    assert len(headers) == 96 and {header["schema"] for header in headers} == {2}
    assert all(header[name] is not None for header in headers for name in TRAITS)
    assert all(header["n"] <= 1202 for header in headers)
    assert {header["n"]: header["seeds"] for header in headers if header["lab"] == "3.3"}[617] == [7, 8, 9]
    assert capsys.readouterr().out == ""


def test_a_recorded_file_is_zipped_without_a_time():
    for path in FILES:
        assert path.read_bytes()[4:8] == b"\0\0\0\0"
        assert gzip.decompress(path.read_bytes()).endswith(b"}\n")


def test_a_conversion_keeps_every_score_and_a_second_one_changes_nothing(tmp_path, capsys):
    for lab, systems in OLD.items():
        as_schema_1(tmp_path, lab, systems)
    before = [run for lab in OLD for run in read_runs(tmp_path / f"{lab}.jsonl", "recorded")]
    assert len(before) == 5 and {run["header"]["training"] for run in before} == {None}
    assert record_results.convert(tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.1.jsonl.gz", "3.3.jsonl.gz"]
    after = [run for lab in OLD for run in read_runs(tmp_path / f"{lab}.jsonl.gz", "recorded")]
    assert record_results.scores_digest(after) == record_results.scores_digest(before)
    whose = {run["header"]["system"]: run["header"] for run in after}
    assert (whose["RAFT x oracle"]["training"], whose["RAFT x oracle"]["is_ceiling"]) == ("raft", True)
    assert (whose["RAFT x oracle"]["n"], whose["RAFT x oracle"]["seeds"]) == (617, [7, 8, 9])
    bytes_ = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert record_results.convert(tmp_path) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == bytes_
    assert "2 recorded files, all of schema 2" in capsys.readouterr().out


@pytest.mark.parametrize(("change", "sentence"), [("oracle", "stands in no table"), ("", "no whole run")])
def test_what_cannot_be_converted_is_left_as_it_is(tmp_path, capsys, change, sentence):
    as_schema_1(tmp_path, "1.1", OLD["1.1"] if change else [])
    path = tmp_path / "1.1.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"oracle"', '"a system of mine"'), encoding="utf-8")
    before = path.read_bytes()
    assert record_results.convert(tmp_path) == 1
    assert sentence in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["1.1.jsonl"] and path.read_bytes() == before


def test_reading_all_systems_of_2_2_parses_the_file_once(tmp_path, monkeypatch):
    from llm_workbook.benchmark import ledger as module

    seen, real = [], module._parse
    monkeypatch.setattr(module, "_parsed", {})
    monkeypatch.setattr(module, "_parse", lambda path: seen.append(path.name) or real(path))
    book = Ledger(Settings("2.2", "live", results_dir=tmp_path))
    assert len([book.load(name) for name in book.systems()]) == 46
    assert seen == ["2.2.jsonl.gz"]
