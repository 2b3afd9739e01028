"""What was sent before, and what was sent when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import Select, and_, bindparam, case, func, or_, select

from lib.contact.keys import phone_keys
from lib.platform.connection import Connection
from lib.run.states import CLAIMING, BatchState, Disposition, HeldAs
from lib.store.database import chunks, frame
from lib.store.owners import NO_TOUR, any_of
from lib.store.permission import Action, SubStore, allowed
from lib.store.schema import AnyRow, arrival, batch, contact_row, run
from lib.times import as_text

_CLAIMING = [state.value for state in CLAIMING]

_PARTLY = (BatchState.UNKNOWN, BatchState.HELD, BatchState.SPLIT, BatchState.CANCELLED)

#: What may hold rows that arrived. By the states the database finds them without reading every batch.
_MAY_HAVE_ARRIVED = [BatchState.ACCEPTED.value, *(state.value for state in _PARTLY)]

#: A batch whose missing rows a person left out though nobody knows whether they had arrived.
LEFT_UNKNOWN = and_(batch.c.state == BatchState.CANCELLED.value, batch.c.held_as == HeldAs.NO_EVIDENCE.value)

#: Batches that hold numbers, and those of which some rows arrived though the batch holds none.
_CLAIMING_BATCHES = (
    select(
        batch.c.run_id,
        batch.c.seq,
        case((batch.c.sent_at != "", batch.c.sent_at), else_=run.c.created),
        batch.c.id,
        batch.c.unique_id,
        case((LEFT_UNKNOWN, BatchState.UNKNOWN.value), else_=batch.c.state),
        run.c.connection_name,
        run.c.destination,
    )
    .join(run)
    .where(or_(batch.c.state.in_(_CLAIMING), batch.c.found > 0, LEFT_UNKNOWN))
)

_IS_THERE = run.c.destination == bindparam("there")

#: Went of late, or goes at any moment, however long its run has been waiting.
_IS_RECENT = or_(
    batch.c.sent_at >= bindparam("since"),
    batch.c.state.in_([BatchState.PLANNED.value, BatchState.SENDING.value]),
    and_(batch.c.sent_at == "", run.c.created >= bindparam("since")),
)

_CLAIMING_THERE = _CLAIMING_BATCHES.where(_IS_THERE)

_CLAIMING_THERE_OR_OF_LATE = _CLAIMING_BATCHES.where(
    or_(_IS_THERE, and_(run.c.kind == bindparam("of_kind"), _IS_RECENT))
)


class SentFigures(NamedTuple):
    """Numbers that were sent, of these what the platform accepted, and of these what is known to be in the task."""

    sent: int = 0
    accepted: int = 0
    arrived: int = 0


class History(SubStore):
    """`store.history`."""

    @allowed(Action.LOOK)
    def already_sent(self, connection: Connection, phones: Iterable[str], days: int = 0) -> pd.DataFrame:
        """Which of these numbers went to the same task before, or may have, or are about to: one line for each time.

        Columns phone (as given), at, run_id, batch_id, unique_id, state, connection_name, elsewhere (bool); by time. A
        number in two spellings is found in both.

        connection: whither they are to go; it need not be saved
        phones: in any spelling; a repeated one is asked about once
        days: 0 for this task alone; else also those that went to another task of the same kind within so many days, or are about to.
            Practice reaches nobody, so it counts only for practice
        """
        batches, names = _of_late(connection, since_of(self._db.clock(), days))
        given = pd.DataFrame({"phone": list(dict.fromkeys(phones))}, dtype=object)
        given["key"] = pd.Series(phone_keys(self._db.key, given["phone"]), dtype="int64")
        with self._db.read() as tx:
            sent = _taken(tx, batches, names, given["key"].tolist())
        columns = ["key", "at", "run_id", "batch_id", "unique_id", "state", "connection_name", "destination"]
        merged = given.merge(pd.DataFrame(sent, columns=columns).astype({"key": "int64"}), on="key")
        merged = merged.sort_values("at", kind="stable", ignore_index=True)
        merged["elsewhere"] = merged["destination"].ne(names["there"])
        return merged[
            ["phone", "at", "run_id", "batch_id", "unique_id", "state", "connection_name", "elsewhere"]
        ]

    @allowed(Action.LOOK)
    def sent_per_day(
        self, days: int = 30, zone: tzinfo | None = None, teams: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Rows and batches the platform accepted, per day and kind; days without any are absent.

        Columns day (ISO text), kind, rows, batches.

        days: how many, today's the last
        zone: by whose clock a day begins; None: this computer's
        teams: whose; None for all
        """
        since = _first_moment(days, zone)
        is_accepted = batch.c.state == BatchState.ACCEPTED.value
        arrived = case((is_accepted, batch.c.rows), else_=batch.c.found).label("rows")
        query = (
            select(batch.c.ended_at, run.c.kind, arrived)
            .join(run)
            .where(
                batch.c.state.in_(_MAY_HAVE_ARRIVED),
                batch.c.ended_at >= since,
                or_(is_accepted, batch.c.found > 0),
                any_of(run.c.team, teams),
                NO_TOUR,
            )
        )
        with self._db.read() as tx:
            found = frame(tx.execute(query))
        moments = [datetime.fromisoformat(text).astimezone(zone) for text in found["ended_at"]]
        found["day"] = [f"{moment:%Y-%m-%d}" for moment in moments]
        sums = {"rows": ("rows", "sum"), "batches": ("rows", "size")}
        grouped = found.groupby(["day", "kind"], as_index=False).agg(**sums)
        return grouped[["day", "kind", "rows", "batches"]]

    @allowed(Action.LOOK)
    def came_of(
        self, days: int, zone: tzinfo | None = None, teams: Sequence[str] | None = None
    ) -> dict[str, SentFigures]:
        """What came of the numbers whose batch ended within so many days; by kind, where there are any.

        A row that was sent again is one number.

        days: how many, today's the last
        zone: by whose clock a day begins; None: this computer's
        teams: whose; None for all
        """
        is_accepted = batch.c.state == BatchState.ACCEPTED.value
        stays = batch.c.state.in_((BatchState.SPLIT.value, BatchState.CANCELLED.value))
        accepted = case((is_accepted, batch.c.rows), else_=batch.c.found)
        arrived = case((is_accepted, func.coalesce(arrival.c.imported, 0)), else_=batch.c.found)
        query = (
            select(
                run.c.kind,
                func.sum(case((stays, batch.c.found), else_=batch.c.rows)),
                func.sum(accepted),
                func.sum(arrived),
            )
            .select_from(batch.join(run).outerjoin(arrival))
            .where(
                batch.c.state.in_([*_MAY_HAVE_ARRIVED, BatchState.REJECTED.value]),
                batch.c.ended_at >= _first_moment(days, zone),
                any_of(run.c.team, teams),
                NO_TOUR,
            )
            .group_by(run.c.kind)
        )
        with self._db.read() as tx:
            return {kind: SentFigures(*map(int, sums)) for kind, *sums in tx.execute(query)}


