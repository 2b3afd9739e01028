"""A demonstration in a real browser, from an empty data folder: the tour, every scenario, a copied request, practice begun anew."""

import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lib import tour
from lib.platform.batch_request import TOKEN_SHOWN
from lib.run.settings import SHORTEST_ANSWER_SECONDS
from lib.sandbox.scenarios import SCENARIOS
from lib.server.practice import TOKEN
from lib.store import Store
from lib.words import LANGUAGES, t
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE

#: The smallest screen of an office.
SCREEN = {"width": 1366, "height": 768}

#: The step after which the tab is closed.
PAUSED = "pause"

#: Scenario → what the screen says of the one batch that meets it.
SAID = {
    "normal": "run.rows.accepted",
    "slow": "run.waits",
    "silent": "error.no_answer",
    "lost": "error.dropped",
    "dropped": "error.dropped",
    "gateway": "error.server_error",
    "repeated": "run.rows.rejected",
    "task_running": "run.why.task_running",
    "token_refused": "run.why.token",
    "throttled": "run.rows.accepted",
    "no_lookups": "run.rows.accepted",
    "half": "run.rows.accepted",
}

#: …and in History, once it was asked what got in.
SAID_LATER = {"no_lookups": "arrivals.note.not_offered", "half": "arrivals.figure.waiting"}


Visit = Callable[..., BrowserContext]


def said(page: Page, key: str, lang: str) -> None:
    """Wait for the sentence: for its beginning, up to its first figure or bold word."""
    begins = t(key, lang, seconds="**", limit="", name="**").lstrip("*").partition("**")[0]
    expect(page.get_by_test_id("stMain").get_by_text(begins).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tour_from_end_to_end(visit: Visit, server: AppServer, lang: str) -> None:
    """Each step stands on the screen as it is; the tab is closed in the middle of it."""
    page = visit(lang, viewport=SCREEN).new_page()
    desk.open_page(page, server.url)
    with desk.rerun(page):
        page.get_by_role("link", name=t("tour.start", lang)).click()
    for step in tour.STEPS:
        desk.heading(page, t("page.tour.title", lang))
        button = page.get_by_role("button", name=t(f"tour.{step.name}_do", lang), exact=True)
        expect(button).to_be_in_viewport(ratio=1)
        button.click()
        said(page, f"tour.{step.name}_was", lang)
        if step.name == PAUSED:
            page.close()
            page = visit(lang, viewport=SCREEN).new_page()
            desk.open_page(page, server.url)
            with desk.rerun(page):
                page.get_by_role("link", name=t("tour.continue", lang)).click()
    proof = t("ledger.closing", lang, count=153, batches=45, accepted=153)
    expect(page.get_by_text(proof)).to_be_visible()
    desk.press(page, t("tour.end", lang))
    desk.heading(page, t("page.overview.title", lang))
    expect(page.get_by_role("link", name=t("tour.start", lang))).to_be_visible()
    said(page, "overview.what", lang)  # as on the first visit
    assert list(server.data.glob("tour.db*")) == []


def begin(page: Page, server: AppServer, folder: Path, name: str, lang: str, at: int = 0) -> None:
    """A new upload of two numbers of its own, submitted with this scenario."""
    path = folder / f"{at}.csv"
    path.write_text(f"姓名,手机号\n张三,139{at:04}0001\n李四,139{at:04}0002\n", encoding="utf-8")
    desk.open_page(page, server.url)
    desk.press(page, t("overview.start", lang))
    desk.upload(page, path)
    desk.go(page, "submit")
    which = page.get_by_role("combobox", name=t("scenario.which", lang))
    if not which.is_visible():
        page.get_by_text(t("scenario.title", lang, name="").strip()).click()
    expect(which).to_be_visible()
    if name != "normal":
        desk.choose(page, t("scenario.which", lang), t(f"scenario.{name}", lang))
    said(page, f"scenario.{name}_watch", lang)
    desk.press(page, t("plan.submit", lang, count=2))


@pytest.mark.long
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_scenario_with_what_the_screen_then_says(
    visit: Visit, server: AppServer, tmp_path: Path, lang: str
) -> None:
    assert SAID.keys() == SCENARIOS.keys()
    with closing(Store(server.data / "desk.db")) as store:
        store.settings.save(replace(store.settings.get(), answer_seconds=SHORTEST_ANSWER_SECONDS))
    page = visit(lang, viewport=SCREEN).new_page()
    for at, name in enumerate(SAID):
        begin(page, server, tmp_path, name, lang, at)
        said(page, SAID[name], lang)
        if name in SAID_LATER:
            desk.press(page, t("run.to_history", lang))
            desk.press(page, t("arrivals.look", lang))
            said(page, SAID_LATER[name], lang)


@pytest.mark.long
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_batch_copied_as_curl_is_accepted_and_then_practice_begins_anew(
    visit: Visit, server: AppServer, tmp_path: Path, lang: str
) -> None:
    person = visit(lang, viewport=SCREEN)
    person.grant_permissions(["clipboard-read", "clipboard-write"])
    page = person.new_page()
    begin(page, server, tmp_path, "task_running", lang)  # nothing is taken: so a copy of it is no repetition
    said(page, "run.why.task_running", lang)
    url = server.practice_url()
    desk.settled(page)
    inspector = page.get_by_test_id("stExpander").filter(has_text=t("inspector.title", lang))
    with desk.rerun(page):
        inspector.locator("summary").click()
    with desk.rerun(page):
        inspector.get_by_text(t("numbers.full", lang), exact=True).click()
    desk.pick(page, "cURL")
    request = inspector.get_by_test_id("stCode").filter(has_text="curl ")
    request.hover()
    request.get_by_role("button").click()
    command = page.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(
        ["sh", "-s"], input=command.replace(TOKEN_SHOWN, TOKEN), capture_output=True, encoding="utf-8", timeout=PATIENCE,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    assert '"unique_id"' in ran.stdout
    assert practice_platform.ledger(url)["numbers"] == {"13900000001": 1, "13900000002": 1}
    desk.go(page, "connection")
    sure = page.get_by_role("button", name=t("practice.reset_yes", lang), exact=True)
    desk.unfold(page, page.get_by_role("button", name=t("practice.reset", lang)).first, sure)
    with desk.rerun(page):
        sure.click()
    expect(page.get_by_text(t("practice.was_reset", lang, count=1))).to_be_visible()
    assert practice_platform.ledger(url)["numbers"] == {}
    assert practice_platform.control(url)["scenario"] == "normal"
    desk.go(page, "history")
    said(page, "history.empty", lang)
    desk.open_page(page, server.url)
    said(page, "overview.what", lang)  # as on the first visit
