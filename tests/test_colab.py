"""The first cell of each learner notebook: what it does on Colab, and that it does nothing elsewhere.

The real thing, with Colab's versions and a network, is tools/colab_like.py.
"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from llm_workbook.settings import cache_dir
from tools.build_labs import read
from tools.colab import ADDRESS, REPOSITORY, TAG, VERSION, first_cell

ROOT = Path(__file__).resolve().parents[1]
NAME = REPOSITORY.split("/")[1]
STUB = "def colab():\n    import workbook\n    print('set up', workbook.WHICH, workbook.__file__)\n"


def git(folder: Path, *words: str) -> None:
    names = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def origin(tmp_path) -> Path:
    """A repository whose tagged version and whose main differ."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for which in ("tagged", "main"):
        (folder / "workbook.py").write_text(f"WHICH = {which!r}\n{STUB}")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", which)
        if which == "tagged":
            git(folder, "tag", f"v{VERSION}")
    return folder


@pytest.fixture
def content(tmp_path) -> Path:
    """The empty folder in which Colab opens a notebook."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def run(content: Path, address: object, more: str = "", colab: str | None = "release-1", **environment: str):
    """Run the cell, and then `more`, as a notebook alone would."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "COLAB_RELEASE_TAG")}
    clean |= {"LLM_WORKBOOK_URL": f"file://{address}", **environment} | ({"COLAB_RELEASE_TAG": colab} if colab else {})
    command = [sys.executable, "-c", f"{first_cell().source}\n{more}"]
    return subprocess.run(command, cwd=content, env=clean, capture_output=True, text=True, timeout=120)


def test_it_takes_the_version_of_the_notebook_and_sets_it_up(content, origin):
    done = run(content, origin)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"set up tagged {content / NAME / 'workbook.py'}\n"
    assert [path.name for path in content.iterdir()] == [NAME]


def test_without_that_version_it_takes_main_and_says_so(content, origin):
    git(origin, "tag", "-d", f"v{VERSION}")
    done = run(content, origin)
    assert done.returncode == 0
    assert done.stdout.startswith(f"v{VERSION} could not be cloned from file://{origin}: ")
    assert done.stdout.splitlines()[-1].startswith("set up main ")


def test_a_folder_that_is_there_is_used_again_without_network_and_keeps_what_was_changed(content, origin):
    run(content, origin)
    (content / NAME / "mine.txt").write_text("mine")
    done = run(content, content / "no network")
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["set", "up"])
    assert (content / NAME / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("left", [[], [".git/HEAD"], [".git/config", "README.md", "results/mine.json"]])
def test_a_clone_that_was_cut_short_is_made_anew_and_nothing_in_it_is_deleted(content, origin, left):
    (content / NAME).mkdir()
    for name in left:
        (content / NAME / name).parent.mkdir(parents=True, exist_ok=True)
        (content / NAME / name).write_text(name)
    done = run(content, origin)
    assert done.stdout.startswith("set up tagged")
    assert sorted(path.read_text() for path in content.glob(f"{NAME}.clone-*/**/*") if path.is_file()) == sorted(left)
    assert len([*content.iterdir()]) == 2


def test_an_address_that_does_not_answer_is_a_sentence_and_leaves_nothing_behind(content):
    done = run(content, content / "nowhere")
    assert done.returncode == 1
    assert done.stderr == "The set-up stopped, for the reason above. Then run this cell again.\n"
    assert done.stdout.count("could not be cloned") == 2
    assert not [*content.iterdir()]


def test_elsewhere_it_does_nothing(content):
    done = run(
        content, content / "nowhere", "import sys; print({'subprocess', 'workbook'} & {*sys.modules})", colab=None
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "set()\n", "")
    assert not [*content.iterdir()]


def test_the_real_clone_sets_up_and_the_notebook_imports_from_it(content, tmp_path):
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", f"file://{ROOT}", str(bare)], check=True, capture_output=True)
    git(bare, "update-ref", "refs/heads/main", "HEAD")
    more = "import llm_workbook.settings; print(llm_workbook.settings.DATA)"
    denied = {"PYTHONPATH": str(ROOT / "tools" / "no_network"), "LLM_WORKBOOK_CACHE": str(cache_dir())}
    done = run(content, bare, more, **denied)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert "2/3 packages: already there" in said
    assert said[-2:] == ["Everything is ready: run the next cell.", str(content / NAME / "data")]


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").rglob("*.py")), ids=lambda path: path.stem)
def test_every_learner_notebook_begins_with_it_and_no_solution_has_it(path):
    relative = read(path, ROOT).relative
    first, *others = nbformat.read(ROOT / "labs" / relative, 4).cells
    assert (first.source, first.metadata) == (first_cell().source, first_cell().metadata)
    assert first.metadata.jupyter.source_hidden and first.metadata.cellView == "form"
    solved = nbformat.read(ROOT / "solutions" / relative, 4).cells
    assert not [cell for cell in [*others, *solved] if TAG in cell.metadata.get("tags", ())]


def test_it_names_the_version_and_the_address_of_the_project():
    assert f'"v{VERSION}", "main"' in first_cell().source
    assert f'"{ADDRESS}"' in first_cell().source
