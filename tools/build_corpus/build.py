"""Build the corpus and write it to disk, byte for byte the same each time."""

import argparse
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llm_workbook.corpus.records import Contract, Fact, Question
from llm_workbook.settings import DATA

from .families import families
from .questions import World, make_questions
from .render import Page, render

VERSION = 1


def build() -> tuple[list[Contract], list[Fact], list[Question]]:
    """The whole corpus in memory: contracts, facts, questions."""
    contracts: list[Contract] = []
    facts: list[Fact] = []
    pages: dict[str, Page] = {}
    everyone = families()
    for family in everyone:
        written, stated, own = render(family)
        contracts += written
        facts += stated
        pages |= own
    world = World(everyone, pages, {contract.id: contract for contract in contracts})
    return contracts, facts, make_questions(world)


def write(folder: Path) -> dict[str, Any]:
    """Write contracts, facts, questions and their MANIFEST into `folder`; each file replaces its old self in one step."""
    contracts, facts, questions = build()
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, records in (("contracts.jsonl", contracts), ("facts.jsonl", facts), ("questions.jsonl", questions)):
        content = _lines(records).encode()
        _replace(folder / name, content)
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "records": len(records)}
    counts = Counter(f"{question.split} {question.type}" for question in questions)
    manifest = {"version": VERSION, "files": files, "questions": dict(sorted(counts.items()))}
    _replace(folder / "MANIFEST.json", (json.dumps(manifest, indent=1) + "\n").encode())
    return manifest


def _lines(records: Iterable[Any]) -> str:
    return "".join(json.dumps(asdict(record), ensure_ascii=False, sort_keys=True) + "\n" for record in records)


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, path)


def main() -> int:
    """Command line: python -m tools.build_corpus [--out FOLDER]."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=DATA / "corpus", help="folder to write (default: data/corpus)")
    manifest = write(parser.parse_args().out)
    for name, entry in manifest["files"].items():
        print(f"{name}: {entry['records']} records, {entry['bytes'] / 1e6:.2f} MB")
    print(", ".join(f"{kind} {count}" for kind, count in manifest["questions"].items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
