"""The smallest plans and the scripted platform that tell the stories of the store and the engine."""

import io
import json
from collections.abc import Callable, Iterable

import pandas as pd

from lib.engine import Engine
from lib.platform.answers import Receipt
from lib.platform.connection import Connection, practice
from lib.run.records import RunPlan, RunRecord
from lib.store import Store

CONNECTION = practice("http://127.0.0.1:9")


def plan(
    batches: int = 2,
    rows_each: int = 2,
    *,
    draft_id: str | None = None,
    held_back: int = 1,
    first_phone: int = 13000000000,
    connection: Connection = CONNECTION,
    repeats_allowed: bool = True,
) -> RunPlan:
    """A run of `batches` batches, and `held_back` rows that stay."""
    sent = batches * rows_each
    total = sent + held_back
    phones = [str(first_phone + at) for at in range(total)]
    rows = pd.DataFrame(
        {
            "disposition": ["to_send"] * sent + ["held_back"] * held_back,
            "reason": [""] * sent + ["phone_too_short"] * held_back,
            "batch": [at // rows_each + 1 for at in range(sent)] + [-1] * held_back,
            "extra": [f"row-{at}" for at in range(total)],
            "phone": phones,
        },
        index=range(2, total + 2),
    )
    buffer = io.BytesIO()
    pd.DataFrame({"手机号": phones}).to_parquet(buffer)
    bodies = (
        (seq, rows_each, json.dumps({"data": phones[(seq - 1) * rows_each : seq * rows_each]}).encode())
        for seq in range(1, batches + 1)
    )
    return RunPlan(
        draft_id,
        connection,
        "客户.xlsx",
        "0" * 64,
        "Sheet1",
        buffer.getvalue(),
        rows,
        bodies,
        repeats_allowed,
    )


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
    if store.is_on_server:
        store._db.moment = lambda c: clock()  # type: ignore[method-assign]
    return Engine(store, send, clock=clock, jitter=lambda low, high: high, **rest)  # type: ignore[arg-type]


def steps(sender: Engine, count: int, clock: Clock | None = None) -> None:
    """So many steps; the clock is moved past every pause."""
    for _ in range(count):
        sender.step()
        if clock:
            clock.now += 61.0


def states(store: Store, run_id: str) -> list[str]:
    """States of the batches in order; the run must add up."""
    assert store.runs.conservation(run_id).holds
    return store.batches.table(run_id)["state"].tolist()


def refused_words(texts: Iterable[str]) -> list[str]:
    """Words nobody may read about an unknown outcome."""
    return [
        word for text in texts for word in ("失败", "fail", "error", "重试", "retry") if word in text.lower()
    ]
