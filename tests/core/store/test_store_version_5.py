"""A database of version 5, of either kind, is opened: its looks count no time, and where senders shared one sends."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import inspect

from lib.access.people import ALONE
from lib.draft import Draft
from lib.errors import StoreUnavailable
from lib.store import Store
from tests.core import store_scenes
from tests.core.people_scenes import ANNA, store_of
from tests.core.reconcile_scenes import look, unknown
from tests.core.store.versions import shape, version_5


def before_step_6(tx):
    """Take the step back."""
    for change in (
        "ALTER TABLE batch DROP COLUMN raw",
        "ALTER TABLE scan DROP COLUMN passed",
        "ALTER TABLE lease ADD COLUMN next_post FLOAT DEFAULT '0' NOT NULL",
        "ALTER TABLE run ADD COLUMN ever_unknown INTEGER DEFAULT '0' NOT NULL",
        "ALTER TABLE run ADD COLUMN rests_until FLOAT DEFAULT '0' NOT NULL",
        "ALTER TABLE sender ADD COLUMN beat BIGINT DEFAULT 0 NOT NULL",
        "INSERT INTO sender (epoch, beat, host, pid, since) VALUES (7, 1, 'h', 1, 's')",
        "UPDATE meta SET value = '5' WHERE name = 'schema_version'",
    ):
        tx.exec_driver_sql(change)


def test_a_database_of_version_5_opens_and_its_looks_count_no_time(tmp_path, clock):
    path = tmp_path / "data" / "desk.db"
    with closing(Store(path, clock=clock)) as store:
        run_id, batch_id = unknown(store)
        look(store, batch_id, 0, clock)
        with store._db.write() as tx:
            before_step_6(tx)
    with closing(Store(path, clock=clock)) as store:
        assert look(store, batch_id, 0, clock)
        [one] = store.evidence.open_batches()
        assert [seen.passed for seen in one.looks] == [0.0, 0.0]
        assert store.decisions.evidence(run_id)[0].complete_scans == 2


def columns(store):
    with store._db.read() as tx:
        return {
            table: sorted(column["name"] for column in inspect(tx).get_columns(table))
            for table in ("batch", "lease", "run", "scan", "sender")
        }


def test_a_database_of_version_5_becomes_what_a_new_one_is_and_its_run_goes_on(tmp_path):
    path = tmp_path / "desk.db"
    with closing(Store(path)) as store:
        run_id = store.runs.create(store_scenes.plan(batches=2))
        new = columns(store)
        with store._db.write() as tx:
            before_step_6(tx)
    with closing(Store(path)) as store:
        assert columns(store) == new
        store_scenes.steps(store_scenes.engine(store, store_scenes.Scripted()), 3)
        assert store_scenes.states(store, run_id) == ["accepted"] * 2


@pytest.mark.sqlite_file
def test_a_file_of_version_5_becomes_what_a_new_one_is_and_its_run_is_not_sent_again(tmp_path):
    old, new = tmp_path / "old" / "desk.db", tmp_path / "new" / "desk.db"
    version_5(old)
    Store(new).close()
    assert shape(old) != shape(new)
    with closing(Store(old)) as store:
        [run] = store.runs.latest()
        assert run.hold_after == 0
        assert store.do_not_call.add(["13000000005"], "粘贴") == 1
        platform = store_scenes.Scripted()
        sender = store_scenes.engine(store, platform)
        store_scenes.steps(sender, 1)
        assert store.runs.get(run.id).why == "restored"  # nobody can tell how old the file is
        assert store_scenes.states(store, run.id) == ["accepted", "unknown", "unknown"]
        assert (platform.posts, store.database.restored()) == (0, "")
    assert shape(old) == shape(new)


@pytest.mark.sqlite_file
def test_a_file_of_version_5_belongs_to_whoever_is_alone(tmp_path):
    old = tmp_path / "old" / "desk.db"
    version_5(old)
    with closing(Store(old)) as store:
        [run] = store.runs.latest()
        assert (run.team, run.created_by) == ("", "person")
        assert store.do_not_call.additions()[["source", "count"]].values.tolist() == [["从前.csv", 1]]
        assert [one.id for one in store_of(store, ALONE).runs.latest()] == [run.id]
        assert store_of(store, ANNA).runs.latest() == []
        draft = Draft(store_of(store, ANNA))
        draft.load_sheet("姓名,手机号\n甲,13012121211\n".encode(), "客户.csv")
        assert not store.logins.is_shared


@pytest.mark.sqlite_file
def test_a_file_from_before_version_5_is_refused_and_not_a_byte_is_written(tmp_path):
    path = tmp_path / "old" / "desk.db"
    version_5(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE meta SET value = '4' WHERE name = 'schema_version'")
        raw.commit()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="schema_older") as refused:
        Store(path)
    assert refused.value.params == {"found": 4}
    assert path.read_bytes() == before
