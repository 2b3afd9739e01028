"""What every test has: the throw-away PostgreSQL ends with the tests that started it."""

from collections.abc import Iterator

import pytest

from tests import databases


@pytest.fixture(scope="session", autouse=True)
def _server_ends() -> Iterator[None]:
    """The throw-away PostgreSQL, if one was started, ends with the tests."""
    yield
    databases.EVERY.close()
