"""Word and PDF files as a person sees them: hidden text is not read, forms and notes are, columns are kept apart."""

import docx
import pytest
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from llm_workbook.corpus import formats
from llm_workbook.corpus.folder import read_folder

NAMESPACES = nsdecls("w") + (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def word(folder, *bodies, footnotes="", header=""):
    """Write a Word file of these pieces of body XML (w: elements), and read it: (lines, note)."""
    document = docx.Document()
    body = document.element.body
    for piece in bodies:
        body.insert(len(body) - 1, parse_xml(piece.replace(">", f" {NAMESPACES}>", 1)))
    for name in ("Secret", "Derived"):
        document.styles.add_style(name, docx.enum.style.WD_STYLE_TYPE.CHARACTER)
    document.styles["Secret"].font.hidden = True
    document.styles["Derived"].base_style = document.styles["Secret"]
    document.styles.add_style("Quiet", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH).font.hidden = True
    if footnotes:
        xml = f"<w:footnotes {NAMESPACES}>{footnotes}</w:footnotes>".encode()
        name = PackURI("/word/footnotes.xml")
        part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, xml, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.save(folder / "a.docx")
    return read_one(folder)


def read_one(folder):
    """(lines that are not empty, note) of the one document in the folder."""
    reading = read_folder(folder)
    return [line for line in reading.contracts[0].text.split("\n") if line], dict(reading.notes).get(
        reading.contracts[0].id, ""
    )


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*inner, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(inner)}</w:p>"


@pytest.mark.parametrize("hidden", [
    run("x", "<w:vanish/>"), run("x", '<w:vanish w:val="1"/>'), run("x", '<w:vanish w:val="true"/>'),
    run("x", '<w:rStyle w:val="Secret"/>'), run("x", '<w:rStyle w:val="Derived"/>'),
    '<w:del w:id="1" w:author="a"><w:r><w:delText>x</w:delText></w:r></w:del>',
    f'<w:del w:id="1" w:author="a">{run("x")}</w:del>', f'<w:moveFrom w:id="1" w:author="a">{run("x")}</w:moveFrom>',
])  # fmt: skip
def test_hidden_and_deleted_text_is_not_read(tmp_path, hidden):
    assert word(tmp_path, paragraph(run("The fee is EUR 5"), hidden, run("."))) == (["The fee is EUR 5."], "")


@pytest.mark.parametrize("shown", [
    run("x", '<w:vanish w:val="0"/>'), run("x", '<w:vanish w:val="false"/>'),
    run("x", '<w:rStyle w:val="Secret"/><w:vanish w:val="0"/>'), f'<w:ins w:id="1" w:author="a">{run("x")}</w:ins>',
    f'<w:moveTo w:id="1" w:author="a">{run("x")}</w:moveTo>', f"<w:hyperlink>{run('x')}</w:hyperlink>",
    f"<w:sdt><w:sdtContent>{run('x')}</w:sdtContent></w:sdt>", f'<w:fldSimple w:instr="DATE">{run("x")}</w:fldSimple>',
    f"<w:smartTag>{run('x')}</w:smartTag>",
])  # fmt: skip
def test_shown_inserted_and_filled_in_text_is_read(tmp_path, shown):
    assert word(tmp_path, paragraph(run("EUR "), shown, run("."))) == (["EUR x."], "")


SMALL = '<w:vertAlign w:val="superscript"/>'


@pytest.mark.parametrize(("runs", "line"), [
    ((run("30"), run("1", SMALL), run(" days")), "30¹ days"),
    ((run("1"), run("st", SMALL), run(" day")), "1st day"),
    ((run("5"), run("6", "<w:strike/>"), run("7", "<w:dstrike/>"), run("8", '<w:strike w:val="0"/>')), "5 6  7 8"),
])  # fmt: skip
def test_marks_of_notes_and_struck_values_are_not_glued_to_values(tmp_path, runs, line):
    assert word(tmp_path, paragraph(*runs)) == ([line], "")


def test_signs_of_a_symbol_font_are_named_as_missing(tmp_path):
    ticked = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
    assert word(tmp_path, paragraph(ticked, run("Yes"))) == (["Yes"], "not read: signs of a symbol font")


def test_a_row_that_is_said_not_to_be_hidden_is_read(tmp_path):
    row = f'<w:tr><w:trPr><w:hidden w:val="0"/></w:trPr><w:tc>{paragraph(run("a"))}</w:tc></w:tr>'
    assert word(tmp_path, f"<w:tbl>{row}</w:tbl>")[0] == ["a"]


