"""The ladder: how many questions each system of the workbook answers right, from naive RAG to the whole assistant.

Recorded on the test families of the evidence corpora by `python -m tools.domain ladder`; every rung answers the same
questions, and each region is searched within itself.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus.load import EVIDENCE
from ..settings import DATA
from .ledger import read_runs
from .reading import SEVERAL

if TYPE_CHECKING:
    from pandas import DataFrame

LAB = "ladder"
RECORDED = DATA / "recorded" / f"{LAB}.jsonl.gz"


def rung_answers(corpus: str = "authored", recorded: Path | None = None) -> "dict[str, DataFrame]":
    """system -> its scored answers: one row for each question and seed, all evidence corpora together, in order.

    corpus: "authored" (its evidence corpora) or "cuad". recorded: the ladder's file, or another of the same kind. A
    table's `attrs` hold the header of its first run (traits, profile, model, created, source, ...), with the n, the
    families and the seeds of the whole table.
    """
    wanted = EVIDENCE if corpus == "authored" else (corpus,)
    runs: dict[str, list[dict]] = {}
    for run in read_runs(recorded or RECORDED, "recorded"):
        if run["header"]["corpus"] in wanted:
            runs.setdefault(run["header"]["system"], []).append(run)
    return {name: _together(parts, corpus) for name, parts in runs.items()}


def _together(runs: Sequence[Mapping[str, Any]], corpus: str) -> "DataFrame":
    """The rows of several runs of one system in one table."""
    import pandas as pd

    table = pd.concat([pd.DataFrame(run["items"]) for run in runs], ignore_index=True)
    counts = {"n": table["question_id"].nunique(), "families": table["family"].nunique()}
    table.attrs = {**runs[0]["header"], **counts, "corpus": corpus}
    return table


def ladder(corpus: str = "authored") -> "DataFrame":
    """One row for each rung, from the guesses upwards; shares in % of the answerable questions.

    Columns: rung; one_clause, one_low, one_high: right answers among the types that one clause answers, with its 95 %
    confidence interval over families (and seeds, where there are several); all, low, high: the same over all types;
    n: questions; families; seeds; needless: refusals where the right clause was shown; right_refusals: refusals of
    questions that have no answer. Empty when nothing is recorded for this corpus.
    """
    import pandas as pd

    return pd.DataFrame([{"rung": rung, **_row(scores)} for rung, scores in rung_answers(corpus).items()])


def _row(scores: "DataFrame") -> dict[str, object]:
    known = scores[scores["answerable"]]
    one = known[~known["type"].isin(SEVERAL)]
    seen = known[known["shown"].astype(bool)] if "shown" in known else known.iloc[:0]
    row: dict[str, object] = dict(zip(("one_clause", "one_low", "one_high"), _share(one), strict=True))
    row |= dict(zip(("all", "low", "high"), _share(known), strict=True))
    return row | {
        "n": known["question_id"].nunique(),
        "families": known["family"].nunique(),
        "seeds": known["seed"].nunique() if "seed" in known else 1,
        "needless": round(100 * seen["refused"].mean(), 1) if len(seen) else None,
        "right_refusals": round(100 * scores[~scores["answerable"]]["refused"].mean(), 1),
    }


def _share(scores: "DataFrame") -> list[float]:
    """(mean, low, high) of the right answers in %; where there are several seeds, the interval covers them, too."""
    from ..measure.statistics import interval

    with_seed = scores if "seed" in scores else scores.assign(seed=0)
    table = with_seed.astype({"correct": float}).pivot(index="question_id", columns="seed", values="correct")
    families = scores.drop_duplicates("question_id").set_index("question_id")["family"][table.index]
    low, high = interval(table.to_numpy(), list(families))
    return [round(100 * float(value), 1) for value in (table.to_numpy().mean(), low, high)]
