"""`python -m lib.engine`: the same sender without pages, on the same database, for a server that only sends.

Tokens come from the environment: CONTACT_DESK_TOKEN_<CONNECTION ID>, else CONTACT_DESK_TOKEN. Whoever starts last
sends; the one before gives way.
"""

import argparse
import os
import re
import signal
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import platformdirs

from lib import logs
from lib.api import Platform
from lib.arrivals import Arrivals
from lib.connection import Connection, ConnectionKind
from lib.engine import Engine
from lib.errors import ConnectionRefused
from lib.practice import TOKEN, Practice
from lib.reconcile import Reconciler
from lib.retention import Retention
from lib.store import RunRecord, Store
from lib.tokens import clean_token

#: Names of environment variables.
TOKEN_VARIABLE, DATA_FOLDER_VARIABLE = "CONTACT_DESK_TOKEN", "CONTACT_DESK_DATA"

#: Seconds between looks whether another process has taken over.
WATCH_SECONDS = 1.0

#: Exit code where another process sends now.
GAVE_WAY = 3


def token_of(connection_id: str, environment: Mapping[str, str]) -> str | None:
    """The token of a connection; letters that no variable's name may hold become underscores. None where there is none."""
    own = f"{TOKEN_VARIABLE}_{re.sub('[^A-Z0-9]', '_', connection_id.upper())}"
    given = environment.get(own) or environment.get(TOKEN_VARIABLE)
    if not given:
        return None
    try:
        return clean_token(given)
    except ConnectionRefused:
        return None  # the run waits with "token_missing"; the text must not get into a log


class Host:
    """Where runs go, without a page to ask."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment, self.practice = environment, Practice()

    def destination(self, run: RunRecord) -> tuple[Connection, str | None]:
        """The run's own connection; a practice run without an address gets a practice platform of ours."""
        to = run.connection
        if to.kind != ConnectionKind.PRACTICE:
            return to, token_of(to.id, self._environment)
        here = to if to.base_url else replace(to, base_url=self.practice.url())
        return here, token_of(to.id, self._environment) or TOKEN


def main(arguments: list[str] | None = None) -> int:
    """Send until SIGTERM or SIGINT, or until another process takes over; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.engine", description="Send what is waiting, without the pages."
    )
    parser.add_argument("--database", default="", help="file or URL; the app's own where not given")
    given = parser.parse_args(arguments)
    logs.redact(lambda: [value for name, value in os.environ.items() if name.startswith(TOKEN_VARIABLE) and value])
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    host, platform, store = Host(os.environ), Platform(), Store(given.database or _data_folder() / "desk.db")
    engine = Engine(store, platform.send, host.destination, reconciler=Reconciler(store, platform, host.destination))
    arrivals, retention = Arrivals(store, platform, host.destination), Retention(store)
    engine.start()
    arrivals.start()
    retention.start()
    try:
        while not over.wait(WATCH_SECONDS) and not engine.status.fenced:
            continue
        return GAVE_WAY if engine.status.fenced else 0
    finally:
        retention.close()
        arrivals.close()
        engine.close()
        host.practice.close()
        platform.close()
        store.close()


def _data_folder() -> Path:
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))
