"""Two ways to turn a worksheet into columns of text: fastexcel, and openpyxl where that one cannot. Parsing process only.

Both give an Arrow table: `row` (int64, the number a person sees), then one large_string column per used column, named
by its letters; "" is an empty cell. Numbers lose ".0" and exponents, never digits; dates are YYYY-MM-DD[ HH:MM:SS].
"""

import datetime as dt
import io
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.workbook.cells import (
    Patches,
    in_order,
    is_long,
    long_numbers,
    odd_texts,
    shared_texts,
    styled_numbers,
)
from lib.workbook.columns import TEXT, concatenated, letter, number_text
from lib.workbook.formats import Matters, Shown, moment_text
from lib.workbook.limits import MAX_DENSE_CELLS, RECORDS_PER_BLOCK
from lib.workbook.mended import mended
from lib.workbook.package import Package, Worksheet
from lib.workbook.rows import block_table, check_size
from lib.workbook.scan import ScanFacts
from lib.workbook.styles import Styles
from lib.workbook.typed import any_of, as_read, mask_of, typed
from lib.workbook.watch import Watch

_LONG = r"^-?(?:\d{16,}|\d{7,}\.\d{9})$"
_SERIAL = re.compile(r"value: (-?[\d.]+(?:[eE][+-]?\d+)?)")


class UnfitForFastError(Exception):
    """This engine cannot read this worksheet safely; the other one has to."""


@dataclass
class ParsedSheet:
    """The columns, and the cells that needed a decision, as (row, column) with zero-based columns.

    date_phones: numbers too large for the day that their format makes of them. partial_dates: days of which less is shown
    than read. long_numbers: numbers with more digits than Excel keeps.
    """

    table: pa.Table
    error_cells: list[tuple[int, int]] = field(default_factory=list)
    date_phones: list[tuple[int, int]] = field(default_factory=list)
    partial_dates: list[tuple[int, int]] = field(default_factory=list)
    long_numbers: list[tuple[int, int]] = field(default_factory=list)

    def told(self, row: int, column: int, shown: Shown) -> str:
        """The text of a number, after noting what there is to tell about it.

        row: number that a person sees at the row
        column: of the cell, from 0
        shown: the number as its format shows it
        """
        if shown.digits:
            self.date_phones.append((row, column))
        if shown.partly:
            self.partial_dates.append((row, column))
        if is_long(shown.text):
            self.long_numbers.append((row, column))
        return shown.text


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


@lru_cache(maxsize=1)
def _opened_fast(data: bytes) -> Any:
    """The workbook, with the texts that its worksheets share: read once, however many of them are wanted."""
    import fastexcel  # not in the other child: a crash of this library is why there are two

    return fastexcel.read_excel(data)


def _loaded(data: bytes, sheet: str) -> tuple[pa.RecordBatch, Any]:
    loaded = _opened_fast(data).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = loaded.to_arrow_with_errors()
    return batch, errors


def fast(
    data: bytes,
    package: Package,
    sheet: Worksheet,
    facts: ScanFacts,
    watch: Watch,
    loading: Loading | None = None,
) -> ParsedSheet:
    """By fastexcel. Raises UnfitForFastError where its positions cannot be trusted or it would allocate too much.

    data: the workbook, mended where it had to be
    package: the same bytes, opened: cells that the engine reads otherwise than they stand are read again from it
    sheet: one of its worksheets
    facts: what `scan` found in this worksheet
    watch: what went by in that scan: the styles and the texts to look at again
    loading: the engine at work on this worksheet already; None to begin now
    """
    if facts.first is None or facts.last is None or facts.loose_last is None:  # known together, or not at all
        raise UnfitForFastError
    if facts.references_missing or facts.first != facts.loose_first:
        raise UnfitForFastError
    if facts.last_row * (facts.loose_last - facts.first + 1) > MAX_DENSE_CELLS:
        raise UnfitForFastError
    reading = ParsedSheet(pa.table({}))
    # while the engine is still at work
    patches = _shown_numbers(package, sheet, watch, watch.formats.that_matter(Matters.ALWAYS), reading)
    batch, errors = loading.result() if loading else _loaded(data, sheet.name)
    # leading empty columns are dropped by the engine: without agreement on the width the letters would be guesses
    if not facts.last - facts.first + 1 <= batch.num_columns <= facts.loose_last - facts.first + 1:
        raise UnfitForFastError
    columns = typed([column.cast(TEXT) for column in batch.columns], package, sheet, facts)
    _merge(patches, _shown_numbers(package, sheet, watch, _doubtful(columns, watch), reading))
    for column, cells in _exact_digits(columns, package, sheet, facts.first).items():
        cells = {row: text for row, text in cells.items() if row not in patches.get(column, {})}
        reading.long_numbers += [(row, column) for row, text in cells.items() if is_long(text)]
        _merge(patches, {column: cells})
    _merge(patches, _own_texts(package, sheet, watch))
    _decide_errors(errors.errors if errors else [], facts.first, reading, patches)
    if any(row > len(columns[0]) for cells in patches.values() for row in cells):
        raise UnfitForFastError  # it has left out a row that has something in it
    reading.table = _table(columns, facts.first, patches)
    return reading


