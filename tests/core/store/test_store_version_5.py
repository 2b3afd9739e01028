"""A database of version 5, of either kind, is opened: its looks count no time, and where senders shared one sends."""

from contextlib import closing

from sqlalchemy import inspect

from lib.store import Store
from tests.core import store_scenes
from tests.core.reconcile_scenes import look, unknown


def before_step_6(tx):
    """Take the step back."""
    for change in (
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
            for table in ("lease", "run", "scan", "sender")
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
