"""Signs of any script, written in one way: accents, digits, and scripts without spaces."""

import re
import unicodedata

MARKS = "".join(chr(code) for code in range(0x300, 0x2100) if unicodedata.category(chr(code))[0] == "M")  # accents
# Thai, Lao, Tibetan, Burmese, Khmer, Japanese, Chinese
UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# signs without width, and the mark of a note behind a number: "30¹ days" is not "301 days"
NOT_OF_A_WORD = re.compile("[\xad\u200b\u2060\ufeff]|(?<=\\d)[⁰¹²³⁴-⁹]+")
SIGNS = str.maketrans("٪٬٫", "%,.")


def plain(text: str) -> str:
    """The text with accents composed, digits as 0 to 9, and spaces around each sign of a script that writes none."""
    if text.isascii():
        return text
    text = NOT_OF_A_WORD.sub("", text)
    text = "".join(str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", text))
    return re.sub(f"([{UNSPACED}][{MARKS}]*)", r" \1 ", text.translate(SIGNS))
