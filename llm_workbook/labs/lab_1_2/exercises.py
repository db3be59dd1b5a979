"""Exercises of lab 1.2."""

import random
import re

from langchain_core.documents import Document

from ...corpus.records import Section, Span
from ...exercises.checks import compare, list_of, must_raise, whole_number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_1_2 as taught

# ------------------------------------------------------------------ 1 · an equal budget


def _ranking(seed: int) -> list[Span]:
    generator = random.Random(seed)
    starts = generator.sample(range(900), 6)
    return [Span(generator.choice("abc"), start, start + generator.randint(1, 120)) for start in starts]


RANKINGS = [
    [Span("msa", 0, 60), Span("nda", 100, 160), Span("sow", 0, 9)],
    [Span("msa", 5, 30)],
    [],
    *map(_ranking, range(12)),
]
BUDGETS = (1, 25, 60, 61, 100, 129, 200, 5000)


SPEND_NAMES = ("ranked", "budget")


def check_spend(candidate) -> None:
    """Hand-made and seeded rankings with budgets that end before, at, inside and after spans; a bad budget must raise."""
    cases = [(ranked, budget) for ranked in RANKINGS for budget in BUDGETS]
    different = "these spans are not the first characters of the ranking that the budget pays for"
    compare(candidate, taught.spend, cases, SPEND_NAMES, different, list_of(Span))
    why = "with a budget below 1 there is nothing to show: raise a ValueError"
    must_raise(candidate, [(RANKINGS[0], 0), (RANKINGS[0], -5)], SPEND_NAMES, why)


def _spend_whole(ranked, budget):
    shown = []
    for span in ranked:
        if budget > 0:
            shown.append(span)
            budget -= len(span)
    return shown


def _spend_short(ranked, budget):
    shown = []
    for span in ranked:
        if len(span) > budget:
            break
        shown.append(span)
        budget -= len(span)
    return shown


def _spend_skipping(ranked, budget):
    shown = []
    for span in ranked:
        if len(span) <= budget:
            shown.append(span)
            budget -= len(span)
    return shown


def _spend_each(ranked, budget):
    return [Span(span.document, span.start, min(span.end, span.start + budget)) for span in ranked]


# ------------------------------------------------------------------ 2 · different places


def _hit(document: str, start: int, end: int, text: str = "found") -> Document:
    return Document(text, metadata={"document": document, "start_index": start, "end_index": end})


def _hits(seed: int) -> list[Document]:
    generator = random.Random(seed)
    places = [(generator.choice("ab"), 50 * number, 50 * number + generator.choice((40, 90))) for number in range(4)]
    return [_hit(*generator.choice(places), text=f"child {number}") for number in range(10)]


HITS = [
    [
        _hit("msa", 300, 400),
        _hit("msa", 300, 400, "again"),
        _hit("nda", 300, 400),
        _hit("msa", 0, 90),
        _hit("nda", 300, 400),
    ],
    [_hit("msa", 0, 90), _hit("msa", 0, 80), _hit("msa", 10, 90)],
    [],
    *map(_hits, range(10)),
]


def check_places(candidate) -> None:
    """Hand-made and seeded hits that share places; k below, at and above the number of places; a bad k must raise."""
    cases = [(hits, k) for hits in HITS for k in (1, 2, 3, 20)]
    different = "these are not the first k different places"
    given = lambda hits, k: {"places of the hits": _spans(hits), "k": k}  # noqa: E731
    compare(candidate, taught.different_places, cases, (), different, list_of(Span), given=given)
    why = "with k below 1 there is nothing to look up: raise a ValueError"
    must_raise(candidate, [(HITS[0], 0), (HITS[0], -1)], ("hits", "k"), why)


def _spans(hits) -> list[Span]:
    return [taught.span_of(hit) for hit in hits]


def _one_for_each_document(hits, k):
    first = {}
    for span in _spans(hits):
        first.setdefault(span.document, span)
    return list(first.values())[:k]


# ------------------------------------------------------------------ 3 · the section-path splitter


def _contract(parts: list[tuple[str, str, str]], title: str = "Lease") -> tuple[Document, list[Section]]:
    """A document made of (number, heading, text) parts, where a part without a number is no section."""
    text, sections = "", []
    for number, heading, words in parts:
        if number:
            sections.append(Section(number, heading, len(text), len(text) + len(words)))
        text += words
    return (
        Document(
            text,
            metadata={"document": "lease", "start_index": 0, "end_index": len(text), "title": title, "code": "L-1"},
        ),
        sections,
    )


RENT, ENDING = ("12", "Rent", "12. Rent\nThe rent is due."), ("A", "Prices", "Schedule A\n1 | EUR 20")
CONTRACTS = [
    _contract([("", "", "LEASE of 2 May\n\n"), RENT, ("", "", "\n\n"), ENDING, ("", "", "\n\nSigned: Ada")]),
    _contract([RENT, ENDING], "Lease (Ada / Bo)"),
    _contract([("", "", "No sections at all.")]),
    _contract([("", "", "\n"), RENT, ("", "", " Page 2 of 5 "), ENDING, ("", "", " \n")]),
]


def check_sections(candidate) -> None:
    """Text before, between and after sections, sections back to back, none at all; text, place and path of every piece."""
    given = lambda document, sections: {"text": document.page_content, "sections": sections}  # noqa: E731
    different = "the pieces (text, path) are different"
    compare(candidate, taught.by_section, CONTRACTS, (), different, _texts_and_paths, given=given)
    different = (
        "the texts are right, but the metadata is not: make each piece with `piece(document, start, end, path=...)`"
    )
    compare(candidate, taught.by_section, CONTRACTS, (), different, _places, given=given)


def _texts_and_paths(got) -> list:
    return [(part.page_content, part.metadata.get("path")) for part in list_of(Document)(got)]


