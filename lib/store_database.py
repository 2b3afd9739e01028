"""The way into the database: transactions, and every way it can fail as one named error."""

import hmac
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Result, create_engine, delete, insert, make_url, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lib import store_place, store_sqlite
from lib.errors import StoreUnavailable
from lib.privacy import create_install_key, read_install_key
from lib.store_records import TRANSITIONS, utc_now
from lib.store_schema import found_version, lease, meta, migrate

#: Connections kept open, and more at a rush: 16 sends, the pages, and some.
POOL_SIZE, POOL_RUSH = 8, 40

#: Free bytes below which no run begins (reliability.md, 2.11).
LEAST_FREE_BYTES = 200_000_000

_KEY_CHECK = "key_check"

#: Since when the file waits to be written anew, in `meta`.
_COMPACTION = "compaction_owed"

Value = TypeVar("Value", int, str)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Whatever the database or the disk says comes out as StoreUnavailable; a mistake in our SQL stays loud."""
    try:
        yield
    except (IntegrityError, ProgrammingError, DataError, InterfaceError):
        raise
    except DBAPIError as error:
        raise StoreUnavailable(store_sqlite.error_code(error.orig)) from error
    except PoolTimeout as error:
        raise StoreUnavailable("store_locked") from error
    except OSError as error:
        raise StoreUnavailable("store_gone" if isinstance(error, FileNotFoundError) else "store_io") from error


class Database:
    """One open database: an SQLite file, or another by URL. `key`: the install key for phone numbers.

    Opening writes nothing into a database whose schema is newer. key_path: only needed without a file to lie beside.
    """

    def __init__(self, url_or_path: str | Path, key_path: Path | None = None) -> None:
        text = str(url_or_path)
        url = make_url(text) if "://" in text else make_url("sqlite://").set(database=str(Path(text).absolute()))
        self._path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        if self._path is None and key_path is None:
            raise ValueError("a database without a file needs key_path")
        self._writing = threading.Lock()
        with storage_errors():
            if self._path:
                store_place.refuse_shared(self._path.parent)
                store_sqlite.prepare_file(self._path)
            self._engine = _engine(url, is_file=self._path is not None)
            self._identity = store_sqlite.identity(self._path) if self._path else None
        try:
            self._open()
            self.key = self._install_key(key_path or self._path.with_name(self._path.name + ".key"))  # type: ignore[union-attr]
        except BaseException:
            self._engine.dispose()
            raise

    def _open(self) -> None:
        with self.read() as open_connection:
            found_version(open_connection)
            if self._path and not store_sqlite.is_sound(open_connection):
                raise StoreUnavailable("store_corrupt")
        if self._path:
            with storage_errors():
                store_sqlite.set_journal(self._engine)
        with self.write(is_new=True) as open_connection:
            migrate(open_connection)
            if self._path:
                store_sqlite.guard_states(open_connection, TRANSITIONS)

    def _install_key(self, path: Path) -> bytes:
        """The key of this database; a database whose key is lost could not see what it has sent before."""
        with self.write() as open_connection:
            known = open_connection.execute(select(meta.c.value).where(meta.c.name == _KEY_CHECK)).scalar()
            key = read_install_key(path)
            if known is None:
                key = key or create_install_key(path)
                open_connection.execute(insert(meta).values(name=_KEY_CHECK, value=_check_of(key)))
            elif key is None or not hmac.compare_digest(known, _check_of(key)):
                raise StoreUnavailable("store_key_missing", file=path.name)
            return key

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment. Raises StoreUnavailable."""
        with storage_errors():
            self._same_file()
            with self._engine.connect() as open_connection, open_connection.begin():
                if self._path:
                    store_sqlite.begin(open_connection, writes=False)
                yield open_connection

    @contextmanager
    def write(self, *, is_new: bool = False) -> Iterator[Connection]:
        """A transaction alone with its write lock from its beginning: everything in it, or nothing.

        Within this process writers queue on a lock: SQLite's own waiting sleeps in steps. Raises StoreUnavailable.
        """
        with storage_errors(), self._writing:
            self._same_file()
            with self._engine.connect() as open_connection, open_connection.begin():
                if self._path:
                    store_sqlite.begin(open_connection, writes=True)
                elif not is_new:  # elsewhere than in SQLite: the row every writer queues on
                    open_connection.execute(select(lease.c.epoch).with_for_update())
                yield open_connection

    def _same_file(self) -> None:
        if self._path and store_sqlite.identity(self._path) != self._identity:
            raise StoreUnavailable("store_gone")

    def check_space(self) -> None:
        """Raises StoreUnavailable("store_space") where too little of the disk is free to begin something."""
        if self._path is None:
            return
        with storage_errors():
            free = shutil.disk_usage(self._path.parent).free
        if free < LEAST_FREE_BYTES:
            raise StoreUnavailable("store_space", megabytes=free // 1_000_000)

    @property
    def aside(self) -> Path | None:
        """Where endings wait that the database could not take; None for a database without a file."""
        return self._path.with_name(self._path.name + ".endings") if self._path else None

    @property
    def mark(self) -> Path | None:
        """Where it is noted what was sent last; None for a database without a file."""
        return self._path.with_name(self._path.name + ".mark") if self._path else None

    def compaction_owed(self) -> str:
        """Since when something deleted waits for `compact`; "" where nothing does."""
        with self.read() as open_connection:
            return open_connection.execute(_OWED).scalar() or ""

    def compact(self) -> None:
        """Write the file anew: what was deleted may have left traces between the pages of the old one.

        Holds up every writer meanwhile. Raises StoreUnavailable, and then the file is as it was and goes on owing it.
        """
        owed = self.compaction_owed()
        if self._path:
            with storage_errors(), self._writing:
                self._same_file()
                with self._engine.connect() as open_connection:
                    store_sqlite.compact(open_connection)
        with self.write() as open_connection:
            open_connection.execute(delete(meta).where(meta.c.name == _COMPACTION, meta.c.value == owed))

    def size(self) -> int:
        """Bytes of the file; 0 for a database without one."""
        with storage_errors():
            return self._path.stat().st_size if self._path else 0

    def journal_mode(self) -> str:
        """The kind of journal in force, "" elsewhere than in SQLite."""
        if self._path is None:
            return ""
        with self.read() as open_connection:
            return store_sqlite.journal_mode(open_connection)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()


_OWED = select(meta.c.value).where(meta.c.name == _COMPACTION)


def owe_compaction(open_connection: Connection) -> None:
    """Something is deleted in this transaction that must leave no trace in the file.

    The moment is always a new one: whoever is writing the file anew right now must not take this for done.
    """
    open_connection.execute(delete(meta).where(meta.c.name == _COMPACTION))
    open_connection.execute(insert(meta).values(name=_COMPACTION, value=utc_now()))


def storable(text: str) -> str:
    """Text every database takes: lone surrogates and NUL become a replacement character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def chunks(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """The values in ascending order, each once, in lists of at most `size`: for an IN (…), which cannot hold any number."""
    ordered = sorted(set(values))
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def plain_rows(result: Result[Any]) -> list[tuple[Any, ...]]:
    """Rows for a DataFrame: it asks every object whether it is a dataclass, and SQLAlchemy's rows answer slowly."""
    return [tuple(row) for row in result]


def _engine(url: URL, *, is_file: bool) -> Engine:
    # hide_parameters: an exception text must not carry a phone number
    engine = create_engine(url, hide_parameters=True, pool_size=POOL_SIZE, max_overflow=POOL_RUSH, pool_use_lifo=True)
    if is_file:
        store_sqlite.listen(engine)
    return engine


def _check_of(key: bytes) -> str:
    return hmac.digest(key, b"contact desk", "sha256").hex()[:16]
