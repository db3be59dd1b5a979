"""The recorded table of lab 3.3: what each cell scored, how two rows compare, and which guess counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import pandas as pd

from ...benchmark.ladder import rung_answers
from ...corpus.load import EVIDENCE
from ...measure.statistics import Estimate, Verdict, compare, holm, interval
from ...settings import DATA
from ...show.text import Text, literal
from .five_tasks import CONTEXTS, GUESSES, TASKS, FiveTasks, asked, guessed

RECORDED = DATA / "recorded" / "3.3.jsonl.gz"
HOW = "not recorded yet; python -m tools.domain grid records it"
TRAININGS = ("none", "closed-book", "raft")
CELLS = tuple(f"{training} x {context}" for training, context in product(TRAININGS, CONTEXTS))
GUESS, ALWAYS = "the better guess", "always refuse"  # GUESS stands for one of the two guess rows, by task
ANSWERED = TASKS[:2]  # questions that have an answer
AS_THEY_COME = (*ANSWERED, "refusal")

Rows = Mapping[str, pd.DataFrame]  # system -> its scored answers


@dataclass(frozen=True)
class Share:
    """A share in %, with its 95 % interval over families and seeds. by_seed: of each training alone."""

    mean: float
    low: float
    high: float
    by_seed: tuple[float, ...]
    n: int
    families: int

    def __str__(self) -> str:
        return f"{self.mean:.0f} % [{self.low:.0f}, {self.high:.0f}]"


def recorded() -> dict[str, pd.DataFrame]:
    """system -> its answers on the 15 test families; empty when nothing is recorded."""
    return rung_answers("authored", RECORDED)


def missing(record: Rows) -> str:
    """One sentence about the trainings that are not on record; "" when all are."""
    absent = [training for training in TRAININGS if not any(name.startswith(f"{training} x") for name in record)]
    return f"{', '.join(absent)}: {HOW}." if absent else ""


def answers(record: Rows, system: str, tasks: str | Sequence[str]) -> pd.DataFrame | None:
    """The answers of one system to one task (or several), with a column `seed`; None when there are none.

    system: GUESS stands for the guess that is better at these tasks.
    """
    wanted = (tasks,) if isinstance(tasks, str) else tuple(tasks)
    table = record.get(better_guess(wanted) if system == GUESS else system)
    if table is None or not (rows := table[table["task"].isin(wanted)]).size:
        return None
    return (rows if "seed" in rows else rows.assign(seed=0)).astype({"correct": float})


def share(rows: pd.DataFrame, column: str = "correct") -> Share:
    """Of a column of answers (0 to 1) the mean in %, each question counted once."""
    wide = rows.astype({column: float}).pivot(index="question_id", columns="seed", values=column)
    families = list(families_of(rows)[wide.index])
    low, high = interval(wide.to_numpy(), families)
    mean, seeds = 100 * wide.to_numpy().mean(), tuple(100 * wide.mean())
    return Share(float(mean), 100 * low, 100 * high, seeds, len(wide), len(set(families)))


def needless(table: pd.DataFrame) -> pd.DataFrame:
    """The answers to questions that have an answer; their column `refused` is the needless refusals."""
    rows = table[table["task"].isin(ANSWERED)]
    return rows if "seed" in rows else rows.assign(seed=0)


def families_of(rows: pd.DataFrame) -> pd.Series:
    """question id -> its family of contracts."""
    return rows.drop_duplicates("question_id").set_index("question_id")["family"].astype(str)


def gain(new: pd.DataFrame, old: pd.DataFrame, names: tuple[str, str] = ("new", "old")) -> Verdict:
    """Is `new` better than `old` on the same questions? Paired, over families and seeds; see `measure.statistics`. Where
    both have several seeds, those that both have."""
    seeds = [set(rows["seed"]) for rows in (new, old)]
    shared = seeds[0] & seeds[1] if min(map(len, seeds)) > 1 else set()
    kept = shared or seeds[0] | seeds[1]
    a, b = ([part.set_index("question_id")["correct"] for seed, part in rows.groupby("seed") if seed in kept]
            for rows in (new, old))  # fmt: skip
    return compare(a, b, {str(name): family for name, family in families_of(new).items()}, names[0], names[1])


@cache
def better_guess(tasks: tuple[str, ...]) -> str:
    """The guess row that is right more often on the dev questions of these tasks; the first where both are equal.

    Where refusals count, "always refuse" is a third one.
    """
    right = {name: float(rows[rows["task"].isin(tasks)]["correct"].mean()) for name, rows in dev_guesses().items()}
    candidates = [f"guess: {name}" for name in GUESSES] + ([ALWAYS] if "refusal" in tasks else [])
    return max(candidates, key=lambda name: right[name])


@cache
def dev_guesses() -> dict[str, pd.DataFrame]:
    """The rows that read nothing on the dev questions of the evidence corpora, scored."""
    tasks = {corpus: FiveTasks(corpus) for corpus in EVIDENCE}
    questions = {corpus: asked(corpus, "dev") for corpus in EVIDENCE}
    every = [question for part in questions.values() for question in part]
    tables = {}
    for name in (*GUESSES, ALWAYS):
        given = dict(zip(every, ["not stated"] * len(every) if name == ALWAYS else guessed(every, name), strict=True))
        parts = [tasks[corpus].score(part, [given[one] for one in part]) for corpus, part in questions.items()]
        tables[name if name == ALWAYS else f"guess: {name}"] = pd.concat(parts, ignore_index=True)
    return tables


# ------------------------------------------------------------------ verdicts


def verdicts(hypotheses: Mapping[str, Mapping[str, str]], tests: Mapping[str, Estimate]) -> pd.DataFrame:
    """One row for each hypothesis: claim, task, gain in points with its interval, corrected p value, verdict.

    tests: hypothesis -> its estimate; p values are corrected together (Holm). One without an estimate was not run.
    """
    p_values = holm({name: one.p() for name, one in tests.items()})
    rows = {}
    for name, one in hypotheses.items():
        low, high = tests[name].interval() if name in tests else (0.0, 0.0)
        points = f"{100 * tests[name].mean:+.1f} [{100 * low:.1f}, {100 * high:.1f}]" if name in tests else "-"
        p = f"{p_values[name]:.3f}" if name in tests else "-"
        rows[name] = (one["claim"], points, p, _word(tests[name].mean, p_values[name]) if name in tests else "not run")
    return pd.DataFrame.from_dict(rows, orient="index", columns=["claim", "points", "p, corrected", "verdict"])


def _word(mean: float, p: float) -> str:
    if p >= 0.05:
        return "cannot tell"
    return "held" if mean > 0 else "refuted"


def at_least(test: Estimate | None, points: float) -> str:
    """Is a gain at least so many points? One sentence, from its interval."""
    if test is None:
        return f"at least {points:g} points: not run"
    low, high = (100 * end for end in test.interval())
    verdict = "held" if low >= points else "refuted" if high < points else "cannot tell"
    return f"at least {points:g} points: {verdict}; measured {100 * test.mean:+.1f} [{low:.1f}, {high:.1f}]"


def best_of(record: Rows, task: str, options: Mapping[str, str]) -> tuple[str, str | None]:
    """(% right of each option in words, the best of them; None where not all are on record). options: name -> row."""
    found = {name: answers(record, system, task) for name, system in options.items()}
    right = {name: share(rows).mean for name, rows in found.items() if rows is not None}
    words = [f"{name} {right[name]:.0f} %" if name in right else f"{name} not recorded yet" for name in options]
    return ", ".join(words), max(right, key=lambda name: right[name]) if len(right) == len(options) else None


PARTS = (  # what is asked, new cell, old cell
    ("Does closed-book know more? Nothing shown", "closed-book x none", "none x none"),
    ("Does RAFT read better? The right clause shown", "raft x oracle", "none x oracle"),
)


def knows_and_reads(record: Rows) -> list[str]:
    """Two gains on one-clause questions, as sentences: where nothing is shown, and where the right clause is."""
    lines = []
    for words, new, old in PARTS:
        a, b = (answers(record, name, "one clause") for name in (new, old))
        lines.append(f"{words}: {'not recorded yet' if a is None or b is None else gain(a, b, (new, old))}")
    return lines


# ------------------------------------------------------------------ what stands in the lab's smaller tables


def not_for_sale(record: Rows, task: str) -> str:
    """One sentence: which cells that a product could have are not above the guess."""
    found = {name: answers(record, name, task) for name in (GUESS, *CELLS)}
    right = {name: share(rows).mean for name, rows in found.items() if rows is not None and "oracle" not in name}
    if GUESS not in right:
        return f"The table is {HOW}."
    level = right.pop(GUESS)
    below = [f"{name} ({value:.0f} %)" for name, value in right.items() if value <= level]
    said = f"Not above it: {', '.join(below)}" if below else "Every cell that a product could have is above it"
    return f"The better guess, {better_guess((task,))}, is right in {level:.0f} %. {said}."


def standing(tables: Rows) -> pd.DataFrame:
    """One row for each system, in %: right answers by task, and needless refusals; the column names say n."""
    counts = next(iter(tables.values()))["task"].value_counts()
    rows = {}
    for system, table in tables.items():
        right = 100 * table.groupby("task")["correct"].mean()
        rows[system] = {f"{task} (n = {counts[task]})": right[task] for task in AS_THEY_COME if task in counts}
        rows[system]["needless refusals"] = 100 * needless(table)["refused"].astype(float).mean()
    return pd.DataFrame(rows).T.round(0).astype("Int64")


def changes(before: pd.DataFrame, after: pd.DataFrame) -> str:
    """What a second look did with the refusals of a first one, counted; one line for each kind of change."""
    old, new = (table.set_index("question_id").loc[before["question_id"]] for table in (before, after))
    looked = old["refused"].astype(bool) & ~new["refused"].astype(bool)
    known, right = old["answerable"].astype(bool), new["correct"].astype(float) > 0.5
    counts = {
        "missed answers found": looked & known & right,
        "needless refusals that became wrong answers": looked & known & ~right,
        "right refusals that became wrong answers": looked & ~known,
        "unchanged": ~looked,
    }
    return "\n".join(f"{name}: {rows.sum()} of {len(rows)}" for name, rows in counts.items())


def bill(record: Rows) -> pd.DataFrame:
    """What each training took to record, and how many tokens one prompt has: a row for each training on record."""
    rows = {}
    for training in TRAININGS:
        tables = {name.split(" x ")[1]: rows for name, rows in record.items() if name.startswith(f"{training} x")}
        if tables:
            every, cost = pd.concat(tables.values()), next(iter(tables.values())).attrs.get("cost", {})
            paid = {"tokens trained on": cost.get("training_tokens"), "answers": len(every)}
            paid["hours of answering"] = every["seconds"].sum() / 3600
            paid |= {f"tokens, {context}": table["input_tokens"].mean() for context, table in tables.items()}
            rows[training] = paid | {"loss on plain English": cost.get("general_loss")}
    return pd.DataFrame(rows).T.astype(float)


def duel(record: Rows, first: str, second: str, task: str, read: str) -> Text:
    """Two cells on one task: the difference, and answers to read that the first won or lost (of its first seed)."""
    a, b = answers(record, first, task), answers(record, second, task)
    if a is None or b is None:
        return Text(f"{first if a is None else second}, {task}: {HOW}, or the context does not apply.")
    one, other = (rows[rows["seed"] == rows["seed"].min()].set_index("question_id") for rows in (a, b))
    change = one["correct"] - other["correct"]
    lines = [
        f"**{gain(a, b, (first, second))}**\n\nOf the first seed: won {(change > 0).sum()}, lost {(change < 0).sum()}."
    ]
    known = {question.id: question for corpus in EVIDENCE for question in asked(corpus, "test")}
    for identity in change.index[change > 0 if read == "won" else change < 0][:5]:
        question = known[identity]
        right = literal("; ".join(question.answers[:3])[:90] or "not stated")
        said = " · ".join(f"*{literal(str(rows['answer'][identity])[:90])}*" for rows in (one, other))
        lines.append(f"- {literal(question.question[:150])} Right: **{right}**. The first, the second: {said}")
    return Text(f"{lines[0]} The first {read}:\n\n" + "\n".join(lines[1:] or ["- none"]))
