"""The fault matrix: sleep, long stops, restored and copied databases, shared folders, changed tokens, giving up."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from sqlalchemy import select, update

from lib import times
from lib.engine.sleep_guard import LONG_STOP_SECONDS, SleepGuard, steady
from lib.errors import NotSent, Refused, StoreUnavailable, Unauthorised
from lib.platform.answers import FailureCode
from lib.platform.connection import Connection
from lib.run.records import RunRecord
from lib.store import Store, location, marks, recovery
from lib.store.schema import attempt, event, meta
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Clock, Scripted, before_wire, states, steps


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path)) as opened:
        yield opened


def standing(store: Store, run_id: str) -> tuple[str, str]:
    """State of the run and why."""
    run = store.runs.get(run_id)
    return run.state, run.why


# --- sleep -----------------------------------------------------------------------------------------------------


def test_p12_after_a_long_sleep_a_run_waits_and_one_press_lets_it_go_on(store: Store) -> None:
    run_id, platform, clock, wall = store.runs.create(scenes.plan(batches=3)), Scripted(), Clock(), Clock()
    sender = scenes.engine(store, platform, clock, sleep_guard=SleepGuard([wall]))
    steps(sender, 1, clock)
    wall.now += 3_600
    steps(sender, 3, clock)
    assert (states(store, run_id), platform.posts) == (["accepted", "planned", "planned"], 1)
    assert standing(store, run_id) == ("paused", "woke")
    store.runs.resume(run_id)
    steps(sender, 3, clock)
    assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


def test_p12_a_nap_stops_nothing(store: Store) -> None:
    run_id, platform, clock, wall = store.runs.create(scenes.plan(batches=3)), Scripted(), Clock(), Clock()
    sender = scenes.engine(store, platform, clock, sleep_guard=SleepGuard([wall]))
    for _ in range(4):
        steps(sender, 1, clock)
        wall.now += LONG_STOP_SECONDS - 1
    assert states(store, run_id) == ["accepted"] * 3


def test_p12_sleep_between_claim_and_mark_keeps_every_byte_back(store: Store) -> None:
    """The sending thread wakes before anything else does: what it was told to send is an hour old."""
    run_id, wall, platform = store.runs.create(scenes.plan(batches=2)), Clock(), Scripted()

    def sleepy(connection: Connection, token: str, body: bytes, on_wire: Any) -> Any:
        wall.now += 3_600
        return platform(connection, token, body, on_wire)

    sender = scenes.engine(store, sleepy, sleep_guard=SleepGuard([wall]))
    steps(sender, 2)
    assert (states(store, run_id), platform.posts) == (["planned", "planned"], 0)
    assert standing(store, run_id) == ("paused", "woke")


def test_p12_sleep_in_flight_records_the_answer_and_claims_nothing_on_it(store: Store) -> None:
    run_id, wall = store.runs.create(scenes.plan(batches=2)), Clock()

    def dozes() -> None:
        wall.now += 3_600

    platform = Scripted(dozes)
    steps(scenes.engine(store, platform, sleep_guard=SleepGuard([wall]), follows=True), 2)
    assert (states(store, run_id), platform.posts) == (["accepted", "planned"], 1)
    assert standing(store, run_id) == ("paused", "woke")


def test_p12_while_the_sleep_cannot_be_recorded_nothing_leaves(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, wall, platform = store.runs.create(scenes.plan(batches=1)), Clock(), Scripted()
    sender = scenes.engine(store, platform, sleep_guard=SleepGuard([wall]))

    def broken(why: object) -> None:
        raise StoreUnavailable("store_full")

    with monkeypatch.context() as patched:
        patched.setattr(store.sender, "pause_running", broken)
        wall.now += 3_600
        steps(sender, 3)
        assert (platform.posts, sender.status.storage) == (0, "store_full")
    steps(sender, 2)
    assert (standing(store, run_id), platform.posts) == (("paused", "woke"), 0)


def test_p12_the_clock_that_says_most_counts() -> None:
    stands, goes = Clock(), Clock()
    sleep_guard = SleepGuard([stands, goes])
    goes.now += LONG_STOP_SECONDS
    assert (sleep_guard.silence(), sleep_guard.has_slept()) == (LONG_STOP_SECONDS, True)
    sleep_guard.mark_awake()
    goes.now -= 86_400
    assert (sleep_guard.silence(), sleep_guard.has_slept()) == (0.0, False)
    assert steady() <= steady()


@pytest.mark.parametrize(("minutes", "state"), [(14, ("running", "")), (16, ("paused", "stopped"))])
def test_p12_a_run_found_after_a_long_stop_waits_for_a_person(
    store: Store, monkeypatch: pytest.MonkeyPatch, minutes: int, state: tuple[str, str]
) -> None:
    run_id, platform = store.runs.create(scenes.plan(batches=3)), Scripted()
    steps(scenes.engine(store, platform), 1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz or UTC) + timedelta(minutes=minutes)

    monkeypatch.setattr(times, "datetime", Later)
    after = scenes.engine(store, platform)
    store.sender.take_over()
    assert standing(store, run_id) == state
    store.runs.resume(run_id)
    steps(after, 4)
    assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


# --- restored and copied databases -------------------------------------------------------------------------------


def backup(path: Path) -> Path:
    """A copy of the database as it is, without what lies beside it."""
    return Path(shutil.copy(path, path.with_name("backup.db")))


def sent_then_restored(path: Path, before: int, after: int, batches: int = 6) -> str:
    """A run of which `before` batches were sent when the backup was made, and `after` more since; the backup is back."""
    with closing(Store(path)) as store:
        run_id, platform = store.runs.create(scenes.plan(batches=batches)), Scripted()
        sender = scenes.engine(store, platform)
        steps(sender, before)
        kept = backup(path)
        steps(sender, after)
        assert platform.posts == before + after
    os.replace(kept, path)
    return run_id


@pytest.mark.sqlite_file
def test_s07_what_went_out_after_the_backup_is_unknown_and_never_sent_again_by_itself(store: Store) -> None:
    assert store._db.mark
    path = store._db.mark.with_suffix("")
    run_id, platform = sent_then_restored(path, before=1, after=2), Scripted()
    with closing(Store(path)) as store:
        sender = scenes.engine(store, platform)
        steps(sender, 3)
        assert states(store, run_id) == ["accepted", "unknown", "unknown", "planned", "planned", "planned"]
        assert (standing(store, run_id), platform.posts) == (("paused", "restored"), 0)
        store.runs.resume(run_id)
        bodies = [
            store.batches.body(batch_id) for batch_id in store.batches.table(run_id)["batch_id"].tolist()
        ]
        steps(sender, 5)
        assert platform.applied == bodies[3:]
        assert states(store, run_id) == ["accepted", "unknown", "unknown", "accepted", "accepted", "accepted"]


@pytest.mark.sqlite_file
def test_s07_what_was_begun_when_the_backup_was_made_may_have_gone_out_as_well(path: Path) -> None:
    """Two batches were taken and not on the wire; then both left, and one more. Only the one more was held for possible."""
    with closing(Store(path)) as store:
        run_id = store.runs.create(scenes.plan(batches=5))
        epoch = store.sender.take_over()
        begun = store.sender.claim(epoch, run_id, 2)
        kept = backup(path)
        for claim in (*begun, *store.sender.claim(epoch, run_id, 1)):
            store.sender.wire(epoch, claim)
    os.replace(kept, path)
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["unknown"] * 3 + ["planned"] * 2
        assert standing(store, run_id) == ("paused", "restored")


@pytest.mark.sqlite_file
def test_s07_a_new_file_beside_the_mark_of_the_one_before_is_told_of(path: Path) -> None:
    """Somebody deleted the database: it begins empty, and what was sent from the old one is known to nobody."""
    with closing(Store(path)) as store:
        store.runs.create(scenes.plan(batches=1))
        steps(scenes.engine(store, Scripted()), 2)
    for file in path.parent.glob("desk.db*"):
        if file.name in ("desk.db", "desk.db-wal", "desk.db-shm"):
            file.unlink()
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert store.database.restored() is not None


@pytest.mark.sqlite_file
@pytest.mark.parametrize("with_mark", [True, False])
def test_s07_a_run_that_is_newer_than_the_backup_is_told_of_though_nothing_of_it_is_left(
    path: Path, with_mark: bool
) -> None:
    """No run here can say so: the whole desk does, until a person has read it."""
    with closing(Store(path)) as store:
        first, sender = store.runs.create(scenes.plan(batches=1)), scenes.engine(store, Scripted())
        steps(sender, 2)
        kept = backup(path)
        store.runs.create(scenes.plan(batches=2, first_phone=14_000_000_000))
        steps(sender, 3)
        sent = max(mark.started for mark in marks.Marks(store._db).read())
        assert store.database.restored() is None
    os.replace(kept, path)
    if not with_mark:
        path.with_name("desk.db.mark").unlink()
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert [run.id for run in store.runs.latest()] == [first]
        assert (store.runs.get(first).state, store.database.restored()) == (
            "finished",
            sent if with_mark else "",
        )
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert store.database.restored() is not None
        for _ in range(2):
            store.database.note_restored_read()
        assert store.database.restored() is None
        assert [line.deed for line in store.journal.latest()] == ["restored_read"]


def without_desk_id(path: Path) -> str:
    """A run of four batches that a backup of before the first start holds, and all of them sent since; its id."""
    with closing(Store(path)) as store:
        run_id = store.runs.create(scenes.plan(batches=4))
        kept = backup(path)
        platform = Scripted()
        steps(scenes.engine(store, platform), 5)
        assert platform.posts == 4
    os.replace(kept, path)
    return run_id


@pytest.mark.sqlite_file
def test_s07_a_backup_from_before_the_first_start_sends_nothing_again(path: Path) -> None:
    run_id, platform = without_desk_id(path), Scripted()
    for _ in range(2):
        with closing(Store(path)) as store:
            steps(scenes.engine(store, platform), 3)
            assert (states(store, run_id), platform.posts) == (["unknown"] * 4, 0)
            assert store.database.restored() is not None


@pytest.mark.sqlite_file
def test_s07_one_that_dies_while_it_finds_that_out_finds_it_out_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = without_desk_id(path)
    for at in ("find_mismatch", "_act", "marks"):
        with closing(Store(path)) as store, monkeypatch.context() as dying:
            if at == "marks":
                dying.setattr(marks.Marks, "begin", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            else:
                dying.setattr(recovery, at, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                store.sender.take_over()
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert (states(store, run_id), store.database.restored() is None) == (["unknown"] * 4, False)


@pytest.mark.sqlite_file
def test_s07_a_backup_made_between_claim_and_mark_sends_nothing_again(path: Path) -> None:
    """It knows the attempt, and not that it left."""
    kept: list[Path] = []
    platform = Scripted()

    def connecting(connection: Connection, token: str, body: bytes, on_wire: Any) -> Any:
        kept.append(backup(path))
        return platform(connection, token, body, on_wire)

    with closing(Store(path)) as store:
        run_id = store.runs.create(scenes.plan(batches=1))
        steps(scenes.engine(store, connecting), 1)
        assert (states(store, run_id), platform.posts) == (["accepted"], 1)
    os.replace(kept[0], path)
    with closing(Store(path)) as store:
        steps(scenes.engine(store, platform), 2)
        assert (states(store, run_id), platform.posts) == (["unknown"], 1)


@pytest.mark.sqlite_file
def test_s07_of_two_that_connect_at_once_the_elder_may_leave_after_the_backup(path: Path) -> None:
    with closing(Store(path)) as store:
        run_id = store.runs.create(scenes.plan(batches=2))
        epoch = store.sender.take_over()
        elder, younger = store.sender.claim(epoch, run_id, 2)
        store.sender.wire(epoch, younger)
        kept = backup(path)
        store.sender.wire(epoch, elder)
    os.replace(kept, path)
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["unknown", "unknown"]
        assert store.database.restored() is not None


@pytest.mark.sqlite_file
def test_s07_a_database_that_is_new_is_no_restored_one(path: Path) -> None:
    with closing(Store(path)) as store, pytest.MonkeyPatch.context() as dying:
        dying.setattr(recovery, "_wires", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.sender.take_over()
    with closing(Store(path)) as store:
        run_id = store.runs.create(scenes.plan(batches=1))
        steps(scenes.engine(store, Scripted()), 2)
        assert (states(store, run_id), store.database.restored()) == (["accepted"], None)


@pytest.mark.sqlite_file
def test_s07_a_restored_database_is_told_once(path: Path) -> None:
    run_id, platform = sent_then_restored(path, before=1, after=1), Scripted()
    with closing(Store(path)) as store:
        store.sender.take_over()
        store.runs.resume(run_id)
    with closing(Store(path)) as again:
        steps(scenes.engine(again, platform), 6)
        assert states(again, run_id) == ["accepted", "unknown", *["accepted"] * 4]
        assert platform.posts == 4


@pytest.mark.sqlite_file
def test_s07_a_paused_run_may_have_been_resumed_since_the_backup(path: Path) -> None:
    with closing(Store(path)) as store:
        run_id, sender = store.runs.create(scenes.plan(batches=3)), scenes.engine(store, Scripted())
        store.sender.take_over()
        store.runs.pause(run_id)
        kept = backup(path)
        store.runs.resume(run_id)
        steps(sender, 1)
    os.replace(kept, path)
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["unknown", "planned", "planned"]
        assert standing(store, run_id) == ("paused", "restored")


@pytest.mark.sqlite_file
def test_s07_where_nobody_can_tell_how_much_is_lost_everything_planned_is_unknown(path: Path) -> None:
    """Only the database and its key came back, on a new disk."""
    run_id = sent_then_restored(path, before=1, after=2)
    path.with_name("desk.db.mark").unlink()
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["accepted"] + ["unknown"] * 5
        assert store.runs.get(run_id).open_batches == 5


@pytest.mark.sqlite_file
def test_s07_a_mark_that_cannot_be_read_tells_nothing_and_counts_as_none(path: Path) -> None:
    run_id = sent_then_restored(path, before=1, after=0)
    path.with_name("desk.db.mark").write_bytes(b"{}\0" * 9)
    with closing(Store(path)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["accepted"] + ["unknown"] * 5


@pytest.mark.sqlite_file
def test_s07_a_whole_folder_from_a_backup_is_seen_by_the_mark_outside_it(tmp_path: Path, path: Path) -> None:
    outside = tmp_path / "cache" / "desk.db.mark"
    with closing(Store(path, second_mark=outside)) as store:
        run_id, sender = store.runs.create(scenes.plan(batches=3)), scenes.engine(store, Scripted())
        steps(sender, 1)
        shutil.copytree(path.parent, tmp_path / "backup")
        steps(sender, 1)
    shutil.rmtree(path.parent)
    os.replace(tmp_path / "backup", path.parent)
    with closing(Store(path, second_mark=outside)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["accepted", "unknown", "planned"]


def test_s07_a_second_place_that_is_closed_to_us_stops_nothing(tmp_path: Path, path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    with closing(Store(path, second_mark=tmp_path / "cache" / "desk.db.mark")) as store:
        run_id = store.runs.create(scenes.plan(batches=2))
        steps(scenes.engine(store, Scripted()), 2)
        assert states(store, run_id) == ["accepted"] * 2


@pytest.mark.sqlite_file
def test_s07_without_a_place_for_the_mark_nothing_is_sent(path: Path) -> None:
    with closing(Store(path)) as store:
        run_id, platform = store.runs.create(scenes.plan(batches=2)), Scripted()
        sender = scenes.engine(store, platform)
        steps(sender, 1)
        mark = path.with_name("desk.db.mark")
        mark.unlink()
        mark.mkdir()
        steps(sender, 1)
        assert (platform.posts, states(store, run_id)) == (1, ["accepted", "planned"])
        assert standing(store, run_id) == ("paused", "storage")


@pytest.mark.sqlite_file
def test_s07_a_folder_from_another_computer_waits_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(path)) as store:
        run_id, platform = store.runs.create(scenes.plan(batches=3)), Scripted()
        steps(scenes.engine(store, platform), 1)
    monkeypatch.setattr(marks.platform, "node", lambda: "another-computer")
    with closing(Store(path)) as store:
        sender = scenes.engine(store, platform)
        steps(sender, 2)
        assert (states(store, run_id), standing(store, run_id)) == (
            ["accepted", "planned", "planned"],
            ("paused", "copied"),
        )
        store.runs.resume(run_id)
        steps(sender, 3)
        assert platform.posts == 3
    with closing(Store(path)) as store:
        next_one = store.runs.create(scenes.plan(batches=1))
        store.sender.take_over()
        assert standing(store, next_one) == ("running", "")


@pytest.mark.parametrize("stop", ["kill", "close"])
def test_s07_an_ordinary_restart_is_no_restore(path: Path, stop: str) -> None:
    platform = Scripted()
    with closing(Store(path)) as store:
        run_id = store.runs.create(scenes.plan(batches=3))
        sender = scenes.engine(store, platform)
        steps(sender, 1)
        if stop == "kill":
            store.sender.claim(sender._epoch, run_id, 1)
    with closing(Store(path)) as store:
        steps(scenes.engine(store, platform), 3)
        assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


@pytest.mark.sqlite_file
def test_s07_a_database_with_runs_and_without_an_id_sends_nothing_again_also_without_a_mark(
    path: Path,
) -> None:
    """A backup of a program before the marks, on a new disk: nobody can tell how old it is."""
    with closing(Store(path)) as store:
        run_id, platform = store.runs.create(scenes.plan(batches=3)), Scripted()
        steps(scenes.engine(store, platform), 1)
        with store._db.write() as tx:
            tx.execute(meta.delete().where(meta.c.name == "desk_id"))
        path.with_name("desk.db.mark").unlink()
    with closing(Store(path)) as store:
        steps(scenes.engine(store, platform), 3)
        assert (states(store, run_id), platform.posts) == (["accepted", "unknown", "unknown"], 1)
        with store._db.read() as tx:
            last = tx.execute(select(attempt.c.id, attempt.c.started).order_by(attempt.c.id.desc())).first()
        (mark,) = marks.Marks(store._db).read()
        assert last == (mark.attempt, mark.started)
        run_id = store.runs.create(scenes.plan(batches=1, first_phone=14_000_000_000))
        steps(scenes.engine(store, platform), 2)
        assert states(store, run_id) == ["accepted"]


@pytest.mark.sqlite_file
def test_s07_a_backup_of_before_the_first_run_tells_that_there_were_others(path: Path) -> None:
    kept = path.with_name("empty.db")
    with closing(Store(path)) as store:
        shutil.copy(path, kept)
        store.runs.create(scenes.plan(batches=1))
        steps(scenes.engine(store, Scripted()), 2)
        with store._db.write() as tx:
            tx.execute(meta.delete().where(meta.c.name == "desk_id"))
    os.replace(kept, path)
    for _ in range(2):
        with closing(Store(path)) as store:
            store.sender.take_over()
            assert store.database.restored()
            assert store.runs.latest() == []


# --- where the database lies ---------------------------------------------------------------------------------------

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/team\040share rw,relatime - cifs //server/team rw
31 22 0:41 / /home/ann/nas rw shared:7 master:2 - nfs4 nas:/vol rw
32 31 8:2 / /home/ann/nas/local rw - ext4 /dev/sdb1 rw
"""

