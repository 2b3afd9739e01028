"""Tasks, components and tokens by the platform's own names; and everything without them."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib import sandbox
from lib.mapping.components import ComponentRow
from lib.ui.services import Services
from lib.words import t
from tests import practice_platform
from tests.ui.conftest import visit
from tests.ui.steps import (
    TASK,
    TOKEN,
    USER,
    button,
    column,
    draft_of,
    fill,
    real,
    switch,
    texts,
    unfold_receipt,
    unfolded,
    upload,
)
from tests.waiting import until


@pytest.fixture
def platform() -> Iterator[str]:
    """Stands for the real platform."""
    with sandbox.running(token=TOKEN) as url:
        yield url


def typed(app: AppTest, url: str) -> AppTest:
    """A new connection's form with an account and a token, and no task yet."""
    visit(app, "connection")
    app.radio[0].set_value("new").run()
    for name, value in {"name": "外呼", "base_url": url, "user_id": USER, "token.0": TOKEN}.items():
        app.text_input(key=f"connection.new.{name}").input(value)
    return app.run()


def test_a_task_is_picked_by_name_before_the_connection_is_saved(
    app: AppTest, desk: Services, platform: str
) -> None:
    button(typed(app, platform), "列出平台上的任务").click().run()
    picker = app.selectbox(key="task.new")
    assert picker.options == [
        "会员续费提醒（2.0） · 2.0 任务 · 运行中",
        "十一月老客户回访 · 已暂停",
        "华东分公司邀约 · 已暂停 · 子账户 华东分公司",
    ]
    picker.select(sandbox.SUB_TASK_ID).run()
    button(app, "保存").click().run()
    assert not app.exception
    (saved,) = desk.store.connections.all()
    assert (saved.task_id, saved.options.sub_user_id) == (sandbox.SUB_TASK_ID, sandbox.SUB_USER_ID)


def test_the_name_of_the_task_stands_on_every_page_and_survives_the_platform(
    app: AppTest, desk: Services, platform: str
) -> None:
    real(app, platform)
    practice_platform.control(platform, variants=["lookups_missing"])
    assert "十一月老客户回访" in "".join(str(item.value) for item in visit(app, "overview").markdown)
    visit(app, "connection")
    (saved,) = desk.store.connections.all()
    assert app.selectbox(key=f"task.{saved.id}").value == TASK


def test_the_picker_of_the_practice_platform_holds_at_once(app: AppTest, desk: Services) -> None:
    visit(app, "connection")
    assert "默认的任务" in texts(app)
    button(app, "列出平台上的任务").click().run()
    app.selectbox(key="task.practice").select(sandbox.SUB_TASK_ID).run()
    chosen = desk.connection("practice")
    assert (chosen.task_id, chosen.options.sub_user_id) == (sandbox.SUB_TASK_ID, sandbox.SUB_USER_ID)
    app.selectbox(key="task.practice").select(TASK).run()
    chosen = desk.connection("practice")
    assert (chosen.task_id, chosen.options.sub_user_id) == (TASK, "")


@pytest.mark.parametrize(
    ("variant", "sentence"), [("directory_missing", "可能没有提供这项查询"), ("directory_strange", "看不懂")]
)
def test_a_list_that_cannot_be_had_is_told_with_the_answer_and_typing_goes_on(
    app: AppTest, desk: Services, platform: str, variant: str, sentence: str
) -> None:
    practice_platform.control(platform, variants=[variant])
    button(typed(app, platform), "列出平台上的任务").click().run()
    assert not app.exception
    assert "手工填写任务 ID" in texts(app)
    assert sentence in texts(app) + "".join(box.value for box in app.code)
    assert any('"code"' in box.value for box in app.code)
    assert not any("任务没有被删除" in box.value for box in app.error), "no task was asked for"
    app.text_input(key="connection.new.task_id").input(TASK)
    button(app, "保存").click().run()
    assert [saved.task_id for saved in desk.store.connections.all()] == [TASK]


@pytest.mark.parametrize("missing", ["user_id", "token.0"])
def test_listing_without_an_account_or_a_token_says_what_is_missing(
    app: AppTest, platform: str, missing: str
) -> None:
    typed(app, platform)
    app.text_input(key=f"connection.new.{missing}").input("")
    button(app, "列出平台上的任务").click().run()
    assert not app.exception
    assert len(app.error) == 1


