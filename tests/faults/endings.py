"""Every way an attempt can end, by name: what the platform takes, and what comes back to the sender.

Answers come from the practice platform's catalogue as bytes and go through `lib.platform.answers`; broken lines are exceptions
of the HTTP library and go through `lib.platform.api.named_error`. So the real classifier is in the loop, and a change of its mind shows.
"""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import httpx
from starlette.responses import Response

from lib.errors import PlatformError
from lib.platform import answers, api
from lib.platform.answers import Receipt
from lib.sandbox.faults import CATALOGUE, Call, FaultScope, Takes
from lib.sandbox.settings import SandboxSettings
from lib.sandbox.wire import Held, Raw, Reset


class Kind(StrEnum):
    """When it ends: before the mark, by an answer, or by a line that breaks after the mark."""

    BEFORE = "before"
    ANSWERED = "answered"
    BROKEN = "broken"


@dataclass(frozen=True)
class Way:
    """One way to end. takes: what of the rows takes effect; told: the rows were taken and the sender is told so."""

    name: str
    kind: Kind
    takes: Takes = Takes.NOTHING
    trouble: Callable[[], Exception] | None = None
    told: bool = False


def _tls(text: str) -> Exception:
    error = httpx.ConnectError(text)
    error.__cause__ = ssl.SSLError(text)
    return error


def _certificate() -> Exception:
    error = httpx.ConnectError("certificate")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    return error


def _no_name() -> Exception:
    error = httpx.ConnectError("name")
    error.__cause__ = socket.gaierror(-2, "unknown")
    return error


_BEFORE: dict[str, Callable[[], Exception]] = {
    "refused_port": lambda: httpx.ConnectError("refused"),
    "no_name": _no_name,
    "connect_timeout": lambda: httpx.ConnectTimeout("slow"),
    "tls": lambda: _tls("handshake"),
    "certificate": _certificate,
    "proxy": lambda: httpx.ProxyError("407"),
    "pool": lambda: httpx.PoolTimeout("busy"),
    "os_before": lambda: OSError("no route"),
}

_BROKEN: dict[str, Callable[[], Exception]] = {
    "read_timeout": lambda: httpx.ReadTimeout("slow"),
    "write_timeout": lambda: httpx.WriteTimeout("slow"),
    "reset": lambda: httpx.ReadError("reset"),
    "write_error": lambda: httpx.WriteError("broken pipe"),
    "no_answer": lambda: httpx.RemoteProtocolError("closed"),
    "os_after": lambda: OSError("gone"),
}

#: Faults of the catalogue that are the same as one here, or need a real socket to mean anything (bad_gzip: see the matrix, N14).
#: And a "no" that is a lie: a schedule may have no list to look in, and then nobody can tell (see the matrix, I8 and A18).
_LEFT_OUT = {
    "401_applied",
    "403_applied",
    "429_applied",
    "6007_applied",
    "422_repeated_applied",
    "bad_gzip",
    "bad_gzip_applied",
    "token_expires",
    "interim",
    "slow",
    "drip",
    "no_read",
    "gzip_bomb",
    "idle_close",
    "hang",
    "hang_applied",
}


def _ways() -> dict[str, Way]:
    ways = [
        Way("well", Kind.ANSWERED, Takes.ALL, told=True),
        Way("twice", Kind.ANSWERED, Takes.TWICE, told=True),
    ]
    ways += [Way(name, Kind.BEFORE, trouble=make) for name, make in _BEFORE.items()]
    for name, make in _BROKEN.items():
        ways += [
            Way(f"{name}/{takes}", Kind.BROKEN, takes, make)
            for takes in (Takes.NOTHING, Takes.ALL, Takes.FIRST, Takes.LATER)
        ]
    for name, fault in CATALOGUE.items():
        if (
            fault.place == FaultScope.POST
            and not fault.telling
            and name not in _LEFT_OUT
            and not _breaks(name)
        ):
            ways.append(Way(name, Kind.ANSWERED, fault.takes))
    return {way.name: way for way in ways}


def _breaks(name: str) -> bool:
    return isinstance(CATALOGUE[name].answer(Call(SandboxSettings(), "x", 1)), Reset | Held | Raw)


@cache
def _bytes_of(name: str) -> tuple[int, dict[str, str], bytes]:
    """What the catalogue answers, with an invented batch number; made once, some are large."""
    response: Response = CATALOGUE[name].answer(
        Call(SandboxSettings(), "00000000-0000-4000-8000-000000000000", 1)
    )
    return response.status_code, dict(response.headers), bytes(response.body)[: answers.ANSWER_LIMIT + 1]


def success(unique_id: str) -> bytes:
    """The documented success."""
    return Call(SandboxSettings(), unique_id, 1).text().encode()


def answered(name: str, unique_id: str, token: str) -> Receipt:
    """The answer of this name as `lib.platform.api.Platform.send` would end. Raises PlatformError."""
    status, headers, body = (200, {}, success(unique_id)) if name in ("well", "twice") else _bytes_of(name)
    outcome = answers.classify(answers.parse(status, headers, body), secret=token)
    if isinstance(outcome, PlatformError):
        raise outcome
    return outcome


def broken(way: Way) -> PlatformError:
    """The named error of a line that broke."""
    assert way.trouble, way.name
    trouble = way.trouble()
    error = api.named_error(trouble, crossed=way.kind == Kind.BROKEN)
    error.__cause__ = trouble
    return error


WAYS: dict[str, Way] = _ways()

#: Answers that refuse the data itself: the same bytes are never posted again.
REFUSALS = frozenset({"400", "404", "405", "413", "415", "422", "422_repeated", "code_422", "markup_message"})
