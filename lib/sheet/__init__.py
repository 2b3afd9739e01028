"""Reading any contact file: bytes in, one table of text and a list of what was noticed out.

A cell stays text; what a person sees in Excel is what is in the table, row numbers included. Nothing is dropped or
changed without a note. Workbooks and large texts are parsed in a process of their own (`lib.workbook.reader`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lib.sheet import files, together
from lib.sheet.choices import EVERYTHING, IN_OR_OUT
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
    "EVERYTHING",
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
    """Reads a contact file by its content. Raises SheetRefused(code, **params).

    What is left out by one of `IN_OR_OUT` is told too, and changes neither row numbers nor column names.

    data: the file as it was uploaded
    name: as the browser gave it; a label (`kind.label`), no path
    sheet: worksheet, None for the first that is a list (`worksheet`); a text file has none
    sheets, sheet_column: worksheets to read as one list instead of `sheet`, () for one alone, and what the column with
        their names is called (`together`)
    header_row: row number of the header as a person sees it, the lower of two; 0 for none, None to find it
    encoding: of a text file, or of an old .xls whose texts are bytes; None to detect it
    header_rows: 1 or 2 rows of header, None to find out
    hidden_rows, hidden_columns: whether what somebody hid by hand is read
    filtered_rows: whether what a filter hides is read
    total_lines, example_lines, chat_lines: whether lines that add up, that explain, that say who spoke are read as contacts
    delimiter: of a text file; "" for none, None to detect it
    person: id of who waits for it: of one person one file is parsed at a time; "" counts as one person
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
    """Several files as one list, each read as `read` does by itself, with a column that names the file.

    Raises SheetRefused, where one is refused when it is read alone, too.

    upload: the files as `files.as_upload` laid them behind each other
    name: of the whole, a label as for `read`
    sheet_column: what the column with the files' names is called; numbered where a file has a column of this name
    alike: refuse files that have other columns than the first
    person: as for `read`
    wanted: as `IN_OR_OUT`
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

    () where there is no other.

    data: the workbook that `found` was read from
    found: one worksheet, as `read` gave it with the same options
    header_row, header_rows, encoding: as for `read`; the others are read with them too
    person: as for `read`
    wanted: as `IN_OR_OUT`
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
