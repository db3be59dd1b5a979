"""Real contracts: CUAD v1 (The Atticus Project, CC BY 4.0, arXiv:2103.06268), fetched from its official archive and
verified."""

import ast
import csv
import hashlib
import json
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from http.client import HTTPException
from itertools import zip_longest
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ..files import made_once, sha256
from ..settings import cache_dir
from .records import Contract, CorpusError, Question, Span, subset_at

URL = "https://zenodo.org/records/4595826/files/CUAD_v1.zip?download=1"
SHA256 = "88b694d99007d39777fa44cd72daf8297773d285dc3eab0091ba32078888d18e"
MOST_BYTES = 300_000_000  # of the texts and the table, unpacked
WANTED = re.compile(
    r"(?:CUAD_v1/)?(full_contract_txt/[^/\\:]+\.txt|master_clauses\.csv)"
)  # nothing that climbs out of a folder
MEND = (
    "Run it again with a connection (a download goes on where it stopped), or point LLM_WORKBOOK_CUAD_DIR at an"
    " unpacked CUAD_v1"
)
NOT_STATED = ("not stated", "not specified", "no such term", "there is no such agreement")
DATA = json.loads(Path(__file__).with_name("cuad.json").read_text(encoding="utf-8"))
ASK = DATA["ask"]  # category: question type, wordings for training, wordings for dev and test
ABSENT = DATA["absent"]  # asked, two of a contract, where CUAD found none
CLASSES = DATA["classes"]
RENEWAL = "Notice Period To Terminate Renewal"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ROLES = {
    "company",
    "distributor",
    "customer",
    "supplier",
    "licensor",
    "licensee",
    "agent",
    "owner",
    "client",
    "you",
    "we",
    "us",
}


@dataclass(frozen=True)
class Annotated:
    """A contract with CUAD's annotations: spans and normalised answer of each category (no spans: CUAD found none)."""

    contract: Contract
    spans: dict[str, tuple[Span, ...]]
    answers: dict[str, str]

    def stated(self, category: str) -> str:
        """The text of a category's spans, with single spaces."""
        return " ".join(" ".join(map(self.contract.text_of, self.spans.get(category, ()))).split())


def load_contracts(split: str | None = None) -> list[Contract]:
    """CUAD's contracts, of one split or all. Raises: CorpusError when they cannot be fetched or are damaged."""
    return [one.contract for one in _read(_folder()) if split in (None, one.contract.split)]


def load_questions() -> list[Question]:
    """Questions made from CUAD's annotations (tasks qa and classification), the types taking turns. Raises:
    CorpusError."""
    return _questions(_folder())


def locate(text: str, clauses: dict[str, list[str]]) -> dict[str, list[tuple[int, int]]]:
    """(start, end) of the clauses of each category in `text`, whitespace aside, where they first stand.

    A clause in parts is marked by CUAD with "<omitted>"; what does not stand in the text is left out.

    >>> locate("to  be\\nor not to be", {"Insurance": ["be or<omitted>to be", "absent"]})
    {'Insurance': [(4, 9), (0, 6)]}
    """
    squeezed, places = "".join(text.split()), [place for place, sign in enumerate(text) if not sign.isspace()]

    def ends(clause: str) -> Iterator[tuple[int, int]]:
        for part in ("".join(part.split()) for part in clause.split("<omitted>")):
            if part and (start := squeezed.find(part)) >= 0:
                yield places[start], places[start + len(part) - 1] + 1

    return {name: [found for clause in texts for found in ends(clause)] for name, texts in clauses.items()}


# Fetching


def _folder() -> Path:
    """The folder with full_contract_txt/ and master_clauses.csv; fetched first when it is not there."""
    if given := os.environ.get("LLM_WORKBOOK_CUAD_DIR"):
        for folder in (Path(given), Path(given, "CUAD_v1")):
            if (folder / "full_contract_txt").is_dir() and (folder / "master_clauses.csv").is_file():
                return folder
        wanted = "full_contract_txt/ and master_clauses.csv"
        raise CorpusError(f"LLM_WORKBOOK_CUAD_DIR is {given!r}, but {wanted} are not there: unset it, or mend the path")
    folder = cache_dir() / "cuad" / "CUAD_v1"
    return made_once(folder, Path.is_dir, lambda: _unpack(_archive(folder.parent / "CUAD_v1.zip.part"), folder))


