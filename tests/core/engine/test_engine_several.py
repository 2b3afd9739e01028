"""Several processes on one database: one sends, the others stand by and follow it within seconds of its end."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from lib.engine import HANDOVER_SECONDS, PATIENCE_SECONDS, STANDBY_SECONDS, Engine
from lib.errors import NotSent, StoreUnavailable, Throttled
from lib.platform.answers import FailureCode, Receipt
from lib.reconcile import Reconciler
from lib.run.records import AttemptResult, Fenced
from lib.run.states import Outcome
from lib.store import Store, transitions
from lib.store import epochs as store_epochs
from lib.store.lock import FileLock
from lib.store.schema import sender
from tests import databases
from tests.core import reconcile_scenes, store_scenes
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Clock, Scripted, loses_its_lock, states, steps
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]

#: Seconds after the end of the one that sends, by when another does.
TAKEN_OVER_WITHIN = 5.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def first(path):
    with closing(Store(path)) as opened:
        yield opened


@pytest.fixture
def second(path, first):
    with closing(Store(path)) as opened:
        yield opened


def dies(store):
    """The process ends: its connections go, and its lock with them."""
    store._db.locks.close()


def registered(store):
    with store._db.read() as tx:
        return sorted(tx.execute(select(sender.c.epoch)).scalars())


def test_one_sends_and_the_other_stands_by_and_nothing_goes_twice(first, second):
    run_id, platforms = first.runs.create(scenes.plan(batches=5)), (Scripted(), Scripted())
    senders = [
        scenes.engine(store, platform) for store, platform in zip((first, second), platforms, strict=True)
    ]
    for _ in range(6):
        assert senders[0].step() <= STANDBY_SECONDS
        assert senders[1].step() == STANDBY_SECONDS
    assert (states(first, run_id), first.runs.get(run_id).state) == (["accepted"] * 5, "finished")
    assert [platform.posts for platform in platforms] == [5, 0]
    assert [one.status.stands_by for one in senders] == [False, True]
    assert registered(second) == [senders[0]._epoch]


def test_the_other_takes_over_at_its_next_step_and_settles_what_was_left(first, second):
    run_id = first.runs.create(scenes.plan(batches=4))
    epoch = first.sender.take_over()
    before, after = first.sender.claim(epoch, run_id, 2)
    first.sender.wire(epoch, after)
    platform = Scripted()
    other = scenes.engine(second, platform)
    other.step()
    assert states(second, run_id)[:2] == ["sending", "sending"]
    dies(first)
    until(lambda: other.step() is not None and not other.status.stands_by)
    assert states(second, run_id)[1] == "unknown"
    steps(other, 4)
    assert states(second, run_id) == ["accepted", "unknown", "accepted", "accepted"]
    assert len(platform.applied) == len(set(platform.applied)) == 3
    with pytest.raises(Fenced):
        first.sender.wire(epoch, before)


SENDS = """
    import sys
    from lib.store import Store
    store = Store(sys.argv[1])
    epoch = store.sender.take_over()
    print(epoch, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_within_five_seconds_of_the_end_of_a_real_process_another_sends(first, path, number):
    run_id = first.runs.create(scenes.plan(batches=2))
    engine = Engine(first, Scripted(), scenes.destination, concurrency=1)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", textwrap.dedent(SENDS), databases.at(path)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert int(process.stdout.readline()) > 0
        engine.start()
        until(lambda: first.sender.take_over() == 0, "nobody holds the lock")
        assert engine.status.stands_by
        process.send_signal(number)
        process.wait(PATIENCE)
    ended = time.monotonic()
    until(lambda: not engine.status.stands_by, "nobody took over")
    assert time.monotonic() - ended < TAKEN_OVER_WITHIN
    until(lambda: states(first, run_id) == ["accepted"] * 2)
    assert engine.close(PATIENCE)


def test_a_sender_that_lives_keeps_what_it_took_however_long_it_is_silent(first, second):
    """Nothing expires: a time-out takes nothing from anybody."""
    run_id, clock = first.runs.create(scenes.plan(batches=3)), Clock()
    epoch = first.sender.take_over()
    first.sender.claim(epoch, run_id, 1)
    other = scenes.engine(second, Scripted(), clock, concurrency=4)
    steps(other, 5, clock)
    assert states(second, run_id) == ["sending", "planned", "planned"]
    assert registered(second) == [epoch]


def test_one_that_was_taken_for_gone_sends_no_byte_and_takes_over_again_when_the_other_ends(first, second):
    run_id, elder_posts, younger_posts = first.runs.create(scenes.plan(batches=2)), [], Scripted()
    younger, clock = scenes.engine(second, younger_posts, concurrency=4), Clock()

    def cut_off_meanwhile(connection, token, body, on_wire):
        loses_its_lock(first)
        until(lambda: younger.step() is not None and younger_posts.posts == 2)
        on_wire()
        elder_posts.append(body)

    elder = scenes.engine(first, cut_off_meanwhile, clock, concurrency=4)
    elder.step()
    assert (elder_posts, states(first, run_id)) == ([], ["accepted", "accepted"])
    assert len(set(younger_posts.applied)) == younger_posts.posts == 2
    steps(elder, 2, clock)
    assert elder.status.stands_by
    later = first.runs.create(scenes.plan(batches=1, first_phone=14000000000))
    elder._send = Scripted()
    younger.close()
    until(lambda: steps(elder, 1, clock) is None and states(first, later) == ["accepted"])
    assert not elder.status.stands_by


def test_one_whose_line_was_cut_goes_on_where_nobody_has_come(first, second):
    run_id, clock = first.runs.create(scenes.plan(batches=3)), Clock()
    one = scenes.engine(first, Scripted(), clock)
    steps(one, 1, clock)
    epoch = one._epoch
    loses_its_lock(first)
    steps(one, 3, clock)
    assert (one._epoch, states(first, run_id)) == (epoch, ["accepted"] * 3)
    assert second.sender.take_over() == 0


def test_a_late_acceptance_of_one_taken_for_gone_counts(first, second):
    run_id = first.runs.create(scenes.plan(batches=1))
    seen = []

    def cut_off_in_flight():
        loses_its_lock(first)
        other = scenes.engine(second, Scripted())
        until(lambda: other.step() is not None and states(second, run_id) == ["unknown"])
        seen.extend(states(second, run_id))

    scenes.engine(first, Scripted(cut_off_in_flight)).step()
    assert (seen, states(first, run_id)) == (["unknown"], ["accepted"])


def test_one_that_takes_over_reads_the_list_anew_for_what_the_other_was_turned_away_with(first, second):
    """What it read before it stood by tells nothing of what the other has sent since."""

    class Listing:
        rows: list[dict[str, str]] = []

        def numbers(self, connection, token, page, per_page):
            return {"code": 200, "meta": {"total": len(self.rows), "last_page": 1}, "data": self.rows}

    listing, clock = Listing(), Clock()
    run_id = first.runs.create(scenes.plan(batches=1))
    posts = Scripted(Throttled(FailureCode.THROTTLED, http_status=429))
    looking = Reconciler(first, listing, scenes.destination, clock)
    one = scenes.engine(first, posts, clock, reconciler=looking)
    steps(one, 1)
    clock.now += 5.0
    connection, token = scenes.destination(first.runs.get(run_id))
    looking.first.look(1, connection, token, lambda: True)
    one._resign()
    epoch = second.sender.take_over()
    [claim] = second.sender.claim(epoch, run_id, 1)
    second.sender.wire(epoch, claim)
    listing.rows = [{"id": "1", "phone": "13000000000", "extra": "row-0"}]
    second.sender.finish(epoch, claim, AttemptResult(Outcome.HELD_BACK))
    second.sender.resign(epoch)
    steps(one, 2)
    assert (posts.posts, states(first, run_id)) == (1, ["unknown"])


def test_one_that_takes_over_asks_the_list_after_an_unknown_outcome_of_the_other(first, second):
    run_id, platform = first.runs.create(scenes.plan(batches=3)), Scripted()
    epoch = first.sender.take_over()
    [claim] = first.sender.claim(epoch, run_id, 1)
    first.sender.wire(epoch, claim)

    class Silent:
        answers = False

        def numbers(self, connection, token, page, per_page):
            if not self.answers:
                raise reconcile_scenes.no_answer()
            return {"code": 200, "meta": {"total": 0, "last_page": 1}, "data": []}

    listing, clock = Silent(), Clock()
    looker = Reconciler(second, listing, scenes.destination)
    other = scenes.engine(second, platform, clock, reconciler=looker)
    dies(first)
    until(lambda: other.step() is not None and not other.status.stands_by)
    steps(other, 2, clock)
    assert (platform.posts, states(second, run_id)) == (0, ["unknown", "planned", "planned"])
    listing.answers = True
    steps(other, 3, clock)
    assert states(second, run_id) == ["unknown", "accepted", "accepted"]


def test_a_rest_the_platform_asked_for_is_over_for_one_that_takes_over_only_by_asking_anew(first, second):
    """The rest is in one process's memory: the next one asks once, is told again, and rests."""
    run_id, clock = first.runs.create(scenes.plan(batches=1)), Clock()
    throttled = [
        Throttled(FailureCode.THROTTLED, http_status=429, retry_after_seconds=90.0) for _ in range(2)
    ]
    platform = Scripted(*throttled)
    one = scenes.engine(first, platform, clock)
    one.step()
    dies(first)
    other = scenes.engine(second, platform, clock)
    until(lambda: other.step() is not None and not other.status.stands_by)
    clock.now += 60
    other.step()
    assert (platform.posts, states(second, run_id)) == (2, ["planned"])


# --- tokens that one process has -------------------------------------------------------------------------------


def without_token(run):
    return run.connection, None


def test_a_run_reaches_the_one_that_has_its_token(first, second):
    run_id, clock, posts = first.runs.create(scenes.plan(batches=3)), Clock(), Scripted()
    poor = scenes.engine(first, Scripted(), clock, destination=without_token)
    rich = scenes.engine(second, posts, clock)
    for _ in range(5):
        poor.step()
        rich.step()
        clock.now += 0.5
    assert (posts.posts, states(first, run_id)) == (3, ["accepted"] * 3)
    assert (poor.status.stands_by, rich.status.stands_by) == (True, False)


def test_where_nobody_has_the_token_the_run_says_so(first, second):
    run_id, clock = first.runs.create(scenes.plan(batches=1)), Clock()
    senders = [
        scenes.engine(store, Scripted(), clock, destination=without_token) for store in (first, second)
    ]
    for _ in range(20):
        for one in senders:
            one.step()
        clock.now += 0.5
    assert (first.runs.get(run_id).state, first.runs.get(run_id).why) == ("paused", "token_missing")
    assert clock.now - Clock().now < 2 * HANDOVER_SECONDS + 5


def test_one_that_is_resumed_after_the_token_was_typed_elsewhere_reaches_it(first, second):
    """What was told once is not told again before the others were asked anew."""
    run_id, clock, posts = first.runs.create(scenes.plan(batches=1)), Clock(), Scripted()
    poor = scenes.engine(first, Scripted(), clock, destination=without_token)
    for _ in range(10):
        poor.step()
        clock.now += 0.5
    assert first.runs.get(run_id).why == "token_missing"
    rich = scenes.engine(second, posts, clock)
    rich.step()
    second.runs.resume(run_id)
    for _ in range(4):
        poor.step()
        rich.step()
        clock.now += 0.5
    assert states(second, run_id) == ["accepted"]


def test_one_that_can_send_something_keeps_the_lock_and_the_other_run_waits_only_so_long(first, second):
    own = first.runs.create(scenes.plan(batches=400, rows_each=1))
    others = first.runs.create(scenes.plan(batches=1, first_phone=14000000000))

    def half(run):
        return run.connection, "token" if run.id == own else None

    clock, jobs = Clock(), []
    one, other = (
        scenes.engine(first, Scripted(), clock, destination=half, concurrency=2, spawn=jobs.append),
        scenes.engine(second, Scripted(), clock),
    )
    while clock.now - Clock().now < PATIENCE_SECONDS - 1:
        one.step()
        other.step()
        jobs.pop(0)()
        clock.now += 1.0
    assert (first.runs.get(others).state, one.status.stands_by) == ("running", False)
    clock.now += 2.0
    one.step()
    while jobs:
        jobs.pop(0)()
    assert (first.runs.get(others).state, first.runs.get(others).why) == ("paused", "token_missing")
    assert states(first, own).count("accepted") > PATIENCE_SECONDS - 3


def test_a_platform_that_cannot_be_started_here_is_for_another_to_find(first, second):
    def nowhere(run):
        raise NotSent("practice_not_started")

    run_id = first.runs.create(scenes.plan(batches=1))
    scenes.engine(first, Scripted(), destination=nowhere).step()
    assert states(first, run_id) == ["planned"]
    steps(scenes.engine(second, Scripted()), 2)
    assert states(first, run_id) == ["accepted"]


# --- beginning and ending --------------------------------------------------------------------------------------


def test_one_that_closes_leaves_nothing_to_find_out(first, second):
    run_id, jobs = first.runs.create(scenes.plan(batches=2)), []
    one = scenes.engine(first, Scripted(), spawn=jobs.append)
    one.step()
    assert not one.close(0.01)
    assert (registered(second), states(second, run_id)) == ([], ["planned", "planned"])
    first.sender.resign(1)
    steps(scenes.engine(second, Scripted()), 3)
    assert states(second, run_id) == ["accepted"] * 2


def test_one_that_takes_over_after_a_long_silence_has_a_person_say_that_it_may_go_on(
    first, second, monkeypatch
):
    run_id = first.runs.create(scenes.plan(batches=1))
    first.sender.take_over()
    dies(first)
    monkeypatch.setattr("lib.store.transitions.LONG_STOP_SECONDS", 0.0)
    until(second.sender.take_over)
    assert first.runs.get(run_id).why == "stopped"


def test_standing_by_for_hours_is_no_sleep(first, second):
    run_id, wall, clock = first.runs.create(scenes.plan(batches=1)), Clock(), Clock()
    first.sender.take_over()
    other = scenes.engine(second, Scripted(), clock, sleep_guard=store_scenes.sleep_guard(wall))
    for _ in range(100):
        other.step()
        wall.now += 60
    dies(first)
    until(lambda: other.step() is not None and states(second, run_id) == ["accepted"])


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
    with first.duty("look") as mine, second.duty("look") as other:
        assert (mine, other) == (True, False)
    with second.duty("look") as mine:
        assert mine
    assert first.keeps("practice")
    assert first.keeps("practice")
    assert not second.keeps("practice")
    assert first.sender.take_over()
    with first.duty("retention") as mine, second.duty("retention") as other:
        assert (mine, other) == (True, False)
    assert second.sender.take_over() == 0
    dies(first)
    until(second.sender.take_over)


@pytest.mark.sqlite_file
def test_on_a_file_only_the_one_that_sends_looks(first, second):
    asked, platform = [], Scripted(reconcile_scenes.no_answer())

    class Lists:
        def numbers(self, *_):
            asked.append(1)
            raise reconcile_scenes.no_answer()

    clock = reconcile_scenes.WallClock()
    first.runs.create(scenes.plan(batches=1))
    scenes.engine(first, platform).step()
    clock.pass_(61)
    looker = Reconciler(second, Lists(), scenes.destination, clock)
    engine = Engine(second, platform, scenes.destination, reconciler=looker)
    engine.start()
    until(lambda: engine.status.stands_by and engine._looking.is_alive())
    engine.wake()
    assert asked == []
    dies(first)
    until(lambda: asked, "nobody looks")
    assert engine.close(PATIENCE)


def test_one_that_may_send_no_longer_is_told_and_leaves_the_lock(first, second):
    epoch = first.sender.take_over()
    with first._db.write() as tx:
        store_epochs.give_up(tx, epoch)
    with pytest.raises(Fenced):
        first.sender.attend(epoch)
    with pytest.raises(Fenced):
        first.sender.take_over(expected=epoch)
    first.sender.resign(epoch)
    assert second.sender.take_over()
    with pytest.raises(Fenced):
        first.sender.take_over(expected=epoch)
    with first._db.write() as tx:
        transitions.resign(tx, epoch)  # nothing of anybody else's is settled
    assert len(registered(second)) == 1


def test_a_lock_that_one_thread_needs_no_longer_stays_with_the_others_of_its_process(first, second):
    assert first.sender.take_over()
    jobs = [threading.Thread(target=lambda: first.duty("x").__enter__()) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(PATIENCE)
    with first.duty("y"):
        pass
    assert second.sender.take_over() == 0


# --- the lock itself -------------------------------------------------------------------------------------------


@pytest.mark.sqlite_file
def test_where_the_file_of_the_lock_cannot_be_made_nothing_is_sent(first, path):
    path.with_name("desk.db.sender").mkdir()
    with pytest.raises(StoreUnavailable, match="store_read_only"):
        first.sender.take_over()


@pytest.mark.sqlite_file
def test_something_else_in_the_place_of_the_lock_is_said(path, first):
    path.with_name("desk.db.sender").write_bytes(b"no database" * 99)
    with pytest.raises(StoreUnavailable, match="store_read_only"):
        first.sender.take_over()


@pytest.mark.sqlite_file
def test_where_the_file_of_the_lock_is_deleted_the_elder_gives_way(first, second, path):
    clock = Clock()
    elder = scenes.engine(first, Scripted(), clock)
    elder.step()
    path.with_name("desk.db.sender").unlink()
    younger = scenes.engine(second, Scripted(), clock)
    younger.step()
    steps(elder, 2, clock)
    assert (elder.status.stands_by, younger.status.stands_by) == (True, False)


@pytest.mark.sqlite_file
def test_a_lock_is_given_up_once(path, first):
    one = FileLock(path.with_name("lock"))
    one.release("nobody")
    assert one.take("a")
    assert one.take("b")
    one.release("a")
    assert not FileLock(path.with_name("lock")).take("c")
    one.release("b")
    assert FileLock(path.with_name("lock")).take("c")
    one.close()


def test_started_side_by_side_in_threads_all_is_sent_once(first, second):
    bodies, guard = Counter(), threading.Lock()

    def send(connection, token, body, on_wire):
        on_wire()
        with guard:
            bodies[body] += 1
        return Receipt("u", "m", 200)

    run_id = first.runs.create(scenes.plan(batches=20))
    engines = [Engine(store, send, scenes.destination, concurrency=4) for store in (first, second)]
    for one in engines:
        one.start()
    until(lambda: first.runs.get(run_id).state == "finished")
    assert [one.close(PATIENCE) for one in engines] == [True, True]
    assert set(bodies.values()) == {1}
    assert len(bodies) == 20
