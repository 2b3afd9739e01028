"""The first three minutes: from an empty app to the first unique_id in practice, counted in actions."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lib.words import t
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.e2e.test_journey import UUID

#: Actions a first visit may take.
MOST_ACTIONS = 12


class Person:
    """Presses what stands out, and counts."""

    def __init__(self, page: Page) -> None:
        self._page, self.actions = page, 0

    def press_the_next_step(self) -> None:
        """The one filled button of the page."""
        found = self._page.locator('[data-testid="stBaseButton-primary"]:visible')
        expect(found).to_have_count(1)
        with desk.rerun(self._page):
            found.click()
        self.actions += 1

    def press(self, name: str) -> None:
        """A button by its words."""
        desk.press(self._page, name)
        self.actions += 1


@pytest.mark.long
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_unique_id_takes_a_few_presses_of_the_one_filled_button(
    visit: Callable[..., BrowserContext], server: AppServer, lang: str
) -> None:
    """The sample, then the next step of each page, and nothing to read."""
    page = visit(lang).new_page()
    desk.open_page(page, server.url)
    person = Person(page)
    person.press(t("overview.sample", lang))
    for name in ("upload", "mapping", "review", "submit"):
        desk.heading(page, t(f"page.{name}.title", lang))
        person.press_the_next_step()
    desk.has_ended(page, lang)
    expect(
        page.locator('[id^="glide-cell-1-"]').filter(has_text=re.compile(UUID.pattern)).first
    ).to_be_attached()
    print(f"{lang}: {person.actions} actions")
    assert person.actions <= MOST_ACTIONS
