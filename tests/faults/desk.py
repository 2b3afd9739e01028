"""One database for many schedules: its rows are set back, so that statements stay compiled and a schedule is cheap."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import event, make_url

from lib import times
from lib.run.records import RunPlan
from lib.store import Store
from lib.store.schema import METADATA
from tests import databases, plans
from tests.plans import NOWHERE

#: Memory is faster than a disk and as good here: these processes die, the machine does not.
FAST_FOLDER = Path("/dev/shm")

CONNECTION = NOWHERE

#: (batches, rows in each) of the runs that stand ready at the start of a schedule.
SHAPES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((4, 2),), ((3, 1),), ((5, 1),), ((2, 3),), ((1, 2),), ((2, 1), (2, 2)), ((3, 2), (2, 1)),
)  # fmt: skip


def plan(batches: int, rows_each: int, first: int = 0, label: str = "row", **given: Any) -> RunPlan:
    """A run of rows numbered from `first`, and one row that is held back; every row has its own `extra`."""
    return plans.plan(batches, rows_each, first=first, marks=label, held_back=1, **given)


class Clock:
    """The one time of a schedule: seconds since 1970 that pass when told. ahead: by how much this computer's date is wrong."""

    START = 1_800_000_000.0

    def __init__(self) -> None:
        self.now, self.ahead, self._read = self.START, 0.0, 0

    def __call__(self) -> float:
        return self.now

    def date(self) -> float:
        """As the computer has it, for the store and the log."""
        return self.now + self.ahead

    def reset(self, ahead: float = 0.0) -> None:
        """As at the beginning of a schedule, or so many seconds from it."""
        self.now, self.ahead, self._read = self.START + ahead, 0.0, 0

    def stamp(self, zone: tzinfo | None = None) -> datetime:
        """The moment for the log; no two are the same."""
        self._read += 1
        return datetime.fromtimestamp(self.date() + self._read * 1e-6, zone or UTC)

    def faked(self) -> type[datetime]:
        """A datetime class whose `now` is this clock's."""
        stamp = self.stamp

        class Faked(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return stamp(tz)

        return Faked


def _hasten(raw: sqlite3.Connection, _record: object = None) -> None:
    """What keeps a file whole when the machine dies: here only senders die, by an exception, and nothing is read after."""
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY"):
        raw.execute(f"PRAGMA {pragma}").close()


class FileLine(sqlite3.Connection):
    """The oracles' own line to a database file."""

    def version(self) -> int:
        """Another one after every commit of somebody else."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def is_sound(self) -> bool:
        return bool(self.execute("PRAGMA integrity_check").fetchone() == ("ok",))


class ServerLine:
    """The same to a PostgreSQL, in the words of sqlite3."""

    def __init__(self, url: str) -> None:
        to = make_url(url)
        self._line = psycopg.connect(
            host=str(to.query["host"]), user=to.username, dbname=to.database, autocommit=True
        )

    def execute(
        self, statement: str, parameters: tuple[object, ...] = ()
    ) -> psycopg.Cursor[tuple[object, ...]]:
        return self._line.execute(statement.replace("?", "%s"), parameters or None)

    def executemany(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        self._line.cursor().executemany(statement.replace("?", "%s"), rows)

    def version(self) -> int:
        found = self._line.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
        assert found
        return int(found[0])

    def is_sound(self) -> bool:
        """A server looks after its files itself."""
        return True

    def close(self) -> None:
        self._line.close()


#: Table → its rows: all that a database holds.
Content = dict[str, list[tuple[object, ...]]]


class Desk:
    """A database and two processes' doors to it; the person comes through the first.

    raw: a connection of its own, for the oracles and for setting back; it begins nothing by itself.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.path, self.clock = folder / "desk.db", clock
        self.stores = (Store(self.path, clock=clock.date), Store(self.path, clock=clock.date))
        self.raw: FileLine | ServerLine
        if self.stores[0].is_on_server:
            self.raw = ServerLine(databases.at(self.path))
        else:
            for store in self.stores:
                store.close()
                event.listen(store._db._engine, "connect", _hasten)
            self.raw = sqlite3.connect(self.path, isolation_level=None, timeout=5.0, factory=FileLine)
            _hasten(self.raw)
        self._templates: dict[tuple[tuple[int, int], ...], tuple[Content, list[str]]] = {}
        self._empty = self.content()
        mark = self.stores[0]._db.mark
        self._mark = mark.read_bytes() if mark else b""

    def reset(self, shape: tuple[tuple[int, int], ...]) -> list[str]:
        """The database as it was right after these runs were made; their ids."""
        for store in self.stores:
            store._db.locks.close()  # whoever sent in it is gone
        for left in self.path.parent.iterdir():
            if left.name not in (self.path.name, f"{self.path.name}.key", f"{self.path.name}.sender"):
                left.unlink()
        if self._mark:
            self.stores[0]._db.mark.write_bytes(self._mark)  # type: ignore[union-attr]
        if shape not in self._templates:
            self._fill(self._empty)
            self.clock.reset(-60.0)  # before everything else that will ever be stamped
            ids = [
                self.stores[0].runs.create(plan(batches, rows_each, first=100 * at))
                for at, (batches, rows_each) in enumerate(shape)
            ]
            self._templates[shape] = self.content(), ids
        content, ids = self._templates[shape]
        self._fill(content)
        self.clock.reset()
        return list(ids)

    def is_at_home(self) -> bool:
        """Whether a database on a server knows where it is, as from its first sender on."""
        asked = "SELECT count(*) FROM meta WHERE name = 'home'"
        return isinstance(self.raw, FileLine) or bool(self.raw.execute(asked).fetchone()[0])  # type: ignore[index]

    def restore(self, content: Content, *, with_mark: bool) -> None:
        """A backup is put back while nothing runs; with the mark beside it, or without."""
        for store in self.stores:
            store._db.locks.close()
        self._fill(content)
        if not isinstance(self.raw, FileLine):  # there a restore makes every table anew, and is known by that
            self.raw.execute("UPDATE meta SET value = 'before' WHERE name = 'home'")
        if not with_mark and (mark := self.stores[0]._db.mark):
            mark.unlink(missing_ok=True)

    def content(self) -> Content:
        """Everything the database holds."""
        return {
            table.name: self.raw.execute(f"SELECT * FROM {table.name}").fetchall()
            for table in METADATA.sorted_tables
        }

    def _fill(self, content: Content) -> None:
        """In place: connections stay open and their statements prepared, which is most of what a schedule would cost."""
        is_file = isinstance(self.raw, FileLine)
        self.raw.execute("BEGIN IMMEDIATE" if is_file else "BEGIN")
        for name in reversed(content):
            self.raw.execute(f"DELETE FROM {name}")
        for name, rows in content.items():
            if rows:
                self.raw.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        for name in (
            () if is_file else ("batch", "attempt", "event", "scan")
        ):  # a file numbers on from what it holds
            last = f"(SELECT coalesce(max(id), 0) + 1 FROM {name})"
            self.raw.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last}, false)")
        self.raw.execute("COMMIT")

    def close(self) -> None:
        """Every connection."""
        self.raw.close()
        for store in self.stores:
            store.close()


@contextmanager
def desk(kind: str = databases.SQLITE) -> Iterator[Desk]:
    """A desk on a database of this kind, in a fresh folder that goes with the block."""
    where = FAST_FOLDER if FAST_FOLDER.is_dir() else None
    with databases.on(kind), tempfile.TemporaryDirectory(dir=where, prefix="faults-") as folder:
        clock = Clock()
        with patch.object(times, "datetime", clock.faked()):
            made = Desk(Path(folder), clock)
            try:
                yield made
            finally:
                made.close()