def test_a_running_new_task_warns_before_sending_and_is_paused_only_on_a_click(
    app: AppTest, platform: str
) -> None:
    def is_running() -> bool:
        return bool(practice_platform.control(platform)["running"])

    real(app, platform, sandbox.RUNNING_TASK_ID)
    upload(app)
    visit(app, "submit")
    assert any("6007" in warning.value for warning in app.warning)
    assert not button(app, "提交 2 个号码").disabled
    assert is_running()
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert not is_running()
    assert any("已暂停" in box.value for box in app.success)
    assert not any("6007" in warning.value for warning in app.warning)


def test_a_pause_that_is_refused_is_told_and_the_warning_stays(app: AppTest, platform: str) -> None:
    real(app, platform, sandbox.RUNNING_TASK_ID)
    upload(app)
    visit(app, "submit")
    practice_platform.control(platform, token="another-token-9")
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert any("令牌" in box.value for box in app.error)
    assert any("6007" in warning.value for warning in app.warning)
    assert "上次看到的是：运行中" in texts(app)


def test_with_every_look_up_missing_the_numbers_are_sent_all_the_same(
    app: AppTest, desk: Services, platform: str
) -> None:
    practice_platform.control(platform, variants=["lookups_missing"])
    real(app, platform)
    upload(app)
    for page in ("mapping", "review", "submit"):
        visit(app, page)
        assert not app.exception
    button(app, "提交 2 个号码").click().run()
    (run,) = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).state == "finished", "the run never ended")
    assert len(practice_platform.ledger(platform)["numbers"]) == 2


def test_the_test_of_a_connection_says_how_long_the_token_is_good(app: AppTest, platform: str) -> None:
    fill(app, name="外呼", base_url=platform, user_id=USER, task_id=TASK, token=TOKEN)
    for variant, sentence in (
        ("", "令牌有效期到"),
        ("token_left", "只剩 1 天"),
        ("token_over", "已经过期"),
        ("token_silent", "没有说明令牌的有效期"),
    ):
        practice_platform.control(platform, variants=[variant] if variant else [])
        assert sentence not in texts(app), variant
        button(app, "测试连接").click().run()
        assert not app.exception, variant
        assert sentence in texts(app), variant


PEOPLE = "姓名,手机号,意向车型,预约日期\n张伟,13012121211,轿车,2026/3/4\n王芳,13012121212,,2026-03-05\n李娜,13012121213,轿车,03/04/2026\n"


def named(app: AppTest) -> AppTest:
    """The mapping page of the practice platform with its components fetched."""
    upload(app, PEOPLE)
    visit(app, "mapping")
    return button(app, "按名称选公海组件").click().run()


def test_components_are_taken_by_name_and_their_rules_checked_and_sent(app: AppTest, desk: Services) -> None:
    named(app)
    assert any("意向车型" in box.value for box in app.warning), "required, and nothing feeds it yet"
    button(app, "采用这 2 列").click().run()
    assert not app.exception
    assert "必填" in texts(app)
    assert not any("平台要求" in box.value for box in app.warning)
    unfold_receipt(app)
    visit(app, "review")
    assert not app.exception
    assert "填写 1 处平台要求必填的公海组件" in texts(app)
    assert "确认 1 个分不清月和日的日期" in texts(app)
    assert "日期改为“年-月-日”的写法" in texts(app)
    visit(app, "submit")
    assert button(app, "提交 1 个号码")


def test_a_component_is_added_by_name_and_the_names_stay_without_the_platform(
    app: AppTest, desk: Services
) -> None:
    named(app)
    switch(desk, variants=["lookups_missing"])
    picker = next(box for box in app.selectbox if box.label == "按名称添加公海组件")
    assert "年龄 · 数字、可不填、整数" in picker.options
    picker.select_index(picker.options.index("年龄 · 数字、可不填、整数")).run()
    assert not app.exception
    assert any(box.value == "年龄" for box in app.text_input)
    button(app, "按名称选公海组件").click().run()
    assert not app.exception
    assert "仍是上次查到的内容" in texts(app)
    assert "5 个公海组件" in texts(app)


def test_an_id_that_is_typed_takes_its_name_and_rules_from_the_list(app: AppTest) -> None:
    named(app)
    button(app, "添加公海组件").click().run()
    app.text_input[-3].input("45c48cce-2e2d-4fbd-8a0c-1f6bb3d7e902").run()
    assert not app.exception
    assert any(box.value == "预约日期" for box in app.text_input)
    assert "平台的规则：日期、可不填" in texts(app).replace("\\", "")


