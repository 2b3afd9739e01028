"""A throw-away PostgreSQL for the tests, and each test's own database on it.

One server for a run of pytest, made when it is first needed: in memory where there is some, over a socket, for nobody
else. A test that opens `Store(path)` gets, on PostgreSQL, the database that belongs to this path: made from a template,
dropped at the test's end. What a test asks of SQLite too is asked of PostgreSQL in the long run only.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy import Engine

from lib.run.states import TRANSITIONS
from lib.store import Store, database, lock, postgres, sqlite
from lib.store.schema import migrate

SQLITE, POSTGRESQL = "sqlite", "postgresql"

#: Said where tests are left out.
MISSING = "PostgreSQL's programs (initdb, pg_ctl) are not installed: the tests on it are left out"

#: Memory as a folder, and the bytes that have to be free in it.
_MEMORY, _ENOUGH = Path("/dev/shm"), 2_000_000_000

_TEMPLATE = "desk_template"

#: A server that is thrown away needs none of this.
_HASTY = (
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "checkpoint_timeout=1h",
)

#: The folder of the server of the process that started this one.
_RUNNING = "CONTACT_DESK_TEST_SERVER"


def programs() -> Path | None:
    """The folder of PostgreSQL's own programs, the newest; None where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    several = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return several[-1].parent if several else None


def params(*kinds: str) -> list[Any]:
    """These kinds as parameters of a test, both where none is named; PostgreSQL beside SQLite is `long`.

    Where PostgreSQL's programs are missing its tests are left out, but in CI that is a failure.
    """
    wanted = kinds or (SQLITE, POSTGRESQL)
    is_missing = programs() is None and not os.environ.get("CI")
    return [
        pytest.param(
            kind, marks=_marks(is_long=len(wanted) > 1, is_missing=is_missing) if kind == POSTGRESQL else ()
        )
        for kind in wanted
    ]


def _marks(*, is_long: bool, is_missing: bool) -> list[pytest.MarkDecorator]:
    left_out = [pytest.mark.skip(reason=MISSING)] if is_missing else []
    return [*left_out, pytest.mark.long] if is_long else left_out


def memory() -> Path | None:
    """A folder that lies in memory, None where there is none or too little of it.

    A machine does not lose power in a test; on a disk, every commit of a store would wait for it.
    """
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH else None


class Server:
    """One PostgreSQL in a folder of its own; `start` to `stop`, and as often as wanted in between."""

    def __init__(self, *options: str, running: Path | None = None, on_disk: bool = False) -> None:
        """running: the folder of one that another process started, and will end."""
        self._line: psycopg.Connection[tuple[object, ...]] | None = None
        self._opening = threading.Lock()
        self._is_ours = running is None
        if running:
            self.folder = running
            return
        bin_folder = programs()
        assert bin_folder, MISSING
        self._bin, self._options = bin_folder, options
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=None if on_disk else memory()))
        self._user: list[str] = []
        if os.name == "posix" and os.geteuid() == 0:  # initdb refuses root
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._user = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        self._run(
            "initdb", "-A", "trust", "-U", "desk", "-E", "UTF8", "--no-locale", "--no-sync", "-D", "data"
        )
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [
            f"-c {one}"
            for one in (f"unix_socket_directories={self.folder}", "listen_addresses=", *self._options)
        ]
        self._run("pg_ctl", "-D", "data", "-w", "-t", "60", "-l", "log", "-o", " ".join(settings), "start")

    def stop(self, how: str = "fast") -> None:
        """End it: "fast" ends every connection, "immediate" as if it had crashed."""
        if self._line:
            self._line.close()
        self._run("pg_ctl", "-D", "data", "-m", how, "-w", "stop")

    def close(self) -> None:
        """End it for good, where it is ours."""
        if self._line:
            self._line.close()
        if not self._is_ours:
            return
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Where this database is."""
        return f"postgresql+psycopg://desk@/{name}?host={self.folder}"

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """One statement outside of every transaction, over a line that stays open."""
        with self._opening:  # two threads that are the first together
            if self._line is None or self._line.closed:
                self._line = psycopg.connect(
                    host=str(self.folder), user="desk", dbname="postgres", autocommit=True
                )
            line = self._line
        found = line.execute(statement)
        return found.fetchall() if found.description else []

    def create(self, name: str, template: str = "template0") -> str:
        """A new database; its URL."""
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop it, whoever is connected."""
        self.ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._bin / program), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"{program}: {done.stderr}\n{log.read_text() if log.exists() else ''}")


