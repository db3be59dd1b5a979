"""Build the corpus and write it to disk, byte for byte the same each time; in any size, one region of the world at a time."""

import argparse
import gzip
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from llm_workbook.corpus.records import Contract, Fact, Question, Section, Span
from llm_workbook.files import write_whole
from llm_workbook.settings import DATA

from .checks import Region, comparison, report
from .families import families
from .questions import World, make_questions
from .readme import update
from .render import Choices, Page, render

VERSION = 3
KINDS = ("contracts", "facts", "questions")
NAMES = tuple(f"{kind}.jsonl" for kind in KINDS)
FURTHER = 3  # regions beside the first that are committed, for evidence


def build() -> Region:
    """The committed corpus in memory: contracts, facts, questions of region 0."""
    return next(regions())


def regions(contracts: int | None = None) -> Iterator[Region]:
    """One region after the other, until there are so many contracts; without a number, Halden's region alone.

    The first regions of a larger corpus are those of a smaller one; only the last region is cut short.
    """
    left, number = contracts, 0
    while left is None or left > 0:
        made: Region = ([], [], [])
        pages: dict[str, Page] = {}
        choices, kept = Choices(), []
        for family in families(number):
            if left is not None and left <= 0:
                break
            family = replace(family, papers=family.papers[:left])
            written, stated, own = render(family, choices)
            made[0].extend(written)
            made[1].extend(stated)
            pages |= own
            kept.append(family)
            left = left - len(written) if left is not None else None
        made[2].extend(
            make_questions(World(kept, pages, {contract.id: contract for contract in made[0]}), first=number == 0)
        )
        yield made
        number += 1
        if left is None:
            return


def write(folder: Path, contracts: int | None = None) -> dict[str, Any]:
    """Write contracts, facts, questions and their MANIFEST into `folder`; each file replaces its old self in one step.

    Memory holds one region (about fifty contracts) at a time, however many there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hashes, sizes, counts, records = [hashlib.sha256() for _ in NAMES], Counter(), Counter(), Counter()
    files = [(folder / name).with_suffix(".new").open("wb") for name in NAMES]
    try:
        for region in regions(contracts):
            for name, file, digest, rows in zip(NAMES, files, hashes, region, strict=True):
                for row in rows:
                    line = _line(row)
                    file.write(line)
                    digest.update(line)
                    sizes[name] += len(line)
                    records[name] += 1
            counts.update(f"{question.split} {question.type}" for question in region[2])
    finally:
        for file in files:
            file.close()
    manifest = {
        "version": VERSION,
        "files": {
            name: {"sha256": digest.hexdigest(), "bytes": sizes[name], "records": records[name]}
            for name, digest in zip(NAMES, hashes, strict=True)
        },
        "questions": dict(sorted(counts.items())),
    }
    if contracts is None:
        manifest["files"] |= further_regions(folder)
    beside = folder / "MANIFEST.new"
    beside.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for name in NAMES:
        os.replace((folder / name).with_suffix(".new"), folder / name)
    os.replace(beside, folder / "MANIFEST.json")
    return manifest


def further_regions(folder: Path) -> dict[str, dict[str, Any]]:
    """Write contracts, facts and questions of the regions after the first, gzipped; their entries of the MANIFEST.

    The sha256 is that of the lines, not of the gzip file, whose bytes depend on the version of zlib.
    """
    entries = {}
    for number, region in enumerate(islice(regions(sys.maxsize), FURTHER + 1)):
        for kind, rows in zip(KINDS, region, strict=True) if number else ():
            lines = b"".join(_line(row) for row in rows)
            name = f"{kind}-{number}.jsonl.gz"
            write_whole(folder / name, gzip.compress(lines, 9, mtime=0))
            entries[name] = {"sha256": hashlib.sha256(lines).hexdigest(), "bytes": len(lines), "records": len(rows)}
    return entries


def _line(record: Any) -> bytes:
    return (json.dumps(_lean(record), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


EMPTY = {kind: [(one.name, one.default) for one in fields(kind)] for kind in (Contract, Fact, Question)}


def _lean(record: Any) -> Any:
    """A record as JSON: without what is empty or default, spans and sections as short lists."""
    if isinstance(record, Span):
        return [record.document, record.start, record.end]
    if isinstance(record, Section):
        return [record.number, record.title, record.start, record.end]
    if isinstance(record, tuple):
        return [_lean(value) for value in record]
    names = EMPTY.get(type(record))
    return (
        {name: _lean(value) for name, default in names if (value := getattr(record, name)) not in ("", (), default)}
        if names
        else record
    )


def main() -> int:
    """Command line: python -m tools.build_corpus [--contracts N] [--out FOLDER] [--check] [--compare CORPUS]."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=DATA / "corpus", help="folder to write (default: data/corpus)")
    parser.add_argument(
        "--contracts", type=int, help="how many contracts to write; needs --out (default: the committed corpus)"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; check the corpus of that size and print the figures"
    )
    parser.add_argument(
        "--compare",
        metavar="CORPUS",
        help="write nothing; print the committed corpus's figures beside another's, e.g. cuad or folder:...",
    )
    options = parser.parse_args()
    if options.compare:
        from llm_workbook.corpus.load import load_contracts, load_questions

        kinds = [(split, task) for split in ("train", "dev", "test") for task in ("qa", "classification")]
        questions = {
            name: [q for split, task in kinds for q in load_questions(name, split, task=task)]
            for name in ("authored", options.compare)
        }
        print(comparison({name: (load_contracts(name), asked) for name, asked in questions.items()}))
        return 0
    if options.contracts is not None and options.contracts < 1:
        parser.error(f"--contracts {options.contracts}: a corpus has at least one contract, e.g. --contracts 1000")
    if options.check:
        return report(regions(options.contracts))
    if options.contracts is not None and options.out == DATA / "corpus":
        parser.error(
            "--contracts would overwrite the committed corpus in data/corpus: name another folder, e.g. --out build/big"
        )
    manifest = write(options.out, options.contracts)
    if options.out == DATA / "corpus":
        update(DATA / "README.md", options.out)
    for name, entry in manifest["files"].items():
        print(f"{name}: {entry['records']} records, {entry['bytes'] / 1e6:.2f} MB")
    print(", ".join(f"{kind} {count}" for kind, count in manifest["questions"].items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
