"""What an administrator sets for a server: in environment variables, or at the top of `.streamlit/secrets.toml`.

`DATABASE_URL` names a PostgreSQL that several processes share; without it everything is in one file in the data folder.
`CONTACT_DESK_INSTALL_KEY` (64 hexadecimal digits) is the key under which numbers are compared. Without it a shared
database keeps a key in itself: easy, but whoever gets hold of the database, or of a backup, can then test whether a
number they know was sent, for as long as its row is kept. All processes of one database need the same key.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.errors import StoreUnavailable
from lib.store.install_key import KEY_BYTES

VARIABLES = DATABASE_VARIABLE, KEY_VARIABLE = "DATABASE_URL", "CONTACT_DESK_INSTALL_KEY"

#: How the address of a PostgreSQL begins (SEC46).
_POSTGRESQL = re.compile(r"postgres(ql(\+\w+)?)?://.", re.ASCII)


@dataclass(frozen=True)
class DatabaseSetting:
    """Where everything is kept. key: None for one beside a file, or in the database itself."""

    where: str | Path = field(repr=False)  # may hold a password
    key: bytes | None = field(default=None, repr=False)

    @property
    def is_shared(self) -> bool:
        """Whether it is a server's, and no file of this process."""
        return isinstance(self.where, str)


def database(file: Path, environment: Mapping[str, str], given: Mapping[str, Any]) -> DatabaseSetting:
    """The database to open: the one named, else this file.

    Raises StoreUnavailable: "server_address", "server_key_form".

    file: in the data folder; nothing is made here
    environment: asked first, for each of VARIABLES
    given: the file of secrets, or what it says under VARIABLES; asked where the environment says nothing
    """
    url = _named(DATABASE_VARIABLE, environment, given)
    if not url:
        return DatabaseSetting(file)
    if not _POSTGRESQL.match(url):  # as a file's name its password would be seen
        raise StoreUnavailable("server_address")
    return DatabaseSetting(url, _key(_named(KEY_VARIABLE, environment, given)))


def _named(name: str, environment: Mapping[str, str], given: Mapping[str, Any]) -> str:
    return (environment.get(name) or str(given.get(name) or "")).strip()


def _key(text: str) -> bytes | None:
    if not text:
        return None
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}", text):
        raise StoreUnavailable("server_key_form")
    return bytes.fromhex(text)


def secrets(files: Iterable[str | Path]) -> Mapping[str, Any]:
    """The administrator's files, the last over the ones before; for a process without pages.

    Raises OSError, and ValueError for a file that is no TOML.
    """
    found: dict[str, Any] = {}
    for path in map(Path, files):
        if path.exists():
            found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found
