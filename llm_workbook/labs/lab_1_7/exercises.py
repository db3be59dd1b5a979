"""Exercises of lab 1.7."""

import random
from collections.abc import Callable

import numpy as np

from ...exercises.checks import NotYet, compare, list_of, text
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_7 as taught

# ------------------------------------------------------------------ 1 · the fault

Way = tuple[list[str], list[str], list[str], list[str], bool]  # needed, found, ranked, shown, refused


def _way(seed: int) -> Way:
    generator = random.Random(seed)
    found = generator.sample("abcdefgh", generator.randint(3, 8))
    ranked = generator.sample(found, len(found))
    shown = [one for one in ranked if generator.random() < 0.5]
    pool = ["", *"abcdefghxy"] if generator.random() < 0.3 else shown * 3 + ranked or ["x"]
    needed = list(dict.fromkeys(generator.choices(pool, k=generator.randint(1, 3))))
    return needed, found, ranked, shown, generator.random() < 0.5


ORDER = ["a", "b", "c", "d"]
WAYS: list[Way] = [
    (["b"], ORDER, ORDER, ["a", "c"], False),
    (["b"], ORDER, ORDER, ["a"], False),
    (["b"], ORDER, ORDER, ["a", "b"], False),
    (["b"], ORDER, ORDER, ["a", "b"], True),
    ([""], ORDER, ORDER, ["a"], True),
    (["x"], ORDER, ORDER, ["a"], True),
    (["x", ""], ORDER, ORDER, ["a"], False),
    (["d", "x"], ORDER, ORDER, ["a"], False),
    (["b", "d"], ORDER, ORDER, ["a", "c"], False),
    (["b"], ORDER, ["c", "a", "d", "b"], ["c", "a"], True),
    (["d"], ORDER, ["c", "d", "a", "b"], ["c", "a"], True),
    (["a"], ORDER, ORDER, [], True),
    (["c"], ORDER, ORDER, ["a", "d"], False),
    (["b"], ORDER, ["d", "c", "b", "a"], ["d", "a"], False),
    *map(_way, range(80)),
]


def check_fault(candidate: Callable) -> None:
    """Every fault, several needed clauses with different faults, and nothing that is shown."""
    names = ("needed", "found", "ranked", "shown", "refused")
    compare(candidate, taught.fault, WAYS, names, "this is another fault", text)


def _fault(
    order: str = "irlc",
    any_of: Callable[..., bool] = any,
    ranks: Callable[[list, list], list] = lambda found, ranked: ranked,
    first: Callable[..., int] = max,
) -> Callable:
    """Another tree. order: in which the stages are asked; any_of: any or all; ranks: by which list; first: max or min of the
    shown places."""

    def fault(needed, found, ranked, shown, refused):
        missing = [one for one in needed if one not in shown]
        places = ranks(found, ranked)
        last = first((places.index(one) for one in shown), default=-1)
        rules = {
            "i": ("not indexed", "" in missing),
            "r": ("not retrieved", bool(missing) and any_of(one not in found for one in missing)),
            "l": ("ranked low", any(one in places and places.index(one) > last for one in missing)),
            "c": ("cut", any(one in places and places.index(one) < last for one in missing)),
        }
        named = next((rules[letter][0] for letter in order if rules[letter][1]), "")
        return named or ("not read" if refused else "wrong")

    return fault


def _reader_first(needed, found, ranked, shown, refused):
    return "not read" if refused else _fault()(needed, found, ranked, shown, refused)


def _depth(needed, found, ranked, shown, refused):
    missing = [one for one in needed if one not in shown]
    known = [ranked.index(one) for one in missing if one in ranked]
    told = _fault()(needed, found, ranked, shown, refused)
    return ("ranked low" if max(known) >= len(shown) else "cut") if told in ("ranked low", "cut") else told


# ------------------------------------------------------------------ 2 · the repaired pipeline

Clauses = tuple[list[str], list[float], list[int], int]


def _clauses(seed: int) -> Clauses:
    generator = random.Random(seed)
    count = generator.randint(1, 30)
    bodies = ["This Agreement takes effect on the first of the month, "] * 2 + ["Fees are due ", "Notice is given "]
    texts = [f"Lease {at}: {generator.choice(bodies)}{'x' * generator.randint(0, 300)}" for at in range(count)]
    scores = [generator.randint(40, 60) / 100 for _ in texts]
    return texts, scores, [generator.randint(10, 120) for _ in texts], generator.choice((0, 60, 200, 200, 400))


PIPELINES: list[Clauses] = [
    (["a: x", "b: y", "c: z"], [0.51, 0.54, 0.50], [60, 90, 50], 120),
    (["a: x", "b: x", "c: x"], [0.5, 0.5, 0.5], [50, 50, 50], 100),
    (["a: " + "x" * 900, "b: y"], [0.9, 0.1], [100, 100], 200),
    (["a: x", "b: y", "c: z"], [0.9, 0.8, 0.7], [100, 150, 50], 150),
    ([f"{at}: {at}" for at in range(25)], [at / 100 for at in range(25)], [10] * 25, 1000),
    (["a: x"], [0.5], [300], 200),
    (["a: x", "b: y"], [-0.04, -0.01], [10, 10], 20),
    *map(_clauses, range(40)),
]


