"""Asks the platform what became of accepted batches, at growing intervals, beside sending and never in its way.

Every look and every wish lies in the store, so a restart goes on where it was. GETs only, but for the deletion a person
asked for (`lib.arrivals.withdrawal`).
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from lib.arrivals.answer import ADDRESS_LIMIT, seen
from lib.arrivals.withdrawal import Deleting, Result, withdraw
from lib.errors import Conflict, NotSent, PlatformError, Refused, StoreUnavailable, Throttled, Unauthorised
from lib.platform.answers import FailureCode
from lib.platform.connection import Connection
from lib.platform.download_address import fetchable
from lib.platform.import_result import ImportResult, decode_import_result
from lib.platform.text import raw, without_keys
from lib.reconcile import Destination
from lib.reconcile.number_list import readable
from lib.run.arrivals import (
    WISH_SECONDS,
    ArrivalNote,
    AskedWithdrawal,
    ImportLook,
    OpenArrival,
    SentRow,
    Withdrawal,
    WithdrawalNote,
)
from lib.run.records import Gone, RunRecord
from lib.store import Store
from lib.worker import Worker

log = logging.getLogger(__name__)

#: Seconds between two looks, however many are due: sending has the line first.
GAP_SECONDS = 0.2

#: Seconds without a token, after a refusal of the platform to answer so often, and with a database that does not answer.
WAIT_SECONDS, THROTTLED_SECONDS = 15.0, 60.0

#: Seconds until the store is looked into again: another page or process may have written.
IDLE_SECONDS = 5.0

#: Missing rows up to which each is asked for by itself, to learn why.
DETAIL_LIMIT = 50


class Looked(Deleting, Protocol):
    """What is needed of `lib.platform.api.Platform`."""

    def download(self, connection: Connection, token: str, address: str) -> Any:
        """What lies at an address the platform named.

        connection, token: of the account; the token goes along to the platform's own host alone
        address: as it stands in the platform's answer, so a text from outside
        """
        ...


class ArrivalWorker(Worker):
    """One for a database. clock: seconds since 1970. `step` does what is due."""

    def __init__(
        self,
        store: Store,
        platform: Looked,
        destination: Destination,
        clock: Callable[[], float] = time.time,
        *,
        gap_seconds: float = GAP_SECONDS,
    ) -> None:
        super().__init__("arrivals")
        self._store, self._platform, self._destination, self._clock = store, platform, destination, clock
        self._gap = gap_seconds
        self._resting: dict[str, float] = {}  # run → no look before

    def step(self) -> float:
        """The next wish or look that is due; seconds until another may be."""
        if self._closing:
            return IDLE_SECONDS
        try:
            if self._withdraw_next():
                return self._gap
            return self._look_next()
        except Gone:
            return self._gap  # and see what is left
        except StoreUnavailable as error:
            log.warning("nothing can be recorded about arrivals (%s)", error.code)
            return WAIT_SECONDS

    # --- looks ---------------------------------------------------------------------------------------------

    def _look_next(self) -> float:
        now = self._clock()
        self._resting = {run_id: until for run_id, until in self._resting.items() if until > now}
        while True:
            soonest, tokenless = (
                min([IDLE_SECONDS, *(until - now for until in self._resting.values())]),
                set[str](),
            )
            for one in self._store.looks.open(self._resting):
                if one.due > now:
                    soonest = min(soonest, one.due - now)
                    continue
                if one.run_id in tokenless:
                    continue
                connection, token = self._where(one.run_id)
                if token is not None:
                    self._look_alone(one, connection, token)
                    return self._gap
                tokenless.add(one.run_id)
            if not tokenless:
                return soonest
            self._resting |= dict.fromkeys(tokenless, now + WAIT_SECONDS)  # and see what waits behind them

    def _look_alone(self, one: OpenArrival, connection: Connection, token: str) -> None:
        """`_look_for`, unless another process on the database is at it, or has just been."""
        with self._store.duty(f"arrivals {one.run_id}") as is_mine:
            if not is_mine:
                self._resting[one.run_id] = self._clock() + GAP_SECONDS
            elif not self._store.is_on_server or one in self._store.looks.open(self._resting):
                self._look_for(one, connection, token)

    def _where(self, run_id: str) -> tuple[Connection, str | None]:
        run: RunRecord = self._store.runs.get(run_id)
        try:
            return self._destination(run)
        except PlatformError:
            return run.connection, None

    def _look_for(self, one: OpenArrival, connection: Connection, token: str) -> None:
        try:
            rows, suffix = self._store.looks.sent_rows(one.batch_id)
        except Conflict:
            self._store.looks.record(one.batch_id, ImportLook(ArrivalNote.DATA_DELETED))
            return
        try:
            found = self._seen(one, connection, token, rows, suffix)
        except Throttled as error:
            self._resting[one.run_id] = self._clock() + (error.retry_after_seconds or THROTTLED_SECONDS)
            return
        except Unauthorised:
            self._resting[one.run_id] = self._clock() + WAIT_SECONDS
            return
        is_short = found.note == ArrivalNote.LISTED and len(found.imported) < len(rows)
        if is_short and self._store.looks.will_settle(one.batch_id, found):
            found = self._explained(connection, token, rows, found)
        self._store.looks.record(one.batch_id, found)

    def _seen(
        self, one: OpenArrival, connection: Connection, token: str, rows: Sequence[SentRow], suffix: bool
    ) -> ImportLook:
        """One look. Raises Throttled, Unauthorised."""
        try:
            document = self._platform.lookup(connection, token, one.unique_id)
        except PlatformError as error:
            note = _note_of(error)
            return ImportLook(note, raw=without_keys(error.raw) if note == ArrivalNote.UNREADABLE else "")
        answer = decode_import_result(document.get("data"), one.unique_id)
        lists = [answer]
        for address in answer.addresses[:ADDRESS_LIMIT]:
            if fetchable(address, connection.base_url) is None:
                return ImportLook(ArrivalNote.ADDRESS_REFUSED, raw=_raw(document, token))
            try:
                fetched = self._platform.download(connection, token, address)
            except PlatformError as error:
                return ImportLook(_note_of(error))
            lists.append(_list_of(fetched))
            document = {"answer": document, "list": fetched}
        if not all(one.is_readable for one in lists) or len(answer.addresses) > ADDRESS_LIMIT:
            return ImportLook(ArrivalNote.UNREADABLE, raw=_raw(document, token))
        if not any(one.is_listed for one in lists):
            return ImportLook(ArrivalNote.WAITING)
        found = seen(rows, [number for one in lists for number in one.numbers], suffix=suffix)
        return replace(found, raw=_raw(document, token)) if found.note == ArrivalNote.FOREIGN else found

    def _explained(
        self, connection: Connection, token: str, rows: Sequence[SentRow], found: ImportLook
    ) -> ImportLook:
        """The same look, with what each missing number's own page adds: there through this batch, or through another."""
        missing = [row for row in rows if row.row not in found.imported | found.unclear]
        in_task, imported = set[int](), set[int]()
        for row in missing if len(missing) <= DETAIL_LIMIT else ():
            if self._closing or not readable(row.phone):
                break
            try:
                data = self._platform.number(connection, token, row.phone).get("data")
            except Refused:
                continue  # not there
            except PlatformError:
                break  # a reason is a kindness; the next numbers would fare no better
            if isinstance(data, dict) and data:
                mark = data.get("extra")
                (imported if row.token and mark == row.token else in_task).add(row.row)
        return replace(found, imported=found.imported | imported, in_task=frozenset(in_task))

    # --- withdrawals ---------------------------------------------------------------------------------------

    def _withdraw_next(self) -> bool:
        for wish in self._store.withdrawals.asked():
            if self._clock() - wish.asked > WISH_SECONDS:
                self._record(wish, Result(note=WithdrawalNote.EXPIRED))
                return True
            connection, token = self._where(wish.run_id)
            if token is not None:
                with self._store.duty(f"withdraw {wish.batch_id}") as is_mine:
                    if is_mine and wish in self._store.withdrawals.asked():
                        self._carry_out(wish, connection, token)
                        return True
        return False

    def _carry_out(self, wish: AskedWithdrawal, connection: Connection, token: str) -> None:
        result = self._withdrawn(wish, connection, token)
        if (
            not self._closing or result.buckets
        ):  # else nothing was deleted: the wish stands for the next start
            self._record(wish, result)

    def _record(self, wish: AskedWithdrawal, result: Result) -> None:
        """One that was begun before, and never recorded, may have deleted what is not found now."""
        is_doubtful = wish.begun and (result.note or Withdrawal.FAILED in result.buckets.values())
        note = WithdrawalNote.UNCHECKED if is_doubtful else result.note
        self._store.withdrawals.record(wish.batch_id, result.buckets, note)

    def _withdrawn(self, wish: AskedWithdrawal, connection: Connection, token: str) -> Result:
        try:
            rows, suffix = self._store.looks.sent_rows(wish.batch_id)
        except Conflict:
            return Result(note=WithdrawalNote.DATA_DELETED)
        return withdraw(
            self._platform, connection, token, rows, suffix=suffix, go_on=lambda: not self._closing,
            begin=lambda count: self._store.withdrawals.begin(wish.batch_id, count),
        )  # fmt: skip


def _note_of(error: PlatformError) -> ArrivalNote:
    """What a failed GET says. Raises again what is about the token or the pace, not about the batch."""
    if isinstance(error, Unauthorised) and error.code == FailureCode.FORBIDDEN:
        return ArrivalNote.NOT_OFFERED
    if isinstance(error, Throttled | Unauthorised):
        raise error
    if isinstance(error, Refused):
        return ArrivalNote.NOT_OFFERED
    if isinstance(error, NotSent) or error.code == FailureCode.LOOKUP_NO_ANSWER:
        return ArrivalNote.NO_ANSWER
    return ArrivalNote.UNREADABLE


def _list_of(fetched: Any) -> ImportResult:
    """A fetched list; `numbers: []` says that nothing got in, an address in it is not followed."""
    found = decode_import_result(fetched)
    return replace(found, is_readable=found.is_readable and not found.addresses)


def _raw(document: Any, token: str) -> str:
    """What came, fit to be kept and shown: numbers masked, tokens and keys gone."""
    return without_keys(raw(json.dumps(document).encode(), token))
