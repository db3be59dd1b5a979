"""`python -m llm_workbook results LAB`: every result of a lab, for people and as JSON, wherever it is printed."""

import json
import os
import subprocess
import sys

import pytest

from llm_workbook.benchmark.ledger import TRAITS, Ledger
from llm_workbook.benchmark.results import as_text, result_rows
from llm_workbook.benchmark.systems import Traits
from llm_workbook.settings import ROOT, Settings

FIELDS = {
    "lab", "system", *TRAITS, "metric", "mean", "low", "high", "n", "families", "seeds", "source", "date", "profile",
    "model", "corpus", "machine", "run_id",
}  # fmt: skip


def results(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "llm_workbook", "results", *arguments]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env={**os.environ, **environment}, timeout=120)


def as_json(*arguments: str) -> list[dict]:
    done = results(*arguments, "--json")
    return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.fixture
def mine(tmp_path) -> Ledger:
    """A run of lab 1.1 with two seeds on four questions of two families, and one of a single family."""
    book = Ledger(Settings("1.1", "live", results_dir=tmp_path))
    both = [
        {"question_id": f"q{n}", "type": "t", "family": f"f{n % 2}", "correct": float(n < 2), "refused": n == 0,
         "seconds": 2.0 + seed, "tokens": None if n else 7, "answer": "x", "seed": seed}
        for n in range(4) for seed in (7, 8)
    ]  # fmt: skip
    book.append("Zürich · mine", both, traits=Traits("raft", "retrieved", index="header"))
    book.append("alone", [{**row, "family": "f"} for row in both[:2]])
    return book


def test_every_row_of_a_lab_yours_and_recorded(mine, tmp_path):
    rows = as_json("1.1", "--results-dir", str(tmp_path))
    assert all(row.keys() == FIELDS for row in rows)
    systems = {(row["source"], row["system"]) for row in rows}
    assert {("recorded", "naive RAG"), ("recorded", "oracle"), ("yours", "Zürich · mine")} <= systems
    (row,) = [row for row in rows if (row["system"], row["metric"]) == ("Zürich · mine", "seconds")]
    assert (row["mean"], row["n"], row["families"], row["seeds"]) == (9.5, 4, 2, [7, 8])
    assert (row["training"], row["uses_index"], row["is_ceiling"], row["profile"]) == ("raft", True, False, "live")
    metrics = {row["metric"] for row in rows if row["system"] == "Zürich · mine"}
    assert metrics == {"correct", "refused", "seconds", "tokens"}  # neither the seed nor the answer


def test_the_figures_are_those_of_the_statistics(tmp_path):
    from llm_workbook.measure.statistics import mean_interval

    (row,) = [row for row in as_json("1.1", "--metric", "correct") if row["system"] == "oracle"]
    table = Ledger(Settings("1.1", "full", results_dir=tmp_path)).load("oracle")
    assert (row["mean"], row["low"], row["high"]) == pytest.approx(mean_interval(table["correct"], table["family"]))
    assert (row["n"], row["families"], row["source"], row["date"]) == (432, 5, "recorded", "2026-11-23")


def test_questions_of_several_seeds_are_counted_once():
    rows = [row for row in as_json("3.3", "--metric", "correct") if row["system"] == "raft x retrieved"]
    assert {tuple(row["seeds"]) for row in rows} == {(1, 2, 3)} and {row["n"] for row in rows} == {90}


def test_one_family_says_nothing_about_others(mine, tmp_path):
    rows = {row["metric"]: row for row in as_json("1.1", "--results-dir", str(tmp_path)) if row["system"] == "alone"}
    assert (rows["seconds"]["low"], rows["seconds"]["high"]) == (None, None)
    assert (rows["correct"]["low"], rows["correct"]["high"]) == (0.0, 1.0)
    assert rows["correct"]["training"] is None  # nobody wrote it down
    assert "seconds 9.500 unknown 1 1" in " ".join(as_text(list(rows.values())).split())


