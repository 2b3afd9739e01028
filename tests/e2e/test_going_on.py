"""What a person does quickly or after a wait, in a real browser: going on with a run, and going on to the next page."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lib.draft import Draft
from lib.platform.connection import practice
from lib.store import Store
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.plans import plan
from tests.waiting import until

#: Column of the number in the grid: row number, tick, what becomes of the row, problem, mark, phone.
PHONE = 5


@pytest.fixture
def server(shared_server: AppServer) -> AppServer:
    return shared_server


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


def prepared(data: Path, phones: list[str]) -> Draft:
    """A saved draft that sends these numbers to the practice platform."""
    draft = Draft(Store(data / "desk.db"))
    lines = [f"客户{at},{phone},甲" for at, phone in enumerate(phones)]
    draft.load_sheet("\n".join(["姓名,手机号,公司", *lines]).encode(), "客户.csv")
    draft.change_mapping(draft.mapping.with_column("phone", "手机号"))
    draft.choose_connection(practice("").id)
    return draft


def _control(url: str, *faults: str) -> None:
    """What the practice platform does wrong from now on."""
    practice_platform.control(url, faults=faults)


def type_into_first_cell(page: Page, server: AppServer, draft: Draft, phone: str) -> None:
    """Open the review and type a number into its first row; the cell is left open."""
    desk.open_page(page, server.url, f"review?draft={draft.id}")
    expect(desk.cell(page, 0, PHONE)).to_be_attached()
    desk.type_into_cell(page, 0, PHONE, phone)


def test_the_picture_moves_on_after_going_on_with_the_rest(page: Page, server: AppServer) -> None:
    """One number first; then the rest goes, and its end is seen without touching the page."""
    draft = prepared(server.data, [f"154{at:08d}" for at in range(5)])
    desk.open_page(page, server.url, f"submit?draft={draft.id}")
    page.get_by_text("怎么开始：全部发送").click()
    desk.pick(page, "先发 1 个号码，等我确认")
    desk.press(page, "先发")
    expect(page.get_by_role("button", name="继续发送其余 4 个号码")).to_be_visible()
    expect(page.locator('[data-testid="stBaseButton-primary"]')).to_have_count(1)
    desk.press_while_there(page, "继续发送其余 4 个号码")
    desk.has_ended(page)
    expect(desk.metric(page, "平台已接收")).to_have_text("5")


@pytest.mark.parametrize("path", ["submit", pytest.param("history", marks=pytest.mark.long)])
def test_the_page_is_right_once_the_last_unknown_batch_is_settled(
    page: Page, server: AppServer, path: str
) -> None:
    """Where no list is shown the person says what they saw; the figures and sentences above follow at once."""
    start = 30 if path == "submit" else 60
    draft = prepared(server.data, [f"154{at:08d}" for at in range(start, start + 3)])
    desk.open_page(page, server.url, f"submit?draft={draft.id}")
    _control(server.practice_url(), "drop_after", "list_missing")
    try:
        desk.press(page, "提交 3 个号码")
        expect(desk.metric(page, "待您决定")).to_have_text("3")
    finally:
        _control(server.practice_url())
    if path == "history":
        desk.go(page, "history")
        desk.choose_run(page, 0)
    expect(desk.metric(page, "待您决定")).to_have_text("3")
    expect(page).to_have_title(re.compile("^⚠ "))
    page.get_by_role("button", name="我在平台上看到了").click()
    page.get_by_placeholder("例如").fill("在任务的号码列表里查到")
    page.keyboard.press("Enter")
    desk.press(page, "确认都在")
    expect(desk.metric(page, "平台已接收")).to_have_text("3")
    expect(page.get_by_text("待您决定")).to_have_count(0)
    expect(page).to_have_title(re.compile("^✓ "))


def test_a_press_on_next_that_closes_an_open_cell_keeps_the_edit_and_goes_on(
    page: Page, server: AppServer
) -> None:
    """Typed, not confirmed by Enter, the button pressed at once: the number is stored and the next page is there."""
    draft = prepared(server.data, ["15400001001", "1540"])
    type_into_first_cell(page, server, draft, "15400001002")
    page.get_by_role("button", name="下一步：提交").click(delay=60)
    desk.heading(page, "提交到呼叫任务")
    again = Draft.open(draft._store, str(draft.id))
    assert again
    assert again.typed("phone").tolist() == ["15400001002"]
    expect(page.get_by_test_id("stMetric").filter(has_text="将提交")).to_contain_text("2")


def test_a_press_on_next_counts_though_the_figure_on_it_changes_meanwhile(
    page: Page, server: AppServer
) -> None:
    """Pressed, the edit that this brings is reported and drawn, released: a button that is known by its words would be another one."""
    draft = prepared(server.data, ["15400003001", "1540"])
    type_into_first_cell(page, server, draft, "15400003002")
    page.get_by_role("button", name="下一步：提交 1 个号码").hover()
    page.mouse.down()
    expect(page.get_by_role("button", name="下一步：提交 2 个号码")).to_be_visible()
    page.mouse.up()
    desk.heading(page, "提交到呼叫任务")


def test_a_run_chosen_from_the_list_stays_open_through_what_is_pressed(
    visit: Callable[..., BrowserContext], server: AppServer
) -> None:
    """By somebody who has prepared nothing here: the address names the run, or the next press would lead back to the list."""
    with closing(Store(server.data / "desk.db")) as store:
        run_id = store.runs.create(plan(3, 1, connection=practice(""), first=4000))
        store.runs.pause(run_id)
        until(lambda: store.runs.get(run_id).state == "paused", "it never paused")
    page = visit().new_page()
    desk.open_page(page, server.url, "history")
    desk.choose_run(page, 0)
    expect(page).to_have_url(re.compile(f"run={run_id}"))
    steps = page.evaluate("history.length")
    page.get_by_role("button", name="停止", exact=True).click()
    desk.press(page, "确定停止")
    expect(page.get_by_text("已停止").first).to_be_visible()
    expect(page.get_by_text("所有提交")).to_be_visible()  # the way back: the list has none
    assert page.evaluate("history.length") == steps, "a step back in the browser leads away from the run"


def test_the_receipt_stays_unfolded_through_a_way_back_in_it(page: Page, server: AppServer) -> None:
    """What the press does changes the figures in the title of the fold."""
    draft = prepared(server.data, ["139 1234 5678", "+8613912345679"])
    desk.open_page(page, server.url, f"review?draft={draft.id}")
    with desk.rerun(page):
        page.get_by_text("自动整理了").click()
    desk.press(page, "保持原样")
    expect(page.get_by_role("button", name="重新整理")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("rows", [2, 6])
def test_a_press_on_next_right_after_enter_keeps_the_edit_and_goes_on(
    page: Page, server: AppServer, rows: int
) -> None:
    """The grid gathers edits for a moment before it reports them; the page does not leave before."""
    draft = prepared(server.data, [*(f"154{at:04d}" for at in range(rows)), "15400002099"])
    for at in range(rows):
        type_into_first_cell(page, server, draft, f"154000021{at:02d}")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="下一步：提交").dispatch_event(
            "click"
        )  # wherever the page has moved it to
        desk.heading(page, "提交到呼叫任务")
    again = Draft.open(draft._store, str(draft.id))
    assert again
    assert sorted(again.typed("phone")) == [f"154000021{at:02d}" for at in range(rows)]
