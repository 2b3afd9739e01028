"""What was sent against what arrived: looks for batches of unknown outcome in the platform's list. Never sends.

Deciding is in `lib.run.evidence_rules`, reading the list in `lib.reconcile.number_list`; here both meet the store. A batch is
accepted when every row was found, held for a person when absence is ripe, and looked for again until then.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.errors import Conflict, NotSent, PlatformError, Refused, StoreUnavailable, Throttled, Unauthorised
from lib.platform.connection import Connection
from lib.reconcile.audit import Auditor
from lib.reconcile.look_first import LookFirst
from lib.reconcile.match import compared, note_of
from lib.reconcile.number_list import PAGE_CAP, Asked, ListReading, Unusable, asked, read_list, readable
from lib.run.evidence_rules import held_as, next_look, ripe
from lib.run.records import Control, OpenBatch, RunRecord, ScanResult, WantedRow
from lib.run.states import BatchState, ScanNote
from lib.store import Store
from lib.times import as_text

__all__ = ["Reconciler", "ripe", "scan"]

log = logging.getLogger(__name__)

#: Where a run's platform is now, and the token for it, None where a person has to type it again.
Destination = Callable[[RunRecord], tuple[Connection, str | None]]

#: Missing rows up to which each is asked for by itself as well.
DETAIL_LIMIT = 200

#: Seconds until the next try: without a token, with a database that does not answer, of a list that stays silent.
WAIT_SECONDS, FIRST_PROBE, LONGEST_PROBE = 5.0, 2.0, 60.0

#: Seconds with nothing to look for, and while another process looks.
IDLE_SECONDS, STANDBY_SECONDS = 3_600.0, 1.0


# --- one look ----------------------------------------------------------------------------------------------


def scan(
    platform: Asked,
    connection: Connection,
    token: str,
    rows: Sequence[WantedRow],
    *,
    clock: Callable[[], float] = time.time,
    control: Control | None = None,
    unique_id: str = "",
    cap: int = PAGE_CAP,
) -> ScanResult:
    """Look for these rows in the task's number list, then for what is missing at each number's own address.

    Never raises for what the platform does: any error makes the look incomplete, and what it found still counts in
    `found`, though only a complete look may be acted upon.
    """
    started = clock()
    reading = read_list(platform, connection, token, cap=cap)
    return _judged(platform, connection, token, reading, rows, control, unique_id, started, clock)


def _judged(
    platform: Asked,
    connection: Connection,
    token: str,
    reading: ListReading,
    rows: Sequence[WantedRow],
    control: Control | None,
    unique_id: str,
    started: float,
    clock: Callable[[], float],
    go_on: Callable[[], bool] = lambda: True,
) -> ScanResult:
    found, unclear = compared(reading, rows)
    missing = [row for row in rows if not row.arrived and row.row not in found and row.row not in unclear]
    note = note_of(reading, unclear)
    if note == ScanNote.COMPLETE and missing:
        try:
            found |= _looked_up(platform, connection, token, unique_id, missing)
            left = [row for row in missing if row.row not in found]
            found |= _own_pages(platform, connection, token, left, go_on)
        except Unusable as error:
            note = error.note
    found |= {row.row for row in rows if row.arrived}
    return ScanResult(
        started=as_text(started),
        ended=as_text(clock()),
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
    if not unique_id:
        return set()
    try:
        document = platform.lookup(connection, token, unique_id)
    except PlatformError:
        return set()  # undocumented, and the list decides
    named = {readable(phone) for phone in _phones(document.get("data"))}
    return {row.row for row in rows if row.phone and row.phone in named}


def _phones(data: Any) -> list[str]:
    """Numbers in a look-up's answer: {number}, {numbers: […]}, or either one level deeper. Documented nowhere."""
    if not isinstance(data, dict):
        return []
    several = data.get("numbers")
    several = several if isinstance(several, list) else []
    return [str(one) for one in [data.get("number"), *several] if isinstance(one, str)] + _phones(
        data.get("data")
    )


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


@dataclass
class _HeldRun:
    """A run that is held until a list answers."""

    due: float
    pause: float = FIRST_PROBE


