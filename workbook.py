#!/usr/bin/env python3
"""Start here: sets up what is missing, then opens, runs or tests the labs.

  python3 workbook.py lab      open the labs in JupyterLab; more arguments go to JupyterLab (--no-browser, --port 8899)
  python3 workbook.py run      run labs and print one table; more arguments: --labs 0 1.1, --profile smoke | live | full
  python3 workbook.py test     everything that has to hold: style, built notebooks, imports, labs, tests. Every lab runs
                               one way, those that changed three ways; --all: every lab three ways; --fast: no lab,
                               and no test marked slow
  python3 workbook.py doctor   look at this machine; each problem with its mend
  python3 workbook.py fetch    set up only, for a later hour without network; --cuad also fetches the real contracts

Set-up makes .venv, installs the tested packages and fetches two small models. What is there already is skipped,
and after an interruption the same command goes on where it stopped.
"""

# This file must parse on Python 3.7, so that an old Python gets a sentence instead of a SyntaxError.

import argparse
import ast
import contextlib
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV, CACHE = ROOT / ".venv", ROOT / ".cache"
LOG, STAMP = CACHE / "setup.log", VENV / "workbook.stamp"
OLDEST, RUNNING = (3, 11), f"{sys.version_info[0]}.{sys.version_info[1]}"
PACKAGES = VENV / ("Lib/site-packages" if os.name == "nt" else f"lib/python{RUNNING}/site-packages")
DISK_GB = 4.0  # a first set-up: .venv, what pip unpacks meanwhile, both models and their conversion
CPU_TORCH = "https://download.pytorch.org/whl/cpu"
FOR_LABS = {  # unless the user has set them; binder/start repeats them
    "OMP_WAIT_POLICY": "PASSIVE",  # a thread that waits sleeps: else two labs at once starve each other
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": (
        "32"
    ),  # compiled kernels that are kept; with 1024, every new length of a prompt stays in memory
}


class Problem(Exception):
    """The command cannot go on. The message says what is wrong and how to mend it. log: what was said, where it was
    another program."""

    log = ""


def main(arguments=None) -> int:
    """Run one command; returns the exit code (130 after Ctrl-C)."""
    here = os.getcwd()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console without a sign shows its number instead
            stream.reconfigure(errors="backslashreplace")
    try:
        require_python(sys.version_info[:3])
        options, more = parse(sys.argv[1:] if arguments is None else arguments)
        os.chdir(str(ROOT))
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        os.environ.update({**FOR_LABS, **os.environ})
        os.environ.pop("PYTHONHOME", None)  # with it, the Python of .venv would be that of another folder
        python = set_up(options)
        if options.command == "test":
            return test(python, more)
        command = command_line(options.command, python, more)
        if options.command == "run":
            os.chdir(here)  # folders in its arguments are those of the place where it was typed
        if options.command == "lab" and os.name != "nt":
            os.execv(command[0], command)  # Ctrl-C and kill then reach JupyterLab itself
        return execute(command) if command else 0
    except Problem as problem:
        print(f"\nworkbook.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; run the same command again to go on", file=sys.stderr)
        return 130


def require_python(version) -> None:
    """Raises: Problem when `version`, e.g. (3, 9, 18), is too old."""
    if tuple(version[:2]) < OLDEST:
        found = filter(None, map(shutil.which, ("python3.11", "python3.12", "python3.13")))
        newer = next(
            (path for path in found if subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0), None
        )
        mend = (
            f"run {newer} workbook.py"
            if newer
            else "get one from https://www.python.org/downloads/ and run this with it"
        )
        raise Problem(f"needs Python {OLDEST[0]}.{OLDEST[1]} or newer, this is {'.'.join(map(str, version))}; {mend}")


