"""Rows corrected in a spreadsheet program are brought back on the review page."""

import io

import openpyxl
from streamlit.testing.v1 import AppTest

from lib.platform.connection import practice
from lib.results.exports import problems_file
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import button, draft_of, texts, upload

HERE = practice("")


def corrected(desk: Services, number: str) -> bytes:
    """The rows with problems as they are downloaded, with another number in the first of them."""
    book = openpyxl.load_workbook(io.BytesIO(problems_file(desk.store, draft_of(desk), HERE, "zh")))
    book.worksheets[0]["C2"] = number
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_corrected_sheet_is_taken_over_and_can_be_undone(app: AppTest, desk: Services) -> None:
    visit(upload(app), "review")
    app.file_uploader[0].upload("改好.xlsx", corrected(desk, "13612345678"))
    app.run()
    assert "找到 **1** 行、1 处改动" in texts(app)
    assert draft_of(desk).contacts.at[4, "phone"] == "1301212", "nothing is changed before it is asked for"
    app.button(key="corrections.apply").click().run()
    assert not app.exception
    assert draft_of(desk).contacts.at[4, "phone"] == "13612345678"
    assert "已并入 1 处改动" in texts(app)
    assert not app.file_uploader[0].value
    button(app, "撤销").click().run()
    assert draft_of(desk).contacts.at[4, "phone"] == "1301212"


def test_the_corrected_sheet_of_another_upload_changes_nothing(app: AppTest, desk: Services) -> None:
    visit(upload(app), "review")
    other = corrected(desk, "13612345678")
    upload(app, "姓名,手机号\n张伟,1301212\n")
    visit(app, "review")
    app.file_uploader[0].upload("改好.xlsx", other)
    app.run()
    assert "不属于现在这份名单" in texts(app)
    assert not [found for found in app.button if found.key == "corrections.apply"]


def test_a_file_without_row_marks_is_told(app: AppTest, desk: Services) -> None:
    visit(upload(app), "review")
    app.file_uploader[0].upload("名单.csv", "姓名,手机号\n李娜,13612345678\n".encode())
    app.run()
    assert any("没有行标记" in error.value for error in app.error)
    assert draft_of(desk).edits == []


def test_what_went_wrong_with_taking_corrections_over_is_told_where_it_was_pressed(
    app: AppTest, desk: Services
) -> None:
    visit(upload(app), "review")
    app.file_uploader[0].upload("改好.xlsx", corrected(desk, "13612345678"))
    app.run()
    draft_of(desk).leave_out([2])  # another window
    app.button(key="corrections.apply").click().run()
    told = [t("error.draft_changed", "zh")]
    assert [one.value for one in app.error] == told
    [panel] = [box for box in app.expander if box.label == t("corrections.title", "zh")]
    assert [one.value for one in panel.error] == told
    assert draft_of(desk).contacts.at[4, "phone"] == "1301212"
