"""What the store takes and gives: frozen records, and the conflicts that only the engine meets.

Times are text, as `lib.times` makes it.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lib.errors import Conflict, StoreUnavailable
from lib.platform.connection import Connection
from lib.run.states import UNSETTLED, BatchState, Disposition, Outcome, RunState, ScanNote, Why

#: `phone_key` of a row whose number is no longer known here at all.
FORGOTTEN_KEY = 0


class Fenced(Conflict):
    """Another process has taken over sending: put no byte on the wire, claim nothing more."""


class Withdrawn(Conflict):
    """The run was paused or cancelled before this batch's first byte: put no byte on the wire."""


class AccountChanged(Conflict):
    """The token is not the one the run began with: put no byte on the wire until a person says that it is right."""


class Gone(Conflict):
    """Its run was taken away meanwhile, as practice is: there is nothing to do about it any more."""


@dataclass(frozen=True)
class DraftRecord:
    """A saved draft. `updated` is different after every change.

    counts: what the last review came to, by name; {} where the draft was not reviewed since it was changed. announced:
    since when it is told that the draft will be deleted, "" where it will not be soon. owner: a person's id, "" for nobody.
    """

    id: str
    created: str
    updated: str
    state: dict[str, Any]
    upload_id: str | None
    run_id: str | None
    counts: Mapping[str, int] = field(default_factory=dict)
    announced: str = ""
    owner: str = ""


@dataclass(frozen=True)
class EditRecord:
    """One fact about a draft: a cell somebody changed; row: the number in the spreadsheet. Those added at once share `at`."""

    draft_id: str
    seq: int
    row: int
    field: str
    before: str
    after: str
    at: str
    who: str = "person"


@dataclass(frozen=True, eq=False)
class RunPlan:
    """Everything a run is, frozen at the press of the button.

    source: the person's sheet (Parquet). bodies: (seq, rows, bytes that will be sent), consumed once.
    rows: index = row number in the spreadsheet; columns disposition, reason, batch (seq, -1 for none), extra, phone.
    repeats_allowed: whether a person wants numbers sent that were sent, or are about to be, to the same task; without
    it such a plan is refused. elsewhere_allowed: the same of numbers of other tasks (`Settings.recent_days`). hold_after:
    the run waits for a person once the batches up to this seq have settled; 0: it does not.
    """

    draft_id: str | None
    connection: Connection
    file_name: str
    file_sha256: str
    sheet_name: str
    source: bytes
    rows: pd.DataFrame
    bodies: Iterable[tuple[int, int, bytes]]
    repeats_allowed: bool = False
    elsewhere_allowed: bool = False
    hold_after: int = 0
    list_source: str = ""


@dataclass(frozen=True)
class RunRecord:
    """One run. connection: as it was when the button was pressed.

    batches, rows_by_state: batch state → batches, rows; a state without any is not there.
    to_send + held_back + repeated + left_out = rows_total; the values of rows_by_state add up to to_send.
    hold_after: batches after this seq wait until a person lets them go; 0: none does. forgotten: when the fingerprints of
    its numbers were deleted. list_source: whence the person says the list comes. created_by: a person's id.
    """

    id: str
    draft_id: str | None
    connection: Connection
    file_name: str
    file_sha256: str
    sheet_name: str
    state: RunState
    why: str
    created: str
    started: str
    finished: str
    rows_total: int
    to_send: int
    held_back: int
    repeated: int
    left_out: int
    data_deleted: str
    batches: Mapping[str, int] = field(default_factory=dict)
    rows_by_state: Mapping[str, int] = field(default_factory=dict)
    hold_after: int = 0
    forgotten: str = ""
    list_source: str = ""
    team: str = ""
    created_by: str = "person"

    @property
    def open_batches(self) -> int:
        """Batches whose outcome is not known: unknown, or held until a person decides."""
        return sum(self.batches.get(state, 0) for state in UNSETTLED)


@dataclass(frozen=True)
class ActiveRun:
    """What the engine needs of a running run to decide; counts of batches.

    planned: those that may be sent; what waits for a person after the first part is not among them. unsettled: whose
    outcome is not known.
    """

    id: str
    planned: int
    sending: int
    unsettled: int


@dataclass(frozen=True)
class Claim:
    """A batch taken by one epoch, and the attempt that may send it. packed: its body as stored, None where it is gone.

    started: when the attempt was opened; with its id it names this attempt and no other, even in a restored database.
    again: rows of it may have reached the platform before, so it is looked for first (I8).
    """

    run_id: str
    batch_id: int
    attempt_id: int
    seq: int
    rows: int
    body_sha256: str = ""
    packed: bytes | None = field(default=None, repr=False)
    started: str = ""
    again: bool = False

    def body(self) -> bytes:
        """The exact bytes to send. Raises StoreUnavailable where they are not what was frozen."""
        return unpacked(self.packed or b"", self.body_sha256)


@dataclass(frozen=True)
class AttemptResult:
    """How an attempt ended, to be recorded at once.

    code: of the error ("" when accepted); message: the platform's text, masked; raw: its whole answer, made fit to be shown. stop: reason to pause the run in the
    same transaction. tried: False takes the try back, because nothing was tried.
    """

    outcome: Outcome
    code: str = ""
    unique_id: str = ""
    http_status: int | None = None
    envelope_code: int | None = None
    message: str = ""
    raw: str = ""
    why: str = ""
    stop: Why | None = None
    tried: bool = True


