"""What belongs to a folder of documents: nothing outside of it, no loops, and a word about each thing left out."""

import json
import os
import sys
from pathlib import Path

import pytest

from llm_workbook.corpus.folder import read_folder
from llm_workbook.corpus.listing import listed, printable
from llm_workbook.corpus.records import CorpusError

LINK = "a link: links are not followed; put a copy into the folder"


@pytest.fixture
def folder(tmp_path):
    """A folder with one document, beside a secret."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("TOPSECRET")
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    (tmp_path / "docs" / "sub" / "a.txt").write_text("The fee is EUR 5.")
    return tmp_path / "docs"


@pytest.mark.parametrize("target", ["../outside/secret.txt", "sub/a.txt", "missing.txt", "link.txt"])
def test_a_link_to_a_file_is_not_followed(folder, target):
    (folder / "link.txt").symlink_to(target)
    reading = read_folder(folder)
    assert [contract.text for contract in reading.contracts] == ["The fee is EUR 5."]
    assert dict(reading.skipped) == {"link.txt": LINK}


@pytest.mark.parametrize("target", ["../outside", "..", ".", "sub"])
def test_a_link_to_a_folder_is_not_followed_and_ends_in_no_loop(folder, target):
    (folder / "link").symlink_to(target, target_is_directory=True)
    (folder / "sub" / "up").symlink_to("..", target_is_directory=True)
    reading = read_folder(folder)
    assert [contract.text for contract in reading.contracts] == ["The fee is EUR 5."]
    assert dict(reading.skipped) == {"link": LINK, "sub/up": LINK}


def test_a_table_of_questions_that_is_a_link_is_not_followed(folder):
    (folder.parent / "outside" / "q.csv").write_text("question,answer,document,quote\nTOPSECRET?,a,a.txt,fee\n")
    (folder / "questions.csv").symlink_to("../outside/q.csv")
    reading = read_folder(folder)
    assert reading.questions == () and dict(reading.skipped) == {"questions.csv": LINK}


def test_the_folder_itself_may_be_a_link(folder):
    (folder.parent / "link").symlink_to(folder, target_is_directory=True)
    assert len(read_folder(folder.parent / "link").contracts) == 1


def test_hidden_things_are_named_but_not_those_of_a_system(folder):
    (folder / ".git").mkdir()
    for name in (".git/config.txt", ".env", ".DS_Store", "Thumbs.db", "~$a.docx", "._a.txt"):
        (folder / name).write_text("x")
    assert dict(read_folder(folder).skipped) == dict.fromkeys((".env", ".git"), "hidden: its name begins with a dot")


def test_a_pipe_does_not_stop_the_reading(folder):
    os.mkfifo(folder / "pipe.txt")
    assert dict(read_folder(folder).skipped) == {"pipe.txt": "neither a file nor a folder"}


def test_files_and_folders_that_cannot_be_opened(folder, monkeypatch):
    """Whoever runs the tests may be allowed everything, so the refusal is simulated."""
    (folder / "closed.txt").write_text("x")
    (folder / "shut").mkdir()
    read, scan = Path.read_bytes, os.scandir

    def read_bytes(path):
        return read(path) if path.name != "closed.txt" else refuse(path)

    def scandir(path):
        return scan(path) if Path(path).name != "shut" else refuse(path)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    monkeypatch.setattr(os, "scandir", scandir)
    assert dict(read_folder(folder).skipped) == {
        "closed.txt": "unreadable: Permission denied", "shut": "unreadable folder: Permission denied"
    }  # fmt: skip


def test_a_name_that_is_not_utf_8_is_read_printed_and_stored(folder):
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("The rent is EUR 7.")
    except OSError:
        pytest.skip("this file system stores names in UTF-8 only")
    reading = read_folder(folder)
    assert [contract.id for contract in reading.contracts] == ["caf\\udce9.txt", "sub/a.txt"]
    assert all(json.dumps(part).encode() and part.encode() for one in reading.contracts for part in (one.id, one.title))
    str(reading).encode()


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_bad_name_of_a_skipped_file_or_of_the_folder_can_be_printed(folder):
    strange = folder / "a\nskipped b.txt: fine\x1b[31m.jpg"
    strange.write_text("x")
    said = str(read_folder(folder))
    assert "\x1b" not in said and said.count("\n") == 1
    for part in (folder / "\udce9", folder / "\udce9" / "empty"):
        try:
            part.mkdir()
        except OSError:
            pytest.skip("this file system stores names in UTF-8 only")
    with pytest.raises(CorpusError, match=r"no document in .*\\udce9/empty") as caught:
        read_folder(folder / "\udce9" / "empty")
    str(caught.value).encode()


def test_what_is_listed_is_in_order(folder):
    for name in ("b.txt", "B.txt", "sub/c.txt", "10.txt"):
        (folder / name).write_text("x")
    assert [path.relative_to(folder).as_posix() for path in listed(folder)[0]] == [
        "10.txt", "B.txt", "b.txt", "sub/a.txt", "sub/c.txt"
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "shown"), [
    ("Müller 合同.txt", "Müller 合同.txt"), ("a\tb", "a\\tb"), ("a\u202eb", "a\\u202eb"), ("\ud83d", "\\ud83d"),
])  # fmt: skip
def test_printable_names(name, shown):
    assert printable(name) == shown
