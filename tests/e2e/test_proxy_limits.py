"""The recipe's nginx before a desk that only answers when it is told to: what it lets come, and what it writes down."""

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.e2e.proxy import HOST, Proxy, find
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(find() is None and not os.environ.get("CI"), reason="no nginx here")

STREAM, UPLOAD = "/_stcore/stream", "/_stcore/upload_file/visit-canary/file-canary"

OPENED, NO_DESK, TOO_LARGE, TOO_MANY = 200, 502, 413, 429


class Desk:
    """What stands behind: each request is answered at once, but websockets and uploads, which stay open."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = int(self._door.getsockname()[1])
        self.held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            asked = line.recv(65_536)
            if b" /_stcore/" in asked.split(b"\r\n")[0]:
                self.held.append(line)
                continue
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            line.close()

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # closing alone would let one more come
        self._door.close()
        for line in self.held:
            line.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


@pytest.fixture
def proxy(desk: Desk) -> Iterator[Proxy]:
    with Proxy(desk.port) as made:
        yield made


Line = Callable[[], http.client.HTTPConnection]


@pytest.fixture
def line(proxy: Proxy) -> Iterator[Line]:
    """Opens one more connection, as a browser does."""
    trust = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    with ExitStack() as opened:

        def more() -> http.client.HTTPConnection:
            plain = socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE)
            made = http.client.HTTPConnection(HOST)
            made.sock, made.auto_open = trust.wrap_socket(plain, server_hostname=HOST), 0
            opened.callback(made.close)
            return made

        yield more


def asked(on: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str) -> int:
    on.request(method, path, headers={"Host": HOST} | headers)
    with on.getresponse() as answer:
        answer.read()
        return answer.status


def test_sec42_no_log_holds_a_callback_key_a_visit_or_the_address_of_a_download(
    proxy: Proxy, desk: Desk, line: Line
) -> None:
    """SEC42: whether all goes well, something is too large, nothing answers, or it came without TLS."""
    secret = (
        "/callback/key-canary?code=canary",
        "/media/canary.csv",
        "/canary-canary-canary-canary",
        "/review?draft=canary",
    )

    def ask_for_all() -> set[int]:
        on = line()
        return {asked(on, path, Referer=f"https://{HOST}/callback/canary") for path in secret}

    assert ask_for_all() == {OPENED}
    assert asked(line(), UPLOAD, "PUT", **{"Content-Length": str(60 << 20)}) == TOO_LARGE
    with socket.create_connection(("127.0.0.1", proxy.plain_port), timeout=PATIENCE) as plain:
        plain.sendall(f"GET {secret[0]} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        while plain.recv(65_536):
            pass
    for _ in range(11):  # one too many
        line().request("PUT", UPLOAD, headers={"Host": HOST})
    desk.close()
    assert ask_for_all() == {NO_DESK}
    until(lambda: proxy.log().count('"GET /review" 502') == 1, proxy.logs)
    for told in ('"GET /callback" 200', '"GET /media" 200', '"GET /..." 200', '"GET /callback" 308'):
        assert told in proxy.log()
    assert '"PUT /_stcore/upload_file" 413' in proxy.log()
    assert "canary" not in proxy.logs()


def test_sec43_one_address_opens_so_many_visits_and_no_more(proxy: Proxy, desk: Desk, line: Line) -> None:
    for _ in range(200):
        line().request("GET", STREAM, headers={"Host": HOST})
    until(lambda: proxy.log().count(f'/_stcore/stream" {TOO_MANY}') >= 100, proxy.log)
    assert 50 <= len(desk.held) <= 100
    assert asked(line(), "/") == OPENED, "whoever is there already works on"


def test_sec43_one_address_uploads_so_many_files_at_once_and_no_more(
    proxy: Proxy, desk: Desk, line: Line
) -> None:
    large = {"Content-Length": str(50 << 20)}
    for _ in range(10):
        line().request("PUT", UPLOAD, headers={"Host": HOST} | large)
    until(lambda: len(desk.held) == 10, "the uploads did not reach the desk")
    assert asked(line(), UPLOAD, "PUT", **large) == TOO_MANY


def test_sec43_one_address_asks_so_often_and_no_more(line: Line) -> None:
    on = line()
    answers = [asked(on, "/") for _ in range(400)]
    assert answers[:150] == [OPENED] * 150
    assert TOO_MANY in answers


def test_sec43_the_scripts_of_several_first_pages_leave_their_address_its_pages(line: Line) -> None:
    """They were counted with the pages: an office of three newcomers behind one address was told "429 Too Many Requests"."""
    on = line()
    assert {asked(on, "/static/js/index.canary.js") for _ in range(500)} == {OPENED}
    assert asked(on, "/") == OPENED
