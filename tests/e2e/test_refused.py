"""A platform that refuses a whole batch for one of its numbers, in a real browser: every number is accounted for in minutes."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from lib.sandbox.world import TASK_ID, USER_ID
from lib.server.practice import TOKEN
from lib.store import Store
from lib.words import t
from tests import practice_platform
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE, until

PHONES = [f"139{at:08d}" for at in range(450)]

#: Places of those that somebody else has brought: two in one batch, three in another, two of them side by side.
THERE = (17, 133, 204, 310, 311, 444)

#: Presses from the overview to the last number named, one or two of them to go on after a pause. At two seconds of reading each that is one of the five minutes a
#: person may need; the desk's own part was 100 s beside other work on two cores.
PRESSES = 32


def brought_by_others(url: str) -> None:
    rows = [{"phone": PHONES[at], "sort": 0, "extra": "another"} for at in THERE]
    address = f"{url}/agent-api/user/{USER_ID}/task/{TASK_ID}/async_number"
    answer = httpx.post(
        address,
        json={"ignore_crm": True, "data": rows},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=PATIENCE,
        trust_env=False,
    )
    answer.raise_for_status()


@pytest.mark.long
@pytest.mark.parametrize("words", ["号码不可用", "号码重复"])
def test_the_numbers_a_platform_refuses_are_found_by_halves_without_getting_lost(
    page: Page, server: AppServer, tmp_path: Path, words: str
) -> None:
    """It has six of 450 already, refuses every batch with one of them, says at most why but never which, and shows no list."""
    url = desk.start_practice(page, server)
    brought_by_others(url)
    practice_platform.control(url, repeats="batch", faults=["list_missing"], words=[words])
    path = tmp_path / "名单.csv"
    path.write_text("手机号\n" + "\n".join(PHONES), encoding="utf-8")
    desk.go(page, "upload")
    desk.upload(page, path)
    presses = 2
    for key in ("upload.next", "mapping.next", "review.next"):
        desk.press(page, t(key, "zh", count=len(PHONES)))
        presses += 1
    store = Store(server.data / "desk.db")
    left, in_batches = len(PHONES), 0
    while left != in_batches:
        desk.press(page, t("plan.submit", "zh", count=left))
        presses += 1
        until(lambda: store.runs.latest()[0].state in ("finished", "paused"), "it goes on for ever")
        if store.runs.latest()[0].state == "paused":  # six refusals, one right after the other
            desk.press_while_there(page, t("run.resume", "zh"))
            presses += 1
        desk.has_ended(page)
        run = store.runs.latest()[0]
        assert run.batches.keys() <= {"accepted", "rejected"}, "a first refusal is a refusal"
        left, in_batches = run.rows_by_state["rejected"], run.batches["rejected"]
        if left != in_batches:
            as_is = page.get_by_role("button", name=t("again.as_is", "zh"))
            desk.unfold(page, page.get_by_role("button", name=t("again.refused", "zh", count=left)), as_is)
            with desk.rerun(page):
                as_is.click()
            desk.heading(page, t("page.submit.title", "zh"))
            presses += 2
    store.close()
    expect(page.get_by_text(t("again.refuses", "zh", count=len(THERE)))).to_be_visible()
    expect(page.get_by_text(t("error.repeated_unchecked", "zh"))).to_have_count(int(words == "号码重复"))
    assert practice_platform.ledger(url)["numbers"] == dict.fromkeys(PHONES, 1)
    assert presses <= PRESSES
