"""What became of accepted batches: looks recorded, rows marked, and what brings the next look forward.

A row that was seen to get in stays so, whatever a later look says. Nothing here plans or sends.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update

from lib.errors import StoreUnavailable
from lib.run.arrivals import (
    ArrivalNote,
    ArrivalReason,
    ArrivalState,
    BatchArrival,
    OpenArrival,
    RowArrival,
    Seen,
    SentRow,
)
from lib.run.arrivals_rules import HINT_GAP, LAST_LOOK, first_due, is_poor, is_settled, next_due
from lib.run.records import BatchState, Happening, Why
from lib.store.database import Database, chunks, plain_rows
from lib.store.events import record
from lib.store.evidence import ARRIVED, ROW_OF_BATCH, batch_of, body_document, place_of
from lib.store.history import taken
from lib.store.run_states import pause_run, settle
from lib.store.schema import AnyRow, arrival, batch, contact_row, event
from lib.times import as_seconds, as_text

#: Batches handed out at once; the rest waits for the next time.
AT_ONCE = 50

#: Rows named in one statement.
CHUNK = 500

#: Batches (rows of `batch`) the platform can be asked about.
IS_ACCEPTED = and_(batch.c.state == BatchState.ACCEPTED.value, batch.c.unique_id != "")

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
        arrival.c.hinted,
    )  # fmt: skip
    .select_from(batch.outerjoin(arrival, arrival.c.batch_id == batch.c.id))
    .where(IS_ACCEPTED)
)

# Statements of a look are built once: building them for each took longer than running them.

#: Batches never asked about and accepted not too long ago, those still open, and those a person asks about; by urgency.
_TO_ASK_ABOUT = (
    _OPEN.where(
        or_(
            and_(arrival.c.batch_id.is_(None), batch.c.ended_at > bindparam("since")),
            arrival.c.state == ArrivalState.OPEN.value,
            arrival.c.asked != "",
            arrival.c.hinted != "",
        ),
        batch.c.run_id.not_in(bindparam("without", expanding=True)),
    )
    .order_by(
        (func.coalesce(arrival.c.asked, "") == ""),
        case(
            (arrival.c.hinted != "", arrival.c.hinted), else_=func.coalesce(arrival.c.due, batch.c.ended_at)
        ),
        batch.c.id,
    )
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


# --- for the one who asks the platform ----------------------------------------------------------------------


def open_arrivals(db: Database, now: float, without: Iterable[str] = ()) -> list[OpenArrival]:
    """Accepted batches the platform is to be asked about, the most urgent first; not all of them at once.

    A batch accepted more than a day ago and never asked about is left alone, unless a person asks. without: runs that
    cannot be asked about now; they would take the places of those that can.
    """
    names = {"since": as_text(now - LAST_LOOK), "without": list(without)}
    with db.read() as c:
        found = c.execute(_TO_ASK_ABOUT, names).all()
    return [_open_arrival(one) for one in found]


def _open_arrival(one: AnyRow) -> OpenArrival:
    ended = as_seconds(one.ended_at)
    times = [as_seconds(at) for at in (one.asked or one.due, one.hinted) if at]
    due = min(times, default=first_due(ended))
    return OpenArrival(one.run_id, one.id, one.unique_id, one.rows, ended, one.looks or 0, due)


def sent_rows(db: Database, batch_id: int) -> tuple[list[SentRow], bool]:
    """The rows of a batch as they were sent, and whether the platform was asked to append a suffix.

    Raises Conflict("data_deleted"), StoreUnavailable where the request does not hold the rows.
    """
    with db.read() as c:
        one = batch_of(c, batch_id)
        document = body_document(c, one)
        rows = rows_of(c, one)
    data = document["data"]
    if len(rows) != len(data):
        raise StoreUnavailable("store_corrupt")
    marks = Counter(row.extra for row in rows)
    return [
        SentRow(row.row, str(sent["phone"]), row.extra if marks[row.extra] == 1 else "")
        for row, sent in zip(rows, data, strict=True)
    ], bool(document.get("number_add_suffix"))


def rows_of(c: Open, one: AnyRow) -> Sequence[AnyRow]:
    """The rows of a batch, in order."""
    return c.execute(_ROWS, place_of(one)).all()


def will_settle(db: Database, batch_id: int, found: Seen, now: float) -> bool:
    """Whether recording this look now would settle the batch: time to ask for a reason."""
    with db.read() as c:
        one = batch_of(c, batch_id)
        rows = rows_of(c, one)
        old = arrival_of(c, batch_id)
        got_in = {row.row for row in rows if row.arrival == RowArrival.IMPORTED} | found.imported
        return _next(one, old, found, len(got_in), now)[1]


def record_look(db: Database, batch_id: int, found: Seen, least_percent: int, now: float) -> bool:
    """Write down a look and what follows from it for rows, batch and run. False where the batch is not accepted.

    least_percent: share of a settled batch's numbers that must have got in, or its run pauses; 0 for never.
    """
    with db.write() as c:
        one = batch_of(c, batch_id)
        if one.state != BatchState.ACCEPTED:
            return False
        _mark(c, one, found.imported, RowArrival.IMPORTED)
        rows, old = rows_of(c, one), arrival_of(c, batch_id)
        imported = sum(row.arrival == RowArrival.IMPORTED for row in rows)
        facts, is_certain = _next(one, old, found, imported, now)
        put(c, batch_id, old, facts)
        if is_certain:
            missing = _settle_rows(c, one, rows, found)
            if old is None or old.state != ArrivalState.SETTLED:
                code = f"{imported}/{one.rows}"
                record(c, one.run_id, Happening.BATCH_SETTLED, batch_id=batch_id, code=code)
                if is_poor(imported, missing, one.rows, least_percent) and one.sent_at > _last_resumed(
                    c, one.run_id
                ):
                    pause_run(c, one.run_id, Why.QUALITY)
                    settle(c, one.run_id)
    return True


def _next(
    one: AnyRow, old: AnyRow | None, found: Seen, imported: int, now: float
) -> tuple[dict[str, Any], bool]:
    """The facts of the batch's arrival after this look, and whether it says for good what became of every row.

    A look that only a hint brought forward takes no turn of those that are due, and proves no more than the one before
    it: otherwise whoever can send hints could have rows settled early.
    """
    ended, moment = as_seconds(one.ended_at), as_text(now)
    turn = 0 if old is not None and old.hinted and not old.asked and (moment < old.due or not old.due) else 1
    looks, same_looks, same_since = turn, turn, moment
    if old is not None:
        looks = old.looks + turn
        if old.same_since and (old.note, old.imported) == (found.note, imported):
            same_looks, same_since = old.same_looks + turn, old.same_since
    age = now - as_seconds(same_since)
    is_certain = is_settled(
        found.note, imported, one.rows, same_looks=same_looks, same_seconds=age, age_seconds=now - ended
    )
    is_over = is_certain or (old is not None and old.state == ArrivalState.SETTLED)
    due = as_text(next_due(looks, ended, now)) if old is None or turn else old.due
    return {
        "state": ArrivalState.SETTLED.value if is_over else ArrivalState.OPEN.value, "note": found.note.value, "looks": looks,
        "imported": imported, "same_looks": same_looks, "same_since": same_since, "last_look": moment, "asked": "", "hinted": "",
        "raw": found.raw, "due": "" if is_over else due,
    }, is_certain  # fmt: skip


def _settle_rows(c: Open, one: AnyRow, rows: Sequence[AnyRow], found: Seen) -> int:
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


def _reasons(c: Open, one: AnyRow, missing: Sequence[AnyRow], found: Seen) -> dict[int, str]:
    """The nearest cause known: an earlier batch of this run, an earlier run, or something else in the task."""
    earlier: dict[int, str] = {}
    if not missing:
        return earlier
    for key, at, run_id, batch_id, _, state in taken(c, one.destination, [row.phone_key for row in missing]):
        if batch_id != one.id and state == ARRIVED and at < one.sent_at:
            reason = ArrivalReason.REPEATED if run_id == one.run_id else ArrivalReason.IN_HISTORY
            earlier[key] = (
                reason.value if earlier.get(key) != ArrivalReason.REPEATED else ArrivalReason.REPEATED.value
            )
    there = {row.row: ArrivalReason.IN_TASK.value for row in missing if row.row in found.in_task}
    return there | {row.row: earlier[row.phone_key] for row in missing if row.phone_key in earlier}


def _mark(c: Open, one: AnyRow, rows: Iterable[int], what: RowArrival, reason: str = "") -> None:
    for numbers in chunks(rows, CHUNK):
        c.execute(_MARK, {**place_of(one), "some": numbers, "what": what.value, "because": str(reason)})


def mark_withdrawn(c: Open, one: AnyRow, rows: Iterable[int], what: str) -> None:
    """Write down what became of rows a person wanted out of the task (`Withdrawal`)."""
    for numbers in chunks(rows, CHUNK):
        c.execute(_MARK_WITHDRAWN, {**place_of(one), "some": numbers, "what": what})


def arrival_of(c: Open, batch_id: int) -> AnyRow | None:
    """What is known of a batch's arrival; None before the first look or wish."""
    return c.execute(_ARRIVAL, {"of_batch": batch_id}).one_or_none()


