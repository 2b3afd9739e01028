"""Death and take-over at every point: nothing is sent twice, nothing is lost, nothing is claimed that is not known."""

import os
import random
import subprocess
import sys
import textwrap
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from lib.errors import NotSent, OutcomeUnknown, Refused, StoreUnavailable, Throttled, Unauthorised
from lib.platform.answers import FailureCode, Receipt
from lib.run.records import AttemptResult, Fenced
from lib.run.states import Outcome
from lib.store import Store
from lib.store.schema import attempt, sender
from tests import databases
from tests.cases import sampled
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Clock, Scripted, before_wire, states, steps

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


@pytest.fixture
def other(tmp_path, store):
    """Another process's door to the same database."""
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


def test_dead_before_the_mark_is_planned_again_and_after_it_unknown(store):
    run_id = store.runs.create(scenes.plan(batches=4))
    epoch = store.sender.take_over()
    claims = store.sender.claim(epoch, run_id, 3)
    store.sender.wire(epoch, claims[1])
    store.sender.take_over()
    assert states(store, run_id) == ["planned", "unknown", "planned", "planned"]
    assert store.batches.table(run_id)["why"].tolist() == ["crash", "crash", "crash", ""]
    assert store.runs.get(run_id).state == "running"


def test_a_start_that_finds_two_unknown_batches_waits_for_a_person(store):
    run_id = store.runs.create(scenes.plan(batches=3))
    epoch = store.sender.take_over()
    for claim in store.sender.claim(epoch, run_id, 2):
        store.sender.wire(epoch, claim)
    store.sender.take_over()
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "unknowns")


def test_dead_in_recovery_changes_nothing_and_the_next_start_recovers(store, monkeypatch):
    run_id = store.runs.create(scenes.plan(batches=2))
    epoch = store.sender.take_over()
    store.sender.wire(epoch, store.sender.claim(epoch, run_id, 1)[0])
    with monkeypatch.context() as dying:
        dying.setattr("lib.store.transitions.settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.sender.take_over()
    assert store.sender.is_current(epoch)
    assert states(store, run_id) == ["sending", "planned"]
    assert store.sender.take_over() == epoch + 1
    assert states(store, run_id) == ["unknown", "planned"]


def test_a_sender_that_slept_between_intent_and_mark_puts_no_byte_on_the_wire(store, other):
    run_id = store.runs.create(scenes.plan(batches=1))
    younger, elder_posts, younger_posts = None, [], Scripted()

    def asleep_meanwhile(connection, token, body, on_wire):
        scenes.loses_its_lock(store)
        younger.step()
        on_wire()
        elder_posts.append(body)

    younger, clock = scenes.engine(other, younger_posts), Clock()
    elder = scenes.engine(store, asleep_meanwhile, clock)
    elder.step()
    assert (elder_posts, younger_posts.posts) == ([], 1)
    steps(elder, 2, clock)
    assert (elder.status.stands_by, younger.status.stands_by) == (True, False)
    assert states(store, run_id) == ["accepted"]


def test_a_sender_that_slept_after_the_mark_leaves_unknown_and_its_late_acceptance_counts(store, other):
    run_id = store.runs.create(scenes.plan(batches=2))
    younger_posts, seen = Scripted(), []

    def asleep_in_flight():
        scenes.loses_its_lock(store)
        steps(scenes.engine(other, younger_posts), 3)
        seen.append(states(store, run_id))

    elder = scenes.engine(store, Scripted(asleep_in_flight))
    steps(elder, 2)
    assert seen == [["unknown", "accepted"]]
    assert younger_posts.posts == 1
    assert states(store, run_id) == ["accepted", "accepted"]
    assert store.batches.table(run_id)["why"].tolist() == ["late", ""]
    with store._db.read() as tx:
        outcomes = tx.execute(select(attempt.c.outcome).order_by(attempt.c.batch_id)).scalars().all()
    assert outcomes == ["accepted", "accepted"]


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.HELD_BACK, Outcome.REFUSED, Outcome.UNKNOWN])
def test_any_other_late_ending_changes_nothing(store, outcome):
    run_id = store.runs.create(scenes.plan(batches=1))
    epoch = store.sender.take_over()
    claim = store.sender.claim(epoch, run_id, 1)[0]
    store.sender.wire(epoch, claim)
    store.sender.take_over()
    with pytest.raises(Fenced):
        store.sender.finish(epoch, claim, AttemptResult(outcome))
    assert states(store, run_id) == ["unknown"]


