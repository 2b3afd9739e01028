"""What is known about batches whose outcome is unknown: looks recorded, rows found, and what follows (T10 to T14).

The only ways out of `unknown` are evidence and a person (I3). A row once found stays found, whatever a later look says.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from lib.contact.keys import canonical_phone, mark_digests
from lib.errors import Conflict, StoreUnavailable
from lib.run.records import Control, Gone, Look, OpenBatch, ScanResult, WantedRow, packed_body, unpacked
from lib.run.states import CLAIMING, BatchState, Happening, HeldAs
from lib.store.database import chunks
from lib.store.events import record
from lib.store.history import LEFT_UNKNOWN, taken
from lib.store.permission import InnerStore
from lib.store.run_states import pause_undecided, settle
from lib.store.schema import AnyRow, batch, batch_body, contact_row, run, scan
from lib.times import as_seconds, utc_now

#: A row found on the platform; as a batch state, because that is how it is counted and shown.
ARRIVED = BatchState.ACCEPTED.value

UNRESOLVED = (BatchState.UNKNOWN.value, BatchState.HELD.value)

#: Accepted batches of which one at least must show in a list that can be trusted.
CONTROLS = 3

# --- a batch -----------------------------------------------------------------------------------------------

_OF_BATCH = batch.c.id == bindparam("of_batch")

_WITH_RUN = select(batch, run.c.state.label("run_state"), run.c.destination).join(run)

_BATCH = _WITH_RUN.where(_OF_BATCH)


def batch_of(tx: Open, batch_id: int) -> AnyRow:
    """The batch with its run's state. Raises Gone("batch_gone")."""
    found = tx.execute(_BATCH, {"of_batch": batch_id}).one_or_none()
    if found is None:
        raise Gone("batch_gone")
    return found


_MOVE = update(batch).where(_OF_BATCH, batch.c.state == bindparam("from_state"))


def move(
    tx: Open,
    one: AnyRow,
    old: BatchState,
    new: BatchState,
    what: Happening,
    who: str = "",
    code: str = "",
    **values: Any,
) -> bool:
    """One compare-and-set with its event; False where the batch is not in `old`, and then nothing is written.

    tx: of the caller, who settles the run in it where something follows
    one: the batch; its state is compared in the database, not here
    old, new: the states; a change that is not in `TRANSITIONS` the database refuses
    what: said in the run's log
    who: id of the person, "" for the sender
    code: as of `events.record`
    values: further columns of the batch, changed with the state
    """
    names = {"of_batch": one.id, "from_state": old.value}
    if tx.execute(_MOVE, names | {"state": new.value} | values).rowcount != 1:
        return False
    record(tx, one.run_id, what, one.id, who=who, moved=(old, new), code=code)
    return True


#: Rows of a batch; its names come from `place_of`. By its span the database finds them without reading the whole run.
ROW_OF_BATCH = and_(
    contact_row.c.run_id == bindparam("of_run"),
    contact_row.c.row.between(bindparam("from_row"), bindparam("to_row")),
    contact_row.c.batch_seq == bindparam("of_seq"),
)


def place_of(one: AnyRow) -> dict[str, Any]:
    """What `ROW_OF_BATCH` asks for. one: with run_id, seq, first_row and last_row, between which all its rows lie."""
    return {"of_run": one.run_id, "of_seq": one.seq, "from_row": one.first_row, "to_row": one.last_row}


#: Some of them, by their numbers.
SOME_OF_BATCH = and_(ROW_OF_BATCH, contact_row.c.row.in_(bindparam("some", expanding=True)))

_ROWS = (
    select(*contact_row.c["row", "extra", "phone_key", "delivery", "arrival", "withdrawal"])
    .where(ROW_OF_BATCH)
    .order_by(contact_row.c.row)
)


def rows_of(tx: Open, one: AnyRow) -> Sequence[AnyRow]:
    """The rows of a batch, in order."""
    return tx.execute(_ROWS, place_of(one)).all()


