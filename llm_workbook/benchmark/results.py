"""Every result of a lab as rows, one for each system and metric: what `python -m llm_workbook results LAB` prints."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from .ledger import OURS, TRAITS, Ledger, Run, read_runs

if TYPE_CHECKING:
    from pandas import DataFrame, Series

NO_METRICS = {*OURS, "question_id", "type", "family", "seed"}
TOLD = ("profile", "model", "corpus", "machine", "run_id")
ONE_RUN = ("source", "system", "profile", "model", "corpus")  # of these the latest run counts


def result_rows(
    ledger: Ledger, corpus: str = "", profile: str = "", metrics: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """One row for each system and metric of a lab, the recorded ones first; corpus, profile, metrics: only these.

    Each has lab, system, the traits (null where nobody wrote them down), metric, mean, low and high (95 % interval over
    contract families; null where it cannot be known), n (questions, however many seeds), families, seeds, source
    ("yours" or "recorded"), date, profile, model, corpus, machine and run_id. Scores of several seeds are averaged for
    each question first.
    """
    latest: dict[tuple, Run] = {}
    for run in [*read_runs(ledger.recorded, "recorded"), *read_runs(ledger.path, "yours")]:
        header = run["header"]
        if corpus in ("", header["corpus"]) and profile in ("", header["profile"]):
            latest[tuple(header[name] for name in ONE_RUN)] = run
    rows = [row for run in latest.values() for row in _rows_of(run)]
    return [row for row in rows if not metrics or row["metric"] in metrics]


def as_text(rows: Sequence[Mapping[str, Any]], width: int = 100) -> str:
    """The rows for people: what a run has in common once, then a line for each metric. width: of the terminal."""
    blocks = []
    for _, group in groupby(rows, key=lambda row: row["run_id"]):
        metrics = list(group)
        lines = [
            line
            for text in _about(metrics[0])
            for line in textwrap.wrap(text, max(20, width - 2), break_on_hyphens=False)
        ]
        first, *more = lines or [""]
        blocks.append("\n".join([first, *(f"  {line}" for line in more), *_metric_lines(metrics)]))
    return "\n\n".join(blocks)


def _rows_of(run: Run) -> Iterator[dict[str, Any]]:
    import pandas as pd

    header, table = run["header"], pd.DataFrame(run["items"])
    about = {name: header[name] for name in ("lab", "system", *TRAITS)}
    told = {name: header.get(name, "") for name in TOLD}
    for metric in (name for name in table if name not in NO_METRICS):
        values = table[metric].map(_as_number)
        if values.notna().any() and (values.notna() | table[metric].isna()).all():
            measured = _measured(table, values)
            made = {"seeds": header["seeds"], "source": header["source"], "date": header["created"][:10]}
            yield about | {"metric": str(metric)} | measured | made | told


def _measured(table: "DataFrame", values: "Series") -> dict[str, Any]:
    """mean, low, high, n and families of one metric."""
    from ..measure.statistics import mean_interval

    known = table.assign(value=values, family=table["family"].map(str)).dropna(subset=["value"])
    each = known.groupby("question_id", sort=False).agg(value=("value", "mean"), family=("family", "first"))
    families = each["family"].nunique()
    mean, low, high = mean_interval(each["value"], each["family"])
    if families < 2 and not each["value"].between(0, 1).all():  # one family says nothing about others
        low = high = None
    return {"mean": mean, "low": low, "high": high, "n": len(each), "families": families}


def _as_number(value: Any) -> float:
    """A finite number or a truth value as a number; NaN for anything else."""
    try:
        number = float(value) if isinstance(value, bool | int | float) or hasattr(value, "dtype") else float("nan")
    except OverflowError:  # of a whole number with hundreds of digits
        return float("nan")
    return number if abs(number) < float("inf") else float("nan")


def _about(row: Mapping[str, Any]) -> list[str]:
    """Who, what it is, and how it was run."""
    traits = [f"{name.replace('_', ' ')} {_word(row[name])}" for name in TRAITS]
    seeds = ", ".join(map(str, row["seeds"]))
    run = [
        f"{row['source']} {row['date']}", f"profile {row['profile']}", f"model {row['model']}",
        f"corpus {row['corpus']}", f"{'seeds' if len(row['seeds']) > 1 else 'seed'} {seeds}",
    ]  # fmt: skip
    return [row["system"], ", ".join(traits), ", ".join(run + ([row["machine"]] if row["machine"] else []))]


def _word(value: object) -> str:
    return str({None: "unknown", True: "yes", False: "no", "": "-"}.get(value, value))


def _metric_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    size = max(6, *(len(row["metric"]) for row in rows))
    lines = [f"  {'metric':{size}} {'mean':>10}  {'95 % interval':>22} {'n':>6} {'families':>9}"]
    for row in rows:
        interval = "unknown" if row["low"] is None else f"[{_short(row['low'])}, {_short(row['high'])}]"
        lines.append(
            f"  {row['metric']:{size}} {_short(row['mean']):>10}  {interval:>22} {row['n']:>6} {row['families']:>9}"
        )
    return lines


def _short(value: float) -> str:
    """Three digits after the point, none for large numbers."""
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:,.0f}"
