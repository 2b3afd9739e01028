"""What one worksheet or one text file holds: its header found, its columns named, what is no contact left out and told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.sheet.choices import without_unwanted
from lib.sheet.further_headers import under_their_headers
from lib.sheet.header import joined, name_columns
from lib.sheet.header_place import (
    Header,
    cells_of,
    first_rows,
    place_header,
    row_number,
)
from lib.sheet.merged_cells import fill_merges
from lib.workbook.limits import MAX_ROWS
from lib.workbook.marks import without_marks
from lib.workbook.notes import Note, NoteCode, note
from lib.workbook.reader import Book
from lib.workbook.text import Rival, Text


class Part(NamedTuple):
    """One of several worksheets that were read as one list.

    place: among the worksheets of the workbook, counted from 1 (`row_numbers`). header_row: as of a sheet. rows: how many.
    """

    name: str
    place: int
    header_row: int | None
    rows: int


class How(NamedTuple):
    """How a person wants a file read: see `lib.sheet.read`. name: its label; sha256: of the file; wanted: as `choices.IN_OR_OUT`."""

    name: str
    sha256: str
    header_row: int | None
    header_rows: int | None
    wanted: Mapping[str, bool]


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    name: label of the file, safe to show. kind: "xlsx", "xlsm", "xls", "ods", "html", "mht", "xml", "vcf", "csv", "tsv", "txt", by content.
    sheet: worksheet read; sheets: all of them, () for text files; visible: those that are not hidden. parts: where several are read as one list, what each gave; `sheet` and
    what is said of the header are those of the first. header_row: row number of the header, None without one. table: `str` columns
    with unique names, no missing values (empty cell = ""), index `row` = row number in the spreadsheet. sha256: of the file.
    header_rows: rows the header takes, `header_row` being the last. top: number and text of the first rows that are not blank, and of the header.
    rival: another reading of a text file that is nearly as likely. unread: names of hidden columns that are not read.
    several: of each column that was split, by row, its cells before `split` gave each of their numbers a row.
    """

    name: str
    kind: str
    sheet: str | None
    sheets: tuple[str, ...]
    header_row: int | None
    encoding: str | None
    delimiter: str | None
    table: pd.DataFrame
    notes: tuple[Note, ...]
    sha256: str
    header_rows: int = 1
    top: tuple[tuple[int, str], ...] = ()
    several: tuple[pd.Series, ...] = ()
    rival: Rival | None = None
    visible: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def has_rows(self) -> bool:
        """Whether there is anything under the header."""
        return len(self.table) > 0


