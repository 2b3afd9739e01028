"""Endings that an HTTP framework does not make: resets, half answers, single bytes, silence.

Each is a Starlette `Response`, so an endpoint returns it like any other; `TransportInScope` hands it the connection.
"""

import asyncio
import contextlib
import os
import socket
import struct
from asyncio import Transport
from collections.abc import Iterable, MutableMapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

#: SO_LINGER switched on with zero seconds: closing sends RST instead of FIN. Windows packs two shorts.
_RESET_ON_CLOSE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)

#: Seconds between looks at a connection that is not being read, where nothing else tells that it went away.
_LOOK_SECONDS = 0.05

_TRANSPORT, _ARRIVED = "transport", "arrived"


class TransportInScope(H11Protocol):
    """uvicorn's protocol that also puts its transport into the request's state, and when the request arrived."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own: TCP has no other
        self.app_state = {**self.app_state, _TRANSPORT: transport}
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.app_state[_ARRIVED] = (
            self.loop.time()
        )  # a request has a copy of this, made when its head is whole
        super().data_received(data)


async def wait_since_arrival(scope: Scope, seconds: float) -> None:
    """Until this long after the request arrived: what it took to look at it, and at others, counts."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(scope["state"][_ARRIVED] + seconds - loop.time())


class Reset(Response):
    """No answer: the connection ends with RST. `read_first`: after one piece of the body has been read."""

    def __init__(self, *, read_first: bool = False) -> None:
        super().__init__()
        self.read_first = read_first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.read_first:
            await receive()
        _reset(scope)
        await _until_gone(receive)


class Raw(Response):
    """Bytes put on the connection as they are, `gap_seconds` apart; then the connection is closed (FIN)."""

    def __init__(self, pieces: Iterable[bytes], *, gap_seconds: float = 0.0) -> None:
        super().__init__()
        self.pieces = pieces
        self.gap_seconds = gap_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = _transport(scope)
        gone = asyncio.create_task(_until_gone(receive))
        for piece in self.pieces:
            if transport.is_closing():
                break
            transport.write(piece)
            if self.gap_seconds:
                await asyncio.wait({gone}, timeout=self.gap_seconds)
        transport.close()
        await gone


class Held(Response):
    """`inner`, after `seconds` of silence; nothing at all when the connection ends first.

    `deaf`: the body of the request is not read meanwhile, so a large one stalls on its way.
    """

    def __init__(self, inner: Response, seconds: float, *, deaf: bool = False) -> None:
        super().__init__()
        self.inner = inner
        self.seconds = seconds
        self.deaf = deaf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.deaf:
            _transport(scope).pause_reading()
        gone = asyncio.create_task(_until_closed(scope) if self.deaf else _until_gone(receive))
        await asyncio.wait({gone}, timeout=self.seconds)
        if gone.done():
            return
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        await self.inner(scope, receive, send)


def _reset(scope: MutableMapping[str, Any]) -> None:
    """End the connection of this request with RST, whatever was written or read so far."""
    transport = _transport(scope)
    connection = transport.get_extra_info("socket")
    if connection is not None and not transport.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def head(status_line: str, headers: dict[str, str]) -> bytes:
    """The head of an HTTP/1.1 answer as bytes, blank line included."""
    lines = [f"HTTP/1.1 {status_line}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii")


def _transport(scope: MutableMapping[str, Any]) -> Transport:
    transport: Transport = scope["state"][_TRANSPORT]
    return transport


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _until_closed(scope: Scope) -> None:
    while not _transport(scope).is_closing():
        await asyncio.sleep(_LOOK_SECONDS)
