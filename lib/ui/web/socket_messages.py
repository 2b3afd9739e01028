"""Which messages of a browser reach Streamlit (SEC40): those that a page needs, and no others.

Streamlit takes more from whoever opens a websocket than its pages send, before anybody has signed in: to empty every
cache of the process, to install things, to look at the folder's history. Such a message ends here, without a trace.
"""

from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from streamlit.proto.BackMsg_pb2 import BackMsg

#: Kinds of messages that pages send.
NEEDED = frozenset(
    {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
)

#: What a page asks the server for beside a run of its script: a download that is made on demand, rows of a long table.
NEEDED_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})

#: Characters of an id at most: the browser's own have 36.
LONGEST_ID = 200

#: Names of files in one request at most, and characters of a name: systems allow 255, and whoever sends more is told later.
MOST_FILES, LONGEST_NAME = 20, 4_000


class MessageGuard:
    """ASGI middleware over the websockets of visits."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass everything on but messages that no page needs."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return

        async def heard() -> Any:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or is_needed(message.get("bytes")):
                    return message

        await self._app(scope, heard, send)


def is_needed(frame: bytes | None) -> bool:
    """Whether a page may have sent this. What cannot be read is passed on: Streamlit closes the line over it."""
    if not frame:
        return True
    message = BackMsg()
    try:
        message.ParseFromString(frame)
    except DecodeError:
        return True
    kind = message.WhichOneof("type")
    if kind not in NEEDED:
        return False
    if kind == "file_urls_request":
        asked = message.file_urls_request
        names, ids = asked.file_names, (asked.request_id, asked.session_id)
        are_short = all(len(name) <= LONGEST_NAME for name in names) and all(
            len(one) <= LONGEST_ID for one in ids
        )
        return len(names) <= MOST_FILES and are_short
    if kind == "backend_operation_request":
        operation = message.backend_operation_request
        ids = (operation.request_id, operation.session_id)
        wanted = {field.name for field, _ in operation.ListFields()} - {"request_id", "session_id"}
        return wanted <= NEEDED_OPERATIONS and all(len(one) <= LONGEST_ID for one in ids)
    return True