def test_hidden_paragraphs_and_rows(tmp_path):
    rows = [
        f"<w:tr><w:trPr>{properties}</w:trPr><w:tc>{paragraph(run(text))}</w:tc><w:tc>{paragraph(run('b'))}</w:tc></w:tr>"
        for text, properties in (("a", ""), ("x", "<w:hidden/>"), ("y", '<w:del w:id="2" w:author="a"/>'))
    ]
    quiet = paragraph(run("x"), properties='<w:pStyle w:val="Quiet"/>')
    assert word(tmp_path, paragraph(run("one")), quiet, f"<w:tbl>{''.join(rows)}</w:tbl>")[0] == ["one", "a | b"]


def test_content_controls_around_paragraphs_rows_and_cells(tmp_path):
    def control(inner):
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    cell = f"<w:tc>{paragraph(run('EUR 5'))}</w:tc>"
    row = f"<w:tr><w:tc>{paragraph(run('fee'))}</w:tc>{control(cell)}</w:tr>"
    assert word(tmp_path, control(paragraph(run("one"))), f"<w:tbl>{control(row)}</w:tbl>")[0] == ["one", "fee | EUR 5"]


BOX = "<w:txbxContent>{}{}</w:txbxContent>".format(paragraph(run("box one")), paragraph(run("box two")))


@pytest.mark.parametrize("box", [
    f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing></mc:Choice>"
    f"<mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
    f"<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r>",
])  # fmt: skip
def test_a_text_box_is_read_once_and_apart_from_its_paragraph(tmp_path, box):
    assert word(tmp_path, paragraph(run("The fee"), box, run(" is due.")))[0] == [
        "The fee is due.",
        "box one",
        "box two",
    ]


def test_footnotes_are_read_after_the_body_and_what_is_missing_is_named(tmp_path):
    notes = f'<w:footnote w:id="-1" w:type="separator">{paragraph("<w:r><w:separator/></w:r>")}</w:footnote>'
    notes += f'<w:footnote w:id="2">{paragraph(run("Net of tax."), run("x", "<w:vanish/>"))}</w:footnote>'
    numbered = paragraph(run("Cap"), properties='<w:numPr><w:numId w:val="1"/></w:numPr>')
    lines, note = word(tmp_path, paragraph(run("Fee")), numbered, footnotes=notes, header="CONFIDENTIAL")
    assert lines == ["Fee", "Cap", "Net of tax."]
    assert note == "not read: automatic numbers, page headers and footers"


def test_check_boxes_and_lists_of_old_forms_are_named_as_missing(tmp_path):
    box = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    field = f'<w:r><w:fldChar w:fldCharType="begin">{box}</w:fldChar></w:r>'
    assert word(tmp_path, paragraph(field, run("Yes")))[1] == "not read: check boxes and lists of an old form"


# PDF


def pdf(folder, *drawn, fields=(), xfa=False):
    """A PDF with one page for each list of (x, y, text); fields: (name, value, flags, kind) on the first page."""
    writer = PdfWriter()
    names = {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}
    font = DictionaryObject({NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in names.items()})
    for pieces in drawn:
        page = writer.add_blank_page(595, 842)
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data("\n".join(f"BT /F1 10 Tf {x} {y} Td ({text}) Tj ET" for x, y, text in pieces).encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    widgets = ArrayObject(writer._add_object(widget(*field)) for field in fields)
    if fields or xfa:
        writer.pages[0][NameObject("/Annots")] = widgets
        form = DictionaryObject({NameObject("/Fields"): widgets})
        if xfa:
            form[NameObject("/XFA")] = TextStringObject("<xdp/>")
        writer._root_object[NameObject("/AcroForm")] = form
    writer.write(folder / "a.pdf")
    return read_one(folder)


def widget(name, value, flags=0, kind="/Tx"):
    value = NameObject(value) if value.startswith("/") else TextStringObject(value)
    return DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"),
        NameObject("/FT"): NameObject(kind), NameObject("/T"): TextStringObject(name), NameObject("/V"): value,
        NameObject("/F"): NumberObject(flags), NameObject("/Print"): BooleanObject(True),
        NameObject("/Rect"): ArrayObject(FloatObject(side) for side in (0, 0, 9, 9)),
    })  # fmt: skip


LEFT = [
    "The Lessee shall pay the rent",
    "on the first day of each month",
    "to the account of the Lessor.",
    "Last words left.",
]
RIGHT = ["The Lessor shall insure the", "berth against fire and storm", "for its full value."]


