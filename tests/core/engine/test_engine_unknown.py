"""The sender beside the reconciler: the line after an unknown outcome, settings that change, results not recorded."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lib import host, sandbox
from lib.access.administration import administration
from lib.engine import Engine
from lib.engine import __main__ as engine_command
from lib.errors import DestinationForbidden, StoreUnavailable
from lib.platform.answers import Receipt
from lib.platform.connection import ConnectionKind
from lib.reconcile import Reconciler
from lib.run.records import AttemptResult
from lib.run.settings import Settings
from lib.run.states import Outcome
from lib.server import log_records
from lib.store import Store, unrecorded
from tests import databases
from tests.core import reconcile_scenes, store_scenes
from tests.core.reconcile_scenes import TOKEN, Real, WallClock, no_answer
from tests.core.store_scenes import Clock, Scripted, states, steps
from tests.plans import NOWHERE
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def store(path):
    with closing(Store(path)) as opened:
        yield opened


class Silent:
    """A list that does not answer until told to."""

    answers = False

    def numbers(self, connection, token, page, per_page):
        if not self.answers:
            raise no_answer()
        return {"code": 200, "meta": {"total": 0, "last_page": 1}, "data": []}


def beside(store, send, listing, **rest):
    clock = WallClock()
    looking = Reconciler(store, listing, store_scenes.destination, clock)
    return store_scenes.engine(store, send, reconciler=looking, **rest), looking, clock


def test_after_an_unknown_outcome_nothing_leaves_until_the_list_has_answered(store):
    run_id, platform, listing = (
        store.runs.create(store_scenes.plan(batches=3)),
        Scripted(no_answer()),
        Silent(),
    )
    sender, looking, clock = beside(store, platform, listing)
    for _ in range(4):
        sender.step()
        looking.step()
        clock.pass_(61)
    assert (platform.posts, states(store, run_id)) == (1, ["unknown", "planned", "planned"])
    listing.answers = True
    looking.step()
    steps(sender, 3)
    assert (platform.posts, states(store, run_id)) == (3, ["unknown", "accepted", "accepted"])


def test_a_new_process_that_finds_an_unknown_outcome_asks_the_list_first(store):
    run_id, platform, listing = (
        store.runs.create(store_scenes.plan(batches=2)),
        Scripted(no_answer()),
        Silent(),
    )
    store_scenes.engine(store, platform).step()
    sender, looking, clock = beside(store, platform, listing)
    steps(sender, 2)
    assert platform.posts == 1
    listing.answers = True
    looking.step()
    steps(sender, 2)
    assert states(store, run_id) == ["unknown", "accepted"]


def test_what_was_claimed_before_the_line_stopped_is_kept_back_at_the_mark(store):
    run_id, jobs, platform = store.runs.create(store_scenes.plan(batches=3)), [], Scripted(no_answer())
    sender, _, _ = beside(store, platform, Silent(), concurrency=2, spawn=jobs.append)
    sender.step()
    assert len(jobs) == 2
    for job in jobs:
        job()
    assert (platform.posts, states(store, run_id)) == (1, ["unknown", "planned", "planned"])
    assert store.batches.table(run_id)["tries"].tolist() == [1, 0, 0]


def test_another_run_goes_on_while_one_line_is_stopped(store):
    first = store.runs.create(store_scenes.plan(batches=2))
    platform = Scripted(no_answer())
    sender, _, _ = beside(store, platform, Silent())
    sender.step()
    second = store.runs.create(store_scenes.plan(batches=1, first_phone=14000000000))
    steps(sender, 2)
    assert (states(store, first), states(store, second)) == (["unknown", "planned"], ["accepted"])


def test_the_engine_runs_the_reconciler_from_start_to_close(store):
    with sandbox.running(faults=("apply_drop@1",)) as url:
        clock = WallClock()
        real = Real(store, url, clock)
        with closing(real.platform):
            run_id = store.runs.create(reconcile_scenes.plan(2, connection=real.connection))
            sender = Engine(store, real.platform.send, concurrency=1)
            sender.start(real.destination, Reconciler(store, real.platform, real.destination, clock))
            until(
                lambda: states(store, run_id) == ["unknown", "accepted"], lambda: str(states(store, run_id))
            )
            store.decisions.check_again(int(store.batches.table(run_id)["batch_id"].iloc[0]))
            sender.wake()
            until(
                lambda: states(store, run_id) == ["accepted", "accepted"], lambda: str(states(store, run_id))
            )
            assert sender.close(PATIENCE)
        assert states(store, run_id) == ["accepted", "accepted"]
        assert "looking" not in [thread.name for thread in threading.enumerate()]


# --- settings ------------------------------------------------------------------------------------------------


def test_the_number_in_flight_follows_the_settings_while_sending(store):
    jobs = []
    store.runs.create(store_scenes.plan(batches=30))
    sender = store_scenes.engine(store, Scripted(), concurrency=None, spawn=jobs.append)
    sender.step()
    assert len(jobs) == 4
    store.settings.save(Settings(9))
    sender.step()
    assert len(jobs) == 9
    store.settings.save(Settings(2))
    for job in jobs[:6]:
        job()
    sender.step()
    assert len(jobs) == 9
    jobs[6]()
    jobs[7]()
    sender.step()
    assert len(jobs) == 10


def test_a_rate_is_kept(store):
    clock, platform = Clock(), Scripted()
    store.settings.save(Settings(8, requests_per_second=2.0))
    run_id = store.runs.create(store_scenes.plan(batches=12))
    store.runs.create(store_scenes.plan(batches=12, first_phone=14000000000))
    sender = store_scenes.engine(store, platform, clock, concurrency=None, follows=True)
    began = clock.now
    while platform.posts < 11:
        wait = sender.step()
        assert 0 < wait <= 1.0
        clock.now += min(wait, 0.5)
    assert clock.now - began == pytest.approx(5.5, abs=0.6)
    store.settings.save(Settings(8))
    clock.now += 1
    steps(sender, 20)
    assert states(store, run_id) == ["accepted"] * 12


# --- not recorded ------------------------------------------------------------------------------------------


def full(*_):
    raise StoreUnavailable("store_full")


@pytest.mark.sqlite_file
def test_an_acceptance_that_could_not_be_recorded_survives_a_restart(store, path, monkeypatch):
    run_id = store.runs.create(store_scenes.plan(batches=2))
    sender = store_scenes.engine(store, Scripted(Receipt("the-number", "收到 13012121211", 200)))
    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "finish", full)
        sender.step()
    assert states(store, run_id) == ["sending", "planned"]
    assert b"13012121211" not in path.with_name("desk.db.endings").read_bytes()
    with closing(Store(path)) as after:
        after.sender.take_over()
        assert states(after, run_id) == ["accepted", "planned"]
        assert after.batches.table(run_id)["unique_id"].iloc[0] == "the-number"
        assert unrecorded.kept(after._db) == []


@pytest.mark.sqlite_file
def test_what_was_put_aside_is_forgotten_once_it_is_recorded(store, monkeypatch):
    run_id = store.runs.create(store_scenes.plan(batches=1))
    sender = store_scenes.engine(store, Scripted())
    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "finish", full)
        sender.step()
    assert len(unrecorded.kept(store._db)) == 1
    sender.step()
    assert (states(store, run_id), unrecorded.kept(store._db)) == (["accepted"], [])


def in_flight(store):
    run_id = store.runs.create(store_scenes.plan(batches=1))
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 1)
    store.sender.wire(epoch, claim)
    return run_id, claim


ACCEPTED = AttemptResult(Outcome.ACCEPTED, unique_id="u", http_status=200)


@pytest.mark.sqlite_file
def test_only_acceptances_are_put_aside_and_only_while_there_is_room(store, monkeypatch):
    _, claim = in_flight(store)
    assert not store.sender.keep_unrecorded(claim, AttemptResult(Outcome.UNKNOWN))
    assert store.sender.keep_unrecorded(claim, ACCEPTED)
    monkeypatch.setattr(unrecorded, "SIZE", 300)
    assert not store.sender.keep_unrecorded(claim, ACCEPTED)
    monkeypatch.setattr(unrecorded, "_write", lambda *_: (_ for _ in ()).throw(OSError("no disk")))
    monkeypatch.setattr(unrecorded, "SIZE", 65_536)
    assert not store.sender.keep_unrecorded(claim, ACCEPTED)
    assert len(unrecorded.kept(store._db)) == 1


@pytest.mark.sqlite_file
def test_lines_cut_short_or_of_another_attempt_change_nothing(store, path):
    run_id, claim = in_flight(store)
    other = claim.__class__(run_id, claim.batch_id, claim.attempt_id, 1, 2, started="another time")
    assert store.sender.keep_unrecorded(other, ACCEPTED)
    with path.with_name("desk.db.endings").open("r+b") as file:
        file.seek(len(file.read().rstrip(b"\n")) + 1)
        file.write(b'{"run_id": "x"}\n{"run_id": "y", "bat')
    store.sender.take_over()
    assert states(store, run_id) == ["unknown"]


def test_a_late_acceptance_counts_even_when_the_batch_is_held(store):
    run_id, claim = in_flight(store)
    epoch = store.sender.take_over()
    assert store.evidence.hold(claim.batch_id, "absent")
    store.sender.finish(epoch - 1, claim, ACCEPTED)
    assert states(store, run_id) == ["accepted"]
    assert store.batches.table(run_id)["unique_id"].tolist() == ["u"]


# --- alone ---------------------------------------------------------------------------------------------------


@contextmanager
def assembled(path, environment=None, files=()):
    """What a process without pages sends by, not started."""
    administrator = replace(
        host.administrator_of(files), administration=lambda: administration(files, environment or {})
    )
    with closing(host.assemble(administrator, database=databases.at(path))) as services:
        yield services


@pytest.fixture
def _is_alone(tmp_path, monkeypatch):
    """A process with nothing of a developer's: no keyring, no token, no file of secrets."""
    monkeypatch.setenv("CONTACT_DESK_DATA", str(tmp_path))
    monkeypatch.setenv("CONTACT_DESK_KEYRING", "off")
    yield
    log_records.uninstall()


