"""Scenarios of the practice platform on screen: chosen before or during a run, and none of it on a real connection."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.run import settings
from lib.sandbox import scenarios
from lib.sandbox.scenarios import SCENARIOS
from lib.ui import keys
from lib.ui.services import Services
from lib.ui.submit import run as run_panel
from lib.words import LANGUAGES, t
from tests.ui.conftest import figures_of, visit
from tests.ui.steps import THREE, button, history, ledger, real, switch, texts, upload, wait_for
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


def begun(app: AppTest, desk: Services, name: str) -> str:
    """A run of three numbers that meets this scenario; its id."""
    upload(app, THREE)
    visit(app, "submit")
    choose(app, name)
    assert t(f"scenario.{name}_watch", "zh") in "".join(one.value for one in app.info)
    button(app, t("plan.submit", "zh", count=3)).click().run()
    assert not app.exception
    [run] = desk.store.runs.latest()
    return run.id


def came_to(desk: Services, run_id: str, **rows: int) -> None:
    until(lambda: desk.store.runs.get(run_id).rows_by_state == rows, lambda: str(desk.store.runs.get(run_id)))


def test_a_slow_answer_is_waited_for_and_that_is_told(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scenarios.PLAIN, "slow_seconds", 2.0)
    monkeypatch.setattr(run_panel, "TOLD_FROM", 1e-9)  # as soon as one waits at all
    run_id = begun(app, desk, "slow")
    until(lambda: bool(desk.engine.status.waits), "nothing was on its way")
    visit(app, "submit")
    assert any(t("run.waits", "zh", seconds=seconds, limit=120) in texts(app) for seconds in range(3))
    came_to(desk, run_id, accepted=3)
    assert set(ledger(desk).values()) == {1}


@pytest.mark.parametrize(
    ("name", "why"), [("silent", "no_answer"), ("lost", "dropped"), ("gateway", "server_error")]
)
def test_what_was_taken_without_an_answer_is_unknown_until_it_is_looked_up(
    app: AppTest, desk: Services, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    monkeypatch.setattr(settings, "SHORTEST_ANSWER_SECONDS", 1)
    desk.store.settings.save(replace(desk.store.settings.get(), answer_seconds=1))
    run_id = begun(app, desk, name)
    came_to(desk, run_id, unknown=3)
    visit(app, "submit")
    assert t(f"error.{why}", "zh") in texts(app)
    button(app, t("unknown.check_again", "zh")).click().run()
    came_to(desk, run_id, accepted=3)
    assert set(ledger(desk).values()) == {1}


def test_what_was_not_taken_stays_unknown_when_it_is_looked_up(app: AppTest, desk: Services) -> None:
    run_id = begun(app, desk, "dropped")
    came_to(desk, run_id, unknown=3)
    visit(app, "submit")
    button(app, t("unknown.check_again", "zh")).click().run()
    until(lambda: desk.store.decisions.evidence(run_id)[0].complete_scans, "nobody looked")
    visit(app, "submit")
    assert t("unknown.found", "zh", found=0, total=3) in texts(app)
    assert ledger(desk) == {}


def test_too_many_requests_are_rested_for(app: AppTest, desk: Services) -> None:
    run_id = begun(app, desk, "throttled")
    came_to(desk, run_id, accepted=3)
    visit(app, "submit")
    app.session_state[keys.of("inspector", run_id)] = True
    app.run()
    [attempts] = [one.value for one in app.dataframe if t("inspector.attempt", "zh") in one.value]
    assert attempts[t("inspector.status", "zh")].tolist() == ["429", "200"]


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("no_lookups", {"waiting": "3"}, "arrivals.note.not_offered"),
        ("half", {"imported": "2"}, "arrivals.means"),
    ],
)
def test_what_got_in_is_told_as_far_as_the_platform_tells(
    app: AppTest, desk: Services, name: str, found: dict[str, str], told: str
) -> None:
    run_id = begun(app, desk, name)
    came_to(desk, run_id, accepted=3)
    run = desk.store.runs.get(run_id)
    history(app, run)
    button(app, t("arrivals.look", "zh")).click().run()
    until(lambda: desk.store.arrivals.of_run(run_id)[0].last_look != "", "nobody looked")
    app.run()
    shown = figures_of(app)
    assert {name: shown[t(f"arrivals.figure.{name}", "zh")] for name in found} == found
    assert t(told, "zh") in texts(app)


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
