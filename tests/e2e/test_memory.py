"""SEC60: what a number's deletion promises of the server's memory, looked for where the system shows all of it."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.words import t
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import until

PHONE = "13912345671"

SHEET = "姓名,手机号,性别\n" + "".join(
    f"人{at},{PHONE if at == 3 else 13012120000 + at},男\n" for at in range(40)
)

#: Everything that is freed is written over at once, so that what is found is still held by something.
ALLOCATION = {
    "PYTHONMALLOC": "malloc",
    "MALLOC_PERTURB_": "165",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}

#: As Python and the browser's protocol write digits: one byte each, or two, or four where a text holds rarer characters.
FORMS = [PHONE.encode(form) for form in ("ascii", "utf-16-le", "utf-32-le")]


def _places(pid: int) -> Iterator[bytes]:
    """Where the number stands in a process's memory, with what stands around it."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if "r" not in rights:
                continue
            first, end = (int(one, 16) for one in span.split("-"))
            with suppress(OSError, OverflowError):  # the kernel's own pages cannot be read
                memory.seek(first)
                held = memory.read(end - first)
                for form in FORMS:
                    at = held.find(form)
                    while at >= 0:
                        yield held[max(0, at - 40) : at + 60]
                        at = held.find(form, at + 1)


def _works(page: Page, url: str, file: Path) -> None:
    """From the upload to a submission that has ended."""
    desk.open_page(page, url, "upload")
    desk.upload(page, file)
    for path in ("mapping", "review", "submit"):
        desk.go(page, path)
    desk.press(page, "提交 40 个号码")
    desk.has_ended(page)
    desk.go(page, "history")


def _deletes(page: Page, url: str) -> None:
    desk.open_page(page, url, "settings")
    desk.go(page, "privacy")
    main = page.get_by_test_id("stMain")
    with desk.rerun(page):
        main.get_by_label(t("kept.number", "zh")).fill(PHONE)
        page.keyboard.press("Enter")
    with desk.rerun(page):
        main.get_by_text(t("kept.block_no", "zh"), exact=True).click()
    with desk.rerun(page):
        main.get_by_text(t("kept.number_sure", "zh")).click()
    desk.press(page, t("kept.number_delete", "zh"))
    main.get_by_role("button", name=t("kept.certificate", "zh")).wait_for()


@pytest.mark.long
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux shows a process's memory as a file"
)
def test_sec60_a_deleted_number_is_nowhere_in_memory_once_the_visits_are_swept(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(SHEET, encoding="utf-8")
    with AppServer(tmp_path / "data", STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="20", **ALLOCATION) as server:
        worker, other = desk.visitor(browser), desk.visitor(browser)
        _works(worker.new_page(), server.url, file)
        assert list(_places(server.pid)), "a look that cannot find anything proves nothing"
        _deletes(other.new_page(), server.url)
        worker.close()
        other.close()
        until(lambda: not list(_places(server.pid)), lambda: f"still there: {list(_places(server.pid))}")
