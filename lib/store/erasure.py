"""One number taken out of the runs: at once where nothing needs it, as soon as nothing does elsewhere.

A planned batch loses the row and gets another request; one that was sent keeps an empty place for it, and stays counted. One
of which something is still to be found out needs its rows for that; there the number goes when it is known.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Open
from sqlalchemy import and_, case, delete, exists, insert, or_, select, update

from lib.contact.keys import fingerprint, phone_keys
from lib.contact.number_search import Is, anywhere, keyed, without
from lib.contact.problems import NUMBER_DELETED
from lib.errors import Conflict
from lib.run.records import FORGOTTEN_KEY, unpacked
from lib.run.states import BatchState, Happening
from lib.sheet.row_numbers import row_of_file
from lib.store import retention
from lib.store.database import DRAFTS, Database, chunks, request_vacuum
from lib.store.decisions import take_out
from lib.store.drafts import touch
from lib.store.events import record
from lib.store.evidence import packed_document, rows_of
from lib.store.permission import InnerStore
from lib.store.retention import Expired, needs_rows
from lib.store.schema import (
    AnyRow,
    arrival,
    batch,
    batch_body,
    contact_row,
    draft,
    edit,
    erasure,
    mapping_memory,
    run,
    run_source,
    upload,
)
from lib.store.settings import SavedSettings
from lib.times import as_text

#: A row of a request that stood for a deleted number.
EMPTIED: dict[str, Any] = {"phone": ""}


@dataclass(frozen=True)
class Waiting:
    """A batch in which the number stays for now. state: BatchState; an accepted one is still being asked about."""

    run_id: str
    file_name: str
    seq: int
    state: str


@dataclass(frozen=True)
class InRun:
    """What was taken out of one run. rows: of its list, planned: of batches not sent yet, requests: of batches that were."""

    rows: int = 0
    planned: int = 0
    requests: int = 0
    waiting: tuple[Waiting, ...] = ()


class Erasure(InnerStore):
    """`store.erasure`: by time (`lib.erasure.retention`), and by number (`lib.erasure.forget_number`)."""

    def expire(self) -> Expired:
        """Take away what has been kept long enough, and what waited for a batch; write the file anew when it is quiet."""
        settings = SavedSettings(self._db).get()
        _finish_waiting(self._db, self._db.clock())
        found = retention.expire(self._db, settings, self._db.clock())
        retention.vacuumed(self._db)
        return found

    def vacuum(self) -> bool:
        """Write the file anew where something deleted waits for it; False where it goes on waiting."""
        return retention.vacuumed(self._db)

    def fingerprint(self, phone: str) -> str:
        """What the log keeps of a number."""
        return fingerprint(self._db.key, phone)

    def runs_with_data(self) -> list[str]:
        """Runs of which sheet or requests are kept, or at least fingerprints."""
        kept = or_(run.c.data_deleted == "", run.c.forgotten == "")
        with self._db.read() as tx:
            return list(tx.execute(select(run.c.id).where(kept).order_by(run.c.created)).scalars())

    def forget_in_run(self, run_id: str, phone: str, is_in: Is, who: str) -> InRun:
        """Take a number out of a run's rows and requests.

        run_id: of the run, whatever its state
        phone: the number in any spelling; by its key the rows are found
        is_in: whether the number stands in a text: so the requests are searched
        who: id of the person, for the log, also where the number goes later
        """
        [phone_key] = phone_keys(self._db.key, [phone])
        now = self._db.clock()
        with self._db.read() as tx:
            suspects = _holding(tx, run_id, is_in)
        with self._db.write() as tx:
            found = _batches(tx, run_id, phone_key, suspects, now)
            if not found and not _has_rows(tx, run_id, phone_key):
                return InRun()
            waiting, planned, requests = [], 0, 0
            for one in found:
                if one.needs and one.state != BatchState.PLANNED:
                    waiting.append(Waiting(run_id, one.file_name, one.seq, one.state))
                    _remember(tx, phone_key, one.id, who, now)
                elif one.state == BatchState.PLANNED:
                    planned += _take_out(tx, one, phone_key, is_in, who)
                else:
                    requests += _empty(tx, one, is_in, who)
            rows = _clear_rows(tx, run_id, phone_key, keeping=[one.seq for one in waiting])
            request_vacuum(tx)
        return InRun(rows, planned, requests, tuple(waiting))

    def replace_source(self, run_id: str, data: bytes | None) -> None:
        """Keep another sheet for a run, or none. Nothing is kept where nothing was."""
        with self._db.write() as tx:
            one = run_source.c.run_id == run_id
            kept = delete(run_source) if data is None else update(run_source)
            tx.execute(kept.where(one), {} if data is None else {"data": data})
            request_vacuum(tx)

    def forget_mappings(self, is_in: Is) -> int:
        """Forget remembered mappings in which the number stands; how many."""
        with self._db.write(DRAFTS) as tx:
            kept = tx.execute(select(mapping_memory.c.fingerprint, mapping_memory.c.mapping)).all()
            held = [one.fingerprint for one in kept if anywhere(json.loads(one.mapping), is_in)]
            for name in held:
                tx.execute(delete(mapping_memory).where(mapping_memory.c.fingerprint == name))
            if held:
                request_vacuum(tx)
        return len(held)

    def forget_in_names(self, is_in: Is) -> int:
        """Empty the names of files and of lists' sources in which the number stands; how many runs had one."""
        names = (run.c.file_name, run.c.list_source)
        with self._db.write() as tx:
            count = 0
            for one in tx.execute(select(run.c.id, *names)).all():
                facts = {column.name: one._mapping[column.name] for column in names}
                if anywhere(facts, is_in):
                    tx.execute(update(run).where(run.c.id == one.id), without(facts, is_in))
                    count += 1
        return count

    def drafts_with_data(self) -> list[str]:
        """Every draft, submitted or not, with a file or without."""
        with self._db.read() as tx:
            return list(tx.execute(select(draft.c.id).order_by(draft.c.created)).scalars())

    def edited_with(self, draft_id: str, is_in: Is) -> set[int]:
        """Rows of the file in which the number was typed or stood, taken back or not."""
        with self._db.read() as tx:
            return {row_of_file(row) for _, row in _edits_with(tx, draft_id, is_in)}

    def cut_draft(
        self,
        draft_id: str,
        expected: str,
        state: dict[str, Any],
        rows: set[int],
        remains: bytes | None,
        is_in: Is,
    ) -> None:
        """Replace a draft's state, delete what was typed into these rows of the file, and keep `remains` in place of the file.

        Raises Conflict: "draft_gone", "draft_changed".

        draft_id: of the draft, whose `updated` is another one afterwards
        expected: the `updated` that was searched
        state: the whole of it, without the rows and the number already
        rows: of the file, by number; what was made from them by splitting a cell counts as theirs
        remains: the table without them (`lib.sheet.stored`); None leaves the file as it is
        is_in: whether the number stands in a text: every other edit with it goes too, and so does the file's name
        """
        with self._db.write(DRAFTS) as tx:
            query = select(draft.c.updated, draft.c.upload_id).where(draft.c.id == draft_id)
            now = tx.execute(query).one_or_none()
            if now is None or now.updated != expected:
                raise Conflict("draft_changed" if now else "draft_gone")
            touch(tx, draft_id, state=json.dumps(state), counts="")
            every = tx.execute(select(edit.c.seq, edit.c.row).where(edit.c.draft_id == draft_id)).all()
            gone = {seq for seq, row in every if row_of_file(row) in rows}
            gone |= {seq for seq, _ in _edits_with(tx, draft_id, is_in)}
            for some in chunks(gone):
                tx.execute(delete(edit).where(edit.c.draft_id == draft_id, edit.c.seq.in_(some)))
            its_file = update(upload).where(upload.c.id == now.upload_id)
            if remains is not None:
                tx.execute(its_file, {"data": b"", "remains": remains})
            tx.execute(its_file, {"name": _named(tx, now.upload_id, is_in)})
            request_vacuum(tx)


