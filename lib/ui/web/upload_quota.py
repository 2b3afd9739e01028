"""Who may upload, and how much (SEC44): visits that came through the door, and what fits into the memory of the server.

Streamlit takes a file from whoever opens a websocket, signed in or not, and keeps it until the visit ends. While it
comes Starlette would put what is longer than a megabyte into the system's folder for temporary files (SEC54).
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.formparsers import MultiPartParser
from starlette.responses import PlainTextResponse
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from lib.ui import gate

#: Bytes of the files that one visit may have on their way and in memory: two of the largest; of all visits together.
VISIT_BYTES, ALL_BYTES = 102 << 20, 510 << 20

MultiPartParser.spool_max_size = ALL_BYTES  # never reached: a file stays in memory, where the quotas count it

#: What stands in the path of an upload before the ids of visit and file.
_UPLOADS = "/_stcore/upload_file/"

_FORBIDDEN, _NO_LENGTH, _TOO_LARGE, _UNAVAILABLE = 403, 411, 413, 503


def _memory() -> Any:
    return runtime.get_instance().uploaded_file_mgr


class UploadQuota:
    """ASGI middleware. admits: whether this visit may upload; it may ask the database. kept: the files in memory."""

    def __init__(
        self,
        app: Any,
        admits: Callable[[str], bool] = gate.may_upload,
        kept: Callable[[], MemoryUploadedFileManager] = _memory,
    ) -> None:
        self._app, self._admits, self._kept = app, admits, kept
        self._coming: Counter[str] = Counter()  # visit → bytes under way

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse an upload before its first byte is read, or let it come; everything else passes unchanged."""
        path = scope["path"] if scope["type"] == "http" else ""
        if _UPLOADS not in path:
            await self._app(scope, receive, send)
            return
        visit, size = path.partition(_UPLOADS)[2].partition("/")[0], _size(scope)
        if not await run_in_threadpool(self._admits, visit):
            await PlainTextResponse("", _FORBIDDEN)(scope, receive, send)
            return
        if status := self._refusal(visit, size):
            await PlainTextResponse("", status)(scope, receive, send)
            return
        assert size is not None
        self._coming[visit] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[visit] -= size
            self._coming += Counter()  # without those of whom nothing is under way

    def _refusal(self, visit: str, size: int | None) -> int:
        """The status with which it is refused, 0 for none. A visit's own oldest files, long read, make room for the next."""
        if size is None:
            return _NO_LENGTH
        coming, kept = self._coming[visit] + size, self._kept()
        if coming > VISIT_BYTES:
            return _TOO_LARGE
        mine = list(kept.file_storage.get(visit, {}).values())
        while mine and coming + sum(len(file.data) for file in mine) > VISIT_BYTES:
            kept.remove_file(visit, mine.pop(0).file_id)
        every = [
            len(file.data) for files in list(kept.file_storage.values()) for file in list(files.values())
        ]
        return _UNAVAILABLE if sum(every) + self._coming.total() + size > ALL_BYTES else 0


def _size(scope: Any) -> int | None:
    """How long it says it is, 0 for a question without a body; None where nobody could tell: no browser leaves it out."""
    said = {name.lower(): value for name, value in scope["headers"]}
    length = said.get(b"content-length", b"" if scope["method"] == "PUT" else b"0")
    return int(length) if length.isdigit() and b"transfer-encoding" not in said else None
