"""What became of accepted batches: looks recorded, rows marked, and a person's wish to withdraw one.

A row that was seen to get in stays so, whatever a later look says. Nothing here plans or sends.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import Row, and_, bindparam, func, insert, or_, select, update

from lib.arrivals_records import (
    ArrivalNote,
    ArrivalReason,
    ArrivalState,
    AskedWithdrawal,
    BatchArrival,
    OpenArrival,
    RowArrival,
    Seen,
    SentRow,
    Withdrawal,
)
from lib.arrivals_rules import LAST_LOOK, WISH_SECONDS, first_due, is_poor, is_settled, next_due
from lib.errors import Conflict, StoreUnavailable
from lib.store_database import Database, chunks, plain_rows
from lib.store_events import record
from lib.store_evidence import ARRIVED, ROW_OF_BATCH, batch_of, body_document, place_of
from lib.store_history import taken
from lib.store_records import BatchState, Happening, Why, as_seconds, as_text
from lib.store_run_states import pause_run, settle
from lib.store_schema import arrival, batch, contact_row, event

#: Batches handed out at once; the rest waits for the next time.
AT_ONCE = 50

_CHUNK = 500

_IS_ACCEPTED = and_(batch.c.state == BatchState.ACCEPTED.value, batch.c.unique_id != "")

_OPEN = (
    select(
        batch.c.id,
        batch.c.run_id,
        batch.c.unique_id,
        batch.c.rows,
        batch.c.ended_at,
        arrival.c.looks,
        arrival.c.due,
        arrival.c.asked,
    )  # fmt: skip
    .select_from(batch.outerjoin(arrival, arrival.c.batch_id == batch.c.id))
    .where(_IS_ACCEPTED)
)

# Statements of a look are built once: building them for each took longer than running them.

#: Batches never asked about and accepted not too long ago, those still open, and those a person asks about; by urgency.
_TO_ASK_ABOUT = (
    _OPEN.where(
        or_(
            and_(arrival.c.batch_id.is_(None), batch.c.ended_at > bindparam("since")),
            arrival.c.state == ArrivalState.OPEN.value,
            arrival.c.asked != "",
        )
    )
    .order_by((func.coalesce(arrival.c.asked, "") == ""), func.coalesce(arrival.c.due, batch.c.ended_at), batch.c.id)
    .limit(AT_ONCE)
)

_ROWS = (
    select(
        contact_row.c.row,
        contact_row.c.extra,
        contact_row.c.phone_key,
        contact_row.c.arrival,
        contact_row.c.withdrawal,
    )
    .where(ROW_OF_BATCH)
    .order_by(contact_row.c.row)
)

_SOME_OF_BATCH = and_(ROW_OF_BATCH, contact_row.c.row.in_(bindparam("some", expanding=True)))

_MARK = (
    update(contact_row)
    .where(
        _SOME_OF_BATCH,
        or_(contact_row.c.arrival != bindparam("what"), contact_row.c.arrival_reason != bindparam("because")),
    )
    .values(arrival=bindparam("what"), arrival_reason=bindparam("because"))
)

_MARK_WITHDRAWN = update(contact_row).where(_SOME_OF_BATCH).values(withdrawal=bindparam("what"))

_ARRIVAL = select(arrival).where(arrival.c.batch_id == bindparam("of_batch"))

_WISHES = (
    select(batch.c.run_id, batch.c.id, arrival.c.withdraw_asked)
    .join(arrival, arrival.c.batch_id == batch.c.id)
    .where(arrival.c.withdraw_asked != "")
    .order_by(arrival.c.withdraw_asked)
)

_FRESH = {
    "state": ArrivalState.OPEN.value, "looks": 0, "imported": 0, "same_looks": 0,
    **dict.fromkeys(
        ("note", "same_since", "last_look", "due", "asked", "raw", "withdraw_asked", "withdraw_by", "withdraw_begun", "withdraw_note"),
        "",
    ),
}  # fmt: skip


# --- for the one who asks the platform ----------------------------------------------------------------------


def open_arrivals(db: Database, now: float) -> list[OpenArrival]:
    """Accepted batches the platform is to be asked about, the most urgent first; not all of them at once.

    A batch accepted more than a day ago and never asked about is left alone, unless a person asks.
    """
    with db.read() as c:
        found = c.execute(_TO_ASK_ABOUT, {"since": as_text(now - LAST_LOOK)}).all()
    return [_open_arrival(one) for one in found]


def _open_arrival(one: Row[Any]) -> OpenArrival:
    ended = as_seconds(one.ended_at)
    due = as_seconds(one.asked or one.due or "") or first_due(ended)
    return OpenArrival(one.run_id, one.id, one.unique_id, one.rows, ended, one.looks or 0, due)


def sent_rows(db: Database, batch_id: int) -> tuple[list[SentRow], bool]:
    """The rows of a batch as they were sent, and whether the platform was asked to append a suffix.

    Raises Conflict("data_deleted"), StoreUnavailable where the request does not hold the rows.
    """
    with db.read() as c:
        one = batch_of(c, batch_id)
        document = body_document(c, one)
        rows = _rows_of(c, one)
    data = document["data"]
    if len(rows) != len(data):
        raise StoreUnavailable("store_corrupt")
    marks = Counter(row.extra for row in rows)
    return [
        SentRow(row.row, str(sent["phone"]), row.extra if marks[row.extra] == 1 else "")
        for row, sent in zip(rows, data, strict=True)
    ], bool(document.get("number_add_suffix"))


def _rows_of(c: Open, one: Row[Any]) -> Sequence[Row[Any]]:
    return c.execute(_ROWS, place_of(one)).all()


def will_settle(db: Database, batch_id: int, found: Seen, now: float) -> bool:
    """Whether recording this look now would settle the batch: time to ask for a reason."""
    with db.read() as c:
        one = batch_of(c, batch_id)
        rows = _rows_of(c, one)
        old = _arrival_of(c, batch_id)
        got_in = {row.row for row in rows if row.arrival == RowArrival.IMPORTED} | found.imported
        return bool(_next(one, old, found, len(got_in), now)["state"] == ArrivalState.SETTLED)


def record_look(db: Database, batch_id: int, found: Seen, least_percent: int, now: float) -> bool:
    """Write down a look and what follows from it for rows, batch and run. False where the batch is not accepted.

    least_percent: share of a settled batch's numbers that must have got in, or its run pauses; 0 for never.
    """
    with db.write() as c:
        one = batch_of(c, batch_id)
        if one.state != BatchState.ACCEPTED:
            return False
        _mark(c, one, found.imported, RowArrival.IMPORTED)
        rows, old = _rows_of(c, one), _arrival_of(c, batch_id)
        imported = sum(row.arrival == RowArrival.IMPORTED for row in rows)
        facts = _next(one, old, found, imported, now)
        _put(c, batch_id, old, facts)
        if facts["state"] == ArrivalState.SETTLED:
            missing = _settle_rows(c, one, rows, found)
            if old is None or old.state != ArrivalState.SETTLED:
                code = f"{imported}/{one.rows}"
                record(c, one.run_id, Happening.BATCH_SETTLED, batch_id=batch_id, code=code)
                if is_poor(imported, missing, one.rows, least_percent) and one.sent_at > _last_resumed(c, one.run_id):
                    pause_run(c, one.run_id, Why.QUALITY)
                    settle(c, one.run_id)
    return True


def _next(one: Row[Any], old: Row[Any] | None, found: Seen, imported: int, now: float) -> dict[str, Any]:
    """The facts of the batch's arrival after this look."""
    ended, moment = as_seconds(one.ended_at), as_text(now)
    looks, same_looks, same_since = 1, 1, moment
    if old is not None:
        looks = old.looks + 1
        if old.looks and (old.note, old.imported) == (found.note, imported):
            same_looks, same_since = old.same_looks + 1, old.same_since
    age = now - as_seconds(same_since)
    settled = is_settled(
        found.note, imported, one.rows, same_looks=same_looks, same_seconds=age, age_seconds=now - ended
    )
    was_settled = old is not None and old.state == ArrivalState.SETTLED
    is_over = settled or was_settled
    return {
        "state": ArrivalState.SETTLED.value if is_over else ArrivalState.OPEN.value, "note": found.note.value, "looks": looks,
        "imported": imported, "same_looks": same_looks, "same_since": same_since, "last_look": moment, "asked": "", "raw": found.raw,
        "due": "" if is_over else as_text(next_due(looks, ended, now)),
    }  # fmt: skip


