"""Two ways to turn a worksheet into columns of text: fastexcel, and openpyxl where that one cannot. Parsing process only.

Both give an Arrow table: `row` (int64, the number a person sees), then one large_string column per used column, named
by its letters; "" is an empty cell. Numbers lose ".0" and exponents, never digits; dates are YYYY-MM-DD[ HH:MM:SS].
"""

import datetime as dt
import io
import re
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.workbook.cells import in_order, long_numbers, plain_numbers, text_cells
from lib.workbook.columns import TEXT, concatenated, letter, number_text
from lib.workbook.limits import MAX_DENSE_CELLS, RECORDS_PER_BLOCK
from lib.workbook.mended import mended
from lib.workbook.package import Package, Worksheet
from lib.workbook.rows import block_table, check_size
from lib.workbook.scan import ScanFacts, has_lookalikes

_STAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"
_STAMP_LENGTH = 19

#: How the engine's text becomes what people read, each with what such a text surely contains.
_STAMPS = (
    (" 00:00:00", r"^(\d{4}-\d\d-\d\d) 00:00:00(?:\.0+)?$", r"\1"),
    ("1899-12-3", r"^1899-12-3[01] (\d\d:\d\d:\d\d)(?:\.\d+)?$", r"\1"),
    (".", r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+$", r"\1"),
)
_TRUTHS = (("true", "^true$", "TRUE"), ("false", "^false$", "FALSE"))
_LONG = r"^-?\d{16,}$"
#: Decimals that fastexcel keeps of a number with a fraction; Excel itself shows no more in a cell. Both engines agree on it.
_DECIMALS = 9
_SERIAL = re.compile(r"value: (-?[\d.]+(?:[eE][+-]?\d+)?)")
_STRINGS = "xl/sharedStrings.xml"


class UnfitForFastError(Exception):
    """This engine cannot read this worksheet safely; the other one has to."""


@dataclass
class ParsedSheet:
    """The columns, and the cells that needed a decision, as (row, column) with zero-based columns."""

    table: pa.Table
    error_cells: list[tuple[int, int]] = field(default_factory=list)
    date_phones: list[tuple[int, int]] = field(default_factory=list)


class Loading(threading.Thread):
    """fastexcel at work on a worksheet while the scan of the same worksheet goes on: it leaves Python's lock alone."""

    def __init__(self, data: bytes, sheet: str) -> None:
        super().__init__(daemon=True)  # a refusal of the scan does not wait for it
        self._data, self._sheet = data, sheet
        self._loaded: tuple[pa.RecordBatch, Any] | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._loaded = _loaded(self._data, self._sheet)
        except BaseException as error:
            self._error = error
            raise

    def result(self) -> tuple[pa.RecordBatch, Any]:
        """Cells and errors, or what was raised."""
        self.join()
        if self._loaded is None:
            raise self._error or RuntimeError
        return self._loaded


def _loaded(data: bytes, sheet: str) -> tuple[pa.RecordBatch, Any]:
    import fastexcel  # not in the other child: a crash of this library is why there are two

    return (
        fastexcel.read_excel(data)
        .load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        .to_arrow_with_errors()
    )


def fast(
    data: bytes, package: Package, sheet: Worksheet, facts: ScanFacts, loading: Loading | None = None
) -> ParsedSheet:
    """By fastexcel. Raises UnfitForFastError where its positions cannot be trusted or it would allocate too much."""
    if facts.first is None or facts.last is None or facts.loose_last is None:  # known together, or not at all
        raise UnfitForFastError
    if facts.references_missing or facts.first != facts.loose_first:
        raise UnfitForFastError
    if facts.last_row * (facts.loose_last - facts.first + 1) > MAX_DENSE_CELLS:
        raise UnfitForFastError
    batch, errors = loading.result() if loading else _loaded(data, sheet.name)
    # leading empty columns are dropped by the engine: without agreement on the width the letters would be guesses
    if not facts.last - facts.first + 1 <= batch.num_columns <= facts.loose_last - facts.first + 1:
        raise UnfitForFastError
    columns = [column.cast(TEXT) for column in batch.columns]
    reading = ParsedSheet(pa.table({}))
    patches = _decide_errors(errors.errors if errors else [], facts.first, reading)
    columns = _type_columns(columns, package, sheet, facts)
    for column, cells in _exact_digits(columns, package, sheet, facts.first).items():
        patches.setdefault(column, {}).update(cells)
    reading.table = _table(columns, facts.first, patches)
    return reading


def unchecked(data: bytes, sheet: str) -> ParsedSheet:
    """By fastexcel alone, for a worksheet of which nothing else is known: no second count, and columns from the first used one on."""
    batch, errors = _loaded(data, sheet)
    reading = ParsedSheet(pa.table({}))
    patches = _decide_errors(errors.errors if errors else [], 0, reading)
    reading.table = _table([_typed_text(column.cast(TEXT), True) for column in batch.columns], 0, patches)
    return reading


def rows_counted(data: bytes, sheet: str, facts: ScanFacts) -> int | None:
    """How many rows with a value or an error fastexcel finds in a worksheet; None where it would allocate too much."""
    import fastexcel

    if facts.last is None or facts.last_row * (facts.last + 1) > MAX_DENSE_CELLS:
        return None
    try:
        batch, errors = _loaded(data, sheet)
    except fastexcel.FastExcelError:
        return None
    filled = pa.array([False] * batch.num_rows)
    for column in batch.columns:
        filled = pc.or_(filled, pc.fill_null(pc.not_equal(column, ""), False))
    rows = set(pc.indices_nonzero(filled).to_pylist())
    return len(rows | {error.position[0] for error in (errors.errors if errors else [])})


def _decide_errors(errors: Iterable[Any], first: int, reading: ParsedSheet) -> dict[int, dict[int, str]]:
    """Digits for the numbers that a date format made unreadable; the rest are error cells."""
    patches: dict[int, dict[int, str]] = {}
    for error in errors:
        row, column = error.position[0] + 1, error.position[1] + first
        serial = _SERIAL.search(error.detail) if "DateTime" in error.detail else None
        if serial is None:
            reading.error_cells.append((row, column))
        else:
            reading.date_phones.append((row, column))
            patches.setdefault(column, {})[row] = number_text(serial[1])
    return patches


def _type_columns(
    columns: list[pa.Array], package: Package, sheet: Worksheet, facts: ScanFacts
) -> list[pa.Array]:
    """Dates and truth values as people read them; a text that only looks like one is left as it is."""
    stamps = {index for index, column in enumerate(columns) if _any_stamp(column)}
    truths = {
        index
        for index, column in enumerate(columns)
        if facts.booleans and _any(pc.is_in(column, pa.array(["true", "false"], TEXT)))
    }
    touched = stamps | truths
    if not touched:
        return columns
    assert facts.first is not None, "columns without a first one"
    texts: dict[int, list[int]] = {}
    if facts.lookalikes or (package.has(_STRINGS) and any(map(has_lookalikes, package.stream(_STRINGS)))):
        texts = text_cells(package.stream(sheet.part), {index + facts.first for index in touched})
    for index in touched:
        typed = _typed_text(columns[index], index in truths)
        rows = texts.get(index + facts.first, [])
        columns[index] = pc.if_else(_mask(rows, len(typed)), columns[index], typed) if rows else typed
    return columns


def _typed_text(column: pa.Array, truths: bool) -> pa.Array:
    for sign, pattern, replacement in _STAMPS + (_TRUTHS if truths else ()):
        if _any(pc.match_substring(column, sign)):
            column = pc.replace_substring_regex(column, pattern, replacement)
    return column


def _any_stamp(column: pa.Array) -> bool:
    long_enough = pc.greater_equal(pc.binary_length(column), _STAMP_LENGTH)
    return _any(long_enough) and _any(pc.match_substring_regex(column, _STAMP))


def _any(mask: pa.Array) -> bool:
    return bool(pc.any(mask).as_py())


def _exact_digits(
    columns: list[pa.Array], package: Package, sheet: Worksheet, first: int
) -> dict[int, dict[int, str]]:
    """Numbers of 16 digits and more, which engines round, read again from the XML."""
    if not any(
        _any(pc.match_substring_regex(column, _LONG))
        for column in columns
        if _any(pc.greater_equal(pc.binary_length(column), 16))
    ):
        return {}
    return {
        column: cells for column, cells in long_numbers(package.stream(sheet.part)).items() if column >= first
    }


def _mask(rows: list[int], height: int) -> pa.Array:
    flags = bytearray(height)
    for row in rows:
        if row <= height:
            flags[row - 1] = 1
    return pc.not_equal(pa.Array.from_buffers(pa.uint8(), height, [None, pa.py_buffer(bytes(flags))]), 0)


def _table(columns: list[pa.Array], first: int, patches: dict[int, dict[int, str]]) -> pa.Table:
    height = len(columns[0]) if columns else 0
    named: dict[str, pa.Array] = {"row": pa.array(range(1, height + 1), pa.int64())}
    for index, column in enumerate(columns):
        cells = {row: text for row, text in patches.get(index + first, {}).items() if row <= height}
        if cells:
            values = pa.array([cells[row] for row in sorted(cells)], TEXT)
            column = pc.replace_with_mask(column, _mask(list(cells), height), values)
        named[letter(index + first)] = pc.fill_null(column, "")
    return pa.table(named)


def careful(data: bytes, package: Package, sheet: Worksheet, facts: ScanFacts) -> ParsedSheet:
    """By openpyxl, row by row. Slower by a factor of ten; never allocates what is not there.

    Rows or cells out of order are not read at all: this engine would drop them without a word.
    """
    if not facts.ordered or not (facts.each_once or in_order(package.stream(sheet.part))):
        raise SheetRefused("rows_out_of_order")
    reading = ParsedSheet(pa.table({}))
    doubtful: list[tuple[int, int]] = []
    tables = [block_table(rows) for rows in _careful_blocks(data, package, sheet, reading, doubtful)]
    table = concatenated(tables)
    numbers = plain_numbers(package.stream(sheet.part), set(doubtful)) if doubtful else {}
    for column, cells in numbers.items():
        reading.date_phones += [(row, column) for row in cells]
    reading.error_cells += [cell for cell in doubtful if cell[0] not in numbers.get(cell[1], {})]
    reading.table = _patch_by_row(
        table,
        {
            column: {row: number_text(text) for row, text in cells.items()}
            for column, cells in numbers.items()
        },
    )
    return reading


def _opened(data: bytes, package: Package, sheet: Worksheet) -> Any:
    """The workbook of openpyxl; packed anew where it refuses the whole of it for a style or a part that is not there."""
    import openpyxl  # not in the other child: importing it costs more than reading a small file

    options = {"read_only": True, "data_only": True, "keep_links": False}
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), **options)
        book[sheet.name]
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        book = openpyxl.load_workbook(io.BytesIO(mended(package, sheet)), **options)
    return book


