"""What is kept of people goes when its time has come: each run in a transaction of its own, drafts together.

Three ages. What a run needs (sheet, requests, marks, its draft and file) goes first; the fingerprints by which the
history check knows a number, and the masked numbers, go later; what stays is which batch went when and what came of it.
A run that has not ended, or a batch of which something is still to be found out, loses nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import Connection as Open

from lib.contact.keys import mark_digests
from lib.contact.masking import mask_seen
from lib.errors import Conflict, StoreUnavailable
from lib.platform.connection import ConnectionKind
from lib.run.arrivals import LAST_LOOK, ArrivalState
from lib.run.journal import BY_LOCAL, LOCAL, By
from lib.run.records import FORGOTTEN_KEY, DraftRecord
from lib.run.retention_rules import DAY, LOG_DAYS, ORPHAN_DAYS, draft_end, is_to_announce
from lib.run.settings import Settings
from lib.run.states import BatchState, DataDeed, Happening, RunState
from lib.store.arrivals import IS_ACCEPTED
from lib.store.audit import awaits_audit
from lib.store.database import DRAFTS, RUNS, Database, chunks, request_vacuum
from lib.store.drafts import drop_draft, holds_number, touch
from lib.store.events import SENDER, record
from lib.store.journal import Doing, note_data
from lib.store.owners import NO_TOUR, TOUR_SECONDS, any_of
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.recovery import note_erased
from lib.store.schema import (
    arrival,
    attempt,
    batch,
    batch_body,
    callback,
    contact_row,
    data_log,
    do_not_call,
    draft,
    erasure,
    event,
    mapping_memory,
    run,
    run_source,
    scan,
    upload,
)
from lib.store.settings import change
from lib.times import as_seconds, as_text, utc_now


@dataclass(frozen=True)
class Figures:
    """How much is kept. runs: with sheet and requests; open_runs: of those, not settled yet; numbers: rows with a fingerprint.

    waiting: numbers that go as soon as their batch no longer needs them. owed: since when the file waits to be written
    anew, ISO text, "" where it does not.
    """

    drafts: int
    runs: int
    open_runs: int
    numbers: int
    do_not_call: int
    waiting: int
    owed: str
    bytes: int


class Retention(SubStore):
    """`store.retention`: how long things stay, and what a person lets go before its time."""

    @allowed(Action.LOOK)
    def now(self) -> str:
        """The moment by the store's clock, as ISO text."""
        return as_text(self._db.clock())

    @allowed(Action.LOOK)
    def figures(self) -> Figures:
        """How much of what is kept."""
        with_data = select(func.count()).select_from(run).where(run.c.data_deleted == "")
        settled, owed = _is_settled(self._db.clock()), self._db.vacuum_requested()
        with self._db.read() as tx:

            def count(query: Any) -> int:
                return int(tx.execute(query).scalar_one())

            return Figures(
                drafts=count(select(func.count()).where(draft.c.run_id.is_(None), draft.c.upload_id.is_not(None))),
                runs=count(with_data),
                open_runs=count(with_data.where(~settled)),
                numbers=count(select(func.count()).select_from(contact_row).where(contact_row.c.phone_key != FORGOTTEN_KEY)),
                do_not_call=count(select(func.count()).select_from(do_not_call)),
                waiting=count(select(func.count(erasure.c.phone_key.distinct()))), owed=owed, bytes=self._db.size(),
            )  # fmt: skip

    @allowed(Action.SETTINGS)
    def due(self, keep_days: int, fingerprint_days: int) -> tuple[int, int]:
        """Of how many runs the data, and the fingerprints, would go at once with these times of keeping."""
        now = self._db.clock()
        data = _data_due(keep_days, now)
        prints = and_(run.c.forgotten == "", _settled_for(fingerprint_days, now))
        return len(_ids(self._db, run, data)), len(_ids(self._db, run, prints))

    @allowed(Action.SETTINGS)
    def change_periods(self, keep_days: int, fingerprint_days: int, by: By = BY_LOCAL) -> None:
        """Change how long things stay, for every team. Raises ValueError for what `Settings` does not take.

        keep_days: after its end for what a run needs of people, after its last change for a draft
        fingerprint_days: after its end for the fingerprints of a run; as many as `keep_days` at least
        by: the person, for the log of what was done with people's data and for the journal of settings
        """
        periods = {"keep_days": keep_days, "fingerprint_days": fingerprint_days}
        with self._db.write() as tx:
            change(tx, by, **periods)
            note_data(tx, Doing(DataDeed.PERIODS_CHANGED, by.who, facts=periods))

    @allowed(Action.LOOK)
    def draft_end(self, record: DraftRecord, settings: Settings) -> str:
        """When a draft goes, as ISO text; "" where that is not near."""
        if not record.announced:
            return ""
        updated, announced = as_seconds(record.updated), as_seconds(record.announced)
        return as_text(draft_end(updated, announced, settings.keep_days))

    @allowed(Action.PREPARE, Of.DRAFT)
    def keep_draft(self, draft_id: str, who: str = LOCAL) -> None:
        """Let the time of a draft begin anew. Raises Conflict("draft_gone")."""
        with self._db.write(DRAFTS) as tx:
            touch(tx, draft_id)
            note_data(tx, Doing(DataDeed.DRAFT_KEPT, who, draft_id=draft_id))

    @allowed(Action.DELETE, Of.RUN)
    def delete_run(self, run_id: str, who: str = LOCAL) -> None:
        """Delete sheet, requests, draft and file of a run, once none of its batches is open. Idempotent.

        Raises Conflict: "run_open", "run_gone".
        """
        with self._db.write(RUNS, DRAFTS) as tx:
            one = tx.execute(select(run.c.data_deleted).where(run.c.id == run_id)).one_or_none()
            if one is None:
                raise Conflict("run_gone")
            still_open = select(func.count()).where(batch.c.run_id == run_id, batch.c.state.in_(OPEN_STATES))
            if count := tx.execute(still_open).scalar_one():
                raise Conflict("run_open", count=count)
            if not one.data_deleted:
                _drop_run_data(tx, self._db.key, run_id)
                record(tx, run_id, Happening.DATA_DELETED, who=who)
                note_data(tx, Doing(DataDeed.RUN_DELETED, who, run_id=run_id))
        vacuumed(self._db)

    @allowed(Action.DELETE)
    def erase_practice(self, teams: Sequence[str] | None = None, who: str = LOCAL) -> int:
        """Take away every practice run as if it had never been, with its draft and fingerprints; how many. teams: whose; None for all.

        Raises Conflict("practice_running") where one of them is on its way.
        """
        return self._erase(
            and_(run.c.kind == ConnectionKind.PRACTICE.value, any_of(run.c.team, teams)),
            lambda gone: Doing(DataDeed.PRACTICE_RESET, who, facts={"runs": gone}),
        )

    @allowed(Action.SEND)
    def erase_tour(self, who: str = LOCAL) -> int:
        """The same of this person's guided tour, and of those that others have forgotten. Nothing is written down: its numbers
        are nobody's. Raises as `erase_practice`.
        """
        is_old = run.c.created < as_text(self._db.clock() - TOUR_SECONDS)
        return self._erase(and_(~NO_TOUR, or_(run.c.created_by == who, is_old)))

    def _erase(self, mine: ColumnElement[bool], deed: Callable[[int], Doing] | None = None) -> int:
        with self._db.write(RUNS, DRAFTS) as tx:
            found = tx.execute(select(run.c.id, run.c.draft_id).where(mine)).all()
            runs = select(run.c.id).where(mine)
            going = or_(
                run.c.state.in_(_GOING), exists().where(_OF_RUN, batch.c.state == BatchState.SENDING.value)
            )
            if tx.execute(runs.where(going)).first():
                raise Conflict("practice_running")
            _erase_runs(tx, runs)
            for one in found:
                drop_draft(tx, one.draft_id)
            tx.execute(delete(run).where(mine))
            if deed:
                note_data(tx, deed(len(found)))
            request_vacuum(tx)
        vacuumed(self._db)
        return len(found)


