"""The characters of web pages, XML tables and phone books. Parsing process only.

Such a file says what it is written in, or should. Where it says nothing, or something its own bytes contradict, it is
UTF-8 if it can be, and else GB18030, as a Chinese Excel would take it.
"""

import codecs
import re
from dataclasses import dataclass

import pyarrow as pa

from lib.workbook.marks import first_place
from lib.workbook.notes import NoteCode

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: What a file may say, by Python's names; others are not believed, since some of them take very long or are no characters at all.
_KNOWN = frozenset(
    ("utf-8", "ascii", "gb18030", "gbk", "gb2312", "hz", "big5", "big5hkscs", "cp950", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949",
     "iso8859-1", "cp1252", "iso8859-15", "cp1251", "koi8-r", "cp874", "cp1258")
)  # fmt: skip

#: Read by the wider set that writers mean when they name the narrower one.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
}

#: Of these a short text may be valid UTF-8 by chance, but not one with a Chinese character in it.
_TWO_BYTES = frozenset(("gb18030", "hz", "big5", "big5hkscs", "cp950", "cp932", "euc_jp", "cp949"))

#: A text with one of these is in Chinese.
CHINESE = re.compile("[\u3400-\u9fff]")

_FALLBACK = "gb18030"
_CHINESE_FROM = "\u2e80"


@dataclass(frozen=True)
class Characters:
    """A text without its order mark. guess: the encoding that was taken although nothing says so. damaged: how many characters are lost."""

    text: str
    guess: str | None = None
    damaged: int = 0

    def notes(self, table: pa.Table) -> list[tuple[str, dict[str, int | str]]]:
        """What there is to tell about it and the table it holds: codes and params. Damage outside of the cells is nobody's loss."""
        found: list[tuple[str, dict[str, int | str]]] = []
        if self.guess:
            found.append((NoteCode.CHARSET_GUESS, {"encoding": self.guess.upper()}))
        if self.damaged and (cell := first_place(table, "\ufffd")):
            found.append((NoteCode.DAMAGED_CHARACTERS, {"count": self.damaged, "cell": cell}))
        return found


def characters(data: bytes, said: str) -> Characters:
    """The text of these bytes. said: the name of the encoding that the file gives, "" for none."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], name)
    if b"\0" in data[:2]:  # UTF-16 without its mark: what begins with "<" or a letter has its NUL on one side
        return _lenient(data, "utf-16-be" if data[:1] == b"\0" else "utf-16-le")
    named = encoding_of(said)
    unicode = _strict(data, "utf-8")
    if unicode is not None and (named not in _TWO_BYTES or max(unicode, default="") >= _CHINESE_FROM):
        return Characters(unicode)
    for name in filter(None, (named, _FALLBACK)):
        if (text := _strict(data, name)) is not None:
            return Characters(text, None if name == named else name)
    return _lenient(data, named or _FALLBACK, None if named else _FALLBACK)


def encoding_of(said: str) -> str | None:
    """Python's name of the encoding that a file names, None for one that is not known or not believed."""
    try:
        name = codecs.lookup(said.strip()).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name) if name in _KNOWN else None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _lenient(data: bytes, name: str, guess: str | None = None) -> Characters:
    text = data.decode(name, errors="replace")
    return Characters(text, guess, text.count("\ufffd"))
