"""A training set with five planted leaks."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ...corpus.load import load_contracts
from ...show.plots import styled
from .pairs import Pair, clauses_of, from_values

CLEAN = 35  # rows beside the leaks
LONG = 30  # words of a clause that is planted, at least
OTHER_WORDS = "Which value must both sides respect here?"


def planted(clean: Sequence[Pair], seed: int) -> tuple[list[Pair], list[bool], list[Pair]]:
    """(rows in random order, which of them is a leak, the pairs of the test contracts).

    The leaks: a test row; the same clause with the question in other words; a test clause under another title; one with
    other companies; one with another title, other companies and another question. Clean rows: at most 35 of `clean`.
    """
    rng = random.Random(f"leaks {seed}")
    tests = from_values(clauses_of(load_contracts("authored", "test")))
    long = [pair for pair in tests if len(words_to_compare(pair.body)) >= LONG]
    same, asked, moved, renamed, hidden = rng.sample(long, 5)
    title = rng.choice(clean).clause.partition(": ")[0]
    leaks = [
        same,
        replace(asked, question=OTHER_WORDS),
        replace(moved, clause=f"{title}: {moved.body}"),
        replace(renamed, clause=with_other_names(renamed.clause)),
        replace(hidden, clause=f"{title}: {with_other_names(hidden.body)}", question=OTHER_WORDS),
    ]
    rows = [(pair, False) for pair in rng.sample(list(clean), min(CLEAN, len(clean)))] + [
        (pair, True) for pair in leaks
    ]
    rows = rng.sample(rows, len(rows))
    return [pair for pair, _ in rows], [is_leak for _, is_leak in rows], tests


def with_other_names(text: str) -> str:
    """The text with every company of two capitalised words or more renamed."""
    return re.sub(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b", "Alder Quay", text)


def words_to_compare(text: str) -> list[str]:
    """The words in small letters, without those that begin with a capital letter: names may have been changed."""
    return [word.lower() for word in re.findall(r"\w+", text) if not word[0].isupper()]


def found_leaks(found: Sequence[bool], is_leak: Sequence[bool]) -> str:
    """How many leaks were found, and how many clean rows were taken for leaks."""
    right = sum(one and leak for one, leak in zip(found, is_leak, strict=True))
    return (
        f"{right} of {sum(is_leak)} leaks found, {sum(found) - right} of {len(is_leak) - sum(is_leak)} clean rows taken"
        " for leaks"
    )


@styled
def draw_shares(shares: Sequence[float], is_leak: Sequence[bool], line: float) -> Figure:
    """A dot for each row: the share of its windows that a test clause contains, and the line. Returns the Figure."""
    figure, axes = plt.subplots(figsize=(7, 2.2))
    for leak, colour, name in ((False, "C0", "clean rows"), (True, "C1", "planted leaks")):
        x = [share for share, one in zip(shares, is_leak, strict=True) if one == leak]
        axes.plot(x, [int(leak)] * len(x), "o", color=colour, alpha=0.6, label=name)
    axes.axvline(line, color="C4", lw=1.5)
    axes.set(yticks=[0, 1], yticklabels=["clean", "leak"], ylim=(-0.5, 1.5), xlim=(-0.02, 1.02))
    axes.set(xlabel="share of windows copied from one test clause")
    axes.set_title(found_leaks([share >= line for share in shares], is_leak))
    return figure
