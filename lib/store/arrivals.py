"""What became of accepted batches, row by row, and a person's wish to know sooner. `lib.store.looks` writes what the platform says.

A row that was seen to get in stays so, whatever a later look says. Nothing here plans or sends.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from lib.errors import Conflict
from lib.run.arrivals import (
    HINT_GAP,
    LAST_LOOK,
    ArrivalState,
    BatchArrival,
    RowArrival,
    Withdrawal,
    first_due,
)
from lib.run.journal import LOCAL
from lib.run.states import BatchState, Happening
from lib.store.database import chunks, frame
from lib.store.events import record
from lib.store.evidence import ARRIVED, SOME_OF_BATCH, batch_of, place_of, rows_of
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.schema import AnyRow, arrival, batch, contact_row
from lib.times import as_seconds, as_text

#: Batches (rows of `batch`) the platform can be asked about.
IS_ACCEPTED = and_(batch.c.state == BatchState.ACCEPTED.value, batch.c.unique_id != "")


class Arrivals(SubStore):
    """`store.arrivals`."""

    @allowed(Action.LOOK, Of.RUN)
    def of_run(self, run_id: str) -> list[BatchArrival]:
        """What became of every accepted batch of a run, in order of seq."""
        columns = contact_row.c["batch_seq", "arrival", "withdrawal", "delivery"]
        counted = select(*columns, func.count()).where(contact_row.c.run_id == run_id).group_by(*columns)
        query = (
            select(
                *batch.c["id", "seq", "unique_id", "rows", "ended_at"],
                *arrival.c["state", "note", "last_look", "due", "raw", "asked"],
                *arrival.c["withdraw_asked", "withdraw_note"],
            )
            .select_from(batch.outerjoin(arrival))
            .where(batch.c.run_id == run_id, batch.c.state == BatchState.ACCEPTED.value)
            .order_by(batch.c.seq)
        )
        with self._db.read() as tx:
            counts: dict[int, Counter[str]] = {}
            for *its, count in tx.execute(counted):
                seq, what, withdrawal, delivery = its
                here = counts.setdefault(seq, Counter())
                here[what or (RowArrival.IMPORTED.value if delivery == ARRIVED else "")] += count
                here[f"withdrawal:{withdrawal}"] += count
            return [_batch_arrival(one, counts.get(one.seq, Counter())) for one in tx.execute(query)]

    _ARRIVED = (
        select(func.coalesce(func.sum(arrival.c.imported), 0), func.max(arrival.c.withdraw_begun))
        .select_from(arrival.join(batch))
        .where(batch.c.run_id == bindparam("of_run"))
    )

    _WITHDRAWN = select(func.count()).where(
        contact_row.c.run_id == bindparam("of_run"), contact_row.c.withdrawal == Withdrawal.WITHDRAWN.value
    )

    @allowed(Action.LOOK, Of.RUN)
    def totals(self, run_id: str) -> tuple[int, int]:
        """How many numbers of a run are known to have got in, and how many were withdrawn. Rows are counted for the latter alone."""
        with self._db.read() as tx:
            imported, begun = tx.execute(self._ARRIVED, {"of_run": run_id}).one()
            withdrawn = tx.execute(self._WITHDRAWN, {"of_run": run_id}).scalar_one() if begun else 0
        return int(imported), int(withdrawn)

    @allowed(Action.LOOK, Of.RUN)
    def not_arrived(self, run_id: str) -> pd.DataFrame:
        """Rows of settled batches that did not get in, or of which nobody knows; in order of row.

        Columns row, arrival (RowArrival), reason (ArrivalReason or ""), batch (seq), unique_id, phone_masked.
        """
        query = (
            select(
                *contact_row.c["row", "arrival"],
                contact_row.c.arrival_reason.label("reason"),
                contact_row.c.batch_seq.label("batch"),
                batch.c.unique_id,
                contact_row.c.phone_masked,
            )
            .select_from(contact_row.join(batch))
            .where(
                contact_row.c.run_id == run_id,
                contact_row.c.arrival.in_([RowArrival.NOT_IMPORTED.value, RowArrival.UNCONFIRMED.value]),
            )
            .order_by(contact_row.c.row)
        )
        with self._db.read() as tx:
            return frame(tx.execute(query))

    @allowed(Action.ASK, Of.RUN)
    def ask_after(self, run_id: str, who: str = LOCAL) -> int:
        """Have every accepted batch of a run looked up at once that is not all in; how many."""
        now = self._db.clock()
        with self._db.write() as tx:
            every = tx.execute(select(batch).where(batch.c.run_id == run_id, IS_ACCEPTED)).all()
            asked = 0
            for one in every:
                old = arrival_of(tx, one.id)
                if old is not None and (old.asked or _imported(tx, one) == one.rows):
                    continue
                facts = {"asked": as_text(now)} | ({} if old else {"due": as_text(now)})
                put(tx, one.id, old, facts)
                record(tx, run_id, Happening.BATCH_ASKED_AFTER, batch_id=one.id, who=who)
                asked += 1
            return asked

    @allowed(Action.WITHDRAW, Of.BATCH)
    def ask_withdrawal(self, batch_id: int, typed_count: int, who: str = LOCAL) -> None:
        """A person wants this batch's numbers out of the task again; it is done by the one who asks the platform.

        Raises Conflict: "not_accepted", "withdrawal_count_wrong", "withdrawal_under_way".

        batch_id: of an accepted one
        typed_count: numbers of the batch that are not withdrawn yet, as the person typed it; 0 is wrong always
        who: id of the person; kept with the wish, so that the log names them at its later steps too
        """
        now = self._db.clock()
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state != BatchState.ACCEPTED:
                raise Conflict("not_accepted")
            left = sum(row.withdrawal != Withdrawal.WITHDRAWN for row in rows_of(tx, one))
            if typed_count != left or not left:
                raise Conflict("withdrawal_count_wrong", count=left)
            old = arrival_of(tx, batch_id)
            if old is not None and old.withdraw_asked:
                raise Conflict("withdrawal_under_way")
            wish = {
                "withdraw_asked": as_text(now),
                "withdraw_by": who,
                "withdraw_begun": "",
                "withdraw_note": "",
            }
            due = as_text(first_due(as_seconds(one.ended_at)))
            put(tx, batch_id, old, wish | ({} if old else {"due": due}))
            record(tx, one.run_id, Happening.WITHDRAWAL_ASKED, batch_id=batch_id, who=who, code=str(left))


def _batch_arrival(one: AnyRow, counts: Counter[str]) -> BatchArrival:
    is_silent = not one.unique_id  # found in the list or confirmed by a person: there is nothing to ask for
    unknown = counts[""]
    return BatchArrival(
        batch_id=one.id, seq=one.seq, unique_id=one.unique_id, rows=one.rows,
        imported=counts[RowArrival.IMPORTED], missing=counts[RowArrival.NOT_IMPORTED],
        unconfirmed=counts[RowArrival.UNCONFIRMED] + (unknown if is_silent else 0), waiting=0 if is_silent else unknown,
        withdrawn=counts["withdrawal:withdrawn"], called=counts["withdrawal:called"], failed=counts["withdrawal:failed"],
        state=one.state or (ArrivalState.SETTLED.value if is_silent else ArrivalState.OPEN.value), note=one.note or "",
        last_look=one.last_look or "", due=one.due or "", raw=one.raw or "", withdrawing=bool(one.withdraw_asked),
        withdraw_note=one.withdraw_note or "", asked=bool(one.asked),
    )  # fmt: skip


# --- the rows of a batch -----------------------------------------------------------------------------------


def _imported(tx: Open, one: AnyRow) -> int:
    return sum(row.arrival == RowArrival.IMPORTED for row in rows_of(tx, one))


_MARK = (
    update(contact_row)
    .where(
        SOME_OF_BATCH,
        or_(contact_row.c.arrival != bindparam("what"), contact_row.c.arrival_reason != bindparam("because")),
    )
    .values(arrival=bindparam("what"), arrival_reason=bindparam("because"))
)


def mark(tx: Open, one: AnyRow, rows: Iterable[int], what: RowArrival, reason: str = "") -> None:
    """Write down what became of these rows.

    tx: of the look that is being recorded
    one: their batch (`batch_of`); a row that is not in it is left as it is
    rows: by number in the sheet, in any order
    what: of all of them, in place of what was known before; the caller must leave out rows that got in
    reason: ArrivalReason, the likely one where they did not get in; "" for none
    """
    for numbers in chunks(rows):
        tx.execute(_MARK, {**place_of(one), "some": numbers, "what": what.value, "because": str(reason)})


_MARK_WITHDRAWN = update(contact_row).where(SOME_OF_BATCH).values(withdrawal=bindparam("what"))


def mark_withdrawn(tx: Open, one: AnyRow, rows: Iterable[int], what: str) -> None:
    """Write down what became of rows a person wanted out of the task.

    tx: in which the wish ends
    one: their batch (`batch_of`); a row that is not in it is left as it is
    rows: by number in the sheet, in any order; there may be none
    what: Withdrawal, the same for all of them
    """
    for numbers in chunks(rows):
        tx.execute(_MARK_WITHDRAWN, {**place_of(one), "some": numbers, "what": what})


# --- the batch itself --------------------------------------------------------------------------------------

_ARRIVAL = select(arrival).where(arrival.c.batch_id == bindparam("of_batch"))


def arrival_of(tx: Open, batch_id: int) -> AnyRow | None:
    """What is known of a batch's arrival; None before the first look or wish."""
    return tx.execute(_ARRIVAL, {"of_batch": batch_id}).one_or_none()


