"""Run labs with papermill, one after the other, each in a process of its own, and print one table.

  python tools/run_labs.py --labs 0 1.1                  your notebooks; results go to results/ beside the README
  python tools/run_labs.py --profile smoke --untouched   learner notebooks: no error, each exercise "not attempted"
  python tools/run_labs.py --profile smoke --solutions   complete notebooks: no error, each exercise "passed"

Results: a temporary folder that starts empty, shared by the labs of one run, with --solutions, --untouched,
--fresh-results or in smoke (with --alone: one such folder for each lab); otherwise results/, so that what you measure
is kept. -p RESULTS_DIR wins. Network: denied in smoke, unless --allow-network. Exit code: 0 all well, 1 a lab failed, 2
a wrong argument, 130 interrupted.
"""

import argparse
import ast
import difflib
import importlib
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.corpus.load import OWN, is_known, unknown  # noqa: E402
from llm_workbook.files import copy_whole, write_whole  # noqa: E402
from llm_workbook.settings import cache_dir  # noqa: E402
from tools import lab_figures  # noqa: E402
from workbook import FOR_LABS  # noqa: E402

ADDED_TAGS = {"injected-parameters", "papermill-error-cell-tag"}  # cells that papermill adds
PROMISED_GB = 2.0


class RunError(Exception):
    """Nothing can be run with these arguments. The message says what was wrong and what is possible."""


@dataclass(frozen=True)
class Limits:
    """Seconds: what a lab promises (a mark in the table), and where a cell and a whole notebook are stopped. None: no
    limit."""

    promise_s: float | None = None
    cell_s: float | None = None
    notebook_s: float | None = None


LIMITS = {"smoke": Limits(75, 500, 600), "live": Limits(360, 900, 1800), "full": Limits()}


@dataclass(frozen=True)
class Plan:
    """How to run.

    expected: the outcome that every exercise must have ("passed", "not attempted"), or None for any.
    results: the results folder, or None for a temporary one; `alone` gives each lab a temporary one of its own.
    keep: folder for the executed notebooks. save_outputs: write the outputs back into the notebook.
    """

    profile: str = "live"
    parameters: Mapping[str, object] = field(default_factory=dict)
    expected: str | None = None
    results: Path | None = None
    alone: bool = False
    keep: Path | None = None
    save_outputs: bool = False
    network: bool = True
    limits: Limits = Limits()


@dataclass(frozen=True)
class Result:
    """What one run found. outcomes: exercise number -> outcome; peak_gb: the kernel and the processes it started (10^9
    bytes)."""

    lab: str
    profile: str
    seconds: float
    slowest: tuple[float, int] | None
    peak_gb: float
    outcomes: Mapping[str, str]
    errors: Sequence[str]
    notes: Sequence[str]

    def count(self, outcome: str) -> int:
        return list(self.outcomes.values()).count(outcome)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT, limits: Mapping[str, Limits] = LIMITS) -> int:
    """Command line; returns the exit code. root: the folder with labs/, solutions/ and results/."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console without a sign shows its number instead
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    results: list[Result] = []
    try:
        plan = _plan(options, root, limits)
        labs = find_labs(root / ("solutions" if options.solutions else "labs"), options.labs)
        for notebook in labs.values():
            check_parameters(notebook, plan.parameters)
        for result in run_labs(labs, plan):
            results.append(result)
    except RunError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nInterrupted. Finished before that: {', '.join(result.lab for result in results) or 'nothing'}.")
        print(report(results, plan.limits))
        return 130
    print(report(results, plan.limits))
    failed = any(result.errors for result in results)
    if options.save_figures and not failed:
        print(f"{lab_figures.save(results, root)} is written: now run python tools/build_labs.py, which prints it")
    return int(failed)


def find_labs(folder: Path, wanted: Sequence[str] | None = None) -> dict[str, Path]:
    """Short name -> notebook, in the workbook's order, or in the order wanted.

    A lab is folder/0_name.ipynb or folder/1_series/1.1_name.ipynb; copies in other folders are no labs.
    Raises: RunError for an unknown name, or for two notebooks with one number.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted([*folder.glob("*.ipynb"), *folder.glob("*/*.ipynb")]):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)_[a-z0-9_]+", path.stem)
        if match and (path.parent == folder or re.fullmatch(r"\d+_[a-z0-9_]+", path.parent.name)):
            found.setdefault(match[1], []).append(path)
    names = sorted(found, key=lambda name: [int(part) for part in name.split(".")])
    if not names:
        raise RunError(f"there are no labs in {folder}: build them with python tools/build_labs.py")
    for name in wanted or names:
        if name not in found:
            raise RunError(f"unknown lab {name!r}: there are {', '.join(names)}")
        if found[name][1:]:
            twice = " and ".join(str(path.relative_to(folder.parent)) for path in found[name])
            raise RunError(f"lab {name} is there twice, {twice}: move the copy to another folder, such as labs/backup")
    return {name: found[name][0] for name in wanted or names}