MAC = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ann@server/Team%20Share on /Volumes/Team (Share) (smbfs, nodev, nosuid, mounted by ann)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ann/.local/share/contact-desk", "ext4"),
        ("/mnt/team share/desk", "cifs"),
        ("/home/ann/nas/desk", "nfs4"),
        ("/home/ann/nas/local/desk", "ext4"),
        ("/home/ann/nasty", "ext4"),
    ],
)
def test_s08_the_mount_above_a_folder_tells_its_kind(folder: str, kind: str) -> None:
    assert location.kind_of(PurePosixPath(folder), location.linux_mounts(MOUNTS)) == kind


def test_s08_a_share_of_macos_is_a_network_drive() -> None:
    mounts = location.macos_mounts(MAC)
    assert location.kind_of(PurePosixPath("/Volumes/Team (Share)/desk"), mounts) == "smbfs"
    assert location.kind_of(PurePosixPath("/Users/ann/Library"), mounts) == "apfs"
    assert "smbfs" in location.NETWORK_KINDS
    assert "apfs" not in location.NETWORK_KINDS


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        (PureWindowsPath(r"C:\Users\ann\OneDrive - 晨光公司\desk"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\ann\onedrive\desk"), "OneDrive"),
        (PureWindowsPath(r"D:\Work\desk"), "OneDrive"),
        (PurePosixPath("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/desk"), "iCloud"),
        (PurePosixPath("/home/ann/Dropbox (Work)/desk"), "Dropbox"),
        (PureWindowsPath(r"D:\我的坚果云\desk"), "坚果云 Nutstore"),
        (PureWindowsPath(r"C:\Users\ann\AppData\Local\contact-desk"), None),
        (PurePosixPath("/home/ann/dropboxes/desk"), None),
        (PureWindowsPath(r"D:\Workshop\desk"), None),
    ],
)
def test_s08_a_synced_folder_is_known_by_name_or_by_what_windows_says(
    folder: Any, service: str | None
) -> None:
    assert location.synced_by(folder, {"OneDriveCommercial": r"D:\Work"}) == service


