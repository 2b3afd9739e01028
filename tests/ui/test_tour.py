"""The guided tour on its page: each step, leaving it at any, and nothing of it on a real connection."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib import tour
from lib.access.people import ALONE, Person
from lib.errors import Conflict, NotAllowed, PracticeOnly
from lib.platform import practice_control
from lib.platform.connection import create, practice
from lib.store.owners import TOUR_SECONDS
from lib.ui import services
from lib.ui.services import Services
from lib.words import LANGUAGES, t
from tests.core.kept_scenes import rows_by_table
from tests.core.people_scenes import ANNA, BO, CHEN
from tests.ui.conftest import ROOT, RUN_SECONDS, visit
from tests.ui.steps import THREE, button, ledger, real, switch, texts, upload, wait_for
from tests.waiting import until

NAMES = [step.name for step in tour.STEPS]

REAL = create("外呼", "https://ai.api.longlonglong.cn", practice("").user_id, practice("").task_id)


def mine(desk: Any, person: Person = ALONE) -> Services:
    """The desk as one person may use it."""
    found: Services = desk.of(lambda: person)
    return found


def is_done(desk: Any, steps: int, person: Person = ALONE) -> None:
    until(lambda: tour.stand(mine(desk, person)).done >= steps, lambda: str(tour.stand(mine(desk, person))))


def led(desk: Any, steps: int, person: Person = ALONE) -> None:
    """So many steps from the beginning, each done."""
    for at, name in enumerate(NAMES[:steps], start=1):
        tour.press(mine(desk, person), name)
        is_done(desk, at, person)


def holdings(desk: Any) -> practice_control.Holdings:
    return practice_control.holdings(desk.reachable(tour.tour()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_a_name_a_button_and_says_what_happened(name: str, lang: str) -> None:
    for words in (f"tour.{name}", f"tour.{name}_do", f"tour.{name}_was"):
        assert t(words, lang)


def press(app: AppTest, desk: Any, name: str) -> None:
    """The button of this step, and what the page says once it is done."""
    visit(app, "tour")
    assert app.button(key="tour.next").label == t(f"tour.{name}_do", "zh")
    app.button(key="tour.next").click().run()
    assert not app.exception
    is_done(desk, NAMES.index(name) + 1)
    visit(app, "tour")
    assert not app.exception
    assert t(f"tour.{name}_was", "zh") in texts(app)


def test_each_step_does_itself_on_a_press_and_says_what_happened(app: AppTest, desk: Services) -> None:
    visit(app, "tour")
    assert t("tour.means", "zh", steps=len(NAMES)) in texts(app)
    came_of = {
        "normal": {"accepted": 20},
        "lost": {"unknown": 10},
        "look": {"accepted": 10},
        "refused": {"rejected": 4},
        "halves": {"accepted": 2, "rejected": 2},
        "found": {"accepted": 1, "rejected": 1},
    }
    for name, rows in came_of.items():
        press(app, desk, name)
        assert desk.store.runs.of_tour()[-1].rows_by_state == rows, name
    assert "154\\*\\*\\*\\*2000" in texts(app), "the number is named, its middle hidden"


@pytest.mark.long
def test_the_end_is_the_proof_that_nothing_went_twice(app: AppTest, desk: Services) -> None:
    led(desk, len(NAMES) - 2)
    press(app, desk, "pause")
    assert 0 < desk.store.runs.of_tour()[-1].rows_by_state["planned"] < 120
    again = AppTest.from_file(str(ROOT / "lib" / "ui" / "router.py"), default_timeout=RUN_SECONDS).run()
    assert t("tour.continue", "zh") in [one.label for one in again.get("page_link")]
    press(again, desk, "go_on")
    assert t("ledger.closing", "zh", count=153, batches=45, accepted=153) in texts(again)
    assert "tour.next" not in {one.key for one in again.button}


@pytest.mark.parametrize("steps", [1, 2, 4, 7])
def test_leaving_leaves_everything_as_it_was(
    app: AppTest, desk: Services, tmp_path: Path, steps: int
) -> None:
    """With a draft open, a practice run of the same day and a scenario chosen; after seven steps requests are on their way."""
    switch(desk, scenario="half")
    upload(app, THREE)
    visit(app, "submit")
    button(app, t("plan.submit", "zh", count=3)).click().run()
    wait_for(desk, "finished")
    visit(app, "submit")
    button(app, t("run.next_upload", "zh")).click().run()
    upload(app, THREE, "新的.csv")
    desk.arrivals.close()  # what it finds out meanwhile is no difference of the tour's
    before, held = rows_by_table(desk.store), ledger(desk)
    led(desk, steps)
    visit(app, "tour")
    app.button(key="tour.leave").click().run()

    def is_left() -> bool:
        app.run()
        return not desk.store.runs.of_tour()

    until(is_left, "the tour is not left")
    assert not app.exception
    after = rows_by_table(desk.store)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert ledger(desk) == held
    assert practice_control.stage(desk.reachable(practice(""))).scenario == "half"
    assert list(tmp_path.glob("tour.db*")) == []
    visit(app, "overview")
    assert t("tour.start", "zh") in [one.label for one in app.get("page_link")]
    assert "新的.csv" in texts(app)


def test_what_it_sends_is_told_nowhere_else(app: AppTest, desk: Services) -> None:
    led(desk, 1)
    assert desk.store.runs.latest() == []
    assert desk.store.batches.table().empty
    assert desk.store.history.came_of(7) == {}
    assert desk.store.history.sent_per_day().empty
    visit(app, "history")
    assert t("history.empty", "zh") in texts(app)
    assert ledger(desk) == {}, "it has a platform of its own"
    assert holdings(desk).numbers == 20


def test_it_stands_where_it_stood_after_a_new_start(app: AppTest, desk: Services) -> None:
    led(desk, 2)
    services.reset()  # the process ends, and its platform with it
    anew = services.get()
    assert (tour.stand(mine(anew)).done, holdings(anew).numbers) == (2, 30)
    press(app, anew, "look")


def test_a_run_that_was_stopped_midway_goes_on_first(app: AppTest, desk: Services) -> None:
    """As after a start of the server while it was sent."""
    led(desk, 1)
    desk.engine.close()
    tour.press(mine(desk), "lost")
    desk.store.runs.pause(desk.store.runs.of_tour()[-1].id)
    services.reset()
    anew = services.get()
    visit(app, "tour")
    assert app.button(key="tour.next").label == t("run.resume", "zh")
    app.button(key="tour.next").click().run()
    is_done(anew, 2)


def test_a_second_press_of_a_step_does_nothing(desk: Services) -> None:
    desk.engine.close()
    for _ in range(2):
        tour.press(mine(desk), "normal")
    tour.press(mine(desk), "look")
    assert len(desk.store.runs.of_tour()) == 1


def test_after_practice_has_begun_anew_it_begins_anew_too(desk: Services) -> None:
    led(desk, 2)
    mine(desk).practice_control.reset(desk.reachable(practice("")))
    assert tour.stand(mine(desk)).done == 0
    led(desk, 1)
    assert holdings(desk).numbers == 20


def test_one_person_gives_it_at_a_time_and_nobody_sees_or_ends_anothers(desk: Services) -> None:
    led(desk, 1, ANNA)
    for other in (CHEN, ALONE):
        theirs = mine(desk, other)
        assert tour.stand(theirs) == tour.Stand((), 0, is_anothers=True)
        with pytest.raises(Conflict, match="tour_of_another"):
            tour.press(theirs, "normal")
        assert tour.leave(theirs)
    with pytest.raises(NotAllowed):
        tour.leave(mine(desk, BO))
    assert (tour.stand(mine(desk, ANNA)).done, holdings(desk).numbers) == (1, 20)
    assert tour.leave(mine(desk, ANNA))
    assert not tour.stand(mine(desk, CHEN)).is_anothers


def test_a_tour_that_somebody_forgot_stands_in_nobodys_way(desk: Services) -> None:
    led(desk, 2, ANNA)
    clock = desk.store._db.clock
    desk.store._db.clock = lambda: clock() + TOUR_SECONDS + 1
    led(desk, 1, CHEN)
    assert tour.stand(mine(desk, ANNA)).runs == ()
    assert holdings(desk).numbers == 20


def test_on_a_real_connection_nothing_of_it_is_drawn(app: AppTest, desk: Services) -> None:
    led(desk, 1)
    real(app, desk.practice.url())
    for page in ("connection", "overview"):
        visit(app, page)
        labels = {one.label for one in app.get("page_link")}
        assert labels.isdisjoint({t("tour.start", "zh"), t("tour.continue", "zh")}), page
    visit(app, "tour")
    assert t("tour.practice_only", "zh") in texts(app)
    assert {"tour.next", "tour.leave"}.isdisjoint({one.key for one in app.button})
    assert t("tour.normal_was", "zh") not in texts(app)


@pytest.mark.parametrize("name", NAMES)
def test_no_step_can_be_done_on_a_real_connection(
    desk: Services, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Wherever the tour were made to lead: it is refused before a run is made."""
    monkeypatch.setattr(tour, "tour", lambda: REAL)
    step = tour.STEPS[NAMES.index(name)]
    if step.run == 0:
        with pytest.raises(PracticeOnly):
            tour.press(mine(desk), name)
    else:
        tour.press(mine(desk), name)  # not its turn
    assert desk.store.runs.latest() == desk.store.runs.of_tour() == []


def test_what_is_left_of_a_step_that_was_cut_short_goes_too(desk: Services, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tour, "tour", lambda: REAL)
        with pytest.raises(PracticeOnly):
            tour.press(mine(desk), "normal")
    assert len(desk.store.drafts.latest()) == 1
    led(desk, 1)
    assert desk.store.drafts.latest() == []