def test_components_remembered_without_rules_take_them_over_from_the_list(
    app: AppTest, desk: Services
) -> None:
    named(app)
    draft = draft_of(desk)
    rows = [ComponentRow(id="45c48cce-2e2d-4fbd-8a0c-1f6bb3d7e902", label="日子", column="预约日期")]
    draft.change_components(rows)
    visit(app, "mapping")
    assert not app.exception
    (row,) = draft_of(desk).component_rows
    assert (row.label, row.rules) == ("日子", ("sometimes", "date"))


def kinds(app: AppTest) -> list[str]:
    """What is chosen of components of which no list says what they hold."""
    return [box.value for box in app.selectbox if box.label == t("components.kind", "zh")]


def test_without_the_list_a_person_says_that_a_component_holds_dates(app: AppTest, desk: Services) -> None:
    upload(app, PEOPLE.replace("03/04/2026", "46085"))
    draft_of(desk).change_components(
        [ComponentRow(id="45c48cce-2e2d-4fbd-8a0c-1f6bb3d7e902", label="日子", column="预约日期")]
    )
    visit(app, "mapping")
    assert kinds(app) == [""]
    next(box for box in app.selectbox if box.label == t("components.kind", "zh")).select("date").run()
    assert not app.exception
    assert kinds(app) == ["date"]
    told = t("components.as_date", "zh", names="日子")
    assert told in texts(app)
    visit(app, "review")
    assert t("problem.date_invalid.fix", "zh", count=1) in texts(app)
    button(app, t("review.accept", "zh", count=1)).click().run()
    visit(app, "submit")
    assert told in texts(app)
    assert button(app, "提交 3 个号码")


def test_a_column_becomes_a_component_by_its_name_and_nobody_sees_an_id(app: AppTest, desk: Services) -> None:
    named(app)
    box = column(app, "意向车型")
    assert "组件：意向车型" in box.options
    box.select_index(box.options.index("组件：意向车型")).run()
    (row,) = draft_of(desk).component_rows
    assert (row.label, row.column) == ("意向车型", "意向车型")
    assert "必填" in texts(app)
    assert not any(row.id in str(one.value) for one in (*app.text_input, *app.markdown, *app.caption))
    unfolded(app, desk, "components.settled")
    assert [one.label for one in app.text_input] == [
        t("recipe.name", "zh"),
        t("components.label", "zh"),
        t("components.value", "zh"),
    ]
    column(app, "意向车型").select(("nothing", "")).run()
    assert draft_of(desk).component_rows == ()
    assert not button(app, t("mapping.next", "zh")).disabled


def test_what_the_list_says_of_a_component_leaves_nothing_to_choose(app: AppTest) -> None:
    named(app)
    button(app, "采用这 2 列").click().run()
    assert kinds(app) == []


def test_an_id_that_is_not_among_the_accounts_components_is_pointed_out(app: AppTest) -> None:
    named(app)
    button(app, "添加公海组件").click().run()
    app.text_input[-3].input("00000000-2e2d-4fbd-8a0c-1f6bb3d7e902").run()
    assert "没有这个 ID" in texts(app)


def test_a_task_that_is_no_longer_listed_keeps_its_last_state_and_that_is_said(
    app: AppTest, platform: str
) -> None:
    real(app, platform, sandbox.RUNNING_TASK_ID)
    upload(app)
    practice_platform.control(platform, variants=["directory_missing"])
    visit(app, "submit")
    assert not app.exception
    assert "上次看到的是：运行中" in texts(app)
    assert not button(app, "提交 2 个号码").disabled


def test_components_in_any_shape_break_nothing(app: AppTest, desk: Services) -> None:
    upload(app, PEOPLE)
    readable = ("rules_strange", "list_no_names")  # last: what was once read is kept
    for variant in ("directory_strange", "directory_failing", "list_bare", *readable):
        switch(desk, variants=[variant])
        visit(app, "mapping")
        button(app, "按名称选公海组件").click().run()
        assert not app.exception, variant
        assert ("请手工填写组件 ID" in texts(app)) is (variant not in readable), variant
        for page in ("upload", "review", "submit"):
            assert not visit(app, page).exception, (variant, page)
