"""When the platform is asked what became of a batch, and what its answer means for rows, batch and run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import and_, bindparam, case, func, or_, select

from lib.run.arrivals import (
    LAST_LOOK,
    ArrivalNote,
    ArrivalReason,
    ArrivalState,
    ImportLook,
    OpenArrival,
    RowArrival,
    SentRow,
    first_due,
    is_poor,
    is_settled,
    next_due,
)
from lib.run.states import BatchState, Happening, Why
from lib.store.arrivals import IS_ACCEPTED, arrival_of, mark, put
from lib.store.events import record
from lib.store.evidence import ARRIVED, batch_of, request_of, rows_of
from lib.store.history import taken
from lib.store.permission import InnerStore
from lib.store.run_states import pause_run, settle
from lib.store.schema import AnyRow, arrival, batch, event
from lib.store.settings import SavedSettings
from lib.times import as_seconds, as_text

#: Batches handed out at once; the rest waits for the next time.
AT_ONCE = 50


class Looks(InnerStore):
    """`store.looks`: for the one who asks the platform."""

    _OPEN = (
        select(
            *batch.c["id", "run_id", "unique_id", "rows", "ended_at"],
            *arrival.c["looks", "due", "asked", "hinted"],
        )
        .select_from(batch.outerjoin(arrival))
        .where(IS_ACCEPTED)
    )

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
                (arrival.c.hinted != "", arrival.c.hinted),
                else_=func.coalesce(arrival.c.due, batch.c.ended_at),
            ),
            batch.c.id,
        )
        .limit(bindparam("at_most"))
    )

    def open(self, without: Iterable[str] = ()) -> list[OpenArrival]:
        """Accepted batches the platform is to be asked about, the most urgent first; not all of them at once.

        A batch accepted more than a day ago and never asked about is left alone, unless a person asks. without: runs that
        cannot be asked about now; they would take the places of those that can.
        """
        now = self._db.clock()
        names = {"since": as_text(now - LAST_LOOK), "without": list(without), "at_most": AT_ONCE}
        with self._db.read() as tx:
            found = tx.execute(self._TO_ASK_ABOUT, names).all()
        return [_open_arrival(one) for one in found]

    def sent_rows(self, batch_id: int) -> tuple[list[SentRow], bool]:
        """The rows of a batch as they were sent, and whether the platform was asked to append a suffix.

        Raises Conflict("data_deleted"), StoreUnavailable where the request does not hold the rows.
        """
        with self._db.read() as tx:
            one = batch_of(tx, batch_id)
            document, rows = request_of(tx, one)
        marks = Counter(row.extra for row in rows)
        return [
            SentRow(row.row, str(sent["phone"]), row.extra if marks[row.extra] == 1 else "")
            for row, sent in zip(rows, document["data"], strict=True)
        ], bool(document.get("number_add_suffix"))

    def will_settle(self, batch_id: int, found: ImportLook) -> bool:
        """Whether recording this look now would settle the batch: time to ask for a reason."""
        now = self._db.clock()
        with self._db.read() as tx:
            one = batch_of(tx, batch_id)
            rows = rows_of(tx, one)
            old = arrival_of(tx, batch_id)
            got_in = {row.row for row in rows if row.arrival == RowArrival.IMPORTED} | found.imported
            return _next(one, old, found, len(got_in), now)[1]

    def record(self, batch_id: int, found: ImportLook) -> bool:
        """Write down a look and what follows from it for rows, batch and run. False where the batch is not accepted.

        Where less of a settled batch got in than `Settings.least_imported` percent, its run pauses; 0 for never.
        """
        least_percent, now = SavedSettings(self._db).get().least_imported, self._db.clock()
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state != BatchState.ACCEPTED:
                return False
            mark(tx, one, found.imported, RowArrival.IMPORTED)
            rows, old = rows_of(tx, one), arrival_of(tx, batch_id)
            imported = sum(row.arrival == RowArrival.IMPORTED for row in rows)
            facts, is_certain = _next(one, old, found, imported, now)
            put(tx, batch_id, old, facts)
            if is_certain:
                missing = _settle_rows(tx, one, rows, found)
                if old is None or old.state != ArrivalState.SETTLED:
                    code = f"{imported}/{one.rows}"
                    record(tx, one.run_id, Happening.BATCH_SETTLED, batch_id=batch_id, code=code)
                    poor = is_poor(imported, missing, one.rows, least_percent)
                    if poor and one.sent_at > _last_resumed(tx, one.run_id):
                        pause_run(tx, one.run_id, Why.QUALITY)
                        settle(tx, one.run_id)
        return True


def _open_arrival(one: AnyRow) -> OpenArrival:
    ended = as_seconds(one.ended_at)
    times = [as_seconds(at) for at in (one.asked or one.due, one.hinted) if at]
    due = min(times, default=first_due(ended))
    return OpenArrival(one.run_id, one.id, one.unique_id, one.rows, ended, one.looks or 0, due)


def _next(
    one: AnyRow, old: AnyRow | None, found: ImportLook, imported: int, now: float
) -> tuple[dict[str, Any], bool]:
    """The facts of the batch's arrival after this look, and whether it says for good what became of every row.

    A look that was brought forward takes no turn of those that are due: whoever asks often must not wait longer. One
    that only a hint brought forward proves no more than the one before it either: otherwise whoever can send hints could
    have rows settled early.
    """
    ended, moment = as_seconds(one.ended_at), as_text(now)
    is_early = old is not None and bool(old.hinted or old.asked) and (moment < old.due or not old.due)
    turn = 0 if is_early else 1
    proof = 0 if old is not None and is_early and not old.asked else 1
    looks, same_looks, same_since = turn, proof, moment
    if old is not None:
        looks = old.looks + turn
        if old.same_since and (old.note, old.imported) == (found.note, imported):
            same_looks, same_since = old.same_looks + proof, old.same_since
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


def _settle_rows(tx: Open, one: AnyRow, rows: Sequence[AnyRow], found: ImportLook) -> int:
    """Mark every row that did not get in, with the likely reason; how many surely did not."""
    rest = [row for row in rows if row.arrival != RowArrival.IMPORTED]
    if found.note != ArrivalNote.LISTED:
        unclear = {row.row for row in rest if row.arrival != RowArrival.NOT_IMPORTED}
        mark(tx, one, unclear, RowArrival.UNCONFIRMED)
        return len(rest) - len(unclear)
    mark(tx, one, {row.row for row in rest} & found.unclear, RowArrival.UNCONFIRMED)
    missing = [row for row in rest if row.row not in found.unclear]
    reasons = _reasons(tx, one, missing, found)
    for reason in ("", *ArrivalReason):
        some = [row.row for row in missing if reasons.get(row.row, "") == reason]
        mark(tx, one, some, RowArrival.NOT_IMPORTED, reason)
    return len(missing)


def _reasons(tx: Open, one: AnyRow, missing: Sequence[AnyRow], found: ImportLook) -> dict[int, str]:
    """The nearest cause known: an earlier batch of this run, an earlier run, or something else in the task."""
    earlier: dict[int, str] = {}
    if not missing:
        return earlier
    for key, at, run_id, batch_id, _, state in taken(tx, one.destination, [row.phone_key for row in missing]):
        if batch_id != one.id and state == ARRIVED and at < one.sent_at:
            if run_id == one.run_id:
                earlier[key] = ArrivalReason.REPEATED.value
            else:
                earlier.setdefault(key, ArrivalReason.IN_HISTORY.value)
    there = {row.row: ArrivalReason.IN_TASK.value for row in missing if row.row in found.in_task}
    return there | {row.row: earlier[row.phone_key] for row in missing if row.phone_key in earlier}


def _last_resumed(tx: Open, run_id: str) -> str:
    """When a person last let this run go on: what was sent before is no reason to pause it again."""
    resumed = event.c.what == Happening.RUN_RESUMED.value
    return tx.execute(select(func.max(event.c.at)).where(event.c.run_id == run_id, resumed)).scalar() or ""
