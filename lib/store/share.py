"""What several senders on one database keep to together: requests in flight, the rate, one at a time, a platform's rest.

Asked inside the transaction that claims, where nobody else claims; told by the database's clock, which all of them share.
"""

from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, case, func, select, update

from lib.run.records import CAREFUL_ROOM, Share
from lib.run.states import BatchState
from lib.store.database import Database
from lib.store.schema import attempt, batch, lease, run, sender

_MOMENTS = select(select(lease.c.next_post).scalar_subquery(), run.c.rests_until).where(
    run.c.id == bindparam("of_run")
)

_IN_FLIGHT = (
    select(
        func.count(),
        func.count(case((attempt.c.epoch == bindparam("by_epoch"), 1))),
        func.count(case((batch.c.run_id == bindparam("of_run"), 1))),
    )
    .select_from(batch.join(attempt, attempt.c.id == batch.c.attempt_id))
    .where(batch.c.state == BatchState.SENDING.value)
)

_SENDERS = select(func.count()).select_from(sender)


def room(db: Database, c: Open, epoch: int, run_id: str, wanted: int, share: Share) -> int:
    """How many of the batches that are wanted this sender may claim now.

    Each gets its part of the requests in flight, rounded up: the work goes to all of them, and no slot stays empty for
    a sender that has nothing to send by.
    """
    now = db.moment(c)
    next_post, rests_until = c.execute(_MOMENTS, {"of_run": run_id}).one()
    if now < rests_until or (share.requests_per_second and now < next_post):
        return 0
    every, mine, of_run = c.execute(_IN_FLIGHT, {"by_epoch": epoch, "of_run": run_id}).one()
    part = -(-share.concurrency // max(1, c.execute(_SENDERS).scalar_one()))
    found = min(wanted, share.concurrency - every, part - mine)
    if share.is_careful:
        found = min(found, CAREFUL_ROOM - of_run)
    if share.requests_per_second:
        found = min(found, 1)
    return max(0, found)


_NEXT_POST = update(lease).values(next_post=bindparam("moment"))


def posted(db: Database, c: Open, share: Share) -> None:
    """A batch was claimed: where a rate is set, the next one may go no sooner than that."""
    if share.requests_per_second:
        now, due = db.moment(c), c.execute(select(lease.c.next_post)).scalar_one()
        c.execute(_NEXT_POST, {"moment": max(now, due) + 1 / share.requests_per_second})


_REST = update(run).where(run.c.id == bindparam("of_run")).values(rests_until=bindparam("moment"))


def rest(db: Database, c: Open, run_id: str, seconds: float) -> None:
    """Nothing of this run goes from anywhere for so long."""
    c.execute(_REST, {"of_run": run_id, "moment": db.moment(c) + seconds})
