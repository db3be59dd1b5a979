"""What lab 3.3's trained rows learn from: lessons of the train families, and the text of the test contracts."""

import random
from collections.abc import Mapping, Sequence

from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Question, Span
from llm_workbook.labs.lab_3_3.five_tasks import K_SUMMARY, FiveTasks, Shown
from llm_workbook.taught.lab_3_3 import prompt
from llm_workbook.training.domain import NOT_STATED

BLOCK = 1600  # characters, about
HELD_BACK = 0.2  # share of the clauses of a summary
Lesson = tuple[list[dict[str, str]], str]  # messages, answer


def lessons(training: str, tasks: Sequence[FiveTasks], seed: int, counts: Mapping[str, int]) -> list[Lesson]:
    """Lessons of the train families of several corpora, so many of each task, in the random choice of one seed."""
    rng, made = random.Random(f"{training} {seed}"), []
    for task, count in counts.items():
        every = [(five, one) for five in tasks for one in load_questions(five.corpus, "train", task=task)]
        made += [lesson(training, five, one, rng) for five, one in rng.sample(every, min(count, len(every)))]
    return made


def lesson(training: str, five: FiveTasks, question: Question, rng: random.Random) -> Lesson:
    """One training example. training: "closed-book" shows nothing; "raft" what a search finds. Of a summary it shows
    the clauses that state its lines, some held back, among others, and teaches the lines whose clauses it shows."""
    shown, lines = Shown(), question.answers if question.task == "summary" else question.answers[:1]
    if training == "raft":
        shown = five.shown([question], "retrieved")[question.id]
        if question.task == "summary":
            pairs = zip(lines, question.evidence, strict=True)
            kept = [(line, span) for line, span in pairs if rng.random() > HELD_BACK]
            shown, lines = _among(five, [span for _, span in kept], shown, rng), tuple(line for line, _ in kept)
    return prompt(question.task, question.question, shown.clauses, shown.examples), "\n".join(lines) or NOT_STATED


def _among(five: FiveTasks, spans: Sequence[Span], found: Shown, rng: random.Random) -> Shown:
    """The clauses that contain the spans, and of the found ones as many as there is room for, in random order."""
    gold = [five.entries[at].page_content for at in five.stating(spans)]
    others = [clause for clause in found.clauses if clause not in gold][: max(0, K_SUMMARY - len(gold))]
    return Shown(tuple(rng.sample([*gold, *others], len(gold) + len(others))))


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
