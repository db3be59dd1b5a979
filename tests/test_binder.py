"""Binder: its steps run as repo2docker runs them, in a clean copy of the repository, without pip and network."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from llm_workbook.settings import cache_dir
from workbook import FOR_LABS

ROOT = Path(__file__).resolve().parents[1]
PIP = """#!{python}
import pathlib, sys
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(" ".join(words) + "\\n")
files = [words[n + 1] for n, word in enumerate(words) if word in ("-r", "-c")]
projects = [pathlib.Path(words[n + 1], "pyproject.toml") for n, word in enumerate(words) if word == "-e"]
missing = [str(path) for path in map(pathlib.Path, [*files, *projects]) if not path.is_file()]
sys.exit(f"no such file: {{missing}}" if missing or words[0] != "install" else 0)
"""
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Binder is Linux")


@pytest.fixture
def image(tmp_path):
    """A clean copy of what is in the repository, and a function that runs one of its files as repo2docker does."""
    home, bin_, log = tmp_path / "home", tmp_path / "bin", tmp_path / "pip.log"
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in names.stdout.splitlines():
        if not name.startswith(("tests/", "docs/", "solutions/")) and (ROOT / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, home / name)
    bin_.mkdir()
    (bin_ / "pip").write_text(PIP.format(python=sys.executable, log=str(log)))
    (bin_ / "pip").chmod(0o755)
    (bin_ / "python").symlink_to(sys.executable)
    (home / ".cache" / "downloads").mkdir(parents=True)

    def run(name, *words):
        environment = {name: value for name, value in os.environ.items() if name not in {*FOR_LABS, "PYTHONPATH"}}
        environment |= {
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "LLM_WORKBOOK_CACHE": str(cache_dir()),  # the models are there; the network is denied
            "PYTHONPATH": os.pathsep.join([str(home), str(ROOT / "tools" / "no_network")]),
        }
        return subprocess.run(
            [f"./binder/{name}", *words], cwd=home, env=environment, capture_output=True, text=True, timeout=120
        )

    return home, run, lambda: log.read_text().splitlines()


def test_the_build_installs_every_requirement_within_the_constraints_and_fetches_the_models(image):
    home, run, asked = image
    done = run("postBuild")
    assert done.returncode == 0, done.stderr
    torch, packages, project = asked()
    tested = next(line for line in (home / "constraints.txt").read_text().splitlines() if line.startswith("torch=="))
    assert torch.split()[-1] == tested and "--no-deps" in torch and "--index-url" in torch
    for name in ("requirements.txt", "requirements-lab.txt"):
        assert f"-r {name}" in packages
    assert "-c constraints.txt" in packages and "-e ." in project and "--no-deps" in project
    assert done.stdout.count("already there") == 2
    assert not (home / ".cache" / "downloads").exists()


@pytest.mark.parametrize(
    "broken",
    ["constraints.txt", "requirements.txt", "requirements-lab.txt", "pyproject.toml", "llm_workbook/models/offline.py"],
)
def test_the_build_stops_at_what_is_missing(image, broken):
    home, run, _ = image
    (home / broken).unlink()
    assert run("postBuild").returncode != 0


def test_a_session_starts_with_what_suits_two_cores_and_gets_its_command_whole(image):
    _, run, _ = image
    code = "import os, sys; print([os.environ.get(name) for name in sys.argv[1:3]], sys.argv[3:])"
    done = run("start", "python", "-c", code, *FOR_LABS, "two words", "$HOME", "")
    assert done.stdout == f"{[*FOR_LABS.values()]} {['two words', '$HOME', '']}\n"
    assert run("start", "python", "-c", "raise SystemExit(7)").returncode == 7


def test_binders_files_are_as_repo2docker_wants_them():
    names = {path.name for path in (ROOT / "binder").iterdir()}
    assert names == {
        "postBuild",
        "start",
        "runtime.txt",
    }  # a requirements.txt here would be installed without constraints
    assert not (ROOT / ".binder").exists()
    for name in ("postBuild", "start"):
        assert (ROOT / "binder" / name).stat().st_mode & stat.S_IXUSR
        assert (ROOT / "binder" / name).read_bytes().startswith(b"#!/bin/bash\n")
    version = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    project = (ROOT / "pyproject.toml").read_text()
    needed = next(line for line in project.splitlines() if line.startswith("requires-python")).split('"')[1]
    assert Requirement(f"python{needed}").specifier.contains(version)