def test_rows_can_be_chosen(mine, tmp_path):
    place = ["--results-dir", str(tmp_path)]
    assert {row["metric"] for row in as_json("1.1", "--metric", "f1", "--metric", "em", *place)} == {"f1", "em"}
    assert {row["source"] for row in as_json("1.1", "--profile", "live", *place)} == {"yours"}
    assert as_json("1.1", "--corpus", "cuad", *place) == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["9.9"], 2, "unknown lab '9.9': this workbook has 0, 1.1"),
        (["../1.1"], 2, "unknown lab '../1.1'"),
        ([""], 2, "unknown lab ''"),
        (["3.4"], 1, "no results for lab 3.4 yet: run it"),
        (["1.1", "--corpus", "cuad"], 1, "no results for lab 1.1 with corpus cuad yet"),
        (["1.1", "--metric", "bleu"], 1, "no metric bleu: lab 1.1 has "),
    ],
)
def test_nothing_to_print_is_a_sentence(tmp_path, arguments, code, sentence):
    for form in ([], ["--json"]):
        done = results(*arguments, "--results-dir", str(tmp_path), *form)
        assert (done.returncode, sentence in done.stderr.decode()) == (code, True), done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
        assert done.stdout.decode() in ("", "[]\n" if form else "")


def test_a_results_folder_that_is_none_is_a_sentence(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    done = results("1.1", "--results-dir", str(tmp_path / "notes.txt"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert "RESULTS_DIR must be a folder" in done.stderr.decode() and "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize(
    "odd",
    [
        {"question_id": None}, {"question_id": ["q"]}, {"question_id": {}}, {"family": ["f"]}, {"type": {}},
        {"machine": 5}, {"training": ["raft"]}, {"uses_index": [1]}, {"seeds": "7"}, {"seeds": [[7]]},
    ],
    ids=str,
)  # fmt: skip
def test_a_run_with_values_of_another_type_is_left_out_and_named(mine, tmp_path, capsys, odd):
    """Such as a program of another version, or a person, may have written."""
    lines = [json.loads(line) for line in mine.path.read_text(encoding="utf-8").splitlines()]
    for line in lines[-4:]:  # of the run "alone"
        line |= {name: value for name, value in odd.items() if name in line}
    mine.path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    rows = result_rows(mine)
    assert {row["system"] for row in rows if row["source"] == "yours"} == {"Zürich · mine"}
    assert as_text(rows) and "is damaged" in capsys.readouterr().out


def test_a_number_too_large_for_a_float_costs_only_its_metric(tmp_path):
    book = Ledger(Settings("1.1", "live", results_dir=tmp_path))
    book.append("large", [{"question_id": "q", "type": "t", "family": "f", "correct": 1.0, "big": 10**400}])
    assert {row["metric"] for row in result_rows(book) if row["source"] == "yours"} == {"correct"}


def test_a_damaged_file_is_named_beside_the_json_and_not_in_it(mine, tmp_path):
    with open(mine.path, "a") as file:
        file.write("{damaged\n")
    done = results("1.1", "--json", "--results-dir", str(tmp_path))
    assert json.loads(done.stdout) and b"is damaged" in done.stderr


def test_infinity_and_nan_of_an_older_file_are_no_json(mine, tmp_path):
    text = mine.path.read_text(encoding="utf-8").replace('"correct": 1.0', '"correct": NaN')
    mine.path.write_text(text.replace('"seconds": 9.0', '"seconds": Infinity'), encoding="utf-8")
    assert as_json("1.1", "--results-dir", str(tmp_path))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_whoever_reads_may_stop(form):
    command = f'"{sys.executable}" -m llm_workbook results 1.2 {" ".join(form)} | head -c 50'
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=ROOT, timeout=120)
    assert (done.returncode, done.stderr, len(done.stdout)) == (0, b"", 50)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_console_of_any_encoding(mine, tmp_path, encoding):
    done = results("1.1", "--results-dir", str(tmp_path), PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0
    assert ("Zürich · mine" if encoding != "ascii" else "Z?rich ? mine") in done.stdout.decode(encoding)


@pytest.mark.parametrize("columns", [1, 30, 72, 200])
def test_a_narrow_terminal(columns):
    done = results("1.1", "--metric", "correct", COLUMNS=str(columns))
    longest = max(len(line) for line in done.stdout.decode().splitlines())
    assert done.returncode == 0 and longest <= max(columns, 64)


def test_the_text_has_what_the_rows_have(mine, tmp_path):
    text = as_text(result_rows(mine), 100)
    for words in (
        "Zürich · mine",
        "training raft, context retrieved, index header, uses index yes, is tuned yes, is ceiling no",
        "training unknown",
        "profile live, model offline, corpus authored, seeds 7, 8",
        "recorded 2026-11-23",
    ):
        assert words in " ".join(text.split())
