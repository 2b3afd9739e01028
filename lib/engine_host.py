"""`python -m lib.engine`: the same sender without pages, on the same database, for a server that only sends.

Tokens come from the environment or the file of secrets (`lib.token_settings`), else from the system's keyring. Whoever
starts last sends; the one before gives way. Where numbers may go the administrator's file says, as for the app.
"""

import argparse
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import platformdirs

from lib import log_records
from lib.administration import DEFAULT_FILES, administration
from lib.api import Platform
from lib.arrivals import Arrivals
from lib.connection import Connection, ConnectionKind
from lib.engine import Engine
from lib.practice import PRACTICE, TOKEN, Practice
from lib.reconcile import Reconciler
from lib.retention import Retention
from lib.server_settings import database, secrets
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
        may_practise: Callable[[], bool] = lambda: True,
    ) -> None:
        """files: the administrator's, as `lib.administration` reads them. may_practise: whether practice runs are sent
        from here; several processes have not one platform."""
        self._environment, self._given, self._tokens, self._files = environment, given, tokens, files
        self.practice, self._may_practise = Practice(), may_practise

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
            if not to.base_url and not self._may_practise():
                return to, None
            here = to if to.base_url else replace(to, base_url=self.practice.url())
            return here, self._given.get(here) or TOKEN
        return to, self._given.get(to) or self._tokens.get(to.id)


def main(arguments: list[str] | None = None) -> int:
    """Send until SIGTERM or SIGINT, or until another process takes over; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.engine", description="Send what is waiting, without the pages."
    )
    parser.add_argument(
        "--database", default="", help="file or URL; DATABASE_URL, else the app's own file, where not given"
    )
    parser.add_argument(
        "--secrets", action="append", help="the administrator's file; .streamlit/secrets.toml where not given"
    )
    given = parser.parse_args(arguments)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    files = given.secrets or DEFAULT_FILES
    tokens, given_tokens = Tokens(for_this_system(os.environ)), GivenTokens(os.environ, secrets_table(files))
    log_records.install(lambda: (*tokens.known(), *given_tokens.known()))
    store = _store(given.database, files)
    host = Host(os.environ, given_tokens, tokens, files, lambda: store.keeps(PRACTICE))
    platform = Platform(permit=host.permit)
    engine = Engine(
        store, platform.send, host.destination, reconciler=Reconciler(store, platform, host.destination)
    )
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


def _store(named: str, files: Sequence[str | Path]) -> Store:
    """named: file or URL, "" for the one an administrator has set, else the app's own file."""
    kept = database(_data_folder() / "desk.db", os.environ, secrets(files))
    mark = _data_folder() / "server.mark" if kept.is_shared else None
    return Store(named or kept.where, key=kept.key, second_mark=mark)


def _data_folder() -> Path:
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))
