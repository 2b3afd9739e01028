"""What really arrived, in a real browser: numbers the platform did not take are told, given back, and reviewed anew."""

import io
import time
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from lib.arrivals_records import ArrivalNote, Seen
from lib.store import Store
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.e2e.test_journey import download, finished, practice, start_practice


def settle(server: AppServer) -> None:
    """Let the minutes pass after which the missing rows are surely missing."""
    ahead = 0.0
    store = Store(server.data / "desk.db", clock=lambda: time.time() + ahead)
    [run] = store.runs()
    for ahead in (60.0, 140.0, 220.0):  # noqa: B007 - the clock reads it
        for batch in store.arrivals(run.id):
            store.record_look(batch.batch_id, Seen(ArrivalNote.LISTED))
    store.close()


def test_refused_rows_are_told_given_back_and_reviewed_anew(page: Page, server: AppServer, tmp_path: Path) -> None:
    url = start_practice(page, server)
    practice(url, "/_control", {"refuse_every": 25, "called_every": 5})
    sheet = tmp_path / "客户.csv"
    sheet.write_text("姓名,手机号\n" + "".join(f"客户{at},1301212{at:04d}\n" for at in range(500)), encoding="utf-8")
    desk.go(page, "upload")
    desk.upload(page, sheet)
    desk.go(page, "submit")
    desk.press(page, "提交 500 个号码")
    finished(page)
    desk.go(page, "history")
    page.get_by_role("combobox", name="选择一次提交").first.click()
    page.get_by_role("option", name="500 个号码").click()
    desk.settled(page)
    desk.press(page, "立即再查")
    expect(page.get_by_test_id("stMetric").filter(has_text="已导入")).to_contain_text("480", timeout=desk.PATIENCE)
    settle(server)
    name = "下载没导入的名单（20 行）"
    expect(page.get_by_role("button", name=name)).to_be_visible(timeout=desk.PATIENCE)
    rows = list(openpyxl.load_workbook(io.BytesIO(download(page, name))).active.iter_rows(values_only=True))
    expected = [(row, f"客户{row - 2}") for row in (*range(26, 202, 25), *range(226, 402, 25), *range(426, 502, 25))]
    assert [(int(row[0]), row[1]) for row in rows[1:]] == expected
    page.get_by_role("button", name="撤回一批").click()
    confirm = page.get_by_label("请输入号码个数 200 以确认")
    confirm.fill("200")
    confirm.press("Enter")
    desk.press(page, "撤回这 200 个号码")
    expect(page.get_by_text("第 1 批撤回结果：已撤回")).to_be_visible(timeout=desk.PATIENCE)
    page.keyboard.press("Escape")
    desk.settled(page)
    page.get_by_role("button", name="把未导入的 20 个做成新的上传").click()
    desk.press(page, "新建并去检查")
    page.wait_for_url("**/review**", timeout=desk.PATIENCE)
    expect(page.get_by_test_id("stMetric").filter(has_text="有错留下")).to_contain_text("20", timeout=desk.PATIENCE)
