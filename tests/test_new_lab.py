"""A new lab's skeleton passes every check before anyone edits it; a bad one is a sentence and leaves nothing behind."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from llm_workbook.settings import ROOT, cache_dir
from tools import new_lab

NUMBER, NAME, MODULE = "1.97", "the_query", "lab_1_97"
HEAVY = ("data", ".cache", ".venv", ".git", "results", "build", "__pycache__", ".pytest_cache", ".ruff_cache")
HAND_WRITTEN = [
    f"solutions/1_rag/{NUMBER}_{NAME}.py",
    f"llm_workbook/labs/{MODULE}/__init__.py",
    f"llm_workbook/labs/{MODULE}/exercises.py",
    f"tests/labs/{MODULE}/test_{MODULE}.py",
]


def copied(folder: Path) -> Path:
    """A copy of this project that builds; its data is the project's own."""
    copy = folder / "project"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*HEAVY, "*.egg-info"))
    (copy / "data").symlink_to(ROOT / "data", target_is_directory=True)
    return copy


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python in the copy, on the copy's own modules."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "LLM_WORKBOOK_CACHE": str(cache_dir())}
    return subprocess.run([sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True)


def contents(copy: Path) -> dict[str, bytes]:
    """Every file of the copy that a command may change."""
    found = (path for path in copy.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(copy).as_posix(): path.read_bytes() for path in found if "data" not in path.parts}


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """A copy that is freshly built, for tests that leave it as it was."""
    copy = copied(tmp_path_factory.mktemp("before"))
    done = run(copy, "tools/build_labs.py")
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A copy in which the command has made a lab."""
    copy = copied(tmp_path_factory.mktemp("made"))
    done = run(copy, "tools/new_lab.py", NUMBER, NAME)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("README.md")[0].split() == HAND_WRITTEN
    return copy


CHECKS = {
    "style": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", *HAND_WRITTEN[1:]],
    "built": ["tools/build_labs.py", "--check"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
    "tests that find a lab by themselves": [
        *("-m", "pytest", "-q", "-k", f"{MODULE} or {NUMBER}_{NAME}", "tests", "--ignore", "tests/test_new_lab.py")
    ],
    "tests of every lab": ["-m", "pytest", "-q", "tests/test_lab_figures.py", "-k", "track or typed or every_lab"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_the_skeleton_passes_every_check_unedited(made, name):
    done = run(made, *CHECKS[name])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.slow
def test_the_tests_of_the_skeleton_can_fail(made, tmp_path):
    copy = shutil.copytree(made, tmp_path / "copy", symlinks=True)
    taught = copy / "llm_workbook" / "taught" / f"{MODULE}.py"
    taught.write_text(taught.read_text().replace("sum(found) / len(found)", "sum(found)"))
    tests = ["tests/test_exercises.py", f"tests/labs/{MODULE}"]
    done = run(copy, "-m", "pytest", "-q", "-k", MODULE, *tests)
    assert f"FAILED tests/labs/{MODULE}/test_{MODULE}.py" in done.stdout
    assert "FAILED tests/test_exercises.py::test_the_reference_passes_twice" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("which", "passed"), [("--solutions", "1 of 1 passed"), ("--untouched", "0 of 1 passed")])
def test_the_notebooks_of_the_skeleton_run(made, which, passed):
    done = run(made, "tools/run_labs.py", "--profile", "smoke", which, "--labs", NUMBER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{passed}, {int(which == '--untouched')} not attempted, 0 errors" in done.stdout


@pytest.mark.slow
def test_the_types_of_the_skeleton_hold(made):
    if importlib.util.find_spec("basedpyright") is None:
        pytest.skip("basedpyright is not installed: pip install -r requirements-dev.txt -c constraints.txt")
    done = run(made, "-m", "basedpyright", *HAND_WRITTEN[1:3])
    assert done.returncode == 0, done.stdout


def test_the_readme_has_its_row(made):
    text = (made / "README.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if f"[{NUMBER} " in line)
    assert row.startswith(f"| [{NUMBER} The query](labs/1_rag/{NUMBER}_{NAME}.ipynb) | ")
    assert row.endswith("| not measured yet | not measured yet |")


# ------------------------------------------------------------------ refused, and taken back


@pytest.mark.parametrize(
    ("number", "name", "sentence"),
    [
        ("1.1", "again", "lab 1.1 exists: solutions/1_rag/1.1_baseline_and_ruler.py"),
        ("1", NAME, "'1' is no number of a lab"),
        ("0", NAME, "'0' is no number of a lab"),
        ("1.3.4", NAME, "'1.3.4' is no number of a lab"),
        ("01.3", NAME, "'01.3' is no number of a lab"),
        ("1.0", NAME, "'1.0' is no number of a lab"),
        ("1.٣", NAME, "is no number of a lab"),
        ("1.3\n", NAME, "is no number of a lab"),
        ("../1.3", NAME, "'../1.3' is no number of a lab"),
        ("", NAME, "'' is no number of a lab"),
        ("9.1", NAME, "there is no series 9: solutions/ has 1_rag, 2_finetuning, 3_benchmarking"),
        (NUMBER, "", "'' is no name of a lab"),
        (NUMBER, "The_Query", "'The_Query' is no name of a lab"),
        (NUMBER, "the query", "'the query' is no name of a lab"),
        (NUMBER, "../the_query", "'../the_query' is no name of a lab"),
        (NUMBER, "the/query", "'the/query' is no name of a lab"),
        (NUMBER, "the_query.py", "'the_query.py' is no name of a lab"),
        (NUMBER, "x" * 200, "bytes long"),
    ],
)
def test_a_bad_lab_is_a_sentence_and_writes_nothing(before, capsys, number, name, sentence):
    kept = contents(before)
    assert new_lab.main([number, name], before) == 1
    said = capsys.readouterr().err
    assert sentence in said and "Traceback" not in said
    assert contents(before) == kept


@pytest.mark.parametrize("left", [f"llm_workbook/labs/{MODULE}", f"tests/labs/{MODULE}"])
def test_a_lab_of_which_something_is_there_is_left_alone(before, capsys, left):
    (before / left).mkdir()
    try:
        assert new_lab.main([NUMBER, NAME], before) == 1
        assert f"lab {NUMBER} exists: {left}" in capsys.readouterr().err
        assert list((before / left).iterdir()) == []
    finally:
        (before / left).rmdir()


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), new_lab.BuildError("a bad source")])
@pytest.mark.parametrize("after", [0, 2, 99])
def test_what_fails_on_the_way_leaves_nothing_half(before, monkeypatch, capsys, error, after):
    kept, calls, build = contents(before), [], new_lab.build

    def write(path, text):
        if len(calls) == after:
            calls.append(path)
            raise error
        calls.append(path)
        return path.parent.mkdir(parents=True, exist_ok=True), path.write_text(text)

    def fail_once(root):
        build(root)
        monkeypatch.setattr(new_lab, "build", build)
        raise error

    monkeypatch.setattr(
        new_lab, "write_whole", lambda path, text: path.write_bytes(text) if path.suffix == ".md" else write(path, text)
    )
    monkeypatch.setattr(new_lab, "build", fail_once if after == 99 else build)
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            new_lab.main([NUMBER, NAME], before)
    else:
        assert new_lab.main([NUMBER, NAME], before) == 1
        assert str(error) in capsys.readouterr().err
    assert contents(before) == kept
    assert not (before / f"llm_workbook/labs/{MODULE}").exists() and not (before / f"tests/labs/{MODULE}").exists()


def test_undo_removes_an_unedited_skeleton_whole_and_an_edited_one_not_at_all(before, capsys):
    kept = contents(before)
    assert new_lab.main([NUMBER, NAME, "--undo"], before) == 1
    assert "is not there, so nothing was removed" in capsys.readouterr().err
    assert new_lab.main([NUMBER, NAME], before) == 0
    source = before / HAND_WRITTEN[0]
    text = source.read_text()
    source.write_text(text + "# mine\n")
    made = contents(before)
    assert new_lab.main([NUMBER, NAME, "--undo"], before) == 1
    assert "was edited, so nothing was removed" in capsys.readouterr().err
    assert contents(before) == made
    source.write_text(text)
    assert new_lab.main([NUMBER, NAME, "--undo"], before) == 0
    assert contents(before) == kept
