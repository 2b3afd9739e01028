"""A team's server: two apps and three engines on one PostgreSQL, killed and started again at random, the server restarted too.

What the platform's ledger says at the end is what the store says: nothing twice, nothing lost.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from lib import sandbox
from lib.errors import StoreUnavailable
from lib.platform.connection import ConnectionKind, practice
from lib.run.settings import Settings
from lib.sandbox.settings import DEFAULT_TOKEN
from lib.store import Store
from tests import databases, practice_platform
from tests.faults.desk import plan
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]

BATCHES, ROWS_EACH, KILLS, RESTARTS, APPS, ENGINES = 1_000, 2, 20, 2, 2, 3

#: Seconds the whole may take on a loaded machine.
PATIENCE = 420


class Member:
    """One process of the team: an app with its pages, or an engine alone."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command, self._environment = command, environment
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=os.environ | self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@contextmanager
def team(url: str, folder: Path) -> Iterator[list[Member]]:
    """Two apps and three engines on this database; ended with the block."""
    environment = {
        "DATABASE_URL": url, "CONTACT_DESK_KEYRING": "off", "CONTACT_DESK_TOKEN": DEFAULT_TOKEN, "CONTACT_DESK_DATA": str(folder),
    }  # fmt: skip
    app = [sys.executable, "-m", "streamlit", "run", "app.py"]
    engine = [sys.executable, "-m", "lib.engine"]
    members = [Member([*app, f"--server.port={free_port()}"], environment) for _ in range(APPS)]
    members += [Member(engine, environment) for _ in range(ENGINES)]
    try:
        yield members
    finally:
        for member in members:
            member.kill()


def going_on(store: Store, run_id: str) -> tuple[int, int]:
    """As a person would: a paused run is resumed, a held batch stays for later. Batches still to be sent, and open ones."""
    with suppress(StoreUnavailable):  # the server is being restarted
        run = store.runs.get(run_id)
        if run.state == "paused":
            store.runs.resume(run_id)
        elif run.state == "finished":
            return 0, run.open_batches
        return run.batches.get("planned", 0) + run.batches.get("sending", 0), run.open_batches
    return BATCHES, 0


@pytest.mark.long
def test_a_team_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    seed = int(os.environ.get("CONTACT_DESK_TEST_SEED", random.SystemRandom().randrange(10**6)))
    print(
        f"seed {seed}: CONTACT_DESK_TEST_SEED={seed} python -m pytest -c tests/pytest.ini --rootdir . {__file__}"
    )
    chance, server = random.Random(seed), databases.Server("max_connections=200")
    try:
        url = server.create("team")
        with sandbox.running(latency_ms=60.0) as platform, closing(Store(url)) as store:
            store.settings.save(Settings(16))
            to = replace(
                practice(platform), id="team", kind=ConnectionKind.REAL
            )  # one platform for all of them
            run_id = store.runs.create(plan(BATCHES, ROWS_EACH, connection=to))
            with team(url, tmp_path / "data") as members:
                kills, restarts = chaos(chance, server, store, members, run_id)
                until_sent(store, run_id)
                assert (kills, restarts) == (KILLS, RESTARTS)
            judge(store, run_id, practice_platform.ledger(platform))
    finally:
        server.close()


def chaos(
    chance: random.Random, server: databases.Server, store: Store, members: list[Member], run_id: str
) -> tuple[int, int]:
    """Kill and start again, spread over the run; the server's restarts among them."""
    kills = restarts = 0
    moments = sorted(chance.sample(range(BATCHES // 20, BATCHES - BATCHES // 10), KILLS))
    restart_at = {moments[KILLS // 3], moments[2 * KILLS // 3]}
    deadline = time.monotonic() + PATIENCE
    for moment in moments:
        while BATCHES - going_on(store, run_id)[0] < moment and time.monotonic() < deadline:
            time.sleep(0.05)
        victim = chance.choice(members)
        victim.kill()
        kills += 1
        if moment in restart_at:
            server.stop(chance.choice(["fast", "immediate"]))
            server.start()
            restarts += 1
        victim.start()
    return kills, restarts


def until_sent(store: Store, run_id: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while going_on(store, run_id)[0] and time.monotonic() < deadline:
        time.sleep(0.1)


def judge(store: Store, run_id: str, told: dict) -> None:
    """The ledger of the platform against the store: the oracle of the fault programme's kills."""
    applied = Counter(row["extra"] for batch in told["batches"] for row in batch["rows"])
    assert max(applied.values()) == 1
    assert store.runs.conservation(run_id).holds
    states = store.batches.table(run_id, limit=None)["state"].tolist()
    assert len(states) >= BATCHES
    assert not {"planned", "sending"} & set(states)
    rows = store.runs.rows(run_id)
    for row in rows[rows["batch"] > 0].itertuples():
        present = applied[row.extra]
        assert present in {"accepted": (1,), "rejected": (0,)}.get(row.batch_state, (0, 1)), row
    assert sum(applied.values()) >= (rows["batch_state"] == "accepted").sum()
