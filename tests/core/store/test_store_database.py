"""The file itself: who may read it, which settings hold, and how every storage trouble is named."""

import errno
import os
import sqlite3
import stat
import threading
from contextlib import closing

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from lib.engine import __main__ as engine_command
from lib.errors import StoreUnavailable
from lib.store import Store, schema, sqlite
from lib.store.database import Database
from lib.words import t
from tests.core import store_scenes as scenes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def store(path):
    with closing(Store(path)) as opened:
        yield opened


def mode(of):
    return stat.S_IMODE(of.stat().st_mode)


@pytest.mark.sqlite_file
def test_folder_file_and_key_are_for_this_user_only(store, path):
    assert mode(path.parent) == 0o700
    names = (
        "desk.db",
        "desk.db.key",
        "desk.db.mark",
        *(() if sqlite.wal_is_safe() else ("desk.db-journal",)),
    )
    assert {entry.name: mode(entry) for entry in path.parent.iterdir()} == dict.fromkeys(names, 0o600)


@pytest.mark.sqlite_file
def test_sec36_everything_in_the_folder_is_for_this_user_only_also_while_something_is_written(store, path):
    store.runs.create(scenes.plan())
    sender = scenes.engine(store, scenes.Scripted())
    scenes.steps(sender, 3)
    with store._db.write() as tx:
        tx.execute(
            update(schema.meta).where(schema.meta.c.name == "key_check").values(value=schema.meta.c.value)
        )
        tx.execute(text("UPDATE run SET why = 'x'"))
        found = {entry.name: mode(entry) for entry in path.parent.iterdir()}
    assert found.keys() >= {"desk.db", "desk.db-journal", "desk.db.key", "desk.db.mark", "desk.db.sender"}
    assert set(found.values()) == {0o600}


@pytest.mark.sqlite_file
def test_sec36_a_folder_of_ours_that_others_could_enter_is_closed_to_them(path):
    path.parent.mkdir(mode=0o755)
    Store(path).close()
    assert mode(path.parent) == 0o700
    path.parent.chmod(0o755)
    Store(path).close()
    assert mode(path.parent) == 0o700


@pytest.mark.sqlite_file
def test_sec36_a_folder_with_somebody_elses_files_is_left_as_it_is(path):
    path.parent.mkdir(mode=0o755)
    (path.parent / "notes.txt").write_text("mine")
    Store(path).close()
    assert (mode(path.parent), mode(path)) == (0o755, 0o600)


@pytest.mark.sqlite_file
def test_a_file_others_can_read_is_closed_to_them(path):
    Store(path).close()
    path.chmod(0o644)
    Store(path).close()
    assert mode(path) == 0o600


@pytest.mark.sqlite_file
def test_every_connection_has_the_safe_settings(path):
    """SEC37, SEC39."""
    with closing(Database(path)) as db, db.read() as tx:
        found = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "secure_delete",
                "foreign_keys",
                "busy_timeout",
                "trusted_schema",
                "journal_mode",
                "synchronous",
            )
        }
    journal, synchronous = ("wal", 2) if sqlite.wal_is_safe() else ("truncate", 3)
    assert found == {
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "trusted_schema": 0,
        "journal_mode": journal,
        "synchronous": synchronous,
    }


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_a_write_ahead_log_only_where_its_race_is_fixed(version, safe):
    """SEC39."""
    assert sqlite.wal_is_safe(version) is safe


@pytest.mark.sqlite_file
def test_a_newer_schema_is_refused_and_not_a_byte_is_written(path):
    with closing(Database(path)) as db, db.write() as tx:
        tx.execute(update(schema.meta).where(schema.meta.c.name == "schema_version").values(value="99"))
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable) as refused:
        Store(path)
    assert (refused.value.code, refused.value.params) == (
        "schema_newer",
        {"found": 99, "known": schema.schema_version()},
    )
    assert path.read_bytes() == before


def test_an_older_schema_goes_through_each_step_once(path, monkeypatch):
    Store(path).close()
    done = []

    def second(tx):
        done.append(first)
        tx.execute(text("ALTER TABLE draft ADD COLUMN note TEXT"))

    first = schema.schema_version() + 1
    monkeypatch.setattr(schema, "STEPS", {first: second, first + 1: lambda tx: done.append(first + 1)})
    Store(path).close()
    with closing(Database(path)) as db, db.read() as tx:
        assert schema.found_version(tx) == first + 1
    assert done == [first, first + 1]


@pytest.mark.sqlite_file
def test_a_step_that_breaks_leaves_the_database_as_it_was(path, monkeypatch):
    Store(path).close()

    def broken(tx):
        tx.execute(text("ALTER TABLE draft ADD COLUMN note TEXT"))
        raise StoreUnavailable("store_error")

    monkeypatch.setattr(schema, "STEPS", {schema.schema_version() + 1: broken})
    with pytest.raises(StoreUnavailable):
        Store(path)
    monkeypatch.undo()
    with closing(Store(path)) as again:
        assert again.drafts.latest() == []
    with closing(sqlite3.connect(path)) as raw:
        assert "note" not in [column[1] for column in raw.execute("PRAGMA table_info(draft)")]


def test_the_tables_need_no_sqlite(store):
    """The same definitions compile for PostgreSQL, so that a URL can follow."""
    made = [
        str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for table in schema.METADATA.sorted_tables
    ]
    assert len(made) == len(schema.METADATA.tables)
    assert "BIGSERIAL" in "".join(made)
    assert not any("WITHOUT ROWID" in statement for statement in made)


