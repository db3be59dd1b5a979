"""The recorded leaderboard of series 1, and how often somebody has looked at the test questions."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...benchmark.ladder import rung_answers
from ...benchmark.reading import SEVERAL
from ...files import append_lines
from ...measure.statistics import Verdict, estimate
from ...settings import DATA

BOARD, QUESTIONS = DATA / "leaderboard.csv", DATA / "leaderboard_questions.csv.gz"
NAIVE = "naive RAG: chunks of 300 characters, untuned model"  # a rung of the ladder
SHIPPED, LARGER = "200 tokens", "400 tokens"  # ways of lab 1.5's record: domain encoder, reranker and reader
PARTS = ("unit", "first", "query", "second", "graph")


def board() -> pd.DataFrame:
    """A row for each configuration (index: its name), best on dev first; made by `python -m tools.domain leaderboard`."""
    table = pd.read_csv(BOARD, keep_default_na=False).set_index("name").replace({"graph": {True: "yes", False: ""}})
    return table.sort_values("dev", ascending=False, kind="stable")


def recalls(split: str) -> tuple[pd.DataFrame, list[str]]:
    """(recall at 3 of each question of a split, a column for each configuration; the family of each question)."""
    table = pd.read_csv(QUESTIONS)
    some = table[table["split"] == split]
    return some.drop(columns=["question_id", "corpus", "split", "type", "family"]), list(some["family"])


def interval_over(families: Sequence[str]) -> Any:
    """A function from differences (one for each question) to their 95 % confidence interval over families."""

    def interval(differences: Sequence[float]) -> tuple[float, float]:
        values = np.asarray(differences, dtype=float)
        if not values.any():
            return 0.0, 0.0
        low, high = estimate(values, list(families)).interval()
        return float(low), float(high)

    return interval


def neighbours(table: pd.DataFrame, base: str, whole: str) -> pd.DataFrame:
    """What one part is worth: one thing that is changed in `base`, and in `whole`, in points of recall on dev. Only configurations
    that are on the board and differ in exactly one part."""
    rows = []
    for start, sign, what in ((base, 1, "one change to the plain search"), (whole, -1, "one change to the best")):
        for _, row in table.iterrows():
            changed = [part for part in PARTS if row[part] != table.loc[start, part]]
            more = row["parts"] - table.loc[start, "parts"]
            if len(changed) == 1 and sign * more >= 0 and row["first"] != "random":
                before, after = (str(one[changed[0]] or "none") for one in (table.loc[start], row))
                part = f"{changed[0]}: {before} -> {after}"
                rows.append([what, part, row["dev"] - table.loc[start, "dev"], row["ms"] - table.loc[start, "ms"]])
    columns = ["", "part", "points of recall", "ms"]
    return pd.DataFrame(rows, columns=columns).set_index(["", "part"]).round(1)


def looked(path: Path, what: str) -> int:
    """Note a look at the test questions, and return how many there were."""
    append_lines(path, [{"date": date.today().isoformat(), "what": what}])
    return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def budgets() -> pd.DataFrame:
    """% right of the dev questions of lab 1.5's record, by the tokens that the reader was shown."""
    tables = {name: table[(table["split"] == "dev") & table["answerable"]] for name, table in _ways().items()}
    rows = {}
    for name in ("100 tokens", SHIPPED, LARGER):
        several = tables[name]["type"].isin(SEVERAL)
        shares = [tables[name].loc[which, "correct"].mean() for which in (~several, several, several | ~several)]
        rows[name] = [round(100 * float(share)) for share in shares]
    return pd.DataFrame(rows, index=["one clause", "several clauses", "all"]).T


def frozen(chosen: str, best: str, plain: str) -> dict[str, tuple[pd.DataFrame, pd.DataFrame, str, tuple[str, str]]]:
    """What the test questions are asked: name -> (one, other, metric, their names), for `run.compare`."""
    table = pd.read_csv(QUESTIONS)
    test = table[table["split"] == "test"]
    found = {name: test[["question_id", "type", "family"]].assign(recall=test[name]) for name in (chosen, best, plain)}
    ways = {name: table[table["split"] == "test"] for name, table in _ways().items()}
    naive = rung_answers()[NAIVE]
    both = set(naive["question_id"]) & set(ways[SHIPPED]["question_id"])
    shipped, first = (table[table["question_id"].isin(both) & table["answerable"]] for table in (ways[SHIPPED], naive))
    larger, smaller = (table[table["answerable"]] for table in (ways[LARGER], ways[SHIPPED]))
    return {
        "the choice": (found[chosen], found[best], "recall", (chosen, best)),
        "gain of the search": (found[chosen], found[plain], "recall", (chosen, plain)),
        "larger budget": (larger, smaller, "correct", (LARGER, SHIPPED)),
        "gain of the answers": (shipped, first, "correct", ("the assistant", "naive RAG")),
    }


def told(verdicts: Mapping[str, Verdict], table: pd.DataFrame, chosen: str, best: str, margin: float) -> str:
    """What the test says of the choice and of the larger budget, in two sentences. margin: in points."""
    worst, parts = max(0.0, -verdicts["the choice"].low), [int(table["parts"][name]) for name in (chosen, best)]
    kept = "holds" if worst < margin else "does not hold"
    dev = budgets()["all"]
    larger = {"better": "helps on test, too", "worse": "harms on test"}.get(
        verdicts["larger budget"].label, "cannot be told from the smaller one on test"
    )
    return (
        f"The choice loses at most {worst:.1f} points to the best, so the margin of {margin:g} points {kept}; added"
        f" parts: {parts[0]} instead of {parts[1]}.\nThe larger budget ({dev[LARGER] - dev[SHIPPED]:+d} points on the dev"
        f" questions of section 2) {larger}."
    )


def _ways() -> dict[str, pd.DataFrame]:
    return rung_answers("authored", DATA / "recorded" / "1.5.jsonl.gz")


def text_of(record: Mapping[str, str]) -> str:
    """A decision record as Markdown; what is empty says so."""
    lines = [f"## {name}\n\n{words.strip() or '(not written yet)'}\n" for name, words in record.items()]
    return "\n".join([f"# Decision of {date.today().isoformat()}\n", *lines])
