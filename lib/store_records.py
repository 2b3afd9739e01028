"""What the store takes and gives: frozen records, states, and the two endings only the engine meets.

Times are ISO text in UTC with microseconds, in the database and here alike ("" for none): one form, and it sorts.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

import pandas as pd

from lib.connection import Connection
from lib.errors import Conflict, StoreUnavailable


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
    CANCELLED = "cancelled"


#: A number in a batch of one of these states counts as sent, or may still be.
CLAIMING = (BatchState.ACCEPTED, BatchState.UNKNOWN, BatchState.PLANNED, BatchState.SENDING)


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


#: The state a batch takes when its attempt ends so (reliability.md, 2.5: T3 to T7).
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
    STORAGE = "storage"
    FAULT = "fault"


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
    BATCH_ACCEPTED = "batch_accepted"
    BATCH_REJECTED = "batch_rejected"
    BATCH_UNKNOWN = "batch_unknown"
    BATCH_CANCELLED = "batch_cancelled"
    DATA_DELETED = "data_deleted"


class Fenced(Conflict):
    """Another process has taken over sending: put no byte on the wire, claim nothing more."""


class Withdrawn(Conflict):
    """The run was paused or cancelled before this batch's first byte: put no byte on the wire."""


@dataclass(frozen=True)
class DraftRecord:
    """A saved draft. `updated` is different after every change."""

    id: str
    created: str
    updated: str
    state: dict[str, Any]
    upload_id: str | None
    run_id: str | None


@dataclass(frozen=True)
class EditRecord:
    """One cell a person changed; row: the number in the spreadsheet. Edits added at once share `at`."""

    draft_id: str
    seq: int
    row: int
    field: str
    before: str
    after: str
    at: str


@dataclass(frozen=True, eq=False)
class RunPlan:
    """Everything a run is, frozen at the press of the button.

    source: the person's sheet (Parquet). bodies: (seq, rows, bytes that will be sent), consumed once.
    rows: index = row number in the spreadsheet; columns disposition, reason, batch (seq, -1 for none), extra, phone.
    repeats_allowed: False refuses a plan with a number that was sent, or is about to be, to the same task.
    """

    draft_id: str | None
    connection: Connection
    file_name: str
    file_sha256: str
    sheet_name: str
    source: bytes
    rows: pd.DataFrame
    bodies: Iterable[tuple[int, int, bytes]]
    repeats_allowed: bool = True


@dataclass(frozen=True)
class RunRecord:
    """One run. connection: as it was when the button was pressed.

    batches, rows_by_state: batch state → batches, rows; a state without any is not there.
    to_send + held_back + repeated + left_out = rows_total; the values of rows_by_state add up to to_send.
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


@dataclass(frozen=True)
class ActiveRun:
    """What the engine needs of a running run to decide; counts of batches, in the order of COUNTED."""

    id: str
    planned: int
    sending: int
    unknown: int

    COUNTED: ClassVar = (BatchState.PLANNED, BatchState.SENDING, BatchState.UNKNOWN)


@dataclass(frozen=True)
class Claim:
    """A batch taken by one epoch, and the attempt that may send it. packed: its body as stored, None where it is gone."""

    run_id: str
    batch_id: int
    attempt_id: int
    seq: int
    rows: int
    body_sha256: str = ""
    packed: bytes | None = field(default=None, repr=False)

    def body(self) -> bytes:
        """The exact bytes to send. Raises StoreUnavailable where they are not what was frozen."""
        return unpacked(self.packed or b"", self.body_sha256)


@dataclass(frozen=True)
class Ending:
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


@dataclass(frozen=True)
class EventRecord:
    """One line of a run's log. who: "person" or "sender"; seq: the batch's number in the run, None for the run itself."""

    at: str
    who: str
    what: str
    seq: int | None
    from_state: str
    to_state: str
    code: str


@dataclass(frozen=True)
class Conservation:
    """Rows of a run counted three ways. `holds` must be true at every commit (reliability.md, I5)."""

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


def utc_now() -> str:
    """The moment, as stored."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
