"""Which rows the grid shows, page by page, and what its diff means."""

import pandas as pd
import pytest

from lib.draft.grid_rows import (
    PAGE_CHARACTERS,
    GridQuery,
    Show,
    cell_changes,
    page_of,
    pages,
    rows_of,
    rows_that_fit,
)
from lib.platform.connection import Options
from lib.validation import check

CONTACTS = pd.DataFrame(
    {
        "phone": ["13012121211", "1301", "0755-12345678", "１３９12345678"],
        "name": ["张伟", "王芳", "李娜", "赵四"],
    },
    index=[2, 3, 4, 7],
    dtype="str",
)


def rows(show: Show, **wanted: object) -> list[int]:
    """Row numbers for one filter."""
    review = check(CONTACTS, Options())
    found = rows_of(
        GridQuery(show, **wanted),
        review,
        every_row=CONTACTS.index,
        columns=["phone", "name"],
        shown=lambda name, rows: review.contacts.loc[rows, name],
        left_out={7},
        edited={2},
    )
    return list(found)


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        (Show.TROUBLE, [3, 4]),
        (Show.ERRORS, [3]),
        (Show.WARNINGS, [4]),
        (Show.CHANGED, [2, 4, 7]),
        (Show.LEFT_OUT, [7]),
        (Show.ALL, [2, 3, 4, 7]),
    ],
)
def test_each_filter_shows_its_rows_in_the_sheets_order(show: Show, expected: list[int]) -> None:
    assert rows(show) == expected


def test_one_kind_of_problem_can_be_shown_alone() -> None:
    assert rows(Show.TROUBLE, code="phone_landline") == [4]
    assert rows(Show.TROUBLE, code="phone_landline", field="name") == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [("王", [3]), ("李", [4]), ("7", [4, 7]), ("13912345678", [7]), ("nobody", []), ("(", [])],
)
def test_search_finds_row_numbers_and_text_as_it_is_shown(search: str, expected: list[int]) -> None:
    assert rows(Show.ALL, search=search) == expected


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        ("", False, [2, 3, 4, 7]),
        ("", True, [7, 4, 3, 2]),
        ("phone", False, [4, 3, 2, 7]),
        ("name", True, [7, 3, 4, 2]),
    ],
)
def test_the_rows_come_in_the_order_asked_for(sort: str, descending: bool, expected: list[int]) -> None:
    assert rows(Show.ALL, sort=sort, descending=descending) == expected


def test_equal_cells_stay_in_the_sheets_order_both_ways() -> None:
    assert rows(Show.ALL, sort="sort") == rows(Show.ALL, sort="sort", descending=True) == [2, 3, 4, 7]


def test_a_page_is_never_longer_than_a_page_and_the_last_one_answers_for_too_much() -> None:
    many = pd.Index(range(2, 2 + 2 * 50 + 1))
    assert pages(many, 50) == 3
    assert len(page_of(many, 1, 50)) == 50
    assert list(page_of(many, 9, 50)) == [many[-1]]
    assert pages(pd.Index([]), 50) == 1


def test_sec63_a_page_has_fewer_rows_where_their_cells_are_very_long() -> None:
    table = pd.DataFrame(
        {"name": ["张", "x" * 32_767, "李"], "company": ["", "y" * 7_233, "丙"]}, index=[2, 3, 4], dtype="str"
    )
    assert rows_that_fit(table, pd.Index([2, 3])) == PAGE_CHARACTERS // 40_000 == 50
    assert rows_that_fit(table, pd.Index([2, 4])) == PAGE_CHARACTERS // 2
    assert rows_that_fit(table, pd.Index([])) == PAGE_CHARACTERS
    table.loc[4, "name"] = "z" * (PAGE_CHARACTERS + 1)
    assert rows_that_fit(table, table.index) == 1


def test_the_grids_positions_become_row_numbers() -> None:
    diff = {0: {"phone": "1", "send": False}, 2: {"name": None}}
    assert cell_changes(diff, [5, 9, 11]) == [(5, "phone", "1"), (5, "send", False), (11, "name", None)]
