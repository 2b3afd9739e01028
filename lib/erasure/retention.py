"""Takes away what has been kept long enough, once at the start of a process and every hour after: beside everything else.

Of several processes on one database one at a time does it; the others come back when it is done.
"""

import logging

from lib.errors import StoreUnavailable
from lib.store import Store
from lib.worker import Worker

log = logging.getLogger(__name__)

#: Seconds between two passes, and after one that the database did not allow.
PASS_SECONDS, RETRY_SECONDS = 3_600.0, 60.0


class RetentionWorker(Worker):
    """One for a process. `step` makes a pass."""

    def __init__(self, store: Store) -> None:
        super().__init__("retention")
        self._store = store

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
