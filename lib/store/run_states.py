"""Every change of a run's state: a person's wish, a reason of the sender's, and what follows from its batches."""

from sqlalchemy import ColumnElement, Exists, bindparam, exists, or_, select, update
from sqlalchemy import Connection as Open

from lib.run.states import ENDED, BatchState, Happening, RunState, Why
from lib.store.events import record, record_cancelled
from lib.store.schema import batch, run
from lib.times import utc_now


def bound_by(*more: ColumnElement[bool]) -> Exists:
    """Whether a batch of this row of `run` stands for the account of its first token. A token that was turned away binds none.

    more: further conditions on `batch`.
    """
    states = (BatchState.SENDING, BatchState.ACCEPTED, BatchState.UNKNOWN, BatchState.HELD, BatchState.SPLIT)
    return exists().where(
        batch.c.run_id == run.c.id, batch.c.state.in_([state.value for state in states]), *more
    )


# --- a person's wish ---------------------------------------------------------------------------------------

#: Whether something of the part that goes first may still be sent.
_FIRST_IS_OPEN = (
    select(batch.c.id)
    .where(
        batch.c.run_id == run.c.id,
        batch.c.seq <= run.c.hold_after,
        batch.c.state.in_([BatchState.PLANNED.value, BatchState.SENDING.value]),
    )
    .correlate(run)
    .exists()
)

_WAITS_AFTER_FIRST = (run.c.hold_after > 0) & ~_FIRST_IS_OPEN

#: In these a person can let a run go on.
_PAUSED = (RunState.PAUSED, RunState.PAUSING)

_IS_PAUSED = run.c.state.in_([state.value for state in _PAUSED])

_LET_THE_REST_GO = update(run).where(run.c.id == bindparam("of_run"), _WAITS_AFTER_FIRST).values(hold_after=0)


def resume_run(tx: Open, run_id: str, account: str, who: str) -> None:
    """Go on with what is planned.

    A run that starts small goes on with the rest only where its first part has settled: until then nobody can have
    seen what came of it.

    tx: of the caller, who settles the run in it
    run_id: one that is neither paused nor pausing is left as it is
    account: fingerprint of a token of which the person was told that it is another one, and said that it is right; kept
        as the run's own from now on. "" for none
    who: id of the person, for the run's log
    """
    if account:
        tx.execute(update(run).where(run.c.id == run_id, _IS_PAUSED).values(account=account))
    _let_go(tx, run_id, _PAUSED, who)


def cancel_run(tx: Open, run_id: str, who: str) -> None:
    """Never send what is planned. What is in flight is finished, and what was sent stays sent. Idempotent.

    tx: of the caller, who settles the run in it: by that the planned batches are cancelled
    run_id: one that has ended is left as it is
    who: id of the person, for the run's log
    """
    for old in (RunState.RUNNING, RunState.PAUSING, RunState.PAUSED):
        if _move(tx, run_id, old, RunState.CANCELLING, Happening.RUN_CANCELLING, who=who):
            break


def reopen(tx: Open, run_id: str, who: str) -> None:
    """An ended run goes on: a person planned a part of it anew.

    tx: of the caller, in which that part was planned
    run_id: one that has not ended is left as it is
    who: id of the person, for the run's log
    """
    _let_go(tx, run_id, ENDED, who)


def _let_go(tx: Open, run_id: str, states: tuple[RunState, ...], who: str) -> None:
    if any(_move(tx, run_id, old, RunState.RUNNING, Happening.RUN_RESUMED, who=who) for old in states):
        tx.execute(_LET_THE_REST_GO, {"of_run": run_id})


# --- a reason of the sender's ------------------------------------------------------------------------------

_GIVE_REASON = (
    update(run)
    .where(
        run.c.id == bindparam("of_run"),
        _IS_PAUSED,
        run.c.why.in_(bindparam("weaker", expanding=True)),
    )
    .values(why=bindparam("reason"))
)


def pause_run(tx: Open, run_id: str, why: Why, *, who: str = "") -> None:
    """running → pausing. A run that a person is pausing learns the sender's reason: that is what must be cured. One that would
    go on by itself (NO_LIST) learns every reason, a person's wish too.

    tx: of the caller, who settles the run in it: by that it is paused once nothing is in flight
    run_id: one that does not run is otherwise left as it is
    why: what a person is told, and has to cure
    who: id of the person, "" for the sender
    """
    moved = _move(tx, run_id, RunState.RUNNING, RunState.PAUSING, Happening.RUN_PAUSING, why=why, who=who)
    if not moved:
        weaker = [Why.NO_LIST.value] if who else [Why.NO_LIST.value, Why.OPERATOR.value]
        tx.execute(_GIVE_REASON, {"of_run": run_id, "reason": why.value, "weaker": weaker})


