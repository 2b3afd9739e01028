"""A database of version 3 becomes what a new one is: whose things are whose, and who did what."""

import sqlite3
from contextlib import closing

import pytest

from lib.access.people import ALONE
from lib.draft import Draft
from lib.store import Store, schema
from tests.core.people_scenes import ANNA, store_of
from tests.core.store.versions import shape, version_1


@pytest.mark.sqlite_file
def test_a_file_of_version_3_becomes_what_a_new_one_is_and_belongs_to_whoever_is_alone(tmp_path, monkeypatch):
    old, new = tmp_path / "old" / "desk.db", tmp_path / "new" / "desk.db"
    version_1(old)
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "STEPS", {number: schema.STEPS[number] for number in (2, 3)})
        Store(old).close()
    with closing(sqlite3.connect(old)) as raw:
        raw.execute(
            "INSERT INTO do_not_call (phone_key, added, source) VALUES (?, '2026-01-01', '从前.csv')", (7,)
        )
        raw.commit()
    Store(new).close()
    assert shape(old) != shape(new)
    with closing(Store(old)) as store:
        [run] = store.runs.latest()
        assert (run.team, run.created_by) == ("", "person")
        assert store.do_not_call.additions()[["source", "count"]].values.tolist() == [["从前.csv", 1]]
        assert [one.id for one in store_of(store, ALONE).runs.latest()] == [run.id]
        assert store_of(store, ANNA).runs.latest() == []
        draft = Draft(store_of(store, ANNA))
        draft.load_sheet("姓名,手机号\n甲,13012121211\n".encode(), "客户.csv")
        assert not store.logins.is_shared
    assert shape(old) == shape(new)
