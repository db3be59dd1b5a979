"""A learner's own documents: what is read, what is skipped and why, and the questions about them."""

import os
import zipfile

import docx
import pytest
from pypdf import PageObject, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from llm_workbook.corpus import formats
from llm_workbook.corpus.folder import read_folder
from llm_workbook.corpus.load import CorpusError, load_contracts, load_questions
from llm_workbook.run import start

CLAUSE = "The cap on liability is five million euro."


def write_pdf(path, *pages, password=None):
    """A PDF with one line of text a page; None for a page without text, as a scan has it."""
    writer = PdfWriter()
    names = {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}
    font = DictionaryObject({NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in names.items()})
    for text in pages:
        page = writer.add_blank_page(595, 842)
        if text:
            fonts = DictionaryObject({NameObject("/F1"): font})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
            stream = DecodedStreamObject()
            stream.set_data(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
            page[NameObject("/Contents")] = writer._add_object(stream)
    if password is not None:
        writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    writer.write(path)


def write_docx(path, *, xml=None):
    """A Word file with a heading, a change, a table; xml: replaces the text of its first paragraph in the raw XML."""
    document = docx.Document()
    document.add_heading("2. Liability", 1)
    document.add_paragraph(CLAUSE)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "CS-1", "GBP 4"
    document.save(path)
    if xml:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["word/document.xml"] = xml(members["word/document.xml"])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)


@pytest.fixture
def folder(tmp_path):
    """A folder with one readable document in a sub-folder."""
    (tmp_path / "leases").mkdir()
    (tmp_path / "leases" / "harbour_lease.md").write_text(
        f"# Harbour Lease\n\n```\n# code\n```\n\n## 1.2 Cap\n{CLAUSE}\n"
    )
    return tmp_path


def text_of(folder, name):
    return {contract.id: contract.text for contract in read_folder(folder).contracts}[name]


def reason(folder, name):
    """Why the file was skipped; the rest of the folder must have been read."""
    reading = read_folder(folder)
    assert [contract.id for contract in reading.contracts] == ["leases/harbour_lease.md"]
    return dict(reading.skipped)[name]


def test_markdown_sections_title_and_family(folder):
    (contract,) = load_contracts(f"folder:{folder}", "test")
    assert (contract.title, contract.family) == ("harbour lease", "leases")
    assert [(section.number, section.title) for section in contract.sections] == [("", "Harbour Lease"), ("1.2", "Cap")]
    section = contract.sections[1]
    assert contract.text[section.start : section.end] == f"## 1.2 Cap\n{CLAUSE}"
    assert load_contracts(f"folder:{folder}", "train") == []


def test_pdf_text_and_pages_without_text(folder):
    write_pdf(folder / "cap.pdf", CLAUSE, None, CLAUSE)
    assert text_of(folder, "cap.pdf").count(CLAUSE) == 2
    assert dict(read_folder(folder).notes)["cap.pdf"].startswith("hardly any text on pages 2 of 3")


def test_pdf_that_opens_without_a_password_is_read(folder):
    write_pdf(folder / "restricted.pdf", CLAUSE, password="")
    assert CLAUSE in text_of(folder, "restricted.pdf")


def test_docx_headings_tables_and_accepted_changes(folder):
    def change(xml):
        kept, gone = (
            f"<w:r><w:{tag}>{text}</w:{tag}></w:r>" for tag, text in (("t", " Net of tax."), ("delText", "Gross."))
        )
        change = f'<w:ins w:id="1" w:author="a">{kept}</w:ins><w:del w:id="2" w:author="a">{gone}</w:del></w:p>'
        return xml.replace(b"euro.</w:t></w:r></w:p>", b"euro.</w:t></w:r>" + change.encode())

    write_docx(folder / "cap.docx", xml=change)
    contract = next(contract for contract in read_folder(folder).contracts if contract.id == "cap.docx")
    assert contract.text == f"2. Liability\n\n{CLAUSE} Net of tax.\nCS-1 | GBP 4"
    assert [(section.number, section.title) for section in contract.sections] == [("2", "Liability")]
    assert contract.family == "cap.docx"