def test_what_a_broken_transaction_claimed_all_the_same_is_sent_in_the_end(store, monkeypatch):
    run_id, platform, real = store.runs.create(scenes.plan(batches=3)), Scripted(), store.sender.claim

    def claimed_but_broken(*facts):
        real(*facts)
        raise StoreUnavailable("store_io")

    sender = scenes.engine(store, platform)
    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "claim", claimed_but_broken)
        sender.step()
    assert states(store, run_id) == ["sending", "planned", "planned"]
    steps(sender, 4)
    assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


def test_a_sender_in_doubt_does_not_take_the_line_back_from_another(store, other, monkeypatch):
    run_id, elder_posts, younger_posts = store.runs.create(scenes.plan(batches=2)), Scripted(), Scripted()
    elder, younger = scenes.engine(store, elder_posts), scenes.engine(other, younger_posts)

    def locked(*_):
        raise StoreUnavailable("store_locked")

    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "claim", locked)
        elder.step()
    scenes.loses_its_lock(store)
    steps(younger, 1)
    steps(elder, 2)
    assert elder.status.stands_by
    steps(younger, 2)
    assert (states(store, run_id), elder_posts.posts, younger_posts.posts) == (["accepted"] * 2, 0, 2)


def test_an_elder_cannot_claim(store):
    run_id = store.runs.create(scenes.plan(batches=1))
    epoch = store.sender.take_over()
    store.sender.take_over()
    with pytest.raises(Fenced):
        store.sender.claim(epoch, run_id, 1)
    assert states(store, run_id) == ["planned"]


def test_the_epoch_alone_is_enough_to_stop_an_elder(store):
    """Should a recovery ever leave a batch behind: the mark and the record compare the epoch themselves."""
    run_id = store.runs.create(scenes.plan(batches=2))
    epoch = store.sender.take_over()
    before, after = store.sender.claim(epoch, run_id, 2)
    store.sender.wire(epoch, after)
    with store._db.write() as tx:
        tx.execute(delete(sender))
    with pytest.raises(Fenced):
        store.sender.wire(epoch, before)
    with pytest.raises(Fenced):
        store.sender.finish(epoch, after, AttemptResult(Outcome.REFUSED))
    assert states(store, run_id) == ["sending", "sending"]


def test_a_mark_is_made_once(store):
    run_id = store.runs.create(scenes.plan(batches=1))
    epoch = store.sender.take_over()
    claim = store.sender.claim(epoch, run_id, 1)[0]
    store.sender.wire(epoch, claim)
    with pytest.raises(Fenced):
        store.sender.wire(epoch, claim)


CHILD = """
    import os, sys
    from lib.platform.answers import Receipt
    from lib.store import Store
    from lib.store.sender import Sender
    from tests.core import store_scenes as scenes
    path, ledger, point = sys.argv[1:]
    store = Store(path)

    def die(name):
        if point == name:
            os._exit(9)

    class Dying(Sender):
        def wire(self, *facts):
            die("before_mark")
            super().wire(*facts)
            die("after_mark")

        def finish(self, *facts):
            die("before_record")
            claims = super().finish(*facts)
            die("after_record")
            return claims

    def send(connection, token, body, on_wire):
        on_wire()
        with open(ledger, "ab") as out:
            out.write(body + b"\\n")
        die("applied")
        return Receipt("u", "m", 200)

    store.sender = Dying(store._db)
    sender = scenes.engine(store, send)
    sender.step()
"""


