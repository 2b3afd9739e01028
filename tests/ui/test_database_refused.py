"""A database that must not be used: the app starts and every page says why and what to do."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui import services
from lib.words import t
from tests.ui.conftest import ROOT, RUN_SECONDS
from tests.ui.steps import texts


def test_a_synced_data_folder_is_told_on_the_page_and_another_one_is_taken_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = tmp_path / "OneDrive - 晨光"
    monkeypatch.setenv(services.DATA_FOLDER_VARIABLE, str(synced))
    services.reset()
    with services.running():
        app = AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS).run()
        assert not app.exception
        (box,) = app.error
        assert box.value.replace("\\", "") == t(
            "error.store_synced", "zh", folder=str(synced), service="OneDrive"
        )
        monkeypatch.setenv(services.DATA_FOLDER_VARIABLE, str(tmp_path / "data"))
        app.run()
        assert not app.error
        assert t("page.overview.title", "zh") in texts(app)
