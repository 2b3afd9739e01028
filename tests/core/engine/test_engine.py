"""The sender: every way an attempt can end, and what then becomes of the batch and of the run."""

import threading
from contextlib import closing

import pytest
from sqlalchemy import update

from lib.engine import Engine
from lib.errors import (
    CertificateRefused,
    ConnectionRefused,
    DestinationForbidden,
    NotSent,
    OutcomeUnknown,
    Refused,
    StoreUnavailable,
    Throttled,
    Unauthorised,
)
from lib.platform.answers import FailureCode, Receipt
from lib.store import Store
from lib.store.schema import batch
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Clock, Scripted, before_wire, states, steps
from tests.waiting import PATIENCE


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


def not_sent(code=FailureCode.UNREACHABLE):
    return before_wire(NotSent(code))


def unknown(code=FailureCode.NO_ANSWER, **facts):
    return OutcomeUnknown(code, **facts)


def refused(code=FailureCode.REFUSED, message=None):
    return Refused(code, http_status=200, envelope_code=422, message=message)


def story(store, *answers, batches=3, count=None, **rest):
    """Run `answers` through an engine with a clock that is moved past every pause."""
    run_id, platform, clock = store.runs.create(scenes.plan(batches=batches)), Scripted(*answers), Clock()
    steps(scenes.engine(store, platform, clock, **rest), count or batches + 1, clock)
    return run_id, platform


def test_batches_go_out_in_order_exactly_once_and_the_run_ends(store):
    run_id, platform = story(store, batches=4)
    run = store.runs.get(run_id)
    assert states(store, run_id) == ["accepted"] * 4
    assert (run.state, run.why, run.rows_by_state) == ("finished", "", {"accepted": 8})
    assert store.batches.table(run_id)["unique_id"].tolist() == [
        "unique-1",
        "unique-2",
        "unique-3",
        "unique-4",
    ]
    assert platform.applied == [
        store.batches.body(batch_id) for batch_id in store.batches.table(run_id)["batch_id"].tolist()
    ]
    assert run.created <= run.started <= store.batches.table(run_id)["sent_at"].iloc[0] <= run.finished


def test_a_run_without_batches_ends_at_once(store):
    run_id, platform = story(store, batches=0, count=1)
    assert (store.runs.get(run_id).state, platform.posts) == ("finished", 0)


def test_what_did_not_leave_is_tried_again_after_a_pause_that_grows(store):
    clock, platform = Clock(), Scripted(not_sent(), not_sent(), not_sent())
    run_id = store.runs.create(scenes.plan(batches=1))
    sender = scenes.engine(store, platform, clock)
    sender.step()
    for left, pause in ((2, 2.0), (1, 4.0), (0, 8.0)):
        assert (len(platform.answers), platform.posts) == (left, 0)
        clock.now += pause - 0.1
        sender.step()
        assert (len(platform.answers), platform.posts) == (left, 0)
        clock.now += 0.2
        sender.step()
    assert states(store, run_id) == ["accepted"]
    assert store.batches.table(run_id)["tries"].tolist() == [4]


def test_after_five_failures_the_run_waits_with_everything_still_planned(store):
    run_id, platform = story(store, *[not_sent() for _ in range(9)], batches=3, count=12)
    run = store.runs.get(run_id)
    assert (run.state, run.why, platform.posts) == ("paused", "unreachable", 0)
    assert states(store, run_id) == ["planned"] * 3
    assert len(platform.answers) == 4


def test_a_resumed_run_gets_its_five_tries_again(store):
    run_id, clock, platform = (
        store.runs.create(scenes.plan(batches=1)),
        Clock(),
        Scripted(*[not_sent() for _ in range(8)]),
    )
    sender = scenes.engine(store, platform, clock)
    steps(sender, 8, clock)
    store.runs.resume(run_id)
    steps(sender, 5, clock)
    assert states(store, run_id) == ["accepted"]
    assert store.runs.get(run_id).state == "finished"


def test_ten_minutes_without_success_are_enough_even_with_few_tries(store):
    run_id, clock, platform = (
        store.runs.create(scenes.plan(batches=1)),
        Clock(),
        Scripted(not_sent(), not_sent()),
    )
    sender = scenes.engine(store, platform, clock)
    sender.step()
    clock.now += 601
    sender.step()
    assert (store.runs.get(run_id).why, states(store, run_id)) == ("unreachable", ["planned"])


