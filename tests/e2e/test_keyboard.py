"""The whole journey by keyboard alone: from the overview to the first unique_id, with a cell mended on the way.

Nothing here clicks, and nothing moves the focus but keys. At every stop of the Tab key something is seen to be there.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from lib.words import t
from tests.e2e import desk
from tests.e2e.server import AppServer

#: Stops between two things a person wants, at the most.
FAR = 80

#: A cell of a grid has its ring in the picture of the grid, where only eyes see it.
DRAWN = ("canvas", "td")

#: Behind the last control of a page and before its first the focus is in the browser's own frame, which this one has not.
FRAME = "body"

#: What has the focus: its name, kind and place in the page.
_HERE = """() => {
    const one = window.stop = document.activeElement;
    const label = one.closest("label");
    const box = (label || one).getBoundingClientRect();
    return {
        name: (one.getAttribute("aria-label") || one.innerText || (label || (one.labels || [])[0] || {}).innerText || "").trim(),
        kind: one.tagName.toLowerCase(),
        role: one.getAttribute("role") || one.type || "",
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    };
}"""

#: Keeps how what has the focus, and what is around it, looks once nothing of it moves any more; nothing where a key has led on.
_KEEP = """async () => {
    window.lastStop = null;
    const one = document.activeElement;
    if (one !== window.stop) return;
    const label = one.closest("label");
    const around = [one, ...(label ? [label] : [])];
    for (let above = one.parentElement; above && around.length < 4; above = above.parentElement) around.push(above);
    await Promise.allSettled(around.flatMap((part) => part.getAnimations()).map((moving) => moving.finished));
    window.looks = (part) => {
        const style = getComputedStyle(part);
        return [style.outlineStyle === "none" ? "" : style.outline, style.boxShadow, style.borderColor].join();
    };
    window.lastStop = around.map((part) => [part, looks(part)]);
}"""

#: Whether the stop before this one looks otherwise now that the focus has left it, by ring, shadow or border, or is no longer
#: in the page.
_LEFT = """() => !window.lastStop || !lastStop[0][0].isConnected || lastStop.some(([part, before]) => before !== looks(part))"""


class Keys:
    """A person without a mouse. `stops`: what had the focus, in order; `unseen`: where nobody could tell."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops: list[dict[str, Any]] = []
        self.unseen: list[dict[str, Any]] = []

    def to(self, name: str, kind: str = "button") -> None:
        """Go on with Tab until the control with this name has the focus."""
        for _ in range(FAR):
            here = self._next()
            if here["kind"] == kind and re.search(rf"(^|\n){re.escape(name)}", here["name"]):
                return
        raise AssertionError(f"{name} is not reached; on the way: {self.stops[-FAR:]}")

    def press(self, name: str) -> None:
        """Go to a button and press it."""
        self.to(name)
        with desk.rerun(self.page):
            self.page.keyboard.press("Enter")

    def _next(self) -> dict[str, Any]:
        self.page.evaluate(_KEEP)
        self.page.keyboard.press("Tab")
        self.page.evaluate(desk.DRAWN)
        if self.stops and self.stops[-1]["kind"] not in (*DRAWN, FRAME):
            try:
                self.page.wait_for_function(_LEFT)
            except TimeoutError:
                self._not_seen(self.stops[-1], "no ring")
        here: dict[str, Any] = self.page.evaluate(_HERE)
        if not here["seen"]:
            self._not_seen(here, "not on the screen")
        self.stops.append(here)
        return here

    def _not_seen(self, stop: dict[str, Any], why: str) -> None:
        if stop["kind"] not in (*DRAWN, FRAME):
            self.unseen.append(stop | {"why": why})


@pytest.fixture
def keys(page: Page, server: AppServer) -> Keys:
    """A Chinese visitor who has just opened the app."""
    desk.open_page(page, server.url)
    return Keys(page)


def word(key: str, **params: int) -> str:
    return t(key, "zh", **params)


def test_from_the_overview_to_the_first_unique_id_without_a_mouse(keys: Keys) -> None:
    """The sample, a choice among radio buttons, the mapping, a cell mended, the submission; a ring at every stop."""
    page = keys.page
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    keys.press(word("overview.sample"))
    desk.heading(page, word("page.upload.title"))
    keys.to(word("structure.out"), "input")
    page.keyboard.press("ArrowLeft")
    expect(
        page.get_by_text(word("upload.rows", count=59)).first
    ).to_be_visible()  # the line of totals is read too
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(word("upload.rows", count=58))).to_be_visible()
    keys.press(word("upload.next"))
    desk.heading(page, word("page.mapping.title"))
    keys.press(word("mapping.next"))
    desk.heading(page, word("page.review.title"))
    before = int(desk.metric(page, word("tally.to_send")).inner_text())
    _mend_a_cell(keys)
    expect(desk.metric(page, word("tally.to_send"))).to_have_text(str(before + 1))
    keys.press(word("review.next", count=before + 1))
    desk.heading(page, word("page.submit.title"))
    keys.press(word("plan.submit", count=before + 1))
    desk.has_ended(page, None)
    expect(
        page.locator('[id^="glide-cell-1-"]').filter(has_text=re.compile(desk.UUID.pattern)).first
    ).to_be_attached()
    assert keys.unseen == []


def _mend_a_cell(keys: Keys) -> None:
    """Tab into the grid, arrows to the number that is too short, Enter, type, Enter."""
    page = keys.page
    keys.to("", "canvas")
    short = desk.grid(page).locator("td").filter(has_text=re.compile(r"^1540000133$")).first
    _, _, column, row = str(short.get_attribute("id")).split("-")
    for key, times in (("ArrowDown", int(row)), ("ArrowRight", int(column))):
        for _ in range(times):
            page.keyboard.press(key)
    expect(short).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    editor = page.locator(desk.EDITOR)
    expect(editor).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("15400001339")
    expect(editor).to_have_value("15400001339")
    page.evaluate(desk.DRAWN)  # as in `desk.type_into_cell`
    with desk.rerun(page, times=2):  # as `desk.edit_cell` has it
        page.keyboard.press("Enter")
