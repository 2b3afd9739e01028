"""OpenDocument spreadsheets (.ods), read from their XML in one pass; nothing is held but the rows of one table.

The format compresses by counting: a row or cell may stand for a million equal ones. Repeats without content only move the
position; repeats with content count against the limits of rows, columns and cells before anything is allocated.
Rules of values: OpenDocument 1.3 part 3, sections 9 (tables), 19.385 (office:value-type), 6.1 (white space).
Runs in the parsing process only.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from lib.errors import SheetRefused
from lib.workbook.cells import is_long
from lib.workbook.columns import letter, number_text
from lib.workbook.engines import ParsedSheet
from lib.workbook.formats import moment_text, useful
from lib.workbook.limits import EXCEL_ROWS, MAX_COLUMNS, MAX_MERGES
from lib.workbook.package import Worksheet
from lib.workbook.rows import RowBlocks
from lib.workbook.scan import ScanFacts

CONTENT = "content.xml"

_URN = "urn:oasis:names:tc:opendocument:xmlns:%s:1.0 %s"
_TABLE, _TEXT, _OFFICE, _STYLE = ("table", "text", "office", "style")
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"


def _name(space: str, local: str) -> str:
    return _URN % (space, local)


_TAG_TABLE, _TAG_COLUMN, _TAG_ROW = (
    _name(_TABLE, "table"),
    _name(_TABLE, "table-column"),
    _name(_TABLE, "table-row"),
)
_TAG_CELL, _TAG_COVERED = _name(_TABLE, "table-cell"), _name(_TABLE, "covered-table-cell")
_TAG_STYLE, _TAG_TABLE_PROPERTIES = _name(_STYLE, "style"), _name(_STYLE, "table-properties")
_TAG_PARAGRAPH, _TAG_SPACES = _name(_TEXT, "p"), _name(_TEXT, "s")
_BREAKS = {_name(_TEXT, "tab"): "\t", _name(_TEXT, "line-break"): "\n"}
_TEXT_SPACE = _URN % (_TEXT, "")
_VALUE_TYPE, _VALUE = _name(_OFFICE, "value-type"), _name(_OFFICE, "value")
_FORMULA, _VISIBILITY = _name(_TABLE, "formula"), _name(_TABLE, "visibility")
_ROWS_REPEATED, _COLUMNS_REPEATED = (
    _name(_TABLE, "number-rows-repeated"),
    _name(_TABLE, "number-columns-repeated"),
)
_ROWS_SPANNED, _COLUMNS_SPANNED = (
    _name(_TABLE, "number-rows-spanned"),
    _name(_TABLE, "number-columns-spanned"),
)

_TIME = re.compile(r"PT(\d{1,4})H(\d\d?)M(\d\d?(?:[.,]\d{1,9})?)\d*S")
_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,3})?")
#: A text that is nothing but a number, with groups as in Chinese and English.
_SHOWN_NUMBER = re.compile(
    r"-?[0-9]{1,3}(?:,[0-9]{3}){1,100}(?:\.[0-9]{1,40})?|-?[0-9]{1,400}(?:\.[0-9]{1,40})?"
)
#: A number too long for General, or for the width of its column.
_SHORTENED = re.compile(r"#+|-?[0-9](?:[.,][0-9]{1,40})?E[+-]?[0-9]{1,3}")
_CLOCK = re.compile("[:时時]|AM|PM")
#: Decimals that only a number without a format of its own has.
_MANY_DECIMALS = 6
_OUT_OF_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
#: Characters one element may stand for; a cell of Excel holds 32,767.
_MAX_SPACES = 32_767


@dataclass
class Grid:
    """One worksheet, read: what the other formats give too, the names of all worksheets, and notes on the file as a whole.

    encoding, rival_encoding: of an old .xls whose texts are bytes (`xls_encoding.OfTexts`).
    """

    sheets: list[Worksheet]
    sheet: str
    reading: ParsedSheet
    facts: ScanFacts
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    encoding: str = ""
    rival_encoding: str = ""


@dataclass
class _Cell:
    attributes: dict[str, str]
    repeat: int
    paragraphs: list[str] = field(default_factory=list)


def read_ods(blocks: Iterable[bytes], wanted: str | None, hidden_too: bool = False) -> Grid:
    """The worksheet of this name, or the first visible one with rows. Raises SheetRefused.

    blocks: the XML of the workbook's content, in pieces of any size
    wanted: name of the worksheet, which may be hidden; None for the first with rows
    hidden_too: where none is named a hidden one may be taken; otherwise `Grid.sheet` is "" where all are hidden
    """
    reader = _Reader(wanted, hidden_too)
    for block in blocks:
        reader.feed(block)
    return reader.finish()


class _Reader:
    """Handlers of the XML parser, and where in the document they are."""

    def __init__(self, wanted: str | None, hidden_too: bool) -> None:
        self._wanted, self._hidden_too = wanted, hidden_too
        self._sheets: list[Worksheet] = []
        self._chosen: Worksheet | None = None
        self._settled = False
        self._facts, self._rows, self._errors = ScanFacts(), RowBlocks(), list[tuple[int, int]]()
        self._long_numbers: list[tuple[int, int]] = []
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._skipping = 0
        self._collecting = False
        self._row = self._row_repeat = self._column = self._definitions = 0
        self._row_hidden = False
        self._values: dict[int, str] = {}
        self._bad_columns: list[int] = []
        self._cell: _Cell | None = None
        self._in_paragraph = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, block: bytes, last: bool = False) -> None:
        """Takes the next bytes of the document."""
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as reason:
            if reason.code == _OUT_OF_MEMORY:
                raise MemoryError from reason
            raise SheetRefused("workbook_damaged") from reason

    def finish(self) -> Grid:
        """What was read, once the document is complete."""
        self.feed(b"", last=True)
        if not self._sheets:
            raise SheetRefused("workbook_without_sheets")
        if self._chosen is None:
            if self._wanted is None:  # nothing but hidden sheets: the caller has to ask for those
                return Grid(self._sheets, "", ParsedSheet(RowBlocks().table()), ScanFacts())
            raise SheetRefused("sheet_missing", sheet=self._wanted)
        facts = self._facts
        facts.rows, facts.last_row = self._rows.rows, self._rows.last_row
        facts.first, facts.last = (0, self._rows.width - 1) if self._rows.width else (None, None)
        reading = ParsedSheet(self._rows.table(), self._errors, long_numbers=self._long_numbers)
        return Grid(self._sheets, self._chosen.name, reading, facts)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipping:
            self._skipping += 1
        elif self._cell is not None:
            self._start_in_cell(tag, attributes)
        elif tag in (_TAG_CELL, _TAG_COVERED):
            if self._collecting and self._row_repeat:
                self._cell = _Cell(attributes, _repeat(attributes, _COLUMNS_REPEATED))
        elif tag == _TAG_ROW:
            self._start_row(attributes)
        elif tag == _TAG_TABLE:
            self._start_table(attributes)
        elif tag == _TAG_COLUMN and self._collecting:
            self._define_column(attributes)
        elif tag == _TAG_STYLE:
            self._style = attributes.get(_name(_STYLE, "name"), "")
        elif tag == _TAG_TABLE_PROPERTIES and attributes.get(_name(_TABLE, "display")) == "false":
            self._hidden_styles.add(self._style)

    def _end(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif self._cell is not None:
            if tag == _TAG_PARAGRAPH:
                self._in_paragraph = False
            elif tag in (_TAG_CELL, _TAG_COVERED):
                self._end_cell(self._cell)
                self._cell = None
        elif tag == _TAG_ROW and self._row_repeat:
            self._end_row()
        elif tag == _TAG_TABLE:
            self._collecting = False
            self._settled = (
                self._settled
                or self._rows.rows > 0
                or (self._wanted is not None and self._chosen is not None)
            )

    def _characters(self, text: str) -> None:
        if self._in_paragraph and not self._skipping and self._cell is not None:
            self._cell.paragraphs[-1] += text

    def _start_table(self, attributes: dict[str, str]) -> None:
        visible = attributes.get(_name(_TABLE, "style-name"), "") not in self._hidden_styles
        sheet = Worksheet(attributes.get(_name(_TABLE, "name"), ""), visible, CONTENT)
        self._sheets.append(sheet)
        wanted = sheet.name == self._wanted if self._wanted is not None else visible or self._hidden_too
        if not wanted or self._settled:
            return
        self._chosen = self._chosen or sheet  # without rows anywhere it is the first one
        self._collecting = True
        self._facts, self._errors, self._long_numbers = ScanFacts(), [], []
        self._row = self._row_repeat = self._definitions = 0

    def _define_column(self, attributes: dict[str, str]) -> None:
        repeat = _repeat(attributes, _COLUMNS_REPEATED)
        if attributes.get(_VISIBILITY, "visible") != "visible":
            self._facts.hidden_columns.append((self._definitions, self._definitions + repeat - 1))
        self._definitions += repeat

    def _start_row(self, attributes: dict[str, str]) -> None:
        if not self._collecting:
            return
        self._row_repeat = _repeat(attributes, _ROWS_REPEATED)
        self._column = 0
        self._values, self._bad_columns = {}, []
        visibility = attributes.get(_VISIBILITY, "visible")
        self._row_hidden = visibility != "visible"
        self._facts.filtered = self._facts.filtered or visibility == "filter"

    def _end_row(self) -> None:
        first, repeat = self._row + 1, self._row_repeat
        self._row += repeat
        self._row_repeat = 0
        if not self._values and not self._bad_columns:
            return
        if self._row > EXCEL_ROWS:
            raise SheetRefused("position_impossible")
        values = [self._values.get(column, "") for column in range(max(self._values, default=-1) + 1)]
        for row in range(first, first + repeat):
            self._rows.add(row, values)
            self._errors += [(row, column) for column in self._bad_columns]
        self._chosen = self._sheets[-1]
        if self._row_hidden:
            self._facts.hidden_rows += range(first, first + repeat)

    def _start_in_cell(self, tag: str, attributes: dict[str, str]) -> None:
        assert self._cell is not None
        if tag == _TAG_PARAGRAPH:
            self._cell.paragraphs.append("")
            self._in_paragraph = True
        elif tag == _TAG_SPACES:
            self._characters(" " * min(_repeat(attributes, _name(_TEXT, "c")), _MAX_SPACES))
        elif tag in _BREAKS:
            self._characters(_BREAKS[tag])
        elif not tag.startswith(_TEXT_SPACE):
            self._skipping = 1  # comments, pictures, tables inside a cell: not its text

    def _end_cell(self, cell: _Cell) -> None:
        first, self._column = self._column, self._column + cell.repeat
        text = _text(cell)
        if text is None:
            self._refuse_far(self._column)
            self._bad_columns += range(first, self._column)
        elif text:
            self._refuse_far(self._column)
            self._values.update(dict.fromkeys(range(first, self._column), text))
            if cell.attributes.get(_VALUE_TYPE) == "float" and is_long(text):
                self._long_numbers.append((self._row + 1, first))
        elif _FORMULA in cell.attributes and _VALUE_TYPE not in cell.attributes and not cell.paragraphs:
            self._facts.formulas_without_value += cell.repeat * self._row_repeat
            self._facts.formula_cell = self._facts.formula_cell or f"{letter(first)}{self._row + 1}"
        down, right = _repeat(cell.attributes, _ROWS_SPANNED), _repeat(cell.attributes, _COLUMNS_SPANNED)
        if down > 1 or right > 1:
            self._merge(first, down, right)

    def _merge(self, column: int, down: int, right: int) -> None:
        if len(self._facts.merges) < MAX_MERGES:
            self._facts.merges.append((self._row + 1, self._row + down, column, column + right - 1))
        else:
            self._facts.merges_left += 1

    def _refuse_far(self, width: int) -> None:
        if width > MAX_COLUMNS:
            raise SheetRefused("too_many_columns", column=letter(width - 1), limit=MAX_COLUMNS)


def _repeat(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdigit() and len(text) < 12) or int(text) == 0:
        raise SheetRefused("workbook_damaged")
    return int(text)


def _text(cell: _Cell) -> str | None:
    """What a person reads in a cell, digits unrounded; None for an error or a value that cannot be."""
    attributes = cell.attributes
    shown = "\n".join(cell.paragraphs)
    if attributes.get(_CALC_TYPE) == "error":
        return None
    match attributes.get(_VALUE_TYPE):
        case "float" | "percentage" | "currency":
            return _number(attributes.get(_VALUE, ""), shown)
        case "date":
            return _day(attributes.get(_name(_OFFICE, "date-value"), ""), shown)
        case "time":
            return _clock(attributes.get(_name(_OFFICE, "time-value"), ""), shown)
        case "boolean":
            return {"true": "TRUE", "false": "FALSE"}.get(attributes.get(_name(_OFFICE, "boolean-value"), ""))
        case _:
            return shown or attributes.get(_name(_OFFICE, "string-value"), "")


def _day(value: str, shown: str) -> str | None:
    """A day, with its time of day where that is shown."""
    try:
        moment = dt.datetime.fromisoformat(value.replace(",", "."))
    except ValueError:
        return None
    text = moment_text(moment)
    return text if not shown or _CLOCK.search(shown) else text[: len("2023-03-15")]


def _clock(value: str, shown: str) -> str | None:
    """A time of day; what is longer than a day, as it is shown."""
    found = _TIME.fullmatch(value)
    if found is None:
        return shown or None
    seconds = round(float(found[3].replace(",", "."))) + 60 * (int(found[2]) + 60 * int(found[1]))
    hours, rest = divmod(seconds, 3600)
    if hours >= 24 and shown:
        return shown
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


def _number(value: str, shown: str) -> str | None:
    """A number as it is shown, where that is more than a shorter way to write it."""
    if shown in ("TRUE", "FALSE"):
        return shown  # a truth value is a number with a format
    if not _NUMBER.fullmatch(value):
        return None
    digits = number_text(value)
    if not shown or _SHORTENED.fullmatch(shown):
        return digits
    if _SHOWN_NUMBER.fullmatch(shown):
        places = len(shown.partition(".")[2])
        differs = abs(Decimal(shown.replace(",", "")) - Decimal(value)) > Decimal(1).scaleb(-places)
        if differs or places >= _MANY_DECIMALS:
            return digits
    return useful(digits, shown)
