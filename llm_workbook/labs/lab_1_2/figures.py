"""The tables and the two pictures of lab 1.2."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from pandas import DataFrame

from ...corpus.records import Question
from ...show.plots import styled

BUDGET, PLACES = "within the budget", "in the first places"


def board(scores: Mapping[str, DataFrame], questions: Sequence[Question]) -> DataFrame:
    """% of the evidence found, one row for each index; columns: in the first places, within the budget.

    scores: index -> scores of its questions, with the columns question_id, recall and within_budget (0 to 1).
    questions: those that count.
    """
    wanted = [question.id for question in questions]
    means = {name: _of(table, wanted)[["recall", "within_budget"]].mean() for name, table in scores.items()}
    return (100 * DataFrame(means).T).set_axis([PLACES, BUDGET], axis=1).round(1)


def right_answers(by_type: DataFrame) -> DataFrame:
    """% right of all questions, one row for each system, with the 95 % confidence interval. by_type: as `Run.by_type`
    gives it."""
    every = by_type[by_type["group"] == "all"].set_index("system")
    shares = (100 * every[["mean", "low", "high"]]).round().set_axis(["% right", "95 % from", "to"], axis=1)
    return shares.assign(n=every["n"])


@styled
def leap(before: DataFrame, after: DataFrame, questions: Sequence[Question]) -> Figure:
    """Evidence found within the budget by type of question, before and after one change; the largest gain on top.

    before, after: as in `board`. Returns the Figure.
    """
    wanted = [question.id for question in questions]
    tables = [_of(table, wanted).groupby("type")["within_budget"] for table in (before, after)]
    low, high = (100 * table.mean() for table in tables)
    types = sorted(low.index, key=lambda kind: high[kind] - low[kind])
    counts, rows = tables[0].size(), range(len(types))
    figure, axes = plt.subplots(figsize=(8, 1.6 + 0.32 * len(types)))
    axes.hlines(rows, [low[kind] for kind in types], [high[kind] for kind in types], color="#999999", lw=2, zorder=1)
    axes.scatter([low[kind] for kind in types], rows, s=50, marker="o", color="C4", label="without header", zorder=2)
    axes.scatter([high[kind] for kind in types], rows, s=60, marker="D", color="C0", label="with header", zorder=3)
    title = f"A header: {low.mean():.0f} to {high.mean():.0f} % of the evidence, mean over the types of question"
    axes.set(xlim=(-3, 103), xlabel="% of evidence found within the budget", title=title)
    axes.set_yticks(rows, [f"{kind}  (n = {counts[kind]})" for kind in types])
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@styled
def price(bill: DataFrame, chosen: str) -> Figure:
    """Each index: what it finds within the budget against the word pieces that were encoded for it.

    bill: index by name, with the columns of `board` and word_pieces. chosen: the name to point out. Returns the Figure.
    """
    figure, axes = plt.subplots(figsize=(8, 4.2))
    thousands, found = bill["word_pieces"] / 1000, bill[BUDGET]
    top = max(5.0, 1.25 * found.max())
    lowest = 0.0
    for name in found.sort_values().index:
        color, marker = ("C1", "D") if name == chosen else ("C0", "o")
        axes.plot(thousands[name], found[name], marker, ms=9, color=color)
        weight = "bold" if name == chosen else "normal"
        lowest = max(found[name], lowest + top / 18)  # no name on top of another
        place, side = (-0.02, "right") if thousands[name] > 0.75 * thousands.max() else (0.02, "left")
        axes.text(
            thousands[name] + place * thousands.max(), lowest, name, ha=side, va="center", weight=weight, fontsize=9
        )
    axes.set(xlim=(0, 1.08 * thousands.max()), ylim=(0, top))
    axes.set(xlabel="thousand word pieces encoded (the price)", ylabel="% of evidence found within the budget")
    axes.set_title(f"Chosen on dev: {chosen}, {found[chosen]:.0f} % for {thousands[chosen]:.0f} thousand word pieces")
    return figure


def _of(table: DataFrame, question_ids: Sequence[str]) -> DataFrame:
    return table[table["question_id"].isin(list(question_ids))]
