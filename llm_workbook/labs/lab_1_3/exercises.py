"""Exercises of lab 1.3."""

import random
from collections.abc import Callable

import numpy as np

from ...exercises.checks import NotYet, compare, kind_of, list_of, text
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_3 as taught

# ------------------------------------------------------------------ 1 · share a budget


def _lists(seed: int) -> tuple[list[list[str]], int]:
    generator = random.Random(seed)
    names = [f"c{number}" for number in range(8)]
    rows = [generator.sample(names, generator.randint(0, 6)) for _ in range(generator.randint(1, 4))]
    return rows, generator.randint(1, 7)


SHARED = [
    ([["a", "b", "c"], ["b", "d"]], 3),
    ([["a", "b", "c"], ["d", "e", "f"]], 3),
    ([["a", "b", "c"]], 2),
    ([["a", "b"], ["a", "b"]], 3),
    ([["a"], ["b", "c", "d"]], 4),
    ([["a", "b", "c"], ["a", "d", "e"]], 4),
    ([[], ["b"]], 2),
    ([], 3),
    ([[3, 1, 2], [2, 5]], 4),
    *map(_lists, range(40)),
]


def check_turns(candidate: Callable) -> None:
    """One to four rankings with common clauses, of different lengths, and budgets above and below what there is."""
    compare(
        candidate, taught.take_turns, SHARED, ("rankings", "budget"), "these are other clauses, or another order",
        list_of(object),
    )  # fmt: skip


def _one_after_the_other(rankings, budget):
    return list(dict.fromkeys(clause for ranking in rankings for clause in ranking))[:budget]


def _all_turns(rankings) -> list:
    longest = max(map(len, rankings), default=0)
    return [ranking[at] for at in range(longest) for ranking in rankings if at < len(ranking)]


def _budget_for_each(rankings, budget):
    return list(dict.fromkeys(_all_turns([ranking[:budget] for ranking in rankings])))


def _until_the_shortest_ends(rankings, budget):
    return list(dict.fromkeys(clause for row in zip(*rankings, strict=False) for clause in row))[:budget]


def _next_unseen(rankings, budget):
    rows, taken = [list(ranking) for ranking in rankings], []
    while any(rows) and len(taken) < budget:
        for row in rows:
            while row and row[0] in taken:
                row.pop(0)
            if row and len(taken) < budget:
                taken.append(row.pop(0))
    return taken


# ------------------------------------------------------------------ 2 · a filter from a question

TITLES = {
    "lease": "Lease (Quayside / Halden)",
    "amendment": "Amendment No. 1 to the Lease (Quayside / Halden)",
    "licence": "Mooring Licence (Quayside / Lindholm)",
    "guarantee": "Parent Guarantee (Quayside Group / Lindholm)",
}
ASKED = (
    "How long does the Lease between Quayside and Halden run?",
    "What does the Mooring Licence of Quayside with Lindholm cost?",
    "When may we leave?",
    "Which is longer, the Lease of Halden or the Mooring Licence of Lindholm?",
    "Amendment No. 1 to the Lease of Quayside with Halden: from when?",
    "Does Quayside Group stand in for Lindholm's Parent Guarantee?",
    "quayside: what is due?",
)


def _named(seed: int) -> tuple[str, dict[str, str], float, float]:
    generator = random.Random(seed)
    words = [f"w{number}" for number in range(9)]
    titles = {f"d{number}": " ".join(generator.sample(words, 4)) for number in range(generator.randint(1, 5))}
    question = " ".join(generator.sample(words, generator.randint(1, 6)))
    return question, titles, generator.choice((0.25, 0.5, 0.75)), generator.choice((0.0, 0.25, 0.5))


NAMED = [*((question, TITLES, 0.7, 0.1) for question in ASKED), *map(_named, range(60))]
NAMED += [("no such word", TITLES, 0.7, 0.1), ("Lease lease Quayside", TITLES, 0.5, 0.1), ("lease", TITLES, 0.7, 0.5)]


NAMED += [
    ("What ends with the release of Quayside?", {"a": "Lease (Quayside / Halden)", "b": "NDA"}, 0.6, 0.1),
    ("the rent of the lease", {"a": "Lease beside a Lease (Quayside)", "b": "Order"}, 0.3, 0.1),
]


def check_filter(candidate: Callable) -> None:
    """Questions that name one document, several, or none; documents that are equally likely; shares at the limits."""
    names = ("question", "titles", "least", "slack")
    compare(candidate, taught.where_of, NAMED, names, "these are other documents", _filter)
    different = "when nothing else is given, least is 0.7 and slack 0.1: leave the signature as it is"
    compare(candidate, taught.where_of, [case[:2] for case in NAMED], names, different, _filter)


