"""The prompt of every reader in this workbook: clauses, a question, and an example for a model that was not trained.

Answers are kept on disk by their prompt: a change of one character here makes all of them anew.
"""

from collections.abc import Sequence

SYSTEM = "Answer in a few words, copied from the clauses. If they do not state it, answer: not stated"
ALONE = "Question: {question}"
ASK = "Clauses:\n{clauses}\n\n" + ALONE
TWICE = ALONE + "\n\n" + ASK  # a reader that knows what it looks for: later tokens see earlier ones only
WORKED = (
    "Mooring licence: Dues are payable in advance on the first of the month.\n\n"
    "Boat shed lease: The lessee shall give the lessor seventeen (17) days' notice of any alteration.\n\n"
    "Slipway rules: No vessel may be left on the slipway overnight."
)
EXAMPLE = [
    ("user", ASK.format(clauses=WORKED, question="How much notice of an alteration is due?")),
    ("assistant", "seventeen (17) days"),
]


def conversation(clauses: Sequence[str], question: str, worked: bool = False) -> list[dict[str, str]]:
    """The messages of one prompt: with lab 1.1's worked example, or with the question before and after the clauses.

    Without clauses the question stands alone: a small model repeats whatever is written in their place.
    """
    form = ALONE if not clauses else ASK if worked else TWICE
    ask = form.format(clauses="\n\n".join(clauses), question=question)
    turns = [("system", SYSTEM), *(EXAMPLE if worked else []), ("user", ask)]
    return [{"role": role, "content": content} for role, content in turns]
