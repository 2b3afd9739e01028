"""What the running app costs with a large draft open: server CPU per rerun, bytes to the browser, polling. Linux only."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, WebSocket, sync_playwright

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.platform.connection import practice
from lib.run.settings import Settings
from lib.store import Store
from lib.words import t
from tests.bench import desk as prepared
from tests.e2e import browser, desk
from tests.e2e.conftest import FLAGS
from tests.e2e.server import AppServer

PAGES = ("", "connection", "upload", "mapping", "review", "submit", "history")
RERUNS = 5
POLLING_SECONDS = 20
SETTLING_SECONDS = 5
PER_SECOND = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")


class Received:
    """Bytes that reached the browser over its websocket."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, frame: bytes | str) -> None:
        self.bytes += len(frame)


def reruns(path: Path) -> list[dict[str, Any]]:
    """For each page: median milliseconds of server CPU and kilobytes to the browser per rerun of the drawn page."""
    found = []
    with _opened(path) as (server, page, received, draft_id):
        for name in PAGES:
            desk.open_page(page, server.url, f"{name}?draft={draft_id}")
            _quiet(server)
            taken, sent = [], []
            for _ in range(RERUNS):
                before, received.bytes = _cpu_seconds(server), 0
                page.keyboard.press("r")  # Streamlit's own key for "run again"
                desk.settled(page)
                _quiet(server)
                taken.append((_cpu_seconds(server) - before) * 1000)
                sent.append(received.bytes / 1000)
            found.append(
                {
                    "page": name or "index",
                    "cpu_milliseconds": statistics.median(taken),
                    "kilobytes": max(sent),
                }
            )
    return found


def polling(path: Path) -> dict[str, Any]:
    """Share of one core the server uses while a submission is watched, in percent; it sends a batch every two
    seconds meanwhile."""
    with _opened(path) as (server, page, _, draft_id):
        with _store(server) as store:
            draft = Draft.open(store, draft_id)
            assert draft, "the draft that was just saved"
            store.settings.save(Settings(concurrency=1, requests_per_second=PER_SECOND))
            run_id = store.runs.create(run_plan(draft, practice("")))
        desk.open_page(page, server.url, f"submit?draft={draft_id}")
        page.get_by_text(t("run.state.running", "zh"), exact=True).first.wait_for()
        time.sleep(SETTLING_SECONDS)
        before = _cpu_seconds(server)
        time.sleep(POLLING_SECONDS)
        used = _cpu_seconds(server) - before
        with _store(server) as store:
            if store.runs.get(run_id).state != "running":
                raise RuntimeError("the submission does not run: nothing was measured")
    return {"percent_of_a_core": used / POLLING_SECONDS * 100}


@contextmanager
def _opened(path: Path) -> Iterator[tuple[AppServer, Page, Received, str]]:
    """The app with a saved draft of this file, and a page that has drawn nothing yet."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        AppServer(Path(folder)) as server,
    ):
        with _store(server) as store:
            draft_id = str(prepared.saved_draft(store, path, practice("")).id)
        launched = playwright.chromium.launch(executable_path=browser.find(), args=FLAGS)
        page = desk.visitor(launched).new_page()
        yield server, page, Received(page), draft_id
        launched.close()


@contextmanager
def _store(server: AppServer) -> Iterator[Store]:
    store = Store(server.data / "desk.db")
    yield store
    store.close()


def _cpu_seconds(server: AppServer) -> float:
    """Processor time of the server process so far, its children apart."""
    user, system = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def _quiet(server: AppServer) -> None:
    """Wait until the server has nothing to do; it looks for work once a second, which takes a few milliseconds."""
    last = _cpu_seconds(server)
    while True:
        time.sleep(0.5)
        now = _cpu_seconds(server)
        if now - last <= 0.03:
            return
        last = now
