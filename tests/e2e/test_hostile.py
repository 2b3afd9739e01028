"""SEC35, SEC18, A27, X16: hostile text through every page of a real browser. It is shown as it is, and becomes nothing."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.store import Store
from lib.ui.navigation import TABS
from lib.words import NAMES, t
from lib.workbook.kind import label
from tests import practice_platform
from tests.e2e import desk, hostile_desk
from tests.e2e.server import AppServer
from tests.hostile import FILE_NAMES, LONG, MARK, TEXTS, mark


class Watched:
    """A page of which is written down whom it asks, and which dialogues it opens."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: set[str] = set()
        self.dialogues: list[str] = []
        page.context.on("request", lambda request: self.asked.add(_host(request.url)))
        page.on("dialog", lambda dialogue: (self.dialogues.append(dialogue.message), dialogue.dismiss()))


def _host(url: str) -> str:
    return url.split("/")[2] if "//" in url else url[:5]


@pytest.fixture(scope="module")
def desk_watched(browser: Browser) -> Iterator[Watched]:
    """One page for all of them: each begins by opening what it needs."""
    context = desk.visitor(browser)
    yield Watched(context.new_page())
    context.close()


@pytest.fixture
def watched(desk_watched: Watched) -> Iterator[Page]:
    """At the end nothing has gone to another host, and no dialogue was opened."""
    desk_watched.asked.clear()
    desk_watched.dialogues.clear()
    yield desk_watched.page
    assert {host for host in desk_watched.asked if not host.startswith("127.0.0.1:")} <= {"data:", "blob:"}
    assert desk_watched.dialogues == []


#: Elements of Streamlit that show Markdown, a few for each page.
ELEMENTS = (
    ("markdown", "bold", "list", "beside_icons", "caption", "header"),
    ("error", "info", "metric", "progress", "expander"),
    ("button", "popover", "radio", "selectbox", "toggle"),
)


