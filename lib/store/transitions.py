"""Every change of a batch's state, each one compare-and-set in one transaction with its attempt and its event.

The rule a newcomer would break: `unknown` → `planned` does not exist (I3), and nobody but the holder of the current epoch
moves a batch that is `sending` (I2), but for a late acceptance. The transactions are `lib.store.sender`'s. Statements are
built once: building them for each batch took longer than running them.
"""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, case, func, insert, or_, select, update

from lib.errors import Conflict
from lib.run.records import AccountChanged, AttemptResult, Claim, Fenced, Withdrawn
from lib.run.states import STATE_AFTER, BatchState, Happening, Outcome, Progress, RunState, ScanNote, Why
from lib.store.database import Database
from lib.store.do_not_call import must_withhold, withhold
from lib.store.epochs import IS_CURRENT as _IS_CURRENT
from lib.store.epochs import give_up, is_registered, register
from lib.store.events import record
from lib.store.run_states import bound_by, pause_run, pause_undecided, settle
from lib.store.schema import AnyRow, attempt, batch, batch_body, event, run
from lib.times import as_seconds, utc_now

#: Unresolved unknown batches of a run at which a further one stops it.
UNKNOWN_LIMIT = 2

_OF_RUN, _OF_BATCH = run.c.id == bindparam("of_run"), batch.c.id == bindparam("of_batch")

_OF_ATTEMPT = attempt.c.id == bindparam("by_attempt")

#: The batch, as long as this attempt is its latest.
_ITS_BATCH = (_OF_BATCH, batch.c.attempt_id == bindparam("by_attempt"))

#: Seconds without a sign of life after which a run that is found running waits for a person.
LONG_STOP_SECONDS = 900.0


# --- the process that may send -----------------------------------------------------------------------------


def take_over(db: Database, tx: Open, expected: int | None) -> int:
    """As `Sender.take_over`. An attempt without a wire mark surely sent nothing: its batch is planned again (T8). With the
    mark the outcome is unknown (T9). A run that was left running and then stood still for long waits for a person.

    db: asked whether it has moved to a server
    tx: of the new epoch; the caller holds the lock
    expected: the epoch this process held until now, which must still be registered; None for a process that begins to
        send: only then are runs looked for that stood still
    """
    db.refuse_moved(tx)
    if expected is not None and not is_registered(tx, expected):
        raise Fenced("fenced")
    silent = _long_silent(tx) if expected is None else []
    epoch = register(tx)
    left = _settle_left(tx, epoch, holder=epoch)
    for run_id in silent:
        pause_run(tx, run_id, Why.STOPPED)
    _settle_runs(tx, [*silent, *left])
    return epoch


def resign(tx: Open, epoch: int) -> None:
    """This process ends, or stands by: what it still holds is settled now."""
    if is_registered(tx, epoch):
        left = _settle_left(tx, epoch, holder=0)
        give_up(tx, epoch)
        _settle_runs(tx, left)


#: What was taken by nobody who may send. Locked: a mark is made without waiting for its turn (`wire`).
_LEFT_SENDING = (
    select(
        batch.c.run_id,
        batch.c.id.label("batch_id"),
        attempt.c.id.label("attempt_id"),
        *batch.c["seq", "rows"],
        attempt.c.progress,
    )
    .join(attempt, attempt.c.id == batch.c.attempt_id)
    .where(batch.c.state == BatchState.SENDING.value, attempt.c.epoch != bindparam("holder"))
    .order_by(attempt.c.id)
    .with_for_update(of=attempt)
)


def _settle_left(tx: Open, epoch: int, *, holder: int) -> list[str]:
    """T8 or T9, by `epoch`, for everything that `holder` does not hold; the runs it belongs to."""
    left = tx.execute(_LEFT_SENDING, {"holder": holder}).all()
    for *facts, progress in left:
        outcome = Outcome.UNKNOWN if progress == Progress.WIRE else Outcome.NOT_SENT
        end_in(tx, epoch, Claim(*facts), AttemptResult(outcome, why="crash"))
    return [facts[0] for facts in left]


def _settle_runs(tx: Open, run_ids: Iterable[str]) -> None:
    for run_id in dict.fromkeys(run_ids):
        _stop_at_unknowns(tx, run_id)
        settle(tx, run_id)


_LAST_SIGNS = (
    select(run.c.id, func.max(event.c.at))
    .join(event)
    .where(run.c.state == RunState.RUNNING.value)
    .group_by(run.c.id)
)


def _long_silent(tx: Open) -> list[str]:
    """Running runs of which the log has said nothing for long: whoever wanted them sent may think otherwise by now."""
    now = as_seconds(utc_now())
    return [run_id for run_id, at in tx.execute(_LAST_SIGNS) if now - as_seconds(at) >= LONG_STOP_SECONDS]


