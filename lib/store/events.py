"""The log of a run: appended in the transaction of what it tells of, never changed. `lib.store.run_log` reads it."""

from sqlalchemy import Connection as Open
from sqlalchemy import func, insert, literal, select

from lib.run.states import BatchState, Happening
from lib.store.schema import batch, event
from lib.times import utc_now

SENDER = "sender"

_APPEND = insert(event)


def record(
    tx: Open,
    run_id: str,
    what: Happening,
    batch_id: int | None = None,
    *,
    who: str = "",
    moved: tuple[str, str] = ("", ""),
    code: str = "",
) -> None:
    """Append one line. Never a phone number, never a token.

    tx: of what it tells of
    run_id: whose log it is
    what: the step
    batch_id: of the batch it is about; None for the run itself
    who: id of the person, "" for the sender
    moved: the state before and after; both "" where none has changed
    code: what the step says beside its name: a reason, a note, a count; "" for nothing
    """
    line = {
        "run_id": run_id,
        "batch_id": batch_id,
        "at": utc_now(),
        "who": who or SENDER,
        "what": what.value,
        "from_state": str(moved[0]),
        "to_state": str(moved[1]),
        "code": code,
    }
    tx.execute(_APPEND, line)


def record_cancelled(tx: Open, run_id: str) -> None:
    """One line for every batch of this run that is still planned, by whoever wanted the run to stop."""
    stopped = event.c.run_id == run_id, event.c.what == Happening.RUN_CANCELLING.value
    last = select(event.c.who).where(*stopped).order_by(event.c.id.desc()).limit(1).scalar_subquery()
    who = func.coalesce(last, SENDER)
    moved = select(
        batch.c.run_id, batch.c.id, literal(utc_now()), who, literal(Happening.BATCH_CANCELLED.value),
        batch.c.state, literal(BatchState.CANCELLED.value), literal(""),
    ).where(batch.c.run_id == run_id, batch.c.state == BatchState.PLANNED.value)  # fmt: skip
    names = ["run_id", "batch_id", "at", "who", "what", "from_state", "to_state", "code"]
    tx.execute(insert(event).from_select(names, moved))
