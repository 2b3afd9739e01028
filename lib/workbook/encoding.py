"""Bytes of a text file to text: mark, UTF-16 by its zeros, strict UTF-8, UTF-8 and GB18030 line by line, else the likeliest.

Several encodings accept nearly any bytes and make nonsense of them, so they are told apart by how much what comes out
looks like its language (`likeness`). Where two are close the other one is named as a rival and a person looks; where even
the best is not likely, nothing is taken before a person has chosen. A damaged byte becomes U+FFFD in every encoding, as
Excel and WPS show it too: one bad byte must not lock a whole list out.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from lib.errors import SheetRefused
from lib.workbook.likeness import LIKELY, likeness
from lib.workbook.notes import Note, NoteCode, note

#: Encodings a person can choose, and Python's name of what reads each: where there are several, the one of Windows.
_CODECS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}
ENCODINGS = tuple(_CODECS)

#: Other names of them that are understood.
_ALSO = {"gbk": "gb18030", "gb2312": "gb18030", "ascii": "utf-8", "big5hkscs": "big5"}

#: Longer marks first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_CONTROL = re.compile("[\x01-\x08\x0e-\x19\x1b-\x1f]")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")

#: Intact characters beyond ASCII per damaged one, from which on a file is UTF-8 with damage and not something else.
_INTACT_PER_DAMAGED = 20

#: Encodings that are guessed from what they spell, in this order where they read the file equally well.
_GUESSED = ("gb18030", "big5", "utf-8", "shift_jis", "euc-kr", "windows-1252")

#: Lead in likeness from which nobody needs to be asked.
_CLEAR_LEAD = 0.2

#: Likeness below which another reading is not worth a look beside a likely one.
_WORTH_A_LOOK = 0.3

#: A reading that is not likely, with one damaged character among so many, is none.
_TOO_DAMAGED = 4

_SAMPLE_BYTES = 100_000

#: Begins a character of Chinese and of most that is not spoken in Europe.
_OF_THREE_BYTES = re.compile(rb"[\xe0-\xf4]")

#: Bytes that are searched at a time for two characters in UTF-8, and bytes from the first to the second one.
_BLOCK_BYTES = 1 << 22
_PAIR_BYTES = 4

#: Such places that are looked at, and bytes of their line on either side.
_PAIRS_TRIED = 1_000
_LINE_BYTES = 1_000
_LINE_END = re.compile(rb"[\r\n]")

#: Damaged bytes that are looked at one by one.
_MENDED = 100_000

#: Share of zeros from which a text is UTF-16 whatever it spells, or no text at all.
_FAIR_SHARE = 0.1


@dataclass(frozen=True)
class Decoded:
    """The text without its mark, the encoding used, what there is to tell, and the encoding it may be instead.

    unlikely: the text looks like no language that the encoding stands for, so a person has to choose.
    """

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()
    rival: str | None = None
    unlikely: bool = False


def decode(data: bytes, encoding: str | None) -> Decoded:
    """The text of a file; damaged bytes are U+FFFD in it. Raises SheetRefused where no encoding fits, or the named one does not."""
    decoded = _named(data, encoding) if encoding else _detected(data)
    if decoded.text.strip("\0").count("\0") > _FAIR_SHARE * len(decoded.text):
        raise SheetRefused("text_nul")
    if len(_CONTROL.findall(decoded.text[:100_000])) > 0.01 * min(len(decoded.text), 100_000):
        raise SheetRefused("text_binary")
    return decoded


def lenient(data: bytes, encoding: str) -> str:
    """The text as this encoding reads it, U+FFFD for what it cannot read. encoding: one of `ENCODINGS`."""
    codec = _CODECS[encoding]
    text = data.decode(codec, errors="replace")
    if codec in _MENDERS and 0 < text.count("\ufffd") <= _MENDED:
        text = data.decode(codec, errors=_MENDERS[codec])
    return text


def _euro(error: UnicodeError) -> tuple[str, int]:
    """0x80 is the euro sign in code page 936, which GB18030 knows nothing of."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.object[error.start] == 0x80:
        return "€", error.start + 1
    return "\ufffd", error.end


