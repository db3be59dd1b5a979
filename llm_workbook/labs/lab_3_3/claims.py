"""Sentences for the boss, with the numbers that say whether they may be told; and which system a task is worth."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from ...show.text import Text, literal
from ...taught.lab_3_3 import Claim
from .table import AS_THEY_COME, GUESS, HOW, TASKS, Rows, answers, gain, needless, share

DRAFTS = (  # sentence, task, new system, old system
    ("One clause: with a search, training by RAFT brings {points} points.",
     "one clause", "raft x retrieved", "none x retrieved"),
    ("One clause: retrieval alone, without any training, brings {points} points.",
     "one clause", "none x retrieved", "none x none"),
    ("One clause: our model learned our contracts by heart. That brings {points} points, and needs no search.",
     "one clause", "closed-book x none", "none x none"),
    ("Our RAFT reader knows when to stay silent: it refuses {right} % of the questions without an answer, a change of"
     " {points} points.", "refusal", "raft x retrieved", "none x retrieved"),
    ("A perfect search would bring the RAFT reader {points} points on one-clause questions.",
     "one clause", "raft x oracle", "raft x retrieved"),
    ("Naming clauses: training brings {points} points over labelled examples in the prompt.",
     "classification", "closed-book x none", "none x retrieved"),
)  # fmt: skip


def claims(record: Rows) -> list[Claim]:
    """The sentences whose rows are on record, with their numbers."""
    return [claim for draft in DRAFTS if (claim := _claim(record, *draft))]


def _claim(record: Rows, words: str, task: str, new: str, old: str) -> Claim | None:
    a, b, guess = (answers(record, name, task) for name in (new, old, GUESS))
    if a is None or b is None or guess is None:
        return None
    verdict, right = gain(a, b), share(a).mean
    level = 0.0 if task == "refusal" else share(guess).mean  # a guess that reads nothing refuses nothing
    refused = 0.0 if task == "classification" else share(needless(record[new]), "refused").mean
    said = words.format(points=f"{verdict.difference:+.0f}", right=f"{right:.0f}")
    return Claim(said, verdict.difference, verdict.low, verdict.high, right, level, verdict.families, refused)


def told(claims: Sequence[Claim], objections: Callable[[Claim], Sequence[str]]) -> Text:
    """The sentences as a table: each with its numbers, and what is said against it."""
    head = "| sentence | points | right, guess (%) | families | needless (%) | objections |\n|---|---|---|---|---|---|"
    lines = [
        f"| {one.sentence} | {one.difference:+.1f} [{one.low:.1f}, {one.high:.1f}] | {one.right:.0f}, {one.guess:.0f} |"
        f" {one.families} | {one.needless:.0f} | {literal(', '.join(sorted(objections(one)))) or '**none: tell it**'} |"
        for one in claims
    ]
    return Text("\n".join([head, *lines])) if lines else Text(f"The rows are {HOW}.")


# ------------------------------------------------------------------ decisions

LADDER = {  # what is bought -> the system that stands for it, from the least work to the most
    "a guess": GUESS,
    "prompt": "none x prompt",
    "retrieval": "none x retrieved",
    "tuning": "closed-book x none",
    "both": "raft x retrieved",
}
DECIDED = {**{task: (task,) for task in TASKS[:4]}, "questions as they come, refusals too": AS_THEY_COME}


def decisions(record: Rows, choose: Callable[..., str]) -> pd.DataFrame:
    """For each task what to buy, % right, its gain over the better guess, and over the best of the others.

    choose: (names from the least work to the most, gain) -> one of the names; gain(new, old) gives (difference, low,
    high) in points. What is not on record is left out, and named.
    """
    return pd.DataFrame.from_dict(
        {label: _decision(record, tasks, choose) for label, tasks in DECIDED.items()}, orient="index"
    ).rename_axis("task")


def _decision(record: Rows, tasks: tuple[str, ...], choose: Callable[..., str]) -> Mapping[str, str]:
    found = {name: answers(record, system, tasks) for name, system in LADDER.items()}
    known = {name: rows for name, rows in found.items() if rows is not None}
    if "a guess" not in known:
        return {"buy": "not recorded yet"}

    def between(new: str, old: str) -> tuple[float, float, float]:
        verdict = gain(known[new], known[old])
        return verdict.difference, verdict.low, verdict.high

    bought = choose([*known], between)
    right = {name: share(rows).mean for name, rows in known.items()}
    rival = max((name for name in known if name != bought), key=lambda name: right[name], default=bought)
    row = {"buy": bought, "right": str(share(known[bought])), "over the guess": _points(between, bought, "a guess")}
    row["against the best other"] = f"{_points(between, bought, rival)} ({rival})"
    absent = [name for name in found if name not in known]
    return row | {"not recorded yet": ", ".join(absent)} if absent else row


def _points(between: Callable[[str, str], tuple[float, float, float]], new: str, old: str) -> str:
    return "-" if new == old else "{:+.0f} [{:.0f}, {:.0f}]".format(*between(new, old))
