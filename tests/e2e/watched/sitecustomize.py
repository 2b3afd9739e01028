"""Loaded by every Python of an app under test (PYTHONPATH): writes down whom it looks up and connects to, as a firewall would.

And which files it opens to write: the system's folder for temporary files stands for one that is opened without a name there.
"""

import os
import sys

#: Names of the files to write to; without them nothing is written.
FILE = os.environ.get("WATCHED_CONNECTIONS")
OPENED = os.environ.get("WATCHED_FILES")

#: Event of Python's own audit → position of the address in its arguments.
_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


def _written_down(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS:
        address = arguments[_EVENTS[event]]
        name = address[0] if isinstance(address, tuple) else address
        _write(FILE, f"{event} {name}\n")


def _opened(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        path = os.fspath(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
        if path not in (FILE, OPENED):
            _write(OPENED, f"{path}\n")


def _write(file: str, line: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(handle, line.encode())
    os.close(handle)


if FILE:
    sys.addaudithook(_written_down)
if OPENED:
    sys.addaudithook(_opened)