def _archive(part: Path) -> Path:
    """The whole archive, verified; a connection that breaks is taken up again as long as it brings something."""
    url, expected = os.environ.get("LLM_WORKBOOK_CUAD_URL", URL), os.environ.get("LLM_WORKBOOK_CUAD_SHA256", "").lower()
    if url != URL and not expected:
        raise CorpusError(
            f"LLM_WORKBOOK_CUAD_URL is {url!r}, but nothing verifies its archive: set LLM_WORKBOOK_CUAD_SHA256 too"
        )
    expected = expected or SHA256
    while sha256(part) != expected:
        before = _size(part)
        try:
            _download(url, part)
            break
        except (OSError, HTTPException, ValueError) as error:
            if _size(part) <= before:
                raise CorpusError(
                    f"CUAD could not be fetched from {url} ({error}; {_size(part):,} bytes are kept). {MEND}."
                ) from None
    if (seen := sha256(part)) != expected:
        part.unlink()
        raise CorpusError(f"the archive from {url} has sha256 {seen}, expected {expected}; it was deleted. {MEND}.")
    return part


def _download(url: str, part: Path) -> None:
    """Go on with `part`, or start again where the server does not take a range. Raises: OSError when something is
    missing."""
    from tqdm import tqdm

    have = _size(part)
    request = Request(url, headers={"User-Agent": "llm-workbook", **({"Range": f"bytes={have}-"} if have else {})})
    try:
        response = urlopen(request, timeout=60)
    except HTTPError as error:
        if error.code == 416 and have:  # nothing is left to send: the hash decides
            return
        raise
    with response:
        have = have if str(response.headers.get("Content-Range")).startswith(f"bytes {have}-") else 0
        total = have + int(response.headers.get("Content-Length") or 0)
        with (
            open(part, "ab" if have else "wb") as out,
            tqdm(total=total or None, initial=have, unit="B", unit_scale=True) as bar,
        ):
            while block := response.read(1 << 18):
                bar.update(out.write(block))
    if _size(part) < total:
        raise OSError(f"the connection ended at {_size(part):,} of {total:,} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _unpack(archive: Path, folder: Path) -> None:
    """Texts and table only, into a folder beside, then put in place in one step; the archive is deleted."""
    try:
        with zipfile.ZipFile(archive) as opened, tempfile.TemporaryDirectory(dir=folder.parent) as work:
            members = {
                match.group(1): entry for entry in opened.infolist() if (match := WANTED.fullmatch(entry.filename))
            }
            size = sum(entry.file_size for entry in members.values())
            links = sum(stat.S_ISLNK(entry.external_attr >> 16) for entry in members.values())
            if len(members) < 2 or "master_clauses.csv" not in members or links or size > MOST_BYTES:
                raise ValueError(f"{len(members)} wanted files of {size:,} bytes, {links} of them links")
            for name, entry in members.items():
                entry.filename = name
                opened.extract(entry, Path(work, "done"))
            Path(work, "done").rename(folder)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError) as error:
        archive.unlink()
        raise CorpusError(
            f"the archive of CUAD is not what was expected ({error}): check LLM_WORKBOOK_CUAD_URL, and retry"
        ) from error
    archive.unlink()


# Reading


@lru_cache(maxsize=2)
def _read(folder: Path) -> tuple[Annotated, ...]:
    """Each text with its row of the table; the names agree but for case, marks and the ending."""
    try:
        with open(folder / "master_clauses.csv", encoding="utf-8-sig", newline="") as file:
            rows = {_key(row["Filename"][:-4]): row for row in csv.DictReader(file, restval="")}
        if missing := {"Document Name", *ASK, *CLASSES} - set(next(iter(rows.values()), {})):
            raise ValueError(f"master_clauses.csv has no column {min(missing)!r}")
        return tuple(
            _annotate(path, rows.get(_key(path.stem), {}))
            for path in sorted((folder / "full_contract_txt").glob("*.txt"))
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error) as error:
        raise CorpusError(f"CUAD in {folder} is damaged ({error!r}): delete this folder and run it again") from error


