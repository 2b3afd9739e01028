"""One walk through the app: empty, filled, in trouble, in progress, finished; a picture of every stop."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from lib.ui.navigation import TABS
from lib.words import t
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import until

#: Pixels of a picture's height at the most; longer pages are cut.
TALLEST = 2_600


@dataclass(frozen=True)
class Look:
    """lang: "zh" or "en". theme: "light" or "dark". width: pixels."""

    lang: str
    theme: str
    width: int


Stop = Callable[[str], str]


def walk(browser: Browser, look: Look, folder: Path) -> Iterator[str]:
    """Names of the pictures as they are taken."""
    with tempfile.TemporaryDirectory() as data, AppServer(Path(data)) as server:
        size = {"width": look.width, "height": 900}
        context = desk.visitor(browser, look.lang, color_scheme=look.theme, viewport=size)
        page = context.new_page()
        yield from scenes(page, server, look.lang, partial(_shoot, page, look.width, folder))
        context.close()


def scenes(page: Page, server: AppServer, lang: str, stop: Stop) -> Iterator[str]:
    """The walk itself, for whoever looks with other eyes: `stop` is called at each scene with its name, and returns it."""
    word = words(lang)
    yield from empty(page, server, stop, word)
    yield from filled(page, server, stop, word)
    yield from sending(page, server, stop, word)
    yield from later(page, stop)
    yield from finished(page, server, stop)


def words(lang: str) -> Callable[..., str]:
    """The sentences of a language by their keys."""
    return lambda key, **params: t(key, lang, **params)


def _shoot(page: Page, width: int, folder: Path, name: str) -> str:
    """The whole page: Streamlit scrolls inside its frame, so the window is made as high as what it holds."""
    desk.settled(page)
    page.wait_for_timeout(400)
    high = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(700, min(high + 20, TALLEST))})
    page.mouse.move(0, 0)  # what it lies on would say what it does
    page.wait_for_timeout(700)
    page.screenshot(path=folder / f"{name}.png")
    page.set_viewport_size({"width": width, "height": 900})
    return name


def empty(page: Page, server: AppServer, stop: Stop, word: Callable[..., str]) -> Iterator[str]:
    """Every page of an app that nobody has used yet."""
    desk.open_page(page, server.url)
    yield stop("01-empty-overview")
    for name in (
        "connection",
        "upload",
        "mapping",
        "review",
        "submit",
        "history",
        *TABS,
        "help",
    ):
        desk.go(page, name)
        desk.heading(page, word("page.settings.title" if name in TABS else f"page.{name}.title"))
        yield stop(f"01-empty-{name}")


def filled(page: Page, server: AppServer, stop: Stop, word: Callable[..., str]) -> Iterator[str]:
    """A connection with mistakes, and the sample up to its review."""
    desk.open_page(page, server.url, "connection")
    with desk.rerun(page):
        page.get_by_text(word("connection.new"), exact=True).first.click()
    yield stop("02-connection-new")
    desk.press(page, word("connection.save"), exact=True)
    yield stop("03-connection-mistakes")
    desk.open_page(page, server.url)
    desk.press(page, word("overview.sample"))
    desk.heading(page, word("page.upload.title"))
    yield stop("05-upload")
    desk.press(page, word("upload.next"))
    desk.heading(page, word("page.mapping.title"))
    yield stop("06-mapping")
    desk.press(page, word("mapping.next"))
    desk.heading(page, word("page.review.title"))
    yield stop("07-review")
    desk.open_page(page, server.url)
    yield stop("08-overview-draft")


def sending(page: Page, server: AppServer, stop: Stop, word: Callable[..., str]) -> Iterator[str]:
    """A large sheet in trouble, its submission while it goes, a batch of unknown outcome; to the end of the run."""
    desk.open_page(page, server.url, "connection")
    desk.press(page, word("connection.test"))
    expect(page.get_by_test_id("stAlertContentSuccess").first).to_be_visible()
    yield stop("09-connection-tested")
    url = server.practice_url()
    desk.open_page(page, server.url)
    desk.press(page, word("overview.start"))
    desk.upload(page, _large(server.data))
    desk.press(page, word("upload.next"))
    desk.press(page, word("mapping.next"))
    desk.heading(page, word("page.review.title"))
    yield stop("10-review-large")
    desk.go(page, "submit")
    desk.heading(page, word("page.submit.title"))
    yield stop("11-submit-plan")
    practice_platform.control(url, latency_ms=2_500, faults=["502@3", "422@5"])
    page.locator('[data-testid="stBaseButton-primary"]').last.click()
    expect(page.get_by_text(word("run.state.running"), exact=True).first).to_be_visible()
    until(lambda: practice_platform.ledger(url)["batches"], "no batch has come")
    yield stop("12-submit-running")
    expect(page.get_by_role("heading", name=word("unknown.title"))).to_be_visible()
    yield stop("13-submit-unknown")
    practice_platform.control(url, latency_ms=0, faults=[])
    desk.has_ended(page, None)


def later(page: Page, stop: Stop) -> Iterator[str]:
    """The same submission once the unknown batch was looked up."""
    page.wait_for_timeout(12_000)
    yield stop("14-submit-later")


def _large(folder: Path) -> Path:
    """3,000 contacts with every kind of trouble in some of them, as text an office exports."""
    spoilt = {
        7: "1301212",
        40: "1.30E+10",
        77: "+86 139-1234-5678",
        120: "１３８００１３８０００",
        300: "",
        420: "12345678901",
    }
    lines = ["姓名,手机号,性别,公司,邮箱"]
    for at in range(3_000):
        phone = spoilt.get(at % 500) if at % 500 in spoilt else str(13_900_000_000 + at * 7)
        sex = ("男", "女", "先生", "未知")[at % 4]
        lines.append(f"客户{at},{phone},{sex},晨光贸易,{'' if at % 3 else f'c{at}@example.com'}")
    path = folder / "十一月回访名单.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def finished(page: Page, server: AppServer, stop: Stop) -> Iterator[str]:
    """The history and the overview after a submission."""
    desk.open_page(page, server.url, "history")
    yield stop("19-history-all")
    desk.choose_run(page, 0)
    yield stop("21-history-run")
    desk.open_page(page, server.url)
    yield stop("20-overview-finished")