def put(c: Open, batch_id: int, old: AnyRow | None, facts: Mapping[str, Any]) -> None:
    """Write facts of a batch's arrival over `old`, what `arrival_of` gave in the same transaction."""
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
        every = c.execute(select(batch).where(batch.c.run_id == run_id, IS_ACCEPTED)).all()
        asked = 0
        for one in every:
            old = arrival_of(c, one.id)
            if old is not None and (old.asked or _imported(c, one) == one.rows):
                continue
            facts = {"asked": as_text(now)} | ({} if old else {"due": as_text(now)})
            put(c, one.id, old, facts)
            record(c, run_id, Happening.BATCH_ASKED_AFTER, batch_id=one.id, who=who)
            asked += 1
        return asked


def hint(c: Open, one: AnyRow, now: float) -> None:
    """Have an accepted batch looked up soon, because somebody says that there is news. Says nothing of the batch itself.

    Nothing is brought forward that is all in, that a look is wanted for already, or that was accepted too long ago.
    """
    old, ended = arrival_of(c, one.id), as_seconds(one.ended_at)
    if now - ended > LAST_LOOK or (
        old is not None and (old.asked or old.hinted or _imported(c, one) == one.rows)
    ):
        return
    soonest = max(now, as_seconds(old.last_look) + HINT_GAP) if old is not None else now
    put(c, one.id, old, {"hinted": as_text(soonest)} | ({} if old else {"due": as_text(first_due(ended))}))


