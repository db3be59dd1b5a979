"""Exercises of lab 1.4."""

import random
from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy

from ...exercises.checks import NotYet, compare, list_of, number, whole_number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_4 as taught

# ------------------------------------------------------------------ 1 · reciprocal rank fusion


def _lists(seed: int) -> tuple[list[list[str]], int]:
    generator = random.Random(seed)
    names = [f"c{number}" for number in range(9)]
    return [generator.sample(names, generator.randint(1, 7)) for _ in range(generator.randint(1, 3))], seed % 70 + 1


FUSIONS = [
    ([["a", "b"], ["b", "c"]], 60),
    ([["a", "b", "c"]], 60),
    ([["c1", "c2", "c3"], ["c3", "c2", "c1"]], 60),
    ([["x"], ["y"], ["z", "x"]], 1),
    ([["a", "b", "c", "d"], ["d", "e"]], 2),
    ([["m", "n"], []], 60),
    ([[3, 1, 2], [2, 5]], 60),
    ([["a", "b"], ["z", "b", "c", "d", "e", "f", "a"]], 1),
    ([["a", "b", "x"], ["y", "b", "z", "w", "v", "u", "t", "s", "a"]], 2),
    *map(_lists, range(25)),
]


def check_fusion(candidate: Callable) -> None:
    """Lists that share all, some or no clause, of different lengths, with small and large k."""
    different = "the fused order is different"
    compare(candidate, taught.reciprocal_rank_fusion, FUSIONS, ("rankings", "k"), different, list_of(object))
    different = "when no k is given, it is 60: leave the signature as it is"
    without = [(rankings,) for rankings, k in (*FUSIONS, *map(_lists, range(25, 60)))]
    compare(candidate, taught.reciprocal_rank_fusion, without, ("rankings",), different, list_of(object))


def _earning(points: Callable[[int, int], float], add: bool = True) -> Callable:
    """RRF with another formula. points(rank, k): rank from 1."""

    def fuse(rankings, k=60):
        earned: dict = {}
        for ranking in rankings:
            for rank, clause in enumerate(ranking, start=1):
                earned[clause] = (earned.get(clause, 0) if add else 0) + points(rank, k)
        return sorted(earned, key=lambda clause: -earned[clause])

    return fuse


def _in_all(rankings, k=60):
    return [clause for clause in taught.reciprocal_rank_fusion(rankings, k) if all(clause in one for one in rankings)]


def _worst_first(rankings, k=60):
    return taught.reciprocal_rank_fusion(rankings, k)[::-1]


START = "earned = {clause: 0.0 for ranking in rankings for clause in ranking}"
SAME_ORDER = {
    "earned[clause] += 1 / (k + rank) -> earned[clause] += 2 / (k + rank)": "twice the points, the same order",
    **{f"{START} -> {START.replace('0.0', other)}": "the same start for all" for other in ("1.0", "-1.0")},
}

# ------------------------------------------------------------------ 2 · choose alpha


def _table(seed: int) -> tuple[dict, list[str]]:
    generator = random.Random(seed)
    names = [f"{split}{number}" for split in ("d", "t") for number in range(generator.choice((2, 4)))]
    weights = generator.sample((0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0), generator.randint(2, 6))
    table = {weight: {name: generator.choice((0.0, 0.5, 1.0)) for name in names} for weight in weights}
    return table, [name for name in names if name.startswith("d")]


TABLES = [
    ({0.0: {"d": 0.0, "t": 1.0}, 0.5: {"d": 1.0, "t": 0.0}, 1.0: {"d": 1.0, "t": 1.0}}, ["d"]),
    ({1.0: {"d": 1.0, "t": 0.0}, 0.2: {"d": 1.0, "t": 0.0}, 0.0: {"d": 0.5, "t": 1.0}}, ["d"]),
    ({0.1: {"d1": 0.5, "d2": 0.5, "t": 0.0}, 0.3: {"d1": 1.0, "d2": 0.5, "t": 0.0}}, ["d1", "d2"]),
    ({0.3: {"d1": 0.0, "t": 1.0}, 0.0: {"d1": 0.0, "t": 0.0}}, ["d1"]),
    *map(_table, range(20)),
]


