"""Numbers that were sent before, here or elsewhere, and numbers nobody may be called on."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import event

from lib.draft import Draft
from lib.draft.plan import run_plan
from lib.errors import Conflict
from lib.payload import cut
from lib.platform.connection import Connection, ConnectionKind, Options, practice
from lib.run.settings import Settings
from lib.store import Store
from tests.core.store_scenes import Scripted, engine, plan, states, steps

DAY = 86_400
HERE = practice("http://127.0.0.1:9")
OTHER_TASK = "c15b7392-a83f-4e0e-9570-31dd2ec8f85c"
ELSEWHERE = Connection("x", "老任务", ConnectionKind.PRACTICE, "", HERE.user_id, OTHER_TASK, Options())
REAL = replace(ELSEWHERE, id="r", kind=ConnectionKind.REAL, base_url="https://example.com")
FIRST, SECOND, NEW = "13000000000", "13000000001", "13912345678"


class Now:
    """Seconds since 1970 that can be moved."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def store(tmp_path, now):
    with closing(Store(tmp_path / "desk.db", clock=now)) as opened:
        yield opened


def draft_of(store, *phones):
    made = Draft(store)
    made.load_sheet(("姓名,手机号\n" + "".join(f"甲,{phone}\n" for phone in phones)).encode(), "客户.csv")
    return made


def codes(draft, connection=HERE):
    problems = draft.review(connection).problems
    return dict(zip(problems["row"], problems["code"], strict=True))


# --- sent before -------------------------------------------------------------------------------------------


def test_a_number_of_another_task_is_held_back_and_told_with_time_batch_and_task(store):
    run_id = store.runs.create(plan(1, connection=ELSEWHERE))
    steps(engine(store, Scripted()), 2)
    draft = draft_of(store, FIRST, NEW)
    assert codes(draft) == {2: "sent_elsewhere"}
    at, unique_id, name = draft.review(HERE).sent_before[2].split("|")
    assert (at, unique_id, name) == (*store.batches.table(run_id).loc[0, ["sent_at", "unique_id"]], "老任务")
    assert draft.tally(HERE).to_send == 1


def test_sending_to_another_task_all_the_same_is_a_decision_for_this_task_and_draft(store):
    store.runs.create(plan(1, connection=ELSEWHERE))
    draft = draft_of(store, NEW, FIRST, SECOND)
    draft.allow_sent_elsewhere(HERE)
    opened = Draft.open(store, draft.id)
    assert codes(opened) == {3: "sent_again", 4: "sent_again"}
    assert [list(rows) for rows in cut(opened.review(HERE)).rows] == [[2], [3, 4]]
    assert not opened.sends_elsewhere(REAL)
    opened.allow_sent_elsewhere(None)
    assert codes(opened) == {3: "sent_elsewhere", 4: "sent_elsewhere"}


def test_older_than_the_chosen_days_is_not_recent_but_to_the_same_task_always_counts(store, now):
    store.runs.create(plan(1, connection=ELSEWHERE))
    store.runs.create(plan(1, first_phone=13100000000))
    steps(engine(store, Scripted()), 4)
    now.ahead = 8 * DAY
    assert codes(draft_of(store, FIRST, "13100000000")) == {3: "already_sent"}
    store.settings.save(Settings(recent_days=30))
    assert codes(draft_of(store, FIRST)) == {2: "sent_elsewhere"}
    store.settings.save(Settings(recent_days=0))
    assert codes(draft_of(store, FIRST)) == {}


def test_what_waits_in_a_run_for_another_task_is_recent_however_long_it_waits(store, now):
    run_id = store.runs.create(plan(1, connection=ELSEWHERE))
    store.runs.pause(run_id)
    now.ahead = 8 * DAY
    assert codes(draft_of(store, FIRST)) == {2: "sent_elsewhere"}


def test_a_number_that_goes_to_another_task_after_the_review_is_not_sent_unasked(store):
    draft = draft_of(store, FIRST, NEW)
    assert codes(draft) == {}
    store.runs.create(plan(1, connection=ELSEWHERE))
    with pytest.raises(Conflict, match="numbers_taken_elsewhere") as refused:
        store.runs.create(run_plan(draft, HERE))
    assert refused.value.params == {"count": 1}
    draft.look_again()
    assert codes(draft) == {2: "sent_elsewhere"}
    draft.allow_sent_elsewhere(HERE)
    assert store.runs.get(store.runs.create(run_plan(draft, HERE))).to_send == 2


