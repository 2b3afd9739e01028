"""A run that was begun with another token: told, and gone on with only when the person says that it is the same account."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib import host
from lib.platform.connection import practice
from lib.ui.services import Services
from lib.words import t
from tests.faults.desk import plan
from tests.ui.conftest import visit
from tests.ui.steps import button, switch, texts
from tests.waiting import until


def test_another_token_is_told_before_the_person_goes_on_with_it(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(desk, faults=["401@2"])
    settings = desk.store.settings.get()
    desk.store.settings.save(type(settings)(concurrency=1))
    run_id = desk.store.runs.create(replace(plan(3, 1), connection=practice("")))
    desk.engine.wake()
    until(lambda: desk.store.runs.get(run_id).state == "paused", "the run never paused")
    assert desk.store.runs.get(run_id).batches == {"accepted": 1, "planned": 2}
    app.query_params["run"] = run_id
    visit(app, "history")
    assert button(app, t("run.resume", "zh"))
    assert t("run.other_token", "zh") not in texts(app)
    monkeypatch.setattr(host, "TOKEN", "token-of-somebody-else")
    app.run()
    assert t("run.other_token", "zh") in texts(app)
    assert t("run.resume", "zh") not in [one.label for one in app.button]
    button(app, t("run.resume_other_token", "zh")).click().run()
    assert not app.exception
    until(
        lambda: desk.store.runs.get(run_id).why == "token", "the platform was never asked with the new token"
    )
    assert not desk.store.runs.is_other_token(run_id, "token-of-somebody-else")
