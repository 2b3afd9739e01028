"""Which rows of a worksheet are its header: the rows that are looked at, and the one or two that are taken."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.sheet.header import clean_name, find_header, is_group_row, is_sub_row
from lib.workbook.cell_kinds import BARE
from lib.workbook.columns import index_of
from lib.workbook.limits import HEADER_SEARCH_ROWS

#: Value of `header_row` that says: there is no header.
NO_HEADER = 0

#: Characters of a row in `first_rows`.
TOP_CHARACTERS = 80

#: Rows behind the first number that are looked at too: they tell what stands in which column.
_ROWS_BEHIND = 5

#: Rows in which the first number is looked for at once; each further look takes ten times as many.
_FIRST_LOOK = 1_000

Merges = tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Header:
    """Positions of the header's rows in the grid: one row, or a row of groups and the one below it."""

    first: int
    last: int


def row_number(grid: pa.Table, index: int) -> int:
    """The number a person sees at the row in this position."""
    row: int = grid.column(0)[index].as_py()  # by position: a person's own column may be called "row"
    return row


def cells_of(grid: pa.Table, index: int) -> list[str]:
    """The texts of a row."""
    return [column[index].as_py() for column in grid.columns[1:]]


def place_header(
    grid: pa.Table, merges: Merges, header_row: int | None, header_rows: int | None
) -> Header | None:
    """The header of a grid, or the one the person wants; None for no header. Raises SheetRefused("header_row_empty").

    grid: row numbers first, then the columns by their letters; without blank rows
    merges: first row, last row, first column, last column of each; rows by number, columns from 0
    header_row: row number of the header, the lower of two; 0 for none, None to find it
    header_rows: 1 or 2 rows of header, None to find out
    """
    if header_row == NO_HEADER:
        return None
    if header_row is not None:
        last = pc.index(grid.column(0), header_row).as_py()
        if last < 0:
            raise SheetRefused("header_row_empty", row=header_row)
    else:
        rows = _rows_to_search(grid)
        found = find_header([cells_of(grid, index) for index in rows])
        if found is None:
            return None
        last = rows[found]
    if header_rows is not None:
        return Header(max(last - header_rows + 1, 0), last)
    if (
        last
        and _adjoin(grid, last - 1)
        and is_group_row(
            cells_of(grid, last - 1),
            cells_of(grid, last),
            _spans(grid, merges, last - 1),
        )
    ):
        return Header(last - 1, last)
    below = last + 1 if header_row is None and last + 1 < grid.num_rows and _adjoin(grid, last) else None
    if below is not None and is_sub_row(
        cells_of(grid, last), cells_of(grid, below), _spans(grid, merges, last)
    ):
        return Header(last, below)
    return Header(last, last)


def _rows_to_search(grid: pa.Table) -> list[int]:
    """The first rows; where none of them has a number, those around the first number too, however far down it stands."""
    first = list(range(min(HEADER_SEARCH_ROWS, grid.num_rows)))
    if _first_number(grid.slice(0, HEADER_SEARCH_ROWS)) is not None:
        return first
    number = _first_number(grid.slice(HEADER_SEARCH_ROWS))
    if number is None:
        return first
    number += HEADER_SEARCH_ROWS
    around = range(
        max(HEADER_SEARCH_ROWS, number - HEADER_SEARCH_ROWS),
        min(number + _ROWS_BEHIND, grid.num_rows),
    )
    return [*first, *around]


def _first_number(grid: pa.Table) -> int | None:
    """Position of the first row with a phone number as a cell of its own."""
    start, size = 0, _FIRST_LOOK
    while start < grid.num_rows:
        part = grid.slice(start, size)
        places = (pc.index(pc.match_substring_regex(column, BARE), True) for column in part.columns[1:])
        found = [place for place in (int(one.as_py()) for one in places) if place >= 0]
        if found:
            return start + min(found)
        start, size = start + size, size * 10
    return None


def _adjoin(grid: pa.Table, index: int) -> bool:
    return row_number(grid, index + 1) == row_number(grid, index) + 1


def _spans(grid: pa.Table, merges: Merges, index: int) -> list[tuple[int, int]]:
    """First and last position, among the columns of the grid, of the merged cells that begin in this row."""
    row, first = row_number(grid, index), index_of(grid.column_names[1])
    return [(left - first, right - first) for top, _, left, right in merges if top == row]


def first_rows(grid: pa.Table, header: Header | None) -> tuple[tuple[int, str], ...]:
    """Row number and text of the first rows: those looked at for the header, and one below; those of the header in any case."""
    around = range(0) if header is None else range(header.first, header.last + 2)
    shown = [index for index in sorted({*range(HEADER_SEARCH_ROWS + 1), *around}) if index < grid.num_rows]
    texts = (" | ".join(filter(None, map(clean_name, cells_of(grid, index)))) for index in shown)
    return tuple(
        (row_number(grid, index), text[:TOP_CHARACTERS]) for index, text in zip(shown, texts, strict=True)
    )
