"""Bytes of a text file to text: BOM, strict UTF-8, UTF-16 without BOM, then GB18030 or Big5; else only when named.

GB18030 accepts nearly every Big5 text and makes nonsense of it, so the two are told apart by how common the characters
are that come out. Where both are plausible the other one is named as a rival, and a person looks.
"""

import codecs
import re
from dataclasses import dataclass
from functools import cache

from lib.errors import SheetRefused
from lib.workbook.notes import Note, NoteCode, note

#: Encodings a person can choose.
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be")

#: Longer marks first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_CONTROL = re.compile("[\x01-\x08\x0e-\x19\x1b-\x1f]")

#: Intact characters beyond ASCII per damaged one, from which on a file is UTF-8 with damage and not something else.
_INTACT_PER_DAMAGED = 20


#: In this order where both read the file equally well.
_CHINESE = ("gb18030", "big5")

#: Lead in the share of common characters from which nobody needs to be asked. Of 6,000 made-up lists of one to fifty
#: names, three were read wrongly without a question (two characters that are also valid UTF-8).
_CLEAR_LEAD = 0.25

_SAMPLE_BYTES = 200_000
_PUNCTUATION = frozenset(
    "，。、；：？！“”‘’（）【】《》—…·￥　－～" + "".join(map(chr, range(0xFF10, 0xFF5B)))
)


@dataclass(frozen=True)
class Decoded:
    """The text without its mark, the encoding used, what there is to tell, and the encoding it may be instead."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()
    rival: str | None = None


def decode(data: bytes, encoding: str | None) -> Decoded:
    """The text of a file. Raises SheetRefused where no encoding fits, or the named one does not."""
    decoded = _named(data, encoding) if encoding else _detected(data)
    if "\0" in decoded.text:
        raise SheetRefused("text_nul")
    if len(_CONTROL.findall(decoded.text[:100_000])) > 0.01 * min(len(decoded.text), 100_000):
        raise SheetRefused("text_binary")
    return decoded


def _named(data: bytes, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        if name not in {codecs.lookup(known).name for known in ENCODINGS} | {
            "gbk",
            "gb2312",
            "ascii",
            "big5hkscs",
        }:
            raise SheetRefused("encoding_unknown", encoding=encoding)
        text = data.decode(name)
    except LookupError as reason:
        raise SheetRefused("encoding_unknown", encoding=encoding) from reason
    except UnicodeError as reason:
        raise SheetRefused("encoding_wrong", encoding=encoding.upper()) from reason
    return Decoded(text.removeprefix("\ufeff"), encoding)


def _detected(data: bytes) -> Decoded:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], name)
    if b"\0" in data:
        return _utf16_by_pattern(data)
    text = _strict(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    lenient = data.decode("utf-8", errors="replace")
    damaged = lenient.count("\ufffd")
    intact = sum(1 for char in lenient[:1_000_000] if char > "\x7f") - damaged
    if intact > _INTACT_PER_DAMAGED * damaged:
        return Decoded(lenient, "utf-8", (note(NoteCode.DAMAGED_CHARACTERS, count=damaged),))
    likeness = {name: _likeness(data, name) for name in _CHINESE}
    for name in sorted(_CHINESE, key=likeness.__getitem__, reverse=True):
        if (text := _strict(data, name)) is not None:
            other = _CHINESE[1 - _CHINESE.index(name)]
            close = likeness[other] > likeness[name] - _CLEAR_LEAD and _strict(data, other) is not None
            guess = note(NoteCode.ENCODING_GUESS, encoding=name.upper())
            return Decoded(text, name, (guess,), other if close else None)
    raise SheetRefused("encoding_undetected")


def _marked(data: bytes, name: str) -> Decoded:
    text = _strict(data, name)
    if text is not None:
        return Decoded(text, name)
    if name != "utf-8":
        raise SheetRefused("encoding_wrong", encoding=name.upper())
    lenient = data.decode(name, errors="replace")
    return Decoded(lenient, name, (note(NoteCode.DAMAGED_CHARACTERS, count=lenient.count("\ufffd")),))


def _utf16_by_pattern(data: bytes) -> Decoded:
    # digits, commas and line ends have their NUL on one side only
    even, odd = data[0:4096:2].count(0), data[1:4096:2].count(0)
    name = "utf-16-le" if odd > 3 * even else "utf-16-be" if even > 3 * odd else None
    text = _strict(data, name) if name else None
    if name is None or text is None:
        raise SheetRefused("text_nul")
    return Decoded(text, name, (note(NoteCode.ENCODING_GUESS, encoding=name.upper()),))


def _likeness(data: bytes, encoding: str) -> float:
    """Share of common characters among those beyond ASCII, as this encoding reads the beginning of the file."""
    beginning = data[:_SAMPLE_BYTES].decode(encoding, errors="replace")
    beyond = [char for char in beginning if char > "\x7f"]
    return sum(_is_common(char) for char in beyond) / len(beyond) if beyond else 1.0


@cache
def _is_common(char: str) -> bool:
    """Whether a character is among the frequent ones of GB2312 or Big5, which both keep in their first rows."""
    if char in _PUNCTUATION:
        return True
    for name, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if first <= char.encode(name)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
