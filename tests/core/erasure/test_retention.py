"""What has been kept long enough goes, to the last byte; what somebody still needs stays (SEC26)."""

import logging
from contextlib import closing

import pytest
from sqlalchemy import insert, update

from lib.contact.keys import mark_digests
from lib.erasure.retention import PASS_SECONDS, RETRY_SECONDS, RetentionWorker
from lib.errors import Conflict, StoreUnavailable
from lib.run.arrivals import ArrivalNote, ImportLook
from lib.run.journal import By
from lib.run.retention_rules import draft_end, is_to_announce
from lib.run.settings import Settings
from lib.run.states import DataDeed, Outcome
from lib.store import Store, retention, sqlite
from lib.store.schema import mapping_memory
from lib.store.schema import run as run_table
from lib.times import as_text
from tests.core import reconcile_scenes, store_scenes
from tests.core.kept_scenes import (
    CANARY,
    DAY,
    HERE,
    OTHERS,
    csv,
    data_folder,
    draft,
    everywhere,
    sent,
    submitted,
)
from tests.core.traces import traces


def test_sec26_the_bytes_of_a_number_are_gone_when_its_time_has_come(store, clock):
    runs = everywhere(store)
    assert traces(data_folder(store), CANARY) >= {"utf-8", "utf-16", "zlib", "deflate"}
    clock.pass_(31 * DAY)
    assert store.erasure.expire().facts == {"runs": 2}
    clock.pass_(8 * DAY)
    assert store.erasure.expire().facts == {"drafts": 1}
    assert traces(data_folder(store), CANARY) == set()
    if not store.is_on_server:
        left = {path.name: path.stat().st_size for path in data_folder(store).iterdir()}
        assert left.pop("desk.db-journal", 0) == 0  # SQLite cuts it; it holds nothing between transactions
        assert sorted(left) == ["desk.db", "desk.db.key", "desk.db.mark", "desk.db.sender"]
    for run_id in runs:
        assert store.runs.conservation(run_id).holds
        assert store.runs.get(run_id).data_deleted
        assert store.batches.table(run_id)["unique_id"].ne("").all()
        with pytest.raises(Conflict, match="data_deleted"):
            store.runs.source(run_id)
    assert store.drafts.get(store.runs.get(runs[0]).draft_id) is None


def test_sec26_a_number_is_still_known_while_its_fingerprint_is_kept_and_not_after(store, clock):
    run_id = sent(store, submitted(store, draft(store, csv(CANARY))))
    clock.pass_(31 * DAY)
    store.erasure.expire()
    assert store.history.already_sent(HERE, [f"+86{CANARY}"])["run_id"].tolist() == [run_id]
    assert store.runs.rows(run_id)["phone_masked"].tolist() == ["139****4321"]
    clock.pass_(60 * DAY)
    assert store.erasure.expire().facts == {"fingerprints": 1}
    assert store.history.already_sent(HERE, [CANARY]).empty
    assert store.runs.rows(run_id)["phone_masked"].tolist() == [""]
    assert store.runs.get(run_id).forgotten
    assert store.runs.conservation(run_id).holds
    assert store.erasure.expire().facts == {}


def test_sec26_with_no_time_of_keeping_a_run_goes_as_soon_as_nothing_needs_it(store, clock):
    store.retention.change_periods(0, 90)
    run_id = sent(store, submitted(store, draft(store, csv(CANARY))))
    batch_id = int(store.batches.table(run_id)["batch_id"][0])
    assert store.erasure.expire().runs == 0  # the platform is still to be asked what became of it
    for _ in range(3):
        store.looks.record(batch_id, ImportLook(ArrivalNote.NOT_OFFERED))
    assert store.erasure.expire().runs == 0  # the look after the end is still to be made
    store.audits.record(run_id, "list_missing")
    assert store.erasure.expire().runs == 1


def paused(store):
    run_id = store.runs.create(store_scenes.plan())
    store.runs.pause(run_id)
    return run_id


STORIES = {
    "still running": lambda store, clock: store.runs.create(store_scenes.plan()),
    "paused": lambda store, clock: paused(store),
    "an outcome unknown": lambda store, clock: reconcile_scenes.unknown(store)[0],
    "a decision to make": lambda store, clock: reconcile_scenes.held(store, clock)[0],
}


@pytest.mark.parametrize("story", STORIES)
def test_sec26_what_is_not_settled_loses_nothing(store, clock, story):
    run_id = STORIES[story](store, clock)
    clock.pass_(400 * DAY)
    assert store.erasure.expire().facts == {}
    assert store.runs.source(run_id)
    assert store.batches.body(int(store.batches.table(run_id)["batch_id"][0]))
    assert store.retention.figures().open_runs == 1


def test_sec26_a_batch_that_is_still_asked_about_keeps_its_run(store, clock):
    run_id = store.runs.create(reconcile_scenes.plan())
    [batch_id] = reconcile_scenes.send(store, run_id, Outcome.ACCEPTED)
    clock.pass_(DAY * 40)
    store.arrivals.ask_after(run_id)
    assert store.erasure.expire().facts == {}
    store.looks.record(batch_id, ImportLook(ArrivalNote.WAITING))
    assert store.erasure.expire().facts == {"runs": 1}


