"""workbook.py: what it says on a machine that is not ready, that it goes on after an interruption, and what it
starts."""

import ast
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "workbook.py"
FAKE_PIP = """
import json, os, pathlib, sys, time
with open("calls.jsonl", "a") as log:
    log.write(json.dumps([sys.argv[1:], os.environ.get("PIP_INDEX_URL")]) + "\\n")
time.sleep(float(os.environ.get("FAKE_SECONDS", 0)))
print(os.environ.get("FAKE_WORDS", "fine"))
sys.exit(int(os.environ.get("FAKE_CODE", 0)))
"""
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX locks and signals")


def load(path: Path):
    spec = importlib.util.spec_from_file_location("workbook_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def workbook():
    return load(SOURCE)


@pytest.fixture
def project(tmp_path):
    """A copy of workbook.py with a .venv whose pip only notes how it was called, and models that are ready."""
    shutil.copy(SOURCE, tmp_path)
    models = tmp_path / "llm_workbook" / "models"
    models.mkdir(parents=True)
    for package in (models.parent, models):  # without __init__.py, a whole llm_workbook further down sys.path would win
        (package / "__init__.py").touch()
    (models / "offline.py").write_text("print('models fine')")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("torch>=2\n")
    (tmp_path / "constraints.txt").write_text("# tested\ntorch==2.13.0\nnumpy==1.0\nno-such-package==4.0\n")
    venv.create(tmp_path / ".venv", with_pip=False, symlinks=os.name != "nt")
    packages = load(tmp_path / "workbook.py").PACKAGES
    (packages / "pip-1.dist-info").mkdir()
    (packages / "pip-1.dist-info" / "RECORD").touch()
    (packages / "pip").mkdir()
    (packages / "pip" / "__main__.py").write_text(FAKE_PIP)
    return tmp_path


def workbook_in(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(folder / "workbook.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)


def pip_calls(folder: Path) -> list:
    log = folder / "calls.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_old_python_gets_a_sentence(workbook):
    with pytest.raises(workbook.Problem, match=r"^needs Python 3\.11 or newer, this is 3\.9\.18; (run|get) \S+"):
        workbook.require_python((3, 9, 18))
    workbook.require_python((3, 11, 0))


def test_parses_on_python_3_7_with_the_standard_library_alone():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 7))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name if isinstance(node, ast.Import) else node.module for node in imports for alias in node.names}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    annotations = [a for f in functions for a in [f.returns, *(arg.annotation for arg in f.args.args)] if a]
    assert all(isinstance(a, ast.Name | ast.Constant) for a in annotations), "an old Python evaluates annotations"


def test_too_little_disk_is_said_before_anything_is_made(workbook, monkeypatch, tmp_path):
    monkeypatch.setattr(workbook, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(workbook.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9e9, 8e9, 1.5e9))
    with pytest.raises(workbook.Problem, match=r"needs 4\.0 GB of free disk.* has 1\.5 GB; free some space"):
        workbook.make_venv()
    assert not (tmp_path / ".venv").exists()


def real_pip(*arguments: str) -> str:
    """What the real pip says; nothing is installed."""
    pip = [sys.executable, "-m", "pip", "--isolated", "install", "--dry-run", "--no-deps", *arguments]
    result = subprocess.run(pip, capture_output=True, text=True, cwd="/")
    assert result.returncode
    return result.stdout + result.stderr


def test_no_network_is_named(workbook):
    words = real_pip("--retries", "1", "--index-url", "http://127.0.0.1:9/simple", "no-such-package-here")
    assert workbook.explain(words).startswith("no network")
    dns = "<urllib3.HTTPSConnection>: Failed to resolve 'pypi.org' ([Errno -3] Temporary failure in name resolution)"
    assert workbook.explain(f"{dns}\nERROR: No matching distribution found for torch").startswith("no network")


def test_package_missing_from_a_working_index_is_not_called_a_network_problem(workbook, tmp_path):
    words = real_pip("--no-index", "--find-links", str(tmp_path), "no-such-package-here")
    assert workbook.explain(words).startswith("a package is not there")


