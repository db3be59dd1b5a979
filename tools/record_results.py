"""Record the results of a lab: run its complete notebook and keep its ledger as data/recorded/<lab>.jsonl.

usage: python tools/record_results.py LAB [LAB ...] [--profile live] [--add]

The recorded results stand in wherever a learner has none. They are replaced in one step, and only after a run without
an error in which every exercise passed; otherwise the old ones stay. A run that was stopped goes on from the caches
when it is started again. --add begins with what is on record: a lab then repeats what it always does, but of its long
series it runs only what is missing. It does not notice that a recipe or the data changed meanwhile: after such a
change, record without it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.benchmark.ledger import Ledger, read_runs  # noqa: E402
from llm_workbook.settings import Settings  # noqa: E402
from tools.run_labs import Plan, RunError, find_labs, report, run_labs, without_paths  # noqa: E402


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Command line; returns the exit code: 1 when a lab was not recorded. root: the folder with solutions/ and
    data/."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labs", nargs="+", metavar="LAB", help="short names such as 1.1")
    parser.add_argument("--profile", choices=("full", "live"), default="full", help="how much to run (default: full)")
    parser.add_argument("--add", action="store_true", help="keep what is on record and run what is missing")
    options = parser.parse_args(arguments)
    try:
        labs = find_labs(root / "solutions", options.labs)
    except RunError as error:
        print(error, file=sys.stderr)
        return 2
    failed = 0
    for lab, notebook in labs.items():
        try:
            print(record(lab, notebook, root / "data" / "recorded" / f"{lab}.jsonl", options.profile, options.add))
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
            ledger.path.parent.mkdir(parents=True)
            shutil.copyfile(recorded, ledger.path)
        (result,) = run_labs({lab: notebook}, plan)
        print(report([result], plan.limits))
        if result.errors:
            raise RunError(f"Lab {lab} failed.")
        _check(ledger.path, results)
        _keep_latest(ledger.path)
        _replace(ledger.path, recorded)
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


def _keep_latest(path: Path) -> None:
    """Drop the runs of a system that was run again later."""
    latest = {run["header"]["system"]: run["header"]["run_id"] for run in read_runs(path, "yours")}
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    kept = [line for line in lines if json.loads(line)["run_id"] in latest.values()]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _replace(source: Path, target: Path) -> None:
    """Copy beside, then replace: the two may be on different disks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(target.name + ".new")
    try:
        shutil.copyfile(source, beside)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
