"""The ledger of results: every single score, appended and never rewritten, with its provenance; recorded results as a
fallback."""

import json
import math
import os
import platform
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import DATA, Settings

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..measure.statistics import Verdict

SCHEMA = 1
PACKAGES = ("torch", "transformers", "langchain-core", "chromadb", "sentence-transformers")
NEEDED = {"question_id", "type", "family"}


class LedgerError(RuntimeError):
    """Results are missing, not comparable or could not be written. The message says what to do."""


class Ledger:
    """Results of one lab: yours in `results/ledger/<lab>.jsonl`, else the recorded ones in `data/recorded/<lab>.jsonl`.

    A run is a header line, one line for each question, and an end line. A run without its end line (a killed kernel, a
    full disk) is left out with a notice; so is a run with a damaged line or of another schema. The file is never
    rewritten.
    """

    def __init__(self, settings: Settings, lab: str | None = None) -> None:
        self.settings, self.lab = settings, lab or settings.lab
        self.path = settings.results_dir / "ledger" / f"{self.lab}.jsonl"
        self.recorded = DATA / "recorded" / f"{self.lab}.jsonl"

    def append(
        self, system: str, items: "DataFrame | Iterable[Mapping[str, Any]]", cost: Mapping[str, float] | None = None
    ) -> str:
        """Write one run of `system` and return its id.

        items: one row for each question, with question_id, type, family and the scores. cost: e.g. {"seconds": 12.5}.
        Raises: LedgerError when a column is missing, there is nothing to write, or the disk refuses.
        """
        rows = items.to_dict("records") if hasattr(items, "to_dict") else [dict(item) for item in items]
        if not rows or (missing := NEEDED - rows[0].keys()):
            raise LedgerError(
                f"{system}: nothing to keep" if not rows else f"{system}: the column {sorted(missing)[0]!r} is missing"
            )
        header = self._header(system, len(rows), _plain(cost or {}))
        run_id = header["run_id"]
        lines = [
            header,
            *({"kind": "item", "run_id": run_id, **row} for row in rows),
            {"kind": "end", "run_id": run_id, "n": len(rows)},
        ]
        self._write("".join(json.dumps(_plain(line), ensure_ascii=False) + "\n" for line in lines))
        return run_id

    def load(self, system: str) -> "DataFrame":
        """The latest complete run of `system`: yours for this profile, model and corpus, else the recorded one.

        One row for each question; `attrs` holds the header, with "source" (yours or recorded).
        Raises: LedgerError when there is neither.
        """
        import pandas as pd

        run = self._runs().get(system)
        if run is None:
            raise LedgerError(
                f"no results of {system!r} for lab {self.lab}: run that lab, or python tools/record_results.py"
                f" {self.lab}"
            )
        table = pd.DataFrame(run["items"]).drop(columns=["kind", "run_id"])
        table.attrs = run["header"]
        return table

    def systems(self) -> list[str]:
        """The systems with results, yours or recorded, in the order in which they were first run."""
        return list(self._runs())

    def own(self) -> list[str]:
        """The systems that were run here with these settings, recorded ones left out: what a run that is taken up again
        need not repeat."""
        return [system for system, run in self._runs().items() if run["header"]["source"] == "yours"]

    def describe(self) -> str:
        """One line for each system: whose results, with which profile, model, seed, how many questions, when."""
        lines = [_provenance(run["header"]) for run in self._runs().values()]
        return "\n".join(lines) or f"no results for lab {self.lab} yet"

    def compare(self, a: str, b: str, metric: str = "correct") -> "Verdict":
        """Compare two systems on the questions both answered. Raises: LedgerError for different profiles, models or
        corpora."""
        from ..measure.statistics import compare

        first, second = self.load(a), self.load(b)
        for name in ("profile", "model", "corpus"):
            if first.attrs[name] != second.attrs[name]:
                seen = f"{a} was run with {name} {first.attrs[name]!r} and {b} with {second.attrs[name]!r}"
                raise LedgerError(f"{seen}: these cannot be compared. Run both alike.")
        families = dict(zip(first["question_id"], first["family"], strict=True))
        scores = [
            dict(zip(table["question_id"], table[metric].astype(float), strict=True)) for table in (first, second)
        ]
        return compare(*scores, families, a, b)

    def _runs(self) -> dict[str, dict]:
        """system -> its latest complete run; a learner's own run of these settings goes before a recorded one."""
        settings = self.settings
        wanted = {"profile": settings.profile, "model": settings.model_name, "corpus": settings.corpus}
        runs = {
            run["header"]["system"]: run
            for run in read_runs(self.recorded, "recorded")
            if run["header"]["corpus"] == settings.corpus
        }
        for run in read_runs(self.path, "yours"):
            if all(run["header"][name] == value for name, value in wanted.items()):
                runs[run["header"]["system"]] = run
        return runs

    def _header(self, system: str, n: int, cost: dict[str, float]) -> dict[str, Any]:
        s = self.settings
        return {
            "kind": "run", "schema": SCHEMA, "run_id": uuid.uuid4().hex[:12], "lab": self.lab, "system": system,
            "profile": s.profile,
            "model": s.model_name, "corpus": s.corpus, "seed": s.seed, "n": n,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": _versions(), "cost": cost,
        }  # fmt: skip

    def _write(self, block: str) -> None:
        """Append a block under a lock, after a line break if an earlier block was cut off in mid-line."""
        from filelock import FileLock

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock"), open(self.path, "a+b") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
                whole = file.read(1) in (b"", b"\n")
                file.write(block.encode() if whole else b"\n" + block.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            reason = f"the results could not be written to {self.path} ({error})"
            raise LedgerError(f"{reason}. Free some space; earlier results are safe.") from error


def read_runs(path: Path, source: str) -> list[dict]:
    """The complete runs of a ledger file, oldest first: {"header": ..., "items": [...]}. What cannot be used is
    named."""
    open_runs: dict[str, dict] = {}
    finished, notices = [], []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1) if path.exists() else ():
        try:
            entry = json.loads(line)
            kind, run_id = entry["kind"], entry["run_id"]
            if kind == "run" and entry["schema"] != SCHEMA:
                notices.append(
                    f"line {number} is of schema {entry['schema']}, this workbook writes {SCHEMA}: that run is not used"
                )
            elif kind == "run":
                open_runs[run_id] = {"header": {**entry, "source": source}, "items": []}
            elif kind == "item" and run_id in open_runs:
                open_runs[run_id]["items"].append(entry)
            elif kind == "end" and run_id in open_runs:
                run = open_runs.pop(run_id)
                whole = len(run["items"]) == entry["n"]
                (
                    finished.append(run)
                    if whole
                    else notices.append(f"the run that ends at line {number} has lost questions: it is not used")
                )
        except (ValueError, KeyError, TypeError):
            notices.append(f"line {number} is damaged")
    notices += [f"a run of {run['header']['system']!r} was cut off: it is not used" for run in open_runs.values()]
    for notice in notices:
        print(f"{path.name}: {notice}. The other runs are.")
    return finished


def _provenance(header: Mapping[str, Any]) -> str:
    names = "profile {profile}, model {model}, corpus {corpus}, seed {seed}, n = {n}, {created:.10}"
    return f"{header['system']}: {header['source']} ({names.format(**header)})"


def _versions() -> dict[str, str]:
    installed = ((package, next(distributions(name=package), None)) for package in PACKAGES)
    return {"python": platform.python_version(), **{package: found.version for package, found in installed if found}}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """numpy numbers become plain ones, and NaN becomes null."""
    plain = {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in plain.items()}
