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
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "workbook.py"
FAKE_PIP = """
import json, os, pathlib, re, sys, time
if sys.argv[1] == "config":  # a stand-in for the files that the real pip would read
    print("" if os.environ.get("PIP_CONFIG_FILE") == os.devnull else os.environ.get("FAKE_CONFIG", ""))
    sys.exit()
settings = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "PYTHON"))}
with open("calls.jsonl", "a") as log:
    log.write(json.dumps([sys.argv[1:], settings]) + "\\n")
time.sleep(float(os.environ.get("FAKE_SECONDS", 0)))
print(os.environ.get("FAKE_WORDS", "fine"))
code = int(os.environ.get("FAKE_CODE", 0))
if not code and not os.environ.get("FAKE_NOTHING") and not {"PIP_TARGET", "PIP_PREFIX", "PIP_DRY_RUN"} & {*os.environ}:
    packages = pathlib.Path(__file__).parents[1]
    for name, version in re.findall(r"(?m)^([a-z-]+)==([0-9.]+)", pathlib.Path("constraints.txt").read_text()):
        for old in packages.glob(f"{name}-*.dist-info"):
            old.joinpath("METADATA").unlink(), old.joinpath("RECORD").unlink(), old.rmdir()
        made = packages / f"{name}-{version}.dist-info"
        made.mkdir()
        made.joinpath("RECORD").touch()
        made.joinpath("METADATA").write_text(f"Name: {name}\\nVersion: {version}\\n")
sys.exit(code)
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
def project(tmp_path, monkeypatch):
    """A copy of workbook.py with a .venv whose pip only notes how it was called, and models that are ready."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    shutil.copy(SOURCE, tmp_path)
    models = tmp_path / "llm_workbook" / "models"
    models.mkdir(parents=True)
    for package in (models.parent, models):  # without __init__.py, a whole llm_workbook further down sys.path would win
        (package / "__init__.py").touch()
    (models / "offline.py").write_text("print('models fine')")
    for name in ("requirements.txt", "requirements-lab.txt", "requirements-dev.txt"):
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