def check_shown(candidate: Callable) -> None:
    """Clauses that begin alike, close scores, long texts, ties, and more clauses than candidates."""

    def read(got: object) -> list[list[int]]:
        if not isinstance(got, tuple | list) or len(got) != 3:
            raise NotYet("return three lists: the places in the index, the candidates, and the places that are shown")
        return [list_of(int)(part) for part in got]

    names = ("texts", "scores", "tokens", "budget")
    compare(candidate, taught.shown_from, PIPELINES, names, "these are other places", read)


def _pipeline(
    keep: Callable[[list], list] = lambda texts: list(range(len(texts))),
    key: Callable[[float], float] = float,
    size: Callable[[str, int], int] = lambda text, tokens: tokens,
    stops: bool = False,
    most: int = 20,
) -> Callable:
    """A pipeline with one mistake left. stops: at the first clause that does not fit."""

    def shown_from(texts, scores, tokens, budget):
        kept = keep(list(texts))
        order = sorted(kept, key=lambda at: -key(scores[at]))[:most]
        shown, left = [], budget
        for at in order:
            if (one := size(texts[at], tokens[at])) <= left:
                shown.append(at)
                left -= one
            elif stops:
                break
        return kept, order, shown

    return shown_from


def _without_alike(texts):
    first = {text.partition(": ")[2][:25]: at for at, text in reversed(list(enumerate(texts)))}
    return sorted(first.values())


def _in_the_order_of_the_index(texts, scores, tokens, budget):
    kept, order, shown = _pipeline()(texts, scores, tokens, budget)
    return kept, order, sorted(shown)


# ------------------------------------------------------------------ 3 · the smallest that is good enough