def _places(got) -> list:
    """The metadata that later cells use; a piece may have more."""
    names = ("document", "start_index", "end_index", "title", "code", "path")
    return [{name: part.metadata.get(name) for name in names} for part in got]


def _outside_lost(document, sections):
    return [part for part in taught.by_section(document, sections) if " > " in part.metadata["path"]]


def _gap_swallowed(document, sections):
    title, at, pieces = document.metadata["title"], 0, []
    for section in sections:
        pieces.append(taught.piece(document, at, section.end, path=f"{title} > {section.number} {section.title}"))
        at = section.end
    pieces.append(taught.piece(document, at, len(document.page_content), path=title))
    return [part for part in pieces if part.page_content.strip()]


def _blank_kept(document, sections):
    title, at, pieces = document.metadata["title"], 0, []
    for section in sections:
        pieces.append(taught.piece(document, at, section.start, path=title))
        pieces.append(
            taught.piece(document, section.start, section.end, path=f"{title} > {section.number} {section.title}")
        )
        at = section.end
    return [
        part
        for part in [*pieces, taught.piece(document, at, len(document.page_content), path=title)]
        if part.page_content
    ]


def _title_missing(document, sections):
    pieces = taught.by_section(document, sections)
    return [
        Document(part.page_content, metadata={**part.metadata, "path": part.metadata["path"].split(" > ")[-1]})
        for part in pieces
    ]


# ------------------------------------------------------------------ 4 · the truncation detector


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
        title="An equal budget",
        reference=taught.spend,
        check=check_spend,
        probes=[(ranked, budget) for ranked in RANKINGS for budget in BUDGETS],
        hints=(
            (
                "Go through the ranking and keep count of what is left of the budget. As long as something is left, the"
                " next span is shown, perhaps in part."
            ),
            (
                "A span from `start` on may show up to `budget` characters: it ends at `min(span.end, span.start +"
                " budget)`."
            ),
            (
                "After each span shown, take its length from the budget; skip the rest once the budget is 0. First of"
                " all, raise a ValueError for a budget below 1."
            ),
        ),
        misconceptions=(
            Misconception(
                "the last span is shown whole",
                _spend_whole,
                "You show more than the budget: the last span has to be cut at `span.start + budget`. With large chunks"
                " that gift is as large as the budget itself.",
            ),
            Misconception(
                "stopped before the span that does not fit",
                _spend_short,
                "You stop at the first span that is longer than what is left, and leave budget unspent. An index of"
                " large chunks would then show nothing at all: cut the span instead.",
            ),
            Misconception(
                "skipped what does not fit",
                _spend_skipping,
                "You pass over a span that does not fit and fill the budget with worse ones. Keep to the order of the"
                " ranking and cut the span.",
            ),
            Misconception(
                "a budget for each span",
                _spend_each,
                "Every span gets the whole budget. It is one budget for all: take the length of what is shown from it.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Look up places without duplicates",
        reference=taught.different_places,
        check=check_places,
        probes=[(hits, k) for hits in HITS for k in (1, 2, 3, 20)],
        hints=(
            "First the places of all hits, in order; then without duplicates; then the first k.",
            (
                "`span_of(hit)` is the place. Spans can be keys of a dict, and a dict keeps the order in which its keys"
                " came."
            ),
            (
                "`dict.fromkeys(...)` drops duplicates and keeps the order; cut to k afterwards. Raise a ValueError for"
                " k below 1."
            ),
        ),
        misconceptions=(
            Misconception(
                "cut to k before the duplicates were removed",
                lambda hits, k: list(dict.fromkeys(_spans(hits)[:k])),
                "You take the first k **hits** and then drop duplicates, so the reader gets fewer than k places. Drop"
                " duplicates first, then cut.",
            ),
            Misconception(
                "duplicates kept",
                lambda hits, k: _spans(hits)[:k],
                "The same place comes twice: two entries led to it, and the reader would read it twice.",
            ),
            Misconception(
                "the order is lost",
                lambda hits, k: sorted(set(_spans(hits)))[:k],
                "The places come in the order of the documents, not of the ranking: a set forgets what came first."
                " `dict.fromkeys` remembers.",
            ),
            Misconception(
                "one place for each document",
                _one_for_each_document,
                "You keep one place of each contract. Two sections of the same contract are different places.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The section-path splitter",
        reference=taught.by_section,
        check=check_sections,
        probes=CONTRACTS,
        hints=(
            (
                "Remember how far you have come (`at`, at first 0). In front of each section there may be a gap from"
                " `at` to `section.start`."
            ),
            (
                "For each section make two pieces, the gap with the title as its path and the section with its full"
                " path; then set `at = section.end`."
            ),
            (
                "After the loop comes one more piece, from `at` to the end. At last, keep the pieces whose"
                " `page_content.strip()` is not empty."
            ),
        ),
        misconceptions=(
            Misconception(
                "text outside the sections is lost",
                _outside_lost,
                "What stands before, between and after the sections is gone: the parties, the date, the signatures."
                " Make pieces of these stretches too.",
            ),
            Misconception(
                "the gap is swallowed by the next section",
                _gap_swallowed,
                "Text in front of a section became part of it. A section begins at `section.start`, not where the last"
                " one ended.",
            ),
            Misconception(
                "white space makes pieces",
                _blank_kept,
                "Some pieces hold white space only; an encoder gives them a vector too, and they come back as results."
                " Leave them out.",
            ),
            Misconception(
                "the title is missing from the path",
                _title_missing,
                "The path must begin with the document's title: '12 Interest' stands in fifty contracts, 'Lease > 12"
                " Interest' in one.",
            ),
        ),
    ),
    Exercise(
        number=4,
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
