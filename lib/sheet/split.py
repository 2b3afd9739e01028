"""Cells with several phone numbers: one row for each number, and the way back to the person's own rows."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from lib.contact.phone import parts_of
from lib.sheet import Sheet
from lib.sheet.row_numbers import is_made, made_row


def split(sheet: Sheet, wanted: Mapping[str, Iterable[int]]) -> Sheet:
    """The sheet with a row for each number of these cells; the first number stays in the row.

    wanted: column name → row numbers, as the person decided them: cells that hold one number stay as they are, and so
    does every cell that nobody was asked about. Every other cell of a made row is that of its row.
    """
    for column, rows in wanted.items():
        if column in sheet.table.columns:
            sheet = _split_column(sheet, column, rows)
    return sheet


def _split_column(sheet: Sheet, column: str, rows: Iterable[int]) -> Sheet:
    table = sheet.table
    cells = table.loc[table.index.intersection(list(rows)), column]
    parts = {row: found for row, text in cells.items() if (found := parts_of(text)) != [text]}
    if not parts:
        return sheet
    # a cell that repeats one number makes no row
    made = [(row, number, part) for row, found in parts.items() for number, part in enumerate(found[1:], 2)]
    more = table.loc[[row for row, _, _ in made]].copy()
    more[column] = [part for _, _, part in made]
    more.index = pd.Index(
        [made_row(row, number) for row, number, _ in made], dtype="int64", name=table.index.name
    )
    first = table.copy()
    first.loc[list(parts), column] = [found[0] for found in parts.values()]
    both = pd.concat([first, more]).sort_index()
    return replace(sheet, table=both, several=(*sheet.several, cells.loc[list(parts)].rename(column)))


def file_table(sheet: Sheet) -> pd.DataFrame:
    """The rows of the file with their cells as they were before any was split."""
    if not sheet.several:
        return sheet.table
    table = sheet.table[~is_made(sheet.table.index)].copy()
    for cells in sheet.several:
        table.loc[cells.index, cells.name] = cells
    return table
