"""What a person decides about a batch that is held or unknown (T15 to T18). Nothing here happens by itself.

Rows that may have left once are ever planned again in two ways only (I8): by `resend_missing`, right after a complete look at
the platform's list that did not show them, and by `resend_on_word`, where no list can tell and a person has looked there.
"""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, func, insert, select, update

from lib.contact.masking import mask_seen
from lib.contact.problems import NUMBER_DELETED
from lib.errors import Conflict
from lib.run.evidence_rules import is_fresh, next_look
from lib.run.journal import LOCAL
from lib.run.records import Evidence
from lib.run.states import UNSETTLED, BatchState, Disposition, Happening, HeldAs, RunState
from lib.store.events import record
from lib.store.evidence import (
    ROW_OF_BATCH,
    UNRESOLVED,
    batch_of,
    look_of,
    looks_of,
    missing_rows,
    move,
    packed_document,
    place_of,
    planned_batch,
    request_of,
    rows_of,
)
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.run_states import reopen, settle
from lib.store.schema import AnyRow, batch, batch_body, contact_row, erasure, run, scan
from lib.times import as_seconds, as_text

#: Characters kept of a person's reason.
REASON_LIMIT = 500

#: `why` of a batch that a person saw on the platform.
MANUAL = "manual"


class Decisions(SubStore):
    """`store.decisions`: what is known about outcomes that are not, and what a person makes of it."""

    _UNRESOLVED = (
        select(batch)
        .where(batch.c.run_id == bindparam("of_run"), batch.c.state.in_(UNRESOLVED))
        .order_by(batch.c.seq)
    )

    @allowed(Action.LOOK, Of.RUN)
    def evidence(self, run_id: str) -> list[Evidence]:
        """Every unknown or held batch of a run with what is known about it, in order of seq."""
        now = self._db.clock()
        with self._db.read() as tx:
            return [
                _evidence(one, looks_of(tx, one), now)
                for one in tx.execute(self._UNRESOLVED, {"of_run": run_id}).all()
            ]

    @allowed(Action.DECIDE, Of.BATCH)
    def check_again(self, batch_id: int, who: str = LOCAL) -> None:
        """T18: held → unknown, and looking starts over; an unknown batch is looked for now. Raises Conflict("not_held")."""
        now = self._db.clock()
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state == BatchState.UNKNOWN:
                _ask(tx, one, now)
                return
            last = tx.execute(select(func.coalesce(func.max(scan.c.id), 0))).scalar_one()
            start: dict[str, Any] = dict.fromkeys(("check_from", "scan_asked"), as_text(now))
            start |= {"scans_after": last, "held_as": ""}
            states = (BatchState.HELD, BatchState.UNKNOWN)
            if not move(tx, one, *states, Happening.BATCH_CHECK_AGAIN, who, **start):
                raise Conflict("not_held")

    @allowed(Action.ASK, Of.BATCH)
    def look_now(self, batch_id: int, who: str = LOCAL) -> None:
        """Have the list looked through at once; the batch stays as it is. Raises Conflict("not_held") for a settled one."""
        now = self._db.clock()
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state not in UNSETTLED:
                raise Conflict("not_held")
            _ask(tx, one, now)

    @allowed(Action.DECIDE, Of.BATCH)
    def resend_missing(self, batch_id: int, typed_count: int, who: str = LOCAL) -> int:
        """T15: held → split, and a child batch with the missing rows, marks and all, is planned; the child's id.

        Raises Conflict: "not_held", "evidence_missing" (the list cannot tell), "count_wrong" with `count`,
        "evidence_stale" (a new look is asked for by that), "run_stopping", "data_deleted".

        batch_id: of the held one
        typed_count: rows that are missing, as the person typed it
        who: id of the person, kept with the decision and in the run's log
        """
        now = self._db.clock()
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            rows = _checked(tx, one, typed_count, by_list=True)
            is_fresh = _can_resend(one, _last_complete(tx, one), now)
            if is_fresh:
                return _split(tx, one, rows, "resend", who, now)
            _ask(tx, one, now)
        raise Conflict("evidence_stale")

    @allowed(Action.DECIDE, Of.BATCH)
    def resend_on_word(self, batch_id: int, typed_count: int, reason: str, who: str = LOCAL) -> int:
        """T15 where the list cannot tell: a person looked on the platform, and the rows are not there; the child's id.

        Raises Conflict: "not_held" (also where the list can tell), "reason_missing", "count_wrong" with `count`,
        "run_stopping", "data_deleted".

        batch_id: of one that is held without evidence
        typed_count: rows that are missing, as the person typed it
        reason: how they looked; kept as the decision, numbers masked and cut at `REASON_LIMIT`
        who: id of the person, kept with the decision and in the run's log
        """
        now, kept = self._db.clock(), _kept(reason)
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            rows = _checked(tx, one, typed_count, by_list=False)
            return _split(tx, one, rows, kept, who, now)

    @allowed(Action.DECIDE, Of.BATCH)
    def leave_out_missing(self, batch_id: int, who: str = LOCAL) -> None:
        """T16: held → cancelled. What was found stays accepted; the other numbers may be sent anew. Raises Conflict("not_held")."""
        now = self._db.clock()
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            facts, states = _decided("leave_out", who, now), (BatchState.HELD, BatchState.CANCELLED)
            if not move(tx, one, *states, Happening.BATCH_LEFT_OUT, who, **facts):
                raise Conflict("not_held")
            settle(tx, one.run_id)

    @allowed(Action.DECIDE, Of.BATCH)
    def confirm_arrived(self, batch_id: int, reason: str, who: str = LOCAL) -> None:
        """T17: a person saw the rows on the platform. held or unknown → accepted, with a unique_id only where the answer named one.

        Raises Conflict: "not_held", "reason_missing".

        batch_id: of the held or unknown one, all of whose rows count as accepted by that
        reason: how they saw it; kept as the decision, numbers masked and cut at `REASON_LIMIT`
        who: id of the person, kept with the decision and in the run's log
        """
        now, kept = self._db.clock(), _kept(reason)
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            facts = _decided(kept, who, now) | {
                "why": MANUAL,
                "found": 0,
                "held_as": "",
                "ended_at": as_text(now),
            }
            for old in (BatchState.HELD, BatchState.UNKNOWN):
                if move(tx, one, old, BatchState.ACCEPTED, Happening.BATCH_CONFIRMED, who, MANUAL, **facts):
                    settle(tx, one.run_id)
                    return
            raise Conflict("not_held")


