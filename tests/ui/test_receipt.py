"""The receipt of cleaning: what changed by kind, a way back for each kind, and what sorts of numbers there are."""

import io

import openpyxl
from streamlit.testing.v1 import AppTest

from lib.draft.plan import run_plan
from lib.platform.connection import practice
from lib.results.exports import results_file
from lib.ui.services import Services
from tests.ui.conftest import visit
from tests.ui.steps import button, draft_of, texts, unfold_receipt, upload

SHEET = "姓名,手机号\n张伟,139 1234 5678\n王芳,+8613012121211\n李娜,1.30E+10\n赵四,1.3812121211E+10\n孙八,17012121211\n周九,0755-12345678\n"
HERE = practice("")


def received(app: AppTest) -> None:
    """The review of the sheet, with the receipt unfolded."""
    unfold_receipt(app)
    visit(upload(app, SHEET), "review")


def test_a_kind_of_cleaning_is_taken_back_and_done_again(app: AppTest, desk: Services) -> None:
    received(app)
    assert "国家代码" in texts(app)
    unfold_receipt(app)
    app.button(key="receipt.keep.country_code").click().run()
    assert not app.exception
    draft = draft_of(desk)
    assert draft.review(HERE).contacts.at[3, "phone"] == "+8613012121211"
    assert "处保持原样" in texts(app)
    assert "确认 1 个保持原样的号码" in texts(app)
    unfold_receipt(app)
    app.button(key="receipt.clean.country_code").click().run()
    assert draft_of(desk).keep == frozenset()
    assert "个保持原样的号码" not in texts(app)


def test_a_row_that_can_no_longer_be_sent_is_told(app: AppTest, desk: Services) -> None:
    received(app)
    app.button(key="receipt.keep.spaces").click().run()
    assert "改正或重新整理 1 个保持原样的单元格" in texts(app)
    assert not draft_of(desk).review(HERE).sendable.at[2]


def test_lost_and_restored_digits_are_told_apart_with_the_way_to_avoid_them(app: AppTest) -> None:
    received(app)
    for told in ("有 1 个号码在表格里就缺了数字", "1 个写成科学计数法的号码，数字是完整的"):
        assert "“文本”" in next(line for line in texts(app).split("\n") if told in line)


def test_the_numbers_are_named_by_kind_and_a_landline_by_its_place(app: AppTest) -> None:
    visit(upload(app, SHEET), "review")
    assert "手机 3 · 虚拟运营商手机 1 · 座机 1" in texts(app)
    statuses = [value for frame in app.dataframe for value in frame.value.astype(str).to_numpy().ravel()]
    assert any("座机号码（广东省深圳市）" in value for value in statuses)


def test_the_same_words_in_english(app: AppTest) -> None:
    app.segmented_control(key="lang").set_value("en").run()
    received(app)
    assert "mobile of a virtual operator 1" in texts(app)
    assert button(app, "Keep as it was")


def test_the_results_of_a_run_mark_the_cells_that_kept_rows_back(app: AppTest, desk: Services) -> None:
    upload(app, SHEET)
    run_id = desk.store.runs.create(run_plan(draft_of(desk), HERE))
    sheet = openpyxl.load_workbook(
        io.BytesIO(results_file(desk.store, desk.store.runs.get(run_id), "zh"))
    ).worksheets[0]
    assert [cell.value for cell in sheet[1]][:6] == [
        "姓名", "手机号", "实际发送的号码", "导入结果", "原因", "批次号",
    ]  # fmt: skip
    comments = {
        cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment
    }
    assert comments.keys() == {"B4", "B7"}
    assert "1.30E+10" in comments["B4"]
    assert "广东省深圳市" in comments["B7"]
