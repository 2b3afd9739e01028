"""Old Excel workbooks (.xls, BIFF), read by xlrd. Parsing process only.

An .xls cannot unpack to more than it is, holds at most 65,536 rows and 256 columns, and its numbers are doubles: digits
past the fifteenth are lost in the file itself.
"""

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lib.errors import SheetRefused
from lib.workbook.columns import letter
from lib.workbook.engines import ParsedSheet, value_text
from lib.workbook.formats import NumberFormat
from lib.workbook.limits import MAX_MERGES
from lib.workbook.notes import NoteCode
from lib.workbook.ods import Grid
from lib.workbook.package import Worksheet
from lib.workbook.rows import RowBlocks
from lib.workbook.scan import ScanFacts
from lib.workbook.styles import Styles
from lib.workbook.xls_encoding import (
    BYTES,
    UNICODE_BIFF,
    OfTexts,
    encoding_of,
    known,
    sheet_names,
    spellings,
    tolerant,
)

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


def read_xls(data: bytes, wanted: str | None, encoding: str | None) -> Grid:
    """The worksheet of this name, or the first visible one with rows. Raises SheetRefused.

    data: the workbook, with its container and without a password
    wanted: name of the worksheet, in whichever encoding it was read before; None for the first with rows
    encoding: of texts that are bytes, as `xls_encoding.known` takes it; None to find it
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book, texts, raw = _guarded(_open, data, encoding)
        grid = _read(book, _spelled(wanted, raw, book))
    if texts.is_guess:
        grid.notes.append((NoteCode.ENCODING_GUESS, {"encoding": texts.encoding.upper()}))
    grid.encoding, grid.rival_encoding = texts.encoding, texts.rival
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


def _spelled(wanted: str | None, raw: list[bytes], book: Any) -> str | None:
    """The worksheet of this name as the book is read now; it may have been called by what another encoding makes of it.

    raw: the bytes of all names, none where they are in Unicode.
    """
    names = book.sheet_names()
    if wanted is None or wanted in names:
        return wanted
    found = (name for data, name in zip(raw, names, strict=False) if wanted in spellings(data))
    return next(found, wanted)


def _open(data: bytes, encoding: str | None) -> tuple[Any, OfTexts, list[bytes]]:
    """The workbook, what its texts are in, and the names of its worksheets as they stand, where they are bytes."""
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
        return book, OfTexts(), []
    texts = OfTexts(known(encoding)) if encoding else encoding_of(book)
    return opened(encoding_override=tolerant(texts.encoding)), texts, sheet_names(book)


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
    styles = _styles(book)
    for index in range(sheet.nrows):
        values = _row(sheet, index, styles, reading)
        has_errors = reading.error_cells[-1:] and reading.error_cells[-1][0] == index + 1
        if not values and not has_errors:
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
    if without := _formulas_without_value(book, sheet, int(chosen.part)):
        facts.formulas_without_value = len(without)
        facts.formula_cell = f"{letter(without[0][1])}{without[0][0] + 1}"
    return Grid(sheets, chosen.name, reading, facts)


def _styles(book: Any) -> Styles:
    written = {each.format_key: each.format_str for each in book.format_list}
    keys = [xf.format_key for xf in book.xf_list]
    known = {key: NumberFormat(key, written.get(key), bool(book.datemode)) for key in set(keys)}
    return Styles([known[key] for key in keys])


def _row(sheet: Any, index: int, styles: Styles, reading: ParsedSheet) -> list[str]:
    """Texts of one row without empty cells at its end; what there is to tell about its cells is noted in the reading."""
    import xlrd

    values: list[str] = []
    for column, (kind, value) in enumerate(zip(sheet.row_types(index), sheet.row_values(index), strict=True)):
        text = ""
        if kind == xlrd.XL_CELL_TEXT:
            text = value
        elif kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            shown = styles[sheet.cell_xf_index(index, column)].shown(repr(value))
            text = reading.told(index + 1, column, shown)
        elif kind == xlrd.XL_CELL_BOOLEAN:
            text = value_text(bool(value))
        elif kind == xlrd.XL_CELL_ERROR:
            reading.error_cells.append((index + 1, column))
        values.append(text)
    while values and not values[-1]:
        values.pop()
    return values


#: Records of a worksheet: a formula, the beginning and the end of a part.
_FORMULAS, _BEGINS, _ENDS = (0x0006, 0x0206, 0x0406), (0x0009, 0x0209, 0x0409, 0x0809), 0x000A
_HEAD, _CELL = struct.Struct("<HH"), struct.Struct("<HHH8s")
#: Instead of a number: the result is a text, and it is empty.
_EMPTY_RESULT = (3, 0xFFFF)


def _formulas_without_value(book: Any, sheet: Any, index: int) -> list[tuple[int, int]]:
    """Row and column, from zero, of the formulas without a result.

    The format has no sign for that; writers that work nothing out leave an empty text. So it counts where no formula of the
    sheet has anything else: an empty text among results is one.
    """
    import xlrd

    if not any(
        kind == xlrd.XL_CELL_TEXT and not value
        for row in range(sheet.nrows)
        for kind, value in zip(sheet.row_types(row), sheet.row_values(row), strict=True)
    ):
        return []
    found = []
    for row, column, result in _formulas(book.mem, book._sh_abs_posn[index]):
        if (result[0], int.from_bytes(result[6:], "little")) != _EMPTY_RESULT:
            return []
        found.append((row, column))
    return sorted(found)


def _formulas(stream: bytes, at: int) -> Iterator[tuple[int, int, bytes]]:
    """Row, column and result of the formulas of the worksheet that begins at this place."""
    depth = 0
    while at + _HEAD.size <= len(stream):
        code, size = _HEAD.unpack_from(stream, at)
        at += _HEAD.size
        if code in _FORMULAS and size >= _CELL.size and at + size <= len(stream):
            row, column, _, result = _CELL.unpack_from(stream, at)
            yield row, column, result
        depth += (code in _BEGINS) - (code == _ENDS)
        if depth == 0:
            return
        at += size