def _filter(got: object) -> dict:
    """A filter with its documents in alphabetical order, each once."""
    if got == {}:
        return {}
    inner = got.get("document") if isinstance(got, dict) and set(got) == {"document"} else None
    if isinstance(inner, str):
        return _where([inner])
    if not (isinstance(inner, dict) and set(inner) == {"$in"}):
        form = '`{"document": {"$in": [...]}}`, or `{}`'
        raise NotYet(f"return a filter as Chroma writes it, {form}; yours is {kind_of(got)} of another form")
    try:
        return _where(sorted(set(map(text, inner["$in"]))))
    except TypeError:
        raise NotYet('after `"$in"` there is a list of ids of documents') from None


def _shares(question, titles, of=lambda both, asked, title: len(both) / len(title)) -> dict[str, float]:
    asked = set(taught.words(question))
    rows = {name: set(taught.words(title)) for name, title in titles.items()}
    return {name: of(asked & title, asked, title) for name, title in rows.items()}


def _where(chosen) -> dict:
    return {"document": {"$in": list(chosen)}}


def _of_the_questions_words(question, titles, least=0.7, slack=0.1):
    found = _shares(question, titles, lambda both, asked, title: len(both) / max(1, len(asked)))
    best = max(found.values())
    return _where(name for name, one in found.items() if one >= best - slack) if best >= least else {}


def _only_the_best(question, titles, least=0.7, slack=0.1):
    found = _shares(question, titles)
    best = max(found, key=lambda name: found[name])
    return _where([best]) if found[best] >= least else {}


def _never_unsure(question, titles, least=0.7, slack=0.1):
    found = _shares(question, titles)
    return _where(name for name, one in found.items() if one >= max(found.values()) - slack)


def _all_above(question, titles, least=0.7, slack=0.1):
    found = _shares(question, titles)
    chosen = [name for name, one in found.items() if one >= least]
    return _where(chosen) if chosen else {}


def _of_letters(question, titles, least=0.7, slack=0.1):
    rows = {name: set(taught.words(title)) for name, title in titles.items()}
    shares = {name: sum(word in question.lower() for word in row) / len(row) for name, row in rows.items()}
    best = max(shares.values())
    return _where(name for name, one in shares.items() if one >= best - slack) if best >= least else {}


def _each_time(question, titles, least=0.7, slack=0.1):
    asked, rows = set(taught.words(question)), {name: taught.words(title) for name, title in titles.items()}
    shares = {name: sum(word in asked for word in row) / len(row) for name, row in rows.items()}
    best = max(shares.values())
    return _where(name for name, one in shares.items() if one >= best - slack) if best >= least else {}


def _empty(question, titles, least=0.7, slack=0.1):
    return taught.where_of(question, titles, least, slack) or _where([])


# ------------------------------------------------------------------ 3 · a router


def _examples(seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    generator = np.random.default_rng(seed)

    def rows(count: int) -> np.ndarray:
        made = generator.normal(size=(count, 4)) + generator.normal(size=4)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    names = ["this contract", "as of today", "several"][: int(generator.integers(1, 4))]
    return rows(1)[0], {name: rows(int(generator.integers(1, 7))) for name in names}


ROUTED = [
    (np.array([1.0, 0.0]), {"a": np.array([[0.6, 0.8]]), "b": np.array([[1.0, 0.0], [0.8, 0.6]])}),
    (np.array([0.0, 1.0]), {"a": np.array([[1.0, 0.0]]), "b": np.array([[0.6, 0.8]])}),
    # the mean of a is short, its direction right
    (np.array([1.0, 0.0]), {"a": np.array([[0.6, 0.8], [0.6, -0.8]]), "b": np.array([[0.8, 0.6]])}),
    # many middling examples against one good one
    (np.array([1.0, 0.0]), {"a": np.array([[0.6, 0.8]] * 5), "b": np.array([[0.96, 0.28]])}),
    # one example that is near, among others that are not
    (np.array([1.0, 0.0]), {"a": np.array([[1.0, 0.0], [-0.6, 0.8], [-0.6, 0.8]]), "b": np.array([[0.8, 0.6]])}),
    *map(_examples, range(40)),
]


def check_router(candidate: Callable) -> None:
    """One to three labels, with one to six examples each, alike and spread out."""
    given = lambda question, examples: {  # noqa: E731
        "question": question.round(2).tolist(),
        "examples": {name: rows.round(2).tolist() for name, rows in examples.items()},
    }
    compare(candidate, taught.route, ROUTED, (), "this is another label", text, given=given)


def _by(score: Callable, choose: Callable = max) -> Callable:
    return lambda question, examples: choose(examples, key=lambda name: score(question, examples[name]))


def _to_the_mean(question, rows) -> float:
    return float(question @ rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0)))


COSINE = "question @ prototypes[label] / np.linalg.norm(prototypes[label])"
LINE = "return max(prototypes, key=lambda label: {})"
SAME_PRODUCT = {
    f"{LINE.format(COSINE)} -> {LINE.format(COSINE.replace('question @ prototypes[label]', 'prototypes[label] @ question'))}": (
        "a dot product has no order"
    )
}

