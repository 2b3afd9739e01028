"""What was sent against what arrived: looks for batches of unknown outcome in the platform's list. Never sends.

Deciding is in `lib.run.evidence_rules`, reading the list in `lib.reconcile.number_list`; here both meet the store.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from lib.errors import Conflict, NotSent, PlatformError, Refused, StoreUnavailable, Throttled, Unauthorised
from lib.platform.connection import Connection
from lib.platform.import_result import decode_import_result
from lib.reconcile.audit import Auditor
from lib.reconcile.look_first import LookFirst
from lib.reconcile.number_list import (
    Asked,
    ListReader,
    ListReading,
    Read,
    Unusable,
    asked,
    compared,
    note_of,
    readable,
)
from lib.run.evidence_rules import GIVE_UP_SECONDS, held_as, is_without_list, looked, next_look, pause_before
from lib.run.records import Control, Gone, OpenBatch, RunRecord, ScanResult, WantedRow
from lib.run.states import BatchState, ScanNote
from lib.store import Store
from lib.times import as_text

log = logging.getLogger(__name__)

#: Where a run's platform is now, and the token for it, None where a person has to type it again.
Destination = Callable[[RunRecord], tuple[Connection, str | None]]

#: Missing rows up to which each is asked for by itself as well.
DETAIL_LIMIT = 200

#: Seconds until the next try: without a token, with a database that does not answer.
WAIT_SECONDS = 5.0

#: Seconds with nothing to look for, and while another process looks.
IDLE_SECONDS, STANDBY_SECONDS = 3_600.0, 1.0


# --- one look ----------------------------------------------------------------------------------------------


def judged(
    platform: Asked,
    connection: Connection,
    token: str,
    reading: ListReading,
    rows: Sequence[WantedRow],
    *,
    control: Control | None = None,
    unique_id: str = "",
    go_on: Callable[[], bool] = lambda: True,
) -> ScanResult:
    """What this reading says of these rows; what is missing in it is asked for at each number's own address. Without times.

    Never raises for what the platform does: any error makes the look incomplete, and what it found still counts in
    `found`, though only a complete look may be acted upon.

    platform: asked by GETs for what the reading does not show
    connection, token: with which the list was read
    reading: of the task's list; one that is not whole makes the look incomplete, unless the look-up names all it lacks
    rows: `store.evidence.wanted`, of one batch; those that arrived before count as found
    control: `store.evidence.control`; None where nothing of ours was ever accepted in the task
    unique_id: as the platform's answer named it, "" for none; rows that its look-up names are there, whatever the list
        says, or where there is none
    go_on: asked before each number's own address; False makes the look incomplete
    """
    found, unclear = compared(reading, rows)
    found |= {row.row for row in rows if row.arrived}
    named = _looked_up(platform, connection, token, unique_id, [row for row in rows if row.row not in found])
    found |= named
    note = note_of(reading, unclear - named)
    if named and len(found) == len(rows):
        note = ScanNote.COMPLETE
    left = [row for row in rows if row.row not in found and row.row not in unclear]
    if note == ScanNote.COMPLETE and left:
        try:
            found |= _own_pages(platform, connection, token, left, go_on)
        except Unusable as error:
            note = error.note
    return ScanResult(
        pages=reading.pages,
        complete=note == ScanNote.COMPLETE,
        found=tuple(sorted(found)),
        missing=tuple(sorted({row.row for row in rows} - found)),
        note=note.value,
        control=_shows(reading, control),
    )


def _shows(reading: ListReading, control: Control | None) -> bool:
    """The positive control: something that is surely on the platform is in the list.

    Where nothing of ours was ever accepted in this task, any number at all has to do.
    """
    if reading.note != ScanNote.COMPLETE:
        return False
    if control is None:
        return reading.size > 0
    if reading.gives_marks and control.tokens:
        return not control.tokens.isdisjoint(reading.by_mark)
    return not control.phones.isdisjoint(reading.by_phone)


def _looked_up(
    platform: Asked, connection: Connection, token: str, unique_id: str, rows: Sequence[WantedRow]
) -> set[int]:
    """Rows the platform names when asked for the batch, where its number is known: proof of arrival only."""
    if not (unique_id and rows):
        return set()
    try:
        document = platform.lookup(connection, token, unique_id)
    except PlatformError:
        return set()  # undocumented, and the list decides
    numbers = decode_import_result(document.get("data"), unique_id).numbers
    named = {readable(phone) for phone in numbers}
    return {row.row for row in rows if row.phone and row.phone in named}


def _own_pages(
    platform: Asked, connection: Connection, token: str, rows: Sequence[WantedRow], go_on: Callable[[], bool]
) -> set[int]:
    """Rows that the list does not show and their own address does. Raises Unusable where one is not answered."""
    if len(rows) > DETAIL_LIMIT:
        return set()
    found = set()
    for row in rows:
        if not go_on():
            raise Unusable(ScanNote.LIST_FAILED)  # the app is closing: 200 slow answers are not waited for
        if row.phone and _has_own_page(platform, connection, token, row):
            found.add(row.row)
    return found


def _has_own_page(platform: Asked, connection: Connection, token: str, row: WantedRow) -> bool:
    try:
        data = platform.number(connection, token, row.phone).get("data")
    except PlatformError as error:
        if _says_no(error):
            return False
        raise Unusable(ScanNote.LIST_FAILED) from error
    if not isinstance(data, dict) or not data:
        return False
    mark = data.get("extra")
    if row.token and mark == row.token:
        return True
    if row.token and isinstance(mark, str) and mark:
        return False
    raise Unusable(ScanNote.LIST_MOVED)  # the number is there and the list did not show it


def _says_no(error: PlatformError) -> bool:
    """Whether the platform itself, in its envelope, says that it has no such number; in which words is not documented."""
    if isinstance(error, NotSent | Unauthorised | Throttled) or error.envelope_code is None:
        return False
    return isinstance(error, Refused) or (error.http_status or 500) < 500


# --- all of them -------------------------------------------------------------------------------------------


class Reconciler:
    """Looks for every batch of unknown outcome of one database. GETs only.

    first: for the sender, before it sends anything a second time. clock: seconds since 1970, for what is written down and
    shown. monotonic: seconds that pass whatever anybody sets, by which absence ripens; `clock` where none is given.
    """

    def __init__(
        self,
        store: Store,
        platform: Asked,
        destination: Destination | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._store, self._platform, self._destination = store, platform, destination
        self._clock, self._monotonic = clock, monotonic or clock
        self._closing = False
        # batch → since, looks made, when they were seen first
        self._seen: dict[int, tuple[float, int, float]] = {}
        self._listless: set[str] = set()  # runs that are shown no list: looked for at once
        self._reader = ListReader(platform, self._monotonic)
        self.first = LookFirst(store, self._reader, self._monotonic)
        self._auditor = Auditor(store, self._read, clock, self._monotonic, self._may_go_on)

    def close(self) -> None:
        """Begin nothing more; what is being read ends at its next page."""
        self._closing = True

    def answers(self, run_id: str, connection: Connection, token: str) -> ScanNote:
        """Whether the list is answered at all, by its first page: COMPLETE, or why not.

        Where the platform says that there is none, what is unknown of the run is looked for, and held, at once: it is a
        person's to decide.

        run_id: of the run with an unknown outcome
        connection, token: where that run goes now, and what it is sent with
        """
        try:
            asked(lambda: self._platform.numbers(connection, token, 1, 1))
        except Unusable as error:
            if error.note == ScanNote.LIST_MISSING:
                self._listless.add(run_id)
            return error.note
        return ScanNote.COMPLETE

    def step(self) -> float:
        """Do what is due; seconds until the next thing is."""
        if self._closing:
            return IDLE_SECONDS
        self._reader.forget()
        try:
            waits = [self._look(), self._auditor.step()]
        except Gone:
            return 0.0  # and see what is left
        except StoreUnavailable as error:
            log.warning("unknown outcomes cannot be looked for (%s)", error.code)
            return WAIT_SECONDS
        return max(0.0, min(waits))

    def _may_go_on(self) -> bool:
        return not self._closing

    def _where(self, run_id: str) -> tuple[Connection, str | None]:
        run = self._store.runs.get(run_id)
        return self._destination(run) if self._destination else (run.connection, None)

    def _read(self, run_id: str, since: float) -> tuple[Connection, str, Read] | None:
        """The list of this run's destination, from `since` on; None where nobody can ask for it now."""
        try:
            connection, token = self._where(run_id)
        except PlatformError:
            return None
        if token is None:
            return None
        return connection, token, self._reader.read(connection, token, since, self._may_go_on)

    # --- looks -------------------------------------------------------------------------------------------

    def _look(self) -> float:
        """Every look that is due; batches of one destination share a reading of its list."""
        began, waits, every = self._monotonic(), [IDLE_SECONDS], self._store.evidence.open_batches()
        news = {one.batch_id for one in every if not one.looks} - self._seen.keys()
        self._seen = {one.batch_id: self._seen_since(one, began) for one in every}
        pauses = {one.batch_id: self._pause(one, began) for one in every}
        for run_id in {one.run_id for one in every if one.batch_id in news and pauses[one.batch_id] > 0}:
            self._probe(run_id)
        listless = set(self._listless)  # a sending thread may add one just now
        self._listless -= listless
        for one in every:
            if pauses[one.batch_id] > 0 and one.run_id not in listless:
                waits.append(pauses[one.batch_id])
            elif not self._closing:
                waits.append(self._look_alone(one, began))
        return min(waits)

    def _pause(self, one: OpenBatch, began: float) -> float:
        """Seconds until this batch is looked for, none or less where that is due."""
        if one.asked:
            return 0.0
        passed = pause_before(one.looks) - self._passed(one, began)
        return min(next_look(one.looks, one.since) - self._clock(), passed)

    def _probe(self, run_id: str) -> None:
        """Right after an outcome is unknown: where no list is shown there is nothing to wait a minute for."""
        try:
            connection, token = self._where(run_id)
        except PlatformError:
            return
        with self._store.duty(f"look {run_id}") as is_mine:
            if is_mine and token is not None:
                self.answers(run_id, connection, token)

    def _seen_since(self, one: OpenBatch, now: float) -> tuple[float, int, float]:
        """What tells how far the looking for this batch is, and since when this process knows."""
        place = (one.since, len(one.looks))
        known = self._seen.get(one.batch_id)
        return known if known and known[:2] == place else (*place, now)

    def _passed(self, one: OpenBatch, now: float) -> float:
        """Seconds that have surely passed since the look before, or since the outcome was unknown."""
        return max(0.0, now - self._seen[one.batch_id][2])

    def _look_alone(self, one: OpenBatch, began: float) -> float:
        """`_look_for`, unless another process on the database is looking, or has just looked."""
        with self._store.duty(f"look {one.run_id}") as is_mine:
            if not is_mine or (self._store.is_on_server and one not in self._store.evidence.open_batches()):
                return STANDBY_SECONDS
            return self._look_for(one, began)

    def _look_for(self, one: OpenBatch, began: float) -> float:
        """One batch; seconds until it is to be looked at again."""
        started, asked_for = self._clock(), self._read(one.run_id, began)
        if asked_for is None:
            return WAIT_SECONDS
        connection, token, read = asked_for
        evidence = self._store.evidence
        try:
            rows, control = evidence.wanted(one.batch_id), evidence.control(one.batch_id)
        except Conflict as error:
            log.warning("a batch of unknown outcome cannot be looked for (%s)", error.code)
            return WAIT_SECONDS
        result = judged(
            self._platform, connection, token, read.reading, rows, control=control, unique_id=one.unique_id,
            go_on=self._may_go_on,
        )  # fmt: skip
        if self._closing:
            return WAIT_SECONDS
        began_at, ended_at = as_text(started), as_text(self._clock())
        lag, passed = _lag(one, result, control), self._passed(one, read.began)
        self._settle(one, replace(result, started=began_at, ended=ended_at, lag=lag, passed=passed))
        self._seen[one.batch_id] = (one.since, len(one.looks) + 1, self._monotonic())
        return 0.0  # its next look is reckoned from what is recorded now

    def _settle(self, one: OpenBatch, result: ScanResult) -> None:
        if not self._store.evidence.record_scan(one.batch_id, result):
            return
        if result.complete and not result.missing:
            self._store.evidence.arrived(one.batch_id, result.found)
            return
        for after in self._store.evidence.open_batches():
            if after.batch_id != one.batch_id or after.state != BatchState.UNKNOWN:
                continue
            if kind := held_as(after.looks, self._clock(), after.lag):
                self._store.evidence.hold(one.batch_id, kind, stops=is_without_list(after.looks))


def _lag(one: OpenBatch, result: ScanResult, control: Control | None) -> float | None:
    """Seconds the platform surely takes to show what it accepted: what shows now did not at a complete look before.

    That look's moment counts, not this one's: in between it may have shown at any time, and nobody looked.
    """
    before = [(look, at) for look, at in looked(one.looks) if look.complete]
    if not result.complete or not before:
        return None
    last, passed = before[-1]
    lags = [passed] if len(result.found) > one.looks[-1].found else []
    if control and result.control and not last.control:
        lags.append(last.at - control.accepted)
    return max((lag for lag in lags if 0 < lag <= GIVE_UP_SECONDS), default=None)
