"""Which rows the grid shows, page by page, and what its diff means."""

import pandas as pd
import pytest

from lib.connection import Options
from lib.validation import check
from lib.worklist import PAGE_ROWS, Show, cell_changes, page_of, pages, rows_of

CONTACTS = pd.DataFrame(
    {"phone": ["13012121211", "1301", "0755-12345678", "１３９12345678"], "name": ["张伟", "王芳", "李娜", "赵四"]},
    index=[2, 3, 4, 7],
    dtype="str",
)


def rows(show: Show, **more: object) -> list[int]:
    """Row numbers for one filter."""
    settings = {"contacts": CONTACTS, "every_row": CONTACTS.index, "left_out": {7}, "edited": {2}} | more
    return list(rows_of(show, check(CONTACTS, Options()), **settings))


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


@pytest.mark.parametrize(("search", "expected"), [("王", [3]), ("李", [4]), ("7", [4, 7]), ("nobody", []), ("(", [])])
def test_search_finds_text_and_row_numbers(search: str, expected: list[int]) -> None:
    assert rows(Show.ALL, search=search) == expected


def test_a_page_is_never_longer_than_a_page_and_the_last_one_answers_for_too_much() -> None:
    many = pd.Index(range(2, 2 + 2 * PAGE_ROWS + 1))
    assert pages(many) == 3
    assert len(page_of(many, 1)) == PAGE_ROWS
    assert list(page_of(many, 9)) == [many[-1]]
    assert pages(pd.Index([])) == 1


def test_the_grids_positions_become_row_numbers() -> None:
    diff = {0: {"phone": "1", "send": False}, 2: {"name": None}}
    assert cell_changes(diff, [5, 9, 11]) == [(5, "phone", "1"), (5, "send", False), (11, "name", None)]
