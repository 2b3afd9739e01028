"""A server that is killed with a submission in flight, and what the page says after it is started again."""

import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, expect

from lib.platform.connection import practice
from lib.store import Store
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.faults.desk import plan
from tests.waiting import until

#: Batches, and rows in each. A run of 100,000 rows is measured by `python -m tests.e2e.test_restart`.
SIZE = (30, 20)

#: Milliseconds the platform takes for an answer: something is in flight at any moment.
LATENCY = 700


def start_run(data: Path, batches: int, rows_each: int) -> str:
    """A submission that stands ready, as it is after the press of the button."""
    with closing(Store(data / "desk.db")) as store:
        return store.runs.create(plan(batches, rows_each, connection=practice("")))


def on_the_wire(data: Path) -> int:
    """Requests whose first byte may have left and whose answer is not there; what is only about to be sent is sent anew."""
    with closing(sqlite3.connect(data / "desk.db")) as database:
        (count,) = database.execute(
            "SELECT COUNT(*) FROM attempt WHERE progress = 'wire' AND outcome IS NULL"
        ).fetchone()
    return int(count)


def kill_in_flight(server: AppServer, run_id: str) -> int:
    """Slow the platform down, wait until batches were accepted and others are in flight, kill -9; rows accepted."""
    with closing(Store(server.data / "desk.db")) as store:
        until(partial(_slowed_down, server), "the practice platform did not start")
        before = store.runs.get(run_id).rows_by_state.get("accepted", 0)
        until(
            lambda: (
                store.runs.get(run_id).rows_by_state.get("accepted", 0) > before
                and on_the_wire(server.data) > 2
            ),
            "nothing was in flight",
        )
        server.stop(kill=True)
        return store.runs.get(run_id).rows_by_state["accepted"]


def _slowed_down(server: AppServer) -> bool:
    try:
        practice_platform.control(server.practice_url(), latency_ms=LATENCY)
    except RuntimeError:  # not started yet
        return False
    return True


def watch_run(page: Page, server: AppServer) -> None:
    """The newest submission on the history page."""
    desk.open_page(page, server.url, "history")
    desk.choose_run(page, 0)


def test_after_a_kill_the_page_shows_where_the_submission_stood(shared_page: Page, tmp_path: Path) -> None:
    page, data = shared_page, tmp_path / "data"
    run_id = start_run(data, *SIZE)
    with AppServer(data) as server:
        accepted = kill_in_flight(server, run_id)
        server.start()
        watch_run(page, server)
        expect(page.get_by_text("已暂停", exact=True).first).to_be_visible()
        expect(page.get_by_text("正在发送时程序停了").first).to_be_visible()
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{accepted:,}")


def measure() -> None:
    """Print the seconds from a start to a page that shows a run of 100,000 rows as it stood."""
    import tempfile

    from playwright.sync_api import sync_playwright

    from tests.e2e import browser as chromium

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder)
        run_id = start_run(data, 500, 200)
        launched = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        page = desk.visitor(launched).new_page()
        with AppServer(data) as server:
            print("accepted before the kill:", kill_in_flight(server, run_id))
            begun = time.monotonic()
            server.start()
            print(f"server answers after {time.monotonic() - begun:.1f} s")
            watch_run(page, server)
            expect(page.get_by_text("已暂停", exact=True).first).to_be_visible()
            print(f"run on screen after {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    measure()