def _settle_rows(c: Open, one: Row[Any], rows: Sequence[Row[Any]], found: Seen) -> int:
    """Mark every row that did not get in, with the likely reason; how many surely did not."""
    rest = [row for row in rows if row.arrival != RowArrival.IMPORTED]
    if found.note != ArrivalNote.LISTED:
        unclear = {row.row for row in rest if row.arrival != RowArrival.NOT_IMPORTED}
        _mark(c, one, unclear, RowArrival.UNCONFIRMED)
        return len(rest) - len(unclear)
    _mark(c, one, found.unclear, RowArrival.UNCONFIRMED)
    missing = [row for row in rest if row.row not in found.unclear]
    reasons = _reasons(c, one, missing, found)
    for reason in ("", *ArrivalReason):
        some = [row.row for row in missing if reasons.get(row.row, "") == reason]
        _mark(c, one, some, RowArrival.NOT_IMPORTED, reason)
    return len(missing)


def _reasons(c: Open, one: Row[Any], missing: Sequence[Row[Any]], found: Seen) -> dict[int, str]:
    """The nearest cause known: an earlier batch of this run, an earlier run, or something else in the task."""
    earlier: dict[int, str] = {}
    if not missing:
        return earlier
    for key, at, run_id, batch_id, _, state in taken(c, one.destination, [row.phone_key for row in missing]):
        if batch_id != one.id and state == ARRIVED and at < one.sent_at:
            reason = ArrivalReason.REPEATED if run_id == one.run_id else ArrivalReason.IN_HISTORY
            earlier[key] = reason.value if earlier.get(key) != ArrivalReason.REPEATED else ArrivalReason.REPEATED.value
    there = {row.row: ArrivalReason.IN_TASK.value for row in missing if row.row in found.in_task}
    return there | {row.row: earlier[row.phone_key] for row in missing if row.phone_key in earlier}


