"""The runner: what it refuses before running, what it stops, what it measures, and what it writes back. Tiny notebooks,
no model."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest

from llm_workbook.benchmark.store import content, read_entries, zipped
from tools import build_labs, record_results, run_labs
from tools.run_labs import LIMITS, Limits, Plan, RunError, main
from workbook import FOR_LABS

PARAMETERS = 'PROFILE = "live"\nSEED = 7\nMAX_ITEMS = None\nMODEL = None\nRESULTS_DIR = None\nCORPUS = "authored"'
SLEEP = """\
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
beside = RESULTS_DIR + ".new"
open(beside, "w").write(f"{os.getpid()} {child.pid}")
os.replace(beside, RESULTS_DIR + ".pids")
time.sleep(600)"""


def write_lab(root: Path, name: str, *cells: str, folder: str = "labs", parameters: str = PARAMETERS) -> Path:
    """A notebook: a title, the parameters, the given code cells."""
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    made = [nbformat.v4.new_markdown_cell(f"# {name}"), first, *map(nbformat.v4.new_code_cell, cells)]
    notebook = nbformat.v4.new_notebook(cells=made, metadata=build_labs.METADATA)
    path = root / folder / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def says(lab: str, **outcomes: str) -> str:
    """A cell that leaves these outcomes, as the exercise engine does: says("9.1", _1="passed")."""
    states = {name.strip("_"): {"outcome": outcome} for name, outcome in outcomes.items()}
    return (
        "from pathlib import Path\nfrom llm_workbook.exercises.progress import Progress\nProgress(Path(RESULTS_DIR) /"
        f" 'progress.json', {lab!r}).change(lambda entry: entry['exercises'].update({states!r}))"
    )


def run_one(notebook: Path, tmp_path: Path, plan: Plan) -> run_labs.Result:
    return run_labs.run_lab("9.1", notebook, plan, tmp_path / "results", tmp_path / "work")


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(timeout=20)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


@pytest.fixture
def two_exercises(monkeypatch):
    monkeypatch.setattr(run_labs, "_exercise_numbers", lambda lab: ["1", "2"])


@pytest.fixture
def never_run(monkeypatch):
    monkeypatch.setattr(run_labs, "run_lab", lambda *_: pytest.fail("something was run"))


# ------------------------------------------------------------------ refused before anything runs


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-p", "CORPSE", "cuad"], "unknown parameter 'CORPSE': labs have PROFILE, .* Did you mean CORPUS?"),
        (["-p", "max_items", "3"], "unknown parameter 'max_items'.* Did you mean MAX_ITEMS?"),
        (["--labs", "9.1", "9.4"], "unknown lab '9.4': there are 9.1, 9.2, 9.10"),
        (["-p", "PROFILE", "smoke"], "write --profile smoke"),
        (["--save-outputs"], "add --solutions"),
        (["--alone", "-p", "RESULTS_DIR", "here"], "leave out -p RESULTS_DIR"),
        (["--solutions"], "there are no labs in .*solutions"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_runs_nothing(tmp_path, capsys, never_run, arguments, sentence):
    for name in ("9.10_c", "9.1_a", "9.2_b", "9.1_a-Copy1"):
        write_lab(tmp_path, name)
    assert main(arguments, tmp_path) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert re.search(sentence, said)


@pytest.mark.parametrize(
    "parameters", [PARAMETERS.replace("MAX_ITEMS = None\n", ""), PARAMETERS.replace("MAX_ITEMS", "MAX_ITEM")]
)
def test_a_notebook_that_lacks_a_parameter_is_named_before_the_first_lab_runs(tmp_path, capsys, never_run, parameters):
    write_lab(tmp_path, "9.1_whole")
    write_lab(tmp_path, "9.2_lacks", parameters=parameters)
    assert main([], tmp_path) == 2
    assert "9.2_lacks.ipynb lacks the parameter MAX_ITEMS." in capsys.readouterr().err


def test_parameters_keep_their_type_and_folders_their_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    given = {
        text: run_labs._value(text)
        for text in ("3", "None", "cuad", "ollama:llama3.2", "some/model", "models/mine", "(1, 2)")
    }
    assert given == {
        "3": 3, "None": None, "cuad": "cuad", "ollama:llama3.2": "ollama:llama3.2", "some/model": "some/model",
        "models/mine": str(tmp_path / "models" / "mine"), "(1, 2)": "(1, 2)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ([], True), (["--profile", "full"], True), (["--fresh-results"], False), (["--alone"], False),
        (["--untouched"], False),
        (["--solutions"], False), (["--profile", "smoke"], False),
    ],
)  # fmt: skip
def test_only_a_learners_own_run_writes_to_the_learners_results(tmp_path, arguments, kept):
    plan = run_labs._plan(run_labs._parser().parse_args(arguments), tmp_path, LIMITS)
    assert plan.results == (tmp_path / "results" if kept else None)


# ------------------------------------------------------------------ errors, outcomes, the table


def test_a_failing_cell_is_shown_the_next_lab_runs_and_the_table_fits(tmp_path, capsys, two_exercises):
    write_lab(tmp_path, "9.1_fails", says("9.1", _1="passed"), "answer = 42\n\n1 / (answer - 42)", "never = 'reached'")
    write_lab(
        tmp_path,
        "9.2_works",
        says("9.2", _1="passed", _2="not attempted"),
        "import os; print(CORPUS, MAX_ITEMS, os.listdir())",
    )
    assert main(["--keep", str(tmp_path / "kept"), "-p", "CORPUS", "cuad", "-p", "MAX_ITEMS", "3"], tmp_path) == 1
    said = capsys.readouterr().out
    assert "Lab 9.1, cell 4, which begins:\n  | answer = 42\n" in said
    assert "ZeroDivisionError: division by zero" in said
    table = said[said.index("lab profile") :].splitlines()
    assert max(map(len, table)) <= 80
    assert [row.split()[-5:] for row in table[2:4]] == [["1", "of", "2", "0", "1"], ["1", "of", "2", "1", "0"]]
    assert "Lab 9.1: exercise 2 is 'not reached'" in said
    assert table[-1].startswith("2 labs, ")
    assert table[-1].endswith(" 2 of 4 passed, 1 not attempted, 1 error")
    assert "cuad 3 []" in (tmp_path / "kept" / "9.2_works.ipynb").read_text()
    assert json.loads((tmp_path / "results" / "progress.json").read_text())["labs"].keys() == {"9.1", "9.2"}


@pytest.mark.parametrize(
    ("expected", "outcomes", "error"),
    [
        ("passed", {"_1": "passed", "_2": "passed"}, None),
        ("passed", {"_1": "passed", "_2": "not yet"}, "exercise 2 is 'not yet', but should be 'passed'"),
        ("not attempted", {"_1": "not attempted", "_2": "not attempted"}, None),
        ("not attempted", {"_1": "not attempted"}, "exercise 2 is 'not reached', but should be 'not attempted'"),
    ],
)
def test_every_exercise_of_a_checked_run_has_the_expected_outcome(
    tmp_path, two_exercises, monkeypatch, expected, outcomes, error
):
    def execute(*_):
        scope = {"RESULTS_DIR": str(tmp_path / "results")}
        exec(says("9.1", **outcomes), scope)
        return 1.0, 0, ""

    monkeypatch.setattr(run_labs, "_execute", execute)
    result = run_one(tmp_path / "9.1_a.ipynb", tmp_path, Plan(expected=expected))
    assert (error or "") in "".join(result.errors)
    assert bool(result.errors) == bool(error)
    assert result.count(expected) == list(outcomes.values()).count(expected)
    again = run_one(
        tmp_path / "9.1_a.ipynb", tmp_path, Plan(expected="not attempted" if expected == "passed" else "passed")
    )
    assert not again.errors  # these results did not start empty, so they prove nothing
    assert "held earlier progress" in "".join(again.notes)


def test_more_than_promised_is_marked():
    inside, outside = (
        run_labs.Result("9.1", "smoke", seconds, (1.0, 3), gb, {}, [], []) for seconds, gb in ((74, 1.9), (76, 2.1))
    )
    assert "!" not in run_labs.report([inside], LIMITS["smoke"])
    assert "76.0!" in run_labs.report([outside], LIMITS["smoke"])
    assert "2.10!" in run_labs.report([outside], LIMITS["smoke"])
    assert "!" not in run_labs.report([outside], LIMITS["full"])


def test_a_kernel_that_dies_is_an_error_of_its_cell(tmp_path):
    notebook = write_lab(tmp_path, "9.1_dies", "fine = 1", "import os; os._exit(3)")
    (error,) = run_one(notebook, tmp_path, Plan()).errors
    assert error.startswith("Lab 9.1, cell 4, which begins:\n  | import os; os._exit(3)\n")
    assert "DeadKernelError" in error


# ------------------------------------------------------------------ limits and interruption


def test_a_cell_over_its_limit_is_an_error_of_that_cell(tmp_path):
    notebook = write_lab(tmp_path, "9.1_slow", "import time", "time.sleep(600)")
    (error,) = run_one(notebook, tmp_path, Plan(limits=Limits(cell_s=1))).errors
    assert error.startswith("Lab 9.1, cell 4, which begins:\n  | time.sleep(600)\n")
    assert "timed out" in error


def test_a_notebook_over_its_limit_is_killed_with_all_it_started(tmp_path, monkeypatch):
    notebook, pids = write_lab(tmp_path, "9.1_slow", "first = 1", SLEEP), tmp_path / "results.pids"
    monkeypatch.setattr(
        run_labs, "time", SimpleNamespace(perf_counter=lambda: 601.0 * pids.exists())
    )  # over the limit once it sleeps
    result = run_one(notebook, tmp_path, Plan("smoke", limits=LIMITS["smoke"]))
    (error,) = result.errors
    assert "cell 4" in error
    assert result.peak_gb > 0.02  # sampled: a killed run cannot tell its peak
    assert "stopped after 600 s, the limit of a smoke run" in error
    assert [gone(int(pid)) for pid in pids.read_text().split()] == [True, True]


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.slow
def test_an_interruption_kills_the_kernel_and_prints_what_was_done(tmp_path):
    results = tmp_path / "out"
    write_lab(tmp_path, "9.1_quick", "1")
    write_lab(tmp_path, "9.2_slow", SLEEP)
    code = (
        "import sys, pathlib; from tools.run_labs import main; sys.exit(main(sys.argv[1:],"
        f" pathlib.Path({str(tmp_path)!r})))"
    )
    command = [sys.executable, "-c", code, "-p", "RESULTS_DIR", str(results)]
    environment = {**os.environ, "PYTHONPATH": str(run_labs.ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    pids = tmp_path / "out.pids"
    while not pids.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert "Interrupted. Finished before that: 9.1." in said
    assert said.splitlines()[-1].startswith("1 lab, ")
    assert [gone(int(pid)) for pid in pids.read_text().split()] == [True, True]


# ------------------------------------------------------------------ network and memory


def test_smoke_denies_the_network_and_leaves_the_loopback_open(tmp_path):
    tries = """\
