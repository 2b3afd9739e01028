"""Reading any contact file: bytes in, one table of text and a list of what was noticed out.

A cell stays text; what a person sees in Excel is what is in the table, row numbers included. Nothing is dropped or
changed without a note. Workbooks are parsed in a process of their own (`sheet_book`), text files here (`sheet_text`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.errors import SheetRefused
from lib.sheet_book import Book, read_book
from lib.sheet_columns import letter
from lib.sheet_encoding import ENCODINGS
from lib.sheet_header import find_header, is_total, name_columns
from lib.sheet_kind import label, workbook_or_text
from lib.sheet_limits import HEADER_SEARCH_ROWS, MAX_ROWS
from lib.sheet_merge import fill_merges
from lib.sheet_notes import Note, NoteCode, note
from lib.sheet_text import Text, read_text

__all__ = ["ENCODINGS", "Note", "NoteCode", "Sheet", "fingerprint", "read"]

#: Value of `header_row` that says: there is no header.
NO_HEADER = 0


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    name: label of the file, safe to show. kind: "xlsx", "xlsm", "xls", "ods", "csv", "tsv", "txt", by content. sheet: worksheet read;
    sheets: all of them, () for text files. header_row: row number of the header, None without one. table: `str` columns
    with unique names, no missing values (empty cell = ""), index `row` = row number in the spreadsheet. sha256: of the file.
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

    @property
    def has_rows(self) -> bool:
        """Whether there is anything under the header."""
        return len(self.table) > 0


def read(
    data: bytes, name: str, *, sheet: str | None = None, header_row: int | None = None, encoding: str | None = None
) -> Sheet:
    """Reads a contact file by its content.

    sheet: worksheet, default the first visible one with rows. header_row: row number of the header, 0 for none,
    None to find it. encoding: of a text file, None to detect it. Raises SheetRefused(code, **params).
    """
    source: Book | Text
    source = read_book(data, sheet) if workbook_or_text(data) == "workbook" else read_text(data, encoding)
    grid = _without_blank_rows(source.table)
    if not grid.num_rows:
        raise SheetRefused("sheet_empty", sheet=getattr(source, "sheet", None) or label(name))
    header = _header_index(grid, header_row)
    notes = list(source.notes)
    if isinstance(source, Book):
        grid, more = fill_merges(grid, source.merges, from_row=_row(grid, header or 0))
        notes += more
    body, named = _named_body(grid, header)
    notes += named
    notes += _row_notes(grid, body, header, source)
    if body.num_rows > MAX_ROWS:
        raise SheetRefused("too_many_rows", limit=MAX_ROWS)
    return Sheet(
        name=label(name),
        kind=source.kind,
        sheet=source.sheet if isinstance(source, Book) else None,
        sheets=source.sheets if isinstance(source, Book) else (),
        header_row=None if header is None else _row(grid, header),
        encoding=source.encoding if isinstance(source, Text) else None,
        delimiter=source.delimiter if isinstance(source, Text) else None,
        table=_frame(body),
        notes=tuple(_with_column_names(notes, grid, header)),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def fingerprint(columns: Iterable[str]) -> str:
    """SHA-256 of a header, order included, by which a mapping is remembered."""
    return hashlib.sha256("\x1f".join(columns).encode("utf-8", errors="surrogatepass")).hexdigest()


def _without_blank_rows(table: pa.Table) -> pa.Table:
    filled = None
    for name in table.column_names[1:]:
        seen = pc.not_equal(pc.utf8_trim_whitespace(table[name]), "")
        filled = seen if filled is None else pc.or_(filled, seen)
    return table.slice(0, 0) if filled is None else table if pc.all(filled).as_py() else table.filter(filled)


def _row(grid: pa.Table, index: int) -> int:
    return grid.column(0)[index].as_py()  # by position: a person's own column may be called "row"


def _cells(grid: pa.Table, index: int) -> list[str]:
    return [column[index].as_py() for column in grid.columns[1:]]


def _header_index(grid: pa.Table, header_row: int | None) -> int | None:
    if header_row == NO_HEADER:
        return None
    if header_row is None:
        top = grid.slice(0, HEADER_SEARCH_ROWS)
        return find_header([_cells(top, index) for index in range(top.num_rows)])
    found = pc.index(grid["row"], header_row).as_py()
    if found < 0:
        raise SheetRefused("header_row_empty", row=header_row)
    return found


def _named_body(grid: pa.Table, header: int | None) -> tuple[pa.Table, list[Note]]:
    """The rows under the header with their column names; a column without header and without values is left out."""
    body = grid if header is None else grid.slice(header + 1)
    letters = grid.column_names[1:]
    texts = [""] * len(letters) if header is None else _cells(grid, header)
    kept = [
        (column, text) for column, text in zip(letters, texts, strict=True) if text.strip() or not pc.all(pc.equal(body[column], "")).as_py()
    ]
    names, repeated, nameless = name_columns([text for _, text in kept], [column for column, _ in kept])
    notes = []
    if header is None:
        notes.append(note(NoteCode.NO_HEADER))
    elif nameless:
        notes.append(note(NoteCode.HEADER_EMPTY, count=len(nameless), first=nameless[0]))
    if repeated:
        notes.append(note(NoteCode.HEADER_RENAMED, count=len(repeated), first=repeated[0]))
    columns = [body["row"], *(body[column] for column, _ in kept)]
    return pa.Table.from_arrays(columns, names=["row", *names]), notes


def _row_notes(grid: pa.Table, body: pa.Table, header: int | None, source: Book | Text) -> list[Note]:
    notes = []
    if header:
        notes.append(note(NoteCode.TITLE_ROWS, count=header, row=_row(grid, header)))
    if body.num_rows:
        above = 0 if header is None else _row(grid, header)
        blank = _row(body, body.num_rows - 1) - above - body.num_rows
        if blank > 0:
            notes.append(note(NoteCode.BLANK_ROWS, count=blank))
        if is_total(_cells(body, body.num_rows - 1)):
            notes.append(note(NoteCode.TOTAL_LINE, row=_row(body, body.num_rows - 1)))
    if isinstance(source, Text) and source.ragged and body.num_rows:
        ragged = [row for row in source.ragged if row >= _row(body, 0)]
        if ragged:
            notes.append(note(NoteCode.RAGGED_ROWS, count=len(ragged), row=ragged[0]))
    return notes


def _with_column_names(notes: list[Note], grid: pa.Table, header: int | None) -> list[Note]:
    """Hidden columns come as positions; people know them by their header."""
    told = []
    for one in notes:
        if one.code == NoteCode.HIDDEN_COLUMNS:
            first = letter(one.params["columns"][0])
            text = "" if header is None or first not in grid.column_names else grid[first][header].as_py().strip()
            one = note(NoteCode.HIDDEN_COLUMNS, count=len(one.params["columns"]), first=text or first)
        told.append(one)
    return sorted(told, key=lambda one: list(NoteCode).index(one.code))


def _frame(body: pa.Table) -> pd.DataFrame:
    rows = pd.Index(body.column(0).to_numpy(), dtype="int64", name="row")
    frame = pd.DataFrame(index=rows) if body.num_columns == 1 else body.select(range(1, body.num_columns)).to_pandas()
    return frame.set_axis(rows, axis=0)