@pytest.fixture(scope="module")
def elements(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a script that shows every text in one kind of element."""
    with AppServer(tmp_path_factory.mktemp("literal"), script="tests/e2e/literal_page.py") as running:
        yield running.url


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(one, id=one[0], marks=() if one[0] == "markdown" else pytest.mark.long)
        for one in ELEMENTS
    ],
)
def test_sec35_text_is_shown_as_it_is_in_every_element(
    watched: Page, elements: str, kinds: tuple[str, ...]
) -> None:
    """SEC35: a link, a picture, an icon, an arrow, a list or a line of bold would be data that became mark-up."""
    watched.goto(f"{elements}/?in={'.'.join(kinds)}")
    desk.settled(watched)
    last = watched.locator(f".st-key-{mark(len(TEXTS))}-{kinds[-1]}")
    expect(last.get_by_text(LONG[-50:]).first).to_be_attached()
    watched.wait_for_load_state("networkidle")  # parts of the mark-up are loaded when they are first needed
    made = hostile_desk.made_of_data(watched)
    assert [one for one in made if not ("list" in kinds and one.startswith(("<ul", "<li")))] == []
    assert hostile_desk.bent(watched) == []
    shown = watched.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('[class*=\"st-key-q7z\"]')].map(one => [one.className.match(/st-key-(\\S+)/)[1], one.textContent]))"
    )
    for kind in kinds:
        wrong = [
            text
            for at, text in enumerate(TEXTS)
            if hostile_desk.seen(text) not in hostile_desk.seen(shown[f"{mark(at)}-{kind}"])
        ]
        assert wrong == []


def test_sec35_an_address_that_is_copied_still_leads_to_its_host(watched: Page, elements: str) -> None:
    """The invisible character in it is one that browsers leave out of a host's name."""
    watched.goto(f"{elements}/?in=markdown")
    asked = (
        "new URL('https://\u2060evil.example/x').host + ' ' + new URL('http://\u2060127.0.0.1:8600/').host"
    )
    assert watched.evaluate(asked) == "evil.example 127.0.0.1:8600"


#: Every page with something of a person's.
PAGES = ("", "connection", "upload", "mapping", "review", "submit", "history", "do_not_call")


#: Of the many alike on a page, how many lists, popovers and expanders are opened.
OPENED = (1, pytest.param(5, marks=pytest.mark.long))


@pytest.fixture(scope="module")
def full(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[tuple[AppServer, hostile_desk.Drafts]]:
    """A desk full of hostile names, and a practice platform that says nothing else."""
    with AppServer(tmp_path_factory.mktemp("hostile") / "data") as running:
        context = desk.visitor(browser)
        url = desk.start_practice(context.new_page(), running)
        practice_platform.control(url, words=TEXTS, half_characters=True, faults=["422:0.5"])
        with closing(Store(running.data / "desk.db")) as store:
            drafts = hostile_desk.fill(store, url)
        context.close()
        yield running, drafts


def harmless(page: Page) -> None:
    """Nothing on this page has become more than text, and what is shown of a text is the text."""
    holds = "mark => document.querySelector('[data-testid=\"stApp\"]').textContent.includes(mark)"
    page.wait_for_function(holds, arg=MARK)
    desk.settled(page)
    assert hostile_desk.made_of_data(page) == []
    assert hostile_desk.bent(page) == []


def opened(page: Page, most: int) -> Iterator[None]:
    """Once for each list, popover or expander of the page that is open, of each kind the first so many."""
    main = page.get_by_test_id("stMain")
    closed = main.locator("details:not([open]) > summary")
    for left in reversed(range(closed.count())[-most:] if most else ()):
        closed.first.click()
        expect(closed).to_have_count(left)
        yield
    kinds = (
        (main.get_by_test_id("stPopover").get_by_role("button"), page.get_by_test_id("stPopoverBody")),
        (main.get_by_role("combobox"), page.get_by_role("option")),
    )
    for openers, shown in kinds:
        for at in range(min(openers.count(), most)):
            if openers.nth(at).is_enabled():
                desk.unfold(page, openers.nth(at), shown)
                yield
                page.keyboard.press("Escape")
                expect(shown).to_have_count(0)  # what is still closing takes the next click for its own


@pytest.mark.long
@pytest.mark.parametrize(("lang", "most"), [("zh", 4), ("en", 0)])
@pytest.mark.parametrize("path", PAGES)
def test_sec35_every_page_shows_hostile_text_as_it_is(
    watched: Page, full: tuple[AppServer, hostile_desk.Drafts], path: str, lang: str, most: int
) -> None:
    """SEC35, X16: each page as it is drawn, in one language with its lists, popovers and expanders open."""
    server, drafts = full
    desk.open_page(watched, server.url, f"{path}?lang={NAMES[lang]}&draft={drafts.ready}")
    title = "settings" if path in TABS else path or "overview"
    desk.heading(watched, t(f"page.{title}.title", lang))
    if path == "mapping":
        desk.press(watched, t("components.fetch", lang))
    harmless(watched)
    for _ in opened(watched, most):
        harmless(watched)


@pytest.mark.parametrize("most", OPENED)
@pytest.mark.parametrize(
    "path", ["submit", *(pytest.param(name, marks=pytest.mark.long) for name in ("", "connection"))]
)
def test_sec35_the_name_of_a_connection_is_shown_as_it_is(
    watched: Page, full: tuple[AppServer, hostile_desk.Drafts], path: str, most: int
) -> None:
    """SEC35: the name stands on every page, the address of the platform in its list."""
    server, drafts = full
    desk.open_page(watched, server.url, f"{path}?lang={NAMES['zh']}&draft={drafts.elsewhere}")
    harmless(watched)
    for _ in opened(watched, most):
        harmless(watched)


@pytest.mark.long
def test_sec35_what_the_platform_says_of_a_batch_is_shown_as_it_is(
    watched: Page, full: tuple[AppServer, hostile_desk.Drafts]
) -> None:
    """SEC35, A27: its messages, half characters in them, in the batches of a run and in the log."""
    server, _ = full
    for at in (0, 1):
        desk.open_page(watched, server.url, f"history?lang={NAMES['zh']}")
        harmless(watched)
        desk.choose_run(watched, at)
        harmless(watched)
        for _ in opened(watched, most=5):
            harmless(watched)


def test_sec35_a_receipt_is_text_without_a_network_and_prints_on_one_page(
    watched: Page, full: tuple[AppServer, hostile_desk.Drafts], browser: Browser, tmp_path: Path
) -> None:
    """SEC35: a file of ours that a browser opens from the disk, where no header of the server protects anybody."""
    server, _ = full
    desk.open_page(watched, server.url, f"history?lang={NAMES['zh']}")
    desk.choose_run(watched, 0)
    file = tmp_path / "receipt.html"
    file.write_bytes(desk.download(watched, t("history.receipt", "zh")))
    with closing(browser.new_context(offline=True)) as context:
        opened = context.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(file.as_uri())
        made = "document.querySelectorAll('script, a, img, iframe, svg, b, em, link').length"
        assert opened.evaluate(f"[window.hostile === undefined, {made}]") == [True, 0]
        cells = opened.locator("td").all_text_contents()
        named = set(map(hostile_desk.seen, cells)) & set(map(hostile_desk.seen, TEXTS))
        assert named
        assert asked == [file.as_uri()]
        assert b"/Count 1\n" in opened.pdf(prefer_css_page_size=True)


#: The one of the short run: it climbs.
SHORT_NAME = "..\\..\\x.csv"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=str(at), marks=() if name == SHORT_NAME else pytest.mark.long)
        for at, name in enumerate(FILE_NAMES)
    ],
)
def test_sec18_a_file_of_any_name_is_a_label_and_no_path(
    watched: Page, full: tuple[AppServer, hostile_desk.Drafts], name: str
) -> None:
    """SEC18: shown without what turns or climbs, and no file of that name comes into being."""
    server, _ = full
    before = {path.name for path in server.data.parent.rglob("*")}
    desk.open_page(watched, server.url, f"upload?lang={NAMES['zh']}")
    chosen = {"name": name, "mimeType": "text/csv", "buffer": "手机号,姓名\n13012121211,张伟\n".encode()}
    watched.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(chosen)
    shown = watched.get_by_test_id("stHeading").filter(has_text=hostile_desk.seen(label(name)))
    expect(shown).to_be_visible()
    assert hostile_desk.made_of_data(watched) == []
    assert {path.name for path in server.data.parent.rglob("*")} <= before | {"desk.db-journal"}
