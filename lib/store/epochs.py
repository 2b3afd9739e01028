"""Who may send: the one process registered in the database, under an epoch of its own.

Whoever holds the lock (`lib.store.lock`) registers and ends the one before. A process whose epoch is not registered
claims nothing, marks nothing and so sends nothing, whatever it believes.
"""

import os
import platform

from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, delete, insert, select, update

from lib.store.schema import lease, sender
from lib.times import utc_now

_IS_REGISTERED = select(sender.c.epoch).where(sender.c.epoch == bindparam("by_epoch"))

IS_CURRENT = _IS_REGISTERED.exists()


def is_registered(tx: Open, epoch: int) -> bool:
    """Whether this epoch may send."""
    return tx.execute(_IS_REGISTERED, {"by_epoch": epoch}).first() is not None


def register(tx: Open) -> int:
    """The next epoch, which alone may send from now on."""
    tx.execute(delete(sender))
    tx.execute(update(lease).values(epoch=lease.c.epoch + 1))
    epoch = int(tx.execute(select(lease.c.epoch)).scalar_one())
    tx.execute(insert(sender).values(epoch=epoch, host=platform.node(), pid=os.getpid(), since=utc_now()))
    return epoch


def give_up(tx: Open, epoch: int) -> None:
    """This epoch sends no longer."""
    tx.execute(delete(sender).where(sender.c.epoch == epoch))
