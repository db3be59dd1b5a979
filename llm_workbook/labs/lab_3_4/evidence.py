"""What was measured: the one source of answers that a bill and a memo rest on, and each system's outcomes by kind of question."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from ...benchmark.ladder import rung_answers
from ...benchmark.ledger import Ledger
from ...benchmark.reading import SEVERAL
from ...measure.statistics import Estimate, estimate
from ...settings import Settings
from ...taught import lab_3_4 as taught
from .prices import KINDS

LABS = ("1.1", "1.2", "2.2", "3.3")  # whose ledgers hold scored answers
NEEDED = ["correct", "refused", "seconds", "input_tokens", "output_tokens"]
OUTCOMES = ("right", "wrong", "not stated")
REFUSES = "always says 'not stated'"
PLAIN = {  # rung of the ladder -> its name in this lab
    "guess: the most frequent answer": "guess: most frequent answer",
    "guess: the answer of the nearest train question": "guess: answer of the nearest question",
    "naive RAG: chunks of 300 characters, untuned model": "naive RAG, untrained reader",
    "clauses with a header, untuned model": "clause search, untrained reader",
    "clauses with a header, domain reader": "clause search, trained reader",
    "clauses with a header, domain encoder, domain reader": "trained search, trained reader",
    "right clause among others, untuned model": "right clause shown, untrained reader",
    "right clause among others, domain reader": "right clause shown, trained reader",
}


@dataclass(frozen=True)
class Evidence:
    """tables: system -> its scored answers, all of one source. used: which source, in words. unused: the others, and why."""

    tables: Mapping[str, DataFrame]
    used: str
    unused: str = ""


@dataclass(frozen=True, eq=False)
class System:
    """What one source says of one system; means over its questions.

    kinds, families: shape (questions,). outcomes: right, wrong, "not stated", which add up to 1; shape (questions, seeds, 3).
    A system that runs no model (a guess, a refusal) has no tokens and no seconds. is_for_sale: False for a ceiling.
    """

    name: str
    kinds: np.ndarray
    families: np.ndarray
    outcomes: np.ndarray
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    seconds: float = 0.0
    is_tuned: bool = False
    is_for_sale: bool = True

    @property
    def label(self) -> str:
        """The name, and whether it is a ceiling."""
        return self.name if self.is_for_sale else f"{self.name} (ceiling)"


def read_evidence(settings: Settings) -> Evidence:
    """The source with the most questions: the recorded ladder, or your own runs of one lab. Sources are never mixed.

    A source counts when it has questions of each kind; your own runs count with the offline model, the one that is priced
    here. Of the source, the systems that answered all of its questions are kept.
    Raises: ValueError when there is no source.
    """
    sources = {"the recorded ladder of lab 0": rung_answers(settings.corpus)}
    if settings.model_name == "offline":
        sources |= {f"your run of lab {lab}": own_runs(Ledger(settings, lab)) for lab in LABS}
    sizes = {source: _size(tables) for source, tables in sources.items() if _has_each_kind(tables)}
    if not sizes:
        raise ValueError(
            f"no scored answers with all kinds of question for {settings.corpus!r}: use CORPUS = 'authored'"
        )
    best = max(sizes, key=lambda source: sizes[source])
    others = [
        f"{source} ({_size(tables)} questions)" for source, tables in sources.items() if tables and source != best
    ]
    whole = {name: rows for name, rows in sources[best].items() if rows["question_id"].nunique() == sizes[best]}
    families = next(iter(whole.values()))["family"].nunique()
    return Evidence(
        whole,
        f"{best}, {sizes[best]} questions of {families} contract families",
        f"fewer questions, or not each kind of them: {', '.join(others)}" if others else "",
    )


def own_runs(ledger: Ledger) -> dict[str, DataFrame]:
    """system -> its answers from your own runs, where a bill has all that it needs; a sentence for those left out."""
    tables = {name: ledger.load(name, "yours") for name in ledger.systems("yours")}
    scored = {name: rows for name, rows in tables.items() if {"correct", "refused"} <= set(rows)}
    whole = {
        name: rows
        for name, rows in scored.items()
        if set(NEEDED) <= set(rows) and rows[NEEDED].notna().all(axis=None) and rows.attrs["training"] is not None
    }
    if left := sorted(scored.keys() - whole.keys()):
        print(
            f"Left out, because traits, tokens or seconds are missing (run lab {ledger.lab} again): {', '.join(left)}."
        )
    return whole


def kinds_of(rows: DataFrame) -> np.ndarray:
    """The kind of each row's question: one of KINDS."""
    answerable = rows["answerable"].astype(bool) if "answerable" in rows else rows["type"] != "unanswerable"
    return np.where(~answerable, KINDS[2], np.where(rows["type"].isin(SEVERAL), KINDS[1], KINDS[0]))


