"""Looks once at the task after a run: twice there what was sent once is an alarm; what does not show is counted. GETs only."""

from collections.abc import Callable
from dataclasses import dataclass

from lib.platform.connection import Connection
from lib.reconcile.number_list import ListReading, Read
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
    """How often since this end of the run, and until when it rests, in monotonic seconds."""

    count: int
    due: float
    ended: float


class Auditor:
    """One for a reconciler, on its thread. read: the list of a run's destination, begun at a moment or later; None for none.

    clock: seconds since 1970; monotonic: seconds that pass whatever anybody sets.
    """

    def __init__(
        self,
        store: Store,
        read: Callable[[str, float], tuple[Connection, str, Read] | None],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        go_on: Callable[[], bool],
    ) -> None:
        self._store, self._read, self._clock = store, read, clock
        self._monotonic, self._go_on = monotonic, go_on
        self._tried: dict[str, _Tried] = {}

    def step(self) -> float:
        """Every look that is due, one reading for all runs of one destination; seconds until the next."""
        began, waits = self._monotonic(), [IDLE_SECONDS]
        self._tried = {
            run_id: self._since(run_id, ended, began) for run_id, ended in self._store.audits.due()
        }
        for run_id, tried in list(self._tried.items()):
            if began < tried.due:
                waits.append(tried.due - began)
            elif self._go_on():
                waits.append(self._audit_alone(run_id, tried, began))
        return min(waits)

    def _since(self, run_id: str, ended: float, now: float) -> _Tried:
        known = self._tried.get(run_id)
        if known and known.ended == ended:  # else it went on meanwhile, and ended anew
            return known
        return _Tried(0, now + min(AFTER_SECONDS, ended + AFTER_SECONDS - self._clock()), ended)

    def _audit_alone(self, run_id: str, tried: _Tried, began: float) -> float:
        """`_audit`, unless another process on the database does it, or has just done it."""
        with self._store.duty(f"audit {run_id}") as is_mine:
            if not is_mine or (self._store.is_on_server and run_id not in dict(self._store.audits.due())):
                return TOKEN_SECONDS
            return self._audit(run_id, tried, began)

    def _audit(self, run_id: str, tried: _Tried, began: float) -> float:
        asked_for = self._read(run_id, began)
        if asked_for is None:
            return TOKEN_SECONDS
        reading = asked_for[2].reading
        if not self._go_on():
            return IDLE_SECONDS
        if reading.note != ScanNote.COMPLETE and tried.count + 1 < TRIES:
            self._tried[run_id] = _Tried(tried.count + 1, self._monotonic() + REST_SECONDS, tried.ended)
            return REST_SECONDS
        self._record(run_id, reading)
        return IDLE_SECONDS

    def _record(self, run_id: str, reading: ListReading) -> None:
        if reading.hides_phones and not reading.gives_marks:
            self._store.audits.record(run_id, ScanNote.MASKED)
        else:
            phones = None if reading.hides_phones else reading.by_phone.keys()
            self._store.audits.record(run_id, reading.note, reading.by_mark, phones)
