"""What every table on a page keeps to."""

import pandas as pd

#: Rows drawn at once; a search finds the others, a download has all.
SHOWN = 500

#: Characters of a cell in a table that is only looked at (SEC63): a cell may hold 32,767, and a sheet 500 columns of them.
CELL_SHOWN = 200


def height(rows: int, most: int) -> int:
    """Pixels of a table that shows all its rows, and no more than `most`: Streamlit's header and its rows."""
    return min(38 + 35 * rows, most)


def cut(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as it is looked at: of a long cell the beginning. frame: as it may be seen, numbers hidden before."""
    shown: pd.DataFrame = frame.apply(
        lambda cells: cells.map(
            lambda cell: cell if len(str(cell)) <= CELL_SHOWN else f"{cell[:CELL_SHOWN]}…"
        )
    )
    return shown
