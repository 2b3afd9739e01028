"""Real processes, real sockets, real files, SIGKILL: what is found afterwards is what the platform's ledger says."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib import sandbox
from lib.engine import Engine
from lib.platform.api import Platform
from lib.store import Store
from tests import databases, practice_platform
from tests.faults.desk import plan
from tests.faults.victim import POINTS, elsewhere
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.long

BATCHES = 6

#: Each named point once, later passes of some; what the platform does meanwhile differs.
NAMED = [
    f"{point}@{1 + at % 3 if not point.startswith('take_over:') else 1}" for at, point in enumerate(POINTS)
]
NAMED = [
    point.replace("@1", "@4") if point.startswith(("claim:in", "finish:in")) else point for point in NAMED
]

#: Killed from outside, a random time after the platform has seen this many requests.
RANDOM = [f"random:{seed}" for seed in range(5)]

FAULTS = ((), ("apply_drop@2",), ("503_applied@3",), ("drop_after@1",), ("422@2",))


@dataclass
class Round:
    """One kill and what came of it."""

    kills: int
    before: list[str]
    after: list[str]
    applied: Counter[str]
    extras: list[list[str]]
    holds: bool
    sound: bool


def victim(path: Path, url: str, point: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim", databases.at(path), url, point],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def killed(path: Path, url: str, point: str) -> int:
    """How many processes died: by their own hand, or by ours at a random moment."""
    with victim(path, url, "none" if point.startswith("random") else point) as process:
        try:
            if point.startswith("random"):
                _kill_at_random(process, url, random.Random(point))
            code = process.wait(PATIENCE)
        finally:
            process.kill()
    return int(code == -signal.SIGKILL)


def _kill_at_random(process: subprocess.Popen[str], url: str, chance: random.Random) -> None:
    assert process.stdout
    process.stdout.readline()
    seen = chance.randrange(BATCHES - 1)
    until(lambda: practice_platform.ledger(url)["requests"] >= seen, "it never sent so much")
    time.sleep(chance.uniform(0.0, 0.03))
    process.send_signal(signal.SIGKILL)


def play(folder: Path, at: int, point: str) -> Round:
    """A run, its sender killed (during recovery: twice), another one to the end, the ledger."""
    path = folder / "data" / "desk.db"
    with closing(Store(path)) as store:
        run_id = store.runs.create(plan(BATCHES, 2))
    faults = FAULTS[at % len(FAULTS)] if not point.startswith("take_over") else ("apply_drop@1",)
    with sandbox.running(faults=faults, latency_ms=2.0) as url:
        kills = 0
        if point.startswith("take_over"):  # there must be something to recover, and then it dies recovering
            kills += killed(path, url, "finish:before@1")
        kills += killed(path, url, point)
        with closing(Store(path)) as store:
            before = store.batches.table(run_id)["state"].tolist()
            holds = store.runs.conservation(run_id).holds
            _send_the_rest(store, run_id, url)
            after = store.batches.table(run_id)["state"].tolist()
            rows = store.runs.rows(run_id)
            sent = rows[rows["batch"] > 0].groupby("batch")["extra"].apply(list).tolist()
            holds = holds and store.runs.conservation(run_id).holds
            with store._db.read() as tx:
                sound = store.is_on_server or tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        applied = Counter(
            row["extra"] for batch in practice_platform.ledger(url)["batches"] for row in batch["rows"]
        )
    return Round(kills, before, after, applied, sent, holds, sound)


def _send_the_rest(store: Store, run_id: str, url: str) -> None:
    with Platform(total_seconds=PATIENCE) as platform:
        engine = Engine(store, platform.send, elsewhere(url), concurrency=1, spawn=lambda job: job())

        def is_finished() -> bool:
            engine.step()
            if store.runs.get(run_id).state == "paused":
                store.runs.resume(run_id)
            return store.runs.get(run_id).state == "finished"

        until(is_finished, "the rest was never sent")


@pytest.fixture(scope="module", params=databases.params())
def rounds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Round]:
    """All rounds, two at a time: starting Python is most of it."""
    points = NAMED + RANDOM
    folders = [tmp_path_factory.mktemp("kill") for _ in points]
    with databases.on(request.param), ThreadPoolExecutor(2) as pool:
        played = list(pool.map(play, folders, range(len(points)), points))
    return dict(zip(points, played, strict=True))


@pytest.mark.parametrize("point", NAMED + RANDOM)
def test_after_a_kill_the_store_agrees_with_the_ledger(rounds: dict[str, Round], point: str) -> None:
    found = rounds[point]
    if not point.startswith("random"):  # the random ones may come too late
        assert found.kills == (2 if point.startswith("take_over") else 1)
    assert found.holds
    assert found.sound
    assert max(found.applied.values()) == 1, found
    assert not {"planned", "sending"} & set(found.after), found
    for state, extras in zip(found.after, found.extras, strict=True):
        present = {found.applied[extra] for extra in extras}
        assert present in {"accepted": [{1}], "rejected": [{0}]}.get(state, [{0}, {1}]), (state, found)


def test_what_died_before_the_mark_is_sent_and_what_died_after_it_is_unknown(
    rounds: dict[str, Round],
) -> None:
    """T8 or T9 exactly: the one batch in flight tells which."""
    for point, found in rounds.items():
        in_flight = found.before.count("sending")
        if point.startswith(("wire:after", "send:answered", "finish:before", "finish:in", "finish:commit")):
            assert in_flight == 1
            assert found.after[found.before.index("sending")] == "unknown", (point, found)
        if point.startswith(
            ("claim:after", "send:before", "send:connected", "wire:before", "wire:in", "wire:commit")
        ):
            assert in_flight == 1
            assert found.after[found.before.index("sending")] != "unknown" or _struck(found, point), (
                point,
                found,
            )


def _struck(found: Round, point: str) -> bool:
    """Whether the batch that was sent again met a fault of the platform on its second way."""
    return bool(FAULTS[NAMED.index(point) % len(FAULTS)])


def test_at_least_twenty_processes_were_killed(rounds: dict[str, Round]) -> None:
    assert sum(found.kills for found in rounds.values()) >= 20
