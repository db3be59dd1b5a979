"""A checkout with the line ends of Windows works like any other."""

import hashlib
import shutil
import subprocess

import pytest

from llm_workbook.corpus import load
from llm_workbook.corpus.load import CorpusError, data_status, load_contracts, load_facts, load_questions
from llm_workbook.settings import ROOT


@pytest.fixture
def windows(tmp_path, monkeypatch):
    """The authored corpus with CRLF, as Git for Windows checks it out without .gitattributes."""
    folder = tmp_path / "corpus"
    shutil.copytree(load.FOLDER, folder)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.setattr(load, "FOLDER", folder)
    load._rows.cache_clear()
    yield folder
    load._rows.cache_clear()


def test_the_corpus_is_read_and_verified_with_crlf(windows):
    contracts, facts, questions = load_contracts(), load_facts(), load_questions()
    assert data_status()[0]
    load.FOLDER = ROOT / "data" / "corpus"
    load._rows.cache_clear()
    assert (contracts, facts, questions) == (load_contracts(), load_facts(), load_questions())


def test_damage_is_still_seen_with_crlf(windows):
    path = windows / "facts.jsonl"
    path.write_bytes(path.read_bytes().replace(b"days", b"dayz", 1))
    with pytest.raises(CorpusError, match=r"facts\.jsonl of the authored corpus is damaged"):
        load_facts()


@pytest.mark.parametrize("path", [
    "data/corpus/facts.jsonl", "data/prices.csv", "data/general.txt", "llm_workbook/run.py", "labs/0_start_here.ipynb",
    "llm_workbook/show/browser.html", "data/corpus/MANIFEST.json",
])  # fmt: skip
def test_git_keeps_the_line_ends_of_what_is_hashed_or_compared(path):
    assert attribute(path, "eol") == "lf" and attribute(path, "text") in ("auto", "set")


@pytest.mark.parametrize("path", ["docs/readme.png", "data/recorded/1.1.jsonl.gz", "data/adapters/reader.safetensors"])
def test_git_leaves_what_is_no_text_alone(path):
    assert attribute(path, "text") == "unset"


def attribute(path: str, name: str) -> str:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "check-attr", name, path], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip().rpartition(": ")[2]


def test_a_clone_with_autocrlf_has_the_bytes_that_were_committed(tmp_path):
    """As Git for Windows clones: with the attributes of the project, in a repository of one file."""
    if shutil.which("git") is None:
        pytest.skip("no git")
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    for name in (".gitattributes", "data/corpus/facts.jsonl"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=source, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "x")
    git("-c", "core.autocrlf=true", "clone", "-q", "-c", "core.autocrlf=true", str(source), str(clone))
    hashes = {hashlib.sha256((at / "data/corpus/facts.jsonl").read_bytes()).hexdigest() for at in (source, clone)}
    assert len(hashes) == 1