@pytest.mark.parametrize(
    ("answer", "state", "why", "batch"),
    [
        (before_wire(CertificateRefused(FailureCode.CERTIFICATE)), "paused", "certificate", "planned"),
        (before_wire(NotSent(FailureCode.DESTINATION_INVALID)), "paused", "destination", "planned"),
        (before_wire(ConnectionRefused("address_invalid")), "paused", "destination", "planned"),
        (before_wire(Unauthorised(FailureCode.TOKEN_UNUSABLE)), "paused", "token", "planned"),
        (Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401), "paused", "token", "planned"),
        (refused(FailureCode.TASK_RUNNING), "paused", "task_running", "planned"),
        (Throttled(FailureCode.THROTTLED, retry_after_seconds=601.0), "paused", "throttled", "planned"),
        (unknown(FailureCode.LOGIN_PAGE, http_status=200), "paused", "answer_shape", "unknown"),
        (unknown(FailureCode.REDIRECTED, http_status=302), "paused", "answer_shape", "unknown"),
        (unknown(FailureCode.NO_ANSWER), "running", "", "unknown"),
        (unknown(FailureCode.SERVER_ERROR, http_status=503), "running", "", "unknown"),
        (NotSent(FailureCode.UNREACHABLE), "running", "", "unknown"),
        (StoreUnavailable("store_full"), "paused", "fault", "unknown"),
        (refused(), "running", "", "rejected"),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_an_ending_decides_over_batch_and_run(store, answer, state, why, batch):
    run_id, platform = story(store, answer, count=1)
    run = store.runs.get(run_id)
    assert (run.state, run.why) == (state, why)
    assert states(store, run_id) == [batch, "planned", "planned"]
    assert platform.posts == (0 if getattr(answer, "before_wire", False) else 1)


def test_a_token_that_ends_midway_costs_nothing_and_resumes_once(store):
    run_id, clock = store.runs.create(scenes.plan(batches=6)), Clock()
    accept = Receipt("u", "m", 200)
    platform = Scripted(accept, accept, Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401))
    sender = scenes.engine(store, platform, clock)
    steps(sender, 5, clock)
    assert states(store, run_id) == ["accepted"] * 2 + ["planned"] * 4
    assert platform.posts == 3
    store.runs.resume(run_id)
    steps(sender, 6, clock)
    assert states(store, run_id) == ["accepted"] * 6
    assert platform.posts == 7


def test_how_long_an_answer_takes_and_when_it_goes_on_is_told(store):
    run_id, clock, told = store.runs.create(scenes.plan(batches=2)), Clock(), []

    def after_23_seconds():
        clock.now += 23.0
        told.append(sender.status)

    throttled = Throttled(FailureCode.THROTTLED, http_status=429, retry_after_seconds=90.0)
    sender = scenes.engine(store, Scripted(after_23_seconds, throttled), clock)
    steps(sender, 2)
    assert (told[0].waits, told[0].rests) == ({run_id: 23.0}, {})
    clock.now += 30.0
    assert (sender.status.waits, sender.status.rests) == ({}, {run_id: 60.0})


def test_a_throttled_batch_waits_as_long_as_the_platform_asks(store):
    run_id, clock = store.runs.create(scenes.plan(batches=1)), Clock()
    platform = Scripted(Throttled(FailureCode.THROTTLED, http_status=429, retry_after_seconds=90.0))
    sender = scenes.engine(store, platform, clock)
    sender.step()
    clock.now += 89
    sender.step()
    assert (states(store, run_id), platform.posts) == (["planned"], 1)
    clock.now += 2
    sender.step()
    assert (states(store, run_id), platform.posts) == (["accepted"], 2)


def test_the_second_unknown_outcome_stops_the_run_and_none_is_sent_again(store):
    run_id, platform = story(store, unknown(), unknown(), batches=5, count=6)
    run = store.runs.get(run_id)
    assert (run.state, run.why) == ("paused", "unknowns")
    assert states(store, run_id) == ["unknown", "unknown", "planned", "planned", "planned"]
    store.runs.resume(run_id)
    steps(scenes.engine(store, platform), 6)
    assert states(store, run_id) == ["unknown", "unknown", "accepted", "accepted", "accepted"]
    assert platform.posts == 5
    assert len(set(platform.applied)) == 5
    run = store.runs.get(run_id)
    assert (run.state, run.batches["unknown"]) == ("finished", 2)


def test_five_refusals_in_a_row_stop_the_run(store):
    run_id, _ = story(store, *[refused() for _ in range(9)], batches=8, count=9)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "refusals")
    assert states(store, run_id) == ["rejected"] * 5 + ["planned"] * 3


def test_an_acceptance_between_refusals_starts_the_count_anew(store):
    accept = Receipt("u", "m", 200)
    answers = [refused(), refused(), refused(), refused(), accept, refused(), refused(), refused(), refused()]
    run_id, _ = story(store, *answers, batches=9)
    assert store.runs.get(run_id).state == "finished"
    assert store.runs.get(run_id).batches == {"accepted": 1, "rejected": 8}


