"""What the administrator of a server has written: who may come in, and where numbers may go.

It stands in Streamlit's own `secrets.toml`, whose `[auth]` switches the sign-in on; the tables `[people]`, `[sign_in]`
and `[destinations]` beside it are ours. The file is read here once more, and not through Streamlit: it takes a file that
it cannot read for one that is not there, and a desk whose list of people is broken must stay closed, not open.
"""

import logging
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lib.access.destinations import VARIABLES, Destinations, destinations
from lib.access.people import UNNAMED_PROVIDER, People, people
from lib.platform.connection import is_loopback

log = logging.getLogger(__name__)

#: Characters of the secret that signs the identity in a browser's cookie: whoever guesses it is everybody.
SHORTEST_COOKIE_SECRET = 32

#: Where the provider sends a browser back to; Streamlit's own path.
_CALLBACK = "/oauth2callback"

#: What each provider needs.
_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")

#: Where such a file lies where nothing else is said: the user's, and over it the working folder's.
DEFAULT_FILES = (Path.home() / ".streamlit" / "secrets.toml", Path(".streamlit") / "secrets.toml")

#: Set to "off" to use a desk alone again that was used with sign-in; the administrator's word, not a file that is gone.
SIGN_IN_VARIABLE = "CONTACT_DESK_SIGN_IN"


@dataclass(frozen=True)
class Administration:
    """providers: names to sign in with, () without sign-in. error_code: what keeps everybody out, "" for nothing; params fill it in.

    is_open: the administrator says that a desk that was used with sign-in may be used without.
    """

    providers: tuple[str, ...] = ()
    people: People = field(default_factory=People)
    destinations: Destinations = field(default_factory=Destinations)
    error_code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False

    @property
    def signs_in(self) -> bool:
        """Whether people have to sign in."""
        return bool(self.providers or self.error_code)


def administration(
    files: Sequence[str | Path], environment: Mapping[str, str] = os.environ
) -> Administration:
    """What these files say together, later ones over earlier ones as Streamlit reads them. Cheap where none has changed."""
    marks = tuple((str(path), *_mark(path)) for path in files)
    said = tuple(
        (name, environment[name]) for name in (SIGN_IN_VARIABLE, *VARIABLES.values()) if name in environment
    )
    return _read(marks, said)


def _mark(path: str | Path) -> tuple[int, ...]:
    """Different after every change of the file; () where there is none."""
    try:
        found = os.stat(path)  # asked for dozens of times in one run of a page
    except FileNotFoundError:
        return ()
    except OSError:
        return (-1,)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=8)
def _read(marks: tuple[tuple[Any, ...], ...], said: tuple[tuple[str, str], ...]) -> Administration:
    """Keeps nothing of what is secret in the files."""
    written: dict[str, Any] = {}
    for path, *mark in marks:
        if not mark:
            continue
        try:
            written |= tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Administration(
                destinations=Destinations(is_readable=False), error_code="administration_unreadable"
            )
    environment = dict(said)
    allowed = destinations(written.get("destinations"), environment)
    is_open = environment.get(SIGN_IN_VARIABLE) == "off"
    if "auth" not in written:
        return Administration(destinations=allowed, is_open=is_open)
    auth, listed, sign_in = written["auth"], written.get("people", {}), written.get("sign_in", {})
    if not all(isinstance(table, Mapping) for table in (auth, listed, sign_in)):
        return Administration(destinations=allowed, error_code="administration_unreadable")
    providers = _providers(auth)
    missing = _missing(auth, providers)
    known = people(listed, sign_in)
    if known.mistaken:
        log.warning(
            "lines of [people] or [sign_in] that cannot be understood: %d; nobody comes in by them",
            len(known.mistaken),
        )
    if missing:
        return Administration(providers, known, allowed, "sign_in_incomplete", {"key": missing})
    return Administration(providers, known, allowed)


def _providers(auth: Mapping[str, Any]) -> tuple[str, ...]:
    """The names to sign in with: that of each `[auth.<name>]`, and of `[auth]` itself where it is one."""
    named = tuple(
        name for name, table in auth.items() if isinstance(table, Mapping) and name != "client_kwargs"
    )
    return (UNNAMED_PROVIDER, *named) if "client_id" in auth or not named else named


def _missing(auth: Mapping[str, Any], providers: tuple[str, ...]) -> str:
    """The first key without which, or with which, the sign-in could be got round; "" for none."""
    if len(_text(auth, "cookie_secret")) < SHORTEST_COOKIE_SECRET or "REPLACE" in _text(
        auth, "cookie_secret"
    ):
        return "auth.cookie_secret"
    address = _text(auth, "redirect_uri")
    if not address.endswith(_CALLBACK) or not _is_safe(address):
        return "auth.redirect_uri"
    for provider in providers:
        table, place = (
            (auth, "auth") if provider == UNNAMED_PROVIDER else (auth[provider], f"auth.{provider}")
        )
        for key in _OF_PROVIDER:
            if not _text(table, key) or (key == "server_metadata_url" and not _is_safe(_text(table, key))):
                return f"{place}.{key}"
    return ""


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _is_safe(address: str) -> bool:
    """https, or this computer: a browser's cookie and a provider's answer must not cross a network in the clear."""
    try:
        parts = urlsplit(address.replace("{port}", "8501"))
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(f"http://{parts.netloc}"))
