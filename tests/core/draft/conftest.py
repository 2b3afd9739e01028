"""What every test of drafts needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "desk.db")
    yield opened
    opened.close()