def test_numbers_in_the_platforms_text_are_masked_before_they_are_kept(store):
    run_id, _ = story(
        store, refused(message="号码13012121211重复"), Receipt("u", "已收 13012121212", 200), batches=2
    )
    assert store.batches.table(run_id)["message"].tolist() == ["号码130****1211重复", "已收 130****1212"]


def test_without_a_token_in_memory_the_run_waits_and_no_try_is_counted(store):
    run_id, platform = story(store, destination=lambda run: (run.connection, None), count=2)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why, platform.posts) == (
        "paused",
        "token_missing",
        0,
    )
    assert store.batches.table(run_id)["tries"].tolist() == [0, 0, 0]


def test_sec33_a_destination_the_administrator_forbids_gets_nothing_until_it_is_allowed(store):
    """Also where it was allowed when the run was frozen."""
    forbidden = [True]

    def where(run):
        if forbidden:
            raise DestinationForbidden("host_forbidden")
        return scenes.destination(run)

    run_id, platform = story(store, batches=2, destination=where)
    run = store.runs.get(run_id)
    assert (run.state, run.why, states(store, run_id), platform.posts) == (
        "paused",
        "forbidden",
        ["planned"] * 2,
        0,
    )
    assert store.batches.table(run_id)["code"].tolist()[0] == "host_forbidden"
    forbidden.clear()
    store.runs.resume(run_id)
    steps(scenes.engine(store, platform, destination=where), 3)
    assert (store.runs.get(run_id).state, platform.posts) == ("finished", 2)


def test_a_practice_platform_that_does_not_start_is_a_failure_before_the_wire(store):
    def nowhere(run):
        raise NotSent("practice_not_started")

    run_id, platform = story(store, destination=nowhere, count=1)
    assert (states(store, run_id), platform.posts, store.runs.get(run_id).state) == (
        ["planned"] * 3,
        0,
        "running",
    )


def test_pause_before_the_first_byte_keeps_the_batch_back(store):
    run_id = store.runs.create(scenes.plan(batches=2))
    posts = []

    def paused_meanwhile(connection, token, body, on_wire):
        store.runs.pause(run_id)
        on_wire()
        posts.append(body)

    scenes.engine(store, paused_meanwhile).step()
    assert (states(store, run_id), posts) == (["planned", "planned"], [])
    run = store.runs.get(run_id)
    assert (run.state, run.why) == ("paused", "operator")
    assert store.batches.table(run_id)["tries"].tolist() == [0, 0]


def test_pause_in_flight_lets_the_batch_end_and_starts_no_other(store):
    run_id = store.runs.create(scenes.plan(batches=3))
    seen = []

    def pause_now():
        store.runs.pause(run_id)
        seen.append(store.runs.get(run_id).state)

    sender = scenes.engine(store, Scripted(pause_now))
    steps(sender, 3)
    assert seen == ["pausing"]
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert store.runs.get(run_id).state == "paused"
    store.runs.resume(run_id)
    steps(sender, 3)
    assert (states(store, run_id), store.runs.get(run_id).state) == (["accepted"] * 3, "finished")


def test_cancel_in_flight_records_the_batch_and_drops_the_rest(store):
    run_id = store.runs.create(scenes.plan(batches=3))
    sender = scenes.engine(store, Scripted(lambda: store.runs.cancel(run_id)))
    steps(sender, 3)
    assert states(store, run_id) == ["accepted", "cancelled", "cancelled"]
    assert store.runs.get(run_id).state == "cancelled"


def test_cancel_before_the_first_byte_sends_nothing_at_all(store):
    run_id = store.runs.create(scenes.plan(batches=2))

    def cancelled_meanwhile(connection, token, body, on_wire):
        store.runs.cancel(run_id)
        on_wire()

    scenes.engine(store, cancelled_meanwhile).step()
    assert states(store, run_id) == ["cancelled", "cancelled"]
    assert store.runs.get(run_id).state == "cancelled"


def test_an_unknown_outcome_stays_unknown_when_the_run_is_cancelled(store):
    run_id, _ = story(store, unknown(), count=1)
    store.runs.cancel(run_id)
    assert states(store, run_id) == ["unknown", "cancelled", "cancelled"]


def test_the_last_batch_of_a_pausing_run_ends_the_run(store):
    run_id = store.runs.create(scenes.plan(batches=1))
    steps(scenes.engine(store, Scripted(lambda: store.runs.pause(run_id))), 1)
    assert store.runs.get(run_id).state == "finished"


