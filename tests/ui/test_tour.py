"""The guided tour on its page: each step, leaving it at any, and nothing of it on a real connection."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib import tour
from lib.access.people import ALONE
from lib.errors import PracticeOnly
from lib.platform.connection import create, practice
from lib.ui.services import Services
from lib.words import LANGUAGES, t
from tests.core.erasure.test_practice_reset import rows_by_table  # noqa
from tests.ui.conftest import visit
from tests.ui.steps import THREE, button, real, submitted, texts, upload
from tests.waiting import until

NAMES = [step.name for step in tour.STEPS]


def mine(desk: Any) -> Services:
    return desk.of(lambda: ALONE)


def press(app: AppTest, desk: Any, name: str) -> None:
    """Press the button of this step and wait until it is done."""
    visit(app, "tour")
    assert app.button(key="tour.next").label == t(f"tour.{name}_do", "zh")
    app.button(key="tour.next").click().run()
    assert not app.exception
    at = NAMES.index(name)
    until(lambda: tour.stand(mine(desk)).done > at, lambda: str(tour.stand(mine(desk))))
    visit(app, "tour")
    assert not app.exception
    assert t(f"tour.{name}_was", "zh") in texts(app)


@pytest.mark.long
def test_walk(app: AppTest, desk: Services) -> None:
    import time
    for name in NAMES:
        b=time.time()
        press(app, desk, name)
        print(name, time.time()-b, [ (r.state, r.rows_by_state) for r in desk.store.runs.of_tour()])
    print(texts(app))
    app.button(key="tour.leave").click().run()
    assert desk.store.runs.of_tour() == []
