"""What a start does about a database that is older than what was sent, or comes from another computer (S07).

Batches that may have gone out since become unknown, by the transitions every lost attempt takes (T2, T9): the
platform's list tells, or a person. Every open run waits for a person.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from lib.run.records import AttemptResult, Claim
from lib.run.states import BatchState, Outcome, Progress, RunState, Why
from lib.store.database import DESK_ID, HOME, Database
from lib.store.marks import Mark, Marks, Mismatch, find_mismatch, is_strange, machine
from lib.store.run_states import pause_run, settle
from lib.store.schema import attempt, batch, meta, run
from lib.store.transitions import claim_in, end_in

#: Name of the fact that the database is older than what was sent; the value: when it was sent last, "" where nobody knows.
RESTORED = "restored"

#: Name of the fact that attempts were taken away (`Erased`).
ERASED = "erased_attempts"

_OPEN = (RunState.RUNNING.value, RunState.PAUSING.value, RunState.PAUSED.value)


def name(db: Database, marks: Marks) -> None:
    """A new database gets its id, and the mark of it, before anything is in it: one with runs and without an id is older."""
    with db.read() as tx:
        if tx.execute(_FACTS).first() or tx.execute(_HAS_RUNS).first():
            return
    if any(mark.attempt for mark in marks.read()):
        return  # `check` tells that it was not always new
    with db.write() as tx:
        if not tx.execute(_FACTS).first():
            desk = secrets.token_hex(8)
            marks.begin(Mark(desk, _own(db)))  # first: a database with an id must have a mark
            tx.execute(insert(meta).values(name=DESK_ID, value=desk))


def _own(db: Database) -> str:
    return "" if db.is_shared else machine(db)


def check(db: Database, marks: Marks, epoch: int) -> Mismatch | None:
    """Compare database and marks, act on a mismatch, and write the mark anew. Once for a start, after `take_over`.

    The database is marked after it was settled: a process that dies in between finds the mismatch again.

    db: gets its id here where it has none
    marks: read first, begun anew at the end
    epoch: the one taken over with; by it batches that may have gone out become unknown
    """
    found = marks.read()
    with db.write() as tx:
        saved = dict(tx.execute(_FACTS).all())
        now = {DESK_ID: saved.get(DESK_ID) or secrets.token_hex(8)}
        if db.is_shared:
            now[HOME] = db.home(tx)
        mismatch = _mismatch(db, tx, found, saved, now)
        if mismatch:
            _act(tx, epoch, mismatch, found)
        if saved != now:
            tx.execute(delete(meta).where(meta.c.name.in_(now)))
            tx.execute(insert(meta), [{"name": name, "value": value} for name, value in now.items()])
        attempt_id, started = tx.execute(_LAST).first() or (0, "")
        mark = Mark(now[DESK_ID], _own(db), attempt_id, started, _wires(tx))
    marks.begin(mark)
    return mismatch


def _mismatch(
    db: Database, tx: Open, found: list[Mark], saved: dict[str, str], now: dict[str, str]
) -> Mismatch | None:
    """A file is told by its mark. A database on a server is written by several processes, each with a mark of its own or none.

    That one is older than what was sent where it does not know what this process sent, or where it is not at home: restored
    into another database, or to an earlier moment, or a standby that has taken over. How much is lost nobody can tell.
    Without an id either is of before its first start, when it had no runs.
    """
    if DESK_ID not in saved:
        is_elder = tx.execute(_HAS_RUNS).first() or (not db.is_shared and any(mark.attempt for mark in found))
        return Mismatch(Why.RESTORED, None) if is_elder else None
    desk, wires = saved[DESK_ID], _wires(tx)
    if not db.is_shared:
        return find_mismatch(found, desk, _own(db), _known(tx, found), wires)
    mine = [mark for mark in found if mark.desk == desk]
    known = _known(tx, mine)
    is_elder = any(is_strange(mark, known, wires) for mark in mine)
    return Mismatch(Why.RESTORED, None) if is_elder or saved.get(HOME, now[HOME]) != now[HOME] else None


_HAS_RUNS = select(run.c.id).limit(1)

_FACTS = select(meta.c.name, meta.c.value).where(meta.c.name.in_([DESK_ID, HOME]))

_LAST = select(attempt.c.id, attempt.c.started).order_by(attempt.c.id.desc()).limit(1)

_NEWEST = select(func.max(attempt.c.id)).scalar_subquery()

_NAMED = select(attempt.c.id, attempt.c.started).where(
    attempt.c.id.in_(bindparam("of_marks", expanding=True)) | (attempt.c.id == _NEWEST)
)


def _known(tx: Open, found: list[Mark]) -> dict[int, str]:
    known = dict(tx.execute(_NAMED, {"of_marks": [mark.attempt for mark in found]}).all())
    last = _erased(tx).last
    return known | {mark.attempt: mark.started for mark in found if 0 < mark.attempt <= last}


_WIRES = select(func.count()).where(attempt.c.progress == Progress.WIRE.value)


def _wires(tx: Open) -> int:
    return int(tx.execute(_WIRES).scalar_one()) + _erased(tx).wires


@dataclass(frozen=True)
class Erased:
    """Attempts that were taken away with their runs: how many of them were sent, and the last one. A number up to that may be
    used again, so a mark that names one proves nothing; the count still does."""

    wires: int = 0
    last: int = 0


def _erased(tx: Open) -> Erased:
    found = tx.execute(select(meta.c.value).where(meta.c.name == ERASED)).scalar()
    return Erased(**json.loads(found)) if found else Erased()


def note_erased(tx: Open, batches: Select[Any]) -> None:
    """The attempts of these batches are about to be taken away; the marks go on naming and counting them."""
    of_batches = attempt.c.batch_id.in_(batches)
    last = tx.execute(select(func.coalesce(func.max(attempt.c.id), 0)).where(of_batches)).scalar_one()
    wires = int(tx.execute(_WIRES.where(of_batches)).scalar_one())
    before = _erased(tx)
    now = Erased(before.wires + wires, max(before.last, last))
    tx.execute(delete(meta).where(meta.c.name == ERASED))
    tx.execute(insert(meta).values(name=ERASED, value=json.dumps(asdict(now))))


def _act(tx: Open, epoch: int, mismatch: Mismatch, found: list[Mark]) -> None:
    if mismatch.why == Why.RESTORED:
        # what is newer than the backup is in no run here: said of the whole desk
        last = max((mark.started for mark in found), default="")
        tx.execute(delete(meta).where(meta.c.name == RESTORED))
        tx.execute(insert(meta).values(name=RESTORED, value=last))
    open_runs = select(run.c.id).where(run.c.state.in_(_OPEN)).order_by(run.c.created)
    for run_id in tx.execute(open_runs).scalars().all():
        pause_run(tx, run_id, mismatch.why)
        tx.execute(update(run).where(run.c.id == run_id).values(why=mismatch.why.value))
        if mismatch.why == Why.RESTORED:
            _may_have_gone_out(tx, epoch, run_id, mismatch.lost)
        settle(tx, run_id)


_PLANNED = (
    select(
        *batch.c["id", "seq", "rows"],
        select(attempt.c.id).where(attempt.c.batch_id == batch.c.id).exists().label("was_begun"),
    )
    .where(batch.c.run_id == bindparam("of_run"), batch.c.state == BatchState.PLANNED.value)
    .order_by(batch.c.seq)
)


def _may_have_gone_out(tx: Open, epoch: int, run_id: str, lost: int | None) -> None:
    """Every planned batch that was begun, as it may have been when the backup was made; and of the others, which go out in
    order, the first `lost`: so many attempts are not known. None: any.
    """
    planned = tx.execute(_PLANNED, {"of_run": run_id}).all()
    others = [one.id for one in planned if not one.was_begun]
    may_be_out = {one.id for one in planned if one.was_begun}.union(others[:lost])
    for one in (one for one in planned if one.id in may_be_out):
        taken: Claim = claim_in(tx, epoch, run_id, one.id, one.seq, one.rows)
        its_attempt = attempt.c.id == taken.attempt_id
        tx.execute(update(attempt).where(its_attempt).values(progress=Progress.WIRE.value))
        end_in(tx, epoch, taken, AttemptResult(Outcome.UNKNOWN, why="restored"))
