"""Each step of an upload changes the draft, and the pages follow."""

import io

import openpyxl
from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.mapping.components import ComponentRow
from lib.platform.connection import practice
from lib.results.exports import problems_file
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import CSV, button, column, draft_of, field, history, texts, unfolded, upload
from tests.waiting import until

PAGES = (
    "connection",
    "upload",
    "mapping",
    "review",
    "submit",
    "history",
    "do_not_call",
    "privacy",
    "overview",
)


def test_every_page_says_that_this_is_practice_and_what_to_do_when_there_is_nothing_yet(app: AppTest) -> None:
    for page in ("the first page", *PAGES):
        if page in PAGES:
            visit(app, page)
        assert not app.exception, page
        assert "演练" in texts(app), page
        assert app.button, f"{page}: an empty page offers the next step"


def test_switching_the_language_changes_every_word(app: AppTest) -> None:
    app.segmented_control(key="lang").set_value("en").run()
    assert app.title[0].value == "Contact upload desk"
    assert "nobody is called" in texts(app)


def test_an_upload_is_read_mapped_and_saved(app: AppTest, desk: Services) -> None:
    upload(app)
    assert not app.exception
    draft = draft_of(desk)
    assert draft.sheet is not None
    assert draft.sheet.encoding == "gb18030"
    assert draft.mapping.columns == {"phone": "手机号", "name": "姓名", "sex": "性别"}


def test_a_file_that_cannot_be_read_is_told_and_the_earlier_one_stays(app: AppTest, desk: Services) -> None:
    upload(app)
    app.file_uploader[0].upload("空.csv", b"")
    app.run()
    assert len(app.error) == 1
    assert draft_of(desk).sheet is not None


def test_the_mapping_page_changes_what_feeds_a_field(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "mapping")
    column(app, "姓名").select(("nothing", "")).run()
    assert "name" not in draft_of(desk).mapping.columns
    column(app, "姓名").select(("field", "company")).run()
    assert draft_of(desk).mapping.columns["company"] == "姓名"


def test_a_fixed_value_is_typed_beside_its_field(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "mapping")
    field(unfolded(app, desk), "source_id").select(("fixed", "")).run()
    next(box for box in app.text_input if box.key and box.key.endswith("source_id")).input("7").run()
    assert draft_of(desk).contacts["source_id"].unique().tolist() == ["7"]


def test_components_are_added_filled_and_deleted(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "mapping")
    button(app, "添加公海组件").click().run()
    (row,) = draft_of(desk).component_rows
    app.text_input(key=f"component.{row.key}.id").input("2a87347c-6dd5-4e22-97fe-9b8001dbcd17").run()
    assert draft_of(desk).component_mistakes == {row.key: "component_not_fed"}
    app.selectbox(key=f"component.{row.key}.column").select("姓名").run()
    assert draft_of(desk).component_mistakes == {}
    assert "component:2a87347c-6dd5-4e22-97fe-9b8001dbcd17" in draft_of(desk).contacts
    app.button(key=f"component.{row.key}.delete").click().run()
    assert draft_of(desk).component_rows == ()


def test_the_review_counts_every_row_once(app: AppTest) -> None:
    upload(app)
    visit(app, "review")
    figures = figures_of(app)
    assert figures == {"读入的行": "4", "将提交": "2", "有错不提交": "1", "号码重复": "1"}


def test_leaving_a_kind_of_problem_out_and_taking_it_back(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "review")
    button(app, "这 1 行不提交").click().run()
    assert len(draft_of(desk).left_out) == 1


def test_submitting_starts_one_run_and_the_log_has_its_unique_id(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    assert not app.exception
    (run,) = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).state == "finished", "the run never ended")
    (unique_id,) = desk.store.batches.table(run.id)["unique_id"]
    assert len(unique_id) == 36
    history(app, run)
    assert unique_id in app.dataframe[0].value.to_string()


