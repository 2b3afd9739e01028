"""The smallest plans and the scripted platform that tell the stories of the store and the engine."""

from collections.abc import Callable, Iterable
from typing import Any

from lib.engine import Engine
from lib.engine.sleep_guard import SleepGuard
from lib.platform.answers import Receipt
from lib.platform.connection import Connection
from lib.run.records import RunPlan, RunRecord
from lib.store import Store
from tests import plans
from tests.plans import FIRST_PHONE, NOWHERE
from tests.waiting import until

CONNECTION = NOWHERE


def plan(batches: int = 2, rows_each: int = 2, *, first_phone: int = FIRST_PHONE, **given: Any) -> RunPlan:
    """A run of `batches` batches, one row that stays, and numbers that were sent before allowed."""
    given = {"held_back": 1, "repeats_allowed": True, "marks": "row"} | given
    return plans.plan(batches, rows_each, first=first_phone - FIRST_PHONE, **given)


class Clock:
    """Monotonic seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


Answer = Receipt | BaseException | Callable[[], None]


class Scripted:
    """A platform that answers by script, then accepts. An exception with `before_wire` is raised before the mark."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.applied: list[bytes] = []
        self.posts = 0

    def __call__(
        self, connection: Connection, token: str, body: bytes, on_wire: Callable[[], None]
    ) -> Receipt:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException) and getattr(answer, "before_wire", False):
            raise answer
        on_wire()
        self.posts += 1
        self.applied.append(body)
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer()
        return answer if isinstance(answer, Receipt) else Receipt(f"unique-{self.posts}", "已收到", 200)


def before_wire(error: BaseException) -> BaseException:
    """Have the scripted platform raise this before the mark."""
    error.before_wire = True  # type: ignore[attr-defined]
    return error


def destination(run: RunRecord) -> tuple[Connection, str | None]:
    """Where test runs go."""
    return run.connection, "token-for-tests"


def engine(store: Store, send: Callable[..., Receipt], clock: Clock | None = None, **rest: object) -> Engine:
    """An engine that sends inside `step`, one batch at a time, and draws the longest pause."""
    rest.setdefault("concurrency", 1)
    rest.setdefault("follows", False)
    rest.setdefault("destination", destination)
    rest.setdefault("spawn", lambda job: job())
    clock = clock or Clock()
    return Engine(store, send, clock=clock, jitter=lambda low, high: high, **rest)  # type: ignore[arg-type]


def sleep_guard(clock: Clock) -> SleepGuard:
    """One that knows this clock alone."""
    return SleepGuard([clock])


def loses_its_lock(store: Store) -> None:
    """The process lives on and is taken for gone: its line to the server was cut, or somebody deleted the lock's file."""
    store._db.locks.close()


def steps(sender: Engine, count: int, clock: Clock | None = None) -> None:
    """So many steps; the clock is moved past every pause."""
    for _ in range(count):
        sender.step()
        if clock:
            clock.now += 61.0


def step_as_sender(sender: Engine) -> None:
    """One step of the one that sends. The lock of a process that was killed is free once its server has noticed."""

    def sends() -> bool:
        sender.step()
        return not sender.status.stands_by

    until(sends, "its lock is never free")


def restore_in_place(store: Store) -> None:
    """As pg_restore --clean leaves a database of a server: every table dropped and made again."""
    with store._db.write() as tx:
        for line in ("CREATE TABLE again (LIKE lease INCLUDING ALL EXCLUDING DEFAULTS)", "INSERT INTO again SELECT * FROM lease", "DROP TABLE lease",
                     "ALTER TABLE again RENAME TO lease"):  # fmt: skip
            tx.exec_driver_sql(line)


def states(store: Store, run_id: str) -> list[str]:
    """States of the batches in order; the run must add up."""
    assert store.runs.conservation(run_id).holds
    return store.batches.table(run_id)["state"].tolist()


def refused_words(texts: Iterable[str]) -> list[str]:
    """Words nobody may read about an unknown outcome."""
    return [
        word for text in texts for word in ("失败", "fail", "error", "重试", "retry") if word in text.lower()
    ]
