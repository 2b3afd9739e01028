"""Look before anything is sent a second time (I8), and before "repeated" is believed (A18). GETs only.

What the answer of a platform that turned a batch away says is looked up (README, "Before a second sending").
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from lib.platform.connection import Connection
from lib.reconcile.number_list import FRESH_SECONDS, ListReader, ListReading, compared, note_of
from lib.run.records import WantedRow
from lib.run.states import ScanNote
from lib.store import Store

#: Readings that failed, and seconds of them, after which rows go without a look where the list is silent or moving…
BLIND_LOOKS, BLIND_SECONDS = 3, 600.0

#: …and notes of a list that says by itself that it cannot be used: the readings are enough.
_USELESS = frozenset({ScanNote.LIST_MISSING, ScanNote.LIST_SHAPE, ScanNote.LIST_ENDLESS})

#: Seconds until the next reading after the first that failed, doubled up to the longest.
FIRST_REST, LONGEST_REST = 5.0, 60.0

#: How a platform that refuses a whole batch may say "these numbers are here already"; documented nowhere.
_SAYS_REPEATED = re.compile(r"重复|已存在|已经存在|已导入|duplicat|already|repeated", re.IGNORECASE)


class Presence(StrEnum):
    """What a look before sending came to."""

    CLEAR = "clear"  # read to its end, and none of the rows is there
    FOUND = "found"  # at least one is
    BLIND = "blind"  # the list cannot tell, and waiting will not change that
    LATER = "later"  # not answered well; another look may be
    TOKEN = "token"


@dataclass(frozen=True)
class PresenceCheck:
    """One look for one batch. rest: seconds until another look is useful, for LATER.

    others: whether numbers of the batch are surely on the platform through something else than this batch. listless:
    this account is shown no list, and none was shown before.
    """

    presence: Presence
    note: ScanNote
    rest: float = 0.0
    others: bool = False
    listless: bool = False


@dataclass(frozen=True)
class _FailedReadings:
    """Readings of one list that failed in a row; monotonic seconds. last: when the latest of them began, known: when it had failed."""

    since: float
    last: float
    known: float
    count: int = 1

    @property
    def rest(self) -> float:
        return float(min(LONGEST_REST, FIRST_REST * 2 ** (self.count - 1)))


class LookFirst:
    """Looks for single batches on the threads that are about to send them.

    `turned_away` has to be called for every answer after which rows may be sent again, before the answer is recorded:
    a reading that began earlier proves nothing about them. clock: monotonic seconds.
    """

    def __init__(self, store: Store, reader: ListReader, clock: Callable[[], float]) -> None:
        self._store, self._reader, self._clock = store, reader, clock
        self._guard = threading.Lock()  # over _failures
        self._failures: dict[tuple[Connection, str], _FailedReadings] = {}

    def turned_away(self) -> None:
        """Rows were answered in a way that lets them be sent again: what was read before no longer counts."""
        self._reader.outdate()

    def look(
        self, batch_id: int, connection: Connection, token: str, go_on: Callable[[], bool]
    ) -> PresenceCheck:
        """Whether rows of this batch are on the platform.

        Raises Conflict("data_deleted"), StoreUnavailable where the batch itself cannot be read.

        batch_id: of the batch that is about to leave, or was just refused; its rows are read from the store
        connection, token: where it goes now, and what it is sent with; failed readings are counted for each pair
        go_on: asked before each page; False ends a reading early, as one that failed
        """
        rows = self._store.evidence.wanted(batch_id)
        # upon an older reading a person decided that a child may go
        fresh = 0.0 if self._store.evidence.is_child(batch_id) else FRESH_SECONDS
        reading, failures = self._reading(connection, token, fresh, go_on)
        found, unclear = compared(reading, rows)
        note = note_of(reading, unclear)
        if found:
            return PresenceCheck(Presence.FOUND, note)
        if note == ScanNote.COMPLETE:
            return PresenceCheck(Presence.CLEAR, note, others=_are_there_otherwise(reading, rows))
        if note == ScanNote.TOKEN:
            return PresenceCheck(Presence.TOKEN, note)
        listless = note == ScanNote.LIST_MISSING and not self._reader.was_shown(connection, token)
        if failures is None or self._is_enough(failures, note):
            return PresenceCheck(Presence.BLIND, note, listless=listless)
        return PresenceCheck(Presence.LATER, note, failures.rest, listless=listless)

    def _reading(
        self, connection: Connection, token: str, fresh: float, go_on: Callable[[], bool]
    ) -> tuple[ListReading, _FailedReadings | None]:
        """The list, and the failures until now where it was not read to its end; one that failed rests for a while.

        fresh: seconds that a whole reading may be old.
        """
        key, now = (connection, token), self._clock()
        with self._guard:
            failures = self._failures.get(key)
        read = self._reader.read(connection, token, now - (failures.rest if failures else fresh), go_on)
        if read.reading.note == ScanNote.COMPLETE and read.began < now - fresh:
            read = self._reader.read(connection, token, now - fresh, go_on)  # read whole by another meanwhile
        with self._guard:
            failures = self._failures.get(key)
            if read.reading.note in (ScanNote.COMPLETE, ScanNote.TOKEN):
                self._failures.pop(key, None)
            elif failures is None or read.began - failures.known > BLIND_SECONDS:
                # none before, or nobody has waited for the list since
                self._failures[key] = _FailedReadings(read.began, read.began, self._clock())
            elif failures.last < read.began:
                more = failures.count + 1
                self._failures[key] = replace(failures, last=read.began, known=self._clock(), count=more)
            return read.reading, self._failures.get(key)

    def _is_enough(self, failures: _FailedReadings, note: ScanNote) -> bool:
        long_enough = note in _USELESS or self._clock() - failures.since >= BLIND_SECONDS
        return failures.count >= BLIND_LOOKS and long_enough


def _are_there_otherwise(reading: ListReading, rows: list[WantedRow]) -> bool:
    """A number that stands in the list though this batch did not bring it, or that other batches brought (phone "")."""
    return any(not row.phone or row.phone in reading.by_phone for row in rows)


def says_repeated(message: str | None) -> bool:
    """Whether the platform's text about a refusal sounds like "these numbers are here already"."""
    return bool(_SAYS_REPEATED.search(message or ""))
