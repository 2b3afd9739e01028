"""What ten hostile visitors do, again and again: strangers who have not signed in, and three from inside.

All of it goes to an app on this computer, and each of them rests between two turns: what is tried is many kinds, not the
bandwidth of a loopback.
"""

import logging
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cache
from types import TracebackType

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import WebSocketException

from tests.core.sheet_builder import header, number, pack, parts_of, rows, text, workbook
from tests.e2e.line import Line
from tests.e2e.messages import NO_PAGE_SENDS
from tests.hostile import LONG, TEXTS

#: Seconds a visitor rests between two turns, and waits for an answer.
REST, PATIENCE = 1.0, 120.0

PAGES = ("", "upload", "mapping", "review", "submit", "history", "privacy", "about", "connection", "nowhere")

#: How a turn may end that the server has cut short.
CUT_SHORT = (httpx.HTTPError, WebSocketException, OSError, TimeoutError)

_MEGABYTE = 1 << 20

# it tells at length of each line that is cut short, which is what most of these come to
logging.getLogger("websockets.client").setLevel(logging.CRITICAL + 1)


class Server:
    """The app they are at. inside: the cookies of somebody who has signed in and may prepare."""

    def __init__(self, url: str, inside: str) -> None:
        self.url, self.inside = url, inside

    def stranger(self) -> Line:
        return Line(self.url, patience=PATIENCE)

    def insider(self) -> Line:
        return Line(self.url, self.inside, patience=PATIENCE)


#: A turn: what it met, by name.
Turn = Callable[[Server, Counter[str]], None]


def messages(server: Server, met: Counter[str]) -> None:
    """300 messages that no page sends."""
    with server.stranger() as line:
        for _ in range(25):
            for message in NO_PAGE_SENDS.values():
                line.socket.send(message)
        line.open("")
        met["drawn"] += 1


def visits(server: Server, met: Counter[str]) -> None:
    """Visits that are gone before their page is drawn, and one from inside that asks faster than anything is drawn, for what is others'."""
    for page in PAGES:
        with server.stranger() as line:
            line.ask(page)
            met["left"] += 1
    with server.insider() as line:
        for page in PAGES * 3:
            asked = BackMsg()
            asked.rerun_script.query_string = f"draft={secrets.token_hex(8)}&run={secrets.token_hex(8)}"
            line.ask(page, asked)
        line.drawn()
        met["drawn"] += 1


def callbacks(server: Server, met: Counter[str]) -> None:
    """Callbacks without the key, long ones too."""
    with httpx.Client(base_url=server.url, timeout=PATIENCE, trust_env=False) as client:
        for _ in range(50):
            answer = client.post(f"/callback/{secrets.token_hex(16)}", json={"unique_id": "x" * 10_000})
            met[str(answer.status_code)] += 1
        for method in ("POST", "PUT", "GET", "DELETE"):
            answer = client.request(method, "/callback/x?" + "x" * 20_000, content=bytes(5 * _MEGABYTE))
            met[str(answer.status_code)] += 1


def uploads_without_sign_in(server: Server, met: Counter[str]) -> None:
    """Files for the own visit, which has not come through the door, and for invented ones."""
    with server.stranger() as line:
        line.open("upload")
        for session in (line.session, secrets.token_hex(16), "../..", ""):
            met[f"upload {line.put(bytes(5 * _MEGABYTE), session=session)}"] += 1


@cache
def hostile_files() -> dict[str, bytes]:
    """Files that are not what they say, or that want to hurt."""
    good = rows(header(), (2, text("A2", "13012121211") + text("B2", "张伟")))
    far = rows((1, text("A1", "手机号")), (2, number("XFD1048576", "1")))
    doctype = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    parts = parts_of(good)
    lines = [",".join(f'"{one}"' for one in (f"1301212{at:04d}", *TEXTS[at : at + 9])) for at in range(50)]
    return {
        "far.xlsx": workbook(far),
        "blank.xlsx": pack(parts_of(f"<sheetData>{' ' * 60_000_000}</sheetData>")),
        "entities.xlsx": pack(
            {**parts, "xl/sharedStrings.xml": doctype + str(parts["xl/sharedStrings.xml"])}
        ),
        "long\x1b[2J\r\nERROR forged.csv": ("手机号,姓名\n13012121211," + LONG * 200).encode(),
        "quotes.csv": b'phone,name\n"' + b'""",' * 400_000,
        "digits.csv": b"1" * 3_000_000,
        "texts.csv": "\n".join(["手机号," + ",".join("abcdefghi"), *lines]).encode(),
        "<script>.html": b"<table><tr><td>" * 50_000,
        "none.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100_000),
    }


def hostile_uploads(server: Server, met: Counter[str]) -> None:
    """Hostile files from inside, each read to its end."""
    with server.insider() as line:
        for name, data in hostile_files().items():
            line.open("upload")
            status = line.choose(data, name)
            line.drawn()
            met[f"read {status}"] += 1


