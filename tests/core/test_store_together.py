"""Changes that share a transaction: one commit for all of them, nobody told before it, and each failing by itself."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from lib.errors import Conflict, StoreUnavailable
from lib.store_database import Database
from lib.store_schema import mapping_memory
from lib.store_together import Together

pytestmark = pytest.mark.sqlite_file

#: Seconds a test waits for a thread of its own before it fails.
PATIENCE = 10.0


class Writes:
    """A `write` that counts its transactions and can be stopped before its commit."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.commits = 0
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.trouble: StoreUnavailable | None = None

    @contextmanager
    def __call__(self) -> Iterator[list[str]]:
        made: list[str] = []
        yield made
        self.begun.set()
        assert self.let_go.wait(PATIENCE)
        if self.trouble:
            raise self.trouble
        self.done += made
        self.commits += 1


def adds(text: str) -> Callable[[list[str]], str]:
    """A change that leaves this text."""

    def act(made: list[str]) -> str:
        made.append(text)
        return text.upper()

    return act


@pytest.fixture
def writes() -> Writes:
    return Writes()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as threads:
        yield threads


def start(pool: ThreadPoolExecutor, together: Together, acts: list[Callable]) -> list[Future]:
    """These changes, each in a thread of its own, waiting in this order."""
    started = []
    for act in acts:
        started.append(pool.submit(together.do, act))
        wait_for(together, len(started))
    return started


def wait_for(together: Together, count: int) -> None:
    """Until so many changes wait for their turn; nobody tells of a new one."""
    with together._turn:
        while len(together._waiting) < count:
            together._turn.wait(0.01)


def test_a_change_that_comes_alone_is_a_transaction_of_its_own(writes):
    writes.let_go.set()
    together = Together(writes)
    assert together.do(adds("a")) == "A"
    assert together.do(adds("b")) == "B"
    assert (writes.done, writes.commits) == (["a", "b"], 2)


def test_those_who_wait_share_one_commit_and_none_is_told_before_it(writes, pool):
    together = Together(writes)
    first = pool.submit(together.do, adds("first"))
    assert writes.begun.wait(PATIENCE)
    others = start(pool, together, [adds(f"{at:02}") for at in range(12)])
    assert not any(one.done() for one in [first, *others])
    writes.let_go.set()
    assert [one.result(PATIENCE) for one in [first, *others]] == ["FIRST", *(f"{at:02}" for at in range(12))]
    assert writes.done == ["first", *(f"{at:02}" for at in range(12))]
    assert writes.commits == 2


def test_a_commit_that_fails_is_told_to_everyone_in_it(writes, pool):
    together = Together(writes)
    first = pool.submit(together.do, adds("first"))
    assert writes.begun.wait(PATIENCE)
    others = start(pool, together, [adds("a"), adds("b")])
    writes.trouble = StoreUnavailable("store_full", file="x")
    writes.let_go.set()
    for one in [first, *others]:
        with pytest.raises(StoreUnavailable) as told:
            one.result(PATIENCE)
        assert (told.value.code, told.value.params) == ("store_full", {"file": "x"})
    assert writes.done == []


def test_one_that_cannot_be_done_fails_by_itself_and_leaves_nothing(writes, pool):
    def refused(made: list[str]) -> str:
        made.append("half of it")
        raise Conflict("fenced")

    together = Together(writes)
    first = pool.submit(together.do, adds("first"))
    assert writes.begun.wait(PATIENCE)
    before, other, after = start(pool, together, [adds("before"), refused, adds("after")])
    writes.let_go.set()
    assert (first.result(PATIENCE), before.result(PATIENCE), after.result(PATIENCE)) == ("FIRST", "BEFORE", "AFTER")
    with pytest.raises(Conflict, match="fenced"):
        other.result(PATIENCE)
    assert sorted(writes.done) == ["after", "before", "first"]


def test_a_mistake_of_ours_is_loud_and_takes_nobody_along(writes, pool):
    def broken(made: list[str]) -> str:
        raise TypeError("a bug")

    together = Together(writes)
    first = pool.submit(together.do, adds("first"))
    assert writes.begun.wait(PATIENCE)
    [other] = start(pool, together, [broken])
    writes.let_go.set()
    with pytest.raises(TypeError, match="a bug"):
        other.result(PATIENCE)
    assert first.result(PATIENCE) == "FIRST"
    assert together.do(adds("next")) == "NEXT"


# --- on a real database -------------------------------------------------------------------------------------------


@pytest.fixture
def db(tmp_path) -> Iterator[Database]:
    with closing(Database(tmp_path / "desk.db")) as opened:
        yield opened


def remembers(name: str) -> Callable:
    return lambda c: c.execute(insert(mapping_memory).values(fingerprint=name, mapping="{}", used=""))


def count(db: Database) -> int:
    with db.read() as c:
        return c.execute(select(func.count()).select_from(mapping_memory)).scalar_one()


def test_a_row_that_is_there_already_is_refused_to_one_of_many(db, pool):
    with db.write() as c:
        remembers("there")(c)
    turns = [pool.submit(db.together, remembers(name)) for name in ["a", "b", "there", "c", "d", "e", "f", "g"]]
    errors = [one.exception(PATIENCE) for one in turns]
    assert [type(error) for error in errors] == [IntegrityError if at == 2 else type(None) for at in range(8)]
    assert count(db) == 8


def test_what_was_told_is_in_the_file_for_any_other_process(db, tmp_path, pool):
    def told(name: str) -> bool:
        db.together(remembers(name))
        with closing(sqlite3.connect(tmp_path / "desk.db")) as other:
            return other.execute("SELECT count(*) FROM mapping_memory WHERE fingerprint = ?", [name]).fetchone() == (1,)

    assert all(pool.map(told, [f"{at}" for at in range(60)]))


def test_many_at_once_take_fewer_commits(db, pool):
    commits = []
    event.listen(db._engine, "commit", lambda c: commits.append(1))
    with db.write():
        turns = [pool.submit(db.together, remembers(f"{at}")) for at in range(16)]
        wait_for(db._joined, 15)  # the first has the turn already, and waits for this transaction
    assert [one.exception(PATIENCE) for one in turns] == [None] * 16
    assert count(db) == 16
    assert len(commits) <= 5  # this one, the one that came first, all the others, and the count's
