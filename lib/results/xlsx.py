"""Worksheets that go back to the person: openpyxl draws the frame, the rows are written into it as text.

The rule a newcomer would break: no value reaches openpyxl's own cells, because "=1+1" becomes a live formula there.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from lib.results.comments import drawing_part, texts_part
from lib.results.xml import joined_rows, number_cell, row_chunks, text_cells, without_illegal
from lib.words import t

#: Rows a drop-down of words reaches down: whole-column validation makes some programs take minutes to open a file.
CHOICE_ROWS = 5_000

#: Rows looked at for the width of a column, and its bounds in characters.
WIDTH_ROWS = 200
WIDTH_BOUNDS = (8, 46)

#: Deflate level: a third of the time of the usual 6 for files a tenth larger.
COMPRESSION = 2

#: The text format, so that what a person types later stays text too.
TEXT_FORMAT = "@"

_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*</sheetData>", re.DOTALL)
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"\s*/>')
_MODIFIED = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
#: Where `ignoredErrors` stands in the order the format prescribes, given what openpyxl writes here.
_TAIL_PLACE = re.compile(rb"(?=<legacyDrawing|</worksheet>)")
_TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


class Tone(StrEnum):
    """How a cell looks. Dark text on a light ground, readable in print too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    QUIET = "quiet"
    WRAPPED = "wrapped"
    HEADER = "header"


#: Ground and text colour of each tone.
COLOURS: dict[Tone, tuple[str, str]] = {
    Tone.GOOD: ("E2F0D9", "1E4620"),
    Tone.BAD: ("FBE0DD", "7A1B12"),
    Tone.UNSURE: ("FFF2CC", "5F4700"),
    Tone.QUIET: ("EDEDED", "404040"),
    Tone.HEADER: ("DCE6F1", "1F2A44"),
}


