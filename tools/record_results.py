"""Record the results of a lab: run its complete notebook and keep its ledger as data/recorded/<lab>.jsonl.gz.

usage: python tools/record_results.py LAB [LAB ...] [--profile live] [--add]
       python tools/record_results.py --rescore
       python -m tools.domain grid        lab 3.3, whose notebook runs a part of its table only

The recorded results answer wherever a learner has none. They are replaced in one step, and only after a run without
an error in which every exercise passed; otherwise the old ones stay. A run that was stopped goes on from the caches
when it is started again. --add begins with what is on record: a lab then repeats what it always does, but of its long
series it runs only what is missing. It does not notice that a recipe or the data changed meanwhile: after such a
change, record without it.

--rescore scores the answers on record again: needed after a change of the rule in llm_workbook/measure or of the gold
answers. No model runs. Rows about questions that are gone are dropped, and counted. Run again, it changes nothing.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.benchmark.ledger import Ledger, Run, read_runs  # noqa: E402
from llm_workbook.benchmark.store import content, zipped  # noqa: E402
from llm_workbook.files import write_whole  # noqa: E402
from llm_workbook.settings import Settings  # noqa: E402
from tools.rescore import rescore  # noqa: E402
from tools.run_labs import Plan, RunError, find_labs, report, run_labs, without_paths  # noqa: E402

ELSEWHERE = {"3.3": "python -m tools.domain grid"}  # its notebook runs a part of its table only


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Command line; returns the exit code: 1 when a lab was not recorded. root: the folder with solutions/ and
    data/."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labs", nargs="*", metavar="LAB", help="short names such as 1.1")
    parser.add_argument("--profile", choices=("full", "live"), default="full", help="how much to run (default: full)")
    parser.add_argument("--add", action="store_true", help="keep what is on record and run what is missing")
    parser.add_argument("--rescore", action="store_true", help="score the answers on record again; runs no lab")
    options = parser.parse_args(arguments)
    if bool(options.labs) == options.rescore:
        parser.error("name the labs to record, or --rescore alone")
    if options.rescore:
        return _rescore_all(root / "data" / "recorded")
    return _record_all(options, root)


def _rescore_all(folder: Path) -> int:
    """Score again, then print what the test of the recorded scores holds; returns the exit code."""
    failed = rescore(folder)
    runs = [run for path in sorted(folder.glob("*.jsonl.gz")) for run in read_runs(path, "recorded")]
    print(f"{sum(len(run['items']) for run in runs)} rows, sha256 of all scores: {scores_digest(runs)}")
    return failed


def _record_all(options: argparse.Namespace, root: Path) -> int:
    """Record each lab that was asked for; returns the exit code."""
    try:
        labs = find_labs(root / "solutions", options.labs)
    except RunError as error:
        print(error, file=sys.stderr)
        return 2
    failed = 0
    for lab, notebook in labs.items():
        if lab in ELSEWHERE:
            print(f"Lab {lab} is recorded by another command: {ELSEWHERE[lab]}", file=sys.stderr)
            failed = 1
            continue
        try:
            print(record(lab, notebook, root / "data" / "recorded" / f"{lab}.jsonl.gz", options.profile, options.add))
        except RunError as error:
            print(
                f"{error} Nothing was recorded for lab {lab}; what was recorded before is untouched.", file=sys.stderr
            )
            failed = 1
        except KeyboardInterrupt:
            print(
                f"\nInterrupted: nothing was recorded for lab {lab}; start it again, it goes on from the caches.",
                file=sys.stderr,
            )
            return 130
    return failed


def record(lab: str, notebook: Path, recorded: Path, profile: str = "full", add: bool = False) -> str:
    """Run the notebook with empty results and put its ledger in place of `recorded`; returns what was recorded, a line
    for each system.

    add: begin with the ledger that is recorded. Of two runs of one system the later counts.
    Raises: RunError when the run failed, or its ledger is missing, not whole, or names a folder of this machine.
    """
    with tempfile.TemporaryDirectory(prefix="record-", ignore_cleanup_errors=True) as folder:
        results = Path(folder).resolve()
        plan = Plan(profile=profile, expected="passed", results=results)
        ledger = Ledger(Settings(lab, profile, results_dir=results))
        if add and recorded.exists():
            write_whole(ledger.path, content(recorded))
        (result,) = run_labs({lab: notebook}, plan)
        print(report([result], plan.limits))
        if result.errors:
            raise RunError(f"Lab {lab} failed.")
        _check(ledger.path, results)
        write_whole(recorded, zipped(_latest(ledger.path)))
        ledger.path, ledger.recorded = results / "none", recorded
        return ledger.describe()


def _check(path: Path, results: Path) -> None:
    """Raises: RunError unless the file holds whole runs only, and no folder of this machine."""
    if not path.exists():
        raise RunError("The lab has written no results: it has no run.ledger.append(...).")
    text, lines = path.read_text(encoding="utf-8"), len(path.read_bytes().splitlines())
    entries = sum(len(run["items"]) + 2 for run in read_runs(path, "yours"))
    if not entries or entries != lines:
        raise RunError(
            f"The ledger has {lines} lines, but its whole runs have {entries}: a run in it is damaged or cut off."
        )
    if without_paths(text, {results: "results"}) != text:
        raise RunError("The results name a folder of this machine; leave paths out of what the lab appends.")


def _latest(path: Path) -> bytes:
    """The lines of a ledger without the runs of a system that was run again later."""
    latest = {run["header"]["system"]: run["header"]["run_id"] for run in read_runs(path, "yours")}
    lines = path.read_bytes().split(b"\n")[:-1]
    return b"".join(line + b"\n" for line in lines if json.loads(line)["run_id"] in latest.values())


NOT_SCORES = ("kind", "run_id", "question_id")


def scores_digest(runs: Iterable[Run]) -> str:
    """sha256 over (lab, system, question, every column) of all rows, in sorted order: equal only for equal scores."""
    rows = []
    for run in runs:
        name = [run["header"]["lab"], run["header"]["system"]]
        for item in run["items"]:
            columns = sorted((column, value) for column, value in item.items() if column not in NOT_SCORES)
            rows.append(json.dumps([*name, item["question_id"], columns]))
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
