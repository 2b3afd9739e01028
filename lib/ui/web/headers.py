"""Headers of every answer of the app: only its own scripts, pictures and connections; never inside a frame or a cache.

The policy was tried with the editor, the uploader, charts and downloads. A script inside the document runs only where it
is Streamlit's own, which the policy names by its hash (SEC55): no text that gets into a page can become one.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from streamlit import file_util

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval' {inline}",
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

_HEADERS = (
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


@cache
def _policy() -> tuple[bytes, bytes]:
    """The header of the policy, with the scripts that stand in Streamlit's document."""
    document = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    scripts = (rest.partition("</script>")[0] for rest in document.split("<script>")[1:])
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    inline = " ".join(f"'sha256-{one}'" for one in hashes)
    return (b"content-security-policy", _POLICY.format(inline=inline).encode())


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
        return [*own, _policy(), *_HEADERS]
    kept = ((name, value) for name, value in own if name.lower() != _CACHE)
    return [*kept, _KEPT_NOWHERE, _policy(), *_HEADERS]