@cache
def large_workbook(count: int = 60_000) -> bytes:
    """A large honest workbook."""
    filled = (
        (at, text(f"A{at}", str(13_600_000_000 + at)) + text(f"B{at}", f"客户{at}"))
        for at in range(2, count + 2)
    )
    return workbook(rows(header(), *filled))


def large_uploads(server: Server, met: Counter[str]) -> None:
    """As much as a visit may keep and more, and a large workbook whose reader has left before it is read."""
    with server.insider() as line:
        line.open("upload")
        for at in range(3):
            met[f"kept {line.put(bytes(40 * _MEGABYTE), file_id=f'large-{at}')}"] += 1
        met[f"left {line.choose(large_workbook(), '大.xlsx')}"] += 1


def addresses(server: Server, met: Counter[str]) -> None:
    """Addresses that nobody knows, by names and from pages of others."""
    paths = (
        "/static/js/none.js",
        "/static/../../etc/passwd",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        f"/media/{secrets.token_hex(28)}.csv",
        "/media/../desk.db",
        "/component/x/../../etc/passwd",
        "/_stcore/metrics",
        "/_stcore/bidi-components/x/y",
        "/health/metrics",
        "/oauth2callback?state=x&code=" + "y" * 3_000,
        "/auth/login?provider=" + "x" * 3_000,
        "/" + "a/" * 2_000,
        *(f"/{page}?draft={secrets.token_hex(8)}&run=x" for page in PAGES),
    )
    headers: tuple[dict[str, str], ...] = (
        {},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Cookie": "_streamlit_user=" + "x" * 4_000},
        {"X-Forwarded-For": "127.0.0.1"},
    )
    with httpx.Client(base_url=server.url, timeout=PATIENCE, trust_env=False) as client:
        for path in paths:
            for header_lines in headers:
                met[str(client.get(path, headers=header_lines).status_code)] += 1


def log_texts(server: Server, met: Counter[str]) -> None:
    """What wants to stand in the log: frames that nobody can read, names and ids that are long and full of signs that steer."""
    hostile = "\x1b[2J\r\nERROR 13012121211 " + "1301212" * 100_000
    for fill in (lambda one: None, _named(hostile), _widget(hostile), _fragment(hostile)):
        with server.stranger() as line, suppress(*CUT_SHORT):
            asked = BackMsg()
            fill(asked)
            line.socket.send(asked.SerializeToString() or b"\xff" * 1_000_000)
            line.socket.recv(timeout=PATIENCE)
            met["told"] += 1


def _named(hostile: str) -> Callable[[BackMsg], None]:
    return lambda one: setattr(one.rerun_script, "page_name", hostile)


def _widget(hostile: str) -> Callable[[BackMsg], None]:
    def fill(one: BackMsg) -> None:
        one.rerun_script.widget_states.widgets.add(id=hostile, string_value=hostile)

    return fill


def _fragment(hostile: str) -> Callable[[BackMsg], None]:
    return lambda one: setattr(one.rerun_script, "fragment_id", hostile)


def large_messages(server: Server, met: Counter[str]) -> None:
    """One that is just let through, and one that is not."""
    for size in (19_000_000, 21_000_000):
        with server.stranger() as line, suppress(*CUT_SHORT):
            asked = BackMsg()
            asked.rerun_script.query_string = "x" * size
            line.socket.send(asked.SerializeToString())
            line.drawn()
            met["drawn"] += 1


def slow_lines(server: Server, met: Counter[str]) -> None:
    """Requests whose end does not come."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with ExitStack() as held:
        for _ in range(20):
            line = held.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE))
            line.sendall(
                f"POST /callback/x HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 9\r\n".encode()
            )
            met["held"] += 1
        time.sleep(5 * REST)


VISITORS: tuple[Turn, ...] = (
    messages,
    visits,
    callbacks,
    uploads_without_sign_in,
    hostile_uploads,
    large_uploads,
    addresses,
    log_texts,
    large_messages,
    slow_lines,
)


class Attack:
    """The ten, each on a thread of its own, until it is over. met: visitor → how often they met what."""

    def __init__(self, server: Server) -> None:
        self._server, self._over = server, threading.Event()
        self.met: dict[str, Counter[str]] = {turn.__name__: Counter() for turn in VISITORS}
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._play, args=(turn,)) for turn in VISITORS]

    def __enter__(self) -> "Attack":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _play(self, turn: Turn) -> None:
        met = self.met[turn.__name__]
        while not self._over.is_set():
            try:
                turn(self._server, met)
            except CUT_SHORT as ending:
                met[f"cut short: {type(ending).__name__}"] += 1
            except Exception as fault:  # a fault of the visitor's own: told at the end
                self.failed.append(f"{turn.__name__}: {fault!r}")
                return
            met["turns"] += 1
            self._over.wait(REST)
