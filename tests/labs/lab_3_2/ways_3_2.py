"""What learners write in lab 3.2: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import math

import numpy as np
import pandas as pd

# ------------------------------------------------------------------ 1 · break ROUGE recall


def question_and_clauses(question, clauses):
    return "\n".join([question, *clauses])


def last_clause_first(question, clauses):
    return " / ".join(reversed(clauses)) or "nothing was found"


def a_refusal_with_quotations(question, clauses):
    text = "The clauses do not state this."
    for clause in clauses:
        text += f" They say: {clause}"
    return text


def each_clause_twice(question, clauses):
    return " ".join(clause for clause in clauses for _ in range(2))


def list_of_clauses(question, clauses):
    return list(clauses)


def longest_clause(question, clauses):
    return max(clauses, key=len, default="")


def half_of_each(question, clauses):
    return " ".join(clause[: len(clause) // 2] for clause in clauses)


# ------------------------------------------------------------------ 2 · the corrected judge


def with_numpy(yes, n, good_yes, good, bad_no, bad):
    se, sp = np.array([good_yes + 1, bad_no + 1]) / np.array([good + 2, bad + 2])
    if se + sp <= 1:
        raise ValueError("a coin")
    q, j = yes / n, se + sp - 1
    p = np.clip((q - (1 - sp)) / j, 0, 1)
    variance = (q * (1 - q) / n + p * p * se * (1 - se) / (good + 2) + (1 - p) ** 2 * sp * (1 - sp) / (bad + 2)) / j**2
    half = 1.96 * np.sqrt(variance)
    return np.array([p, max(p - half, 0), min(p + half, 1)])


def with_steps(yes, n, good_yes, good, bad_no, bad):
    sensitivity = (1 + good_yes) / (2 + good)
    false_praise = 1 - (1 + bad_no) / (2 + bad)
    if sensitivity <= false_praise:
        raise ValueError("not better than chance")
    share = (yes / n - false_praise) / (sensitivity - false_praise)
    if share < 0:
        share = 0
    if share > 1:
        share = 1
    errors = [
        math.sqrt(yes * (n - yes) / n**3),
        share * math.sqrt(sensitivity * (1 - sensitivity) / (good + 2)),
        (1 - share) * math.sqrt(false_praise * (1 - false_praise) / (bad + 2)),
    ]
    half = 1.96 * math.hypot(*errors) / (sensitivity - false_praise)
    low, high = share - half, share + half
    return [share, low if low > 0 else 0, high if high < 1 else 1]


def with_a_series(yes, n, good_yes, good, bad_no, bad):
    labels = pd.DataFrame({"right": [good_yes, bad_no], "of": [good, bad]}, index=["sens", "spec"])
    rate = (labels["right"] + 1) / (labels["of"] + 2)
    skill = rate.sum() - 1
    if not skill > 0:
        raise ValueError(f"skill {skill}")
    q = yes / n
    p = min(max((q + rate["spec"] - 1) / skill, 0.0), 1.0)
    spread = rate * (1 - rate) / (labels["of"] + 2)
    half = 1.96 * (q * (1 - q) / n + p**2 * spread["sens"] + (1 - p) ** 2 * spread["spec"]) ** 0.5 / skill
    return tuple(np.clip([p, p - half, p + half], 0, 1).tolist())


def a_narrow_interval(yes, n, good_yes, good, bad_no, bad):
    p, low, high = with_steps(yes, n, good_yes, good, bad_no, bad)
    return p, (p + low) / 2, (p + high) / 2


def a_coin_is_a_half(yes, n, good_yes, good, bad_no, bad):
    try:
        return with_steps(yes, n, good_yes, good, bad_no, bad)
    except ValueError:
        return 0.5, 0.0, 1.0


def the_share_alone(yes, n, good_yes, good, bad_no, bad):
    return with_steps(yes, n, good_yes, good, bad_no, bad)[0]


# ------------------------------------------------------------------ 3 · the threshold


def with_arrays(confidence, right, most_wrong):
    sure, wrong = np.asarray(confidence, float), ~np.asarray(right, bool)
    fits = [level for level in np.unique(sure) if wrong[sure >= level].mean() <= most_wrong]
    return min(fits, default=np.inf)


def with_a_frame(confidence, right, most_wrong):
    table = pd.DataFrame({"sure": confidence, "wrong": [not one for one in right]})
    sums = table.groupby("sure")["wrong"].agg(["sum", "size"]).sort_index(ascending=False).cumsum()
    fits = sums[sums["sum"] / sums["size"] <= most_wrong]
    return float(fits.index.min()) if len(fits) else math.inf


def by_coverage(confidence, right, most_wrong):
    best, most = math.inf, 0
    for level in confidence:
        given = [ok for sure, ok in zip(confidence, right, strict=True) if sure >= level]
        if sum(not ok for ok in given) / len(given) <= most_wrong and len(given) > most:
            best, most = level, len(given)
    return best


def below_the_limit(confidence, right, most_wrong):
    sure, wrong = np.asarray(confidence, float), ~np.asarray(right, bool)
    return min((level for level in np.unique(sure) if wrong[sure >= level].mean() < most_wrong), default=np.inf)


def never_infinity(confidence, right, most_wrong):
    found = with_arrays(confidence, right, most_wrong)
    return max(confidence) if found == math.inf else found


RIGHT = {
    1: [question_and_clauses, last_clause_first, a_refusal_with_quotations, each_clause_twice],
    2: [with_numpy, with_steps, with_a_series],
    3: [with_arrays, with_a_frame, by_coverage],
}
WRONG = {
    1: [list_of_clauses, longest_clause, half_of_each],
    2: [a_narrow_interval, a_coin_is_a_half, the_share_alone],
    3: [below_the_limit, never_infinity],
}
