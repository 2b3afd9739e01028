"""Takes the platform's callbacks: a hint that a batch is worth asking about at once, and nothing more.

Off unless an administrator sets a key. What a callback says is kept, masked, and believed in nothing: what became of a
batch is asked of the platform, as always (`lib.arrivals`).
"""

import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from lib.arrivals.callbacks_document import read
from lib.errors import SettingRefused, StoreUnavailable
from lib.run.callbacks import CallbackTotals
from lib.store import Store

#: Callbacks read at a rush, and per second in the long run: sending has the database first. What comes beyond is counted;
#: nothing is lost by it, because every batch is asked about anyway.
RUSH, PER_SECOND = 60, 5.0


class CallbackReceiver:
    """One for a database; usable from several threads. clock: seconds that only grow.

    key: the part of the address that is known to the platform only, "" for off. error: what keeps it off though it was
    to be on. wake: has the batches that were named looked up.
    """

    def __init__(
        self,
        store: Store,
        wake: Callable[[], None],
        key: str,
        *,
        error: SettingRefused | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._wake, self._key, self._clock = store, wake, key.encode(), clock
        self.error = error
        self._lock, self._unread = threading.Lock(), 0
        self._left, self._counted_at = float(RUSH), clock()

    @property
    def is_on(self) -> bool:
        """Whether callbacks are received."""
        return bool(self._key)

    def fits(self, key: str) -> bool:
        """Whether this is the key; takes the same time for every wrong one of its length."""
        return hmac.compare_digest(self._key, key.encode("utf-8", "replace")) and self.is_on

    def take(self, query: str, body: bytes) -> None:
        """Read and keep one, and have the batches it names looked up. Raises StoreUnavailable."""
        note = read(query, body)
        if note is None:
            return  # somebody tried the address
        if not self._has_room():
            self.leave_unread()
            return
        with self._lock:
            unread, self._unread = self._unread, 0
        try:
            is_ours = self._store.callback_inbox.record(note, unread)
        except StoreUnavailable:
            with self._lock:
                self._unread += unread
            raise
        if is_ours:
            self._wake()

    def leave_unread(self) -> None:
        """Count one that is too large to be read, or one too many."""
        with self._lock:
            self._unread += 1

    def totals(self) -> CallbackTotals:
        """How many came, those included that were only counted. Raises StoreUnavailable."""
        known = self._store.callbacks.totals()
        return replace(known, received=known.received + self._unread, unread=known.unread + self._unread)

    def _has_room(self) -> bool:
        with self._lock:
            now = self._clock()
            self._left = min(float(RUSH), self._left + (now - self._counted_at) * PER_SECOND)
            self._counted_at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
