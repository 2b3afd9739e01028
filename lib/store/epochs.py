"""Who may send: the processes registered in the database, each under an epoch of its own.

A process whose epoch is not registered claims nothing, marks nothing and so sends nothing. An SQLite file has one
sender: whoever registers ends the others. A shared database has any number; one is ended only where it is gone, by two
signs: its session lock is free, which happens the moment its connection ends, and its heartbeat has stood still for a while
as another process saw it, so that a sender that is merely connecting anew (the server was restarted) is left alone.
A machine that vanishes without a word holds its lock until the server's keepalive notices: half a minute. Ending one
that lives after all is safe: its marks no longer match.
"""

import os
import platform
from collections.abc import Iterable

from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, delete, insert, select, update

from lib.run.records import Fenced
from lib.store.database import Database
from lib.store.postgres import is_free
from lib.store.schema import lease, sender
from lib.times import utc_now

#: Seconds a heartbeat has to stand still before its process may be taken for gone.
GRACE_SECONDS = 5.0

IS_CURRENT = select(sender.c.epoch).where(sender.c.epoch == bindparam("by_epoch")).exists()


def lock_of(epoch: int) -> str:
    """Name of the session lock a sender holds for as long as it lives."""
    return f"sender {epoch}"


_IS_REGISTERED = select(sender.c.epoch).where(sender.c.epoch == bindparam("by_epoch"))


def is_registered(c: Open, epoch: int) -> bool:
    """Whether this epoch may send."""
    return c.execute(_IS_REGISTERED, {"by_epoch": epoch}).first() is not None


_NEXT_EPOCH = update(lease).values(epoch=lease.c.epoch + 1)

_EPOCH = select(lease.c.epoch).where(lease.c.k == 1)


def register(c: Open) -> int:
    """The next epoch, which may send from now on."""
    c.execute(_NEXT_EPOCH)
    epoch = int(c.execute(_EPOCH).scalar_one())
    facts = {"beat": 0, "host": platform.node(), "pid": os.getpid(), "since": utc_now()}
    c.execute(insert(sender).values(epoch=epoch, **facts))
    return epoch


def retire_others(db: Database, c: Open, mine: int) -> bool:
    """End the others where there is to be one sender, and `mine` in any case; whether nobody is left who lives."""
    if not db.is_shared:
        c.execute(delete(sender))
        return True
    c.execute(delete(sender).where(sender.c.epoch == mine))
    left = c.execute(select(sender.c.epoch)).scalars().all()
    return all(is_free(c, lock_of(epoch)) for epoch in left)


def give_up(c: Open, epoch: int) -> None:
    """This epoch sends no longer."""
    c.execute(delete(sender).where(sender.c.epoch == epoch))


def retire_gone(c: Open, silent: Iterable[int]) -> None:
    """End those of these epochs whose process has let go of its lock."""
    gone = [epoch for epoch in silent if is_free(c, lock_of(epoch))]
    c.execute(delete(sender).where(sender.c.epoch.in_(gone)))


_HEARTBEATS = select(sender.c.epoch, sender.c.beat)


class Attendance:
    """What one process knows of its own life and of the others'."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.epoch = 0  # of this process, 0 for none
        self._connected = 0
        self._heartbeats: dict[
            int, tuple[int, float]
        ] = {}  # epoch → its heartbeat, and since when it was seen to stand at it

    def begin(self, epoch: int) -> None:
        """This process sends by this epoch from now on; 0: by none."""
        if self._db.session_locks and self.epoch:
            self._db.session_locks.unlock(lock_of(self.epoch))
        if self._db.session_locks and epoch:
            self._db.session_locks.lock(lock_of(epoch))
        self.epoch = epoch

    def attend(self, epoch: int) -> list[int]:
        """Send a heartbeat, and look at the others: epochs that have been silent for long. Raises Fenced where this one may send no longer."""
        session_locks = self._db.session_locks
        if session_locks is None:
            return []
        session_locks.lock(
            lock_of(epoch)
        )  # again, where the connection was lost; somebody may just be trying it
        if not session_locks.heartbeat(epoch):
            session_locks.unlock(lock_of(epoch))
            raise Fenced("fenced")
        if session_locks.connected != self._connected:
            self._connected = session_locks.connected
            self._heartbeats.clear()  # while this process was cut off it saw nobody's heartbeat
        with self._db.read() as c:
            found = dict(c.execute(_HEARTBEATS).all())
        now = self._db.clock()
        self._heartbeats = {one: self._since(one, beat, now) for one, beat in found.items() if one != epoch}
        return [one for one, (_, since) in self._heartbeats.items() if now - since >= GRACE_SECONDS]

    def _since(self, epoch: int, beat: int, now: float) -> tuple[int, float]:
        known = self._heartbeats.get(epoch)
        return known if known and known[0] == beat and known[1] <= now else (beat, now)
