"""What learners write in lab 1.4: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

# ------------------------------------------------------------------ 1 · reciprocal rank fusion


def with_defaultdict(rankings, k=60):
    points = defaultdict(float)
    for ranking in rankings:
        for index, clause in enumerate(ranking):
            points[clause] += 1.0 / (k + index + 1)
    return [clause for clause, _ in sorted(points.items(), key=lambda pair: pair[1], reverse=True)]


def with_counter(rankings, k=60):
    total = Counter()
    for ranking in rankings:
        total.update({clause: 1 / (k + rank) for rank, clause in enumerate(ranking, 1)})
    return [clause for clause, _ in total.most_common()]


def with_sums(rankings, k=60):
    seen = list(dict.fromkeys(clause for ranking in rankings for clause in ranking))
    score = {clause: sum(1 / (k + r.index(clause) + 1) for r in rankings if clause in r) for clause in seen}
    return sorted(seen, key=score.get, reverse=True)


def a_missing_clause_is_last(rankings, k=60):
    seen = list(dict.fromkeys(clause for ranking in rankings for clause in ranking))
    score = {c: sum(1 / (k + (list(r).index(c) + 1 if c in r else len(r) + 1)) for r in rankings) for c in seen}
    return sorted(seen, key=lambda clause: -score[clause])


def mean_rank(rankings, k=60):
    seen = list(dict.fromkeys(clause for ranking in rankings for clause in ranking))
    return sorted(seen, key=lambda c: np.mean([list(r).index(c) for r in rankings if c in r]))


def equal_ones_by_name(rankings, k=60):
    points = defaultdict(float)
    for ranking in rankings:
        for rank, clause in enumerate(ranking, 1):
            points[clause] += 1 / (k + rank)
    return sorted(points, key=lambda clause: (-points[clause], str(clause)))


# ------------------------------------------------------------------ 2 · choose alpha


def with_a_loop(recall, dev):
    best, winner = -1.0, None
    for alpha in sorted(recall):
        mean = np.mean([recall[alpha][name] for name in dev])
        if mean > best + 1e-12:
            best, winner = mean, alpha
    return winner


def with_pandas(recall, dev):
    table = pd.DataFrame(recall).loc[list(dev)]
    return float(table.mean().sort_index().idxmax())


def with_sorted_max(recall, dev):
    return max(sorted(recall), key=lambda alpha: sum(recall[alpha][name] for name in dev))


def by_questions_won(recall, dev):
    return min(recall, key=lambda alpha: (-sum(recall[alpha][name] == 1 for name in dev), alpha))


def by_the_best_question(recall, dev):
    return min(recall, key=lambda alpha: (-max(recall[alpha][name] for name in dev), alpha))


def the_first_dev_question(recall, dev):
    return min(recall, key=lambda alpha: (-recall[alpha][next(iter(dev))], alpha))


# ------------------------------------------------------------------ 3 · the contrastive loss


def with_log_softmax(questions, clauses, scale=20.0):
    logits = scale * functional.normalize(questions) @ functional.normalize(clauses).T
    return -logits.log_softmax(dim=1).diagonal().mean()


def with_logsumexp(questions, clauses, scale=20.0):
    cosines = functional.cosine_similarity(questions[:, None], clauses[None], dim=2)
    own = scale * cosines[range(len(questions)), range(len(questions))]
    return (torch.logsumexp(scale * cosines, dim=1) - own).mean()


def with_norms(questions, clauses, scale=20.0):
    a = questions / questions.norm(dim=-1, keepdim=True)
    b = clauses / clauses.norm(dim=-1, keepdim=True)
    return torch.nn.CrossEntropyLoss()(a.mm(b.t()) * scale, torch.tensor(range(a.shape[0])))


def detached(questions, clauses, scale=20.0):
    return with_log_softmax(questions, clauses, scale).item()


def one_side_normalised(questions, clauses, scale=20.0):
    logits = scale * functional.normalize(questions) @ clauses.T
    return -logits.log_softmax(dim=1).diagonal().mean()


def softmax_over_the_questions(questions, clauses, scale=20.0):
    logits = scale * functional.normalize(questions) @ functional.normalize(clauses).T
    return -logits.log_softmax(dim=0).diagonal().mean()


# ------------------------------------------------------------------ 4 · mine a hard negative


def with_sorting(similarity, right, count=1, ceiling=0.95):
    limit, found = max(similarity[place] for place in right) * ceiling, []
    for place in sorted(range(len(similarity)), key=lambda at: -similarity[at]):
        if place not in right and similarity[place] <= limit and len(found) < count:
            found.append(place)
    return found


def with_numpy(similarity, right, count=1, ceiling=0.95):
    row = np.array(similarity, dtype=float)
    places = list(right)
    row[row > ceiling * row[places].max()] = -np.inf
    row[places] = -np.inf
    order = np.argsort(-row, kind="stable")
    return order[np.isfinite(row[order])][:count]


def with_pandas_series(similarity, right, count=1, ceiling=0.95):
    row = pd.Series(similarity)
    left = row.drop(list(right))
    left = left[left <= ceiling * row[list(right)].max()]
    return left.sort_values(ascending=False, kind="stable").head(count).index.tolist()


def below_the_ceiling(similarity, right, count=1, ceiling=0.95):
    limit = max(similarity[place] for place in right) * ceiling
    left = [at for at in range(len(similarity)) if at not in right and similarity[at] < limit]
    return sorted(left, key=lambda at: -similarity[at])[:count]


def one_whatever_the_count(similarity, right, count=1, ceiling=0.95):
    return with_sorting(similarity, right, 1, ceiling)


def cut_before_the_filter(similarity, right, count=1, ceiling=0.95):
    limit = max(similarity[place] for place in right) * ceiling
    top = sorted(range(len(similarity)), key=lambda at: -similarity[at])[: count + len(right)]
    return [at for at in top if at not in right and similarity[at] <= limit][:count]


RIGHT = {
    1: [with_defaultdict, with_counter, with_sums],
    2: [with_a_loop, with_pandas, with_sorted_max],
    3: [with_log_softmax, with_logsumexp, with_norms],
    4: [with_sorting, with_numpy, with_pandas_series],
}
WRONG = {
    1: [a_missing_clause_is_last, mean_rank, equal_ones_by_name],
    2: [by_questions_won, by_the_best_question, the_first_dev_question],
    3: [detached, one_side_normalised, softmax_over_the_questions],
    4: [below_the_ceiling, one_whatever_the_count, cut_before_the_filter],
}
