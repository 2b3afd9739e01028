"""A real server and a real Chromium for the journeys; and what a failed one leaves behind."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e import desk, failure
from tests.e2e.proxy import HOST, PLAIN_PORT, PORT
from tests.e2e.server import STARTED, AppServer

#: Without these Chromium asks for hosts of its own at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",  # where there is none, one that is acted by the processor costs more than none
]

#: Names that lead to this computer: the recipe's own, and one that somebody else has pointed here.
NAMES = f"MAP {HOST}:443 127.0.0.1:{PORT}, MAP {HOST}:80 127.0.0.1:{PLAIN_PORT}, MAP evil.example 127.0.0.1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below e2e/ needs a browser."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup() -> None:
    """What has ended before a test is none of its own."""
    STARTED[:] = [server for server in STARTED if server.runs]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails leaves its pages and logs in a folder, and says where."""
    report = yield
    if report.failed:
        report.sections.append(("pages and logs", str(failure.leave(item.nodeid))))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium.find(), args=[*FLAGS, f"--host-resolver-rules={NAMES}"]
        )
        yield launched
        launched.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AppServer]:
    """The app with an empty data folder of its own."""
    with AppServer(tmp_path / "data") as running:
        yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a visitor (`desk.visitor`), who is gone at the end of the test."""
    there: list[BrowserContext] = []

    def come(lang: str = "zh", **options: Any) -> BrowserContext:
        there.append(desk.visitor(browser, lang, **options))
        return there[-1]

    yield come
    for context in there:
        context.close()


@pytest.fixture
def page(visit: Callable[..., BrowserContext]) -> Page:
    """A Chinese visitor on a desktop screen."""
    return visit().new_page()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app of the tests that can live with what others have left: each has a draft and numbers of its own."""
    with AppServer(tmp_path_factory.mktemp("shared") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def shared_page(browser: Browser) -> Iterator[Page]:
    """The page of the tests that begin by opening what they need: a page that is warm costs a third of a new one."""
    context = desk.visitor(browser)
    yield context.new_page()
    context.close()