def test_a_number_of_both_tasks_that_may_go_again_is_not_asked_about_twice(store):
    store.runs.create(plan(1))
    store.runs.create(plan(1, connection=ELSEWHERE))
    draft = draft_of(store, FIRST)
    draft.allow_sending_again(HERE)
    assert store.runs.get(store.runs.create(run_plan(draft, HERE))).to_send == 1


def test_practice_reaches_nobody_and_does_not_count_for_a_real_task(store):
    store.runs.create(plan(1, connection=ELSEWHERE))
    assert codes(draft_of(store, FIRST), replace(REAL, task_id=HERE.task_id)) == {}


def test_a_number_of_both_is_told_once_as_one_of_this_task(store):
    store.runs.create(plan(1))
    store.runs.create(plan(1, connection=ELSEWHERE))
    assert codes(draft_of(store, FIRST)) == {2: "already_sent"}


def test_a_number_sent_again_by_choice_goes_last(store):
    store.runs.create(plan(1))
    draft = draft_of(store, FIRST, NEW)
    draft.allow_sending_again(HERE)
    assert codes(draft) == {2: "sent_again"}
    assert [list(rows) for rows in cut(draft.review(HERE)).rows] == [[3], [2]]


@pytest.mark.parametrize("days", [-1, 366])
def test_the_days_have_bounds(days):
    with pytest.raises(ValueError, match="days"):
        Settings(recent_days=days)


# --- the do-not-call list ----------------------------------------------------------------------------------


def test_a_listed_number_is_held_back_in_every_spelling_and_no_decision_changes_that(store):
    store.runs.create(plan(1))
    assert store.do_not_call.add(["+86 130-0000-0000"], "客服") == 1
    draft = draft_of(store, FIRST, NEW, FIRST)
    draft.allow_sending_again(HERE)
    draft.allow_sent_elsewhere(HERE)
    review = draft.review(HERE)
    assert review.sendable.tolist() == [False, True, False]
    assert run_plan(draft, HERE).rows["reason"].to_dict() == {2: "do_not_call", 3: "", 4: "do_not_call"}


def test_a_number_listed_after_the_review_is_not_submitted(store):
    draft = draft_of(store, FIRST, NEW)
    assert draft.tally(HERE).to_send == 2
    store.do_not_call.add([FIRST], "粘贴")
    with pytest.raises(Conflict) as refused:
        store.runs.create(run_plan(draft, HERE))
    assert (refused.value.code, refused.value.params) == ("do_not_call_listed", {"count": 1})
    assert store.runs.latest() == []
    draft.look_again()
    assert draft.tally(HERE).to_send == 1
    store.runs.create(run_plan(draft, HERE))


def test_repeats_that_are_allowed_do_not_let_a_listed_number_through(store):
    store.do_not_call.add([FIRST], "粘贴")
    with pytest.raises(Conflict, match="do_not_call_listed"):
        store.runs.create(plan(1, repeats_allowed=True))


def test_a_number_listed_while_the_run_waits_does_not_leave_with_a_later_batch(store):
    run_id = store.runs.create(plan(3, rows_each=3))
    platform = Scripted(lambda: store.do_not_call.add(["13000000004", "13000000000"], "投诉"))
    steps(engine(store, platform), 5)
    sent = b"".join(platform.applied).decode()
    assert "13000000004" not in sent
    assert "13000000003" in sent
    assert "13000000005" in sent
    assert states(store, run_id) == ["accepted"] * 3
    assert store.batches.table(run_id)["rows"].tolist() == [3, 2, 3]
    rows = store.runs.rows(run_id).set_index("row")
    assert rows.loc[6, ["disposition", "reason", "batch"]].tolist() == ["held_back", "do_not_call", -1]
    run = store.runs.get(run_id)
    assert (run.to_send, run.held_back, run.rows_total) == (8, 2, 10)
    assert ("batch_withheld", 2, "1") in [
        (one.what, one.seq, one.code) for one in store.run_log.events(run_id)
    ]


@pytest.mark.parametrize("follows", [False, True])
def test_a_batch_left_without_rows_is_cancelled_and_the_run_ends(store, follows):
    run_id = store.runs.create(plan(2, rows_each=1))
    platform = Scripted(lambda: store.do_not_call.add(["13000000001"], "投诉"))
    steps(engine(store, platform, follows=follows), 4)
    assert platform.posts == 1
    assert states(store, run_id) == ["accepted", "cancelled"]
    assert store.runs.get(run_id).state == "finished"


