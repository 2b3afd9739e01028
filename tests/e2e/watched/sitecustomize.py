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


def _holders(sought: str) -> list[str]:
    """Kinds of the objects in this process's memory that hold a text, as itself, in bytes, in a workbook or in a table."""
    import gc
    import io
    import zipfile

    gc.collect()
    tables = sys.modules.get("pandas")
    kinds = (tables.DataFrame, tables.Series) if tables else ()
    found, seen, stack = [], set(), [(None, one) for one in gc.get_objects()]
    while stack:
        holder, one = stack.pop()
        if id(one) in seen or one is sought:
            continue
        if isinstance(one, str | bytes | bytearray):
            data = one.encode(errors="replace") if isinstance(one, str) else bytes(one)
            if data.startswith(b"PK"):
                with zipfile.ZipFile(io.BytesIO(data)) as package:
                    data = b"".join(map(package.read, package.namelist()))
            if sought.encode() in data:
                found.append(type(holder).__qualname__)
        elif kinds and isinstance(one, kinds):
            if sought in one.to_csv():
                found.append("a table")
        elif not gc.is_tracked(one) or holder is None:
            seen.add(id(one))
            stack += [(one, part) for part in gc.get_referents(one)]
    return found


def _looked(*_: object) -> None:
    """Write down who holds the text that stands in WATCHED_TEXT backwards, so that the environment does not."""
    told = " ".join(_holders(os.environ["WATCHED_TEXT"][::-1])) or "nobody"
    _write(os.environ["WATCHED_HOLDERS"], f"{told}\n")


if "WATCHED_HOLDERS" in os.environ:
    import signal

    signal.signal(signal.SIGUSR1, _looked)
