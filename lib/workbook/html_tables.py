"""The tables of one web page, each as a grid of texts. Parsing process only.

A browser's own parser (lexbor) makes the tree, so what is not closed or not allowed is read as every browser reads it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib.errors import SheetRefused
from lib.workbook.columns import letter, number_text
from lib.workbook.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_MERGES
from lib.workbook.rows import check_size

_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_EXPONENT = re.compile(r"[+-]?\d(?:\.\d{1,20})?E[+-]?\d{1,3}", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?(?:E[+-]?\d{1,3})?", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:\+|00)?(?:86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(?0\d{2,3}\)?[ -]?\d{7,8}|\+\d[\d -]{6,18}"
)

_ROW_TAG = re.compile(r"<tr(?=[\s>])", re.IGNORECASE)
_TABLE_TAG = re.compile(r"</?table(?:\s[^<>]{0,2000})?>", re.IGNORECASE)
_NO_ROWS = re.compile(r"<!--.*?(?:-->|\Z)|<script\b.*?(?:</script|\Z)", re.IGNORECASE | re.DOTALL)

_GROUPS = frozenset(("thead", "tbody", "tfoot"))
_NO_TEXT = frozenset(("script", "style", "template", "noscript", "select"))
#: Where a line of text begins and ends.
_LINES = frozenset(("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "td", "th"))
#: Tags that are open at once, as they are counted without a parser, from which on only those of tables are kept.
_DEEP = 2_000
_LOOKS = re.compile(
    r"</?(?!(?:table|thead|tbody|tfoot|tr|td|th|caption|br|script|style|template|noscript|select)[\s>/])"
    r"([a-z][^\s<>/]{0,60})[^<>]*>",
    re.IGNORECASE,
)
#: Tables inside tables that are looked at.
_DEEPEST = 5
#: Rows of a table that is only the header of the one below it, as pages with a header that stays in place have them.
_HEADER_ROWS = 2
_MAX_ROWSPAN = 65_534


@dataclass
class HtmlTable:
    """One table of a page, as a grid.

    rows: texts from column A on. phones: rows with a phone number. hidden_rows: numbers from 1 on. inner: tables inside its cells.
    """

    name: str = ""
    visible: bool = True
    rows: list[list[str]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    merges_left: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    width: int = 0
    phones: int = 0
    inner: list["HtmlTable"] = field(default_factory=list)

    @property
    def score(self) -> tuple[int, int]:
        """Rows with a phone number, and rows with anything."""
        return self.phones, sum(map(any, self.rows))


def tables_of(text: str) -> list[HtmlTable]:
    """The tables of a page that hold something, or the first one; a header that stands alone is put on top of its body."""
    found: list[HtmlTable] = []
    for node in _outermost(_tree(text)):
        for table in _best(_table(node, 0)):
            if found and _continues(found[-1], table):
                _append(found[-1], table)
            else:
                found.append(table)
    return [table for table in found if any(map(any, table.rows))] or found[:1]


def _tree(text: str) -> Any:
    """The root of a page. Rows outside of every table are nothing to a browser, and rows to Excel: then all is one table."""
    from selectolax.lexbor import LexborHTMLParser  # only for this format

    if _may_be_deep(text):
        text = _LOOKS.sub(lambda found: "<br>" if found[1].lower() in _LINES else "", text)
    root: Any = LexborHTMLParser(text).root
    if len(root.css("tr")) < len(_ROW_TAG.findall(_NO_ROWS.sub("", text))):
        root = LexborHTMLParser("<table>" + _TABLE_TAG.sub("", text)).root
    return root


def _may_be_deep(text: str) -> bool:
    """Whether more elements may stand inside each other than any page has: the parser's time grows with their square."""
    signs = np.frombuffer(text.encode("utf-8", errors="replace") + b" ", np.uint8)
    after = signs[np.flatnonzero(signs == ord("<")) + 1] if len(signs) else signs
    steps = np.where(after == ord("/"), -1, np.where((after | 0x20) - ord("a") < 26, 1, 0))
    return int(np.cumsum(steps).max(initial=0)) > _DEEP


def _outermost(node: Any) -> Iterator[Any]:
    """The tables below a node that stand in no other table."""
    for below in _walk(node, lambda one: one.tag != "table"):
        if below.tag == "table":
            yield below


def _walk(node: Any, enters: Callable[[Any], bool]) -> Iterator[Any]:
    """What stands below a node, in its order; what stands inside one is left out where `enters` says so."""
    ahead = [node.child]
    while ahead:
        below = ahead.pop()
        if below is None:
            continue
        ahead.append(below.next)
        yield below
        if enters(below):
            ahead.append(below.child)


def _best(table: HtmlTable) -> list[HtmlTable]:
    """The table, or the ones inside it where one of them holds more."""
    inner = [one for each in table.inner for one in _best(each)]
    if max((one.score for one in inner), default=(0, 0)) > table.score:
        return inner
    return [table]


def _continues(above: HtmlTable, below: HtmlTable) -> bool:
    """Whether a table goes on with the one above it: the body of a header, or the next page of a list."""
    if above.width != below.width or above.width < 2 or above.name != below.name:
        return False
    first = next(filter(any, below.rows), [])
    is_header = not above.phones and len(above.rows) <= _HEADER_ROWS
    return is_header or any(map(_PHONE.fullmatch, first)) or first == next(filter(any, above.rows), [])


