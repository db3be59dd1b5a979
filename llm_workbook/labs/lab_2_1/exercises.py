"""Exercises of lab 2.1."""

import re

from ...exercises.checks import compare, kind_of, list_of, number
from ...exercises.engine import Exercise, Misconception, NotYet
from ...taught import lab_2_1 as taught

# ------------------------------------------------------------------ 1 · does the clause state the answer?

STATED = [
    ("30 days", "Pay within 30 days."),
    ("5 days", "Pay within 15 days."),
    ("30 day", "Pay within 30 days."),
    ("Thirty Days", "pay within thirty days"),
    ("thirty days", "PAY WITHIN THIRTY DAYS"),
    ("thirty  days", "Pay within thirty\ndays of receipt."),
    ("EUR 1.50", "It costs EUR 1x50."),
    ("thirty (30) days", "within thirty (30) days of"),
    ("", "Pay within 30 days."),
    (" \n", "Pay within 30 days."),
    ("30 days", ""),
    ("days 30", "Pay within 30 days."),
    ("30 days", "Pay 30 in days."),
    ("law", "The lawyer keeps it."),
    ("law", "The outlaw keeps it."),
    ("law", "It is governed by law"),
    ("Irish law", "Irish law applies"),
    ("30 days", "Not 130 days but 30 days."),
    ("30days", "Pay within 30 days."),
    ("5 %", "a rise of 5 % at most"),
]


def check_is_stated(candidate) -> None:
    """Whole words, capitals, white space, signs, nothing at all."""
    compare(candidate, taught.is_stated, STATED, ("answer", "clause"), "the filter decides differently", _decision)


def _decision(got) -> bool:
    value = got.item() if getattr(got, "shape", None) == () and hasattr(got, "item") else got
    if not isinstance(value, bool):
        raise NotYet(f"return True or False, not {kind_of(got)}")
    return value


# ------------------------------------------------------------------ 2 · the share that was copied

COPIED = [
    (["a", "b", "c", "d"], [["x", "a", "b", "c"], ["c", "d"]], 2),
    (["a", "b", "c"], [["a", "b", "c"]], 3),
    (["a", "b", "c"], [["a", "b", "c"]], 4),
    (["a", "b", "c", "d", "e"], [["a", "b", "x"], ["c", "d", "e", "y"]], 2),
    (["a", "a", "a", "a", "b"], [["a", "a"]], 2),
    (["a", "b", "c"], [], 2),
    ([], [["a", "b"]], 1),
    (["a", "b", "c", "d"], [["d", "c", "b", "a"]], 2),
    (["a", "b", "c", "d"], [["a", "b", "c", "d", "e", "f", "g", "h"]], 2),
    (["a", "b", "c", "d", "e", "f"], [["q"], ["b", "c", "d", "e"], ["a", "b"]], 3),
    (["a", "b"], [["c", "d"], ["e", "f"]], 1),
    (["a", "b", "c", "d"], [["a", "b"], ["b", "c"]], 1),
]


def check_copied_share(candidate) -> None:
    """One and several test texts, windows that repeat, too few words, no test text."""
    names, wrong = ("words", "tests", "n"), "this is not the share that was copied"
    compare(candidate, taught.copied_share, COPIED, names, wrong, number)


def _windows(text, n) -> list[tuple]:
    return [tuple(text[at : at + n]) for at in range(len(text) - n + 1)]


def _all_tests_together(words, tests, n):
    own, known = set(_windows(words, n)), {one for test in tests for one in _windows(test, n)}
    return len(own & known) / len(own) if own else 0.0


def _repeats_count(words, tests, n):
    own = _windows(words, n)
    return max((sum(one in _windows(test, n) for one in own) / len(own) for test in tests), default=0.0) if own else 0.0


def _share_of_the_test(words, tests, n):
    own = set(_windows(words, n))
    shares = [len(own & set(_windows(test, n))) / max(1, len(set(_windows(test, n)))) for test in tests]
    return max(shares, default=0.0)


def _last_window_missing(words, tests, n):
    own = {tuple(words[at : at + n]) for at in range(len(words) - n)}
    return max((len(own & set(_windows(test, n))) / len(own) for test in tests), default=0.0) if own else 0.0


# ------------------------------------------------------------------ 3 · a training mix

MIXES = [
    ({"period": [1, 2, 3], "law": [9]}, 3),
    ({"period": [1, 2, 3], "law": [9]}, 10),
    ({"law": [9], "period": [1, 2, 3]}, 4),
    ({"a": [1, 2], "b": [], "c": [5, 6, 7]}, 5),
    ({"a": [1, 2], "b": [3, 4]}, 0),
    ({}, 3),
    ({"a": []}, 3),
    ({"a": [1, 1, 1], "b": [1]}, 4),
    ({"a": ["x", "y"], "b": ["z"], "c": ["u", "v", "w", "t"]}, 6),
    ({"a": [1, 2, 3], "b": [4, 5, 6]}, 5),
]


def check_take_turns(candidate) -> None:
    """Kinds of different length, an empty one, a limit within a round, none at all; what is given stays as it was."""
    fresh = [({kind: list(ones) for kind, ones in kinds.items()}, most) for kinds, most in MIXES]
    compare(candidate, taught.take_turns, fresh, ("kinds", "most"), "the order or the number is different", _plain_list)
    changed = [given for (given, _), (kinds, _) in zip(fresh, MIXES, strict=True) if given != kinds]
    if changed:
        raise NotYet("your function takes pairs out of the lists that it was given: leave them as they are")


