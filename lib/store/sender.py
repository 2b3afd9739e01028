"""One that sends: every step of it as a transaction, with the marks beside the database.

What happens to a batch in each is in `lib.store.transitions`; who may send at all, in `lib.store.epochs`.
"""

from pathlib import Path

from sqlalchemy import case, func, select

from lib.run.records import ActiveRun, AttemptResult, Claim, Share
from lib.run.states import BatchState, RunState, Why
from lib.store import recovery, run_states, transitions, unrecorded
from lib.store.database import Database
from lib.store.epochs import Attendance, is_registered
from lib.store.marks import Marks
from lib.store.permission import InnerStore
from lib.store.schema import batch, run
from lib.store.transitions import MAY_GO
from lib.times import utc_now

_NUMBER = {state: func.count(case((batch.c.state == state.value, 1))) for state in BatchState}

_NUMBER_TO_SEND = func.count(case(((batch.c.state == BatchState.PLANNED.value) & MAY_GO, 1)))

_ACTIVE_RUNS = (
    select(
        run.c.id,
        *((_NUMBER | {BatchState.PLANNED: _NUMBER_TO_SEND})[state] for state in ActiveRun.COUNTED),
        run.c.ever_unknown,
    )  # fmt: skip
    .select_from(run.outerjoin(batch, batch.c.run_id == run.c.id))
    .where(run.c.state == RunState.RUNNING.value)
    .group_by(run.c.id, run.c.created, run.c.ever_unknown)
    .order_by(run.c.created)
)


class Sender(InnerStore):
    """`store.sender`: for the engine. second_mark: where it is noted once more what was sent last, outside every backup."""

    def __init__(self, db: Database, second_mark: Path | None = None) -> None:
        super().__init__(db)
        self._marks, self._attendance = Marks(db, second_mark), Attendance(db)

    # --- who sends -----------------------------------------------------------------------------------------

    def take_over(self, expected: int | None = None) -> int:
        """Become one that sends: a new epoch, and what one that may send no longer left open is settled by its marks.

        expected: the epoch this process held until now. Raises Fenced where it may no longer send.
        """
        unrecorded.prepare(self._db)
        kept = unrecorded.kept(self._db)
        with self._db.write() as c:
            epoch = transitions.take_over(self._db, c, expected, kept, self._attendance.epoch)
        self._attendance.begin(epoch)
        if expected is None:
            recovery.check(self._db, self._marks, epoch)
        unrecorded.clear(self._db)
        return epoch

    def attend(self, epoch: int) -> None:
        """Where several send: say that this process lives, and settle what one left that does not. Raises Fenced."""
        silent = self._attendance.attend(epoch)
        if silent:
            with self._db.write() as c:
                transitions.relieve(c, epoch, silent)

    def resign(self) -> None:
        """Where several send: this process sends no longer. Idempotent."""
        if self._db.is_shared and self._attendance.epoch:
            with self._db.write() as c:
                transitions.resign(c, self._attendance.epoch)
            self._attendance.begin(0)

    def is_current(self, epoch: int) -> bool:
        """Whether this epoch may still send: nobody has taken over since."""
        with self._db.read() as c:
            return is_registered(c, epoch)

    def pause_running(self, why: Why) -> None:
        """Every running run waits for a person."""
        with self._db.write() as c:
            run_states.pause_running(c, why)

    # --- a batch -------------------------------------------------------------------------------------------

    def active_runs(self) -> list[ActiveRun]:
        """Runs in which something may be sent, oldest first."""
        with self._db.read() as c:
            return [ActiveRun(*row) for row in c.execute(_ACTIVE_RUNS)]

    def claim(self, epoch: int, run_id: str, limit: int, share: Share | None = None) -> list[Claim]:
        """Take up to `limit` planned batches of a running run, in order of seq; end a run that has none left. Raises Fenced.

        share: what this sender keeps to where others send from this database too.
        """
        with self._db.write() as c:
            return transitions.claim(self._db, c, epoch, run_id, limit, share)

    def wire(
        self, epoch: int, claim: Claim, token: str = "", looked: str = "", unknowns: int | None = None
    ) -> None:
        """The mark before the first byte: committed when this returns (I1). Where it raises, nothing may be sent.

        token: it is sent with; looked: ScanNote of the look made first, "" where the rows never left before. unknowns:
        outcomes of the run ever left unknown that this sender knows of, where others send too. Raises Fenced, Withdrawn,
        AccountChanged.
        """
        now, account = utc_now(), self._db.account(token)
        with self._db.write_unqueued() as c:
            transitions.wire(c, epoch, claim, now, account, looked, unknowns)
        self._marks.note(claim)

    def finish(
        self, epoch: int, claim: Claim, result: AttemptResult, follow: int = 0, share: Share | None = None
    ) -> list[Claim]:
        """Record how the attempt ended, and claim up to `follow` further batches of its run. Raises Fenced."""
        with self._db.write() as c:
            return transitions.finish(self._db, c, epoch, claim, result, follow, share)

    # --- what the database could not take ------------------------------------------------------------------

    def keep_unrecorded(self, claim: Claim, result: AttemptResult) -> bool:
        """Put an acceptance that could not be recorded where the next start finds it."""
        return unrecorded.keep(self._db, claim, result)

    def clear_unrecorded(self) -> None:
        """Everything kept has been recorded."""
        unrecorded.clear(self._db)
