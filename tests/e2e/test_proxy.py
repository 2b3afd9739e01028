"""The recipe of .deploy/README.md: its very files, with nginx, TLS and a sign-in through all of it."""

import os
import re
import shlex
import socket
import ssl
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from lib.access.administration import administration
from lib.access.people import Role
from lib.contact.privacy import mask_phone
from tests.e2e import desk
from tests.e2e.people import PHONE, SHEET, TITLE, Team, sheet, team
from tests.e2e.proxy import DEPLOY, HOST, Proxy, find
from tests.waiting import PATIENCE

pytestmark = pytest.mark.skipif(
    find() is None and not os.environ.get("CI"),
    reason="no nginx here: the recipe cannot be tried; where CI is set it must be",
)


def unit() -> tuple[list[str], dict[str, str]]:
    """The flags and the environment the systemd unit starts the app with."""
    text = (DEPLOY / "contact-desk.service").read_text(encoding="utf-8")
    [command] = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    environment = dict(line.split("=", 1) for line in re.findall(r"^Environment=(.*)$", text, re.MULTILINE))
    return shlex.split(command), environment


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Team, Proxy]]:
    """The recipe's app behind the recipe's proxy, as somebody meets it whose browser knows only the name."""
    command, environment = unit()
    assert command[1:4] == ["run", "app.py", "--server.port=8501"]
    hosts = {"STREAMLIT_SERVER_ALLOWED_HOSTS": environment["STREAMLIT_SERVER_ALLOWED_HOSTS"]}
    folder, redirect = tmp_path_factory.mktemp("proxy"), f"https://{HOST}/oauth2callback"
    with team(browser, folder, hosts, redirect=redirect) as made, Proxy(made.server.port) as proxy:
        made.url = f"https://{HOST}"
        yield made, proxy


@pytest.mark.long
def test_sec33_the_whole_way_goes_through_the_proxy(office: tuple[Team, Proxy], tmp_path: Path) -> None:
    """The door, page, websocket, sign-in, a large upload, download of results; cookies that only travel encrypted."""
    there, proxy = office
    anna = there.seat(ignore_https_errors=True)
    anna.page.goto(f"{there.url}/history")
    desk.settled(anna.page)
    assert desk.buttons(anna.page) == {"登录"}
    there.sign_in(anna, "anna")
    desk.go(anna.page, "upload")
    rows = SHEET + "".join(f"客户{at},{13_900_000_000 + at},备注{at:0>60}\n" for at in range(30_000))
    assert len(rows.encode()) > 2_000_000
    desk.upload(anna.page, sheet(tmp_path, rows, "large.csv"))
    expect(anna.page.get_by_text("30,002 行数据")).to_be_visible()
    desk.upload(anna.page, sheet(tmp_path))
    expect(anna.page.get_by_text(f"{TITLE}.csv").first).to_be_visible()
    desk.press(anna.page, "下一步：对应列")
    desk.press(anna.page, "下一步：检查")
    desk.press(anna.page, "下一步：提交 2 个号码")
    desk.press(anna.page, "提交 2 个号码")
    desk.has_ended(anna.page)
    assert anna.was_sent(mask_phone(PHONE))
    for name in ("_streamlit_user", "_streamlit_user_tokens"):
        cookie = anna.cookie(name)
        assert (cookie["secure"], cookie["httpOnly"], cookie["domain"]) == (True, True, HOST)
    anna.page.get_by_role("button", name="退出登录").click()
    expect(anna.page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    log = proxy.log()
    assert '"GET /oauth2callback" 302' in log
    assert "code=" not in log
    assert "draft=" not in log


def ask(
    proxy: Proxy, path: str, host: str = HOST, name: str = HOST, method: str = "GET", size: int = 0
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body over TLS. host: of the request; name: of the handshake; size: of what is said to follow."""
    trust = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    trust.check_hostname = name == HOST
    with (
        socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as plain,
        trust.wrap_socket(plain, server_hostname=name) as secure,
    ):
        follows = f"Content-Length: {size}\r\n" if size else ""
        secure.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{follows}Connection: close\r\n\r\n".encode()
        )
        return _answer(secure)


def _answer(read: socket.socket) -> tuple[int, dict[str, str], bytes]:
    told = b""
    while piece := read.recv(65_536):
        told += piece
        head, ended, body = told.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if ended)
        if len(body) >= int(
            headers.get("content-length", len(told))
        ):  # whoever refuses may keep the line open
            break
    if not told:
        raise ConnectionError("nothing was answered")
    return int(first.split()[1]), headers, body


def handshake(port: int, address: str, **how: Any) -> int:
    """What is answered to whoever wants to open a websocket."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port)) as here,
            connect(address, sock=here, **how) as opened,
        ):
            return opened.response.status_code
    except InvalidStatus as refused:
        return refused.response.status_code


def test_sec33_every_answer_carries_its_headers(office: tuple[Team, Proxy]) -> None:
    _, proxy = office
    for path in ("/", "/review", "/_stcore/health", "/_stcore/host-config"):
        status, headers, _ = ask(proxy, path)
        assert status == 200
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    _, _, page = ask(proxy, "/")
    script = re.search(rb"/static/js/[\w.-]+\.js", page)
    assert script
    status, headers, _ = ask(proxy, script[0].decode())
    assert (status, headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_sec33_a_file_that_is_too_large_is_refused_before_it_comes(office: tuple[Team, Proxy]) -> None:
    _, proxy = office
    assert ask(proxy, "/_stcore/upload_file/a/b", method="PUT", size=53 << 20)[0] == 413


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "//_stcore/metrics",
        "/_stcore//metrics",
        "/x/../_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/%6detrics",
    ],
)
def test_sec33_what_is_not_for_browsers_is_closed(office: tuple[Team, Proxy], path: str) -> None:
    _, proxy = office
    assert ask(proxy, path)[0] == 404


