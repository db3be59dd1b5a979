"""The bytes of a text file as text, in whatever encoding they are, with a note where something was guessed or lost."""

import codecs
import re

MARKS = {  # the longer ones first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
# Python's codecs of these names know fewer signs than the encodings that browsers use for them
WIDER = {"gbk": "gb18030", "euc-kr": "cp949", "shift_jis": "cp932", "big5": "big5hkscs"}
# What people's files are in. Among all of Python's codecs, a guess from a short text would be worse
WESTERN = ["cp1252", "cp1250", "cp1254"]
EASTERN = [
    "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp874", "gb18030", "big5", "cp932", "euc_jp", "cp949",
]  # fmt: skip
NO_TEXT = "its bytes are not text in UTF-8, UTF-16 or a known older encoding"


def decode(content: bytes, label: str = "") -> tuple[str, str]:
    """(text, note): the note says what was guessed or lost, and is empty when nothing was.

    label: the encoding that a web page declares; it is understood as browsers do (WHATWG: "iso-8859-1" means
    windows-1252), and a byte order mark comes first. Raises: ValueError when the bytes are no text.
    """
    text, note = _decode(content, label)
    if re.search(r"[\0-\x06\x0e-\x1a]", text):
        raise ValueError(NO_TEXT)
    return text, note


def label(page: bytes) -> str:
    """The encoding that a web page declares in its first bytes, in a meta or XML declaration; "" without one."""
    head = re.sub(rb"<!--.*?(-->|$)", b"", page[:4096], flags=re.S)
    found = re.search(rb"""(?i)(?:<meta\s[^>]*charset|^\s*<\?xml\s[^>]*encoding)\s*=\s*["']?\s*([\w.:-]+)""", head)
    return found[1].decode("ascii", "replace").lower() if found else ""


def _decode(content: bytes, label: str) -> tuple[str, str]:
    if mark := next((name for mark, name in MARKS.items() if content.startswith(mark)), ""):
        return _noted(content, mark)
    declared = _codec(label)
    is_utf_8 = not content.isascii() and _strictly(content, "utf-8") is not None
    if declared not in ("", "utf-8", "cp1252") and not is_utf_8 and (text := _strictly(content, declared)) is not None:
        return text, ""
    if (text := _strictly(content, "iso2022_jp" if b"\x1b$" in content else "utf-8")) is not None and "\0" not in text:
        wrong = declared not in ("", "utf-8") and not text.isascii()
        return text, f"its page declares {label}, but its bytes are UTF-8: read as UTF-8" if wrong else ""
    if b"\0" in content and declared != "cp1252":
        return _wide(content)
    text, note = _noted(content, declared or "utf-8")
    letters = sum(not sign.isascii() for sign in text)
    sure = declared == "cp1252" or letters >= 2 * text.count("\ufffd")
    return (text, note) if sure else _guess(content)


def _codec(label: str) -> str:
    """Python's codec for the label of a page; "" for no or an unknown one."""
    from webencodings import lookup

    known = lookup(label)
    name = known.codec_info.name if known else ""
    if name in ("x-user-defined", "replacement"):  # of browsers alone; no page of text is in them
        return ""
    return "utf-8" if name.startswith("utf-16") else WIDER.get(name, name)  # a meta in ASCII cannot be UTF-16


def _strictly(content: bytes, codec: str, errors: str = "strict") -> str | None:
    try:
        return content.decode(codec, errors)
    except UnicodeDecodeError:
        return None


def _noted(content: bytes, codec: str) -> tuple[str, str]:
    """The text with U+FFFD for each byte that is no text, and a note that counts them and names the first."""
    try:
        return content.decode(codec), ""
    except UnicodeDecodeError as error:
        text, first = content.decode(codec, "replace"), content[error.start]
    if codec == "utf-8" and (halves := _strictly(content, codec, "surrogatepass")):  # of an emoji: put together
        text = halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    count, line = text.count("\ufffd"), text.partition("\ufffd")[0].count("\n") + 1
    said = "1 byte is" if count == 1 else f"{count} bytes are"
    name = codec.removesuffix("-sig").upper()
    return text, f"{said} not {name} (first: 0x{first:02x} in line {line}) and {said.split()[-1]} read as \ufffd"


def _wide(content: bytes) -> tuple[str, str]:
    """UTF-16 without its mark: in the right order of bytes there are spaces, line ends or digits, as in every text."""
    texts = [text for name in ("utf-16-le", "utf-16-be") if (text := _strictly(content, name)) is not None]
    text = max(texts, key=lambda text: sum(map(str.isascii, text)), default="")
    plain = re.fullmatch(rb"[\0\t\n\f\r -~]*", content) is not None  # in its UTF-16 every second byte is 0
    stray = plain and 3 * content.count(0) < len(content)
    if stray or not any(map(str.isascii, text)) or not all(sign.isprintable() or sign.isspace() for sign in text):
        raise ValueError(NO_TEXT)
    return text, "read as UTF-16, a guess: if its letters are wrong, save it as UTF-8"


def _guess(content: bytes) -> tuple[str, str]:
    """The text in the likeliest old encoding; single accents among plain letters are Western, in doubt windows-1252."""
    from charset_normalizer import from_bytes

    few = not re.search(rb"[\x80-\xff]{3}", content)
    found = (few and from_bytes(content, cp_isolation=WESTERN)) or from_bytes(content, cp_isolation=WESTERN + EASTERN)
    best = found.best()
    likely = {name for one in found if best and one.coherence >= best.coherence for name in one.could_be_from_charset}
    codec = "cp1252" if few and (best is None or "cp1252" in likely) else best.encoding if best else "ascii"
    if (text := _strictly(content, codec)) is None:
        raise ValueError(NO_TEXT)
    name = re.sub(r"^cp(?=125\d|874)", "windows-", codec)
    return text, f"read as {name}, a guess: if its letters are wrong, save it as UTF-8"
