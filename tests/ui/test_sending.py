"""What a person decides about sending: how to start, who is not called, which upload goes on."""

import io
from dataclasses import replace
from types import SimpleNamespace

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.engine import EngineStatus
from lib.errors import Conflict
from lib.platform.connection import practice
from lib.run.states import RunState
from lib.sandbox.world import SUB_TASK_ID
from lib.ui.services import Services
from lib.ui.submit import run as run_panel
from tests.plans import plan
from tests.ui.conftest import ROOT, RUN_SECONDS, figures_of, visit
from tests.ui.steps import THREE, button, draft_of, texts, upload, wait_for
from tests.waiting import until


def test_one_number_goes_first_and_the_rest_when_the_person_says_so(app: AppTest, desk: Services) -> None:
    upload(app, THREE)
    visit(app, "submit")
    app.radio[0].set_value("one").run()
    assert draft_of(desk).start == "one"
    assert "分 **2** 批" in texts(app)
    button(app, "先发 1 个号码（共 3 个）").click().run()
    run_id = wait_for(desk, "paused")
    app.run()
    assert not app.exception
    [first, rest] = desk.store.batches.table(run_id).itertuples()
    assert (first.rows, first.state, rest.rows, rest.state) == (1, "accepted", 2, "planned")
    assert any("先发的 1 个号码，平台已接收" in box.value for box in app.success)
    visit(app, "overview")
    assert "先发的部分已有结果，等您确认" in texts(app)
    button(app, "去看看").click().run()
    button(app, "继续发送其余 2 个号码").click().run()
    wait_for(desk, "finished")
    assert desk.store.runs.get(run_id).rows_by_state == {"accepted": 3}


def test_the_page_is_drawn_anew_where_a_paused_run_has_gone_on_and_paused_again(desk: Services) -> None:
    """Between two looks at it: the state is the same, and what the bar offers is not."""
    run_id = desk.store.runs.create(plan(3, 1, connection=practice("")))
    desk.store.runs.pause(run_id)
    run = replace(desk.store.runs.get(run_id), state="paused", rows_by_state={"planned": 3})
    later = replace(run, rows_by_state={"accepted": 1, "planned": 2})
    assert run_panel._offered(desk, run) == run_panel._offered(desk, run)
    assert run_panel._offered(desk, run) != run_panel._offered(desk, later)


def test_a_sheet_that_fits_into_one_batch_of_one_is_not_asked_how_to_start(app: AppTest) -> None:
    upload(app, "姓名,手机号\n张伟,13012121211\n")
    visit(app, "submit")
    assert not app.radio


def test_doubtful_rows_are_told_to_go_last(app: AppTest) -> None:
    upload(app, THREE + "座机,01088886666\n")
    visit(app, "submit")
    assert "最后 **1** 批放的是 **1** 行有提醒的号码" in texts(app)


def page(app: AppTest) -> AppTest:
    """The do-not-call list."""
    return visit(app, "do_not_call")


def test_pasted_numbers_are_never_sent_and_the_open_upload_follows_at_once(
    app: AppTest, desk: Services
) -> None:
    upload(app, THREE)
    visit(app, "review")
    assert figures_of(app)["将提交"] == "3"
    page(app).text_area[0].input("139-1234-5678\n手机号\n").run()
    button(app, "加入名单").click().run()
    assert any("新加入 1 个号码" in box.value for box in app.success)
    assert any("1 处不是号码" in box.value for box in app.warning)
    assert not app.text_area[0].value
    visit(app, "review")
    assert figures_of(app)["将提交"] == "2"
    assert "1 个号码在勿拨名单上，不会提交" in texts(app)
    assert not any("仍然提交" in one.label for one in app.button)