def _annotate(path: Path, row: dict[str, str]) -> Annotated:
    text, company = path.read_text(encoding="utf-8", errors="replace"), _key(re.split(r"_\d| - |-EX", path.stem)[0])
    id, clauses = (
        f"{company[:32]}-{_hash(path.stem):08x}",
        {name: texts for name in row if (texts := _list(row[name])) is not None},
    )
    located = locate(text, clauses).items()
    spans = {name: tuple(Span(id, *ends) for ends in found) for name, found in located if found or not clauses[name]}
    answers = {re.sub(r"- ?Answer$", "", name): value for name, value in row.items() if name.endswith("Answer")}
    title = ", ".join(_title(name) for name in clauses.get("Document Name", []))[:100] or path.stem
    kind = re.sub(r"\d+$", "", re.split(r"_|-EX-[^-]*-", path.stem)[-1]).strip().lower()
    place = _hash(f"cuad/{company}") % 100
    split = "test" if place < 33 else "dev" if place < 40 else "train"
    one = Annotated(Contract(id, title, company, split, text), spans, answers)
    dated = _date(answers.get("Agreement Date", ""), one.stated("Agreement Date"))
    parties = _parties(answers.get("Parties", ""), clauses.get("Parties", []), company)
    metadata = {"kind": kind, "parties": parties, "date": dated[0].isoformat() if dated else "", "file": path.name}
    return replace(
        one, contract=replace(one.contract, metadata={name: value for name, value in metadata.items() if value})
    )


def _list(cell: str) -> list[str] | None:
    """A cell as its list of clauses; None when it is no list: then nobody knows whether the contract has any."""
    try:
        value = ast.literal_eval(cell) if cell.startswith("[") else None
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, list) else None


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def _title(name: str) -> str:
    """A title without hanging marks and shouting."""
    name = " ".join(name.split()).strip(" ([.,;:-")
    if name.isupper():
        return re.sub(r"\b(And|Of|For|To|The|In)\b", lambda word: word.group().lower(), name.title())
    return name


def _parties(answer: str, clauses: list[str], company: str) -> list[str]:
    """Names of the parties as the text writes them, who filed the contract first; defined terms and roles left out."""
    defined = r"\s*(?:\((?=[\"“?]|each|collectively).*|[\"“].*|,? and its affiliates.*)"
    names, heads = (
        [re.sub(defined, "", " ".join(part.split())).strip(" ,;") for part in parts]
        for parts in (clauses, answer.split(";"))
    )
    written = {name.lower(): name for name in names if 2 < len(name) <= 80}
    near = [get_close_matches(head.lower(), written, 1, 0.75) for head in heads if head.lower() not in ROLES]
    return sorted(
        dict.fromkeys(written[found[0]] for found in near if found), key=lambda name: company[:5] not in _key(name)
    )


def _date(answer: str, stated: str) -> tuple[date, str] | None:
    """(day, the words that state it) when the clause does state the day of the annotated answer, e.g. 11/12/19."""
    try:
        day = datetime.strptime(answer.strip(), "%m/%d/%y").date()
    except ValueError:
        return None
    number, month, nth = f"0?{day.day}", f"{day:%B}", r"\s*(?:st|nd|rd|t ?h)?,?\s*"
    figures = rf"0?{day.month}/{number}/(?:{day:%Y}|{day:%y})"
    words = rf"{number}{nth}(?:day of )?{month},?\s*{day:%Y}|{month}\s+{number}{nth}{day:%Y}"
    literal = re.search(rf"\b(?:{words}|{figures})\b", stated, re.I)
    return (day, literal.group()) if literal else None


# Asking


@lru_cache(maxsize=2)
def _questions(folder: Path) -> list[Question]:
    """All questions of all splits. A contract whose name two contracts bear is not asked about."""
    every = [one for one in _read(folder) if one.contract.metadata.get("parties")]
    names = [
        f"the {re.sub('^the ', '', one.contract.title, flags=re.I)} of {one.contract.metadata['parties'][0]}"
        for one in every
    ]
    asked = [
        question
        for one, name in zip(every, names, strict=True)
        if names.count(name) == 1
        for question in _ask(one, name)
    ]
    test, rest = (_in_turn([q for q in asked if (q.split == "test") == wanted]) for wanted in (True, False))
    test = [replace(question, subset=subset_at(place)) for place, question in enumerate(test)]
    return test + rest + _in_turn([question for one in _read(folder) for question in _classification(one)])


def _ask(one: Annotated, name: str) -> list[Question]:
    """What the annotations of one contract answer, and two questions that it leaves open."""
    absent = sorted(
        (name for name in ABSENT if one.spans.get(name) == ()), key=lambda name: _hash(one.contract.id + name)
    )
    made = [_question(one, name, category, _answers(one, category)) for category in ASK]
    made += [_question(one, name, category, NOT_STATED, answerable=False) for category in absent[:2]]
    return [q for q in made if q.answers and not any(_key(answer) in _key(q.question) for answer in q.answers)]


