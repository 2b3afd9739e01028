"""What a failed test leaves behind to be looked at: every page that was open, and the log of every app that ran."""

import os
import re
import tempfile
from functools import cache
from pathlib import Path

from playwright.sync_api import Error

from tests.e2e import desk
from tests.e2e.server import STARTED

#: Names the folder; without it a fresh one is made.
VARIABLE = "CONTACT_DESK_TEST_FAILURES"

#: Milliseconds a page may take for its picture: one that hangs has none.
_PATIENCE = 10_000


@cache
def _where() -> Path:
    return Path(os.environ.get(VARIABLE) or tempfile.mkdtemp(prefix="desk-failures-"))


def leave(test: str) -> Path:
    """The folder of this test."""
    folder = _where() / re.sub(r"[^\w.-]+", "-", test).strip("-")[-150:]
    folder.mkdir(parents=True, exist_ok=True)
    pages = (
        page for context in reversed(desk.VISITORS) for page in reversed(context.pages)
    )  # what was opened last first
    for at, page in enumerate(pages, start=1):
        text = folder / f"page-{at}.txt"
        try:
            text.write_text(f"{page.url}\n\n{page.inner_text('body', timeout=_PATIENCE)}\n", encoding="utf-8")
            page.screenshot(path=folder / f"page-{at}.png", timeout=_PATIENCE)
        except Error as broken:
            text.write_text(f"{page.url}\n\n{broken}\n", encoding="utf-8")
    for at, server in enumerate(STARTED, start=1):
        (folder / f"server-{at}.log").write_text(f"{server.url}\n\n{server.log()}", encoding="utf-8")
    return folder
