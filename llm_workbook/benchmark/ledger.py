"""The ledger of results: every single score, appended and never rewritten, with what the system is and how it was run;
recorded results as a fallback."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import child
from ..settings import DATA, Settings
from . import store
from .systems import Traits

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..measure.statistics import Verdict

SCHEMA = 2
NEEDED = ("question_id", "type", "family")
OURS = ("kind", "run_id")  # what a line says of itself
TRAITS = tuple(field.name for field in fields(Traits) if field.name != "seed")
HEADER = {"lab": str, "system": str, "profile": str, "model": str, "corpus": str, "created": str, "cost": dict}
OF_SCHEMA_2 = {"n": int, "seeds": list, **dict.fromkeys(TRAITS, str | bool | None)}
ALIKE = ("profile", "model", "corpus", "source")  # what two runs must share to be compared
MOST_PARSED = 12  # files kept in memory

Run = dict[str, Any]  # {"header": what and how, "items": one mapping for each row}

_parsed: dict[Path, tuple[tuple[int, ...], list[Run]]] = {}  # path -> (state of the file, its runs)


class LedgerError(RuntimeError):
    """Results are missing, not comparable or could not be written. The message says what to do."""


class Ledger:
    """Results of one lab: yours in `results/ledger/<lab>.jsonl`, else those of `data/recorded/<lab>.jsonl.gz`.

    A run is a header line, one line for each row, and an end line. A run without its end line (a killed kernel, a full
    disk) is left out with a notice; so is a run with a damaged line or of a newer schema. The file is never rewritten.
    """

    def __init__(self, settings: Settings, lab: str | None = None) -> None:
        self.settings, self.lab = settings, lab or settings.lab
        self.path = child(settings.results_dir / "ledger", f"{self.lab}.jsonl")
        self.recorded = child(DATA / "recorded", f"{self.lab}.jsonl.gz")

    def append(
        self,
        system: str,
        items: "DataFrame | Iterable[Mapping[str, Any]]",
        cost: Mapping[str, float] | None = None,
        traits: Traits | None = None,
    ) -> str:
        """Write one run of `system` and return its id.

        items: one row for each question (and seed, in a column `seed`), with question_id, type, family and the scores.
        cost: e.g. {"seconds": 12.5}. traits: what the system is; without them nobody can put a price on it.
        Raises: LedgerError when a column is missing, there is nothing to write, or the disk refuses.
        """
        rows = store.printable([store.plain(row) for row in _rows(items)])
        if problem := _problem(rows):
            raise LedgerError(f"{system}: {problem}")
        header = self._header(system, rows, cost or {}, traits)
        run_id = header["run_id"]
        lines = [{"kind": "item", "run_id": run_id, **row} for row in rows]
        try:
            store.append(self.path, [header, *lines, {"kind": "end", "run_id": run_id, "n": len(rows)}])
        except OSError as error:
            reason = f"the results could not be written to {self.path} ({error})"
            raise LedgerError(f"{reason}. Free some space; earlier results are safe.") from error
        return run_id

    def load(self, system: str, source: str = "") -> "DataFrame":
        """The latest complete run of `system`: yours for this profile, model and corpus, else the recorded one.

        source: only "yours" or only "recorded". One row for each question and seed; `attrs` holds the header: system,
        traits (None where they are not known), seeds, n (questions, however many seeds), profile, model, corpus,
        created, versions, machine, cost, and "source" (yours or recorded). Raises: LedgerError when there is neither.
        """
        import pandas as pd

        run = self._runs(source).get(system)
        if run is None:
            raise LedgerError(
                f"no results of {system!r} for lab {self.lab}: run that lab, or python tools/record_results.py"
                f" {self.lab}"
            )
        table = pd.DataFrame(run["items"]).drop(columns=list(OURS))
        table.attrs = run["header"]
        return table

    def systems(self, source: str = "") -> list[str]:
        """The systems with results, yours or recorded, in the order in which they were first run."""
        return list(self._runs(source))

    def own(self) -> list[str]:
        """The systems that were run here with these settings: what a run that is taken up again need not repeat.

        Recorded ones are left out, and those of an older workbook, of which nobody wrote down what they are.
        """
        return [system for system, run in self._runs("yours").items() if run["header"]["training"] is not None]

    def describe(self) -> str:
        """One line for each system: whose results, with which profile, model, seeds, how many questions, when."""
        lines = [_provenance(run["header"]) for run in self._runs().values()]
        return "\n".join(lines) or f"no results for lab {self.lab} yet"

    def compare(self, a: str, b: str, metric: str = "correct") -> "Verdict":
        """Compare two systems on the questions both answered; scores of several seeds are averaged first.

        Raises: LedgerError for different profiles, models, corpora or sources; ValueError for different questions.
        """
        from ..measure.statistics import compare

        first, second = self.load(a), self.load(b)
        if missing := [name for name, table in ((a, first), (b, second)) if metric not in table]:
            raise LedgerError(
                f"{missing[0]} has no {metric!r}: choose one of {', '.join(first.select_dtypes('number').columns)}"
            )
        for name in ALIKE:
            if first.attrs[name] != second.attrs[name]:
                seen = f"{a} was run with {name} {first.attrs[name]!r} and {b} with {second.attrs[name]!r}"
                raise LedgerError(f"{seen}: these cannot be compared. Run both alike.")
        scores = [table[metric].astype(float).groupby(table["question_id"]).mean() for table in (first, second)]
        return compare(scores[0], scores[1], dict(zip(first["question_id"], first["family"], strict=True)), a, b)

    def _runs(self, source: str = "") -> dict[str, Run]:
        """system -> its latest complete run; a learner's own run of these settings goes before a recorded one."""
        settings = self.settings
        wanted = {"profile": settings.profile, "model": settings.model_name, "corpus": settings.corpus}
        runs: dict[str, Run] = {}
        for run in read_runs(self.recorded, "recorded") if source != "yours" else ():
            if run["header"]["corpus"] == settings.corpus:
                runs[run["header"]["system"]] = run
        for run in read_runs(self.path, "yours") if source != "recorded" else ():
            if all(run["header"][name] == value for name, value in wanted.items()):
                runs[run["header"]["system"]] = run
        return runs

    def _header(
        self, system: str, rows: Sequence[Mapping[str, Any]], cost: Mapping[str, float], traits: Traits | None
    ) -> dict[str, Any]:
        s = self.settings
        seed = s.seed if traits is None or traits.seed is None else traits.seed
        header = {
            "lab": self.lab, "system": str(system), "profile": s.profile, "model": s.model_name, "corpus": s.corpus,
            "seed": seed, **store.surroundings(), "cost": dict(cost),
        }  # fmt: skip
        return store.printable(store.plain(header_of(uuid.uuid4().hex[:12], header, rows, traits)))