def _erase_runs(tx: Open, runs: Select[Any]) -> None:
    """Everything that refers to these runs, but for the runs and their drafts."""
    batches = select(batch.c.id).where(batch.c.run_id.in_(runs))
    named = select(batch.c.unique_id).where(batch.c.run_id.in_(runs), batch.c.unique_id != "")
    tx.execute(delete(callback).where(callback.c.unique_id.in_(named)))
    for of_batch in (erasure, arrival, scan, batch_body):
        tx.execute(delete(of_batch).where(of_batch.c.batch_id.in_(batches)))
    for of_run in (event, contact_row, run_source):
        tx.execute(delete(of_run).where(of_run.c.run_id.in_(runs)))
    note_erased(tx, batches)
    tx.execute(delete(attempt).where(attempt.c.batch_id.in_(batches)))
    tx.execute(update(batch).where(batch.c.run_id.in_(runs)).values(parent_id=None))
    tx.execute(delete(batch).where(batch.c.run_id.in_(runs)))


# --- what is still needed ----------------------------------------------------------------------------------

#: States in which the bytes of a batch may still be needed.
OPEN_STATES = tuple(
    state.value for state in (BatchState.PLANNED, BatchState.SENDING, BatchState.UNKNOWN, BatchState.HELD)
)

_ENDED = run.c.state.in_([RunState.FINISHED.value, RunState.CANCELLED.value])

