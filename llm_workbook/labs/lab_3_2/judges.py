"""Judges that do not know the right answer, sixty labels that check them, and what a corrected share is worth."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...benchmark.reading import SEVERAL
from ...corpus.records import Question
from ...feedback.raters import Rater
from ...measure.statistics import wilson_interval
from ...measure.strict import words
from ...taught.lab_1_5 import cite
from .study import asked, clauses_of, entries, places_in, readings

SHOWN, AGAIN, MARKED = "stands in a shown clause", "a second reading agrees", "stands in a marked clause"
JUDGES = (SHOWN, AGAIN, MARKED)
KINDS = ("all", "one clause or none", "several clauses")
LABELS = 60
Corrected = Callable[..., tuple[float, float, float]]


@dataclass(frozen=True)
class Counts:
    """What is known of a judge. yes of n answers are good, says the judge. Of the labelled ones: good_yes of the good ones
    are good to the judge, bad_no of the bad ones are bad to it."""

    yes: int
    n: int
    good_yes: int
    good: int
    bad_no: int
    bad: int


def judged() -> pd.DataFrame:
    """The answers of one reader to 360 test questions: truth (0 or 1), kind, and what each judge says (True: good)."""
    both = readings()
    first, other = (both[name][both[name]["split"] == "test"] for name in ("encoder, 4 clauses", "200 tokens"))
    known, rows = asked("test"), []
    for one, again in zip(first.itertuples(), other.itertuples(), strict=True):
        question, answer, refused = known[str(one.Index)], str(one.answer), bool(one.refused)
        shown = [entries()[place] for place in places_in(str(one.places))]
        several = question.answerable and question.type in SEVERAL
        rows.append(
            {
                "question_id": one.Index, "family": one.family, "question": question.question, "answer": answer,
                "kind": KINDS[2] if several else KINDS[1], "truth": bool(one.correct),
                SHOWN: refused or cite(answer, shown) is not None,
                AGAIN: words(answer) == words(str(again.answer)),
                MARKED: _in_marked(question, answer, refused),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _in_marked(question: Question, answer: str, refused: bool) -> bool:
    """Good: the answer stands in a clause that is marked for the question; where none is marked: it refuses."""
    if refused or not question.answerable:
        return refused and not question.answerable
    return any(cite(answer, [clause]) is not None for clause in marked_clauses(question))


def marked_clauses(question: Question) -> list[str]:
    """The clauses that hold the evidence of a question."""
    return [
        clause
        for one in question.evidence
        for place, clause in clauses_of(one.document).items()
        if one.start < place.end and one.end > place.start
    ]


def label(rater: Rater, answers: pd.DataFrame, seed: int) -> pd.Series:
    """What a simulated rater says of single answers (True: good): the truth, but for slips drawn by chance."""
    rng = random.Random(f"{rater.name} {seed} alone")
    said = [rng.random() < 0.5 if rng.random() < rater.slips else bool(truth) for truth in answers["truth"]]
    return pd.Series(said, index=answers.index)


def drawn(answers: pd.DataFrame, rater: Rater, seed: int) -> pd.DataFrame:
    """Sixty answers at random, or all where there are fewer, with the rater's label in a column `label`."""
    some = answers.sample(min(LABELS, len(answers)), random_state=seed)
    return some.assign(label=label(rater, some, seed))


def counts(answers: pd.DataFrame, labelled: pd.DataFrame, judge: str) -> Counts:
    """What is known of a judge: on all answers, and on the labelled ones."""
    good, bad = labelled[labelled["label"]], labelled[~labelled["label"]]
    return Counts(
        int(answers[judge].sum()), len(answers), int(good[judge].sum()), len(good), int((~bad[judge]).sum()), len(bad)
    )


