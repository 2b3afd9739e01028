"""Acceptances the database could not take, in a small file beside it, so that a restart does not lose a batch number.

The file has its full size before it is needed: a full disk is the most likely reason for needing it. One JSON line for
each acceptance, each flushed to the disk; a line that was cut short is no line. No phone number, no token.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from lib.run.records import AttemptResult, Claim
from lib.run.states import Outcome
from lib.store.database import Database, storage_errors

#: Bytes of the file. An entry has about 400.
SIZE = 65_536

_NAMES = ("run_id", "batch_id", "attempt_id", "seq", "rows", "started")
_FACTS = ("unique_id", "http_status", "envelope_code", "message")


def prepare(db: Database) -> None:
    """Give the file its full size. Raises StoreUnavailable."""
    if db.unrecorded is None or (db.unrecorded.exists() and db.unrecorded.stat().st_size >= SIZE):
        return
    with storage_errors():
        _write(db.unrecorded, 0, b"\n" * SIZE)


def keep(db: Database, claim: Claim, result: AttemptResult) -> bool:
    """Keep an acceptance; False where it is none, or there is no room or no disk for it."""
    if db.unrecorded is None or result.outcome != Outcome.ACCEPTED:
        return False
    facts = {name: getattr(claim, name) for name in _NAMES} | {name: asdict(result)[name] for name in _FACTS}
    line = json.dumps(facts).encode() + b"\n"
    try:
        used = len(_content(db.unrecorded))
        if used + len(line) > SIZE:
            return False
        _write(db.unrecorded, used, line)
    except OSError:
        return False  # the platform's list still tells: the batch is found there after a restart
    return True


def kept(db: Database) -> list[tuple[Claim, AttemptResult]]:
    """What is kept, in order. Raises StoreUnavailable."""
    if db.unrecorded is None or not db.unrecorded.exists():
        return []
    with storage_errors():
        lines = _content(db.unrecorded).splitlines()
    return [found for line in lines if (found := _read(line))]


def clear(db: Database) -> None:
    """Forget what is kept: the database has it. Raises StoreUnavailable."""
    if db.unrecorded is None or not db.unrecorded.exists():
        return
    with storage_errors():
        used = len(_content(db.unrecorded))
        if used:
            _write(db.unrecorded, 0, b"\n" * used)


def _read(line: bytes) -> tuple[Claim, AttemptResult] | None:
    try:
        facts = json.loads(line)
        claim = Claim(**{name: facts[name] for name in _NAMES})
        return claim, AttemptResult(Outcome.ACCEPTED, **{name: facts[name] for name in _FACTS})
    except (ValueError, KeyError, TypeError):
        return None


def _content(path: Path) -> bytes:
    content = path.read_bytes() if path.exists() else b""
    is_unused = content == b"\n" * len(content)  # as nearly always: stripping it would be slow
    return b"" if is_unused else content.rstrip(b"\n") + b"\n"


def _write(path: Path, at: int, data: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.lseek(handle, at, os.SEEK_SET)
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    finally:
        os.close(handle)
