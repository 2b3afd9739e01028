"""What a person does on the desk, as functions over a Playwright page. Every step waits for what it must produce."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, WebSocket, expect

from lib.ui.navigation import TABS
from lib.words import LANGUAGES, t
from tests import waiting
from tests.e2e.server import AppServer

LOCALES = {"zh": "zh-CN", "en": "en-US"}

READY = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'

#: A batch number as the practice platform gives it.
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

#: Where a cell is typed into.
EDITOR = "#portal textarea.gdg-input"

#: What an event has changed is drawn by tasks that stand before this one.
DRAWN = "new Promise((drawn) => setTimeout(() => setTimeout(drawn)))"

#: Milliseconds between two looks: a page that is behind another one draws no frames to look at.
_BETWEEN = 20

#: Milliseconds after which one looks whether what was open still is.
_GLANCE = 2_000

#: Every browser context that is open, for the picture of a test that fails.
VISITORS: list[BrowserContext] = []

#: Milliseconds Playwright waits.
_PATIENCE = waiting.PATIENCE * 1_000

expect.set_options(timeout=_PATIENCE)

#: Keeps in every page: `scriptRuns.asked`, how often it has asked for a run of its script; `scriptRuns.drawn`, whether a run that
#: began after the last time has ended and is drawn. Runs that Streamlit's timers ask for do not count. Messages are read as Protobuf:
#: BackMsg.rerun_script 11 (fragment_id 5, is_auto_rerun 6); ForwardMsg.metadata 2 (run 6: script_run_id 1, fragment_ids 2),
#: new_session 4, script_finished 6 (2: it is run anew).
_SCRIPT_RUNS = """(() => {
    const runs = window.scriptRuns = {page: performance.timeOrigin, asked: 0, drawn: false};
    let fragment, run;
    const text = (bytes) => new TextDecoder().decode(bytes);
    const fields = (bytes) => {
        const found = {};
        let at = 0;
        const number = () => {
            for (let value = 0, unit = 1; ; unit *= 128) {
                const one = bytes[at++];
                value += (one & 127) * unit;
                if (one < 128) return value;
            }
        };
        while (at < bytes.length) {
            const key = number(), value = number();
            (found[key >> 3] ??= []).push(key & 7 ? bytes.subarray(at, at += value) : value);
        }
        return found;
    };
    const said = (message) => {
        if (!message[11]) return;
        const asked = fields(message[11][0]);
        if (asked[6]) return;
        [fragment, run] = [asked[5] && text(asked[5][0]), undefined];
        Object.assign(runs, {asked: runs.asked + 1, drawn: false});
    };
    const heard = (message) => {
        if (!message[4] && !message[6]) return;
        const told = message[2] && fields(message[2][0])[6];
        if (!told) return;
        const of = fields(told[0]);
        const [id, fragments] = [text(of[1][0]), (of[2] || []).map(text)];
        if (message[4] && (!fragments.length || fragments.includes(fragment))) run = id;
        if (message[6] && run === id) {
            run = undefined;
            if (message[6][0] === 2) return;
            const {asked} = runs;  // Streamlit draws 10 ms after the last message of a run
            setTimeout(() => setTimeout(() => { runs.drawn = asked === runs.asked; }), 20);
        }
    };
    window.WebSocket = class extends WebSocket {
        constructor(...how) {
            super(...how);
            this.addEventListener("message", ({data}) => heard(fields(new Uint8Array(data))));
        }
        send(data) {
            said(fields(data));
            super.send(data);
        }
    };
})()"""

#: Stands where the code of an element is still on its way.
_COMING = '[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]'

#: Whether everything is drawn; in the same page as before, what was asked for `times` since then.
_SETTLED = f"""([before, times]) => window.scriptRuns?.drawn && document.querySelector('{READY}') && !document.querySelector('{_COMING}')
    && (scriptRuns.page !== before?.page || scriptRuns.asked >= before.asked + times)"""


def visitor(browser: Browser, lang: str = "zh", **options: Any) -> BrowserContext:
    """The browser of somebody who has never been here: on a desktop screen, unless the options say otherwise."""
    usual = {
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 900},
        "accept_downloads": True,
    }
    context = browser.new_context(locale=LOCALES[lang], **(usual | options))
    context.set_default_timeout(_PATIENCE)
    context.add_init_script(_SCRIPT_RUNS)
    VISITORS.append(context)
    context.on("close", lambda _: VISITORS.remove(context))
    return context


class Frames:
    """What goes over a page's websockets from the next that it opens."""

    def __init__(self, page: Page) -> None:
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(_bytes(frame)))
        socket.on("framereceived", lambda frame: self.received.append(_bytes(frame)))


