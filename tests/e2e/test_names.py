"""By the platform's own names, in a real browser: a task picked, two components mapped, their rules checked and sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import practice_platform
from tests.e2e import desk
from tests.e2e.desk import choose, go, open_page, press, press_while_there, upload
from tests.e2e.server import AppServer

PEOPLE = "姓名,手机号,意向车型,预约日期\n张伟,13012121211,轿车,2026/3/4\n王芳,13012121212,,2026-03-05\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """An app whose connection both tests turn to another task."""
    with AppServer(tmp_path_factory.mktemp("names") / "data") as running:
        yield running


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


def begin(page: Page, server: AppServer, folder: Path, task: str, people: str = PEOPLE) -> None:
    """Pick a task by its name, and upload two people."""
    sheet = folder / "people.csv"
    sheet.write_text(people, "utf-8")
    open_page(page, server.url, "connection")
    press(page, "列出平台上的任务")
    choose(page, "按名称选择任务", task)
    go(page, "upload")
    upload(page, sheet)


@pytest.mark.long
def test_a_task_that_6007_shows_to_be_running_is_paused_from_the_run_and_the_person_goes_on(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    begin(
        page,
        server,
        tmp_path,
        "会员续费提醒（2.0） · 2.0 任务 · 运行中",
        PEOPLE.replace("1301212121", "1301212122"),
    )
    url = server.practice_url()
    before = practice_platform.ledger(url)["numbers"]
    go(page, "submit")
    expect(page.get_by_text("现在提交，平台会拒绝（代码 6007）")).to_be_visible()
    press(page, "提交 2 个号码")
    expect(page.get_by_text("所以停了下来，没发出的号码都还在")).to_be_visible()

    practice_platform.control(url, token="another-token-9")
    pause(page)
    expect(page.get_by_text("没能暂停“会员续费提醒（2.0）”")).to_be_visible()
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text("令牌")
    assert practice_platform.control(url)["running"]

    practice_platform.control(url, token="practice")
    pause(page)
    expect(page.get_by_text("已暂停。现在请点“继续发送”")).to_be_visible()
    assert practice_platform.control(url)["running"] == []
    assert practice_platform.ledger(url)["numbers"] == before
    press_while_there(page, "继续发送")
    desk.has_ended(page)
    assert len(practice_platform.ledger(url)["numbers"]) == len(before) + 2


@pytest.mark.long
def test_a_task_and_two_components_are_chosen_by_name_and_what_is_sent_carries_their_ids(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    begin(page, server, tmp_path, "华东分公司邀约 · 已暂停 · 子账户 华东分公司")
    go(page, "mapping")
    press(page, "按名称选公海组件")
    press(page, "采用这 2 列")
    expect(page.get_by_text("平台的规则：文本、必填")).to_be_visible()
    go(page, "review")
    expect(page.get_by_text("填写 1 处平台要求必填的公海组件")).to_be_visible()
    go(page, "submit")
    expect(page.get_by_text("任务 华东分公司邀约")).to_be_visible()
    press(page, "提交 1 个号码")
    desk.has_ended(page)
    batch = practice_platform.ledger(server.practice_url())["batches"][-1]
    assert batch["rows"][0]["phone"] == "13012121211"
    assert batch["sub_user_id"] == "91f9254f-ca58-49af-be34-8370d7549d73"
    assert [part["value"] for part in batch["rows"][0]["components"]] == ["轿车", "2026-03-04"]


def pause(page: Page) -> None:
    """Ask for the pause of the task: two clicks, the second one says what it does."""
    page.get_by_role("button", name="暂停这个任务").click()
    expect(page.get_by_text("直到有人在平台上重新启动它")).to_be_visible()
    press(page, "确定暂停")
