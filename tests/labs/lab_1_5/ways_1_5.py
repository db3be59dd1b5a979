"""What learners write in lab 1.5: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import math

import numpy as np
import pandas as pd

# ------------------------------------------------------------------ 1 · rerank


def with_zip(ranking, score, depth=20):
    head, tail = ranking[:depth], ranking[depth:]
    pairs = sorted(zip(score(head), range(len(head)), head, strict=True), key=lambda row: (-row[0], row[1]))
    return [place for _, _, place in pairs] + tail


def with_argsort(ranking, score, depth=20):
    ranking = np.array(ranking)
    order = np.argsort(-np.array(score(ranking[:depth].tolist())), kind="stable")
    return np.concatenate([ranking[:depth][order], ranking[depth:]])


def with_a_dict(ranking, score, depth=20):
    first = [place for at, place in enumerate(ranking) if at < depth]
    value = dict(zip(first, score(first), strict=True))
    return sorted(first, key=value.get, reverse=True) + [place for place in ranking if place not in value]


def turned_round(ranking, score, depth=20):
    first = list(ranking[:depth])
    values = dict(zip(first, score(first), strict=True))
    return sorted(first, key=values.get)[::-1] + list(ranking[depth:])


def equal_ones_by_place(ranking, score, depth=20):
    first = list(ranking[:depth])
    values = dict(zip(first, score(first), strict=True))
    return sorted(first, key=lambda place: (-values[place], place)) + list(ranking[depth:])


def one_by_one(ranking, score, depth=20):
    return sorted(ranking[:depth], key=lambda place: -score([place])[0]) + list(ranking[depth:])


def one_more(ranking, score, depth=20):
    return with_zip(ranking, score, depth + 1)


# ------------------------------------------------------------------ 2 · pack a budget


def with_a_sum(tokens, budget):
    taken = []
    for place in range(len(tokens)):
        if sum(tokens[one] for one in taken) + tokens[place] <= budget:
            taken.append(place)
    return taken


def with_recursion(tokens, budget, at=0):
    if at >= len(tokens):
        return []
    if tokens[at] > budget:
        return with_recursion(tokens, budget, at + 1)
    return [at, *with_recursion(tokens, budget - tokens[at], at + 1)]


def with_numpy(tokens, budget):
    mask = np.zeros(len(tokens), dtype=bool)
    for at, length in enumerate(tokens):
        mask[at] = length + np.array(tokens)[mask].sum() <= budget
    return np.flatnonzero(mask)


def with_cumsum(tokens, budget):
    return [at for at, total in enumerate(np.cumsum(tokens)) if total <= budget]


def the_longest_first(tokens, budget):
    taken = []
    for place in sorted(range(len(tokens)), key=lambda at: -tokens[at]):
        if sum(tokens[one] for one in taken) + tokens[place] <= budget:
            taken.append(place)
    return sorted(taken)


def at_least_one(tokens, budget):
    return with_a_sum(tokens, budget) or [0][: len(tokens)]


# ------------------------------------------------------------------ 3 · the abstention threshold


def with_a_loop(confidence, right, right_usd, wrong_usd, none_usd):
    best, most = None, -math.inf
    for limit in [*sorted(confidence), float("inf")]:
        total = 0.0
        for sure, ok in zip(confidence, right, strict=True):
            total += none_usd if sure < limit else right_usd if ok else wrong_usd
        if total > most:
            best, most = limit, total
    return best


def with_arrays(confidence, right, right_usd, wrong_usd, none_usd):
    sure, value = np.array(confidence), np.where(right, right_usd, wrong_usd)
    limits = np.unique([*confidence, np.inf])
    totals = [np.where(sure >= limit, value, none_usd).sum() for limit in limits]
    return limits[int(np.argmax(totals))]


def with_a_table(confidence, right, right_usd, wrong_usd, none_usd):
    table = pd.DataFrame({"sure": confidence, "value": np.where(right, right_usd, wrong_usd)})
    totals = {
        limit: table.loc[table["sure"] >= limit, "value"].sum() + none_usd * (table["sure"] < limit).sum()
        for limit in [*sorted(set(confidence)), math.inf]
    }
    return min(totals, key=lambda limit: (-totals[limit], limit))


def break_even(confidence, right, right_usd, wrong_usd, none_usd):
    return (none_usd - wrong_usd) / (right_usd - wrong_usd)


def above_the_surest_mistake(confidence, right, right_usd, wrong_usd, none_usd):
    mistakes = [sure for sure, ok in zip(confidence, right, strict=True) if not ok]
    return min((sure for sure in confidence if sure > max(mistakes, default=-math.inf)), default=math.inf)


def everything(confidence, right, right_usd, wrong_usd, none_usd):
    return min(confidence)


RIGHT = {
    1: [with_zip, with_argsort, with_a_dict],
    2: [with_a_sum, with_recursion, with_numpy],
    3: [with_a_loop, with_arrays, with_a_table],
}
WRONG = {
    1: [turned_round, equal_ones_by_place, one_by_one, one_more],
    2: [with_cumsum, the_longest_first, at_least_one],
    3: [break_even, above_the_surest_mistake, everything],
}
