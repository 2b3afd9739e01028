"""Headers of every answer of the app: only its own scripts, pictures and connections; never inside a frame or a cache.

The policy was tried with the editor, the uploader, charts and downloads.
"""

from typing import Any

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)

HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)

#: Part of the path of Streamlit's own scripts and fonts; everything else may hold something of a person's.
_SAME_FOR_ALL = "/static/"
_CACHE = b"cache-control"
_KEPT_NOWHERE = (_CACHE, b"no-store")


class SecurityHeaders:
    """ASGI middleware; a plain class, because Starlette's own base class would buffer downloads."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Add the headers to answers over HTTP; everything else passes unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = message | {"headers": _headers(scope["path"], message.get("headers", []))}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _headers(path: str, own: Any) -> list[tuple[bytes, bytes]]:
    if _SAME_FOR_ALL in path:
        return [*own, *HEADERS]
    return [*((name, value) for name, value in own if name.lower() != _CACHE), _KEPT_NOWHERE, *HEADERS]
