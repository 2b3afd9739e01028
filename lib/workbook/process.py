"""Processes that parse workbooks and large texts: one for each file, limited, without a token.

A process takes a quarter of a second to load what reading takes, longer than most files take to read. So on Linux one has
loaded it and forks another for each file (`fork_server`): started before the first file where one is expected
(`expect_workbook`), or with it; it never sees a file itself. Elsewhere each file waits for a process of its own: macOS'
libraries do not survive a fork, and Windows has none.
"""

import atexit
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

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
    MEBIBYTE,
    MEGABYTE,
    SETTINGS,
)

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]

#: What Python needs to start on Windows, the limits of reading, and nothing else that a person has set: no token, no proxy.
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", *SETTINGS)

#: One thread each: thread pools reserve address space that counts against the limit, and what forks should have no other.
_ENVIRONMENT = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}

#: What a process said: an Arrow stream, or several.
Said: TypeAlias = bytes | bytearray

#: What a forked process says on its pipe: that there is one, and that its answer is whole.
BEGUN, ENDED = b"b", b"e"

#: Whether a process may fork one for a file.
CAN_FORK = sys.platform == "linux"


def run(data: bytes, sheet: str | None, engine: str, person: str, encoding: str | None = None) -> Said | None:
    """What a process answers about this workbook; None where it died. Raises SheetRefused where it took too long.

    data: the workbook as it was uploaded
    sheet: name of the worksheet, None for the first visible one with rows, of a page for the table with the contacts
    engine: "fast" or "careful"
    person: who waits for it, with one place of those there are (`_ParserPlaces`); "" is one person as well
    encoding: of an old workbook whose texts are bytes, None to find it
    """
    return _answer(data, {"sheet": sheet, "encoding": encoding}, engine, person)


def run_several(
    data: bytes, sheets: Sequence[str], engine: str, person: str, encoding: str | None
) -> Said | None:
    """The same about several of its worksheets, one answer behind the other; its limits hold for all of them together.

    data, engine, person, encoding: as for `run`
    sheets: names of the worksheets; the answers come in this order
    """
    return _answer(data, {"sheets": [*sheets], "encoding": encoding}, engine, person)


def run_text(data: bytes, encoding: str | None, delimiter: str | None, person: str) -> Said | None:
    """The same about a text, by `text.parse_text`.

    data: the text as it was uploaded
    encoding: one of `encoding.ENCODINGS`, None to detect it
    delimiter: "" for none, None to find it
    person: as for `run`
    """
    return _answer(data, {"text": {"encoding": encoding, "delimiter": delimiter}}, "fast", person)


def run_beside(data: bytes, wanted: Mapping[str, Any], person: str) -> Said | None:
    """The same about a workbook that is to have more columns.

    data: the workbook as it was uploaded
    wanted: as for `beside.write_beside`, in what JSON can hold
    person: as for `run`
    """
    return _answer(data, {"beside": wanted}, "fast", person)


def _answer(data: bytes, wanted: dict[str, Any], engine: str, person: str) -> Said | None:
    memory = min(CHILD_MEMORY_MAX_BYTES, CHILD_MEMORY_BASE_BYTES + CHILD_MEMORY_PER_FILE_BYTE * len(data))
    limits = {"memory": memory, "seconds": _cpu_seconds(data), "wall": CHILD_WALL_SECONDS}
    line = json.dumps(wanted | limits | {"engine": engine}).encode() + b"\n"
    try:
        with _places.of(person):
            return _fork_servers.answer(line, data) if CAN_FORK else _Process().answer(line, data)
    except TimeoutError:
        raise SheetRefused("workbook_too_slow", seconds=CHILD_WALL_SECONDS) from None
    except OSError as error:  # the system starts no process now
        log.warning("a file cannot be parsed (%s)", error)
        return None


def _cpu_seconds(data: bytes) -> int:
    """What reading it may take of the processor: of what is packed or locked, more for more of it."""
    more = len(data) // MEGABYTE if data.startswith((ZIP, OLE2), start_of(data)) else 0
    return min(CHILD_CPU_MAX_SECONDS, CHILD_CPU_SECONDS + CHILD_CPU_PER_MEGABYTE * more)


def expect_workbook() -> None:
    """Loads what the next file takes, where that can be done ahead."""
    if CAN_FORK:
        with suppress(OSError):  # where none can be started now, the file itself will find out
            _fork_servers.start()


def expect_nothing() -> None:
    """Ends the process that waits for files, if any; the next file starts another."""
    _fork_servers.end()


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


def _started(program: str, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    """A program of this package, without anything that is nobody's business there."""
    environment = _ENVIRONMENT | {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-s", "-m", f"lib.workbook.{program}", *arguments]
    # what it says may quote cells
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=_ROOT, env=environment, **options)


class _Process:
    """One process, which reads one workbook."""

    def __init__(self) -> None:
        self._popen = _started("child", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def answer(self, wanted: bytes, data: bytes) -> Said | None:
        """All it says, None where it died. Raises TimeoutError."""
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
            raise TimeoutError
        return said if code == 0 else None

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


class _ForkServer:
    """The process that forks one for each file (`fork_server`), and the socket by which it is asked to."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair()
        given = theirs.fileno()
        with theirs:
            try:
                self._popen = _started(
                    "fork_server",
                    str(given),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(given,),
                )
            except OSError:
                self._requests.close()
                raise

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._popen.poll() is None

    def answer(self, wanted: bytes, data: bytes) -> Said | None:
        """All that the process for this file says, None where it died. Raises TimeoutError, ConnectionError where none was made."""
        ends = time.monotonic() + CHILD_WALL_SECONDS
        ours, theirs = socket.socketpair()
        done, to_tell = os.pipe()
        with ours, open(done, "rb") as ending:
            with theirs, open(to_tell, "wb"):
                socket.send_fds(self._requests, [b"1"], [theirs.fileno(), to_tell])
            ours.settimeout(CHILD_WALL_SECONDS)
            with suppress(BrokenPipeError, ConnectionResetError):  # it may end before it has read everything
                ours.sendall(wanted)
                ours.sendall(data)
                ours.shutdown(socket.SHUT_WR)
            said = bytearray()
            with suppress(ConnectionResetError):
                while got := ours.recv(MEBIBYTE):
                    said += got
                    ours.settimeout(max(0.001, ends - time.monotonic()))
            told = ending.read()
        if BEGUN not in told:
            raise ConnectionError("the fork server has ended")
        return said if ENDED in told else None

    def end(self) -> None:
        """Ends it; a process that reads a file goes on to its end."""
        self._requests.close()
        self._popen.kill()
        self._popen.wait()


class _ForkServers:
    """The one there is, and another where it has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: _ForkServer | None = None

    def start(self) -> _ForkServer:
        """The one there is. Raises OSError where none can be started."""
        with self._lock:
            if self._server is None or not self._server.lives:
                self._drop()
                self._server = _ForkServer()
            return self._server

    def answer(self, wanted: bytes, data: bytes) -> Said | None:
        """As `_ForkServer.answer`; where it has ended, another one does it."""
        server = self.start()
        try:
            return server.answer(wanted, data)
        except TimeoutError:
            raise
        except OSError:  # it has ended, as this file or another one has found
            with self._lock:
                if self._server is server:
                    self._drop()
            return self.start().answer(wanted, data)

    def end(self) -> None:
        """See `expect_nothing`."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.end()
        self._server = None


_fork_servers = _ForkServers()
atexit.register(expect_nothing)
