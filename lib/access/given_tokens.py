"""Tokens an administrator gives a server: in environment variables, or in the table `[tokens]` of `.streamlit/secrets.toml`.

A token belongs to an account, so it is named by the account's id (`user_id`), or by one connection's id; "default"
(`CONTACT_DESK_TOKEN`) stands for every account. Anybody who may make a connection could have such a token sent to an
address of their own: so it goes to the platform's own address, to the addresses named in `addresses`
(`CONTACT_DESK_TOKEN_ADDRESSES`, separated by commas), and, where nobody signs in, to this computer; to no other.
And anybody may know another team's account: so where people sign in it is its team's alone, which the file names,
`{ token = "…", team = "north" }`, or several in a list; one without belongs to those without a team.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.errors import ConnectionRefused
from lib.platform.connection import DEFAULT_BASE_URL, Connection, is_loopback
from lib.platform.token import clean_token

#: Environment variable of the default; `_<ID>` behind it names an account or a connection.
TOKEN_VARIABLE = "CONTACT_DESK_TOKEN"
ADDRESSES_VARIABLE = TOKEN_VARIABLE + "_ADDRESSES"

#: The table in the file of secrets, and its keys that are no ids.
TABLE, DEFAULT, ADDRESSES = "tokens", "default", "addresses"


#: The team of those who have none.
_NO_TEAM = frozenset({""})


@dataclass(frozen=True)
class _Given:
    token: str = field(repr=False)
    teams: frozenset[str] = _NO_TEAM


class GivenTokens:
    """What the administrator gave; read once. A text that is no token counts as none: it must not get into a log."""

    def __init__(
        self,
        environment: Mapping[str, str],
        table: Mapping[str, Any] | None = None,
        signs_in: Callable[[], bool] = lambda: False,
    ) -> None:
        """table: `[tokens]` of the file of secrets. signs_in: whether people sign in here, as it is now."""
        self._signs_in = signs_in
        given: dict[str, Any] = dict(_of_environment(environment))
        named = [environment.get(ADDRESSES_VARIABLE, "")]
        for key, value in (table or {}).items():
            if key == ADDRESSES:
                named += [str(one) for one in ([value] if isinstance(value, str) else value)]
            else:
                given.setdefault(_plain(key), value)
        self._tokens = {key: one for key, written in given.items() if (one := _understood(written))}
        self._addresses = {
            one.strip().rstrip("/").lower() for text in named for one in text.split(",") if one.strip()
        }

    def get(self, connection: Connection, team: str = "") -> str | None:
        """The token for this connection of a team, None where it was given none or its address may not have it (SEC53)."""
        address = connection.base_url.lower()
        if is_loopback(address):
            if self._signs_in():  # what listens on the server may be anybody's (SEC50)
                return None
        elif address != DEFAULT_BASE_URL and address not in self._addresses:
            return None
        keys = (_plain(connection.id), _plain(connection.user_id), DEFAULT)
        found = [self._tokens[key] for key in keys if key in self._tokens]
        if self._signs_in():
            found = [one for one in found if team in one.teams]
        return found[0].token if found else None

    def known(self) -> tuple[str, ...]:
        """Every one of them, for taking them out of log records and nothing else."""
        return tuple(one.token for one in self._tokens.values())

    def __repr__(self) -> str:
        return f"<{len(self._tokens)} given tokens>"


def secrets_table(files: Iterable[str | Path]) -> Mapping[str, Any]:
    """The table `[tokens]` of the administrator's files, the last over the ones before; for a process without pages.

    Raises OSError, and ValueError for a file that is no TOML.
    """
    found: dict[str, Any] = {}
    for path in map(Path, files):
        if path.exists():
            table = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE, {})
            found |= table if isinstance(table, dict) else {}
    return found


def _of_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environment.items():
        if name == TOKEN_VARIABLE:
            yield DEFAULT, value
        elif name.startswith(TOKEN_VARIABLE + "_") and name != ADDRESSES_VARIABLE:
            yield _plain(name[len(TOKEN_VARIABLE) + 1 :]), value


def _plain(identity: str) -> str:
    """An id as a variable's name can hold it: small letters, and underscores for what no name may hold."""
    return re.sub("[^a-z0-9]", "_", identity.lower())


def _understood(written: Any) -> _Given | None:
    """What stands behind an id: a token, or a table of one and its team. None for what is neither: it may be anybody's."""
    table = written if isinstance(written, Mapping) else {"token": str(written)}
    teams = table.get("team", "")
    named = [teams] if isinstance(teams, str) else teams
    if (
        table.keys() - {"token", "team"}
        or not isinstance(named, list)
        or not all(isinstance(one, str) for one in named)
    ):
        return None
    try:
        return _Given(clean_token(str(table.get("token", ""))), frozenset(one.strip() for one in named))
    except ConnectionRefused:
        return None
