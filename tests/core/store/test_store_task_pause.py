"""What came of pausing a run's task is in its log, and counts until the run stops the next time."""

from contextlib import closing

import pytest

from lib.errors import Refused
from lib.platform.answers import FailureCode
from lib.run.states import TaskPause
from lib.store import Store
from tests.core import store_scenes as scenes


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


def running_task() -> Refused:
    return Refused(FailureCode.TASK_RUNNING)


def test_an_outcome_counts_until_the_run_stops_again(store):
    run_id = store.runs.create(scenes.plan())
    assert store.run_log.task_pause(run_id) is None
    sender = scenes.engine(store, scenes.Scripted(running_task(), running_task()))
    scenes.steps(sender, 2)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "task_running")
    assert store.run_log.task_pause(run_id) is None
    store.run_log.note_task_pause(run_id, TaskPause.RUNNING)
    store.run_log.note_task_pause(run_id, TaskPause.SEEN)
    assert store.run_log.task_pause(run_id) == TaskPause.SEEN
    store.runs.resume(run_id)
    scenes.steps(sender, 2)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "task_running")
    assert store.run_log.task_pause(run_id) is None, "it was said of the stop before"


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
    run_id = store.runs.create(scenes.plan())
    before = store.runs.get(run_id)
    store.run_log.note_task_pause(run_id, TaskPause(outcome))
    last = store.run_log.events(run_id)[-1]
    assert (last.who, last.what, last.code) == ("person", told, outcome)
    assert store.runs.get(run_id) == before
    assert store.run_log.task_pause(run_id) == outcome