def parse(arguments):
    """(options, what is passed on). Exits with a sentence on an unknown command."""
    parser = argparse.ArgumentParser("workbook.py", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "command", choices=("lab", "run", "test", "doctor", "fetch"), metavar="lab | run | test | doctor | fetch"
    )
    parser.add_argument(
        "--no-venv", action="store_true", help="use the present environment (Colab, Binder, conda); what it has stays"
    )
    parser.add_argument("--rebuild", action="store_true", help="make .venv anew with the running Python")
    parser.add_argument(
        "--torch-index", metavar="URL", help="take torch from this package index; 'cpu' means " + CPU_TORCH
    )
    options, more = parser.parse_known_args(arguments)
    strange = set(more) - {"test": {"--all", "--fast"}, "fetch": {"--cuad"}}.get(options.command, set(more))
    if strange or {"--all", "--fast"} <= set(more):
        wrong = f"does not know {' '.join(sorted(strange))}" if strange else "takes --all or --fast, not both"
        parser.error(f"{options.command} {wrong}; see python3 workbook.py --help")
    return options, more


def command_line(command, python, more):
    """What to start once everything is set up. JupyterLab listens on this machine only and keeps the token it makes."""
    live = [] if any(word.split("=")[0] == "--profile" for word in more) else ["--profile", "live"]
    first = ["--LabApp.default_url=/lab/tree/labs/0_start_here.ipynb", f"--ServerApp.root_dir={ROOT}"]
    cuad = [python, "-c", "from llm_workbook.corpus import cuad; cuad.load_contracts(None)"]
    return {
        "lab": [python, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", *first, *more],
        "run": [python, str(ROOT / "tools" / "run_labs.py"), *live, *more],
        "doctor": [python, "-m", "llm_workbook", "doctor", *more],
        "fetch": cuad if more else [],
    }[command]


TESTS = {  # each a command of the Python that has the packages; pytest comes last
    "style: ruff check .": ["-m", "ruff", "check", "."],
    "notebooks are built from their sources": ["tools/build_labs.py", "--check"],
    "imports go downwards": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
}
WAYS = {  # to run a lab, in this order
    "solutions, in order": ["--solutions"],
    "untouched learner notebooks": ["--untouched"],
    "each solution alone, without results": ["--solutions", "--alone"],
}


def test(python, more=()) -> int:
    """Run every step, print their table, then pytest, whose closing line is the last. Non-zero when anything failed.

    more: --all (every lab three ways) or --fast (no lab, no slow test).
    """
    fast = "--fast" in more
    rows = []
    for name, arguments in {**TESTS, **({} if fast else lab_steps("--all" in more))}.items():
        say(f"\n--- {name}")
        started = time.monotonic()
        rows.append((execute([python, *arguments]), time.monotonic() - started, name))
    say("\n--- steps so far; pytest is next and last")
    for code, seconds, name in rows:
        say(f"{'FAILED' if code else 'ok':6} {seconds:7.1f} s  {name}")
    if fast:
        say("       not run: the labs, and the tests marked slow (--fast)")
    return execute([python, "-m", "pytest", *(["-m", "not slow"] if fast else [])]) or int(any(row[0] for row in rows))


def lab_steps(everything=False):
    """Step -> arguments: every lab in the first of WAYS, those that changed in all. A step's name says what it runs."""
    labs, (changed, why) = known_labs(), (None, "--all") if everything else changed_labs()
    chosen = labs if changed is None else [lab for lab in labs if lab in changed]
    steps = {}
    for number, (way, arguments) in enumerate(WAYS.items()):
        some = labs if number == 0 else chosen
        if some:
            every = "all labs" if some == labs else f"labs {' '.join(some)}"
            name = f"{way}: {every}" + (f" ({why})" if number else "")
            steps[name] = ["tools/run_labs.py", *arguments, "--profile", "smoke", "--labs", *some]
    if labs != chosen:
        one = " ".join(lab for lab in labs if lab not in chosen)
        say(f"one way only ({why}; --all runs them three ways): labs {one}")
    return steps


def known_labs():
    """Short names of the labs, in order: 0, 1.1, ..."""
    names = (re.match(r"(\d+(?:\.\d+)?)_", path.name) for path in (ROOT / "solutions").glob("**/*.py"))
    return sorted((name.group(1) for name in names if name), key=lambda name: [int(part) for part in name.split(".")])


ONE_LAB = re.compile(
    r"(?:solutions|labs)/(?:\w+/)?(\d+(?:\.\d+)?)_\w+\.(?:py|ipynb)$|llm_workbook/labs/lab_(\d+(?:_\d+)?)/"
)
NO_LAB = re.compile(
    r"(?:tests|docs|binder|\.github|\.ci)/|tools/(?!run_labs|no_network)|[^/]+\.(?:md|cff|toml)$|data/README"
    r"|LICENSE|\.git|requirements-dev|workbook\.py$"
)


FIRST = {"0", "1.1"}  # together they use most of what labs share


def changed_labs():
    """(set of labs, or None for every lab; a sentence that says why).

    Compared are the files here with the commit that origin/main and this branch share, or, where that is this very
    commit (a clone of main), with its parent. For a change in what labs share (package, data, requirements, tools) the
    labs of FIRST stand: three ways of twenty labs would take hours at every change. Every lab runs one way in any case,
    and the workflow runs --all each night.
    """
    base = git("merge-base", "HEAD", "origin/main")
    if not base or base == git("rev-parse", "HEAD"):
        base = git("rev-parse", "--verify", "--quiet", "HEAD^")
    names, new = (
        git("diff", "--no-renames", "--name-only", base or "HEAD"),
        git("ls-files", "--others", "--exclude-standard"),
    )
    if not base or names is None or new is None:
        return None, "what changed is not known here"
    changed, shared = set(), ""
    for name in names.splitlines() + new.splitlines():
        found = ONE_LAB.match(name)
        if found:
            changed.add((found.group(1) or found.group(2)).replace("_", "."))
        elif not NO_LAB.match(name):
            shared = name
    if shared:
        changed |= FIRST & set(known_labs())
        return changed, f"changed since {base[:8]}; {' '.join(sorted(FIRST))} for {shared}, which all labs share"
    return changed, f"changed since {base[:8]}"


def git(*words):
    """What git says, or None when it cannot tell."""
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", *words],
            cwd=str(ROOT),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def set_up(options) -> str:
    """Put environment, packages and models in place; returns the Python to use. Raises: Problem."""
    on_colab = options.no_venv and "COLAB_RELEASE_TAG" in os.environ  # JupyterLab would replace Colab's own client
    files = ["requirements.txt", *([] if on_colab else ["requirements-lab.txt"])]
    files += ["requirements-dev.txt"] if options.command == "test" else []
    CACHE.mkdir(exist_ok=True)
    with only_one_set_up():
        if options.no_venv:
            python = sys.executable
            say(f"1/3 environment: the present one, Python {RUNNING}")
            install_missing(files, options.torch_index)
        else:
            python = make_venv(options.rebuild)
            install(python, files, options.torch_index)
    fetch_models(python, None if options.no_venv else only_network_settings(python))
    return python


def fetch_models(python, environment=None) -> None:
    """Raises: Problem when the offline models cannot be made ready."""
    started = time.monotonic()
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**(environment or os.environ), "PYTHONPATH": path}
    if execute([python, "-m", "llm_workbook.models.offline"], environment=environment):
        raise Problem(
            "the offline models are not ready, for the reason above; mend that, then run the same command again"
        )
    say("3/3 models: ready", started)