def _bytes(frame: bytes | str) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def open_page(page: Page, url: str, path: str = "") -> None:
    """Open a page of the app and wait until it is drawn."""
    page.goto(f"{url}/{path}")
    settled(page)
    expect(page.get_by_test_id("stHeading").first).to_be_visible()


def settled(page: Page) -> None:
    """Wait until every run of the script that the page has asked for is drawn. What it will ask for in a moment is `rerun`'s."""
    page.wait_for_function(_SETTLED, arg=[None, 0], polling=_BETWEEN)


@contextmanager
def rerun(page: Page, times: int = 1) -> Iterator[None]:
    """What is done inside makes the page ask for so many runs of its script, at once or after a moment; at the end they are drawn."""
    before = page.evaluate("window.scriptRuns")
    yield
    page.wait_for_function(_SETTLED, arg=[before, times], polling=_BETWEEN)


def press(page: Page, name: str, *, exact: bool = False) -> None:
    """Press the button of this name."""
    with rerun(page):
        page.get_by_role("button", name=name, exact=exact).first.click()


def press_while_there(page: Page, name: str) -> None:
    """Press a button that goes with the press: one that comes while the page is drawn anew may be lost, and a person who sees
    the button still there presses again.
    """
    button = page.get_by_role("button", name=name, exact=True).first
    expect(button).to_be_visible()

    def is_gone() -> bool:
        with suppress(TimeoutError):  # it went by itself
            button.click(timeout=_GLANCE)
        with suppress(TimeoutError):
            button.wait_for(state="detached", timeout=_GLANCE)
        return not button.count()

    waiting.until(is_gone, f"{name} is still there")


def go(page: Page, path: str) -> None:
    """Follow the navigation to a page, to a tab of the settings, to the help behind the "?", or to the tour from the overview; on a narrow screen it is
    folded away until it is asked for."""
    if path in TABS:
        go(page, "settings")
        at = list(TABS).index(path)
        if not page.get_by_test_id("stMain").get_by_role("radio").nth(at).is_checked():
            with rerun(page):
                page.get_by_test_id("stMain").get_by_test_id("stRadioOption").nth(at).click()
        return
    if path == "help":
        main = page.get_by_test_id("stMain")
        link = page.get_by_test_id("stPopoverBody").locator('a[href$="help"]')
        unfold(page, main.get_by_role("button", name=re.compile("帮助$|Help$")), link)
        with rerun(page):
            link.click()
        return
    if path == "tour":
        go(page, "")
        with rerun(page):
            page.get_by_test_id("stMain").locator('a[href*="tour"]').click()
        return
    opener = page.get_by_test_id("stExpandSidebarButton")
    if opener.is_visible():
        opener.click()
    with rerun(page):
        page.locator(f'[data-testid="stSidebarNavLink"][href$="/{path}"]').click()


def upload(page: Page, path: Path) -> None:
    """Choose a file in the uploader."""
    with rerun(page):
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)


def heading(page: Page, text: str) -> None:
    """Wait for the page with this title."""
    expect(page.get_by_role("heading", name=text, level=1)).to_be_visible()