@pytest.mark.parametrize(
    ("drive", "share"),
    [
        (r"\\server\team", True),
        (r"\\?\UNC\server\team", True),
        (r"\\?\C:", False),
        ("C:", False),
        ("", False),
    ],
)
def test_s08_a_share_of_windows_is_known_by_its_name(drive: str, share: bool) -> None:
    assert location.is_share(drive) is share


@pytest.mark.sqlite_file
def test_s08_a_database_in_a_synced_folder_is_refused_before_a_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        Store(tmp_path / "OneDrive" / "desk.db")
    assert refused.value.code == "store_synced"
    assert refused.value.params["service"] == "OneDrive"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite_file
def test_s08_a_link_into_a_synced_folder_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "Dropbox")
    with pytest.raises(StoreUnavailable, match="store_synced"):
        Store(tmp_path / "data" / "desk.db")


@pytest.mark.sqlite_file
def test_s08_a_database_on_a_network_drive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "mountinfo"
    listed.write_text(f"30 22 0:40 / {tmp_path} rw - nfs4 nas:/vol rw\n")
    monkeypatch.setattr(location, "_MOUNTS", listed)
    with pytest.raises(StoreUnavailable, match="store_network"):
        Store(tmp_path / "data" / "desk.db")


# --- another token -------------------------------------------------------------------------------------------------


