"""Several worksheets of a workbook with the same columns, read as one list because a person wants them so.

Each is read as it is when it is read alone: its own header, wherever that stands, its own hidden rows and total lines.
Columns are the same by their names, in whatever order they stand: nobody who copies a worksheet for the next city minds
their places, and a name says what a place does not. A column that only one worksheet has is empty in the others.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.contact.masking import mask_seen
from lib.errors import SheetRefused
from lib.sheet.row_numbers import MOST_SHEETS, row_of_sheet
from lib.sheet.table import How, Part, Sheet, in_order, sheet_of
from lib.sheet.worksheet import explains
from lib.workbook.limits import EXCEL_ROWS, MAX_ROWS
from lib.workbook.notes import Note, NoteCode, note
from lib.workbook.reader import read_books

#: What a note of a list of several worksheets says in addition: the names of those it is about.
WORKSHEETS = "worksheets"

#: Worksheets named in one sentence.
NAMED = 5

#: Said of the workbook, whichever of its worksheets is read.
_OF_BOOK = (NoteCode.HIDDEN_SHEETS, NoteCode.MACROS_IGNORED)

#: What a column without a name is called: a stray remark beside a list makes it no other list.
_LETTERS = re.compile(r"[A-Z]{1,3}")

#: Names of worksheets with people who should perhaps not be called: such a one is read when a person chooses it.
_NOT_TO_CALL = re.compile(
    r"黑名单|黑名單|勿[扰擾打拨]|[不免]要?[打拨扰擾]|禁[呼拨打]|退订|退訂|作废|作廢|无效|停用|已[拨打完删退]|回收"
    r"|black ?list|do.?not.?call|\bdnc\b|opt.?out|unsubscribe|invalid|archive|\bold\b|\bdone\b",
    re.IGNORECASE,
)


def listed(names: Sequence[str], between: str) -> str:
    """The first few names of worksheets in a sentence, and how many there are. names: fit to be shown."""
    few = between.join(names[:NAMED])
    return few if len(names) <= NAMED else f"{few} … ({len(names)})"


def is_meant(name: str) -> bool:
    """Whether nothing in the name of a worksheet says that its people are not to be called."""
    return not _NOT_TO_CALL.search(name)


def alike(
    data: bytes, found: Sheet, how: How, encoding: str | None, person: str
) -> tuple[tuple[str, int], ...]:
    """The visible worksheets with the columns of the one that was read: name and rows. () where there is no other.

    A worksheet without rows, one that explains, and one that cannot be read or leaves a doubt are none of them.

    data: the workbook
    found: the worksheet that was read from it
    how: as `found` was read; the others are read so too
    encoding: of an old workbook whose texts are bytes, None to find it
    person: whose place the process takes, as for `lib.sheet.read`
    """
    near = found.sheets[:MOST_SHEETS]
    others = [name for name in near if name in found.visible and name != found.sheet and not explains(name)]
    if not others or found.sheet not in near or not found.has_rows or found.rival:
        return ()
    try:
        books = read_books(data, others, person, encoding)
    except SheetRefused:  # they take too long: what nobody asked for refuses nothing
        return ()
    rows = {found.sheet: len(found.table)}
    for name, book in zip(others, books, strict=True):
        with suppress(SheetRefused):
            if isinstance(book, SheetRefused) or book.rival_encoding:
                continue  # a person has to look at it first
            other = sheet_of(book, how)
            if other.has_rows and columns_of(other) == columns_of(found):
                rows[name] = len(other.table)
    return tuple((name, rows[name]) for name in near if name in rows) if len(rows) > 1 else ()


def columns_of(sheet: Sheet) -> tuple[bool, set[str]]:
    """What two lists with the same columns have in common: whether there is a header, and the names in it."""
    names = set(map(str, sheet.table.columns))
    if sheet.header_row is None:
        return False, names
    return True, {name for name in names if not _LETTERS.fullmatch(name)}


def read_together(
    data: bytes, names: Sequence[str], column: str, how: How, encoding: str | None, person: str
) -> Sheet:
    """These worksheets as one list, in the order of the workbook, with a column that names the worksheet of each row.

    Raises SheetRefused, for one that is refused when it is read alone, too.

    data: the workbook
    names: of the worksheets, in any order; one named twice is read once
    column: what that column is called; numbered where a worksheet has a column of this name
    how: how each of them is read
    encoding: of an old workbook whose texts are bytes, None to find it
    person: whose place the process takes, as for `lib.sheet.read`
    """
    sheets = []
    for book in read_books(data, list(dict.fromkeys(names)), person, encoding):
        if isinstance(book, SheetRefused):
            raise book
        sheets.append(sheet_of(book, how))
    first = sheets[0]
    if any(one.sheet in first.sheets[MOST_SHEETS:] for one in sheets):
        raise SheetRefused("sheets_too_many", limit=MOST_SHEETS)
    sheets.sort(key=lambda one: first.sheets.index(str(one.sheet)))
    return as_one(
        sheets, [(str(one.sheet), first.sheets.index(str(one.sheet)) + 1) for one in sheets], column
    )


def as_one(sheets: Sequence[Sheet], named: Sequence[tuple[str, int]], column: str) -> Sheet:
    """These as one list, in this order. Raises SheetRefused("too_many_rows").

    sheets: each as it was read alone; what is said of the header is the first one's
    named: of each what it is called, and its place, from 1, which its row numbers come from
    column: what the column with these names is called; numbered where a sheet has a column of this name
    """
    too_far = any(one.has_rows and one.table.index.max() > EXCEL_ROWS for one in sheets)
    if too_far or sum(len(one.table) for one in sheets) > MAX_ROWS:
        raise SheetRefused("too_many_rows", limit=MAX_ROWS)
    parts = tuple(
        Part(name, place, one.header_row, len(one.table))
        for one, (name, place) in zip(sheets, named, strict=True)
    )
    return replace(
        sheets[0],
        table=_joined(sheets, parts, column),
        notes=in_order(_notes(sheets, parts)),
        parts=parts,
    )


def _joined(sheets: Sequence[Sheet], parts: Sequence[Part], column: str) -> pd.DataFrame:
    own = set().union(*((*map(str, one.table.columns), *one.unread) for one in sheets))
    likely = (column, *(f"{column} ({at})" for at in range(2, len(own) + 3)))
    named = next(name for name in likely if name not in own)
    tables = []
    for sheet, part in zip(sheets, parts, strict=True):
        rows = pd.Index(sheet.table.index.to_numpy() + row_of_sheet(0, part.place), dtype="int64", name="row")
        tables.append(sheet.table.set_axis(rows, axis=0))
    whole = pd.concat(tables).fillna("").astype("str")
    whole[named] = np.repeat([mask_seen(part.name) for part in parts], [part.rows for part in parts])
    return whole.astype("str")


def _notes(sheets: Sequence[Sheet], parts: Sequence[Part]) -> list[Note]:
    """What was noticed, with those it is about; what is the same in several is told once."""
    told: dict[str, tuple[Note, list[str]]] = {}
    of_one_book = all(sheet.sheet == part.name for sheet, part in zip(sheets, parts, strict=True))
    for sheet, part in zip(sheets, parts, strict=True):
        for one in sheet.notes:
            if one.code != NoteCode.MORE_SHEETS or not of_one_book:
                told.setdefault(repr(one), (one, []))[1].append(part.name)
    return [
        one if of_one_book and one.code in _OF_BOOK else note(one.code, **one.params, **{WORKSHEETS: names})
        for one, names in told.values()
    ]
