"""Exercises of lab 3.3."""

import random
from collections.abc import Callable

import numpy as np
from scipy.stats import norm, t

from ...exercises.checks import compare, equal, list_of, mapping_of, must_raise, number
from ...exercises.engine import Exercise, Misconception, NotYet
from ...taught import lab_3_3 as taught
from ...taught.lab_3_1 import holm_by_hand, word_overlap
from ...taught.lab_3_3 import family_mean, p_of_difference


def _drawn(seed: int, count: int, families: int, shift: float = 0.0) -> tuple[list[float], list[str]]:
    """Differences of -1, 0 and 1, moved by `shift`, in families of unequal size."""
    generator = random.Random(seed)
    clusters = [f"family {min(generator.randrange(families), place)}" for place in range(count)]
    return [generator.choice((-1.0, 0.0, 0.0, 0.0, 1.0)) * 0.4 + shift for _ in range(count)], clusters


# ------------------------------------------------------------------ 1 · equivalence

TOST_CASES = [
    ([0.01, -0.01, 0.0], ["a", "b", "c"], 0.05),
    ([0.9, -0.9, 0.0], ["a", "b", "c"], 0.05),
    ([0.04, 0.03, 0.05, 0.04], ["a", "b", "c", "d"], 0.05),
    ([-0.04, -0.03, -0.05, -0.04], ["a", "b", "c", "d"], 0.05),
    ([0.5, 0.4, 0.5, 0.6], ["a", "a", "b", "c"], 0.05),
    ([-0.5, -0.4, -0.5, -0.6], ["a", "a", "b", "c"], 0.05),
    *(
        (*_drawn(seed, 40, 5, shift), margin)
        for seed, (shift, margin) in enumerate([(0.0, 0.1), (0.05, 0.1), (-0.05, 0.1), (0.2, 0.1), (-0.2, 0.3)])
    ),
]


TOST_NAMES = ("differences", "families", "margin")


def check_tost(candidate: Callable) -> None:
    """Equal, unequal and noisy systems, on both sides of zero; and a margin that is none."""
    different = "this is not the p of the two one-sided tests"
    compare(candidate, taught.tost_p, TOST_CASES, TOST_NAMES, different, number)
    cases = [([0.1, 0.2], ["a", "b"], margin) for margin in (0, 0.0, -0.05)]
    must_raise(candidate, cases, TOST_NAMES, "a margin of 0 or less shows nothing: raise a ValueError")


def _tails(differences, families, margin):
    if margin <= 0:
        raise ValueError("no margin")
    mean, error, freedom = family_mean(differences, families)
    return float(t.sf((mean + margin) / error, freedom)), float(t.cdf((mean - margin) / error, freedom))


def _tost_normal(differences, families, margin):
    _tails(differences, families, margin)
    mean, error, _ = family_mean(differences, families)
    return float(max(norm.sf((mean + margin) / error), norm.cdf((mean - margin) / error)))


# ------------------------------------------------------------------ 2 · both against RAG

QUESTIONS = [f"q{number}" for number in range(24)]
FAMILY = {question: f"family {number % 4}" for number, question in enumerate(QUESTIONS)}


def _system(seed: int, right: float) -> dict[str, float]:
    """Scores in an order of its own."""
    generator = random.Random(seed)
    return {question: float(generator.random() < right) for question in generator.sample(QUESTIONS, len(QUESTIONS))}


SCORES = {
    "RAG": _system(1, 0.4),
    "both": _system(2, 0.75),
    "memory": _system(3, 0.1),
    "ceiling": _system(4, 0.95),
    "again": _system(5, 0.4),
}
TINY = {"a": {"q0": 1.0, "q1": 1.0, "q2": 0.0}, "b": {"q2": 0.0, "q1": 0.0, "q0": 1.0}}
PAIR_CASES = [
    (TINY, FAMILY, [("a", "b")], p_of_difference, holm_by_hand),
    (SCORES, FAMILY, [("both", "RAG")], p_of_difference, holm_by_hand),
    (SCORES, FAMILY, [("both", "RAG"), ("memory", "RAG"), ("again", "RAG")], p_of_difference, holm_by_hand),
    (
        SCORES,
        FAMILY,
        [("ceiling", "memory"), ("RAG", "both"), ("both", "ceiling"), ("again", "RAG")],
        p_of_difference,
        holm_by_hand,
    ),
]


