"""questions.csv as spreadsheets write it: read whatever its form, and what does not fit is left out with the reason."""

import pytest

from llm_workbook.corpus.folder import read_folder
from llm_workbook.corpus.quotes import places
from llm_workbook.corpus.records import CorpusError

TEXT = "The cap on liability, which is EUR 5 million, applies. Notice: 30 days."
HEAD = "question,answer,document,quote"


def read(folder, table, encoding="utf-8", name="questions.csv"):
    """(the texts of the evidence, the notes) of a table beside one document."""
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / name).write_bytes(table.encode(encoding))
    reading = read_folder(folder)
    contract = reading.contracts[0]
    return [contract.text_of(question.evidence[0]) for question in reading.questions], dict(reading.notes)


GOOD = 'Cap?,EUR 5 million,a.txt,"The cap on liability, which is"'


@pytest.mark.parametrize("head", [
    HEAD, "Question, Answer, Document, Quote", "QUESTION,ANSWER,DOCUMENT,QUOTE",
    '"question" ,"Answer",  document ,quote ',
    "\ufeffquestion,answer,document,quote", "\ufeffQuestion,Answer,Document,Quote", f"sep=,\n{HEAD}", f"\n{HEAD}",
    "Question ,Answer\u00a0,\u00a0Document,Quote",
])  # fmt: skip
def test_the_header_in_any_form(tmp_path, head):
    assert read(tmp_path, f"{head}\n{GOOD}\n") == (["The cap on liability, which is"], {})


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_line_ends(tmp_path, separator, line_end):
    cells = [HEAD.title().split(","), ["Cap?", "EUR 5 million", "a.txt", '"The cap on liability, which is"']]
    table = line_end.join(separator.join(row) for row in cells)
    assert read(tmp_path, table) == (["The cap on liability, which is"], {})


def test_columns_in_another_order_and_more_of_them(tmp_path):
    table = "Document;Remark;Quote;Type;Question;Answer;;\na.txt;, what; 30 days ;lookup;How long?;30 days;;\n"
    assert read(tmp_path, table) == (["30 days"], {})
    assert read_folder(tmp_path).questions[0].type == "lookup"


@pytest.mark.parametrize("row", [
    "Cap?,EUR 5 million,a.txt,The cap on liability, which is EUR 5 million",
    "Cap, please?,EUR 5 million,a.txt,The cap on liability", "Cap?,EUR 5 million,The cap on liability", "Cap?",
    "a,b,c,d,e,f,g",
    '"Cap?,EUR 5 million,a.txt,The cap on liability"',
])  # fmt: skip
def test_a_row_with_too_many_or_too_few_cells_is_left_out_with_its_line(tmp_path, row):
    found, notes = read(tmp_path, f"{HEAD}\n{GOOD}\n{row}\nHow long?,30 days,a.txt,30 days\n")
    assert found == ["The cap on liability, which is", "30 days"]
    assert list(notes) == ["questions.csv row 3"]
    assert "left out, line 3 has" in notes["questions.csv row 3"]
    assert "under 4 columns; put a cell that contains a comma between quotes" in notes["questions.csv row 3"]


def test_a_comma_that_would_cut_the_quote_into_the_type_is_noticed(tmp_path):
    found, notes = read(
        tmp_path, f"{HEAD},type\nCap?,EUR 5 million,a.txt,The cap on liability, which is EUR 5 million\n"
    )
    assert found == []
    assert "its quote goes on behind the comma, with 'which is EUR 5 million'" in notes["questions.csv row 2"]


def test_a_row_without_the_optional_type_is_read(tmp_path):
    assert read(tmp_path, f"{HEAD},type\n{GOOD}\n") == (["The cap on liability, which is"], {})


def test_rows_are_counted_as_in_a_spreadsheet_and_lines_as_in_an_editor(tmp_path):
    found, notes = read(tmp_path, f'{HEAD}\nHow long?,30 days,a.txt,"30\ndays"\n\n,,,\na,b\n')
    assert found == ["30 days"]
    assert list(notes) == ["questions.csv row 5"] and "line 6 has 2 cells" in notes["questions.csv row 5"]


