"""SEC28, SEC31 to SEC33 in a real browser: whom the app asks, whom it answers, and what is seen when it breaks."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from lib.platform.connection import practice as practice_connection
from lib.store import Store
from lib.ui.navigation import ENTRIES
from lib.words import NAMES, t
from tests.e2e import desk
from tests.e2e.broken import NUMBER, WORD
from tests.e2e.server import WATCHED, AppServer
from tests.plans import plan

PAGES = [entry.name for entry in ENTRIES]

in_each_language = pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])


def host_of(url: str) -> str:
    """Scheme and host of what a browser asked for; a picture inside a page has no host."""
    found = re.match(r"(\w+)://([^/]+)", url)
    return f"{found[1]}://{found[2]}" if found else url.partition(":")[0] + ":"


@pytest.mark.long
@in_each_language
def test_sec28_a_whole_journey_asks_nobody_but_the_app_itself(
    visit: Callable[..., BrowserContext], tmp_path: Path, lang: str
) -> None:
    """SEC28: every request and websocket of the browser, every look-up and connection of the server's processes.

    Upload, mapping, review, submission, results, then every page in this language; the icon of the tab stands in the page.
    """
    watched = {"PYTHONPATH": str(WATCHED), "WATCHED_CONNECTIONS": str(tmp_path / "connections")}
    asked: set[str] = set()
    refused: list[str] = []  # by the policy, SEC55
    with AppServer(tmp_path / "data", **watched) as server:
        context = visit()
        context.on("request", lambda request: asked.add(host_of(request.url)))
        page = context.new_page()
        page.on("websocket", lambda socket: asked.add(host_of(socket.url)))
        page.on(
            "console",
            lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None,
        )
        desk.start_practice(page, server)
        sheet = tmp_path / "客户.csv"
        sheet.write_text("姓名,手机号\n张伟,13012121211\n王芳,1301212121\n", "utf-8")
        desk.go(page, "upload")
        desk.upload(page, sheet)
        expect(page.get_by_text("客户.csv").first).to_be_visible()
        desk.go(page, "submit")
        desk.press(page, "提交 1 个号码")
        desk.has_ended(page)
        desk.go(page, "history")
        desk.choose_run(page, 0)
        assert desk.download(page, "下载我的表格和结果")
        icons = set()
        desk.open_page(page, server.url, f"?lang={NAMES[lang]}")
        for name in PAGES:
            desk.go(page, "" if name == "overview" else name)
            desk.heading(page, t(f"page.{name}.title", lang))
            icons |= set(
                page.eval_on_selector_all('link[rel~="icon"]', "links => links.map(link => link.href)")
            )
        context.close()
    assert refused == []
    here = f"127.0.0.1:{server.port}"
    assert asked <= {f"http://{here}", f"ws://{here}", "data:", "blob:"}
    assert f"ws://{here}" in asked
    assert icons
    assert {host_of(icon) for icon in icons} <= {f"http://{here}", "data:"}
    reached = {line.rpartition(" ")[2] for line in (tmp_path / "connections").read_text().splitlines()}
    assert reached <= {"127.0.0.1", "localhost"}
    assert "127.0.0.1" in reached  # the practice platform: what is written down is what happens


@in_each_language
def test_sec31_a_bug_shows_a_sentence_and_a_number_and_nothing_of_its_inside(
    shared_page: Page, tmp_path: Path, lang: str
) -> None:
    """SEC31, SEC25: in a page, in a page half drawn, in a callback; the log has the rest, without the phone number."""
    page = shared_page
    with AppServer(tmp_path / "data", started_by=("tests/e2e/broken.py",)) as server:
        told = []
        sentence = re.compile(re.escape(t("crash", lang, reference="☃")).replace("☃", "([0-9a-f]{8})"))
        for path in ("", "do_not_call"):
            desk.open_page(page, server.url, f"{path}?lang={NAMES[lang]}")
            if path:
                page.get_by_role("textbox").first.fill("13012121211")
                desk.press(page, t("dnc.paste_button", lang))
            alert = page.get_by_test_id("stAlert").filter(has_text=sentence).first
            expect(alert).to_be_visible()
            shown = page.content()
            told += sentence.findall(alert.inner_text())
            assert not re.search(
                rf"Traceback|ZeroDivision|{WORD}|{NUMBER}|\.py\b.*line \d|stException", shown
            )
        log = server.log()
    assert len(told) == len(set(told)) == 2
    assert [reference for reference in told if reference not in log] == [], log
    assert WORD in log
    assert NUMBER not in log


@contextmanager
def elsewhere() -> Iterator[str]:
    """Another page of this computer: what a second program, or a page on the web, could be."""

    class Blank(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>elsewhere</title>")

        def log_message(self, *_: object) -> None:
            """Into no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


