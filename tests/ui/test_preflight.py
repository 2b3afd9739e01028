"""On the submit page: numbers that are in the task already are told first, and the person decides."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from lib.platform.connection import practice
from lib.server.practice import TOKEN
from lib.ui.services import Services
from lib.words import t
from tests.ui.conftest import visit
from tests.ui.steps import button, ledger, switch, texts, upload
from tests.waiting import until


def colleague(desk: Services) -> None:
    """Somebody else imports one of the numbers of the file."""
    connection = desk.reachable(practice(""))
    row = {"phone": "13012121211", "sort": 0, "extra": "theirs"}
    desk.platform.send(
        connection, TOKEN, json.dumps({"ignore_crm": True, "data": [row]}).encode(), lambda: None
    )


def submits(app: AppTest, lang: str = "zh") -> list[str]:
    """Labels of the button that sends."""
    return [
        one.label
        for count in (1, 2)
        for one in app.button
        if one.label == t("plan.submit", lang, count=count)
    ]


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_number_that_is_there_already_is_decided_about_first(
    app: AppTest, desk: Services, lang: str
) -> None:
    app.segmented_control(key="lang").set_value(lang).run()
    colleague(desk)
    upload(app)
    visit(app, "submit")
    assert not app.exception
    assert t("preflight.found", lang, count=1) in texts(app)
    assert "13012121211" not in texts(app)
    assert submits(app, lang) == []
    button(app, t("preflight.leave_out", lang, count=1)).click().run()
    assert submits(app, lang) == [t("plan.submit", lang, count=1)]
    assert t("preflight.found", lang, count=1) not in texts(app)


def test_it_may_be_sent_all_the_same(app: AppTest, desk: Services) -> None:
    colleague(desk)
    upload(app)
    visit(app, "submit")
    button(app, t("preflight.send_anyway", "zh", count=1)).click().run()
    button(app, submits(app)[0]).click().run()
    (run,) = desk.store.runs.latest()
    until(lambda: desk.store.runs.get(run.id).state == "finished", "the run never ended")
    assert desk.store.runs.get(run.id).batches == {"accepted": 1}


def test_a_task_without_any_of_them_is_said_to_be_so(app: AppTest, desk: Services) -> None:
    upload(app)
    visit(app, "submit")
    assert t("preflight.empty", "zh") in texts(app)
    assert len(submits(app)) == 1
    assert ledger(desk) == {}


def test_a_look_that_cannot_be_made_is_told_and_stands_in_nobodys_way(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["list_error"])
    upload(app)
    visit(app, "submit")
    assert t("preflight.not_looked", "zh") in texts(app)
    assert len(submits(app)) == 1
    switch(desk, faults=[])
    button(app, t("preflight.again", "zh")).click().run()
    assert t("preflight.not_looked", "zh") not in texts(app)
    assert t("preflight.empty", "zh") in texts(app)
