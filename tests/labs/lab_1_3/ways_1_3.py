"""What learners write in lab 1.3: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import re

import numpy as np
import pandas as pd

# ------------------------------------------------------------------ 1 · share a budget


def with_two_loops(rankings, budget):
    taken = []
    for place in range(max([len(ranking) for ranking in rankings], default=0)):
        for ranking in rankings:
            if place < len(ranking) and ranking[place] not in taken and len(taken) < budget:
                taken.append(ranking[place])
    return taken


def with_queues(rankings, budget):
    queues, taken = [list(ranking) for ranking in rankings], {}
    while any(queues):
        for queue in queues:
            if queue:
                taken.setdefault(queue.pop(0))
    return list(taken)[:budget]


def with_pandas_rows(rankings, budget):
    rows = [(place, turn, clause) for turn, row in enumerate(rankings) for place, clause in enumerate(row)]
    table = pd.DataFrame(rows, columns=["place", "turn", "clause"]).astype({"clause": object})
    return table.sort_values(["place", "turn"])["clause"].drop_duplicates().head(budget).tolist()


def equal_shares(rankings, budget):
    share = max(1, budget // max(1, len(rankings)))
    return list(dict.fromkeys(clause for ranking in rankings for clause in ranking[:share]))[:budget]


def in_the_order_of_the_last(rankings, budget):
    return with_two_loops(rankings[::-1], budget)


def duplicates_end_it(rankings, budget):
    turns = [one for place in range(9) for row in rankings for one in row[place : place + 1]]
    return list(dict.fromkeys(turns[:budget]))


# ------------------------------------------------------------------ 2 · a filter from a question


def _words(text):
    return re.findall(r"[\w&]+(?:-[\w&]+)*", text.lower())


def filter_with_a_loop(question, titles, least=0.7, slack=0.1):
    asked, shares = _words(question), {}
    for name, title in titles.items():
        inside = {word for word in _words(title) if word in asked}
        shares[name] = len(inside) / len(set(_words(title)))
    best = max(shares.values())
    if best < least:
        return {}
    return {"document": {"$in": [name for name in titles if shares[name] >= best - slack]}}


def filter_with_pandas(question, titles, least=0.7, slack=0.1):
    shares = pd.Series(
        {name: np.isin(list(set(_words(title))), _words(question)).mean() for name, title in titles.items()}
    )
    chosen = shares[shares >= shares.max() - slack].index.tolist()
    return {"document": {"$in": chosen}} if shares.max() >= least else {}


def filter_best_first(question, titles, least=0.7, slack=0.1):
    asked = set(_words(question))
    ranked = sorted(
        ((len(asked.intersection(w)) / len(w), n) for n, w in ((n, set(_words(t))) for n, t in titles.items())),
        reverse=True,
    )
    top = ranked[0][0]
    return {"document": {"$in": [name for share, name in ranked if share >= top - slack]}} if top >= least else {}


def by_jaccard(question, titles, least=0.7, slack=0.1):
    asked = set(_words(question))
    shares = {name: len(asked & set(_words(t))) / len(asked | set(_words(t))) for name, t in titles.items()}
    best = max(shares.values())
    return {"document": {"$in": [n for n in titles if shares[n] >= best - slack]}} if best >= least else {}


def by_letters(question, titles, least=0.7, slack=0.1):
    shares = {name: np.mean([word in question.lower() for word in _words(t)]) for name, t in titles.items()}
    best = max(shares.values())
    return {"document": {"$in": [n for n in titles if shares[n] >= best - slack]}} if best > least else {}


# ------------------------------------------------------------------ 3 · a router


def route_with_a_loop(question, examples):
    best, winner = -2.0, ""
    for label, rows in examples.items():
        prototype = np.mean(rows, axis=0)
        prototype = prototype / np.sqrt((prototype**2).sum())
        if prototype @ question > best:
            best, winner = prototype @ question, label
    return winner


def route_with_a_matrix(question, examples):
    labels = list(examples)
    matrix = np.stack([examples[label].sum(axis=0) for label in labels])
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return labels[int(np.argmax(matrix @ question))]


def route_with_pandas(question, examples):
    cosines = {name: np.dot(question, rows.mean(0)) / np.linalg.norm(rows.mean(0)) for name, rows in examples.items()}
    return pd.Series(cosines).idxmax()


def by_votes(question, examples):
    cosines = [(float(one @ question), name) for name, rows in examples.items() for one in rows]
    near = [name for _, name in sorted(cosines, reverse=True)[:3]]
    return max(examples, key=near.count)


def by_the_first_example(question, examples):
    return max(examples, key=lambda name: examples[name][0] @ question)


RIGHT = {
    1: [with_two_loops, with_queues, with_pandas_rows],
    2: [filter_with_a_loop, filter_with_pandas, filter_best_first],
    3: [route_with_a_loop, route_with_a_matrix, route_with_pandas],
}
WRONG = {
    1: [equal_shares, in_the_order_of_the_last, duplicates_end_it],
    2: [by_jaccard, by_letters],
    3: [by_votes, by_the_first_example],
}
