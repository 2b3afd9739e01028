"""Which rows the review grid shows, and what came back from it. Pure: the grid draws it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.problems import Severity
from lib.row_numbers import reading_order, row_name, row_of_file
from lib.validation import Review

#: Rows on one page of the grid; a page, not the file, travels to the browser.
PAGE_ROWS = 50


class Show(StrEnum):
    """What the grid shows."""

    TROUBLE = "trouble"
    ERRORS = "errors"
    WARNINGS = "warnings"
    CHANGED = "changed"
    LEFT_OUT = "left_out"
    ALL = "all"


def rows_of(
    show: Show,
    review: Review,
    *,
    contacts: pd.DataFrame,
    every_row: pd.Index,
    left_out: Iterable[int],
    edited: Iterable[int],
    code: str | None = None,
    search: str = "",
) -> pd.Index:
    """Spreadsheet row numbers in the sheet's order. `code` narrows to one kind of problem, `search` to a text.

    contacts: every row as mapped, those that are left out too.
    """
    problems = review.problems
    if code:
        problems = problems[problems["code"].eq(code)]
    severities = {Show.ERRORS: [Severity.ERROR], Show.WARNINGS: [Severity.WARNING]}.get(show, list(Severity))
    troubled = problems.loc[problems["severity"].isin([severity.value for severity in severities]), "row"]
    chosen = {
        Show.CHANGED: lambda: {*review.changes["row"], *edited},
        Show.LEFT_OUT: lambda: set(left_out),
        Show.ALL: lambda: set(every_row),
    }.get(show, lambda: set(troubled))()
    rows = reading_order(every_row[every_row.isin(list(chosen))])
    return rows[_found(contacts, rows, search)] if search.strip() else rows


def _found(contacts: pd.DataFrame, rows: pd.Index, search: str) -> Any:
    texts = contacts.loc[rows]
    wanted = search.strip()
    hit = pd.Series([wanted in (str(row_of_file(row)), row_name(row)) for row in rows], index=rows)
    for name in texts.columns:
        hit |= texts[name].str.contains(wanted, case=False, regex=False)
    return hit.to_numpy()


def page_of(rows: pd.Index, number: int) -> pd.Index:
    """Page `number`, counted from 1; the last page where there are fewer."""
    last = max(1, pages(rows))
    start = (min(number, last) - 1) * PAGE_ROWS
    return rows[start : start + PAGE_ROWS]


def pages(rows: pd.Index) -> int:
    """How many pages these rows need; at least 1."""
    return max(1, -(-len(rows) // PAGE_ROWS))


def cell_changes(edited_rows: dict[int, dict[str, Any]], rows: list[int]) -> list[tuple[int, str, Any]]:
    """The grid's diff (position → column → value) as (spreadsheet row number, column, value)."""
    return [(rows[int(at)], column, value) for at, cells in edited_rows.items() for column, value in cells.items()]