def _board(seed: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    random_ = np.random.default_rng(seed)
    names = [f"search {at}" for at in range(int(random_.integers(2, 7)))]
    means = random_.choice((0.5, 0.7, 0.72, 0.9, 0.92), len(names))
    recalls = {name: (random_.random(40) < mean).astype(float) for name, mean in zip(names, means, strict=True)}
    return recalls, {name: float(at) for name, at in zip(names, random_.permutation(len(names)) + 1, strict=True)}


ONES = np.ones(40)
BOARDS: list[tuple] = [
    ({"slow": ONES, "fast": np.where(np.arange(40) < 1, 0.9, 1.0)}, {"slow": 90.0, "fast": 9.0}, 0.15),
    ({"slow": ONES, "fast": 0 * ONES}, {"slow": 90.0, "fast": 9.0}, 0.15),
    ({"a": ONES, "b": ONES, "c": ONES}, {"a": 9.0, "b": 8.0, "c": 9.5}, 0.15),
    ({"a": ONES, "b": ONES, "c": ONES}, {"a": 9.0, "b": 8.0, "c": 9.5}, 0.05),
    ({"only": ONES}, {"only": 9.0}, 0.05),
    ({"best": ONES, "edge": ONES - 0.1, "far": ONES - 0.3}, {"best": 90.0, "edge": 9.0, "far": 1.0}, 0.2),
    ({"best": ONES, "edge": ONES - 0.1, "far": ONES - 0.3}, {"best": 90.0, "edge": 9.0, "far": 1.0}, 0.21),
    *((*_board(seed), (0.05, 0.15, 0.2, 0.3)[seed % 4]) for seed in range(40)),
]


def _interval(differences: np.ndarray) -> tuple[float, float]:
    """The mean and a tenth on both sides: intervals that end at 0 or at a margin come up."""
    mean = round(float(np.mean(differences)), 6)
    return round(mean - 0.1, 6), round(mean + 0.1, 6)


SMALLEST = [
    (recalls, {name: (int(size) // 3, size) for name, size in cost.items()}, _interval, margin)
    for recalls, cost, margin in BOARDS
]
DEFAULT = (
    {"best": ONES, "near": ONES - 0.01},
    {"best": (1, 1.0), "near": (0, 2.0)},
    lambda d: (np.mean(d), np.mean(d) + 0.02),
)


def check_smallest(candidate: Callable) -> None:
    """Ties, one configuration alone, an interval that ends at the margin, the usual margin, and boards at random."""
    names = ("recalls", "cost", "interval", "margin")
    compare(candidate, taught.smallest_within, [*SMALLEST, DEFAULT], names, "this is another configuration", text)


def _choosing(within: Callable[..., bool], last: Callable = min) -> Callable:
    """Choosing by another rule. within: of the interval's ends and the margin; last: of the costs."""

    def choose(recalls, cost, interval, margin=0.06):
        best = _the_best(recalls, cost, interval)
        kept = [name for name in recalls if name == best or within(*interval(recalls[best] - recalls[name]), margin)]
        return last(kept, key=lambda name: cost[name])

    return choose


def _the_best(recalls, cost, interval, margin=0.06):
    return min(recalls, key=lambda name: (-np.mean(recalls[name]), cost[name]))


def _the_cheapest(recalls, cost, interval, margin=0.06):
    return min(cost, key=lambda name: cost[name])


EXERCISES = [
    Exercise(
        number=1,
        title="The fault",
        reference=taught.fault,
        check=check_fault,
        probes=WAYS,
        hints=(
            "First the needed clauses that are not in `shown`. The rows of the table are asked in their order.",
            "`ranked.index(name)` is a clause's place. The last one that is shown is at `max(...)` of these places.",
            'Where nothing is missing the reader had everything: "not read" if it refused, else "wrong".',
        ),
        misconceptions=(
            Misconception(
                "cut before ranked low",
                _fault("ircl"),
                'You ask for "cut" before "ranked low". Where clauses have both faults, the earlier row of the table counts.',
            ),
            Misconception(
                "all must be missing",
                _fault(any_of=all),
                'You say "not retrieved" only when every missing clause is absent. One is enough.',
            ),
            Misconception(
                "places of the search",
                _fault(ranks=lambda found, ranked: found),
                "You compare places in `found`. The reader is shown clauses in the order of `ranked`.",
            ),
            Misconception(
                "behind the first that is shown",
                _fault(first=min),
                'You compare with the first clause that is shown. "Ranked low" means behind the **last** one.',
            ),
            Misconception(
                "the number of shown clauses as a limit",
                _depth,
                "You compare the place with the number of clauses that are shown. A skipped clause moves the limit: compare"
                " with the place of the last one that is shown.",
            ),
            Misconception(
                "a refusal first",
                _reader_first,
                "You blame the reader for every refusal. A refusal is right when a needed clause was not shown.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Repair the pipeline",
        reference=taught.shown_from,
        check=check_shown,
        probes=PIPELINES,
        hints=(
            "Not indexed: clauses that begin alike are no duplicates. Keep all places: `list(range(len(texts)))`.",
            "Ranked low: a rounded score makes ties, and then the earlier place wins. Sort by the score itself.",
            "Cut: a size guessed from characters is not the size. `tokens[at]` is.",
        ),
        misconceptions=(
            Misconception(
                "clauses that begin alike are dropped",
                _pipeline(keep=_without_alike),
                "You still drop clauses that begin like another one. Many contracts begin their clauses alike: keep all.",
            ),
            Misconception(
                "rounded scores",
                _pipeline(key=lambda score: round(float(score), 1)),
                "You still round the scores, so close ones become ties.",
            ),
            Misconception(
                "characters for tokens",
                _pipeline(size=lambda text, tokens: len(text) // 2),
                "You still guess the size from characters. `tokens` has it.",
            ),
            Misconception(
                "it stops at the first that does not fit",
                _pipeline(stops=True),
                "You stop at the first clause that does not fit. Skip it and try the next one.",
            ),
            Misconception(
                "more than 20 candidates",
                _pipeline(most=100),
                "You go on beyond 20 candidates.",
            ),
            Misconception(
                "in the order of the index",
                _in_the_order_of_the_index,
                "You show the clauses in the order of the index. Show them best first.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The smallest that is good enough",
        reference=taught.smallest_within,
        check=check_smallest,
        probes=SMALLEST,
        hints=(
            "First the best: the highest mean, of equal ones the cheaper. A key may be a pair: `(-mean, cost)`.",
            "`interval(recalls[best] - recalls[name])` gives (low, high). Keep a name when high is below the margin.",
            "Of those that you kept, and the best, return the one with the smallest `cost`.",
        ),
        misconceptions=(
            Misconception(
                "cannot tell is as good",
                _choosing(lambda low, high, margin: low <= 0),
                "You keep what cannot be told from the best. With few questions that is nearly everything: ask whether the"
                " whole interval lies below the margin.",
            ),
            Misconception(
                "the mean loss is below the margin",
                _choosing(lambda low, high, margin: (low + high) / 2 < margin),
                "You compare the mean loss with the margin. The loss may be larger than its mean: compare the upper end of the"
                " interval.",
            ),
            Misconception(
                "the best",
                _the_best,
                "You return the best one. Look for a cheaper one that loses less than the margin.",
            ),
            Misconception(
                "the cheapest of all",
                _the_cheapest,
                "You return the cheapest of all, however much it loses.",
            ),
            Misconception(
                "an end that equals the margin is below it",
                _choosing(lambda low, high, margin: high <= margin),
                "An interval that ends exactly at the margin does not lie below it.",
            ),
            Misconception(
                "the most expensive",
                _choosing(lambda low, high, margin: high < margin, max),
                "You return the most expensive of those within the margin. Return the cheapest.",
            ),
        ),
    ),
]
