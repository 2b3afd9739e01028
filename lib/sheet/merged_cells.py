"""Merged cells: the value of the first cell stands for the whole range, as a person reads it."""

import numpy as np
import pyarrow as pa

from lib.workbook.columns import letter
from lib.workbook.limits import MAX_MERGE_FILLS
from lib.workbook.notes import Note, NoteCode, note

Range = tuple[int, int, int, int]


def fill_merges(grid: pa.Table, merges: tuple[Range, ...], from_row: int) -> tuple[pa.Table, list[Note]]:
    """The grid with merged ranges filled down and right; blank rows stay out. Too many ranges at once are told and not filled.

    grid: `row`, then the columns by their letters; without blank rows
    merges: first row, last row, first column, last column of each; rows by number, columns from 0
    from_row: number of the header's first row, 0 without a header; ranges that end above it (titles) are left alone
    """
    rows = grid["row"].to_numpy()
    ranges = [
        place for place in merges if place[1] >= from_row and place[0] <= place[1] and place[2] <= place[3]
    ]
    fills, ranges_used = _plan(grid, rows, ranges)
    if fills is None:
        return grid, [note(NoteCode.MERGED_NOT_FILLED, count=len(ranges))]
    cells = 0
    for name, spans in fills.items():
        values = grid[name].to_numpy().copy()
        for start, stop, value in spans:
            empty = values[start:stop] == ""
            cells += int(np.count_nonzero(empty))
            values[start:stop][empty] = value
        grid = grid.set_column(grid.column_names.index(name), name, pa.array(values, pa.large_string()))
    return grid, [note(NoteCode.MERGED_CELLS, count=ranges_used, cells=cells)] if cells else []


def _plan(
    grid: pa.Table, rows: np.ndarray, ranges: list[Range]
) -> tuple[dict[str, list[tuple[int, int, str]]] | None, int]:
    """Column letters → spans of positions and their value; None when it would fill more than the limit."""
    fills: dict[str, list[tuple[int, int, str]]] = {}
    size, used = 0, 0
    for top, bottom, left, right in ranges:
        start, stop = int(np.searchsorted(rows, top)), int(np.searchsorted(rows, bottom, side="right"))
        first = letter(left)
        if start >= stop or rows[start] != top or first not in grid.column_names:
            continue
        value = grid[first][start].as_py()
        names = [
            name
            for name in map(letter, range(left, min(right, left + grid.num_columns) + 1))
            if name in grid.column_names
        ]
        size += (stop - start) * len(names)
        if size > MAX_MERGE_FILLS:
            return None, used
        if value:
            used += 1
            for name in names:
                fills.setdefault(name, []).append((start, stop, value))
    return fills, used
