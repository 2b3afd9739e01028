"""The sheet of a draft from what is kept of its upload: the file read as the person wants it, or the table in its place.

Everywhere, `reading` holds options of `sheet.read` and SPLIT, as the draft's state keeps them; one it lacks is found out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from lib.errors import SheetRefused
from lib.mapping.combine import origins
from lib.sheet import EVERYTHING, IN_OR_OUT, NO_HEADER, Sheet, alike, files, read, read_files, stored
from lib.sheet.row_numbers import row_of_file
from lib.sheet.split import split
from lib.store import AnyStore
from lib.workbook.kind import label

#: The way of reading that gives each number of a cell its own row: column → row numbers.
SPLIT = "split"

#: The options of `sheet.read` that make several worksheets one list.
TOGETHER = ("sheets", "sheet_column")


def is_of_files(state: dict[str, Any]) -> bool:
    """Whether the draft with this state is of several files, which are one list."""
    reading = state.get("reading", {})
    return "sheet_column" in reading and "sheets" not in reading


def read_upload(store: AnyStore, upload_id: str, reading: dict[str, Any]) -> Sheet:
    """The sheet read in this way, its cells split as SPLIT says. Raises SheetRefused, Conflict("upload_gone").

    store: of the person whose upload it is; their place is the one in which it is parsed
    upload_id: of one file, of several kept as one, or of the table that stands in a file's place
    reading: SPLIT is followed too; for a table in the file's place it is all that is
    """
    return split(whole_sheet(store, upload_id, reading), reading.get(SPLIT, {}))


def whole_sheet(store: AnyStore, upload_id: str, reading: dict[str, Any]) -> Sheet:
    """The same before any cell is split.

    store, upload_id: as there
    reading: SPLIT in it is not followed
    """
    name, data = store.uploads.read(upload_id)
    if (remains := store.uploads.remains(upload_id)) is not None:
        return stored.sheet_of(remains, label(name))
    options = {option: value for option, value in reading.items() if option != SPLIT}
    if files.are_several(data):
        return read_files(data, name, person=store.person_id, **options)
    return read(data, name, person=store.person_id, **options)


def alike_sheets(
    store: AnyStore, upload_id: str, reading: dict[str, Any], sheet: Sheet
) -> tuple[tuple[str, int], ...]:
    """The worksheets that can be read as one list with the one that was read, as `sheet.alike`.

    store, upload_id: where the file is; it must be whole
    reading: how `sheet` was read: header, encoding and what is let in hold for the others too
    sheet: the one they are compared with
    """
    _, data = store.uploads.read(upload_id)
    options = {
        name: reading[name]
        for name in ("header_row", "header_rows", "encoding", *IN_OR_OUT)
        if name in reading
    }
    return alike(data, sheet, person=store.person_id, **options)


def split_further(
    so_far: Mapping[str, Iterable[int]],
    table: pd.DataFrame,
    columns: Sequence[str],
    rows: Iterable[int],
) -> dict[str, list[int]]:
    """What SPLIT says once these rows are split too, each in that of the phone's columns its numbers stand in.

    A row is split in one column only, and columns that feed the phone no more in none.

    so_far: what SPLIT says now: column → row numbers
    table: the sheet's, before these rows are split
    columns: of the sheet, those that feed the phone, in the order in which they are taken
    rows: to be split, as the sheet's index counts them now
    """
    found = origins(table.loc[table.index.intersection(list(rows))], columns, "phone")
    new = {column: {row_of_file(int(row)) for row in found.index[found.eq(column)]} for column in columns}
    moved = set().union(*new.values())
    wanted = {column: sorted({*so_far.get(column, ())} - moved | new[column]) for column in columns}
    return {column: some for column, some in wanted.items() if some}


def must_be_whole(store: AnyStore, upload_id: str) -> None:
    """Raises SheetRefused("upload_cut") where only a table is left, which has one way of reading."""
    if store.uploads.remains(upload_id) is not None:
        raise SheetRefused("upload_cut")


def every_table(store: AnyStore, upload_id: str, reading: dict[str, Any]) -> list[Sheet]:
    """Everything that stands in an upload: each worksheet, hidden rows, header and totals as rows like any other.

    Raises SheetRefused where the file cannot be read any more.

    store, upload_id: where the file is; of one that has given way to a table only that is left
    reading: whose encoding and delimiter hold; header, worksheet and what is left out do not
    """
    first = whole_sheet(store, upload_id, reading)
    if store.uploads.remains(upload_id) is not None:
        return [first]
    name, data = store.uploads.read(upload_id)
    if files.are_several(data):
        return [table for one in files.files_of(data) for table in _tables(store, *one, None, {})]
    given: dict[str, Any] = {
        option: reading[option] for option in ("encoding", "delimiter") if option in reading
    }
    return _tables(store, name, data, first, given)


def _tables(
    store: AnyStore, name: str, data: bytes, first: Sheet | None, given: dict[str, Any]
) -> list[Sheet]:
    """Everything that stands in one file. first: how it is read; None where that has to be found out."""
    first = first or read(data, name, person=store.person_id)
    found = []
    for sheet in first.sheets or (None,):
        try:
            found.append(
                read(
                    data,
                    name,
                    sheet=sheet,
                    header_row=NO_HEADER,
                    person=store.person_id,
                    **EVERYTHING,
                    **given,
                )
            )
        except SheetRefused as refused:
            if refused.code != "sheet_empty":
                raise
    return found