def typed(tokens: list[str]) -> Any:
    """A destination with the token that is last in the list."""

    def destination(run: RunRecord) -> tuple[Connection, str | None]:
        return run.connection, tokens[-1]

    return destination


def test_c05_a_token_that_was_turned_away_binds_the_run_to_nothing(store: Store) -> None:
    run_id, tokens = store.runs.create(scenes.plan(batches=2)), ["wrong-token"]
    platform = Scripted(Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401))
    sender = scenes.engine(store, platform, destination=typed(tokens))
    steps(sender, 1)
    assert standing(store, run_id) == ("paused", "token")
    tokens.append("right-token")
    assert not store.runs.is_other_token(run_id, "right-token")
    store.runs.resume(run_id)
    steps(sender, 2)
    assert states(store, run_id) == ["accepted", "accepted"]
    assert store.runs.is_other_token(run_id, "wrong-token")


def test_c05_another_token_in_the_middle_of_a_run_sends_nothing_until_a_person_says_so(store: Store) -> None:
    run_id, platform, tokens = store.runs.create(scenes.plan(batches=3)), Scripted(), ["first-token"]
    sender = scenes.engine(store, platform, destination=typed(tokens))
    steps(sender, 1)
    tokens.append("second-token")
    steps(sender, 2)
    assert (states(store, run_id), platform.posts) == (["accepted", "planned", "planned"], 1)
    assert standing(store, run_id) == ("paused", "account")
    assert store.batches.table(run_id)["tries"].tolist() == [1, 0, 0]
    assert store.runs.is_other_token(run_id, "second-token")
    assert not store.runs.is_other_token(run_id, "first-token")
    store.runs.resume(run_id)
    steps(sender, 2)
    assert (standing(store, run_id), platform.posts) == (("paused", "account"), 1)
    store.runs.resume(run_id, "second-token")
    steps(sender, 3)
    assert (states(store, run_id), platform.posts) == (["accepted"] * 3, 3)


