"""Rows and columns let in or out, and cells with several numbers: nothing else the person did is lost."""

import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.contact.phone import parts_of
from lib.draft import Draft, bulk
from lib.draft.plan import run_plan, source_table
from lib.mapping.components import ComponentRow
from lib.payload import batches
from lib.platform.connection import practice
from lib.results import problems_workbook, run_workbook
from lib.sheet.row_numbers import made_row, reading_order, row_name, row_of_file
from lib.store import Store
from lib.words import t
from tests.core.sheet_builder import header, rows, text, workbook

HERE = practice("")
ID = "2a87347c-6dd5-4e22-97fe-9b8001dbcd17"
PHONES = ("13012121211", "1301212", "13612345678", "13712345678")


@pytest.fixture
def draft(store: Store) -> Draft:
    """Rows 2 to 5, of which 4 is hidden, a total in row 6, and a hidden column B."""
    people = [
        (row, text(f"A{row}", phone) + text(f"B{row}", f"公司{row}")) for row, phone in enumerate(PHONES, 2)
    ]
    total = (6, text("A6", "合计") + text("B6", "4"))
    hidden = '<cols><col min="2" max="2" hidden="1"/></cols>'
    data = workbook(
        rows(header(1, "手机号", "公司"), *people, total, before=hidden, attributes={4: ' hidden="1"'})
    )
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
    assert (draft.component_rows[0].is_left_out, draft.component_mistakes) == (True, {})
    draft.reread(hidden_columns=True)
    assert (draft.component_rows[0].column, draft.component_rows[0].gone) == ("公司", "")
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


SEVERAL = (
    "姓名,手机号\n张伟,13012121211/13912345678\n王芳,13612345678\n李娜,13712345678、1381234567\n"
    "赵四,13612345678;13612345678\n孙五,13512345678/13612345678\n"
)


@pytest.fixture
def several(store: Store) -> Draft:
    made = Draft(store)
    made.load_sheet(SEVERAL.encode(), "客户.csv")
    return made


def test_cells_with_several_numbers_wait_for_the_person(several: Draft) -> None:
    tally = several.tally(HERE)
    assert (tally.rows, tally.to_send, tally.held_back, tally.made) == (5, 1, 4, 0)


def test_each_number_gets_a_row_and_every_row_is_counted(store: Store, several: Draft) -> None:
    assert several.split_numbers(HERE) == 3
    phones = {row_name(row): phone for row, phone in several.contacts["phone"].items()}
    assert phones == {
        "2": "13012121211",
        "3": "13612345678",
        "4": "13712345678",
        "5": "13612345678",
        "6": "13512345678",
        "2 (2)": "13912345678",
        "4 (2)": "1381234567",
        "6 (2)": "13612345678",
    }
    assert several.contacts.index.is_monotonic_increasing
    assert several.contacts["name"].tolist()[5:] == ["张伟", "李娜", "孙五"]
    assert several.contacts["extra"].is_unique
    tally = several.tally(HERE)
    assert (tally.rows, tally.to_send, tally.held_back, tally.repeated, tally.left_out, tally.made) == (
        8,
        5,
        1,
        2,
        0,
        3,
    )
    found = Draft.open(store, str(several.id))
    assert found
    assert found.contacts.equals(several.contacts)


def test_rows_made_are_edited_left_out_and_joined_again(several: Draft) -> None:
    several.edit([(2, "name", "张先生")], HERE)
    several.split_numbers(HERE)
    second = made_row(4, 2)
    assert several.contacts.at[made_row(2, 2), "name"] == "张先生"
    several.edit([(second, "phone", "13812345678")], HERE)
    several.leave_out([made_row(2, 2)])
    assert several.review(HERE).sendable[second]
    assert several.tally(HERE).left_out == 1
    several.join_numbers()
    assert several.rows_made == 0
    assert several.tally(HERE).rows == 5
    assert several.contacts.at[2, "phone"] == "13012121211/13912345678"
    several.split_numbers(HERE)
    assert several.contacts.at[second, "phone"] == "13812345678"


def test_a_number_the_person_has_settled_is_not_split_behind_their_back(several: Draft) -> None:
    several.edit([(2, "phone", "13012121211")], HERE)
    several.split_numbers(HERE)
    assert "13912345678" not in several.contacts["phone"].tolist()


def test_taking_only_the_first_number_is_a_suggestion(several: Draft) -> None:
    assert bulk.accept_all(several, "phone_several", "phone", HERE) == 4
    assert several.contacts["phone"].tolist() == [
        "13012121211", "13612345678", "13712345678", "13612345678", "13512345678",
    ]  # fmt: skip


