"""Access: axe-core looks at every page in every scene of the walk, in both themes, and finds nothing that is ours to mend.

axe sees what stands in the page. What is drawn as a picture (the cells of the grid) is measured in tests/ui/test_colours.py.
The theme changes in an open page, as when a person's computer turns dark: one walk serves both.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from lib.draft import Draft
from lib.store import Store
from tests.e2e import desk
from tests.e2e.server import AppServer
from tests.screens import walk

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

#: What a theme can change. Everything else is the same in both and is looked at once.
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

WHOLE, POPOVER = "body", '[data-testid="stPopoverBody"]'

#: Colours on their way from one theme to the other are nobody's.
_AT_ONCE = """addEventListener("DOMContentLoaded", () => {
    document.head.append(Object.assign(document.createElement("style"), {textContent: "* {transition: none !important; animation: none !important}"}));
})"""

#: What axe says of Streamlit's own elements, which nothing on our side changes: rule, part of the element, reason.
#: An entry that no longer occurs has to go.
STREAMLITS_OWN = (
    (
        "presentation-role-conflict",
        'data-testid="stFileUploaderDropzo',  # axe cuts what is long
        "the uploader's frame is named and said to be none",
    ),
)

#: What waits to be drawn anew.
_PALE = '[data-stale="true"]'

_LOOK = """async ([part, rules]) => {
    const found = await axe.run(part === "body" ? document : part, {runOnly: rules, resultTypes: ["violations"]});
    return found.violations.flatMap((rule) => rule.nodes.map((node) => ({
        rule: rule.id, impact: rule.impact, html: node.html, why: node.failureSummary})));
}"""


@dataclass
class Eyes:
    """Looks at the page it is shown. `found`: findings with the scene and theme they were seen in; `seen`: scenes."""

    page: Page
    found: list[dict[str, Any]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    opened: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.add_init_script(_AT_ONCE)

    def stop(self, scene: str) -> str:
        """One scene in both themes, with everything folded out; then what opens above the page."""
        self.look(scene)
        for tab in self.page.get_by_role("tab").all()[1:]:
            tab.click()
            self._look(f"{scene}, {tab.inner_text()}", "light", RULES)
            self._wear("dark")
            self._look(f"{scene}, {tab.inner_text()}", "dark", OF_COLOURS)
            self._wear("light")
        for name, opener in self._openers().items():
            self._look(f"{scene}, {name}", "light", RULES, opener)
            self._wear("dark")
            self._look(f"{scene}, {name}", "dark", OF_COLOURS, opener)
            self._wear("light")
            self.page.keyboard.press("Escape")
            self.page.locator(POPOVER).wait_for(state="detached")
        self._wear("dark")
        self._look(scene, "dark", OF_COLOURS)
        self._wear("light")
        return scene

    def look(self, scene: str) -> None:
        """The page in light colours, with everything folded out."""
        desk.settled(self.page)
        self._fold_out()
        self._look(scene, "light", RULES)

    def _fold_out(self) -> None:
        """Open every expander that is closed; what is in some of them is made only then."""
        closed = "Array.from(document.querySelectorAll('details:not([open]) > summary'), (one) => one.click()).length"
        if self.page.evaluate(closed):
            desk.settled(self.page)

    def _openers(self) -> dict[str, Locator]:
        """What opens above the page, by name; each kind once on the whole walk."""
        buttons = self.page.get_by_test_id("stPopover").get_by_role("button").all()
        found = {
            re.sub(r"[\d,]+", "", button.inner_text()): button for button in buttons if button.is_enabled()
        }
        new = {name: button for name, button in found.items() if name not in self.opened}
        self.opened |= new.keys()
        return new

    def _wear(self, theme: str) -> None:
        self.page.emulate_media(color_scheme=theme)
        self.page.wait_for_function(
            "theme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === theme",
            arg=theme,
        )

    def _look(self, scene: str, theme: str, rules: dict[str, Any], opener: Locator | None = None) -> None:
        """opener: of the popover to look at, None for the whole page. It is opened anew where a run that went on has closed it."""
        part = POPOVER if opener else WHOLE
        if opener:
            desk.unfold(self.page, opener, self.page.locator(POPOVER))
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(AXE_SCRIPT)
        self.seen[theme] += 1
        found = self.page.evaluate(_LOOK, [part, rules])
        if found:  # what is being drawn anew is pale for a moment: only what stays counts
            desk.settled(self.page)
            self.page.wait_for_function(f"() => !document.querySelector('{_PALE}')")
            if opener:
                desk.unfold(self.page, opener, self.page.locator(POPOVER))
            again = self.page.evaluate(_LOOK, [part, rules])
            found = [one for one in found if any(_same(one, other) for other in again)]
        self.found += [one | {"scene": scene, "theme": theme} for one in found]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (one["rule"], one["html"]) == (other["rule"], other["html"])


@pytest.fixture(scope="module")
def findings(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """Everything axe finds on a walk: the unused app in English, everything else in Chinese."""
    with AppServer(tmp_path_factory.mktemp("access") / "data") as server:
        eyes = []
        for lang, scenes in (("en", _unused), ("zh", _used)):
            eyes.append(Eyes(desk.visitor(browser, lang, color_scheme="light").new_page()))
            for _ in scenes(eyes[-1], server):
                pass
            eyes[-1].page.context.close()
        assert all(one.seen["light"] >= 11 for one in eyes)
        assert all(one.seen["light"] == one.seen["dark"] for one in eyes)
        yield [finding for one in eyes for finding in one.found]


def _unused(eyes: Eyes, server: AppServer) -> Iterator[str]:
    yield from walk.empty(eyes.page, server, eyes.stop, walk.words("en"))


def _used(eyes: Eyes, server: AppServer) -> Iterator[str]:
    word = walk.words("zh")
    return chain(
        walk.filled(eyes.page, server, eyes.stop, word),
        walk.sending(eyes.page, server, eyes.stop, word),
        walk.finished(eyes.page, server, eyes.stop),
    )


def _is(finding: dict[str, Any], entry: tuple[str, str, str]) -> bool:
    return finding["rule"] == entry[0] and entry[1] in finding["html"]


def ours(findings: list[dict[str, Any]]) -> str:
    """Findings that are ours to mend, "" for none."""
    left = [finding for finding in findings if not any(_is(finding, entry) for entry in STREAMLITS_OWN)]
    return json.dumps(left, ensure_ascii=False, indent=1) if left else ""


def test_the_pages_of_a_first_visit_keep_nobody_out(
    visit: Callable[..., BrowserContext], shared_server: AppServer
) -> None:
    """The pages of the way, with a sheet in trouble on them, in light colours; `--long` looks at every scene in both themes."""
    with closing(Store(shared_server.data / "desk.db")) as store:
        draft = Draft(store)
        draft.load_sheet("姓名,手机号\n张伟,13012127771\n王芳,1301212\n".encode(), "客户.csv")
        draft.change_mapping(draft.mapping.with_column("phone", "手机号"))
    eyes = Eyes(visit(color_scheme="light").new_page())
    for path in ("", "connection", "upload", "mapping", "review", "submit", "history"):
        desk.open_page(eyes.page, shared_server.url, f"{path}?draft={draft.id}")
        eyes.look(path)
    assert not ours(eyes.found), ours(eyes.found)
    assert any(_is(finding, STREAMLITS_OWN[0]) for finding in eyes.found)


@pytest.mark.long
def test_nothing_that_is_ours_keeps_anybody_out(findings: list[dict[str, Any]]) -> None:
    """Every page, empty, with the sample, in trouble, going and ended; WCAG 2.2 A and AA and axe's good practice; no finding of any weight."""
    assert not ours(findings), ours(findings)


@pytest.mark.long
@pytest.mark.parametrize("entry", STREAMLITS_OWN, ids=lambda entry: entry[0])
def test_what_is_excused_still_occurs(findings: list[dict[str, Any]], entry: tuple[str, str, str]) -> None:
    assert any(_is(finding, entry) for finding in findings)
