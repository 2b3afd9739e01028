"""Takes the numbers of an accepted batch out of the task again, as far as nobody has called them yet.

Read, mark, delete, read again: the states of the numbers come from the platform's list right before, and what really
went from the list right after, because the answer of the delete call is documented nowhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lib.arrivals.answer import seen
from lib.contact.keys import canonical_phone
from lib.errors import NotSent, OutcomeUnknown, PlatformError
from lib.platform.answers import FailureCode
from lib.platform.connection import Connection
from lib.reconcile.number_list import Asked, ListedNumber, ListReading, read_list
from lib.run.arrivals import SentRow, Withdrawal, WithdrawalNote
from lib.run.states import ScanNote

#: Status of a number that waits to be called, by the API manual's list of number states.
_WAITING = 0


class Deleting(Asked, Protocol):
    """What is needed of `lib.platform.api.Platform`."""

    def delete_numbers(self, connection: Connection, token: str, phones: Sequence[str]) -> dict[str, Any]:
        """Take these numbers out of the task.

        connection, token: of the task, and what the platform is asked with
        phones: as the task's list has them, suffix and all
        """
        ...


@dataclass(frozen=True)
class Result:
    """row → Withdrawal for every row, or nothing and the note that says why."""

    buckets: dict[int, str] = field(default_factory=dict)
    note: str = ""


def withdraw(
    platform: Deleting,
    connection: Connection,
    token: str,
    rows: Sequence[SentRow],
    *,
    suffix: bool,
    begin: Callable[[int], bool],
    go_on: Callable[[], bool] = lambda: True,
) -> Result:
    """Delete what is still waiting. Raises nothing for what the platform does.

    platform: asked for the list before and after, and once to delete
    connection, token: of the task, and what the platform is asked with
    rows: all of the batch, as they were sent
    suffix: the platform was asked to append one to every number
    begin: called once with the count before the call; False keeps it from being made
    go_on: asked before each page of the list; False ends its reading, which deletes nothing, or leaves it unchecked
    """
    before = read_list(platform, connection, token, go_on=go_on)
    if before.note != ScanNote.COMPLETE:
        return Result(note=WithdrawalNote.LIST_FAILED)
    entries = _entries(before, rows, suffix)
    buckets = {row.row: _bucket(entries.get(row.row)) for row in rows}
    waiting = {row: entries[row] for row, bucket in buckets.items() if bucket == Withdrawal.WITHDRAWN}
    if not waiting:
        return Result(buckets)
    if not begin(len(waiting)):
        return Result(note=WithdrawalNote.EXPIRED)
    try:
        platform.delete_numbers(connection, token, [entry.stored for entry in waiting.values()])
    except OutcomeUnknown:
        pass  # the list tells what was done
    except PlatformError as refusal:
        return Result(note=_note_of(refusal))
    after = read_list(platform, connection, token, go_on=go_on)
    if after.note != ScanNote.COMPLETE:
        return Result(buckets | dict.fromkeys(waiting, Withdrawal.FAILED.value), WithdrawalNote.UNCHECKED)
    left = {entry.id: entry for entry in after.entries}
    for row, entry in waiting.items():
        if entry.id in left:
            is_called = left[entry.id].status not in (_WAITING, None)
            buckets[row] = Withdrawal.CALLED if is_called else Withdrawal.FAILED
    return Result(buckets)


def _bucket(entry: ListedNumber | None) -> str:
    """WITHDRAWN stands for: may be tried. A number without a state, or that cannot be named, is not touched."""
    if entry is None or entry.status is None or not entry.phone or not entry.id:
        return Withdrawal.FAILED.value
    return Withdrawal.WITHDRAWN.value if entry.status == _WAITING else Withdrawal.CALLED.value


def _entries(reading: ListReading, rows: Sequence[SentRow], suffix: bool) -> dict[int, ListedNumber]:
    """row → its one entry of the list: by its own mark, else by a number that is there once and carries no other's mark."""
    by_mark: dict[str, list[ListedNumber]] = {}
    by_phone: dict[str, list[ListedNumber]] = {}
    for entry in reading.entries:
        by_mark.setdefault(entry.mark or "", []).append(entry)
        by_phone.setdefault(entry.phone, []).append(entry)
    found: dict[int, ListedNumber] = {}
    for row in rows:
        own = by_mark.get(row.token, []) if row.token else []
        if not own and not (row.token and reading.gives_marks):
            own = [
                one
                for one in by_phone.get(canonical_phone(row.phone), [])
                if seen([row], [one.stored], suffix=suffix).imported
            ]
        if len(own) == 1:
            found[row.row] = own[0]
    return found


def _note_of(refusal: PlatformError) -> str:
    if isinstance(refusal, NotSent):
        return WithdrawalNote.NOT_REACHED
    return WithdrawalNote.TASK_RUNNING if refusal.code == FailureCode.TASK_RUNNING else WithdrawalNote.REFUSED
