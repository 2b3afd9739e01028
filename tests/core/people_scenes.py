"""The people of the tests: two of one team, one of another, and what a provider says of them."""

from collections.abc import Callable
from typing import Any

from lib.access.people import Person, Role
from lib.access.person_store import PersonStore
from lib.platform.connection import Connection, ConnectionKind, Options
from lib.store import Store

#: Seconds since 1970 at which everybody has just signed in.
NOW = 1_800_000_000.0

ANNA = Person("anna@example.com", Role.OPERATOR, "south", "安娜")
EVE = Person("eve@example.com", Role.OPERATOR, "south")
BO = Person("bo@example.com", Role.VIEWER, "south")
CHEN = Person("chen@example.com", Role.OPERATOR, "north")

REAL = Connection(
    "real", "南区回访", ConnectionKind.REAL, "https://platform.example", "4d99d91c-f5d9-49da-88da-758977cc58a9",
    "b15b7392-a83f-4e0e-9570-31dd2ec8f85c", Options(),
)  # fmt: skip


def anything_goes(connection: Connection) -> None:
    """No destination is forbidden."""


def store_of(
    store: Store, person: Person, permit: Callable[[Connection], None] = anything_goes
) -> PersonStore:
    """The store as this person may use it."""
    return PersonStore(store, lambda: person, permit)


def identity(email: str = "anna@example.com", **claims: Any) -> dict[str, Any]:
    """What a provider says of somebody who has just signed in."""
    told = {
        "is_logged_in": True, "provider": "default", "iss": "https://id.example", "sub": f"subject of {email}",
        "email": email, "email_verified": True, "iat": int(NOW), "name": "Whatever They Typed",
    }  # fmt: skip
    return told | claims
