"""The key of an installation, in a file that only its user can read."""

import os
import secrets
from pathlib import Path

#: Bytes of the install key.
KEY_BYTES = 32


def read_install_key(path: Path) -> bytes | None:
    """The key in this file, None where there is none. Raises OSError."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    return key if len(key) == KEY_BYTES else None


def create_install_key(path: Path) -> bytes:
    """A new key in a file only this user can read, complete or not there at all. Raises OSError."""
    key, draft = secrets.token_bytes(KEY_BYTES), path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(draft, path)
    return key
