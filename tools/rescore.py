"""Recorded answers scored again by today's rule, for today's questions: `python tools/record_results.py --rescore`."""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llm_workbook.benchmark.ledger import Run, read_runs
from llm_workbook.benchmark.store import content, plain, zipped
from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_3_3.five_tasks import FiveTasks
from llm_workbook.measure.answers import score_answers

SCORES = ("correct", "em", "f1", "rouge_l", "refused")  # not `grounded`: what was shown is not on record

Item = Mapping[str, Any]


def rescore(folder: Path) -> int:
    """Score the answers of every recorded file in `folder` again; returns the exit code: 1 when a file is not whole.

    Rows about a question that is gone, or that is now of another family or has an answer where it had none, are
    dropped, and counted aloud; so is a run that loses all of them. What is no answer stays as it is. The texts of
    questions and clauses are not on record: that they changed is not noticed. Run again, it changes nothing.
    """
    failed = 0
    for path in sorted(folder.glob("*.jsonl.gz")):
        before = content(path)
        runs = read_runs(path, "recorded")
        if sum(len(run["items"]) + 2 for run in runs) != len(before.splitlines()):
            print(f"{path.name}: not scored again: a run in it is damaged or cut off.", file=sys.stderr)
            failed = 1
            continue
        counts: Counter[str] = Counter()
        after = b"".join(_scored_again(run, counts) for run in runs)
        if after != before:
            write_whole(path, zipped(after))
        print(
            f"{path.name}: {counts['answers']} answers scored again, {counts['changed']} rows changed,"
            f" {counts['dropped']} dropped"
        )
    return failed


def _scored_again(run: Run, counts: Counter[str]) -> bytes:
    """The lines of one run with today's scores; nothing where no row is left."""
    questions = _questions(run["header"]["corpus"])
    kept = [item for item in run["items"] if not _is_outdated(item, questions)]
    counts["dropped"] += len(run["items"]) - len(kept)
    asked = [place for place, item in enumerate(kept) if "answer" in item and not item.get("error")]
    scores = _scores([kept[place] for place in asked], questions, run["header"]["corpus"])
    items = list(kept)
    for place, new in zip(asked, scores, strict=True):
        items[place] = kept[place] | {name: value for name, value in new.items() if name in kept[place]}
    counts["answers"] += len(asked)
    counts["changed"] += sum(old != new for old, new in zip(kept, items, strict=True))
    header = {name: value for name, value in run["header"].items() if name != "source"}
    header["n"] = len({str(item["question_id"]) for item in items})
    lines = [header, *items, {"kind": "end", "run_id": header["run_id"], "n": len(items)}] if items else []
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _is_outdated(item: Item, questions: Mapping[str, Question]) -> bool:
    """Is the row about a question that is gone or has become another? (A question's id begins with its type.)"""
    question = questions.get(item["question_id"])
    if question is None:
        return str(item["question_id"]).startswith(f"{item['type']}.")
    return question.family != item["family"] or question.answerable != item.get("answerable", question.answerable)


def _scores(items: Sequence[Item], questions: Mapping[str, Question], corpus: str) -> list[dict[str, Any]]:
    """Today's scores of these answers. Those of lab 3.3 are scored by its five tasks."""
    if not items:
        return []
    about = [questions[item["question_id"]] for item in items]
    rule = _five_tasks(corpus).score if "task" in items[0] else score_answers
    table = rule(about, [item["answer"] for item in items], [()] * len(items))
    columns = [name for name in SCORES if name in table]
    return [plain(row) for row in table[columns].to_dict("records")]


@cache
def _questions(corpus: str) -> dict[str, Question]:
    tasks = [(split, task) for split in ("train", "dev", "test") for task in ("qa", "classification", "summary")]
    return {one.id: one for split, task in tasks for one in load_questions(corpus, split, task=task)}


@cache
def _five_tasks(corpus: str) -> FiveTasks:
    return FiveTasks(corpus)  # scoring searches nothing
