"""What learners write in lab 1.6: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import functools
import math
from collections import defaultdict

import numpy as np
from scipy.special import softmax

# ------------------------------------------------------------------ 1 · the seed


def with_softmax(scores, named, share=0.5, temperature=0.02):
    part = 0.0 if not named else 1.0 if not scores else share
    weights = softmax(np.array(list(scores.values())) / temperature) if scores else []
    seed = dict(zip(scores, (1 - part) * np.array(weights), strict=True))
    for name in named:
        seed[name] = part / len(named)
    return seed


def with_cases(scores, named, share=0.5, temperature=0.02):
    if not scores:
        return {name: 1 / len(named) for name in named}
    best = max(scores.values())
    total = sum(math.exp((score - best) / temperature) for score in scores.values())
    clauses = {at: math.exp((score - best) / temperature) / total for at, score in scores.items()}
    if not named:
        return clauses
    return {**{at: (1 - share) * p for at, p in clauses.items()}, **dict.fromkeys(named, share / len(named))}


def normalised_at_the_end(scores, named, share=0.5, temperature=0.02):
    seed = defaultdict(float)
    total = sum(np.exp(score / temperature) for score in scores.values())
    for at, score in scores.items():
        seed[at] += (1 - share if named else 1) * np.exp(score / temperature) / total
    for name in named:
        seed[name] += (share if scores else 1) / len(named)
    return {node: weight / sum(seed.values()) for node, weight in seed.items()}


def half_whatever_the_share(scores, named, share=0.5, temperature=0.02):
    return with_cases(scores, named, 0.5, temperature)


def the_best_clause_alone(scores, named, share=0.5, temperature=0.02):
    best = dict([max(scores.items(), key=lambda pair: pair[1])]) if scores else {}
    return with_cases(best, named, share, temperature)


def everything_in_equal_parts(scores, named, share=0.5, temperature=0.02):
    nodes = [*scores, *named]
    return dict.fromkeys(nodes, 1 / len(nodes))


# ------------------------------------------------------------------ 2 · the clause in force


def with_reduce(clause, history):
    ordered = sorted(history, key=lambda change: change[0])
    return functools.reduce(
        lambda now, change: change[2] if change[1] is None else now.replace(*change[1:]), ordered, clause
    )


def with_split_and_join(clause, history):
    for change in sorted(history, key=lambda row: row[0]):
        clause = change[2] if change[1] is None else change[2].join(clause.split(change[1]))
    return clause


def from_the_last_whole_clause(clause, history):
    ordered = sorted(enumerate(history), key=lambda pair: (pair[1][0], pair[0]))
    changes = [change for _, change in ordered]
    whole = [place for place, (_, old, _) in enumerate(changes) if old is None]
    if whole:
        clause, changes = changes[whole[-1]][2], changes[whole[-1] + 1 :]
    for _, old, new in changes:
        clause = clause.replace(old or "", new)
    return clause


def each_date_once(clause, history):
    last = {date: (old, new) for date, old, new in history}
    for date in sorted(last):
        old, new = last[date]
        clause = new if old is None else clause.replace(old, new)
    return clause


def the_words_that_come(clause, history):
    return max(history, key=lambda change: change[0])[2] if history else clause


def sorted_backwards_on_one_day(clause, history):
    return with_reduce(clause, list(history)[::-1])


# ------------------------------------------------------------------ 3 · the conflict detector


def with_dicts(letter, clause):
    sides = []
    for amounts in (letter, clause):
        by_unit = defaultdict(set)
        for number, unit in amounts:
            by_unit[unit].add(number)
        sides.append(by_unit)
    return sorted(unit for unit in sides[0] if unit in sides[1] and sides[0][unit].isdisjoint(sides[1][unit]))


def with_loops(letter, clause):
    found = []
    for unit in sorted({unit for _, unit in letter}):
        ours = [number for number, own in letter if own == unit]
        theirs = [number for number, own in clause if own == unit]
        if theirs and not any(number in theirs for number in ours):
            found.append(unit)
    return found


def with_all(letter, clause):
    units = {unit for _, unit in letter} & {unit for _, unit in clause}
    return sorted(unit for unit in units if all(pair not in clause for pair in letter if pair[1] == unit))


def the_largest_differs(letter, clause):
    units = {unit for _, unit in letter} & {unit for _, unit in clause}
    return sorted(u for u in units if max(n for n, v in letter if v == u) != max(n for n, v in clause if v == u))


def sets_of_a_unit_differ(letter, clause):
    units = {unit for _, unit in letter} & {unit for _, unit in clause}
    return sorted(u for u in units if {n for n, v in letter if v == u} != {n for n, v in clause if v == u})


def units_of_both(letter, clause):
    return sorted({unit for _, unit in letter} & {unit for _, unit in clause})


RIGHT = {
    1: [with_softmax, with_cases, normalised_at_the_end],
    2: [with_reduce, with_split_and_join, from_the_last_whole_clause],
    3: [with_dicts, with_loops, with_all],
}
WRONG = {
    1: [half_whatever_the_share, the_best_clause_alone, everything_in_equal_parts],
    2: [each_date_once, the_words_that_come, sorted_backwards_on_one_day],
    3: [the_largest_differs, sets_of_a_unit_differ, units_of_both],
}