def _question(one: Annotated, name: str, category: str, answers: tuple[str, ...], answerable: bool = True) -> Question:
    contract, (type, *wordings) = one.contract, ASK[category]
    type, group, slug = (
        type if answerable else "unanswerable",
        int(contract.split != "train"),
        category.lower().replace(" ", "-"),
    )
    number = _hash(contract.id + slug) % len(wordings[group])
    text = wordings[group][number].replace("{in}", name).replace("..", ".")
    return Question(
        f"{type}.{contract.id}.{slug}", type, "qa", text[0].upper() + text[1:], answers, one.spans.get(category, ()),
        (contract.id,),
        contract.family, contract.split, (), f"{('train', 'test')[group]}-{slug}-{number}", (category,), answerable,
    )  # fmt: skip


def _answers(one: Annotated, category: str) -> tuple[str, ...]:
    """The normalised answer, then other ways to write it; nothing when the located clause does not."""
    forms = {"lookup": _laws, "date": _days, "period": _periods}.get(ASK[category][0])
    if forms:
        return tuple(dict.fromkeys(forms(one.answers.get(category, "").strip(), one.stated(category))))
    others = one.contract.metadata["parties"][1:]
    short = [re.split(r",|\s(?:inc|llc|ltd|corp|limited|\(\w+\))", other, flags=re.I)[0] for other in others]
    return tuple(dict.fromkeys(others + short)) if len(others) == 1 and one.spans.get(category) else ()


def _laws(answer: str, stated: str) -> list[str]:
    initials = "".join(re.findall(r"\b[A-Z]", answer))  # the PRC
    names = [
        name for name in (answer, answer.split(",")[0], answer.split("Republic of ")[-1], initials) if len(name) > 2
    ]
    literal = re.search(
        rf"(?:(?:state|commonwealth|province) of )?\b(?:{'|'.join(map(re.escape, names))})\b", stated, re.I
    )
    return [*names, literal.group()] if names and literal else []


def _days(answer: str, stated: str) -> list[str]:
    if not (found := _date(answer, stated)):
        return []
    day, month, year = found[0].day, f"{found[0]:%B}", found[0].year
    return [
        f"{day} {month} {year}",
        f"{month} {day}, {year}",
        f"{found[0].month}/{day}/{found[0]:%y}",
        found[0].isoformat(),
        found[1],
    ]


def _periods(answer: str, stated: str) -> list[str]:
    if not (match := re.fullmatch(r"(?:[a-z]+ )*(\d+) (day|week|month|year)s?", answer.lower())):
        return []
    count, unit = int(match.group(1)), match.group(2)
    words = [str(count), *WORDS[count : count + 1]]
    literal = re.search(
        rf"(?:[a-z]+[- ]?\()?\b(?:{'|'.join(words)})\)?[ -](?:\({count}\)[ -])?{unit}s?\b", stated, re.I
    )
    return (
        [*(f"{word} {unit}{s}" for word in words for s in (("s", "") if count > 1 else ("",))), literal.group()]
        if literal
        else []
    )


def _classification(one: Annotated) -> list[Question]:
    """Clause -> category, at most three of each; a clause that bears two of the categories is left out."""
    contract, spans = one.contract, [(category, span) for category in CLASSES for span in one.spans.get(category, ())]
    alone = [
        (c, span)
        for c, span in spans
        if 60 <= len(span) <= 1500 and not any(c != other and span.overlap(s) for other, s in spans)
    ]
    distinct = {(category, span.start): span for category, span in alone}
    kept = [
        pair
        for name in CLASSES
        for pair in [(category, span) for (category, _), span in distinct.items() if category == name][:3]
    ]
    return [
        Question(
            f"classification.{contract.id}.{_key(category)}.{span.start}", "classification", "classification",
            contract.text_of(span),
            (category,), (span,), (contract.id,), contract.family, contract.split, (),
            f"{contract.split}-classification", (category,),
        )
        for category, span in kept
    ]  # fmt: skip


def _in_turn(questions: list[Question]) -> list[Question]:
    """Types (or classes) take turns; within one the order is that of a hash, so that it says nothing."""
    kinds: dict[str, list[Question]] = defaultdict(list)
    for question in sorted(questions, key=lambda question: (_hash(question.id), question.id)):
        kinds[question.type if question.task == "qa" else question.labels[0]].append(question)
    turns = zip_longest(*(kinds[kind] for kind in sorted(kinds)))
    return [question for turn in turns for question in turn if question]
