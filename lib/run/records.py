"""What the store takes and gives: frozen records, states, and the two endings only the engine meets.

Times are text, as `lib.times` makes it.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

import pandas as pd

from lib.errors import Conflict, StoreUnavailable
from lib.platform.connection import Connection

#: Requests in flight at once, at most.
HIGHEST_CONCURRENCY = 16


#: Days back a number sent to another task may count as recent.
LONGEST_RECENT_DAYS = 365

#: Days what a run needs of people may stay after its end, and fingerprints of numbers (SEC26).
LONGEST_KEPT_DAYS, LONGEST_FINGERPRINT_DAYS = 180, 3_650

#: Characters kept of whence a list comes.
LIST_SOURCE_LIMIT = 200

#: `phone_key` of a row whose number is no longer known here at all.
FORGOTTEN_KEY = 0


class RunState(StrEnum):
    """Where one press of the button stands. `finished` may still hold batches with an unknown outcome."""

    RUNNING = "running"
    PAUSING = "pausing"  # what is in flight is being finished
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class BatchState(StrEnum):
    """Delivery of one batch. `unknown` is left only on evidence or by a person, never by sending again."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    HELD = "held"  # looked for long enough: a person decides, with the evidence shown
    SPLIT = "split"  # what was missing went on in a child batch; what had arrived stays here
    CANCELLED = "cancelled"


#: Every change of a batch's state there is (README, "Batches"). The database refuses any other by itself.
TRANSITIONS: frozenset[tuple[BatchState, BatchState]] = frozenset(
    {
        (BatchState.PLANNED, BatchState.SENDING),  # T2
        (
            BatchState.PLANNED,
            BatchState.CANCELLED,
        ),  # T19. T20 is the run's: it pauses, and what never left stays planned
        (BatchState.SENDING, BatchState.PLANNED),  # T3, T4, T8
        (BatchState.SENDING, BatchState.ACCEPTED),  # T5
        (
            BatchState.SENDING,
            BatchState.REJECTED,
        ),  # T6. T21 is a new run: the numbers of a rejected batch are free
        (BatchState.SENDING, BatchState.UNKNOWN),  # T7, T9
        (BatchState.UNKNOWN, BatchState.ACCEPTED),  # T10, T17
        (BatchState.UNKNOWN, BatchState.HELD),  # T12, T13, T14
        (BatchState.HELD, BatchState.SPLIT),  # T15
        (BatchState.HELD, BatchState.CANCELLED),  # T16
        (BatchState.HELD, BatchState.ACCEPTED),  # T17
        (BatchState.HELD, BatchState.UNKNOWN),  # T18
    }
)


class HeldAs(StrEnum):
    """What a person is asked to decide over; the sentence is `held.<value>`."""

    ABSENT = "absent"  # none of its rows is on the platform
    PARTIAL = "partial"  # some are
    NO_EVIDENCE = "no_evidence"  # the list cannot tell


#: A number in a batch of one of these states counts as sent, or may still be.
CLAIMING = (BatchState.ACCEPTED, BatchState.UNKNOWN, BatchState.HELD, BatchState.PLANNED, BatchState.SENDING)


#: States of a batch whose outcome is not known.
UNSETTLED = (BatchState.UNKNOWN, BatchState.HELD)


class Disposition(StrEnum):
    """What becomes of a row of the sheet."""

    TO_SEND = "to_send"
    HELD_BACK = "held_back"
    REPEATED = "repeated"
    LEFT_OUT = "left_out"


class Progress(StrEnum):
    """How far an attempt got, durably: `wire` is committed before its first byte leaves."""

    INTENT = "intent"
    WIRE = "wire"