@pytest.mark.parametrize(
    ("point", "state", "applied"),
    [
        ("before_mark", "planned", 0),
        ("after_mark", "unknown", 0),
        ("applied", "unknown", 1),
        ("before_record", "unknown", 1),
        ("after_record", "accepted", 1),
    ],
)
def test_a_process_killed_at_this_point_leaves_the_truth(tmp_path, point, state, applied):
    path, ledger = tmp_path / "data" / "desk.db", tmp_path / "ledger"
    ledger.touch()
    with closing(Store(path)) as before:
        run_id = before.runs.create(scenes.plan(batches=2))
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHILD), databases.at(path), str(ledger), point],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert child.returncode == 9
    with closing(Store(path)) as after:
        platform = Scripted()
        sender = scenes.engine(after, platform)
        scenes.step_as_sender(sender)
        steps(sender, 2)
        assert states(after, run_id) == ["accepted" if state == "planned" else state, "accepted"]
        sent = ledger.read_bytes().splitlines() + platform.applied
        assert len(sent) == len(set(sent))
        assert len(ledger.read_bytes().splitlines()) == applied


class Dies(BaseException):
    """The process ends here: nothing after it runs, nothing is recorded."""


class Line:
    """A platform and a process that may die, drawn from a seed; keeps its own ledger of what it applied."""

    def __init__(self, store, chance):
        self.store, self.chance, self.ledger = store, chance, Counter()

    def __call__(self, connection, token, body, on_wire):
        fault = self.chance.choice(FAULTS)
        if fault == "not_sent":
            raise before_wire(NotSent(FailureCode.UNREACHABLE))
        if fault == "taken_over":
            self.store.sender.take_over()
        if fault == "paused":
            self.store.runs.pause(self.store.runs.latest()[0].id)
        if fault == "dies_before":
            raise Dies
        on_wire()
        return self._after(fault, body)

    def _after(self, fault, body):
        if fault == "unauthorised":
            raise Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401)
        if fault == "throttled":
            raise Throttled(FailureCode.THROTTLED, http_status=429)
        if fault == "refused":
            raise Refused(FailureCode.REFUSED, http_status=422)
        if fault in ("lost_before", "dies_unapplied"):
            raise OutcomeUnknown(FailureCode.DROPPED) if fault == "lost_before" else Dies
        self.ledger[body] += 1
        if fault == "lost_after":
            raise OutcomeUnknown(FailureCode.NO_ANSWER)
        if fault == "dies_applied":
            raise Dies
        return Receipt("u", "m", 200)


FAULTS = (
    *["well"] * 6, "not_sent", "taken_over", "paused", "dies_before", "unauthorised", "throttled", "refused",
    "lost_before", "lost_after", "dies_unapplied", "dies_applied",
)  # fmt: skip


def mortal(store, line, clock, follows):
    """An engine whose process can die: what dies with it is neither recorded nor loud."""
    sender = scenes.engine(store, line, clock, follows=follows)

    def record_result(attempt, effect):
        return None if sys.exc_info()[0] is Dies else real(attempt, effect)

    real, sender._record_result = sender._record_result, record_result
    return sender


@pytest.mark.parametrize("seed", sampled(range(40), 4))
def test_no_schedule_sends_twice_or_loses_a_row_or_reports_what_is_not_so(tmp_path, seed, monkeypatch):
    chance, clock = random.Random(seed), Clock()
    with closing(Store(tmp_path / "desk.db")) as store:
        run_id = store.runs.create(scenes.plan(batches=6, rows_each=1))
        line = Line(store, chance)
        sender = mortal(store, line, clock, follows=seed % 2 == 0)
        finish = store.sender.finish

        def flaky(*facts):
            if chance.random() < 0.1:
                raise StoreUnavailable("store_full")
            claims = finish(*facts)
            if chance.random() < 0.1:  # committed, and reported broken
                raise StoreUnavailable("store_io")
            return claims

        monkeypatch.setattr(store.sender, "finish", flaky)
        for _ in range(60):
            try:
                alive = sender.step() is not None
            except Dies:
                alive = False
            if not alive:
                sender = mortal(store, line, clock, follows=seed % 2 == 0)
            clock.now += 61.0
            store.runs.resume(run_id)
            assert store.runs.conservation(run_id).holds
        assert max(line.ledger.values(), default=0) <= 1
        batches = store.batches.table(run_id)
        applied = [line.ledger[store.batches.body(batch_id)] for batch_id in batches["batch_id"].tolist()]
        told = dict(zip(batches["seq"], batches["state"], strict=True))
        for (seq, state), times in zip(told.items(), applied, strict=True):
            possible = {"accepted": (1,), "unknown": (0, 1)}.get(state, (0,))
            assert times in possible, (seq, state, times)
