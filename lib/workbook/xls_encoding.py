"""In which encoding the texts of an old .xls are: BIFF 7 (Excel 95) and before keep them in bytes. Parsing process only.

Report writers leave the record of the code page out, or write 1252 whatever they write; then the fonts say which script
it is, or the texts themselves do. What the file says is believed as long as what comes out looks like its language.
"""

import codecs
from typing import Any, NamedTuple

from lib.errors import SheetRefused
from lib.workbook.encoding import ENCODINGS, lenient, likeliest
from lib.workbook.likeness import LIKELY, likeness

#: The newest version of BIFF that keeps texts in bytes is below this.
UNICODE_BIFF = 80

#: Opens any file, and gives each byte as the character of its number.
BYTES = "iso-8859-1"

_BY_CODE_PAGE = {
    936: "gb18030",
    54936: "gb18030",
    950: "big5",
    932: "shift_jis",
    949: "euc-kr",
    1361: "euc-kr",
    1252: "windows-1252",
    32769: "windows-1252",
    65001: "utf-8",
}

#: By the character set that Windows keeps with a font.
_BY_FONT = {
    128: "shift_jis",
    129: "euc-kr",
    134: "gb18030",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}

_SAMPLE_BYTES = 100_000
_TOLERANT = "tolerant_"


class OfTexts(NamedTuple):
    """encoding: of the texts, "" where they are in Unicode. is_guess: it is not the file's own word. rival: what they may be
    in instead, where this reading looks like no language either, so that a person has to choose.
    """

    encoding: str = ""
    is_guess: bool = False
    rival: str = ""


def encoding_of(book: Any) -> OfTexts:
    """What the texts are in. book: of xlrd, opened with `BYTES`."""
    sample = _sample(book)
    declared = _declared(book)
    if sample.isascii():
        return OfTexts(declared or "windows-1252")
    best, score, other = likeliest(sample)
    if declared and (declared == best or _fits(sample, declared, score)):
        return OfTexts(declared)
    fonts = {_BY_FONT[font.character_set] for font in book.font_list if font.character_set in _BY_FONT}
    of_fonts = [name for name in fonts if "\ufffd" not in _read(sample, name)]
    if len(of_fonts) == 1 and _fits(sample, of_fonts[0], score):
        return OfTexts(of_fonts[0], is_guess=True)
    if score >= LIKELY:
        return OfTexts(best, is_guess=True)
    taken = declared or best
    return OfTexts(taken, is_guess=True, rival=best if taken != best else other)


def known(encoding: str) -> str:
    """The encoding a person names. Raises SheetRefused where it is none in which bytes are letters."""
    try:
        codecs.lookup(encoding)
    except LookupError as reason:
        raise SheetRefused("encoding_unknown", encoding=encoding) from reason
    if encoding.startswith("utf-16"):  # two bytes a letter: such texts are told by the version of the file
        raise SheetRefused("encoding_wrong", encoding=encoding.upper())
    return encoding


def spellings(data: bytes) -> set[str]:
    """What each encoding makes of these bytes."""
    return {_read(data, name) for name in (*ENCODINGS, *_BY_FONT.values()) if not name.startswith("utf-16")}


def _fits(sample: bytes, encoding: str, best: float) -> bool:
    """Whether this reading can be believed beside one that looks so much like its language."""
    if encoding in ENCODINGS:
        return likeness(lenient(sample, encoding), encoding) >= min(LIKELY, best)
    return best < LIKELY


def _declared(book: Any) -> str | None:
    page = book.codepage
    if page in _BY_CODE_PAGE:
        return _BY_CODE_PAGE[page]
    try:
        return codecs.lookup(f"cp{page}").name if page else None
    except LookupError:
        return None


def sheet_names(book: Any) -> list[bytes]:
    """The names of the worksheets as they stand. book: as for `encoding_of`."""
    return [name.encode(BYTES, "replace") for name in book.sheet_names()]


def _sample(book: Any) -> bytes:
    """What stands in the names of the worksheets and in the cells of the first ones."""
    found = sheet_names(book)
    size = 0
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        for row in range(sheet.nrows):
            for value in sheet.row_values(row):
                if isinstance(value, str) and not value.isascii():
                    found.append(value.encode(BYTES, "replace"))
                    size += len(value)
            if size > _SAMPLE_BYTES:
                return b"\n".join(found)
        book.unload_sheet(index)
    return b"\n".join(found)


def _read(data: bytes, encoding: str) -> str:
    """These bytes in an encoding of `encoding_of`, U+FFFD for what it cannot read."""
    return lenient(data, encoding) if encoding in ENCODINGS else data.decode(encoding, errors="replace")


def tolerant(encoding: str) -> str:
    """The name of a codec that reads this encoding and never raises, for xlrd, which knows no other way."""
    return _TOLERANT + encoding.replace("-", "_")


def _find(name: str) -> codecs.CodecInfo | None:
    if not name.startswith(_TOLERANT):
        return None
    wanted = name.removeprefix(_TOLERANT)
    encoding = next((known for known in ENCODINGS if known.replace("-", "_") == wanted), wanted)
    return codecs.CodecInfo(
        codecs.lookup(BYTES).encode,
        lambda data, errors="strict": (_read(bytes(data), encoding), len(data)),
        name=name,
    )


codecs.register(_find)
