"""Record traces for lab 1.7: the assistant as it is shipped, on dev questions of the evidence corpora.

usage: python -m tools.domain traces

Each evidence corpus is indexed as a whole and searched within itself; 15 questions of each dev family, those of lab
1.5's record. Writes data/traces.jsonl.gz, one line for each question, with its spans and a verdict.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from llm_workbook.assistant import trace
from llm_workbook.assistant.pipeline import Assistant, Pipeline, build, name_of
from llm_workbook.benchmark.search import place_of
from llm_workbook.benchmark.store import zipped
from llm_workbook.corpus.load import EVIDENCE, load_contracts
from llm_workbook.corpus.records import Question
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_1_7.failures import RECORDED
from llm_workbook.measure.answers import score_answers
from llm_workbook.measure.retrieval import covers

from .exams import sample
from .reader import DEV_QUESTIONS


def main() -> int:
    """Answer, judge, write."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "traces.jsonl")
        for corpus in EVIDENCE:
            assistant = build(Path(folder, corpus.replace(":", " ")), load_contracts(corpus), Pipeline())
            for number, one in enumerate(sample(corpus, "dev", DEV_QUESTIONS)):
                reply = assistant.answer(one.question)
                judged = score_answers([one], [reply.answer], [[]]).iloc[0]
                more = {"question_id": one.id, "corpus": corpus, "type": one.type, "family": one.family,
                        "expected": list(one.answers[:1]), "needed": needed(assistant, one), "answer": reply.answer,
                        "right": bool(judged["correct"]), "refused": bool(judged["refused"])}  # fmt: skip
                trace.write(path, one.question, reply.spans, **more)
                print(corpus, number, one.type, bool(judged["correct"]), flush=True)
        write_whole(RECORDED, zipped(path.read_bytes()))
    return 0


def needed(assistant: Assistant, question: Question) -> list[str]:
    """The place of the first entry that covers each span of the evidence; "" where no entry does."""

    def holding(span: Any) -> Iterator[str]:
        yield from (name_of(entry) for entry in assistant.entries if covers(place_of(entry), span))

    return list(dict.fromkeys(next(holding(span), "") for span in question.evidence))
