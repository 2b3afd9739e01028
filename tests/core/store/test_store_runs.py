"""Runs: frozen once, never twice, and counted so that every row of the file is somewhere."""

import dataclasses
import hashlib
import json
import threading
from contextlib import closing

import pandas as pd
import pytest
from sqlalchemy import update

from lib.errors import Conflict, StoreUnavailable
from lib.platform.connection import ConnectionKind
from lib.store import Store
from lib.store.schema import batch
from tests.core import store_scenes as scenes


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "data" / "desk.db")) as opened:
        yield opened


def test_a_run_is_frozen_with_every_row_and_the_exact_bytes(store):
    run_id = store.runs.create(scenes.plan(batches=3, rows_each=2, held_back=1))
    run = store.runs.get(run_id)
    assert (run.state, run.rows_total, run.to_send, run.held_back) == ("running", 7, 6, 1)
    assert (run.batches, run.rows_by_state) == ({"planned": 3}, {"planned": 6})
    assert run.connection == scenes.CONNECTION
    batches = store.batches.table(run_id)
    assert batches[["seq", "rows", "first_row", "last_row"]].values.tolist() == [
        [1, 2, 2, 3],
        [2, 2, 4, 5],
        [3, 2, 6, 7],
    ]
    bodies = [json.loads(store.batches.body(batch_id))["data"] for batch_id in batches["batch_id"].tolist()]
    assert [len(body) for body in bodies] == [2, 2, 2]
    assert [entry["phone"] for body in bodies for entry in body] == [str(13000000000 + at) for at in range(6)]
    assert store.runs.source(run_id)[:4] == b"PAR1"
    assert store.runs.conservation(run_id).holds


def test_rows_tell_where_each_row_of_the_sheet_is_without_its_number(store):
    rows = store.runs.rows(store.runs.create(scenes.plan(batches=1, rows_each=2, held_back=1)))
    assert rows["row"].tolist() == [2, 3, 4]
    assert rows["disposition"].tolist() == ["to_send", "to_send", "held_back"]
    assert rows["batch"].tolist() == [1, 1, -1]
    assert rows["batch_state"].tolist() == ["planned", "planned", ""]
    assert rows["phone_masked"].tolist() == ["130****0000", "130****0001", "130****0002"]


def test_a_double_click_gives_the_first_run_and_writes_nothing(store):
    draft_id = store.drafts.create({})
    first = store.runs.create(scenes.plan(draft_id=draft_id))
    again = store.runs.create(dataclasses.replace(scenes.plan(batches=5), draft_id=draft_id))
    assert again == first
    assert len(store.runs.latest()) == 1
    assert len(store.batches.table()) == 2
    assert store.drafts.get(draft_id).run_id == first


def test_clicks_at_the_same_moment_make_one_run(store):
    draft_id, made = store.drafts.create({}), []
    together = threading.Barrier(4)

    def click():
        plan = scenes.plan(draft_id=draft_id)
        together.wait()
        made.append(store.runs.create(plan))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert len(store.runs.latest()) == 1


def wrong_disposition(plan):
    plan.rows.loc[2, "disposition"] = "somewhere"


def row_without_batch(plan):
    plan.rows.loc[2, "batch"] = -1


def held_back_row_in_a_batch(plan):
    plan.rows.loc[plan.rows.index[-1], "batch"] = 1


def row_moved_to_another_batch(plan):
    plan.rows.loc[2, "batch"] = 2


def rows_of_two_batches_changed_places(plan):
    plan.rows.loc[[2, 5], "batch"] = [2, 1]


def other_number_than_in_the_body(plan):
    plan.rows.loc[2, "phone"] = "13999999999"


@pytest.mark.parametrize(
    "damage",
    [
        wrong_disposition,
        row_without_batch,
        held_back_row_in_a_batch,
        row_moved_to_another_batch,
        rows_of_two_batches_changed_places,
        other_number_than_in_the_body,
    ],
)
def test_a_plan_that_does_not_add_up_is_refused_whole(store, damage):
    plan = scenes.plan()
    damage(plan)
    with pytest.raises(ValueError, match="row|batch"):
        store.runs.create(plan)
    assert store.runs.latest() == []


