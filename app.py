"""The launcher, started by `streamlit run app.py`. The screens are in `pages/`, everything else in `lib/`.

A launcher and not a script of its own, because a plain script beside a `pages/` folder lets a deep link run a page
without it after every server start.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from lib.ui import callback_route, crash, door, health, services
from lib.ui.headers import SecurityHeaders
from lib.ui.shell import Shell


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """The engine starts with the server and ends with it, not with a visit; not at all where the self-check refuses."""
    if door.is_shut():
        yield
        return
    with services.running():
        yield


app = st.App(
    "lib/ui/router.py",
    lifespan=lifespan,
    middleware=[Middleware(SecurityHeaders), Middleware(door.Guarded), Middleware(Shell)],
    routes=[callback_route.route(), *health.routes()],
    on_script_error=crash.show,
)
