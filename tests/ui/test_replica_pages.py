"""The pages on a PostgreSQL: what was paused at one replica goes on at another, which has nothing but the same DATABASE_URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.access.keyring import SWITCH_VARIABLE
from lib.access.settings import DATABASE_VARIABLE
from lib.ui import services
from lib.ui.services import DATA_FOLDER_VARIABLE, Services
from tests import databases
from tests.ui.conftest import ROOT, RUN_SECONDS, visit
from tests.ui.steps import THREE, button, texts, upload, wait_for

PAGES = (
    "overview",
    "connection",
    "upload",
    "mapping",
    "review",
    "submit",
    "history",
    "do_not_call",
    "privacy",
    "about",
    "help",
)


@pytest.fixture(params=databases.params(databases.POSTGRESQL))
def url() -> Iterator[str]:
    with databases.EVERY.fresh() as made:
        yield made


@contextmanager
def replica(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Services, AppTest]]:
    """A process of its own as far as it knows: its services, and a first visit to it."""
    for name, value in (
        (DATABASE_VARIABLE, url),
        (DATA_FOLDER_VARIABLE, str(folder)),
        (SWITCH_VARIABLE, "off"),
    ):
        monkeypatch.setenv(name, value)
    services.reset()
    with services.running():
        yield (
            services.get(),
            AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS).run(),
        )


def test_a_person_paused_at_one_replica_resumes_at_another(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replica(url, tmp_path / "a", monkeypatch) as (desk, app):
        upload(app, THREE)
        visit(app, "submit")
        app.radio[0].set_value("one").run()
        button(app, "先发 1 个号码（共 3 个）").click().run()
        run_id = wait_for(desk, "paused")
    with replica(url, tmp_path / "b", monkeypatch) as (desk, app):
        assert desk.store.runs.get(run_id).rows_by_state == {"accepted": 1, "planned": 2}
        assert "先发的部分已有结果，等您确认" in texts(app)
        button(app, "去看看").click().run()
        button(app, "继续发送其余 2 个号码").click().run()
        assert wait_for(desk, "finished") == run_id
        assert desk.store.runs.get(run_id).rows_by_state == {"accepted": 3}
        for page in PAGES:
            assert not visit(app, page).exception, page
        server = desk.store.database.server_name()
        assert server.endswith(f"/{url.partition('@/')[2].partition('?')[0]}")
        assert server in [one.value for one in visit(app, "about").code]
    assert not list((tmp_path / "b").glob("desk.db*"))
