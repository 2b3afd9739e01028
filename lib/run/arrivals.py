"""What is known of an accepted batch after its receipt, when to ask, and when that is settled. Pure; all times are seconds.

Accepted is a receipt, not a delivery: which numbers entered the task is the platform's to say.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class RowArrival(StrEnum):
    """What became of a row of an accepted batch; the word is `arrival.row.<value>`."""

    IMPORTED = "imported"
    NOT_IMPORTED = "not_imported"
    UNCONFIRMED = "unconfirmed"  # the platform did not say, or not in a way that can be told


class ArrivalReason(StrEnum):
    """Why a row most likely did not get in; the words are `arrival.reason.<value>`."""

    IN_TASK = "in_task"  # the number is there, and not through this batch
    REPEATED = "repeated"  # an earlier batch of the same run carries it
    IN_HISTORY = "in_history"  # an earlier run sent it to the same task


class ArrivalState(StrEnum):
    """Whether the platform is still asked about a batch."""

    OPEN = "open"
    SETTLED = "settled"


class ArrivalNote(StrEnum):
    """What the latest look came to; the sentence is `arrival.note.<value>`."""

    LISTED = "listed"  # a list of numbers, every one of them ours
    WAITING = "waiting"  # answered, and nothing is listed yet
    MASKED = "masked"  # numbers are listed and hidden
    FOREIGN = "foreign"  # numbers are listed that this batch does not have
    UNREADABLE = "unreadable"
    ADDRESS_REFUSED = "address_refused"  # the list lies at an address that is not safe to fetch
    NOT_OFFERED = "not_offered"  # the platform has no such page, or does not show it
    NO_ANSWER = "no_answer"
    DATA_DELETED = "data_deleted"  # the request is no longer kept here, so nothing can be compared


class Withdrawal(StrEnum):
    """What became of a row whose batch a person withdrew."""

    WITHDRAWN = "withdrawn"
    CALLED = "called"  # called already, or being called
    FAILED = "failed"


class WithdrawalNote(StrEnum):
    """Why a withdrawal came to nothing, or cannot be confirmed; the sentence is `withdrawal.note.<value>`."""

    LIST_FAILED = "list_failed"  # the numbers and their states could not be read: nothing was deleted
    UNCHECKED = "unchecked"  # asked to delete, and the list could not be read afterwards
    TASK_RUNNING = "task_running"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"
    EXPIRED = "expired"  # asked for too long ago to be done without asking again
    DATA_DELETED = "data_deleted"


@dataclass(frozen=True)
class SentRow:
    """A row of a batch as it was sent. row: number in the spreadsheet; token: what stands in `extra`."""

    row: int
    phone: str = field(repr=False)
    token: str


@dataclass(frozen=True)
class ImportLook:
    """One look. imported: rows that got in; unclear: rows of which the list cannot tell; in_task: rows whose number is
    there through something else. raw: the answer nobody could read, masked.
    """

    note: ArrivalNote
    imported: frozenset[int] = frozenset()
    unclear: frozenset[int] = frozenset()
    in_task: frozenset[int] = frozenset()
    raw: str = ""


@dataclass(frozen=True)
class OpenArrival:
    """An accepted batch the platform is to be asked about. Times are seconds since 1970.

    looks: made so far; due: when the next one is.
    """

    run_id: str
    batch_id: int
    unique_id: str
    rows: int
    ended: float
    looks: int
    due: float


@dataclass(frozen=True)
class AskedWithdrawal:
    """A batch a person wants withdrawn. asked: seconds since 1970; begun: the platform may have been asked to delete already."""

    run_id: str
    batch_id: int
    asked: float
    begun: bool


@dataclass(frozen=True)
class BatchArrival:
    """What became of one accepted batch, for a page. Times are ISO texts, "" for none.

    rows = imported + missing + unconfirmed + waiting. withdrawn, called, failed: rows of a withdrawal. raw: the answer
    nobody could read. withdrawing: asked for and not done yet.
    """

    batch_id: int
    seq: int
    unique_id: str
    rows: int
    imported: int
    missing: int
    unconfirmed: int
    waiting: int
    withdrawn: int
    called: int
    failed: int
    state: str
    note: str
    last_look: str
    due: str
    raw: str = field(repr=False)
    withdrawing: bool
    withdraw_note: str
    asked: bool


#: Seconds after the acceptance at which the first looks are due, then between two later ones, and the end of looking.
FIRST_LOOKS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


LATER_LOOKS = 1_800.0


LAST_LOOK = 86_400.0


#: Looks in a row that must have seen the same, and for how long, before what is not listed counts as not imported.
#: Nothing at all listed takes longer: a slow import looks the same.
SAME_LOOKS, SAME_SECONDS, EMPTY_SECONDS = 3, 60.0, 540.0


#: Seconds that a hint from outside leaves between two looks at a batch, however often it comes.
HINT_GAP = 10.0


#: Seconds for which a person's wish to withdraw a batch may be carried out.
WISH_SECONDS = 600.0


#: Notes that tell for good how much the platform tells.
_TELLING = frozenset({ArrivalNote.LISTED, ArrivalNote.MASKED, ArrivalNote.FOREIGN})


def first_due(ended: float) -> float:
    """When a batch accepted then is first asked about."""
    return ended + FIRST_LOOKS[0]


def next_due(looks: int, ended: float, now: float) -> float:
    """When the next look is due after `looks` of them; after a long silence they do not come all at once.

    looks: made until now, without those that were brought forward; 0 for none
    ended: when the batch was accepted
    now: when the latest look was made
    """
    if looks < len(FIRST_LOOKS):
        gap = FIRST_LOOKS[looks] - (FIRST_LOOKS[looks - 1] if looks else 0.0)
        return max(ended + FIRST_LOOKS[looks], now + gap)
    return now + LATER_LOOKS


def is_settled(
    note: ArrivalNote, imported: int, rows: int, *, same_looks: int, same_seconds: float, age_seconds: float
) -> bool:
    """Whether asking may end.

    note: what the latest look came to
    imported: rows seen to be in by any look until now
    rows: of the whole batch
    same_looks: looks in a row, the latest too, with this note and as many imported; none that only a hint brought
    same_seconds: since the first of them
    age_seconds: since the batch was accepted
    """
    if imported >= rows or note == ArrivalNote.DATA_DELETED or age_seconds >= LAST_LOOK:
        return True
    if note == ArrivalNote.NOT_OFFERED:
        return same_looks >= SAME_LOOKS
    long_enough = same_seconds >= (SAME_SECONDS if imported else EMPTY_SECONDS)
    return note in _TELLING and same_looks >= SAME_LOOKS and long_enough


def is_poor(imported: int, missing: int, rows: int, least_percent: int) -> bool:
    """Whether a settled batch has too few of its numbers in. What is unconfirmed counts neither way.

    imported, missing: rows that surely got in, and rows that surely did not
    rows: of the whole batch; where more than half of them are neither, nothing is said
    least_percent: `Settings.least_imported`; 0: no batch is poor
    """
    known = imported + missing
    return bool(least_percent) and 2 * known >= rows > 0 and 100 * imported < least_percent * known
