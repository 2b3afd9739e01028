"""The practice platform that an app has started, asked and set from a test."""

import json
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE


def ask(url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the practice platform, or set its switches."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + path, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def start(page: Page, server: AppServer) -> str:
    """Start the practice platform by testing the connection; its address."""
    desk.open_page(page, server.url)
    desk.go(page, "connection")
    desk.press(page, "测试连接")
    expect(page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
    return server.practice_url()
