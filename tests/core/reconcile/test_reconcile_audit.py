"""After a run the list is looked at once: a mark that is there twice is an alarm, what does not show is counted (N18)."""

import pytest

from lib.errors import NotSent
from lib.platform.connection import practice
from lib.reconcile import Reconciler
from lib.reconcile.audit import AFTER_SECONDS, IDLE_SECONDS, TOKEN_SECONDS
from lib.run.records import RunNotes
from lib.run.states import Outcome, ScanNote
from tests.core import reconcile_scenes as scenes
from tests.core import store_scenes
from tests.core.reconcile_scenes import WallClock, plan, send


def audited(real, run_id, *faults):
    """The notes after the look that follows the end of the run."""
    real.control(faults=list(faults))
    assert real.reconciler.step() <= AFTER_SECONDS
    assert real.store.run_log.notes(run_id).audit == ""
    real.clock.pass_(AFTER_SECONDS + 1)
    real.reconciler.step()
    return real.store.run_log.notes(run_id)


def test_what_arrived_once_is_said_to_be_there(real):
    assert audited(real, real.run()) == RunNotes(0, "complete", 0, 0)


def test_a_mark_that_is_there_twice_is_an_alarm(real):
    run_id = real.run("twice@1", batches=2)
    assert audited(real, run_id) == RunNotes(0, "complete", 3, 0)
    assert [event.code for event in real.store.run_log.events(run_id) if event.what == "run_seen_twice"] == [
        "3"
    ]


def test_accepted_rows_that_do_not_show_are_counted(real):
    run_id = real.run(batches=2)
    real.control(reset=True)
    assert audited(real, run_id) == RunNotes(0, "complete", 0, 6)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (["masked_list"], RunNotes(0, "complete", 0, 0)),
        (["no_extra_list"], RunNotes(0, "complete", 0, 0)),
        (["masked_list", "no_extra_list"], RunNotes(0, "masked", 0, 0)),
    ],
)
def test_what_a_list_hides_is_not_claimed(real, faults, expected):
    assert audited(real, real.run(), *faults) == expected


def test_a_list_that_fails_is_tried_three_times_and_then_said_to_be_unread(real):
    run_id = real.run()
    assert audited(real, run_id, "list_error") == RunNotes(0, "", 0, 0)
    for _ in range(2):
        assert real.store.run_log.notes(run_id).audit == ""
        real.clock.pass_(301)
        real.reconciler.step()
    assert real.store.run_log.notes(run_id) == RunNotes(0, "list_failed", 0, 0)
    assert real.store.audits.due() == []


def test_a_run_is_looked_at_once_and_again_after_a_further_end(real):
    run_id = real.run("500@2")
    real.look_until_settled()
    assert real.store.run_log.notes(run_id).audit == "complete"
    assert real.store.audits.due() == []
    [known] = real.store.decisions.evidence(run_id)
    real.store.decisions.look_now(known.batch_id)
    real.reconciler.step()
    real.store.decisions.resend_missing(known.batch_id, 3)
    real.go_on(run_id, 2)
    assert [found for found, _ in real.store.audits.due()] == [run_id]


class Nothing:
    """A task whose list is empty."""

    def numbers(self, connection, token, page, per_page):
        return {"code": 200, "meta": {"total": 0, "last_page": 1}, "data": []}


def test_after_a_further_end_the_platform_has_its_minute_again(store, clock):
    """However short the run went on: what was accepted last is imported last."""
    run_id = store.runs.create(plan(2))
    _, batch_id = send(store, run_id, Outcome.ACCEPTED, Outcome.UNKNOWN)
    scenes.look(store, batch_id, 0, clock)
    assert store.evidence.hold(batch_id, "absent")
    passed = store_scenes.Clock()
    looker = Reconciler(store, Nothing(), lambda run: (run.connection, "t"), clock, passed)
    looker.step()
    passed.now += AFTER_SECONDS - 1
    store.decisions.resend_missing(batch_id, 3)
    send(store, run_id, Outcome.ACCEPTED)
    for seconds, audit in ((2, ""), (AFTER_SECONDS, "complete")):
        passed.now += seconds
        looker.step()
        assert store.run_log.notes(run_id).audit == audit


