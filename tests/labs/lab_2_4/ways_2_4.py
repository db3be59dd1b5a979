"""What learners write in lab 2.4: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import math
from collections import Counter

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import cohen_kappa_score, confusion_matrix
from statsmodels.stats.inter_rater import cohens_kappa as of_table

LABELS = ["first", "second", "tie", "both bad"]

# ------------------------------------------------------------------ 1 · kappa


def with_counters(first, second):
    n = len(first)
    a, b = Counter(first), Counter(second)
    agreed = sum(x == y for x, y in zip(first, second, strict=True)) / n
    chance = sum(a[label] * b[label] for label in a) / n**2
    if chance == 1:
        return 0.0
    return (agreed - chance) / (1 - chance)


def with_crosstab(first, second):
    table = pd.crosstab(pd.Categorical(first, LABELS), pd.Categorical(second, LABELS), dropna=False).to_numpy()
    shares = table / table.sum()
    chance = shares.sum(0) @ shares.sum(1)
    return 0 if math.isclose(chance, 1) else (np.trace(shares) - chance) / (1 - chance)


def with_sklearn(first, second):
    return 0.0 if len({*first, *second}) == 1 else cohen_kappa_score(first, second)


def with_statsmodels(first, second):
    if len({*first, *second}) == 1:
        return 0.0
    return float(vars(of_table(confusion_matrix(first, second, labels=LABELS)))["kappa"])


def agreement_alone(first, second):
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def undefined_is_one(first, second):
    return 1.0 if len({*first, *second}) == 1 else with_counters(first, second)


# ------------------------------------------------------------------ 2 · the biased rater


def with_a_loop(words, right, choices, interval):
    n = k = 0
    for at in range(len(words)):
        if right[at][0] != right[at][1]:
            continue
        difference = words[at][0] - words[at][1]
        if difference == 0 or choices[at] in ("tie", "both bad"):
            continue
        n += 1
        if (difference > 0 and choices[at] == "first") or (difference < 0 and choices[at] == "second"):
            k += 1
    if n == 0:
        return (0.5, 0.0, 1.0)
    low, high = interval(k, n)
    return (k / n, low, high)


def with_a_frame(words, right, choices, interval):
    table = pd.DataFrame({"w": [a - b for a, b in words], "r": [a == b for a, b in right], "c": list(choices)})
    table = table[table["r"].astype(bool) & (table["w"] != 0) & table["c"].isin(["first", "second"])]
    chosen = ((table["c"] == "first") == (table["w"] > 0)).sum()
    return [chosen / len(table), *interval(int(chosen), len(table))] if len(table) else [0.5, 0, 1]


def with_the_chosen_side(words, right, choices, interval):
    side = {"first": 0, "second": 1}
    used = [
        (two, side[choice])
        for two, both, choice in zip(words, right, choices, strict=True)
        if both in ((True, True), (False, False)) and choice in side and len(set(two)) == 2
    ]
    hits = [two[at] == max(two) for two, at in used]
    return (np.mean(hits), *interval(int(np.sum(hits)), len(hits))) if hits else (0.5, 0.0, 1.0)


def the_shorter_one(words, right, choices, interval):
    return with_a_loop([(b, a) for a, b in words], right, choices, interval)


def nothing_known_is_nothing_chosen(words, right, choices, interval):
    share, low, high = with_a_loop(words, right, choices, interval)
    return (0.0, 0.0, 1.0) if (low, high) == (0.0, 1.0) else (share, low, high)


# ------------------------------------------------------------------ 3 · labels needed


def with_math(win_rate, accuracy, ties=0.0, power=0.8):
    q = accuracy * win_rate + (1 - accuracy) * (1 - win_rate)
    if math.isclose(q, 0.5):
        raise ValueError("nothing to see")
    z1, z2 = stats.norm.ppf([0.975, power])
    return math.ceil(((z1 * 0.5 + z2 * math.sqrt(q - q * q)) / (q - 0.5)) ** 2 / (1 - ties))


def with_a_search(win_rate, accuracy, ties=0.0, power=0.8):
    q = 0.5 + (2 * accuracy - 1) * (win_rate - 0.5)
    if q == 0.5:
        raise ValueError("q is 0.5")
    need = (stats.norm.ppf(0.975) / 2 + stats.norm.ppf(power) * (q * (1 - q)) ** 0.5) ** 2
    n = int(need / (q - 0.5) ** 2 / (1 - ties)) - 1
    while n * (1 - ties) * (q - 0.5) ** 2 < need:
        n += 1
    return n


def with_the_distance(win_rate, accuracy, ties=0.0, power=0.8):
    distance = abs((2 * accuracy - 1) * (win_rate - 0.5))
    if not distance:
        raise ValueError("the observed win rate is 0.5")
    spread = np.sqrt(0.25 - distance**2)
    count = (stats.norm.isf(0.025) * 0.5 + stats.norm.isf(1 - power) * spread) ** 2 / distance**2
    return int(np.ceil(count / (1 - ties)))


def rounded_twice(win_rate, accuracy, ties=0.0, power=0.8):
    return math.ceil(with_math(win_rate, accuracy, 0.0, power) / (1 - ties)) + (ties > 0)


def no_error(win_rate, accuracy, ties=0.0, power=0.8):
    try:
        return with_math(win_rate, accuracy, ties, power)
    except ValueError:
        return 0


RIGHT = {
    1: [with_counters, with_crosstab, with_sklearn, with_statsmodels],
    2: [with_a_loop, with_a_frame, with_the_chosen_side],
    3: [with_math, with_a_search, with_the_distance],
}
WRONG = {
    1: [agreement_alone, undefined_is_one],
    2: [the_shorter_one, nothing_known_is_nothing_chosen],
    3: [rounded_twice, no_error],
}