# --- the batches of a run ------------------------------------------------------------------------------------


def _finish_waiting(db: Database, now: float) -> int:
    """Take the numbers out of batches that no longer need them; how many were waiting for that."""
    with db.read() as tx:
        every = tx.execute(select(erasure).order_by(erasure.c.asked)).all()
    return sum(_finish(db, one, now) for one in every)


def _finish(db: Database, wish: AnyRow, now: float) -> bool:
    with db.write() as tx:
        one = tx.execute(_one_batch(now).where(batch.c.id == wish.batch_id)).one_or_none()
        if one is None:  # taken away meanwhile with its run, and the wish too
            return False
        if one.needs and one.state != BatchState.PLANNED:
            return False
        is_in = keyed(db.key, wish.phone_key)
        if one.state == BatchState.PLANNED:
            _take_out(tx, one, wish.phone_key, is_in, wish.who)
        else:
            _empty(tx, one, is_in, wish.who)
        of_number = erasure.c.phone_key == wish.phone_key
        tx.execute(delete(erasure).where(of_number, erasure.c.batch_id == wish.batch_id))
        others = select(batch.c.seq).join(erasure).where(of_number, batch.c.run_id == one.run_id)
        _clear_rows(tx, one.run_id, wish.phone_key, keeping=list(tx.execute(others).scalars()))
        request_vacuum(tx)
    return True


