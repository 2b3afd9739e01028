"""A database of version 5, of either kind, is opened: what was looked at before counts no time, and looking goes on."""

from contextlib import closing

from lib.store import Store
from tests.core.reconcile_scenes import look, unknown


def test_a_database_of_version_5_opens_and_its_looks_count_no_time(tmp_path, clock):
    path = tmp_path / "data" / "desk.db"
    with closing(Store(path, clock=clock)) as store:
        run_id, batch_id = unknown(store)
        look(store, batch_id, 0, clock)
        with store._db.write() as c:
            c.exec_driver_sql("ALTER TABLE scan DROP COLUMN passed")
            c.exec_driver_sql("UPDATE meta SET value = '5' WHERE name = 'schema_version'")
    with closing(Store(path, clock=clock)) as store:
        assert look(store, batch_id, 0, clock)
        [one] = store.evidence.open_batches()
        assert [seen.passed for seen in one.looks] == [0.0, 0.0]
        assert store.decisions.evidence(run_id)[0].complete_scans == 2
