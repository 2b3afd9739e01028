"""Two processes of a desk on one PostgreSQL: what a person begins at one goes on at the other, and each duty is done once."""

from contextlib import closing
from threading import Thread

import pytest

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.erasure.retention import PASS_SECONDS, RETRY_SECONDS, RetentionWorker
from lib.errors import Conflict
from lib.reconcile import STANDBY_SECONDS
from lib.reconcile.audit import AFTER_SECONDS
from lib.store import Store
from tests.core import kept_scenes, reconcile_scenes
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Scripted, states
from tests.waiting import PATIENCE


@pytest.fixture
def first(tmp_path, clock):
    with closing(Store(tmp_path / "data" / "desk.db", clock=clock)) as opened:
        yield opened


@pytest.fixture
def second(tmp_path, clock):
    with closing(Store(tmp_path / "data" / "desk.db", clock=clock)) as opened:
        yield opened


def test_a_person_paused_at_one_resumes_at_the_other_and_nothing_goes_meanwhile(first, second):
    platforms = Scripted(), Scripted()
    senders = [
        scenes.engine(store, platform) for store, platform in zip((first, second), platforms, strict=True)
    ]
    run_id = first.runs.create(scenes.plan(batches=6))
    for one in senders:
        one.step()
    first.runs.pause(run_id)
    for one in (*senders, *senders):
        one.step()
    sent = sum(platform.posts for platform in platforms)
    assert (second.runs.get(run_id).state, second.runs.get(run_id).why) == ("paused", "operator")
    assert states(second, run_id).count("accepted") == sent == 1
    second.runs.resume(run_id)
    for _ in range(6):
        for one in senders:
            one.step()
    assert states(first, run_id) == ["accepted"] * 6
    assert [event.what for event in first.run_log.events(run_id)].count("run_resumed") == 1
    assert sum(platform.posts for platform in platforms) == 6


def test_a_paused_run_whose_process_is_gone_is_resumed_at_the_other(first, second):
    run_id, platform = first.runs.create(scenes.plan(batches=3)), Scripted()
    gone = scenes.engine(first, Scripted())
    gone.step()
    first.runs.pause(run_id)
    gone.close()
    first.close()
    second.runs.resume(run_id)
    scenes.steps(scenes.engine(second, platform), 4)
    assert (states(second, run_id), platform.posts) == (["accepted"] * 3, 2)


def test_a_draft_begun_at_one_goes_on_at_the_other(first, second):
    began = kept_scenes.draft(first, kept_scenes.csv(kept_scenes.CANARY, *kept_scenes.OTHERS))
    began.edit([(3, "name", "王五")], kept_scenes.HERE)
    there = Draft.open(second, began.id)
    assert there.sheet.table.equals(began.sheet.table)
    assert there.contacts.at[3, "name"] == "王五"
    there.edit([(4, "name", "赵六")], kept_scenes.HERE)
    with pytest.raises(Conflict, match="draft_changed"):
        began.edit([(4, "name", "孙七")], kept_scenes.HERE)
    plans = [run_plan(Draft.open(store, began.id), kept_scenes.HERE) for store in (first, second)]
    assert first.runs.create(plans[0]) == second.runs.create(plans[1])


def test_a_file_is_one_more_upload_of_the_whole_desk_and_no_file_of_a_process(first, second):
    upload_id = first.uploads.save("客户.csv", b"a,b\n\x00\xff")
    assert second.uploads.read(upload_id) == ("客户.csv", b"a,b\n\x00\xff")
    first.mappings.remember("header", {"columns": {"name": "姓名"}})
    assert second.mappings.recall("header") == {"columns": {"name": "姓名"}}


def test_what_was_kept_long_enough_is_taken_away_by_one_at_a_time(first, second, clock):
    run_id = kept_scenes.sent(
        first, kept_scenes.submitted(first, kept_scenes.draft(first, kept_scenes.csv(*kept_scenes.OTHERS)))
    )
    clock.pass_(31 * kept_scenes.DAY)
    with first.duty("retention") as is_mine:
        assert is_mine
        assert RetentionWorker(second).step() == RETRY_SECONDS
        assert not second.runs.get(run_id).data_deleted
    assert RetentionWorker(second).step() == PASS_SECONDS
    assert first.runs.get(run_id).data_deleted
    assert RetentionWorker(first).step() == PASS_SECONDS
    assert [event.what for event in first.run_log.events(run_id)].count("data_expired") == 1


def test_what_is_taken_away_waits_for_a_change_of_a_draft(first, second):
    draft_id, done = first.drafts.create({}), []
    with second._db.write("drafts"):
        thread = Thread(target=lambda: done.append(first.erasure.expire()))
        thread.start()
        thread.join(0.05)
        assert (thread.is_alive(), done) == (True, [])
    thread.join(PATIENCE)
    assert first.drafts.get(draft_id) is not None
    assert len(done) == 1


def test_for_an_unknown_outcome_one_looks_at_a_time_and_none_right_after_another(real, second):
    run_id, _ = reconcile_scenes.unknown(real.store)
    real.clock.pass_(61)
    [before] = second.evidence.open_batches()
    with second.duty(f"look {run_id}"):
        assert real.reconciler.step() <= STANDBY_SECONDS
        assert second.evidence.open_batches() == [before]
    real.reconciler.step()
    [after] = second.evidence.open_batches()
    assert (len(before.looks), len(after.looks)) == (0, 1)
    assert real.reconciler._look_alone(before, 0.0) == STANDBY_SECONDS
    assert second.evidence.open_batches() == [after]


def test_after_a_run_one_looks_whether_all_of_it_is_there(real, second):
    run_id = real.run()
    real.clock.pass_(AFTER_SECONDS + 1)
    with second.duty(f"audit {run_id}"):
        real.reconciler.step()
        assert second.run_log.notes(run_id).audit == ""
    real.reconciler.step()
    assert second.run_log.notes(run_id).audit == "complete"
