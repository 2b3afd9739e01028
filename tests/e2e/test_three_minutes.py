"""The first three minutes: from an empty app to the first unique_id in practice, counted in presses."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lib.words import t
from tests.e2e import desk
from tests.e2e.server import AppServer

#: Presses from an empty app to a unique_id, with the sample and with a sheet of one's own that nothing is wrong with.
MOST_PRESSES = {"sample": 4, "own": 6}

#: Clean, in the words of the two languages; the column nobody knows is a person's own.
SHEETS = {
    "zh": "姓名,手机号,性别,会员等级\n张伟,13012121211,男,金卡\n李娜,13012121212,女,银卡\n",
    "en": "Name,Phone,Gender,Tier\nAdam,13012121211,male,gold\nBeth,13012121212,female,silver\n",
}

#: The smallest screen of an office.
SCREEN = {"width": 1366, "height": 768}


class Person:
    """Presses what stands out, and counts."""

    def __init__(self, page: Page) -> None:
        self._page, self.presses = page, 0

    def press_the_next_step(self) -> None:
        """The one filled button of the page."""
        found = self._page.locator('[data-testid="stBaseButton-primary"]:visible')
        expect(found).to_have_count(1)
        assert self._page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTop") == 0
        expect(found, "one has to scroll to it").to_be_in_viewport(ratio=1)
        with desk.rerun(self._page):
            found.click()
        self.presses += 1

    def take_the_sample(self, lang: str) -> None:
        desk.press(self._page, t("overview.sample", lang))
        self.presses += 1

    def choose(self, file: Path) -> None:
        """A file of one's own, where one stands."""
        desk.upload(self._page, file)
        self.presses += 1


@pytest.mark.long
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("sheet", MOST_PRESSES)
def test_the_first_unique_id_takes_a_few_presses_of_the_one_filled_button(
    visit: Callable[..., BrowserContext], server: AppServer, tmp_path: Path, sheet: str, lang: str
) -> None:
    """A sheet, then the next step of each page, and nothing to read."""
    page = visit(lang, viewport=SCREEN).new_page()
    desk.open_page(page, server.url)
    person = Person(page)
    if sheet == "sample":
        person.take_the_sample(lang)
    else:
        file = tmp_path / "contacts.csv"
        file.write_text(SHEETS[lang], encoding="utf-8")
        person.choose(file)
    for name in ("upload", "review", "submit"):
        desk.heading(page, t(f"page.{name}.title", lang))
        person.press_the_next_step()
    desk.has_ended(page, lang)
    expect(page).to_have_title(re.compile(f"^✓ {t('run.state.finished', lang)} · "))
    expect(
        page.locator('[id^="glide-cell-1-"]').filter(has_text=re.compile(desk.UUID.pattern)).first
    ).to_be_attached()
    desk.go(page, "upload")
    expect(page).to_have_title(t("page.upload", lang))
    print(f"{sheet}, {lang}: {person.presses} presses")
    assert person.presses <= MOST_PRESSES[sheet]
