"""Text from the clipboard as the bytes of a file: a table as it is, numbers in a row one below the other."""

import re

from lib.contact.person_names import is_chinese_name
from lib.workbook.cell_kinds import HELD, kind_of

#: Stands between numbers that were written in one line; a space only where nothing else does.
_MARKS = re.compile(r"[,，、;；|/\r\n]+")
#: Stands between entries in one line, the clearest first.
_BETWEEN_ENTRIES = tuple(re.compile(rf"[{mark}\r\n]+") for mark in (";；", ",，", "、"))
#: A blank behind a number, in a line of nothing but names and numbers.
_AFTER_NUMBER = re.compile(r"(?<=\d{4})\s{1,9}(?=[^\W\d])")
_WORD = re.compile(r"[^\W\d_]")
_SPACES = re.compile(r"\s+")

#: Share of the pieces that must be phone numbers before a text is taken for a list of them.
_PHONES_SHARE = 0.8

#: A piece of such a list, good or spoilt: digits and what may stand inside a number.
_DIGITS = re.compile(r"[+0-9 ()\-.*]+")


def file_of(text: str) -> bytes:
    """The file to read, as UTF-8. Numbers in a row, which would be one wide contact, become one line each."""
    lines = _list_of_numbers(text.strip()) or _entries_in_a_row(text.strip())
    return ("\n".join(lines) + "\n" if lines else text).encode("utf-8", "replace")


def _entries_in_a_row(text: str) -> list[str]:
    """The entries of a text whose lines hold several, each a name and its number; [] where a piece has less or more."""
    if "\t" in text or '"' in text:
        return []
    for mark in _BETWEEN_ENTRIES:
        pieces = _pieces(text, mark)
        whole = (len(HELD.findall(piece)) == 1 and _WORD.search(HELD.sub("", piece)) for piece in pieces)
        if len(pieces) > len(text.splitlines()) and all(whole):
            return pieces
    pieces = [line for line in _AFTER_NUMBER.sub("\n", text).splitlines() if line.strip()]
    names = [HELD.sub("", piece).strip(" ：:") for piece in pieces]
    if len(pieces) > len(text.splitlines()) and all(map(is_chinese_name, names)):
        return pieces
    return []


def _list_of_numbers(text: str) -> list[str]:
    """The numbers of a text that holds nothing else; [] where it is a table or something else.

    Two columns of numbers are a table: lines that all have the same number of pieces, more than one, stay lines.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if "\t" in text or '"' in text:
        return []
    for separator in (_MARKS, _SPACES):
        counts = {len(_pieces(line, separator)) for line in lines}
        if len(lines) > 1 and counts != {1} and len(counts) == 1:
            return []
        pieces = [piece for line in lines for piece in _pieces(line, separator)]
        phones = sum(kind_of(piece) == "phone" for piece in pieces)
        if all(map(_DIGITS.fullmatch, pieces)) and phones > 1 and phones >= _PHONES_SHARE * len(pieces):
            return pieces
    return []


def _pieces(line: str, separator: re.Pattern[str]) -> list[str]:
    return [piece for piece in map(str.strip, separator.split(line)) if piece]