def _imported(c: Open, one: AnyRow) -> int:
    return sum(row.arrival == RowArrival.IMPORTED for row in rows_of(c, one))


# --- for the pages ------------------------------------------------------------------------------------------


def arrivals(db: Database, run_id: str) -> list[BatchArrival]:
    """What became of every accepted batch of a run, in order of seq."""
    columns = (
        contact_row.c.batch_seq,
        contact_row.c.arrival,
        contact_row.c.withdrawal,
        contact_row.c.delivery,
    )
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


def not_arrived(db: Database, run_id: str) -> pd.DataFrame:
    """Rows of settled batches that did not get in, or of which nobody knows; in order of row.

    Columns row, arrival (RowArrival), reason (ArrivalReason or ""), batch (seq), unique_id, phone_masked.
    """
    query = (
        select(
            contact_row.c.row,
            contact_row.c.arrival,
            contact_row.c.arrival_reason,
            contact_row.c.batch_seq,
            batch.c.unique_id,
            contact_row.c.phone_masked,
        )
        .join(batch, and_(batch.c.run_id == contact_row.c.run_id, batch.c.seq == contact_row.c.batch_seq))
        .where(
            contact_row.c.run_id == run_id,
            contact_row.c.arrival.in_([RowArrival.NOT_IMPORTED.value, RowArrival.UNCONFIRMED.value]),
        )
        .order_by(contact_row.c.row)
    )
    with db.read() as c:
        return pd.DataFrame(
            plain_rows(c.execute(query)),
            columns=["row", "arrival", "reason", "batch", "unique_id", "phone_masked"],
        )