def check_pairs(candidate: Callable) -> None:
    """One pair and several, with the questions of each system in another order."""
    read = mapping_of(_pair, "(new, old) to (mean difference, corrected p)")
    different = "the entries are different: (new, old) -> (mean difference, corrected p)"
    compare(candidate, taught.compare_pairs, PAIR_CASES, (), different, read, given=_scores_of_pairs)


def _scores_of_pairs(scores, families, pairs, *_) -> dict:
    return {"pairs": pairs, "scores": {name: scores[name] for pair in pairs for name in pair}}


def _pair(got) -> tuple[float, float]:
    """(mean difference, corrected p) from whatever holds two numbers."""
    values = got.tolist() if hasattr(got, "tolist") else got
    if not isinstance(values, tuple | list) or len(values) != 2:
        raise NotYet("each entry is a pair: (mean difference, corrected p)")
    return number(values[0]), number(values[1])


def _pairs(scores, families, pairs, p_of, holm, values=None, correct=None):
    found = {}
    for new, old in pairs:
        differences, clusters = (values or _by_id)(scores[new], scores[old], families)
        found[new, old] = (float(np.mean(differences)), p_of(differences, clusters))
    corrected = (correct or holm)({pair: p for pair, (_, p) in found.items()})
    return {pair: (mean, corrected[pair]) for pair, (mean, _) in found.items()}


def _bonferroni(p_values):
    return {name: min(1.0, p * len(p_values)) for name, p in p_values.items()}


def _by_id(new, old, families):
    return [new[question] - old[question] for question in new], [families[question] for question in new]


def _by_position(new, old, families):
    return [a - b for a, b in zip(new.values(), old.values(), strict=True)], [families[question] for question in new]


def _turned_round(new, old, families):
    return [old[question] - new[question] for question in new], [families[question] for question in new]


# ------------------------------------------------------------------ 3 · by type


def _typed(seed: int, count: int = 60) -> tuple[list[float], list[str], list[str]]:
    """Types of which one is better, one worse, and the last two stand in few families."""
    generator = random.Random(seed)
    values, types, families = [], [], []
    for _ in range(count):
        kind = generator.choice(("lookup", "bridge", "conflict", "orphan", "rare", "single"))
        families.append(
            {"rare": "f0", "single": generator.choice(("f0", "f1"))}.get(kind) or f"f{generator.randrange(5)}"
        )
        types.append(kind)
        values.append({"lookup": 0.6, "bridge": -0.3}.get(kind, 0.0) + generator.choice((-0.5, 0.0, 0.5)))
    return values, types, families


TYPE_CASES = [
    ([1.0, 0.0, 1.0, 0.0], ["x", "x", "y", "x"], ["a", "b", "a", "c"], p_of_difference, holm_by_hand),
    ([0.5], ["x"], ["a"], p_of_difference, holm_by_hand),
    ([], [], [], p_of_difference, holm_by_hand),
    *((*_typed(seed), p_of_difference, holm_by_hand) for seed in range(4)),
    (*_typed(5), p_of_difference, holm_by_hand, 2),
    (*_typed(6), p_of_difference, holm_by_hand, 5),
]


def check_types(candidate: Callable) -> None:
    """Types in many families and in few; none; another least number of families."""
    read = mapping_of(_pair, "type to (mean difference, corrected p)")
    names_differ = "these are not the types that occur in enough families"
    compare(candidate, taught.by_type, TYPE_CASES, (), names_differ, lambda got: set(read(got)), given=_typed_case)
    different = "the types are right, but a mean difference or a corrected p is different"
    compare(candidate, taught.by_type, TYPE_CASES, (), different, read, given=_typed_case)


def _typed_case(differences, types, families, p_of, holm, least_families=3) -> dict:
    return {"differences": differences, "types": types, "families": families, "least_families": least_families}


