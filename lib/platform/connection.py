"""Where to send: one account and one task on one address. No token lives here (`lib.access.tokens` holds it).

Whatever builds a URL from a Connection asks `mistakes` first: an id that is not a UUID can turn the path of a request
that carries a token into another path.
"""

import re
import unicodedata
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from lib.errors import ConnectionRefused

#: Host of nearly all samples of the manual.
DEFAULT_BASE_URL = "https://ai.api.longlonglong.cn"

#: Ids of the API page's own samples, so that those samples run against the practice platform.
PRACTICE_USER_ID = "4d99d91c-f5d9-49da-88da-758977cc58a9"
PRACTICE_TASK_ID = "b15b7392-a83f-4e0e-9570-31dd2ec8f85c"

#: The guided tour's own connection and task: what it sends is told apart from everything else by them.
TOUR_ID = "tour"
TOUR_TASK_ID = "7c1d0f8e-3b52-4a86-9e47-d5a90c63f218"

#: Characters of a connection's name; ours, for the screen.
NAME_LIMIT = 60

#: Characters of an address; ours. A DNS name ends at 253.
ADDRESS_LIMIT = 300

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)

#: Full-width ASCII as Chinese input methods type it, to the plain characters.
FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}


class ConnectionKind(StrEnum):
    """Whether people can be called by what is sent."""

    PRACTICE = "practice"
    REAL = "real"


class Mistake(StrEnum):
    """What can be wrong with a typed destination; the sentence is `error.<value>`."""

    NAME_MISSING = "connection_name_missing"
    NAME_LONG = "connection_name_long"
    ADDRESS_MISSING = "address_missing"
    ADDRESS_INVALID = "address_invalid"
    ADDRESS_NOT_HTTPS = "address_not_https"
    ADDRESS_EXTRA = "address_extra"  # a path, a question mark, an account before the host
    USER_ID_MISSING = "user_id_missing"
    USER_ID_INVALID = "user_id_invalid"
    TASK_ID_MISSING = "task_id_missing"
    TASK_ID_INVALID = "task_id_invalid"
    TASK_ID_IS_USER_ID = "task_id_is_user_id"
    SUB_USER_ID_INVALID = "sub_user_id_invalid"


@dataclass(frozen=True)
class Options:
    """Switches of a submission, as the API page names them; all of them go to the top level of the body.

    sub_user_id: UUID of a sub-account, "" for the main account.
    """

    ignore_crm: bool = False
    number_add_suffix: bool = False
    encryption: bool = False
    sub_user_id: str = ""


@dataclass(frozen=True)
class Connection:
    """One destination. base_url has no slash at its end; user_id and task_id are UUIDs."""

    id: str
    name: str
    kind: ConnectionKind
    base_url: str
    user_id: str
    task_id: str
    options: Options = field(default_factory=Options)

    @property
    def task(self) -> str:
        """Where repeats matter: the same task of the same account. The address is left out: practice moves, labels differ."""
        return f"{self.kind.value}:{self.user_id}:{self.task_id}".lower()


def cleaned(name: str, base_url: str, user_id: str, task_id: str, sub_user_id: str = "") -> dict[str, str]:
    """What was typed, without what pasting adds: full-width characters, spaces, invisible characters, a last slash.

    The keys are those of `mistakes`, so that `mistakes(**cleaned(…))` and `create(**cleaned(…))` work.

    name: keeps its full-width characters and one space between words
    base_url: scheme and host become lower case
    user_id, task_id, sub_user_id: without any space; their case stays
    """
    return {
        "name": " ".join(_visible(name).split()),
        "base_url": _lower_origin(compact(base_url)),
        "user_id": compact(user_id),
        "task_id": compact(task_id),
        "sub_user_id": compact(sub_user_id),
    }


def mistakes(name: str, base_url: str, user_id: str, task_id: str, sub_user_id: str = "") -> dict[str, str]:
    """Field → code of what is wrong with it (`Mistake`), empty when it is a destination. Cleans first.

    name: some text, at most `NAME_LIMIT` characters
    base_url: https, a host and perhaps a port; http only where it stays on this computer
    user_id, task_id: UUIDs, both needed, and two different ones
    sub_user_id: a UUID, "" for the main account
    """
    typed = cleaned(name, base_url, user_id, task_id, sub_user_id)
    found = {
        "name": _name_mistake(typed["name"]),
        "base_url": _address_mistake(typed["base_url"]),
        "user_id": _id_mistake(typed["user_id"], Mistake.USER_ID_MISSING, Mistake.USER_ID_INVALID),
        "task_id": _id_mistake(typed["task_id"], Mistake.TASK_ID_MISSING, Mistake.TASK_ID_INVALID),
        "sub_user_id": _id_mistake(typed["sub_user_id"], None, Mistake.SUB_USER_ID_INVALID),
    }
    if not found["task_id"] and typed["task_id"].lower() == typed["user_id"].lower():
        found["task_id"] = Mistake.TASK_ID_IS_USER_ID
    return {key: str(code) for key, code in found.items() if code}