def colab() -> None:
    """What the first cell of a notebook calls on Colab: add what it lacks, fetch the models. Raises: SystemExit."""
    options = argparse.Namespace(command="fetch", no_venv=True, torch_index=None)
    os.environ.update({**FOR_LABS, **os.environ})
    try:
        set_up(options)
    except Problem as problem:
        raise SystemExit(f"The set-up stopped: {problem}\nThen run this cell again.") from None
    say("Everything is ready: run the next cell.")


def make_venv(rebuild=False) -> str:
    """The Python of .venv, which is made first if it is missing or was cut short. Raises: Problem."""
    python, notes = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"), VENV / "pyvenv.cfg"
    found = (
        re.search(r"(?m)^version(?:_info)?\s*=\s*(\d+\.\d+)", notes.read_text(errors="replace"))
        if notes.exists()
        else None
    )
    if found and found.group(1) != RUNNING and not rebuild:
        raise Problem(
            f".venv was made by Python {found.group(1)}, this is Python {RUNNING}; make it anew with: "
            f"python3 workbook.py <command> --rebuild (or run this with Python {found.group(1)})"
        )
    if python.exists() and any(PACKAGES.glob("pip-*.dist-info/RECORD")) and not rebuild:
        say(f"1/3 environment: .venv, Python {RUNNING}, already there")
        return str(python)
    require_disk(DISK_GB)
    started = time.monotonic()
    execute([getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(VENV)], logged=True)
    say(f"1/3 environment: .venv, Python {RUNNING}, made", started)
    return str(python)


