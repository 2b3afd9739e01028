"""The practice platform on the Connection page: where other tools find it, and practice begun anew."""

from streamlit.testing.v1 import AppTest

from lib.server.practice import TOKEN
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import CSV, button, ledger, real, submitted, texts


def test_its_address_and_token_stand_on_the_page(app: AppTest, desk: Services) -> None:
    visit(app, "connection")
    assert {desk.practice.url(), TOKEN} <= {one.value for one in app.code}


def test_practice_begins_anew_after_one_question(app: AppTest, desk: Services) -> None:
    submitted(app, desk)
    assert ledger(desk)
    visit(app, "connection")
    app.button(key="practice.reset").click().run()
    assert not app.exception
    assert t("practice.was_reset", "zh", count=1) in texts(app)
    assert ledger(desk) == {}
    assert desk.store.runs.latest() == []
    submitted(app, desk, CSV)  # the same numbers again, and nobody remembers them
    assert sum(ledger(desk).values()) == 2


def test_on_a_real_connection_none_of_it_stands_there(app: AppTest, desk: Services) -> None:
    real(app, desk.practice.url())
    visit(app, "connection")
    assert t("practice.client", "zh") not in texts(app)
    assert "practice.reset" not in {one.key for one in app.button}
    assert t("practice.reset", "zh") not in [one.label for one in app.button] + [
        one.value for one in app.markdown
    ]
    assert button(app, t("connection.test", "zh"))
