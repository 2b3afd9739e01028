"""Unknown outcomes: every change of state there is and none beside it, and what a person may decide when."""

import json
from contextlib import closing

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lib.errors import Conflict, StoreUnavailable
from lib.run.settings import Settings
from lib.run.states import TRANSITIONS, BatchState, Outcome
from lib.store import Store
from lib.store.schema import batch
from lib.times import as_text
from tests.core import reconcile_scenes as scenes
from tests.core import store_scenes
from tests.core.reconcile_scenes import held, look, state, unknown
from tests.core.store.versions import shape, version_5
from tests.plans import NOWHERE

# --- every state, by the ways there are ---------------------------------------------------------------------


def planned(store, clock):
    run_id = store.runs.create(scenes.plan())
    return int(store.batches.table(run_id)["batch_id"].iloc[0])


def cancelled(store, clock):
    batch_id = planned(store, clock)
    store.runs.cancel(store.batches.table()["run_id"].iloc[0])
    return batch_id


def ended(outcome):
    return lambda store, clock: scenes.send(store, store.runs.create(scenes.plan()), outcome)[0]


def split(store, clock):
    _, batch_id = held(store, clock)
    store.decisions.resend_missing(batch_id, 3)
    return batch_id


INTO = {
    "planned": planned,
    "sending": ended(None),
    "accepted": ended(Outcome.ACCEPTED),
    "rejected": ended(Outcome.REFUSED),
    "unknown": ended(Outcome.UNKNOWN),
    "held": lambda store, clock: held(store, clock)[1],
    "split": split,
    "cancelled": cancelled,
}

ACTIONS = {
    "arrived": lambda store, one: store.evidence.arrived(one, [2, 3, 4]),
    "hold": lambda store, one: store.evidence.hold(one, "no_evidence"),
    "check_again": lambda store, one: store.decisions.check_again(one),
    "resend": lambda store, one: store.decisions.resend_missing(one, 3),
    "leave_out": lambda store, one: store.decisions.leave_out_missing(one),
    "confirm": lambda store, one: store.decisions.confirm_arrived(one, "在平台上看到了"),
}

LEADS_TO = {
    ("unknown", "arrived"): "accepted",
    ("held", "arrived"): "accepted",
    ("unknown", "hold"): "held",
    ("held", "check_again"): "unknown",
    ("held", "resend"): "split",
    ("held", "leave_out"): "cancelled",
    ("held", "confirm"): "accepted",
    ("unknown", "confirm"): "accepted",
}


def act(store, batch_id, action):
    """What the action was refused for ("" for nothing), and whether it left an event."""
    before = len(store.run_log.events(store.batches.table()["run_id"].iloc[0]))
    code = ""
    try:
        ACTIONS[action](store, batch_id)
    except Conflict as refused:
        code = refused.code
    return code, len(store.run_log.events(store.batches.table()["run_id"].iloc[0])) > before


@pytest.mark.parametrize(("old", "action"), list(LEADS_TO))
def test_an_action_changes_the_states_it_is_for(store, clock, old, action):
    batch_id = INTO[old](store, clock)
    assert state(store, batch_id) == old
    assert act(store, batch_id, action) == ("", True)
    assert state(store, batch_id) == LEADS_TO[old, action]


@pytest.mark.parametrize("old", list(INTO))
def test_an_action_changes_no_state_that_it_is_not_for(store, clock, old):
    batch_id = INTO[old](store, clock)
    for action in ACTIONS:
        if (old, action) not in LEADS_TO:
            code, told = act(store, batch_id, action)
            assert (code in ("", "not_held"), told, state(store, batch_id)) == (True, False, old), action


def moves(batch_id, new):
    return update(batch).where(batch.c.id == batch_id).values(state=new)


@pytest.mark.parametrize(("old", "new"), sorted(TRANSITIONS))
def test_the_database_takes_every_change_of_state_there_is(store, clock, old, new):
    batch_id = INTO[old.value](store, clock)
    with store._db.write() as tx:
        assert tx.execute(moves(batch_id, new.value)).rowcount == 1