def install(python, files, torch_index) -> None:
    """Install the tested set into .venv. A stamp, written last, says that it is whole. Raises: Problem."""
    hashes = {
        f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}" for name in [*files, "constraints.txt"]
    }
    if STAMP.exists() and hashes <= set(STAMP.read_text().splitlines()):
        return say("2/3 packages: already there")
    STAMP.write_text("")
    for folder in PACKAGES.glob("*.dist-info"):
        if not (folder / "RECORD").exists():  # cut short: pip would take it for installed
            shutil.rmtree(str(folder))
    require_disk(1.0 if any(PACKAGES.glob("torch-*.dist-info")) else DISK_GB)
    what = [*wanted(files), "-c", str(ROOT / "constraints.txt")]
    pip_install(python, what, torch_index, only_network_settings(python))
    require_packages(untested(files), VENV)
    (PACKAGES / "domain_llm_workbook.pth").write_text(
        f"{ROOT}\n"
    )  # `import llm_workbook` from any folder, in any editor
    STAMP.write_text("\n".join(sorted(hashes)))


def install_missing(files, torch_index) -> None:
    """Add what the present environment lacks. What it has keeps its version: Colab's own packages must not move."""
    if not unmet(files):
        return say("2/3 packages: already there")
    present, missing = versions(), unmet(files)
    for name in NEVER_MOVED:
        if name in missing and name in present:
            raise Problem(
                f"the labs need {requirements(files)[name]}, this environment has {present[name]}, which is kept;"
                " run this without --no-venv, or update it yourself"
            )
    require_disk(1.0 if "torch" in present else DISK_GB)
    stay = {name: version for name, version in present.items() if name not in missing}
    tested = dict(pin.split("==") for pin in pins() if pin.split("==")[0] not in present)
    while True:
        lines = (f"{name}=={version}\n" for name, version in sorted({**stay, **tested}.items()))
        (CACHE / "constraints.txt").write_text("".join(lines))
        try:
            pip_install(sys.executable, [*wanted(files), "-c", str(CACHE / "constraints.txt")], torch_index)
            break
        except Problem as problem:
            in_the_way = {plain(name) for name in re.findall(r"\(constraint\) ([\w.-]+)==", problem.log)}
            free = in_the_way - {*requirements(files), *NEVER_MOVED}  # what the labs rely on themselves stays, too
            if not tested and not free & {*stay}:
                raise
            stay = {name: version for name, version in stay.items() if tested or name not in free}
            say("    (that does not go with what is here; trying other versions)")
            tested = {}
    require_packages(unmet(files), sys.prefix)


NEVER_MOVED = ("torch", "numpy", "pandas")  # of a present environment: others there rely on them


def wanted(files):
    return [word for name in files for word in ("-r", str(ROOT / name))]