def rows(*columns, top=700):
    """(x, y, text) of columns, drawn line by line."""
    width = 500 / len(columns)
    longest = max(map(len, columns))
    return [
        (50 + round(width * place), top - 14 * line, column[line])
        for line in range(longest)
        for place, column in enumerate(columns)
        if line < len(column)
    ]


def test_two_columns_drawn_line_by_line_are_read_one_after_the_other(tmp_path):
    lines, note = pdf(
        tmp_path,
        [(50, 760, "1. RENT AND INSURANCE OF THE BERTH, WHICH THE PARTIES HAVE AGREED UPON TODAY"), *rows(LEFT, RIGHT)],
    )
    assert lines[1:] == [*LEFT, *RIGHT]
    assert note == "columns on page 1: read one after the other, check their order"


def test_three_columns(tmp_path):
    columns = [[f"{name} words of line {line}" for line in range(4)] for name in ("first", "second", "third")]
    lines, note = pdf(tmp_path, rows(*columns))
    assert lines == [line for column in columns for line in column] and "columns on page 1" in note


def test_columns_that_are_drawn_one_after_the_other_need_no_note(tmp_path):
    drawn = sorted(rows(LEFT, RIGHT), key=lambda piece: (piece[0], -piece[1]))
    assert pdf(tmp_path, drawn) == ([*LEFT, *RIGHT], "")


def test_a_table_stays_in_rows_and_plain_text_as_it_is(tmp_path):
    prices = rows(["Berth", "Crane", "Quay", "Rent"], ["EUR 5", "EUR 7", "EUR 9", "EUR 2"])
    text = [
        f"This is line {number} of a page with one column, as wide as the page allows it to be" for number in range(9)
    ]
    lines, note = pdf(tmp_path, prices, [(50, 700 - 14 * number, line) for number, line in enumerate(text)])
    assert [line.split() for line in lines[:2]] == [["Berth", "EUR", "5"], ["Crane", "EUR", "7"]]
    assert lines[4:] == text and note == ""


def test_a_table_with_sentences_in_its_cells_stays_in_rows(tmp_path):
    terms = ["Notice of each termination", "Payment of the rent", "Cap on all liability", "Place of the arbitration"]
    values = ["Thirty days in writing", "On the first day", "5 million euro each", "Oslo, in the summer"]
    lines, note = pdf(tmp_path, rows(terms, values))
    assert lines == [f"{term} {value}" for term, value in zip(terms, values, strict=True)] and note == ""


def test_columns_whose_words_are_drawn_one_by_one(tmp_path):
    words = []
    for left, y, line in rows(LEFT, RIGHT):
        x = float(left)
        for word in line.split():
            words.append((round(x, 1), y, word))
            x += 5.2 * len(word) + 4
    lines, note = pdf(tmp_path, words)
    assert (lines, note) == ([*LEFT, *RIGHT], "columns on page 1: read one after the other, check their order")


def test_values_of_a_form_are_read_but_not_hidden_ones(tmp_path):
    page = [(50, 700, "Agreement on a fee, to be filled in")]
    fields = [
        ("Fee", "EUR 5"),
        ("Net", "/Yes", 0, "/Btn"),
        ("Off", "/Off", 0, "/Btn"),
        ("Draft", "EUR 9", 2),
        ("Empty", ""),
    ]
    assert pdf(tmp_path, page, fields=fields) == ([page[0][2], "Fee: EUR 5", "Net: Yes"], "")


def test_of_a_group_of_buttons_the_pressed_one_is_read_and_a_list_with_all_its_values(tmp_path):
    buttons = []
    for state in ("/Yes", "/Off"):
        button = widget("Net", "/Yes", kind="/Btn")
        button[NameObject("/AS")] = NameObject(state)
        buttons.append(button)
    chosen = widget("Ports", "", kind="/Ch")
    chosen[NameObject("/V")] = ArrayObject([TextStringObject("Oslo"), TextStringObject("Bergen")])
    typed = widget("", "")
    typed |= {NameObject("/Subtype"): NameObject("/FreeText"), NameObject("/Contents"): TextStringObject("typed on it")}
    page = PageObject.create_blank_page(width=9, height=9)
    page[NameObject("/Annots")] = ArrayObject([*buttons, chosen, typed])
    assert [*formats._form_values(page)] == ["Net: Yes", "Ports: Oslo, Bergen", "typed on it"]


def test_a_form_in_xfa_is_named(tmp_path):
    _, note = pdf(tmp_path, [(50, 700, "Please wait while the form is loaded")], xfa=True)
    assert note == "an XFA form: what it shows beyond this text is not read"