@pytest.mark.parametrize("old", list(INTO))
def test_the_database_itself_refuses_every_other_change_of_state(store, clock, old):
    batch_id = INTO[old](store, clock)
    with store._db.write() as tx:
        assert tx.execute(moves(batch_id, old)).rowcount == 1
    for new in BatchState:
        if new != old and (BatchState(old), new) not in TRANSITIONS:
            with store._db.write() as tx, pytest.raises(IntegrityError, match="does not exist"):
                tx.execute(moves(batch_id, new.value))


def test_unknown_never_goes_back_to_planned():
    assert {new for old, new in TRANSITIONS if old == BatchState.UNKNOWN} == {
        BatchState.ACCEPTED,
        BatchState.HELD,
    }
    assert [old for old, new in TRANSITIONS if new == BatchState.PLANNED] == [BatchState.SENDING]


# --- looks ---------------------------------------------------------------------------------------------------


def test_a_look_is_recorded_with_its_event_and_changes_no_state(store, clock):
    run_id, batch_id = unknown(store)
    assert look(store, batch_id, 0, clock)
    assert look(store, batch_id, 0, clock, complete=False, note="list_moved")
    [known] = store.decisions.evidence(run_id)
    assert (known.state, known.scans, known.complete_scans, known.note) == ("unknown", 2, 1, "list_moved")
    assert (known.found, known.missing, known.why, known.held_as, known.can_resend) == (
        0,
        3,
        "no_answer",
        "",
        False,
    )
    assert known.last_scan < known.next_scan_at
    assert (known.first_row, known.last_row, known.rows, known.seq) == (2, 4, 3, 1)
    codes = [event.code for event in store.run_log.events(run_id) if event.what == "batch_scanned"]
    assert codes == ["complete", "list_moved"]


def test_rows_once_found_stay_found_and_count_as_accepted(store, clock):
    run_id, batch_id = unknown(store)
    look(store, batch_id, 2, clock)
    look(store, batch_id, 0, clock)
    look(store, batch_id, 3, clock, complete=False)
    [known] = store.decisions.evidence(run_id)
    assert (known.found, known.missing) == (2, 1)
    assert store.runs.get(run_id).rows_by_state == {"accepted": 2, "unknown": 1}
    assert store.runs.rows(run_id)["batch_state"].tolist() == ["accepted", "accepted", "unknown"]
    assert store.runs.conservation(run_id).holds


def test_a_look_for_a_settled_batch_is_not_recorded(store, clock):
    _, batch_id = unknown(store)
    store.decisions.confirm_arrived(batch_id, "看到了")
    assert not look(store, batch_id, 0, clock)


def test_arrival_needs_every_row(store, clock):
    run_id, batch_id = unknown(store)
    assert not store.evidence.arrived(batch_id, [2, 3])
    assert state(store, batch_id) == "unknown"
    assert store.evidence.arrived(batch_id, [4])
    assert (state(store, batch_id), store.runs.get(run_id).state) == ("accepted", "finished")
    assert store.batches.table()["unique_id"].tolist() == [""]
    assert store.runs.get(run_id).rows_by_state == {"accepted": 3}
    assert not store.evidence.arrived(batch_id, [4])


def test_a_kind_that_contradicts_what_was_found_holds_nothing(store, clock):
    _, batch_id = unknown(store)
    assert not store.evidence.hold(batch_id, "partial")
    look(store, batch_id, 1, clock)
    assert not store.evidence.hold(batch_id, "absent")
    assert store.evidence.hold(batch_id, "partial")
    with pytest.raises(ValueError, match="gone"):
        store.evidence.hold(batch_id, "gone")


# --- decisions -----------------------------------------------------------------------------------------------