def _types(
    differences, types, families, p_of, holm, least_families=3, correct=None, drop_first=True, size: Callable = set
):
    found = {}
    for kind in dict.fromkeys(types):
        places = [place for place, other in enumerate(types) if other == kind]
        values, clusters = [differences[place] for place in places], [families[place] for place in places]
        whole = len(size(clusters)) >= least_families
        if whole or not drop_first:
            found[kind] = (float(np.mean(values)), p_of(values, clusters) if len(set(clusters)) > 1 else 1.0, whole)
    corrected = (correct or holm)({kind: p for kind, (_, p, _) in found.items()})
    return {kind: (mean, corrected[kind]) for kind, (mean, _, whole) in found.items() if whole}


# ------------------------------------------------------------------ 4 · the best sentence first


def _starts(question: str, sentence: str) -> float:
    """A likeness of its own: how many of the question's words stand in the sentence."""
    return float(sum(word in sentence.lower() for word in question.lower().rstrip("?").split()))


CLAUSES = [
    "Lease: The lessee pays rent. The notice is thirty days; it is given in writing.",
    "Licence: Each notice is served by hand: no other form counts.",
    "Rules: No vessel stays overnight.",
]
SENTENCE_CASES = [
    ("How long is the notice?", CLAUSES, _starts),
    ("How long is the notice?", CLAUSES, word_overlap),
    ("Which vessel stays overnight?", CLAUSES, word_overlap),
    ("Which form counts?", CLAUSES[::-1], _starts),
    ("Is rent paid?", CLAUSES[:1], _starts),
    ("Zebra?", CLAUSES, _starts),
    ("Anything?", [], word_overlap),
    (
        "When is the fee due?",
        ["The fee is due in May; it is paid by bank transfer to the seller", "The fee is low"],
        word_overlap,
    ),
    ("b?", ["x a. y b?", "z"], _starts),
    ("fee", ["A fee; a fee. The fee: one", "The fee"], word_overlap),
]


def check_sentence(candidate: Callable) -> None:
    """The sentence in the first clause, in the last, in none; ties; no clauses."""
    different = "this is not the best sentence followed by all the clauses"
    given = lambda question, clauses, likeness: {  # noqa: E731
        "question": question, "clauses": clauses, "likeness": likeness.__name__.strip("_")
    }  # fmt: skip
    compare(candidate, taught.best_sentence_first, SENTENCE_CASES, (), different, list_of(str), given=given)


def _split(clauses):
    return [sentence for clause in clauses for sentence in taught.sentences_of(clause)]


def _best(question, texts, likeness):
    return max(texts, key=lambda text: likeness(question, text))