def requirements(files):
    """Name -> requirement, of the lines that count on this machine."""
    try:
        from packaging.requirements import Requirement
    except ImportError:  # pip always has its own copy
        from pip._vendor.packaging.requirements import Requirement
    lines = [line for name in files for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    found = [Requirement(line.split(" #")[0]) for line in lines if line.strip() and not line.startswith(("#", "-"))]
    return {plain(one.name): one for one in found if one.marker is None or one.marker.evaluate()}


def versions(folder=None):
    """Name -> version of what is installed in `folder`, or in the running Python's own."""
    from importlib import invalidate_caches, metadata

    invalidate_caches()
    found = metadata.distributions(path=[str(folder)]) if folder else metadata.distributions()
    return {plain(one.metadata["Name"]): one.version for one in found if one.metadata["Name"]}


def plain(name) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def unmet(files):
    """Names of what is not installed here in a version that the labs can use."""
    there = versions()
    return [
        name
        for name, needed in requirements(files).items()
        if name not in there or not needed.specifier.contains(there[name], prereleases=True)
    ]


def untested(files):
    """Names of what .venv does not contain in its tested version. (With the standard library alone: the Python that
    runs this may have no pip.)"""
    there, tested = versions(PACKAGES), dict(pin.split("==") for pin in pins())
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in files)
    names = [plain(name) for name in re.findall(r"(?m)^([A-Za-z][\w.-]*)", text)]
    return [name for name in names if there.get(name, "").split("+")[0] != tested.get(name, there.get(name))]


def require_packages(missing, where) -> None:
    """Raises: Problem when pip has said that all is well, but a package is not where the labs look for it."""
    if missing:
        few = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise Problem(
            f"pip reported success, but {where} does not contain {few}: a setting sends packages elsewhere; see"
            " `python3 -m pip config list` and the variables PIP_*, then run this again"
        )


def pins():
    return [line for line in (ROOT / "constraints.txt").read_text().splitlines() if re.match(r"[\w.-]+==", line)]


NETWORK = """index-url extra-index-url no-index find-links trusted-host proxy cert client-cert timeout default-timeout
retries cache-dir no-cache-dir keyring-provider use-feature constraint build-constraint prefer-binary"""


def only_network_settings(python):
    """The environment for a pip that installs into .venv: of the user's settings, in variables and in files, it keeps
    those that say how to reach packages. Neither PIP_TARGET, PIP_USER or PIP_DRY_RUN nor PYTHONPATH reach it."""
    plainly = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    files = {"PIP_CONFIG_FILE": os.environ["PIP_CONFIG_FILE"]} if "PIP_CONFIG_FILE" in os.environ else {}
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**plainly, **files},
    ).stdout.decode("utf-8", "replace")
    found = {}
    for section in ("global", "install"):  # pip's order: the later one wins, and a variable wins over both
        lines = re.findall(rf"""(?m)^{section}\.([\w-]+)=(['"].*['"])\s*$""", listed)
        found.update((name, ast.literal_eval(value)) for name, value in lines)
    found.update(
        (name[4:].lower().replace("_", "-"), value)
        for name, value in os.environ.items()
        if name.startswith("PIP_") and value
    )
    kept = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in found.items() if name in NETWORK.split()}
    return {**plainly, **kept, "PIP_CONFIG_FILE": os.devnull, "PYTHONNOUSERSITE": "1"}


def pip_install(python, what, torch_index, environment=None) -> None:
    """Run pip; environment: None for the present one. torch may come from another index, alone and first."""
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    started = time.monotonic()
    say(f"2/3 packages: installing, which takes minutes the first time; pip's words go to {LOG}")
    if torch_index:
        torch = next(pin for pin in pins() if pin.startswith("torch=="))
        index = CPU_TORCH if torch_index == "cpu" else torch_index
        execute([*pip, "--no-deps", "--index-url", index, torch], logged=True, environment=environment)
    elif sys.platform == "linux" and "torch" not in versions(None if python == sys.executable else PACKAGES):
        say("    (no GPU, and torch arrives with gigabytes of CUDA? Press Ctrl-C and add: --torch-index cpu)")
    execute([*pip, *what], logged=True, environment=environment)
    say("2/3 packages: installed", started)