def test_a_run_whose_data_was_deleted_is_looked_at_all_the_same(store):
    """Of its marks digests are left, by which those of the list are known."""
    run_id = store.runs.create(plan(1))
    send(store, run_id, Outcome.ACCEPTED)
    store.retention.delete_run(run_id)
    store.audits.record(run_id, ScanNote.COMPLETE, {"mark-0": 1, "mark-1": 2})
    assert store.run_log.notes(run_id) == RunNotes(0, "complete", 1, 1)


def test_a_run_waits_until_its_unknown_outcomes_are_settled(real):
    real.run("500@2")
    assert real.store.audits.due() == []


def test_yesterdays_runs_are_left_alone(real):
    real.run()
    assert len(real.store.audits.due()) == 1
    real.clock.pass_(86_401)
    assert real.store.audits.due() == []


def test_one_reading_serves_the_runs_of_one_task(real, monkeypatch):
    ids = [real.run(), real.run(first=100, marks="other")]
    pages, ask = [], real.platform.numbers
    monkeypatch.setattr(real.platform, "numbers", lambda *facts: pages.append(facts) or ask(*facts))
    real.clock.pass_(AFTER_SECONDS + 1)
    real.reconciler.step()
    assert [real.store.run_log.notes(run_id).audit for run_id in ids] == ["complete"] * 2
    assert len(pages) == 2  # two passes


def no_practice(run):
    raise NotSent("practice_not_started")


@pytest.mark.parametrize("where", [lambda run: (practice(""), None), no_practice])
def test_without_a_token_or_a_place_it_waits(store, clock, where):
    run_id = store.runs.create(plan(1))
    send(store, run_id, Outcome.ACCEPTED)
    clock.pass_(AFTER_SECONDS + 1)
    assert Reconciler(store, None, where, clock).step() == TOKEN_SECONDS
    assert store.run_log.notes(run_id) == RunNotes(0, "", 0, 0)


def test_a_sender_that_is_closing_records_nothing(real):
    run_id = real.run()
    real.clock.pass_(AFTER_SECONDS + 1)
    ask = real.platform.numbers
    real.reconciler._reader._platform = type(
        "Asked", (), {"numbers": lambda _, *facts: (real.reconciler.close(), ask(*facts))[1]}
    )()
    assert real.reconciler.step() <= IDLE_SECONDS
    assert real.store.run_log.notes(run_id).audit == ""
    assert real.reconciler._auditor.step() == IDLE_SECONDS


def test_marks_of_the_persons_own_that_repeat_raise_no_alarm(store):
    """The same column of the person's own in two files for the same task: two sendings, two entries."""
    first = store.runs.create(plan(1))
    second = store.runs.create(plan(1, first=50))
    for run_id in (first, second):
        send(store, run_id, Outcome.ACCEPTED)
    store.audits.record(second, ScanNote.COMPLETE, {"mark-0": 2, "mark-50": 1, "mark-51": 2}, [])
    assert store.run_log.notes(second) == RunNotes(0, "complete", 1, 1)
    store.audits.record(first, ScanNote.COMPLETE, {"mark-0": 2}, ["13000000001"])
    assert store.run_log.notes(first) == RunNotes(0, "complete", 1, 1)


def test_rows_without_a_mark_are_seen_by_their_number_only(store):
    run_id = store.runs.create(plan(1, marks=""))
    send(store, run_id, Outcome.ACCEPTED)
    store.audits.record(run_id, ScanNote.COMPLETE, {}, ["13000000001"])
    assert store.run_log.notes(run_id) == RunNotes(0, "complete", 0, 2)
    store.audits.record(run_id, ScanNote.COMPLETE, {"theirs": 1}, None)
    assert store.run_log.notes(run_id) == RunNotes(0, "complete", 0, 0)


def test_a_batch_sent_without_a_look_is_counted(store):
    run_id = store.runs.create(scenes.plan(1))
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 1)
    store.sender.wire(epoch, claim, looked=ScanNote.LIST_MISSING)
    assert store.run_log.notes(run_id) == RunNotes(1, "", 0, 0)


def test_a_clock_that_was_set_back_does_not_put_the_look_into_tomorrow(real):
    run_id, passing = real.run(), WallClock()
    real.clock.pass_(-86_400 // 2)
    looker = Reconciler(real.store, real.platform, real.destination, real.clock, passing)
    assert looker.step() <= AFTER_SECONDS
    passing.pass_(AFTER_SECONDS + 1)
    looker.step()
    assert real.store.run_log.notes(run_id).audit == "complete"