EXERCISES = [
    Exercise(
        number=1,
        title="Show that two systems are equal",
        reference=taught.tost_p,
        check=check_tost,
        probes=TOST_CASES,
        equivalent_mutants={
            "return float(max(above_low, below_high)) -> return max(above_low, below_high)": "numpy's float is a float"
        },
        hints=(
            "`mean, error, freedom = family_mean(differences, families)` gives all you need.",
            "The tail above t is `t.sf(value, freedom)`, the tail below `t.cdf(value, freedom)`.",
            (
                "`max(t.sf((mean + margin) / error, freedom), t.cdf((mean - margin) / error, freedom))`, after the"
                " margin was checked."
            ),
        ),
        misconceptions=(
            Misconception(
                "not significant taken for equal",
                lambda differences, families, margin: 1 - p_of_difference(differences, families),
                "You turn round the p of a difference. Little data gives a large p, and would so prove equality: test"
                " against -margin and +margin.",
            ),
            Misconception(
                "the weaker test left out",
                lambda *case: min(_tails(*case)),
                "You take the smaller of the two p values. Both alternatives must be refuted, so the **larger** one"
                " counts.",
            ),
            Misconception(
                "one side only",
                lambda *case: _tails(*case)[0],
                "You test one side only. That shows *no worse by more than the margin*, and a system that is far better"
                " would pass as equal.",
            ),
            Misconception(
                "normal in place of t",
                _tost_normal,
                "Your tails are those of a normal distribution. With few families they are thicker: use t with"
                " `freedom` degrees of freedom.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Is both worse than RAG?",
        reference=taught.compare_pairs,
        check=check_pairs,
        probes=PAIR_CASES,
        alike=equal,
        hints=(
            (
                "For one pair: `[scores[new][question] - scores[old][question] for question in scores[new]]`. A dict"
                " finds the question, whatever its place."
            ),
            "Collect the means in one dict and the p values in another, with the pair as the key.",
            (
                "Correct all p values together, once: `corrected = holm(p_values)`, then return `(means[pair],"
                " corrected[pair])` for each pair."
            ),
        ),
        misconceptions=(
            Misconception(
                "paired by position",
                lambda *case: _pairs(*case, values=_by_position),
                "You subtract the first score from the first. The systems hold their questions in different orders:"
                " match them by question id.",
            ),
            Misconception(
                "not corrected",
                lambda *case: _pairs(*case, correct=dict),
                "Your p values are not corrected. Whoever looks at four pairs finds something in one of five studies"
                " where nothing is.",
            ),
            Misconception(
                "Bonferroni",
                lambda *case: _pairs(*case, correct=_bonferroni),
                "You multiply every p by the number of pairs. Holm's factor falls from there to 1, and loses less.",
            ),
            Misconception(
                "old minus new",
                lambda *case: _pairs(*case, values=_turned_round),
                "Your differences have the wrong sign: new minus old, so that a gain is positive.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Which types of question?",
        reference=taught.by_type,
        check=check_types,
        probes=TYPE_CASES,
        alike=equal,
        hints=(
            (
                "`dict.fromkeys(types)` gives each type once, in order. Collect the differences and the families at its"
                " places."
            ),
            "`len(set(families_of_the_type)) >= least_families` decides whether it is tested at all.",
            (
                "Keep means and p values of the types that are left in two dicts, and correct the p values all"
                " together: `holm(p_values)`."
            ),
        ),
        misconceptions=(
            Misconception(
                "left out after the correction",
                lambda *case: _types(*case, drop_first=False),
                "You correct over all types and leave some out afterwards. A type that is not reported must not cost"
                " power: leave it out **before**.",
            ),
            Misconception(
                "not corrected",
                lambda *case: _types(*case, correct=dict),
                "Your p values are not corrected. Thirteen types are thirteen looks.",
            ),
            Misconception(
                "questions counted as families",
                lambda *case: _types(*case, size=list),
                "You count the questions of a type. Ten questions of one family tell about one family: count"
                " **different** families.",
            ),
            Misconception(
                "more families than asked for",
                lambda differences, types, families, p_of, holm, least_families=3: _types(
                    differences, types, families, p_of, holm, least_families + 1
                ),
                "A type in exactly `least_families` families is enough: `>=`, not `>`.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="The best sentence first",
        reference=taught.best_sentence_first,
        check=check_sentence,
        probes=SENTENCE_CASES,
        hints=(
            "All sentences of all clauses in one list: two loops in one comprehension.",
            (
                "`max(sentences, key=lambda sentence: likeness(question, sentence))` keeps the first of several equal"
                " ones."
            ),
            "Without sentences return `[]`; else `[best, *clauses]`.",
        ),
        misconceptions=(
            Misconception(
                "the sentence alone",
                lambda question, clauses, likeness: [_best(question, _split(clauses), likeness)] if clauses else [],
                "You return the sentence and drop the clauses. If it was the wrong one, the reader has nothing left:"
                " add all the clauses after it.",
            ),
            Misconception(
                "a whole clause in front",
                lambda question, clauses, likeness: [_best(question, clauses, likeness), *clauses] if clauses else [],
                "You put the best **clause** in front. Split the clauses into sentences first, and choose among those.",
            ),
            Misconception(
                "the sentence at the end",
                lambda question, clauses, likeness: (
                    [*clauses, _best(question, _split(clauses), likeness)] if clauses else []
                ),
                "Your sentence stands last. It goes in front of the clauses.",
            ),
            Misconception(
                "the last of several equal ones",
                lambda question, clauses, likeness: (
                    [_best(question, _split(clauses)[::-1], likeness), *clauses] if clauses else []
                ),
                "Where several sentences are equally like the question, you take the last of them: take the first.",
            ),
        ),
    ),
]