def test_what_is_missing_goes_on_in_a_child_with_the_same_marks(store, clock):
    run_id, batch_id = held(store, clock, "partial")
    parent = json.loads(store.batches.body(batch_id))
    child_id = store.decisions.resend_missing(batch_id, 2, who="小王")
    child = json.loads(store.batches.body(child_id))
    assert child == {**parent, "data": parent["data"][1:]}
    assert [row["extra"] for row in child["data"]] == ["mark-1", "mark-2"]
    run = store.runs.get(run_id)
    assert (run.state, run.batches, run.rows_by_state) == (
        "running",
        {"planned": 1, "split": 1},
        {"accepted": 1, "planned": 2},
    )
    assert store.runs.rows(run_id)["batch"].tolist() == [1, 2, 2]
    assert store.runs.conservation(run_id).holds
    told = {event.what: event.who for event in store.run_log.events(run_id)}
    assert (told["batch_split"], told["batch_resent"]) == ("小王", "小王")
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 5)
    assert (claim.batch_id, claim.body()) == (child_id, store.batches.body(child_id))


def test_a_child_may_be_held_and_split_again(store, clock):
    run_id, batch_id = held(store, clock, "partial")
    child_id = store.decisions.resend_missing(batch_id, 2)
    assert scenes.send(store, run_id, Outcome.UNKNOWN) == [child_id]
    look(store, child_id, 1, clock)
    assert store.evidence.hold(child_id, "partial")
    grandchild = store.decisions.resend_missing(child_id, 1)
    assert [row["extra"] for row in json.loads(store.batches.body(grandchild))["data"]] == ["mark-2"]
    assert store.runs.conservation(run_id).holds
    assert store.runs.get(run_id).rows_by_state == {"accepted": 2, "planned": 1}


@pytest.mark.parametrize(
    ("age", "code"), [(0, None), (59, None), (61, "evidence_stale"), (-5, "evidence_stale")]
)
def test_only_a_look_within_the_last_minute_lets_anything_go_again(store, clock, age, code):
    run_id, batch_id = held(store, clock)
    clock.pass_(age)
    assert store.decisions.evidence(run_id)[0].can_resend is (code is None)
    if code is None:
        assert store.decisions.resend_missing(batch_id, 3)
        return
    with pytest.raises(Conflict, match=code):
        store.decisions.resend_missing(batch_id, 3)
    assert state(store, batch_id) == "held"
    assert [one.batch_id for one in store.evidence.open_batches()] == [batch_id]  # a look is asked for
    look(store, batch_id, 0, clock)
    assert store.evidence.open_batches() == []
    assert store.decisions.resend_missing(batch_id, 3)


def test_a_look_that_did_not_reach_the_end_is_no_reason_to_send_again(store, clock):
    _, batch_id = held(store, clock)
    clock.pass_(61)
    look(store, batch_id, 0, clock, complete=False, note="list_failed")
    with pytest.raises(Conflict, match="evidence_stale"):
        store.decisions.resend_missing(batch_id, 3)


def test_a_fresh_look_that_finds_more_leaves_less_to_send(store, clock):
    _, batch_id = held(store, clock)
    look(store, batch_id, 2, clock)
    with pytest.raises(Conflict, match="count_wrong") as wrong:
        store.decisions.resend_missing(batch_id, 3)
    assert wrong.value.params == {"count": 1}
    assert len(json.loads(store.batches.body(store.decisions.resend_missing(batch_id, 1)))["data"]) == 1


def test_the_count_must_be_typed_right(store, clock):
    _, batch_id = held(store, clock)
    for typed in (0, 2, 4):
        with pytest.raises(Conflict, match="count_wrong"):
            store.decisions.resend_missing(batch_id, typed)
    assert state(store, batch_id) == "held"


def test_without_evidence_nothing_goes_again(store, clock):
    _, batch_id = held(store, clock, "no_evidence")
    look(store, batch_id, 0, clock)
    with pytest.raises(Conflict, match="evidence_missing"):
        store.decisions.resend_missing(batch_id, 3)


