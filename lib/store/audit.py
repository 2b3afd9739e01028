"""After a run: what the platform's list shows of what was accepted, recorded once for each end of a run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import Connection as Open

from lib.contact.keys import mark_digests, phone_keys
from lib.run.records import FORGOTTEN_KEY, Gone
from lib.run.states import BatchState, Disposition, Happening, RunState, ScanNote
from lib.store.database import chunks
from lib.store.events import record
from lib.store.evidence import ARRIVED
from lib.store.permission import InnerStore
from lib.store.schema import batch, contact_row, event, run
from lib.times import as_seconds, as_text

#: Seconds after its end within which a run is looked at; later, too much else may have happened in the task.
LATEST = 86_400.0


class Audits(InnerStore):
    """`store.audits`."""

    def due(self) -> list[tuple[str, float]]:
        """Ended runs with something accepted that nobody has looked at since: id, and when it ended in seconds since 1970."""
        now = self._db.clock()
        open_states = (BatchState.SENDING.value, BatchState.UNKNOWN.value)  # still to be cleared up
        moving = select(batch.c.id).where(batch.c.run_id == run.c.id, batch.c.state.in_(open_states))
        query = select(run.c.id, run.c.finished).where(awaits_audit(now), ~moving.exists())
        with self._db.read() as tx:
            found = tx.execute(query.order_by(run.c.finished)).all()
        return [(run_id, as_seconds(finished)) for run_id, finished in found]

    def record(
        self,
        run_id: str,
        note: str,
        marks: Mapping[str, int] | None = None,
        phones: Iterable[str] | None = None,
    ) -> None:
        """Append what a look came to.

        A row is seen by its mark or by its number. One that was not seen is counted, and nothing is claimed about it; a
        row without a mark is passed over where the list hides numbers. Raises Gone("run_gone").

        run_id: of an ended run, whose accepted rows are compared
        note: ScanNote; of a look that is not COMPLETE nothing but this is kept
        marks: mark → how often the list shows it; None for none
        phones: canonical, those the list shows; None where it shows none
        """
        keys = None if phones is None else set(phone_keys(self._db.key, phones))
        with self._db.write() as tx:
            its_run = tx.execute(select(run.c.data_deleted).where(run.c.id == run_id)).first()
            if its_run is None:
                raise Gone("run_gone")
            kept = marks if its_run.data_deleted and marks else ()  # of which digests are left
            of_digest = dict(zip(mark_digests(self._db.key, kept), kept, strict=True))
            rows = _accepted(tx, run_id, of_digest) if note == ScanNote.COMPLETE else []
            twice = _twice(tx, self._db.key, run_id, rows, marks or {})
            unseen = [row for row in rows if not _is_seen(row, marks or {}, keys)]
            record(tx, run_id, Happening.RUN_AUDITED, code=note)
            counts = {Happening.RUN_SEEN_TWICE: len(twice), Happening.RUN_NOT_SEEN: len(unseen)}
            for what, count in counts.items():
                if count:
                    record(tx, run_id, what, code=str(count))


_ENDED = (RunState.FINISHED.value, RunState.CANCELLED.value)


def awaits_audit(now: float) -> ColumnElement[bool]:
    """Whether a run (a row of `run`) has ended with something accepted and was not looked at since."""
    arrived = or_(batch.c.state == ARRIVED, batch.c.found > 0)
    audited = (event.c.what == Happening.RUN_AUDITED.value) & (event.c.at >= run.c.finished)
    return and_(
        run.c.state.in_(_ENDED),
        run.c.finished > as_text(now - LATEST),
        select(batch.c.id).where(batch.c.run_id == run.c.id, arrived).exists(),
        ~select(event.c.id).where(event.c.run_id == run.c.id, audited).exists(),
    )


class _Sent(NamedTuple):
    extra: str
    phone_key: int


def _accepted(tx: Open, run_id: str, of_digest: Mapping[str, str]) -> list[_Sent]:
    query = (
        select(contact_row.c.extra, contact_row.c.phone_key)
        .select_from(contact_row.join(batch))
        .where(
            contact_row.c.run_id == run_id,
            contact_row.c.disposition == Disposition.TO_SEND.value,
            contact_row.c.phone_key != FORGOTTEN_KEY,
            or_(batch.c.state == ARRIVED, contact_row.c.delivery == ARRIVED),
        )
    )
    return [_Sent(of_digest.get(extra, extra), phone_key) for extra, phone_key in tx.execute(query)]


def _is_seen(row: _Sent, marks: Mapping[str, int], keys: set[int] | None) -> bool:
    if row.extra and row.extra in marks:
        return True
    if keys is None:
        return not row.extra
    return row.phone_key in keys


def _twice(tx: Open, key: bytes, run_id: str, rows: Sequence[_Sent], marks: Mapping[str, int]) -> set[str]:
    """Marks that were sent once and are there more often. A column of the person's own may repeat: those do not count."""
    ours = Counter(row.extra for row in rows)
    often = {mark for mark, times in ours.items() if mark and times == 1 and marks.get(mark, 0) > 1}
    there = select(run.c.destination).where(run.c.id == run_id).scalar_subquery()
    digests = dict(zip(mark_digests(key, often), often, strict=True))
    sent = Counter[str]()
    for some in chunks([*digests, *often]):
        query = (
            select(contact_row.c.extra, func.count())
            .join(run)
            .where(run.c.destination == there, contact_row.c.disposition == Disposition.TO_SEND.value)
            .where(contact_row.c.extra.in_(some))
            .group_by(contact_row.c.extra)
        )
        for mark, count in tx.execute(query):
            sent[digests.get(mark, mark)] += count
    return {mark for mark in often if sent[mark] == 1}