class Databases:
    """The databases of one run of pytest."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._guard, self._count = threading.Lock(), 0

    @property
    def server(self) -> Server:
        """The server, started now where it is not running."""
        with self._guard:
            if self._server is None and (running := os.environ.get(_RUNNING)):
                self._server = Server(running=Path(running))
            elif self._server is None:
                self._server = Server(*_HASTY, "max_connections=200")
                Store(self._server.create(_TEMPLATE)).close()
                os.environ[_RUNNING] = str(self._server.folder)  # for the processes this one starts
            return self._server

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A database with every table and no row; its URL."""
        server = self.server
        with self._guard:
            self._count += 1
            name = f"desk_{os.getpid()}_{self._count}"
        try:
            yield server.create(name, _TEMPLATE)
        finally:
            server.drop(name)

    def close(self) -> None:
        """End the server."""
        if self._server:
            self._server.close()
            self._server = None
            os.environ.pop(_RUNNING, None)


EVERY = Databases()


class Places:
    """What one test opens by a path, on PostgreSQL: path → URL, made at the first time."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, str]] = {}

    def url(self, path: object) -> str:
        """The database of this path."""
        key = str(Path(str(path)).absolute())
        if key not in self._made:
            Path(key).parent.mkdir(parents=True, exist_ok=True)
            context = EVERY.fresh()
            self._made[key] = context.__enter__(), context  # type: ignore[assignment]
        return self._made[key][0]

    def close(self) -> None:
        """Drop them all."""
        while self._made:
            _, (_, context) = self._made.popitem()
            context.__exit__(None, None, None)  # type: ignore[attr-defined]


#: Where the paths of the running test lead on PostgreSQL; None on SQLite.
_places: Places | None = None


@cache
def _empty_file() -> bytes:
    """An SQLite file with every table and no fact: making the tables is most of what opening a new one costs."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        path = Path(folder) / "desk.db"
        engine = sqlite.made(database.located(path))
        with engine.connect() as open_connection:
            migrate(open_connection)
            sqlite.guard_states(open_connection, TRANSITIONS)
            open_connection.commit()
        engine.dispose()
        return path.read_bytes()


def _prepare_filled(path: Path) -> None:
    is_new = not path.exists()
    _prepare_file(path)
    if is_new:
        path.write_bytes(_empty_file())


_prepare_file = sqlite.prepare_file


class _Compiled(dict[Any, Any]):
    """Statements that one engine has compiled serve every other of its dialect: a test opens its own, and half of what it asks is new to it."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


_COMPILED = _Compiled()


def _sharing(made: Callable[..., Engine]) -> Callable[..., Engine]:
    def engine(*given: Any, **options: Any) -> Engine:
        one = made(*given, **options)
        one._compiled_cache = _COMPILED
        return one

    return engine


@contextmanager
def on(kind: str) -> Iterator[None]:
    """Every database that is opened by a path within the block is of this kind."""
    global _places
    if kind == SQLITE:
        with (
            patch.object(sqlite, "prepare_file", _prepare_filled),
            patch.object(sqlite, "made", _sharing(sqlite.made)),
        ):
            yield
        return
    real, _places = database.located, Places()
    places = _places
    try:
        with (
            patch.object(
                database,
                "located",
                lambda where: real(where if "://" in str(where) else places.url(where)),
            ),
            patch.object(postgres, "made", _sharing(postgres.made)),
            patch.object(
                lock, "GRACE_SECONDS", 0.0
            ),  # who is gone is followed at the next step, as in a file
        ):
            yield
    finally:
        _places = None
        places.close()


def at(path: object) -> str:
    """What another process has to open for this path."""
    return _places.url(path) if _places else str(path)