def check_alpha(candidate: Callable) -> None:
    """Dev and test that disagree, weights in any order, and weights that are equally good."""
    different = "this is not the weight that dev chooses"
    compare(candidate, taught.best_alpha, TABLES, ("recall", "dev"), different, number)


def _mean(found: dict, names) -> float:
    return sum(found[name] for name in names) / max(1, len(names))


def _by(names_of: Callable, tie: int = 1) -> Callable:
    return lambda recall, dev: min(
        recall, key=lambda alpha: (-_mean(recall[alpha], names_of(recall[alpha], dev)), tie * alpha)
    )


# ------------------------------------------------------------------ 3 · the contrastive loss


def _vectors(seed: int, batch: int, clauses: int, width: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, width, generator=generator), 3 * torch.randn(clauses, width, generator=generator)


BATCHES = [
    (*_vectors(1, 2, 2), 20.0),
    (*_vectors(2, 4, 4), 1.0),
    (*_vectors(3, 3, 7), 20.0),
    (*_vectors(4, 8, 8, 16), 5.0),
    (*_vectors(5, 1, 3), 20.0),
    (torch.ones(4, 2), torch.ones(4, 2), 20.0),
]


def check_loss(candidate: Callable) -> None:
    """Square batches, batches with further clauses, one question, another scale; and a gradient must flow."""
    given = lambda questions, clauses, scale=20.0: {  # noqa: E731
        "questions": tuple(questions.shape), "clauses": tuple(clauses.shape), "scale": scale,
    }  # fmt: skip
    different = "the loss is different"
    compare(candidate, taught.contrastive_loss, BATCHES, (), different, _loss, _near, given)
    different = "when no scale is given, it is 20: leave the signature as it is"
    compare(candidate, taught.contrastive_loss, [(a, b) for a, b, _ in BATCHES], (), different, _loss, _near, given)
    questions, clauses = (one.clone().requires_grad_() for one in BATCHES[0][:2])
    loss = candidate(questions, clauses)
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        raise NotYet("the number is right, but no gradient flows back: keep tensors, without `.item()` or `float()`")


def _loss(got: object) -> float:
    return number(got.detach() if isinstance(got, torch.Tensor) else got)


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-4 + 1e-4 * abs(b)


def _cosines(questions, clauses):
    return torch.nn.functional.normalize(questions, dim=1) @ torch.nn.functional.normalize(clauses, dim=1).T


def _own(questions):
    return torch.arange(len(questions))


# ------------------------------------------------------------------ 4 · mine a hard negative


def _row(seed: int) -> tuple[list[float], list[int], int, float]:
    generator = random.Random(seed)
    row = [generator.randint(1, 60) / 64 for _ in range(generator.randint(3, 9))]
    right = generator.sample(range(len(row)), generator.randint(1, 2))
    return row, right, generator.randint(1, 4), generator.choice((0.5, 0.75, 1.0, 2.0))


ROWS = [
    ([0.80, 0.79, 0.10, 0.60], [0], 2, 0.95),
    ([0.50, 0.75, 0.25, 0.30], [1], 1, 0.95),
    ([0.90, 0.40, 0.80, 0.60], [0, 2], 1, 0.95),
    ([0.20, 0.90, 0.80, 0.70], [0], 1, 0.95),
    ([0.50, 0.25, 0.25, 0.10], [0], 1, 0.5),
    ([0.40, 0.80, 0.90], [0], 1, float("inf")),
    ([0.30, 0.60], [0, 1], 3, 0.95),
    *map(_row, range(30)),
]


def check_negatives(candidate: Callable) -> None:
    """Right clauses at any place, one or two; negatives above, at and below the ceiling; fewer left than asked for."""
    different, names = "these are other clauses", ("similarity", "right", "count", "ceiling")
    compare(candidate, taught.hard_negatives, ROWS, names, different, list_of(int, whole_number))
    different = "when nothing else is given, count is 1 and the ceiling 0.95: leave the signature as it is"
    without = [([1.0, 0.97, 0.94, 0.5], [0]), ([0.5, 0.48, 0.47, 0.3], [0])]
    compare(candidate, taught.hard_negatives, without, names, different, list_of(int, whole_number))