@dataclass(frozen=True)
class AttemptRecord:
    """One attempt to send a batch. Times are ISO texts, "" for not yet: opened, first byte about to leave, ended.

    outcome: Outcome, "" while it goes. code: of the error, "" for none.
    """

    started: str
    wired: str
    ended: str
    outcome: str
    http_status: int | None
    code: str


@dataclass(frozen=True)
class BatchExchange:
    """What went to and fro about one batch. answer: of the latest attempt as it came, masked and cut; "" for nothing."""

    answer: str
    attempts: tuple[AttemptRecord, ...]


@dataclass(frozen=True)
class ScanResult:
    """One look for one batch in the platform's list. found, missing: row numbers of the sheet.

    Only a complete look may say that something is missing. control: whether something known to be on the platform was
    seen. lag: seconds an import is now known to take at least, None where this look does not tell. passed: seconds of looking
    since the look before, or since the outcome was unknown.
    """

    started: str = ""
    ended: str = ""
    pages: int = 0
    complete: bool = False
    found: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    note: str = ScanNote.COMPLETE.value
    control: bool = False
    lag: float | None = None
    passed: float = 0.0


@dataclass(frozen=True)
class Look:
    """A recorded look, as the rules need it. at: seconds since 1970, at its end. passed: seconds of looking since the one before."""

    at: float
    complete: bool
    note: str
    control: bool
    found: int
    missing: int
    passed: float = 0.0


@dataclass(frozen=True)
class OpenBatch:
    """A batch that is to be looked for. since: seconds since 1970 from which the schedule counts.

    looks: those since a person last asked to start over. asked: a person waits for a look now. lag: the largest import
    delay seen in this task, in seconds.
    """

    run_id: str
    batch_id: int
    state: BatchState
    destination: str
    unique_id: str
    since: float
    asked: bool
    looks: tuple[Look, ...]
    lag: float


@dataclass(frozen=True)
class WantedRow:
    """A row to look for. token, phone: "" where it cannot tell this row from another; arrived: found before."""

    row: int
    token: str
    phone: str = field(repr=False)
    arrived: bool = False


@dataclass(frozen=True)
class Control:
    """Rows of batches that were accepted, to prove that the list shows what is there. accepted: seconds since 1970, of the first."""

    tokens: frozenset[str]
    phones: frozenset[str] = field(repr=False)
    accepted: float


@dataclass(frozen=True)
class Evidence:
    """What is known about a batch that is unknown or held. Times are ISO texts, "" for none.

    rows: of the whole batch; found + missing = rows. held_as: HeldAs, "" while unknown. why: code of the error the
    attempt ended with. scans, complete_scans: since a person last asked to start over. note: ScanNote of the last one.
    can_resend: held, and looked for in full within the last 60 seconds. raw: what the platform answered, masked, "" for nothing.
    """

    batch_id: int
    seq: int
    rows: int
    state: str
    held_as: str
    why: str
    sent_at: str
    scans: int
    complete_scans: int
    last_scan: str
    found: int
    missing: int
    next_scan_at: str
    first_row: int
    last_row: int
    can_resend: bool
    note: str = ""
    raw: str = ""


@dataclass(frozen=True)
class RunNotes:
    """What a person should know of a run beside its counts.

    not_looked: batches sent a second time though neither the list nor a person could tell. audit: ScanNote of the look after the end,
    "" for none yet; twice, unseen: accepted rows it saw more than once, or not.
    """

    not_looked: int
    audit: str
    twice: int
    unseen: int


@dataclass(frozen=True)
class EventRecord:
    """One line of a run's log. who: "sender", "person", or the person's name; seq: the batch's number in the run, None for the run itself."""

    at: str
    who: str
    what: str
    seq: int | None
    code: str


@dataclass(frozen=True)
class Health:
    """The desk in counts. batches, runs: by state, every state there is. oldest_open_seconds: since the oldest batch of
    unknown outcome ended, 0 without any. queue: planned batches of running runs. senders: processes that may send, 0 or 1."""

    batches: Mapping[str, int]
    runs: Mapping[str, int]
    oldest_open_seconds: float
    queue: int
    senders: int


@dataclass(frozen=True)
class Conservation:
    """Rows of a run counted three ways. `holds` must be true at every commit (I5)."""

    rows_total: int
    by_disposition: Mapping[str, int]
    counted: Mapping[str, int]
    by_batch_state: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether every row of the file is somewhere, once."""
        sent = self.counted.get(Disposition.TO_SEND, 0)
        return (
            sum(self.by_disposition.values()) == self.rows_total
            and {k: v for k, v in self.by_disposition.items() if v} == dict(self.counted)
            and sum(self.by_batch_state.values()) == sent
        )


def packed_body(body: bytes) -> tuple[bytes, str]:
    """A body as it is stored, and its hash. Fastest zlib: it shrinks to a quarter either way."""
    return zlib.compress(body, 1), hashlib.sha256(body).hexdigest()


def unpacked(packed: bytes, sha256: str) -> bytes:
    """A stored body, checked against its hash. Raises StoreUnavailable("store_corrupt")."""
    try:
        data = zlib.decompress(packed)
    except zlib.error as error:
        raise StoreUnavailable("store_corrupt") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StoreUnavailable("store_corrupt")
    return data


def storable(text: str) -> str:
    """Text every database takes: lone surrogates and NUL become a replacement character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
