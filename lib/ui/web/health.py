"""Routes for an administrator beside the app: alive, ready, metrics.

They answer this computer alone, and nobody who comes through a proxy on it, unless `CONTACT_DESK_HEALTH` says
"network": then keep them from the public at the proxy. "off" takes them away.
"""

import os
from collections.abc import Callable
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.errors import StoreUnavailable
from lib.server import health
from lib.ui import services

#: Environment variable: "local" (as without it), "network" or "off".
VARIABLE = "CONTACT_DESK_HEALTH"

#: What a proxy adds; whoever comes through one is not this computer.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


def routes() -> list[Route]:
    """For `st.App(routes=…)`."""
    if os.environ.get(VARIABLE, "").lower() == "off":
        return []
    named: dict[str, Callable[[], Response]] = {"alive": _alive, "ready": _ready, "metrics": _metrics}
    return [Route(f"/health/{name}", _guarded(answer), methods=["GET"]) for name, answer in named.items()]


def _guarded(answer: Callable[[], Response]) -> Callable[[Request], Response]:
    def route(
        request: Request,
    ) -> Response:  # not async: Starlette gives it a thread, and the database may take its time
        return answer() if _may_ask(request) else PlainTextResponse("", 404)

    return route


def _may_ask(request: Request) -> bool:
    if os.environ.get(VARIABLE, "").lower() == "network":
        return True
    host = request.client.host if request.client else ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = False
    return is_here and not any(name in request.headers for name in _FORWARDED)


def _alive() -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


def _ready() -> Response:
    """The database can be reached and its schema is right; else its code, which names the sentence the pages show."""
    try:
        is_ready = services.get().store.health.is_ready()
    except StoreUnavailable as error:
        return PlainTextResponse(f"{error.code}\n", 503)
    return PlainTextResponse("ready\n") if is_ready else PlainTextResponse("schema\n", 503)


def _metrics() -> Response:
    try:
        return PlainTextResponse(
            health.metrics(services.get().store.health.counts()), media_type=health.CONTENT_TYPE
        )
    except StoreUnavailable as error:
        return PlainTextResponse(f"# {error.code}\n", 503)
