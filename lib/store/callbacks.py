"""What the platform called back with: how often, the latest document about each batch, and which looks that brings forward.

Bounded on every side: whoever knows the address can fill neither the disk nor the history. No row, batch or run changes here.
"""

import json
from dataclasses import asdict

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, update
from sqlalchemy import Connection as Open

from lib.run.callbacks import CallbackNote, CallbackTotals, KeptCallback
from lib.run.states import BatchState
from lib.store.arrivals import hint
from lib.store.permission import Action, InnerStore, Of, SubStore, allowed
from lib.store.schema import batch, callback, meta
from lib.times import as_text

#: Documents kept about our batches, and about others; the oldest go first.
MOST_OURS, MOST_OTHERS = 500, 50

_IS_OURS = exists().where(batch.c.unique_id == callback.c.unique_id, batch.c.unique_id != "")


class Callbacks(SubStore):
    """`store.callbacks`."""

    @allowed(Action.LOOK)
    def totals(self) -> CallbackTotals:
        """How many callbacks came, and when the last did."""
        with self._db.read() as tx:
            return _totals(tx)

    @allowed(Action.LOOK, Of.RUN)
    def of_run(self, run_id: str | None) -> list[KeptCallback]:
        """Documents about the batches of a run, in order of batch; None: about none of our batches, newest first."""
        of_callback = (callback.c.unique_id, callback.c.times, callback.c.last_at, callback.c.document)
        with self._db.read() as tx:
            if run_id is None:
                query = select(*of_callback).where(~_IS_OURS).order_by(callback.c.last_at.desc())
                return [KeptCallback(None, *one) for one in tx.execute(query)]
            ours = select(batch.c.seq, *of_callback).join(batch, batch.c.unique_id == callback.c.unique_id)
            return [
                KeptCallback(*one)
                for one in tx.execute(ours.where(batch.c.run_id == run_id).order_by(batch.c.seq))
            ]


class CallbackInbox(InnerStore):
    """`store.callback_inbox`."""

    def record(self, note: CallbackNote, unread: int = 0) -> bool:
        """Keep it, and have the accepted batches it names looked up soon; whether there is one.

        unread: further callbacks that came since and were not read.
        """
        now = self._db.clock()
        with self._db.write() as tx:
            ids = [one for one in note.ids if one]
            is_meant = and_(batch.c.unique_id.in_(ids), batch.c.state == BatchState.ACCEPTED.value)
            meant = tx.execute(select(batch).where(is_meant)).all()
            for name in {one.unique_id for one in meant} or {note.named}:
                _keep(tx, name, note.document, as_text(now))
            for one in meant:
                hint(tx, one, now)
            _prune(tx, *((_IS_OURS, MOST_OURS) if meant else (~_IS_OURS, MOST_OTHERS)))
            _count(tx, unread, not meant, as_text(now))
            return bool(meant)


def _keep(tx: Open, unique_id: str, document: str, at: str) -> None:
    known = update(callback).where(callback.c.unique_id == unique_id).values(times=callback.c.times + 1)
    news = {"last_at": at, "document": document}
    if not tx.execute(known, news).rowcount:
        tx.execute(insert(callback), {"unique_id": unique_id, "times": 1, "first_at": at} | news)


def _prune(tx: Open, which: ColumnElement[bool], most: int) -> None:
    newest = (
        select(callback.c.unique_id).where(which).order_by(callback.c.last_at.desc(), callback.c.unique_id)
    )
    old = tx.execute(newest.offset(most)).scalars().all()
    if old:
        tx.execute(delete(callback).where(callback.c.unique_id.in_(old)))


_NAME = "callbacks"


def _totals(tx: Open) -> CallbackTotals:
    saved = tx.execute(select(meta.c.value).where(meta.c.name == _NAME)).scalar()
    return CallbackTotals(**json.loads(saved)) if saved else CallbackTotals()


def _count(tx: Open, unread: int, is_strange: bool, at: str) -> None:
    old = _totals(tx)
    now = CallbackTotals(old.received + 1 + unread, old.strange + is_strange, old.unread + unread, at)
    tx.execute(delete(meta).where(meta.c.name == _NAME))
    tx.execute(insert(meta).values(name=_NAME, value=json.dumps(asdict(now))))
