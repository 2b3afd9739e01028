"""The app in Streamlit's own test runner, with a data folder and a practice platform of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.token_keyring import SWITCH_VARIABLE
from lib.ui import services
from lib.ui.services import DATA_FOLDER_VARIABLE, Services

ROOT = Path(__file__).resolve().parents[2]

#: Seconds one script run may take on a loaded machine.
RUN_SECONDS = 60


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The real services on an empty data folder."""
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(SWITCH_VARIABLE, "off")  # no test may leave a token in a developer's own keyring
    services.get.clear()
    with services.running():
        yield services.get()


@pytest.fixture
def app(desk: Services) -> AppTest:
    """A first visit, on the overview, in Chinese."""
    return AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS).run()


def visit(app: AppTest, page: str) -> AppTest:
    """Go to a page and draw it."""
    return app.switch_page(f"../../pages/{page}.py").run()


def figures_of(app: AppTest) -> dict[str, str]:
    """Every figure on the page by its label, without the coloured square that makes it a legend."""
    return {metric.label.rpartition("■] ")[2]: metric.value for metric in app.metric}
