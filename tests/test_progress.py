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
        b"[" * 100_000,
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


# ------------------------------------------------------------------ what is unreadable is not damaged; other versions


def aside(path):
    return sorted(path.parent.glob("progress.*-*.json"))


def test_a_file_that_cannot_be_opened_is_left_alone(path, monkeypatch, capsys):
    """Locked by a scanner, or without permission: the record in it is whole."""
    Progress(path, "1.1").change(attempt)
    before, real = path.read_bytes(), type(path).read_text

    def refused(self, *args, **kwargs):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(type(path), "read_text", refused)
    progress = Progress(path, "1.1")
    for _ in range(3):
        assert progress.read() == {"exercises": {}, "predictions": {}}
        progress.change(lambda entry: entry["exercises"].clear())
    assert path.read_bytes() == before and aside(path) == []
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "Permission denied" in said and "The lab goes on." in said


def test_damage_twice_keeps_both_and_goes_on(path):
    for content in (b"first", b"second"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        Progress(path, "1.1").change(attempt)
    assert sorted(one.read_bytes() for one in aside(path)) == [b"first", b"second"]
    assert Progress(path, "1.1").read()["exercises"] == {"1": {"outcome": "passed"}}


def test_what_a_newer_version_added_is_kept(path):
    path.parent.mkdir()
    entry = {"exercises": {"1": {"outcome": "passed", "minutes": 4}}, "predictions": {}, "notes": ["a"]}
    path.write_text(json.dumps({"schema": 1, "labs": {"1.1": entry}, "theme": "dark"}))
    Progress(path, "1.1").change(lambda entry: entry["predictions"].update(codes="BM25"))
    stored = json.loads(path.read_text())
    assert (stored["theme"], stored["labs"]["1.1"]["notes"]) == ("dark", ["a"])
    assert stored["labs"]["1.1"]["exercises"]["1"]["minutes"] == 4


def test_a_good_file_written_meanwhile_is_not_set_aside(path, monkeypatch):
    """Another notebook set the damaged file aside and began anew between our look and our lock."""
    import filelock

    path.parent.mkdir()
    path.write_bytes(b"damaged")
    real = filelock.FileLock.acquire

    def acquire(self, *args, **kwargs):
        path.write_text(
            '{"schema": 1, "labs": {"1.1": {"exercises": {"1": {"outcome": "passed"}}, "predictions": {}}}}'
        )
        return real(self, *args, **kwargs)

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)
    assert Progress(path, "1.1").read()["exercises"] == {"1": {"outcome": "passed"}}
    assert aside(path) == []


def test_a_disk_without_locks_costs_the_record_and_one_sentence(path, monkeypatch, capsys):
    import filelock

    def refused(self, *args, **kwargs):
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(filelock.FileLock, "acquire", refused)
    progress = Progress(path, "1.1")
    for _ in range(3):
        progress.change(attempt)
    assert capsys.readouterr().out.count("The lab goes on.") == 1
