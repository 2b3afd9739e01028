"""XML Spreadsheet 2003 (SpreadsheetML): one XML file that many systems hand out under the name .xls. Parsing process only.

Read in one pass; nothing is held but the rows of one worksheet. Rows and cells stand one after the other, or where
`ss:Index` puts them. Whether a worksheet is hidden stands behind its table.
"""

import math
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from lib.errors import SheetRefused
from lib.workbook.charset import Characters, characters
from lib.workbook.columns import letter, number_text
from lib.workbook.engines import ParsedSheet, value_text
from lib.workbook.limits import EXCEL_ROWS, MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_MERGES
from lib.workbook.ods import Grid
from lib.workbook.package import Worksheet, holds_dtd
from lib.workbook.rows import RowBlocks
from lib.workbook.scan import ScanFacts

_SS = "urn:schemas-microsoft-com:office:spreadsheet "
_EXCEL = "urn:schemas-microsoft-com:office:excel "
_SHEET, _COLUMN, _ROW, _CELL, _DATA = (_SS + name for name in ("Worksheet", "Column", "Row", "Cell", "Data"))
_STYLE, _NUMBER_FORMAT, _COMMENT = (_SS + name for name in ("Style", "NumberFormat", "Comment"))
_VISIBLE, _FILTER = _EXCEL + "Visible", _EXCEL + "AutoFilter"

_SAID = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d{1,12})?)?Z?")
_MIDNIGHT = "00:00:00"
#: The days that Excel writes for a time without a day.
_NO_DAY = ("1899-12-30", "1899-12-31", "1900-01-00")
_INTEGER = re.compile(r"-?[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_ZEROS = re.compile("0{2,30}")
_BLOCK_CHARACTERS = 1_000_000
_OUT_OF_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]


@dataclass
class _Sheet:
    name: str
    visible: bool = True
    rows: RowBlocks = field(default_factory=RowBlocks)
    errors: list[tuple[int, int]] = field(default_factory=list)
    facts: ScanFacts = field(default_factory=ScanFacts)


def read_spreadsheet_xml(data: bytes, wanted: str | None) -> tuple[Grid, Characters]:
    """The worksheet of this name, or the first visible one with rows. Raises SheetRefused."""
    if holds_dtd(data):
        raise SheetRefused("workbook_dtd")
    said = _SAID.match(data[:1_024])
    written = characters(data, said[1].decode("ascii") if said else "")
    # what it says of its encoding is done with: the parser gets characters, and knows no Chinese encoding itself
    return _SpreadsheetReader(wanted).read(_DECLARATION.sub("", written.text.lstrip(), count=1)), written