class Outcome(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD_BACK = "held_back"  # arrived, surely not processed
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


#: The state a batch takes when its attempt ends so (T3 to T7).
STATE_AFTER: dict[Outcome, BatchState] = {
    Outcome.ACCEPTED: BatchState.ACCEPTED,
    Outcome.REFUSED: BatchState.REJECTED,
    Outcome.HELD_BACK: BatchState.PLANNED,
    Outcome.NOT_SENT: BatchState.PLANNED,
    Outcome.UNKNOWN: BatchState.UNKNOWN,
}


class Why(StrEnum):
    """Why a run waits for a person; the sentence is `run.why.<value>`."""

    OPERATOR = "operator"
    TOKEN = "token"
    TOKEN_MISSING = "token_missing"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    TASK_RUNNING = "task_running"
    REFUSALS = "refusals"
    UNKNOWNS = "unknowns"
    ANSWER_SHAPE = "answer_shape"
    DESTINATION = "destination"
    FORBIDDEN = "forbidden"  # the administrator does not allow sending there
    STORAGE = "storage"
    FAULT = "fault"
    QUALITY = "quality"  # too few of a batch's numbers got in
    WOKE = "woke"  # the computer slept, and the process went on
    STOPPED = "stopped"  # the process was gone for long
    ACCOUNT = "account"  # another token than the run began with
    RESTORED = "restored"  # the database is older than what was sent
    COPIED = "copied"  # the database comes from another computer
    FIRST_BATCH = "first_batch"  # as a person wished: what went first has settled, the rest waits


class TaskPause(StrEnum):
    """What came of having the platform pause the task of a run."""

    SEEN = "seen"  # the platform lists it as paused
    TAKEN = "taken"  # the platform took the wish; the state of the task cannot be seen
    RUNNING = "running"  # took it, and still lists the task as running
    FAILED = "failed"


class Happening(StrEnum):
    """What the log of a run can say; the sentence is `event.<value>`."""

    RUN_CREATED = "run_created"
    RUN_PAUSING = "run_pausing"
    RUN_PAUSED = "run_paused"
    RUN_RESUMED = "run_resumed"
    RUN_CANCELLING = "run_cancelling"
    RUN_CANCELLED = "run_cancelled"
    RUN_FINISHED = "run_finished"
    BATCH_PLANNED = "batch_planned"  # back again: nothing was sent, or it surely was not processed
    BATCH_SENDING = "batch_sending"
    BATCH_LOOKED_FIRST = "batch_looked_first"  # about to be sent a second time: none of it is on the platform
    BATCH_NOT_LOOKED = "batch_not_looked"  # sent a second time though the list could not tell
    BATCH_ACCEPTED = "batch_accepted"
    BATCH_REJECTED = "batch_rejected"
    BATCH_UNKNOWN = "batch_unknown"
    BATCH_CANCELLED = "batch_cancelled"
    BATCH_SCANNED = "batch_scanned"  # the platform's list was looked through; the batch stays where it is
    BATCH_FOUND = "batch_found"  # every row is on the platform
    BATCH_HELD = "batch_held"
    BATCH_CHECK_AGAIN = "batch_check_again"
    BATCH_SPLIT = "batch_split"
    BATCH_RESENT = "batch_resent"  # a child with the missing rows is planned
    BATCH_LEFT_OUT = "batch_left_out"
    BATCH_CONFIRMED = "batch_confirmed"
    RUN_AUDITED = (
        "run_audited"  # the list was looked through after the end, or could not be: the code says which
    )
    RUN_SEEN_TWICE = "run_seen_twice"
    RUN_NOT_SEEN = "run_not_seen"
    BATCH_SETTLED = "batch_settled"  # what became of its numbers is known, or will not be
    BATCH_ASKED_AFTER = "batch_asked_after"  # a person wants to know what became of it
    WITHDRAWAL_ASKED = "withdrawal_asked"
    WITHDRAWAL_BEGUN = "withdrawal_begun"  # the platform is about to be asked to delete
    WITHDRAWAL_DONE = "withdrawal_done"  # code: withdrawn/called/failed
    WITHDRAWAL_REFUSED = "withdrawal_refused"
    TASK_PAUSED = "task_paused"  # at the platform, because a person wanted it from here; code: TaskPause
    TASK_NOT_PAUSED = "task_not_paused"  # it was to be, and is not; code: TaskPause
    BATCH_WITHHELD = "batch_withheld"  # rows on the do-not-call list were taken out before it left
    REPEATS_ALLOWED = "repeats_allowed"
    DATA_DELETED = "data_deleted"
    DATA_EXPIRED = "data_expired"  # the same, because its time had come
    FINGERPRINTS_EXPIRED = "fingerprints_expired"
    NUMBER_DELETED = "number_deleted"  # rows of a batch whose number a person wanted gone; code: how many


class DataDeed(StrEnum):
    """What can be done with people's data as a whole; the words are `deed.<value>`."""

    REVEALED = "revealed"  # full numbers of a draft were shown on screen
    EXPORTED = "exported"
    NUMBER_DELETED = "number_deleted"
    RUN_DELETED = "run_deleted"
    DRAFT_DELETED = "draft_deleted"
    DRAFT_KEPT = "draft_kept"  # though its time had come
    EXPIRED = "expired"  # what the times of keeping took away in one go
    PERIODS_CHANGED = "periods_changed"


class Fenced(Conflict):
    """Another process has taken over sending: put no byte on the wire, claim nothing more."""


class Withdrawn(Conflict):
    """The run was paused or cancelled before this batch's first byte: put no byte on the wire."""


class AccountChanged(Conflict):
    """The token is not the one the run began with: put no byte on the wire until a person says that it is right."""


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
    it such a plan is refused. hold_after: the run waits for a person once the batches up to this seq have settled; 0:
    it does not.
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
    """What the engine needs of a running run to decide; counts of batches, in the order of COUNTED.

    planned: those that may be sent; what waits for a person after the first part is not among them. ever_unknown: how
    often an outcome of the run was left unknown, whatever became of it.
    """

    id: str
    planned: int
    sending: int
    unknown: int
    ever_unknown: int = 0

    COUNTED: ClassVar = (BatchState.PLANNED, BatchState.SENDING, BatchState.UNKNOWN)


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


#: Requests in flight of a run that is being careful, from all senders.
CAREFUL_ROOM = 1


@dataclass(frozen=True)
class Share:
    """What one of several senders on a database asks by. careful: one request of the run in flight, wherever it is sent.

    rest: seconds for which the platform wants nothing of the run.
    """

    concurrency: int
    requests_per_second: float | None = None
    is_careful: bool = False
    rest: float = 0.0


@dataclass(frozen=True)
class AttemptResult:
    """How an attempt ended, to be recorded at once.

    code: of the error ("" when accepted); message: the platform's text, masked. stop: reason to pause the run in the
    same transaction. tried: False takes the try back, because nothing was tried.
    """

    outcome: Outcome
    code: str = ""
    unique_id: str = ""
    http_status: int | None = None
    envelope_code: int | None = None
    message: str = ""
    why: str = ""
    stop: Why | None = None
    tried: bool = True


class ScanNote(StrEnum):
    """What a look at the platform's list came to; the sentence is `scan.<value>`."""

    COMPLETE = "complete"
    LIST_FAILED = "list_failed"  # a page, or a number's own page, was not answered
    TOKEN = "token"  # the platform does not accept the token
    LIST_SHAPE = "list_shape"  # answered in a form that cannot be counted
    LIST_MOVED = "list_moved"  # total or numbers changed while looking
    LIST_ENDLESS = "list_endless"
    LIST_MISSING = "list_missing"  # the platform has no such list, or does not show it to this account
    MASKED = "masked"  # numbers hidden and no mark of ours given back
    UNCLEAR = "unclear"  # a number is there, and nothing tells whether this batch brought it


#: Notes of a list that was read in full and still cannot tell.
TELLS_NOTHING = frozenset({ScanNote.MASKED, ScanNote.UNCLEAR})


@dataclass(frozen=True)
class ScanResult:
    """One look for one batch in the platform's list. found, missing: row numbers of the sheet.

    Only a complete look may say that something is missing. control: whether something known to be on the platform was
    seen. lag: seconds an import is now known to take at least or at most, None where this look does not tell.
    """

    started: str
    ended: str
    pages: int
    complete: bool
    found: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    note: str = ScanNote.COMPLETE.value
    control: bool = False
    lag: float | None = None


@dataclass(frozen=True)
class Look:
    """A recorded look, as the rules need it. at: seconds since 1970, at its end."""

    at: float
    complete: bool
    note: str
    control: bool
    found: int
    missing: int


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
    ended: float
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
    is_younger: bool


@dataclass(frozen=True)
class Evidence:
    """What is known about a batch that is unknown or held. Times are ISO texts, "" for none.

    rows: of the whole batch; found + missing = rows. held_as: HeldAs, "" while unknown. why: code of the error the
    attempt ended with. scans, complete_scans: since a person last asked to start over. note: ScanNote of the last one.
    can_resend: held, and looked for in full within the last 60 seconds.
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
    first_scan: str
    last_scan: str
    last_complete: str
    found: int
    missing: int
    next_scan_at: str
    first_row: int
    last_row: int
    can_resend: bool
    note: str = ""


@dataclass(frozen=True)
class RunNotes:
    """What a person should know of a run beside its counts.

    not_looked: batches sent a second time though the list could not tell. audit: ScanNote of the look after the end,
    "" for none yet; twice, unseen: accepted rows it saw more than once, or not.
    """

    not_looked: int
    audit: str
    twice: int
    unseen: int


@dataclass(frozen=True)
class Settings:
    """What may be changed while sending. concurrency: requests in flight, 1 to 16; requests_per_second: None for no limit.

    least_imported: percent of a batch's numbers that must have got in, or its run pauses; 0 for never.
    recent_days: a number sent to any task within so many days is held back until a person decides; 0: it is not asked.
    A week is the careful start: holding back wrongly costs one press, not holding back calls a person again.
    keep_days: what a run needs of people is deleted so long after its end, and a draft nobody touches for so long.
    fingerprint_days: so long after its end the history check knows the numbers of a run.
    """

    concurrency: int = 4
    requests_per_second: float | None = None
    least_imported: int = 50
    recent_days: int = 7
    keep_days: int = 30
    fingerprint_days: int = 90

    def __post_init__(self) -> None:
        if not 1 <= self.concurrency <= HIGHEST_CONCURRENCY:
            raise ValueError(f"1 to {HIGHEST_CONCURRENCY} requests in flight, not {self.concurrency}")
        rate = self.requests_per_second
        if rate is not None and not 0 < rate < float("inf"):
            raise ValueError("requests per second is a positive number")
        if not 0 <= self.least_imported <= 100:
            raise ValueError("a share is 0 to 100 percent")
        if not 0 <= self.recent_days <= LONGEST_RECENT_DAYS:
            raise ValueError(f"0 to {LONGEST_RECENT_DAYS} days, not {self.recent_days}")
        if not 0 <= self.keep_days <= LONGEST_KEPT_DAYS:
            raise ValueError(f"0 to {LONGEST_KEPT_DAYS} days, not {self.keep_days}")
        if not self.keep_days <= self.fingerprint_days <= LONGEST_FINGERPRINT_DAYS:
            raise ValueError("fingerprints are kept at least as long as the numbers, and at most ten years")


@dataclass(frozen=True)
class EventRecord:
    """One line of a run's log. who: "sender", "person", or the person's name; seq: the batch's number in the run, None for the run itself."""

    at: str
    who: str
    what: str
    seq: int | None
    from_state: str
    to_state: str
    code: str


@dataclass(frozen=True)
class Health:
    """The desk in counts. batches, runs: by state, every state there is. oldest_open_seconds: since the oldest batch of
    unknown outcome ended, 0 without any. queue: planned batches of running runs. senders: processes that may send."""

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
