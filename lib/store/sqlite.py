"""What is special about SQLite: its settings, its files, its error numbers. The only place with its own SQL."""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

#: Connections kept open, and more at a rush: 16 sends, the pages, and some.
POOL_SIZE, POOL_RUSH = 8, 40

#: Milliseconds to wait for another process's transaction.
BUSY_TIMEOUT_MS = 30_000

#: The same while the file is written anew: there is always another time for that.
VACUUM_TIMEOUT_MS = 5_000

#: Versions in which the WAL-reset race is fixed (README, "Rules, and why"): since 3.51.3, and two backports.
_WAL_FIXED = (3, 51, 3)
_WAL_BACKPORTS = ((3, 50, 7), (3, 44, 6))

#: The kind of rollback journal. A commit cuts it to nothing and flushes that to the disk before it returns, which is as
#: lasting as deleting it and flushing the folder, and takes three quarters of the time.
_ROLLBACK = "TRUNCATE"

_ERRORS: dict[int, str] = {
    sqlite3.SQLITE_FULL: "store_full",
    sqlite3.SQLITE_BUSY: "store_locked",
    sqlite3.SQLITE_LOCKED: "store_locked",
    sqlite3.SQLITE_READONLY: "store_read_only",
    sqlite3.SQLITE_PERM: "store_read_only",
    sqlite3.SQLITE_CANTOPEN: "store_gone",
    sqlite3.SQLITE_CORRUPT: "store_corrupt",
    sqlite3.SQLITE_NOTADB: "store_corrupt",
    sqlite3.SQLITE_IOERR: "store_io",
}


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite may use a write-ahead log with several connections."""
    return version >= _WAL_FIXED or any(version[:2] == fix[:2] and version >= fix for fix in _WAL_BACKPORTS)


def prepare_file(path: Path) -> None:
    """Make the folder (0700) and the file (0600) before SQLite does; its journal takes the file's mode. Raises OSError.

    A folder that was there and holds nothing but ours is closed to others too; one that is used for more is left alone.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_mode & 0o077 and all(
        one.name.startswith(path.name) for one in path.parent.iterdir()
    ):
        path.parent.chmod(0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def identity(path: Path) -> tuple[int, int]:
    """Device and number of the file: SQLite goes on writing into a deleted one. Raises OSError."""
    found = path.stat()
    return found.st_dev, found.st_ino


def locked(path: Path) -> sqlite3.Connection | None:
    """A line that locks this file until it is closed or its process ends; None where another one does. Raises OSError.

    SQLite's own lock is one of the operating system, on every system there is. Nothing is written into the file.
    """
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    line = sqlite3.connect(path, timeout=0.0, isolation_level=None, check_same_thread=False)
    try:
        line.execute("PRAGMA journal_mode=MEMORY").close()
        line.execute("BEGIN EXCLUSIVE").close()
    except sqlite3.Error as error:
        line.close()
        if error_code(error) == "store_locked":
            return None
        raise OSError(str(error)) from error
    return line


def made(url: URL) -> Engine:
    """An engine that begins nothing by itself, with our settings on every connection."""
    # hide_parameters: an exception text must not carry a phone number
    pool = {"pool_size": POOL_SIZE, "max_overflow": POOL_RUSH, "pool_use_lifo": True}
    engine = create_engine(url, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def settings(raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None  # the sqlite3 module begins nothing by itself
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "trusted_schema=OFF",
            f"synchronous={'FULL' if wal_is_safe() else 'EXTRA'}",
        ):
            raw.execute(f"PRAGMA {pragma}").close()
        if not wal_is_safe() and raw.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            raw.execute(f"PRAGMA journal_mode={_ROLLBACK}").close()  # holds for this connection only

    return engine


def begin(connection: Connection, *, writes: bool) -> None:
    """Our own BEGIN, since the sqlite3 module begins nothing.

    IMMEDIATE for a write: a transaction that reads first and then writes fails at once when somebody else wrote in
    between, whatever the timeout.
    """
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def set_journal(engine: Engine) -> None:
    """The journal's kind; kept in the file, so asked for only once the schema is known to be ours."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute(f"PRAGMA journal_mode={'WAL' if wal_is_safe() else _ROLLBACK}").close()
    finally:
        raw.close()


def journal_mode(connection: Connection) -> str:
    """The kind of journal in force, as SQLite names it."""
    return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())


def guard_states(connection: Connection, allowed: Iterable[tuple[str, str]]) -> None:
    """Have the database itself refuse every change of a batch's state but these. Idempotent."""
    pairs = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in sorted(allowed))
    connection.exec_driver_sql(
        f"CREATE TRIGGER IF NOT EXISTS batch_states_2 BEFORE UPDATE OF state ON batch "
        f"WHEN OLD.state <> NEW.state AND NOT ({pairs}) "
        "BEGIN SELECT RAISE(ABORT, 'this change of state does not exist'); END"
    )


def vacuum(connection: Connection) -> None:
    """Write the whole file anew, and empty the log where there is one. Gives up soon where another process is reading."""
    connection.exec_driver_sql(f"PRAGMA busy_timeout={VACUUM_TIMEOUT_MS}")
    try:
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def is_sound(connection: Connection) -> bool:
    """SQLite's own quick check of the whole file."""
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"


def is_its_error(error: BaseException | None) -> bool:
    """Whether the sqlite3 module said this."""
    return isinstance(error, sqlite3.Error)


def error_code(error: BaseException | None) -> str:
    """Our code for an error of the sqlite3 module."""
    number = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) or sqlite3.SQLITE_ERROR
    return _ERRORS.get(number & 0xFF, "store_error")
