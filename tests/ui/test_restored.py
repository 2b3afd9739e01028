"""A database that is older than what was sent: the overview says so until a person has read it."""

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from lib.store.recovery import RESTORED
from lib.store.schema import meta
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import button, texts


@pytest.mark.parametrize("sent", ["2026-11-28T09:30:00.000000+00:00", ""])
def test_the_overview_says_that_newer_submissions_cannot_be_seen_until_a_person_has_read_it(
    app: AppTest, desk: Services, sent: str
) -> None:
    button_text = t("overview.restored_read", "zh")
    assert button_text not in [one.label for one in app.button]
    with desk.store._db.write() as tx:
        tx.execute(insert(meta).values(name=RESTORED, value=sent))
    visit(app, "overview")
    [said] = [one.value for one in app.error]
    assert said == t("overview.restored_unknown", "zh") or "11-28" in said
    button(app, button_text).click().run()
    assert (app.error.len, desk.store.database.restored()) == (0, None)
    assert said not in texts(app)