def test_pause_resume_and_cancel_may_come_twice_and_late(store):
    run_id = store.runs.create(scenes.plan(batches=1))
    for act, state in (
        (store.runs.pause, "paused"),
        (store.runs.pause, "paused"),
        (store.runs.resume, "running"),
        (store.runs.resume, "running"),
        (store.runs.cancel, "cancelled"),
        (store.runs.cancel, "cancelled"),
        (store.runs.resume, "cancelled"),
        (store.runs.pause, "cancelled"),
    ):
        act(run_id)
        assert store.runs.get(run_id).state == state
        assert store.runs.conservation(run_id).holds
    assert [event.what for event in store.run_log.events(run_id)] == [
        "run_created", "run_pausing", "run_paused", "run_resumed", "run_cancelling", "batch_cancelled", "run_cancelled",
    ]  # fmt: skip


def test_a_database_that_cannot_take_the_mark_keeps_every_byte_back(store, monkeypatch):
    run_id, platform = store.runs.create(scenes.plan(batches=2)), Scripted()

    def full(*_):
        raise StoreUnavailable("store_full")

    sender = scenes.engine(store, platform)
    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "wire", full)
        sender.step()
    assert (platform.posts, states(store, run_id)) == (0, ["planned", "planned"])
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "storage")


def test_an_answer_that_cannot_be_recorded_is_kept_and_nothing_new_starts_until_it_is(store, monkeypatch):
    run_id, platform = store.runs.create(scenes.plan(batches=3)), Scripted()
    sender = scenes.engine(store, platform)

    def full(*_):
        raise StoreUnavailable("store_full")

    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "finish", full)
        for _ in range(3):
            sender.step()
        assert platform.posts == 1
        assert states(store, run_id) == ["sending", "planned", "planned"]
        assert sender.status.storage == "store_full"
    sender.step()
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "storage")
    assert sender.status.storage == ""
    store.runs.resume(run_id)
    steps(sender, 3)
    assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


def test_an_ending_whose_commit_was_reported_broken_but_stands_is_not_taken_for_a_take_over(
    store, monkeypatch
):
    run_id, platform = store.runs.create(scenes.plan(batches=1)), Scripted()
    sender, real = scenes.engine(store, platform), store.sender.finish

    def recorded_but_broken(*facts):
        real(*facts)
        raise StoreUnavailable("store_io")

    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "finish", recorded_but_broken)
        sender.step()
    sender.step()
    assert states(store, run_id) == ["accepted"]
    assert not sender.status.stands_by


def test_a_database_that_cannot_be_claimed_from_is_asked_again(store, monkeypatch):
    run_id, platform = store.runs.create(scenes.plan(batches=1)), Scripted()
    sender = scenes.engine(store, platform)

    def locked(*_):
        raise StoreUnavailable("store_locked")

    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "claim", locked)
        assert sender.step() > 0
        assert sender.status.storage == "store_locked"
    sender.step()
    assert states(store, run_id) == ["accepted"]


@pytest.mark.parametrize(("wired", "state"), [(False, "planned"), (True, "unknown")])
def test_a_bug_while_sending_is_loud_and_leaves_a_true_state(store, wired, state):
    run_id = store.runs.create(scenes.plan(batches=2))

    def bug(connection, token, body, on_wire):
        if wired:
            on_wire()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scenes.engine(store, bug).step()
    assert states(store, run_id) == [state, "planned"]
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "fault")


def test_no_thread_to_be_had_means_nothing_was_tried(store):
    run_id, platform = store.runs.create(scenes.plan(batches=1)), Scripted()

    def none_left(job):
        raise RuntimeError("can't start new thread")

    scenes.engine(store, platform, spawn=none_left).step()
    assert (states(store, run_id), platform.posts, store.runs.get(run_id).why) == (["planned"], 0, "fault")


def test_no_thread_to_be_had_leaves_no_batch_in_flight_and_the_sender_alive(store):
    run_id, platform, threads = store.runs.create(scenes.plan(batches=4)), Scripted(), []

    def none_at_first(job):
        threads.append(job)
        if len(threads) <= 4:
            raise RuntimeError("can't start new thread")
        job()

    sender = scenes.engine(store, platform, concurrency=4, spawn=none_at_first)
    sender.step()
    assert (states(store, run_id), store.runs.get(run_id).state) == (["planned"] * 4, "paused")
    store.runs.resume(run_id)
    sender.step()
    assert states(store, run_id) == ["accepted"] * 4


