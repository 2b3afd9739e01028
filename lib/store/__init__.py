"""The one door to what is kept: a store is made of sub-stores, each for what belongs together (README, "The one way in").

Every method of a sub-store is one transaction and raises StoreUnavailable where the database cannot do it; a page or the
engine never sees an SQL error. Thread-safe. What a caller gets is described in `lib.run.records`, in the words of `lib.run.states`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.store.arrivals import Arrivals
from lib.store.audit import Audits
from lib.store.callbacks import CallbackInbox, Callbacks
from lib.store.connections import Connections
from lib.store.database import Database
from lib.store.decisions import Decisions
from lib.store.directory import DirectoryCache
from lib.store.do_not_call import DoNotCall
from lib.store.drafts import Drafts, Edits, Mappings, Uploads
from lib.store.erasure import Erasure
from lib.store.evidence import BatchEvidence
from lib.store.health import DatabaseFacts, DeskHealth
from lib.store.history import History
from lib.store.journal import Journal, Logins
from lib.store.looks import Looks
from lib.store.meanings import Meanings
from lib.store.owners import Owners
from lib.store.permission import Guard
from lib.store.recipes import Recipes
from lib.store.retention import Retention
from lib.store.run_log import RunLog
from lib.store.runs import Batches, Runs
from lib.store.scripts import Scripts
from lib.store.sender import Sender
from lib.store.settings import SavedSettings
from lib.store.withdrawals import Withdrawals

__all__ = ["AnyStore", "Store"]


class AnyStore:
    """The sub-stores that people use, and the program with them. guard: who stands before each call; None for the program."""

    def __init__(self, db: Database, guard: Guard | None = None) -> None:
        self._db = db
        self.connections = Connections(db, guard)
        self.uploads = Uploads(db, guard)
        self.drafts = Drafts(db, guard)
        self.edits = Edits(db, guard)
        self.mappings = Mappings(db, guard)
        self.meanings = Meanings(db, guard)
        self.recipes = Recipes(db, guard)
        self.scripts = Scripts(db, guard)
        self.runs = Runs(db, guard)
        self.batches = Batches(db, guard)
        self.run_log = RunLog(db, guard)
        self.history = History(db, guard)
        self.do_not_call = DoNotCall(db, guard)
        self.decisions = Decisions(db, guard)
        self.arrivals = Arrivals(db, guard)
        self.callbacks = Callbacks(db, guard)
        self.settings = SavedSettings(db, guard)
        self.journal = Journal(db, guard)
        self.retention = Retention(db, guard)
        self.database = DatabaseFacts(db, guard)

    @property
    def person_id(self) -> str:
        """Who uses it; "" for the program."""
        return ""


class Store(AnyStore):
    """One open database, and beside `AnyStore` the sub-stores that only the program uses.

    url_or_path: the path of an SQLite file, made where there is none, or the URL of a PostgreSQL. key: the install
    key of a PostgreSQL, kept in it where not given; that of a file lies beside it. clock: seconds since 1970, by which ages
    are told. second_mark: where it is noted once more what was sent last, outside every backup. Raises StoreUnavailable: "schema_newer" (nothing is written then), "store_key_missing",
    "store_corrupt", "server_gone", …
    """

    def __init__(
        self,
        url_or_path: str | Path,
        *,
        key: bytes | None = None,
        clock: Callable[[], float] = time.time,
        second_mark: Path | None = None,
    ) -> None:
        super().__init__(Database(url_or_path, key=key, clock=clock))
        self.sender = Sender(self._db, second_mark)
        self.owners = Owners(self._db)
        self.directory = DirectoryCache(self._db)
        self.health = DeskHealth(self._db)
        self.erasure = Erasure(self._db)
        self.logins = Logins(self._db)
        self.looks = Looks(self._db)
        self.withdrawals = Withdrawals(self._db)
        self.callback_inbox = CallbackInbox(self._db)
        self.audits = Audits(self._db)
        self.evidence = BatchEvidence(self._db)

    def close(self) -> None:
        """Close the connections that are not in use, and give up what this process has locked."""
        self._db.close()

    @property
    def is_on_server(self) -> bool:
        """Whether it is on a server, where processes of several machines use it."""
        return self._db.is_shared

    def keeps(self, name: str) -> bool:
        """Whether this process has this for itself, from the first time it asks until it ends."""
        return self._db.locks.take(name)

    @contextmanager
    def duty(self, name: str) -> Iterator[bool]:
        """Whether this process does it alone until the block ends; what one process does at a time is named by the caller."""
        is_mine = self._db.locks.take(name)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._db.locks.release(name)