def test_the_rows_of_a_run_are_sent_in_the_order_of_their_numbers(store: Store, several: Draft) -> None:
    several.split_numbers(HERE)
    run_id = store.runs.create(run_plan(several, HERE))
    assert store.runs.conservation(run_id).holds
    assert store.runs.get(run_id).rows_total == 8
    claim = store.batches.table(run_id).iloc[0]
    assert (row_name(claim["first_row"]), row_name(claim["last_row"])) == ("2", "2 (2)")
    sent = store.runs.rows(run_id).query("disposition == 'to_send'")["row"].tolist()
    (batch,) = batches(several.review(HERE), HERE.options)
    assert batch.rows.tolist() == sorted(sent)


def test_the_results_tell_both_outcomes_in_the_person_s_own_row(store: Store, several: Draft) -> None:
    several.split_numbers(HERE)
    run_id = store.runs.create(run_plan(several, HERE))
    source = source_table(store.runs.source(run_id))
    assert source["手机号"].tolist() == [line.split(",")[1] for line in SEVERAL.splitlines()[1:]]
    page = openpyxl.load_workbook(io.BytesIO(run_workbook(source, store.runs.rows(run_id), "zh"))).worksheets[
        0
    ]
    lines = [[str(cell or "") for cell in line] for line in page.iter_rows(values_only=True)]
    assert len(lines) == 6
    assert [*lines[1][:2], lines[1][3]] == ["张伟", "13012121211/13912345678", "未发送"]
    assert lines[3][3] == "第 1 个号码：未发送\n第 2 个号码：有错未提交"
    assert "第 2 个号码：" in lines[3][4]
    assert lines[5][3] == "第 1 个号码：未发送\n第 2 个号码：号码重复"
    notes = openpyxl.load_workbook(
        io.BytesIO(run_workbook(source, store.runs.rows(run_id), "zh"))
    ).worksheets[1]
    totals = {str(line[2]): str(line[1]) for line in notes.iter_rows(values_only=True)}
    assert totals[t("structure.total_with_made", "zh")] == "8"


def test_a_sheet_with_problems_names_the_rows_made(several: Draft) -> None:
    several.split_numbers(HERE)
    assert several.sheet
    problems = several.review(HERE).problems
    book = openpyxl.load_workbook(io.BytesIO(problems_workbook(several.sheet.table, problems, "zh")))
    rows = [[str(cell or "") for cell in line] for line in book.worksheets[0].iter_rows(values_only=True)]
    assert [line[0] for line in rows[1:]] == ["5", "4 (2)", "6 (2)"]
    assert "1381234567" in rows[2]


def test_letting_rows_in_or_out_keeps_what_was_split(store: Store) -> None:
    draft = Draft(store)
    draft.load_sheet((SEVERAL + "合计,5\n").encode(), "客户.csv")
    draft.split_numbers(HERE)
    draft.reread(total_lines=True)
    assert draft.rows_made == 3
    draft.reread(header_row=0)
    assert draft.rows_made == 0


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("13012121211/13912345678", ["13012121211", "13912345678"]),
        ("138 1234 5678 139-1234-5678", ["13812345678", "13912345678"]),
        ("13012121211\n13912345678；0755-12345678", ["13012121211", "13912345678", "075512345678"]),
        ("13012121211、1391234567", ["13012121211", "1391234567"]),
        ("13012121211/13012121211", ["13012121211"]),
        ("张三13012121211 李四13912345678", ["13012121211", "13912345678"]),
        ("张三13012121211", ["张三13012121211"]),
        ("13012121211转8001", ["13012121211转8001"]),
        ("110101199001011234", ["110101199001011234"]),
        ("", [""]),
    ],
)
def test_a_cell_is_cut_into_its_numbers_and_nothing_that_was_meant_as_one_is_lost(
    cell: str, parts: list[str]
) -> None:
    assert parts_of(cell) == parts


@given(
    st.lists(st.integers(0, 99_999_999).map("130{:08d}".format), min_size=2, max_size=6),
    st.sampled_from(["/", "、", ",", "；", "\n", " ", " / ", "，或 ", " 备用 "]),
)
def test_whatever_separates_them_every_number_becomes_a_part_and_nothing_else(
    phones: list[str], separator: str
) -> None:
    assert parts_of(separator.join(phones)) == list(dict.fromkeys(phones))


def test_rows_are_named_after_the_row_they_were_made_from() -> None:
    rows = pd.Index([3, 12, made_row(3, 2), made_row(12, 3), made_row(12, 2)])
    assert [row_name(row) for row in reading_order(rows)] == ["3", "3 (2)", "12", "12 (2)", "12 (3)"]
    assert {row_of_file(row) for row in rows} == {3, 12}