def create(
    name: str,
    base_url: str,
    user_id: str,
    task_id: str,
    sub_user_id: str = "",
    *,
    connection_id: str = "",
) -> Connection:
    """A Connection to the real platform from what was typed. Raises ConnectionRefused with the first mistake and its field.

    name, base_url, user_id, task_id: as typed, judged by `mistakes`
    sub_user_id: goes into the options; "" for the main account
    connection_id: of a connection that is typed anew; "" for a fresh one
    """
    typed = cleaned(name, base_url, user_id, task_id, sub_user_id)
    for where, code in mistakes(**typed).items():
        raise ConnectionRefused(code, field=where)
    return Connection(
        id=connection_id or uuid.uuid4().hex,
        name=typed["name"],
        kind=ConnectionKind.REAL,
        base_url=typed["base_url"],
        user_id=typed["user_id"],
        task_id=typed["task_id"],
        options=Options(sub_user_id=typed["sub_user_id"]),
    )


def practice(base_url: str) -> Connection:
    """The practice platform's built-in account and task at this loopback address."""
    return Connection(
        id="practice",
        name="practice",
        kind=ConnectionKind.PRACTICE,
        base_url=base_url.rstrip("/"),
        user_id=PRACTICE_USER_ID,
        task_id=PRACTICE_TASK_ID,
    )


def tour() -> Connection:
    """Where the guided tour sends: practice, on a platform and in a task that nothing else uses."""
    return replace(practice(""), id=TOUR_ID, name=TOUR_ID, task_id=TOUR_TASK_ID)


def is_loopback(base_url: str) -> bool:
    """Whether this address stays on this computer."""
    parts = _split(base_url)
    return parts is not None and _is_loopback_host(parts.hostname or "")


def is_uuid(text: str) -> bool:
    """Whether this is an id as the platform writes them: any case, with hyphens."""
    return _UUID.fullmatch(text) is not None


def _is_loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _visible(text: str) -> str:
    """Line breaks and tabs become spaces; controls and invisible characters go."""
    spaced = re.sub(r"\s", " ", text)
    return "".join(
        character for character in spaced if unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )


def compact(text: str) -> str:
    """A pasted id or address: plain characters for full-width ones, nothing invisible, no spaces."""
    return "".join(_visible(text.translate(FULL_WIDTH)).split())


def _lower_origin(address: str) -> str:
    """Scheme and host do not care about case; a slash at the end says nothing."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.rstrip("/").partition("/")
    return scheme.lower() + mark + host.lower() + slash + path if mark else address


def _name_mistake(name: str) -> Mistake | None:
    if not name:
        return Mistake.NAME_MISSING
    return Mistake.NAME_LONG if len(name) > NAME_LIMIT else None


def _id_mistake(value: str, missing: Mistake | None, invalid: Mistake) -> Mistake | None:
    if not value:
        return missing
    return None if is_uuid(value) else invalid


def _address_mistake(address: str) -> Mistake | None:
    if not address:
        return Mistake.ADDRESS_MISSING
    parts = _split(address)
    if parts is None or parts.scheme not in ("https", "http", ""):
        return Mistake.ADDRESS_INVALID
    if not parts.scheme or (parts.scheme == "http" and not _is_loopback_host(parts.hostname or "")):
        return Mistake.ADDRESS_NOT_HTTPS
    if not parts.hostname or not _is_host(parts.hostname):
        return Mistake.ADDRESS_INVALID
    # The characters themselves are looked for: `urlsplit` cannot tell "https://a?" from "https://a".
    extra = parts.path not in ("", "/") or any(mark in address for mark in "@?#\\")
    return Mistake.ADDRESS_EXTRA if extra else None


def _split(address: str) -> SplitResult | None:
    """None where it is no address at all, or its port is no port."""
    if len(address) > ADDRESS_LIMIT or not address.isascii():
        return None
    if "://" not in address:
        return SplitResult("", address, "", "", "")
    try:
        parts = urlsplit(address)
        return None if parts.port == 0 or parts.netloc.endswith(":") else parts
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    if ":" in host or host.replace(".", "").isdigit():
        return _is_ip(host)
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
