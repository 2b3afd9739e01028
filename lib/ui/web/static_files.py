"""Streamlit's own scripts and fonts: an address there that names none is not found (SEC48).

Streamlit answers it with the page itself, and caches keep that for a year in the script's place.
"""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.responses import PlainTextResponse
from streamlit import file_util


class KnownFiles:
    """ASGI middleware; everything but such an address passes unchanged."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Not found, or what Streamlit answers."""
        is_unknown = scope["type"] == "http" and _is_unknown(scope["path"])
        await (PlainTextResponse("", 404) if is_unknown else self._app)(scope, receive, send)


def _is_unknown(path: str) -> bool:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    name = path.removeprefix(f"/{base}" if base else "")
    return name.startswith("/static/") and name[1:] not in _names()


@cache
def _names() -> frozenset[str]:
    folder = Path(file_util.get_static_dir())
    return frozenset(
        file.relative_to(folder).as_posix() for file in (folder / "static").rglob("*") if file.is_file()
    )