@pytest.mark.parametrize("spelling", ["13000000000", "+86 130-0000-0000"])
def test_a_number_that_a_plan_would_send_twice_is_refused_whole(store, spelling):
    """In the same batch or in another, whatever the person allows."""
    for row in (3, 4):
        plan = scenes.plan(repeats_allowed=True)
        plan.rows.loc[row, "phone"] = spelling
        with pytest.raises(ValueError, match="sent twice"):
            store.runs.create(plan)
    assert store.runs.latest() == []


def test_a_batch_that_would_send_anothers_rows_once_more_is_refused(store):
    plan = scenes.plan(batches=3)
    (first, count, body), *rest = plan.bodies
    with pytest.raises(ValueError, match="other numbers"):
        store.runs.create(dataclasses.replace(plan, bodies=[(first, count, body), (2, count, body), rest[1]]))
    assert store.runs.latest() == []


def test_a_batch_without_a_body_is_refused(store):
    plan = scenes.plan()
    short = dataclasses.replace(plan, bodies=list(plan.bodies)[:1])
    with pytest.raises(ValueError, match="no body"):
        store.runs.create(short)


def test_numbers_are_found_again_in_other_spellings_until_their_batch_is_cancelled(store):
    run_id = store.runs.create(scenes.plan(batches=1))
    asked = ["13000000000", "+86 130-0000-0001", "13000000001_x9k2", "13999999999"]
    found = store.history.already_sent(scenes.CONNECTION, asked)
    assert sorted(found["phone"]) == sorted(asked[:3])
    assert set(found["state"]) == {"planned"}
    assert set(found["run_id"]) == {run_id}
    store.runs.cancel(run_id)
    assert store.history.already_sent(scenes.CONNECTION, asked).empty


def test_a_row_held_back_does_not_count_as_sent(store):
    store.runs.create(scenes.plan(batches=1, rows_each=1, held_back=1))
    assert store.history.already_sent(scenes.CONNECTION, ["13000000001"]).empty


def test_another_task_and_the_real_platform_have_their_own_history(store):
    store.runs.create(scenes.plan(batches=1))
    other = dataclasses.replace(scenes.CONNECTION, task_id="0" * 8 + scenes.CONNECTION.task_id[8:])
    real = dataclasses.replace(scenes.CONNECTION, kind=ConnectionKind.REAL)
    moved = dataclasses.replace(
        scenes.CONNECTION, base_url="http://127.0.0.1:5", task_id=scenes.CONNECTION.task_id.upper()
    )
    assert store.history.already_sent(other, ["13000000000"]).empty
    assert store.history.already_sent(real, ["13000000000"]).empty
    assert len(store.history.already_sent(moved, ["13000000000"])) == 1


def test_where_repeats_are_not_allowed_a_second_run_with_the_same_numbers_is_refused(store):
    store.runs.create(scenes.plan(batches=1))
    with pytest.raises(Conflict) as refused:
        store.runs.create(scenes.plan(batches=2, repeats_allowed=False))
    assert (refused.value.code, refused.value.params) == ("numbers_taken", {"count": 2})
    assert len(store.runs.latest()) == 1
    store.runs.create(scenes.plan(batches=1, first_phone=13100000000, repeats_allowed=False))
    assert len(store.runs.latest()) == 2


def test_runs_come_newest_first(store):
    made = [store.runs.create(scenes.plan()) for _ in range(3)]
    assert [run.id for run in store.runs.latest()] == made[::-1]
    assert [run.id for run in store.runs.latest(limit=1)] == made[-1:]