def _hong_kong(error: UnicodeError) -> tuple[str, int]:
    """Characters of Hong Kong, which code page 950 does not have."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    try:
        return pair.decode("big5hkscs"), error.start + len(pair)
    except UnicodeDecodeError:
        return "\ufffd", error.end


_MENDERS = {"gb18030": "contact_desk.euro", "cp950": "contact_desk.hong_kong"}
codecs.register_error("contact_desk.euro", _euro)
codecs.register_error("contact_desk.hong_kong", _hong_kong)


def _named(data: bytes, encoding: str) -> Decoded:
    wanted = encoding.lower()
    name = _ALSO.get(wanted, wanted)
    if name not in _CODECS:
        raise SheetRefused("encoding_unknown", encoding=encoding)
    text = lenient(data, name).removeprefix("\ufeff")
    damaged = text.count("\ufffd")
    if damaged and damaged > sum(char > "\x7f" for char in text[:1_000_000]) - damaged:
        raise SheetRefused("encoding_wrong", encoding=encoding.upper())
    return Decoded(text, encoding)


def _detected(data: bytes) -> Decoded:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], name)
    if b"\0" in data and (found := _utf16(data)):
        return found
    return _eight_bit(data)


def _marked(data: bytes, name: str) -> Decoded:
    if name == "utf-8":
        return _eight_bit(data)
    text = data.decode(name, errors="replace")
    if text.count("\ufffd") * _INTACT_PER_DAMAGED > len(text):
        raise SheetRefused("encoding_wrong", encoding=name.upper())
    return Decoded(text, name)


def _eight_bit(data: bytes) -> Decoded:
    text = _strict(data, "utf-8")
    if text is not None:
        return _by_accident(data) or Decoded(text, "utf-8")
    return _line_by_line(data) or _damaged_utf8(data) or _likeliest(data)


def _by_accident(data: bytes) -> Decoded | None:
    """A name or two in GB18030 whose bytes are also letters of UTF-8: a person looks."""
    if data.isascii() or _OF_THREE_BYTES.search(data):
        return None
    likely = _likeliest(data)
    return (
        replace(likely, rival="utf-8")
        if likely.encoding in ("gb18030", "big5") and not likely.unlikely
        else None
    )


def _damaged_utf8(data: bytes) -> Decoded | None:
    if not _is_mostly_intact(_sample(data).decode("utf-8", errors="replace"), 1):
        return None
    text = data.decode("utf-8", errors="replace")
    return Decoded(text, "utf-8") if _is_mostly_intact(text, _INTACT_PER_DAMAGED) else None


def _is_mostly_intact(text: str, per_damaged: int) -> bool:
    damaged = text.count("\ufffd")
    return sum(char > "\x7f" for char in text[:1_000_000]) - damaged > per_damaged * damaged


def _utf16(data: bytes) -> Decoded | None:
    """UTF-16 where digits, commas and line ends have their zero on one side; a zero or two are damage of another text."""
    looked = data[:4096]
    even, odd = looked[0::2].count(0), looked[1::2].count(0)
    if even + odd >= _FAIR_SHARE * len(looked):
        likely = ["utf-16-le"] if odd > 3 * even else ["utf-16-be"] if even > 3 * odd else []
    else:
        likely = [
            name
            for name in ("utf-16-le", "utf-16-be")
            if likeness(data[:_SAMPLE_BYTES].decode(name, errors="replace"), "utf-8") >= LIKELY
        ]
    for name in likely:
        text = data.decode(name, errors="replace")
        if text.count("\ufffd") * _INTACT_PER_DAMAGED <= len(text):
            return Decoded(text, name, (note(NoteCode.ENCODING_GUESS, encoding=name.upper()),))
    return None


def _line_by_line(data: bytes) -> Decoded | None:
    """UTF-8 and GB18030 glued together, as `copy a.csv+b.csv` does: each line by itself, where both kinds read as Chinese."""
    if not any(map(_is_utf8, _lines_with_pairs(data))):
        return None
    lines, utf8, other = data.splitlines(keepends=True), [], []
    texts = []
    for line in lines:
        text = _strict(line, "utf-8")
        if text is None:
            text = lenient(line, "gb18030")
            other.append(text)
        elif not line.isascii():
            utf8.append(text)
        texts.append(text)
    if likeness("".join(other)[:_SAMPLE_BYTES], "gb18030") < LIKELY:
        return None
    if likeness("".join(utf8)[:_SAMPLE_BYTES], "utf-8") < LIKELY:
        return None
    most, few = ("utf-8", other) if len(utf8) >= len(other) else ("gb18030", utf8)
    return Decoded("".join(texts), most, (note(NoteCode.ENCODINGS_MIXED, count=len(few)),))


def _lines_with_pairs(data: bytes) -> Iterator[bytes]:
    for at in islice(_pairs(data), _PAIRS_TRIED):
        before = _LINE_END.split(data[max(at - _LINE_BYTES, 0) : at])[-1]
        after = _LINE_END.split(data[at : at + _LINE_BYTES])[0]
        yield before + after


def _pairs(data: bytes) -> Iterator[int]:
    """Where a character of three bytes in UTF-8 is followed by the next one; in GB18030 such bytes hardly ever follow each other."""
    for start in range(0, len(data), _BLOCK_BYTES):
        codes = np.frombuffer(data[start : start + _BLOCK_BYTES + _PAIR_BYTES - 1], np.uint8)
        begins, goes_on = (codes >= 0xE3) & (codes <= 0xED), (codes >= 0x80) & (codes <= 0xBF)
        pairs = begins[:-3] & goes_on[1:-2] & goes_on[2:-1] & begins[3:]
        yield from (start + np.flatnonzero(pairs)).tolist()


def _is_utf8(line: bytes) -> bool:
    text = _strict(line, "utf-8")
    return text is not None and likeness(text, "utf-8") >= LIKELY


def _likeliest(data: bytes) -> Decoded:
    """The reading that looks most like its language."""
    beginning = _sample(data)
    readings = {name: lenient(beginning, name) for name in _GUESSED}
    scores = {name: likeness(text, name) for name, text in readings.items()}
    best, other = sorted(_GUESSED, key=scores.__getitem__, reverse=True)[:2]
    unlikely = scores[best] < LIKELY
    text = lenient(data, best)
    if unlikely and text.count("\ufffd") * _TOO_DAMAGED > sum(char > "\x7f" for char in text[:1_000_000]):
        raise SheetRefused("encoding_undetected")
    close = scores[other] > max(scores[best] - _CLEAR_LEAD, _WORTH_A_LOOK)
    if best == "windows-1252" and not close:  # a rare character or two may look like accents
        intact = [name for name in _GUESSED if name != best and "\ufffd" not in readings[name]]
        close, other = bool(intact), max(intact, key=scores.__getitem__, default=other)
    guess = note(NoteCode.ENCODING_GUESS, encoding=best.upper())
    return Decoded(text, best, (guess,), other if close or unlikely else None, unlikely)


def likeliest(data: bytes) -> tuple[str, float, str]:
    """The encoding under which these bytes look most like its language, how much (`likeness`), and the second one."""
    scores = {name: likeness(lenient(data[:_SAMPLE_BYTES], name), name) for name in _GUESSED}
    best, other = sorted(_GUESSED, key=scores.__getitem__, reverse=True)[:2]
    return best, scores[best], other


def _sample(data: bytes) -> bytes:
    """Whole lines, from the first one on that is not plain ASCII."""
    first = _BEYOND_ASCII.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    end = start + _SAMPLE_BYTES
    whole = data.rfind(b"\n", start, end) if end < len(data) else -1
    return data[start : whole if whole > start else end]


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