def require_disk(needed_gb) -> None:
    """Raises: Problem when this folder's disk has less than `needed_gb` free."""
    free_gb = shutil.disk_usage(str(ROOT)).free / 1e9
    if free_gb < needed_gb:
        raise Problem(
            f"set-up needs {needed_gb:.1f} GB of free disk, {ROOT} has {free_gb:.1f} GB; free some space, then run this"
            " again"
        )


PIP_TROUBLE = [  # what pip or venv says, what it means, the mend; the first that fits counts
    (r"No space left on device|Errno 28|not enough space on the disk", "the disk is full",
     f"free {DISK_GB:.0f} GB for this folder and for {tempfile.gettempdir()} (or point TMPDIR elsewhere), "
     "then run this again"),
    (r"DO NOT MATCH THE HASHES|IncompleteRead|BadZipFile|not a zip file|Bad CRC|wheel .* is invalid|invalid wheel"
     r"|incomplete-download",
     "a download arrived damaged", "run this again; if it stays, empty pip's cache: python3 -m pip cache purge"),
    (r"CERTIFICATE_VERIFY_FAILED", "the package index's certificate is not trusted here",
     "point PIP_CERT at your network's certificate"),
    (r"name resolution|Name or service not known|nodename nor servname|getaddrinfo|NewConnectionError"
     r"|Connection (refused|reset|aborted)|unreachable|Timed? ?out|ProxyError|Could not fetch URL",
     "no network, which set-up needs",
     "connect, then run this again"),
    (r"ensurepip is not", "this Python cannot make virtual environments",
     "install python3-venv (Ubuntu: sudo apt install python3-venv)"),
    (r"externally-managed-environment", "this Python does not let pip change it", "run this again without --no-venv"),
    (r"No matching distribution|ResolutionImpossible", "a package is not there in its tested version",
     "check the network and the package index, use Python 3.11 to 3.13, then run this again"),
]  # fmt: skip


def explain(log) -> str:
    """One sentence and its mend for what pip wrote."""
    for pattern, meaning, mend in PIP_TROUBLE:
        if re.search(pattern, log, re.IGNORECASE):
            return f"{meaning}; {mend}"
    last = [line.strip() for line in log.splitlines() if line.strip()][-1:] or ["no message"]
    return f"set-up stopped ({last[0]}); mend that, then run this again"


@contextlib.contextmanager
def only_one_set_up():
    """Two set-ups at once wait for each other. The system frees the lock when its process ends, however it ends."""
    with open(str(CACHE / "setup.lock"), "w") as file:
        if not locked(file):
            say("another workbook.py is setting up; waiting for it")
            while not locked(file):
                time.sleep(0.3)
        yield


def locked(file) -> bool:
    """Try to lock an open file; False when another process has it."""
    with contextlib.suppress(BlockingIOError, PermissionError):
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def execute(command, logged=False, environment=None) -> int:
    """Run a command to its end; returns its exit code.

    logged: its words go to .cache/setup.log and, on a terminal, to one moving line; a failure raises Problem.
    environment: variables of the command, or None for the present ones.
    """
    sys.stdout.flush()
    pipe, words = (subprocess.PIPE, subprocess.STDOUT) if logged else (None, None), []
    running = subprocess.Popen(command, stdout=pipe[0], stderr=pipe[1], env=environment)
    with running as process, open(str(LOG), "ab", 0) as log:
        try:
            for line in process.stdout or ():
                log.write(line)
                words.append(line.decode(errors="replace"))
                if sys.stdout.isatty():
                    print(f"\r    {words[-1].strip()[:90]:90}", end="\r", flush=True)
            code = abs(process.wait())
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)  # Ctrl-C reached it as well: let it tidy up
            process.kill()
            raise
    if logged and code:
        problem = Problem(f"{explain(''.join(words))}\n(all that was said: {LOG})")
        problem.log = "".join(words)
        raise problem
    return code


def say(text, started=None) -> None:
    print(text + (f" in {time.monotonic() - started:.1f} s" if started else ""), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