def _mined(keep: Callable[[float, float], bool], limit: Callable = max, sign: int = -1, right_too: bool = False):
    """Mining with another rule. keep(value, limit): whether a clause stays; limit: of the right similarities."""

    def mine(similarity, right, count=1, ceiling=0.95):
        top = ceiling * limit(similarity[at] for at in right)
        left = [at for at, value in enumerate(similarity) if (right_too or at not in right) and keep(value, top)]
        return sorted(left, key=lambda at: sign * similarity[at])[:count]

    return mine


def _fixed_ceiling(similarity, right, count=1, ceiling=0.95):
    left = [at for at, value in enumerate(similarity) if at not in right and value <= ceiling]
    return sorted(left, key=lambda at: -similarity[at])[:count]


EXERCISES = [
    Exercise(
        number=1,
        title="Reciprocal rank fusion",
        reference=taught.reciprocal_rank_fusion,
        check=check_fusion,
        probes=FUSIONS,
        equivalent_mutants=SAME_ORDER,
        hints=(
            "Keep a dict from clause to the points it has earned so far; go through every list with `enumerate(..., start=1)`.",
            "`points.get(clause, 0)` is 0 for a clause that was not seen yet.",
            "`sorted` keeps the order of equal elements, also with `reverse=True`, so the dict's order decides.",
        ),
        misconceptions=(
            Misconception(
                "ranks that start at 0",
                _earning(lambda rank, k: 1 / (k + rank - 1)),
                "Your first place earns 1/k, not 1/(k + 1). Ranks start at 1: `enumerate(ranking, start=1)`.",
            ),
            Misconception(
                "the last list overwrites",
                _earning(lambda rank, k: 1 / (k + rank), add=False),
                "A clause that stands in two lists gets the points of the last one only. Add them up.",
            ),
            Misconception(
                "only what all searches found",
                _in_all,
                "A clause that stands in one list alone is lost. That is what fusion is for: one search sees what the"
                " other misses.",
            ),
            Misconception(
                "the worst first",
                _worst_first,
                "The clause with the **largest** sum comes first.",
            ),
            Misconception(
                "k is left out",
                _earning(lambda rank, k: 1 / rank),
                "You add 1/rank. Without k the first place of one list outweighs everything that the lists agree on.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Choose alpha",
        reference=taught.best_alpha,
        check=check_alpha,
        probes=TABLES,
        hints=(
            "For each weight: the mean of `recall[alpha][question]` over the questions in `dev`, and no others.",
            "`min` or `max` with `key=` returns the weight, not its recall.",
            "A tuple as key breaks ties: first the negative mean, then the weight itself, with `min`.",
        ),
        misconceptions=(
            Misconception(
                "the test questions choose, too",
                _by(lambda found, dev: list(found)),
                "You average over all questions. The test questions then choose the weight that they will judge: use the"
                " ids in `dev` only.",
            ),
            Misconception(
                "the test questions choose, too, of equal ones the first",
                lambda recall, dev: max(recall, key=lambda alpha: _mean(recall[alpha], list(recall[alpha]))),
                "You average over all questions. The test questions then choose the weight that they will judge: use the"
                " ids in `dev` only.",
            ),
            Misconception(
                "chosen on test",
                _by(lambda found, dev: [name for name in found if name not in dev]),
                "You average over the questions that are **not** in `dev`. Those give the verdict and must not choose.",
            ),
            Misconception(
                "of equal ones the largest",
                _by(lambda found, dev: dev, tie=-1),
                "Of weights that are equally good you return the largest. Return the smallest: it relies least on the"
                " second search.",
            ),
            Misconception(
                "the recall instead of the weight",
                lambda recall, dev: max(_mean(found, dev) for found in recall.values()),
                "You return the best recall. Asked for is the weight that reaches it.",
            ),
            Misconception(
                "of equal ones the first",
                lambda recall, dev: max(recall, key=lambda alpha: _mean(recall[alpha], dev)),
                "Of equally good weights you return the one that comes first in the dict. Return the smallest.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The contrastive loss",
        reference=taught.contrastive_loss,
        check=check_loss,
        probes=BATCHES,
        alike=lambda a, b: _near(_loss(a), _loss(b)),
        hints=(
            "The table of all cosines has a row for each question: normalised questions times normalised clauses, transposed.",
            "`cross_entropy(logits, target)` does softmax, logarithm and mean. A logit is a cosine times the scale.",
            "The right column of row i is i: `torch.arange` of the number of questions.",
        ),
        misconceptions=(
            Misconception(
                "dot products instead of cosines",
                lambda questions, clauses, scale=20.0: cross_entropy(scale * questions @ clauses.T, _own(questions)),
                "Your loss changes when all vectors get longer. Normalise both sides first: a cosine knows no length.",
            ),
            Misconception(
                "the scale is left out",
                lambda questions, clauses, scale=20.0: cross_entropy(_cosines(questions, clauses), _own(questions)),
                "You leave the cosines between -1 and 1, so even a perfect encoder is far from probability 1. Multiply by"
                " the scale.",
            ),
            Misconception(
                "divided by the scale",
                lambda questions, clauses, scale=20.0: cross_entropy(
                    _cosines(questions, clauses) / scale, _own(questions)
                ),
                "You divide by the scale. (A temperature would be divided by; the scale is 1 / temperature.)",
            ),
            Misconception(
                "a sum instead of a mean",
                lambda questions, clauses, scale=20.0: cross_entropy(
                    scale * _cosines(questions, clauses), _own(questions), reduction="sum"
                ),
                "You add the losses of the questions, so a larger batch has a larger loss. Take their mean.",
            ),
            Misconception(
                "questions and clauses exchanged",
                lambda questions, clauses, scale=20.0: cross_entropy(
                    scale * _cosines(clauses[: len(questions)], questions), _own(questions)
                ),
                "You ask which question belongs to a clause. A search asks the other way round: one row for each question.",
            ),
            Misconception(
                "further clauses are ignored",
                lambda questions, clauses, scale=20.0: cross_entropy(
                    scale * _cosines(questions, clauses[: len(questions)]), _own(questions)
                ),
                "You leave out the clauses after the first B. They are hard negatives: wrong answers that must be in the"
                " quiz.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="Mine a hard negative",
        reference=taught.hard_negatives,
        check=check_negatives,
        probes=ROWS,
        hints=(
            "First the limit: `ceiling` times the similarity of the right clause (the most similar one).",
            "Then the places that are left: not right, and not above the limit. A value at the limit stays.",
            "Sort the places by similarity, the highest first, and cut to `count`. A slice of a short list is no error.",
        ),
        misconceptions=(
            Misconception(
                "the ceiling is ignored",
                _mined(lambda value, limit: True),
                "You take the most similar clauses that are not labelled right, also where they are as similar as the right one."
                " One may be an unlabelled answer: respect the ceiling.",
            ),
            Misconception(
                "a right clause as negative",
                _mined(lambda value, limit: value <= limit / 0.95, right_too=True),
                "You return a clause that answers the question, and would teach the encoder to push it away. Leave out every"
                " place in `right`.",
            ),
            Misconception(
                "the easiest negative",
                _mined(lambda value, limit: value <= limit, sign=1),
                "You return the **least** similar clauses. The encoder knows those already; take the most similar.",
            ),
            Misconception(
                "a fixed ceiling",
                _fixed_ceiling,
                "You compare with `ceiling` itself. It is a share of the right clause's similarity: multiply.",
            ),
            Misconception(
                "the least similar right clause",
                _mined(lambda value, limit: value <= limit, limit=min),
                "Where several clauses are right you measure by the least similar one. Take the most similar.",
            ),
        ),
    ),
]