def missing_rows(tx: Open, one: AnyRow) -> list[int]:
    """Row numbers of the batch that were never found, in order."""
    return [row.row for row in rows_of(tx, one) if not row.delivery]


_PACKED = select(batch_body.c.body).where(batch_body.c.batch_id == bindparam("of_batch"))


def _body_document(tx: Open, one: AnyRow) -> dict[str, Any]:
    """The request as it was frozen. Raises Conflict("data_deleted"), StoreUnavailable where it is not what it was."""
    packed = tx.execute(_PACKED, {"of_batch": one.id}).scalar()
    if packed is None:
        raise Conflict("data_deleted")
    return dict(json.loads(unpacked(packed, one.body_sha256)))


def request_of(tx: Open, one: AnyRow) -> tuple[dict[str, Any], Sequence[AnyRow]]:
    """The request as it was frozen, and the row each of its data was made of. Raises as `_body_document`."""
    document, rows = _body_document(tx, one), rows_of(tx, one)
    if len(rows) != len(document["data"]):
        raise StoreUnavailable("store_corrupt")
    return document, rows


# --- looking for it ----------------------------------------------------------------------------------------


class BatchEvidence(InnerStore):
    """`store.evidence`: for whoever looks through the platform's list."""

    #: Every unknown batch, and held ones where a person waits for a look.
    _TO_LOOK_FOR = _WITH_RUN.where(
        or_(
            batch.c.state == BatchState.UNKNOWN.value,
            (batch.c.state == BatchState.HELD.value) & (batch.c.scan_asked != ""),
        )
    ).order_by(batch.c.id)

    def open_batches(self) -> list[OpenBatch]:
        """What is to be looked for: every unknown batch, and held ones where a person waits for a look."""
        with self._db.read() as tx:
            found = tx.execute(self._TO_LOOK_FOR).all()
            lags = {name: _largest_lag(tx, name) for name in {one.destination for one in found}}
            return [_open_batch(one, looks_of(tx, one), lags[one.destination]) for one in found]

    def wanted(self, batch_id: int) -> list[WantedRow]:
        """The rows to look for, with what tells each from every other row sent, or perhaps sent, to the same task.

        Raises Conflict("data_deleted"), StoreUnavailable where the body does not hold the rows.
        """
        with self._db.read() as tx:
            one = batch_of(tx, batch_id)
            document, rows = request_of(tx, one)
            elsewhere = taken(tx, one.destination, [row.phone_key for row in rows])
            known = {
                key
                for key, *_, batch_id, _, state in elsewhere
                if batch_id != one.id and state in _MAY_BE_THERE
            }
            tokens = Counter(row.extra for row in rows)
            tokens += _tokens_elsewhere(tx, self._db.key, one, set(tokens))
        keys = Counter(row.phone_key for row in rows)
        return [
            WantedRow(
                row.row,
                row.extra if tokens[row.extra] == 1 else "",
                _phone(sent) if keys[row.phone_key] == 1 and row.phone_key not in known else "",
                bool(row.delivery),
            )
            for row, sent in zip(rows, document["data"], strict=True)
        ]

    _PARENT = select(batch.c.parent_id).where(_OF_BATCH)

    def is_child(self, batch_id: int) -> bool:
        """Whether a person has had these rows planned again (T15)."""
        with self._db.read() as tx:
            return tx.execute(self._PARENT, {"of_batch": batch_id}).scalar() is not None

    _SURELY_ACCEPTED = (
        select(*batch.c["id", "run_id", "seq", "first_row", "last_row", "ended_at", "body_sha256"])
        .join(run)
        .join(batch_body)
        .where(
            run.c.destination == bindparam("there"),
            batch.c.state == BatchState.ACCEPTED.value,
            batch.c.why != "manual",
        )
        .limit(CONTROLS)
    )

    _YOUNGER = _SURELY_ACCEPTED.where(batch.c.sent_at > bindparam("moment")).order_by(batch.c.attempt_id)

    _ELDER = _SURELY_ACCEPTED.where(batch.c.sent_at <= bindparam("moment")).order_by(
        batch.c.attempt_id.desc()
    )

    def control(self, batch_id: int) -> Control | None:
        """Batches of the same task that were surely accepted: the first after this attempt, else the last before it.

        A few, because the rows of one may all have been left out by the platform as repeats.
        """
        with self._db.read() as tx:
            one = batch_of(tx, batch_id)
            names = {"there": one.destination, "moment": one.sent_at}
            younger = tx.execute(self._YOUNGER, names).all()
            several = younger or tx.execute(self._ELDER, names).all()
            if not several:
                return None
            tokens = frozenset(row.extra for found in several for row in rows_of(tx, found) if row.extra)
            phones = frozenset(
                _phone(sent) for found in several for sent in _body_document(tx, found)["data"]
            )
        return Control(tokens, phones, min(as_seconds(found.ended_at) for found in several))

    _SCAN_MADE = update(batch).where(_OF_BATCH).values(scan_asked="")

    def record_scan(self, batch_id: int, result: ScanResult) -> bool:
        """Append a look, and mark what a complete one found (T11). False, and nothing written, where the batch is settled."""
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state not in UNRESOLVED:
                return False
            missing = _mark_arrived(tx, one, result.found if result.complete else ())
            tx.execute(insert(scan), _scan_facts(one, result, len(missing)))
            tx.execute(self._SCAN_MADE, {"of_batch": batch_id})
            moved = (one.state, one.state)
            record(tx, one.run_id, Happening.BATCH_SCANNED, batch_id, moved=moved, code=result.note)
        return True

    def arrived(self, batch_id: int, rows: Iterable[int] = ()) -> bool:
        """T10: unknown → accepted, where every row was found, counting these. False where one is missing or it is settled.

        A held batch passes through unknown on its way: somebody asked to look again, and that is what came of it.
        """
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state not in UNRESOLVED:
                return False
            if _mark_arrived(tx, one, rows):
                return False
            if one.state == BatchState.HELD:
                move(tx, one, BatchState.HELD, BatchState.UNKNOWN, Happening.BATCH_CHECK_AGAIN, held_as="")
            facts = dict[str, Any](found=0, held_as="", why="found", ended_at=utc_now(), scan_asked="")
            done = move(tx, one, BatchState.UNKNOWN, BatchState.ACCEPTED, Happening.BATCH_FOUND, **facts)
            settle(tx, one.run_id)
            return done

    def hold(self, batch_id: int, kind: str, *, stops: bool = False) -> bool:
        """T12 to T14: unknown → held, for a person to decide.

        False where it is not unknown any more, or the kind is not what was found: partial where there is something.

        batch_id: of the unknown one
        kind: HeldAs: what the looks at the list amount to
        stops: its run waits for that decision
        """
        kind = HeldAs(kind)
        with self._db.write() as tx:
            one = batch_of(tx, batch_id)
            if one.state != BatchState.UNKNOWN:
                return False
            if kind != HeldAs.NO_EVIDENCE and (kind == HeldAs.PARTIAL) != bool(one.found):
                return False
            done = move(
                tx, one, BatchState.UNKNOWN, BatchState.HELD, Happening.BATCH_HELD, code=kind.value, held_as=kind.value,
                scan_asked="",
            )  # fmt: skip
            if done and stops:
                pause_undecided(tx, one.run_id)
            return done