def _first_moment(days: int, zone: tzinfo | None) -> str:
    """When the first of so many days began, today's the last."""
    first = datetime.now(zone).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (first - timedelta(days=days - 1)).astimezone(UTC).isoformat(timespec="microseconds")


def since_of(now: float, days: int) -> str:
    """From when on a number of another task counts, as ISO text; "" where none does (0 days)."""
    return as_text(now - days * 86_400) if days else ""


def taken(tx: Open, destination: str, keys: Iterable[int]) -> list[tuple[int, str, str, int, str, str]]:
    """Which of these keys went to this destination in a batch that was sent, or may have been, or is about to be.

    Tuples of key, at, run_id, batch_id, unique_id, state. A row that arrived counts by itself, whatever became of the
    rest of its batch; one that a person left out without evidence is as unknown as before.

    tx: of whose moment it is asked; whoever writes by the answer does so in it
    destination: as of `Connection.task`
    keys: of numbers (`phone_keys`), in any order
    """
    return [one[:6] for one in _taken(tx, _CLAIMING_THERE, {"there": destination}, keys)]


def taken_here_or_elsewhere(
    tx: Open, to: Connection, keys: Iterable[int], since: str
) -> tuple[set[int], set[int]]:
    """Which of these keys went to this task, and which of the others to another task of its kind of late, as `already_sent` tells them.

    tx: of whose moment it is asked; whoever writes by the answer does so in it
    to: whither they are to go
    keys: of numbers (`phone_keys`), in any order
    since: from when on a number of another task counts, as ISO text; "": none does
    """
    batches, names = _of_late(to, since)
    here, elsewhere = set[int](), set[int]()
    for key, *_, destination in _taken(tx, batches, names, keys):
        (here if destination == to.task else elsewhere).add(key)
    return here, elsewhere - here


def _of_late(to: Connection, since: str) -> tuple[Select[*tuple[Any, ...]], dict[str, str]]:
    """Batches for this task, and those for others of its kind since then; with what the statement asks for."""
    if not since:
        return _CLAIMING_THERE, {"there": to.task}
    return _CLAIMING_THERE_OR_OF_LATE, {"there": to.task, "since": since, "of_kind": to.kind.value}


def _taken(
    tx: Open, batches: Select[*tuple[Any, ...]], names: dict[str, str], keys: Iterable[int]
) -> list[tuple[int, str, str, int, str, str, str, str]]:
    """As `taken`, of these batches, each tuple with connection_name and destination after it."""
    claiming = {(run_id, seq): facts for run_id, seq, *facts in tx.execute(batches, names)}
    found = []
    for key, run_id, seq, delivery in _holders(tx, keys) if claiming else ():
        if facts := claiming.get((run_id, seq)):
            at, batch_id, unique_id, state, *whither = facts
            if delivery or state in _CLAIMING:
                found.append((key, at, run_id, batch_id, unique_id, delivery or state, *whither))
    return found


#: Rows to send with one of some keys, of any destination. Joined to the batches in one statement it took 15 times as long:
#: SQLite then begins with every batch of the destination.
_HOLDERS = select(*contact_row.c["phone_key", "run_id", "batch_seq", "delivery"]).where(
    contact_row.c.disposition == Disposition.TO_SEND.value,
    contact_row.c.phone_key.in_(bindparam("some", expanding=True, literal_execute=True)),
)


def _holders(tx: Open, keys: Iterable[int]) -> Iterator[AnyRow]:
    for some in chunks(keys):
        yield from tx.execute(_HOLDERS, {"some": some})
