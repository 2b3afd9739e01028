"""How close sending comes to the limit that the platform's own answer time sets: batches × latency / concurrency."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from lib.engine import Engine
from lib.platform.api import Platform
from lib.run.records import RunPlan
from lib.run.states import Happening
from lib.server.practice import TOKEN
from lib.store import Store
from lib.times import as_seconds
from tests.bench import desk, naive

LATENCY_MS = 100
BATCHES, ROWS_EACH = 500, 200

#: Seconds between looks at the run, as the page that watches it makes them; each costs the sender processor time.
POLL_SECONDS = 1.0


@contextmanager
def platform_process() -> Iterator[str]:
    """The practice platform in a process of its own: it must not take the sender's share of an interpreter."""
    command = [
        sys.executable,
        "-m",
        "lib.sandbox",
        "--token",
        TOKEN,
        "--latency-ms",
        str(LATENCY_MS),
        "--exit-with-parent",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


def measured(concurrency: int, batches: int = BATCHES) -> dict[str, Any]:
    """seconds until the run's end is recorded, limit_seconds and their ratio; every mark is journalled on disk."""
    with tempfile.TemporaryDirectory() as folder, platform_process() as url:
        store, platform = Store(Path(folder) / "desk.db"), Platform()
        run_id = store.runs.create(plan(url, batches))
        engine = Engine(
            store, platform.send, lambda run: (desk.destination(url), TOKEN), concurrency=concurrency
        )
        started = time.time()
        engine.start()
        while store.runs.get(run_id).state == "running":
            time.sleep(POLL_SECONDS)
        (ended,) = (one.at for one in store.run_log.events(run_id) if one.what == Happening.RUN_FINISHED)
        seconds = as_seconds(ended) - started
        accepted = store.runs.get(run_id).rows_by_state.get("accepted", 0)
        engine.close()
        platform.close()
        store.close()
    if accepted != batches * ROWS_EACH:
        raise RuntimeError(f"{accepted} rows accepted of {batches * ROWS_EACH}: nothing was measured")
    limit = batches * LATENCY_MS / 1000 / concurrency
    return {"concurrency": concurrency, "seconds": seconds, "limit_seconds": limit, "ratio": seconds / limit}


def reference(batches: int) -> dict[str, Any]:
    """The reference script on the same platform: seconds for this many batches, one after the other."""
    with platform_process() as url:
        bodies = [body for _, _, body in plan(url, batches).bodies]
        started = time.perf_counter()
        accepted = naive.send(desk.address(url), TOKEN, bodies)
        seconds = time.perf_counter() - started
    if accepted != batches:
        raise RuntimeError(f"{accepted} batches accepted of {batches}: nothing was measured")
    return {"batches": batches, "seconds": seconds, "per_batch": seconds / batches}


def plan(url: str, batches: int) -> RunPlan:
    """A run of full batches to the practice platform at this address."""
    total = batches * ROWS_EACH
    phones = [str(13_000_000_000 + at) for at in range(total)]
    rows = pd.DataFrame(
        {
            "disposition": "to_send",
            "reason": "",
            "batch": [at // ROWS_EACH + 1 for at in range(total)],
            "extra": "",
            "phone": phones,
        },
        index=range(2, total + 2),
    )
    bodies = (
        (
            seq,
            ROWS_EACH,
            naive.encoded(
                [
                    {"name": "客户", "phone": phone, "sort": 1}
                    for phone in phones[(seq - 1) * ROWS_EACH : seq * ROWS_EACH]
                ]
            ),
        )
        for seq in range(1, batches + 1)
    )
    return RunPlan(None, desk.destination(url), "bench.xlsx", "0" * 64, "", b"", rows, bodies, True, True)
