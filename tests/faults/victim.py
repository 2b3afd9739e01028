"""A real sender that dies for real: `python -m tests.faults.victim DATABASE URL POINT`.

The process sends itself SIGKILL at the named point, the Nth time it passes ("claim:after@2"). "none": it lives until all is
sent, or until somebody else kills it. It prints "sending" before it begins.
"""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import event

from lib.engine import Engine
from lib.platform.answers import Receipt
from lib.platform.api import Platform
from lib.platform.connection import Connection
from lib.run.records import RunRecord
from lib.sandbox.settings import DEFAULT_TOKEN
from lib.store import Store
from lib.store.database import Database
from lib.store.sender import Sender
from tests.waiting import PATIENCE

#: Every point a process can be told to die at. "in" is inside the transaction, "commit" between its last statement and the
#: database's own commit.
POINTS = tuple(
    f"{call}:{moment}"
    for call in ("take_over", "claim", "wire", "finish")
    for moment in ("before", "in", "commit", "after")
) + ("send:before", "send:connected", "send:answered")


class Death:
    """Passes are counted; the one that was asked for is the last."""

    def __init__(self, asked: str) -> None:
        self.point, _, nth = asked.partition("@")
        self.nth, self.passed, self.inside = int(nth or 1), Counter[str](), ""

    def here(self, point: str) -> None:
        """This point is passed now."""
        self.passed[point] += 1
        if point == self.point and self.passed[point] == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # it has been sent; nothing of ours runs any more


class DyingSender(Sender):
    """A sender whose process may die around, inside and at the very end of a transaction."""

    def __init__(self, db: Database, death: Death) -> None:
        super().__init__(db)
        self._death = death
        event.listen(self._db._engine, "after_cursor_execute", self._executed)
        event.listen(self._db._engine, "commit", self._committing)

    def _executed(self, _c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._death.inside and statement.startswith(("UPDATE", "INSERT")):
            self._death.here(f"{self._death.inside}:in")

    def _committing(self, _c: Any) -> None:
        if self._death.inside:
            self._death.here(f"{self._death.inside}:commit")

    def _dying(self, name: str, call: Callable[[], Any]) -> Any:
        self._death.here(f"{name}:before")
        self._death.inside = name
        result = call()
        self._death.inside = ""
        self._death.here(f"{name}:after")
        return result

    def take_over(self, *args: Any, **rest: Any) -> Any:
        return self._dying("take_over", lambda: super(DyingSender, self).take_over(*args, **rest))

    def claim(self, *args: Any, **rest: Any) -> Any:
        return self._dying("claim", lambda: super(DyingSender, self).claim(*args, **rest))

    def wire(self, *args: Any, **rest: Any) -> Any:
        return self._dying("wire", lambda: super(DyingSender, self).wire(*args, **rest))

    def finish(self, *args: Any, **rest: Any) -> Any:
        return self._dying("finish", lambda: super(DyingSender, self).finish(*args, **rest))


def elsewhere(url: str) -> Callable[[RunRecord], tuple[Connection, str]]:
    """Whatever the run says, to the practice platform at this address."""
    return lambda run: (replace(run.connection, base_url=url), DEFAULT_TOKEN)


def main(path: str, url: str, asked: str) -> None:
    """Send all there is, on this thread, one batch after the other."""
    death = Death(asked)
    store = Store(path)
    store.sender = DyingSender(store._db, death)
    with Platform(total_seconds=PATIENCE) as platform:

        def send(connection: Connection, token: str, body: bytes, on_wire: Callable[[], None]) -> Receipt:
            death.here("send:before")

            def mark() -> None:
                death.here("send:connected")
                on_wire()

            receipt = platform.send(connection, token, body, mark)
            death.here("send:answered")
            return receipt

        engine = Engine(store, send, elsewhere(url), concurrency=1, spawn=lambda job: job(), follows=False)
        print("sending", flush=True)
        while store.sender.active_runs():
            engine.step()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