def unfold(page: Page, opener: Locator, shown: Locator) -> None:
    """Press what opens a list or a popover until it stands open: it closes where the page moves under it, and does so late on a busy machine."""

    def stands() -> bool:
        if not shown.first.is_visible() and opener.get_attribute("aria-expanded") != "true":
            opener.click()
            page.evaluate(DRAWN)
        return shown.first.is_visible()

    waiting.until(stands, "it does not stay open")


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of the select box with this label, in a list that may close between two looks."""
    wanted = page.get_by_role("option", name=option, exact=True)

    def chosen() -> bool:
        unfold(page, page.get_by_role("combobox", name=label).first, wanted)
        with suppress(TimeoutError):
            wanted.click(timeout=_GLANCE)
            return True
        return False

    with rerun(page):
        waiting.until(chosen, f"there is no {option} to choose")


def pick(page: Page, option: str) -> None:
    """Choose one of the radio buttons of the page; what is clicked are its words, as the button itself is drawn over.

    Pressed again where it moved away under the press, as in an expander that is still opening.
    """
    words = page.get_by_text(option, exact=True)
    button = page.get_by_test_id("stRadioOption").filter(has=words).first

    def is_chosen() -> bool:
        if not button.get_by_role("radio").is_checked():
            button.get_by_text(option, exact=True).click()
            page.evaluate(DRAWN)
        return button.get_by_role("radio").is_checked()

    with rerun(page):
        waiting.until(is_chosen, f"{option} cannot be chosen")


def metric(page: Page, label: str) -> Locator:
    """The figure under a label; it may still be that of a moment ago, so it is expected, not read."""
    return page.get_by_test_id("stMetric").filter(has_text=label).first.get_by_test_id("stMetricValue")


def grid(page: Page) -> Locator:
    """The editable grid of the page."""
    return page.get_by_test_id("stDataFrame").filter(has=page.locator("canvas"))


def cell(page: Page, row: int, column: int, *, which: int = 0) -> Locator:
    """A cell of the grid's accessibility table; counted from 0, the index is column 0."""
    return grid(page).nth(which).locator(f"#glide-cell-{column}-{row}")


def select_cell(page: Page, row: int, column: int, *, which: int = 0) -> None:
    """Go to a cell of the grid. A selection is taken once it is drawn that the mouse is there; the first focus takes the first cell."""
    frame, wanted = grid(page).nth(which), cell(page, row, column, which=which)

    def selected() -> bool:
        frame.locator(".dvn-scroller").hover()
        page.evaluate(DRAWN)
        frame.locator("canvas").first.focus()
        wanted.focus()
        page.evaluate(DRAWN)
        return wanted.get_attribute("aria-selected") == "true"  # not where the grid was drawn anew meanwhile

    waiting.until(selected, "the cell is not selected")


def type_into_cell(page: Page, row: int, column: int, text: str, *, which: int = 0) -> None:
    """Open a cell and type into it; it is left open."""
    select_cell(page, row, column, which=which)
    page.keyboard.press("Enter")
    page.locator(EDITOR).fill(text)
    page.evaluate(
        DRAWN
    )  # the editor knows it a turn later: no person's Enter follows within the same millisecond


def edit_cell(page: Page, row: int, column: int, text: str, *, which: int = 0, kept: bool = True) -> None:
    """Type a value into a cell of the grid, which reports the edit, and where it is kept once more when its source holds it."""
    type_into_cell(page, row, column, text, which=which)
    with rerun(page, times=1 + kept):
        page.keyboard.press("Enter")


def choose_run(page: Page, at: int) -> None:
    """On the history page, open the submission at this place of the list, from 0, the newest first."""
    with rerun(page):
        page.get_by_test_id("stMain").locator("a[href*='run=']").nth(at).click()
    expect(page.get_by_test_id("stDownloadButton").first).to_be_visible()


def has_ended(page: Page, lang: str | None = "zh") -> None:
    """Wait until the run on screen has ended, whatever came of it. lang: None for whichever."""
    langs = LANGUAGES if lang is None else (lang,)
    words = "|".join(re.escape(t("run.state.finished", one)) for one in langs)
    expect(page.get_by_text(re.compile(f"^(?:{words})")).first).to_be_visible()


def download(page: Page, name: str) -> bytes:
    """What a download button gives."""
    with page.expect_download() as started:
        page.get_by_role("button", name=name).first.click()
    return Path(started.value.path()).read_bytes()


def rows_of(content: bytes) -> list[list[str]]:
    """The first sheet of a workbook as rows of text."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [
        ["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)
    ]


def buttons(page: Page) -> set[str]:
    """Words on the buttons of the page itself, without those of Streamlit's own frame."""
    labels = page.get_by_test_id("stMain").get_by_test_id("stButton").all_inner_texts()
    return {re.sub(r"\s+", " ", label.split("\n")[-1]).strip() for label in labels}


def start_practice(page: Page, server: AppServer) -> str:
    """Start the practice platform by testing the connection; its address."""
    open_page(page, server.url)
    go(page, "connection")
    press(page, "测试连接")
    expect(page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
    return server.practice_url()
