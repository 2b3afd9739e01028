"""An independent look at the XML of a worksheet: how many rows have something in them, and what a fast engine does not tell.

Works on bytes with searches instead of a parser, so that a hundred thousand rows cost a fraction of a second. It decides
nothing alone: it is the second opinion that a reading has to agree with, and the source of exact digits and cell types.
Runs in the parsing process only.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from lib.errors import SheetRefused
from lib.workbook.columns import index_of, letter
from lib.workbook.limits import EXCEL_ROWS, MAX_COLUMNS, MAX_MERGES, MAX_ROW_XML_BYTES, MAX_ROWS
from lib.workbook.tags import Rows, UnusualError, rows_of
from lib.workbook.watch import Watch

_PREFIX = re.compile(rb"<((?:\w+:)?)worksheet\b")
_ROWS_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
#: No tag that ends the rows is longer, prefix and spaces included.
_TAG_BYTES = 100
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,12})["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
#: Place and type among the attributes of a cell.
REFERENCE = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]{1,9})\$?(\d{1,12})["']""")
TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_RANGE = re.compile(rb"""\sref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_SPAN = re.compile(rb"""\s(min|max)\s*=\s*["'](\d{1,6})["']""")
_STAMP_TAIL = re.compile(rb"-\d\d \d\d:\d\d:\d\d")

#: What follows the name of a row; <rowBreaks> is something else.
_AFTER_ROW = b" />\t\r\n"


@dataclass
class ScanFacts:
    """What the XML shows. Columns are zero-based; rows are the numbers a person sees; `first`/`last` are used columns.

    loose_first/loose_last also count cells that hold an empty value, which some engines count as used. values: cells
    with a value, empty ones too; a cell written twice counts twice. each_once: no cell is written twice, and those of every
    row stand from left to right; where it is not known at once it is False. lookalikes: a text in the sheet itself, not among the
    shared ones, could be taken for a date or a truth value.
    """

    rows: int = 0
    values: int = 0
    last_row: int = 0
    ordered: bool = True
    each_once: bool = True
    references_missing: bool = False
    first: int | None = None
    last: int | None = None
    loose_first: int | None = None
    loose_last: int | None = None
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    merges_left: int = 0
    formulas_without_value: int = 0
    formula_cell: str = ""
    booleans: bool = False
    lookalikes: bool = False


def blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut so that no row and no tag is split between two blocks."""
    rest, row, after_rows = b"", b"", False
    for chunk in chunks:
        row = row or b"<" + prefix(rest + chunk) + b"row"
        if not after_rows and (
            b"sheetData" in chunk or b"sheetData" in rest[-_TAG_BYTES:] + chunk[:_TAG_BYTES]
        ):
            after_rows = _ROWS_END.search(rest + chunk) is not None
        cut = chunk.rfind(b"<" if after_rows else row)
        if cut > 0 or (cut == 0 and rest):
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        else:
            rest += chunk
        if len(rest) > MAX_ROW_XML_BYTES:
            raise SheetRefused("row_too_large")
    yield rest


class _Scanner:
    """Carries what is known from block to block."""

    def __init__(self, prefix: bytes, apostrophes: bool) -> None:
        self.facts = ScanFacts()
        self._numbers: list[np.ndarray] = []
        self._odd_numbers: list[int] = []
        self._strict_edges: tuple[set[bytes], set[bytes]] = (set(), set())
        self._loose_edges: tuple[set[bytes], set[bytes]] = (set(), set())
        self._block_edges: tuple[set[bytes], set[bytes]] = (set(), set())
        self._apostrophes = apostrophes
        self._has_bare_cells = False
        self.prefix = prefix
        tag = b"<" + prefix
        self._row, self._cell, self._value, self._inline = tag + b"row", tag + b"c ", tag + b"v", tag + b"is"
        self._bare_cell, self._formula = tag + b"c>", tag + b"f"
        self._value_end, self._inline_end = b"</%sv>" % prefix, b"</%sis>" % prefix
        self._empty_values = (b"<%sv></%sv>" % (prefix, prefix), b"<%sv/>" % prefix, b"<%sv />" % prefix)
        name = re.escape(prefix)
        self._without_value = re.compile(
            b"<%sc( [^<>]*)>\\s*<%sf(?:[^<>]*/>|[^<>]*>[^<]*</%sf>)\\s*(<%sv(?:></%sv>|\\s*/>)\\s*)?</%sc>"
            % ((name,) * 6)
        )
        self._merge = re.compile(b"<%smergeCell ([^<>]*)>" % name)
        self._columns = re.compile(b"<%scol( [^<>]*)>" % name)
        self._filter = tag + b"autoFilter"

    def feed(self, block: bytes) -> None:
        """Takes the next block of whole rows."""
        first, last = block.find(self._row), self._last_row(block)
        self._outside(block[:first] if last >= 0 else block)
        facts = self.facts
        # searches over the block are ten times as fast as a look at every cell; one for a rare sign is nearly free
        facts.booleans = (
            facts.booleans or _holds(block, b"b", b't="b"') or (self._apostrophes and b"t='b'" in block)
        )
        facts.lookalikes = facts.lookalikes or (has_lookalikes(block) and self._has_texts(block))
        if _holds(block, b"f", self._formula):
            self._formulas(block)
        if last >= 0:
            try:
                self._take(rows_of(block, self.prefix))
            except UnusualError:
                self._row_by_row(block, first)
            self._outside(block[last:])
        elif values := self._count_values(block):
            facts.values += values
            facts.each_once = False
        if facts.rows > MAX_ROWS + 1:
            raise SheetRefused("too_many_rows", limit=MAX_ROWS)

    def _last_row(self, block: bytes) -> int:
        """Where the last row of a block begins, -1 where there is none."""
        at = block.rfind(self._row)
        while at >= 0 and block[(end := at + len(self._row)) : end + 1] not in _AFTER_ROW:
            at = block.rfind(self._row, 0, at)
        return at

    def _has_texts(self, block: bytes) -> bool:
        """Whether a cell of the block may hold its text itself."""
        return self._apostrophes or _holds(block, b"i", b'"inlineStr"') or b'"str"' in block

    def _take(self, rows: Rows) -> None:
        """Adds the rows of a block."""
        facts = self.facts
        if rows.numbers[0] <= facts.last_row or (np.diff(rows.numbers) <= 0).any():
            facts.ordered = False
        facts.each_once = facts.each_once and facts.ordered and rows.ascending
        facts.last_row = int(rows.numbers[-1])
        self._numbers.append(rows.numbers[rows.filled])
        facts.rows += int(np.count_nonzero(rows.filled))
        facts.values += rows.values
        facts.hidden_rows += rows.numbers[rows.hidden & rows.filled].tolist()
        if rows.first is not None and rows.last is not None:
            for edges in (self._strict_edges, self._loose_edges):
                edges[0].add(letter(rows.first).encode("ascii"))
                edges[1].add(letter(rows.last).encode("ascii"))

    def _count_values(self, block: bytes) -> int:
        return block.count(self._value_end) + block.count(self._inline_end)

    def _row_by_row(self, block: bytes, first: int) -> None:
        """Adds the rows of a block, of which the first begins there, one after the other."""
        empties = any(empty in block for empty in self._empty_values)
        inline = _holds(block, b"i", self._inline)
        self._has_bare_cells = self._bare_cell in block
        self.facts.each_once = False
        self.facts.values += self._count_values(block)
        for piece in block[first + len(self._row) :].split(self._row):
            if piece[:1] in _AFTER_ROW:
                self._one_row(piece, empties, inline)
        if not empties:
            # without empty values in this block its edges are strict ones too (an extent only ever grows)
            for strict, loose in zip(self._strict_edges, self._block_edges, strict=True):
                strict |= loose
        for loose, block_edges in zip(self._loose_edges, self._block_edges, strict=True):
            loose |= block_edges
            block_edges.clear()

    def _one_row(self, piece: bytes, empties: bool, inline: bool) -> None:
        head = piece[: piece.find(b">")]
        row = self._row_number(head)
        if row <= self.facts.last_row:
            self.facts.ordered = False
        self.facts.last_row = row
        if not self._note_edges(piece, inline, self._block_edges):
            return
        if empties:
            for empty in self._empty_values:
                piece = piece.replace(empty, b"")
            if not self._note_edges(piece, inline, self._strict_edges):
                return
        self._odd_numbers.append(row)
        self.facts.rows += 1
        if b"hidden" in head and _HIDDEN.search(head):
            self.facts.hidden_rows.append(row)

    def _row_number(self, head: bytes) -> int:
        if head.startswith(b' r="'):
            number = head[4 : head.find(b'"', 4)]
        else:
            found = _ROW_NUMBER.search(head)
            number = found[1] if found else b"%d" % (self.facts.last_row + 1)
        row = int(number) if number.isdigit() and len(number) < 12 else 0
        if not 1 <= row <= EXCEL_ROWS:
            raise SheetRefused("position_impossible")
        return row

    def _note_edges(self, piece: bytes, inline: bool, edges: tuple[set[bytes], set[bytes]]) -> bool:
        """Column letters of the first and the last cell of a row that hold a value; False when none does."""
        start, end = piece.find(self._value), piece.rfind(self._value)
        if inline:
            inside = piece.find(self._inline)
            start = inside if start < 0 or 0 <= inside < start else start
            end = max(end, piece.rfind(self._inline))
        if start < 0:
            return False
        edges[0].add(self._letters(piece, start))
        edges[1].add(self._letters(piece, end))
        return True

    def _letters(self, piece: bytes, value_at: int) -> bytes:
        at = piece.rfind(self._cell, 0, value_at)
        if at < 0 or (self._has_bare_cells and at < piece.rfind(self._bare_cell, 0, value_at)):
            self.facts.references_missing = True
            return b"A"
        at += len(self._cell)
        if piece[at : at + 3] == b'r="':
            return piece[at + 3 : piece.find(b'"', at + 3)].rstrip(b"0123456789")
        found = REFERENCE.search(piece, at - 1, piece.find(b">", at))
        if found is None:
            self.facts.references_missing = True
            return b"A"
        return found[1]

    def _formulas(self, block: bytes) -> None:
        for found in self._without_value.finditer(block):
            kind = TYPE.search(found[1])
            if kind and kind[1] == b"str" and found[2]:
                continue  # a text formula whose result is the empty text: a value
            self.facts.formulas_without_value += 1
            place = REFERENCE.search(found[1])
            if not self.facts.formula_cell and place:
                self.facts.formula_cell = (place[1] + place[2]).decode("ascii")

    def _outside(self, part: bytes) -> None:
        """What stands before and after the rows: hidden columns, merged cells, a filter."""
        for found in self._columns.finditer(part):
            if _HIDDEN.search(found[1]):
                span = {name: int(number) for name, number in _SPAN.findall(found[1])}
                if b"min" in span and b"max" in span:
                    self.facts.hidden_columns.append((span[b"min"] - 1, span[b"max"] - 1))
        self.facts.filtered = self.facts.filtered or self._filter in part
        for found in self._merge.finditer(part):
            place = _RANGE.search(b" " + found[1])
            if place is None:
                continue
            if len(self.facts.merges) < MAX_MERGES:
                self.facts.merges.append(
                    (int(place[2]), int(place[4]), index_of(place[1]), index_of(place[3]))
                )
            else:
                self.facts.merges_left += 1

    def finish(self) -> ScanFacts:
        facts = self.facts
        facts.first, facts.last = _extent(*self._strict_edges)
        facts.loose_first, facts.loose_last = _extent(*self._loose_edges)
        numbers = np.concatenate([*self._numbers, np.array(self._odd_numbers, np.int64)])
        facts.last_row = int(numbers.max(initial=0))
        if not facts.ordered and len(np.unique(numbers)) != len(numbers):
            raise SheetRefused("rows_repeated")
        return facts


def _extent(firsts: set[bytes], lasts: set[bytes]) -> tuple[int | None, int | None]:
    names = firsts | lasts  # cells may stand in any order
    if not names:
        return None, None
    if any(not 0 < len(name) < 4 or not name.isalpha() for name in names):
        raise SheetRefused("position_impossible")
    columns = list(map(index_of, names))
    if max(columns) >= MAX_COLUMNS:
        raise SheetRefused("too_many_columns", column=letter(max(columns)), limit=MAX_COLUMNS)
    return min(columns), max(columns)


def scan(chunks: Iterable[bytes], watch: Watch | None = None) -> ScanFacts:
    """Facts of one worksheet. Raises SheetRefused for positions that cannot be, and for more rows or columns than are read."""
    scanner: _Scanner | None = None
    for block in blocks(chunks):
        if scanner is None:
            scanner = _Scanner(prefix(block), b"='" in block)
        scanner.feed(block)
        if watch:
            watch.feed(block, scanner.prefix)
    return scanner.finish() if scanner else ScanFacts()


def prefix(block: bytes) -> bytes:
    """The namespace prefix of the elements, b"" or such as b"x:"."""
    if b"\0" in block[:200]:
        raise SheetRefused("workbook_damaged")  # UTF-16: no spreadsheet program writes it
    found = _PREFIX.search(block)
    return found[1] if found else b""


def has_lookalikes(block: bytes) -> bool:
    """Whether a text in it could be taken for a date or a truth value. A search for a rare ending is the faster one."""
    truths = _holds(block, b"true", b">true<") or _holds(block, b"false", b">false<")
    return truths or _STAMP_TAIL.search(block) is not None


def _holds(block: bytes, sign: bytes, *needles: bytes) -> bool:
    """Whether one of the needles is in the block. sign: what all of them contain and plain rows do not."""
    return sign in block and any(needle in block for needle in needles)


def has_values(chunks: Iterable[bytes]) -> bool:
    """Whether a worksheet has at least one value; reads no further than the first."""
    tail = b""
    for chunk in chunks:
        if re.search(rb"<(?:\w+:)?v(?: [^<>]*)?>[^<]|<(?:\w+:)?is>", tail + chunk):
            return True
        tail = chunk[-64:]
    return False