def _careful_blocks(
    data: bytes,
    package: Package,
    sheet: Worksheet,
    reading: ParsedSheet,
    doubtful: list[tuple[int, int]],
) -> Iterator[list[list[Any]]]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # openpyxl warns about dates outside its range; those cells are read again
        book = _opened(data, package, sheet)
        worksheet = book[sheet.name]
        worksheet.reset_dimensions()  # the declared dimension is wrong in files of WPS
        block: list[list[Any]] = []
        seen = 0
        for number, cells in enumerate(worksheet.iter_rows(), start=1):
            undecided = len(doubtful)
            values = [
                _cell_text(cell, number, column, reading, doubtful) for column, cell in enumerate(cells)
            ]
            while values and not values[-1]:
                values.pop()
            if values or len(doubtful) > undecided:
                seen += 1
                block.append([number, *values])
            check_size(seen, len(values))
            if len(block) == RECORDS_PER_BLOCK:
                yield block
                block = []
        yield block
        book.close()


def _cell_text(
    cell: Any, row: int, column: int, reading: ParsedSheet, doubtful: list[tuple[int, int]]
) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        if value and cell.data_type == "e":
            (doubtful if value == "#VALUE!" else reading.error_cells).append((row, column))
            return ""
        return value or ""
    return value_text(value)


def value_text(value: Any) -> str:
    """A Python value of a cell as text."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if not value.is_integer():
            return number_text(format(value, f".{_DECIMALS}f"))
        case int() | float():
            return number_text(value)
        case dt.datetime():
            return str(value.date()) if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M:%S")
        case dt.time():
            return value.strftime("%H:%M:%S")
        case _:
            return str(value)


def _patch_by_row(table: pa.Table, patches: dict[int, dict[int, str]]) -> pa.Table:
    for column, cells in patches.items():
        name = letter(column)
        if name not in table.column_names:
            continue
        values = table[name].to_pylist()
        for index, row in enumerate(table["row"].to_pylist()):
            values[index] = cells.get(row, values[index])
        table = table.set_column(table.column_names.index(name), name, pa.array(values, TEXT))
    return table


def count_first(cells: list[tuple[int, int]]) -> dict[str, Any]:
    """How many cells, and where the first one is ("C5")."""
    row, column = min(cells)
    return {"count": len(cells), "cell": f"{letter(column)}{row}"}