def test_a_number_is_taken_off_the_list_by_typing_it(app: AppTest, desk: Services) -> None:
    desk.store.do_not_call.add(["13912345678", "13012121211"], "客服.xlsx")
    page(app).text_input[0].input("13700000000").run()
    button(app, "从名单去掉").click().run()
    assert any("没有这个号码" in box.value for box in app.warning)
    app.text_input[0].input("13").run()
    button(app, "从名单去掉").click().run()
    assert any("不是一个号码" in box.value for box in app.warning)
    app.text_input[0].input("+86 139 1234 5678").run()
    button(app, "从名单去掉").click().run()
    assert desk.store.do_not_call.among(["13912345678", "13012121211"]) == ["13012121211"]


def test_the_list_is_cleared_after_a_second_press(app: AppTest, desk: Services) -> None:
    desk.store.do_not_call.add(["13912345678"], "客服.xlsx")
    page(app)
    assert app.dataframe[0].value.iloc[0, 1:].tolist() == ["客服.xlsx", 1]
    button(app, "确定清空").click().run()
    assert desk.store.do_not_call.additions().empty
    assert any("去掉了 1 个号码" in box.value for box in app.success)


def test_a_file_is_added_by_its_column(app: AppTest, desk: Services) -> None:
    page(app)
    app.file_uploader[0].upload("投诉.csv", "姓名,电话\n张伟,13012121211\n王芳,无\n".encode()).run()
    assert app.selectbox[0].value == "电话"
    button(app, "加入这 1 个号码").click().run()
    assert not app.exception
    assert desk.store.do_not_call.additions()[["source", "count"]].values.tolist() == [["投诉.csv", 1]]


def test_nobody_in_the_file_is_passed_over_as_no_contact(app: AppTest, desk: Services) -> None:
    book = openpyxl.Workbook()
    for line in (("电话", "备注"), ("13012121211", "已投诉"), ("13912345678", "请删除"), ("13612345678", "")):
        book.active.append(line)
    book.active.auto_filter.ref = "A1:B4"
    book.active.row_dimensions[2].hidden = True
    out = io.BytesIO()
    book.save(out)
    page(app).file_uploader[0].upload("投诉.xlsx", out.getvalue()).run()
    button(app, "加入这 3 个号码").click().run()
    assert len(desk.store.do_not_call.among(["13012121211", "13912345678", "13612345678"])) == 3


def test_a_file_that_cannot_be_read_is_told(app: AppTest) -> None:
    page(app)
    app.file_uploader[0].upload("空.csv", b"").run()
    assert len(app.error) == 1


def test_how_many_days_are_recent_is_chosen_for_everybody(app: AppTest, desk: Services) -> None:
    assert page(app).number_input[0].value == 7
    app.number_input[0].set_value(30).run()
    assert desk.store.settings.get().recent_days == 30
    assert page(app).number_input[0].value == 30


def test_numbers_sent_to_another_task_are_told_and_the_person_decides(app: AppTest, desk: Services) -> None:
    other = replace(practice(""), id="other", name="旧活动", task_id=SUB_TASK_ID)
    earlier = Draft(desk.store)
    earlier.load_sheet(THREE.encode(), "旧.csv")
    run = desk.store.runs.create(run_plan(earlier, other))
    app.run()
    until(lambda: desk.store.runs.get(run).state == RunState.FINISHED)
    upload(app, THREE.replace("李娜,13612345678", "李娜,13612340000"), "新.csv")
    visit(app, "review")
    assert figures_of(app)["将提交"] == "1"
    assert "旧活动" in app.dataframe[0].value.to_string()
    button(app, "仍然提交这 2 个").click().run()
    visit(app, "submit")
    assert any("近期发到过别的任务" in box.value for box in app.warning)
    assert button(app, "提交 3 个号码")
    assert "最后 **1** 批放的是 **2** 行" in texts(app)
    app.button(key="plan.not_elsewhere").click().run()
    assert button(app, "提交 1 个号码")