# --- a batch is claimed ------------------------------------------------------------------------------------


def claim(tx: Open, epoch: int, run_id: str, limit: int) -> list[Claim]:
    """As `Sender.claim`.

    tx: with its turn in RUNS
    epoch, run_id, limit: as there
    """
    claims = _claim(tx, epoch, run_id, limit)
    if not claims:
        if not is_registered(tx, epoch):
            raise Fenced("fenced")
        settle(tx, run_id)
    return claims


#: Batches that need not wait for the first part of their run (Why.FIRST_BATCH).
MAY_GO = (run.c.hold_after == 0) | (batch.c.seq <= run.c.hold_after)

#: Whether any of its rows may have left before: an attempt that reached the wire, or a batch it was split from.
_AGAIN = or_(
    batch.c.parent_id.is_not(None),
    select(attempt.c.id)
    .where(attempt.c.batch_id == batch.c.id, attempt.c.progress == Progress.WIRE.value)
    .exists(),
)

_NEXT = (
    select(*batch.c["id", "seq", "rows", "body_sha256"], batch_body.c.body, _AGAIN, run.c.started)
    .join(run)
    .outerjoin(batch_body)
    .where(
        _OF_RUN,
        run.c.state == RunState.RUNNING.value,
        batch.c.run_id == bindparam("of_run"),
        batch.c.state == BatchState.PLANNED.value,
        MAY_GO,
    )
    .order_by(batch.c.seq)
    .limit(bindparam("at_most"))
)

_START_RUN = update(run).where(_OF_RUN).values(started=bindparam("now"))


def _claim(tx: Open, epoch: int, run_id: str, limit: int) -> list[Claim]:
    names = {"of_run": run_id, "at_most": limit}
    found = tx.execute(_NEXT, names).all() if limit else []
    while found and withhold(tx, [row.id for row in found]):
        found = tx.execute(_NEXT, names).all()  # with other bodies, and perhaps other batches
    if found and not found[0].started:
        tx.execute(_START_RUN, {"of_run": run_id, "now": utc_now()})
    return [claim_in(tx, epoch, run_id, *row) for *row, _ in found]


_OPEN_ATTEMPT = insert(attempt).values(
    batch_id=bindparam("of_batch"),
    epoch=bindparam("by_epoch"),
    progress=Progress.INTENT.value,
    started=bindparam("now"),
    **dict.fromkeys(("wired", "ended", "code"), ""),
)

_TAKE = (
    update(batch)
    .where(_OF_BATCH, batch.c.state == BatchState.PLANNED.value, _IS_CURRENT)
    .values(state=BatchState.SENDING.value, tries=batch.c.tries + 1)
    .values(attempt_id=bindparam("by_attempt"), why="")
)


def claim_in(
    tx: Open,
    epoch: int,
    run_id: str,
    batch_id: int,
    seq: int,
    rows: int,
    body_sha256: str = "",
    packed: bytes | None = None,
    again: bool = False,
) -> Claim:
    """T2 for one planned batch, inside the caller's transaction. Raises Fenced.

    tx: the caller's; where this raises, nothing of it may be committed
    epoch: which must be registered
    run_id: of the batch's run, whose state is not asked about here
    batch_id: of the batch, which must be planned
    seq, rows: of the batch, for the claim
    body_sha256: of its request before it was packed; "" where the claim is not to be sent
    packed: its request as stored; None where it is gone or not to be sent
    again: whether rows of it may have left before
    """
    names, now = {"of_batch": batch_id, "by_epoch": epoch}, utc_now()
    attempt_id = cast(AnyRow, tx.execute(_OPEN_ATTEMPT, {**names, "now": now}).inserted_primary_key)[0]
    if tx.execute(_TAKE, {**names, "by_attempt": attempt_id}).rowcount != 1:
        raise Fenced("fenced")
    record(tx, run_id, Happening.BATCH_SENDING, batch_id, moved=(BatchState.PLANNED, BatchState.SENDING))
    return Claim(run_id, batch_id, attempt_id, seq, rows, body_sha256, packed, now, bool(again))


# --- the mark before the first byte ------------------------------------------------------------------------

_MARK_WIRE = (
    update(attempt)
    .where(
        _OF_ATTEMPT,
        attempt.c.progress == Progress.INTENT.value,
        attempt.c.outcome.is_(None),
        attempt.c.epoch == bindparam("by_epoch"),
        _IS_CURRENT,
        select(batch.c.id).where(*_ITS_BATCH, batch.c.state == BatchState.SENDING.value).exists(),
    )
    .values(progress=Progress.WIRE.value, wired=bindparam("now"))
)

