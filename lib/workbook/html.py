"""Web pages with a table, which many systems hand out under the name .xls, and web archives (MHTML). Parsing process only.

Each table of the page counts as a worksheet; the one with most phone numbers is read. A table inside a table wins
over the one around it where it holds more of them: the outer one is there for the looks.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes

from lib.errors import SheetRefused
from lib.workbook.charset import CHINESE, Characters, characters
from lib.workbook.engines import ParsedSheet
from lib.workbook.html_tables import HtmlTable, tables_of
from lib.workbook.limits import MAX_CELL_CHARACTERS
from lib.workbook.ods import Grid
from lib.workbook.package import Worksheet
from lib.workbook.rows import RowBlocks
from lib.workbook.scan import ScanFacts

_SAID = re.compile(rb"""<meta\s[^>]{0,300}?charset\s*=\s*(?:["']\s*)?([\w.:-]{1,40})""", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,64})</x:Name>")
_SHEET_SOURCE = re.compile(
    r"""<x:Name>([^<]{1,64})</x:Name>\s*<x:WorksheetSource\s+HRef\s*=\s*["']([^"']{1,200})["']"""
)
_SHEET_HIDDEN = re.compile(r"<x:Visible>Sheet(?:Very)?Hidden</x:Visible>")
_TITLE = re.compile(r"<title>\s*+([^<\s](?:[^<]{0,62}[^<\s])?)\s*+</title>", re.IGNORECASE)


@dataclass(frozen=True)
class WebPage:
    """One web page. name: what to call its only table, "" where nothing says so."""

    text: str
    name: str = ""
    visible: bool = True


def read_html(data: bytes, wanted: str | None) -> tuple[Grid, Characters]:
    """The table of this name, or the one with the contacts. Raises SheetRefused."""
    said = _SAID.search(data[:8_192])
    written = characters(data, said[1].decode("ascii") if said else "")
    head = written.text[:65_536]
    name = _SHEET_NAME.search(head) or _TITLE.search(head)
    return _chosen([WebPage(written.text, html.unescape(name[1]) if name else "")], wanted), written


def read_mhtml(data: bytes, wanted: str | None) -> tuple[Grid, Characters]:
    """The same of a web archive, which may hold a page for each worksheet. Raises SheetRefused."""
    written, pages = Characters(""), list[WebPage]()
    names: dict[str, str] = {}
    for part in message_from_bytes(data.lstrip()).walk():
        if part.get_content_type() not in ("text/html", "application/xhtml+xml"):
            continue
        body = part.get_payload(decode=True)
        if not isinstance(body, bytes):
            continue
        said = _SAID.search(body[:8_192])
        written = characters(body, said[1].decode("ascii") if said else part.get_content_charset() or "")
        names |= {source: html.unescape(name) for name, source in _SHEET_SOURCE.findall(written.text)}
        place = part.get("Content-Location", "").replace("\\", "/").rpartition("/")[2]
        name = next((told for source, told in names.items() if source.rpartition("/")[2] == place), "")
        pages.append(WebPage(written.text, name, _SHEET_HIDDEN.search(written.text) is None))
    named = [page for page in pages if page.name]  # the others are the frame and its tabs
    return _chosen(named or pages, wanted), written


def _chosen(pages: list[WebPage], wanted: str | None) -> Grid:
    """The table that was asked for, among all of these pages, or of those that can be seen the one with most phone numbers."""
    found: list[tuple[Worksheet, HtmlTable]] = []
    times: Counter[str] = Counter()
    for page in pages:
        unnamed = page.name or _unnamed(page.text)
        for table in tables_of(page.text):
            name = table.name or unnamed
            times[name] += 1
            name = name if times[name] == 1 else f"{name} ({times[name]})"
            found.append((Worksheet(name, page.visible and table.visible, str(len(found))), table))
    if not found:
        linked = any("<frame" in page.text or "<x:WorksheetSource" in page.text for page in pages)
        raise SheetRefused("file_is_html_list" if linked else "file_is_html")
    sheets = [sheet for sheet, _ in found]
    if wanted is not None:
        named = [one for one in found if one[0].name == wanted]
        if not named:
            raise SheetRefused("sheet_missing", sheet=wanted)
        return _grid(sheets, *named[0])
    return _grid(sheets, *max(found, key=lambda one: (one[0].visible, *one[1].score)))


def _unnamed(text: str) -> str:
    """What to call a table that has no name, in the language of its page."""
    return "表格" if CHINESE.search(text) else "Table"


def _grid(sheets: list[Worksheet], sheet: Worksheet, table: HtmlTable) -> Grid:
    rows, facts = RowBlocks(), ScanFacts()
    for number, values in enumerate(table.rows, start=1):
        if not any(values):
            continue
        if max(map(len, values)) > MAX_CELL_CHARACTERS:
            raise SheetRefused("cell_too_large", row=number, limit=MAX_CELL_CHARACTERS)
        rows.add(number, values)
        if number in table.hidden_rows:
            facts.hidden_rows.append(number)
    facts.rows, facts.last_row = rows.rows, rows.last_row
    facts.first, facts.last = (0, rows.width - 1) if rows.width else (None, None)
    facts.hidden_columns = [(column, column) for column in sorted(table.hidden_columns)]
    facts.merges, facts.merges_left = table.merges, table.merges_left
    return Grid(sheets, sheet.name, ParsedSheet(rows.table()), facts)