def test_html_keeps_what_a_reader_sees(folder):
    body = (
        "<h2>3. Cap</h2><p>The cap\n on <b>liability</b>&nbsp;is &lt;five&gt;<br>euro.<script>steal()</script><!--"
        " hidden -->"
    )
    body += "<noscript>Turn it on</noscript><style>b {}</style><template><p>draft</p></template>"
    body += "<table><tr><td>A</td><td>B</td></tr></table>"
    (folder / "cap.html").write_text(f"<!DOCTYPE html><html><title>T</title>{body}</html>")
    assert text_of(folder, "cap.html").split("\n") == [
        "3. Cap",
        "",
        "The cap on liability is <five>",
        "euro.",
        "",
        "A | B",
    ]


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8-sig", ""), ("utf-16", ""), ("cp1252", "")])
def test_text_encodings_and_headings_by_their_look(folder, encoding, mark):
    lines = [
        "SUPPLY",
        "1. Définitions",
        "Words.",
        "5 June 2019",
        "1. The Supplier shall deliver.",
        "Schedule A - Prices",
        "x",
    ]
    (folder / "old.txt").write_bytes("\r\n".join(lines).encode(encoding))
    contract = next(contract for contract in read_folder(folder).contracts if contract.id == "old.txt")
    assert contract.text == "\n".join(lines)
    assert [(section.number, section.title) for section in contract.sections] == [
        ("1", "Définitions"),
        ("", "Schedule A - Prices"),
    ]