def _rows(items: "DataFrame | Iterable[Mapping[str, Any]]") -> list[dict[Any, Any]]:
    from pandas import DataFrame

    return items.to_dict("records") if isinstance(items, DataFrame) else [dict(item) for item in items]


def header_of(
    run_id: str, about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], traits: Traits | None
) -> dict[str, Any]:
    """The header line of a run. about: lab, system, how it was run; traits: None where nobody knows them."""
    known = {name: getattr(traits, name) if traits else None for name in TRAITS}
    seeds = sorted({row["seed"] for row in rows if isinstance(row.get("seed"), int)}) or [about["seed"]]
    counted = {"seeds": seeds, "n": len({str(row["question_id"]) for row in rows})}
    return {"kind": "run", "schema": SCHEMA, "run_id": run_id, **about, **known, **counted}


def read_runs(path: Path, source: str) -> list[Run]:
    """The complete runs of a ledger file, oldest first: {"header": ..., "items": [...]}. What cannot be used is named.

    A file is parsed once for each state (size, time, inode) that it has been in. Traits of schema 1 are None: unknown.
    """
    try:
        state = _state(path)
        if state and _parsed.get(path, ((), []))[0] != state:
            _parsed.pop(path, None)
            _parsed[path] = (state, _parse(path))
            if len(_parsed) > MOST_PARSED:
                _parsed.pop(next(iter(_parsed)))
    except OSError as error:
        print(f"{path.name}: it cannot be read ({error.strerror or error}), so its results are not used.")
        return []
    runs = _parsed[path][1] if state else []
    return [{"header": {**run["header"], "source": source}, "items": list(run["items"])} for run in runs]


