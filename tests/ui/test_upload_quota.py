"""Who may upload and how much: nobody before the door, and no more than fits into the memory of the server."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from lib.ui.web.upload_quota import ALL_BYTES, VISIT_BYTES, UploadQuota
from tests.core.access.scenes import AUTH
from tests.e2e.line import Line
from tests.e2e.server import AppServer
from tests.ui.steps import upload

TAKEN, FORBIDDEN, NO_LENGTH, TOO_LARGE, UNAVAILABLE = 204, 403, 411, 413, 503


# --- played over the real socket -----------------------------------------------------------------------------------


def test_sec44_a_visit_that_came_through_the_door_may_upload_and_an_invented_one_may_not(
    served: AppServer,
) -> None:
    with Line(served.url) as line:
        line.open("")
        assert line.put(b"x") == TAKEN
        assert line.put(b"x", session="00000000-0000-0000-0000-000000000000") == FORBIDDEN


def test_sec44_before_sign_in_nothing_can_be_uploaded(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(AUTH + '[people]\n"anna@example.com" = "operator"\n', encoding="utf-8")
    with AppServer(tmp_path / "data", [f"--secrets.files={secrets}"]) as app, Line(app.url) as line:
        line.open("")
        assert line.put(b"x") == FORBIDDEN


def test_sec54_a_file_that_comes_is_in_memory_and_in_no_file_but_the_databases(served: AppServer) -> None:
    """SEC54: by itself Starlette puts what is longer than a megabyte into the system's folder for temporary files."""
    folder = served.data.parent

    def written() -> set[Path]:
        return {Path(name) for name in (folder / "files").read_text(encoding="utf-8").splitlines()}

    with Line(served.url) as line:
        line.open("")
        before = written()  # openpyxl draws the frame of a template there, which holds nothing of anybody's
        assert line.put(b"x" * 5_000_000) == TAKEN
    assert any(path.is_relative_to(served.data) for path in written()), "what is written down is what happens"
    assert {path for path in written() - before if path.is_relative_to(folder / "temporary")} == set()


def test_sec44_what_is_read_is_let_go(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    released: list[str] = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_session_files", lambda _, visit: released.append(visit)
    )
    upload(app)
    assert released


# --- how much ------------------------------------------------------------------------------------------------------


class Desk:
    """The quota before a Streamlit that answers when it is told to."""

    def __init__(self) -> None:
        self.kept = MemoryUploadedFileManager("/_stcore/upload_file")
        self.quota = UploadQuota(self._streamlit, lambda session: session != "stranger", lambda: self.kept)
        self.go_on = asyncio.Event()
        self.arrived = 0

    async def _streamlit(self, scope: Any, receive: Any, send: Any) -> None:
        self.arrived += 1
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": TAKEN})

    async def put(self, session: str, size: int | None, **headers: str) -> int:
        said: Mapping[str, str] = headers | ({} if size is None else {"content-length": str(size)})
        answered: list[int] = []

        async def send(message: Any) -> None:
            answered.append(message.get("status", 0))

        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"/_stcore/upload_file/{session}/1",
            "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in said.items()],
        }
        await self.quota(scope, None, send)
        return answered[0]

    def keep(self, session: str, *files: tuple[str, int]) -> None:
        for name, size in files:
            self.kept.add_file(session, UploadedFileRec(name, name, "text/csv", bytes(size)))


def play(story: Any) -> None:
    async def run() -> None:
        desk = Desk()
        desk.go_on.set()
        await story(desk)

    asyncio.run(run())


def test_sec44_what_does_not_say_how_long_it_is_is_refused() -> None:
    async def story(desk: Desk) -> None:
        assert await desk.put("a", None) == NO_LENGTH
        assert await desk.put("a", None, content_length="-5") == NO_LENGTH
        assert await desk.put("a", 5, transfer_encoding="chunked") == NO_LENGTH
        assert await desk.put("stranger", 5) == FORBIDDEN
        assert desk.arrived == 0
        assert await desk.put("a", 5) == TAKEN

    play(story)


def test_sec44_a_visit_has_a_quota_in_which_its_own_oldest_files_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lib.ui.web.upload_quota.VISIT_BYTES", 100)

    async def story(desk: Desk) -> None:
        desk.keep("a", ("old", 40), ("new", 40))
        desk.keep("b", ("other", 90))
        assert await desk.put("a", 101) == TOO_LARGE
        assert list(desk.kept.file_storage["a"]) == ["old", "new"]
        assert await desk.put("a", 50) == TAKEN
        assert list(desk.kept.file_storage["a"]) == ["new"]
        assert list(desk.kept.file_storage["b"]) == ["other"]

    play(story)


def test_sec44_what_is_under_way_counts_until_it_has_ended() -> None:
    async def story(desk: Desk) -> None:
        desk.go_on.clear()
        half = VISIT_BYTES // 2
        under_way = [asyncio.create_task(desk.put(session, half)) for session in "aabbccddee"]
        while desk.arrived < len(under_way):
            await asyncio.sleep(0)
        assert len(under_way) * half == ALL_BYTES
        assert await desk.put("a", 1) == TOO_LARGE
        assert await desk.put("f", 1) == UNAVAILABLE, "all together are as large as may be"
        desk.go_on.set()
        assert set(await asyncio.gather(*under_way)) == {TAKEN}
        assert await desk.put("f", 1) == TAKEN

    play(story)


def test_sec44_what_is_kept_counts_for_all_and_what_is_released_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lib.ui.web.upload_quota.ALL_BYTES", 100)

    async def story(desk: Desk) -> None:
        desk.keep("a", ("kept", 90))
        assert await desk.put("b", 20) == UNAVAILABLE
        desk.kept.remove_session_files("a")
        assert await desk.put("b", 20) == TAKEN

    play(story)