def test_sec26_a_decision_made_late_counts_as_the_end(store, clock):
    run_id, batch_id = reconcile_scenes.held(store, clock)
    clock.pass_(40 * DAY)
    store.decisions.leave_out_missing(batch_id)
    assert store.erasure.expire().facts == {}
    clock.pass_(31 * DAY)
    assert store.erasure.expire().facts == {"runs": 1}


def test_sec26_a_mark_of_the_persons_own_is_known_again_though_its_text_is_gone(store, clock):
    first = store.runs.create(reconcile_scenes.plan(marks="客户编号"))
    reconcile_scenes.send(store, first, Outcome.ACCEPTED)
    clock.pass_(31 * DAY)
    store.erasure.expire()
    assert store.runs.rows(first)["extra"].tolist() == mark_digests(
        store._db.key, [f"客户编号-{at}" for at in range(3)]
    )
    assert traces(data_folder(store), "客户编号") == set()
    _, batch_id = reconcile_scenes.unknown(store, marks="客户编号", repeats_allowed=True)
    assert [row.token for row in store.evidence.wanted(batch_id)] == [
        "",
        "",
        "",
    ]  # the list may show those of the first run
    _, other = reconcile_scenes.unknown(store, marks="别的编号", repeats_allowed=True)
    assert [row.token for row in store.evidence.wanted(other)] == [f"别的编号-{at}" for at in range(3)]


# --- drafts ---------------------------------------------------------------------------------------------------


def test_a_drafts_end_is_told_for_a_week_before_it_comes(store, clock):
    made = draft(store, csv(CANARY))
    clock.pass_(400 * DAY)  # the app was not running meanwhile
    assert store.erasure.expire().facts == {}
    [record] = store.drafts.latest()
    end = store.retention.draft_end(record, store.settings.get())
    assert end[:10] == as_text(clock() + 7 * DAY)[:10]
    clock.pass_(6.9 * DAY)
    assert store.erasure.expire().facts == {}
    clock.pass_(0.2 * DAY)
    assert store.erasure.expire().facts == {"drafts": 1}
    assert store.drafts.get(str(made.id)) is None


def test_whoever_touches_a_draft_takes_its_end_back(store, clock):
    made, kept = draft(store, csv(CANARY)), draft(store, csv(*OTHERS))
    clock.pass_(25 * DAY)
    store.erasure.expire()
    assert all(record.announced for record in store.drafts.latest())
    made.leave_out([2])
    store.retention.keep_draft(str(kept.id))
    assert [record.announced for record in store.drafts.latest()] == ["", ""]
    assert store.journal.data_log()["what"].tolist() == [DataDeed.DRAFT_KEPT]


def test_an_end_that_was_told_is_taken_back_when_drafts_are_kept_longer(store, clock):
    draft(store, csv(CANARY))
    clock.pass_(25 * DAY)
    store.erasure.expire()
    store.retention.change_periods(180, 180)
    store.erasure.expire()
    assert store.drafts.latest()[0].announced == ""


@pytest.mark.parametrize("days", [0, 3, 7])
def test_however_short_the_time_of_keeping_a_draft_is_announced_for_a_week(days):
    assert is_to_announce(1_000.0, days, 1_000.0)
    assert draft_end(1_000.0, 1_000.0, days) == 1_000.0 + 7 * DAY


def test_a_file_that_belongs_to_no_draft_goes_after_a_day(store, clock):
    store.uploads.save("halb.csv", csv(CANARY))
    assert store.erasure.expire().facts == {}
    clock.pass_(DAY + 60)
    assert store.erasure.expire().facts == {"files": 1}
    assert traces(data_folder(store), CANARY) == set()


def test_a_mapping_with_a_number_in_it_is_not_remembered(store):
    store.mappings.remember(
        "a", {"mapping": {"constants": {"phone": CANARY}, "extra_seed": "0" * 32}, "components": []}
    )
    store.mappings.remember(
        "b",
        {
            "mapping": {"columns": {"phone": "手机号"}, "extra_seed": "13917654321abc" + "d" * 18},
            "components": [],
        },
    )
    assert store.mappings.recall("a") is None
    assert store.mappings.recall("b") is not None


def test_a_run_that_goes_on_again_between_the_look_and_the_deletion_loses_nothing(store, clock, monkeypatch):
    run_id, batch_id = reconcile_scenes.held(store, clock)
    clock.pass_(40 * DAY)
    monkeypatch.setattr(retention, "_ids", lambda *_: [run_id])
    assert store.erasure.expire().facts == {}
    assert store.batches.body(batch_id)
    assert not store.runs.get(run_id).forgotten


def test_a_draft_that_an_earlier_version_left_with_a_deleted_run_goes(store):
    made = draft(store, csv(CANARY))
    run_id = sent(store, submitted(store, made))
    with store._db.write() as tx:
        tx.execute(update(run_table).where(run_table.c.id == run_id).values(data_deleted="2026-01-01"))
    store.erasure.expire()
    assert store.drafts.get(str(made.id)) is None


