"""Drafts, uploads, edits, connections and mappings: kept as they were, found again, gone when deleted."""

import dataclasses
from contextlib import closing

import pytest

from lib.contact.privacy import redact
from lib.errors import Conflict
from lib.platform.connection import Connection, ConnectionKind, Options
from lib.store import Store
from lib.store.drafts import new_id

REAL = Connection(
    "c1",
    "公司账号",
    ConnectionKind.REAL,
    "https://ai.api.longlonglong.cn",
    "u",
    "t",
    Options(ignore_crm=True, sub_user_id="s"),
)


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "desk.db")) as opened:
        yield opened


def test_a_connection_comes_back_with_its_options_and_is_replaced_by_id(store):
    store.connections.save(REAL)
    store.connections.save(dataclasses.replace(REAL, name="新名字"))
    assert store.connections.all() == [dataclasses.replace(REAL, name="新名字")]
    store.connections.delete("c1")
    assert store.connections.all() == []


def test_a_draft_outlives_the_process(tmp_path):
    with closing(Store(tmp_path / "desk.db")) as first:
        upload_id = first.uploads.save("客户.xlsx", b"\x00bytes")
        draft_id = first.drafts.create({"mapping": {"phone": "手机号"}, "odd": "\ud800"}, upload_id)
    with closing(Store(tmp_path / "desk.db")) as second:
        draft = second.drafts.get(draft_id)
        assert draft.state == {"mapping": {"phone": "手机号"}, "odd": "\ud800"}
        assert second.uploads.read(draft.upload_id) == ("客户.xlsx", b"\x00bytes")


def test_every_change_gives_a_draft_another_time_even_within_one_tick(store):
    draft_id = store.drafts.create({})
    seen = {store.drafts.get(draft_id).updated}
    for number in range(20):
        store.drafts.save(draft_id, {"n": number})
        store.edits.add(draft_id, [(2, "phone", "a", str(number))])
        seen.add(store.drafts.get(draft_id).updated)
    assert len(seen) == 21


def test_drafts_come_last_changed_first_and_without_those_submitted(store):
    first, second = store.drafts.create({"n": 1}), store.drafts.create({"n": 2})
    store.drafts.save(first, {"n": 3})
    assert [draft.id for draft in store.drafts.latest()] == [first, second]
    assert [draft.id for draft in store.drafts.latest(limit=1)] == [first]


def test_a_new_file_replaces_the_old_one(store):
    old, new = store.uploads.save("a", b"a"), store.uploads.save("b", b"b")
    draft_id = store.drafts.create({}, old)
    store.drafts.save(draft_id, {}, new)
    assert store.uploads.read(new) == ("b", b"b")
    with pytest.raises(Conflict, match="upload_gone"):
        store.uploads.read(old)
    store.drafts.save(draft_id, {"n": 1})
    assert store.drafts.get(draft_id).upload_id == new


def test_deleting_a_draft_deletes_its_file_and_edits(store):
    upload_id = store.uploads.save("a", b"a")
    draft_id, sharing = store.drafts.create({}, upload_id), store.drafts.create({}, upload_id)
    store.edits.add(draft_id, [(2, "phone", "", "1")])
    store.drafts.delete(draft_id)
    assert store.drafts.get(draft_id) is None
    assert store.edits.of_draft(draft_id) == []
    assert store.uploads.read(upload_id) == ("a", b"a")
    store.drafts.delete(sharing)
    with pytest.raises(Conflict, match="upload_gone"):
        store.uploads.read(upload_id)


def test_saving_or_editing_a_deleted_draft_is_told(store):
    for change in (
        lambda: store.drafts.save("gone", {}),
        lambda: store.edits.add("gone", [(2, "phone", "", "1")]),
    ):
        with pytest.raises(Conflict, match="draft_gone"):
            change()