def measured_system(name: str, rows: DataFrame) -> System:
    """The record of one system. What it is, its traits say (`rows.attrs`, from the ledger); its name says nothing.

    rows: one for each question and seed. A rightful and a needless "not stated" count alike: who asks cannot tell them apart.
    """
    rows = rows.assign(kind=kinds_of(rows), seed=rows["seed"] if "seed" in rows else 0, refused=rows["refused"] * 1.0)
    rows["right"] = rows["correct"].astype(float) * (1 - rows["refused"])
    wide = [rows.pivot(index="question_id", columns="seed", values=column) for column in ("right", "refused")]
    right, refused = (table.to_numpy(float) for table in wide)
    known = rows.drop_duplicates("question_id").set_index("question_id").loc[wide[0].index]
    spent = {column: float(rows[column].mean()) if column in rows else 0.0 for column in NEEDED[2:]}
    return System(
        PLAIN.get(name, name), known["kind"].to_numpy(str), known["family"].to_numpy(str),
        np.stack([right, 1 - right - refused, refused], axis=2), **spent,
        is_tuned=bool(rows.attrs["is_tuned"]), is_for_sale=not rows.attrs["is_ceiling"],
    )  # fmt: skip


def systems_of(evidence: Evidence) -> list[System]:
    """Every measured system, and one that always refuses: nobody has to buy it, so no system may be worth less."""
    found = [measured_system(name, rows) for name, rows in evidence.tables.items()]
    silent = np.zeros((len(found[0].kinds), 1, 3)) + np.array([0.0, 0.0, 1.0])
    return [*found, System(REFUSES, found[0].kinds, found[0].families, silent)]


def outcome_table(systems: list[System]) -> DataFrame:
    """Shares of the outcomes in %, a row for each system, for each kind of question, and the number of questions."""
    rows = {}
    for system in systems:
        row: dict[tuple[str, str], Any] = {}
        for kind in KINDS:
            these = system.kinds == kind
            shares = 100 * system.outcomes[these].mean(axis=(0, 1))
            row |= {(f"{kind}, n = {these.sum()}", name): share for name, share in zip(OUTCOMES, shares, strict=True)}
        rows[system.label] = row
    table = pd.DataFrame.from_dict(rows, orient="index").round(0).astype(int)
    return table.drop(columns=[column for column in table if column[0].startswith(KINDS[2]) and column[1] == "right"])


def mix_estimate(system: System, values: np.ndarray, mix: Mapping[str, float]) -> Estimate:
    """The mean of one number for each answer, over the scenario's own mix of questions, with its error over families and seeds.

    values: shape (questions, seeds). mix: kind -> share. n: the questions of the kinds that the mix has.
    """
    used = np.array([mix[kind] > 0 for kind in system.kinds])
    return estimate(taught.by_mix(values[used], system.kinds[used], mix), list(system.families[used]))


def shares_of(system: System, mix: Mapping[str, float]) -> np.ndarray:
    """Shares of right, wrong and "not stated" over the scenario's mix; shape (3,)."""
    return np.array([mix_estimate(system, system.outcomes[:, :, place], mix).mean for place in range(3)])


def right_where_answerable(system: System, mix: Mapping[str, float]) -> Estimate:
    """Right answers among the questions that have an answer, as a share, over the scenario's mix."""
    answerable = 1 - mix[KINDS[2]]
    known = {kind: share / answerable for kind, share in mix.items()} | {KINDS[2]: 0.0}
    return mix_estimate(system, system.outcomes[:, :, 0], known)


def with_share(system: System, mix: Mapping[str, float], share: float) -> System:
    """The system with this share of right answers where there is one; what it gains or loses was wrong before."""
    gain = share - right_where_answerable(system, mix).mean
    moved = (system.kinds != KINDS[2])[:, None, None] * np.array([gain, -gain, 0.0])
    return replace(system, outcomes=system.outcomes + moved)


def _size(tables: Mapping[str, DataFrame]) -> int:
    return max((rows["question_id"].nunique() for rows in tables.values()), default=0)


def _has_each_kind(tables: Mapping[str, DataFrame]) -> bool:
    return bool(tables) and all(set(kinds_of(rows)) == set(KINDS) for rows in tables.values())
