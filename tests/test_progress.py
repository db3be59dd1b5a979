"""The record of what the learner has done: kept under load, and never more important than the lab."""

import json
import os
import subprocess
import sys

import pytest

from llm_workbook.exercises.progress import SCHEMA, Progress

WRITER = """
import sys
from pathlib import Path
from llm_workbook.exercises.progress import Progress

path, lab, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def more(entry):
    state = entry["exercises"].setdefault("1", {"attempts": 0})
    state["attempts"] += 1

for number in range(count):
    Progress(path, lab).change(more)
    Progress(path, "shared").change(more)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "progress.json"


def attempt(entry: dict) -> None:
    entry["exercises"]["1"] = {"outcome": "passed"}


def test_nothing_yet_is_empty_and_writes_nothing(path, capsys):
    assert Progress(path, "1.1").read() == {"exercises": {}, "predictions": {}}
    assert not path.exists()
    assert capsys.readouterr().out == ""


def test_what_was_written_is_read_by_the_next_notebook(path):
    Progress(path, "1.1").change(attempt)
    Progress(path, "1.2").change(lambda entry: entry["predictions"].update(codes="BM25 ✔"))
    assert Progress(path, "1.1").read() == {"exercises": {"1": {"outcome": "passed"}}, "predictions": {}}
    assert Progress(path, "1.2").read() == {"exercises": {}, "predictions": {"codes": "BM25 ✔"}}
    assert sorted(one.name for one in path.parent.iterdir() if one.suffix != ".lock") == ["progress.json"]


def test_two_processes_at_once_lose_nothing(path):
    count = 60
    commands = [[sys.executable, "-c", WRITER, str(path), lab, str(count)] for lab in ("1.1", "1.2")]
    writers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for command in commands
    ]
    assert [writer.communicate(timeout=120)[0] for writer in writers] == ["", ""]
    attempts = {lab: entry["exercises"]["1"]["attempts"] for lab, entry in json.loads(path.read_text())["labs"].items()}
    assert attempts == {"1.1": count, "1.2": count, "shared": 2 * count}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"schema": 1, "labs": {"1.1": {"exer',
        b"\xff\xfe\x00damaged",
        b"null",
        b"[]",
        b'{"labs": {}}',
        b'{"schema": 1}',
        b'{"schema": 1, "labs": []}',
        b'{"schema": 0, "labs": {"1.1": {"exercises": {"1": "passed"}}}}',  # of another schema
        b'{"schema": 99, "labs": {}}',
        b'{"schema": 1, "labs": {"1.1": 5}}',
        b'{"schema": 1, "labs": {"1.1": {"exercises": {"1": "passed"}, "predictions": {}}}}',
    ],
)
@pytest.mark.parametrize("first", ["read", "change"])
def test_a_file_that_cannot_be_read_is_set_aside_and_the_lab_goes_on(path, capsys, content, first):
    path.parent.mkdir()
    path.write_bytes(content)
    progress = Progress(path, "1.1")
    if first == "read":
        assert progress.read() == {"exercises": {}, "predictions": {}}
    progress.change(attempt)
    (aside,) = path.parent.glob("progress.damaged-*.json")
    assert aside.read_bytes() == content
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said == f"progress.json could not be read and was set aside as {aside.name}; your progress starts anew.\n"
    assert progress.read()["exercises"] == {"1": {"outcome": "passed"}}
    assert json.loads(path.read_text())["schema"] == SCHEMA


def test_a_full_disk_costs_the_record_not_the_lab(path, monkeypatch, capsys):
    progress = Progress(path, "1.1")
    progress.change(attempt)
    before = path.read_bytes()

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    progress.change(lambda entry: entry["exercises"].update({"2": {"outcome": "passed"}}))
    said = capsys.readouterr().out
    assert "could not be written" in said
    assert "No space left on device" in said
    assert "The lab goes on." in said
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_costs_the_record_not_the_lab(tmp_path, capsys):
    (tmp_path / "results").write_text("a file where the folder should be")
    Progress(tmp_path / "results" / "progress.json", "1.1").change(attempt)
    assert "The lab goes on." in capsys.readouterr().out


def test_an_interrupted_write_leaves_the_old_file(path, monkeypatch):
    Progress(path, "1.1").change(attempt)
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda source, target: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        Progress(path, "1.1").change(lambda entry: entry["exercises"].clear())
    assert path.read_bytes() == before


def test_a_damaged_file_in_a_folder_that_cannot_be_written_costs_the_record_not_the_lab(path, monkeypatch, capsys):
    path.parent.mkdir()
    path.write_bytes(b"damaged")

    def refused(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refused)
    assert Progress(path, "1.1").read() == {"exercises": {}, "predictions": {}}
    assert "nor set aside" in capsys.readouterr().out
    assert path.read_bytes() == b"damaged"