def _mark(c: Open, one: Row[Any], rows: Iterable[int], what: RowArrival, reason: str = "") -> None:
    for numbers in chunks(rows, _CHUNK):
        c.execute(_MARK, {**place_of(one), "some": numbers, "what": what.value, "because": str(reason)})


def _arrival_of(c: Open, batch_id: int) -> Row[Any] | None:
    return c.execute(_ARRIVAL, {"of_batch": batch_id}).one_or_none()


def _put(c: Open, batch_id: int, old: Row[Any] | None, facts: Mapping[str, Any]) -> None:
    if old is None:
        c.execute(insert(arrival).values(batch_id=batch_id, **_FRESH | dict(facts)))
    else:
        c.execute(update(arrival).where(arrival.c.batch_id == batch_id).values(**facts))


def _last_resumed(c: Open, run_id: str) -> str:
    """When a person last let this run go on: what was sent before is no reason to pause it again."""
    resumed = event.c.what == Happening.RUN_RESUMED.value
    return c.execute(select(func.max(event.c.at)).where(event.c.run_id == run_id, resumed)).scalar() or ""


# --- a person asks ------------------------------------------------------------------------------------------


def ask_after(db: Database, run_id: str, who: str, now: float) -> int:
    """Have every accepted batch of a run looked up at once that is not all in; how many."""
    with db.write() as c:
        every = c.execute(select(batch).where(batch.c.run_id == run_id, _IS_ACCEPTED)).all()
        asked = 0
        for one in every:
            old = _arrival_of(c, one.id)
            if old is not None and (old.asked or _imported(c, one) == one.rows):
                continue
            facts = {"asked": as_text(now)} | ({} if old else {"due": as_text(now)})
            _put(c, one.id, old, facts)
            record(c, run_id, Happening.BATCH_ASKED_AFTER, batch_id=one.id, who=who)
            asked += 1
        return asked


def _imported(c: Open, one: Row[Any]) -> int:
    return sum(row.arrival == RowArrival.IMPORTED for row in _rows_of(c, one))


def ask_withdrawal(db: Database, batch_id: int, typed_count: int, who: str, now: float) -> None:
    """A person wants this batch's numbers out of the task again; it is done by the one who asks the platform.

    typed_count: the numbers of the batch that are not withdrawn yet. Raises Conflict: "not_accepted", "withdrawal_count_wrong",
    "withdrawal_under_way".
    """
    with db.write() as c:
        one = batch_of(c, batch_id)
        if one.state != BatchState.ACCEPTED:
            raise Conflict("not_accepted")
        left = sum(row.withdrawal != Withdrawal.WITHDRAWN for row in _rows_of(c, one))
        if typed_count != left or not left:
            raise Conflict("withdrawal_count_wrong", count=left)
        old = _arrival_of(c, batch_id)
        if old is not None and old.withdraw_asked:
            raise Conflict("withdrawal_under_way")
        wish = {"withdraw_asked": as_text(now), "withdraw_by": who, "withdraw_begun": "", "withdraw_note": ""}
        due = as_text(first_due(as_seconds(one.ended_at)))
        _put(c, batch_id, old, wish | ({} if old else {"due": due}))
        record(c, one.run_id, Happening.WITHDRAWAL_ASKED, batch_id=batch_id, who=who, code=str(left))