_RUN_STATE = select(run.c.state).where(_OF_RUN)

_HAS_ACCOUNT = select(run.c.id).where(_OF_RUN, run.c.account == bindparam("its_account"))

_KEEP_ACCOUNT = (
    update(run)
    .where(
        _OF_RUN,
        run.c.account.in_(["", bindparam("its_account")]) | ~bound_by(batch.c.id != bindparam("of_batch")),
    )
    .values(account=bindparam("its_account"))
)


def wire(tx: Open, epoch: int, taken: Claim, now: str, account: str, looked: str) -> None:
    """As `Sender.wire`.

    It waits for no turn: all of it is compare-and-set, and whoever settles an attempt locks it first.

    tx: without a turn, and committed before a byte leaves
    epoch: which must be registered, and the one that opened the attempt
    taken: the attempt, which must be its batch's latest
    now: this moment as ISO text, for the mark
    account: fingerprint of the token, of which the run keeps the first that was taken; "" is neither compared nor kept
    looked: as there; written into the run's log unless ""
    """
    names = {"of_batch": taken.batch_id, "by_attempt": taken.attempt_id, "by_epoch": epoch, "now": now}
    if tx.execute(_MARK_WIRE, names).rowcount != 1:
        raise Fenced("fenced")
    if tx.execute(_RUN_STATE, {"of_run": taken.run_id}).scalar() != RunState.RUNNING:
        raise Withdrawn("withdrawn")
    owner = {"of_run": taken.run_id, "of_batch": taken.batch_id, "its_account": account}
    is_known = not account or tx.execute(_HAS_ACCOUNT, owner).first()
    if not is_known and tx.execute(_KEEP_ACCOUNT, owner).rowcount != 1:
        raise AccountChanged("account_changed")
    if looked:
        if must_withhold(tx, taken.batch_id):
            raise Withdrawn("withdrawn")  # listed while the list was read: claimed anew, it goes without
        what = Happening.BATCH_LOOKED_FIRST if looked == ScanNote.COMPLETE else Happening.BATCH_NOT_LOOKED
        moved = (BatchState.SENDING, BatchState.SENDING)
        record(tx, taken.run_id, what, taken.batch_id, moved=moved, code=looked)


# --- how it ended ------------------------------------------------------------------------------------------


def finish(tx: Open, epoch: int, taken: Claim, result: AttemptResult, follow: int = 0) -> list[Claim]:
    """As `Sender.finish`: how the attempt ended, and what follows for its run, all at once. An acceptance that comes too
    late for the epoch still moves its batch from unknown to accepted (T10).

    tx: with its turn in RUNS
    epoch: which must be registered, but for such an acceptance
    taken: the attempt that ended
    result: how it ended; the same one said twice is taken as recorded
    follow: batches of its run claimed at most, in the same transaction; 0 for none
    """
    if not end_in(tx, epoch, taken, result) and not _is_recorded(tx, epoch, taken, result):
        if result.outcome == Outcome.ACCEPTED and _accept_late(tx, taken, result):
            settle(tx, taken.run_id)
            return []
        raise Fenced("fenced")
    if result.stop == Why.NO_LIST:
        pause_undecided(tx, taken.run_id)
    elif result.stop:
        pause_run(tx, taken.run_id, result.stop)
    elif result.outcome == Outcome.UNKNOWN:
        _stop_at_unknowns(tx, taken.run_id)
    claims = _claim(tx, epoch, taken.run_id, follow) if follow else []
    if not claims:  # a run of which something may still be taken stays as it is
        settle(tx, taken.run_id)
    return claims


_IS_RECORDED = select(attempt.c.id).where(
    _OF_ATTEMPT, attempt.c.outcome == bindparam("ended_as"), _IS_CURRENT
)


def _is_recorded(tx: Open, epoch: int, taken: Claim, result: AttemptResult) -> bool:
    """Whether this very result is there already: a commit may reach the disk and still be reported as an error."""
    names = {"by_attempt": taken.attempt_id, "ended_as": result.outcome.value, "by_epoch": epoch}
    return tx.execute(_IS_RECORDED, names).first() is not None


_UNKNOWNS = select(func.count()).where(
    batch.c.run_id == bindparam("of_run"), batch.c.state == BatchState.UNKNOWN.value
)


def _stop_at_unknowns(tx: Open, run_id: str) -> None:
    if tx.execute(_UNKNOWNS, {"of_run": run_id}).scalar_one() >= UNKNOWN_LIMIT:
        pause_run(tx, run_id, Why.UNKNOWNS)


_FACTS = ("http_status", "envelope_code", "code")

#: Of the batch, not of this attempt: one that was found on the platform before it was sent again left earlier.
_WIRED_AT = (
    select(func.max(attempt.c.wired)).where(attempt.c.batch_id == bindparam("of_batch")).scalar_subquery()
)

