"""Installed other than as a clone: the package says in one sentence that it needs the folders beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with what `pip install .` puts into site-packages, from a clean copy, built without network."""
    folder = tmp_path_factory.mktemp("install")
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in names.stdout.splitlines():
        if name.endswith((".toml", ".txt", "README.md", "LICENSE")) or name.startswith("llm_workbook/"):
            (folder / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "copy" / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--isolated", "wheel", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "-w", str(folder), "./copy"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    (folder / "empty").mkdir()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "what",
    [
        ["-c", "from llm_workbook import start; start('0')"],
        ["-m", "llm_workbook", "doctor"],
        ["-c", "import llm_workbook.run"],
    ],
)
def test_a_copy_without_the_folders_beside_it_refuses_with_a_sentence(installed, what):
    environment = {**os.environ, "PYTHONPATH": str(installed / "site")}
    done = subprocess.run(
        [sys.executable, *what], cwd=installed / "empty", env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: llm_workbook was installed without")
    assert "python3 workbook.py lab" in last
    assert str(installed / "site") in last
    assert not [*(installed / "empty").iterdir()]


@pytest.mark.slow
def test_the_wheel_has_its_extras_and_no_jupyterlab_of_its_own(installed):
    said = next((installed / "site").glob("*.dist-info/METADATA")).read_text(encoding="utf-8")
    needed = [line.removeprefix("Requires-Dist: ") for line in said.splitlines() if line.startswith("Requires-Dist: ")]
    assert [line for line in needed if line.startswith("transformers")]
    assert all("extra ==" in line for line in needed if line.startswith(("jupyterlab", "papermill", "pytest")))
    assert {"lab", "dev"} == {line.split(": ")[1] for line in said.splitlines() if line.startswith("Provides-Extra")}