_OF_RUN = batch.c.run_id == run.c.id


def needs_rows(now: float) -> ColumnElement[bool]:
    """Whether a batch (a row of `batch`) may still be sent, looked for, or asked about. now: seconds since 1970."""
    told = select(arrival.c.batch_id).where(arrival.c.batch_id == batch.c.id)
    wanted = or_(
        arrival.c.state == ArrivalState.OPEN.value, arrival.c.asked != "", arrival.c.withdraw_asked != ""
    )
    not_asked_yet = and_(batch.c.ended_at > as_text(now - LAST_LOOK), ~told.exists())
    return or_(
        batch.c.state.in_(OPEN_STATES), and_(IS_ACCEPTED, or_(told.where(wanted).exists(), not_asked_yet))
    )


def _is_settled(now: float) -> ColumnElement[bool]:
    """Whether a run (a row of `run`) has ended, and nothing about any of its batches is still to be found out."""
    return and_(_ENDED, ~exists().where(_OF_RUN, needs_rows(now)), ~awaits_audit(now))


def _settled_for(days: int, now: float) -> ColumnElement[bool]:
    before = as_text(now - days * DAY)
    later = exists().where(_OF_RUN, or_(batch.c.ended_at > before, batch.c.decided_at > before))
    return and_(_is_settled(now), run.c.finished <= before, ~later)


# --- what has been kept long enough ------------------------------------------------------------------------


@dataclass(frozen=True)
class Expired:
    """What one pass took away. fingerprints: runs whose numbers are no longer known; files: that belonged to no draft."""

    runs: int = 0
    fingerprints: int = 0
    drafts: int = 0
    files: int = 0
    lines: int = 0

    @property
    def facts(self) -> dict[str, int]:
        """The counts that are not 0, by name, but for lines of the logs."""
        named = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: count for name, count in named.items() if count and name != "lines"}


def expire(db: Database, settings: Settings, now: float) -> Expired:
    """Take away everything whose time has come, and announce the drafts whose time will come.

    db: in several transactions: where one fails, what those before took away is gone
    settings: of which `keep_days` and `fingerprint_days` count here
    now: seconds since 1970 by the store's clock
    """
    found = Expired(
        runs=_expire_runs(db, settings.keep_days, now),
        fingerprints=_expire_fingerprints(db, settings.fingerprint_days, now),
        drafts=_expire_drafts(db, settings.keep_days, now),
        files=_drop_orphans(db, now),
        lines=_expire_logs(db, now),
    )
    if found.facts:
        with db.write() as tx:
            note_data(tx, Doing(DataDeed.EXPIRED, SENDER, facts=found.facts))
    return found


def _data_due(days: int, now: float) -> ColumnElement[bool]:
    return and_(run.c.data_deleted == "", _settled_for(days, now))


def _ids(db: Database, table: Table, *which: ColumnElement[bool]) -> list[str]:
    with db.read() as tx:
        return list(tx.execute(select(table.c.id).where(*which)).scalars())


def _expire_runs(db: Database, days: int, now: float) -> int:
    is_due, count = _data_due(days, now), 0
    for run_id in _ids(db, run, is_due):
        with db.write(RUNS, DRAFTS) as tx:
            # unless somebody planned a part of it anew since
            if tx.execute(select(run.c.id).where(run.c.id == run_id, is_due)).first():
                _drop_run_data(tx, db.key, run_id)
                record(tx, run_id, Happening.DATA_EXPIRED)
                count += 1
    return count


def _drop_run_data(tx: Open, key: bytes, run_id: str) -> None:
    """Sheet, requests, answers, the draft with its file, and every text of a person's own; fingerprints and counts stay.

    The caller has seen that nothing open needs them. tx: with its turn in RUNS and in DRAFTS.
    """
    found = tx.execute(select(run.c.draft_id, run.c.file_name).where(run.c.id == run_id)).one()
    batches = select(batch.c.id).where(batch.c.run_id == run_id)
    tx.execute(delete(batch_body).where(batch_body.c.batch_id.in_(batches)))
    tx.execute(delete(run_source).where(run_source.c.run_id == run_id))
    tx.execute(update(arrival).where(arrival.c.batch_id.in_(batches)).values(raw=""))
    tx.execute(update(batch).where(batch.c.run_id == run_id).values(raw=""))
    named = select(batch.c.unique_id).where(batch.c.run_id == run_id, batch.c.unique_id != "")
    tx.execute(delete(callback).where(callback.c.unique_id.in_(named)))
    drop_draft(tx, found.draft_id)
    _digest_marks(tx, key, run_id)
    facts = {"data_deleted": utc_now(), "file_name": mask_seen(found.file_name)}
    tx.execute(update(run).where(run.c.id == run_id).values(**facts))
    request_vacuum(tx)