def _append(above: HtmlTable, below: HtmlTable) -> None:
    shift = len(above.rows)
    header = next(filter(any, above.rows), [])
    is_header = not any(map(_PHONE.fullmatch, header))
    again = [is_header and row == header for row in below.rows]
    above.rows += [[] if repeated else row for row, repeated in zip(below.rows, again, strict=True)]
    above.merges += [(top + shift, low + shift, left, right) for top, low, left, right in below.merges]
    above.hidden_rows |= {row + shift for row in below.hidden_rows}
    above.hidden_columns &= below.hidden_columns
    above.merges_left += below.merges_left
    above.phones += below.phones


def _table(node: Any, depth: int) -> HtmlTable:
    """A table as a grid, with the tables inside it."""
    table, spans = HtmlTable(visible=not _is_hidden(node.attributes)), _Spans()
    shown: set[int] = set()
    for row, group_hidden in _rows(node, table):
        number = len(table.rows) + 1
        check_size(number, 0)
        values: list[str] = []
        spans.next_row()
        for cell in row.iter():
            if cell.tag not in ("td", "th"):
                continue
            attributes = cell.attributes
            right = _span(attributes["colspan"], MAX_COLUMNS) if "colspan" in attributes else 1
            down = _span(attributes["rowspan"], _MAX_ROWSPAN) if "rowspan" in attributes else 1
            column = spans.place(right, down)
            text = _cell_text(cell, attributes, table if depth < _DEEPEST else None, depth)
            if text and column >= MAX_COLUMNS:
                raise SheetRefused("too_many_columns", column=letter(column), limit=MAX_COLUMNS)
            if text:
                values += [""] * (column - len(values)) + [text]
            _note_merge(table, number, column, right, down)
            (table.hidden_columns if _is_hidden(attributes) else shown).add(column)
        table.width = max(table.width, len(values))
        table.phones += any(map(_PHONE.fullmatch, values))
        if group_hidden or _is_hidden(row.attributes):
            table.hidden_rows.add(number)
        table.rows.append(values)
    table.hidden_columns -= shown
    return table


class _Spans:
    """Which columns of a row are taken by cells above that reach down to it."""

    def __init__(self) -> None:
        self._rows_left: dict[int, int] = {}
        self._begun: dict[int, int] = {}
        self._column = 0

    def next_row(self) -> None:
        """Goes on with the row below."""
        self._rows_left = {column: rows - 1 for column, rows in self._rows_left.items() if rows > 1} | {
            column: rows for column, rows in self._begun.items() if rows
        }
        self._begun = {}
        self._column = 0

    def place(self, right: int, down: int) -> int:
        """Zero-based column of the next cell, which is so wide and so high."""
        while self._column in self._rows_left:
            self._column += 1
        column = self._column
        self._column += right
        if down > 1:
            self._begun |= dict.fromkeys(range(column, column + right), down - 1)
        return column


def _rows(node: Any, table: HtmlTable) -> Iterator[tuple[Any, bool]]:
    """The rows of a table, each with whether its group is hidden; its caption becomes its name on the way."""
    for child in node.iter():
        if child.tag == "tr":
            yield child, False
        elif child.tag in _GROUPS:
            hidden = _is_hidden(child.attributes)
            for row in child.iter():
                if row.tag == "tr":
                    yield row, hidden
        elif child.tag == "caption":
            table.name = _SPACES.sub(" ", child.text()).strip()[:64]


def _span(told: str | None, most: int) -> int:
    text = (told or "1").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return 1
    return min(int(text) or 1, most)


def _note_merge(table: HtmlTable, row: int, column: int, right: int, down: int) -> None:
    if right == down == 1:
        return
    if len(table.merges) < MAX_MERGES:
        table.merges.append((row, row + down - 1, column, column + right - 1))
    else:
        table.merges_left += 1


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or (bool(style) and _NOT_SHOWN.search(style or "") is not None)


def _cell_text(cell: Any, attributes: dict[str, str | None], table: HtmlTable | None, depth: int) -> str:
    """What a person reads in a cell. Tables inside it go to `table`."""
    first = cell.child
    if first is None:
        return ""
    if first.next is None and first.tag == "-text":
        text = _SPACES.sub(" ", first.text_content or "").strip()
    else:
        text = _shown(cell, table, depth)
    number = attributes.get("x:num") or ""
    if number and _EXPONENT.fullmatch(text) and _NUMBER.fullmatch(number):
        return number_text(number)  # the page shows 1.30E+10, and Excel kept the digits beside it
    return text


def _shown(cell: Any, table: HtmlTable | None, depth: int) -> str:
    pieces: list[str] = []
    size = 0

    def enters(node: Any) -> bool:
        return not node.tag.startswith("-") and node.tag not in _NO_TEXT and not _is_hidden(node.attributes)

    for node in _walk(cell, enters):
        if node.tag == "-text":
            text = _SPACES.sub(" ", node.text_content or "")
            size += len(text)
            pieces.append(text)
        elif node.tag == "br" or node.tag in _LINES:
            pieces.append("\n")
            if node.tag == "table" and table is not None and not _inside(node, cell):
                table.inner.append(_table(node, depth + 1))
        if size > MAX_CELL_CHARACTERS and table is None:
            break
    lines = "".join(pieces).split("\n")
    return "\n".join(filter(None, (_SPACES.sub(" ", line).strip() for line in lines)))


def _inside(node: Any, cell: Any) -> bool:
    """Whether a table stands in another one within this cell."""
    above = node.parent
    while above is not None and above.mem_id != cell.mem_id:
        if above.tag == "table":
            return True
        above = above.parent
    return False
