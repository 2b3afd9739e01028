"""Several senders on one PostgreSQL: they share the work and the limits, and one that is gone is told by evidence."""

from collections import Counter
from contextlib import closing

import pytest
from sqlalchemy import select

from lib.engine import sharing as engine_sharing
from lib.engine.sharing import PATIENCE_SECONDS, Sharing
from lib.errors import NotSent, OutcomeUnknown, Throttled
from lib.platform.answers import FailureCode
from lib.reconcile import Reconciler
from lib.run.records import Fenced
from lib.run.settings import Settings
from lib.store import Store, transitions
from lib.store import epochs as store_epochs
from lib.store.schema import sender
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Clock, Scripted, states, steps
from tests.waiting import until


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def first(path):
    with closing(Store(path)) as opened:
        yield opened


@pytest.fixture
def second(path):
    with closing(Store(path)) as opened:
        yield opened


def dies(store):
    """The process ends: its connections go, and its locks with them."""
    store._db.session_locks.close()
    store.sender._attendance.epoch = 0


def registered(store):
    with store._db.read() as c:
        return sorted(c.execute(select(sender.c.epoch)).scalars())


def test_two_senders_share_a_run_and_nothing_goes_twice(first, second):
    run_id, platforms = first.runs.create(scenes.plan(batches=9)), (Scripted(), Scripted())
    clock = Clock()
    senders = [
        scenes.engine(store, platform, clock)
        for store, platform in zip((first, second), platforms, strict=True)
    ]
    for _ in range(6):
        for one in senders:
            one.step()
    assert states(first, run_id) == ["accepted"] * 9
    assert first.runs.get(run_id).state == "finished"
    assert min(platform.posts for platform in platforms) >= 4
    assert Counter(body for platform in platforms for body in platform.applied).most_common(1)[0][1] == 1
    assert len(registered(first)) == 2


def test_requests_in_flight_hold_over_all_senders_and_each_gets_its_part(first, second):
    first.settings.save(Settings(5))
    run_id, jobs = first.runs.create(scenes.plan(batches=12)), ([], [])
    senders = [
        scenes.engine(store, Scripted(), spawn=began.append, concurrency=None)
        for store, began in zip((first, second), jobs, strict=True)
    ]
    for store in (second, first):
        store.sender.take_over()
    for _ in range(2):
        for one in senders:
            one.step()
    assert sorted(map(len, jobs)) == [2, 3]
    assert states(first, run_id).count("sending") == 5
    for job in jobs[0]:
        job()
    for one in senders:
        one.step()
    assert states(first, run_id).count("sending") == 5


def test_a_lower_limit_is_not_followed_over(first, second):
    """A thread goes on with the next batch only where there is room for it among all."""
    first.settings.save(Settings(4))
    run_id, jobs = first.runs.create(scenes.plan(batches=12)), []
    one = scenes.engine(first, Scripted(), spawn=jobs.append, concurrency=None, follows=True)
    one.step()
    assert len(jobs) == 4
    first.settings.save(Settings(2))
    one._settings = first.settings.get()
    for job in jobs[:3]:
        job()
    assert states(first, run_id).count("sending") <= 2


def test_a_rate_holds_over_all_senders(first, second):
    first.settings.save(Settings(8, requests_per_second=2.0))
    run_id, clock, platform = first.runs.create(scenes.plan(batches=12)), Clock(), Scripted()
    senders = [scenes.engine(store, platform, clock, concurrency=None) for store in (first, second)]
    began = clock.now
    while platform.posts < 9:
        wait = min(one.step() for one in senders)
        assert 0 < wait <= 1.0
        clock.now += min(wait, 0.1)
    assert clock.now - began == pytest.approx(4.0, abs=0.3)
    assert states(first, run_id).count("accepted") == 9


def test_what_a_dead_sender_left_is_planned_again_or_unknown(first, second):
    run_id = first.runs.create(scenes.plan(batches=4))
    epoch = first.sender.take_over()
    before, after = first.sender.claim(epoch, run_id, 2)
    first.sender.wire(epoch, after)
    platform = Scripted()
    other = scenes.engine(second, platform)
    other.step()
    assert states(second, run_id)[:2] == ["sending", "sending"]
    dies(first)
    until(lambda: other.step() is not None and states(second, run_id)[1] == "unknown")
    steps(other, 4)
    assert states(second, run_id) == ["accepted", "unknown", "accepted", "accepted"]
    assert len(platform.applied) == len(set(platform.applied)) == 3
    with pytest.raises(Fenced):
        first.sender.wire(epoch, before)


