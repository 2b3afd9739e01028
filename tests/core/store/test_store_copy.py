"""Moving house: an SQLite file into a PostgreSQL, whole, compared, once; and never while something is being sent."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from lib.errors import Conflict, StoreUnavailable
from lib.run.records import AttemptResult
from lib.run.states import Outcome
from lib.store import Store, copy
from lib.store.database import Database
from lib.store.schema import METADATA, batch, draft
from tests import databases
from tests.core import reconcile_scenes, store_scenes
from tests.core.store_scenes import Scripted, states, steps

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def url(tmp_path):
    return databases.at(tmp_path / "data" / "server.db")


@pytest.fixture
def file(tmp_path):
    return f"sqlite:///{tmp_path / 'data' / 'desk.db'}"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "desk.db"


def fill(store):
    """Something in every table a person's work fills, odd text in it; the runs."""
    upload = store.uploads.save("客户\ud800.xlsx", b"\0\xff" * 10)
    made = store.drafts.create({"a": "b\0"}, upload)
    store.edits.add(made, [(2, "na\0me", "a", "b")])
    store.mappings.remember("f", {"phone": "手机号"})
    store.connections.save(store_scenes.CONNECTION)
    store.do_not_call.add(["13012121211"], "粘贴")
    done = store.runs.create(reconcile_scenes.plan(3))
    ids = reconcile_scenes.send(store, done, Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.ACCEPTED)
    clock = reconcile_scenes.WallClock()
    reconcile_scenes.look(store, ids[1], 1, clock)
    store.evidence.hold(ids[1], "partial")
    store.decisions.resend_missing(ids[1], 2)
    store.runs.pause(done)
    store.arrivals.ask_after(done)
    waiting = store.runs.create(store_scenes.plan(batches=2, first_phone=15000000000))
    store.runs.pause(waiting)
    return done, waiting


def moved(file, url):
    with closing(Database(file, has_moved=True)) as source, closing(Database(url)) as target:
        return copy.copy(source, target)


def test_everything_moves_and_the_desk_goes_on_from_there(file, url):
    with closing(Store(file)) as store:
        done, waiting = fill(store)
        before = (
            [store.runs.get(one) for one in (done, waiting)],
            store.batches.table(),
            store.run_log.events(done),
            store.drafts.latest(),
            store.connections.all(),
        )
        rows, key = store.runs.rows(done), store._db.key
    found = {one.table: one.rows for one in moved(file, url)}
    assert set(found) == set(METADATA.tables) - {"meta", "lease", "sender"}
    assert (
        min(
            found[name]
            for name in (
                "run",
                "batch",
                "batch_body",
                "contact_row",
                "attempt",
                "event",
                "scan",
                "arrival",
                "upload",
                "edit",
            )
        )
        > 0
    )
    with closing(Store(url)) as store:
        assert store._db.key == key
        after = (
            [store.runs.get(one) for one in (done, waiting)],
            store.batches.table(),
            store.run_log.events(done),
            store.drafts.latest(),
            store.connections.all(),
        )
        assert before[0] == after[0]
        assert before[1].equals(after[1])
        assert before[2:] == after[2:]
        assert rows.equals(store.runs.rows(done))
        assert store.uploads.read(store.drafts.latest()[0].upload_id) == ("客户?.xlsx", b"\0\xff" * 10)
        assert store.do_not_call.among(["130 1212 1211"]) == ["130 1212 1211"]
        platform = Scripted()
        sender = store_scenes.engine(store, platform)
        for one in (done, waiting):
            store.runs.resume(one)
        steps(sender, 6)
        assert states(store, waiting) == ["accepted"] * 2
        assert platform.posts == 3
        assert store.runs.create(store_scenes.plan(batches=1, first_phone=16000000000)) != done


def test_the_file_is_not_opened_any_more_and_a_second_time_only_compares(file, url):
    with closing(Store(file)) as store:
        fill(store)
    first = moved(file, url)
    with pytest.raises(StoreUnavailable, match="store_moved") as told:
        Store(file)
    assert told.value.params["to"].rpartition("/")[2]
    assert moved(file, url) == first


def test_one_that_still_sends_from_the_file_sends_no_further_byte(file, url):
    with closing(Store(file)) as store:
        run_id, platform = store.runs.create(store_scenes.plan(batches=2)), Scripted()
        sender = store_scenes.engine(store, platform)
        sender.step()
        store.runs.pause(run_id)
        moved(file, url)
        store.runs.resume(run_id)
        steps(sender, 3)
        steps(sender, 2)
        assert (platform.posts, sender.status.stands_by, sender.status.storage) == (1, True, "store_moved")


