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
from llm_workbook.benchmark import store
from llm_workbook.benchmark.ledger import Ledger, LedgerError, read_runs
from llm_workbook.benchmark.systems import Traits
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


@pytest.mark.parametrize(
    ("name", "value"),
    [*(("question_id", value) for value in (None, float("nan"), ["q"], {"q": 1})), ("family", ["f"]), ("type", {})],
)
def test_what_no_reader_could_use_is_refused_when_it_is_written(tmp_path, name, value):
    with pytest.raises(LedgerError, match=f"the column '{name}' has no text in row 2"):
        ledger(tmp_path).append("naive", [rows(1)[0], rows(1)[0] | {name: value}])


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


@pytest.mark.parametrize("schema", [0, 3, "2", None, {}])
def test_an_older_and_a_newer_schema_are_named_and_left_out(tmp_path, monkeypatch, capsys, schema):
    book = ledger(tmp_path)
    monkeypatch.setattr(module, "SCHEMA", schema)
    book.append("other", rows(1, 1))
    monkeypatch.setattr(module, "SCHEMA", 2)
    before = book.path.read_bytes()
    book.append("ours", rows(0, 1))
    assert book.systems() == ["ours"]
    assert f"line 1 is of schema {schema}, this workbook writes 2: that run is not used" in capsys.readouterr().out
    assert book.path.read_bytes().startswith(before)  # it is left alone


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
        tables[name].attrs = {"profile": "live", "model": "offline", "corpus": corpus, "source": "yours"}
    monkeypatch.setattr(book, "load", tables.get)
    with pytest.raises(LedgerError, match="a was run with corpus 'authored' and b with 'cuad': these cannot"):
        book.compare("a", "b")


def test_compare_is_paired_by_question(tmp_path):
    book = ledger(tmp_path)
    book.append("hybrid", rows(1, 1, 0, 1))
    book.append("naive", rows(0, 1, 0, 0)[::-1])
    verdict = book.compare("hybrid", "naive")
    assert (verdict.difference, verdict.n, verdict.families) == (50.0, 4, 4)
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


# ------------------------------------------------------------------ traits


def test_a_run_carries_what_its_system_is(tmp_path):
    book = ledger(tmp_path)
    book.append("A", rows(1, 0), traits=Traits("raft", "retrieved", index="header", seed=8))
    attrs = book.load("A").attrs
    assert {name: attrs[name] for name in module.TRAITS} == {
        "training": "raft",
        "context": "retrieved",
        "index": "header",
        "uses_index": True,
        "is_tuned": True,
        "is_ceiling": False,
    }
    assert (attrs["seed"], attrs["seeds"], attrs["schema"]) == (8, [8], 2)
    assert attrs["machine"].split()[1].startswith("core")


def test_without_traits_they_are_unknown_and_not_guessed(tmp_path):
    book = ledger(tmp_path)
    book.append("oracle RAFT LoRA", rows(1, 0))
    assert {book.load("oracle RAFT LoRA").attrs[name] for name in module.TRAITS} == {None}


def test_n_counts_questions_and_not_questions_times_seeds(tmp_path):
    book = ledger(tmp_path)
    book.append("A", [{**row, "seed": seed} for seed in (9, 7) for row in rows(1, 0, 1)])
    assert (book.load("A").attrs["n"], book.load("A").attrs["seeds"], len(book.load("A"))) == (3, [7, 9], 6)
    assert "seed 7, 9, n = 3" in book.describe()


def test_scores_of_several_seeds_are_averaged_before_a_comparison(tmp_path):
    book = ledger(tmp_path)
    book.append("A", [{**row, "seed": seed} for seed, score in ((7, 1), (8, 0)) for row in rows(score, score)])
    book.append("B", rows(0, 0))
    verdict = book.compare("A", "B")
    assert (verdict.difference, verdict.n) == (50.0, 2)


def test_yours_and_recorded_are_never_compared(tmp_path):
    book = ledger(tmp_path)
    record(tmp_path, book, "naive", rows(0, 0))
    book.append("hybrid", rows(1, 1))
    with pytest.raises(LedgerError, match="hybrid was run with source 'yours' and naive with 'recorded'"):
        book.compare("hybrid", "naive")


def test_a_metric_that_is_not_there_is_a_sentence(tmp_path):
    book = ledger(tmp_path)
    book.append("A", rows(0, 0))
    with pytest.raises(LedgerError, match="A has no 'recall': choose one of correct"):
        book.compare("A", "A", "recall")


def test_one_source_can_be_asked_for(tmp_path):
    book = ledger(tmp_path)
    record(tmp_path, book, "naive", rows(0, 0))
    record(tmp_path, book, "oracle", rows(0, 0))
    book.append("naive", rows(1, 1), traits=Traits())
    assert (book.systems("yours"), book.systems("recorded"), book.own()) == (["naive"], ["naive", "oracle"], ["naive"])
    assert [book.load("naive", source)["correct"].sum() for source in ("yours", "recorded", "")] == [2, 0, 2]
    with pytest.raises(LedgerError, match="no results of 'oracle'"):
        book.load("oracle", "yours")