# --- what is known -----------------------------------------------------------------------------------------


def _evidence(one: AnyRow, looks: Sequence[AnyRow], now: float) -> Evidence:
    complete = [look for look in looks if look.complete]
    last_complete = complete[-1].ended if complete else ""
    return Evidence(
        batch_id=one.id, seq=one.seq, rows=one.rows, state=one.state, held_as=one.held_as, why=one.code or one.why,
        sent_at=one.sent_at, scans=len(looks), complete_scans=len(complete),
        last_scan=looks[-1].ended if looks else "",
        found=one.found, missing=one.rows - one.found,
        next_scan_at=_next_look(one, looks), first_row=one.first_row, last_row=one.last_row,
        can_resend=_can_resend(one, last_complete, now), note=looks[-1].note if looks else "",
        raw=one.raw,
    )  # fmt: skip


def _next_look(one: AnyRow, looks: Sequence[AnyRow]) -> str:
    if one.scan_asked:
        return str(one.scan_asked)
    if one.state != BatchState.UNKNOWN:
        return ""
    return as_text(next_look(list(map(look_of, looks)), as_seconds(one.check_from or one.ended_at)))


def _can_resend(one: AnyRow, last_complete: str, now: float) -> bool:
    """Whether what is missing may be sent again this very moment (T15). last_complete: of `_last_complete`."""
    return (
        one.state == BatchState.HELD
        and one.held_as in (HeldAs.ABSENT, HeldAs.PARTIAL)
        and one.found < one.rows
        and is_fresh(as_seconds(last_complete), now)
    )


# --- sending again what is missing -------------------------------------------------------------------------


def _ask(tx: Open, one: AnyRow, now: float) -> None:
    is_asked = update(batch).where(batch.c.id == one.id, batch.c.scan_asked == "")
    tx.execute(is_asked.values(scan_asked=as_text(now)))


def _kept(reason: str) -> str:
    kept = mask_seen(" ".join(reason.split()))[:REASON_LIMIT]
    if not kept:
        raise Conflict("reason_missing")
    return kept


def _checked(tx: Open, one: AnyRow, typed_count: int, *, by_list: bool) -> list[int]:
    """The rows that may go again. by_list: the list has to show that they are missing; else it must be unable to tell."""
    if one.state != BatchState.HELD or (not by_list and one.held_as != HeldAs.NO_EVIDENCE):
        raise Conflict("not_held")
    if by_list and one.held_as == HeldAs.NO_EVIDENCE:
        raise Conflict("evidence_missing")
    if one.run_state == RunState.CANCELLING:
        raise Conflict("run_stopping")
    rows = missing_rows(tx, one)
    if typed_count != len(rows) or not rows:
        raise Conflict("count_wrong", count=len(rows))
    return rows