def test_edits_come_in_order_and_are_taken_back_from_the_end(store):
    draft_id = store.drafts.create({})
    store.edits.add(draft_id, [(5, "phone", "1\ud800", "2"), (3, "name", "", "张")])
    store.edits.add(draft_id, [(5, "phone", "2", "3")])
    edits = store.edits.of_draft(draft_id)
    assert [(edit.row, edit.field, edit.before, edit.after) for edit in edits] == [
        (5, "phone", "1\ud800", "2"),
        (3, "name", "", "张"),
        (5, "phone", "2", "3"),
    ]
    assert edits[0].at == edits[1].at < edits[2].at
    assert [edit.after for edit in store.edits.undo(draft_id)] == ["3"]
    store.edits.add(draft_id, [(9, "name", "", "李")])
    assert [edit.after for edit in store.edits.of_draft(draft_id)] == ["2", "张", "李"]
    assert [edit.after for edit in store.edits.undo(draft_id)] == ["李"]
    assert [edit.after for edit in store.edits.undo(draft_id)] == [
        "2",
        "张",
    ]  # the two that were added at once
    assert store.edits.undo(draft_id) == []


def test_edits_are_cleared_of_one_draft_and_those_taken_back_too(store):
    draft_id, other = store.drafts.create({}), store.drafts.create({})
    for one in (draft_id, other):
        store.edits.add(one, [(1, "phone", "", "x")])
        store.edits.add(one, [(2, "name", "", "x")])
    store.edits.undo(draft_id)
    store.edits.clear(draft_id)
    assert store.edits.of_draft(draft_id) == store.edits.redo(draft_id) == []
    assert len(store.edits.of_draft(other)) == 2


def test_a_mapping_is_remembered_by_fingerprint(store):
    assert store.mappings.recall("abc") is None
    store.mappings.remember("abc", {"columns": {"phone": "手机"}})
    store.mappings.remember("abc", {"columns": {"phone": "电话"}})
    assert store.mappings.recall("abc") == {"columns": {"phone": "电话"}}


def test_the_mappings_a_team_has_kept_are_listed_the_last_used_first(store, monkeypatch):
    for second, (name, team) in enumerate((("a", ""), ("b", ""), ("c", "south"), ("a", ""))):
        monkeypatch.setattr("lib.store.drafts.utc_now", lambda second=second: f"2026-11-29T00:00:0{second}Z")
        store.mappings.remember(name, {"of": f"{name}{second}"}, team=team)
    assert store.mappings.latest() == [{"of": "a3"}, {"of": "b1"}]
    assert store.mappings.latest(team="south") == [{"of": "c2"}]


def test_an_edit_made_on_an_old_view_of_the_draft_is_refused(store):
    draft_id = store.drafts.create({})
    seen = store.drafts.get(draft_id).updated
    store.edits.add(draft_id, [(2, "phone", "", "1")], expected=seen)
    for act in (
        lambda: store.edits.add(draft_id, [(2, "phone", "1", "2")], expected=seen),
        lambda: store.edits.undo(draft_id, expected=seen),
    ):
        with pytest.raises(Conflict, match="draft_changed"):
            act()
    assert [edit.after for edit in store.edits.of_draft(draft_id)] == ["1"]


def test_edits_taken_back_are_kept_and_brought_again_in_order(store):
    draft_id = store.drafts.create({})
    store.edits.add(draft_id, [(2, "phone", "", "1")])
    store.edits.add(draft_id, [(2, "phone", "1", "2"), (3, "phone", "", "2")])
    store.edits.undo(draft_id)
    store.edits.undo(draft_id)
    assert store.edits.next_turns(draft_id) == (0, 1)
    assert [edit.after for edit in store.edits.redo(draft_id)] == ["1"]
    assert [edit.after for edit in store.edits.redo(draft_id)] == ["2", "2"]
    assert store.edits.redo(draft_id) == []
    assert store.edits.next_turns(draft_id) == (2, 0)


def test_an_id_is_no_phone_number_to_a_log_and_no_two_are_alike():
    """One id of ten held eight digits in a row and stood with stars in what goes to support."""
    ids = [new_id() for _ in range(500)]
    assert [redact(one[:8]) + redact(one) for one in ids] == [one[:8] + one for one in ids]
    assert len(set(ids)) == len(ids)
