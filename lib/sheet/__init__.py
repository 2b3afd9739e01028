"""Reading any contact file: bytes in, one table of text and a list of what was noticed out.

A cell stays text; what a person sees in Excel is what is in the table, row numbers included. Nothing is dropped or
changed without a note. Workbooks and large texts are parsed in a process of their own (`lib.workbook.reader`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lib.sheet import files, together
from lib.sheet.choices import IN_OR_OUT
from lib.sheet.header_place import NO_HEADER
from lib.sheet.table import How, Sheet, sheet_of
from lib.sheet.worksheet import read_list
from lib.workbook.encoding import ENCODINGS
from lib.workbook.kind import label, workbook_or_text
from lib.workbook.notes import Note, NoteCode
from lib.workbook.process import expect_workbook
from lib.workbook.reader import Book, read_text
from lib.workbook.text import RIVAL_ROWS, Rival, Rows

__all__ = [
    "ENCODINGS",
    "IN_OR_OUT",
    "NO_HEADER",
    "Note",
    "NoteCode",
    "Sheet",
    "alike",
    "expect_workbook",
    "fingerprint",
    "read",
    "read_files",
]


def read(
    data: bytes,
    name: str,
    *,
    sheet: str | None = None,
    sheets: Sequence[str] = (),
    sheet_column: str = "",
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

    sheet: worksheet, default the first that is a list (`worksheet`). sheets: worksheets to read as one list instead, and
    sheet_column what the column with their names is called (`together`). header_row: row number of the header (the lower of two),
    0 for none, None to find it. header_rows: 1 or 2 rows of header, None to find out. encoding and delimiter ("" for
    none): of a text file, None to detect them; the encoding also of an old .xls whose texts are bytes. Those of
    `IN_OR_OUT` say whether such rows and columns are read; what is left out is told too, and changes neither row numbers
    nor column names. person: who waits for it: of one person one file is parsed at a time. Raises SheetRefused(code, **params).
    """
    wanted = {
        "hidden_rows": hidden_rows,
        "filtered_rows": filtered_rows,
        "hidden_columns": hidden_columns,
        "total_lines": total_lines,
        "example_lines": example_lines,
        "chat_lines": chat_lines,
    }
    how = How(label(name), hashlib.sha256(data).hexdigest(), header_row, header_rows, wanted)
    if workbook_or_text(data) != "workbook":
        return sheet_of(read_text(data, encoding, delimiter, person), how)
    if sheets:
        return together.read_together(data, sheets, sheet_column, how, encoding, person)
    book = read_list(data, sheet, person, encoding)
    found = sheet_of(book, how)
    return replace(found, rival=_rival_book(data, book, person)) if book.rival_encoding else found


def read_files(
    upload: bytes,
    name: str,
    *,
    sheet_column: str,
    alike: bool = False,
    person: str = "",
    **wanted: bool,
) -> Sheet:
    """Several files (`files.as_upload`) as one list, each read as `read` does by itself, with a column that names the file.

    name: of the whole. alike: refuse files that have other columns than the first. wanted: as `IN_OR_OUT`. Raises
    SheetRefused, where one is refused when it is read alone, too.
    """

    def read_one(data: bytes, called: str) -> Sheet:
        return read(data, called, person=person, **wanted)  # type: ignore[arg-type]  # names of IN_OR_OUT only

    sha256 = hashlib.sha256(upload).hexdigest()
    return files.read_files(upload, read_one, label(name), sha256, sheet_column, alike=alike)


def alike(
    data: bytes,
    found: Sheet,
    *,
    header_row: int | None = None,
    header_rows: int | None = None,
    encoding: str | None = None,
    person: str = "",
    **wanted: bool,
) -> tuple[tuple[str, int], ...]:
    """The worksheets that can be read as one list with the one that was read, itself among them: name and rows.

    () where there is no other. found: as `read` gave it with these options. wanted: as `IN_OR_OUT`.
    """
    if not found.visible:
        return ()
    how = How(found.name, found.sha256, header_row, header_rows, IN_OR_OUT | wanted)
    return together.alike(data, found, how, encoding, person)


def _rival_book(data: bytes, book: Book, person: str) -> Rival:
    """The other reading of an old workbook whose texts look like no language."""
    other = read_list(data, book.sheet, person, book.rival_encoding)
    return Rival("encoding", book.rival_encoding, _beginning(other), _beginning(book), needed=True)


def _beginning(book: Book) -> Rows:
    first = book.table.slice(0, RIVAL_ROWS).drop_columns(["row"]).to_pydict().values()
    return tuple(zip(*first, strict=True))


def fingerprint(columns: Iterable[str]) -> str:
    """SHA-256 of the names of a header, in whatever order they stand, by which a mapping is remembered."""
    return hashlib.sha256("\x1f".join(sorted(columns)).encode("utf-8", errors="surrogatepass")).hexdigest()