def verdicts(answers: pd.DataFrame, labelled: pd.DataFrame, correct: Corrected) -> pd.DataFrame:
    """A row for each judge and one for the labels alone: % good with 95 % intervals, and whether they contain the truth
    (which is known here, because these contracts have right answers)."""
    truth, rows = float(answers["truth"].mean()), {}
    for judge in JUDGES:
        known = counts(answers, labelled, judge)
        rows[judge] = {
            "sensitivity": f"{known.good_yes} of {known.good}", "specificity": f"{known.bad_no} of {known.bad}",
            "judge says": _said(known.yes / known.n, *wilson_interval(known.yes, known.n), truth),
            "corrected": corrected_words(correct, known, truth),
        }  # fmt: skip
    good = int(labelled["label"].sum())
    alone = _said(good / len(labelled), *wilson_interval(good, len(labelled)), truth)
    rows[f"the {len(labelled)} labels alone"] = dict.fromkeys(rows[MARKED], "") | {"corrected": alone}
    return pd.DataFrame.from_dict(rows, orient="index")


def corrected_words(correct: Corrected, known: Counts, truth: float) -> str:
    """The corrected share in words; of a judge that cannot be corrected: refused."""
    try:
        return _said(*correct(*vars(known).values()), truth)
    except ValueError:
        return "refused: no better than chance"


def _said(share: float, low: float, high: float, truth: float) -> str:
    return f"{100 * share:.0f} [{100 * low:.0f}, {100 * high:.0f}] {'contains' if low <= truth <= high else 'misses'} the truth"


def by_kind(answers: pd.DataFrame, rater: Rater, judge: str, correct: Corrected, times: int) -> pd.DataFrame:
    """A row for each kind of question, with sixty labels of this kind, drawn so many times: the median half width in
    points of the corrected interval and of that of the labels alone, how many labels alone would be as good, and the
    rule."""
    rows = {}
    for kind in KINDS:
        some = answers if kind == "all" else answers[answers["kind"] == kind]
        draws = repeated(some, rater, judge, correct, times)
        halves = (50 * (draws["high"] - draws["low"])).to_numpy().reshape(times, 2)  # corrected, labels alone
        half, alone = np.median(halves, axis=0)
        rows[kind] = {
            "answers": len(some), "truth, %": round(100 * float(some["truth"].mean())),
            "judge says, %": round(100 * float(some[judge].mean())), "corrected, ± points": round(half, 1),
            "labels alone, ± points": round(alone, 1), "worth labels": round(LABELS * (alone / half) ** 2),
            "narrower, % of draws": round(100 * float(np.mean(halves[:, 0] < halves[:, 1]))),
            "rule": "use the judge" if half < alone else "use the labels",
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def repeated(answers: pd.DataFrame, rater: Rater, judge: str, correct: Corrected, times: int) -> pd.DataFrame:
    """Sixty labels drawn again and again: a row for each draw with share, low, high of "corrected" and "labels alone".

    A draw that cannot be corrected has the interval 0 to 1.
    """
    rows = []
    for seed in range(times):
        labelled = drawn(answers, rater, seed)
        good = int(labelled["label"].sum())
        try:
            found = correct(*vars(counts(answers, labelled, judge)).values())
        except ValueError:
            found = (float("nan"), 0.0, 1.0)
        alone = (good / len(labelled), *wilson_interval(good, len(labelled)))
        rows += [{"way": way, "seed": seed, **dict(zip(("share", "low", "high"), each, strict=True))}
                 for way, each in (("corrected", found), ("labels alone", alone))]  # fmt: skip
    return pd.DataFrame(rows)


def coverage(draws: pd.DataFrame, truth: float) -> pd.DataFrame:
    """A row for each way: in % of the draws the interval contains the truth; the median half width in points."""
    held = 100 * ((draws["low"] <= truth) & (truth <= draws["high"]))
    facts = pd.DataFrame({"contains the truth, %": held, "± points": 50 * (draws["high"] - draws["low"])})
    return facts.groupby(draws["way"]).agg({"contains the truth, %": "mean", "± points": "median"}).round(1)


def examples(answers: pd.DataFrame, judge: str, truth: bool, most: int) -> Sequence[str]:
    """Questions with answers that the judge gets wrong. truth: False: bad ones that it praises; True: the others."""
    wrong = answers[(answers["truth"] == truth) & (answers[judge] != truth)]
    return [f"{row.question} -> {row.answer}" for row in wrong.head(most).itertuples()]
