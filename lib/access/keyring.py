"""Tokens in the operating system's own keyring: Windows, macOS, Secret Service, KWallet; nothing that only looks like one.

The rule a newcomer would break: the keyring is never the one that a variable or a settings file names. Such a name can
put a token into a plain file, or nowhere (SEC02); so the kinds below are asked in turn, by name, and
what was written is read back and compared.
"""

import hashlib
import importlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import TimeoutError as LateError
from multiprocessing.pool import AsyncResult, ThreadPool
from typing import Any, Protocol, TypeVar

from keyring.errors import KeyringLocked, PasswordDeleteError

from lib.errors import KeyringRefused

log = logging.getLogger(__name__)

#: Name for words (`keyring.<name>`) → module and class. Everything else is refused, plain files and chains included.
REAL = (
    ("windows", "keyring.backends.Windows", "WinVaultKeyring"),
    ("macos", "keyring.backends.macOS", "Keyring"),
    ("secret_service", "keyring.backends.SecretService", "Keyring"),
    ("kwallet", "keyring.backends.kwallet", "DBusKeyring"),
    ("libsecret", "keyring.backends.libsecret", "Keyring"),
)

#: Set it to "off" where no token may be kept: a computer that several people share, or a test.
SWITCH_VARIABLE = "CONTACT_DESK_KEYRING"

#: Characters of one entry: Windows takes 2,560 bytes, two for each character (SEC03).
PIECE = 1_000

#: Entries a token may take: the longest of `lib.platform.token` fits nine.
MOST_PIECES = 16

#: Seconds to wait for the keyring, which may be waiting for a person to unlock it.
SECONDS = 20.0

#: What the entries are called in the keyring, each with the entry and the piece behind it.
_SERVICE, _USER = "contact-desk", "token"

Found = TypeVar("Found")


class KeyringBackend(Protocol):
    """What is needed of a keyring; the interface of the `keyring` package."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a text in place of the one before.

        service: the place of the entry, a different one for each piece of a token
        username: the same word for every entry of ours
        password: a piece of the token, or the summary that says how many there are; PIECE characters at most
        """
        ...

    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True)
class _Summary:
    """What the first entry says about the pieces; no part of the token."""

    pieces: int
    sha256: str


def for_this_system(environment: Mapping[str, str]) -> "Keyring | None":
    """The keyring to keep tokens in; None where there is no real one, or where the variable switches it off."""
    if environment.get(SWITCH_VARIABLE, "").strip().lower() == "off":
        return None
    found = real_keyring()
    return Keyring(*found) if found else None


def real_keyring() -> tuple[str, KeyringBackend] | None:
    """The first real keyring of this computer, with its name for words; None where there is none."""
    for name, module, kind in REAL:
        try:
            made = getattr(importlib.import_module(module), kind)
        except ImportError:  # a module of another system
            continue
        if made.viable:
            return name, made()
    return None


class Keyring:
    """Entry → token, in the keyring of the operating system. Usable from several threads.

    Every method raises KeyringRefused where the keyring is locked, does not answer, or does not keep what it is given;
    no exception and no log line holds any of a token.
    """

    def __init__(self, name: str, backend: KeyringBackend, *, seconds: float = SECONDS) -> None:
        self.name = name
        self._backend, self._seconds = backend, seconds
        self._guard = threading.Lock()
        self._pool: ThreadPool | None = None
        self._late: AsyncResult[Any] | None = None

    def save(self, entry: str, token: str) -> None:
        """Keep the token, in pieces, and read it back."""
        self._ask(lambda: self._save(entry, token))

    def load(self, entry: str) -> str | None:
        """The token, None where there is none or not the whole of it."""
        return self._ask(lambda: self._load(entry))

    def delete(self, entry: str) -> None:
        """Take the token out, and make sure that it is gone."""
        self._ask(lambda: self._delete(entry))

    def close(self) -> None:
        """Stop waiting for the keyring."""
        with self._guard:
            if self._pool:
                self._pool.terminate()
                self._pool = None

    def _ask(self, call: Callable[[], Found]) -> Found:
        """One call at a time, in a thread that may be left behind: a keyring can wait for a person for ever."""
        with self._guard:
            if self._late is not None and not self._late.ready():
                raise KeyringRefused("keyring_waiting")
            self._pool = self._pool or ThreadPool(1)
            self._late = asked = self._pool.apply_async(call)
            try:
                return asked.get(self._seconds)
            except LateError:
                raise KeyringRefused("keyring_waiting") from None
            except KeyringLocked:
                raise KeyringRefused("keyring_locked") from None
            except KeyringRefused:
                raise
            except Exception as error:
                # Each keyring has errors of its own, and what their texts hold is theirs to choose: only the kind is told.
                log.warning("the keyring answered with %s", type(error).__name__)
                raise KeyringRefused("keyring_failed") from None

    def _save(self, entry: str, token: str) -> None:
        pieces = [token[start : start + PIECE] for start in range(0, len(token), PIECE)]
        if len(pieces) > MOST_PIECES:
            raise KeyringRefused("keyring_failed")
        before = self._summary(entry)
        for number, piece in enumerate(pieces, start=1):
            self._backend.set_password(self._place(entry, number), _USER, piece)
        told = json.dumps({"pieces": len(pieces), "sha256": _sha256(token)})
        self._backend.set_password(self._place(entry), _USER, told)
        for number in range(len(pieces) + 1, (before.pieces if before else 0) + 1):
            self._remove(self._place(entry, number))
        if self._load(entry) != token:
            self._delete(entry)
            raise KeyringRefused("keyring_not_kept")

    def _load(self, entry: str) -> str | None:
        summary = self._summary(entry)
        if summary is None:
            return None
        token = "".join(
            self._backend.get_password(self._place(entry, number), _USER) or ""
            for number in range(1, summary.pieces + 1)
        )
        return token if _sha256(token) == summary.sha256 else None

    def _delete(self, entry: str) -> None:
        for place in self._places(entry):
            self._remove(place)
        if any(self._backend.get_password(place, _USER) is not None for place in self._places(entry)):
            raise KeyringRefused("keyring_not_deleted")

    def _summary(self, entry: str) -> _Summary | None:
        """None where there is no entry, or one that is not ours to read."""
        told = self._backend.get_password(self._place(entry), _USER)
        try:
            found = _Summary(**json.loads(told or ""))
        except (ValueError, TypeError):
            return None
        return found if isinstance(found.pieces, int) and 0 < found.pieces <= MOST_PIECES else None

    def _place(self, entry: str, piece: int = 0) -> str:
        return f"{_SERVICE}/{entry}" + (f"/{piece}" if piece else "")

    def _places(self, entry: str) -> Iterator[str]:
        return (self._place(entry, number) for number in range(MOST_PIECES + 1))

    def _remove(self, place: str) -> None:
        with suppress(PasswordDeleteError):  # there was none; that it is gone is looked at afterwards
            self._backend.delete_password(place, _USER)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
