"""The door of the server: what `lib.server.hosts` turns away, and what the self-check refuses, is answered here and goes no further."""

import logging
from typing import Any

from lib import words
from lib.server.hosts import Door, Turned
from lib.server.self_check import CheckCode, refused
from lib.ui.parts import server_facts

_log = logging.getLogger("desk")

#: Answers of the server: not from here, and not now.
_FORBIDDEN, _UNAVAILABLE = 403, 503


class HostGuard:
    """ASGI middleware over pages, files and websockets alike; outside Streamlit, so that nothing of a visit begins."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer in plain words, or pass it on unchanged."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        turned = _turned(scope)
        wrong = [] if turned else refused(server_facts.gather())
        if not turned and not wrong:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: a 403
        else:
            status = _FORBIDDEN if turned else _UNAVAILABLE
            await _answer(
                send,
                status,
                _in_every_language(f"door.{turned}") if turned else _refusal([one.code for one in wrong]),
            )


def is_shut() -> bool:
    """Whether the server may serve nothing as it was started; then the terminal says why, as every page does."""
    wrong = refused(server_facts.gather())
    for line in _refusal([one.code for one in wrong]).splitlines() if wrong else ():
        _log.error("%s", line)
    return bool(wrong)


def _turned(scope: Any) -> Turned | None:
    door = Door(server_facts.public_names(), server_facts.signs_in())
    here = scope.get("server")
    return door.turns_away(
        _values(scope, b"host"),
        _values(scope, b"origin"),
        here[0] if here else None,
        needs_origin=scope["type"] == "websocket",
    )


def _values(scope: Any, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _refusal(codes: list[CheckCode]) -> str:
    """What is wrong with how the server was started, and what to do, in both languages."""
    return _in_every_language("door.refused", *(f"check.{code}.bad" for code in codes))


def _in_every_language(key: str, *points: str) -> str:
    """One sentence and its points, in every language the app speaks."""
    told = (
        "\n".join([words.t(key, lang), *(f"· {words.t(point, lang)}" for point in points)])
        for lang in words.LANGUAGES
    )
    return "\n\n".join(told) + "\n"


async def _answer(send: Any, status: int, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