def test_where_no_list_can_tell_a_person_who_looked_has_it_sent_again(store, clock):
    """Their word is kept with the count they typed; the child is looked for once more before it leaves."""
    run_id, batch_id = held(store, clock, "no_evidence")
    for typed, reason, code in ((3, " ", "reason_missing"), (2, "逐个搜索过", "count_wrong")):
        with pytest.raises(Conflict, match=code):
            store.decisions.resend_on_word(batch_id, typed, reason)
    child_id = store.decisions.resend_on_word(batch_id, 3, "逐个搜索过 13012121211", who="小王")
    assert (state(store, batch_id), state(store, child_id)) == ("split", "planned")
    told = {event.what: event.who for event in store.run_log.events(run_id)}
    assert (told["batch_split"], told["batch_resent"]) == ("小王", "小王")
    with store._db.read() as tx:
        kept = tx.exec_driver_sql(f"SELECT decision FROM batch WHERE id = {batch_id}").scalar()
    assert kept == "逐个搜索过 130****1211"
    [claim] = store.sender.claim(store.sender.take_over(), run_id, 1)
    assert (claim.batch_id, claim.again) == (child_id, True)


def test_where_the_list_can_tell_nobodys_word_stands_for_it(store, clock):
    _, batch_id = held(store, clock)
    with pytest.raises(Conflict, match="not_held"):
        store.decisions.resend_on_word(batch_id, 3, "逐个搜索过")


def test_a_second_click_finds_it_decided(store, clock):
    run_id, batch_id = held(store, clock)
    store.decisions.resend_missing(batch_id, 3)
    with pytest.raises(Conflict, match="not_held"):
        store.decisions.resend_missing(batch_id, 3)
    assert len(store.batches.table(run_id)) == 2


def test_what_was_resent_of_a_stopped_run_goes_out(store, clock):
    run_id = store.runs.create(scenes.plan(2))
    [batch_id] = scenes.send(store, run_id, Outcome.UNKNOWN)
    store.runs.cancel(run_id)
    look(store, batch_id, 0, clock)
    store.evidence.hold(batch_id, "absent")
    child_id = store.decisions.resend_missing(batch_id, 3)
    assert store.runs.get(run_id).state == "running"
    assert [claim.batch_id for claim in store.sender.claim(store.sender.take_over(), run_id, 9)] == [child_id]


def test_while_a_run_is_being_stopped_nothing_is_planned(store, clock):
    run_id = store.runs.create(scenes.plan(2))
    [batch_id, _] = scenes.send(store, run_id, Outcome.UNKNOWN, None)
    look(store, batch_id, 0, clock)
    store.evidence.hold(batch_id, "absent")
    store.runs.cancel(run_id)
    with pytest.raises(Conflict, match="run_stopping"):
        store.decisions.resend_missing(batch_id, 3)


def test_leaving_out_frees_the_missing_numbers_and_keeps_the_found_ones(store, clock):
    run_id, batch_id = held(store, clock, "partial")
    phones = ["13000000000", "13000000001", "13000000002"]
    assert len(store.history.already_sent(NOWHERE, phones)) == 3
    store.decisions.leave_out_missing(batch_id)
    assert store.runs.get(run_id).rows_by_state == {"accepted": 1, "cancelled": 2}
    sent = store.history.already_sent(NOWHERE, phones)
    assert (sent["phone"].tolist(), sent["state"].tolist()) == (["13000000000"], ["accepted"])
    assert store.runs.rows(run_id)["batch_state"].tolist() == ["accepted", "cancelled", "cancelled"]
    assert int(store.history.sent_per_day()["rows"].sum()) == 1
    assert store.history.came_of(1) == {"practice": (1, 1, 1)}
    store.retention.delete_run(run_id)


def test_what_a_person_left_out_without_evidence_is_not_sent_again_without_a_question(store, clock):
    """Nobody knows whether these rows arrived: the same sheet is refused until the person allows repeats."""
    _, batch_id = held(store, clock, "no_evidence")
    store.decisions.leave_out_missing(batch_id)
    sent = store.history.already_sent(NOWHERE, ["13000000000", "13000000001", "13000000002"])
    assert (sent["batch_id"].tolist(), sent["state"].tolist()) == ([batch_id] * 3, ["unknown"] * 3)
    with pytest.raises(Conflict) as refused:
        store.runs.create(scenes.plan())
    assert (refused.value.code, refused.value.params) == ("numbers_taken", {"count": 3})
    store.runs.create(scenes.plan(repeats_allowed=True))


