"""Whom the server answers: names, pages, and addresses it may be reached by."""

import pytest

from lib.server.hosts import Door, Turned, is_loopback, public_names

HERE = "127.0.0.1"
TEAM = Door(public_names(["desk.example.cn"]), sign_in=True)


def asked(
    door: Door, host: str, *origins: str, here: str | None = HERE, socket: bool = False
) -> Turned | None:
    return door.turns_away([host], origins, here, needs_origin=socket)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8501", "localhost:8501", "LocalHost", "[::1]:8501", "localhost.:80"]
)
def test_sec33_every_name_of_this_computer_is_answered(host: str) -> None:
    assert asked(Door(), host) is None
    assert asked(Door(), host, f"http://{host}", socket=True) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example", "desk.example.cn", "127.0.0.2", "0.0.0.0",
     "", ":8501", "localhost:x", "localhost:99999", "user@localhost", "localhost/x", "localhost?x", "localhost#x", "[::1", "127.1", "2130706433"],
)  # fmt: skip
def test_sec33_any_other_name_is_turned_away(host: str) -> None:
    """SEC33, DNS rebinding: whatever name a page on the web has made point here comes in `Host`."""
    assert asked(Door(), host) == Turned.HOST
    assert asked(Door(), host, f"http://{host}", socket=True) == Turned.HOST


def test_sec33_a_request_with_no_name_or_two_is_turned_away() -> None:
    for hosts in ([], ["localhost", "localhost"], ["localhost", "evil.example"]):
        assert Door().turns_away(hosts, [], HERE, needs_origin=False) == Turned.HOST


@pytest.mark.parametrize(
    "origin",
    ["null", "", "http://evil.example", "http://localhost:3000", "http://127.0.0.1:8501", "https://localhost:8501.evil.example",
     "http://localhost:8501/x", "http://a@localhost:8501", "file://localhost:8501", "chrome-extension://localhost:8501", "localhost:8501"],
)  # fmt: skip
@pytest.mark.parametrize("socket", [True, False])
def test_sec32_a_page_of_another_origin_is_turned_away(origin: str, socket: bool) -> None:
    """SEC32: another name, another port of this computer, another spelling, a page without an origin."""
    assert asked(Door(), "localhost:8501", origin, socket=socket) == Turned.ORIGIN


def test_sec32_a_websocket_needs_an_origin_and_a_page_does_not() -> None:
    assert asked(Door(), "localhost:8501", socket=True) == Turned.ORIGIN
    assert asked(Door(), "localhost:8501") is None
    assert asked(Door(), "localhost:8501", "http://localhost:8501", "http://localhost:8501") == Turned.ORIGIN


def test_sec33_a_public_name_is_answered_where_an_administrator_gave_it() -> None:
    assert asked(TEAM, "desk.example.cn", "https://desk.example.cn", socket=True) is None
    assert asked(TEAM, "Desk.Example.CN:8443", "https://desk.example.cn:8443", socket=True) is None
    assert (
        asked(TEAM, "127.0.0.1:8501", "https://desk.example.cn", socket=True) is None
    )  # a proxy that asks by its own name
    assert asked(TEAM, "other.example.cn") == Turned.HOST
    assert asked(TEAM, "desk.example.cn", "https://evil.example", socket=True) == Turned.ORIGIN


@pytest.mark.parametrize("here", ["192.168.1.5", "10.0.0.1", "fe80::1", "2001:db8::1", "::ffff:192.168.1.5"])
def test_sec31_without_sign_in_only_this_computer_gets_in(here: str) -> None:
    """SEC31: whatever the server listens on, and however it was started; a forged `Host` does not help."""
    assert asked(Door(), "localhost:8501", here=here) == Turned.AWAY
    assert asked(Door(sign_in=True), "localhost:8501", here=here) is None


@pytest.mark.parametrize("here", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "/run/desk.sock"])
def test_what_is_an_address_of_this_computer(here: str) -> None:
    assert is_loopback(here)
    assert asked(Door(), "localhost", here=here) is None
    assert asked(Door(), "localhost", here=None) is None


def test_public_names_are_read_as_administrators_write_them() -> None:
    given = [
        "desk.example.cn",
        " HTTPS://Desk.example.com:8443/oauth2callback ",
        "",
        "a.example:80",
        "*",
        "*.example",
        "[::2]:80",
    ]
    assert public_names(given) == {"desk.example.cn", "desk.example.com", "a.example", "::2"}
