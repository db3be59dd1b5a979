#!/usr/bin/env python3
"""Start here: sets up what is missing, then opens, runs or tests the labs.

  python3 workbook.py lab      open the labs in JupyterLab; more arguments go to JupyterLab (--no-browser, --port 8899)
  python3 workbook.py run      run labs and print one table; more arguments: --labs 0 1.1, --profile smoke | live | full
  python3 workbook.py test     everything that has to hold: style, built notebooks, imports, labs, tests
  python3 workbook.py doctor   look at this machine; each problem with its mend
  python3 workbook.py fetch    set up only, for a later hour without network; --cuad also fetches the real contracts

Set-up makes .venv, installs the tested packages and fetches two small models. What is there already is skipped,
and after an interruption the same command goes on where it stopped.
"""

# This file must parse on Python 3.7, so that an old Python gets a sentence instead of a SyntaxError.

import argparse
import contextlib
import hashlib
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
    """The command cannot go on. The message says what is wrong and how to mend it."""


def main(arguments=None) -> int:
    """Run one command; returns the exit code (130 after Ctrl-C)."""
    try:
        require_python(sys.version_info[:3])
        options, more = parse(sys.argv[1:] if arguments is None else arguments)
        os.chdir(str(ROOT))
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        os.environ.update({**FOR_LABS, **os.environ})
        python = set_up(options)
        if options.command == "test":
            return test(python)
        command = command_line(options.command, python, more)
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
    strange = set(more) - {"test": set(), "fetch": {"--cuad"}}.get(options.command, set(more))
    if strange:
        parser.error(f"{options.command} does not know {' '.join(sorted(strange))}; see python3 workbook.py --help")
    return options, more


def command_line(command, python, more):
    """What to start once everything is set up. JupyterLab listens on this machine only and keeps the token it makes."""
    live = [] if any(word.split("=")[0] == "--profile" for word in more) else ["--profile", "live"]
    first = ["--LabApp.default_url=/lab/tree/labs/0_start_here.ipynb", f"--ServerApp.root_dir={ROOT}"]
    cuad = [python, "-c", "from llm_workbook.corpus import cuad; cuad.load_contracts(None)"]
    return {
        "lab": [python, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", *first, *more],
        "run": [python, "tools/run_labs.py", *live, *more],
        "doctor": [python, "-m", "llm_workbook", "doctor", *more],
        "fetch": cuad if more else [],
    }[command]


TESTS = {  # before pytest, in this order
    "style: ruff check .": ["-m", "ruff", "check", "."],
    "notebooks are built from their sources": ["tools/build_labs.py", "--check"],
    "imports go downwards": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
    "solutions, in order": ["tools/run_labs.py", "--solutions", "--profile", "smoke"],
    "untouched learner notebooks": ["tools/run_labs.py", "--untouched", "--profile", "smoke"],
    "each solution alone, without results": ["tools/run_labs.py", "--solutions", "--alone", "--profile", "smoke"],
}


def test(python) -> int:
    """Run every step, print their table, then pytest, whose closing line is the last. Non-zero when anything failed."""
    rows = []
    for name, arguments in TESTS.items():
        say(f"\n--- {name}")
        started = time.monotonic()
        rows.append((execute([python, *arguments]), time.monotonic() - started, name))
    say("\n--- steps so far; pytest is next and last")
    for code, seconds, name in rows:
        say(f"{'FAILED' if code else 'ok':6} {seconds:7.1f} s  {name}")
    return execute([python, "-m", "pytest"]) or int(any(code for code, _, _ in rows))


def set_up(options) -> str:
    """Put environment, packages and models in place; returns the Python to use. Raises: Problem."""
    wanted = ["-r", "requirements.txt", *(["-r", "requirements-dev.txt"] if options.command == "test" else [])]
    CACHE.mkdir(exist_ok=True)
    with only_one_set_up():
        if options.no_venv:
            python = sys.executable
            say(f"1/3 environment: the present one, Python {RUNNING}")
            install_missing(wanted, options.torch_index)
        else:
            python = make_venv(options.rebuild)
            install(python, [*wanted, "-c", "constraints.txt"], options.torch_index)
    started = time.monotonic()
    if execute([python, "-m", "llm_workbook.models.offline"]):
        raise Problem(
            "the offline models are not ready, for the reason above; mend that, then run the same command again"
        )
    say("3/3 models: ready", started)
    return python


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


def install(python, wanted, torch_index) -> None:
    """Install the tested set into .venv. A stamp, written last, says that it is whole."""
    hashes = {f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}" for name in wanted[1::2]}
    if STAMP.exists() and hashes <= set(STAMP.read_text().splitlines()):
        return say("2/3 packages: already there")
    STAMP.write_text("")
    for folder in PACKAGES.glob("*.dist-info"):
        if not (folder / "RECORD").exists():  # cut short: pip would take it for installed
            shutil.rmtree(str(folder))
    require_disk(1.0 if any(PACKAGES.glob("torch-*.dist-info")) else DISK_GB)
    pip_install(python, wanted, torch_index)
    (PACKAGES / "domain_llm_workbook.pth").write_text(
        f"{ROOT}\n"
    )  # `import llm_workbook` from any folder, in any editor
    STAMP.write_text("\n".join(sorted(hashes)))


def install_missing(wanted, torch_index) -> None:
    """Add what the present environment lacks. What it has keeps its version: Colab's own packages must not move."""
    from importlib import metadata

    ask = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-deps", *wanted]
    if subprocess.call(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        return say("2/3 packages: already there")
    present = {re.sub("[-_.]+", "-", found.metadata["Name"] or "").lower() for found in metadata.distributions()}
    (CACHE / "constraints.txt").write_text("\n".join(pin for pin in pins() if pin.split("==")[0] not in present))
    require_disk(1.0 if "torch" in present else DISK_GB)
    pip_install(sys.executable, [*wanted, "-c", str(CACHE / "constraints.txt")], torch_index)


def pins():
    return [line for line in (ROOT / "constraints.txt").read_text().splitlines() if re.match(r"[\w.-]+==", line)]


def pip_install(python, what, torch_index) -> None:
    """Run pip with the user's own configuration. torch may come from another index, alone and first."""
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    started = time.monotonic()
    say(f"2/3 packages: installing, which takes minutes the first time; pip's words go to {LOG}")
    if torch_index:
        torch = next(pin for pin in pins() if pin.startswith("torch=="))
        execute(
            [*pip, "--no-deps", "--index-url", CPU_TORCH if torch_index == "cpu" else torch_index, torch], logged=True
        )
    elif sys.platform == "linux":
        say("    (no GPU, and torch arrives with gigabytes of CUDA? Press Ctrl-C and add: --torch-index cpu)")
    execute([*pip, *what], logged=True)
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


def execute(command, logged=False) -> int:
    """Run a command to its end; returns its exit code.

    logged: its words go to .cache/setup.log and, on a terminal, to one moving line; a failure raises Problem.
    """
    sys.stdout.flush()
    pipe, words = (subprocess.PIPE, subprocess.STDOUT) if logged else (None, None), []
    with subprocess.Popen(command, stdout=pipe[0], stderr=pipe[1]) as process, open(str(LOG), "ab", 0) as log:
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
        raise Problem(f"{explain(''.join(words))}\n(all that was said: {LOG})")
    return code


def say(text, started=None) -> None:
    print(text + (f" in {time.monotonic() - started:.1f} s" if started else ""), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