def _last_complete(tx: Open, one: AnyRow) -> str:
    query = select(scan.c.ended).where(
        scan.c.batch_id == one.id, scan.c.id > one.scans_after, scan.c.complete
    )
    return tx.execute(query.order_by(scan.c.id.desc()).limit(1)).scalar() or ""


def _split(tx: Open, one: AnyRow, rows: list[int], decision: str, who: str, now: float) -> int:
    packed, sha256 = _body_with(tx, one, set(rows))
    facts = _decided(decision, who, now) | {"rows": one.rows - len(rows)}
    move(tx, one, BatchState.HELD, BatchState.SPLIT, Happening.BATCH_SPLIT, who, code=str(len(rows)), **facts)
    seq = tx.execute(select(func.max(batch.c.seq)).where(batch.c.run_id == one.run_id)).scalar_one() + 1
    child = insert(batch).values(
        **planned_batch(one.run_id, seq, len(rows), rows[0], rows[-1], sha256), parent_id=one.id
    )
    child_id = int(cast(AnyRow, tx.execute(child).inserted_primary_key)[0])
    tx.execute(insert(batch_body), {"batch_id": child_id, "body": packed})
    missing = update(contact_row).where(ROW_OF_BATCH, contact_row.c.delivery == "")
    tx.execute(missing.values(batch_seq=seq), place_of(one))
    record(tx, one.run_id, Happening.BATCH_RESENT, child_id, who=who, moved=("", BatchState.PLANNED))
    names = {"of_run": one.run_id, "of_seq": seq, "of_batch": one.id}
    gone: dict[str, set[int]] = {}
    for row, asked_by in tx.execute(_WANTED_GONE, names):
        gone.setdefault(asked_by, set()).add(row)
    for asked_by, some in gone.items():
        take_out(tx, child_id, some, NUMBER_DELETED, Happening.NUMBER_DELETED, asked_by)
    reopen(tx, one.run_id, who)
    settle(tx, one.run_id)
    return child_id


#: Rows of a batch whose number was to go as soon as another batch no longer needs it, and who asked for that.
_WANTED_GONE = select(contact_row.c.row, erasure.c.who).where(
    contact_row.c.run_id == bindparam("of_run"),
    contact_row.c.batch_seq == bindparam("of_seq"),
    contact_row.c.phone_key == erasure.c.phone_key,
    erasure.c.batch_id == bindparam("of_batch"),
)


def _body_with(tx: Open, one: AnyRow, missing: set[int]) -> tuple[bytes, str]:
    """The request of a batch with only these rows of it, nothing else changed; packed, with its hash."""
    document, rows = request_of(tx, one)
    document["data"] = [sent for row, sent in zip(rows, document["data"], strict=True) if row.row in missing]
    return packed_document(document)


def take_out(tx: Open, batch_id: int, rows: set[int], reason: str, what: Happening, who: str = "") -> None:
    """Take these rows out of a planned batch, whose request is another one from now on. They are held back.

    tx: of the caller, who has seen in it that the batch is planned
    batch_id: of it; left without rows it is cancelled
    rows: by number in the sheet; nothing but rows of this batch
    reason: why they are held back, as a row keeps it
    what: said in the run's log, with the number of rows
    who: id of the person who wanted it, "" for the sender
    """
    one = batch_of(tx, batch_id)
    kept = {row.row for row in rows_of(tx, one)} - rows
    facts: dict[str, Any] = {"rows": len(kept), "state": BatchState.CANCELLED.value, "why": reason}
    if kept:
        packed, sha256 = _body_with(tx, one, kept)
        facts = {"rows": len(kept), "first_row": min(kept), "last_row": max(kept), "body_sha256": sha256}
        tx.execute(update(batch_body).where(batch_body.c.batch_id == batch_id), {"body": packed})
    planned = update(batch).where(batch.c.id == batch_id, batch.c.state == BatchState.PLANNED.value)
    tx.execute(planned.values(**facts))
    held_back = {"disposition": Disposition.HELD_BACK.value, "reason": reason, "batch_seq": None}
    taken = update(contact_row).where(ROW_OF_BATCH, contact_row.c.row.in_(rows))
    tx.execute(taken.values(**held_back), place_of(one))
    moved = {"to_send": run.c.to_send - len(rows), "held_back": run.c.held_back + len(rows)}
    tx.execute(update(run).where(run.c.id == one.run_id).values(**moved))
    record(tx, one.run_id, what, batch_id=batch_id, who=who, code=str(len(rows)))


def _decided(decision: str, who: str, now: float) -> dict[str, Any]:
    return {"decided_by": who, "decided_at": as_text(now), "decision": decision, "scan_asked": ""}
