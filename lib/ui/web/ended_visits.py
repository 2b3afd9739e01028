"""What a visit that has ended held is let go by a clock (SEC57): tables, files, downloads and their addresses.

Streamlit keeps a visit for `disconnectedSessionTTL` seconds, for who comes back, but looks for those whose time is up only
when the next one ends: on a quiet server the last ones would stay in memory, and their downloads answer, for days.
"""

import asyncio
import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pyarrow as pa
from streamlit import runtime

from lib.ui import state
from lib.ui.parts import server_facts


@contextmanager
def swept() -> Iterator[None]:
    """Look again and again, in the running event loop: Streamlit's own store of visits is used there and nowhere else."""
    sweeping = asyncio.get_running_loop().create_task(_sweep())
    try:
        yield
    finally:
        sweeping.cancel()


async def _sweep() -> None:
    while True:
        await asyncio.sleep(server_facts.kept_seconds() / server_facts.LOOKS)
        if _end_those_whose_time_is_up():
            gc.collect()  # a visit is a ring of objects, and no run of a page collects (`postScriptGC`)
            _give_back()


def _give_back() -> None:
    """To the system, what was let go: the C library of Linux keeps it by itself, in as many heaps as there were threads."""
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and hasattr(system := ctypes.CDLL(None), "malloc_trim"):
        system.malloc_trim(0)


def _end_those_whose_time_is_up() -> int:
    """How many there were."""
    streamlit = runtime.get_instance()
    visits = streamlit._session_mgr._session_storage._cache.expire()  # type: ignore[attr-defined]
    for _, visit in visits:
        visit.session.shutdown()
        state.forget_ended(visit.session)
    if visits:
        sys.modules["__main__"] = ModuleType(
            "__main__"
        )  # the page drawn last, with all that its names stand for
        streamlit.media_file_mgr.remove_orphaned_files()  # the first time a download is only marked
    return len(visits)