def test_c05_the_first_token_again_needs_no_word(store: Store) -> None:
    run_id, platform, tokens = store.runs.create(scenes.plan(batches=3)), Scripted(), ["first-token"]
    sender = scenes.engine(store, platform, destination=typed(tokens))
    steps(sender, 1)
    tokens.append("second-token")
    steps(sender, 1)
    tokens.append("first-token")
    store.runs.resume(run_id)
    steps(sender, 3)
    assert states(store, run_id) == ["accepted"] * 3


def test_c05_a_word_for_another_token_that_comes_too_late_changes_nothing(store: Store) -> None:
    """The run goes on by now, in another tab: nobody was asked about it."""
    run_id, tokens = store.runs.create(scenes.plan(batches=2)), ["first-token"]
    steps(scenes.engine(store, Scripted(), destination=typed(tokens)), 1)
    store.runs.resume(run_id, "second-token")
    assert store.runs.is_other_token(run_id, "second-token")
    assert not store.runs.is_other_token(run_id, "first-token")


def test_c05_the_token_itself_is_nowhere_in_the_folder(store: Store, path: Path) -> None:
    run_id, tokens = store.runs.create(scenes.plan(batches=1)), ["canary-token-123456"]
    steps(scenes.engine(store, Scripted(), destination=typed(tokens)), 1)
    assert store.runs.is_other_token(run_id, "canary-token-12345")
    for file in path.parent.iterdir():
        assert b"canary" not in file.read_bytes()