class _SpreadsheetReader:
    """Handlers of the XML parser, and where in the document they are."""

    def __init__(self, wanted: str | None) -> None:
        self._wanted = wanted
        self._listed: list[Worksheet] = []
        self._kept: _Sheet | None = None
        self._sheet: _Sheet | None = None
        self._zeros: dict[str, int] = {}
        self._style = ""
        self._row = self._row_span = self._column = self._definition = 0
        self._row_hidden = False
        self._values: dict[int, str] = {}
        self._bad: list[int] = []
        self._formula = self._in_comment = False
        self._cell_style = ""
        self._cell_column = 0
        self._type: str | None = None
        self._told: list[str] | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, text: str) -> Grid:
        """The whole document."""
        try:
            for at in range(0, len(text), _BLOCK_CHARACTERS):
                self._parser.Parse(text[at : at + _BLOCK_CHARACTERS], False)
            self._parser.Parse("", True)
        except expat.ExpatError as reason:
            if reason.code == _OUT_OF_MEMORY:
                raise MemoryError from reason
            raise SheetRefused("workbook_damaged") from reason
        if not self._listed:
            raise SheetRefused("workbook_without_sheets")
        kept = self._kept
        if kept is None:
            raise SheetRefused("sheet_missing", sheet=self._wanted)
        facts = kept.facts
        facts.rows, facts.last_row = kept.rows.rows, kept.rows.last_row
        facts.first, facts.last = (0, kept.rows.width - 1) if kept.rows.width else (None, None)
        return Grid(self._listed, kept.name, ParsedSheet(kept.rows.table(), kept.errors), facts)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        sheet = self._sheet
        if tag == _DATA and not self._in_comment:
            self._type, self._told = _attribute(attributes, "Type") or "String", []
        elif tag == _COMMENT:
            self._in_comment = True
        elif tag == _SHEET:
            self._sheet = _Sheet(_attribute(attributes, "Name") or "")
            self._row = self._definition = 0
        elif sheet is None:
            self._define_style(tag, attributes)
        elif tag == _CELL:
            self._start_cell(sheet.facts, attributes)
        elif tag == _ROW:
            self._start_row(attributes)
        elif tag == _COLUMN:
            self._define_column(sheet.facts, attributes)
        elif tag == _VISIBLE:
            self._told = []
        elif tag == _FILTER:
            sheet.facts.filtered = True

    def _define_style(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _STYLE:
            self._style = _attribute(attributes, "ID") or ""
        elif tag == _NUMBER_FORMAT and _ZEROS.fullmatch(zeros := _attribute(attributes, "Format") or ""):
            self._zeros[self._style] = len(zeros)

    def _end(self, tag: str) -> None:
        if tag == _DATA and not self._in_comment and self._told is not None:
            self._end_data("".join(self._told))
            self._told = None
        elif tag == _CELL and self._formula and self._sheet:
            self._note_formula(self._sheet.facts)
        elif tag == _ROW and self._sheet:
            self._end_row(self._sheet)
        elif tag == _COMMENT:
            self._in_comment = False
        elif tag == _VISIBLE and self._sheet and self._told is not None:
            self._sheet.visible = "".join(self._told).strip() == "SheetVisible"
            self._told = None
        elif tag == _SHEET and self._sheet:
            self._end_sheet(self._sheet)
            self._sheet = None

    def _characters(self, text: str) -> None:
        if self._told is not None and not self._in_comment:
            self._told.append(text)

    def _define_column(self, facts: ScanFacts, attributes: dict[str, str]) -> None:
        first = _number(attributes, "Index", self._definition + 1) - 1
        last = first + _number(attributes, "Span", 0)
        if _attribute(attributes, "Hidden") == "1" or _attribute(attributes, "Width") == "0":
            facts.hidden_columns.append((first, last))
        self._definition = last + 1

    def _start_row(self, attributes: dict[str, str]) -> None:
        row = _number(attributes, "Index", self._row + 1)
        if not self._row < row <= EXCEL_ROWS:
            raise SheetRefused("position_impossible")
        self._row, self._column = row, 0
        self._row_hidden = _attribute(attributes, "Hidden") == "1" or _attribute(attributes, "Height") == "0"
        self._row_span = _number(attributes, "Span", 0)
        self._values, self._bad = {}, []

    def _end_row(self, sheet: _Sheet) -> None:
        if self._values or self._bad:
            values = [self._values.get(column, "") for column in range(max(self._values, default=-1) + 1)]
            sheet.rows.add(self._row, values)
            sheet.errors += [(self._row, column) for column in self._bad]
            if self._row_hidden:
                sheet.facts.hidden_rows.append(self._row)
        self._row += self._row_span  # empty rows of the same look

    def _start_cell(self, facts: ScanFacts, attributes: dict[str, str]) -> None:
        column = _number(attributes, "Index", self._column + 1) - 1
        if column < self._column:
            raise SheetRefused("position_impossible")
        right, down = _number(attributes, "MergeAcross", 0), _number(attributes, "MergeDown", 0)
        self._cell_column, self._column = column, column + right + 1
        self._cell_style = _attribute(attributes, "StyleID") or ""
        self._formula = _attribute(attributes, "Formula") is not None
        if right or down:
            if len(facts.merges) < MAX_MERGES:
                facts.merges.append((self._row, self._row + down, column, column + right))
            else:
                facts.merges_left += 1

    def _end_data(self, shown: str) -> None:
        self._formula = False
        text = self._text(shown)
        if text == "":
            return
        if self._cell_column >= MAX_COLUMNS:
            raise SheetRefused("too_many_columns", column=letter(self._cell_column), limit=MAX_COLUMNS)
        if text is None:
            self._bad.append(self._cell_column)
        elif len(text) > MAX_CELL_CHARACTERS:
            raise SheetRefused("cell_too_large", row=self._row, limit=MAX_CELL_CHARACTERS)
        else:
            self._values[self._cell_column] = text

    def _text(self, shown: str) -> str | None:
        """What a person reads in a cell, digits unrounded; None for an error."""
        match self._type:
            case "Number":
                return self._digits(shown.strip())
            case "DateTime":
                found = _DATE.fullmatch(shown.strip())
                if found is None or (found[2] and found[1] in _NO_DAY):
                    return found[2] if found else shown
                return found[1] if found[2] in (None, _MIDNIGHT) else f"{found[1]} {found[2]}"
            case "Boolean":
                return {"1": "TRUE", "0": "FALSE"}.get(shown.strip(), shown)
            case "Error":
                return None
            case _:
                return shown

    def _digits(self, shown: str) -> str:
        """A number as Excel shows it; a text that is none is left as it stands."""
        if _INTEGER.fullmatch(shown):
            return shown.zfill(self._zeros.get(self._cell_style, 0))
        if not _NUMBER.fullmatch(shown) or not math.isfinite(float(shown)):
            return shown
        number = float(shown)
        return (
            number_text(shown).zfill(self._zeros.get(self._cell_style, 0))
            if number.is_integer()
            else value_text(number)
        )

    def _note_formula(self, facts: ScanFacts) -> None:
        self._formula = False
        facts.formulas_without_value += 1
        facts.formula_cell = facts.formula_cell or f"{letter(self._cell_column)}{self._row}"

    def _end_sheet(self, sheet: _Sheet) -> None:
        self._listed.append(Worksheet(sheet.name, sheet.visible, sheet.name))
        if self._wanted is not None:
            if sheet.name == self._wanted and self._kept is None:
                self._kept = sheet
            return
        # the first visible one with rows, else the first visible one, else the first with rows
        rank = (sheet.visible and sheet.rows.rows > 0, sheet.visible, sheet.rows.rows > 0)
        kept = self._kept
        if kept is None or rank > (kept.visible and kept.rows.rows > 0, kept.visible, kept.rows.rows > 0):
            self._kept = sheet


def _number(attributes: dict[str, str], name: str, default: int) -> int:
    text = _attribute(attributes, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise SheetRefused("workbook_damaged")
    return int(text)


def _attribute(attributes: dict[str, str], name: str) -> str | None:
    """An attribute, also where its writer left the namespace out."""
    return attributes.get(_SS + name) or attributes.get(name) if attributes else None