# ------------------------------------------------------------------ an older file of a learner

OLD = {
    "kind": "run", "schema": 1, "run_id": "r1", "lab": "1.1", "system": "RAFT LoRA", "profile": "live",
    "model": "offline", "corpus": "authored", "seed": 7, "n": 2, "created": "2026-01-02T00:00:00+00:00",
    "versions": {}, "cost": {},
}  # fmt: skip


def old_file(path, **changes) -> None:
    items = [{"kind": "item", "run_id": "r1", **row} for row in rows(1, 0)]
    entries = [{**OLD, **changes}, *items, {"kind": "end", "run_id": "r1", "n": 2}]
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")


def test_an_older_file_is_read_and_its_traits_are_unknown(tmp_path):
    book = ledger(tmp_path)
    old_file(book.path)
    book.append("new", rows(0, 0), traits=Traits())
    attrs = book.load("RAFT LoRA").attrs
    assert {attrs[name] for name in module.TRAITS} == {None}
    assert (attrs["n"], attrs["seeds"], attrs["machine"]) == (2, [7], "")
    assert book.compare("RAFT LoRA", "new").difference == 50.0
    assert book.own() == ["new"]  # the other is run again


@pytest.mark.parametrize("damage", [{"corpus": None}, {"system": 7}, {"created": None}, {"cost": 3}])
def test_a_header_of_other_types_spoils_its_own_run_only(tmp_path, capsys, damage):
    book = ledger(tmp_path)
    old_file(book.path, **damage)
    book.append("new", rows(0, 0))
    assert book.systems() == ["new"]
    assert "line 1 is damaged. The other runs are." in capsys.readouterr().out


# ------------------------------------------------------------------ a run is never lost

ODD = {
    "half an emoji": "30 days \ud83d",
    "a file name that is not UTF-8": os.fsdecode(b"caf\xe9 lease.txt"),
    "infinity": float("inf"),
    "numpy": np.float32(0.5),
    "a numpy truth value": np.bool_(True),
    "an array": np.arange(3),
    "a day": pd.Timestamp("2026-01-02"),
    "no day": pd.NaT,
    "nothing": pd.NA,
    "a path": os.path,
    "a set": {1, 2},
    "a complex number": 1j,
    "bytes": b"\xff",
    "traits": Traits(),
    "a long text": "x" * 3_000_000,
    "nested": {"a": [float("nan"), {"b": np.int64(3)}]},
    "a line separator": "a\u2028b\x85c\rd",
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_whatever_stands_in_a_row_the_run_is_kept(tmp_path, value):
    book = ledger(tmp_path)
    items = [{"question_id": "q", "type": "own", "family": "f", "correct": 1.0, "answer": value}]
    book.append("A", items)
    book.append("B", pd.DataFrame([{**items[0], "answer": "x"}]))
    table = book.load("A")
    assert table["correct"].tolist() == [1.0]
    str(table["answer"].tolist()[0]).encode("utf-8")  # it can be shown and stored anywhere
    for line in book.path.read_bytes().split(b"\n")[:-1]:
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.mark.parametrize("column", ["question_id", "type", "family"])
def test_half_a_character_where_questions_are_matched(tmp_path, column):
    """pandas 3 refuses such a text when a table is made of it."""
    book = ledger(tmp_path)
    items = [{"question_id": f"q{half}", "type": "own", "family": "f", "correct": 1.0} for half in "\ud83d\udce9"]
    book.append("s \ud83d", [{**item, column: f"{item[column]}\udce9"} for item in items], {"\ud83d": 1.0})
    (system,) = book.systems()
    assert book.load(system).attrs["n"] == 2  # two questions stay two
    assert book.describe().encode("utf-8")


def test_half_a_character_in_an_older_file_can_be_read(tmp_path):
    book = ledger(tmp_path)
    old_file(book.path, system="half \ud83d")
    assert book.load(book.systems()[0])["correct"].tolist() == [1, 0]


@pytest.mark.parametrize("column", ["kind", "run_id"])
def test_a_column_of_the_ledgers_own_is_refused_before_anything_is_written(tmp_path, column):
    book = ledger(tmp_path)
    with pytest.raises(LedgerError, match=f"A: the column '{column}' is one of the ledger's own: rename it"):
        book.append("A", [{**rows(1)[0], column: "mine"}])
    assert not book.path.exists()


def test_a_column_that_one_row_lacks_is_named(tmp_path):
    with pytest.raises(LedgerError, match="A: the column 'family' is missing"):
        ledger(tmp_path).append("A", [*rows(1), {"question_id": "q9", "type": "t", "correct": 1.0}])


@pytest.mark.parametrize("line", [b"[" * 100_000, b"\x00" * 4096, b"9" * 5000, b"\xef\xbb\xbf", b'{"kind": []}'])
def test_a_line_that_no_program_wrote_spoils_nothing(tmp_path, capsys, line):
    book = ledger(tmp_path)
    book.append("A", rows(1, 0))
    book.path.write_bytes(line + b"\n" + book.path.read_bytes())
    assert book.systems() == ["A"]
    assert "line 1 is damaged. The other runs are." in capsys.readouterr().out


def test_an_unreadable_file_is_a_sentence(tmp_path, capsys):
    book = ledger(tmp_path)
    book.path.mkdir(parents=True)  # a folder of that name, whoever made it
    assert book.systems() == []
    assert "1.1.jsonl: it cannot be read (Is a directory), so its results are not used." in capsys.readouterr().out


@pytest.mark.parametrize("lab", ["../1.1", "a/b", "..", "/tmp/x"])
def test_a_lab_is_a_name_and_no_path(tmp_path, lab):
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        Ledger(ledger(tmp_path).settings, lab)


# ------------------------------------------------------------------ parsed once, and gzipped


@pytest.fixture
def parses(monkeypatch) -> list:
    """The paths that were parsed."""
    seen, real = [], module._parse
    monkeypatch.setattr(module, "_parse", lambda path: seen.append(path.name) or real(path))
    return seen


def test_a_file_is_parsed_once_for_each_of_its_states(tmp_path, parses):
    book = ledger(tmp_path)
    record(tmp_path, book, "old", rows(0))
    for name in ("A", "B", "C"):
        book.append(name, rows(1, 0))
    for _ in range(3):
        assert [len(book.load(name)) for name in (*book.systems(), *book.own())]
        ledger(tmp_path).describe()
    assert sorted(parses) == ["1.1.jsonl", "1.1.jsonl.gz"]
    book.append("D", rows(1))
    assert book.systems() == ["old", "A", "B", "C", "D"] and parses.count("1.1.jsonl") == 2


def test_what_another_process_appends_is_seen(tmp_path, parses):
    book = ledger(tmp_path)
    book.append("A", rows(1))
    assert book.systems() == ["A"]
    code = (
        "import sys; from llm_workbook.benchmark.ledger import Ledger\nfrom llm_workbook.settings import Settings\n"
        "row = {'question_id': 'q', 'type': 't', 'family': 'f'}\n"
        "Ledger(Settings('1.1', results_dir=sys.argv[1])).append('B', [row])"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "results")], check=True)
    assert book.systems() == ["A", "B"] and len(parses) == 2


