"""Locks of a process on its database: above all that of the one that sends, while the others stand by.

Free the moment its holder's process ends, and nothing expires. Where two believe all the same that they send, claim and mark
compare the epoch (`lib.store.epochs`; lib/engine/README.md, "One sender").
"""

import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from lib.errors import StoreUnavailable
from lib.store import postgres, sqlite

#: Seconds for which one that did not hold a lock leaves it alone once its cut line to the server is there again: the server
#: was restarted, perhaps, and whoever held it is about to take it back.
GRACE_SECONDS = 3.0


class Locks(Protocol):
    """By name, for the life of a process. Thread-safe, and waits for nobody."""

    def take(self, name: str) -> bool:
        """Whether this process holds it now. Idempotent. Raises StoreUnavailable."""

    def release(self, name: str) -> None:
        """Give it up. Does nothing where it is not held."""

    def close(self) -> None:
        """Give all up, as the end of the process would. Idempotent."""


class FileLock:
    """Of an SQLite file: one, a second file beside it. Who holds it under any name has every name."""

    def __init__(self, path: Path) -> None:
        self._path, self._guard = path, threading.Lock()
        self._names: set[str] = set()
        self._line: sqlite3.Connection | None = None

    def take(self, name: str) -> bool:
        """As `Locks`."""
        with self._guard:
            try:
                self._line = self._line or sqlite.locked(self._path)
            except OSError as error:
                raise StoreUnavailable("store_read_only") from error
            if self._line:
                self._names.add(name)
            return self._line is not None

    def release(self, name: str) -> None:
        """As `Locks`: free once it is held under no name."""
        with self._guard:
            self._names.discard(name)
            if not self._names:
                self._let_go()

    def close(self) -> None:
        """As `Locks`."""
        with self._guard:
            self._names.clear()
            self._let_go()

    def _let_go(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()


class SessionLocks:
    """Of a PostgreSQL: those of a session that lasts as long as the process."""

    def __init__(self, url: URL) -> None:
        self._engine, self._guard = postgres.made(url, pooled=False), threading.Lock()
        self._line: Connection | None = None
        self._held: set[str] = set()
        self._ours: set[str] = set()  # those held when the line was cut too
        self._was_cut, self._leaves_until = False, 0.0

    def take(self, name: str) -> bool:
        """As `Locks`."""
        with self._guard:
            try:
                line = self._connected()
                if name in self._held:
                    postgres.ping(line)  # as long as the session lives it is locked
                elif name in self._ours or time.monotonic() >= self._leaves_until:
                    self._try(line, name)
            except DBAPIError as error:
                self._drop()
                self._was_cut = True
                raise StoreUnavailable(postgres.error_code(error.orig) or "store_error") from error
            return name in self._held

    def _connected(self) -> Connection:
        if self._line is None:
            self._line = self._engine.connect()
            self._leaves_until = time.monotonic() + GRACE_SECONDS if self._was_cut else 0.0
        return self._line

    def _try(self, line: Connection, name: str) -> None:
        self._ours.discard(name)
        if postgres.lock_session(line, name):
            self._held.add(name)
            self._ours.add(name)

    def release(self, name: str) -> None:
        """As `Locks`."""
        with self._guard:
            self._ours.discard(name)
            if self._line is not None and name in self._held:
                self._held.discard(name)
                with suppress(DBAPIError):  # a line that is cut has let go
                    postgres.unlock_session(self._line, name)

    def close(self) -> None:
        """As `Locks`."""
        with self._guard:
            line = self._line
            if line is not None:
                for name in self._held:
                    with suppress(DBAPIError):
                        postgres.unlock_session(line, name)
            self._ours.clear()
            self._drop()

    def _drop(self) -> None:
        self._held.clear()
        gone, self._line = self._line, None
        if gone is not None:
            gone.invalidate()  # without a farewell: the line may be dead
            gone.close()