def test_attempts_that_fail_together_are_one_failure_and_one_probe_follows(store):
    run_id, clock, jobs = store.runs.create(scenes.plan(batches=9)), Clock(), []
    platform = Scripted(*[not_sent() for _ in range(4)])
    sender = scenes.engine(store, platform, clock, concurrency=4, spawn=jobs.append)
    sender.step()
    assert len(jobs) == 4
    clock.now += 1
    for job in jobs:
        job()
    jobs.clear()
    clock.now += 3
    sender.step()
    assert len(jobs) == 1
    jobs.pop()()
    sender.step()
    assert len(jobs) == 4
    assert states(store, run_id).count("accepted") == 1


def test_after_an_unknown_outcome_one_at_a_time_until_an_answer_is_well(store):
    jobs, platform = [], Scripted(unknown())
    run_id = store.runs.create(scenes.plan(batches=9))
    sender = scenes.engine(store, platform, concurrency=3, spawn=jobs.append)
    sender.step()
    while jobs:
        jobs.pop(0)()  # the outcome, and what was claimed before it
    assert platform.posts == 1
    sender.step()
    assert len(jobs) == 1
    jobs.pop(0)()
    sender.step()
    assert len(jobs) == 3
    assert states(store, run_id)[:2] == ["unknown", "accepted"]


def test_a_thread_goes_on_with_the_next_batch_while_its_run_is_alone(store):
    run_id, jobs, platform = (
        store.runs.create(scenes.plan(batches=5)),
        [],
        Scripted(*[Receipt("u", "m", 200)] * 2, refused()),
    )
    sender = scenes.engine(store, platform, spawn=jobs.append, follows=True)
    sender.step()
    jobs.pop()()
    assert states(store, run_id) == ["accepted", "accepted", "rejected", "planned", "planned"]
    assert jobs == []
    sender.step()
    jobs.pop()()
    assert (states(store, run_id)[3:], store.runs.get(run_id).state) == (["accepted", "accepted"], "finished")
    assert platform.posts == 5


def test_following_on_ends_where_a_person_pauses(store):
    run_id = store.runs.create(scenes.plan(batches=5))
    sender = scenes.engine(
        store, Scripted(Receipt("u", "m", 200), lambda: store.runs.pause(run_id)), follows=True
    )
    steps(sender, 3)
    assert states(store, run_id) == ["accepted", "accepted", "planned", "planned", "planned"]
    assert store.runs.get(run_id).state == "paused"


def test_two_runs_share_the_line(store):
    first, second = (
        store.runs.create(scenes.plan(batches=9)),
        store.runs.create(scenes.plan(batches=9, first_phone=14000000000)),
    )
    jobs = []
    sender = scenes.engine(store, Scripted(), concurrency=2, spawn=jobs.append, follows=True)
    for _ in range(8):
        sender.step()
        jobs.pop(0)()
    assert "accepted" in states(store, first)
    assert "accepted" in states(store, second)


def test_concurrency_has_limits(store):
    for number in (0, 17):
        with pytest.raises(ValueError, match="1 to 16"):
            scenes.engine(store, Scripted(), concurrency=number)


def test_started_on_its_own_thread_it_sends_and_close_waits_for_what_is_in_flight(store):
    run_id = store.runs.create(scenes.plan(batches=3))
    on_the_wire, answer = threading.Event(), threading.Event()

    def slow(connection, token, body, on_wire):
        on_wire()
        on_the_wire.set()
        answer.wait(PATIENCE)
        return Receipt("u", "m", 200)

    sender = Engine(store, slow, scenes.destination, concurrency=1)
    sender.start()
    sender.start()
    assert on_the_wire.wait(PATIENCE)
    assert not sender.close(limit_seconds=0.05)
    answer.set()
    assert sender.close(limit_seconds=PATIENCE)
    assert states(store, run_id) == ["accepted", "planned", "planned"]
    assert sender.step() is None


def test_wake_makes_it_look_at_once(store):
    done = threading.Event()

    def send(connection, token, body, on_wire):
        on_wire()
        done.set()
        return Receipt("u", "m", 200)

    sender = Engine(store, send, scenes.destination)
    sender.start()
    store.runs.create(scenes.plan(batches=1))
    sender.wake()
    assert done.wait(PATIENCE)
    assert sender.close(PATIENCE)


def test_a_body_that_changed_on_disk_is_never_sent(store):
    run_id, platform = store.runs.create(scenes.plan(batches=2)), Scripted()
    with store._db.write() as tx:
        tx.execute(update(batch).values(body_sha256="0" * 64))
    steps(scenes.engine(store, platform), 2)
    assert (platform.posts, states(store, run_id), store.runs.get(run_id).why) == (
        0,
        ["planned", "planned"],
        "storage",
    )
