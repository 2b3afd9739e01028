"""Which rows the review grid shows, in which order, and what came back from it. Pure: the grid draws it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from lib.contact.masking import holds_mask, mask_pattern
from lib.contact.problems import Severity
from lib.sheet.row_numbers import reading_order, row_in_sheet, row_name
from lib.validation import Review
from lib.validation.recheck import picked

#: Rows a page of the grid may have; a page, not the file, travels to the browser.
PAGE_SIZES = (50, 100, 200)

#: Characters a page may have, however long the cells are: a page of fewer rows is what travels where they are very long.
PAGE_CHARACTERS = 2_000_000

#: Sorting by the row number of the spreadsheet; any other order is named by a contacts column.
BY_ROW = ""

#: A contacts column as the person sees it, for some rows.
Shown = Callable[[str, pd.Index], pd.Series]


class Show(StrEnum):
    """What the grid shows."""

    TROUBLE = "trouble"
    ERRORS = "errors"
    WARNINGS = "warnings"
    CHANGED = "changed"
    LEFT_OUT = "left_out"
    ALL = "all"


@dataclass(frozen=True)
class GridQuery:
    """What the person asked to see. code and field narrow to one kind of problem, search to a text."""

    show: Show = Show.TROUBLE
    code: str | None = None
    field: str | None = None
    search: str = ""
    sort: str = BY_ROW
    descending: bool = False


def rows_of(
    wanted: GridQuery,
    review: Review,
    *,
    every_row: pd.Index,
    columns: Iterable[str],
    shown: Shown,
    left_out: Iterable[int],
    edited: Iterable[int],
) -> pd.Index:
    """Spreadsheet row numbers in the order asked for; rows that are equal in it stay in the sheet's order.

    wanted: what the person asked to see, and in which order
    review: says which rows are in trouble or were changed by cleaning
    every_row: the sheet's rows, those that are left out too
    columns: contacts columns where `search` looks
    shown: gives their cells as the person sees them, for the search and the order
    left_out: rows that the person does not send
    edited: rows with a cell that the person typed into
    """
    rows = reading_order(
        every_row[every_row.isin(list(_chosen(wanted, review, every_row, left_out, edited)))]
    )
    if wanted.search.strip():
        rows = rows[_found(wanted.search.strip(), rows, columns, shown)]
    if wanted.sort == BY_ROW:
        return rows[::-1] if wanted.descending else rows
    return shown(wanted.sort, rows).sort_values(kind="stable", ascending=not wanted.descending).index


def _chosen(
    wanted: GridQuery, review: Review, every_row: pd.Index, left_out: Iterable[int], edited: Iterable[int]
) -> Iterable[int]:
    if wanted.show == Show.CHANGED:
        return {*review.changes["row"], *edited}
    if wanted.show == Show.LEFT_OUT:
        return left_out
    if wanted.show == Show.ALL:
        return every_row
    problems = review.problems
    if wanted.code:
        problems = problems[problems["code"].eq(wanted.code)]
    if wanted.field:
        problems = problems[problems["field"].eq(wanted.field)]
    severity = {Show.ERRORS: Severity.ERROR, Show.WARNINGS: Severity.WARNING}.get(wanted.show)
    return (
        problems["row"] if severity is None else problems.loc[problems["severity"].eq(severity.value), "row"]
    )


def _found(search: str, rows: pd.Index, columns: Iterable[str], shown: Shown) -> Any:
    hit = np.array([search in (str(row_in_sheet(row)), row_name(row)) for row in rows], dtype=bool)
    is_mask = holds_mask(search)  # copied from the screen: it stands for every number it may be
    wanted = mask_pattern(search) if is_mask else search
    for name in columns:
        hit |= shown(name, rows).str.contains(wanted, case=False, regex=is_mask).to_numpy()
    return hit


def rows_that_fit(contacts: pd.DataFrame, rows: pd.Index) -> int:
    """Rows a page may have at most, by the longest of these; at least 1."""
    lengths, places = np.zeros(len(rows), dtype="int64"), contacts.index.get_indexer(rows)
    for name in contacts.columns:
        lengths += picked(contacts[name], places).str.len().to_numpy("int64")
    return max(1, PAGE_CHARACTERS // max(int(lengths.max(initial=0)), 1))


def page_of(rows: pd.Index, number: int, size: int) -> pd.Index:
    """One page of the rows; the last one where there are fewer.

    rows: all that the grid shows, in order
    number: of the page, counted from 1
    size: rows a page has at most
    """
    start = (min(number, pages(rows, size)) - 1) * size
    return rows[start : start + size]


def pages(rows: pd.Index, size: int) -> int:
    """How many pages these rows need; at least 1."""
    return max(1, -(-len(rows) // size))


def cell_changes(edited_rows: dict[int, dict[str, Any]], rows: list[int]) -> list[tuple[int, str, Any]]:
    """The grid's diff (position → column → value) as (spreadsheet row number, column, value)."""
    return [
        (rows[int(at)], column, value) for at, cells in edited_rows.items() for column, value in cells.items()
    ]
