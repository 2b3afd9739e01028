"""Keys of widgets, in one place: a key names one thing on screen and never two. Keys are seen by the browser."""

import hashlib
import secrets

_SALT = secrets.token_bytes(16)


def of(*parts: object) -> str:
    """A widget key from the stable names of what it belongs to."""
    return ".".join(str(part) for part in parts)


def digest(text: str) -> str:
    """A text of the sheet as part of a key: the same while the app runs, and nobody can tell the text from it."""
    return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), key=_SALT, digest_size=8).hexdigest()
