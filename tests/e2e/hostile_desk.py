"""What a browser shows of hostile text, and a desk that is full of it."""

import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from playwright.sync_api import Page

from lib.draft import Draft
from lib.mapping.components import ComponentRow
from lib.platform.connection import ConnectionKind, create, practice
from lib.store import Store
from lib.words.literal import JOINER
from tests.core.sheet_builder import rows, workbook
from tests.faults.desk import plan
from tests.hostile import HOST, ICON, MARK, TEXTS, mark

#: Elements that only mark-up makes; of our own there may be some, of data none.
_MADE = "em, del, code, pre, table, li, ul, ol, h4, h5, h6, blockquote, hr, sup, kbd, .katex, .stMarkdownColoredText, .stMarkdownBadge, .stMarkdownShimmer"

_LOOK = """([mark, host, icon, made]) => {
    const found = [];
    const app = document.querySelector('[data-testid="stApp"]');
    // the desk's own sign is a picture, drawn by us of nothing but its name
    const sign = (one) => one.matches('[data-testid="stSidebarLogo"], [data-testid="stHeaderLogo"]') && !atob(one.getAttribute('src').split(',')[1]).includes(mark);
    const own = (address) => new URL(address, location.href).origin === location.origin;
    if (window.hostile !== undefined) found.push('a script ran');
    for (const one of document.querySelectorAll('script, style, iframe, object, embed, link, base, meta, form, svg'))
        if (one.outerHTML.includes(mark) || one.outerHTML.includes(host)) found.push(one.outerHTML.slice(0, 200));
    for (const one of app.querySelectorAll('img, video, audio, source, image')) if (!sign(one)) found.push(one.outerHTML.slice(0, 200));
    for (const one of app.querySelectorAll('[href], [src], [action], [srcset]'))
        for (const name of ['href', 'src', 'action', 'srcset']) {
            const address = one.getAttribute(name);
            if (address && !sign(one) && (!own(address) || address.includes(mark))) found.push(`${name}=${address}`);
        }
    for (const one of app.querySelectorAll('[role="img"], [data-testid="stIconMaterial"]'))
        if (one.textContent.includes(icon) || one.textContent.includes('skull')) found.push('icon ' + one.outerHTML.slice(0, 200));
    for (const one of app.querySelectorAll(made))
        if (one.textContent.includes(mark) && !one.closest('[data-testid="stCode"], [data-testid="stDataFrame"]')) found.push(one.outerHTML.slice(0, 200));
    for (const one of app.querySelectorAll('*'))
        for (const attribute of one.attributes)
            if (attribute.name.startsWith('on') && attribute.value.includes('hostile')) found.push(attribute.name);
    return found;
}"""

#: The nearest element of Streamlit around each piece of text that holds a mark, with everything it shows.
_SHOWN = """(mark) => {
    const walk = document.createTreeWalker(document.querySelector('[data-testid="stApp"]'), NodeFilter.SHOW_TEXT);
    const around = '[data-testid="stMarkdownContainer"], [data-testid="stText"], [data-testid="stCaptionContainer"], '
        + '[data-testid="stCode"], [data-testid="stHeading"], [role="option"], td, th, [data-baseweb="select"], textarea, button, a';
    const found = new Set();
    while (walk.nextNode())
        if (walk.currentNode.textContent.includes(mark)) found.add((walk.currentNode.parentElement.closest(around) || walk.currentNode.parentElement).textContent);
    return [...found];
}"""


def made_of_data(page: Page) -> list[str]:
    """Everything on the page that hostile text has become."""
    return page.evaluate(_LOOK, [MARK, HOST, ICON, _MADE])


def bent(page: Page) -> list[str]:
    """Texts of the page that are not what stood in the data."""
    return [
        told
        for told in map(seen, page.evaluate(_SHOWN, MARK))
        for at in marks(told)
        if not _is_whole(told, at)
    ]