@pytest.mark.parametrize("going", ["running", "sending"])
def test_nothing_moves_while_a_run_is_going(file, url, going):
    with closing(Store(file)) as store:
        run_id = store.runs.create(store_scenes.plan(batches=2))
        if going == "sending":
            epoch = store.sender.take_over()
            store.sender.claim(epoch, run_id, 1)
            with store._db.write() as tx:
                tx.exec_driver_sql("UPDATE run SET state = 'paused'")
        with pytest.raises(Conflict, match="copy_run_going"):
            moved(file, url)
    with closing(Store(url)) as store:
        assert store.runs.latest() == []


def test_a_database_with_something_else_in_it_stays_as_it_is(file, url):
    with closing(Store(file)) as store:
        fill(store)
    with closing(Store(url)) as store:
        mine = store.drafts.create({"mine": 1})
    with pytest.raises(Conflict, match="copy_target_used"):
        moved(file, url)
    Store(file).close()
    with closing(Store(url)) as store:
        assert [one.id for one in store.drafts.latest()] == [mine]


def test_a_row_that_changed_since_is_found_by_the_checksum(file, url):
    with closing(Store(file)) as store:
        fill(store)
    moved(file, url)
    with closing(Database(url)) as target, target.write() as tx:
        tx.execute(update(draft).values(state="{}"))
    with pytest.raises(Conflict, match="copy_target_used") as told:
        moved(file, url)
    assert told.value.params == {"table": "draft"}


def test_what_reads_otherwise_than_it_was_is_taken_back_whole(file, url, monkeypatch):
    with closing(Store(file)) as store:
        fill(store)
    real = copy._take

    def damaging(old, new, table):
        real(old, new, table)
        if table is batch:
            new.execute(update(batch).values(message="something else"))

    monkeypatch.setattr(copy, "_take", damaging)
    with pytest.raises(StoreUnavailable, match="copy_differs"):
        moved(file, url)
    Store(file).close()
    with closing(Store(url)) as store:
        assert store.runs.latest() == []


def test_the_key_that_was_given_has_to_be_the_files_own(file, url):
    with closing(Store(file)) as store:
        fill(store)
        key = store._db.key
    with closing(Database(file)) as source, closing(Database(url)) as target:
        target._given_key = b"x" * 32
        with pytest.raises(StoreUnavailable, match="server_key"):
            copy.copy(source, target)
        target._given_key = key
        copy.copy(source, target)
    with pytest.raises(StoreUnavailable, match="server_key"):
        Store(url)
    Store(url, key=key).close()


@pytest.mark.long
def test_the_command_tells_what_it_moved_and_why_it_does_not(path, file, url):
    with closing(Store(file)) as store:
        fill(store)
    command = [sys.executable, "-m", "lib.store", "copy"]

    def said(*rest):
        return subprocess.run([*command, *rest], cwd=ROOT, capture_output=True, text=True, check=False)

    done = said(str(path), url)
    assert done.returncode == 0, done.stderr
    assert "tables are the same in both." in done.stdout
    named = path.with_name("secrets.toml")
    named.write_text(f'DATABASE_URL = "{url}"\n', encoding="utf-8")
    again = said(str(path), "--secrets", str(named))
    assert again.stdout == done.stdout, again.stderr
    assert said(str(path), "mysql://x/y").returncode == 1
    assert "DATABASE_URL" in said(str(path), "mysql://x/y").stderr
    assert said(str(path.with_name("none.db")), url).returncode == 2
    with closing(sqlite3.connect(path)) as raw:
        assert "moved" in [name for (name,) in raw.execute("SELECT name FROM meta")]


def test_an_ending_of_the_file_counts_no_longer(file, url):
    """The late answer of a sender on the file finds it fenced."""
    with closing(Store(file)) as store:
        run_id = store.runs.create(store_scenes.plan(batches=1))
        epoch = store.sender.take_over()
        [claim] = store.sender.claim(epoch, run_id, 1)
        store.sender.finish(epoch, claim, AttemptResult(Outcome.NOT_SENT))
        store.runs.pause(run_id)
        moved(file, url)
        assert not store.sender.is_current(epoch)


def test_a_backup_made_before_the_first_start_on_the_server_is_told_too(file, url):
    """What was planned in the file may have gone out since: nothing of it is sent again."""
    with closing(Store(file)) as store:
        run_id = store.runs.create(store_scenes.plan(batches=2))
        store.runs.pause(run_id)
    moved(file, url)
    with closing(Store(url)) as store:
        store_scenes.restore_in_place(store)
    with closing(Store(url)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["unknown", "unknown"]