def test_a_submitted_upload_can_no_longer_be_changed(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    for page in ("upload", "mapping", "review"):
        visit(app, page)
        assert "已经提交" in texts(app)
    visit(app, "upload")
    told = {one.label for one in app.button}
    assert told >= {t(key, "zh") for key in ("guard.to_progress", "run.to_history", "run.next_upload")}
    button(app, t("run.next_upload", "zh")).click().run()
    assert not app.exception
    assert app.file_uploader
    assert "已经提交" not in texts(app)


def test_the_mapping_is_remembered_for_the_same_header(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "mapping")
    field(unfolded(app, desk), "company").select(("column", "姓名")).run()
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    button(app, "上传下一份表格").click().run()
    upload(app, CSV.replace("张伟", "周杰"))
    assert draft_of(desk).mapping.columns["company"] == "姓名"
    assert draft_of(desk).mapping.sureness["company"] == "remembered"


def test_a_remembered_component_whose_column_is_not_there_is_left_out_and_said(
    app: AppTest, desk: Services
) -> None:
    wide = "电话1,公司,备注,城市,姓名,手机号,小名\n,甲,,沪,张伟,13012121211,阿伟\n"
    upload(app, wide)
    draft = draft_of(desk)
    draft.change_components([ComponentRow(id="2a87347c-6dd5-4e22-97fe-9b8001dbcd17", column="小名")])
    draft.remember_mapping()
    visit(app, "overview")
    upload(app, wide.replace("小名", "生日"))
    visit(app, "mapping")
    assert not app.exception
    assert not button(app, t("mapping.next", "zh")).disabled
    [told] = [one for one in app.expander if "没有它们的列：小名" in one.label]
    desk.store.drafts.delete(str(draft.id))
    (row,) = draft_of(desk).component_rows
    assert (row.gone, row.is_left_out) == ("小名", True)
    told.selectbox[0].select("生日").run()
    assert [one for one in app.expander if "没有它们的列" in one.label] == []
    assert "component:2a87347c-6dd5-4e22-97fe-9b8001dbcd17" in draft_of(desk).contacts


def test_a_column_that_was_not_taken_is_told_with_the_reason(app: AppTest) -> None:
    upload(
        app, "姓名,电话,手机,来源\n张伟,010-12345678,13012121211,抖音\n李娜,021-87654321,13012121212,百度\n"
    )
    visit(app, "mapping")
    shown = texts(app)
    assert "还有别的列也像，请您来选。" in shown
    assert "没有用作“信息来源 ID”：里面是文字，这一项只收整数。" in shown


def test_components_with_the_pool_switched_off_are_refused_in_words(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "connection")
    app.toggle(key="option.practice.ignore_crm").set_value(True).run()
    assert desk.connection(practice("").id).options.ignore_crm
    visit(app, "mapping")
    button(app, "添加公海组件").click().run()
    (row,) = draft_of(desk).component_rows
    app.text_input(key=f"component.{row.key}.id").input("2a87347c-6dd5-4e22-97fe-9b8001dbcd17").run()
    app.selectbox(key=f"component.{row.key}.column").select("姓名").run()
    visit(app, "submit")
    assert button(app, "提交 2 个号码").disabled
    assert any("公海组件" in error.value for error in app.error)


def test_a_sheet_without_good_rows_cannot_be_submitted(app: AppTest) -> None:
    upload(app, "姓名,手机号\n张伟,1301\n")
    visit(app, "mapping")
    button(app, "用作“手机号”").click().run()
    visit(app, "submit")
    assert button(app, "提交 0 个号码").disabled
    assert any("没有可以提交的行" in error.value for error in app.error)


def test_a_sheet_without_a_phone_column_leads_to_the_columns(app: AppTest) -> None:
    upload(app, "姓名,公司\n张伟,甲\n")
    for page in ("review", "submit"):
        visit(app, page)
        assert "手机号" in texts(app)
        assert button(app, "去对应列")


def test_numbers_sent_before_are_told_and_the_person_decides(app: AppTest, desk: Services) -> None:
    """The same people in a renamed file: nobody is called twice unless somebody says so."""
    upload(app)
    visit(app, "submit")
    button(app, "提交 2 个号码").click().run()
    button(app, "上传下一份表格").click().run()
    upload(app, CSV + "新人,13612345678,男\n", name="改名.csv")
    visit(app, "review")
    figures = figures_of(app)
    assert figures["将提交"] == "1"
    button(app, "仍然提交").click().run()
    visit(app, "submit")
    assert any("再提交一次" in warning.value for warning in app.warning)
    button(app, "改回不提交").click().run()
    assert button(app, "提交 1 个号码")
    visit(app, "review")
    button(app, "仍然提交").click().run()
    visit(app, "submit")
    button(app, "提交 3 个号码").click().run()
    assert not app.exception
    assert [run.to_send for run in desk.store.runs.latest()] == [3, 2]


def test_a_second_tab_that_submits_the_same_numbers_first_is_told(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "submit")
    other = Draft(desk.store)
    other.load_sheet(CSV.encode(), "别的窗口.csv")
    desk.store.runs.create(run_plan(other, desk.connection(practice("").id)))
    button(app, "提交 2 个号码").click().run()
    assert any("已经发到这个任务" in error.value for error in app.error)
    assert len(desk.store.runs.latest()) == 1


def test_a_column_called_like_a_choice_is_not_taken_for_it(app: AppTest, desk: Services) -> None:
    upload(app, "姓名,手机号,不发送\n张伟,13012121211,x\n")
    visit(app, "mapping")
    column(app, "姓名").select(("nothing", "")).run()
    assert "name" not in draft_of(desk).mapping.columns
    assert "不发送" not in draft_of(desk).mapping.columns.values()


def test_components_may_be_called_anything(app: AppTest, desk: Services) -> None:
    upload(app)
    ids = ("2a87347c-6dd5-4e22-97fe-9b8001dbcd17", "3b87347c-6dd5-4e22-97fe-9b8001dbcd17")
    for labels in (("问题", "提交"), ("金额 (元)", "金额 (元)"), ("x (2)", "x"), ("手机号", "行号")):
        rows = [
            ComponentRow(id=one, label=label, column="姓名") for one, label in zip(ids, labels, strict=True)
        ]
        draft_of(desk).change_components(rows)
        for page in ("mapping", "review", "submit"):
            assert not visit(app, page).exception, (labels, page)


def test_the_grid_of_a_second_file_shows_the_second_file(app: AppTest) -> None:
    """The list of rows is frozen while the person works, but never beyond the file it was made for."""
    upload(app)
    visit(app, "review")
    upload(app, CSV.replace("李娜,", "\n\n李娜,"), name="再来.csv")
    visit(app, "review")
    assert not app.exception


def test_another_tab_is_never_undone(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "mapping")
    draft_of(desk).leave_out([2, 3])
    column(app, "姓名").select(("field", "company")).run()
    assert draft_of(desk).left_out == {2, 3}
    assert any("另一个窗口" in error.value for error in app.error)


def test_the_rows_with_problems_can_be_taken_elsewhere(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "review")
    assert any("下载有问题的行" in download.label for download in app.download_button)
    here = desk.connection(practice("").id)
    sheet = openpyxl.load_workbook(
        io.BytesIO(problems_file(desk.store, draft_of(desk), here, "zh"))
    ).worksheets[0]
    rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert any("1301212" in row for row in rows)
    assert not any("13912345678" in "".join(row) for row in rows)


def test_columns_that_nothing_takes_are_named_on_the_mapping_page(app: AppTest) -> None:
    upload(app, "姓名,手机号,备注,课程\n张伟,13012121211,常客,钢琴\n")
    visit(app, "mapping")
    assert "不会发送的列：备注、课程" in texts(app)
