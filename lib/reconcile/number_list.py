"""The platform's number list read as evidence: whole, twice, or not at all. GETs only.

Decoding is tolerant and adding up is strict (README, "Reading the list"). `ListReader` is the one reader of a process.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from lib.contact.keys import canonical_phone
from lib.errors import PlatformError, Refused, Unauthorised
from lib.platform.answers import FailureCode
from lib.platform.connection import Connection
from lib.platform.text import whole_number
from lib.run.records import WantedRow
from lib.run.states import ScanNote

#: Rows asked for per page.
PER_PAGE = 200

#: Pages of one pass; a list beyond this is not read to its end.
PAGE_CAP = 1_000

#: Passes over a list that changes between them: what is imported beside a batch that is refused must not hide what became of it.
PASSES = 4

#: Seconds for which one reading serves every batch that waits for it.
FRESH_SECONDS = 60.0

_MASKED = "*"


class Asked(Protocol):
    """What is needed of `lib.platform.api.Platform`."""

    def numbers(self, connection: Connection, token: str, page: int, per_page: int) -> dict[str, Any]:
        """One page of the task's numbers.

        connection, token: of the task, and what the platform is asked with
        page: counted from 1
        per_page: numbers wanted on a page
        """
        ...

    def number(self, connection: Connection, token: str, phone: str) -> dict[str, Any]:
        """One number's own page.

        connection, token: of the task, and what the platform is asked with
        phone: the whole number, as it was sent or as `canonical_phone` spells it
        """
        ...

    def lookup(self, connection: Connection, token: str, unique_id: str) -> dict[str, Any]:
        """The import result of a batch.

        connection, token: of the account that sent it, and what the platform is asked with
        unique_id: of the batch, as the platform's answer named it; never ""
        """
        ...


class Unusable(Exception):
    """A list that cannot be read to its end; `note` says why."""

    def __init__(self, note: ScanNote) -> None:
        super().__init__(note.value)
        self.note = note


@dataclass(frozen=True)
class ListedNumber:
    """One number of the list. phone: canonical, "" where it is hidden; mark: None where the list gives no `extra`.

    stored: as the list has it, suffix and all; status: None where it is no whole number.
    """

    phone: str = field(repr=False)
    mark: str | None
    id: str
    stored: str = field(default="", repr=False)
    status: int | None = None


@dataclass(frozen=True)
class ListReading:
    """The list read in full, or as far as it went. note: COMPLETE, or why it is not."""

    note: ScanNote
    pages: int
    by_mark: Mapping[str, int] = field(default_factory=dict, repr=False)
    by_phone: Mapping[str, frozenset[str | None]] = field(default_factory=dict, repr=False)
    size: int = 0
    entries: tuple[ListedNumber, ...] = field(default=(), repr=False)

    @property
    def gives_marks(self) -> bool:
        """Whether `extra` comes back at all; empty everywhere is as good as not."""
        return any(self.by_mark)

    @property
    def hides_phones(self) -> bool:
        """Whether there are numbers, and not one of them can be read."""
        return self.size > 0 and not self.by_phone


def read_list(
    platform: Asked,
    connection: Connection,
    token: str,
    *,
    go_on: Callable[[], bool] = lambda: True,
    cap: int = PAGE_CAP,
) -> ListReading:
    """Passes over every page until two in a row agree.

    platform: asked for pages of PER_PAGE
    connection, token: of the task whose list it is, and what the platform is asked with
    go_on: asked before each page; False ends it early, as a list that failed
    cap: pages of one pass; a longer list is LIST_ENDLESS
    """
    pages = _Pages(platform, connection, token, go_on, cap)
    try:
        last = pages.read_all()
        for _ in range(PASSES - 1):
            before, last = last, pages.read_all()
            if before.keys() == last.keys():
                return _reading(list(last.values()), pages.count)
    except Unusable as error:
        return ListReading(error.note, pages.count)
    return ListReading(ScanNote.LIST_MOVED, pages.count)


def read_once(
    platform: Asked, connection: Connection, token: str, *, go_on: Callable[[], bool], cap: int
) -> ListReading:
    """One pass, as far as it goes: what it shows is there, and what it does not show proves nothing.

    platform: asked for pages of PER_PAGE
    connection, token: of the task whose list it is, and what the platform is asked with
    go_on: asked before each page; False ends it there, and what was read until then is kept
    cap: pages at most; of a longer list the first ones are kept, and it is LIST_ENDLESS
    """
    pages = _Pages(platform, connection, token, go_on, cap)
    note = ScanNote.COMPLETE
    try:
        pages.read_all()
    except Unusable as error:
        note = error.note
    return replace(_reading(list(pages.found.values()), pages.count), note=note)


def _reading(entries: list[ListedNumber], pages: int) -> ListReading:
    by_mark: dict[str, int] = {}
    by_phone: dict[str, frozenset[str | None]] = {}
    for entry in entries:
        if entry.mark is not None:
            by_mark[entry.mark] = by_mark.get(entry.mark, 0) + 1
        if entry.phone:
            by_phone[entry.phone] = by_phone.get(entry.phone, frozenset()) | {entry.mark}
    return ListReading(ScanNote.COMPLETE, pages, by_mark, by_phone, len(entries), tuple(entries))


@dataclass(frozen=True)
class Read:
    """A reading of a list, and when it began, in monotonic seconds. outdated: how often readings had been outdated by then."""

    reading: ListReading
    began: float
    outdated: int


class ListReader:
    """Reads lists for all who look. Of one list one thread reads at a time, the others take what it read.

    clock: monotonic seconds.
    """

    def __init__(self, platform: Asked, clock: Callable[[], float] = time.monotonic) -> None:
        self._platform, self._clock = platform, clock
        self._guard = threading.Lock()  # over everything below
        self._reads: dict[tuple[Connection, str], threading.Lock] = {}
        self._kept: dict[tuple[Connection, str], Read] = {}
        self._outdated = 0
        self._shown: set[tuple[Connection, str]] = set()

    def outdate(self) -> None:
        """What was read until now, or is being read, proves nothing any more."""
        with self._guard:
            self._outdated += 1

    def forget(self) -> None:
        """Let go of what serves nobody any more: a list may hold 200,000 numbers."""
        with self._guard:
            oldest = self._clock() - FRESH_SECONDS
            self._kept = {key: kept for key, kept in self._kept.items() if kept.began >= oldest}

    def read(self, connection: Connection, token: str, since: float, go_on: Callable[[], bool]) -> Read:
        """A reading that began at `since` or later; read anew only where what is kept does not do.

        connection, token: of the list; for each pair one thread reads at a time
        since: monotonic seconds, by the clock of this reader
        go_on: asked before each page; False ends it early, as a list that failed
        """
        key = (connection, token)
        with self._guard:
            lock = self._reads.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                kept, began, outdated = self._kept.get(key), self._clock(), self._outdated
            if kept and kept.outdated == outdated and kept.began >= since:
                return kept
            read = Read(read_list(self._platform, connection, token, go_on=go_on), began, outdated)
            with self._guard:  # the latest alone; and no refused token: it may be accepted at the next moment
                self._kept = {} if read.reading.note == ScanNote.TOKEN else {key: read}
                if read.reading.pages:
                    self._shown.add(key)
            return read

    def was_shown(self, connection: Connection, token: str) -> bool:
        """Whether a page of this list was ever answered: what is missing now may come back."""
        with self._guard:
            return (connection, token) in self._shown


@dataclass
class _Pages:
    platform: Asked
    connection: Connection
    token: str
    go_on: Callable[[], bool]
    cap: int
    count: int = 0
    found: dict[tuple[str, str, str], ListedNumber] = field(default_factory=dict)

    def read_all(self) -> dict[tuple[str, str, str], ListedNumber]:
        """One pass. Raises Unusable where total, pages and numbers do not add up."""
        found = self.found = {}
        page, last, total, seen = 1, 1, None, 0
        while page <= last:
            if page > self.cap:
                raise Unusable(ScanNote.LIST_ENDLESS)
            rows, meta = self._page(page)
            current, its_last, its_total = (
                whole_number(meta.get(name)) for name in ("current_page", "last_page", "total")
            )
            if its_total is None or its_last is None or current not in (None, page):
                raise Unusable(ScanNote.LIST_SHAPE if current in (None, page) else ScanNote.LIST_ENDLESS)
            if total not in (None, its_total):
                raise Unusable(ScanNote.LIST_MOVED)
            last, total, seen, page = its_last, its_total, seen + len(rows), page + 1
            found |= {(one.id, one.phone, one.mark or ""): one for one in map(_listed, rows)}
        if not len(found) == seen == total:
            raise Unusable(ScanNote.LIST_MOVED)
        return found

    def _page(self, page: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        if not self.go_on():
            raise Unusable(ScanNote.LIST_FAILED)
        document = asked(lambda: self.platform.numbers(self.connection, self.token, page, PER_PAGE))
        self.count += 1
        inner = document.get("data")
        rows = inner.get("data") if isinstance(inner, dict) else inner
        meta = document.get("meta") or (inner.get("meta") or inner if isinstance(inner, dict) else None)
        if (
            not isinstance(rows, list)
            or not isinstance(meta, dict)
            or not all(isinstance(row, dict) for row in rows)
        ):
            raise Unusable(ScanNote.LIST_SHAPE)
        return rows, meta


def asked(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of a GET. Raises Unusable where there is none."""
    try:
        return call()
    except Unauthorised as error:
        is_shown = error.code != FailureCode.FORBIDDEN
        raise Unusable(ScanNote.TOKEN if is_shown else ScanNote.LIST_MISSING) from error
    except Refused as error:
        raise Unusable(ScanNote.LIST_MISSING) from error
    except PlatformError as error:
        raise Unusable(ScanNote.LIST_FAILED) from error


