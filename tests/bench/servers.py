"""What PostgreSQL costs beside the file, what standing by costs, and how soon another sends; written through to the disk."""

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lib.engine import Engine
from lib.platform.answers import Receipt
from lib.platform.connection import Connection
from lib.run.settings import Settings
from lib.server.practice import TOKEN
from lib.store import Store
from lib.store.schema import sender
from lib.times import as_seconds
from tests import databases
from tests.bench import desk, sending
from tests.bench.alone import ROOT

KINDS = (databases.SQLITE, databases.POSTGRESQL)

#: Processes (`python -m lib.engine`), of which one sends; its requests in flight.
PROCESSES, CONCURRENCY = (1, 2), 16

#: Batches of the journaling, and of a run that is sent.
WRITTEN, SENT = 300, 600

#: Seconds for a start, and for a run.
PATIENCE = 120

POLL_SECONDS = 0.5


@contextmanager
def _database(kind: str) -> Iterator[str | Path]:
    """An empty one on a disk; PostgreSQL as it comes, with fsync."""
    if kind == databases.SQLITE:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "desk.db"
        return
    server = databases.Server(on_disk=True)
    try:
        yield server.create("bench")
    finally:
        server.close()


def journaling(kind: str) -> dict[str, Any]:
    """Milliseconds a batch of a sender whose platform answers at once, one request at a time: all of it is the journal."""
    with _database(kind) as where, closing(Store(where)) as store:
        run_id = store.runs.create(sending.plan("http://127.0.0.1:9", WRITTEN))
        engine = Engine(
            store, _at_once, lambda run: (desk.destination("http://127.0.0.1:9"), TOKEN), concurrency=1
        )
        engine.start()
        seconds = _seconds(store, run_id, WRITTEN)
        engine.close()
    return {"journal": kind, "milliseconds_a_batch": seconds / WRITTEN * 1000}


def _at_once(connection: Connection, token: str, body: bytes, wired: Callable[[], None]) -> Receipt:
    wired()
    return Receipt(str(uuid.uuid4()), "ok", 200)


def measured(processes: int) -> dict[str, Any]:
    """Batches a second of the one that sends while the others stand by, its limit (requests in flight / latency), and their ratio."""
    with (
        _database(databases.POSTGRESQL) as where,
        sending.platform_process() as url,
        closing(Store(where)) as store,
    ):
        store.settings.save(Settings(CONCURRENCY))
        with _senders(where, processes):
            _until(lambda: _sender(store) is not None, "nobody sends")
            run_id = store.runs.create(sending.plan(url, SENT))
            rate = SENT / _seconds(store, run_id, SENT)
    limit = CONCURRENCY / sending.LATENCY_MS * 1000
    return {"processes": processes, "batches_a_second": rate, "limit_a_second": limit, "ratio": rate / limit}


def takeover(kind: str) -> dict[str, Any]:
    """Seconds from kill -9 of the one that sends until another one does."""
    with _database(kind) as where, closing(Store(where)) as store, _senders(where, 2) as processes:
        _until(lambda: _sender(store) is not None, "nobody sends")
        first = _sender(store)
        time.sleep(5)  # the other one stands by
        [one] = [process for process in processes if process.pid == first]
        one.kill()
        ended = time.monotonic()
        _until(lambda: _sender(store) not in (None, first), "nobody took over", every=0.05)
        return {"takeover": kind, "seconds": time.monotonic() - ended}


def _sender(store: Store) -> int | None:
    with store._db.read() as tx:
        return tx.execute(select(sender.c.pid)).scalar()


@contextmanager
def _senders(where: str | Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many engines on this database, ended with the block; each with a data folder of its own, as on several machines."""
    with ExitStack() as stack:
        processes = []
        for _ in range(count):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            settings = {"CONTACT_DESK_DATA": folder, "CONTACT_DESK_KEYRING": "off"}
            command = [sys.executable, "-m", "lib.engine", "--database", str(where)]
            process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=os.environ | settings))
            stack.callback(process.terminate)
            processes.append(process)
        yield processes


def _seconds(store: Store, run_id: str, batches: int) -> float:
    """From the first claim to the recorded end; raises RuntimeError where not all was accepted."""
    _until(lambda: store.runs.get(run_id).state != "running", "the run does not end")
    run = store.runs.get(run_id)
    if run.batches != {"accepted": batches}:
        raise RuntimeError(f"{run.state}, {run.why}, {run.batches}: nothing was measured")
    return as_seconds(run.finished) - as_seconds(run.started)


def _until(is_so: Callable[[], bool], what: str, every: float = POLL_SECONDS) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(what)
        time.sleep(every)
