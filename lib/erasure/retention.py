"""Takes away what has been kept long enough, once at the start of a process and every hour after: beside everything else.

Of several processes on one database one at a time does it; the others come back when it is done.
"""

import logging
import threading

from lib.errors import StoreUnavailable
from lib.store import Store

log = logging.getLogger(__name__)

#: Seconds between two passes, and after one that the database did not allow.
PASS_SECONDS, RETRY_SECONDS = 3_600.0, 60.0


class RetentionWorker:
    """One for a process. `step` makes a pass; `start` runs it on a thread of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._awake, self._closing = threading.Event(), False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin. Idempotent."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="retention", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """The times of keeping were changed, or something ended: look now."""
        self._awake.set()

    def close(self, limit_seconds: float = 10.0) -> None:
        """Begin no other pass, and wait for the one under way. Idempotent."""
        self._closing = True
        self._awake.set()
        if self._thread:
            self._thread.join(limit_seconds)

    def step(self) -> float:
        """One pass; seconds until the next."""
        try:
            with self._store.duty("retention") as is_mine:
                if not is_mine:
                    return RETRY_SECONDS
                found = self._store.erasure.expire()
        except StoreUnavailable as error:
            log.warning("nothing could be deleted that has been kept long enough (%s)", error.code)
            return RETRY_SECONDS
        if found.facts:
            log.info(
                "kept long enough and deleted: %s",
                ", ".join(f"{count} {name}" for name, count in found.facts.items()),
            )
        return PASS_SECONDS

    def _loop(self) -> None:
        while not self._closing:
            self._awake.clear()
            wait = self.step()
            if not self._closing:
                self._awake.wait(wait)
