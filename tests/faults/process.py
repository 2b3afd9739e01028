"""A process of the sender that can die at any named point, be overtaken, and find its database broken."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from lib.engine import Engine
from lib.errors import StoreUnavailable
from lib.platform.answers import Receipt
from lib.platform.connection import Connection
from lib.reconcile import Reconciler
from lib.reconcile.number_list import Asked
from lib.run.records import RunRecord
from lib.store import Store
from lib.store.permission import InnerStore, SubStore

#: What the store may say when it cannot record.
STORAGE_CODES = ("store_full", "store_locked", "store_io")

#: Calls of the sender that end in a commit, each a point to die before and after.
COMMITS = ("take_over", "resign", "claim", "wire", "finish", "record_scan", "arrived", "hold")


class Dies(BaseException):
    """The process ends here: nothing after it runs, nothing is recorded."""


Send = Callable[..., Receipt]


class Door:
    """The store as one process sees it. Every call may break, or be the last one.

    death, breakage: chances for each call; looked: called after every commit.
    """

    def __init__(self, process: "Process", store: Store | SubStore | InnerStore) -> None:
        self._process, self._store = process, store

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if isinstance(real, SubStore | InnerStore):
            return Door(self._process, real)
        return self._watched(name, real) if callable(real) else real

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        process = self._process

        def call(*args: Any, **rest: Any) -> Any:
            process.survive(f"before {name}")
            process.storage(f"before {name}")
            result = real(*args, **rest)
            if name in COMMITS:
                process.looked()
                process.survive(f"after {name}")
                process.storage(f"after {name}")
            return result

        return call


class Process:
    """One sender over its own door. alive turns false for good; jobs: attempts claimed and not begun."""

    def __init__(
        self,
        store: Store,
        send: Send,
        clock: Callable[[], float],
        date: Callable[[], float],
        chance: Random,
        hits: Counter[str],
        looked: Callable[[], None],
        token: Callable[[], str | None],
        asked: Asked | None,
        *,
        concurrency: int,
        follows: bool,
    ) -> None:
        self.store, self._alive, self.jobs = store, True, list[Callable[[], None]]()
        self.death = self.breakage = 0.0
        self.chance, self.hits, self.looked, self._token, self._send = chance, hits, looked, token, send
        self.door = Door(self, store)
        self.reconciler = Reconciler(self.door, asked, self._where, date, clock) if asked else None  # type: ignore[arg-type]
        self.engine = Engine(
            self.door,  # type: ignore[arg-type]
            self._sends,
            self._where,
            concurrency=concurrency,
            clock=clock,
            jitter=lambda low, high: chance.uniform(low, high),
            spawn=self.jobs.append,
            follows=follows,
            reconciler=self.reconciler,
        )

    @property
    def alive(self) -> bool:
        """False for good once it has died."""
        return self._alive

    @alive.setter
    def alive(self, lives: bool) -> None:
        self._alive = lives
        if not lives:
            self.loses_lock()

    def loses_lock(self) -> None:
        """As at the end of the process; of one that lives on, its line to the server was cut, or the lock's file is gone."""
        self.store._db.locks.close()

    def step(self) -> bool:
        """One step of the engine; False where it will never step again."""
        return self._living(self.engine.step) is not None

    def run_job(self) -> None:
        """Begin one of the attempts that are claimed, in any order."""
        if self.jobs:
            self._living(self.jobs.pop(self.chance.randrange(len(self.jobs))))

    def reconcile(self) -> None:
        """One step of the looking."""
        if self.reconciler:
            self._living(self.reconciler.step)

    def survive(self, point: str) -> None:
        """Die here, by chance or because it happened meanwhile."""
        if self.alive and self.death and self.chance.random() < self.death:
            self.hits[f"died {point}"] += 1
            self.alive = False
        if not self.alive:
            raise Dies(point)

    def storage(self, point: str) -> None:
        """The database breaks here: before a call nothing was written, after it all was."""
        if self.breaks(point):
            raise StoreUnavailable(self.chance.choice(STORAGE_CODES))

    def breaks(self, point: str) -> bool:
        """Whether the disk fails here."""
        if not self.breakage or self.chance.random() >= self.breakage:
            return False
        self.hits[f"storage {point}"] += 1
        return True

    def _living(self, act: Callable[[], Any]) -> Any:
        if not self.alive:
            return None
        try:
            return act()
        except Dies:
            self.alive = False
            self.jobs.clear()
            return None

    def _where(self, run: RunRecord) -> tuple[Connection, str | None]:
        return run.connection, self._token()

    def _sends(self, connection: Connection, token: str, body: bytes, on_wire: Callable[[], None]) -> Receipt:
        return self._send(self, connection, token, body, on_wire)
