"""CONTRIBUTING.md says in one line what each folder is for: every folder, and no folder that is not there."""

import re
from pathlib import Path

import pytest

from llm_workbook.settings import ROOT

ROW = re.compile(r"^\| `([\w./]+)/` \| (.+) \|$", re.MULTILINE)
INSIDE = ("llm_workbook", "data", "tools")  # folders whose own folders are named as well
LEFT_OUT = {".git", ".hypothesis", ".idea", ".vscode", "__pycache__", "env", "venv"}


def named(text: str) -> dict[str, str]:
    """folder -> purpose, as the table says."""
    rows = ROW.findall(text)
    assert len(rows) == len(dict(rows)), "a folder stands twice"
    return dict(rows)


def folders(root: Path) -> set[str]:
    """The folders of a project, without what .gitignore leaves out."""
    ignored = (root / ".gitignore").read_text().split() if (root / ".gitignore").exists() else []

    def inside(folder: Path) -> list[Path]:
        found = (path for path in folder.iterdir() if path.is_dir() and path.name not in LEFT_OUT)
        return [path for path in found if not any(path.match(pattern.strip("/")) for pattern in ignored)]

    top = inside(root)
    below = [path for folder in top if folder.name in INSIDE for path in inside(folder)]
    return {path.relative_to(root).as_posix() for path in [*top, *below]}


def test_every_folder_is_named_and_none_is_missing():
    purposes = named((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert set(purposes) == folders(ROOT)
    assert all(8 <= len(purpose) <= 140 for purpose in purposes.values())
    assert len(set(purposes.values())) == len(purposes)


@pytest.mark.parametrize("new", ["models", "llm_workbook/graphs", "tools/helpers", ".devcontainer"])
def test_a_new_folder_is_noticed_and_an_ignored_one_is_not(tmp_path, new):
    for folder in (
        "llm_workbook/corpus",
        "tools/no_network",
        "data",
        ".git",
        "results",
        "build",
        "x.egg-info",
        ".cache",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("results/\nbuild/\n*.egg-info/\n.cache/\n")
    before = folders(tmp_path)
    assert before == {"llm_workbook", "llm_workbook/corpus", "tools", "tools/no_network", "data"}
    (tmp_path / new).mkdir(parents=True)
    assert folders(tmp_path) == before | {new}


def test_the_commands_name_files_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    scripts = set(re.findall(r"\b((?:tools|tests)/[\w/]+\.py)\b", text))
    assert len(scripts) >= 6
    assert [script for script in scripts if not (ROOT / script).exists()] == []
