"""Which worksheet of a workbook is the list: the first one with people's numbers, not a summary or a page of instructions.

A workbook whose first sheet is a list is parsed once; each further sheet that has to be looked at is one more parsing.
"""

import re
from contextlib import suppress
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.sheet.header_place import cells_of, place_header
from lib.workbook.cell_kinds import BARE
from lib.workbook.notes import Note, NoteCode, note
from lib.workbook.reader import Book, read_book

#: Worksheets that are looked at after the first.
MAX_LOOKED_AT = 8

#: Rows by which a sheet is judged.
_JUDGED_ROWS = 1_000

#: Names of sheets that explain: the example on them is nobody to call.
_EXPLAINS = re.compile(
    r"说明|須知|须知|示例|样例|范例|指南|readme|instruction|example|how to",
    re.IGNORECASE,
)

#: A column of such a name holds numbers, if its cells look like it: digits, or the one long word of an encrypted number.
_NAMES_PHONES = re.compile(r"手机|手機|电话|電話|联系方式|号码|phone|mobile|\btel", re.IGNORECASE)
_NAME_CHARACTERS = 30
_LIKE_A_NUMBER = r"\d{3}[\d*\s-]{2}|^\s*[A-Za-z0-9+/=_-]{16,200}\s*$"


def read_list(data: bytes, wanted: str | None, person: str, encoding: str | None) -> Book:
    """The worksheet of this name, or the first visible one that is a list; without one the first visible one with rows.

    Hidden sheets are looked at only where nothing stands on the visible ones. Raises SheetRefused.

    data: the workbook
    wanted: name of the worksheet, which is read whatever it holds; None to look for a list
    person, encoding: as for `read_book`
    """
    first = read_book(data, wanted, person, encoding)
    if wanted is not None or len(first.sheets) == 1 or _is_list(first):
        return first
    if not first.table.num_rows:
        hidden = _of_hidden(data, first, person, encoding)
        return first if hidden is None else hidden
    after = first.visible[first.visible.index(first.sheet) + 1 :] if first.sheet in first.visible else ()
    passed = [first.sheet]
    for name in after[:MAX_LOOKED_AT]:
        with suppress(SheetRefused):  # a sheet that nobody asked for refuses nothing
            book = read_book(data, name, person, encoding)
            if _is_list(book):
                return _passing_over(book, passed)
            passed += [name] if book.table.num_rows else []
    return first


def _of_hidden(data: bytes, empty: Book, person: str, encoding: str | None) -> Book | None:
    """The first hidden sheet that is a list, or at least has rows."""
    best: Book | None = None
    for name in [name for name in empty.sheets if name not in empty.visible][:MAX_LOOKED_AT]:
        with suppress(SheetRefused):
            book = read_book(data, name, person, encoding)
            if book.table.num_rows and (best is None or _is_list(book)):
                best = book
                if _is_list(book):
                    break
    if best is None:
        return None
    told = [one for one in best.notes if one.code != NoteCode.MORE_SHEETS]
    return replace(best, notes=(*told, note(NoteCode.HIDDEN_SHEET_READ, sheet=best.sheet)))


def _passing_over(book: Book, passed: list[str]) -> Book:
    """The notes of the book, with what was passed over on the way to its sheet."""
    told: list[Note] = []
    for one in book.notes:
        if one.code == NoteCode.MORE_SHEETS:
            left = one.params["count"] - len(passed)
            if left <= 0:
                continue
            one = note(one.code, **one.params | {"count": left})
        told.append(one)
    over = note(
        NoteCode.SHEETS_PASSED_OVER,
        count=len(passed),
        first=passed[0],
        sheet=book.sheet,
    )
    return replace(book, notes=(*told, over))


def explains(name: str) -> bool:
    """Whether a sheet of this name says how to fill in the others."""
    return bool(_EXPLAINS.search(name))


def _is_list(book: Book) -> bool:
    """Whether numbers of people stand below each other in a column, or below a name that says so."""
    table = book.table.slice(0, _JUDGED_ROWS)
    if not table.num_rows or explains(book.sheet):
        return False
    return any(map(_are_numbers, table.columns[1:])) or _has_numbers_below_name(table)


def _are_numbers(column: pa.ChunkedArray) -> bool:
    numbers = _count(pc.match_substring_regex(column, BARE))
    return numbers > 1 and numbers * 2 >= _count(pc.not_equal(column, ""))


def _has_numbers_below_name(table: pa.Table) -> bool:
    header = place_header(table, (), None, 1)
    if header is None:
        return False
    for at, name in enumerate(cells_of(table, header.last), 1):
        if len(name) <= _NAME_CHARACTERS and _NAMES_PHONES.search(name):
            below = table.column(at).slice(header.last + 1)
            if _count(pc.match_substring_regex(below, _LIKE_A_NUMBER)) * 2 > _count(pc.not_equal(below, "")):
                return True
    return False


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)
