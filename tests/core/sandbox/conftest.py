"""One practice platform for the tests of a module."""

from collections.abc import Iterator

import pytest

from lib import sandbox
from tests.core.sandbox.scenes import TOKEN, Desk


@pytest.fixture(scope="module")
def shared() -> Iterator[Desk]:
    with sandbox.running(token=TOKEN) as url:
        desk = Desk(url)
        yield desk
        desk.http.close()
