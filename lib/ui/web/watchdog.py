"""A server that lives without answering ends itself, so that systemd or the container engine starts it again (SEC43).

Nobody else would notice: the process is there. Its end loses nothing: what was in flight is unknown, and looked up. Only
where an administrator asks for it: a person's own computer may sleep, and nobody starts the app there again.
"""

import asyncio
import faulthandler
import os
from collections.abc import Iterator
from contextlib import contextmanager

#: Seconds without a turn of the loop that answers; without it nobody watches.
VARIABLE = "CONTACT_DESK_WATCHDOG"

#: Turns in that time.
_BEATS = 6


@contextmanager
def watching() -> Iterator[None]:
    """Watch the running event loop. What the process was doing is printed before it ends: places in the code, no values."""
    seconds = float(os.environ.get(VARIABLE) or 0)
    if not seconds:
        yield
        return
    beating = asyncio.get_running_loop().create_task(_beat(seconds))
    try:
        yield
    finally:
        beating.cancel()
        faulthandler.cancel_dump_traceback_later()


async def _beat(seconds: float) -> None:
    while True:
        # a clock of its own, which turns also while one long call holds every Python thread
        faulthandler.dump_traceback_later(seconds, exit=True)
        await asyncio.sleep(seconds / _BEATS)
