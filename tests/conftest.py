"""What every test has: no limit on the time of an example, authorities that are read once, and a throw-away PostgreSQL
that ends with the tests that started it.
"""

import functools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from lib.platform import transport
from tests import databases

# a busy machine is no finding: neither an example that took long nor one that was slow to make
_BY_NO_CLOCK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", _BY_NO_CLOCK)  # --hypothesis-profile search
# nor is luck: what passes here passes again, until the code or the test is another one
settings.register_profile("every time the same", _BY_NO_CLOCK, derandomize=True, database=None)
settings.load_profile("every time the same")


@pytest.fixture(scope="session", autouse=True)
def _server_ends() -> Iterator[None]:
    """The throw-away PostgreSQL, if one was started, ends with the tests."""
    yield
    databases.EVERY.close()


@pytest.fixture(scope="session", autouse=True)
def _authorities_are_read_once() -> Iterator[None]:
    """A platform reads every certificate of an authority, 25 ms each time; a process of the app has one platform, one of the tests hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "context", functools.cache(transport.context))
        yield
