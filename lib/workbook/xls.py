"""Old Excel workbooks (.xls, BIFF), read by xlrd. Parsing process only.

An .xls cannot unpack to more than it is, holds at most 65,536 rows and 256 columns, and its numbers are doubles: digits
past the fifteenth are lost in the file itself.
"""

import datetime as dt
import io
import struct
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from lib.errors import SheetRefused
from lib.workbook.engines import ParsedSheet, value_text
from lib.workbook.limits import MAX_MERGES
from lib.workbook.notes import NoteCode
from lib.workbook.ods import Grid
from lib.workbook.package import Worksheet
from lib.workbook.rows import RowBlocks
from lib.workbook.scan import ScanFacts
from lib.workbook.xls_encoding import BYTES, UNICODE_BIFF, encoding_of, tolerant

#: What xlrd raises on damaged files besides its own errors.
_DAMAGE = (
    struct.error,
    IndexError,
    KeyError,
    ValueError,
    AssertionError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
)
#: A storage of this name in the OLE2 directory means macros.
_MACROS = "_VBA_PROJECT".encode("utf-16-le")


#: Excel's own name for the range a filter of a worksheet works on.
_FILTERED = "_FilterDatabase"


def has_macros(data: bytes) -> bool:
    """Whether macros are on board."""
    return _MACROS in data


def read_xls(data: bytes, wanted: str | None) -> Grid:
    """The worksheet of this name, or the first visible one with rows. Raises SheetRefused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book, guessed = _guarded(_open, data)
        grid = _read(book, wanted)
    if guessed:
        grid.notes.append((NoteCode.ENCODING_GUESS, {"encoding": guessed.upper()}))
    return grid


def _guarded(call: Callable[..., Any], *arguments: Any) -> Any:
    """A call of xlrd, whose complaints about a file become sentences."""
    import xlrd  # only for this format
    from xlrd.compdoc import CompDocError
    from xlrd.formula import FormulaError

    try:
        return call(*arguments)
    except xlrd.XLRDError as reason:
        said = str(reason).lower()
        codes = {"encrypted": "workbook_password", "can't find workbook": "file_is_document"}
        raise SheetRefused(
            next((code for sign, code in codes.items() if sign in said), "workbook_damaged")
        ) from reason
    except (CompDocError, FormulaError, *_DAMAGE) as reason:
        raise SheetRefused("workbook_damaged") from reason


def _open(data: bytes) -> tuple[Any, str]:
    """The workbook, and the encoding of its texts where that was guessed."""
    import xlrd
    from xlrd.compdoc import CompDocError

    opened = partial(
        xlrd.open_workbook,
        file_contents=data,
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
        logfile=io.StringIO(),
    )
    try:
        book = opened(encoding_override=BYTES)
    except CompDocError:
        # WPS and some exporters write an allocation table with overlaps; the row count of the other engine judges the reading
        opened = partial(opened, ignore_workbook_corruption=True)
        book = opened(encoding_override=BYTES)
    if book.biff_version >= UNICODE_BIFF:
        return book, ""
    encoding, guessed = encoding_of(book)
    return opened(encoding_override=tolerant(encoding)), encoding if guessed else ""


def _read(book: Any, wanted: str | None) -> Grid:
    sheets = [Worksheet(name, shown == 0, str(index)) for index, (name, shown) in enumerate(_listed(book))]
    if not sheets:
        raise SheetRefused("workbook_without_sheets")
    if wanted is not None:
        chosen = [sheet for sheet in sheets if sheet.name == wanted]
        if not chosen:
            raise SheetRefused("sheet_missing", sheet=wanted)
    else:
        chosen = [sheet for sheet in sheets if sheet.visible] or sheets
    first: Grid | None = None
    for sheet in chosen:
        grid = _grid(book, sheets, sheet)
        if grid.facts.rows:
            return grid
        first = first or grid
    assert first is not None
    return first


def _listed(book: Any) -> list[tuple[str, int]]:
    """Names and visibility of the worksheets; charts and macro sheets are no tables and not in xlrd's list."""
    return [
        (name, _guarded(book.sheet_by_index, index).visibility)
        for index, name in enumerate(book.sheet_names())
    ]


def _grid(book: Any, sheets: list[Worksheet], chosen: Worksheet) -> Grid:
    sheet = _guarded(book.sheet_by_index, int(chosen.part))
    rows, reading, facts = RowBlocks(), ParsedSheet(RowBlocks().table()), ScanFacts()
    for index in range(sheet.nrows):
        values, special = _row(sheet, index, book.datemode)
        for column, is_error in special:
            (reading.error_cells if is_error else reading.date_phones).append((index + 1, column))
        if not values and not special:
            continue
        rows.add(index + 1, values)
        info = sheet.rowinfo_map.get(index)
        if info is not None and info.hidden:
            facts.hidden_rows.append(index + 1)
    reading.table = rows.table()
    facts.rows, facts.last_row = rows.rows, rows.last_row
    facts.first, facts.last = (0, rows.width - 1) if rows.width else (None, None)
    facts.hidden_columns = [
        (column, column) for column, info in sorted(sheet.colinfo_map.items()) if info.hidden
    ]
    facts.filtered = any(
        name.builtin and name.name == _FILTERED and name.scope == int(chosen.part)
        for name in book.name_obj_list
    )
    facts.merges = [
        (top + 1, bottom, left, right - 1) for top, bottom, left, right in sheet.merged_cells[:MAX_MERGES]
    ]
    facts.merges_left = max(0, len(sheet.merged_cells) - MAX_MERGES)
    return Grid(sheets, chosen.name, reading, facts)


def _row(sheet: Any, index: int, datemode: int) -> tuple[list[str], list[tuple[int, bool]]]:
    """Texts of one row without empty cells at its end, and the columns of errors (True) and of numbers in date cells (False)."""
    import xlrd

    values: list[str] = []
    special: list[tuple[int, bool]] = []
    for column, (kind, value) in enumerate(zip(sheet.row_types(index), sheet.row_values(index), strict=True)):
        text = ""
        if kind == xlrd.XL_CELL_TEXT:
            text = value
        elif kind == xlrd.XL_CELL_NUMBER:
            text = value_text(value)
        elif kind == xlrd.XL_CELL_BOOLEAN:
            text = value_text(bool(value))
        elif kind == xlrd.XL_CELL_ERROR:
            special.append((column, True))
        elif kind == xlrd.XL_CELL_DATE:
            text, is_date = _date(value, datemode)
            if not is_date:
                special.append((column, False))
        values.append(text)
    while values and not values[-1]:
        values.pop()
    return values, special


def _date(value: float, datemode: int) -> tuple[str, bool]:
    """Text of a date cell, and whether its number is a date at all."""
    import xlrd

    if 0 <= value < 1:
        seconds = round(value * 86_400) % 86_400
        return value_text((dt.datetime.min + dt.timedelta(seconds=seconds)).time()), True
    try:
        return value_text(xlrd.xldate_as_datetime(value, datemode).replace(microsecond=0)), True
    except (xlrd.xldate.XLDateError, OverflowError, ValueError):
        return value_text(value), False
