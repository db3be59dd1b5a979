"""Text files in any encoding: read rightly, or with a note that says what was guessed or lost, or not at all."""

import pytest

from llm_workbook.corpus import encodings
from llm_workbook.corpus.folder import read_folder

RUSSIAN = "Договор аренды. Срок: 30 дней."
RUSSIAN_LONG = f"{RUSSIAN} Поставщик обязуется передать товар покупателю в течение тридцати дней."
CHINESE = "本合同自双方签字之日起生效，有效期为五年。"
TRADITIONAL = "本合約自雙方簽字之日起生效，有效期為五年。"
JAPANESE = "本契約は、両当事者の署名の日から効力を生じ、三十日前の書面による通知により解約することができる。"
KOREAN = "계약 기간은 5년으로 한다. 당사자는 30일 전에 서면으로 통지하여 해지할 수 있다."
THAI = "สัญญามีผลบังคับใช้ห้าปี ผู้ซื้อจะชำระเงินภายในสามสิบวัน"
GERMAN = "Das Entgelt beträgt 500 €. Die Kündigungsfrist läuft drei Monate; für Schäden haftet der „Verkäufer“."
SPANISH = "El año de garantía empieza después de la entrega; el señor Peña pagará £ 30 al mes según el artículo ñ."
CZECH = "Smlouva se uzavírá na dobu pěti let. Kupující zaplatí kupní cenu do třiceti dnů."
GREEK = "Η σύμβαση ισχύει για πέντε έτη. Ο αγοραστής πληρώνει εντός τριάντα ημερών."
ENGLISH = "The cap is five million euro.\nSecond line."