def test_batches_are_found_by_state_by_text_and_by_number(store):
    run_id = store.runs.create(scenes.plan(batches=3))
    sender = scenes.engine(store, scenes.Scripted())
    scenes.steps(sender, 1)
    assert store.batches.table(state="accepted")["unique_id"].tolist() == ["unique-1"]
    assert store.batches.table(search="nique-1")["seq"].tolist() == [1]
    assert store.batches.table(search="130 0000 0003")["seq"].tolist() == [2]
    assert store.batches.table(search="客户")["seq"].tolist() == [1, 2, 3]
    assert store.batches.table(search="%").empty
    assert store.batches.table(run_id=run_id, limit=1)["seq"].tolist() == [1]
    assert len(store.batches.table(limit=None)) == 3


def test_a_missing_run_is_named(store):
    with pytest.raises(Conflict, match="run_gone"):
        store.runs.get("nowhere")


@pytest.mark.sqlite_file
def test_contents_are_deleted_only_when_nothing_is_open_and_then_for_good(store, tmp_path):
    canary = b"CANARY-13012121211"
    plan = dataclasses.replace(scenes.plan(batches=1), source=canary)
    run_id = store.runs.create(plan)
    assert canary in (tmp_path / "data" / "desk.db").read_bytes()
    with pytest.raises(Conflict, match="run_open"):
        store.retention.delete_run(run_id)
    scenes.steps(scenes.engine(store, scenes.Scripted()), 2)
    batch_id = int(store.batches.table(run_id)["batch_id"].iloc[0])
    store.retention.delete_run(run_id)
    store.retention.delete_run(run_id)
    for read in (lambda: store.runs.source(run_id), lambda: store.batches.body(batch_id)):
        with pytest.raises(Conflict, match="data_deleted"):
            read()
    for path in (tmp_path / "data").iterdir():
        assert canary not in path.read_bytes(), path.name
    assert [event.what for event in store.run_log.events(run_id)].count("data_deleted") == 1
    assert store.batches.table(run_id)["unique_id"].tolist() == ["unique-1"]


@pytest.mark.sqlite_file
def test_no_full_number_is_stored_outside_bodies_and_source(store, tmp_path):
    store.runs.create(dataclasses.replace(scenes.plan(batches=2), source=b""))
    data = (tmp_path / "data" / "desk.db").read_bytes()
    assert b"13000000" not in data
    assert b"130****0000" in data


def test_a_body_that_changed_on_disk_is_not_given_out(store):
    run_id = store.runs.create(scenes.plan(batches=1))
    batch_id = int(store.batches.table(run_id)["batch_id"].iloc[0])
    other = hashlib.sha256(b"other").hexdigest()
    with store._db.write() as tx:
        tx.execute(update(batch).values(body_sha256=other))
    with pytest.raises(StoreUnavailable, match="store_corrupt"):
        store.batches.body(batch_id)


def test_accepted_rows_are_counted_per_day(store):
    store.runs.create(scenes.plan(batches=2, rows_each=3))
    assert store.history.sent_per_day(30).empty
    scenes.steps(scenes.engine(store, scenes.Scripted()), 3)
    days = store.history.sent_per_day(30)
    assert days[["kind", "rows", "batches"]].values.tolist() == [["practice", 6, 2]]
    assert len(days["day"].iloc[0]) == 10


def test_figures_tell_what_was_sent_what_was_accepted_and_what_arrived(store):
    store.runs.create(scenes.plan(batches=2, rows_each=3))
    assert store.history.came_of(7) == {}, "what waits was not sent"
    scenes.steps(scenes.engine(store, scenes.Scripted()), 3)
    assert store.history.came_of(7) == {"practice": (6, 6, 0)}, "nobody has looked yet whether it arrived"


def test_damaged_text_in_a_row_held_back_does_not_stop_the_run(store):
    plan = scenes.plan(batches=1)
    for name, text in (("extra", "a\ud800b"), ("phone", "1\udfff3\0")):
        plan.rows[name] = pd.Series([*plan.rows[name][:-1], text], index=plan.rows.index, dtype=object)
    rows = store.runs.rows(store.runs.create(plan))
    assert rows["extra"].iloc[-1] == "a?b"
    assert len(rows) == 3