def test_a_file_of_the_same_size_that_was_put_in_its_place_is_seen(tmp_path):
    book = ledger(tmp_path)
    book.append("A", rows(1))
    book.systems()
    other = tmp_path / "other"
    other.write_bytes(book.path.read_bytes().replace(b'"A"', b'"B"'))
    os.utime(other, ns=(book.path.stat().st_atime_ns, book.path.stat().st_mtime_ns))
    os.replace(other, book.path)
    assert book.systems() == ["B"]


def test_what_a_caller_does_with_a_run_changes_no_other(tmp_path):
    book = ledger(tmp_path)
    book.append("A", rows(1, 0))
    book.load("A").attrs["system"] = "X"
    read_runs(book.path, "yours")[0]["items"].clear()
    assert (len(book.load("A")), book.load("A").attrs["system"]) == (2, "A")


def test_a_zipped_file_is_read_as_a_plain_one_and_zipped_the_same_way_each_time(tmp_path):
    book = ledger(tmp_path)
    book.append("A", rows(1, 0))
    lines_ = book.path.read_bytes()
    zipped = store.zipped(lines_)
    assert zipped == store.zipped(lines_) and zipped[4:8] == b"\0\0\0\0" and store.content(book.path) == lines_
    book.recorded.parent.mkdir(parents=True)
    book.recorded.write_bytes(zipped)
    assert book.load("A", "recorded")["correct"].tolist() == [1, 0]


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: data[:-8] + b"\0" * 8, lambda data: data[:3]])
def test_a_damaged_archive_is_named_and_read_as_far_as_it_goes(tmp_path, capsys, damage):
    book = ledger(tmp_path)
    for name in ("A", "B", "C"):
        book.append(name, [{**row, "answer": os.urandom(200).hex()} for row in rows(1, 0)])
    book.recorded.parent.mkdir(parents=True)
    book.recorded.write_bytes(damage(store.zipped(book.path.read_bytes())))
    assert book.systems("recorded") == ["A", "B", "C"][: len(book.systems("recorded"))]
    assert "1.1.jsonl.gz: line" in capsys.readouterr().out
