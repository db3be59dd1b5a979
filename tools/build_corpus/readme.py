"""The tables of data/README.md that count documents and questions, written anew with every build of the committed corpus."""

import json
import re
from collections import Counter
from pathlib import Path

SPLITS = ("train", "dev", "test")
KINDS = (
    "master",
    "amendment",
    "statement of work",
    "order form",
    "non-disclosure agreement",
    "parent guarantee",
    "side letter",
    "assignment",
    "termination notice",
)
TYPES = {
    "lookup": ("a fact of a named document", "one span"), "orphan": ("the same, where the clause names neither party", "one span; the header is `nearby`"),
    "paraphrase": ("the fact without the clause's words", "one span"), "identifier": ("by price code, contract number or account", "one span"),
    "pointer": ("the value stands in Schedule B, among the definitions or in the master", "two or three spans"), "bridge": ("a term that a document takes from the agreement it hangs on", "two documents"),
    "comparison": ("the extreme of two or three agreements", "2-3 documents"), "aggregate": ("a count or an extreme over many spans", "1-8 spans"),
    "superseded": ("the value, or the company name, as of today", "2-3 documents"), "conflict": ("side letter against master; words against figures", "two spans; none where precedence is silent"),
    "unanswerable": ("an absent term, or an agreement that does not exist", "none; the tempting clause is `nearby`"), "classification": ("clause or sentence, 12 classes", "the clause"),
    "summary": ("6-8 labelled facts of one agreement", "their spans"),
}  # fmt: skip


def update(readme: Path, folder: Path) -> None:
    """Write both tables between their marks in `readme`, from the files in `folder`."""
    text = readme.read_text(encoding="utf-8")
    for mark, table in (("DOCUMENTS", _documents(folder)), ("QUESTIONS", _questions(folder))):
        text = re.sub(
            rf"(<!-- {mark}:.*?-->\n).*?(<!-- END -->)",
            lambda found, table=table: f"{found[1]}{table}{found[2]}",
            text,
            count=1,
            flags=re.DOTALL,
        )
    readme.write_text(text, encoding="utf-8")


def _documents(folder: Path) -> str:
    rows = [json.loads(line) for line in (folder / "contracts.jsonl").read_text(encoding="utf-8").splitlines()]
    counts = Counter((row["metadata"]["kind"], row["split"]) for row in rows)
    lengths = {kind: [len(row["text"].split()) for row in rows if row["metadata"]["kind"] == kind] for kind in KINDS}
    lines = [f"| {kind} | {_counts(counts, kind)} | {min(lengths[kind])}-{max(lengths[kind])} |" for kind in KINDS]
    return (
        "\n".join(
            [
                "| kind | train | dev | test | words |",
                "|---|---|---|---|---|",
                *lines,
                f"| all | {_totals(counts, KINDS)} | |",
            ]
        )
        + "\n"
    )


def _questions(folder: Path) -> str:
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))["questions"]
    counts = Counter({(key.split(" ", 1)[1], key.split(" ", 1)[0]): count for key, count in manifest.items()})
    lines = [f"| {kind} | {_counts(counts, kind)} | {asks} | {evidence} |" for kind, (asks, evidence) in TYPES.items()]
    return (
        "\n".join(
            [
                "| type | train | dev | test | what it asks | evidence |",
                "|---|---|---|---|---|---|",
                *lines,
                f"| all | {_totals(counts, TYPES)} | | |",
            ]
        )
        + "\n"
    )


def _counts(counts: Counter, kind: str) -> str:
    return " | ".join(str(counts[kind, split]) for split in SPLITS)


def _totals(counts: Counter, kinds) -> str:
    return " | ".join(str(sum(counts[kind, split] for kind in kinds)) for split in SPLITS)
