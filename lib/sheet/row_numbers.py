"""Numbers of rows: the spreadsheet's own, and those of rows made from a cell with several numbers.

A row of the file keeps its number everywhere. The second number of row 12 gets a row of its own, shown as "12 (2)" and
counted as 10,000,012: whole, unique, the same at every reading, and after every row of the file, so that rows in the
order of their numbers are rows in the order in which they are sent.
"""

import numpy as np
import pandas as pd

#: Distance between a row and the rows made from it; larger than any row number of a file.
MADE_STEP = 10_000_000


def made_row(row: int, part: int) -> int:
    """Number of the row for the part-th number of a cell; part 1 stays where it is."""
    return row + (part - 1) * MADE_STEP


def row_of_file(row: int) -> int:
    """The row of the spreadsheet that a row stands for."""
    return row % MADE_STEP


def is_made(rows: pd.Index) -> pd.Series:
    """Which rows are made, by row."""
    return pd.Series(rows >= MADE_STEP, index=rows)


def row_name(row: int | str) -> str:
    """What a row is called on screen and in files: "12", or "12 (2)" for the second number of row 12."""
    part, own = divmod(int(row), MADE_STEP)
    return f"{own} ({part + 1})" if part else str(own)


def reading_order(rows: pd.Index) -> pd.Index:
    """The same rows with the made ones right below the row they were made from."""
    return rows[np.lexsort((rows, rows % MADE_STEP))] if is_made(rows).any() else rows
