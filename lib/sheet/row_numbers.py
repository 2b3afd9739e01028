"""Numbers of rows: the spreadsheet's own, those of rows made from a cell with several numbers, those of several worksheets.

A row of the file keeps its number everywhere. The second number of row 12 gets a row of its own, shown as "12 (2)" and
counted as 10,000,012: whole, unique, the same at every reading, and after every row of the file, so that rows in the
order of their numbers are rows in the order in which they are sent.

Where several worksheets are read as one list, row 12 of the second one is shown as "2·12". Each worksheet has a stretch of
numbers of its own, in the order of the worksheets, and its made rows lie in it. All of them fit into the 32 bits in which
databases keep a row: 60 stretches, each of 28 times as many rows as a worksheet can have, for a cell is searched for no
more than 25 numbers.
"""

import numpy as np
import pandas as pd

#: Distance between a row and the rows made from it; larger than any row number of a file.
MADE_STEP = 10_000_000

#: The first stretch of a worksheet among several begins here, behind whatever rows a file that is read alone can have.
SHEETS_FROM = 300_000_000

#: Numbers of a worksheet's stretch, and in it the distance between a row and those made from it: more rows than it can have.
SHEET_STEP = 30_000_000
SHEET_MADE_STEP = 1_050_000

#: Worksheets that have a stretch: the first so many of a workbook.
MOST_SHEETS = 60


def row_of_sheet(row: int, place: int) -> int:
    """Number of a row of the worksheet at this place of its workbook, counted from 1."""
    return SHEETS_FROM + (place - 1) * SHEET_STEP + row


def place_of(row: int) -> int:
    """The place of a row's worksheet, 0 where one worksheet is read alone."""
    return (row - SHEETS_FROM) // SHEET_STEP + 1 if row >= SHEETS_FROM else 0


def row_in_sheet(row: int) -> int:
    """The number that a person sees at the row in its worksheet; that of its row for a made one."""
    return (row - SHEETS_FROM) % SHEET_STEP % SHEET_MADE_STEP if row >= SHEETS_FROM else row % MADE_STEP


def made_row(row: int, part: int) -> int:
    """Number of the row for the part-th number of a cell; part 1 stays where it is."""
    return row + (part - 1) * (SHEET_MADE_STEP if row >= SHEETS_FROM else MADE_STEP)


def row_of_file(row: int) -> int:
    """The row of the file that a row stands for."""
    return row_of_sheet(row_in_sheet(row), place) if (place := place_of(row)) else row_in_sheet(row)


def rows_of_file(rows: pd.Index) -> pd.Index:
    """The same for each of these rows."""
    if _is_alone(rows):
        return rows % MADE_STEP
    inside = (rows - SHEETS_FROM) % SHEET_STEP
    among = rows - inside + inside % SHEET_MADE_STEP
    return pd.Index(np.where(rows >= SHEETS_FROM, among, rows % MADE_STEP), dtype="int64", name=rows.name)


def is_made(rows: pd.Index) -> pd.Series:
    """Which rows are made, by row."""
    return pd.Series(rows >= MADE_STEP if _is_alone(rows) else rows != rows_of_file(rows), index=rows)


def _is_alone(rows: pd.Index) -> bool:
    """Whether they are of one worksheet: a million of these are looked at in a millisecond."""
    return rows.empty or rows.max() < SHEETS_FROM


def row_name(row: int | str) -> str:
    """What a row is called on screen and in files.

    "12"; "12 (2)" for the second number of row 12; "3·12" for row 12 of the third worksheet, where several are one list.
    """
    number = int(row)
    if number < MADE_STEP:
        return str(number)
    own, place = row_in_sheet(number), place_of(number)
    inside = (number - SHEETS_FROM) % SHEET_STEP // SHEET_MADE_STEP if place else number // MADE_STEP
    named = f"{place}·{own}" if place else str(own)
    return f"{named} ({inside + 1})" if inside else named


def reading_order(rows: pd.Index) -> pd.Index:
    """The same rows with the made ones right below the row they were made from."""
    return rows[np.lexsort((rows, rows_of_file(rows)))] if is_made(rows).any() else rows
