"""What is read when every index may show the same number of characters."""

from collections.abc import Sequence

from ...corpus.records import Span


def spend(ranked: Sequence[Span], budget: int) -> list[Span]:
    """The first `budget` characters of a ranking, as spans, best first; the last one is cut where the budget ends.

    Text that is shown twice is paid twice. Raises: ValueError when budget < 1. Explained in: lab 1.2.

    >>> spend([Span("msa", 0, 60), Span("nda", 100, 160), Span("sow", 0, 9)], budget=100)
    [Span(document='msa', start=0, end=60), Span(document='nda', start=100, end=140)]
    """
    if budget < 1:
        raise ValueError(f"a budget is at least one character, but is {budget}")
    shown: list[Span] = []
    for span in ranked:
        if budget > 0:
            shown.append(Span(span.document, span.start, min(span.end, span.start + budget)))
            budget -= len(shown[-1])
    return shown