_TRY = """async (app) => {
    const socket = await new Promise((told) => {
        const line = new WebSocket(app.replace('http', 'ws') + '/_stcore/stream');
        line.onopen = () => told('open');
        line.onerror = () => told('refused');
    });
    const page = await fetch(app + '/_stcore/health').then((answer) => answer.text()).catch(() => 'unreadable');
    return [socket, page];
}"""


def test_sec32_another_page_of_this_computer_reaches_nothing(
    shared_page: Page, shared_server: AppServer
) -> None:
    """SEC32: Streamlit by itself lets every page of this computer open a websocket."""
    with elsewhere() as url:
        shared_page.goto(url)
        assert shared_page.evaluate(_TRY, shared_server.url) == ["refused", "unreadable"]
    desk.open_page(shared_page, shared_server.url)
    assert shared_page.evaluate(_TRY, shared_server.url) == ["open", "ok"]


def test_sec33_a_name_that_was_pointed_here_opens_nothing(
    shared_page: Page, shared_server: AppServer
) -> None:
    """SEC33, DNS rebinding: to the browser evil.example (`NAMES`) and its port are one place, whoever answers there."""
    there = f"http://evil.example:{shared_server.port}"
    answer = shared_page.goto(f"{there}/")
    assert answer
    assert answer.status == 403
    assert t("door.host", "zh") in shared_page.inner_text("body")
    assert shared_page.evaluate(_TRY, there)[0] == "refused"


def stands_in_one_line(page: Page, text: Locator) -> None:
    """With the menu open: what breaks stands in two."""
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(text).to_be_visible()
    box = text.bounding_box()
    assert box
    assert box["height"] < 32


@pytest.mark.parametrize("lang", [pytest.param("zh", marks=pytest.mark.long), "en"])
def test_a_figure_of_the_list_of_runs_stays_in_one_piece_on_a_narrow_screen(
    visit: Callable[..., BrowserContext], server: AppServer, lang: str
) -> None:
    """With the menu open there is less room than the figures and the file need beside each other."""
    store = Store(server.data / "desk.db")
    store.runs.cancel(store.runs.create(plan(60, 200, connection=practice_connection(""))))
    store.close()
    page = visit(lang=lang, viewport={"width": 768, "height": 900}).new_page()
    desk.open_page(page, server.url, "history")
    stands_in_one_line(page, page.get_by_test_id("stMain").get_by_text("12,000", exact=True))


@pytest.mark.parametrize(
    ("lang", "name"), [pytest.param("zh", "客户姓名", marks=pytest.mark.long), ("en", "Customer name")]
)
def test_the_name_of_a_column_stays_in_one_piece_on_a_narrow_screen(
    visit: Callable[..., BrowserContext], server: AppServer, lang: str, name: str
) -> None:
    page = visit(lang=lang, viewport={"width": 768, "height": 900}).new_page()
    desk.open_page(page, server.url)
    desk.press(page, t("overview.sample", lang))
    desk.heading(page, t("page.upload.title", lang))
    desk.press(page, t("upload.next", lang))
    desk.heading(page, t("page.mapping.title", lang))
    stands_in_one_line(page, page.get_by_test_id("stMain").locator("strong", has_text=name))
