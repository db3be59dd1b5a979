"""Real contracts: fetched from a server that behaves or does not, unpacked safely, read to the character, and asked
about."""

import csv
import hashlib
import io
import json
import os
import re
import stat
import threading
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llm_workbook.corpus import cuad
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.corpus.records import CorpusError
from llm_workbook.run import Run
from llm_workbook.settings import ROOT, Settings

DEV = Path(os.environ.get("LLM_WORKBOOK_CUAD_DEV") or ROOT / ".." / "shared" / "data" / "cuad_dev")
COLUMNS = list(dict.fromkeys(["Document Name", *cuad.ASK, *cuad.CLASSES]))
TOWNS = ("Arden", "Birch", "Carrow", "Ohio", "Elm", "Fenwick", "Garth", "Holm", "Inver", "Jarrow", "Kelso", "Leven")
STATES = (
    "Oregon",
    "Utah",
    "Maine",
    "Ohio",
    "Texas",
    "Idaho",
    "Iowa",
    "Nevada",
    "Kansas",
    "Alaska",
    "Hawaii",
    "Vermont",
)


def small_contract(number: int) -> tuple[str, str, dict[str, tuple[list[str], str]]]:
    """(file stem, text, {category: (clauses, answer)}) of a hand-written agreement; the table's whitespace differs from
    the text's."""
    state, buyer, seller = (
        STATES[number],
        f"Brook {TOWNS[number]} Trading Ltd.",
        f"Heron {TOWNS[-number - 1]} Mills LLC",
    )
    law = f"This Agreement shall be governed by the laws of the State of {state}, without regard to conflicts."
    term = "It renews for successive periods of five (5) years unless notice is given ninety (90) days before."
    made = f'SUPPLY   AGREEMENT\n\nMade this 7th day of May, 20{number + 10}, by {buyer} ("Buyer") and {seller}.'
    text = f"{made}\n\n1. {law}\n2.  {term}\nIt ends on May 6, 2024.\n"
    answers = {
        "Document Name": (["SUPPLY AGREEMENT"], "SUPPLY AGREEMENT"),
        "Parties": ([buyer, "Buyer", seller], f'{buyer} ("Buyer"); {seller}'),
        "Agreement Date": ([f"7th  day of May, 20{number + 10}"], f"5/7/{number + 10}"),
        "Expiration Date": (
            ["It ends on May 6, 2024."],
            "5/7/24",
        ),  # the table is wrong by a day: no question may come of it
        "Renewal Term": ([term], "successive 5 years"),
        "Notice Period To Terminate Renewal": ([f"{term[:20]}<omitted>ninety (90) days before."], "90 days"),
        "Governing Law": ([law.replace(" ", "\n")], state),
        "Warranty Duration": (["a clause that does not stand in the text"], "Yes") if number == 2 else ([], "No"),
    }
    return (
        f"BROOK{TOWNS[number].upper()}INC_01_0{number % 9 + 1}_2012-EX-10.{number}-SUPPLY & SALE AGREEMENT",
        text,
        answers,
    )


def table(contracts: list) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    answer = {name: f"{name}- Answer" if name == cuad.RENEWAL else f"{name}-Answer" for name in COLUMNS}
    writer.writerow(["Filename", *(name for column in COLUMNS for name in (column, answer[column]))])
    for stem, _, answers in contracts:
        cells = [answers.get(column, ([], "")) for column in COLUMNS]
        writer.writerow([f"{stem}.PDF", *(cell for clauses, answer in cells for cell in (str(clauses), answer))])
    return out.getvalue()