@pytest.mark.usefixtures("_is_alone")
def test_a_practice_run_without_an_address_gets_a_practice_platform(store, path, tmp_path):
    with assembled(path) as alone:
        run = store.runs.get(
            store.runs.create(reconcile_scenes.plan(connection=reconcile_scenes.practice("")))
        )
        connection, token = alone.destination(run)
        assert connection.base_url.startswith("http://127.0.0.1:")
        assert token == TOKEN
        own = NOWHERE
        real = own.__class__(
            own.id, own.name, ConnectionKind.REAL, "https://example.com", own.user_id, own.task_id
        )
        run = store.runs.get(store.runs.create(reconcile_scenes.plan(connection=real)))
        assert alone.destination(run) == (real, None)
        file = tmp_path / "secrets.toml"
        file.write_text('[destinations]\nhosts = ["allowed.example"]\n', encoding="utf-8")
        for restricted in ({"environment": {"CONTACT_DESK_HOSTS": "allowed.example"}}, {"files": [file]}):
            with (
                assembled(path, **restricted) as there,
                pytest.raises(DestinationForbidden, match="host_forbidden"),
            ):
                there.destination(run)


@pytest.mark.usefixtures("_is_alone")
def test_which_token_wins_is_the_same_with_and_without_pages(store, path, monkeypatch):
    """The administrator's before one that was typed; the practice platform has one of its own."""
    real = replace(NOWHERE, kind=ConnectionKind.REAL, base_url="http://127.0.0.1:9", id="a-real-one")
    runs = [
        store.runs.get(store.runs.create(reconcile_scenes.plan(connection=to)))
        for to in (reconcile_scenes.practice("http://127.0.0.1:9"), real)
    ]
    with assembled(path) as alone:
        assert [alone.destination(run)[1] for run in runs] == [TOKEN, None]
        alone.tokens.set(real.id, "typed-token")
        assert [alone.destination(run)[1] for run in runs] == [TOKEN, "typed-token"]
    monkeypatch.setenv("CONTACT_DESK_TOKEN", "given-token")
    with assembled(path) as alone:
        alone.tokens.set(real.id, "typed-token")
        assert [alone.destination(run)[1] for run in runs] == [TOKEN, "given-token"]


