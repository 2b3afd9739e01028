"""What a token looks like: which text may stand in a request's header, and how it comes out of what was pasted.

Knows nothing of where tokens are kept (`lib.access.tokens`).
"""

import re
import unicodedata
from enum import StrEnum

from lib.errors import ConnectionRefused
from lib.platform.connection import FULL_WIDTH

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
    visible = "".join(
        character for character in joined if unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
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
