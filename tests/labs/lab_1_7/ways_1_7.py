"""What learners write in lab 1.7: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import numpy as np
import pandas as pd

# ------------------------------------------------------------------ 1 · the fault


def with_a_loop(needed, found, ranked, shown, refused):
    stages = ["not indexed", "not retrieved", "ranked low", "cut"]
    earliest = 4
    last = ranked.index(shown[-1]) if shown else -1
    for one in needed:
        if one in shown:
            continue
        if one == "":
            stage = 0
        elif one not in found:
            stage = 1
        else:
            stage = 2 if ranked.index(one) > last else 3
        earliest = min(earliest, stage)
    return stages[earliest] if earliest < 4 else ("not read" if refused else "wrong")


def with_sets(needed, found, ranked, shown, refused):
    missing = set(needed) - set(shown)
    if not missing:
        return "not read" if refused else "wrong"
    if "" in missing:
        return "not indexed"
    if not missing <= set(found):
        return "not retrieved"
    behind = set(ranked) if not shown else set(ranked[max(map(ranked.index, shown)) + 1 :])
    return "ranked low" if missing & behind else "cut"


def with_a_dict(needed, found, ranked, shown, refused):
    at = {name: place for place, name in enumerate(ranked)}
    last = max([at[name] for name in shown] or [-1])

    def of(name):
        if name not in at:
            return "not retrieved" if name else "not indexed"
        return "ranked low" if at[name] > last else "cut"

    faults = [of(name) for name in needed if name not in shown]
    for fault in ("not indexed", "not retrieved", "ranked low", "cut"):
        if fault in faults:
            return fault
    return {True: "not read", False: "wrong"}[refused]


def only_the_first_clause(needed, found, ranked, shown, refused):
    return with_a_loop(needed[:1], found, ranked, shown, refused)


def everything_not_shown_is_cut(needed, found, ranked, shown, refused):
    return "cut" if set(needed) - set(shown) else "not read" if refused else "wrong"


# ------------------------------------------------------------------ 2 · the repaired pipeline


def with_numpy(texts, scores, tokens, budget):
    order = np.argsort(-np.asarray(scores), kind="stable")[:20].tolist()
    shown = []
    for at in order:
        if sum(tokens[one] for one in shown) + tokens[at] <= budget:
            shown.append(at)
    return list(range(len(texts))), order, shown


def with_pandas(texts, scores, tokens, budget):
    order = pd.Series(scores).sort_values(ascending=False, kind="stable").index[:20].tolist()
    shown, used = [], 0
    for at in order:
        if used + tokens[at] > budget:
            continue
        shown.append(at)
        used += tokens[at]
    return [*range(len(texts))], order, shown


def with_pairs(texts, scores, tokens, budget):
    order = [at for _, at in sorted((-score, at) for at, score in enumerate(scores))][:20]
    left, shown = budget, []
    for at in order:
        fits = tokens[at] <= left
        shown += [at] * fits
        left -= tokens[at] * fits
    return [at for at, _ in enumerate(texts)], order, shown


def backwards(texts, scores, tokens, budget):
    kept, order, shown = with_numpy(texts, [-score for score in scores], tokens, budget)
    return kept, order, shown


def less_than_the_budget(texts, scores, tokens, budget):
    return with_numpy(texts, scores, tokens, budget - 1)


# ------------------------------------------------------------------ 3 · the smallest that is good enough


def with_sorting(recalls, cost, interval, margin=0.06):
    names = sorted(recalls, key=lambda name: cost[name])
    best = max(names, key=lambda name: recalls[name].mean())
    for name in names:
        _, high = interval(recalls[best] - recalls[name])
        if name == best or high < margin:
            return name
    return best


def with_series(recalls, cost, interval, margin=0.06):
    sizes = pd.DataFrame(cost, index=["parts", "ms"]).T.assign(
        mean={name: np.mean(row) for name, row in recalls.items()}
    )
    best = sizes.sort_values(["mean", "parts", "ms"], ascending=[False, True, True]).index[0]
    kept = {best} | {name for name, row in recalls.items() if interval(np.subtract(recalls[best], row))[1] < margin}
    return sizes.loc[sorted(kept)].sort_values(["parts", "ms"]).index[0]


def from_the_other_end(recalls, cost, interval, margin=0.06):
    best = min(recalls, key=lambda name: (-np.mean(recalls[name]), cost[name]))
    good = [name for name in recalls if name != best and interval(recalls[name] - recalls[best])[0] > -margin]
    return min([*good, best], key=lambda name: cost[name])


def within_the_margin_on_average(recalls, cost, interval, margin=0.06):
    best = max(np.mean(row) for row in recalls.values())
    return min((n for n in recalls if np.mean(recalls[n]) >= best - margin), key=lambda name: cost[name])


def the_other_way_round(recalls, cost, interval, margin=0.06):
    best = min(recalls, key=lambda name: (-np.mean(recalls[name]), cost[name]))
    return min((n for n in recalls if interval(recalls[n] - recalls[best])[1] < margin or n == best), key=cost.get)


RIGHT = {
    1: [with_a_loop, with_sets, with_a_dict],
    2: [with_numpy, with_pandas, with_pairs],
    3: [with_sorting, with_series, from_the_other_end],
}
WRONG = {
    1: [only_the_first_clause, everything_not_shown_is_cut],
    2: [backwards, less_than_the_budget],
    3: [within_the_margin_on_average, the_other_way_round],
}
