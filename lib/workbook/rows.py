"""Rows read one after the other, put together as one Arrow table. Parsing process only."""

from itertools import zip_longest
from typing import Any

import pyarrow as pa

from lib.errors import SheetRefused
from lib.workbook.columns import TEXT, concatenated, letter
from lib.workbook.limits import MAX_COLUMNS, MAX_DENSE_CELLS, MAX_ROWS, RECORDS_PER_BLOCK


def check_size(rows: int, width: int) -> None:
    """Raises SheetRefused where so many rows (header included) or columns are more than is read."""
    if rows > MAX_ROWS + 1:
        raise SheetRefused("too_many_rows", limit=MAX_ROWS)
    if width > MAX_COLUMNS:
        raise SheetRefused("too_many_columns", column=letter(width - 1), limit=MAX_COLUMNS)


def block_table(rows: list[list[Any]]) -> pa.Table:
    """Rows of [number, text of column A, text of column B …] as a table: `row`, then columns named by letters."""
    columns = list(zip_longest(*rows, fillvalue=""))
    if not columns:
        return pa.table({"row": pa.array([], pa.int64())})
    named = {"row": pa.array(columns[0], pa.int64())}
    named |= {letter(index): pa.array(column, TEXT) for index, column in enumerate(columns[1:])}
    return pa.table(named)


class RowBlocks:
    """Takes rows of text in their order and keeps them as Arrow, a block at a time."""

    def __init__(self) -> None:
        self.rows = 0
        self.width = 0
        self.last_row = 0
        self._cells = 0
        self._block: list[list[Any]] = []
        self._tables: list[pa.Table] = []

    def add(self, number: int, values: list[str]) -> None:
        """One row under its number; `values` from column A on. Raises SheetRefused above the limits of rows, columns and cells."""
        self.rows += 1
        self.width = max(self.width, len(values))
        self.last_row = number
        self._cells += len(values)
        check_size(self.rows, len(values))
        if self._cells > MAX_DENSE_CELLS:
            raise SheetRefused("workbook_bomb")
        self._block.append([number, *values])
        if len(self._block) == RECORDS_PER_BLOCK:
            self._flush()

    def _flush(self) -> None:
        self._tables.append(block_table(self._block))
        self._block = []

    def table(self) -> pa.Table:
        """All rows as one table."""
        if self._block or not self._tables:
            self._flush()
        return concatenated(self._tables)
