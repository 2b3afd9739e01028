"""Who gets a download (SEC58): the browser whose visit was told its address, while that visit lasts and its person may come in.

Streamlit gives it to whoever knows the address, and also after the person has signed out. So a browser gets a cookie with
the document, and it is remembered to which cookie, over the websocket of which visit, an address was told.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.ui import gate

COOKIE = "desk_browser"

#: Addresses that are remembered; the oldest make room.
MOST = 10_000

#: What the address of a download begins with, behind the path of the app.
_MEDIA = "/media/"

#: Address, cookie and visit, in the order in which they were told.
Told = OrderedDict[tuple[str, str, str], None]


class Downloads:
    """ASGI middleware. admits: whether a visit, by its id, came through the door and may still; it may ask the database."""

    def __init__(self, app: Any, admits: Callable[[str], bool] = gate.is_inside) -> None:
        self._app, self._admits = app, admits
        self._told: Told = OrderedDict()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A download that is somebody else's is not found; a document gets the cookie; everything else passes unchanged."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, _Line(send, self._told, _cookie(scope)).send)
        elif (
            scope["type"] == "http"
            and (address := _address(scope))
            and not await self._is_theirs(address, _cookie(scope))
        ):
            await PlainTextResponse("", 404)(scope, receive, send)
        elif scope["type"] == "http" and not _cookie(scope):
            await self._app(scope, receive, _giving(_new_cookie(scope), send))
        else:
            await self._app(scope, receive, send)

    async def _is_theirs(self, asked: str, mine: str) -> bool:
        visits = [
            visit
            for address, cookie, visit in self._told
            if address == asked and secrets.compare_digest(cookie, mine)
        ]
        for visit in reversed(visits):
            if await run_in_threadpool(self._admits, visit):
                return True
        return False


class _Line:
    """What goes to one browser over its websocket: looked through for addresses of downloads, and sent on unchanged."""

    def __init__(self, send: Any, told: Told, cookie: str) -> None:
        self._send, self._told, self._cookie, self._visit = send, told, cookie, ""

    async def send(self, message: Any) -> None:
        frame = message.get("bytes") or b""
        if self._cookie and frame and (not self._visit or _MEDIA.encode() in frame):
            self._look(ForwardMsg.FromString(frame))
        await self._send(message)

    def _look(self, message: ForwardMsg) -> None:
        self._visit = message.new_session.initialize.session_id or self._visit
        on_demand = message.backend_operation_response.deferred_file.url
        if address := on_demand or message.delta.new_element.download_button.url:
            told = (address, self._cookie, self._visit)
            self._told[told] = None
            self._told.move_to_end(told)
            while len(self._told) > MOST:
                self._told.popitem(last=False)


def _address(scope: Any) -> str:
    """As a visit is told it, "" where it is none of a download."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path: str = scope["path"].removeprefix(f"/{base}" if base else "")
    return path if path.startswith(_MEDIA) else ""


def _cookie(scope: Any) -> str:
    """The one of this browser, "" where it has none."""
    held = HTTPConnection(scope).cookies.get(COOKIE, "")
    return held if held.isascii() else ""


def _new_cookie(scope: Any) -> tuple[bytes, bytes]:
    """No script reads it; it comes along from links elsewhere, or each of them would take the downloads of other tabs away."""
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    line = f"{COOKIE}={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Lax{secure}"
    return (b"set-cookie", line.encode())


def _giving(cookie: tuple[bytes, bytes], send: Any) -> Any:
    """Sends on, with the cookie where it is a document: what a page loads beside it would bring others of its own."""

    async def send_with_cookie(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            kinds = (value for name, value in headers if name.lower() == b"content-type")
            if any(kind.startswith(b"text/html") for kind in kinds):
                message = message | {"headers": [*headers, cookie]}
        await send(message)

    return send_with_cookie
