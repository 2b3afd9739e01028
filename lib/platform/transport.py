"""The way out: one HTTP/1.1 connection a call, the mark before its first byte, and what a broken call is called.

The rule a newcomer would break: the class of an exception does not tell whether a request left. Only the wire mark
does: before it nothing has arrived, after it anything may have. Nothing is repeated here.
"""

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from lib.errors import (
    CertificateRefused,
    NotSent,
    OutcomeUnknown,
    PlatformError,
)
from lib.platform.answers import FailureCode
from lib.platform.certificates import context
from lib.platform.deadline import DeadlineBackend

# At INFO these print every URL with its ids and, for a look-up, a phone number.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

#: Seconds per step. Each is also cut to what is left of the total.
TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=10.0)

#: The same for a batch: how long its answer is waited for is the limit of the whole call alone.
BATCH_TIMEOUT = httpx.Timeout(connect=10.0, read=None, write=30.0, pool=10.0)


#: Connections at once: 16 posts, and as many look-ups.
CONNECTIONS = 32


#: httpcore's name for "the first byte of the request is about to leave"; `trace_works` proves it for this version.
WIRE_EVENT = "http11.send_request_headers.started"


#: Nothing about the user, the host or the version of the library.
HEADERS = {
    "User-Agent": "contact-desk",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


#: All that can come out of the HTTP library and the sockets below it. ValueError and RuntimeError: a host name that
#: cannot be encoded, a socket or client closed by `close()` meanwhile.
CALL_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, OSError, ValueError, RuntimeError)


def named_error(error: BaseException, *, crossed: bool) -> PlatformError:
    """The named error for an exception of the HTTP library. crossed: whether the wire mark had been passed."""
    if crossed:
        timed_out = isinstance(error, httpx.TimeoutException)
        return OutcomeUnknown(FailureCode.NO_ANSWER if timed_out else FailureCode.DROPPED)
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return CertificateRefused(FailureCode.CERTIFICATE)
    for kind, code in _BEFORE_WIRE:
        if any(isinstance(cause, kind) for cause in causes):
            return NotSent(code)
    return NotSent(FailureCode.UNREACHABLE)


#: First match wins, over the exception and its causes.
_BEFORE_WIRE: tuple[tuple[type[BaseException], FailureCode], ...] = (
    (httpx.ProxyError, FailureCode.PROXY),
    (httpx.PoolTimeout, FailureCode.CONNECTIONS_BUSY),
    (httpx.TimeoutException, FailureCode.CONNECT_TIMEOUT),
    (httpx.UnsupportedProtocol, FailureCode.DESTINATION_INVALID),
    (httpx.LocalProtocolError, FailureCode.DESTINATION_INVALID),
    (httpx.InvalidURL, FailureCode.DESTINATION_INVALID),
    (UnicodeError, FailureCode.DESTINATION_INVALID),
    (socket.gaierror, FailureCode.NAME_UNKNOWN),
    (ssl.SSLError, FailureCode.TLS_FAILED),
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what it came from; bounded, should somebody tie a loop."""
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


class WireMark:
    """Tells once, and before the first byte, that a request is about to leave."""

    def __init__(self, method: bytes, on_wire: Callable[[], None]) -> None:
        self._method = method
        self._on_wire = on_wire
        self._asked = False
        self.crossed = False

    @property
    def refused(self) -> bool:
        """Whether on_wire raised, so that nothing may leave."""
        return self._asked and not self.crossed

    def trace(self, event: str, info: dict[str, Any]) -> None:
        # The method too: a proxy's CONNECT fires the same event, and with it nothing of ours has left.
        if event == WIRE_EVENT and info["request"].method == self._method:
            self.cross()

    def cross(self) -> None:
        if not self._asked:
            self._asked = True
            self._on_wire()
            self.crossed = True


class _Transport(httpx.HTTPTransport):
    """HTTP/1.1 over a fresh connection per call, no proxy, no repeats, the total time limited."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool.close()
        # The one private name used: httpx has no other door for a network backend. `trace_works` runs through it.
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_connections=CONNECTIONS,
            max_keepalive_connections=0,
            http2=False,
            retries=0,
            network_backend=DeadlineBackend(),
        )


def transport(trust: ssl.SSLContext | None = None) -> httpx.BaseTransport:
    """The way out. trust: certificate authorities to accept; without it those of `lib.platform.certificates`."""
    return _Transport(trust or context())


def client_over(over: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(
        transport=over,
        headers=HEADERS,
        timeout=TIMEOUT,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def trace_works() -> bool:
    """Whether this version of the HTTP library calls the wire mark before the first byte, and stops when it raises.

    Posts to a loopback socket with a mark that raises: had a byte left, the socket would hold it.
    """
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(1.0)
            refused = _stops_at_mark(f"http://127.0.0.1:{server.getsockname()[1]}/")
            peer, _ = server.accept()
            with peer:
                peer.settimeout(1.0)
                return refused and peer.recv(1) == b""
    except OSError:
        return False


class _StopError(Exception):
    """Raised by the self-test's mark."""


def _stops_at_mark(url: str) -> bool:
    def stop() -> None:
        raise _StopError

    mark = WireMark(b"POST", stop)
    try:
        with client_over(transport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))) as client:
            client.post(url, content=b"x", timeout=0.2, extensions={"trace": mark.trace})
    except _StopError:
        return True
    except httpx.HTTPError:
        return False
    return False
