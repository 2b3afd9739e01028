"""A person's wish to take an accepted batch out of the task again (`store.arrivals.ask_withdrawal`): begun, and what became of each row."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select

from lib.run.arrivals import WISH_SECONDS, AskedWithdrawal, Withdrawal
from lib.run.states import Happening
from lib.store.arrivals import arrival_of, mark_withdrawn, put
from lib.store.events import record
from lib.store.evidence import batch_of
from lib.store.permission import InnerStore
from lib.store.schema import arrival, batch
from lib.times import as_seconds, as_text


class Withdrawals(InnerStore):
    """`store.withdrawals`: for the one who has the platform delete."""

    #: Built once: building it for each look took longer than running it.
    _WISHES = (
        select(batch.c.run_id, batch.c.id, arrival.c.withdraw_asked, arrival.c.withdraw_begun != "")
        .join(arrival)
        .where(arrival.c.withdraw_asked != "")
        .order_by(arrival.c.withdraw_asked)
    )

    def asked(self) -> list[AskedWithdrawal]:
        """Wishes not carried out yet, oldest first."""
        with self._db.read() as tx:
            return [
                AskedWithdrawal(run_id, batch_id, as_seconds(asked), bool(begun))
                for run_id, batch_id, asked, begun in tx.execute(self._WISHES)
            ]

    def begin(self, batch_id: int, count: int) -> bool:
        """The mark before the platform is asked to delete; False where the wish is gone or too old."""
        now = self._db.clock()
        with self._db.write() as tx:
            one, old = batch_of(tx, batch_id), arrival_of(tx, batch_id)
            if old is None or not old.withdraw_asked or now - as_seconds(old.withdraw_asked) > WISH_SECONDS:
                return False
            put(tx, batch_id, old, {"withdraw_begun": as_text(now)})
            record(tx, one.run_id, Happening.WITHDRAWAL_BEGUN, batch_id, who=old.withdraw_by, code=str(count))
            return True

    def record(self, batch_id: int, buckets: Mapping[int, str], note: str = "") -> None:
        """What became of each row. Ends the wish.

        batch_id: of the batch; where no wish stands for it nothing is written
        buckets: row → Withdrawal, by number in the sheet; {} where nothing was done
        note: WithdrawalNote: why nothing was done, or why it cannot be confirmed; "" for neither
        """
        with self._db.write() as tx:
            one, old = batch_of(tx, batch_id), arrival_of(tx, batch_id)
            if old is None or not old.withdraw_asked:
                return
            counts = Counter(str(bucket) for bucket in buckets.values())
            for bucket in Withdrawal:
                mark_withdrawn(tx, one, (row for row, of in buckets.items() if of == bucket), bucket.value)
            put(tx, batch_id, old, {"withdraw_asked": "", "withdraw_note": note})
            what = Happening.WITHDRAWAL_DONE if buckets else Happening.WITHDRAWAL_REFUSED
            code = "/".join(str(counts[bucket.value]) for bucket in Withdrawal) if buckets else note
            record(tx, one.run_id, what, batch_id=batch_id, who=old.withdraw_by, code=code)
