"""Short changes that come at the same moment, in one transaction: waiting for the disk is what a commit costs, once for all.

Each caller returns only after the commit that holds its change, so what it relies on is as durable as if it had come
alone. Changes are made one after the other: each sees those before it, and none is half made.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lib.errors import AppError, StoreUnavailable

Value = TypeVar("Value")


class _Change(Generic[Value]):
    """What one caller wants done. is_over: it need not wait any longer; is_kept: because it was committed with others."""

    def __init__(self, act: Callable[[Connection], Value]) -> None:
        self.act = act
        self.is_over = self.is_kept = False
        self.value: Any = None
        self.trouble: StoreUnavailable | None = None


class Together:
    """Joins the changes of several threads. write: a transaction of its own, committed at its end."""

    def __init__(self, write: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._write = write
        self._turn = threading.Condition()  # over everything below
        self._waiting: list[_Change[Any]] = []
        self._is_taken = False

    def do(self, act: Callable[[Connection], Value]) -> Value:
        """`act` in a transaction, committed when this returns. Whoever has the turn acts for all who wait for it.

        act: changes the database and nothing else; it may be called once more after all it did was undone. Raises what
        `act` raises, and StoreUnavailable.
        """
        own = _Change(act)
        with self._turn:
            self._waiting.append(own)
            self._turn.wait_for(lambda: own.is_over or not self._is_taken)
            has_turn = not own.is_over
            if has_turn:
                several, self._waiting, self._is_taken = self._waiting, [], True
        if has_turn:
            try:
                if several == [own]:
                    return self._alone(act)
                self._jointly(several)
            finally:
                self._end_turn(several)
        if own.trouble:
            raise StoreUnavailable(own.trouble.code, **own.trouble.params) from own.trouble
        return own.value if own.is_kept else self._alone(act)

    def _alone(self, act: Callable[[Connection], Value]) -> Value:
        with self._write() as connection:
            return act(connection)

    def _jointly(self, several: list[_Change[Any]]) -> None:
        """All of it, or nothing where one of them cannot be done: then each tries alone, and only that one fails."""
        try:
            with self._write() as connection:
                values = [one.act(connection) for one in several]
        except StoreUnavailable as trouble:
            for one in several:
                one.trouble = trouble
        except (AppError, IntegrityError):
            return
        else:
            for one, one.value in zip(several, values, strict=True):
                one.is_kept = True

    def _end_turn(self, several: list[_Change[Any]]) -> None:
        with self._turn:
            self._is_taken = False
            for one in several:
                one.is_over = True
            self._turn.notify_all()
