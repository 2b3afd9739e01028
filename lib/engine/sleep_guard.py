"""Whether this process has stood still: a computer that slept, a closed lid, a machine that was frozen and thawed.

What was decided before is stale then. Nothing leaves on it until a person says so. A shorter stop needs nothing: a
request over which the machine slept ends at its own limit, and its outcome is unknown.
"""

import threading
import time
from collections.abc import Callable, Sequence

#: Seconds of standing still from which on a person has to say that it may go on.
LONG_STOP_SECONDS = 900.0

Clock = Callable[[], float]


def steady() -> float:
    """Seconds on a clock that nobody sets and that goes on while the computer sleeps, where the system has one.

    Linux: CLOCK_BOOTTIME. macOS: CLOCK_MONOTONIC, unlike Python's own monotonic clock. Windows: the monotonic clock.
    """
    kind = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if kind is None else time.clock_gettime(kind)


class SleepGuard:
    """Told again and again that the process runs. clocks: seconds; the one that says most counts.

    The computer's date is among them because a frozen virtual machine stops every other clock. A date that somebody
    sets forward looks like sleep: that costs one press of a button.
    """

    def __init__(self, clocks: Sequence[Clock] = (steady, time.time)) -> None:
        self._clocks, self._guard = clocks, threading.Lock()
        self._last = [clock() for clock in clocks]

    def mark_awake(self) -> None:
        """The process runs."""
        with self._guard:
            self._last = [clock() for clock in self._clocks]

    def silence(self) -> float:
        """Seconds since it was seen to run."""
        with self._guard:
            return max(clock() - last for clock, last in zip(self._clocks, self._last, strict=True))

    def has_slept(self) -> bool:
        """Whether it stood still for so long that nothing decided before may be acted upon."""
        return self.silence() >= LONG_STOP_SECONDS