def unchecked(data: bytes, sheet: str) -> ParsedSheet:
    """By fastexcel alone, for a worksheet of which nothing else is known: no second count, and columns from the first used one on."""
    batch, errors = _loaded(data, sheet)
    reading, patches = ParsedSheet(pa.table({})), Patches()
    _decide_errors(errors.errors if errors else [], 0, reading, patches)
    columns = [as_read(column.cast(TEXT), mask_of([], batch.num_rows), True) for column in batch.columns]
    reading.table = _table(columns, 0, patches)
    return reading


def _merge(patches: Patches, more: Patches) -> None:
    for column, cells in more.items():
        patches.setdefault(column, {}).update(cells)


def _shown_numbers(
    package: Package, sheet: Worksheet, watch: Watch, styles: set[int], reading: ParsedSheet
) -> Patches:
    """The numbers with these styles as their formats show them."""
    patches: Patches = {}
    if wanted := watch.styles & styles:
        for row, column, style, number in styled_numbers(package.stream(sheet.part), wanted):
            text = reading.told(row, column, watch.formats[style].shown(number))
            patches.setdefault(column, {})[row] = text
    return patches


def _doubtful(columns: list[pa.Array], watch: Watch) -> set[int]:
    """The styles that matter in some cases only, where these columns may hold such a case."""
    found: set[int] = set()
    for case, hold in ((Matters.NOT_WHOLE, _hold_fractions), (Matters.TIME_OF_DAY, _hold_clocks)):
        styles = watch.styles & watch.formats.that_matter(case)
        if styles and hold(columns):
            found |= styles
    return found


def _hold_fractions(columns: list[pa.Array]) -> bool:
    """Whether a text could be a number with a fraction or a sign."""
    return any(any_of(pc.match_substring_regex(column, r"^-|^\d+\.\d")) for column in columns)


def _hold_clocks(columns: list[pa.Array]) -> bool:
    """Whether a text could be a time of day, alone or behind a day."""
    clocks = (column.filter(pc.match_substring(column, ":")) for column in columns)
    return any(any_of(pc.match_substring_regex(column, r"\d\d:\d\d:\d\d$")) for column in clocks)


def _own_texts(package: Package, sheet: Worksheet, watch: Watch) -> Patches:
    """The texts that engines do not read as they are."""
    patches: Patches = {}
    if watch.odd_cells or watch.spaces_kept:
        patches = odd_texts(package.stream(sheet.part), watch.spaces_kept)
    if strings := package.shared_strings:
        _merge(patches, shared_texts(package.stream(strings), package.stream(sheet.part)))
    return patches


def rows_counted(data: bytes, sheet: str, facts: ScanFacts) -> int | None:
    """How many rows with a value or an error fastexcel finds in a worksheet; None where it would allocate too much, or cannot read it.

    data: a workbook of any form that fastexcel opens
    sheet: name of the worksheet
    facts: of its own reader; the last used row and column say how much the engine would allocate
    """
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


def _decide_errors(errors: Iterable[Any], first: int, reading: ParsedSheet, patches: Patches) -> None:
    """Adds the digits of the numbers that a date format made unreadable; what else has no text yet is an error cell."""
    for error in errors:
        row, column = error.position[0] + 1, error.position[1] + first
        if row in patches.get(column, {}):
            continue
        serial = _SERIAL.search(error.detail) if "DateTime" in error.detail else None
        if serial is None:
            reading.error_cells.append((row, column))
        else:
            reading.date_phones.append((row, column))
            patches.setdefault(column, {})[row] = number_text(serial[1])