@pytest.mark.sqlite_file
def test_a_damaged_file_is_named_corrupt(path):
    Store(path).close()
    data = bytearray(path.read_bytes())
    data[:100] = b"\xff" * 100
    path.write_bytes(data)
    with pytest.raises(StoreUnavailable, match="store_corrupt"):
        Store(path)


@pytest.mark.sqlite_file
def test_a_damaged_page_is_found_at_the_start(path):
    with closing(Store(path)) as first:
        first.runs.create(scenes.plan(batches=20, rows_each=20))
    data = bytearray(path.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(StoreUnavailable, match="store_corrupt"):
        Store(path)


@pytest.mark.sqlite_file
def test_a_file_deleted_while_open_stops_everything(store, path):
    run_id = store.runs.create(scenes.plan())
    path.rename(path.with_suffix(".away"))
    for step in (store.runs.latest, store.sender.take_over, lambda: store.runs.pause(run_id)):
        with pytest.raises(StoreUnavailable, match="store_gone"):
            step()


@pytest.mark.sqlite_file
def test_a_file_replaced_while_open_stops_everything(store, path):
    other = path.with_name("other.db")
    Store(other).close()
    os.replace(other, path)
    with pytest.raises(StoreUnavailable, match="store_gone"):
        store.drafts.latest()


@pytest.mark.sqlite_file
def test_another_programs_lock_is_named_when_it_lasts(store, path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 10)
    with closing(Store(path)) as impatient, closing(sqlite3.connect(path, isolation_level=None)) as raw:
        impatient.close()  # the next connection takes the short timeout
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="store_locked"):
            impatient.drafts.create({})
        raw.execute("ROLLBACK")
        assert impatient.drafts.create({})


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (sqlite3.SQLITE_FULL, "store_full"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "store_read_only"),
        (sqlite3.SQLITE_IOERR_FSYNC, "store_io"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "store_locked"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "store_corrupt"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "store_gone"),
        (sqlite3.SQLITE_ERROR, "store_error"),
    ],
)
def test_extended_error_numbers_are_told_by_their_family(number, code):
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = number
    assert sqlite.error_code(error) == code


@pytest.mark.sqlite_file
def test_a_full_disk_is_named_and_loses_nothing_that_stood(store, path):
    run_id = store.runs.create(scenes.plan())
    with store._db.read() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
    store.close()

    def shrink(raw, _record):
        raw.execute(f"PRAGMA max_page_count={pages + 2}").close()

    event.listen(store._db._engine, "connect", shrink)
    with pytest.raises(StoreUnavailable, match="store_full"):
        store.uploads.save("big", b"x" * 1_000_000)
    assert store.runs.conservation(run_id).holds


def test_an_exception_text_carries_no_number(store):
    twice = [{"fingerprint": "13012121211", "mapping": "13012121211", "used": ""}] * 2
    with store._db.write() as tx, pytest.raises(IntegrityError, match="(?i)unique") as broken:
        tx.execute(schema.mapping_memory.insert(), twice)
    assert "13012121211" not in str(broken.value)


@pytest.mark.sqlite_file
def test_a_lost_key_is_refused_because_history_would_look_empty(path):
    Store(path).close()
    key = path.with_name("desk.db.key")
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(StoreUnavailable, match="store_key_missing"):
        Store(path)
    key.write_bytes(b"\0" * 32)
    with pytest.raises(StoreUnavailable, match="store_key_missing"):
        Store(path)
    key.write_bytes(kept)
    Store(path).close()


@pytest.mark.sqlite_file
def test_a_database_by_url_is_the_same(path):
    Store(path).close()
    with closing(Store(f"sqlite:///{path}")) as by_url:
        assert by_url.runs.latest() == []


@pytest.mark.parametrize(
    "address", ["mysql://host/desk", "oracle+cx://host/desk", "postgresql://host:port/desk", "://"]
)
def test_an_address_that_is_no_postgresql_is_told(address):
    with pytest.raises(StoreUnavailable, match="server_address"):
        Store(address)


def test_a_server_that_is_not_there_is_told():
    with pytest.raises(StoreUnavailable, match="server_gone"):
        Store("postgres://desk@127.0.0.1:1/desk")


def test_reads_and_writes_from_many_threads_do_not_lose_anything(store):
    def work():
        for _ in range(10):
            store.drafts.create({})
            store.drafts.latest()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.drafts.latest(limit=None)) == 60


def test_no_table_has_room_for_a_token():
    names = [
        f"{table.name}.{column.name}" for table in schema.METADATA.sorted_tables for column in table.columns
    ]
    assert names
    assert [name for name in names if "token" in name or "secret" in name] == []


def test_the_fence_is_one_row(path):
    with closing(Database(path)) as db, db.read() as tx:
        assert tx.execute(select(schema.lease.c.epoch)).all() == [(0,)]


@pytest.mark.sqlite_file
@pytest.mark.parametrize(
    "refusal", [PermissionError(errno.EACCES, "no"), OSError(errno.EROFS, "read-only disk")]
)
def test_s04_a_sender_alone_ends_with_a_sentence_where_the_file_may_not_be_written(
    path, tmp_path, monkeypatch, capsys, refusal
):
    Store(path).close()
    opened = os.open

    def open_(name, *rest):
        if name == path:  # whoever runs the tests as root may write every file
            raise refusal
        return opened(name, *rest)

    monkeypatch.setattr("os.open", open_)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert engine_command.main(["--database", str(path), "--secrets", str(tmp_path / "none")]) == 1
    assert t("error.store_read_only", "zh") in capsys.readouterr().err