EXERCISES = [
    Exercise(
        number=1,
        title="Share a budget",
        reference=taught.take_turns,
        check=check_turns,
        probes=SHARED,
        hints=(
            "Two loops: over the places 0, 1, 2 ..., and inside over the rankings. Or `itertools.zip_longest(*rankings)`.",
            "A ranking may be shorter than others: ask `place < len(ranking)`; `zip_longest` fills up with None.",
            "A dict keeps the order in which its keys were first set, and each key once: `dict.fromkeys`.",
        ),
        misconceptions=(
            Misconception(
                "one ranking after the other",
                _one_after_the_other,
                "Your first ranking takes the whole budget. Let the rankings take turns: place 1 of each, then place 2 of"
                " each.",
            ),
            Misconception(
                "a clause counts twice",
                lambda rankings, budget: _all_turns(rankings)[:budget],
                "A clause that two searches find stands twice in your list and pays twice from the budget. It counts once.",
            ),
            Misconception(
                "the budget for each search",
                _budget_for_each,
                "You give every search the whole budget, so more searches show more clauses. The budget is for all"
                " together.",
            ),
            Misconception(
                "until the shortest ends",
                _until_the_shortest_ends,
                "`zip` stops when the shortest ranking ends. The others go on until the budget is spent.",
            ),
            Misconception(
                "the next that is not there yet",
                _next_unseen,
                "A search whose clause is already there has had its turn. You let it go on to its next clause.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="A filter from a question",
        reference=taught.where_of,
        check=check_filter,
        probes=NAMED,
        alike=lambda a, b: _filter(a) == _filter(b),
        hints=(
            "Two sets: `set(words(question))` and `set(words(title))`; `a & b` is what they have in common.",
            "Put the share of each document into a dict; `max(shares.values())` is the best share.",
            "Unsure means: the best share is below `least`. Else the documents with a share of at least `best - slack`.",
        ),
        misconceptions=(
            Misconception(
                "a share of the question's words",
                _of_the_questions_words,
                "You divide by the words of the question, so a long question names nothing. Divide by the words of the"
                " title.",
            ),
            Misconception(
                "letters instead of words",
                _of_letters,
                "You look for the letters of a word, so *lease* is found in *release*. Compare whole words:"
                " `set(words(question))`.",
            ),
            Misconception(
                "a word of the title counted twice",
                _each_time,
                "A word that stands twice in a title counts twice. The share is of its **different** words:"
                " `set(words(title))`.",
            ),
            Misconception(
                "only the best document",
                _only_the_best,
                "You keep one document. A question that compares two contracts names both: keep all within `slack` of the"
                " best.",
            ),
            Misconception(
                "never unsure",
                _never_unsure,
                "You filter although no title reaches `least`. Then the filter is a guess, and a wrong one hides the right"
                " clause: return `{}`.",
            ),
            Misconception(
                "all above the limit",
                _all_above,
                "You keep every document above `least`, and leave out those within `slack` of the best. An amendment shares"
                " most of its master's title: compare with the best.",
            ),
            Misconception(
                "an empty filter when unsure",
                _empty,
                "When no document is named you return a filter without documents, which finds nothing. Return `{}`, which"
                " searches everything.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="A router",
        reference=taught.route,
        check=check_router,
        probes=ROUTED,
        equivalent_mutants=SAME_PRODUCT,
        hints=(
            "The prototype of a label is the mean of its examples: `rows.mean(axis=0)`.",
            "A mean of vectors is shorter than 1 when they differ. Divide by its length: `np.linalg.norm`.",
            "`max(prototypes, key=...)` returns the label, not the cosine.",
        ),
        misconceptions=(
            Misconception(
                "the mean is not brought to length 1",
                _by(lambda question, rows: float(question @ rows.mean(axis=0))),
                "A label whose examples differ has a short mean, so it loses at equal direction. Divide the mean by its"
                " length.",
            ),
            Misconception(
                "the smallest distance",
                _by(lambda question, rows: float(np.linalg.norm(question - rows.mean(axis=0))), min),
                "You take the nearest prototype. A label whose examples differ has a short mean, which is far from every"
                " question of length 1. Compare directions: the cosine.",
            ),
            Misconception(
                "the sum of the examples",
                _by(lambda question, rows: float(question @ rows.sum(axis=0))),
                "You add the examples, so the label with more of them wins. Take the mean, brought to length 1.",
            ),
            Misconception(
                "the nearest example",
                _by(lambda question, rows: float((rows @ question).max())),
                "You look at the single nearest example. One odd example then decides; compare with the mean of all.",
            ),
            Misconception(
                "the least alike",
                _by(_to_the_mean, min),
                "A large cosine means alike. Take the label with the largest, not the smallest.",
            ),
        ),
    ),
]
