"""Exercises of lab 0."""

from ...exercises.checks import compare, text
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_0 as taught

CLAUSES = (
    ["We pay.", "They deliver."],
    ["Only one."],
    [],
    ["c", "a", "b", "a"],
    ["(a) We pay.\n(b) Soon.", "They\ndeliver."],
    [f"clause {n}" for n in range(12)],
)


def check_number_clauses(candidate) -> None:
    """One clause, none, many, repeated ones, and clauses of several lines."""
    cases = [(clauses,) for clauses in CLAUSES]
    compare(candidate, taught.number_clauses, cases, ["clauses"], "this is not the numbered text", text)


EXERCISES = [
    Exercise(
        number=1,
        title="Number the clauses",
        reference=taught.number_clauses,
        check=check_number_clauses,
        probes=[(clauses,) for clauses in CLAUSES],
        hints=(
            "`enumerate(clauses, start=1)` gives each clause with its number.",
            'An f-string writes one line: `f"[{number}] {clause}"`.',
            '`"\\n".join(...)` puts line breaks between the lines, and none after the last.',
        ),
        misconceptions=(
            Misconception(
                "counting from 0",
                lambda clauses: "\n".join(f"[{n}] {clause}" for n, clause in enumerate(clauses)),
                "Your first clause is number 0. People count from 1: `enumerate(clauses, start=1)`.",
            ),
            Misconception(
                "a line break after the last clause",
                lambda clauses: "".join(f"[{n}] {clause}\n" for n, clause in enumerate(clauses, start=1)),
                'There is a line break at the very end. Join the lines with `"\\n".join(...)` instead of adding one to'
                " each.",
            ),
            Misconception(
                "a list instead of a string",
                lambda clauses: [f"[{n}] {clause}" for n, clause in enumerate(clauses, start=1)],
                "You return a list of lines. The model reads one string: join the lines with a line break.",
            ),
        ),
    )
]
