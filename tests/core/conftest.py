"""What the tests of unknown outcomes and of arrivals start from: a store by a clock of theirs, and the practice platform.

And the databases they run on: the store's and the engine's own tests on each kind there is.
"""

from collections.abc import Iterator
from contextlib import closing, nullcontext
from fnmatch import fnmatch
from pathlib import Path

import pytest

from lib import sandbox
from lib.store import Store
from tests import databases
from tests.core.reconcile_scenes import TOKEN, Real, WallClock

#: Modules whose tests run on every kind of database. What is about an SQLite file itself is marked so.
ON_EVERY_DATABASE = (
    "test_store_*", "test_engine*", "test_send_core_edges", "test_reconcile*", "test_arrivals", "test_known_numbers", "test_start_small",
    "test_fault_matrix*", "test_retention", "test_person_store", "test_callbacks", "test_do_not_call", "test_forgetting", "test_draft",
    "test_corrections", "test_directory", "test_exports", "test_privacy",
)  # fmt: skip

#: Modules about what only PostgreSQL has.
ON_POSTGRESQL = (
    "test_store_postgres",
    "test_store_copy",
    "test_replicas",
    "test_server_chaos",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of the store and the engine once on each kind of database."""
    name = metafunc.module.__name__.rpartition(".")[2]
    if name in ON_POSTGRESQL:
        kinds = databases.params(databases.POSTGRESQL)
    elif metafunc.definition.get_closest_marker("sqlite_file"):
        kinds = databases.params(databases.SQLITE)
    elif any(fnmatch(name, one) for one in ON_EVERY_DATABASE):
        kinds = databases.params()
    else:
        return
    metafunc.parametrize("database", kinds, indirect=True)


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of database this test runs on; before everything that opens one."""
    kind = getattr(request, "param", databases.SQLITE)
    is_about_files = request.node.get_closest_marker("sqlite_file")
    with nullcontext() if is_about_files else databases.on(kind):
        yield kind


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
    made.control(
        reset=True, faults=[], import_seconds=0, late_seconds=0.0, repeats="row", result_shape="callback"
    )
    with closing(made.platform):
        yield made
