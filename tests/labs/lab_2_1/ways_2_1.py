"""What learners write in lab 2.1: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import re
from collections import Counter
from itertools import chain, islice, zip_longest


def by_tokens(answer, clause):
    def cut(text):
        return re.findall(r"\w+|[^\w\s]", text.lower())

    wanted, there = cut(answer), cut(clause)
    return bool(wanted) and any(there[at : at + len(wanted)] == wanted for at in range(len(there)))


def with_one_space(answer, clause):
    needle, text = (" ".join(one.casefold().split()) for one in (answer, clause))
    if not needle:
        return False
    for found in re.finditer(re.escape(needle), text):
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        if not (before.isalnum() or before == "_") and not (after.isalnum() or after == "_"):
            return True
    return False


def with_compile(answer, clause):
    if answer.strip() == "":
        return False
    inner = re.sub(r"(?:\\\s)+", r"\\s+", re.escape(answer.strip()))
    return re.compile(rf"(?<![\w]){inner}(?![\w])", re.I).search(clause) is not None


def with_word_boundary_before_only(answer, clause):
    pattern = r"\s+".join(map(re.escape, answer.split()))
    return bool(pattern) and re.search(rf"(?<!\w){pattern}", clause, re.I) is not None


def with_one_space_only(answer, clause):
    return bool(answer.strip()) and re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", clause, re.I) is not None


def in_loops(words, tests, n):
    own = []
    for at in range(0, len(words) - n + 1):
        window = " ".join(words[at : at + n])
        if window not in own:
            own.append(window)
    if len(own) == 0:
        return 0.0
    best = 0.0
    for test in tests:
        there = [" ".join(test[at : at + n]) for at in range(0, len(test) - n + 1)]
        best = max(best, sum(window in there for window in own) / len(own))
    return best


def with_zip(words, tests, n):
    own, *others = [{*zip(*(text[start:] for start in range(n)), strict=False)} for text in (words, *tests)]
    return max([0.0, *(len(own.intersection(other)) / len(own) for other in others)]) if own else 0.0


def with_counter(words, tests, n):
    def count(text):
        return Counter(tuple(text[at : at + n]) for at in range(max(0, len(text) - n + 1)))

    own = set(count(words))
    shares = [len([one for one in own if count(test)[one]]) / len(own) for test in tests if own]
    return sorted([0.0, *shares])[-1]


def mean_instead_of_largest(words, tests, n):
    own = {tuple(words[at : at + n]) for at in range(len(words) - n + 1)}
    shares = [len(own & {tuple(t[at : at + n]) for at in range(len(t) - n + 1)}) / len(own) for t in tests if own]
    return sum(shares) / len(shares) if shares else 0.0


def a_count(words, tests, n):
    own = {tuple(words[at : at + n]) for at in range(len(words) - n + 1)}
    return max((len(own & {tuple(t[at : at + n]) for at in range(len(t) - n + 1)}) for t in tests), default=0.0)


def with_zip_longest(kinds, most):
    gap = object()
    mixed = [one for turn in zip_longest(*kinds.values(), fillvalue=gap) for one in turn if one is not gap]
    return mixed[:most]


def with_iterators(kinds, most):
    waiting, out = [iter(ones) for ones in kinds.values()], []
    while waiting and len(out) < most:
        for one in list(waiting):
            if len(out) == most:
                break
            try:
                out.append(next(one))
            except StopIteration:
                waiting.remove(one)
    return out


def with_places(kinds, most):
    placed = [(turn, at, one) for at, ones in enumerate(kinds.values()) for turn, one in enumerate(ones)]
    return [one for _, _, one in sorted(placed, key=lambda place: place[:2])][:most]


def longest_kind_first(kinds, most):
    ordered = sorted(kinds.values(), key=len, reverse=True)
    gap = object()
    return [one for one in chain(*zip_longest(*ordered, fillvalue=gap)) if one is not gap][:most]


def without_the_limit(kinds, most):
    gap = object()
    return list(islice((one for one in chain(*zip_longest(*kinds.values(), fillvalue=gap)) if one is not gap), 99))


RIGHT = {
    1: [by_tokens, with_one_space, with_compile],
    2: [in_loops, with_zip, with_counter],
    3: [with_zip_longest, with_iterators, with_places],
}
WRONG = {
    1: [with_word_boundary_before_only, with_one_space_only],
    2: [mean_instead_of_largest, a_count],
    3: [longest_kind_first, without_the_limit],
}
