"""`python -m lib.engine`: the same sender without pages, on the same database, for a server that only sends.

Tokens come from the environment or the file of secrets (`lib.access.given_tokens`), else from the system's keyring. Where
numbers may go the administrator's file says, as for the app.
"""

import argparse
import signal
import sys
import threading

from lib.access.administration import DEFAULT_FILES
from lib.errors import AppError
from lib.host import administrator_of, assemble
from lib.words import LANGUAGES, t

#: Exit code where the database cannot be used.
REFUSED = 1


def main(arguments: list[str] | None = None) -> int:
    """Send, or stand by, until SIGTERM or SIGINT; the exit code."""
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
    try:
        services = assemble(administrator_of(given.secrets or DEFAULT_FILES), database=given.database)
    except AppError as error:
        sys.stderr.writelines(t(f"error.{error.code}", lang, **error.params) + "\n" for lang in LANGUAGES)
        return REFUSED
    services.start()
    over.wait()
    services.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