def check_parameters(notebook: Path, given: Mapping[str, object]) -> None:
    """Raises: RunError when the notebook cannot be read or lacks a parameter, or `given` names one that labs do not
    have, or gives it a value that they cannot use."""
    from tools.build_labs import PARAMETERS

    for name in given:
        if name not in PARAMETERS:
            near = difflib.get_close_matches(name.upper(), PARAMETERS, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise RunError(f"unknown parameter {name!r}: labs have {', '.join(PARAMETERS)}.{guess}")
        if problem := _wrong_value(name, given[name]):
            raise RunError(problem)
    present = _parameters_of(notebook)
    if missing := [name for name in PARAMETERS if name not in present]:
        mend = (
            "A lab needs one cell tagged 'parameters' with all of them: restore the notebook, or run python"
            " tools/build_labs.py"
        )
        raise RunError(f"{notebook.name} lacks the parameter {', '.join(missing)}. {mend}")


def _wrong_value(name: str, value: object) -> str:
    """What is wrong with the value of a parameter, in a sentence; empty when it will do."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    seen = repr(value) if len(repr(value)) < 60 else repr(value)[:60] + " ..."
    if name == "SEED" and not whole:
        return f"SEED must be a whole number, but is {seen}: write -p SEED 7"
    if name == "MAX_ITEMS" and value is not None and not (whole and int(str(value)) >= 1):
        return f"MAX_ITEMS must be a whole number of at least 1, or None, but is {seen}: write -p MAX_ITEMS 24"
    if name == "MODEL" and value is not None and not (isinstance(value, str) and value.strip()):
        return f"MODEL must be a name, a folder or None, but is {seen}: write -p MODEL None for the offline model"
    if name == "CORPUS" and not isinstance(value, str):
        return f"CORPUS must be a name or folder:PATH, but is {seen}: write -p CORPUS authored"
    return f"CORPUS: {unknown(str(value))}" if name == "CORPUS" and not is_known(str(value)) else ""


def _parameters_of(notebook: Path) -> set[str]:
    """Names of a notebook's parameters. Raises: RunError when it is empty, cut short, or no notebook at all."""
    from papermill import inspect_notebook

    try:
        nbformat.read(notebook, as_version=4)
        return set(inspect_notebook(str(notebook)))
    except Exception as error:  # of many kinds: the file may contain anything
        mend = f"restore it (git checkout -- {shlex.quote(str(notebook))}), or run python tools/build_labs.py"
        said = " ".join(str(error).split())[:100]
        raise RunError(f"{notebook} cannot be read as a notebook ({type(error).__name__}: {said}): {mend}") from error


def run_labs(labs: Mapping[str, Path], plan: Plan) -> Iterator[Result]:
    """Run one lab after the other; a lab that fails does not stop the next."""
    with tempfile.TemporaryDirectory(prefix="labs-", ignore_cleanup_errors=True) as folder:
        for number, (lab, notebook) in enumerate(labs.items(), start=1):
            print(f"[{number}/{len(labs)}] lab {lab} ({plan.profile}) ...", flush=True)
            work = Path(folder).resolve() / f"lab-{lab}"
            temporary = work / "results" if plan.alone else work.parent / "results"
            result = run_lab(lab, notebook, plan, plan.results or temporary, work)
            print(f"      {result.seconds:.1f} s, {_counted(len(result.errors), 'error')}", flush=True)
            print("".join(f"\n{error}\n" for error in result.errors), end="", flush=True)
            yield result


def run_lab(lab: str, notebook: Path, plan: Plan, results: Path, work: Path) -> Result:
    """Run one notebook. results: its results folder; work: a folder of its own, made here, that the caller removes."""
    executed, exercises, done_before = work / notebook.name, _exercise_numbers(lab), outcomes(results, lab)
    seconds, peak_bytes, problem = _execute(notebook, executed, plan, results, work)
    cells, found = _cells(executed), outcomes(results, lab)
    states = {
        number: found.get(number, "not reached") for number in [*exercises, *sorted(found.keys() - set(exercises))]
    }
    errors, notes = [f"Lab {lab}{_failure(cells, problem)}"] if problem else [], _notes(lab, states, cells)
    if not errors and (said := _unexpected(states, plan.expected)):
        if done_before:
            notes.append(f"Lab {lab}: {said} That is no error: {results} held earlier progress.")
        else:
            errors.append(f"Lab {lab}: {said}")
    if plan.keep and executed.exists():
        copy_whole(executed, plan.keep / executed.name)
    if plan.save_outputs and not errors:
        errors += save_outputs(notebook, cells, {results: "results", work / "here": "."})
    timed = [
        (cell.metadata.get("papermill", {}).get("duration") or 0, number) for number, cell in enumerate(cells, start=1)
    ]
    return Result(lab, plan.profile, seconds, max(timed, default=None), peak_bytes / 1e9, states, errors, notes)


def _execute(notebook: Path, executed: Path, plan: Plan, results: Path, work: Path) -> tuple[float, int, str]:
    """Execute the notebook in a process of its own; returns seconds, peak bytes, and what went wrong ("" when nothing
    did)."""
    here, told_in = work / "here", work / "told.json"
    here.mkdir(parents=True)
    job = {
        "input_path": str(notebook), "output_path": str(executed), "cwd": str(here),
        "execution_timeout": plan.limits.cell_s,
        "parameters": {**plan.parameters, "PROFILE": plan.profile, "RESULTS_DIR": str(results)}, "progress_bar": False,
    }  # fmt: skip
    command = [
        sys.executable,
        "-c",
        "import sys; from tools.run_labs import host; host(*sys.argv[1:])",
        json.dumps(job),
        str(told_in),
    ]
    started = time.perf_counter()
    with open(work / "log.txt", "w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command,
            cwd=here,
            env=_environment(plan.network),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        sampled_bytes, overran = _watch(process, plan.limits.notebook_s)
        log.seek(0)
        said = _tail(log.read())
    seconds = time.perf_counter() - started
    ended = {"problem": f"The process that ran the notebook ended with code {process.returncode}.\n{said}"}
    if overran:
        ended = {
            "problem": (
                f"The notebook was stopped after {plan.limits.notebook_s:g} s, the limit of a {plan.profile} run."
            )
        }
    told = ended if overran else _read_json(told_in) or ended
    return seconds, max(sampled_bytes, int(told.get("peak_bytes", 0))), str(told["problem"])


def host(job: str, told_in: str) -> None:
    """Execute one notebook in a kernel of this process; what _execute starts. Writes to the file told_in how it
    went."""
    import papermill

    problem = ""
    try:
        papermill.execute_notebook(**json.loads(job))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    write_whole(Path(told_in), json.dumps({"problem": problem, "peak_bytes": _peak_of_children()}))


def outcomes(results: Path, lab: str) -> dict[str, str]:
    """Exercise number -> outcome, as the lab has left it in the results folder; empty when there is nothing."""
    labs = _read_json(results / "progress.json").get("labs", {})
    return {
        number: state.get("outcome", "not attempted")
        for number, state in labs.get(lab, {}).get("exercises", {}).items()
    }


def save_outputs(notebook: Path, cells: Sequence[NotebookNode], names: Mapping[Path, str]) -> list[str]:
    """Put the outputs of the executed cells into the notebook, in one step, and nothing else of them; returns what went
    wrong.

    names: folder -> what to write in its place.
    """
    new = nbformat.read(notebook, as_version=4)
    if [(cell.id, cell.source) for cell in new.cells] != [(cell.id, cell.source) for cell in cells]:
        return [f"{notebook.name} changed while it ran: its outputs were not saved. Run it again."]
    count = 0
    for cell, executed in zip(new.cells, cells, strict=True):
        if cell.cell_type == "code":
            count += 1
            cell.outputs, cell.execution_count = without_paths(executed.outputs, names), count
    nbformat.validate(new)
    write_whole(notebook, nbformat.writes(new) + "\n")
    return []


def without_paths(value: object, names: Mapping[Path, str] | None = None) -> object:
    """The same text, or outputs of a notebook, with no folder of this machine in it. names: folder -> what to write in
    its place."""
    if isinstance(value, str):
        known = {**(names or {}), ROOT: ".", cache_dir(): ".cache", Path(sys.prefix): "<python>", Path.home(): "~"}
        for path in sorted((path for path in known if path.parent != path), key=lambda path: -len(str(path))):
            value = re.sub(rf"(?<![\w/]){re.escape(str(path))}(?![\w-])", known[path], value)
        return re.sub(rf"{re.escape(tempfile.gettempdir())}[/\\]ipykernel_\d+[/\\]\d+\.py", "<cell>", value)
    if isinstance(value, dict):
        return NotebookNode(
            {key: part if key == "image/png" else without_paths(part, names) for key, part in value.items()}
        )
    return [without_paths(part, names) for part in value] if isinstance(value, list) else value


def report(results: Sequence[Result], limits: Limits) -> str:
    """The table, 80 columns wide, with a line for each note and one for the whole."""
    head = ("lab", "profile", "seconds", "slowest cell", "peak GB", "passed", "not attempted", "errors")
    rows, marked = [], False
    for result in results:
        slow, large = (
            result.seconds > (limits.promise_s or 1e9),
            result.peak_gb > PROMISED_GB and limits.promise_s is not None,
        )
        marked = marked or slow or large
        slowest = f"{result.slowest[0]:.1f} (no. {result.slowest[1]})" if result.slowest else "-"
        passed = f"{result.count('passed')} of {len(result.outcomes)}"
        rows.append((
            result.lab, result.profile, f"{result.seconds:.1f}{' !'[slow]}", slowest,
            f"{result.peak_gb:.2f}{' !'[large]}",
            passed, str(result.count("not attempted")), str(len(result.errors)),
        ))  # fmt: skip
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    aligned = [[f"{cell:{'<' if n < 2 else '>'}{widths[n]}}" for n, cell in enumerate(row)] for row in [head, *rows]]
    lines = [" ".join(row) for row in aligned]
    lines.insert(1, " ".join("-" * width for width in widths))
    if marked:
        lines.append(f"! more than a lab promises: {limits.promise_s:g} s and {PROMISED_GB:g} GB")
    for note in (note for result in results for note in result.notes):
        lines += textwrap.wrap(note, 80, subsequent_indent="  ")
    seconds, peak = sum(result.seconds for result in results), max((result.peak_gb for result in results), default=0)
    passed, untouched = (sum(result.count(state) for result in results) for state in ("passed", "not attempted"))
    exercises, errors = sum(len(result.outcomes) for result in results), sum(len(result.errors) for result in results)
    lines.append(
        f"{_counted(len(results), 'lab')}, {seconds:.1f} s, peak {peak:.2f} GB; {passed} of {exercises} passed,"
        f" {untouched} not attempted, {_counted(errors, 'error')}"
    )
    return "\n" + "\n".join(line.rstrip() for line in lines)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _watch(process: subprocess.Popen, limit_s: float | None) -> tuple[int, bool]:
    """Wait for the end; returns the largest memory seen below the process, in bytes, and whether the limit ended it."""
    largest, started = 0, time.perf_counter()
    family: list[psutil.Process] = []
    try:
        while True:
            try:
                process.wait(timeout=0.2)
                return largest, False
            except subprocess.TimeoutExpired:
                family = _family(process.pid)
                largest = max(largest, sum(_resident_bytes(member) for member in family))
            if limit_s is not None and time.perf_counter() - started > limit_s:
                return largest, True
    finally:
        doomed = {*family, *_family(process.pid)}  # a kernel has a session of its own and would outlive a killed host
        if process.poll() is None:
            process.kill()
        for member in doomed:
            try:
                member.kill()
            except psutil.Error:
                continue
        process.wait()
        psutil.wait_procs(doomed, timeout=10)


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _peak_of_children() -> int:
    """Bytes of the largest child that has ended, exactly; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _environment(network: bool) -> dict[str, str]:
    folders = [] if network else [str(ROOT / "tools" / "no_network")]
    before = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([*folders, str(ROOT), *([before] if before else [])])
    return {
        **FOR_LABS,
        **os.environ,
        "PYTHONPATH": path,
        "LLM_WORKBOOK_HEADLESS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def _cells(executed: Path) -> list[NotebookNode]:
    """The cells of the executed notebook without those that papermill added; empty when it was never written whole."""
    try:
        cells = nbformat.read(executed, as_version=4).cells
    except (OSError, ValueError):
        return []
    return [cell for cell in cells if not ADDED_TAGS & set(cell.metadata.get("tags", []))]


def _failure(cells: Sequence[NotebookNode], problem: str) -> str:
    """Which cell failed, how it begins and what was said. Cells are counted from 1, text cells too, as in the
    notebook."""
    raised = problem.startswith(
        "PapermillExecutionError"
    )  # else it was stopped, and the error in its output is only how it ended
    for number, cell in enumerate(cells, start=1):
        for output in cell.get("outputs", ()):
            if raised and output.output_type == "error":
                said = "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
                return _shown(number, cell, _tail(re.sub(r"\x1b\[[0-9;]*m", "", said)))
    begun = [
        number for number, cell in enumerate(cells, start=1) if cell.metadata.get("papermill", {}).get("start_time")
    ]
    if not begun:
        return f": {problem}"
    return _shown(begun[-1], cells[begun[-1] - 1], _tail(problem.partition("Here is a preview")[0]))


def _shown(number: int, cell: NotebookNode, said: str) -> str:
    lines = cell.source.splitlines()
    code = "\n".join(f"  | {line}" for line in [*lines[:4], *(["..."] if len(lines) > 4 else [])])
    return f", cell {number}, which begins:\n{code}\n" + "\n".join(f"  {line}" for line in said.splitlines())


def _tail(text: str, lines: int = 6) -> str:
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])


def _unexpected(states: Mapping[str, str], expected: str | None) -> str:
    """A sentence about the exercises without the expected outcome; empty when all have it."""
    wrong = [f"exercise {number} is {state!r}" for number, state in states.items() if expected and state != expected]
    return f"{', '.join(wrong)}, but should be {expected!r}." if wrong else ""


def _notes(lab: str, states: Mapping[str, str], cells: Sequence[NotebookNode]) -> list[str]:
    """What the table has no column for."""
    other = [
        f"exercise {number} is {state!r}"
        for number, state in states.items()
        if state not in ("passed", "not attempted")
    ]
    streams = [output.text for cell in cells for output in cell.get("outputs", ()) if output.get("name") == "stderr"]
    warnings = [
        line.strip()
        for text in streams
        for line in text.splitlines()
        if re.search("warning|traceback", line, re.IGNORECASE)
    ]
    said = f"{len(warnings)} line(s) on stderr look like warnings, the first: {warnings[0][:100]}" if warnings else ""
    return [f"Lab {lab}: {note}" for note in (", ".join(other), said) if note]


def _exercise_numbers(lab: str) -> list[str]:
    """The numbers of the lab's exercises; empty when it has no exercise module."""
    name = f"llm_workbook.labs.lab_{lab.replace('.', '_')}.exercises"
    try:
        return [str(exercise.number) for exercise in importlib.import_module(name).EXERCISES]
    except ModuleNotFoundError as error:
        if error.name not in (name, name.removesuffix(".exercises")):
            raise
        return []


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _plan(options: argparse.Namespace, root: Path, limits: Mapping[str, Limits]) -> Plan:
    parameters = {name: _value(text, name) for name, text in options.parameters}
    if "PROFILE" in parameters:
        raise RunError(f"the profile sets the time limits too: write --profile {parameters['PROFILE']}, not -p PROFILE")
    if options.save_outputs and not options.solutions:
        raise RunError(
            "--save-outputs is for complete notebooks: add --solutions; --keep DIR keeps the executed learner notebooks"
        )
    if options.save_figures and (parameters or options.alone or not options.solutions or options.profile != "live"):
        raise RunError("--save-figures measures what is printed: --profile live --solutions, no -p and no --alone")
    kept = parameters.pop("RESULTS_DIR", None)
    if kept and options.alone:
        raise RunError("--alone gives each lab an empty results folder: leave out -p RESULTS_DIR")
    temporary = (
        options.alone or options.fresh_results or options.solutions or options.untouched or options.profile == "smoke"
    )
    return Plan(
        profile=options.profile,
        parameters=parameters,
        expected="passed" if options.solutions else "not attempted" if options.untouched else None,
        results=Path(str(kept)).expanduser().resolve() if kept else None if temporary else root / "results",
        alone=options.alone,
        keep=options.keep and options.keep.expanduser().resolve(),
        save_outputs=options.save_outputs,
        network=options.allow_network or options.profile != "smoke",
        limits=limits[options.profile],
    )


def _value(text: str, name: str = "") -> object:
    """3 is a number, None is None, the rest is text; a folder is that of the place where the command was typed,
    although the labs run elsewhere."""
    if text.startswith(OWN):
        return OWN + str(Path(text.removeprefix(OWN)).expanduser().resolve())
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = text
    if not isinstance(value, str):
        return value if isinstance(value, int | float | None) else text
    is_path = name == "MODEL" or re.search(r"[/\\]", value)
    return str(Path(value).resolve()) if is_path and value.strip() and Path(value).is_dir() else value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--labs", nargs="+", metavar="LAB", help="short names such as 0 1.1 (default: all)")
    add("--profile", choices=LIMITS, default="live", help="how much to run (default: live)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--solutions", action="store_true", help="run solutions/: the complete notebooks; every exercise must pass"
    )
    which.add_argument(
        "--untouched", action="store_true", help="run labs/ as it comes: every exercise must be 'not attempted'"
    )
    add("--alone", action="store_true", help="an empty results folder for each lab, not one for the whole run")
    add("--fresh-results", action="store_true", help="an empty temporary results folder")
    add("--keep", type=Path, metavar="DIR", help="keep the executed notebooks in DIR")
    add("--save-outputs", action="store_true", help="write outputs back into solutions/ (labs without errors only)")
    add("--save-figures", action="store_true", help="keep seconds and memory for the cards and the README")
    add(
        "-p",
        dest="parameters",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter: -p CORPUS cuad",
    )
    add("--allow-network", action="store_true", help="do not deny the network in smoke")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