def _listed(row: Mapping[str, Any]) -> ListedNumber:
    phone, mark = _text(row, "phone", "number", "mobile"), row.get("extra")
    own = mark if isinstance(mark, str) else None
    return ListedNumber(
        readable(phone), own, _text(row, "id", "uuid"), phone, whole_number(row.get("status"))
    )


def _text(row: Mapping[str, Any], *names: str) -> str:
    return next((str(row[name]) for name in names if isinstance(row.get(name), str | int)), "")


def readable(phone: str) -> str:
    """The number without its suffix, "" where it is hidden or enciphered."""
    bare = canonical_phone(phone)
    return bare if bare.removeprefix("+").isdigit() and _MASKED not in phone else ""


# --- which rows a reading shows: there, not there, or nobody can tell ---------------------------------------


def note_of(reading: ListReading, unclear: set[int]) -> ScanNote:
    """What a look for rows came to, of which these cannot be told."""
    if reading.note == ScanNote.COMPLETE and unclear:
        return ScanNote.MASKED if reading.hides_phones else ScanNote.UNCLEAR
    return reading.note


def compared(reading: ListReading, rows: Iterable[WantedRow]) -> tuple[set[int], set[int]]:
    """Rows that are in the list, and rows of which nobody can tell."""
    found: set[int] = set()
    unclear: set[int] = set()
    for row in rows:
        verdict = _verdict(reading, row)
        if verdict is None:
            unclear.add(row.row)
        elif verdict:
            found.add(row.row)
    return found, unclear


def _verdict(reading: ListReading, row: WantedRow) -> bool | None:
    """Whether this row is in the list; None where its number may be there through somebody else."""
    if row.token and row.token in reading.by_mark:
        return True
    if reading.hides_phones:
        return False if row.token and reading.gives_marks else None
    marks = reading.by_phone.get(row.phone) if row.phone else None
    if row.token and (marks is None or all(marks)):
        if row.phone or reading.gives_marks or not reading.size:
            return False  # not there, or only as another's import
        return None
    if marks is None:
        return False if row.phone else None
    return None if row.token and reading.gives_marks else True