def pause_undecided(tx: Open, run_id: str) -> None:
    """running → pausing, until a person has decided over every unknown outcome: `settle` lets it go on then, by itself.

    A person's own wish to pause stands above it, and so does any other reason.
    """
    _move(tx, run_id, RunState.RUNNING, RunState.PAUSING, Happening.RUN_PAUSING, why=Why.NO_LIST)
    settle(tx, run_id)


def pause_running(tx: Open, why: Why) -> None:
    """Every running run waits for a person, and every one that would go on by itself."""
    goes_on = or_(run.c.state == RunState.RUNNING.value, run.c.why == Why.NO_LIST.value)
    for run_id in tx.execute(select(run.c.id).where(goes_on)).scalars().all():
        pause_run(tx, run_id, why)
        settle(tx, run_id)


# --- what follows from its batches -------------------------------------------------------------------------

_OF_RUN = batch.c.run_id == bindparam("of_run")


def _any(state: BatchState) -> Exists:
    return select(batch.c.id).where(_OF_RUN, batch.c.state == state.value).exists()


_STANDING = select(
    run.c.state, run.c.why, _any(BatchState.SENDING), _any(BatchState.PLANNED), _WAITS_AFTER_FIRST
).where(run.c.id == bindparam("of_run"))

_UNDECIDED = select(or_(_any(BatchState.UNKNOWN), _any(BatchState.HELD)))

_STATE = select(run.c.state, run.c.why).where(run.c.id == bindparam("of_run"))

_CANCEL_PLANNED = (
    update(batch)
    .where(_OF_RUN, batch.c.state == BatchState.PLANNED.value)
    .values(state=BatchState.CANCELLED.value, why=Why.OPERATOR.value)
)


def settle(tx: Open, run_id: str) -> None:
    """What follows for the run from the states of its batches, in the same transaction."""
    standing = tx.execute(_STANDING, {"of_run": run_id}).one_or_none()
    if standing is None:
        return
    state, why, has_sending, has_planned, waits = standing
    is_listless = (state, why) == (RunState.PAUSED, Why.NO_LIST)
    if is_listless and not tx.execute(_UNDECIDED, {"of_run": run_id}).scalar():
        _move(tx, run_id, RunState.PAUSED, RunState.RUNNING, Happening.RUN_RESUMED)
        settle(tx, run_id)  # FIRST_BATCH may hold it back still, or nothing is left to send
        return
    if waits and has_planned and state in (RunState.RUNNING, RunState.PAUSING) and why != Why.NO_LIST:
        pause_run(tx, run_id, Why.FIRST_BATCH)
        state, why = tx.execute(_STATE, {"of_run": run_id}).one()
    if state == RunState.CANCELLING and has_planned:
        record_cancelled(tx, run_id)
        tx.execute(_CANCEL_PLANNED, {"of_run": run_id})
    if has_sending or state not in (RunState.RUNNING, RunState.PAUSING, RunState.CANCELLING):
        return
    if state == RunState.CANCELLING:
        _move(tx, run_id, RunState.CANCELLING, RunState.CANCELLED, Happening.RUN_CANCELLED)
    elif not has_planned:
        _move(tx, run_id, RunState(state), RunState.FINISHED, Happening.RUN_FINISHED)
    elif state == RunState.PAUSING:
        _move(tx, run_id, RunState.PAUSING, RunState.PAUSED, Happening.RUN_PAUSED, why=Why(why))
        if why == Why.NO_LIST:
            settle(tx, run_id)


_MOVE = (
    update(run)
    .where(run.c.id == bindparam("of_run"), run.c.state == bindparam("from_state"))
    .values(state=bindparam("to_state"), why=bindparam("reason"), finished=bindparam("ended"))
)


def _move(
    tx: Open,
    run_id: str,
    old: RunState,
    new: RunState,
    what: Happening,
    *,
    why: Why | None = None,
    who: str = "",
) -> bool:
    """One compare-and-set with its event; False where the run is not in `old`."""
    reason = why.value if why else ""
    ended = utc_now() if new in (RunState.CANCELLED, RunState.FINISHED) else ""
    names = {
        "of_run": run_id,
        "from_state": old.value,
        "to_state": new.value,
        "reason": reason,
        "ended": ended,
    }
    if tx.execute(_MOVE, names).rowcount != 1:
        return False
    record(tx, run_id, what, who=who, moved=(old, new), code=reason)
    return True
