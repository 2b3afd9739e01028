"""How a test waits: for what must come true, with an end so generous that only a fault reaches it.

A machine that is busy with other things makes a test slow, never wrong: no test has a limit of its own below this one.
"""

import time
from collections.abc import Callable
from contextlib import suppress

#: Seconds after which what is waited for will not come any more.
PATIENCE = 60.0

_BETWEEN = 0.01


def until(holds: Callable[[], object], what: str | Callable[[], object] = "it never came to that") -> None:
    """Wait until it holds. what: said where it never does; a function is asked then, and tells what there was instead."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(_BETWEEN)


def by_some_limit(holds: Callable[[float], None]) -> None:
    """A test about a limit of seconds, with longer and longer ones: what a busy machine spoils under a short limit, only a fault spoils under each."""
    for seconds in (0.25, 1.0, 4.0):
        with suppress(AssertionError):
            return holds(seconds)
    return holds(16.0)
