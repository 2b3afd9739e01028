"""What a person does on the desk, as functions over a Playwright page. Every step waits for what it must produce."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as Late

READY = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'

#: Milliseconds a slow step (reading, checking) may take on a loaded machine.
PATIENCE = 40_000


def open_page(page: Page, url: str, path: str = "") -> None:
    """Open a page of the app and wait until it is drawn."""
    page.goto(f"{url}/{path}")
    page.wait_for_selector(READY, timeout=PATIENCE)
    expect(page.get_by_test_id("stHeading").first).to_be_visible(timeout=PATIENCE)


def settled(page: Page) -> None:
    """Wait until the script that an action started has ended."""
    page.wait_for_timeout(150)
    page.wait_for_selector(READY, timeout=PATIENCE)


def press(page: Page, name: str, *, exact: bool = False) -> None:
    """Press the button of this name."""
    page.get_by_role("button", name=name, exact=exact).first.click()
    settled(page)


def go(page: Page, path: str) -> None:
    """Follow the navigation to a page; on a narrow screen it is folded away until it is asked for."""
    opener = page.get_by_test_id("stExpandSidebarButton")
    if opener.is_visible():
        opener.click()
        page.wait_for_timeout(400)  # it slides in
    page.locator(f'[data-testid="stSidebarNavLink"][href$="/{path}"]').click()
    settled(page)


def upload(page: Page, path: Path) -> None:
    """Choose a file in the uploader."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)
    settled(page)


def heading(page: Page, text: str) -> None:
    """Wait for the page with this title."""
    expect(page.get_by_role("heading", name=text, level=1)).to_be_visible(timeout=PATIENCE)


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of the select box with this label."""
    page.get_by_role("combobox", name=label).first.click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def pick(page: Page, option: str) -> None:
    """Choose one of the radio buttons of the page; what is clicked are its words, as the button itself is drawn over."""
    page.get_by_test_id("stRadioOption").get_by_text(option, exact=True).first.click()


def metric(page: Page, label: str) -> str:
    """The figure under a label."""
    box = page.get_by_test_id("stMetric").filter(has_text=label).first
    return box.get_by_test_id("stMetricValue").inner_text().strip()


def grid(page: Page) -> Locator:
    """The editable grid of the page."""
    return page.get_by_test_id("stDataFrame").filter(has=page.locator("canvas"))


def cell(page: Page, row: int, column: int, *, which: int = 0) -> Locator:
    """A cell of the grid's accessibility table; counted from 0, the index is column 0."""
    return grid(page).nth(which).locator(f"#glide-cell-{column}-{row}")


def edit_cell(page: Page, row: int, column: int, text: str, *, which: int = 0) -> None:
    """Type a value into a cell of the grid, as with mouse and keyboard."""
    frame = grid(page).nth(which)
    frame.scroll_into_view_if_needed()
    for _ in range(6):
        _select(page, frame, row, column)
        page.keyboard.press("Enter")
        editor = page.locator("#portal textarea.gdg-input")
        try:
            editor.wait_for(timeout=1_500)
        except Late:  # the click only focused the grid: once more
            continue
        editor.fill(text)
        page.keyboard.press("Enter")
        editor.wait_for(state="detached")
        settled(page)
        page.wait_for_timeout(600)  # the grid reports once more when its source holds the edit
        settled(page)
        return
    raise AssertionError(f"cell {row}, {column} could not be edited")


def _select(page: Page, frame: Locator, row: int, column: int) -> None:
    """Click into the grid, then walk to the cell by arrow keys with feedback."""
    canvas = frame.locator("canvas").first
    frame.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 60, box["y"] + 35 * 1.5, delay=80)  # not a pinned column
    page.wait_for_timeout(200)
    for _ in range(60):
        at = _settled_selection(page, frame)
        if at is None:
            continue
        if at == (row, column):
            return
        if at[0] != row:
            page.keyboard.press("ArrowDown" if at[0] < row else "ArrowUp")
        else:
            page.keyboard.press("ArrowRight" if at[1] < column else "ArrowLeft")


def _settled_selection(page: Page, frame: Locator) -> tuple[int, int] | None:
    """The selected cell once two looks agree: the accessibility table lags behind the canvas."""
    before = None
    for _ in range(10):
        page.wait_for_timeout(220)
        now = _selected(frame)
        if now is not None and now == before:
            return now
        before = now
    return None


def _selected(frame: Locator) -> tuple[int, int] | None:
    found = frame.locator('td[aria-selected="true"]')
    if found.count() == 0:
        return None
    _, _, column, row = str(found.first.get_attribute("id")).split("-")
    return int(row), int(column)


def choose_first_run(page: Page) -> None:
    """On the history page, choose the newest submission."""
    page.get_by_role("combobox").first.click()
    page.get_by_role("option").nth(1).click()
    settled(page)
    expect(page.get_by_role("button", name="下载我的表格和结果")).to_be_visible(timeout=PATIENCE)