def _plain_list(got) -> list:
    return list_of(object)(got)


def _one_kind_after_the_other(kinds, most):
    return [one for ones in kinds.values() for one in ones][:most]


def _until_the_shortest_ends(kinds, most):
    return [one for turn in zip(*kinds.values(), strict=False) for one in turn][:most]


def _limit_for_each_kind(kinds, most):
    longest = max(map(len, kinds.values()), default=0)
    return [ones[turn] for turn in range(min(longest, most)) for ones in kinds.values() if turn < len(ones)]


EXERCISES = [
    Exercise(
        number=1,
        title="Does the clause state the answer?",
        reference=taught.is_stated,
        check=check_is_stated,
        probes=STATED,
        hints=(
            "`answer.split()` gives the words, whatever white space stands between them; none for an empty answer.",
            'Join the escaped words with `r"\\s+"` and put `(?<!\\w)` before and `(?!\\w)` after the pattern.',
            "`re.search(pattern, clause, re.IGNORECASE)` gives a match or None: compare it with None, and think of the"
            " answer without a word.",
        ),
        misconceptions=(
            Misconception(
                "a part of a word counts",
                lambda answer, clause: (
                    bool(answer.split()) and " ".join(answer.lower().split()) in " ".join(clause.lower().split())
                ),
                "You look for the characters, so that 5 days stands in 15 days. Ask that no letter or digit stands"
                " before or after.",
            ),
            Misconception(
                "capitals matter",
                lambda answer, clause: (
                    bool(answer.split())
                    and re.search(r"(?<!\w)" + r"\s+".join(map(re.escape, answer.split())) + r"(?!\w)", clause)
                    is not None
                ),
                "Your filter drops an answer that is written in other capitals. Headings and old contracts shout:"
                " compare without capitals.",
            ),
            Misconception(
                "an empty answer passes",
                lambda answer, clause: (
                    re.search(
                        r"(?<!\w)" + r"\s+".join(map(re.escape, answer.split())) + r"(?!\w)", clause, re.IGNORECASE
                    )
                    is not None
                ),
                "Your filter lets an empty answer pass: an empty pattern is found everywhere. Check that there is a"
                " word.",
            ),
            Misconception(
                "signs are read as a pattern",
                lambda answer, clause: (
                    bool(answer.split())
                    and re.search(r"(?<!\w)" + r"\s+".join(answer.split()) + r"(?!\w)", clause, re.IGNORECASE)
                    is not None
                ),
                "The dot and the brackets of an answer are read as a pattern. `re.escape` makes each word safe.",
            ),
            Misconception(
                "the words in any order",
                lambda answer, clause: (
                    bool(answer.split())
                    and set(answer.lower().split()) <= set(re.findall(r"[\w%().]+(?<!\.)", clause.lower()))
                ),
                "You look for each word alone, so that they may stand anywhere. The words must follow each other.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The share that was copied",
        reference=taught.copied_share,
        check=check_copied_share,
        probes=COPIED,
        hints=(
            "A text of length L has L - n + 1 windows. `tuple(words[at : at + n])` can be put into a set.",
            "For each test clause: how many of the row's windows are in its set, divided by the row's windows?",
            "`max(..., default=0.0)` answers for no test clauses; a row without windows is caught before the division.",
        ),
        misconceptions=(
            Misconception(
                "all test texts together",
                _all_tests_together,
                "You put the windows of all test clauses into one set. A row that shares a little with many clauses then"
                " looks copied. Take the largest share of one clause.",
            ),
            Misconception(
                "repeated windows count again",
                _repeats_count,
                "A window that occurs twice in the row counts twice in yours. Put the row's windows into a set.",
            ),
            Misconception(
                "the share of the test clause",
                _share_of_the_test,
                "You divide by the windows of the test clause. The question is how much of the row was copied: divide by"
                " the row's windows.",
            ),
            Misconception(
                "the last window is missing",
                _last_window_missing,
                "Your last window is missing: a text of L words has L - n + 1 windows of n.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="A training mix",
        reference=taught.take_turns,
        check=check_take_turns,
        probes=MIXES,
        hints=(
            "Turn 0 takes `ones[0]` of each kind, turn 1 `ones[1]`, and so on.",
            "Two loops in one list: over the turns outside, over `kinds.values()` inside, with a condition on the"
            " length.",
            "There are as many turns as the longest kind has pairs. Cut the result with `[:most]`.",
        ),
        misconceptions=(
            Misconception(
                "one kind after the other",
                _one_kind_after_the_other,
                "You take the whole first kind before the second. With a limit the last kinds are lost. Take one of each"
                " in turn.",
            ),
            Misconception(
                "it ends with the shortest kind",
                _until_the_shortest_ends,
                "You stop when the shortest kind is used up, as `zip` does. Pass it over and go on with the others.",
            ),
            Misconception(
                "the limit for each kind",
                _limit_for_each_kind,
                "`most` limits the whole mix, not each kind. Cut the finished list.",
            ),
        ),
    ),
]
