"""The launcher, started by `streamlit run app.py`. The screens are in `pages/`, everything else in `lib/`.

A launcher and not a script of its own, because a plain script beside a `pages/` folder lets a deep link run a page
without it after every server start.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from lib.ui import crash, services
from lib.ui.web import callback, ended_visits, health, hosts, presses, watchdog
from lib.ui.web.document import Shell
from lib.ui.web.downloads import Downloads
from lib.ui.web.headers import SecurityHeaders
from lib.ui.web.socket_messages import MessageGuard
from lib.ui.web.static_files import KnownFiles
from lib.ui.web.upload_quota import UploadQuota


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """The engine starts with the server and ends with it, not with a visit; not at all where the self-check refuses."""
    if hosts.is_shut():
        yield
        return
    with services.running(), watchdog.watching(), ended_visits.swept(), presses.kept():
        yield


app = st.App(
    "lib/ui/router.py",
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(hosts.HostGuard),
        Middleware(MessageGuard),
        Middleware(UploadQuota),
        Middleware(Downloads),
        Middleware(KnownFiles),
        Middleware(Shell),
    ],
    routes=[callback.route(), *health.routes()],
    on_script_error=crash.show,
)
