"""A run that starts small sends its first batch, waits by itself, and goes on only when a person says so."""

from contextlib import closing
from dataclasses import replace

import pytest

from lib.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from lib.platform.answers import Receipt
from lib.store import Store
from tests.core.store_scenes import Clock, Scripted, before_wire, engine, plan, states, steps


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture
def store(path):
    with closing(Store(path)) as opened:
        yield opened


def started(store, batches=3, hold_after=1):
    return store.runs.create(replace(plan(batches), hold_after=hold_after))


def standing(store, run_id):
    found = store.runs.get(run_id)
    return found.state, found.why, found.hold_after


@pytest.mark.parametrize(("concurrency", "follows"), [(1, False), (1, True), (4, True)])
def test_only_the_first_batch_leaves_then_the_run_waits(store, concurrency, follows):
    run_id, platform = started(store), Scripted()
    steps(engine(store, platform, concurrency=concurrency, follows=follows), 5)
    assert platform.posts == 1
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert standing(store, run_id) == ("paused", "first_batch", 1)


def test_the_rest_goes_when_a_person_says_so(store):
    run_id, platform = started(store), Scripted()
    sender = engine(store, platform)
    steps(sender, 3)
    store.runs.resume(run_id)
    steps(sender, 4)
    assert states(store, run_id) == ["accepted"] * 3
    assert standing(store, run_id) == ("finished", "", 0)


def test_waiting_survives_a_restart(store, path):
    run_id = started(store)
    steps(engine(store, Scripted()), 3)
    with closing(Store(path)) as again:
        platform = Scripted()
        steps(engine(again, platform), 3)
        assert platform.posts == 0
        assert standing(again, run_id) == ("paused", "first_batch", 1)


def test_a_process_that_dies_in_the_first_batch_leaves_a_run_that_waits(store):
    run_id = started(store)
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 4)
    store.sender.wire(epoch, claim)
    platform = Scripted()
    steps(engine(store, platform), 3)
    assert platform.posts == 0
    assert states(store, run_id) == ["unknown", "planned", "planned"]
    assert standing(store, run_id) == ("paused", "first_batch", 1)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (OutcomeUnknown("no_answer"), "unknown"),
        (Refused("refused", http_status=400, envelope_code=6001), "rejected"),
    ],
)
def test_a_first_batch_that_did_not_go_well_keeps_the_rest_back(store, answer, state):
    run_id, platform = started(store), Scripted(answer)
    steps(engine(store, platform), 4, Clock())
    assert platform.posts == 1
    assert states(store, run_id) == [state, "planned", "planned"]
    assert standing(store, run_id) == ("paused", "first_batch", 1)


def test_a_first_batch_that_never_left_is_tried_again_and_nothing_passes_it(store):
    clock = Clock()
    run_id, platform = started(store), Scripted(before_wire(NotSent("connect_failed")))
    sender = engine(store, platform, clock)
    steps(sender, 1)
    assert states(store, run_id) == ["planned"] * 3
    assert store.runs.get(run_id).state == "running"
    clock.now += 61.0
    steps(sender, 3, clock)
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert platform.posts == 1


def test_another_reason_to_stop_is_cured_first_and_the_run_still_waits_after_its_first_batch(store):
    run_id, platform = started(store), Scripted(Unauthorised("token_refused", http_status=401))
    sender = engine(store, platform)
    steps(sender, 2)
    assert standing(store, run_id) == ("paused", "token", 1)
    assert states(store, run_id) == ["planned"] * 3
    store.runs.resume(run_id)
    steps(sender, 4)
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert standing(store, run_id) == ("paused", "first_batch", 1)


def test_resuming_before_the_first_batch_has_its_result_does_not_let_the_rest_go(store):
    run_id = started(store)

    def press_pause_then_resume():
        store.runs.pause(run_id)
        store.runs.resume(run_id)

    steps(engine(store, Scripted(press_pause_then_resume)), 4)
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert standing(store, run_id) == ("paused", "first_batch", 1)


def test_a_run_paused_by_a_person_meanwhile_says_what_it_waits_for(store):
    run_id = started(store)
    steps(engine(store, Scripted(lambda: store.runs.pause(run_id))), 3)
    assert standing(store, run_id) == ("paused", "first_batch", 1)


def test_stopping_instead_sends_nothing_more(store):
    run_id, platform = started(store), Scripted()
    sender = engine(store, platform)
    steps(sender, 3)
    store.runs.cancel(run_id)
    steps(sender, 3)
    assert platform.posts == 1
    assert states(store, run_id) == ["accepted", "cancelled", "cancelled"]


def test_a_run_of_one_batch_has_nothing_to_wait_for(store):
    run_id = started(store, batches=1)
    steps(engine(store, Scripted(Receipt("unique-1", "", 200))), 3)
    assert standing(store, run_id) == ("finished", "", 0)


def test_the_log_tells_why_it_waits(store):
    run_id = started(store)
    steps(engine(store, Scripted()), 3)
    assert [(one.what, one.code) for one in store.run_log.events(run_id)][-2:] == [
        ("run_pausing", "first_batch"),
        ("run_paused", "first_batch"),
    ]


def test_another_run_is_not_held_up(store):
    waits = started(store)
    goes = store.runs.create(plan(2, first_phone=13100000000))
    steps(engine(store, Scripted()), 6)
    assert states(store, waits) == ["accepted", "planned", "planned"]
    assert states(store, goes) == ["accepted", "accepted"]
