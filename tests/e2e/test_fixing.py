"""The fixing desk in a real browser: what the grid is known to lose, drop or misplace is not lost, dropped or misplaced."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from lib.draft import Draft
from lib.platform.connection import practice
from lib.store import Store
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import until

HERE = practice("")

#: Columns of the grid: row number, tick, what becomes of the row, problem, mark, phone, name, mark, email.
TICK, PROBLEM, PHONE, NAME, EMAIL = 1, 3, 5, 6, 8

#: Rows of the sheet; every one has a number that is too short, every fifth an address that is none.
ROWS = 60


@pytest.fixture
def server(shared_server: AppServer) -> AppServer:
    return shared_server


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


@pytest.fixture
def opened(server: AppServer, page: Page) -> Iterator[Draft]:
    """A draft of 60 rows in trouble, open on the review page; what comes back reads it as another visit does."""
    lines = [f"客户{at},1301{at:03d},{'a@b' if at % 5 == 0 else 'a@b.cn'},甲" for at in range(ROWS)]
    with closing(Store(server.data / "desk.db")) as store:
        draft = Draft(store)
        draft.load_sheet("\n".join(["姓名,手机号,邮箱,公司", *lines]).encode(), "客户.csv")
        draft.change_mapping(draft.mapping.with_column("phone", "手机号"))
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        desk.open_page(page, server.url, f"review?draft={draft.id}")
        expect(desk.cell(page, 0, PHONE)).to_be_attached()
        yield draft


def stored(draft: Draft) -> Draft:
    """The draft as the database has it."""
    found = Draft.open(draft._store, str(draft.id))
    assert found
    return found


def _open_by(page: Page, key: str) -> None:
    """Type into the cell that is chosen. What comes while the grid is drawn anew is lost: a person sees that, and types again."""
    until(lambda: page.locator(desk.EDITOR).is_visible() or page.keyboard.type(key), "no cell opened")


def test_every_one_of_many_quick_edits_is_kept_and_the_place_too(page: Page, opened: Draft) -> None:
    """Typed one under the other without waiting for the server, some in a spelling that cleaning changes, one that is no number."""
    desk.press(page, "Page 2")
    typed = ["13800000001", "138 0000 0002", "+86 13800000003", "keine", "13800000005", "138-0000-0006"]
    desk.select_cell(page, 1, PHONE)
    for text in typed:
        _open_by(page, text[0])
        editor = page.locator(desk.EDITOR)
        editor.fill(text)
        page.keyboard.press("Enter")
        editor.wait_for(state="detached")
        page.wait_for_timeout(100)  # as a person types; the server is not waited for
    rows = range(53, 59)
    until(lambda: stored(opened).typed("phone").get(58), "the last edit was not stored")
    desk.settled(page)
    draft = stored(opened)
    assert [draft.typed("phone").get(row) for row in rows] == typed
    sendable = draft.review(HERE).sendable
    assert [bool(sendable[row]) for row in rows] == [
        True,
        True,
        True,
        False,
        False,
        True,
    ]  # an address keeps row 57
    expect(desk.cell(page, 4, PHONE)).to_have_text("keine")
    expect(desk.cell(page, 4, PROBLEM)).not_to_have_text("没有问题")
    expect(desk.cell(page, 1, PROBLEM)).to_have_text("没有问题")
    expect(desk.cell(page, 2, PROBLEM)).to_have_text("没有问题，将提交为 13800000002")
    expect(desk.cell(page, 2, PHONE)).to_have_text("138 0000 0002")
    expect(
        page.locator('[aria-current="page"], [aria-pressed="true"]').filter(has_text="2").first
    ).to_be_visible()


def test_a_block_pasted_from_a_spreadsheet_lands_in_the_rows_that_show_it(page: Page, opened: Draft) -> None:
    """On a list in another order than the sheet's, over two columns, undone and made again in one step each."""
    desk.choose(page, "顺序", "从大到小")
    expect(desk.cell(page, 0, 0)).to_have_text("61")
    page.evaluate("navigator.clipboard.writeText('13900000001\\t甲\\n13900000002\\t乙\\n13900000003\\t丙')")
    desk.select_cell(page, 1, PHONE)
    with desk.rerun(page, times=2):  # as `desk.edit_cell` has it
        page.keyboard.press("Control+V")
    expect(page.get_by_role("button", name="撤销（6 处）")).to_be_visible()
    draft = stored(opened)
    assert draft.typed("phone").to_dict() == {60: "13900000001", 59: "13900000002", 58: "13900000003"}
    assert draft.typed("name").to_dict() == {60: "甲", 59: "乙", 58: "丙"}
    desk.press(page, "撤销（6 处）")
    expect(page.get_by_role("button", name="重做（6 处）")).to_be_enabled()
    expect(desk.cell(page, 1, PHONE)).to_have_text("1301058")
    assert stored(opened).edits == []
    page.reload()
    desk.settled(page)
    desk.press(page, "重做（6 处）")
    assert len(stored(opened).edits) == 6


def test_a_cell_emptied_and_taken_back_does_not_come_again_with_the_next_edit(
    page: Page, opened: Draft
) -> None:
    """The grid keeps an emptied cell as an edit of its own; what was taken back must not return from there."""
    desk.select_cell(page, 2, NAME)
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="撤销（1 处）")).to_be_visible()
    assert stored(opened).typed("name").to_dict() == {4: ""}
    desk.press(page, "撤销（1 处）")
    expect(desk.cell(page, 2, NAME)).to_have_text("客户2")
    desk.edit_cell(page, 3, NAME, "新名字")
    assert stored(opened).typed("name").to_dict() == {5: "新名字"}


def test_ticked_rows_are_left_out_together_and_one_redraw_stays_small(page: Page, opened: Draft) -> None:
    frames = desk.Frames(page).received
    page.reload()
    expect(desk.cell(page, 0, PHONE)).to_be_attached()
    desk.settled(page)
    assert 10_000 < len(b"".join(frames)) < 300_000
    for row in (0, 2):
        desk.select_cell(page, row, TICK)
        with desk.rerun(page, times=2):  # as `edit_cell` has it
            page.keyboard.press("Space")
    expect(page.get_by_text("已勾选 2 行")).to_be_visible()
    frames.clear()
    desk.press(page, "不提交（2 行）")
    expect(page.get_by_test_id("stMetric").filter(has_text="不提交").last).to_contain_text("2")
    assert 0 < len(b"".join(frames)) < 300_000
    assert stored(opened).left_out == {2, 4}
