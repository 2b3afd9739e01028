"""Texts that are no values: what programs and people write where there is nothing, and texts that were read in a wrong encoding.

What is certain is told apart from what may be somebody's name: a program writes null, NULL, None or NaN, while Null is a
family name, Nan and Na are given names, and NA is a country as well.
"""

import re

#: How people write "nothing here" in an optional cell; lower case.
PLACEHOLDERS = frozenset(
    ("无", "暂无", "没有", "-", "--", "—", "——", "/", "n/a", "na", "null", "none", "nil")
)

#: How programs write it, as they spell it.
_WORDS = (
    "null",
    "NULL",
    "nan",
    "NaN",
    "NAN",
    "none",
    "None",
    "NONE",
    "nil",
    "NIL",
    "undefined",
    "UNDEFINED",
    "N/A",
    "n/a",
    "N/a",
)
_BY_PROGRAMS = frozenset(
    (*_WORDS, "-nan", "NaT", "\\N", "<NA>", "(空)", "（空）", "(空白)", "（空白）", "(blank)", "{null}")
    + tuple(f"{left}{word}{right}" for left, right in ("<>", "()", "[]") for word in _WORDS)
)
_BY_PROGRAMS_LOWER = frozenset(text.lower() for text in _BY_PROGRAMS)

#: Errors of Excel and LibreOffice, exported as texts; without regard to case.
SHEET_ERROR = (
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|EXTERNAL!|PYTHON!|GETTING_DATA)"
    r"|Err:5[0-9]{2}"
)
_SHEET_ERROR = re.compile(SHEET_ERROR, re.IGNORECASE)

#: What may be nothing or may be meant: a name, a country, characters that a program could not write.
_DOUBTFUL = frozenset(("Null", "NULL.", "NA", "na", "Undefined"))
#: What somebody calls himself in a chat or a form: nobody's name.
_SELVES = ("我", "本人", "自己", "我自己")
_LOST = re.compile(r"[?？]{2,}|#{2,}")

#: Marks of text in front of digits: Excel hides the first one, exports write the others.
LEADING_MARKS = "'’‘`´"
_MARKED_DIGITS = re.compile(rf"\A[{LEADING_MARKS}]+(?=\+?[0-9][0-9 ()./-]*\Z)")

#: Three replacement characters in UTF-8, read as GB18030.
BROKEN = "锟斤拷"

_WINDOWS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_WESTERN_RUN = re.compile(f"[\x80-\xff{_WINDOWS}]{{2,}}")
_WESTERN_PAIR = f"[\xc2-\xf4][\x80-\xbf{_WINDOWS}]"


def _pairs(first: range, second: range) -> str:
    """The characters that GBK spells with such bytes."""
    codes = (bytes((one, other)) for one in first for other in second if other != 0x7F)
    return "".join(code.decode("gbk", errors="ignore") for code in codes)


#: The first two characters that a Chinese one and the beginning of another become where UTF-8 is read as GB18030.
_CHINESE_PAIR = (
    f"[{_pairs(range(0xE4, 0xEA), range(0x80, 0xC0))}][{_pairs(range(0x81, 0xC0), range(0xE4, 0xEA))}]"
)

_MISREAD = re.compile(f"{_WESTERN_PAIR}|{_CHINESE_PAIR}")

#: Every text that a judge may find to be no value, or not the one it should be, holds this; RE2, to be searched for.
SUSPECT = "|".join(
    (
        f"^[{LEADING_MARKS}]+[+]?[0-9]",
        f"^(?i:{'|'.join(map(re.escape, sorted({*PLACEHOLDERS, *_BY_PROGRAMS_LOWER, *map(str.lower, _DOUBTFUL)})))})$",
        f"^(?i:{SHEET_ERROR})$",
        f"^(?:{_LOST.pattern})$",
        f"^(?:{'|'.join(_SELVES)})$",
        BROKEN,
        _WESTERN_PAIR,
        _CHINESE_PAIR,
    )
)


def is_nothing(text: str) -> bool:
    """Whether an optional field that holds no free text is empty: a word of people or of programs, in any case."""
    lower = text.lower()
    return lower in PLACEHOLDERS or lower in _BY_PROGRAMS_LOWER or bool(_SHEET_ERROR.fullmatch(text))


def is_written_by_program(text: str) -> bool:
    """Whether a program wrote this in place of a value; nobody is called so."""
    return text in _BY_PROGRAMS or bool(_SHEET_ERROR.fullmatch(text))


def is_peoples_word(text: str) -> bool:
    """Whether people mean nothing by this; a word with one capital letter may be a name."""
    return text.lower() in PLACEHOLDERS and not text.istitle()


def is_self(text: str) -> bool:
    """Whether it says no name but that it is the speaker's own."""
    return text in _SELVES


def may_be_nothing(text: str) -> bool:
    """Whether this may stand for nothing, and may be meant."""
    return text in _DOUBTFUL or bool(_LOST.fullmatch(text))


def without_marks(text: str) -> str:
    """'00123 or `00123 as 00123; a mark in front of anything but digits stays."""
    return _MARKED_DIGITS.sub("", text)


def misread(text: str) -> str:
    """What a text was before its UTF-8 was read as Windows-1252 or as GB18030, once or more; "" where it was not."""
    before = text
    while not before.isascii() and _MISREAD.search(before):
        once = _as_chinese(before) or _WESTERN_RUN.sub(_as_western, before)
        if once == before:
            break
        before = once
    return before if before != text and before.isprintable() else ""


def _as_western(run: re.Match[str]) -> str:
    codes = b"".join(char.encode("cp1252" if char in _WINDOWS else "latin-1") for char in run[0])
    try:
        return codes.decode("utf-8")
    except UnicodeDecodeError:
        return run[0]


def _as_chinese(text: str) -> str:
    try:
        read = text.encode("gb18030").decode("utf-8")
        chinese = [char for char in read if char > "\x7f"]
        everyday = all(0xA1 <= char.encode("gb2312")[0] <= 0xD7 for char in chinese)
    except UnicodeError:
        return ""
    return read if len(chinese) > 1 and everyday else ""
