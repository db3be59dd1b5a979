"""Exercises of lab 1.2."""

import random
import re
from collections.abc import Callable, Mapping

from langchain_core.documents import Document

from ...exercises.checks import NotYet, compare, list_of, text, whole_number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_2 as taught

# ------------------------------------------------------------------ 1 · write the header

LONGEST_HEADER = 200  # characters; half of the sections have fewer than 260
REVIEW = {
    "document": "harbour-berth-lease", "start_index": 120, "end_index": 480,
    "title": "Lease of Berth 4 (Quayside / Halden Ferries)", "code": "LSE-2020-011",
    "parties": "Quayside Estates Ltd; Halden Ferries Limited", "heading": "Rent Review",
}  # fmt: skip
RENEWED = {**REVIEW, "document": "harbour-berth-lease-2", "code": "LSE-2024-007"}
SECOND_PIECE = {**REVIEW, "start_index": 481, "end_index": 900}
LONG = {
    "document": "cork-cold-amendment-2", "start_index": 0, "end_index": 310,
    "title": "Amendment No. 2 to the Cold Storage Services Agreement (Norrland Cold Storage / Halden Foods)",
    "code": "CSA-2017-011-A2", "parties": "Norrland Cold Storage AB; Halden Foods Ireland DAC",
    "heading": "Limitation of Liability",
}  # fmt: skip
INCOMPLETE = [
    {**REVIEW, "heading": ""},
    {name: value for name, value in REVIEW.items() if name != "heading"},
    {**REVIEW, "code": ""},
    {name: value for name, value in REVIEW.items() if name not in ("code", "parties")},
    {"document": "memo", "start_index": 0, "end_index": 90, "title": "Memo on Berths", "code": "", "parties": ""},
]
TRACE = re.compile(r"None|\bnan\b|\(\s*\)|\[\s*\]|\s{2}|\s[,;:]|[,;|>/–—-]\s*[,;|>/–—-]|^[,;:|>/–—-]")
SEPARATORS = tuple(",;:|>/–—-")


def check_header(candidate: Callable) -> None:
    """Properties, not a wording: it names contract and section, tells contracts apart, is the same for every piece of a
    section, one short line, and shows nothing of a field that is empty or missing."""
    full = _line(candidate, REVIEW)
    for field, why in (
        ("title", "nobody can tell whose clause it is"),
        ("heading", "it does not say what it is about"),
    ):
        if not _words(REVIEW[field]) <= _words(full):
            raise NotYet(f"the header lacks words of the {field}, so {why}", given=REVIEW, got=full)
    if _line(candidate, RENEWED) == full:
        why = "these two contracts have one title and the same parties, and your header is the same for both"
        raise NotYet(why, given={"first": REVIEW["code"], "second": RENEWED["code"]}, got=full)
    if (other := _line(candidate, SECOND_PIECE)) != full:
        why = "two pieces of one section have different headers: a place in a file says nothing about the clause"
        raise NotYet(why, given=SECOND_PIECE, got=other, expected=full)
    for metadata in INCOMPLETE:
        line = _line(candidate, metadata)
        if _left_behind(line, full):
            raise NotYet("a field that is empty or missing leaves something behind", given=metadata, got=line)
        if not _words(metadata["title"]) <= _words(line):
            raise NotYet("where another field is empty or missing, the title is lost", given=metadata, got=line)
        if metadata.get("heading") and not _words(metadata["heading"]) <= _words(line):
            raise NotYet("where another field is empty or missing, the heading is lost", given=metadata, got=line)
    if len(long := _line(candidate, LONG)) > LONGEST_HEADER:
        why = f"the header has {len(long)} characters, and {LONGEST_HEADER} are the most: a short clause would drown in it"
        raise NotYet(why, given=LONG, got=long)


def _line(candidate: Callable, metadata: Mapping) -> str:
    line = text(candidate(metadata))
    if "\n" in line.strip():
        raise NotYet("the header is one line", given=metadata, got=line)
    return line.strip()


def _left_behind(line: str, full: str) -> bool:
    """Does the header of incomplete metadata have something that the header of complete metadata has not?"""
    ends = line.endswith(SEPARATORS) and not full.endswith(line[-1:])
    return ends or any(found.group() not in full for found in TRACE.finditer(line))


def _words(line: str) -> set[str]:
    return set(re.findall(r"[\w-]+", line.lower()))


