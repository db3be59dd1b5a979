"""What several tests share: corpus, tokenizer, offline model, downloaded packages; and which tests are slow."""

import os
import shutil
from pathlib import Path

import pytest

from llm_workbook.files import sha256
from llm_workbook.settings import cache_dir

SLOW_SECONDS = 5


@pytest.fixture(scope="session")
def contracts():
    """The contracts of the authored corpus."""
    from llm_workbook.corpus.load import load_contracts

    return load_contracts()


@pytest.fixture(scope="session")
def tokenizer():
    """The tokenizer of the offline language model, without its weights."""
    from transformers import AutoTokenizer

    from llm_workbook.models.offline import LLM, ready_folder

    return AutoTokenizer.from_pretrained(ready_folder(LLM))


@pytest.fixture(scope="session")
def language_model(tmp_path_factory):
    """The offline language model, eight tokens an answer, with a cache of its own."""
    from llm_workbook.models.cache import DiskCache
    from llm_workbook.models.chat import load_chat_model

    model = load_chat_model(max_new_tokens=8)
    model._cache = DiskCache(tmp_path_factory.mktemp("cache") / "answers.sqlite")
    return model


@pytest.fixture(scope="session")
def downloads(tmp_path_factory):
    """The packages of both models, copied once; a test gets links. In the end no test may have written into one."""
    from llm_workbook.models.offline import EMBEDDER, LLM, ready_folder

    ready_folder(LLM), ready_folder(EMBEDDER)
    folder = tmp_path_factory.mktemp("downloads")
    for path in (cache_dir() / "downloads").glob("*.whl"):
        shutil.copyfile(path, folder / path.name)
        (folder / path.name).chmod(0o444)
    before = {path.name: sha256(path) for path in folder.iterdir()}
    yield folder
    assert {path.name: sha256(path) for path in folder.iterdir()} == before, "a test wrote into a shared package"


@pytest.fixture
def empty_cache(tmp_path, monkeypatch, downloads):
    """A cache of its own with the downloaded packages in it and no way to the network.

    The packages are links to shared ones: a test that damages one calls `own` first.
    """
    (tmp_path / "downloads").mkdir()
    for path in downloads.iterdir():
        linked(path, tmp_path / "downloads" / path.name)
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    return tmp_path


def linked(path: Path, target: Path) -> None:
    """A second name for a file, or a copy where the file system has no links."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


@pytest.fixture
def own():
    """Makes a linked file the test's own, so that it may be damaged; returns its path."""

    def copied(path: Path) -> Path:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        return path

    return copied


def pytest_terminal_summary(terminalreporter):
    """Name the tests that took long without the mark `slow`."""
    seconds: dict[str, float] = {}
    for report in (one for key in ("passed", "failed") for one in terminalreporter.stats.get(key, ())):
        if report.when == "call" and "slow" not in report.keywords:
            seconds[report.nodeid] = report.duration
    for name, took in sorted(seconds.items(), key=lambda item: -item[1]):
        if took > SLOW_SECONDS:
            terminalreporter.write_line(f"{took:.1f} s without @pytest.mark.slow: {name}")
