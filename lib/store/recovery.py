"""What a start does about a database that is older than what was sent, or comes from another computer (S07).

Batches that may have gone out since become unknown, by the transitions every lost attempt takes (T2, T9): the
platform's list tells, or a person. Every open run waits for a person.
"""

import secrets

from sqlalchemy import Connection as Open
from sqlalchemy import delete, func, insert, select, update

from lib.run.records import AttemptResult, Claim
from lib.run.states import BatchState, Outcome, Progress, RunState, Why
from lib.store.database import Database
from lib.store.marks import Mark, Marks, Mismatch, find_mismatch, machine
from lib.store.run_states import pause_run, settle
from lib.store.schema import attempt, batch, meta, run
from lib.store.transitions import claim_in, end_in

_DESK_ID, _HOME = "desk_id", "home"

_OPEN = (RunState.RUNNING.value, RunState.PAUSING.value, RunState.PAUSED.value)


def check(db: Database, marks: Marks, epoch: int) -> Mismatch | None:
    """Compare database and marks, act on a mismatch, and write the mark anew. Once for a start, after `take_over`.

    The database is marked after it was settled: a process that dies in between finds the mismatch again.
    """
    if db.is_shared:
        return _check_shared(db, marks, epoch)
    found = marks.read()
    with db.write() as c:
        desk = c.execute(select(meta.c.value).where(meta.c.name == _DESK_ID)).scalar()
        mismatch = find_mismatch(found, desk, machine(db), _known(c, found)) if desk else None
        if desk is None:
            desk = secrets.token_hex(8)
            c.execute(insert(meta).values(name=_DESK_ID, value=desk))
            marks.begin(
                Mark(desk, machine(db))
            )  # before the id is committed: a database with one must have a mark
        if mismatch:
            _act(c, epoch, mismatch)
        last = c.execute(
            select(attempt.c.id, attempt.c.started).order_by(attempt.c.id.desc()).limit(1)
        ).first()
    marks.begin(Mark(desk, machine(db), *(last or (0, ""))))
    return mismatch


def _check_shared(db: Database, marks: Marks, epoch: int) -> Mismatch | None:
    """The same for a database on a server. Several processes write, each with a mark of its own or none.

    It is older than what was sent where it does not know the attempt this process marked last, or where it is not at
    home: restored into another database, or to an earlier moment, or a standby that has taken over. How much is lost
    nobody can tell.
    """
    found = marks.read()
    with db.write() as c:
        saved = dict(
            c.execute(select(meta.c.name, meta.c.value).where(meta.c.name.in_([_DESK_ID, _HOME]))).all()
        )
        desk, home = saved.get(_DESK_ID) or secrets.token_hex(8), db.home(c)
        mine = [mark for mark in found if mark.desk == desk and mark.attempt]
        known = _known(c, mine)
        is_elder = any(known.get(mark.attempt) != mark.started for mark in mine)
        mismatch = Mismatch(Why.RESTORED, None) if is_elder or saved.get(_HOME, home) != home else None
        if mismatch:
            _act(c, epoch, mismatch)
        if saved != {_DESK_ID: desk, _HOME: home}:
            c.execute(delete(meta).where(meta.c.name.in_([_DESK_ID, _HOME])))
            c.execute(insert(meta), [{"name": _DESK_ID, "value": desk}, {"name": _HOME, "value": home}])
    marks.begin(Mark(desk, ""))
    return mismatch


def _known(c: Open, found: list[Mark]) -> dict[int, str]:
    newest = select(func.max(attempt.c.id)).scalar_subquery()
    named = attempt.c.id.in_([mark.attempt for mark in found]) | (attempt.c.id == newest)
    return dict(c.execute(select(attempt.c.id, attempt.c.started).where(named)).all())


def _act(c: Open, epoch: int, mismatch: Mismatch) -> None:
    for run_id in (
        c.execute(select(run.c.id).where(run.c.state.in_(_OPEN)).order_by(run.c.created)).scalars().all()
    ):
        pause_run(c, run_id, mismatch.why)
        c.execute(update(run).where(run.c.id == run_id).values(why=mismatch.why.value))
        if mismatch.why == Why.RESTORED:
            _may_have_gone_out(c, epoch, run_id, mismatch.lost)
        settle(c, run_id)


def _may_have_gone_out(c: Open, epoch: int, run_id: str, lost: int | None) -> None:
    """Batches go out in order, so `lost` attempts can only have been of the first `lost` planned ones. None: of any."""
    planned = select(batch.c.id, batch.c.seq, batch.c.rows).where(
        batch.c.run_id == run_id, batch.c.state == BatchState.PLANNED.value
    )
    for batch_id, seq, rows in c.execute(planned.order_by(batch.c.seq).limit(lost)).all():
        taken: Claim = claim_in(c, epoch, run_id, batch_id, seq, rows)
        c.execute(
            update(attempt).where(attempt.c.id == taken.attempt_id).values(progress=Progress.WIRE.value)
        )
        end_in(c, epoch, taken, AttemptResult(Outcome.UNKNOWN, why="restored"))
