"""The recorded trainings: what readers say in the exam after each way to learn, from `python -m tools.domain
preferring`."""

from collections.abc import Sequence

import pandas as pd

from ...feedback.exam import BEHAVIOUR, board, exam_questions, moved, scored
from ...measure.statistics import Verdict, corrected
from ...settings import DATA

RECORD = DATA / "preference_training.csv.gz"
START = "start"
COLLAPSES = ["DPO", "DPO, refusals not balanced", "DPO, rate 8e-4"]
SOURCES = ["DPO", "careful, for the budget", "hasty, for the budget", "AI labels", "AI labels, by rules"]
WAYS = ["best of six", "DPO", "GRPO", "GRPO, any citation"]


def recorded() -> pd.DataFrame:
    """The answers of all recorded readers, scored now: the columns of `exam.scored`, and run, seed, kl (KL to the
    start, nats per token), seconds (CPU seconds of the training), items (judgements or questions learned from)."""
    table, asked = pd.read_csv(RECORD, keep_default_na=False), {one.id: one for one in exam_questions()}
    rows = scored([asked[name] for name in table["question_id"]], list(table["answer"]))
    return pd.concat([rows, table[["run", "seed", "kl", "seconds", "items"]]], axis=1)


def of_run(table: pd.DataFrame, run: str) -> pd.DataFrame:
    """The rows of one run, all its seeds. Raises: ValueError for a run that is not on record."""
    part = table[table["run"] == run]
    if part.empty:
        raise ValueError(f"no run {run!r} is on record; there are: {', '.join(table['run'].unique())}")
    return part


def record_board(table: pd.DataFrame, runs: Sequence[str]) -> pd.DataFrame:
    """A row for each run: what its readers do (see `exam.board`), KL to the start, CPU seconds, seeds."""
    parts = {run: of_run(table, run) for run in runs}
    found = board(parts)
    found["KL to the start"] = [f"{part.groupby('seed')['kl'].first().mean():.2f}" for part in parts.values()]
    found["CPU s"] = [f"{part.groupby('seed')['seconds'].first().mean():.0f}" for part in parts.values()]
    found["seeds"] = [part["seed"].nunique() for part in parts.values()]
    return found


def verdicts(table: pd.DataFrame) -> dict[str, Verdict]:
    """DPO with its seeds against the start, in each column of the exam but worth; corrected together (Holm)."""
    after, before = of_run(table, "DPO"), of_run(table, START).drop(columns="seed")
    columns = [name for name in BEHAVIOUR if name != "worth"]
    return corrected({name: moved(after, before, name, (f"DPO: {name}", "start")) for name in columns})
