"""What really arrived, in a real browser: numbers the platform did not take are told, given back, and reviewed anew."""

import io
import time
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from lib.run.arrivals import ArrivalNote, ImportLook
from lib.store import Store
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer


def settle(server: AppServer) -> None:
    """Let the minutes pass after which the missing rows are surely missing."""
    ahead = 0.0
    store = Store(server.data / "desk.db", clock=lambda: time.time() + ahead)
    [run] = store.runs.latest()
    for ahead in (60.0, 140.0, 220.0):  # noqa: B007 - the clock reads it
        for batch in store.arrivals.of_run(run.id):
            store.looks.record(batch.batch_id, ImportLook(ArrivalNote.LISTED))
    store.close()


def people(path: Path) -> Path:
    """Five hundred contacts, each with a date as offices write them and with the component the platform requires."""
    path.write_text(
        "姓名,手机号,意向车型,预约日期\n"
        + "".join(f"客户{at},1301212{at:04d},轿车,2026/3/{at % 28 + 1}\n" for at in range(500)),
        encoding="utf-8",
    )
    return path


@pytest.mark.long
def test_five_hundred_people_by_name_and_the_twenty_that_did_not_get_in(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    """From an empty data folder: task and components by name, sent, 480 in, 20 told by name and row, taken home, withdrawn, reviewed anew."""
    desk.open_page(page, server.url, "connection")
    desk.press(page, "列出平台上的任务")
    desk.choose(page, "按名称选择任务", "华东分公司邀约 · 已暂停 · 子账户 华东分公司")
    url = server.practice_url()
    practice_platform.control(url, refuse_every=25, called_every=5, check_components=True)
    desk.go(page, "upload")
    desk.upload(page, people(tmp_path / "客户.csv"))
    desk.go(page, "mapping")
    desk.press(page, "按名称选公海组件")
    desk.press(page, "采用这 2 列")
    expect(page.get_by_text("平台的规则：文本、必填")).to_be_visible()
    expect(page.get_by_text("平台的规则：日期、可不填")).to_be_visible()
    desk.go(page, "submit")
    expect(page.get_by_text("任务 华东分公司邀约")).to_be_visible()
    desk.press(page, "提交 500 个号码")
    desk.has_ended(page)
    sent = {
        row["name"]: row["components"]
        for batch in practice_platform.ledger(url)["batches"]
        for row in batch["rows"]
    }
    assert len(sent) == 480
    assert [part["value"] for part in sent["客户30"]] == ["轿车", "2026-03-03"]

    desk.go(page, "history")
    desk.choose_run(page, 0)
    desk.press(page, "立即再查")
    expect(page.get_by_test_id("stMetric").filter(has_text="已导入")).to_contain_text("480")
    settle(server)
    with desk.rerun(page):
        page.keyboard.press("r")  # Streamlit's own key: the list looks again by itself, but not at once
    expect(page.get_by_text("未导入或无法确认的 20 行")).to_be_visible()
    page.get_by_test_id("stDataFrame").nth(2).scroll_into_view_if_needed()
    for column, text in enumerate(("26", "客户24", "130****0024", "未导入")):
        expect(desk.cell(page, 0, column, which=2)).to_have_text(text)

    name = "下载未导入的名单（20 行）"
    rows = list(
        openpyxl.load_workbook(io.BytesIO(desk.download(page, name))).active.iter_rows(values_only=True)
    )
    expected = [
        (row, f"客户{row - 2}") for row in (*range(26, 202, 25), *range(226, 402, 25), *range(426, 502, 25))
    ]
    assert [(int(row[0]), row[1]) for row in rows[1:]] == expected
    page.get_by_role("button", name="撤回一批").click()
    confirm = page.get_by_label("请输入号码个数（200）")
    confirm.fill("200")
    confirm.press("Enter")
    desk.press(page, "撤回这 200 个号码")
    expect(page.get_by_text("第 1 批撤回结果：已撤回")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="把未导入的 20 个号码做成新的上传").click()
    desk.press(page, "新建并去检查")
    page.wait_for_url("**/review**")
    expect(page.get_by_test_id("stMetric").filter(has_text="有错不提交")).to_contain_text("20")
