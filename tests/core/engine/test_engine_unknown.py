"""The sender beside the reconciler: the line after an unknown outcome, settings that change, results not recorded."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lib import engine, host, sandbox
from lib.access.administration import administration
from lib.engine import Engine
from lib.engine.rules import FAILURE_LIMIT
from lib.errors import DestinationForbidden, Refused, StoreUnavailable, Unauthorised
from lib.platform.answers import FailureCode, Receipt
from lib.platform.connection import DEFAULT_BASE_URL, ConnectionKind
from lib.reconcile import Reconciler
from lib.run.records import AttemptResult
from lib.run.settings import Settings
from lib.run.states import Outcome
from lib.server import log_records
from lib.store import Store
from lib.store.schema import meta
from tests import databases
from tests.core import reconcile_scenes, store_scenes
from tests.core.access.scenes import AUTH
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
    """A list that does not answer, or says this, until told to."""

    answers = False

    def __init__(self, said=None):
        self.said = said

    def numbers(self, connection, token, page, per_page):
        if not self.answers:
            raise self.said or no_answer()
        return {"code": 200, "meta": {"total": 0, "last_page": 1}, "data": []}


def beside(store, send, listing, **rest):
    looking = Reconciler(store, listing, store_scenes.destination, WallClock())
    return store_scenes.engine(store, send, reconciler=looking, **rest)


def test_after_an_unknown_outcome_nothing_leaves_until_the_list_has_answered(store):
    run_id, platform, listing = (
        store.runs.create(store_scenes.plan(batches=3)),
        Scripted(no_answer()),
        Silent(),
    )
    clock = Clock()
    sender = beside(store, platform, listing, clock=clock)
    steps(sender, 4, clock)
    assert (platform.posts, states(store, run_id)) == (1, ["unknown", "planned", "planned"])
    assert store.batches.table(run_id)["tries"].tolist() == [1, 0, 0]
    listing.answers = True
    steps(sender, 3, clock)
    assert (platform.posts, states(store, run_id)) == (3, ["unknown", "accepted", "accepted"])


def test_a_list_that_stays_silent_pauses_the_run_and_one_press_asks_it_again(store):
    run_id, platform, listing = (
        store.runs.create(store_scenes.plan(batches=2)),
        Scripted(no_answer()),
        Silent(),
    )
    clock = Clock()
    sender = beside(store, platform, listing, clock=clock)
    steps(sender, 1 + FAILURE_LIMIT, clock)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "unreachable")
    listing.answers = True
    store.runs.resume(run_id)
    steps(sender, 2, clock)
    assert (platform.posts, states(store, run_id)) == (2, ["unknown", "accepted"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Refused(FailureCode.NOT_FOUND, http_status=404), "no_list"),
        (Unauthorised(FailureCode.FORBIDDEN, http_status=403), "no_list"),
        (Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401), "token"),
    ],
)
def test_without_a_list_the_run_waits_with_its_reason_and_deciding_the_batch_is_enough(store, said, why):
    run_id, platform = store.runs.create(store_scenes.plan(batches=3)), Scripted(no_answer())
    sender = beside(store, platform, Silent(said))
    steps(sender, 3)
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", why)
    store.runs.resume(run_id)
    steps(sender, 2)
    assert (store.runs.get(run_id).state, platform.posts) == ("paused", 1)
    batch_id = int(store.batches.table(run_id)["batch_id"].iloc[0])
    store.decisions.confirm_arrived(batch_id, "在平台上看到了")
    store.runs.resume(run_id)
    steps(sender, 3)
    assert (platform.posts, states(store, run_id)) == (3, ["accepted"] * 3)


def test_where_a_person_decides_while_the_list_is_silent_the_run_goes_on(store):
    run_id, platform, clock = store.runs.create(store_scenes.plan(batches=3)), Scripted(no_answer()), Clock()
    sender = beside(store, platform, Silent(), clock=clock)
    steps(sender, 3, clock)
    assert (platform.posts, store.runs.get(run_id).state) == (1, "running")
    store.decisions.confirm_arrived(int(store.batches.table(run_id)["batch_id"].iloc[0]), "在平台上看到了")
    steps(sender, 3, clock)
    assert states(store, run_id) == ["accepted"] * 3


@pytest.mark.parametrize("is_held", [False, True])
def test_a_new_process_that_finds_an_unknown_outcome_asks_the_list_first(store, is_held):
    """Careful after a stop: also where the batch waits for a person by now."""
    run_id, platform, listing = (
        store.runs.create(store_scenes.plan(batches=2)),
        Scripted(no_answer()),
        Silent(),
    )
    store_scenes.engine(store, platform).step()
    if is_held:
        assert store.evidence.hold(int(store.batches.table(run_id)["batch_id"].iloc[0]), "no_evidence")
    clock = Clock()
    sender = beside(store, platform, listing, clock=clock)
    steps(sender, 2, clock)
    assert platform.posts == 1
    listing.answers = True
    steps(sender, 2, clock)
    assert states(store, run_id) == ["held" if is_held else "unknown", "accepted"]


def test_a_new_process_is_careful_until_an_answer_is_well(store):
    jobs, platform = [], Scripted(no_answer())
    run_id = store.runs.create(store_scenes.plan(batches=6))
    store_scenes.engine(store, platform).step()
    sender = store_scenes.engine(store, platform, concurrency=4, spawn=jobs.append)
    steps(sender, 2)
    assert len(jobs) == 1
    jobs.pop()()
    sender.step()
    assert len(jobs) == 4
    assert states(store, run_id)[:2] == ["unknown", "accepted"]


def test_what_was_claimed_before_the_outcome_is_kept_back_at_the_mark(store):
    run_id, jobs, platform = store.runs.create(store_scenes.plan(batches=3)), [], Scripted(no_answer())
    sender = beside(store, platform, Silent(), concurrency=2, spawn=jobs.append)
    sender.step()
    assert len(jobs) == 2
    for job in jobs:
        job()
    assert (platform.posts, states(store, run_id)) == (1, ["unknown", "planned", "planned"])
    assert store.batches.table(run_id)["tries"].tolist() == [1, 0, 0]


def test_what_was_claimed_before_the_outcome_is_kept_back_after_a_pause_too(store):
    """The run was paused and resumed while an attempt was still connecting: it knows nothing of the outcome."""
    run_id, jobs, platform = store.runs.create(store_scenes.plan(batches=3)), [], Scripted(no_answer())
    sender = beside(store, platform, Silent(), concurrency=2, spawn=jobs.append)
    sender.step()
    jobs.pop(0)()
    store.runs.pause(run_id)
    sender.step()
    store.runs.resume(run_id)
    sender.step()
    for job in jobs:
        job()
    assert (platform.posts, states(store, run_id)) == (1, ["unknown", "planned", "planned"])


def test_an_acceptance_from_before_the_outcome_does_not_end_the_care(store):
    run_id, jobs, platform = store.runs.create(store_scenes.plan(batches=4)), [], Scripted(None, no_answer())
    listing = Silent()
    sender = beside(store, platform, listing, concurrency=2, spawn=jobs.append)
    platform.answers[0] = jobs_answer = lambda: jobs.pop(0)()  # the other one ends while this one waits
    assert jobs_answer
    sender.step()
    jobs.pop(0)()
    assert states(store, run_id)[:2] == ["accepted", "unknown"]
    sender.step()
    while jobs:
        jobs.pop(0)()
    assert platform.posts == 2
    assert states(store, run_id)[2:] == ["planned", "planned"]


def test_another_run_goes_on_while_one_waits_for_the_list(store):
    first = store.runs.create(store_scenes.plan(batches=2))
    platform = Scripted(no_answer())
    sender = beside(store, platform, Silent())
    sender.step()
    second = store.runs.create(store_scenes.plan(batches=1, first_phone=14000000000))
    steps(sender, 3)
    assert (states(store, first), states(store, second)) == (["unknown", "planned"], ["accepted"])


def test_the_engine_runs_the_reconciler_from_start_to_close(store):
    with sandbox.running(faults=("apply_drop@1",)) as url:
        clock = WallClock()
        real = Real(store, url, clock)
        with closing(real.platform):
            run_id = store.runs.create(reconcile_scenes.plan(2, connection=real.connection))
            reconciler = Reconciler(store, real.platform, real.destination, clock)
            sender = Engine(store, real.platform.send, real.destination, concurrency=1, reconciler=reconciler)
            sender.start()
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


def test_a_lower_number_in_flight_holds_for_threads_that_go_on_with_the_next_batch_too(store):
    jobs, run_id = [], store.runs.create(store_scenes.plan(batches=30))
    sender = store_scenes.engine(store, Scripted(), concurrency=None, spawn=jobs.append, follows=True)
    sender.step()
    store.settings.save(Settings(2))
    sender.step()
    jobs.pop(0)()
    jobs.pop(0)()
    assert states(store, run_id).count("accepted") == 2
    jobs.pop(0)()
    assert states(store, run_id).count("accepted") == 29


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


def test_an_answer_is_waited_for_as_long_as_was_set_when_its_request_began(store, monkeypatch):
    """And the status tells the limit of the request that is waited for."""
    jobs, told, clock = [], [], Clock()

    @contextmanager
    def limited(seconds):
        told.append(seconds)
        yield

    def hanging():
        clock.now += 7
        status = sender.status
        told.append((status.waits[run_id], status.limits[run_id]))

    monkeypatch.setattr(engine, "time_limit", limited)
    run_id = store.runs.create(store_scenes.plan(batches=2))
    store.settings.save(Settings(1, answer_seconds=30))
    sender = store_scenes.engine(
        store, Scripted(hanging, hanging), clock, concurrency=None, spawn=jobs.append
    )
    sender.step()
    store.settings.save(Settings(1, answer_seconds=600))
    sender.step()
    for _ in range(2):
        jobs.pop(0)()
        sender.step()
    assert told == [30.0, (7.0, 30.0), 600.0, (7.0, 600.0)]


@pytest.mark.parametrize("seconds", [9, 601])
def test_an_answer_is_waited_for_10_to_600_seconds(seconds):
    with pytest.raises(ValueError, match="10 to 600"):
        Settings(answer_seconds=seconds)


def test_settings_saved_by_an_earlier_version_wait_120_seconds(store):
    store.settings.save(Settings(7))
    with store._db.write() as tx:
        saved = json.loads(tx.execute(select(meta.c.value).where(meta.c.name == "settings")).scalar_one())
        del saved["answer_seconds"]
        tx.execute(update(meta).where(meta.c.name == "settings").values(value=json.dumps(saved)))
    assert store.settings.get() == Settings(7, answer_seconds=120)


# --- not recorded ------------------------------------------------------------------------------------------


def full(*_):
    raise StoreUnavailable("store_full")


def test_an_acceptance_that_could_not_be_recorded_is_recorded_once_the_database_is_back(store, monkeypatch):
    run_id = store.runs.create(store_scenes.plan(batches=2))
    sender = store_scenes.engine(store, Scripted(Receipt("the-number", "收到", 200)))
    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "finish", full)
        steps(sender, 2)
    assert states(store, run_id) == ["sending", "planned"]
    sender.step()
    assert states(store, run_id) == ["accepted", "planned"]
    assert store.batches.table(run_id)["unique_id"].iloc[0] == "the-number"


def test_an_acceptance_that_a_process_took_with_it_is_unknown_and_looked_for(store, path, monkeypatch):
    run_id = store.runs.create(store_scenes.plan(batches=2))
    sender = store_scenes.engine(store, Scripted())
    monkeypatch.setattr(store.sender, "finish", full)
    sender.step()
    store.close()
    with closing(Store(path)) as after:
        after.sender.take_over()
        assert states(after, run_id) == ["unknown", "planned"]
        assert [one.batch_id for one in after.evidence.open_batches()] == [1]


def test_an_acceptance_that_could_not_be_recorded_counts_also_where_another_process_sends_by_now(
    store, path, monkeypatch
):
    run_id = store.runs.create(store_scenes.plan(batches=1))
    sender = store_scenes.engine(store, Scripted())
    with monkeypatch.context() as broken:
        broken.setattr(store.sender, "finish", full)
        sender.step()
    store._db.locks.close()
    with closing(Store(path)) as other:
        assert other.sender.take_over()
        assert states(store, run_id) == ["unknown"]
        sender.step()
        assert states(store, run_id) == ["accepted"]


def in_flight(store):
    run_id = store.runs.create(store_scenes.plan(batches=1))
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 1)
    store.sender.wire(epoch, claim)
    return run_id, claim


ACCEPTED = AttemptResult(Outcome.ACCEPTED, unique_id="u", http_status=200)


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
def test_sec53_a_run_is_sent_with_the_token_of_its_own_team(store, path, tmp_path):
    """SEC53: whatever account and connection the run of another team names."""
    secrets = tmp_path / "secrets.toml"
    given = f'[tokens]\n"{NOWHERE.user_id}" = {{ token = "north-token", team = "north" }}\n'
    secrets.write_text(AUTH + '[people]\n"anna@example.com" = "operator"\n' + given, encoding="utf-8")
    real = replace(NOWHERE, kind=ConnectionKind.REAL, base_url=DEFAULT_BASE_URL, id="a-real-one")
    run = store.runs.get(store.runs.create(reconcile_scenes.plan(connection=real)))
    with assembled(path, files=[secrets]) as alone:
        assert [alone.destination(replace(run, team=team))[1] for team in ("north", "south", "")] == [
            "north-token",
            None,
            None,
        ]


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