def _one_batch(now: float) -> Any:
    needs = case((needs_rows(now), 1), else_=0).label("needs")
    return (
        select(
            *batch.c["id", "run_id", "seq", "first_row", "last_row", "state", "body_sha256"],
            *(run.c.file_name, needs, batch_body.c.body),
        )
        .join(run)
        .outerjoin(batch_body)
    )


def _holding(tx: Open, run_id: str, is_in: Is) -> set[int]:
    """Batches of a run in whose request the number stands."""
    query = select(batch.c.id, batch.c.body_sha256, batch_body.c.body).join(batch_body)
    rows = tx.execute(query.where(batch.c.run_id == run_id))
    return {row.id for row in rows if is_in(unpacked(row.body, row.body_sha256).decode())}


def _batches(tx: Open, run_id: str, phone_key: int, suspects: Iterable[int], now: float) -> list[AnyRow]:
    holds = exists().where(
        contact_row.c.run_id == batch.c.run_id,
        contact_row.c.batch_seq == batch.c.seq,
        contact_row.c.phone_key == phone_key,
    )
    query = _one_batch(now).where(batch.c.run_id == run_id, or_(batch.c.id.in_(list(suspects)), holds))
    return list(tx.execute(query.order_by(batch.c.seq)).all())


def _has_rows(tx: Open, run_id: str, phone_key: int) -> bool:
    query = select(contact_row.c.row).where(
        contact_row.c.run_id == run_id, contact_row.c.phone_key == phone_key
    )
    return tx.execute(query.limit(1)).first() is not None


_FORGOTTEN = {"phone_key": FORGOTTEN_KEY, "phone_masked": "", "extra": ""}


def _clear_rows(tx: Open, run_id: str, phone_key: int, keeping: list[int]) -> int:
    """Forget number, mask and mark in the run's list. keeping: batches that still need theirs."""
    kept = contact_row.c.batch_seq.in_(keeping)
    rows = and_(contact_row.c.run_id == run_id, contact_row.c.phone_key == phone_key)
    rows = and_(rows, or_(contact_row.c.batch_seq.is_(None), ~kept))
    return tx.execute(update(contact_row).where(rows).values(**_FORGOTTEN)).rowcount


def _take_out(tx: Open, one: AnyRow, phone_key: int, is_in: Is, who: str) -> int:
    """T19 for single rows of a planned batch; how many. A batch that is left without rows is cancelled."""
    rows = rows_of(tx, one)
    items = [] if one.body is None else _document(one)["data"]
    sought = {row.row for row in rows if row.phone_key == phone_key}
    sought |= {row.row for row, item in zip(rows, items, strict=bool(items)) if anywhere(item, is_in)}
    if not sought:
        return 0
    take_out(tx, one.id, sought, NUMBER_DELETED, Happening.NUMBER_DELETED, who)
    if len(sought) == len(rows):
        tx.execute(delete(batch_body).where(batch_body.c.batch_id == one.id))
    return len(sought)


def _empty(tx: Open, one: AnyRow, is_in: Is, who: str) -> int:
    """Empty the rows of a request that was sent, and forget what the platform answered about it; how many rows."""
    if one.body is None:
        return 0
    document = _document(one)
    emptied = [EMPTIED if anywhere(item, is_in) else item for item in document["data"]]
    count = sum(new is EMPTIED for new in emptied)
    if count:
        packed, sha256 = packed_document(document | {"data": emptied})
        tx.execute(update(batch_body).where(batch_body.c.batch_id == one.id), {"body": packed})
        tx.execute(update(batch).where(batch.c.id == one.id).values(body_sha256=sha256, raw=""))
        tx.execute(update(arrival).where(arrival.c.batch_id == one.id).values(raw=""))
        record(tx, one.run_id, Happening.NUMBER_DELETED, batch_id=one.id, who=who, code=str(count))
    return count


def _document(one: AnyRow) -> dict[str, Any]:
    return dict(json.loads(unpacked(one.body, one.body_sha256)))


def _remember(tx: Open, phone_key: int, batch_id: int, who: str, now: float) -> None:
    place = {"phone_key": phone_key, "batch_id": batch_id}
    if not tx.execute(select(erasure.c.asked).filter_by(**place)).first():
        tx.execute(insert(erasure).values(**place, asked=as_text(now), who=who))


# --- drafts --------------------------------------------------------------------------------------------------


def _named(tx: Open, upload_id: str | None, is_in: Is) -> str:
    name = tx.execute(select(upload.c.name).where(upload.c.id == upload_id)).scalar() or ""
    return "" if is_in(name) else name


def _edits_with(tx: Open, draft_id: str, is_in: Is) -> list[tuple[int, int]]:
    """seq and row of each edit with the number in it."""
    query = select(*edit.c["seq", "row", "before", "after"]).where(edit.c.draft_id == draft_id)
    return [
        (seq, row) for seq, row, *texts in tx.execute(query) if any(is_in(json.loads(one)) for one in texts)
    ]
