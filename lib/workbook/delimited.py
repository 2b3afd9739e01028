"""A text whose delimiter is known to columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from lib.errors import SheetRefused
from lib.workbook.columns import TEXT, concatenated, letter
from lib.workbook.limits import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_DENSE_CELLS,
    MAX_ROWS,
    RECORDS_PER_BLOCK,
)

#: Delimiter of a text that has none: the unit separator, which no office program types.
NONE = "\x1f"

_LINE = r"\n"


@dataclass(frozen=True)
class Delimited:
    """`table`: `row`, then columns named by letters, like a worksheet's. ragged: rows whose number of fields differs from most.

    open_quote: the row of a quotation mark that is not closed, None where every one is.
    """

    table: pa.Table
    ragged: tuple[int, ...] = ()
    open_quote: int | None = None


def parse(text: str, delimiter: str, first_row: int) -> Delimited:
    """All records of a text as columns. Raises SheetRefused.

    text: decoded, without a first line `sep=`, and parted already where its lines were typed
    delimiter: one character, `NONE` for a text without one
    first_row: row number of the first record; the others count on from it
    """
    data = text.encode()
    fast = _fast(data, delimiter, first_row)
    table, ragged = (fast, ()) if fast is not None else _by_record(text, delimiter, first_row)
    check_cells(table, "cell_too_long")
    row = None
    if quotes := data.count(b'"'):
        row = _swallowing_row(table, _LINE if quotes % 2 else _contact_at_line_end(delimiter))
    return Delimited(table, ragged, row)


def check_cells(table: pa.Table, code: str) -> None:
    """Raises SheetRefused(code) where a cell holds more than Excel's can. table: `row`, then text columns."""
    for name in table.column_names[1:]:
        column = table[name]
        if (pc.max(pc.binary_length(column)).as_py() or 0) <= MAX_CELL_CHARACTERS:
            continue
        long = pc.greater(pc.utf8_length(column), MAX_CELL_CHARACTERS)
        if pc.any(long).as_py():
            raise SheetRefused(code, row=table["row"].filter(long)[0].as_py(), limit=MAX_CELL_CHARACTERS)


def _fast(data: bytes, delimiter: str, first_row: int) -> pa.Table | None:
    """By Arrow, only where it surely gives what the csv module gives: no quotes, no ragged rows, no other line ends."""
    if b'"' in data or delimiter == NONE or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return None
    first = data[: max(data.find(b"\n"), 0)]
    width = first.rstrip(b"\r").count(delimiter.encode()) + 1 if first else 0
    if not 1 < width <= MAX_COLUMNS:
        return None
    names = [letter(index) for index in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(data),
            read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None  # ragged rows: only the csv module keeps every one
    _check_size(table.num_rows, width)
    return table.add_column(
        0, "row", pa.array(np.arange(first_row, first_row + table.num_rows, dtype=np.int64))
    )


def _check_size(rows: int, width: int) -> None:
    """Raises SheetRefused where so many rows, or cells with the empty ones, are more than is read."""
    if rows > MAX_ROWS + 1:
        raise SheetRefused("too_many_rows", limit=MAX_ROWS)
    if rows * width > MAX_DENSE_CELLS:
        raise SheetRefused("too_many_cells", limit=MAX_DENSE_CELLS)


def _by_record(text: str, delimiter: str, first_row: int) -> tuple[pa.Table, tuple[int, ...]]:
    widths: list[int] = []
    tables: list[pa.Table] = []
    widest = 0
    try:
        for records in _record_blocks(text, delimiter):
            tables.append(_block_table(records, first_row + len(widths)))
            widths += map(len, records)
            widest = max(widest, tables[-1].num_columns - 1)
            _check_size(len(widths), widest)
    except csv.Error as reason:
        row = first_row + _whole_records(text, delimiter)
        raise SheetRefused("cell_too_long", row=row, limit=MAX_CELL_CHARACTERS) from reason
    used = Counter(width for width in widths if width)
    usual = used.most_common(1)[0][0] if used else 0
    ragged = tuple(first_row + index for index, width in enumerate(widths) if width and width != usual)
    return concatenated(tables), ragged


def _record_blocks(text: str, delimiter: str) -> Iterator[list[list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while records := list(islice(reader, RECORDS_PER_BLOCK)):
        yield records


def _whole_records(text: str, delimiter: str) -> int:
    """How many there are before the one that csv gives up at."""
    seen = 0
    with suppress(csv.Error):
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            seen += 1
    return seen


def _block_table(records: list[list[str]], first_row: int) -> pa.Table:
    width = max(map(len, records))
    if width > MAX_COLUMNS:
        raise SheetRefused("too_many_columns", column=letter(width - 1), limit=MAX_COLUMNS)
    named = {"row": pa.array(range(first_row, first_row + len(records)), pa.int64())}
    for index, column in enumerate(zip_longest(*records, fillvalue="")):
        named[letter(index)] = pa.array(column, TEXT)
    return pa.table(named)


def _contact_at_line_end(delimiter: str) -> str:
    """A number that is a field of its own beside a line end: a contact swallowed by two quotes that do not belong together."""
    mark, number = re.escape(delimiter), r"[ \t]{0,9}\+?\d[\d -]{6,18}[ \t\r]{0,9}"
    return rf"\n(?:[^\n]*{mark})?{number}(?:{mark}|\n|$)|{mark}{number}\n"


def _swallowing_row(table: pa.Table, pattern: str) -> int | None:
    """The row whose cell has swallowed what the pattern finds, as a quote that is never closed makes it; None when no cell has."""
    rows = [
        table["row"].filter(mask)[0].as_py()
        for name in table.column_names[1:]
        if pc.any(mask := pc.match_substring_regex(table[name], pattern)).as_py()
    ]
    return max(rows, default=None)
