"""The way into the database: transactions, and every way it can fail as one named error."""

import hmac
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from errno import EROFS
from pathlib import Path
from typing import Any, TypeVar, cast

import pandas as pd
from sqlalchemy import (
    URL,
    Connection,
    Result,
    RootTransaction,
    Table,
    delete,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lib.errors import StoreUnavailable
from lib.run.states import TRANSITIONS
from lib.store import location, postgres, sqlite
from lib.store.install_key import KEY_BYTES, create_install_key, read_install_key
from lib.store.lock import FileLock, Locks, SessionLocks
from lib.store.schema import found_version, meta, migrate
from lib.times import utc_now

#: Free bytes below which no run begins.
LEAST_FREE_BYTES = 200_000_000

_KEY_CHECK, _KEY = "key_check", "install_key"

#: Name of the fact in a file that everything in it has moved to a server.
MOVED = "moved"

#: Names of the facts by which a restored or copied database is told: its id, and where one on a server is.
DESK_ID, HOME = "desk_id", "home"

#: Whoever writes about runs takes its turn in the first queue. What a person prepares has its own, and so has freezing a
#: run, which may take seconds: nobody sees the new one before it is there, so that sending goes on meanwhile.
#: What concerns more than one of them has its turn in each.
RUNS, DRAFTS, FREEZING = _TURNS = ("runs", "drafts", "freezing")

#: Since when the file waits to be written anew, in `meta`.
_VACUUM_REQUESTED = "compaction_owed"

Value = TypeVar("Value", int, str)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Whatever the database or the disk says comes out as StoreUnavailable; a mistake in our SQL stays loud."""
    try:
        yield
    except DBAPIError as error:
        code = _code_of(error)
        if code is None:
            raise
        raise StoreUnavailable(code) from error
    except UnicodeDecodeError as error:  # SQLite tells what is damaged in the damaged bytes themselves
        raise StoreUnavailable("store_corrupt") from error
    except PoolTimeout as error:
        raise StoreUnavailable("store_locked") from error
    except OSError as error:
        raise StoreUnavailable(_code_of_disk(error)) from error


def _code_of_disk(error: OSError) -> str:
    if isinstance(error, PermissionError) or error.errno == EROFS:
        return "store_read_only"
    return "store_gone" if isinstance(error, FileNotFoundError) else "store_io"


class Database:
    """One open database: an SQLite file, or PostgreSQL by URL. `key`: the install key for phone numbers.

    key, clock: as of `lib.store.Store`. locks: by which several processes tell who does what, above all who sends.
    """

    def __init__(
        self,
        url_or_path: str | Path,
        *,
        key: bytes | None = None,
        clock: Callable[[], float] = time.time,
        has_moved: bool = False,
    ) -> None:
        """has_moved: a file that moved to a server is opened all the same, to be compared."""
        url = located(url_or_path)
        self.name = f"{url.host or url.query.get('host', '')}/{Path(url.database or '').name}"
        self.clock = clock
        self._given_key = key
        self._path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        self._writing = threading.Lock()
        self.locks: Locks
        with storage_errors():
            if self._path:
                location.refuse_shared(self._path.parent)
                sqlite.prepare_file(self._path)
                self._engine = sqlite.made(url)
                self.locks = FileLock(self._path.with_name(self._path.name + ".sender"))
            else:
                self._engine, self.locks = postgres.made(url, stays=True), SessionLocks(url)
            self._identity = sqlite.identity(self._path) if self._path else None
        key_path = self._path and self._path.with_name(self._path.name + ".key")
        try:
            self._open(has_moved)
            self.key = self._install_key(key_path, key)
        except BaseException:
            self.close()
            raise

    def _open(self, has_moved: bool) -> None:
        with self.read() as open_connection:
            if found_version(open_connection) and not has_moved:
                self.refuse_moved(open_connection)
            if self._path is None:
                postgres.check(open_connection)
            elif not sqlite.is_sound(open_connection):
                raise StoreUnavailable("store_corrupt")
        if self._path:
            with storage_errors():
                sqlite.set_journal(self._engine)
        with self.write() as open_connection:
            migrate(open_connection)
            vendor = sqlite if self._path else postgres
            vendor.guard_states(open_connection, TRANSITIONS)

    @staticmethod
    def refuse_moved(open_connection: Connection) -> None:
        """Raises StoreUnavailable("store_moved") where everything in this file has moved to a server."""
        to = open_connection.execute(select(meta.c.value).where(meta.c.name == MOVED)).scalar()
        if to:
            raise StoreUnavailable("store_moved", to=to)

    def _install_key(self, path: Path | None, given: bytes | None) -> bytes:
        """The key of this database; a database whose key is lost could not see what it has sent before."""
        with self.write() as open_connection:
            query = select(meta.c.name, meta.c.value).where(meta.c.name.in_([_KEY_CHECK, _KEY]))
            saved = dict(open_connection.execute(query).all())
            known, inside = saved.get(_KEY_CHECK), saved.get(_KEY)
            key = given or (read_install_key(path) if path else inside and bytes.fromhex(inside)) or None
            if known is None:
                key = key or (create_install_key(path) if path else self._own_key(open_connection))
                open_connection.execute(insert(meta).values(name=_KEY_CHECK, value=_check_of(key)))
            elif key is None or not hmac.compare_digest(known, _check_of(key)):
                if path:
                    raise StoreUnavailable("store_key_missing", file=path.name)
                raise StoreUnavailable("server_key")
            return key

    @staticmethod
    def _own_key(open_connection: Connection) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        open_connection.execute(insert(meta).values(name=_KEY, value=key.hex()))
        return key

    def take_key(self, open_connection: Connection, key: bytes) -> None:
        """Numbers are compared by this key from now on. Raises StoreUnavailable("server_key") where another was given."""
        if self._given_key not in (None, key):
            raise StoreUnavailable("server_key")
        open_connection.execute(delete(meta).where(meta.c.name.in_([_KEY_CHECK, _KEY])))
        open_connection.execute(insert(meta).values(name=_KEY_CHECK, value=_check_of(key)))
        if not self._given_key:
            open_connection.execute(insert(meta).values(name=_KEY, value=key.hex()))
        self.key = key

    def number_on(self, open_connection: Connection, table: Table) -> None:
        """After rows were put in with their numbers: the next one gets a number of its own. A file does so by itself."""
        if self.is_shared:
            postgres.number_on(open_connection, table)

    @property
    def is_shared(self) -> bool:
        """Whether it is on a server, where processes of several machines use it."""
        return self._path is None

    def account(self, token: str) -> str:
        """What may be kept of a token: enough to know it again, with this database's key only; "" for none."""
        return hmac.digest(self.key, b"account:" + token.encode(), "sha256").hex()[:16] if token else ""

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one moment. Raises StoreUnavailable."""
        return self._transaction(None)

    def write(self, *queues: str) -> AbstractContextManager[Connection]:
        """A transaction that has its turn from its beginning: everything in it, or nothing. Raises StoreUnavailable.

        queues: of which it has its turn, RUNS where none is named; writers of one queue come one after the other, over
        all processes. An SQLite file has one writer, whatever the queue.
        """
        return self._transaction(queues or (RUNS,))

    def write_unqueued(self) -> AbstractContextManager[Connection]:
        """As `write`, without a turn where there are several writers: every statement in it is a compare-and-set."""
        return self._transaction(())

    @contextmanager
    def _transaction(self, queues: Sequence[str] | None) -> Iterator[Connection]:
        """queues: None for a reader. Within this process those who write about runs queue on a lock: SQLite's own waiting
        sleeps in steps, and waiting holds a connection.
        """
        is_alone = queues is not None and (self._path or RUNS in queues)
        with self._writing if is_alone else nullcontext(), storage_errors():
            self._same_file()
            with (
                self._begun(queues) as open_connection,
                cast(RootTransaction, open_connection.get_transaction()),  # there is one: it has begun
            ):
                yield open_connection

    def _begun(self, queues: Sequence[str] | None) -> Connection:
        """A connection whose transaction has begun. One that the server dropped meanwhile is replaced: nothing was done on it."""
        try:
            return self._begin_on(self._engine.connect(), queues)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._begin_on(self._engine.connect(), queues)

    def _begin_on(self, open_connection: Connection, queues: Sequence[str] | None) -> Connection:
        writes = queues is not None
        try:
            open_connection.begin()
            if self._path:
                sqlite.begin(open_connection, writes=writes)
            else:
                turns = sorted(queues or (), key=_TURNS.index)
                postgres.begin(open_connection, writes=writes, queues=turns)
        except BaseException:
            open_connection.close()
            raise
        return open_connection

    def home(self, open_connection: Connection) -> str:
        """What a shared database is on its server."""
        return postgres.home(open_connection)

    def moment(self, open_connection: Connection) -> float:
        """Seconds since 1970 by a clock that every process on this database shares."""
        return time.time() if self._path else postgres.moment(open_connection)

    def _same_file(self) -> None:
        if self._path and sqlite.identity(self._path) != self._identity:
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
    def mark(self) -> Path | None:
        """Where it is noted what was sent last; None for a database without a file."""
        return self._path.with_name(self._path.name + ".mark") if self._path else None

    def vacuum_requested(self) -> str:
        """Since when something deleted waits for `vacuum`; "" where nothing does."""
        query = select(meta.c.value).where(meta.c.name == _VACUUM_REQUESTED)
        with self.read() as open_connection:
            return open_connection.execute(query).scalar() or ""

    def vacuum(self) -> None:
        """Write the file anew: what was deleted may have left traces between the pages of the old one.

        Holds up every writer meanwhile. Raises StoreUnavailable, and then the file is as it was and goes on owing it.
        """
        owed = self.vacuum_requested()
        if self._path:
            with storage_errors(), self._writing:
                self._same_file()
                with self._engine.connect() as open_connection:
                    sqlite.vacuum(open_connection)
                self._engine.dispose()  # each kept connection has old pages in its memory until it reads again
        paid = delete(meta).where(meta.c.name == _VACUUM_REQUESTED, meta.c.value == owed)
        with self.write() as open_connection:
            open_connection.execute(paid)

    def size(self) -> int:
        """Bytes of the file; 0 for a database without one."""
        with storage_errors():
            return self._path.stat().st_size if self._path else 0

    def journal_mode(self) -> str:
        """The kind of journal in force, "" elsewhere than in SQLite."""
        if self._path is None:
            return ""
        with self.read() as open_connection:
            return sqlite.journal_mode(open_connection)

    def close(self) -> None:
        """Close every connection that is not in use, and give up what this process has locked."""
        self.locks.close()
        self._engine.dispose()


def request_vacuum(open_connection: Connection) -> None:
    """Something is deleted in this transaction that must leave no trace in the file.

    The moment is always a new one: whoever is writing the file anew right now must not take this for done. A server
    clears its files itself.
    """
    if open_connection.dialect.name != "sqlite":
        return
    open_connection.execute(delete(meta).where(meta.c.name == _VACUUM_REQUESTED))
    open_connection.execute(insert(meta).values(name=_VACUUM_REQUESTED, value=utc_now()))


#: Values in one IN (…): sorted chunks of this size were the fastest way measured (README, "What was measured").
MOST_VALUES = 1_000


def chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    """The values in ascending order, each once, in lists of at most `MOST_VALUES`: an IN (…) cannot hold any number."""
    ordered = sorted(set(values))
    return (ordered[start : start + MOST_VALUES] for start in range(0, len(ordered), MOST_VALUES))


def frame(result: Result[Any]) -> pd.DataFrame:
    """Rows as a table with the names of the statement. Plain: a DataFrame asks every object whether it is a dataclass, and
    SQLAlchemy's rows answer slowly.
    """
    return pd.DataFrame([tuple(row) for row in result], columns=list(result.keys()))


def located(url_or_path: str | Path) -> URL:
    """Where a database is. Raises StoreUnavailable("server_address") for what is neither a file nor PostgreSQL."""
    text = str(url_or_path)
    if "://" not in text:
        return make_url("sqlite://").set(database=str(Path(text).absolute()))
    if text.startswith("postgres://"):
        text = text.replace("postgres", "postgresql", 1)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreUnavailable("server_address") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreUnavailable("server_address")
    return url


def _code_of(error: DBAPIError) -> str | None:
    """Our code for what the database said; None for a mistake of ours."""
    if sqlite.is_its_error(error.orig):
        loud = (IntegrityError, ProgrammingError, DataError, InterfaceError)
        return None if isinstance(error, loud) else sqlite.error_code(error.orig)
    return postgres.error_code(error.orig)


def _check_of(key: bytes) -> str:
    return hmac.digest(key, b"contact desk", "sha256").hex()[:16]