def test_a_batch_that_went_back_is_looked_at_again_before_it_leaves(store):
    """Claimed, not sent, listed meanwhile: the second claim takes the number out."""
    run_id = store.runs.create(plan(1))
    epoch = store.sender.take_over()
    [first] = store.sender.claim(epoch, run_id, 1)
    store.do_not_call.add([FIRST], "投诉")
    epoch = store.sender.take_over()
    [second] = store.sender.claim(epoch, run_id, 1)
    assert FIRST in first.body().decode()
    assert FIRST not in second.body().decode()
    assert SECOND in second.body().decode()
    assert second.rows == 1


def test_starting_small_with_a_listed_first_number_still_waits(store):
    run_id = store.runs.create(replace(plan(2, rows_each=1), hold_after=1))
    store.do_not_call.add([FIRST], "投诉")
    platform = Scripted()
    steps(engine(store, platform), 3)
    assert platform.posts == 0
    assert (store.runs.get(run_id).state, store.runs.get(run_id).why) == ("paused", "first_batch")


def test_the_list_is_added_to_counted_and_taken_from(store):
    assert store.do_not_call.add([FIRST, SECOND], "客服.xlsx") == 2
    assert store.do_not_call.add([SECOND, NEW, "139 1234 5678"], "粘贴") == 1
    assert store.do_not_call.add([NEW], "再来") == 0
    assert store.do_not_call.additions()[["source", "count"]].values.tolist() == [
        ["粘贴", 1],
        ["客服.xlsx", 2],
    ]
    assert store.do_not_call.among([NEW, "13700000000"]) == [NEW]
    assert store.do_not_call.remove("+86 " + NEW)
    assert not store.do_not_call.remove(NEW)
    assert store.do_not_call.clear() == 2
    assert store.do_not_call.additions().empty
    assert store.do_not_call.among([FIRST]) == []


def test_no_number_of_the_list_is_in_the_database_file(store, tmp_path):
    store.do_not_call.add([NEW], f"投诉 {NEW}")
    store.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert NEW.encode() not in data


def test_a_number_taken_off_the_list_can_be_submitted(store):
    store.do_not_call.add([FIRST], "粘贴")
    draft = draft_of(store, FIRST)
    assert draft.tally(HERE).to_send == 0
    store.do_not_call.remove(FIRST)
    draft.look_again()
    assert draft.tally(HERE).to_send == 1
    assert isinstance(store.do_not_call.additions(), pd.DataFrame)


# --- a long history and a long list are looked up, not read -------------------------------------------------


def plans_of(path, statements):
    """What SQLite would do for each statement, as text."""
    with closing(sqlite3.connect(path)) as raw:
        return [
            " / ".join(step[3] for step in raw.execute(f"EXPLAIN QUERY PLAN {text}", parameters))
            for text, parameters in statements
        ]


@pytest.fixture
def asked(store):
    """Every statement sent to the database from here on, with its parameters."""
    statements = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        statements.append((statement, parameters))

    event.listen(store._db._engine, "before_cursor_execute", keep)
    return statements


def of_table(statements, name):
    return [
        (text, parameters) for text, parameters in statements if text.startswith("SELECT") and name in text
    ]


@pytest.mark.sqlite_file
def test_history_is_searched_by_number(store, asked, tmp_path):
    store.runs.create(plan(2))
    asked.clear()
    assert len(store.history.already_sent(HERE, [FIRST, NEW], days=7)) == 1
    plans = plans_of(tmp_path / "desk.db", of_table(asked, "contact_row"))
    assert plans
    assert all("SEARCH contact_row USING INDEX contact_row_by_phone" in one for one in plans), plans


@pytest.mark.sqlite_file
def test_claiming_looks_at_the_rows_of_the_batch_and_not_at_the_whole_list(store, asked, tmp_path):
    run_id = store.runs.create(plan(2))
    store.do_not_call.add([NEW], "")
    epoch = store.sender.take_over()
    asked.clear()
    assert len(store.sender.claim(epoch, run_id, 1)) == 1
    [found] = plans_of(tmp_path / "desk.db", of_table(asked, "contact_row"))
    assert "SEARCH contact_row USING PRIMARY KEY (run_id=? AND row>? AND row<?)" in found
    assert "SCAN" not in found.replace("USING INDEX sqlite_autoindex_do_not_call_1 FOR IN-OPERATOR", "")