class Reconciler:
    """Looks for every batch of unknown outcome of one database. clock: seconds since 1970.

    `step` does what is due; the engine runs it on a thread of its own, a test calls it. first: for the sender, before it
    sends anything a second time. GETs only.
    """

    def __init__(
        self,
        store: Store,
        platform: Asked,
        destination: Destination | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._platform, self._destination, self._clock = store, platform, destination, clock
        self._guard = threading.Lock()  # over _held_runs
        self._held_runs: dict[str, _HeldRun] = {}
        self._closing = False
        self.first = LookFirst(store, platform, clock)
        self._auditor = Auditor(store, platform, self._where, clock, lambda: not self._closing)

    def close(self) -> None:
        """Begin nothing more; what is being read ends at its next page."""
        self._closing = True

    def hold_run(self, run_id: str) -> None:
        """Hold further batches of this run back until one page of the list has been read."""
        with self._guard:
            self._held_runs[run_id] = _HeldRun(self._clock())

    def is_clear(self, run_id: str) -> bool:
        """Whether nothing holds this run back."""
        with self._guard:
            return run_id not in self._held_runs

    def step(self) -> float:
        """Do what is due; seconds until the next thing is."""
        if self._closing:
            return IDLE_SECONDS
        try:
            waits = [self._probe_held_runs(), self._look(), self._auditor.step()]
        except StoreUnavailable as error:
            log.warning("unknown outcomes cannot be looked for (%s)", error.code)
            return WAIT_SECONDS
        return max(0.0, min(waits))

    # --- held runs --------------------------------------------------------------------------------------

    def _probe_held_runs(self) -> float:
        with self._guard:
            held_runs = dict(self._held_runs)
        for run_id, held in held_runs.items():
            if not 0 < held.due - self._clock() <= LONGEST_PROBE:  # due, or the clock was set back
                self._probe(run_id, held)
        with self._guard:
            return min([IDLE_SECONDS, *(held.due - self._clock() for held in self._held_runs.values())])

    def _probe(self, run_id: str, held: _HeldRun) -> None:
        answered = self._answers(run_id)
        with self._guard:
            if self._held_runs.get(run_id) is not held:
                return  # stopped anew meanwhile
            if answered:
                del self._held_runs[run_id]
            else:
                self._held_runs[run_id] = _HeldRun(
                    self._clock() + held.pause, min(LONGEST_PROBE, held.pause * 2)
                )

    def _answers(self, run_id: str) -> bool:
        try:
            connection, token = self._where(run_id)
            if token is None:
                return False
            asked(lambda: self._platform.numbers(connection, token, 1, 1))
        except (Unusable, NotSent):
            return False
        return True

    def _where(self, run_id: str) -> tuple[Connection, str | None]:
        run = self._store.runs.get(run_id)
        return self._destination(run) if self._destination else (run.connection, None)

    # --- looks -------------------------------------------------------------------------------------------

    def _look(self) -> float:
        """Every look that is due; batches of one destination share a reading of its list."""
        now = self._clock()
        readings: dict[tuple[Connection, str], tuple[ListReading, float]] = {}
        waits = [IDLE_SECONDS]
        for one in self._store.evidence.open_batches():
            due = next_look(one.looks, one.since, asked=one.asked)
            is_back = (
                bool(one.looks) and one.looks[-1].at > now
            )  # the clock was set back: do not wait for the old time
            if due > now and not is_back:
                waits.append(due - now)
            elif not self._closing:
                waits.append(self._look_alone(one, readings))
        return min(waits)

    def _look_alone(
        self, one: OpenBatch, readings: dict[tuple[Connection, str], tuple[ListReading, float]]
    ) -> float:
        """`_look_for`, unless another process on the database is looking, or has just looked."""
        with self._store.duty(f"look {one.run_id}") as is_mine:
            if not is_mine or (self._store.is_on_server and one not in self._store.evidence.open_batches()):
                return STANDBY_SECONDS
            return self._look_for(one, readings)

    def _look_for(
        self, one: OpenBatch, readings: dict[tuple[Connection, str], tuple[ListReading, float]]
    ) -> float:
        """One batch; seconds until it is to be looked at again."""
        try:
            connection, token = self._where(one.run_id)
        except PlatformError:
            return WAIT_SECONDS
        if token is None:
            return WAIT_SECONDS
        key = (connection, token)
        if key not in readings:
            started = self._clock()
            reading = read_list(self._platform, connection, token, go_on=lambda: not self._closing)
            readings[key] = reading, started
        result = self._result(one, connection, token, *readings[key])
        if result is None or self._closing:
            return WAIT_SECONDS
        self._settle(one, result)
        return 0.0  # its next look is reckoned from what is recorded now

    def _result(
        self, one: OpenBatch, connection: Connection, token: str, reading: ListReading, started: float
    ) -> ScanResult | None:
        try:
            rows, control = (
                self._store.evidence.wanted(one.batch_id),
                self._store.evidence.control(one.batch_id),
            )
        except Conflict as error:
            log.warning("a batch of unknown outcome cannot be looked for (%s)", error.code)
            return None
        result = _judged(
            self._platform,
            connection,
            token,
            reading,
            rows,
            control,
            one.unique_id,
            started,
            self._clock,
            go_on=lambda: not self._closing,
        )
        return replace(result, lag=_lag(one, result, control, started))

    def _settle(self, one: OpenBatch, result: ScanResult) -> None:
        if not self._store.evidence.record_scan(one.batch_id, result):
            return
        if result.complete and not result.missing:
            self._store.evidence.arrived(one.batch_id, result.found)
            return
        after = next(
            (now for now in self._store.evidence.open_batches() if now.batch_id == one.batch_id), None
        )
        if after is None or after.state != BatchState.UNKNOWN:
            return
        kind = held_as(after.looks, after.ended, self._clock(), after.lag)
        if kind:
            self._store.evidence.hold(one.batch_id, kind)


def _lag(one: OpenBatch, result: ScanResult, control: Control | None, started: float) -> float | None:
    """Seconds the platform takes at most to show what it accepted, where something shows that did not at the look before."""
    if not result.complete:
        return None
    before = one.looks[-1] if one.looks else None
    lags = [started - one.ended] if len(result.found) > (before.found if before else 0) else []
    if control and result.control and before and before.complete and not before.control:
        lags.append(started - control.accepted)
    return max([lag for lag in lags if lag > 0], default=None)