# --- T20, T21 ------------------------------------------------------------------------------------------------------


def test_t20_giving_up_leaves_the_batch_planned_and_the_run_says_that_nothing_left(store: Store) -> None:
    """In place of a held batch: the run waits with its reason, and one press sends all of it."""
    run_id, clock = store.runs.create(scenes.plan(batches=2)), Clock()
    platform = Scripted(*[before_wire(NotSent(FailureCode.UNREACHABLE)) for _ in range(5)])
    sender = scenes.engine(store, platform, clock)
    steps(sender, 8, clock)
    assert (states(store, run_id), standing(store, run_id)) == (
        ["planned", "planned"],
        ("paused", "unreachable"),
    )
    with store._db.read() as tx:
        assert set(tx.execute(select(attempt.c.progress, attempt.c.outcome)).all()) == {
            ("intent", "not_sent")
        }
    store.runs.resume(run_id)
    steps(sender, 3, clock)
    assert (states(store, run_id), platform.posts) == (["accepted"] * 2, 2)


def test_t21_numbers_of_a_rejected_batch_may_go_in_a_new_run_and_the_batch_stays_rejected(
    store: Store,
) -> None:
    first, platform = (
        store.runs.create(scenes.plan(batches=1)),
        Scripted(Refused(FailureCode.REFUSED, http_status=200)),
    )
    sender = scenes.engine(store, platform)
    steps(sender, 1)
    second = store.runs.create(scenes.plan(batches=1, repeats_allowed=False))
    steps(sender, 2)
    assert (states(store, first), states(store, second)) == (["rejected"], ["accepted"])


@pytest.mark.sqlite_file
def test_what_a_start_found_is_in_the_log(path: Path) -> None:
    run_id = sent_then_restored(path, before=1, after=1)
    with closing(Store(path)) as store:
        store.sender.take_over()
        said = [(one.what, one.code) for one in store.run_log.events(run_id)]
        assert ("batch_unknown", "restored") in said
        assert ("run_paused", "restored") in said
        with store._db.write() as tx:
            tx.execute(update(event).values(at="2020-01-01T00:00:00.000000+00:00"))
        store.runs.resume(run_id)
        store.sender.take_over()
        assert standing(store, run_id) == ("running", "")
