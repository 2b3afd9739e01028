"""What the practice platform keeps over a restart: batches and numbers, in one small file that one process holds at a time.

They are people's numbers, even here: the file is for its user only, what is deleted leaves no byte in it, and what is older than
`KEPT_DAYS` goes by itself (World.expire).
"""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

#: Days a batch is kept.
KEPT_DAYS = 30

_TABLE = "CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, document TEXT NOT NULL)"


class KeptFile:
    """Documents by key, in the order they first came. Raises BusyError where another process holds the file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._file = _held(path)
        except sqlite3.OperationalError as error:
            raise BusyError from error
        except sqlite3.DatabaseError:  # damaged: practice begins anew
            path.unlink()
            self._file = _held(path)

    def load(self) -> list[dict[str, Any]]:
        """Every document."""
        return [
            json.loads(text) for (text,) in self._file.execute("SELECT document FROM entry ORDER BY rowid")
        ]

    def put(self, key: str, document: dict[str, Any]) -> None:
        """Keep this under its key, in place of what was there."""
        text = json.dumps(document, ensure_ascii=False)
        self._file.execute(
            "INSERT INTO entry VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET document = excluded.document",
            (key, text),
        )

    def drop(self, key: str) -> None:
        """Keep it no longer."""
        self._file.execute("DELETE FROM entry WHERE key = ?", (key,))

    def clear(self) -> None:
        """Keep nothing."""
        self._file.execute("DELETE FROM entry")
        self._file.execute("VACUUM")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class BusyError(Exception):
    """Another process holds the file: this one keeps nothing."""


def _held(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # for its user only, from its first moment
    file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        for switch in (
            "locking_mode = EXCLUSIVE",
            "journal_mode = TRUNCATE",
            "synchronous = OFF",
            "secure_delete = ON",
        ):
            file.execute(f"PRAGMA {switch}")
        file.execute("BEGIN EXCLUSIVE")  # held until it is closed, because of the locking mode
        file.execute(_TABLE)
        file.execute("COMMIT")
    except sqlite3.Error:
        file.close()
        raise
    return file
