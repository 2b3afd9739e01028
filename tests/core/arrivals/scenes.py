"""What the platform calls back with, and a batch it may call about."""

from dataclasses import replace
from typing import Any

from lib.platform.connection import Connection
from lib.run.states import Outcome
from lib.store import Store
from tests.core import reconcile_scenes as scenes

UNIQUE = "5f0c1e0a-8f7b-4a53-9d0e-3a1b2c4d5e6f"


OTHER = "11111111-8f7b-4a53-9d0e-3a1b2c4d5e6f"


PHONE = "13012121211"


KEY = "a-key-that-nobody-guesses-1"


#: The document of the manual, in its two modes.
BATCH = {
    "type": "import_number", "mode": "batch", "unique_id": UNIQUE, "user_id": OTHER, "task_id": OTHER,
    "data": {"url": "http://oem.example/agent-api/download-number?key=opaque-0123"},
}  # fmt: skip


SINGLE = BATCH | {"mode": "single", "data": {"number": PHONE}}


def accepted(store: Store, batches: int = 1, to: Connection | None = None) -> tuple[str, list[int]]:
    """A run of accepted batches called unique-0, unique-1, …, sent to nowhere or to this connection."""
    planned = scenes.plan(batches)
    run_id = store.runs.create(replace(planned, connection=to) if to else planned)
    return run_id, scenes.send(store, run_id, *[Outcome.ACCEPTED] * batches)


def everything(store: Store, run_id: str) -> tuple[Any, ...]:
    """All that a person sees of a run but when it is looked up next."""
    return (
        store.runs.get(run_id),
        store.runs.rows(run_id).to_csv(),
        store.run_log.events(run_id),
        store.batches.table(run_id).to_csv(),
    )
