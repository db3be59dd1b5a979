"""Exercises of lab 2.5."""

from ...exercises.engine import Exercise, Misconception, NotYet
from ...taught import lab_2_5 as taught

CASES = ([True, False, True, True], [True, True], [False, False, False], [], [True] + [False] * 9, [False, True, True])


def check_share_found(candidate) -> None:
    """All, none, some, and no search at all."""
    for found in CASES:
        got, expected = candidate(list(found)), sum(found) / max(1, len(found))
        if isinstance(got, bool) or not isinstance(got, int | float):
            raise NotYet(f"the share must be a number, but is a {type(got).__name__}", given=found, got=got)
        if not abs(got - expected) < 1e-9:
            raise NotYet("this is not the share that was found", given=found, got=got, expected=expected)


EXERCISES = [
    Exercise(
        number=1,
        title="The share that was found",
        reference=taught.share_found,
        check=check_share_found,
        probes=[(found,) for found in CASES],
        hints=(
            "`sum` counts the `True` in a list, because `True` is 1.",
            "Divide by how many there are, and think of the list that has none.",
        ),
        misconceptions=(
            Misconception(
                "a count instead of a share",
                lambda found: sum(found),
                "You return how many were found. A share is divided by how many were searched for: `len(found)`.",
            ),
            Misconception(
                "percent instead of a share",
                lambda found: 100 * sum(found) / max(1, len(found)),
                "Your share runs from 0 to 100. A share runs from 0 to 1: leave out the factor 100.",
            ),
        ),
    )
]
