"""Access tokens, in the system's keyring and the memory of this process: never on disk, in a log, an exception or a repr."""

import hashlib
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from lib.access.keyring import Keyring
from lib.errors import KeyringRefused
from lib.platform.token import clean_token, is_token

Answer = TypeVar("Answer")

#: Seconds for which a keyring that had no token, or did not answer, is not asked again.
ASK_AGAIN_SECONDS = 30.0

#: Characters from which the last four may be shown: of a shorter token they would be too much of it.
SHOWN_FROM = 16


class Home(StrEnum):
    """Where a token is; the sentence is `token.home.<value>`."""

    KEYRING = "keyring"
    MEMORY = "memory"
    SERVER = "server"  # given by the administrator (`lib.access.given_tokens`)


class Tokens:
    """Connection id → token. One per process, used by pages and the engine's threads alike.

    In the operating system's keyring where there is one, and in memory; without one in memory only.
    """

    def __init__(self, keyring: Keyring | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._keyring, self._clock = keyring, clock
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._kept: set[str] = set()
        self._asked: dict[str, float] = {}
        self._error_code = ""

    def set(self, connection_id: str, token: str, *, keep: bool = True) -> None:
        """Use what `clean_token` made of it from now on; raises ConnectionRefused like that.

        Raises KeyringRefused where the keyring did not take it or did not give up the one before: it is in memory then.

        connection_id: whose token it is; the one before is forgotten
        token: as typed or pasted
        keep: also in the keyring, where there is one; False takes out of it the one that this process knows to be there
        """
        clean = clean_token(token)
        with self._lock:
            self._tokens[connection_id] = clean
            was_kept = connection_id in self._kept
            self._kept.discard(connection_id)
            self._asked[connection_id] = self._clock()
        if self._keyring and keep:
            self._ask(lambda keyring: keyring.save(connection_id, clean))
            with self._lock:
                self._kept.add(connection_id)
        elif self._keyring and was_kept:
            self._ask(lambda keyring: keyring.delete(connection_id))

    def get(self, connection_id: str) -> str | None:
        """The token, out of the keyring where it is not in memory yet; None where a person has to type it."""
        with self._lock:
            held = self._tokens.get(connection_id)
            asked = self._asked.get(connection_id)
            if (
                held is not None
                or self._keyring is None
                or (asked is not None and self._clock() < asked + ASK_AGAIN_SECONDS)
            ):
                return held
            self._asked[connection_id] = self._clock()
        try:
            found = self._ask(lambda keyring: keyring.load(connection_id))
        except KeyringRefused:
            return None  # a person types it; `error_code` says what the keyring said
        with self._lock:
            if found and is_token(found) and connection_id not in self._tokens:
                self._tokens[connection_id] = found
                self._kept.add(connection_id)
            return self._tokens.get(connection_id)

    def forget(self, connection_id: str) -> None:
        """Out of memory and out of the keyring. Raises KeyringRefused where the keyring did not give it up."""
        with self._lock:
            self._tokens.pop(connection_id, None)
            self._kept.discard(connection_id)
            self._asked.pop(connection_id, None)
        if self._keyring:
            self._ask(lambda keyring: keyring.delete(connection_id))

    def _ask(self, call: Callable[[Keyring], Answer]) -> Answer:
        assert self._keyring
        try:
            answer = call(self._keyring)
        except KeyringRefused as refused:
            self._error_code = refused.code
            raise
        self._error_code = ""
        return answer

    @property
    def keyring(self) -> str:
        """Name of the keyring for words (`keyring.<name>`), "" where there is none."""
        return self._keyring.name if self._keyring else ""

    @property
    def error_code(self) -> str:
        """What the keyring said last, a code of KeyringRefused; "" for nothing."""
        return self._error_code

    def home(self, connection_id: str) -> Home | None:
        """Where the token of a connection is; None where there is none."""
        if self.get(connection_id) is None:
            return None
        with self._lock:
            return Home.KEYRING if connection_id in self._kept else Home.MEMORY

    def fingerprint(self, connection_id: str) -> str | None:
        """What may be shown: of a long token its last four characters and eight digits of its SHA-256, else only dots."""
        token = self.get(connection_id)
        return None if token is None else fingerprint(token)

    def close(self) -> None:
        """Wait for the keyring no longer."""
        if self._keyring:
            self._keyring.close()

    def known(self) -> tuple[str, ...]:
        """Every token in memory, for taking them out of log records and nothing else."""
        with self._lock:
            return tuple(self._tokens.values())

    def __repr__(self) -> str:
        return f"<Tokens of {len(self._tokens)} connections>"

    def __reduce__(self) -> tuple[type["Tokens"], tuple[()]]:
        """A copy or a pickle starts empty: tokens do not leave this process."""
        return (Tokens, ())


def fingerprint(token: str) -> str:
    """By what a person knows a token again without seeing it (SEC06)."""
    if len(token) < SHOWN_FROM:
        return "••••"
    return f"••••{token[-4:]} · {hashlib.sha256(token.encode()).hexdigest()[:8]}"
