"""`python -m lib.engine`: the same sender without pages, on the same database, for a server that only sends.

Tokens come from the environment or the file of secrets (`lib.token_settings`), else from the system's keyring. Whoever
starts last sends; the one before gives way. Where numbers may go the administrator's file says, as for the app.
"""

import argparse
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import platformdirs

from lib import log_records
from lib.administration import DEFAULT_FILES, administration
from lib.api import Platform
from lib.arrivals import Arrivals
from lib.connection import Connection, ConnectionKind
from lib.engine import Engine
from lib.practice import TOKEN, Practice
from lib.reconcile import Reconciler
from lib.retention import Retention
from lib.store import RunRecord, Store
from lib.token_keyring import for_this_system
from lib.token_settings import GivenTokens, secrets_table
from lib.tokens import Tokens

#: Name of an environment variable.
DATA_FOLDER_VARIABLE = "CONTACT_DESK_DATA"

#: Seconds between looks whether another process has taken over.
WATCH_SECONDS = 1.0

#: Exit code where another process sends now.
GAVE_WAY = 3


class Host:
    """Where runs go, without a page to ask."""

    def __init__(
        self,
        environment: Mapping[str, str],
        given: GivenTokens,
        tokens: Tokens,
        files: Sequence[str | Path] = DEFAULT_FILES,
    ) -> None:
        """files: the administrator's, as `lib.administration` reads them."""
        self._environment, self._given, self._tokens, self._files = environment, given, tokens, files
        self.practice = Practice()

    def permit(self, connection: Connection) -> None:
        """Raises DestinationForbidden where the administrator does not allow sending."""
        administration(self._files, self._environment).destinations.check(connection)

    def destination(self, run: RunRecord) -> tuple[Connection, str | None]:
        """The run's own connection; a practice run without an address gets a practice platform of ours.

        Raises DestinationForbidden.
        """
        to = run.connection
        self.permit(to)
        if to.kind == ConnectionKind.PRACTICE:
            here = to if to.base_url else replace(to, base_url=self.practice.url())
            return here, self._given.get(here) or TOKEN
        return to, self._given.get(to) or self._tokens.get(to.id)


def main(arguments: list[str] | None = None) -> int:
    """Send until SIGTERM or SIGINT, or until another process takes over; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.engine", description="Send what is waiting, without the pages."
    )
    parser.add_argument("--database", default="", help="file or URL; the app's own where not given")
    parser.add_argument("--secrets", action="append", help="the administrator's file; .streamlit/secrets.toml where not given")
    given = parser.parse_args(arguments)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    files = given.secrets or DEFAULT_FILES
    tokens, given_tokens = Tokens(for_this_system(os.environ)), GivenTokens(os.environ, secrets_table(files))
    log_records.install(lambda: (*tokens.known(), *given_tokens.known()))
    host = Host(os.environ, given_tokens, tokens, files)
    platform, store = Platform(permit=host.permit), Store(given.database or _data_folder() / "desk.db")
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
        tokens.close()
        store.close()


def _data_folder() -> Path:
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))
