"""What came of pausing a run's task is in its log, and counts until the run stops the next time."""

from contextlib import closing

import pytest

from lib.errors import Refused
from lib.platform.answers import Ending as Answered
from lib.store import Store, TaskPause
from tests.core import store_scenes as scenes


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


def running_task() -> Refused:
    return Refused(Answered.TASK_RUNNING)


def test_an_outcome_counts_until_the_run_stops_again(store):
    run_id = store.create_run(scenes.plan())
    assert store.task_pause(run_id) is None
    sender = scenes.engine(store, scenes.Scripted(running_task(), running_task()))
    scenes.steps(sender, 2)
    assert (store.run(run_id).state, store.run(run_id).why) == ("paused", "task_running")
    assert store.task_pause(run_id) is None
    store.note_task_pause(run_id, TaskPause.RUNNING)
    store.note_task_pause(run_id, TaskPause.SEEN)
    assert store.task_pause(run_id) == TaskPause.SEEN
    store.resume(run_id)
    scenes.steps(sender, 2)
    assert (store.run(run_id).state, store.run(run_id).why) == ("paused", "task_running")
    assert store.task_pause(run_id) is None, "it was said of the stop before"


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("seen", "task_paused"),
        ("taken", "task_paused"),
        ("running", "task_not_paused"),
        ("failed", "task_not_paused"),
    ],
)
def test_the_log_says_that_a_person_asked_and_what_came_of_it(store, outcome, told):
    run_id = store.create_run(scenes.plan())
    before = store.run(run_id)
    store.note_task_pause(run_id, TaskPause(outcome))
    last = store.events(run_id)[-1]
    assert (last.who, last.what, last.code) == ("person", told, outcome)
    assert store.run(run_id) == before
    assert store.task_pause(run_id) == outcome
