"""Access tokens, in the memory of this process only: never on disk, in a log, in an exception or in a repr."""

import re
import threading
import unicodedata
from enum import StrEnum

from lib.connection import FULL_WIDTH
from lib.errors import ConnectionRefused

#: Characters of a token. Practice tokens are short; a JWT ends far below the upper limit, which fits a request header.
SHORTEST_TOKEN = 6
LONGEST_TOKEN = 8_192

#: RFC 6750, section 2.1 (`b64token`), and the bar that some frameworks put into theirs (`1|abc…`): the platform's form
#: is not documented. Anything else would come back out of the HTTP library inside an error text.
_B64_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/|]+=*", re.ASCII)
_PREFIX = re.compile(r"(authorization\s*:\s*)?(bearer(\s+|$))?", re.IGNORECASE)
_QUOTES = "\"'`“”‘’「」『』"


class TokenMistake(StrEnum):
    """What can be wrong with a pasted token; the sentence is `error.<value>`."""

    EMPTY = "token_empty"
    SHORT = "token_short"
    LONG = "token_long"
    CHARACTERS = "token_characters"


def clean_token(raw: str) -> str:
    """The token out of what was pasted: without "Bearer", quotes, outer spaces, line breaks, invisible or full-width characters.

    Raises ConnectionRefused with a `TokenMistake`; the text itself is in no exception.
    """
    token = _unwrapped(raw)
    mistake = _mistake(token)
    if mistake:
        raise ConnectionRefused(mistake)
    return token


def is_token(text: str) -> bool:
    """Whether this can stand in a request header as it is."""
    return _mistake(text) is None


def _unwrapped(raw: str) -> str:
    spaced = raw.translate(FULL_WIDTH | {ord("\t"): " "}).strip()
    joined = re.sub(r"[\r\n\u2028\u2029\x85]+ *", _line_break, spaced)
    visible = "".join(character for character in joined if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    bare = visible.strip().strip(_QUOTES).strip()
    return bare[_prefix_end(bare) :].strip().strip(_QUOTES).strip()


def _line_break(found: re.Match[str]) -> str:
    """A token wrapped over lines is one token; "Bearer" on its own line stays a word."""
    before = found.string[: found.start()].rstrip().lower()
    return " " if before.endswith(("bearer", "authorization:")) else ""


def _prefix_end(text: str) -> int:
    found = _PREFIX.match(text)
    return found.end() if found else 0


def _mistake(token: str) -> TokenMistake | None:
    if not token:
        return TokenMistake.EMPTY
    if not _B64_TOKEN.fullmatch(token):
        return TokenMistake.CHARACTERS
    if len(token) < SHORTEST_TOKEN:
        return TokenMistake.SHORT
    return TokenMistake.LONG if len(token) > LONGEST_TOKEN else None


class Tokens:
    """Connection id → token. One per process, used by pages and the engine's threads alike."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}

    def set(self, connection_id: str, token: str) -> None:
        """Keep what `clean_token` made of it; raises ConnectionRefused like that."""
        kept = clean_token(token)
        with self._lock:
            self._tokens[connection_id] = kept

    def get(self, connection_id: str) -> str | None:
        with self._lock:
            return self._tokens.get(connection_id)

    def forget(self, connection_id: str) -> None:
        with self._lock:
            self._tokens.pop(connection_id, None)

    def fingerprint(self, connection_id: str) -> str | None:
        """What may be shown: "••••" and the last four characters."""
        token = self.get(connection_id)
        return None if token is None else "••••" + token[-4:]

    def known(self) -> tuple[str, ...]:
        """Every token, for taking them out of log records and nothing else."""
        with self._lock:
            return tuple(self._tokens.values())

    def __repr__(self) -> str:
        return f"<Tokens of {len(self._tokens)} connections>"

    def __reduce__(self) -> tuple[type["Tokens"], tuple[()]]:
        """A copy or a pickle starts empty: tokens do not leave this process."""
        return (Tokens, ())
