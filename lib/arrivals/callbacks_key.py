"""The part of the callback address that only the administrator and the platform know. Without one nothing is received."""

import os
import re
import secrets
from pathlib import Path

from lib.errors import SettingRefused

#: The setting: the key itself, or MAKE for one that is made here and kept in FILE_NAME in the data folder.
VARIABLE, MAKE = "CONTACT_DESK_CALLBACK_KEY", "make"
FILE_NAME = "callback.key"

#: Characters of a chosen key; how many different ones it has at least.
SHORTEST, LONGEST, LEAST_DIFFERENT = 20, 200, 8

_FORM = re.compile(rf"[A-Za-z0-9_-]{{{SHORTEST},{LONGEST}}}")


def callback_key(setting: str, folder: Path) -> str:
    """The key to expect, "" where callbacks are off. folder: the data folder.

    Raises SettingRefused: "callback_key_weak", "callback_key_file".
    """
    setting = setting.strip()
    if setting.lower() != MAKE:
        return _strong(setting) if setting else ""
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make(path)
        return _strong(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingRefused("callback_key_file", file=FILE_NAME) from error


def _strong(key: str) -> str:
    if not _FORM.fullmatch(key) or len(set(key)) < LEAST_DIFFERENT:
        raise SettingRefused("callback_key_weak", count=SHORTEST)
    return key


def _make(path: Path) -> None:
    """A new key in a file only this user can read, complete or not there at all; one that is there stays."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, secrets.token_urlsafe(32).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(draft, path)
