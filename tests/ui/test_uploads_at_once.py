"""Five people upload large workbooks to one server at once: it stays small, and whoever else is there goes on working."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.bench import files
from tests.e2e.line import Line, shown, sign_in
from tests.e2e.people import account
from tests.e2e.provider import Provider
from tests.e2e.server import AppServer, Held
from tests.waiting import PATIENCE

#: Rows of each workbook, of twelve columns.
ROWS = 100_000

#: Megabytes that the server may have.
MOST = 1024

NAMES = ("anna", "bo", "chen", "dora", "eva")

#: Pages that the sixth opens meanwhile.
PAGES = ("", "history", "privacy", "do_not_call", "about")


class Watch:
    """The most memory that a process has had while it is watched, and with its children, in megabytes."""

    def __init__(self, pid: int) -> None:
        self._pid, self.alone, self.together = pid, 0.0, 0.0

    def look(self) -> None:
        alone = Held.by(self._pid).megabytes
        self.alone = max(self.alone, alone)
        self.together = max(self.together, alone + sum(map(_megabytes, _descendants(self._pid))))


def _descendants(pid: int) -> set[int]:
    """Its children and theirs, as far as they are still there."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(child) for child in path.read_text().split()}
    return found.union(*map(_descendants, found))


def _megabytes(pid: int) -> float:
    try:
        return Held.by(pid).megabytes
    except (OSError, KeyError):
        return 0.0  # it has ended meanwhile


@contextmanager
def watched(pid: int) -> Iterator[Watch]:
    over, watch = threading.Event(), Watch(pid)

    def look() -> None:
        while not over.wait(0.05):
            watch.look()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield watch
    finally:
        over.set()
        looking.join()


@pytest.mark.long
def test_sec59_five_large_uploads_at_once_leave_the_server_small_and_other_pages_drawn(
    tmp_path: Path,
) -> None:
    """SEC59: each by somebody of their own, and all of them parsed in two places."""
    data = files.write(tmp_path / "large.xlsx", ROWS).read_bytes()
    people = "\n".join(["[people]", *(f'"{name}@example.com" = "operator"' for name in (*NAMES, "fay"))])
    secrets = tmp_path / "secrets.toml"
    with Provider({name: account(name) for name in (*NAMES, "fay")}) as provider:
        secrets.write_text(provider.secrets(people), encoding="utf-8")
        with AppServer(tmp_path / "data", [f"--secrets.files={secrets}"]) as app:
            cookies = {name: sign_in(app.url, name) for name in (*NAMES, "fay")}

            def upload(name: str) -> bool:
                with Line(app.url, cookies[name], patience=10 * PATIENCE) as line:
                    line.open("upload")
                    assert line.choose(data, f"名单{name}.xlsx") == 204
                    return f"名单{name}" in shown(line.drawn())

            with (
                watched(app.pid) as watch,
                Line(app.url, cookies["fay"]) as other,
                ThreadPoolExecutor(len(NAMES)) as doing,
            ):
                uploads = [doing.submit(upload, name) for name in NAMES]
                drawn = 0
                while not all(one.done() for one in uploads):
                    other.open(PAGES[drawn % len(PAGES)])
                    drawn += any(not one.done() for one in uploads)
                assert all(one.result() for one in uploads)
    assert drawn >= len(PAGES), "pages were drawn while workbooks were still being read"
    assert watch.alone < MOST, f"{watch.alone:.0f} MB; with its children {watch.together:.0f} MB"
