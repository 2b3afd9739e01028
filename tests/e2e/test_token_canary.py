"""A token that was typed is found nowhere but in memory: files, log, page, address, frames, children (SEC01, SEC06)."""

import os
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib import sandbox
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE

CANARY = "canary.TOKEN-5f1c9e_7788aabbccdd"
USER = "4d99d91c-f5d9-49da-88da-758977cc58a9"
TASK = "b15b7392-a83f-4e0e-9570-31dd2ec8f85c"


def _family(pid: int) -> list[int]:
    """A process and all below it (Linux)."""
    children = {
        int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()
    }
    return [pid, *(found for child in children for found in _family(child))]


@pytest.mark.long
def test_sec01_a_typed_token_is_nowhere_but_in_memory(page: Page, tmp_path: Path) -> None:
    """A whole journey with a real connection; then every place is searched."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    frames = desk.Frames(page)
    with (
        sandbox.running(token=CANARY) as url,
        AppServer(tmp_path / "data", TMPDIR=str(temporary), HOME=str(tmp_path)) as server,
    ):
        drawn = [_journey(page, server.url, url, tmp_path)]
        typed_frames = len([frame for frame in frames.sent if CANARY.encode() in frame])
        for path in ("", "connection", "upload", "mapping", "review", "submit", "history"):
            desk.open_page(page, server.url, path)
            drawn.append(page.content() + page.url)
        assert typed_frames, "the canary was never typed: nothing was proved"
        assert len([frame for frame in frames.sent if CANARY.encode() in frame]) == typed_frames
        assert not any(CANARY.encode() in frame for frame in frames.received)
        assert CANARY not in "".join(drawn)
        for pid in _family(server.pid):
            for name in ("cmdline", "environ"):
                assert CANARY.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
        with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=PATIENCE) as answer:
            assert answer.status == 200
        server.stop()
        assert CANARY not in server.log()
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.name == "desk.db" for path in files)
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def _journey(page: Page, app_url: str, platform_url: str, folder: Path) -> str:
    """Type the token, send one file with it; what the page held on the way."""
    desk.open_page(page, app_url, "connection")
    with desk.rerun(page):
        page.get_by_text("新建真实平台的连接").first.click()
    for label, value in (("名称", "金丝雀"), ("平台地址", platform_url), ("账户", USER), ("任务", TASK)):
        box = page.get_by_role("textbox", name=label).first
        box.fill(value)
        with desk.rerun(page):
            box.press("Tab")
    token = page.get_by_role("textbox", name="令牌").first
    token.fill(f"Bearer {CANARY}")
    with desk.rerun(page):
        token.press("Tab")  # as by keyboard, over the eye of the box
        page.keyboard.press("Tab")
    desk.press(page, "保存", exact=True)
    expect(page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
    seen = page.content()
    desk.press(page, "测试连接")
    file = folder / "一个号码.csv"
    file.write_text("姓名,手机号\n张伟,13012121211\n", encoding="utf-8")
    desk.go(page, "upload")
    desk.upload(page, file)
    desk.press(page, "下一步：对应列")
    desk.press(page, "下一步：检查")
    desk.press(page, "下一步：提交 1 个号码")
    desk.heading(page, "提交到呼叫任务")
    page.get_by_role("button", name="提交 1 个号码").first.click()
    desk.has_ended(page)
    return seen + page.content()


def test_sec01_the_administrators_token_reaches_no_child(tmp_path: Path) -> None:
    """A token in the environment stays with the server."""
    with AppServer(tmp_path / "data", CONTACT_DESK_TOKEN=CANARY) as server:
        page_children = [pid for pid in _family(server.pid) if pid != server.pid]
        assert CANARY.encode() in Path(f"/proc/{server.pid}/environ").read_bytes()
        assert not any(CANARY.encode() in Path(f"/proc/{pid}/environ").read_bytes() for pid in page_children)
        assert os.environ.get("CONTACT_DESK_TOKEN") is None
