"""The history page says calmly that callbacks are received, and shows on demand what they said; without the setting, nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import host
from lib.arrivals.callbacks_key import FILE_NAME, VARIABLE
from lib.ui import services
from lib.ui.services import DATA_FOLDER_VARIABLE, Services
from lib.words import t
from tests.core.arrivals.scenes import KEY, PHONE, SINGLE
from tests.ui.conftest import visit
from tests.ui.steps import history, submitted, texts


@pytest.fixture
def setting() -> str:
    """What the administrator set; a test may say otherwise."""
    return "make"


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, practising: None, setting: str
) -> Iterator[Services]:
    """The real services, as an administrator set them up."""
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(VARIABLE, setting)
    services.reset()
    with services.running():
        yield services.get()


def call_back(desk: Services, unique_id: str) -> None:
    desk.callbacks.take("", json.dumps(SINGLE | {"unique_id": unique_id}).encode())


def test_a_receiver_to_which_nothing_came_says_so_in_one_line(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    history(app, run)
    assert not app.exception
    assert texts(app).count(t("callbacks.none", "zh")) == 1


def test_how_many_came_and_the_last_stand_in_one_line_and_their_documents_masked_below(
    app: AppTest, desk: Services
) -> None:
    run = submitted(app, desk)
    call_back(desk, desk.store.arrivals.of_run(run.id)[0].unique_id)
    call_back(desk, "somebody-elses")
    desk.callbacks.leave_unread()
    history(app, run)
    assert not app.exception
    assert "收到 3 次" in texts(app)
    assert "，1 次与这里的批次无关" in texts(app)
    assert "，1 次内容太大或来得太密，没有看。" in texts(app)
    shown = [box.value for box in app.code]
    assert any('"number": "130****1211"' in text for text in shown)
    assert not any("somebody" in text for text in shown), "it is about none of this run's batches"
    del app.query_params["run"]
    visit(app, "history")
    app.radio(key="history.by").set_value("batches").run()
    assert not app.exception
    assert any('"unique_id": "somebody-elses"' in box.value for box in app.code)
    assert not any(PHONE in box.value for box in app.code)


@pytest.mark.parametrize("setting", [""])
def test_without_the_setting_the_page_is_silent_about_callbacks(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    history(app, run)
    assert not desk.callbacks.is_on
    assert "回调" not in texts(app)


@pytest.mark.parametrize("setting", ["secret"])
def test_a_setting_that_cannot_be_used_is_told_with_what_to_do(app: AppTest, desk: Services) -> None:
    run = submitted(app, desk)
    history(app, run)
    assert not app.exception
    assert not desk.callbacks.is_on
    assert t("error.callback_key_weak", "zh", count=20) in texts(app)


@pytest.mark.parametrize("setting", [""])
def test_a_key_in_the_file_of_secrets_is_taken_too(desk: Services) -> None:
    administrator = host.Administrator(services.administration, {VARIABLE: KEY}.get)
    assert host._callback_key(administrator) == (KEY, None)


def test_a_key_that_is_made_lies_in_the_data_folder(desk: Services, tmp_path: Path) -> None:
    assert desk.callbacks.fits((tmp_path / FILE_NAME).read_text())
    assert not desk.callbacks.fits("make")
