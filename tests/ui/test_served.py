"""The app as it is served, asked over raw sockets: what the door turns away, and what the self-check refuses to serve."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from lib.words import LANGUAGES, t
from tests.e2e.server import AppServer
from tests.ui.steps import ask

#: The first line of an answer, by status.
OPENED, SWITCHED, FORBIDDEN, UNAVAILABLE = 200, 101, 403, 503


@pytest.fixture
def app(served: AppServer) -> AppServer:
    return served


def shake(app: AppServer, host: str | None = None, **headers: str) -> int:
    """The status a websocket handshake gets."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    return ask(app, "/_stcore/stream", host=host, **upgrade, **headers)[0]


def test_sec32_a_websocket_opens_for_the_apps_own_page(app: AppServer) -> None:
    for name in ("127.0.0.1", "localhost"):
        assert shake(app, host=f"{name}:{app.port}", Origin=f"http://{name}:{app.port}") == SWITCHED


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:3000", "https://evil.example:8501", ""]
)
def test_sec32_a_websocket_of_another_page_gets_403(app: AppServer, origin: str) -> None:
    """SEC32; the last one comes without an `Origin`, as no browser does."""
    assert shake(app, Origin=origin) == FORBIDDEN


def test_sec33_a_websocket_by_a_rebound_name_gets_403(app: AppServer) -> None:
    assert shake(app, host="evil.example", Origin="http://evil.example") == FORBIDDEN
    assert shake(app, host=f"evil.example:{app.port}", Origin=f"http://evil.example:{app.port}") == FORBIDDEN


@pytest.mark.parametrize(
    "path",
    ["/", "/review", "/_stcore/health", "/_stcore/host-config", "/media/x.csv", "/_stcore/upload_file/a/b"],
)
def test_sec33_nothing_is_answered_by_a_rebound_name(app: AppServer, path: str) -> None:
    status, told = ask(app, path, host="evil.example")
    assert status == FORBIDDEN
    assert all(t("door.host", lang) in told for lang in LANGUAGES)


def test_sec32_another_page_can_neither_read_nor_write(app: AppServer) -> None:
    for method in ("GET", "PUT", "POST", "OPTIONS"):
        status, told = ask(app, "/_stcore/upload_file/a/b", method=method, Origin="http://evil.example")
        assert status == FORBIDDEN
        assert "access-control-allow" not in told.lower()
    assert ask(app)[0] == OPENED


def test_sec28_turning_somebody_away_asks_nobody_for_this_computers_address(app: AppServer) -> None:
    """SEC28: Streamlit asks a host on the internet for it before it refuses a page it does not know."""
    shake(app, Origin="http://evil.example")
    shake(app, Origin=f"http://127.0.0.1:{app.port}")
    written = Path(app.data.parent / "connections").read_text().splitlines()
    assert {line for line in written if not re.search(r" (127\.0\.0\.1|localhost)$", line)} == set()


def test_sec33_every_answer_has_the_headers_of_safety(app: AppServer) -> None:
    """SEC33: no frame, no guessing of types, nothing kept by caches but Streamlit's own scripts."""
    for path in ("/", "/history", "/_stcore/health", "/media/none.csv"):
        _, told = ask(app, path)
        for line in (
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ):
            assert line in told, (path, line)
        assert told.lower().count("cache-control") == 1
    script = re.search(r'src="\./(static/js/[^"]+)"', ask(app)[1])
    assert script
    assert "no-store" not in ask(app, f"/{script[1]}")[1]


def test_sec55_a_script_in_a_page_runs_only_where_it_is_streamlits_own(app: AppServer) -> None:
    """SEC55: the policy names each script of the document by its hash, and lets no other run inside a page."""
    _, told = ask(app, Accept="text/html")
    policy = re.search(r"script-src ([^;]*);", told)
    assert policy
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in re.findall(r"<script>(.*?)</script>", told, re.DOTALL)
    }
    assert hashes
    assert set(policy[1].split()) == {"'self'", "'wasm-unsafe-eval'"} | hashes
    assert not re.search(r"<[^>]+\son\w+=", told), "no handler in the document needs more"


def test_sec31_a_start_that_undoes_local_by_default_serves_nothing(tmp_path: Path) -> None:
    """SEC31: page, websocket and terminal say what to mend, in both languages; no database is made, nothing is sent."""
    options = [
        "--server.enableXsrfProtection=false",
        "--client.showErrorDetails=full",
        "--browser.gatherUsageStats=true",
        "--server.address=0.0.0.0",
    ]
    with AppServer(tmp_path / "data", flags=options) as app:
        status, told = ask(app, "/history")
        assert status == UNAVAILABLE
        assert shake(app, Origin=app.url) == FORBIDDEN
        log = app.log()
    for text in (told, log):
        for code in ("forgery", "error_details", "statistics", "address"):
            assert all(t(f"check.{code}.bad", lang) in text for lang in LANGUAGES)
        assert t("check.other_pages.bad", "zh") not in text
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "path", ["/static/js/none.js", "/static/", "/static/js", "/static/js/../../index.html"]
)
def test_sec48_an_unknown_static_address_is_not_found(app: AppServer, path: str) -> None:
    status, told = ask(app, path, Accept="text/html")
    assert (status, "<html" in told) == (404, False)
    assert ask(app, "/nowhere")[0] == OPENED, "whose page says that there is none"


@pytest.mark.long
def test_sec31_listening_for_everybody_without_sign_in_is_refused(tmp_path: Path) -> None:
    with AppServer(tmp_path / "data", flags=["--server.address=0.0.0.0"]) as app:
        status, told = ask(app)
        assert (status, t("check.address.bad", "zh") in told) == (UNAVAILABLE, True)


def test_the_routes_for_monitoring_stand_behind_the_door_and_tell_nobody_who_comes_through_a_proxy(
    app: AppServer,
) -> None:
    assert (ask(app, "/health/alive")[0], ask(app, "/health/ready")[0]) == (OPENED, OPENED)
    status, answer = ask(app, "/health/metrics")
    assert (status, 'contact_desk_batches{state="unknown"} 0' in answer) == (OPENED, True)
    assert ask(app, "/health/metrics", X_Forwarded_For="203.0.113.7")[0] == 404
    assert ask(app, "/health/metrics", host="evil.example")[0] == FORBIDDEN
    assert ask(app, "/health/metrics", method="POST")[0] == 405