def _exact_digits(
    columns: list[pa.Array], package: Package, sheet: Worksheet, first: int
) -> dict[int, dict[int, str]]:
    """Numbers of 16 digits and more, which engines round or print with digits that nobody wrote, read again from the XML."""
    if not any(
        any_of(pc.match_substring_regex(column, _LONG))
        for column in columns
        if any_of(pc.greater_equal(pc.binary_length(column), 16))
    ):
        return {}
    return {
        column: cells for column, cells in long_numbers(package.stream(sheet.part)).items() if column >= first
    }


def _table(columns: list[pa.Array], first: int, patches: dict[int, dict[int, str]]) -> pa.Table:
    height = len(columns[0]) if columns else 0
    named: dict[str, pa.Array] = {"row": pa.array(range(1, height + 1), pa.int64())}
    for index, column in enumerate(columns):
        cells = {row: text for row, text in patches.get(index + first, {}).items() if row <= height}
        if cells:
            values = pa.array([cells[row] for row in sorted(cells)], TEXT)
            column = pc.replace_with_mask(column, mask_of(list(cells), height), values)
        named[letter(index + first)] = pc.fill_null(column, "")
    return pa.table(named)


def careful(data: bytes, package: Package, sheet: Worksheet, facts: ScanFacts, watch: Watch) -> ParsedSheet:
    """By openpyxl, row by row. Slower by a factor of ten; never allocates what is not there.

    Rows or cells out of order are refused ("rows_out_of_order"): this engine would drop them without a word.

    data, package, sheet: as for `fast`
    facts: what `scan` found in this worksheet; only the order of its rows and cells counts here
    watch: what went by in that scan: the formats, and whether there are odd texts
    """
    if not facts.ordered or not (facts.each_once or in_order(package.stream(sheet.part))):
        raise SheetRefused("rows_out_of_order")
    reading = ParsedSheet(pa.table({}))
    own = odd_texts(package.stream(sheet.part), spaces_kept=False) if watch.odd_cells else {}
    rows = _careful_blocks(data, package, sheet, partial(_cell_text, watch.formats, own, reading))
    reading.table = concatenated([block_table(block) for block in rows])
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
    data: bytes, package: Package, sheet: Worksheet, text_of: Callable[[Any, int, int], str | None]
) -> Iterator[list[list[Any]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = _opened(data, package, sheet)
        # numbers stay numbers: what they show is ours to say
        book._date_formats = book._timedelta_formats = frozenset()
        worksheet = book[sheet.name]
        worksheet.reset_dimensions()  # the declared dimension is wrong in files of WPS
        block: list[list[Any]] = []
        seen = 0
        for number, cells in enumerate(worksheet.iter_rows(), start=1):
            texts = [text_of(cell, number, column) for column, cell in enumerate(cells)]
            has_errors = None in texts
            while texts and not texts[-1]:
                texts.pop()
            if texts or has_errors:
                seen += 1
                block.append([number, *(text or "" for text in texts)])
            check_size(seen, len(texts))
            if len(block) == RECORDS_PER_BLOCK:
                yield block
                block = []
        yield block
        book.close()


def _cell_text(
    styles: Styles, own: Patches, reading: ParsedSheet, cell: Any, row: int, column: int
) -> str | None:
    """The text of a cell of openpyxl; None for an error."""
    if (text := own.get(column, {}).get(row)) is not None:
        return text
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "n":
        return reading.told(row, column, styles[cell._style_id].shown(str(value)))
    if cell.data_type == "e":
        reading.error_cells.append((row, column))
        return None
    return value_text(value)


def value_text(value: Any) -> str:
    """A Python value of a cell as text."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return number_text(value)
        case dt.datetime() | dt.time():
            return moment_text(value)
        case _:
            return str(value)


def count_first(cells: list[tuple[int, int]]) -> dict[str, Any]:
    """How many cells, and where the first one is ("C5")."""
    row, column = min(cells)
    return {"count": len(cells), "cell": f"{letter(column)}{row}"}