def asked_withdrawals(db: Database) -> list[AskedWithdrawal]:
    """Wishes not carried out yet, oldest first."""
    with db.read() as c:
        return [AskedWithdrawal(run_id, batch_id, as_seconds(asked)) for run_id, batch_id, asked in c.execute(_WISHES)]


def begin_withdrawal(db: Database, batch_id: int, count: int, now: float) -> bool:
    """The mark before the platform is asked to delete; False where the wish is gone or too old."""
    with db.write() as c:
        one, old = batch_of(c, batch_id), _arrival_of(c, batch_id)
        if old is None or not old.withdraw_asked or now - as_seconds(old.withdraw_asked) > WISH_SECONDS:
            return False
        _put(c, batch_id, old, {"withdraw_begun": as_text(now)})
        record(c, one.run_id, Happening.WITHDRAWAL_BEGUN, batch_id=batch_id, who=old.withdraw_by, code=str(count))
        return True


def record_withdrawal(db: Database, batch_id: int, buckets: Mapping[int, str], note: str) -> None:
    """What became of each row (row → Withdrawal), and why nothing did, or why it cannot be confirmed. Ends the wish."""
    with db.write() as c:
        one, old = batch_of(c, batch_id), _arrival_of(c, batch_id)
        if old is None or not old.withdraw_asked:
            return
        counts = Counter(str(bucket) for bucket in buckets.values())
        for bucket in Withdrawal:
            for numbers in chunks((row for row, of in buckets.items() if of == bucket), _CHUNK):
                c.execute(_MARK_WITHDRAWN, {**place_of(one), "some": numbers, "what": bucket.value})
        _put(c, batch_id, old, {"withdraw_asked": "", "withdraw_note": note})
        what = Happening.WITHDRAWAL_DONE if buckets else Happening.WITHDRAWAL_REFUSED
        code = "/".join(str(counts[bucket.value]) for bucket in Withdrawal) if buckets else note
        record(c, one.run_id, what, batch_id=batch_id, who=old.withdraw_by, code=code)


# --- for the pages ------------------------------------------------------------------------------------------


def arrivals(db: Database, run_id: str) -> list[BatchArrival]:
    """What became of every accepted batch of a run, in order of seq."""
    columns = (contact_row.c.batch_seq, contact_row.c.arrival, contact_row.c.withdrawal, contact_row.c.delivery)
    counted = select(*columns, func.count()).where(contact_row.c.run_id == run_id).group_by(*columns)
    query = (
        select(
            batch.c.id,
            batch.c.seq,
            batch.c.unique_id,
            batch.c.rows,
            batch.c.ended_at,
            arrival.c.state,
            arrival.c.note,
            arrival.c.last_look,
            arrival.c.due,
            arrival.c.raw,
            arrival.c.withdraw_asked,
            arrival.c.withdraw_note,
            arrival.c.asked,
        )  # fmt: skip
        .select_from(batch.outerjoin(arrival, arrival.c.batch_id == batch.c.id))
        .where(batch.c.run_id == run_id, batch.c.state == BatchState.ACCEPTED.value)
        .order_by(batch.c.seq)
    )
    with db.read() as c:
        counts: dict[int, Counter[str]] = {}
        for seq, what, withdrawal, delivery, count in c.execute(counted):
            here = counts.setdefault(seq, Counter())
            here[what or (RowArrival.IMPORTED.value if delivery == ARRIVED else "")] += count
            here[f"withdrawal:{withdrawal}"] += count
        return [_batch_arrival(one, counts.get(one.seq, Counter())) for one in c.execute(query)]


def _batch_arrival(one: Row[Any], counts: Counter[str]) -> BatchArrival:
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


def not_arrived(db: Database, run_id: str) -> pd.DataFrame:
    """Rows of settled batches that did not get in, or of which nobody knows; in order of row.

    Columns row, arrival (RowArrival), reason (ArrivalReason or ""), batch (seq), unique_id.
    """
    query = (
        select(
            contact_row.c.row,
            contact_row.c.arrival,
            contact_row.c.arrival_reason,
            contact_row.c.batch_seq,
            batch.c.unique_id,
        )
        .join(batch, and_(batch.c.run_id == contact_row.c.run_id, batch.c.seq == contact_row.c.batch_seq))
        .where(
            contact_row.c.run_id == run_id,
            contact_row.c.arrival.in_([RowArrival.NOT_IMPORTED.value, RowArrival.UNCONFIRMED.value]),
        )
        .order_by(contact_row.c.row)
    )
    with db.read() as c:
        return pd.DataFrame(plain_rows(c.execute(query)), columns=["row", "arrival", "reason", "batch", "unique_id"])
