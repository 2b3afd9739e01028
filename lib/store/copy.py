"""Moving house: takes everything in an SQLite file over to a PostgreSQL (`python -m lib.store copy FILE DATABASE_URL`).

All of it in one transaction, in the order tables refer to each other, and compared before it counts: as many rows in
each table, with the same contents. Afterwards the file says where it moved to and is not opened any more, so that the
same batches cannot go out from two desks. Said again to the same database it only compares.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import Table, delete, func, insert, select, update

from lib.errors import Conflict, StoreUnavailable
from lib.run.records import storable
from lib.run.states import BatchState, RunState
from lib.store.database import DESK_ID, HOME, MOVED, Database
from lib.store.schema import METADATA, batch, lease, meta, run, sender

#: What each database has of its own.
_OWN_TABLES = (meta, lease, sender)
_OWN_FACTS = ("schema_version", "key_check", "install_key", DESK_ID, HOME, MOVED)

#: Rows written at once, and of tables that hold whole files or requests.
_ROWS, _LARGE_ROWS = 1_000, 20

_LARGE = ("upload", "run_source", "batch_body")

_GOING = (RunState.RUNNING.value, RunState.PAUSING.value, RunState.CANCELLING.value)


@dataclass(frozen=True)
class Moved:
    """One table: its rows, and a number all of them together make, in whatever order they are read."""

    table: str
    rows: int
    checksum: str


def copy(source: Database, target: Database) -> list[Moved]:
    """Take everything over, or find that all of it is there; each table as it is in both.

    Raises Conflict: "copy_run_going" with `count`, "copy_target_used" with `table`; StoreUnavailable("copy_differs") with
    `table` where what was written reads otherwise.
    """
    with source.write() as old, target.write() as new:
        _refuse_going(old)
        tables = [table for table in METADATA.sorted_tables if table not in _OWN_TABLES]
        is_used = any(new.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
        if not is_used:
            for table in tables:
                _take(old, new, table)
                target.number_on(new, table)
            _take_facts(old, new, target)
            target.take_key(new, source.key)
        moved = [_same(old, new, table, is_used) for table in tables]
        old.execute(delete(meta).where(meta.c.name == MOVED))
        old.execute(insert(meta).values(name=MOVED, value=target.name))
        old.execute(delete(sender))  # whoever still sends from the file sends no further byte
    return moved


def _refuse_going(tx: Open) -> None:
    going = select(func.count()).where(run.c.state.in_(_GOING))
    sending = select(func.count()).where(batch.c.state == BatchState.SENDING.value)
    count = tx.execute(going).scalar_one() or tx.execute(sending).scalar_one()
    if count:
        raise Conflict("copy_run_going", count=count)


def _take(old: Open, new: Open, table: Table) -> None:
    for rows in _read(old, table).partitions():
        new.execute(insert(table), [dict(row._mapping) for row in rows])


def _read(tx: Open, table: Table) -> Any:
    """Every row, by key: a batch comes after the one it was split from."""
    size = _LARGE_ROWS if table.name in _LARGE else _ROWS
    return tx.execute(select(table).order_by(*table.primary_key), execution_options={"yield_per": size})


def _take_facts(old: Open, new: Open, target: Database) -> None:
    """What is kept by name; and epochs go on from where they were."""
    facts = old.execute(select(meta.c.name, meta.c.value).where(meta.c.name.not_in(_OWN_FACTS))).all()
    new.execute(delete(meta).where(meta.c.name.in_([fact.name for fact in facts])))
    if facts:
        new.execute(insert(meta), [{"name": fact.name, "value": fact.value} for fact in facts])
    # an id of its own, as it is no backup; its home, as a backup may be made before its first start
    for name, value in ((DESK_ID, secrets.token_hex(8)), (HOME, target.home(new))):
        if not new.execute(select(meta.c.name).where(meta.c.name == name)).first():
            new.execute(insert(meta).values(name=name, value=value))
    epoch = old.execute(select(lease.c.epoch)).scalar_one()
    new.execute(update(lease).values(epoch=func.greatest(lease.c.epoch, epoch)))


def _same(old: Open, new: Open, table: Table, is_used: bool) -> Moved:
    before, after = _summed(old, table), _summed(new, table)
    if before != after:
        if is_used:
            raise Conflict("copy_target_used", table=table.name)
        raise StoreUnavailable("copy_differs", table=table.name)
    return before


def _summed(tx: Open, table: Table) -> Moved:
    total, count = 0, 0
    for row in _read(tx, table):
        digest = hashlib.sha256("\x1f".join(_plain(tuple(row))).encode())
        total, count = (total + int.from_bytes(digest.digest()[:16], "big")) % 2**128, count + 1
    return Moved(table.name, count, f"{total:032x}")


def _plain(values: tuple[Any, ...]) -> Iterator[str]:
    """Values as they are the same in both databases: text as PostgreSQL can hold it, bytes by their hash."""
    for value in values:
        if isinstance(value, str):
            yield "t" + storable(value)
        elif isinstance(value, bytes | memoryview):
            yield "b" + hashlib.sha256(value).hexdigest()
        else:
            yield repr(value)