def test_what_may_be_there_through_a_batch_left_out_without_evidence_tells_no_later_row(store, clock):
    _, batch_id = held(store, clock, "no_evidence")
    store.decisions.leave_out_missing(batch_id)
    _, later = unknown(store, repeats_allowed=True)
    assert [(row.token, row.phone) for row in store.evidence.wanted(later)] == [("", "")] * 3


def test_found_rows_of_a_split_batch_stay_taken(store, clock):
    run_id, batch_id = held(store, clock, "partial")
    child_id = store.decisions.resend_missing(batch_id, 2)
    sent = store.history.already_sent(NOWHERE, ["13000000000", "13000000001"])
    assert dict(zip(sent["batch_id"], sent["state"], strict=True)) == {
        batch_id: "accepted",
        child_id: "planned",
    }
    with pytest.raises(Conflict, match="numbers_taken"):
        store.runs.create(scenes.plan(1, 1))


def test_held_numbers_are_taken_and_their_data_is_kept(store, clock):
    run_id, _ = held(store, clock)
    with pytest.raises(Conflict, match="numbers_taken"):
        store.runs.create(scenes.plan())
    with pytest.raises(Conflict, match="run_open"):
        store.retention.delete_run(run_id)


def test_a_person_who_sends_numbers_again_is_in_the_log(store):
    store.runs.create(scenes.plan())
    run_id = store.runs.create(scenes.plan(repeats_allowed=True))
    [event] = [event for event in store.run_log.events(run_id) if event.what == "repeats_allowed"]
    assert (event.who, event.code) == ("person", "3")
    fresh = store.runs.create(scenes.plan(first=500, repeats_allowed=True))
    assert "repeats_allowed" not in [event.what for event in store.run_log.events(fresh)]


def test_checking_again_starts_the_evidence_over(store, clock):
    run_id, batch_id = held(store, clock)
    store.decisions.check_again(batch_id, who="小王")
    [known] = store.decisions.evidence(run_id)
    assert (known.state, known.held_as, known.scans, known.complete_scans) == ("unknown", "", 0, 0)
    [one] = store.evidence.open_batches()
    assert (one.asked, one.looks) == (True, ())
    assert one.since == pytest.approx(clock(), abs=5)
    assert store.run_log.events(run_id)[-1].who == "小王"


def test_an_unknown_batch_can_be_looked_for_now(store, clock):
    run_id, batch_id = unknown(store)
    store.decisions.check_again(batch_id)
    store.decisions.look_now(batch_id)
    assert (state(store, batch_id), store.evidence.open_batches()[0].asked) == ("unknown", True)
    assert store.decisions.evidence(run_id)[0].next_scan_at <= as_text(clock())
    store.decisions.confirm_arrived(batch_id, "看到了")
    with pytest.raises(Conflict, match="not_held"):
        store.decisions.look_now(batch_id)


def test_confirming_needs_a_reason_and_keeps_it(store, clock):
    run_id, batch_id = held(store, clock)
    with pytest.raises(Conflict, match="reason_missing"):
        store.decisions.confirm_arrived(batch_id, "  \n ")
    store.decisions.confirm_arrived(batch_id, "在任务里\n数到 3 个", who="小王")
    with store._db.read() as tx:
        kept = tx.execute(batch.select().where(batch.c.id == batch_id)).one()
    assert (kept.decision, kept.decided_by, kept.why, kept.unique_id) == (
        "在任务里 数到 3 个",
        "小王",
        "manual",
        "",
    )
    assert store.run_log.events(run_id)[-1].what == "batch_confirmed"


def test_a_batch_that_does_not_exist_is_named(store):
    with pytest.raises(Conflict, match="batch_gone"):
        store.decisions.check_again(99)


def test_a_body_that_does_not_hold_the_rows_is_not_guessed_about(store, clock):
    _, batch_id = held(store, clock)
    with store._db.write() as tx:
        tx.exec_driver_sql("UPDATE contact_row SET batch_seq = NULL WHERE row = 3")
    with pytest.raises(StoreUnavailable, match="store_corrupt"):
        store.evidence.wanted(batch_id)
    with store._db.write() as tx:
        tx.exec_driver_sql("UPDATE contact_row SET batch_seq = 1, delivery = '' WHERE row = 3")
        tx.exec_driver_sql("DELETE FROM batch_body")
    with pytest.raises(Conflict, match="data_deleted"):
        store.decisions.resend_missing(batch_id, 3)
    assert state(store, batch_id) == "held"