def sheet_of(source: Book | Text, how: How) -> Sheet:
    """The table of what was parsed. Raises SheetRefused."""
    merges = source.merges if isinstance(source, Book) else ()
    plain, notes = without_marks(source.table, source.notes)
    grid = _without_blank_rows(plain)
    if not grid.num_rows:
        raise SheetRefused("sheet_empty", sheet=getattr(source, "sheet", None) or how.name)
    header = place_header(grid, merges, how.header_row, how.header_rows)
    if merges:
        grid, more = fill_merges(
            grid,
            merges,
            from_row=0 if header is None else row_number(grid, header.first),
        )
        notes += more
    body, named = _named_body(grid, header, spread=not merges)
    notes += named
    notes += _row_notes(grid, body, header, source)
    if body.num_rows > MAX_ROWS:
        raise SheetRefused("too_many_rows", limit=MAX_ROWS)
    names = dict(zip(_letters_kept(grid, header), body.column_names[1:], strict=True))
    if header is not None:
        body, more = under_their_headers(body)
        notes += more
    body, notes = without_unwanted(body, notes, names, how.wanted)
    return Sheet(
        name=how.name,
        kind=source.kind,
        sheet=source.sheet if isinstance(source, Book) else None,
        sheets=source.sheets if isinstance(source, Book) else (),
        visible=source.visible if isinstance(source, Book) else (),
        header_row=None if header is None else row_number(grid, header.last),
        header_rows=0 if header is None else header.last - header.first + 1,
        encoding=source.encoding or None,
        delimiter=source.delimiter if isinstance(source, Text) else None,
        table=_frame(body),
        notes=in_order(notes),
        sha256=how.sha256,
        top=first_rows(grid, header),
        rival=source.rival if isinstance(source, Text) else None,
        unread=tuple(name for name in names.values() if name not in body.column_names[1:]),
    )


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Notes in the order in which they are told."""
    return tuple(sorted(notes, key=lambda one: list(NoteCode).index(one.code)))


def _without_blank_rows(table: pa.Table) -> pa.Table:
    filled = None
    for name in table.column_names[1:]:
        seen = pc.not_equal(pc.utf8_trim_whitespace(table[name]), "")
        filled = seen if filled is None else pc.or_(filled, seen)
        if pc.all(filled).as_py():
            return table
    return table.slice(0, 0) if filled is None else table.filter(filled)


def _letters_kept(grid: pa.Table, header: Header | None) -> list[str]:
    """Letters of the columns with a name or a value."""
    body = grid if header is None else grid.slice(header.last + 1)
    texts = [""] * (grid.num_columns - 1) if header is None else _header_texts(grid, header, spread=False)
    return [
        column
        for column, text in zip(grid.column_names[1:], texts, strict=True)
        if text.strip() or not pc.all(pc.equal(body[column], "")).as_py()
    ]


def _header_texts(grid: pa.Table, header: Header, spread: bool) -> list[str]:
    if header.first == header.last:
        return cells_of(grid, header.last)
    return joined(cells_of(grid, header.first), cells_of(grid, header.last), spread)


def _named_body(grid: pa.Table, header: Header | None, spread: bool) -> tuple[pa.Table, list[Note]]:
    """The rows under the header with their column names; a column without header and without values is left out."""
    body = grid if header is None else grid.slice(header.last + 1)
    kept = _letters_kept(grid, header)
    texts = (
        {}
        if header is None
        else dict(zip(grid.column_names[1:], _header_texts(grid, header, spread), strict=True))
    )
    names, repeated, nameless = name_columns([texts.get(column, "") for column in kept], kept)
    notes = []
    if header is None:
        notes.append(note(NoteCode.NO_HEADER))
    elif nameless:
        notes.append(note(NoteCode.HEADER_EMPTY, count=len(nameless), first=nameless[0]))
    if header is not None and header.first < header.last:
        first = next((name for name in names if " / " in name), names[0])
        notes.append(
            note(
                NoteCode.HEADER_JOINED,
                row=row_number(grid, header.first),
                last=row_number(grid, header.last),
                first=first,
            )
        )
    if repeated:
        notes.append(note(NoteCode.HEADER_RENAMED, count=len(repeated), first=repeated[0]))
    columns = [body["row"], *(body[column] for column in kept)]
    return pa.Table.from_arrays(columns, names=["row", *names]), notes


def _row_notes(grid: pa.Table, body: pa.Table, header: Header | None, source: Book | Text) -> list[Note]:
    notes = []
    if header and header.first:
        notes.append(
            note(
                NoteCode.TITLE_ROWS,
                count=header.first,
                row=row_number(grid, header.first),
            )
        )
    if body.num_rows:
        above = 0 if header is None else row_number(grid, header.last)
        blank = row_number(body, body.num_rows - 1) - above - body.num_rows
        if blank > 0:
            notes.append(note(NoteCode.BLANK_ROWS, count=blank))
    if isinstance(source, Text) and source.ragged and body.num_rows:
        ragged = [row for row in source.ragged if row >= row_number(body, 0)]
        if ragged:
            notes.append(note(NoteCode.RAGGED_ROWS, count=len(ragged), row=ragged[0]))
    return notes


def _frame(body: pa.Table) -> pd.DataFrame:
    rows = pd.Index(body.column(0).to_numpy(), dtype="int64", name="row")
    frame = (
        pd.DataFrame(index=rows)
        if body.num_columns == 1
        else body.select(range(1, body.num_columns)).to_pandas()
    )
    return frame.set_axis(rows, axis=0)
