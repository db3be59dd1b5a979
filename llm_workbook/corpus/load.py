"""Contracts and questions by the name of a corpus."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from ..settings import DATA
from .records import Contract, CorpusError, Fact, Question, Reading, Section, Span

CORPORA = ("authored", "cuad")
EVIDENCE = ("authored:1", "authored:2", "authored:3")  # further regions of the world, for recorded verdicts
ENDS = {"authored": ".jsonl", **{name: f"-{name[-1]}.jsonl.gz" for name in EVIDENCE}}  # of the names of their files
OWN = "folder:"  # and the path of a folder of documents
FOLDER = DATA / "corpus"
MEND = "git checkout -- data/corpus"


def load_contracts(corpus: str = "authored", split: str | None = None) -> list[Contract]:
    """The contracts of a corpus, in a fixed order; of one split, or all of them.

    corpus: one of CORPORA or EVIDENCE, or "folder:/path/to/documents" for your own.
    Raises: CorpusError when the name is unknown or the files are missing or damaged.
    """
    return [contract for contract in _read(corpus)[0] if split in (None, contract.split)]


def load_questions(
    corpus: str = "authored",
    split: str = "test",
    *,
    task: str = "qa",
    types: Sequence[str] | None = None,
    subset: str | None = None,
) -> list[Question]:
    """The questions of one split (train, dev, test) and task (qa, classification, summary).

    types: only these. subset: "smoke" or "live" (smoke is part of live); the test split is ordered so that types take
    turns.
    """
    marks = {"smoke": ("smoke",), "live": ("smoke", "live"), None: ("smoke", "live", "")}
    wanted = marks[subset if task == "qa" else None]
    asked = [question for question in _read(corpus)[1] if (question.split, question.task) == (split, task)]
    return [question for question in asked if question.subset in wanted and (types is None or question.type in types)]


def read_own(corpus: str) -> Reading:
    """What a "folder:..." corpus gave: print it to see what was read, what was skipped and why."""
    from .folder import read_folder

    return read_folder(corpus.removeprefix(OWN))


def is_known(corpus: str) -> bool:
    """Is it the name of a corpus, or "folder:" and a path (which may still be missing)?"""
    return isinstance(corpus, str) and (corpus in (*CORPORA, *EVIDENCE) or corpus.startswith(OWN))


def unknown(corpus: str) -> str:
    """The sentence for a name that is no corpus."""
    return f"unknown corpus {corpus!r}: choose one of {', '.join(CORPORA)}, or {OWN}/path/to/documents for your own"


def load_facts(corpus: str = "authored") -> list[Fact]:
    """Every fact of the authored contracts or of a further region, with the span that states it.

    Raises: KeyError for a corpus whose facts nobody knows: see ENDS.
    """
    return [Fact(**{**row, "span": Span(*row["span"])}) for row in _rows(f"facts{ENDS[corpus]}")]


def data_status() -> tuple[bool, str, str]:
    """(ok, sentence, mend): do the files of the authored corpus have the hashes of their MANIFEST?"""
    try:
        counts = [len(_rows(name)) for name in ("contracts.jsonl", "facts.jsonl", "questions.jsonl")]
    except CorpusError as error:
        return False, str(error), MEND
    return True, f"{counts[0]} contracts, {counts[1]} facts, {counts[2]} questions, verified", ""


def _read(corpus: str) -> tuple[Iterable[Contract], Iterable[Question]]:
    """All contracts of a corpus, and all questions."""
    if not is_known(corpus):
        raise CorpusError(unknown(corpus))
    if corpus == "cuad":
        from . import cuad

        return cuad.load_contracts(), cuad.load_questions()
    if corpus in ENDS:
        return map(_contract, _rows(f"contracts{ENDS[corpus]}")), map(_question, _rows(f"questions{ENDS[corpus]}"))
    reading = read_own(corpus)
    return reading.contracts, reading.questions


@lru_cache(maxsize=8)
def _rows(name: str) -> tuple[dict[str, Any], ...]:
    """The lines of a data file, after its hash was compared with the MANIFEST."""
    try:
        expected = json.loads((FOLDER / "MANIFEST.json").read_text(encoding="utf-8"))["files"][name]["sha256"]
        content = (FOLDER / name).read_bytes()
        content = gzip.decompress(content) if name.endswith(".gz") else content.replace(b"\r\n", b"\n")  # Git's CRLF
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise CorpusError(f"{name} of the authored corpus cannot be read ({error}). Restore it: {MEND}") from error
    if hashlib.sha256(content).hexdigest() != expected:
        seen = f"{name} of the authored corpus is damaged: its sha256 is not the one in MANIFEST.json"
        raise CorpusError(f"{seen}. Restore it: {MEND}")
    return tuple(json.loads(line) for line in content.decode("utf-8").splitlines())


def _contract(row: dict[str, Any]) -> Contract:
    return Contract(**{**row, "sections": tuple(Section(*section) for section in row.get("sections", ()))})


def _question(row: dict[str, Any]) -> Question:
    """A record from its line; what is empty was left out of the line."""
    spans = {name: tuple(Span(*span) for span in row.get(name, ())) for name in ("evidence", "nearby")}
    lists = {name: tuple(row.get(name, ())) for name in ("answers", "documents", "facts", "labels")}
    return Question(**{**row, **lists, **spans})
