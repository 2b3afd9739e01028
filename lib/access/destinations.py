"""Where numbers may go, as far as the administrator of a server has restricted it. Pure; without a word all is allowed.

Asked three times: when a connection is saved, when a run is frozen, and when the engine is about to send; and once more
in `lib.platform.api`, just before a request is built, whoever asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lib.errors import DestinationForbidden
from lib.platform.connection import Connection, ConnectionKind

#: Keys of the table `[destinations]`, and the variables that say the same.
VARIABLES = {
    "hosts": "CONTACT_DESK_HOSTS",
    "accounts": "CONTACT_DESK_ACCOUNTS",
    "tasks": "CONTACT_DESK_TASKS",
}

#: Schemes and their ports.
_PORTS = {"https": 443, "http": 80}

#: Up to so many values are offered as a choice; more are typed.
LONGEST_CHOICE = 20


@dataclass(frozen=True)
class Destinations:
    """What may be sent to; None: anything. hosts: addresses as typed into a connection; accounts, tasks: their ids.

    is_readable: False where what the administrator wrote cannot be understood; then nothing is allowed.
    """

    hosts: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    tasks: tuple[str, ...] | None = None
    is_readable: bool = True

    def check(self, connection: Connection) -> None:
        """Raises DestinationForbidden. The practice platform is this computer itself and always allowed.

        A connection whose task is not chosen yet is checked without it.
        """
        if connection.kind == ConnectionKind.PRACTICE:
            return
        for code in self.mistakes(connection.base_url, connection.user_id, connection.task_id).values():
            raise DestinationForbidden(code)

    def mistakes(self, base_url: str, user_id: str, task_id: str) -> dict[str, str]:
        """Field → code of why the administrator does not allow it; what is not filled in yet is not judged, but for the address.

        base_url: address as typed or saved; scheme, host and port of it are compared
        user_id: of the account, in either case of letters; "" where it is not filled in
        task_id: in either case of letters; "" where none is chosen yet
        """
        if not self.is_readable:
            return {"base_url": "destinations_unreadable"}
        wrong = {}
        if self.hosts is not None and _origin(base_url) not in set(map(_origin, self.hosts)) - {None}:
            wrong["base_url"] = "host_forbidden"
        if user_id and self.accounts is not None and user_id.lower() not in self.accounts:
            wrong["user_id"] = "account_forbidden"
        if task_id and not self.allows_task(task_id):
            wrong["task_id"] = "task_forbidden"
        return wrong

    def allows_task(self, task_id: str) -> bool:
        """Whether a list of tasks holds it, where there is one."""
        return self.tasks is None or task_id.lower() in self.tasks

    def choices(self, field: str) -> tuple[str, ...]:
        """What can be chosen for this field of a connection; () where it is typed."""
        allowed = {"base_url": self.hosts, "user_id": self.accounts, "task_id": self.tasks}.get(field)
        return allowed if allowed and len(allowed) <= LONGEST_CHOICE else ()


def destinations(table: Any, environment: Mapping[str, str]) -> Destinations:
    """From the table `[destinations]` of the administrator's file, None for none, and from the environment.

    Keys hosts, accounts, tasks: lists of text; the variables hold the same, with commas. Where both speak, both must allow.
    """
    written = {} if table is None else table
    if not isinstance(written, Mapping) or written.keys() - VARIABLES.keys():
        return Destinations(is_readable=False)
    said: dict[str, tuple[str, ...] | None] = {}
    for name, variable in VARIABLES.items():
        lists = [written[name]] if name in written else []
        if variable in environment:
            lists.append([part for part in environment[variable].split(",") if part.strip()])
        if not all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists):
            return Destinations(is_readable=False)
        said[name] = _common([[_as_compared(name, text) for text in one] for one in lists])
    return Destinations(said["hosts"], said["accounts"], said["tasks"])


def _common(lists: list[list[str]]) -> tuple[str, ...] | None:
    """What is in each of them; None where there is no list."""
    if not lists:
        return None
    return tuple(dict.fromkeys(text for text in lists[0] if all(text in other for other in lists)))


def _as_compared(name: str, text: str) -> str:
    bare = text.strip().lower()
    if name != "hosts":
        return bare
    return (bare if "://" in bare else f"https://{bare}").rstrip("/")


def _origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        parts = urlsplit(address.lower())
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
