"""How Streamlit serves, as it is in force: files, environment and command line are already put together there."""

import math
from functools import cache
from typing import Any

import streamlit as st

from lib.server import hosts
from lib.server.self_check import ServerFacts

#: Looks for visits that have ended (`web.ended_visits`), within the time for which one is kept.
LOOKS = 10


def kept_seconds() -> int:
    """For which a visit is kept after its page was closed or lost its line."""
    return int(st.get_option("server.disconnectedSessionTTL"))


def longest_minutes() -> int:
    """After which nothing of a page that was closed is in memory."""
    return math.ceil(kept_seconds() * (1 + 1 / LOOKS) / 60)


def gather() -> ServerFacts:
    """The facts of this moment: Streamlit reads its file anew when it changes."""
    return ServerFacts(
        address=st.get_option("server.address") or "",
        forgery_protection=bool(st.get_option("server.enableXsrfProtection")),
        other_pages_kept_out=bool(st.get_option("server.enableCORS")),
        statistics=bool(st.get_option("browser.gatherUsageStats")),
        error_details=str(st.get_option("client.showErrorDetails")),
        static_files=bool(st.get_option("server.enableStaticServing")),
        agent_api=bool(st.get_option("server.enableAgentApi")),
        developing=bool(st.get_option("global.developmentMode")),
        file_watcher=str(st.get_option("server.fileWatcherType")),
        streamlit=st.__version__,
        allowed_hosts=_allowed_hosts(),
        sign_in=signs_in(),
    )


def public_names() -> frozenset[str]:
    """The host names an administrator gave this server: `server.allowedHosts`, and where people come back after signing in."""
    return _public_names(_allowed_hosts())


@cache
def _public_names(allowed: tuple[str, ...]) -> frozenset[str]:
    return hosts.public_names((*allowed, str(_sign_in().get("redirect_uri", ""))))


def _allowed_hosts() -> tuple[str, ...]:
    return tuple(st.get_option("server.allowedHosts") or ())


@cache
def signs_in() -> bool:
    """Whether people have to sign in: `[auth]` of the secrets, which are read once."""
    return bool(_sign_in())


def _sign_in() -> dict[str, Any]:
    return dict(st.secrets.get("auth", {})) if st.secrets.load_if_toml_exists() else {}