@pytest.mark.usefixtures("_is_alone")
def test_services_are_made_once_however_many_ask_and_again_after_their_end(path):
    made = []

    def make():
        made.append(host.assemble(host.administrator_of([]), database=databases.at(path)))
        return made[-1]

    desk, found = host.Host(make), []
    asking = [threading.Thread(target=lambda: found.append(desk.get())) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert [one is made[0] for one in found] == [True] * 8
    desk.close()
    desk.close()
    assert desk.get() is made[1]
    assert len(made) == 2
    desk.close()


def test_services_that_could_not_be_made_are_asked_for_again():
    def make():
        raise StoreUnavailable("server_gone")

    desk = host.Host(make)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="server_gone"):
            desk.get()


def test_alone_it_sends_what_waits_and_ends_when_told(store, path):
    with sandbox.running() as url:
        run_id = store.runs.create(reconcile_scenes.plan(3, connection=reconcile_scenes.practice(url)))
        process = subprocess.Popen(
            [sys.executable, "-m", "lib.engine", "--database", databases.at(path)],
            cwd=ROOT,
            env={**os.environ, "CONTACT_DESK_TOKEN": TOKEN, "CONTACT_DESK_KEYRING": "off"},
        )
        until(lambda: store.runs.get(run_id).state == "finished", lambda: str(store.runs.get(run_id)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert states(store, run_id) == ["accepted"] * 3


@pytest.mark.sqlite_file
def test_alone_it_gives_way_to_whoever_comes_after(store, path, monkeypatch):
    monkeypatch.setattr(engine_command, "WATCH_SECONDS", 0.02)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("CONTACT_DESK_DATA", str(path.parent))
    monkeypatch.setenv("CONTACT_DESK_KEYRING", "off")
    codes = []
    thread = threading.Thread(target=lambda: codes.append(engine_command.main([])))
    thread.start()
    until(lambda: store.sender.is_current(1), "it never began to send")
    store.sender.take_over()
    store.runs.create(store_scenes.plan())
    thread.join(PATIENCE)
    assert codes == [engine_command.GAVE_WAY]
