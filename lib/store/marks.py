"""What was sent last, noted beside the database as well: by that a database is known to be older than what it did.

A database that does not know the last attempt that was let onto the wire is older, or another one; how many it has lost
tells which batches may have gone out. A second mark lies in a folder that no backup holds. No phone number, no token.
"""

import hmac
import json
import logging
import os
import platform
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lib.errors import StoreUnavailable
from lib.run.records import Claim
from lib.run.states import Why
from lib.store.database import Database, storage_errors

log = logging.getLogger(__name__)

#: Bytes of a mark. It has its full size from the beginning: writing it later needs no room on the disk.
SIZE = 512

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change the line's end


@dataclass(frozen=True)
class Mark:
    """desk: the database's own id. machine: keyed fingerprint of the computer's name. attempt, started: the latest that was
    sent, 0 for none. wires: how many ever were, in whatever order: of two that connect at once the elder may leave later.
    """

    desk: str
    machine: str
    attempt: int = 0
    started: str = ""
    wires: int = 0


@dataclass(frozen=True)
class Mismatch:
    """A database that is not what it was. why: RESTORED or COPIED. lost: attempts it does not know, None: nobody can tell."""

    why: Why
    lost: int | None = 0


def machine(db: Database) -> str:
    """This computer's fingerprint."""
    return hmac.digest(db.key, b"machine:" + platform.node().encode(), "sha256").hex()[:16]


class Marks:
    """The marks of one database. Thread-safe."""

    def __init__(self, db: Database, also: Path | None = None) -> None:
        self._paths = [path for path in (db.mark, also) if path]
        self._also = also
        self._guard, self._last = threading.Lock(), Mark("", "")

    def read(self) -> list[Mark]:
        """Every mark there is; one that cannot be read is none. Raises StoreUnavailable."""
        with storage_errors():
            return [found for path in self._paths if path.exists() and (found := _read(path.read_bytes()))]

    def begin(self, mark: Mark) -> None:
        """Write the mark of a database that is as it should be. Raises StoreUnavailable."""
        with self._guard:
            self._last = mark
            try:
                self._write()
            except StoreUnavailable:
                if self._also not in self._paths:
                    raise
                # a folder that is not ours may be closed to us: one mark has to do
                self._paths.remove(self._also)
                log.warning("no second mark can be written")
                self._write()

    def note(self, claim: Claim) -> None:
        """This attempt may send its first byte once this returns. Raises StoreUnavailable."""
        with self._guard:
            last, wires = self._last, self._last.wires + 1
            if claim.attempt_id > last.attempt:
                last = replace(last, attempt=claim.attempt_id, started=claim.started)
            self._last = replace(last, wires=wires)
            self._write()

    def _write(self) -> None:
        data = json.dumps(asdict(self._last)).encode().ljust(SIZE - 1) + b"\n"
        with storage_errors():
            for path in self._paths:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                handle = os.open(path, os.O_CREAT | os.O_WRONLY | _BINARY, 0o600)
                try:
                    if os.write(handle, data) != len(data):
                        raise StoreUnavailable("store_full")
                finally:
                    os.close(handle)


def find_mismatch(
    found: list[Mark], desk: str, here: str, known: dict[int, str], wires: int
) -> Mismatch | None:
    """What the marks say against the database; None for nothing.

    found: every mark that can be read; where there is none, that is a mismatch
    desk: the database's own id
    here: this computer's fingerprint (`machine`)
    known: attempt → when it was started, for the attempts the marks name and for the database's last one
    wires: attempts it knows to have been sent
    """
    if not found or any(mark.desk != desk for mark in found):
        return Mismatch(Why.RESTORED, None)
    strange = [mark for mark in found if is_strange(mark, known, wires)]
    if strange:
        lost = max(mark.attempt for mark in strange) - max(known, default=0)
        return Mismatch(Why.RESTORED, lost if lost > 0 else None)
    return Mismatch(Why.COPIED) if any(mark.machine != here for mark in found) else None


def is_strange(mark: Mark, known: dict[int, str], wires: int) -> bool:
    """Whether something was sent of which the database does not know.

    mark: one with the id of this database
    known, wires: as of `find_mismatch`
    """
    return mark.wires > wires or bool(mark.attempt and known.get(mark.attempt) != mark.started)


def _read(data: bytes) -> Mark | None:
    try:
        return Mark(**json.loads(data))
    except (ValueError, TypeError):
        return None