def test_sec33_another_name_gets_nothing(office: tuple[Team, Proxy]) -> None:
    """In the request, in the handshake, and at the app's own websocket should somebody stand before it."""
    there, proxy = office
    with pytest.raises(ConnectionError, match="nothing"):
        ask(proxy, "/", host="evil.example")
    with pytest.raises(ConnectionError, match="nothing"):
        ask(proxy, "/", host="127.0.0.1")
    with pytest.raises(ssl.SSLError):
        ask(proxy, "/", host="evil.example", name="evil.example")
    with socket.create_connection(("127.0.0.1", proxy.plain_port), timeout=PATIENCE) as plain:
        plain.sendall(b"GET /review?lang=en HTTP/1.1\r\nHost: desk.example.com\r\nConnection: close\r\n\r\n")
        status, headers, _ = _answer(plain)
    assert (status, headers["location"]) == (308, f"https://{HOST}/review?lang=en")
    with socket.create_connection(("127.0.0.1", proxy.plain_port), timeout=PATIENCE) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        with pytest.raises(ConnectionError, match="nothing"):
            _answer(plain)
    for origin, host in ((None, "evil.example"), ("https://evil.example", HOST)):
        assert handshake(there.server.port, f"ws://{host}/_stcore/stream", origin=origin) == 403


def test_sec33_a_page_of_somebody_elses_cannot_open_the_websocket(office: tuple[Team, Proxy]) -> None:
    _, proxy = office
    trust = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    address = f"wss://{HOST}/_stcore/stream"
    for origin in ("https://evil.example", "null"):
        assert handshake(proxy.port, address, ssl=trust, server_hostname=HOST, origin=origin) == 403
    assert handshake(proxy.port, address, ssl=trust, server_hostname=HOST, origin=f"https://{HOST}") == 101


# --- the other two files ------------------------------------------------------------------------------------


def test_sec33_the_example_of_the_administrators_file_is_closed_until_it_is_filled_in(tmp_path: Path) -> None:
    text = (DEPLOY / "secrets.toml").read_text(encoding="utf-8")
    found = administration([DEPLOY / "secrets.toml"], {})
    assert (found.error_code, found.params) == ("sign_in_incomplete", {"key": "auth.cookie_secret"})
    assert set(tomllib.loads(text)) == {"auth", "people", "sign_in", "destinations"}
    filled = tmp_path / "secrets.toml"
    filled.write_text(re.sub(r"REPLACE[^\"]*", "0123456789abcdef" * 4, text), encoding="utf-8")
    found = administration([filled], {})
    assert (found.error_code, found.people.mistaken, found.people.hours) == ("", (), 12)
    roles = {who: (listed.role, listed.team) for who, listed in found.people.listed.items()}
    assert roles == {
        "anna@example.com": (Role.OPERATOR, ""),
        "bo@example.com": (Role.VIEWER, ""),
        "chen@example.com": (Role.OPERATOR, "north"),
        "sub:248289761001": (Role.OPERATOR, "north"),
    }
    assert found.destinations.hosts == ("https://ai.api.longlonglong.cn",)


def test_the_unit_starts_the_app_on_this_computer_only_and_keeps_its_folder_to_itself() -> None:
    command, environment = unit()
    assert environment["STREAMLIT_SERVER_ALLOWED_HOSTS"] == HOST
    assert not any(flag.startswith("--server.address") for flag in command), (
        "config.toml binds it to the loopback"
    )
    text = (DEPLOY / "contact-desk.service").read_text(encoding="utf-8")
    folder = environment["CONTACT_DESK_DATA"].removeprefix("/var/lib/")
    for line in (
        f"StateDirectory={folder}",
        "StateDirectoryMode=0700",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "LimitCORE=0",
    ):
        assert line in text.splitlines()
