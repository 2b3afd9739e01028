"""Plans with marks, a clock that is told the time, and ways into every state a batch can have."""

import time
from typing import Any

from lib.engine import Engine
from lib.errors import OutcomeUnknown
from lib.platform.answers import FailureCode, Receipt
from lib.platform.api import Platform
from lib.platform.connection import Options, practice
from lib.reconcile import Reconciler
from lib.run.records import AttemptResult, RunPlan, ScanResult
from lib.run.states import Outcome
from lib.store import Store
from lib.times import as_text
from tests import plans, practice_platform
from tests.waiting import PATIENCE

TOKEN = "practice"


class WallClock:
    """Seconds since 1970; begins at the true time, because attempts are stamped by it, and passes when told."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def pass_(self, seconds: float) -> None:
        self.ahead += seconds


class StandingClock(WallClock):
    """As that, and the seconds a busy machine takes do not pass: for what is about a second more or less."""

    def __init__(self) -> None:
        super().__init__()
        self.began = time.time()

    def __call__(self) -> float:
        return self.began + self.ahead


def plan(batches: int = 1, rows_each: int = 3, *, options: Options | None = None, **given: Any) -> RunPlan:
    """Rows with `extra` (none where marks is "") and the body the platform takes."""
    suffix = bool(options and options.number_add_suffix)
    return plans.plan(batches, rows_each, ignore_crm=True, number_add_suffix=suffix, **given)


def look(
    store: Store, batch_id: int, found: int, clock: WallClock, *, complete: bool = True, control: bool = True,
    note: str = "complete", lag: float | None = None,
) -> bool:  # fmt: skip
    """Record a look, now, that found the first rows of the batch."""
    rows = [row.row for row in store.evidence.wanted(batch_id)]
    now = as_text(clock())
    result = ScanResult(now, now, 2, complete, tuple(rows[:found]), tuple(rows[found:]), note, control, lag)
    return store.evidence.record_scan(batch_id, result)


def send(store: Store, run_id: str, *outcomes: Outcome) -> list[int]:
    """One batch for each outcome, claimed and ended so; their ids. SENDING stays in flight where the outcome is None."""
    epoch = store.sender.take_over()
    ids = []
    for number, outcome in enumerate(outcomes):
        [claim] = store.sender.claim(epoch, run_id, 1)
        store.sender.wire(epoch, claim)
        ids.append(claim.batch_id)
        if outcome:
            unique_id = f"unique-{number}" if outcome == Outcome.ACCEPTED else ""
            code = "no_answer" if outcome == Outcome.UNKNOWN else ""
            store.sender.finish(epoch, claim, AttemptResult(outcome, code=code, unique_id=unique_id))
    return ids


def unknown(store: Store, rows: int = 3, **given: object) -> tuple[str, int]:
    """A run of one batch whose outcome is unknown."""
    run_id = store.runs.create(plan(1, rows, **given))  # type: ignore[arg-type]
    return run_id, send(store, run_id, Outcome.UNKNOWN)[0]


def held(
    store: Store, clock: WallClock, kind: str = "absent", rows: int = 3, **given: object
) -> tuple[str, int]:
    """A run of one batch that is held; looked through this very second, where the list can tell."""
    run_id, batch_id = unknown(store, rows, **given)
    if kind == "no_evidence":
        look(store, batch_id, 0, clock, complete=False, note="masked")
    else:
        look(store, batch_id, 1 if kind == "partial" else 0, clock)
    assert store.evidence.hold(batch_id, kind)
    return run_id, batch_id


def state(store: Store, batch_id: int) -> str:
    """State of one batch; its run must add up."""
    table = store.batches.table(limit=None)
    one = table[table["batch_id"].eq(batch_id)].iloc[0]
    assert store.runs.conservation(one["run_id"]).holds
    return str(one["state"])


class Real:
    """A store, an engine that sends inside its step, and a reconciler, all against a practice platform."""

    def __init__(self, store: Store, url: str, clock: WallClock) -> None:
        self.store, self.url, self.clock = store, url, clock
        self.platform = Platform(total_seconds=PATIENCE)
        self.connection = practice(url)
        self.reconciler = Reconciler(store, self.platform, self.destination, clock)
        self.engine = Engine(
            store, self.platform.send, self.destination, concurrency=1, spawn=lambda job: job(), follows=False,
            reconciler=self.reconciler,
        )  # fmt: skip

    def destination(self, run):
        return self.connection, TOKEN

    def control(self, **changes):
        practice_platform.control(self.url, **changes)

    def ledger(self):
        return practice_platform.ledger(self.url)

    def run(self, *faults: str, batches: int = 3, rows_each: int = 3, **given) -> str:
        """Make a run and send all of it, with these faults of the POST; then none."""
        run_id = self.store.runs.create(plan(batches, rows_each, connection=self.connection, **given))
        self.control(faults=list(faults))
        self.go_on(run_id, batches)
        self.control(faults=[])
        return run_id

    def go_on(self, run_id: str, times: int) -> None:
        for _ in range(times):
            self.engine.step()

    def look_until_settled(self, limit: int = 60) -> float:
        """Steps of the reconciler, the clock moved to each next one; hours it took."""
        began = self.clock.ahead
        for _ in range(limit):
            wait = self.reconciler.step()
            if not self.store.evidence.open_batches():
                break
            self.clock.pass_(wait + 0.001)
        return (self.clock.ahead - began) / 3600


ANSWER = Receipt("unique", "已收到", 200)


def no_answer() -> OutcomeUnknown:
    return OutcomeUnknown(FailureCode.NO_ANSWER)