_END = (
    update(batch)
    .where(*_ITS_BATCH, batch.c.state == bindparam("from_state"))
    .values(
        state=bindparam("to_state"),
        found=case((bindparam("to_state") == BatchState.ACCEPTED.value, 0), else_=batch.c.found),
        unique_id=bindparam("given_id"),
        tries=batch.c.tries - bindparam("untried"),
        message=bindparam("text"),
        raw=bindparam("answer"),
        why=bindparam("reason"),
        sent_at=case((bindparam("to_state") == BatchState.PLANNED.value, ""), else_=_WIRED_AT),
        ended_at=bindparam("ended"),
        **{name: bindparam(f"its_{name}") for name in _FACTS},
    )
)

_END_IN_EPOCH = _END.where(_IS_CURRENT)

_CLOSE_ATTEMPT = (
    update(attempt)
    .where(_OF_ATTEMPT, attempt.c.outcome.is_(None))
    .values(
        outcome=bindparam("ended_as"),
        ended=bindparam("now"),
        **{name: bindparam(f"its_{name}") for name in _FACTS},
    )
)

_BATCH_EVENT = {
    BatchState.PLANNED: Happening.BATCH_PLANNED,
    BatchState.ACCEPTED: Happening.BATCH_ACCEPTED,
    BatchState.REJECTED: Happening.BATCH_REJECTED,
    BatchState.UNKNOWN: Happening.BATCH_UNKNOWN,
}


def end_in(tx: Open, epoch: int, taken: Claim, result: AttemptResult) -> bool:
    """Attempt, batch and event of one result; False where this epoch does not hold the batch any more.

    tx: of the caller, who settles the run in it where something follows
    epoch: which must be registered; it may end an attempt of an epoch before it
    taken: the attempt, which must be its batch's latest; the batch must be `sending`
    result: how it ended; `stop` is not looked at here
    """
    state = STATE_AFTER[result.outcome]
    names = _names(taken, result, BatchState.SENDING, state, result.why)
    if tx.execute(_END_IN_EPOCH, {**names, "by_epoch": epoch}).rowcount != 1:
        return False
    closing = {name: names[name] for name in ("by_attempt", *(f"its_{fact}" for fact in _FACTS))}
    closing |= {"ended_as": result.outcome.value, "now": utc_now()}
    if tx.execute(_CLOSE_ATTEMPT, closing).rowcount != 1:
        raise Conflict("attempt_ended")
    moved, code = (BatchState.SENDING, state), result.code or result.why
    record(tx, taken.run_id, _BATCH_EVENT[state], taken.batch_id, moved=moved, code=code)
    return True


_REOPEN = (
    update(batch)
    .where(*_ITS_BATCH, batch.c.state == BatchState.HELD.value)
    .values(state=BatchState.UNKNOWN.value, held_as="")
)

_CORRECT_ATTEMPT = update(attempt).where(_OF_ATTEMPT).values(outcome=bindparam("ended_as"))


def _accept_late(tx: Open, taken: Claim, result: AttemptResult) -> bool:
    """T10 by the answer itself, however late it comes; from held it passes through unknown (T18), as any evidence does."""
    reopened = tx.execute(_REOPEN, {"of_batch": taken.batch_id, "by_attempt": taken.attempt_id}).rowcount == 1
    names = _names(taken, result, BatchState.UNKNOWN, BatchState.ACCEPTED, "late")
    if tx.execute(_END, names).rowcount != 1:
        return False
    if reopened:
        moved = (BatchState.HELD, BatchState.UNKNOWN)
        record(tx, taken.run_id, Happening.BATCH_CHECK_AGAIN, taken.batch_id, moved=moved, code="late")
    tx.execute(_CORRECT_ATTEMPT, {"by_attempt": taken.attempt_id, "ended_as": result.outcome.value})
    moved = (BatchState.UNKNOWN, BatchState.ACCEPTED)
    record(tx, taken.run_id, Happening.BATCH_ACCEPTED, taken.batch_id, moved=moved, code="late")
    return True


def _names(taken: Claim, result: AttemptResult, old: BatchState, new: BatchState, why: str) -> dict[str, Any]:
    return {
        "of_batch": taken.batch_id,
        "by_attempt": taken.attempt_id,
        "from_state": old.value,
        "to_state": new.value,
        "given_id": result.unique_id,
        "untried": 0 if result.tried else 1,
        "text": result.message,
        "answer": result.raw,
        "reason": why,
        "ended": "" if new == BatchState.PLANNED else utc_now(),
        **{f"its_{name}": getattr(result, name) for name in _FACTS},
    }