def test_a_sender_that_lives_keeps_what_it_took_however_long_it_is_silent(first, second):
    """Its lock says so: a time-out alone takes nothing from anybody."""
    run_id, clock = first.runs.create(scenes.plan(batches=3)), Clock()
    epoch = first.sender.take_over()
    first.sender.claim(epoch, run_id, 1)
    other = scenes.engine(second, Scripted(), clock, concurrency=4)
    steps(other, 5, clock)
    assert states(second, run_id) == ["sending", "accepted", "accepted"]
    assert epoch in registered(second)


def test_a_lock_that_is_free_is_not_enough_while_the_beat_goes_on(first, second, monkeypatch):
    """The server was restarted: every lock is free, and its holder is about to take it again."""
    monkeypatch.setattr(store_epochs, "GRACE_SECONDS", 5.0)
    seconds = Clock()
    second._db.clock = seconds
    run_id = first.runs.create(scenes.plan(batches=2))
    epoch = first.sender.take_over()
    first.sender.claim(epoch, run_id, 1)
    other = scenes.engine(second, Scripted(), concurrency=4)
    other.step()
    for _ in range(4):
        first._db.session_locks.close()
        seconds.now += 4.0
        other.step()
        assert states(second, run_id) == ["sending", "accepted"]
        first.sender.attend(epoch)
    first._db.session_locks.close()
    seconds.now += 4.0
    other.step()
    seconds.now += 6.0
    until(lambda: other.step() is not None and states(second, run_id)[0] != "sending")


def test_one_that_was_taken_for_gone_sends_no_byte_and_comes_back_under_another_epoch(first, second):
    run_id, elder_posts, younger_posts = first.runs.create(scenes.plan(batches=2)), [], Scripted()
    younger = scenes.engine(second, younger_posts, concurrency=4)

    def cut_off_meanwhile(connection, token, body, on_wire):
        first._db.session_locks.close()
        until(lambda: younger.step() is not None and younger_posts.posts == 2)
        on_wire()
        elder_posts.append(body)

    elder = scenes.engine(first, cut_off_meanwhile, concurrency=4)
    elder.step()
    old = elder._epoch
    assert (elder_posts, states(first, run_id)) == ([], ["accepted", "accepted"])
    assert len(set(younger_posts.applied)) == younger_posts.posts == 2
    assert elder.step() == 0.0
    assert elder.step() > 0.0
    assert elder._epoch > old
    assert not elder.status.fenced
    assert elder._epoch in registered(first)
    assert old not in registered(first)


def test_a_late_acceptance_of_one_taken_for_gone_counts(first, second):
    run_id = first.runs.create(scenes.plan(batches=1))
    seen = []

    def cut_off_in_flight():
        first._db.session_locks.close()
        other = scenes.engine(second, Scripted())
        until(lambda: other.step() is not None and states(second, run_id) == ["unknown"])
        seen.extend(states(second, run_id))

    scenes.engine(first, Scripted(cut_off_in_flight)).step()
    assert (seen, states(first, run_id)) == (["unknown"], ["accepted"])


class Silent:
    """A list that does not answer until told to."""

    answers = False

    def numbers(self, connection, token, page, per_page):
        if not self.answers:
            raise OutcomeUnknown(FailureCode.NO_ANSWER)
        return {"code": 200, "meta": {"total": 0, "last_page": 1}, "data": []}


def test_an_unknown_outcome_of_one_stops_the_line_of_all_until_the_list_answers(first, second):
    run_id, jobs, platforms = (
        first.runs.create(scenes.plan(batches=6)),
        ([], []),
        (Scripted(OutcomeUnknown(FailureCode.NO_ANSWER)), Scripted()),
    )
    listing = Silent()
    looking = [Reconciler(store, listing, scenes.destination) for store in (first, second)]
    senders = [
        scenes.engine(store, platform, spawn=began.append, concurrency=4, reconciler=looker)
        for store, platform, began, looker in zip((first, second), platforms, jobs, looking, strict=True)
    ]
    second.sender.take_over()
    for one in senders:
        one.step()
    jobs[0].pop(0)()
    jobs[1].pop(0)()  # claimed before, and not marked yet
    assert (platforms[1].posts, states(first, run_id).count("unknown")) == (0, 1)
    for began in jobs:
        began.pop()()
    for one in senders:
        steps(one, 2)
    assert (platforms[0].posts, platforms[1].posts) == (1, 0)
    listing.answers = True
    looking[1].step()
    senders[1].step()
    jobs[1].pop(0)()
    assert platforms[1].posts == 1


