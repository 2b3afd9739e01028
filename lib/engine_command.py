"""`python -m lib.engine`: the same sender without pages, on the same database, for a server that only sends.

Tokens come from the environment or the file of secrets (`lib.token_settings`), else from the system's keyring. Whoever
starts last sends; the one before gives way. Where numbers may go the administrator's file says, as for the app.
"""

import argparse
import os
import signal
import threading

from lib import log_records
from lib.administration import DEFAULT_FILES
from lib.api import Platform
from lib.arrivals import Arrivals
from lib.engine import Engine
from lib.host import Host, open_store
from lib.practice import PRACTICE
from lib.reconcile import Reconciler
from lib.retention import Retention
from lib.token_keyring import for_this_system
from lib.token_settings import GivenTokens, secrets_table
from lib.tokens import Tokens

#: Seconds between looks whether another process has taken over.
WATCH_SECONDS = 1.0

#: Exit code where another process sends now.
GAVE_WAY = 3


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
    store = open_store(given.database, files)
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
