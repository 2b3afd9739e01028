"""Whom this server answers: by which name it may be asked, from which page, and over which of this computer's addresses.

A page on the web cannot read what another name serves, unless its own name suddenly points at this computer (DNS
rebinding): then it comes with that name in `Host`. And any page may open a websocket to any name: then it comes with its
own in `Origin`. Streamlit checks names of hosts on websockets only, takes every page of this computer for its own, and
asks a host on the internet for this computer's address before it refuses the others; so all of it is decided here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

#: Names of this computer itself, as a browser writes them.
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Turned(StrEnum):
    """Why a request is turned away; the sentence is `door.<value>`."""

    HOST = "host"
    ORIGIN = "origin"
    AWAY = "away"


@dataclass(frozen=True)
class Door:
    """public: host names an administrator gave this server, lower case, without a port; sign_in: whether people sign in."""

    public: frozenset[str] = frozenset()
    sign_in: bool = False

    def turns_away(
        self, hosts: Sequence[str], origins: Sequence[str], here: str | None, *, needs_origin: bool
    ) -> Turned | None:
        """Why a request must not be answered, None where it may.

        hosts, origins: every value of those headers; there must be one host, and one origin at most
        here: the address of ours the request came in by, None for none; judged only where nobody signs in
        needs_origin: for a websocket; no browser leaves it out there
        """
        if not self.sign_in and here is not None and not is_loopback(here):
            return Turned.AWAY
        if len(hosts) != 1 or not self._is_ours(_asked(f"//{hosts[0]}")):
            return Turned.HOST
        if len(origins) > 1 or (needs_origin and not origins):
            return Turned.ORIGIN
        return (
            None if all(self._is_own_page(_asked(origin), hosts[0]) for origin in origins) else Turned.ORIGIN
        )

    def _is_ours(self, asked: SplitResult | None) -> bool:
        return asked is not None and (_name(asked) in OWN_NAMES or _name(asked) in self.public)

    def _is_own_page(self, page: SplitResult | None, host: str) -> bool:
        """A page of the name and port that is asked; behind a proxy that asks by another name, one of a public name."""
        if page is None or page.scheme not in ("http", "https"):
            return False
        return page.netloc.lower() == host.lower() or _name(page) in self.public


def public_names(given: Iterable[str]) -> frozenset[str]:
    """Host names out of what an administrator set: names or addresses of pages; "*" is none."""
    texts = [text.strip() for text in given]
    names = {_name(urlsplit(text if "://" in text else f"//{text}")) for text in texts}
    return frozenset(name for name in names if name and "*" not in name)


def is_loopback(address: str) -> bool:
    """Whether an address is one of this computer alone; a path is a socket of its file system."""
    try:
        found = ip_address(address)
    except ValueError:
        return address.startswith("/")
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def _asked(text: str) -> SplitResult | None:
    """Scheme, name and port; None for what is more than them, or no name."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - asking is what checks it
    except ValueError:
        return None
    more = parts.username is not None or parts.path or parts.query or parts.fragment
    return None if more or not parts.hostname else parts


def _name(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")