GUESSED = [
    (RUSSIAN, "cp1251"), (RUSSIAN_LONG, "koi8_r"), (RUSSIAN, "cp866"), (CHINESE, "gb18030"), (TRADITIONAL, "big5"),
    (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp"), (KOREAN, "cp949"), (THAI, "cp874"), (GERMAN, "cp1252"),
    (SPANISH, "cp1252"), (CZECH, "cp1250"), (GREEK, "cp1253"), ("Café", "cp1252"),
    ("question,answer\nWürde?,30 days\n", "cp1252"), ("Fee: £ 5", "cp1252"), ("fee “EUR 5”", "cp1252"),
    ("§ 3 Miete", "cp1252"),
]  # fmt: skip
CERTAIN = [
    *((text, name) for text in (ENGLISH, RUSSIAN, CHINESE) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32")),
    (JAPANESE, "iso2022_jp"),
]


@pytest.mark.parametrize(("text", "name"), GUESSED)
def test_an_encoding_that_is_guessed_is_right_and_noted(text, name):
    assert encodings.decode(text.encode(name))[0] == text
    assert "a guess" in encodings.decode(text.encode(name))[1]


@pytest.mark.parametrize(("text", "name"), CERTAIN)
def test_an_encoding_that_is_certain_needs_no_note(text, name):
    assert encodings.decode(text.encode(name)) == (text, "")


@pytest.mark.parametrize("name", ["utf_16_le", "utf_16_be"])
@pytest.mark.parametrize("text", [ENGLISH, f"{RUSSIAN}\n{RUSSIAN}", f"{CHINESE}\n{CHINESE}"])
def test_utf_16_without_its_mark(text, name):
    assert encodings.decode(text.encode(name))[0] == text


def test_a_bad_byte_does_not_turn_the_rest_into_mojibake():
    text, note = encodings.decode("Café lease. Fee: 5 § 3.\none bad byte: ".encode() + b"\xe9 here")
    assert text == "Café lease. Fee: 5 § 3.\none bad byte: \ufffd here"
    assert note == "1 byte is not UTF-8 (first: 0xe9 in line 2) and is read as \ufffd"


def test_a_file_that_was_cut_off_within_a_letter():
    text, note = encodings.decode("– Договор €".encode()[:-1])
    assert text.startswith("– Договор ") and "not UTF-8" in note


def test_half_an_emoji_and_an_emoji_in_two_halves():
    half, whole = ("\ud83d", "\ud83d\ude00")
    text, note = encodings.decode(f"fee {half} due {whole}".encode("utf-8", "surrogatepass"))
    assert (text, note) == (
        "fee \ufffd due \U0001f600",
        "1 byte is not UTF-8 (first: 0xed in line 1) and is read as \ufffd",
    )


@pytest.mark.parametrize("content", [
    b"GIF89a\0\1 a picture",
    b"EUR 5 p\0 m", b"fee due\0 now or later", bytes(range(256)) * 4,
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0", b"\0\0\0\0\1\2\3\4",
    b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@\0",
])  # fmt: skip
def test_bytes_that_are_no_text_are_refused(content):
    with pytest.raises(ValueError, match="its bytes are not text"):
        encodings.decode(content)


@pytest.mark.parametrize("label", ["iso-8859-1", "ISO_8859-1", "latin1", "us-ascii", "windows-1252", " Latin1 "])
def test_a_western_label_means_windows_1252(label):
    assert encodings.decode("“fee” – € 5".encode("cp1252"), label) == ("“fee” – € 5", "")


@pytest.mark.parametrize(("label", "name", "text"), [
    ("gb2312", "gb18030", CHINESE), ("gb2312", "gb18030", "联通"), ("shift_jis", "cp932", JAPANESE + "①"),
    ("windows-1251", "cp1251", RUSSIAN), ("iso-8859-9", "cp1254", "Sözleşme € 5"), ("big5", "big5", TRADITIONAL),
    ("euc-kr", "cp949", KOREAN), ("utf-8", "utf-8", RUSSIAN), ("utf-16", "utf-8", RUSSIAN),
    ("nonsense", "utf-8", RUSSIAN),
])  # fmt: skip
def test_a_label_is_followed_as_a_browser_does(label, name, text):
    assert encodings.decode(text.encode(name), label) == (text, "")


def test_a_byte_order_mark_comes_before_the_label():
    assert encodings.decode(RUSSIAN.encode("utf-8-sig"), "iso-8859-1") == (RUSSIAN, "")


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1251", "koi8-r", "gbk", "shift_jis", "macintosh"])
def test_a_wrong_label_over_utf_8_is_noted(label):
    text, note = encodings.decode(RUSSIAN.encode(), label)
    assert text == RUSSIAN and f"declares {label}" in note


@pytest.mark.parametrize("label", ["x-user-defined", "replacement", "iso-2022-kr", "hz-gb-2312"])
def test_a_label_that_python_does_not_know_leaves_a_guess(label):
    text, note = encodings.decode(GERMAN.encode("cp1252"), label)
    assert text == GERMAN and "a guess" in note


@pytest.mark.parametrize(("label", "name", "text"), [
    ("gbk", "gb18030", CHINESE), ("euc-kr", "cp949", KOREAN), ("big5", "big5", TRADITIONAL),
    ("iso-8859-1", "cp1252", "café"),
])  # fmt: skip
def test_a_bad_byte_under_a_label_is_noted(label, name, text):
    read, note = encodings.decode(text.encode(name) + b"\n\x81", label)
    assert read == f"{text}\n\ufffd" and "(first: 0x81 in line 2)" in note


@pytest.mark.parametrize(("markup", "label"), [
    ('<meta charset="iso-8859-1">', "iso-8859-1"),
    ("<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=ISO-8859-1'>", "iso-8859-1"),
    ('<?xml version="1.0" encoding="windows-1251"?><html>', "windows-1251"),
    ('<!-- <meta charset="big5"> --><meta charset=latin1>', "latin1"),
    ("<p>charset=big5</p>", ""),
])  # fmt: skip
def test_the_label_of_a_page(markup, label):
    assert encodings.label(markup.encode()) == label


def test_a_guess_stands_in_the_notes_of_the_folder(tmp_path):
    (tmp_path / "ru.txt").write_bytes(RUSSIAN.encode("cp1251"))
    reading = read_folder(tmp_path)
    assert reading.contracts[0].text == RUSSIAN
    assert reading.notes == (("ru.txt", "read as windows-1251, a guess: if its letters are wrong, save it as UTF-8"),)


def test_a_page_in_the_encoding_that_it_declares(tmp_path):
    page = '<meta http-equiv="Content-Type" content="text/html; charset=us-ascii"><p>“fee” – € 5'
    (tmp_path / "a.html").write_bytes(page.encode("cp1252"))
    reading = read_folder(tmp_path)
    assert (reading.contracts[0].text, reading.notes) == ("“fee” – € 5", ())
