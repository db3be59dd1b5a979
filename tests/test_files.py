"""Names become paths in one place; files are whole or untouched; work that hangs is stopped, or said to run on."""

import json
import os
import subprocess
import sys
import time

import pytest

from llm_workbook import files
from llm_workbook.files import append_lines, child, swap_folder, write_whole
from llm_workbook.limits import TimeLimit, within
from llm_workbook.show.text import Text, code, literal

BAD_NAMES = [
    "", " ", ".", "..", "../victim", "a/b", "a\\b", "/tmp/x", "C:x", ".hidden", "a.", "a ", " a", "nul", "CON",
    "com1.txt", "a\x00b", "a\nb", "a*", "x" * 200, "é" * 100, None, 3,
    "com¹", "LPT³.txt", "conin$", "CONOUT$", "7.lock", "run.checkpoint", "..\\..\\victim", "\u202egpj.exe", "~/x/..",
]  # fmt: skip
GOOD_NAMES = ["top half 7", "3.3 RAFT 7", "Müller's adapter", "合同", "a..b", "v1.2"]


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_a_name_that_is_no_plain_name_becomes_no_path(tmp_path, name):
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        child(tmp_path, name)


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_plain_name_is_a_path_directly_inside(tmp_path, name):
    path = child(tmp_path, name)
    assert path.parent == tmp_path and path.name == name


def test_a_file_is_whole_or_untouched(tmp_path, monkeypatch):
    path = tmp_path / "new" / "a.txt"
    assert write_whole(path, "one\n").read_bytes() == b"one\n"
    path.chmod(0o640)
    write_whole(path, b"two")
    assert path.read_bytes() == b"two" and path.stat().st_mode & 0o777 == 0o640
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, "three")
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"] and path.read_bytes() == b"two"


def test_half_an_emoji_is_kept_as_it_is(tmp_path):
    append_lines(tmp_path / "a.jsonl", [{"text": "\ud83d and Zürich"}])
    assert json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8")) == {"text": "\ud83d and Zürich"}
    assert write_whole(tmp_path / "b", "\ud83d").read_bytes() == b"\\ud83d"


def test_lines_are_appended_all_or_none_after_a_cut_off_line(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"cut')
    append_lines(path, [{"n": 1}, {"n": 2}])
    assert path.read_bytes() == b'{"cut\n{"n": 1}\n{"n": 2}\n'
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        append_lines(path, [{"n": 3}])
    assert path.read_bytes() == b'{"cut\n{"n": 1}\n{"n": 2}\n'


def test_a_folder_is_swapped_and_the_old_one_stands_again_when_that_fails(tmp_path):
    home = tmp_path / "home"
    for name, text in (("old", "1"), ("made", "2")):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_text(text)
    swap_folder(home / "made", home / "old")
    assert (home / "old" / "file").read_text() == "2" and [path.name for path in home.iterdir()] == ["old"]
    with pytest.raises(OSError):
        swap_folder(home / "missing", home / "old")
    assert (home / "old" / "file").read_text() == "2" and [path.name for path in home.iterdir()] == ["old"]


def test_work_has_a_time_limit_and_its_errors_are_its_own():
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)

    def endless():
        while True:
            pass

    with pytest.raises(TimeLimit) as stopped:
        within(0.1, endless)
    assert not stopped.value.running and "runs on" not in str(stopped.value)


def test_work_that_swallows_the_stop_is_stopped_or_said_to_run_on():
    ends = time.monotonic() + 3

    def stubborn():
        while time.monotonic() < ends:
            try:
                time.sleep(0.01)
            except BaseException:
                continue

    with pytest.raises(TimeLimit, match="runs on") as stopped:
        within(0.1, stubborn, patience_s=0.3)
    assert stopped.value.running


def test_two_processes_append_whole_lines(tmp_path):
    script = (
        "import sys; from pathlib import Path; from llm_workbook.files import append_lines\n"
        "for n in range(40): append_lines(Path(sys.argv[1]), [{'who': sys.argv[2], 'text': 'x' * 5000}])"
    )
    environment = {**os.environ, "PYTHONPATH": str(files.Path(files.__file__).parents[1])}
    command = [sys.executable, "-c", script, str(tmp_path / "a.jsonl")]
    both = [subprocess.Popen([*command, name], env=environment) for name in ("left", "right")]
    assert [process.wait(60) for process in both] == [0, 0]
    lines = [json.loads(line)["who"] for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert (lines.count("left"), lines.count("right")) == (40, 40)


def test_text_from_outside_is_shown_letter_by_letter():
    evil = "![x](http://evil/a.png) <img src=x> $5,000 or $250_k_ **b** `c` | # h"
    shown = literal(evil)
    assert not set("[]<>$_*`|#") & set(shown.replace("&#", "").replace(";", ""))
    assert str(Text(shown)) == evil
    assert code("a ``b`` c") == "``` a ``b`` c ```" and code("a") == "`a`"
