"""Processes that parse workbooks and large texts: one for each file, limited, without a token; one may be started ahead of its file.

A process takes a fifth of a second to start, longer than most files take to read. So where a workbook is expected
(`expect_workbook`), one is started before it comes and waits at its input, without a turn of the processor and with 27 MB
of its own. It is a process like every other: its limits are set before it sees the first byte of a file, it reads one
file and ends. When nobody comes it ends by itself.
"""

import atexit
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lib.errors import SheetRefused
from lib.workbook.kind import OLE2, ZIP, start_of
from lib.workbook.limits import (
    CHILD_CPU_MAX_SECONDS,
    CHILD_CPU_PER_MEGABYTE,
    CHILD_CPU_SECONDS,
    CHILD_MEMORY_BASE_BYTES,
    CHILD_MEMORY_MAX_BYTES,
    CHILD_MEMORY_PER_FILE_BYTE,
    CHILD_WALL_SECONDS,
    MAX_CHILDREN,
    MEGABYTE,
    NOBODY_CAME,
    SETTINGS,
)

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]

#: What Python needs to start on Windows, the limits of reading, and nothing else that a person has set: no token, no proxy.
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", *SETTINGS)

#: One thread each: thread pools reserve address space that counts against the limit.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}

#: The engine of a process that is started ahead: nearly every workbook is read by it.
_EXPECTED = "fast"


def run(
    data: bytes, sheet: str | None, engine: str, person: str, encoding: str | None = None
) -> bytes | None:
    """What a process answers about this workbook; None where it died. Raises SheetRefused where it took too long.

    encoding: of an old workbook whose texts are bytes. person: who waits for it, with one place of those there are (`_ParserPlaces`).
    """
    return _answer(data, {"sheet": sheet, "encoding": encoding}, engine, person)


def run_several(
    data: bytes, sheets: Sequence[str], engine: str, person: str, encoding: str | None
) -> bytes | None:
    """The same about several of its worksheets, one answer behind the other; its limits hold for all of them together."""
    return _answer(data, {"sheets": [*sheets], "encoding": encoding}, engine, person)


def run_text(data: bytes, encoding: str | None, delimiter: str | None, person: str) -> bytes | None:
    """The same about a text, by `text.parse_text`."""
    return _answer(data, {"text": {"encoding": encoding, "delimiter": delimiter}}, _EXPECTED, person)


def run_beside(data: bytes, wanted: Mapping[str, Any], person: str) -> bytes | None:
    """The same about a workbook that is to have more columns, by `beside.write_beside`."""
    return _answer(data, {"beside": wanted}, _EXPECTED, person)


def _answer(data: bytes, wanted: dict[str, Any], engine: str, person: str) -> bytes | None:
    memory = min(CHILD_MEMORY_MAX_BYTES, CHILD_MEMORY_BASE_BYTES + CHILD_MEMORY_PER_FILE_BYTE * len(data))
    line = json.dumps(wanted | {"memory": memory, "seconds": _cpu_seconds(data)}).encode() + b"\n"
    try:
        with _places.of(person):
            process = _waiting.taken() if engine == _EXPECTED else None
            answer, code = (process or _Process(engine)).answer(line, data)
            if process and code == NOBODY_CAME:  # its time was up at that very moment
                answer, code = _Process(engine).answer(line, data)
    except OSError as error:  # the system starts no process now
        log.warning("a file cannot be parsed (%s)", error.strerror)
        return None
    finally:
        _waiting.renew()
    return answer if code == 0 else None


def _cpu_seconds(data: bytes) -> int:
    """What reading it may take of the processor: of what is packed or locked, more for more of it."""
    more = len(data) // MEGABYTE if data.startswith((ZIP, OLE2), start_of(data)) else 0
    return min(CHILD_CPU_MAX_SECONDS, CHILD_CPU_SECONDS + CHILD_CPU_PER_MEGABYTE * more)


def expect_workbook() -> None:
    """Starts a process for the next workbook, unless one waits; from now on the next one is started after each workbook."""
    _waiting.start()


def expect_nothing() -> None:
    """Ends the process that waits, and wants no other."""
    _waiting.end()


class _ParserPlaces:
    """So many processes at a time, of one person one: whoever uploads ten files waits for their own, and nobody else does."""

    def __init__(self, places: int) -> None:
        self._free, self._changed = places, threading.Condition()
        self._busy: set[str] = set()

    @contextmanager
    def of(self, person: str) -> Iterator[None]:
        """Waits for a place, and holds it until the block ends."""
        with self._changed:
            self._changed.wait_for(lambda: person not in self._busy and len(self._busy) < self._free)
            self._busy.add(person)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(person)
                self._changed.notify_all()


_places = _ParserPlaces(MAX_CHILDREN)


class _Process:
    """One process, which reads one workbook."""

    def __init__(self, engine: str) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-s", "-m", "lib.workbook.child", engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may quote cells
            cwd=_ROOT,
            env=_ENVIRONMENT | {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
        )

    @property
    def waits(self) -> bool:
        """Whether it still waits for a file."""
        return self._popen.poll() is None

    def answer(self, wanted: bytes, data: bytes) -> tuple[bytes, int]:
        """All it says, and its exit code. Raises SheetRefused where it took too long."""
        late = threading.Event()
        clock = threading.Timer(CHILD_WALL_SECONDS, self._stop, (late,))
        feeding = threading.Thread(target=self._feed, args=(wanted, data), daemon=True)
        assert self._popen.stdout
        with self._popen:
            clock.start()
            feeding.start()
            try:
                said = self._popen.stdout.read()
                code = self._popen.wait()
            finally:
                clock.cancel()
                self._popen.kill()
                feeding.join()
        if late.is_set():
            raise SheetRefused("workbook_too_slow", seconds=CHILD_WALL_SECONDS)
        return said, code

    def _feed(self, wanted: bytes, data: bytes) -> None:
        assert self._popen.stdin
        with (
            suppress(OSError),
            self._popen.stdin as stdin,
        ):  # it may end before it has read everything: its code says why
            stdin.write(wanted)
            stdin.write(data)

    def _stop(self, late: threading.Event) -> None:
        late.set()
        self._popen.kill()

    def end(self) -> None:
        """Ends it, a file or none."""
        self._popen.kill()
        self._popen.communicate()


class _Waiting:
    """The process that waits for the next workbook, if any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._wanted = False

    def start(self) -> None:
        """See `expect_workbook`."""
        with self._lock:
            self._wanted = True
            if self._process is None or not self._process.waits:
                self._drop()
                with suppress(OSError):  # where none can be started now, the workbook itself will find out
                    self._process = _Process(_EXPECTED)

    def renew(self) -> None:
        """Starts the next one, where one was ever wanted."""
        if self._wanted:
            self.start()

    def taken(self) -> _Process | None:
        """The process that waits; it belongs to the caller from now on."""
        with self._lock:
            if self._process is None or not self._process.waits:
                return None
            process, self._process = self._process, None
            return process

    def end(self) -> None:
        """See `expect_nothing`."""
        with self._lock:
            self._wanted = False
            self._drop()

    def _drop(self) -> None:
        if self._process:
            self._process.end()
            self._process = None


_waiting = _Waiting()
atexit.register(expect_nothing)
