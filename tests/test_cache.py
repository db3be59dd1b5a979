"""The disk cache never stops a lab: what is busy is left alone, what is damaged is set aside, what is refused is said."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llm_workbook.models import cache as module
from llm_workbook.models.cache import DiskCache

ROOT = Path(module.__file__).parents[2]


@pytest.fixture(autouse=True)
def short_wait(monkeypatch):
    monkeypatch.setattr(module, "BUSY_S", 0.2)


def filled(path, count=3000):
    DiskCache(path).put_many({f"k{number}": os.urandom(200) for number in range(count)})
    return path


def damage_inner_pages(path):
    data = bytearray(path.read_bytes())
    for at in range(3 * 4096, len(data), 4096):
        data[at : at + 64] = bytes(64)
    path.write_bytes(data)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def locked(path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_busy_cache_is_left_alone_and_used_again_later(tmp_path, capsys, opened_before):
    path = filled(tmp_path / "answers.sqlite", 10)
    before = DiskCache(path)
    other = locked(path)
    cache = before if opened_before else DiskCache(path)
    started = time.monotonic()
    assert cache.get_many(["k1"]) == {}
    cache.put_many({"new": b"x"})
    assert [cache.get_many(["k1"]) for _ in range(20)] == [{}] * 20
    assert time.monotonic() - started < 3, "each call waits again"
    other.close()
    assert len(cache.get_many(["k1"])["k1"]) == 200
    assert names(tmp_path) == ["answers.sqlite"]
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "locked" in said and "goes on without it" in said


@pytest.mark.parametrize("first", ["read", "write"])
def test_damaged_inner_pages_are_set_aside_and_the_cache_begins_anew(tmp_path, capsys, first):
    path = filled(tmp_path / "answers.sqlite")
    damage_inner_pages(path)
    damaged, cache = path.read_bytes(), DiskCache(path)
    if first == "read":
        assert cache.get_many(["k1", "k2999"]) == {}
    cache.put_many({"new": b"x"})
    assert cache.get_many(["new"]) == {"new": b"x"}
    assert (tmp_path / "answers.damaged").read_bytes() == damaged
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "damaged" in said and "answers.damaged" in said


@pytest.mark.parametrize("content", [b"this is no database " * 100, b"SQLite format 3\0" + bytes(84), None])
def test_every_damage_gets_a_name_of_its_own(tmp_path, content):
    path = tmp_path / "answers.sqlite"
    for number in range(3):
        if content is None:  # cut short
            path.unlink(missing_ok=True)
            filled(path)
            path.write_bytes(path.read_bytes()[: 4096 * 5 + number])
        else:
            path.write_bytes(content + str(number).encode())
        cache = DiskCache(path)
        cache.put_many({"a": b"1"})
        assert cache.get_many(["a", "b"]) == {"a": b"1"}
    aside = [name for name in names(tmp_path) if name.endswith(".damaged")]
    assert len(aside) == 3 and len({(tmp_path / name).read_bytes() for name in aside}) == 3


def test_two_processes_set_a_damaged_file_aside_once_and_lose_nothing(tmp_path):
    path = filled(tmp_path / "answers.sqlite")
    damage_inner_pages(path)
    script = (
        "import sys; from pathlib import Path; from llm_workbook.models.cache import DiskCache\n"
        "cache = DiskCache(Path(sys.argv[1]))\n"
        "for n in range(20): cache.put_many({sys.argv[2] + str(n): b'x'})"
    )
    command = [sys.executable, "-c", script, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen([*command, name], env=environment) for name in ("left", "right")]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(DiskCache(path).get_many([f"{name}{n}" for name in ("left", "right") for n in range(20)])) == 40
    assert len([name for name in names(tmp_path) if name.endswith(".damaged")]) == 1


def test_a_file_that_only_seems_damaged_is_not_set_aside(tmp_path, monkeypatch):
    """Another process was faster: the file that stands there now is a healthy one."""
    path = filled(tmp_path / "answers.sqlite", 10)
    cache, real, calls = DiskCache(path), DiskCache._connect, []

    def once_damaged(self):
        calls.append(1)
        if len(calls) == 1:
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        return real(self)

    monkeypatch.setattr(DiskCache, "_connect", once_damaged)
    assert len(cache.get_many(["k1"])) == 1
    assert names(tmp_path) == ["answers.sqlite"]


def refused(code, text):
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "error",
    [
        refused(sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
        refused(sqlite3.SQLITE_FULL, "database or disk is full"),
        refused(sqlite3.SQLITE_CANTOPEN, "unable to open database file"),
        refused(sqlite3.SQLITE_IOERR, "disk I/O error"),
        refused(sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked"),
        sqlite3.OperationalError("an error without a code"),
        PermissionError(13, "Permission denied"),
    ],
    ids=str,
)
def test_whatever_the_disk_refuses_costs_the_cache_and_one_sentence(tmp_path, monkeypatch, capsys, error):
    path = filled(tmp_path / "answers.sqlite", 10)

    def fail(self):
        raise error

    monkeypatch.setattr(DiskCache, "_connect", fail)
    for _ in range(5):
        cache = DiskCache(path)
        cache.put_many({"a": b"1"})
        assert cache.get_many(["a"]) == {}
    assert names(tmp_path) == ["answers.sqlite"]
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and str(path) in said and "goes on without it" in said


@pytest.mark.parametrize("where", ["file/answers.sqlite", "file/below/answers.sqlite", "folder"])
def test_a_path_that_can_hold_no_cache_costs_only_the_cache(tmp_path, capsys, where):
    (tmp_path / "file").write_text("a file where the folder should be")
    (tmp_path / "folder").mkdir()
    cache = DiskCache(tmp_path / where)
    cache.put_many({"a": b"1"})
    assert cache.get_many(["a"]) == {}
    assert capsys.readouterr().out.count("\n") == 1
    assert names(tmp_path) == ["file", "folder"]


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs Linux namespaces")
def test_a_read_only_disk_with_and_without_a_cache_file(tmp_path):
    """A real read-only mount, in a namespace of its own; root writes to folders without permission."""
    filled(tmp_path / "disk" / "answers.sqlite", 10)
    (tmp_path / "empty").mkdir()
    script = (
        "import json, sys; from pathlib import Path; from llm_workbook.models.cache import DiskCache\n"
        "caches = [DiskCache(Path(folder, 'answers.sqlite')) for folder in sys.argv[1:]]\n"
        "[cache.put_many({'a': b'1'}) for cache in caches]\n"
        "print(json.dumps([len(cache.get_many(['a', 'k1'])) for cache in caches]))"
    )
    both = [str(tmp_path / "disk"), str(tmp_path / "empty")]
    mount = 'for f in "$@"; do mount --bind "$f" "$f" && mount -o remount,ro,bind "$f" || exit 77; done; '
    run = f'exec "{sys.executable}" -c "$SCRIPT" "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount + run, "sh", *both],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT), "SCRIPT": script},
    )  # fmt: skip
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("this machine mounts nothing")
    *said, last = done.stdout.splitlines()
    assert json.loads(last) == [1, 0], done.stderr
    assert len(said) == 2 and all("goes on without it" in line for line in said)
