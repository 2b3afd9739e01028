"""One that sends: every step of it as a transaction, with the marks beside the database.

What happens to a batch in each is in `lib.store.transitions`; who may send at all, in `lib.store.epochs`.
"""

from pathlib import Path

from sqlalchemy import bindparam, case, func, select

from lib.run.records import ActiveRun, AttemptResult, Claim, Fenced
from lib.run.states import UNSETTLED, BatchState, RunState, Why
from lib.store import recovery, run_states, transitions
from lib.store.database import Database
from lib.store.epochs import is_registered
from lib.store.marks import Marks
from lib.store.permission import InnerStore
from lib.store.schema import batch, run
from lib.store.transitions import MAY_GO
from lib.times import utc_now

#: The lock of the process that sends.
_SENDS = "sender"

_IS_UNSETTLED = batch.c.state.in_([state.value for state in UNSETTLED])

_UNSETTLED_ONE = select(batch.c.id).where(batch.c.run_id == bindparam("of_run"), _IS_UNSETTLED).limit(1)

_ACTIVE_RUNS = (
    select(
        run.c.id,
        func.count(case(((batch.c.state == BatchState.PLANNED.value) & MAY_GO, 1))),
        func.count(case((batch.c.state == BatchState.SENDING.value, 1))),
        func.count(case((_IS_UNSETTLED, 1))),
    )
    .select_from(run.outerjoin(batch))
    .where(run.c.state == RunState.RUNNING.value)
    .group_by(run.c.id, run.c.created)
    .order_by(run.c.created)
)


class Sender(InnerStore):
    """`store.sender`: for the engine. second_mark: where it is noted once more what was sent last, outside every backup."""

    def __init__(self, db: Database, second_mark: Path | None = None) -> None:
        super().__init__(db)
        self._marks = Marks(db, second_mark)
        recovery.name(db, self._marks)

    # --- who sends -----------------------------------------------------------------------------------------

    def take_over(self, expected: int | None = None) -> int:
        """Become the one that sends: a new epoch, and what the one before left open is settled by its marks; 0: another process is.

        expected: the epoch this process held until now. Raises Fenced where it may no longer send.
        """
        if not self._db.locks.take(_SENDS):
            if expected is None:
                return 0
            raise Fenced("fenced")
        with self._db.write() as tx:
            epoch = transitions.take_over(self._db, tx, expected)
        if expected is None:
            recovery.check(self._db, self._marks, epoch)
        return epoch

    def attend(self, epoch: int) -> None:
        """See that this process is still the one that sends. Raises Fenced where it is not."""
        if not (self._db.locks.take(_SENDS) and self.is_current(epoch)):
            raise Fenced("fenced")

    def resign(self, epoch: int) -> None:
        """This process sends no longer; another one may at once. Idempotent."""
        try:
            with self._db.write() as tx:
                transitions.resign(tx, epoch)
        finally:
            self._db.locks.release(_SENDS)

    def is_current(self, epoch: int) -> bool:
        """Whether this epoch may still send: nobody has taken over since."""
        with self._db.read() as tx:
            return is_registered(tx, epoch)

    def pause_running(self, why: Why) -> None:
        """Every running run waits for a person."""
        with self._db.write() as tx:
            run_states.pause_running(tx, why)

    # --- a batch -------------------------------------------------------------------------------------------

    def active_runs(self) -> list[ActiveRun]:
        """Runs in which something may be sent, oldest first."""
        with self._db.read() as tx:
            return [ActiveRun(*row) for row in tx.execute(_ACTIVE_RUNS)]

    def is_unsettled(self, run_id: str) -> bool:
        """Whether the outcome of a batch of this run is unknown and nothing and nobody has decided it."""
        with self._db.read() as tx:
            return tx.execute(_UNSETTLED_ONE, {"of_run": run_id}).first() is not None

    def claim(self, epoch: int, run_id: str, limit: int) -> list[Claim]:
        """Take planned batches of a running run, in order of seq; end a run that has none left. Raises Fenced.

        epoch: as which this process sends
        run_id: of one that does not run nothing is taken
        limit: batches taken at most; fewer where no more may go yet
        """
        with self._db.write() as tx:
            return transitions.claim(tx, epoch, run_id, limit)

    def wire(self, epoch: int, claim: Claim, token: str = "", looked: str = "") -> None:
        """The mark before the first byte: committed when this returns (I1). Where it raises, nothing may be sent.

        Raises Fenced where another process has taken over, Withdrawn where the run no longer runs, AccountChanged for
        another token.

        epoch: as which this process sends
        claim: of the attempt, as `claim` or `finish` gave it
        token: it is sent with; only its fingerprint is kept. "" where there is none to compare
        looked: ScanNote of the look made first, "" where the rows never left before
        """
        now, account = utc_now(), self._db.account(token)
        with self._db.write_unqueued() as tx:
            transitions.wire(tx, epoch, claim, now, account, looked)
        self._marks.note(claim)

    def finish(self, epoch: int, claim: Claim, result: AttemptResult, follow: int = 0) -> list[Claim]:
        """Record how the attempt ended, and claim further batches of its run; the claims.

        Raises Fenced where another process has taken over.

        epoch: as which this process sends
        claim: of the attempt that ended, whether it was marked or not
        result: how it ended; its `stop` pauses the run in the same transaction
        follow: batches claimed at most; 0 for none
        """
        with self._db.write() as tx:
            return transitions.finish(tx, epoch, claim, result, follow)