def test_a_number_listed_in_another_window_keeps_the_press_from_submitting(
    app: AppTest, desk: Services
) -> None:
    upload(app, THREE)
    visit(app, "submit")
    desk.store.do_not_call.add(["13012121211"], "别的窗口")
    button(app, "提交 3 个号码").click().run()
    assert any("在勿拨名单上" in box.value for box in app.error)
    assert desk.store.runs.latest() == []
    button(app, "提交 2 个号码").click().run()
    assert [run.to_send for run in desk.store.runs.latest()] == [2]


def test_unfinished_uploads_are_listed_with_how_far_they_are(app: AppTest, desk: Services) -> None:
    upload(app, THREE + "赵四,1301\n", "甲.csv")
    visit(app, "overview")
    assert "4 行 · 还没检查 · 刚刚修改" in texts(app)
    visit(app, "review")
    visit(app, "overview")
    assert "4 行 · 可提交 3 行 · 有问题 1 行 · 刚刚修改" in texts(app)
    draft_of(desk).leave_out([5])
    app.run()
    assert "还没检查" in texts(app)


def test_several_uploads_wait_side_by_side_and_each_goes_on_where_it_was(
    app: AppTest, desk: Services
) -> None:
    upload(app, THREE, "甲.csv")
    first = draft_of(desk)
    first.leave_out([2])
    upload(app, THREE + "赵四,13712345678\n", "乙.csv")
    visit(app, "overview")
    assert {"甲.csv", "乙.csv"} <= {element.value for element in app.text}
    app.button(key=f"continue.{first.id}").click().run()
    assert figures_of(app)["将提交"] == "2"
    assert app.query_params["draft"] == first.id


def test_another_browser_finds_every_upload(app: AppTest, desk: Services) -> None:
    upload(app, THREE, "甲.csv")
    upload(app, THREE, "乙.csv")
    newest, oldest = desk.store.drafts.latest()
    other = AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS)
    other.query_params["draft"] = oldest.id
    other.run()
    assert f"continue.{newest.id}" in [one.key for one in other.button]
    visit(other, "review")
    assert not other.exception
    assert other.query_params["draft"] == oldest.id


def test_deleting_an_upload_asks_first_and_leaves_nothing_of_it(app: AppTest, desk: Services) -> None:
    upload(app, THREE, "甲.csv")
    [record] = desk.store.drafts.latest()
    visit(app, "overview")
    assert "不能恢复" in texts(app)
    app.button(key=f"delete.{record.id}").click().run()
    assert desk.store.drafts.latest() == []
    with pytest.raises(Conflict, match="upload_gone"):
        desk.store.uploads.read(str(record.upload_id))
    assert not app.exception


def test_counts_of_an_older_state_are_not_kept(desk: Services) -> None:
    draft = Draft(desk.store)
    draft.load_sheet(THREE.encode(), "甲.csv")
    before = draft.updated
    draft.leave_out([2])
    assert not desk.store.drafts.note_counts(str(draft.id), {"to_send": 3}, before)
    draft.note_counts(practice(""))
    [record] = desk.store.drafts.latest()
    assert (record.counts["to_send"], record.counts["left_out"], record.updated) == (2, 1, draft.updated)


@pytest.mark.parametrize(
    ("waits", "rests", "told"),
    [
        (23.4, 0.0, "正在等待平台答复：已等 23 秒，最多等 90 秒。"),
        (2.0, 0.4, "正在发送 2 批，还有 5 批等待发送。"),
        (0.0, 7.2, "平台没有接受上一次请求，7 秒后自动再试。"),
    ],
)
def test_what_happens_now_is_said_in_one_sentence(waits: float, rests: float, told: str) -> None:
    run = SimpleNamespace(id="one", state="running", batches={"sending": 2, "planned": 5, "accepted": 1})
    status = EngineStatus(
        stands_by=False, storage="", waits={run.id: waits}, rests={run.id: rests}, limits={run.id: 90.0}
    )
    assert run_panel._of_this_moment(status, run) == told  # type: ignore[arg-type]
