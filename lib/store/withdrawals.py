"""A person's wish to take an accepted batch out of the task again: asked for, begun, and what became of each row."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select

from lib.errors import Conflict
from lib.run.arrivals import AskedWithdrawal, Withdrawal
from lib.run.arrivals_rules import WISH_SECONDS, first_due
from lib.run.records import BatchState, Happening
from lib.store.arrivals import arrival_of, mark_withdrawn, put, rows_of
from lib.store.database import Database
from lib.store.events import record
from lib.store.evidence import batch_of
from lib.store.schema import arrival, batch
from lib.times import as_seconds, as_text

#: Built once: building it for each look took longer than running it.
_WISHES = (
    select(batch.c.run_id, batch.c.id, arrival.c.withdraw_asked)
    .join(arrival, arrival.c.batch_id == batch.c.id)
    .where(arrival.c.withdraw_asked != "")
    .order_by(arrival.c.withdraw_asked)
)


def ask_withdrawal(db: Database, batch_id: int, typed_count: int, who: str, now: float) -> None:
    """A person wants this batch's numbers out of the task again; it is done by the one who asks the platform.

    typed_count: the numbers of the batch that are not withdrawn yet. Raises Conflict: "not_accepted", "withdrawal_count_wrong",
    "withdrawal_under_way".
    """
    with db.write() as c:
        one = batch_of(c, batch_id)
        if one.state != BatchState.ACCEPTED:
            raise Conflict("not_accepted")
        left = sum(row.withdrawal != Withdrawal.WITHDRAWN for row in rows_of(c, one))
        if typed_count != left or not left:
            raise Conflict("withdrawal_count_wrong", count=left)
        old = arrival_of(c, batch_id)
        if old is not None and old.withdraw_asked:
            raise Conflict("withdrawal_under_way")
        wish = {"withdraw_asked": as_text(now), "withdraw_by": who, "withdraw_begun": "", "withdraw_note": ""}
        due = as_text(first_due(as_seconds(one.ended_at)))
        put(c, batch_id, old, wish | ({} if old else {"due": due}))
        record(c, one.run_id, Happening.WITHDRAWAL_ASKED, batch_id=batch_id, who=who, code=str(left))


def asked_withdrawals(db: Database) -> list[AskedWithdrawal]:
    """Wishes not carried out yet, oldest first."""
    with db.read() as c:
        return [
            AskedWithdrawal(run_id, batch_id, as_seconds(asked))
            for run_id, batch_id, asked in c.execute(_WISHES)
        ]


def begin_withdrawal(db: Database, batch_id: int, count: int, now: float) -> bool:
    """The mark before the platform is asked to delete; False where the wish is gone or too old."""
    with db.write() as c:
        one, old = batch_of(c, batch_id), arrival_of(c, batch_id)
        if old is None or not old.withdraw_asked or now - as_seconds(old.withdraw_asked) > WISH_SECONDS:
            return False
        put(c, batch_id, old, {"withdraw_begun": as_text(now)})
        record(
            c, one.run_id, Happening.WITHDRAWAL_BEGUN, batch_id=batch_id, who=old.withdraw_by, code=str(count)
        )
        return True


def record_withdrawal(db: Database, batch_id: int, buckets: Mapping[int, str], note: str) -> None:
    """What became of each row (row → Withdrawal), and why nothing did, or why it cannot be confirmed. Ends the wish."""
    with db.write() as c:
        one, old = batch_of(c, batch_id), arrival_of(c, batch_id)
        if old is None or not old.withdraw_asked:
            return
        counts = Counter(str(bucket) for bucket in buckets.values())
        for bucket in Withdrawal:
            mark_withdrawn(c, one, (row for row, of in buckets.items() if of == bucket), bucket.value)
        put(c, batch_id, old, {"withdraw_asked": "", "withdraw_note": note})
        what = Happening.WITHDRAWAL_DONE if buckets else Happening.WITHDRAWAL_REFUSED
        code = "/".join(str(counts[bucket.value]) for bucket in Withdrawal) if buckets else note
        record(c, one.run_id, what, batch_id=batch_id, who=old.withdraw_by, code=code)
