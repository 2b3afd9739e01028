"""The address beside the pages where the platform may call back; what is done with it is `lib.arrivals.callbacks`.

Nobody is signed in here: the last part of the path is the secret. The answer is the same whatever was sent, so that it
tells nobody which batches there are, and always success, so that the platform has no reason to block the address.
"""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.arrivals.callbacks_document import LONGEST_BODY
from lib.errors import StoreUnavailable
from lib.ui import services

#: Methods that are taken; which one the platform uses is documented nowhere.
METHODS = ("GET", "POST", "PUT", "PATCH")

#: Seconds within which the whole of a callback has to be here.
PATIENCE_SECONDS = 10.0

_ENDINGS = {
    200: ("success", "received"),
    404: ("error", "not found"),
    413: ("error", "too large"),
    503: ("error", "later"),
}


def route() -> Route:
    """The address, for the launcher. Without a key every call of it ends like one with a wrong key."""
    return Route("/callback/{key}", _receive, methods=list(METHODS))


async def _receive(request: Request) -> Response:
    """One callback: the key first, nothing is read before."""
    try:
        callbacks = services.get().callbacks
        if not callbacks.fits(request.path_params["key"]):
            return _answer(404)
        body = await _body(request)
        if body is None:
            callbacks.leave_unread()
            return _answer(413)
        await run_in_threadpool(callbacks.take, request.url.query, body)
    except StoreUnavailable:
        return _answer(503)
    except (ClientDisconnect, TimeoutError):
        return Response(status_code=400)  # nobody is there to read it
    return _answer(200)


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is too long, which is then not read to its end."""
    body = bytearray()
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for piece in request.stream():
            body += piece
            if len(body) + len(request.url.query) > LONGEST_BODY:
                return None
    return bytes(body)


def _answer(status: int) -> Response:
    """In the platform's own envelope, the answer it knows best."""
    ending, message = _ENDINGS[status]
    return JSONResponse({"code": status, "status": ending, "message": message}, status)
