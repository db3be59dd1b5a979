"""What kind of question it is, and why an answer is wrong."""

from collections.abc import Callable, Mapping, Sequence

from pandas import DataFrame

from ...benchmark.search import clause_entries, place_of
from ...corpus.records import Contract, Question
from ...measure.answers import SMALL, contains_answer, is_refusal
from ...measure.strict import words

KINDS = ("one clause", "several clauses", "no answer")
REFUSED = "says 'not stated' although the clause is shown"
FROM_NOWHERE = "contains a word that is not in the clauses"
SECOND_VALUE = "right value, and another one beside it"
OTHER_WORDS = "copies the wrong words of the clauses"


def kind(question: Question) -> str:
    """One of KINDS: what it takes to answer the question."""
    if not question.answerable:
        return "no answer"
    return "one clause" if len(question.evidence) == 1 and question.type != "aggregate" else "several clauses"


def right_clauses(contracts: Sequence[Contract]) -> Callable[[Question], list[str]]:
    """A function from a question to the sections that contain its evidence, each with its contract's title and its
    heading: what a perfect search would show. Nothing for a question without evidence."""
    sections = clause_entries(contracts)

    def clauses(question: Question) -> list[str]:
        best = [max(sections, key=lambda section: place_of(section).overlap(span)) for span in question.evidence]
        return list(dict.fromkeys(section.page_content for section in best))

    return clauses


def which_repair(answers: Mapping[tuple[str, str], DataFrame], options: Sequence[str]) -> tuple[str, str]:
    """(what was measured, which option it confirms): a repair helps alone when it brings more than half of the gain of
    both.

    answers: scores of naive search and right clause with the untuned, then with the domain reader. options: the search,
    the reader, or both are needed.
    """
    naive, search, reader, both = (100 * rows["correct"].mean() for rows in answers.values())
    measured = (
        f"{naive:.0f} % at first, {search:.0f} % with a perfect search, {reader:.0f} % with the trained reader,"
        f" {both:.0f} % with both"
    )
    helps_alone = max(search, reader) - naive > (both - naive) / 2
    return measured, options[int(reader > search)] if helps_alone else options[2]


def from_nowhere(answer: str, clauses: Sequence[str], question: str) -> list[str]:
    """The words of an answer that neither a clause nor the question contains, in order; none for a refusal.

    Numbers count by their value: "thirty" is in a clause that says 30.

    >>> from_nowhere("fifty-teen (50) days", ["within fifty (50) days"], "How many days?")
    ['fifty-teen']
    """
    known = {*words(" ".join(clauses)), *words(question), *SMALL}
    return [] if is_refusal(answer) else [word for word in words(answer) if word not in known]


def cause(answer: str, clauses: Sequence[str], question: Question) -> str:
    """Why a wrong answer is wrong, where the right clauses were shown: the first of the four causes that holds."""
    if is_refusal(answer):
        return REFUSED
    if from_nowhere(answer, clauses, question.question):
        return FROM_NOWHERE
    return SECOND_VALUE if contains_answer(answer, question.answers) else OTHER_WORDS


def share_from_nowhere(answers: Sequence[str], clauses: Sequence[Sequence[str]], asked: Sequence[Question]) -> float:
    """Share of the answers with a word that neither their clauses nor their question contain, from 0 to 1.

    Raises: ValueError when the three do not have the same length.
    """
    rows = list(zip(answers, clauses, asked, strict=True))
    return sum(bool(from_nowhere(answer, shown, q.question)) for answer, shown, q in rows) / len(rows)