def archive(*extra: tuple[zipfile.ZipInfo | str, str], columns: str | None = None) -> bytes:
    """A small archive of the official layout; the text files spell `&` as `_`, as some in the official one do."""
    out, contracts = io.BytesIO(), [small_contract(number) for number in range(12)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for stem, text, _ in contracts:
            opened.writestr(f"CUAD_v1/full_contract_txt/{stem.replace('&', '_')}.txt", text)
        opened.writestr("CUAD_v1/master_clauses.csv", table(contracts) if columns is None else columns)
        opened.writestr("CUAD_v1/full_contract_pdf/large.pdf", "not wanted")
        for name, content in extra:
            opened.writestr(name, content)
    return out.getvalue()


class Server:
    """Serves one body on the loopback. ranges: honour Range. cut: send only so many bytes of each of the first `cuts`
    answers."""

    def __init__(self, body: bytes, ranges: bool = True, cut: int | None = None, cuts: int = 1) -> None:
        self.body, self.ranges, self.cut, self.cuts, self.seen = body, ranges, cut, cuts, []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/CUAD_v1.zip"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        self.seen.append(wanted)
        start = int(re.findall(r"\d+", wanted)[0]) if wanted and self.ranges else 0
        if start >= len(self.body):
            return handler.send_error(416)
        rest = self.body[start:]
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        handler.send_header("Content-Length", str(len(rest)))
        handler.end_headers()
        handler.wfile.write(rest[: self.cut] if self.cut is not None and len(self.seen) <= self.cuts else rest)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Starts a server with an archive and points the loader at it, with a cache of its own."""
    servers = []
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("LLM_WORKBOOK_CUAD_DIR", raising=False)

    def start(body: bytes, **behaviour) -> Server:
        servers.append(Server(body, **behaviour))
        monkeypatch.setenv("LLM_WORKBOOK_CUAD_URL", servers[-1].url)
        monkeypatch.setenv("LLM_WORKBOOK_CUAD_SHA256", hashlib.sha256(body).hexdigest())
        return servers[-1]

    yield start
    for server in servers:
        server.http.shutdown()
        server.http.server_close()


@pytest.fixture
def part(tmp_path) -> Path:
    """Where a download is kept until it is whole."""
    path = tmp_path / "cache" / "cuad" / "CUAD_v1.zip.part"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """The small archive, unpacked by hand into a ready folder."""
    with zipfile.ZipFile(io.BytesIO(archive())) as opened:
        opened.extractall(tmp_path / "ready")
    monkeypatch.setenv("LLM_WORKBOOK_CUAD_DIR", str(tmp_path / "ready"))
    return tmp_path / "ready"


def test_fetched_unpacked_and_then_never_fetched_again(mirror, tmp_path, monkeypatch):
    server = mirror(archive())
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert len(load_contracts("cuad")) == 12
    kept = {path.name for path in (tmp_path / "cache" / "cuad").rglob("*")}
    assert "master_clauses.csv" in kept and not {"large.pdf", "CUAD_v1.zip.part"} & kept
    server.http.shutdown(), server.http.server_close(), cuad._read.cache_clear()
    assert len(load_contracts("cuad")) == 12
    assert server.seen == [None]


def test_a_partial_download_goes_on_where_it_stopped(mirror, part):
    body = archive()
    server = mirror(body)
    part.write_bytes(body[:1000])
    assert len(load_contracts("cuad")) == 12
    assert server.seen == ["bytes=1000-"]


def test_a_server_that_ignores_ranges_starts_again_from_zero(mirror, part):
    body = archive()
    server = mirror(body, ranges=False)
    part.write_bytes(body[:1000])
    assert len(load_contracts("cuad")) == 12
    assert server.seen == ["bytes=1000-"]


def test_a_connection_that_breaks_once_is_taken_up_again(mirror):
    server = mirror(archive(), cut=700)
    assert len(load_contracts("cuad")) == 12
    assert server.seen == [None, "bytes=700-"]


def test_a_whole_archive_that_was_not_unpacked_needs_no_server(mirror, part):
    body = archive()
    server = mirror(body)
    part.write_bytes(body)
    assert len(load_contracts("cuad")) == 12
    assert server.seen == []


def test_a_body_that_stays_short_keeps_what_came(mirror, part):
    body = archive()
    mirror(body, cut=0, cuts=99)
    part.write_bytes(body[:500])
    with pytest.raises(
        CorpusError, match=r"the connection ended at 500 of [\d,]+ bytes; 500 bytes are kept.*Run it again"
    ):
        load_contracts("cuad")
    assert part.read_bytes() == body[:500]
    mirror(body)
    assert len(load_contracts("cuad")) == 12


@pytest.mark.parametrize("stale", [0, 300, 10**6])
def test_a_wrong_hash_deletes_the_file_and_says_both(mirror, part, monkeypatch, stale):
    """Also what a download left over from another archive comes to, shorter or longer than this one."""
    mirror(archive())
    if stale:
        part.write_bytes(b"?" * stale)
    else:
        monkeypatch.setenv("LLM_WORKBOOK_CUAD_SHA256", "0" * 64)
    expected = os.environ["LLM_WORKBOOK_CUAD_SHA256"]
    with pytest.raises(CorpusError, match=rf"sha256 [0-9a-f]{{64}}, expected {expected}; it was deleted.*Run it again"):
        load_contracts("cuad")
    assert not part.exists()
    assert not part.with_name("CUAD_v1").exists()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("CUAD_v1/full_contract_txt/link.txt")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


OUTSIDE = (
    "CUAD_v1/full_contract_txt/../../../outside.txt",
    "../outside.txt",
    "/outside.txt",
    "CUAD_v1/full_contract_txt/..\\outside.txt",
)


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_is_written_outside_or_under_a_climbing_name(mirror, tmp_path, name):
    mirror(archive((name, "no")))
    assert len(load_contracts("cuad")) == 12
    assert not list(tmp_path.rglob("*outside*"))


def test_links_too_large_archives_and_other_zips_are_refused(mirror, part, monkeypatch):
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for body, most in (
        (archive((link(), "x")), 10**6),
        (archive(), 100),
        (empty.getvalue(), 10**6),
        (b"no zip at all", 10**6),
    ):
        mirror(body)
        monkeypatch.setattr(cuad, "MOST_BYTES", most)
        with pytest.raises(CorpusError, match="not what was expected.*LLM_WORKBOOK_CUAD_URL"):
            load_contracts("cuad")
        assert [path.name for path in part.parent.iterdir()] == ["CUAD_v1.lock"]


def test_a_mirror_without_a_hash_is_refused_unasked(mirror, monkeypatch):
    server = mirror(archive())
    monkeypatch.delenv("LLM_WORKBOOK_CUAD_SHA256")
    with pytest.raises(CorpusError, match="set LLM_WORKBOOK_CUAD_SHA256 too"):
        load_contracts("cuad")
    assert server.seen == []


def test_no_server_is_one_clear_sentence(mirror, monkeypatch):
    mirror(archive())
    monkeypatch.setenv("LLM_WORKBOOK_CUAD_URL", "http://127.0.0.1:9/CUAD_v1.zip")
    with pytest.raises(
        CorpusError, match="could not be fetched from http://127.0.0.1:9.*Run it again with.*LLM_WORKBOOK_CUAD_DIR"
    ):
        load_contracts("cuad")


def test_a_damaged_table_names_what_is_missing(mirror):
    mirror(archive(columns=table([small_contract(0)]).replace("Governing Law,", "Law,")))
    with pytest.raises(CorpusError, match="damaged.*no column 'Governing Law'.*delete this folder"):
        load_contracts("cuad")


def test_a_table_without_rows_is_damaged(small):
    (small / "CUAD_v1" / "master_clauses.csv").write_text("")
    with pytest.raises(CorpusError, match="damaged"):
        load_contracts("cuad")


def test_a_cell_that_is_no_list_is_neither_asked_about_nor_absent(small):
    path = small / "CUAD_v1" / "master_clauses.csv"
    path.write_text(re.sub(r"\[\"?'?This\\n", "[broken", path.read_text()))
    asked = [
        label
        for split in ("train", "dev", "test")
        for question in load_questions("cuad", split)
        for label in question.labels
    ]
    assert "Governing Law" not in asked and "Renewal Term" in asked


def test_a_ready_folder_is_used_as_it_is(small, monkeypatch):
    assert len(load_contracts("cuad")) == 12
    monkeypatch.setenv("LLM_WORKBOOK_CUAD_DIR", str(small / "CUAD_v1"))
    assert len(load_contracts("cuad")) == 12
    monkeypatch.setenv("LLM_WORKBOOK_CUAD_DIR", str(small / "elsewhere"))
    with pytest.raises(CorpusError, match="elsewhere.*full_contract_txt/ and master_clauses.csv are not there"):
        load_contracts("cuad")


def test_questions_hold_what_the_table_and_the_text_agree_on(small):
    questions = {
        q.labels[0]: q
        for split in ("train", "dev", "test")
        for q in load_questions("cuad", split)
        if "Brook Birch" in q.question
    }
    contract = next(c for c in load_contracts("cuad") if c.metadata["parties"][0] == "Brook Birch Trading Ltd.")
    assert (contract.title, contract.metadata["date"]) == ("Supply Agreement", "2011-05-07")
    answers = {label: q.answers for label, q in questions.items() if q.answerable}
    assert set(answers) == {
        "Governing Law",
        "Parties",
        "Agreement Date",
        "Renewal Term",
        cuad.RENEWAL,
    }  # no Expiration Date
    assert answers["Governing Law"] == ("Utah", "State of Utah")
    assert answers["Parties"] == ("Heron Kelso Mills LLC", "Heron Kelso Mills")
    assert (
        answers["Agreement Date"][:3] == ("7 May 2011", "May 7, 2011", "5/7/11")
        and "7th day of May, 2011" in answers["Agreement Date"]
    )
    assert answers["Renewal Term"] == ("5 years", "5 year", "five years", "five year", "five (5) years")
    assert "ninety (90) days" in answers[cuad.RENEWAL]
    assert [(q.answers[0], q.evidence) for q in questions.values() if not q.answerable] == [("not stated", ())]
    assert [contract.text_of(span) for span in questions[cuad.RENEWAL].evidence] == [
        "It renews for succes",
        "ninety (90) days before.",
    ]


def test_a_clause_that_is_not_found_is_neither_asked_about_nor_absent(small):
    questions = [
        q for split in ("train", "dev", "test") for q in load_questions("cuad", split) if "Brook Carrow" in q.question
    ]
    assert questions and not [q for q in questions if "Warranty Duration" in q.labels]


def test_a_question_that_holds_its_answer_is_left_out(small):
    asked = [
        q.labels[0]
        for split in ("train", "dev", "test")
        for q in load_questions("cuad", split)
        if "of Brook Ohio" in q.question
    ]
    assert "Renewal Term" in asked and "Governing Law" not in asked


def test_a_name_that_two_contracts_bear_is_not_asked_about(small):
    folder = small / "CUAD_v1"
    rows = list(csv.reader(io.StringIO((folder / "master_clauses.csv").read_text())))
    twin = next((folder / "full_contract_txt").glob("BROOKBIRCH*"))
    twin.with_name("ZTWIN_01_01_2013-EX-10-SUPPLY.txt").write_text(twin.read_text())
    row = next(row for row in rows if row[0].startswith("BROOKBIRCH"))
    with open(folder / "master_clauses.csv", "a", newline="") as file:
        csv.writer(file).writerow(["ZTWIN_01_01_2013-EX-10-SUPPLY.pdf", *row[1:]])
    questions = [q for split in ("train", "dev", "test") for q in load_questions("cuad", split)]
    assert questions and not [q for q in questions if "Brook Birch" in q.question]


dev = pytest.mark.skipif(
    not (DEV / "spans.jsonl").is_file(), reason="the 60 development contracts are not here (LLM_WORKBOOK_CUAD_DEV)"
)


@pytest.fixture
def sixty(monkeypatch) -> None:
    monkeypatch.setenv("LLM_WORKBOOK_CUAD_DIR", str(DEV))


@dev
def test_every_span_resolves_to_the_same_characters(sixty):
    every = {one.contract.metadata["file"]: one for one in cuad._read(cuad._folder())}
    records = [json.loads(line) for line in (DEV / "spans.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(every) == 60 and {record["file"] for record in records} == set(every)
    for record in records:
        one, wanted = every[record["file"]], [tuple(span) for span in record["spans"]]
        if one.spans:
            found = [(span.start, span.end) for span in one.spans[record["category"]]]
        else:  # one of the 60 has no row in this slice's table: its clauses, as text, are found at the same place
            found = cuad.locate(one.contract.text, {"": [one.contract.text[start:end] for start, end in wanted]})[""]
        assert found == wanted, record
    assert sum(bool(one.spans) for one in every.values()) == 59
    assert sum(bool(found) for one in every.values() for found in one.spans.values()) + 7 == len(records)


@dev
def test_splits_families_and_wordings_are_apart(sixty):
    parts = {split: [contract.id for contract in load_contracts("cuad", split)] for split in ("train", "dev", "test")}
    assert sorted(id for part in parts.values() for id in part) == sorted(
        contract.id for contract in load_contracts("cuad")
    )
    assert len(parts["train"]) > len(parts["test"]) > len(parts["dev"]) > 0
    families = {split: {c.family for c in load_contracts("cuad", split)} for split in ("train", "dev", "test")}
    assert (
        not families["train"] & families["test"]
        and not families["train"] & families["dev"]
        and not families["dev"] & families["test"]
    )
    wordings = {split: {q.wording_group for q in load_questions("cuad", split)} for split in ("train", "test")}
    assert wordings["train"] and not wordings["train"] & wordings["test"]


def test_no_wording_is_in_both_lists():
    assert not [(train, test) for _, train, test in cuad.ASK.values() if set(train) & set(test)]


@dev
def test_questions_are_sound(sixty):
    by_id = {contract.id: contract for contract in load_contracts("cuad")}
    kinds = [(split, task) for split in ("train", "dev", "test") for task in ("qa", "classification")]
    questions = [question for split, task in kinds for question in load_questions("cuad", split, task=task)]
    assert len({question.id for question in questions}) == len(questions)
    assert len({q.question for q in questions if q.task == "qa"}) == sum(q.task == "qa" for q in questions)
    for question in questions:
        contract = by_id[question.documents[0]]
        assert (question.split, question.family) == (contract.split, contract.family)
        assert all(contract.text_of(span).strip() for span in question.evidence)
        assert question.answerable == bool(question.evidence)
        if question.task == "qa":
            asked = question.question.lower()
            assert all(len(answer.split()) <= 12 and answer.lower() not in asked for answer in question.answers), (
                question
            )
    clauses = [question for question in questions if question.task == "classification"]
    for place, clause in enumerate(clauses):
        others = [other.evidence[0] for other in clauses[:place] if other.labels != clause.labels]
        assert not any(clause.evidence[0].overlap(span) for span in others)


@dev
def test_the_test_split_is_large_enough_and_its_subsets_are_nested(sixty):
    test, live, smoke = (load_questions("cuad", subset=subset) for subset in (None, "live", "smoke"))
    assert len(test) >= 96 and (len(live), len(smoke)) == (96, 8)
    assert test[:96] == live and live[:8] == smoke
    assert set(Counter(q.type for q in smoke).values()) <= {1, 2} and len({q.type for q in smoke}) == 5
    classes = Counter(q.answers[0] for q in load_questions("cuad", task="classification"))
    assert set(classes) == set(cuad.CLASSES) and sum(classes.values()) >= 120


@dev
def test_live_and_smoke_search_only_what_they_ask_about_and_full_searches_all(sixty, tmp_path):
    runs = {
        profile: Run(Settings("1.2", profile, corpus="cuad", results_dir=tmp_path))
        for profile in ("smoke", "live", "full")
    }
    asked = {document for question in runs["live"].questions() for document in question.documents}
    assert {contract.id for contract in runs["live"].contracts} == asked
    sizes = [len(run.contracts) for run in runs.values()]
    assert sizes == sorted(sizes)
    assert sizes[2] == 60 > sizes[1] > sizes[0]
