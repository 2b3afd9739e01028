"""The main job in a real browser: from a spreadsheet to a log of unique_ids."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer

#: A file as a Chinese office sends it: title line, notes in headers, every way to spoil a number.
MESSY = [
    "十一月回访名单,,,,",
    "客户姓名,手机号（必填）,性别,公司名称,备注",
    "张伟,13012121211,男,晨光贸易,",
    "王芳,+86 139-1234-5678,女士,蓝海科技,老客户",
    "李娜,１３８００１３８０００,女,,",
    "赵四,130 1212 1211,先生,四方物流,和第一行重复",
    "钱七,1301212,男,,少了几位",
    ",,,,",
    '孙八,"1.3712345678E+10",男,"A,B 公司",',
    "周九,1.30E+10,女,,",
]


@pytest.fixture
def server(shared_server: AppServer) -> AppServer:
    return shared_server


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


def test_a_messy_gb18030_csv_goes_the_whole_way(page: Page, server: AppServer, tmp_path: Path) -> None:
    """Upload, map, fix a cell in the grid, submit, see the unique_id, take the results home."""
    url = desk.start_practice(page, server)
    before = practice_platform.ledger(url)["numbers"]
    file = tmp_path / "回访.csv"
    file.write_bytes("\r\n".join(MESSY).encode("gb18030"))
    desk.go(page, "upload")
    desk.upload(page, file)
    expect(page.get_by_text("表头在第 2 行").first).to_be_visible()
    desk.press(page, "下一步：对应列")
    desk.heading(page, "哪一列是什么")
    desk.press(page, "下一步：检查")
    desk.heading(page, "检查和修改")
    expect(desk.metric(page, "将提交")).to_have_text("4")

    phone = 5  # row number, tick, problem, send, mark, phone
    desk.edit_cell(page, _row_of(page, "7", phone), phone, "13612345670")
    expect(page.get_by_test_id("stMetric").filter(has_text="将提交")).to_contain_text("5")

    desk.press(page, "下一步：提交 5 个号码")
    desk.heading(page, "提交到呼叫任务")
    desk.press(page, "提交 5 个号码")
    desk.has_ended(page)
    numbers = practice_platform.ledger(url)["numbers"]
    assert numbers == before | dict.fromkeys(
        ["13012121211", "13912345678", "13800138000", "13612345670", "13712345678"], 1
    )

    desk.press(page, "查看记录")
    desk.heading(page, "提交记录")
    page.wait_for_url("**run=**")
    rows = desk.rows_of(desk.download(page, "下载我的表格和结果"))
    assert rows[0][:9] == [
        "客户姓名", "手机号（必填）", "性别", "公司名称", "备注", "实际发送的号码", "导入结果", "原因", "批次号",
    ]  # fmt: skip
    assert "136****5670" in [row[5] for row in rows], "the number as it was corrected"
    assert [row[6] for row in rows[1:]] == [
        "已接收",
        "已接收",
        "已接收",
        "号码重复",
        "已接收",
        "已接收",
        "有错未提交",
    ]
    assert desk.UUID.fullmatch(rows[1][8])
    assert rows[1][8] in desk.download(page, "批次记录 CSV").decode("utf-8-sig")


def _row_of(page: Page, number: str, phone: int) -> int:
    """Position in the grid of a spreadsheet row."""
    expect(desk.cell(page, 0, phone)).to_be_attached()
    for at in range(20):
        shown = desk.cell(page, at, 0)
        if shown.count() and shown.inner_text().strip() == number:
            return at
    raise AssertionError(f"row {number} is not in the grid")


@pytest.mark.long
def test_a_thousand_rows_survive_a_refresh_in_the_middle(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    """Five batches, slowly; the page is refreshed and the browser tab closed while they go out."""
    url = desk.start_practice(page, server)
    before = practice_platform.ledger(url)
    practice_platform.control(url, latency_ms=1500)
    file = tmp_path / "thousand.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(["姓名", "手机号", "公司"])
    phones = [13_900_000_000 + at for at in range(1000)]
    for at, phone in enumerate(phones):
        workbook.active.append([f"客户{at}", phone, "晨光"])
    workbook.save(file)
    tab = page.context.new_page()
    desk.open_page(tab, server.url, "upload")
    desk.upload(tab, file)
    desk.press(tab, "下一步：对应列")
    desk.press(tab, "下一步：检查")
    desk.press(tab, "下一步：提交 1,000 个号码")
    desk.heading(tab, "提交到呼叫任务")
    tab.get_by_role("button", name="提交 1,000 个号码").dblclick()
    expect(tab.get_by_text("发送中").first).to_be_visible()

    tab.reload()
    expect(tab.get_by_text("thousand.xlsx").first).to_be_visible()
    here = tab.url
    tab.close()
    page.goto(here)
    desk.has_ended(page)

    ledger = practice_platform.ledger(url)
    assert ledger["numbers"] == before["numbers"] | {str(phone): 1 for phone in phones}
    assert ledger["requests"] == before["requests"] + 5
    practice_platform.control(url, latency_ms=0)
    desk.go(page, "history")
    desk.choose_run(page, 0)
    log = desk.download(page, "批次记录 CSV").decode("utf-8-sig")
    sent = {batch["unique_id"] for batch in ledger["batches"]} - {
        batch["unique_id"] for batch in before["batches"]
    }
    assert len(sent) == 5
    assert sent <= set(desk.UUID.findall(log))


@pytest.mark.parametrize(
    "path",
    [
        "connection",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("upload", "mapping", "review", "submit", "history")
        ),
    ],
)
def test_a_deep_link_after_a_server_start_goes_through_the_router(
    page: Page, server: AppServer, tmp_path: Path, path: str
) -> None:
    """The first visit after a restart is not the front page; the open draft is found again."""
    file = tmp_path / f"{path}.csv"
    file.write_text("姓名,手机号\n张伟,13012129999\n", encoding="utf-8")
    desk.open_page(page, server.url, "upload")
    desk.upload(page, file)
    expect(page.get_by_text(file.name).first).to_be_visible()
    server.stop()
    server.start()
    desk.open_page(page, server.url, path)
    expect(page.get_by_text("不会拨打电话").first).to_be_visible()
    assert "draft=" in page.url
    desk.go(page, "review")
    expect(desk.metric(page, "将提交")).to_have_text("1")


def test_the_language_stays_after_a_refresh(visit: Callable[..., BrowserContext], server: AppServer) -> None:
    page = visit().new_page()
    desk.open_page(page, server.url)
    with desk.rerun(page):
        page.get_by_role("radio", name="English").click()
    desk.heading(page, "Contact upload desk")
    page.reload()
    desk.heading(page, "Contact upload desk")