@dataclass(frozen=True)
class Page:
    """One worksheet, column by column; every column has the same number of texts.

    headers: first row, frozen and with a filter; empty for a page of bare rows.
    tones: column position → tone of each row. comments: (row position, column position) → text, positions from 0.
    choices: column position → words offered in a drop-down. numbers: positions written as true numbers.
    widths: column position → width in characters; the others are as wide as what they hold.
    """

    title: str
    headers: Sequence[str]
    columns: Sequence[Sequence[str]]
    tones: Mapping[int, Sequence[Tone]] = field(default_factory=dict)
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    choices: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    numbers: frozenset[tuple[int, int]] = frozenset()
    widths: Mapping[int, float] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        """Rows below the header."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def first_row(self) -> int:
        """Spreadsheet row number of the first row below the header."""
        return 2 if self.headers else 1

    @property
    def area(self) -> str:
        """The filled cells, as in A1:C9."""
        last = max(self.row_count + self.first_row - 1, 1)
        return f"A1:{get_column_letter(max(len(self.columns), 1))}{last}"


@dataclass(frozen=True)
class _Styles:
    """Style numbers of the workbook: by tone, and for text with a risky start."""

    by_tone: dict[Tone, int]
    quoted: int
    number: int


def workbook(pages: Sequence[Page], lang: str) -> bytes:
    """The pages as an xlsx file. The same pages give the same bytes.

    Texts over Excel's cell limit end with a mark in `lang`; characters XML cannot hold are left out.
    """
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = ""
    for title, page in zip(_titles([page.title for page in pages]), pages, strict=True):
        _frame(book.create_sheet(title), page)
    styles = _styles(book.worksheets[0])
    drawn = io.BytesIO()
    book.save(drawn)
    return _filled(drawn, pages, styles, lang)


def _titles(wanted: Sequence[str]) -> list[str]:
    """Worksheet names Excel accepts: at most 31 characters, none of []:*?/\\, no apostrophe at the ends, all different."""
    taken: dict[str, str] = {}
    for at, raw in enumerate(wanted, 1):
        title = (
            _TITLE_FORBIDDEN.sub(" ", without_illegal(raw)).strip(" '\n\t")[:27].strip(" '") or f"Sheet{at}"
        )
        if title.casefold() in taken or title.casefold() == "history":
            title = f"{title} ({at})"
        taken[title.casefold()] = title
    return list(taken.values())


def _frame(sheet: Worksheet, page: Page) -> None:
    for at, texts in enumerate(page.columns):
        dimension = sheet.column_dimensions[get_column_letter(at + 1)]
        dimension.number_format = TEXT_FORMAT
        dimension.width = page.widths.get(at) or column_width(page.headers[at] if page.headers else "", texts)
    if page.headers:
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = page.area
    if page.comments:  # a stand-in; `comments` writes all of them into its parts
        sheet["A1"].comment = Comment(" ", "")
    for column, words in page.choices.items():
        _offer(sheet, get_column_letter(column + 1), page.first_row, words)


def _offer(sheet: Worksheet, letter: str, first_row: int, words: tuple[str, ...]) -> None:
    choice = DataValidation(
        type="list", formula1=f'"{",".join(words)}"', allow_blank=True, errorStyle="warning"
    )
    choice.add(f"{letter}{first_row}:{letter}{first_row + CHOICE_ROWS - 1}")
    sheet.add_data_validation(choice)


def column_width(header: str, texts: Sequence[str]) -> float:
    """Characters a column is wide that shows these."""
    longest = max(map(_shown_width, (header, *texts[:WIDTH_ROWS])))
    low, high = WIDTH_BOUNDS
    return min(max(longest + 3, low), high)


def _shown_width(text: str) -> int:
    line = text[: WIDTH_BOUNDS[1]].split("\n", 1)[0]
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def _styles(sheet: Worksheet) -> _Styles:
    """Register every look once and keep its number; the cells here are never written."""
    by_tone = {tone: _styled(sheet, tone).style_id for tone in Tone}
    quoted = _styled(sheet, Tone.PLAIN)
    quoted.quotePrefix = True  # Excel and WPS keep such a cell text even when a person edits it
    number = Cell(sheet, row=1, column=1)
    number.number_format = "0"
    return _Styles(by_tone, quoted.style_id, number.style_id)


def _styled(sheet: Worksheet, tone: Tone) -> Cell:
    cell = Cell(sheet, row=1, column=1)
    cell.number_format = TEXT_FORMAT
    if tone in COLOURS:
        ground, ink = COLOURS[tone]
        cell.fill = PatternFill("solid", fgColor=ground)
        cell.font = Font(color=ink, bold=tone == Tone.HEADER)
    if tone == Tone.WRAPPED:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _filled(drawn: io.BytesIO, pages: Sequence[Page], styles: _Styles, lang: str) -> bytes:
    sheets = {f"xl/worksheets/sheet{at}.xml": page for at, page in enumerate(pages, 1)}
    commented = _commented([page for page in pages if page.comments], t("results.cut", lang))
    done = io.BytesIO()
    with (
        zipfile.ZipFile(drawn) as source,
        zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            with target.open(name, "w", force_zip64=True) as part:  # opened by name, a part has a fixed date
                if name in sheets:
                    _write_sheet(part, content, sheets[name], styles, lang)
                elif name in commented:
                    part.writelines(commented[name])
                else:
                    part.write(_MODIFIED.sub(b"", content) if name == "docProps/core.xml" else content)
    return done.getvalue()


def _commented(pages: Sequence[Page], mark: str) -> dict[str, Iterator[bytes]]:
    """Part → its content, under the names openpyxl gives the parts of the pages that have comments."""
    parts: dict[str, Iterator[bytes]] = {}
    for at, page in enumerate(pages, 1):
        parts[f"xl/comments/comment{at}.xml"] = texts_part(page.comments, page.first_row, mark)
        parts[f"xl/drawings/commentsDrawing{at}.vml"] = drawing_part(page.comments, page.first_row)
    return parts


def _write_sheet(part: IO[bytes], frame: bytes, page: Page, styles: _Styles, lang: str) -> None:
    head, tail = _SHEET_DATA.split(frame, maxsplit=1)
    part.write(_DIMENSION.sub(f'<dimension ref="{page.area}"/>'.encode(), head) + b"<sheetData>")
    mark = t("results.cut", lang)
    if page.headers:
        header = styles.by_tone[Tone.HEADER]
        cells = [text_cells(at, 1, [text], [header], (0, 0), mark) for at, text in enumerate(page.headers)]
        part.write(joined_rows(cells, 1).encode())
    for rows in row_chunks(page.row_count):
        part.write(_chunk(page, rows, styles, mark).encode())
    part.write(b"</sheetData>" + _TAIL_PLACE.sub(_ignored(page), tail, count=1))


def _ignored(page: Page) -> bytes:
    """No green corners: numbers kept as text are meant to be."""
    area = f"A1:{get_column_letter(max(len(page.columns), 1))}{max(page.row_count, CHOICE_ROWS) + page.first_row - 1}"
    return f'<ignoredErrors><ignoredError sqref="{area}" numberStoredAsText="1"/></ignoredErrors>'.encode()


def _chunk(page: Page, rows: range, styles: _Styles, mark: str) -> str:
    plain = (styles.by_tone[Tone.PLAIN], styles.quoted)
    cells = []
    for at, texts in enumerate(page.columns):
        tones = page.tones.get(at)
        own = None if tones is None else [_style(styles, tone) for tone in tones[rows.start : rows.stop]]
        cells.append(
            text_cells(at, rows.start + page.first_row, texts[rows.start : rows.stop], own, plain, mark)
        )
    for row, column in page.numbers:
        if row in rows:
            digits = page.columns[column][row]
            cells[column][row - rows.start] = number_cell(column, row + page.first_row, digits, styles.number)
    return joined_rows(cells, rows.start + page.first_row)


def _style(styles: _Styles, tone: Tone) -> int:
    return 0 if tone == Tone.PLAIN else styles.by_tone[tone]


def texts_of(values: pd.Series) -> list[str]:
    """A column as plain texts; a missing value is an empty one."""
    return [str(value) for value in values.astype(object).where(values.notna(), "")]
