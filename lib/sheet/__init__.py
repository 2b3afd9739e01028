"""Reading any contact file: bytes in, one table of text and a list of what was noticed out.

A cell stays text; what a person sees in Excel is what is in the table, row numbers included. Nothing is dropped or
changed without a note. Workbooks and large texts are parsed in a process of their own (`lib.workbook.reader`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.sheet.choices import IN_OR_OUT, without_unwanted
from lib.sheet.further_headers import under_their_headers
from lib.sheet.header import joined, name_columns
from lib.sheet.header_place import (
    NO_HEADER,
    Header,
    cells_of,
    first_rows,
    place_header,
    row_number,
)
from lib.sheet.merged_cells import fill_merges
from lib.sheet.worksheet import read_list
from lib.workbook.encoding import ENCODINGS
from lib.workbook.kind import label, workbook_or_text
from lib.workbook.limits import MAX_ROWS
from lib.workbook.marks import without_marks
from lib.workbook.notes import Note, NoteCode, note
from lib.workbook.process import expect_workbook
from lib.workbook.reader import Book, read_text
from lib.workbook.text import RIVAL_ROWS, Rival, Rows, Text

__all__ = [
    "ENCODINGS",
    "IN_OR_OUT",
    "NO_HEADER",
    "Note",
    "NoteCode",
    "Sheet",
    "expect_workbook",
    "fingerprint",
    "read",
]


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    name: label of the file, safe to show. kind: "xlsx", "xlsm", "xls", "ods", "html", "mht", "xml", "vcf", "csv", "tsv", "txt", by content.
    sheet: worksheet read; sheets: all of them, () for text files. header_row: row number of the header, None without one. table: `str` columns
    with unique names, no missing values (empty cell = ""), index `row` = row number in the spreadsheet. sha256: of the file.
    header_rows: rows the header takes, `header_row` being the last. top: number and text of the first rows that are not blank, and of the header.
    rival: another reading of a text file that is nearly as likely.
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

    @property
    def has_rows(self) -> bool:
        """Whether there is anything under the header."""
        return len(self.table) > 0


def read(
    data: bytes,
    name: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
    header_rows: int | None = None,
    hidden_rows: bool = IN_OR_OUT["hidden_rows"],
    filtered_rows: bool = IN_OR_OUT["filtered_rows"],
    hidden_columns: bool = IN_OR_OUT["hidden_columns"],
    total_lines: bool = IN_OR_OUT["total_lines"],
    example_lines: bool = IN_OR_OUT["example_lines"],
    chat_lines: bool = IN_OR_OUT["chat_lines"],
    delimiter: str | None = None,
    person: str = "",
) -> Sheet:
    """Reads a contact file by its content.

    sheet: worksheet, default the first that is a list (`worksheet`). header_row: row number of the header (the lower of two),
    0 for none, None to find it. header_rows: 1 or 2 rows of header, None to find out. encoding and delimiter ("" for
    none): of a text file, None to detect them; the encoding also of an old .xls whose texts are bytes. Those of
    `IN_OR_OUT` say whether such rows and columns are read; what is left out is told too, and changes neither row numbers
    nor column names. person: who waits for it: of one person one file is parsed at a time. Raises SheetRefused(code, **params).
    """
    source: Book | Text
    source = (
        read_list(data, sheet, person, encoding)
        if workbook_or_text(data) == "workbook"
        else read_text(data, encoding, delimiter, person)
    )
    merges = source.merges if isinstance(source, Book) else ()
    plain, notes = without_marks(source.table, source.notes)
    grid = _without_blank_rows(plain)
    if not grid.num_rows:
        raise SheetRefused("sheet_empty", sheet=getattr(source, "sheet", None) or label(name))
    header = place_header(grid, merges, header_row, header_rows)
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
    wanted = {
        "hidden_rows": hidden_rows,
        "filtered_rows": filtered_rows,
        "hidden_columns": hidden_columns,
        "total_lines": total_lines,
        "example_lines": example_lines,
        "chat_lines": chat_lines,
    }
    if header is not None:
        body, more = under_their_headers(body)
        notes += more
    body, notes = without_unwanted(body, notes, names, wanted)
    return Sheet(
        name=label(name),
        kind=source.kind,
        sheet=source.sheet if isinstance(source, Book) else None,
        sheets=source.sheets if isinstance(source, Book) else (),
        header_row=None if header is None else row_number(grid, header.last),
        header_rows=0 if header is None else header.last - header.first + 1,
        encoding=source.encoding or None,
        delimiter=source.delimiter if isinstance(source, Text) else None,
        table=_frame(body),
        notes=tuple(sorted(notes, key=lambda one: list(NoteCode).index(one.code))),
        sha256=hashlib.sha256(data).hexdigest(),
        top=first_rows(grid, header),
        rival=source.rival if isinstance(source, Text) else _rival_book(data, source, person),
    )


def _rival_book(data: bytes, book: Book, person: str) -> Rival | None:
    """The other reading of an old workbook whose texts look like no language."""
    if not book.rival_encoding:
        return None
    other = read_list(data, book.sheet, person, book.rival_encoding)
    return Rival("encoding", book.rival_encoding, _beginning(other), _beginning(book), needed=True)


def _beginning(book: Book) -> Rows:
    first = book.table.slice(0, RIVAL_ROWS).drop_columns(["row"]).to_pydict().values()
    return tuple(zip(*first, strict=True))


def fingerprint(columns: Iterable[str]) -> str:
    """SHA-256 of the names of a header, in whatever order they stand, by which a mapping is remembered."""
    return hashlib.sha256("\x1f".join(sorted(columns)).encode("utf-8", errors="surrogatepass")).hexdigest()


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