import socket, urllib.request
def said(call):
    try:
        return f"open: {call()}"
    except OSError as error:
        return str(error)
def udp():
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("192.0.2.1", 53))
def loopback():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as client,
    ):
        server.accept()[0].sendall(b"heard")
        return client.recv(5)
print(said(lambda: socket.create_connection(("192.0.2.1", 80), timeout=1)))
print(said(lambda: socket.socket().connect_ex(("192.0.2.1", 80))))
print(said(lambda: urllib.request.urlopen("http://example.com", timeout=1)))
print(said(lambda: socket.gethostbyname("example.com")))
print(said(udp))
print(said(loopback))"""
    notebook = write_lab(tmp_path, "9.1_network", tries)
    assert not run_one(notebook, tmp_path, Plan("smoke", network=False, keep=tmp_path)).errors
    *denied, loopback = nbformat.read(tmp_path / "9.1_network.ipynb", 4).cells[-1].outputs[0].text.splitlines()
    assert len(denied) == 5
    assert all("network access is denied in this run" in line for line in denied)
    assert loopback == "open: b'heard'"


@pytest.mark.parametrize(
    ("arguments", "open_"),
    [([], True), (["--profile", "smoke"], False), (["--profile", "smoke", "--allow-network"], True)],
)
def test_the_network_is_denied_in_smoke_only(tmp_path, arguments, open_):
    plan = run_labs._plan(run_labs._parser().parse_args(arguments), tmp_path, LIMITS)
    folders = run_labs._environment(plan.network)["PYTHONPATH"].split(os.pathsep)
    assert ("no_network" in {Path(folder).name for folder in folders}) is not open_
    assert str(run_labs.ROOT) in folders


@pytest.mark.parametrize(("name", "value"), FOR_LABS.items())
def test_a_lab_gets_what_suits_two_cores_unless_the_user_says_otherwise(monkeypatch, name, value):
    monkeypatch.delenv(name, raising=False)
    assert run_labs._environment(network=True)[name] == value
    assert f"{name}={value}" in (run_labs.ROOT / "binder" / "start").read_text()
    monkeypatch.setenv(name, "mine")
    assert run_labs._environment(network=True)[name] == "mine"


def test_another_sitecustomize_still_runs(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("print('mine ran')")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(run_labs.ROOT / "tools" / "no_network"), str(tmp_path)]),
    }
    code = "import socket; socket.getaddrinfo('example.com', 80)"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == "mine ran\n"
    assert "network access is denied in this run" in done.stderr


def test_peak_memory_is_the_kernels_even_when_no_sample_saw_it(tmp_path, monkeypatch):
    monkeypatch.setattr(run_labs, "_resident_bytes", lambda _: 0)
    labs = {
        "9.1": write_lab(tmp_path, "9.1_large", "len(b'x' * 300_000_000)"),
        "9.2": write_lab(tmp_path, "9.2_small", "len(b'x' * 300)"),
    }
    large, small = (result.peak_gb for result in run_labs.run_labs(labs, Plan()))
    assert 0.3 < large < 0.6
    assert 0.02 < small < 0.3


# ------------------------------------------------------------------ outputs and recorded results


@pytest.fixture
def built(tmp_path) -> Path:
    """A project with one built lab whose outputs name folders of this machine."""
    source = tmp_path / "solutions" / "9.1_tiny.py"
    source.parent.mkdir()
    text = "import os, sys, warnings\nfrom pathlib import Path"
    cells = [
        text,
        "print(RESULTS_DIR, os.getcwd(), sys.prefix, Path.home())\nwarnings.warn('careful', stacklevel=1)",
        "6 * 7",
    ]
    source.write_text(
        f'# %% tags=["parameters"]\n{PARAMETERS}\n\n' + "\n\n".join(f"# %%\n{cell}" for cell in cells) + "\n"
    )
    build_labs.build(tmp_path)
    return tmp_path


def test_saved_outputs_pass_the_build_check_and_name_no_folder(built):
    path = built / "solutions" / "9.1_tiny.ipynb"
    before = nbformat.read(path, 4)
    assert main(["--solutions", "--save-outputs"], built) == 0
    after, text = nbformat.read(path, 4), path.read_text()
    assert build_labs.check(built) == []
    for old, new in zip(before.cells, after.cells, strict=True):
        assert (new.id, new.source, new.metadata) == (old.id, old.source, old.metadata)
    assert after.metadata == before.metadata
    assert [cell.execution_count for cell in after.cells] == [1, 2, 3, 4]
    assert after.cells[2].outputs[0].text == "results . <python> ~\n"
    assert "<cell>:2: UserWarning: careful" in after.cells[2].outputs[1].text
    assert after.cells[3].outputs[0].data == {"text/plain": "42"}
    assert not [name for name in ("papermill", "labs-", "ipykernel_", str(built)) if name in text]
    build_labs.build(built)
    assert nbformat.read(path, 4).cells == after.cells


def test_a_cache_elsewhere_is_not_named_in_outputs(monkeypatch, tmp_path):
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "mine"))
    assert run_labs.without_paths(f"base {tmp_path / 'mine' / 'models' / 'tiny'}.") == "base .cache/models/tiny."


def test_outputs_of_a_notebook_that_changed_meanwhile_are_not_saved(built):
    path = built / "solutions" / "9.1_tiny.ipynb"
    executed, before = nbformat.read(path, 4).cells, path.read_bytes()
    executed[2].source += "\n# as it was"
    assert "changed while it ran" in run_labs.save_outputs(path, executed, {})[0]
    assert path.read_bytes() == before


def test_a_failed_run_saves_no_outputs(built):
    path = write_lab(built, "9.1_tiny", "print('half')", "raise ValueError('no')", folder="solutions")
    before = path.read_bytes()
    assert main(["--solutions", "--save-outputs"], built) == 1
    assert path.read_bytes() == before


APPEND = """\
from llm_workbook.benchmark.ledger import Ledger
from llm_workbook.settings import Settings
from llm_workbook.benchmark.systems import Traits
ledger = Ledger(Settings("9.1", PROFILE, results_dir=RESULTS_DIR))
ledger.append("plain", [{"question_id": "q1", "type": "date", "family": "f", "correct": 1.0}], traits=Traits())"""


def test_results_are_recorded_from_a_whole_run_only(tmp_path, capsys):
    recorded = tmp_path / "data" / "recorded" / "9.1.jsonl.gz"
    notebook = write_lab(tmp_path, "9.1_keeps", APPEND, folder="solutions")
    assert record_results.main(["9.1"], tmp_path) == 0
    assert "plain: recorded (profile full, model offline, corpus authored, seed 7, n = 1" in capsys.readouterr().out
    assert [entry["kind"] for _, entry in read_entries(recorded)] == ["run", "item", "end"]
    assert recorded.read_bytes() == zipped(content(recorded))  # no time, no name: the same bytes each time
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "9.1.jsonl.gz",
        notebook.name,
        "data",
        "recorded",
        "solutions",
    ]
    before = recorded.read_bytes()
    write_lab(tmp_path, "9.1_keeps", APPEND, "raise ValueError('later')", folder="solutions")
    assert record_results.main(["9.1"], tmp_path) == 1
    assert "Lab 9.1 failed. Nothing was recorded for lab 9.1" in capsys.readouterr().err
    assert recorded.read_bytes() == before


@pytest.mark.slow
def test_what_is_on_record_is_added_to_and_a_later_run_counts(tmp_path):
    recorded = tmp_path / "data" / "recorded" / "9.1.jsonl.gz"
    write_lab(tmp_path, "9.1_keeps", APPEND, folder="solutions")
    assert record_results.main(["9.1"], tmp_path) == 0
    first = next(entry["run_id"] for _, entry in read_entries(recorded))
    row = '[{"question_id": "q1", "type": "date", "family": "f"}]'
    more = f'for system in {{"plain", "other"}} - set(ledger.own()):\n    ledger.append(system, {row}, traits=Traits())'
    write_lab(tmp_path, "9.1_keeps", APPEND.rsplit("\n", 1)[0], more, folder="solutions")
    assert record_results.main(["9.1", "--add"], tmp_path) == 0
    headers = [entry for _, entry in read_entries(recorded) if entry["kind"] == "run"]
    assert {header["system"]: header["run_id"] == first for header in headers} == {"plain": True, "other": False}
    write_lab(tmp_path, "9.1_keeps", APPEND, folder="solutions")
    assert record_results.main(["9.1", "--add"], tmp_path) == 0
    lines = [entry for _, entry in read_entries(recorded)]
    assert sorted(line["system"] for line in lines if line["kind"] == "run") == ["other", "plain"]
    assert first not in {line["run_id"] for line in lines}


def test_recording_an_unknown_lab_is_a_sentence(tmp_path, capsys):
    write_lab(tmp_path, "9.1_keeps", folder="solutions")
    assert record_results.main(["9.9"], tmp_path) == 2
    assert "unknown lab '9.9': there are 9.1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda lines: None, "has written no results"),
        (lambda lines: lines[:-1], "whole runs have 0"),
        (lambda lines: [*lines, *lines[:2]], "whole runs have 3"),
        (
            lambda lines: [lines[0], lines[1].replace('"date"', json.dumps(str(run_labs.ROOT / "data"))), lines[2]],
            "folder of this machine",
        ),
    ],
)
def test_a_ledger_that_is_not_fit_to_publish_is_refused(tmp_path, change, sentence):
    ledger = record_results.Ledger(record_results.Settings("9.1", "full", results_dir=tmp_path))
    ledger.append("plain", [{"question_id": "q1", "type": "date", "family": "f", "note": "a\u2028b"}])
    record_results._check(ledger.path, tmp_path)
    lines = change(ledger.path.read_text().split("\n")[:-1])
    ledger.path.write_text("\n".join(lines) + "\n") if lines else ledger.path.unlink()
    with pytest.raises(RunError, match=sentence):
        record_results._check(ledger.path, tmp_path)


def test_recorded_results_are_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    recorded = tmp_path / "data" / "recorded" / "9.1.jsonl.gz"
    write_lab(tmp_path, "9.1_keeps", APPEND, folder="solutions")
    assert record_results.main(["9.1"], tmp_path) == 0
    before = recorded.read_bytes()
    real = os.replace

    def full(source, target):
        if Path(target) == recorded:
            raise OSError("no space left")
        return real(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        record_results.main(["9.1"], tmp_path)
    assert [path.name for path in recorded.parent.iterdir()] == ["9.1.jsonl.gz"]
    assert recorded.read_bytes() == before


@pytest.mark.parametrize("arguments", [[], ["--rescore", "9.1"]])
def test_the_labs_to_record_are_named_or_rescore_stands_alone(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit):
        record_results.main(arguments, tmp_path)
    assert "name the labs to record, or --rescore alone" in capsys.readouterr().err


# ------------------------------------------------------------------ what a person does to the folder, and types


@pytest.mark.parametrize("folder", ["labs/backup", "labs/1_a/old", "labs/1_a copy", "labs/.trash", "labs/1_a-Copy1"])
def test_a_copy_in_another_folder_is_not_run(tmp_path, folder):
    own = write_lab(tmp_path, "9.1_a", folder="labs/1_a")
    write_lab(tmp_path, "9.1_a", folder=folder)
    write_lab(tmp_path, "9.7_b", folder=folder)
    assert run_labs.find_labs(tmp_path / "labs") == {"9.1": own}


@pytest.mark.parametrize("copy", ["labs/1_a/9.1_a_old", "labs/1_a_old/9.1_a", "labs/9.1_a"])
def test_two_notebooks_with_one_number_are_refused_and_named(tmp_path, capsys, never_run, copy):
    write_lab(tmp_path, "9.1_a", folder="labs/1_a")
    write_lab(tmp_path, "9.2_b", folder="labs/1_a")
    write_lab(tmp_path, Path(copy).name, folder=Path(copy).parent.as_posix())
    assert main(["--labs", "9.1"], tmp_path) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert str(Path("labs/1_a/9.1_a.ipynb")) in said
    assert f"{Path(copy)}.ipynb" in said
    assert run_labs.find_labs(tmp_path / "labs", ["9.2"]).keys() == {"9.2"}


DAMAGED = {
    "empty": b"", "half": b'{"cells": [{"cell_type": "co', "list": b"[]", "text": b'"labs"', "object": b"{}",
    "no cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "binary": b"\xff\xfe\x00PK\x03\x04",
    "cells of another shape": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}',
    "of the future": b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}',
    "no kernel": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
}  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_notebook_is_one_sentence_that_names_the_file(tmp_path, capsys, never_run, content):
    write_lab(tmp_path, "9.1_whole")
    write_lab(tmp_path, "9.2_damaged").write_bytes(content)
    assert main([], tmp_path) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    damaged = next(tmp_path.glob("labs/**/9.2_damaged.ipynb"))
    here = f"git checkout -- {shlex.quote(str(damaged))})"  # which works from whatever folder it is typed in
    assert here in said or "restore the notebook" in said
    assert "python tools/build_labs.py" in said


def test_folders_are_those_of_the_place_where_the_command_is_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "cuad").mkdir()
    (tmp_path / "mine").mkdir()
    cases = {
        ("CORPUS", "folder:docs"): f"folder:{tmp_path / 'docs'}",
        ("CORPUS", "folder:./docs/"): f"folder:{tmp_path / 'docs'}",
        ("CORPUS", "folder:none"): f"folder:{tmp_path / 'none'}",
        ("CORPUS", "folder:~/d"): f"folder:{tmp_path / 'home' / 'd'}",
        ("CORPUS", f"folder:{tmp_path}"): f"folder:{tmp_path}",
        ("CORPUS", "cuad"): "cuad",
        ("MODEL", "mine"): str(tmp_path / "mine"),
        ("MODEL", "ollama:llama3.2"): "ollama:llama3.2",
        ("MODEL", "None"): None,
        ("MODEL", "./mine"): str(tmp_path / "mine"),
    }
    assert {case: run_labs._value(case[1], case[0]) for case in cases} == cases


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MAX_ITEMS", "eight"), ("MAX_ITEMS", "2.5"), ("MAX_ITEMS", "0"), ("MAX_ITEMS", "-3"), ("MAX_ITEMS", "True"),
        ("MAX_ITEMS", "'8'"), ("MAX_ITEMS", "(8,)"), ("MAX_ITEMS", ""), ("MAX_ITEMS", "(" * 5000), ("SEED", "None"),
        ("SEED", "seven"), ("SEED", "7.0"), ("CORPUS", "None"), ("CORPUS", "3"), ("CORPUS", "cuadd"), ("CORPUS", ""),
        ("MODEL", "3"), ("MODEL", ""), ("MODEL", "False"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_one_sentence(tmp_path, capsys, never_run, name, text):
    write_lab(tmp_path, "9.1_a")
    assert main(["-p", name, text], tmp_path) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert name in said
    assert len(said) < 300


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_an_old_console_does_not_stop_the_runner(tmp_path, encoding):
    write_lab(tmp_path, "9.1_fails", "raise ValueError('合同 – naïve')")
    code = "import sys, pathlib; from tools.run_labs import main; sys.exit(main([], pathlib.Path(sys.argv[1])))"
    environment = {**os.environ, "PYTHONPATH": str(run_labs.ROOT), "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, env=environment, timeout=120
    )
    assert done.returncode == 1
    assert b"ValueError" in done.stdout
    assert b"1 lab, " in done.stdout
    assert b"UnicodeEncodeError" not in done.stdout + done.stderr
