"""Scenarios of the practice platform on screen: chosen before or during a run, and none of it on a real connection."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.sandbox.scenarios import SCENARIOS
from lib.ui import keys
from lib.ui.services import Services
from lib.words import LANGUAGES, t
from tests.ui.conftest import visit
from tests.ui.steps import THREE, button, real, switch, texts, upload, wait_for
from tests.waiting import until

WHICH, REACH = "scenario.which", "scenario.reach"


def choose(app: AppTest, name: str) -> AppTest:
    return app.selectbox(key=WHICH).select(name).run()


def sending(app: AppTest) -> None:
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=3)).click().run()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_scenario_has_a_name_and_says_what_to_watch_for(name: str, lang: str) -> None:
    assert t(f"scenario.{name}", lang)
    assert t(f"scenario.{name}_watch", lang)


def test_a_scenario_chosen_before_holds_for_the_next_batch_and_is_over(app: AppTest, desk: Services) -> None:
    upload(app, THREE)
    visit(app, "submit")
    choose(app, "task_running")
    assert t("scenario.task_running_watch", "zh") in "".join(one.value for one in app.info)
    assert app.radio(key=REACH).value == "once"
    button(app, t("plan.submit", "zh", count=3)).click().run()
    run_id = wait_for(desk, "paused")
    visit(app, "submit")
    assert app.selectbox(key=WHICH).value == "normal"
    assert t("scenario.task_running_watch", "zh") in "".join(one.value for one in app.info), (
        "it is still told"
    )
    button(app, t("run.resume", "zh")).click().run()
    until(lambda: desk.store.runs.get(run_id).state == "finished", "it never ended")
    assert not app.exception


def test_one_that_holds_until_changed_is_changed_during_the_run(app: AppTest, desk: Services) -> None:
    upload(app, THREE)
    visit(app, "submit")
    choose(app, "token_refused")
    app.radio(key=REACH).set_value("until").run()
    button(app, t("plan.submit", "zh", count=3)).click().run()
    run_id = wait_for(desk, "paused")
    visit(app, "submit")
    assert app.selectbox(key=WHICH).value == "token_refused"
    choose(app, "normal")
    button(app, t("run.resume", "zh")).click().run()
    until(lambda: desk.store.runs.get(run_id).state == "finished", "it never ended")


def test_a_number_that_somebody_else_was_faster_with_refuses_the_batch_and_is_found_by_halves(
    app: AppTest, desk: Services
) -> None:
    upload(app, THREE)
    visit(app, "submit")
    choose(app, "repeated")
    button(app, t("plan.submit", "zh", count=3)).click().run()
    run_id = wait_for(desk, "finished")
    assert desk.store.runs.get(run_id).rows_by_state == {"rejected": 3}


def test_on_a_real_connection_none_of_it_is_drawn(app: AppTest, desk: Services) -> None:
    real(app, desk.practice.url())
    upload(app, THREE)
    visit(app, "submit")
    assert t("plan.means_real", "zh") in texts(app)
    assert WHICH not in {one.key for one in app.selectbox}
    assert t("scenario.means", "zh") not in texts(app)
    button(app, t("plan.submit", "zh", count=3)).click().run()
    wait_for(desk, "paused")  # it has another token than that platform takes
    visit(app, "submit")
    assert t("scenario.means", "zh") not in texts(app)


def opened(app: AppTest, run_id: str) -> AppTest:
    visit(app, "submit")
    app.session_state[keys.of("ledger", run_id)] = True  # it is counted only when it is opened
    return app.run()


def test_the_platforms_own_account_shows_that_nothing_was_taken_twice(app: AppTest, desk: Services) -> None:
    upload(app, THREE)
    visit(app, "submit")
    choose(app, "lost")
    button(app, t("plan.submit", "zh", count=3)).click().run()
    run_id = wait_for(desk, "finished")
    opened(app, run_id)
    assert not app.exception
    assert t("ledger.never_twice", "zh", count=3) in [one.value for one in app.success]
    [table] = [one.value for one in app.dataframe if t("ledger.holds", "zh") in one.value]
    assert table[t("ledger.holds", "zh")].tolist() == [3]


def test_what_a_gateway_delivered_twice_is_told(app: AppTest, desk: Services) -> None:
    switch(desk, faults=["twice"])
    upload(app, THREE)
    sending(app)
    opened(app, wait_for(desk, "finished"))
    assert t("ledger.twice", "zh", count=3) in [one.value for one in app.error]


def test_the_account_of_a_real_run_is_not_drawn(app: AppTest, desk: Services) -> None:
    real(app, desk.practice.url())
    upload(app, THREE)
    sending(app)
    run_id = wait_for(desk, "paused")
    opened(app, run_id)
    assert t("ledger.title", "zh") not in [one.label for one in app.expander]
