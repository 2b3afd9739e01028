"""The platform's own text, made fit to be shown and stored: it is untrusted, and may hold numbers or our token."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from lib.contact.privacy import STARS, mask_text

#: Characters kept.
MESSAGE_LIMIT = 500

#: Numbers of the platform's beyond this are nothing that is counted here.
NUMBER_LIMIT = 10**16

#: Characters kept of an answer that is shown as it came.
RAW_LIMIT = 4_000


def flat(message: Any) -> str:
    """One text out of a message that is a text, or an object of field → list of texts."""
    return "; ".join(_pieces(message))


def _pieces(message: Any) -> Iterator[str]:
    """Two levels deep and no further: what is nested deeper is not for people."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, list):
        yield from (piece for piece in message if isinstance(piece, str))
    elif isinstance(message, dict):
        for name, pieces in message.items():
            texts = [pieces] if isinstance(pieces, str) else pieces if isinstance(pieces, list) else []
            yield f"{name}: " + ", ".join(piece for piece in texts if isinstance(piece, str))


#: What opens a list without a token.
_KEY = re.compile(r"(\bkey=)[^&\s\"]+")

_BEARER = re.compile(r"(?i)\bbearer\s+\S+|\beyJ[\w-]+\.[\w-]+(\.[\w-]+)?")


def plain(text: str, secret: str = "") -> str:
    """The platform's text as it may be shown and stored: one line, no controls, no full number, no token, cut at 500."""
    silent = text.replace(secret, STARS) if secret else text
    # Cut generously before the slow part, and exactly after masking: half a number would not be recognised as one.
    spaced = " ".join(silent[: 8 * MESSAGE_LIMIT].split())
    visible = "".join(
        character for character in spaced if unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    masked = mask_text(_BEARER.sub(STARS, visible))
    return masked if len(masked) <= MESSAGE_LIMIT else masked[: MESSAGE_LIMIT - 1] + "…"


def raw(answer: bytes, secret: str = "") -> str:
    """An answer as it came, for a person to pass on: indented where it is JSON, masked like `plain`, cut at 4,000."""
    text = answer.decode("utf-8", "replace")
    try:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = text.strip()
    silent = text.replace(secret, STARS) if secret else text
    visible = "".join(sign for sign in silent[: 2 * RAW_LIMIT] if sign == "\n" or sign.isprintable())
    masked = mask_text(_BEARER.sub(STARS, visible))
    return masked if len(masked) <= RAW_LIMIT else masked[: RAW_LIMIT - 1] + "…"


def without_keys(text: str) -> str:
    """The text without what opens a list at the platform to whoever holds it."""
    return _KEY.sub(rf"\1{STARS}", text)


def whole_number(value: Any) -> int | None:
    """A count or a code of 0 and more, which may come as text. True and False are none, though Python counts them in."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) <= len(str(NUMBER_LIMIT))
    ):
        value = int(value)
    return value if type(value) is int and 0 <= value < NUMBER_LIMIT else None
