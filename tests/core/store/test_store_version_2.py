"""A database of version 2 becomes what a new one is: runs that start small, and the do-not-call list."""

from contextlib import closing

import pytest

from lib.store import Store, schema
from tests.core import store_scenes
from tests.core.store.versions import shape, version_1


@pytest.mark.sqlite_file
def test_a_file_of_version_2_becomes_what_a_new_one_is_and_its_run_is_not_sent_again(tmp_path, monkeypatch):
    old, new = tmp_path / "old" / "desk.db", tmp_path / "new" / "desk.db"
    version_1(old)
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "STEPS", {2: schema.STEPS[2]})
        Store(old).close()
    Store(new).close()
    assert shape(old) != shape(new)
    with closing(Store(old)) as store:
        [run] = store.runs.latest()
        assert run.hold_after == 0
        assert store.do_not_call.add(["13000000005"], "粘贴") == 1
        platform = store_scenes.Scripted()
        sender = store_scenes.engine(store, platform)
        store_scenes.steps(sender, 1)
        assert store.runs.get(run.id).why == "restored"  # nobody can tell how old the file is
        assert store_scenes.states(store, run.id) == ["accepted", "unknown", "unknown"]
        assert (platform.posts, store.database.restored()) == (0, "")
    assert shape(old) == shape(new)
