"""The types of package and tools hold: `python -m basedpyright`, with the settings of pyproject.toml."""

import importlib.util
import subprocess
import sys

import pytest

from llm_workbook.settings import ROOT

CHECK = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable]


def checked(*arguments: str) -> subprocess.CompletedProcess:
    """Run the type checker from the project's folder."""
    if importlib.util.find_spec("basedpyright") is None:
        pytest.fail("basedpyright is not installed: pip install -r requirements-dev.txt -c constraints.txt")
    return subprocess.run([*CHECK, *arguments], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow
def test_the_types_of_package_and_tools_hold():
    done = checked()
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.slow
def test_a_wrong_type_is_found(tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text('def half(x: float) -> float:\n    return x / 2\n\n\nhalf("two")\n')
    done = checked(str(path))
    assert done.returncode == 1
    assert "reportArgumentType" in done.stdout
