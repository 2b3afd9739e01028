"""`python -m lib.store copy FILE DATABASE_URL`: what the command line says, for `lib.store.copy`."""

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path

from lib.access.administration import DEFAULT_FILES
from lib.access.settings import database, secrets
from lib.errors import AppError, StoreUnavailable
from lib.store.copy import copy
from lib.store.database import Database, located
from lib.words import LANGUAGES, t


def main(arguments: list[str]) -> int:
    """`copy FILE DATABASE_URL`; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.store", description="Take an SQLite file over to a PostgreSQL."
    )
    parser.add_argument("command", choices=["copy"])
    parser.add_argument(
        "file", type=Path, help="the desk.db of the data folder; its desk must not be running"
    )
    parser.add_argument(
        "url", nargs="?", help="postgresql://user:password@host/database, empty; DATABASE_URL where not given"
    )
    parser.add_argument(
        "--secrets", action="append", help="the administrator's file; .streamlit/secrets.toml where not given"
    )
    given = parser.parse_args(arguments)
    if not given.file.is_file():
        parser.error(f"there is no file {given.file}")
    environment = os.environ | ({"DATABASE_URL": given.url} if given.url else {})
    try:
        to = database(given.file, environment, secrets(given.secrets or DEFAULT_FILES))
        if not to.is_shared or located(to.where).get_backend_name() != "postgresql":
            raise StoreUnavailable("server_address")
        with (
            closing(Database(given.file, has_moved=True)) as source,
            closing(Database(to.where, key=to.key)) as target,
        ):
            moved = copy(source, target)
    except AppError as error:
        sys.stderr.writelines(t(f"error.{error.code}", lang, **error.params) + "\n" for lang in LANGUAGES)
        return 1
    sys.stdout.writelines(f"{one.table:16} {one.rows:12,}  {one.checksum}\n" for one in moved)
    sys.stdout.write(
        f"{sum(one.rows for one in moved):,} rows in {len(moved)} tables are the same in both.\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
