"""The seeded schedules keep their promises, say what they exercised, and notice when a rule is missing."""

import importlib
import inspect
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from multiprocessing import get_context
from pathlib import Path
from random import Random

import pytest

from lib.errors import Conflict
from lib.reconcile.number_list import read_list
from lib.store import Store
from tests import databases
from tests.cases import sampled
from tests.faults.__main__ import main
from tests.faults.campaign import play, play_all
from tests.faults.desk import desk
from tests.faults.endings import WAYS
from tests.faults.mutants import LIMIT, MUTANTS, Mutant, caught
from tests.faults.watch import Found
from tests.faults.world import World
from tests.plans import NOWHERE

#: Schedules of every run of the tests; a night can afford more: `python -m tests.faults --schedules 100000`.
SCHEDULES = 2_000

#: On PostgreSQL, where one takes thirty times as long.
SCHEDULES_THERE = 200


@pytest.mark.long
def test_no_schedule_duplicates_loses_or_misreports_and_every_kind_of_fault_was_met() -> None:
    broken, hits = play_all(range(SCHEDULES), processes=2)
    assert broken == []
    named = " ".join(hits)
    for kind in ("died before", "died after", "storage before", "storage after", "meddled connected", "meddled wired",
                 "person pause", "person cancel", "person resend (held", "person check_again (", "token changed", "second process", "list shifts", "double click",
                 "run refused: numbers_taken", "lock lost", "list missing", "date moved", "backup restored", "backup restored without its mark", "apply_late", "twice", "partial"):  # fmt: skip
        assert kind in named, kind


@pytest.mark.long
@pytest.mark.parametrize("kind", databases.params(databases.POSTGRESQL))
def test_no_schedule_does_on_postgresql_where_two_processes_may_both_send(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert databases.EVERY.server  # one for both processes
    began = time.perf_counter()
    broken, hits = play_all(range(SCHEDULES_THERE), processes=2, kind=kind)
    with capsys.disabled():
        print(f"\n{SCHEDULES_THERE / (time.perf_counter() - began):.1f} schedules a second on PostgreSQL")
    assert broken == []
    assert {"second process", "killed between moves"} <= hits.keys()


def test_a_seed_replays_the_same_way() -> None:
    first, again = play(range(3, 9)), play(range(3, 9))
    assert first == again
    assert sum(first[1].values()) > 0


def test_the_last_line_tells_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schedules", "3", "--seed", "7"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "schedules=3 duplicates=0 lost=0 wrong=0"
    assert told.err.startswith("3 of 3 schedules, ")


@pytest.mark.long
def test_the_seeds_shared_out_over_processes_end_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.faults.campaign.CHUNK", {databases.SQLITE: 10})
    done: list[int] = []
    assert play_all(range(5, 30), 2, done.append) == play_all(range(5, 30), 1)
    assert done == [10, 20, 25]


def test_a_broken_promise_is_told_with_the_command_that_replays_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Found(duplicates=["13000000000"], lost=[], wrong=["x", "y"])
    monkeypatch.setattr(
        "tests.faults.__main__.play_all", lambda seeds, processes, told, kind: ([(seeds[0], found)], {})
    )
    assert main(["--only", "41"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert "replay: python -m tests.faults --only 41" in out
    assert out[-1] == "schedules=1 duplicates=1 lost=0 wrong=2"


@pytest.mark.parametrize(("fault", "rows", "is_clean"), [
    ("well", 5, True), ("page 1 again", 2, True), ("page 1 again", 5, False), ("shifts", 2, False), ("masked", 5, True),
    ("masked without extra", 5, False), ("drops", 2, False),
])  # fmt: skip
def test_a_list_that_is_as_it_should_be_counts_as_read_whatever_was_to_be_wrong_with_it(
    fault: str, rows: int, is_clean: bool
) -> None:
    """Page 1 in place of page 2 changes nothing where there is one page."""
    world = World(Random(1), lambda: WAYS["well"], now=lambda: 7.0, choose_list=lambda: fault)
    world.apply([{"phone": f"1300000000{at}", "extra": str(at)} for at in range(rows)])
    read_list(world, NOWHERE, world.token)
    assert (world.last_list == 7.0) is is_clean


def test_without_any_rule_missing_the_first_schedules_are_clean() -> None:
    """Otherwise a mutant would be caught by what is wrong anyway."""
    assert play(range(40))[0] == []


def caught_in(name: str) -> tuple[str, str]:
    """Which promise the schedules saw broken without this rule, "" for none."""
    found = caught(MUTANTS[name])
    return name, f"schedule {found[0]}: {found[1]}" if found else ""


@pytest.mark.long
def test_every_rule_switched_off_is_noticed_within_a_thousand_schedules() -> None:
    names = [name for name, mutant in MUTANTS.items() if not mutant.test]
    assert len(MUTANTS) >= 12
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seen = dict(pool.map(caught_in, names))
    assert [name for name in names if not seen[name]] == [], f"not seen in {LIMIT} schedules"


@pytest.mark.parametrize("name", sampled([name for name, mutant in MUTANTS.items() if mutant.test], 4))
def test_a_rule_switched_off_breaks_the_test_named_for_it(name: str, tmp_path: Path) -> None:
    mutant = MUTANTS[name]
    module, _, function = mutant.test.partition("::")
    test = getattr(importlib.import_module(module), function)
    called_with(test, mutant, tmp_path / "whole")
    with mutant.switch(), pytest.raises((AssertionError, Conflict, pytest.fail.Exception)):
        called_with(test, mutant, tmp_path / "data")


def called_with(test: Callable[..., None], mutant: Mutant, folder: Path) -> None:
    """The test, with doors of its own to a database of its own: as many as it takes, or the place of one."""
    path, clock = folder / "desk.db", mutant.given.get("clock", time.time)
    given = dict(mutant.given)
    with ExitStack() as stack:
        for name in inspect.signature(test).parameters.keys() - given:
            if name == "path":
                given[name] = path
            elif name == "monkeypatch":
                given[name] = stack.enter_context(pytest.MonkeyPatch.context())
            else:
                given[name] = stack.enter_context(closing(Store(path, clock=clock)))  # type: ignore[arg-type]
        test(**given)


def test_a_desk_is_set_back_to_the_same_state_every_time() -> None:
    with desk() as own:
        shape = ((2, 1),)
        ids = own.reset(shape)
        before = own.content()
        own.stores[0].sender.take_over()
        assert own.content() != before
        assert own.reset(shape) == ids
        assert own.content() == before
