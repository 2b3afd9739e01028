"""Who gets a download: the browser whose visit was told its address, as long as that visit lasts and its person may come in."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.ui.web import downloads
from lib.ui.web.downloads import COOKIE, Downloads
from tests.e2e.line import Line
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE, until

FOUND, NOT_FOUND = 200, 404


# --- played over the real socket -----------------------------------------------------------------------------------


def address_in(told: list[ForwardMsg]) -> str:
    """The address of the first download of a page."""
    return next(url for message in told if (url := message.delta.new_element.download_button.url))


def made_on_demand(line: Line, told: list[ForwardMsg]) -> str:
    """The address of a download of this page that is made when it is asked for."""
    asked = BackMsg()
    asked.backend_operation_request.request_id = "1"
    asked.backend_operation_request.session_id = line.session
    asked.backend_operation_request.deferred_file.file_id = next(
        file_id for message in told if (file_id := message.delta.new_element.download_button.deferred_file_id)
    )
    line.socket.send(asked.SerializeToString())
    answer = ForwardMsg()
    while answer.WhichOneof("type") != "backend_operation_response":
        answer.ParseFromString(line.socket.recv(timeout=PATIENCE, decode=False))
    return answer.backend_operation_response.deferred_file.url


def test_sec58_a_download_is_given_to_the_browser_that_was_told_its_address_and_to_no_other(
    served: AppServer,
) -> None:
    """SEC58; one that lies there, and one that is made on demand."""
    with Line(served.url) as line, Line(served.url) as other:
        other.open("")
        for page, find in (("upload", address_in), ("about", partial(made_on_demand, line))):
            address = find(line.open(page))
            assert other.http.get(address).status_code == NOT_FOUND
            assert httpx.get(served.url + address, trust_env=False).status_code == NOT_FOUND
            assert line.http.get(address).status_code == FOUND


def test_sec57_what_an_ended_visit_held_is_let_go_though_nobody_else_comes(tmp_path: Path) -> None:
    """SEC57: its download is answered while it is there, and not when the time for which it is kept is up."""
    with AppServer(tmp_path / "data", ["--server.disconnectedSessionTTL=1"]) as app, Line(app.url) as line:
        address = address_in(line.open("upload"))
        assert line.http.get(address).status_code == FOUND
        line.socket.close()
        until(lambda: line.http.get(address).status_code == NOT_FOUND)


def test_the_cookie_comes_once_with_the_document_and_no_script_reads_it(served: AppServer) -> None:
    with httpx.Client(base_url=served.url, timeout=PATIENCE, trust_env=False) as browser:
        given = [one for one in browser.get("/").headers.get_list("set-cookie") if one.startswith(COOKIE)]
        assert len(given) == 1
        assert "HttpOnly; SameSite=Lax" in given[0]
        for path in ("/", "/_stcore/health", "/upload"):
            assert COOKIE not in browser.get(path).headers.get("set-cookie", "")
    assert COOKIE not in httpx.get(f"{served.url}/_stcore/health", trust_env=False).headers.get(
        "set-cookie", ""
    )


# --- who is asked ----------------------------------------------------------------------------------------------------


class Desk:
    """The guard before a Streamlit that has every file. inside: visits that may still come in."""

    def __init__(self) -> None:
        self.inside = {"visit", "other"}
        self.guard = Downloads(self._streamlit, lambda visit: visit in self.inside)
        self._frames: list[bytes] = []

    async def _streamlit(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": FOUND, "headers": []})
        for frame in self._frames:
            await send({"type": "websocket.send", "bytes": frame})

    def tell(self, visit: str, cookie: str, *addresses: str) -> None:
        """A visit of this browser is told where its downloads are."""
        begin = ForwardMsg()
        begin.new_session.initialize.session_id = visit
        told = [begin]
        for address in addresses:
            told.append(ForwardMsg())
            told[-1].delta.new_element.download_button.url = address
        self._frames = [message.SerializeToString() for message in told]
        self._ask({"type": "websocket", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]})

    def get(self, address: str, cookie: str = "") -> int:
        headers = [(b"cookie", f"a=b; {COOKIE}={cookie}".encode())] if cookie else []
        return int(self._ask({"type": "http", "method": "GET", "path": address, "headers": headers})[0])

    def _ask(self, scope: Any) -> list[int]:
        answered: list[int] = []

        async def send(message: Any) -> None:
            answered.append(message.get("status", 0))

        asyncio.run(self.guard(scope, None, send))
        return answered


def test_sec58_whoever_has_signed_out_gets_nothing_more() -> None:
    desk = Desk()
    desk.tell("visit", "mine", "/media/a.csv")
    assert desk.get("/media/a.csv", "mine") == FOUND
    desk.inside.clear()
    assert desk.get("/media/a.csv", "mine") == NOT_FOUND


def test_of_two_visits_of_one_browser_one_that_lasts_is_enough() -> None:
    desk = Desk()
    for visit in ("visit", "other"):
        desk.tell(visit, "mine", "/media/same.xlsx")
    desk.inside.remove("other")
    assert desk.get("/media/same.xlsx", "mine") == FOUND


def test_sec58_one_without_the_cookie_is_given_nothing_though_a_visit_without_it_was_told() -> None:
    desk = Desk()
    desk.tell("visit", "", "/media/a.csv")
    assert desk.get("/media/a.csv") == NOT_FOUND


def test_text_of_a_sheet_that_looks_like_an_address_gives_nothing() -> None:
    desk = Desk()
    text = ForwardMsg()
    text.delta.new_element.text.body = "/media/a.csv"
    desk.tell("visit", "mine")
    desk._frames.append(text.SerializeToString())
    desk._ask({"type": "websocket", "headers": [(b"cookie", f"{COOKIE}=mine".encode())]})
    assert desk.get("/media/a.csv", "mine") == NOT_FOUND


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST", 2)
    desk = Desk()
    desk.tell("visit", "mine", "/media/1", "/media/2", "/media/1", "/media/3")
    assert [desk.get(f"/media/{name}", "mine") for name in (1, 2, 3)] == [FOUND, NOT_FOUND, FOUND]