def _filled(metadata, *names):
    return ", ".join(str(metadata[name]) for name in names if metadata.get(name))


# ------------------------------------------------------------------ 2 · parent lookup


def _parent(document: str, start: int) -> Document:
    place = {"document": document, "start_index": start, "end_index": start + 90}
    return Document(f"section of {document} at {start}", metadata=place)


def _children(names: list[str]) -> list[Document]:
    return [Document(f"child {number}", metadata={"parent": name}) for number, name in enumerate(names)]


def _lookup(seed: int) -> tuple[list[Document], dict[str, Document]]:
    generator = random.Random(seed)
    names = [f"{document}:{start}" for document in "ab" for start in (0, 90, 180)]
    parents = {name: _parent(name[0], int(name[2:])) for name in generator.sample(names, 6)}
    return _children([generator.choice(names) for _ in range(10)]), parents


STORE = {name: _parent(*place) for name, place in {"b:9": ("b", 9), "a:0": ("a", 0), "a:90": ("a", 90)}.items()}
LOOKUPS = [
    (_children(["a:90", "a:90", "b:9", "a:0", "b:9"]), STORE),
    (_children(["b:9", "a:0", "a:0", "a:0", "a:90"]), STORE),
    ([], STORE),
    *map(_lookup, range(10)),
]
KS = (1, 2, 3, 20)


def check_parents(candidate: Callable) -> None:
    """Children that share parents, with k below, at and above the number of parents."""
    cases = [(hits, parents, k) for hits, parents in LOOKUPS for k in KS]
    different = "these are not the first k different parents"
    given = lambda hits, parents, k: {"parents of the hits": _names(hits), "k": k}  # noqa: E731
    compare(candidate, taught.parents_of, cases, (), different, list_of(Document), given=given)


def _names(hits) -> list[str]:
    return [hit.metadata["parent"] for hit in hits]


def _one_for_each_document(hits, parents, k):
    first = {}
    for name in _names(hits):
        first.setdefault(parents[name].metadata["document"], parents[name])
    return list(first.values())[:k]


# ------------------------------------------------------------------ 3 · the truncation detector


class _Encoding(dict):
    """As in transformers: encoding["input_ids"] and encoding.input_ids are the same."""

    @property
    def input_ids(self):
        return self["input_ids"]


class Tokenizer:
    """Word pieces of at most four letters, a mark at both ends: enough to tell words, letters and word pieces apart."""

    def __call__(self, text: str | list[str], add_special_tokens: bool = True, **others) -> _Encoding:
        if not isinstance(text, str):
            return _Encoding(input_ids=[self(one, add_special_tokens)["input_ids"] for one in text])
        pieces = [len(one) for one in re.findall(r"\w{1,4}|[^\w\s]", text)]
        return _Encoding(input_ids=[101, *pieces, 102] if add_special_tokens else pieces)


TEXTS = [
    "Net thirty days.",
    "",
    "Confidentiality survives termination by five years, unless the law forbids it.",
    "a b c d e f",
    "Indemnification " * 90,
]
LIMITS = (2, 6, 8, 9, 20, 256)


def check_unread(candidate) -> None:
    """Texts below, at and above the limit, with long and short words; the result is one whole number for each text."""
    different, read = "the numbers of unread word pieces are different", list_of(int, whole_number)
    cases = [(TEXTS, Tokenizer(), limit) for limit in LIMITS]
    compare(candidate, taught.unread_pieces, cases, (), different, read, given=_lengths)
    different = "when no limit is given, it is 256: leave the signature as it is"
    compare(candidate, taught.unread_pieces, [(TEXTS[-1:], Tokenizer())], (), different, read, given=_lengths)


def _lengths(texts, tokenizer, limit: int = 256) -> dict:
    lengths = [len(tokenizer(text)["input_ids"]) for text in texts]
    return {"texts": [text[:80] for text in texts], "limit": limit, "word pieces with marks": lengths}


