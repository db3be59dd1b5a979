"""What was measured: the one source of answers that a bill and a memo rest on, and each system's outcomes by kind of question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
PLAIN = {  # rung of the ladder -> its name in this lab; the guesses keep theirs
    "naive RAG: chunks of 300 characters, untuned model": "naive RAG, untrained reader",
    "clauses with a header, untuned model": "clause search, untrained reader",
    "clauses with a header, domain reader": "clause search, trained reader",
    "clauses with a header, domain encoder, domain reader": "trained search, trained reader",
    "and the domain reranker, 200 tokens": "reranked search, trained reader",
    "right clause among others, untuned model": "right clause shown, untrained reader",
    "right clause among others, domain reader": "right clause shown, trained reader",
}


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


def read_evidence(settings: Settings) -> tuple[list[System], str, str]:
    """(the systems of the source with the most questions, that source in words, the other sources in words).

    Sources, which are never mixed: the recorded ladder, and your own runs of each lab. A system that always refuses is
    added: nobody has to buy it, so no system may be worth less.
    A source counts when it has questions of each kind; your own runs count with the offline model, the one that is priced
    here. Of the source, the systems that answered all of its questions are kept.
    Raises: ValueError when there is no source.
    """
    sources = {"the recorded ladder of lab 0": rung_answers(settings.corpus)}
    if settings.model_name == "offline":
        sources |= {f"your run of lab {lab}": own_runs(Ledger(settings, lab)) for lab in LABS}
    sizes = {source: _size(tables) for source, tables in sources.items() if tables}
    whole = [source for source in sizes if all(set(kinds_of(rows)) == set(KINDS) for rows in sources[source].values())]
    if not whole:
        raise ValueError(f"{settings.corpus}: no scored answers with all kinds of question. Write CORPUS = 'authored'")
    best = max(whole, key=lambda source: sizes[source])
    tables = {name: rows for name, rows in sources[best].items() if _size({name: rows}) == sizes[best]}
    others = ", ".join(f"{source} ({size} questions)" for source, size in sizes.items() if source != best)
    systems = [measured_system(name, rows) for name, rows in tables.items()]
    silent = np.zeros((len(systems[0].kinds), 1, 3)) + np.array([0.0, 0.0, 1.0])
    systems.append(System(REFUSES, systems[0].kinds, systems[0].families, silent))
    counted = f"{best}, {sizes[best]} questions of {len(set(systems[0].families))} contract families"
    return systems, counted, others or "nothing else"


def own_runs(ledger: Ledger) -> dict[str, DataFrame]:
    """system -> its answers from your own runs, where a bill has all that it needs; a sentence for those left out."""
    tables = {name: ledger.load(name, "yours") for name in ledger.systems("yours")}
    scored = {name: rows for name, rows in tables.items() if set(NEEDED[:2]) <= set(rows)}
    whole = {name: rows for name, rows in scored.items() if rows.reindex(columns=NEEDED).notna().all(axis=None)}
    known = {name: rows for name, rows in whole.items() if rows.attrs["training"] is not None}
    if left := ", ".join(sorted(scored.keys() - known.keys())):
        print(f"Left out, because traits, tokens or seconds are missing (run lab {ledger.lab} again): {left}.")
    return known


def kinds_of(rows: DataFrame) -> np.ndarray:
    """The kind of each row's question: one of KINDS."""
    answerable = rows["answerable"].astype(bool) if "answerable" in rows else rows["type"] != "unanswerable"
    return np.where(~answerable, KINDS[2], np.where(rows["type"].isin(SEVERAL), KINDS[1], KINDS[0]))


def measured_system(name: str, rows: DataFrame) -> System:
    """The record of one system. What it is, its traits say (`rows.attrs`, from the ledger); its name says nothing.

    rows: one for each question and seed. A rightful and a needless "not stated" count alike: who asks cannot tell them apart.
    """
    rows = rows.assign(kind=kinds_of(rows), seed=rows.get("seed", 0), refused=rows["refused"] * 1.0)
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


def outcome_table(systems: Sequence[System]) -> DataFrame:
    """Shares of the outcomes in %, a row for each system, for each kind of question, and the number of questions."""
    parts = {}
    for kind in KINDS:
        shares = {one.label: 100 * one.outcomes[one.kinds == kind].mean(axis=(0, 1)) for one in systems}
        parts[f"{kind}, n = {np.count_nonzero(systems[0].kinds == kind)}"] = DataFrame(shares, index=list(OUTCOMES)).T
    return pd.concat(parts, axis=1).round(0).astype(int)


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
