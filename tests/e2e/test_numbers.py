"""Whole numbers do not reach the browser unless a person asks for them, and nobody can store a hidden one by mistake."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import desk
from tests.e2e.server import AppServer

#: Numbers of people, in every place of the sheet where one can stand.
PLAIN, SPACED, REMARK, TWICE, FIRST, SECOND, FOREIGN, LANDLINE = (
    "13917654321", "13612345678", "13787654321", "15912345678", "13712345679", "13812345670", "85251234567", "075586543210",
)  # fmt: skip
PEOPLE = (PLAIN, SPACED, REMARK, TWICE, FIRST, SECOND, FOREIGN, LANDLINE)

SHEET = f"""姓名,手机号码,公司
张伟,{PLAIN},晨光
王芳,+86 {SPACED[:3]} {SPACED[3:7]} {SPACED[7:]},备用 {REMARK}
李娜,{TWICE},晨光
赵四,{TWICE},晨光
钱五,{FIRST}/{SECOND},晨光
孙六,1301212,晨光
周七,+{FOREIGN},晨光
吴八,{LANDLINE[:4]}-{LANDLINE[4:]},晨光
"""


def found(frames: desk.Frames) -> set[str]:
    """Whose numbers the server has sent, in one piece or in the pieces of the sheet."""
    told = b"".join(frames.received)
    return {one for one in PEOPLE if any(spelled.encode() in told for spelled in _spellings(one))}


def _spellings(number: str) -> tuple[str, ...]:
    return number, f"{number[:3]} {number[3:7]} {number[7:]}", f"{number[:4]}-{number[4:]}"


@pytest.fixture
def server(shared_server: AppServer) -> AppServer:
    return shared_server


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "客户.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


def walk(page: Page, server: AppServer, sheet: Path) -> None:
    """From the upload to the plan, with everything opened on the way that shows cells."""
    desk.open_page(page, server.url, "upload")
    desk.upload(page, sheet)
    expect(page.get_by_text("8 行数据")).to_be_visible()
    page.get_by_text("读得不对？换一种读法").click()
    for path, title in (("mapping", "哪一列是什么"), ("review", "检查和修改")):
        desk.go(page, path)
        desk.heading(page, title)


def turn(page: Page) -> None:
    """Turn the switch."""
    with desk.rerun(page):
        page.get_by_text("显示完整号码").click()


def look_for(page: Page, text: str) -> None:
    """Search the list."""
    page.get_by_label("查找").fill(text)
    with desk.rerun(page):
        page.keyboard.press("Enter")


@pytest.mark.long
def test_sec24_no_whole_number_reaches_the_browser_until_it_is_asked_for(
    page: Page, server: AppServer, sheet: Path
) -> None:
    frames = desk.Frames(page)
    walk(page, server, sheet)
    desk.go(page, "mapping")
    for column in ("姓名", "公司"):
        desk.choose(page, "公司", column)
    desk.go(page, "review")
    page.get_by_text("自动整理了").click()
    desk.pick(page, "全部")
    page.get_by_role("button", name="查找和替换").click()
    desk.settled(page)
    page.keyboard.press("Escape")
    desk.go(page, "submit")
    page.get_by_text("查看第一批的完整内容").click()
    expect(
        page.get_by_test_id("stCode").first
    ).to_be_visible()  # its program is loaded now: before, the button still moves
    page.get_by_role("button", name="提交 ").last.click()
    desk.has_ended(page)
    for path, title in (("history", "提交记录"), ("do_not_call", "设置"), ("privacy", "设置")):
        desk.go(page, path)
        desk.heading(page, title)
    walk(page, server, sheet)  # once more: what was sent before is told now
    expect(page.get_by_text("以前提交过").first).to_be_visible()
    assert found(frames) == set()
    turn(page)
    desk.pick(page, "全部")
    assert found(frames) >= {PLAIN, TWICE, FIRST, SECOND}


@pytest.mark.long
def test_sec24_the_switch_is_off_again_after_a_refresh_and_its_use_is_recorded(
    page: Page, server: AppServer, sheet: Path
) -> None:
    walk(page, server, sheet)
    turn(page)
    frames = desk.Frames(page)
    page.reload()
    desk.heading(page, "检查和修改")
    desk.settled(page)
    assert found(frames) == set()
    desk.go(page, "privacy")
    expect(page.get_by_text("显示了完整号码").first).to_be_attached()


@pytest.mark.long
def test_a_hidden_number_is_replaced_as_a_whole_and_never_stored_with_its_stars(
    page: Page, server: AppServer, sheet: Path
) -> None:
    walk(page, server, sheet)
    desk.pick(page, "全部")
    phone = next(column for column in range(3, 9) if "***" in desk.cell(page, 0, column).inner_text())
    assert desk.cell(page, 0, phone).inner_text() == "139****4321"
    desk.edit_cell(page, 0, phone, "139****4322", kept=False)
    expect(page.get_by_text("少了中间几位，不能保存")).to_be_visible()
    expect(desk.cell(page, 0, phone)).to_have_text("139****4321")
    desk.edit_cell(page, 0, phone, "13011112222")
    expect(page.get_by_text("少了中间几位，不能保存")).to_have_count(0)
    desk.press(page, "刷新列表")
    expect(desk.cell(page, 0, phone)).to_have_text("130****2222")
    look_for(page, "13011112222")
    expect(page.get_by_text("共 1 行。")).to_be_visible()
    look_for(page, "130****2222")
    expect(page.get_by_text("共 1 行。")).to_be_visible()