def imported(node: ast.AST) -> set[str]:
    """Top names of what a node imports."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()


def test_parses_on_python_3_7_with_the_standard_library_alone():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 7))
    late = {name for node in ast.walk(tree) for name in imported(node)} - {*sys.stdlib_module_names}
    assert {name for node in tree.body for name in imported(node)} <= sys.stdlib_module_names
    assert late <= {"packaging", "pip"}, "of a present environment that has pip; .venv is set up without them"
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


def test_torch_can_come_from_elsewhere(project):
    assert workbook_in(project, "fetch").returncode == 0
    (plain, _), = pip_calls(project)  # fmt: skip
    assert not any("index" in word for word in plain)
    files = [f"{project / name}" for name in ("requirements.txt", "requirements-lab.txt", "constraints.txt")]
    assert plain[-6:] == ["-r", files[0], "-r", files[1], "-c", files[2]]
    (project / "calls.jsonl").unlink()
    (project / ".venv" / "workbook.stamp").unlink()
    workbook_in(project, "fetch", "--torch-index", "https://cpu.example/whl")
    (torch, _), (rest, _) = pip_calls(project)
    assert torch[-4:] == ["--no-deps", "--index-url", "https://cpu.example/whl", "torch==2.13.0"] and rest == plain


ASTRAY = {  # settings that send packages elsewhere, stop the work half-way, or change what is asked for
    "PIP_TARGET": "elsewhere", "PIP_PREFIX": "elsewhere", "PIP_USER": "1", "PIP_ROOT": "elsewhere", "PIP_DRY_RUN": "1",
    "PIP_REQUIRE_VIRTUALENV": "1", "PIP_NO_DEPS": "1", "PIP_PYTHON": "/usr/bin/false", "PIP_PLATFORM": "win32",
    "PIP_REQUIRE_HASHES": "1", "PIP_NO_BINARY": ":all:", "PIP_ONLY_BINARY": ":none:", "PIP_IGNORE_INSTALLED": "1",
    "PIP_PYTHON_VERSION": "3.6", "PIP_QUIET": "3", "PIP_EDITABLE": ".", "PIP_REQUIREMENT": "none.txt", "PIP_SRC": "x",
    "PYTHONPATH": "elsewhere", "PYTHONNOUSERSITE": "", "PYTHONWARNINGS": "error",
}  # fmt: skip
KEPT = {
    "PIP_INDEX_URL": "https://mirror.example/simple", "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
    "PIP_CERT": "/etc/cert.pem", "PIP_PROXY": "http://proxy.example:3128", "PIP_TRUSTED_HOST": "mirror.example",
    "PIP_FIND_LINKS": "wheels", "PIP_CLIENT_CERT": "/etc/me.pem", "PIP_TIMEOUT": "90", "PIP_CACHE_DIR": "cache",
}  # fmt: skip


def test_only_the_users_way_to_reach_packages_comes_to_pip(project):
    assert workbook_in(project, "fetch", **ASTRAY, **KEPT).returncode == 0
    (_, seen), = pip_calls(project)  # fmt: skip
    assert {name: seen.get(name) for name in KEPT} == KEPT
    assert seen.keys() - KEPT.keys() == {"PIP_CONFIG_FILE", "PYTHONNOUSERSITE"}


def test_settings_in_a_file_of_pip_are_sorted_in_the_same_way(project):
    lines = [
        "global.target='elsewhere'", "install.user='true'", "install.prefix='elsewhere'", "install.dry-run='yes'",
        "global.index-url='https://global.example/simple'", "install.index-url='https://install.example/simple'",
        "global.cert='/etc/cert.pem'", "global.proxy='http://file.example'", "download.cert='/wrong'",
        "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'", ":env:.target='elsewhere'", "nonsense",
    ]  # fmt: skip
    result = workbook_in(project, "fetch", FAKE_CONFIG="\n".join(lines), PIP_PROXY="http://variable.example")
    assert result.returncode == 0, result.stderr
    (_, seen), = pip_calls(project)  # fmt: skip
    seen = {name: value for name, value in seen.items() if name.startswith("PIP_")}
    assert seen == {
        "PIP_INDEX_URL": "https://install.example/simple", "PIP_CERT": "/etc/cert.pem", "PIP_CONFIG_FILE": os.devnull,
        "PIP_PROXY": "http://variable.example", "PIP_EXTRA_INDEX_URL": "\nhttps://a.example\nhttps://b.example",
    }  # fmt: skip


def test_no_stamp_before_the_packages_are_seen_in_the_environment(project):
    result = workbook_in(project, "fetch", FAKE_NOTHING="1")
    assert result.returncode == 1 and "3/3" not in result.stdout
    assert "pip reported success, but" in result.stderr and "does not contain torch" in result.stderr
    result = workbook_in(project, "fetch")
    assert result.returncode == 0 and len(pip_calls(project)) == 2  # not "already there"


def test_another_version_than_the_tested_one_is_not_stamped(project):
    packages = load(project / "workbook.py").PACKAGES
    (packages / "torch-2.9.dist-info").mkdir()
    (packages / "torch-2.9.dist-info" / "METADATA").write_text("Name: torch\nVersion: 2.9\n")
    (packages / "torch-2.9.dist-info" / "RECORD").touch()
    assert "does not contain torch" in workbook_in(project, "fetch", FAKE_NOTHING="1").stderr


@pytest.fixture(scope="module")
def real_python(tmp_path_factory) -> str:
    """The Python of a new environment with the real pip."""
    folder = tmp_path_factory.mktemp("real") / "venv"
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["variables", "file"])
@pytest.mark.parametrize(
    "setting", ["target", "prefix", "user", "root", "dry-run", "require-virtualenv", "no-deps", "platform"]
)
def test_a_real_pip_installs_into_the_environment_whatever_is_set(
    tmp_path, monkeypatch, workbook, real_python, setting, how
):
    """pip itself, with two wheels made here and no network."""
    name = f"tiny_{setting}_{how}".replace("-", "_")
    write_wheel(tmp_path / f"{name}-1.0-py3-none-any.whl", name, "1.0", f"Requires-Dist: {name}_too\n")
    write_wheel(tmp_path / f"{name}_too-1.0-py3-none-any.whl", f"{name}_too", "1.0")
    for variable in [variable for variable in os.environ if variable.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    value = "1" if setting in ("user", "dry-run", "require-virtualenv", "no-deps") else str(tmp_path / "elsewhere")
    if how == "file":
        (tmp_path / "pip.conf").write_text(f"[install]\n{setting} = {value}\n[global]\nno-index = 1\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    else:
        monkeypatch.setenv(f"PIP_{setting.upper().replace('-', '_')}", value)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setattr(workbook, "LOG", tmp_path / "log")
    workbook.pip_install(real_python, [name], None, workbook.only_network_settings(real_python))
    packages = next(Path(real_python).parents[1].rglob("site-packages"))
    assert workbook.versions(packages).keys() >= {workbook.plain(name), workbook.plain(f"{name}_too")}
    assert not (tmp_path / "elsewhere").exists()


def write_wheel(path: Path, name: str, version: str, more: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{inside},,\n" for inside in files))


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


@pytest.fixture
def present(workbook, project, monkeypatch):
    """A present environment: what it has, and a pip that answers with `said` in turn; and the calls."""
    there, said, asked = {"torch": "2.12+cu", "numpy": "2.0", "datasets": "4.0", "psutil": "5.9"}, [], []

    def pip_install(python, what, index, environment=None):
        asked.append((project / "cache" / "constraints.txt").read_text().split())
        if said:
            problem = workbook.Problem("no")
            problem.log = said.pop(0)
            raise problem
        there.update({"trl": "1.16", "torch": there.get("torch", "2.13.0")})

    (project / "cache").mkdir()
    (project / "requirements.txt").write_text("torch>=2.9  # all\nnumpy>=1.26\npsutil>=5.9\ntrl>=1.16\n")
    (project / "constraints.txt").write_text("torch==2.13.0\nnumpy==2.4\ntrl==1.16.0\npsutil==7.2\nxxhash==4.1\n")
    for name, value in {"ROOT": project, "CACHE": project / "cache", "pip_install": pip_install}.items():
        monkeypatch.setattr(workbook, name, value)
    monkeypatch.setattr(workbook, "versions", lambda folder=None: dict(there))
    return there, said, asked


def test_a_present_environment_keeps_every_version_that_it_has(workbook, present):
    workbook.install_missing(["requirements.txt"], None)
    pins = ["datasets==4.0", "numpy==2.0", "psutil==5.9", "torch==2.12+cu"]
    assert present[2] == [[*pins, "trl==1.16.0", "xxhash==4.1"]]
    workbook.install_missing(["requirements.txt"], None)
    assert len(present[2]) == 1  # already there


def test_only_what_pip_names_as_in_the_way_may_move(workbook, present):
    present[1][:] = [
        "trl 1.16.0 depends on torch>=2.13\n    The user requested (constraint) torch==2.12+cu\nResolutionImpossible",
        "trl 1.16 depends on datasets>=4.7\n    The user requested (constraint) datasets==4.0\nResolutionImpossible",
    ]
    workbook.install_missing(["requirements.txt"], None)
    kept = ["datasets==4.0", "numpy==2.0", "psutil==5.9", "torch==2.12+cu"]
    assert present[2][1:] == [kept, kept[1:]]


@pytest.mark.parametrize("name", ["torch", "numpy", "psutil"])
def test_what_the_labs_rely_on_never_moves_although_pip_asks_for_it(workbook, present, name):
    present[1][:] = [f"The user requested (constraint) {name}=={present[0][name]}\nResolutionImpossible"] * 5
    with pytest.raises(workbook.Problem):
        workbook.install_missing(["requirements.txt"], None)
    assert len(present[2]) == 2


def test_other_trouble_of_pip_is_not_tried_again_and_again(workbook, present):
    present[1][:] = ["No space left on device"] * 9
    with pytest.raises(workbook.Problem):
        workbook.install_missing(["requirements.txt"], None)
    assert len(present[2]) <= 2


def test_a_package_that_must_not_move_and_is_too_old_is_a_sentence(workbook, present):
    present[0]["numpy"] = "1.20"
    with pytest.raises(workbook.Problem, match=r"the labs need numpy>=1\.26, this environment has 1\.20"):
        workbook.install_missing(["requirements.txt"], None)
    assert not present[2]


def test_a_wheel_that_lies_about_is_not_taken_for_installed(workbook, present, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "wheels")
    workbook.install_missing(["requirements.txt"], None)
    assert len(present[2]) == 1


@pytest.mark.parametrize(("tag", "lab"), [("release-1", False), ("", True)])
def test_colab_never_gets_jupyterlab(workbook, monkeypatch, tmp_path, tag, lab):
    asked = []
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    if tag:
        monkeypatch.setenv("COLAB_RELEASE_TAG", tag)
    monkeypatch.setattr(workbook, "CACHE", tmp_path)
    monkeypatch.setattr(workbook, "install_missing", lambda files, index: asked.extend(files))
    monkeypatch.setattr(workbook, "fetch_models", lambda *_: None)
    workbook.set_up(workbook.parse(["fetch", "--no-venv"])[0])
    assert asked == ["requirements.txt", *(["requirements-lab.txt"] if lab else [])]
    text = (ROOT / "requirements.txt").read_text()
    assert not re.search("(?m)^(jupyter|notebook|papermill|ipykernel)", text)


@pytest.mark.parametrize(
    "words",
    [["nonsense"], [], ["fetch", "--cud"], ["test", "-k", "x"], ["run", "--torch-index"], ["test", "--all", "--fast"]],
)
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


RUN_LABS = str(ROOT / "tools" / "run_labs.py")


def test_run_is_live_unless_a_profile_is_named(workbook):
    for words in (["--profile", "smoke"], ["--profile=smoke"]):
        assert workbook.command_line("run", "python", words) == ["python", RUN_LABS, *words]
    _, more = workbook.parse(["run", "--labs", "0", "1.1"])
    assert workbook.command_line("run", "python", more)[1:] == [
        RUN_LABS,
        "--profile",
        "live",
        "--labs",
        "0",
        "1.1",
    ]


@pytest.fixture
def steps(workbook, monkeypatch):
    """The commands that `test` runs; those in `fails` fail."""
    ran, fails = [], set()

    def execute(command, logged=False, environment=None):
        ran.append(" ".join(command))
        print("what", command[-1], "said")
        return int(any(word in ran[-1] for word in fails))

    monkeypatch.setattr(workbook, "execute", execute)
    return ran, fails


@pytest.mark.parametrize("broken, code", [(None, 0), ("ruff", 1), ("--alone", 1), ("pytest", 1)])
def test_test_runs_everything_ends_with_pytest_and_remembers_failures(workbook, steps, capsys, broken, code):
    ran, fails = steps
    fails |= {broken} if broken else set()
    assert workbook.test("python", ["--all"]) == code
    every = f"--profile smoke --labs {' '.join(workbook.known_labs())}"
    labs = [f"--solutions {every}", f"--untouched {every}", f"--solutions --alone {every}"]
    ends = ["ruff check .", "build_labs.py --check", "lint()", *labs, "-m pytest"]
    missing = [end for end in ends if not any(command.endswith(end) for command in ran)]
    assert not missing and [command for command in ran if "run_labs" in command] == ran[-4:-1]
    said = capsys.readouterr().out
    assert said.endswith("what pytest said\n") and said.count("FAILED") == (broken not in (None, "pytest"))


def test_fast_runs_no_lab_and_no_slow_test_and_says_so(workbook, steps, capsys):
    assert workbook.test("python", ["--fast"]) == 0
    assert not [command for command in steps[0] if "run_labs" in command]
    assert steps[0][-1] == "python -m pytest -m not slow"
    assert "not run: the labs, and the tests marked slow" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "three_ways"),
    [
        (({"1.2", "3.4"}, "changed since abc"), "1.2 3.4"),
        ((set(), "changed since abc"), ""),
        ((None, "unknown"), "all"),
    ],
)
def test_changed_labs_run_three_ways_every_lab_one_way_and_it_is_said(
    workbook, steps, monkeypatch, capsys, changed, three_ways
):
    monkeypatch.setattr(workbook, "changed_labs", lambda: changed)
    assert workbook.test("python") == 0
    every = " ".join(workbook.known_labs())
    labs = [command.split("run_labs.py ")[1] for command in steps[0] if "run_labs" in command]
    more = every if three_ways == "all" else three_ways
    ways = [f"--solutions --profile smoke --labs {every}"]
    ways += [f"{way} --profile smoke --labs {more}" for way in ("--untouched", "--solutions --alone") if more]
    assert labs == ways
    said = capsys.readouterr().out
    assert changed[1] in said
    if three_ways != "all":
        rest = " ".join(lab for lab in workbook.known_labs() if lab not in three_ways.split())
        assert f"one way only ({changed[1]}; --all runs them three ways): labs {rest}" in said


LABS = {
    "solutions/0_start.py": "0", "solutions/1_rag/1.2_the_index.ipynb": "1.2", "labs/3_b/3.10_x.ipynb": "3.10",
    "llm_workbook/labs/lab_2_2/figures.py": "2.2", "llm_workbook/labs/lab_0/exercises.py": "0",
}  # fmt: skip
NONE = [
    "README.md", "tests/test_x.py", "tests/labs/lab_1_2/test_a.py", "docs/a.png", ".github/workflows/test.yml",
    "data/README.md", "binder/start", ".ci/run", "tools/bench.py", "workbook.py", "pyproject.toml", ".gitignore",
]  # fmt: skip
ALL = [
    "llm_workbook/run.py", "llm_workbook/taught/lab_1_1.py", "data/corpus/facts.jsonl", "requirements.txt",
    "constraints.txt", "data/recorded/1.1.jsonl", "tools/run_labs.py", "llm_workbook/labs/__init__.py", "new.py",
]  # fmt: skip
CHANGES = [
    *(((path,), {lab}) for path, lab in LABS.items()),
    *(((path,), set()) for path in NONE),
    *(((path,), {"0", "1.1"}) for path in ALL),
    (tuple(LABS), {*LABS.values()}),
    (("labs/1_rag/1.1_a.ipynb", "tests/x.py"), {"1.1"}),
    (("labs/1_rag/1.2_a.ipynb", ALL[0]), {"0", "1.1", "1.2"}),
]


@pytest.fixture
def repository(workbook, tmp_path, monkeypatch):
    """A repository of two commits, and a function that commits a file."""
    monkeypatch.setattr(workbook, "ROOT", tmp_path)

    def git(*words):
        names = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *words], cwd=tmp_path, check=True, capture_output=True)

    def write(*paths):
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(f"{os.urandom(8)}")

    git("init", "-q", "-b", "main")
    for path in ("old.py", "README.md"):
        write(path)
        git("add", "-A")
        git("commit", "-q", "-m", path)
    return git, write


@pytest.mark.parametrize("how", ["committed", "staged", "not yet added"])
@pytest.mark.parametrize(("paths", "expected"), CHANGES)
def test_what_changed_is_found_since_the_parent_of_the_last_commit(
    workbook, repository, monkeypatch, how, paths, expected
):
    git, write = repository
    monkeypatch.setattr(workbook, "known_labs", lambda: ["0", "1.1", "3.4"])
    write(*paths)
    if how != "not yet added":
        git("add", "-A")
    if how == "committed":
        git("commit", "-q", "-m", "change")
    changed, why = workbook.changed_labs()
    assert changed == expected
    assert ("share" in why) == any(path in ALL for path in paths)


def test_a_branch_is_compared_with_where_it_left_main(workbook, repository):
    git, write = repository
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    for path in ("labs/1_rag/1.1_a.ipynb", "labs/1_rag/1.2_b.ipynb", "README.md"):
        write(path)
        git("add", "-A")
        git("commit", "-q", "-m", path)
    assert workbook.changed_labs()[0] == {"1.1", "1.2"}
    git("update-ref", "refs/remotes/origin/main", "HEAD")  # pushed: now the parent counts
    assert workbook.changed_labs()[0] == set()


@pytest.mark.parametrize("history", ["none", "one commit", "no git"])
def test_without_history_every_lab_counts_as_changed(workbook, tmp_path, monkeypatch, history):
    monkeypatch.setattr(workbook, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    if history == "one commit":
        (tmp_path / "a").touch()
        for words in (
            ["init", "-q"],
            ["add", "-A"],
            ["-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "-m", "a"],
        ):
            subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    if history == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
    assert workbook.changed_labs() == (None, "what changed is not known here")


def test_ci_runs_the_readmes_own_test_command():
    assert "workbook.py test" in (ROOT / ".ci" / "run").read_text()


def test_constraints_pin_every_requirement_within_its_limits():
    pins = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"
    )
    assert not [name for name in pins if name.startswith(("nvidia", "triton"))] and not [
        v for v in pins.values() if "+" in v
    ]
    for name in ("requirements.txt", "requirements-lab.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if text := line.split("#")[0].strip():
                wanted = Requirement(text)
                assert wanted.specifier.contains(pins[wanted.name.lower()]), (
                    f"{text}: constraints.txt has {pins[wanted.name.lower()]}"
                )
