"""What programs write around a value, or instead of one: ="00123", _x000D_, #N/A. Taken off alike in every kind of file.

Excel shows such cells without the mark, or as an error; a robot would read the signs out.
"""

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from lib.contact.non_values import SHEET_ERROR
from lib.workbook.columns import TEXT, index_of
from lib.workbook.notes import Note, NoteCode, note

#: ="…", which exports write so that Excel keeps the zeros; with another quote inside it is a formula and stays.
_PROOFED = r'^\s*="([^"]*)"\s*$'
_PROOFED_CELL = re.compile(_PROOFED)

_ERROR = rf"(?i)^\s*(?:{SHEET_ERROR})\s*$"

#: A character beyond printable ASCII as the XML of workbooks and of SQL Server escapes it.
_ESCAPE = "_x(00[01][0-9A-Fa-f]|007[fF]|00[89A-Fa-f][0-9A-Fa-f]|0[1-9A-Fa-f][0-9A-Fa-f]{2}|[1-9A-Fa-f][0-9A-Fa-f]{3})_"
_ESCAPED = re.compile(_ESCAPE)
_ESCAPED_LINE_END = re.compile("(?:_x000[dD]_)?(?:\r?\n|_x000[aA]_)|_x000[dD]_")


class _Told:
    """How many cells, and the first of them, row by row."""

    def __init__(self, code: NoteCode, notes: Iterable[Note] = ()) -> None:
        """notes: told before; one of this code is gone on with."""
        self.code = code
        before = next((one for one in notes if one.code == code), None)
        self.count = before.params["count"] if before else 0
        self.first = _place(before.params["cell"]) if before else None

    def add(self, table: pa.Table, column: str, mask: pa.ChunkedArray) -> None:
        """The cells of one column."""
        self.count += pc.sum(mask).as_py()
        row = table.column(0)[pc.index(mask, True).as_py()].as_py()
        place = _place(f"{column}{row}")
        self.first = min(self.first, place) if self.first else place

    def notes(self) -> list[Note]:
        """One note, none where there was no such cell."""
        return [note(self.code, count=self.count, cell=self.first[2])] if self.first else []


def bare(cell: str) -> str:
    """One cell without ="…" around it."""
    proofed = _PROOFED_CELL.match(cell) if '="' in cell else None
    return proofed[1] if proofed else cell


def without_marks(table: pa.Table, notes: Iterable[Note]) -> tuple[pa.Table, list[Note]]:
    """The table without them, and the notes with what there is to tell of it; an error leaves an empty cell.

    table: `row`, then text columns named by letters. notes: what was told so far.
    """
    marks, errors = _Told(NoteCode.MARKS_REMOVED), _Told(NoteCode.ERROR_CELLS, notes)
    for at, name in enumerate(table.column_names[1:], start=1):
        column = before = table.column(at)
        if (mask := _matching(column, '="', _PROOFED)) is not None:
            marks.add(table, name, mask)
            column = pc.replace_substring_regex(column, _PROOFED, r"\1")
        if (mask := _matching(column, "_x", _ESCAPE)) is not None:
            marks.add(table, name, mask)
            texts = pa.array(map(_unescaped, column.filter(mask).to_pylist()), TEXT)
            column = pc.replace_with_mask(column.combine_chunks(), mask.combine_chunks(), texts)
        if (mask := _matching(column, "#", _ERROR)) is not None:
            errors.add(table, name, mask)
            column = pc.if_else(mask, "", column)
        if column is not before:
            table = table.set_column(at, name, column.cast(TEXT))
    others = [one for one in notes if one.code != errors.code]
    return table, [*others, *marks.notes(), *errors.notes()]


def first_place(table: pa.Table, sign: str) -> str:
    """The first cell, row by row, in which this sign stands; "" where it stands in none."""
    told = _Told(NoteCode.DAMAGED_CHARACTERS)
    for at, name in enumerate(table.column_names[1:], start=1):
        mask = pc.match_substring(table.column(at), sign)
        if _any(mask):
            told.add(table, name, mask)
    return told.first[2] if told.first else ""


def _place(cell: str) -> tuple[int, int, str]:
    """A cell such as C5 as it is ordered: row, column."""
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]), index_of(letters), cell


def _matching(column: pa.ChunkedArray, sign: str, pattern: str) -> pa.ChunkedArray | None:
    """Which cells match; None where none does. sign: what each of them surely contains."""
    if not _any(pc.match_substring(column, sign)):
        return None
    mask = pc.match_substring_regex(column, pattern)
    return mask if _any(mask) else None


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())


def _unescaped(text: str) -> str:
    text = _ESCAPED_LINE_END.sub("\n", text)
    text = _ESCAPED.sub(lambda found: _character(int(found[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(code: int) -> str:
    return "" if code < 0x20 and code != 0x09 or 0x7F <= code < 0xA0 else chr(code)