def test_damaged_download_is_named(workbook, tmp_path):
    wheel = tmp_path / "broken-1.0-py3-none-any.whl"
    wheel.write_bytes(b"half a wheel")
    assert workbook.explain(real_pip("--no-index", str(wheel))).startswith("a download arrived damaged")
    words = real_pip("--no-index", f"{wheel.as_uri()}#sha256={'0' * 64}")
    assert "HASHES" in words and workbook.explain(words).startswith("a download arrived damaged")


def test_full_disk_is_named_and_other_trouble_is_quoted(workbook):
    for words in ("ERROR: No space left on device", "ERROR: Could not install packages due to an OSError: [Errno 28]"):
        assert workbook.explain(words).startswith("the disk is full; free 4 GB")
    assert "gcc went missing" in workbook.explain("Building wheel\nerror: gcc went missing\n\n")


def test_venv_of_another_python_is_refused(project):
    (project / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    result = workbook_in(project, "fetch")
    assert result.returncode == 1 and ".venv was made by Python 3.9" in result.stderr and "--rebuild" in result.stderr
    assert not pip_calls(project)


def test_failed_install_is_repeated_and_a_finished_one_skipped(project):
    failed = workbook_in(project, "fetch", FAKE_CODE="1", FAKE_WORDS="No space left on device")
    assert failed.returncode == 1 and "the disk is full" in failed.stderr and "setup.log" in failed.stderr
    assert "No space left" in (project / ".cache" / "setup.log").read_text()
    assert workbook_in(project, "fetch").returncode == 0
    assert len(pip_calls(project)) == 2
    assert "packages: already there" in workbook_in(project, "fetch").stdout
    assert len(pip_calls(project)) == 2
    (project / "constraints.txt").write_text("torch==2.13.1\n")
    workbook_in(project, "fetch")
    assert len(pip_calls(project)) == 3


def test_package_cut_short_is_installed_anew(project):
    packages = load(project / "workbook.py").PACKAGES
    (packages / "half-1.dist-info").mkdir()
    assert workbook_in(project, "fetch").returncode == 0
    assert not (packages / "half-1.dist-info").exists() and (packages / "pip-1.dist-info").exists()


def test_pip_keeps_the_users_configuration_and_torch_can_come_from_elsewhere(project):
    assert workbook_in(project, "fetch", PIP_INDEX_URL="https://mirror.example/simple").returncode == 0
    (plain, index), = pip_calls(project)  # fmt: skip
    assert index == "https://mirror.example/simple" and not any("index" in word for word in plain)
    assert plain[-4:] == ["-r", "requirements.txt", "-c", "constraints.txt"]
    (project / "calls.jsonl").unlink()
    (project / ".venv" / "workbook.stamp").unlink()
    workbook_in(project, "fetch", "--torch-index", "https://cpu.example/whl")
    (torch, _), (rest, _) = pip_calls(project)
    assert torch[-4:] == ["--no-deps", "--index-url", "https://cpu.example/whl", "torch==2.13.0"] and rest == plain


@posix
def test_ctrl_c_leaves_an_unfinished_set_up_that_is_taken_up_again(project):
    environment = {**os.environ, "FAKE_SECONDS": "30"}
    command = [sys.executable, str(project / "workbook.py"), "fetch"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True)
    while not pip_calls(project):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    assert "interrupted; run the same command again to go on" in process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert workbook_in(project, "fetch").returncode == 0 and len(pip_calls(project)) == 2


@posix
@pytest.mark.parametrize(
    ("given", "seen"), [({}, ["PASSIVE", "32"]), ({"OMP_WAIT_POLICY": "ACTIVE"}, ["ACTIVE", "32"])]
)
def test_labs_get_what_suits_two_cores_unless_the_user_says_otherwise(project, monkeypatch, given, seen):
    names = [*load(project / "workbook.py").FOR_LABS]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    (project / "llm_workbook" / "models" / "offline.py").write_text(
        f"import os; print([os.environ[name] for name in {names}])"
    )
    assert str(seen) in workbook_in(project, "fetch", **given).stdout


def test_second_set_up_waits_for_a_living_one(project):
    copy = load(project / "workbook.py")
    copy.CACHE.mkdir()
    with copy.only_one_set_up():
        process = subprocess.Popen(
            [sys.executable, str(copy.ROOT / "workbook.py"), "fetch"], stdout=subprocess.PIPE, text=True
        )
        assert "another workbook.py is setting up" in process.stdout.readline()
        assert not pip_calls(project)
    assert process.wait(timeout=20) == 0 and len(pip_calls(project)) == 1
    process.stdout.close()


@posix
def test_lock_of_a_killed_set_up_is_taken_over(project):
    hold = (
        "import workbook, time; workbook.CACHE.mkdir()\nwith workbook.only_one_set_up(): print('held', flush=True);"
        " time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold], cwd=project, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        process.kill()
    result = workbook_in(project, "fetch")
    assert result.returncode == 0 and "another workbook.py" not in result.stdout


def test_present_environment_keeps_its_versions(workbook, project, monkeypatch):
    asked = []
    monkeypatch.setattr(workbook, "ROOT", project)
    monkeypatch.setattr(workbook, "CACHE", project)
    monkeypatch.setattr(workbook.subprocess, "call", lambda *_, **__: 1)  # pip: something is missing
    monkeypatch.setattr(workbook, "pip_install", lambda python, what, index: asked.append(what))
    (project / "constraints.txt").rename(project / "tested.txt")
    monkeypatch.setattr(workbook, "pins", lambda: ["torch==2.13.0", "numpy==1.0", "no-such-package==4.0"])
    workbook.install_missing(["-r", "requirements.txt"], None)
    assert (project / "constraints.txt").read_text() == "no-such-package==4.0"  # numpy and torch are here: not pinned
    assert asked == [["-r", "requirements.txt", "-c", str(project / "constraints.txt")]]


@pytest.mark.parametrize("words", [["nonsense"], [], ["fetch", "--cud"], ["test", "-k", "x"], ["run", "--torch-index"]])
def test_unknown_words_are_refused(workbook, words, capsys):
    with pytest.raises(SystemExit, match="2"):
        workbook.parse(words)
    assert "workbook.py: error:" in capsys.readouterr().err


def test_lab_listens_on_this_machine_only_and_keeps_its_token(workbook):
    command = workbook.command_line("lab", "python", ["--no-browser"])
    assert "--ServerApp.ip=127.0.0.1" in command and command[-1] == "--no-browser"
    assert not re.search("token|password|allow|disable_check_xsrf", " ".join(command).replace(str(ROOT), ""))
    opened = next(word.split("/lab/tree/")[1] for word in command if "/lab/tree/" in word)
    assert (ROOT / opened).is_file()


def test_run_is_live_unless_a_profile_is_named(workbook):
    for words in (["--profile", "smoke"], ["--profile=smoke"]):
        assert workbook.command_line("run", "python", words) == ["python", "tools/run_labs.py", *words]
    _, more = workbook.parse(["run", "--labs", "0", "1.1"])
    assert workbook.command_line("run", "python", more)[1:] == [
        "tools/run_labs.py",
        "--profile",
        "live",
        "--labs",
        "0",
        "1.1",
    ]


@pytest.mark.parametrize("broken, code", [(None, 0), ("ruff", 1), ("--alone", 1), ("pytest", 1)])
def test_test_runs_everything_ends_with_pytest_and_remembers_failures(workbook, monkeypatch, capsys, broken, code):
    ran = []

    def execute(command, logged=False):
        ran.append(" ".join(command))
        print("what", command[-1], "said")
        return int(broken in command)

    monkeypatch.setattr(workbook, "execute", execute)
    assert workbook.test("python") == code
    labs = ["--solutions --profile smoke", "--untouched --profile smoke", "--solutions --alone --profile smoke"]
    ends = ["ruff check .", "build_labs.py --check", "lint()", *labs, "-m pytest"]
    assert len(ran) == len(ends) and all(command.endswith(end) for end, command in zip(ends, ran, strict=True))
    said = capsys.readouterr().out
    assert said.endswith("what pytest said\n") and said.count("FAILED") == (broken not in (None, "pytest"))


def test_constraints_pin_every_requirement_within_its_limits():
    pins = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"
    )
    assert not [name for name in pins if name.startswith(("nvidia", "triton"))] and not [
        v for v in pins.values() if "+" in v
    ]
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if text := line.split("#")[0].strip():
                wanted = Requirement(text)
                assert wanted.specifier.contains(pins[wanted.name.lower()]), (
                    f"{text}: constraints.txt has {pins[wanted.name.lower()]}"
                )