_LOOKS = (
    select(scan)
    .where(scan.c.batch_id == bindparam("of_batch"), scan.c.id > bindparam("after"))
    .order_by(scan.c.id)
)


def looks_of(tx: Open, one: AnyRow) -> Sequence[AnyRow]:
    return tx.execute(_LOOKS, {"of_batch": one.id, "after": one.scans_after}).all()


def look_of(one: AnyRow) -> Look:
    same = ("complete", "note", "control", "found", "missing", "passed")
    return Look(at=as_seconds(one.ended), **{name: one._mapping[name] for name in same})


def _open_batch(one: AnyRow, looks: Sequence[AnyRow], lag: float) -> OpenBatch:
    return OpenBatch(
        one.run_id, one.id, BatchState(one.state), one.destination, one.unique_id,
        as_seconds(one.check_from or one.ended_at), bool(one.scan_asked), tuple(map(look_of, looks)), lag,
    )  # fmt: skip


_LARGEST_LAG = (
    select(func.max(scan.c.lag))
    .select_from(scan.join(batch).join(run))
    .where(run.c.destination == bindparam("there"))
)


def _largest_lag(tx: Open, destination: str) -> float:
    """Seconds the platform was seen to take from accepting to showing, at most, in this task; 0 where nothing was seen."""
    return float(tx.execute(_LARGEST_LAG, {"there": destination}).scalar() or 0.0)