def test_a_row_with_broken_quotes_does_not_cost_the_others(tmp_path):
    found, notes = read(tmp_path, f'{HEAD}\nCap?,"EUR" 5,a.txt,The cap\nHow long?,30 days,a.txt,30 days\n')
    assert found == ["30 days"]
    assert notes["questions.csv row 2"].startswith("left out, line 2 is no row of a table")


def test_a_quote_that_is_never_closed_names_its_line(tmp_path):
    found, notes = read(tmp_path, f'{HEAD}\n{GOOD}\nHow long?,"30 days,a.txt,30 days\nx,y,z,u\n')
    assert found == ["The cap on liability, which is"]
    assert notes["questions.csv row 3"].startswith("left out, lines 3 to 4 are no row of a table")


@pytest.mark.parametrize(("table", "sentence"), [
    ("", "it is empty, and must begin with question,answer,document,quote"),
    ("\n \n", "lacks the column question: it is empty"),
    ("question,answer,document\na,b,c\n", "lacks the column quote: .* it is 'question,answer,document'"),
    ("Frage,Antwort,Dokument,Zitat\na,b,c,d\n", "lacks the column question: .* it is 'Frage,Antwort,Dokument,Zitat'"),
    ("question,answer,document,quote,Quote \na,b,c,d,e\n", "has the column quote twice"),
])  # fmt: skip
def test_a_table_that_cannot_be_used_shows_the_line_that_was_found(tmp_path, table, sentence):
    with pytest.raises(CorpusError, match=sentence):
        read(tmp_path, table)


