"""A thread of the process that does what is due, rests, and can be woken."""

import threading


class Worker:
    """`step` does what is due; `start` runs it again and again on a thread of its own. name: the thread's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._awake, self._closing = threading.Event(), False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin. Idempotent."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._awake.set()

    def close(self, limit_seconds: float = 10.0) -> None:
        """Begin nothing more, and wait for what is under way. Idempotent."""
        self._closing = True
        self._awake.set()
        if self._thread:
            self._thread.join(limit_seconds)

    def step(self) -> float:
        """Do what is due; seconds until something else may be."""
        raise NotImplementedError

    def _loop(self) -> None:
        while not self._closing:
            self._awake.clear()
            wait = self.step()
            if not self._closing:  # its waking may have come before the clearing
                self._awake.wait(wait)