def _state(path: Path) -> tuple[int, ...]:
    """What changes when a file does; empty when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _parse(path: Path) -> list[Run]:
    """The complete runs of a file."""
    open_runs: dict[str, Run] = {}
    finished: list[Run] = []
    notices: list[str] = []
    for number, entry in store.read_entries(path, shown=True):
        try:
            notice = _take(number, entry or {}, open_runs, finished)
        except (KeyError, TypeError, ValueError):
            notice = f"line {number} is damaged"
        notices += [notice] if notice else []
    notices += [f"a run of {run['header']['system']!r} was cut off: it is not used" for run in open_runs.values()]
    for notice in notices:
        print(f"{path.name}: {notice}. The other runs are.")
    return finished


def _take(number: int, entry: dict[str, Any], open_runs: dict[str, Run], finished: list[Run]) -> str:
    """Put one line where it belongs; returns what to tell of it. Raises: KeyError, TypeError, ValueError: damaged."""
    kind, run_id = entry["kind"], entry["run_id"]
    if kind == "run" and entry["schema"] not in (1, SCHEMA):
        return f"line {number} is of schema {entry['schema']}, this workbook writes {SCHEMA}: that run is not used"
    if kind == "run":
        open_runs[run_id] = {"header": _checked(entry), "items": []}
    elif kind == "item" and run_id in open_runs:
        open_runs[run_id]["items"].append(_with_needed(entry))
    elif kind == "end" and run_id in open_runs:
        run = open_runs.pop(run_id)
        if len(run["items"]) != entry["n"]:
            return f"the run that ends at line {number} has lost questions: it is not used"
        finished.append(run if run["header"]["schema"] == SCHEMA else _of_schema_2(run))
    return ""


def _checked(header: dict[str, Any]) -> dict[str, Any]:
    """Raises: ValueError for a header without what every reader of a ledger relies on."""
    wanted = HEADER | (OF_SCHEMA_2 if header["schema"] == SCHEMA else {})
    if not all(isinstance(header[name], kind) for name, kind in wanted.items()):
        raise ValueError("a header of other types")
    if not isinstance(header.get("machine") or "", str) or any(map(_is_nested, header.get("seeds", ()))):
        raise ValueError("a machine or seeds of other types")
    return header


def _with_needed(item: dict[str, Any]) -> dict[str, Any]:
    if any(name not in item or not _is_key(name, item[name]) for name in NEEDED):
        raise KeyError("question_id, type or family")
    return item


def _is_key(name: str, value: Any) -> bool:
    """Can rows be put together by this value?"""
    return not _is_nested(value) and not (name == "question_id" and value is None)


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | dict)


def _of_schema_2(run: Run) -> Run:
    """A run of schema 1 as one of schema 2: nobody wrote down what its system is."""
    header, items = run["header"], run["items"]
    about = {name: value for name, value in header.items() if name not in ("kind", "schema", "run_id", "n")}
    return {"header": header_of(header["run_id"], {"machine": "", **about}, items, None), "items": items}


def _problem(rows: Sequence[Mapping[str, Any]]) -> str:
    """Why these rows cannot be kept; empty when they can."""
    if not rows:
        return "nothing to keep"
    if missing := [name for name in NEEDED if any(name not in row for row in rows)]:
        return f"the column {missing[0]!r} is missing"
    for number, row in enumerate(rows, start=1):
        if odd := [name for name in NEEDED if not _is_key(name, row[name])]:
            return f"the column {odd[0]!r} has no text in row {number}"
    if taken := [name for name in OURS if any(name in row for row in rows)]:
        return f"the column {taken[0]!r} is one of the ledger's own: rename it"
    return ""


def _provenance(header: Mapping[str, Any]) -> str:
    names = "profile {profile}, model {model}, corpus {corpus}, {seeds_}, n = {n}, {created:.10}"
    seeds = ", ".join(map(str, header["seeds"]))
    return f"{header['system']}: {header['source']} ({names.format(**header, seeds_=f'seed {seeds}')})"