def test_a_table_that_is_no_text_is_a_sentence(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "questions.csv").write_bytes(b"PK\x03\x04\0\0\1\2\xff")
    with pytest.raises(CorpusError, match="questions.csv cannot be read as a table .*Save it as CSV in UTF-8"):
        read_folder(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_table_as_excel_writes_it(tmp_path, encoding):
    found, notes = read(tmp_path, f"{HEAD}\nWürde?,30 days,a.txt,30 days\n", encoding)
    assert found == ["30 days"] and read_folder(tmp_path).questions[0].question == "Würde?"
    assert ("questions.csv" in notes) == (encoding == "cp1252")


@pytest.mark.parametrize("name", ["Questions.csv", "QUESTIONS.CSV"])
def test_the_name_of_the_table_in_capitals(tmp_path, name):
    assert read(tmp_path, f"{HEAD}\n{GOOD}\n", name=name) == (["The cap on liability, which is"], {})


@pytest.mark.parametrize(("name", "asked"), [
    ("Mu\u0308ller.txt", "Müller.txt"), ("Müller.txt", "mu\u0308ller"), ("A B.txt", "a b.TXT"), ("x.txt", "./x.txt"),
])  # fmt: skip
def test_a_document_is_found_however_its_name_is_written(tmp_path, name, asked):
    (tmp_path / name).write_text("The rent is EUR 7.")
    (tmp_path / "questions.csv").write_text(f"{HEAD}\nRent?,EUR 7,{asked},EUR 7\n", encoding="utf-8")
    assert len(read_folder(tmp_path).questions) == 1


@pytest.mark.parametrize("marks", ["“{}”", "„{}“", "«{}»", "'{}'", "‘{}’", '""{}""', "“{}"])
def test_quotation_marks_around_the_quote_that_the_document_lacks_are_left_off(tmp_path, marks):
    row = f'Cap?,EUR 5 million,a.txt,"{marks.format("Notice: 30 days.")}"'
    assert read(tmp_path, f"{HEAD}\n{row}\n") == (["Notice: 30 days."], {})


@pytest.mark.parametrize("answer", ["|", " | | ", "||"])
def test_an_answer_of_nothing_but_dividers_is_empty(tmp_path, answer):
    spans, notes = read(tmp_path, f"{HEAD}\n{GOOD}\nCap?,{answer},a.txt,Notice: 30 days.\n")
    assert len(spans) == 1 and "its answer is empty" in notes["questions.csv row 3"]


# Quotes


@pytest.mark.parametrize(("text", "quote", "seen"), [
    ("The “Supplier’s” fee – EUR 5", "\"Supplier's\" fee - EUR 5", "“Supplier’s” fee – EUR 5"),
    ('The "Supplier\'s" fee -- EUR 5', "“Supplier’s” fee — EUR 5", "\"Supplier's\" fee -- EUR 5"),
    ("the ``fee'' is", 'the "fee" is', "the ``fee'' is"),
    ("provided ``AS IS''", 'provided "AS IS"', "provided ``AS IS''"),
    ("from 1 May --", "from 1 May –", "from 1 May --"),
    ("«fee» ‚a‘ „b“ ‹c›", "\"fee\" 'a' \"b\" 'c'", "«fee» ‚a‘ „b“ ‹c›"),
    ("the manip-\nulation of goods", "manipulation of goods", "manip-\nulation of goods"),
    ("the manip‐\n  ulation of goods", "manipulation of goods", "manip‐\n  ulation of goods"),
    ("the manip\u00adulation of goods", "manipulation", "manip\u00adulation"),
    ("the manipulation of goods", "manip-\nulation of goods", "manipulation of goods"),
    ("a long-\nterm lease", "long-term lease", "long-\nterm lease"),
    ("a long-\nterm manip-\nulation", "long-term manipulation", "long-\nterm manip-\nulation"),
    ("a long\u2011term lease", "long-term lease", "long\u2011term lease"),
    ("30\u00a0days\u2009net", "30 days net", "30\u00a0days\u2009net"),
    ("con\u200bfi\ufeffdential", "confidential", "con\u200bfi\ufeffdential"),
    ("con\ufb01dential o\ufb03ce", "confidential office", "con\ufb01dential o\ufb03ce"),
    ("confidential", "con\ufb01dential", "confidential"),
    ("Café Société", "Cafe\u0301 Socie\u0301te\u0301", "Café Société"),
    ("Cafe\u0301 net", "Café net", "Cafe\u0301 net"),
    ("Việt Nam", "Vie\u0323\u0302t Nam", "Việt Nam"),
    ("so on… and", "so on... and", "so on… and"),
    ("ＥＵＲ ５", "EUR 5", "ＥＵＲ ５"),
    ("THE CAP ON LIABILITY", "the cap on liability", "THE CAP ON LIABILITY"),
    ("Straße", "STRASSE", "Straße"),
    ("the ``Fee'' is", "the “Fee” is", "the ``Fee'' is"),
    ("the “Fee” is", "the ''Fee'' is", "the “Fee” is"),
    ("½ of it", "1/2 of it", "½ of it"),
    ("EUR 5\n\n  million", "EUR 5 million", "EUR 5\n\n  million"),
    ("合同期限为五年。", "期限为 五年", "期限为五年"),
])  # fmt: skip
def test_a_quote_is_found_however_it_is_set(text, quote, seen):
    assert [text[start:end] for start, end in places(text, quote)] == [seen]


@pytest.mark.parametrize(("text", "quote"), [
    ("EUR 5–10 million", "EUR 510 million"), ("the fee", "a fee"), ("manip-\n\nulation", ""), ("EUR 5-\n10", "EUR 510"),
    ("no tice", "not ice!"), ("résumé", "resume"), ("", "x"),
])  # fmt: skip
def test_another_text_is_not_taken_for_the_quote(text, quote):
    assert places(text, quote) == []


def test_the_nearest_form_wins_and_all_its_places_count():
    assert len(places("The Fee. the fee. THE FEE", "the fee")) == 1
    assert len(places('the “fee”, the "fee"', 'the "fee"')) == 1
    assert len(places("the fee, the fee", "the fee")) == 2