def test_a_mapping_with_a_number_that_an_earlier_version_kept_goes(store):
    with store._db.write() as tx:
        tx.execute(
            insert(mapping_memory).values(
                fingerprint="a", mapping=f'{{"columns": {{"phone": "{CANARY}"}}}}', used=""
            )
        )
    store.erasure.expire()
    assert store.mappings.recall("a") is None
    assert traces(data_folder(store), CANARY) == set()


def test_a_run_without_marks_goes_too(store, clock):
    run_id = store.runs.create(reconcile_scenes.plan(marks=""))
    reconcile_scenes.send(store, run_id, Outcome.ACCEPTED)
    clock.pass_(31 * DAY)
    assert store.retention.due(32, 90) == (0, 0)
    assert store.retention.due(29, 30) == (1, 1)
    assert store.erasure.expire().facts == {"runs": 1}


# --- logs, the file, the thread -------------------------------------------------------------------------------


def test_sec26_logs_stay_a_year(store, clock):
    run_id = sent(store, submitted(store, draft(store, csv(CANARY))))
    store.retention.change_periods(10, 20)
    clock.pass_(364 * DAY)
    store.erasure.expire()
    assert store.run_log.events(run_id)
    clock.pass_(3 * DAY)
    store.erasure.expire()
    assert store.run_log.events(run_id) == []
    assert store.journal.data_log().empty
    assert store.runs.get(run_id).rows_by_state == {"accepted": 1}
    assert store.batches.table(run_id)["unique_id"].tolist() == ["unique-1"]


@pytest.mark.sqlite_file
def test_the_file_is_written_anew_only_when_nothing_is_being_sent(store, clock):
    going = store.runs.create(store_scenes.plan(first_phone=15800000000))
    store.drafts.delete(str(draft(store, csv(CANARY)).id))
    store.erasure.expire()
    assert store.retention.figures().owed
    store.runs.pause(going)
    store.erasure.expire()
    assert not store.retention.figures().owed
    assert traces(data_folder(store), CANARY) == set()


@pytest.mark.sqlite_file
def test_a_file_another_process_reads_waits_for_the_next_pass(store, monkeypatch):
    store.drafts.delete(str(draft(store, csv(CANARY)).id))
    with monkeypatch.context() as broken:
        broken.setattr(type(store._db), "vacuum", refused)
        assert store.erasure.vacuum() is False
    assert store.retention.figures().owed
    assert store.erasure.vacuum() is True


def refused(*_):
    raise StoreUnavailable("store_locked")


@pytest.mark.sqlite_file
def test_a_write_ahead_log_holds_nothing_either(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(sqlite, "wal_is_safe", lambda: True)
    with closing(Store(tmp_path / "wal" / "desk.db", clock=clock)) as store:
        everywhere(store)
        assert (tmp_path / "wal" / "desk.db-wal").stat().st_size
        clock.pass_(40 * DAY)
        store.erasure.expire()
        clock.pass_(8 * DAY)
        store.erasure.expire()
        assert traces(tmp_path / "wal", CANARY) == set()


def test_the_thread_makes_a_pass_at_its_start_and_says_counts_only(store, clock, caplog):
    everywhere(store)
    clock.pass_(31 * DAY)
    keeper = RetentionWorker(store)
    with caplog.at_level(logging.INFO):
        assert keeper.step() == PASS_SECONDS
    assert "2 runs" in caplog.text
    assert CANARY not in caplog.text


def test_a_database_that_cannot_be_written_is_asked_again_soon(store, monkeypatch, caplog):
    monkeypatch.setattr(type(store.erasure), "expire", refused)
    assert RetentionWorker(store).step() == RETRY_SECONDS
    assert "store_locked" in caplog.text


def test_the_thread_begins_once_and_ends_when_told(store, clock):
    everywhere(store)
    clock.pass_(31 * DAY)
    keeper = RetentionWorker(store)
    keeper.start()
    thread = keeper._thread
    keeper.start()
    assert keeper._thread is thread
    keeper.wake()
    keeper.close()
    assert not thread.is_alive()
    assert store.retention.figures().runs == 0


@pytest.mark.parametrize(("keep", "prints"), [(-1, 90), (181, 200), (30, 29), (30, 3_651)])
def test_times_of_keeping_have_bounds(store, keep, prints):
    with pytest.raises(ValueError, match="day|fingerprints"):
        Settings(keep_days=keep, fingerprint_days=prints)
    with pytest.raises(ValueError, match="day|fingerprints"):
        store.retention.change_periods(keep, prints)


def test_other_settings_stay_when_the_times_of_keeping_change(store):
    store.settings.save(Settings(concurrency=7))
    store.retention.change_periods(5, 50, By("小王"))
    assert store.settings.get() == Settings(concurrency=7, keep_days=5, fingerprint_days=50)
    [line] = store.journal.data_log().to_dict("records")
    assert (line["who"], line["facts"]) == ("小王", {"keep_days": 5, "fingerprint_days": 50})
    assert {(one.who, one.about) for one in store.journal.latest()} >= {
        ("小王", "keep_days"),
        ("小王", "fingerprint_days"),
    }