def test_marks_and_numbers_that_another_batch_has_too_tell_nothing(store):
    _, first = unknown(store)
    _, second = unknown(store, repeats_allowed=True)
    _, third = unknown(store, marks="other", repeats_allowed=True)
    assert [(row.token, row.phone) for row in store.evidence.wanted(second)] == [("", "")] * 3
    assert [(row.token, row.phone) for row in store.evidence.wanted(third)] == [
        (f"other-{at}", "") for at in range(3)
    ]
    _, alone = unknown(store, first=100)
    assert [row.phone for row in store.evidence.wanted(alone)] == [
        str(13_000_000_100 + at) for at in range(3)
    ]


def test_the_controls_are_those_accepted_after_or_else_those_before(store):
    run_id = store.runs.create(scenes.plan(5))
    accepted, unsure = Outcome.ACCEPTED, Outcome.UNKNOWN
    ids = scenes.send(store, run_id, accepted, unsure, accepted, accepted, unsure)
    younger, elder = store.evidence.control(ids[1]), store.evidence.control(ids[4])
    assert younger.tokens == {f"mark-{at}" for at in range(6, 12)}
    assert elder.tokens == {f"mark-{at}" for at in (0, 1, 2, *range(6, 12))}
    _, alone = unknown(store, first=900, connection=scenes.practice("http://127.0.0.1:9"))
    assert store.evidence.control(alone) is not None
    with store._db.write() as tx:
        tx.exec_driver_sql("UPDATE batch SET why = 'manual' WHERE state = 'accepted'")
    assert store.evidence.control(alone) is None


def test_the_largest_delay_of_the_task_is_remembered(store, clock):
    _, batch_id = unknown(store)
    look(store, batch_id, 0, clock, lag=300.0)
    look(store, batch_id, 0, clock, lag=40.0)
    assert store.evidence.open_batches()[0].lag == 300.0


# --- settings, space, versions --------------------------------------------------------------------------------


def test_settings_are_kept_and_have_limits(store):
    assert store.settings.get() == Settings(4, None)
    store.settings.save(Settings(8, 2.5))
    store.settings.save(Settings(1, 0.5))
    assert store.settings.get() == Settings(1, 0.5)
    for wrong in ((0, None), (17, None), (4, 0.0), (4, -1.0), (4, float("inf"))):
        with pytest.raises(ValueError, match="in flight|positive"):
            Settings(*wrong)


@pytest.mark.sqlite_file
def test_no_run_begins_on_a_disk_that_is_nearly_full(store, monkeypatch):
    monkeypatch.setattr("lib.store.database.LEAST_FREE_BYTES", 10**18)
    with pytest.raises(StoreUnavailable, match="store_space") as refused:
        store.runs.create(scenes.plan())
    assert refused.value.params["megabytes"] > 0
    assert store.runs.latest() == []


@pytest.mark.sqlite_file
def test_a_file_of_version_5_becomes_what_a_new_one_is_and_keeps_everything(tmp_path):
    old, new = tmp_path / "old" / "desk.db", tmp_path / "new" / "desk.db"
    version_5(old)
    Store(new).close()
    with closing(Store(old)) as store:
        [run] = store.runs.latest()
        assert store_scenes.states(store, run.id) == ["accepted", "unknown", "planned"]
        assert run.rows_by_state == {"planned": 2, "accepted": 2, "unknown": 2}
        [known] = store.decisions.evidence(run.id)
        assert (known.seq, known.scans, known.missing, known.why) == (2, 0, 2, "no_answer")
        assert [row.phone for row in store.evidence.wanted(known.batch_id)] == ["13000000002", "13000000003"]
        assert store.evidence.arrived(known.batch_id, [4, 5])
        assert len(store.history.already_sent(NOWHERE, ["13000000000", "13000000003"])) == 2
    assert shape(old) == shape(new)
    Store(old).close()
