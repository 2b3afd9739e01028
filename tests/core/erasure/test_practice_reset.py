"""Beginning practice anew: practice runs go as if they had never been, real ones stay as they are."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from lib.arrivals import ArrivalWorker
from lib.errors import Conflict, OutcomeUnknown
from lib.platform.connection import Connection, create
from lib.reconcile import Reconciler
from lib.run.records import ActiveRun, RunRecord
from lib.run.states import DataDeed, Why
from lib.store import Store
from lib.store import erasure as store_erasure
from lib.store.recovery import RESTORED
from lib.store.schema import data_log, erasure, meta, run
from tests.core import store_scenes
from tests.core.kept_scenes import (
    CANARY,
    HERE,
    OTHERS,
    csv,
    data_folder,
    draft,
    rows_by_table,
    sent,
    submitted,
)
from tests.core.reconcile_scenes import Real, WallClock, plan
from tests.core.traces import traces

REAL = create("外呼", "https://ai.api.longlonglong.cn", HERE.user_id, HERE.task_id)


def test_nothing_of_practice_is_left_and_nothing_of_a_real_run_is_touched(store: Store) -> None:
    real = sent(store, submitted(store, draft(store, csv(*OTHERS)), REAL), OutcomeUnknown("no_answer"))
    before = rows_by_table(store)
    first = sent(store, submitted(store, draft(store, csv(CANARY))))
    sent(store, submitted(store, draft(store, csv(CANARY[:-1] + "0"))), OutcomeUnknown("no_answer"))
    assert not store.history.already_sent(HERE, [CANARY]).empty
    assert store.retention.erase_practice() == 2
    assert rows_by_table(store) == before
    assert store.runs.get(real)
    assert store.history.already_sent(HERE, [CANARY]).empty
    assert not store.history.already_sent(REAL, [OTHERS[0]]).empty
    with pytest.raises(Conflict, match="run_gone"):
        store.runs.get(first)
    assert traces(data_folder(store), CANARY) == set()
    with store._db.read() as tx:
        assert tx.execute(select(data_log.c.what)).scalars().all()[-1] == DataDeed.PRACTICE_RESET


@pytest.mark.sqlite_file
def test_a_start_after_it_does_not_take_the_database_for_an_older_backup(
    store: Store, tmp_path: Path
) -> None:
    """The mark beside the database names the attempt that was sent last, and counts them all."""
    sent(store, submitted(store, draft(store, csv(CANARY))))
    store.retention.erase_practice()
    real = submitted(store, draft(store, csv(*OTHERS)), REAL)
    path = Path(store._db._path)
    for answers in (
        (),
        (OutcomeUnknown("no_answer"),),
    ):  # the second time attempts have numbers that were used before
        store.close()
        store = Store(path)
        with closing(store):
            sender = store_scenes.engine(store, store_scenes.Scripted(*answers))
            if answers:
                store_scenes.steps(sender, 2)
            assert store.sender.take_over() > 0
            assert RESTORED not in facts(store)
            assert store.runs.get(real).why != Why.RESTORED
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    with closing(Store(path)) as store:
        sent(store, submitted(store, draft(store, csv(CANARY[:-1] + "1"))))
    shutil.copy(backup, path)
    with closing(Store(path)) as store:
        assert store.sender.take_over() > 0
        assert RESTORED in facts(store), "a backup from before the last sending is still told"


def facts(store: Store) -> set[str]:
    with store._db.read() as tx:
        return set(tx.execute(select(meta.c.name)).scalars())


def test_while_one_of_them_is_being_sent_nothing_goes(store: Store) -> None:
    submitted(store, draft(store, csv(*OTHERS)))
    with pytest.raises(Conflict, match="practice_running"):
        store.retention.erase_practice()
    with store._db.read() as tx:
        assert tx.execute(select(func.count()).select_from(run)).scalar_one() == 1


def test_a_paused_one_goes(store: Store) -> None:
    run_id = submitted(store, draft(store, csv(*OTHERS)))
    store.runs.pause(run_id)
    assert store.retention.erase_practice() == 1


def test_a_number_that_waited_for_a_batch_that_went_keeps_nobody_from_deleting_the_rest(store: Store) -> None:
    """The run went between the look at what waits and its turn."""
    run_id = submitted(store, draft(store, csv(*OTHERS)))
    store.runs.pause(run_id)
    batch_id = int(store.batches.table(run_id)["batch_id"].iloc[0])
    with store._db.write() as tx:
        tx.execute(insert(erasure).values(phone_key=1, batch_id=batch_id, asked="2026-01-01", who="local"))
    with store._db.read() as tx:
        [wish] = tx.execute(select(erasure)).all()
    store.retention.erase_practice()
    assert store_erasure._finish(store._db, wish, store._db.clock()) is False


def test_only_those_of_the_teams_that_are_named_go(store: Store) -> None:
    run_id = submitted(store, draft(store, csv(*OTHERS)))
    store.runs.pause(run_id)
    assert store.retention.erase_practice(["华东"]) == 0
    assert store.runs.get(run_id)


def test_whoever_is_at_work_on_a_run_that_goes_goes_on_with_the_rest(
    store: Store, url: str, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender, whoever looks for unknown outcomes and after a run, and whoever asks what arrived."""
    real = Real(store, url, clock)
    real.control(reset=True)
    looks = 0

    def erasing(run: RunRecord) -> tuple[Connection, str]:
        nonlocal looks
        looks -= 1
        if looks == 0:
            store.retention.erase_practice()
        return real.destination(run)

    looker = Reconciler(store, real.platform, erasing, clock)
    for faults in (["apply_drop"], []):  # looked for, and looked at after its end
        for first in (0, 3):
            real.run(*faults, batches=1, first=first)
        looks = 1
        waits = [looker.step()]
        clock.pass_(61)
        assert 0 in [*waits, looker.step()]
        assert (store.evidence.open_batches(), store.audits.due()) == ([], [])
        assert looker.step() > 0
        real.control(reset=True)
    real.run(batches=1)
    clock.pass_(61)
    looks = 1
    assert ArrivalWorker(store, real.platform, erasing, clock, gap_seconds=7).step() == 7
    assert store.looks.open(()) == []
    run_id = store.runs.create(plan(1, connection=real.connection))
    active = store.sender.active_runs

    def gone_meanwhile() -> list[ActiveRun]:
        found = active()
        store.runs.pause(run_id)
        store.retention.erase_practice()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(store.sender, "active_runs", gone_meanwhile)
        assert real.engine.step() == 0
    assert real.engine.step() != 0
    real.platform.close()
