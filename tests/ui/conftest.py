"""The app in Streamlit's own test runner, with a data folder and a practice platform of its own."""

import functools
import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner

from lib import host, sandbox
from lib.access.keyring import SWITCH_VARIABLE
from lib.sandbox.settings import SandboxSettings
from lib.server.practice import TOKEN, Practice
from lib.ui import services
from lib.ui.navigation import TABS
from lib.ui.services import DATA_FOLDER_VARIABLE, Services
from lib.ui.upload import file
from tests import databases, practice_platform
from tests.e2e.server import WATCHED, AppServer
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]

#: Seconds one script run may take on a loaded machine.
RUN_SECONDS = PATIENCE


@pytest.fixture(scope="session", autouse=True)
def _quickly() -> Iterator[None]:
    """Half of the time went into this, and none of it is ours.

    Each desk makes every table; Streamlit's test runner looks through every installed package at each visit, and asks
    a thousand times a second whether a page is drawn; the upload page writes the same two workbooks at each run; the
    collector of garbage goes through every module. A name a later Streamlit does not have is left alone.
    """
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch, databases.on(databases.SQLITE):
        if scan := getattr(manifest_scanner, "scan_component_manifests", None):
            patch.setattr(manifest_scanner, "scan_component_manifests", functools.cache(scan))
        template = functools.cache(file.template)
        patch.setattr(file, "template", lambda lang, components=(): template(lang, tuple(components)))
        patch.setattr(file, "sample", functools.cache(file.sample))
        if ask := getattr(local_script_runner, "require_widgets_deltas", None):

            def wait(runner: Any, timeout: float) -> None:
                drawing = getattr(runner, "_script_thread", None)
                if isinstance(drawing, threading.Thread):
                    drawing.join(timeout)
                ask(runner, timeout)

            patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


class SharedPractice(Practice):
    """The one practice platform of all tests, in this process; tests/e2e and the address for callbacks start the child."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.address = url

    def url(self) -> str:
        return self.address


@pytest.fixture(scope="session")
def _platform() -> Iterator[str]:
    with sandbox.running(token=TOKEN) as url:
        yield url


@pytest.fixture
def practising(_platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services get the shared practice platform, with nothing in it and every switch as at its start; a tour has its own."""
    switches = SandboxSettings().shown() | {"words": [], "callback_url": "", "token": TOKEN, "reset": True}
    practice_platform.control(_platform, **switches)
    monkeypatch.setattr(
        host, "Practice", lambda data: Practice(data) if data.name == "tour.db" else SharedPractice(_platform)
    )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, practising: None) -> Iterator[Services]:
    """The real services on an empty data folder."""
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(SWITCH_VARIABLE, "off")  # no test may leave a token in a developer's own keyring
    services.reset()
    with services.running():
        yield services.get()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One app in a process of its own for the tests that only ask; whom it talks to itself, and what it writes, is written down."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "temporary").mkdir()
    watched = {
        "PYTHONPATH": str(WATCHED),
        "WATCHED_CONNECTIONS": str(folder / "connections"),
        "WATCHED_FILES": str(folder / "files"),
        "TMPDIR": str(folder / "temporary"),
    }
    with AppServer(folder / "data", **watched) as running:
        yield running


@pytest.fixture
def app(desk: Services) -> AppTest:
    """A first visit, on the overview, in Chinese."""
    return AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS).run()


def visit(app: AppTest, page: str) -> AppTest:
    """Go to a page, or to a tab of the settings, and draw it."""
    if page in TABS:
        app.query_params["tab"], page = page, "settings"
    return app.switch_page(f"../../pages/{page}.py").run()


def figures_of(app: AppTest) -> dict[str, str]:
    """Every figure on the page by its label, without the coloured square that makes it a legend."""
    return {metric.label.rpartition("■] ")[2]: metric.value for metric in app.metric}