def test_a_rest_the_platform_asked_one_for_is_kept_by_all(first, second):
    run_id, clock = first.runs.create(scenes.plan(batches=3)), Clock()
    platform = Scripted(Throttled(FailureCode.THROTTLED, http_status=429, retry_after_seconds=90.0))
    senders = [scenes.engine(store, platform, clock) for store in (first, second)]
    senders[0].step()
    for _ in range(8):
        clock.now += 10
        for one in senders:
            one.step()
    assert platform.posts == 1
    clock.now += 11
    for _ in range(3):
        for one in senders:
            one.step()
    assert states(first, run_id) == ["accepted"] * 3


def test_a_run_is_left_to_the_one_that_has_its_token_and_in_the_end_it_is_told_that_nobody_has(first, second):
    run_id, clock, posts = first.runs.create(scenes.plan(batches=3)), Clock(), Scripted()
    poor = scenes.engine(first, Scripted(), clock, destination=lambda run: (run.connection, None))
    rich = scenes.engine(second, posts, clock)
    for _ in range(3):
        poor.step()
        clock.now += PATIENCE_SECONDS / 2
        rich.step()
    assert (posts.posts, states(first, run_id)) == (3, ["accepted"] * 3)
    alone = first.runs.create(scenes.plan(batches=1, first_phone=14000000000))
    for _ in range(4):
        assert first.runs.get(alone).state == "running"
        clock.now += PATIENCE_SECONDS / 3
        poor.step()
    clock.now += 1
    poor.step()
    assert (first.runs.get(alone).state, first.runs.get(alone).why) == ("paused", "token_missing")


def test_a_platform_that_cannot_be_started_here_is_for_another_to_find(first, second):
    def nowhere(run):
        raise NotSent("practice_not_started")

    run_id = first.runs.create(scenes.plan(batches=1))
    scenes.engine(first, Scripted(), destination=nowhere).step()
    assert states(first, run_id) == ["planned"]
    steps(scenes.engine(second, Scripted()), 2)
    assert states(first, run_id) == ["accepted"]


def test_one_that_closes_leaves_nothing_to_find_out(first, second):
    run_id, jobs = first.runs.create(scenes.plan(batches=2)), []
    one = scenes.engine(first, Scripted(), spawn=jobs.append)
    one.step()
    assert not one.close(0.01)
    assert (registered(second), states(second, run_id)) == ([], ["planned", "planned"])
    first.sender.resign()
    steps(scenes.engine(second, Scripted()), 3)
    assert states(second, run_id) == ["accepted"] * 2


def test_a_start_beside_others_does_not_take_their_runs_for_forgotten(first, second, monkeypatch):
    monkeypatch.setattr("lib.store.transitions.LONG_STOP_SECONDS", 0.0)
    run_id = first.runs.create(scenes.plan(batches=1))
    first.sender.take_over()
    assert first.runs.get(run_id).why == "stopped"
    first.runs.resume(run_id)
    second.sender.take_over()
    assert first.runs.get(run_id).state == "running"
    dies(first)
    second.sender._attendance.begin(0)
    until(lambda: second.sender.take_over() and first.runs.get(run_id).why == "stopped")


def test_two_unknown_outcomes_of_a_dead_sender_stop_the_run(first, second):
    run_id = first.runs.create(scenes.plan(batches=3))
    epoch = first.sender.take_over()
    for claim in first.sender.claim(epoch, run_id, 2):
        first.sender.wire(epoch, claim)
    dies(first)
    other = scenes.engine(second, Scripted())
    until(lambda: other.step() is not None and second.runs.get(run_id).why == "unknowns")
    assert second.runs.get(run_id).state == "paused"


def test_what_one_process_does_or_keeps_no_other_does(first, second):
    with first.duty("look") as mine, second.duty("look") as other, second.duty("audit") as another:
        assert (mine, other, another) == (True, False, True)
    with second.duty("look") as mine:
        assert mine
    assert first.keeps("practice")
    assert first.keeps("practice")
    assert not second.keeps("practice")
    dies(first)
    until(lambda: second.keeps("practice"))


def test_one_that_may_send_no_longer_settles_nothing_for_others(first, second):
    epoch = first.sender.take_over()
    second.sender.take_over()
    with first._db.write() as c:
        store_epochs.give_up(c, epoch)
    with pytest.raises(Fenced):
        first.sender.attend(epoch)
    with pytest.raises(Fenced), first._db.write() as c:
        transitions.relieve(c, epoch, [])


def test_a_sender_says_once_a_second_that_it_lives(monkeypatch):
    monkeypatch.setattr(engine_sharing, "BEAT_SECONDS", 1.0)
    sharing = Sharing(clock := Clock())
    assert not sharing.is_due()
    clock.now += 1.0
    assert (sharing.is_due(), sharing.is_due()) == (True, False)
    clock.now -= 5.0  # set back
    assert sharing.is_due()