def marks(told: str) -> set[int]:
    """Which hostile texts stand in it."""
    return {int(number) for number in re.findall(rf"{MARK}(\d\d)", told)}


def _is_whole(told: str, at: int) -> bool:
    """Up to its mark: places that are short cut a text behind it."""
    text = seen(TEXTS[at])
    return text[: text.index(mark(at)) + len(mark(at))] in told


def seen(text: str) -> str:
    """As a person sees it: spaces are one, and what has no looks is nothing."""
    return " ".join(
        re.sub(f"[{JOINER}\u200b\ufeff\u202a-\u202e\u2066-\u2069]", "", text).replace("\u00a0", " ").split()
    )


def hostile_workbook() -> bytes:
    """A sheet whose name, headers and cells are hostile; a column of numbers, and one of words for the gender."""
    header = ["手机号", "姓名", "性别", "公司", *TEXTS]
    lines = [
        [f"1301212{at:04d}", text, text if at % 2 else "男", text, *TEXTS] for at, text in enumerate(TEXTS)
    ]
    lines[0][0] = "13012"  # too short: something to show in the review
    cells = [
        (number, "".join(_cell(column, number, value) for column, value in enumerate(line)))
        for number, line in enumerate([header, *lines], start=1)
    ]
    first = escape(TEXTS[15][:31], {'"': "&quot;"})
    return workbook(
        rows(*cells), rows((1, _cell(0, 1, "x"))), names=(first, escape(TEXTS[11], {'"': "&quot;"}))
    )


def _cell(column: int, row: int, value: str) -> str:
    letters = (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)
    return f'<c r="{letters}{row}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


@dataclass(frozen=True)
class Drafts:
    """Ids of a draft ready to be sent to practice, and of one that goes to a connection of a hostile name."""

    ready: str
    elsewhere: str


def fill(store: Store, practice_url: str) -> Drafts:
    """Connections, drafts, runs and do-not-call sources of hostile names."""
    for at, text in enumerate(TEXTS):
        saved = create("x", "https://ai.api.longlonglong.cn", *_ids(at), connection_id=f"c{at}")
        store.connections.save(replace(saved, name=text))
        store.do_not_call.add([str(13_700_000_000 + at)], text)
    for text in TEXTS[:40]:
        upload = store.uploads.save(text, "手机号\n13012121211\n".encode())
        store.drafts.create({"file_name": text, "rows": 1}, upload)
    for at, text in enumerate(TEXTS):
        elsewhere = replace(practice(practice_url), id=f"c{at}", kind=ConnectionKind.REAL, name=text)
        to = practice("") if at % 2 else elsewhere  # the latter has no token here, and waits
        made = plan(1, 1, first=10 * at, label=mark(at), connection=to)
        store.runs.create(replace(made, file_name=text, sheet_name=text))
    draft = Draft(store)
    draft.load_sheet(hostile_workbook(), TEXTS[15] + ".xlsx")
    mapping = (
        draft.mapping.with_column("phone", "手机号")
        .with_column("name", "姓名")
        .with_column("sex", "性别")
        .with_column("company", "公司")
    )
    draft.change_mapping(mapping)
    columns = list(draft.sheet.table.columns) if draft.sheet else []
    draft.change_components(
        ComponentRow(
            id=_ids(at)[0], label=text, column=columns[4 + at] if at % 2 else "", value="" if at % 2 else text
        )
        for at, text in enumerate(TEXTS[:12])
    )
    other = Draft(store)
    other.load_sheet("姓名,手机号\n张伟,13012121211\n".encode(), TEXTS[26])
    other.choose_connection(f"c{_LINK}")
    return Drafts(str(draft.id), str(other.id))


#: Position of a text that is an address.
_LINK = 36


def _ids(at: int) -> tuple[str, str]:
    return f"4d99d91c-f5d9-49da-88da-7589770000{at:02d}", f"b15b7392-a83f-4e0e-9570-31dd2e0000{at:02d}"