_FRESH = {
    "state": ArrivalState.OPEN.value, "looks": 0, "imported": 0, "same_looks": 0,
    **dict.fromkeys(
        (
            "note", "same_since", "last_look", "due", "asked", "hinted", "raw",
            "withdraw_asked", "withdraw_by", "withdraw_begun", "withdraw_note",
        ),
        "",
    ),
}  # fmt: skip


def put(tx: Open, batch_id: int, old: AnyRow | None, facts: Mapping[str, Any]) -> None:
    """Write facts of a batch's arrival.

    tx: of the caller, in which `old` was read
    batch_id: of an accepted one
    old: what `arrival_of` gave; None: the row is made, open and otherwise empty but for the facts
    facts: column of `arrival` → value; what is not named stays as it is
    """
    if old is None:
        tx.execute(insert(arrival), {"batch_id": batch_id} | _FRESH | dict(facts))
    else:
        tx.execute(update(arrival).where(arrival.c.batch_id == batch_id), dict(facts))


def hint(tx: Open, one: AnyRow, now: float) -> None:
    """Have an accepted batch looked up soon, because somebody says that there is news. Says nothing of the batch itself.

    Nothing is brought forward that is all in, that a look is wanted for already, or that was accepted too long ago.

    tx: of the caller, in which the batch was found to be accepted
    one: row of `batch`
    now: seconds since 1970; the look may be then, but not sooner than `HINT_GAP` after the last one
    """
    old, ended, soonest = arrival_of(tx, one.id), as_seconds(one.ended_at), now
    if now - ended > LAST_LOOK:
        return
    if old is not None:
        if old.asked or old.hinted or _imported(tx, one) == one.rows:
            return
        soonest = max(now, as_seconds(old.last_look) + HINT_GAP)
    put(tx, one.id, old, {"hinted": as_text(soonest)} | ({} if old else {"due": as_text(first_due(ended))}))
