"""Looks once at the task after a run: twice there what was sent once is an alarm; what does not show is counted. GETs only."""

from collections.abc import Callable
from dataclasses import dataclass

from lib.errors import PlatformError
from lib.platform.connection import Connection
from lib.reconcile.number_list import Asked, ListReading, read_list
from lib.run.states import ScanNote
from lib.store import Store

#: Seconds after the end of a run at which the list is read: the platform imports behind its answer.
AFTER_SECONDS = 60.0

#: Readings that may fail, and seconds between them, until the run is left without an audit.
TRIES, REST_SECONDS = 3, 300.0

#: Seconds with nothing to look at, and while a token is missing.
IDLE_SECONDS, TOKEN_SECONDS = 3_600.0, 60.0


@dataclass(frozen=True)
class _Tried:
    count: int
    due: float


class Auditor:
    """One for a reconciler, on its thread. where: a run's destination and token now."""

    def __init__(
        self,
        store: Store,
        platform: Asked,
        where: Callable[[str], tuple[Connection, str | None]],
        clock: Callable[[], float],
        go_on: Callable[[], bool],
    ) -> None:
        self._store, self._platform, self._where, self._clock, self._go_on = (
            store,
            platform,
            where,
            clock,
            go_on,
        )
        self._tried: dict[str, _Tried] = {}

    def step(self) -> float:
        """Every look that is due, one reading for all runs of one destination; seconds until the next."""
        now, waits = self._clock(), [IDLE_SECONDS]
        readings: dict[tuple[Connection, str], ListReading] = {}
        for run_id, ended in self._store.audits.due():
            tried = self._tried.get(run_id) or _Tried(0, ended + AFTER_SECONDS)
            if now < tried.due:
                waits.append(tried.due - now)
            elif self._go_on():
                waits.append(self._audit_alone(run_id, tried, readings))
        return min(waits)

    def _audit_alone(
        self, run_id: str, tried: _Tried, readings: dict[tuple[Connection, str], ListReading]
    ) -> float:
        """`_audit`, unless another process on the database does it, or has just done it."""
        with self._store.duty(f"audit {run_id}") as is_mine:
            if not is_mine or (self._store.is_on_server and run_id not in dict(self._store.audits.due())):
                return TOKEN_SECONDS
            return self._audit(run_id, tried, readings)

    def _audit(
        self, run_id: str, tried: _Tried, readings: dict[tuple[Connection, str], ListReading]
    ) -> float:
        try:
            connection, token = self._where(run_id)
        except PlatformError:
            return TOKEN_SECONDS
        if token is None:
            return TOKEN_SECONDS
        key = (connection, token)
        if key not in readings:
            readings[key] = read_list(self._platform, connection, token, go_on=self._go_on)
        reading = readings[key]
        if not self._go_on():
            return IDLE_SECONDS
        if reading.note != ScanNote.COMPLETE and tried.count + 1 < TRIES:
            self._tried[run_id] = _Tried(tried.count + 1, self._clock() + REST_SECONDS)
            return REST_SECONDS
        self._tried.pop(run_id, None)
        self._record(run_id, reading)
        return IDLE_SECONDS

    def _record(self, run_id: str, reading: ListReading) -> None:
        if reading.hides_phones and not reading.gives_marks:
            self._store.audits.record(run_id, ScanNote.MASKED)
        else:
            phones = None if reading.hides_phones else reading.by_phone.keys()
            self._store.audits.record(run_id, reading.note, reading.by_mark, phones)
