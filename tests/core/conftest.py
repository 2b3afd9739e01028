"""What the tests of unknown outcomes and of arrivals start from: a store by a clock of theirs, and the practice platform."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lib import sandbox
from lib.store import Store
from tests.core.reconcile_scenes import TOKEN, Real, WallClock


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A practice platform for the tests of one module."""
    with sandbox.running(token=TOKEN) as address:
        yield address


@pytest.fixture
def clock() -> WallClock:
    """A date and time that pass only when told."""
    return WallClock()


@pytest.fixture
def store(tmp_path: Path, clock: WallClock) -> Iterator[Store]:
    """A store on disk by that clock."""
    with closing(Store(tmp_path / "data" / "desk.db", clock=clock)) as opened:
        yield opened


@pytest.fixture
def real(store: Store, url: str, clock: WallClock) -> Iterator[Real]:
    """The platform with nothing in it and no fault."""
    made = Real(store, url, clock)
    made.control(reset=True, faults=[], import_seconds=0, late_seconds=0.0, repeats="row")
    with closing(made.platform):
        yield made
