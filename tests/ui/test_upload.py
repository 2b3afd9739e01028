"""A file that was not read right is read another way, and what was noticed is told."""

import io

import openpyxl
from streamlit.testing.v1 import AppTest

from lib.ui.parts.tables import CELL_SHOWN
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import button, draft_of, texts, upload


def workbook() -> bytes:
    """Two worksheets; the first has a title line above its header."""
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["十一月名单"], ["姓名", "手机号"], ["张伟", 13012121211], ["王芳", "139 1234 5678"]):
        book.active.append(row)
    other = book.create_sheet("备用")
    for row in (["手机号"], ["13712345678"]):
        other.append(row)
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_is_read_below_its_title_and_numbers_stay_digits(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    app.file_uploader[0].upload("名单.xlsx", workbook())
    app.run()
    sheet = draft_of(desk).sheet
    assert sheet.header_row == 2
    assert sheet.table["手机号"].tolist() == ["13012121211", "139 1234 5678"]
    assert sheet.table.index.tolist() == [3, 4]
    assert "表头在第 2 行" in texts(app)


def test_sec63_of_a_long_cell_the_preview_shows_the_beginning(app: AppTest, desk: Services) -> None:
    """SEC63; the sheet has all of it."""
    upload(app, f"姓名,手机号\n{'长' * 30_000},13012121211\n")
    assert draft_of(desk).sheet.table["姓名"].str.len().tolist() == [30_000]
    visit(app, "upload")
    shown = [str(cell) for table in app.dataframe for row in table.value.values.tolist() for cell in row]
    assert max(map(len, shown)) == CELL_SHOWN + 1


def test_another_worksheet_can_be_chosen(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    app.file_uploader[0].upload("名单.xlsx", workbook())
    app.run()
    next(box for box in app.selectbox if box.label == "工作表").select("备用").run()
    button(app, "按这样重新读取").click().run()
    assert draft_of(desk).sheet.sheet == "备用"
    assert draft_of(desk).sheet.table["手机号"].tolist() == ["13712345678"]


def test_another_header_row_can_be_chosen(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    app.file_uploader[0].upload("名单.xlsx", workbook())
    app.run()
    next(box for box in app.selectbox if box.label == "表头").select(3).run()
    button(app, "按这样重新读取").click().run()
    assert draft_of(desk).sheet.header_row == 3


def test_a_wrong_encoding_is_told_and_the_right_reading_stays(app: AppTest, desk: Services) -> None:
    upload(app)
    next(box for box in app.selectbox if box.label == "文字编码").select("utf-8").run()
    button(app, "按这样重新读取").click().run()
    assert len(app.error) == 1
    assert draft_of(desk).sheet.encoding == "gb18030"


def test_the_sample_can_be_tried_from_the_first_page(app: AppTest, desk: Services) -> None:
    button(app, "用示例文件试一试").click().run()
    assert draft_of(desk).connection_id == "practice"
    assert draft_of(desk).has_phone()


def test_a_draft_is_deleted_with_its_data(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "overview")
    button(app, "确定删除").click().run()
    assert desk.store.drafts.latest() == []
    assert not app.exception


def test_two_uploads_can_be_prepared_side_by_side(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "overview")
    button(app, t("overview.start", "zh")).click().run()
    upload(app, "手机号\n13712345678\n", name="第二份.csv")
    assert len(desk.store.drafts.latest()) == 2
    visit(app, "overview")
    app.button(key=f"continue.{desk.store.drafts.latest()[1].id}").click().run()
    visit(app, "upload")
    assert any(heading.value == "客户\\.csv" for heading in app.header)


def test_hidden_rows_are_asked_about_and_left_out_at_once(app: AppTest, desk: Services) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.worksheets[0].row_dimensions[4].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    visit(app, "upload")
    app.file_uploader[0].upload("名单.xlsx", buffer.getvalue())
    app.run()
    assert "有 1 行在表格里是隐藏的" in app.radio(key=f"structure.hidden_rows.{draft_of(desk).id}").label
    app.radio(key=f"structure.hidden_rows.{draft_of(desk).id}").set_value(False).run()
    assert not app.exception
    assert draft_of(desk).sheet.table.index.tolist() == [3]
    app.radio(key=f"structure.hidden_rows.{draft_of(desk).id}").set_value(True).run()
    assert draft_of(desk).sheet.table.index.tolist() == [3, 4]


def test_a_plain_list_is_asked_nothing(app: AppTest) -> None:
    upload(app)
    assert "这些要不要" not in texts(app)


def test_a_cell_with_several_numbers_is_split_into_rows_and_joined_again(
    app: AppTest, desk: Services
) -> None:
    upload(app, "姓名,手机号\n张伟,13012121211/13912345678\n王芳,13612345678\n")
    visit(app, "review")
    button(app, "每个号码一行").click().run()
    assert not app.exception
    figures = figures_of(app)
    assert (figures["行（含拆出的）"], figures["将提交"]) == ("3", "3")
    assert "表格里的 2 行 + 拆出的 1 行" in texts(app)
    assert draft_of(desk).rows_made == 1
    visit(app, "upload")
    assert "2 (2)" in app.dataframe[0].value.index.tolist()
    visit(app, "review")
    button(app, "取消拆分").click().run()
    assert draft_of(desk).rows_made == 0
    assert not app.exception


def test_pasted_numbers_are_as_good_as_a_file(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    app.text_area[0].input("13012121211、13912345678\n13612345678").run()
    button(app, "读取粘贴的内容").click().run()
    assert not app.exception
    sheet = draft_of(desk).sheet
    assert (sheet.name, sheet.table["A"].tolist()) == (
        "粘贴的表格.txt",
        ["13012121211", "13912345678", "13612345678"],
    )
    assert app.text_area[0].value == ""


def test_pasting_nothing_asks_for_something(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    button(app, "读取粘贴的内容").click().run()
    assert "请先粘贴内容" in texts(app)
    assert desk.store.drafts.latest() == []


def test_a_doubtful_encoding_is_shown_both_ways_and_the_other_is_taken(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    data = "雷旧捻,13012121211\n".encode("gb18030")
    app.file_uploader[0].upload("名單.csv", data)
    app.run()
    assert "哪一边的文字是对的" in texts(app)
    before = draft_of(desk).sheet.encoding
    button(app, "右边是对的").click().run()
    assert not app.exception
    assert (before, draft_of(desk).sheet.encoding) == ("gb18030", "big5")
    assert "哪一边的文字是对的" not in texts(app)


def test_what_a_filter_hides_is_not_read_unless_wanted_and_the_plan_repeats_it(
    app: AppTest, desk: Services
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.worksheets[0].auto_filter.ref = "A2:B4"
    book.worksheets[0].row_dimensions[4].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    visit(app, "upload")
    app.file_uploader[0].upload("名单.xlsx", buffer.getvalue())
    app.run()
    assert draft_of(desk).sheet.table.index.tolist() == [3]
    visit(app, "submit")
    assert not app.exception
    assert t("plan.not_read", "zh") in texts(app)
    assert "有 1 行被筛掉看不见" in texts(app)
    visit(app, "upload")
    app.radio(key=f"structure.filtered_rows.{draft_of(desk).id}").set_value(True).run()
    assert draft_of(desk).sheet.table.index.tolist() == [3, 4]
    visit(app, "submit")
    assert t("plan.not_read", "zh") not in texts(app)


def test_the_number_of_the_header_row_can_be_typed(app: AppTest, desk: Services) -> None:
    upload(app, "\n".join(f"参数{at},值" for at in range(40)) + "\nA1,B1\n张伟,13012121211\n")
    next(box for box in app.selectbox if box.label == "表头").select(-1).run()
    assert button(app, "按这样重新读取").disabled
    app.number_input[0].set_value(41).run()
    button(app, "按这样重新读取").click().run()
    assert not app.exception
    assert draft_of(desk).sheet.header_row == 41
    assert draft_of(desk).sheet.table.columns.tolist() == ["A1", "B1"]
    assert next(box for box in app.selectbox if box.label == "表头").value == 41


def test_an_example_is_asked_about(app: AppTest, desk: Services) -> None:
    upload(app, "姓名,手机号\n示例：张三,13800138000\n张伟,13012121211\n")
    assert draft_of(desk).sheet.table.index.tolist() == [3]
    app.radio(key=f"structure.example_lines.{draft_of(desk).id}").set_value(True).run()
    assert draft_of(desk).sheet.table.index.tolist() == [2, 3]


def test_where_no_reading_is_likely_nobody_goes_on_before_choosing(app: AppTest, desk: Services) -> None:
    visit(app, "upload")
    data = "name,phone\nДмитрий Кузнецов,13012121211\nОльга Смирнова,13012121212\n".encode("cp1251")
    app.file_uploader[0].upload("list.csv", data)
    app.run()
    assert "两边看起来都不太对" in texts(app)
    assert button(app, "下一步").disabled
    visit(app, "mapping")
    assert "文字编码还没有确定" in texts(app)
    visit(app, "upload")
    button(app, "左边是对的").click().run()
    assert not app.exception
    assert "两边看起来都不太对" not in texts(app)
    assert not button(app, "下一步").disabled


def test_a_sheet_without_doubt_leads_to_the_review_and_says_what_goes_where(app: AppTest) -> None:
    upload(app, "姓名,手机号,备注,年龄,星座,爱好,城市\n张伟,13012121211,老客户,30,白羊,钓鱼,成都\n")
    assert button(app, "下一步：对应列")
    assert "手机号 ← 手机号、姓名 ← 姓名 · 不会发送的列：备注、年龄、星座、爱好等 5 列" in texts(app)
    button(app, "下一步：检查").click().run()
    assert app.title[0].value == "检查和修改"


def test_a_sheet_with_a_doubtful_column_leads_to_the_columns(app: AppTest) -> None:
    upload(app, "手机号,公司电话\n13012121211,01088886666\n")
    assert button(app, "下一步：对应列")
    assert not any(one.label == "下一步：检查" for one in app.button)
