"""A worker's thread ends when it is closed, at whatever moment that is."""

import threading

from lib.worker import Worker
from tests.waiting import PATIENCE


class _ClosedWhileItClears(threading.Event):
    """Closes the worker between its look whether to go on and the clearing, which takes the waking away."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker

    def clear(self) -> None:
        self._worker._closing = True
        self.set()
        super().clear()


class _Idle(Worker):
    def step(self) -> float:
        return 10 * PATIENCE


def test_a_waking_that_is_cleared_away_does_not_keep_a_closed_worker() -> None:
    worker = _Idle("idle")
    worker._awake = _ClosedWhileItClears(worker)
    worker.start()
    assert worker._thread is not None
    worker._thread.join(PATIENCE)
    assert not worker._thread.is_alive()


def test_a_worker_that_rests_is_woken_by_closing_it() -> None:
    worker = _Idle("idle")
    worker.start()
    worker.close(PATIENCE)
    assert worker._thread is not None
    assert not worker._thread.is_alive()