def _scan_facts(one: AnyRow, result: ScanResult, missing: int) -> dict[str, Any]:
    same = ("started", "ended", "pages", "complete", "control", "lag", "passed")
    facts = {name: getattr(result, name) for name in same} | {"note": str(result.note)}
    return facts | {"batch_id": one.id, "found": one.rows - missing, "missing": missing}


_MARK_ARRIVED = update(contact_row).where(SOME_OF_BATCH).values(delivery=ARRIVED)

_COUNT_ARRIVED = update(batch).where(_OF_BATCH).values(found=bindparam("count"))


def _mark_arrived(tx: Open, one: AnyRow, rows: Iterable[int]) -> list[int]:
    """These rows are found, and counted as such with those found before; the rows that were not, in order."""
    for numbers in chunks(map(int, rows)):
        tx.execute(_MARK_ARRIVED, {**place_of(one), "some": numbers})
    every = rows_of(tx, one)
    missing = [row.row for row in every if not row.delivery]
    tx.execute(_COUNT_ARRIVED, {"of_batch": one.id, "count": len(every) - len(missing)})
    return missing


def _phone(sent: Any) -> str:
    return canonical_phone(str(sent["phone"] if isinstance(sent, dict) else sent))


def packed_document(document: dict[str, Any]) -> tuple[bytes, str]:
    """A request as it is stored, and its hash."""
    return packed_body(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def planned_batch(
    run_id: str, seq: int, count: int, first_row: int, last_row: int, sha256: str
) -> dict[str, Any]:
    """A batch that nobody has tried to send yet, as values for `batch`.

    run_id: of its run
    seq: its number in the run, from 1
    count: of its rows
    first_row, last_row: by number in the sheet; all its rows lie between them, and rows of others may
    sha256: of the request before it is packed
    """
    same = {"state": BatchState.PLANNED.value, "tries": 0, "body_sha256": sha256}
    same |= dict.fromkeys(("unique_id", "code", "message", "why", "sent_at", "ended_at"), "")
    place = {"run_id": run_id, "seq": seq, "rows": count, "first_row": first_row, "last_row": last_row}
    return place | same


#: States in which a batch may have put its rows on the platform.
_MAY_BE_THERE = [state.value for state in CLAIMING if state != BatchState.PLANNED]

#: Rows of other batches for the same task that carry one of some marks and may be on the platform.
_SAME_MARKS = (
    select(contact_row.c.extra)
    .select_from(contact_row.join(batch).join(run))
    .where(
        run.c.destination == bindparam("there"),
        batch.c.id != bindparam("of_batch"),
        or_(batch.c.state.in_(_MAY_BE_THERE), LEFT_UNKNOWN, contact_row.c.delivery != ""),
        contact_row.c.extra.in_(bindparam("marks", expanding=True)),
    )
)


def _tokens_elsewhere(tx: Open, key: bytes, one: AnyRow, tokens: set[str]) -> Counter[str]:
    """The same marks in other batches for this task: a column of the person's own may repeat. Also those kept as digests."""
    digests = dict(zip(mark_digests(key, tokens), tokens, strict=True))
    names = {"there": one.destination, "of_batch": one.id, "marks": sorted({*tokens, *digests})}
    return Counter(digests.get(mark, mark) for mark in tx.execute(_SAME_MARKS, names).scalars())
