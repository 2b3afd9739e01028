"""Loaded by every Python of an app under test (PYTHONPATH): writes down whom it looks up and connects to, as a firewall would."""

import os
import sys

#: Name of the file to write to; without it nothing is written.
FILE = os.environ.get("WATCHED_CONNECTIONS")

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
        handle = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(handle, f"{event} {name}\n".encode())
        os.close(handle)


if FILE:
    sys.addaudithook(_written_down)