BAD = {
    "damaged.pdf": (lambda path: path.write_bytes(b"%PDF-1.7\nnothing of the kind"), "damaged or unreadable"),
    "damaged.docx": (lambda path: path.write_bytes(b"PK\x03\x04 nothing of the kind"), "damaged or unreadable"),
    "damaged.txt": (lambda path: path.write_bytes(b"GIF89a\0\1 a picture"), "damaged: its bytes are not text"),
    "empty.txt": (lambda path: path.write_bytes(b""), "empty: the file has no bytes"),
    "blank.html": (lambda path: path.write_text("<html><script>x</script></html>"), "empty: there is no text"),
    "nopages.pdf": (lambda path: write_pdf(path), "empty: there is no text"),
    "secret.pdf": (lambda path: write_pdf(path, CLAUSE, password="secret"), "encrypted: open it with its password"),
    "secret.docx": (
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "encrypted, or an old .doc",
    ),
    "scan.pdf": (lambda path: write_pdf(path, None, None), "scanned: 2 pages with hardly any text"),
    "photo.jpg": (lambda path: path.write_bytes(b"\xff\xd8"), "unknown type .jpg; expected one of .pdf, .docx"),
    "README": (lambda path: path.write_text("text"), "unknown type (no suffix)"),
    "bomb.docx": (
        lambda path: write_docx(path, xml=lambda xml: xml.replace(b"five", b"five" + b" " * 60_000_000)),
        "huge: unpacks to 6",
    ),
    "entity.docx": (
        lambda path: write_docx(
            path, xml=lambda xml: xml.replace(b"<w:document", b'<!DOCTYPE x [<!ENTITY e "ha">]><w:document', 1)
        ),
        "unsafe: it declares XML entities",
    ),
    "long.txt": (lambda path: path.write_text("word " * 1_000_001), "huge: more than 5,000,000 characters"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_named_and_skipped_with_its_reason(folder, name):
    write, expected = BAD[name]
    write(folder / name)
    assert reason(folder, name).startswith(expected)


def test_file_over_the_limit_is_not_opened(folder):
    with (folder / "big.pdf").open("wb") as file:
        file.truncate(formats.MAX_BYTES + 1_000_000)  # sparse: takes no space
    assert reason(folder, "big.pdf") == "huge: 51 MB, the limit is 50 MB; split it"


def test_text_of_a_pdf_is_bounded(folder, monkeypatch):
    monkeypatch.setattr(formats, "MAX_CHARACTERS", 100)
    read, extract = [], PageObject.extract_text
    monkeypatch.setattr(PageObject, "extract_text", lambda page: read.append(page) or extract(page))
    write_pdf(folder / "long.pdf", *[CLAUSE] * 6)
    assert reason(folder, "long.pdf") == "huge: more than 100 characters; split it"
    assert len(read) == 3  # the other pages are not even opened


def test_entities_of_a_docx_are_not_expanded_even_unseen(folder, monkeypatch):
    (folder / "private.key").write_text("TOPSECRET")
    monkeypatch.setattr(formats, "_check_archive", lambda path: None)
    key = (folder / "private.key").as_uri()
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{key}"><!ENTITY f "EXPANDED">]><w:document'.encode()
    write_docx(
        folder / "entity.docx", xml=lambda xml: xml.replace(b"<w:document", doctype, 1).replace(b"five", b"&e;&f;")
    )
    said = " ".join(contract.text for contract in read_folder(folder).contracts) + str(read_folder(folder))
    assert "TOPSECRET" not in said and "EXPANDED" not in said


def test_summary_says_what_was_read_and_skipped(folder):
    (folder / "photo.jpg").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    first, *others = str(read_folder(folder)).splitlines()
    assert (
        first == f"folder:{folder}: 1 read ({len(text_of(folder, 'leases/harbour_lease.md'))} characters), 1 skipped, 0"
        " questions"
    )
    assert [line.split(":")[0] for line in others] == ["  skipped photo.jpg"]


def test_changed_file_is_read_again(folder):
    read_folder(folder)
    lease = folder / "leases" / "harbour_lease.md"
    changed = lease.read_text().replace("five", "nine")  # of the same size
    lease.write_text(changed)
    os.utime(lease, ns=(1, 1))
    assert text_of(folder, "leases/harbour_lease.md") == changed.rstrip()


@pytest.mark.parametrize("path", ["", "{}/missing", "{}/file.txt"])
def test_missing_folder_says_what_to_give(tmp_path, path):
    (tmp_path / "file.txt").write_text("text")
    with pytest.raises(CorpusError, match="there is no folder .*: give the path of a folder"):
        load_contracts("folder:" + path.format(tmp_path))


def test_folder_without_readable_documents(tmp_path):
    with pytest.raises(CorpusError, match="could be read .it holds no files.. Put files with text there: .pdf, .docx"):
        load_contracts(f"folder:{tmp_path}")
    (tmp_path / "a.txt").write_bytes(b"")
    with pytest.raises(CorpusError, match="a.txt: empty: the file has no bytes"):
        load_contracts(f"folder:{tmp_path}")


@pytest.mark.parametrize("separator", [",", ";"])
def test_questions_are_located_by_their_quote(folder, separator):
    quote = "cap on\nliability  is fivemillion euro"
    rows = [
        ["What is the cap?", "EUR 5 million|5 million euro", "Harbour_Lease", quote],
        ["What is the rent?", "none", "harbour_lease.md", "The rent is nothing."],
        ["Whose?", "ours", "other.pdf", "The cap"],
        ["No answer?", "", "harbour_lease.md", "The cap"],
        ["Twice?", "x", "harbour_lease.md", "a"],
    ]
    lines = [["question", "answer", "document", "quote"], *rows]
    (folder / "questions.csv").write_text(
        "\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines), newline=""
    )
    (question,) = load_questions(f"folder:{folder}", subset="smoke")
    (contract,) = load_contracts(f"folder:{folder}")
    assert contract.text_of(question.evidence[0]) == CLAUSE.removeprefix("The ").removesuffix(".")
    assert question.answers == ("EUR 5 million", "5 million euro") and question.family == "leases"
    assert (
        load_questions(f"folder:{folder}", "train") == load_questions(f"folder:{folder}", task="classification") == []
    )
    notes = dict(read_folder(folder).notes)
    assert list(notes) == [f"questions.csv row {row}" for row in (3, 4, 5, 6)]
    expected = [
        "stands 0 times in leases",
        "0 documents that were read are called 'other.pdf'",
        "answer is empty",
        "times in leases",
    ]
    assert all(text in note for text, note in zip(expected, notes.values(), strict=True))


@pytest.mark.parametrize(("content", "sentence"), [
    ("question,answer\na,b\n", "lacks the column document: its first line must be question,answer,document,quote"),
    ("", "lacks the column question"),
    ('question,answer,document,quote\n"never closed,b,c,d\n', "cannot be read as a table"),
])  # fmt: skip
def test_bad_question_table_says_how_to_mend_it(folder, content, sentence):
    (folder / "questions.csv").write_text(content)
    with pytest.raises(CorpusError, match=sentence):
        load_questions(f"folder:{folder}")


def test_a_folder_without_questions_is_read_and_shown_before_a_lab_says_that_it_needs_some(folder, tmp_path, capsys):
    (folder / "photo.jpg").write_bytes(b"x")
    with pytest.raises(CorpusError, match="Lab 1.1 needs questions with known answers"):
        start("1.1", "smoke", results_dir=tmp_path / "results", corpus=f"folder:{folder}")
    said = capsys.readouterr().out
    assert "1 read" in said and "0 questions" in said and "skipped photo.jpg" in said


def test_unknown_corpus_mentions_folders():
    with pytest.raises(CorpusError, match="choose one of authored, cuad, or folder:/path"):
        load_contracts("contracts")
    with pytest.raises(ValueError, match="choose one of authored, cuad, or folder:/path"):
        start("1.1", corpus="contracts")
