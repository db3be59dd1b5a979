"""What lab 3.3's trained rows learn from: lessons of the train families, and the text of the test contracts."""

import random
from collections.abc import Mapping, Sequence

from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Question, Span
from llm_workbook.labs.lab_3_3.five_tasks import FiveTasks, Shown
from llm_workbook.taught.lab_3_3 import prompt
from llm_workbook.training.domain import NOT_STATED

BLOCK = 1600  # characters, about
Lesson = tuple[list[dict[str, str]], str]  # messages, answer


def lessons(training: str, tasks: Sequence[FiveTasks], seed: int, counts: Mapping[str, int]) -> list[Lesson]:
    """Lessons of the train families of several corpora, so many of each task, in the random choice of one seed."""
    rng, made = random.Random(f"{training} {seed}"), []
    for task, count in counts.items():
        every = [(five, one) for five in tasks for one in load_questions(five.corpus, "train", task=task)]
        made += [lesson(training, five, one) for five, one in rng.sample(every, min(count, len(every)))]
    return made


def lesson(training: str, five: FiveTasks, question: Question) -> Lesson:
    """One training example. training: "closed-book" shows nothing; "raft" what a search finds, and of a summary teaches
    only the lines whose clauses are shown."""
    shown, lines = Shown(), question.answers if question.task == "summary" else question.answers[:1]
    if training == "raft":
        shown = five.shown([question], "retrieved")[question.id]
        if question.task == "summary":
            pairs = zip(lines, question.evidence, strict=False)
            lines = [line for line, span in pairs if _is_shown(five, span, shown)]
    return prompt(question.task, question.question, shown.clauses, shown.examples), "\n".join(lines) or NOT_STATED


def texts(five: FiveTasks) -> list[str]:
    """The contracts of the test families in blocks of whole clauses, each block headed by its contract's title: what a
    search may find, training may read."""
    blocks = []
    for contract in five.contracts.values():
        if contract.split == "test":
            block = ""
            for entry in (one for one in five.entries if one.metadata["document"] == contract.id):
                clause = contract.text[entry.metadata["start_index"] : entry.metadata["end_index"]].strip()
                if block and len(block) + len(clause) > BLOCK:
                    blocks.append(f"{contract.title}\n{block}")
                    block = ""
                block += f"{clause}\n"
            blocks.append(f"{contract.title}\n{block}")
    return blocks


def _is_shown(five: FiveTasks, span: Span, shown: Shown) -> bool:
    return any(five.entries[at].page_content in shown.clauses for at in five.stating([span]))
