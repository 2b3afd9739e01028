"""Rows and columns let in or out, and cells with several numbers: nothing else the person did is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.components import ComponentRow
from lib.connection import practice
from lib.draft import Draft
from lib.store import Store
from tests.core.sheet_builder import header, rows, text, workbook

HERE = practice("")
ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"
PHONES = ("13012121211", "1301212", "13612345678", "13712345678")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "desk.db")
    yield opened
    opened.close()


@pytest.fixture
def draft(store: Store) -> Draft:
    """Rows 2 to 5, of which 4 is hidden, a total in row 6, and a hidden column B."""
    people = [(row, text(f"A{row}", phone) + text(f"B{row}", f"公司{row}")) for row, phone in enumerate(PHONES, 2)]
    total = (6, text("A6", "合计") + text("B6", "4"))
    hidden = '<cols><col min="2" max="2" hidden="1"/></cols>'
    data = workbook(rows(header(1, "手机号", "公司"), *people, total, before=hidden, attributes={4: ' hidden="1"'}))
    made = Draft(store)
    made.load_sheet(data, "客户.xlsx")
    return made


def test_hidden_rows_go_out_and_come_back_without_touching_anything_else(store: Store, draft: Draft) -> None:
    draft.change_mapping(draft.mapping.with_constant("source_id", "7"))
    draft.leave_out([2, 4])
    draft.edit([(3, "phone", "13912345678"), (4, "name", "nobody"), (4, "phone", "13812345678")], HERE)
    mapping = draft.mapping
    draft.reread(hidden_rows=False)
    assert draft.contacts["phone"].to_dict() == {2: PHONES[0], 3: "13912345678", 5: PHONES[3]}
    tally = draft.tally(HERE)
    assert (tally.rows, tally.to_send, tally.left_out) == (3, 2, 1)
    assert not draft.reads("hidden_rows")
    found = Draft.open(store, str(draft.id))
    assert found is not None
    assert found.contacts.equals(draft.contacts)
    found.reread(hidden_rows=True)
    assert found.contacts.at[4, "phone"] == "13812345678"
    assert (found.mapping, found.left_out) == (mapping, {2, 4})
    assert found.tally(HERE).rows == 4


def test_a_total_is_left_out_until_it_is_taken_back_in(draft: Draft) -> None:
    draft.edit([(3, "phone", "13912345678")], HERE)
    assert not draft.reads("total_lines")
    assert draft.tally(HERE).rows == 4
    draft.reread(total_lines=True)
    assert draft.tally(HERE).rows == 5
    assert draft.contacts.at[3, "phone"] == "13912345678"


def test_a_hidden_column_that_is_left_out_feeds_nothing_and_feeds_again_when_it_is_back(draft: Draft) -> None:
    draft.change_components([ComponentRow(key="k", id=ID, column="公司")])
    draft.edit([(3, "phone", "13912345678")], HERE)
    draft.reread(hidden_columns=False)
    assert draft.mapping.columns == {"phone": "手机号"}
    assert draft.component_mistakes == {"k": "component_not_fed"}
    draft.reread(hidden_columns=True)
    assert draft.mapping.columns == {"phone": "手机号", "company": "公司"}
    assert draft.contacts.at[3, "phone"] == "13912345678"


def test_a_field_the_person_gave_a_fixed_value_keeps_it_when_columns_come_back(draft: Draft) -> None:
    draft.reread(hidden_columns=False)
    draft.change_mapping(draft.mapping.with_constant("company", "晨光"))
    draft.reread(hidden_columns=True)
    assert draft.contacts["company"].unique().tolist() == ["晨光"]


def test_any_other_reading_starts_anew(draft: Draft) -> None:
    draft.leave_out([2])
    draft.edit([(3, "phone", "13912345678")], HERE)
    draft.reread(header_row=0)
    assert draft.edits == []
    assert draft.left_out == frozenset()