EXERCISES = [
    Exercise(
        number=1,
        title="Write the header",
        reference=taught.header,
        check=check_header,
        probes=[(metadata,) for metadata in (REVIEW, RENEWED, SECOND_PIECE, LONG, *INCOMPLETE)],
        hints=(
            "Which words of a question are missing in the clause? Who signed it, its number, and what the clause is about.",
            "`metadata.get(name)` is None where a field is missing. Collect the fields that are there, then join them.",
            "Three fields are enough: title, contract number, heading. The title already names the parties.",
        ),
        misconceptions=(
            Misconception(
                "the title alone",
                lambda metadata: _filled(metadata, "title"),
                "The title says whose clause it is, but not what it is about, and two contracts may have one title. Which"
                " fields tell that?",
            ),
            Misconception(
                "nothing about the clause itself",
                lambda metadata: _filled(metadata, "title", "code"),
                "The contract is named, but every clause of it gets the same header. A question asks about one of them:"
                " add the heading.",
            ),
            Misconception(
                "empty fields leave their commas",
                lambda metadata: ", ".join(metadata.get(name) or "" for name in ("title", "code", "heading")),
                "Where a field is empty, its comma stays. Join only the fields that have a value.",
            ),
            Misconception(
                "the place in the file",
                lambda metadata: _filled(metadata, "title", "code", "heading", "document", "start_index"),
                "The file's name and the position in it mean nothing to an encoder, and no question mentions them. Leave"
                " them out.",
            ),
            Misconception(
                "everything that is known",
                lambda metadata: _filled(metadata, *metadata),
                "You write down all fields, positions too. A vector has room for so much: what no question mentions takes"
                " room from the clause.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Parent lookup",
        reference=taught.parents_of,
        check=check_parents,
        probes=[(hits, parents, k) for hits, parents in LOOKUPS for k in KS],
        hints=(
            "First the parents' names of all hits, in order; then without duplicates; then the first k.",
            "`hit.metadata['parent']` is the key in `parents`. A dict keeps the order in which its keys came.",
            "`dict.fromkeys(...)` drops duplicates and keeps the order; cut to k afterwards.",
        ),
        misconceptions=(
            Misconception(
                "cut to k before the duplicates were removed",
                lambda hits, parents, k: [parents[name] for name in dict.fromkeys(_names(hits)[:k])],
                "You take the first k **children** and then drop duplicates, so the reader gets fewer than k sections."
                " Drop duplicates first, then cut.",
            ),
            Misconception(
                "duplicates kept",
                lambda hits, parents, k: [parents[name] for name in _names(hits)][:k],
                "The same section comes twice: two of its children were found, and the reader would read it twice.",
            ),
            Misconception(
                "the order is lost",
                lambda hits, parents, k: [parents[name] for name in sorted(set(_names(hits)))][:k],
                "The sections come in the order of their names, not of the ranking: a set forgets what came first."
                " `dict.fromkeys` remembers.",
            ),
            Misconception(
                "one section for each document",
                _one_for_each_document,
                "You keep one section of each contract. Two sections of the same contract are different parents.",
            ),
            Misconception(
                "the order of the store",
                lambda hits, parents, k: [parents[name] for name in parents if name in _names(hits)][:k],
                "The sections come in the order of the store. Go through the hits instead: the best child comes first.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The truncation detector",
        reference=taught.unread_pieces,
        check=check_unread,
        probes=[(TEXTS, Tokenizer(), limit) for limit in LIMITS],
        hints=(
            'The number of word pieces of a text is the length of `tokenizer(text)["input_ids"]`.',
            "What is past the limit is that number minus `limit`; the two marks are counted by the limit too.",
            "A short text has nothing past the limit: `max(0, ...)`.",
        ),
        misconceptions=(
            Misconception(
                "words instead of word pieces",
                lambda texts, tokenizer, limit=256: [max(0, len(text.split()) - limit) for text in texts],
                "You count words. 'Indemnification' is one word and several word pieces; ask the tokenizer.",
            ),
            Misconception(
                "the marks are forgotten",
                lambda texts, tokenizer, limit=256: [
                    max(0, len(tokenizer(text)["input_ids"]) - 2 - limit) for text in texts
                ],
                "You leave out the marks for beginning and end, but they take two of the places. The limit counts"
                " them.",
            ),
            Misconception(
                "less than nothing",
                lambda texts, tokenizer, limit=256: [len(tokenizer(text)["input_ids"]) - limit for text in texts],
                "A text below the limit gives a negative number. Nothing of it is unread: that is 0.",
            ),
            Misconception(
                "yes or no instead of how many",
                lambda texts, tokenizer, limit=256: [int(len(tokenizer(text)["input_ids"]) > limit) for text in texts],
                "You say **whether** a text is cut off. Return how many word pieces are lost: one or three hundred is a"
                " difference.",
            ),
        ),
    ),
]
