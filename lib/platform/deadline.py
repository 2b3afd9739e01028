"""A limit on the whole of a call. The HTTP library limits single steps only: an answer dripping in would never end.

Every step of a socket gets the smaller of its own timeout and what is left of the total. httpcore is the layer below
httpx; nothing else of the app imports it.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

#: Bytes written at once; between two pieces the total is looked at.
PIECE = 16_384

#: Monotonic second at which the call of this thread has to be over.
_over_at: ContextVar[float] = ContextVar("over_at", default=float("inf"))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Calls made inside end by a timeout of httpcore after this long, whatever the other side does; of nested limits the nearest.

    Holds for connections made inside, over a pool with a `DeadlineBackend`. Looking a name up is outside our reach.
    """
    before = _over_at.set(min(_over_at.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _over_at.reset(before)


class DeadlineBackend(httpcore.NetworkBackend):
    """Plain sockets whose steps know when the call has to be over."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection whose every step ends when the call's time is over. Raises httpcore.ConnectTimeout where it is over already.

        host, port: of the platform; looking the name up is not limited
        timeout: seconds for connecting, cut to what is left of the call; None for all that is left
        local_address, socket_options: handed on to httpcore's own sockets
        """
        over_at = _over_at.get()
        left = _left(over_at, timeout, httpcore.ConnectTimeout)
        return _Stream(self._sockets.connect_tcp(host, port, left, local_address, socket_options), over_at)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, over_at: float) -> None:
        self._inner = inner
        self._over_at = over_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._over_at, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            left = _left(self._over_at, timeout, httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + PIECE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._over_at, timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._over_at)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(over_at: float, timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    """Seconds this step may take. Zero would mean "do not wait" to a socket, so it is the end."""
    left = over_at - time.monotonic()
    if left <= 0:
        raise late("the call took too long")
    return left if timeout is None else min(left, timeout)