_PUT_MARK = (
    update(contact_row)
    .where(contact_row.c.run_id == bindparam("of_run"), contact_row.c.row == bindparam("of_row"))
    .values(extra=bindparam("digest"))
)


def _digest_marks(tx: Open, key: bytes, run_id: str) -> None:
    """A column of the person's own may stand in `extra`: what is left only tells whether the same mark comes again."""
    marked = select(contact_row.c.row, contact_row.c.extra).where(
        contact_row.c.run_id == run_id, contact_row.c.extra != ""
    )
    rows = tx.execute(marked).all()
    if rows:
        digests = zip(rows, mark_digests(key, (row.extra for row in rows)), strict=True)
        facts = [{"of_run": run_id, "of_row": row.row, "digest": digest} for row, digest in digests]
        tx.execute(_PUT_MARK, facts)


def _expire_fingerprints(db: Database, days: int, now: float) -> int:
    is_due = and_(run.c.forgotten == "", run.c.data_deleted != "", _settled_for(days, now))
    nothing = {"phone_key": FORGOTTEN_KEY, "phone_masked": "", "extra": ""}
    count = 0
    for run_id in _ids(db, run, is_due):
        with db.write() as tx:
            marked = update(run).where(run.c.id == run_id, is_due).values(forgotten=utc_now())
            if tx.execute(marked).rowcount:
                tx.execute(update(contact_row).where(contact_row.c.run_id == run_id).values(**nothing))
                record(tx, run_id, Happening.FINGERPRINTS_EXPIRED)
                request_vacuum(tx)
                count += 1
    return count


def _expire_drafts(db: Database, days: int, now: float) -> int:
    """Drafts nobody touched for so long, once that has been told for a week; what is left of drafts of deleted runs too."""
    with db.write(RUNS, DRAFTS) as tx:
        left = select(draft.c.id).join(run, run.c.id == draft.c.run_id).where(run.c.data_deleted != "")
        for draft_id in tx.execute(left).scalars().all():
            drop_draft(tx, draft_id)
            request_vacuum(tx)
        gone = 0
        not_submitted = select(*draft.c["id", "updated", "announced"]).where(draft.c.run_id.is_(None))
        for one in tx.execute(not_submitted).all():
            updated, is_near = as_seconds(one.updated), is_to_announce(as_seconds(one.updated), days, now)
            if one.announced and now >= draft_end(updated, as_seconds(one.announced), days):
                drop_draft(tx, one.id)
                request_vacuum(tx)
                gone += 1
            elif bool(one.announced) != is_near:
                told = as_text(now) if is_near else ""
                tx.execute(update(draft).where(draft.c.id == one.id).values(announced=told))
    return gone


def _drop_orphans(db: Database, now: float) -> int:
    """Files of uploads that were cut short, and remembered mappings with a number in them, from before those were left out."""
    unused = ~exists().where(draft.c.upload_id == upload.c.id)
    with db.write(DRAFTS) as tx:
        old = upload.c.created < as_text(now - ORPHAN_DAYS * DAY)
        count = tx.execute(delete(upload).where(unused, old)).rowcount
        kept = tx.execute(select(mapping_memory.c.fingerprint, mapping_memory.c.mapping)).all()
        numbered = [one.fingerprint for one in kept if holds_number(json.loads(one.mapping))]
        for some in chunks(numbered):
            tx.execute(delete(mapping_memory).where(mapping_memory.c.fingerprint.in_(some)))
        if count or numbered:
            request_vacuum(tx)
    return count


def _expire_logs(db: Database, now: float) -> int:
    before = as_text(now - LOG_DAYS * DAY)
    settled = _ids(db, run, run.c.finished < before, _is_settled(now))
    with db.write() as tx:
        count = tx.execute(delete(data_log).where(data_log.c.at < before)).rowcount
        for some in chunks(settled):
            count += tx.execute(delete(event).where(event.c.at < before, event.c.run_id.in_(some))).rowcount
    return count


# --- the file written anew ---------------------------------------------------------------------------------


#: States of a run that is on its way.
_GOING = (RunState.RUNNING.value, RunState.PAUSING.value, RunState.CANCELLING.value)

#: Whether a run is on its way: writing the file anew would hold it up.
_IS_GOING = select(run.c.id).where(run.c.state.in_(_GOING)).limit(1)


def vacuumed(db: Database) -> bool:
    """Write the file anew if something deleted waits for that and nothing is being sent; whether it was done.

    False too where the database cannot do it at this moment.
    """
    try:
        with db.read() as tx:
            is_going = tx.execute(_IS_GOING).first() is not None
        if is_going or not db.vacuum_requested():
            return False
        db.vacuum()
    except StoreUnavailable:
        return False
    return True
