"""Tasks, components and tokens by the platform's own names; and everything without them."""

import time
from collections.abc import Iterator

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from lib import sandbox
from lib.ui.services import Services
from tests.ui.conftest import visit
from tests.ui.test_connection import TASK, TOKEN, USER, fill
from tests.ui.test_journey import button, texts, upload


@pytest.fixture
def platform() -> Iterator[str]:
    """Stands for the real platform."""
    with sandbox.running(token=TOKEN) as url:
        yield url


def control(url: str, **switches: object) -> None:
    assert httpx.post(f"{url}/_control", json=switches, trust_env=False).status_code == 200


def typed(app: AppTest, url: str) -> AppTest:
    """A new connection's form with an account and a token, and no task yet."""
    visit(app, "connection")
    app.radio[0].set_value("new").run()
    for name, value in {"name": "外呼", "base_url": url, "user_id": USER, "token.0": TOKEN}.items():
        app.text_input(key=f"connection.new.{name}").input(value)
    return app.run()


def real(app: AppTest, url: str, task: str = TASK) -> AppTest:
    """A saved connection, its tasks listed."""
    fill(app, name="外呼", base_url=url, user_id=USER, task_id=task, token=TOKEN)
    return button(app, "列出平台上的任务").click().run()


def test_a_task_is_picked_by_name_before_the_connection_is_saved(app: AppTest, desk: Services, platform: str) -> None:
    button(typed(app, platform), "列出平台上的任务").click().run()
    picker = app.selectbox(key="task.new")
    assert picker.options == ["会员续费提醒（2.0） · 2.0 · 运行中", "十一月老客户回访 · 已暂停", "华东分公司邀约 · 已暂停 · 子账户 华东分公司"]
    picker.select(sandbox.SUB_TASK_ID).run()
    button(app, "保存").click().run()
    assert not app.exception
    (saved,) = desk.store.connections()
    assert (saved.task_id, saved.options.sub_user_id) == (sandbox.SUB_TASK_ID, sandbox.SUB_USER_ID)


def test_the_name_of_the_task_stands_on_every_page_and_survives_the_platform(app: AppTest, desk: Services, platform: str) -> None:
    real(app, platform)
    control(platform, variants=["lookups_missing"])
    assert "十一月老客户回访" in "".join(str(item.value) for item in visit(app, "overview").caption)
    visit(app, "connection")
    (saved,) = desk.store.connections()
    assert app.selectbox(key=f"task.{saved.id}").value == TASK


def test_the_picker_of_the_practice_platform_holds_at_once(app: AppTest, desk: Services) -> None:
    visit(app, "connection")
    button(app, "列出平台上的任务").click().run()
    app.selectbox(key="task.practice").select(sandbox.SUB_TASK_ID).run()
    chosen = desk.connection("practice")
    assert (chosen.task_id, chosen.options.sub_user_id) == (sandbox.SUB_TASK_ID, sandbox.SUB_USER_ID)
    app.selectbox(key="task.practice").select(TASK).run()
    chosen = desk.connection("practice")
    assert (chosen.task_id, chosen.options.sub_user_id) == (TASK, "")


@pytest.mark.parametrize(("variant", "sentence"), [("directory_missing", "404"), ("directory_strange", "看不懂")])
def test_a_list_that_cannot_be_had_is_told_with_the_answer_and_typing_goes_on(
    app: AppTest, desk: Services, platform: str, variant: str, sentence: str
) -> None:
    control(platform, variants=[variant])
    button(typed(app, platform), "列出平台上的任务").click().run()
    assert not app.exception
    assert "手工填写任务 ID" in texts(app)
    assert sentence in texts(app) + "".join(box.value for box in app.code)
    assert any('"code"' in box.value for box in app.code)
    app.text_input(key="connection.new.task_id").input(TASK)
    button(app, "保存").click().run()
    assert [saved.task_id for saved in desk.store.connections()] == [TASK]


@pytest.mark.parametrize("missing", ["user_id", "token.0"])
def test_listing_without_an_account_or_a_token_says_what_is_missing(app: AppTest, platform: str, missing: str) -> None:
    typed(app, platform)
    app.text_input(key=f"connection.new.{missing}").input("")
    button(app, "列出平台上的任务").click().run()
    assert not app.exception
    assert len(app.error) == 1


def test_a_running_new_task_warns_before_sending_and_is_paused_only_on_a_click(app: AppTest, platform: str) -> None:
    def is_running() -> bool:
        return bool(httpx.get(f"{platform}/_control", trust_env=False).json()["running"])

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
    control(platform, token="another-token-9")
    button(app, "确定暂停").click().run()
    assert not app.exception
    assert any("令牌" in box.value for box in app.error)
    assert any("6007" in warning.value for warning in app.warning)
    assert "上次看到的是：运行中" in texts(app)


def test_with_every_look_up_missing_the_numbers_are_sent_all_the_same(app: AppTest, desk: Services, platform: str) -> None:
    control(platform, variants=["lookups_missing"])
    real(app, platform)
    upload(app)
    for page in ("mapping", "review", "submit"):
        visit(app, page)
        assert not app.exception
    button(app, "提交 2 个号码").click().run()
    (run,) = desk.store.runs()
    deadline = time.monotonic() + 30
    while desk.store.run(run.id).state != "finished" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(httpx.get(f"{platform}/_ledger", trust_env=False).json()["numbers"]) == 2


@pytest.mark.parametrize(
    ("variant", "sentence"),
    [("", "令牌有效期到"), ("token_left", "只剩 1 天"), ("token_over", "已经过期"), ("token_silent", "没有说明令牌的有效期")],
)
def test_the_test_of_a_connection_says_how_long_the_token_is_good(app: AppTest, platform: str, variant: str, sentence: str) -> None:
    control(platform, variants=[variant] if variant else [])
    fill(app, name="外呼", base_url=platform, user_id=USER, task_id=TASK, token=TOKEN)
    button(app, "测试连接").click().run()
    assert not app.exception
    assert sentence in texts(app)
